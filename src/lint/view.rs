//! What rules see: the active records of a zone, who wants them, and what the site declares.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::ops::Range;

use crate::catalogue::Catalogue;
use crate::compose::{Composed, ComposedZone, Declared, Intent, Origin, Party};
use crate::report::{Finding, Severity, Sources, Span, Text};
use crate::zone::by_name::{ByName, number};
use crate::zone::{Name, Record, Rtype};

use super::layout::{Layout, Places};
use super::written::Damage;
use super::{dkim, dmarc, hosts, policy, spf};

/// How the texts that records come from are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Written {
    /// A site.toml: a place is that of a key's value.
    #[default]
    Site,
    /// Zone text: a place is that of a record.
    Zone,
}

/// A part of a record.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    /// Its owner.
    Owner,
    /// Its TTL.
    Ttl,
    /// The name that it points to.
    Target,
    /// These octets of a TXT.
    Octets(Range<usize>),
}

/// A record as a rule sees it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The record.
    pub record: Record,
    /// Who wants it; empty for a zone without a site.
    pub origins: Vec<Origin>,
    /// What it is for, where a site says so.
    pub intent: Option<Intent>,
    /// The strings of a TXT joined, where there are several and somebody asked.
    joined: OnceCell<Box<[u8]>>,
}

impl Seen {
    /// A record, who wants it, and what for.
    #[must_use]
    pub fn new(record: Record, origins: Vec<Origin>, intent: Option<Intent>) -> Self {
        Self { record, origins, intent, joined: OnceCell::new() }
    }

    /// The joined octets of a TXT (or SPF) record.
    #[must_use]
    pub fn txt(&self) -> Option<&[u8]> {
        if !matches!(self.record.rtype, Rtype::TXT | Rtype::SPF) {
            return None;
        }
        let mut strings = self.record.rdata.txt_strings();
        let first = strings.next().unwrap_or_default();
        Some(match strings.next() {
            None => first,
            Some(_) => self.joined.get_or_init(|| self.record.rdata.txt_joined().into()),
        })
    }

    /// The place that led to it.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        self.origins.iter().find_map(|o| o.span)
    }

    /// Whether a `[[record]]` wrote it.
    #[must_use]
    pub fn by_hand(&self) -> bool {
        self.origins.iter().any(|o| o.by_hand)
    }
}

/// What rules have read of the records: each is made when a rule first asks, and serves all rules.
#[derive(Default)]
pub(super) struct Once {
    by_type: OnceCell<HashMap<Rtype, Vec<u32>>>,
    owners: OnceCell<Vec<u32>>,
    pub(super) spf: OnceCell<Vec<spf::Read>>,
    pub(super) keys: OnceCell<Vec<dkim::Read>>,
    pub(super) dmarc: OnceCell<Vec<dmarc::Read>>,
    pub(super) existing: hosts::Once,
    pub(super) policy: policy::Once,
    /// The octets of the record of a zone text that was asked for last: findings come record for record.
    places: RefCell<Option<(Span, Option<Places>)>>,
}

/// A zone as rules see it.
pub struct View<'a> {
    /// The apex.
    pub origin: &'a Name,
    /// The active records, in output order. Not to be changed: what was read of them is kept.
    records: Vec<Seen>,
    /// What the site declares; absent for a zone without a site.
    pub declared: Option<&'a Declared>,
    /// Who the origins are.
    pub parties: &'a [Party],
    /// The texts that places are in.
    pub sources: &'a Sources,
    /// Text of the MTA-STS policy that goes with the zone, where it is at hand.
    pub mta_sts_policy: Option<&'a str>,
    /// Apexes of zones below this one that the same site holds, whether or not this zone has their NS.
    pub delegated: Vec<&'a Name>,
    /// What companies use and no longer use; absent = not asked.
    pub catalogue: Option<&'a Catalogue>,
    /// How the texts are written that records come from.
    pub written: Written,
    /// Records that say something else than their text was meant to say; here they are as meant.
    pub(crate) damages: &'a [Damage],
    by_name: ByName,
    pub(super) once: Once,
}

impl<'a> View<'a> {
    /// The same, with what is known of companies.
    #[must_use]
    pub fn with(mut self, catalogue: &'a Catalogue) -> Self {
        self.catalogue = Some(catalogue);
        self
    }

    /// A zone composed from a site.
    #[must_use]
    pub fn of_composed(composed: &'a Composed, zone: &'a ComposedZone, sources: &'a Sources) -> Self {
        let mut records = Vec::with_capacity(zone.rrsets.iter().map(|set| set.members.len()).sum());
        for set in &zone.rrsets {
            for (record, member) in set.records().zip(&set.members) {
                records.push(Seen::new(record, member.origins.clone(), Some(member.intent.clone())));
            }
        }
        let mut view = Self::new(&zone.origin, records, Some(&composed.declared), &composed.parties, sources);
        view.mta_sts_policy = zone.mta_sts_policy.as_deref();
        let others = composed.zones().map(|other| &other.origin);
        view.delegated = others.filter(|other| *other != view.origin && other.is_subdomain_of(view.origin)).collect();
        view
    }

