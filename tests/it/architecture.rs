//! The direction of dependencies, read from the sources: no arrow back, none sideways.

use std::{fs, path::Path};

/// A source file: its path below `src`, and its code without comments and tests.
struct Source {
    path: String,
    code: String,
}

impl Source {
    fn is_in(&self, module: &str) -> bool {
        self.path == format!("{module}.rs") || self.path.starts_with(&format!("{module}/"))
    }

    /// Whether the code names a crate as the head of a path.
    fn names_crate(&self, name: &str) -> bool {
        heads(&self.code).any(|head| head == name)
    }

    /// Whether the code names a top module of this crate.
    fn names_module(&self, module: &str) -> bool {
        modules(&self.code).any(|named| named == module)
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(&root).unwrap().display().to_string();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") && !name.contains("test") {
                let code = code_of(&fs::read_to_string(&path).unwrap());
                found.push(Source { path: name, code });
            }
        }
    }
    found
}

/// The code of a file: no comment, and nothing of `#[cfg(test)] mod … { … }`, which comes last.
fn code_of(text: &str) -> String {
    let mut code = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line.trim() == "#[cfg(test)]" {
            match lines.peek() {
                Some(next) if next.contains("mod ") && next.ends_with('{') => break,
                _ => lines.next(),
            };
            continue;
        }
        code.push_str(line.split("//").next().unwrap_or_default());
        code.push('\n');
    }
    code
}

/// The first word of every path that has several.
fn heads(code: &str) -> impl Iterator<Item = &str> {
    code.match_indices("::").filter_map(|(end, _)| {
        let before = &code[..end];
        let word = before
            .rsplit(|c: char| !c.is_alphanumeric() && c != '_')
            .next()?;
        let is_head = !before[..end - word.len()].ends_with("::");
        is_head.then_some(word)
    })
}

/// The modules that follow `crate::`, alone or in braces.
fn modules(code: &str) -> impl Iterator<Item = &str> {
    code.match_indices("crate::").flat_map(|(at, marker)| {
        let rest = &code[at + marker.len()..];
        match rest.strip_prefix('{') {
            Some(list) => heads_of_list(list),
            None => vec![first_word(rest)],
        }
    })
}

/// The first word of each item of `a::b, c::{d, e}}`.
fn heads_of_list(list: &str) -> Vec<&str> {
    let mut heads = Vec::new();
    let mut depth = 0;
    let mut is_at_head = true;
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => is_at_head = true,
            c if is_at_head && !c.is_whitespace() => {
                heads.push(first_word(&list[at..]));
                is_at_head = false;
            }
            _ => {}
        }
    }
    heads
}

fn first_word(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .next()
        .unwrap_or_default()
}

/// What a module must not name, one line per file and name.
fn list_broken(sources: &[Source], module: &str, crates: &[&str], modules: &[&str]) -> Vec<String> {
    let mut broken = Vec::new();
    for source in sources.iter().filter(|source| source.is_in(module)) {
        let crates = crates.iter().filter(|name| source.names_crate(name));
        let modules = modules.iter().filter(|name| source.names_module(name));
        broken.extend(
            crates
                .chain(modules)
                .map(|name| format!("{} names {name}", source.path)),
        );
    }
    broken
}

fn assert_kept(module: &str, crates: &[&str], modules: &[&str]) {
    let sources = sources();
    assert!(
        sources.iter().any(|source| source.is_in(module)),
        "no module {module}"
    );
    assert_eq!(
        list_broken(&sources, module, crates, modules),
        Vec::<String>::new()
    );
}

#[test]
fn the_domain_does_no_input_or_output() {
    let input_output = [
        "axum",
        "activitypub_federation",
        "lettre",
        "reqwest",
        "sqlx",
        "tokio",
        "tower",
    ];
    let above = [
        "app",
        "cli",
        "config",
        "federation",
        "jobs",
        "locales",
        "mail",
        "search",
        "server",
        "store",
        "telemetry",
        "web",
    ];
    assert_kept("domain", &input_output, &above);
}

#[test]
fn the_store_knows_nothing_of_use_cases() {
    let above = [
        "app",
        "cli",
        "config",
        "federation",
        "jobs",
        "mail",
        "server",
        "web",
    ];
    assert_kept(
        "store",
        &["axum", "activitypub_federation", "reqwest"],
        &above,
    );
}

#[test]
fn use_cases_know_neither_http_nor_documents() {
    let edges = [
        "axum",
        "axum_extra",
        "activitypub_federation",
        "reqwest",
        "sqlx",
    ];
    assert_kept(
        "app",
        &edges,
        &["cli", "federation", "jobs", "server", "web"],
    );
}

#[test]
fn pages_and_federation_know_neither_the_store_nor_each_other() {
    assert_kept(
        "web",
        &["sqlx"],
        &["store", "federation", "cli", "jobs", "server"],
    );
    assert_kept(
        "federation",
        &["sqlx"],
        &["store", "web", "cli", "jobs", "server"],
    );
    assert_kept("server", &["sqlx"], &["store", "cli"]);
}

#[test]
fn texts_mails_and_search_stand_alone() {
    let above = ["app", "cli", "federation", "jobs", "server", "store", "web"];
    for module in ["locales", "mail", "search"] {
        assert_kept(module, &["axum", "sqlx"], &above);
    }
}

#[test]
fn only_the_store_speaks_sql() {
    let sources = sources();
    let speakers: Vec<_> = sources
        .iter()
        .filter(|source| source.names_crate("sqlx") && !source.is_in("store"))
        .map(|source| &source.path)
        .collect();
    assert_eq!(speakers, Vec::<&String>::new());
}

#[test]
fn only_three_doors_lead_to_other_servers() {
    let doors = [
        "federation/http_client",
        "federation/fetch",
        "federation/delivery",
    ];
    let sources = sources();
    let speakers: Vec<_> = sources
        .iter()
        .filter(|source| source.names_crate("reqwest"))
        .filter(|source| !doors.iter().any(|door| source.is_in(door)))
        .map(|source| &source.path)
        .collect();
    assert_eq!(speakers, Vec::<&String>::new());
}

#[test]
fn the_reader_of_sources_sees_what_it_must() {
    let text = "use crate::{\n    app::{App, AppError},\n    store::Write,\n};\n\
        // use lettre::x;\n\
        #[cfg(test)]\nmod tests;\n\
        fn f() { crate::web::x(); sqlx::query(\"\"); a::reqwest::b(); }\n\
        #[cfg(test)]\nmod more {\n    use tokio::x;\n}\n";
    let source = Source {
        path: "app/x.rs".into(),
        code: code_of(text),
    };
    for module in ["app", "store", "web"] {
        assert!(source.names_module(module), "{module}");
    }
    assert!(!source.names_module("App"));
    assert!(source.names_crate("sqlx"));
    for absent in ["reqwest", "tokio", "lettre"] {
        assert!(!source.names_crate(absent), "{absent}");
    }
    assert!(source.is_in("app") && !source.is_in("ap"));
}
