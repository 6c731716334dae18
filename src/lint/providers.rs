//! What mailbox providers demand beyond the standards: Gmail, Yahoo, Outlook.com, and the Japanese carriers. Their numbers are policy, not
//! protocol: each has its source and the date it was read.

use std::collections::{HashMap, HashSet};

use crate::compose::{DeclaredSender, DkimState, Envelope, Intent, Origin, SpfPlace};
use crate::mail::dmarc::{Policy, Role};
use crate::mail::spf::{Qualifier, TermKind, is_spf};
use crate::report::{Confidence, Finding, NoteKind, Severity, Text, visible};
use crate::say;
use crate::zone::{Name, Rtype};

use super::hosts::Existing;
use super::policy::{Answers, Leg, company, from_domains, jp_mobile, legs, mails, plain, sender_finding, sending};
use super::spf::records;
use super::{Findings, Rule, Seen, View};

/// Mails a day to personal Gmail from which the bulk rules apply (support.google.com/mail/answer/81126, read 2026-11-24). Yahoo publishes no
/// number; Outlook.com has the same one.
const BULK_PER_DAY: u64 = 5_000;

/// The rules of this file.
pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "provider-all-senders",
        en: "Every sender has SPF or DKIM",
        ja: "どのサービスにも SPF か DKIM があります",
        source: "support.google.com/mail/answer/81126; senders.yahooinc.com",
        check: all_senders,
    },
    Rule {
        id: "provider-bulk-senders",
        en: "From 5,000 mails a day every sender has SPF, DKIM and an aligned From",
        ja: "1 日 5,000 通以上なら、どのサービスにも SPF、DKIM、差出人との一致があります",
        source: "support.google.com/mail/answer/81126; senders.yahooinc.com; Microsoft 2025-04-02; support.apple.com/102322",
        check: bulk_senders,
    },
    Rule {
        id: "gmail-volume-unknown",
        en: "Who sends newsletters says how much goes to Gmail",
        ja: "一斉配信をするなら、Gmail あての通数が分かっています",
        source: "support.google.com/mail/answer/81126",
        check: volume_unknown,
    },
    Rule {
        id: "provider-from-freemail",
        en: "No From address at a freemail or carrier domain",
        ja: "差出人はフリーメールや携帯のアドレスではありません",
        source: "support.google.com/mail/answer/81126; the domains' own DMARC records",
        check: from_freemail,
    },
    Rule {
        id: "jp-docomo-from-domain",
        en: "For Japanese carriers the From domain has SPF, MX or A, DKIM and DMARC",
        ja: "携帯あてでは、差出人のドメインに SPF、MX か A、DKIM、DMARC があります",
        source: "docomo.ne.jp/service/docomo_mail/smtp_notice/ items 1-4",
        check: docomo,
    },
    Rule {
        id: "jp-au-spf-ipv4",
        en: "For au the SPF record has IPv4 addresses",
        ja: "au あてでは、SPF に IPv4 アドレスがあります",
        source: "au.com/mobile/service/mail/attention/spf-record",
        check: au_ipv4,
    },
    Rule {
        id: "jp-dmarc-policy-none",
        en: "A Japanese sender does not stay at `p=none`",
        ja: "日本のドメインを `p=none` のままにしません",
        source: "soumu.go.jp 2025-09-01; softbank.jp 2024-02-13; au.com 2023-09-29; DMARC導入ガイドライン 2024-07",
        check: policy_none,
    },
];

/// Whether the site declares as much mail to Gmail as makes a bulk sender.
pub(super) fn is_bulk(view: &View<'_>) -> bool {
    view.declared.and_then(|d| d.gmail_per_day).is_some_and(|n| n >= BULK_PER_DAY)
}

/// Whether SPF passes for some domain: the vendor's own counts here, though not for DMARC.
fn has_spf(answers: &Answers<'_>, sender: &DeclaredSender) -> Option<bool> {
    match (&sender.envelope, sender.spf) {
        (Envelope::Vendor, _) | (Envelope::From | Envelope::Unknown, SpfPlace::From | SpfPlace::Both) => Some(true),
        (Envelope::Host(_), _) => (answers.spf(sender) != Leg::Unknown).then_some(true),
        // A record that somebody wrote by hand may well let it through.
        _ => {
            let written = answers.txt(&sender.from).ok()?;
            if written.into_iter().filter_map(Seen::txt).any(is_spf) { None } else { Some(false) }
        }
    }
}

