//! Domain Connect templates, whole: each is read, lists its variables, is the same in our own form, and gives, with made-up values, the
//! records that the specification says. The templates are those of `tests/domain-connect`; with `ZONEPLAN_DOMAIN_CONNECT=FOLDER` those of
//! that folder too, and what came of each is printed (`cargo test --test domain_connect -- --nocapture`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use zoneplan::build::{Overrides, build};
use zoneplan::catalogue::sender::{self, Sender};
use zoneplan::catalogue::{Catalogue, domain_connect};
use zoneplan::mail::spf;
use zoneplan::report::{Finding, Severity, Sources};
use zoneplan::site::InMemory;
use zoneplan::toml_reader::Sink;
use zoneplan::zone::{Name, Rdata, Rtype};

/// A template and where it comes from.
struct Template {
    name: String,
    text: String,
    json: Value,
}

fn templates() -> Vec<Template> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/domain-connect");
    let more = std::env::var_os("ZONEPLAN_DOMAIN_CONNECT").map(PathBuf::from);
    let mut paths: Vec<PathBuf> = Vec::new();
    for folder in std::iter::once(own).chain(more) {
        let entries = fs::read_dir(&folder).expect("the folder").map(|e| e.expect("an entry").path());
        paths.extend(entries.filter(|p| p.extension().is_some_and(|e| e == "json")));
    }
    paths.sort();
    assert!(paths.len() >= 5, "few templates");
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("UTF-8");
        let json = serde_json::from_str(&text).expect("JSON");
        Template { name: path.file_name().expect("a name").to_string_lossy().into_owned(), text, json }
    };
    paths.into_iter().map(read).collect()
}

fn show(finding: &Finding, sources: &Sources) -> String {
    let place = finding.primary().map_or(String::new(), |s| {
        let (line, column) = sources.line_column(s.file, s.start);
        format!("{}:{line}:{column}: ", sources.name(s.file))
    });
    format!("{place}{} [{}]", finding.title.en, finding.id)
}

/// The template as ours.
fn read(template: &Template) -> Sender {
    let mut sources = Sources::default();
    let sink = Sink::new(sources.add(&template.name, template.text.clone()));
    let sender = domain_connect::parse(&template.text, &sink);
    let errors: Vec<String> =
        sink.into_findings().iter().filter(|f| f.severity == Severity::Error).map(|f| show(f, &sources)).collect();
    assert!(errors.is_empty(), "{}:\n{}", template.name, errors.join("\n"));
    sender.expect("a template without errors")
}

/// The variables by the specification's grammar: `%name%`, letters, digits, - and _; without the built-in three.
fn variables(json: &Value) -> BTreeSet<String> {
    let pattern = regex_lite::Regex::new("%([A-Za-z0-9_-]+)%").expect("a pattern");
    let mut found = BTreeSet::new();
    for record in json["records"].as_array().expect("records") {
        for (field, value) in record.as_object().expect("an object") {
            let text = value.as_str().filter(|_| !matches!(field.as_str(), "groupId" | "type"));
            found.extend(text.into_iter().flat_map(|t| pattern.captures_iter(t)).map(|c| c[1].to_owned()));
        }
    }
    found.retain(|name| !matches!(name.as_str(), "domain" | "host" | "fqdn"));
    found
}

#[test]
fn each_lists_its_variables() {
    for template in templates() {
        let sender = read(&template);
        let listed: BTreeSet<String> =
            sender.variables.iter().map(|v| v.name.strip_prefix("dc-").unwrap_or(&v.name).to_owned()).collect();
        assert_eq!(listed, variables(&template.json), "{}", template.name);
        for variable in &sender.variables {
            assert!(!variable.what.is_empty() && !variable.find.is_empty(), "{}: {}", template.name, variable.name);
            let normal = zoneplan::catalogue::variables::normal(variable, &variable.example);
            assert_eq!(normal.as_ref(), Ok(&variable.example), "{}: {}", template.name, variable.name);
        }
    }
}

/// `Debug` of a template without its places.
fn without_places(sender: &Sender) -> String {
    let place =
        regex_lite::Regex::new(r"Span \{ file: FileId\([0-9]+\), start: [0-9]+, end: [0-9]+ \}").expect("a pattern");
    place.replace_all(&format!("{sender:?}"), "").into_owned()
}

