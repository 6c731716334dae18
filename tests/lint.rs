//! `zoneplan lint` on zone files: every rule that needs no site speaks in some case, and repairs give what is expected, octet for octet.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use zoneplan::catalogue::Catalogue;
use zoneplan::zone_lint::{Input, fix, lint};

/// How long anything may take, in a build without optimisation on a machine that has other work too.
const PATIENCE: Duration = Duration::from_secs(20);

/// Rules that speak only where a site says who sends, receives or reads, or where the text of a policy is at hand.
const WITH_A_SITE: &[&str] = &[
    "mx-missing",
    "mx-target-elsewhere",
    "mtasts-mx-mismatch",
    "spf-subdomain-not-inherited",
    "dmarc-sender-unaligned",
    "dmarc-sender-one-leg",
    "dmarc-strict-breaks-sender",
    "dmarc-reject-without-dkim",
    "dmarc-reject-human-mail",
    "provider-all-senders",
    "provider-bulk-senders",
    "gmail-volume-unknown",
    "provider-from-freemail",
];

fn folders(root: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(root);
    let mut all: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

#[test]
fn every_rule_that_needs_no_site_speaks_of_a_zone_file() {
    let is_of_lint = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().starts_with("lint-");
    let cases = folders("cases").into_iter().filter(is_of_lint);
    let said: String = cases.map(|case| fs::read_to_string(case.join("stdout")).unwrap_or_default()).collect();
    let speaks = |id: &str| said.contains(&format!("[{id}]"));
    let silent: Vec<&str> = zoneplan::lint::rules().map(|rule| rule.id).filter(|id| !speaks(id)).collect();
    assert_eq!(silent, WITH_A_SITE);
}

fn zoneplan(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zoneplan"));
    command.args(arguments).current_dir(folder).env_clear().output().unwrap()
}

/// `tests/fix/<name>/`: `before.zone`, what must come of it, and why. `after.zone` is written by hand.
#[test]
fn repairs_give_what_is_expected_and_nothing_else() {
    for case in folders("fix") {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        assert!(case.join("why").is_file(), "{name}: no `why`");
        let (before, after) = (fs::read(case.join("before.zone")).unwrap(), fs::read(case.join("after.zone")).unwrap());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("example.com.zone");
        fs::write(&file, &before).unwrap();
        for turn in ["once", "twice"] {
            let came = zoneplan(folder.path(), &["lint", "example.com.zone", "--fix", "--message-format", "short"]);
            let now = fs::read(&file).unwrap();
            assert_eq!(
                String::from_utf8_lossy(&now),
                String::from_utf8_lossy(&after),
                "{name}, {turn}: {}",
                String::from_utf8_lossy(&came.stderr)
            );
            assert_eq!(now, after, "{name}, {turn}");
            let said = String::from_utf8_lossy(&came.stderr).contains(": fixed[");
            assert_eq!(said, before != after && turn == "once", "{name}, {turn}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "{name}: something was left behind");
    }
}

/// What is repaired is gone, and no other mistake has come.
#[test]
fn a_repaired_zone_has_fewer_mistakes_and_no_new_one() {
    let catalogue = Catalogue::embedded();
    for case in folders("fix") {
        let octets = fs::read(case.join("before.zone")).unwrap();
        let input = Input { name: "example.com.zone", octets: &octets, origin: None, includes: None };
        let (before, fixed) = (lint(input, &catalogue), fix(input, &catalogue));
        let errors = |findings: &[zoneplan::report::Finding]| {
            let wrong = findings.iter().filter(|f| f.severity == zoneplan::report::Severity::Error);
            wrong.map(|f| (f.id, f.about.clone())).collect::<std::collections::BTreeSet<_>>()
        };
        let (old, new) = (errors(&before.findings), errors(&fixed.linted.findings));
        let came: Vec<_> = new.difference(&old).collect();
        assert!(came.is_empty(), "{}: {came:?}", case.display());
        assert!(fixed.linted.findings.iter().all(|f| f.fix.as_ref().is_none_or(|fix| !fix.safe)), "{}", case.display());
        assert_eq!(fixed.done.is_empty(), fixed.octets == octets, "{}", case.display());
    }
}

#[cfg(unix)]
#[test]
fn a_file_is_never_written_through_a_link_to_another_folder() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let text =
        "@ IN SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n_dmarc TXT v=DMARC1; p=none; rua=mailto:d@example.com\n";
    fs::write(other.path().join("real.zone"), text).unwrap();
    std::os::unix::fs::symlink(other.path().join("real.zone"), folder.path().join("example.com.zone")).unwrap();
    let came = zoneplan(folder.path(), &["lint", "example.com.zone", "--fix", "--message-format", "short"]);
    assert_eq!(came.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&came.stdout).contains("link to another folder"));
    assert_eq!(fs::read_to_string(other.path().join("real.zone")).unwrap(), text);
    // A link within the folder is the file itself.
    fs::write(folder.path().join("real.zone"), text).unwrap();
    fs::remove_file(folder.path().join("example.com.zone")).unwrap();
    std::os::unix::fs::symlink("real.zone", folder.path().join("example.com.zone")).unwrap();
    zoneplan(folder.path(), &["lint", "example.com.zone", "--fix"]);
    assert!(fs::read_to_string(folder.path().join("real.zone")).unwrap().contains("TXT \"v=DMARC1"));
    assert!(fs::symlink_metadata(folder.path().join("example.com.zone")).unwrap().is_symlink());
}

const CUT: &str = "@ IN SOA ns h 1 2 3 4 5\n@ IN NS ns\nns IN A 192.0.2.1\n_dmarc IN TXT v=DMARC1; p=none; rua=mailto:d@example.com\n";

/// A file is replaced, so that nobody ever reads half of it. Where that would do more than change the text, nothing is done.
#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_written_or_has_another_name_stays_as_it_is() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("example.com.zone");
    fs::write(&file, CUT).unwrap();
    let fix = || {
        let came = zoneplan(folder.path(), &["lint", "example.com.zone", "--fix", "--message-format", "short"]);
        (came.status.code(), String::from_utf8_lossy(&came.stdout).into_owned(), fs::read_to_string(&file).unwrap())
    };
    fs::set_permissions(&file, fs::Permissions::from_mode(0o444)).unwrap();
    let (exit, said, text) = fix();
    assert_eq!((exit, text.as_str()), (Some(1), CUT));
    assert!(said.contains("example.com.zone was not written: it is read-only"), "{said}");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    fs::hard_link(&file, folder.path().join("other")).unwrap();
    let (exit, said, text) = fix();
    assert_eq!((exit, text.as_str()), (Some(1), CUT));
    assert!(said.contains("2 names (hard links)"), "{said}");
    assert_eq!(fs::metadata(&file).unwrap().ino(), fs::metadata(folder.path().join("other")).unwrap().ino());
    fs::remove_file(folder.path().join("other")).unwrap();
    let (exit, _, text) = fix();
    assert_eq!((exit, fs::metadata(&file).unwrap().mode() & 0o777), (Some(0), 0o640));
    assert!(text.contains("TXT \"v=DMARC1"));
}

