//! Random records over random zones: pyspf, which is not ours, comes to the same verdict.
//!
//! Needs tests/.venv and fails without it.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop; clippy does not see that helpers outside #[test] are tests too"
)]

#[path = "tools/dice.rs"]
mod dice;
mod tools;

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use dice::Dice;
use serde_json::{Value, json};
use zoneplan::mail::spf::{Answer, Dns, Outcome, Query, Trouble, Verdict, check_host, is_spf};

/// Zones that are made; each is asked by several clients.
const ZONES: usize = 10_000;
const CLIENTS: usize = 2;
/// The verdicts that must occur, so that the comparison says something.
const VERDICTS: [&str; 6] = ["pass", "fail", "softfail", "neutral", "none", "permerror"];

/// Owner → type → values.
type Names = BTreeMap<String, BTreeMap<&'static str, Vec<String>>>;

struct Zone<'a>(&'a Names);

impl Zone<'_> {
    fn ask<T>(&self, name: &str, rtype: &str, read: impl Fn(&str) -> T) -> Answer<T> {
        match self.0.get(name) {
            None => Answer::NxDomain,
            Some(sets) => Answer::Records(sets.get(rtype).into_iter().flatten().map(|value| read(value)).collect()),
        }
    }
}

impl Dns for Zone<'_> {
    fn txt(&self, name: &str) -> Answer<Vec<u8>> {
        self.ask(name, "TXT", |text| text.as_bytes().to_vec())
    }
    fn a(&self, name: &str) -> Answer<std::net::Ipv4Addr> {
        self.ask(name, "A", |text| text.parse().expect("IPv4"))
    }
    fn aaaa(&self, name: &str) -> Answer<std::net::Ipv6Addr> {
        self.ask(name, "AAAA", |text| text.parse().expect("IPv6"))
    }
    fn mx(&self, name: &str) -> Answer<String> {
        self.ask(name, "MX", str::to_owned)
    }
    fn ptr(&self, name: &str) -> Answer<String> {
        self.ask(name, "PTR", str::to_owned)
    }
}

const HOSTS: [&str; 8] =
    ["e.example", "b.example", "c.example", "d.example", "h1.example", "h2.e.example", "none.example", "x.b.example"];

fn domain(dice: &mut Dice) -> String {
    match dice.below(12) {
        0 => dice.pick(&["%{d}", "%{o}", "%{d2}", "%{h}"]).to_owned(),
        1 => format!("{}.{}", dice.pick(&["%{i}", "%{ir}", "%{l}", "%{l1r-}", "%{v}", "%{dr}"]), dice.pick(&HOSTS)),
        _ => dice.pick(&HOSTS).to_owned(),
    }
}

fn prefix(dice: &mut Dice) -> String {
    match dice.below(8) {
        0 => format!("/{}", dice.below(33)),
        1 => format!("//{}", dice.below(129)),
        2 => format!("/{}//{}", 20 + dice.below(13), 100 + dice.below(29)),
        _ => String::new(),
    }
}

/// pyspf refuses a record that includes itself before it evaluates anything, even behind `all`; RFC 7208 §4.6 knows no such check. So none does.
fn included(dice: &mut Dice, owner: &str) -> String {
    loop {
        let at = domain(dice);
        if at != owner && !at.ends_with('}') {
            return at;
        }
    }
}

