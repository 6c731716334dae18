//! What a step, and what changes, says: the same words for every format.

use std::collections::HashSet;

use crate::plan::{Action, Difference, Outside, Part, Phase, Piece, Step, differences, is_key_owner, kept, pieces};
use crate::report::{Text, join};
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
    pub gone: Vec<Text>,
    /// Rows that come.
    pub come: Vec<Text>,
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

/// A record in one line.
pub(super) fn row(record: &Record, ttl: Option<u32>) -> Text {
    let (name, rtype, value) = (plain(&record.name), record.rtype, record.rdata.present(record.rtype));
    let ttl = match ttl {
        Some(ttl) => Text::same(ttl.to_string()),
        None => say!(en: "(TTL not known)", ja: "（TTL 不明）"),
    };
    say!(en: "{name} {ttl} {rtype} {value}", ja: "{name} {ttl} {rtype} {value}"; ttl = ttl)
}

/// Who is taken to send already, since no zone shows it; none if there is a step for everybody.
pub(in crate::render) fn taken_to_send(plan: &PlanInput<'_, '_>) -> Option<Text> {
    let parties = &plan.input.fitted.composed.parties;
    let who: Vec<Text> =
        plan.plan.taken_to_send(plan.question).filter_map(|p| parties.get(p)).map(|p| p.name.clone()).collect();
    let list = join(&who);
    (!who.is_empty()).then(|| say!(
        en: "A zone does not show who sends. Taken to send already, and to sign with the keys that are there: {list}. A sender that was to begin with an earlier plan begins when that plan's wait is over.",
        ja: "だれが送信しているかは、ゾーンには出ません。すでに送信し、いまある鍵で署名しているとみなすもの: {list}。前の作業計画で始めることになっていたものは、その計画の待ち時間が過ぎてから始めます。"; list = list
    ))
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
        (Some(old), Some(new)) if step.now.len() == 1 && Part::of(old) == Part::of(new) => {
            pieces(Part::of(new), old, new)
        }
        _ => Vec::new(),
    };
    let mut warnings: Vec<Text> = step.window.iter().map(|w| w.why.clone()).collect();
    for record in &step.in_the_way {
        let line = row(record, plan.question.ttl_of(step.zone, record));
        warnings.push(say!(en: "in the way, and nobody has decided about it: {line}", ja: "じゃまになる行があり、まだ決まっていません: {line}"; line = line));
    }
    match &step.action {
        Action::Several { now } => {
            let n = now.len();
            warnings.push(say!(en: "{n} rows where one can be right; name those that go with --remove", ja: "1 つでなければならない行が {n} つあります。消すものを --remove で指定します"));
        }
        Action::EditSpf { now } if now.len() > 1 => {
            let n = now.len();
            warnings.push(if then.is_some() {
                say!(en: "{n} SPF rows, so none counts: first turn one of them into the new one, then remove the others", ja: "SPF の行が {n} つあり、どれも無効です。先に 1 つを新しい内容に書き換え、それから残りを消します")
            } else {
                say!(en: "{n} SPF rows, so none counts: the one that is not listed here is right and stays", ja: "SPF の行が {n} つあり、どれも無効です。ここにない 1 行が正しい内容なので、残します")
            });
        }
        Action::EditSpf { now } if now.is_empty() => warnings.push(say!(en: "find the row that begins with v=spf1 and put in, before its closing all, the terms below that it lacks; the rest of it stays. Only if there is no such row, add the one below", ja: "v=spf1 で始まる行を探し、下の行にあって足りない語だけを、最後の all の前に足します。ほかはそのまま残します。その行がないときだけ、下の行を追加します")),
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
        Action::Enter => warnings.extend(step.then.iter().filter_map(|r| worksheet::taken_ttl(plan.question.current, r))),
        Action::Switch(made) => warnings.extend(made.first().map(|s| s.how.clone())),
        _ => {}
    }
    let current = plan.question.current_of(step.zone);
    let known = current.is_some_and(|c| c.knows(&step.name, step.rtype));
    if matches!(step.action, Action::Add { .. }) && current.is_some_and(|c| c.has_unread(&step.name, step.rtype)) {
        warnings.push(worksheet::shortened());
    } else if matches!(step.action, Action::Add { .. }) && !known {
        warnings.push(say!(en: "look first: whether such a row is there already is not known", ja: "先に見る: 同じ行がもうあるかは分かっていません"));
    }
    let ttl = matches!(step.action, Action::Lower { .. } | Action::Raise { .. });
    Telling {
        title: worksheet::title(plan.input, step),
        panel: worksheet::panel_of(plan.input, step),
        // That only a TTL changes is in the title.
        gone: step.now.iter().filter(|_| !ttl).map(|r| row(r, plan.question.ttl_of(step.zone, r))).collect(),
        come: step.then.iter().filter(|_| !ttl).map(|r| row(r, plan.question.ttl_of(step.zone, r))).collect(),
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
        Action::Lower { to, .. } | Action::Raise { to, .. } => {
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
        action => {
            let kept = matches!(action, Action::EditSpf { .. } if !step.now.is_empty());
            let kept = step.wanted.as_ref().filter(|_| kept).map(|(.., record)| record);
            let record = step.then.first().or(kept)?;
            let key = step.wanted.as_ref().is_some_and(|(member, ..)| member.intent.is_dkim());
            let (rtype, mut expect) = worksheet::expected(record, key);
            if matches!(&action, Action::EditSpf { now } if now.is_empty()) {
                expect = say!(en: "exactly one row that begins with v=spf1, with the terms above in it", ja: "v=spf1 で始まる行が 1 つだけで、上の語が入っている");
            }
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
        Action::Lower { from, .. } | Action::Raise { from, .. } => {
            say!(en: "the TTL {from} again", ja: "TTL を {from} に戻す")
        }
        Action::EditSpf { .. } if step.now.is_empty() => {
            say!(en: "the row as it was before (keep a copy of it first); if there was none, remove it", ja: "前の行に戻す（先に控えておく）。なかったときは、足した行を消す")
        }
        _ if step.now.is_empty() => say!(en: "remove the row again", ja: "足した行を消す"),
        _ if step.then.is_empty() => say!(en: "add the row again", ja: "もう一度足す"),
        _ => say!(en: "enter the old row (-) again", ja: "前の行（-）に戻す"),
    })
}

