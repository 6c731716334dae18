//! The card of the SPF row: an edit, never a second row.

use crate::catalogue::registrar::QuirkAt;
use crate::compose::{Intent, Member, Origin};
use crate::fit::longest_value;
use crate::mail::spf;
use crate::plan::Step;
use crate::report::{Text, join};
use crate::say;
use crate::zone::{Record, Rtype};

use super::model::Block;

use super::cards::Desk;
use super::parts::*;

impl Desk<'_, '_> {
    pub(super) fn edit_spf(&self, step: &Step<'_>, now: &[String], blocks: &mut Vec<Block>) {
        let Some((member, _, record)) = &step.wanted else { return };
        let host = host_words(step.zone, record);
        self.opening(step, blocks);
        blocks.push(Block::Line {
            label: say!(en: "find", ja: "探す"),
            text: match now {
                [_, _, ..] => {
                    let n = now.len();
                    say!(en: "type TXT, host {host}, content that begins with v=spf1: {n} rows. In the end there must be exactly one", ja: "種別 TXT、ホスト名 {host}、内容が v=spf1 で始まる {n} 行。最後に必ず 1 行だけにします"; host = host)
                }
                _ => say!(en: "type TXT, host {host}, content that begins with v=spf1. There must be exactly one such row", ja: "種別 TXT、ホスト名 {host}、内容が v=spf1 で始まる行。必ず 1 行だけです"; host = host),
            },
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
            rows => self.spf_several(step, member, record, rows.len(), blocks),
        }
    }

    /// Several rows become one, and at no moment there is none.
    fn spf_several(&self, step: &Step<'_>, member: &Member, record: &Record, n: usize, blocks: &mut Vec<Block>) {
        let text = |r: &Record| String::from_utf8_lossy(&r.rdata.txt_joined()).into_owned();
        let wanted = text(record);
        let stays = step.then.is_empty();
        let label = || if stays { say!(en: "this one goes", ja: "消す行") } else { say!(en: "now", ja: "いま") };
        let mut gone: Vec<String> = Vec::new();
        for row in step.now.iter().map(text) {
            gone.extend(spf::change(&row, &wanted, &plain(&record.name)).gone);
            blocks.push(Block::Value { label: label(), content: row });
        }
        if stays {
            blocks.push(Block::Value { label: say!(en: "this one stays", ja: "残す行"), content: wanted });
            blocks.push(Block::Warning(say!(
                en: "there are {n} such rows now, so SPF is void. Leave the one that stays as it is, and remove the rest",
                ja: "いま v=spf1 の行が {n} つあり、SPF が無効になっています。「残す行」はそのままにして、ほかを消します"
            )));
        } else {
            blocks.push(Block::Warning(say!(
                en: "there are {n} such rows now, so SPF is void. First change one of them into the value below and save; then remove the others",
                ja: "いま v=spf1 の行が {n} つあり、SPF が無効になっています。先に 1 行を下の内容に書き換えて保存し、それからほかの行を消します"
            )));
            self.enter(step, blocks);
        }
        gone.sort();
        gone.dedup();
        // A name that sends nothing gives everything up on purpose.
        if !matches!(member.intent, Intent::NoMail) {
            gone_terms(&gone, member, blocks);
        }
        closing(step, say!(en: "enter the rows as they were again", ja: "元の行を入れ直します"), blocks);
    }

    /// The companies that want a term.
    pub(super) fn company(&self, member: &Member, term: &str) -> Text {
        let Intent::Spf { terms, written_out, .. } = &member.intent else { return Text::default() };
        let origins = terms.iter().find(|(t, _)| t == term).map(|(_, o)| o.as_slice()).unwrap_or_default();
        let names: Vec<Text> = origins.iter().filter(|o| o.party != 0).map(|o| self.who(o.party)).collect();
        let who = join(&names);
        match written_out.iter().find(|(t, _)| t == term) {
            None => who,
            Some((_, include)) if who.en.is_empty() => {
                say!(en: "from include:{include}, written out", ja: "include:{include} を書き出したもの")
            }
            Some((_, include)) => {
                say!(en: "{who}, from include:{include}, written out", ja: "{who}（include:{include} を書き出したもの）"; who = who)
            }
        }
    }

    /// The row is known: from now to then.
    pub(super) fn spf_known(
        &self,
        step: &Step<'_>,
        member: &Member,
        record: &Record,
        now: &str,
        blocks: &mut Vec<Block>,
    ) {
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
        if !silent {
            gone_terms(&change.gone, member, blocks);
        }
        self.spf_bill(step, &spf::Record::parse(text.as_bytes()), after, blocks);
        closing(step, say!(en: "enter the value under “now” again", ja: "「いま」の値を貼り付けて保存します"), blocks);
    }

    /// The row is not known, so no whole value may stand here for it: only what to put in, and a whole row for where there is none.
    pub(super) fn spf_unknown(&self, step: &Step<'_>, member: &Member, record: &Record, blocks: &mut Vec<Block>) {
        let maker = step.zone.composed.switched.iter().find(|s| s.part == "spf" && s.name == record.name);
        let terms = match &member.intent {
            Intent::Spf { terms, .. } => terms.as_slice(),
            _ => &[],
        };
        // What the panel put in by itself is not put in again.
        let theirs = |origins: &[Origin]| maker.is_some_and(|m| origins.iter().all(|o| o.party == m.origin.party));
        for (term, _) in terms.iter().filter(|(t, o)| !spf::is_all(t) && !theirs(o)) {
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
    pub(super) fn spf_bill(&self, step: &Step<'_>, record: &spf::Record, octets: usize, blocks: &mut Vec<Block>) {
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
}

/// Terms that are there and not wanted.
fn gone_terms(gone: &[String], member: &Member, blocks: &mut Vec<Block>) {
    for term in gone.iter().filter(|term| !member.intent.writes_out(term)) {
        blocks.push(Block::Warning(say!(
            en: "{term} is there now and is gone afterwards. If it is still needed, stop: it goes into [spf] extra, and this sheet is made again",
            ja: "いまある {term} は、あとの値にありません。まだ必要なら、入力せずに止めてください（[spf] extra に書いて、手順書を作り直します）"
        )));
    }
}
