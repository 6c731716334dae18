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
    // spf and b TXT, h1 A and AAAA, m MX, h2 A, that h2 has no AAAA; what else stands in TXT is not kept.
    assert_eq!((pins.matches("[[pin]]").count(), pins.matches("none = true").count()), (7, 1), "{pins}");
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

/// What stands between two words of the file, with its mark of time.
fn stamp(folder: &Folder) -> (String, std::time::SystemTime) {
    (folder.pins(), fs::metadata(folder.path("site.pins.toml")).unwrap().modified().unwrap())
}

/// A pins file without its entry of that name and type.
fn without(pins: &str, name: &str, rtype: &str) -> String {
    let head = format!("\nname = \"{name}\"\ntype = \"{rtype}\"\n");
    let entries: Vec<&str> = pins.split("\n[[pin]]").filter(|entry| !entry.starts_with(&head)).collect();
    assert_eq!(entries.len(), pins.matches("[[pin]]").count(), "{name} {rtype}: {pins}");
    entries.join("\n[[pin]]")
}

#[test]
fn a_host_without_addresses_comes_to_rest() {
    let folder = Folder::new();
    // No such name, one without addresses, an MX that is not there, and the null MX.
    folder.write(
        "net.zone",
        &(ZONE.replace("~all", "a:gone.example.net a:h2.example.net mx:h2.example.net mx:null.example.net ~all")
            + "null MX 0 .\n"),
    );
    let (text, code) = folder.pin("2026-11-29", &[]);
    assert!(code == 0 && text.contains("  A gone.example.net\n    + none\n"), "{text}");
    assert!(folder.pins().contains("name = \"gone.example.net\"\ntype = \"A\"\n"), "{}", folder.pins());
    let (_, said) = folder.run(&["build"]);
    assert!(!said.contains("spf-flatten"), "{said}");
    assert_eq!(folder.spf(), "v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 ip4:192.0.2.2 ~all");
    let before = stamp(&folder);
    let (text, code) = folder.pin("2027-01-01", &[]);
    assert_eq!((code, text.as_str()), (0, "include:b.example.net: as it was\ninclude:spf.example.net: as it was\n"));
    assert_eq!(stamp(&folder), before, "not even written again");
}

#[test]
fn a_file_that_says_the_same_stays_as_it_is() {
    let folder = Folder::new();
    folder.pin("2026-11-29", &[]);
    let pins = folder.pins();
    // As a checkout on Windows leaves it, and with its entries the other way round.
    let (head, entries) = pins.split_once("\n[[pin]]").unwrap();
    let turned: String = entries.rsplit("\n[[pin]]").map(|entry| format!("\n[[pin]]{entry}")).collect();
    for same in [pins.replace('\n', "\r\n"), format!("{head}{turned}")] {
        folder.write("site.pins.toml", &same);
        let before = stamp(&folder);
        let (text, code) = folder.pin("2027-01-01", &["--update"]);
        assert_eq!((code, stamp(&folder)), (0, before), "{text}");
    }
    // What is news is written, sorted.
    folder.write("net.zone", &ZONE.replace("h2 A 192.0.2.2", "h2 A 192.0.2.3"));
    assert_eq!(folder.pin("2026-11-29", &["--update"]).1, 0);
    assert_eq!(folder.pins(), pins.replace("192.0.2.2\"", "192.0.2.3\""));
}

#[test]
fn an_entry_that_is_lost_is_not_known() {
    let folder = Folder::new();
    folder.pin("2026-11-29", &[]);
    let pins = folder.pins();
    for (name, rtype) in
        [("h1.example.net", "A"), ("h1.example.net", "AAAA"), ("h2.example.net", "AAAA"), ("m.example.net", "MX")]
    {
        folder.write("site.pins.toml", &without(&pins, name, rtype));
        let (_, said) = folder.run(&["build"]);
        let why = format!("include:spf.example.net is not written out: the {rtype} of {name} is not known");
        assert!(said.contains(&why) && said.contains("run: zoneplan pin site.toml"), "{said}");
        assert!(folder.spf().contains("include:spf.example.net"), "{}", folder.spf());
        let (text, code) = folder.pin("2026-11-29", &[]);
        assert_eq!((code, folder.pins()), (0, pins.clone()), "{text}");
    }
}

