//! What is in the zone and not in site.toml, as lines of site.toml.

use crate::compose::ComposedZone;
use crate::mail::spf;
use crate::report::{Finding, Text, excerpt};
use crate::say;
use crate::zone::text::quote;
use crate::zone::{Current, Name, Record, Rtype};

use super::difference::{Part, is_made_by_server};
use super::pick::Pick;

/// What is to be written into site.toml.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Adopted {
    /// Rows for `[[record]]`.
    pub records: Vec<Record>,
    /// Terms for `[spf] extra`.
    pub terms: Vec<String>,
    /// Why some of it can't be.
    pub wrong: Vec<Finding>,
}

/// What these picks mean in the zone as it is, without what site.toml wants already. Of the SPF record of the domain itself only terms are
/// missing, where site.toml has one; they go to `[spf] extra`.
#[must_use]
pub fn adopted(picks: &[Pick], current: &Current, zone: &ComposedZone) -> Adopted {
    let origin = &zone.origin;
    let mut out = Adopted::default();
    // What a split moved below the domain is there too.
    let sets = zone.rrsets.iter().filter(|s| s.rtype == Rtype::TXT && s.name.is_subdomain_of(origin));
    let wanted: Vec<String> = sets.flat_map(|s| s.records()).filter_map(|r| spf_text(&r)).collect();
    let domain = origin.display_without_dot().to_string();
    let has_term =
        |term: &str| wanted.iter().any(|text| spf::change(&format!("v=spf1 {term}"), text, &domain).gone.is_empty());
    let is_wanted = |r: &Record| zone.rrset(&r.name, r.rtype).is_some_and(|s| s.records().any(|w| w.same_data(r)));
    let wants_spf = zone.rrset(origin, Rtype::TXT).is_some_and(|s| s.records().any(|r| spf_text(&r).is_some()));
    let add_term = |term: &str, terms: &mut Vec<String>| {
        if !has_term(term) && !terms.iter().any(|t| t == term) {
            terms.push(term.to_owned());
        }
    };
    for pick in picks {
        let mut any = false;
        for record in current.at(&pick.name) {
            let spf = spf_text(record).filter(|_| pick.name == *origin).map(|t| spf::Record::parse(t.as_bytes()));
            if pick.takes(record) {
                any = true;
                if is_made_by_server(record, origin) {
                    let (name, rtype) = (record.name.display_without_dot().to_string(), record.rtype);
                    out.wrong.push(Finding::error("plan-adopt", say!(en: "--adopt: the {rtype} of {name} is made by the name server and does not go into site.toml", ja: "--adopt: {name} の {rtype} はネームサーバーが作るもので、site.toml には書きません")));
                } else if let Some(row) = spf.filter(|_| wants_spf) {
                    for term in row.terms().iter().filter(|t| t.kind != spf::TermKind::All) {
                        add_term(&term.raw, &mut out.terms);
                    }
                } else if !is_wanted(record) && !out.records.iter().any(|r| r.same_data(record)) {
                    out.records.push(record.clone());
                }
            } else if let (Some(row), Some(value)) = (spf, &pick.value)
                && row.terms().iter().any(|t| t.raw == *value)
            {
                any = true;
                add_term(value, &mut out.terms);
            }
        }
        if !any {
            out.wrong.push(Finding::error("plan-adopt", not_there("--adopt", pick, current)));
        }
    }
    out
}

fn spf_text(record: &Record) -> Option<String> {
    (Part::of(record) == Part::Spf).then(|| String::from_utf8_lossy(&record.rdata.txt_joined()).into_owned())
}

/// Most values of a name that are told.
const VALUES_TOLD: usize = 10;

/// That the zone as it is has nothing that a pick means; if it has other values, or the record other terms, which.
#[must_use]
pub fn not_there(option: &str, pick: &Pick, current: &Current) -> Text {
    let (name, rtype) = (pick.name.display_without_dot().to_string(), pick.rtype);
    let rows: Vec<&Record> = current.of(&pick.name, rtype).collect();
    let value = match &pick.value {
        Some(value) if !rows.is_empty() => excerpt(value, 80),
        _ => {
            return say!(en: "{option}: the zone as it is has no such record: {name} {rtype}", ja: "{option}: いまのゾーンにそのレコードがありません: {name} {rtype}");
        }
    };
    let values = rows.iter().flat_map(|row| match spf_text(row) {
        Some(text) => text.split_ascii_whitespace().skip(1).map(|t| excerpt(t, 80)).collect(),
        None => vec![excerpt(&row.rdata.present(rtype), 80)],
    });
    let mut list: Vec<String> = values.take(VALUES_TOLD + 1).collect();
    if list.len() > VALUES_TOLD {
        list.truncate(VALUES_TOLD);
        list.push("…".to_owned());
    }
    let list = list.join(", ");
    say!(en: "{option}: the {rtype} of {name} has no {value}; it has: {list}", ja: "{option}: {name} の {rtype} に {value} はありません。あるもの: {list}")
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
