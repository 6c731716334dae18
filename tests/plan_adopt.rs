//! `plan --adopt` writes into site.toml, and only there: comments stay, and doing it twice is doing it once.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const SITE: &str = r#"# Ours.
domain = "example.com" # the shop
registrar = "cloudflare"
gmail-per-day = 1

[[sender]]
provider = "google-workspace"
"#;

const ZONE: &str = r#"$TTL 3600
@ SOA ns1.example.net. h.example.net. 1 7200 900 1209600 3600
@ NS ns1.example.net.
@ TXT "v=spf1 include:_spf.google.com include:spf.old.example.net ~all"
www A 192.0.2.1
"#;

fn plan(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_zoneplan"))
        .args(["plan", "site.toml", "--current", "now.zone", "--message-format", "short"])
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .output()
        .expect("zoneplan runs")
}

#[test]
fn what_is_adopted_is_written_once_and_settles_what_stopped_the_plan() {
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().join("site.toml");
    fs::write(&site, SITE).unwrap();
    fs::write(folder.path().join("now.zone"), ZONE).unwrap();
    // A live sender would be dropped.
    assert_eq!(plan(folder.path(), &[]).status.code(), Some(1));
    let adopt = ["--adopt", "@/TXT=include:spf.old.example.net", "--adopt", "www/A"];
    assert_eq!(plan(folder.path(), &adopt).status.code(), Some(0));
    let written = fs::read_to_string(&site).unwrap();
    assert!(written.starts_with(SITE), "{written}");
    assert!(written.contains("extra = [\"include:spf.old.example.net\"]"), "{written}");
    assert_eq!(written.matches("192.0.2.1").count(), 1);
    assert_eq!(plan(folder.path(), &adopt).status.code(), Some(0));
    assert_eq!(fs::read_to_string(&site).unwrap(), written);
    // What is not there is an error, and nothing is written.
    let output = plan(folder.path(), &["--adopt", "nope/A"]);
    assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(2), true));
    assert_eq!(fs::read_to_string(&site).unwrap(), written);
}

/// A folder with that zone and the usual site, and the site's path.
fn folder(zone: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().join("site.toml");
    fs::write(&site, SITE).unwrap();
    fs::write(folder.path().join("now.zone"), zone).unwrap();
    (folder, site)
}

/// Runs that are refused with words on standard error, and leave site.toml as it was.
fn refused(zone: &str, arguments: &[&str], words: &[&str]) {
    let (folder, site) = folder(zone);
    let output = plan(folder.path(), arguments);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(matches!(output.status.code(), Some(1 | 2)), "{arguments:?}: {said}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    for word in words {
        assert!(said.contains(word), "{arguments:?}: {word}: {said}");
    }
    assert_eq!(fs::read_to_string(&site).unwrap(), SITE, "{arguments:?}");
}

#[test]
fn what_cannot_be_adopted_is_told_and_nothing_is_written() {
    // One of two that are live: the plan stops for the other.
    let two = ZONE.replace("include:spf.old", "include:spf.other.example.net include:spf.old");
    refused(&two, &["--adopt", "@/TXT=include:spf.old.example.net"], &["plan-drops-live-sender", "was not changed"]);
    // To stay and to go.
    for (adopt, remove) in [("www/A", "www/A"), ("www/A=192.0.2.1", "www.example.com/a"), ("@/TXT", "@/TXT=mx")] {
        refused(ZONE, &["--adopt", adopt, "--remove", remove], &["(--adopt)", "(--remove)"]);
    }
    // The server's own.
    refused(ZONE, &["--adopt", "@/SOA"], &["made by the name server"]);
    refused(ZONE, &["--adopt", "@/NS"], &["made by the name server"]);
    // Two that can't stand side by side in site.toml.
    let clash = format!("{ZONE}mail CNAME www\nmail TXT \"y\"\n").replace(" include:spf.old.example.net", "");
    refused(&clash, &["--adopt", "mail/CNAME", "--adopt", "mail/TXT"], &["was not changed", "mail.example.com"]);
    // What is there is said.
    let has = "has no include:spf.nope.example.net; it has: include:_spf.google.com, include:spf.old.example.net, ~all";
    refused(ZONE, &["--adopt", "@/TXT=include:spf.nope.example.net"], &[has]);
    refused(ZONE, &["--adopt", "www/A=192.0.2.2"], &["the A of www.example.com has no 192.0.2.2; it has: 192.0.2.1"]);
    refused(ZONE, &["--adopt", "nope/A"], &["has no such record: nope.example.com A"]);
}

/// The whole SPF record is what site.toml lacks of it.
#[test]
fn a_whole_spf_record_is_adopted_by_its_terms() {
    let (folder, site) = folder(ZONE);
    fs::write(&site, format!("{SITE}\n[spf]\nextra = [\"ip4:192.0.2.7\"]\n")).unwrap();
    let zone = ZONE.replace("include:spf.old", "ip4:192.0.2.7 include:spf.old");
    fs::write(folder.path().join("now.zone"), zone).unwrap();
    for _ in 0..2 {
        assert_eq!(plan(folder.path(), &["--adopt", "@/TXT"]).status.code(), Some(0));
        let written = fs::read_to_string(&site).unwrap();
        assert!(written.contains("extra = [\"ip4:192.0.2.7\", \"include:spf.old.example.net\"]"), "{written}");
        assert!(!written.contains("[[record]]"), "{written}");
    }
}
