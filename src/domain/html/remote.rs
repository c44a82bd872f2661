use html5ever::tokenizer::Tag;

use super::tokens::{Reader, read};
use super::{REMOTE, REMOTE_CLASSES, REMOTE_TAGS, is_web_address};
use crate::domain::text::{truncate_bytes, without_nul};

/// How much of a remote text is read, in bytes; what follows is left out.
const MAX_BYTES: usize = 64 * 1024;
/// How deep elements may stand in one another.
const MAX_DEPTH: usize = 24;

/// Makes the HTML of other software safe to show.
///
/// Keeps paragraphs, emphasis, lists, quotations, code and links of the web, with the classes of
/// mentions, hashtags and shortened addresses. Headings become strong paragraphs; images, tables,
/// forms, styles and scripts go. The answer is bounded, whatever was sent.
pub fn sanitise_remote(html: &str) -> String {
    let html = without_nul(truncate_bytes(html, MAX_BYTES));
    let mut rewriting = read(&html, Rewriting::default());
    rewriting.close_to(0);
    REMOTE.clean(&rewriting.written).to_string()
}

/// The text of some HTML, one line for each paragraph or line break.
pub fn plain_text(html: &str) -> String {
    let html = without_nul(truncate_bytes(html, 4 * MAX_BYTES));
    let lines = read(&html, Lines::default()).written;
    lines
        .split('\n')
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Markup with known elements only, well nested and not too deep. The parser behind `ammonia`
/// repairs anything else, and may take for it a time and a room out of proportion.
#[derive(Default)]
struct Rewriting {
    written: String,
    open: Vec<&'static str>,
}

impl Reader for Rewriting {
    fn start(&mut self, tag: &Tag) {
        let name = &*tag.name;
        if is_heading(name) {
            self.open_block("p");
            self.open("strong");
            return;
        }
        let Some(known) = REMOTE_TAGS.into_iter().find(|known| *known == name) else {
            return self.separate(name);
        };
        match known {
            "br" => self.written.push_str("<br>"),
            "p" | "ul" | "ol" | "blockquote" | "pre" => self.open_block(known),
            "li" => self.open_item(),
            "a" => self.open_link(tag),
            "span" => {
                let classes = classes(tag);
                self.open_with("span", &classes);
            }
            _ => self.open(known),
        }
    }

    fn end(&mut self, name: &str) {
        let name = if is_heading(name) { "p" } else { name };
        match self.open.iter().rposition(|open| *open == name) {
            Some(depth) => self.close_to(depth),
            None => self.separate(name),
        }
    }

    fn text(&mut self, text: &str) {
        push_escaped(&mut self.written, text);
    }
}

impl Rewriting {
    /// A block ends the paragraph in which it begins.
    fn open_block(&mut self, name: &'static str) {
        if let Some(depth) = self.open.iter().rposition(|open| *open == "p") {
            self.close_to(depth);
        }
        self.open(name);
    }

    /// An item ends the one before it in the same list.
    fn open_item(&mut self) {
        let is_list_part = |open: &str| matches!(open, "ul" | "ol" | "li");
        if let Some(depth) = self.open.iter().rposition(|open| is_list_part(open))
            && self.open.get(depth) == Some(&"li")
        {
            self.close_to(depth);
        }
        self.open("li");
    }

    /// Links do not stand in one another; one that leads nowhere is plain text.
    fn open_link(&mut self, tag: &Tag) {
        let address = attribute(tag, "href").map(str::trim).unwrap_or_default();
        if self.open.contains(&"a") || !is_web_address(address) {
            return;
        }
        let mut attributes = String::from(" href=\"");
        push_escaped(&mut attributes, address);
        attributes.push('"');
        attributes.push_str(&classes(tag));
        self.open_with("a", &attributes);
    }

    fn open(&mut self, name: &'static str) {
        self.open_with(name, "");
    }

    fn open_with(&mut self, name: &'static str, attributes: &str) {
        if self.open.len() < MAX_DEPTH {
            self.written.extend(["<", name, attributes, ">"]);
            self.open.push(name);
        }
    }

    fn close_to(&mut self, depth: usize) {
        for name in self.open.drain(depth..).rev() {
            self.written.extend(["</", name, ">"]);
        }
    }

    /// Keeps the words around an element that is left out from sticking together.
    fn separate(&mut self, name: &str) {
        if is_block(name) {
            self.written.push(' ');
        }
    }
}

/// The text, with a line end for each element that stands on its own lines.
#[derive(Default)]
struct Lines {
    written: String,
    pre_depth: usize,
}

impl Reader for Lines {
    fn start(&mut self, tag: &Tag) {
        self.pre_depth += usize::from(&*tag.name == "pre");
        self.break_line(&tag.name);
    }

    fn end(&mut self, name: &str) {
        self.pre_depth = self.pre_depth.saturating_sub(usize::from(name == "pre"));
        self.break_line(name);
    }

    fn text(&mut self, text: &str) {
        if self.pre_depth > 0 {
            self.written.push_str(text);
        } else {
            self.written.extend(text.chars().map(|c| match c {
                '\n' | '\r' => ' ',
                _ => c,
            }));
        }
    }
}

impl Lines {
    fn break_line(&mut self, name: &str) {
        let is_line = matches!(name, "br" | "p" | "ul" | "ol" | "li" | "blockquote" | "pre");
        if is_line || is_heading(name) || is_block(name) {
            self.written.push('\n');
        }
    }
}

fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

/// Elements that we do not keep and that begin on a new line.
fn is_block(name: &str) -> bool {
    matches!(
        name,
        "div"
            | "section"
            | "article"
            | "aside"
            | "header"
            | "footer"
            | "main"
            | "nav"
            | "address"
            | "figure"
            | "figcaption"
            | "table"
            | "caption"
            | "tr"
            | "td"
            | "th"
            | "dl"
            | "dt"
            | "dd"
            | "hr"
            | "img"
            | "form"
            | "details"
            | "summary"
            | "option"
    )
}

fn attribute<'a>(tag: &'a Tag, name: &str) -> Option<&'a str> {
    let found = tag
        .attrs
        .iter()
        .find(|attribute| &*attribute.name.local == name)?;
    Some(&found.value)
}

/// The `class` attribute to write, with the classes that we keep.
fn classes(tag: &Tag) -> String {
    let typed = attribute(tag, "class").unwrap_or_default();
    let kept: Vec<&str> = REMOTE_CLASSES
        .into_iter()
        .filter(|known| typed.split_ascii_whitespace().any(|class| class == *known))
        .collect();
    if kept.is_empty() {
        String::new()
    } else {
        format!(" class=\"{}\"", kept.join(" "))
    }
}

fn push_escaped(written: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '"' => written.push_str("&quot;"),
            _ => written.push(c),
        }
    }
}
