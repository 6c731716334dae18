//! Text to BIMI record, with everything that is wrong in it.

use super::types::{Avatar, Bimi, Kind, Record};
use crate::mail::tags::{Problem, TagList, in_order, is_domain};

/// Reads the value of a `_bimi` record: the joined octets of its TXT, without quotes. Never fails; linear in the input.
#[must_use]
pub fn parse(value: &[u8]) -> (Record, Vec<Problem<Kind>>) {
    let (tags, mut problems) = TagList::parse_as(value, Kind::Tag);
    if tags.tags().first().is_none_or(|tag| tags.name(tag) != b"v" || tags.value(tag) != b"BIMI1") {
        problems.push(Problem::new(tags.start(), Kind::Version));
    }
    let mut uri = |name: &'static str| {
        let tag = tags.find(name.as_bytes()).filter(|tag| !tag.value.is_empty())?;
        let uri = https(tags.value(tag));
        if uri.is_none() {
            problems.push(Problem::new(tag.range.clone(), Kind::NotHttps { tag: name }));
        }
        uri
    };
    let (l, a) = (uri("l"), uri("a"));
    let declines = |name: &[u8]| tags.find(name).is_none_or(|tag| tag.value.is_empty());
    match tags.find(b"l") {
        None => problems.push(Problem::new(0..value.len(), Kind::LogoMissing)),
        Some(tag) => {
            if l.as_ref().is_some_and(|uri| !is_svg(uri)) {
                problems.push(Problem::new(tag.range.clone(), Kind::NotSvg));
            }
            // `l=;` alone declines: then nothing is missing.
            if declines(b"a") && !declines(b"l") {
                problems.push(Problem::new(0..value.len(), Kind::NoCertificate));
            }
        }
    }
    let mut avp = Avatar::Brand;
    if let Some(tag) = tags.find(b"avp") {
        match tags.value(tag) {
            value if value.eq_ignore_ascii_case(b"brand") => {}
            value if value.eq_ignore_ascii_case(b"personal") => avp = Avatar::Personal,
            _ => problems.push(Problem::new(tag.range.clone(), Kind::Avatar)),
        }
    }
    (Record { bimi: Bimi { l, a, avp }, tags }, in_order(problems))
}

/// Whether a TXT value is meant to be a BIMI record.
#[must_use]
pub fn looks_like_bimi(value: &[u8]) -> bool {
    TagList::parse(value).0.begins_with_version(b"BIMI")
}

/// An `https:` URI with a host and without white space or commas, which would begin a second one.
fn https(value: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(value).ok()?;
    let rest = text.get(..8).filter(|start| start.eq_ignore_ascii_case("https://")).and_then(|_| text.get(8..))?;
    let host = rest.split(['/', '?', '#']).next().and_then(|host| host.split(':').next()).unwrap_or_default();
    (is_domain(host) && !text.contains([' ', '\t', '\r', '\n', ',', '"', '<', '>'])).then(|| text.to_owned())
}

fn is_svg(uri: &str) -> bool {
    let path = uri.split(['?', '#']).next().unwrap_or_default();
    path.len() > 4 && path.get(path.len() - 4..).is_some_and(|end| end.eq_ignore_ascii_case(".svg"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(value: &str) -> Vec<(Kind, &str)> {
        parse(value.as_bytes()).1.into_iter().map(|problem| (problem.kind, value.get(problem.range).unwrap())).collect()
    }

    #[test]
    fn records() {
        let full = "v=BIMI1; l=https://example.jp/logo.svg; a=https://example.jp/vmc.pem; avp=personal";
        assert_eq!(found(full), []);
        assert_eq!(parse(full.as_bytes()).0.bimi.print(), full);
        for declination in ["v=BIMI1; l=;", "v=BIMI1; l=; a=;", "v=BIMI1;l="] {
            assert_eq!(found(declination), []);
            assert!(parse(declination.as_bytes()).0.bimi.declines());
        }
        assert_eq!(Bimi::default().print(), "v=BIMI1; l=;");
        let plain = "v=BIMI1; l=https://example.jp/logo.svg";
        assert_eq!(found(plain), [(Kind::NoCertificate, plain)]);
        let http = "v=BIMI1; l=http://example.jp/logo.svg; a=http://x";
        assert_eq!(
            found(http),
            [
                (Kind::NotHttps { tag: "l" }, "l=http://example.jp/logo.svg"),
                (Kind::NotHttps { tag: "a" }, "a=http://x")
            ]
        );
        assert_eq!(
            found("v=BIMI1; l=https://example.jp/logo.png; a=https://example.jp/v.pem"),
            [(Kind::NotSvg, "l=https://example.jp/logo.png")]
        );
        assert_eq!(found("v=BIMI1"), [(Kind::LogoMissing, "v=BIMI1")]);
        assert_eq!(found("v=bimi1; l="), [(Kind::Version, "v=bimi1")]);
        assert_eq!(found("v=BIMI1; l=; avp=x"), [(Kind::Avatar, "avp=x")]);
        assert!(!parse(http.as_bytes()).1.is_empty());
    }

    #[test]
    fn what_looks_like_one() {
        assert!(looks_like_bimi(b"v=bimi1; l="));
        assert!(!looks_like_bimi(b"v=DMARC1; p=none"));
    }
}
