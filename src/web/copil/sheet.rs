//! The facts sheet of a recommendation, as moderators read it.

use crate::{
    app::recommendations::{
        facts::{Facts, FoundLink, Party},
        review,
    },
    domain::{
        accompaniment::{self, Accompaniment},
        recommendation::{Answers, LinkKind, ReviewEntry, ReviewStep},
    },
    locales::Texts,
    web::{
        ads::view::paragraphs,
        components::{Fact, TimelineEntry, When},
        organisations,
        page::Link,
        paths,
    },
};

/// One side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    pub name: String,
    /// Where a moderator verifies it.
    pub url: String,
    pub is_verified: bool,
    pub facts: Vec<Fact>,
    /// Public registers where its numbers can be looked up, each with its whole address.
    pub registers: Vec<Link>,
    /// Others with the same number.
    pub namesakes: Vec<Link>,
}

/// A link between both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkLine {
    /// What the form that sets it aside sends.
    pub key: String,
    /// Name of the field of the motive, different for each link of the page.
    pub field: String,
    pub kind: &'static str,
    /// What they have in common; may be empty.
    pub detail: String,
    /// Who set it aside, when and why.
    pub set_aside: Option<TimelineEntry>,
}

/// One answer of the author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub question: &'static str,
    /// HTML made of plain text.
    pub html: String,
}

/// What the author wrote, what can be done now first; questions left empty are left out.
pub fn answers(t: Texts, answers: &Answers) -> Vec<Answer> {
    let all = [
        (
            t.tr("Ce que l’association peut faire maintenant"),
            &answers.can_do_now,
        ),
        (t.tr("Le contexte"), &answers.context),
        (t.tr("Ce qui était difficile"), &answers.difficulty),
        (t.tr("Ce qui a été fait"), &answers.work_done),
        (t.tr("Ce qui pourrait être mieux"), &answers.could_be_better),
    ];
    all.into_iter()
        .filter(|(_, text)| !text.trim().is_empty())
        .map(|(question, text)| Answer {
            question,
            html: paragraphs(text),
        })
        .collect()
}

/// One side of the sheet.
pub fn side(t: Texts, party: &Party) -> Side {
    let organisation = &party.organisation;
    let mut facts = organisations::facts(t, organisation);
    facts.push(Fact::new(
        t.tr("Enregistrée le"),
        t.date(organisation.created_at),
    ));
    facts.push(Fact::new(
        t.tr("Comptes qui agissent pour elle"),
        t.number(party.people),
    ));
    let namesake = |(slug, name): &(String, String)| {
        Link::new(
            name.clone(),
            paths::at(paths::ORGANISATION_TO_VERIFY, [slug]),
        )
    };
    Side {
        name: organisation.name.clone(),
        url: paths::at(paths::ORGANISATION_TO_VERIFY, [&organisation.slug]),
        is_verified: organisation.verification.is_some(),
        facts,
        registers: organisations::moderation::registers(t, organisation),
        namesakes: party.namesakes.iter().map(namesake).collect(),
    }
}

/// What both sides confirmed, and when.
pub fn accompaniment(t: Texts, it: &Accompaniment) -> Vec<Fact> {
    let said = |at: Option<chrono::DateTime<chrono::Utc>>| {
        at.map_or_else(|| t.tr("Pas encore").to_owned(), |at| t.date(at))
    };
    let declared_by = match it.declared_by {
        accompaniment::Party::Host => t.tr("La structure"),
        accompaniment::Party::Association => t.tr("L’association"),
    };
    let mut facts = vec![
        Fact::new(t.tr("Début"), t.day(it.started_on)),
        Fact::new(
            t.tr("Fin"),
            it.ended_on
                .map_or_else(|| t.tr("Pas encore").to_owned(), |day| t.day(day)),
        ),
        Fact::new(t.tr("Déclaré par"), declared_by),
        Fact::new(t.tr("Début confirmé par la structure"), said(it.began.host)),
        Fact::new(
            t.tr("Début confirmé par l’association"),
            said(it.began.association),
        ),
        Fact::new(t.tr("Fin confirmée par la structure"), said(it.ended.host)),
        Fact::new(
            t.tr("Fin confirmée par l’association"),
            said(it.ended.association),
        ),
    ];
    let texts = [
        (t.tr("Objet"), it.scope.text.clone()),
        (t.tr("Outils avant"), it.scope.tools_before.join(", ")),
        (t.tr("Outils après"), it.scope.tools_after.join(", ")),
    ];
    for (name, value) in texts {
        if !value.is_empty() {
            facts.push(Fact::new(name, value));
        }
    }
    if let Some(hours) = it.volunteer_hours {
        let hours = t.trn("{n} heure", "{n} heures", hours);
        facts.push(Fact::new(t.tr("Temps des bénévoles"), hours));
    }
    facts
}

/// The links, those that stand first.
pub fn links(t: Texts, facts: &Facts) -> Vec<LinkLine> {
    let mut lines: Vec<LinkLine> = facts
        .links
        .iter()
        .enumerate()
        .map(|(index, found)| line(t, facts, index, found))
        .collect();
    lines.sort_by_key(|line| line.set_aside.is_some());
    lines
}

fn line(t: Texts, facts: &Facts, index: usize, found: &FoundLink) -> LinkLine {
    LinkLine {
        key: found.link.key(),
        field: format!("motif-{index}"),
        kind: t.link_kind(found.link.kind),
        detail: match found.link.kind {
            LinkKind::Declared => facts.interest().to_owned(),
            LinkKind::SamePerson => found.person.clone().unwrap_or_default(),
            _ => found.link.detail.clone(),
        },
        set_aside: found.set_aside.as_ref().map(|entry| step(t, entry)),
    }
}

/// Other recommendations of the same association for the same structure.
pub fn earlier(t: Texts, facts: &Facts) -> Vec<Link> {
    facts
        .earlier
        .iter()
        .map(|it| {
            let label = if it.is_annulled {
                t.tr("Annulée")
            } else {
                t.recommendation_standing(it.state)
            };
            let date = t.date(it.published_at.unwrap_or(it.created_at));
            Link::new(format!("{label}, {date}"), review::path(it.id))
        })
        .collect()
}

/// The steps of the review, with the names of moderators: only they read this.
pub fn steps(t: Texts, facts: &Facts) -> Vec<TimelineEntry> {
    facts.steps.iter().map(|entry| step(t, entry)).collect()
}

fn step(t: Texts, entry: &ReviewEntry) -> TimelineEntry {
    let author = match (entry.author.as_str(), entry.step) {
        ("", ReviewStep::Submitted | ReviewStep::Appealed) => t.tr("l’association"),
        ("", _) => t.tr("la modération"),
        (name, _) => name,
    };
    let by = [("author", author)];
    let (icon, title) = match entry.step {
        ReviewStep::Submitted => ("arrow-right", t.trf("Envoyée par {author}", by)),
        ReviewStep::Approved => ("circle-check", t.trf("Approuvée par {author}", by)),
        ReviewStep::Refused => ("circle-alert", t.trf("Refusée par {author}", by)),
        ReviewStep::Recused => ("ban", t.trf("{author} ne décide pas", by)),
        ReviewStep::LinkSetAside => ("scale", t.trf("Lien écarté par {author}", by)),
        ReviewStep::Appealed => ("message-circle", t.trf("Refus contesté par {author}", by)),
        ReviewStep::Annulled => ("x", t.trf("Annulée par {author}", by)),
    };
    TimelineEntry {
        when: When::moment(t, entry.created_at),
        title,
        html: paragraphs(&entry.motive),
        icon,
        anchor: String::new(),
    }
}
