//! Zones to site.toml and back: what is built of the imported site is the zone that was found, or import says itself what differs. Over
//! every case and example that builds, every sender of the catalogue, and with `ZONEPLAN_DOMAIN_CONNECT=FOLDER` the templates of that folder.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use zoneplan::build::{Overrides, build};
use zoneplan::catalogue::sender::Sender;
use zoneplan::catalogue::{Catalogue, domain_connect};
use zoneplan::import::{Imported, Options, import};
use zoneplan::report::{Severity, Sources};
use zoneplan::site::draft::{choices, sample_site};
use zoneplan::site::{FileError, Files, InMemory};
use zoneplan::toml_reader::Sink;
use zoneplan::zone::{MasterFile, Name, Record, Rtype, text};

/// The files of this repository.
#[derive(Debug)]
struct Repository;

impl Files for Repository {
    fn read(&self, path: &str, _: u64) -> Result<Vec<u8>, FileError> {
        fs::read(path).map_err(|_| FileError::NotFound)
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, FileError> {
        let names = fs::read_dir(folder).map_err(|_| FileError::NotFound)?;
        let mut names: Vec<String> = names.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        Ok(names)
    }

    fn beside(&self, from: &str, name: &str) -> String {
        Path::new(from).parent().unwrap().join(name).to_string_lossy().into_owned()
    }

    fn canonical(&self, path: &str) -> String {
        path.to_owned()
    }
}

/// The records of the zone that a site.toml gives, in its own zone.
fn records(path: &str, files: &dyn Files, catalogue: &Catalogue) -> Option<(Name, Vec<Record>)> {
    let run = build(path, files, catalogue, &Overrides::default(), |built| {
        let zone = built.fitted.own.composed;
        (zone.origin.clone(), zone.rrsets.iter().flat_map(|s| s.records()).collect::<Vec<_>>())
    });
    run.product
}

/// A record by its meaning, without its TTL: names and what of the data is a name in lower case, a TXT as one text.
type Fact = (String, Rtype, Vec<u8>);

fn fact(record: &Record) -> Fact {
    let data = if record.rtype == Rtype::TXT {
        record.rdata.txt_joined()
    } else {
        record.rdata.to_lowercase(record.rtype).octets().to_vec()
    };
    (record.name.to_string().to_lowercase(), record.rtype, data)
}

/// What a whole zone has besides: no site.toml is asked for it.
fn is_frame(record: &Record, domain: &Name) -> bool {
    record.rtype == Rtype::SOA || (record.rtype == Rtype::NS && record.name == *domain)
}

/// The text of a whole zone, as another tool would have written it.
fn wrapped(domain: &Name, records: &[Record]) -> String {
    let soa = format!("{domain} 3600 IN SOA ns1.example.net. hostmaster.{domain} 1 7200 3600 1209600 3600\n");
    let ns = format!("{domain} 3600 IN NS ns1.example.net.\n{domain} 3600 IN NS ns2.example.net.\n");
    let without: Vec<Record> = records.iter().filter(|r| !is_frame(r, domain)).cloned().collect();
    format!("{soa}{ns}{}", text::write(&without, None))
}

fn imported(zone: &str, catalogue: &Catalogue) -> Imported {
    let files = InMemory::default().and("found.zone", zone.as_bytes().to_vec());
    import("found.zone", &files, catalogue, &Options::default())
}

/// What differs of a file, and the site.toml that was written of it; none if nothing does.
fn told(path: &Path, differences: &[String], came: Imported) -> Option<String> {
    let site = came.site.unwrap_or_default();
    (!differences.is_empty()).then(|| format!("{}:\n  {}\n{site}", path.display(), differences.join("\n  ")))
}

/// Each difference that import does not name; empty if the round trip holds.
fn unnamed(domain: &Name, found: &[Record], catalogue: &Catalogue) -> (Vec<String>, Imported) {
    let came = imported(&wrapped(domain, found), catalogue);
    let mut wrong = Vec::new();
    let Some(site) = &came.site else {
        let why: Vec<&str> = came.findings.iter().map(|f| f.title.en.as_str()).collect();
        return (vec![format!("nothing was written: {why:?}")], came);
    };
    let mut files = InMemory::site(site.clone());
    for (name, text) in &came.keys {
        files = files.and(name, text.clone());
    }
    let Some((_, built)) = records("site.toml", &files, catalogue) else {
        return (vec![format!("it does not build:\n{site}")], came);
    };
    let named: BTreeSet<(String, String)> = came
        .findings
        .iter()
        .filter(|f| matches!(f.id, "import-differs" | "import-spelled"))
        .flat_map(|f| f.about.iter().map(|a| (format!("{}.", a.name.to_lowercase()), a.rtype.clone())))
        .collect();
    let of =
        |records: &[Record]| -> BTreeSet<Fact> { records.iter().filter(|r| !is_frame(r, domain)).map(fact).collect() };
    let (old, new) = (of(found), of(&built));
    for (what, fact) in old.difference(&new).map(|f| ("lost", f)).chain(new.difference(&old).map(|f| ("new", f))) {
        if !named.contains(&(fact.0.clone(), fact.1.to_string())) {
            wrong.push(format!("{what}: {} {} {:?}", fact.0, fact.1, String::from_utf8_lossy(&fact.2)));
        }
    }
    let ttls = |records: &[Record]| {
        let mut all: BTreeMap<(String, Rtype), u32> = BTreeMap::new();
        for record in records.iter().filter(|r| !is_frame(r, domain)) {
            let lowest = all.entry((record.name.to_string().to_lowercase(), record.rtype)).or_insert(record.ttl);
            *lowest = record.ttl.min(*lowest);
        }
        all
    };
    let told = |name: &str, rtype: Rtype| {
        came.findings.iter().any(|f| {
            f.about.iter().any(|a| format!("{}.", a.name.to_lowercase()) == name && a.rtype == rtype.to_string())
        })
    };
    let new = ttls(&built);
    for ((name, rtype), ttl) in ttls(found) {
        if new.get(&(name.clone(), rtype)).is_some_and(|n| *n != ttl) && !told(&name, rtype) {
            wrong.push(format!("TTL: {name} {rtype} {ttl}"));
        }
    }
    (wrong, came)
}

fn sites() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut out = Vec::new();
    for folder in [root.join("tests/cases"), root.join("examples")] {
        for case in fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()) {
            let files = fs::read_dir(&case).unwrap().map(|e| e.unwrap().path());
            out.extend(files.filter(|p| p.extension().is_some_and(|e| e == "toml")));
        }
    }
    out.sort();
    out
}

