//! The limits that hold for a zone: what the site says of its form over what the catalogue knows, and how firmly each is known.

use std::collections::BTreeMap;

use crate::catalogue::facts::{Evidence, Surface, Trust};
use crate::catalogue::limits::{Limit, LimitOrigin, LimitValue, RawLimit, key};
use crate::catalogue::registrar::Registrar;
use crate::report::{Confidence, Text};
use crate::say;

/// Whether a limit refuses or only warns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// One report, or a source that speaks of the API only.
    Weak,
    /// Documented for the form, stated by the site, or by two independent sources.
    Known,
}

impl Limit {
    /// Whether it refuses or only warns.
    #[must_use]
    pub fn strength(&self) -> Strength {
        let LimitOrigin::Catalogue(evidence) = &self.origin else { return Strength::Known };
        let of_form = || evidence.iter().filter(|e| e.surface != Surface::Api);
        if of_form().any(|e| e.trust == Trust::Documented) {
            return Strength::Known;
        }
        let mut addresses: Vec<String> =
            of_form().filter(|e| e.trust > Trust::CodeMap).map(|e| publisher(&e.url)).collect();
        addresses.sort_unstable();
        addresses.dedup();
        if addresses.len() >= 2 { Strength::Known } else { Strength::Weak }
    }

    /// How sure a finding that rests on it may be.
    #[must_use]
    pub fn confidence(&self) -> Confidence {
        match &self.origin {
            LimitOrigin::Site(_) => Confidence::High,
            LimitOrigin::Catalogue(_) if self.strength() == Strength::Known => Confidence::High,
            LimitOrigin::Catalogue(evidence) => {
                if evidence.iter().any(|e| e.trust > Trust::UserReport) {
                    Confidence::Medium
                } else {
                    Confidence::Low
                }
            }
        }
    }

    /// Where it comes from, in words.
    #[must_use]
    pub fn source(&self) -> Text {
        match &self.origin {
            LimitOrigin::Site(_) => say!(en: "your own [limits]", ja: "site.toml に書いた [limits]（あなたの申告）"),
            LimitOrigin::Catalogue(evidence) => {
                let best = evidence.iter().max_by_key(|e| (e.surface != Surface::Api, e.trust));
                best.map(evidence_text).unwrap_or_default()
            }
        }
    }
}

/// Who stands behind an address: its host, and in a public repository the owner and the repository. Two pages of one guide are one source.
fn publisher(url: &str) -> String {
    let plain = url.trim_start_matches("https://").trim_start_matches("http://");
    let plain = plain.split_whitespace().next().filter(|_| plain.contains('.')).unwrap_or(plain);
    let parts = if plain.starts_with("github.com/") { 3 } else { 1 };
    let plain: Vec<&str> = plain.split('/').take(parts).collect();
    plain.join("/").split('@').next().unwrap_or_default().to_ascii_lowercase()
}

/// One source in words: address, date, how it knows, and that it speaks of the API if it does.
fn evidence_text(e: &Evidence) -> Text {
    let (url, date, trust) = (crate::catalogue::facts::place(&e.url), &e.date, e.trust.text());
    let api = if e.surface == Surface::Api {
        say!(en: "; it speaks of the API, the form may differ", ja: "。API についての資料で、画面とは違うことがあります")
    } else {
        Text::default()
    };
    say!(en: "{url} ({date}, {trust}){api}", ja: "{url}（{date}、{trust}）{api}"; url = url, trust = trust, api = api)
}

/// What the catalogue may say otherwise of the same thing, and no longer counts once the site has said this.
fn outranked(own: &str) -> &'static [&'static str] {
    match own {
        "txt-max" => &["txt-over-255", "txt-max-encoded", "txt-refused-at", "txt-truncates"],
        "value-max" => {
            &["txt-max", "txt-over-255", "txt-max-encoded", "cname-target-max", "srv-target-max", "caa-value-max"]
        }
        "types" => &["types-unsupported", "ipv6"],
        "owner-underscore" => {
            &["a-owner-underscore", "cname-owner-underscore", "txt-owner-underscore", "ns-owner-underscore"]
        }
        "cname-target-underscore" => &["cname-target-charset"],
        "ttl-min" => &["ttl-values", "ttl-below-min-becomes"],
        "ttl-max" => &["ttl-values"],
        _ => &[],
    }
}

