//! Addresses of the pages, in one place: links and routes cannot drift apart.

use url::form_urlencoded;

/// Home.
pub const HOME: &str = "/";
/// The list of open ads, with search and filters.
pub const ADS: &str = "/annonces";
/// The form that starts a new ad.
pub const NEW_AD: &str = "/compte/annonces/nouvelle";
/// The Atom feed of ads.
pub const ADS_FEED: &str = "/annonces.atom";
/// Sign in by e-mailed link or password.
pub const SIGN_IN: &str = "/connexion";
/// Open an account.
pub const SIGN_UP: &str = "/inscription";
/// Sign out (POST).
pub const SIGN_OUT: &str = "/deconnexion";
/// The signed-in area.
pub const ACCOUNT: &str = "/compte";
/// What waits for a moderator.
pub const MODERATION_QUEUE: &str = "/moderation/file";
/// What the project is.
pub const ABOUT: &str = "/projet";
/// Legal identity of the publisher (LCEN).
pub const LEGAL: &str = "/mentions-legales";
/// What is kept about people, and for how long.
pub const PRIVACY: &str = "/vie-privee";
/// The accessibility statement (RGAA).
pub const ACCESSIBILITY: &str = "/accessibilite";
/// Every page of the site.
pub const SITE_MAP: &str = "/plan-du-site";
/// Remembers the language that a reader chooses (POST).
pub const LANGUAGE: &str = "/langue";
/// The public rules of moderation.
pub const MODERATION_RULES: &str = "/moderation";
/// Sent after a link was asked for.
pub const SIGN_IN_SENT: &str = "/connexion/message-envoye";
/// The page of a one-time link.
pub const SIGN_IN_LINK: &str = crate::app::sign_in::LINK_PATH;
/// How somebody is called.
pub const PROFILE: &str = "/compte/profil";
/// The password of somebody.
pub const PASSWORD: &str = crate::app::accounts::PASSWORD_PATH;
/// Takes the password away (POST).
pub const PASSWORD_REMOVAL: &str = "/compte/mot-de-passe/retrait";
/// The browsers in which somebody is signed in.
pub const SESSIONS: &str = "/compte/sessions";
/// Signs every other browser out (POST).
pub const OTHER_SESSIONS: &str = "/compte/sessions/autres";
/// Signs one browser out (POST).
pub const SESSION: &str = "/compte/sessions/{id}";
/// The keys of the JSON API.
pub const API_TOKENS: &str = "/compte/cles";
/// Revokes a key (POST).
pub const API_TOKEN: &str = "/compte/cles/{id}";
/// The form that adds an organisation; `?type=` and a word of `OrganisationKind`.
pub const NEW_ORGANISATION: &str = "/compte/organisations/nouvelle";
/// What everybody sees of an organisation.
pub const ORGANISATION: &str = "/organisations/{slug}";
/// What its members see.
pub const ORGANISATION_DESK: &str = "/compte/organisations/{slug}";
/// The form that changes it.
pub const ORGANISATION_FORM: &str = "/compte/organisations/{slug}/modifier";
/// Its members, and the form that invites one.
pub const MEMBERS: &str = "/compte/organisations/{slug}/membres";
/// Changes what a member may do (POST).
pub const MEMBER_ROLE: &str = "/compte/organisations/{slug}/membres/{account}/role";
/// Removes a member (POST).
pub const MEMBER_REMOVAL: &str = "/compte/organisations/{slug}/membres/{account}/retrait";
/// Takes an invitation back (POST).
pub const INVITATION_REMOVAL: &str = "/compte/organisations/{slug}/invitations/{id}/retrait";
/// An invitation, `?jeton=`.
pub const INVITATION: &str = crate::app::invitations::PATH;
/// Communes that fit what is typed, `?q=`, in JSON.
pub const COMMUNES: &str = "/communes";
/// Organisations for moderators, by standing.
pub const ORGANISATIONS_TO_VERIFY: &str = "/moderation/organisations";
/// One of them, with the facts that help to decide.
pub const ORGANISATION_TO_VERIFY: &str = "/moderation/organisations/{slug}";
/// Marks it as verified (POST).
pub const VERIFICATION: &str = "/moderation/organisations/{slug}/verification";
/// Takes the mark back (POST).
pub const VERIFICATION_REMOVAL: &str = "/moderation/organisations/{slug}/verification/retrait";
/// Where members of its organisation work on an ad.
pub const WORKSHOP: &str = "/compte/annonces/{id}";
/// The form that changes an ad.
pub const AD_FORM: &str = "/compte/annonces/{id}/modifier";
/// Asks for the publication of an ad (POST).
pub const AD_PUBLICATION: &str = "/compte/annonces/{id}/publication";
/// Tells a step in the life of an ad (POST).
pub const AD_MILESTONES: &str = "/compte/annonces/{id}/etapes";
/// Gives an ad six more months (POST).
pub const AD_RENEWAL: &str = "/compte/annonces/{id}/prolongation";
/// Closes an ad.
pub const AD_CLOSING: &str = "/compte/annonces/{id}/cloture";
/// Tells what came of an ad.
pub const AD_OUTCOME: &str = "/compte/annonces/{id}/bilan";
/// Takes a published ad back.
pub const AD_WITHDRAWAL: &str = "/compte/annonces/{id}/retrait";
/// Throws a draft away.
pub const AD_DELETION: &str = "/compte/annonces/{id}/suppression";
/// What an ad said before its edits.
pub const AD_HISTORY: &str = "/compte/annonces/{id}/historique";
/// Replies to an ad that wait for its organisation.
pub const AD_REPLIES: &str = "/compte/annonces/{id}/reponses";
/// Decides on one of them (POST).
pub const AD_REPLY: &str = "/compte/annonces/{id}/reponses/{comment}";
/// Where moderators decide on an ad.
pub const AD_REVIEW: &str = "/moderation/annonces/{id}";
/// Where moderators decide on a reply (POST).
pub const REPLY_REVIEW: &str = "/moderation/reponses/{comment}";
/// Where moderators close a report (POST).
pub const REPORT_REVIEW: &str = "/moderation/signalements/{id}";
/// Stops the mails that ask for nothing urgent, without signing in.
pub const STOP_NOTICES: &str = "/courriels/arret/{account}/{mark}";

/// The address of a route whose marks are filled in, in order: `at(MEMBER_ROLE, [slug, id])`.
pub fn at<const N: usize>(route: &str, values: [&str; N]) -> String {
    let mut parts = values.into_iter();
    route
        .split('/')
        .map(|part| {
            if part.starts_with('{') {
                parts.next().unwrap_or_default()
            } else {
                part
            }
        })
        .collect::<Vec<_>>()
        .join("/")
}

/// Follow or answer from one's own account, on another site.
pub const INTERACT: &str = "/interagir";
/// Report a content to the moderators.
pub const REPORT: &str = "/signaler";

/// The page where one follows or answers what has this id.
pub fn interact_with(uri: &str) -> String {
    with_uri(INTERACT, uri)
}

/// The page where one reports what has this id.
pub fn report(uri: &str) -> String {
    with_uri(REPORT, uri)
}

fn with_uri(path: &str, uri: &str) -> String {
    let query: String = form_urlencoded::Serializer::new(String::new())
        .append_pair("uri", uri)
        .finish();
    format!("{path}?{query}")
}
