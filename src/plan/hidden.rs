//! What a plan would hide: rows that no step touches and that nobody sees any more, as a name gets rows of its own where a wildcard answered
//! (RFC 4592 §3.3.1), or is handed to another zone (RFC 1034 §4.2.1); and a DS that the new servers of a name may not fulfil.

use std::collections::HashSet;

use crate::report::{Finding, Text, excerpt};
use crate::say;
use crate::zone::{Current, Found, Name, Record, Rtype};

use super::difference::is_made_by_server;
use super::judge::{ROWS_TOLD, Stop, plain};
use super::pick::whole;
use super::stages::{Plan, StageKind};
use super::steps::{Action, Step};
use super::{Question, adopt, wait};

/// Whether a step changes the name servers of a name below the zone's own.
fn is_cut(step: &Step<'_>) -> bool {
    step.rtype == Rtype::NS && step.name != step.zone.composed.origin && !step.then.is_empty()
}

/// A DS that goes does so before the name servers change: without it nothing is checked, so nothing fails.
pub(super) fn order(staged: &mut [(StageKind, Step<'_>)]) {
    let cuts: Vec<Name> = staged.iter().filter(|(_, s)| is_cut(s)).map(|(_, s)| s.name.clone()).collect();
    let goes = |s: &Step<'_>| s.rtype == Rtype::DS && s.action == Action::Remove && cuts.contains(&s.name);
    for (kind, _) in staged.iter_mut().filter(|(_, s)| goes(s)) {
        *kind = StageKind::Add;
    }
}

/// Name servers that change under a DS.
pub(super) fn ds_first(question: &Question<'_>, plan: &Plan<'_>) -> Vec<Stop> {
    let mut names: Vec<&Name> = Vec::new();
    let mut out = Vec::new();
    for step in plan.steps().filter(|s| is_cut(s)) {
        let Some(current) = question.current_of(step.zone) else { continue };
        if names.contains(&&step.name) || current.of(&step.name, Rtype::NS).next().is_none() {
            continue;
        }
        names.push(&step.name);
        let goes =
            |ds: &Record| plan.steps().any(|s| s.action == Action::Remove && s.now.iter().any(|r| r.same_data(ds)));
        let Some(ds) = current.found_at(&step.name).find(|f| f.record.rtype == Rtype::DS && !goes(&f.record)) else {
            continue;
        };
        let (name, flag) = (plain(&step.name), whole(&step.name, Rtype::DS, &step.zone.composed.origin));
        out.push(Stop {
            finding: Finding::error("plan-ds-first", say!(en: "the name servers of {name} change, and a DS stands there", ja: "{name} のネームサーバーが変わりますが、DS が残っています"))
                .at_opt(ds.span, Text::default())
                .about(name.clone(), "DS")
                .harm(say!(en: "unless the new servers sign with the key that it names, resolvers that check refuse everything at {name}", ja: "新しいサーバーが同じ鍵で署名していないと、DNSSEC を検証する側では {name} が全部引けなくなります"))
                .next(say!(en: "take the DS away first, here and in site.toml: --remove {flag}; the new one comes once the old servers are forgotten", ja: "先に DS を外します（site.toml からも）: --remove {flag}。新しい DS は、古いネームサーバーの答えが残らなくなってから登録します"))
                .next(say!(en: "if the new servers sign with the same key: --force", ja: "新しいサーバーが同じ鍵で署名しているなら: --force")),
            forced: true,
        });
    }
    out
}

/// Rows that stand where a name is handed to another zone.
pub(super) fn below_cuts(question: &Question<'_>, plan: &Plan<'_>) -> Vec<Stop> {
    let Some(current) = question.current else { return Vec::new() };
    let origin = &question.fitted.own.composed.origin;
    let mut names: Vec<&Name> = Vec::new();
    let mut out = Vec::new();
    for step in plan.steps().filter(|s| is_cut(s) && s.zone.composed.origin == *origin) {
        if names.contains(&&step.name) || current.of(&step.name, Rtype::NS).next().is_some() {
            continue;
        }
        names.push(&step.name);
        let servers: HashSet<Name> =
            plan.steps().filter(|s| is_cut(s)).flat_map(|s| s.then.iter().filter_map(Record::target)).collect();
        let glue = |r: &Record| matches!(r.rtype, Rtype::A | Rtype::AAAA) && servers.contains(&r.name);
        let at_cut = |r: &Record| r.name == step.name && r.rtype == Rtype::DS;
        let goes = |r: &Record| plan.steps().any(|s| s.now.iter().any(|n| n.same_data(r)));
        let elsewhere = |r: &Record| {
            let zone = question.fitted.zones().find(|z| z.composed.origin == step.name);
            let set = zone.and_then(|z| z.composed.rrset(&r.name, r.rtype));
            set.is_some_and(|s| s.records().any(|w| w.same_data(r)))
        };
        let is_hidden = |f: &&Found| {
            let r = &f.record;
            r.name.is_subdomain_of(&step.name)
                && !(is_made_by_server(r, origin) || glue(r) || at_cut(r) || goes(r) || elsewhere(r))
        };
        let hidden: Vec<&Found> = current.found().iter().filter(is_hidden).collect();
        let Some(first) = hidden.first() else { continue };
        let (name, n) = (plain(&step.name), hidden.len());
        let shown = hidden.iter().take(ROWS_TOLD).map(|f| line(&f.record));
        let list = shown.chain((n > ROWS_TOLD).then(|| "…".to_owned())).collect::<Vec<_>>().join("\n");
        out.push(Stop {
            finding: Finding::error("plan-hides", say!(en: "{name} goes to other name servers, and records that stand there are not seen any more: {n}", ja: "{name} を別のネームサーバーに任せると、いまある {n} 件のレコードが見えなくなります"))
                .at_opt(first.span, Text::default())
                .about(name, "NS")
                .harm(say!(en: "what the new servers don't have is gone: web, mail", ja: "新しいサーバーにないものは、Web もメールも使えなくなります"))
                .next(say!(en: "enter these at the new servers first, then --force:\n{list}", ja: "先に新しいサーバーに入れてから、--force を付けます:\n{list}")),
            forced: true,
        });
    }
    out
}

/// Rows that are entered where the zone as it is hands a name to other name servers: nobody sees them here.
pub(super) fn under_cuts(question: &Question<'_>, plan: &Plan<'_>) -> Vec<Finding> {
    let Some(current) = question.current else { return Vec::new() };
    let zone = &question.fitted.own.composed;
    let mut out: Vec<Finding> = Vec::new();
    for step in plan.steps().filter(|s| {
        s.zone.composed.origin == zone.origin && !matches!(s.action, Action::Lower { .. } | Action::Raise { .. })
    }) {
        let Some(row) = step.then.first() else { continue };
        let at_cut = matches!(row.rtype, Rtype::NS | Rtype::DS);
        let names = above(&row.name, &zone.origin).skip(usize::from(at_cut));
        let cut = names.filter_map(|n| current.found_at(&n).find(|f| f.record.rtype == Rtype::NS)).last();
        let Some(cut) = cut.filter(|f| zone.rrset(&f.record.name, Rtype::NS).is_none()) else { continue };
        let servers: Vec<&Record> = current.of(&cut.record.name, Rtype::NS).collect();
        let glue = || {
            matches!(row.rtype, Rtype::A | Rtype::AAAA)
                && servers.iter().any(|r| r.target().is_some_and(|t| t == row.name))
        };
        let goes = || servers.iter().all(|r| plan.steps().any(|s| s.now.iter().any(|n| n.same_data(r))));
        if glue() || goes() {
            continue;
        }
        let (name, rtype, cut_name) = (plain(&row.name), row.rtype, plain(&cut.record.name));
        let server = cut.record.target().map(|t| plain(&t)).unwrap_or_default();
        let label = cut.record.name.relative_to(&zone.origin).unwrap_or_default();
        out.push(
            Finding::error("plan-below-cut", say!(en: "{name} {rtype}: the zone hands {cut_name} to {server}, and nobody sees what is entered here", ja: "{name} {rtype}: {cut_name} は {server} に任されているため、ここに入れてもだれにも見えません"))
                .at_opt(cut.span, Text::default())
                .about(name, rtype.to_string())
                .next(say!(en: "enter it where {cut_name} is edited, and say so in site.toml:\n[[subdomain]]\nname = \"{label}\"\ndelegated = \"…\"", ja: "{cut_name} を編集する画面で入れます。site.toml にも書きます:\n[[subdomain]]\nname = \"{label}\"\ndelegated = \"…\"")),
        );
    }
    out
}

fn line(record: &Record) -> String {
    format!("{} {} {}", plain(&record.name), record.rtype, excerpt(&record.rdata.present(record.rtype), 80))
}

/// Names that a wildcard answered for so far, and that get rows of their own, or rows below them, and not all that it said.
pub(super) fn by_wildcards(question: &Question<'_>, plan: &Plan<'_>) -> Vec<Finding> {
    let Some(current) = question.current else { return Vec::new() };
    let zone = &question.fitted.own.composed;
    let origin = &zone.origin;
    let mut names: Vec<Name> = Vec::new();
    for step in plan.steps().filter(|s| s.zone.composed.origin == *origin) {
        for name in step.then.iter().flat_map(|r| above(&r.name, origin)) {
            // Nobody asks at such a name for what wildcards are made for.
            let special = name.labels().any(|label| label.starts_with(b"_") || label == b"*");
            if !special && !names.contains(&name) && wait::wildcard(current, origin, &name).is_some() {
                names.push(name);
            }
        }
    }
    if names.is_empty() {
        return Vec::new();
    }
    let exist = existing(current, origin, &names);
    let mut out = Vec::new();
    for name in names.iter().filter(|name| !exist.contains(*name)) {
        let encloser = above(name, origin).find(|n| exist.contains(n)).unwrap_or_else(|| origin.clone());
        let Ok(wildcard) = encloser.child("*") else { continue };
        let has = |rtype| zone.rrset(name, rtype).is_some();
        let web = [Rtype::A, Rtype::AAAA, Rtype::CNAME];
        let lost = |f: &&Found| {
            let rtype = f.record.rtype;
            let leads = web.contains(&rtype) && web.into_iter().any(has);
            !(has(rtype) || leads || has(Rtype::NS) || is_made_by_server(&f.record, origin))
        };
        let lost: Vec<&Found> = current.found_at(&wildcard).filter(lost).take(ROWS_TOLD).collect();
        let Some(first) = lost.first() else { continue };
        let (shown, wildcard) = (plain(name), plain(&wildcard));
        let mut types: Vec<String> = lost.iter().map(|f| f.record.rtype.to_string()).collect();
        types.dedup();
        let types = types.join(", ");
        let as_own = |f: &&Found| adopt::record_lines(&Record { name: name.clone(), ..f.record.clone() }, origin);
        let lines = lost.iter().map(as_own).collect::<Vec<_>>().join("\n");
        out.push(
            Finding::warning("plan-hides", say!(en: "{wildcard} answers for {shown} now ({types}), and will not any more", ja: "いまは {wildcard} が {shown} の {types} に答えていますが、答えなくなります"))
                .at_opt(first.span, Text::default())
                .about(shown.clone(), types)
                .harm(say!(en: "a wildcard does not answer for a name that has a row of its own or below it (RFC 4592 §3.3.1)", ja: "自分の行か、その下の行がある名前には、ワイルドカード（*）は答えません（RFC 4592 §3.3.1）"))
                .next(say!(en: "what {shown} still needs goes into site.toml:\n{lines}", ja: "{shown} にまだ必要なものは site.toml に書きます:\n{lines}")),
        );
    }
    out
}

/// A name and those above it, below the zone's own.
fn above(name: &Name, origin: &Name) -> impl Iterator<Item = Name> {
    std::iter::successors(Some(name.clone()), Name::parent)
        .take_while(move |n| n != origin && n.is_subdomain_of(origin))
}

/// Which of these names, and of those above them, exist: they have rows, or names below them have.
fn existing(current: &Current, origin: &Name, names: &[Name]) -> HashSet<Name> {
    let asked: HashSet<Name> = names.iter().flat_map(|n| above(n, origin)).collect();
    let mut out = HashSet::new();
    for record in current.records() {
        out.extend(above(&record.name, origin).filter(|n| asked.contains(n)));
    }
    out
}
