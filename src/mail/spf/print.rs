//! Text out: a record as it was, and the normal form that two terms are compared by.

use std::fmt;

use super::types::{DomainSpec, DualPrefix, Qualifier, Record, Term, TermKind};

impl Record {
    /// The octets that were parsed, unchanged.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text
    }
}

/// The shortest spelling of a term at the domain it stands at; two terms that always mean the same have the same one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Normal(String);

impl Normal {
    /// The spelling, which is itself a valid term.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Normal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Term {
    /// The normal form of this term in a record at `domain`: no `+`, lower case, no final dot, no name or prefix that
    /// is implied, host bits cleared, IPv6 as in RFC 5952. A domain-spec with macros stays as written, because the case of
    /// a macro letter has a meaning (RFC 7208 §7.3).
    #[must_use]
    pub fn normal(&self, domain: &str) -> Normal {
        let body = self.body(domain);
        Normal(match self.qualifier {
            Qualifier::Pass => body,
            other => format!("{}{body}", other.symbol()),
        })
    }

    /// The normal form without its qualifier: what is matched, not what a match means.
    pub(super) fn body(&self, domain: &str) -> String {
        match &self.kind {
            TermKind::All => "all".to_owned(),
            TermKind::Include(name) => format!("include:{}", normal_name(name)),
            TermKind::A { domain: name, prefix } => {
                format!("a{}{}", optional_name(name.as_ref(), domain), normal_prefix(*prefix))
            }
            TermKind::Mx { domain: name, prefix } => {
                format!("mx{}{}", optional_name(name.as_ref(), domain), normal_prefix(*prefix))
            }
            TermKind::Ptr(name) => format!("ptr{}", optional_name(name.as_ref(), domain)),
            TermKind::Ip4 { .. } | TermKind::Ip6 { .. } => {
                self.kind.network().map_or_else(|| self.raw.clone(), |network| network.term())
            }
            TermKind::Exists(name) => format!("exists:{}", normal_name(name)),
            TermKind::Redirect(name) => format!("redirect={}", normal_name(name)),
            TermKind::Exp(name) => format!("exp={}", normal_name(name)),
            TermKind::UnknownModifier { name, value } => {
                format!("{}={value}", name.to_ascii_lowercase())
            }
        }
    }
}

/// A name in lower case without its final dot; with macros, as written.
pub(super) fn normal_name(name: &DomainSpec) -> String {
    if name.macros {
        return name.text.clone();
    }
    lower_name(&name.text)
}

/// A domain name in lower case without its final dot.
pub(super) fn lower_name(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

/// `:name`, or nothing if the name is the domain that is meant anyway.
fn optional_name(name: Option<&DomainSpec>, domain: &str) -> String {
    match name.map(normal_name) {
        Some(name) if name != lower_name(domain) => format!(":{name}"),
        _ => String::new(),
    }
}

fn normal_prefix(prefix: DualPrefix) -> String {
    let mut text = String::new();
    if let Some(bits) = prefix.v4.filter(|&bits| bits != 32) {
        text.push_str(&format!("/{bits}"));
    }
    if let Some(bits) = prefix.v6.filter(|&bits| bits != 128) {
        text.push_str(&format!("//{bits}"));
    }
    text
}
