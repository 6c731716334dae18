//! Text to key record, with everything that is wrong in it.

use super::key::{self, Encoding, KeyFault, KeyInfo};
use super::types::{KeyRecord, KeyType, Kind};
use crate::mail::tags::{Fault as _, Level, Problem, Tag, TagList, in_order, is_space, part, shown};

/// Reads the value of a key record: the joined octets of its TXT, without quotes. Never fails; linear in the input.
///
/// Where a private key is found, that is the only problem reported.
#[must_use]
pub fn parse(value: &[u8]) -> (KeyRecord, Vec<Problem<Kind>>) {
    let (tags, faults) = TagList::parse(value);
    if let Some(range) = private_key(&tags) {
        return (KeyRecord { tags, key: None }, vec![Problem::new(range, Kind::PrivateKey)]);
    }
    let mut problems: Vec<Problem<Kind>> =
        faults.into_iter().map(|fault| Problem::new(fault.range, Kind::Tag(fault.kind))).collect();
    check_version(&tags, &mut problems);
    let mut record = KeyRecord { tags, key: None };
    match find_key(&record.tags) {
        None => problems.push(Problem::new(0..value.len(), Kind::KeyMissing)),
        Some(tag) if tag.value.is_empty() => problems.push(Problem::new(tag.range.clone(), Kind::Revoked)),
        Some(tag) => record.key = check_key(&record, tag, &mut problems),
    }
    check_flags(&record, &mut problems);
    (record, in_order(problems))
}

/// The key of a record that receivers can use.
///
/// # Errors
/// What keeps them from it: the first error in the text.
pub fn usable(value: &[u8]) -> Result<KeyInfo, Problem<Kind>> {
    let (record, problems) = parse(value);
    match problems.into_iter().find(|problem| problem.kind.level() == Level::Error) {
        Some(problem) => Err(problem),
        None => record.key.ok_or_else(|| Problem::new(0..value.len(), Kind::KeyMissing)),
    }
}

/// A key's value without what does not change it: tags in any order, white space.
#[must_use]
pub fn key_value(text: &[u8]) -> Option<Vec<u8>> {
    let (key, _) = parse(text);
    let p = key.tags.find(b"p")?;
    Some(key.tags.value(p).iter().copied().filter(|octet| !octet.is_ascii_whitespace()).collect())
}

/// Whether a TXT value is meant to be a DKIM key record, well-formed or not.
#[must_use]
pub fn looks_like_dkim_key(value: &[u8]) -> bool {
    looks_like_key(&TagList::parse(value).0)
}

/// The same of tags that are read already.
pub(super) fn looks_like_key(tags: &TagList) -> bool {
    let find = |name: &str| {
        tags.tags().iter().find(|tag| tags.name(tag).eq_ignore_ascii_case(name.as_bytes())).map(|tag| tags.value(tag))
    };
    if let Some(version) = find("v") {
        // `v=DKIM1 k=rsa p=…`: the `;` are missing, the intent is plain.
        return version.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"DKIM"));
    }
    let Some(key) = find("p") else { return false };
    let known_type = find("k").is_some_and(|k| k.eq_ignore_ascii_case(b"rsa") || k.eq_ignore_ascii_case(b"ed25519"));
    let characters = key.iter().filter(|octet| key::is_base64(**octet) || **octet == b'=').count();
    let spaces = key.iter().filter(|octet| is_space(**octet)).count();
    // An Ed25519 key, the shortest, has 44 characters.
    known_type || (characters >= 43 && characters + spaces == key.len())
}

/// Where a private key stands: PEM armour anywhere, or octets that begin as one in any tag.
pub(super) fn private_key(tags: &TagList) -> Option<std::ops::Range<usize>> {
    if says_private(tags.octets()) {
        return Some(0..tags.octets().len());
    }
    tags.tags().iter().find(|tag| is_private(tags.value(tag))).map(|tag| tag.value.clone())
}

