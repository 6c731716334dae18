//! Pieces of cards: boxes, traps, commands, and the words that every card of a record ends with.

use sha2::{Digest as _, Sha256};

use crate::catalogue::registrar::QuirkAt;
use crate::compose::Intent;
use crate::fit::{BoxKind, Entry, FittedZone, Strength, WayKind, entries, longest_value};
use crate::plan::{Action, Outside, Phase, Step};
use crate::render::Input;
use crate::report::Text;
use crate::say;
use crate::zone::{Current, Name, Record, Rtype};

use super::model::{Block, Risk, Task};
use super::words;

pub(super) fn plain(name: &Name) -> String {
    name.display_without_dot().to_string()
}

/// What to do where a row is there already of whose value the list shows a part.
pub(crate) fn shortened() -> Text {
    say!(
        en: "a row with this host and type is there, and the list shows only a part of its value: open it and compare; change it if it differs, and add no second one",
        ja: "同じホスト名・同じ種別の行がもうあり、一覧では値が途中までしか見えません。開いて比べ、違えば書き換えます（2 つ目は足しません）"
    )
}

pub(super) fn leads_into_keyzone(step: &Step<'_>) -> bool {
    let way = step.wanted.as_ref().and_then(|(_, record, _)| step.zone.stands_for(record)).map(|s| s.kind);
    matches!(way, Some(WayKind::Keyzone | WayKind::KeyzoneTxt))
}

/// The traps of a zone's panel that stand at such a place, each once.
pub(super) fn traps(zone: &FittedZone<'_>, at: impl Fn(QuirkAt) -> bool) -> Vec<Block> {
    let quirks = zone.registrar.into_iter().flat_map(|r| &r.quirks);
    quirks.filter(|q| q.at.iter().any(|a| at(*a))).map(|q| Block::Warning(q.text.clone())).collect()
}

/// The traps that concern what is typed for a record.
pub(super) fn traps_of(zone: &FittedZone<'_>, record: &Record, intent: &Intent) -> Vec<Block> {
    let apex = record.name == zone.composed.origin;
    let target = record.target().is_some();
    traps(zone, |at| match at {
        QuirkAt::Type(rtype) => rtype == record.rtype,
        QuirkAt::Spf => matches!(intent, Intent::Spf { .. }),
        QuirkAt::Dkim => intent.is_dkim(),
        QuirkAt::Dmarc => matches!(intent, Intent::Dmarc),
        QuirkAt::Apex => apex,
        QuirkAt::Host | QuirkAt::WholeZone => true,
        QuirkAt::Target => target,
        QuirkAt::Start | QuirkAt::Save | QuirkAt::Check | QuirkAt::ZoneImport | QuirkAt::None => false,
    })
}

/// What an answer about name servers must show.
pub(super) fn expected_servers(zone: &FittedZone<'_>) -> Text {
    let panel = panel(zone);
    let Some(registrar) = zone.registrar else {
        return say!(en: "the name servers of the company whose panel you will edit must appear", ja: "これから編集する画面の会社の名前が出れば続けます");
    };
    let known = &registrar.name_servers;
    let suffixes = known
        .suffixes
        .iter()
        .filter(|s| !known.exact.iter().any(|e| e.ends_with(s.as_str())))
        .map(|s| format!("*.{s}"));
    let list: Vec<String> = known.exact.iter().cloned().chain(suffixes).collect();
    if list.is_empty() {
        return say!(en: "if the names of {panel} appear, go on", ja: "{panel}の名前が出れば続けます"; panel = panel);
    }
    let list = list.join(", ");
    say!(en: "if these appear, go on: {list}", ja: "{list} が出れば続けます")
}