#[test]
fn what_is_no_more_is_a_change_like_another() {
    let folder = Folder::new();
    folder.pin("2026-11-29", &[]);
    let before = stamp(&folder);
    folder.write("net.zone", &ZONE.replace("h2 A 192.0.2.2\n", "h2 AAAA 2001:db8::2\n"));
    let (text, code) = folder.pin("2027-01-01", &[]);
    assert!(text.contains("  A h2.example.net\n    - 192.0.2.2\n    + none\n"), "{text}");
    assert!(text.contains("  AAAA h2.example.net\n    - none\n    + 2001:db8::2\n"), "{text}");
    assert_eq!((code, stamp(&folder)), (3, before), "{text}");
    let (text, code) = folder.pin("2027-01-02", &["--update"]);
    assert_eq!((code, folder.pins().matches("\"2027-01-02\"").count()), (0, 2), "{text}");
    assert_eq!(folder.spf(), "v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 ip6:2001:db8::2 ~all");
    // That nobody answers is no word about the name.
    let pins = folder.pins();
    folder.write("net.zone", &ZONE.replace("h1 A 192.0.2.1\nh1 AAAA 2001:db8::1\n", "h1 CNAME h1.example.org.\n"));
    let (text, code) = folder.pin("2027-01-03", &["--update"]);
    assert_eq!((code, folder.pins()), (2, pins), "{text}");
}

#[test]
fn what_shares_a_record_is_named() {
    let folder = Folder::new();
    folder.pin("2026-11-29", &[]);
    // h1 is in both, h2 in one, and the record of the other has changed as well.
    let zone = ZONE.replace("h1 A 192.0.2.1", "h1 A 192.0.2.91");
    folder.write("net.zone", &zone);
    let (text, code) = folder.pin("2027-01-01", &["--update=include:spf.example.net"]);
    let other = "include:b.example.net: changed, and kept with what shares it\n  A h1.example.net (also of include:spf.example.net)\n";
    assert!(code == 0 && text.contains(other), "{text}");
    assert!(
        text.contains("include:spf.example.net: kept\n  A h1.example.net (also of include:b.example.net)\n"),
        "{text}"
    );
    folder.write("net.zone", &zone.replace("192.0.2.91", "192.0.2.92").replace("-all", "ip4:192.0.2.99 -all"));
    let (text, code) = folder.pin("2027-01-02", &["--update=spf.example.net"]);
    let other = "include:b.example.net: changed; --update keeps what is new\n  TXT b.example.net\n";
    assert!(code == 3 && text.contains(other), "{text}");
    assert!(text.contains("  A h1.example.net (kept, as it is also of include:spf.example.net)\n"), "{text}");
    assert!(folder.pins().contains("192.0.2.92") && !folder.pins().contains("192.0.2.99"), "{}", folder.pins());
    // Whichever comes first.
    folder.write("net.zone", &zone.replace("192.0.2.91", "192.0.2.93"));
    let (text, code) = folder.pin("2027-01-03", &["--update=b.example.net"]);
    let other = "include:spf.example.net: changed, and kept with what shares it\n  A h1.example.net (also of include:b.example.net)\n";
    assert!(code == 0 && text.contains(other), "{text}");
    // Nothing after `=` is a slip, not all of it.
    let pins = folder.pins();
    folder.write("net.zone", ZONE);
    let (text, code) = folder.pin("2027-01-04", &["--update="]);
    assert_eq!((code, folder.pins()), (2, pins), "{text}");
    assert!(text.contains("--update"), "{text}");
}