#[test]
fn each_is_the_same_in_our_form() {
    for template in templates() {
        let from_json = read(&template);
        let text = domain_connect::write(&from_json);
        let mut sources = Sources::default();
        let sink = Sink::new(sources.add("x.toml", text.clone()));
        let from_toml = sender::parse(&text, &sink);
        let findings: Vec<String> = sink.into_findings().iter().map(|f| show(f, &sources)).collect();
        assert!(findings.is_empty(), "{}:\n{}\n{text}", template.name, findings.join("\n"));
        let from_toml = from_toml.expect("a template without findings");
        assert_eq!(without_places(&from_toml), without_places(&from_json), "{}\n{text}", template.name);
    }
}

type Fact = (Name, Rtype, Rdata);

/// What building gave: the active records, those that lost a conflict, and the findings.
struct Built {
    active: BTreeSet<Fact>,
    lost: BTreeSet<Fact>,
    findings: Vec<(Severity, String)>,
    zone: String,
}

/// Builds a site that uses a template at `host` below example.com, with these values.
fn built(template: &Template, sender: &Sender, host: &str) -> Built {
    let mut site =
        "domain = \"example.com\"\ngmail-per-day = 100\n[[sender]]\nprovider = \"template.json\"\n".to_owned();
    if !host.is_empty() {
        site.push_str(&format!("subdomain = {host:?}\n"));
    }
    for variable in &sender.variables {
        site.push_str(&format!("{} = {:?}\n", variable.name, variable.example));
    }
    let files = InMemory::site(site.clone()).and("template.json", template.text.clone());
    let run = build("site.toml", &files, &Catalogue::embedded(), &Overrides::default(), |built| {
        let zone = &built.fitted.own.composed;
        let records = zone.rrsets.iter().flat_map(|s| s.records());
        let fact = |r: &zoneplan::zone::Record| (r.name.clone(), r.rtype, r.rdata.to_lowercase(r.rtype));
        let active = records.map(|r| fact(&r)).collect();
        let lost = zone.losers.iter().map(|l| fact(&l.record)).collect();
        let text =
            zone.rrsets.iter().flat_map(|s| s.records()).map(|r| {
                format!("{}. {} {} {}\n", r.name.display_without_dot(), r.ttl, r.rtype, r.rdata.present(r.rtype))
            });
        (active, lost, text.collect::<String>())
    });
    let findings: Vec<(Severity, String)> = run.findings.iter().map(|f| (f.severity, show(f, &run.sources))).collect();
    let Some((active, lost, zone)) = run.product else {
        panic!("{}: nothing was built of\n{site}\n{findings:#?}", template.name)
    };
    Built { active, lost, findings, zone }
}

/// An owner by the specification: `@` or nothing is the applied name; a final dot makes it whole; else it is relative.
fn owner(text: &str, fqdn: &str) -> Name {
    let whole = match text {
        "" | "@" => fqdn.to_owned(),
        text => text.strip_suffix('.').map_or_else(|| format!("{text}.{fqdn}"), str::to_owned),
    };
    Name::parse_absolute(whole).expect("a name").to_lowercase()
}

