//! Steps as cards: which words, which boxes, what to look at afterwards, how to take it back.

use sha2::{Digest as _, Sha256};

use crate::catalogue::registrar::QuirkAt;
use crate::compose::{DkimState, Intent, Member, Origin};
use crate::fit::ruler::ruler;
use crate::fit::{BoxKind, Entry, FittedZone, Outcome, Standing, Strength, WayKind, entries, longest_value};
use crate::mail::spf;
use crate::plan::{Action, Phase, Step, is_all, steps};
use crate::report::{Text, join};
use crate::say;
use crate::zone::{Name, Record, Rtype};

use super::model::{Block, Card, Risk, Sheet, Task};
use super::words;
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
        // What is still to be found or decided is not for whoever only types.
        .filter(|s| !input.client || !matches!(task(s), Task::Find | Task::Decide))
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
        cards.push(card);
    }
    cards.extend(desk.policy_file());
    if let Some(whole) = desk.whole_zone() {
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

fn plain(name: &Name) -> String {
    name.display_without_dot().to_string()
}

fn leads_into_keyzone(step: &Step<'_>) -> bool {
    let instead = step.wanted.as_ref().and_then(|(_, record, _)| record.instead_of);
    let way = instead.and_then(|at| step.zone.substitutions.get(at)).map(|s| s.kind);
    matches!(way, Some(WayKind::Keyzone | WayKind::KeyzoneTxt))
}

/// Writes cards.
struct Desk<'a, 'i> {
    input: &'i Input<'a>,
    /// A key is not there yet, or a way is not chosen.
    open: bool,
}

impl Desk<'_, '_> {
    fn who(&self, party: usize) -> Text {
        self.input.fitted.composed.parties.get(party).map(|p| p.name.clone()).unwrap_or_default()
    }

    fn panel(zone: &FittedZone<'_>) -> Text {
        match zone.registrar {
            Some(r) => r.name.clone(),
            None => say!(en: "the company in whose panel the DNS is edited", ja: "DNSを編集する会社"),
        }
    }

    fn head(&self, done: &[&Step<'_>], kept: usize) -> Vec<(Text, Text)> {
        let mut panels: Vec<Text> = Vec::new();
        let own = &self.input.fitted.own;
        let own = Some(own).filter(|_| done.is_empty());
        for zone in done.iter().map(|s| s.zone).chain(own) {
            let (panel, zone) = (Self::panel(zone), plain(&zone.composed.origin));
            let text = say!(en: "{panel} ({zone})", ja: "{panel}（{zone}）"; panel = panel);
            if !panels.contains(&text) {
                panels.push(text);
            }
        }
        let count = |wanted: Task| done.iter().filter(|s| task(s) == wanted).count();
        let (add, edit, switch) = (count(Task::Add), count(Task::Edit), count(Task::Switch));
        let open = count(Task::Find) + count(Task::Decide);
        let minutes = 5 + 4 * done.len();
        let mut head = vec![
            (say!(en: "Panels", ja: "作業する画面"), join(&panels)),
            (
                say!(en: "To do", ja: "今回の作業"),
                say!(en: "add {add}, edit {edit}, switch {switch}, remove 0, leave {kept}", ja: "追加 {add} ／ 書き換え {edit} ／ スイッチ {switch} ／ 削除 0 ／ 触らない {kept}"),
            ),
        ];
        if open > 0 {
            head.push((
                say!(en: "Open", ja: "まだ入力できないもの"),
                say!(en: "{open} (a value or a decision is missing)", ja: "{open} 件（値か、決めることが足りません）"),
            ));
        }
        head.push((say!(en: "Time", ja: "所要"), say!(en: "about {minutes} minutes", ja: "およそ {minutes} 分")));
        if self.input.client {
            head.insert(0, (
                say!(en: "To whoever holds the login", ja: "ログインをお持ちの方へ"),
                say!(en: "please set the DNS records below. They let receivers see that the mail is really ours", ja: "下の DNS レコードの設定をお願いいたします。メールが本物であることを、受信側が確かめられるようにするためのものです"),
            ));
        }
        head
    }

    /// What is done before anything else: a way back, and whether this panel is served at all.
    fn before(&self, steps: &[Step<'_>]) -> Card {
        let mut blocks = vec![Block::Tick {
            key: "screenshot".to_owned(),
            text: say!(en: "take screenshots of all rows as they are (the way back)", ja: "いまの画面を全部スクリーンショットに撮ります（元に戻すときに使います）"),
        }];
        let mut seen: Vec<&Name> = Vec::new();
        let own = &self.input.fitted.own;
        for zone in steps.iter().map(|s| s.zone).chain(std::iter::once(own)) {
            if seen.contains(&&zone.composed.origin) {
                continue;
            }
            seen.push(&zone.composed.origin);
            let (domain, panel) = (plain(&zone.composed.origin), Self::panel(zone));
            blocks.push(Block::Command {
                label: say!(en: "look who answers for {domain}", ja: "{domain} のネームサーバーを確かめます。次を実行します"),
                command: format!("nslookup -type=NS {domain}"),
                expect: expected_servers(zone),
            });
            blocks.push(Block::Warning(say!(
                en: "if another company's name servers appear, stop here: what is saved at {panel} is not served now",
                ja: "ちがう会社の名前が出たら、ここで止めてください。{panel}の画面は今は使われていません"; panel = panel
            )));
            blocks.push(Block::Tick { key: format!("name-servers-{domain}"), text: say!(en: "the name servers of {domain} are those of {panel}", ja: "{domain} のネームサーバーは{panel}のものだった"; panel = panel) });
            blocks.extend(self.limits(zone));
            blocks.extend(traps(zone, |at| at == QuirkAt::Start));
            blocks.extend(self.import(zone, steps));
        }
        Card {
            key: "before".to_owned(),
            task: Task::Before,
            number: None,
            title: say!(en: "Before you begin", ja: "はじめる前に"),
            panel: None,
            risk: None,
            blocks,
        }
    }

    /// That the zone can be handed in as a file: only where all of it is known and nothing of it is changed, as an import adds.
    fn import(&self, zone: &FittedZone<'_>, steps: &[Step<'_>]) -> Vec<Block> {
        let own = zone.composed.origin == self.input.fitted.own.composed.origin;
        let whole = own && self.input.current.is_some_and(|c| c.complete);
        let adds = |s: &Step<'_>| match &s.action {
            Action::Keep => true,
            Action::Add { beside } => beside.is_empty() && s.in_the_way.is_empty(),
            _ => false,
        };
        let only_adds = steps.iter().filter(|s| std::ptr::eq(s.zone, zone)).all(adds);
        let alone = self.input.fitted.keyzone.is_none() && self.input.fitted.subzones.is_empty();
        let path = zone.registrar.and_then(|r| r.form.zone_import.as_ref()).filter(|_| whole && only_adds && alone);
        let Some(path) = path else { return Vec::new() };
        let format = if zone.registrar.is_some_and(|r| r.id == "cloudflare") { "cloudflare" } else { "zone" };
        let mut blocks = vec![Block::Line {
            label: say!(en: "or hand in a file", ja: "ファイルで取り込むなら"),
            text: say!(en: "{path} (the text: zoneplan build --format {format}; rows that are there already are left out by hand)", ja: "{path}（中身は zoneplan build --format {format} で出ます。すでにある行は除きます）"),
        }];
        blocks.extend(traps(zone, |at| at == QuirkAt::ZoneImport));
        blocks
    }

    /// Where the limits come from, if they are no company's own words.
    fn limits(&self, zone: &FittedZone<'_>) -> Option<Block> {
        if self.input.client {
            return None;
        }
        let (_, limit) = longest_value(&zone.limits, Rtype::TXT)?;
        let source = match &limit.origin {
            crate::catalogue::limits::LimitOrigin::Site(span) => {
                let (line, _) = self.input.sources.line_column(span.file, span.start);
                let file = self.input.sources.name(span.file);
                say!(en: "your own statement ({file}, line {line})", ja: "あなたの申告（{file} {line} 行目）")
            }
            crate::catalogue::limits::LimitOrigin::Catalogue(_) => {
                let fiction = zone.registrar.filter(|r| r.kind == "fictional").and_then(|r| r.about.clone());
                fiction.unwrap_or_else(|| limit.source())
            }
        };
        let text = match limit.strength() {
            Strength::Known => {
                say!(en: "the limits of lengths come from: {source}", ja: "長さの上限の根拠: {source}"; source = source)
            }
            Strength::Weak => {
                say!(en: "the limits of lengths are not confirmed: {source}", ja: "長さの上限は未確認です: {source}"; source = source)
            }
        };
        Some(Block::Line { label: Text::default(), text })
    }

    /// Where it is not known how long a value may be, the form itself is asked first, with a text that counts itself.
    fn measure(&self, steps: &[Step<'_>]) -> Option<Card> {
        let unsure = |step: &&Step<'_>| {
            let open = |(_, record, wanted): &(_, &crate::fit::FittedRecord, Record)| {
                record.outcome == Outcome::Unverified && wanted.rtype.is_text()
            };
            step.wanted.as_ref().is_some_and(open)
        };
        let octets = |step: &Step<'_>| step.wanted.as_ref().map_or(0, |(_, _, r)| r.rdata.txt_joined().len());
        let step = steps.iter().filter(unsure).max_by_key(|s| octets(s))?;
        let (zone, length) = (step.zone, octets(step));
        let text = ruler(length.next_multiple_of(10));
        let name = zone.composed.origin.child("zoneplan-test").ok()?;
        let record =
            Record { name, rtype: Rtype::TXT, ttl: 3600, rdata: crate::zone::Rdata::txt(text.as_bytes()).ok()? };
        let (panel, form) = (Self::panel(zone), Self::panel(zone));
        let mut blocks = vec![Block::Line {
            label: say!(en: "why", ja: "なぜ"),
            text: say!(en: "the longest value here is {length} bytes, and it is not known for sure how much {form}'s form takes", ja: "いちばん長い値は {length} バイトですが、{form}の画面に何バイトまで入るかは未確認です"; form = form),
        }];
        blocks.extend(self.menu(step));
        blocks.extend(traps_of(zone, &record, &Intent::ByHand));
        for entry in entries(zone.registrar, &zone.limits, &zone.composed.origin, &record) {
            blocks.push(block_of(Entry { doubt: None, ..entry }, Vec::new()));
        }
        blocks.extend(traps(zone, |at| at == QuirkAt::Save));
        for text in [
            say!(en: "refused: note the message and the number in it, and tell whoever made this sheet; don't go on", ja: "断られたら: 画面の文言とその中の数字を控え、この手順書を作った人に伝えます。先へは進みません"),
            say!(en: "saved and cut: the last number that is left is the limit; don't go on", ja: "保存できても途中で切れていたら: 残っている最後の数字が上限です。先へは進みません"),
            say!(en: "saved whole: go on", ja: "全部そのまま保存できたら: 次へ進みます"),
        ] {
            blocks.push(Block::Line { label: Text::default(), text });
        }
        blocks.push(Block::Tick {
            key: "measured".to_owned(),
            text: say!(en: "measured, and the test row removed", ja: "確かめて、zoneplan-test の行を消した"),
        });
        Some(Card {
            key: "measure".to_owned(),
            task: Task::Before,
            number: None,
            title: say!(en: "Measure the form", ja: "画面に何バイトまで入るかを測ります"),
            panel: Some(panel),
            risk: Some(Risk::Low),
            blocks,
        })
    }

    fn card(&self, step: &Step<'_>) -> Card {
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
            panel: Some(Self::panel(step.zone)),
            risk: risk(step),
            blocks,
        }
    }

    /// What the record is, in a few words.
    fn what(&self, step: &Step<'_>) -> Text {
        let (who, rtype, name) = (self.who(step.party), step.rtype, plain(&step.name));
        let intent = step.wanted.as_ref().map(|(member, ..)| &member.intent);
        match intent {
            Some(Intent::DkimKey { .. } | Intent::DkimCname { .. }) | None => {
                say!(en: "{who}'s DKIM", ja: "{who}の DKIM"; who = who)
            }
            Some(Intent::Spf { .. }) => say!(en: "SPF of {name}", ja: "{name} の SPF"),
            Some(Intent::Dmarc) => say!(en: "DMARC", ja: "DMARC"),
            Some(Intent::MtaSts) => say!(en: "MTA-STS", ja: "MTA-STS"),
            Some(Intent::TlsRpt) => say!(en: "TLS-RPT", ja: "TLS-RPT"),
            Some(Intent::Bimi) => say!(en: "BIMI", ja: "BIMI"),
            Some(_) if step.party == 0 => say!(en: "{rtype} of {name}", ja: "{name} の {rtype}"),
            Some(_) => say!(en: "{who}: {rtype} of {name}", ja: "{who}: {name} の {rtype}"; who = who),
        }
    }

    fn title(&self, step: &Step<'_>) -> Text {
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

    fn menu(&self, step: &Step<'_>) -> Option<Block> {
        let path = step.zone.registrar.and_then(|r| r.form.menu_path.clone()).filter(|_| !self.input.client)?;
        Some(Block::Line { label: say!(en: "open", ja: "開く画面"), text: Text::same(path) })
    }

    /// The boxes of a step's record, and what to do if the form refuses.
    fn enter(&self, step: &Step<'_>, blocks: &mut Vec<Block>) {
        let Some((member, _, record)) = &step.wanted else { return };
        blocks.extend(self.copy(step));
        boxes(step.zone, record, &member.intent, blocks);
        blocks.push(self.refused_text());
    }

    fn refused_text(&self) -> Block {
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
    fn copy(&self, step: &Step<'_>) -> Vec<Block> {
        let Some((member, record, wanted)) = &step.wanted else { return Vec::new() };
        let instead = record.instead_of.and_then(|at| step.zone.substitutions.get(at));
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

    fn why(&self, step: &Step<'_>) -> Option<Block> {
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

    fn add(&self, step: &Step<'_>, beside: &[String], blocks: &mut Vec<Block>) {
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

    /// A policy that acts waits until what it judges is there.
    fn waits(&self, step: &Step<'_>, blocks: &mut Vec<Block>) {
        if step.phase == Phase::Policy && self.open && acts(step) {
            blocks.push(Block::Warning(say!(
                en: "not yet: a key or a decision above is still open, and with this policy the mail concerned is refused. Finish those cards first",
                ja: "まだ入力しません。上のカードに、まだない鍵か、決めていないことが残っています。この設定では、そのメールが届かなくなります。先にそちらを終えてください"
            )));
        }
    }

    /// What every card of a record begins with: why, and where.
    fn opening(&self, step: &Step<'_>, blocks: &mut Vec<Block>) {
        blocks.extend(self.why(step));
        blocks.extend(self.menu(step));
    }

    fn replace(&self, step: &Step<'_>, now: Option<&str>, blocks: &mut Vec<Block>) {
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

    fn edit_spf(&self, step: &Step<'_>, now: &[String], blocks: &mut Vec<Block>) {
        let Some((member, _, record)) = &step.wanted else { return };
        let host = host_words(step.zone, record);
        self.opening(step, blocks);
        blocks.push(Block::Line {
            label: say!(en: "find", ja: "探す"),
            text: say!(en: "type TXT, host {host}, content that begins with v=spf1. There must be exactly one such row", ja: "種別 TXT、ホスト名 {host}、内容が v=spf1 で始まる行。必ず 1 行だけです"; host = host),
        });
        let two = say!(
            en: "if there are two, stop and enter nothing: with two of them SPF is void (RFC 7208 §4.5)",
            ja: "2 行あったら、入力せずに止めてください（2 行あると SPF は全部無効になります）"
        );
        match now {
            [] => {
                blocks.push(Block::Warning(two));
                self.spf_unknown(step, member, record, blocks);
            }
            [now] => {
                blocks.push(Block::Warning(two));
                self.spf_known(step, member, record, now, blocks);
            }
            rows => {
                let n = rows.len();
                for row in rows {
                    blocks.push(Block::Value { label: say!(en: "now", ja: "いま"), content: row.clone() });
                }
                blocks.push(Block::Warning(say!(
                    en: "there are {n} such rows now, so SPF is void. Enter nothing: first decide what of them is needed, put it into one [[record]], and make this sheet again",
                    ja: "いま v=spf1 の行が {n} つあり、SPF が無効になっています。まだ何も入力しません。必要な内容を 1 つの [[record]] にまとめて、手順書を作り直します"
                )));
            }
        }
    }

    /// The companies that want a term.
    fn company(&self, member: &Member, term: &str) -> Text {
        let Intent::Spf { terms, .. } = &member.intent else { return Text::default() };
        let origins = terms.iter().find(|(t, _)| t == term).map(|(_, o)| o.as_slice()).unwrap_or_default();
        let names: Vec<Text> = origins.iter().filter(|o| o.party != 0).map(|o| self.who(o.party)).collect();
        join(&names)
    }

    /// The row is known: from now to then.
    fn spf_known(&self, step: &Step<'_>, member: &Member, record: &Record, now: &str, blocks: &mut Vec<Block>) {
        let text = String::from_utf8_lossy(&record.rdata.txt_joined()).into_owned();
        let (before, after) = (now.len(), text.len());
        blocks.push(Block::Value {
            label: say!(en: "now ({before} bytes)", ja: "いま（{before} バイト）"),
            content: now.to_owned(),
        });
        self.enter(step, blocks);
        let change = spf::change(now, &text, &plain(&record.name));
        for raw in &change.added {
            let who = self.company(member, raw);
            blocks.push(Block::Line {
                label: say!(en: "added", ja: "足す語"),
                text: say!(en: "{raw}   {who}", ja: "{raw}   {who}"; who = who),
            });
        }
        // A name that sends nothing gives everything up on purpose.
        let silent = matches!(member.intent, Intent::NoMail);
        if let Some((old, new)) = change.all.as_ref().filter(|_| !silent) {
            blocks.push(Block::Warning(say!(
                en: "{old} becomes {new}. If {old} is to stay, write [spf] all = \"{old}\" and make this sheet again",
                ja: "{old} が {new} に変わります。{old} のままにするなら [spf] all = \"{old}\" と書いて、手順書を作り直します"
            )));
        }
        for term in change.gone.iter().filter(|_| !silent) {
            blocks.push(Block::Warning(say!(
                en: "{term} is there now and is gone afterwards. If it is still needed, stop: it goes into [spf] extra, and this sheet is made again",
                ja: "いまある {term} は、あとの値にありません。まだ必要なら、入力せずに止めてください（[spf] extra に書いて、手順書を作り直します）"
            )));
        }
        self.spf_bill(step, &spf::Record::parse(text.as_bytes()), after, blocks);
        closing(step, say!(en: "enter the value under “now” again", ja: "「いま」の値を貼り付けて保存します"), blocks);
    }

    /// The row is not known, so no whole value may stand here for it: only what to put in, and a whole row for where there is none.
    fn spf_unknown(&self, step: &Step<'_>, member: &Member, record: &Record, blocks: &mut Vec<Block>) {
        let maker = step.zone.composed.switched.iter().find(|s| s.part == "spf" && s.name == record.name);
        let terms = match &member.intent {
            Intent::Spf { terms, .. } => terms.as_slice(),
            _ => &[],
        };
        // What the panel put in by itself is not put in again.
        let theirs = |origins: &[Origin]| maker.is_some_and(|m| origins.iter().all(|o| o.party == m.origin.party));
        for (term, _) in terms.iter().filter(|(t, o)| !is_all(t) && !theirs(o)) {
            let who = self.company(member, term);
            blocks.push(Block::Entry {
                label: say!(en: "put in before the closing all", ja: "最後の all の前に足す部分"),
                content: term.clone(),
                short: false,
                notes: if who.is_empty() { Vec::new() } else { vec![who] },
            });
        }
        blocks.push(Block::Line {
            label: Text::default(),
            text: say!(en: "what is in the row already stays as it is, in its order; a term that is there is not put in again", ja: "すでにある内容は、順番もそのまま残します。もう入っている語は足しません"),
        });
        if maker.is_none() {
            blocks.push(Block::Warning(say!(
                en: "only if there is no row that begins with v=spf1 at all, add one with the boxes below",
                ja: "v=spf1 で始まる行が 1 つもないときだけ、下の内容で新しく追加します"
            )));
            boxes(step.zone, record, &member.intent, blocks);
        }
        blocks.push(self.refused_text());
        entered(step.zone, blocks);
        let name = plain(&record.name);
        blocks.extend(command(
            "TXT",
            &name,
            say!(en: "exactly one row that begins with v=spf1, with the new terms in it", ja: "v=spf1 の行が 1 つだけで、足した語が入っています"),
        ));
        blocks.extend(traps(step.zone, |at| at == QuirkAt::Check));
        blocks.push(Block::Line {
            label: say!(en: "to take it back", ja: "元に戻す"),
            text: say!(en: "the row of the screenshot", ja: "スクリーンショットの内容に戻します"),
        });
    }

    /// What is left of the look-ups and of the form's bytes.
    fn spf_bill(&self, step: &Step<'_>, record: &spf::Record, octets: usize, blocks: &mut Vec<Block>) {
        let count = spf::lookup_terms(record);
        blocks.push(Block::Line {
            label: say!(en: "look-ups", ja: "DNS 照会の回数"),
            text: say!(en: "{count} in this row, and those inside its includes (not looked up); 10 are allowed", ja: "この行だけで {count} 回 ＋ include の中（未照会）。上限 10 回"),
        });
        if let Some(left) =
            longest_value(&step.zone.limits, Rtype::TXT).and_then(|(max, _)| max.checked_sub(octets as u64))
        {
            blocks.push(Block::Line {
                label: say!(en: "left", ja: "残り"),
                text: say!(en: "{left} bytes for the next service", ja: "{left} バイト（次の利用サービスのぶん）"),
            });
        }
    }

    fn switch(&self, step: &Step<'_>, made: &[&crate::compose::Switched], blocks: &mut Vec<Block>) {
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

    fn find(&self, step: &Step<'_>, find: &Text, blocks: &mut Vec<Block>) {
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

    fn decide(&self, step: &Step<'_>, blocks: &mut Vec<Block>) {
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

    fn alias(&self, step: &Step<'_>, word: &str, target: &Name, blocks: &mut Vec<Block>) {
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

    /// The MTA-STS policy is a file on a web server; the record only says that there is one.
    fn policy_file(&self) -> Option<Card> {
        let zone = &self.input.fitted.own;
        let text = zone.composed.mta_sts_policy.as_ref()?;
        let domain = plain(&zone.composed.origin);
        let blocks = vec![
            Block::Line {
                label: say!(en: "where", ja: "置き場所"),
                text: Text::same(format!("https://mta-sts.{domain}/.well-known/mta-sts.txt")),
            },
            Block::Entry {
                label: say!(en: "the file's text", ja: "ファイルの内容"),
                content: text.clone(),
                short: false,
                notes: Vec::new(),
            },
            Block::Warning(say!(
                en: "the file has to be served with a valid certificate before the record of MTA-STS is entered",
                ja: "MTA-STS のレコードを入れる前に、このファイルを、有効な証明書のある https で公開しておきます"
            )),
            Block::Tick { key: "served".to_owned(), text: say!(en: "it is served", ja: "公開した") },
        ];
        Some(Card {
            key: format!("mta-sts-{}", digest(text)),
            task: Task::Before,
            number: None,
            title: say!(en: "The MTA-STS policy file", ja: "MTA-STS のポリシーのファイル"),
            panel: None,
            risk: Some(Risk::Low),
            blocks,
        })
    }

    /// What is there and stays.
    fn kept(&self, kept: &[&Step<'_>]) -> Card {
        let mut blocks = vec![Block::Line {
            label: Text::default(),
            text: match self.input.current {
                Some(_) => {
                    say!(en: "these rows are there and right. Don't touch them", ja: "次の行は、もう正しく入っています。触らないでください")
                }
                None => {
                    say!(en: "these rows stand in site.toml as they were found. See that they are there; don't change them", ja: "次の行は、いまある行として site.toml に書かれています。画面にあることだけ確かめ、変えないでください")
                }
            },
        }];
        for step in kept {
            let Some((_, _, record)) = &step.wanted else { continue };
            let host = record.name.relative_to(&step.zone.composed.origin).unwrap_or_default();
            let (rtype, value) = (record.rtype, record.rdata.present(record.rtype));
            blocks.push(Block::Value { label: Text::same(format!("{host}  {rtype}")), content: value });
        }
        Card {
            key: "kept".to_owned(),
            task: Task::Keep,
            number: None,
            title: say!(en: "Left as it is", ja: "触らない行"),
            panel: None,
            risk: None,
            blocks,
        }
    }

    /// Two test mails say more than any look-up: one from each sender that signs.
    fn confirm(&self, number: usize) -> Option<Card> {
        let declared = &self.input.fitted.composed.declared;
        let signing =
            declared.senders.iter().filter(|s| s.sends && s.dkim != DkimState::Unknown && !s.dkim_owners.is_empty());
        let mut blocks = Vec::new();
        for sender in signing.filter(|s| s.dkim_owners.iter().all(|o| self.is_entered(o))) {
            let (who, from) = (self.who(sender.party), plain(&sender.from));
            let selectors: Vec<String> = sender.dkim_owners.iter().filter_map(selector).collect();
            let list = selectors.join(", ");
            let text = if self.has_dmarc() {
                say!(en: "a mail to a Gmail address: DKIM PASS with s={list} and d={from}, SPF PASS, DMARC PASS", ja: "Gmail あてに 1 通送ります。DKIM が PASS（s={list}、d={from}）、SPF が PASS、DMARC が PASS になれば完了です")
            } else {
                say!(en: "a mail to a Gmail address: DKIM PASS with s={list} and d={from}, SPF PASS", ja: "Gmail あてに 1 通送ります。DKIM が PASS（s={list}、d={from}）、SPF が PASS になれば完了です")
            };
            blocks.push(Block::Line { label: who.clone(), text });
            blocks.push(Block::Tick {
                key: format!("mail-{}-{list}", sender.party),
                text: say!(en: "{who}: seen", ja: "{who}: 確かめた"; who = who),
            });
        }
        if blocks.is_empty() {
            return None;
        }
        blocks.insert(0, Block::Line {
            label: say!(en: "how", ja: "見かた"),
            text: say!(en: "in Gmail on a computer: the three dots of the mail, “Show original”", ja: "パソコンの Gmail で、メール右上の「︙」→「メッセージのソースを表示」"),
        });
        if declared.jp_mobile {
            blocks.push(Block::Line {
                label: Text::default(),
                text: say!(en: "the apps of docomo, au and SoftBank show no source; what counts is what Gmail shows", ja: "docomo・au・SoftBank のアプリではソースを見られません。Gmail で確かめます"),
            });
        }
        Some(Card {
            key: "confirm".to_owned(),
            task: Task::Confirm,
            number: Some(number),
            title: say!(en: "One test mail from each service", ja: "利用サービスごとに 1 通、テストメールを送ります"),
            panel: None,
            risk: None,
            blocks,
        })
    }

    /// Whether a key stands in a zone as the form takes it, or a switch makes it.
    fn is_entered(&self, owner: &Name) -> bool {
        self.input.fitted.zones().any(|zone| {
            let typed = zone.records.iter().any(|r| {
                let set = zone.composed.rrsets.get(r.set).filter(|s| s.name == *owner);
                set.is_some() && !matches!(r.outcome, Outcome::Refused | Outcome::Damaged)
            });
            typed || zone.composed.switched.iter().any(|s| s.name == *owner)
        })
    }

    fn has_dmarc(&self) -> bool {
        let sets = self.input.fitted.zones().flat_map(|z| &z.composed.rrsets).filter(|s| s.rtype == Rtype::TXT);
        let yes = crate::mail::dmarc::Recognised::Yes;
        let switched = self.input.fitted.zones().flat_map(|z| &z.composed.switched).any(|s| s.part == "dmarc");
        switched || sets.flat_map(|s| &s.members).any(|m| crate::mail::dmarc::recognise(&m.rdata.txt_joined()) == yes)
    }

    /// The text of the whole zone, where the form is one, and only if all of it is known: a line that is missing is a deletion.
    fn whole_zone(&self) -> Option<Card> {
        let zone = &self.input.fitted.own;
        let form = zone.registrar.and_then(|r| r.form.whole_zone_text.as_ref());
        let current = self.input.current.filter(|c| c.complete);
        let (_, current) = (form?, current?);
        let steps = steps(self.input.site, self.input.fitted, Some(current));
        let own = || steps.iter().filter(|s| s.zone.composed.origin == zone.composed.origin);
        // A text for all of it only where every step is one that needs no decision.
        let plain_step = |s: &Step<'_>| match &s.action {
            Action::Keep => true,
            Action::Add { beside } => beside.is_empty() && s.in_the_way.is_empty(),
            Action::EditSpf { now } => now.len() == 1,
            Action::Replace { now } => now.is_some() && s.rtype.is_text() && s.in_the_way.is_empty(),
            _ => false,
        };
        if !own().all(plain_step) {
            return None;
        }
        let mut records: Vec<Record> = current.records.clone();
        let replaced = |r: &Record| {
            own().any(|s| match (&s.action, &s.wanted) {
                (Action::EditSpf { .. }, Some((_, _, w))) => {
                    r.name == w.name && r.rtype == Rtype::TXT && spf::is_spf(&r.rdata.txt_joined())
                }
                (Action::Replace { now: Some(now) }, Some((_, _, w))) => {
                    r.name == w.name && r.rtype == w.rtype && *now == r.rdata.present(r.rtype)
                }
                _ => false,
            })
        };
        records.retain(|r| r.rtype != Rtype::SOA && !replaced(r));
        let before = current.records.iter().filter(|r| r.rtype != Rtype::SOA).count();
        for step in own().filter(|s| s.action != Action::Keep) {
            if let Some((_, _, record)) = &step.wanted {
                records.push(record.clone());
            }
        }
        let after = records.len();
        let lines: Vec<String> = records
            .iter()
            .filter_map(|r| entries(zone.registrar, &zone.limits, &zone.composed.origin, r).into_iter().next())
            .map(|e| e.content)
            .collect();
        let blocks = vec![
            Block::Warning(
                say!(en: "{before} lines now, {after} afterwards: a line that is missing in the text is deleted", ja: "いま {before} 行 → あと {after} 行です。この欄では、書かれていない行は削除されます"),
            ),
            Block::Entry {
                label: say!(en: "the whole text", ja: "全体の内容"),
                content: lines.join("\n"),
                short: false,
                notes: Vec::new(),
            },
        ];
        Some(Card {
            key: format!("whole-{}", digest(&lines.join("\n"))),
            task: Task::Edit,
            number: None,
            title: say!(en: "Instead of the cards above: the whole text at once", ja: "上のカードのかわりに、全体を貼り替える場合"),
            panel: Some(Self::panel(zone)),
            risk: Some(Risk::High),
            blocks,
        })
    }
}

/// The traps of a zone's panel that stand at such a place, each once.
fn traps(zone: &FittedZone<'_>, at: impl Fn(QuirkAt) -> bool) -> Vec<Block> {
    let quirks = zone.registrar.into_iter().flat_map(|r| &r.quirks);
    quirks.filter(|q| q.at.iter().any(|a| at(*a))).map(|q| Block::Warning(q.text.clone())).collect()
}

/// The traps that concern what is typed for a record.
fn traps_of(zone: &FittedZone<'_>, record: &Record, intent: &Intent) -> Vec<Block> {
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
fn expected_servers(zone: &FittedZone<'_>) -> Text {
    let panel = Desk::panel(zone);
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

fn task(step: &Step<'_>) -> Task {
    match &step.action {
        _ if !step.in_the_way.is_empty() => Task::Decide,
        Action::EditSpf { now } if now.len() > 1 => Task::Decide,
        Action::Add { .. } | Action::Alias { .. } => Task::Add,
        Action::EditSpf { .. } | Action::Replace { .. } => Task::Edit,
        Action::Switch(_) => Task::Switch,
        Action::Find { .. } => Task::Find,
        Action::Decide => Task::Decide,
        Action::Keep => Task::Keep,
    }
}

fn risk(step: &Step<'_>) -> Option<Risk> {
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
        Action::Find { .. } | Action::Decide | Action::Keep => None,
    }
}

/// A name of what is asked: other boxes, other ticks.
fn key(step: &Step<'_>) -> String {
    let content = step.wanted.as_ref().map(|(_, _, r)| r.rdata.present(r.rtype)).unwrap_or_default();
    let (name, rtype) = (plain(&step.name).to_lowercase(), step.rtype);
    format!("{rtype}-{name}-{}", digest(&format!("{:?}{content}", task(step))))
}

fn digest(text: &str) -> String {
    Sha256::digest(text).iter().take(4).map(|octet| format!("{octet:02x}")).collect()
}

/// The selector of a key's name.
fn selector(owner: &Name) -> Option<String> {
    let text = plain(owner);
    let at = text.to_ascii_lowercase().find("._domainkey.")?;
    text.get(..at).map(str::to_owned)
}

/// What the type box gets for a company's stand-in for an apex CNAME: its type's name, or CNAME where that is flattened.
fn alias_type(word: &str) -> String {
    let first = word.split_whitespace().next().unwrap_or_default();
    if matches!(first, "ALIAS" | "ANAME") { first.to_owned() } else { "CNAME".to_owned() }
}

/// Whether a policy makes receivers act: quarantine or reject.
fn acts(step: &Step<'_>) -> bool {
    let text = step.wanted.as_ref().map(|(_, _, r)| r.rdata.txt_joined()).unwrap_or_default();
    let (record, _) = crate::mail::dmarc::parse(&text);
    matches!(record.dmarc.p, Some(crate::mail::dmarc::Policy::Quarantine | crate::mail::dmarc::Policy::Reject))
}

/// What stands in a CNAME's way, with what to do about it.
fn in_the_way(step: &Step<'_>, blocks: &mut Vec<Block>) {
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
        en: "{name} has these rows now; a CNAME can't be saved beside them. Ask what they are for. Only if nothing needs them: remove them, then enter this card at once",
        ja: "{name} にはいま上の行があり、CNAME と一緒には保存できません。何に使われているかを確かめてください。だれも使っていないときだけ、上の行を消して、すぐにこのカードを入力します"
    )));
}

/// How the host is to be found in a list of rows.
fn host_words(zone: &FittedZone<'_>, record: &Record) -> Text {
    if record.name == zone.composed.origin {
        let domain = plain(&record.name);
        say!(en: "empty, @ or {domain}", ja: "空白・@・{domain} のどれか")
    } else {
        Text::same(record.name.relative_to(&zone.composed.origin).unwrap_or_default())
    }
}

/// The boxes of a record, with byte counts.
fn boxes(zone: &FittedZone<'_>, record: &Record, intent: &Intent, blocks: &mut Vec<Block>) {
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

fn block_of(entry: Entry, mut notes: Vec<Text>) -> Block {
    let label = entry.label.map_or_else(|| words::neutral(entry.kind), Text::same);
    notes.extend(entry.doubt);
    let short = !matches!(entry.kind, BoxKind::Host | BoxKind::Value | BoxKind::Line);
    Block::Entry { label, content: entry.content, short, notes }
}

/// What every card of a record ends with: done, how to see it, the way back.
fn closing(step: &Step<'_>, undo: Text, blocks: &mut Vec<Block>) {
    let Some((member, _, record)) = &step.wanted else { return };
    entered(step.zone, blocks);
    blocks.extend(look(record, &member.intent));
    blocks.extend(traps(step.zone, |at| at == QuirkAt::Check));
    blocks.push(Block::Line { label: say!(en: "to take it back", ja: "元に戻す"), text: undo });
}

fn entered(zone: &FittedZone<'_>, blocks: &mut Vec<Block>) {
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

/// How to see a record from outside. A key is looked for as a text, whatever leads to it.
fn look(record: &Record, intent: &Intent) -> Option<Block> {
    let name = plain(&record.name);
    let rtype = if intent.is_dkim() { Rtype::TXT } else { record.rtype };
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
        _ if intent.is_dkim() => say!(en: "a long value with p= in it", ja: "p= を含む長い値が出ます"),
        Rtype::CNAME => {
            let target = record.target().map(|t| plain(&t)).unwrap_or_default();
            say!(en: "it leads to {target}", ja: "{target} につながります")
        }
        _ => say!(en: "the value above", ja: "上と同じ値が出ます"),
    };
    command(&rtype.to_string(), &name, expect)
}

/// The command that looks a name up; none for a name that a shell would not leave alone.
fn command(rtype: &str, name: &str, expect: Text) -> Option<Block> {
    let plain =
        name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_')) && !name.starts_with('-');
    plain.then(|| Block::Command {
        label: say!(en: "to see it, an hour later", ja: "確かめる（1 時間後）"),
        command: format!("nslookup -type={rtype} {name} 8.8.8.8"),
        expect,
    })
}
