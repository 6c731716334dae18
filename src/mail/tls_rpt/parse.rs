//! Text to TLS-RPT record, with everything that is wrong in it.

use super::types::{Kind, Record};
use crate::mail::tags::{Problem, TagList, in_order, report_uris, shown};

/// Reads the value of a `_smtp._tls` record: the joined octets of its TXT, without quotes. Never fails; linear in the input.
#[must_use]
pub fn parse(value: &[u8]) -> (Record, Vec<Problem<Kind>>) {
    let (tags, mut problems) = TagList::parse_as(value, Kind::Tag);
    // RFC 8460 §3: the version is exactly this, without white space, and delimits by `;`.
    if !value.starts_with(b"v=TLSRPTv1") || tags.tags().first().is_none_or(|tag| tags.value(tag) != b"TLSRPTv1") {
        problems.push(Problem::new(tags.start(), Kind::Version));
    }
    let mut rua = Vec::new();
    match tags.find(b"rua") {
        None => problems.push(Problem::new(0..value.len(), Kind::RuaMissing)),
        Some(tag) => {
            let (uris, faults) = report_uris(value, tag.value.clone());
            problems.extend(faults.into_iter().map(|fault| Problem::new(fault.range, Kind::Uri(fault.kind))));
            for uri in uris {
                match uri.scheme().as_str() {
                    "mailto" | "https" => rua.push(uri),
                    scheme => problems
                        .push(Problem::new(uri.range.clone(), Kind::Scheme { scheme: shown(scheme.as_bytes()) })),
                }
            }
        }
    }
    (Record { tags, rua }, in_order(problems))
}

/// Whether a TXT value is meant to be a TLS-RPT record.
#[must_use]
pub fn looks_like_tls_rpt(value: &[u8]) -> bool {
    TagList::parse(value).0.begins_with_version(b"TLSRPT")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::tags::UriFault;

    fn found(value: &str) -> Vec<(Kind, &str)> {
        parse(value.as_bytes()).1.into_iter().map(|problem| (problem.kind, value.get(problem.range).unwrap())).collect()
    }

    #[test]
    fn records() {
        // The examples of RFC 8460 §3.1.
        assert_eq!(found("v=TLSRPTv1;rua=mailto:reports@example.com"), []);
        assert_eq!(found("v=TLSRPTv1; rua=https://reporting.example.com/v1/tlsrpt"), []);
        assert_eq!(found("v=TLSRPTv1; rua=mailto:a@example.jp,https://b.example.jp/x; ext=1"), []);
        assert_eq!(found("v=TLSRPTv1; rua=tls@example.jp"), [(Kind::Uri(UriFault::NoScheme), "tls@example.jp")]);
        assert_eq!(
            found("v=TLSRPTv1; rua=http://r.example.jp/"),
            [(Kind::Scheme { scheme: "http".into() }, "http://r.example.jp/")]
        );
        assert_eq!(found("v=TLSRPTv1; rua=mailto:a@example.jp!5m"), [(Kind::Uri(UriFault::Size), "!5m")]);
        assert_eq!(found("v=TLSRPTv1"), [(Kind::RuaMissing, "v=TLSRPTv1")]);
        assert_eq!(found("v=TLSRPTv1; rua="), [(Kind::Uri(UriFault::Empty), "")]);
        assert_eq!(found("v=tlsrptv1; rua=mailto:a@example.jp"), [(Kind::Version, "v=tlsrptv1")]);
        assert_eq!(found("rua=mailto:a@example.jp"), [(Kind::Version, "rua=mailto:a@example.jp")]);
    }

    #[test]
    fn what_looks_like_one() {
        assert!(looks_like_tls_rpt(b"v=tlsrptv1; rua=x"));
        assert!(!looks_like_tls_rpt(b"v=STSv1; id=1"));
    }
}
