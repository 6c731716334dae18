//! What the registrar's support has to be asked: what decides over the wanted records and is not known of the form, and what the form is
//! known to refuse. Only the form itself is ever asked about. Prints nothing.

use crate::catalogue::facts::Trust;
use crate::catalogue::limits::{Limit, LimitOrigin, LimitValue};
use crate::zone::Rtype;

use super::check::outside;
use super::check::{SURE, has_underscore};
use super::limits::{Limits, Strength};
use super::model::{Effect, FittedRecord, FittedZone, Outcome};

/// Octets of the usual record of a DKIM key, RSA with 2048 bits (computed from the DER).
pub const USUAL_KEY: u64 = 410;
/// TTLs that hardly any form refuses, seconds.
const USUAL_TTL: std::ops::RangeInclusive<u32> = 3600..=86400;
/// Findings that are settled in site.toml, not by support.
const OURS: [&str; 3] = ["host-ttl", "host-ttl-scope", "host-mx-priority"];

/// The longest TXT that is to be entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Longest {
    /// Its octets.
    pub octets: u64,
    /// Its owner; none for a key that is not given yet, or without a site.
    pub name: Option<String>,
    /// It is a DKIM key.
    pub dkim: bool,
}

/// What a question is about, with what makes it matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Topic {
    /// How long a TXT may be.
    TxtLength(Longest),
    /// How a TXT over 255 octets is entered.
    TxtOver255,
    /// `_` in the content of a CNAME; an example, if the site has one.
    CnameTarget(Option<String>),
    /// `_` in the hosts of these types; an example, if the site has one.
    Owners(Vec<Rtype>, Option<String>),
    /// NS below the apex.
    NsBelowApex,
    /// A null MX.
    NullMx,
    /// A TTL as short as this.
    TtlLow(u32),
    /// A TTL as long as this.
    TtlHigh(u32),
    /// Whether a limit that is not firmly known holds; the types of the records concerned.
    Doubt(Vec<Rtype>),
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What about.
    pub topic: Topic,
    /// What is said of it, but not firmly known.
    pub heard: Option<Limit>,
}

/// A limit that is known to keep records out.
#[derive(Clone, Debug)]
pub struct Refusal<'a> {
    /// The limit.
    pub limit: &'a Limit,
    /// The records, and what of them was measured where the limit is a number.
    pub records: Vec<(&'a FittedRecord, Option<u64>)>,
}

/// What a letter to support is made of.
#[derive(Clone, Debug, Default)]
pub struct Inquiry<'a> {
    /// What is not known.
    pub questions: Vec<Question>,
    /// What is known to be refused: is there another way?
    pub refusals: Vec<Refusal<'a>>,
    /// The records concerned.
    pub records: Vec<&'a FittedRecord>,
    /// What was looked for and is known.
    pub settled: Vec<Limit>,
}

impl Inquiry<'_> {
    /// Whether there is nothing to ask.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.questions.is_empty() && self.refusals.is_empty()
    }
}

/// What has to be asked for a zone, or without one: for a long key, a CNAME with `_`, hosts with `_`, a delegation.
#[must_use]
pub fn inquiry<'a>(limits: &Limits, zone: Option<&'a FittedZone<'_>>) -> Inquiry<'a> {
    let mut out = Inquiry::default();
    if let Some(zone) = zone {
        out.records = zone.records.iter().filter(|r| is_for_support(r)).collect();
        out.refusals = refusals(&out.records);
    }
    let wanted = zone.map_or_else(Wanted::usual, |zone| Wanted::of(zone, &out.records));
    for (topic, answer) in wanted.topics(limits) {
        match answer {
            Answer::Open(heard) => out.questions.push(Question { topic, heard: heard.cloned() }),
            Answer::Known(limit) => {
                if !out.settled.contains(limit) {
                    out.settled.push(limit.clone());
                }
            }
        }
    }
    if let Some(zone) = zone {
        doubts(&mut out, zone);
    }
    out
}

