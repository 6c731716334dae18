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

    /// Standard output and standard error of another command.
    fn run(&self, args: &[&str]) -> (String, String) {
        let run = Command::new(env!("CARGO_BIN_EXE_zoneplan")).current_dir(self.0.path()).args(args).output().unwrap();
        (String::from_utf8(run.stdout).unwrap(), String::from_utf8(run.stderr).unwrap())
    }

    fn spf(&self) -> String {
        let (text, _) = self.run(&["build"]);
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
    assert!(text.starts_with("nothing to keep") && !folder.path("site.pins.toml").exists(), "{text}");
}

const WAY: &str = "[[way]]\nname = \"shop12._domainkey\"\ntype = \"CNAME\"\nuse = \"txt-copy\"\n";
/// A shop whose DKIM is a CNAME with `_` in it, which this form does not take.
const SHOP: &str = "domain = \"example.com\"\n[[sender]]\nprovider = \"makeshop\"\nselector = \"shop12\"\n[limits]\ntxt-max = 255\n\
                    cname-target-underscore = false\ncname-owner-underscore = true\ntxt-owner-underscore = true\n";
const KEYS: [&str; 2] =
    [include_str!("cases/check-copy-stale/k1024.txt"), "v=DKIM1; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="];

/// The vendor's zone; what is said of the key stands behind it.
fn vendor(key: &str) -> String {
    let text = key.trim_end();
    let (a, b) = text.split_at(text.len() / 2);
    format!(
        "$ORIGIN makeshop.jp.\n$TTL 900\n@ SOA ns hostmaster 1 3600 900 604800 300\nspf TXT \"v=spf1 ip4:203.0.113.0/24 a:h.makeshop.jp -all\"\n\
         h A 203.0.113.9\nshop12._domainkey TXT \"{a}\" \"{b}\"\nshop12._domainkey TXT \"something=else\"\n"
    )
}

fn shop(key: &str) -> Folder {
    let folder = Folder::new();
    folder.write("site.toml", &format!("{SHOP}{WAY}"));
    folder.write("net.zone", &vendor(key));
    folder
}

#[test]
fn a_vendors_key_is_kept_and_copied() {
    let folder = shop(KEYS[0]);
    let (_, said) = folder.run(&["build"]);
    assert!(said.contains("error[way-not-ready]") && said.contains("run: zoneplan pin site.toml"), "{said}");
    let (text, code) = folder.pin("2026-11-29", &[]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("include:spf.makeshop.jp: kept\n"), "{text}");
    assert!(text.contains("key:shop12._domainkey.example.com: kept\n  TXT shop12._domainkey.makeshop.jp\n"), "{text}");
    let pins = folder.pins();
    // The include, its host, the key; what else stands in TXT beside the key is not the site's.
    assert_eq!(pins.matches("[[pin]]").count(), 3, "{pins}");
    assert!(!pins.contains("something=else") && pins.contains("ttl = 900\n"), "{pins}");
    let (zone, said) = folder.run(&["build"]);
    let copy = format!("shop12._domainkey TXT   \"{}\"", KEYS[0].trim_end());
    assert!(zone.contains(&copy) && !said.contains("way-not-ready"), "{zone}{said}");
    // A key that the site gives counts before the pin.
    folder.write("k.txt", KEYS[1]);
    let given = "selector = \"shop12\"\ndkim = [{ selector = \"shop12\", key-file = \"k.txt\" }]";
    folder.write("site.toml", &format!("{SHOP}{WAY}").replace("selector = \"shop12\"", given));
    let (zone, _) = folder.run(&["build"]);
    assert!(zone.contains(KEYS[1]) && !zone.contains(KEYS[0].trim_end()), "{zone}");
    // Cut elsewhere, it is the same key.
    folder.write("net.zone", &vendor(KEYS[0]).replace("v=DKIM1; k=rsa", "v=DKIM1;\" \" k=rsa"));
    let (text, code) = folder.pin("2027-01-01", &[]);
    assert_eq!((code, folder.pins()), (0, pins), "{text}");
}

