//! Steps as cards: which words, which boxes, what to look at afterwards, how to take it back.

use jiff::ToSpan as _;

use crate::compose::Intent;
use crate::fit::{BoxKind, COPY_MONTHS, Entry, Standing, WayKind, entries};
use crate::pins::Copied;
use crate::plan::{Action, Outside, Phase, Plan, Question, Stage, Step, Wait, plan};
use crate::report::{Text, join};
use crate::say;
use crate::zone::{Name, Record, Rtype};

use super::model::{Block, Card, Sheet, Task};
use super::parts::*;
use crate::catalogue::registrar::QuirkAt;
use crate::render::Input;
use crate::report::words::duration;

/// The worksheet of a site, with what is known of its zone.
#[must_use]
pub fn sheet(input: &Input<'_>) -> Sheet {
    let question = Question {
        site: input.site,
        fitted: input.fitted,
        current: input.current,
        subzones: input.subzones,
        keyzone: input.keyzone,
        left: None,
        remove: &[],
    };
    of_plan(input, &plan(&question))
}

/// A plan as a worksheet.
#[must_use]
pub fn of_plan(input: &Input<'_>, plan: &Plan<'_>) -> Sheet {
    let steps: Vec<Step<'_>> = plan.steps().chain(&plan.keep).cloned().collect();
    let open = steps
        .iter()
        .any(|s| matches!(s.action, Action::Find { .. }) || (s.action == Action::Decide && s.phase == Phase::Keys));
    let desk = Desk { input, open };
    let mut cards = vec![desk.before(&steps)];
    if !input.client {
        cards.extend(desk.measure(&steps));
    }
    // What is still to be found or decided, and a policy that waits for it, is not for whoever only types.
    let typed = |s: &&Step<'_>| !input.client || !(matches!(task(s), Task::Find | Task::Decide) || desk.is_waiting(s));
    let done: Vec<&Step<'_>> = plan.steps().filter(typed).collect();
    let keyzone: Vec<usize> =
        done.iter().enumerate().filter(|(_, s)| s.phase == Phase::Keyzone).map(|(at, _)| at + 1).collect();
    let mut number = 0;
    let mut waited: Option<&Wait> = None;
    for stage in &plan.stages {
        if stage.steps.iter().any(|s| typed(&s)) && input.current.is_some() {
            cards.extend(wait_card(number, waited.take(), stage));
        }
        for step in stage.steps.iter().filter(typed) {
            number += 1;
            let mut card = desk.card(step);
            card.number = Some(number);
            if let ([first, .., last] | [first @ last], true) = (keyzone.as_slice(), leads_into_keyzone(step)) {
                let list = if first == last {
                    say!(en: "card {first}", ja: "カード {first}")
                } else {
                    say!(en: "cards {first} to {last}", ja: "カード {first}〜{last}")
                };
                card.blocks.insert(0, Block::Line {
                    label: say!(en: "first", ja: "先に済ませる"),
                    text: say!(en: "{list} (the keyzone). The other way round mail does not stop, but nothing can be checked", ja: "{list}（鍵の置き場）。逆順でもメールは止まりませんが、確認ができません"; list = list),
                });
            }
            // The record says that the policy is there, so the policy is there first.
            if step.rtype == Rtype::TXT && step.name.first_label().is_some_and(|l| l.eq_ignore_ascii_case(b"_mta-sts"))
            {
                cards.extend(desk.policy_file());
            }
            cards.push(card);
        }
        waited = stage.after.as_ref().or(waited);
    }
    if let Some(whole) = desk.whole_zone(plan) {
        cards.push(whole);
    }
    if !plan.keep.is_empty() {
        let kept: Vec<&Step<'_>> = plan.keep.iter().collect();
        cards.push(desk.kept(&kept));
    }
    cards.extend(desk.confirm(number + 1));
    let domain = input.site.domain_unicode.clone().unwrap_or_else(|| plain(&input.site.domain.value));
    let title = if input.client {
        say!(en: "{domain}: a request for DNS records", ja: "{domain} の DNS 設定のお願い")
    } else {
        say!(en: "{domain}: setting up mail authentication, step by step", ja: "{domain} メール認証の設定手順書")
    };
    Sheet { head: desk.head(&done, plan.keep.len()), domain, title, cards }
}

