//! For the rules' own tests: a zone written in a line a record.

use crate::catalogue::Catalogue;
use crate::compose::{Declared, DeclaredSender, DkimState, Envelope, SpfPlace};
use crate::report::{Finding, Severity, Sources};
use crate::zone::{Name, Rdata, Record, Rtype};

use super::{Findings, Rule, Seen, View};

/// A name of the tests.
pub(crate) fn name(text: &str) -> Name {
    Name::parse_absolute(text).unwrap()
}

/// Records from lines `owner TYPE data`: owners relative to `origin`, data in presentation format with names relative to it too.
/// A TTL may stand before the type.
pub(crate) fn records(origin: &str, lines: &str) -> Vec<Seen> {
    let origin = name(origin);
    lines
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .map(|line| {
            let (owner, rest) = line.split_once(' ').unwrap();
            let (mut word, mut rest) = rest.trim().split_once(' ').unwrap();
            let mut ttl = 3600;
            if let Ok(given) = word.parse() {
                ttl = given;
                (word, rest) = rest.trim().split_once(' ').unwrap();
            }
            let rtype: Rtype = word.parse().unwrap();
            let record = Record {
                name: Name::parse(owner, Some(&origin)).unwrap(),
                rtype,
                ttl,
                rdata: Rdata::parse(rtype, rest.trim(), Some(&origin)).unwrap(),
            };
            Seen::new(record, Vec::new(), None)
        })
        .collect()
}

/// A sender at `from` that has everything right; tests change what they are about.
pub(crate) fn sender(from: &str) -> DeclaredSender {
    DeclaredSender {
        party: 0,
        sends: true,
        receives: false,
        web: false,
        from: name(from),
        from_given: None,
        envelope: Envelope::From,
        spf: SpfPlace::From,
        dkim: DkimState::Aligned,
        mx_by_switch: false,
        dkim_unknown_said: false,
        dkim_owners: vec![name(&format!("s1._domainkey.{from}"))],
        kind: "esp",
    }
}

/// What one rule says of a zone at example.com.
pub(crate) fn run(rule: &Rule, lines: &str, declared: Option<&Declared>) -> Vec<Finding> {
    let origin = name("example.com");
    let sources = Sources::default();
    let catalogue = Catalogue::embedded();
    let view = View::new(&origin, records("example.com", lines), declared, &[], &sources).with(&catalogue);
    let mut findings = Findings::all();
    (rule.check)(&view, &mut findings);
    findings.told()
}

/// The severities of what one rule says, for short assertions.
pub(crate) fn levels(rule: &Rule, lines: &str, declared: Option<&Declared>) -> Vec<Severity> {
    run(rule, lines, declared).iter().map(|f| f.severity).collect()
}
