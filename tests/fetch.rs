//! MTA-STS policies over HTTPS: servers that the test starts and stops, on loopback, with certificates of an authority of its own; and
//! `zoneplan check --fetch` over a BIND that says where they are. Times are asserted as deadlines only.
//!
//! Needs openssl, `named` and tests/.venv, and fails without them.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop; clippy does not see that helpers outside #[test] are tests too"
)]

use std::{
    fs,
    io::ErrorKind,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    process::Command,
    time::{Duration, Instant},
};

use zoneplan::build::{Overrides, build};
use zoneplan::catalogue::Catalogue;
use zoneplan::check::{Dns, check};
use zoneplan::live::https::Roots;
use zoneplan::live::network::Patience;
use zoneplan::live::{CertificateFault, Fetch, FetchFault, Https, Network, Resolve};
use zoneplan::report::{NoteKind, Severity};
use zoneplan::site::InMemory;
use zoneplan::zone::Name;

#[path = "tools/https.rs"]
mod https;
#[path = "tools/servers.rs"]
mod servers;

use https::{Authority, Certificate, server};
use servers::{Server, bind};

const HOST: &str = "mta-sts.example.com";
const LOOPBACK: [IpAddr; 1] = [IpAddr::V4(Ipv4Addr::LOCALHOST)];
/// No fetch here may take longer, however slow the machine is.
const DEADLINE: Duration = Duration::from_secs(30);
const PATIENT: Patience = Patience { attempt: Duration::from_secs(10), total: Duration::from_secs(20) };
const HURRIED: Patience = Patience { attempt: Duration::from_secs(1), total: Duration::from_secs(2) };

fn name(text: &str) -> Name {
    Name::parse_absolute(text).expect("a name")
}

fn client(authority: &Authority, port: u16) -> Https {
    let roots = Roots::of_pem(authority.root().as_bytes()).expect("a certificate");
    Https::new(roots).at_port(port).with_patience(PATIENT)
}

fn get(client: &Https, path: &str) -> Result<Vec<u8>, FetchFault> {
    let started = Instant::now();
    let got = client.get(&name(HOST), path, &LOOPBACK);
    assert!(started.elapsed() < DEADLINE, "{path}: {:?}", started.elapsed());
    got
}

#[test]
fn answers_right_and_wrong_are_told_apart() {
    let authority = Authority::new();
    let server = server(&authority.valid(HOST), None);
    let client = client(&authority, server.address.port());
    let get = |path| get(&client, path);
    assert_eq!(get("/right"), Ok(b"version: STSv1\n".to_vec()));
    assert_eq!(get("/charset"), Ok(b"x".to_vec()));
    assert_eq!(get("/chunks"), Ok(b"abcde".to_vec()));
    assert_eq!(get("/largest").map(|text| text.len()), Ok(65_536));
    assert_eq!(get("/larger"), Err(FetchFault::TooLarge));
    assert_eq!(get("/endless"), Err(FetchFault::TooLarge));
    let to = Some("https://mta-sts.example.com/right".to_owned());
    assert_eq!(get("/redirect"), Err(FetchFault::Redirect { status: 301, to }));
    assert_eq!(get("/nowhere"), Err(FetchFault::Redirect { status: 302, to: None }));
    assert_eq!(get("/gone"), Err(FetchFault::Status(404)));
    assert_eq!(get("/broken"), Err(FetchFault::Status(500)));
    assert_eq!(get("/html"), Err(FetchFault::NotText(Some("text/html; charset=utf-8".to_owned()))));
    assert_eq!(get("/untyped"), Err(FetchFault::NotText(None)));
    for path in ["/cut", "/no-http"] {
        let got = get(path);
        assert!(matches!(got, Err(FetchFault::Broken(_))), "{path}: {got:?}");
    }
    assert_eq!(get("/headers"), Err(FetchFault::TooLarge));
}

