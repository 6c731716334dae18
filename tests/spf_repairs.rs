//! Each repair that `zoneplan spf` offers, applied: the bill is then what was promised, comments stay, and what is only written otherwise passes
//! whom it passed before.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop; clippy does not see that helpers outside #[test] are tests too"
)]

use std::collections::BTreeMap;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use zoneplan::build::{Overrides, build};
use zoneplan::catalogue::Catalogue;
use zoneplan::live::{Fixture, InTurn, Resolve};
use zoneplan::mail::spf::{self, Answer, Dns, Qualifier, Query, TermKind, Verdict};
use zoneplan::site::{Changed, Files, InMemory};
use zoneplan::spf_dns::{SpfDns, planned};
use zoneplan::spf_repair::{Bench, Kind, Tools, own_records};
use zoneplan::zone::Name;

/// The site, and the zones that answer for what it does not plan.
const CASE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/spf-repairs");
const FILES: [&str; 3] = ["site.toml", "example.com.zone", "others.zone"];
/// Some in ranges of the record and behind its includes, some cut out of them or beside them.
const CLIENTS: [&str; 9] = [
    "192.0.2.7",
    "192.0.2.99",
    "198.51.100.25",
    "198.51.100.200",
    "203.0.113.1",
    "203.0.113.20",
    "203.0.113.22",
    "203.0.113.23",
    "2001:db8:2::21",
];

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in FILES {
        fs::copy(Path::new(CASE).join(file), folder.path().join(file)).unwrap();
    }
    folder
}

fn zoneplan(folder: &Path, args: &[&str]) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_zoneplan")).current_dir(folder).args(args).output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

fn spf(folder: &Path, more: &[&str]) -> Value {
    let args = [&["spf", "--format", "json", "--dns", "example.com.zone", "--dns", "others.zone"], more].concat();
    let (stdout, stderr) = zoneplan(folder, &args);
    serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stdout}{stderr}"))
}

fn verdicts(folder: &Path) -> Vec<Value> {
    CLIENTS.iter().map(|client| spf(folder, &["--ip", client])["verdict"].clone()).collect()
}

fn comments(text: &str) -> Vec<&str> {
    text.match_indices('#').map(|(at, _)| text.get(at..).and_then(|t| t.lines().next()).unwrap()).collect()
}

#[test]
fn what_is_promised_comes() {
    let before = folder();
    let bill = spf(before.path(), &[]);
    let repairs = bill["repairs"].as_array().unwrap();
    let mut kinds: Vec<&str> = repairs.iter().map(|repair| repair["kind"].as_str().unwrap()).collect();
    kinds.dedup();
    assert_eq!(kinds, ["drop", "return-path", "addresses", "covered", "flatten", "split"]);
    let old = fs::read_to_string(before.path().join("site.toml")).unwrap();
    let judged = verdicts(before.path());
    // What was a permerror is decided once the count is right, and by each of these repairs in the same way.
    let mut repaired: Option<Vec<Value>> = None;
    for repair in repairs {
        let (number, kind) = (repair["number"].to_string(), repair["kind"].as_str().unwrap());
        let folder = folder();
        let after = spf(folder.path(), &["--apply", &number, "--today", "2026-11-29"]);
        for key in ["lookups", "voids_ipv4", "voids_ipv6"] {
            assert_eq!(after[key], repair[key], "{key} of {repair}");
        }
        let saved = bill["lookups"].as_u64().unwrap() - after["lookups"].as_u64().unwrap();
        assert_eq!(repair["saves"], saved);
        assert!(saved > 0, "{repair}");
        // It is in the file, and not only in what the run said.
        let again = spf(folder.path(), &[]);
        assert_eq!(after, again, "{repair}");
        let (zone, _) = zoneplan(folder.path(), &["build", "--format", "json", "site.toml"]);
        let zone: Value = serde_json::from_str(&zone).unwrap();
        let records = zone["zones"][0]["records"].as_array().unwrap();
        let record = records.iter().find(|r| r["purpose"] == "spf" && r["name"] == "example.com").unwrap();
        assert_eq!(record["text"].as_str().unwrap().len() / 2, repair["bytes"].as_u64().unwrap() as usize, "{repair}");
        let new = fs::read_to_string(folder.path().join("site.toml")).unwrap();
        assert_eq!(comments(&new), comments(&old), "{repair}\n{new}");
        assert_ne!(new, old);
        let pins = fs::read_to_string(folder.path().join("site.pins.toml")).ok();
        assert_eq!(pins.is_some(), kind == "flatten", "{repair}");
        if let Some(pins) = pins {
            assert!(pins.contains("seen = \"2026-11-29\"") && pins.contains("domain = \"example.com\""), "{pins}");
        }
        if matches!(kind, "addresses" | "covered" | "flatten") {
            let now = verdicts(folder.path());
            for (old, new) in judged.iter().zip(&now).filter(|(old, _)| *old != "permerror") {
                assert_eq!(old, new, "{repair}");
            }
            assert!(!now.contains(&Value::from("permerror")), "{now:?}");
            assert_eq!(repaired.get_or_insert_with(|| now.clone()), &now, "{repair}");
        }
    }
}

