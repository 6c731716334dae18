//! DNS for tests: what stands in it is all there is.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::evaluate::{Answer, Dns};

/// Name → records, as type and value. A name that is not there does not exist; `silent.example` and what is below gives no answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Zone(BTreeMap<String, Vec<(String, String)>>);

impl Zone {
    /// Of a text, `name TYPE value` a line.
    pub(super) fn new(text: &str) -> Self {
        text.lines().map(str::trim).filter(|line| !line.is_empty()).fold(Self::default(), |zone, line| {
            let mut words = line.splitn(3, ' ');
            let mut word = || words.next().unwrap();
            zone.and(word(), word(), word())
        })
    }

    /// With one record more.
    pub(super) fn and(mut self, name: &str, rtype: &str, value: &str) -> Self {
        self.0.entry(name.to_owned()).or_default().push((rtype.to_owned(), value.to_owned()));
        self
    }

    fn ask<T>(&self, name: &str, rtype: &str, read: impl Fn(&str) -> T) -> Answer<T> {
        if name == "silent.example" || name.ends_with(".silent.example") {
            return Answer::TempFail;
        }
        let Some(records) = self.0.get(name) else { return Answer::NxDomain };
        Answer::Records(records.iter().filter(|(of, _)| of == rtype).map(|(_, value)| read(value)).collect())
    }
}

impl Dns for Zone {
    fn txt(&self, name: &str) -> Answer<Vec<u8>> {
        self.ask(name, "TXT", |text| text.as_bytes().to_vec())
    }
    fn a(&self, name: &str) -> Answer<Ipv4Addr> {
        self.ask(name, "A", |text| text.parse().unwrap())
    }
    fn aaaa(&self, name: &str) -> Answer<Ipv6Addr> {
        self.ask(name, "AAAA", |text| text.parse().unwrap())
    }
    fn mx(&self, name: &str) -> Answer<String> {
        self.ask(name, "MX", str::to_owned)
    }
    fn ptr(&self, _: &str) -> Answer<String> {
        Answer::NxDomain
    }
}
