//! The form of a profile: its fields, from and to what use cases take.

use crate::{
    domain::{
        host::{
            AssociationSize, DataInput, HostInput, HostRole, LinkInput, MembershipInput,
            PriceBracket, PriceModel, Public,
        },
        territory::{self, Territory},
    },
    locales::Texts,
    web::{components::Choice, form::Form},
};

/// Words of the lists that are answered by yes or no.
const YES: &str = "yes";
const NO: &str = "no";

/// What the lists of the form propose.
#[derive(Debug)]
pub struct Choices {
    pub roles: Vec<Choice>,
    /// « Partout », then régions; départements are typed.
    pub territories: Vec<Choice>,
    pub publics: Vec<Choice>,
    pub sizes: Vec<Choice>,
    pub price_models: Vec<Choice>,
    pub price_brackets: Vec<Choice>,
    pub yes_or_no: Vec<Choice>,
}

impl Choices {
    pub fn new(t: Texts) -> Self {
        let place = |place: Territory| Choice::new(place.to_string(), t.territory(place));
        let regions = territory::regions().iter().map(Territory::from);
        let roles = HostRole::ALL.iter();
        let publics = Public::ALL.iter();
        let sizes = AssociationSize::ALL.iter();
        Self {
            roles: roles
                .map(|role| Choice::new(role.as_str(), t.host_role(*role)))
                .collect(),
            territories: std::iter::once(Territory::Everywhere)
                .chain(regions)
                .map(place)
                .collect(),
            publics: publics
                .map(|public| Choice::new(public.as_str(), t.host_public(*public)))
                .collect(),
            sizes: sizes
                .map(|size| Choice::new(size.as_str(), t.association_size(*size)))
                .collect(),
            price_models: price_models(t),
            price_brackets: price_brackets(t),
            yes_or_no: vec![Choice::new(YES, t.tr("Oui")), Choice::new(NO, t.tr("Non"))],
        }
    }
}

/// How a price is made.
pub fn price_models(t: Texts) -> Vec<Choice> {
    let models = PriceModel::ALL.iter();
    models
        .map(|model| Choice::new(model.as_str(), t.price_model(*model)))
        .collect()
}

/// What an accompaniment costs.
pub fn price_brackets(t: Texts) -> Vec<Choice> {
    let brackets = PriceBracket::ALL.iter();
    brackets
        .map(|bracket| Choice::new(bracket.as_str(), t.price_bracket(*bracket)))
        .collect()
}

/// A form filled in with what a profile says.
pub fn filled(input: &HostInput) -> Form {
    let (departements, places): (Vec<&String>, Vec<&String>) = input
        .territories
        .iter()
        .partition(|place| place.starts_with("departement:"));
    let departements: Vec<&str> = departements
        .into_iter()
        .filter_map(|place| place.split(':').nth(1))
        .collect();
    let mut form = Form::default()
        .with("presentation", &input.presentation)
        .with("software", input.software.join(", "))
        .with("services", lines_of_links(&input.services))
        .with("departements", departements.join(", "))
        .with("price_model", &input.price_model)
        .with("price_bracket", &input.price_bracket)
        .with("course", &input.course)
        .with("volunteer_time", &input.volunteer_time)
        .with("memberships", lines_of_memberships(&input.memberships))
        .with("data_place", &input.data.place)
        .with("data_administered_by", &input.data.administered_by)
        .with("data_subprocessors", &input.data.subprocessors)
        .with("data_contract", word_of(input.data.has_contract))
        .with("data_export", word_of(input.data.has_export))
        .with("links", lines_of_links(&input.links))
        .with("contact_email", &input.contact_email);
    for (field, words) in [
        ("roles", &input.roles),
        ("publics", &input.publics),
        ("sizes", &input.sizes),
    ] {
        for word in words {
            form = form.with(field, word);
        }
    }
    for place in places {
        form = form.with("territories", place);
    }
    if input.remote {
        form = form.with("remote", "on");
    }
    form
}

/// What was typed, as use cases take it.
pub fn typed(form: &Form) -> HostInput {
    let value = |field: &str| form.value(field).to_owned();
    let values = |field: &str| form.values(field).map(str::to_owned).collect::<Vec<_>>();
    let departements = words_of(form.value("departements")).map(|code| {
        let code = code.to_uppercase();
        // « 1 » for « 01 »
        let code = if code.len() == 1 {
            format!("0{code}")
        } else {
            code
        };
        format!("departement:{code}")
    });
    HostInput {
        presentation: value("presentation"),
        roles: values("roles"),
        software: list_of(form.value("software")),
        services: links_of(form.value("services")),
        territories: values("territories")
            .into_iter()
            .chain(departements)
            .collect(),
        remote: form.is_chosen("remote", "on"),
        publics: values("publics"),
        sizes: values("sizes"),
        price_model: value("price_model"),
        price_bracket: value("price_bracket"),
        course: value("course"),
        volunteer_time: value("volunteer_time"),
        memberships: memberships_of(form.value("memberships")),
        data: DataInput {
            place: value("data_place"),
            administered_by: value("data_administered_by"),
            subprocessors: value("data_subprocessors"),
            has_contract: answer_of(form.value("data_contract")),
            has_export: answer_of(form.value("data_export")),
        },
        links: links_of(form.value("links")),
        contact_email: value("contact_email"),
    }
}