/// What passes between two stages: the wait until the one before is seen everywhere, and what the next one asks for besides.
fn wait_card(number: usize, after: Option<&Wait>, stage: &Stage<'_>) -> Option<Card> {
    let after = after.filter(|_| number > 0);
    // A new policy that only asks for reports waits for nothing.
    let waits: Vec<&Wait> = after.into_iter().chain(&stage.before).collect();
    if waits.is_empty() {
        return None;
    }
    let mut blocks: Vec<Block> = Vec::new();
    for wait in waits {
        let (time, why) = (duration(wait.seconds), &wait.why);
        blocks.push(Block::Line { label: time, text: why.clone() });
    }
    if after.is_some() {
        blocks.push(Block::Line {
            label: Text::default(),
            text: say!(en: "then run the checks of the cards above; go on only if all of them show what they should", ja: "そのあと、ここまでのカードの「確かめる」を実行し、すべてそのとおりになったら先へ進みます"),
        });
    }
    blocks.push(Block::Tick {
        key: "waited".to_owned(), text: say!(en: "waited, and looked", ja: "待って、確かめた")
    });
    Some(Card {
        key: format!("wait-{}-{}", number, digest(&format!("{:?}", stage.kind))),
        task: Task::Wait,
        number: None,
        title: say!(en: "Wait before you go on", ja: "ここで待ちます"),
        panel: None,
        risk: None,
        blocks,
    })
}

/// A step in one line.
#[must_use]
pub(in crate::render) fn title(input: &Input<'_>, step: &Step<'_>) -> Text {
    Desk { input, open: false }.title(step)
}

/// Writes cards.
pub(super) struct Desk<'a, 'i> {
    pub(super) input: &'i Input<'a>,
    /// A key is not there yet, or a way is not chosen.
    pub(super) open: bool,
}

impl Desk<'_, '_> {
    pub(super) fn who(&self, party: usize) -> Text {
        self.input.fitted.composed.parties.get(party).map(|p| p.name.clone()).unwrap_or_default()
    }

    pub(super) fn card(&self, step: &Step<'_>) -> Card {
        let mut blocks = Vec::new();
        match &step.action {
            Action::Add { beside } => self.add(step, beside, &mut blocks),
            Action::Replace { now } => self.replace(step, now.as_deref(), &mut blocks),
            Action::EditSpf { now } => self.edit_spf(step, now, &mut blocks),
            Action::Switch(made) => self.switch(step, made, &mut blocks),
            Action::Find { find } => self.find(step, find, &mut blocks),
            Action::Decide => self.decide(step, &mut blocks),
            Action::Alias { word, target } => self.alias(step, word, target, &mut blocks),
            Action::Several { now } => self.several(step, now, &mut blocks),
            Action::Lower { .. } | Action::Raise { .. } => self.ttl(step, &mut blocks),
            Action::Remove => self.remove(step, &mut blocks),
            Action::Enter => self.enter_as_it_is(step, &mut blocks),
            Action::Outside(what) => outside(step, what, &mut blocks),
            Action::Start { selectors, new } => self.start(step, selectors, *new, &mut blocks),
            Action::Keep => {}
        }
        if let Some(window) = &step.window {
            blocks.insert(0, Block::Warning(window.why.clone()));
        }
        Card {
            key: key(step),
            task: task(step),
            number: None,
            title: self.title(step),
            panel: Some(panel_of(self.input, step)),
            risk: risk(step),
            blocks,
        }
    }

    /// What the record is, in a few words.
    pub(super) fn what(&self, step: &Step<'_>) -> Text {
        let (who, rtype, name) = (self.who(step.party), step.rtype, plain(&step.name));
        let intent = step.wanted.as_ref().map(|(member, ..)| &member.intent);
        match intent {
            Some(Intent::DkimKey { .. } | Intent::DkimCname { .. }) | None => {
                say!(en: "{who}'s DKIM", ja: "{who}の DKIM"; who = who)
            }
            Some(Intent::Spf { .. }) => say!(en: "SPF of {name}", ja: "{name} の SPF"),
            Some(Intent::Dmarc) => say!(en: "DMARC", ja: "DMARC"),
            Some(Intent::MtaSts) => say!(en: "MTA-STS: {rtype} of {name}", ja: "MTA-STS: {name} の {rtype}"),
            Some(Intent::TlsRpt) => say!(en: "TLS-RPT", ja: "TLS-RPT"),
            Some(Intent::Bimi) => say!(en: "BIMI", ja: "BIMI"),
            Some(_) if step.party == 0 => say!(en: "{rtype} of {name}", ja: "{name} の {rtype}"),
            Some(_) => say!(en: "{who}: {rtype} of {name}", ja: "{who}: {name} の {rtype}"; who = who),
        }
    }

