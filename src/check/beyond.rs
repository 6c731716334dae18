//! What others publish of where the site's records lead: vendors' keys, mail servers, includes, who has agreed to reports.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::published::Right;
use super::{Run, Stale, instead, words};
use crate::compose::{Intent, Member, RrSet};
use crate::fit::FittedZone;
use crate::lint::registrable;
use crate::live::{Answer, InTurn, Outcome, Question, Resolve};
use crate::mail::spf::{self, MAX_LOOKUPS, MAX_VOIDS, Qualifier, Reach, TermKind};
use crate::mail::{dkim, dmarc};
use crate::plan::is_key_owner;
use crate::report::{Finding, NoteKind, Text, excerpt};
use crate::say;
use crate::spf_dns::{SpfDns, planned};
use crate::zone::{Name, Record, Rtype};

/// Silences in one SPF tree after which nobody is asked any more.
const SILENCES_MAX: usize = 5;

/// Asks beyond the zones themselves. `right` are the sets that are published as they are wanted; of others it is said already that they are not.
pub(super) fn check(run: &mut Run<'_>, right: &BTreeSet<Right>) {
    let fitted = run.built.fitted;
    for zone in fitted.zones() {
        copies(run, zone);
        if !fitted.is_keyzone(zone) {
            aliases(run, zone, right);
            mail_servers(run, zone, right);
            reports(run, zone);
        }
    }
    spf_trees(run);
}

/// Every record that is wanted in a zone, with its set.
fn each<'z>(zone: &FittedZone<'z>) -> impl Iterator<Item = (&'z RrSet, &'z Member)> {
    zone.composed.rrsets.iter().flat_map(|set| set.members.iter().map(move |member| (set, member)))
}

/// The company that wants a record; none where that is the site itself.
fn company(run: &Run<'_>, member: Option<&Member>) -> Option<Text> {
    let origin = member?.origins.iter().find(|origin| origin.party != 0)?;
    Some(run.built.fitted.composed.party(origin))
}

/// The texts of an answer that are keys.
fn keys(answer: &Answer) -> Vec<Vec<u8>> {
    let texts =
        answer.records().unwrap_or_default().iter().filter(|r| r.rtype == Rtype::TXT).map(|r| r.rdata.txt_joined());
    texts.filter(|text| dkim::looks_like_dkim_key(text)).collect()
}

