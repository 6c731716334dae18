//! Each repair that `zoneplan spf` offers, applied: the bill is then what was promised, comments stay, and what is only written otherwise passes
//! whom it passed before.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop; clippy does not see that helpers outside #[test] are tests too"
)]

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

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
