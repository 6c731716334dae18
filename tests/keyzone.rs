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

#[test]
fn documents_that_can_not_stand_in_one_text_need_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    site(folder, "a.toml", "example.com", "keys.example");
    // A change batch of Route 53 holds 500 records that are replaced.
    let many: String = (0..600).map(|n| format!("n{n}.keys.example. 300 IN A 192.0.2.1\n")).collect();
    let soa = "keys.example. 300 IN SOA ns1.example.net. hostmaster.keys.example. 1 7200 3600 1209600 3600\n";
    fs::write(folder.join("now.zone"), format!("{soa}{many}")).unwrap();
    let args = ["a.toml", "--current", "now.zone", "--format", "route53"];
    let (code, stderr) = run(folder, &args);
    assert_eq!((code, stderr.contains("format-needs-folder")), (2, true), "{stderr}");
    let (code, stderr) = run(folder, &[&args[..], &["-o", "out/"]].concat());
    assert_eq!(code, 0, "{stderr}");
    assert!(folder.join("out/keys.example.2.route53.json").is_file());
}

#[test]
fn terraform_of_many_sites_declares_each_variable_once() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    site(folder, "a.toml", "example.com", "keys.example");
    site(folder, "b.toml", "example.net", "keys.example");
    for format in ["terraform-aws", "terraform-cloudflare"] {
        let out = folder.join(format);
        let output = Command::new(env!("CARGO_BIN_EXE_zoneplan"))
            .args(["build", "a.toml", "b.toml", "--format", format, "-o"])
            .arg(&out)
            .current_dir(folder)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let files = fs::read_dir(&out).unwrap().map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
        let text: Vec<String> = files.collect();
        let lines = text.iter().flat_map(|t| t.lines());
        let mut declared: Vec<&str> =
            lines.filter(|l| l.starts_with("variable ") || l.starts_with("resource ")).collect();
        declared.sort_unstable();
        let all = declared.len();
        declared.dedup();
        assert_eq!((all, all > 4), (declared.len(), true), "{declared:?}");
    }
}