/// Texts that are copies of what a vendor publishes, against what it publishes today: they go stale without a word.
fn copies(run: &mut Run<'_>, zone: &FittedZone<'_>) {
    let mut copies = run.built.fitted.copies();
    copies.retain(|copy| zone.composed.rrset(&copy.record.name, Rtype::TXT).is_some());
    copies.dedup_by(|a, b| a.target == b.target && a.record == b.record);
    let questions: Vec<Question> =
        copies.iter().map(|copy| Question { name: copy.target.clone(), rtype: Rtype::TXT }).collect();
    let answers = run.ask_beyond(&questions);
    for (copy, answer) in copies.iter().zip(&answers) {
        let (name, target) = (words::plain(&copy.record.name), words::plain(&copy.target));
        let member = zone
            .composed
            .rrset(&copy.record.name, Rtype::TXT)
            .and_then(|set| set.members.iter().find(|member| member.rdata.means(&copy.record.rdata, Rtype::TXT)));
        let vendor = company(run, member).unwrap_or_else(|| say!(en: "its owner", ja: "提供元"));
        let mine = dkim::key_value(&copy.record.rdata.txt_joined());
        let finding = if answer.records().is_none() {
            words::not_checked(
                &say!(en: "whether the copy at {name} is still the key that {vendor} publishes", ja: "{name} の写しが、{vendor}の今の鍵と同じか"; vendor = vendor),
                answer,
            )
        } else {
            let theirs = keys(answer);
            if theirs.iter().any(|text| dkim::key_value(text) == mine) {
                continue;
            }
            let usable: Vec<&Vec<u8>> = theirs.iter().filter(|text| dkim::usable(text).is_ok()).collect();
            let is_withdrawn = !theirs.is_empty() && theirs.iter().all(|text| dkim::parse(text).0.is_revoked());
            let look = say!(en: "look in the panel of {vendor} which DKIM record it wants now", ja: "今の DKIM レコードを{vendor}の画面で確かめます"; vendor = vendor);
            let published = say!(en: "it was published at {target}", ja: "公開元: {target}");
            match usable.as_slice() {
                [now] => {
                    let question = Question { name: copy.record.name.clone(), rtype: Rtype::TXT };
                    let in_dns = run.ask_beyond(&[question]).pop();
                    run.stale.push(Stale {
                        name: copy.record.name.clone(),
                        target: copy.target.clone(),
                        now: (*now).clone(),
                        published: in_dns.and_then(|answer| Some(answer.records()?.to_vec())),
                    });
                    let value = excerpt(&String::from_utf8_lossy(now), 2000);
                    let title = say!(en: "the key at {name} is an old copy: {vendor} has changed it", ja: "{name} の鍵は古い写しです。{vendor}の鍵が替わっています"; vendor = vendor);
                    Finding::error("check-copy-stale", title)
                        .harm(say!(en: "DKIM of mail that is signed with the new key fails", ja: "新しい鍵で署名されたメールの DKIM が不合格になります"))
                        .note(NoteKind::Note, say!(en: "it is published at {target}", ja: "公開元: {target}"))
                        .note(NoteKind::Note, say!(en: "as a sheet to type from: zoneplan check --worksheet FILE.html", ja: "手順書にするには: zoneplan check --worksheet ファイル.html"))
                        .next(if is_given(run, &copy.record.name) {
                            say!(en: "put this in its place, in site.toml and in the panel:\n{value}", ja: "site.toml と画面の値を、次に入れ替えます:\n{value}")
                        } else {
                            say!(en: "keep the new key with zoneplan pin --update, and put it in its place in the panel:\n{value}", ja: "zoneplan pin --update で控えを新しくし、画面の値を次に入れ替えます:\n{value}")
                        })
                }
                // Publishing what the vendor has withdrawn would take the key from mail that is signed with it still.
                _ if is_withdrawn => {
                    let title = say!(en: "{vendor} has withdrawn the key of which {name} has a copy (p= is empty)", ja: "{name} に写した鍵を、{vendor}は失効させています（p= が空です）"; vendor = vendor);
                    Finding::warning("check-copy-stale", title).note(NoteKind::Note, published).next(look)
                }
                [] if theirs.is_empty() => {
                    let title = say!(en: "{vendor} no longer publishes the key of which {name} has a copy", ja: "{name} に写した鍵を、{vendor}はもう公開していません"; vendor = vendor);
                    Finding::warning("check-copy-stale", title).note(NoteKind::Note, published).next(look)
                }
                [] => {
                    let title = say!(en: "what {vendor} publishes now in place of the key of which {name} has a copy cannot be used", ja: "{name} に写した鍵の公開元に、{vendor}は使える鍵を置いていません"; vendor = vendor);
                    Finding::warning("check-copy-stale", title).note(NoteKind::Note, published).next(look)
                }
                several => {
                    let n = several.len();
                    let title = say!(en: "{vendor} publishes {n} keys, and none is the one of which {name} has a copy", ja: "{vendor}は鍵を {n} 件公開しており、{name} に写した鍵はその中にありません"; vendor = vendor);
                    Finding::warning("check-copy-stale", title).note(NoteKind::Note, published).next(look)
                }
            }
        };
        run.tell(finding.about(name, "TXT"), zone, member);
    }
}

/// Whether the site gives the key that stands at a name; else it comes from the pins.
fn is_given(run: &Run<'_>, name: &Name) -> bool {
    let keys = run.built.site.senders.iter().flat_map(|sender| &sender.dkim);
    let is_of = |label: &[u8], selector: &str| label.eq_ignore_ascii_case(selector.as_bytes());
    let mut selectors = keys.map(|key| key.selector.as_ref());
    selectors.any(|selector| selector.is_none_or(|s| name.first_label().is_some_and(|label| is_of(label, &s.value))))
}

