//! The network's twin: answers from zone files, as servers that are authoritative for these zones and nothing else would give them
//! (RFC 1034 §4.3.2, RFC 4592, RFC 6672). Opens no files: their text is handed in.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    ops::Bound,
};

use super::{Answer, CHAIN_MAX, Outcome, Question, Resolve, Source, Transfer, TransferError, TransferFault};
use crate::zone::{MasterFault, MasterFile, Name, Rdata, Record, Rtype};

/// The TTL where a file gives none at all.
const TTL: u32 = 3600;

/// Zone files that answer questions.
#[derive(Clone, Debug, Default)]
pub struct Fixture {
    /// The records of each zone, by its origin.
    zones: BTreeMap<Name, Zone>,
    /// Zones of which there is more than is here: what they lack is not known.
    partial: BTreeSet<Name>,
}

/// Names in canonical order, so that what is below a name follows it.
type Zone = BTreeMap<Name, Vec<Record>>;

/// What came of a zone file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// What could not be read, in the order of the file.
    pub faults: Vec<MasterFault>,
    /// How many more faults there are.
    pub more_faults: usize,
    /// Owners of records that belong to none of the file's zones, and so are not there. Each once.
    pub outside: Vec<Name>,
}

impl Fixture {
    /// One without zones: it knows nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a zone file. Each SOA in it begins a zone, so that one file can hold several; without any, `origin` is the zone. `origin` also
    /// completes relative names until the file has an `$ORIGIN`. A zone that is there already gets these records besides.
    pub fn add(&mut self, text: &[u8], origin: &Name) -> Added {
        let file = MasterFile::read(text, origin);
        let mut origins: HashSet<Name> =
            file.records.iter().filter(|record| record.rtype == Rtype::SOA).map(|record| record.name.clone()).collect();
        if origins.is_empty() {
            origins.insert(origin.clone());
        }
        for origin in &origins {
            self.zones.entry(origin.clone()).or_default();
        }
        let mut added = Added { faults: file.faults, more_faults: file.more_faults, outside: Vec::new() };
        let mut seen = HashSet::new();
        for record in file.records {
            let record = record.into_record(TTL);
            let Some(origin) = home(&record.name, record.rtype, |at| origins.contains(at)) else {
                if seen.insert(record.name.clone()) {
                    added.outside.push(record.name);
                }
                continue;
            };
            self.zones.entry(origin).or_default().entry(record.name.clone()).or_default().push(record);
        }
        for origin in &origins {
            for records in self.zones.get_mut(origin).into_iter().flat_map(BTreeMap::values_mut) {
                let mut seen = HashSet::new();
                records.retain(|record| seen.insert((record.rtype, record.rdata.clone())));
            }
        }
        added
    }

    /// Adds records of the zone `origin`; those outside of it are left out. Unless they are the whole zone, it says nothing of what it lacks.
    pub fn add_records(&mut self, origin: &Name, records: impl IntoIterator<Item = Record>, whole: bool) {
        if !whole {
            self.partial.insert(origin.clone());
        }
        let zone = self.zones.entry(origin.clone()).or_default();
        for record in records.into_iter().filter(|record| record.name.is_subdomain_of(origin)) {
            zone.entry(record.name.clone()).or_default().push(record);
        }
    }