#[test]
fn a_file_that_is_named_twice_is_repaired_once() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("example.com.zone"), CUT).unwrap();
    let arguments = ["lint", "example.com.zone", "./example.com.zone", "--fix", "--message-format", "short"];
    let came = zoneplan(folder.path(), &arguments);
    let said = String::from_utf8_lossy(&came.stderr);
    assert_eq!((came.status.code(), said.matches(": fixed[").count()), (Some(0), 1), "{came:?}");
}

/// What stands in the zone file itself is repaired; what it includes is named and stays, and can be repaired by itself.
#[test]
fn an_included_file_is_named_and_not_rewritten() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let cut = "_dmarc.a IN 60 TXT v=DMARC1; p=none; rua=mailto:d@example.com\n";
    fs::write(at("common"), cut).unwrap();
    // What is included stands between what is not.
    fs::write(at("example.com.zone"), CUT.replace("_dmarc", "$INCLUDE common\n_dmarc")).unwrap();
    let came = zoneplan(folder.path(), &["lint", "example.com.zone", "--fix", "--message-format", "short"]);
    let said = String::from_utf8_lossy(&came.stderr);
    assert!(said.contains("example.com.zone:5:15: fixed[txt-unquoted]"), "{said}");
    assert!(said.contains("common is not rewritten: example.com.zone only includes it"), "{said}");
    assert!(said.contains("if it were named itself: 1\n"), "{said}");
    assert!(String::from_utf8_lossy(&came.stdout).contains("common:1:20: error[txt-unquoted]"), "{came:?}");
    assert_eq!(fs::read_to_string(at("common")).unwrap(), cut);
    let text = fs::read_to_string(at("example.com.zone")).unwrap();
    assert!(text.contains("_dmarc IN TXT \"v=DMARC1; p=none; rua=mailto:d@example.com\"\n"), "{text}");
    let arguments = ["lint", "common", "--origin", "example.com", "--fix", "--message-format", "short"];
    zoneplan(folder.path(), &arguments);
    assert!(fs::read_to_string(at("common")).unwrap().contains("TXT \"v=DMARC1"));
}

