//! Steps in an order in which each may be the last: TTLs down, everything that only adds, what replaces, senders on, TTLs up, the policy one
//! notch at a time, removals. Between them the waits.

use std::collections::HashMap;

use crate::compose::{DkimState, Intent, Origin};
use crate::fit::{FittedZone, keyzone_names};
use crate::mail::{dkim, spf};
use crate::report::words::duration;
use crate::report::{Finding, NoteKind, Text, excerpt};
use crate::say;
use crate::zone::{Name, Record, Rtype};

use super::difference::{Part, is_key_owner};
use super::spf_hosts::{self, Lost};
use super::steps::{Action, Phase, Step, bare, is_dmarc, is_spf, of_zone};
use super::wait::{self, Wait};
use super::{Left, Question, hidden, judge, policy, spf_edit};

/// What a stage is for, in the order in which they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StageKind {
    /// TTLs go down.
    Lower,
    /// What only adds, and the keyzone first of all.
    Add,
    /// One thing takes the place of another.
    Switch,
    /// Senders may send, or sign with new keys.
    Start,
    /// TTLs go up again.
    Raise,
    /// The policy becomes stricter, by the number of the notch.
    Policy(u8),
    /// Rows go.
    Remove,
    /// TTLs of what the last stages touched go up again.
    RaiseLast,
    /// Of a move: the DS goes.
    Unsign,
    /// Of a move: everything is entered at the new company.
    Enter,
    /// Of a move: the name servers change.
    Move,
    /// Of a move: signed again, the old zone given up.
    Settle,
}

/// Steps that may be done in one go, in their order.
#[derive(Clone, Debug)]
pub struct Stage<'a> {
    /// What for.
    pub kind: StageKind,
    /// What must have passed before, besides the wait of the stage before.
    pub before: Option<Wait>,
    /// The steps.
    pub steps: Vec<Step<'a>>,
    /// How long it takes until everybody sees it.
    pub after: Option<Wait>,
}

/// A time in which mail of a sender may fail a check, although nothing is wrong with the plan: its name is fixed, and the form cannot replace
/// the row in one go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its length in seconds, from the change on, besides the time between two clicks.
    pub seconds: u32,
    /// Why, and for whom.
    pub why: Text,
}

/// A plan.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    /// What is done, in order.
    pub stages: Vec<Stage<'a>>,
    /// What is there and right.
    pub keep: Vec<Step<'a>>,
    /// What was found.
    pub findings: Vec<Finding>,
}

impl<'a> Plan<'a> {
    /// All steps that are done, in order.
    pub fn steps(&self) -> impl Iterator<Item = &Step<'a>> {
        self.stages.iter().flat_map(|s| &s.steps)
    }

    /// Senders of which the zone has no news: nothing shows whether they send already, and they are taken to. A move of the zone is no matter
    /// of theirs.
    pub fn taken_to_send<'q>(&self, question: &Question<'q>) -> impl Iterator<Item = usize> + use<'_, 'q> {
        let moves = self.stages.iter().any(|s| s.kind == StageKind::Unsign);
        let started = |party| self.steps().any(|s| s.party == party && matches!(s.action, Action::Start { .. }));
        let senders = question.fitted.composed.declared.senders.iter().filter(|s| s.sends).map(|s| s.party);
        senders.filter(move |party| !moves && !started(*party))
    }

    /// Whether there is nothing to do that is known to be needed. What stands in a zone that nobody has shown is not known to be missing.
    #[must_use]
    pub fn is_done(&self, question: &Question<'_>) -> bool {
        self.steps().all(|s| question.current_of(s.zone).is_none())
    }
}

/// The TTL that a record is lowered to before it changes, if the form takes it.
const LOW: u32 = 300;

/// A TTL above this is lowered first.
const LONG: u32 = 3600;

