//! Snippets of zone text with every type and every trick (tests/zone-text): zoneplan reads the same records as BIND, or refuses as BIND does.
//! ldns, dnspython and the crate `domain` are heard as well. Each difference stands beside its snippet with the reason; one that is no more
//! fails too.
//!
//! Needs `named-compilezone`, `ldns-read-zone` and tests/.venv, and fails without them.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop; clippy does not see that helpers outside #[test] are tests too"
)]

#[path = "tools/bind.rs"]
mod bind;
mod tools;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, panic,
    path::{Path, PathBuf},
    process::Command,
};

use domain::zonefile::inplace::{Entry, Zonefile};
use serde::Deserialize;
use serde_json::{Value, json};
use zoneplan::{
    report::Text,
    say,
    zone::{
        MasterFile, Name, NoteKind, Rdata, Rtype,
        master::{Includes, Reader},
    },
};

/// The origin of every snippet.
const ORIGIN: &str = "example.com";

/// What stands before a snippet that is not bare.
const HEAD: &str =
    "$ORIGIN example.com.\n$TTL 3600\n@ IN SOA ns hostmaster 1 7200 3600 1209600 3600\n@ NS ns.example.net.\n";

/// A file of tests/zone-text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    snippet: Vec<Snippet>,
}

/// A snippet and what becomes of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Snippet {
    name: String,
    /// The text, or its octets in hexadecimal.
    #[serde(default)]
    text: String,
    #[serde(default)]
    hex: String,
    /// Whether it is a zone by itself.
    #[serde(default)]
    bare: bool,
    /// Files that it includes.
    #[serde(default)]
    files: BTreeMap<String, String>,
    /// Kinds of notes that zoneplan makes.
    #[serde(default)]
    notes: Vec<String>,
    /// Who differs, and how: "refuses: why", "reads: why" or "other: why".
    #[serde(default)]
    differs: BTreeMap<String, String>,
}

impl Snippet {
    fn octets(&self) -> Vec<u8> {
        let digit = |octet: u8| char::from(octet).to_digit(16).expect("hexadecimal") as u8;
        let octets = match self.hex.as_bytes() {
            [] => self.text.clone().into_bytes(),
            hex => hex.chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect(),
        };
        let head = if self.bare { "" } else { HEAD };
        [head.as_bytes(), &octets].concat()
    }
}

/// Owner, type, data in lower case, and the TTL where it is compared.
type Fact = (Name, String, Vec<u8>, Option<u32>);
/// All records below the origin, or why it is refused.
type Opinion = Result<BTreeSet<Fact>, String>;

fn fact(name: &Name, rtype: Rtype, rdata: &Rdata, ttl: Option<u32>) -> Fact {
    (name.to_lowercase(), rtype.to_string(), rdata.to_lowercase(rtype).octets().to_vec(), ttl)
}

fn without_ttl(opinion: &Opinion) -> Opinion {
    let facts = opinion.as_ref().map_err(String::clone)?;
    Ok(facts.iter().cloned().map(|(name, rtype, data, _)| (name, rtype, data, None)).collect())
}

fn origin() -> Name {
    Name::parse_absolute(ORIGIN).expect("a name")
}

/// The files beside a snippet.
struct Beside<'s>(&'s Snippet, Vec<String>);

impl Includes for Beside<'_> {
    fn open(&mut self, name: &str, from: u32, _: usize) -> Result<Vec<u8>, Text> {
        if self.1[from as usize] == name {
            return Err(say!(en: "itself", ja: "自分自身"));
        }
        let text = self.0.files.get(name).ok_or_else(|| say!(en: "there is none", ja: "ありません"))?;
        self.1.push(name.to_owned());
        Ok(text.clone().into_bytes())
    }
}

