//! A zone as it was read, in one form whatever it was written in: as zone text, and as data.

use std::fmt::Write as _;

use serde::Serialize;

use crate::report::Sources;
use crate::report::json::{PlaceJson, place, written};
use crate::zone::text::Form;
use crate::zone::{Found, Name, Rtype};

/// The version of the data's form.
pub const VERSION: u32 = 1;

/// The records in the order of a zone: the SOA, the name servers, then by name, type and data; each once.
fn in_order<'f>(origin: &Name, found: &'f [Found]) -> Vec<&'f Found> {
    let rank = |rtype: Rtype| match rtype {
        Rtype::SOA => 0,
        Rtype::NS => 1,
        _ => 2,
    };
    let key = |found: &&'f Found| {
        let record = &found.record;
        (record.name != *origin, record.name.clone(), rank(record.rtype), record.rtype, record.rdata.octets())
    };
    let mut ordered: Vec<&Found> = found.iter().collect();
    ordered.sort_by_cached_key(key);
    ordered.dedup_by(|a, b| {
        let (a, b) = (&a.record, &b.record);
        a.name == b.name && a.rtype == b.rtype && a.rdata == b.rdata
    });
    ordered
}

/// The records as zone text: one a line, names whole, nothing left out that the line before says.
#[must_use]
pub fn zone(origin: &Name, found: &[Found]) -> String {
    let mut out = format!("$ORIGIN {origin}\n");
    for Found { record, has_ttl, .. } in in_order(origin, found) {
        Form::default().line(&record.name, has_ttl.then_some(record.ttl), record.rtype, &record.rdata, &mut out);
    }
    out
}

/// The whole document.
#[derive(Serialize)]
struct Document {
    /// Always 1 for this format.
    version: u32,
    /// The apex, without the final dot.
    origin: String,
    /// The records, as in [`zone`].
    records: Vec<RecordJson>,
}

/// A record.
#[derive(Serialize)]
struct RecordJson {
    /// Owner, without the final dot.
    name: String,
    /// Type.
    #[serde(rename = "type")]
    rtype: String,
    /// Seconds; `null` where the text says none.
    ttl: Option<u32>,
    /// Presentation format.
    value: String,
    /// RDATA in hexadecimal.
    octets: String,
    /// Of a TXT: its strings joined, in hexadecimal; `null` for other types.
    text: Option<String>,
    /// Where it stands.
    place: Option<PlaceJson>,
}

/// The records as data.
#[must_use]
pub fn json(origin: &Name, found: &[Found], sources: &Sources) -> String {
    let records = in_order(origin, found).into_iter().map(|Found { record, has_ttl, span }| RecordJson {
        name: record.name.display_without_dot().to_string(),
        rtype: record.rtype.to_string(),
        ttl: has_ttl.then_some(record.ttl),
        value: record.rdata.present(record.rtype),
        octets: hex(record.rdata.octets()),
        text: (record.rtype == Rtype::TXT).then(|| hex(&record.rdata.txt_joined())),
        place: span.map(|span| place(span, sources)),
    });
    let document =
        Document { version: VERSION, origin: origin.display_without_dot().to_string(), records: records.collect() };
    written(&document)
}

/// Two digits an octet.
fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::with_capacity(octets.len() * 2), |mut out, octet| {
        let _ = write!(out, "{octet:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::{MasterFile, Rdata};

    fn read(text: &str) -> (Name, Vec<Found>) {
        let origin = Name::parse_absolute("example.com").unwrap();
        let read = MasterFile::read(text.as_bytes(), &origin);
        assert!(read.faults.is_empty());
        let found =
            |r: crate::zone::MasterRecord| Found { has_ttl: r.ttl.is_some(), record: r.into_record(0), span: None };
        let found = read.records.into_iter().map(found).collect();
        (origin, found)
    }

    #[test]
    fn one_order_and_one_form() {
        let text = "b A 192.0.2.1\nb 60 A 192.0.2.2\n\tA 192.0.2.1\n@ TXT \"a\" b\n@ NS ns2\n@ SOA ns h 1 2 3 4 5\na A 192.0.2.9\n";
        let (origin, found) = read(text);
        let came = zone(&origin, &found);
        assert_eq!(
            came,
            "$ORIGIN example.com.\n\
             example.com. 60 IN SOA ns.example.com. h.example.com. 1 2 3 4 5\n\
             example.com. 60 IN NS ns2.example.com.\n\
             example.com. 60 IN TXT \"a\" \"b\"\n\
             a.example.com. 60 IN A 192.0.2.9\n\
             b.example.com. IN A 192.0.2.1\n\
             b.example.com. 60 IN A 192.0.2.2\n"
        );
    }

    #[test]
    fn what_is_written_is_read_as_the_same() {
        let (origin, found) = read("$TTL 1h\n@ TXT \"q\\\"\\\\;\\255\" (\"x\"\n \"y\")\n*.a MX 0 .\n");
        let (_, again) = read(&zone(&origin, &found));
        let records = |found: &[Found]| found.iter().map(|f| (f.record.clone(), f.has_ttl)).collect::<Vec<_>>();
        assert_eq!(records(&again), records(&found));
        let data: serde_json::Value = serde_json::from_str(&json(&origin, &found, &Sources::default())).unwrap();
        assert_eq!(data["records"][0]["text"], hex(b"q\"\\;\xffxy"));
        assert_eq!(data["records"][1]["name"], "*.a.example.com");
        assert_eq!(
            Rdata::parse(Rtype::MX, data["records"][1]["value"].as_str().unwrap(), None).unwrap(),
            found[1].record.rdata
        );
    }
}
