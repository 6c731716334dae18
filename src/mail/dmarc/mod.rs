//! DMARC policy records (RFC 9989, reports RFC 9990): the record, and how receivers find it.
//!
//! Knows values and names, and look-ups only as a function that is handed in; never the zone or the transport.

mod discover;
mod meaning;
mod parse;
mod print;
mod stage;
mod types;

pub use discover::{Discovery, Found, NameTooLong, REPORT_RECORD, Role, discover, report_authorisation_name, walk};
pub use meaning::meaning;
pub use parse::{Recognised, is_dmarc, parse, recognise};
pub use stage::Stage;
pub use types::{Alignment, Dmarc, Kind, Policy, Psd, Record, VersionFault};
