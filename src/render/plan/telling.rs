//! What a step, and what changes, says: the same words for every format.

use std::collections::HashSet;

use crate::plan::{Action, Difference, Outside, Part, Phase, Piece, Step, differences, is_key_owner, kept, pieces};
use crate::report::Text;
use crate::say;
use crate::zone::{Name, Record, Rtype};

use super::PlanInput;
use crate::render::worksheet;

/// A step in words.
pub(super) struct Telling {
    /// One line.
    pub title: Text,
    /// In whose panel.
    pub panel: Text,
    /// Rows that go.
    pub gone: Vec<String>,
    /// Rows that come.
    pub come: Vec<String>,
    /// What changes within a row.
    pub pieces: Vec<Text>,
    /// What must be known first.
    pub warnings: Vec<Text>,
    /// A command, where there is one, and what must be seen.
    pub check: Option<(Option<String>, Text)>,
    /// The way back.
    pub back: Option<Text>,
}

pub(super) fn plain(name: &Name) -> String {
    name.display_without_dot().to_string()
}

/// A record in one line; a TTL of 0 is one that nobody says.
pub(super) fn row(record: &Record) -> String {
    let ttl = if record.ttl == 0 { String::new() } else { format!(" {}", record.ttl) };
    format!("{}{ttl} {} {}", plain(&record.name), record.rtype, record.rdata.present(record.rtype))
}

/// What a piece says.
pub(super) fn piece(piece: &Piece) -> Text {
    match piece {
        Piece::Added(what) => say!(en: "{what} added", ja: "{what} を足す"),
        Piece::Gone(what) => say!(en: "{what} removed", ja: "{what} を除く"),
        Piece::Changed { from, to } => say!(en: "{from} becomes {to}", ja: "{from} を {to} にする"),
    }
}

/// A step in words.
pub(super) fn step(plan: &PlanInput<'_, '_>, step: &Step<'_>) -> Telling {
    let (now, then) = (step.now.first(), step.then.first());
    let pieces = match (now, then) {
        (Some(old), Some(new)) if Part::of(old) == Part::of(new) => pieces(Part::of(new), old, new),
        _ => Vec::new(),
    };
    let mut warnings: Vec<Text> = step.window.iter().map(|w| w.why.clone()).collect();
    for record in &step.in_the_way {
        let line = row(record);
        warnings.push(say!(en: "in the way, and nobody has decided about it: {line}", ja: "じゃまになる行があり、まだ決まっていません: {line}"));
    }
    match &step.action {
        Action::Several { now } => {
            let n = now.len();
            warnings.push(say!(en: "{n} rows where one can be right; name those that go with --remove", ja: "1 つでなければならない行が {n} つあります。消すものを --remove で指定します"));
        }
        Action::EditSpf { now } if now.len() > 1 => {
            let n = now.len();
            warnings.push(say!(en: "{n} SPF rows, so none counts; put what is needed of them into site.toml", ja: "SPF の行が {n} つあり、どれも無効です。必要な内容を site.toml にまとめます"));
        }
        Action::EditSpf { now } if now.is_empty() => warnings.push(say!(en: "find the row that begins with v=spf1 and edit it; add one only if there is none", ja: "v=spf1 で始まる行を探して書き換えます。ないときだけ追加します")),
        Action::Add { beside } if !beside.is_empty() => {
            let list = beside.join(" ");
            warnings.push(say!(en: "it stands beside what is there, and both are used: {list}", ja: "いまある値と並び、両方が使われます: {list}"));
        }
        Action::Find { find } => warnings.push(say!(en: "its value is not known yet: {find}", ja: "値がまだありません: {find}"; find = find)),
        Action::Decide => warnings.push(say!(en: "the form does not take it; choose a way (zoneplan build says which)", ja: "この画面には入りません。方法を決めてください（zoneplan build に出ます）")),
        Action::Remove if step.rtype == Rtype::MX => warnings.push(say!(en: "the old server goes on receiving for at least 5 days: others still send to it", ja: "古いサーバーは、あと 5 日以上受信を続けます（まだそこに届くメールがあります）")),
        Action::Remove if matches!(step.rtype, Rtype::A | Rtype::AAAA | Rtype::CNAME) && !is_key_owner(&step.name) && step.phase != Phase::Keyzone => warnings.push(say!(en: "ask first: does a certificate, a mail program or a part of the web site still need it?", ja: "先に確かめます: SSL 証明書の更新・メールソフト・Web サイトの一部で、まだ使っていませんか")),
        Action::Outside(Outside::SwitchServers { to }) => {
            let list = to.iter().map(plain).collect::<Vec<_>>().join(" ");
            warnings.push(if to.is_empty() {
                say!(en: "to those that the new company's panel shows; leave the old zone as it is", ja: "新しい会社の画面に出ているものにします。古いゾーンはそのままにします")
            } else {
                say!(en: "to {list}; leave the old zone as it is", ja: "{list} にします。古いゾーンはそのままにします")
            });
        }
        Action::Switch(made) => warnings.extend(made.first().map(|s| s.how.clone())),
        _ => {}
    }
    let known = plan.question.current_of(step.zone).is_some_and(|c| c.knows(&step.name, step.rtype));
    if matches!(step.action, Action::Add { .. }) && !known {
        warnings.push(say!(en: "look first: whether such a row is there already is not known", ja: "先に見る: 同じ行がもうあるかは分かっていません"));
    }
    let ttl = matches!(step.action, Action::Lower { .. } | Action::Raise { .. });
    Telling {
        title: worksheet::title(plan.input, step),
        panel: worksheet::panel_of(plan.input, step),
        // That only a TTL changes is in the title.
        gone: step.now.iter().filter(|_| !ttl).map(row).collect(),
        come: step.then.iter().filter(|_| !ttl).map(row).collect(),
        pieces: pieces.iter().map(piece).collect(),
        warnings,
        check: check(step),
        back: back(step),
    }
}