#[test]
fn the_sites_own_zone_is_what_it_is_to_be() {
    let folder = Folder::new();
    let site = |terms: &str| {
        format!(
            "domain = \"example.com\"\n\n[spf]\nextra = [\"include:_spf.example.com\"]\nflatten = [\"_spf.example.com\"]\n\n\
             [[record]]\nname = \"_spf\"\ntype = \"TXT\"\nvalue = \"v=spf1 {terms} -all\"\n\n\
             [[record]]\nname = \"out\"\ntype = \"A\"\nvalue = \"198.51.100.7\"\n\n\
             [[record]]\nname = \"alias\"\ntype = \"CNAME\"\nvalue = \"h1.example.net.\"\n"
        )
    };
    // All of it is the site's own: nothing has to be pinned.
    folder.write("site.toml", &site("ip4:192.0.2.77"));
    assert_eq!(folder.spf(), "v=spf1 ip4:192.0.2.77 ~all");
    // What it does not plan itself is asked, behind its aliases too; what it plans is in no pin.
    let com = "$ORIGIN example.com.\n$TTL 300\n@ SOA ns hostmaster 1 3600 900 604800 300\n_spf TXT \"v=spf1 ip4:192.0.2.66 -all\"\n\
               out A 198.51.100.66\n";
    folder.write("com.zone", com);
    folder.write("site.toml", &site("a:out.example.com a:alias.example.com"));
    let (_, said) = folder.run(&["build"]);
    assert!(said.contains("include:_spf.example.com is not written out: there are no pins"), "{said}");
    let (text, code) = folder.pin("2026-11-29", &["--dns", "com.zone"]);
    assert_eq!(code, 0, "{text}");
    let pins = folder.pins();
    let names: Vec<&str> = pins.lines().filter(|line| line.starts_with("name")).collect();
    assert_eq!(
        names,
        ["name = \"out.example.com\"", "name = \"h1.example.net\"", "name = \"h1.example.net\""],
        "{pins}"
    );
    assert_eq!(folder.spf(), "v=spf1 ip4:198.51.100.7 ip4:192.0.2.1 ip6:2001:db8::1 ~all");
    // A change of the site needs no pin to be taken.
    folder.write("site.toml", &site("a:out.example.com").replace("198.51.100.7", "198.51.100.8"));
    assert_eq!(folder.spf(), "v=spf1 ip4:198.51.100.8 ~all");
    let (text, code) = folder.pin("2026-11-30", &["--dns", "com.zone"]);
    assert!(code == 0 && text.contains("  A h1.example.net: not needed any more\n"), "{text}");
    assert_eq!(folder.pins().matches("[[pin]]").count(), 1, "{}", folder.pins());
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
    assert!(text.contains("include:spf.example.net: not kept, what was kept stays"), "{text}");
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
    folder.pin("2026-11-29", &[]);
    let whole = folder.pins();
    let broken = "delete shop.pins.toml and run: zoneplan pin shop.toml. Or take it from version control";
    let newer = "use the zoneplan that wrote shop.pins.toml, or a newer one";
    let others = "if shop.pins.toml belongs to another site.toml, give it back its name; if this one had that domain before, delete it";
    folder.write("shop.toml", SITE);
    for text in [
        "version = 2\ndomain = \"example.com\"\n",
        "version = 1\ndomain = \"example.org\"\n",
        "version = ",
        "",
        "\u{feff}\u{1b}]0;x\u{7}",
        &whole.replacen("192.0.2.1", "192.0.2.300", 1),
        &whole.replacen("none = true", "none = \"yes\"", 1),
        &whole.replacen("seen =", "# seen =", 1),
        &whole.replacen("\"h1.example.net", "\"h1\\u001b[31m.example..net", 1),
        whole.get(..whole.len() / 2).unwrap(),
        &"#".repeat(10_000_000),
    ] {
        folder.write("shop.pins.toml", text);
        let run = |args: &[&str]| {
            let (out, said) = folder.run(args);
            assert!(!out.contains('\u{1b}') && !said.contains('\u{1b}') && !said.contains("panicked"), "{said}");
            said
        };
        let remedy = match text {
            _ if text.starts_with("version = 2") => newer,
            _ if text.contains("example.org") => others,
            _ => broken,
        };
        // One way, wherever it is read.
        let dns = ["--dns", "net.zone"];
        for args in
            [&["build", "shop.toml"][..], &["pin", "shop.toml", "--update", dns[0], dns[1]], &["spf", "shop.toml"]]
        {
            let said = run(args);
            assert!(said.contains("shop.pins.toml") && said.contains(remedy), "{args:?}: {said}");
            assert!(!said.contains("next: run: zoneplan pin") && !said.contains("add a line"), "{args:?}: {said}");
        }
        assert_eq!(fs::read_to_string(folder.path("shop.pins.toml")).unwrap(), text);
    }
    folder.write("site.pins.toml", "version = 1\ndomain = \"example.org\"\n");
    assert_eq!(folder.pin("2026-11-29", &["--update"]).1, 2);
    // Repairs that would be written into it are not offered, and it is said why.
    folder.write("site.toml", &SITE.replace("flatten = [\"spf.example.net\", \"b.example.net\"]\n", ""));
    let (out, _) = folder.run(&["spf", "--dns", "net.zone", "--repairs"]);
    let why = "include:spf.example.net can't be written out as addresses: site.pins.toml has the pins, and can't be used; if site.pins.toml belongs to another site.toml";
    assert!(out.contains(why), "{out}");
    fs::remove_file(folder.path("site.pins.toml")).unwrap();
    let (out, _) = folder.run(&["spf", "--dns", "net.zone", "--repairs"]);
    assert!(out.contains("write `include:spf.example.net` out"), "{out}");
    // Nor is what other includes are built from changed by the way.
    folder.pin("2026-11-29", &[]);
    let pins = folder.pins();
    folder.write("net.zone", &ZONE.replace("h1 A 192.0.2.1", "h1 A 192.0.2.9"));
    let (out, _) = folder.run(&["spf", "--dns", "net.zone", "--repairs"]);
    let why = "the A of h1.example.net has changed since it was pinned; run: zoneplan pin site.toml, and keep it with --update";
    assert!(out.contains(why) && !out.contains("out as addresses, from pins"), "{out}");
    assert_eq!(folder.pins(), pins);
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
const KEYS: [&str; 2] = [
    include_str!("cases/check-copy-stale/k1024.txt"),
    "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
];

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
    fs::create_dir(folder.path("our clients")).unwrap();
    folder.write("our clients/shop.toml", &format!("{SHOP}{WAY}"));
    let (_, said) = folder.run(&["build", "our clients/shop.toml"]);
    let next = "run: zoneplan pin 'our clients/shop.toml'";
    assert!(said.contains("error[way-not-ready]") && said.contains(next), "{said}");
    let (text, code) = folder.pin("2026-11-29", &[]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("include:spf.makeshop.jp: kept\n"), "{text}");
    assert!(text.contains("key:shop12._domainkey.example.com: kept\n  TXT shop12._domainkey.makeshop.jp\n"), "{text}");
    let pins = folder.pins();
    // The include, its host with and without addresses, the key; what else stands in TXT beside the key is not the site's.
    assert_eq!(pins.matches("[[pin]]").count(), 4, "{pins}");
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
    assert_eq!(folder.pins().matches("[[pin]]").count(), 3, "{}", folder.pins());
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
        // RFC 6376 §3.6.1: an empty key is a revoked one, and one that is not for sha256 (RFC 8301 §3.1) or for mail is none.
        ("shop12._domainkey TXT \"v=DKIM1; p=\"", "the vendor has revoked the key at shop12._domainkey.makeshop.jp"),
        ("shop12._domainkey TXT \"v=DKIM1; p=AAAA\"", "receivers can't use the key"),
        (&line.replace("k=rsa", "k=rsa; h=sha1"), "`h=` lacks `sha256`"),
        (&line.replace("k=rsa", "k=rsa; s=tlsrpt"), "the key is not for mail"),
        (&line.replace("k=rsa", "k=rsa; n=\\027[31m"), "octet 0x1B cannot stand in a tag's value"),
        (&format!("{line}\nshop12._domainkey TXT \"{}\"", KEYS[1]), "has 2 keys"),
    ] {
        folder.write("net.zone", &other(instead));
        let (text, code) = folder.pin("2027-01-01", &["--update"]);
        assert!(text.contains(why) && text.contains("not kept, what was kept stays"), "{why}: {text}");
        assert!(!text.contains('\u{1b}'), "{text:?}");
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
    assert!(code == 2 && text.contains("more than 250 terms behind it ask DNS"), "{text}");
    // One answer of almost 64 KiB is what DNS says: it is kept, and read again.
    folder.write("net.zone", &format!("{head}\nspf TXT {long}\n"));
    let (text, code) = folder.pin("2026-11-29", &[]);
    assert_eq!(code, 0, "{}", text.len());
    let (text, code) = folder.pin("2026-11-30", &[]);
    assert_eq!((code, text.as_str()), (0, "include:spf.example.net: as it was\n"));
}

