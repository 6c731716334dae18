//! Who passes, for every address at once: two states of the records are held against each other, with what a receiver never reaches.
//!
//! The ranges that the terms of a tree name cut all addresses into sets of which no term tells one address from another. One address of each
//! set stands for all of it, so that what holds for these holds for everybody.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::evaluate::{Answer, Dns, is_askable};
use super::parse::is_spf;
use super::print::lower_name;
use super::types::{DomainSpec, DualPrefix, Network, Qualifier, Record, Term, TermKind};
use super::{MAX_HOSTS, MAX_LOOKUPS, MAX_VOIDS, TERMS_MAX};

/// Most ranges of two states that are held against each other. The work grows with their square.
const RANGES_MAX: usize = 2_000;
/// Most terms of a tree that are read for it.
const READ_MAX: usize = 5_000;
/// Most terms that one address is held against where nothing stops: a tree can lead to the same names again and again.
const STEPS_MAX: usize = 20_000;

/// The records behind some names, each read once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    records: BTreeMap<String, Read>,
}

/// What stands at a name.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Read {
    /// Nobody answered.
    Open,
    /// No record, or one that receivers give up on.
    Broken,
    Terms(Vec<Step>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    term: String,
    qualifier: Qualifier,
    asks: bool,
    matches: Matches,
}

/// Whom a term matches.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Matches {
    Everybody,
    Range(Network),
    /// What is asked one after the other, by the client's family.
    Hosts {
        v4: Vec<Found>,
        v6: Vec<Found>,
    },
    Include(String),
    Redirect(String),
    /// The name cannot be asked for.
    Nobody,
    /// The mail decides.
    Mail,
}

/// What came of one question.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Found {
    Nothing,
    NoAnswer,
    TooMany,
    Somebody(Vec<Network>),
    Everybody,
}

impl Tree {
    /// What is behind these names, given without a final dot. None if it is more than any receiver evaluates.
    #[must_use]
    pub fn read<'n>(dns: &dyn Dns, names: impl IntoIterator<Item = &'n str>) -> Option<Self> {
        let mut tree = Self::default();
        let mut left: Vec<String> = names.into_iter().map(lower_name).collect();
        let most = TERMS_MAX.saturating_add(left.len());
        let mut terms = 0_usize;
        while let Some(name) = left.pop() {
            if tree.records.contains_key(&name) {
                continue;
            }
            let read = self::read(dns, &name);
            terms += read.steps().len();
            if tree.records.len() >= most || terms > READ_MAX {
                return None;
            }
            left.extend(read.leads_to().map(str::to_owned));
            tree.records.insert(name, read);
        }
        Some(tree)
    }

    /// The names that are reached from one.
    fn reached(&self, name: &str) -> BTreeSet<&str> {
        let mut seen = BTreeSet::new();
        let mut left: Vec<&str> = self.records.get_key_value(name).map(|(name, _)| name.as_str()).into_iter().collect();
        while let Some(name) = left.pop() {
            if seen.insert(name) {
                left.extend(self.records.get(name).into_iter().flat_map(Read::leads_to));
            }
        }
        seen
    }

    /// Whether something behind these names is not known, or depends on the mail.
    fn is_open(&self, names: &BTreeSet<&str>) -> bool {
        let is_open = |step: &Step| match &step.matches {
            Matches::Mail => true,
            Matches::Hosts { v4, v6 } => v4.iter().chain(v6).any(|found| *found == Found::NoAnswer),
            _ => false,
        };
        let mut reads = names.iter().filter_map(|name| self.records.get(*name));
        reads.any(|read| *read == Read::Open || read.steps().iter().any(is_open))
    }

    fn ranges<'t>(&'t self, names: &'t BTreeSet<&str>) -> impl Iterator<Item = Network> + 't {
        let steps = names.iter().filter_map(|name| self.records.get(*name)).flat_map(Read::steps);
        steps.flat_map(|step| match &step.matches {
            Matches::Range(network) => vec![*network],
            Matches::Hosts { v4, v6 } => v4.iter().chain(v6).flat_map(Found::ranges).copied().collect(),
            _ => Vec::new(),
        })
    }
}

impl Read {
    fn steps(&self) -> &[Step] {
        match self {
            Self::Terms(steps) => steps,
            Self::Open | Self::Broken => &[],
        }
    }