#[test]
fn who_is_slow_or_silent_is_not_waited_for() {
    let authority = Authority::new();
    let server = server(&authority.valid(HOST), None);
    let client = client(&authority, server.address.port()).with_patience(HURRIED);
    for path in ["/silent", "/drop-by-drop"] {
        assert_eq!(get(&client, path), Err(FetchFault::Timeout), "{path}");
    }
    // One that takes the connection and never says a word of TLS.
    let mute = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
    let port = mute.local_addr().expect("an address").port();
    assert_eq!(get(&client.clone().at_port(port), "/right"), Err(FetchFault::Timeout));
    // Nobody.
    drop(mute);
    let nobody = get(&client.at_port(port), "/right");
    assert_eq!(nobody, Err(FetchFault::Unreachable(ErrorKind::ConnectionRefused)));
}

#[test]
fn certificates_that_do_not_count() {
    let authority = Authority::new();
    let fault = |certificate: &Certificate, client: &dyn Fn(u16) -> Https| {
        let server = server(certificate, None);
        get(&client(server.address.port()), "/right").expect_err("no text")
    };
    let trusting = |port| client(&authority, port);
    let expired = authority.certificate(HOST, "20200101000000Z", "20200201000000Z");
    assert_eq!(fault(&expired, &trusting), FetchFault::Certificate(CertificateFault::Expired));
    let early = authority.certificate(HOST, "20480101000000Z", "20490101000000Z");
    assert_eq!(fault(&early, &trusting), FetchFault::Certificate(CertificateFault::NotYetValid));
    let other = fault(&authority.valid("www.example.com"), &trusting);
    let FetchFault::Certificate(CertificateFault::OtherName(names)) = &other else { panic!("{other:?}") };
    assert!(names.iter().any(|name| name.contains("www.example.com")), "{names:?}");
    // A wildcard stands for one label (RFC 6125 §6.4.3).
    let wildcard = server(&authority.valid("*.example.com"), None);
    assert!(get(&trusting(wildcard.address.port()), "/right").is_ok());
    // Of nobody who is trusted: neither an authority of another test's, nor this one where only Mozilla's count.
    let foreign = Authority::new();
    let unknown = FetchFault::Certificate(CertificateFault::UnknownIssuer);
    assert_eq!(fault(&foreign.valid(HOST), &trusting), unknown);
    assert_eq!(fault(&authority.valid(HOST), &|port| Https::new(Roots::default()).at_port(port)), unknown);
}

/// DNS and the web, as in these tests.
struct Here<'s> {
    server: &'s Server,
    resolver: Network,
    web: Https,
}

impl Dns for Here<'_> {
    fn resolver(&self) -> &dyn Resolve {
        &self.resolver
    }

    fn has_name_servers(&self) -> bool {
        true
    }

    fn name_server(&self, zone: &Name, _: &[SocketAddr]) -> Option<Box<dyn Resolve + '_>> {
        Some(Box::new(Network::authority(zone.clone(), self.server.address)))
    }

    fn web(&self) -> Option<&dyn Fetch> {
        Some(&self.web)
    }
}

const ROOT: &str = "$TTL 3600\n. SOA ns. h. 1 7200 3600 1209600 300\n. NS ns.\nns. A 192.0.2.9\n";
const POLICY: &str = "version: STSv1\r\nmode: enforce\r\nmax_age: 604800\r\nmx: mail.example.com\r\n";

fn site(host: &str) -> String {
    format!(
        "domain = \"example.com\"\ngmail-per-day = 1\n[dmarc]\np = \"none\"\n[spf]\nextra = [\"mx\"]\n[mta-sts]\nmode = \"enforce\"\nhost = \"{host}\"\n\
         [[record]]\nname = \"@\"\ntype = \"MX\"\nvalue = \"10 mail.example.com.\"\n[[record]]\nname = \"mail\"\ntype = \"A\"\nvalue = \"192.0.2.25\"\n"
    )
}

/// A BIND with all that the site wants.
fn published(host: &str) -> Server {
    let run = build("site.toml", &InMemory::site(site(host)), &Catalogue::embedded(), &Overrides::default(), |built| {
        let records = built.fitted.own.composed.rrsets.iter().flat_map(|set| {
            let owner = set.name.display_without_dot().to_string();
            set.records()
                .map(move |r| format!("{owner}. {} {}\n", r.rtype, r.rdata.present(r.rtype)))
                .collect::<Vec<_>>()
        });
        records.collect::<String>()
    });
    let records = run.product.expect("a site that builds");
    let zone = format!(
        "$TTL 3600\nexample.com. SOA ns1.example.com. h.example.com. 1 7200 3600 1209600 300\nexample.com. NS ns1.example.com.\nns1.example.com. A 192.0.2.11\n{records}"
    );
    bind("recursion yes;", &[(".", "root", ROOT), ("example.com", "z", &zone)])
}

