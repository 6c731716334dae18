//! `--format markdown`: a plan for a pull request.

use std::fmt::Write as _;

use crate::render::{Product, file_name};
use crate::report::words::duration;
use crate::report::{Text, visible};
use crate::say;

use super::PlanInput;
use super::telling;
use super::words::stage;

pub(super) fn write(plan: PlanInput<'_, '_>) -> Vec<Product> {
    let lang = plan.input.lang;
    let mut out = String::new();
    let get = |text: &Text| inline(text.get(lang));
    let domain = telling::plain(&plan.input.site.domain.value);
    let title = say!(en: "{domain}: plan", ja: "{domain} の作業計画");
    let _ = writeln!(out, "## {}\n", get(&title));
    if plan.plan.stages.is_empty() {
        let _ = writeln!(out, "{}\n", get(&telling::no_step(&plan)));
    }
    if let Some(taken) = telling::taken_to_send(&plan) {
        let _ = writeln!(out, "{}\n", get(&taken));
    }
    let mut number = 0;
    for (at, one) in plan.plan.stages.iter().enumerate() {
        let _ = writeln!(out, "### {}. {}\n", at + 1, get(&stage(one.kind)));
        if let Some(wait) = &one.before {
            let _ = writeln!(out, "> {}\n", waits(wait, lang));
        }
        for step in &one.steps {
            number += 1;
            let told = telling::step(&plan, step);
            let _ = writeln!(out, "{number}. **{}** ({})", get(&told.title), get(&told.panel));
            for warning in &told.warnings {
                let _ = writeln!(out, "   - ⚠ {}", get(warning));
            }
            let rows = told.gone.iter().map(|r| ('-', r)).chain(told.come.iter().map(|r| ('+', r)));
            let rows: Vec<String> = rows
                .map(|(mark, row)| format!("   {mark} {}", visible(&row.get(lang).replace(['\n', '\r'], " "))))
                .collect();
            if !rows.is_empty() {
                // A fence that no value can end.
                let fence = "`".repeat(rows.iter().map(|r| longest_run(r)).max().unwrap_or_default().max(2) + 1);
                let _ = writeln!(out, "\n   {fence}diff\n{}\n   {fence}\n", rows.join("\n"));
            }
            for piece in &told.pieces {
                let _ = writeln!(out, "   - {}", get(piece));
            }
            if let Some((command, expect)) = &told.check {
                let label = say!(en: "check", ja: "確かめる");
                let command = command.as_ref().map(|c| format!("`{c}`: ")).unwrap_or_default();
                let _ = writeln!(out, "   - {}: {command}{}", get(&label), get(expect));
            }
            if let Some(back) = &told.back {
                let label = say!(en: "way back", ja: "元に戻す");
                let _ = writeln!(out, "   - {}: {}", get(&label), get(back));
            }
        }
        if let Some(wait) = &one.after {
            let _ = writeln!(out, "\n> {}", waits(wait, lang));
        }
        out.push('\n');
    }
    if let Some((title, rows)) = telling::stays(&plan) {
        let _ = writeln!(out, "### {}\n", get(&title));
        for row in &rows {
            let _ = writeln!(out, "- {}", get(row));
        }
    }
    vec![Product { name: file_name(&plan.input.site.domain.value, "plan.md"), text: out }]
}

fn waits(wait: &crate::plan::Wait, lang: crate::report::Lang) -> String {
    let (time, why) = (duration(wait.seconds), &wait.why);
    inline(say!(en: "wait {time}: {why}", ja: "{time}待つ: {why}"; time = time, why = why).get(lang))
}

/// A text that is not marked up by what stands in it.
fn inline(text: &str) -> String {
    let mut out = String::new();
    for c in visible(&text.replace(['\n', '\r'], " ")).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '#' | '|' | '~') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_marks_nothing_up() {
        assert_eq!(inline("a_b <script> `x`"), "a\\_b \\<script\\> \\`x\\`");
        assert_eq!(longest_run("a```b`"), 3);
    }
}
