//! What DNS publishes against what a site wants. It asks through [`Dns`] and never by itself; all else is pure.
//!
//! First who serves each zone (`serving`) and in whose panel that is edited (`panel`); then what every server says of what is wanted
//! (`published`); then what others say of where the records lead (`beyond`), whose mail passes SPF with that (`passing`), how the site's own
//! servers look to receivers (`reverse`), which signatures can be relied on (`signed`),
//! and where somebody fetches, what the web serves (`policy`). What nobody answered is told as not checked: it is neither
//! absent nor right.

mod beyond;
mod panel;
mod passing;
mod policy;
mod published;
mod reverse;
mod ruler;
mod rules;
mod serving;
mod signed;
mod since;
#[cfg(test)]
mod tests;
mod words;

pub use rules::{RULES, Rule};
pub use since::{Last, NotRead, Resolved, Since, document, since};

use std::collections::BTreeSet;
use std::net::SocketAddr;

use crate::build::Built;
use crate::compose::Member;
use crate::fit::FittedZone;
pub use crate::live::Dns;
use crate::live::{Answer, Outcome, Question, Resolve};
use crate::report::{Finding, Severity, Span, Text};
use crate::zone::{Name, Record};

/// What checking a site gave.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// What was found.
    pub findings: Vec<Finding>,
    /// How many names were asked for.
    pub names: usize,
    /// Whether anything was answered of what the site wants; else nothing was checked.
    pub answered: bool,
    /// Copies of keys that the vendor has changed.
    pub stale: Vec<Stale>,
}

/// A copy of a key that its vendor has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stale {
    /// Where the copy stands.
    pub name: Name,
    /// Where the vendor publishes the key.
    pub target: Name,
    /// The key as the vendor publishes it now.
    pub now: Vec<u8>,
    /// The texts that DNS has where the copy stands; none where nobody answered.
    pub published: Option<Vec<Record>>,
}

impl Checked {
    /// Whether everything that is wanted was seen to be published.
    #[must_use]
    pub fn is_there(&self) -> bool {
        const OPEN: [&str; 8] = [
            "check-missing",
            "check-different",
            "check-extra",
            "check-servers-disagree",
            "check-not-checked",
            "check-not-delegated",
            "dkim-record-missing",
            "dkim-cname-broken",
        ];
        self.answered && !self.findings.iter().any(|f| f.severity >= Severity::Warning && OPEN.contains(&f.id))
    }
}

/// Checks a site. With `servers` these are asked in place of those that are delegated, and who is delegated is not judged: a zone is looked
/// at before it is switched to.
#[must_use]
pub fn check(built: &Built<'_>, dns: &dyn Dns, servers: &[SocketAddr]) -> Checked {
    let mut run = Run {
        built,
        dns,
        findings: Vec::new(),
        names: BTreeSet::new(),
        answered: false,
        stale: Vec::new(),
        heard: false,
        dead: None,
    };
    let mut right = Vec::new();
    for zone in built.fitted.zones() {
        if let Some(serving) = serving::serving(&mut run, zone, servers) {
            right.append(&mut published::check(&mut run, zone, &serving));
            if zone.composed.origin == built.fitted.own.composed.origin {
                ruler::check(&mut run, zone, &serving);
            }
        }
    }
    let right = right.into_iter().collect();
    beyond::check(&mut run, &right);
    passing::check(&mut run, &right);
    reverse::check(&mut run);
    signed::check(&mut run);
    policy::check(&mut run);
    let off: Vec<&str> = built.site.lint_off.iter().map(|o| o.value.as_str()).collect();
    run.findings.retain(|finding| !off.contains(&finding.id));
    Checked { findings: run.findings, names: run.names.len(), answered: run.answered, stale: run.stale }
}

/// The answer to one question in place of that to another, where nobody is asked again.
fn instead(answer: &Answer, question: &Question) -> Answer {
    Answer { question: question.clone(), ..answer.clone() }
}

/// Whether there is nobody who answers.
fn is_silence(answer: &Answer) -> bool {
    matches!(answer.outcome, Outcome::Timeout { .. } | Outcome::Unreachable(_))
}

/// One site being checked.
struct Run<'r> {
    built: &'r Built<'r>,
    dns: &'r dyn Dns,
    findings: Vec<Finding>,
    /// Names that were asked for.
    names: BTreeSet<Name>,
    answered: bool,
    stale: Vec<Stale>,
    /// Whether the resolver has said anything.
    heard: bool,
    /// What a resolver gave that has said nothing: it is not waited for again.
    dead: Option<Answer>,
}

impl Run<'_> {
    /// Asks `who` several questions side by side.
    fn ask(&mut self, who: &dyn Resolve, questions: &[Question]) -> Vec<Answer> {
        self.names.extend(questions.iter().map(|question| question.name.clone()));
        who.ask_all(questions)
    }

    /// Asks the resolver.
    fn ask_resolver(&mut self, questions: &[Question]) -> Vec<Answer> {
        if let Some(dead) = &self.dead {
            return questions.iter().map(|question| instead(dead, question)).collect();
        }
        let answers = self.ask(self.dns.resolver(), questions);
        self.heard |= answers.iter().any(|answer| !is_silence(answer));
        if !self.heard {
            self.dead = answers.first().cloned();
        }
        answers
    }

    /// Where site.toml says whose panel a zone is edited in, else where it says that there is this zone.
    fn place(&self, zone: &FittedZone<'_>) -> Span {
        let site = self.built.site;
        let keyzone = site.keyzone.as_ref().filter(|_| self.built.fitted.is_keyzone(zone));
        let registrar = zone.composed.registrar.as_ref().map(|r| r.span);
        let section = keyzone.map(|k| k.zone.as_ref().unwrap_or(&k.suffix).span);
        registrar.or(section).unwrap_or(site.domain.span)
    }

    /// Keeps a finding: at the place that wants a record, in the panel where that is edited; without one, at the place of its zone.
    fn tell(&mut self, finding: Finding, zone: &FittedZone<'_>, member: Option<&Member>) {
        let wanted = member.and_then(|m| m.origins.iter().find_map(|origin| origin.span));
        let mut finding = finding.at(wanted.unwrap_or_else(|| self.place(zone)), Text::default());
        if finding.panel.is_none() && member.is_some() && finding.id != words::NOT_CHECKED {
            finding.panel = zone.registrar.map(|registrar| registrar.name.clone());
        }
        self.findings.push(finding);
    }
}
