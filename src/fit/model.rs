//! What the registrar's form does to each record: outcomes, with all their causes.

use crate::catalogue::limits::Limit;
use crate::catalogue::registrar::Registrar;
use crate::compose::{Composed, ComposedZone, Member, RrSet};
use crate::report::{Finding, Text};
use crate::zone::{Name, Record, Rtype};

use super::limits::{Limits, Strength};
use super::way::{Substitution, Way};

/// What a limit does to a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The form refuses it.
    Refuses,
    /// The form takes it and cuts or strips it silently.
    Damages,
    /// It must be entered in another shape than it is published in, e.g. several quoted strings.
    Reshapes,
    /// Another type or form stands in for it.
    Substitutes,
}

impl Effect {
    /// Whether it keeps the record from being there as it should.
    #[must_use]
    pub fn hinders(&self) -> bool {
        matches!(self, Self::Refuses | Self::Damages)
    }
}

/// What, of which limit, does something to a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Id of the finding that says it.
    pub id: &'static str,
    /// What it does.
    pub effect: Effect,
    /// How firmly that is known.
    pub strength: Strength,
    /// The limit.
    pub limit: Limit,
    /// What was measured, in the limit's unit, where it is a number.
    pub measured: Option<u64>,
    /// The sentence: company, number, limit.
    pub title: Text,
    /// What goes wrong.
    pub harm: Option<Text>,
    /// What to do next, the best thing first.
    pub next: Vec<Text>,
    /// Other things worth knowing.
    pub notes: Vec<Text>,
}

impl Cause {
    /// Whether it concerns a number that can be chosen otherwise without another meaning: TTL, MX priority.
    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(self.id, "host-ttl" | "host-mx-priority")
    }
}

/// What becomes of a record at this registrar. Several causes may act at once; the outcome is that of the gravest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Enters as it is.
    AsIs,
    /// Enters in another shape: several strings, quotes.
    Reshaped,
    /// Not entered: a switch of the sender's own panel makes it.
    Switch,
    /// Another type or value stands in for it.
    Substituted,
    /// A deciding fact is unknown or rests on one report.
    Unverified,
    /// The form accepts it and cuts or strips it.
    Damaged,
    /// The form refuses it.
    Refused,
}

impl Outcome {
    /// The word in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Outcome::AsIs => "as-is",
            Outcome::Reshaped => "reshaped",
            Outcome::Switch => "switch",
            Outcome::Substituted => "substituted",
            Outcome::Unverified => "unverified",
            Outcome::Damaged => "damaged",
            Outcome::Refused => "refused",
        }
    }
}

/// One active record and what the form does to it.
#[derive(Clone, Debug)]
pub struct FittedRecord {
    /// Index of its RRset in the zone.
    pub set: usize,
    /// Index in the RRset.
    pub member: usize,
    /// What becomes of it.
    pub outcome: Outcome,
    /// Why.
    pub causes: Vec<Cause>,
    /// Ways round, by rank, where the form does not take it or perhaps does not.
    pub ways: Vec<Way>,
    /// Index into [`FittedZone::substitutions`] of what it stands for.
    pub instead_of: Option<usize>,
}

/// A zone and what its registrar does to it.
#[derive(Clone, Debug)]
pub struct FittedZone<'a> {
    /// What is wanted.
    pub composed: &'a ComposedZone,
    /// The registrar; absent = unknown.
    pub registrar: Option<&'a Registrar>,
    /// Its limits.
    pub limits: Limits,
    /// Every active record, in the zone's order.
    pub records: Vec<FittedRecord>,
    /// Records that were wanted and that others stand for, or that were left out on purpose.
    pub substitutions: &'a [Substitution],
}

impl<'a> FittedZone<'a> {
    /// The RRset and the member that a fitted record is about.
    #[must_use]
    pub fn parts(&self, record: &FittedRecord) -> Option<(&'a RrSet, &'a Member)> {
        let set = self.composed.rrsets.get(record.set)?;
        Some((set, set.members.get(record.member)?))
    }

    /// Every active record with its RRset and member, in the zone's order.
    pub fn each(&self) -> impl Iterator<Item = (&'a RrSet, &'a Member, &FittedRecord)> {
        self.records.iter().filter_map(|record| self.parts(record).map(|(set, member)| (set, member, record)))
    }

    /// What a fitted record stands for, if it stands for another.
    #[must_use]
    pub fn stands_for(&self, record: &FittedRecord) -> Option<&'a Substitution> {
        self.substitutions.get(record.instead_of?)
    }
}

/// A vendor's key that stands in a zone as a text of its own: it goes stale without a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// The selector's name in the site's zone.
    pub owner: Name,
    /// Where the vendor publishes the key.
    pub target: Name,
    /// The text, where it stands.
    pub record: Record,
}

/// After how many months a copy is compared with what the vendor publishes.
pub const COPY_MONTHS: i32 = 3;

/// All zones, fitted.
#[derive(Clone, Debug)]
pub struct Fitted<'a> {
    /// What was composed, as it fits.
    pub composed: &'a Composed,
    /// The site's own zone.
    pub own: FittedZone<'a>,
    /// Delegated subzones.
    pub subzones: Vec<FittedZone<'a>>,
    /// The zone that holds what the own one cannot.
    pub keyzone: Option<FittedZone<'a>>,
    /// What fitting found.
    pub findings: Vec<Finding>,
}

impl<'a> Fitted<'a> {
    /// The own zone, then subzones, then the keyzone.
    pub fn zones(&self) -> impl Iterator<Item = &FittedZone<'a>> {
        std::iter::once(&self.own).chain(&self.subzones).chain(&self.keyzone)
    }

    /// The copies of vendors' keys. One stands where it was wanted, or in the keyzone.
    #[must_use]
    pub fn copies(&self) -> Vec<Copy> {
        let mut copies: Vec<Copy> = Vec::new();
        for substitution in self.zones().flat_map(|zone| zone.substitutions) {
            let wanted = &substitution.wanted;
            let Some(target) = wanted.target().filter(|_| wanted.rtype == Rtype::CNAME) else { continue };
            let there = substitution.ways.iter().filter(|way| way.chosen).flat_map(|way| &way.there);
            let texts = substitution.here.iter().chain(there).filter(|record| record.rtype == Rtype::TXT);
            copies.extend(texts.map(|record| Copy {
                owner: wanted.name.clone(),
                target: target.clone(),
                record: record.clone(),
            }));
        }
        copies
    }

    /// Whether a zone is the keyzone: another domain, of which only these records are known.
    #[must_use]
    pub fn is_keyzone(&self, zone: &FittedZone<'_>) -> bool {
        self.keyzone.as_ref().is_some_and(|k| k.composed.origin == zone.composed.origin)
    }
}