    /// What is said of one name, aliases not followed.
    fn step(&self, name: &Name, rtype: Rtype) -> Step {
        let origin = home(name, rtype, |at| self.zones.contains_key(at));
        let Some((origin, zone)) = origin.and_then(|origin| self.zones.get_key_value(&origin)) else {
            return Step::End(Outcome::NotInFixture);
        };
        if let Some(cut) = cut(origin, zone, name, rtype) {
            return Step::End(cut);
        }
        let absent = |outcome| if self.partial.contains(origin) { Outcome::NotInPart } else { outcome };
        // A DNAME speaks of the names below it (RFC 6672 §2.3), the deepest of the zone first met from above.
        let path: Vec<Name> = above(name).take_while(|at| at.is_subdomain_of(origin)).collect();
        for owner in path.iter().skip(1).rev() {
            if let Some(dname) = zone.get(owner).and_then(|records| records.iter().find(|r| r.rtype == Rtype::DNAME)) {
                let target = dname.target().zip(name.strip_suffix(owner));
                // Too long a name: YXDOMAIN (RFC 6672 §2.2).
                let Some(target) = target.and_then(|(target, prefix)| prefix.join(&target).ok()) else {
                    return Step::End(Outcome::Code(6));
                };
                let rdata = Rdata::cname(&target);
                let alias = Record { name: name.clone(), rtype: Rtype::CNAME, ttl: dname.ttl, rdata };
                return match rtype {
                    Rtype::CNAME | Rtype::ANY => Step::End(Outcome::Records(vec![alias])),
                    _ => Step::Alias(alias),
                };
            }
        }
        let records = match zone.get(name) {
            Some(records) => records.clone(),
            None if exists(zone, name) => Vec::new(),
            None => match wildcard(zone, &path) {
                Some(records) => records.iter().map(|r| Record { name: name.clone(), ..r.clone() }).collect(),
                None => return Step::End(absent(Outcome::NxDomain)),
            },
        };
        let alias = records.iter().find(|record| record.rtype == Rtype::CNAME);
        if let Some(alias) = alias.filter(|_| !matches!(rtype, Rtype::CNAME | Rtype::ANY)) {
            return Step::Alias(alias.clone());
        }
        let set: Vec<Record> =
            records.into_iter().filter(|record| record.rtype == rtype || rtype == Rtype::ANY).collect();
        Step::End(if set.is_empty() { absent(Outcome::NoData) } else { Outcome::Records(set) })
    }
}

/// What is said of one name.
enum Step {
    /// It is an alias.
    Alias(Record),
    /// The last word.
    End(Outcome),
}

impl Resolve for Fixture {
    fn ask(&self, question: &Question) -> Answer {
        let mut answer = Answer::new(question, Outcome::AliasLoop, Source::Fixture);
        let mut name = question.name.clone();
        loop {
            match self.step(&name, question.rtype) {
                Step::End(outcome) => {
                    answer.outcome = outcome;
                    break;
                }
                Step::Alias(record) => {
                    let target = record.target();
                    answer.chain.push(record);
                    let Some(target) = target.filter(|_| answer.chain.len() <= CHAIN_MAX) else { break };
                    name = target;
                }
            }
        }
        // Of an answer with aliases it is the first that counts (RFC 1035 §4.1.1).
        answer.authoritative = !answer.chain.is_empty()
            || !matches!(answer.outcome, Outcome::Delegated { .. } | Outcome::NotInFixture | Outcome::NotInPart);
        answer
    }
}

impl Transfer for Fixture {
    fn transfer(&self, zone: &Name) -> Result<Vec<Record>, TransferError> {
        let fail = |fault| TransferError { zone: zone.clone(), from: Source::Fixture, fault };
        let held = self.zones.get(zone).filter(|_| !self.partial.contains(zone));
        let records: Vec<&Record> =
            held.ok_or_else(|| fail(TransferFault::NotAuthoritative))?.values().flatten().collect();
        let is_soa = |record: &&&Record| record.rtype == Rtype::SOA && record.name == *zone;
        let soa = records.iter().find(is_soa).ok_or_else(|| fail(TransferFault::NoSoa))?;
        let rest = records.iter().filter(|record| !is_soa(record));
        Ok(std::iter::once(soa).chain(rest).map(|record| (*record).clone()).collect())
    }

    fn source(&self) -> Source {
        Source::Fixture
    }
}

/// Where nobody can be asked: nothing is known of anything.
pub struct Nobody;

