//! `--format text`: a plan as an ordered list that a person reads.

use std::fmt::Write as _;

use crate::plan::Wait;
use crate::render::{Product, file_name};
use crate::report::words::duration;
use crate::report::{Lang, Text, visible};
use crate::say;

use super::PlanInput;
use super::telling::{self, piece};
use super::words::stage;

pub(super) fn write(plan: PlanInput<'_, '_>) -> Vec<Product> {
    let lang = plan.input.lang;
    let mut out = Out { text: String::new(), lang };
    let domain =
        plan.input.site.domain_unicode.clone().unwrap_or_else(|| telling::plain(&plan.input.site.domain.value));
    head(&plan, &domain, &mut out);
    if let Some(taken) = telling::taken_to_send(&plan) {
        out.line(&taken);
    }
    differences(&plan, &mut out);
    stays(&plan, &mut out);
    let mut number = 0;
    let mut waited: Option<&Wait> = None;
    for one in &plan.plan.stages {
        for wait in waited.take().into_iter().chain(&one.before) {
            wait_line(wait, &mut out);
        }
        waited = one.after.as_ref();
        out.line(&Text::default());
        out.line(&stage(one.kind));
        for step in &one.steps {
            number += 1;
            let told = telling::step(&plan, step);
            let (title, panel) = (&told.title, &told.panel);
            out.line(&say!(en: "{number}. {title}   [{panel}]", ja: "{number}. {title}   ［{panel}］"; title = title, panel = panel));
            for warning in &told.warnings {
                out.line(&say!(en: "   ! {warning}", ja: "   ! {warning}"; warning = warning));
            }
            for gone in &told.gone {
                out.line(&say!(en: "   - {gone}", ja: "   - {gone}"; gone = gone));
            }
            for come in &told.come {
                out.line(&say!(en: "   + {come}", ja: "   + {come}"; come = come));
            }
            for piece in &told.pieces {
                out.line(&say!(en: "     {piece}", ja: "     {piece}"; piece = piece));
            }
            match &told.check {
                Some((Some(command), expect)) => {
                    out.line(&say!(en: "   check: {command}", ja: "   確かめる: {command}"));
                    out.line(&say!(en: "          {expect}", ja: "          {expect}"; expect = expect));
                }
                Some((None, expect)) => {
                    out.line(&say!(en: "   check: {expect}", ja: "   確かめる: {expect}"; expect = expect));
                }
                None => {}
            }
            if let Some(back) = &told.back {
                out.line(&say!(en: "   way back: {back}", ja: "   元に戻す: {back}"; back = back));
            }
        }
    }
    if let Some(wait) = waited {
        wait_line(wait, &mut out);
    }
    vec![Product { name: file_name(&plan.input.site.domain.value, "plan.txt"), text: out.text }]
}

/// What it is, and how much there is to do.
fn head(plan: &PlanInput<'_, '_>, domain: &str, out: &mut Out) {
    let (steps, stages) = (plan.plan.steps().count(), plan.plan.stages.len());
    out.line(&say!(en: "{domain}: plan", ja: "{domain} の作業計画"));
    if steps == 0 {
        out.line(&telling::no_step(plan));
        return;
    }
    out.line(&say!(en: "steps: {steps}, stages: {stages}; one may stop after any of them", ja: "{steps} 手順、{stages} 段階。どこで止めても、今より悪くはなりません"));
    let waits: u64 =
        plan.plan.stages.iter().flat_map(|s| s.before.iter().chain(&s.after)).map(|w| u64::from(w.seconds)).sum();
    if waits > 0 {
        let time = duration(u32::try_from(waits).unwrap_or(u32::MAX));
        out.line(&say!(en: "waits, all together: {time}", ja: "待ち時間の合計: {time}"; time = time));
    }
}

/// What differs, whatever the way there.
fn differences(plan: &PlanInput<'_, '_>, out: &mut Out) {
    let different = telling::different(plan);
    if different.is_empty() {
        return;
    }
    out.line(&Text::default());
    out.line(&say!(en: "What differs", ja: "違うところ"));
    for difference in different {
        let (name, rtype) = (telling::plain(&difference.name), difference.rtype);
        out.line(&Text::same(format!("  {name} {rtype}")));
        for found in &difference.extra {
            let value = found.record.rdata.present(rtype);
            out.line(&say!(en: "    now     {value}", ja: "    いま    {value}"));
        }
        for record in &difference.missing {
            let value = record.rdata.present(rtype);
            out.line(&say!(en: "    wanted  {value}", ja: "    必要    {value}"));
        }
        for one in &difference.pieces {
            let text = piece(one);
            out.line(&say!(en: "            {text}", ja: "            {text}"; text = text));
        }
    }
}

/// What is there and stays.
fn stays(plan: &PlanInput<'_, '_>, out: &mut Out) {
    let Some((title, rows)) = telling::stays(plan) else { return };
    out.line(&Text::default());
    out.line(&title);
    for row in &rows {
        out.line(&say!(en: "  {row}", ja: "  {row}"; row = row));
    }
}

fn wait_line(wait: &Wait, out: &mut Out) {
    let (time, why) = (duration(wait.seconds), &wait.why);
    out.line(&say!(en: "   wait {time}: {why}", ja: "   {time}待つ: {why}"; time = time, why = why));
}

struct Out {
    text: String,
    lang: Lang,
}

impl Out {
    /// A line; nothing from outside has power over a terminal.
    fn line(&mut self, text: &Text) {
        let _ = writeln!(self.text, "{}", visible(&text.get(self.lang).replace(['\n', '\r'], " ")));
    }
}
