//! What a record costs a receiver: every look-up of the whole tree, past the limit, for the client that no term speaks of (RFC 7208 §4.6.4).
//!
//! A client that an early term names costs less; a limit has to hold for the one that comes to the end.

use super::evaluate::{Answer, Dns};
use super::parse::is_spf;
use super::print::lower_name;
use super::types::{Record, Term, TermKind};
use super::{MAX_HOSTS, MAX_LOOKUPS, MAX_VOIDS};

/// Most terms that are followed: ten times what any receiver evaluates. A tree that is larger is cut there, and says so.
pub const TERMS_MAX: usize = 250;

/// What can be said of what a term leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reach {
    /// All of it was counted.
    Counted,
    /// It depends on the message: a macro, or the client's own name. Of an include, more than was counted may be behind it.
    Message,
    /// Nobody answered for the name.
    NotAnswered,
    /// There is no SPF record at the name: an include or redirect of it is an error (RFC 7208 §5.2, §6.1).
    NoRecord,
    /// There are several, which is an error (RFC 7208 §4.5).
    SeveralRecords,
    /// The record there has a syntax error.
    Syntax,
    /// The name is on the way here already: it goes in a circle.
    Circle,
    /// An `mx` of more than ten hosts, which is an error.
    TooManyHosts,
    /// The tree is larger than is followed.
    Cut,
}

impl Reach {
    /// Whether a receiver that comes here gives up.
    #[must_use]
    pub fn is_permerror(self) -> bool {
        matches!(self, Self::NoRecord | Self::SeveralRecords | Self::Syntax | Self::Circle | Self::TooManyHosts)
    }

    /// Whether something stayed unknown.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Message | Self::NotAnswered | Self::Cut)
    }
}

/// One term that asks DNS, and what it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// As written.
    pub term: String,
    /// The name it asks for; none where a macro hides it.
    pub name: Option<String>,
    /// What can be said of it.
    pub reach: Reach,
    /// Of a record with a syntax error, the term at fault.
    pub fault: Option<String>,
    /// It is an `include:` or a `redirect=`, so that a record is behind it.
    pub leads_on: bool,
    /// Of its own look-ups, those that find nothing for an IPv4 client.
    pub voids_v4: usize,
    /// The same for an IPv6 client, which asks for AAAA.
    pub voids_v6: usize,
    /// The terms of the record that it leads to.
    pub below: Vec<Item>,
}

impl Item {
    /// Look-ups with everything below; more than ten are counted on.
    #[must_use]
    pub fn lookups(&self) -> usize {
        1 + self.below.iter().map(Self::lookups).sum::<usize>()
    }

    /// Look-ups that find nothing, with everything below: for an IPv4 client and for an IPv6 one.
    #[must_use]
    pub fn voids(&self) -> (usize, usize) {
        self.below.iter().map(Self::voids).fold((self.voids_v4, self.voids_v6), |(v4, v6), (a, b)| (v4 + a, v6 + b))
    }

    /// This and everything below, from the top.
    pub fn each(&self) -> impl Iterator<Item = &Item> {
        let mut left = vec![self];
        std::iter::from_fn(move || {
            let item = left.pop()?;
            left.extend(item.below.iter().rev());
            Some(item)
        })
    }

    /// Whether there may be more look-ups than were counted.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.each().any(|item| item.leads_on && item.reach.is_open())
    }
}

/// What one domain's record costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    /// Whose record it is.
    pub domain: String,
    /// Whether there is one that can be counted; [`Reach::Counted`] if so.
    pub reach: Reach,
    /// Of a record with a syntax error, the term at fault.
    pub fault: Option<String>,
    /// Its terms that ask DNS, in order; those behind `all`, and a `redirect=` beside it, ask nothing.
    pub items: Vec<Item>,
}

impl Bill {
    /// All look-ups, past ten.
    #[must_use]
    pub fn lookups(&self) -> usize {
        self.items.iter().map(Item::lookups).sum()
    }

