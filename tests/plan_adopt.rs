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
