//! Organisations: created by whoever acts for one, verified by moderators.

mod moderation;
#[cfg(test)]
mod tests;

pub use moderation::{Candidate, list_candidates, show_candidate, verify, withdraw_verification};

use crate::{
    app::{App, AppError, Missing, Who, ads, host_actors, listing, permissions, sha256_hex},
    domain::{
        ad::Ad,
        identifiers::{Rna, Siren, Siret},
        ids::OrganisationId,
        organisation::{
            Invitation, Member, Membership, MembershipRole, Organisation, OrganisationContent,
            OrganisationInput, normalised_name,
        },
        problem::{Problem, Problems},
        slug::Slug,
    },
    store::{Read, Write, audit, invitations, memberships, organisations},
};

/// The longest slug, in characters, before the number of a namesake.
const SLUG_LENGTH: usize = 60;
/// How many namesakes are numbered; the next ones get their id.
const SLUG_TRIES: u32 = 50;
/// Last parts of addresses that are pages of ours.
const RESERVED_SLUGS: [&str; 1] = ["nouvelle"];
/// The most organisations that one person can act for.
const ORGANISATIONS_PER_ACCOUNT: i64 = 50;
/// The most public ads shown.
const PUBLIC_ADS: i64 = 50;
/// The most organisations listed at once.
const LISTED: i64 = 101;
/// The most members shown.
pub(super) const MEMBERS: i64 = 200;

/// What readers see of an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganisationView {
    pub organisation: Organisation,
    /// Its public ads, the most recent first.
    pub ads: Vec<Ad>,
    /// `false` while only its members and moderators see it.
    pub is_public: bool,
}

/// What members of an organisation see of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workshop {
    pub organisation: Organisation,
    /// `None` for a moderator who is no member.
    pub role: Option<MembershipRole>,
    pub members: Vec<Member>,
    /// For its administrators only; empty for others.
    pub invitations: Vec<Invitation>,
}

impl Workshop {
    /// Whether one departure would leave the organisation without administrator: two are better.
    pub fn has_single_administrator(&self) -> bool {
        let is_administrator = |member: &&Member| member.role == MembershipRole::Administrator;
        self.members.iter().filter(is_administrator).count() < 2
    }

    /// Whether the reader may change it.
    pub fn is_administrator(&self) -> bool {
        self.role == Some(MembershipRole::Administrator)
    }
}

