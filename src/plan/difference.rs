//! A fitted zone against the zone as it is, by meaning: texts joined, names folded, the order of a set and its TTL no difference. Pure, and
//! linear in both zones. What was not asked is never taken for absent.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::fit::FittedZone;
use crate::mail::{bimi, dkim, dmarc, mta_sts, spf, tags, tls_rpt};
use crate::zone::{Current, Found, Name, Record, Rtype};

/// What of a name's records of one type belongs together: of texts each kind, of all other types all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Everything that is no text of a known kind.
    Set,
    /// The SPF record.
    Spf,
    /// The DMARC policy.
    Dmarc,
    /// A key of signatures.
    Key,
    /// That there is an MTA-STS policy.
    MtaSts,
    /// Where reports on TLS go.
    TlsRpt,
    /// A logo.
    Bimi,
}

impl Part {
    /// What a record is a part of.
    #[must_use]
    pub fn of(record: &Record) -> Self {
        if record.rtype != Rtype::TXT {
            return Self::Set;
        }
        let text = record.rdata.txt_joined();
        if spf::is_spf(&text) {
            Self::Spf
        } else if dmarc::is_dmarc(&text) {
            Self::Dmarc
        } else if dkim::looks_like_dkim_key(&text) {
            // Names in a keyzone have no `_domainkey`.
            Self::Key
        } else if mta_sts::looks_like_mta_sts(&text) {
            Self::MtaSts
        } else if tls_rpt::looks_like_tls_rpt(&text) {
            Self::TlsRpt
        } else if bimi::looks_like_bimi(&text) {
            Self::Bimi
        } else {
            Self::Set
        }
    }

    /// Whether two of it at one name are one too many.
    #[must_use]
    pub fn is_one(self, rtype: Rtype) -> bool {
        self != Self::Set || matches!(rtype, Rtype::CNAME | Rtype::DNAME)
    }
}

/// Whether a name is that of a key of DKIM: `_domainkey` is its second label or a later one.
#[must_use]
pub fn is_key_owner(name: &Name) -> bool {
    name.labels().skip(1).any(|label| label.eq_ignore_ascii_case(b"_domainkey"))
}

/// A piece of a record that has pieces: a term of SPF, a tag of DMARC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Only the wanted record has it.
    Added(String),
    /// Only the record as it is has it.
    Gone(String),
    /// Both have it, and it says something else.
    Changed {
        /// As it is.
        from: String,
        /// As it is wanted.
        to: String,
    },
}

/// What is wanted at a name and what is there.
#[derive(Clone, Debug)]
pub struct Difference<'c> {
    /// Owner.
    pub name: Name,
    /// Type.
    pub rtype: Rtype,
    /// Which part of it.
    pub part: Part,
    /// Wanted, and not there.
    pub missing: Vec<Record>,
    /// There and not wanted.
    pub extra: Vec<&'c Found>,
    /// There and wanted.
    pub same: Vec<&'c Found>,
    /// What changes in a record that is one of its kind.
    pub pieces: Vec<Piece>,
    /// Whether it is known that nothing else is there.
    pub known: bool,
}

impl Difference<'_> {
    /// Whether what is there is what is wanted.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.missing.is_empty() && self.extra.is_empty()
    }

    /// What is there and what is wanted of its TTL, where the zone says one and they differ. It is never a difference by itself.
    #[must_use]
    pub fn ttl(&self, wanted: u32) -> Option<(u32, u32)> {
        self.same.iter().find(|f| f.has_ttl && f.record.ttl != wanted).map(|f| (f.record.ttl, wanted))
    }
}

