//! DNS names, records and zone text. Knows nothing of mail.
//!
//! Octets are kept raw in the model; presentation format (RFC 1035 §5.1) exists only where text is read or written.

pub mod name;

pub use name::Name;