#[test]
fn all_of_it_in_japanese() {
    let folder = Folder::new();
    let flattened = "flatten = [\"spf.example.net\", \"b.example.net\"]\n";
    let site = "domain = \"example.com\"\n[spf]\nextra = [\"include:spf.example.net\", \"include:b.example.net\", \"include:c.example.net\"]\n";
    folder.write("site.toml", &format!("{site}{flattened}"));
    let pin = |what: &[&str]| folder.pin("2026-11-29", &[&["--lang", "ja"], what].concat());
    assert_eq!(
        pin(&[]),
        (
            "include:b.example.net: 控えました\n  TXT b.example.net\n    + \"v=spf1 a:h1.example.net -all\"\n  A h1.example.net\n    + 192.0.2.1\n  AAAA h1.example.net\n    + 2001:db8::1\n\
             include:c.example.net: 控えていません: c.example.net に SPF がありません\n\
             include:spf.example.net: 控えました\n  A h1.example.net\n    + 192.0.2.1\n  AAAA h1.example.net\n    + 2001:db8::1\n  A h2.example.net\n    + 192.0.2.2\n  AAAA h2.example.net\n    + なし\n\
             \x20 MX m.example.net\n    + 10 h2.example.net.\n  TXT spf.example.net\n    + \"v=spf1 a:h1.example.net mx:m.example.net ~all\"\n"
                .to_owned(),
            1
        )
    );
    folder.write("site.toml", &format!("{}{flattened}", site.replace(", \"include:c.example.net\"", "")));
    let zone = ZONE.replace("h1 A 192.0.2.1", "h1 A 192.0.2.9").replace("mx:m.example.net ", "");
    folder.write("net.zone", &zone.replace("-all", "ip4:192.0.2.8 -all"));
    let changed = "  A h1.example.net（include:spf.example.net も使います）\n    - 192.0.2.1\n    + 192.0.2.9\n";
    let record = "  TXT b.example.net\n    - \"v=spf1 a:h1.example.net -all\"\n    + \"v=spf1 a:h1.example.net ip4:192.0.2.8 -all\"\n";
    let spf = "  A h1.example.net（include:b.example.net も使います）\n    - 192.0.2.1\n    + 192.0.2.9\n  A h2.example.net: もう使いません\n  AAAA h2.example.net: もう使いません\n\
               \x20 MX m.example.net: もう使いません\n  TXT spf.example.net\n    - \"v=spf1 a:h1.example.net mx:m.example.net ~all\"\n    + \"v=spf1 a:h1.example.net ~all\"\n";
    let waits = "変わっています。--update で新しい値を控えます\n";
    assert_eq!(
        pin(&[]),
        (format!("include:b.example.net: {waits}{record}{changed}include:spf.example.net: {waits}{spf}"), 3)
    );
    let shared = changed.replace("も使います", "も使うため、控えました");
    assert_eq!(
        pin(&["--update=spf.example.net"]),
        (format!("include:b.example.net: {waits}{record}{shared}include:spf.example.net: 控えました\n{spf}"), 3)
    );
    folder.write("net.zone", &zone.replace("192.0.2.9", "192.0.2.10"));
    let shared = |with: &str| format!("  A h1.example.net（{with} も使います）\n    - 192.0.2.9\n    + 192.0.2.10\n");
    assert_eq!(
        pin(&["--update=b.example.net"]),
        (
            format!(
                "include:b.example.net: 控えました\n{}include:spf.example.net: 変わっていました。同じレコードを使うものと一緒に控えました\n{}",
                shared("include:spf.example.net"),
                shared("include:b.example.net")
            ),
            0
        )
    );
    let same = "include:b.example.net: 変わりありません\n";
    folder.write("net.zone", &zone.replace("192.0.2.9", "192.0.2.10").replace("~all", "include:spf.example.net"));
    let (text, code) = pin(&[]);
    let why = "include:spf.example.net: 控え直していません。前の控えはそのままです: spf.example.net は自分自身に戻ります\n  前のアドレスは合格のままです。提供元に確かめ、もう使わない include なら、site.toml の記述と flatten から外してください\n";
    assert_eq!((text, code), (format!("{same}{why}"), 1));
    let (text, code) = pin(&["--update=x.example.net"]);
    let why = "--update=x.example.net: そのための控えはありません。あるのは include:b.example.net, include:spf.example.net です";
    assert!(code == 2 && text.contains(why), "{text}");
    let (text, code) = pin(&["--update="]);
    assert!(code == 2 && text.starts_with("エラー: --update[=<WHAT>] に値がありません\n"), "{text}");
    folder.write("site.toml", "domain = \"example.com\"\n");
    let gone = ["b", "spf"].map(|at| format!("include:{at}.example.net: もう使わないため、控えから外しました\n"));
    let nothing = "控えるものがありません（SPF に include がなく、写す鍵もありません）\n";
    assert_eq!(pin(&[]), (format!("{nothing}{}{}", gone[0], gone[1]), 0));
    folder.write("site.pins.toml", "version = 1\ndomain = \"example.org\"\n");
    let (text, code) = pin(&[]);
    let (why, next) = (
        "これは example.org の控えで、example.com のものではありません",
        "site.pins.toml が別のサイト定義の控えなら、ファイル名を元に戻してください。このサイト定義の domain を変えたのなら、削除してください",
    );
    assert!(code == 2 && text.contains(why) && text.contains(next), "{text}");
}

