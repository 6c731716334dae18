//! Text to DMARC record, with everything that is wrong in it.

use super::types::{Alignment, Dmarc, Kind, Policy, Psd, Record, VersionFault};
use crate::mail::tags::{Problem, ReportUri, Tag, TagList, in_order, report_uris, shown, trimmed};

/// Whether receivers take a value for a DMARC record (RFC 9989 §4.7, §4.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recognised {
    /// `v=DMARC1` at the start, then `;` or the end.
    Yes,
    /// `V=DMARC1`: yes by the grammar, no by the rules for tag names.
    Ambiguous,
    /// Ignored.
    No,
}

/// Whether `value`, the joined octets of a TXT, is a DMARC record.
#[must_use]
pub fn recognise(value: &[u8]) -> Recognised {
    let Some((name, rest)) = value.split_first() else {
        return Recognised::No;
    };
    let rest = strip(rest, b"=").and_then(|rest| strip(rest, b"DMARC1")).map(unblank);
    match (name, rest.map(<[u8]>::first)) {
        (b'v', Some(None | Some(b';'))) => Recognised::Yes,
        (b'V', Some(None | Some(b';'))) => Recognised::Ambiguous,
        _ => Recognised::No,
    }
}

/// Whether receivers take `value` for a DMARC record beyond doubt.
#[must_use]
pub fn is_dmarc(value: &[u8]) -> bool {
    recognise(value) == Recognised::Yes
}

/// What follows `word`, blanks before it aside.
fn strip<'a>(octets: &'a [u8], word: &[u8]) -> Option<&'a [u8]> {
    unblank(octets).strip_prefix(word)
}

/// Without the blanks in front.
fn unblank(octets: &[u8]) -> &[u8] {
    let blanks = octets.iter().take_while(|octet| matches!(octet, b' ' | b'\t')).count();
    octets.get(blanks..).unwrap_or_default()
}

/// The tags of RFC 9989 §4.7.
const TAGS: [&str; 11] = ["v", "p", "sp", "np", "adkim", "aspf", "rua", "ruf", "fo", "t", "psd"];

/// Reads the value of a `_dmarc` record: the joined octets of its TXT, without quotes. Never fails; linear in the input.
#[must_use]
pub fn parse(value: &[u8]) -> (Record, Vec<Problem<Kind>>) {
    let (tags, mut problems) = TagList::parse_as(value, Kind::Tag);
    let version = version_fault(&tags);
    if let Some(problem) = version.clone() {
        let lost = matches!(
            problem.kind,
            Kind::Version(VersionFault::NoSemicolon | VersionFault::Spf | VersionFault::Missing)
        );
        problems.push(problem);
        if lost {
            // What follows is not what its writer meant; more messages would only bury the first.
            problems.retain(|problem| matches!(problem.kind, Kind::Version(_)));
            let record = Record { tags, dmarc: Dmarc::default(), invalid_policy: false };
            return (record, problems);
        }
    }
    let mut reader = Reader { tags: &tags, problems, invalid: Vec::new() };
    let dmarc = reader.dmarc();
    reader.names();
    let Reader { mut problems, invalid, .. } = reader;
    let has_rua = !dmarc.rua.is_empty();
    let invalid_policy = !invalid.is_empty();
    for (tag, range) in invalid {
        problems.push(Problem::new(range, Kind::PolicyInvalid { tag, has_rua }));
    }
    (Record { dmarc, invalid_policy, tags }, in_order(problems))
}

fn version_fault(tags: &TagList) -> Option<Problem<Kind>> {
    let value = tags.octets();
    match recognise(value) {
        Recognised::Yes => return None,
        Recognised::Ambiguous => {
            return Some(Problem::new(0..1, Kind::Version(VersionFault::NameCase)));
        }
        Recognised::No => {}
    }
    let at = |range, fault| Some(Problem::new(range, Kind::Version(fault)));
    let first = tags.tags().first();
    let is_version = |tag: &&Tag| tags.name(tag).eq_ignore_ascii_case(b"v");
    match tags.tags().iter().find(is_version) {
        Some(tag) => match tags.value(tag) {
            text if Some(tag) != first && text.eq_ignore_ascii_case(b"DMARC1") => {
                at(tag.range.clone(), VersionFault::NotFirst)
            }
            b"DMARC1" => at(0..tag.range.start.max(1), VersionFault::LeadingSpace),
            text if text.eq_ignore_ascii_case(b"DMARC1") => at(tag.value.clone(), VersionFault::Case),
            text if text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"spf1")) => {
                at(tag.value.clone(), VersionFault::Spf)
            }
            text if text.get(..6).is_some_and(|start| start.eq_ignore_ascii_case(b"DMARC1"))
                && text.get(6).is_some_and(|next| matches!(next, b' ' | b'\t' | b',')) =>
            {
                at(tag.value.start + 6..tag.value.start + 7, VersionFault::NoSemicolon)
            }
            _ => at(tag.value.clone(), VersionFault::Missing),
        },
        None => at(trimmed(value, 0..value.len()), VersionFault::Missing),
    }
}

