//! `zoneplan check --worksheet` over zone files: the rows of stale copies, as DNS has them and as the vendors publish them, and no others.
#![allow(
    clippy::expect_used,
    reason = "a test may stop; clippy does not see that helpers outside #[test] are tests too"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A case of the other tests, copied into a folder of its own.
struct Folder(tempfile::TempDir);

impl Folder {
    fn of(case: &str) -> Self {
        let folder = Self(tempfile::tempdir().expect("a folder"));
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(case);
        for name in ["site.toml", "dns.zone", "k1024.txt"] {
            fs::copy(from.join(name), folder.path(name)).expect("a file of the case");
        }
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a file")
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("a file");
    }

    fn run(&self, args: &[&str]) -> Output {
        let program = Command::new(env!("CARGO_BIN_EXE_zoneplan")).current_dir(self.0.path()).args(args).output();
        program.expect("zoneplan runs")
    }

    fn check(&self, sites: &[&str], path: &str) -> (String, i32) {
        let more = ["--dns", "dns.zone", "--lang", "en", "--message-format", "short", "--worksheet", path];
        let output = self.run(&[&["check"], sites, &more].concat());
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (text, output.status.code().expect("a code"))
    }

    /// The key that the vendor publishes, and the one that the site has copied.
    fn keys(&self) -> (String, String) {
        let zone = self.read("dns.zone");
        let line = zone.lines().rfind(|line| line.starts_with("shop12._domainkey TXT")).expect("the vendor's key");
        let joined = line.replace("\" \"", "");
        (joined.split('"').nth(1).expect("a text").to_owned(), self.read("k1024.txt").trim().to_owned())
    }
}

/// A key as two strings.
fn halves(key: &str) -> String {
    let (first, second) = key.split_at(200);
    format!("\"{first}\" \"{second}\"")
}

#[test]
fn the_row_of_a_stale_copy_old_and_new() {
    let folder = Folder::of("check-copy-stale");
    let (new, old) = folder.keys();
    let (text, code) = folder.check(&["site.toml"], "sheet.txt");
    assert_eq!(code, 1, "{text}");
    let sheet = folder.read("sheet.txt");
    let at = |part: &str| sheet.find(part).unwrap_or_else(|| panic!("{part} is not in:\n{sheet}"));
    // As DNS has it, in strings, and then what takes its place, as one text.
    let (first, _) = old.split_at(100);
    assert!(at("\n  now\n") < at(first) && at(first) < at("\n  Value\n") && at("\n  Value\n") < at(&new), "{sheet}");
    assert!(sheet.contains("To do: add 0, edit 1, switch 0, remove 0, leave 0"), "{sheet}");
    assert!(sheet.contains("MakeShop has changed its key already"), "{sheet}");
    assert!(sheet.contains("\nshop12._domainkey\n") && !sheet.contains("_dmarc\n"), "{sheet}");
    assert!(!sheet.contains("Taken to send") && !sheet.contains("at the same moment"), "{sheet}");
    // The same as a page.
    assert_eq!(folder.check(&["site.toml"], "sheet.html").1, 1);
    assert!(folder.read("sheet.html").starts_with("<!doctype html>") && folder.read("sheet.html").contains(&new));
}

#[test]
fn a_long_ttl_is_not_lowered_first() {
    let folder = Folder::of("check-copy-stale");
    folder.write("dns.zone", &folder.read("dns.zone").replace("$TTL 3600", "$TTL 86400"));
    folder.write("site.toml", &folder.read("site.toml").replace("gmail-per-day", "ttl = 86400\ngmail-per-day"));
    let (text, code) = folder.check(&["site.toml"], "sheet.txt");
    assert_eq!(code, 1, "{text}");
    // The row and the test mail.
    let sheet = folder.read("sheet.txt");
    assert!(sheet.contains("Card 1 / 2") && !sheet.contains("[Wait]") && !sheet.contains(" 300"), "{sheet}");
}

#[test]
fn a_copy_in_the_keyzone_is_edited_in_its_panel() {
    let folder = Folder::of("check-copy-keyzone");
    let (new, _) = folder.keys();
    folder.check(&["site.toml"], "sheet.txt");
    let sheet = folder.read("sheet.txt");
    assert!(sheet.contains("Panels: Cloudflare (agency.example)\nTo do: add 0, edit 1,"), "{sheet}");
    assert!(sheet.contains("\nshop12.example.com.dkim\n") && sheet.contains(&format!("\n{new}\n")), "{sheet}");
}

#[test]
fn a_row_that_was_typed_already_is_not_typed_again() {
    let folder = Folder::of("check-copy-stale");
    let (new, _) = folder.keys();
    let zone = folder.read("dns.zone");
    let typed: Vec<String> = zone
        .lines()
        .map(|line| match line.starts_with("shop12._domainkey TXT") {
            true => format!("shop12._domainkey TXT {}", halves(&new)),
            false => line.to_owned(),
        })
        .collect();
    folder.write("dns.zone", &(typed.join("\n") + "\n"));
    let (text, _) = folder.check(&["site.toml"], "sheet.txt");
    // site.toml is behind, which is still told.
    assert!(text.contains("check-copy-stale"), "{text}");
    assert!(!folder.path("sheet.txt").exists());
}

#[test]
fn a_copy_from_the_pins_is_kept_by_pin() {
    let folder = Folder::of("check-copy-stale");
    let (_, old) = folder.keys();
    let site = folder.read("site.toml");
    let without: Vec<&str> = site.lines().filter(|line| !line.starts_with("dkim = ")).collect();
    folder.write("site.toml", &(without.join("\n") + "\n"));
    let new_zone = folder.read("dns.zone");
    let (new, _) = folder.keys();
    // What is pinned is the old key.
    folder.write("dns.zone", &new_zone.replace(&halves(&new), &halves(&old)));
    let pinned = folder.run(&["pin", "--dns", "dns.zone", "--today", "2026-11-29"]);
    assert!(pinned.status.success(), "{pinned:?}");
    folder.write("dns.zone", &new_zone);
    let pins = folder.read("site.pins.toml");
    let output = folder.run(&["check", "--dns", "dns.zone", "--lang", "en", "--worksheet", "sheet.txt"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("next: keep the new key with zoneplan pin --update"), "{text}");
    assert!(folder.read("sheet.txt").contains(&format!("\n{new}\n")));
    assert_eq!(folder.read("site.pins.toml"), pins, "check writes no pins");
}

#[test]
fn where_sheets_go() {
    let folder = Folder::of("check-copy-stale");
    folder.write("b.toml", &folder.read("site.toml").replace("example.com", "other.example.com"));
    let (text, code) = folder.check(&["site.toml", "b.toml"], "out");
    assert_eq!(code, 1, "{text}");
    let written: Vec<_> =
        fs::read_dir(folder.path("out")).expect("a folder").map(|e| e.expect("a file").file_name()).collect();
    assert!(written.contains(&"example.com.html".into()), "{written:?}");
    for (path, says) in [("-", "name a file"), ("site.toml", "is an input")] {
        let (text, code) = folder.check(&["site.toml"], path);
        assert!(code == 2 && text.contains(says), "{text}");
    }
    // A key file is an input too, which is known only after it was read.
    let key = folder.read("k1024.txt");
    let (text, code) = folder.check(&["site.toml"], "k1024.txt");
    assert!(code == 1 && text.contains("it is an input"), "{text}");
    assert_eq!(folder.read("k1024.txt"), key);
}
