//! The story, to its end: a BIND that resolves serves the zone as the form of `example-127` could hold it, the keyzone, and stand-ins for the
//! vendors' zones. Mail signed with the keys of both services then passes DKIM, SPF and DMARC; without the keyzone DKIM fails.
//!
//! The keys are made anew for each run. Needs `named`, `opendkim`, `openssl` and tests/.venv, and fails without them.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop; clippy does not see that helpers outside #[test] are tests too"
)]

mod tools;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};

const DOMAIN: &str = "hogehoge.com";
/// Where mail of the web host comes from: its server, and a relay of its SPF record.
const FROM_XSERVER: [&str; 2] = ["203.0.113.66", "198.51.100.66"];
/// Where mail of the shop comes from.
const FROM_MAKESHOP: &str = "198.51.100.20";
/// A server that forwards mail: no SPF record knows it.
const FORWARDER: &str = "192.0.2.99";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn output_of(command: &mut Command) -> (Option<i32>, String) {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{program}: {error}"));
    (output.status.code(), String::from_utf8(output.stdout).expect("UTF-8"))
}

/// A new key of 2048 bits: the private half goes to `file`, the TXT of the public one is returned.
fn new_key(file: &Path) -> String {
    let args = ["genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out"];
    assert_eq!(output_of(Command::new("openssl").args(args).arg(file)).0, Some(0), "openssl genpkey");
    let (code, pem) = output_of(Command::new("openssl").args(["pkey", "-pubout", "-in"]).arg(file));
    assert_eq!(code, Some(0), "openssl pkey");
    let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let text = format!("v=DKIM1; k=rsa; p={base64}");
    assert_eq!(text.len(), 410, "the length that the story is about");
    text
}

/// A record of zone text as `zoneplan build` writes it: its line, owner, type and value.
type Line<'a> = (&'a str, &'a str, &'a str, &'a str);

fn records(zone: &str) -> Vec<Line<'_>> {
    let lines = zone.lines().filter(|line| !line.is_empty() && !line.starts_with([';', '$']));
    lines
        .map(|line| {
            let (owner, rest) = line.split_once(' ').expect("an owner");
            let (rtype, value) = rest.trim_start().split_once(' ').expect("a type");
            (line, owner, rtype, value.trim_start())
        })
        .collect()
}

/// Whether the form of the story holds a record: 127 bytes in one string, no `_` in what a CNAME points at, no NS below the apex.
fn form_holds((_, owner, rtype, value): &Line<'_>) -> bool {
    let typed = match *rtype {
        // What stands between the quotes of its only string.
        "TXT" => value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).filter(|v| !v.contains('"')),
        _ => Some(value.strip_suffix('.').unwrap_or(value)),
    };
    typed.is_some_and(|typed| typed.len() <= 127)
        && !(*rtype == "CNAME" && value.contains('_'))
        && !(*rtype == "NS" && *owner != "@")
}

/// The zone text with the records that the form holds, and the owners and types of those that it does not.
fn as_the_form_holds_it(zone: &str) -> (String, Vec<String>) {
    assert!(zone.contains("\n$TTL 3600\n"), "from 600 to 86400, for all records: none has its own");
    let (held, refused): (Vec<_>, Vec<_>) = records(zone).into_iter().partition(form_holds);
    let text = held.iter().map(|(line, ..)| format!("{line}\n")).collect();
    (text, refused.iter().map(|(_, owner, rtype, _)| format!("{owner}.{DOMAIN} {rtype}")).collect())
}

/// What the JSON calls refused in the site's own zone.
fn refused(site: &Path) -> Vec<String> {
    let (_, text) = output_of(zoneplan().args(["build", "--format", "json"]).arg(site).stderr(Stdio::null()));
    let document: Value = serde_json::from_str(&text).expect("JSON");
    let word = |record: &Value, key: &str| record[key].as_str().expect("a word").to_owned();
    let records = document["zones"][0]["records"].as_array().expect("records");
    let refused = records.iter().filter(|record| record["fit"]["outcome"] == "refused");
    refused.map(|record| format!("{} {}", word(record, "name"), word(record, "type"))).collect()
}