struct Reader<'a> {
    tags: &'a TagList,
    problems: Vec<Problem<Kind>>,
    /// `p`, `sp` and `np` that hold no policy.
    invalid: Vec<(&'static str, std::ops::Range<usize>)>,
}

impl Reader<'_> {
    fn push(&mut self, range: std::ops::Range<usize>, kind: Kind) {
        self.problems.push(Problem::new(range, kind));
    }

    fn dmarc(&mut self) -> Dmarc {
        let p = self.policy("p");
        self.place_of_p();
        let dmarc = Dmarc {
            p,
            sp: self.policy("sp"),
            np: self.policy("np"),
            adkim: self.alignment("adkim"),
            aspf: self.alignment("aspf"),
            rua: self.uris("rua"),
            ruf: self.uris("ruf"),
            fo: self.fo(),
            t: self.one_of("t", "y, n", &[(b"y", true), (b"n", false)]).unwrap_or_default(),
            psd: self
                .one_of("psd", "y, n, u", &[(b"y", Psd::Yes), (b"n", Psd::No), (b"u", Psd::Unknown)])
                .unwrap_or_default(),
        };
        if let Some(range) = self.range_of("psd").filter(|_| dmarc.psd != Psd::Unknown) {
            self.push(range, Kind::Psd(dmarc.psd));
        }
        if let Some(range) = self.range_of("t").filter(|_| dmarc.t) {
            self.push(range, Kind::Testing);
        }
        if self.range_of("rua").is_none() {
            self.push(0..self.tags.octets().len(), Kind::RuaMissing);
        }
        if let Some(range) = self.range_of("fo").filter(|_| self.range_of("ruf").is_none()) {
            self.push(range, Kind::FoWithoutRuf);
        }
        dmarc
    }

    fn find(&self, name: &str) -> Option<(&Tag, &[u8])> {
        self.tags.find(name.as_bytes()).map(|tag| (tag, self.tags.value(tag)))
    }

    fn range_of(&self, name: &str) -> Option<std::ops::Range<usize>> {
        self.find(name).map(|(tag, _)| tag.range.clone())
    }

    fn policy(&mut self, name: &'static str) -> Option<Policy> {
        let (tag, value) = self.find(name)?;
        let policy = Policy::from_word(value);
        if policy.is_none() {
            let range = tag.range.clone();
            self.invalid.push((name, range));
        }
        policy
    }

    fn place_of_p(&mut self) {
        match self.range_of("p") {
            None => self.push(0..self.tags.octets().len(), Kind::PolicyMissing),
            Some(range) => {
                let second = self.tags.tags().get(1).map(|tag| tag.range.clone());
                // With `v` missing or misplaced there is a problem already.
                if second != Some(range.clone()) && recognise(self.tags.octets()) == Recognised::Yes {
                    self.push(range, Kind::PolicyNotSecond);
                }
            }
        }
    }

    /// One of a few letters; case does not matter (RFC 5234 §2.3).
    fn one_of<T: Copy>(&mut self, name: &'static str, allowed: &'static str, values: &[(&[u8], T)]) -> Option<T> {
        let (tag, value) = self.find(name)?;
        let found = values.iter().find(|(word, _)| value.eq_ignore_ascii_case(word)).map(|(_, found)| *found);
        if found.is_none() {
            let range = tag.range.clone();
            self.push(range, Kind::Value { tag: name, allowed });
        }
        found
    }

    fn alignment(&mut self, name: &'static str) -> Alignment {
        self.one_of(name, "r, s", &[(b"r", Alignment::Relaxed), (b"s", Alignment::Strict)]).unwrap_or_default()
    }

    /// `fo = 0 / 1 / d / s`, a list with colons in which 0 and 1 exclude each other.
    fn fo(&mut self) -> Vec<char> {
        let Some((tag, _)) = self.find("fo") else {
            return Vec::new();
        };
        let items = self.tags.items(&tag.value, b':');
        let letter = |range: std::ops::Range<usize>| match self.tags.slice(range) {
            [octet] => Some(char::from(octet.to_ascii_lowercase())).filter(|letter| "01ds".contains(*letter)),
            _ => None,
        };
        let letters: Option<Vec<char>> = items.into_iter().map(letter).collect();
        match letters {
            Some(mut letters) if !(letters.contains(&'0') && letters.contains(&'1')) => {
                letters.sort_unstable();
                letters.dedup();
                letters
            }
            _ => {
                let range = tag.range.clone();
                self.push(range, Kind::Value { tag: "fo", allowed: "0, 1, d, s (not 0 and 1 together)" });
                Vec::new()
            }
        }
    }

    fn uris(&mut self, name: &str) -> Vec<ReportUri> {
        let Some((tag, _)) = self.find(name) else {
            return Vec::new();
        };
        let value = tag.value.clone();
        let (uris, faults) = report_uris(self.tags.octets(), value.clone());
        for fault in faults {
            self.push(fault.range, Kind::Uri(fault.kind));
        }
        for uri in &uris {
            let scheme = uri.scheme();
            if scheme != "mailto" {
                self.push(uri.range.clone(), Kind::NotMailto { scheme: shown(scheme.as_bytes()) });
            }
        }
        if uris.len() > 2 {
            self.push(value, Kind::ManyUris { count: uris.len() });
        }
        uris
    }

    /// Tags that are gone, and tags that never were.
    fn names(&mut self) {
        for tag in self.tags.tags() {
            let name = self.tags.name(tag);
            if TAGS.iter().any(|known| known.as_bytes() == name) || name.is_empty() {
                continue;
            }
            let range = tag.range.clone();
            let kind = match name {
                b"pct" => {
                    let percent = std::str::from_utf8(self.tags.value(tag))
                        .ok()
                        .and_then(|text| text.parse().ok())
                        .filter(|percent| *percent <= 100);
                    Kind::Pct { percent }
                }
                b"ri" => Kind::Removed { name: "ri" },
                b"rf" => Kind::Removed { name: "rf" },
                // Reported as the version.
                b"V" if recognise(self.tags.octets()) == Recognised::Ambiguous => continue,
                _ => Kind::UnknownTag { name: shown(name), meant: meant(name) },
            };
            self.problems.push(Problem::new(range, kind));
        }
    }
}