/// That there is no step, and why.
pub(super) fn no_step(plan: &PlanInput<'_, '_>) -> Text {
    if different(plan).is_empty() {
        say!(en: "nothing to do: the zone is as site.toml wants it", ja: "することはありません。ゾーンは site.toml のとおりです")
    } else {
        say!(en: "no step: what differs waits for a decision; the messages say which", ja: "手順はありません。違うところは、どうするかが決まっていません（メッセージを見てください）")
    }
}

/// Rows that stay and are shown; a zone may have a million.
const SHOWN: usize = 20;

/// What is there and stays: how much, and lines for the first of it; none where nothing does.
pub(super) fn stays(plan: &PlanInput<'_, '_>) -> Option<(Text, Vec<Text>)> {
    let (n, rows) = staying(plan, SHOWN);
    let mut lines: Vec<Text> =
        rows.into_iter().map(|r| row(r, plan.question.ttl_of(&plan.question.fitted.own, r))).collect();
    let more = n - lines.len();
    if more > 0 {
        lines.push(say!(en: "and {more} more", ja: "ほか {more} 件"));
    }
    let title = say!(en: "Stays as it is, not in site.toml: {n}", ja: "site.toml になく、そのまま残すもの: {n} 件");
    (n > 0).then_some((title, lines))
}

/// What is there, not managed, and not touched by any step: how many rows, and the first of them.
pub(super) fn staying<'a>(plan: &PlanInput<'_, 'a>, most: usize) -> (usize, Vec<&'a Record>) {
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
