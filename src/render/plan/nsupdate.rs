//! `--format nsupdate`: a script for each stage. Each step is one update of its own with prerequisites: it happens only if its sets are, row
//! for row, as the plan found or left them (RFC 2136 §2.4). Between two stages somebody waits and looks, so standard output gets the first
//! stage only; planning again gives the rest.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::plan::{Stage, Step};
use crate::render::{Product, file_name};
use crate::report::words::duration;
use crate::report::{Text, excerpt};
use crate::say;
use crate::zone::{Name, Record, Rtype};

use super::PlanInput;
use super::telling;
use super::words::stage;

pub(super) fn write(plan: PlanInput<'_, '_>) -> Vec<Product> {
    let stages = &plan.plan.stages;
    let mut out = Vec::new();
    let mut number = 0;
    for (at, one) in stages.iter().enumerate() {
        let n = at + 1;
        let text = script(&plan, one, n, &mut number);
        out.push(Product { name: file_name(&plan.input.site.domain.value, &format!("{n}.nsupdate")), text });
        if !plan.folder {
            break;
        }
    }
    out
}

fn script(plan: &PlanInput<'_, '_>, one: &Stage<'_>, n: usize, number: &mut usize) -> String {
    let mut out = String::new();
    let lang = plan.input.lang;
    let note = |out: &mut String, text: &Text| {
        let text = excerpt(text.get(lang), 1000);
        let _ = writeln!(out, "; {text}");
    };
    let (domain, of, title) = (telling::plain(&plan.input.site.domain.value), plan.plan.stages.len(), stage(one.kind));
    note(
        &mut out,
        &say!(en: "{domain}: stage {n} of {of}: {title}", ja: "{domain} の作業計画: 第 {n} 段階（全 {of} 段階）{title}"; title = title),
    );
    if let Some(taken) = telling::taken_to_send(plan) {
        note(&mut out, &taken);
    }
    if let Some(wait) = &one.before {
        let (time, why) = (duration(wait.seconds), &wait.why);
        note(
            &mut out,
            &say!(en: "not before {time} have passed: {why}", ja: "{time}たってから: {why}"; time = time, why = why),
        );
    }
    for step in &one.steps {
        *number += 1;
        let told = telling::step(plan, step);
        out.push('\n');
        let (number, title) = (*number, &told.title);
        note(&mut out, &say!(en: "{number}. {title}", ja: "{number}. {title}"; title = title));
        for warning in &told.warnings {
            note(&mut out, warning);
        }
        update(step, &mut out);
        if let Some(back) = &told.back {
            note(&mut out, &say!(en: "way back: {back}", ja: "元に戻す: {back}"; back = back));
        }
    }
    if let Some(wait) = &one.after {
        out.push('\n');
        let (time, why) = (duration(wait.seconds), &wait.why);
        note(
            &mut out,
            &say!(en: "then wait {time} and plan again: {why}", ja: "そのあと {time}待って、もう一度 plan を実行します: {why}"; time = time, why = why),
        );
    }
    out
}

/// One step as one update, if it changes rows.
fn update(step: &Step<'_>, out: &mut String) {
    if step.now.is_empty() && step.then.is_empty() {
        return;
    }
    let _ = writeln!(out, "zone {}", step.zone.composed.origin);
    out.push_str("check-names no\n");
    // The sets that are touched, and what they are by now.
    let mut sets: BTreeMap<(Name, Rtype), Vec<&Record>> = BTreeMap::new();
    for record in step.now.iter().chain(&step.then) {
        sets.entry((record.name.clone(), record.rtype)).or_default();
    }
    for record in &step.before {
        if let Some(rows) = sets.get_mut(&(record.name.clone(), record.rtype)) {
            rows.push(record);
        }
    }
    for ((name, rtype), rows) in &sets {
        if rows.is_empty() {
            let _ = writeln!(out, "prereq nxrrset {name} IN {rtype}");
        }
        for row in rows {
            let _ = writeln!(out, "prereq yxrrset {name} IN {rtype} {}", row.rdata.present(*rtype));
        }
    }
    for record in &step.now {
        let rtype = record.rtype;
        let _ = writeln!(out, "update delete {} IN {rtype} {}", record.name, record.rdata.present(rtype));
    }
    for record in &step.then {
        let (rtype, ttl) = (record.rtype, record.ttl);
        let _ = writeln!(out, "update add {} {ttl} IN {rtype} {}", record.name, record.rdata.present(rtype));
    }
    out.push_str("send\n");
}