#[test]
fn keys_in_japanese() {
    let folder = shop(KEYS[0]);
    folder.pin("2026-11-29", &[]);
    let key = "shop12._domainkey TXT \"";
    let line = vendor(KEYS[0]).lines().find(|line| line.starts_with(key) && line.contains("DKIM1")).unwrap().to_owned();
    let at = "shop12._domainkey.makeshop.jp";
    let stays = "写しは前の鍵のままです。今のセレクタと鍵を提供元に確かめてください";
    for (instead, why) in [
        (
            "shop12._domainkey TXT \"v=DKIM1; p=\"".to_owned(),
            format!(
                "{at} の鍵は提供元が取り消しました（p= が空です。RFC 6376 §3.6.1）。写しがあると、古い鍵の署名が通り続けます。今のセレクタを提供元に確かめてください"
            ),
        ),
        (
            line.replace("k=rsa", "k=rsa; h=sha1"),
            format!(
                "{at} の今の鍵は受信側で使えず、DKIM が不合格になります: `h=` に `sha256` がありません。使えるハッシュはこれだけです。提供元に知らせてください"
            ),
        ),
        (String::new(), format!("{at} にあるのは DKIM の鍵ではありません: 「something=else」\n  {stays}")),
        (
            format!("{line}\nshop12._domainkey TXT \"{}\"", KEYS[1]),
            format!("{at} に鍵が 2 件あります（1 件でないと無効です）\n  {stays}"),
        ),
    ] {
        folder.write("net.zone", &vendor(KEYS[0]).replace(&line, &instead));
        let (text, code) = folder.pin("2027-01-01", &["--update", "--lang", "ja"]);
        let told = format!(
            "include:spf.makeshop.jp: 変わりありません\nkey:shop12._domainkey.example.com: 控え直していません。前の控えはそのままです: {why}\n"
        );
        assert_eq!((text, code), (told, 1));
    }
}