/// Every set that is wanted in a zone against the zone as it is, in the zone's order.
#[must_use]
pub fn differences<'c>(zone: &FittedZone<'_>, current: &'c Current) -> Vec<Difference<'c>> {
    let mut out = Vec::new();
    for set in &zone.composed.rrsets {
        let wanted: Vec<(Part, Record)> = set.records().map(|r| (Part::of(&r), r)).collect();
        let parts: BTreeSet<Part> = wanted.iter().map(|(part, _)| *part).collect();
        for part in parts {
            let wanted: Vec<&Record> = wanted.iter().filter(|(p, _)| *p == part).map(|(_, r)| r).collect();
            let there: Vec<&Found> = current
                .found_at(&set.name)
                .filter(|f| f.record.rtype == set.rtype && Part::of(&f.record) == part)
                .collect();
            let is = |found: &&&Found| wanted.iter().any(|w| is_same(part, w, &found.record));
            let (same, extra): (Vec<&Found>, Vec<&Found>) = there.iter().partition(is);
            // Texts of other people stand at the same name by right.
            let extra = if part == Part::Set && set.rtype.is_text() { Vec::new() } else { extra };
            let missing: Vec<Record> = wanted
                .iter()
                .filter(|w| !there.iter().any(|f| is_same(part, w, &f.record)))
                .map(|w| (*w).clone())
                .collect();
            let pieces = match (extra.as_slice(), missing.as_slice()) {
                ([old], [new]) => pieces(part, &old.record, new),
                _ => Vec::new(),
            };
            let known = current.knows(&set.name, set.rtype);
            out.push(Difference {
                name: set.name.clone(),
                rtype: set.rtype,
                part,
                missing,
                extra,
                same,
                pieces,
                known,
            });
        }
    }
    out
}

/// Whether two records of a part say the same: their data is the same, or the terms of SPF are, or what the tags mean.
#[must_use]
pub fn is_same(part: Part, one: &Record, other: &Record) -> bool {
    let text = |r: &Record| String::from_utf8_lossy(&r.rdata.txt_joined()).into_owned();
    one.same_data(other)
        || match part {
            Part::Spf => spf::is_same(&text(one), &text(other), &one.name.display_without_dot().to_string()),
            // A key may be wanted as a CNAME.
            _ if one.rtype == Rtype::TXT && other.rtype == Rtype::TXT => {
                let of = |record: &Record| meaning(part, &record.rdata.txt_joined());
                of(one).is_some_and(|one| of(other) == Some(one))
            }
            _ => false,
        }
}

/// What the tags of a record mean, where it has tags and no fault.
fn meaning(part: Part, text: &[u8]) -> Option<BTreeMap<String, String>> {
    let is_sound = match part {
        Part::Dmarc => return dmarc::meaning(text),
        Part::Key => return dkim::meaning(text),
        Part::MtaSts => is_sound(&mta_sts::parse(text).1),
        Part::TlsRpt => is_sound(&tls_rpt::parse(text).1),
        Part::Bimi => is_sound(&bimi::parse(text).1),
        Part::Set | Part::Spf => false,
    };
    // These have no defaults that anybody says: what is written counts, in any order.
    let (list, _) = tags::TagList::parse(text);
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    let value = |name: &str, value: String| match (part, name) {
        (Part::TlsRpt, "rua") => value.split(',').map(|one| tags::address(one.trim())).collect::<Vec<_>>().join(","),
        _ => value,
    };
    let one = |tag| {
        let name = text(list.name(tag));
        let value = value(&name, text(list.value(tag)));
        (name, value)
    };
    is_sound.then(|| list.tags().iter().map(one).collect())
}

fn is_sound<K: tags::Fault>(problems: &[tags::Problem<K>]) -> bool {
    problems.iter().all(|problem| problem.kind.level() != tags::Level::Error)
}

/// What changes from one record to another of the same kind.
#[must_use]
pub fn pieces(part: Part, old: &Record, new: &Record) -> Vec<Piece> {
    let (before, after) = (old.rdata.txt_joined(), new.rdata.txt_joined());
    match part {
        Part::Spf => terms(&String::from_utf8_lossy(&before), &String::from_utf8_lossy(&after), &new.name),
        Part::Dmarc => tags_of(part, &before, &after),
        Part::Key => {
            let pieces = tags_of(part, &before, &after);
            // Another key is another record, and no list of tags tells it.
            let is_key = |piece: &Piece| {
                let (Piece::Added(text) | Piece::Gone(text) | Piece::Changed { to: text, .. }) = piece;
                text.starts_with("p=")
            };
            if pieces.iter().any(is_key) { Vec::new() } else { pieces }
        }
        _ => Vec::new(),
    }
}

