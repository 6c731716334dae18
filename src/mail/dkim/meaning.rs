//! What a key record says, tag by tag, each in one spelling and every default said, so that two records can be compared.

use std::collections::BTreeMap;

use super::parse::parse;
use super::types::{KeyType, Kind};

/// What verifiers make of a key record: of each tag its value in one spelling, where it is not said that of RFC 6376 §3.6.1. Two records with
/// the same meaning do the same. `None` where the list has a fault, so that it is not certain what they make of it; a key that cannot be used
/// is what it is.
///
/// `n` is for people only. What nobody knows is compared as it is written.
#[must_use]
pub fn meaning(value: &[u8]) -> Option<BTreeMap<String, String>> {
    let (record, problems) = parse(value);
    let is_fault = |kind: &Kind| {
        matches!(
            kind,
            Kind::Tag(_)
                | Kind::VersionNotFirst
                | Kind::Version
                | Kind::NameCase { .. }
                | Kind::KeyMissing
                | Kind::PrivateKey
        )
    };
    if problems.iter().any(|problem| is_fault(&problem.kind)) {
        return None;
    }
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    let list = |name: &[u8]| -> Option<Vec<&[u8]>> {
        let mut items: Vec<&[u8]> = record.items(name)?.into_iter().map(|(_, item)| item).collect();
        items.sort_unstable();
        items.dedup();
        Some(items)
    };
    // A list in which one of these stands allows what mail needs, as none at all does: sha256 is the one hash (RFC 8301 §3.1), mail the one use.
    let allows = |name: &[u8], wanted: &[&[u8]]| match list(name) {
        Some(items) if !items.iter().any(|item| wanted.contains(item)) => text(&items.join(&b':')),
        _ => String::new(),
    };
    let mut flags = list(b"t").unwrap_or_default();
    // Flags that nobody knows are passed over.
    flags.retain(|flag| matches!(*flag, b"y" | b"s"));
    let key_type = match record.key_type() {
        KeyType::Rsa => "rsa".to_owned(),
        KeyType::Ed25519 => "ed25519".to_owned(),
        KeyType::Other(name) => text(&name),
    };
    let mut meaning: BTreeMap<String, String> = [
        ("k", key_type),
        ("h", allows(b"h", &[b"sha256"])),
        ("s", allows(b"s", &[b"*", b"email"])),
        ("t", text(&flags.join(&b':'))),
        // Of RFC 4871; it is gone since RFC 6376.
        ("g", "*".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    for tag in record.tags.tags() {
        let (name, value) = (text(record.tags.name(tag)), record.tags.value(tag));
        match name.as_str() {
            "v" | "n" => {}
            "p" => {
                let key: Vec<u8> = value.iter().copied().filter(|octet| !octet.is_ascii_whitespace()).collect();
                meaning.insert(name, text(&key));
            }
            "g" => {
                meaning.insert(name, text(value));
            }
            _ => {
                meaning.entry(name).or_insert_with(|| text(value));
            }
        }
    }
    Some(meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_that_is_said_is_none_and_a_flag_is() {
        let of = |text: &str| meaning(text.as_bytes());
        let plain = of("v=DKIM1; k=rsa; p=AAAABBBB");
        assert!(plain.is_some());
        for other in [
            "p=AAAABBBB",
            "k=rsa; p=AAAA BBBB;",
            "v=DKIM1;p=AAAABBBB;k=rsa",
            "v=DKIM1; h=sha1:sha256; s=email; t=; g=*; n=made in May; p=AAAABBBB",
            "v=DKIM1; s=*; t=x; p=AAAABBBB",
        ] {
            assert_eq!(of(other), plain, "{other}");
        }
        for other in [
            "v=DKIM1; k=rsa; p=AAAABBBC",
            "v=DKIM1; k=rsa; p=",
            "v=DKIM1; k=ed25519; p=AAAABBBB",
            "v=DKIM1; t=s; p=AAAABBBB",
            "v=DKIM1; t=y; p=AAAABBBB",
            "v=DKIM1; h=sha1; p=AAAABBBB",
            "v=DKIM1; s=tlsrpt; p=AAAABBBB",
            "v=DKIM1; g=; p=AAAABBBB",
            "v=DKIM1; x=1; p=AAAABBBB",
        ] {
            assert!(of(other).is_some() && of(other) != plain, "{other}");
        }
        assert_eq!(of("t=s:y; p=AAAA"), of("t=y : s; p=AAAA"));
        for fault in ["k=rsa; p=AAAA; v=DKIM1", "v=DKIM2; p=AAAA", "v=DKIM1; p=A; p=A", "v=DKIM1; P=AAAA", "v=DKIM1"] {
            assert_eq!(of(fault), None, "{fault}");
        }
    }
}
