//! Declaring an accompaniment, from either side.

use chrono::TimeDelta;

use crate::{
    app::{App, AppError, Missing, Who, mails, notices, organisations as orgs, permissions},
    domain::{
        accompaniment::{
            Accompaniment, AccompanimentContent, AccompanimentInput, AccompanimentState,
            Confirmations, Party,
        },
        email::EmailAddress,
        host::{HOSTS_PATH, Host},
        ids::{AccompanimentId, OrganisationId},
        organisation::{LegalForm, Organisation, OrganisationKind, normalised_name, parse_name},
        problem::{Problem, Problems},
    },
    mail::compose,
    store::{Read, Write, accompaniments, hosts, memberships, organisations},
};

use super::{entry, parties};

/// Accompaniments declared with one structure in a day: above, it looks like unwanted mail.
const PER_DAY: i64 = 20;
/// Former accompaniments among which the same one is looked for.
const RECENT: i64 = 100;
/// Where organisations have their pages.
const ORGANISATIONS_PATH: &str = "/organisations";

/// What somebody types to declare an accompaniment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeclarationInput {
    /// Address, or last part of the address, of the page of the other side, when it is known here.
    pub page: String,
    /// Name of an association that is not known here.
    pub name: String,
    /// Where it is written to.
    pub email: String,
    pub accompaniment: AccompanimentInput,
}

/// Declares an accompaniment for one of one's organisations, and asks the other side by mail to
/// confirm it.
///
/// The answer is the same whether or not the address of an association is known here.
///
/// # Errors
/// `Invalid` with everything that is wrong at once; `Conflict` when the organisation has no
/// structure page to declare for; `TooMany`.
pub async fn declare(
    app: &App,
    who: &Who,
    own: &str,
    party: Party,
    input: &DeclarationInput,
) -> Result<AccompanimentId, AppError> {
    let known = match party {
        Party::Host => find_public_association(app, &input.page).await,
        Party::Association => Ok(None),
    };
    let mut tx = app.store().write().await?;
    let (organisation, role) = orgs::find_with_role(&mut tx, who, own).await?;
    permissions::declare_accompaniment(who, role)?;
    let (checked, mut problems) = match input.accompaniment.check(app.today()) {
        Ok(content) => (Some(content), Problems::new()),
        Err(problems) => (None, problems),
    };
    let other = match party {
        Party::Host => Other::association(&organisation, input, known),
        Party::Association => Other::host(&mut tx, &organisation, &input.page).await?,
    };
    let other = match other {
        Ok(other) => Some(other),
        Err(others) => {
            for (field, problem) in others.iter() {
                problems.add(field, problem.clone());
            }
            None
        }
    };
    let both = checked.zip(other);
    let (content, other) = problems.or(both).map_err(AppError::Invalid)?;
    let host = match &other {
        Other::Host(host) => (**host).clone(),
        Other::Known(_) | Other::New { .. } => own_host(&mut tx, &organisation).await?,
    };
    let host = hosts::lock(&mut tx, host.id)
        .await?
        .ok_or(AppError::NotFound(Missing::Organisation))?;
    let since = app.now() - TimeDelta::days(1);
    if accompaniments::count_declared_since(&mut tx, host.id, since).await? >= PER_DAY {
        return Err(AppError::TooMany(TimeDelta::days(1)));
    }
    let (association, email) = match other {
        Other::Host(_) => (organisation.id, None),
        Other::Known(known) => (known.id, None),
        Other::New { name, email } => {
            let id = find_or_add(app, &mut tx, &name, &email).await?;
            (id, Some(email))
        }
    };
    refuse_duplicate(&mut tx, &host, association, &content).await?;
    let number = accompaniments::next_number(&mut tx, host.id).await?;
    let declared = new(app, &host, (association, email), (party, number), content);
    accompaniments::insert(&mut tx, &declared).await?;
    ask_other_side(app, &mut tx, &declared, &organisation).await?;
    app.audit(&mut tx, who, entry("accompaniment.declare", declared.id))
        .await?;
    tx.commit().await?;
    Ok(declared.id)
}

/// The other side.
enum Other {
    Host(Box<Host>),
    /// An association that readers can see.
    Known(Box<Organisation>),
    New {
        name: String,
        email: String,
    },
}

