//! Where a fact comes from. Nothing in the catalogue stands without this.

use jiff::{ToSpan as _, civil::Date};

use crate::report::{Confidence, Text};
use crate::say;
use crate::toml_reader::{At, Table};

/// How a source knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trust {
    /// A common default; no source found.
    Unverified,
    /// One line of a table in public code.
    CodeMap,
    /// Real zones, notes or fixtures of users.
    UserReport,
    /// Code or documents of a client tool.
    ToolCode,
    /// The set-up guide of another company.
    ThirdPartyDoc,
    /// The provider's own published template.
    TemplateRepo,
    /// The vendor's own page, or its own code.
    Documented,
}

/// The words for trust in TOML.
pub(crate) const TRUST: &[(&str, Trust)] = &[
    ("documented", Trust::Documented),
    ("template-repo", Trust::TemplateRepo),
    ("third-party-doc", Trust::ThirdPartyDoc),
    ("tool-code", Trust::ToolCode),
    ("user-report", Trust::UserReport),
    ("code-map", Trust::CodeMap),
    ("unverified", Trust::Unverified),
];

impl Trust {
    /// The word in templates and JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        TRUST.iter().find(|(_, t)| *t == self).map_or("unverified", |(w, _)| w)
    }

    /// How sure a finding that rests on it may be.
    #[must_use]
    pub fn confidence(self) -> Confidence {
        match self {
            Trust::Documented => Confidence::High,
            Trust::ThirdPartyDoc | Trust::TemplateRepo | Trust::ToolCode => Confidence::Medium,
            Trust::UserReport | Trust::CodeMap | Trust::Unverified => Confidence::Low,
        }
    }

    /// The word for people.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Trust::Documented => say!(en: "the vendor's own page", ja: "公式の資料"),
            Trust::TemplateRepo => say!(en: "the provider's published template", ja: "提供元が公開している設定データ"),
            Trust::ThirdPartyDoc => say!(en: "another company's guide", ja: "他社の手順書"),
            Trust::ToolCode => say!(en: "a tool's code", ja: "ツールのコード"),
            Trust::UserReport => say!(en: "a user's report", ja: "利用者の報告"),
            Trust::CodeMap => say!(en: "a table in public code", ja: "公開コードの一覧表"),
            Trust::Unverified => say!(en: "unverified", ja: "未確認"),
        }
    }
}

/// Which way in a fact holds for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Surface {
    /// The web form that a person fills in.
    Form,
    /// The vendor's API.
    Api,
    /// Both.
    Both,
}

/// The words for surfaces in TOML.
pub(crate) const SURFACES: &[(&str, Surface)] =
    &[("form", Surface::Form), ("api", Surface::Api), ("both", Surface::Both)];

/// One source of one or more facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The facts it states: keys of this template, or `all`.
    pub facts: Vec<String>,
    /// Address, or what kind of place it is where it is not to be named.
    pub url: String,
    /// When it was looked up, or what period it speaks of.
    pub date: String,
    /// How it knows.
    pub trust: Trust,
    /// Which way in it speaks of.
    pub surface: Surface,
    /// What else it says, in English.
    pub note: String,
}

impl Evidence {
    /// The last day that its date may mean; none if it is no date.
    #[must_use]
    pub fn last_date(&self) -> Option<Date> {
        last_date(&self.date)
    }
}

/// After how many months the newest source of a template is called old.
const STALE_MONTHS: i32 = 24;

/// The day from which what was last looked up on that day is called old: months count, not days.
#[must_use]
pub fn stale_from(newest: Date) -> Option<Date> {
    newest.first_of_month().checked_add(STALE_MONTHS.months()).ok()
}

/// A source's address in words; a place that is not to be named is so in both languages. What else is said of that place, in
/// parentheses, is English.
#[must_use]
pub fn place(url: &str) -> Text {
    match url.strip_prefix("a public repository") {
        Some(rest) => {
            let rest = if rest.starts_with(" (") { "" } else { rest };
            Text { en: url.to_owned(), ja: format!("公開されたリポジトリ{rest}") }
        }
        None => Text::same(url),
    }
}

/// Reads `[[source]]`.
pub(super) fn read_sources(table: &Table<'_>) -> Vec<Evidence> {
    table.tables("source").iter().filter_map(read_source).collect()
}

/// Reads `[[source]]`, of which there must be one. One that is wrong is there all the same.
pub(super) fn need_sources(table: &Table<'_>) -> Vec<Evidence> {
    let entries = table.tables("source");
    if entries.is_empty() {
        table.missing("source");
    }
    entries.iter().filter_map(read_source).collect()
}

fn read_source(t: &Table<'_>) -> Option<Evidence> {
    let facts: Vec<String> = t.strings("facts").into_iter().map(|f| f.value).collect();
    let url = t.need_string("url");
    let date = t.need_string("date");
    let trust = t.need_string("confidence").and_then(|w| trust(t, &w));
    let surface = t.string("surface").map_or(Some(Surface::Both), |w| t.meaning(&w, SURFACES));
    let note = t.string("note").map(|n| n.value).unwrap_or_default();
    if facts.is_empty() {
        t.missing("facts");
    }
    t.finish();
    Some(Evidence { facts, url: url?.value, date: date?.value, trust: trust?, surface: surface?, note })
}

/// How a source knows it, or a finding at its place.
pub(super) fn trust(table: &Table<'_>, given: &At<String>) -> Option<Trust> {
    table.meaning(given, TRUST)
}

/// Reads a text in both languages that must be there.
pub(super) fn need_both(table: &Table<'_>, key: &'static str) -> Option<Text> {
    if !table.has(key) {
        table.missing(key);
    }
    both(table, key)
}

/// Reads a text in both languages, `{ en = "…", ja = "…" }`.
pub(super) fn both(table: &Table<'_>, key: &'static str) -> Option<Text> {
    let t = table.table(key)?;
    let en = t.need_string("en");
    let ja = t.need_string("ja");
    t.finish();
    Some(Text { en: en?.value, ja: ja?.value })
}

/// The last date in a text such as `2026-11-24`, `2024-02`, `2018-2026` or `2026-08-18/2026-11-24`, as its last possible day.
fn last_date(text: &str) -> Option<Date> {
    let mut last = None;
    for part in text.split(['/', ' ']).flat_map(|p| p.split("..")) {
        let numbers: Vec<&str> = part.split('-').collect();
        let number = |at: usize, length: usize| numbers.get(at).filter(|n| n.len() == length)?.parse::<i16>().ok();
        let year = number(0, 4)?;
        let end = |year: i16, month: i16| Date::new(year, i8::try_from(month).ok()?, 1).ok().map(|d| d.last_of_month());
        last = match (numbers.len(), number(1, 2), number(2, 2), number(1, 4)) {
            (1, ..) => end(year, 12),
            (2, Some(month), ..) => end(year, month),
            (2, None, _, Some(until)) => end(until, 12),
            (3, Some(month), Some(day), _) => Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok(),
            _ => None,
        }
        .max(last);
        last?;
    }
    last
}