/// Plans a site.
#[must_use]
pub fn plan<'a>(question: &Question<'a>) -> Plan<'a> {
    let mut steps = Vec::new();
    for zone in question.fitted.zones() {
        of_zone(question, zone, &mut steps);
    }
    let mut findings = Vec::new();
    let mut keep = Vec::new();
    let mut staged: Vec<(StageKind, Step<'a>)> = Vec::new();
    let silent = question.fitted.composed.declared.no_mail;
    let mut spf_rows = Vec::new();
    for step in steps {
        if !silent && is_spf_row(question, &step) {
            spf_rows.push(step);
        } else if step.action == Action::Keep {
            keep.push(step);
        } else {
            spread(question, step, silent, &mut staged);
        }
    }
    if let Some(left) = question.left {
        leave(question, left, &mut staged, &mut findings);
    }
    moves_of_mail(&mut staged);
    hidden::order(&mut staged);
    let early = staged.iter().filter(|(kind, _)| *kind < StageKind::Remove).map(|(_, step)| step);
    let moved = spf_hosts::moved(question, early);
    for mut step in spf_rows {
        let moved = moved.iter().find(|m| m.wanted.name == step.name);
        // A row that is edited ends as site.toml spells it, whichever plan ends it.
        if moved.is_some()
            && let Some((member, _, wanted)) = &mut step.wanted
            && let Some(set) = step.zone.composed.rrset(&step.name, step.rtype)
        {
            *wanted = set.record(member);
        }
        let (now, lost) = moved.map_or((None, &[][..]), |m| (Some(&m.now.record), &m.lost));
        spread_spf(step, now, lost, &mut staged, &mut keep, &mut findings);
    }
    keep.sort_by_key(|s| s.phase);
    starts(question, &keep, &mut staged);
    staged.sort_by_key(|(kind, step)| (*kind, step.phase));
    let mut stages: Vec<Stage<'a>> = Vec::new();
    for (kind, step) in staged {
        match stages.last_mut() {
            Some(stage) if stage.kind == kind => stage.steps.push(step),
            _ => stages.push(Stage { kind, before: None, steps: vec![step], after: None }),
        }
    }
    let mut books = Books { question, sets: HashMap::new() };
    let lowered = lower(&books, &mut stages);
    times(&mut books, &mut stages, &lowered);
    left_low(&books, &keep, &lowered, &mut stages);
    before(question, &mut stages);
    let mut plan = Plan { stages, keep, findings };
    judge::plan_findings(question, &mut plan);
    plan
}

/// One step as the edits that it takes, each in its stage.
fn spread<'a>(question: &Question<'a>, step: Step<'a>, silent: bool, out: &mut Vec<(StageKind, Step<'a>)>) {
    let known = question.current_of(step.zone).is_some();
    if known && let Some((.., wanted)) = &step.wanted {
        let replaces = matches!(&step.action, Action::Add { .. } | Action::Replace { .. });
        if replaces && is_dmarc(wanted) && step.in_the_way.is_empty() {
            return spread_dmarc(step, silent, out);
        }
    }
    let kind = match &step.action {
        Action::Replace { .. } if step.phase == Phase::Policy => StageKind::Policy(0),
        _ if step.phase == Phase::Policy && !matches!(step.action, Action::Remove) => StageKind::Policy(0),
        // A new policy of MTA-STS is known before the mail moves (RFC 8461 §8.1).
        Action::Replace { .. } if step.then.iter().any(|r| Part::of(r) == Part::MtaSts) => StageKind::Add,
        Action::Replace { .. } if known => StageKind::Switch,
        // A zone cut hides what stood below it.
        _ if step.phase == Phase::Delegation => StageKind::Switch,
        Action::Remove => StageKind::Remove,
        _ => StageKind::Add,
    };
    out.push((kind, step));
}

/// What the site has in a keyzone that it leaves goes: what its zone leads to there, and what stands there of the keys that it wants directly,
/// since they may be there already. A key that has no place in the site's own zone stays where it is, and is an error.
fn leave<'a>(
    question: &Question<'a>,
    left: &'a Left<'a>,
    staged: &mut Vec<(StageKind, Step<'a>)>,
    findings: &mut Vec<Finding>,
) {
    let Some(current) = question.current else { return };
    let own = &question.fitted.own;
    let in_keyzone = |r: &Record| r.target().filter(|t| r.rtype == Rtype::CNAME && t.is_subdomain_of(&left.suffix));
    let keys = own.composed.rrsets.iter().map(|s| &s.name).filter(|name| is_key_owner(name));
    let mut names: Vec<Name> = keys.flat_map(|owner| keyzone_names(owner, &left.suffix)).collect();
    let mut needed: Vec<Name> = Vec::new();
    let mut homeless: Vec<Name> = staged
        .iter()
        .filter(|(_, s)| std::ptr::eq(s.zone, own) && s.action == Action::Decide && is_key_owner(&s.name))
        .map(|(_, s)| s.name.clone())
        .collect();
    for (record, target) in current.records().filter_map(|r| Some((r, in_keyzone(r)?))) {
        names.push(target.clone());
        if !staged.iter().any(|(_, s)| s.now.iter().any(|r| r.same_data(record))) {
            needed.push(target);
            homeless.push(record.name.clone());
        }
    }
    homeless.sort();
    homeless.dedup();
    for name in &homeless {
        let decide = staged.iter().map(|(_, s)| s).find(|s| s.action == Action::Decide && s.name == *name);
        let causes = decide.and_then(|s| s.wanted.as_ref()).map(|(_, fitted, _)| fitted.causes.as_slice());
        let cause = causes.unwrap_or_default().iter().find(|c| c.effect.hinders()).map(|c| c.title.clone());
        findings.push(judge::no_place(name, cause, left, own));
    }
    names.sort();
    names.dedup();
    names.retain(|name| !needed.contains(name));
    for record in question.keyzone.into_iter().flat_map(|zone| names.iter().flat_map(|name| zone.at(name))) {
        let mut step = bare(&left.zone, Phase::Keyzone, &record.name, record.rtype, Action::Remove, 0);
        step.now = vec![record.clone()];
        staged.push((StageKind::Remove, step));
    }
}