#[test]
fn every_case_and_example_comes_back() {
    let catalogue = Catalogue::embedded();
    let (mut wrong, mut n) = (Vec::new(), 0);
    for path in sites() {
        let Some((domain, found)) = records(&path.to_string_lossy(), &Repository, &catalogue) else { continue };
        // Names of other domains are no site's.
        if found.is_empty() || zoneplan::site::domain(&domain.to_string()).is_err() {
            continue;
        }
        n += 1;
        let (differences, came) = unnamed(&domain, &found, &catalogue);
        wrong.extend(told(&path, &differences, came));
    }
    assert!(n > 150, "only {n} sites build");
    assert!(wrong.is_empty(), "{} of {n}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_sender_comes_back_from_its_records() {
    let catalogue = Catalogue::embedded();
    let (mut wrong, mut all, mut same, mut not) = (Vec::new(), 0, 0, Vec::new());
    for sender in catalogue.senders() {
        for choice in choices(sender, 4) {
            let site = sample_site(sender, &choice);
            let Some((domain, found)) = records("site.toml", &InMemory::site(site), &catalogue) else { continue };
            if found.is_empty() {
                continue;
            }
            all += 1;
            let (differences, came) = unnamed(&domain, &found, &catalogue);
            let text = came.site.unwrap_or_default();
            if text.contains(&format!("\n[[sender]]\nprovider = \"{}\"", sender.id)) {
                same += 1;
            } else {
                not.push(sender.id.clone());
            }
            if !differences.is_empty() {
                wrong.push(format!("{}:\n  {}\n{text}", sender.id, differences.join("\n  ")));
            }
        }
    }
    println!("senders recognised by their own records: {same} of {all}; not: {}", not.join(" "));
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
    // Those whose records do not name them stay [[record]]s; most are taken.
    assert!(same * 10 >= all * 6, "{same} of {all}");
}

#[test]
fn what_domain_connect_templates_make_comes_back() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/domain-connect");
    let more = std::env::var_os("ZONEPLAN_DOMAIN_CONNECT").map(PathBuf::from);
    let catalogue = Catalogue::embedded();
    let (mut wrong, mut n) = (Vec::new(), 0);
    for folder in std::iter::once(own).chain(more) {
        let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
        paths.retain(|p| p.extension().is_some_and(|e| e == "json"));
        paths.sort();
        for path in paths {
            let text = fs::read_to_string(&path).unwrap();
            let sink = Sink::new(Sources::default().add("template.json", text.clone()));
            let Some(sender): Option<Sender> = domain_connect::parse(&text, &sink) else { continue };
            for host in ["", "subdomain = \"shop\"\n"] {
                let mut site = format!("domain = \"example.com\"\n[[sender]]\nprovider = \"template.json\"\n{host}");
                for variable in &sender.variables {
                    site.push_str(&format!("{} = {:?}\n", variable.name, variable.example));
                }
                let files = InMemory::site(site).and("template.json", text.clone());
                let Some((domain, found)) = records("site.toml", &files, &catalogue) else { continue };
                if found.is_empty() {
                    continue;
                }
                n += 1;
                let (differences, came) = unnamed(&domain, &found, &catalogue);
                wrong.extend(told(&path, &differences, came));
            }
        }
    }
    println!("expansions of Domain Connect templates: {n}");
    assert!(n >= 5, "{n}");
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

/// Findings that one file may give: ten faults and fifty differences, each with one that counts the rest, and a few on the file.
const FINDINGS_MAX: usize = 90;

fn holds(text: &[u8]) {
    let catalogue = Catalogue::embedded();
    let files = InMemory::default().and("example.com.txt", text.to_vec());
    let came = import("example.com.txt", &files, &catalogue, &Options::default());
    assert!(came.findings.len() <= FINDINGS_MAX, "{}", came.findings.len());
    for finding in &came.findings {
        for text in [&finding.title.en, &finding.title.ja] {
            assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
        }
    }
    let site = came.site.unwrap_or_default();
    assert!(!site.contains(|c: char| c.is_control() && c != '\n'), "{site:?}");
    if !site.is_empty() {
        let mut files = InMemory::site(site.clone());
        for (name, text) in &came.keys {
            files = files.and(name, text.clone());
        }
        assert!(records("site.toml", &files, &catalogue).is_some(), "it does not build:\n{site}");
    }
}

/// Words of zone files, lists and answers, mixed without sense.
fn words() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "@",
        "www",
        "*",
        "example.com",
        "example.com.",
        "_dmarc",
        "default._domainkey",
        "A",
        "AAAA",
        "MX",
        "CNAME",
        "TXT",
        "NS",
        "SRV",
        "CAA",
        "SOA",
        "IN",
        "3600",
        "1h",
        "10",
        "192.0.2.1",
        "2001:db8::1",
        "mail.example.com",
        "\"v=spf1 -all\"",
        "v=spf1 include:spf.sender.xserver.jp a:sv14166.xserver.jp ~all",
        "v=DMARC1; p=none",
        "v=DKIM1; p=AAAA",
        "…",
        "無効",
        "Status",
        ",",
        ";",
        "HINFO \"RFC8482\" \"\"",
        ";example.com. IN ANY",
        "ホスト名",
        "種別",
        "内容",
        "TTL",
        "優先度",
        "編集",
        "１９２．０．２．１",
        "$ORIGIN",
        "$TTL",
        "(",
        ")",
        "\"",
        ";; QUESTION SECTION:",
        ";; ANSWER SECTION:",
        ";example.com. IN MX",
        "; <<>> DiG 9.18",
        "0 issue \"ca.example.net\"",
        "\u{1b}[31m",
        "\\",
        "s1.domainkey.u1.wl1.sendgrid.net.",
    ]);
    let word = prop_oneof![4 => known.prop_map(str::to_owned), 1 => "\\PC{0,12}"];
    let gap = prop::sample::select(vec![" ", "\t", "\n", "  ", "\r\n"]);
    prop::collection::vec((word, gap), 0..60).prop_map(|all| all.into_iter().map(|(word, gap)| word + gap).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_breaks_it(text in words()) {
        holds(text.as_bytes());
    }

    #[test]
    fn no_octets_break_it(octets in prop::collection::vec(any::<u8>(), 0..400)) {
        holds(&octets);
    }
}

