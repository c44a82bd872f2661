//! What each field of a profile says, in words for its members.

use crate::{
    domain::host::{HostField, HostProfile, Source, Sourced},
    locales::Texts,
};

/// The value of a field; empty when it was never given.
pub fn value_of(t: Texts, profile: &HostProfile, field: HostField) -> String {
    let labels = |labels: Vec<&'static str>| labels.join(", ");
    match field {
        HostField::Presentation => profile.presentation.clone(),
        HostField::Roles => labels(profile.roles.iter().map(|it| t.host_role(*it)).collect()),
        HostField::Software => profile.software.join(", "),
        HostField::Services => {
            let links = profile.services.iter();
            lines(links.map(|link| format!("{} : {}", link.label, link.url)))
        }
        HostField::Territories => {
            let places = profile.territories.iter().map(|place| t.territory(*place));
            places.collect::<Vec<_>>().join(", ")
        }
        HostField::Remote if profile.remote => t.tr("Oui").to_owned(),
        HostField::Remote => String::new(),
        HostField::Publics => labels(
            profile
                .publics
                .iter()
                .map(|it| t.host_public(*it))
                .collect(),
        ),
        HostField::Sizes => labels(
            profile
                .sizes
                .iter()
                .map(|it| t.association_size(*it))
                .collect(),
        ),
        HostField::PriceModel => {
            let model = profile.price_model.map(|model| t.price_model(model));
            model.unwrap_or_default().to_owned()
        }
        HostField::PriceBracket => {
            let bracket = profile
                .price_bracket
                .map(|bracket| t.price_bracket(bracket));
            bracket.unwrap_or_default().to_owned()
        }
        HostField::Course => profile.course.clone(),
        HostField::VolunteerTime => profile.volunteer_time.clone(),
        HostField::Memberships => {
            let memberships = profile.memberships.iter();
            lines(memberships.map(|membership| match membership.since {
                Some(since) => t.trf(
                    "{collective}, depuis le {date}",
                    [
                        ("collective", membership.name.clone()),
                        ("date", t.day(since)),
                    ],
                ),
                None => membership.name.clone(),
            }))
        }
        HostField::Data => data(t, profile),
        HostField::Links => {
            let links = profile.links.iter();
            lines(links.map(|link| format!("{} : {}", link.label, link.url)))
        }
        HostField::ContactEmail => profile.contact_email.clone(),
    }
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

fn data(t: Texts, profile: &HostProfile) -> String {
    let data = &profile.data;
    let yes_or_no = |answer: Option<bool>| match answer {
        Some(true) => t.tr("Oui"),
        Some(false) => t.tr("Non"),
        None => "",
    };
    let facts = [
        (t.tr("Où sont les machines"), data.place.as_str()),
        (t.tr("Qui les administre"), data.administered_by.as_str()),
        (t.tr("Sous-traitants"), data.subprocessors.as_str()),
        (
            t.tr("Un contrat peut être signé"),
            yes_or_no(data.has_contract),
        ),
        (t.tr("On peut tout récupérer"), yes_or_no(data.has_export)),
    ];
    let given = facts.iter().filter(|(_, value)| !value.is_empty());
    lines(given.map(|(name, value)| format!("{name} : {value}")))
}

/// Where a value comes from and since when it is known to be true, in a sentence.
pub fn source_of(t: Texts, source: &Sourced<()>) -> String {
    let since = match source.source {
        Source::Typed => t.trf(
            "Écrit par la structure le {date}.",
            [("date", t.date(source.set_at))],
        ),
        Source::Imported => match &source.source_url {
            Some(url) => t.trf(
                "Repris de {address} le {date}.",
                [("address", url.clone()), ("date", t.date(source.set_at))],
            ),
            None => t.trf(
                "Repris d’un fichier le {date}.",
                [("date", t.date(source.set_at))],
            ),
        },
    };
    if source.confirmed_at <= source.set_at {
        return since;
    }
    let confirmed = t.trf(
        "Confirmé le {date}.",
        [("date", t.date(source.confirmed_at))],
    );
    format!("{since} {confirmed}")
}