/// One after the other, each with the number that it then has: until nothing is over.
#[test]
fn one_after_the_other() {
    let folder = folder();
    let flatten = |bill: &Value| {
        let repairs = bill["repairs"].as_array().unwrap().iter();
        repairs.filter(|r| r["kind"] == "flatten").map(|r| r["number"].to_string()).next()
    };
    let mut times = 0;
    while let Some(number) = flatten(&spf(folder.path(), &["--repairs"])) {
        spf(folder.path(), &["--apply", &number, "--today", "2026-11-29"]);
        times += 1;
        assert!(times < 10);
    }
    let bill = spf(folder.path(), &[]);
    // a, a and mx are left; every include is written out.
    assert_eq!((times, &bill["lookups"], &bill["repairs"]), (4, &Value::from(3), &Value::Null));
    let pins = fs::read_to_string(folder.path().join("site.pins.toml")).unwrap();
    // Five SPF records, the A and MX of h1 and that it has no AAAA, both addresses of h2.
    assert_eq!((pins.matches("[[pin]]").count(), pins.matches("none = true").count()), (10, 1), "{pins}");
    assert!(pins.contains("for = [\"include:c.example.net\", \"include:spf.example.net\"]"), "{pins}");
}

/// The last term of a record goes, and the record stays.
#[test]
fn no_repair_takes_the_record_away() {
    let case = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/spf-repairs-last-term");
    let folder = tempfile::tempdir().unwrap();
    for file in ["site.toml", "net.zone"] {
        fs::copy(Path::new(case).join(file), folder.path().join(file)).unwrap();
    }
    for _ in 0..2 {
        let (_, stderr) = zoneplan(folder.path(), &["spf", "--dns", "net.zone", "--apply", "1"]);
        assert!(stderr.contains("as `v=spf1 ~all`"), "{stderr}");
    }
    let (zone, _) = zoneplan(folder.path(), &["build"]);
    assert_eq!(zone.matches("\"v=spf1 ~all\"").count(), 2, "{zone}");
    let text = fs::read_to_string(folder.path().join("site.toml")).unwrap();
    assert_eq!(text.matches("extra = []\nall = \"~all\"\n").count(), 2, "{text}");
}

/// Pins of another site are not written over.
#[test]
fn foreign_pins_are_left_alone() {
    let folder = folder();
    let pins = folder.path().join("site.pins.toml");
    fs::write(&pins, "version = 1\ndomain = \"example.org\"\n").unwrap();
    let bill = spf(folder.path(), &[]);
    assert!(bill["repairs"].as_array().unwrap().iter().all(|repair| repair["kind"] != "flatten"));
    assert_eq!(fs::read_to_string(&pins).unwrap(), "version = 1\ndomain = \"example.org\"\n");
}