    pub(super) fn title(&self, step: &Step<'_>) -> Text {
        let what = self.what(step);
        let zone = plain(&step.zone.composed.origin);
        match &step.action {
            Action::Add { .. } if step.phase == Phase::Keyzone && step.rtype == Rtype::CNAME => {
                say!(en: "{what}: the keyzone {zone} leads on to it (a new row)", ja: "{what}: 鍵の置き場 {zone} に、その先へ続く行を置きます（新しく追加）"; what = what)
            }
            Action::Add { .. } if step.phase == Phase::Keyzone => {
                say!(en: "{what}: what the keyzone {zone} holds (a new row)", ja: "{what}: 鍵の置き場 {zone} に本体を置きます（新しく追加）"; what = what)
            }
            Action::Add { .. } => say!(en: "{what} (a new row)", ja: "{what}（新しく追加）"; what = what),
            Action::Replace { .. } => {
                say!(en: "{what}: change the row that is there", ja: "{what} を書き換えます"; what = what)
            }
            Action::EditSpf { now } if now.len() > 1 => {
                let n = now.len();
                say!(en: "{what}: {n} rows become one", ja: "{what}: {n} 行を 1 行にします"; what = what)
            }
            Action::EditSpf { .. } => {
                say!(en: "{what}: edit the row that is there (don't add a second one)", ja: "{what} を書き換えます（追加ではありません）"; what = what)
            }
            Action::Switch(_) => {
                let who = self.who(step.party);
                say!(en: "{who}: turn a switch on, type nothing", ja: "{who}（入力しません。スイッチを入れます）"; who = who)
            }
            Action::Find { .. } => say!(en: "{what}: get the key first", ja: "{what}: 先に鍵を用意します"; what = what),
            Action::Decide => {
                say!(en: "{what}: this form does not take it; choose a way first", ja: "{what}: この画面には入りません。先に方法を決めます"; what = what)
            }
            Action::Alias { word, .. } => say!(en: "{zone} itself: {word}", ja: "{zone} そのもの: {word}"),
            Action::Several { .. } => {
                say!(en: "{what}: several rows where one can be right", ja: "{what}: 1 つでなければならない行が複数あります"; what = what)
            }
            Action::Lower { from, to } => {
                let (name, rtype) = (plain(&step.name), step.rtype);
                say!(en: "{name} {rtype}: only the TTL, from {from} to {to}", ja: "{name} の {rtype}: TTL だけを {from} から {to} にします")
            }
            Action::Raise { from, to } => {
                let (name, rtype) = (plain(&step.name), step.rtype);
                say!(en: "{name} {rtype}: only the TTL, from {from} back to {to}", ja: "{name} の {rtype}: TTL だけを {from} から {to} に戻します")
            }
            Action::Remove => {
                let (name, rtype) = (plain(&step.name), step.rtype);
                say!(en: "{name} {rtype}: remove one row", ja: "{name} の {rtype}: 1 行だけ消します")
            }
            Action::Enter => {
                let (name, rtype) = (plain(&step.name), step.rtype);
                say!(en: "{name} {rtype}: enter it as it is", ja: "{name} の {rtype}: いまの内容をそのまま入れます")
            }
            Action::Outside(what) => outside_title(step, what),
            Action::Start { new, .. } => {
                let who = self.who(step.party);
                if *new {
                    say!(en: "{who}: it may send from here on", ja: "{who}: ここから送信を始められます"; who = who)
                } else {
                    say!(en: "{who}: sign with the key above from here on", ja: "{who}: ここで、入れた鍵での署名を始めます"; who = who)
                }
            }
            Action::Keep => what,
        }
    }

    pub(super) fn menu(&self, step: &Step<'_>) -> Option<Block> {
        let path = step.zone.registrar.and_then(|r| r.form.menu_path.clone()).filter(|_| !self.input.client)?;
        Some(Block::Line { label: say!(en: "open", ja: "開く画面"), text: Text::same(path) })
    }

    /// The boxes of a step's record, and what to do if the form refuses.
    pub(super) fn enter(&self, step: &Step<'_>, blocks: &mut Vec<Block>) {
        let Some((member, _, record)) = &step.wanted else { return };
        blocks.extend(self.copy(step));
        boxes(step.zone, record, &member.intent, blocks);
        blocks.push(self.refused_text());
    }

    pub(super) fn refused_text(&self) -> Block {
        let text = if self.input.client {
            say!(
                en: "note its message, save nothing, and tell whoever made this sheet",
                ja: "画面の文言を控えて、保存せずに止め、この依頼書を作った人に伝えてください"
            )
        } else {
            say!(
                en: "note its message, save nothing and stop. If it is about a length or a character, write it under [limits] in site.toml and make this sheet again",
                ja: "画面の文言を控えて、保存せずに止めます。長さや文字のことなら、site.toml の [limits] に書いて手順書を作り直します"
            )
        };
        Block::Line { label: say!(en: "if the form refuses it", ja: "断られたら"), text }
    }