#[test]
fn pins_that_no_way_needs_change_no_build() {
    let folder = shop(KEYS[0]);
    folder.write("site.toml", SHOP);
    let before = folder.run(&["build"]);
    let (text, _) = folder.pin("2026-11-29", &[]);
    assert!(text.contains("key:shop12._domainkey.example.com: kept\n"), "{text}");
    assert_eq!(folder.run(&["build"]), before);
    // The bill comes to the same without anybody being asked, and says from what.
    let (counted, _) = folder.run(&["spf", "--dns", "net.zone"]);
    let (pinned, said) = folder.run(&["spf"]);
    assert_eq!(pinned, counted);
    assert!(
        counted.contains("2 look-ups of 10") && said.contains("of which the oldest is of 2026-11-29"),
        "{counted}{said}"
    );
    // Where the form takes the CNAME there is nothing to copy, and the pin goes.
    folder.write("site.toml", &SHOP.replace("underscore = false", "underscore = true"));
    let (text, code) = folder.pin("2026-11-30", &[]);
    assert_eq!(code, 0, "{text}");
    assert!(text.starts_with("key:shop12._domainkey.example.com: not needed any more, taken out\n"), "{text}");
    assert_eq!(folder.pins().matches("[[pin]]").count(), 2, "{}", folder.pins());
}

#[test]
fn one_change_can_be_kept_alone() {
    let folder = shop(KEYS[0]);
    folder.pin("2026-11-29", &[]);
    let pins = folder.pins();
    folder.write("net.zone", &vendor(KEYS[1]).replace("203.0.113.0/24", "198.51.100.0/24"));
    let (text, code) = folder.pin("2027-01-01", &[]);
    assert_eq!((code, folder.pins()), (3, pins.clone()), "{text}");
    assert_eq!(text.matches("changed; --update keeps what is new").count(), 2, "{text}");
    let (old, new) = (format!("    - \"{}\"\n", KEYS[0].trim_end()), format!("    + \"{}\"\n", KEYS[1]));
    assert!(text.contains(&(old + &new)), "{text}");
    let (text, code) = folder.pin("2027-01-01", &["--update=key:other._domainkey.example.com"]);
    assert_eq!((code, folder.pins()), (2, pins), "{text}");
    assert!(text.contains("there is: include:spf.makeshop.jp, key:shop12._domainkey.example.com"), "{text}");
    let (text, code) = folder.pin("2027-01-02", &["--update=key:shop12._domainkey.example.com"]);
    assert_eq!(code, 3, "{text}");
    let pins = folder.pins();
    assert!(pins.contains(KEYS[1]) && pins.contains("203.0.113.0/24"), "{pins}");
    assert_eq!(pins.matches("\"2027-01-02\"").count(), 1, "{pins}");
    let (text, code) =
        folder.pin("2027-01-03", &["--update=spf.makeshop.jp", "--update=shop12._domainkey.example.com"]);
    assert_eq!(code, 0, "{text}");
    assert!(folder.pins().contains("198.51.100.0/24"), "{text}");
}

#[test]
fn what_is_no_key_is_told_and_loses_nothing() {
    let folder = shop(KEYS[0]);
    folder.pin("2026-11-29", &[]);
    let pins = folder.pins();
    let key = "shop12._domainkey TXT \"";
    let line = vendor(KEYS[0]).lines().find(|line| line.starts_with(key) && line.contains("DKIM1")).unwrap().to_owned();
    let other = |instead: &str| vendor(KEYS[0]).replace(&line, instead);
    for (instead, why) in [
        // Somebody answers for every name.
        ("* TXT \"v=spf1 -all\"", "shop12._domainkey.makeshop.jp has is no DKIM key: “something=else”"),
        ("shop12._domainkey TXT \"v=DKIM1; p=\"", "is revoked"),
        ("shop12._domainkey TXT \"v=DKIM1; p=AAAA\"", "can't be used"),
        (&format!("{line}\nshop12._domainkey TXT \"{}\"", KEYS[1]), "has 2 keys"),
    ] {
        folder.write("net.zone", &other(instead));
        let (text, code) = folder.pin("2027-01-01", &["--update"]);
        assert!(text.contains(why) && text.contains("what is kept stays"), "{why}: {text}");
        assert_eq!((code, folder.pins()), (1, pins.clone()), "{text}");
    }
    let wildcard = "$ORIGIN jp.\n@ 300 SOA ns hostmaster 1 3600 900 604800 300\n*.makeshop 300 TXT \"v=spf1 -all\"\n";
    folder.write("net.zone", wildcard);
    let (text, _) = folder.pin("2027-01-01", &[]);
    assert!(text.contains("is no DKIM key: “v=spf1 -all”"), "{text}");
    assert!(folder.pins() == pins && text.contains("include:spf.makeshop.jp: changed"), "{text}");
    // What a hand makes of it is no key either.
    folder.write("site.pins.toml", &pins.replace("v=DKIM1; k=rsa", "v=spf1 k=rsa"));
    let (zone, said) = folder.run(&["build"]);
    assert!(said.contains("error[pins-entry]") && said.contains("this is no DKIM key"), "{said}");
    assert!(
        said.contains("run: zoneplan pin site.toml") && zone.contains("CNAME shop12._domainkey.makeshop.jp."),
        "{zone}"
    );
    let half = KEYS[0].get(20..60).unwrap();
    folder.write("site.pins.toml", &pins.replace(half, ""));
    let (_, said) = folder.run(&["build"]);
    assert!(said.contains("run: zoneplan pin site.toml"), "{said}");
}

