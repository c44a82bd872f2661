//! What stories are told with: instances, browsers, pages.

#[macro_use]
mod engines;
mod browser;
mod instance;
mod page;
mod peer;
mod recommended;
mod stage;
pub mod users;

pub mod pacts;
pub mod people;

pub use browser::Browser;
pub use emancipasso::store::Engine;
pub use engines::is_available;
pub use instance::Instance;
pub use page::Page;
pub use peer::{Answer, Peer, Person, post};
pub use recommended::Recommended;
pub use stage::Stage;