    /// A copy of a key that its vendor may change: when it was made, and when it is compared again.
    pub(super) fn copy(&self, step: &Step<'_>) -> Vec<Block> {
        let Some((member, record, wanted)) = &step.wanted else { return Vec::new() };
        let instead = step.zone.stands_for(record);
        let here = instead
            .filter(|s| s.kind == WayKind::TxtCopy && s.wanted.rtype == Rtype::CNAME)
            .and_then(|s| s.wanted.target());
        // In the keyzone a copy stands where a CNAME on to the vendor could.
        let there = match &member.intent {
            Intent::DkimCname { .. } if step.phase == Phase::Keyzone && wanted.rtype.is_text() => Some(()),
            _ => None,
        };
        if here.is_none() && there.is_none() {
            return Vec::new();
        }
        let who = self.who(step.party);
        // The pins know since when the vendor has this key; else the days are for whoever types.
        let dates = self.copied_on(wanted).and_then(|seen| Some((seen, seen.checked_add(COPY_MONTHS.months()).ok()?)));
        let dates = match dates {
            Some((seen, check)) => {
                say!(en: "The key is that of {seen}; compare it again on {check} (every {COPY_MONTHS} months)", ja: "鍵は {seen} のものです ／ 次回確認 {check}（{COPY_MONTHS} か月ごと）")
            }
            None => {
                say!(en: "Copied on ____; compare it again on ____ (every {COPY_MONTHS} months)", ja: "写した日 ＿＿＿＿ ／ 次回確認 ＿＿＿＿（{COPY_MONTHS} か月ごと）")
            }
        };
        let mut out = vec![Block::Warning(say!(
            en: "this is a copy of {who}'s key. If {who} changes the key, mail fails until the copy is made again. {dates}",
            ja: "これは{who}の鍵の写しです。{who}が鍵を替えると、写し直すまでメールの署名が失敗します。{dates}"; who = who, dates = dates
        ))];
        if let Some(target) = here {
            out.extend(command(
                "TXT",
                &plain(&target),
                say!(en: "the same key as below", ja: "下の値と同じ鍵が出ます"),
            ));
        }
        out
    }

    /// The day on which the key of a copy was seen first.
    fn copied_on(&self, copy: &Record) -> Option<jiff::civil::Date> {
        let pins = self.input.pins()?;
        let copy = self.input.fitted.copies().into_iter().find(|known| known.record.same_data(copy))?;
        match pins.copied(&copy.owner, &copy.target, &copy.record.rdata.txt_joined()) {
            Copied::Since(day) => Some(day),
            _ => None,
        }
    }

    pub(super) fn why(&self, step: &Step<'_>) -> Option<Block> {
        let who = self.who(step.party);
        let intent = step.wanted.as_ref().map(|(member, ..)| &member.intent);
        let text = match intent? {
            Intent::DkimKey { .. } | Intent::DkimCname { .. } => {
                say!(en: "receivers look here for the key that {who} signs with", ja: "{who}から出るメールの署名を、受信側がここで確かめます"; who = who)
            }
            Intent::Spf { .. } => say!(en: "it names the servers that may send", ja: "正規の送信元を並べる行です"),
            Intent::Dmarc => {
                say!(en: "it says what receivers do with mail that fails, and where reports go", ja: "なりすましメールの扱いと、レポートの送り先を決めます")
            }
            Intent::NoMail => {
                say!(en: "it says that this name sends and receives no mail", ja: "この名前ではメールを送りも受けもしない、と伝えます")
            }
            _ => return None,
        };
        Some(Block::Line { label: say!(en: "why", ja: "なぜ"), text })
    }

    pub(super) fn add(&self, step: &Step<'_>, beside: &[String], blocks: &mut Vec<Block>) {
        self.opening(step, blocks);
        self.waits(step, blocks);
        in_the_way(step, blocks);
        if !beside.is_empty() {
            for value in beside {
                blocks.push(Block::Value {
                    label: say!(en: "also there now", ja: "いまある別の値"),
                    content: value.clone(),
                });
            }
            blocks.push(Block::Warning(say!(
                en: "these stay for now, and as long as both are there both are used. Ask whose they are and what for before one goes; a removal is a step of its own, the last one",
                ja: "いまある値はそのまま残します。両方あるあいだは、両方が使われます。消す前に、どの会社の何に使われているかを確かめてください。削除は別の手順として、最後に行います"
            )));
        }
        let unknown = self.input.current.is_none_or(|c| !c.knows(&step.name, step.rtype));
        if unknown && step.phase != Phase::Keyzone {
            blocks.push(Block::Line {
                label: say!(en: "look first", ja: "先に見る"),
                text: if self.input.current.is_some_and(|c| c.has_unread(&step.name, step.rtype)) {
                    shortened()
                } else {
                    say!(
                        en: "is there a row with this host and type already? Then add nothing and say so to whoever made this sheet",
                        ja: "同じホスト名・同じ種別の行がもうないか、一覧を見ます。あれば足さずに、手順書を作った人に伝えてください"
                    )
                },
            });
        }
        self.enter(step, blocks);
        closing(
            step,
            say!(en: "remove this row; nothing else changed", ja: "この行を消します（ほかは変わっていません）"),
            blocks,
        );
    }

    /// Whether a policy acts on mail whose keys are not there yet.
    pub(super) fn is_waiting(&self, step: &Step<'_>) -> bool {
        step.phase == Phase::Policy && self.open && acts(step)
    }