/// What zoneplan reads, and the kinds of its notes.
fn ours(snippet: &Snippet, strict: bool) -> (Opinion, Vec<NoteKind>) {
    let octets = snippet.octets();
    let origin = origin();
    let mut beside = Beside(snippet, vec![String::new()]);
    let reader = Reader::new(&octets, &origin).including(&mut beside);
    let file = MasterFile::of(if strict { reader.strict() } else { reader });
    let notes = file.notes.iter().map(|note| note.kind).collect();
    if let Some(fault) = file.faults.first() {
        return (Err(fault.text.en.clone()), notes);
    }
    let inside = file.records.iter().filter(|record| record.name.is_subdomain_of(&origin));
    (Ok(inside.map(|record| fact(&record.name, record.rtype, &record.rdata, record.ttl)).collect()), notes)
}

fn binds(path: &Path) -> Opinion {
    let records = bind::read_file(path, ORIGIN)?;
    Ok(records.iter().map(|record| fact(&record.name, record.rtype, &record.rdata, Some(record.ttl))).collect())
}

/// ldns has to be told the origin in the text.
fn ldns(path: &Path, octets: &[u8]) -> Opinion {
    let path = path.with_extension("ldns");
    fs::write(&path, [b"$ORIGIN example.com.\n", octets].concat()).expect("a written file");
    let output = Command::new("ldns-read-zone")
        .arg(&path)
        .current_dir(path.parent().expect("a folder"))
        .output()
        .expect("ldns-read-zone must be installed (Debian: ldnsutils)");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() || !said.is_empty() {
        return Err(said);
    }
    // It writes owner, TTL, class, type and data with tabs between, names whole.
    let file = MasterFile::read(&output.stdout, &Name::root());
    if let Some(fault) = file.faults.first() {
        return Err(format!("zoneplan cannot read what ldns wrote: {}", fault.text.en));
    }
    let inside = file.records.iter().filter(|record| record.name.is_subdomain_of(&origin()));
    Ok(inside.map(|record| fact(&record.name, record.rtype, &record.rdata, None)).collect())
}

fn dnspython(answer: &Value) -> Opinion {
    if let Some(error) = answer["error"].as_str() {
        return Err(error.to_owned());
    }
    let records = answer["records"].as_array().expect("records");
    let word = |record: &Value, key: &str| record[key].as_str().expect("a word").to_owned();
    let facts = records.iter().map(|record| {
        let name = Name::parse_absolute(word(record, "name")).expect("a name");
        let rtype: Rtype = word(record, "type").parse().expect("a type");
        let hex = word(record, "octets").into_bytes();
        let digit = |octet: u8| char::from(octet).to_digit(16).expect("hexadecimal") as u8;
        let octets: Vec<u8> = hex.chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect();
        // dnspython has no limit for data in text.
        let rdata = Rdata::from_octets(octets).ok_or("too long for a record")?;
        Ok(fact(&name, rtype, &rdata, None))
    });
    let facts: BTreeSet<Fact> = facts.collect::<Result<_, &str>>()?;
    Ok(facts.into_iter().filter(|(name, ..)| name.is_subdomain_of(&origin())).collect())
}

/// The crate `domain`: it wants a class, and leaves `$INCLUDE` to who calls it.
fn domain(octets: &[u8]) -> Opinion {
    use domain::base::{ToName as _, iana::Class, rdata::ComposeRecordData as _};
    let mut file = Zonefile::load(&mut &octets[..]).map_err(|error| error.to_string())?;
    file.set_origin("example.com.".parse().expect("a name"));
    file.set_default_class(Class::IN);
    let mut facts = BTreeSet::new();
    while let Some(entry) = file.next_entry().map_err(|error| error.to_string())? {
        let Entry::Record(record) = entry else { return Err("$INCLUDE".to_owned()) };
        let owner: domain::base::Name<Vec<u8>> = record.owner().to_name();
        let mut data = Vec::new();
        record.data().compose_rdata(&mut data).map_err(|_| "too long".to_owned())?;
        let name = Name::from_wire(owner.as_slice()).ok_or("no name")?;
        let rtype = Rtype(record.rtype().to_int());
        let rdata = Rdata::from_octets(data).ok_or("too long for a record")?;
        if name.is_subdomain_of(&origin()) {
            facts.insert(fact(&name, rtype, &rdata, None));
        }
    }
    Ok(facts)
}

