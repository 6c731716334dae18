//! Whether `build` of what was written gives the zone back: it is built in memory and compared, record by record.

use std::collections::{BTreeMap, BTreeSet};

use crate::build::{Overrides, composed};
use crate::catalogue::Catalogue;
use crate::compose::{Composed, ComposedZone, Intent, RrSet};
use crate::mail::tags::TagList;
use crate::mail::{bimi, dkim, dmarc, spf, tls_rpt};
use crate::report::{Severity, Text};
use crate::site::InMemory;
use crate::zone::{Name, Record, Rtype};

use super::text::Written;
use super::zone::Zone;

/// A record that the built zone has.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) record: Record,
    /// Who wants it.
    pub(super) by: Text,
}

/// What building gave.
#[derive(Debug, Default)]
pub(super) struct Built {
    pub(super) made: Vec<Made>,
    /// SPF terms that senders bring, by name.
    pub(super) of_senders: BTreeMap<Name, Vec<String>>,
    /// Who brings each of them.
    pub(super) bringers: BTreeMap<Name, Vec<(String, Text)>>,
    /// Names and types that a switch of the sender's own panel makes.
    pub(super) switched: Vec<(Name, Rtype, Text)>,
    /// Records that lost a conflict, with the reason.
    pub(super) lost: Vec<(Record, Text)>,
    /// Keys that are not there yet: who wants them, and where.
    pub(super) blanks: Vec<(Name, Text)>,
}

/// Why nothing was built.
#[derive(Debug)]
pub(super) struct Broken {
    /// Where in the text, octets; none if it cannot be said.
    pub(super) at: Vec<usize>,
    /// The first reason.
    pub(super) why: Text,
}

/// Builds a written site. What forms make of its records, which takes longer, is asked only where `is_worth_it` says so of what is wanted.
pub(super) fn built(
    written: &Written,
    catalogue: &Catalogue,
    is_worth_it: impl FnOnce(&Built) -> bool,
) -> Result<Built, Broken> {
    let mut files = InMemory::site(written.text.clone());
    for (name, text) in &written.keys {
        files = files.and(name, text.clone());
    }
    let run = composed("site.toml", &files, catalogue, &Overrides::default(), |wanted| {
        let built = Built::of(&wanted.composed, wanted.composed.zones());
        if !is_worth_it(&built) {
            return Some(built);
        }
        Some(wanted.fitted(|fitted| {
            let zones = fitted.zones().filter(|z| !fitted.is_keyzone(z));
            Built::of(fitted.composed, zones.map(|z| z.composed))
        }))
    });
    match run.product {
        Some(built) => Ok(built),
        None => {
            let errors: Vec<_> = run.findings.iter().filter(|f| f.severity == Severity::Error).collect();
            let why = errors.first().map(|f| f.title.clone()).unwrap_or_default();
            let first = run.sources.first();
            // An error of two places is mended by taking away one of them.
            let at = errors.iter().filter_map(|f| f.primary()).filter(|s| s.file == first).map(|s| s.range().start);
            Err(Broken { at: at.collect(), why })
        }
    }
}

impl Built {
    fn of<'z>(composed: &Composed, zones: impl Iterator<Item = &'z ComposedZone>) -> Self {
        let mut out = Self::default();
        for zone in zones {
            for set in &zone.rrsets {
                for member in &set.members {
                    let by = composed.first_party(member);
                    out.made.push(Made { record: set.record(member), by });
                    out.of_senders(set, &member.intent, composed);
                }
            }
            out.switched.extend(zone.switched.iter().map(|s| (s.name.clone(), s.rtype, composed.party(&s.origin))));
            out.lost.extend(zone.losers.iter().map(|l| (l.record.clone(), l.why.clone())));
            out.blanks.extend(zone.blanks.iter().map(|b| (b.name.clone(), composed.party(&b.origin))));
        }
        out
    }

    fn of_senders(&mut self, set: &RrSet, intent: &Intent, composed: &Composed) {
        let Intent::Spf { terms, .. } = intent else { return };
        let brought: Vec<(String, Text)> = terms
            .iter()
            .filter_map(|(raw, origins)| {
                let by = origins.iter().find(|o| o.party > 0 && !o.by_hand)?;
                Some((raw.clone(), composed.party(by)))
            })
            .collect();
        if !brought.is_empty() {
            self.of_senders.insert(set.name.clone(), brought.iter().map(|(raw, _)| raw.clone()).collect());
            self.bringers.insert(set.name.clone(), brought);
        }
    }
}

/// A difference between the zone as found and as built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Difference {
    /// The built zone has another text that means the same: the found record's number and the built text.
    Spelled(usize, Vec<u8>),
    /// The two texts at one place say different things: the found record's number, the built text, who wants it.
    Changed(usize, Vec<u8>, Text),
    /// Only the found zone has it.
    Missing(usize),
    /// Only the built zone has it, and who wants it.
    Added(Record, Text),
    /// The TTL differs: the found record's number and the built TTL.
    Ttl(usize, u32),
}

