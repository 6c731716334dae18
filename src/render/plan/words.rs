//! Words of a plan: times, stages.

use crate::plan::StageKind;
use crate::report::Text;
use crate::say;

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

/// What a stage is called.
#[must_use]
pub fn stage(kind: StageKind) -> Text {
    match kind {
        StageKind::Lower => say!(en: "TTLs down", ja: "TTL を短くする"),
        StageKind::Add => say!(en: "Additions", ja: "足す"),
        StageKind::Switch => say!(en: "Switch", ja: "切り替える"),
        StageKind::Start => say!(en: "Senders", ja: "送信を始める"),
        StageKind::Raise | StageKind::RaiseLast => say!(en: "TTLs up", ja: "TTL を戻す"),
        StageKind::Policy(_) => say!(en: "Policy", ja: "ポリシー"),
        StageKind::Unsign => say!(en: "DNSSEC off", ja: "DNSSEC を外す"),
        StageKind::Enter => say!(en: "Everything at the new company", ja: "新しい会社にすべて入れる"),
        StageKind::Move => say!(en: "Name servers", ja: "ネームサーバーを変える"),
        StageKind::Settle => say!(en: "Afterwards", ja: "そのあと"),
        StageKind::Remove => say!(en: "Removals", ja: "消す"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_exact() {
        let en = |s| duration(s).en;
        assert_eq!(en(86_400), "1 day");
        assert_eq!(en(90_061), "1 day 1 hour 1 minute 1 second");
        assert_eq!(en(0), "0 seconds");
        assert_eq!(duration(7200).ja, "2 時間");
    }
}
