//! The policy's text (RFC 8461 §3.2): reading it, and the `id` that changes with it.

use std::ops::Range;

use sha2::{Digest, Sha256};

use super::types::{MAX_AGE, Mode, MxPattern, Policy, PolicyKind};
use crate::mail::tags::{Problem, in_order, part, trimmed};

/// Octets of the hash that go into an `id`: 128 bits, 32 hexadecimal digits, which is all an `id` can hold.
const ID_OCTETS: usize = 16;

/// Reads a policy's text, with CRLF or LF. The policy is there only where nothing that it needs is missing or invalid. Linear in the input.
#[must_use]
pub fn parse_policy(text: &[u8]) -> (Option<Policy>, Vec<Problem<PolicyKind>>) {
    let mut reader = Reader { text, fields: Fields::default(), problems: Vec::new() };
    let mut start = 0;
    for line in text.split(|&octet| octet == b'\n') {
        let range = trimmed(text, start..start + line.len());
        start += line.len() + 1;
        if !range.is_empty() {
            reader.line(range);
        }
    }
    let Reader { fields, mut problems, .. } = reader;
    let whole = 0..text.len();
    for (name, there) in
        [("version", fields.version.is_some()), ("mode", fields.mode.is_some()), ("max_age", fields.max_age.is_some())]
    {
        if !there {
            problems.push(Problem::new(whole.clone(), PolicyKind::Missing { name }));
        }
    }
    let mode = fields.mode.flatten();
    // One that cannot be read is reported already.
    if !fields.has_mx && mode != Some(Mode::None) {
        problems.push(Problem::new(whole, PolicyKind::Missing { name: "mx" }));
    }
    let complete = fields.version == Some(true) && (!fields.mx.is_empty() || mode == Some(Mode::None));
    let policy = match (mode, fields.max_age.flatten()) {
        (Some(mode), Some(max_age)) if complete => Some(Policy { mode, max_age, mx: fields.mx }),
        _ => None,
    };
    (policy, in_order(problems))
}

/// What was read; the outer option says whether the field is there, the inner whether it is valid.
#[derive(Default)]
struct Fields {
    version: Option<bool>,
    mode: Option<Option<Mode>>,
    max_age: Option<Option<u32>>,
    mx: Vec<MxPattern>,
    has_mx: bool,
}

struct Reader<'a> {
    text: &'a [u8],
    fields: Fields,
    problems: Vec<Problem<PolicyKind>>,
}

impl Reader<'_> {
    fn line(&mut self, line: Range<usize>) {
        let mut problem = |range: Range<usize>, kind| self.problems.push(Problem::new(range, kind));
        let octets = part(self.text, line.clone());
        let colon = octets.iter().position(|&octet| octet == b':');
        let Some(colon) = colon.filter(|_| octets.is_ascii()) else {
            return problem(line, PolicyKind::Line);
        };
        let name = part(self.text, line.start..line.start + colon);
        let range = trimmed(self.text, line.start + colon + 1..line.end);
        let value = std::str::from_utf8(part(self.text, range.clone())).unwrap_or_default();
        let fields = &mut self.fields;
        match name {
            b"version" if fields.version.is_some() => problem(line, PolicyKind::Duplicate { name: "version" }),
            b"mode" if fields.mode.is_some() => problem(line, PolicyKind::Duplicate { name: "mode" }),
            b"max_age" if fields.max_age.is_some() => problem(line, PolicyKind::Duplicate { name: "max_age" }),
            b"version" => {
                fields.version = Some(value == "STSv1");
                if value != "STSv1" {
                    problem(range, PolicyKind::Version);
                }
            }
            b"mode" => {
                let mode = Mode::from_word(value);
                fields.mode = Some(mode);
                if mode.is_none() {
                    problem(range, PolicyKind::Mode);
                }
            }
            b"max_age" => {
                let digits = value.bytes().all(|octet| octet.is_ascii_digit());
                let seconds = value.parse().ok().filter(|seconds| digits && *seconds <= MAX_AGE);
                fields.max_age = Some(seconds);
                match seconds {
                    None => problem(range, PolicyKind::MaxAge),
                    Some(seconds @ ..86_400) => problem(range, PolicyKind::MaxAgeShort { seconds }),
                    Some(_) => {}
                }
            }
            b"mx" => {
                fields.has_mx = true;
                match MxPattern::new(value) {
                    Some(pattern) => fields.mx.push(pattern),
                    None => problem(range, PolicyKind::Mx),
                }
            }
            _ => problem(line, PolicyKind::UnknownField),
        }
    }
}