/// Compares.
pub(super) fn compare(zone: &Zone<'_>, built: &Built) -> Vec<Difference> {
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    let mut added: Vec<&Made> = Vec::new();
    let mut out = Vec::new();
    for made in &built.made {
        match zone.find(&made.record) {
            Some(at) => {
                seen.insert(at);
                if ttl_differs(zone, at, made.record.ttl) {
                    out.push(Difference::Ttl(at, made.record.ttl));
                }
            }
            None => added.push(made),
        }
    }
    for made in added {
        let mut theirs = zone.of(&made.record.name, made.record.rtype).filter(|at| !seen.contains(at));
        let theirs = theirs.find(|at| is_same_thing(zone.record(*at), &made.record));
        let Some(at) = theirs else {
            out.push(Difference::Added(made.record.clone(), made.by.clone()));
            continue;
        };
        seen.insert(at);
        let (old, new) =
            (zone.record(at).map(|r| r.rdata.txt_joined()).unwrap_or_default(), made.record.rdata.txt_joined());
        if ttl_differs(zone, at, made.record.ttl) {
            out.push(Difference::Ttl(at, made.record.ttl));
        }
        out.push(if same_meaning(&old, &new, &made.record.name) {
            Difference::Spelled(at, new)
        } else {
            Difference::Changed(at, new, made.by.clone())
        });
    }
    out.extend((0..zone.records.len()).filter(|at| !seen.contains(at)).map(Difference::Missing));
    out.sort_by_key(|d| match d {
        Difference::Spelled(at, _) | Difference::Changed(at, ..) | Difference::Missing(at) | Difference::Ttl(at, _) => {
            *at
        }
        Difference::Added(..) => usize::MAX,
    });
    out
}

/// Whether a TTL is another than that of the found set, which is the lowest of its records (RFC 2181 §5.2).
fn ttl_differs(zone: &Zone<'_>, at: usize, built: u32) -> bool {
    let Some(record) = zone.record(at) else { return false };
    let own = zone.found.get(at).filter(|f| f.has_ttl).map(|f| f.record.ttl);
    let Some(own) = own.filter(|own| *own != built) else { return false };
    zone.lowest_ttl(&record.name, record.rtype).unwrap_or(own) != built
}

/// Whether two records of a name and type are TXT and the same thing, such as the one SPF record of a name.
fn is_same_thing(found: Option<&Record>, made: &Record) -> bool {
    let Some(found) = found.filter(|f| f.rtype == Rtype::TXT) else { return false };
    kind(&found.rdata.txt_joined(), &found.name) == kind(&made.rdata.txt_joined(), &made.name)
}

/// What a TXT is for, by what it says and where it stands.
fn kind(text: &[u8], name: &Name) -> &'static str {
    let label = |at: usize| name.labels().nth(at).map(<[u8]>::to_ascii_lowercase).unwrap_or_default();
    if spf::is_spf(text) {
        "spf"
    } else if label(0) == b"_dmarc" {
        "dmarc"
    } else if label(0) == b"_smtp" && label(1) == b"_tls" {
        "tls-rpt"
    } else if label(0) == b"_mta-sts" {
        "mta-sts"
    } else if label(1) == b"_bimi" {
        "bimi"
    } else if name.labels().any(|l| l.eq_ignore_ascii_case(b"_domainkey")) && dkim::parse(text).0.looks_meant() {
        "dkim"
    } else {
        ""
    }
}

/// Whether two texts of one kind say the same to whoever reads them.
pub(super) fn same_meaning(old: &[u8], new: &[u8], name: &Name) -> bool {
    match (kind(old, name), kind(new, name)) {
        ("spf", "spf") => same_spf(old, new, name),
        ("dmarc", "dmarc") => {
            let (old, new) = (dmarc::parse(old).0, dmarc::parse(new).0);
            // `pct` has an effect at receivers that do not know RFC 9989 yet.
            let pct =
                |r: &dmarc::Record| r.tags.find(b"pct").map_or_else(|| b"100".to_vec(), |t| r.tags.value(t).to_vec());
            old.dmarc.print() == new.dmarc.print() && pct(&old) == pct(&new)
        }
        ("tls-rpt", "tls-rpt") => {
            let uris = |text: &[u8]| tls_rpt::parse(text).0.rua.into_iter().map(|u| u.uri).collect::<Vec<_>>();
            uris(old) == uris(new)
        }
        ("bimi", "bimi") => bimi::parse(old).0.bimi == bimi::parse(new).0.bimi,
        ("dkim", "dkim") => tags(old) == tags(new),
        _ => false,
    }
}

/// The tags of a list, however they are spaced.
fn tags(text: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let (list, _) = TagList::parse(text);
    let plain = |octets: &[u8]| octets.iter().copied().filter(|o| !o.is_ascii_whitespace()).collect::<Vec<u8>>();
    let read = list.tags().iter().map(|t| (plain(list.name(t)), plain(list.value(t))));
    // What a key has by default says nothing (RFC 6376 §3.6.1).
    read.filter(|(name, value)| !matches!((name.as_slice(), value.as_slice()), (b"v", b"DKIM1") | (b"k", b"rsa")))
        .collect()
}

/// Whether two SPF records give every address the same result: the same terms, in the same order unless no order matters.
fn same_spf(old: &[u8], new: &[u8], name: &Name) -> bool {
    let plain = name.display_without_dot().to_string();
    let (old, new) = (spf::Record::parse(old), spf::Record::parse(new));
    if !old.problems().is_empty()
        || !new.problems().is_empty()
        || old.terms_after_all().next().is_some()
        || new.terms_after_all().next().is_some()
    {
        return false;
    }
    let terms =
        |r: &spf::Record| -> Vec<String> { r.terms().iter().map(|t| t.normal(&plain).as_str().to_owned()).collect() };
    let (mut a, mut b) = (terms(&old), terms(&new));
    if a == b {
        return true;
    }
    let passes = |r: &spf::Record| {
        r.terms()
            .iter()
            .all(|t| !t.kind.is_modifier() && (t.kind == spf::TermKind::All || t.qualifier == spf::Qualifier::Pass))
    };
    a.sort();
    b.sort();
    a == b && passes(&old) && passes(&new)
}