#[test]
fn long_and_odd_texts_end() {
    holds(&[]);
    holds(&vec![b'('; 200_000]);
    holds("a\t".repeat(100_000).as_bytes());
    holds(format!("@ TXT \"{}\"\n", "x".repeat(70_000)).as_bytes());
    holds(format!("@ TXT \"v=spf1 {} -all\"\n", "a:sv14166.xserver.jp ".repeat(3_000)).as_bytes());
    holds("ホスト名\t種別\t内容\n".repeat(5_000).as_bytes());
    holds((0..3_000).map(|i| format!("h{i}\tA\t192.0.2.1\n")).collect::<String>().as_bytes());
    holds(
        (0..1_000)
            .map(|i| {
                format!(
                    "h{i} TXT \"v=spf1 a:sv{i}.xserver.jp include:spf.sender.xserver.jp redirect=_spf.example.net\"\n"
                )
            })
            .collect::<String>()
            .as_bytes(),
    );
    // A quote that stays open, lines without end, a value in very many lines.
    holds("\"A\",\"@\",\"\"\"\n".repeat(20_000).as_bytes());
    holds(",".repeat(200_000).as_bytes());
    holds(format!("ホスト名\t種別\t内容\n@\tTXT\tp={}\n@\tA\t192.0.2.1\n", "\na".repeat(100_000)).as_bytes());
    holds(
        (0..2_000)
            .map(|i| format!("h{i}._domainkey CNAME s{i}.domainkey.u1.wl1.sendgrid.net.\n"))
            .collect::<String>()
            .as_bytes(),
    );
}

