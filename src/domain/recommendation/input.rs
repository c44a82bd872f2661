//! What an association types about a recommendation, and what it must be.

use chrono::{DateTime, Utc};

use super::Answers;
use crate::domain::{
    ad::Completeness,
    email::EmailAddress,
    identifiers::{Rna, Siren},
    ids::{CallRequestId, RecommendationId},
    organisation::input::{parse_name, parse_rna, parse_siren},
    problem::{Problem, Problems},
    text::{clean_line, clean_text, count_chars},
};

/// Characters of an answer that is needed: enough to be useful to who reads it.
const ANSWER_LENGTH: std::ops::RangeInclusive<usize> = 20..=2_000;
/// The most characters of a name and of a role.
const LINE_LENGTH: usize = 80;
/// The most characters of a conflict of interest.
const INTEREST_LENGTH: usize = 500;
/// Characters of a motive, of what is told to mediation, of a request to talk.
const MOTIVE_LENGTH: std::ops::RangeInclusive<usize> = 10..=2_000;
/// The most characters of the reply of a structure.
const REPLY_LENGTH: usize = 2_000;

/// A form as it was typed. The names of the fields are those of the problems.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecommendationInput {
    pub context: String,
    pub difficulty: String,
    pub work_done: String,
    pub can_do_now: String,
    pub could_be_better: String,
    pub author_name: String,
    pub author_role: String,
    pub interest: String,
    pub would_take_call: bool,
}

/// What a recommendation says, and who signs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecommendationContent {
    pub answers: Answers,
    pub author_name: String,
    pub author_role: String,
    /// Conflict of interest that the author states; empty when there is none.
    pub interest: String,
    pub would_take_call: bool,
}

impl RecommendationContent {
    /// A form filled in with it.
    pub fn to_input(&self) -> RecommendationInput {
        let answers = self.answers.clone();
        RecommendationInput {
            context: answers.context,
            difficulty: answers.difficulty,
            work_done: answers.work_done,
            can_do_now: answers.can_do_now,
            could_be_better: answers.could_be_better,
            author_name: self.author_name.clone(),
            author_role: self.author_role.clone(),
            interest: self.interest.clone(),
            would_take_call: self.would_take_call,
        }
    }
}

impl RecommendationInput {
    /// Checks what was typed; every problem at once, by field. A draft may lack everything.
    pub fn check(&self, completeness: Completeness) -> Result<RecommendationContent, Problems> {
        let mut problems = Problems::new();
        let mut answer = |field, typed: &str, completeness| {
            problems.check(field, check_answer(typed, completeness))
        };
        let can_do_now = answer("can_do_now", &self.can_do_now, completeness);
        let context = answer("context", &self.context, completeness);
        let difficulty = answer("difficulty", &self.difficulty, Completeness::Draft);
        let work_done = answer("work_done", &self.work_done, completeness);
        let could_be_better = answer(
            "could_be_better",
            &self.could_be_better,
            Completeness::Draft,
        );
        let author_name = problems.check(
            "author_name",
            check_line(
                &self.author_name,
                completeness,
                Problem::new(
                    "Indiquez le nom à montrer sous ce texte : le vôtre, ou vos initiales.",
                ),
            ),
        );
        let author_role = problems.check(
            "author_role",
            check_line(
                &self.author_role,
                completeness,
                Problem::new("Indiquez votre rôle dans l’association, par exemple « trésorière »."),
            ),
        );
        let interest = problems.check("interest", check_interest(&self.interest));
        let content = (|| {
            Some(RecommendationContent {
                answers: Answers {
                    context: context?,
                    difficulty: difficulty?,
                    work_done: work_done?,
                    can_do_now: can_do_now?,
                    could_be_better: could_be_better?,
                },
                author_name: author_name?,
                author_role: author_role?,
                interest: interest?,
                would_take_call: self.would_take_call,
            })
        })();
        problems.or(content)
    }
}

