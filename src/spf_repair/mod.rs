//! What can be done about an SPF record that costs too many look-ups: edits of site.toml, the gentlest first, each with what it risks.
//!
//! Only says what could be edited; what an edit saves is found by building the edited site and counting again. Opens no file.

mod edit;
mod propose;

pub use edit::{Edit, Place, Section, edited};
pub use propose::{Situation, propose};

use crate::report::Text;
use crate::zone::Name;

/// What kind of repair it is, from the gentlest to the one that asks most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Terms that align nothing go.
    Drop,
    /// A sender's terms stay at its Return-Path host only.
    ReturnPath,
    /// An `a` or `mx` becomes the addresses that it leads to.
    Addresses,
    /// A term goes whose servers pass through another term.
    Covered,
    /// An include is written out.
    Flatten,
    /// A sender's mail comes from a subdomain.
    Split,
}

impl Kind {
    /// The word in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Drop => "drop",
            Self::ReturnPath => "return-path",
            Self::Addresses => "addresses",
            Self::Covered => "covered",
            Self::Flatten => "flatten",
            Self::Split => "split",
        }
    }
}

/// One repair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// Its kind.
    pub kind: Kind,
    /// What is done.
    pub what: Text,
    /// Why it does no harm, or which harm it may do; the most likely first.
    pub risks: Vec<Text>,
    /// The change of site.toml.
    pub edit: Edit,
}

/// What can be done about a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offers {
    /// The repairs that save something and break nothing, the gentlest first.
    pub offers: Vec<Offer>,
    /// Includes that can't be written out, and why.
    pub refused: Vec<(Name, Text)>,
}

/// A repair that was tried on a copy, with what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The repair.
    pub repair: Repair,
    /// How many look-ups fewer.
    pub saves: usize,
    /// Look-ups afterwards.
    pub lookups: usize,
    /// Look-ups that find nothing afterwards: for an IPv4 client and for an IPv6 one.
    pub voids: (usize, usize),
    /// How long the record is, before and afterwards.
    pub bytes: (usize, usize),
    /// The files as they are afterwards, in the order in which they are to be written.
    pub files: Vec<(String, String)>,
}
