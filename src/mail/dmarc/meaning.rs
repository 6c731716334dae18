//! What a record says, tag by tag, each in one spelling and every default said, so that two records can be compared.

use std::collections::BTreeMap;

use super::parse::{Recognised, parse, recognise};
use super::types::{Alignment, Kind, Psd, Record};
use crate::mail::tags::{self, Fault as _, Level};

/// What receivers make of a DMARC record: of each tag its value in one spelling, where it is not said that of RFC 9989 §4.7. Two records with
/// the same meaning do the same. `None` where a fault stands in it, since it is not certain then what all receivers make of it.
///
/// A `p` that is not said is not `none`: RFC 7489 §6.6.3 had receivers pass over such a record. What RFC 9989 took away counts as far as
/// older receivers act on it: `pct` and the limit on the size of a report do, `ri` and `rf` only asked. What nobody knows is compared as it is
/// written.
#[must_use]
pub fn meaning(value: &[u8]) -> Option<BTreeMap<String, String>> {
    let (record, problems) = parse(value);
    let is_fault = |kind: &Kind| kind.level() == Level::Error;
    if recognise(value) != Recognised::Yes || problems.iter().any(|problem| is_fault(&problem.kind)) {
        return None;
    }
    let dmarc = &record.dmarc;
    let alignment = |alignment| if alignment == Alignment::Strict { "s" } else { "r" };
    // Without an address for them there are no failure reports, whenever they were to be made.
    let fo: String = if dmarc.ruf.is_empty() || dmarc.fo.is_empty() { "0".into() } else { dmarc.fo.iter().collect() };
    let mut meaning: BTreeMap<String, String> = [
        ("p", dmarc.p.map_or("", super::Policy::as_str)),
        ("sp", dmarc.subdomain_policy(true).as_str()),
        ("np", dmarc.subdomain_policy(false).as_str()),
        ("adkim", alignment(dmarc.adkim)),
        ("aspf", alignment(dmarc.aspf)),
        ("fo", fo.as_str()),
        ("t", if dmarc.t { "y" } else { "n" }),
        ("psd", psd(dmarc.psd)),
        ("pct", "100"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    meaning.extend(["rua", "ruf"].map(|name| (name.to_owned(), addresses(&record, name))));
    for tag in record.tags.tags() {
        let name = String::from_utf8_lossy(record.tags.name(tag)).into_owned();
        // Of all tags only these stand there as they are written.
        let is_other = !matches!(name.as_str(), "v" | "ri" | "rf") && !meaning.contains_key(&name);
        if is_other || name == "pct" {
            let value = String::from_utf8_lossy(record.tags.value(tag)).into_owned();
            meaning.insert(name, value);
        }
    }
    Some(meaning)
}

fn psd(psd: Psd) -> &'static str {
    match psd {
        Psd::Unknown => "u",
        Psd::Yes => "y",
        Psd::No => "n",
    }
}

/// Where reports go. The order counts from the third address on: receivers may serve the first two only.
fn addresses(record: &Record, name: &str) -> String {
    let Some(tag) = record.tags.find(name.as_bytes()) else { return String::new() };
    let items = record.tags.items(&tag.value, b',');
    let one = |item| tags::address(&String::from_utf8_lossy(record.tags.slice(item)));
    let mut all: Vec<String> = items.into_iter().map(one).collect();
    if all.len() <= 2 {
        all.sort();
    }
    all.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands in the rest of two records, and whether it means the same by the sections that `meaning` names.
    #[test]
    fn a_default_that_is_said_is_none_and_a_value_is() {
        let same = |one: &str, other: &str| {
            let of = |rest: &str| meaning(format!("v=DMARC1; p=quarantine; rua=mailto:d@example.com{rest}").as_bytes());
            of(one).is_some_and(|one| of(other) == Some(one))
        };
        for rest in [
            "; sp=quarantine",
            "; sp=Quarantine; np=QUARANTINE",
            "; adkim=r; aspf=R",
            "; pct=100; ri=3600; rf=afrf",
            "; fo=0; t=n; psd=u",
            "; fo=1",
            ";",
        ] {
            assert!(same("", rest), "{rest}");
        }
        assert!(same("; ruf=mailto:F@Example.COM", "; ruf = MAILTO:F@example.com ; fo=0"));
        assert!(same(",mailto:e@example.com", " , mailto:e@example.com ;"));
        for rest in [
            "; sp=none",
            "; np=reject",
            "; adkim=s",
            "; pct=50",
            "; pct=x",
            "; t=y",
            "; psd=n",
            ",mailto:e@example.com",
            "!10m",
            "; ruf=mailto:f@example.com",
            "; x=y",
            "; sp=bogus",
        ] {
            assert!(!same("", rest), "{rest}");
        }
        assert!(!same("; ruf=mailto:F@example.com", "; ruf=mailto:f@example.com"));
        assert!(!same("; ruf=mailto:f@example.com; fo=1", "; ruf=mailto:f@example.com"));
    }

    #[test]
    fn the_order_of_two_addresses_is_none_and_that_of_three_is_one() {
        let of = |rua: &str| meaning(format!("v=DMARC1; p=none; rua={rua}").as_bytes());
        let [a, b, c] = ["mailto:a@example.com", "mailto:b@example.com", "mailto:c@example.com"];
        assert_eq!(of(&format!("{a},{b}")), of(&format!("{b}, {a}")));
        assert_ne!(of(&format!("{a},{b},{c}")), of(&format!("{c},{a},{b}")));
    }

    #[test]
    fn what_has_a_fault_means_nothing() {
        for value in ["v=DMARC1; p=bogus", "v=DMARC1; p=none; p=none", "v=DMARC1; p=none; x", "p=none", ""] {
            assert_eq!(meaning(value.as_bytes()), None, "{value}");
        }
        // Receivers of RFC 7489 pass over it, those of RFC 9989 take it for `p=none`.
        assert_ne!(meaning(b"v=DMARC1"), meaning(b"v=DMARC1; p=none"));
    }
}