/// A section of the file that is extended is nobody's to edit here, and one in this file would hide it.
#[test]
fn what_stands_in_the_extended_file_is_left_alone() {
    let folder = folder();
    let text = fs::read_to_string(folder.path().join("site.toml")).unwrap();
    let (before, rest) = text.split_once("[spf]").unwrap();
    let (spf_section, after) = rest.split_once("[dmarc]").unwrap();
    fs::write(folder.path().join("base.toml"), format!("[spf]{spf_section}")).unwrap();
    fs::write(folder.path().join("site.toml"), format!("extends = \"base.toml\"\n{before}[dmarc]{after}")).unwrap();
    let bill = spf(folder.path(), &[]);
    let kinds: Vec<&str> = bill["repairs"].as_array().unwrap().iter().map(|r| r["kind"].as_str().unwrap()).collect();
    assert_eq!((bill["lookups"].as_u64(), kinds), (Some(11), vec!["drop", "return-path", "split", "split"]));
}

/// The zones of everybody else: hosts with one family and with both, and trees of includes that lead to each other.
fn others(below: &mut impl FnMut(u64) -> u64) -> String {
    let mut zone = String::from(
        "$TTL 60\n@ SOA ns h 1 2 3 4 5\nh A 192.0.2.1\nd A 192.0.2.2\nd AAAA 2001:db8::2\nd MX 1 h\nd MX 2 d\n",
    );
    for (n, name) in ["i", "j", "k", "l"].into_iter().enumerate() {
        let mut text = "v=spf1".to_owned();
        for _ in 0..1 + below(5) {
            let sign = ["", "", "", "", "", "-", "?"][below(7) as usize];
            let body = match below(12) {
                0 | 1 => format!("ip4:192.0.2.{}/{}", below(16), 27 + below(6)),
                2 => format!("ip6:2001:db8::{:x}/{}", below(8), 124 + below(5)),
                3..=7 if n < 3 => {
                    format!("include:{}.example.net", ["i", "j", "k", "l"][(n + 1 + below(3) as usize).min(3)])
                }
                8 => format!("a:{}.example.net", ["h", "d", "gone"][below(3) as usize]),
                9 => "exists:%{i}.x.example.net".to_owned(),
                10 => "a:x.silent.example".to_owned(),
                _ => "a:h.example.net".to_owned(),
            };
            text += &format!(" {sign}{body}");
        }
        zone += &format!(
            "{name} TXT \"{text} {}\"\n",
            ["-all", "~all", "redirect=l.example.net"][below(3) as usize % (4 - n).min(3)]
        );
    }
    zone
}

fn site(below: &mut impl FnMut(u64) -> u64) -> String {
    let terms = |below: &mut dyn FnMut(u64) -> u64| -> String {
        let mut terms: Vec<String> = Vec::new();
        for _ in 0..2 + below(8) {
            let sign = ["", "", "", "", "", "", "-", "?"][below(8) as usize];
            let body = match below(9) {
                0 => format!("ip4:192.0.2.{}/{}", below(16), 28 + below(5)),
                1 => format!("ip6:2001:db8::/{}", 124 + below(5)),
                2..=5 => format!("include:{}.example.net", ["i", "j", "k", "l"][below(4) as usize]),
                6 => format!("a:{}.example.net", ["h", "d", "gone"][below(3) as usize]),
                7 => "mx:d.example.net".to_owned(),
                _ => "a:mail.example.com".to_owned(),
            };
            terms.push(format!("\"{sign}{body}\""));
        }
        terms.join(", ")
    };
    let (domain, news) = (terms(below), terms(below));
    let record = "[[record]]\nname = \"mail\"\ntype = \"A\"\nvalue = \"192.0.2.3\"\n";
    let sections = format!("[spf]\nextra = [{domain}]\n[dmarc]\np = \"none\"\n");
    format!(
        "domain = \"example.com\"\n{sections}{record}[[subdomain]]\nname = \"news\"\n[subdomain.spf]\nextra = [{news}]\n"
    )
}

