//! Steps as cards: which words, which boxes, what to look at afterwards, how to take it back.

use crate::compose::Intent;
use crate::fit::{BoxKind, Entry, Standing, WayKind, entries};
use crate::plan::{Action, Phase, Step, steps};
use crate::report::{Text, join};
use crate::say;
use crate::zone::{Name, Record, Rtype};

use super::model::{Block, Card, Sheet, Task};
use super::parts::*;
use crate::render::Input;

/// The worksheet of a site.
#[must_use]
pub fn sheet(input: &Input<'_>) -> Sheet {
    let steps = steps(input.site, input.fitted, input.current);
    let open = steps
        .iter()
        .any(|s| matches!(s.action, Action::Find { .. }) || (s.action == Action::Decide && s.phase == Phase::Keys));
    let desk = Desk { input, open };
    let mut cards = vec![desk.before(&steps)];
    if !input.client {
        cards.extend(desk.measure(&steps));
    }
    let (kept, done): (Vec<&Step<'_>>, Vec<&Step<'_>>) = steps
        .iter()
        // What is still to be found or decided, and a policy that waits for it, is not for whoever only types.
        .filter(|s| !input.client || !(matches!(task(s), Task::Find | Task::Decide) || desk.is_waiting(s)))
        .partition(|s| s.action == Action::Keep);
    let keyzone = done.iter().take_while(|s| s.phase == Phase::Keyzone).count();
    for (at, step) in done.iter().enumerate() {
        let mut card = desk.card(step);
        card.number = Some(at + 1);
        if keyzone > 0 && leads_into_keyzone(step) {
            let list = if keyzone == 1 {
                say!(en: "card 1", ja: "カード 1")
            } else {
                say!(en: "cards 1 to {keyzone}", ja: "カード 1〜{keyzone}")
            };
            card.blocks.insert(0, Block::Line {
                label: say!(en: "first", ja: "先に済ませる"),
                text: say!(en: "{list} (the keyzone). The other way round mail does not stop, but nothing can be checked", ja: "{list}（鍵の置き場）。逆順でもメールは止まりませんが、確認ができません"; list = list),
            });
        }
        // The record says that the policy is there, so the policy is there first.
        if step.rtype == Rtype::TXT && step.name.first_label().is_some_and(|l| l.eq_ignore_ascii_case(b"_mta-sts")) {
            cards.extend(desk.policy_file());
        }
        cards.push(card);
    }
    if let Some(whole) = desk.whole_zone(&steps) {
        cards.push(whole);
    }
    if !kept.is_empty() {
        cards.push(desk.kept(&kept));
    }
    cards.extend(desk.confirm(done.len() + 1));
    let domain = input.site.domain_unicode.clone().unwrap_or_else(|| plain(&input.site.domain.value));
    let title = if input.client {
        say!(en: "{domain}: a request for DNS records", ja: "{domain} の DNS 設定のお願い")
    } else {
        say!(en: "{domain}: setting up mail authentication, step by step", ja: "{domain} メール認証の設定手順書")
    };
    Sheet { head: desk.head(&done, kept.len()), domain, title, cards }
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
            Action::Keep => {}
        }
        Card {
            key: key(step),
            task: task(step),
            number: None,
            title: self.title(step),
            panel: Some(panel(step.zone)),
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
        let mut out = vec![Block::Warning(say!(
            en: "this is a copy of {who}'s key. If {who} changes the key, mail fails until the copy is made again. Copied on ____; compare it again on ____ (every 3 months)",
            ja: "これは{who}の鍵の写しです。{who}が鍵を替えると、写し直すまでメールの署名が失敗します。写した日 ＿＿＿＿ ／ 次に見比べる日 ＿＿＿＿（3 か月ごと）"; who = who
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
        if self.input.current.is_none() && step.phase != Phase::Keyzone {
            blocks.push(Block::Line {
                label: say!(en: "look first", ja: "先に見る"),
                text: say!(
                    en: "is there a row with this host and type already? Then add nothing and say so to whoever made this sheet",
                    ja: "同じホスト名・同じ種別の行がもうないか、一覧を見ます。あれば足さずに、手順書を作った人に伝えてください"
                ),
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
        match now {
            Some(now) => blocks.push(Block::Value { label: say!(en: "now", ja: "いま"), content: now.to_owned() }),
            None => blocks.push(Block::Warning(say!(
                en: "a switch of the panel makes a row of this kind by itself: change that row, don't add a second one",
                ja: "この行は画面のスイッチで自動で作られます。その行を書き換え、2 つ目は足しません"
            ))),
        }
        if matches!(step.rtype, Rtype::A | Rtype::AAAA | Rtype::MX | Rtype::NS | Rtype::CNAME)
            && step.phase != Phase::Keys
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
}