    /// A policy that acts waits until what it judges is there.
    pub(super) fn waits(&self, step: &Step<'_>, blocks: &mut Vec<Block>) {
        if self.is_waiting(step) {
            blocks.push(Block::Warning(say!(
                en: "not yet: a key or a decision above is still open, and with this policy the mail concerned is refused. Finish those cards first",
                ja: "まだ入力しません。上のカードに、まだない鍵か、決めていないことが残っています。この設定では、そのメールが届かなくなります。先にそちらを終えてください"
            )));
        }
    }

    /// What every card of a record begins with: why, and where.
    pub(super) fn opening(&self, step: &Step<'_>, blocks: &mut Vec<Block>) {
        blocks.extend(self.why(step));
        blocks.extend(self.menu(step));
    }

    pub(super) fn replace(&self, step: &Step<'_>, now: Option<&str>, blocks: &mut Vec<Block>) {
        self.opening(step, blocks);
        self.waits(step, blocks);
        in_the_way(step, blocks);
        let other = step.now.iter().any(|r| r.rtype != step.rtype);
        match now {
            Some(now) => blocks.push(Block::Value { label: say!(en: "now", ja: "いま"), content: now.to_owned() }),
            None => blocks.push(Block::Warning(say!(
                en: "a switch of the panel makes a row of this kind by itself: change that row, don't add a second one",
                ja: "この行は画面のスイッチで自動で作られます。その行を書き換え、2 つ目は足しません"
            ))),
        }
        if other {
            blocks.push(Block::Warning(say!(
                en: "the type changes, so no row can be edited: have the boxes below ready, remove the row under “now”, and enter the new one at once",
                ja: "種別が変わるため、行の書き換えではできません。下の内容を用意してから、「いま」の行を消し、すぐに新しい行を入れます"
            )));
        }
        if matches!(step.rtype, Rtype::A | Rtype::AAAA | Rtype::MX | Rtype::NS | Rtype::CNAME)
            && step.phase != Phase::Keys
            && !other
        {
            blocks.push(Block::Warning(say!(
                en: "before you change it: ask what the value under “now” is used for. From then on mail or visitors go to the new one",
                ja: "変える前に、「いま」の値が何に使われているかを確かめてください。変えたあとは、メールや閲覧者が新しいほうに行きます"
            )));
        }
        self.enter(step, blocks);
        let undo = match now {
            Some(_) => say!(en: "enter the value under “now” again", ja: "「いま」の値を入れ直して保存します"),
            None => say!(en: "the row of the screenshot", ja: "スクリーンショットの内容に戻します"),
        };
        closing(step, undo, blocks);
    }

    pub(super) fn switch(&self, step: &Step<'_>, made: &[&crate::compose::Switched], blocks: &mut Vec<Block>) {
        let Some(first) = made.first() else { return };
        let who = self.who(step.party);
        blocks.push(Block::Line { label: say!(en: "switch", ja: "スイッチ"), text: first.how.clone() });
        for switched in made {
            let (rtype, name) = (switched.rtype, plain(&switched.name));
            blocks.push(Block::Line {
                label: say!(en: "makes", ja: "自動で入る行"),
                text: Text::same(format!("{name}  {rtype}")),
            });
        }
        blocks.push(Block::Warning(say!(
            en: "{who} makes these rows by itself. Don't type them too: there would be two",
            ja: "これらの行は{who}が自動で作ります。手で足さないでください（2 つになります）"; who = who
        )));
        blocks.push(Block::Tick { key: "entered".to_owned(), text: say!(en: "it is on", ja: "ON にした") });
        // Without a selector there is no name to look up.
        let keys = made.iter().filter(|s| s.part == "dkim" && selector(&s.name).is_some_and(|s| !s.is_empty()));
        for switched in keys {
            blocks.push(Block::Command {
                label: say!(en: "to see it, an hour later", ja: "確かめる（1 時間後）"),
                command: format!("nslookup -type=TXT {} 8.8.8.8", plain(&switched.name)),
                expect: say!(en: "a long value with p=", ja: "p= を含む長い値が出ます"),
            });
        }
        blocks.push(Block::Line {
            label: say!(en: "to take it back", ja: "元に戻す"),
            text: say!(en: "turn it off", ja: "OFF にします"),
        });
    }

    pub(super) fn find(&self, step: &Step<'_>, find: &Text, blocks: &mut Vec<Block>) {
        let who = self.who(step.party);
        blocks.push(Block::Line {
            label: say!(en: "where", ja: "取ってくる場所"),
            text: say!(en: "{who}: {find}", ja: "{who}: {find}"; who = who, find = find),
        });
        blocks.push(Block::Line {
            label: say!(en: "then", ja: "そのあと"),
            text: say!(en: "give it in site.toml (dkim-key-file) and make this sheet again; its boxes stand here then", ja: "site.toml（dkim-key-file）に書いて、この手順書を作り直します。入力する内容がここに入ります"),
        });
        let host = step.name.relative_to(&step.zone.composed.origin).unwrap_or_default();
        let rtype = step.rtype;
        blocks.push(Block::Line {
            label: say!(en: "will be entered at", ja: "入れる場所"),
            text: say!(en: "{host}, type {rtype}, value: …", ja: "ホスト名 {host}、種別 {rtype}、内容 ＿＿＿＿"),
        });
        blocks.push(Block::Tick {
            key: "entered".to_owned(), text: say!(en: "the key is there", ja: "鍵を用意した")
        });
    }

