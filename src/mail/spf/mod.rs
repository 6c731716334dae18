//! SPF (RFC 7208): records read without losing an octet, several merged into one, and evaluated over a DNS that is handed in.
//!
//! Knows one record's text and the domain it stands at. It may not know senders, registrars, files or how DNS is asked.
//!
//! * [`Record::parse`] reads a full value or bare terms; faults are [`Problem`]s beside the terms, never the end of reading.
//! * [`Record::inspect`] adds what the grammar allows and nobody wants.
//! * [`merge`] unites records; [`check_host`] answers what a receiver would.

mod bill;
mod change;
mod evaluate;
mod flatten;
mod inspect;
mod merge;
mod parse;
mod passing;
mod print;
mod problem;
mod repair;
mod split;
mod types;

#[cfg(test)]
mod test_zone;
#[cfg(test)]
mod tests;

pub use bill::{Bill, Item, Reach, TERMS_MAX, bill};
pub use change::{Change, change, is_same};
pub use evaluate::{
    Answer, Came, Dns, Evaluation, Line, LookUp, Outcome, Query, Step, TRACE_MAX, Trouble, Verdict, check_host,
    reverse_name,
};
pub use flatten::{FlattenError, addresses, expand, flatten};
pub use inspect::{Redundancy, Redundant, lookup_terms, redundant};
pub use merge::{MergeError, MergeNote, MergeNoteKind, Merged, MergedTerm, Options, Origin, Part, merge};
pub use parse::{is_all, is_spf, looks_like_spf};
pub use passing::{Allowed, Harm, Tree, harm};
pub use print::Normal;
pub use problem::{Problem, ProblemKind};
pub use split::{Split, split};
pub use types::{DomainSpec, DualPrefix, Network, Qualifier, Record, Span, Term, TermKind};

/// The record of a domain that sends no mail: nobody passes (RFC 7208 §10.1.2 keeps it to this one term).
pub const NO_MAIL: &str = "v=spf1 -all";

/// Terms that may ask DNS in one evaluation (RFC 7208 §4.6.4).
pub const MAX_LOOKUPS: usize = 10;

/// Look-ups that may find nothing in one evaluation (RFC 7208 §4.6.4).
pub const MAX_VOIDS: usize = 2;

/// MX names, and PTR names, that one term may lead to (RFC 7208 §4.6.4).
pub const MAX_HOSTS: usize = 10;