fn word_of(answer: Option<bool>) -> &'static str {
    match answer {
        Some(true) => YES,
        Some(false) => NO,
        None => "",
    }
}

fn answer_of(word: &str) -> Option<bool> {
    match word {
        YES => Some(true),
        NO => Some(false),
        _ => None,
    }
}

/// Names separated by commas or line ends.
pub fn list_of(typed: &str) -> Vec<String> {
    let names = typed.split([',', ';', '\n']).map(str::trim);
    names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

fn words_of(typed: &str) -> impl Iterator<Item = &str> {
    typed
        .split([',', ';', ' ', '\n', '\r'])
        .filter(|word| !word.is_empty())
}

fn lines_of(typed: &str) -> impl Iterator<Item = &str> {
    typed.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn lines_of_links(links: &[LinkInput]) -> String {
    let lines = links
        .iter()
        .map(|link| format!("{} : {}", link.label, link.url));
    lines.collect::<Vec<_>>().join("\n")
}

/// One link a line: a name then an address, or an address alone.
fn links_of(typed: &str) -> Vec<LinkInput> {
    let links = lines_of(typed).map(|line| {
        let start = line
            .rfind("http://")
            .or_else(|| line.rfind("https://"))
            .or_else(|| line.rfind(char::is_whitespace).map(|space| space + 1));
        let (label, url) = line
            .split_at_checked(start.unwrap_or(0))
            .unwrap_or(("", line));
        LinkInput {
            label: label
                .trim_end_matches([' ', '\u{a0}', '\u{202f}', ':', ';', ',', '-', '–', '—'])
                .to_owned(),
            url: url.trim().to_owned(),
        }
    });
    links.collect()
}

fn lines_of_memberships(memberships: &[MembershipInput]) -> String {
    let line = |membership: &MembershipInput| {
        let parts = [
            &membership.name,
            &membership.url,
            &membership.since,
            &membership.until,
        ];
        let line = parts.map(String::as_str).join(" ; ");
        line.trim_end_matches([' ', ';']).to_owned()
    };
    let lines: Vec<String> = memberships.iter().map(line).collect();
    lines.join("\n")
}

/// One collective a line: name ; address ; since ; until. What is an address is known by its shape.
fn memberships_of(typed: &str) -> Vec<MembershipInput> {
    let memberships = lines_of(typed).map(|line| {
        let mut parts = line.split(';').map(str::trim);
        let mut membership = MembershipInput {
            name: parts.next().unwrap_or_default().to_owned(),
            ..MembershipInput::default()
        };
        let mut dates = Vec::new();
        for part in parts.filter(|part| !part.is_empty()) {
            if part.starts_with(|c: char| c.is_ascii_digit()) {
                dates.push(part.to_owned());
            } else {
                part.clone_into(&mut membership.url);
            }
        }
        let mut dates = dates.into_iter();
        membership.since = dates.next().unwrap_or_default();
        membership.until = dates.next().unwrap_or_default();
        membership
    });
    memberships.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_profile_says_survives_its_form() {
        let input = HostInput {
            presentation: "Une association\nde Lyon".into(),
            roles: vec!["hosts".into(), "trains".into()],
            software: vec!["nextcloud".into(), "paheko".into()],
            services: vec![LinkInput {
                label: "Nos agendas : pour tous".into(),
                url: "https://agenda.example/".into(),
            }],
            territories: vec!["region:84".into(), "departement:2A".into()],
            remote: true,
            publics: vec!["sport".into()],
            price_model: "quote".into(),
            memberships: vec![
                MembershipInput {
                    name: "CHATONS".into(),
                    url: "https://chatons.example/nous".into(),
                    since: "2019-03-01".into(),
                    until: String::new(),
                },
                MembershipInput {
                    name: "Fédération".into(),
                    since: "2020-01-01".into(),
                    until: "2021-01-01".into(),
                    url: String::new(),
                },
            ],
            data: DataInput {
                place: "Lyon".into(),
                has_contract: Some(false),
                has_export: None,
                ..DataInput::default()
            },
            ..HostInput::default()
        };
        assert_eq!(typed(&filled(&input)), input);
    }

    #[test]
    fn links_and_departements_are_read_as_people_type_them() {
        let links =
            links_of("Agenda https://a.example\n\n https://b.example \nForum\u{a0}: c.example");
        let pairs: Vec<_> = links
            .iter()
            .map(|it| (it.label.as_str(), it.url.as_str()))
            .collect();
        assert_eq!(
            pairs,
            [
                ("Agenda", "https://a.example"),
                ("", "https://b.example"),
                ("Forum", "c.example")
            ]
        );
        let form = Form::default().with("departements", "1, 2a ;29");
        assert_eq!(
            typed(&form).territories,
            ["departement:01", "departement:2A", "departement:29"]
        );
    }
}
