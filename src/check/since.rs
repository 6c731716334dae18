//! What is new since an earlier run. A finding is known again by what it is about, not by its words: site, rule, records.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::report::json::{FindingJson, TextJson, VERSION, describe_all, text, written};
use crate::report::{Finding, Severity, Sources, Text};
use crate::say;

/// What a run found of one site, as JSON.
#[derive(Serialize)]
struct Document {
    /// Always 1 for this format.
    version: u32,
    /// The site's domain.
    site: String,
    /// Errors first, then by place.
    findings: Vec<Marked>,
    /// Only with an earlier run: what is gone since then. The findings are then those that are new.
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved: Option<Vec<ResolvedJson>>,
}

/// A finding that is gone.
#[derive(Serialize)]
struct ResolvedJson {
    /// What it was known by.
    fingerprint: String,
    /// Its id.
    id: String,
    /// Its sentence.
    title: TextJson,
}

/// A finding that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// What it was known by.
    pub fingerprint: String,
    /// Its id.
    pub id: String,
    /// Its sentence.
    pub title: Text,
}

/// A finding that is known again.
#[derive(Serialize)]
struct Marked {
    /// The same for the same finding in a later run.
    fingerprint: String,
    #[serde(flatten)]
    finding: FindingJson,
}

/// The findings of one site as JSON, version 1: as everywhere, each with its fingerprint. With `resolved` they are those that are new since an
/// earlier run.
#[must_use]
pub fn document(site: &str, findings: &[Finding], sources: &Sources, resolved: Option<&[Resolved]>) -> String {
    let ordered = crate::report::in_order(findings);
    let marks = fingerprints(site, ordered.iter().copied());
    let described = describe_all(findings, sources);
    let findings =
        marks.into_iter().zip(described).map(|(fingerprint, finding)| Marked { fingerprint, finding }).collect();
    let gone =
        |r: &Resolved| ResolvedJson { fingerprint: r.fingerprint.clone(), id: r.id.clone(), title: text(&r.title) };
    let resolved = resolved.map(|resolved| resolved.iter().map(gone).collect());
    written(&Document { version: VERSION, site: site.to_owned(), findings, resolved })
}

/// What each finding is known again by. Several of one kind at one place are numbered.
fn fingerprints<'f>(site: &str, findings: impl Iterator<Item = &'f Finding>) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    findings
        .map(|finding| {
            let about: Vec<String> = finding.about.iter().map(|a| format!("{}/{}", a.name, a.rtype)).collect();
            let mark = format!("{site} {} {}", finding.id, about.join(","));
            let n = seen.entry(mark.clone()).or_default();
            *n += 1;
            if *n == 1 { mark } else { format!("{mark} {n}") }
        })
        .collect()
}

/// An earlier run.
#[derive(Clone, Debug, Default)]
pub struct Last {
    /// Its findings by site and fingerprint.
    sites: BTreeMap<String, BTreeMap<String, Before>>,
}

/// A finding of it.
#[derive(Clone, Debug)]
struct Before {
    id: String,
    severity: Severity,
    title: Text,
}

/// Why a report of an earlier run cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotRead {
    /// It is no JSON, or not of `check`.
    NotAReport {
        /// In which line.
        line: usize,
    },
    /// It is of a newer version.
    Version(u64),
    /// It has only what was new then, so that all else would be new now.
    OnlyNew,
}

impl NotRead {
    /// The reason, a part of a sentence.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::NotAReport { line } => {
                say!(en: "line {line}: this is no report of zoneplan check (--report FILE, or --message-format json)", ja: "{line} 行目: zoneplan check の記録（--report FILE、または --message-format json の出力）ではありません")
            }
            Self::OnlyNew => {
                say!(en: "it has only what was new when it was written; keep what --report writes", ja: "書かれたときに新しかったものだけの記録です。--report で書いたファイルを残してください")
            }
            Self::Version(version) => {
                say!(en: "it is of version {version}, which this zoneplan does not know", ja: "バージョン {version} の記録です。この zoneplan では読めません")
            }
        }
    }
}

#[derive(Deserialize)]
struct DocumentBefore {
    version: u64,
    site: String,
    findings: Vec<FindingBefore>,
    #[serde(default)]
    resolved: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct FindingBefore {
    fingerprint: String,
    id: String,
    severity: String,
    title: TextBefore,
}

#[derive(Deserialize)]
struct TextBefore {
    en: String,
    ja: String,
}

impl Last {
    /// Reads the report of an earlier run: one document a site, one after the other.
    ///
    /// # Errors
    /// It is none, or of a newer version.
    pub fn read(text: &[u8]) -> Result<Self, NotRead> {
        let mut last = Self::default();
        for document in serde_json::Deserializer::from_slice(text).into_iter::<DocumentBefore>() {
            let document = document.map_err(|error| NotRead::NotAReport { line: error.line() })?;
            if document.version != u64::from(VERSION) {
                return Err(NotRead::Version(document.version));
            }
            if document.resolved.is_some() {
                return Err(NotRead::OnlyNew);
            }
            let site = last.sites.entry(document.site).or_default();
            for finding in document.findings {
                let severity = match finding.severity.as_str() {
                    "error" => Severity::Error,
                    "warning" => Severity::Warning,
                    _ => Severity::Advice,
                };
                let title = Text { en: finding.title.en, ja: finding.title.ja };
                site.insert(finding.fingerprint, Before { id: finding.id, severity, title });
            }
        }
        Ok(last)
    }
}

/// What differs from the last run.
#[derive(Clone, Debug, Default)]
pub struct Since {
    /// Findings that are new, or say another thing than before.
    pub new: Vec<Finding>,
    /// Those that are gone.
    pub resolved: Vec<Resolved>,
}

/// Which findings of a site are new or changed since the last run, and which are gone.
#[must_use]
pub fn since(last: &Last, site: &str, findings: &[Finding]) -> Since {
    let none = BTreeMap::new();
    let before = last.sites.get(site).unwrap_or(&none);
    let ordered = crate::report::in_order(findings);
    let marks = fingerprints(site, ordered.iter().copied());
    let is_known = |mark: &String, finding: &Finding| {
        before.get(mark).is_some_and(|b| b.severity == finding.severity && b.title.en == finding.title.en)
    };
    let new = marks.iter().zip(&ordered).filter(|(mark, finding)| !is_known(mark, finding));
    let gone = before.iter().filter(|(mark, _)| !marks.contains(mark));
    Since {
        new: new.map(|(_, finding)| (*finding).clone()).collect(),
        resolved: gone
            .map(|(fingerprint, before)| Resolved {
                fingerprint: fingerprint.clone(),
                id: before.id.clone(),
                title: before.title.clone(),
            })
            .collect(),
    }
}
