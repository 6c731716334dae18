//! Every format for another tool, read back by a reader that is not ours: octoDNS itself, node, python-hcl2, a real `named` that takes the
//! script of nsupdate, `named-compilezone`, Python's json and csv. They give the records of the JSON, less those that a finding
//! `format-cannot-carry` names, and nothing else.
//!
//! Needs `named`, `nsupdate`, `named-compilezone`, `node` and tests/.venv, and fails without them.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop; clippy does not see that helpers outside #[test] are tests too"
)]

mod tools;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};

const FORMATS: [&str; 8] =
    ["octodns", "dnscontrol", "terraform-cloudflare", "terraform-aws", "route53", "cloudflare", "nsupdate", "csv"];

/// The site of tests/formats that every format carries whole.
const ORDINARY: &str = "tests/formats/ordinary";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The sites: examples, and those made for this test.
fn sites() -> Vec<PathBuf> {
    let below = ["examples", "tests/formats"].into_iter().flat_map(|folder| {
        fs::read_dir(root().join(folder)).expect("a folder of sites").map(|entry| entry.expect("an entry").path())
    });
    let mut sites: Vec<PathBuf> = below.filter(|folder| folder.join("site.toml").is_file()).collect();
    sites.sort();
    sites
}

/// Builds a site into a new folder; the findings of its report.
fn build(site: &Path, format: &str, into: &Path) -> Vec<Value> {
    let report = into.with_extension("report");
    let output = Command::new(env!("CARGO_BIN_EXE_zoneplan"))
        .args(["build", "site.toml", "--whole-zone", "--format", format, "-o"])
        .arg(into.join(""))
        .arg("--report")
        .arg(&report)
        .current_dir(site)
        .stdin(Stdio::null())
        .output()
        .expect("zoneplan runs");
    let code = output.status.code();
    assert!(
        code == Some(0) || code == Some(1),
        "{}: {format}: {code:?}\n{}",
        site.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    let report: Value = serde_json::from_slice(&fs::read(report).expect("a report")).expect("JSON");
    report["findings"].as_array().expect("findings").clone()
}

/// (zone, owner, type, TTL, what it says): the text of a TXT, whose strings tools cut anew, else the RDATA.
type Fact = (String, String, String, u64, String);

fn facts(zone: &str, records: &Value) -> BTreeSet<Fact> {
    let word = |record: &Value, key: &str| record[key].as_str().map(str::to_owned);
    let records = records.as_array().expect("a list of records");
    let facts: BTreeSet<Fact> = records
        .iter()
        .map(|record| {
            let says = word(record, "text").or_else(|| word(record, "octets")).expect("data");
            let owner = word(record, "name").expect("a name").to_lowercase();
            let ttl = record["ttl"].as_u64().expect("a TTL");
            (zone.to_owned(), owner, word(record, "type").expect("a type"), ttl, says)
        })
        .collect();
    assert_eq!(facts.len(), records.len(), "{zone}: a record stands there twice");
    facts
}

/// What a format may leave out: how many records of each owner and type.
type Losses = BTreeMap<(String, String), usize>;

fn named_losses(findings: &[Value]) -> Losses {
    let mut losses = Losses::new();
    for finding in findings {
        match finding["id"].as_str() {
            Some("format-cannot-carry") => assert_eq!(finding["severity"], "error"),
            // What deletes the rest of a zone leaves the keyzone alone, and says so.
            Some("format-keyzone-left-out") => assert_eq!(finding["severity"], "warning"),
            _ => continue,
        }
        for about in finding["about"].as_array().expect("records") {
            let word = |key: &str| about[key].as_str().expect("a word").to_owned();
            *losses.entry((word("name").to_lowercase(), word("type"))).or_default() += 1;
        }
    }
    losses
}

/// The active records of the JSON, without what a switch makes.
fn wanted(site: &Path, into: &Path) -> BTreeSet<Fact> {
    build(site, "json", into);
    let file = fs::read_dir(into).expect("a folder").map(|entry| entry.expect("an entry").path()).next();
    let document: Value = serde_json::from_slice(&fs::read(file.expect("a file")).expect("bytes")).expect("JSON");
    let zones = document["zones"].as_array().expect("zones").iter();
    zones
        .flat_map(|zone| {
            let mut records = zone["records"].clone();
            records.as_array_mut().expect("records").retain(|record| record["fit"]["outcome"] != "switch");
            facts(zone["origin"].as_str().expect("an origin"), &records)
        })
        .collect()
}

#[test]
fn other_readers_give_the_same_records() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut jobs = Vec::new();
    let mut expected = Vec::new();
    for (index, site) in sites().iter().enumerate() {
        let wanted = wanted(site, &folder.path().join(format!("{index}-json")));
        for format in FORMATS {
            let into = folder.path().join(format!("{index}-{format}"));
            let findings = build(site, format, &into);
            let blocked = findings.iter().any(|finding| finding["id"] == "format-replaces-zone");
            assert!(!blocked, "{}: {format}", site.display());
            // A file of the keyzone's part is named after its site, so the reader is told the zone.
            let domain = wanted.iter().map(|fact| &fact.0).min_by_key(|zone| zone.len()).expect("a zone");
            if let Some(keyzone) = wanted.iter().map(|fact| &fact.0).find(|zone| !zone.ends_with(domain.as_str())) {
                fs::write(into.join("keyzone-origin"), keyzone).expect("a file");
            }
            jobs.push(json!({ "format": format, "folder": into }));
            let label = format!("{}: {format}", site.strip_prefix(root()).unwrap_or(site).display());
            expected.push((label, wanted.clone(), named_losses(&findings)));
        }
    }
    let answers = tools::python("read_formats.py", &Value::from(jobs));
    let answers = answers.as_array().expect("a list");
    assert_eq!(answers.len(), expected.len());
    for ((label, wanted, named), answer) in expected.iter().zip(answers) {
        assert!(answer["error"].is_null(), "{label}: {}", answer["error"].as_str().unwrap_or_default());
        let zones = answer["zones"].as_object().expect("zones").iter();
        let got: BTreeSet<Fact> = zones.flat_map(|(zone, records)| facts(zone, records)).collect();
        let foreign: Vec<_> = got.difference(wanted).collect();
        assert!(foreign.is_empty(), "{label}: not wanted: {foreign:#?}");
        let mut lost = Losses::new();
        for (_, owner, rtype, ..) in wanted.difference(&got) {
            *lost.entry((owner.clone(), rtype.clone())).or_default() += 1;
        }
        assert_eq!(&lost, named, "{label}: what is lost and what findings name");
        if label.starts_with(ORDINARY) || label.ends_with(": csv") {
            assert!(lost.is_empty(), "{label}: {lost:#?}");
        }
    }
    assert!(expected.len() > 30, "only {} outputs were read", expected.len());
}
