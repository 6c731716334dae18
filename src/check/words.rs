//! What several of these files say.

use crate::live::{Answer, Source};
use crate::report::{Finding, NoteKind, Text, excerpt};
use crate::say;
use crate::zone::{Name, Record, Rtype};

/// Most characters of a value that are shown.
const VALUE_MAX: usize = 120;

/// The id of what was asked and not answered.
pub(super) const NOT_CHECKED: &str = "check-not-checked";

/// A name without its final dot.
pub(super) fn plain(name: &Name) -> String {
    name.display_without_dot().to_string()
}

/// The data of a record as people know it: of a TXT the whole text.
pub(super) fn value(record: &Record) -> String {
    let text = match record.rtype {
        Rtype::TXT | Rtype::SPF => String::from_utf8_lossy(&record.rdata.txt_joined()).into_owned(),
        rtype => record.rdata.present(rtype),
    };
    excerpt(&text, VALUE_MAX)
}

/// Values in a row.
pub(super) fn values<'r>(records: impl IntoIterator<Item = &'r Record>) -> String {
    let mut values: Vec<String> = records.into_iter().map(value).collect();
    values.sort();
    let rest = values.len().saturating_sub(5);
    values.truncate(5);
    let list = values.join(" / ");
    if rest == 0 { list } else { format!("{list} / … (+{rest})") }
}

/// That something was asked and not answered. It is neither right nor wrong.
pub(super) fn not_checked(what: &Text, answer: &Answer) -> Finding {
    let finding =
        Finding::warning(NOT_CHECKED, say!(en: "not checked: {what}", ja: "確認できませんでした: {what}"; what = what))
            .note(NoteKind::Note, answer.text());
    match answer.from {
        // What to do about zone files stands in the answer's own words.
        Source::Fixture => finding,
        _ => finding.next(say!(en: "run it again; if it stays so, ask another resolver: --resolver ADDR", ja: "もう一度実行します。変わらなければ、--resolver で別のリゾルバーを指定します")),
    }
}