fn term(dice: &mut Dice, owner: &str) -> String {
    let qualifier = dice.pick(&["", "", "", "", "+", "-", "~", "?"]);
    let (at, wide) = (domain(dice), prefix(dice));
    let bare = dice.percent(30);
    let body = match dice.below(20) {
        0..=3 => format!("ip4:192.0.2.{}/{}", dice.below(8), 24 + dice.below(9)),
        4 => format!("ip6:2001:db8::{:x}/{}", dice.below(8), 120 + dice.below(9)),
        5..=9 => format!("include:{}", included(dice, owner)),
        10 | 11 if bare => format!("a{wide}"),
        10 | 11 => format!("a:{at}{wide}"),
        12 | 13 if bare => format!("mx{wide}"),
        12 | 13 => format!("mx:{at}{wide}"),
        14 => format!("exists:{at}"),
        15 if bare => "ptr".to_owned(),
        15 => format!("ptr:{at}"),
        16 => return format!("redirect={at}"),
        // A number for each: pyspf refuses an unknown modifier that comes twice, RFC 7208 §6 says "no matter where, or how often".
        17 if bare => return format!("exp={}", dice.pick(&["x.e.example", "%{o}", "x.%{d}", "none.example"])),
        17 => return format!("m{}=%{{i}}", dice.next()),
        18 => dice.pick(&["all", "all", "ALL"]).to_owned(),
        // Mistakes, each of its own kind.
        _ => dice
            .pick(&[
                "ip4:192.0.2.300",
                "ip4:192.0.2.1/33",
                "include:",
                "a:/24",
                "foo:bar",
                "all:x",
                "ip6:2001:db8::g",
                "a:b.example/240",
                "exists:%{q}.example",
            ])
            .to_owned(),
    };
    format!("{qualifier}{body}")
}

fn record(dice: &mut Dice, owner: &str) -> String {
    let mut text = dice.pick(&["v=spf1", "v=spf1", "v=spf1", "v=spf1", "v=spf1", "V=SPF1", "v=spf10"]).to_owned();
    for _ in 0..dice.below(5) {
        let _ = write!(text, " {}", term(dice, owner));
    }
    if dice.percent(15) {
        text.push_str(" exp=x.e.example");
    }
    if dice.percent(70) {
        let _ = write!(text, " {}all", dice.pick(&["-", "~", "?", "+", ""]));
    }
    text
}

fn zone(dice: &mut Dice) -> Names {
    let mut names = Names::new();
    for name in ["e.example", "b.example", "c.example", "d.example", "h1.example", "h2.e.example", "x.b.example"] {
        let sets = names.entry(name.to_owned()).or_default();
        if name == "e.example" || dice.percent(70) {
            let texts = sets.entry("TXT").or_default();
            texts.push(record(dice, name));
            if dice.percent(3) {
                texts.push(record(dice, name));
            }
            if dice.percent(10) {
                texts.push("other text".to_owned());
            }
        }
        for _ in 0..dice.below(3) {
            sets.entry("A").or_default().push(format!("192.0.2.{}", dice.below(8)));
        }
        if dice.percent(40) {
            sets.entry("AAAA").or_default().push(format!("2001:db8::{:x}", 1 + dice.below(7)));
        }
        for _ in 0..dice.below(2) {
            sets.entry("MX").or_default().push(dice.pick(&HOSTS).to_owned());
        }
    }
    // What a refusal may say.
    for _ in 0..dice.below(3) {
        let text = dice.pick(&[
            "no",
            "%{i} is not %{d}",
            "%{s} %{l} %{o} %{h}",
            "%{S} %{c} %{v}%%%_%-",
            "%{d1r} %{l1r-}",
            "%{q}",
        ]);
        names.entry("x.e.example".to_owned()).or_default().entry("TXT").or_default().push(text.to_owned());
    }
    // Hosts that lead back to every client: whether a host of a PTR that does not counts as a look-up that finds nothing, RFC 7208 §4.6.4 and
    // §5.5 leave open, and pyspf counts it.
    for host in ["p.e.example", "p.b.example"] {
        let sets = names.entry(host.to_owned()).or_default();
        sets.entry("A").or_default().extend((0..8).map(|n| format!("192.0.2.{n}")));
        sets.entry("AAAA").or_default().extend((1..8).map(|n| format!("2001:db8::{n:x}")));
    }
    for n in 0..8 {
        if dice.percent(30) {
            let host = dice.pick(&["p.e.example", "p.b.example"]).to_owned();
            names.entry(format!("{n}.2.0.192.in-addr.arpa")).or_default().entry("PTR").or_default().push(host);
        }
    }
    for sets in names.values_mut() {
        for values in sets.values_mut() {
            // pyspf keeps sets.
            let mut seen = Vec::new();
            values.retain(|value| {
                !seen.contains(value) && {
                    seen.push(value.clone());
                    true
                }
            });
        }
    }
    names
}