    pub(super) fn decide(&self, step: &Step<'_>, blocks: &mut Vec<Block>) {
        let Some((_, fitted, record)) = &step.wanted else { return };
        for cause in fitted.causes.iter().filter(|c| c.effect.hinders()) {
            blocks.push(Block::Warning(cause.title.clone()));
        }
        blocks.push(Block::Value {
            label: say!(en: "wanted, not to be typed", ja: "必要な値（まだ入力しません）"),
            content: record.rdata.present(record.rtype),
        });
        for (n, way) in fitted.ways.iter().filter(|w| w.is_possible()).enumerate() {
            let (n, title, care) = (n + 1, &way.title, &way.price.care);
            let text = match &way.standing {
                Standing::Conditional(conditions) => {
                    let all: Vec<Text> = conditions.iter().map(|c| c.what.clone()).collect();
                    let list = join(&all);
                    say!(en: "{title}. If: {list}", ja: "{title}（条件: {list}）"; title = title, list = list)
                }
                _ => {
                    say!(en: "{title}. Later: {care}", ja: "{title}（その後の世話: {care}）"; title = title, care = care)
                }
            };
            blocks.push(Block::Line { label: say!(en: "way {n}", ja: "方法 {n}"), text });
        }
        blocks.push(Block::Tick {
            key: "entered".to_owned(),
            text: say!(en: "a way is chosen and this sheet made again", ja: "方法を決めて、手順書を作り直した"),
        });
    }

    pub(super) fn alias(&self, step: &Step<'_>, word: &str, target: &Name, blocks: &mut Vec<Block>) {
        blocks.extend(self.menu(step));
        let record = Record {
            name: step.name.clone(),
            rtype: Rtype::CNAME,
            ttl: 3600,
            rdata: crate::zone::Rdata::cname(target),
        };
        for entry in entries(step.zone.registrar, &step.zone.limits, &step.zone.composed.origin, &record) {
            let entry = if entry.kind == BoxKind::Type { Entry { content: alias_type(word), ..entry } } else { entry };
            blocks.push(block_of(entry, Vec::new()));
        }
        blocks.push(Block::Line {
            label: say!(en: "what the company has", ja: "この会社のしくみ"),
            text: Text::same(word),
        });
        blocks.push(Block::Line {
            label: Text::default(),
            text: say!(en: "the domain itself can't have a CNAME (RFC 1034 §3.6.2); this stands in for it", ja: "ドメインそのものに CNAME は置けないため（RFC 1034 §3.6.2）、かわりにこれを使います"),
        });
        entered(step.zone, blocks);
        let name = plain(&step.name);
        blocks.push(Block::Command {
            label: say!(en: "to see it, an hour later", ja: "確かめる（1 時間後）"),
            command: format!("nslookup -type=A {name} 8.8.8.8"),
            expect: say!(en: "addresses of the web host", ja: "Web の会社のアドレスが出ます"),
        });
    }

    /// Several rows where only one can be right.
    pub(super) fn several(&self, step: &Step<'_>, now: &[String], blocks: &mut Vec<Block>) {
        for row in now {
            blocks.push(Block::Value { label: say!(en: "now", ja: "いま"), content: row.clone() });
        }
        let n = now.len();
        blocks.push(Block::Warning(say!(
            en: "there are {n} such rows now, and only one can be right. Enter nothing: first find out whose they are, name those that go (--remove), and make this sheet again",
            ja: "いまこの行が {n} つあり、正しいのは 1 つだけです。まだ何も入力しません。どの会社のものかを確かめ、消すものを --remove で指定して、手順書を作り直します"
        )));
        if let Some((.., record)) = &step.wanted {
            blocks.push(Block::Value {
                label: say!(en: "wanted, not to be typed", ja: "必要な値（まだ入力しません）"),
                content: record.rdata.present(record.rtype),
            });
        }
    }

