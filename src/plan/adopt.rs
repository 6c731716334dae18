//! What is in the zone and not in site.toml, as lines of site.toml.

use crate::mail::spf;
use crate::zone::text::quote;
use crate::zone::{Current, Name, Record};

use super::difference::Part;
use super::pick::Pick;

/// What is to be written into site.toml.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Adopted {
    /// Rows for `[[record]]`.
    pub records: Vec<Record>,
    /// Terms for `[spf] extra`.
    pub terms: Vec<String>,
    /// Picks that mean nothing that is there.
    pub unknown: Vec<Pick>,
}

/// What these picks mean in the zone as it is. A term of the SPF record of the domain itself goes to `[spf] extra`.
#[must_use]
pub fn adopted(picks: &[Pick], current: &Current, origin: &Name) -> Adopted {
    let mut out = Adopted::default();
    for pick in picks {
        let mut any = false;
        for record in current.at(&pick.name).filter(|r| pick.takes(r)) {
            any = true;
            if !out.records.iter().any(|r| r.same_data(record)) {
                out.records.push(record.clone());
            }
        }
        let row = current.at(&pick.name).find(|r| Part::of(r) == Part::Spf && pick.name == *origin);
        if let (false, Some(row), Some(value)) = (any, row, &pick.value) {
            let terms = spf::Record::parse(&row.rdata.txt_joined());
            if terms.terms().iter().any(|t| t.raw == *value) {
                any = true;
                out.terms.push(value.clone());
            }
        }
        if !any {
            out.unknown.push(pick.clone());
        }
    }
    out
}

/// A row as a `[[record]]` of the site of that domain.
#[must_use]
pub(super) fn record_lines(record: &Record, origin: &Name) -> String {
    let (name, value) = parts(record, origin);
    format!("[[record]]\nname = {}\ntype = \"{}\"\nvalue = {}", basic(&name), record.rtype, basic(&value))
}

/// Name and value as `[[record]]` has them: a text without its quotes where it is plain.
#[must_use]
pub(crate) fn parts(record: &Record, origin: &Name) -> (String, String) {
    let name = record.name.relative_to(origin).unwrap_or_else(|| record.name.to_string());
    let plain = |text: &String| {
        record.rtype.is_text()
            && !text.is_empty()
            && text.bytes().all(|b| (0x20..0x7f).contains(&b) && b != b'"' && b != b'\\')
    };
    let value = String::from_utf8(record.rdata.txt_joined()).ok().filter(plain);
    let value = value.unwrap_or_else(|| {
        if record.rtype.is_text() { quote(&record.rdata.txt_joined()) } else { record.rdata.present(record.rtype) }
    });
    (name, value)
}

/// A basic string of TOML.
fn basic(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