/// An `id` for a policy's text: the same text has the same one everywhere and at any time. 32 hexadecimal digits of its SHA-256.
///
/// CRLF and LF count as the same: an upload that changes one into the other changes nothing for senders.
#[must_use]
pub fn policy_id(text: &str) -> String {
    let digest = Sha256::digest(text.replace("\r\n", "\n"));
    digest.iter().take(ID_OCTETS).map(|octet| format!("{octet:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::super::LineEnd;
    use super::*;

    // The example of RFC 8461 §3.2.
    const EXAMPLE: &str = "version: STSv1\nmode: enforce\nmx: mail.example.com\nmx: *.example.net\nmx: backupmx.example.com\nmax_age: 604800\n";

    fn found(text: &str) -> Vec<(PolicyKind, &str)> {
        parse_policy(text.as_bytes())
            .1
            .into_iter()
            .map(|problem| (problem.kind, text.get(problem.range).unwrap()))
            .collect()
    }

    #[test]
    fn policies_read_with_either_line_end_and_print_back() {
        for text in [EXAMPLE.to_owned(), EXAMPLE.replace('\n', "\r\n"), EXAMPLE.trim_end().to_owned()] {
            let (policy, problems) = parse_policy(text.as_bytes());
            assert_eq!(problems, []);
            let policy = policy.unwrap();
            assert_eq!((policy.mode, policy.max_age, policy.mx.len()), (Mode::Enforce, 604_800, 3));
            // Our order has `max_age` before `mx`.
            let printed = policy.print(LineEnd::Crlf);
            assert_eq!(
                printed,
                "version: STSv1\r\nmode: enforce\r\nmax_age: 604800\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmx: backupmx.example.com\r\n"
            );
            assert_eq!(parse_policy(printed.as_bytes()).0, Some(policy));
        }
    }

    #[test]
    fn each_problem_is_placed() {
        let with = |from: &str, to: &str| EXAMPLE.replace(from, to);
        assert_eq!(found(&with("STSv1", "STSv2")), [(PolicyKind::Version, "STSv2")]);
        assert_eq!(found(&with("enforce", "Enforce")), [(PolicyKind::Mode, "Enforce")]);
        assert_eq!(found(&with("604800", "31557601")), [(PolicyKind::MaxAge, "31557601")]);
        assert_eq!(found(&with("604800", "31557600")), []);
        assert_eq!(found(&with("604800", "+1")), [(PolicyKind::MaxAge, "+1")]);
        assert_eq!(found(&with("604800", "3600")), [(PolicyKind::MaxAgeShort { seconds: 3600 }, "3600")]);
        assert_eq!(found(&with("*.example.net", "a.*.example.net")), [(PolicyKind::Mx, "a.*.example.net")]);
        assert_eq!(
            found(&with("mode: enforce", "mode: testing\nmode: none")),
            [(PolicyKind::Duplicate { name: "mode" }, "mode: none")]
        );
        assert_eq!(
            found(&with("mode: enforce", "mode enforce")).first().map(|(kind, _)| kind.clone()),
            Some(PolicyKind::Missing { name: "mode" })
        );
        assert_eq!(found("version: STSv1\nmode: none\nmax_age: 86400\n"), []);
        assert_eq!(
            found("version: STSv1\nmode: testing\nmax_age: 86400").first().map(|(kind, _)| kind.clone()),
            Some(PolicyKind::Missing { name: "mx" })
        );
        assert_eq!(found(&format!("{EXAMPLE}x: y")), [(PolicyKind::UnknownField, "x: y")]);
        assert_eq!(found("").len(), 4);
    }

    #[test]
    fn a_wildcard_stands_for_one_label() {
        // RFC 8461 §4.1: *.example.com matches mail.example.com, not example.com nor foo.bar.example.com.
        let pattern = MxPattern::new("*.Example.com").unwrap();
        assert!(pattern.matches("mail.example.COM."));
        assert!(!pattern.matches("example.com"));
        assert!(!pattern.matches("foo.bar.example.com"));
        assert!(!pattern.matches(".example.com"));
        assert!(MxPattern::new("mail.example.com.").unwrap().matches("MAIL.example.com"));
        for bad in ["", "*", "*.", "*.com.", "**.example.com", "m*.example.com", "例.jp", "a_b.example.com", "com"] {
            assert_eq!(MxPattern::new(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_id_is_a_hash_of_the_text() {
        // printf 'version: STSv1\nmode: testing\nmax_age: 86400\nmx: mx.example.jp\n' | sha256sum
        let text = "version: STSv1\nmode: testing\nmax_age: 86400\nmx: mx.example.jp\n";
        assert_eq!(policy_id(text), "eb02f5381f236173fbdcd9e788430f6a");
        assert_eq!(policy_id(&text.replace('\n', "\r\n")), policy_id(text));
        assert_ne!(policy_id(&text.replace("testing", "enforce")), policy_id(text));
        assert_eq!(super::super::parse(super::super::record(text).as_bytes()).0.id, Some(policy_id(text)));
    }

    #[test]
    fn hostile_policies_end() {
        for text in [b"mx: a.b\n".repeat(8_000), b"\n".repeat(65_536), b":\n".repeat(30_000), vec![0xFF; 65_536]] {
            let _ = parse_policy(&text);
        }
    }
}
