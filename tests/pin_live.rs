//! `zoneplan pin` against real name servers: one that has the zone, and one that asks it and keeps what it said in a cache. The test starts and
//! stops both, on loopback addresses; no question goes anywhere else.
//!
//! Needs `named`, and fails without it.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop; clippy does not see that helpers outside #[test] are tests too"
)]

use std::{
    fs,
    net::{IpAddr, SocketAddr},
    process::Command,
    sync::Mutex,
};

use zoneplan::live::{Dns, Network, Question, Resolve};
use zoneplan::pinning::Ttls;
use zoneplan::zone::{Name, Rtype};

#[path = "tools/servers.rs"]
mod servers;

use servers::{Server, bind};

const SITE: &str =
    "domain = \"example.com\"\n\n[spf]\nextra = [\"include:spf.example.net\"]\nflatten = [\"spf.example.net\"]\n";
/// The name server is nobody's address but the loopback's, where only the test's own port answers.
const NET: &str = "$TTL 7200\n@ SOA ns hostmaster 1 7200 3600 1209600 300\n@ NS ns\nns A 127.0.0.1\nspf TXT \"v=spf1 a:h.example.net a:www.example.net -all\"\n\
                   h 5400 A 192.0.2.1\nwww CNAME h\n";

/// A server with the zone, and a cache before it that keeps nothing longer than a minute.
fn both() -> (Server, Server) {
    let zone = bind("recursion no;", &[("example.net", "net", NET)]);
    let port = zone.address.port();
    let options = format!("recursion yes; max-cache-ttl 60; forward only; forwarders {{ 127.0.0.1 port {port}; }};");
    let cache = bind(&options, &[]);
    (zone, cache)
}

fn name(text: &str) -> Name {
    Name::parse_absolute(text).expect("a name")
}

/// A resolver and the name servers that it leads to, with the zones and addresses that were asked for. They are at the test's port: that is all
/// that is not as it is out there. Without a port nobody can be asked.
struct Net {
    resolver: Network,
    port: Option<u16>,
    asked: Mutex<Vec<(Name, IpAddr)>>,
}

impl Net {
    fn new(resolver: &Server, port: Option<u16>) -> Self {
        Self { resolver: Network::resolver(resolver.address), port, asked: Mutex::default() }
    }

    fn asked(&self) -> Vec<(Name, IpAddr)> {
        self.asked.lock().expect("the list").clone()
    }
}

impl Dns for Net {
    fn resolver(&self) -> &dyn Resolve {
        &self.resolver
    }

    fn has_name_servers(&self) -> bool {
        true
    }

    fn name_server(&self, zone: &Name, addresses: &[SocketAddr]) -> Option<Box<dyn Resolve + '_>> {
        let addresses = addresses.iter().map(|address| address.ip());
        self.asked.lock().expect("the list").extend(addresses.clone().map(|ip| (zone.clone(), ip)));
        let addresses: Vec<SocketAddr> =
            addresses.map(|ip| Some(SocketAddr::new(ip, self.port?))).collect::<Option<_>>()?;
        Some(Box::new(Network::name_server(zone, &addresses)?))
    }
}

#[test]
fn the_ttl_is_the_zones_own() {
    let (zone, cache) = both();
    let net = Net::new(&cache, Some(zone.address.port()));
    let question = |at: &str| Question { name: name(at), rtype: Rtype::A };
    let answered = net.resolver.ask(&question("h.example.net"));
    assert!(!answered.authoritative && answered.ttl().is_some_and(|ttl| ttl <= 60), "{answered:?}");

    let mut ttls = Ttls::new(&net);
    assert_eq!(ttls.of(&question("h.example.net"), answered.ttl()), Some(5400));
    // Behind an alias it is that of the address.
    assert_eq!(ttls.of(&question("www.example.net"), Some(1)), Some(5400));
    // Of what is not there none is asked for.
    assert_eq!(ttls.of(&Question { rtype: Rtype::AAAA, ..question("h.example.net") }, None), None);
    assert_eq!(ttls.of_caches(), 0);
    assert_eq!(net.asked(), vec![(name("example.net"), IpAddr::from([127, 0, 0, 1])); 2]);

    // Nobody can be asked: what the cache had left, which is counted, and nobody is tried again.
    let nobody = Net::new(&cache, None);
    let mut ttls = Ttls::new(&nobody);
    assert_eq!(ttls.of(&question("h.example.net"), Some(40)), Some(40));
    assert_eq!(ttls.of(&question("www.example.net"), Some(41)), Some(41));
    assert_eq!((ttls.of_caches(), nobody.asked().len()), (2, 1));
    // Who answers for the zone has said it already.
    let authority = Net::new(&zone, None);
    assert_eq!(Ttls::new(&authority).of(&question("h.example.net"), Some(42)), Some(42));
}

#[test]
fn pins_say_where_a_ttl_is_from() {
    let (zone, cache) = both();
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("site.toml"), SITE).expect("a written file");
    let pin = |server: &Server| {
        let resolver = server.address.to_string();
        let run = Command::new(env!("CARGO_BIN_EXE_zoneplan"))
            .args(["pin", "--today", "2026-11-29", "--resolver", &resolver])
            .current_dir(folder.path())
            .output()
            .expect("zoneplan runs");
        let text = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
        (text, run.status.code())
    };
    let pins = || fs::read_to_string(folder.path().join("site.pins.toml")).expect("the pins");
    let (text, code) = pin(&zone);
    assert_eq!(code, Some(0), "{text}");
    assert!(!text.contains("TTLs") && pins().contains("ttl = 7200\n") && pins().contains("ttl = 5400\n"), "{text}");
    // The AAAA of both names are none, and the null TTL of nothing is not written.
    assert_eq!(pins().matches("none = true\n").count(), 2, "{}", pins());
    // The same of a cache is no news.
    let before = pins();
    assert_eq!((pin(&cache).1, pins()), (Some(0), before));
    // At the port of DNS nobody is there, or nobody who has the zone.
    fs::remove_file(folder.path().join("site.pins.toml")).expect("removed");
    let (text, code) = pin(&cache);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.ends_with("no server of the zone could be asked: 3\n") && !pins().contains("00\n"),
        "{text}{}",
        pins()
    );
}
