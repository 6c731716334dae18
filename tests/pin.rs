//! `zoneplan pin` over zone files: a look without news changes nothing, a change waits for --update, a failure loses nothing.
#![allow(
    clippy::unwrap_used,
    reason = "a test may stop; clippy does not see that helpers outside #[test] are tests too"
)]

use std::fs;
use std::path::Path;
use std::process::Command;

const SITE: &str = "domain = \"example.com\"\n\n[spf]\nextra = [\"include:spf.example.net\", \"include:b.example.net\"]\nflatten = [\"spf.example.net\", \"b.example.net\"]\n";
const ZONE: &str = "$ORIGIN example.net.\n$TTL 300\n@ SOA ns hostmaster 1 3600 900 604800 300\nspf TXT \"v=spf1 a:h1.example.net mx:m.example.net ~all\"\nspf TXT \"another-company=1\"\nb TXT \"v=spf1 a:h1.example.net -all\"\nh1 A 192.0.2.1\nh1 AAAA 2001:db8::1\nm MX 10 h2\nh2 A 192.0.2.2\n";

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write("site.toml", SITE);
        folder.write("net.zone", ZONE);
        folder
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        Path::join(self.0.path(), name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn pins(&self) -> String {
        fs::read_to_string(self.path("site.pins.toml")).unwrap()
    }

    /// Standard output and exit code of `zoneplan pin` on a day.
    fn pin(&self, day: &str, more: &[&str]) -> (String, i32) {
        let args = [&["pin", "--dns", "net.zone", "--today", day], more].concat();
        let output =
            Command::new(env!("CARGO_BIN_EXE_zoneplan")).current_dir(self.0.path()).args(args).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        (text, output.status.code().unwrap())
    }

    fn spf(&self) -> String {
        let run =
            Command::new(env!("CARGO_BIN_EXE_zoneplan")).current_dir(self.0.path()).args(["build"]).output().unwrap();
        let text = String::from_utf8(run.stdout).unwrap();
        text.lines().find(|line| line.contains("\"v=spf1")).and_then(|line| line.split('"').nth(1)).unwrap().to_owned()
    }
}

#[test]
fn what_is_looked_up_is_kept_and_built_from() {
    let folder = Folder::new();
    let (text, code) = folder.pin("2026-11-29", &[]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("include:spf.example.net: kept\n") && text.contains("\n    + 192.0.2.2\n"), "{text}");
    let pins = folder.pins();
    // spf and b TXT, h1 A and AAAA, m MX, h2 A; that h2 has no AAAA is not kept, nor what else stands in TXT.
    assert_eq!(pins.matches("[[pin]]").count(), 6);
    assert!(!pins.contains("another-company"), "{pins}");
    assert!(pins.contains("for = [\"include:b.example.net\", \"include:spf.example.net\"]"), "{pins}");
    assert_eq!(folder.spf(), "v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 ip4:192.0.2.2 ~all");
}

#[test]
fn a_look_without_news_changes_nothing() {
    let folder = Folder::new();
    folder.pin("2026-11-29", &[]);
    let pins = folder.pins();
    // Another TTL, order and text beside it are no news.
    folder.write("net.zone", &ZONE.replace("$TTL 300", "$TTL 60").replace("another-company=1", "another-company=2"));
    for more in [&[][..], &["--update"]] {
        let (text, code) = folder.pin("2027-01-01", more);
        assert_eq!(
            (code, text.as_str()),
            (0, "include:b.example.net: as it was\ninclude:spf.example.net: as it was\n")
        );
        assert_eq!(folder.pins(), pins);
    }
}

#[test]
fn a_change_waits_for_update() {
    let folder = Folder::new();
    folder.pin("2026-11-29", &[]);
    let pins = folder.pins();
    folder.write("net.zone", &ZONE.replace("mx:m.example.net", "ip4:192.0.2.77"));
    let (text, code) = folder.pin("2027-01-01", &[]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("include:b.example.net: as it was\n") && text.contains("changed; --update"), "{text}");
    let (old, new) =
        ("\"v=spf1 a:h1.example.net mx:m.example.net ~all\"", "\"v=spf1 a:h1.example.net ip4:192.0.2.77 ~all\"");
    assert!(text.contains(&format!("  TXT spf.example.net\n    - {old}\n    + {new}\n")), "{text}");
    assert_eq!(folder.pins(), pins);
    let (text, code) = folder.pin("2027-01-02", &["--update"]);
    assert_eq!(code, 0, "{text}");
    let pins = folder.pins();
    // The MX and its host are needed by nothing any more; h1 keeps its day.
    assert_eq!((pins.matches("[[pin]]").count(), pins.matches("\"2026-11-29\"").count()), (4, 3), "{pins}");
    assert!(pins.contains("seen = \"2027-01-02\""), "{pins}");
    assert_eq!(folder.spf(), "v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 ip4:192.0.2.77 ~all");
}

#[test]
fn a_failure_loses_nothing() {
    let folder = Folder::new();
    folder.pin("2026-11-29", &[]);
    let pins = folder.pins();
    // One cannot be written out any more, the other goes on.
    folder.write("net.zone", &ZONE.replace("spf TXT \"v=spf1 a:", "spf TXT \"v=spf1 exists:%{i}.x.example.net a:"));
    let (text, code) = folder.pin("2027-01-01", &["--update"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("include:spf.example.net: not looked up, what is kept stays"), "{text}");
    assert_eq!(folder.pins(), pins);
    // Nobody answers for any name.
    folder.write("net.zone", "example.org. 300 SOA ns.example.org. hostmaster.example.org. 1 3600 900 604800 300\n");
    let (text, code) = folder.pin("2027-01-01", &["--update"]);
    assert_eq!(code, 2, "{text}");
    assert_eq!(folder.pins(), pins);
}

#[test]
fn a_file_that_cannot_be_used_is_not_written_over() {
    let folder = Folder::new();
    for text in ["version = 2\ndomain = \"example.com\"\n", "version = 1\ndomain = \"example.org\"\n", "version = "] {
        folder.write("site.pins.toml", text);
        let (said, code) = folder.pin("2026-11-29", &["--update"]);
        assert_eq!((code, folder.pins().as_str()), (2, text), "{said}");
        assert!(said.contains("site.pins.toml:"), "{said}");
    }
    let folder = Folder::new();
    folder.write("site.toml", "domain = \"example.com\"\n");
    let (text, code) = folder.pin("2026-11-29", &[]);
    assert_eq!(code, 0, "{text}");
    assert!(text.starts_with("nothing is built from pins") && !folder.path("site.pins.toml").exists(), "{text}");
}