fn zoneplan() -> Command {
    Command::new(env!("CARGO_BIN_EXE_zoneplan"))
}

/// Zone files, wrapped so that BIND loads them: origin → file.
struct Zones(PathBuf);

impl Zones {
    fn write(&self, name: &str, origin: &str, records: &str) -> Value {
        let from = self.0.join(format!("{name}.records"));
        fs::write(&from, records).expect("a written file");
        let from = fs::File::open(from).expect("the file");
        let output = Command::new(root().join("tests/wrap-zone"))
            .arg(origin)
            .stdin(from)
            .output()
            .expect("tests/wrap-zone runs");
        assert!(output.status.success(), "tests/wrap-zone: {}", String::from_utf8_lossy(&output.stderr));
        let to = self.0.join(name);
        fs::write(&to, output.stdout).expect("a written file");
        json!(to)
    }
}

/// How mail of the site fares with the zones that a BIND serves.
struct Fate {
    /// Selector → the results of every signer and verifier.
    dkim: BTreeMap<String, Vec<(String, bool)>>,
    spf: BTreeMap<String, String>,
}

impl Fate {
    fn with(folder: &Path, keys: &Value, zones: Value) -> Self {
        let work = tempfile::tempdir_in(folder).expect("a temporary folder");
        let addresses = [FROM_XSERVER[0], FROM_XSERVER[1], FROM_MAKESHOP, FORWARDER];
        let answer = tools::python(
            "mail_at_bind.py",
            &json!({ "folder": work.path(), "zones": zones, "domain": DOMAIN, "keys": keys, "addresses": addresses }),
        );
        assert_eq!(answer["strange"], false, "this BIND knows nothing of the world");
        let dmarc = answer["dmarc"].as_str().expect("a DMARC record");
        assert!(!dmarc.contains("adkim") && !dmarc.contains("aspf"), "relaxed alignment: {dmarc}");
        let mut dkim: BTreeMap<String, Vec<(String, bool)>> = BTreeMap::new();
        for row in answer["dkim"].as_array().expect("a list") {
            assert_eq!(row["d"], DOMAIN, "the signing domain is that of From, so it is aligned: {row}");
            let passes = match row["result"].as_str() {
                Some("pass") => true,
                // dkimpy does not say why.
                Some("fail" | "key not found in DNS") => false,
                _ => panic!("a fault that is not about the zone: {row}"),
            };
            dkim.entry(row["selector"].as_str().expect("a word").to_owned())
                .or_default()
                .push((row.to_string(), passes));
        }
        let spf = serde_json::from_value(answer["spf"].clone()).expect("results by address");
        Self { dkim, spf }
    }

    /// All signers and verifiers say the same of mail with that selector.
    fn dkim_passes(&self, selector: &str) -> bool {
        let rows = &self.dkim[selector];
        assert_eq!(rows.len(), 4, "signed by dkimpy and OpenDKIM, verified by both");
        let passed = rows.iter().filter(|(_, passes)| *passes).count();
        assert!(passed == 0 || passed == 4, "they disagree: {rows:#?}");
        passed == 4
    }

    /// The domain of the Return-Path is that of From, so a pass is aligned.
    fn spf_passes(&self, address: &str) -> bool {
        self.spf[address] == "pass"
    }

    /// One aligned pass is enough (RFC 9989).
    fn dmarc_passes(&self, selector: &str, address: &str) -> bool {
        self.dkim_passes(selector) || self.spf_passes(address)
    }
}