/// Limits on the length of a TXT: one question is enough for all.
const LENGTH: [&str; 6] =
    ["txt-max", "value-max", "txt-max-encoded", "txt-truncates", "txt-refused-at", "txt-over-255"];

/// Adds limits that are not firmly known, keep a record out, and are not asked about yet.
fn doubts(out: &mut Inquiry<'_>, zone: &FittedZone<'_>) {
    let asks_length = out.questions.iter().any(|q| matches!(q.topic, Topic::TxtLength(_)));
    for record in &out.records {
        let Some(rtype) = zone.composed.rrsets.get(record.set).map(|set| set.rtype) else { continue };
        let weak = record.causes.iter().filter(|c| {
            matches!(c.effect, Effect::Refuses | Effect::Damages)
                && c.strength == Strength::Weak
                && !OURS.contains(&c.id)
                && !(asks_length && rtype == Rtype::TXT && LENGTH.contains(&c.limit.key.name))
        });
        for cause in weak {
            let same = |q: &&mut Question| q.heard.as_ref().is_some_and(|heard| heard.key == cause.limit.key);
            match out.questions.iter_mut().find(same) {
                Some(Question { topic: Topic::Doubt(types), .. }) if !types.contains(&rtype) => types.push(rtype),
                Some(_) => {}
                None => {
                    let topic = Topic::Doubt(vec![rtype]);
                    out.questions.push(Question { topic, heard: Some(cause.limit.clone()) });
                }
            }
        }
    }
}

/// Whether the form refuses the record, or might, for a reason that only support can do something about.
fn is_for_support(record: &FittedRecord) -> bool {
    matches!(record.outcome, Outcome::Unverified | Outcome::Damaged | Outcome::Refused)
        && (record.causes.is_empty() || record.causes.iter().any(|c| !OURS.contains(&c.id)))
}

/// The limits that are known to keep records out, in the order of the records.
fn refusals<'a>(records: &[&'a FittedRecord]) -> Vec<Refusal<'a>> {
    let mut out: Vec<Refusal<'a>> = Vec::new();
    for record in records {
        let known = record.causes.iter().filter(|c| {
            matches!(c.effect, Effect::Refuses | Effect::Damages)
                && c.strength == Strength::Known
                && !OURS.contains(&c.id)
                // That one of a length was refused leaves the limit itself unknown.
                && c.limit.key.name != "txt-refused-at"
        });
        for cause in known {
            let entry = (*record, cause.measured);
            match out.iter_mut().find(|r| r.limit.key == cause.limit.key) {
                Some(refusal) if refusal.records.last().is_some_and(|(last, _)| std::ptr::eq(*last, *record)) => {}
                Some(refusal) => refusal.records.push(entry),
                None => out.push(Refusal { limit: &cause.limit, records: vec![entry] }),
            }
        }
    }
    out
}

/// What is to be entered, as far as questions may depend on it.
#[derive(Default)]
struct Wanted {
    txt: Option<Longest>,
    cname_target: Option<Option<String>>,
    /// Types with `_` in a host.
    owners: Vec<Rtype>,
    owner: Option<String>,
    ns: bool,
    null_mx: bool,
    ttl_low: Option<u32>,
    ttl_high: Option<u32>,
}

impl Wanted {
    /// What mail services want of most domains.
    fn usual() -> Self {
        Self {
            txt: Some(Longest { octets: USUAL_KEY, name: None, dkim: true }),
            cname_target: Some(None),
            owners: vec![Rtype::TXT, Rtype::CNAME],
            ns: true,
            ..Self::default()
        }
    }

