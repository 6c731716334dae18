//! DMARC together with the rest of the zone and the senders: whose policy applies, and whose mail passes it.

use std::collections::{HashMap, HashSet};
use std::ops::Deref;

use crate::compose::{DeclaredSender, Intent};
use crate::mail::dmarc::{Alignment, Policy, REPORT_RECORD, Recognised, report_authorisation_name};
use crate::report::{Confidence, Finding, NoteKind, Severity, Text, visible};
use crate::say;
use crate::zone::{Name, Rtype};

use super::dmarc::{above, entries};
use super::policy::{
    Answers, Leg, Legs, company, from_domains, jp_mobile, legs, plain, registrable, sender_finding, sending, sends,
};
use super::providers::is_bulk;
use super::{Findings, Rule, View};

/// The rules of this file.
pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "dmarc-missing",
        en: "A DMARC policy applies to every From domain",
        ja: "差出人のドメインすべてに DMARC のポリシーがあります",
        source: "RFC 9989 §4.10.1, §5.1.4; support.google.com/mail/answer/81126",
        check: missing,
    },
    Rule {
        id: "dmarc-rua-external-unauthorised",
        en: "Who receives reports about another organization has agreed in DNS",
        ja: "よその組織にレポートを送るときは、受け取る側の DNS に承認のレコードがあります",
        source: "RFC 9990 §4",
        check: rua_external,
    },
    Rule {
        id: "dmarc-sender-unaligned",
        en: "Every sender's DKIM or SPF domain is the From domain's",
        ja: "どのサービスも、DKIM か SPF のドメインが差出人と一致します",
        source: "RFC 9989 §4.4; Gmail 4.7.32, 5.7.32",
        check: unaligned,
    },
    Rule {
        id: "dmarc-sender-one-leg",
        en: "Every sender aligns by DKIM and by SPF",
        ja: "どのサービスも、DKIM と SPF の両方が差出人と一致します",
        source: "RFC 9989 §4.5, §8; docomo.ne.jp/service/docomo_mail/smtp_notice/ items 2-3",
        check: one_leg,
    },
    Rule {
        id: "dmarc-strict-breaks-sender",
        en: "`adkim=s` and `aspf=s` leave every sender a way to align",
        ja: "`adkim=s` や `aspf=s` にしても、どのサービスも一致します",
        source: "RFC 9989 §3.2.10",
        check: strict_breaks,
    },
    Rule {
        id: "dmarc-reject-without-dkim",
        en: "`p=reject` only where every sender signs as the From domain",
        ja: "`p=reject` は、すべてのサービスが差出人のドメインで DKIM 署名してからです",
        source: "RFC 9989 §7.4, §8",
        check: reject_without_dkim,
    },
    Rule {
        id: "dmarc-reject-human-mail",
        en: "`p=reject` on a domain with mailboxes of people is reached in steps",
        ja: "人が使うメールのあるドメインの `p=reject` は、段階を踏んでからです",
        source: "RFC 9989 §7.4",
        check: reject_human_mail,
    },
    Rule {
        id: "dmarc-subdomain-override",
        en: "A sending subdomain's own record is not weaker than its parent's",
        ja: "メールを出すサブドメインのレコードは、親ドメインより弱くありません",
        source: "RFC 9989 §4.10.1",
        check: subdomain_override,
    },
    Rule {
        id: "dmarc-orgdomain-missing",
        en: "The registrable domain has a record where a subdomain has one",
        ja: "サブドメインに DMARC があれば、登録したドメインにもあります",
        source: "RFC 9989 §5.1.4, §C.3",
        check: orgdomain_missing,
    },
];

/// Places that one finding shows.
const PLACES: usize = 20;

fn shown(name: &Name) -> String {
    visible(&plain(name)).into_owned()
}

