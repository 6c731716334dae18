//! `zoneplan keyzone` into a folder: a file for each keyzone, and nothing written over what was read.
#![allow(
    clippy::unwrap_used,
    reason = "a test may stop; clippy does not see that helpers outside #[test] are tests too"
)]

use std::fs;
use std::path::Path;
use std::process::Command;

fn site(folder: &Path, name: &str, domain: &str, zone: &str) {
    let key = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/key-1024/k.txt");
    let text = format!(
        "domain = \"{domain}\"\n[limits]\ntxt-max = 200\n[[sender]]\nprovider = \"google-workspace\"\ndkim-key-file = \"{key}\"\n\
         [keyzone]\nsuffix = \"{zone}\"\n"
    );
    fs::write(folder.join(name), text).unwrap();
}

fn run(folder: &Path, args: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_zoneplan"))
        .arg("keyzone")
        .args(args)
        .args(["--message-format", "short"])
        .current_dir(folder)
        .env_clear()
        .output()
        .unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_file_for_each_keyzone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    site(folder, "a.toml", "example.com", "keys.example");
    site(folder, "b.toml", "example.net", "other.example");
    site(folder, "c.toml", "example.org", "keys.example");
    let (code, stderr) = run(folder, &["a.toml", "b.toml", "c.toml", "-o", "out"]);
    assert_eq!(code, 0, "{stderr}");
    let read = |name: &str| fs::read_to_string(folder.join("out").join(name)).unwrap();
    let (keys, other) = (read("keys.example.zone"), read("other.example.zone"));
    assert!(keys.contains("google.example.com ") && keys.contains("google.example.org "), "{keys}");
    assert!(other.contains("google.example.net ") && !other.contains("google.example.com"), "{other}");
}

#[test]
fn the_current_zone_is_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    site(folder, "a.toml", "example.com", "keys.example");
    fs::write(folder.join("now.zone"), "www.keys.example. 300 IN A 192.0.2.1\n").unwrap();
    let (code, stderr) = run(folder, &["a.toml", "--current", "now.zone", "-o", "now.zone"]);
    assert_eq!(code, 2, "{stderr}");
    assert!(fs::read_to_string(folder.join("now.zone")).unwrap().starts_with("www"));
    let (code, stderr) = run(folder, &["a.toml", "--current", "no.zone"]);
    assert_eq!((code, stderr.contains("no.zone")), (2, true), "{stderr}");
}