/// Whether a step is about the one SPF row that a name has.
fn is_spf_row(question: &Question<'_>, step: &Step<'_>) -> bool {
    let one = match &step.action {
        Action::EditSpf { now } => now.len() == 1,
        action => *action == Action::Keep,
    };
    one && question.current_of(step.zone).is_some() && step.wanted.as_ref().is_some_and(|(.., w)| is_spf(w))
}

/// SPF: first a row with all terms, and with the servers that its terms mean no more after the switch; at last the wanted one.
fn spread_spf<'a>(
    step: Step<'a>,
    kept: Option<&Record>,
    lost: &[Lost],
    out: &mut Vec<(StageKind, Step<'a>)>,
    keep: &mut Vec<Step<'a>>,
    findings: &mut Vec<Finding>,
) {
    let Some((member, record, wanted)) = step.wanted.clone() else { return };
    let Some(now) = step.now.first().or(kept).cloned() else {
        let is_kept = step.action == Action::Keep;
        return if is_kept { keep.push(step) } else { out.push((StageKind::Add, step)) };
    };
    let held: Vec<&str> = lost.iter().map(|l| l.term.as_str()).collect();
    let edit = spf_edit::edit(&now, &wanted, &member.intent, &held, step.zone);
    if !lost.is_empty() {
        findings.push(held_in_spf(&wanted.name, lost, edit.between.is_some()));
    }
    if edit.between.is_none() && step.action == Action::Keep {
        keep.push(step);
        return;
    }
    let last = match () {
        () if edit.drops && (edit.between.is_some() || !edit.adds) => StageKind::Remove,
        () if edit.tightens && (edit.between.is_some() || !edit.adds) => StageKind::Policy(0),
        () => StageKind::Add,
    };
    if edit.no_room {
        let name = wanted.name.display_without_dot().to_string();
        findings.push(
            Finding::advice(
                "plan-spf-no-room",
                say!(en: "SPF of {name}: the old terms and the new ones don't fit into one row, so they change at once", ja: "{name} の SPF: 古い語と新しい語が 1 行に入らないため、1 回で書き換えます"),
            )
            .about(name, "TXT")
            .note(
                NoteKind::Note,
                say!(en: "mail that the old senders still have in their queues for up to 5 days then fails SPF", ja: "古いサービスの送信待ち（最長 5 日）のメールは、SPF が通らなくなります"),
            ),
        );
    }
    let text = |r: &Record| String::from_utf8_lossy(&r.rdata.txt_joined()).into_owned();
    let mut row = now;
    if let Some(between) = edit.between {
        let mut first = step.clone();
        first.action = Action::EditSpf { now: vec![text(&row)] };
        first.wanted = Some((member, record, between.clone()));
        first.now = vec![row];
        first.then = vec![between.clone()];
        out.push((StageKind::Add, first));
        row = between;
    }
    let mut final_step = step;
    final_step.action = Action::EditSpf { now: vec![text(&row)] };
    final_step.now = vec![row];
    final_step.then = vec![wanted];
    out.push((last, final_step));
}

/// What becomes of servers that `mx` or `a` means only until the switch.
fn held_in_spf(name: &Name, lost: &[Lost], is_held: bool) -> Finding {
    let name = name.display_without_dot().to_string();
    let list = |of: fn(&Lost) -> &str| {
        let mut all: Vec<String> = lost.iter().map(|l| excerpt(of(l), 80)).collect();
        all.dedup();
        all.join(" ")
    };
    let (terms, by) = (list(|l| &l.term), list(|l| &l.by));
    let finding = if is_held {
        Finding::advice(
            "plan-spf-hosts",
            say!(en: "SPF of {name}: {by} means {terms} until the switch; the plan keeps {terms} in it until the removals", ja: "{name} の SPF: 切り替えまで {by} が指す {terms} を、最後に消す段階まで SPF に残します"),
        )
    } else {
        Finding::warning(
            "plan-spf-hosts",
            say!(en: "SPF of {name}: {by} means {terms} until the switch, and there is no room to keep that in it", ja: "{name} の SPF: 切り替えまで {by} が指す {terms} を残す余地がありません"),
        )
        .harm(say!(en: "from the switch on, mail that is sent from there or still in a queue there fails SPF", ja: "切り替えたあと、そこから送るメールと送信待ちのメールは、SPF が通らなくなります"))
        .next(say!(en: "let nothing be sent from there for 5 days before the switch, or take a term away first", ja: "切り替えの 5 日前から、そこから送らないようにします。または、先に使わない語を減らします"))
    };
    finding.about(name, "TXT")
}