    fn leads_to(&self) -> impl Iterator<Item = &str> {
        self.steps().iter().filter_map(|step| match &step.matches {
            Matches::Include(name) | Matches::Redirect(name) => Some(name.as_str()),
            _ => None,
        })
    }
}

impl Found {
    fn ranges(&self) -> &[Network] {
        match self {
            Self::Somebody(ranges) => ranges,
            _ => &[],
        }
    }
}

fn read(dns: &dyn Dns, domain: &str) -> Read {
    // Nobody can ask for such a name, so nothing is there.
    if !is_askable(domain) {
        return Read::Broken;
    }
    let texts = match dns.txt(domain) {
        Answer::Records(texts) => texts,
        Answer::NoData | Answer::NxDomain => Vec::new(),
        Answer::TempFail => return Read::Open,
    };
    let mut texts = texts.iter().filter(|text| is_spf(text));
    let (Some(text), None) = (texts.next(), texts.next()) else { return Read::Broken };
    let record = Record::parse(text);
    if record.syntax_error().is_some() {
        return Read::Broken;
    }
    let redirect = record.redirect().filter(|_| record.all().is_none());
    Read::Terms(record.live_mechanisms().chain(redirect).map(|term| step(dns, term, domain)).collect())
}

fn step(dns: &dyn Dns, term: &Term, domain: &str) -> Step {
    let spec = term.kind.domain_spec();
    let name = spec.map_or_else(|| domain.to_owned(), |spec| lower_name(spec.as_str()));
    let matches = match &term.kind {
        TermKind::All => Matches::Everybody,
        kind if kind.network().is_some() => kind.network().map_or(Matches::Nobody, Matches::Range),
        _ if spec.is_some_and(DomainSpec::has_macros) => Matches::Mail,
        TermKind::Include(_) => Matches::Include(name),
        TermKind::Redirect(_) => Matches::Redirect(name),
        TermKind::A { .. } | TermKind::Mx { .. } | TermKind::Exists(_) if !is_askable(&name) => Matches::Nobody,
        TermKind::A { prefix, .. } => {
            Matches::Hosts { v4: vec![v4(dns, &name, *prefix)], v6: vec![v6(dns, &name, *prefix)] }
        }
        TermKind::Mx { prefix, .. } => mx(dns, &name, *prefix),
        // Always A (RFC 7208 §5.7).
        TermKind::Exists(_) => {
            let found = match v4(dns, &name, DualPrefix::default()) {
                Found::Somebody(_) => Found::Everybody,
                other => other,
            };
            Matches::Hosts { v4: vec![found.clone()], v6: vec![found] }
        }
        _ => Matches::Mail,
    };
    Step { term: term.raw.clone(), qualifier: term.qualifier, asks: term.kind.costs_lookup(), matches }
}

fn v4(dns: &dyn Dns, host: &str, prefix: DualPrefix) -> Found {
    found(dns.a(host), |address| Network::new(address.into(), prefix.v4.unwrap_or(32)))
}

fn v6(dns: &dyn Dns, host: &str, prefix: DualPrefix) -> Found {
    found(dns.aaaa(host), |address| Network::new(address.into(), prefix.v6.unwrap_or(128)))
}

fn found<T>(answer: Answer<T>, network: impl Fn(T) -> Network) -> Found {
    match answer {
        Answer::Records(records) if !records.is_empty() => Found::Somebody(records.into_iter().map(network).collect()),
        Answer::Records(_) | Answer::NoData | Answer::NxDomain => Found::Nothing,
        Answer::TempFail => Found::NoAnswer,
    }
}

fn mx(dns: &dyn Dns, name: &str, prefix: DualPrefix) -> Matches {
    let hosts = match dns.mx(name) {
        Answer::Records(hosts) if !hosts.is_empty() => hosts,
        Answer::Records(_) | Answer::NoData | Answer::NxDomain => {
            return Matches::Hosts { v4: vec![Found::Nothing], v6: vec![Found::Nothing] };
        }
        Answer::TempFail => return Matches::Hosts { v4: vec![Found::NoAnswer], v6: vec![Found::NoAnswer] },
    };
    if hosts.len() > MAX_HOSTS {
        return Matches::Hosts { v4: vec![Found::TooMany], v6: vec![Found::TooMany] };
    }
    let hosts: Vec<String> = hosts.iter().map(|host| lower_name(host)).filter(|host| is_askable(host)).collect();
    Matches::Hosts {
        v4: hosts.iter().map(|host| v4(dns, host, prefix)).collect(),
        v6: hosts.iter().map(|host| v6(dns, host, prefix)).collect(),
    }
}