#[test]
fn mail_of_both_services_passes_with_the_keyzone_and_not_without() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    let (xserver, makeshop) = (at("xserver.pem"), at("makeshop.pem"));
    let (xserver_key, makeshop_key) = (new_key(&xserver), new_key(&makeshop));

    // The example, with keys whose private halves are at hand.
    fs::create_dir(at("keys")).expect("a new folder");
    fs::write(at("keys/xserver.txt"), &xserver_key).expect("a written file");
    for site in ["site.toml", "without-keyzone.toml"] {
        fs::copy(root().join("examples/hogehoge").join(site), at(site)).expect("a copied file");
    }

    // With the keyzone the form holds every record.
    let (code, _) = output_of(zoneplan().args(["build", "-o"]).arg(at("out/")).arg(at("site.toml")));
    assert_eq!(code, Some(0));
    let own = fs::read_to_string(at("out").join("hogehoge.com.zone")).expect("the zone");
    let keyzone = fs::read_to_string(at("out").join("hogehoge.com.keyzone.zone")).expect("the keyzone");
    let (held, refused_by_form) = as_the_form_holds_it(&own);
    assert_eq!(refused_by_form, [""; 0]);
    assert_eq!(refused(&at("site.toml")), refused_by_form);

    // Without it, all but the two that the mail is about.
    let (code, without) = output_of(zoneplan().arg("build").arg(at("without-keyzone.toml")));
    assert_eq!(code, Some(1));
    let (held_without, refused_by_form) = as_the_form_holds_it(&without);
    assert_eq!(refused_by_form, ["default._domainkey.hogehoge.com TXT", "shop12._domainkey.hogehoge.com CNAME"]);
    assert_eq!(refused(&at("without-keyzone.toml")), refused_by_form);

    let zones = Zones(folder.path().to_owned());
    let own = zones.write("own", DOMAIN, &held);
    let own_without = zones.write("own-without", DOMAIN, &held_without);
    let keyzone = zones.write("keyzone", "agency.example", &keyzone);
    // Stand-ins: what the two companies publish, with reserved addresses.
    let (one, two) = makeshop_key.split_at(255);
    let makeshop_zone = format!(
        "shop12._domainkey TXT \"{one}\" \"{two}\"\nspf TXT \"v=spf1 ip4:{FROM_MAKESHOP} -all\"\nhogehoge.com.cn A 203.0.113.20\n"
    );
    let xserver_zone =
        format!("sv14166 A {}\nspf.sender TXT \"v=spf1 ip4:{} -all\"\n", FROM_XSERVER[0], FROM_XSERVER[1]);
    let makeshop_zone = zones.write("makeshop", "makeshop.jp", &makeshop_zone);
    let xserver_zone = zones.write("xserver", "xserver.jp", &xserver_zone);
    let keys = json!({ "default": xserver, "shop12": makeshop });
    let fate = |own: &Value, keyzone: Option<&Value>| {
        let mut zones = json!({ DOMAIN: own, "makeshop.jp": makeshop_zone, "xserver.jp": xserver_zone });
        if let Some(keyzone) = keyzone {
            zones["agency.example"] = keyzone.clone();
        }
        Fate::with(folder.path(), &keys, zones)
    };

    let with = fate(&own, Some(&keyzone));
    let without = fate(&own_without, None);
    let given_up = fate(&own, None);
    let services = [("default", FROM_XSERVER[0]), ("default", FROM_XSERVER[1]), ("shop12", FROM_MAKESHOP)];
    for (selector, address) in services {
        assert!(with.dkim_passes(selector), "{selector}: {:#?}", with.dkim);
        assert!(!without.dkim_passes(selector), "{selector}: {:#?}", without.dkim);
        // Whoever holds the keyzone carries the DKIM.
        assert!(!given_up.dkim_passes(selector), "{selector}: {:#?}", given_up.dkim);
        for fate in [&with, &without, &given_up] {
            // SPF needs no keyzone, and DMARC passes by it alone until the mail is forwarded.
            assert!(fate.spf_passes(address), "{address}: {:?}", fate.spf);
            assert_eq!(fate.spf[FORWARDER], "softfail");
            assert!(fate.dmarc_passes(selector, address));
        }
        assert!(with.dmarc_passes(selector, FORWARDER));
        assert!(!without.dmarc_passes(selector, FORWARDER));
        assert!(!given_up.dmarc_passes(selector, FORWARDER));
    }
}
