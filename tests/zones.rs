//! Every zone that an example or a case builds is loaded by BIND and NSD and read back by dnspython: the records of the JSON, no more and no less.
//!
//! Needs `named-checkzone`, `nsd-checkzone` and tests/.venv, and fails without them.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop; clippy does not see that helpers outside #[test] are tests too"
)]

mod tools;

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};

/// What wrap-zone puts around the records.
const WRAPPED: [(&str, &str); 3] =
    [("SOA", "ns1.wrap.invalid."), ("NS", "ns1.wrap.invalid."), ("NS", "ns2.wrap.invalid.")];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A command line that builds something.
struct Site {
    /// Where it is given.
    folder: PathBuf,
    /// The command, without where the product goes and how it looks.
    args: Vec<String>,
    exit: Option<i32>,
    /// Lines that the name servers may print besides their success.
    allowed: Vec<String>,
}

impl Site {
    fn label(&self) -> String {
        let folder = self.folder.strip_prefix(root()).unwrap_or(&self.folder);
        format!("{}: {}", folder.display(), self.args.join(" "))
    }

    /// Builds into a new folder.
    fn build(&self, format: &str, into: &Path, more: &[&str]) {
        fs::create_dir(into).expect("a new folder");
        let output = Command::new(env!("CARGO_BIN_EXE_zoneplan"))
            .args(&self.args)
            .args(["--format", format, "-o"])
            .arg(into)
            .args(more)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .output()
            .expect("zoneplan runs");
        let code = output.status.code();
        let shown = String::from_utf8_lossy(&output.stderr);
        let label = self.label();
        assert!(code == Some(0) || code == Some(1), "{label}: exit code {code:?}\n{shown}");
        assert!(self.exit.is_none() || self.exit == code, "{label}: exit code {code:?}, not {:?}\n{shown}", self.exit);
    }

    /// What the JSON says of each zone.
    fn zones(&self, into: &Path) -> Vec<Value> {
        self.build("json", into, &[]);
        let files = files(into, "json").into_iter();
        let zones = files.flat_map(|text| {
            let document: Value =
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", self.label()));
            document["zones"].as_array().expect("zones").clone()
        });
        zones.collect()
    }
}

/// The texts of the files with that ending.
fn files(folder: &Path, ending: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("zoneplan made the folder").map(|entry| entry.expect("an entry").path());
    let files = entries.filter(|path| path.extension() == Some(OsStr::new(ending)));
    files.map(|path| fs::read_to_string(path).expect("UTF-8")).collect()
}

fn lines(path: &Path) -> Vec<String> {
    fs::read_to_string(path).map(|text| text.lines().map(str::to_owned).collect()).unwrap_or_default()
}