/// The tag that a misspelt name was probably to be.
fn meant(name: &[u8]) -> Option<&'static str> {
    // The longest tag has 5 letters; what is much longer is no slip of the finger.
    let name = std::str::from_utf8(name).ok().filter(|name| name.len() <= 8)?.to_ascii_lowercase();
    // Of two tags as near, the one with the same first letter: `po` is `p`, not `fo`.
    let (distance, _, best) =
        TAGS.iter().map(|tag| (strsim::damerau_levenshtein(&name, tag), tag.get(..1) != name.get(..1), *tag)).min()?;
    // Of a single letter, one slip is no evidence.
    let near = distance == 0 || (distance == 1 && name.len() > 1) || (distance == 2 && name.len() > 4);
    near.then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::tags::Fault;

    /// Rule, first letter of the level, and the text it points at.
    fn found(value: &str) -> Vec<String> {
        let problems = parse(value.as_bytes()).1.into_iter();
        problems
            .map(|problem| {
                format!(
                    "{} {:?} {}",
                    problem.kind.rule().trim_start_matches("dmarc-"),
                    problem.kind.level(),
                    value.get(problem.range).unwrap()
                )
            })
            .collect()
    }

    fn good(rest: &str) -> String {
        format!("v=DMARC1; p=none; rua=mailto:d@example.jp{rest}")
    }

    #[test]
    fn good_records_have_no_problems() {
        for rest in [
            "",
            ";",
            "; sp=reject; np=quarantine; adkim=s; aspf=r; ruf=mailto:f@example.jp; fo=1:d:s; t=n; psd=u",
            ",mailto:e@example.jp",
        ] {
            assert_eq!(found(&good(rest)), [""; 0], "{rest}");
        }
        assert_eq!(found("v = DMARC1 ;\tp = NONE ; rua = mailto:d@example.jp"), [""; 0]);
    }

    #[test]
    fn each_problem_names_its_rule_and_place() {
        for (rest, wanted) in [
            ("; adkim=strict", "tag-syntax Error adkim=strict"),
            ("; fo=0:1; ruf=mailto:f@example.jp", "tag-syntax Error fo=0:1"),
            ("; fo=1", "tag-syntax Advice fo=1"),
            ("; t=yes", "tag-syntax Error t=yes"),
            ("; psd=x", "tag-syntax Error psd=x"),
            ("; asfp=r", "tag-syntax Warning asfp=r"),
            ("; p=none", "tag-syntax Error p=none"),
            ("; x", "tag-syntax Error x"),
            ("; pct=25", "removed-tags Warning pct=25"),
            ("; ri=86400", "removed-tags Warning ri=86400"),
            ("; rf=afrf", "removed-tags Warning rf=afrf"),
            ("; sp=monitor", "p-missing-or-invalid Error sp=monitor"),
            ("; psd=y", "psd-tag Info psd=y"),
            ("; psd=n", "psd-tag Info psd=n"),
            ("; t=y", "test-mode-left-on Info t=y"),
            ("!10m", "rua-syntax Warning !10m"),
            (",d@example.jp", "rua-syntax Error d@example.jp"),
            (", https://r.example.jp/", "rua-syntax Advice https://r.example.jp/"),
            (" mailto:e@example.jp", "rua-syntax Error  "),
        ] {
            assert_eq!(found(&good(rest)), [wanted], "{rest}");
        }
        assert_eq!(found("v=DMARC1; p=none"), ["rua-missing Warning v=DMARC1; p=none"]);
        assert_eq!(found("v=DMARC1; rua=mailto:d@example.jp; p=none"), ["p-missing-or-invalid Advice p=none"]);
        assert_eq!(
            found("v=DMARC1; rua=mailto:d@example.jp").first().map(String::as_str),
            Some("p-missing-or-invalid Warning v=DMARC1; rua=mailto:d@example.jp")
        );
        let many = good(",mailto:e@example.jp,mailto:f@example.jp");
        assert_eq!(found(&many), ["rua-syntax Advice mailto:d@example.jp,mailto:e@example.jp,mailto:f@example.jp"]);
    }

    #[test]
    fn a_record_that_is_not_recognised_says_why() {
        for (value, fault) in [
            ("v=dmarc1; p=none", VersionFault::Case),
            ("V=DMARC1; p=none", VersionFault::NameCase),
            ("p=none; v=DMARC1", VersionFault::NotFirst),
            (" v=DMARC1; p=none", VersionFault::LeadingSpace),
            ("v=DMARC1 p=none", VersionFault::NoSemicolon),
            ("v=DMARC1, p=none", VersionFault::NoSemicolon),
            ("v=DMARC1.0; p=none", VersionFault::Missing),
            ("v=spf1 -all", VersionFault::Spf),
            ("p=none", VersionFault::Missing),
            ("", VersionFault::Missing),
        ] {
            let (record, problems) = parse(value.as_bytes());
            let faults: Vec<_> = problems
                .iter()
                .filter_map(|problem| if let Kind::Version(fault) = problem.kind { Some(fault) } else { None })
                .collect();
            assert_eq!(faults, [fault], "{value}");
            assert_eq!(record.tags.octets(), value.as_bytes());
        }
    }

    #[test]
    fn a_policy_that_is_none_leaves_the_record_in_force_only_with_rua() {
        assert!(parse(b"v=DMARC1; p=monitor; rua=mailto:d@example.jp").0.is_in_force());
        assert!(!parse(b"v=DMARC1; p=monitor").0.is_in_force());
        assert!(!parse(b"v=DMARC1; p=monitor; rua=d@example.jp").0.is_in_force());
        assert!(parse(b"v=DMARC1").0.is_in_force());
    }

    #[test]
    fn suggestions() {
        for (name, tag) in [
            ("asfp", Some("aspf")),
            ("RUA", Some("rua")),
            ("po", Some("p")),
            ("adkm", Some("adkim")),
            ("x", None),
            ("policy", None),
        ] {
            assert_eq!(meant(name.as_bytes()), tag, "{name}");
        }
    }

    #[test]
    fn hostile_values_end() {
        for value in [
            b"v=DMARC1; rua=,".repeat(4_000),
            [b"v=DMARC1;rua=".to_vec(), b"mailto:a@b.example,".repeat(4_000)].concat(),
            b"x=;".repeat(20_000),
            [b"v=".to_vec(), vec![b' '; 65_000]].concat(),
        ] {
            assert_eq!(parse(&value).0.tags.octets(), value);
        }
    }
}