#[test]
fn hostile_trees_end_and_are_told() {
    let many = |n: usize, term: &dyn Fn(usize) -> String| {
        let text: String = (0..n).map(term).collect();
        let strings = text.as_bytes().chunks(255).map(|chunk| format!("\"{}\"", std::str::from_utf8(chunk).unwrap()));
        strings.collect::<Vec<_>>().join(" ")
    };
    let wide = many(4_000, &|n| if n == 0 { "v=spf1".into() } else { format!(" include:n{n}.b") });
    let long = many(3_400, &|n| if n == 0 { "v=spf1".into() } else { format!(" ip4:10.0.{}.{}/32", n / 250, n % 250) });
    let mut huge = "\nspf TXT \"v=spf1".to_owned();
    (0..100).for_each(|n| huge += &format!("\" \" include:l{n}.example.net"));
    huge += " -all\"\n";
    (0..100).for_each(|n| huge += &format!("l{n} TXT {long}\n"));
    let folder = Folder::new();
    folder.write("site.toml", "domain = \"example.com\"\n[spf]\nextra = [\"include:spf.example.net\"]\n");
    let head = ZONE.lines().take(3).collect::<Vec<_>>().join("\n");
    for (text, why) in [
        (
            "\nspf TXT \"v=spf1 include:a.example.net\"\na TXT \"v=spf1 redirect=spf.example.net\"\n".to_owned(),
            "leads back to itself",
        ),
        (format!("\nspf TXT \"v=spf1 include:\" \"a.example.net\"\na TXT {wide}\n"), "in none of the zone files"),
        (huge, "larger than a pins file may be"),
    ] {
        folder.write("net.zone", &(head.clone() + &text));
        let began = std::time::Instant::now();
        let (text, code) = folder.pin("2026-11-29", &[]);
        assert!(code == 2 && text.contains(why), "{why}: {text}");
        assert!(!folder.path("site.pins.toml").exists() && began.elapsed().as_secs() < 20, "{why}");
    }
    let fan: String = (0..300).map(|n| format!("n{n} TXT \"v=spf1 -all\"\n")).collect();
    let terms = many(300, &|n| if n == 0 { "v=spf1".into() } else { format!(" include:n{n}.example.net") });
    folder.write("net.zone", &format!("{head}\nspf TXT {terms}\n{fan}"));
    let (text, code) = folder.pin("2026-11-29", &[]);
    assert!(code == 2 && text.contains("more than 250 terms are behind it"), "{text}");
    // One answer of almost 64 KiB is what DNS says: it is kept, and read again.
    folder.write("net.zone", &format!("{head}\nspf TXT {long}\n"));
    let (text, code) = folder.pin("2026-11-29", &[]);
    assert_eq!(code, 0, "{}", text.len());
    let (text, code) = folder.pin("2026-11-30", &[]);
    assert_eq!((code, text.as_str()), (0, "include:spf.example.net: as it was\n"));
}

const POLICY: &str = "domain = \"example.com\"\n[dmarc]\np = \"quarantine\"\nrua = [\"mailto:d@example.com\"]\n";

