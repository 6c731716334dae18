//! The words of a worksheet: for tasks, risks, boxes.

use super::model::{Risk, Task};
use crate::fit::BoxKind;
use crate::report::Text;
use crate::say;

/// The word for a task.
pub(super) fn task(task: Task) -> Text {
    match task {
        Task::Before => say!(en: "First", ja: "はじめに"),
        Task::Add => say!(en: "Add", ja: "追加"),
        Task::Edit => say!(en: "Change", ja: "書き換え"),
        Task::Switch => say!(en: "Switch on", ja: "スイッチ"),
        Task::Find => say!(en: "Get the value", ja: "値を用意"),
        Task::Decide => say!(en: "Decide", ja: "決める"),
        Task::Remove => say!(en: "Remove", ja: "削除"),
        Task::Start => say!(en: "Begin", ja: "開始"),
        Task::Wait => say!(en: "Wait", ja: "待つ"),
        Task::Keep => say!(en: "Leave as it is", ja: "そのまま"),
        Task::Confirm => say!(en: "Check", ja: "確かめる"),
    }
}

/// How much can go wrong, in a word.
pub(super) fn risk(risk: Risk) -> Text {
    match risk {
        Risk::Low => say!(en: "Risk: low", ja: "危険度: 低"),
        Risk::Medium => say!(en: "Risk: medium", ja: "危険度: 中"),
        Risk::High => say!(en: "Risk: high", ja: "危険度: 高"),
    }
}

/// What a box is called where the form's own label is not known.
pub(super) fn neutral(kind: BoxKind) -> Text {
    match kind {
        BoxKind::Host => say!(en: "Host", ja: "ホスト名"),
        BoxKind::Type => say!(en: "Type", ja: "種別"),
        BoxKind::Ttl => say!(en: "TTL", ja: "TTL"),
        BoxKind::Priority => say!(en: "Priority", ja: "優先度"),
        BoxKind::Weight => say!(en: "Weight", ja: "重み"),
        BoxKind::Port => say!(en: "Port", ja: "ポート"),
        BoxKind::Value => say!(en: "Value", ja: "内容"),
        BoxKind::Line => say!(en: "Line", ja: "1 行"),
    }
}