/// What a change does to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harm {
    /// The client passed before, or may have, and does not afterwards.
    Lost(IpAddr),
    /// The client passes afterwards, and was not meant to before.
    Gained(IpAddr),
    /// There are more ranges than can be held against each other.
    TooLarge,
}

/// What a change is allowed to do.
#[derive(Clone, Copy)]
pub struct Allowed<'a> {
    /// Whether clients that this term of the record let pass may fail afterwards.
    pub gone: &'a dyn Fn(&str) -> bool,
    /// A term goes, and others are to stand in for it: its clients come to terms that they never came to before.
    pub stands_in: bool,
}

/// What the change from one state to another does at a name; none if it does nobody harm.
#[must_use]
pub fn harm(before: &Tree, after: &Tree, name: &str, allowed: Allowed<'_>) -> Option<Harm> {
    let name = &lower_name(name);
    let (had_names, has_names) = (before.reached(name), after.reached(name));
    let is_same = |at: &&str| before.records.get(*at) == after.records.get(*at);
    if had_names == has_names && had_names.iter().all(is_same) {
        return None;
    }
    let mut ranges = BTreeSet::new();
    for range in before.ranges(&had_names).chain(after.ranges(&has_names)) {
        ranges.insert(range);
        if ranges.len() > RANGES_MAX {
            return Some(Harm::TooLarge);
        }
    }
    let steps = |tree: &Tree| tree.records.get(name).map(|read| read.steps().to_vec()).unwrap_or_default();
    let (had, has) = (steps(before), steps(after));
    let differ = had.iter().zip(&has).position(|(a, b)| a != b).unwrap_or(had.len().min(has.len()));
    let is_open = before.is_open(&had_names) || after.is_open(&has_names);
    let takes: &[Open] = if is_open { &[Open::No, Open::Matches] } else { &[Open::No] };
    clients(ranges).into_iter().find_map(|client| {
        for open in takes.iter().copied() {
            let passed = before.passes(name, client, How { open, limits: true, unsure_from: None });
            let passes = after.passes(name, client, How { open, limits: true, unsure_from: None });
            match (passed, passes) {
                (Some(by), None) if !(allowed.gone)(by) => return Some(Harm::Lost(client)),
                (Some(by), Some(now)) if allowed.stands_in && by != now && open == Open::No => {
                    let how = How { open, limits: true, unsure_from: Some(differ) };
                    if after.passes(name, client, how).is_none() {
                        return Some(Harm::Lost(client));
                    }
                }
                (None, Some(_)) => {
                    let how = How { open, limits: false, unsure_from: None };
                    if before.passes(name, client, how).is_none() {
                        return Some(Harm::Gained(client));
                    }
                }
                _ => {}
            }
        }
        None
    })
}

/// An address of each set that the ranges cut out, and one of each family that is in none.
fn clients(mut ranges: BTreeSet<Network>) -> Vec<IpAddr> {
    ranges.insert(Network::new(Ipv4Addr::UNSPECIFIED.into(), 0));
    ranges.insert(Network::new(Ipv6Addr::UNSPECIFIED.into(), 0));
    // A range stands right before those inside it.
    let ranges: Vec<Network> = ranges.into_iter().collect();
    let first = |range: &Network, inside: &[Network]| {
        let mut free = Some(range.address());
        for inner in inside.iter().take_while(|inner| range.contains(inner)) {
            let Some(address) = free else { break };
            if address < inner.address() {
                break;
            }
            if inner.contains_address(address) {
                free = next(inner.last()).filter(|address| range.contains_address(*address));
            }
        }
        free
    };
    let each = ranges.iter().enumerate();
    each.filter_map(|(at, range)| first(range, ranges.get(at + 1..).unwrap_or_default())).collect()
}

fn next(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(v4) => v4.to_bits().checked_add(1).map(|bits| Ipv4Addr::from_bits(bits).into()),
        IpAddr::V6(v6) => v6.to_bits().checked_add(1).map(|bits| Ipv6Addr::from_bits(bits).into()),
    }
}

/// How what is not known is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    No,
    Matches,
}

#[derive(Clone, Copy)]
struct How {
    open: Open,
    /// Without limits nothing stops either: what the terms mean, whatever receivers reach of it.
    limits: bool,
    /// From this term of the name's own record on, what is not known ends the evaluation; and if something before it is not known, that has
    /// used up all that it may.
    unsure_from: Option<usize>,
}

