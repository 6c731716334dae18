//! What must hold whatever octets are read as a zone.

use std::ops::Range;

use zoneplan::report::Text;
use zoneplan::say;
use zoneplan::zone::master::{Includes, Item, MasterFile, Reader, comments};
use zoneplan::zone::{Name, Record, text};

/// A file that includes all of the text again, so that depth and number of files are bounded by the reader alone.
struct Again<'t>(&'t [u8]);

impl Includes for Again<'_> {
    fn open(&mut self, _: &str, _: u32, limit: usize) -> Result<Vec<u8>, Text> {
        if self.0.len() > limit {
            return Err(say!(en: "too large", ja: "大きすぎます"));
        }
        Ok(self.0.to_vec())
    }
}

/// Reads `octets` in every way there is. Panics if something does not hold.
pub(crate) fn zone(octets: &[u8]) {
    let origin = Name::parse_absolute("example.com").unwrap();
    let file = MasterFile::read(octets, &origin);
    let within = |range: &Range<usize>| range.start <= range.end && range.end <= octets.len();
    assert!(file.faults.iter().all(|fault| within(&fault.range) && fault.line >= 1 && !fault.text.is_empty()));
    assert!(file.notes.iter().all(|note| within(&note.range) && note.line >= 1 && !note.text.is_empty()));
    let mut after = 0;
    for record in &file.records {
        assert!(within(&record.range) && record.file == 0 && record.rdata.is_well_formed(record.rtype));
        let found = comments(octets, &record.range, after);
        let all = found.above.iter().chain(&found.beside);
        assert!(all.clone().all(|range| within(range) && octets.get(range.start) == Some(&b';')));
        assert!(found.above.iter().all(|range| range.start >= after && range.end <= record.range.start));
        after = record.range.end;
    }
    // What is written is read back, whatever it was written as.
    let written: Vec<Record> = file.records.iter().cloned().map(|record| record.into_record(60)).collect();
    for origin in [None, Some(&origin)] {
        let again =
            MasterFile::read(text::write(&written, origin).as_bytes(), &Name::parse_absolute("example.com").unwrap());
        let again: Vec<Record> = again.records.into_iter().map(|record| record.into_record(0)).collect();
        assert_eq!(again, written);
    }
    // Where nothing was forgiven, a strict reader reads the same.
    let strict = MasterFile::of(Reader::new(octets, &origin).strict());
    assert!(!strict.notes.iter().any(|note| note.kind.is_lenient()));
    if file.faults.is_empty() && !file.notes.iter().any(|note| note.kind.is_lenient()) {
        assert_eq!(strict, file);
    }
    // Files that include themselves end.
    let mut includes = Again(octets);
    let items = Reader::new(octets, &origin).including(&mut includes).take(100_000);
    assert!(items.filter(|item| matches!(item, Item::Record(_))).count() <= 100_000);
}
