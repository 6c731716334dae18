//! Lines that are written into a site.toml that somebody wrote: everything else in it stays as it is, byte for byte.

use crate::report::Text;
use crate::say;
use crate::site::rewrite::{Rewrite, list};
use crate::zone::{Name, Record};

use super::adopt::record_lines;

/// The text with these records as `[[record]]`s at its end, and these terms at the end of `[spf] extra`.
///
/// # Errors
/// Why it can't be.
pub fn add_to_site(text: &str, records: &[Record], terms: &[String], origin: &Name) -> Result<String, Text> {
    let rewrite = Rewrite::of(text).ok_or_else(|| say!(en: "it is not TOML", ja: "TOML として読めません"))?;
    let mut splices = Vec::new();
    let mut at_end: Vec<String> = Vec::new();
    if !terms.is_empty() {
        let no = || say!(en: "[spf] extra is no list", ja: "[spf] の extra が並びではありません");
        let spf = rewrite.document().get("spf");
        let extra = spf.map(|spf| spf.as_table_like().ok_or_else(no)).transpose()?.and_then(|spf| spf.get("extra"));
        let extra = extra.map(|extra| extra.as_array().ok_or_else(no)).transpose()?;
        let mut new: Vec<String> = Vec::new();
        for term in terms {
            let is_there = extra.is_some_and(|list| list.iter().any(|v| v.as_str() == Some(term)));
            if !is_there && !new.contains(term) {
                new.push(term.clone());
            }
        }
        match (spf, extra) {
            (_, Some(list)) => splices.extend(rewrite.append(list, &new).ok_or_else(no)?),
            (Some(spf), None) => splices.push(rewrite.key(spf, "spf", "extra", &list(&new)).ok_or_else(no)?),
            (None, None) => at_end.extend(["[spf]".to_owned(), format!("extra = {}", list(&new))]),
        }
    }
    if !records.is_empty() && rewrite.document().get("record").is_some_and(|item| !item.is_array_of_tables()) {
        return Err(
            say!(en: "its records are not written as [[record]]", ja: "レコードが [[record]] の形で書かれていません"),
        );
    }
    for record in records {
        let blank = (!at_end.is_empty()).then(String::new);
        at_end.extend(blank.into_iter().chain(record_lines(record, origin).lines().map(str::to_owned)));
    }
    if !at_end.is_empty() {
        splices.push(rewrite.at_end(&at_end));
    }
    rewrite.with(splices).ok_or_else(
        || say!(en: "it is written in a form that is not edited here", ja: "書き換えられる形で書かれていません"),
    )
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
    fn line_ends_and_the_byte_order_mark_stay() {
        let origin = Name::parse_absolute("example.com").unwrap();
        let text = "\u{feff}domain = \"example.com\"\r\n\r\n[spf]\r\nextra = [\r\n  'mx' # ours\r\n]\r\n";
        let (name, rdata) = (origin.clone(), Rdata::parse(Rtype::A, "192.0.2.1", None).unwrap());
        let record = Record { name, rtype: Rtype::A, ttl: 0, rdata };
        let written = add_to_site(text, &[record], &["a".to_owned()], &origin).unwrap();
        let lines = "\r\n[[record]]\r\nname = \"@\"\r\ntype = \"A\"\r\nvalue = \"192.0.2.1\"\r\n";
        assert_eq!(written, format!("{}{lines}", text.replace("'mx' # ours", "'mx', # ours\r\n  \"a\"")));
    }

    #[test]
    fn what_is_no_list_is_left_alone() {
        let origin = Name::parse_absolute("example.com").unwrap();
        assert!(add_to_site("spf = 1", &[], &["a".to_owned()], &origin).is_err());
        assert!(add_to_site("domain = ", &[], &[], &origin).is_err());
    }
}