fn missing(view: &View<'_>, found: &mut Findings) {
    let answers = Answers::of(view);
    let bulk = is_bulk(view);
    let mut told = HashSet::new();
    for from in from_domains(view) {
        let Ok(discovery) = answers.discover(&from) else { continue };
        let org = Name::parse_absolute(registrable(&discovery.org_domain)).ok();
        let home = org.filter(|org| org.is_subdomain_of(view.origin)).unwrap_or_else(|| view.origin.clone());
        // A TXT that is no record, or is one of several, has its own finding.
        let broken = |domain: &Name| domain.child("_dmarc").is_ok_and(|at| view.of(&at, Rtype::TXT).next().is_some());
        if discovery.found.is_some() || broken(&from) || broken(&home) || !told.insert(home.clone()) {
            continue;
        }
        let domain = shown(&home);
        let title = if bulk {
            say!(
                en: "{domain} has no DMARC record, which Gmail demands from 5,000 mails a day",
                ja: "{domain}に DMARC レコードがありません。1 日 5,000 通以上のメールでは Gmail の必須条件です"
            )
        } else {
            say!(en: "{domain} has no DMARC record", ja: "{domain}に DMARC レコードがありません")
        };
        let severity = if bulk { Severity::Error } else { Severity::Warning };
        let mut finding = Finding::new("dmarc-missing", severity, title).about(format!("_dmarc.{domain}"), "TXT");
        for sender in sending(view).filter(|s| s.from == from) {
            finding = finding.at_opt(view.parties.get(sender.party).and_then(|p| p.span), company(view, sender));
        }
        if finding.labels.is_empty() {
            finding = finding.at_opt(view.declared.and_then(|d| d.domain_span), Text::default());
        }
        let jp = jp_mobile(view);
        finding = finding.harm(match (bulk, jp) {
            (true, _) => say!(en: "Gmail, Yahoo and Outlook.com refuse the mail", ja: "Gmail、Yahoo、Outlook.com がメールを断ります"),
            (false, true) => say!(
                en: "docomo shows a banner that the sender is not authenticated; anybody can send as {domain}",
                ja: "docomo のメールに「送信ドメイン認証が行われておりません」と出ます。だれでも {domain}を名のれます"
            ),
            (false, false) => say!(en: "anybody can send as {domain}, and nobody sees it", ja: "だれでも {domain}を名のってメールを出せ、気づく方法もありません"),
        });
        found.push(if view.declared.is_some() {
            finding.next(say!(
                en: "write these lines in site.toml; with \"none\" no mail is refused:\n[dmarc]\np = \"none\"",
                ja: "site.toml に次の行を書きます（none ではメールは止まりません）:\n[dmarc]\np = \"none\""
            ))
        } else {
            finding.next(say!(
                en: "add this TXT record at _dmarc.{domain}; with \"none\" no mail is refused:\nv=DMARC1; p=none",
                ja: "_dmarc.{domain}に次の TXT レコードを足します（none ではメールは止まりません）:\nv=DMARC1; p=none"
            ))
        });
    }
}

fn rua_external(view: &View<'_>, found: &mut Findings) {
    let mut told = HashSet::new();
    for entry in entries(view).filter(|entry| entry.recognised != Recognised::No) {
        let domain = plain(entry.domain);
        let dmarc = &entry.record.dmarc;
        for uri in dmarc.rua.iter().chain(&dmarc.ruf) {
            let Some(destination) = uri.domain() else { continue };
            if registrable(&destination) == registrable(&domain) || !told.insert((domain.clone(), destination.clone()))
            {
                continue;
            }
            let to = visible(&destination).into_owned();
            let range = Some(uri.range.clone());
            let id = "dmarc-rua-external-unauthorised";
            found.push(match report_authorisation_name(&domain, &destination) {
                Ok(name) => {
                    let name = visible(&name).into_owned();
                    let title = say!(
                        en: "reports go to {to}: not checked whether it has agreed to receive them",
                        ja: "レポートの宛先は {to}です。受け取りを承認しているかは照会していません"
                    );
                    view.finding_at(id, Severity::Advice, entry.seen, range, title)
                        .confidence(Confidence::Low)
                        .harm(say!(en: "without that record no report is sent", ja: "承認のレコードがないと、レポートは送られません"))
                        .next(say!(
                            en: "ask whoever runs {to} for this record; report services have it already:\n{name}. TXT \"{REPORT_RECORD}\"",
                            ja: "{to}の管理者に次のレコードを頼みます（レポート用のサービスなら、もうあります）:\n{name}. TXT \"{REPORT_RECORD}\""
                        ))
                        .about(name, "TXT")
                }
                Err(long) => {
                    let octets = long.octets;
                    let title = say!(
                        en: "the name by which {to} would agree to reports is {octets} bytes; DNS takes 255",
                        ja: "{to}が承認するための名前は {octets} バイトになります。DNS の上限は 255 バイトです"
                    );
                    view.finding_at(id, Severity::Error, entry.seen, range, title)
                        .harm(say!(en: "no report can be sent there", ja: "その宛先にレポートは届きません"))
                        .next(say!(en: "use an address inside {domain}", ja: "{domain}のアドレスを使います", domain = visible(&domain)))
                }
            });
        }
    }
}

