//! Who asks, and what they may do: one function per action, deny by default.
//!
//! Each use case calls exactly one of these before it writes. What somebody may do for an
//! organisation depends on their [`MembershipRole`] there, which the use case has read.

use crate::{
    app::AppError,
    domain::{
        accompaniment::{Accompaniment, Party},
        account::{Account, Role, Scope},
        ids::{AccountId, ActorId, CallRequestId, RecommendationId},
        organisation::MembershipRole,
        purpose_link::{LinkPurpose, PurposeLink},
    },
    locales::mark,
};

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// A reader who is not signed in.
    Anonymous,
    /// Somebody signed in with a browser.
    Person(Box<Account>),
    /// A program that holds a key of the API: never more than its account, never beyond its scopes.
    Program {
        account: Box<Account>,
        scopes: Vec<Scope>,
    },
    /// Whoever holds a signed single-purpose link that can be used: people without account.
    Holder(PurposeLink),
    /// An actor of another server, whose signature was checked.
    Remote(ActorId),
    /// The instance itself: the command line, timers.
    System,
}

impl Who {
    /// The account behind, if there is one.
    pub fn account(&self) -> Option<&Account> {
        match self {
            Self::Person(account) | Self::Program { account, .. } => Some(account),
            Self::Anonymous | Self::Holder(_) | Self::Remote(_) | Self::System => None,
        }
    }

    /// Its id, for the audit log.
    pub fn account_id(&self) -> Option<AccountId> {
        self.account().map(|account| account.id)
    }

    /// The account behind, or a refusal.
    pub fn signed_in(&self) -> Result<&Account, AppError> {
        match self.account() {
            Some(account) if account.suspended_at.is_none() => Ok(account),
            Some(_) => Err(AppError::forbidden("Ce compte est suspendu.")),
            None => Err(AppError::Unauthenticated),
        }
    }

    fn has_scope(&self, scope: Scope) -> bool {
        match self {
            Self::Program { scopes, .. } => scopes.iter().any(|held| held.covers(scope)),
            Self::Person(_) => true,
            Self::Anonymous | Self::Holder(_) | Self::Remote(_) | Self::System => false,
        }
    }

    fn role(&self) -> Option<Role> {
        self.account()
            .filter(|account| account.suspended_at.is_none())
            .map(|account| account.role)
    }
}

const NOT_A_MEMBER: &str = mark("Cette action est réservée aux membres de l’organisation.");
const NOT_AN_ADMINISTRATOR: &str =
    mark("Cette action est réservée aux administrateur·ices de l’organisation.");
const NOT_A_MODERATOR: &str = mark("Cette action est réservée à la modération.");
const NOT_A_PARTY: &str =
    mark("Cette action est réservée à la structure et à l’association concernées.");
const ON_BOTH_SIDES: &str = mark(
    "Vous êtes membre des deux organisations : une autre personne, qui n’est que d’un côté, doit agir.",
);
const SCOPE_MISSING: &str = mark("Cette clé d’accès ne permet pas cette action.");

fn with_scope(who: &Who, scope: Scope) -> Result<(), AppError> {
    who.signed_in()?;
    if who.has_scope(scope) {
        Ok(())
    } else {
        Err(AppError::forbidden(SCOPE_MISSING))
    }
}

/// To create an organisation: anybody signed in.
pub fn create_organisation(who: &Who) -> Result<(), AppError> {
    with_scope(who, Scope::OrganisationsWrite)
}

/// To see the private side of an organisation: its members, and moderators.
pub fn see_organisation(who: &Who, membership: Option<MembershipRole>) -> Result<(), AppError> {
    with_scope(who, Scope::OrganisationsRead)?;
    match membership {
        Some(_) => Ok(()),
        None => moderate(who).map_err(|_| AppError::forbidden(NOT_A_MEMBER)),
    }
}

/// To change an organisation, invite or remove members: its administrators.
pub fn manage_organisation(who: &Who, membership: Option<MembershipRole>) -> Result<(), AppError> {
    with_scope(who, Scope::OrganisationsWrite)?;
    match membership {
        Some(MembershipRole::Administrator) => Ok(()),
        _ => Err(AppError::forbidden(NOT_AN_ADMINISTRATOR)),
    }
}

/// To leave an organisation: any member.
pub fn leave_organisation(who: &Who, membership: Option<MembershipRole>) -> Result<(), AppError> {
    with_scope(who, Scope::OrganisationsWrite)?;
    match membership {
        Some(MembershipRole::Administrator | MembershipRole::Editor) => Ok(()),
        None => Err(AppError::forbidden(NOT_A_MEMBER)),
    }
}

