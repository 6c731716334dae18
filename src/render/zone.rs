//! `--format zone`: text for a zone file, aligned, a comment per group. What is active loads; what the form cannot take is marked.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use crate::compose::{Intent, RrSet};
use crate::fit::{Effect, FittedRecord, FittedZone, Outcome, Strength};
use crate::report::{Lang, Text};
use crate::say;
use crate::zone::{Name, Rtype};

use super::groups::{Group, comment, companies, switched};
use super::{Format, Input, Product, file_name};

/// The format.
pub const FORMAT: Format =
    Format { name: "zone", en: "zone file text", ja: "ゾーンファイルの形", write, carrier: None, joins: true };

/// Widest owner column; a longer owner pushes its own line only.
const OWNER_WIDTH: usize = 32;

fn write(input: &Input<'_>) -> Vec<Product> {
    let mut products = Vec::new();
    for (i, zone) in input.fitted.zones().enumerate() {
        let complete = (i == 0).then_some(input.complete.as_ref()).flatten();
        let text = Writer { input, zone, out: String::new(), width: 0, ttl: most_common_ttl(zone) }.write(complete);
        products.push(Product { name: input.file_name(zone, "zone"), text });
    }
    if let Some(policy) = &input.fitted.own.composed.mta_sts_policy {
        products
            .push(Product { name: file_name(&input.fitted.own.composed.origin, "mta-sts.txt"), text: policy.clone() });
    }
    products
}

/// The TTL that most RRsets have; on a tie the shorter one.
fn most_common_ttl(zone: &FittedZone<'_>) -> u32 {
    let mut counts: std::collections::BTreeMap<u32, usize> = std::collections::BTreeMap::new();
    for set in &zone.composed.rrsets {
        *counts.entry(set.ttl.seconds()).or_default() += 1;
    }
    counts.into_iter().rev().max_by_key(|(_, n)| *n).map_or(3600, |(ttl, _)| ttl)
}

struct Writer<'a, 'w> {
    input: &'w Input<'a>,
    zone: &'w FittedZone<'a>,
    out: String,
    width: usize,
    ttl: u32,
}

