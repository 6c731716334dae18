//! Which servers `mx` and `a` of an SPF record mean: now, and once the names that they look at have changed (RFC 7208 §5.3, §5.4).

use std::collections::HashMap;
use std::fmt;

use crate::mail::spf::{self, DomainSpec, DualPrefix, Network, Qualifier, TermKind};
use crate::zone::{Current, Found, Name, Record, Rtype};

use super::Question;
use super::difference::{Part, differences};
use super::steps::Step;

/// Names that lead on to one another are followed so far.
const ALIASES: usize = 8;

/// A server as the one term that means it whatever becomes of the names in the zone.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Server {
    /// By its address.
    Addresses(Network),
    /// By its name: it is in another zone, or its address is not known.
    Host(Name, DualPrefix),
}

impl Server {
    /// Whether whoever is this server is the other one too.
    fn is_in(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Addresses(one), Self::Addresses(wide)) => wide.contains(one),
            _ => self == other,
        }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Addresses(network) => {
                let (kind, full) = if network.address().is_ipv4() { ("ip4", 32) } else { ("ip6", 128) };
                write!(f, "{kind}:{}", network.address())?;
                if network.prefix() == full { Ok(()) } else { write!(f, "/{}", network.prefix()) }
            }
            Self::Host(name, prefix) => {
                write!(f, "a:{}", name.display_without_dot())?;
                prefix.v4.map_or(Ok(()), |bits| write!(f, "/{bits}"))?;
                prefix.v6.map_or(Ok(()), |bits| write!(f, "//{bits}"))
            }
        }
    }
}

/// A server that an SPF record lets send now, and that no term of it means any more after some steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lost {
    /// The term that means it now, as written.
    pub by: String,
    /// The term that would go on meaning it.
    pub term: String,
}

/// An SPF record of the site's own zone whose terms come to mean other servers.
pub(super) struct Moved<'c> {
    /// The row as it is.
    pub now: &'c Found,
    /// The row as it is wanted.
    pub wanted: Record,
    /// Whom it loses; never empty.
    pub lost: Vec<Lost>,
}

/// The SPF records that lose servers when these steps are done, although nobody took a term away. What stands in the row now counts as if it
/// stayed: a term that goes is told as a term.
pub(super) fn moved<'c, 's, 'a: 's>(
    question: &Question<'c>,
    steps: impl Iterator<Item = &'s Step<'a>>,
) -> Vec<Moved<'c>> {
    let (zone, declared) = (&question.fitted.own, &question.fitted.composed.declared);
    let Some(current) = question.current else { return Vec::new() };
    let origin = &zone.composed.origin;
    let after = After::new(current, origin, steps);
    if after.sets.is_empty() {
        return Vec::new();
    }
    let silent = |name: &Name| (declared.no_mail && name == origin) || declared.no_mail_names.contains(name);
    let mut out = Vec::new();
    for difference in differences(zone, current) {
        let there: Vec<&'c Found> = difference.same.iter().chain(&difference.extra).copied().collect();
        // Two of them are void: nobody is allowed by either.
        let ([now], Part::Spf) = (there.as_slice(), difference.part) else { continue };
        if silent(&difference.name) {
            continue;
        }
        let wanted = difference.missing.first().unwrap_or(&now.record);
        let lost = after.lost(&now.record, wanted);
        if !lost.is_empty() {
            out.push(Moved { now, wanted: wanted.clone(), lost });
        }
    }
    out
}

/// A zone as some steps leave it.
struct After<'c> {
    current: &'c Current,
    origin: &'c Name,
    /// The sets of hosts that the steps touch.
    sets: HashMap<(Name, Rtype), Vec<Record>>,
}

