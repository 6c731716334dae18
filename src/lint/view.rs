//! What rules see: the active records of a zone, who wants them, and what the site declares.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::compose::{Composed, ComposedZone, Declared, Intent, Origin, Party};
use crate::report::{Finding, Severity, Sources, Span, Text};
use crate::zone::{Name, Record, Rtype};

/// A record as a rule sees it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The record.
    pub record: Record,
    /// Who wants it; empty for a zone without a site.
    pub origins: Vec<Origin>,
    /// What it is for, where a site says so.
    pub intent: Option<Intent>,
}

impl Seen {
    /// The joined octets of a TXT (or SPF) record.
    #[must_use]
    pub fn txt(&self) -> Option<Vec<u8>> {
        matches!(self.record.rtype, Rtype::TXT | Rtype::SPF).then(|| self.record.rdata.txt_joined())
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

/// A zone as rules see it.
pub struct View<'a> {
    /// The apex.
    pub origin: &'a Name,
    /// The active records, in output order.
    pub records: Vec<Seen>,
    /// What the site declares; absent for a zone without a site.
    pub declared: Option<&'a Declared>,
    /// Who the origins are.
    pub parties: &'a [Party],
    /// The texts that places are in.
    pub sources: &'a Sources,
    /// Text of the MTA-STS policy that goes with the zone, where it is at hand.
    pub mta_sts_policy: Option<&'a str>,
    by_name: HashMap<Name, Vec<usize>>,
}

impl<'a> View<'a> {
    /// A zone composed from a site.
    #[must_use]
    pub fn of_composed(composed: &'a Composed, zone: &'a ComposedZone, sources: &'a Sources) -> Self {
        let mut records = Vec::new();
        for set in &zone.rrsets {
            for (record, member) in set.records().zip(&set.members) {
                records.push(Seen { record, origins: member.origins.clone(), intent: Some(member.intent.clone()) });
            }
        }
        let mut view = Self::new(&zone.origin, records, Some(&composed.declared), &composed.parties, sources);
        view.mta_sts_policy = zone.mta_sts_policy.as_deref();
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
        let mut by_name: HashMap<Name, Vec<usize>> = HashMap::new();
        for (i, seen) in records.iter().enumerate() {
            by_name.entry(seen.record.name.clone()).or_default().push(i);
        }
        Self { origin, records, declared, parties, sources, mta_sts_policy: None, by_name }
    }

    /// The records at a name.
    pub fn at<'v>(&'v self, name: &Name) -> impl Iterator<Item = &'v Seen> + use<'v, 'a> {
        self.by_name.get(name).into_iter().flatten().filter_map(|i| self.records.get(*i))
    }

    /// The records of a name and type.
    pub fn of<'v>(&'v self, name: &Name, rtype: Rtype) -> impl Iterator<Item = &'v Seen> + use<'v, 'a> {
        self.at(name).filter(move |s| s.record.rtype == rtype)
    }

    /// The records of a type, anywhere.
    pub fn of_type(&self, rtype: Rtype) -> impl Iterator<Item = &Seen> {
        self.records.iter().filter(move |s| s.record.rtype == rtype)
    }

    /// Whether a name owns records here.
    #[must_use]
    pub fn has_name(&self, name: &Name) -> bool {
        self.by_name.contains_key(name)
    }

    /// All names that own records, in output order.
    pub fn names(&self) -> Vec<&Name> {
        let mut known = HashSet::new();
        self.records.iter().map(|s| &s.record.name).filter(|n| known.insert(*n)).collect()
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
        let mut finding = Finding::new(id, severity, title)
            .about(seen.record.name.display_without_dot().to_string(), seen.record.rtype.to_string());
        // The range is of the record as written: it holds where a hand wrote it, not where a template asked for it.
        let mut range = range;
        for origin in &seen.origins {
            let Some(span) = origin.span else { continue };
            let spot = match range.take_if(|_| origin.by_hand) {
                Some(range) => self.inside(span, seen, range),
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

    /// The place in site.toml of a range of a TXT's octets: exact where the quoted string there is the value itself.
    fn inside(&self, span: Span, seen: &Seen, range: Range<usize>) -> Span {
        let written = self.sources.slice(span);
        let inner = written.get(1..written.len().saturating_sub(1)).unwrap_or("");
        if seen.txt().is_some_and(|t| t == inner.as_bytes()) && !range.is_empty() && range.end <= inner.len() {
            let start = span.range().start + 1;
            return Span::new(span.file, start + range.start..start + range.end);
        }
        span
    }
}