    /// All look-ups that find nothing: for an IPv4 client and for an IPv6 one.
    #[must_use]
    pub fn voids(&self) -> (usize, usize) {
        self.items.iter().map(Item::voids).fold((0, 0), |(v4, v6), (a, b)| (v4 + a, v6 + b))
    }

    /// Every term that asks DNS, in the order of evaluation.
    pub fn each(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().flat_map(Item::each)
    }

    /// Whether there may be more look-ups than were counted.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.reach.is_open() || self.items.iter().any(Item::is_open)
    }

    /// Whether all of it is known: every look-up was counted, and nobody failed to answer.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !self.is_open() && self.each().all(|item| item.reach != Reach::NotAnswered)
    }

    /// Whether it costs more than RFC 7208 §4.6.4 allows: look-ups, or those of them that find nothing.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let (v4, v6) = self.voids();
        self.lookups() > MAX_LOOKUPS || v4.max(v6) > MAX_VOIDS
    }

    /// Whether some receiver gives up on it: too many look-ups, too many that find nothing, or an error on the way.
    #[must_use]
    pub fn is_permerror(&self) -> bool {
        self.is_over()
            || matches!(self.reach, Reach::SeveralRecords | Reach::Syntax)
            || self.each().any(|item| item.reach.is_permerror())
    }
}

/// Counts the record at `domain`, given without a final dot.
#[must_use]
pub fn bill(dns: &dyn Dns, domain: &str) -> Bill {
    let mut run = Run { dns, left: TERMS_MAX, path: Vec::new() };
    let Found { reach, fault, items } = run.record(&lower_name(domain));
    Bill { domain: domain.to_owned(), reach, fault, items }
}

struct Run<'a> {
    dns: &'a dyn Dns,
    /// How many more terms are followed.
    left: usize,
    /// The names whose records lead to where it is.
    path: Vec<String>,
}

/// What stands at a name.
struct Found {
    reach: Reach,
    fault: Option<String>,
    items: Vec<Item>,
}

impl From<Reach> for Found {
    fn from(reach: Reach) -> Self {
        Self { reach, fault: None, items: Vec::new() }
    }
}

