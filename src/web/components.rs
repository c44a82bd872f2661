//! What the shared parts of pages show: plain values that handlers fill in and
//! `templates/components/*.html` render.

use chrono::{DateTime, Utc};

use super::page::Tone;
use crate::locales::Texts;

/// An instant, for people and for machines (`<time datetime>`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct When {
    /// RFC 3339.
    pub machine: String,
    /// In full: « 22 novembre 2026 ».
    pub text: String,
}

impl When {
    /// The day of an instant.
    pub fn day(t: Texts, instant: DateTime<Utc>) -> Self {
        Self {
            machine: rfc3339(instant),
            text: t.date(instant),
        }
    }

    /// The day and the time of an instant.
    pub fn moment(t: Texts, instant: DateTime<Utc>) -> Self {
        Self {
            machine: rfc3339(instant),
            text: t.date_time(instant),
        }
    }

    /// How long ago an instant is.
    pub fn ago(t: Texts, now: DateTime<Utc>, instant: DateTime<Utc>) -> Self {
        Self {
            machine: rfc3339(instant),
            text: t.relative(now, instant),
        }
    }
}

fn rfc3339(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// A state in one or two words, with an icon so that colour is never alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Badge {
    /// How the state is to be taken.
    pub tone: Tone,
    /// A name of the icon sprite.
    pub icon: &'static str,
    /// The words.
    pub label: String,
}

/// A choice of a select, of radio cards or of checkboxes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// One sentence more; may be empty.
    pub hint: String,
}

impl Choice {
    /// A choice without more explanation.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
            hint: String::new(),
        }
    }

    /// Explains the choice in one sentence.
    #[must_use]
    pub fn explained(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

/// Choices of a select that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoiceGroup {
    /// What they have in common; empty for choices that stand by themselves.
    pub label: String,
    /// The choices, in order.
    pub choices: Vec<Choice>,
}

/// A picture with the text that replaces it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// An address of this site.
    pub url: String,
    /// What is on it; empty when it only decorates.
    pub alt: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// A fact with its name: « Licence du résultat » / « AGPL-3.0-or-later ».
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is about.
    pub name: String,
    /// The value.
    pub value: String,
    /// Where the value leads; empty for a plain value.
    pub href: String,
}

impl Fact {
    /// A plain fact.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            href: String::new(),
        }
    }

    /// A fact whose value is a link.
    pub fn linked(
        name: impl Into<String>,
        value: impl Into<String>,
        href: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            href: href.into(),
        }
    }
}

/// An ad in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdCard {
    /// The page of the ad.
    pub url: String,
    /// Its title.
    pub title: String,
    /// What kind of need it is, with its icon.
    pub kind: Badge,
    /// Where it stands.
    pub state: Badge,
    /// The organisation that publishes it.
    pub organisation: String,
    /// Where: « Rhône », « Partout ».
    pub place: String,
    /// When it was published.
    pub published: When,
    /// The first words of the need.
    pub excerpt: String,
    /// The tear-off strips: two or three short facts (number, words).
    pub strips: Vec<Strip>,
    /// Where it comes from when it is not from here: « annonces.exemple.fr »; empty otherwise.
    pub origin: String,
}

/// A short fact in large figures: `3` « associations intéressées ».
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strip {
    /// The figure or the word in large.
    pub figure: String,
    /// What it counts.
    pub label: String,
}

impl Strip {
    /// A figure with what it counts.
    pub fn new(figure: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            figure: figure.into(),
            label: label.into(),
        }
    }
}

/// A step in the life of something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry {
    /// When it happened.
    pub when: When,
    /// What happened.
    pub title: String,
    /// More about it: HTML that was sanitised; may be empty.
    pub html: String,
    /// A name of the icon sprite.
    pub icon: &'static str,
    /// A fragment to link to this step; empty for none.
    pub anchor: String,
}

/// A reply under an ad.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// A fragment to link to it.
    pub anchor: String,
    /// Who wrote it.
    pub author: String,
    /// The page of the author; empty when unknown.
    pub author_url: String,
    /// Where it comes from: « depuis mastodon.example »; empty for this site.
    pub origin: String,
    /// The original, when it is elsewhere; empty otherwise.
    pub original_url: String,
    /// When it was written.
    pub written: When,
    /// Whether it was changed afterwards.
    pub is_edited: bool,
    /// Whether its author speaks for the organisation of the ad.
    pub is_from_publisher: bool,
    /// The content: HTML that was sanitised.
    pub html: String,
    /// Depth in the conversation, 0 for a direct reply; shown up to 2.
    pub depth: u8,
}

/// The neighbours of a page of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pagination {
    /// The address of the page before; `None` on the first.
    pub previous: Option<String>,
    /// The address of the page after; `None` on the last.
    pub next: Option<String>,
}