/// Whether the sender signs with some key of the site.
fn has_dkim(sender: &DeclaredSender) -> Option<bool> {
    match sender.dkim {
        DkimState::Aligned => Some(true),
        DkimState::Blank => Some(false),
        DkimState::Unknown => None,
    }
}

fn all_senders(view: &View<'_>, found: &mut Findings) {
    let answers = Answers::of(view);
    for sender in sending(view) {
        let (spf, dkim) = (has_spf(&answers, sender), has_dkim(sender));
        if spf != Some(false) || dkim == Some(true) {
            continue;
        }
        let company = company(view, sender);
        let sure = dkim == Some(false);
        let title = say!(en: "{company} has neither SPF nor DKIM here", ja: "{company}の SPF も DKIM もありません"; company = company);
        let severity = if sure { Severity::Error } else { Severity::Warning };
        found.push(
            sender_finding(view, "provider-all-senders", severity, sender, title)
                .confidence(if sure { Confidence::High } else { Confidence::Low })
                .harm(say!(en: "Gmail and Yahoo refuse mail that has neither", ja: "Gmail と Yahoo は、どちらもないメールを断ります"))
                .next(say!(en: "set up DKIM in the panel of {company}, and ask what to put into SPF", ja: "{company}の画面で DKIM を設定し、SPF に入れる値を確かめます"; company = company))
                .panel(company),
        );
    }
}

fn bulk_senders(view: &View<'_>, found: &mut Findings) {
    if !is_bulk(view) {
        return;
    }
    let answers = Answers::of(view);
    for (sender, legs) in legs(view) {
        let (spf, dkim) = (has_spf(&answers, sender), has_dkim(sender));
        // DMARC and alignment have findings of their own, and are named here only beside a gap.
        if spf == Some(true) && dkim == Some(true) {
            continue;
        }
        let discovery = answers.discover(&sender.from);
        let aligned = legs.dkim.aligns(legs.adkim) || legs.spf.aligns(legs.aspf);
        let mut gaps = Vec::new();
        let mut gap = |missing: bool, en: &str, ja: &str| {
            if missing {
                gaps.push(Text { en: en.into(), ja: ja.into() });
            }
        };
        gap(spf != Some(true), "SPF", "SPF");
        gap(dkim != Some(true), "DKIM", "DKIM");
        gap(discovery.is_ok_and(|d| d.found.is_none()), "DMARC", "DMARC");
        gap(!aligned, "an aligned From", "差出人との一致");
        let list = Text {
            en: gaps.iter().map(|g| g.en.as_str()).collect::<Vec<_>>().join(", "),
            ja: gaps.iter().map(|g| g.ja.as_str()).collect::<Vec<_>>().join("、"),
        };
        let sure = spf == Some(false) || dkim == Some(false);
        let count = view.declared.and_then(|d| d.gmail_per_day).unwrap_or_default();
        let company = company(view, sender);
        let title = if sure {
            say!(en: "{count} mails a day to Gmail, and {company} lacks: {list}", ja: "Gmail あて 1 日 {count} 通ですが、{company}に足りないものがあります: {list}"; company = company, list = list)
        } else {
            say!(en: "{count} mails a day to Gmail, and of {company} is not known: {list}", ja: "Gmail あて 1 日 {count} 通ですが、{company}について分からないことがあります: {list}"; company = company, list = list)
        };
        let severity = if sure { Severity::Error } else { Severity::Warning };
        found.push(
            sender_finding(view, "provider-bulk-senders", severity, sender, title)
                .confidence(if sure { Confidence::High } else { Confidence::Low })
                .harm(say!(
                    en: "from 5,000 a day Gmail and Outlook.com refuse the mail (5.7.26 to 5.7.40, 5.7.515)",
                    ja: "1 日 5,000 通以上では、Gmail と Outlook.com が受信を断ります（5.7.26～5.7.40、5.7.515）"
                ))
                .next(say!(en: "set up DKIM and SPF for {from} in the panel of {company} before sending", ja: "送る前に、{company}の画面で {from}の DKIM と SPF を設定します", from = visible(&plain(&sender.from)).into_owned(); company = company))
                .panel(company),
        );
    }
}