    /// Only the TTL changes.
    pub(super) fn ttl(&self, step: &Step<'_>, blocks: &mut Vec<Block>) {
        blocks.push(Block::Line {
            label: say!(en: "why", ja: "なぜ"),
            text: if matches!(step.action, Action::Lower { .. }) {
                say!(en: "so that the change that follows is seen soon, and can be taken back soon", ja: "このあとの変更が早く行きわたり、すぐに戻せるようにします")
            } else {
                say!(en: "the change has been looked at, so the answers may be kept longer again", ja: "変更を確かめ終えたので、元の長さに戻します")
            },
        });
        blocks.extend(self.menu(step));
        for row in &step.now {
            let (rtype, ttl) = (row.rtype, row.ttl);
            blocks.push(Block::Value {
                label: say!(en: "row {rtype}, TTL now {ttl}; its content stays", ja: "{rtype} の行（いまの TTL {ttl}、内容は変えません）"),
                content: row.rdata.present(row.rtype),
            });
        }
        for row in step.then.iter().take(1) {
            for entry in entries(step.zone.registrar, &step.zone.limits, &step.zone.composed.origin, row) {
                if entry.kind == BoxKind::Ttl {
                    blocks.push(block_of(entry, Vec::new()));
                }
            }
        }
        entered(step.zone, blocks);
        let undo = step.now.iter().map(|r| r.ttl).max().unwrap_or_default();
        blocks.push(Block::Line {
            label: say!(en: "to take it back", ja: "元に戻す"),
            text: say!(en: "the TTL {undo} again", ja: "TTL を {undo} に戻します"),
        });
    }

    /// A row goes, after the questions that must be asked first.
    pub(super) fn remove(&self, step: &Step<'_>, blocks: &mut Vec<Block>) {
        blocks.extend(self.menu(step));
        for row in &step.now {
            let rtype = row.rtype;
            blocks.push(Block::Value {
                label: say!(en: "the row to remove: {rtype}", ja: "消す行: {rtype}"),
                content: row.rdata.present(row.rtype),
            });
        }
        if matches!(step.rtype, Rtype::A | Rtype::AAAA | Rtype::CNAME) && step.phase == Phase::Hosts {
            for (key, text) in [
                (
                    "certificate",
                    say!(en: "no certificate (HTTPS) is renewed over this address", ja: "SSL 証明書の更新に、この行の宛先が必要ではない"),
                ),
                (
                    "programs",
                    say!(en: "no mail program, FTP or admin page uses this name", ja: "メールソフト・FTP・管理画面の設定で、この名前を使っていない"),
                ),
                (
                    "web",
                    say!(en: "no part of the web site is fetched from it", ja: "Web サイトの一部（ブログなど）が、ここを呼び出していない"),
                ),
            ] {
                blocks.push(Block::Tick { key: key.to_owned(), text });
            }
        }
        if step.rtype == Rtype::MX {
            blocks.push(Block::Tick {
                key: "mailboxes".to_owned(),
                text: say!(en: "the old server goes on receiving for at least 5 days, and its mailboxes have been copied", ja: "古いサーバーはあと 5 日以上受信を続け、メールの移し替えも済んでいる"),
            });
        }
        blocks.push(Block::Tick {
            key: "entered".to_owned(),
            text: say!(en: "removed, only this row", ja: "この行だけを消した"),
        });
        blocks.extend(traps(step.zone, |at| at == QuirkAt::Save));
        let row = step.now.first().map(|r| r.rdata.present(r.rtype)).unwrap_or_default();
        let name = plain(&step.name);
        blocks.extend(command(
            &step.rtype.to_string(),
            &name,
            say!(en: "the row above does not appear any more", ja: "上の行が出なくなります"),
        ));
        let own = step.zone.composed.origin == self.input.fitted.own.composed.origin;
        let current = if own { self.input.current } else { self.input.keyzone };
        let ttl = step.now.first().and_then(|r| current.map_or(Some(r.ttl), |c| c.ttl_of(r)));
        let text = match ttl {
            Some(ttl) => say!(en: "add it again: TTL {ttl}, {row}", ja: "もう一度追加します: TTL {ttl}、{row}"),
            None => {
                say!(en: "add it again, with the TTL that the form shows now: {row}", ja: "もう一度追加します（TTL は、いま画面に出ている値）: {row}")
            }
        };
        blocks.push(Block::Line { label: say!(en: "to take it back", ja: "元に戻す"), text });
    }

    /// A sender may send from here on.
    pub(super) fn start(&self, step: &Step<'_>, selectors: &[String], new: bool, blocks: &mut Vec<Block>) {
        let who = self.who(step.party);
        let text = if new {
            say!(en: "no mail goes out through {who} before this card", ja: "このカードより前に、{who}からメールを送らないでください"; who = who)
        } else {
            say!(en: "up to this card {who} signs as it did", ja: "{who}の署名の設定は、このカードまで変えません"; who = who)
        };
        blocks.push(Block::Line { label: Text::default(), text });
        if !selectors.is_empty() {
            let list = selectors.join(", ");
            blocks.push(Block::Line {
                label: say!(en: "switch on", ja: "入れるスイッチ"),
                text: say!(en: "DKIM in {who}'s panel, selector {list}", ja: "{who}の画面で DKIM（セレクタ {list}）を有効にします"; who = who),
            });
        }
        blocks.push(Block::Tick { key: "started".to_owned(), text: say!(en: "done, and a test mail came with DKIM or SPF PASS", ja: "切り替えて、テストメールの DKIM か SPF が PASS になった") });
        let back = if new {
            say!(en: "send nothing through {who} until it is right", ja: "直るまで{who}から送らないでおきます"; who = who)
        } else {
            say!(en: "set signing back to what it was; an old key is still there", ja: "署名の設定を前のとおりに戻します（古い鍵があれば、まだ残っています）")
        };
        blocks.push(Block::Line { label: say!(en: "to take it back", ja: "元に戻す"), text: back });
    }

