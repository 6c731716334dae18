//! From one SPF record to another without a moment in which anybody's term is missing.

use crate::compose::Intent;
use crate::fit::{FittedZone, longest_value};
use crate::mail::spf::{self, Qualifier};
use crate::zone::{Rdata, Record, Rtype};

/// How an SPF row gets from what it is to what is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    /// What stands there in between: the old terms, the new ones, and those that are held; none where nothing is needed in between, or
    /// there is no room.
    pub between: Option<Record>,
    /// Whether the last edit adds a term.
    pub adds: bool,
    /// Whether the last edit takes a term away.
    pub drops: bool,
    /// Both do not fit into one row, so that there is no between.
    pub no_room: bool,
    /// The closing `all` becomes stricter in the last edit.
    pub tightens: bool,
}

fn rank(qualifier: Qualifier) -> u8 {
    match qualifier {
        Qualifier::Pass => 0,
        Qualifier::Neutral => 1,
        Qualifier::SoftFail => 2,
        Qualifier::Fail => 3,
    }
}

/// The way from one row to another. `held` are terms that stand there in between besides.
pub(super) fn edit(now: &Record, wanted: &Record, intent: &Intent, held: &[&str], zone: &FittedZone<'_>) -> Edit {
    let text = |r: &Record| String::from_utf8_lossy(&r.rdata.txt_joined()).into_owned();
    let (old, new) = (text(now), text(wanted));
    let mut change = spf::change(&old, &new, &wanted.name.display_without_dot().to_string());
    // With its addresses in its place nobody loses anything, and look-ups that are too many go at once.
    change.gone.retain(|term| !intent.writes_out(term));
    let (before, after) = (spf::Record::parse(old.as_bytes()), spf::Record::parse(new.as_bytes()));
    let (adds, mut gone) = (!change.added.is_empty(), change.gone);
    let of_all = |r: &spf::Record| r.all().map(|t| rank(t.qualifier));
    let tightens = matches!((of_all(&before), of_all(&after)), (Some(a), Some(b)) if a < b)
        || (of_all(&before).is_none() && before.redirect().is_none() && of_all(&after).is_some_and(|b| b > 1));
    // A record that cannot be read holds for nobody, so nothing is lost with it.
    if before.syntax_error().is_some() {
        gone.clear();
    }
    let drops = !gone.is_empty();
    let none = Edit { between: None, adds, drops, no_room: false, tightens };
    if held.is_empty() && (!adds || !(drops || tightens)) {
        return none;
    }
    let text = between(&before, &after, &gone, held, tightens);
    match Rdata::txt(text.as_bytes()) {
        Ok(rdata) if fits(&text, zone) => {
            let drops = drops || !held.is_empty();
            Edit { between: Some(Record { rdata, ..wanted.clone() }), adds: false, drops, ..none }
        }
        _ => Edit { no_room: adds && drops, ..none },
    }
}

/// The wanted terms, then the old ones that are to go and those that are held, before the looser of both endings.
fn between(before: &spf::Record, after: &spf::Record, gone: &[String], held: &[&str], tightens: bool) -> String {
    let mut out = "v=spf1".to_owned();
    let mut put = |word: &str| {
        out.push(' ');
        out.push_str(word);
    };
    let is_end = |t: &&spf::Term| !t.kind.is_modifier() && !matches!(t.kind, spf::TermKind::All);
    for term in after.terms().iter().filter(is_end) {
        put(&term.raw);
    }
    for term in before.terms().iter().filter(|t| gone.contains(&t.raw)) {
        match &term.kind {
            // A redirect counts only where there is no `all`; an include says the same before one.
            spf::TermKind::Redirect(to) => put(&format!("include:{}", to.as_str())),
            kind if kind.is_modifier() => {}
            _ => put(&term.raw),
        }
    }
    held.iter().for_each(|term| put(term));
    for modifier in after.terms().iter().filter(|t| t.kind.is_modifier()) {
        put(&modifier.raw);
    }
    let end = if tightens { before.all() } else { after.all() };
    if let Some(all) = end {
        put(&all.raw);
    }
    out
}

/// Whether a row of this text still works and enters the form.
fn fits(text: &str, zone: &FittedZone<'_>) -> bool {
    let record = spf::Record::parse(text.as_bytes());
    let lookups = spf::lookup_terms(&record) <= spf::MAX_LOOKUPS;
    let room = longest_value(&zone.limits, Rtype::TXT).is_none_or(|(max, _)| text.len() as u64 <= max);
    lookups && room && record.syntax_error().is_none()
}
