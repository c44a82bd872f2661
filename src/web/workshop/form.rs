//! The form of an ad: its fields, from and to what use cases take.

use askama::Template;

use super::picture::{ALT, FILE};
use crate::{
    domain::{
        ad::{Ad, AdContent, AdInput, AdKind, Budget, Media},
        licence,
        problem::Problems,
        territory::{self, Territory},
    },
    locales::Texts,
    web::{
        ads::{changes::Change, view},
        components::{Choice, ChoiceGroup, Picture},
        form::{FieldErrors, Form},
        forms,
        page::Page,
    },
};

/// The choice of the list of licences that leads to the free field.
const OTHER_LICENCE: &str = "other";

/// `/compte/annonces/nouvelle` and `/compte/annonces/{id}/modifier`
#[derive(Debug, Template)]
#[template(path = "workshop/form.html")]
pub struct AdFormPage {
    /// The layout.
    pub page: Page,
    /// The fields of `AdInput`, `licence_other`, `alt`, `image_remove`, `version`, `organisation`.
    pub form: Form,
    /// Where it is sent.
    pub action: String,
    /// The organisation that publishes.
    pub organisation: String,
    /// The present picture.
    pub image: Option<Picture>,
    /// What a save would do.
    pub saving: Saving,
    /// What was kept although something is wrong; empty when nothing was.
    pub kept: &'static str,
    /// What somebody else changed meanwhile, against what was typed here.
    pub conflicts: Vec<Change>,
    /// What the lists of the form propose.
    pub choices: Choices,
}

/// What becomes of what is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saving {
    /// Only the organisation sees it.
    Draft,
    /// Readers see it at once.
    Public,
}

impl AdFormPage {
    /// A form that was neither refused nor overtaken.
    pub fn new(page: Page, form: Form, action: String, organisation: &str) -> Self {
        Self {
            choices: Choices::new(page.t),
            page,
            form,
            action,
            organisation: organisation.to_owned(),
            image: None,
            saving: Saving::Draft,
            kept: "",
            conflicts: Vec::new(),
        }
    }

    /// The form of an ad that exists.
    #[must_use]
    pub fn about(mut self, ad: &Ad, image: Option<&Media>) -> Self {
        self.image = image.map(view::picture);
        if ad.state.is_public() {
            self.saving = Saving::Public;
        }
        self
    }

    fn is_public(&self) -> bool {
        self.saving == Saving::Public
    }

    fn button(&self) -> &'static str {
        let t = self.page.t;
        match self.saving {
            Saving::Draft => t.tr("Enregistrer le brouillon"),
            Saving::Public => t.tr("Enregistrer les changements"),
        }
    }
}

/// What the lists of the form propose.
#[derive(Debug)]
pub struct Choices {
    /// What is needed, each explained.
    pub kinds: Vec<Choice>,
    /// Common licences, then the way to another one.
    pub licences: Vec<Choice>,
    /// « Partout », régions, départements.
    pub territories: Vec<ChoiceGroup>,
    /// Brackets.
    pub budgets: Vec<Choice>,
}

impl Choices {
    fn new(t: Texts) -> Self {
        let kinds = AdKind::ALL.iter().map(|kind| {
            Choice::new(kind.as_str(), t.ad_kind(*kind)).explained(t.ad_kind_hint(*kind))
        });
        let budgets = Budget::ALL
            .iter()
            .map(|budget| Choice::new(budget.as_str(), t.budget(*budget)));
        Self {
            kinds: kinds.collect(),
            licences: licences(t),
            territories: territories(t),
            budgets: budgets.collect(),
        }
    }
}

fn licences(t: Texts) -> Vec<Choice> {
    let common = licence::COMMON
        .iter()
        .map(|common| Choice::new(common.id, common.id).explained(t.tr(common.explanation)));
    common
        .chain([Choice::new(OTHER_LICENCE, t.tr("Une autre licence libre"))])
        .collect()
}

fn territories(t: Texts) -> Vec<ChoiceGroup> {
    let choice = |place: Territory| Choice::new(place.to_string(), t.territory(place));
    let regions = territory::regions().iter().map(Territory::from);
    let departements = territory::departements().iter().map(Territory::from);
    vec![
        ChoiceGroup {
            label: String::new(),
            choices: vec![choice(Territory::Everywhere)],
        },
        ChoiceGroup {
            label: t.tr("Régions").to_owned(),
            choices: regions.map(choice).collect(),
        },
        ChoiceGroup {
            label: t.tr("Départements").to_owned(),
            choices: departements.map(choice).collect(),
        },
    ]
}