impl<'c> After<'c> {
    fn new<'s, 'a: 's>(current: &'c Current, origin: &'c Name, steps: impl Iterator<Item = &'s Step<'a>>) -> Self {
        let is_host = |r: &&Record| matches!(r.rtype, Rtype::A | Rtype::AAAA | Rtype::MX | Rtype::CNAME);
        let mut sets: HashMap<(Name, Rtype), Vec<Record>> = HashMap::new();
        for step in steps.filter(|s| s.zone.composed.origin == *origin) {
            for row in step.now.iter().filter(is_host) {
                let set = sets.entry((row.name.clone(), row.rtype));
                let set = set.or_insert_with(|| current.of(&row.name, row.rtype).cloned().collect());
                set.retain(|r| !r.same_data(row));
            }
            for row in step.then.iter().filter(is_host) {
                let set = sets.entry((row.name.clone(), row.rtype));
                set.or_insert_with(|| current.of(&row.name, row.rtype).cloned().collect()).push(row.clone());
            }
        }
        Self { current, origin, sets }
    }

    /// The rows of a name, as they are or as the steps leave them.
    fn rows(&self, name: &Name, rtype: Rtype, done: bool) -> Vec<Record> {
        match self.sets.get(&(name.clone(), rtype)) {
            Some(set) if done => set.clone(),
            _ => self.current.of(name, rtype).cloned().collect(),
        }
    }

    fn lost(&self, now: &Record, wanted: &Record) -> Vec<Lost> {
        let read = |r: &Record| spf::Record::parse(&r.rdata.txt_joined());
        let (before, goal) = (read(now), read(wanted));
        // What cannot be read lets nobody send.
        if before.syntax_error().is_some() {
            return Vec::new();
        }
        let mut kept = self.servers(&before, &now.name, true);
        kept.extend(self.servers(&goal, &now.name, true));
        let mut out: Vec<Lost> = Vec::new();
        for (by, server) in self.servers(&before, &now.name, false) {
            let term = server.to_string();
            if !kept.iter().any(|(_, k)| server.is_in(k)) && !out.iter().any(|l| l.term == term) {
                out.push(Lost { by, term });
            }
        }
        out
    }

    /// The servers that terms of a record mean by themselves, each with its term: what is included stands elsewhere.
    fn servers(&self, record: &spf::Record, owner: &Name, done: bool) -> Vec<(String, Server)> {
        let mut out = Vec::new();
        let named = |domain: &Option<DomainSpec>| match domain {
            None => Some(owner.clone()),
            Some(spec) if spec.has_macros() => None,
            Some(spec) => Name::parse_absolute(spec.as_str()).ok(),
        };
        for term in record.terms().iter().filter(|t| t.qualifier == Qualifier::Pass) {
            let mut servers = Vec::new();
            match &term.kind {
                TermKind::A { domain, prefix } => {
                    named(domain).into_iter().for_each(|host| self.host(host, *prefix, done, &mut servers));
                }
                TermKind::Mx { domain, prefix } => {
                    let hosts = named(domain).map(|name| self.rows(&name, Rtype::MX, done)).unwrap_or_default();
                    let hosts = hosts.iter().filter_map(Record::target).filter(|host| !host.is_root());
                    hosts.for_each(|host| self.host(host, *prefix, done, &mut servers));
                }
                kind => servers.extend(kind.network().map(Server::Addresses)),
            }
            out.extend(servers.into_iter().map(|server| (term.raw.clone(), server)));
        }
        out
    }

    /// A host by its addresses, as far as this zone has them.
    fn host(&self, mut name: Name, prefix: DualPrefix, done: bool, out: &mut Vec<Server>) {
        for _ in 0..ALIASES {
            let alias = self.rows(&name, Rtype::CNAME, done).first().and_then(Record::target);
            match alias.filter(|_| name.is_subdomain_of(self.origin)) {
                Some(target) => name = target,
                None => break,
            }
        }
        let mut rows = self.rows(&name, Rtype::A, done);
        rows.extend(self.rows(&name, Rtype::AAAA, done));
        let addresses = rows.iter().filter_map(|r| r.rdata.as_address(r.rtype));
        let before = out.len();
        out.extend(addresses.map(|address| {
            let bits = if address.is_ipv4() { prefix.v4 } else { prefix.v6 };
            Server::Addresses(Network::new(address, bits.unwrap_or(128)))
        }));
        // A name of another zone, or one that was not asked for.
        if out.len() == before && !(name.is_subdomain_of(self.origin) && self.current.knows(&name, Rtype::A)) {
            out.push(Server::Host(name, prefix));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::{Coverage, Rdata};

    fn record(name: &str, rtype: Rtype, value: &str) -> Record {
        let origin = Name::parse_absolute("example.com").unwrap();
        let rdata = match rtype {
            Rtype::TXT => Rdata::txt(value.as_bytes()).unwrap(),
            _ => Rdata::parse(rtype, value, Some(&origin)).unwrap(),
        };
        Record { name: Name::parse(name, Some(&origin)).unwrap(), rtype, ttl: 300, rdata }
    }

    /// What the row at the domain loses when the MX, and the addresses of one host, are others.
    fn lost(now: &str, wanted: &str) -> Vec<(String, String)> {
        let zone = [
            record("@", Rtype::MX, "10 mail"),
            record("@", Rtype::MX, "20 mail.example.net."),
            record("@", Rtype::A, "192.0.2.7"),
            record("mail", Rtype::A, "192.0.2.50"),
            record("www", Rtype::CNAME, "host"),
            record("shop", Rtype::CNAME, "shop.example.net."),
            record("host", Rtype::A, "192.0.2.7"),
            record("host", Rtype::AAAA, "2001:db8::7"),
        ];
        let found = zone.into_iter().map(|record| Found { record, has_ttl: true, span: None }).collect();
        let (current, origin) = (Current::new(found, Coverage::Complete), Name::parse_absolute("example.com").unwrap());
        let changed = [
            record("@", Rtype::MX, "10 mx.example.net."),
            record("host", Rtype::A, "192.0.2.8"),
            record("host", Rtype::AAAA, "2001:db8::8"),
        ];
        let sets = changed.into_iter().map(|r| ((r.name.clone(), r.rtype), vec![r])).collect();
        let after = After { current: &current, origin: &origin, sets };
        let lost = after.lost(&record("@", Rtype::TXT, now), &record("@", Rtype::TXT, wanted));
        lost.into_iter().map(|l| (l.by, l.term)).collect()
    }

    #[test]
    fn servers_are_lost_when_their_names_move() {
        let told = |text: &str| lost(text, text);
        let pair = |by: &str, term: &str| (by.to_owned(), term.to_owned());
        assert_eq!(told("v=spf1 mx ~all"), [pair("mx", "ip4:192.0.2.50"), pair("mx", "a:mail.example.net")]);
        assert_eq!(told("v=spf1 +mx:EXAMPLE.com/24 ~all").len(), 2);
        assert_eq!(
            told("v=spf1 a:www.example.com ~all"),
            [pair("a:www.example.com", "ip4:192.0.2.7"), pair("a:www.example.com", "ip6:2001:db8::7")]
        );
        // The range around the old address is the one around the new one.
        assert_eq!(told("v=spf1 a:host.example.com/24//64 ~all"), []);
        // What means nobody, or not by itself, and what did not move.
        for stays in ["?mx", "~mx", "mx:%{d}", "mx:example.net", "a", "a:shop.example.com", "include:example.com"] {
            assert_eq!(told(&format!("v=spf1 {stays} ~all")), [], "{stays}");
        }
        // Void, so that nobody is lost.
        assert_eq!(told("v=spf1 mx mx: ~all"), []);
    }

    #[test]
    fn what_means_them_all_the_same_keeps_them() {
        let now = "v=spf1 mx a:host.example.com ~all";
        let wanted = "v=spf1 mx a:mail.example.net ip4:192.0.2.0/26 ip6:2001:db8::/32 a:host.example.com ~all";
        assert_eq!(lost(now, wanted), []);
        // A term that goes is told as a term.
        assert_eq!(lost("v=spf1 mx a:mail.example.net a:mail.example.com ~all", "v=spf1 mx ~all"), []);
    }
}
