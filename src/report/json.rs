//! Findings as JSON: a published contract, so its types are its own. Version 1; a field is added without a new version, never changed or taken away.
//!
//! The text has no invisible or direction-changing character: those are `\u` escapes, which a reader of JSON turns back.

use serde::Serialize;

use super::order::in_order;
use super::secret::without_private_keys;
use super::visible::is_active;
use super::{Confidence, Finding, NoteKind, Severity, Sources, Span, Text};

/// The version of the format.
pub const VERSION: u32 = 1;

/// The whole document.
#[derive(Serialize)]
struct Document {
    /// Always 1 for this format.
    version: u32,
    /// Errors first, then by file and place.
    findings: Vec<FindingJson>,
}

/// A sentence in both languages.
#[derive(Serialize)]
pub(crate) struct TextJson {
    /// English.
    pub(crate) en: String,
    /// Japanese.
    ja: String,
}

/// One finding.
#[derive(Serialize)]
pub(crate) struct FindingJson {
    /// Stable identifier, kebab-case.
    id: &'static str,
    /// `error`, `warning`, `advice`.
    severity: &'static str,
    /// How sure the finding is: `high`, `medium`, `low`.
    confidence: &'static str,
    /// One sentence.
    title: TextJson,
    /// Places: first the one that caused it, then others concerned.
    labels: Vec<LabelJson>,
    /// Lines below, in order.
    notes: Vec<NoteJson>,
    /// A mechanical repair; `null` where there is none.
    fix: Option<FixJson>,
    /// The DNS records concerned.
    about: Vec<AboutJson>,
    /// The company in whose panel the next step is done; `null` where it is site.toml itself or not known.
    panel: Option<TextJson>,
}

/// A place in a file.
#[derive(Serialize)]
pub(crate) struct PlaceJson {
    /// The file as it was named.
    file: String,
    /// First octet, from 0.
    start: u32,
    /// One past the last octet.
    end: u32,
    /// Line of the first octet, from 1.
    line: usize,
    /// Its column in characters, from 1.
    column: usize,
    /// Line of the octet after the last.
    end_line: usize,
    /// Its column.
    end_column: usize,
}

/// A place, with what is said of it.
#[derive(Serialize)]
struct LabelJson {
    /// Where.
    place: PlaceJson,
    /// What; may be empty.
    text: TextJson,
}

/// A line below the finding.
#[derive(Serialize)]
struct NoteJson {
    /// `harm`, `source`, `next`, `note`.
    kind: &'static str,
    /// The line; it may have line breaks.
    text: TextJson,
}

/// A change that would mend it.
#[derive(Serialize)]
struct FixJson {
    /// What it does.
    what: TextJson,
    /// What it replaces.
    place: PlaceJson,
    /// By what.
    replacement: String,
    /// Whether it cannot be wrong, so that `--fix` does it.
    safe: bool,
    /// Further places that change with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    more: Vec<EditJson>,
}

/// A place that changes.
#[derive(Serialize)]
struct EditJson {
    /// What is replaced.
    place: PlaceJson,
    /// By what.
    replacement: String,
}

/// A DNS record.
#[derive(Serialize)]
struct AboutJson {
    /// Owner without the final dot.
    name: String,
    /// Type.
    #[serde(rename = "type")]
    rtype: String,
}

/// `findings` in order, as one JSON document with a line break at its end.
#[must_use]
pub fn render(findings: &[Finding], sources: &Sources) -> String {
    let findings = describe_all(findings, sources);
    written(&Document { version: VERSION, findings })
}

/// A document as it is written: indented, ending in a line break, with nothing that could act on a terminal.
#[must_use]
pub fn written(document: &impl Serialize) -> String {
    // A document of strings and numbers cannot fail to serialise.
    let mut out = escaped(&serde_json::to_string_pretty(document).unwrap_or_default());
    out.push('\n');
    out
}

/// `findings` in order, as documents that hold more beside them show them.
pub(crate) fn describe_all(findings: &[Finding], sources: &Sources) -> Vec<FindingJson> {
    in_order(findings).into_iter().map(|finding| describe(finding, sources)).collect()
}