fn folders(below: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(below) else { return Vec::new() };
    let mut folders: Vec<PathBuf> =
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn examples() -> Vec<Site> {
    let mut all = Vec::new();
    for folder in folders(&root().join("examples")) {
        let entries = fs::read_dir(&folder).expect("the folder").map(|entry| entry.expect("an entry").file_name());
        let names = entries.map(|name| name.into_string().expect("UTF-8"));
        // What sites extend is no site.
        let is_site = |name: &String| lines(&folder.join(name)).iter().any(|line| line.starts_with("domain = "));
        let mut names: Vec<String> = names.filter(|name| name.ends_with(".toml")).filter(is_site).collect();
        names.sort();
        all.extend(names.into_iter().map(|name| Site {
            folder: folder.clone(),
            args: vec!["build".to_owned(), name],
            exit: None,
            allowed: Vec::new(),
        }));
    }
    all
}

/// The cases that give a zone: those whose `exit` is not 2. `args` holds the command, one word a line; `server-output`, for a zone that is
/// wanted although a name server warns, how the lines end that it prints.
fn cases() -> Vec<Site> {
    let cases = folders(&root().join("tests/cases")).into_iter().filter_map(|folder| {
        let exit = lines(&folder.join("exit")).first()?.trim().to_owned();
        let exit = exit.parse().unwrap_or_else(|_| panic!("{}: `exit` holds no number", folder.display()));
        let mut args = lines(&folder.join("args"));
        if args.is_empty() {
            args = ["build", "site.toml"].map(str::to_owned).to_vec();
        }
        let help = args.iter().any(|arg| arg == "--help" || arg == "-h");
        if exit == 2 || help || !args.iter().any(|arg| arg == "build") {
            return None;
        }
        let allowed = lines(&folder.join("server-output"));
        // The formats of other tools have findings of their own.
        let exit = (!args.iter().any(|arg| arg == "--format")).then_some(exit);
        Some(Site { args: building_args(args), exit, allowed, folder })
    });
    cases.collect()
}

/// Leaves out where the product goes, how it looks and `--complete`: those are this test's.
fn building_args(args: Vec<String>) -> Vec<String> {
    let with_value = ["-o", "--output", "--format", "--ns", "--serial", "--message-format", "--report", "--for"];
    let mut kept = Vec::new();
    let mut args = args.into_iter().filter(|arg| !arg.is_empty());
    while let Some(arg) = args.next() {
        if with_value.contains(&arg.as_str()) {
            let _ = args.next();
        } else if arg != "--complete" && !with_value.iter().any(|name| arg.starts_with(&format!("{name}="))) {
            kept.push(arg);
        }
    }
    kept
}

/// The zone files in a folder: origin → text.
fn zone_files(folder: &Path) -> BTreeMap<String, String> {
    let zones = files(folder, "zone").into_iter().map(|text| {
        let origin = text.lines().find_map(|line| line.strip_prefix("$ORIGIN ")).expect("a line $ORIGIN");
        (origin.trim_end_matches('.').to_owned(), text)
    });
    zones.collect()
}

fn wrap(origin: &str, records: &str, to: &Path) {
    let from = to.with_extension("records");
    fs::write(&from, records).expect("a written file");
    let output = Command::new(root().join("tests/wrap-zone"))
        .arg(origin)
        .stdin(fs::File::open(from).expect("the file"))
        .output()
        .expect("tests/wrap-zone runs");
    assert!(output.status.success(), "tests/wrap-zone: {}", String::from_utf8_lossy(&output.stderr));
    fs::write(to, output.stdout).expect("a written file");
}

/// Loads the zone in both servers; all that they may say is that it is good.
fn load(label: &str, origin: &str, file: &Path, allowed: &[String]) {
    let bind = |line: &str| line == "OK" || line.starts_with(&format!("zone {origin}/IN: loaded serial "));
    let nsd = |line: &str| line == format!("zone {origin} is ok");
    check(label, "named-checkzone", "bind9-utils", &["-i", "local", origin], file, allowed, &bind);
    check(label, "nsd-checkzone", "nsd", &[origin], file, allowed, &nsd);
}

fn check(
    label: &str,
    tool: &str,
    package: &str,
    args: &[&str],
    file: &Path,
    allowed: &[String],
    good: &dyn Fn(&str) -> bool,
) {
    // Debian keeps nsd-checkzone where only root looks.
    let path = format!("{}:/usr/local/sbin:/usr/sbin", std::env::var("PATH").unwrap_or_default());
    let output = match Command::new(tool).args(args).arg(file).env("PATH", path).stdin(Stdio::null()).output() {
        Err(error) if error.kind() == ErrorKind::NotFound => panic!("{tool} must be installed (Debian: {package})"),
        other => other.unwrap_or_else(|error| panic!("{tool}: {error}")),
    };
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    let other: Vec<&str> =
        said.lines().filter(|line| !good(line) && !allowed.iter().any(|allowed| line.ends_with(allowed))).collect();
    assert!(
        output.status.success() && other.is_empty() && said.lines().any(good),
        "{label}: {tool} is not content with {}: {}\n{said}\n{}",
        args.join(" "),
        output.status,
        fs::read_to_string(file).unwrap_or_default()
    );
}

/// (owner, type, TTL, RDATA, text of a TXT) of a record of the JSON or of tests/tools/read_zone.py.
type Fact = (String, String, u64, String, Option<String>);

fn facts(label: &str, records: &Value) -> BTreeSet<Fact> {
    let word =
        |record: &Value, key: &str| record[key].as_str().unwrap_or_else(|| panic!("{key} of {record}")).to_owned();
    let records = records.as_array().expect("a list of records");
    let facts: BTreeSet<Fact> = records
        .iter()
        .map(|record| {
            let ttl = record["ttl"].as_u64().expect("a TTL");
            let text = record["text"].as_str().map(str::to_owned);
            (word(record, "name").to_lowercase(), word(record, "type"), ttl, word(record, "octets"), text)
        })
        .collect();
    assert_eq!(facts.len(), records.len(), "{label}: a record stands there twice");
    facts
}

/// The strings of a TXT, read from its RDATA: a length, then as many octets.
fn strings(octets: &str) -> Vec<Vec<u8>> {
    let digits: Vec<char> = octets.chars().collect();
    let octets: Vec<u8> = digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).expect("hexadecimal"))
        .collect();
    let mut strings = Vec::new();
    let mut rest = octets.as_slice();
    while let Some((length, after)) = rest.split_first() {
        let (string, after) = after.split_at_checked(usize::from(*length)).expect("strings that fill the RDATA");
        strings.push(string.to_vec());
        rest = after;
    }
    strings
}

fn check_txt(label: &str, facts: &BTreeSet<Fact>) {
    for (name, rtype, _, octets, text) in facts {
        assert_eq!(rtype == "TXT", text.is_some(), "{label}: {name} {rtype}: only a TXT has a text");
        if let Some(text) = text {
            let strings = strings(octets);
            assert!(
                strings.iter().all(|string| string.len() <= 255),
                "{label}: {name}: a string of more than 255 octets"
            );
            let joined: String = strings.concat().iter().map(|octet| format!("{octet:02x}")).collect();
            assert_eq!(&joined, text, "{label}: {name}: the strings do not make the text");
        }
    }
}