#[test]
fn verdicts_are_those_of_pyspf() {
    let mut dice = Dice(7_208);
    let mut jobs = Vec::new();
    let mut zones = Vec::new();
    for _ in 0..ZONES {
        let names = zone(&mut dice);
        let clients: Vec<[String; 3]> = (0..CLIENTS)
            .map(|_| {
                let ip = if dice.percent(70) {
                    format!("192.0.2.{}", dice.below(8))
                } else {
                    format!("2001:db8::{:x}", 1 + dice.below(7))
                };
                let from = dice.pick(&["a@e.example", "a-b-c@e.example", "a@e.example", "@e.example", ""]).to_owned();
                [ip, from, dice.pick(&["e.example", "mail.b.example"]).to_owned()]
            })
            .collect();
        jobs.push(json!({ "zone": names, "clients": clients }));
        zones.push((names, clients));
    }
    let answers = tools::python("spf_eval.py", &Value::from(jobs));
    let answers = answers.as_array().expect("a list");
    assert_eq!(answers.len(), zones.len());
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let mut ways: HashMap<&str, usize> = HashMap::new();
    let (mut compared, mut failures) = (0, Vec::new());
    for ((names, clients), answer) in zones.iter().zip(answers) {
        for (client, theirs) in clients.iter().zip(answer.as_array().expect("a list")) {
            let [ip, from, helo] = client;
            let found = check_host(&Zone(names), &Query::new(ip.parse().expect("an address"), from, helo));
            let ours = found.verdict.name();
            compared += 1;
            *counts.entry(ours).or_default() += 1;
            let explanation = found.explanation.as_deref().unwrap_or_default();
            // Without a local part RFC 7208 §4.3 puts in `postmaster`; pyspf leaves it out of `%{s}`.
            let says_the_same = theirs["explanation"] == explanation || from.starts_with('@');
            if theirs["verdict"] != ours || !says_the_same {
                let ours = format!("{ours} “{explanation}” {:?}", found.trouble);
                failures.push(format!("{client:?}: pyspf {theirs}, ours {ours}\n{names:#?}"));
            }
            let mut count = |way, is| *ways.entry(way).or_default() += usize::from(is);
            count("look-ups", found.trouble == Some(Trouble::TooManyLookups));
            count("voids", found.trouble == Some(Trouble::TooManyVoids));
            count("explanation", !explanation.is_empty());
            count("macro", found.trace.iter().any(|line| line.term.contains("%{")));
            count("redirect", found.trace.iter().any(|line| line.term.starts_with("redirect=")));
            count("no sender", from.is_empty() && found.verdict != Verdict::None);
            // The trace says the same as the verdict: some term matched, or none did.
            let mut top = found.trace.iter().filter(|line| line.depth == 0).map(|line| line.outcome);
            let last = top.next_back();
            match found.verdict {
                Verdict::Pass | Verdict::Fail | Verdict::SoftFail => {
                    assert_eq!(last, Some(Outcome::Matches), "{names:#?}")
                }
                Verdict::None => {
                    let asked = if from.is_empty() { helo } else { "e.example" };
                    let texts = names.get(asked).and_then(|sets| sets.get("TXT"));
                    assert!(!texts.into_iter().flatten().any(|text| is_spf(text.as_bytes())), "{names:#?}");
                }
                _ => {}
            }
        }
    }
    failures.sort_by_key(String::len);
    assert!(failures.is_empty(), "{} of {compared} differ, the shortest:\n{}", failures.len(), failures[0]);
    assert_eq!(compared, ZONES * CLIENTS);
    for (way, n) in ways {
        assert!(n >= 50, "too few with {way}: {n}");
    }
    for verdict in VERDICTS {
        assert!(counts.get(verdict).is_some_and(|n| *n >= 50), "too few of {verdict}: {counts:?}");
    }
}