/// What the specification says becomes of a template: its records, and the names with the SPF terms that they get.
fn expected(json: &Value, sender: &Sender, host: &str) -> (BTreeSet<Fact>, Vec<(Name, String)>) {
    let fqdn = if host.is_empty() { "example.com".to_owned() } else { format!("{host}.example.com") };
    let mut values: BTreeMap<&str, &str> =
        sender.variables.iter().map(|v| (v.name.strip_prefix("dc-").unwrap_or(&v.name), &*v.example)).collect();
    values.extend([("domain", "example.com"), ("host", host), ("fqdn", &fqdn)]);
    let pattern = regex_lite::Regex::new("%([A-Za-z0-9_-]+)%").expect("a pattern");
    let field = |record: &Value, key: &str| {
        let text = record[key].as_str().map_or_else(|| record[key].to_string(), str::to_owned);
        let value = |c: &regex_lite::Captures<'_>| values[&c[1]].to_owned();
        pattern.replace_all(&text, value).into_owned()
    };
    let (mut records, mut terms) = (BTreeSet::new(), Vec::new());
    for record in json["records"].as_array().expect("records") {
        let rtype = record["type"].as_str().expect("a type");
        let host = record["host"].as_str().map(|_| field(record, "host")).unwrap_or_default();
        let target = |key: &str| match field(record, key).as_str() {
            "@" => format!("{fqdn}."),
            text if text.ends_with('.') => text.to_owned(),
            text => format!("{text}."),
        };
        let (name, rtype, data) = match rtype {
            "SPFM" => {
                terms.push((owner(&host, &fqdn), field(record, "spfRules")));
                continue;
            }
            "REDIR301" | "REDIR302" => continue,
            "CNAME" | "APEXCNAME" => (host, Rtype::CNAME, target("pointsTo")),
            "NS" => (host, Rtype::NS, target("pointsTo")),
            "A" => (host, Rtype::A, field(record, "pointsTo")),
            "AAAA" => (host, Rtype::AAAA, field(record, "pointsTo")),
            "MX" => (host, Rtype::MX, format!("{} {}", field(record, "priority"), target("pointsTo"))),
            "SRV" => {
                let [priority, weight, port] = ["priority", "weight", "port"].map(|key| field(record, key));
                let base = field(record, "name");
                let own = [field(record, "service"), field(record, "protocol")].join(".");
                let name = if matches!(base.as_str(), "" | "@") { own } else { format!("{own}.{base}") };
                let target = if record["target"] == "." { ".".to_owned() } else { target("target") };
                (name, Rtype::SRV, format!("{priority} {weight} {port} {target}"))
            }
            "TXT" => {
                let data = field(record, "data");
                let text = if data.starts_with('"') || data.contains('\\') {
                    let zone_text = if data.starts_with('"') { data } else { format!("\"{data}\"") };
                    Rdata::parse(Rtype::TXT, zone_text, None).expect("TXT").txt_joined()
                } else {
                    data.into_bytes()
                };
                if spf::is_spf(&text) {
                    terms.push((owner(&host, &fqdn), String::from_utf8(text).expect("UTF-8")));
                } else {
                    records.insert((owner(&host, &fqdn), Rtype::TXT, Rdata::txt(&text).expect("TXT")));
                }
                continue;
            }
            other => (host, other.parse().expect("a type"), field(record, "data")),
        };
        let rdata = Rdata::parse(rtype, data, Some(&Name::root())).expect("data").to_lowercase(rtype);
        records.insert((owner(&name, &fqdn), rtype, rdata));
    }
    (records, terms)
}

/// Where a template may be applied: at the domain, unless it says that it can't be, and below it.
fn hosts(sender: &Sender) -> &'static [&'static str] {
    if sender.host_required { &["shop"] } else { &["", "shop"] }
}

#[test]
fn each_gives_the_records_that_the_specification_says() {
    for template in templates() {
        let sender = read(&template);
        for host in hosts(&sender) {
            let place = format!("{} at {host:?}", template.name);
            let built = built(&template, &sender, host);
            let (records, terms) = expected(&template.json, &sender, host);
            let is_spf = |(_, rtype, rdata): &&Fact| *rtype == Rtype::TXT && spf::is_spf(&rdata.txt_joined());
            let got: BTreeSet<&Fact> = built.active.iter().chain(&built.lost).filter(|f| !is_spf(f)).collect();
            assert_eq!(got, records.iter().collect(), "{place}");
            if !built.lost.is_empty() {
                // What is not active is told.
                assert!(built.findings.iter().any(|(s, _)| *s == Severity::Error), "{place}: {:#?}", built.lost);
            }
            for (name, rules) in &terms {
                let text = built.active.iter().filter(is_spf).find(|f| f.0 == *name).map(|f| f.2.txt_joined());
                let text = text.unwrap_or_else(|| panic!("{place}: no SPF at {}", name.display_without_dot()));
                let (published, rules) = (spf::Record::parse(&text), spf::Record::parse(rules.as_bytes()));
                assert!(published.problems().is_empty(), "{place}: {}", String::from_utf8_lossy(&text));
                let domain = name.display_without_dot().to_string();
                let has: Vec<String> = published.terms().iter().map(|t| t.normal(&domain).to_string()).collect();
                for term in rules.terms().iter().filter(|t| !spf::is_all(&t.raw)) {
                    let wanted = term.normal(&domain).to_string();
                    assert!(has.contains(&wanted), "{place}: {wanted} is not in {has:?}");
                }
            }
            let spf_names: BTreeSet<&Name> = built.active.iter().filter(is_spf).map(|f| &f.0).collect();
            assert_eq!(spf_names, terms.iter().map(|t| &t.0).collect(), "{place}");
            for (severity, text) in &built.findings {
                println!("{place}: {severity:?}: {text}");
            }
        }
    }
}