pub(super) fn task(step: &Step<'_>) -> Task {
    match &step.action {
        _ if !step.in_the_way.is_empty() => Task::Decide,
        Action::Several { .. } => Task::Decide,
        Action::Lower { .. } | Action::Raise { .. } => Task::Edit,
        Action::Remove => Task::Remove,
        Action::Enter => Task::Add,
        Action::Outside(Outside::CloseOld) => Task::Remove,
        Action::Outside(_) => Task::Edit,
        Action::Start { .. } => Task::Start,
        Action::Add { .. } | Action::Alias { .. } => Task::Add,
        Action::EditSpf { .. } | Action::Replace { .. } => Task::Edit,
        Action::Switch(_) => Task::Switch,
        Action::Find { .. } => Task::Find,
        Action::Decide => Task::Decide,
        Action::Keep => Task::Keep,
    }
}

pub(super) fn risk(step: &Step<'_>) -> Option<Risk> {
    let host = matches!(step.rtype, Rtype::A | Rtype::AAAA | Rtype::MX | Rtype::NS | Rtype::CNAME);
    match &step.action {
        _ if !step.in_the_way.is_empty() => Some(Risk::High),
        Action::Add { .. } if step.phase == Phase::Policy => Some(Risk::Medium),
        // A second MX or address beside an old one is felt.
        Action::Add { .. } if host && step.phase == Phase::Hosts => Some(Risk::Medium),
        Action::Add { .. } | Action::Switch(_) => Some(Risk::Low),
        Action::EditSpf { .. } | Action::Alias { .. } => Some(Risk::Medium),
        Action::Replace { .. } if host && step.phase != Phase::Keys => Some(Risk::High),
        Action::Replace { .. } => Some(Risk::Medium),
        Action::Lower { .. } | Action::Raise { .. } | Action::Start { .. } => Some(Risk::Low),
        Action::Enter => Some(Risk::Low),
        Action::Outside(_) => Some(Risk::High),
        // A host that somebody still uses stops.
        Action::Remove if host => Some(Risk::High),
        Action::Remove => Some(Risk::Medium),
        Action::Find { .. } | Action::Decide | Action::Several { .. } | Action::Keep => None,
    }
}

/// A name of what is asked: other boxes, other ticks.
pub(super) fn key(step: &Step<'_>) -> String {
    let row = step.wanted.as_ref().map(|(_, _, r)| r).or(step.now.first()).or(step.then.first());
    let mut content = row.map(|r| r.rdata.present(r.rtype)).unwrap_or_default();
    if let Action::Lower { to, .. } | Action::Raise { to, .. } = step.action {
        content = format!("{to} {content}");
    }
    let (name, rtype) = (plain(&step.name).to_lowercase(), step.rtype);
    format!("{rtype}-{name}-{}", digest(&format!("{:?}{content}", task(step))))
}

pub(super) fn digest(text: &str) -> String {
    Sha256::digest(text).iter().take(4).map(|octet| format!("{octet:02x}")).collect()
}

/// The selector of a key's name.
pub(super) fn selector(owner: &Name) -> Option<String> {
    let text = plain(owner);
    let at = text.to_ascii_lowercase().find("._domainkey.")?;
    text.get(..at).map(str::to_owned)
}

/// What the type box gets for a company's stand-in for an apex CNAME: its type's name, or CNAME where that is flattened.
pub(super) fn alias_type(word: &str) -> String {
    let first = word.split_whitespace().next().unwrap_or_default();
    if matches!(first, "ALIAS" | "ANAME") { first.to_owned() } else { "CNAME".to_owned() }
}

/// Whether a policy makes receivers act: quarantine or reject.
pub(super) fn acts(step: &Step<'_>) -> bool {
    let text = step.wanted.as_ref().map(|(_, _, r)| r.rdata.txt_joined()).unwrap_or_default();
    let (record, _) = crate::mail::dmarc::parse(&text);
    matches!(record.dmarc.p, Some(crate::mail::dmarc::Policy::Quarantine | crate::mail::dmarc::Policy::Reject))
}