/// A form for a new ad.
pub fn blank(organisation: &str) -> Form {
    Form::default()
        .with("organisation", organisation)
        .with("territory", Territory::Everywhere.to_string())
        .with("budget", Budget::Unknown.as_str())
}

/// A form filled in with what an ad says.
pub fn filled(ad: &Ad, image: Option<&Media>) -> Form {
    with_content(Form::default(), &ad.content)
        .with("version", ad.version.to_string())
        .with(ALT, image.map_or("", |image| &image.alt))
}

fn with_content(form: Form, content: &AdContent) -> Form {
    let input = content.to_input();
    let is_common = |id: &str| licence::COMMON.iter().any(|common| common.id == id);
    let (licence, other) = match input.licence.as_str() {
        id if id.is_empty() || is_common(id) => (id, ""),
        id => (OTHER_LICENCE, id),
    };
    let deadline = content
        .deadline
        .map(|day| day.format("%d/%m/%Y").to_string());
    form.with("licence", licence)
        .with("licence_other", other)
        .with("kind", input.kind)
        .with("title", input.title)
        .with("need", input.need)
        .with("software", input.software)
        .with("ticket_url", input.ticket_url)
        .with("territory", input.territory)
        .with("budget", input.budget)
        .with("deadline", deadline.unwrap_or_default())
        .with("hashtags", input.hashtags)
}

/// What was typed, as use cases take it.
pub fn typed(form: &Form) -> AdInput {
    let value = |field: &str| form.value(field).to_owned();
    AdInput {
        kind: value("kind"),
        title: value("title"),
        need: value("need"),
        software: value("software"),
        ticket_url: value("ticket_url"),
        licence: value(licence_field(form)),
        territory: value("territory"),
        budget: value("budget"),
        deadline: value("deadline"),
        hashtags: value("hashtags"),
    }
}

/// The field that names the licence: the list, unless it leads to the free field.
fn licence_field(form: &Form) -> &'static str {
    match form.value("licence") {
        OTHER_LICENCE => "licence_other",
        "" if !form.value("licence_other").trim().is_empty() => "licence_other",
        _ => "licence",
    }
}

/// What is wrong, beside the fields of this form.
pub fn mistakes(t: Texts, form: &Form, problems: &Problems) -> FieldErrors {
    let mut errors = FieldErrors::default();
    for (field, problem) in problems.iter() {
        let field = match field {
            "licence" => licence_field(form),
            field => field,
        };
        errors.add(field, forms::sentence(t, problem));
    }
    errors
}

/// Says that a picture that was sent must be chosen again: browsers never send one back.
pub fn ask_for_picture_again(t: Texts, errors: &mut FieldErrors) {
    if errors.of(FILE).is_empty() {
        errors.add(
            FILE,
            t.tr("Choisissez de nouveau l’image : elle sera gardée avec le reste."),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ad::Completeness;

    fn content(licence: &str) -> AdContent {
        let input = AdInput {
            kind: "feature".into(),
            title: "Exporter les adhésions".into(),
            licence: licence.into(),
            deadline: "2027-12-31".into(),
            hashtags: "#libre".into(),
            ..AdInput::default()
        };
        let today = "2026-11-22".parse().unwrap();
        input.check(today, Completeness::Draft).unwrap()
    }

    #[test]
    fn what_an_ad_says_survives_its_form() {
        for licence in ["", "MIT", "Zlib"] {
            let content = content(licence);
            let form = with_content(Form::default(), &content);
            let today = "2026-11-22".parse().unwrap();
            let again = typed(&form).check(today, Completeness::Draft).unwrap();
            assert_eq!(again, content, "{licence}");
        }
    }

    #[test]
    fn a_licence_outside_the_list_is_told_beside_its_own_field() {
        let form = Form::default()
            .with("licence", OTHER_LICENCE)
            .with("licence_other", "CC-BY-NC-4.0");
        assert_eq!(typed(&form).licence, "CC-BY-NC-4.0");
        assert_eq!(licence_field(&form), "licence_other");
        assert_eq!(licence_field(&Form::default()), "licence");
    }
}