/// DMARC: a notch a stage.
fn spread_dmarc<'a>(step: Step<'a>, silent: bool, out: &mut Vec<(StageKind, Step<'a>)>) {
    let Some((member, record, wanted)) = step.wanted.clone() else { return };
    // What nobody has asked for is taken for nothing in force: never more than p=none.
    let from = policy::in_force(&step.now);
    // A name that sends nothing has nothing to lose.
    let direct = silent || matches!(member.intent, Intent::NoMail);
    let notches = if direct { vec![wanted] } else { policy::notches(from.as_ref(), &wanted) };
    let mut rows = step.now.clone();
    for (n, notch) in (0u8..).zip(notches) {
        // The row that says so already stays, and the others go.
        if let Some(right) = rows.iter().position(|r| rows.len() > 1 && r.same_data(&notch)) {
            let right = rows.remove(right);
            for row in std::mem::replace(&mut rows, vec![right]) {
                let mut one = bare(step.zone, step.phase, &row.name, row.rtype, Action::Remove, step.party);
                one.now = vec![row];
                out.push((StageKind::Policy(n), one));
            }
            continue;
        }
        let mut one = step.clone();
        if let ([row], true) = (rows.as_slice(), n > 0 || !step.now.is_empty()) {
            one.action = Action::Replace { now: Some(row.rdata.present(row.rtype)) };
        }
        one.now = rows;
        one.then = vec![notch.clone()];
        one.wanted = Some((member, record, notch.clone()));
        rows = vec![notch];
        out.push((StageKind::Policy(n), one));
    }
}

/// Where the mail of a name goes changes as a whole: rows of MX that come and rows that go are one stage.
fn moves_of_mail(staged: &mut [(StageKind, Step<'_>)]) {
    let mx = |step: &Step<'_>| step.rtype == Rtype::MX;
    let going: Vec<Name> = staged
        .iter()
        .filter(|(_, s)| mx(s) && matches!(s.action, Action::Remove))
        .map(|(_, s)| s.name.clone())
        .collect();
    let beside = |s: &Step<'_>| matches!(&s.action, Action::Add { beside } if !beside.is_empty());
    for (kind, step) in staged.iter_mut().filter(|(_, s)| mx(s)) {
        if going.contains(&step.name) || beside(step) {
            let adds = matches!(step.action, Action::Add { .. });
            let has_new = adds || *kind == StageKind::Remove;
            if has_new {
                *kind = StageKind::Switch;
            }
        }
    }
    // A removal alone stays a removal.
    let coming: Vec<Name> = staged
        .iter()
        .filter(|(_, s)| mx(s) && matches!(s.action, Action::Add { .. } | Action::Replace { .. }))
        .map(|(_, s)| s.name.clone())
        .collect();
    for (kind, step) in staged.iter_mut().filter(|(_, s)| mx(s) && matches!(s.action, Action::Remove)) {
        *kind = if coming.contains(&step.name) { StageKind::Switch } else { StageKind::Remove };
    }
}

/// A step for each sender that gets something it needs: from there on it may send, or sign.
fn starts<'a>(question: &Question<'a>, keep: &[Step<'a>], staged: &mut Vec<(StageKind, Step<'a>)>) {
    let zone = &question.fitted.own;
    // Without a zone as it is nobody knows who sends already.
    if question.current.is_none() {
        return;
    }
    for sender in question.fitted.composed.declared.senders.iter().filter(|s| s.sends) {
        let of = |step: &Step<'_>| {
            step.wanted.as_ref().is_some_and(|(member, ..)| member.origins.iter().any(|o| o.party == sender.party))
        };
        let keys = |name: &Name| sender.dkim_owners.contains(name) && is_key_owner(name);
        let mut selectors = Vec::new();
        let mut gets = false;
        let mut had_key = keep.iter().any(|s| keys(&s.name));
        for (kind, step) in staged.iter() {
            if *kind > StageKind::Switch || step.then.is_empty() || !of(step) {
                continue;
            }
            if keys(&step.name) {
                // The same key in another shape is nothing to the one who signs; another key under the same name is switched with the row.
                if matches!(step.action, Action::Replace { .. }) {
                    had_key = true;
                } else {
                    selectors.extend(selector(&step.name));
                    gets = true;
                }
            } else if adds_term_of(step, sender.party) {
                gets = true;
            }
        }
        if !gets {
            continue;
        }
        let had_terms = staged.iter().map(|(_, s)| s).chain(keep).any(|s| has_old_term_of(question, s, sender.party));
        // A key under another selector shows that it signed before, or somebody did with whose key it shares the name.
        let new = !had_key && !had_terms;
        selectors.dedup();
        if sender.dkim == DkimState::Unknown {
            selectors.clear();
        }
        // One that sends, and signs as it did, goes on.
        if !new && selectors.is_empty() {
            continue;
        }
        let step = bare(zone, Phase::Keys, &sender.from, Rtype::TXT, Action::Start { selectors, new }, sender.party);
        staged.push((StageKind::Start, step));
    }
}