/// Whether text names itself a private key: PEM, PuTTY, `openssl -text`.
pub(super) fn says_private(text: &[u8]) -> bool {
    // All begin with the same letter, which is looked for first: keys are long.
    const SIGNS: [&[u8]; 4] = [b"PRIVATE KEY", b"privateExponent", b"Private-Lines:", b"PuTTY-User-Key-File"];
    let begins = |at: usize, sign: &[u8]| text.get(at..at + sign.len()).is_some_and(|s| s.eq_ignore_ascii_case(sign));
    let mut letters = text.iter().enumerate().filter(|(_, octet)| matches!(octet, b'p' | b'P'));
    letters.any(|(at, _)| SIGNS.iter().any(|sign| begins(at, sign)))
}

/// Whether base64, damaged or not, begins as a private key.
pub(super) fn is_private(base64: &[u8]) -> bool {
    // The first octets tell, and more than 32 of them: that many alone would be an Ed25519 key.
    const ENOUGH: usize = 96;
    let start: Vec<u8> = base64.iter().copied().filter(|octet| key::is_base64(*octet)).take(ENOUGH).collect();
    key::analyse(&key::decode_leniently(&start)) == Err(KeyFault::Private)
}

fn check_version(tags: &TagList, problems: &mut Vec<Problem<Kind>>) {
    for tag in tags.tags() {
        let name = tags.name(tag);
        if matches!(name, b"V" | b"K" | b"P" | b"H" | b"S" | b"T" | b"N") {
            problems.push(Problem::new(tag.name.clone(), Kind::NameCase { name: shown(name) }));
        }
    }
    let Some(version) = tags.find(b"v") else {
        return;
    };
    if tags.tags().first() != Some(version) {
        problems.push(Problem::new(version.range.clone(), Kind::VersionNotFirst));
    }
    if tags.value(version) != b"DKIM1" {
        problems.push(Problem::new(version.value.clone(), Kind::Version));
    }
}

/// `p`, or the `P` that was meant and is reported already.
fn find_key(tags: &TagList) -> Option<&Tag> {
    tags.find(b"p").or_else(|| tags.find(b"P"))
}

fn check_key(record: &KeyRecord, tag: &Tag, problems: &mut Vec<Problem<Kind>>) -> Option<KeyInfo> {
    let text = record.tags.value(tag);
    let mut problem = |kind| problems.push(Problem::new(tag.value.clone(), kind));
    let octets = match key::decode(text) {
        Ok(octets) => octets,
        Err(_) if text.starts_with(b"-----") => {
            problem(Kind::Armour);
            return None;
        }
        Err(fault) => {
            match (key::behind(text, fault), fault) {
                (Some(fault), _) => problem(Kind::Key(fault)),
                (None, key::Base64Fault::Character { at, .. }) => {
                    let at = tag.value.start + at;
                    problems.push(Problem::new(at..at + 1, Kind::Base64(fault)));
                }
                (None, _) => problem(Kind::Base64(fault)),
            }
            return None;
        }
    };
    if let Some(at) = text.iter().position(|octet| is_space(*octet)) {
        let run = part(text, at..text.len()).iter().take_while(|octet| is_space(**octet)).count();
        let at = tag.value.start + at;
        problems.push(Problem::new(at..at + run, Kind::KeyWhitespace));
    }
    let mut problem = |kind| problems.push(Problem::new(tag.value.clone(), kind));
    let info = key::analyse(&octets);
    match (record.key_type(), info) {
        (KeyType::Other(name), _) => {
            let range = record.tags.find(b"k").map_or(tag.value.clone(), |tag| tag.value.clone());
            problems.push(Problem::new(range, Kind::KeyType { name: shown(&name) }));
        }
        (_, Err(fault @ (KeyFault::Certificate | KeyFault::OpenSsh))) => problem(Kind::Key(fault)),
        (KeyType::Rsa, Ok(KeyInfo::Rsa { bits, encoding })) => {
            if encoding == Encoding::Pkcs1 {
                problem(Kind::NotSpki { corrected: key::encode(&key::spki_of_pkcs1(&octets)) });
            }
            match bits {
                ..1024 => problem(Kind::RsaBelow1024 { bits }),
                1024..2048 => problem(Kind::RsaBelow2048 { bits }),
                2048 => {}
                2049.. => problem(Kind::RsaTooLong { bits }),
            }
        }
        (KeyType::Rsa, Ok(KeyInfo::Ed25519 { .. })) => problem(Kind::Ed25519UnderRsa),
        (KeyType::Rsa, Err(fault)) => problem(Kind::Key(fault)),
        (KeyType::Ed25519, Ok(KeyInfo::Ed25519 { encoding: Encoding::Raw, .. })) => {}
        (KeyType::Ed25519, Ok(KeyInfo::Ed25519 { public, .. })) => {
            problem(Kind::Ed25519Length { got: octets.len(), corrected: Some(key::encode(&public)) });
        }
        (KeyType::Ed25519, Ok(KeyInfo::Rsa { .. })) => problem(Kind::RsaUnderEd25519),
        (KeyType::Ed25519, Err(_)) => problem(Kind::Ed25519Length { got: octets.len(), corrected: None }),
    }
    info.ok()
}

