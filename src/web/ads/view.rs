//! An ad as readers see it, before and after it is published.
//!
//! ```html
//! {% import "components/ad_text.html" as ad_text %}
//! {{ ad_text::read(ad) }}
//! ```

use std::fmt::Write as _;

use super::kind_badge;
use crate::{
    domain::{
        ad::{AdContent, Budget, Media},
        addresses,
        html::Markdown,
    },
    locales::Texts,
    web::components::{Badge, Fact, Picture},
};

/// What an ad says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdView {
    /// What kind of need it is.
    pub kind: Badge,
    /// HTML that was sanitised; empty while nothing is written.
    pub need: String,
    /// The picture.
    pub image: Option<Picture>,
    /// Software, licence, place, budget, deadline.
    pub facts: Vec<Fact>,
    /// Words to find it by, each with its `#`.
    pub hashtags: Vec<String>,
}

impl AdView {
    /// The words of an ad, with its picture.
    pub fn new(t: Texts, content: &AdContent, image: Option<&Media>) -> Self {
        Self {
            kind: kind_badge(t, content.kind),
            need: Markdown::new(&content.need).page_html(),
            image: image.map(picture),
            facts: facts(t, content),
            hashtags: content
                .hashtags
                .iter()
                .map(|tag| tag.as_str().to_owned())
                .collect(),
        }
    }
}

/// A stored picture, for a page.
pub fn picture(media: &Media) -> Picture {
    Picture {
        url: addresses::media_path(&media.file_name),
        alt: media.alt.clone(),
        width: u32::try_from(media.width).unwrap_or_default(),
        height: u32::try_from(media.height).unwrap_or_default(),
    }
}

fn facts(t: Texts, content: &AdContent) -> Vec<Fact> {
    let mut facts = Vec::new();
    if !content.software.is_empty() {
        facts.push(Fact::new(t.tr("Logiciel concerné"), &content.software));
    }
    if let Some(ticket) = &content.ticket_url {
        let name = t.tr("Discussion chez les développeur·euses");
        facts.push(Fact::linked(name, ticket, ticket));
    }
    facts.push(match &content.licence {
        Some(licence) => Fact::linked(
            t.tr("Licence libre du résultat"),
            licence.id(),
            licence.url(),
        ),
        None => Fact::new(
            t.tr("Licence libre du résultat"),
            t.tr("Pas encore choisie"),
        ),
    });
    facts.push(Fact::new(t.tr("Où"), t.territory(content.territory)));
    if content.budget != Budget::Unknown {
        facts.push(Fact::new(t.tr("Budget envisagé"), t.budget(content.budget)));
    }
    if let Some(day) = content.deadline {
        facts.push(Fact::new(t.tr("À répondre avant le"), t.day(day)));
    }
    facts
}

/// A plain text of several lines, as HTML: a blank line starts a paragraph.
pub fn paragraphs(text: &str) -> String {
    let mut html = String::new();
    for paragraph in text.split("\n\n").filter(|lines| !lines.trim().is_empty()) {
        let lines: Vec<String> = paragraph.trim().lines().map(escape).collect();
        // writing to a String cannot fail
        let _ = write!(html, "<p>{}</p>", lines.join("<br>"));
    }
    html
}

fn escape(line: &str) -> String {
    line.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_escaped_and_keeps_its_lines() {
        assert_eq!(
            paragraphs("Un <b>groupe</b>\nformé\n\n\nMerci & bravo"),
            "<p>Un &lt;b&gt;groupe&lt;/b&gt;<br>formé</p><p>Merci &amp; bravo</p>"
        );
    }
}