impl Other {
    fn association(
        own: &Organisation,
        input: &DeclarationInput,
        known: Result<Option<Organisation>, Problem>,
    ) -> Result<Self, Problems> {
        match known {
            Ok(Some(known)) if known.id == own.id => Err(Problems::one("page", on_oneself())),
            Ok(Some(known)) => Ok(Self::Known(Box::new(known))),
            Err(problem) => Err(Problems::one("page", problem)),
            Ok(None) => {
                let mut problems = Problems::new();
                let name = problems.check("name", parse_name(&input.name));
                let email = problems.check(
                    "email",
                    EmailAddress::parse(&input.email).map_err(|_| {
                        Problem::new(
                            "Indiquez une adresse de l’association, comme contact@exemple.org : nous lui demanderons de confirmer.",
                        )
                    }),
                );
                let email = email.map(|email| email.key());
                let both = name.zip(email);
                let (name, email) = problems.or(both)?;
                Ok(Self::New { name, email })
            }
        }
    }

    async fn host(
        tx: &mut Read,
        own: &Organisation,
        page: &str,
    ) -> Result<Result<Self, Problems>, AppError> {
        let handle = last_part(page, HOSTS_PATH).to_ascii_lowercase();
        let problem = if handle.is_empty() {
            Problem::new("Indiquez l’adresse de la page de la structure, ou son identifiant.")
        } else {
            match hosts::find_by_handle(tx, &handle).await? {
                Some(host) if host.organisation_id == own.id => on_oneself(),
                Some(host) => return Ok(Ok(Self::Host(Box::new(host)))),
                None => Problem::new(
                    "Aucune structure n’a cette page ici. Demandez-lui l’adresse de sa page, ou proposez-lui de s’inscrire.",
                ),
            }
        };
        Ok(Err(Problems::one("page", problem)))
    }
}

fn on_oneself() -> Problem {
    Problem::new("Une organisation ne peut pas s’accompagner elle-même.")
}

/// The last part of an address typed in full or not.
fn last_part<'a>(typed: &'a str, below: &str) -> &'a str {
    let typed = typed.trim().trim_end_matches('/');
    let rest = match typed.rsplit_once(below) {
        Some((_, rest)) => rest.trim_start_matches('/'),
        None => typed.trim_start_matches('@'),
    };
    rest.split(['?', '#', '/', '@']).next().unwrap_or_default()
}

/// The association at a page that everybody can read; `None` when no page was typed.
async fn find_public_association(app: &App, page: &str) -> Result<Option<Organisation>, Problem> {
    let slug = last_part(page, ORGANISATIONS_PATH);
    if slug.is_empty() {
        return Ok(None);
    }
    // as a stranger would: whether a page exists that nobody may read is nobody's business
    match orgs::show(app, &Who::Anonymous, slug).await {
        Ok(view) => Ok(Some(view.organisation)),
        Err(_) => Err(Problem::new(
            "Aucune association n’a cette page ici. Laissez ce champ vide, et donnez son nom et son adresse de courriel.",
        )),
    }
}

async fn own_host(tx: &mut Read, organisation: &Organisation) -> Result<Host, AppError> {
    hosts::find_by_organisation(tx, organisation.id)
        .await?
        .ok_or(AppError::conflict(
            "Présentez d’abord votre structure : c’est d’elle que l’accompagnement parlera.",
        ))
}

/// The association without member that was written to at this address under this name, or a new
/// one.
async fn find_or_add(
    app: &App,
    tx: &mut Write,
    name: &str,
    email: &str,
) -> Result<OrganisationId, AppError> {
    let wanted = normalised_name(name);
    for id in accompaniments::list_unclaimed_by_address(tx, email, RECENT).await? {
        if let Some(found) = organisations::find(tx, id).await?
            && normalised_name(&found.name) == wanted
        {
            return Ok(id);
        }
    }
    let now = app.now();
    let mut organisation = Organisation {
        id: app.next_id(),
        slug: String::new(),
        name: name.to_owned(),
        kind: OrganisationKind::Association,
        legal_form: LegalForm::Association1901,
        rna: None,
        siren: None,
        siret: None,
        commune_code: None,
        departement_code: None,
        region_code: None,
        website: None,
        created_at: now,
        updated_at: now,
        verification: None,
    };
    orgs::insert_with_free_slug(tx, &mut organisation).await?;
    Ok(organisation.id)
}

/// Refuses to declare the same accompaniment twice: both sides may think of it at once.
async fn refuse_duplicate(
    tx: &mut Read,
    host: &Host,
    association: OrganisationId,
    content: &AccompanimentContent,
) -> Result<(), AppError> {
    let recent = accompaniments::list_by_host(tx, host.id, None, RECENT).await?;
    let is_same = |it: &Accompaniment| {
        it.organisation_id == association
            && it.started_on == content.started_on
            && !matches!(
                it.state,
                AccompanimentState::Declined | AccompanimentState::Abandoned
            )
    };
    if recent.iter().any(is_same) {
        let problem =
            Problem::new("Un accompagnement qui commence ce jour-là est déjà déclaré entre vous.");
        return Err(AppError::field("started_on", problem));
    }
    Ok(())
}