#[test]
fn the_bill_from_pins_is_that_of_dns() {
    let folder = Folder::new();
    // A look-up that finds nothing counts, from pins as well (RFC 7208 §4.6.4).
    folder.write("site.toml", "domain = \"example.com\"\n[spf]\nextra = [\"include:spf.example.net\"]\n");
    folder
        .write("net.zone", &ZONE.replace("~all", "a:gone.example.net exists:gone.example.net mx:h1.example.net ~all"));
    let (counted, _) = folder.run(&["spf", "--dns", "net.zone"]);
    assert!(
        counted.contains("look-ups that find nothing: 3 from an IPv4 address, 4 from an IPv6 address"),
        "{counted}"
    );
    folder.pin("2026-11-29", &[]);
    let (pinned, said) = folder.run(&["spf"]);
    assert!(said.contains("(zoneplan pin site.toml looks them up again, --live asks DNS)"), "{said}");
    // Repairs ask for nothing else.
    assert_eq!(pinned, counted);
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
    let none = "dmarc:example.com: kept\n  TXT _dmarc.example.com\n    + none\n";
    assert_eq!(folder.pin("2026-08-01", &[]), (none.to_owned(), 0));
    // A company that holds the policy is asked for it; what else stands in TXT is nobody's policy.
    let led = "_dmarc CNAME p.example.com.\np TXT \"v=DMARC1; p=reject\"\np TXT \"v=spf1 -all\"";
    folder.write("net.zone", &own(led));
    assert_eq!(folder.pin("2026-08-02", &[]).1, 3);
    let (text, code) = folder.pin("2026-08-02", &["--update"]);
    let pins = folder.pins();
    assert!(
        code == 0 && pins.contains("p=reject") && pins.contains("2026-08-02") && !pins.contains("spf1"),
        "{text}{pins}"
    );
    // Nobody says anything of it.
    folder.write("net.zone", ZONE);
    let (text, code) = folder.pin("2026-08-03", &["--update"]);
    assert_eq!((code, folder.pins().as_str()), (2, pins.as_str()), "{text}");
    assert!(text.contains("dmarc:example.com: not kept, what was kept stays"), "{text}");
    // Somebody says that there is none.
    folder.write("net.zone", &own("www A 192.0.2.1"));
    let (text, code) = folder.pin("2026-08-04", &[]);
    assert_eq!((code, folder.pins().as_str()), (3, pins.as_str()), "{text}");
    assert!(text.contains("changed; --update") && text.contains("    - \"v=DMARC1; p=reject\"\n"), "{text}");
    let (text, code) = folder.pin("2026-08-04", &["--update"]);
    assert!(code == 0 && text.starts_with("dmarc:example.com: kept\n") && text.ends_with("    + none\n"), "{text}");
    let pins = folder.pins();
    assert!(pins.contains("none = true") && pins.contains("seen = \"2026-08-04\""), "{pins}");
    // Without mail there is a policy too, of which status says whether it is there.
    folder.write("site.toml", "domain = \"example.com\"\nmail = false\n");
    assert_eq!(folder.pin("2026-08-05", &[]), ("dmarc:example.com: as it was\n".to_owned(), 0));
}

