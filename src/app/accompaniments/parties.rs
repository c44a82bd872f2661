//! Who is on each side of an accompaniment, and how they are written to.

use chrono::TimeDelta;
use url::Url;

use crate::{
    app::{
        App, AppError, Missing, Who, notices,
        permissions::Sides,
        purpose_links::{self, Purpose},
    },
    domain::{
        accompaniment::{Accompaniment, Party},
        host::Host,
        organisation::Organisation,
        purpose_link::LinkPurpose,
    },
    locales::{Locale, Texts},
    store::{Read, Write, hosts, memberships, organisations},
};

/// How long a link to answer about an accompaniment works.
const LINK_LIFETIME: TimeDelta = TimeDelta::days(180);
/// People told by mail of one event.
const PEOPLE_TOLD: i64 = 50;

/// The two sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parties {
    pub host: Host,
    /// The organisation behind the host.
    pub structure: Organisation,
    pub association: Organisation,
}

impl Parties {
    /// The organisation of a side.
    pub fn organisation(&self, party: Party) -> &Organisation {
        match party {
            Party::Host => &self.structure,
            Party::Association => &self.association,
        }
    }
}

/// The parties of an accompaniment.
pub(crate) async fn find(tx: &mut Read, of: &Accompaniment) -> Result<Parties, AppError> {
    let missing = || AppError::NotFound(Missing::Organisation);
    let host = hosts::find(tx, of.host_id).await?.ok_or_else(missing)?;
    let structure = organisations::find(tx, host.organisation_id)
        .await?
        .ok_or_else(missing)?;
    let association = organisations::find(tx, of.organisation_id)
        .await?
        .ok_or_else(missing)?;
    Ok(Parties {
        host,
        structure,
        association,
    })
}

/// What somebody is in each of the two organisations.
pub(crate) async fn find_sides(
    tx: &mut Read,
    who: &Who,
    parties: &Parties,
) -> Result<Sides, AppError> {
    let Some(account) = who.account_id() else {
        return Ok(Sides::default());
    };
    Ok(Sides {
        host: memberships::find_role(tx, parties.structure.id, account).await?,
        association: memberships::find_role(tx, parties.association.id, account).await?,
    })
}

/// Somebody to write to, in their language, with the page where they can answer.
#[derive(Clone, Debug)]
pub struct Contact {
    pub email: String,
    pub texts: Texts,
    pub link: Url,
}

/// The people of a side: those who act for the organisation, with their page; else the address that
/// the accompaniment has, with a signed link made for it.
pub(crate) async fn list_contacts(
    app: &App,
    tx: &mut Write,
    of: &Accompaniment,
    party: Party,
) -> Result<Vec<Contact>, AppError> {
    let organisation = match party {
        Party::Host => find(tx, of).await?.structure.id,
        Party::Association => of.organisation_id,
    };
    let accounts = memberships::list_accounts(tx, organisation, PEOPLE_TOLD).await?;
    if !accounts.is_empty() {
        let link = notices::link(app, &format!("{}/{}", super::PATH, of.id))?;
        let contacts = accounts.into_iter().map(|account| Contact {
            texts: notices::texts_of(&account),
            email: account.email,
            link: link.clone(),
        });
        return Ok(contacts.collect());
    }
    let (email, purpose) = match party {
        Party::Host => (&of.host_email, LinkPurpose::HostAccompaniment),
        Party::Association => (&of.association_email, LinkPurpose::AssociationAccompaniment),
    };
    let Some(email) = email else {
        return Ok(Vec::new());
    };
    let wanted = Purpose {
        purpose,
        subject: of.id.get(),
        email,
        ttl: LINK_LIFETIME,
    };
    let token = purpose_links::create(app, tx, wanted).await?;
    Ok(vec![Contact {
        email: email.clone(),
        texts: Texts::of(Locale::Fr),
        link: notices::link(app, &purpose_links::path(purpose, &token))?,
    }])
}