impl Run<'_> {
    fn record(&mut self, domain: &str) -> Found {
        // Only the way here counts: the same name on two branches is legal, and counted twice.
        if self.path.iter().any(|name| name == domain) {
            return Reach::Circle.into();
        }
        let records = match self.dns.txt(domain) {
            Answer::Records(records) => records,
            Answer::NoData | Answer::NxDomain => Vec::new(),
            Answer::TempFail => return Reach::NotAnswered.into(),
        };
        let mut spf = records.iter().filter(|record| is_spf(record));
        let Some(record) = spf.next() else { return Reach::NoRecord.into() };
        if spf.next().is_some() {
            return Reach::SeveralRecords.into();
        }
        let record = Record::parse(record);
        if let Some(problem) = record.syntax_error() {
            return Found { fault: Some(problem.term.clone()), ..Reach::Syntax.into() };
        }
        let redirect = record.redirect().filter(|_| record.all().is_none());
        let terms: Vec<&Term> =
            record.live_mechanisms().chain(redirect).filter(|term| term.kind.costs_lookup()).collect();
        self.path.push(domain.to_owned());
        let mut items = Vec::new();
        let mut reach = Reach::Counted;
        for term in terms {
            let Some(left) = self.left.checked_sub(1) else {
                reach = Reach::Cut;
                break;
            };
            self.left = left;
            items.push(self.item(term, domain));
        }
        self.path.pop();
        Found { reach, fault: None, items }
    }

    fn item(&mut self, term: &Term, domain: &str) -> Item {
        let spec = term.kind.domain_spec();
        let mut item = Item {
            term: term.raw.clone(),
            name: None,
            reach: Reach::Message,
            fault: None,
            leads_on: matches!(term.kind, TermKind::Include(_) | TermKind::Redirect(_)),
            voids_v4: 0,
            voids_v6: 0,
            below: Vec::new(),
        };
        if spec.is_some_and(super::DomainSpec::has_macros) {
            return item;
        }
        let name = spec.map_or_else(|| domain.to_owned(), |spec| lower_name(spec.as_str()));
        item.name = Some(name.clone());
        match &term.kind {
            TermKind::Include(_) | TermKind::Redirect(_) => {
                let found = self.record(&name);
                (item.reach, item.fault, item.below) = (found.reach, found.fault, found.items);
            }
            TermKind::A { .. } => {
                item.reach = Reach::Counted;
                self.addresses(&name, &mut item);
            }
            TermKind::Mx { .. } => {
                item.reach = Reach::Counted;
                match self.dns.mx(&name) {
                    Answer::TempFail => item.reach = Reach::NotAnswered,
                    Answer::Records(hosts) if hosts.len() > MAX_HOSTS => item.reach = Reach::TooManyHosts,
                    Answer::Records(hosts) if !hosts.is_empty() => {
                        let hosts = hosts.iter().map(|host| lower_name(host)).filter(|host| !host.is_empty());
                        hosts.for_each(|host| self.addresses(&host, &mut item));
                    }
                    Answer::Records(_) | Answer::NoData | Answer::NxDomain => {
                        (item.voids_v4, item.voids_v6) = (1, 1);
                    }
                }
            }
            // Always A, whatever the client is (RFC 7208 §5.7).
            TermKind::Exists(_) => {
                item.reach = Reach::Counted;
                let voids = self.void(self.dns.a(&name), &mut item);
                (item.voids_v4, item.voids_v6) = (voids, voids);
            }
            // Whose name it is, the client decides.
            _ => {}
        }
        item
    }

    /// Whether the addresses of a name are missing, for each kind of client.
    fn addresses(&self, name: &str, item: &mut Item) {
        item.voids_v4 += self.void(self.dns.a(name), item);
        item.voids_v6 += self.void(self.dns.aaaa(name), item);
    }

    fn void<T>(&self, answer: Answer<T>, item: &mut Item) -> usize {
        match answer {
            Answer::Records(records) if !records.is_empty() => 0,
            Answer::TempFail => {
                item.reach = Reach::NotAnswered;
                0
            }
            Answer::Records(_) | Answer::NoData | Answer::NxDomain => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::super::evaluate::{Query, Trouble, Verdict, check_host};
    use super::super::test_zone::Zone;
    use super::*;

    fn includes(count: usize) -> String {
        (1..=count).map(|n| format!("include:i{n}.example ")).collect()
    }

    fn leaves(count: usize) -> String {
        (1..=count).map(|n| format!("i{n}.example TXT v=spf1 ip4:192.0.2.{n} -all\n")).collect()
    }

    /// What the bill says, and what a client that nobody names meets.
    fn both(zone: &Zone, client: &str) -> (usize, bool, Verdict) {
        let bill = bill(zone, "e.example");
        let client: IpAddr = client.parse().unwrap();
        let found = check_host(zone, &Query::new(client, "a@e.example", "mail.e.example"));
        (bill.lookups(), bill.is_permerror(), found.verdict)
    }

    /// Numbers of RFC 7208 §4.6.4: what counts, and that all of the recursion has one counter.
    #[test]
    fn counts_go_over_the_whole_tree_and_past_ten() {
        let of = |record: &str, zone: &str| Zone::new(&format!("e.example TXT {record}\n{zone}"));
        for (record, zone, lookups, permerror) in [
            (format!("v=spf1 {}-all", includes(10)), leaves(10), 10, false),
            (format!("v=spf1 {}-all", includes(11)), leaves(11), 11, true),
            (
                format!("v=spf1 {}a mx -all", includes(9)),
                leaves(9) + "e.example A 192.0.2.99\ne.example MX m.example\nm.example A 192.0.2.98",
                11,
                true,
            ),
            (
                format!("v=spf1 {}redirect=r.example ip4:192.0.2.50 exp=x.example", includes(9)),
                leaves(9) + "r.example TXT v=spf1 ip4:192.0.2.60 -all",
                10,
                false,
            ),
            // The same include on two branches counts twice.
            (
                "v=spf1 include:b.example include:b.example -all".to_owned(),
                format!("{}b.example TXT v=spf1 {}-all", leaves(4), includes(4)),
                10,
                false,
            ),
            // Behind `all` nothing is asked, and a redirect beside it counts for nothing.
            (
                "v=spf1 a -all mx include:gone.example redirect=gone.example".to_owned(),
                "e.example A 192.0.2.1".to_owned(),
                1,
                false,
            ),
        ] {
            let zone = of(&record, &zone);
            let (counted, broken, verdict) = both(&zone, "203.0.113.9");
            assert_eq!((counted, broken), (lookups, permerror), "{record}");
            assert_eq!(verdict == Verdict::PermError, permerror, "{record}: {verdict:?}");
        }
    }

    #[test]
    fn a_client_named_early_passes_although_the_record_costs_too_much() {
        let zone = Zone::new(&format!("e.example TXT v=spf1 {}-all\n{}", includes(11), leaves(11)));
        assert_eq!(both(&zone, "192.0.2.1"), (11, true, Verdict::Pass));
        assert_eq!(both(&zone, "192.0.2.200"), (11, true, Verdict::PermError));
    }

    /// Three hosts that have only IPv4: an IPv6 client meets three look-ups that find nothing (RFC 7208 §4.6.4 allows two).
    #[test]
    fn what_finds_nothing_depends_on_the_client_s_family() {
        let hosts = "a1.example A 192.0.2.1\na2.example A 192.0.2.2\na3.example A 192.0.2.3";
        let zone = Zone::new(&format!("e.example TXT v=spf1 a:a1.example a:a2.example a:a3.example -all\n{hosts}"));
        assert_eq!(bill(&zone, "e.example").voids(), (0, 3));
        assert_eq!(both(&zone, "203.0.113.9"), (3, true, Verdict::Fail));
        assert_eq!(both(&zone, "2001:db8::9"), (3, true, Verdict::PermError));
        let zone = Zone::new("e.example TXT v=spf1 mx:none.example exists:gone.example -all");
        assert_eq!(bill(&zone, "e.example").voids(), (2, 2));
        assert!(!bill(&zone, "e.example").is_permerror());
    }

    #[test]
    fn what_cannot_be_counted_is_said() {
        let zone = Zone::new(
            "e.example TXT v=spf1 include:%{d2}.x.example exists:%{i}.y.example include:s.silent.example include:none.example a:h.silent.example ptr -all",
        );
        let bill = bill(&zone, "e.example");
        let reach: Vec<(Reach, bool)> = bill.items.iter().map(|item| (item.reach, item.is_open())).collect();
        assert_eq!(
            reach,
            [
                (Reach::Message, true),
                // One look-up, whatever the name is.
                (Reach::Message, false),
                (Reach::NotAnswered, true),
                (Reach::NoRecord, false),
                (Reach::NotAnswered, false),
                (Reach::Message, false),
            ]
        );
        assert_eq!((bill.lookups(), bill.is_open(), bill.is_permerror()), (6, true, true));
    }

    #[test]
    fn circles_and_bombs_end() {
        let zone =
            Zone::new("e.example TXT v=spf1 include:b.example -all\nb.example TXT v=spf1 include:e.example -all");
        let circle = bill(&zone, "E.example.");
        assert_eq!(circle.each().map(|item| item.reach).collect::<Vec<_>>(), [Reach::Counted, Reach::Circle]);
        // Each level twice the one below: 2^60 terms, were they all followed.
        let mut text = String::new();
        for n in 0..60 {
            text += &format!("n{n}.example TXT v=spf1 include:n{}.example include:n{}.example -all\n", n + 1, n + 1);
        }
        let bomb = bill(&Zone::new(&text), "n0.example");
        assert_eq!(bomb.each().count(), TERMS_MAX);
        assert!(bomb.is_open() && bomb.is_permerror());
        let found = check_host(&Zone::new(&text), &Query::new(Ipv4Addr::LOCALHOST.into(), "a@n0.example", "h"));
        assert_eq!(found.trouble, Some(Trouble::TooManyLookups));
    }
}