fn volume_unknown(view: &View<'_>, found: &mut Findings) {
    if view.declared.is_none_or(|d| d.gmail_per_day.is_some()) {
        return;
    }
    let declared = view.declared.into_iter().flat_map(|d| &d.senders);
    let mut senders = declared.filter(|s| mails(s) && matches!(s.kind, "esp" | "ma" | "shop"));
    // The question is about all zones of the site: the one that has the first sender asks it.
    let Some(first) = senders.next().filter(|s| Existing::of(view).is_here(&s.from)) else { return };
    let name = company(view, first);
    let title = say!(
        en: "how many mails a day go to Gmail? From 5,000 stricter rules apply",
        ja: "Gmail あては 1 日に何通ですか。5,000 通から条件が厳しくなります"
    );
    let mut finding = sender_finding(view, "gmail-volume-unknown", Severity::Warning, first, title);
    for sender in senders {
        finding = finding.at_opt(view.parties.get(sender.party).and_then(|p| p.span), company(view, sender));
    }
    found.push(
        finding
            .harm(say!(
                en: "with 5,000 once reached, Gmail counts the domain as a bulk sender for ever",
                ja: "1 度でも 5,000 通に達すると、その後ずっと大量送信者として扱われます"
            ))
            .note(NoteKind::Note, say!(
                en: "counted is mail to personal Gmail in 24 hours, over the whole domain with its subdomains, {name} and all other senders together",
                ja: "数え方: 個人の Gmail あて、24 時間、サブドメインを含むドメイン全体、{name}とほかのサービスの合計";
                name = name
            ))
            .source(say!(en: "support.google.com/mail/answer/81126 (2026-06)", ja: "support.google.com/mail/answer/81126（2026-06）"))
            .next(say!(
                en: "write the number at the top of site.toml (a guess will do):\ngmail-per-day = …",
                ja: "site.toml のはじめに通数を書きます（およその数で構いません）:\ngmail-per-day = …"
            )),
    );
}

/// Whether mail from this domain can only be its owner's: freemail and Japanese carriers.
fn is_freemail(domain: &str) -> bool {
    const EXACT: &[&str] = &[
        "gmail.com",
        "googlemail.com",
        "icloud.com",
        "me.com",
        "mac.com",
        "docomo.ne.jp",
        "au.com",
        "ezweb.ne.jp",
        "softbank.ne.jp",
        "i.softbank.jp",
    ];
    // yahoo.com, yahoo.co.jp, outlook.jp, …
    const NAMES: &[&str] = &["yahoo", "outlook", "hotmail", "live"];
    EXACT.contains(&domain)
        || domain.split_once('.').is_some_and(|(first, rest)| {
            NAMES.contains(&first) && psl::suffix(rest.as_bytes()).is_some_and(|s| s.as_bytes() == rest.as_bytes())
        })
}

fn from_freemail(view: &View<'_>, found: &mut Findings) {
    let Some(declared) = view.declared else { return };
    for sender in declared.senders.iter().filter(|s| mails(s)) {
        let domain = plain(&sender.from);
        if !is_freemail(&domain) {
            continue;
        }
        let (company, site) = (company(view, sender), visible(&plain(view.origin)).into_owned());
        let title = say!(
            en: "{company} sends as {domain}, which only {domain} itself may",
            ja: "{company}の差出人が {domain}です。{domain}を名のれるのは {domain}だけです";
            company = company
        );
        let finding = match &sender.from_given {
            Some(given) => Finding::error("provider-from-freemail", title)
                .at(given.span, Text::default())
                .at_opt(view.parties.get(sender.party).and_then(|p| p.span), company.clone()),
            None => sender_finding(view, "provider-from-freemail", Severity::Error, sender, title),
        };
        found.push(
            finding
                .harm(say!(en: "the mail cannot pass DMARC and is refused or becomes spam", ja: "DMARC に合格できず、断られるか迷惑メールになります"))
                .next(say!(en: "send from an address at {site}; a reply can still go to {domain} (Reply-To)", ja: "差出人を {site} のアドレスにします。返信先（Reply-To）は {domain}のままで構いません")),
        );
    }
}