/// `zoneplan providers import` in a folder.
fn import(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_zoneplan"))
        .args(["providers", "import"])
        .args(args)
        .current_dir(folder)
        .env_clear()
        .output()
        .expect("zoneplan runs");
    let text = |octets: Vec<u8>| String::from_utf8(octets).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_file_that_fails_does_not_stop_the_others() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    let good = |service: &str| {
        format!(
            "{{\"providerId\": \"example.net\", \"providerName\": \"Example\", \"serviceId\": \"{service}\", \"serviceName\": \"x\",\n\"records\": [{{\"type\": \"A\", \"host\": \"@\", \"pointsTo\": \"192.0.2.1\"}}]}}"
        )
    };
    fs::write(at("a.json"), good("a")).expect("a written file");
    fs::write(at("broken.json"), good("b").replace("192.0.2.1", "192.0.2.256")).expect("a written file");
    fs::write(at("c.json"), good("c")).expect("a written file");
    fs::write(at("again.json"), good("a")).expect("a written file");
    let files = ["a.json", "broken.json", "missing.json", "c.json", "again.json"];
    let short = ["-o", "out", "--message-format", "short"];
    let (code, stdout, stderr) = import(folder.path(), &[&files[..], &short].concat());
    assert_eq!((code, stdout.as_str()), (Some(1), ""), "{stderr}");
    let told: Vec<&str> = stderr.lines().collect();
    assert_eq!(
        told,
        [
            "broken.json:2:52: error[domain-connect-value]: `pointsTo` of A is an IPv4 address, not `192.0.2.256`",
            "error[template-file]: missing.json: there is no such file",
            "error[output]: out/example.net.a.toml was not written: a.json is the template `example.net.a` too",
        ]
    );
    let mut written: Vec<_> =
        fs::read_dir(at("out")).expect("the folder").map(|e| e.expect("an entry").file_name()).collect();
    written.sort();
    assert_eq!(written, ["example.net.a.toml", "example.net.c.toml"]);
    // The same again is no harm; what somebody changed is not replaced.
    fs::write(at("out/example.net.c.toml"), "mine").expect("a written file");
    let (code, _, stderr) = import(folder.path(), &[&["a.json", "c.json"][..], &short].concat());
    assert_eq!(code, Some(1));
    assert_eq!(
        stderr,
        "error[output]: out/example.net.c.toml was not written: there is another file of that name; move it away first\n"
    );
    assert_eq!(fs::read_to_string(at("out/example.net.c.toml")).expect("a file"), "mine");
    // Nothing could be done.
    assert_eq!(import(folder.path(), &["broken.json"]).0, Some(2));
    assert_eq!(import(folder.path(), &["missing.json"]).0, Some(2));
    let (code, stdout, stderr) = import(folder.path(), &["a.json", "c.json"]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert!(stderr.contains("-o providers/"), "{stderr}");
    let (code, stdout, _) = import(folder.path(), &["a.json"]);
    assert_eq!((code, stdout), (Some(0), fs::read_to_string(at("out/example.net.a.toml")).expect("a file")));
}

/// What is active loads in BIND, whatever the template.
#[cfg(feature = "servers")]
#[test]
fn each_gives_a_zone_that_bind_accepts() {
    const HEADER: &str = "$TTL 3600\n@ SOA ns1.wrap.invalid. hostmaster.wrap.invalid. 1 7200 3600 1209600 3600\n@ NS ns1.wrap.invalid.\n@ NS ns2.wrap.invalid.\n";
    let folder = tempfile::tempdir().expect("a temporary folder");
    for template in templates() {
        let sender = read(&template);
        for host in hosts(&sender) {
            let zone = format!("{HEADER}{}", built(&template, &sender, host).zone);
            let file = folder.path().join("zone");
            fs::write(&file, &zone).expect("a written file");
            let output = std::process::Command::new("named-checkzone")
                .args(["-i", "local", "example.com"])
                .arg(&file)
                .output()
                .expect("named-checkzone must be installed (Debian: bind9-utils)");
            let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
            let good = |line: &str| line == "OK" || line.starts_with("zone example.com/IN: loaded serial ");
            assert!(
                output.status.success() && said.lines().all(good),
                "{} at {host:?}:\n{said}\n{zone}",
                template.name
            );
        }
    }
}