/// Where CNAMEs end: a key behind a selector, a name that exists behind others.
fn aliases(run: &mut Run<'_>, zone: &FittedZone<'_>, right: &BTreeSet<Right>) {
    // Where it leads to a name of the site's own, in the keyzone say, it is told there what is wrong.
    let told = |member: &Member| {
        let Some(target) = member.rdata.target(Rtype::CNAME) else { return false };
        let mut there = run.built.fitted.zones().flat_map(|z| &z.composed.rrsets).filter(|set| set.name == target);
        there.any(|set| !right.contains(&(set.name.clone(), set.rtype)))
    };
    let is_right = |set: &RrSet| set.rtype == Rtype::CNAME && right.contains(&(set.name.clone(), set.rtype));
    let wanted: Vec<(&RrSet, &Member)> = each(zone).filter(|(set, member)| is_right(set) && !told(member)).collect();
    let questions: Vec<Question> = wanted
        .iter()
        .map(|(set, _)| Question {
            name: set.name.clone(),
            rtype: if is_key_owner(&set.name) { Rtype::TXT } else { Rtype::A },
        })
        .collect();
    let answers = run.ask_beyond(&questions);
    for ((set, member), answer) in wanted.into_iter().zip(&answers) {
        let (name, last) = (words::plain(&set.name), words::plain(&answer.last_name()));
        let is_key = is_key_owner(&set.name);
        let company = company(run, Some(member));
        let vendor = company.clone().unwrap_or_else(|| say!(en: "its owner", ja: "提供元"));
        let finding = if answer.outcome == Outcome::AliasLoop {
            endless(&name, answer, is_key, &vendor)
        } else if !answer.outcome.speaks_of_the_name()
            || matches!(answer.outcome, Outcome::AliasOutside | Outcome::Delegated { .. })
        {
            words::not_checked(&say!(en: "where the CNAME of {name} leads", ja: "{name} の CNAME の行き先"), answer)
        } else if is_key {
            let found = keys(answer);
            let usable = |text: &Vec<u8>| dkim::parse(text).0.key.is_some();
            if found.len() == 1 && found.iter().all(usable) {
                continue;
            }
            let title = match found.len() {
                0 => {
                    say!(en: "the CNAME of {name} leads to {last}, and there is no key", ja: "{name} の CNAME の行き先 {last} に、鍵がありません")
                }
                1 if found.iter().all(|text| dkim::parse(text).0.is_revoked()) => {
                    say!(en: "the CNAME of {name} leads to {last}, and its key is withdrawn (p= is empty)", ja: "{name} の CNAME の行き先 {last} の鍵は失効しています（p= が空です）")
                }
                1 => {
                    say!(en: "the CNAME of {name} leads to {last}, and its key cannot be used", ja: "{name} の CNAME の行き先 {last} の鍵が、使える形ではありません")
                }
                n => {
                    say!(en: "the CNAME of {name} leads to {last}, and there are {n} keys; one is right", ja: "{name} の CNAME の行き先 {last} に、鍵が {n} 件あります（1 件でないと無効です）")
                }
            };
            Finding::error("dkim-cname-broken", title)
                .harm(say!(en: "DKIM of mail from {vendor} fails", ja: "{vendor}から出るメールの DKIM が不合格になります"; vendor = vendor))
                .next(say!(en: "copy the target from the panel of {vendor} again, and see that DKIM is switched on there", ja: "{vendor}の画面で CNAME の値をもう一度確かめ、DKIM が有効になっていることを見ます"; vendor = vendor))
        } else if answer.outcome == Outcome::NxDomain {
            let title = say!(en: "the CNAME of {name} leads to {last}, which does not exist", ja: "{name} の CNAME の行き先 {last} は存在しません");
            Finding::warning("dns-cname-dangling", title)
                .harm(say!(en: "it does not work, and whoever gets that name for himself answers in yours", ja: "使えないうえに、その名前を手に入れた人が、こちらの名前で答えられます"))
                .next(say!(en: "ask {vendor} for the right target, or remove the record", ja: "正しい値を{vendor}で確かめるか、レコードを消します"; vendor = vendor))
        } else {
            continue;
        };
        let mut finding = finding.about(name, "CNAME");
        // What is behind a key's CNAME is seen and switched on at whoever keeps it.
        if finding.id == "dkim-cname-broken" {
            finding.panel = company;
        }
        run.tell(finding, zone, Some(member));
    }
}

