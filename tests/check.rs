//! `zoneplan check` against real name servers: some that agree, one that is behind, one that does not know the zone, one that is silent. The
//! test starts and stops all of them, on loopback addresses; no question goes anywhere else. Times are asserted as deadlines only.
//!
//! Needs `named`, `nsupdate` and BIND's tools for signatures, and fails without them.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop; clippy does not see that helpers outside #[test] are tests too"
)]

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{IpAddr, SocketAddr, UdpSocket},
    path::Path,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use zoneplan::build::{Overrides, build};
use zoneplan::catalogue::Catalogue;
use zoneplan::check::{Checked, Dns, check};
use zoneplan::live::{Network, Resolve};
use zoneplan::report::Severity;
use zoneplan::site::InMemory;
use zoneplan::zone::Name;

#[path = "tools/servers.rs"]
mod servers;

use servers::{Server, bind};

/// No run here may take longer, however slow the machine is.
const DEADLINE: Duration = Duration::from_secs(120);

const SITE: &str = "domain = \"example.com\"\n\n[spf]\nextra = [\"include:spf.example.net\"]\n\n[dmarc]\np = \"none\"\n\n\
     [[record]]\nname = \"@\"\ntype = \"MX\"\nvalue = \"10 mail.example.net\"\n";

const NET: &str = "$TTL 3600\n@ SOA ns1 hostmaster 1 7200 3600 1209600 300\n@ NS ns1\nns1 A 192.0.2.11\nns2 A 192.0.2.12\nns3 A 192.0.2.13\n\
     parent A 192.0.2.10\nmail A 198.51.100.2\nspf TXT \"v=spf1 ip4:198.51.100.0/24 -all\"\n";

/// The root, which knows nobody, so that nothing is asked outside.
const ROOT: &str = "$TTL 3600\n. SOA ns. h. 1 7200 3600 1209600 300\n. NS ns.\nns. A 192.0.2.9\n";

/// The zone as it is wanted, with this serial, these name servers and this mail server.
fn zone(serial: u32, servers: &[&str], mail: &str) -> String {
    let ns: String = servers.iter().map(|server| format!("@ NS {server}.\n")).collect();
    format!(
        "$TTL 3600\n@ SOA ns1.example.net. hostmaster {serial} 7200 3600 1209600 300\n{ns}@ MX 10 {mail}.\n\
         @ TXT \"v=spf1 include:spf.example.net ~all\"\n_dmarc TXT \"v=DMARC1; p=none\"\n"
    )
}

const BOTH: [&str; 2] = ["ns1.example.net", "ns2.example.net"];

/// A resolver that knows these zones and, of all others, that they do not exist.
fn resolver(zones: &[(&'static str, &'static str, &str)]) -> Server {
    let all: Vec<_> =
        [(".", "root", ROOT), ("example.net", "net", NET)].into_iter().chain(zones.iter().copied()).collect();
    bind("recursion yes;", &all)
}

/// Runs `zoneplan check` in a folder with these files.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    let started = Instant::now();
    let output = command(folder, arguments).output().expect("zoneplan runs");
    assert!(started.elapsed() < DEADLINE, "{:?}", started.elapsed());
    output
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zoneplan"));
    command.arg("check").args(arguments).current_dir(folder).env_clear();
    command
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("site.toml"), SITE).expect("a written file");
    folder
}

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

