//! Words of a plan: stages.

use crate::plan::StageKind;
use crate::report::Text;
use crate::say;

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
