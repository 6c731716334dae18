//! What DNS publishes against what a site wants. It asks through [`Dns`] and never by itself; all else is pure.
//!
//! First who serves each zone (`serving`) and in whose panel that is edited (`panel`); then what every server says of what is wanted
//! (`published`); then what others say of where the records lead (`beyond`), whose mail passes SPF with that (`passing`), how the site's own
//! servers look to receivers (`reverse`), which signatures can be relied on (`signed`),
//! and where somebody fetches, what the web serves (`policy`). What nobody answered is told as not checked: it is neither
//! absent nor right.

mod beyond;
mod faults;
mod panel;
mod passing;
mod policy;
mod proxy;
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
pub use since::{Kept, Last, NotRead, Of, Resolved, Since, document, news, since};
pub use words::NOT_CHECKED;

use std::collections::BTreeSet;
use std::net::SocketAddr;

use crate::build::Built;
use crate::compose::Member;
use crate::fit::FittedZone;
pub use crate::live::Dns;
use crate::live::{Answer, Outcome, Question, Resolve};
use crate::report::{About, Finding, Severity, Span, Text};
use crate::zone::{Name, Record, Rtype};

/// How far it goes that something was not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Open {
    /// Nobody said what the record is.
    Record,
    /// One of several did not say it.
    OneOfSeveral,
    /// Of where the record leads.
    Beyond,
}

/// What checking a site gave.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// What was found.
    pub findings: Vec<Finding>,
    /// How many names were asked for.
    pub names: usize,
    /// Whether anything was answered of what the site wants; else nothing was checked.
    pub answered: bool,
    /// Whether of something that is wanted nobody said what it is, or not everybody whom the command line names.
    pub unknown: bool,
    /// Records about which something was not answered: whether an earlier finding about them still holds is not known.
    pub open: BTreeSet<(About, Open)>,
    /// Rules that the site has switched off: what they would say is not known.
    pub off: BTreeSet<String>,
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
    /// Whether everything that is wanted was seen to be published. What others publish of where it leads is no part of that.
    #[must_use]
    pub fn is_there(&self) -> bool {
        const OPEN: [&str; 7] = [
            "check-missing",
            "check-different",
            "check-extra",
            "check-servers-disagree",
            "check-not-delegated",
            "dkim-record-missing",
            "dkim-cname-broken",
        ];
        self.answered
            && !self.unknown
            && !self.findings.iter().any(|f| f.severity >= Severity::Warning && OPEN.contains(&f.id))
    }
}

/// Checks a site. With `servers` these are asked in place of those that are delegated, and who is delegated is not judged: a zone is looked
/// at before it is switched to. Nobody else speaks for it then.
#[must_use]
pub fn check(built: &Built<'_>, dns: &dyn Dns, servers: &[SocketAddr]) -> Checked {
    let mut run = Run {
        built,
        dns,
        given: servers,
        findings: Vec::new(),
        names: BTreeSet::new(),
        answered: false,
        stale: Vec::new(),
        open: BTreeSet::new(),
        heard: false,
        dead: None,
    };
    let mut right = Vec::new();
    let mut is_heard = true;
    for zone in built.fitted.zones() {
        let Some(serving) = serving::serving(&mut run, zone, servers) else {
            // Nobody is asked for the records of a zone that is not there, nor who serves it.
            let records = zone.composed.rrsets.iter().map(|set| published::about(&set.name, set.rtype));
            run.open.extend(records.map(|about| (about, Open::Record)));
            run.open.insert((published::about(&zone.composed.origin, Rtype::NS), Open::Beyond));
            continue;
        };
        let Some(mut found) = published::check(&mut run, zone, &serving) else {
            is_heard = false;
            continue;
        };
        right.append(&mut found);
        if zone.composed.origin == built.fitted.own.composed.origin {
            ruler::check(&mut run, zone, &serving);
        }
    }
    // Without the zone that was to be looked at, where its records lead is nobody's question.
    if is_heard {
        let right = right.into_iter().collect();
        beyond::check(&mut run, &right);
        passing::check(&mut run, &right);
        reverse::check(&mut run);
        signed::check(&mut run);
        policy::check(&mut run);
    }
    let off: BTreeSet<String> = built.site.lint_off.iter().map(|o| o.value.clone()).collect();
    run.findings.retain(|finding| !off.contains(finding.id));
    let unknown = run.is_unknown();
    Checked {
        findings: run.findings,
        names: run.names.len(),
        answered: run.answered && is_heard,
        stale: run.stale,
        unknown,
        open: run.open,
        off,
    }
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
    /// Name servers that are asked in place of those that are delegated.
    given: &'r [SocketAddr],
    findings: Vec<Finding>,
    /// Names that were asked for.
    names: BTreeSet<Name>,
    answered: bool,
    stale: Vec<Stale>,
    /// About what something was not answered.
    open: BTreeSet<(About, Open)>,
    /// Whether the resolver has said anything.
    heard: bool,
    /// What a resolver gave that has said nothing: it is not waited for again.
    dead: Option<Answer>,
}

impl<'r> Run<'r> {
    /// Asks `who` several questions side by side.
    fn ask(&mut self, who: &dyn Resolve, questions: &[Question]) -> Vec<Answer> {
        self.names.extend(questions.iter().map(|question| question.name.clone()));
        who.ask_all(questions)
    }

    /// Whether of something that is wanted nobody said what it is; of those that the command line names, each has to.
    fn is_unknown(&self) -> bool {
        let most = if self.given.is_empty() { Open::Record } else { Open::OneOfSeveral };
        let zones = || self.built.fitted.zones().map(|zone| zone.composed);
        let sets = zones().flat_map(|zone| zone.rrsets.iter().map(|set| published::about(&set.name, set.rtype)));
        let switched = zones().flat_map(|zone| zone.switched.iter().map(|one| published::about(&one.name, one.rtype)));
        let wanted: BTreeSet<About> = sets.chain(switched).collect();
        self.open.iter().any(|(about, open)| *open <= most && wanted.contains(about))
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

    /// Asks where records lead: the resolver, but of the site's own names the name servers that the command line gives. What a resolver knows of
    /// a zone that is looked at before it is switched to is the old one.
    fn ask_beyond(&mut self, questions: &[Question]) -> Vec<Answer> {
        let Some(given) = self.given_server() else { return self.ask_resolver(questions) };
        let origin = &self.built.fitted.own.composed.origin;
        let told = self.ask(&*given, &beyond::own(origin, questions));
        beyond::asked_on(origin, questions, told, |open| self.ask_resolver(open))
    }

    /// The name servers that the command line gives, as one who answers.
    fn given_server(&self) -> Option<Box<dyn Resolve + 'r>> {
        let dns = self.dns;
        (!self.given.is_empty()).then(|| dns.name_server(&self.built.fitted.own.composed.origin, self.given)).flatten()
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
        if finding.id == NOT_CHECKED {
            self.open.extend(finding.about.iter().map(|about| (about.clone(), Open::Beyond)));
        } else if finding.panel.is_none() && member.is_some() {
            finding.panel = zone.registrar.map(|registrar| registrar.name.clone());
        }
        self.findings.push(finding);
    }
}