/// What is active stands inside a string, since serde_json writes none itself but the line breaks between.
pub(crate) fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c != '\n' && is_active(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

fn describe(finding: &Finding, sources: &Sources) -> FindingJson {
    FindingJson {
        id: finding.id,
        severity: match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Advice => "advice",
        },
        confidence: match finding.confidence {
            Confidence::High => "high",
            Confidence::Medium => "medium",
            Confidence::Low => "low",
        },
        title: text(&finding.title),
        labels: finding
            .labels
            .iter()
            .map(|label| LabelJson { place: place(label.span, sources), text: text(&label.text) })
            .collect(),
        notes: finding
            .notes
            .iter()
            .map(|note| NoteJson {
                kind: match note.kind {
                    NoteKind::Harm => "harm",
                    NoteKind::Source => "source",
                    NoteKind::Way => "way",
                    NoteKind::Next => "next",
                    NoteKind::Note => "note",
                },
                text: text(&note.text),
            })
            .collect(),
        fix: finding.fix.as_ref().map(|fix| FixJson {
            what: text(&fix.what),
            place: place(fix.span, sources),
            replacement: without_private_keys(&fix.replacement).into_owned(),
            safe: fix.safe,
            more: fix
                .more
                .iter()
                .map(|(span, text)| EditJson {
                    place: place(*span, sources),
                    replacement: without_private_keys(text).into_owned(),
                })
                .collect(),
        }),
        about: finding
            .about
            .iter()
            .map(|about| AboutJson { name: about.name.clone(), rtype: about.rtype.clone() })
            .collect(),
        panel: finding.panel.as_ref().map(text),
    }
}

pub(crate) fn text(text: &Text) -> TextJson {
    TextJson { en: without_private_keys(&text.en).into_owned(), ja: without_private_keys(&text.ja).into_owned() }
}

pub(crate) fn place(span: Span, sources: &Sources) -> PlaceJson {
    let (line, column) = sources.line_column(span.file, span.start);
    let (end_line, end_column) = sources.line_column(span.file, span.end);
    let file = sources.name(span.file).to_owned();
    PlaceJson { file, start: span.start, end: span.end, line, column, end_line, end_column }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn the_contract_field_by_field() {
        let mut sources = Sources::default();
        let file = sources.add("site.toml", "名 = 1\nb = 2\n".into());
        let finding = Finding::error("host-txt-limit", Text { en: "long".into(), ja: "長い".into() })
            .at(Span::new(file, 8..13), Text::same("here"))
            .harm(Text::same("h"))
            .fix(Text::same("cut"), Span::new(file, 12..13), "1")
            .about("example.com", "TXT")
            .panel(Text { en: "A".into(), ja: "A社".into() })
            .confidence(Confidence::Low);
        let read: Value = serde_json::from_str(&render(&[finding], &sources)).unwrap();
        let both = |en: &str, ja: &str| json!({ "en": en, "ja": ja });
        assert_eq!(
            read,
            json!({
                "version": 1,
                "findings": [{
                    "id": "host-txt-limit",
                    "severity": "error",
                    "confidence": "low",
                    "title": both("long", "長い"),
                    "labels": [{
                        "place": { "file": "site.toml", "start": 8, "end": 13, "line": 2, "column": 1, "end_line": 2, "end_column": 6 },
                        "text": both("here", "here"),
                    }],
                    "notes": [{ "kind": "harm", "text": both("h", "h") }],
                    "fix": {
                        "what": both("cut", "cut"),
                        "place": { "file": "site.toml", "start": 12, "end": 13, "line": 2, "column": 5, "end_line": 2, "end_column": 6 },
                        "replacement": "1",
                        "safe": false,
                    },
                    "about": [{ "name": "example.com", "type": "TXT" }],
                    "panel": both("A", "A社"),
                }],
            })
        );
    }

    #[test]
    fn nothing_found_is_an_empty_list() {
        let read: Value = serde_json::from_str(&render(&[], &Sources::default())).unwrap();
        assert_eq!(read, json!({ "version": 1, "findings": [] }));
    }

    #[test]
    fn active_characters_are_escapes_that_read_back() {
        let title = "a\u{1b}[2J\u{7f}\u{202e}\u{e0001}\nb";
        let written = render(&[Finding::error("x", Text::same(title))], &Sources::default());
        assert!(written.contains(r"a\u001b[2J\u007f\u202e\udb40\udc01\nb"), "{written}");
        assert!(!written.chars().any(|c| c != '\n' && is_active(c)));
        let read: Value = serde_json::from_str(&written).unwrap();
        assert_eq!(read.pointer("/findings/0/title/en"), Some(&Value::from(title)));
    }
}
