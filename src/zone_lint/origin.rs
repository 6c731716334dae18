//! What a zone is called: as somebody says, as the text says, or as its file is called.

use crate::report::{FileId, Finding, Span, Text};
use crate::say;
use crate::zone::master::{Item, Reader};
use crate::zone::{Name, Rtype};

use super::Input;

/// A zone's name, and who says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apex {
    /// The name.
    pub name: Name,
    /// Who says it.
    pub from: From,
}

/// Who says what a zone is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// Somebody gives it.
    Given,
    /// The owner of its SOA.
    Soa,
    /// Its first `$ORIGIN`.
    Directive,
    /// The name of its file.
    FileName,
}

/// The name of a zone: the one that is given, else the owner of its SOA, else that of its first `$ORIGIN`, else what its file is called.
#[must_use]
pub fn apex(input: Input<'_>) -> Option<Apex> {
    if let Some(name) = input.origin {
        return Some(Apex { name: name.clone(), from: From::Given });
    }
    let is_name = |name: &Name| !name.is_root();
    // The SOA is the first record of a zone (RFC 1035 §5.2), so that little is read. Where no origin is known, a name that is relative to it
    // comes out as if it were whole.
    let soa = Reader::new(input.octets, &Name::root()).find_map(|item| match item {
        Item::Record(record) if record.rtype == Rtype::SOA => Some(record.name),
        _ => None,
    });
    // Where the SOA is that of a relative name, an `$ORIGIN` further below is not the zone's.
    let said = match soa {
        Some(name) => Some((name, From::Soa)),
        None => directive(input.octets).map(|name| (name, From::Directive)),
    };
    if let Some((name, from)) = said.filter(|(name, _)| is_name(name)) {
        return Some(Apex { name, from });
    }
    file_name(input.name).map(|name| Apex { name, from: From::FileName })
}

/// The first `$ORIGIN` with a whole name.
fn directive(text: &[u8]) -> Option<Name> {
    text.split(|octet| *octet == b'\n').find_map(|line| {
        let mut words = line.trim_ascii_end().split(|octet| b" \t".contains(octet)).filter(|word| !word.is_empty());
        words.next().filter(|word| word.eq_ignore_ascii_case(b"$ORIGIN"))?;
        words.next().filter(|name| name.ends_with(b".")).and_then(|name| Name::parse(name, None).ok())
    })
}

/// The domain that a file is called by: `example.com.zone`, `db.example.com`, `example.com`.
fn file_name(path: &str) -> Option<Name> {
    const BEFORE: [&str; 4] = ["db.", "zone.", "named.", "pri."];
    const AFTER: [&str; 9] = [".zone", ".db", ".txt", ".hosts", ".dns", ".zonefile", ".tsv", ".dig", ".log"];
    let base = path.rsplit(['/', '\\']).next()?;
    let mut inner = BEFORE.iter().find_map(|start| base.strip_prefix(start)).unwrap_or(base);
    while let Some(shorter) = AFTER.iter().find_map(|end| inner.strip_suffix(end)) {
        inner = shorter;
    }
    let known = |name: &str| psl::suffix(name.as_bytes()).is_some_and(|suffix| suffix.is_known());
    let example = |name: &str| [".example", ".test", ".internal"].iter().any(|end| name.ends_with(end));
    let lower = inner.to_ascii_lowercase();
    let is_domain = psl::domain_str(&lower).is_some() && (known(&lower) || example(&lower));
    let name = Name::parse_absolute(&lower).ok().filter(|_| is_domain)?;
    name.host_fault().is_none().then_some(name)
}

/// Nobody says what the zone is called.
pub(super) fn unknown(file: FileId) -> Finding {
    Finding::error("zone-origin", say!(en: "which zone is this? Neither an SOA nor $ORIGIN nor the file's name says it", ja: "どのドメインのゾーンか分かりません。SOA にも $ORIGIN にもファイル名にも書かれていません"))
        .at(Span::new(file, 0..0), Text::default())
        .next(say!(en: "name it: zoneplan lint FILE --origin example.com", ja: "ドメインを指定してください: zoneplan lint ファイル --origin example.com"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apex_of(name: &str, text: &str) -> Option<(String, From)> {
        let found = apex(Input { name, octets: text.as_bytes(), origin: None, includes: None })?;
        Some((found.name.to_string(), found.from))
    }

    #[test]
    fn the_text_says_more_than_the_files_name() {
        let soa = "IN SOA ns1 hostmaster 1 2 3 4 5\n";
        assert_eq!(apex_of("x", &format!("example.com. {soa}")), Some(("example.com.".into(), From::Soa)));
        assert_eq!(apex_of("x", &format!("$ORIGIN com.\nexample {soa}")), Some(("example.com.".into(), From::Soa)));
        assert_eq!(
            apex_of("example.net.zone", &format!("$ORIGIN example.com.\n@ {soa}")),
            Some(("example.com.".into(), From::Soa))
        );
        assert_eq!(
            apex_of("example.net.zone", "$TTL 1h\n$origin\texample.com. ; c\n@ A 192.0.2.1\n"),
            Some(("example.com.".into(), From::Directive))
        );
        assert_eq!(apex_of("example.net.zone", &format!("@ {soa}")), Some(("example.net.".into(), From::FileName)));
        assert_eq!(
            apex_of("example.net.zone", &format!("@ {soa}$ORIGIN sub.example.net.\n")),
            Some(("example.net.".into(), From::FileName))
        );
        let late = format!("{}example.com. {soa}", "; comment\n".repeat(10_000));
        assert_eq!(apex_of("x", &late), Some(("example.com.".into(), From::Soa)));
    }

    #[test]
    fn names_of_files() {
        let of = |name: &str| apex_of(name, "@ A 192.0.2.1").map(|(name, _)| name);
        for path in ["example.com.zone", "/etc/bind/db.example.com", "zones/Example.COM", "example.com.txt"] {
            assert_eq!(of(path).as_deref(), Some("example.com."), "{path}");
        }
        assert_eq!(of("shop.example").as_deref(), Some("shop.example."));
        for path in ["zone", "zonefile.txt", "zone.bak", "com.zone", "named.conf", "-", "", "my zone.com.zone"] {
            assert_eq!(of(path), None, "{path}");
        }
    }
}