/// Term by term. What the old record has behind its `all` is as good as not there (RFC 7208 §5.1).
fn terms(old: &str, new: &str, name: &Name) -> Vec<Piece> {
    let cut = spf::Record::parse(old.as_bytes()).all().map_or(old.len(), |all| all.span.end);
    let old = old.get(..cut).unwrap_or(old);
    let change = spf::change(old, new, &name.display_without_dot().to_string());
    let end = |text: &str| spf::Record::parse(text.as_bytes()).all().map(|t| t.raw.clone());
    let all = change.all.map(|(from, to)| Piece::Changed { from, to }).or_else(|| match (end(old), end(new)) {
        (None, Some(new)) => Some(Piece::Added(new)),
        (Some(old), None) => Some(Piece::Gone(old)),
        _ => None,
    });
    let added = change.added.into_iter().map(Piece::Added);
    added.chain(change.gone.into_iter().map(Piece::Gone)).chain(all).collect()
}

/// Tag by tag, those that mean another thing than before.
fn tags_of(part: Part, old: &[u8], new: &[u8]) -> Vec<Piece> {
    let list = |text: &[u8]| -> Vec<(String, String)> {
        let (list, _) = tags::TagList::parse(text);
        let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
        list.tags().iter().map(|t| (text(list.name(t)), text(list.value(t)))).collect()
    };
    let meanings = meaning(part, old).zip(meaning(part, new));
    let (had, has) = (list(old), list(new));
    let of = |list: &[(String, String)], name: &str| list.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
    let is_same = |name: &str| match &meanings {
        Some((old, new)) => old.get(name) == new.get(name),
        None => of(&had, name) == of(&has, name),
    };
    let mut out = Vec::new();
    for (name, value) in has.iter().filter(|(name, _)| !is_same(name)) {
        let to = format!("{name}={value}");
        out.push(match of(&had, name) {
            None => Piece::Added(to),
            Some(old) => Piece::Changed { from: format!("{name}={old}"), to },
        });
    }
    let gone = had.iter().filter(|(name, _)| of(&has, name).is_none() && !is_same(name));
    out.extend(gone.map(|(name, value)| Piece::Gone(format!("{name}={value}"))));
    out
}

/// Whether whoever serves or signs the zone makes a record, so that it is nobody's to enter: SOA, the zone's own NS, DNSSEC.
#[must_use]
pub fn is_made_by_server(record: &Record, apex: &Name) -> bool {
    match record.rtype {
        Rtype::SOA
        | Rtype::RRSIG
        | Rtype::NSEC
        | Rtype::NSEC3
        | Rtype::NSEC3PARAM
        | Rtype::SIG
        | Rtype::NXT
        | Rtype::ZONEMD
        // What BIND keeps of its signing.
        | Rtype(65534) => true,
        Rtype::NS | Rtype::DNSKEY | Rtype::CDS | Rtype::CDNSKEY | Rtype::KEY => record.name == *apex,
        _ => false,
    }
}