/// The site's own zone, as it is.
fn own(record: &str) -> String {
    format!("$ORIGIN example.com.\n$TTL 300\n@ SOA ns.example.net. h.example.net. 1 3600 900 604800 300\n{record}\n")
}

#[test]
fn a_policy_keeps_the_day_of_its_stage() {
    let folder = Folder::new();
    folder.write("site.toml", POLICY);
    let before = folder.run(&["build"]);
    let watch = "_dmarc TXT \"v=DMARC1; p=none; rua=mailto:d@example.com\"";
    folder.write("net.zone", &own(watch));
    let (text, code) = folder.pin("2026-08-01", &[]);
    // What is published is kept, not what is planned.
    assert_eq!((code, text.lines().next()), (0, Some("dmarc:example.com: kept")), "{text}");
    assert!(folder.pins().contains("p=none") && folder.pins().contains("\"dmarc:example.com\""), "{}", folder.pins());
    assert_eq!(folder.run(&["build"]), before);
    let pins = folder.pins();
    assert_eq!(folder.pin("2026-09-01", &["--update"]), ("dmarc:example.com: as it was\n".to_owned(), 0));
    assert_eq!(folder.pins(), pins);
    // Another address waits for --update as every change does, and starts no new time.
    folder.write("net.zone", &own(&watch.replace("d@example", "e@example")));
    let (text, code) = folder.pin("2026-09-02", &[]);
    assert!(code == 3 && text.contains("dmarc:example.com: changed; --update"), "{text}");
    assert_eq!(folder.pin("2026-09-02", &["--update=dmarc:example.com"]).1, 0);
    let pins = folder.pins();
    assert!(pins.contains("e@example.com") && pins.contains("seen = \"2026-08-01\""), "{pins}");
    // The next stage does.
    folder.write("net.zone", &own(&watch.replace("p=none", "p=quarantine")));
    assert_eq!(folder.pin("2026-10-01", &["--update"]).1, 0);
    assert!(folder.pins().contains("seen = \"2026-10-01\""), "{}", folder.pins());
    assert_eq!(folder.run(&["build"]), before);
}

#[test]
fn a_policy_that_is_gone_is_news_and_one_that_nobody_tells_stays() {
    let folder = Folder::new();
    folder.write("site.toml", POLICY);
    folder.write("net.zone", &own("www A 192.0.2.1"));
    assert_eq!(folder.pin("2026-08-01", &[]), ("dmarc:example.com: there is none\n".to_owned(), 0));
    assert!(!folder.path("site.pins.toml").exists());
    // A company that holds the policy is asked for it; what else stands in TXT is nobody's policy.
    let led = "_dmarc CNAME p.example.com.\np TXT \"v=DMARC1; p=reject\"\np TXT \"v=spf1 -all\"";
    folder.write("net.zone", &own(led));
    let (text, code) = folder.pin("2026-08-02", &[]);
    let pins = folder.pins();
    assert!(code == 0 && pins.contains("p=reject") && !pins.contains("spf1"), "{text}{pins}");
    // Nobody says anything of it.
    folder.write("net.zone", ZONE);
    let (text, code) = folder.pin("2026-08-03", &["--update"]);
    assert_eq!((code, folder.pins().as_str()), (2, pins.as_str()), "{text}");
    assert!(text.contains("dmarc:example.com: not looked up, what is kept stays"), "{text}");
    // Somebody says that there is none.
    folder.write("net.zone", &own("www A 192.0.2.1"));
    let (text, code) = folder.pin("2026-08-04", &[]);
    assert_eq!((code, folder.pins().as_str()), (3, pins.as_str()), "{text}");
    assert!(text.contains("changed; --update") && text.contains("    - \"v=DMARC1; p=reject\"\n"), "{text}");
    let (text, code) = folder.pin("2026-08-04", &["--update"]);
    assert!(code == 0 && text.starts_with("dmarc:example.com: there is none any more, taken out\n"), "{text}");
    assert_eq!(folder.pins().matches("[[pin]]").count(), 0);
    // Without mail there are no stages, and nothing is asked for.
    folder.write("site.toml", "domain = \"example.com\"\nmail = false\n");
    assert!(folder.pin("2026-08-05", &[]).0.starts_with("nothing to keep"));
}
