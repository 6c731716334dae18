//! The evaluator against zones with known results: zoneplan's own and the RFC 7208 suite of openspf.org, which tests/run downloads.
//!
//! Needs tests/.venv and fails without it.
#![allow(clippy::expect_used, clippy::panic, reason = "clippy does not see that helpers outside #[test] are tests too")]

mod tools;

use std::collections::HashMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use serde::Deserialize;
use serde_json::Value;
use zoneplan::mail::spf::{Answer, Dns, Query, Trouble, Verdict, check_host};

/// Owner in lower case → records as `[type, value]`. `["TIMEOUT", null]` leaves every other type of the name without an answer.
struct Zone(HashMap<String, Vec<(String, Value)>>);

impl Zone {
    fn ask<T>(&self, name: &str, kind: &str, read: impl Fn(&Value) -> Option<T>) -> Answer<T> {
        let mut name = name.to_owned();
        for _ in 0..8 {
            let Some(records) = self.0.get(&name) else {
                return Answer::NxDomain;
            };
            let found: Vec<T> =
                records.iter().filter(|(of, _)| of == kind).filter_map(|(_, value)| read(value)).collect();
            if !found.is_empty() {
                return Answer::Records(found);
            }
            if records.iter().any(|(of, _)| of == "TIMEOUT") {
                return Answer::TempFail;
            }
            match records.iter().find(|(of, _)| of == "CNAME").and_then(|(_, value)| value.as_str()) {
                Some(target) => name = target.trim_end_matches('.').to_ascii_lowercase(),
                None => return Answer::NoData,
            }
        }
        Answer::TempFail
    }
}

impl Dns for Zone {
    fn txt(&self, name: &str) -> Answer<Vec<u8>> {
        self.ask(name, "TXT", |value| match value {
            Value::Array(strings) => Some(strings.iter().filter_map(Value::as_str).collect::<String>().into_bytes()),
            other => other.as_str().map(|text| text.as_bytes().to_vec()),
        })
    }
    fn a(&self, name: &str) -> Answer<Ipv4Addr> {
        self.ask(name, "A", |value| value.as_str()?.parse().ok())
    }
    fn aaaa(&self, name: &str) -> Answer<Ipv6Addr> {
        self.ask(name, "AAAA", |value| value.as_str()?.parse().ok())
    }
    fn mx(&self, name: &str) -> Answer<String> {
        self.ask(name, "MX", |value| Some(value.get(1)?.as_str()?.to_owned()))
    }
    fn ptr(&self, name: &str) -> Answer<String> {
        self.ask(name, "PTR", |value| Some(value.as_str()?.to_owned()))
    }
}

type Records = HashMap<String, Vec<(String, Value)>>;

#[derive(Deserialize)]
struct Case {
    title: String,
    zone: Records,
    checks: Vec<Check>,
}

#[derive(Deserialize)]
struct Check {
    ip: String,
    mail_from: String,
    result: String,
}

#[test]
fn own_zones() -> Result<(), Box<dyn std::error::Error>> {
    let cases: Vec<Case> = serde_json::from_str(include_str!("vectors/spf_evaluation.json"))?;
    assert_eq!(cases.len(), 31);
    let mut count = 0;
    for case in cases {
        let zone = Zone(case.zone);
        for check in case.checks {
            let found = check_host(&zone, &Query::new(check.ip.parse()?, &check.mail_from, "mail.example.com"));
            assert_eq!(
                found.verdict.name(),
                check.result,
                "{}: {} {} → {found:?}",
                case.title,
                check.ip,
                check.mail_from
            );
            count += 1;
        }
    }
    assert_eq!(count, 71);
    Ok(())
}

#[derive(Deserialize)]
struct Scenario {
    title: String,
    zone: Records,
    tests: Vec<SuiteTest>,
}

#[derive(Deserialize)]
struct SuiteTest {
    id: String,
    ip: String,
    helo: String,
    mail_from: String,
    results: Vec<String>,
    /// Absent: not said. Null: none of the domain's own.
    #[serde(default, deserialize_with = "present")]
    explanation: Option<Option<String>>,
}

fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}

