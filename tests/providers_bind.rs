//! What comes of each template with its own examples, in every combination of its choices, loads in BIND without a warning.
//! Needs `named-checkzone`, and fails without it.

#![allow(clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::process::Command;

#[test]
fn each_expansion_loads_in_bind() {
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_zoneplan"))
            .args(["providers", "check", "--bind", "--today", "2026-11-24", "--format", "short", "--lang", "en"])
            .args(arguments)
            .env("XDG_CONFIG_HOME", "/nonexistent")
            .output()
            .expect("zoneplan runs");
        let text = |octets: &[u8]| String::from_utf8(octets.to_vec()).expect("UTF-8");
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let providers = Path::new(env!("CARGO_MANIFEST_DIR")).join("providers");
    let (code, stdout, stderr) = run(&[&providers.to_string_lossy()]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{stdout}");
    // The age of sources is all that there is to say.
    assert!(stdout.lines().all(|line| line.contains("[template-stale]")), "{stdout}");

    // The judge judges: an MX to a CNAME is what BIND refuses (RFC 2181 §10.3).
    let folder = tempfile::tempdir().expect("a folder");
    let broken = folder.path().join("example-broken.toml");
    std::fs::write(&broken, BROKEN).expect("written");
    let (code, stdout, _) = run(&[&broken.to_string_lossy()]);
    assert_eq!(code, Some(1), "{stdout}");
    assert!(stdout.contains("is a CNAME") && stdout.contains("[template-bind]"), "{stdout}");
}

const BROKEN: &str = r#"
id = "example-broken"
name = { en = "Example Broken", ja = "見本" }
kind = "mailbox"
market = "global"

[[source]]
facts = ["all"]
url = "https://example.com/"
date = "2026-11-24"
confidence = "documented"

[spf]
needed = "unknown"

[[record]]
name = "mail"
type = "CNAME"
value = "mail.example.net"
purpose = "client"

[[record]]
name = "@"
type = "MX"
value = "10 mail.{{ domain }}"
purpose = "mx"
"#;