fn check_answer(typed: &str, completeness: Completeness) -> Result<String, Problem> {
    let text = clean_text(typed);
    let length = count_chars(&text);
    if length > *ANSWER_LENGTH.end() {
        return Err(Problem::new(
            "Cette réponse est trop longue : {most} caractères au plus, elle en a {length}.",
        )
        .with("most", ANSWER_LENGTH.end())
        .with("length", length));
    }
    if completeness == Completeness::Publication && length < *ANSWER_LENGTH.start() {
        return Err(Problem::new("Répondez en une phrase ou deux."));
    }
    Ok(text)
}

fn check_line(
    typed: &str,
    completeness: Completeness,
    missing: Problem,
) -> Result<String, Problem> {
    let line = clean_line(typed);
    match count_chars(&line) {
        0 if completeness == Completeness::Publication => Err(missing),
        length if length > LINE_LENGTH => {
            Err(Problem::new("Écrivez {most} caractères au plus.").with("most", LINE_LENGTH))
        }
        _ => Ok(line),
    }
}

fn check_interest(typed: &str) -> Result<String, Problem> {
    let text = clean_text(typed);
    if count_chars(&text) > INTEREST_LENGTH {
        return Err(
            Problem::new("Écrivez {most} caractères au plus.").with("most", INTEREST_LENGTH)
        );
    }
    Ok(text)
}

/// Who an association is, as its people complete it from an invitation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdentityInput {
    pub name: String,
    /// RNA number, or nothing.
    pub rna: String,
    /// SIREN or SIRET, or nothing.
    pub siren: String,
}

/// What can be kept of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityContent {
    pub name: String,
    pub rna: Option<String>,
    pub siren: Option<String>,
    pub siret: Option<String>,
}

impl IdentityInput {
    /// Reads every field, and tells all that is wrong at once.
    pub fn check(&self) -> Result<IdentityContent, Problems> {
        let mut problems = Problems::new();
        let name = problems.check("name", parse_name(&self.name));
        let rna = problems.check("rna", parse_rna(&self.rna));
        let numbers = problems.check("siren", parse_siren(&self.siren));
        let content = (|| {
            let (siren, siret) = numbers?;
            Some(IdentityContent {
                name: name?,
                rna: rna?.map(|rna: Rna| String::from(rna)),
                siren: siren.map(|siren: Siren| String::from(siren)),
                siret: siret.map(String::from),
            })
        })();
        problems.or(content)
    }
}

/// The motive of a withdrawal, which its page shows.
pub fn check_motive(typed: &str) -> Result<String, Problem> {
    let missing = Problem::new(
        "Dites en une phrase pourquoi vous retirez cette recommandation : cette phrase sera lue à sa place.",
    );
    check_words(typed, missing)
}

/// What is told to mediation.
pub fn check_feedback(typed: &str) -> Result<String, Problem> {
    let missing = Problem::new(
        "Racontez ce qui s’est passé en quelques phrases : une personne de la médiation vous lira.",
    );
    check_words(typed, missing)
}

fn check_words(typed: &str, missing: Problem) -> Result<String, Problem> {
    let text = clean_text(typed);
    match count_chars(&text) {
        length if length > *MOTIVE_LENGTH.end() => {
            Err(Problem::new("Écrivez {most} caractères au plus.")
                .with("most", MOTIVE_LENGTH.end()))
        }
        length if length < *MOTIVE_LENGTH.start() => Err(missing),
        _ => Ok(text),
    }
}

/// The reply of a structure, Markdown; empty to take it away.
pub fn check_reply(typed: &str) -> Result<String, Problem> {
    let text = clean_text(typed);
    if count_chars(&text) > REPLY_LENGTH {
        return Err(Problem::new("Écrivez {most} caractères au plus.").with("most", REPLY_LENGTH));
    }
    Ok(text)
}