/// What people and attackers feed it: an answer within some seconds, no panic, no control character, nothing of a private key, and after a
/// repair nothing is left to repair.
#[test]
fn hostile_zones_are_told_in_bounded_time_and_length() {
    const SECRET: &str =
        "MIICXgIBAAKBgQDP1xm+jU6sZ5IE3dgwYzrwQgib9EzS7XccnJaOnDzvoAnMdg9qvtE0Waestmu9lRjkuGSWwLmhJNa0YzQkV4psULxvdCcm";
    let many = |line: &dyn Fn(usize) -> String| (0..1000).map(line).collect::<Vec<_>>().join("\n");
    let texts: Vec<(&str, String)> = vec![
        ("one line", "a".repeat(2_000_000)),
        ("one string", format!("@ TXT \"{}", "a".repeat(1_000_000))),
        ("quotes", "\"".repeat(100_001)),
        ("parentheses", "(".repeat(100_000)),
        (
            "an SPF record of 64 KiB",
            format!(
                "@ TXT \"v=spf1 {}\"",
                many(&|i| format!("ip4:10.{}.{}.1 ip4:172.{}.{}.1", i / 256, i % 256, i / 256, i % 256))
                    .replace('\n', " \" \"")
            ),
        ),
        ("words without quotes", format!("@ TXT {}", "a ".repeat(30_000))),
        ("a comment of tags", format!("_dmarc TXT v=DMARC1; {}", "a=b; ".repeat(20_000))),
        ("SPF at one name", many(&|i| format!("@ TXT v=spf1 include:h{i}.example.net -all"))),
        ("DMARC at one name", many(&|i| format!("_dmarc TXT \"v=dmarc1; p=none; x={i}\""))),
        ("CNAME in a chain", many(&|i| format!("a{i} CNAME a{}", i + 1))),
        ("includes in a chain", many(&|i| format!("a{i} TXT \"v=spf1 include:a{}.example.com -all\"", i + 1))),
        ("MX at one name", many(&|i| format!("@ MX {i} 192.0.2.{}", i % 256))),
        ("private keys", many(&|i| format!("s{i}._domainkey TXT v=DKIM1; p={SECRET}"))),
        ("private keys in words", many(&|i| format!("s{i}._domainkey TXT v=DKIM1 p={SECRET} x"))),
        ("control characters", "\u{1b}[31m TXT \u{1b}]0;x\u{7}\n@ TXT \"v=spf1 \\027[2J -all\"\n".to_owned()),
        ("many origins", many(&|i| format!("$ORIGIN o{i}.example.com.\n@ MX 0 a.example.com"))),
    ];
    for (name, text) in texts {
        let text = format!("$TTL 1h\n@ IN SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n{text}\n");
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("example.com.zone"), &text).unwrap();
        for arguments in [
            &["lint", "example.com.zone", "-v"][..],
            &["lint", "example.com.zone", "--message-format", "json"],
            &["lint", "example.com.zone", "--fix"],
            &["lint", "example.com.zone", "--fix"],
        ] {
            let start = Instant::now();
            let came = zoneplan(folder.path(), arguments);
            assert!(start.elapsed() < PATIENCE, "{name}: {:?}", start.elapsed());
            let said = [came.stdout, came.stderr].concat();
            let said = String::from_utf8_lossy(&said);
            assert!(matches!(came.status.code(), Some(0 | 1)), "{name}: {said}");
            assert!(!said.chars().any(|c| c.is_control() && c != '\n'), "{name}");
            assert!(!said.contains("zrwQgib9EzS7XccnJaOnDzvoAnMdg9q"), "{name}: {arguments:?}");
            assert!(said.len() < 4_000_000, "{name}: {} bytes", said.len());
        }
        let again = String::from_utf8(zoneplan(folder.path(), &["lint", "example.com.zone", "--fix"]).stderr).unwrap();
        assert!(!again.contains(": fixed["), "{name}: {again}");
    }
}

/// Runs of octets that are no UTF-8, one after the other, and one in each comment of a record: time and length are bounded.
#[test]
fn octets_that_are_no_characters_are_told_in_bounded_time_and_length() {
    for (name, octets) in [
        ("a line", [&b"a TXT \""[..], &b"\x80a".repeat(1_000_000), b"\""].concat()),
        ("comments", [&b"a TXT (\n"[..], &b"b ; \x83e\n".repeat(50_000), b")"].concat()),
        ("records", b"a TXT b ; \x83e\n".repeat(50_000)),
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("example.com.zone"), [CUT.as_bytes(), &octets, b"\n"].concat()).unwrap();
        let start = Instant::now();
        let came = zoneplan(folder.path(), &["lint", "example.com.zone", "--message-format", "short"]);
        assert!(start.elapsed() < PATIENCE, "{name}: {:?}", start.elapsed());
        let said = String::from_utf8_lossy(&came.stdout);
        assert!(
            said.contains("[zone-encoding]: bytes that are no UTF-8") && said.len() < 100_000,
            "{name}: {said:.500}"
        );
    }
}

#[test]
fn what_is_no_file_is_told_and_standard_input_is_read() {
    use std::io::Write as _;
    let folder = tempfile::tempdir().unwrap();
    let came = zoneplan(folder.path(), &["lint", "."]);
    assert_eq!(came.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&came.stdout).contains("it is a folder"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_zoneplan"))
        .args(["lint", "-", "--message-format", "short"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"example.com. 60 IN SOA ns h 1 2 3 4 5\nexample.com. MX 0 192.0.2.1\n")
        .unwrap();
    let came = child.wait_with_output().unwrap();
    assert!(String::from_utf8_lossy(&came.stdout).contains("-:2:19: error[mx-target-is-ip]"), "{came:?}");
}
