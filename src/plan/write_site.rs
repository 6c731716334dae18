//! Lines that are written into a site.toml that somebody wrote: everything else in it, comments too, stays as it is.

use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, Value, value};

use crate::report::Text;
use crate::say;
use crate::zone::{Name, Record};

use super::adopt::parts;

/// The text with these records as `[[record]]`s at its end, and these terms at the end of `[spf] extra`.
///
/// # Errors
/// Why it can't be.
pub fn add_to_site(text: &str, records: &[Record], terms: &[String], origin: &Name) -> Result<String, Text> {
    let mut document: DocumentMut =
        text.parse().map_err(|_| say!(en: "it is not TOML", ja: "TOML として読めません"))?;
    if !records.is_empty() {
        let entry = document.entry("record").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
        let tables = entry.as_array_of_tables_mut().ok_or_else(
            || say!(en: "its records are not written as [[record]]", ja: "レコードが [[record]] の形で書かれていません"),
        )?;
        for record in records {
            let (name, data) = parts(record, origin);
            let mut table = Table::new();
            table.insert("name", value(name));
            table.insert("type", value(record.rtype.to_string()));
            table.insert("value", value(data));
            tables.push(table);
        }
    }
    if !terms.is_empty() {
        let no = || say!(en: "[spf] extra is no list", ja: "[spf] の extra が並びではありません");
        let entry = document.entry("spf").or_insert_with(|| Item::Table(Table::new()));
        let spf = entry.as_table_like_mut().ok_or_else(no)?;
        let extra = spf.entry("extra").or_insert_with(|| value(Array::new()));
        let list = extra.as_array_mut().ok_or_else(no)?;
        for term in terms {
            if !list.iter().any(|v| v.as_str() == Some(term)) {
                append(list, term);
            }
        }
    }
    Ok(document.to_string())
}

/// Appends to a list as it is written: on a line of its own if the others are, and behind what is said of the last one.
pub(crate) fn append(list: &mut Array, term: &str) {
    let first = list.get(0).and_then(|v| v.decor().prefix()).and_then(|p| p.as_str()).unwrap_or_default().to_owned();
    let mut new = Value::from(term);
    if first.contains('\n') && list.trailing_comma() {
        let said = list.trailing().as_str().unwrap_or_default().trim_end().to_owned();
        // Of the first one's own comment nothing is repeated.
        let indent = first.rsplit('\n').next().unwrap_or_default();
        new.decor_mut().set_prefix(format!("{said}\n{indent}"));
        list.set_trailing("\n");
        list.push_formatted(new);
    } else {
        list.push(new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::{Rdata, Rtype};

    #[test]
    fn comments_stay_and_lines_are_added() {
        let origin = Name::parse_absolute("example.com").unwrap();
        let record = |name: &str, rtype, text: &str| Record {
            name: Name::parse(name, Some(&origin)).unwrap(),
            rtype,
            ttl: 0,
            rdata: Rdata::parse(rtype, text, None).unwrap(),
        };
        let text =
            "# ours\ndomain = \"example.com\" # the shop\n\n[spf]\nextra = [\n  \"ip4:192.0.2.1\", # office\n]\n";
        let records = [record("@", Rtype::MX, "10 mail.example.net."), record("a", Rtype::TXT, "\"it's \\\"x\\\"\"")];
        let written = add_to_site(text, &records, &["include:old.example".to_owned()], &origin).unwrap();
        let (front, back) = written.split_once("\n\n[[record]]\n").unwrap();
        assert_eq!(
            front,
            "# ours\ndomain = \"example.com\" # the shop\n\n[spf]\nextra = [\n  \"ip4:192.0.2.1\", # office\n  \"include:old.example\",\n]"
        );
        assert!(back.starts_with("name = \"@\"\ntype = \"MX\"\nvalue = \"10 mail.example.net.\"\n"), "{back}");
        let read: toml::Table = toml::from_str(&written).unwrap();
        let text =
            read.get("record").and_then(|r| r.as_array()).and_then(|r| r.get(1)?.get("value")?.as_str()).unwrap();
        // Quoted as in a zone file, since it has quotes in it.
        assert_eq!(text, "\"it's \\\"x\\\"\"");
        // On one line it stays on one line.
        let short = add_to_site("[spf]\nextra = [\"a\"]\n", &[], &["mx".to_owned()], &origin).unwrap();
        assert_eq!(short, "[spf]\nextra = [\"a\", \"mx\"]\n");
    }

    #[test]
    fn what_is_no_list_is_left_alone() {
        let origin = Name::parse_absolute("example.com").unwrap();
        assert!(add_to_site("spf = 1", &[], &["a".to_owned()], &origin).is_err());
        assert!(add_to_site("domain = ", &[], &[], &origin).is_err());
    }
}