impl Resolve for Nobody {
    fn ask(&self, question: &Question) -> Answer {
        Answer::new(question, Outcome::NotInFixture, Source::Nobody)
    }
}

/// The name, its parent, and so on up to the root.
fn above(name: &Name) -> impl Iterator<Item = Name> {
    std::iter::successors(Some(name.clone()), Name::parent)
}

/// The zone in which the records of a name stand: the deepest at or above it, but for the DS of a zone's own name only one above that
/// (RFC 4035 §3.1.4.1): the zone itself cannot say whether there is one.
fn home(name: &Name, rtype: Rtype, is_origin: impl Fn(&Name) -> bool) -> Option<Name> {
    let mut origins = above(name).filter(is_origin);
    let deepest = origins.next()?;
    if rtype == Rtype::DS && deepest == *name { origins.next() } else { Some(deepest) }
}

/// Whether something stands at the name or below it.
fn exists(zone: &Zone, name: &Name) -> bool {
    zone.range::<Name, _>((Bound::Included(name), Bound::Unbounded))
        .next()
        .is_some_and(|(next, _)| next.is_subdomain_of(name))
}

/// The referral, if the zone gives `name` away: the cut nearest to the origin counts, what stands below it is glue.
fn cut(origin: &Name, zone: &Zone, name: &Name, rtype: Rtype) -> Option<Outcome> {
    let path: Vec<Name> = above(name).take_while(|at| at != origin && at.is_subdomain_of(origin)).collect();
    path.into_iter().rev().find_map(|at| {
        // The zone above answers for the DS of a cut itself.
        if rtype == Rtype::DS && at == *name {
            return None;
        }
        let servers: Vec<Name> =
            zone.get(&at)?.iter().filter(|record| record.rtype == Rtype::NS).filter_map(Record::target).collect();
        (!servers.is_empty()).then_some(Outcome::Delegated { zone: at, servers })
    })
}

/// The records of the wildcard below the closest name that exists (RFC 4592 §3.3.1); `path` is the name and those above it. `None` if there is no
/// such wildcard, nothing if it only has names below it.
fn wildcard<'z>(zone: &'z Zone, path: &[Name]) -> Option<&'z [Record]> {
    let encloser = path.iter().skip(1).find(|at| exists(zone, at))?;
    let wildcard = encloser.child("*").ok()?;
    zone.get(&wildcard).map(Vec::as_slice).or_else(|| exists(zone, &wildcard).then_some(&[]))
}

/// Several who answer, in turn: whoever knows the name has the word. Aliases are followed from one to the other.
pub struct InTurn<'r>(pub Vec<&'r dyn Resolve>);

impl InTurn<'_> {
    /// What the first one says who knows the name.
    fn first(&self, question: &Question) -> Answer {
        let mut answer = Answer::new(question, Outcome::NotInFixture, Source::Fixture);
        for resolve in &self.0 {
            if !is_unknown(&answer) {
                break;
            }
            answer = more_telling(answer, resolve.ask(question));
        }
        answer
    }

    /// The same answer, followed to its end where its aliases lead to what another one knows.
    fn through(&self, first: Answer) -> Answer {
        let mut answer = first;
        while (answer.outcome.is_passed_on() || answer.outcome == Outcome::AliasOutside) && !answer.chain.is_empty() {
            if answer.chain.len() > CHAIN_MAX {
                answer.outcome = Outcome::AliasLoop;
                break;
            }
            let mut next = self.first(&Question { name: answer.last_name(), rtype: answer.question.rtype });
            let is_end = next.chain.is_empty();
            let mut chain = std::mem::take(&mut answer.chain);
            chain.append(&mut next.chain);
            answer = Answer { question: answer.question, chain, ..next };
            if is_end {
                break;
            }
        }
        answer
    }
}

/// An alias into the unknown is known itself.
fn is_unknown(answer: &Answer) -> bool {
    answer.outcome.is_passed_on() && answer.chain.is_empty()
}

