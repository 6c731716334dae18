//! What a person types, panel by panel, against the tables in tests/panels that were written by hand from the facts.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test may stop")]

use std::fs;
use std::path::Path;

use zoneplan::build::{Overrides, build};
use zoneplan::catalogue::Catalogue;
use zoneplan::fit::{Fitted, Strength, entries};
use zoneplan::report::Lang;
use zoneplan::site::InMemory;
use zoneplan::zone::{MasterFile, Name, Record};

fn record(line: &str) -> Record {
    let origin = Name::parse_absolute("example.com").expect("a name");
    let read = MasterFile::read(line.as_bytes(), &origin);
    assert!(read.faults.is_empty() && read.records.len() == 1, "{line}: {:?}", read.faults);
    let record = read.records.into_iter().next().expect("one record");
    let ttl = record.ttl.expect("a TTL");
    record.into_record(ttl)
}

/// Whether a limit that the form is known to have refuses the record, and whether one that is not known well speaks against it.
fn verdict(fitted: &Fitted<'_>, wanted: &Record, limit: &str) -> Option<Strength> {
    let zone = &fitted.own;
    let at = |r: &&zoneplan::fit::FittedRecord| {
        let set = &zone.composed.rrsets[r.set];
        set.name == wanted.name && set.rtype == wanted.rtype && set.members[r.member].rdata == wanted.rdata
    };
    let record = zone.records.iter().find(at).expect("the record is in the zone");
    let hinders = record.causes.iter().filter(|c| c.effect.hinders() && c.limit.key.name == limit);
    hinders.map(|c| c.strength).max()
}

fn row(id: &str, catalogue: &Catalogue, row: &toml::Table) {
    let line = row["record"].as_str().expect("a record");
    let record = record(line);
    let registrar = catalogue.registrar(id).expect("a registrar");
    let limits = zoneplan::fit::Limits::new(Some(registrar), &[]);
    let apex = Name::parse_absolute("example.com").expect("a name");
    let entries = entries(Some(registrar), &limits, &apex, &record);
    let given: Vec<[String; 2]> = entries
        .iter()
        .map(|e| [e.label.clone().unwrap_or_default(), if e.doubt.is_some() { "?".into() } else { e.content.clone() }])
        .collect();
    if let Some(boxes) = row.get("boxes") {
        let text = |v: &toml::Value| v.as_str().expect("a string").to_owned();
        let wanted: Vec<[String; 2]> =
            boxes.as_array().expect("boxes").iter().map(|b| [text(&b[0]), text(&b[1])]).collect();
        assert_eq!(given, wanted, "{id}: {line}");
    }
    if let Some(wanted) = row.get("line") {
        assert_eq!(given, [[String::new(), wanted.as_str().expect("a line").to_owned()]], "{id}: {line}");
    }
    for (key, strength) in [("refused", Strength::Known), ("doubt", Strength::Weak)] {
        let Some(limit) = row.get(key).and_then(toml::Value::as_str) else { continue };
        let (name, rtype) = (record.name.to_string(), record.rtype.to_string());
        let value = record.rdata.present(record.rtype).replace('\\', "\\\\").replace('"', "\\\"");
        let site = format!(
            "domain = \"example.com\"\nregistrar = \"{id}\"\n[[record]]\nname = \"{name}\"\ntype = \"{rtype}\"\nvalue = \"{value}\"\n"
        );
        let run = build("site.toml", &InMemory::site(site), catalogue, &Overrides::default(), |built| {
            verdict(built.fitted, &record, limit)
        });
        let found = run.product.unwrap_or_else(|| {
            panic!("{id}: {line}: {:?}", run.findings.iter().map(|f| f.title.get(Lang::En)).collect::<Vec<_>>())
        });
        assert_eq!(found, Some(strength), "{id}: {line}: {limit}");
    }
}

#[test]
fn every_box_of_every_panel_is_as_the_facts_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/panels");
    let catalogue = Catalogue::embedded();
    let mut rows = 0;
    let mut files: Vec<_> = fs::read_dir(&folder).expect("tests/panels").map(|e| e.expect("an entry").path()).collect();
    files.sort();
    for path in files.iter().filter(|p| p.extension().is_some_and(|e| e == "toml")) {
        let text = fs::read_to_string(path).expect("a text");
        let table: toml::Table = text.parse().unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let id = table["registrar"].as_str().expect("a registrar");
        for entry in table["row"].as_array().expect("rows") {
            row(id, &catalogue, entry.as_table().expect("a row"));
            rows += 1;
        }
    }
    assert!(rows >= 100, "only {rows} rows");
}