fn check_flags(record: &KeyRecord, problems: &mut Vec<Problem<Kind>>) {
    let mut need = |name: &[u8], wanted: &[&[u8]], kind: Kind| {
        let lacks = record.items(name).is_some_and(|items| !items.iter().any(|(_, item)| wanted.contains(item)));
        if let Some(tag) = record.tags.find(name).filter(|_| lacks) {
            problems.push(Problem::new(tag.range.clone(), kind));
        }
    };
    need(b"h", &[b"sha256"], Kind::NoSha256);
    need(b"s", &[b"*", b"email"], Kind::NotForEmail);
    if let Some((range, _)) = record.items(b"t").and_then(|items| items.into_iter().find(|(_, item)| *item == b"y")) {
        problems.push(Problem::new(range, Kind::Testing));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8463 App. A.2.
    const ED25519: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

    fn found(value: &str) -> Vec<(&'static str, Level, &str)> {
        let problems = parse(value.as_bytes()).1.into_iter();
        problems.map(|problem| (problem.kind.rule(), problem.kind.level(), value.get(problem.range).unwrap())).collect()
    }

    #[test]
    fn each_problem_names_its_rule_and_place() {
        use Level::{Error, Warning};
        let (list, flags, missing) = ("dkim-taglist-syntax", "dkim-flags-block-use", "dkim-p-missing-or-revoked");
        let ed = |rest: &str| format!("v=DKIM1; k=ed25519; {rest}p={ED25519}");
        assert_eq!(found(&ed("")), []);
        assert_eq!(found(&ed("h=sha1:sha256; s=email:x; t=s; n=a\\b; q=?; ")), []);
        assert_eq!(found(&ed("t=s:y; ")), [(flags, Warning, "y")]);
        assert_eq!(found(&ed("h=sha1; ")), [(flags, Error, "h=sha1")]);
        assert_eq!(found(&ed("s=foo; ")), [(flags, Error, "s=foo")]);
        assert_eq!(found(&ed("h=; ")), [(flags, Error, "h=")]);
        assert_eq!(found(&ed("p=; ")).first(), Some(&(missing, Error, "p=")));
        assert_eq!(found("v=DKIM1; k=rsa"), [(missing, Error, "v=DKIM1; k=rsa")]);
        assert_eq!(found(&format!("k=ed25519; p={ED25519}; v=DKIM1")), [(list, Error, "v=DKIM1")]);
        assert_eq!(found(&format!("v=DKIM1.0; k=ed25519; p={ED25519}")), [(list, Error, "DKIM1.0")]);
        assert_eq!(found(&format!("v=DKIM1; k=ed25519; P={ED25519}")), [(list, Error, "P")]);
        assert_eq!(found(&format!("v=DKIM1; k=RSA; p={ED25519}")), [("dkim-key-type-mismatch", Error, "RSA")]);
        assert_eq!(found("v=DKIM1; k=ed25519; p=AAAA"), [("dkim-ed25519-length", Error, "AAAA")]);
        assert_eq!(found("v=DKIM1; p=AA*A"), [("dkim-p-invalid", Error, "*")]);
        assert_eq!(
            found("v=DKIM1; p=-----BEGIN PUBLIC KEY-----"),
            [("dkim-p-invalid", Error, "-----BEGIN PUBLIC KEY-----")]
        );
        // The `;` are missing: one tag that holds all, and no key.
        assert_eq!(
            found("v=DKIM1 k=rsa p=AAAA"),
            [("dkim-p-missing-or-revoked", Error, "v=DKIM1 k=rsa p=AAAA"), (list, Error, "DKIM1 k=rsa p=AAAA")]
        );
    }

    #[test]
    fn a_key_that_receivers_can_use() {
        let of = |value: &str| usable(value.as_bytes()).map(|_| ()).map_err(|problem| problem.kind);
        let ed = |rest: &str| format!("v=DKIM1; k=ed25519; {rest}p={ED25519}");
        // A warning keeps nobody from it.
        for good in ["", "t=s:y; ", "h=sha1:sha256; ", "n=x; "] {
            assert_eq!(of(&ed(good)), Ok(()), "{good}");
        }
        assert_eq!(of("v=DKIM1; p="), Err(Kind::Revoked));
        assert_eq!(of(&ed("h=sha1; ")), Err(Kind::NoSha256));
        assert_eq!(of(&ed("s=tlsrpt; ")), Err(Kind::NotForEmail));
        assert!(matches!(of(&ed("n=\u{1b}[31m; ")), Err(Kind::Tag(_))));
        assert!(matches!(of("v=DKIM1; k=ed25519; p=AAAA"), Err(Kind::Ed25519Length { .. })));
    }

    #[test]
    fn padding_that_is_missing_or_not_canonical() {
        // RFC 4648 §3.5: the last character of 44 may carry no bits of its own.
        let bare = ED25519.trim_end_matches('=');
        assert_eq!(key::decode(bare.as_bytes()), Err(key::Base64Fault::Padding { length: 43 }));
        assert_eq!(key::decode(ED25519.replace("o=", "p=").as_bytes()), Err(key::Base64Fault::NotCanonical));
        assert_eq!(key::decode(b"AA=A"), Err(key::Base64Fault::Padding { length: 4 }));
        assert_eq!(key::decode(b"===="), Err(key::Base64Fault::Padding { length: 4 }));
        assert_eq!(key::decode(b" A A\r\n\tA A "), Ok(vec![0, 0, 0]));
    }

    #[test]
    fn other_records_do_not_look_like_keys() {
        for yes in [
            "v=DKIM1; p=",
            "v=dkim1 k=rsa",
            "k=rsa; p=",
            "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
            "k=rsa; v=DKIM1",
            "\"v=DKIM1; p=x\"",
            "v=DKIM1\\; p=x",
        ] {
            assert!(looks_like_dkim_key(yes.as_bytes()), "{yes}");
        }
        for no in [
            "",
            "v=spf1 -all",
            "v=DMARC1; p=reject",
            "p=reject",
            "v=BIMI1; l=",
            "google-site-verification=abc",
            "k=1; p=2",
        ] {
            assert!(!looks_like_dkim_key(no.as_bytes()), "{no}");
        }
    }

    #[test]
    fn hostile_values_end() {
        for value in [
            vec![b'='; 65_536],
            b"p=A;".repeat(16_384),
            [b"p=".to_vec(), vec![b'A'; 65_534]].concat(),
            vec![0x30; 65_536],
            b"h=:".repeat(20_000),
        ] {
            let (record, _) = parse(&value);
            assert_eq!(record.octets(), value);
            let _ = super::super::paste(&value);
        }
        for piece in [
            "\"",
            "\" ",
            "\" \n",
            "( ",
            "a\n",
            "$ORIGIN x\n",
            "-----BEGIN ",
            "\\",
            "\\0",
            "v=DKIM1;",
            "p=\n",
            ";x\n",
            "TX ",
            "MIIB\n",
        ] {
            let _ = super::super::paste(piece.repeat(65_536 / piece.len()).as_bytes());
        }
    }
}