/// The story, as the repository tells it: the two services are found with what is theirs, and nothing is lost.
#[test]
fn the_story_is_understood() {
    let zone = "$ORIGIN example.com.\n$TTL 1h\n@ SOA ns1.example.net. h 1 2 3 4 5\n@ NS 01.dnsv.jp.\n@ A 192.0.2.10\n@ A 198.51.100.20\nmail A 198.51.100.20\n@ MX 0 mail\n@ TXT \"v=spf1 +a:sv14166.xserver.jp include:spf.sender.xserver.jp include:spf.makeshop.jp ~all\"\nshop12._domainkey CNAME shop12._domainkey.makeshop.jp.\n_dmarc TXT \"v=DMARC1; p=none\"\n";
    let came = imported(zone, &Catalogue::embedded());
    let site = came.site.unwrap();
    for line in
        ["registrar = \"onamae\"", "server = \"14166\"", "selector = \"shop12\"", "all = \"~all\"", "p = \"none\""]
    {
        assert!(site.lines().any(|l| l.starts_with(line)), "{line}\n{site}");
    }
    assert!(!came.findings.iter().any(|f| f.severity == Severity::Error));
    // Neither the SOA nor the name servers are records of a site.
    assert!(!site.contains("type = \"NS\"") && !site.contains("SOA"));
    let kept = MasterFile::read(zone.as_bytes(), &Name::parse_absolute("example.com").unwrap()).records.len();
    assert_eq!(kept, 9);
}

