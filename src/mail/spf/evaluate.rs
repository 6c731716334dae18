//! What a receiver would answer: `check_host()` of RFC 7208 §4, over a DNS that is handed in.
//!
//! Bounded whatever the records say: ten terms may ask DNS, each for at most eleven names, and expanded names are cut while they grow.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::parse::{Piece, is_spf, pieces};
use super::print::lower_name;
use super::types::{DomainSpec, DualPrefix, Network, Qualifier, Record, Term, TermKind};
use super::{MAX_HOSTS, MAX_LOOKUPS, MAX_VOIDS};

/// What the DNS says to one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<T> {
    /// These records; an empty list is the same as [`NoData`](Self::NoData).
    Records(Vec<T>),
    /// The name exists and has no record of this type.
    NoData,
    /// The name does not exist.
    NxDomain,
    /// No answer, or one that means an error.
    TempFail,
}

/// Where questions go. Names come in lower case, without a final dot; aliases are for the implementation to follow.
pub trait Dns {
    /// The TXT records at `name`, each with its strings joined.
    fn txt(&self, name: &str) -> Answer<Vec<u8>>;
    /// The A records at `name`.
    fn a(&self, name: &str) -> Answer<Ipv4Addr>;
    /// The AAAA records at `name`.
    fn aaaa(&self, name: &str) -> Answer<Ipv6Addr>;
    /// The host names of the MX records at `name`.
    fn mx(&self, name: &str) -> Answer<String>;
    /// The host names of the PTR records at `name`, a name below `in-addr.arpa` or `ip6.arpa`.
    fn ptr(&self, name: &str) -> Answer<String>;
}

/// One message to judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query<'a> {
    /// The client's address. An IPv4-mapped IPv6 address counts as IPv4 (RFC 7208 §5).
    pub ip: IpAddr,
    /// MAIL FROM; empty means `postmaster` at the HELO name (RFC 7208 §2.4). Domains as A-labels.
    pub mail_from: &'a str,
    /// The name given with HELO or EHLO.
    pub helo: &'a str,
    /// The receiving host's name, for the explanation; empty means `unknown`.
    pub receiver: &'a str,
    /// Seconds since 1970, for the explanation.
    pub time: u64,
}

impl<'a> Query<'a> {
    /// A message from `mail_from` by a client at `ip` that says `helo`.
    #[must_use]
    pub fn new(ip: IpAddr, mail_from: &'a str, helo: &'a str) -> Self {
        Self { ip, mail_from, helo, receiver: "", time: 0 }
    }

    /// Local part and domain of the sender that is judged: without a MAIL FROM it is `postmaster` at the HELO name, and without a local part
    /// it is `postmaster` too (RFC 7208 §2.4, §4.3).
    #[must_use]
    pub fn sender(&self) -> (&'a str, &'a str) {
        let sender = if self.mail_from.is_empty() { self.helo } else { self.mail_from };
        let (local, domain) = sender.rsplit_once('@').unwrap_or(("", sender));
        let local = if local.is_empty() { "postmaster" } else { local };
        (local, domain.strip_suffix('.').unwrap_or(domain))
    }
}

/// The results of RFC 7208 §2.6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// There is no record, or no domain to look at.
    None,
    /// The record says nothing about the client.
    Neutral,
    /// The client may send.
    Pass,
    /// It may not.
    Fail,
    /// It probably may not.
    SoftFail,
    /// The DNS did not answer.
    TempError,
    /// The record cannot be evaluated.
    PermError,
}

impl Verdict {
    /// As RFC 7208 and mail headers write it, in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Neutral => "neutral",
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::SoftFail => "softfail",
            Self::TempError => "temperror",
            Self::PermError => "permerror",
        }
    }
}

impl From<Qualifier> for Verdict {
    fn from(qualifier: Qualifier) -> Self {
        match qualifier {
            Qualifier::Pass => Self::Pass,
            Qualifier::Fail => Self::Fail,
            Qualifier::SoftFail => Self::SoftFail,
            Qualifier::Neutral => Self::Neutral,
        }
    }
}

/// A term that led to the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Whose record it stands in.
    pub domain: String,
    /// As written.
    pub term: String,
}