/// What a record means if receivers had no limits and nothing stopped them; what depends on the mail or is not known matches nobody.
fn is_meant(dns: &dyn Dns, name: &str, client: IpAddr, path: &mut Vec<String>) -> Option<Qualifier> {
    if path.iter().any(|on| on == name) {
        return None;
    }
    let Answer::Records(texts) = dns.txt(name) else { return None };
    let record = spf::Record::parse(texts.iter().find(|text| spf::is_spf(text))?);
    if record.syntax_error().is_some() {
        return None;
    }
    let among = |addresses: Vec<IpAddr>| addresses.contains(&client);
    let of_host = |host: &str| {
        let mut found: Vec<IpAddr> = Vec::new();
        if let Answer::Records(a) = dns.a(host) {
            found.extend(a.into_iter().map(IpAddr::from));
        }
        if let Answer::Records(aaaa) = dns.aaaa(host) {
            found.extend(aaaa.into_iter().map(IpAddr::from));
        }
        found
    };
    path.push(name.to_owned());
    let mut said = None;
    for term in record.live_mechanisms().chain(record.redirect()) {
        let target = term.kind.domain_spec().map_or(name, |spec| spec.as_str());
        let matches = match &term.kind {
            TermKind::All => true,
            TermKind::Include(_) => is_meant(dns, target, client, path) == Some(Qualifier::Pass),
            TermKind::Redirect(_) if record.all().is_none() => {
                said = is_meant(dns, target, client, path);
                break;
            }
            TermKind::A { .. } => among(of_host(target)),
            TermKind::Mx { .. } => match dns.mx(target) {
                Answer::Records(hosts) => hosts.iter().any(|host| among(of_host(host))),
                _ => false,
            },
            kind => kind.network().is_some_and(|network| network.contains_address(client)),
        };
        if matches {
            said = Some(term.qualifier);
            break;
        }
    }
    path.pop();
    said
}

/// Over random trees: nobody who passes loses it by a repair, and nobody passes by one who was not meant to. The judges are the evaluator of
/// RFC 7208 and a reader without limits; neither is what repairs are proved with.
#[test]
fn a_repair_takes_nothing_from_anybody() {
    let mut state = 6_u64;
    let mut below = |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    let catalogue = Catalogue::embedded();
    let clients = (0..40u32).map(|n| IpAddr::from(Ipv4Addr::from(0xC000_0200 + n)));
    let clients: Vec<IpAddr> =
        clients.chain((0..16).map(|n| Ipv6Addr::from_bits(0x2001_0db8 << 96 | n).into())).collect();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut refused, mut kept, mut healed) = (0, 0, 0);
    for _ in 0..60 {
        let (zone, text) = (others(&mut below), site(&mut below));
        let mut fixture = Fixture::new();
        fixture.add(zone.as_bytes(), &Name::parse_absolute("example.net").unwrap());
        let behind: [&dyn Resolve; 1] = [&fixture];
        let files = InMemory::site(text.clone());
        // Who passes, and who is meant to.
        let judged = |files: &dyn Files| {
            let run = build("site.toml", files, &catalogue, &Overrides::default(), |built| {
                let planned = planned(built.fitted, built.current);
                let resolve = InTurn(vec![&planned as &dyn Resolve, &fixture]);
                let mut out = Vec::new();
                for (at, client) in
                    ["example.com", "news.example.com"].into_iter().flat_map(|at| clients.iter().map(move |c| (at, *c)))
                {
                    let dns = SpfDns::new(&resolve);
                    let from = format!("x@{at}");
                    let passes = spf::check_host(&dns, &Query::new(client, &from, at)).verdict == Verdict::Pass;
                    let meant = is_meant(&dns, at, client, &mut Vec::new()) == Some(Qualifier::Pass);
                    out.push((at, client, passes, meant));
                }
                out
            });
            run.product.unwrap()
        };
        let before = judged(&files);
        let run = build("site.toml", &files, &catalogue, &Overrides::default(), |built| {
            let today = "2026-11-29".parse().unwrap();
            let tools = Tools { path: "site.toml", files: &files, catalogue: &catalogue, behind: &behind, today };
            let own = own_records(built);
            let planned = planned(built.fitted, built.current);
            let resolve = InTurn(vec![&planned as &dyn Resolve, &fixture]);
            let bench = Bench::new(tools, built, &own);
            let each = own.iter().map(|own| {
                let name = own.name.display_without_dot().to_string();
                bench.offers(own, &spf::bill(&SpfDns::new(&resolve), &name))
            });
            each.collect::<Vec<_>>()
        });
        for offers in run.product.unwrap() {
            refused +=
                offers.refused.iter().filter(|refusal| refusal.kind == Kind::Covered && !refusal.is_minor).count();
            for offer in offers.offers {
                *kinds.entry(offer.repair.kind.word()).or_default() += 1;
                let after = judged(&Changed::new(&files, offer.files.clone()));
                for ((at, client, passed, meant), (.., passes, _)) in before.iter().zip(&after) {
                    let what = &offer.repair.what.en;
                    assert!(!passed || *passes, "{client} at {at} loses by: {what}\n{text}\n{zone}");
                    assert!(!passes || *meant, "{client} at {at} gains by: {what}\n{text}\n{zone}");
                    kept += usize::from(*passed);
                    healed += usize::from(*passes && !passed);
                }
            }
        }
    }
    assert!(
        ["addresses", "covered", "flatten"].iter().all(|kind| kinds.get(kind).is_some_and(|n| *n > 10)),
        "{kinds:?}"
    );
    assert!(refused > 1 && kept > 1_000 && healed > 50, "{kinds:?} {refused} {kept} {healed}");
}

