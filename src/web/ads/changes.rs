//! What differs between two texts of an ad, field by field, for people to read.

use crate::{
    domain::{
        ad::{AdInput, AdKind, Budget},
        territory::Territory,
    },
    locales::Texts,
};

/// Lines that did not change, shown on each side of those that did.
const CONTEXT: usize = 1;

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Name of the field.
    pub label: &'static str,
    /// What it said.
    pub before: Passage,
    /// What it says.
    pub after: Passage,
}

/// A text whose middle differs from another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// The end of what is the same before; « … » when more is left out.
    pub lead: String,
    /// What differs; may be empty.
    pub changed: String,
    /// The beginning of what is the same after; « … » when more is left out.
    pub rest: String,
}

/// The fields that differ, in the order of the form.
pub fn list(t: Texts, before: &AdInput, after: &AdInput) -> Vec<Change> {
    between(readable(t, before), readable(t, after))
}

/// The same for two texts whose fields are already in words, in the same order.
pub fn between(
    before: impl IntoIterator<Item = (&'static str, String)>,
    after: impl IntoIterator<Item = (&'static str, String)>,
) -> Vec<Change> {
    before
        .into_iter()
        .zip(after)
        .filter(|((_, before), (_, after))| before != after)
        .map(|((label, before), (_, after))| {
            let (before, after) = compare(&before, &after);
            Change {
                label,
                before,
                after,
            }
        })
        .collect()
}

/// What each field says, in words.
fn readable(t: Texts, input: &AdInput) -> [(&'static str, String); 10] {
    let kind = AdKind::parse(&input.kind).map(|kind| t.ad_kind(kind).to_owned());
    let budget = Budget::parse(&input.budget).map(|budget| t.budget(budget).to_owned());
    let territory = Territory::parse(&input.territory).map(|place| t.territory(place));
    [
        (t.tr("Ce que vous cherchez"), kind.unwrap_or_default()),
        (t.tr("Titre"), input.title.trim().to_owned()),
        (
            t.tr("Besoin"),
            input.need.replace("\r\n", "\n").trim().to_owned(),
        ),
        (t.tr("Logiciel concerné"), input.software.trim().to_owned()),
        (
            t.tr("Discussion chez les développeur·euses"),
            input.ticket_url.trim().to_owned(),
        ),
        (
            t.tr("Licence libre du résultat"),
            input.licence.trim().to_owned(),
        ),
        (t.tr("Où"), territory.unwrap_or_default()),
        (t.tr("Budget envisagé"), budget.unwrap_or_default()),
        (
            t.tr("À répondre avant le"),
            input.deadline.trim().to_owned(),
        ),
        (t.tr("Mots-clés"), input.hashtags.trim().to_owned()),
    ]
}

/// Sets the lines that two texts share at their beginning and at their end apart.
fn compare(before: &str, after: &str) -> (Passage, Passage) {
    let old: Vec<&str> = before.lines().collect();
    let new: Vec<&str> = after.lines().collect();
    let same = |pair: &(&&str, &&str)| pair.0 == pair.1;
    let lead = old.iter().zip(&new).take_while(same).count();
    let most = old.len().min(new.len()) - lead;
    let rest = old.iter().rev().zip(new.iter().rev()).take_while(same);
    let rest = rest.count().min(most);
    (passage(&old, lead, rest), passage(&new, lead, rest))
}

fn passage(lines: &[&str], lead: usize, rest: usize) -> Passage {
    let (first, others) = lines.split_at(lead);
    let (middle, last) = others.split_at(others.len() - rest);
    let mut lead: Vec<&str> = first
        .iter()
        .copied()
        .skip(lead.saturating_sub(CONTEXT))
        .collect();
    if first.len() > CONTEXT {
        lead.insert(0, "…");
    }
    let mut rest: Vec<&str> = last.iter().copied().take(CONTEXT).collect();
    if last.len() > CONTEXT {
        rest.push("…");
    }
    Passage {
        lead: lead.join("\n"),
        changed: middle.join("\n"),
        rest: rest.join("\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locales::Locale;

    fn with_need(need: &str) -> AdInput {
        AdInput {
            need: need.into(),
            ..AdInput::default()
        }
    }

    #[test]
    fn only_the_lines_that_differ_are_marked() {
        let t = Texts::of(Locale::Fr);
        let before = with_need("un\ndeux\ntrois\nquatre\ncinq\nsix");
        let after = with_need("un\ndeux\nTROIS\nTROIS bis\nquatre\ncinq\nsix");
        let changes = list(t, &before, &after);
        let [change] = changes.as_slice() else {
            panic!("{changes:?}")
        };
        assert_eq!(change.before.changed, "trois");
        assert_eq!(change.after.changed, "TROIS\nTROIS bis");
        assert_eq!(change.after.lead, "…\ndeux");
        assert_eq!(change.after.rest, "quatre\n…");
    }

    #[test]
    fn a_repeated_line_is_not_counted_twice() {
        let t = Texts::of(Locale::Fr);
        let changes = list(t, &with_need("a\na"), &with_need("a\na\na"));
        assert_eq!(changes[0].before.changed, "");
        assert_eq!(changes[0].after.changed, "a");
    }

    #[test]
    fn the_line_ends_of_a_browser_are_no_change() {
        let t = Texts::of(Locale::Fr);
        assert!(list(t, &with_need("a\r\nb"), &with_need("a\nb")).is_empty());
    }
}