fn docomo(view: &View<'_>, found: &mut Findings) {
    if !jp_mobile(view) {
        return;
    }
    let answers = Answers::of(view);
    for from in from_domains(view) {
        // Behind a CNAME or a delegation the zone cannot tell.
        let Ok(texts) = answers.txt(&from) else { continue };
        let mut gaps: Vec<(Text, Text)> = Vec::new();
        let domain = visible(&plain(&from)).into_owned();
        if !texts.into_iter().filter_map(Seen::txt).any(is_spf) {
            gaps.push((
                say!(en: "SPF", ja: "SPF"),
                say!(en: "SPF: docomo looks at the From domain, not at the Return-Path", ja: "SPF: docomo は Return-Path ではなく差出人のドメインを見ます"),
            ));
        }
        let null_mx = |s: &Seen| s.record.rdata.as_mx().is_some_and(|(_, host)| host.is_root());
        if !view.at(&from).any(|s| matches!(s.record.rtype, Rtype::A | Rtype::MX) && !null_mx(s)) {
            gaps.push((
                say!(en: "MX or A", ja: "MX か A"),
                say!(en: "MX or A: mail from a domain with neither may be refused; if the zone has one already, add it as a [[record]] so that zoneplan knows", ja: "MX か A: どちらもないドメインからのメールは断られることがあります（すでに DNS にあるなら、[[record]] に書けば分かります）"),
            ));
        }
        if answers.discover(&from).is_ok_and(|d| d.found.is_none()) {
            gaps.push((
                say!(en: "DMARC", ja: "DMARC"),
                say!(en: "DMARC: a banner says that the sender is not authenticated", ja: "DMARC: 「送信ドメイン認証が行われておりません」と表示されます"),
            ));
        }
        let mut senders = sending(view).filter(|s| s.from == from).peekable();
        if senders.peek().is_some() && senders.all(|s| has_dkim(s) == Some(false)) {
            gaps.push((
                say!(en: "DKIM", ja: "DKIM"),
                say!(en: "DKIM: mail that is forwarded fails", ja: "DKIM: 転送されたメールが不合格になります"),
            ));
        }
        if gaps.is_empty() {
            continue;
        }
        let list = Text {
            en: gaps.iter().map(|(short, _)| short.en.as_str()).collect::<Vec<_>>().join(", "),
            ja: gaps.iter().map(|(short, _)| short.ja.as_str()).collect::<Vec<_>>().join("、"),
        };
        let title = say!(en: "for docomo {domain} lacks: {list}", ja: "docomo あてのメールに必要なものが {domain}にありません: {list}"; list = list);
        let mut finding = Finding::warning("jp-docomo-from-domain", title).about(domain.clone(), "TXT");
        for sender in sending(view).filter(|s| s.from == from) {
            finding = finding.at_opt(view.parties.get(sender.party).and_then(|p| p.span), company(view, sender));
        }
        if finding.labels.is_empty() {
            finding = finding.at_opt(view.declared.and_then(|d| d.domain_span), Text::default());
        }
        for (_, why) in &gaps {
            finding = finding.harm(why.clone());
        }
        found.push(
            finding
                .source(say!(en: "docomo.ne.jp/service/docomo_mail/smtp_notice/", ja: "docomo.ne.jp/service/docomo_mail/smtp_notice/"))
                .next(order(&domain, gaps.iter().map(|(short, _)| short))),
        );
    }
}

/// What to add for a domain, numbered in the order in which to do it.
fn order<'t>(domain: &str, gaps: impl ExactSizeIterator<Item = &'t Text>) -> Text {
    if gaps.len() == 1 {
        let what = gaps.fold(Text::default(), |_, gap| gap.clone());
        return say!(en: "add {what} for {domain}", ja: "{domain}に {what} を足します"; what = what);
    }
    let steps = gaps.zip(1..).fold(Text::default(), |steps, (gap, number)| Text {
        en: format!("{} {number}. {}", steps.en, gap.en),
        ja: format!("{} {number}. {}", steps.ja, gap.ja),
    });
    say!(en: "add for {domain}, in this order:{steps}", ja: "{domain}に、次の順に足します:{steps}"; steps = steps)
}