/// What is there and not managed: it stays. In the order of the zone.
pub fn kept<'c>(zone: &FittedZone<'_>, current: &'c Current) -> impl Iterator<Item = &'c Found> {
    let apex = zone.composed.origin.clone();
    let mut managed: HashSet<(Name, Rtype, Part)> = HashSet::new();
    let mut names: HashSet<Name> = HashSet::new();
    for set in &zone.composed.rrsets {
        names.insert(set.name.clone());
        managed.extend(set.records().map(|r| (set.name.clone(), set.rtype, Part::of(&r))));
    }
    let texts: HashSet<(Name, Vec<u8>)> = zone
        .composed
        .rrsets
        .iter()
        .filter(|s| s.rtype.is_text())
        .flat_map(|s| s.members.iter().map(|m| (s.name.clone(), m.rdata.txt_joined())))
        .collect();
    current.found().iter().filter(move |found| {
        let record = &found.record;
        if is_made_by_server(record, &apex) {
            return false;
        }
        // Most names of a large zone are nobody's here, and those are told by one look.
        if !names.contains(&record.name) {
            return true;
        }
        let part = Part::of(record);
        if part == Part::Set && record.rtype.is_text() {
            return !texts.contains(&(record.name.clone(), record.rdata.txt_joined()));
        }
        !managed.contains(&(record.name.clone(), record.rtype, part))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::Rdata;

    fn same(part: Part, one: &str, other: &str) -> bool {
        let record = |text: &str| Record {
            name: Name::parse_absolute("x.example.com").unwrap(),
            rtype: Rtype::TXT,
            ttl: 3600,
            rdata: Rdata::txt(text.as_bytes()).unwrap(),
        };
        is_same(part, &record(one), &record(other))
    }

    #[test]
    fn what_means_the_same_is_the_same() {
        let dmarc = "v=DMARC1; p=none; rua=mailto:d@example.com";
        for other in [
            "v=DMARC1;p=none;rua=mailto:d@example.com;",
            "v = DMARC1 ; rua = mailto:d@example.com; p = none",
            "v=DMARC1; p=NONE; rua=mailto:d@example.com; sp=none; adkim=r; pct=100",
        ] {
            assert!(same(Part::Dmarc, dmarc, other), "{other}");
        }
        // Another value, one more, one less, `v` not in front, a fault, other letters.
        for other in [
            "v=DMARC1; p=reject; rua=mailto:d@example.com",
            "v=DMARC1; p=none; rua=mailto:d@example.com; t=y",
            "v=DMARC1; p=none",
            "p=none; v=DMARC1; rua=mailto:d@example.com",
            "v=DMARC1; p=none; p=none; rua=mailto:d@example.com",
            "v=DMARC1; P=none; rua=mailto:d@example.com",
            "v=DMARC1; p=none; x; rua=mailto:d@example.com",
        ] {
            assert!(!same(Part::Dmarc, dmarc, other), "{other}");
        }
        let key = "v=DKIM1; k=rsa; p=AAAABBBB";
        for other in ["v=DKIM1;k=rsa;p=AAAA BBBB;", "p=AAAABBBB"] {
            assert!(same(Part::Key, key, other), "{other}");
        }
        for other in ["v=DKIM1; k=rsa; p=AAAABBBC", "v=DKIM1; k=rsa; t=s; p=AAAABBBB"] {
            assert!(!same(Part::Key, key, other), "{other}");
        }
        for (part, one, other) in [
            (Part::MtaSts, "v=STSv1; id=1a", "v=STSv1;id=1a;"),
            (Part::TlsRpt, "v=TLSRPTv1; rua=mailto:t@example.com", "v=TLSRPTv1;rua=mailto:t@example.com"),
            (Part::TlsRpt, "v=TLSRPTv1; rua=mailto:t@example.com", "v=TLSRPTv1;rua=mailto:t@Example.COM"),
            (
                Part::Bimi,
                "v=BIMI1; l=https://example.com/l.svg; avp=brand",
                "v=BIMI1;avp=brand;l=https://example.com/l.svg",
            ),
        ] {
            assert!(same(part, one, other), "{other}");
            assert!(!same(part, one, &other.replace("1;", "1; x=y;")), "{other}");
            assert!(!same(part, one, &other.replace("v=", "v = x")), "{other}");
        }
        // What is no list of tags is what it is.
        assert!(!same(Part::Set, dmarc, "v=DMARC1;p=none;rua=mailto:d@example.com;"));
    }

    #[test]
    fn only_what_means_another_thing_is_a_piece() {
        let of = |part, old: &str, new: &str| -> Vec<String> {
            let told = |piece| match piece {
                Piece::Added(to) => format!("+{to}"),
                Piece::Gone(from) => format!("-{from}"),
                Piece::Changed { from, to } => format!("{from}>{to}"),
            };
            tags_of(part, old.as_bytes(), new.as_bytes()).into_iter().map(told).collect()
        };
        let wanted = "v=DMARC1; p=quarantine";
        assert_eq!(of(Part::Dmarc, "v=DMARC1; p=NONE; pct=100; adkim=r", wanted), ["p=NONE>p=quarantine"]);
        assert_eq!(of(Part::Dmarc, "v=DMARC1; p=quarantine; sp=none; aspf=r", wanted), ["-sp=none"]);
        // With a fault what is written counts.
        assert_eq!(of(Part::Dmarc, "v=DMARC1; p=bogus; pct=100", wanted), ["p=bogus>p=quarantine", "-pct=100"]);
        let change = terms("v=spf1 a -all include:b.example", "v=spf1 a include:b.example -all", &Name::root());
        assert_eq!(change, [Piece::Added("include:b.example".into())]);
        assert_eq!(of(Part::Key, "p=AAAA; t=s; k=rsa; n=x", "v=DKIM1; p=AAAA"), ["-t=s"]);
    }
}