/// To list the organisations that one acts for: anybody signed in.
pub fn list_own_organisations(who: &Who) -> Result<(), AppError> {
    with_scope(who, Scope::OrganisationsRead)
}

/// To accept an invitation: anybody signed in with a browser.
pub fn accept_invitation(who: &Who) -> Result<&Account, AppError> {
    manage_own_account(who)
}

/// To verify one organisation, or to take its mark back: a moderator who does not belong to it
/// (invariant 3).
pub fn judge_organisation(who: &Who, membership: Option<MembershipRole>) -> Result<(), AppError> {
    review_ad(who, membership)
}

/// To see the organisations that wait to be verified: a moderator.
pub fn verify_organisation(who: &Who) -> Result<(), AppError> {
    moderate(who)
}

/// To see an ad that is not public: the members of its organisation, and moderators.
pub fn see_unpublished_ad(who: &Who, membership: Option<MembershipRole>) -> Result<(), AppError> {
    with_scope(who, Scope::AdsRead)?;
    match membership {
        Some(_) => Ok(()),
        None => moderate(who).map_err(|_| AppError::forbidden(NOT_A_MEMBER)),
    }
}

/// To write, publish, tell a milestone, close, renew or withdraw an ad: members of its organisation.
pub fn write_ad(who: &Who, membership: Option<MembershipRole>) -> Result<(), AppError> {
    with_scope(who, Scope::AdsWrite)?;
    match membership {
        Some(MembershipRole::Administrator | MembershipRole::Editor) => Ok(()),
        None => Err(AppError::forbidden(NOT_A_MEMBER)),
    }
}

/// To decide on an ad in review: a moderator who does not belong to its organisation (invariant 3).
pub fn review_ad(who: &Who, membership: Option<MembershipRole>) -> Result<(), AppError> {
    moderate(who)?;
    match membership {
        None => Ok(()),
        Some(_) => Err(AppError::forbidden(
            "Vous êtes membre de cette organisation : une autre personne doit décider.",
        )),
    }
}

/// What a moderator has to do with a recommendation, beyond deciding on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Involvement {
    /// Nothing.
    Free,
    /// They belong to the structure or to the association.
    Party,
    /// They chose to stay out of it.
    Recused,
    /// It is their own refusal that is contested.
    Contested,
}

/// To decide on a recommendation: a moderator who has nothing else to do with it (invariant 3).
pub fn review_recommendation(who: &Who, involvement: Involvement) -> Result<(), AppError> {
    moderate(who)?;
    match involvement {
        Involvement::Free => Ok(()),
        Involvement::Party => Err(AppError::forbidden(
            "Vous êtes membre de l’une des deux organisations : une autre personne doit décider.",
        )),
        Involvement::Recused => Err(AppError::forbidden(
            "Vous avez choisi de ne pas décider sur cette recommandation.",
        )),
        Involvement::Contested => Err(AppError::forbidden(
            "Vous avez pris la décision contestée : une autre personne doit la réexaminer.",
        )),
    }
}

/// To see the profile of a structure that is not public: the members of its organisation, and
/// moderators.
pub fn see_host(who: &Who, membership: Option<MembershipRole>) -> Result<(), AppError> {
    with_scope(who, Scope::HostsRead)?;
    match membership {
        Some(_) => Ok(()),
        None => moderator_role(who).map_err(|_| AppError::forbidden(NOT_A_MEMBER)),
    }
}

/// To write, submit and confirm the profile of a structure: members of its organisation.
pub fn write_host(who: &Who, membership: Option<MembershipRole>) -> Result<(), AppError> {
    with_scope(who, Scope::HostsWrite)?;
    match membership {
        Some(MembershipRole::Administrator | MembershipRole::Editor) => Ok(()),
        None => Err(AppError::forbidden(NOT_A_MEMBER)),
    }
}

/// To accept, refuse, suspend or restore a structure: a moderator who does not belong to it
/// (invariant 3).
pub fn judge_host(who: &Who, membership: Option<MembershipRole>) -> Result<(), AppError> {
    review_ad(who, membership)
}

/// To import profiles of structures that nobody took over yet: moderators, and the command line.
pub fn import_hosts(who: &Who) -> Result<(), AppError> {
    match who {
        Who::System => Ok(()),
        _ => moderate(who),
    }
}