fn au_ipv4(view: &View<'_>, found: &mut Findings) {
    if !jp_mobile(view) {
        return;
    }
    for spf in records(view) {
        let (seen, record) = (spf.seen, spf.record);
        let passes = record.live_mechanisms().filter(|t| t.qualifier == Qualifier::Pass && t.kind != TermKind::All);
        let kinds: Vec<(&str, bool)> =
            passes.map(|t| (t.raw.as_str(), matches!(t.kind, TermKind::Ip6 { .. }))).collect();
        if !kinds.iter().any(|(_, ip6)| *ip6) {
            continue;
        }
        let domain = visible(&plain(&seen.record.name)).into_owned();
        let all = kinds.iter().all(|(_, ip6)| *ip6) && record.redirect().is_none();
        let parties = if all { Vec::new() } else { ip6_only(view, seen, &kinds) };
        let mut push = |title: Text| {
            found.push(
                view.finding("jp-au-spf-ipv4", Severity::Warning, seen, title)
                    .harm(say!(en: "au asks for IPv4 addresses in SPF and may refuse the mail", ja: "au は SPF に IPv4 アドレスを求めており、メールが届かないことがあります"))
                    .next(say!(en: "add the IPv4 address of the same server: ip4:…", ja: "同じサーバーの IPv4 アドレスを足します: ip4:…")),
            );
        };
        if all {
            push(
                say!(en: "SPF of {domain} has IPv6 addresses only", ja: "{domain}の SPF に IPv6 アドレスしかありません"),
            );
        }
        for party in parties {
            push(
                say!(en: "in SPF of {domain}, {party} has IPv6 addresses only", ja: "{domain}の SPF で、{party}は IPv6 アドレスだけです"; party = party),
            );
        }
    }
}

/// The senders whose terms in this record are all `ip6:`. What the site itself adds may complete something else.
fn ip6_only(view: &View<'_>, seen: &Seen, kinds: &[(&str, bool)]) -> Vec<Text> {
    let Some(Intent::Spf { terms, .. }) = &seen.intent else { return Vec::new() };
    let is_ip6: HashMap<&str, bool> = kinds.iter().copied().collect();
    let mut parties: Vec<(usize, bool)> = Vec::new();
    for (term, origins) in terms {
        let Some(ip6) = is_ip6.get(term.as_str()) else { continue };
        for Origin { party, .. } in origins.iter().filter(|o| o.party != 0 && !o.by_hand) {
            match parties.iter_mut().find(|(known, _)| known == party) {
                Some((_, only)) => *only &= *ip6,
                None => parties.push((*party, *ip6)),
            }
        }
    }
    let name = |(party, _): (usize, bool)| view.parties.get(party).map(|p| p.name.clone());
    parties.into_iter().filter(|(_, only)| *only).filter_map(name).collect()
}

