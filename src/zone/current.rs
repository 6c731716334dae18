//! The zone as it is now. What was not asked is never taken for absent.

use super::{Name, Record, Rtype};

/// The zone as it is, as far as is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Current {
    /// Its records, in the order of their source.
    pub records: Vec<Record>,
    /// Whether these are all of them: a whole zone file read without a fault.
    pub complete: bool,
}

impl Current {
    /// The records of a name and type.
    pub fn of<'c>(&'c self, name: &'c Name, rtype: Rtype) -> impl Iterator<Item = &'c Record> {
        self.records.iter().filter(move |r| r.rtype == rtype && r.name == *name)
    }

    /// Whether the zone has this record, whatever its TTL.
    #[must_use]
    pub fn has(&self, record: &Record) -> bool {
        self.of(&record.name, record.rtype).any(|r| r.rdata.means(&record.rdata, record.rtype))
    }
}