const DEAD: &str = "$ORIGIN example.net.\n@ 3600 SOA ns h 1 1 1 1 1\nh1 A 192.0.2.1\ndead TXT \"v=spf1 a:gone.example.net a:h1.example.net ip4:198.51.100.0/24 -all\"\n";
/// What the pins put into the part of the record decides what counting the record asks.
const PART: &str = "domain = \"example.com\"\n\n[spf]\nextra = [\"include:_spf.example.com\"]\n\n[[record]]\nname = \"_spf\"\ntype = \"TXT\"\nvalue = \"v=spf1 include:dead.example.net -all\"\n\n[[subdomain]]\nname = \"_spf\"\n[subdomain.spf]\nflatten = [\"dead.example.net\"]\n";

#[test]
fn what_is_needed_is_what_is_needed_with_the_pins() {
    let folder = Folder::new();
    folder.write("site.toml", PART);
    folder.write("net.zone", DEAD);
    let (text, code) = folder.pin("2026-11-29", &[]);
    assert!(code == 0 && text.contains("include:dead.example.net: kept\n"), "{text}");
    let pins = folder.pins();
    // Written out, the part leads nowhere.
    assert!(!pins.contains("include:_spf.example.com"), "{pins}");
    for day in ["2027-01-01", "2027-01-02"] {
        let (text, code) = folder.pin(day, &[]);
        assert_eq!(code, 0);
        let each = "include:_spf.example.com: as it was\ninclude:dead.example.net: as it was\n";
        assert_eq!((text.as_str(), folder.pins()), (each, pins.clone()));
    }
}