#[test]
fn what_the_policy_says_against_what_is_wanted() {
    let authority = Authority::new();
    let certificate = authority.valid(HOST);
    let dns = published("127.0.0.1");
    let found = |policy: Option<&str>| {
        let web = server(&certificate, policy);
        let here = Here {
            server: &dns,
            resolver: Network::resolver(dns.address),
            web: client(&authority, web.address.port()),
        };
        let site = site("127.0.0.1");
        let run =
            build("site.toml", &InMemory::site(site.clone()), &Catalogue::embedded(), &Overrides::default(), |built| {
                check(built, &here, &[])
            });
        run.product.expect("a site that builds").findings
    };
    let told =
        |policy: Option<&str>| found(policy).into_iter().map(|f| (f.id, f.severity, f.title.en)).collect::<Vec<_>>();
    let url = "https://mta-sts.example.com/.well-known/mta-sts.txt";
    assert_eq!(told(Some(POLICY)), []);
    // The lines in another order and with other ends say the same.
    assert_eq!(told(Some("version: STSv1\nmx: MAIL.example.com\nmax_age: 604800\nmode: enforce\n")), []);
    let fault = |text: &str| ("mtasts-policy", Severity::Error, format!("the MTA-STS policy at {url}{text}"));
    assert_eq!(told(None), [fault(" cannot be fetched: there is no such file (HTTP 404)")]);
    let other = " is another one than site.toml wants";
    assert_eq!(told(Some(&POLICY.replace("enforce", "testing"))), [fault(other)]);
    let mismatch = format!("the MTA-STS policy at {url} does not name the MX mail.example.com");
    assert_eq!(
        told(Some(&POLICY.replace("mx: mail", "mx: old"))),
        [("mtasts-mx-mismatch", Severity::Error, mismatch), fault(other)]
    );
    assert_eq!(told(Some(&POLICY.replace("enforce", "Enforce"))), [fault(": `mode` takes enforce, testing or none")]);
    // What is to be put there is the whole file.
    let different = found(Some(&POLICY.replace("enforce", "testing")));
    let next = different[0].notes.iter().find(|note| note.kind == NoteKind::Next).expect("a next step");
    assert!(next.text.en.ends_with(&POLICY.replace("\r\n", "\n").trim_end()), "{}", next.text.en);
    // HTML of a catch-all page has no power, and is not told line by line for ever.
    let page = told(Some(&"<html>\u{1b}[2J\n".repeat(2000)));
    assert!(page.len() <= 10 && page.iter().all(|(id, ..)| *id == "mtasts-policy"), "{page:?}");
}

#[test]
fn the_command_looks_the_host_up_where_it_is_told_to() {
    // Nobody listens at this address, and DNS alone says that the host is there.
    let dns = published("127.0.0.77");
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("site.toml"), site("127.0.0.77")).expect("a file");
    fs::write(folder.path().join("ca.pem"), Authority::new().root()).expect("a file");
    let at = dns.address.to_string();
    let run = |more: &[&str]| {
        let arguments =
            [&["check", "--resolver", &at, "--server", &at, "--message-format", "short", "--lang", "en"], more]
                .concat();
        let program = Command::new(env!("CARGO_BIN_EXE_zoneplan")).args(arguments).current_dir(folder.path()).output();
        let output = program.expect("zoneplan runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (text, output.status.code().expect("a code"))
    };
    assert_eq!(run(&[]), (String::new(), 0));
    let (text, code) = run(&["--fetch", "--roots", "ca.pem"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("error[mtasts-policy]") && text.contains("no web server listens there (port 443)"), "{text}");
    for (roots, says) in [("site.toml", "it holds no certificate"), ("none.pem", "--roots none.pem: ")] {
        let (text, code) = run(&["--fetch", "--roots", roots]);
        assert!(code == 2 && text.contains(says), "{text}");
    }
}