/// The limits of one zone. What is absent is unknown.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    known: BTreeMap<&'static str, Limit>,
}

impl Limits {
    /// The site's limits over the registrar's.
    #[must_use]
    pub fn new(registrar: Option<&Registrar>, own: &[RawLimit]) -> Self {
        let mut known: BTreeMap<&'static str, Limit> = BTreeMap::new();
        for limit in registrar.into_iter().flat_map(|r| &r.limits) {
            known.insert(limit.key.name, limit.clone());
        }
        for (at, _) in own {
            // That a form wants several strings is its shape, not how much it takes.
            let shape = |l: &Limit| l.key.name == "txt-over-255" && l.value != LimitValue::Word("reject".to_owned());
            for outranked in outranked(at.value.name) {
                if known.get(outranked).is_some_and(|l| !shape(l)) {
                    known.remove(outranked);
                }
            }
        }
        for (at, value) in own {
            let limit = Limit { key: at.value, value: value.clone(), origin: LimitOrigin::Site(at.span) };
            known.insert(at.value.name, limit);
        }
        Self { known }
    }

    /// Every limit that is known, by key.
    pub fn all(&self) -> impl Iterator<Item = &Limit> {
        self.known.values()
    }

    /// A limit by its key.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Limit> {
        debug_assert!(key(name).is_some(), "no limit is called {name}");
        self.known.get(name)
    }

    /// A count.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<(u64, &Limit)> {
        match self.get(name) {
            Some(limit @ Limit { value: LimitValue::Number(n), .. }) => Some((*n, limit)),
            _ => None,
        }
    }

    /// Allowed or not.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<(bool, &Limit)> {
        match self.get(name) {
            Some(limit @ Limit { value: LimitValue::Flag(f), .. }) => Some((*f, limit)),
            _ => None,
        }
    }

    /// A word or text.
    #[must_use]
    pub fn word(&self, name: &str) -> Option<(&str, &Limit)> {
        match self.get(name) {
            Some(limit @ Limit { value: LimitValue::Word(w), .. }) => Some((w, limit)),
            _ => None,
        }
    }

    /// Several words.
    #[must_use]
    pub fn words(&self, name: &str) -> Option<(&[String], &Limit)> {
        match self.get(name) {
            Some(limit @ Limit { value: LimitValue::Words(w), .. }) => Some((w, limit)),
            _ => None,
        }
    }

    /// Several numbers.
    #[must_use]
    pub fn numbers(&self, name: &str) -> Option<(&[u64], &Limit)> {
        match self.get(name) {
            Some(limit @ Limit { value: LimitValue::Numbers(n), .. }) => Some((n, limit)),
            _ => None,
        }
    }

    /// A count for each type.
    #[must_use]
    pub fn per_type(&self, name: &str) -> Option<(&BTreeMap<String, u64>, &Limit)> {
        match self.get(name) {
            Some(limit @ Limit { value: LimitValue::PerType(m), .. }) => Some((m, limit)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::publisher;

    #[test]
    fn two_pages_of_one_guide_are_one_source() {
        assert_eq!(
            publisher("github.com/a/guide@61f57cc x/onamae.md (a guide)"),
            publisher("github.com/a/guide@67e6695 y.md")
        );
        assert_eq!(publisher("https://help.example.com/1"), publisher("https://help.example.com/2"));
        assert_ne!(publisher("https://help.example.com/1"), publisher("https://blog.example.net/1"));
        assert_eq!(publisher("a public repository"), publisher("a public repository"));
    }
}
