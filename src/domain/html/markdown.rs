use pulldown_cmark::{
    CodeBlockKind, CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd,
    TextMergeStream, html::push_html,
};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{PAGE, WIRE, is_web_address};
use crate::domain::text::{clean_text, truncate_bytes};

/// How deep quotations, lists and emphases may go into one another.
const MAX_DEPTH: usize = 16;

/// A text in Markdown (`CommonMark`), as typed by one of our users.
///
/// Written for people who do not know Markdown: a line end is a line end, an address is a link,
/// and HTML shows as it was typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Markdown(String);

impl Markdown {
    /// The most bytes that are kept of a text; forms have their own, smaller limits.
    pub const MAX_BYTES: usize = 64 * 1024;

    /// Takes a text as typed: control characters and what exceeds [`Markdown::MAX_BYTES`] are left
    /// out.
    pub fn new(typed: &str) -> Self {
        Self(clean_text(truncate_bytes(typed, Self::MAX_BYTES)))
    }

    /// The text as typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Markup for our pages. Headings start at `h3`: pages have their own `h1` and `h2`.
    pub fn page_html(&self) -> String {
        PAGE.clean(&self.render(Headings::Kept)).to_string()
    }

    /// Markup for other software: what Mastodon keeps, headings turned into strong paragraphs.
    pub fn wire_html(&self) -> String {
        WIRE.clean(&self.render(Headings::Strong)).to_string()
    }

    /// The addresses of the web that the text leads to, in the order of the text.
    pub fn links(&self) -> Vec<Url> {
        let rewriting = self.rewrite(Headings::Kept);
        let links = rewriting.written.iter().filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. }) => Url::parse(dest_url).ok(),
            _ => None,
        });
        links.filter(Url::has_host).collect()
    }

    fn render(&self, headings: Headings) -> String {
        let rewriting = self.rewrite(headings);
        let mut html = String::with_capacity(self.0.len() * 3 / 2);
        push_html(&mut html, rewriting.written.into_iter());
        html
    }

    fn rewrite(&self, headings: Headings) -> Rewriting<'_> {
        let parser = Parser::new_ext(&self.0, Options::empty());
        let mut rewriting = Rewriting {
            headings,
            open: Vec::new(),
            written: Vec::new(),
        };
        for event in TextMergeStream::new(parser) {
            rewriting.push(event);
        }
        rewriting
    }
}

impl From<String> for Markdown {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl From<Markdown> for String {
    fn from(text: Markdown) -> Self {
        text.0
    }
}

#[derive(Clone, Copy)]
enum Headings {
    Kept,
    Strong,
}

/// What became of an element that is still open.
enum Open {
    /// Left out; what it holds is kept.
    Dropped,
    /// Written under these names, outermost first.
    Written(Vec<TagEnd>),
}

/// The events of the parser, with the elements that we do not write changed or left out.
struct Rewriting<'a> {
    headings: Headings,
    open: Vec<Open>,
    written: Vec<Event<'a>>,
}

impl<'a> Rewriting<'a> {
    fn push(&mut self, event: Event<'a>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(_) => self.end(),
            Event::Text(text) => self.text(text),
            Event::Html(html) | Event::InlineHtml(html) => self.written.push(Event::Text(html)),
            Event::SoftBreak | Event::HardBreak => self.written.push(Event::HardBreak),
            Event::Code(code) => self.written.push(Event::Code(code)),
            // A rule is not written; the rest belongs to extensions that are not enabled.
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'a>) {
        let is_too_deep = self.open.len() >= MAX_DEPTH;
        let tags = match tag {
            _ if is_too_deep => Vec::new(),
            Tag::Heading { level, .. } => match self.headings {
                Headings::Kept => vec![Tag::Heading {
                    level: lowered(level),
                    id: None,
                    classes: Vec::new(),
                    attrs: Vec::new(),
                }],
                Headings::Strong => vec![Tag::Paragraph, Tag::Strong],
            },
            Tag::CodeBlock(_) => vec![Tag::CodeBlock(CodeBlockKind::Indented)],
            Tag::HtmlBlock => vec![Tag::Paragraph],
            Tag::Link {
                link_type,
                dest_url,
                id,
                ..
            } if is_link(link_type, &dest_url) => {
                vec![Tag::Link {
                    link_type,
                    dest_url,
                    title: CowStr::Borrowed(""),
                    id,
                }]
            }
            Tag::Paragraph
            | Tag::BlockQuote(_)
            | Tag::List(_)
            | Tag::Item
            | Tag::Emphasis
            | Tag::Strong => vec![tag],
            _ => Vec::new(),
        };
        if tags.is_empty() {
            // What a dropped block holds must not stick to what comes before.
            if is_too_deep {
                self.written.push(Event::Text(CowStr::Borrowed(" ")));
            }
            self.open.push(Open::Dropped);
        } else {
            self.open
                .push(Open::Written(tags.iter().map(Tag::to_end).collect()));
            self.written.extend(tags.into_iter().map(Event::Start));
        }
    }

    fn end(&mut self) {
        if let Some(Open::Written(tags)) = self.open.pop() {
            self.written.extend(tags.into_iter().rev().map(Event::End));
        }
    }

    fn text(&mut self, text: CowStr<'a>) {
        let is_literal = self.open.iter().rev().take(MAX_DEPTH).any(|open| {
            let Open::Written(tags) = open else {
                return false;
            };
            tags.iter()
                .any(|tag| matches!(tag, TagEnd::Link | TagEnd::CodeBlock))
        });
        if is_literal || !text.contains("://") {
            self.written.push(Event::Text(text));
        } else {
            self.text_with_addresses(&text);
        }
    }

    /// Makes links of the bare addresses of a text.
    fn text_with_addresses(&mut self, text: &str) {
        let mut rest = text;
        while let Some(start) = find_address(rest) {
            let (before, after) = rest.split_at(start);
            let (address, after) = after.split_at(address_length(after));
            self.written.push(Event::Text(before.to_owned().into()));
            if is_web_address(address) {
                let link = Tag::Link {
                    link_type: LinkType::Autolink,
                    dest_url: address.to_owned().into(),
                    title: CowStr::Borrowed(""),
                    id: CowStr::Borrowed(""),
                };
                self.written.push(Event::Start(link));
                self.written.push(Event::Text(address.to_owned().into()));
                self.written.push(Event::End(TagEnd::Link));
            } else {
                self.written.push(Event::Text(address.to_owned().into()));
            }
            rest = after;
        }
        self.written.push(Event::Text(rest.to_owned().into()));
    }
}

fn lowered(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H3,
        HeadingLevel::H2 => HeadingLevel::H4,
        _ => HeadingLevel::H5,
    }
}

fn is_link(link_type: LinkType, address: &str) -> bool {
    link_type == LinkType::Email || address.starts_with("mailto:") || is_web_address(address)
}

fn find_address(text: &str) -> Option<usize> {
    match (text.find("https://"), text.find("http://")) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// Where an address that begins a text ends: before a space or a quotation mark, without the
/// punctuation of the sentence.
fn address_length(text: &str) -> usize {
    let end = text
        .find(|c: char| {
            c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '«' | '»')
        })
        .unwrap_or(text.len());
    let address = text.get(..end).unwrap_or(text);
    let trimmed =
        address.trim_end_matches(['.', ',', ';', ':', '!', '?', '…', '’', '\'', '*', '_']);
    match trimmed.strip_suffix(')') {
        Some(inside) if !inside.contains('(') => inside.len(),
        _ => trimmed.len(),
    }
}
