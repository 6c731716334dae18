//! Text to MTA-STS record, with everything that is wrong in it.

use super::types::{Kind, Record};
use crate::mail::tags::{Problem, TagList, in_order};

/// Reads the value of a `_mta-sts` record: the joined octets of its TXT, without quotes. Never fails; linear in the input.
#[must_use]
pub fn parse(value: &[u8]) -> (Record, Vec<Problem<Kind>>) {
    let (tags, mut problems) = TagList::parse_as(value, Kind::Tag);
    // RFC 8461 §3.1: the version is exactly this, without white space, and delimits by `;`.
    if !value.starts_with(b"v=STSv1") || tags.tags().first().is_none_or(|tag| tags.value(tag) != b"STSv1") {
        problems.push(Problem::new(tags.start(), Kind::Version));
    }
    let mut id = None;
    match tags.find(b"id") {
        None => problems.push(Problem::new(0..value.len(), Kind::IdMissing)),
        Some(tag) => {
            let text = tags.value(tag);
            if (1..=32).contains(&text.len()) && text.iter().all(u8::is_ascii_alphanumeric) {
                id = Some(String::from_utf8_lossy(text).into_owned());
            } else {
                problems.push(Problem::new(tag.range.clone(), Kind::IdInvalid { length: text.len() }));
            }
        }
    }
    (Record { tags, id }, in_order(problems))
}

/// Whether a TXT value is meant to be an MTA-STS record.
#[must_use]
pub fn looks_like_mta_sts(value: &[u8]) -> bool {
    TagList::parse(value).0.begins_with_version(b"STSv1")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(value: &str) -> Vec<(Kind, &str)> {
        parse(value.as_bytes()).1.into_iter().map(|problem| (problem.kind, value.get(problem.range).unwrap())).collect()
    }

    #[test]
    fn records() {
        // RFC 8461 §3.1 has this one as its example.
        let (record, problems) = parse(b"v=STSv1; id=20160831085700Z;");
        assert_eq!((record.id.as_deref(), problems), (Some("20160831085700Z"), vec![]));
        assert_eq!(found("v=STSv1; id=2026-11-24"), [(Kind::IdInvalid { length: 10 }, "id=2026-11-24")]);
        assert_eq!(found("v=STSv1; id="), [(Kind::IdInvalid { length: 0 }, "id=")]);
        assert_eq!(found(&format!("v=STSv1; id={}", "1".repeat(32))), []);
        assert_eq!(found(&format!("v=STSv1; id={}", "1".repeat(33))).len(), 1);
        assert_eq!(found("v=STSv1"), [(Kind::IdMissing, "v=STSv1")]);
        assert_eq!(found("v=STSv2; id=1"), [(Kind::Version, "v=STSv2")]);
        assert_eq!(found("v = STSv1; id=1"), [(Kind::Version, "v = STSv1")]);
        assert_eq!(found("id=1; v=STSv1"), [(Kind::Version, "id=1")]);
        assert_eq!(
            found("v=STSv1; id=1; id=2"),
            [(Kind::Tag(crate::mail::tags::TagFault::Duplicate { name: "id".into() }), "id=2")]
        );
    }

    #[test]
    fn what_looks_like_one() {
        assert!(looks_like_mta_sts(b"v=STSv1; id=1"));
        assert!(looks_like_mta_sts(b"V=stsv1 id=1"));
        assert!(!looks_like_mta_sts(b"v=DMARC1; p=none"));
        assert!(!looks_like_mta_sts(b""));
    }
}