/// Of what one says and what the next one says: who has a part of the zone says more than who has none of it.
fn more_telling(before: Answer, next: Answer) -> Answer {
    if before.outcome == Outcome::NotInPart && is_unknown(&next) { before } else { next }
}

impl Resolve for InTurn<'_> {
    fn ask(&self, question: &Question) -> Answer {
        self.through(self.first(question))
    }

    fn ask_all(&self, questions: &[Question]) -> Vec<Answer> {
        let unknown = |question: &Question| Answer::new(question, Outcome::NotInFixture, Source::Fixture);
        let mut answers: Vec<Answer> = questions.iter().map(unknown).collect();
        // Each is asked side by side for what those before it do not know.
        for resolve in &self.0 {
            let mut open: Vec<&mut Answer> = answers.iter_mut().filter(|answer| is_unknown(answer)).collect();
            let asked: Vec<Question> = open.iter().map(|answer| answer.question.clone()).collect();
            for (place, answer) in open.iter_mut().zip(resolve.ask_all(&asked)) {
                **place = more_telling(place.clone(), answer);
            }
        }
        answers.into_iter().map(|answer| self.through(answer)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::parse_absolute(text).unwrap()
    }

    fn fixture(text: &str, origin: &str) -> Fixture {
        let mut fixture = Fixture::new();
        assert_eq!(fixture.add(text.as_bytes(), &name(origin)), Added::default());
        fixture
    }

    /// The outcome in one word, or the data of the records.
    fn says(fixture: &Fixture, at: &str, rtype: &str) -> String {
        let rtype = rtype.parse().unwrap();
        let answer = fixture.ask(&Question { name: name(at), rtype });
        match &answer.outcome {
            Outcome::Records(records) => {
                assert!(records.iter().all(|record| record.name == answer.last_name()), "{records:?}");
                records.iter().map(|record| record.rdata.present(record.rtype)).collect::<Vec<_>>().join(" | ")
            }
            Outcome::Delegated { zone, servers } => format!("{zone} at {servers:?}"),
            other => format!("{other:?}"),
        }
    }

    /// The zone of RFC 4592 §2.2.1, with reserved addresses.
    const RFC_4592: &str = "\
$ORIGIN example.
example.                 3600     SOA   ns.example.com. host.example.com. 1 7200 3600 1209600 3600
example.                 3600     NS    ns.example.com.
example.                 3600     NS    ns.example.net.
*.example.               3600     TXT   \"this is a wildcard\"
*.example.               3600     MX    10 host1.example.
sub.*.example.           3600     TXT   \"this is not a wildcard\"
host1.example.           3600     A     192.0.2.1
_ssh._tcp.host1.example. 3600     SRV   0 0 22 host1.example.
_ssh._tcp.host2.example. 3600     SRV   0 0 22 host2.example.
subdel.example.          3600     NS    ns.example.com.
subdel.example.          3600     NS    ns.example.net.
";

    #[test]
    fn the_wildcards_of_rfc_4592() {
        // Question and what RFC 4592 §2.2.1 says of it.
        let zone = fixture(RFC_4592, "example");
        for (at, rtype, answer) in [
            ("host3.example", "MX", "10 host1.example."),
            ("host3.example", "A", "NoData"),
            ("foo.bar.example", "TXT", "\"this is a wildcard\""),
            ("host1.example", "MX", "NoData"),
            ("sub.*.example", "MX", "NoData"),
            ("_telnet._tcp.host1.example", "SRV", "NxDomain"),
            ("host.subdel.example", "A", "subdel.example. at [ns.example.com., ns.example.net.]"),
            ("ghost.*.example", "MX", "NxDomain"),
        ] {
            assert_eq!(says(&zone, at, rtype), answer, "{at} {rtype}");
        }
        // The wildcard itself, and an empty non-terminal (RFC 4592 §2.2.2, §2.3).
        assert_eq!(says(&zone, "*.example", "TXT"), "\"this is a wildcard\"");
        assert_eq!(says(&zone, "_tcp.host2.example", "A"), "NoData");
        assert_eq!(says(&zone, "host2.example", "MX"), "NoData");
    }

    #[test]
    fn what_no_file_holds_is_not_denied() {
        let zone = fixture(RFC_4592, "example");
        assert_eq!(says(&zone, "example.com", "A"), "NotInFixture");
        assert_eq!(says(&zone, "com", "A"), "NotInFixture");
        assert_eq!(says(&Fixture::new(), ".", "NS"), "NotInFixture");
        let answer = zone.ask(&Question { name: name("example.com"), rtype: Rtype::A });
        assert_eq!(answer.records(), None);
        assert!(!answer.authoritative);
    }

    #[test]
    fn aliases_within_and_out_of_the_files() {
        let zone = fixture(
            "@ SOA a b 1 2 3 4 50\na 60 CNAME b\nb 70 CNAME c\nc TXT end\nno CNAME nothing\nout CNAME www.example.net.\n\
             x CNAME y\ny CNAME x\n*.w CNAME c\nn CNAME c.d\nd DNAME e\nc.e TXT below\n",
            "example.com",
        );
        let answer = zone.ask(&Question { name: name("A.example.com"), rtype: Rtype::TXT });
        let chain: Vec<_> = answer.chain.iter().map(|r| (r.name.to_string(), r.ttl, r.target().unwrap())).collect();
        assert_eq!(
            chain,
            [
                ("a.example.com.".to_owned(), 60, name("b.example.com")),
                ("b.example.com.".to_owned(), 70, name("c.example.com"))
            ]
        );
        for (at, rtype, said) in [
            ("a.example.com", "TXT", "\"end\""),
            ("a.example.com", "A", "NoData"),
            ("a.example.com", "CNAME", "b.example.com."),
            ("no.example.com", "TXT", "NxDomain"),
            ("out.example.com", "TXT", "NotInFixture"),
            ("x.example.com", "TXT", "AliasLoop"),
            ("any.w.example.com", "TXT", "\"end\""),
            ("c.d.example.com", "TXT", "\"below\""),
            ("n.example.com", "TXT", "\"below\""),
            ("d.example.com", "TXT", "NoData"),
            ("z.d.example.com", "TXT", "NxDomain"),
        ] {
            assert_eq!(says(&zone, at, rtype), said, "{at} {rtype}");
        }
        // RFC 6672 §2.2: the name that would be put in its place is too long.
        let mut long = fixture("@ SOA a b 1 2 3 4 50\n", "example.com");
        let target = [vec![b'x'; 63], vec![b'y'; 63], vec![b'z'; 63]];
        let target = Name::from_labels(target).unwrap();
        long.add(format!("@ SOA a b 1 2 3 4 50\nd DNAME {target}\n").as_bytes(), &name("example.com"));
        let owner = name("d.example.com").child("u".repeat(63)).unwrap();
        assert_eq!(long.ask(&Question { name: owner, rtype: Rtype::A }).outcome, Outcome::Code(6));
    }

    #[test]
    fn several_zones_in_files() {
        let mut zones = Fixture::new();
        let text = "$TTL 60\n@ SOA a b 1 2 3 4 50\n@ NS ns\nsub SOA a b 1 2 3 4 50\nsub NS ns.sub\nsub DS 1 8 2 00\nsub DNSKEY 257 3 8 AAAA\n\
                    a.sub TXT below\ncut NS ns.cut\nns.cut A 192.0.2.1\nwww.example.net. A 192.0.2.2\nwww.example.net. A 192.0.2.3\nbroken A x\n";
        let added = zones.add(text.as_bytes(), &name("example.com"));
        assert_eq!((added.faults.len(), added.outside), (1, vec![name("www.example.net")]));
        for (at, rtype, said) in [
            ("a.sub.example.com", "TXT", "\"below\""),
            ("sub.example.com", "NS", "ns.sub.example.com."),
            // RFC 4035 §3.1.4.1: of the zone above.
            ("sub.example.com", "DS", "1 8 2 00"),
            ("cut.example.com", "DS", "NoData"),
            ("ns.cut.example.com", "A", "cut.example.com. at [ns.cut.example.com.]"),
            ("cut.example.com", "NS", "cut.example.com. at [ns.cut.example.com.]"),
            ("www.example.net", "A", "NotInFixture"),
        ] {
            assert_eq!(says(&zones, at, rtype), said, "{at} {rtype}");
        }
        // A second file for the zone that was given away; and one without SOA, whose zone is the name it is read for.
        zones.add(b"$ORIGIN cut.example.com.\n@ SOA a b 1 2 3 4 50\nx TXT there\n", &name("other"));
        assert_eq!(says(&zones, "x.cut.example.com", "TXT"), "\"there\"");
        assert_eq!(zones.add(b"www A 192.0.2.4\nwww A 192.0.2.4\n", &name("example.net")), Added::default());
        let answer = zones.ask(&Question { name: name("www.example.net"), rtype: Rtype::A });
        assert_eq!(
            (answer.records().map(<[Record]>::len), answer.ttl(), answer.authoritative),
            (Some(1), Some(TTL), true)
        );
        assert_eq!(says(&zones, "mail.example.net", "A"), "NxDomain");
        assert_eq!(says(&zones, "example.net", "A"), "NoData");
    }

    #[test]
    fn several_in_turn_side_by_side_and_one_by_one() {
        // Each has a zone, and aliases into that of the other, the last of them in a circle.
        let com = fixture(
            "@ SOA a b 1 1 1 1 1\nwww A 192.0.2.1\nout CNAME web.example.net.\nring CNAME ring.example.net.\n",
            "example.com",
        );
        let net = fixture(
            "@ SOA a b 1 1 1 1 1\nweb CNAME www.example.com.\nring CNAME ring.example.com.\nfar CNAME x.example.org.\n",
            "example.net",
        );
        let both = InTurn(vec![&com, &net]);
        let questions = [
            "www.example.com",
            "far.example.net",
            "out.example.com",
            "x.example.org",
            "ring.example.net",
            "no.example.net",
        ]
        .map(|at| Question { name: name(at), rtype: Rtype::A });
        let answers = both.ask_all(&questions);
        assert_eq!(answers, questions.iter().map(|question| both.ask(question)).collect::<Vec<_>>());
        let said: Vec<(bool, usize)> =
            answers.iter().map(|a| (a.records().is_some_and(|r| !r.is_empty()), a.chain.len())).collect();
        assert_eq!(said, [(true, 0), (false, 1), (true, 2), (false, 0), (false, CHAIN_MAX + 1), (false, 0)]);
        let outcomes: Vec<&Outcome> = answers.iter().map(|a| &a.outcome).collect();
        assert_eq!(
            outcomes[1..],
            [&Outcome::NotInFixture, outcomes[2], &Outcome::NotInFixture, &Outcome::AliasLoop, &Outcome::NxDomain]
        );
    }

    #[test]
    fn answers_in_the_order_of_the_questions() {
        let zone = fixture(RFC_4592, "example");
        let questions = ["host1.example", "nothing.host1.example", "example.com"]
            .map(|at| Question { name: name(at), rtype: Rtype::A });
        let answers = zone.ask_all(&questions);
        assert!(answers.iter().map(|answer| &answer.question).eq(&questions));
        assert!(matches!(answers[0].outcome, Outcome::Records(_)));
        assert_eq!((&answers[1].outcome, &answers[2].outcome), (&Outcome::NxDomain, &Outcome::NotInFixture));
    }
}