#[test]
fn a_use_of_what_is_kept_for_another_is_news() {
    let folder = Folder::new();
    folder.write("site.toml", &SITE.replace("flatten = [\"spf.example.net\", \"b.example.net\"]\n", ""));
    folder.pin("2026-11-29", &[]);
    let before = folder.pins();
    // As if it had been looked up for one of the two alone.
    folder.write("site.pins.toml", &before.replace("\"include:b.example.net\", ", ""));
    let (text, code) = folder.pin("2026-11-30", &[]);
    assert_eq!(
        (code, text.as_str()),
        (0, "include:b.example.net: kept\ninclude:spf.example.net: as it was\n"),
        "{before}"
    );
    assert_eq!(folder.pins(), before);
}

#[test]
fn what_is_gone_is_told_to_stay() {
    let folder = Folder::new();
    folder.pin("2026-11-29", &[]);
    let pins = folder.pins();
    folder.write("net.zone", &ZONE.replace("b TXT", "other TXT"));
    let (text, code) = folder.pin("2027-01-01", &["--update"]);
    assert_eq!((code, folder.pins()), (1, pins), "{text}");
    let said = "b.example.net has no SPF record\n  its old addresses still pass. Ask the company";
    assert!(text.contains(said), "{text}");
    // Of what nobody answers for that is not known.
    folder.write("net.zone", "$ORIGIN example.org.\n@ 300 SOA ns hostmaster 1 3600 900 604800 300\n");
    let (text, _) = folder.pin("2027-01-01", &["--update"]);
    assert!(text.contains("what was kept stays") && !text.contains("still pass"), "{text}");
}

#[test]
fn a_very_long_value_is_not_shown_whole() {
    let folder = Folder::new();
    let terms: String =
        (0..240).map(|n| format!("\" ip4:192.0.2.{n} ip4:198.51.100.{n} ip4:203.0.113.{n}\" ")).collect();
    folder.write(
        "net.zone",
        &ZONE.replace("b TXT \"v=spf1 a:h1.example.net -all\"", &format!("b TXT \"v=spf1\" {terms}")),
    );
    folder.write("site.toml", &SITE.replace("flatten = [\"spf.example.net\", \"b.example.net\"]\n", ""));
    let (text, code) = folder.pin("2026-11-29", &[]);
    assert_eq!(code, 0, "{text}");
    let long = text.lines().find(|line| line.contains("ip4:198.51.100.0")).unwrap();
    assert!(long.len() < 1_100 && long.ends_with(" characters)") && long.contains("… ("), "{long}");
    assert!(folder.pins().contains("ip4:203.0.113.239"));
}