/// What a person reads is what the file says, down to the byte: Windows line ends, the byte order mark, and what is said of a term.
#[test]
fn outside_of_the_edit_every_byte_stays() {
    let folder = folder();
    let site = folder.path().join("site.toml");
    let old = fs::read_to_string(&site).unwrap();
    // The last of the list has no comma.
    let old = old.replace(
        "\"include:spf.example.net\", # the shop",
        "\"include:spf.example.net\", # the shop\n  \"a:printer.example.com\" # again, last",
    );
    let old = format!(
        "\u{feff}{}",
        old.replacen("  \"a:printer.example.com\", # in the office\n", "", 1).replace('\n', "\r\n")
    );
    fs::write(&site, &old).unwrap();
    let bill = spf(folder.path(), &[]);
    let repairs = bill["repairs"].as_array().unwrap();
    let printer =
        |repair: &&Value| repair["kind"] == "covered" && repair["what"]["en"].as_str().unwrap().contains("a:printer");
    let number = repairs.iter().find(printer).unwrap()["number"].to_string();
    spf(folder.path(), &["--apply", &number]);
    let new = fs::read_to_string(&site).unwrap();
    assert_eq!(new, old.replace("\"a:printer.example.com\" # again, last", "# again, last"));
}

/// The words after `--apply` end in the command with which the published record follows.
#[test]
fn the_command_that_is_named_goes_on_from_there() {
    let folder = folder();
    fs::write(folder.path().join("FILE"), "$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns.example.net.\n@ TXT \"v=spf1 include:amazonses.com include:mailgun.org ip4:192.0.2.0/28 a:printer.example.com +a:backup.example.com ?mx include:c.example.net include:spf.example.net ~all\"\n").unwrap();
    let args = ["spf", "--dns", "example.com.zone", "--dns", "others.zone", "--apply", "4"];
    let (_, said) = zoneplan(folder.path(), &args);
    let (_, command) = said.lines().find_map(|line| line.split_once(": zoneplan plan ")).unwrap();
    assert_eq!(command, "site.toml --current FILE --remove '@/TXT=?mx'");
    let without = zoneplan(folder.path(), &["plan", "site.toml", "--current", "FILE"]).1;
    assert!(without.contains("plan-drops-live-sender"), "{without}");
    let words: Vec<&str> = command.split(' ').map(|word| word.trim_matches('\'')).collect();
    let (plan, said) = zoneplan(folder.path(), &[&["plan"], words.as_slice()].concat());
    assert!(!said.contains("plan-drops-live-sender") && plan.contains("?mx removed"), "{plan}{said}");
}
