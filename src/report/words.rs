//! The renderers' own words, in both languages.

use std::borrow::Cow;

use super::order::Counts;
use super::secret::without_private_keys;
use super::{Lang, NoteKind, Severity, Text, visible};
use crate::say;

/// The word for a severity.
#[must_use]
pub fn severity(severity: Severity) -> Text {
    match severity {
        Severity::Error => say!(en: "error", ja: "エラー"),
        Severity::Warning => say!(en: "warning", ja: "警告"),
        Severity::Advice => say!(en: "advice", ja: "助言"),
    }
}

/// The word in front of a note; none for a plain one.
#[must_use]
pub fn note(kind: NoteKind) -> Option<Text> {
    match kind {
        NoteKind::Harm => Some(say!(en: "harm", ja: "困ること")),
        NoteKind::Source => Some(say!(en: "source", ja: "根拠")),
        NoteKind::Way => Some(say!(en: "way", ja: "できること")),
        NoteKind::Next => Some(say!(en: "next", ja: "次にすること")),
        NoteKind::Note => None,
    }
}

/// The word in front of the company whose panel is meant.
#[must_use]
pub fn panel() -> Text {
    say!(en: "panel", ja: "画面")
}

/// The word in front of a mechanical repair.
#[must_use]
pub fn fix() -> Text {
    say!(en: "fix", ja: "直し方")
}

/// The last line of a run: how much there is to do, and what to do next. One line, without a line break at its end.
#[must_use]
pub fn count_line(counts: Counts, next: Option<&Text>, lang: Lang) -> String {
    let Counts { errors, warnings, advice } = counts;
    let text = if counts == Counts::default() {
        say!(en: "Nothing is wrong.", ja: "問題は見つかりませんでした。")
    } else {
        say!(
            en: "{errors} to fix, {warnings} to check, {advice} for your information.",
            ja: "直す {errors} ／ 確かめる {warnings} ／ お知らせ {advice}"
        )
    };
    let mut line = text.get(lang).to_owned();
    // Of a step with values to paste, the sentence; the values stand in the finding.
    let step = next.and_then(|next| next.get(lang).lines().next()).map(|step| step.trim_end_matches([':', '：', ' ']));
    if let Some(step) = step.filter(|step| !step.is_empty()) {
        line.push_str(match lang {
            Lang::En => " Next: ",
            Lang::Ja => "    次にすること: ",
        });
        line.push_str(&one_line(step));
    }
    line
}

/// A text as it may be shown: nothing of a private key, no character with power over the terminal.
pub(super) fn one_line(text: &str) -> String {
    visible(&without_private_keys(text)).into_owned()
}

/// Like [`one_line`], with the line breaks kept.
pub(super) fn lines(text: &str) -> String {
    let text: Cow<'_, str> = without_private_keys(text);
    if !text.contains(['\n', '\r']) {
        return visible(&text).into_owned();
    }
    text.lines().map(visible).collect::<Vec<_>>().join("\n")
}

/// A time in words, exact: `1 day 30 minutes`.
#[must_use]
pub fn duration(seconds: u32) -> Text {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (hours, rest) = (rest / 3600, rest % 3600);
    let (minutes, rest) = (rest / 60, rest % 60);
    let parts = [
        (days, if days == 1 { "day" } else { "days" }, "日"),
        (hours, if hours == 1 { "hour" } else { "hours" }, "時間"),
        (minutes, if minutes == 1 { "minute" } else { "minutes" }, "分"),
        (rest, if rest == 1 { "second" } else { "seconds" }, "秒"),
    ];
    let some: Vec<_> = parts.iter().filter(|(n, ..)| *n > 0).collect();
    if some.is_empty() {
        return say!(en: "0 seconds", ja: "0 秒");
    }
    Text {
        en: some.iter().map(|(n, en, _)| format!("{n} {en}")).collect::<Vec<_>>().join(" "),
        ja: some.iter().map(|(n, _, ja)| format!("{n} {ja}")).collect::<Vec<_>>().join(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_line_in_both_languages() {
        let counts = Counts { errors: 2, warnings: 3, advice: 4 };
        let next = say!(en: "write these lines in site.toml:\n[dmarc]", ja: "site.toml に次の行を書きます:\n[dmarc]");
        assert_eq!(
            count_line(counts, Some(&next), Lang::Ja),
            "直す 2 ／ 確かめる 3 ／ お知らせ 4    次にすること: site.toml に次の行を書きます"
        );
        assert_eq!(
            count_line(counts, Some(&next), Lang::En),
            "2 to fix, 3 to check, 4 for your information. Next: write these lines in site.toml"
        );
        let one = Counts { errors: 1, ..Counts::default() };
        assert_eq!(count_line(one, None, Lang::En), "1 to fix, 0 to check, 0 for your information.");
    }

    #[test]
    fn with_nothing_found_the_line_says_so() {
        assert_eq!(count_line(Counts::default(), None, Lang::En), "Nothing is wrong.");
        let next = Text::same("zoneplan plan");
        assert_eq!(
            count_line(Counts::default(), Some(&next), Lang::Ja),
            "問題は見つかりませんでした。    次にすること: zoneplan plan"
        );
    }

    #[test]
    fn times_are_exact() {
        let en = |s| duration(s).en;
        assert_eq!(en(86_400), "1 day");
        assert_eq!(en(90_061), "1 day 1 hour 1 minute 1 second");
        assert_eq!(en(0), "0 seconds");
        assert_eq!(duration(7200).ja, "2 時間");
    }
}