/// Somebody who asks to talk about a recommendation, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallInput {
    pub name: String,
    /// On whose behalf.
    pub organisation: String,
    pub email: String,
    pub message: String,
}

/// A request to talk, on its way to the association. Its address is relayed, never shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRequest {
    pub id: CallRequestId,
    pub recommendation_id: RecommendationId,
    pub name: String,
    pub organisation: String,
    pub email: String,
    pub message: String,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub answered_at: Option<DateTime<Utc>>,
}

impl CallInput {
    /// Reads every field, and tells all that is wrong at once. The ids and dates come from the
    /// use case.
    pub fn check(
        &self,
        id: CallRequestId,
        recommendation_id: RecommendationId,
        term: (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<CallRequest, Problems> {
        let mut problems = Problems::new();
        let needed = Completeness::Publication;
        let name = problems.check(
            "name",
            check_line(&self.name, needed, Problem::new("Indiquez votre nom.")),
        );
        let organisation = problems.check(
            "organisation",
            check_line(
                &self.organisation,
                needed,
                Problem::new("Indiquez au nom de quelle association vous écrivez."),
            ),
        );
        let email = problems.check(
            "email",
            EmailAddress::parse(&self.email).map_err(Problem::from),
        );
        let message = problems.check(
            "message",
            check_words(
                &self.message,
                Problem::new("Dites en une phrase ou deux ce que vous aimeriez savoir."),
            ),
        );
        let request = (|| {
            Some(CallRequest {
                id,
                recommendation_id,
                name: name?,
                organisation: organisation?,
                email: email?.as_str().to_owned(),
                message: message?,
                created_at: term.0,
                expires_at: term.1,
                answered_at: None,
            })
        })();
        problems.or(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields_in_trouble<T>(checked: &Result<T, Problems>) -> Vec<&'static str> {
        match checked {
            Ok(_) => Vec::new(),
            Err(problems) => problems.iter().map(|(field, _)| field).collect(),
        }
    }

    #[test]
    fn a_draft_may_be_empty_and_what_is_sent_says_what_matters() {
        let blank = RecommendationInput::default();
        assert!(blank.check(Completeness::Draft).is_ok());
        assert_eq!(
            fields_in_trouble(&blank.check(Completeness::Publication)),
            [
                "can_do_now",
                "context",
                "work_done",
                "author_name",
                "author_role"
            ]
        );
    }

    #[test]
    fn what_was_written_fills_its_form_again() {
        let input = RecommendationInput {
            can_do_now: "Nous partageons nos fichiers entre nous.".into(),
            context: "Douze bénévoles, aucun salarié.\n\nUn local.".into(),
            work_done: "Trois ateliers, puis le déménagement.".into(),
            author_name: "Monique B.".into(),
            author_role: "présidente".into(),
            would_take_call: true,
            ..RecommendationInput::default()
        };
        let content = input.check(Completeness::Publication).unwrap();
        assert_eq!(content.to_input(), input);
    }

    #[test]
    fn an_answer_too_long_is_refused_even_in_a_draft() {
        let input = RecommendationInput {
            could_be_better: "é".repeat(2_001),
            ..RecommendationInput::default()
        };
        let refused = input.check(Completeness::Draft);
        assert_eq!(fields_in_trouble(&refused), ["could_be_better"]);
    }

    #[test]
    fn the_numbers_of_an_association_are_optional_and_sound() {
        let typed = |rna: &str, siren: &str| IdentityInput {
            name: "Les Amis du vélo".into(),
            rna: rna.into(),
            siren: siren.into(),
        };
        assert!(typed("", "").check().is_ok());
        let wrong = typed("691234567", "123").check();
        assert_eq!(fields_in_trouble(&wrong), ["rna", "siren"]);
        let found = typed("w691234567", "732 829 320").check().unwrap();
        assert_eq!(found.rna.as_deref(), Some("W691234567"));
        assert_eq!(found.siren.as_deref(), Some("732829320"));
    }
}