/// A sender with its legs and the policy of its From domain.
struct Judged<'v> {
    sender: &'v DeclaredSender,
    legs: Legs,
}

impl Deref for Judged<'_> {
    type Target = Legs;

    fn deref(&self) -> &Legs {
        &self.legs
    }
}

impl Judged<'_> {
    /// Its From domain and its company, for a message.
    fn shown(&self, view: &View<'_>) -> (String, Text) {
        (shown(&self.sender.from), company(view, self.sender))
    }

    /// Whether DMARC passes in the modes of the record.
    fn passes(&self) -> bool {
        self.dkim.aligns(self.adkim) || self.spf.aligns(self.aspf)
    }

    /// Whether it would pass in relaxed mode.
    fn passes_relaxed(&self) -> bool {
        self.dkim.aligns(Alignment::Relaxed) || self.spf.aligns(Alignment::Relaxed)
    }
}

fn judged<'v>(view: &'v View<'_>) -> impl Iterator<Item = Judged<'v>> {
    legs(view).map(|(sender, legs)| Judged { sender, legs })
}

fn unaligned(view: &View<'_>, found: &mut Findings) {
    for one in judged(view).filter(|one| !one.passes_relaxed()) {
        let (from, company) = one.shown(view);
        let known = one.dkim == Leg::Other && one.spf == Leg::Other;
        let id = "dmarc-sender-unaligned";
        let finding = if one.dkim == Leg::Blank {
            let title = say!(
                en: "{company}: DMARC fails until its DKIM key is entered",
                ja: "{company}のメールは、DKIM の鍵を入れるまで DMARC に合格しません";
                company = company
            );
            sender_finding(view, id, Severity::Warning, one.sender, title)
                .next(say!(en: "copy the key or CNAME that {company} shows into site.toml", ja: "{company}の画面に出ている鍵（または CNAME）を site.toml に写します"; company = company))
        } else if known {
            let title = say!(
                en: "{company}: neither DKIM nor SPF is in the name of {from}, so DMARC fails",
                ja: "{company}のメールは、DKIM も SPF も {from}の名義ではないため、DMARC に合格しません";
                company = company
            );
            sender_finding(view, id, Severity::Error, one.sender, title)
                .next(say!(en: "set up DKIM for {from} at {company}, and its record here", ja: "{company}で {from}の DKIM を設定し、そのレコードをここに入れます"; company = company))
        } else if one.sender.dkim_unknown_said {
            // Composing has asked for its DKIM record already; one question is enough.
            continue;
        } else {
            let title = say!(
                en: "{company}: whether its mail passes DMARC is not known",
                ja: "{company}のメールが DMARC に合格するかは分かりません";
                company = company
            );
            sender_finding(view, id, Severity::Warning, one.sender, title).confidence(Confidence::Low).next(say!(
                en: "send yourself a mail from {company} to Gmail, then: zoneplan diagnose mail.eml",
                ja: "{company}から Gmail の自分あてに 1 通送り、zoneplan diagnose mail.eml で調べます";
                company = company
            ))
        };
        let sure = known || one.dkim == Leg::Blank;
        let harm = match one.policy {
            Some(Policy::Quarantine) if sure => {
                say!(en: "its mail goes to the spam folder (`p=quarantine`)", ja: "迷惑メールに入ります（`p=quarantine`）")
            }
            Some(Policy::Reject) if sure => {
                say!(en: "its mail is refused (`p=reject`)", ja: "受信を断られます（`p=reject`）")
            }
            Some(policy @ (Policy::Quarantine | Policy::Reject)) => {
                let policy = policy.as_str();
                say!(en: "if it does not, it meets `p={policy}`", ja: "合格しなければ `p={policy}` の扱いになります")
            }
            _ => say!(
                en: "an SPF pass for the company's own domain does not count for {from}",
                ja: "サービス側のドメインで SPF に合格しても、{from}としては数えられません"
            ),
        };
        found.push(finding.harm(harm).panel(company.clone()).about(from.clone(), "TXT"));
    }
}