fn policy_none(view: &View<'_>, found: &mut Findings) {
    let jp = |name: &Name| plain(name).ends_with(".jp");
    if !view.declared.is_some_and(|d| d.jp_mobile) && !jp(view.origin) {
        return;
    }
    let answers = Answers::of(view);
    let mut told = HashSet::new();
    for from in from_domains(view) {
        let Ok(discovery) = answers.discover(&from) else { continue };
        if discovery.policy(true) != Some(Policy::None) {
            continue;
        }
        // What is no policy at all is dealt with first.
        let mut new = |domain: &str| told.insert(domain.to_owned());
        let record = discovery.found.as_ref();
        let Some(record) = record.filter(|f| !f.record.invalid_policy && new(&f.domain)) else { continue };
        let owner = Name::parse_absolute(format!("_dmarc.{}", record.domain)).ok();
        let Some(seen) = owner.and_then(|owner| answers.txt(&owner).ok()?.into_iter().next()) else { continue };
        let domain = visible(&record.domain).into_owned();
        let below = record.role != Role::Own && record.record.dmarc.sp.is_some();
        let tag = if below { "sp" } else { "p" };
        let title = say!(en: "{domain} is still at `{tag}=none`", ja: "{domain}は `{tag}=none` のままです");
        let range = record.record.tags.find(tag.as_bytes()).map(|tag| tag.range.clone());
        let finding = view.finding_at("jp-dmarc-policy-none", Severity::Advice, seen, range, title);
        let by_hand = seen.by_hand() || seen.origins.is_empty();
        let (place_en, place_ja, value) = if by_hand {
            ("in the record", "レコードを", format!("{tag}=quarantine"))
        } else {
            ("in [dmarc] of site.toml", "site.toml の [dmarc] を", format!("{tag} = \"quarantine\""))
        };
        let next = if record.record.dmarc.rua.is_empty() {
            say!(
                en: "first have reports sent to an address that you read:\nrua=mailto:dmarc@{domain}",
                ja: "まず、読めるアドレスにレポートが届くようにします:\nrua=mailto:dmarc@{domain}"
            )
        } else {
            say!(
                en: "when the reports of 2 weeks show no unauthenticated mail of your own, write {place_en}:\n{value}",
                ja: "2 週間ぶんのレポートで自分のサービスの未認証が 0 通なら、{place_ja}次のように書き換えます:\n{value}"
            )
        };
        found.push(
            finding
                .harm(say!(
                    en: "mail that forges {domain} is delivered; SoftBank and au act on the policy",
                    ja: "{domain}を名のるなりすましが届きます。ソフトバンクと au はこのポリシーに従います"
                ))
                .source(say!(
                    en: "MIC request of 2025-09-01; softbank.jp 2024-02-13; au.com 2023-09-29",
                    ja: "総務省の要請（2025-09-01）、softbank.jp（2024-02-13）、au.com（2023-09-29）"
                ))
                .next(next),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{levels, name, records, run, sender};
    use super::*;
    use crate::compose::{Declared, Party};
    use crate::report::Severity::*;
    use crate::report::{Sources, Span};
    use crate::toml_reader::At;

    fn rule(id: &str) -> &'static Rule {
        RULES.iter().find(|rule| rule.id == id).unwrap()
    }

    fn site(senders: Vec<DeclaredSender>) -> Declared {
        Declared { senders, gmail_per_day: Some(200), ..Declared::default() }
    }

    fn changed(change: impl FnOnce(&mut DeclaredSender)) -> DeclaredSender {
        let mut sender = sender("example.com");
        change(&mut sender);
        sender
    }

    /// All that docomo asks for.
    const ZONE: &str = "@ TXT \"v=spf1 ip4:203.0.113.25 -all\"
        @ MX 10 mx.example.net.
        _dmarc TXT \"v=DMARC1; p=quarantine; rua=mailto:d@example.com\"";

    #[test]
    fn what_is_right_is_silent() {
        let declared = Declared { jp_mobile: true, gmail_per_day: Some(9000), ..site(vec![sender("example.com")]) };
        for rule in RULES {
            assert_eq!(levels(rule, ZONE, Some(&declared)), [], "{}", rule.id);
            assert_eq!(levels(rule, "www A 192.0.2.1", None), [], "{}", rule.id);
        }
    }

    #[test]
    fn neither_spf_nor_dkim() {
        let rule = rule("provider-all-senders");
        let bare = |dkim| site(vec![changed(|s| (s.dkim, s.spf) = (dkim, SpfPlace::Nowhere))]);
        let empty = "www A 192.0.2.1";
        assert_eq!(levels(rule, empty, Some(&bare(DkimState::Blank))), [Error]);
        assert_eq!(levels(rule, empty, Some(&bare(DkimState::Unknown))), [Warning]);
        assert_eq!(levels(rule, empty, Some(&bare(DkimState::Aligned))), []);
        assert_eq!(levels(rule, ZONE, Some(&bare(DkimState::Blank))), [], "a record by hand may let it through");
        let vendor = site(vec![changed(|s| {
            (s.dkim, s.envelope, s.spf) = (DkimState::Blank, Envelope::Vendor, SpfPlace::Nowhere)
        })]);
        assert_eq!(levels(rule, empty, Some(&vendor)), [], "SPF passes for the vendor");
    }

    #[test]
    fn bulk_needs_both() {
        let rule = rule("provider-bulk-senders");
        let bulk = |count, sender| Declared { gmail_per_day: Some(count), ..site(vec![sender]) };
        let spf_only = || changed(|s| s.dkim = DkimState::Blank);
        let found = run(rule, "www A 192.0.2.1", Some(&bulk(5000, spf_only())));
        assert_eq!(
            found.iter().map(|f| (f.severity, f.title.en.as_str())).collect::<Vec<_>>(),
            [(Error, "5000 mails a day to Gmail, and a sender lacks: DKIM, DMARC")]
        );
        assert_eq!(levels(rule, ZONE, Some(&bulk(4999, spf_only()))), []);
        assert_eq!(levels(rule, ZONE, Some(&bulk(5000, changed(|s| s.dkim = DkimState::Unknown)))), [Warning]);
        assert_eq!(levels(rule, ZONE, Some(&bulk(5000, sender("example.com")))), []);
        let undeclared = Declared { gmail_per_day: None, ..bulk(0, spf_only()) };
        assert_eq!(levels(rule, ZONE, Some(&undeclared)), []);
    }

    #[test]
    fn a_newsletter_without_a_number_is_a_question() {
        let rule = rule("gmail-volume-unknown");
        let asked = |kind: &'static str, count| {
            let one = changed(|s| s.kind = kind);
            levels(rule, ZONE, Some(&Declared { gmail_per_day: count, ..site(vec![one]) }))
        };
        assert_eq!(asked("esp", None), [Warning]);
        assert_eq!(asked("shop", None), [Warning]);
        assert_eq!(asked("rental-server", None), []);
        assert_eq!(asked("esp", Some(10)), []);
        let found = run(
            rule,
            ZONE,
            Some(&Declared { gmail_per_day: None, ..site(vec![sender("example.com"), sender("example.com")]) }),
        );
        let last = found.iter().flat_map(|f| &f.notes).last().unwrap();
        assert_eq!(found.len(), 1, "one question for all");
        assert!(last.kind == NoteKind::Next && last.text.en.ends_with("\ngmail-per-day = …"));
    }

    #[test]
    fn freemail_domains() {
        for bad in [
            "gmail.com",
            "yahoo.co.jp",
            "yahoo.com",
            "outlook.jp",
            "hotmail.co.uk",
            "live.com",
            "icloud.com",
            "docomo.ne.jp",
            "ezweb.ne.jp",
            "softbank.ne.jp",
        ] {
            assert!(is_freemail(bad), "{bad}");
        }
        for good in
            ["example.jp", "yahoo.example.com", "live.example.jp", "mygmail.com", "com", "sub.gmail.com.example.com"]
        {
            assert!(!is_freemail(good), "{good}");
        }
        let rule = rule("provider-from-freemail");
        let mut sources = Sources::default();
        let file = sources.add("site.toml", "from = \"shop@gmail.com\"".into());
        let given = At { value: "shop@gmail.com".to_owned(), span: Span::new(file, 7..23) };
        let one = DeclaredSender { from_given: Some(given), ..sender("gmail.com") };
        let found = run(rule, ZONE, Some(&site(vec![one])));
        assert_eq!(
            found.iter().map(|f| (f.severity, f.primary())).collect::<Vec<_>>(),
            [(Error, Some(Span::new(file, 7..23)))]
        );
        assert_eq!(levels(rule, ZONE, Some(&site(vec![sender("example.com")]))), []);
    }

    #[test]
    fn docomo_names_what_is_missing() {
        let rule = rule("jp-docomo-from-domain");
        let jp = |from: &str| Declared { jp_mobile: true, ..site(vec![sender(from)]) };
        let title = |zone: &str, declared: &Declared| {
            run(rule, zone, Some(declared)).into_iter().map(|f| f.title.en).collect::<Vec<_>>()
        };
        assert_eq!(title(ZONE, &jp("example.com")), [""; 0]);
        // The parent's DMARC applies to news; SPF, A and MX do not.
        assert_eq!(title(ZONE, &jp("news.example.com")), ["for docomo news.example.com lacks: SPF, MX or A"]);
        let keyless = Declared { jp_mobile: true, ..site(vec![changed(|s| s.dkim = DkimState::Blank)]) };
        assert_eq!(title("@ MX 0 .", &keyless), ["for docomo example.com lacks: SPF, MX or A, DMARC, DKIM"]);
        assert_eq!(
            title("@ A 192.0.2.1", &site(vec![sender("example.com")])),
            [""; 0],
            "no carrier among the recipients"
        );
        assert_eq!(title("news CNAME esp.example.net.", &jp("news.example.com")), [""; 0], "not asked");
    }

    #[test]
    fn au_wants_ipv4() {
        let rule = rule("jp-au-spf-ipv4");
        let jp = Declared { jp_mobile: true, ..site(vec![sender("example.com")]) };
        let level = |spf: &str| levels(rule, &format!("@ TXT \"v=spf1 {spf}\""), Some(&jp));
        assert_eq!(level("ip6:2001:db8::25 -all"), [Warning]);
        assert_eq!(level("ip4:203.0.113.25 ip6:2001:db8::25 -all"), []);
        assert_eq!(level("mx ip6:2001:db8::25 -all"), []);
        assert_eq!(level("-all"), []);
        assert_eq!(level("-ip6:2001:db8::25 -all"), [], "it refuses, nobody is represented by it");
        assert_eq!(level("ip6:2001:db8::25 redirect=example.net"), []);
        assert_eq!(levels(rule, "@ TXT \"v=spf1 ip6:2001:db8::25 -all\"", Some(&site(vec![]))), []);
    }

    #[test]
    fn a_sender_with_ipv6_only_is_named() {
        let origin = name("example.com");
        let sources = Sources::default();
        let parties: Vec<Party> =
            ["site", "A", "B"].map(|n| Party { name: Text::same(n), id: None, span: None }).into();
        let mut seen = records(
            "example.com",
            "@ TXT \"v=spf1 ip4:192.0.2.1 include:b.example.net ip6:2001:db8::1 ip6:2001:db8::2 -all\"",
        );
        let by = |party| vec![Origin { party, span: None, by_hand: false }];
        let terms =
            [("ip4:192.0.2.1", 0), ("include:b.example.net", 2), ("ip6:2001:db8::1", 1), ("ip6:2001:db8::2", 2)];
        for one in &mut seen {
            let terms = terms.map(|(term, party)| (term.to_owned(), by(party))).into();
            one.intent = Some(Intent::Spf { terms, written_out: Vec::new(), return_path: false });
        }
        let declared = Declared { jp_mobile: true, ..site(vec![]) };
        let view = View::new(&origin, seen, Some(&declared), &parties, &sources);
        let mut found = Findings::all();
        (rule("jp-au-spf-ipv4").check)(&view, &mut found);
        let titles: Vec<&str> = found.iter().map(|f| f.title.en.as_str()).collect();
        assert_eq!(titles, ["in SPF of example.com, A has IPv6 addresses only"]);
    }

    #[test]
    fn policy_none_in_japan_has_one_next_step() {
        let rule = rule("jp-dmarc-policy-none");
        let jp = Declared { jp_mobile: true, ..site(vec![sender("example.com"), sender("news.example.com")]) };
        let next = |record: &str, declared: &Declared| {
            let found = run(rule, &format!("_dmarc TXT \"{record}\""), Some(declared));
            let notes = found.into_iter().flat_map(|f| f.notes).filter(|n| n.kind == NoteKind::Next);
            notes.map(|n| n.text.en.lines().last().unwrap_or_default().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(next("v=DMARC1; p=none; rua=mailto:d@example.com", &jp), ["p=quarantine"], "once for both");
        assert_eq!(next("v=DMARC1; p=none", &jp), ["rua=mailto:dmarc@example.com"], "without reports nobody can tell");
        assert_eq!(next("v=DMARC1; p=quarantine", &jp), [""; 0]);
        assert_eq!(next("v=DMARC1; p=rejct; rua=mailto:d@example.com", &jp), [""; 0], "the slip comes first");
        assert_eq!(next("v=DMARC1; p=none", &site(vec![sender("example.com")])), [""; 0], "not Japanese");
        assert_eq!(
            next("v=DMARC1; p=reject; sp=none", &jp),
            ["rua=mailto:dmarc@example.com"],
            "the subdomain's policy"
        );
        let (origin, sources) = (name("example.co.jp"), Sources::default());
        let zone = records("example.co.jp", "_dmarc TXT \"v=DMARC1; p=none\"\n@ MX 10 mx.example.net.");
        let view = View::new(&origin, zone, None, &[], &sources);
        let mut found = Findings::all();
        (rule.check)(&view, &mut found);
        assert_eq!(found.iter().map(|f| f.severity).collect::<Vec<_>>(), [Advice]);
    }
}
