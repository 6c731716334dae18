//! What can be done about an SPF record that costs too many look-ups: edits of site.toml, the gentlest first, each with what it risks.
//!
//! Each edit is made to a copy of site.toml that is built and counted again, and nobody who passed before may fail afterwards, so that what is
//! promised is what comes. Reads through [`Files`](crate::site::Files) and writes nothing.

mod edit;
mod offer;
mod propose;

pub use edit::{Edit, Place, Section, edited};
pub use offer::{Bench, OwnRecord, Tools, own_records};
pub use propose::{Proposals, Situation, propose};

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
    /// What is said where it can't be done: that, without the reason.
    pub otherwise: Text,
    /// The term of the record that goes, where it is a single one.
    pub term: Option<String>,
    /// The sender, by its party, whose servers may no longer pass where its terms stand now.
    pub moves: Option<usize>,
    /// The change of site.toml.
    pub edit: Edit,
}

/// A repair that is not offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its kind.
    pub kind: Kind,
    /// What can't be done.
    pub what: Text,
    /// Why.
    pub why: Text,
    /// The include that can't be written out.
    pub include: Option<Name>,
    /// It is of interest only where nothing else can be done.
    pub is_minor: bool,
}

/// What can be done about a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offers {
    /// The repairs that save something and break nothing, the gentlest first.
    pub offers: Vec<Offer>,
    /// Those that there are not, and why.
    pub refused: Vec<Refusal>,
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
    /// How the terms are named for `plan --remove` that the zone as it is has and the wanted one no longer.
    pub leaves: Vec<String>,
    /// The files as they are afterwards, in the order in which they are to be written.
    pub files: Vec<(String, String)>,
}
