//! What several of these files say.

use crate::live::{Answer, Source};
use crate::report::{Finding, NoteKind, Text, excerpt};
use crate::say;
use crate::zone::{Name, Record, Rtype};

/// Most characters of a value that are shown.
const VALUE_MAX: usize = 120;

/// The id of what was asked and not answered.
pub const NOT_CHECKED: &str = "check-not-checked";

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

/// Where the second of two long texts begins to differ from the first, which of both is cut short and shown: else they look alike. `None` where
/// both are shown whole.
pub(super) fn where_they_differ(there: &str, wanted: &str) -> Option<Text> {
    /// Characters that are shown around the place.
    const AROUND: usize = 8;
    if there.chars().count().max(wanted.chars().count()) <= VALUE_MAX || there == wanted {
        return None;
    }
    let same = there.chars().zip(wanted.chars()).take_while(|(a, b)| a == b).count();
    let around = |text: &str| {
        let part: String = text.chars().skip(same.saturating_sub(AROUND)).take(2 * AROUND).collect();
        excerpt(&part, 4 * AROUND)
    };
    let (length, other) = (there.chars().count(), wanted.chars().count());
    Some(if same == length {
        say!(en: "what is in DNS ends after {length} of {other} characters", ja: "DNS の値は {other} 文字のうち {length} 文字で切れています")
    } else if same == other {
        let more = around(there);
        say!(en: "what is in DNS goes on after the {other} wanted characters: …{more}…", ja: "DNS の値は、必要な {other} 文字の後に続きがあります: …{more}…")
    } else {
        let (at, is, should) = (same + 1, around(there), around(wanted));
        say!(en: "they differ from character {at} on: in DNS …{is}…, wanted …{should}…", ja: "{at} 文字目から違います: DNS は …{is}…、必要な値は …{should}…")
    })
}

/// "a" or "an" before a type, whose letters are spelled.
pub(super) fn a_or_an(rtype: Rtype) -> &'static str {
    let is_vowel = |first: char| "AEFHILMNORSX".contains(first);
    if rtype.to_string().starts_with(is_vowel) { "an" } else { "a" }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_told_apart_by_their_place() {
        let long = "a".repeat(130);
        let told = |there: &str, wanted: &str| where_they_differ(there, wanted).map(|text| text.en);
        // What is shown whole needs no place, and what is the same has none.
        assert_eq!(told("abc", "abd"), None);
        assert_eq!(told(&long, &long), None);
        let place = told(&format!("{long}xyz"), &format!("{long}uvw")).unwrap();
        assert_eq!(place, "they differ from character 131 on: in DNS …aaaaaaaaxyz…, wanted …aaaaaaaauvw…");
        assert_eq!(told(&long, &format!("{long}xyz")).unwrap(), "what is in DNS ends after 130 of 133 characters");
        let more = told(&format!("{long}xyz"), &long).unwrap();
        assert_eq!(more, "what is in DNS goes on after the 130 wanted characters: …aaaaaaaaxyz…");
        // Characters, not octets.
        let place = told(&format!("{}あx", "い".repeat(130)), &format!("{}うx", "い".repeat(130))).unwrap();
        assert!(place.starts_with("they differ from character 131 on: in DNS …いい"), "{place}");
    }

    #[test]
    fn a_type_has_its_article() {
        for (rtype, word) in [(Rtype::A, "an"), (Rtype::MX, "an"), (Rtype::TXT, "a"), (Rtype::CNAME, "a")] {
            assert_eq!(a_or_an(rtype), word, "{rtype}");
        }
    }
}
