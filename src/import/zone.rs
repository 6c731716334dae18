//! The zone as import sees it: what of it belongs into a site.toml, and where each thing is.

use std::collections::{BTreeMap, HashMap};

use crate::mail::spf;
use crate::zone::{Coverage, Current, Found, Name, Record, Rtype};

/// Types that name servers make by themselves when they sign (RFC 4034, RFC 5155, RFC 7344, RFC 8976).
const SIGNED: [Rtype; 9] = [
    Rtype::RRSIG,
    Rtype::NSEC,
    Rtype::NSEC3,
    Rtype::NSEC3PARAM,
    Rtype::DNSKEY,
    Rtype::CDS,
    Rtype::CDNSKEY,
    Rtype::ZONEMD,
    Rtype::NXT,
];

/// A record by its meaning: owner, type, data in lower case where case means nothing, and the text of a TXT however it is cut.
type Key = (Name, Rtype, Vec<u8>);

fn key(record: &Record) -> Key {
    let data = if record.rtype.is_text() {
        record.rdata.txt_joined()
    } else {
        record.rdata.to_lowercase(record.rtype).octets().to_vec()
    };
    (record.name.clone(), record.rtype, data)
}

/// The records of a zone that a site is to have.
pub(super) struct Zone<'a> {
    /// The domain.
    pub(super) apex: &'a Name,
    /// Its records, as they were found, each once.
    pub(super) found: Vec<&'a Found>,
    /// The same without the rest, for the catalogue.
    pub(super) records: Vec<Record>,
    /// The name servers of the domain.
    pub(super) name_servers: Vec<Name>,
    /// What was left out because name servers make it.
    pub(super) signed: usize,
    /// What was left out because it is outside of the domain.
    pub(super) outside: usize,
    by_type: HashMap<Rtype, Vec<usize>>,
    by_name: HashMap<Name, Vec<usize>>,
    by_data: HashMap<Key, usize>,
    spf: BTreeMap<usize, spf::Record>,
    /// The lowest TTL of each set, where its records say one.
    ttls: HashMap<(Name, Rtype), u32>,
    current: &'a Current,
}

impl<'a> Zone<'a> {
    pub(super) fn new(apex: &'a Name, current: &'a Current) -> Self {
        let mut this = Self {
            apex,
            found: Vec::new(),
            records: Vec::new(),
            name_servers: Vec::new(),
            signed: 0,
            outside: 0,
            by_type: HashMap::new(),
            by_name: HashMap::new(),
            by_data: HashMap::new(),
            spf: BTreeMap::new(),
            ttls: HashMap::new(),
            current,
        };
        for found in current.found() {
            let record = &found.record;
            let at_apex = record.name == *apex;
            if !record.name.is_subdomain_of(apex) {
                this.outside += 1;
            } else if SIGNED.contains(&record.rtype) {
                this.signed += 1;
            } else if at_apex && record.rtype == Rtype::NS {
                this.name_servers.extend(record.target());
            } else if record.rtype != Rtype::SOA && this.find(record).is_none() {
                let at = this.found.len();
                this.by_data.insert(key(record), at);
                this.by_type.entry(record.rtype).or_default().push(at);
                this.by_name.entry(record.name.clone()).or_default().push(at);
                if found.has_ttl {
                    let lowest = this.ttls.entry((record.name.clone(), record.rtype)).or_insert(record.ttl);
                    *lowest = record.ttl.min(*lowest);
                }
                if record.rtype == Rtype::TXT {
                    let text = record.rdata.txt_joined();
                    if spf::is_spf(&text) {
                        this.spf.insert(at, spf::Record::parse(&text));
                    }
                }
                this.found.push(found);
                this.records.push(record.clone());
            }
        }
        this
    }

    /// Whether the zone was asked name by name, and what it has of this type at this name is not known.
    pub(super) fn is_open(&self, name: &Name, rtype: Rtype) -> bool {
        matches!(&self.current.coverage, Coverage::Asked(known) if !known.is_empty())
            && !self.current.knows(name, rtype)
    }

    /// The number of a record that says the same.
    pub(super) fn find(&self, record: &Record) -> Option<usize> {
        self.by_data.get(&key(record)).copied()
    }

    pub(super) fn record(&self, at: usize) -> Option<&Record> {
        self.records.get(at)
    }

    /// The numbers of the records of a name.
    pub(super) fn at(&self, name: &Name) -> impl Iterator<Item = usize> + '_ {
        self.by_name.get(name).into_iter().flatten().copied()
    }

    /// The numbers of the records of a name and type.
    pub(super) fn of(&self, name: &Name, rtype: Rtype) -> impl Iterator<Item = usize> + '_ {
        self.at(name).filter(move |at| self.record(*at).is_some_and(|r| r.rtype == rtype))
    }

    /// The numbers of the records of a type.
    pub(super) fn of_type(&self, rtype: Rtype) -> impl Iterator<Item = usize> + '_ {
        self.by_type.get(&rtype).into_iter().flatten().copied()
    }

    /// The TTL of a set, which is the lowest of its records (RFC 2181 §5.2).
    pub(super) fn lowest_ttl(&self, name: &Name, rtype: Rtype) -> Option<u32> {
        self.ttls.get(&(name.clone(), rtype)).copied()
    }

    /// Whether the name has a record of this type whose data could not be read.
    pub(super) fn has_unread(&self, name: &Name, rtype: Rtype) -> bool {
        self.current.has_unread(name, rtype)
    }

    /// The SPF records.
    pub(super) fn spf(&self) -> impl Iterator<Item = (usize, &spf::Record)> {
        self.spf.iter().map(|(at, record)| (*at, record))
    }

    /// The SPF records at a name and below it.
    pub(super) fn spf_below<'z>(&'z self, name: &'z Name) -> impl Iterator<Item = (usize, &'z spf::Record)> {
        self.spf().filter(move |(at, _)| self.record(*at).is_some_and(|r| r.name.is_subdomain_of(name)))
    }

    /// The only SPF record of a name.
    pub(super) fn spf_at(&self, name: &Name) -> Option<(usize, &spf::Record)> {
        let mut here = self.at(name).filter_map(|at| Some((at, self.spf.get(&at)?)));
        here.next().filter(|_| here.next().is_none())
    }

    /// The SPF record of this number.
    pub(super) fn spf_of(&self, at: usize) -> Option<&spf::Record> {
        self.spf.get(&at)
    }
}
