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
/// The directory of structures, with search and filters.
pub const DIRECTORY: &str = crate::domain::host::DIRECTORY_PATH;
/// The Atom feed of structures that enter the directory.
pub const DIRECTORY_FEED: &str = "/annuaire.atom";
/// The Atom feed of recommendations.
pub const RECOMMENDATIONS_FEED: &str = "/annuaire/recommandations.atom";
/// The directory as a table to take away.
pub const DIRECTORY_CSV: &str = "/annuaire.csv";
/// The directory as a JSON document to take away.
pub const DIRECTORY_JSON: &str = "/annuaire.json";
/// Structures side by side, `?structures=`.
pub const COMPARISON: &str = "/annuaire/comparer";
/// Structures of a territory, for a frame of another site, `?territoire=`.
pub const DIRECTORY_BLOCK: &str = "/annuaire/bloc";
/// One structure.
pub const STRUCTURE: &str = "/structures/{handle}";
/// Its card, for a frame of another site.
pub const STRUCTURE_CARD: &str = "/structures/{handle}/carte";
/// Proprietary tools and what can replace them.
pub const CATALOGUE: &str = crate::domain::catalogue::CATALOGUE_PATH;
/// One of these tools.
pub const TOOL: &str = "/alternatives/{outil}";
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
/// Recommendations and structures that wait for moderators.
pub const COPIL: &str = crate::app::recommendations::review::PATH;
/// Where moderators decide on a recommendation.
pub const COPIL_RECOMMENDATION: &str = "/copil/recommandations/{id}";
/// Sets a link aside (POST).
pub const COPIL_LINKS: &str = "/copil/recommandations/{id}/liens";
/// Stays out of a case (POST).
pub const COPIL_RECUSAL: &str = "/copil/recommandations/{id}/recusation";
/// Annuls what was published (POST).
pub const COPIL_ANNULMENT: &str = "/copil/recommandations/{id}/annulation";
/// Where moderators decide on a structure.
pub const COPIL_HOST: &str = "/copil/structures/{id}";
/// Takes a structure out of the directory (POST).
pub const COPIL_SUSPENSION: &str = "/copil/structures/{id}/suspension";
/// Ends a suspension (POST).
pub const COPIL_RESTORATION: &str = "/copil/structures/{id}/retablissement";
/// What was told to mediation.
pub const COPIL_MEDIATIONS: &str = crate::app::mediations::PATH;
/// Closes one message (POST).
pub const COPIL_MEDIATION: &str = "/copil/mediations/{id}";
/// The criteria of recommendations and of the directory.
pub const CRITERIA: &str = crate::app::recommendations::publication::CRITERIA_PATH;
/// The public log of decisions.
pub const PUBLIC_LOG: &str = "/annuaire/journal";
/// The same, for feed readers.
pub const PUBLIC_LOG_FEED: &str = "/annuaire/journal.atom";
/// The accompaniments of one's organisations.
pub const PACTS: &str = crate::app::accompaniments::PATH;
/// Declares one; `?organisation=` and `?avec=`.
pub const NEW_PACT: &str = "/compte/accompagnements/nouveau";
/// Takes over an association that was only known by its address (POST).
pub const CLAIM_ASSOCIATION: &str = "/compte/accompagnements/reprise";
/// An accompaniment, for the members of both sides.
pub const PACT: &str = "/compte/accompagnements/{id}";
/// What its association writes of it.
pub const PACT_RECOMMENDATION: &str = "/compte/accompagnements/{id}/recommandation";
/// The same as readers would see it, before it is sent.
pub const PACT_PREVIEW: &str = "/compte/accompagnements/{id}/recommandation/apercu";
/// The form that changes it once it is published.
pub const PACT_AMENDMENT: &str = "/compte/accompagnements/{id}/recommandation/changement";
/// The right of reply of its structure.
pub const PACT_REPLY: &str = "/compte/accompagnements/{id}/reponse";
/// An accompaniment, `?jeton=`, without account.
pub const LINK_PACT: &str = "/lien/accompagnement";
/// What its association writes of it, `?jeton=`.
pub const LINK_RECOMMENDATION: &str = "/lien/recommandation";
/// The same before it is sent, `?jeton=`.
pub const LINK_PREVIEW: &str = "/lien/recommandation/apercu";
/// The form that changes it once it is published, `?jeton=`.
pub const LINK_AMENDMENT: &str = "/lien/recommandation/changement";
/// The answer to who asks to talk about it, `?jeton=`.
pub const LINK_CALL: &str = "/lien/appel";
/// Asks an association to talk about what it recommends.
pub const CALL: &str = "/organisations/{slug}/recommandations/{number}/appel";
/// Stops the mails that ask for nothing urgent, without signing in.
pub const STOP_NOTICES: &str = "/courriels/arret/{account}/{mark}";
/// The form that starts the profile of a structure; `?organisation=`.
pub const NEW_HOST: &str = "/compte/structure/nouvelle";
/// Where members of a structure find its profile and what remains to be done.
pub const HOST_DESK: &str = "/compte/structure/{handle}";
/// The form that changes a profile.
pub const HOST_FORM: &str = "/compte/structure/{handle}/fiche";
/// The form of a new offer.
pub const NEW_OFFER: &str = "/compte/structure/{handle}/offres/nouvelle";
/// The form that changes an offer.
pub const OFFER: &str = "/compte/structure/{handle}/offres/{number}";
/// Deletes an offer (POST).
pub const OFFER_DELETION: &str = "/compte/structure/{handle}/offres/{number}/suppression";
/// Asks moderators to decide on a structure (POST).
pub const HOST_SUBMISSION: &str = "/compte/structure/{handle}/envoi";
/// Takes a profile back before they decided (POST).
pub const HOST_TAKING_BACK: &str = "/compte/structure/{handle}/retour";
/// Answers the moderators who suspended a structure (POST).
pub const HOST_ANSWER: &str = "/compte/structure/{handle}/reponse";
/// Says whether a structure takes new requests (POST).
pub const HOST_CAPACITY: &str = "/compte/structure/{handle}/disponibilite";
/// Says that a profile is still true (POST).
pub const HOST_CONFIRMATION: &str = "/compte/structure/{handle}/confirmation";
/// Compares a profile with a `ChatonsInfos` file.
pub const HOST_IMPORT: &str = "/compte/structure/{handle}/import";
/// Takes fields of that file (POST).
pub const HOST_IMPORT_CHOICE: &str = "/compte/structure/{handle}/import/choix";
/// The `ChatonsInfos` file of a structure.
pub const HOST_CHATONSINFOS: &str = "/structures/{handle}/chatonsinfos/organization.properties";
/// Says that a profile is still true, from a mail; `?jeton=`.
pub const CONFIRMATION_LINK: &str = "/lien/confirmation";
/// Says whether a structure takes new requests, from a mail; `?jeton=`.
pub const CAPACITY_LINK: &str = "/lien/disponibilite";
/// Takes an imported profile over, from a mail; `?jeton=`.
pub const CLAIM_LINK: &str = "/lien/reprise";
/// Trainings for structures.
pub const TRAININGS: &str = "/formations";

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
/// Whether a recommendation of any site would count here.
pub const VERIFIER: &str = "/verifier";
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
