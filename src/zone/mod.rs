//! DNS names, records and zone text. Knows nothing of mail.
//!
//! Octets are kept raw in the model; presentation format (RFC 1035 §5.1) exists only where text is read or written.

pub(crate) mod by_name;
mod current;
pub mod idn;
mod lex;
pub mod master;
pub mod name;
pub mod rdata;
mod record;
pub mod rtype;
pub mod text;
pub mod ttl;
pub mod wire;

pub use current::{Coverage, Current, Found};
pub use master::{MasterFault, MasterFile, MasterNote, MasterRecord, NoteKind};
pub use name::Name;
pub use rdata::{Rdata, RdataError};
pub use record::Record;
pub use rtype::Rtype;
pub use ttl::Ttl;