/// What stands in a CNAME's way, with what to do about it.
pub(super) fn in_the_way(step: &Step<'_>, blocks: &mut Vec<Block>) {
    if step.in_the_way.is_empty() {
        return;
    }
    for record in &step.in_the_way {
        let (rtype, value) = (record.rtype, record.rdata.present(record.rtype));
        blocks.push(Block::Value {
            label: say!(en: "in the way: {rtype}", ja: "じゃまになる行: {rtype}"),
            content: value,
        });
    }
    let name = plain(&step.name);
    blocks.push(Block::Warning(say!(
        en: "{name} has these rows now; nothing else can be saved beside a CNAME. Ask what they are for. Only if nothing needs them: remove them, then enter this card at once",
        ja: "{name} にはいま上の行があります。CNAME とほかの行は一緒に保存できません。何に使われているかを確かめてください。だれも使っていないときだけ、上の行を消して、すぐにこのカードを入力します"
    )));
}

/// How the host is to be found in a list of rows.
pub(super) fn host_words(zone: &FittedZone<'_>, record: &Record) -> Text {
    if record.name == zone.composed.origin {
        let domain = plain(&record.name);
        say!(en: "empty, @ or {domain}", ja: "空白・@・{domain} のどれか")
    } else {
        Text::same(record.name.relative_to(&zone.composed.origin).unwrap_or_default())
    }
}

/// The boxes of a record, with byte counts.
pub(super) fn boxes(zone: &FittedZone<'_>, record: &Record, intent: &Intent, blocks: &mut Vec<Block>) {
    blocks.extend(traps_of(zone, record, intent));
    for entry in entries(zone.registrar, &zone.limits, &zone.composed.origin, record) {
        let mut notes = Vec::new();
        let value = matches!(entry.kind, BoxKind::Value | BoxKind::Line);
        if (value && record.rtype.is_text()) || (entry.kind == BoxKind::Value && record.rtype == Rtype::CNAME) {
            let bytes = if record.rtype.is_text() { record.rdata.txt_joined().len() } else { entry.content.len() };
            notes.push(match longest_value(&zone.limits, record.rtype) {
                Some((max, limit)) if limit.strength() == Strength::Known => {
                    say!(en: "{bytes} bytes of {max}", ja: "{bytes} バイト／上限 {max}")
                }
                Some((max, _)) => {
                    say!(en: "{bytes} bytes of {max} (not confirmed)", ja: "{bytes} バイト／上限 {max}（未確認）")
                }
                None => say!(en: "{bytes} bytes", ja: "{bytes} バイト"),
            });
        }
        blocks.push(block_of(entry, notes));
    }
}

pub(super) fn block_of(entry: Entry, mut notes: Vec<Text>) -> Block {
    let label = entry.label.map_or_else(|| words::neutral(entry.kind), Text::same);
    notes.extend(entry.doubt);
    let short = !matches!(entry.kind, BoxKind::Host | BoxKind::Value | BoxKind::Line);
    Block::Entry { label, content: entry.content, short, notes }
}

/// That the TTL of a row that is entered elsewhere as it is was not known.
pub(in crate::render) fn taken_ttl(current: Option<&Current>, record: &Record) -> Option<Text> {
    let ttl = record.ttl;
    current.filter(|c| c.has_no_ttl(record)).map(|_| {
        say!(
            en: "its TTL now is not known, and {ttl} is taken; if the old form shows another one, enter that",
            ja: "いまの TTL が分からないため {ttl} としています。元の画面に別の値が出ていれば、そちらを入れます"
        )
    })
}

/// What every card of a record ends with: done, how to see it, the way back.
pub(super) fn closing(step: &Step<'_>, undo: Text, blocks: &mut Vec<Block>) {
    let Some((member, _, record)) = &step.wanted else { return };
    entered(step.zone, blocks);
    blocks.extend(look(record, &member.intent));
    blocks.extend(traps(step.zone, |at| at == QuirkAt::Check));
    blocks.push(Block::Line { label: say!(en: "to take it back", ja: "元に戻す"), text: undo });
}

