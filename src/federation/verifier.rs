//! Gathering what sites say of a recommendation: each thing from the one who may say it.

use async_trait::async_trait;
use serde_json::Value;
use url::Url;

use super::{
    context::{Federation, ReadError},
    fetch::FetchError,
    json,
    proofs::{
        ProofError,
        keys::{self, NotStated},
    },
    reading::web_address,
};
use crate::{
    app::verification::{Evidence, Party, Voucher, Witness},
    domain::recommendation_policy::{Accompaniment, Authentication, NoEvidence, Origin, ProofFlaw},
};

/// Most pages of one collection read: a thousand entries of ours.
const MOST_PAGES: usize = 10;
/// Most sites asked whether they vouch.
const MOST_SITES: usize = 10;

#[async_trait]
impl Witness for Federation {
    async fn testify(&self, address: &str, trusted: &[String]) -> Result<Evidence, NoEvidence> {
        let address = web_address(address).ok_or(NoEvidence::NotAnAddress)?;
        let document = match self.read(&address).await {
            Ok(document) => document.value,
            Err(error) if error.is_gone() => return Ok(Evidence::gone(address)),
            Err(error) => return Err(explain(&error)),
        };
        if json::has_type(&document, "Tombstone") {
            return Ok(Evidence::gone(address));
        }
        if !json::has_type(&document, "Recommendation") {
            return Err(NoEvidence::NotARecommendation);
        }
        Ok(self.gather(&document, trusted).await)
    }
}

fn explain(error: &ReadError) -> NoEvidence {
    match error {
        ReadError::Key(_) => NoEvidence::NotReady,
        ReadError::Fetch(FetchError::Refused(_)) => NoEvidence::NotAnAddress,
        ReadError::Fetch(FetchError::WrongOrigin) => NoEvidence::ForeignOrigin,
        ReadError::Fetch(
            FetchError::WrongType | FetchError::NotJson | FetchError::NotActivityPub(_),
        ) => NoEvidence::NotARecommendation,
        ReadError::Fetch(_) => NoEvidence::NoAnswer,
    }
}

/// The two parties of a recommendation, as their own sites describe them.
struct Parties {
    author: Option<Value>,
    structure: Option<Value>,
}

impl Federation {
    /// Everything about a recommendation that its origin served.
    async fn gather(&self, document: &Value, trusted: &[String]) -> Evidence {
        let id = json::id_of(document).unwrap_or_default();
        let author = member(document, "attributedTo").unwrap_or_default();
        let structure = member(document, "itemReviewed").unwrap_or_default();
        let parties = Parties {
            author: self.read_known(author).await,
            structure: self.read_known(structure).await,
        };
        let (authentication, flaw) = self.check_proof(document, parties.author.as_ref());
        let is_acknowledged = match &parties.structure {
            Some(structure) => self.lists(structure, id).await,
            None => false,
        };
        Evidence {
            uri: id.to_owned(),
            title: json::text(document, "name").unwrap_or_default().to_owned(),
            authentication,
            flaw,
            has_same_origin: json::have_same_origin(id, author),
            is_by_organisation: parties
                .author
                .as_ref()
                .is_some_and(|author| json::has_type(author, "Organization")),
            is_about_itself: author == structure,
            origin: Origin::Serves,
            is_acknowledged,
            accompaniment: self.check_accompaniment(document, author, structure).await,
            vouchers: self
                .list_vouchers(id, parties.author.as_ref(), trusted)
                .await,
            author: party(author, parties.author.as_ref()),
            structure: party(structure, parties.structure.as_ref()),
        }
    }

    /// A document under its own id; `None` when it cannot be read.
    async fn read_known(&self, id: &str) -> Option<Value> {
        let address = web_address(id)?;
        let document = self.read(&address).await.ok()?;
        (document.id == address).then_some(document.value)
    }

    /// Whether the author signed it. A proof that does not hold is worse than none.
    fn check_proof(
        &self,
        document: &Value,
        author: Option<&Value>,
    ) -> (Authentication, Option<ProofFlaw>) {
        let nobody = Value::Null;
        let author = author.unwrap_or(&nobody);
        let flaw = match keys::check(document, author, self.app.now()) {
            Ok(_) => return (Authentication::FetchedWithProof, None),
            Err(NotStated::Proof(ProofError::NoProof)) => return (Authentication::Fetched, None),
            Err(NotStated::Proof(ProofError::WrongSignature | ProofError::OtherContext)) => {
                return (Authentication::None, Some(ProofFlaw::DoesNotMatch));
            }
            Err(NotStated::Proof(_)) => {
                return (Authentication::None, Some(ProofFlaw::Unreadable));
            }
            Err(NotStated::ForeignKey) => ProofFlaw::ForeignKey,
            Err(NotStated::KeyExpired) => ProofFlaw::KeyExpired,
            Err(NotStated::ProofExpired) => ProofFlaw::ProofExpired,
        };
        (Authentication::FetchedWithProof, Some(flaw))
    }