fn snippets() -> Vec<(PathBuf, Snippet)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/zone-text");
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).expect("tests/zone-text").map(|e| e.expect("an entry").path()).collect();
    paths.sort();
    let tomls = paths.into_iter().filter(|path| path.extension().is_some_and(|e| e == "toml"));
    let read = |path: PathBuf| {
        let file: File = toml::from_str(&fs::read_to_string(&path).expect("UTF-8"))
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        file.snippet.into_iter().map(move |snippet| (path.clone(), snippet)).collect::<Vec<_>>()
    };
    tomls.flat_map(read).collect()
}

#[test]
fn every_snippet_is_read_as_others_read_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let snippets = snippets();
    assert!(snippets.len() >= 150, "{} snippets", snippets.len());
    let mut jobs = Vec::new();
    let mut paths = Vec::new();
    for (index, (_, snippet)) in snippets.iter().enumerate() {
        let here = folder.path().join(index.to_string());
        fs::create_dir(&here).expect("a new folder");
        let path = here.join("zone");
        fs::write(&path, snippet.octets()).expect("a written file");
        for (name, text) in &snippet.files {
            fs::write(here.join(name), text).expect("a written file");
        }
        jobs.push(json!({ "origin": ORIGIN, "file": path, "include": true }));
        paths.push(path);
    }
    let answers = tools::python("read_zone.py", &Value::from(jobs));
    let mut wrong = Vec::new();
    for (index, ((file, snippet), path)) in snippets.iter().zip(&paths).enumerate() {
        let label = format!("{}: {}", file.file_stem().expect("a name").to_string_lossy(), snippet.name);
        let (own, notes) = ours(snippet, false);
        let mut notes: Vec<String> = notes.iter().map(|kind| format!("{kind:?}")).collect();
        notes.sort();
        if notes != snippet.notes {
            wrong.push(format!("{label}: notes {notes:?}, not {:?}", snippet.notes));
        }
        let plain = without_ttl(&own);
        let opinions = [
            ("bind", binds(path), &own),
            ("ldns", ldns(path, &snippet.octets()), &plain),
            ("dnspython", dnspython(&answers[index]), &plain),
            (
                "domain",
                panic::catch_unwind(|| domain(&snippet.octets())).unwrap_or_else(|_| Err("it panics".to_owned())),
                &plain,
            ),
        ];
        for (who, opinion, own) in opinions {
            let kind = match (own, &opinion) {
                (Err(_), Err(_)) => None,
                (Ok(own), Ok(theirs)) => (own != theirs).then_some("other"),
                (Ok(_), Err(_)) => Some("refuses"),
                (Err(_), Ok(_)) => Some("reads"),
            };
            let told = snippet.differs.get(who).map(|told| told.split_once(": ").expect("a kind and a reason").0);
            if kind != told {
                let short = |opinion: &Opinion| format!("{opinion:?}").chars().take(700).collect::<String>();
                wrong.push(format!(
                    "{label} | {who} | {} | {}\n      we {}",
                    kind.unwrap_or("same"),
                    short(&opinion),
                    short(own)
                ));
            }
        }
        // What BIND refuses and zoneplan reads leniently, a strict zoneplan refuses.
        let (strict, _) = ours(snippet, true);
        let lenient = snippet
            .notes
            .iter()
            .any(|name| NoteKind::ALL.iter().any(|kind| kind.is_lenient() && format!("{kind:?}") == *name));
        if strict.is_err() != (own.is_err() || lenient) {
            wrong.push(format!("{label}: strict: {strict:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

/// A line of 1 GB, as binary files have: time and memory are those of looking at it once.
#[test]
fn a_line_of_a_gigabyte() {
    let peak = || {
        let status = fs::read_to_string("/proc/self/status").expect("Linux");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
        peak.trim().trim_end_matches(" kB").parse::<usize>().expect("a number") << 10
    };
    let text = [&b"a TXT \""[..], &vec![b'b'; 1 << 30], b"\"\nb A 192.0.2.1\n"].concat();
    let before = peak();
    let file = MasterFile::read(&text, &origin());
    assert_eq!((file.records.len(), file.faults.len()), (1, 1));
    assert!(peak() - before < 64 << 20, "{} octets more", peak() - before);
}