/// How a step is seen from outside.
fn check(step: &Step<'_>) -> Option<(Option<String>, Text)> {
    let look = |rtype: String, name: &Name, expect: Text| {
        let (command, expect) = worksheet::look_up(&rtype, &plain(name), expect)?;
        Some((Some(command), expect))
    };
    match &step.action {
        Action::Lower { to, .. } | Action::Raise { to } => {
            let expect = say!(en: "a TTL of {to} or less", ja: "TTL が {to} 以下");
            look(format!("{} -debug", step.rtype), &step.name, expect)
        }
        Action::Remove => {
            let value = step.now.first().map(|r| r.rdata.present(r.rtype)).unwrap_or_default();
            let expect = say!(en: "{value} does not appear any more", ja: "{value} が出なくなる");
            look(step.rtype.to_string(), &step.name, expect)
        }
        Action::Outside(Outside::RemoveDs) => {
            look("DS".to_owned(), &step.name, say!(en: "no DS appears", ja: "DS が出ない"))
        }
        Action::Outside(Outside::SwitchServers { .. }) => {
            look("NS".to_owned(), &step.name, say!(en: "the new name servers", ja: "新しいネームサーバーが出る"))
        }
        Action::Start { .. } => Some((
            None,
            say!(en: "a test mail to a Gmail address: “Show original” says PASS for SPF or DKIM", ja: "Gmail あてのテストメールで「メッセージのソースを表示」の SPF か DKIM が PASS"),
        )),
        // Nobody is led to the new servers yet, so one of them is asked itself, where they are known.
        Action::Enter => {
            let record = step.then.first()?;
            let server = step.zone.registrar.and_then(|r| r.name_servers.exact.first());
            let expect = say!(en: "the row above", ja: "上の行が出る");
            match (server, look(record.rtype.to_string(), &record.name, expect.clone())) {
                (Some(server), Some((Some(command), _))) => Some((Some(command.replace("8.8.8.8", server)), expect)),
                _ => Some((
                    None,
                    say!(en: "asked of a name server of the new company: the row above", ja: "新しい会社のネームサーバーに問い合わせると、上の行が出る"),
                )),
            }
        }
        _ => {
            let record = step.then.first()?;
            let key = step.wanted.as_ref().is_some_and(|(member, ..)| member.intent.is_dkim());
            let (rtype, expect) = worksheet::expected(record, key);
            look(rtype.to_string(), &record.name, expect)
        }
    }
}

/// The way back from a step.
fn back(step: &Step<'_>) -> Option<Text> {
    Some(match &step.action {
        Action::Start { new: true, .. } => {
            say!(en: "send nothing through it until it is right", ja: "直るまで、そこから送らない")
        }
        Action::Start { new: false, .. } => say!(en: "set signing back to what it was", ja: "署名の設定を前に戻す"),
        Action::Switch(_) => say!(en: "turn it off", ja: "OFF にする"),
        Action::Outside(Outside::SwitchServers { .. }) => {
            let list = step.now.iter().map(|r| r.rdata.present(r.rtype)).collect::<Vec<_>>().join(" ");
            say!(en: "the old name servers again: {list}", ja: "古いネームサーバーに戻す: {list}")
        }
        Action::Outside(Outside::RemoveDs) => {
            say!(en: "enter the DS again, as long as the old servers answer", ja: "古いサーバーが答えている間は、DS を登録し直す")
        }
        Action::Outside(Outside::Sign) => say!(en: "take the DS away again", ja: "DS を外す"),
        Action::Outside(Outside::CloseOld) => return None,
        _ if step.now.is_empty() && step.then.is_empty() => return None,
        Action::Lower { .. } | Action::Raise { .. } => say!(en: "the TTL it had", ja: "TTL を前に戻す"),
        _ if step.now.is_empty() => say!(en: "remove the row again", ja: "足した行を消す"),
        _ if step.then.is_empty() => say!(en: "add the row again", ja: "もう一度足す"),
        _ => say!(en: "enter the old row (-) again", ja: "前の行（-）に戻す"),
    })
}

/// What is there, not managed, and not touched by any step: how many rows, and the first of them.
pub(super) fn stays<'a>(plan: &PlanInput<'_, 'a>, most: usize) -> (usize, Vec<&'a Record>) {
    let Some(current) = plan.question.current else { return (0, Vec::new()) };
    let gone: Vec<&Record> = plan.plan.steps().flat_map(|s| &s.now).collect();
    // Most rows of a large zone are told from those by one look.
    let names: HashSet<&Name> = gone.iter().map(|r| &r.name).collect();
    let mut shown = Vec::new();
    let mut count = 0;
    for found in kept(&plan.question.fitted.own, current) {
        let record = &found.record;
        if names.contains(&record.name) && gone.iter().any(|r| r.same_data(record)) {
            continue;
        }
        count += 1;
        if shown.len() < most {
            shown.push(record);
        }
    }
    (count, shown)
}

/// What differs in the zones that are known, set by set.
pub(super) fn different<'a>(plan: &PlanInput<'_, 'a>) -> Vec<Difference<'a>> {
    let zones = plan.question.fitted.zones();
    let known = zones.filter_map(|z| Some((z, plan.question.current_of(z)?)));
    known.flat_map(|(zone, current)| differences(zone, current)).filter(|d| !d.is_none()).collect()
}
