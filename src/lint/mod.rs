//! Rules over a zone, with or without a site that declares who sends. One family of rules a file, one table; prints nothing.

mod apex;
mod dkim;
mod dmarc;
mod dmarc_zone;
mod dns;
mod hosts;
pub(crate) mod layout;
mod mx;
mod policy;
mod providers;
mod retired;
mod spf;
mod spf_zone;
mod targets;
#[cfg(test)]
pub(crate) mod testing;
mod tls;
mod txt;
mod view;
mod web;
pub(crate) mod written;

pub(crate) use view::Part;
pub use view::{Seen, View, Written};

use crate::report::{Finding, Text};

/// One rule.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Its id, as findings carry it.
    pub id: &'static str,
    /// What it checks, one line.
    pub en: &'static str,
    /// The same in Japanese.
    pub ja: &'static str,
    /// The standard or page it rests on.
    pub source: &'static str,
    /// The check.
    pub check: fn(&View<'_>, &mut Vec<Finding>),
}

impl Rule {
    /// What it checks.
    #[must_use]
    pub fn summary(&self) -> Text {
        Text { en: self.en.to_owned(), ja: self.ja.to_owned() }
    }
}

/// All rules, a family a line.
#[rustfmt::skip]
pub const FAMILIES: &[&[Rule]] = &[
    dns::RULES,
    txt::RULES,
    written::RULES,
    mx::RULES,
    targets::RULES,
    tls::RULES,
    web::RULES,
    apex::RULES,
    spf::RULES,
    spf_zone::RULES,
    dkim::RULES,
    dmarc::RULES,
    dmarc_zone::RULES,
    providers::RULES,
    retired::RULES,
];

/// Every rule.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    FAMILIES.iter().flat_map(|f| f.iter())
}

/// What all rules say of `view`. Rules named in `off` do not speak.
#[must_use]
pub fn check(view: &View<'_>, off: &[&str]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in rules().filter(|r| !off.contains(&r.id)) {
        (rule.check)(view, &mut findings);
    }
    findings
}