/// The evaluation ends without a pass.
struct Stop;

struct Run<'t> {
    tree: &'t Tree,
    client: IpAddr,
    how: How,
    lookups: usize,
    voids: usize,
    steps: usize,
    path: Vec<&'t str>,
    /// Something that is not known was met.
    met_open: bool,
    /// What is not known ends it.
    unsure: bool,
}

impl Tree {
    /// The term of the record at the name by which the client passes.
    fn passes(&self, name: &str, client: IpAddr, how: How) -> Option<&str> {
        let client = client.to_canonical();
        let mut run = Run {
            tree: self,
            client,
            how,
            lookups: 0,
            voids: 0,
            steps: 0,
            path: Vec::new(),
            met_open: false,
            unsure: false,
        };
        match run.record(name) {
            Ok(Some(step)) if step.qualifier == Qualifier::Pass => Some(&step.term),
            _ => None,
        }
    }
}

impl<'t> Run<'t> {
    /// Where nothing stops, what would stop only does not match.
    fn stops<T: Default>(&self) -> Result<T, Stop> {
        if self.how.limits { Err(Stop) } else { Ok(T::default()) }
    }

    fn open(&mut self) -> Result<bool, Stop> {
        self.met_open = true;
        if self.unsure { self.stops() } else { Ok(self.how.open == Open::Matches) }
    }