/// One question that a term asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookUp {
    /// The type: `TXT`, `A`, `AAAA`, `MX` or `PTR`.
    pub rtype: &'static str,
    /// The name, in lower case without a final dot.
    pub name: String,
    /// What came of it.
    pub came: Came,
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// So many records.
    Records(usize),
    /// No such record, or no such name: a void look-up.
    Nothing,
    /// No answer.
    Failed,
}

/// What became of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It speaks of the client: its qualifier is the result of the record that it stands in.
    Matches,
    /// It does not; the next one is asked.
    No,
    /// The evaluation ended in it.
    Stops,
}

/// One term that was evaluated, in the order of evaluation: what an `include:` leads to follows it, one deeper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// How many includes and redirects lead to it.
    pub depth: usize,
    /// Whose record it stands in.
    pub domain: String,
    /// As written.
    pub term: String,
    /// What was asked for it; of an `include:` and a `redirect=` the record there.
    pub look_ups: Vec<LookUp>,
    /// What became of it.
    pub outcome: Outcome,
}

/// Most terms of a trace that are kept. Ten records of 64 KiB can hold a hundred thousand.
pub const TRACE_MAX: usize = 2_000;

/// Why there is no proper result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The sender's domain is no full domain name (RFC 7208 §4.3).
    BadSender,
    /// No SPF record at this name.
    NoRecord(String),
    /// More than one SPF record at this name (RFC 7208 §4.5).
    SeveralRecords(String),
    /// The record at this name has a syntax error, in this term.
    Syntax(String, String),
    /// The DNS failed for this name.
    Dns(String),
    /// More than ten terms ask DNS.
    TooManyLookups,
    /// More than two look-ups find nothing.
    TooManyVoids,
    /// More than ten MX names at this name.
    TooManyHosts(String),
}

/// What `check_host()` found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// The result.
    pub verdict: Verdict,
    /// The terms that led to it, outermost first: an `include:` and the term that matched behind it, or the term at fault. Empty if nothing matched.
    pub path: Vec<Step>,
    /// How many terms asked DNS.
    pub lookups: usize,
    /// How many look-ups found nothing.
    pub voids: usize,
    /// Why the result is none, temperror or permerror.
    pub trouble: Option<Trouble>,
    /// The domain's own words on a fail (RFC 7208 §6.2).
    pub explanation: Option<String>,
    /// Every term that was evaluated, at most [`TRACE_MAX`].
    pub trace: Vec<Line>,
}

/// Longer senders and HELO names are not real (RFC 5321 §4.5.3.1 ends at 320 octets), and macros would multiply them.
const LONGEST_INPUT: usize = 1000;
/// An expanded name is cut to 253 octets from the right (RFC 7208 §7.3); this much is kept while it grows.
const KEPT_NAME: usize = 1024;
/// The longest explanation.
const LONGEST_EXPLANATION: usize = 8192;
/// The longest domain name in text (RFC 1035 §2.3.4).
const LONGEST_NAME: usize = 253;

/// Evaluates the sender's domain for the client, as RFC 7208 §4 says.
#[must_use]
pub fn check_host(dns: &dyn Dns, query: &Query<'_>) -> Evaluation {
    let (local, domain) = query.sender();
    let mut run = Run {
        dns,
        query,
        ip: query.ip.to_canonical(),
        sender_domain: domain,
        local,
        lookups: 0,
        voids: 0,
        path: Vec::new(),
        trace: Vec::new(),
        line: None,
        includes: 0,
        host_names: None,
    };
    let bad = query.mail_from.len() > LONGEST_INPUT || query.helo.len() > LONGEST_INPUT || !is_sender_domain(domain);
    let outcome = if bad { Err((Verdict::None, Trouble::BadSender)) } else { run.record(domain) };
    let Run { lookups, voids, path, trace, .. } = run;
    let (verdict, trouble, explanation) = match outcome {
        Ok(Found { verdict, explanation }) => (verdict, None, explanation),
        Err((verdict, trouble)) => (verdict, Some(trouble), None),
    };
    Evaluation { verdict, path, lookups, voids, trouble, explanation, trace }
}

/// The name under `in-addr.arpa` or `ip6.arpa` that holds the PTR records of `ip`.
#[must_use]
pub fn reverse_name(ip: IpAddr) -> String {
    let (labels, zone) = match ip.to_canonical() {
        IpAddr::V4(v4) => (v4.octets().iter().rev().map(u8::to_string).collect::<Vec<_>>(), "in-addr.arpa"),
        IpAddr::V6(v6) => (nibbles(v6).rev().map(|nibble| format!("{nibble:x}")).collect(), "ip6.arpa"),
    };
    format!("{}.{zone}", labels.join("."))
}