fn one_leg(view: &View<'_>, found: &mut Findings) {
    let jp = jp_mobile(view);
    for one in judged(view).filter(Judged::passes) {
        let (from, company) = one.shown(view);
        let id = "dmarc-sender-one-leg";
        if !one.dkim.aligns(one.adkim) && one.dkim != Leg::Blank {
            let title = if one.dkim == Leg::Unknown {
                say!(
                    en: "as far as is known, {company} passes DMARC by SPF only",
                    ja: "分かっている限り、{company}のメールは SPF だけで DMARC に合格しています";
                    company = company
                )
            } else {
                say!(
                    en: "{company} passes DMARC by SPF only",
                    ja: "{company}のメールは SPF だけで DMARC に合格しています";
                    company = company
                )
            };
            let sure = if one.dkim == Leg::Unknown { Confidence::Low } else { Confidence::High };
            found.push(
                sender_finding(view, id, Severity::Warning, one.sender, title)
                    .confidence(sure)
                    .harm(say!(en: "mail that is forwarded fails", ja: "転送されたメールは不合格になります"))
                    .next(say!(en: "ask {company} for DKIM in the name of {from}", ja: "{company}に、{from}の名義で DKIM 署名ができるか確かめます"; company = company))
                    .panel(company.clone()),
            );
        } else if one.dkim.aligns(one.adkim) && !one.spf.aligns(one.aspf) && one.spf != Leg::Unknown {
            let title = say!(en: "{company} passes DMARC by DKIM only", ja: "{company}のメールは DKIM だけで DMARC に合格しています"; company = company);
            let finding = sender_finding(view, id, Severity::Advice, one.sender, title);
            let finding = if jp {
                finding.harm(say!(
                    en: "docomo also looks for SPF at the From domain",
                    ja: "docomo は差出人のドメインの SPF も見ます"
                ))
            } else {
                finding.note(
                    NoteKind::Note,
                    say!(en: "this is usual for delivery services", ja: "配信サービスではよくあることです"),
                )
            };
            found.push(finding.next(say!(
                en: "if {company} offers a Return-Path below {from}, set it up",
                ja: "{company}で Return-Path を {from}の下の名前にできるなら、設定します";
                company = company
            )));
        }
    }
}

fn strict_breaks(view: &View<'_>, found: &mut Findings) {
    for one in judged(view).filter(|one| one.passes_relaxed() && !one.passes()) {
        let (from, company) = one.shown(view);
        let tag = if one.dkim.aligns(Alignment::Relaxed) { "adkim" } else { "aspf" };
        let title = say!(
            en: "{company}: `{tag}=s` makes DMARC fail; it signs or sends for a subdomain of the same organization",
            ja: "{company}のメールは `{tag}=s` のために DMARC に合格しません。署名か Return-Path が {from}と同じ名前ではありません";
            company = company
        );
        found.push(
            sender_finding(view, "dmarc-strict-breaks-sender", Severity::Error, one.sender, title)
                .at_opt(view.declared.and_then(|d| d.dmarc_span), say!(en: "strict here", ja: "厳格の指定"))
                .about(format!("_dmarc.{from}"), "TXT")
                .harm(say!(en: "its mail fails DMARC", ja: "このサービスのメールは DMARC に不合格になります"))
                .next(say!(en: "delete `{tag}` in [dmarc] of site.toml, or write {tag} = \"r\"", ja: "site.toml の [dmarc] から `{tag}` を消すか、{tag} = \"r\" と書きます")),
        );
    }
}

fn reject_without_dkim(view: &View<'_>, found: &mut Findings) {
    for one in judged(view) {
        if one.policy != Some(Policy::Reject) || one.dkim.aligns(one.adkim) {
            continue;
        }
        let (from, company) = one.shown(view);
        let (severity, sure) = match one.dkim {
            Leg::Unknown => (Severity::Warning, Confidence::Low),
            _ => (Severity::Error, Confidence::High),
        };
        let title = if one.dkim == Leg::Unknown {
            say!(
                en: "`p=reject` at {from}, and whether {company} signs in its name is not known",
                ja: "{from}は `p=reject` ですが、{company}が {from}の名義で DKIM 署名をするか分かりません";
                company = company
            )
        } else {
            say!(
                en: "`p=reject` at {from}, but {company} has no DKIM in its name",
                ja: "{from}は `p=reject` ですが、{company}には {from} 名義の DKIM がありません";
                company = company
            )
        };
        found.push(
            sender_finding(view, "dmarc-reject-without-dkim", severity, one.sender, title)
                .at_opt(view.declared.and_then(|d| d.dmarc_span), say!(en: "the policy", ja: "ポリシー"))
                .confidence(sure)
                .about(format!("_dmarc.{from}"), "TXT")
                .harm(say!(en: "mail from {company} that is forwarded is refused", ja: "{company}のメールは、転送されると受信を断られます"; company = company))
                .next(say!(en: "until DKIM works, go back to `p=none`", ja: "DKIM が使えるまで、`p=none` に戻します"))
                .panel(company.clone()),
        );
    }
}

