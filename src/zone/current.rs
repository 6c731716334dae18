//! The zone as it is now. What was not asked is never taken for absent.

use std::collections::HashMap;

use super::{Name, Record, Rtype};

/// The zone as it is, as far as is known.
#[derive(Clone, Debug, Default)]
pub struct Current {
    /// Its records, in the order of their source.
    records: Vec<Record>,
    /// Where the records of a name are: a zone may be large, and every wanted record asks.
    by_name: HashMap<Name, Vec<usize>>,
    /// Whether these are all of them: a whole zone file read without a fault.
    pub complete: bool,
}

impl Current {
    /// The zone of these records.
    #[must_use]
    pub fn new(records: Vec<Record>, complete: bool) -> Self {
        let mut by_name: HashMap<Name, Vec<usize>> = HashMap::new();
        for (at, record) in records.iter().enumerate() {
            by_name.entry(record.name.clone()).or_default().push(at);
        }
        Self { records, by_name, complete }
    }

    /// Its records, in the order of their source.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The records of a name.
    pub fn at<'c>(&'c self, name: &Name) -> impl Iterator<Item = &'c Record> + use<'c> {
        let here = self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        here.iter().filter_map(|at| self.records.get(*at))
    }

    /// The records of a name and type.
    pub fn of<'c>(&'c self, name: &Name, rtype: Rtype) -> impl Iterator<Item = &'c Record> + use<'c> {
        self.at(name).filter(move |r| r.rtype == rtype)
    }

    /// Whether the zone has this record, whatever its TTL.
    #[must_use]
    pub fn has(&self, record: &Record) -> bool {
        self.of(&record.name, record.rtype).any(|r| r.rdata.means(&record.rdata, record.rtype))
    }
}