    /// The term that decides.
    fn record(&mut self, name: &str) -> Result<Option<&'t Step>, Stop> {
        let Some((name, read)) = self.tree.records.get_key_value(name) else { return self.stops() };
        let steps = match read {
            Read::Terms(steps) if !self.path.contains(&name.as_str()) => steps,
            _ => return self.stops(),
        };
        self.path.push(name);
        let mut found = None;
        for (at, step) in steps.iter().enumerate() {
            if self.path.len() == 1 && self.how.unsure_from == Some(at) {
                self.unsure = true;
                if self.met_open {
                    // The term that goes, or what stands at its place, could still ask once.
                    self.lookups = self.lookups.max(MAX_LOOKUPS - 1);
                    self.voids = MAX_VOIDS;
                }
            }
            self.steps += 1;
            if self.steps > STEPS_MAX {
                return Err(Stop);
            }
            self.lookups += usize::from(step.asks);
            if self.how.limits && self.lookups > MAX_LOOKUPS {
                return Err(Stop);
            }
            if let Matches::Redirect(target) = &step.matches {
                // What it leads to decides, and it is the redirect that led there.
                let decides = self.record(target)?;
                found = decides.filter(|by| by.qualifier == Qualifier::Pass).map(|_| step);
                break;
            }
            if self.matches(step)? {
                found = Some(step);
                break;
            }
        }
        self.path.pop();
        Ok(found)
    }

    fn matches(&mut self, step: &'t Step) -> Result<bool, Stop> {
        match &step.matches {
            Matches::Everybody => Ok(true),
            Matches::Range(network) => Ok(network.contains_address(self.client)),
            Matches::Hosts { v4, v6 } => {
                for found in if self.client.is_ipv4() { v4 } else { v6 } {
                    if self.is_among(found)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Matches::Include(name) => match self.tree.records.get(name) {
                Some(Read::Open) => self.open(),
                _ => Ok(self.record(name)?.is_some_and(|by| by.qualifier == Qualifier::Pass)),
            },
            Matches::Redirect(_) | Matches::Nobody => Ok(false),
            Matches::Mail => self.open(),
        }
    }

    fn is_among(&mut self, found: &Found) -> Result<bool, Stop> {
        match found {
            Found::Nothing => {
                self.voids += 1;
                if self.how.limits && self.voids > MAX_VOIDS { Err(Stop) } else { Ok(false) }
            }
            Found::NoAnswer => self.open(),
            Found::TooMany => self.stops(),
            Found::Somebody(ranges) => Ok(ranges.iter().any(|range| range.contains_address(self.client))),
            Found::Everybody => Ok(true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::evaluate::{Query, Verdict, check_host};
    use super::super::test_zone::Zone;
    use super::*;

    const ALWAYS: &dyn Fn(&str) -> bool = &|_| true;
    const NEVER: &dyn Fn(&str) -> bool = &|_| false;

    fn tree(zone: &Zone) -> Tree {
        Tree::read(zone, ["e.example"]).unwrap()
    }

    fn of(record: &str, others: &str) -> Tree {
        tree(&Zone::new(&format!("e.example TXT v=spf1 {record}\n{others}")))
    }

    fn change(before: &Tree, after: &Tree, stands_in: bool) -> Option<Harm> {
        harm(before, after, "E.example.", Allowed { gone: NEVER, stands_in })
    }

    /// Hosts that have only IPv4 cost an IPv6 client a look-up that finds nothing each.
    const HOSTS: &str = "h.example A 192.0.2.1\nd.example AAAA 2001:db8::1\nd.example A 192.0.2.2\n";

    #[test]
    fn what_covers_has_to_be_reached() {
        let one = "one.example TXT v=spf1 ip4:203.0.113.0/24 ip6:2001:db8:1::/48 -all\n";
        // Three look-ups that find nothing for IPv6 stand before the include.
        let big = "big.example TXT v=spf1 a:h.example a:h.example a:h.example include:one.example -all\n";
        let others = format!("{HOSTS}{one}{big}");
        let before = of("include:one.example include:big.example -all", &others);
        let found = change(&before, &of("include:big.example -all", &others), true);
        assert!(matches!(found, Some(Harm::Lost(IpAddr::V6(_)))), "{found:?}");
        // With one of them less everybody gets there.
        let others = others.replacen("a:h.example ", "", 1);
        let before = of("include:one.example include:big.example -all", &others);
        assert_eq!(change(&before, &of("include:big.example -all", &others), true), None);
        // Eleven look-ups before the range.
        let many: String = (0..11).map(|_| "include:one.example ").collect();
        let others = format!("{HOSTS}{one}");
        let before = of(&format!("a:h.example {many}ip4:192.0.2.0/24 -all"), &others);
        let after = of(&format!("{many}ip4:192.0.2.0/24 -all"), &others);
        assert_eq!(change(&before, &after, true), Some(Harm::Lost("192.0.2.1".parse().unwrap())));
    }

    #[test]
    fn what_is_not_known_is_taken_at_its_worst() {
        for open in ["include:x.silent.example", "exists:%{i}.x.example"] {
            // Behind the term that goes, it can end the evaluation before the other one is reached.
            let before = of(&format!("a:h.example {open} ip4:192.0.2.0/24 -all"), HOSTS);
            let after = of(&format!("{open} ip4:192.0.2.0/24 -all"), HOSTS);
            assert_eq!(change(&before, &after, true), Some(Harm::Lost("192.0.2.1".parse().unwrap())), "{open}");
            // Before it, it may have used up the look-ups, and a range needs none.
            let before = of(&format!("{open} a:h.example ip4:192.0.2.0/24 -all"), HOSTS);
            assert_eq!(change(&before, &after, true), None, "{open}");
            let include =
                "i.example TXT v=spf1 a:d.example include:j.example -all\nj.example TXT v=spf1 ip4:192.0.2.0/24 -all\n";
            let others = format!("{HOSTS}{include}");
            let before = of(&format!("{open} a:h.example include:i.example -all"), &others);
            let after = of(&format!("{open} include:i.example -all"), &others);
            assert_eq!(change(&before, &after, true), Some(Harm::Lost("192.0.2.1".parse().unwrap())), "{open}");
        }
    }

    #[test]
    fn who_may_go_is_said_by_its_term() {
        let others = format!("{HOSTS}i.example TXT v=spf1 ip4:203.0.113.0/24 -all\n");
        let before = of("a:h.example include:i.example -all", &others);
        let after = of("a:h.example -all", &others);
        let gone = |term: &str| term == "include:i.example";
        let allowed = Allowed { gone: &gone, stands_in: false };
        assert_eq!(harm(&before, &after, "e.example", allowed), None);
        assert_eq!(change(&before, &after, false), Some(Harm::Lost("203.0.113.0".parse().unwrap())));
        assert_eq!(change(&after, &before, false), Some(Harm::Gained("203.0.113.0".parse().unwrap())));
        // Somebody who was meant to pass and never got there passes now: nobody new.
        let twelve: String = (0..12).map(|_| "a:h.example ").collect();
        let before = of(&format!("{twelve}include:i.example -all"), &others);
        let mended = of("a:h.example include:i.example -all", &others);
        assert_eq!(change(&before, &mended, false), None);
        assert_eq!(harm(&before, &mended, "e.example", Allowed { gone: ALWAYS, stands_in: false }), None);
    }

    #[test]
    fn one_address_of_each_set() {
        let range = |text: &str, bits| Network::new(text.parse().unwrap(), bits);
        let ranges = [range("192.0.2.0", 24), range("192.0.2.0", 25), range("192.0.2.128", 26), range("192.0.2.3", 32)];
        let found = clients(ranges.into());
        let expected = ["0.0.0.0", "192.0.2.192", "192.0.2.0", "192.0.2.3", "192.0.2.128", "::"];
        assert_eq!(found, expected.map(|text| text.parse::<IpAddr>().unwrap()));
        let whole = clients([range("0.0.0.0", 1), range("128.0.0.0", 1)].into());
        assert_eq!(whole, ["0.0.0.0", "128.0.0.0", "::"].map(|text| text.parse::<IpAddr>().unwrap()));
        assert!(clients([range("255.255.255.255", 32)].into()).contains(&"255.255.255.255".parse().unwrap()));
    }

    #[test]
    fn circles_and_bombs_end() {
        let mut text = String::from("c.example TXT v=spf1 include:c.example ip4:192.0.2.1 -all\n");
        for n in 0..60 {
            text += &format!("n{n}.example TXT v=spf1 include:n{}.example include:n{}.example -all\n", n + 1, n + 1);
        }
        let before = of("include:n0.example include:c.example a:h.example -all", &text);
        let after = of("include:n0.example include:c.example -all", &text);
        assert_eq!(change(&before, &after, true), None);
        let large: String = (0..2_100).map(|n| format!("ip4:198.51.{}.{} ", n / 200, n % 200)).collect();
        assert_eq!(change(&of("mx -all", ""), &of(&large, ""), true), Some(Harm::TooLarge));
        let larger: String = (0..5_100).map(|n| format!("ip4:198.51.{}.{} ", n / 200, n % 200)).collect();
        assert_eq!(Tree::read(&Zone::new(&format!("e.example TXT v=spf1 {larger}")), ["e.example"]), None);
    }

    /// Each address of a small world passes here just where it passes at a receiver.
    #[test]
    fn random_trees_are_judged_as_receivers_judge_them() {
        let mut state = 4_408_u64;
        let mut below = |n: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % n
        };
        let (mut passed, mut stopped) = (0, 0);
        for _ in 0..300 {
            let mut zone = Zone::new(&format!("{HOSTS}e.example MX d.example\ne.example MX h.example\n"));
            for (n, name) in ["e.example", "i.example", "j.example", "k.example"].into_iter().enumerate() {
                let mut text = "v=spf1".to_owned();
                for _ in 0..below(7) {
                    let sign = ["", "", "", "", "-", "~", "?"][below(7) as usize];
                    let body = match below(10) {
                        0 | 1 => format!("ip4:192.0.2.{}/{}", below(16), 26 + below(7)),
                        2 => format!("ip6:2001:db8::{:x}/{}", below(8), 124 + below(5)),
                        3..=5 => format!("include:{}.example", ["i", "j", "k", "e"][(n + below(4) as usize).min(3)]),
                        6 => format!("a:{}.example/{}", ["h", "d", "gone"][below(3) as usize], 29 + below(4)),
                        7 => "mx:e.example//127".to_owned(),
                        8 => format!("exists:{}.example", ["h", "gone"][below(2) as usize]),
                        _ => "a:h.example".to_owned(),
                    };
                    text += &format!(" {sign}{body}");
                }
                text += ["", " -all", " ~all", " redirect=k.example"][below(4) as usize];
                zone = zone.and(name, "TXT", &text);
            }
            let tree = tree(&zone);
            let clients = (0..64u32).map(|n| IpAddr::from(Ipv4Addr::from(0xC000_0200 + n)));
            let clients = clients.chain((0..16).map(|n| Ipv6Addr::from_bits(0x2001_0db8 << 96 | n).into()));
            for client in clients {
                let verdict = check_host(&zone, &Query::new(client, "x@e.example", "h.example")).verdict;
                let how = How { open: Open::No, limits: true, unsure_from: None };
                let passes = tree.passes("e.example", client, how).is_some();
                assert_eq!(passes, verdict == Verdict::Pass, "{client}: {verdict:?}\n{zone:#?}");
                passed += usize::from(passes);
                stopped += usize::from(verdict == Verdict::PermError);
            }
        }
        assert!(passed > 2_000 && stopped > 2_000, "{passed} {stopped}");
    }
}