/// A service that sends and receives is where people have their mailboxes; what people send to mailing lists is refused under `p=reject`.
fn reject_human_mail(view: &View<'_>, found: &mut Findings) {
    for one in judged(view) {
        if one.policy != Some(Policy::Reject) || !one.sender.receives {
            continue;
        }
        let (from, company) = one.shown(view);
        found.push(
            sender_finding(
                view,
                "dmarc-reject-human-mail",
                Severity::Advice,
                one.sender,
                say!(en: "`p=reject` at {from}, where people have mailboxes ({company})", ja: "{from} は `p=reject` ですが、人が使うメール（{company}）があります"; company = company),
            )
            .at_opt(view.declared.and_then(|d| d.dmarc_span), say!(en: "the policy", ja: "ポリシー"))
            .about(format!("_dmarc.{from}"), "TXT")
            .harm(say!(en: "what they write to mailing lists is refused by other members' providers", ja: "メーリングリストに投稿したメールが、ほかの参加者の会社に断られます"))
            .next(say!(en: "stay at none for a month, at quarantine for a month, then decide, and tell the people", ja: "none を 1 か月、quarantine を 1 か月続けてから決め、使う人に知らせてください")),
        );
    }
}

fn subdomain_override(view: &View<'_>, found: &mut Findings) {
    let answers = Answers::of(view);
    for entry in entries(view).filter(|e| e.recognised != Recognised::No && sends(view, e.domain)) {
        let Some(discovery) = above(&answers, entry.domain) else { continue };
        let Some(parent) = discovery.found.as_ref() else { continue };
        let (own, above) = (&entry.record.dmarc, &parent.record.dmarc);
        let (policy, wanted) = (own.policy(), above.subdomain_policy(true));
        let domain = shown(entry.domain);
        let (weak, strong) = (policy.as_str(), wanted.as_str());
        let range = entry.record.tags.find(b"p").map(|tag| tag.range.clone());
        let id = "dmarc-subdomain-override";
        let finding = if policy < wanted {
            let title = say!(
                en: "{domain} has a record of its own with `p={weak}`; its parent says {strong}",
                ja: "{domain}には `p={weak}` のレコードがあります。親ドメインは {strong} です"
            );
            view.finding_at(id, Severity::Warning, entry.seen, range, title)
                .harm(say!(en: "mail that forges {domain} gets past the parent's policy", ja: "{domain}を名のるなりすましは、親ドメインのポリシーを避けられます"))
        } else if own.rua.is_empty() && !above.rua.is_empty() {
            let title = say!(
                en: "{domain} has a record of its own without `rua=`: its parent's reports do not cover it",
                ja: "{domain}のレコードに `rua=` がありません。親ドメインのレポートには {domain}は入りません"
            );
            view.finding_at(id, Severity::Warning, entry.seen, None, title)
                .harm(say!(en: "no report shows the mail of {domain}", ja: "{domain}のメールのレポートが届きません"))
        } else {
            continue;
        };
        found.push(finding.next(say!(
            en: "delete the record of {domain} (then the parent's applies), or write in it what the parent says",
            ja: "{domain}のレコードを消す（親ドメインのものが適用されます）か、親ドメインと同じ内容にします"
        )));
    }
}