/// Whether an edit of SPF brings a term that this party wants.
fn adds_term_of(step: &Step<'_>, party: usize) -> bool {
    let Some((member, _, record)) = &step.wanted else { return false };
    let Intent::Spf { terms, .. } = &member.intent else { return false };
    let new = String::from_utf8_lossy(&record.rdata.txt_joined()).into_owned();
    let old = step.now.first().map(|r| String::from_utf8_lossy(&r.rdata.txt_joined()).into_owned());
    let name = step.name.display_without_dot().to_string();
    let added = spf::change(&old.unwrap_or_else(|| "v=spf1".to_owned()), &new, &name).added;
    terms.iter().any(|(term, origins)| added.contains(term) && origins.iter().any(|o| o.party == party))
}

/// Whether the SPF record as it is has a term that this party wants.
fn has_old_term_of(question: &Question<'_>, step: &Step<'_>, party: usize) -> bool {
    let Some((member, ..)) = &step.wanted else { return false };
    let Intent::Spf { terms, .. } = &member.intent else { return false };
    let Some(current) = question.current_of(step.zone) else { return false };
    let name = step.name.display_without_dot().to_string();
    let theirs = |(t, o): &&(String, Vec<Origin>)| !spf::is_all(t) && o.iter().any(|o| o.party == party && !o.by_hand);
    current.of(&step.name, Rtype::TXT).filter(|r| is_spf(r)).any(|row| {
        let old = String::from_utf8_lossy(&row.rdata.txt_joined()).into_owned();
        terms.iter().filter(theirs).any(|(t, _)| spf::change(&old, &format!("v=spf1 {t}"), &name).added.is_empty())
    })
}

/// Whether a key gets another value under its name. What a CNAME leads to is not known here, so from one to the other it is taken for the same key.
pub(super) fn changes_key(step: &Step<'_>) -> bool {
    let key = |r: &Record| {
        (r.rtype == Rtype::TXT && Part::of(r) == Part::Key).then(|| dkim::parse(&r.rdata.txt_joined()).0).and_then(
            |k| {
                k.tags
                    .find(b"p")
                    .map(|p| k.tags.value(p).iter().copied().filter(|o| !o.is_ascii_whitespace()).collect::<Vec<u8>>())
            },
        )
    };
    match (step.now.iter().find_map(key), step.then.iter().find_map(key)) {
        (Some(a), Some(b)) => a != b,
        _ => false,
    }
}

/// The selector of a key's name.
fn selector(owner: &Name) -> Option<String> {
    let text = owner.display_without_dot().to_string();
    let at = text.to_ascii_lowercase().find("._domainkey.")?;
    text.get(..at).map(str::to_owned)
}

/// The time in which mail signed under a name fails there, where a row cannot be replaced in one go; by the TTLs as they are by then.
fn window(question: &Question<'_>, step: &Step<'_>) -> Option<Window> {
    let (now, then) = (step.now.first()?, step.then.first()?);
    let is_key = step.wanted.as_ref().is_some_and(|(member, ..)| member.intent.is_dkim());
    if !is_key {
        return None;
    }
    let who = question.fitted.composed.parties.get(step.party).map(|p| p.name.clone()).unwrap_or_default();
    let shown = step.name.display_without_dot().to_string();
    let current = question.current_of(step.zone);
    if now.rtype != then.rtype {
        let negative = wait::negative(current, &step.zone.composed.origin);
        let seconds = negative.unwrap_or(wait::UNKNOWN);
        let time = taken(seconds, negative.is_some(), say!(en: "the SOA is not known", ja: "SOA が不明"));
        return Some(Window {
            seconds,
            why: say!(en: "{shown}: a form can't turn {from} into {to} in one go. Whoever asks between the two gets “none” and keeps that for {time}; meanwhile mail of {who} may fail DKIM", ja: "{shown}: 画面では {from} を {to} に 1 回で替えられません。消してから入れるまでに問い合わせた受信側には「ない」という答えが {time}残り、その間{who}のメールは DKIM が通らないことがあります", from = now.rtype, to = then.rtype; who = who, time = time),
        });
    }
    if !changes_key(step) {
        return None;
    }
    let ttl = question.ttl_of(step.zone, now);
    let seconds = ttl.unwrap_or(wait::UNKNOWN);
    let time = taken(seconds, ttl.is_some(), say!(en: "its TTL is not known", ja: "TTL が不明"));
    Some(Window {
        seconds,
        why: say!(en: "{shown}: the key changes under the same name; change it at {who} at the same moment. Until the old answer is forgotten, for {time}, mail of {who} signed with the new key may fail DKIM; mail signed with the old one fails from the change on", ja: "{shown}: 同じ名前のまま鍵が替わるので、{who}の鍵も同時に替えます。古い答えが残っている {time}の間は、新しい鍵で署名した{who}のメールの DKIM が通らないことがあります。古い鍵で署名したメールは、替えた時から通りません"; who = who, time = time),
    })
}

/// A time in words; where it is not known, that it is taken, and why.
fn taken(seconds: u32, known: bool, why: Text) -> Text {
    let time = duration(seconds);
    if known {
        return time;
    }
    say!(en: "{time} (taken: {why})", ja: "{time}（想定。{why}）"; time = time, why = why)
}

