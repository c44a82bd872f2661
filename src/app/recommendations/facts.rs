//! The facts sheet of a recommendation: what moderators need to know to decide.

use std::collections::HashSet;

use crate::{
    app::{AppError, Missing, Who, permissions::Sides},
    domain::{
        accompaniment::Accompaniment,
        account::Account,
        host::Host,
        ids::{AccountId, OrganisationId},
        organisation::Organisation,
        recommendation::{
            Amendment, Link, LinkKind, Recommendation, ReviewEntry, ReviewStep, Side, detect,
        },
    },
    store::{
        Read, accompaniments, hosts, memberships, organisations,
        recommendation_reviews::{self, Earlier},
        recommendations,
    },
};

/// People looked at on each side.
const PEOPLE: i64 = 500;
/// Steps of a review that are read.
const STEPS: i64 = 500;
/// Others with the same number, and earlier recommendations, that are shown.
const SHOWN: i64 = 20;

/// A link, and who set it aside and why if somebody did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundLink {
    pub link: Link,
    /// Name of the person when the link is one.
    pub person: Option<String>,
    pub set_aside: Option<ReviewEntry>,
}

/// One side, as the register and our own tables know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    pub organisation: Organisation,
    /// Accounts that act for it.
    pub people: usize,
    /// Others with its RNA number or its SIREN: address and name.
    pub namesakes: Vec<(String, String)>,
}

/// Everything that is known of a recommendation and of its two sides.
#[derive(Clone, Debug)]
pub struct Facts {
    pub recommendation: Recommendation,
    /// What is proposed in the place of what is published.
    pub amendment: Option<Amendment>,
    pub accompaniment: Accompaniment,
    pub host: Host,
    /// The organisation of the structure.
    pub structure: Party,
    pub association: Party,
    pub links: Vec<FoundLink>,
    /// Other recommendations of the same association for the same structure.
    pub earlier: Vec<Earlier>,
    /// Steps of the review so far.
    pub steps: Vec<ReviewEntry>,
    /// Members of each side, for recusal.
    members: HashSet<AccountId>,
}

impl Facts {
    /// The version that moderators look at.
    pub fn version(&self) -> i64 {
        let amendment = self.amendment.as_ref();
        amendment.map_or(self.recommendation.version, |amendment| amendment.version)
    }

    /// Different moderators who approved the words that wait, since these were last sent or refused,
    /// who are of neither side and did not stay out of it.
    pub fn count_approvals(&self) -> usize {
        let since = self
            .steps
            .iter()
            .rposition(|it| matches!(it.step, ReviewStep::Submitted | ReviewStep::Refused))
            .map_or(0, |index| index + 1);
        let current = self.steps.get(since..).unwrap_or_default();
        let of = |step| {
            current
                .iter()
                .filter(move |it| it.step == step)
                .filter_map(|it| Some((it.account_id?, it.version)))
        };
        let recused: HashSet<_> = of(ReviewStep::Recused)
            .map(|(account, _)| account)
            .collect();
        let approved: HashSet<_> = of(ReviewStep::Approved)
            .filter(|(_, version)| *version == self.version())
            .map(|(account, _)| account)
            .filter(|account| !recused.contains(account) && !self.is_member(*account))
            .collect();
        approved.len()
    }

    /// Whether somebody approved the words that wait, since these were last sent or refused.
    pub fn is_approved_by(&self, account: AccountId) -> bool {
        let steps = self.steps.iter().rev();
        steps
            .take_while(|it| !matches!(it.step, ReviewStep::Submitted | ReviewStep::Refused))
            .any(|it| {
                it.step == ReviewStep::Approved
                    && it.account_id == Some(account)
                    && it.version == self.version()
            })
    }

    /// Whether somebody acts for one of the sides.
    pub fn is_member(&self, account: AccountId) -> bool {
        self.members.contains(&account)
    }

    /// Links that nobody set aside.
    pub fn standing_links(&self) -> impl Iterator<Item = &FoundLink> {
        self.links.iter().filter(|link| link.set_aside.is_none())
    }

    /// What the author declares today.
    pub fn interest(&self) -> &str {
        let amendment = self.amendment.as_ref();
        amendment.map_or(self.recommendation.interest.as_str(), |amendment| {
            amendment.content.interest.as_str()
        })
    }
}

