//! Addresses of the pages, in one place: links and routes cannot drift apart.

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
/// The public rules of moderation.
pub const MODERATION_RULES: &str = "/moderation";
