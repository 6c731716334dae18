//! What is new since an earlier run. A finding is known again by what it is about, not by its words: site, rule, records. It has changed if it says
//! something else, of a value below its sentence too, and of what is cut off there. What was not answered this time is neither new nor gone, nor is
//! what a rule said that is switched off now.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::words::NOT_CHECKED;
use super::{Checked, Open};
use crate::report::json::{FindingJson, TextJson, VERSION, describe_all, text, written};
use crate::report::{About, Finding, NoteKind, Severity, Sources, Text};
use crate::say;

/// What the records of the site's zones are compared for. All else is about where they lead.
const OF_RECORDS: [&str; 6] = [
    "check-cached",
    "check-different",
    "check-extra",
    "check-missing",
    "check-servers-disagree",
    "dkim-record-missing",
];

/// What one of several servers alone can show.
const OF_ONE_SERVER: [&str; 2] = ["check-cached", "check-servers-disagree"];

/// What comes and goes by itself: only its sentence counts, not how much there is of it.
const PASSING: [&str; 3] = [NOT_CHECKED, "check-cached", "check-name-server"];

/// Whose report it is. Several files may be of one domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Of<'o> {
    /// The site's domain.
    pub site: &'o str,
    /// Its file, as it was named.
    pub file: &'o str,
}

/// What a run found of one site, as JSON.
#[derive(Serialize)]
struct Document<'k> {
    /// Always 1 for this format.
    version: u32,
    /// The site's domain.
    site: &'k str,
    /// Its file, as it was named.
    file: &'k str,
    /// Errors first, then by place.
    findings: Vec<Marked>,
    /// What an earlier run found and this one could not ask about: nobody knows whether it still holds.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    kept: &'k [Kept],
    /// Only with an earlier run: what is gone since then. The findings are then those that are new.
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved: Option<Vec<ResolvedJson>>,
    /// Only with an earlier run: how many errors and warnings it had that are still there.
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<usize>,
}

/// A finding of an earlier run as it stands in its report.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Kept(Box<RawValue>);

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
    /// Of the whole values that it speaks of, of which its lines may show only a part.
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(flatten)]
    finding: FindingJson,
}

/// The findings of one site as JSON, version 1: as everywhere, each with its fingerprint; and those of an earlier run about which nothing was
/// answered.
#[must_use]
pub fn document(of: Of<'_>, findings: &[Finding], sources: &Sources, kept: &[Kept]) -> String {
    let findings = marked(of.site, findings, sources);
    let Of { site, file } = of;
    written(&Document { version: VERSION, site, file, findings, kept, resolved: None, known: None })
}

/// Only what is new since an earlier run, and what is gone.
#[must_use]
pub fn news(of: Of<'_>, since: &Since, sources: &Sources) -> String {
    let gone =
        |r: &Resolved| ResolvedJson { fingerprint: r.fingerprint.clone(), id: r.id.clone(), title: text(&r.title) };
    let resolved = Some(since.resolved.iter().map(gone).collect());
    let findings = marked(of.site, &since.new, sources);
    let (Of { site, file }, kept, known) = (of, &since.kept, Some(since.known));
    written(&Document { version: VERSION, site, file, findings, kept, resolved, known })
}

fn marked(site: &str, findings: &[Finding], sources: &Sources) -> Vec<Marked> {
    let ordered = crate::report::in_order(findings);
    let marks = fingerprints(site, ordered.iter().copied());
    let digests = ordered.into_iter().map(|finding| finding.digest.clone());
    let marks = marks.into_iter().zip(digests).zip(describe_all(findings, sources));
    marks.map(|((fingerprint, digest), finding)| Marked { fingerprint, digest, finding }).collect()
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
    sites: BTreeMap<Key, BTreeMap<String, Before>>,
    /// The files that are checked now.
    now: BTreeSet<String>,
}

/// A site's domain and its file; no file where the report does not say it.
type Key = (String, String);

/// A finding of it.
#[derive(Clone, Debug)]
struct Before {
    id: String,
    severity: Severity,
    title: Text,
    /// What is said below, as [`notes`] has it.
    notes: Vec<String>,
    /// Of the whole values, where the report has it.
    digest: Option<String>,
    /// The records concerned.
    about: Vec<About>,
    /// All of it.
    raw: Kept,
}

impl Before {
    /// Whether a finding says the same as this one.
    fn is(&self, finding: &Finding) -> bool {
        self.severity == finding.severity
            && self.title.en == text(&finding.title).en
            && (PASSING.contains(&finding.id) || self.notes == notes(finding))
            && (self.digest.is_none() || finding.digest.is_none() || self.digest == finding.digest)
    }

    /// Whether it may still hold, since nobody answered what would show it, or nobody asks any more.
    fn may_hold(&self, checked: &Checked) -> bool {
        let id = self.id.as_str();
        let shows = |open: &Open| match open {
            Open::Record => true,
            Open::OneOfSeveral => OF_ONE_SERVER.contains(&id),
            Open::Beyond => !OF_RECORDS.contains(&id),
        };
        !checked.answered
            || checked.off.contains(&self.id)
            || checked.open.iter().any(|(about, open)| self.about.contains(about) && shows(open))
    }
}