impl Writer<'_, '_> {
    fn lang(&self) -> Lang {
        self.input.lang
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn comment(&mut self, text: &str) {
        let text = comment(text);
        let _ = writeln!(self.out, "; {text}");
    }

    fn owner(&self, name: &Name) -> String {
        name.relative_to(&self.zone.composed.origin).unwrap_or_else(|| name.to_string())
    }

    fn record(&mut self, prefix: &str, name: &Name, ttl: u32, rtype: Rtype, value: &str) {
        let owner = format!("{prefix}{}", self.owner(name));
        let pad = " ".repeat(self.width.saturating_sub(owner.width()));
        let ttl = if ttl == self.ttl { String::new() } else { format!("{ttl} ") };
        let _ = writeln!(self.out, "{owner}{pad} {ttl}{:<5} {value}", rtype.to_string());
    }

    fn write(mut self, complete: Option<&super::Complete>) -> String {
        let composed = self.zone.composed;
        let names = composed.rrsets.iter().map(|s| self.owner(&s.name).len());
        self.width = names.filter(|w| *w <= OWNER_WIDTH).max().unwrap_or(1);
        self.head();
        if let Some(complete) = complete {
            self.complete(complete);
        }
        let zone = self.zone;
        let mut order: Vec<(Group, &FittedRecord)> =
            zone.each().map(|(set, member, r)| (Group::of(set, member), r)).collect();
        // Name servers want the SOA in front.
        let soa = |r: &FittedRecord| composed.rrsets.get(r.set).is_some_and(|s| s.rtype == Rtype::SOA);
        order.sort_by_key(|(group, record)| (*group, !soa(record)));
        let mut current = None;
        for (group, record) in order {
            if current != Some(group) {
                current = Some(group);
                self.line("");
                let title = group.title();
                let title = title.get(self.lang()).to_owned();
                self.comment(&format!("--- {title}"));
            }
            self.active(record);
        }
        self.inactive();
        self.policy();
        self.out
    }

    fn head(&mut self) {
        let origin = &self.zone.composed.origin;
        let plain = origin.display_without_dot().to_string();
        let shown = match self.input.site.domain_unicode.as_ref().filter(|_| *origin == self.input.site.domain.value) {
            Some(unicode) => format!("{unicode} ({plain})"),
            None => plain,
        };
        let company = match self.zone.registrar {
            Some(r) => r.name.clone(),
            None => say!(en: "not known", ja: "不明"),
        };
        let site = self.input.site.domain.value.display_without_dot().to_string();
        let head = if self.input.fitted.is_keyzone(self.zone) {
            say!(en: "{shown}: what this zone holds for {site} (registrar: {company}). Add these; the rest of the zone stays", ja: "{shown} に {site} のために置くレコード（DNSを編集する会社: {company}）。これらを足します。ほかのレコードはそのままです"; company = company)
        } else if self.zone.composed.is_part {
            say!(en: "{shown}: what this zone holds for other sites (registrar: {company}). Add these; the rest of the zone stays", ja: "{shown} にほかのサイトのために置くレコード（DNSを編集する会社: {company}）。これらを足します。ほかのレコードはそのままです"; company = company)
        } else {
            say!(en: "{shown}: the wanted records (registrar: {company})", ja: "{shown} に必要なレコード（DNSを編集する会社: {company}）"; company = company)
        };
        let head = head.get(self.lang()).to_owned();
        self.comment(&head);
        let origin = origin.to_string();
        self.line(&format!("$ORIGIN {origin}"));
        let ttl = self.ttl;
        self.line(&format!("$TTL {ttl}"));
    }

    fn complete(&mut self, complete: &super::Complete) {
        let origin = self.zone.composed.origin.clone();
        let Some(primary) = complete.name_servers.first() else { return };
        let serial = complete.serial;
        // Times as RFC 1912 §2.2 suggests for a small zone; the minimum is the negative TTL (RFC 2308).
        let soa = format!("{primary} hostmaster.{origin} {serial} 7200 3600 1209600 3600");
        self.line("");
        self.record("", &origin, self.ttl, Rtype::SOA, &soa);
        let have = self.zone.composed.rrset(&origin, Rtype::NS);
        if have.is_none() {
            for host in &complete.name_servers {
                self.record("", &origin, self.ttl, Rtype::NS, &host.to_string());
            }
        }
    }

    fn active(&mut self, record: &FittedRecord) {
        let Some((set, member)) = self.zone.parts(record) else { return };
        let mut who = companies(self.input.fitted.composed, member, self.lang());
        if matches!(member.intent, Intent::Template { optional: true, .. }) {
            let optional = say!(en: " (optional)", ja: "（任意）");
            who.push_str(optional.get(self.lang()));
        }
        if !who.is_empty() {
            self.comment(&who);
        }
        if let Intent::Spf { written_out, .. } = &member.intent {
            for (include, terms) in by_include(written_out) {
                let terms = terms.join(" ");
                let text = say!(en: "include:{include} written out: {terms}", ja: "include:{include} を書き出したもの: {terms}");
                self.comment(text.get(self.lang()));
            }
        }
        self.mark(record, set);
        let instead = self.zone.stands_for(record);
        let alone = matches!(member.intent, Intent::Spf { return_path: false, .. })
            && record.outcome != Outcome::Switch
            // A part of a split record stands under a name of its own.
            && instead.is_none_or(|s| s.wanted.name == set.name)
            && !member.origins.iter().any(|o| o.by_hand);
        if alone {
            // Two of them are worse than none, and a zone that lives has one more often than not.
            let text = say!(
                en: "is there a v=spf1 row already? Then don't add this one: copy that row into a [[record]] and build again",
                ja: "v=spf1 の行がすでにあれば、これは足しません。その行を [[record]] に写して、もう一度組み立てます"
            );
            self.comment(text.get(self.lang()));
        }
        let value = member.rdata.present(set.rtype);
        self.record("", &set.name, set.ttl.seconds(), set.rtype, &value);
    }

    /// What the form does to the record, above it: a line a cause, each with the word for what that cause does.
    fn mark(&mut self, record: &FittedRecord, set: &RrSet) {
        let lang = self.lang();
        let causes = match record.outcome {
            // What is not typed is not hindered by the form.
            Outcome::Switch => {
                let switch = self.zone.composed.switched.iter().find(|s| s.name == set.name && s.rtype == set.rtype);
                let how = switch.map_or("", |s| s.how.get(lang));
                let word = say!(en: "made by a switch, don't type it", ja: "スイッチで作られます（入力しません）");
                // How to edit an SPF row that a panel makes is told in its finding; this one needs no edit.
                let spf = set.members.get(record.member).is_some_and(|m| matches!(m.intent, Intent::Spf { .. }));
                self.mark_line(&word, if spf { "" } else { how });
                return;
            }
            _ => &record.causes,
        };
        if causes.is_empty() && record.outcome == Outcome::Unverified {
            self.mark_line(&not_sure(), "");
        }
        if let Some(instead) = self.zone.stands_for(record) {
            let (rtype, way) = (instead.wanted.rtype, instead.kind.word());
            let word = say!(en: "in place of the {rtype} ({way})", ja: "{rtype} のかわり（{way}）");
            self.mark_line(&word, instead.why.get(lang));
        }
        for cause in causes {
            let word = match (&cause.effect, cause.strength) {
                (Effect::Refuses, Strength::Known) => say!(en: "THE FORM DOES NOT TAKE THIS", ja: "画面に入りません"),
                (Effect::Damages, Strength::Known) => say!(en: "THE FORM DAMAGES THIS", ja: "画面で値が壊れます"),
                (Effect::Refuses | Effect::Damages, Strength::Weak) => not_sure(),
                (Effect::Substitutes, _) => say!(en: "enter in another form", ja: "別の形で入れます"),
                (Effect::Reshapes, _) => say!(en: "enter in another shape", ja: "形を変えて入れます"),
            };
            self.mark_line(&word, &format!("{} [{}]", cause.title.get(lang), cause.id));
        }
    }

    fn mark_line(&mut self, word: &Text, why: &str) {
        let text = format!("! {}: {why}", word.get(self.lang()));
        self.comment(text.trim_end_matches([':', ' ']));
    }

    /// What is not active: conflicts, keys that are not given yet, switches.
    fn inactive(&mut self) {
        let composed = self.zone.composed;
        let lang = self.lang();
        if !composed.blanks.is_empty() {
            self.line("");
            let title = say!(en: "--- Still to be filled in", ja: "--- まだ入っていない値");
            self.comment(title.get(lang));
            for blank in &composed.blanks {
                let who = self.input.fitted.composed.party(&blank.origin);
                let line = format!(
                    "{} {} … ({}: {})",
                    self.owner(&blank.name),
                    blank.rtype,
                    who.get(lang),
                    blank.find.get(lang)
                );
                self.comment(&line);
            }
        }
        let left_out: Vec<_> = self.zone.substitutions.iter().filter(|s| s.here.is_empty()).collect();
        if !left_out.is_empty() {
            self.line("");
            let title = say!(en: "--- Left out for now", ja: "--- 今は見送ったもの");
            self.comment(title.get(lang));
            for left in left_out {
                let value = comment(&left.wanted.rdata.present(left.wanted.rtype));
                self.record("; ", &left.wanted.name, left.wanted.ttl, left.wanted.rtype, &value);
            }
        }
        let switched = switched(composed);
        if !switched.is_empty() {
            self.line("");
            let title =
                say!(en: "--- Made by a switch: don't type these", ja: "--- スイッチで作られるもの（入力しません）");
            self.comment(title.get(lang));
            for switch in switched {
                let who = self.input.fitted.composed.party(&switch.origin);
                let line = format!(
                    "{} {} ({}: {})",
                    self.owner(&switch.name),
                    switch.rtype,
                    who.get(lang),
                    switch.how.get(lang)
                );
                self.comment(&line);
            }
        }
        if !composed.losers.is_empty() {
            self.line("");
            let title = say!(en: "--- Not active, because of a conflict", ja: "--- 衝突のため有効にしていないもの");
            self.comment(title.get(lang));
            for loser in &composed.losers {
                self.comment(loser.why.get(lang));
                let value = comment(&loser.record.rdata.present(loser.record.rtype));
                self.record("; ", &loser.record.name, loser.record.ttl, loser.record.rtype, &value);
            }
        }
    }

    fn policy(&mut self) {
        let Some(policy) = self.zone.composed.mta_sts_policy.clone() else { return };
        let plain = self.zone.composed.origin.display_without_dot().to_string();
        let title = say!(
            en: "--- The MTA-STS policy, to be served at https://mta-sts.{plain}/.well-known/mta-sts.txt",
            ja: "--- MTA-STS のポリシー（https://mta-sts.{plain}/.well-known/mta-sts.txt に置きます）"
        );
        self.line("");
        self.comment(title.get(self.lang()));
        for line in policy.lines() {
            self.comment(line);
        }
    }
}

/// The terms of each include that was written out, in the order of the record.
fn by_include(written_out: &[(String, String)]) -> Vec<(&str, Vec<&str>)> {
    let mut out: Vec<(&str, Vec<&str>)> = Vec::new();
    for (term, include) in written_out {
        match out.iter_mut().find(|(of, _)| of == include) {
            Some((_, terms)) => terms.push(term),
            None => out.push((include, vec![term])),
        }
    }
    out
}

fn not_sure() -> Text {
    say!(en: "not sure that the form takes this", ja: "画面に入るか未確認")
}
