//! The cards around the steps: what is done before, what stays, what shows that it works, and texts that are handed in whole.

use crate::catalogue::registrar::QuirkAt;
use crate::compose::{DkimState, Intent};
use crate::fit::ruler::ruler;
use crate::fit::{Entry, FittedRecord, FittedZone, Outcome, Strength, entries, longest_value};
use crate::plan::{Action, Plan, StageKind, Step};
use crate::report::{Text, join};
use crate::say;
use crate::zone::{Name, Record, Rtype};

use super::model::{Block, Card, Risk, Task};

use super::cards::Desk;
use super::parts::*;

impl Desk<'_, '_> {
    pub(super) fn head(&self, done: &[&Step<'_>], kept: usize) -> Vec<(Text, Text)> {
        let mut panels: Vec<Text> = Vec::new();
        let own = &self.input.fitted.own;
        let own = Some(own).filter(|_| done.is_empty());
        for zone in done.iter().map(|s| s.zone).chain(own) {
            let (panel, zone) = (panel(zone), plain(&zone.composed.origin));
            let text = say!(en: "{panel} ({zone})", ja: "{panel}（{zone}）"; panel = panel);
            if !panels.contains(&text) {
                panels.push(text);
            }
        }
        let count = |wanted: Task| done.iter().filter(|s| task(s) == wanted).count();
        let (add, edit, switch) = (count(Task::Add), count(Task::Edit), count(Task::Switch));
        let (open, remove) = (count(Task::Find) + count(Task::Decide), count(Task::Remove));
        let minutes = 5 + 4 * done.len();
        let mut head = vec![
            (say!(en: "Panels", ja: "作業する画面"), join(&panels)),
            (
                say!(en: "To do", ja: "今回の作業"),
                say!(en: "add {add}, edit {edit}, switch {switch}, remove {remove}, leave {kept}", ja: "追加 {add} ／ 書き換え {edit} ／ スイッチ {switch} ／ 削除 {remove} ／ 触らない {kept}"),
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
    pub(super) fn before(&self, steps: &[Step<'_>]) -> Card {
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
            let (domain, panel) = (plain(&zone.composed.origin), panel(zone));
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
    pub(super) fn import(&self, zone: &FittedZone<'_>, steps: &[Step<'_>]) -> Vec<Block> {
        let own = zone.composed.origin == self.input.fitted.own.composed.origin;
        let whole = own && self.input.current.is_some_and(|c| c.is_complete());
        let only_adds = steps.iter().filter(|s| std::ptr::eq(s.zone, zone)).all(Step::only_adds);
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
    pub(super) fn limits(&self, zone: &FittedZone<'_>) -> Option<Block> {
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
    pub(super) fn measure(&self, steps: &[Step<'_>]) -> Option<Card> {
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
        let name = zone.composed.origin.child(crate::fit::ruler::TXT_HOST).ok()?;
        let record =
            Record { name, rtype: Rtype::TXT, ttl: 3600, rdata: crate::zone::Rdata::txt(text.as_bytes()).ok()? };
        let (panel, form) = (panel(zone), panel(zone));
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

    /// The MTA-STS policy is a file on a web server; the record only says that there is one.
    pub(super) fn policy_file(&self) -> Option<Card> {
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
    pub(super) fn kept(&self, kept: &[&Step<'_>]) -> Card {
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
    pub(super) fn confirm(&self, number: usize) -> Option<Card> {
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
    pub(super) fn is_entered(&self, owner: &Name) -> bool {
        self.input.fitted.zones().any(|zone| {
            let taken = |r: &FittedRecord| !matches!(r.outcome, Outcome::Refused | Outcome::Damaged);
            zone.each().any(|(set, _, r)| set.name == *owner && taken(r))
                || zone.composed.switched.iter().any(|s| s.name == *owner)
        })
    }

    pub(super) fn has_dmarc(&self) -> bool {
        let sets = self.input.fitted.zones().flat_map(|z| &z.composed.rrsets).filter(|s| s.rtype == Rtype::TXT);
        let switched = self.input.fitted.zones().flat_map(|z| &z.composed.switched).any(|s| s.part == "dmarc");
        switched || sets.flat_map(|s| &s.members).any(|m| crate::mail::dmarc::is_dmarc(&m.rdata.txt_joined()))
    }

    /// The text of the whole zone, where the form is one, and only if all of it is known: a line that is missing is a deletion.
    pub(super) fn whole_zone(&self, plan: &Plan<'_>) -> Option<Card> {
        let zone = &self.input.fitted.own;
        let form = zone.registrar.and_then(|r| r.form.whole_zone_text.as_ref());
        let current = self.input.current.filter(|c| c.is_complete());
        let (_, current) = (form?, current?);
        // A text for all of it only where nothing has to wait for anything, and every step is one that needs no decision.
        let at_once = |kind: StageKind| {
            matches!(
                kind,
                StageKind::Add
                    | StageKind::Start
                    | StageKind::Policy(0)
                    | StageKind::Lower
                    | StageKind::Raise
                    | StageKind::RaiseLast
            )
        };
        let own = || plan.steps().filter(|s| s.zone.composed.origin == zone.composed.origin);
        let needs_none = |s: &Step<'_>| match &s.action {
            Action::EditSpf { now } => !now.is_empty(),
            Action::Replace { now } => now.is_some() && s.rtype.is_text() && s.in_the_way.is_empty(),
            Action::Lower { .. } | Action::Raise { .. } => true,
            _ => s.only_adds(),
        };
        if !own().all(needs_none) || !plan.stages.iter().all(|s| at_once(s.kind)) {
            return None;
        }
        let mut records: Vec<Record> = current.records().filter(|r| r.rtype != Rtype::SOA).cloned().collect();
        for step in own().filter(|s| !matches!(s.action, Action::Lower { .. } | Action::Raise { .. })) {
            records.retain(|r| !step.now.iter().any(|n| n.same_data(r)));
            records.extend(step.then.iter().cloned());
        }
        let before = current.records().filter(|r| r.rtype != Rtype::SOA).count();
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
            panel: Some(panel(zone)),
            risk: Some(Risk::High),
            blocks,
        })
    }
}
