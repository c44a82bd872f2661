//! Whether a recommendation of any site would count here, and why: the same rule for a reader, for
//! the command line, and for what other sites send.

use async_trait::async_trait;

use crate::{
    app::{App, AppError, actors, domain_policies},
    domain::{
        federation::PolicyLevel,
        recommendation_policy::{
            Accompaniment, Authentication, Facts, Judgement, NoEvidence, Origin, ProofFlaw,
            Vouching, judge,
        },
    },
};

/// Reads what sites serve about a recommendation. Believes nothing but origins and proofs.
#[async_trait]
pub trait Witness: Send + Sync {
    /// What its origin, its author, its structure and the sites that may vouch for it say of the
    /// recommendation at this address. `trusted` are ids of sites to ask in any case.
    async fn testify(&self, address: &str, trusted: &[String]) -> Result<Evidence, NoEvidence>;
}

/// Somebody, as their own site names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// Id.
    pub uri: String,
    pub name: String,
}

/// A site that vouches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voucher {
    pub site: Party,
    /// Who runs it, when it says so.
    pub operator: Option<String>,
}

/// What was found about a recommendation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Its id.
    pub uri: String,
    pub title: String,
    pub author: Option<Party>,
    pub structure: Option<Party>,
    pub authentication: Authentication,
    pub flaw: Option<ProofFlaw>,
    pub has_same_origin: bool,
    pub is_by_organisation: bool,
    pub is_about_itself: bool,
    pub origin: Origin,
    pub is_acknowledged: bool,
    pub accompaniment: Accompaniment,
    /// Every site that was asked and vouches for it.
    pub vouchers: Vec<Voucher>,
}

impl Evidence {
    /// Of something that its origin says is no more.
    pub fn gone(uri: impl Into<String>) -> Self {
        Self {
            uri: uri.into(),
            title: String::new(),
            author: None,
            structure: None,
            authentication: Authentication::Fetched,
            flaw: None,
            has_same_origin: true,
            is_by_organisation: true,
            is_about_itself: false,
            origin: Origin::Gone,
            is_acknowledged: false,
            accompaniment: Accompaniment::Missing,
            vouchers: Vec::new(),
        }
    }
}

/// What was found, and what follows from it here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub evidence: Evidence,
    pub judgement: Judgement,
}

/// Looks at the recommendation at an address, and judges it as this instance would.
pub async fn examine(
    app: &App,
    witness: &dyn Witness,
    address: &str,
) -> Result<Result<Verdict, NoEvidence>, AppError> {
    let trusted = list_trusted(app).await?;
    let evidence = match witness.testify(address.trim(), &trusted).await {
        Ok(evidence) => evidence,
        Err(reason) => return Ok(Err(reason)),
    };
    let facts = Facts {
        authentication: evidence.authentication,
        has_same_origin: evidence.has_same_origin,
        is_key_of_author: evidence.flaw != Some(ProofFlaw::ForeignKey),
        has_proof_expired: matches!(
            evidence.flaw,
            Some(ProofFlaw::KeyExpired | ProofFlaw::ProofExpired)
        ),
        is_by_organisation: evidence.is_by_organisation,
        is_about_itself: evidence.is_about_itself,
        origin: evidence.origin,
        is_acknowledged: evidence.is_acknowledged,
        vouching: vouching(&evidence, &trusted),
        // what counts already is known once sites exchange what they hold
        is_repeated: false,
        accompaniment: evidence.accompaniment,
        is_host_blocked: is_blocked(app, &evidence).await?,
    };
    Ok(Ok(Verdict {
        judgement: judge(&facts),
        evidence,
    }))
}

/// Ids of the sites whose word counts here: this one.
async fn list_trusted(app: &App) -> Result<Vec<String>, AppError> {
    let instance = actors::find_instance(app).await?;
    Ok(instance.into_iter().map(|instance| instance.uri).collect())
}

fn vouching(evidence: &Evidence, trusted: &[String]) -> Vouching {
    let mut among_trusted = evidence
        .vouchers
        .iter()
        .filter(|voucher| trusted.contains(&voucher.site.uri))
        .peekable();
    if evidence.vouchers.is_empty() {
        return Vouching::Nobody;
    }
    if among_trusted.peek().is_none() {
        return Vouching::Untrusted;
    }
    let structure = evidence.structure.as_ref().map(|party| &party.uri);
    let is_independent =
        |voucher: &Voucher| voucher.operator.is_none() || voucher.operator.as_ref() != structure;
    if among_trusted.any(is_independent) {
        Vouching::Independent
    } else {
        Vouching::OnlyByItsOwnSite
    }
}

/// Whether nothing of the site of the structure, or of the author, is wanted here.
async fn is_blocked(app: &App, evidence: &Evidence) -> Result<bool, AppError> {
    let parties = [&evidence.structure, &evidence.author];
    for party in parties.into_iter().flatten() {
        let host = url::Url::parse(&party.uri).ok();
        let host = host.and_then(|url| crate::domain::authority::authority_of(&url));
        let Some(host) = host else { continue };
        if domain_policies::find_level(app, &host).await? == Some(PolicyLevel::Suspend) {
            return Ok(true);
        }
    }
    Ok(false)
}