/// A CNAME from which one never comes to an end: in a circle, or after more names than anybody follows.
fn endless(name: &str, answer: &Answer, is_key: bool, vendor: &Text) -> Finding {
    let (last, n) = (answer.last_name(), answer.chain.len());
    let is_circle = answer.chain.iter().any(|record| record.name == last);
    let title = match (is_circle, words::plain(&last)) {
        (true, last) => {
            say!(en: "the CNAME of {name} leads in a circle, back to {last}", ja: "{name} の CNAME をたどると {last} に戻り、終わりがありません")
        }
        (false, _) => {
            say!(en: "the CNAME of {name} leads through more than {n} others; no resolver goes on for so long", ja: "{name} の CNAME の先に CNAME が {n} 個を超えて続いています。リゾルバーは途中で打ち切ります")
        }
    };
    let finding = if is_key {
        Finding::error("dkim-cname-broken", title)
            .harm(say!(en: "DKIM of mail from {vendor} fails", ja: "{vendor}から出るメールの DKIM が不合格になります"; vendor = vendor.clone()))
    } else {
        Finding::warning("dns-cname-duplicate-or-loop", title).harm(
            say!(en: "nobody finds an address there: it does not work", ja: "行き先のアドレスが得られず、使えません"),
        )
    };
    finding
        .next(say!(en: "ask {vendor} for the right target, or remove the record", ja: "正しい値を{vendor}で確かめるか、レコードを消します"; vendor = vendor.clone()))
}

/// Mail servers have addresses.
fn mail_servers(run: &mut Run<'_>, zone: &FittedZone<'_>, right: &BTreeSet<Right>) {
    let mut hosts: BTreeMap<Name, (&RrSet, &Member)> = BTreeMap::new();
    for (set, member) in each(zone).filter(|(set, _)| set.rtype == Rtype::MX) {
        if let Some((_, host)) = member.rdata.as_mx().filter(|(_, host)| !host.is_root()) {
            hosts.entry(host).or_insert((set, member));
        }
    }
    // Of a host in the site's own zones it is said already that it is not as it should be.
    let own = |host: &Name| {
        let wanted = |rtype| run.built.fitted.zones().any(|z| z.composed.rrset(host, rtype).is_some());
        [Rtype::A, Rtype::AAAA, Rtype::CNAME].into_iter().any(|t| wanted(t) && !right.contains(&(host.clone(), t)))
    };
    hosts.retain(|host, _| !own(host));
    let ask = |host: &Name| [Rtype::A, Rtype::AAAA].map(|rtype| Question { name: host.clone(), rtype });
    let questions: Vec<Question> = hosts.keys().flat_map(ask).collect();
    let answers = run.ask_beyond(&questions);
    for ((host, (set, member)), answers) in hosts.into_iter().zip(answers.chunks(2)) {
        if answers.iter().any(|answer| matches!(answer.outcome, Outcome::Records(_))) {
            continue;
        }
        let (name, owner) = (words::plain(&host), words::plain(&set.name));
        let finding = match answers
            .iter()
            .find(|answer| answer.records().is_none() && answer.outcome != Outcome::AliasLoop)
        {
            Some(answer) => words::not_checked(
                &say!(en: "the addresses of the mail server {name}", ja: "メールサーバー {name} のアドレス"),
                answer,
            ),
            None => {
                let title = say!(en: "the mail server {name} of {owner} has no address", ja: "{owner} のメールサーバー {name} にはアドレスがありません");
                Finding::error("mx-target-unresolvable", title)
                    .harm(say!(en: "mail to {owner} does not arrive there", ja: "{owner} あてのメールがそこには届きません"))
                    .next(say!(en: "check the spelling of {name}, or ask whoever runs it", ja: "{name} の綴りを確かめるか、運用元に聞きます"))
            }
        };
        run.tell(finding.about(owner, "MX"), zone, Some(member));
    }
}

/// Whoever gets DMARC reports has agreed (RFC 9990 §4), and can get mail.
fn reports(run: &mut Run<'_>, zone: &FittedZone<'_>) {
    let wanted: Vec<(&RrSet, &Member)> = each(zone)
        .filter(|(set, member)| set.rtype == Rtype::TXT && dmarc::is_dmarc(&member.rdata.txt_joined()))
        .collect();
    for (set, member) in wanted {
        let owner = words::plain(&set.name);
        let Some(domain) = owner.strip_prefix("_dmarc.").map(str::to_owned) else { continue };
        let (record, _) = dmarc::parse(&member.rdata.txt_joined());
        let uris = record.dmarc.rua.iter().chain(&record.dmarc.ruf).filter(|uri| uri.scheme() == "mailto");
        let to: BTreeSet<String> = uris.filter_map(|uri| uri.domain()).collect();
        for to in to {
            let mut found: Vec<Finding> = Vec::new();
            if registrable(&to) != registrable(&domain) {
                found.extend(agreed(run, &domain, &to));
            }
            found.extend(deliverable(run, &to));
            for finding in found {
                run.tell(finding.about(&owner, "TXT"), zone, Some(member));
            }
        }
    }
}