    /// Any records.
    #[must_use]
    pub fn new(
        origin: &'a Name,
        records: Vec<Seen>,
        declared: Option<&'a Declared>,
        parties: &'a [Party],
        sources: &'a Sources,
    ) -> Self {
        let by_name = ByName::new(records.iter().map(|s| &s.record.name));
        let (delegated, once) = (Vec::new(), Once::default());
        Self {
            origin,
            records,
            declared,
            parties,
            sources,
            mta_sts_policy: None,
            delegated,
            catalogue: None,
            written: Written::Site,
            damages: &[],
            by_name,
            once,
        }
    }

    /// The active records, in output order.
    #[must_use]
    pub fn records(&self) -> &[Seen] {
        &self.records
    }

    /// The record of a number that [`View::numbered`] gave.
    pub(super) fn record(&self, number: u32) -> Option<&Seen> {
        self.records.get(number as usize)
    }

    /// The records at a name.
    pub fn at<'v>(&'v self, name: &Name) -> impl Iterator<Item = &'v Seen> + use<'v, 'a> {
        let mut chain = self.by_name.chain(name).filter_map(|at| self.record(at));
        // All further records of the name are told by the first one's, so that the iterator need not borrow `name`.
        let first = chain.find(|seen| seen.record.name == *name);
        first.into_iter().chain(chain.filter(move |seen| first.is_some_and(|f| f.record.name == seen.record.name)))
    }

    /// The records of a name and type.
    pub fn of<'v>(&'v self, name: &Name, rtype: Rtype) -> impl Iterator<Item = &'v Seen> + use<'v, 'a> {
        self.at(name).filter(move |s| s.record.rtype == rtype)
    }

    /// The records of a type, anywhere, in output order.
    pub fn of_type(&self, rtype: Rtype) -> impl Iterator<Item = &Seen> {
        self.numbered(rtype).map(|(_, seen)| seen)
    }

    /// The records of a type with their numbers, by which what was read of them can be kept.
    pub(super) fn numbered(&self, rtype: Rtype) -> impl Iterator<Item = (u32, &Seen)> {
        let by_type = self.once.by_type.get_or_init(|| {
            let mut by_type: HashMap<Rtype, Vec<u32>> = HashMap::new();
            for (at, seen) in self.records.iter().enumerate() {
                by_type.entry(seen.record.rtype).or_default().push(number(at));
            }
            by_type
        });
        by_type.get(&rtype).into_iter().flatten().filter_map(|at| Some((*at, self.record(*at)?)))
    }

    /// Whether a name owns records here.
    #[must_use]
    pub fn has_name(&self, name: &Name) -> bool {
        self.at(name).next().is_some()
    }

    /// All names that own records, in output order, each with its first record.
    pub fn owners(&self) -> impl Iterator<Item = (&Name, &Seen)> {
        let owners = self.once.owners.get_or_init(|| {
            let first = |(_, seen): &(usize, &Seen)| {
                self.at(&seen.record.name).next().is_some_and(|first| std::ptr::eq(first, *seen))
            };
            self.records.iter().enumerate().filter(first).map(|(at, _)| number(at)).collect()
        });
        owners.iter().filter_map(|at| self.record(*at)).map(|seen| (&seen.record.name, seen))
    }

    /// Who wants a record, by name.
    #[must_use]
    pub fn company(&self, seen: &Seen) -> Option<Text> {
        seen.origins.first().and_then(|o| self.parties.get(o.party)).map(|p| p.name.clone())
    }

    /// A finding about a record, placed where it came from: the primary place is the first origin's, the others follow with their names.
    #[must_use]
    pub fn finding(&self, id: &'static str, severity: Severity, seen: &Seen, title: Text) -> Finding {
        self.finding_at(id, severity, seen, None, title)
    }

    /// Like [`View::finding`], pointing at a range of a TXT's octets where the value stands in site.toml as it is.
    #[must_use]
    pub fn finding_at(
        &self,
        id: &'static str,
        severity: Severity,
        seen: &Seen,
        range: Option<Range<usize>>,
        title: Text,
    ) -> Finding {
        self.finding_of(id, severity, seen, range.map(Part::Octets), title)
    }

    /// Like [`View::finding`], pointing at the name that the record points to, where a hand wrote it and it can be told.
    #[must_use]
    pub(crate) fn finding_target(&self, id: &'static str, severity: Severity, seen: &Seen, title: Text) -> Finding {
        self.finding_of(id, severity, seen, Some(Part::Target), title)
    }

    /// Like [`View::finding`], pointing at a part of the record, where a hand wrote it and it can be told.
    #[must_use]
    pub(crate) fn finding_of(
        &self,
        id: &'static str,
        severity: Severity,
        seen: &Seen,
        part: Option<Part>,
        title: Text,
    ) -> Finding {
        let mut finding = Finding::new(id, severity, title)
            .about(seen.record.name.display_without_dot().to_string(), seen.record.rtype.to_string());
        // The part is of the record as written: it holds where a hand wrote it, not where a template asked for it.
        let mut part = part;
        for origin in &seen.origins {
            let Some(span) = origin.span else { continue };
            let spot = match part.take_if(|_| origin.by_hand) {
                Some(part) => self.inside(span, seen, &part),
                None => span,
            };
            // The site's own place needs no name.
            let company = self.parties.get(origin.party).filter(|_| origin.party != 0);
            let name = company.map(|p| p.name.clone()).unwrap_or_default();
            finding = finding.at(spot, name);
        }
        if finding.labels.is_empty()
            && let Some(span) = self.declared.and_then(|d| d.domain_span)
        {
            finding = finding.at(span, Text::default());
        }
        finding
    }

    /// The place of a part of a record: exact where what stands there is the value itself.
    fn inside(&self, span: Span, seen: &Seen, part: &Part) -> Span {
        let spot = match (self.written, part) {
            (Written::Zone, _) => self.part(seen, part),
            (Written::Site, Part::Octets(range)) => self.in_string(span, seen, range),
            (Written::Site, _) => None,
        };
        spot.unwrap_or(span)
    }

    /// The place in site.toml of a range of a TXT's octets, where the quoted string there is the value itself.
    fn in_string(&self, span: Span, seen: &Seen, range: &Range<usize>) -> Option<Span> {
        let written = self.sources.slice(span);
        let inner = written.get(1..written.len().saturating_sub(1)).unwrap_or("");
        let plain = seen.txt() == Some(inner.as_bytes()) && !range.is_empty() && range.end <= inner.len();
        let start = span.range().start + 1;
        plain.then(|| Span::new(span.file, start + range.start..start + range.end))
    }

    /// The name that a record of a zone text points to, where it is written without its final dot: as if it had it, and its place.
    pub(crate) fn without_dot(&self, seen: &Seen) -> Option<(Name, Span)> {
        let span = self.part(seen, &Part::Target)?;
        let written = self.sources.slice(span).as_bytes();
        let name = Name::parse_absolute(written).ok().filter(|_| !written.ends_with(b".") && written != b"@")?;
        Some((name, span))
    }

    /// The parts of a record of a zone text.
    pub(crate) fn layout(&self, seen: &Seen) -> Option<Layout> {
        let span = seen.span().filter(|_| self.written == Written::Zone)?;
        Layout::of(self.sources.octets(span.file), span.range(), seen.record.rtype)
    }

    /// The place of a part of a record of a zone text.
    pub(crate) fn part(&self, seen: &Seen, part: &Part) -> Option<Span> {
        let span = seen.span()?;
        if let Part::Octets(range) = part {
            let mut kept = self.once.places.borrow_mut();
            let (_, places) = match kept.take().filter(|(at, _)| *at == span) {
                Some(known) => kept.insert(known),
                None => {
                    let text = self.sources.octets(span.file);
                    let places = self.layout(seen).zip(seen.txt()).and_then(|(l, value)| l.places(text, value));
                    kept.insert((span, places))
                }
            };
            return Some(Span::new(span.file, places.as_ref()?.of(range)?));
        }
        let layout = self.layout(seen)?;
        let text = self.sources.octets(span.file);
        let begins_with_digit = |range: &Range<usize>| text.get(range.start).is_some_and(u8::is_ascii_digit);
        let range = match part {
            Part::Owner => layout.owner?,
            Part::Ttl => layout.header.into_iter().find(begins_with_digit)?,
            Part::Target => {
                let number = match seen.record.rtype {
                    Rtype::MX | Rtype::AFSDB | Rtype::SVCB | Rtype::HTTPS => 1,
                    Rtype::SRV => 3,
                    Rtype::NAPTR => 5,
                    _ => 0,
                };
                layout.data.get(number)?.range.clone()
            }
            Part::Octets(_) => return None,
        };
        Some(Span::new(span.file, range))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{name, records};

    #[test]
    fn records_by_name_and_type_come_in_output_order() {
        let (origin, sources) = (name("example.com"), Sources::default());
        let lines = "b TXT \"1\" \"2\"\na A 192.0.2.1\nB TXT \"3\"\n@ MX 0 a\nb A 192.0.2.2";
        let view = View::new(&origin, records("example.com", lines), None, &[], &sources);
        let texts: Vec<&[u8]> = view.at(&name("b.example.com")).filter_map(Seen::txt).collect();
        assert_eq!(texts, [b"12".as_slice(), b"3"]);
        let owners: Vec<String> = view.owners().map(|(name, _)| name.to_string()).collect();
        assert_eq!(owners, ["b.example.com.", "a.example.com.", "example.com."]);
        assert_eq!(view.numbered(Rtype::A).map(|(number, _)| number).collect::<Vec<_>>(), [1, 4]);
        assert!(view.has_name(&name("A.Example.com")) && !view.has_name(&name("c.example.com")));
        let empty = View::new(&origin, Vec::new(), None, &[], &sources);
        assert!(!empty.has_name(&origin) && empty.owners().next().is_none());
    }
}