#[test]
fn servers_that_are_right_behind_lame_and_silent() {
    let (new, old) = (zone(2, &BOTH, "mail.example.net"), zone(1, &BOTH, "old.example.net"));
    let (right, behind) =
        (bind("recursion no;", &[("example.com", "z", &new)]), bind("recursion no;", &[("example.com", "z", &old)]));
    let lame = bind("recursion no;", &[("example.org", "z", &new)]);
    let silent = UdpSocket::bind(("127.0.0.1", 0)).expect("a socket");
    let resolver = resolver(&[("example.com", "z", &new)]);
    let address = |server: &Server| server.address.to_string();
    let silent_address = silent.local_addr().expect("an address").to_string();
    let (right, behind_at, lame_at, asked) = (address(&right), address(&behind), address(&lame), address(&resolver));
    let folder = folder();

    let output = run(folder.path(), &["--resolver", &asked, "--server", &right, "--message-format", "short"]);
    assert_eq!((text(&output.stdout).as_str(), output.status.code()), ("", Some(0)), "{}", text(&output.stderr));

    let all = [
        "--resolver",
        &asked,
        "--server",
        &right,
        "--server",
        &behind_at,
        "--server",
        &lame_at,
        "--server",
        &silent_address,
    ];
    let output = run(folder.path(), &all);
    let found = text(&output.stdout);
    let lines = |start: &str| found.lines().filter(|line| line.starts_with(start)).collect::<Vec<_>>();
    assert_eq!(
        lines("warning"),
        [
            format!(
                "warning[check-not-checked]: not checked: example.com at {lame_at} (--server), which does not answer for it"
            ),
            format!(
                "warning[check-not-checked]: not checked: example.com at {silent_address} (--server), which is silent"
            ),
            "warning[check-servers-disagree]: the name servers do not agree on the MX of example.com".to_owned(),
        ],
        "{found}"
    );
    assert!(found.contains(&format!("= {right}: as wanted")), "{found}");
    assert!(found.contains(&format!("= {behind_at}: with 10 old.example.net.")), "{found}");
    assert!(found.contains(&format!("the serials of the zone: {right} 2, {behind_at} 1")), "{found}");
    assert_eq!(output.status.code(), Some(3));

    // Whom the command line names is not the resolver: what that knows is right, and nothing was checked. Waiting goes on.
    let output = run(folder.path(), &["--resolver", &asked, "--server", &silent_address, "--message-format", "short"]);
    let found = text(&output.stdout);
    assert_eq!(
        (found.as_str(), output.status.code()),
        (
            format!("site.toml:1:10: warning[check-not-checked]: not checked: example.com at {silent_address} (--server), which is silent\n").as_str(),
            Some(2)
        )
    );
    let started = Instant::now();
    let output = run(folder.path(), &["--resolver", &asked, "--server", &lame_at, "--wait", "6"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("not there yet: 1"), "{}", text(&output.stderr));
    // The last look is at the end of the time, however long the next pause would be.
    assert!(started.elapsed() >= Duration::from_secs(6), "{:?}", started.elapsed());
}

#[test]
fn a_resolver_that_is_not_there() {
    let nobody = UdpSocket::bind(("127.0.0.1", 0)).expect("a socket").local_addr().expect("an address").to_string();
    let output = run(folder().path(), &["--resolver", &nobody, "--message-format", "short"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains("check-not-checked"), "{}", text(&output.stdout));
}

#[test]
fn a_silent_resolver_is_waited_for_once() {
    let silent = UdpSocket::bind(("127.0.0.1", 0)).expect("a socket");
    let at = silent.local_addr().expect("an address").to_string();
    let started = Instant::now();
    let output = run(folder().path(), &["--resolver", &at, "--message-format", "short"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains("check-not-checked"), "{}", text(&output.stdout));
    // Two tries of three seconds, and as many again if the machine is slow.
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
}

/// The network as in these tests: addresses stand for servers on loopback, all others for nobody.
struct Mapped<'s> {
    resolver: Network,
    servers: Vec<(&'static str, &'s Server)>,
}

impl Dns for Mapped<'_> {
    fn resolver(&self) -> &dyn Resolve {
        &self.resolver
    }

    fn has_name_servers(&self) -> bool {
        true
    }

    fn name_server(&self, zone: &Name, addresses: &[SocketAddr]) -> Option<Box<dyn Resolve + '_>> {
        let ip = addresses.first()?.ip();
        let known = self.servers.iter().find(|(address, _)| address.parse::<IpAddr>() == Ok(ip));
        let (_, server) = known.unwrap_or_else(|| panic!("{ip} is asked"));
        Some(Box::new(Network::authority(zone.clone(), server.address)))
    }
}

fn checked(site: &str, dns: &dyn Dns) -> Checked {
    let run = build("site.toml", &InMemory::site(site), &Catalogue::embedded(), &Overrides::default(), |built| {
        check(built, dns, &[])
    });
    run.product.expect("a site that builds")
}

