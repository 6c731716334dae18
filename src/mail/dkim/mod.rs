//! DKIM key records (RFC 6376 §3.6.1, RFC 8301, RFC 8463): the record, the key in it, and the key texts that people paste.
//!
//! Knows one record's value, never its owner or the zone around it. A private key is recognised and never shown, not even by `Debug`.

mod der;
mod key;
mod meaning;
mod parse;
mod paste;
mod print;
mod types;

pub use key::{Base64Fault, Encoding, KeyFault, KeyInfo, analyse, decode};
pub use meaning::meaning;
pub use parse::{key_value, looks_like_dkim_key, parse, usable};
pub use paste::{Form, Other, PasteError, PasteFault, Pasted, paste};
pub use print::{ed25519_record, rsa_record};
pub use types::{KeyRecord, KeyType, Kind};