/// A name and type in one of the zones.
type Place = (Name, Name, Rtype);

fn place(zone: &FittedZone<'_>, name: &Name, rtype: Rtype) -> Place {
    (zone.composed.origin.clone(), name.clone(), rtype)
}

/// The sets of the zones as the steps so far have made them.
struct Books<'q, 'a> {
    question: &'q Question<'a>,
    /// What was touched: its rows, and whether their TTL is known.
    sets: HashMap<Place, (Vec<Record>, bool)>,
}

impl Books<'_, '_> {
    fn rows(&self, zone: &FittedZone<'_>, name: &Name, rtype: Rtype) -> (Vec<Record>, bool) {
        if let Some(set) = self.sets.get(&place(zone, name, rtype)) {
            return set.clone();
        }
        let found = self.question.current_of(zone).into_iter().flat_map(|c| c.found_at(name));
        let found: Vec<_> = found.filter(|f| f.record.rtype == rtype).collect();
        (found.iter().map(|f| f.record.clone()).collect(), found.iter().all(|f| f.has_ttl))
    }

    fn put(&mut self, zone: &FittedZone<'_>, name: &Name, rtype: Rtype, rows: Vec<Record>, known: bool) {
        self.sets.insert(place(zone, name, rtype), (rows, known));
    }

    /// The sets that a step touches, as they are.
    fn around(&self, step: &Step<'_>) -> Vec<Record> {
        let mut places: Vec<(&Name, Rtype)> = step.now.iter().chain(&step.then).map(|r| (&r.name, r.rtype)).collect();
        places.sort_by(|a, b| (a.0.as_wire(), a.1).cmp(&(b.0.as_wire(), b.1)));
        places.dedup();
        places.into_iter().flat_map(|(name, rtype)| self.rows(step.zone, name, rtype).0).collect()
    }

    /// Does what a step does.
    fn apply(&mut self, step: &Step<'_>) {
        for gone in &step.now {
            let (mut rows, known) = self.rows(step.zone, &gone.name, gone.rtype);
            rows.retain(|r| !r.same_data(gone));
            self.put(step.zone, &gone.name, gone.rtype, rows, known);
        }
        for new in &step.then {
            let (mut rows, known) = self.rows(step.zone, &new.name, new.rtype);
            let known = known || rows.is_empty();
            rows.push(new.clone());
            self.put(step.zone, &new.name, new.rtype, rows, known);
        }
    }
}

/// Puts the stage in front that lowers the TTLs of what is to change; which sets those are, and to what.
fn lower<'a>(books: &Books<'_, 'a>, stages: &mut Vec<Stage<'a>>) -> HashMap<Place, u32> {
    let mut lowered: HashMap<Place, u32> = HashMap::new();
    let mut steps: Vec<Step<'a>> = Vec::new();
    // What is void can only get better: for that nobody waits.
    let is_void = |step: &&Step<'_>| matches!(&step.action, Action::EditSpf { now } if now.len() > 1);
    for stage in stages.iter().filter(|s| s.kind < StageKind::Remove) {
        for step in stage.steps.iter().filter(|s| !is_void(s)) {
            // A row that is added to a set of MX is as good as a change.
            let mx = (step.rtype == Rtype::MX && stage.kind == StageKind::Switch).then_some((&step.name, step.rtype));
            let changed = step.now.iter().map(|r| (&r.name, r.rtype)).chain(mx);
            for (name, rtype) in changed {
                let at = place(step.zone, name, rtype);
                let (rows, known) = books.rows(step.zone, name, rtype);
                let Some(from) = rows.iter().map(|r| r.ttl).max().filter(|ttl| known && *ttl > LONG) else { continue };
                let Some(to) = low(step.zone).filter(|low| *low < from && !lowered.contains_key(&at)) else { continue };
                let mut one = bare(step.zone, step.phase, name, rtype, Action::Lower { from, to }, step.party);
                one.then = rows.iter().map(|r| Record { ttl: to, ..r.clone() }).collect();
                one.now = rows;
                steps.push(one);
                lowered.insert(at, to);
            }
        }
    }
    if !steps.is_empty() {
        stages.insert(0, Stage { kind: StageKind::Lower, before: None, steps, after: None });
    }
    lowered
}

/// The lowest TTL that is of use and that the form takes; none if it has one TTL for the whole zone.
fn low(zone: &FittedZone<'_>) -> Option<u32> {
    if zone.limits.word("ttl-scope").is_some_and(|(word, _)| word == "zone") {
        return None;
    }
    if let Some((values, _)) = zone.limits.numbers("ttl-values") {
        let useful = values.iter().filter(|v| **v >= u64::from(LOW)).min();
        return useful.and_then(|v| u32::try_from(*v).ok());
    }
    let least = zone.limits.number("ttl-min").map_or(0, |(min, _)| u32::try_from(min).unwrap_or(u32::MAX));
    Some(LOW.max(least))
}

