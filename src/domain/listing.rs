//! The listing rule: which structures are in the directory, and why (product, invariants 1 and 2).
//!
//! Pages, map, API, feeds, search, federation and exports ask nothing else. The rule looks at facts
//! and at the time; the order in which they came about does not matter.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::ids::OrganisationId;

words! {
    /// What the rule answers.
    pub enum Standing {
        Unlisted => "unlisted",
        Listed => "listed",
        /// Nothing counts any more: still in the directory, for a notice of [`NOTICE_DAYS`].
        Notice => "notice",
    }
}

impl Standing {
    /// Whether the structure is in the directory.
    pub const fn is_in_directory(self) -> bool {
        matches!(self, Self::Listed | Self::Notice)
    }
}

/// Days between the end of the last recommendation that counted and the end of the listing.
pub const NOTICE_DAYS: i64 = 60;

/// What the rule needs to know of a structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Moderators accepted its profile, and neither suspended nor archived it since.
    pub is_accepted: bool,
    /// One of its offers includes accompaniment.
    pub accompanies: bool,
    /// The organisation behind it.
    pub organisation: OrganisationId,
}

/// What the rule needs to know of one recommendation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The association that recommends, after mergers.
    pub author: OrganisationId,
    /// A moderator verified who it is; since when it is no more the case is an end below.
    pub is_author_verified: bool,
    /// A link between both, declared or detected, that moderators did not set aside.
    pub has_link: bool,
    /// Both sides confirmed the end of the accompaniment.
    pub is_finished: bool,
    /// Different moderators, none of them of either side, who approved what it says now.
    pub approvals: usize,
    pub published_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// When the author lost its mark.
    pub verification_lost_at: Option<DateTime<Utc>>,
    /// Moderators found that it should never have counted.
    pub is_annulled: bool,
}

impl Statement {
    /// Between which instants it counts for this structure, if it ever does.
    fn counts_between(
        &self,
        candidate: &Candidate,
    ) -> Option<(DateTime<Utc>, Option<DateTime<Utc>>)> {
        let is_sound = !self.is_annulled
            && !self.has_link
            && self.is_finished
            && self.author != candidate.organisation
            && self.approvals >= super::recommendation::APPROVALS
            && (self.is_author_verified || self.verification_lost_at.is_some());
        let from = self.published_at.filter(|_| is_sound)?;
        let lost = self
            .verification_lost_at
            .filter(|_| !self.is_author_verified);
        let ends = [self.expires_at, self.withdrawn_at, lost];
        let until = ends.into_iter().flatten().min();
        (until.is_none_or(|until| from < until)).then_some((from, until))
    }
}

/// What the rule answers, and when to ask it again though nothing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    pub standing: Standing,
    /// Associations whose recommendation counts: one each.
    pub counted: usize,
    /// When the notice ends.
    pub notice_until: Option<DateTime<Utc>>,
    /// The next instant at which time alone changes the answer.
    pub settle_at: Option<DateTime<Utc>>,
}

/// Applies the rule.
pub fn decide(candidate: &Candidate, statements: &[Statement], now: DateTime<Utc>) -> Decision {
    let spans: Vec<_> = statements
        .iter()
        .filter_map(|statement| {
            let (from, until) = statement.counts_between(candidate)?;
            (from <= now).then_some((statement.author, until))
        })
        .collect();
    let counting = spans
        .iter()
        .filter(|(_, until)| until.is_none_or(|until| now < until));
    let counted = counting
        .clone()
        .map(|(author, _)| *author)
        .collect::<BTreeSet<_>>()
        .len();
    let next_end = counting.filter_map(|(_, until)| *until).min();
    let may_be_listed = candidate.is_accepted && candidate.accompanies;
    let notice_until = spans
        .iter()
        .filter_map(|(_, until)| *until)
        .max()
        .map(|end| end + TimeDelta::days(NOTICE_DAYS))
        .filter(|until| counted == 0 && now < *until);

    let standing = match (may_be_listed, counted, notice_until) {
        (false, ..) | (true, 0, None) => Standing::Unlisted,
        (true, 0, Some(_)) => Standing::Notice,
        (true, ..) => Standing::Listed,
    };
    Decision {
        standing,
        counted,
        notice_until: notice_until.filter(|_| standing == Standing::Notice),
        settle_at: next_end.or(notice_until).filter(|_| may_be_listed),
    }
}

#[cfg(test)]
mod tests;
