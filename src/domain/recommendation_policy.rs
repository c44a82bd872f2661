//! Whether a recommendation of any site counts here: what is looked at, in which order, and what
//! follows. A pure function of facts that were gathered elsewhere.

use chrono::TimeDelta;

/// How long a recommendation whose origin does not answer still counts.
pub const UNREACHABLE_DAYS: i64 = 180;

words! {
    /// What becomes of a recommendation.
    pub enum Outcome {
        /// Shown, and counted.
        Count => "count",
        /// Shown, not counted.
        Display => "display",
        /// Kept, not shown, looked at again later.
        Hold => "hold",
        /// Taken back: nothing is shown.
        Withdrawn => "withdrawn",
        /// Dropped.
        Refuse => "refuse",
    }
}

words! {
    /// What is looked at, in this order. The first that fails decides.
    pub enum Check {
        /// The structure is not blocked here.
        NotBlocked => "not-blocked",
        /// It comes from its own origin, or carries a proof.
        Authentic => "authentic",
        /// Its address is of the same origin as its author.
        SameOrigin => "same-origin",
        /// The key of the proof is one of its author.
        KeyOfAuthor => "key-of-author",
        ProofCurrent => "proof-current",
        /// Nobody recommends themselves.
        NotSelf => "not-self",
        /// What it rests upon is about these two parties.
        SameParties => "same-parties",
        /// Its origin still serves it.
        NotWithdrawn => "not-withdrawn",
        /// It was read from its origin at least once.
        SeenAtOrigin => "seen-at-origin",
        /// Its author is an organisation.
        ByOrganisation => "by-organisation",
        /// It carries a proof, so that it can travel.
        Portable => "portable",
        /// The structure put it in its own collection.
        Acknowledged => "acknowledged",
        /// A site that is trusted here vouches for it.
        VouchedFor => "vouched-for",
        /// One that the structure does not run itself.
        IndependentVoucher => "independent-voucher",
        /// Both parties confirmed an accompaniment, and it is finished.
        Finished => "finished",
        /// The first of this association for this structure.
        First => "first",
        /// Its origin answered lately.
        OriginReachable => "origin-reachable",
    }
}

/// How a recommendation is known to be what its author said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// Neither read from its origin nor with a proof that holds.
    None,
    /// It carries a proof that holds; never read from its origin.
    Proof,
    /// Read from its origin, without proof.
    Fetched,
    FetchedWithProof,
}

/// Why nothing can be said of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoEvidence {
    #[error("not a web address that may be called")]
    NotAnAddress,
    #[error("its site does not answer")]
    NoAnswer,
    #[error("not a recommendation")]
    NotARecommendation,
    #[error("served by another site than its own")]
    ForeignOrigin,
    #[error("this instance cannot ask yet")]
    NotReady,
}

/// What is wrong with a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofFlaw {
    /// It is malformed, or of a kind that is not known.
    Unreadable,
    /// What is said was changed since, or another key signed it.
    DoesNotMatch,
    /// Its author does not know the key.
    ForeignKey,
    /// The author no longer answers for this key.
    KeyExpired,
    ProofExpired,
}

/// What its origin says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Never asked.
    Unknown,
    /// It serves it.
    Serves,
    /// 410, 404 or a tombstone.
    Gone,
    /// It has not answered for so long.
    Unreachable(TimeDelta),
}

/// What the structure and the association confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accompaniment {
    /// Of these two, and finished.
    Finished,
    /// Of these two, and not finished.
    Ongoing,
    /// Of others.
    OtherParties,
    /// Nothing that can be read.
    Missing,
}

/// Who vouches for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vouching {
    Nobody,
    /// Only sites that nobody trusts here.
    Untrusted,
    /// Among those that are trusted here, only sites that the structure runs.
    OnlyByItsOwnSite,
    Independent,
}

/// What is known of a recommendation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    pub authentication: Authentication,
    pub has_same_origin: bool,
    pub is_key_of_author: bool,
    pub has_proof_expired: bool,
    pub is_by_organisation: bool,
    pub is_about_itself: bool,
    pub origin: Origin,
    pub is_acknowledged: bool,
    pub vouching: Vouching,
    /// Another one of the same legal person for the same structure counts already.
    pub is_repeated: bool,
    pub accompaniment: Accompaniment,
    pub is_host_blocked: bool,
}

/// What follows from the facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    pub outcome: Outcome,
    /// What decided; `None` when nothing failed.
    pub reason: Option<Check>,
    /// Every check, in order, with its result; all of them, also behind the one that decided.
    pub checks: Vec<(Check, bool)>,
}

impl Facts {
    fn passes(&self, check: Check) -> bool {
        let has_proof = matches!(
            self.authentication,
            Authentication::Proof | Authentication::FetchedWithProof
        );
        match check {
            Check::NotBlocked => !self.is_host_blocked,
            Check::Authentic => self.authentication != Authentication::None,
            Check::SameOrigin => self.has_same_origin,
            // without a proof there is no key
            Check::KeyOfAuthor => !has_proof || self.is_key_of_author,
            Check::ProofCurrent => !has_proof || !self.has_proof_expired,
            Check::NotSelf => !self.is_about_itself,
            Check::SameParties => self.accompaniment != Accompaniment::OtherParties,
            Check::NotWithdrawn => self.origin != Origin::Gone,
            Check::SeenAtOrigin => self.origin != Origin::Unknown,
            Check::ByOrganisation => self.is_by_organisation,
            Check::Portable => has_proof,
            Check::Acknowledged => self.is_acknowledged,
            Check::VouchedFor => !matches!(self.vouching, Vouching::Nobody | Vouching::Untrusted),
            Check::IndependentVoucher => self.vouching != Vouching::OnlyByItsOwnSite,
            Check::Finished => self.accompaniment == Accompaniment::Finished,
            Check::First => !self.is_repeated,
            Check::OriginReachable => match self.origin {
                Origin::Unreachable(since) => since < TimeDelta::days(UNREACHABLE_DAYS),
                Origin::Unknown | Origin::Serves | Origin::Gone => true,
            },
        }
    }
}

impl Check {
    /// What becomes of a recommendation when this is the first check that fails.
    const fn consequence(self) -> Outcome {
        match self {
            Self::NotBlocked
            | Self::Authentic
            | Self::SameOrigin
            | Self::KeyOfAuthor
            | Self::ProofCurrent
            | Self::NotSelf
            | Self::SameParties => Outcome::Refuse,
            Self::NotWithdrawn => Outcome::Withdrawn,
            Self::SeenAtOrigin | Self::Acknowledged | Self::VouchedFor | Self::Finished => {
                Outcome::Hold
            }
            Self::ByOrganisation
            | Self::Portable
            | Self::IndependentVoucher
            | Self::First
            | Self::OriginReachable => Outcome::Display,
        }
    }
}

/// Judges a recommendation.
pub fn judge(facts: &Facts) -> Judgement {
    let checks: Vec<(Check, bool)> = Check::ALL
        .iter()
        .map(|check| (*check, facts.passes(*check)))
        .collect();
    let reason = checks.iter().find(|(_, passed)| !passed);
    let reason = reason.map(|(check, _)| *check);
    Judgement {
        outcome: reason.map_or(Outcome::Count, Check::consequence),
        reason,
        checks,
    }
}

#[cfg(test)]
mod tests;