/// What is said below a finding, in one language and whatever the order. Who said it is left out: that may be another one each time.
fn notes(finding: &Finding) -> Vec<String> {
    let said = finding.notes.iter().filter(|note| note.kind != NoteKind::Source);
    let mut said: Vec<String> = said.map(|note| text(&note.text).en).collect();
    said.sort();
    said
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
    #[serde(default)]
    file: String,
    findings: Vec<Box<RawValue>>,
    #[serde(default)]
    kept: Vec<Box<RawValue>>,
    #[serde(default)]
    resolved: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct FindingBefore {
    fingerprint: String,
    id: String,
    severity: String,
    title: TextBefore,
    #[serde(default)]
    digest: Option<String>,
    #[serde(default)]
    notes: Vec<NoteBefore>,
    #[serde(default)]
    about: Vec<AboutBefore>,
}

#[derive(Deserialize)]
struct TextBefore {
    en: String,
    ja: String,
}

#[derive(Deserialize)]
struct NoteBefore {
    kind: String,
    text: TextBefore,
}

#[derive(Deserialize)]
struct AboutBefore {
    name: String,
    #[serde(rename = "type")]
    rtype: String,
}

impl FindingBefore {
    /// What is kept of it to compare, and how it is known again.
    fn read(raw: Box<RawValue>) -> serde_json::Result<(String, Before)> {
        let read: Self = serde_json::from_str(raw.get())?;
        let severity = match read.severity.as_str() {
            "error" => Severity::Error,
            "warning" => Severity::Warning,
            _ => Severity::Advice,
        };
        let said = read.notes.into_iter().filter(|note| note.kind != "source");
        let mut notes: Vec<String> = said.map(|note| note.text.en).collect();
        notes.sort();
        let before = Before {
            id: read.id,
            severity,
            title: Text { en: read.title.en, ja: read.title.ja },
            notes,
            digest: read.digest,
            about: read.about.into_iter().map(|a| About { name: a.name, rtype: a.rtype }).collect(),
            raw: Kept(raw),
        };
        Ok((read.fingerprint, before))
    }
}

impl Last {
    /// Reads the report of an earlier run: one document a site, one after the other.
    ///
    /// # Errors
    /// It is none, or of a newer version.
    pub fn read(text: &[u8]) -> Result<Self, NotRead> {
        let mut last = Self::default();
        let mut documents = serde_json::Deserializer::from_slice(text).into_iter::<DocumentBefore>();
        while let Some(document) = documents.next() {
            let document = document.map_err(|error| NotRead::NotAReport { line: error.line() })?;
            if document.version != u64::from(VERSION) {
                return Err(NotRead::Version(document.version));
            }
            if document.resolved.is_some() {
                return Err(NotRead::OnlyNew);
            }
            // Of a finding that is none only its document is known, which ends here.
            let end = text.get(..documents.byte_offset()).unwrap_or_default();
            let not_one = |_| NotRead::NotAReport { line: 1 + end.iter().filter(|octet| **octet == b'\n').count() };
            let site = last.sites.entry((document.site, document.file)).or_default();
            for raw in document.findings.into_iter().chain(document.kept) {
                let (fingerprint, before) = FindingBefore::read(raw).map_err(not_one)?;
                site.insert(fingerprint, before);
            }
        }
        Ok(last)
    }

    /// The same for a run that checks these files: what is known of a file that is not among them may be of one that had another name then.
    #[must_use]
    pub fn for_files(self, now: BTreeSet<String>) -> Self {
        Self { now, ..self }
    }

    /// What it has of a site: by its file and domain, else what it has of the domain alone or of a file that is gone, if that is one.
    fn of(&self, of: Of<'_>) -> Option<(&Key, &BTreeMap<String, Before>)> {
        self.sites.get_key_value(&(of.site.to_owned(), of.file.to_owned())).or_else(|| {
            let mut gone = self.sites.iter().filter(|((site, file), _)| site == of.site && !self.now.contains(file));
            gone.next().filter(|_| gone.next().is_none())
        })
    }

    /// The reports of sites that are not among these, as they were: of a site that cannot be read today nothing is known, and nothing forgotten.
    /// Each is a domain and its file.
    #[must_use]
    pub fn others(&self, sites: &BTreeSet<(String, String)>) -> Vec<String> {
        let of_them = sites.iter().filter_map(|(site, file)| Some(self.of(Of { site, file })?.0));
        let of_them: BTreeSet<&Key> = of_them.collect();
        let others = self.sites.iter().filter(|(key, _)| !of_them.contains(key));
        others
            .map(|((site, file), findings)| {
                let kept: Vec<Kept> = findings.values().map(|before| before.raw.clone()).collect();
                document(Of { site, file }, &[], &Sources::default(), &kept)
            })
            .collect()
    }
}

/// What differs from the last run.
#[derive(Clone, Debug, Default)]
pub struct Since {
    /// Findings that are new, or say another thing than before.
    pub new: Vec<Finding>,
    /// Those that are gone.
    pub resolved: Vec<Resolved>,
    /// How many errors and warnings are still there.
    pub known: usize,
    /// Those about which nothing was answered.
    pub kept: Vec<Kept>,
}

/// Which findings of a site are new or changed since the last run, which are gone, and of which that is not known.
#[must_use]
pub fn since(last: &Last, of: Of<'_>, checked: &Checked) -> Since {
    let none = BTreeMap::new();
    let before = last.of(of).map_or(&none, |(_, findings)| findings);
    let ordered = crate::report::in_order(&checked.findings);
    let marks = fingerprints(of.site, ordered.iter().copied());
    let mut since = Since::default();
    for (mark, finding) in marks.iter().zip(ordered) {
        if !before.get(mark).is_some_and(|before| before.is(finding)) {
            since.new.push(finding.clone());
        } else if finding.severity > Severity::Advice {
            since.known += 1;
        }
    }
    let marks: BTreeSet<&String> = marks.iter().collect();
    for (fingerprint, before) in before.iter().filter(|(mark, _)| !marks.contains(mark)) {
        if before.may_hold(checked) {
            since.kept.push(before.raw.clone());
        } else {
            since.resolved.push(Resolved {
                fingerprint: fingerprint.clone(),
                id: before.id.clone(),
                title: before.title.clone(),
            });
        }
    }
    since
}
