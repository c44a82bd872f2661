//! What associations say of a structure.

use chrono::{DateTime, Utc};

use crate::{
    app::directory::host_page::Recommended,
    domain::{
        html::{Markdown, paragraphs},
        recommendation::Answers,
    },
    locales::Texts,
    web::{
        components::{Fact, When},
        paths,
    },
};

/// A recommendation on the page of a structure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecommendationView {
    /// A fragment to link to it.
    pub anchor: String,
    /// The association.
    pub author: String,
    pub author_url: String,
    /// « Léa Martin, trésorière ».
    pub signed: String,
    /// What they can do now: sanitised HTML.
    pub can_do_now: String,
    /// The other answers, with the questions: sanitised HTML.
    pub others: Vec<(&'static str, String)>,
    /// When it was, how long it took, what it cost, from what to what.
    pub facts: Vec<Fact>,
    pub published: When,
    /// Whether its term is over: it counts no more.
    pub is_over: bool,
    /// When it stops counting, or when it stopped.
    pub term: String,
    /// Conflict of interest that its author stated; empty when there is none.
    pub interest: String,
    pub would_take_call: bool,
    /// Reply of the structure: sanitised HTML; empty when there is none.
    pub reply: String,
    pub replied: Option<When>,
    /// What it said before, with when that was replaced.
    pub revisions: Vec<(When, Vec<(&'static str, String)>)>,
    /// The signed document, to check it elsewhere.
    pub uri: String,
}

impl RecommendationView {
    /// A recommendation, read now.
    pub fn new(t: Texts, now: DateTime<Utc>, it: &Recommended) -> Self {
        let recommendation = &it.recommendation;
        let (can_do_now, others) = answers(t, &recommendation.answers);
        let expires_at = recommendation.expires_at;
        let is_over = expires_at.is_some_and(|end| end <= now);
        let term = expires_at.map(|end| {
            let date = [("date", t.date(end))];
            if is_over {
                t.trf("Ne compte plus depuis le {date}", date)
            } else {
                t.trf("Compte jusqu’au {date}", date)
            }
        });
        let revisions = it.revisions.iter().map(|(at, before)| {
            let (first, mut others) = answers(t, before);
            others.insert(0, (t.tr("Ce que nous pouvons faire maintenant"), first));
            (When::day(t, *at), others)
        });
        Self {
            anchor: format!("recommandation-{}", recommendation.id),
            author: it.author.name.clone(),
            author_url: paths::at(paths::ORGANISATION, [&it.author.slug]),
            signed: signed(recommendation),
            can_do_now,
            others,
            facts: facts(t, it),
            published: When::day(
                t,
                recommendation
                    .published_at
                    .unwrap_or(recommendation.created_at),
            ),
            is_over,
            term: term.unwrap_or_default(),
            interest: recommendation.interest.clone(),
            would_take_call: recommendation.would_take_call,
            reply: match recommendation.reply.trim() {
                "" => String::new(),
                reply => Markdown::new(reply).page_html(),
            },
            replied: recommendation.replied_at.map(|at| When::day(t, at)),
            revisions: revisions.collect(),
            uri: recommendation.uri.clone().unwrap_or_default(),
        }
    }
}

fn signed(recommendation: &crate::domain::recommendation::Recommendation) -> String {
    let parts = [&recommendation.author_name, &recommendation.author_role];
    let said: Vec<&str> = parts
        .iter()
        .map(|it| it.trim())
        .filter(|it| !it.is_empty())
        .collect();
    said.join(", ")
}

/// What they can do now, then the other answers with their questions.
fn answers(t: Texts, answers: &Answers) -> (String, Vec<(&'static str, String)>) {
    let others = [
        (
            t.tr("Qui nous sommes, d’où nous partions"),
            &answers.context,
        ),
        (t.tr("Ce qui a été difficile"), &answers.difficulty),
        (t.tr("Ce qui a été fait"), &answers.work_done),
        (t.tr("Ce qui pourrait être mieux"), &answers.could_be_better),
    ];
    let others = others
        .into_iter()
        .filter(|(_, text)| !text.trim().is_empty())
        .map(|(question, text)| (question, paragraphs(text)));
    (paragraphs(&answers.can_do_now), others.collect())
}

fn facts(t: Texts, it: &Recommended) -> Vec<Fact> {
    let accompaniment = &it.accompaniment;
    let scope = &accompaniment.scope;
    let mut facts = vec![Fact::new(
        t.tr("Accompagnement"),
        match accompaniment.ended_on {
            Some(end) => t.trf(
                "Du {start} au {end}",
                [
                    ("start", t.day(accompaniment.started_on)),
                    ("end", t.day(end)),
                ],
            ),
            None => t.day(accompaniment.started_on),
        },
    )];
    let lines: Vec<&str> = scope.lines.iter().map(|kind| t.line_kind(*kind)).collect();
    let lists = [
        (t.tr("Ce qui était prévu"), lines.join(" · ")),
        (t.tr("Outils d’avant"), scope.tools_before.join(", ")),
        (t.tr("Outils d’aujourd’hui"), scope.tools_after.join(", ")),
    ];
    facts.extend(
        lists
            .into_iter()
            .filter(|(_, said)| !said.is_empty())
            .map(|(name, said)| Fact::new(name, said)),
    );
    if let Some(hours) = accompaniment.volunteer_hours {
        let said = t.trn("{n} heure", "{n} heures", hours);
        facts.push(Fact::new(t.tr("Temps donné par les bénévoles"), said));
    }
    if let Some(cost) = accompaniment.cost_bracket {
        facts.push(Fact::new(t.tr("Coût"), t.price_bracket(cost)));
    }
    facts
}