/// Gathers the facts about a recommendation that the caller has read, locked if it is to decide.
pub(super) async fn gather(
    tx: &mut Read,
    recommendation: Recommendation,
) -> Result<Facts, AppError> {
    let accompaniment = accompaniments::find(tx, recommendation.accompaniment_id)
        .await?
        .ok_or(AppError::NotFound(Missing::Accompaniment))?;
    let host = hosts::find(tx, recommendation.host_id)
        .await?
        .ok_or(AppError::NotFound(Missing::Host))?;
    let structure = find_organisation(tx, host.organisation_id).await?;
    let association = find_organisation(tx, recommendation.organisation_id).await?;
    let ours = memberships::list_accounts(tx, structure.id, PEOPLE).await?;
    let theirs = memberships::list_accounts(tx, association.id, PEOPLE).await?;
    let steps =
        recommendation_reviews::list_by_recommendation(tx, recommendation.id, STEPS).await?;
    let amendment = recommendations::find_amendment(tx, recommendation.id).await?;
    let mut facts = Facts {
        links: Vec::new(),
        earlier: recommendation_reviews::list_of_pair(
            tx,
            (host.id, association.id),
            recommendation.id,
            SHOWN,
        )
        .await?,
        members: ours.iter().chain(&theirs).map(|it| it.id).collect(),
        structure: party(tx, structure, ours.len()).await?,
        association: party(tx, association, theirs.len()).await?,
        recommendation,
        amendment,
        accompaniment,
        host,
        steps,
    };
    facts.links = find_links(&facts, &ours, &theirs);
    Ok(facts)
}

/// What somebody is on each side of a recommendation.
pub(super) async fn find_sides(
    tx: &mut Read,
    who: &Who,
    recommendation: &Recommendation,
) -> Result<Sides, AppError> {
    let Some(account) = who.account_id() else {
        return Ok(Sides::default());
    };
    let host = hosts::find(tx, recommendation.host_id)
        .await?
        .ok_or(AppError::NotFound(Missing::Host))?;
    Ok(Sides {
        host: memberships::find_role(tx, host.organisation_id, account).await?,
        association: memberships::find_role(tx, recommendation.organisation_id, account).await?,
    })
}

async fn find_organisation(tx: &mut Read, id: OrganisationId) -> Result<Organisation, AppError> {
    organisations::find(tx, id)
        .await?
        .ok_or(AppError::NotFound(Missing::Organisation))
}

async fn party(
    tx: &mut Read,
    organisation: Organisation,
    people: usize,
) -> Result<Party, AppError> {
    let (rna, siren) = (organisation.rna.as_deref(), organisation.siren.as_deref());
    let same = organisations::list_by_identifiers(tx, rna, siren, SHOWN).await?;
    Ok(Party {
        people,
        namesakes: same
            .into_iter()
            .filter(|other| other.id != organisation.id)
            .map(|other| (other.slug, other.name))
            .collect(),
        organisation,
    })
}

fn find_links(facts: &Facts, ours: &[Account], theirs: &[Account]) -> Vec<FoundLink> {
    let accompaniment = &facts.accompaniment;
    let host = side(
        &facts.structure.organisation,
        ours,
        accompaniment.host_email.as_deref(),
    );
    let association = side(
        &facts.association.organisation,
        theirs,
        accompaniment.association_email.as_deref(),
    );
    detect(&host, &association, facts.interest())
        .into_iter()
        .map(|link| FoundLink {
            person: (link.kind == LinkKind::SamePerson)
                .then(|| ours.iter().find(|it| it.id.to_string() == link.detail))
                .flatten()
                .map(|account| account.name.clone()),
            set_aside: find_set_aside(facts, &link).cloned(),
            link,
        })
        .collect()
}

/// What the author declares may change with the words: it is looked at anew in each version.
fn find_set_aside<'a>(facts: &'a Facts, link: &Link) -> Option<&'a ReviewEntry> {
    let key = link.key();
    facts.steps.iter().rev().find(|entry| {
        entry.step == ReviewStep::LinkSetAside
            && entry.link == key
            && (link.kind != LinkKind::Declared || entry.version == facts.version())
    })
}

fn side(organisation: &Organisation, people: &[Account], email: Option<&str>) -> Side {
    let addresses = people.iter().map(|account| account.email.as_str());
    Side {
        people: people.iter().map(|account| account.id).collect(),
        addresses: addresses
            .chain(email)
            .map(str::to_ascii_lowercase)
            .collect(),
        rna: organisation.rna.clone(),
        siren: organisation.siren.clone(),
        website: organisation.website.clone(),
    }
}