/// To accept or refuse a reply: members of the ad's organisation, and moderators.
pub fn decide_comment(who: &Who, membership: Option<MembershipRole>) -> Result<(), AppError> {
    with_scope(who, Scope::CommentsWrite)?;
    match membership {
        Some(_) => Ok(()),
        None => moderator_role(who).map_err(|_| AppError::forbidden(NOT_A_MEMBER)),
    }
}

/// What somebody is in each of the two organisations of an accompaniment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sides {
    pub host: Option<MembershipRole>,
    pub association: Option<MembershipRole>,
}

/// To act on an accompaniment for one of its sides: members of that side, or whoever holds the link
/// sent to it. Somebody who belongs to both may act for neither (invariant 3).
pub fn act_as_party(
    who: &Who,
    accompaniment: &Accompaniment,
    sides: Sides,
) -> Result<Party, AppError> {
    if let Who::Holder(link) = who {
        let subject = accompaniment.id.get();
        return if link.is_for(LinkPurpose::HostAccompaniment, subject) {
            Ok(Party::Host)
        } else if link.is_for(LinkPurpose::AssociationAccompaniment, subject) {
            Ok(Party::Association)
        } else {
            Err(AppError::forbidden(NOT_A_PARTY))
        };
    }
    with_scope(who, Scope::AccompanimentsWrite)?;
    match (sides.host, sides.association) {
        (Some(_), None) => Ok(Party::Host),
        (None, Some(_)) => Ok(Party::Association),
        (Some(_), Some(_)) => Err(AppError::forbidden(ON_BOTH_SIDES)),
        (None, None) => Err(AppError::forbidden(NOT_A_PARTY)),
    }
}

/// To see an accompaniment that is not public: both sides, and moderators.
pub fn see_accompaniment(
    who: &Who,
    accompaniment: &Accompaniment,
    sides: Sides,
) -> Result<(), AppError> {
    if matches!(who, Who::Holder(_)) {
        return act_as_party(who, accompaniment, sides).map(|_| ());
    }
    with_scope(who, Scope::AccompanimentsRead)?;
    match (sides.host, sides.association) {
        (None, None) => moderator_role(who).map_err(|_| AppError::forbidden(NOT_A_PARTY)),
        _ => Ok(()),
    }
}

/// To declare an accompaniment for one of one's organisations: its members.
pub fn declare_accompaniment(
    who: &Who,
    membership: Option<MembershipRole>,
) -> Result<(), AppError> {
    with_scope(who, Scope::AccompanimentsWrite)?;
    match membership {
        Some(_) => Ok(()),
        None => Err(AppError::forbidden(NOT_A_MEMBER)),
    }
}

/// To list the accompaniments of one's organisations: anybody signed in.
pub fn list_own_accompaniments(who: &Who) -> Result<&Account, AppError> {
    with_scope(who, Scope::AccompanimentsRead)?;
    who.signed_in()
}

/// To write, amend, renew or withdraw a recommendation: members of the association that are not of
/// the structure, or whoever holds the link sent to it.
pub fn write_recommendation(
    who: &Who,
    recommendation: RecommendationId,
    sides: Sides,
) -> Result<(), AppError> {
    if let Who::Holder(link) = who {
        return if link.is_for(LinkPurpose::Recommendation, recommendation.get()) {
            Ok(())
        } else {
            Err(AppError::forbidden(NOT_A_PARTY))
        };
    }
    with_scope(who, Scope::AccompanimentsWrite)?;
    match (sides.host, sides.association) {
        (None, Some(_)) => Ok(()),
        (Some(_), Some(_)) => Err(AppError::forbidden(ON_BOTH_SIDES)),
        (_, None) => Err(AppError::forbidden(NOT_A_MEMBER)),
    }
}

/// To read a recommendation that is not public: its association, and moderators.
pub fn see_recommendation(
    who: &Who,
    recommendation: RecommendationId,
    sides: Sides,
) -> Result<(), AppError> {
    if matches!(who, Who::Holder(_)) {
        return write_recommendation(who, recommendation, sides);
    }
    with_scope(who, Scope::AccompanimentsRead)?;
    match sides.association {
        Some(_) => Ok(()),
        None => moderator_role(who).map_err(|_| AppError::forbidden(NOT_A_MEMBER)),
    }
}

/// To answer a recommendation in public (right of reply): members of the structure.
pub fn reply_to_recommendation(who: &Who, sides: Sides) -> Result<(), AppError> {
    with_scope(who, Scope::AccompanimentsWrite)?;
    match (sides.host, sides.association) {
        (Some(_), None) => Ok(()),
        (Some(_), Some(_)) => Err(AppError::forbidden(ON_BOTH_SIDES)),
        (None, _) => Err(AppError::forbidden(NOT_A_MEMBER)),
    }
}