pub(super) fn entered(zone: &FittedZone<'_>, blocks: &mut Vec<Block>) {
    blocks.push(Block::Tick {
        key: "entered".to_owned(),
        text: say!(en: "entered, and compared with the value above", ja: "入力して、上の値と見比べた"),
    });
    blocks.extend(traps(zone, |at| at == QuirkAt::Save));
    blocks.push(Block::Tick {
        key: "saved".to_owned(),
        text: say!(en: "saved, to the last confirmation", ja: "保存した（最後の確認まで進んだ）"),
    });
}

/// How to see a record from outside.
pub(super) fn look(record: &Record, intent: &Intent) -> Option<Block> {
    let (rtype, expect) = expected(record, intent.is_dkim());
    command(&rtype.to_string(), &plain(&record.name), expect)
}

/// The type to ask for, and what must be seen. A key is looked for as a text, whatever leads to it.
pub(in crate::render) fn expected(record: &Record, key: bool) -> (Rtype, Text) {
    let rtype = if key { Rtype::TXT } else { record.rtype };
    let expect = match record.rtype {
        Rtype::TXT | Rtype::SPF => {
            let text = String::from_utf8_lossy(&record.rdata.txt_joined()).into_owned();
            let begin: String = text.chars().take(24).collect();
            if crate::mail::spf::is_spf(text.as_bytes()) {
                say!(en: "exactly one row that begins with v=spf1, the same as above", ja: "v=spf1 の行が 1 つだけ、上と同じ内容で出ます")
            } else {
                say!(en: "a value that begins with “{begin}”", ja: "「{begin}」で始まる値が出ます")
            }
        }
        _ if key => say!(en: "a long value with p= in it", ja: "p= を含む長い値が出ます"),
        Rtype::CNAME => {
            let target = record.target().map(|t| plain(&t)).unwrap_or_default();
            say!(en: "it leads to {target}", ja: "{target} につながります")
        }
        _ => say!(en: "the value above", ja: "上と同じ値が出ます"),
    };
    (rtype, expect)
}

/// The command that looks a name up, and what it must show; none for a name that a shell would not leave alone. Options stand before the name.
pub(in crate::render) fn look_up(rtype: &str, name: &str, expect: Text) -> Option<(String, Text)> {
    match command(rtype, name, expect)? {
        Block::Command { command, expect, .. } => Some((command, expect)),
        _ => None,
    }
}

/// The command that looks a name up; none for a name that a shell would not leave alone.
pub(super) fn command(rtype: &str, name: &str, expect: Text) -> Option<Block> {
    let plain =
        name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_')) && !name.starts_with('-');
    plain.then(|| Block::Command {
        label: say!(en: "to see it, an hour later", ja: "確かめる（1 時間後）"),
        command: format!("nslookup -type={rtype} {name} 8.8.8.8"),
        expect,
    })
}

/// The company in whose panel a zone is edited.
pub(super) fn panel(zone: &FittedZone<'_>) -> Text {
    match zone.registrar {
        Some(r) => r.name.clone(),
        None => say!(en: "the company in whose panel the DNS is edited", ja: "DNSを編集する会社"),
    }
}

/// The company in whose panel a step is done.
pub(in crate::render) fn panel_of(input: &Input<'_>, step: &Step<'_>) -> Text {
    match step.action {
        Action::Start { .. } => {
            input.fitted.composed.parties.get(step.party).map(|p| p.name.clone()).unwrap_or_default()
        }
        Action::Outside(Outside::RemoveDs | Outside::SwitchServers { .. }) => {
            say!(en: "where the domain is registered", ja: "ドメインの登録会社")
        }
        Action::Outside(Outside::CloseOld) => say!(en: "the old company", ja: "古い会社"),
        _ => panel(step.zone),
    }
}