#[test]
fn rfc7208_suite() -> Result<(), Box<dyn std::error::Error>> {
    let suite: Vec<Scenario> = serde_json::from_value(tools::python("rfc7208_suite.py", &Value::Null))?;
    let (mut count, mut wrong) = (0, Vec::new());
    for Scenario { title, zone, tests } in suite {
        let zone = Zone(zone);
        for test in tests {
            let found = check_host(&zone, &Query::new(test.ip.parse()?, &test.mail_from, &test.helo));
            let right = test.results.iter().any(|result| result == found.verdict.name())
                && test.explanation.is_none_or(|explanation| explanation == found.explanation);
            if !right {
                wrong.push(format!("{title}, {}: wanted {:?}, found {found:?}", test.id, test.results));
            }
            count += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(count, 203);
    Ok(())
}

fn zone(records: &[(&str, &str)]) -> Zone {
    let mut zone: Records = HashMap::new();
    for (name, text) in records {
        zone.entry((*name).to_owned()).or_default().push(("TXT".to_owned(), Value::from(*text)));
    }
    Zone(zone)
}

#[test]
fn the_path_names_every_term_on_the_way() {
    let zone = zone(&[
        ("e.example", "v=spf1 ip4:192.0.2.1 include:a.example include:b.example -all"),
        ("a.example", "v=spf1 ip4:198.51.100.1 ~all"),
        ("b.example", "v=spf1 include:c.example -all"),
        ("c.example", "v=spf1 ip4:203.0.113.0/24 -all"),
    ]);
    let found = check_host(&zone, &Query::new(Ipv4Addr::new(203, 0, 113, 9).into(), "a@e.example", "mail.e.example"));
    let path: Vec<(&str, &str)> = found.path.iter().map(|step| (step.domain.as_str(), step.term.as_str())).collect();
    assert_eq!(
        path,
        [("e.example", "include:b.example"), ("b.example", "include:c.example"), ("c.example", "ip4:203.0.113.0/24")]
    );
    assert_eq!((found.verdict, found.lookups, found.voids), (Verdict::Pass, 3, 0));
    let stranger = check_host(&zone, &Query::new(Ipv4Addr::new(192, 0, 2, 9).into(), "a@e.example", "mail.e.example"));
    let path: Vec<&str> = stranger.path.iter().map(|step| step.term.as_str()).collect();
    assert_eq!((stranger.verdict, path.as_slice()), (Verdict::Fail, ["-all"].as_slice()));
}

#[test]
fn an_error_says_where() {
    let zone = zone(&[("e.example", "v=spf1 include:a.example -all"), ("a.example", "v=spf1 include:gone.jp -all")]);
    let found = check_host(&zone, &Query::new(Ipv4Addr::LOCALHOST.into(), "a@e.example", "mail.e.example"));
    assert_eq!(found.trouble, Some(Trouble::NoRecord("gone.jp".to_owned())));
    assert_eq!(found.path.last().map(|step| step.term.as_str()), Some("include:gone.jp"));
}

#[test]
fn a_redirect_without_a_match_leaves_no_path() {
    let zone = zone(&[("e.example", "v=spf1 redirect=a.example"), ("a.example", "v=spf1 ip4:192.0.2.1")]);
    let found = check_host(&zone, &Query::new(Ipv4Addr::LOCALHOST.into(), "a@e.example", "mail.e.example"));
    assert_eq!((found.verdict, found.path.len(), found.lookups), (Verdict::Neutral, 0, 1));
}

/// A record of 64 KiB full of macros, a long sender, and eleven levels of it.
#[test]
fn hostile_records_end_soon() {
    let macros = "%{s}%{l1r-}%{S}".repeat(4300);
    let record = format!("v=spf1 include:{macros}%{{d}} -all");
    let zone = zone(&[("e.example", record.as_str())]);
    let sender = format!("{}@e.example", "-x".repeat(490));
    let found = check_host(&zone, &Query::new(Ipv4Addr::LOCALHOST.into(), &sender, "mail.e.example"));
    assert_eq!(found.verdict, Verdict::PermError);
    let sender = format!("{}@e.example", "x".repeat(70_000));
    let found = check_host(&zone, &Query::new(Ipv4Addr::LOCALHOST.into(), &sender, "mail.e.example"));
    assert_eq!(found.trouble, Some(Trouble::BadSender));
}