/// Creates an organisation; its creator administers it.
///
/// # Errors
/// `Invalid` with every problem of the form, among them a number that another organisation has.
pub async fn create(
    app: &App,
    who: &Who,
    input: &OrganisationInput,
) -> Result<Organisation, AppError> {
    permissions::create_organisation(who)?;
    let creator = who.signed_in()?.id;
    let content = input.check().map_err(AppError::Invalid)?;
    let now = app.now();
    let mut tx = app.store().write().await?;
    let own = memberships::list_of_account(&mut tx, creator, None, ORGANISATIONS_PER_ACCOUNT);
    if own.await?.len() >= usize::try_from(ORGANISATIONS_PER_ACCOUNT).unwrap_or(usize::MAX) {
        return Err(AppError::conflict(
            "Vous agissez déjà pour trop d’organisations : quittez-en une d’abord.",
        ));
    }
    refuse_duplicate(&mut tx, &content, None).await?;
    let mut organisation = Organisation {
        id: app.next_id(),
        slug: String::new(),
        name: String::new(),
        kind: content.kind,
        legal_form: content.legal_form,
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
    organisation.apply(content, "", now);
    insert_with_free_slug(&mut tx, &mut organisation).await?;
    let role = MembershipRole::Administrator;
    memberships::insert(&mut tx, organisation.id, creator, role, now).await?;
    app.audit(&mut tx, who, entry("organisation.create", organisation.id))
        .await?;
    tx.commit().await?;
    Ok(organisation)
}

/// Changes an organisation. Its address stays; a new name or number ends its verification.
///
/// # Errors
/// As for [`create`].
pub async fn edit(
    app: &App,
    who: &Who,
    slug: &str,
    input: &OrganisationInput,
) -> Result<Organisation, AppError> {
    let mut tx = app.store().write().await?;
    let (mut organisation, role) = find_to_change(&mut tx, who, slug).await?;
    permissions::manage_organisation(who, role)?;
    let content = input.check().map_err(AppError::Invalid)?;
    refuse_duplicate(&mut tx, &content, Some(organisation.id)).await?;
    let hash = name_hash(&content.name);
    let was_verified = organisation.verification.is_some();
    let is_renamed = organisation.name != content.name;
    organisation.apply(content, &hash, app.now());
    organisations::update(&mut tx, &organisation).await?;
    if is_renamed {
        ads::indexing::refresh_soon(app, &mut tx, organisation.id).await?;
        host_actors::organisation_changed(app, &mut tx, &organisation).await?;
    }
    let action = if was_verified && organisation.verification.is_none() {
        listing::note_verification(app, &mut tx, organisation.id, Some(app.now())).await?;
        "organisation.edit-and-lose-verification"
    } else {
        "organisation.edit"
    };
    app.audit(&mut tx, who, entry(action, organisation.id))
        .await?;
    tx.commit().await?;
    Ok(organisation)
}

/// An organisation, as everybody sees it: once a moderator verified it, or one of its ads was
/// published (invariant 6). Its members and moderators see it before. This is the one place that
/// decides it.
pub async fn show(app: &App, who: &Who, slug: &str) -> Result<OrganisationView, AppError> {
    let (organisation, role) = {
        let mut tx = app.store().read().await?;
        find_with_role(&mut tx, who, slug).await?
    };
    let ads = ads::reading::list_public_of(app, organisation.id, PUBLIC_ADS).await?;
    let is_public = organisation.verification.is_some() || !ads.is_empty();
    if !is_public && permissions::see_organisation(who, role).is_err() {
        return Err(AppError::NotFound(Missing::Organisation));
    }
    Ok(OrganisationView {
        organisation,
        ads,
        is_public,
    })
}

/// An organisation, as its members see it.
pub async fn show_workshop(app: &App, who: &Who, slug: &str) -> Result<Workshop, AppError> {
    let mut tx = app.store().read().await?;
    let (organisation, role) = find_with_role(&mut tx, who, slug).await?;
    permissions::see_organisation(who, role)?;
    let members = memberships::list_members(&mut tx, organisation.id, MEMBERS).await?;
    let invitations = match role {
        Some(MembershipRole::Administrator) => {
            invitations::list_open(&mut tx, organisation.id, app.now(), MEMBERS).await?
        }
        Some(MembershipRole::Editor) | None => Vec::new(),
    };
    Ok(Workshop {
        organisation,
        role,
        members,
        invitations,
    })
}

/// The organisations that somebody acts for, after one of them; `limit` at most.
pub async fn list_own(
    app: &App,
    who: &Who,
    after: Option<OrganisationId>,
    limit: i64,
) -> Result<Vec<Membership>, AppError> {
    permissions::list_own_organisations(who)?;
    let account = who.signed_in()?.id;
    let mut tx = app.store().read().await?;
    let limit = limit.clamp(1, LISTED);
    Ok(memberships::list_of_account(&mut tx, account, after, limit).await?)
}

/// The organisation at this address, and what somebody may do there.
pub(super) async fn find_with_role(
    tx: &mut Read,
    who: &Who,
    slug: &str,
) -> Result<(Organisation, Option<MembershipRole>), AppError> {
    let organisation = find(tx, slug).await?;
    let role = match who.account_id() {
        Some(account) => memberships::find_role(tx, organisation.id, account).await?,
        None => None,
    };
    Ok((organisation, role))
}

/// The same, for who is about to change the organisation or its members: nobody else does it
/// meanwhile, and what somebody may do is read under that lock.
pub(super) async fn find_to_change(
    tx: &mut Write,
    who: &Who,
    slug: &str,
) -> Result<(Organisation, Option<MembershipRole>), AppError> {
    let found = find(tx, slug).await?;
    organisations::lock(tx, found.id).await?;
    find_with_role(tx, who, slug).await
}

pub(super) async fn find(tx: &mut Read, slug: &str) -> Result<Organisation, AppError> {
    organisations::find_by_slug(tx, slug)
        .await?
        .ok_or(AppError::NotFound(Missing::Organisation))
}

/// What is kept of a name that was verified.
fn name_hash(name: &str) -> String {
    sha256_hex(normalised_name(name).as_bytes())
}

pub(super) fn entry(action: &'static str, organisation: OrganisationId) -> audit::Entry<'static> {
    audit::Entry {
        action,
        subject_kind: "organisation",
        subject_id: organisation.get(),
        detail: "",
    }
}

/// Refuses a number that another organisation has: its members should be joined instead. Local
/// branches share a SIREN, so two of them may have it if each has a SIRET of its own. What is found
/// holds until the transaction ends.
async fn refuse_duplicate(
    tx: &mut Write,
    content: &OrganisationContent,
    own: Option<OrganisationId>,
) -> Result<(), AppError> {
    const FEW: i64 = 50;
    let rna = content.rna.as_ref().map(Rna::as_str);
    let siren = content.siren.as_ref().map(Siren::as_str);
    let siret = content.siret.as_ref().map(Siret::as_str);
    if rna.is_none() && siren.is_none() {
        return Ok(());
    }
    organisations::lock_identifiers(tx).await?;
    let mut problems = Problems::new();
    for other in organisations::list_by_identifiers(tx, rna, siren, FEW).await? {
        if Some(other.id) == own {
            continue;
        }
        let are_branches =
            siret.is_some() && other.siret.is_some() && other.siret.as_deref() != siret;
        let field = if rna.is_some() && other.rna.as_deref() == rna {
            "rna"
        } else if !are_branches {
            "siren"
        } else {
            continue;
        };
        let problem = Problem::new(
            "« {name} » a déjà ce numéro ici. Si c’est votre organisation, demandez à une personne qui l’administre de vous inviter. Sinon, écrivez à la modération.",
        );
        problems.add(field, problem.with("name", other.name));
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(AppError::Invalid(problems))
    }
}

/// The last part of the address of the first organisation of this name.
pub(super) fn slug_of(name: &str) -> String {
    Slug::from_title(name, SLUG_LENGTH).to_string()
}

/// Inserts it with the first free slug: `les-amis`, `les-amis-2`…
pub(crate) async fn insert_with_free_slug(
    tx: &mut Write,
    organisation: &mut Organisation,
) -> Result<(), AppError> {
    let base = slug_of(&organisation.name);
    for number in 1..=SLUG_TRIES {
        organisation.slug = match number {
            1 => base.clone(),
            _ => format!("{base}-{number}"),
        };
        let is_reserved = RESERVED_SLUGS.contains(&organisation.slug.as_str());
        if !is_reserved && organisations::insert(tx, organisation).await? {
            return Ok(());
        }
    }
    organisation.slug = format!("{base}-{}", organisation.id);
    organisations::insert(tx, organisation).await?;
    Ok(())
}
