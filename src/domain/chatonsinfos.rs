//! `ChatonsInfos`: the text files in which the hosts of the CHATONS collective describe themselves.
//!
//! One file for the organisation and one for each of its services, anywhere on the web, in the
//! `.properties` format of Java. What real writers do is read too: quotes, other separators, old
//! spellings of keys, French dates, Latin-1 (see [`properties`]). A wrong value never costs the
//! others: it is left out, and told.

mod properties;
mod reading;
mod writing;

pub use properties::Properties;
pub use reading::{NotAnOrganisation, Service, Statement, read_organisation, read_service};
pub use writing::{Described, write_organisation};

/// The version of the protocol that we write.
pub const PROTOCOL: &str = "ChatonsInfos-0.5";
/// The most bytes of a file.
pub const FILE_LENGTH: usize = 64 * 1024;
/// The most files of services that are read for one organisation.
pub const SERVICES_READ: usize = 40;
