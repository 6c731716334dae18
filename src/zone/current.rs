//! The zone as it is now. What was not asked is never taken for absent.

use std::collections::{BTreeSet, HashSet};

use super::by_name::ByName;
use super::{Name, Record, Rtype};
use crate::report::Span;

/// A record as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The record. Its TTL is 0 where nobody says one.
    pub record: Record,
    /// Whether the source says its TTL; a panel's list often does not.
    pub has_ttl: bool,
    /// Where it stands; absent where it does not come from a text.
    pub span: Option<Span>,
}

/// How much of a zone is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// All of it: a whole zone file read without a fault, a transfer, the whole list of a panel.
    Complete,
    /// What is there, and for these names and types that there is nothing else. Empty for an excerpt.
    Asked(BTreeSet<(Name, Rtype)>),
}

impl Default for Coverage {
    fn default() -> Self {
        Self::Asked(BTreeSet::new())
    }
}

/// The zone as it is, as far as is known.
#[derive(Clone, Debug, Default)]
pub struct Current {
    /// Its records, in the order of their source.
    found: Vec<Found>,
    by_name: ByName,
    /// Where records are whose data nobody could read.
    unread: HashSet<(Name, Rtype)>,
    /// How much of it this is.
    pub coverage: Coverage,
}

impl Current {
    /// The zone of these records.
    #[must_use]
    pub fn new(found: Vec<Found>, coverage: Coverage) -> Self {
        let by_name = ByName::new(found.iter().map(|f| &f.record.name));
        Self { found, by_name, unread: HashSet::new(), coverage }
    }

    /// The same with records at these names and types of which it is known only that they are there: a panel's list shows the beginning of
    /// a long value. They are neither absent nor equal to anything.
    #[must_use]
    pub fn with_unread(mut self, unread: impl IntoIterator<Item = (Name, Rtype)>) -> Self {
        self.unread.extend(unread);
        self
    }

    /// Whether the name has a record of this type whose data could not be read.
    #[must_use]
    pub fn has_unread(&self, name: &Name, rtype: Rtype) -> bool {
        !self.unread.is_empty() && self.unread.contains(&(name.clone(), rtype))
    }

    /// Its records as they were found, in the order of their source.
    #[must_use]
    pub fn found(&self) -> &[Found] {
        &self.found
    }

    /// Its records, in the order of their source.
    pub fn records(&self) -> impl ExactSizeIterator<Item = &Record> + DoubleEndedIterator + Clone {
        self.found.iter().map(|f| &f.record)
    }

    /// Whether these are all of its records, and all of them could be read.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.coverage == Coverage::Complete && self.unread.is_empty()
    }

    /// Whether it is known which records of this type the name has.
    #[must_use]
    pub fn knows(&self, name: &Name, rtype: Rtype) -> bool {
        if self.has_unread(name, rtype) {
            return false;
        }
        match &self.coverage {
            Coverage::Complete => true,
            Coverage::Asked(asked) => asked.contains(&(name.clone(), rtype)),
        }
    }

    /// The records of a name.
    pub fn at<'c>(&'c self, name: &Name) -> impl Iterator<Item = &'c Record> + use<'c> {
        self.found_at(name).map(|f| &f.record)
    }

    /// The records of a name as they were found.
    pub fn found_at<'c>(&'c self, name: &Name) -> impl Iterator<Item = &'c Found> + use<'c> {
        let mut chain = self.by_name.chain(name).filter_map(|at| self.found.get(at as usize));
        // All further records of the name are told by the first one's, so that the iterator need not borrow `name`.
        let first = chain.find(|f| f.record.name == *name);
        first.into_iter().chain(chain.filter(move |f| first.is_some_and(|first| first.record.name == f.record.name)))
    }

    /// The records of a name and type.
    pub fn of<'c>(&'c self, name: &Name, rtype: Rtype) -> impl Iterator<Item = &'c Record> + use<'c> {
        self.at(name).filter(move |r| r.rtype == rtype)
    }

    /// Whether it is a record of this zone whose TTL nobody says.
    #[must_use]
    pub fn has_no_ttl(&self, record: &Record) -> bool {
        self.found_at(&record.name).any(|f| !f.has_ttl && f.record.same_data(record))
    }

    /// The TTL of a record of this zone, or of one that is to stand in it; none where nobody says it.
    #[must_use]
    pub fn ttl_of(&self, record: &Record) -> Option<u32> {
        Some(record.ttl).filter(|ttl| *ttl > 0 || !self.has_no_ttl(record))
    }

    /// Whether the zone has this record, whatever its TTL.
    #[must_use]
    pub fn has(&self, record: &Record) -> bool {
        self.of(&record.name, record.rtype).any(|r| r.rdata.means(&record.rdata, record.rtype))
    }
}