/// Whether `to` has agreed to reports about `domain`.
fn agreed(run: &mut Run<'_>, domain: &str, to: &str) -> Option<Finding> {
    // A name that is too long is told of the wanted record already.
    let name = dmarc::report_authorisation_name(domain, to).ok()?;
    let shown = excerpt(to, 80);
    let question = Question { name: Name::parse_absolute(&name).ok()?, rtype: Rtype::TXT };
    let answer = run.ask_beyond(&[question]).pop()?;
    let name = excerpt(&name, 255);
    let Some(records) = answer.records() else {
        let what = say!(en: "whether {shown} has agreed to DMARC reports about {domain}", ja: "{shown} が {domain} の DMARC レポートの受け取りを承認しているか");
        return Some(words::not_checked(&what, &answer).about(name, "TXT"));
    };
    let agrees = |record: &Record| {
        let text = record.rdata.txt_joined();
        let (version, rest) = text.split_at_checked(dmarc::REPORT_RECORD.len()).unwrap_or_default();
        version == dmarc::REPORT_RECORD.as_bytes() && rest.trim_ascii_start().first().is_none_or(|octet| *octet == b';')
    };
    if records.iter().any(agrees) {
        return None;
    }
    let record = dmarc::REPORT_RECORD;
    Some(
        Finding::error("dmarc-rua-external-unauthorised", say!(en: "{shown} has not agreed to DMARC reports about {domain}", ja: "{shown} は、{domain} の DMARC レポートの受け取りを承認していません"))
            .harm(say!(en: "without that record no report is sent", ja: "承認のレコードがないと、レポートは送られません"))
            .next(say!(en: "ask whoever runs {shown} for this record, or use an address inside {domain}:\n{name}. TXT \"{record}\"", ja: "{shown} の管理者に次のレコードを頼むか、{domain} のアドレスを使います:\n{name}. TXT \"{record}\""))
            .about(&name, "TXT"),
    )
}

/// Whether mail to `to` can arrive: it has an MX that is not null, or an address.
fn deliverable(run: &mut Run<'_>, to: &str) -> Option<Finding> {
    let shown = excerpt(to, 80);
    let name = Name::parse_absolute(to).ok()?;
    let question = |rtype| Question { name: name.clone(), rtype };
    let mx = run.ask_beyond(&[question(Rtype::MX)]).pop()?;
    let unknown = |answer: &Answer| {
        let what = say!(en: "whether {shown} receives mail, to which DMARC reports go", ja: "DMARC レポートの宛先 {shown} がメールを受け取れるか");
        Some(words::not_checked(&what, answer).about(&shown, "MX"))
    };
    let records = match mx.records() {
        Some(records) => records,
        None => return unknown(&mx),
    };
    let is_null = |record: &Record| record.rdata.as_mx().is_some_and(|(_, host)| host.is_root());
    let why = if records.iter().any(|record| !is_null(record)) {
        return None;
    } else if !records.is_empty() {
        say!(en: "it says that it receives no mail (null MX)", ja: "メールを受け取らないと宣言しています（null MX）")
    } else {
        // RFC 5321 §5.1: without an MX the name's own address counts.
        let answers = run.ask_beyond(&[question(Rtype::A), question(Rtype::AAAA)]);
        if answers.iter().any(|answer| matches!(answer.outcome, Outcome::Records(_))) {
            return None;
        }
        if let Some(answer) = answers.iter().find(|answer| answer.records().is_none()) {
            return unknown(answer);
        }
        say!(en: "it has neither an MX nor an address", ja: "MX もアドレスもありません")
    };
    Some(
        Finding::error("dmarc-rua-undeliverable", say!(en: "DMARC reports go to {shown}, which receives no mail: {why}", ja: "DMARC レポートの宛先 {shown} はメールを受け取れません（{why}）"; why = why))
            .harm(say!(en: "no report arrives", ja: "レポートが届きません"))
            .next(say!(en: "name an address that receives mail", ja: "メールを受け取れるアドレスにします"))
            .about(&shown, "MX"),
    )
}

