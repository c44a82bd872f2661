//! Pages for people, and the JSON API.
//!
//! A page is a struct with a field `page: Page` and a template of the same name;
//! `docs/contributing/pages.md` tells how to write one.

pub mod components;
pub mod error_pages;
pub mod form;
pub mod page;
pub mod paths;
pub mod security_headers;
pub mod site_pages;
pub mod static_files;
pub mod theme;

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    /// Every template and every page module, with its name.
    pub(crate) fn template_sources() -> Vec<(String, String)> {
        fn walk(folder: PathBuf, found: &mut Vec<(String, String)>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(path, found);
                } else if path.extension().is_some_and(|e| e == "html") {
                    found.push((
                        path.display().to_string(),
                        std::fs::read_to_string(&path).unwrap(),
                    ));
                }
            }
        }
        let mut found = Vec::new();
        walk(
            PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/web/templates"),
            &mut found,
        );
        found
    }

    #[test]
    fn templates_hold_no_inline_style_or_script() {
        for (file, source) in template_sources() {
            for forbidden in [
                "style=\"",
                "<style",
                "onclick=",
                "onchange=",
                "onsubmit=",
                "javascript:",
            ] {
                assert!(!source.contains(forbidden), "{file} holds {forbidden}");
            }
            assert_eq!(
                source.matches("<script").count(),
                source.matches("<script type=\"module\" src=").count(),
                "{file}"
            );
        }
    }
}