/// Wire form of a name in hexadecimal.
fn wire(name: &str) -> String {
    let labels = name.trim_end_matches('.').split('.').map(|label| {
        let octets: String = label.bytes().map(|octet| format!("{octet:02x}")).collect();
        format!("{:02x}{octets}", label.len())
    });
    labels.collect::<String>() + "00"
}

#[test]
fn every_zone_loads_and_reads_back() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut sites = examples();
    assert!(sites.len() > 3, "examples/ has {} sites", sites.len());
    sites.extend(cases());
    let mut jobs = Vec::new();
    let mut wanted = Vec::new();
    for (index, site) in sites.iter().enumerate() {
        let label = site.label();
        let out = folder.path().join(index.to_string());
        site.build("zone", &out, &[]);
        let files = zone_files(&out);
        let zones = site.zones(&folder.path().join(format!("{index}-json")));
        let origins: BTreeSet<&str> = zones.iter().map(|zone| zone["origin"].as_str().expect("an origin")).collect();
        assert_eq!(origins, files.keys().map(String::as_str).collect(), "{label}: one file for each zone");
        for zone in &zones {
            let origin = zone["origin"].as_str().expect("an origin");
            let file = out.join(format!("{}.wrapped", jobs.len()));
            wrap(origin, &files[origin], &file);
            load(&label, origin, &file, &site.allowed);
            jobs.push(json!({ "origin": origin, "file": file }));
            wanted.push((label.clone(), origin.to_owned(), facts(&label, &zone["records"])));
        }
    }
    let answers = tools::python("read_zone.py", &Value::from(jobs));
    let answers = answers.as_array().expect("a list");
    assert_eq!(answers.len(), wanted.len());
    for ((label, origin, wanted), answer) in wanted.iter().zip(answers) {
        assert!(answer["error"].is_null(), "{label}: dnspython does not read the zone {origin}: {}", answer["error"]);
        check_txt(label, wanted);
        let mut got = facts(label, &answer["records"]);
        let before = got.len();
        got.retain(|(name, rtype, _, octets, _)| {
            !(name == &origin.to_lowercase()
                && WRAPPED.iter().any(|(wrapped, host)| rtype == wrapped && octets.starts_with(&wire(host))))
        });
        assert_eq!(before - got.len(), WRAPPED.len(), "{label}: SOA and NS of the wrapping");
        let lost: Vec<_> = wanted.difference(&got).collect();
        let foreign: Vec<_> = got.difference(wanted).collect();
        assert!(
            lost.is_empty() && foreign.is_empty(),
            "{label}: zone {origin}: only in the JSON: {lost:#?}, only in the zone as read back: {foreign:#?}"
        );
    }
    assert!(wanted.len() > 3, "only {} zones were checked", wanted.len());
}

#[test]
fn complete_examples_load_as_they_are() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (index, site) in examples().iter().enumerate() {
        let label = site.label();
        let out = folder.path().join(index.to_string());
        site.build("zone", &out, &["--complete", "--ns", "ns1.hosting.example", "--ns", "ns2.hosting.example"]);
        let zones = site.zones(&folder.path().join(format!("{index}-json")));
        let origin = zones[0]["origin"].as_str().expect("an origin");
        let file = out.join("complete");
        fs::write(&file, &zone_files(&out)[origin]).expect("a written file");
        load(&label, origin, &file, &[]);
    }
}

#[test]
fn the_same_input_gives_the_same_octets() {
    let surroundings: [&[(&str, &str)]; 4] = [
        &[],
        &[("TZ", "Pacific/Kiritimati"), ("LANG", "ja_JP.UTF-8"), ("LC_ALL", "ja_JP.UTF-8")],
        &[("TZ", "America/Los_Angeles"), ("LANG", "en_US.UTF-8"), ("LC_MESSAGES", "de_DE"), ("COLUMNS", "40")],
        &[("LANG", "C"), ("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")],
    ];
    for site in examples() {
        for format in
            ["zone", "table", "json", "csv", "dnscontrol", "terraform-aws", "terraform-cloudflare", "nsupdate"]
        {
            let stdout = |variables: &[(&str, &str)]| {
                let mut command = Command::new(env!("CARGO_BIN_EXE_zoneplan"));
                for name in ["TZ", "LANG", "LC_ALL", "LC_MESSAGES", "LANGUAGE", "COLUMNS", "NO_COLOR", "CLICOLOR_FORCE"]
                {
                    command.env_remove(name);
                }
                command.args(&site.args).args(["--format", format]).envs(variables.iter().copied());
                command.current_dir(&site.folder).stdin(Stdio::null()).output().expect("zoneplan runs").stdout
            };
            let first = stdout(&[]);
            assert!(!first.is_empty(), "{}: {format}: nothing on standard output", site.label());
            for variables in surroundings {
                assert!(stdout(variables) == first, "{}: {format}: other octets with {variables:?}", site.label());
            }
        }
    }
}