/// To answer a request to talk: whoever holds the link sent with it.
pub fn answer_call(who: &Who, request: CallRequestId) -> Result<(), AppError> {
    match who {
        Who::Holder(link) if link.is_for(LinkPurpose::CallAnswer, request.get()) => Ok(()),
        _ => Err(AppError::forbidden(NOT_A_PARTY)),
    }
}

/// To see the queue of moderation and to decide there: moderators.
pub fn moderate(who: &Who) -> Result<(), AppError> {
    with_scope(who, Scope::ModerationWrite)?;
    moderator_role(who)
}

fn moderator_role(who: &Who) -> Result<(), AppError> {
    match who.role() {
        Some(Role::Moderator | Role::Administrator) => Ok(()),
        Some(Role::Member) | None => Err(AppError::forbidden(NOT_A_MODERATOR)),
    }
}

/// To change one's own account (name, password, sessions, keys): its owner, with a browser.
/// A key of the API cannot make another key.
pub fn manage_own_account(who: &Who) -> Result<&Account, AppError> {
    match who {
        Who::Person(_) => who.signed_in(),
        Who::Program { .. } => Err(AppError::forbidden(SCOPE_MISSING)),
        Who::Anonymous | Who::Holder(_) | Who::Remote(_) | Who::System => {
            Err(AppError::Unauthenticated)
        }
    }
}

/// To create accounts and keys for others, and to run timers: the instance itself.
pub fn act_as_system(who: &Who) -> Result<(), AppError> {
    match who {
        Who::System => Ok(()),
        _ => Err(AppError::forbidden(
            "Cette action se fait depuis la ligne de commande.",
        )),
    }
}

/// To act on what one owns here from another server: only a checked remote actor.
pub fn act_as_remote(who: &Who) -> Result<ActorId, AppError> {
    match who {
        Who::Remote(actor) => Ok(*actor),
        _ => Err(AppError::forbidden("Cette action vient d’un autre site.")),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn person(role: Role) -> Who {
        Who::Person(Box::new(Account {
            id: AccountId::from(1),
            email: "a@example.org".into(),
            name: "A".into(),
            role,
            locale: "fr".into(),
            has_password: false,
            created_at: DateTime::UNIX_EPOCH,
            suspended_at: None,
        }))
    }

    fn program(role: Role, scopes: &[Scope]) -> Who {
        match person(role) {
            Who::Person(account) => Who::Program {
                account,
                scopes: scopes.to_vec(),
            },
            other => other,
        }
    }

    #[test]
    fn nobody_may_do_anything_without_being_known() {
        for who in [Who::Anonymous, Who::System, Who::Remote(ActorId::from(1))] {
            assert!(create_organisation(&who).is_err());
            assert!(manage_organisation(&who, None).is_err());
            assert!(write_ad(&who, Some(MembershipRole::Administrator)).is_err());
            assert!(review_ad(&who, None).is_err());
            assert!(decide_comment(&who, Some(MembershipRole::Editor)).is_err());
            assert!(moderate(&who).is_err());
            assert!(manage_own_account(&who).is_err());
        }
    }

    #[test]
    fn a_moderator_never_decides_for_their_own_organisation() {
        let moderator = person(Role::Moderator);
        assert!(review_ad(&moderator, None).is_ok());
        assert!(review_ad(&moderator, Some(MembershipRole::Editor)).is_err());
    }

    #[test]
    fn a_moderator_who_is_no_member_cannot_write_an_ad() {
        assert!(write_ad(&person(Role::Administrator), None).is_err());
    }

    #[test]
    fn a_key_never_does_more_than_its_scopes_nor_than_its_account() {
        let reader = program(Role::Administrator, &[Scope::AdsRead]);
        assert!(write_ad(&reader, Some(MembershipRole::Administrator)).is_err());
        assert!(moderate(&reader).is_err());
        let member = program(Role::Member, Scope::ALL);
        assert!(moderate(&member).is_err());
        assert!(manage_own_account(&member).is_err());
    }

    #[test]
    fn a_suspended_account_may_nothing() {
        let Who::Person(mut account) = person(Role::Administrator) else {
            unreachable!()
        };
        account.suspended_at = Some(DateTime::UNIX_EPOCH);
        let who = Who::Person(account);
        assert!(create_organisation(&who).is_err());
        assert!(moderate(&who).is_err());
    }
}