/// What the wanted SPF records cost with what is behind their includes today.
fn spf_trees(run: &mut Run<'_>) {
    let fitted = run.built.fitted;
    let own = planned(fitted, None);
    for zone in fitted.zones().filter(|zone| !fitted.is_keyzone(zone)) {
        for (set, member) in each(zone) {
            let Intent::Spf { terms, .. } = &member.intent else { continue };
            let name = words::plain(&set.name);
            // The site's own names are as they will be; the rest is as it is.
            let resolver = Recorded::of(run);
            let in_turn = InTurn(vec![&own as &dyn Resolve, &resolver]);
            let dns = SpfDns::new(&in_turn);
            let bill = spf::bill(&dns, &name);
            let open = open_doors(&bill, &dns);
            let unanswered = dns.unanswered();
            drop(in_turn);
            run.names.append(&mut resolver.names());
            let whose = |term: &str| {
                let origins = terms.iter().find(|(written, _)| written == term).map(|(_, origins)| origins.as_slice());
                let origin = origins?.iter().find(|origin| origin.party != 0)?;
                Some(fitted.composed.party(origin))
            };
            let mut found = dead_includes(&bill, &whose);
            found.extend(open);
            found.extend(limits(&bill, &name));
            if let Some(answer) = unanswered.first() {
                let n = unanswered.len();
                found.push(words::not_checked(&say!(en: "what is behind the SPF of {name}: look-ups without an answer: {n}", ja: "{name} の SPF の中身（回答のない照会 {n} 件）"), answer));
            }
            for finding in found {
                run.tell(finding.about(&name, "TXT"), zone, Some(member));
            }
        }
    }
}

/// Includes behind which there is no usable record.
fn dead_includes(bill: &spf::Bill, whose: &dyn Fn(&str) -> Option<Text>) -> Vec<Finding> {
    let mut out = Vec::new();
    let mut told: BTreeSet<String> = BTreeSet::new();
    for top in &bill.items {
        for item in top.each().filter(|item| item.leads_on && item.reach.is_permerror()) {
            let term = excerpt(&item.term, 80);
            if !told.insert(item.term.clone()) {
                continue;
            }
            let why = match item.reach {
                Reach::NoRecord => say!(en: "there is no SPF record", ja: "SPF レコードがありません"),
                Reach::SeveralRecords => say!(en: "there are several SPF records", ja: "SPF レコードが複数あります"),
                Reach::Syntax => {
                    say!(en: "the record there has a syntax error", ja: "そのレコードに書き方の誤りがあります")
                }
                Reach::Circle => say!(en: "it leads back to itself", ja: "たどると元に戻ります"),
                _ => continue,
            };
            let id = if item.reach == Reach::Circle { "spf-include-loop" } else { "spf-include-without-spf" };
            let domain = &bill.domain;
            let title = say!(en: "{term} in the SPF of {domain} is an error for receivers: {why}", ja: "{domain} の SPF の {term} は、受信側でエラーになります（{why}）"; why = why);
            let mut finding = Finding::error(id, title)
                .harm(say!(en: "SPF of everybody who is not allowed by an earlier term fails (permerror)", ja: "それより前の項目で認められない送信元は、SPF が permerror になります"));
            let (whole, through) = (top.term == item.term, excerpt(&top.term, 80));
            if !whole {
                finding =
                    finding.note(NoteKind::Note, say!(en: "it is behind {through}", ja: "{through} の中にあります"));
            }
            finding = match whose(&top.term) {
                Some(who) => finding.next(say!(en: "ask {who} which include it wants now; if it is not used any more, remove it", ja: "今の include を{who}で確かめます。もう使っていなければ外します"; who = who)),
                None => finding.next(say!(en: "check its spelling, or remove it", ja: "綴りを確かめるか、外します")),
            };
            out.push(named(finding, item, "TXT"));
        }
    }
    out
}

/// The same about the name that a term asks for.
fn named(finding: Finding, item: &spf::Item, rtype: &str) -> Finding {
    match &item.name {
        Some(name) => finding.about(excerpt(name, 255), rtype),
        None => finding,
    }
}

