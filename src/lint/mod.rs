//! Rules over a zone, with or without a site that declares who sends. One family of rules a file, one table; prints nothing.

mod apex;
mod dkim;
mod dmarc;
mod dmarc_zone;
mod dns;
mod hosts;
pub(crate) mod layout;
mod mx;
mod name_servers;
mod policy;
mod providers;
pub(crate) mod retired;
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

pub(crate) use dkim::secret_places;
pub(crate) use policy::{is_public_suffix, registrable};
pub(crate) use view::Part;
pub use view::{Seen, View, Written};

use std::ops::{Deref, DerefMut};

use crate::report::{Finding, Note, NoteKind, Text};
use crate::say;

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
    pub check: fn(&View<'_>, &mut Findings),
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
    name_servers::RULES,
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

/// Rules that say that something is missing, which only a whole zone can show.
const ABOUT_ABSENT: [&str; 11] = [
    "dmarc-missing",
    "dmarc-orgdomain-missing",
    "dkim-ed25519-only",
    "dkim-provider-set-incomplete",
    "dns-cname-dangling",
    "mtasts-record",
    "mx-missing",
    "mx-target-unresolvable",
    "ns-target-unresolvable",
    "spf-helo-missing",
    "spf-missing",
];

/// Whether the rule of this id says that something is missing.
#[must_use]
pub fn is_about_absent(id: &str) -> bool {
    ABOUT_ABSENT.contains(&id)
}

/// What a rule has found: as many findings as are wanted, and how many more there are.
#[derive(Debug)]
pub struct Findings {
    kept: Vec<Finding>,
    most: usize,
    more: usize,
}

impl Findings {
    /// All there are.
    #[must_use]
    pub fn all() -> Self {
        Self::at_most(usize::MAX)
    }

    /// The first `most` of them.
    #[must_use]
    pub fn at_most(most: usize) -> Self {
        Self { kept: Vec::new(), most, more: 0 }
    }

    /// Keeps a finding, or counts it.
    pub fn push(&mut self, finding: Finding) {
        if self.kept.len() < self.most {
            self.kept.push(finding);
        } else {
            self.more += 1;
        }
    }

    /// Keeps findings, or counts them.
    pub fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        findings.into_iter().for_each(|finding| self.push(finding));
    }

    /// Counts findings that were not made.
    pub fn skip(&mut self, more: usize) {
        self.more += more;
    }

    /// The findings; the last one says how many more there are.
    #[must_use]
    pub fn told(mut self) -> Vec<Finding> {
        let more = self.more;
        if let Some(last) = self.kept.last_mut().filter(|_| more > 0) {
            let text = say!(en: "{more} more of this kind in the zone", ja: "このゾーンには、同じ種類のものがほかに {more} 件あります");
            last.notes.push(Note { kind: NoteKind::Note, text });
        }
        self.kept
    }
}

impl IntoIterator for Findings {
    type Item = Finding;
    type IntoIter = std::vec::IntoIter<Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.told().into_iter()
    }
}

impl Deref for Findings {
    type Target = Vec<Finding>;

    fn deref(&self) -> &Self::Target {
        &self.kept
    }
}

impl DerefMut for Findings {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.kept
    }
}

/// What all rules say of `view`. Rules named in `off` do not speak.
#[must_use]
pub fn check(view: &View<'_>, off: &[&str]) -> Vec<Finding> {
    check_at_most(view, off, usize::MAX)
}

/// The same, with at most `most` findings of each rule; the last of them says how many more there are.
#[must_use]
pub fn check_at_most(view: &View<'_>, off: &[&str], most: usize) -> Vec<Finding> {
    let mut told = Vec::new();
    for rule in rules().filter(|r| !off.contains(&r.id)) {
        let mut findings = Findings::at_most(most);
        (rule.check)(view, &mut findings);
        told.append(&mut findings.told());
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_rules_is_of_rules_that_there_are() {
        for id in ABOUT_ABSENT {
            assert!(rules().any(|rule| rule.id == id), "{id}");
        }
    }
}