fn orgdomain_missing(view: &View<'_>, found: &mut Findings) {
    let answers = Answers::of(view);
    let from: HashSet<&Name> = sending(view).map(|s| &s.from).collect();
    let mut by_home: HashMap<Name, usize> = HashMap::new();
    for entry in entries(view).filter(|e| e.recognised != Recognised::No) {
        let domain = plain(entry.domain);
        let Ok(home) = Name::parse_absolute(registrable(&domain)) else { continue };
        let sends = view.declared.is_none() || from.iter().any(|f| f.is_subdomain_of(entry.domain));
        // A name that sends no mail is closed by its own record on purpose.
        if home == *entry.domain || !sends || entry.seen.intent == Some(Intent::NoMail) {
            continue;
        }
        let Ok(at) = home.child("_dmarc") else { continue };
        if !answers.txt(&at).is_ok_and(|there| there.is_empty()) {
            continue;
        }
        let (home_shown, domain) = (shown(&home), shown(entry.domain));
        let title = say!(
            en: "{domain} has a DMARC record and {home_shown} has none",
            ja: "{domain}には DMARC レコードがありますが、{home_shown}にはありません"
        );
        let finding = view.finding("dmarc-orgdomain-missing", Severity::Warning, entry.seen, title);
        if let Some(first) = by_home.get(&home).and_then(|at| found.get_mut(*at)) {
            let room = PLACES.saturating_sub(first.labels.len());
            first.labels.extend(finding.labels.into_iter().take(room));
            continue;
        }
        by_home.insert(home, found.len());
        let next = if view.declared.is_some() {
            say!(
                en: "write these lines in site.toml; with \"none\" no mail is refused:\n[dmarc]\np = \"none\"",
                ja: "site.toml に次の行を書きます（none ではメールは止まりません）:\n[dmarc]\np = \"none\""
            )
        } else {
            say!(
                en: "add this TXT record at _dmarc.{home_shown}; with \"none\" no mail is refused:\nv=DMARC1; p=none",
                ja: "_dmarc.{home_shown}に次の TXT レコードを足します（none ではメールは止まりません）:\nv=DMARC1; p=none"
            )
        };
        found.push(
            finding
                .harm(say!(
                    en: "receivers disagree on what belongs together, and other names below {home_shown} are unprotected",
                    ja: "受信側によって同じ組織とみなす範囲が変わり、{home_shown}の下のほかの名前は守られません"
                ))
                .next(next)
                .about(format!("_dmarc.{home_shown}"), "TXT"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{levels, name, run, sender};
    use super::*;
    use crate::compose::{Declared, DkimState, Envelope, SpfPlace};
    use crate::report::Severity::*;

    fn rule(id: &str) -> &'static Rule {
        RULES.iter().find(|rule| rule.id == id).unwrap()
    }

    fn site(senders: Vec<DeclaredSender>) -> Declared {
        Declared { senders, ..Declared::default() }
    }

    fn changed(change: impl FnOnce(&mut DeclaredSender)) -> DeclaredSender {
        let mut sender = sender("example.com");
        change(&mut sender);
        sender
    }

    /// From example.com, signed and sent as the vendor.
    fn vendor() -> DeclaredSender {
        changed(|s| {
            s.dkim_owners = vec![name("s._domainkey.esp.example.net")];
            s.envelope = Envelope::Vendor;
        })
    }

    fn next(found: &[Finding]) -> Vec<&str> {
        let notes = found.iter().flat_map(|f| &f.notes).filter(|n| n.kind == NoteKind::Next);
        notes.map(|n| n.text.en.as_str()).collect()
    }

    const NONE: &str = "_dmarc TXT \"v=DMARC1; p=none; rua=mailto:dmarc@example.com\"";
    const REJECT: &str = "_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:dmarc@example.com\"";

    #[test]
    fn reject_where_people_have_mailboxes_is_advised_against() {
        let rule = RULES.iter().find(|r| r.id == "dmarc-reject-human-mail").unwrap();
        let with = |receives: bool| Declared {
            senders: vec![DeclaredSender { receives, ..sender("example.com") }],
            ..Declared::default()
        };
        let reject = "_dmarc TXT \"v=DMARC1; p=reject\"";
        assert_eq!(levels(rule, reject, Some(&with(true))), [Severity::Advice]);
        assert_eq!(levels(rule, reject, Some(&with(false))), []);
        assert_eq!(levels(rule, "_dmarc TXT \"v=DMARC1; p=quarantine\"", Some(&with(true))), []);
    }

    #[test]
    fn what_is_right_is_silent() {
        for rule in RULES {
            assert_eq!(
                levels(rule, REJECT, Some(&site(vec![sender("example.com"), sender("news.example.com")]))),
                [],
                "{}",
                rule.id
            );
            assert_eq!(levels(rule, "www A 192.0.2.1", None), [], "{}: no mail here", rule.id);
        }
    }

    #[test]
    fn a_missing_policy_is_an_error_for_bulk_and_gives_the_lines_to_paste() {
        let rule = rule("dmarc-missing");
        let small = site(vec![sender("example.com")]);
        let found = run(rule, "www A 192.0.2.1", Some(&small));
        assert_eq!(found.iter().map(|f| f.severity).collect::<Vec<_>>(), [Warning]);
        assert!(next(&found).iter().all(|text| text.ends_with("\n[dmarc]\np = \"none\"")));
        let bulk = |n| Declared { gmail_per_day: Some(n), ..small.clone() };
        assert_eq!(levels(rule, "www A 192.0.2.1", Some(&bulk(5000))), [Error]);
        assert_eq!(levels(rule, "www A 192.0.2.1", Some(&bulk(4999))), [Warning]);
        assert_eq!(levels(rule, NONE, Some(&bulk(5000))), []);
    }

    #[test]
    fn one_missing_policy_for_the_domain_and_its_subdomains() {
        let rule = rule("dmarc-missing");
        let two = site(vec![sender("example.com"), sender("news.example.com")]);
        assert_eq!(levels(rule, "www A 192.0.2.1", Some(&two)), [Warning]);
        assert_eq!(levels(rule, NONE, Some(&site(vec![sender("news.example.com")]))), [], "the parent's applies");
    }

    #[test]
    fn a_policy_elsewhere_or_a_broken_one_is_not_missing() {
        let rule = rule("dmarc-missing");
        let one = site(vec![sender("example.com")]);
        assert_eq!(levels(rule, "_dmarc CNAME x.example.net.", Some(&one)), [], "not asked");
        assert_eq!(levels(rule, "_dmarc TXT \"v=DMARC1 p=none\"", Some(&one)), [], "dmarc-version speaks");
        let twice = format!("{NONE}\n{REJECT}");
        assert_eq!(levels(rule, &twice, Some(&one)), [], "dmarc-multiple-records speaks");
    }

    #[test]
    fn without_a_site_the_apex_is_meant_if_mail_is_set_up_there() {
        let rule = rule("dmarc-missing");
        let found = run(rule, "@ MX 10 mx.example.net.", None);
        assert!(next(&found).iter().all(|text| text.ends_with("\nv=DMARC1; p=none")), "no site.toml to write in");
        assert_eq!(found.len(), 1);
        assert_eq!(levels(rule, "@ TXT \"v=spf1 -all\"", None), [Warning]);
        assert_eq!(levels(rule, "@ MX 0 .", None), []);
    }

    #[test]
    fn reports_to_others_need_their_word() {
        let rule = rule("dmarc-rua-external-unauthorised");
        let to = |address: &str| format!("_dmarc TXT \"v=DMARC1; p=none; rua=mailto:{address}; ruf=mailto:{address}\"");
        let found = run(rule, &to("x@rep.example.net"), None);
        assert_eq!(found.iter().map(|f| f.severity).collect::<Vec<_>>(), [Advice], "once for both tags");
        assert!(
            next(&found).iter().all(|t| t.ends_with("\nexample.com._report._dmarc.rep.example.net. TXT \"v=DMARC1\""))
        );
        assert_eq!(levels(rule, &to("x@mail.example.com"), None), [], "the same organization");
        // 163 and 72 characters make 253 octets, 163 and 75 make 256 (RFC 1035 §2.3.4).
        let owner = format!("_dmarc.{0}.{0}.{1}", "a".repeat(63), "b".repeat(23));
        let dest = |last: usize| format!("{}.{}.net", "c".repeat(60), "d".repeat(last));
        let long = |last| format!("{owner} TXT \"v=DMARC1; p=none; rua=mailto:x@{}\"", dest(last));
        assert_eq!(
            (owner.len() + ".example.com".len() - "_dmarc.".len(), dest(7).len(), dest(10).len()),
            (163, 72, 75)
        );
        assert_eq!(levels(rule, &long(7), None), [Advice]);
        assert_eq!(levels(rule, &long(10), None), [Error]);
    }

    #[test]
    fn senders_in_nobodys_name() {
        let rule = rule("dmarc-sender-unaligned");
        let level = |sender| levels(rule, NONE, Some(&site(vec![sender])));
        assert_eq!(level(vendor()), [Error]);
        assert_eq!(level(changed(|s| s.envelope = Envelope::Vendor)), [], "its DKIM is the domain's");
        assert_eq!(level(changed(|s| s.dkim = DkimState::Unknown)), [], "its SPF is the domain's");
        let blank = changed(|s| (s.dkim, s.envelope) = (DkimState::Blank, Envelope::Vendor));
        assert_eq!(level(blank), [Warning], "the key will come");
        let unknown = changed(|s| (s.dkim, s.envelope) = (DkimState::Unknown, Envelope::Vendor));
        assert_eq!(level(unknown), [Warning]);
        assert_eq!(
            level(changed(|s| (s.sends, s.envelope, s.dkim) = (false, Envelope::Vendor, DkimState::Unknown))),
            []
        );
    }

    #[test]
    fn one_leg_is_a_warning_for_spf_and_advice_for_dkim() {
        let rule = rule("dmarc-sender-one-leg");
        let level = |sender| levels(rule, NONE, Some(&site(vec![sender])));
        assert_eq!(level(changed(|s| s.dkim = DkimState::Unknown)), [Warning]);
        assert_eq!(level(changed(|s| s.envelope = Envelope::Vendor)), [Advice]);
        assert_eq!(level(sender("example.com")), []);
        assert_eq!(level(vendor()), [], "no leg at all is another rule's");
        assert_eq!(level(changed(|s| s.envelope = Envelope::Unknown)), [], "what is not known is not missing");
        assert_eq!(level(changed(|s| s.dkim = DkimState::Blank)), [], "its blank has been told");
    }

    #[test]
    fn strict_modes_break_a_sender_that_uses_a_subdomain() {
        let rule = rule("dmarc-strict-breaks-sender");
        let bounce = || {
            changed(|s| {
                s.dkim = DkimState::Unknown;
                (s.envelope, s.spf) = (Envelope::Host(name("b.example.com")), SpfPlace::ReturnPath);
            })
        };
        let level = |tags: &str, sender| {
            levels(rule, &format!("_dmarc TXT \"v=DMARC1; p=none; {tags}\""), Some(&site(vec![sender])))
        };
        assert_eq!(level("aspf=s", bounce()), [Error]);
        assert_eq!(level("aspf=r", bounce()), []);
        assert_eq!(level("adkim=s", bounce()), [], "the other leg is not strict");
        assert_eq!(
            level("aspf=s", changed(|s| s.envelope = Envelope::Host(name("b.example.com")))),
            [],
            "its DKIM is exact"
        );
        assert_eq!(level("aspf=s", vendor()), [], "relaxed would not help");
        let signs_below = changed(|s| {
            s.dkim_owners = vec![name("s._domainkey.mail.example.com")];
            s.envelope = Envelope::Vendor;
        });
        assert_eq!(level("adkim=s", signs_below), [Error]);
    }

    #[test]
    fn reject_needs_dkim() {
        let rule = rule("dmarc-reject-without-dkim");
        let spf_only = |dkim| site(vec![changed(|s| s.dkim = dkim)]);
        assert_eq!(levels(rule, REJECT, Some(&spf_only(DkimState::Blank))), [Error]);
        assert_eq!(levels(rule, REJECT, Some(&spf_only(DkimState::Unknown))), [Warning]);
        assert_eq!(levels(rule, REJECT, Some(&spf_only(DkimState::Aligned))), []);
        assert_eq!(levels(rule, NONE, Some(&spf_only(DkimState::Blank))), []);
        let news = site(vec![DeclaredSender { dkim: DkimState::Blank, ..sender("news.example.com") }]);
        let sp_none = "_dmarc TXT \"v=DMARC1; p=reject; sp=none\"";
        assert_eq!(levels(rule, REJECT, Some(&news)), [Error], "the parent's policy applies");
        assert_eq!(levels(rule, sp_none, Some(&news)), []);
    }

    #[test]
    fn a_sending_subdomain_with_a_weaker_record() {
        let rule = rule("dmarc-subdomain-override");
        let news = site(vec![sender("news.example.com")]);
        let with = |record: &str| format!("{REJECT}\n_dmarc.news TXT \"v=DMARC1; {record}\"");
        assert_eq!(levels(rule, &with("p=none; rua=mailto:d@example.com"), Some(&news)), [Warning]);
        assert_eq!(levels(rule, &with("p=reject"), Some(&news)), [Warning], "no reports");
        assert_eq!(levels(rule, &with("p=reject; rua=mailto:d@example.com"), Some(&news)), []);
        assert_eq!(levels(rule, REJECT, Some(&news)), [], "deleted");
        assert_eq!(levels(rule, &with("p=none"), Some(&site(vec![sender("example.com")]))), [], "news does not send");
        let missing = super::super::dmarc::RULES.iter().find(|r| r.id == "dmarc-rua-missing").unwrap();
        assert_eq!(levels(missing, &with("p=reject"), Some(&news)), [], "said once");
    }

    #[test]
    fn a_subdomain_has_a_record_and_the_domain_none() {
        let rule = rule("dmarc-orgdomain-missing");
        let corp = "_dmarc.corp TXT \"v=DMARC1; p=reject\"";
        assert_eq!(levels(rule, corp, None), [Warning]);
        assert_eq!(levels(rule, corp, Some(&site(vec![sender("corp.example.com")]))), [Warning]);
        assert_eq!(levels(rule, corp, Some(&site(vec![sender("x.corp.example.com")]))), [Warning]);
        assert_eq!(levels(rule, corp, Some(&site(vec![sender("example.com")]))), [], "no From there");
        assert_eq!(levels(rule, &format!("{corp}\n{NONE}"), None), []);
        let two = format!("{corp}\n_dmarc.b TXT \"v=DMARC1; p=reject\"");
        assert_eq!(levels(rule, &two, None), [Warning], "one finding");
    }
}