/// Includes that let everybody pass, and with them everybody for this domain (RFC 7208 §5.2).
fn open_doors(bill: &spf::Bill, dns: &dyn spf::Dns) -> Vec<Finding> {
    let domain = &bill.domain;
    let mut names: BTreeSet<&str> = BTreeSet::new();
    let leading = bill.each().filter(|item| item.leads_on && item.reach == Reach::Counted);
    let passes = |term: &spf::Term| {
        let everybody = term.kind == TermKind::All || term.kind.network().is_some_and(|network| network.prefix() == 0);
        everybody && term.qualifier == Qualifier::Pass
    };
    let mut out = Vec::new();
    for item in leading {
        let Some(name) = item.name.as_deref().filter(|name| names.insert(name)) else { continue };
        let spf::Answer::Records(texts) = dns.txt(name) else { continue };
        let Some(text) = texts.iter().find(|text| spf::is_spf(text)) else { continue };
        let record = spf::Record::parse(text);
        let Some(term) = record.live_mechanisms().find(|term| passes(term)) else { continue };
        let (name, term) = (excerpt(name, 80), excerpt(&term.raw, 40));
        let finding =
            Finding::error("spf-include-passes-everyone", say!(en: "the SPF of {domain} includes {name}, which lets everybody pass ({term})", ja: "{domain} の SPF が include している {name} は、だれでも合格にします（{term}）"))
                .harm(say!(en: "anybody can send as {domain} with SPF pass", ja: "だれでも {domain} を名のって、SPF に合格するメールを出せます"))
                .next(say!(en: "remove the include, and tell whoever runs {name}", ja: "その include を外し、{name} の管理者に知らせます"));
        out.push(named(finding, item, "TXT"));
    }
    out
}

/// Ten look-ups and two that find nothing (RFC 7208 §4.6.4).
fn limits(bill: &spf::Bill, name: &str) -> Vec<Finding> {
    let mut out = Vec::new();
    let lookups = bill.lookups();
    let list = || say!(en: "zoneplan spf --live shows whose they are, and what can be spared", ja: "どのサービスの分かは zoneplan spf --live で出ます");
    if lookups > MAX_LOOKUPS {
        out.push(
            Finding::error("spf-too-many-lookups", say!(en: "SPF of {name} takes {lookups} look-ups; receivers stop at {MAX_LOOKUPS}", ja: "{name} の SPF は DNS 照会が {lookups} 回です。受信側は {MAX_LOOKUPS} 回で打ち切ります"))
                .harm(say!(en: "SPF fails (permerror) for whoever stands behind the tenth", ja: "10 回目より後ろの送信元は、SPF が permerror になります"))
                .next(list()),
        );
    }
    let (v4, v6) = bill.voids();
    if v4 > MAX_VOIDS {
        out.push(
            Finding::error("spf-void-lookups", say!(en: "{v4} look-ups of the SPF of {name} find nothing; receivers stop after {MAX_VOIDS}", ja: "{name} の SPF に、該当なしの照会が {v4} 回あります。受信側は {MAX_VOIDS} 回を超えると打ち切ります"))
                .next(list()),
        );
    } else if v6 > MAX_VOIDS {
        out.push(
            Finding::warning("spf-void-ipv6-client", say!(en: "{v6} look-ups of the SPF of {name} find nothing for mail that is sent over IPv6; receivers stop after {MAX_VOIDS}", ja: "IPv6 で送られたメールでは、{name} の SPF に該当なしの照会が {v6} 回あります。受信側は {MAX_VOIDS} 回を超えると打ち切ります"))
                .next(list()),
        );
    }
    for item in bill.each().filter(|item| item.reach == Reach::TooManyHosts) {
        let term = excerpt(&item.term, 80);
        let finding =
            Finding::error("spf-mx-too-many-hosts", say!(en: "{term} in the SPF of {name} has more than ten mail servers", ja: "{name} の SPF の {term} には、メールサーバーが 10 台より多くあります"))
                .harm(say!(en: "SPF of everybody who is not allowed by an earlier term fails (permerror)", ja: "それより前の項目で認められない送信元は、SPF が permerror になります"))
                .next(say!(en: "name the addresses that send, ip4: and ip6:, in its place", ja: "代わりに、送信するアドレスを ip4: と ip6: で書きます"));
        out.push(named(finding, item, "MX"));
    }
    out
}

/// Of these questions those about names of the zone `origin`.
pub(super) fn own(origin: &Name, questions: &[Question]) -> Vec<Question> {
    questions.iter().filter(|question| question.name.is_subdomain_of(origin)).cloned().collect()
}

