//! TLS reporting (RFC 8460 §3): the `_smtp._tls` record. Knows one record's value, nothing around it.

mod parse;
mod print;
mod types;

pub use parse::{looks_like_tls_rpt, parse};
pub use print::record;
pub use types::{Kind, Record};