    /// A row as it is elsewhere, entered here.
    pub(super) fn enter_as_it_is(&self, step: &Step<'_>, blocks: &mut Vec<Block>) {
        blocks.extend(self.menu(step));
        for record in &step.then {
            boxes(step.zone, record, &Intent::ByHand, blocks);
            blocks.extend(taken_ttl(self.input.current, record).map(Block::Warning));
        }
        blocks.push(self.refused_text());
        entered(step.zone, blocks);
        blocks.push(Block::Line {
            label: say!(en: "to take it back", ja: "元に戻す"),
            text: say!(en: "nothing needs it until the name servers change", ja: "ネームサーバーを変えるまでは、どこにも影響しません"),
        });
    }
}

/// What is done somewhere else than in a list of rows: its title.
pub(super) fn outside_title(step: &Step<'_>, what: &Outside) -> Text {
    let name = plain(&step.name);
    match what {
        Outside::RemoveDs => {
            say!(en: "{name}: take the DS away where the domain is registered", ja: "{name}: ドメインの登録会社で DS を外します")
        }
        Outside::SwitchServers { .. } => {
            say!(en: "{name}: change the name servers where the domain is registered", ja: "{name}: ドメインの登録会社でネームサーバーを変えます")
        }
        Outside::Sign => {
            say!(en: "{name}: sign the zone again and enter the new DS, if it was signed", ja: "{name}: 署名（DNSSEC）していたなら、新しい会社で署名し直し、DS を登録します")
        }
        Outside::CloseOld => {
            say!(en: "{name}: give up the zone at the old company", ja: "{name}: 古い会社のゾーンを消します")
        }
    }
}

/// What is done somewhere else: what to do, how to see it, the way back.
pub(super) fn outside(step: &Step<'_>, what: &Outside, blocks: &mut Vec<Block>) {
    let name = plain(&step.name);
    let (text, look, back) = match what {
        Outside::RemoveDs => (
            say!(en: "if the look-up below shows no DS, there is nothing to do. A DS that fits no key of the new servers makes the whole domain fail", ja: "下の問い合わせで DS が出なければ、することはありません。新しいサーバーの鍵に合わない DS が残ると、ドメイン全体が引けなくなります"),
            Some(("DS", say!(en: "no DS appears", ja: "DS が出ません"))),
            say!(en: "enter the DS again, as long as the old servers answer", ja: "古いサーバーが答えている間は、DS を登録し直します"),
        ),
        Outside::SwitchServers { to } => {
            let list: Vec<String> = to.iter().map(plain).collect();
            let list = list.join(", ");
            let text = if to.is_empty() {
                say!(en: "enter the name servers that the new company shows. Leave the old zone as it is: it goes on answering for days", ja: "新しい会社の画面に出ているネームサーバーを入れます。古いゾーンは数日間答え続けるので、そのままにします")
            } else {
                say!(en: "enter these: {list}. Leave the old zone as it is: it goes on answering for days", ja: "次を入れます: {list}。古いゾーンは数日間答え続けるので、そのままにします")
            };
            let rows: Vec<String> = step.now.iter().map(|r| r.rdata.present(r.rtype)).collect();
            let rows = rows.join(", ");
            (
                text,
                Some(("NS", say!(en: "the new name servers", ja: "新しいネームサーバー"))),
                say!(en: "the old name servers again: {rows}", ja: "古いネームサーバーに戻します: {rows}"),
            )
        }
        Outside::Sign => (
            say!(en: "not before the new name servers are seen everywhere", ja: "新しいネームサーバーが行きわたってから行います"),
            Some(("DS", say!(en: "the new DS", ja: "新しい DS"))),
            say!(en: "take the DS away again", ja: "DS を外します"),
        ),
        Outside::CloseOld => (
            say!(en: "nobody asks the old servers any more", ja: "古いサーバーに問い合わせる人は、もういません"),
            None,
            say!(en: "none is needed: keep a copy of the zone", ja: "ゾーンの控えを残しておきます"),
        ),
    };
    blocks.push(Block::Line { label: Text::default(), text });
    blocks.push(Block::Tick { key: "done".to_owned(), text: say!(en: "done", ja: "済んだ") });
    if let Some((rtype, expect)) = look {
        blocks.extend(command(rtype, &name, expect));
    }
    blocks.push(Block::Line { label: say!(en: "to take it back", ja: "元に戻す"), text: back });
}