    /// What the structure says that both confirmed.
    async fn check_accompaniment(
        &self,
        document: &Value,
        author: &str,
        structure: &str,
    ) -> Accompaniment {
        let Some(id) = member(document, "context") else {
            return Accompaniment::Missing;
        };
        let Some(agreement) = self.read_known(id).await else {
            return Accompaniment::Missing;
        };
        if !json::has_type(&agreement, "Agreement") {
            return Accompaniment::Missing;
        }
        let owner = member(&agreement, "attributedTo");
        let is_its_own = owner == Some(structure) && json::have_same_origin(id, structure);
        let commitment = json::values_of(&agreement, "stipulates").first();
        let Some(commitment) = commitment.filter(|_| is_its_own) else {
            return Accompaniment::OtherParties;
        };
        let is_between = member(commitment, "provider") == Some(structure)
            && member(commitment, "receiver") == Some(author);
        let is_finished = commitment.get("finished").and_then(Value::as_bool) == Some(true);
        match (is_between, is_finished) {
            (false, _) => Accompaniment::OtherParties,
            (true, false) => Accompaniment::Ongoing,
            (true, true) => Accompaniment::Finished,
        }
    }

    /// The sites that vouch for a recommendation: those trusted here, and the one of its author.
    async fn list_vouchers(
        &self,
        id: &str,
        author: Option<&Value>,
        trusted: &[String],
    ) -> Vec<Voucher> {
        let own = author
            .and_then(|author| member(author, "generator"))
            .filter(|site| json::have_same_origin(site, id));
        let mut asked: Vec<&str> = trusted.iter().map(String::as_str).collect();
        asked.extend(own.filter(|site| !trusted.iter().any(|known| known == site)));
        let mut vouchers = Vec::new();
        for site in asked.into_iter().take(MOST_SITES) {
            let Some(actor) = self.read_known(site).await else {
                continue;
            };
            if json::has_type(&actor, "Application") && self.lists(&actor, id).await {
                vouchers.extend(party(site, Some(&actor)).map(|site| Voucher {
                    site,
                    operator: member(&actor, "provider").map(str::to_owned),
                }));
            }
        }
        vouchers
    }

    /// Whether an actor, read from its origin, has this id in its own `recommendations`.
    async fn lists(&self, owner: &Value, id: &str) -> bool {
        let (Some(owner_id), Some(collection)) =
            (json::id_of(owner), member(owner, "recommendations"))
        else {
            return false;
        };
        if !json::have_same_origin(owner_id, collection) {
            return false;
        }
        let Some(root) = self.read_known(collection).await else {
            return false;
        };
        if member(&root, "attributedTo") != Some(owner_id) {
            return false;
        }
        if holds(&root, id) {
            return true;
        }
        let mut next = member(&root, "first").and_then(web_address);
        for _ in 0..MOST_PAGES {
            let Some(page) = next.filter(|page| is_page_of(page, collection)) else {
                return false;
            };
            let Ok(page) = self.read(&page).await else {
                return false;
            };
            if holds(&page.value, id) {
                return true;
            }
            next = member(&page.value, "next").and_then(web_address);
        }
        false
    }
}

/// Whether a collection, or a page of one, names something.
fn holds(collection: &Value, id: &str) -> bool {
    ["orderedItems", "items"]
        .into_iter()
        .flat_map(|name| json::values_of(collection, name))
        .filter_map(json::id_of)
        .any(|item| item == id)
}

fn is_page_of(page: &Url, collection: &str) -> bool {
    json::have_same_origin(page.as_str(), collection)
}

/// The only id that a property holds.
fn member<'a>(object: &'a Value, property: &str) -> Option<&'a str> {
    object.get(property).and_then(json::id_of)
}

fn party(id: &str, document: Option<&Value>) -> Option<Party> {
    let name = document.and_then(|document| json::text(document, "name"));
    let name = name.filter(|name| !name.is_empty()).unwrap_or(id);
    (!id.is_empty()).then(|| Party {
        uri: id.to_owned(),
        name: name.to_owned(),
    })
}
