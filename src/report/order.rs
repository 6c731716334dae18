//! The order in which findings are shown, how many there are, and what to do next. The same for every renderer.

use std::collections::HashMap;

use super::{Finding, NoteKind, Severity, Span, Text};

/// Errors, then warnings, then advice; inside by file and place; otherwise as they came. What was said before is not said again.
#[must_use]
pub fn in_order(findings: &[Finding]) -> Vec<&Finding> {
    let mut known: HashMap<(&str, Option<Span>, &str), Vec<&Finding>> = HashMap::new();
    let mut ordered: Vec<&Finding> = findings
        .iter()
        .filter(|finding| {
            let same = known.entry((finding.id, finding.primary(), &finding.title.en)).or_default();
            let new = !same.contains(finding);
            if new {
                same.push(finding);
            }
            new
        })
        .collect();
    ordered.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.primary()));
    ordered
}

/// How many findings of each severity, counted as they are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Advice.
    pub advice: usize,
}

impl Counts {
    /// Counts `findings`; equal ones count once.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        let mut counts = Self::default();
        for finding in in_order(findings) {
            match finding.severity {
                Severity::Error => counts.errors += 1,
                Severity::Warning => counts.warnings += 1,
                Severity::Advice => counts.advice += 1,
            }
        }
        counts
    }

    /// Adds those of another text.
    pub fn add(&mut self, other: Self) {
        self.errors += other.errors;
        self.warnings += other.warnings;
        self.advice += other.advice;
    }

    /// Whether there is anything that makes exit code 1: an error, and if it is `strict` a warning.
    #[must_use]
    pub fn fail(self, strict: bool) -> bool {
        self.errors > 0 || (strict && self.warnings > 0)
    }
}

/// What to do next: the first step of the first error that has one, else of the first warning.
#[must_use]
pub fn next_step(findings: &[Finding]) -> Option<&Text> {
    let step = |finding: &&Finding| finding.severity >= Severity::Warning && next_of(finding).is_some();
    in_order(findings).into_iter().find(step).and_then(next_of)
}

fn next_of(finding: &Finding) -> Option<&Text> {
    finding.notes.iter().find(|note| note.kind == NoteKind::Next).map(|note| &note.text)
}

#[cfg(test)]
mod tests {
    use super::super::Sources;
    use super::*;

    #[test]
    fn errors_come_first_then_place_and_an_equal_finding_is_gone() {
        let mut sources = Sources::default();
        let file = sources.add("site.toml", "abc".into());
        let at = |finding: Finding, at: usize| finding.at(Span::new(file, at..at + 1), Text::default());
        let all = [
            at(Finding::advice("a", Text::same("1")), 0),
            at(Finding::error("b", Text::same("2")), 2),
            at(Finding::error("b", Text::same("3")), 1),
            at(Finding::error("b", Text::same("2")), 2),
            at(Finding::error("c", Text::same("4")), 1),
            Finding::warning("d", Text::same("5")).next(Text::same("later")),
        ];
        let titles: Vec<&str> = in_order(&all).iter().map(|f| f.title.en.as_str()).collect();
        assert_eq!(titles, ["3", "4", "2", "5", "1"]);
        assert_eq!(Counts::of(&all), Counts { errors: 3, warnings: 1, advice: 1 });
        assert_eq!(next_step(&all), Some(&Text::same("later")));
    }

    #[test]
    fn the_next_step_is_the_first_errors_and_never_an_advices() {
        let advice = Finding::advice("a", Text::default()).next(Text::same("no"));
        assert_eq!(next_step(std::slice::from_ref(&advice)), None);
        let warning = Finding::warning("a", Text::default()).next(Text::same("second"));
        let error = Finding::error("a", Text::default()).next(Text::same("first")).next(Text::same("then"));
        assert_eq!(next_step(&[advice, warning, error]), Some(&Text::same("first")));
    }
}