fn new(
    app: &App,
    host: &Host,
    (organisation_id, association_email): (OrganisationId, Option<String>),
    (declared_by, number): (Party, i64),
    content: AccompanimentContent,
) -> Accompaniment {
    let now = app.now();
    let mut said = Confirmations::default();
    match declared_by {
        Party::Host => said.host = Some(now),
        Party::Association => said.association = Some(now),
    }
    let ended = match content.ended_on {
        Some(_) => said,
        None => Confirmations::default(),
    };
    Accompaniment {
        id: app.next_id(),
        host_id: host.id,
        organisation_id,
        number,
        state: AccompanimentState::Proposed,
        declared_by,
        host_email: None,
        association_email,
        scope: content.scope,
        started_on: content.started_on,
        ended_on: content.ended_on,
        volunteer_hours: content.volunteer_hours,
        cost_bracket: content.cost_bracket,
        is_founding: content.is_founding,
        created_at: now,
        updated_at: now,
        began: said,
        ended,
    }
}

/// Writes to the other side: confirm, or say that it did not take place.
async fn ask_other_side(
    app: &App,
    tx: &mut Write,
    declared: &Accompaniment,
    by: &Organisation,
) -> Result<(), AppError> {
    let other = declared.declared_by.other();
    for contact in parties::list_contacts(app, tx, declared, other).await? {
        let message = compose::accompaniment_declared(
            contact.texts,
            &compose::AccompanimentDeclared {
                to: &contact.email,
                site: notices::site(app),
                declared_by: &by.name,
                started_on: declared.started_on,
                ended_on: declared.ended_on,
                text: &declared.scope.text,
                link: &contact.link,
            },
        );
        mails::enqueue(app, tx, &message).await?;
    }
    Ok(())
}

/// Asks the other side again, when it did not answer; once a week at most.
pub async fn remind(app: &App, who: &Who, id: AccompanimentId) -> Result<(), AppError> {
    let mut tx = app.store().write().await?;
    let (mut declared, parties, sides) = super::lock(&mut tx, who, id).await?;
    let party = permissions::act_as_party(who, &declared, sides)?;
    if !declared.may_be_confirmed_by(party.other()) {
        return Err(AppError::conflict(
            "Il n’y a rien à rappeler : cet accompagnement a déjà reçu une réponse.",
        ));
    }
    let wait = declared.updated_at + TimeDelta::days(7) - app.now();
    if wait > TimeDelta::zero() {
        return Err(AppError::TooMany(wait));
    }
    declared.updated_at = app.now();
    accompaniments::update(&mut tx, &declared).await?;
    let by = parties.organisation(party).clone();
    ask_other_side(app, &mut tx, &declared, &by).await?;
    app.audit(&mut tx, who, entry("accompaniment.remind", id))
        .await?;
    tx.commit().await?;
    Ok(())
}

/// The side on which an organisation declares: as a structure when it has a page as such.
pub async fn find_side(app: &App, who: &Who, own: &str) -> Result<(Organisation, Party), AppError> {
    let mut tx = app.store().read().await?;
    let (organisation, role) = orgs::find_with_role(&mut tx, who, own).await?;
    permissions::declare_accompaniment(who, role)?;
    let party = match hosts::find_by_organisation(&mut tx, organisation.id).await? {
        Some(_) => Party::Host,
        None => Party::Association,
    };
    Ok((organisation, party))
}

/// Whether an organisation is only known by its address: nobody acts for it here.
pub(crate) async fn is_unclaimed(
    tx: &mut Read,
    organisation: OrganisationId,
) -> Result<bool, AppError> {
    Ok(memberships::list_members(tx, organisation, 1)
        .await?
        .is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_named_by_its_address_or_by_its_last_part() {
        for typed in [
            "libre_ouest",
            " @libre_ouest ",
            "@libre_ouest@lyon.example",
            "/structures/libre_ouest",
            "https://lyon.example/structures/libre_ouest?lang=fr#avis",
            "lyon.example/structures/libre_ouest/",
        ] {
            assert_eq!(last_part(typed, HOSTS_PATH), "libre_ouest", "{typed}");
        }
        assert_eq!(last_part("  ", HOSTS_PATH), "");
    }
}