#[test]
fn who_is_asked_is_who_the_zone_above_names() {
    // The zone names ns1 and ns3; the zone above ns1 and ns2. Only ns2's copy is old.
    let own = ["ns1.example.net", "ns3.example.net"];
    let (new, old) = (zone(2, &own, "mail.example.net"), zone(1, &own, "old.example.net"));
    let com = "$TTL 3600\n@ SOA parent.example.net. h 1 7200 3600 1209600 300\n@ NS parent.example.net.\nexample NS ns1.example.net.\nexample NS ns2.example.net.\n";
    let (first, second) =
        (bind("recursion no;", &[("example.com", "z", &new)]), bind("recursion no;", &[("example.com", "z", &old)]));
    let parent = bind("recursion no;", &[("com", "c", com)]);
    let resolver = resolver(&[("com", "c", com), ("example.com", "z", &new)]);
    let dns = Mapped {
        resolver: Network::resolver(resolver.address),
        servers: vec![("192.0.2.10", &parent), ("192.0.2.11", &first), ("192.0.2.12", &second)],
    };
    let found = checked(SITE, &dns);
    let titles: Vec<&str> = found.findings.iter().map(|finding| finding.title.en.as_str()).collect();
    assert_eq!(
        titles,
        [
            "example.com is delegated to other name servers than it names itself",
            "the name servers do not agree on the MX of example.com",
        ]
    );
    let notes: Vec<&str> = found.findings[1].notes.iter().map(|note| note.text.en.as_str()).collect();
    assert!(notes.contains(&"ns2.example.net (192.0.2.12): with 10 old.example.net."), "{notes:?}");
}