/// Gives every row its TTL, every stage its wait, and puts in the stages that raise TTLs.
fn times<'a>(books: &mut Books<'_, 'a>, stages: &mut Vec<Stage<'a>>, lowered: &HashMap<Place, u32>) {
    let mut last: HashMap<Place, StageKind> = HashMap::new();
    for stage in stages.iter().filter(|s| s.kind != StageKind::Lower) {
        for step in &stage.steps {
            for row in step.now.iter().chain(&step.then) {
                last.insert(place(step.zone, &row.name, row.rtype), stage.kind);
            }
        }
    }
    let mut ups: Vec<(StageKind, Step<'a>)> = Vec::new();
    let mut up: Vec<Place> = Vec::new();
    for stage in stages.iter_mut() {
        let mut after: Option<Wait> = None;
        for step in &mut stage.steps {
            // The way back is what is there by then.
            for row in &mut step.now {
                let (rows, _) = books.rows(step.zone, &row.name, row.rtype);
                if let Some(there) = rows.iter().find(|r| r.same_data(row)) {
                    row.ttl = there.ttl;
                }
            }
            if stage.kind != StageKind::Lower {
                set_ttls(books, step, stage.kind, lowered, &last);
            }
            step.before = books.around(step);
            step.window = window(books.question, step);
            after = waits(books, step).into_iter().fold(after, Wait::longest);
            books.apply(step);
        }
        stage.after = after;
    }
    for stage in stages.iter() {
        for step in stage.steps.iter().filter(|_| stage.kind != StageKind::Lower) {
            let Some((_, _, wanted)) = &step.wanted else { continue };
            let at = place(step.zone, &wanted.name, wanted.rtype);
            let (rows, known) = books.rows(step.zone, &wanted.name, wanted.rtype);
            let to = wanted_ttl(step).unwrap_or(wanted.ttl);
            let was_lowered = lowered.contains_key(&at)
                || step.now.iter().any(|r| lowered.contains_key(&place(step.zone, &r.name, r.rtype)));
            if !was_lowered || up.contains(&at) || !known || rows.iter().all(|r| r.ttl >= to) {
                continue;
            }
            let kind = match last.get(&at) {
                Some(kind) if *kind > StageKind::Start => StageKind::RaiseLast,
                _ => StageKind::Raise,
            };
            up.push(at);
            ups.push((kind, raise(step, rows, to)));
        }
    }
    for kind in [StageKind::Raise, StageKind::RaiseLast] {
        let steps: Vec<Step<'a>> = ups.iter().filter(|(k, _)| *k == kind).map(|(_, s)| s.clone()).collect();
        if !steps.is_empty() {
            let at = stages.iter().position(|s| s.kind > kind).unwrap_or(stages.len());
            stages.insert(at, Stage { kind, before: None, steps, after: None });
        }
    }
}

/// These rows of a step's set get a longer TTL.
fn raise<'a>(step: &Step<'a>, rows: Vec<Record>, to: u32) -> Step<'a> {
    let from = rows.iter().map(|r| r.ttl).max().unwrap_or_default();
    let mut one = bare(step.zone, step.phase, &step.name, step.rtype, Action::Raise { from, to }, step.party);
    one.then = rows.iter().map(|r| Record { ttl: to, ..r.clone() }).collect();
    one.before = rows.clone();
    one.now = rows;
    one
}

/// A TTL that a plan lowered and that nobody raised: where site.toml says a TTL, it goes up again.
fn left_low<'a>(books: &Books<'_, 'a>, keep: &[Step<'a>], lowered: &HashMap<Place, u32>, stages: &mut Vec<Stage<'a>>) {
    if books.question.site.ttl.is_none() {
        return;
    }
    let mut steps: Vec<Step<'a>> = Vec::new();
    for step in keep {
        let (Some(to), Some(low)) = (wanted_ttl(step), low(step.zone)) else { continue };
        let (rows, known) = books.rows(step.zone, &step.name, step.rtype);
        let seen =
            steps.iter().any(|s| s.name == step.name && s.rtype == step.rtype && std::ptr::eq(s.zone, step.zone));
        let at = place(step.zone, &step.name, step.rtype);
        if seen
            || !known
            || low >= to
            || rows.is_empty()
            || lowered.contains_key(&at)
            || rows.iter().any(|r| r.ttl != low)
        {
            continue;
        }
        steps.push(raise(step, rows, to));
    }
    if steps.is_empty() {
        return;
    }
    match stages.iter_mut().find(|s| s.kind == StageKind::RaiseLast) {
        Some(stage) => stage.steps.extend(steps),
        None => stages.push(Stage { kind: StageKind::RaiseLast, before: None, steps, after: None }),
    }
}

/// The TTL that is wanted of a step's set.
fn wanted_ttl(step: &Step<'_>) -> Option<u32> {
    let (.., wanted) = step.wanted.as_ref()?;
    step.zone.composed.rrset(&wanted.name, wanted.rtype).map(|s| s.ttl.seconds())
}

