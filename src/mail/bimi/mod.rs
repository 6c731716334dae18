//! BIMI (draft-brand-indicators-for-message-identification, still an Internet-Draft): the `<selector>._bimi` record.
//! Knows one record's value; whether DMARC is strict enough for it is not seen here.

mod parse;
mod print;
mod types;

pub use parse::{looks_like_bimi, parse};
pub use types::{Avatar, Bimi, Kind, Record};