    /// What this zone wants; `concerned` are the records that the form refuses, or might.
    fn of(zone: &FittedZone<'_>, concerned: &[&FittedRecord]) -> Self {
        let mut this = Self::default();
        let origin = &zone.composed.origin;
        // What a switch makes is not typed.
        for (set, member, _) in zone.each().filter(|(.., r)| r.outcome != Outcome::Switch) {
            let name = || set.name.display_without_dot().to_string();
            let ttl = set.ttl.seconds();
            if ttl < *USUAL_TTL.start() {
                this.ttl_low = Some(this.ttl_low.map_or(ttl, |low| low.min(ttl)));
            }
            if ttl > *USUAL_TTL.end() {
                this.ttl_high = Some(this.ttl_high.map_or(ttl, |high| high.max(ttl)));
            }
            match set.rtype {
                Rtype::TXT => {
                    let octets = member.rdata.txt_joined().len() as u64;
                    if octets > SURE as u64 && this.txt.as_ref().is_none_or(|t| t.octets < octets) {
                        this.txt = Some(Longest { octets, name: Some(name()), dkim: member.intent.is_dkim() });
                    }
                }
                Rtype::CNAME if this.cname_target.is_none() && has_underscore(&member.rdata) => {
                    let target = member.rdata.target(Rtype::CNAME).map(|t| t.display_without_dot().to_string());
                    this.cname_target = Some(target);
                }
                Rtype::NS => this.ns |= set.name != *origin,
                Rtype::MX => this.null_mx |= member.rdata.as_mx().is_some_and(|(_, host)| host.is_root()),
                _ => {}
            }
            let host = set.name.relative_to(origin).unwrap_or_default();
            if matches!(set.rtype, Rtype::TXT | Rtype::CNAME) && host.contains('_') {
                if !this.owners.contains(&set.rtype) {
                    this.owners.push(set.rtype);
                }
                this.owner.get_or_insert(host);
            }
        }
        // A key that is not there yet will be as long as keys are.
        let blank = |b: &crate::compose::Blank| {
            b.rtype == Rtype::TXT && b.name.labels().any(|l| l.eq_ignore_ascii_case(b"_domainkey"))
        };
        if zone.composed.blanks.iter().any(blank) && this.txt.as_ref().is_none_or(|t| t.octets < USUAL_KEY) {
            this.txt = Some(Longest { octets: USUAL_KEY, name: None, dkim: true });
        }
        // Where a DKIM record may not go in, handing its name to other servers is one of the ways round.
        let dkim = |r: &&FittedRecord| zone.parts(r).is_some_and(|(_, m)| m.intent.is_dkim());
        this.ns |= concerned.iter().any(dkim);
        this
    }

    /// Each thing that matters, and what is known of it.
    fn topics<'l>(self, limits: &'l Limits) -> Vec<(Topic, Answer<'l>)> {
        let mut out = Vec::new();
        if let Some(longest) = self.txt {
            let octets = longest.octets;
            out.push((Topic::TxtLength(longest), length(limits, octets)));
            if octets > 255
                && let Some(answer) = over_255(limits)
            {
                out.push((Topic::TxtOver255, answer));
            }
        }
        if let Some(example) = self.cname_target {
            let answer = underscore(limits, &["cname-target-underscore"], Some("cname-target-charset"));
            out.push((Topic::CnameTarget(example), answer));
        }
        let mut open = Vec::new();
        for rtype in self.owners {
            let answer = match rtype {
                Rtype::CNAME => {
                    underscore(limits, &["cname-owner-underscore", "owner-underscore"], Some("cname-host-charset"))
                }
                _ => underscore(limits, &["txt-owner-underscore", "owner-underscore"], None),
            };
            // Of a form that takes it in the host of one of the two, nobody is asked about the other.
            let other = if rtype == Rtype::CNAME { "txt-owner-underscore" } else { "cname-owner-underscore" };
            let answer = match (answer, limits.flag(other)) {
                (Answer::Open(None), Some((true, limit))) => Answer::Known(limit),
                (answer, _) => answer,
            };
            match answer {
                Answer::Open(heard) => open.push((rtype, heard)),
                known => out.push((Topic::Owners(vec![rtype], None), known)),
            }
        }
        if let Some((_, heard)) = open.first().copied() {
            let types = open.iter().map(|(rtype, _)| *rtype).collect();
            out.push((Topic::Owners(types, self.owner), Answer::Open(heard)));
        }
        if self.ns {
            out.push((Topic::NsBelowApex, ns_below_apex(limits)));
        }
        if self.null_mx {
            out.push((Topic::NullMx, underscore(limits, &["null-mx"], None)));
        }
        if let Some(ttl) = self.ttl_low {
            out.push((Topic::TtlLow(ttl), ttl_answer(limits, ttl, "ttl-min", |ttl, min| ttl >= min)));
        }
        if let Some(ttl) = self.ttl_high {
            out.push((Topic::TtlHigh(ttl), ttl_answer(limits, ttl, "ttl-max", |ttl, max| ttl <= max)));
        }
        out
    }
}