/// A new row has the TTL of its set as it is (RFC 2181 §5.2); one that stands alone the lowered one, as long as it may be taken back.
fn set_ttls(
    books: &Books<'_, '_>,
    step: &mut Step<'_>,
    kind: StageKind,
    lowered: &HashMap<Place, u32>,
    last: &HashMap<Place, StageKind>,
) {
    let zone = step.zone;
    let low = step.now.iter().chain(&step.then).find_map(|r| lowered.get(&place(zone, &r.name, r.rtype)).copied());
    let Step { now, then, wanted, .. } = step;
    for row in then.iter_mut() {
        let (rows, known) = books.rows(zone, &row.name, row.rtype);
        let others = rows.iter().find(|r| !now.iter().any(|n| n.same_data(r)));
        let is_last = kind > StageKind::Start && last.get(&place(zone, &row.name, row.rtype)) == Some(&kind);
        row.ttl = match (others, low) {
            (Some(other), _) if known => other.ttl,
            (_, Some(low)) if !is_last => low.min(row.ttl),
            _ => row.ttl,
        };
    }
    if let (Some((.., wanted)), Some(row)) = (wanted, then.first()) {
        wanted.ttl = row.ttl;
    }
}

/// What must pass until everybody sees a step.
fn waits(books: &Books<'_, '_>, step: &Step<'_>) -> Vec<Wait> {
    let current = books.question.current_of(step.zone);
    let origin = &step.zone.composed.origin;
    let mut places: Vec<(&Name, Rtype)> = Vec::new();
    for row in step.now.iter().chain(&step.then) {
        if !places.contains(&(&row.name, row.rtype)) {
            places.push((&row.name, row.rtype));
        }
    }
    if matches!(step.action, Action::Raise { .. }) {
        return Vec::new();
    }
    let wait = |(name, rtype): (&Name, Rtype)| {
        let (rows, known) = books.rows(step.zone, name, rtype);
        wait::stale(&rows, &step.now, known, current, origin, name, rtype)
    };
    places.into_iter().map(wait).collect()
}

/// What must have passed before a stage, besides the wait of the one before it.
fn before(question: &Question<'_>, stages: &mut [Stage<'_>]) {
    // What goes last may be what a term of SPF means.
    let loses = |stage: &Stage<'_>| !spf_hosts::moved(question, stage.steps.iter()).is_empty();
    for stage in stages {
        stage.before = match stage.kind {
            StageKind::Policy(_) => stage.steps.iter().find_map(reports),
            StageKind::Remove => {
                let of_spf = loses(stage).then(last_mail_by_spf);
                stage.steps.iter().filter_map(last_mail).chain(of_spf).fold(None, Wait::longest)
            }
            _ => None,
        };
    }
}

/// Reports are read for a month before a policy becomes stricter.
fn reports(step: &Step<'_>) -> Option<Wait> {
    let to = step.then.first().filter(|r| is_dmarc(r)).and_then(policy::read)?;
    let from = policy::in_force(&step.now);
    // A name that sends nothing has no mail to look for.
    let silent = step.wanted.as_ref().is_some_and(|(member, ..)| matches!(member.intent, Intent::NoMail));
    let acting = !silent && policy::acts(&to) && policy::is_stricter(from.as_ref(), &to);
    (acting && from.is_some()).then(|| Wait {
        seconds: wait::REPORTS,
        why: say!(en: "a month of DMARC reports without mail of yours that fails (RFC 9989 §7.4); if reports have come for a month already, it has passed", ja: "自社のメールの失敗がない DMARC レポートを 1 か月見てからにします（RFC 9989 §7.4）。もう 1 か月見ていれば待ちません"),
    })
}

/// What has to have passed since the last mail that SPF or a key lets through.
fn last_mail_by_spf() -> Wait {
    Wait {
        seconds: wait::LAST_MAIL,
        why: say!(en: "since the last mail that needs what goes here: queues try for up to 5 days, and 2 days to be sure", ja: "ここで消すものを必要とする最後のメールから数えます。送信待ちのメールは最長 5 日送られ、さらに 2 日みておきます"),
    }
}

/// What has to have passed since the last mail.
fn last_mail(step: &Step<'_>) -> Option<Wait> {
    let spf = step.now.first().is_some_and(is_spf);
    if spf || is_key_owner(&step.name) || step.phase == Phase::Keyzone {
        return Some(last_mail_by_spf());
    }
    matches!(step.rtype, Rtype::A | Rtype::AAAA | Rtype::CNAME | Rtype::MX).then(|| Wait {
        seconds: wait::QUEUE,
        why: say!(en: "servers try an old host for up to 5 days (RFC 5321 §4.5.4.1)", ja: "古いサーバーあてのメールは最長 5 日送られます（RFC 5321 §4.5.4.1）"),
    })
}
