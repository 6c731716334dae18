//! The name servers of a zone: found through a resolver, then asked by themselves. Opens no socket.

use std::net::SocketAddr;

use super::server::PORT;
use super::{Answer, Fetch, Outcome, Question, Resolve};
use crate::zone::{Name, Record, Rtype};

/// Most name servers of a zone that are tried.
const HOSTS_MAX: usize = 4;
/// Most addresses of one name server that are tried.
const ADDRESSES_MAX: usize = 2;
/// Most names above a name that are asked for its zone.
const LEVELS_MAX: usize = 8;

/// Whoever can be asked.
pub trait Dns: Sync {
    /// A resolver: it asks others.
    fn resolver(&self) -> &dyn Resolve;

    /// Whether name servers are asked by themselves; zone files have none.
    fn has_name_servers(&self) -> bool;

    /// The name server of `zone` that has these addresses, at least one; the next one is asked where those before it give no answer that
    /// counts. `None` where name servers are not asked by themselves.
    fn name_server(&self, zone: &Name, addresses: &[SocketAddr]) -> Option<Box<dyn Resolve + '_>>;

    /// Who gets texts from the web, where that is wanted.
    fn web(&self) -> Option<&dyn Fetch> {
        None
    }
}

/// Who only answers knows no name servers.
impl<R: Resolve> Dns for R {
    fn resolver(&self) -> &dyn Resolve {
        self
    }

    fn has_name_servers(&self) -> bool {
        false
    }

    fn name_server(&self, _: &Name, _: &[SocketAddr]) -> Option<Box<dyn Resolve + '_>> {
        None
    }
}

/// The name servers that an answer names for its question's name: none if it speaks of another name, since an alias is no zone.
#[must_use]
pub fn hosts(answer: &Answer) -> Vec<Name> {
    match &answer.outcome {
        Outcome::Records(records) if answer.chain.is_empty() => records.iter().filter_map(Record::target).collect(),
        Outcome::Delegated { zone, servers } if *zone == answer.question.name => servers.clone(),
        _ => Vec::new(),
    }
}

/// The zone that a name is in and its name servers, as a resolver says; none if it does not say.
#[must_use]
pub fn zone_of(resolver: &dyn Resolve, name: &Name) -> Option<(Name, Vec<Name>)> {
    let above = std::iter::successors(Some(name.clone()), Name::parent).filter(|zone| !zone.is_root());
    above.take(LEVELS_MAX).find_map(|zone| {
        let hosts = hosts(&resolver.ask(&Question { name: zone.clone(), rtype: Rtype::NS }));
        (!hosts.is_empty()).then_some((zone, hosts))
    })
}

/// The zone's own name servers, as one who is asked: the next one where one gives no answer that counts. None if name servers are not asked by
/// themselves, or none with an address is known.
#[must_use]
pub fn servers_of<'d>(dns: &'d dyn Dns, zone: &Name) -> Option<Box<dyn Resolve + 'd>> {
    if !dns.has_name_servers() {
        return None;
    }
    let resolver = dns.resolver();
    let mut hosts = hosts(&resolver.ask(&Question { name: zone.clone(), rtype: Rtype::NS }));
    hosts.truncate(HOSTS_MAX);
    let of_host = |host: &Name| [Rtype::A, Rtype::AAAA].map(|rtype| Question { name: host.clone(), rtype });
    let answers = resolver.ask_all(&hosts.iter().flat_map(of_host).collect::<Vec<_>>());
    let of_type = |rtype: Rtype| {
        let of_one = move |answer: &Answer| {
            let records = answer.records().unwrap_or_default().iter();
            let ips = records.filter_map(|record| record.rdata.as_address(record.rtype)).take(ADDRESSES_MAX);
            ips.map(|ip| SocketAddr::new(ip, PORT)).collect::<Vec<_>>()
        };
        answers.iter().filter(move |answer| answer.question.rtype == rtype).flat_map(of_one)
    };
    // IPv4 first, since not every network has IPv6.
    let addresses: Vec<SocketAddr> = [Rtype::A, Rtype::AAAA].into_iter().flat_map(of_type).collect();
    if addresses.is_empty() { None } else { dns.name_server(zone, &addresses) }
}

#[cfg(test)]
mod tests {
    use super::super::Fixture;
    use super::*;

    fn name(text: &str) -> Name {
        Name::parse_absolute(text).unwrap()
    }

    /// Zone files, and their name servers by address; it keeps whom it was told to ask.
    struct Net(Fixture, std::sync::Mutex<Vec<String>>);

    impl Dns for Net {
        fn resolver(&self) -> &dyn Resolve {
            &self.0
        }

        fn has_name_servers(&self) -> bool {
            true
        }

        fn name_server(&self, _: &Name, addresses: &[SocketAddr]) -> Option<Box<dyn Resolve + '_>> {
            self.1.lock().unwrap().extend(addresses.iter().map(|a| super::super::server::shown(*a)));
            Some(Box::new(&self.0))
        }
    }

    fn net(zone: &str) -> Net {
        let mut fixture = Fixture::new();
        assert_eq!(
            fixture.add(format!("@ 60 SOA a b 1 2 3 4 5\n{zone}").as_bytes(), &name("example.com")),
            Default::default()
        );
        Net(fixture, std::sync::Mutex::default())
    }

    #[test]
    fn name_servers_and_their_addresses() {
        let net = net(
            "@ NS ns1\n@ NS ns2\n@ NS alias\n@ NS ns.example.net.\nns1 AAAA 2001:db8::1\nns2 A 192.0.2.2\nns2 A 192.0.2.3\nns2 A 192.0.2.4\n\
             alias CNAME ns2\nwww A 192.0.2.9\nsub NS ns.example.net.\n",
        );
        assert_eq!(
            zone_of(&net.0, &name("a.www.example.com")).map(|(zone, hosts)| (zone, hosts.len())),
            Some((name("example.com"), 4))
        );
        assert_eq!(
            zone_of(&net.0, &name("x.sub.example.com")),
            Some((name("sub.example.com"), vec![name("ns.example.net")]))
        );
        assert_eq!(zone_of(&net.0, &name("example.org")), None);
        assert!(servers_of(&net, &name("example.com")).is_some());
        let asked = net.1.lock().unwrap().clone();
        // Two of the three of ns2, once more behind the alias; IPv4 before IPv6.
        assert_eq!(asked, ["192.0.2.2", "192.0.2.3", "192.0.2.2", "192.0.2.3", "2001:db8::1"]);
        // Nobody has an address, there is no such zone, nobody is asked by himself.
        assert!(servers_of(&net, &name("sub.example.com")).is_none());
        assert!(servers_of(&net, &name("example.org")).is_none());
        assert!(servers_of(&net.0, &name("example.com")).is_none());
    }
}
