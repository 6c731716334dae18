//! Lines that are written into a site.toml that somebody wrote: everything else in it, comments too, stays as it is.

use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, value};

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
                list.push(term.as_str());
            }
        }
    }
    Ok(document.to_string())
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
        assert_eq!(
            written,
            "# ours\ndomain = \"example.com\" # the shop\n\n[spf]\nextra = [\n  \"ip4:192.0.2.1\", # office\n  \"include:old.example\",\n]\n\n[[record]]\nname = \"@\"\ntype = \"MX\"\nvalue = \"10 mail.example.net.\"\n\n[[record]]\nname = \"a\"\ntype = \"TXT\"\nvalue = '\"it''s \\\"x\\\"\"'\n"
        );
    }

    #[test]
    fn what_is_no_list_is_left_alone() {
        let origin = Name::parse_absolute("example.com").unwrap();
        assert!(add_to_site("spf = 1", &[], &["a".to_owned()], &origin).is_err());
        assert!(add_to_site("domain = ", &[], &[], &origin).is_err());
    }
}