/// Runs the program in a folder.
fn run(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_zoneplan"))
        .args(args)
        .current_dir(folder)
        .env_clear()
        .output()
        .unwrap();
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

const KEY: &str = include_str!("../examples/hogehoge/keys/xserver.txt");

/// A zone with a key at XSERVER's selector, in strings of at most 255 octets as RFC 1035 §3.3.14 has them.
fn with_key(domain: &str) -> String {
    let (front, back) = KEY.trim().split_at(200);
    format!(
        "$ORIGIN {domain}.\n@ 3600 SOA ns1.example.net. h 1 2 3 4 5\n@ 3600 TXT \"v=spf1 +a:sv14166.xserver.jp include:spf.sender.xserver.jp ~all\"\ndefault._domainkey 3600 TXT \"{front}\" \"{back}\"\n"
    )
}

#[test]
fn keys_go_into_files_and_nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("example.com.zone"), with_key("example.com")).unwrap();
    let (code, stdout, stderr) =
        run(folder.path(), &["import", "example.com.zone", "--registrar", "other", "-o", "site.toml"]);
    assert_eq!((code, stdout.as_str()), (Some(0), ""), "{stderr}");
    let site = fs::read_to_string(folder.path().join("site.toml")).unwrap();
    assert!(site.contains("\ndkim-key-file = \"keys/xserver-default.txt\"\n"), "{site}");
    assert_eq!(fs::read_to_string(folder.path().join("keys/xserver-default.txt")).unwrap().trim(), KEY.trim());
    let (code, zone, stderr) = run(folder.path(), &["build"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(zone.contains("default._domainkey"), "{zone}");
    fs::write(folder.path().join("site.toml"), "mine").unwrap();
    let (code, _, stderr) =
        run(folder.path(), &["import", "example.com.zone", "--registrar", "other", "-o", "site.toml"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("already"), "{stderr}");
    assert_eq!(fs::read_to_string(folder.path().join("site.toml")).unwrap(), "mine");
}

#[test]
fn one_of_several_zones_that_fails_does_not_stop_the_others() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a"), with_key("example.com")).unwrap();
    fs::write(folder.path().join("b"), "no zone at all").unwrap();
    fs::write(folder.path().join("c"), with_key("example.net")).unwrap();
    let (code, _, stderr) = run(folder.path(), &["import", "a", "b", "c", "d", "--registrar", "other", "-o", "out/"]);
    assert_eq!(code, Some(1), "{stderr}");
    for domain in ["example.com", "example.net"] {
        let place = folder.path().join("out").join(domain);
        assert!(place.join("site.toml").is_file() && place.join("keys/xserver-default.txt").is_file(), "{stderr}");
    }
    assert_eq!(fs::read_dir(folder.path().join("out")).unwrap().count(), 2);
    // A second file of a domain is left out by name; a file in the folder's place stops all.
    fs::write(folder.path().join("e"), with_key("example.com")).unwrap();
    let (code, _, stderr) = run(folder.path(), &["import", "a", "e", "--registrar", "other", "-o", "again"]);
    assert!(code == Some(1) && stderr.contains("e is a zone of the same domain as a"), "{stderr}");
    let (code, _, stderr) = run(folder.path(), &["import", "a", "c", "--registrar", "other", "-o", "e"]);
    assert!(code == Some(2) && stderr.contains("e is a file"), "{stderr}");
}