/// The 32 hexadecimal digits of an address, the first first.
fn nibbles(address: Ipv6Addr) -> impl DoubleEndedIterator<Item = u8> {
    address.octets().into_iter().flat_map(|octet| [octet >> 4, octet & 15])
}

/// Why the evaluation ends at once.
type Stop = (Verdict, Trouble);

/// What a record says.
struct Found {
    verdict: Verdict,
    explanation: Option<String>,
}

/// One evaluation: one set of counters for all the records it reads (RFC 7208 §4.6.4).
struct Run<'a> {
    dns: &'a dyn Dns,
    query: &'a Query<'a>,
    ip: IpAddr,
    sender_domain: &'a str,
    local: &'a str,
    lookups: usize,
    voids: usize,
    path: Vec<Step>,
    trace: Vec<Line>,
    /// The line of the trace whose term is evaluated now; none for the sender's own record, and past the trace's end.
    line: Option<usize>,
    /// How many includes and redirects lead to the record that is read now.
    includes: usize,
    /// The client's confirmed host names, once they were asked for.
    host_names: Option<Vec<String>>,
}

impl Run<'_> {
    /// Evaluates the record at `domain`. No record there is an error whose verdict is `None`; the caller knows what it makes of that.
    fn record(&mut self, domain: &str) -> Result<Found, Stop> {
        let record = self.fetch(domain)?;
        for term in record.live_mechanisms() {
            // A match behind an include leaves its own step behind this one.
            let depth = self.path.len();
            let line = self.begin(domain, term);
            let matches = self.counted(term).and_then(|()| self.matches(term, domain));
            let outcome = match matches {
                Ok(true) => Outcome::Matches,
                Ok(false) => Outcome::No,
                Err(_) => Outcome::Stops,
            };
            self.ended(line, outcome);
            if matches? {
                let verdict = term.qualifier.into();
                let explanation = if verdict == Verdict::Fail { self.explanation(&record, domain) } else { None };
                return Ok(Found { verdict, explanation });
            }
            self.path.truncate(depth);
        }
        match record.redirect() {
            // An `all` always matches, so here is none.
            Some(term) => {
                let line = self.begin(domain, term);
                let found = self.counted(term).and_then(|()| self.handed_over(domain, term));
                self.ended(line, if found.is_ok() { Outcome::Matches } else { Outcome::Stops });
                let found = found?;
                if found.verdict == Verdict::Neutral && self.path.last().is_some_and(|step| step.term == term.raw) {
                    self.path.pop();
                }
                Ok(found)
            }
            None => Ok(Found { verdict: Verdict::Neutral, explanation: None }),
        }
    }

    /// What the record says to which a redirect hands over.
    fn handed_over(&mut self, domain: &str, term: &Term) -> Result<Found, Stop> {
        let target = term.kind.domain_spec().and_then(|spec| self.name(spec, domain));
        let target = target.ok_or_else(|| (Verdict::PermError, Trouble::NoRecord(term.raw.clone())))?;
        self.below(&target)
    }

    /// The record that an include or a redirect leads to.
    fn below(&mut self, target: &str) -> Result<Found, Stop> {
        self.includes += 1;
        let found = self.record(target).map_err(none_is_permerror);
        self.includes -= 1;
        found
    }

    /// Begins a line of the trace, and the step that stays if the term leads to the result.
    fn begin(&mut self, domain: &str, term: &Term) -> Option<usize> {
        self.path.push(Step { domain: domain.to_owned(), term: term.raw.clone() });
        self.line = (self.trace.len() < TRACE_MAX).then_some(self.trace.len());
        if self.line.is_some() {
            let (domain, term) = (domain.to_owned(), term.raw.clone());
            self.trace.push(Line { depth: self.includes, domain, term, look_ups: Vec::new(), outcome: Outcome::Stops });
        }
        self.line
    }

    /// Ends a line; what is asked from here on is of its term again.
    fn ended(&mut self, line: Option<usize>, outcome: Outcome) {
        self.line = line;
        if let Some(line) = line.and_then(|line| self.trace.get_mut(line)) {
            line.outcome = outcome;
        }
    }

    /// Keeps in the trace what a question gave.
    fn asked<T>(&mut self, rtype: &'static str, name: &str, answer: &Answer<T>) {
        let came = match answer {
            Answer::Records(records) if !records.is_empty() => Came::Records(records.len()),
            Answer::Records(_) | Answer::NoData | Answer::NxDomain => Came::Nothing,
            Answer::TempFail => Came::Failed,
        };
        if let Some(line) = self.line.and_then(|line| self.trace.get_mut(line)) {
            line.look_ups.push(LookUp { rtype, name: name.to_owned(), came });
        }
    }

    fn txt(&mut self, name: &str) -> Answer<Vec<u8>> {
        let answer = self.dns.txt(name);
        self.asked("TXT", name, &answer);
        answer
    }

    fn a(&mut self, name: &str) -> Answer<Ipv4Addr> {
        let answer = self.dns.a(name);
        self.asked("A", name, &answer);
        answer
    }

    fn aaaa(&mut self, name: &str) -> Answer<Ipv6Addr> {
        let answer = self.dns.aaaa(name);
        self.asked("AAAA", name, &answer);
        answer
    }

    fn mx(&mut self, name: &str) -> Answer<String> {
        let answer = self.dns.mx(name);
        self.asked("MX", name, &answer);
        answer
    }

    fn ptr(&mut self, name: &str) -> Answer<String> {
        let answer = self.dns.ptr(name);
        self.asked("PTR", name, &answer);
        answer
    }

    fn fetch(&mut self, domain: &str) -> Result<Record, Stop> {
        let records = match self.txt(&domain.to_ascii_lowercase()) {
            Answer::Records(records) => records,
            Answer::NoData | Answer::NxDomain => Vec::new(),
            Answer::TempFail => return Err((Verdict::TempError, Trouble::Dns(domain.to_owned()))),
        };
        let mut spf = records.iter().filter(|record| is_spf(record));
        let record = spf.next().ok_or_else(|| (Verdict::None, Trouble::NoRecord(domain.to_owned())))?;
        if spf.next().is_some() {
            return Err((Verdict::PermError, Trouble::SeveralRecords(domain.to_owned())));
        }
        let record = Record::parse(record);
        if let Some(problem) = record.syntax_error() {
            return Err((Verdict::PermError, Trouble::Syntax(domain.to_owned(), problem.term.clone())));
        }
        Ok(record)
    }

    /// Counts the term, if it asks DNS.
    fn counted(&mut self, term: &Term) -> Result<(), Stop> {
        self.lookups += usize::from(term.kind.costs_lookup());
        if self.lookups <= MAX_LOOKUPS { Ok(()) } else { Err((Verdict::PermError, Trouble::TooManyLookups)) }
    }

    /// The records, none if there are none; that counts against the limit.
    fn found<T>(&mut self, answer: Answer<T>, name: &str) -> Result<Vec<T>, Stop> {
        match answer {
            Answer::Records(records) if !records.is_empty() => return Ok(records),
            Answer::TempFail => return Err((Verdict::TempError, Trouble::Dns(name.to_owned()))),
            Answer::Records(_) | Answer::NoData | Answer::NxDomain => {}
        }
        self.voids += 1;
        if self.voids > MAX_VOIDS { Err((Verdict::PermError, Trouble::TooManyVoids)) } else { Ok(Vec::new()) }
    }

    fn matches(&mut self, term: &Term, domain: &str) -> Result<bool, Stop> {
        // A name that cannot be asked for matches nothing (RFC 7208 §4.8 leaves it open; the test suite prefers this).
        match &term.kind {
            TermKind::All => Ok(true),
            TermKind::Ip4 { .. } | TermKind::Ip6 { .. } => {
                Ok(term.kind.network().is_some_and(|network| network.contains_address(self.ip)))
            }
            TermKind::Include(spec) => {
                let target =
                    self.name(spec, domain).ok_or_else(|| (Verdict::PermError, Trouble::NoRecord(term.raw.clone())))?;
                Ok(self.below(&target)?.verdict == Verdict::Pass)
            }
            TermKind::A { domain: spec, prefix } => match self.target(spec.as_ref(), domain) {
                Some(name) => self.has_address(&name, *prefix),
                None => Ok(false),
            },
            TermKind::Mx { domain: spec, prefix } => match self.target(spec.as_ref(), domain) {
                Some(name) => self.has_mx(&name, *prefix),
                None => Ok(false),
            },
            TermKind::Exists(spec) => match self.name(spec, domain) {
                // Always A, also for IPv6 clients (RFC 7208 §5.7).
                Some(name) => {
                    let answer = self.a(&name);
                    Ok(!self.found(answer, &name)?.is_empty())
                }
                None => Ok(false),
            },
            TermKind::Ptr(spec) => {
                let Some(name) = self.target(spec.as_ref(), domain) else {
                    return Ok(false);
                };
                let reverse = reverse_name(self.ip);
                match self.ptr(&reverse) {
                    Answer::TempFail => return Ok(false),
                    answer => self.found(answer, &reverse)?,
                };
                Ok(self.host_names().iter().any(|host| is_at_or_below(host, &name)))
            }
            TermKind::Redirect(_) | TermKind::Exp(_) | TermKind::UnknownModifier { .. } => Ok(false),
        }
    }

    fn has_address(&mut self, name: &str, prefix: DualPrefix) -> Result<bool, Stop> {
        let (addresses, bits): (Vec<IpAddr>, u8) = match self.ip {
            IpAddr::V4(_) => {
                let answer = self.a(name);
                (self.found(answer, name)?.into_iter().map(IpAddr::V4).collect(), prefix.v4.unwrap_or(32))
            }
            IpAddr::V6(_) => {
                let answer = self.aaaa(name);
                (self.found(answer, name)?.into_iter().map(IpAddr::V6).collect(), prefix.v6.unwrap_or(128))
            }
        };
        Ok(addresses.into_iter().any(|address| Network::new(address, bits).contains_address(self.ip)))
    }

    fn has_mx(&mut self, name: &str, prefix: DualPrefix) -> Result<bool, Stop> {
        let answer = self.mx(name);
        let hosts = self.found(answer, name)?;
        if hosts.len() > MAX_HOSTS {
            return Err((Verdict::PermError, Trouble::TooManyHosts(name.to_owned())));
        }
        for host in hosts {
            // The null MX has no name to ask for (RFC 7505).
            let host = lower_name(&host);
            if is_askable(&host) && self.has_address(&host, prefix)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The client's host names that lead back to it: of the first ten (RFC 7208 §5.5). Errors only mean fewer names.
    fn host_names(&mut self) -> &[String] {
        let names = match self.host_names.take() {
            Some(names) => names,
            None => self.confirmed(),
        };
        self.host_names.insert(names)
    }

    fn confirmed(&mut self) -> Vec<String> {
        let Answer::Records(names) = self.dns.ptr(&reverse_name(self.ip)) else { return Vec::new() };
        let names = names.iter().take(MAX_HOSTS).map(|name| lower_name(name)).filter(|name| is_askable(name));
        let leads_back = |name: &String| match self.ip {
            IpAddr::V4(ip) => matches!(self.a(name), Answer::Records(found) if found.contains(&ip)),
            IpAddr::V6(ip) => matches!(self.aaaa(name), Answer::Records(found) if found.contains(&ip)),
        };
        names.filter(leads_back).collect()
    }

    /// The one text at the name after `exp=`, expanded; none on any fault (RFC 7208 §6.2).
    fn explanation(&mut self, record: &Record, domain: &str) -> Option<String> {
        let spec = record.terms().iter().find_map(|term| match &term.kind {
            TermKind::Exp(spec) => Some(spec),
            _ => None,
        })?;
        let name = self.name(spec, domain)?;
        let Answer::Records(records) = self.txt(&name) else {
            return None;
        };
        let [text] = records.as_slice() else {
            return None;
        };
        let text = std::str::from_utf8(text).ok().filter(|text| text.is_ascii())?;
        let mut out = String::new();
        for piece in pieces(text) {
            self.expand(piece.ok()?, domain, &mut out);
            if out.len() > LONGEST_EXPLANATION {
                return None;
            }
        }
        Some(out)
    }

    /// The name that is meant: the domain-spec's, or the domain itself.
    fn target(&mut self, spec: Option<&DomainSpec>, domain: &str) -> Option<String> {
        match spec {
            Some(spec) => self.name(spec, domain),
            None => Some(domain.to_ascii_lowercase()),
        }
    }

    /// A domain-spec expanded to a name to ask for; none if it cannot be asked for.
    fn name(&mut self, spec: &DomainSpec, domain: &str) -> Option<String> {
        let mut out = String::new();
        for piece in pieces(spec.as_str()) {
            self.expand(piece.ok()?, domain, &mut out);
            // A sender with other letters matches nothing (RFC 8616 §4).
            if !out.is_ascii() {
                return None;
            }
            if out.len() > KEPT_NAME * 8 {
                // Only the right end of a long name is ever used.
                out.drain(..out.len() - KEPT_NAME);
            }
        }
        let name = lower_name(&out);
        let mut name = name.as_str();
        // Whole labels go, from the left, until it fits (RFC 7208 §7.3).
        while name.len() > LONGEST_NAME {
            (_, name) = name.split_once('.')?;
        }
        is_askable(name).then(|| name.to_owned())
    }

    fn expand(&mut self, piece: Piece<'_>, domain: &str, out: &mut String) {
        let Piece::Value { letter, escape, keep, reverse, delimiters } = piece else {
            out.push_str(match piece {
                Piece::Literal(text) => text,
                Piece::Percent => "%",
                Piece::Space => " ",
                Piece::UrlSpace | Piece::Value { .. } => "%20",
            });
            return;
        };
        let value = self.macro_value(letter, domain);
        let delimiters = if delimiters.is_empty() { "." } else { delimiters };
        let mut parts: Vec<&str> = value.split(|character| delimiters.contains(character)).collect();
        if reverse {
            parts.reverse();
        }
        let skip = parts.len().saturating_sub(keep.unwrap_or(usize::MAX));
        let text = parts.get(skip..).unwrap_or_default().join(".");
        if escape {
            for octet in text.bytes() {
                match octet {
                    b'-' | b'.' | b'_' | b'~' => out.push(char::from(octet)),
                    _ if octet.is_ascii_alphanumeric() => out.push(char::from(octet)),
                    _ => out.push_str(&format!("%{octet:02X}")),
                }
            }
        } else {
            out.push_str(&text);
        }
    }

    /// What a macro letter stands for (RFC 7208 §7.2).
    fn macro_value(&mut self, letter: char, domain: &str) -> String {
        match letter {
            's' => format!("{}@{}", self.local, self.sender_domain),
            'l' => self.local.to_owned(),
            'o' => self.sender_domain.to_owned(),
            'd' => domain.to_owned(),
            'h' => self.query.helo.to_owned(),
            'i' => match self.ip {
                IpAddr::V4(ip) => ip.to_string(),
                IpAddr::V6(ip) => nibbles(ip).map(|nibble| format!("{nibble:X}")).collect::<Vec<_>>().join("."),
            },
            'c' => self.ip.to_string(),
            'v' => if self.ip.is_ipv4() { "in-addr" } else { "ip6" }.to_owned(),
            'r' if self.query.receiver.is_empty() => "unknown".to_owned(),
            'r' => self.query.receiver.to_owned(),
            't' => self.query.time.to_string(),
            // `p`: the domain itself if it is among the host names, else one below it, else any (RFC 7208 §7.3).
            _ => {
                let domain = domain.to_ascii_lowercase();
                let names = self.host_names();
                let best = names.iter().find(|name| **name == domain);
                let best = best.or_else(|| names.iter().find(|name| is_at_or_below(name, &domain)));
                best.or_else(|| names.first()).cloned().unwrap_or_else(|| "unknown".to_owned())
            }
        }
    }
}

/// For an include or redirect, a name without a record is an error (RFC 7208 §5.2, §6.1).
fn none_is_permerror((verdict, trouble): Stop) -> Stop {
    (if verdict == Verdict::None { Verdict::PermError } else { verdict }, trouble)
}

/// Whether a question for `name` can be put into a packet: labels of 1 to 63 octets, 253 in all.
pub(super) fn is_askable(name: &str) -> bool {
    name.len() <= LONGEST_NAME && name.split('.').all(|label| (1..=63).contains(&label.len()))
}

/// Whether `check_host()` may begin with `domain` (RFC 7208 §4.3): several labels of letters, digits, `-` and `_`.
fn is_sender_domain(domain: &str) -> bool {
    let fits = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_' | b'.');
    is_askable(domain) && domain.contains('.') && domain.bytes().all(fits)
}

fn is_at_or_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|head| head.is_empty() || head.ends_with('.'))
}
