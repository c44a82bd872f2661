//! How accompaniments and recommendations are shown.

use crate::{
    domain::{
        accompaniment::{Accompaniment, AccompanimentState},
        recommendation::{Answers, Recommendation, RecommendationState},
    },
    locales::Texts,
    web::{
        components::{Badge, Fact, When},
        page::Tone,
    },
};

/// Where an accompaniment stands.
pub fn state_badge(t: Texts, state: AccompanimentState) -> Badge {
    let (tone, icon, label) = match state {
        AccompanimentState::Proposed => (Tone::Warning, "clock", t.tr("À confirmer")),
        AccompanimentState::Ongoing => (Tone::Note, "users", t.tr("En cours")),
        AccompanimentState::Finished => (Tone::Success, "circle-check", t.tr("Terminé")),
        AccompanimentState::Abandoned => (Tone::Note, "ban", t.tr("Arrêté")),
        AccompanimentState::Declined => (Tone::Problem, "x", t.tr("Non reconnu")),
    };
    Badge {
        tone,
        icon,
        label: label.to_owned(),
    }
}

/// Where a recommendation stands.
pub fn recommendation_badge(t: Texts, it: &Recommendation) -> Badge {
    let (tone, icon, label) = match it.state {
        RecommendationState::Draft => (Tone::Note, "pencil", t.tr("Brouillon")),
        RecommendationState::InReview => (Tone::Warning, "clock", t.tr("En relecture")),
        RecommendationState::Refused => (Tone::Problem, "circle-alert", t.tr("À corriger")),
        RecommendationState::Published => (Tone::Success, "circle-check", t.tr("Publiée")),
        RecommendationState::Withdrawn => (Tone::Note, "ban", t.tr("Retirée")),
    };
    Badge {
        tone,
        icon,
        label: label.to_owned(),
    }
}

/// What an accompaniment was: dates, what was done, tools, time, cost.
pub fn facts(t: Texts, it: &Accompaniment, host: &str, association: &str) -> Vec<Fact> {
    let mut facts = vec![
        Fact::new(t.tr("Structure"), host),
        Fact::new(t.tr("Association"), association),
        Fact::new(t.tr("Début"), t.day(it.started_on)),
    ];
    if let Some(day) = it.ended_on {
        facts.push(Fact::new(t.tr("Fin"), t.day(day)));
    }
    let lines: Vec<_> = it.scope.lines.iter().map(|it| t.line_kind(*it)).collect();
    facts.push(Fact::new(t.tr("Ce qui a été fait"), lines.join(", ")));
    if !it.scope.tools_before.is_empty() {
        let tools = it.scope.tools_before.join(", ");
        facts.push(Fact::new(t.tr("Outils d’avant"), tools));
    }
    if !it.scope.tools_after.is_empty() {
        let tools = it.scope.tools_after.join(", ");
        facts.push(Fact::new(t.tr("Outils d’après"), tools));
    }
    if let Some(hours) = it.volunteer_hours {
        let time = t.trn("{n} heure", "{n} heures", hours);
        facts.push(Fact::new(t.tr("Temps donné par les bénévoles"), time));
    }
    if let Some(cost) = it.cost_bracket {
        facts.push(Fact::new(t.tr("Coût"), t.price_bracket(cost)));
    }
    if it.is_founding {
        facts.push(Fact::new(
            t.tr("Ancienneté"),
            t.tr("Accompagnement d’avant ce site"),
        ));
    }
    facts
}

/// A question with its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// The question.
    pub title: &'static str,
    /// Paragraphs of plain text.
    pub paragraphs: Vec<String>,
}

/// What was answered, in the order it is read: what one can do now first. Questions without answer
/// are left out.
pub fn passages(t: Texts, answers: &Answers) -> Vec<Passage> {
    let all = [
        (
            t.tr("Ce que nous pouvons faire maintenant"),
            &answers.can_do_now,
        ),
        (t.tr("Notre situation de départ"), &answers.context),
        (t.tr("Ce qui a été difficile"), &answers.difficulty),
        (t.tr("Ce qui a été fait"), &answers.work_done),
        (t.tr("Ce qui pourrait être mieux"), &answers.could_be_better),
    ];
    all.into_iter()
        .filter(|(_, answer)| !answer.is_empty())
        .map(|(title, answer)| Passage {
            title,
            paragraphs: answer
                .split("\n\n")
                .map(str::trim)
                .filter(|paragraph| !paragraph.is_empty())
                .map(str::to_owned)
                .collect(),
        })
        .collect()
}

/// The dates of a published recommendation.
pub fn dates(t: Texts, it: &Recommendation) -> Vec<(&'static str, When)> {
    [
        (t.tr("Publiée le"), it.published_at),
        (t.tr("Compte jusqu’au"), it.expires_at),
        (t.tr("Retirée le"), it.withdrawn_at),
    ]
    .into_iter()
    .filter_map(|(label, at)| at.map(|at| (label, When::day(t, at))))
    .collect()
}