/// What is known of one thing.
#[derive(Clone, Copy)]
enum Answer<'l> {
    /// Nothing, or that it is refused, but not firmly.
    Open(Option<&'l Limit>),
    /// That it goes in, or firmly that it does not.
    Known(&'l Limit),
}

/// A limit that allows, or that refuses.
fn judge(limit: &Limit, allows: bool) -> Answer<'_> {
    // What is only assumed is nothing that anybody said.
    let assumed = match &limit.origin {
        LimitOrigin::Site(_) => false,
        LimitOrigin::Catalogue(evidence) => evidence.iter().all(|e| e.trust == Trust::Unverified),
    };
    if allows || limit.strength() == Strength::Known {
        Answer::Known(limit)
    } else {
        Answer::Open((!assumed).then_some(limit))
    }
}

fn length(limits: &Limits, octets: u64) -> Answer<'_> {
    let most = if limits.get("txt-max").is_some() { "txt-max" } else { "value-max" };
    let mut heard = limits.number("txt-refused-at").filter(|(at, _)| octets >= *at).map(|(_, limit)| limit);
    let mut fits = None;
    let numbers = [most, "txt-max-encoded", "txt-truncates"].into_iter().filter_map(|key| limits.number(key));
    let numbers = numbers.map(|(max, limit)| (octets <= max, limit));
    let strings = limits.word("txt-over-255").map(|(word, limit)| (octets <= 255 || word != "reject", limit));
    for (allows, limit) in numbers.chain(strings) {
        match judge(limit, allows) {
            // What refuses outranks what would allow.
            Answer::Known(limit) if !allows => return Answer::Known(limit),
            Answer::Known(limit) => fits = fits.or(Some(limit)),
            Answer::Open(limit) => heard = heard.or(limit),
        }
    }
    match (heard, fits) {
        (None, Some(limit)) => Answer::Known(limit),
        (heard, _) => Answer::Open(heard),
    }
}

/// None if it does not come to that: all together may not be longer.
fn over_255(limits: &Limits) -> Option<Answer<'_>> {
    let most = if limits.get("txt-max").is_some() { "txt-max" } else { "value-max" };
    let short = |key| limits.number(key).is_some_and(|(max, l)| max <= 255 && l.strength() == Strength::Known);
    if short(most) || short("txt-truncates") {
        return None;
    }
    Some(match limits.word("txt-over-255") {
        Some((word, limit)) => judge(limit, word != "reject"),
        None => Answer::Open(None),
    })
}

/// The first of the flags that is known, else whether a list of characters has `_`.
fn underscore<'l>(limits: &'l Limits, flags: &[&str], charset: Option<&str>) -> Answer<'l> {
    if let Some((allows, limit)) = flags.iter().find_map(|key| limits.flag(key)) {
        return judge(limit, allows);
    }
    match charset.and_then(|key| limits.word(key)) {
        Some((set, limit)) => judge(limit, outside(set, "_").is_none()),
        None => Answer::Open(None),
    }
}

fn ns_below_apex(limits: &Limits) -> Answer<'_> {
    if let Some((allows, limit)) = limits.flag("ns-below-apex") {
        return judge(limit, allows);
    }
    let listed = |words: &[String]| words.iter().any(|w| w == "NS");
    let unsupported =
        limits.words("types-unsupported").filter(|(w, _)| listed(w)).map(|(_, limit)| judge(limit, false));
    let types = || limits.words("types").map(|(w, limit)| judge(limit, listed(w)));
    unsupported.or_else(types).unwrap_or(Answer::Open(None))
}