/// The answers to `questions`, of which those about the zone's own names have been `told` by its name servers: the rest, and where these lead out of
/// the zone, is asked of the resolver.
pub(super) fn asked_on(
    origin: &Name,
    questions: &[Question],
    told: Vec<Answer>,
    resolver: impl FnOnce(&[Question]) -> Vec<Answer>,
) -> Vec<Answer> {
    let mut told = told.into_iter();
    let begun: Vec<Option<Answer>> = questions
        .iter()
        .map(|question| if question.name.is_subdomain_of(origin) { told.next() } else { None })
        .collect();
    let leads_on = |answer: &Answer| {
        matches!(answer.outcome, Outcome::AliasOutside | Outcome::NotInFixture | Outcome::Delegated { .. })
    };
    let open: Vec<Question> = questions
        .iter()
        .zip(&begun)
        .filter_map(|(question, begun)| match begun {
            None => Some(question.clone()),
            Some(answer) => leads_on(answer).then(|| Question { name: answer.last_name(), rtype: question.rtype }),
        })
        .collect();
    let mut rest = resolver(&open).into_iter();
    let whole = |(question, begun): (&Question, Option<Answer>)| match begun {
        Some(answer) if !leads_on(&answer) => Some(answer),
        begun => {
            let answer = rest.next()?;
            let mut chain = begun.map(|answer| answer.chain).unwrap_or_default();
            chain.extend(answer.chain.iter().cloned());
            Some(Answer { question: question.clone(), chain, ..answer })
        }
    };
    questions.iter().zip(begun).filter_map(whole).collect()
}

/// As [`Run::ask_beyond`] for SPF, one question after the other: a resolver whose questions are counted. After several silences it is not asked again, so that a tree of names that nobody answers for ends
/// in bounded time.
pub(super) struct Recorded<'r> {
    inner: &'r dyn Resolve,
    /// Who is asked for names of the site's own zone.
    given: Option<(Box<dyn Resolve + 'r>, Name)>,
    seen: Mutex<Seen>,
}

/// What was asked of it.
struct Seen {
    names: BTreeSet<Name>,
    /// Questions that were waited for in vain.
    silences: usize,
    /// The last of them.
    last: Option<Answer>,
}

impl Seen {
    /// Nothing yet; of a resolver that is known to be dead, enough.
    fn after(dead: Option<&Answer>) -> Self {
        let silences = if dead.is_some() { SILENCES_MAX } else { 0 };
        Self { names: BTreeSet::new(), silences, last: dead.cloned() }
    }
}

impl<'r> Recorded<'r> {
    /// The resolver of this run.
    pub(super) fn of(run: &Run<'r>) -> Self {
        let given = run.given_server().map(|given| (given, run.built.fitted.own.composed.origin.clone()));
        Self { inner: run.dns.resolver(), given, seen: Mutex::new(Seen::after(run.dead.as_ref())) }
    }

    /// The names that were asked for; they are given away.
    pub(super) fn names(&self) -> BTreeSet<Name> {
        std::mem::take(&mut self.seen().names)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask_resolver(&self, question: &Question) -> Answer {
        let given_up =
            Some(self.seen()).filter(|seen| seen.silences >= SILENCES_MAX).and_then(|seen| seen.last.clone());
        if let Some(last) = given_up {
            return instead(&last, question);
        }
        let answer = self.inner.ask(question);
        let mut seen = self.seen();
        seen.names.insert(question.name.clone());
        if matches!(answer.outcome, Outcome::Timeout { .. }) {
            seen.silences += 1;
            seen.last = Some(answer.clone());
        }
        answer
    }
}

impl Resolve for Recorded<'_> {
    fn ask(&self, question: &Question) -> Answer {
        let own = self.given.as_ref().filter(|(_, origin)| question.name.is_subdomain_of(origin));
        let Some((given, origin)) = own else { return self.ask_resolver(question) };
        self.seen().names.insert(question.name.clone());
        let told = vec![given.ask(question)];
        let on = |open: &[Question]| open.iter().map(|question| self.ask_resolver(question)).collect();
        asked_on(origin, std::slice::from_ref(question), told, on).pop().unwrap_or_else(|| self.ask_resolver(question))
    }
}
