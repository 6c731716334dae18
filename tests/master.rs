//! Zone files in the forms that people have: zoneplan reads the same records as BIND, no more and no less.
//!
//! Needs `named-compilezone` and fails without it.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop; clippy does not see that helpers outside #[test] are tests too"
)]

#[path = "tools/bind.rs"]
mod bind;

use std::{collections::BTreeSet, fs, path::Path};

use zoneplan::zone::{MasterFile, Name, Record};

/// The origin of every file of tests/zones.
const ORIGIN: &str = "example.com";

/// Owner, type, TTL and RDATA of each record; names in lower case, since BIND writes an owner as it first met it.
fn facts(records: Vec<Record>) -> BTreeSet<(Name, String, u32, Vec<u8>)> {
    let fact = |record: Record| {
        let rdata = record.rdata.to_lowercase(record.rtype);
        (record.name.to_lowercase(), record.rtype.to_string(), record.ttl, rdata.octets().to_vec())
    };
    records.into_iter().map(fact).collect()
}

/// What zoneplan reads below the origin; BIND leaves out the rest, too.
fn read(label: &str, text: &[u8]) -> BTreeSet<(Name, String, u32, Vec<u8>)> {
    let origin = Name::parse_absolute(ORIGIN).expect("a name");
    let file = MasterFile::read(text, &origin);
    assert_eq!(file.faults, [], "{label}");
    let inside = file.records.into_iter().filter(|record| record.name.is_subdomain_of(&origin));
    let stated = inside.map(|record| {
        assert!(record.ttl.is_some(), "{label}: line {} has no TTL", record.line);
        record.into_record(0)
    });
    facts(stated.collect())
}

#[test]
fn the_records_that_bind_reads() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/zones");
    let mut count = 0;
    for entry in fs::read_dir(folder).expect("tests/zones") {
        let path = entry.expect("an entry").path();
        let label = path.display().to_string();
        let text = fs::read_to_string(&path).expect("UTF-8");
        // BIND knows no byte order mark.
        let plain = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        let windows = plain.replace('\n', "\r\n");
        let wanted = facts(bind::read(plain.as_bytes(), ORIGIN));
        assert!(wanted.len() > 2, "{label}: {wanted:#?}");
        assert_eq!(facts(bind::read(windows.as_bytes(), ORIGIN)), wanted, "{label}: BIND, CR LF");
        for (form, text) in
            [("as it is", &text), ("LF", &plain), ("CR LF", &windows), ("CR", &plain.replace('\n', "\r"))]
        {
            let got = read(&format!("{label}, {form}"), text.as_bytes());
            let (lost, foreign): (Vec<_>, Vec<_>) =
                (wanted.difference(&got).collect(), got.difference(&wanted).collect());
            assert!(
                lost.is_empty() && foreign.is_empty(),
                "{label}, {form}: only BIND: {lost:#?}, only zoneplan: {foreign:#?}"
            );
        }
        count += 1;
    }
    assert!(count > 7, "tests/zones has {count} files");
}
