//! A finding is data: what is wrong, where it was caused, whose panel is meant, what to do next. Renderers live beside this file.

use super::{Span, Text};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Practice; nothing breaks.
    Advice,
    /// Likely harm, or only some receivers, or a fact that rests on one report.
    Warning,
    /// Invalid, or mail of a declared sender fails, or the form is known to refuse.
    Error,
}

/// How sure the finding is of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// Rests on one report or on an inference.
    Low,
    /// Rests on third parties' documents or tools.
    Medium,
    /// Follows from a standard, a vendor's own page, or the site's own words.
    High,
}

/// A place in a source text, with what is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What to say under it; may be empty.
    pub text: Text,
}

/// What a note is about; it becomes the word in front.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoteKind {
    /// What goes wrong if nothing is done.
    Harm,
    /// Where the fact comes from, with its date and how sure it is.
    Source,
    /// A way round a limit, with what it asks.
    Way,
    /// What to do next.
    Next,
    /// Anything else worth knowing.
    Note,
}

/// A line below the finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it is about.
    pub kind: NoteKind,
    /// The line.
    pub text: Text,
}

/// A mechanical change that would mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What the change does.
    pub what: Text,
    /// The text it replaces.
    pub span: Span,
    /// The new text.
    pub replacement: String,
    /// Further places that change with it, none of them inside another.
    pub more: Vec<(Span, String)>,
    /// Whether it cannot be wrong: what is meant stays, and nothing else comes of it. Others are for a person to decide.
    pub safe: bool,
}

impl Fix {
    /// All places that change, each with its new text.
    pub fn edits(&self) -> impl Iterator<Item = (Span, &str)> {
        let more = self.more.iter().map(|(span, text)| (*span, text.as_str()));
        std::iter::once((self.span, self.replacement.as_str())).chain(more)
    }
}

/// A record that the finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct About {
    /// Owner, absolute, presentation format without the final dot.
    pub name: String,
    /// Type mnemonic.
    pub rtype: String,
}

/// A coded diagnostic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Stable identifier, kebab-case.
    pub id: &'static str,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// One sentence, the number first.
    pub title: Text,
    /// The place that caused it, then the other places concerned.
    pub labels: Vec<Label>,
    /// Lines below.
    pub notes: Vec<Note>,
    /// A mechanical repair, where there is one.
    pub fix: Option<Fix>,
    /// The records concerned.
    pub about: Vec<About>,
    /// The company in whose panel the next step is done; empty where it is site.toml itself.
    pub panel: Option<Text>,
    /// A digest of the whole values that it speaks of, where its lines may show only a part of them.
    pub digest: Option<String>,
}

impl Finding {
    /// A finding of `severity` with nothing but its sentence.
    #[must_use]
    pub fn new(id: &'static str, severity: Severity, title: Text) -> Self {
        Self {
            id,
            severity,
            confidence: Confidence::High,
            title,
            labels: Vec::new(),
            notes: Vec::new(),
            fix: None,
            about: Vec::new(),
            panel: None,
            digest: None,
        }
    }

    /// The same with another next step in place of its own.
    #[must_use]
    pub fn instead(mut self, next: Text) -> Self {
        self.notes.retain(|note| note.kind != NoteKind::Next);
        self.next(next)
    }

    /// A finding of error level.
    #[must_use]
    pub fn error(id: &'static str, title: Text) -> Self {
        Self::new(id, Severity::Error, title)
    }

    /// A finding of warning level.
    #[must_use]
    pub fn warning(id: &'static str, title: Text) -> Self {
        Self::new(id, Severity::Warning, title)
    }

    /// A finding of advice level.
    #[must_use]
    pub fn advice(id: &'static str, title: Text) -> Self {
        Self::new(id, Severity::Advice, title)
    }

    /// Adds a place; the first one added is the primary one. A span that is already labelled is not added again.
    #[must_use]
    pub fn at(mut self, span: Span, text: Text) -> Self {
        if !self.labels.iter().any(|l| l.span == span) {
            self.labels.push(Label { span, text });
        }
        self
    }

    /// Adds a place if there is one.
    #[must_use]
    pub fn at_opt(self, span: Option<Span>, text: Text) -> Self {
        match span {
            Some(span) => self.at(span, text),
            None => self,
        }
    }

    /// Adds a line below.
    #[must_use]
    pub fn note(mut self, kind: NoteKind, text: Text) -> Self {
        self.notes.push(Note { kind, text });
        self
    }

    /// Adds "what to do next".
    #[must_use]
    pub fn next(self, text: Text) -> Self {
        self.note(NoteKind::Next, text)
    }

    /// Adds what goes wrong if nothing is done.
    #[must_use]
    pub fn harm(self, text: Text) -> Self {
        self.note(NoteKind::Harm, text)
    }

    /// Adds where the fact comes from.
    #[must_use]
    pub fn source(self, text: Text) -> Self {
        self.note(NoteKind::Source, text)
    }

    /// Offers a mechanical repair.
    #[must_use]
    pub fn fix(mut self, what: Text, span: Span, replacement: impl Into<String>) -> Self {
        self.fix = Some(Fix { what, span, replacement: replacement.into(), more: Vec::new(), safe: false });
        self
    }

    /// Says of its repair, if it has one, that it cannot be wrong.
    #[must_use]
    pub fn safely(mut self) -> Self {
        if let Some(fix) = &mut self.fix {
            fix.safe = true;
        }
        self
    }

    /// As [`Finding::safely`], where `safe`.
    #[must_use]
    pub fn safely_if(self, safe: bool) -> Self {
        if safe { self.safely() } else { self }
    }

    /// Names a record concerned.
    #[must_use]
    pub fn about(mut self, name: impl Into<String>, rtype: impl Into<String>) -> Self {
        let about = About { name: name.into(), rtype: rtype.into() };
        if !self.about.contains(&about) {
            self.about.push(about);
        }
        self
    }

    /// Names the company whose panel is meant.
    #[must_use]
    pub fn panel(mut self, company: Text) -> Self {
        self.panel = Some(company);
        self
    }

    /// Says how sure the finding is of itself.
    #[must_use]
    pub fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    /// The place that caused it.
    #[must_use]
    pub fn primary(&self) -> Option<Span> {
        self.labels.first().map(|l| l.span)
    }
}

/// "Did you mean": the candidate nearest to `word`, if it is near enough to be meant.
#[must_use]
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A very long word is not a slip of the finger, and comparing it costs its length squared.
    if word.chars().count() > 64 {
        return None;
    }
    let word = word.to_lowercase();
    // One slip in a short word (`rau` for `rua`) is near, whatever its share of the word.
    let slip = |c: &str| word.len() >= 3 && c.len() >= 3 && strsim::osa_distance(&word, c) <= 1;
    candidates
        .into_iter()
        .map(|c| {
            let folded = c.to_lowercase();
            let score = strsim::jaro_winkler(&word, &folded);
            (if slip(&folded) { score.max(0.9) } else { score }, c)
        })
        .filter(|(score, _)| *score >= 0.82)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, c)| c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_understood_and_another_word_is_not() {
        let known = ["registrar", "recipients", "domain", "sender"];
        assert_eq!(did_you_mean("registar", known), Some("registrar"));
        assert_eq!(did_you_mean("Domian", known), Some("domain"));
        assert_eq!(did_you_mean("colour", known), None);
        assert_eq!(did_you_mean(&"r".repeat(5000), known), None);
    }
}