fn ttl_answer<'l>(limits: &'l Limits, ttl: u32, bound: &str, within: fn(u64, u64) -> bool) -> Answer<'l> {
    let ttl = u64::from(ttl);
    let values = limits.numbers("ttl-values").map(|(v, limit)| judge(limit, v.contains(&ttl)));
    let bound = || limits.number(bound).map(|(bound, limit)| judge(limit, within(ttl, bound)));
    values.or_else(bound).unwrap_or(Answer::Open(None))
}

/// The number that a limit is, if it is one.
#[must_use]
pub fn number_of(limit: &Limit) -> Option<u64> {
    match limit.value {
        LimitValue::Number(n) => Some(n),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;
    use crate::catalogue::limits::key;
    use crate::report::Sources;
    use crate::toml_reader::At;

    fn own(limits: &[(&str, LimitValue)]) -> Limits {
        let mut sources = Sources::default();
        let span = crate::report::Span { file: sources.add("site.toml", String::new()), start: 0, end: 0 };
        let own: Vec<_> = limits.iter().map(|(k, v)| (At::new(key(k).unwrap(), span), v.clone())).collect();
        Limits::new(None, &own)
    }

    fn topics(limits: &Limits) -> Vec<&'static str> {
        let word = |q: &Question| match q.topic {
            Topic::TxtLength(_) => "length",
            Topic::TxtOver255 => "over-255",
            Topic::CnameTarget(_) => "target",
            Topic::Owners(..) => "owners",
            Topic::NsBelowApex => "ns",
            Topic::NullMx => "null-mx",
            Topic::TtlLow(_) | Topic::TtlHigh(_) | Topic::Doubt(_) => "other",
        };
        inquiry(limits, None).questions.iter().map(word).collect()
    }

    #[test]
    fn of_an_unknown_form_everything_is_asked() {
        assert_eq!(topics(&own(&[])), ["length", "over-255", "target", "owners", "ns"]);
    }

    #[test]
    fn what_is_known_is_not_asked_whether_it_allows_or_refuses() {
        let flag = LimitValue::Flag;
        let all = [
            ("cname-target-underscore", flag(false)),
            ("owner-underscore", flag(true)),
            ("ns-below-apex", flag(false)),
        ];
        assert_eq!(topics(&own(&all)), ["length", "over-255"]);
        // All together are at most 127: how to enter more than 255 is no question.
        let short = [all.as_slice(), &[("value-max", LimitValue::Number(127))]].concat();
        assert!(topics(&own(&short)).is_empty());
        assert_eq!(inquiry(&own(&short), None).settled.len(), 4);
        // A limit for TXT outranks the general one.
        let both = [short.as_slice(), &[("txt-max", LimitValue::Number(1000))]].concat();
        assert_eq!(topics(&own(&both)), ["over-255"]);
    }

    #[test]
    fn that_one_was_refused_is_said_and_the_limit_still_asked() {
        let inquiry = inquiry(&own(&[("txt-refused-at", LimitValue::Number(400))]), None);
        let first = inquiry.questions.first().unwrap();
        assert_eq!(first.heard.as_ref().and_then(number_of), Some(400));
    }

    #[test]
    fn one_report_is_no_answer() {
        let catalogue = Catalogue::embedded();
        let inquiry = inquiry(&Limits::new(catalogue.registrar("onamae"), &[]), None);
        let heard: Vec<_> = inquiry.questions.iter().filter_map(|q| q.heard.as_ref()).map(|l| l.key.name).collect();
        assert_eq!(heard, ["txt-max", "txt-over-255"]);
    }

    #[test]
    fn of_the_story_s_form_nothing_is_open() {
        let catalogue = Catalogue::embedded();
        let inquiry = inquiry(&Limits::new(catalogue.registrar("example-127"), &[]), None);
        assert_eq!(inquiry.questions, []);
    }
}