#[test]
fn waiting_ends_when_it_is_there() {
    let empty = "$TTL 3600\n@ SOA ns1.example.net. h 1 7200 3600 1209600 1\n@ NS ns1.example.net.\n@ MX 10 mail.example.net.\n@ TXT \"v=spf1 include:spf.example.net ~all\"\n";
    let all = [(".", "root", ROOT), ("example.net", "net", NET), ("example.com", "z", empty)];
    let server = bind("recursion yes; allow-update { 127.0.0.1; };", &all);
    let (folder, at) = (folder(), server.address.to_string());
    let started = Instant::now();
    let mut child = command(folder.path(), &["--resolver", &at, "--server", &at, "--wait", "100"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("zoneplan runs");
    let mut progress = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut line = String::new();
    let _ = progress.read_line(&mut line).expect("a line");
    assert!(line.starts_with("note: not there yet: 1; the next look is in 5 s"), "{line}");
    let mut update = Command::new("nsupdate").stdin(Stdio::piped()).spawn().expect("nsupdate must be installed");
    let script = format!(
        "server 127.0.0.1 {}\nzone example.com\nupdate add _dmarc.example.com 60 TXT \"v=DMARC1; p=none\"\nsend\n",
        server.address.port()
    );
    update.stdin.take().expect("a pipe").write_all(script.as_bytes()).expect("a written script");
    assert!(update.wait().expect("nsupdate ends").success());
    let mut rest = String::new();
    let _ = progress.read_to_string(&mut rest).expect("the rest");
    let output = child.wait_with_output().expect("zoneplan ends");
    assert_eq!((text(&output.stdout).as_str(), output.status.code()), ("", Some(0)), "{rest}");
    assert!(rest.contains("Nothing is wrong."), "{rest}");
    assert!(started.elapsed() < Duration::from_secs(90), "{:?}", started.elapsed());
}

#[test]
fn the_new_report_may_take_the_place_of_the_last() {
    let folder = folder();
    let dns = |records: &str| {
        let text = format!("$ORIGIN example.net.\n{NET}$ORIGIN example.com.\n{records}");
        fs::write(folder.path().join("dns.zone"), text).expect("a written file");
    };
    let right = zone(1, &BOTH, "mail.example.net");
    let arguments = ["--dns", "dns.zone", "--report", "last.json", "--message-format", "short"];
    let again = [&arguments[..], &["--since", "last.json"]].concat();
    // The first run tells what is missing, the next one nothing, though it is still missing; the third that it is there.
    dns(&right.replace("_dmarc", "_other"));
    let missing = "site.toml:6:2: error[check-missing]: the DMARC (TXT) of _dmarc.example.com is not in DNS\n";
    let resolved = "resolved[check-missing]: example.com: the DMARC (TXT) of _dmarc.example.com is not in DNS\n";
    let told = |arguments: &[&str], expected: (&str, i32)| {
        let output = run(folder.path(), arguments);
        assert_eq!(
            (text(&output.stdout).as_str(), output.status.code()),
            (expected.0, Some(expected.1)),
            "{}",
            text(&output.stderr)
        );
    };
    told(&arguments, (missing, 1));
    told(&again, ("", 0));
    told(&again, ("", 0));
    dns(&right);
    told(&again, (resolved, 0));
    told(&again, ("", 0));
    // It goes again; then site.toml cannot be read, and then the zone is in no file. Neither is forgotten.
    dns(&right.replace("_dmarc", "_other"));
    told(&again, (missing, 1));
    fs::write(folder.path().join("site.toml"), "domain = 1").expect("a written file");
    told(&again, ("", 2));
    fs::write(folder.path().join("site.toml"), SITE).expect("a written file");
    told(&again, ("", 0));
    fs::write(folder.path().join("dns.zone"), format!("$ORIGIN example.net.\n{NET}")).expect("a written file");
    let output = run(folder.path(), &again);
    assert!(!text(&output.stdout).contains("resolved"), "{}", text(&output.stdout));
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    dns(&right);
    let output = run(folder.path(), &again);
    assert!(text(&output.stdout).contains(resolved), "{}", text(&output.stdout));
}

#[test]
fn one_servfail_among_300_sites_hides_no_error() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut zone = String::from("$TTL 3600\n@ SOA ns1.example.net. h 1 7200 3600 1209600 300\n@ NS ns1.example.net.\n");
    let mut arguments: Vec<String> = Vec::new();
    for site in 0..300 {
        let policy = if matches!(site, 7 | 250) { "other" } else { "_dmarc" };
        zone.push_str(&format!(
            "s{site} MX 10 mail.example.net.\ns{site} TXT \"v=spf1 include:spf.example.net ~all\"\n{policy}.s{site} TXT \"v=DMARC1; p=none\"\n"
        ));
        let domain = if site == 100 { "broken.example.edu".to_owned() } else { format!("s{site}.example.org") };
        fs::write(folder.path().join(format!("s{site}.toml")), SITE.replace("example.com", &domain)).expect("a file");
        arguments.push(format!("s{site}.toml"));
    }
    // BIND answers SERVFAIL for a zone whose file it cannot read.
    let resolver = resolver(&[("example.org", "org", &zone), ("broken.example.edu", "broken", "no zone\n")]);
    let at = resolver.address.to_string();
    arguments.extend(["--resolver", &at, "--server", &at, "--message-format", "short"].map(str::to_owned));
    let output = run(folder.path(), &arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let found = text(&output.stdout);
    let missing = |site| {
        format!("s{site}.toml:6:2: error[check-missing]: the DMARC (TXT) of _dmarc.s{site}.example.org is not in DNS")
    };
    let failed = format!(
        "s100.toml:1:10: warning[check-not-checked]: not checked: broken.example.edu at {at} (--server), which fails to answer"
    );
    assert_eq!(found.lines().collect::<Vec<_>>(), [missing(7), failed, missing(250)]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
}

#[test]
fn many_sites_in_one_call() {
    // Every third site lacks its DMARC record, and one is in no zone at all.
    let sites = 120;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut zone = String::from("$TTL 3600\n@ SOA ns1.example.net. h 1 7200 3600 1209600 300\n@ NS ns1.example.net.\n");
    let mut arguments: Vec<String> = Vec::new();
    for site in 0..sites {
        zone.push_str(&format!(
            "s{site} MX 10 mail.example.net.\ns{site} TXT \"v=spf1 include:spf.example.net ~all\"\n"
        ));
        if site % 3 != 0 {
            zone.push_str(&format!("_dmarc.s{site} TXT \"v=DMARC1; p=none\"\n"));
        }
        let file = format!("s{site}.toml");
        fs::write(folder.path().join(&file), SITE.replace("example.com", &format!("s{site}.example.org")))
            .expect("a file");
        arguments.push(file);
    }
    fs::write(folder.path().join("gone.toml"), SITE.replace("example.com", "gone.example.edu")).expect("a file");
    arguments.push("gone.toml".to_owned());
    let resolver = resolver(&[("example.org", "org", &zone)]);
    let at = resolver.address.to_string();
    arguments.extend(["--resolver", &at, "--server", &at, "--message-format", "short"].map(str::to_owned));
    let output = run(folder.path(), &arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let found = text(&output.stdout);
    let missing: Vec<&str> = found.lines().take_while(|line| line.starts_with('s')).collect();
    // In the order of the sites.
    let expected: Vec<String> = (0..sites)
        .filter(|site| site % 3 == 0)
        .map(|site| {
            format!(
                "s{site}.toml:6:2: error[check-missing]: the DMARC (TXT) of _dmarc.s{site}.example.org is not in DNS"
            )
        })
        .collect();
    assert_eq!(missing, expected, "{found}");
    let rest: Vec<&str> = found.lines().skip(expected.len()).collect();
    assert!(!rest.is_empty() && rest.iter().all(|line| line.starts_with("gone.toml:")), "{found}");
    assert_eq!(output.status.code(), Some(1));
}

/// Runs one of BIND's tools in a folder.
fn tool(folder: &Path, program: &str, arguments: &[&str]) {
    let path = format!("{}:/usr/local/sbin:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default());
    let output = Command::new(program).args(arguments).current_dir(folder).env("PATH", path).output();
    let output = output.unwrap_or_else(|error| panic!("{program} must be installed (tests/run installs it): {error}"));
    assert!(output.status.success(), "{program}: {}", text(&output.stderr));
}

#[test]
fn that_signatures_hold_is_known_from_a_resolver_that_checks_them() {
    let tlsa = format!("3 1 1 {}", "AB".repeat(32));
    let site = format!(
        "{SITE}[[record]]\nname = \"mail\"\ntype = \"A\"\nvalue = \"192.0.2.25\"\n[[record]]\nname = \"_25._tcp.mail\"\ntype = \"TLSA\"\nvalue = \"{tlsa}\"\n"
    );
    let own = format!("{}mail A 192.0.2.25\n_25._tcp.mail TLSA {tlsa}\n", zone(1, &BOTH, "mail.example.net"));
    // The zone, signed, and its DS.
    let keys = tempfile::tempdir().expect("a temporary folder");
    fs::write(keys.path().join("zone"), &own).expect("a written file");
    tool(keys.path(), "dnssec-keygen", &["-a", "ECDSAP256SHA256", "-f", "KSK", "example.com"]);
    tool(keys.path(), "dnssec-keygen", &["-a", "ECDSAP256SHA256", "example.com"]);
    tool(keys.path(), "dnssec-signzone", &["-S", "-o", "example.com", "-f", "signed", "zone"]);
    let read = |name: &str| fs::read_to_string(keys.path().join(name)).expect("a file");
    let (signed, ds) = (read("signed"), read("dsset-example.com."));
    let ds = ds.lines().next().and_then(|line| line.split_once("DS ")).expect("a DS").1.trim().to_owned();
    let com = |ds: &str| {
        format!(
            "$TTL 3600\n@ SOA parent.example.net. h 1 7200 3600 1209600 300\n@ NS parent.example.net.\nexample NS ns1.example.net.\n{ds}"
        )
    };
    let with_ds = com(&format!("example DS {ds}\n"));
    let plain = resolver(&[("com", "c", &with_ds), ("example.com", "z", &signed)]);
    // One that checks signatures, and asks the other one.
    let fields: Vec<&str> = ds.split_whitespace().collect();
    let anchor = format!("{} {} {} \"{}\"", fields[0], fields[1], fields[2], fields[3..].concat());
    let checking = servers::start("named", &["-4", "-g", "-n", "1", "-c", "named.conf"], |home, port| {
        let config = format!(
            "options {{ directory \"{home}\"; pid-file none; session-keyfile none; managed-keys-directory \"{home}\";\n\
             listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; query-source address 127.0.0.1; empty-zones-enable no;\n\
             dnssec-validation yes; forward only; forwarders {{ 127.0.0.1 port {}; }}; }};\ncontrols {{ }};\n\
             trust-anchors {{ example.com. static-ds {anchor}; }};\n",
            plain.address.port()
        );
        vec![("named.conf", config)]
    });
    let told = |resolver: &Server, server: &Server| {
        let servers = ["192.0.2.10", "192.0.2.11", "192.0.2.12"].map(|address| (address, server)).to_vec();
        let found = checked(&site, &Mapped { resolver: Network::resolver(resolver.address), servers }).findings;
        found.iter().map(|finding| (finding.id, finding.severity)).collect::<Vec<_>>()
    };
    assert_eq!(told(&checking, &plain), []);
    assert_eq!(told(&plain, &plain), [("check-not-checked", Severity::Advice)]);
    let unsigned = resolver(&[("com", "c", &com("")), ("example.com", "z", &own)]);
    assert_eq!(told(&unsigned, &unsigned), [("tlsa-without-dnssec", Severity::Error)]);
}
