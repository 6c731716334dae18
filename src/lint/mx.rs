//! Where mail for a domain goes, or that none does: MX, null MX, wildcards.

use std::cell::LazyCell;
use std::collections::{BTreeSet, HashMap, HashSet};

use crate::compose::Envelope;
use crate::mail::dmarc::{self, Policy};
use crate::mail::{spf, tls_rpt};
use crate::report::{Severity, Text};
use crate::say;
use crate::zone::{Name, Rtype};

use super::hosts::{self, Existing, Policies, shown};
use super::policy::mails;
use super::{Findings, Rule, Seen, View};

/// The rules of this family.
pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "mx-missing",
        en: "a domain that receives mail has an MX",
        ja: "メールを受け取るドメインに MX がある",
        source: "RFC 5321 §5.1; NTT docomo, notes on sending mail, item 4",
        check: missing,
    },
    Rule {
        id: "mx-target-is-ip",
        en: "an MX points to a host name, not to an address",
        ja: "MX が IP アドレスではなくホスト名を指している",
        source: "RFC 1035 §3.3.9; RFC 5321 §5.1",
        check: target_is_ip,
    },
    Rule {
        id: "mx-target-is-cname",
        en: "an MX does not point to a name with a CNAME",
        ja: "MX の指すホスト名が CNAME ではない",
        source: "RFC 2181 §10.3; RFC 5321 §5.1",
        check: target_is_cname,
    },
    Rule {
        id: "mx-null-invalid",
        en: "a null MX stands alone, with preference 0",
        ja: "受信しないことを示す MX（0 .）が 1 つだけある",
        source: "RFC 7505 §3",
        check: null_invalid,
    },
    Rule {
        id: "mx-null-but-used",
        en: "a domain with a null MX sends no mail and gets no reports",
        ja: "受信しないドメインを、差出人やレポートの宛先に使っていない",
        source: "RFC 7505 §4.2",
        check: null_but_used,
    },
    Rule {
        id: "mx-mixed-providers",
        en: "all MX of a domain belong to one mailbox provider",
        ja: "1 つのドメインの MX がすべて同じ会社を指している",
        source: "RFC 5321 §5.1",
        check: mixed_providers,
    },
    Rule {
        id: "nomail-domain-incomplete",
        en: "a domain without mail says so in MX, SPF and DMARC",
        ja: "メールを使わないドメインが、MX・SPF・DMARC でそう宣言している",
        source: "RFC 7505 §3; RFC 7208 §5.1; DMARC導入ガイドライン 2.3 (2024-07)",
        check: nomail_incomplete,
    },
    Rule {
        id: "dns-wildcard-mail",
        en: "no wildcard answers for names that mail systems ask for",
        ja: "ワイルドカード（*）が、メールの仕組みが問い合わせる名前に答えていない",
        source: "RFC 4592 §§2-4; RFC 7208 §3.5",
        check: wildcard,
    },
];

/// CNAMEs that are followed one after the other.
const HOPS: usize = 8;
/// As many places as one finding points at.
const PLACES: usize = 20;

/// The names that own an MX, each once, in output order, with its first one.
fn owners<'v>(view: &'v View<'_>) -> Vec<&'v Seen> {
    let mut known = HashSet::new();
    view.of_type(Rtype::MX).filter(|s| known.insert(&s.record.name)).collect()
}

/// Whether an MX says that no mail is taken (RFC 7505).
fn is_null(seen: &Seen) -> bool {
    seen.record.rdata.as_mx().is_some_and(|(_, host)| host.is_root())
}

fn missing(view: &View<'_>, out: &mut Findings) {
    const ID: &str = "mx-missing";
    let Some(declared) = view.declared else { return };
    let existing = Existing::of(view);
    let mut told = HashSet::new();
    for sender in declared.senders.iter().filter(|s| s.receives) {
        let domain = &sender.from;
        if !existing.is_here(domain) || !told.insert(domain) {
            continue;
        }
        let wildcard = existing.wildcard(domain);
        let at = wildcard.as_ref().unwrap_or(domain);
        // What stands at the end of a CNAME is not known here.
        if view.at(at).any(|s| matches!(s.record.rtype, Rtype::MX | Rtype::CNAME)) {
            continue;
        }
        let party = view.parties.get(sender.party);
        let (company, span) = (party.map(|p| p.name.clone()).unwrap_or_default(), party.and_then(|p| p.span));
        let name = shown(domain);
        let about = (domain, Rtype::MX);
        let finding = if existing.may_have_address(domain) {
            hosts::about_absent(view, ID, Severity::Warning, about, span, say!(
                en: "0 MX at {name}, which receives mail: the server of its A or AAAA gets it",
                ja: "{name} はメールを受け取るのに MX がありません。メールは A や AAAA のサーバーに送られます"
            ))
            .harm(say!(en: "mail goes to the web server if that is another; docomo may refuse mail from a domain without MX", ja: "Web サーバーが別の会社なら、そこへ送られてしまいます。ドコモは MX のないドメインからのメールを断ることがあります"))
        } else {
            hosts::about_absent(
                view,
                ID,
                Severity::Error,
                about,
                span,
                say!(
                    en: "0 MX and no address at {name}, which receives mail",
                    ja: "{name} はメールを受け取るのに、MX も A・AAAA もありません"
                ),
            )
            .harm(say!(en: "mail to this domain cannot be delivered", ja: "このドメインあてのメールは届きません"))
        };
        out.push(finding.next(if company.is_empty() {
            say!(en: "add the MX of the mailbox provider", ja: "メールボックスの会社の MX を入れてください")
        } else {
            say!(en: "add the MX that {company} names", ja: "{company}の指定する MX を入れてください"; company = company)
        }));
    }
}

fn target_is_ip(view: &View<'_>, out: &mut Findings) {
    for seen in view.of_type(Rtype::MX) {
        let Some((preference, host)) = seen.record.rdata.as_mx() else { continue };
        let Some(address) = hosts::address(&host, view.origin) else { continue };
        let rtype = if address.is_ipv4() { Rtype::A } else { Rtype::AAAA };
        let (name, mail) = (shown(&seen.record.name), shown(&seen.record.name.child("mail").unwrap_or(host)));
        out.push(
            view.finding_target("mx-target-is-ip", Severity::Error, seen, say!(
                en: "{address} stands as the host of the MX of {name}; a host name belongs there",
                ja: "{name} の MX に {address} が入っています。ここに入れるのはホスト名です"
            ))
            .harm(say!(en: "mail servers look for a host of that name and do not find it: no mail arrives", ja: "その名前のホストを探しても見つからず、メールは届きません"))
            .next(say!(
                en: "add {mail} {rtype} {address}, and make the MX {preference} {mail}",
                ja: "{mail} の {rtype} に {address} を入れ、MX は {preference} {mail} にしてください"
            )),
        );
    }
}

fn target_is_cname(view: &View<'_>, out: &mut Findings) {
    let existing = Existing::of(view);
    for seen in view.of_type(Rtype::MX) {
        let Some(host) = seen.record.target() else { continue };
        let Some(cname) = existing.cname(&host) else { continue };
        let Some(mut end) = cname.record.target() else { continue };
        // To the end of the chain, as far as it lies here; one that goes in a circle ends somewhere.
        for _ in 0..HOPS {
            let Some(next) = existing.cname(&end).and_then(|s| s.record.target()) else { break };
            end = next;
        }
        let (name, host, end) = (shown(&seen.record.name), shown(&host), shown(&end));
        out.push(
            view.finding_target("mx-target-is-cname", Severity::Error, seen, say!(
                en: "the MX of {name} points to {host}, which is a CNAME to {end}",
                ja: "{name} の MX の指す {host} は、{end} への CNAME です"
            ))
            .about(host.clone(), "CNAME")
            .at_opt(cname.span(), view.company(cname).unwrap_or_default())
            .harm(say!(en: "some mail servers refuse to deliver to it", ja: "配送を断るメールサーバーがあります"))
            .next(say!(en: "point the MX at {end}, or give {host} an A of its own", ja: "MX を {end} に向けるか、{host} を A レコードにしてください")),
        );
    }
}

fn null_invalid(view: &View<'_>, out: &mut Findings) {
    const ID: &str = "mx-null-invalid";
    let mut told = HashSet::new();
    for seen in view.of_type(Rtype::MX).filter(|s| is_null(s)) {
        if !told.insert(&seen.record.name) {
            continue;
        }
        let name = shown(&seen.record.name);
        let all: HashSet<(u16, Name)> =
            view.of(&seen.record.name, Rtype::MX).filter_map(|s| s.record.rdata.as_mx()).collect();
        let preference = seen.record.rdata.as_mx().map_or(0, |(preference, _)| preference);
        if all.len() > 1 {
            let count = all.len();
            let mut finding = view.finding(ID, Severity::Error, seen, say!(
                en: "{count} MX at {name}, one of them the null MX `.`; it stands alone or not at all",
                ja: "{name} に MX が {count} つあり、その 1 つが「受信しない」を示す . です。ほかの MX とは一緒に置けません"
            ));
            for other in view.of(&seen.record.name, Rtype::MX).take(PLACES) {
                finding = finding.at_opt(other.span(), view.company(other).unwrap_or_default());
            }
            out.push(
                finding
                    .harm(say!(en: "some senders deliver, others give up at once", ja: "届けるサーバーと、すぐにあきらめるサーバーに分かれます"))
                    .next(say!(en: "keep `0 .` if the domain takes no mail, else remove it", ja: "受信しないなら 0 . だけを残し、受信するなら . の行を消してください")),
            );
        } else if preference != 0 {
            out.push(
                view.finding(
                    ID,
                    Severity::Warning,
                    seen,
                    say!(
                        en: "preference {preference} of the null MX of {name}; it is 0",
                        ja: "{name} の「受信しない」MX の優先度が {preference} です。0 にします"
                    ),
                )
                .next(say!(en: "make it `0 .`", ja: "0 . にしてください")),
            );
        }
    }
}

/// Which domains are used for mail, and as what.
fn uses(view: &View<'_>) -> HashMap<Name, Text> {
    let mut uses = HashMap::new();
    let senders = view.declared.into_iter().flat_map(|d| &d.senders).filter(|s| mails(s));
    for sender in senders {
        let company = view.parties.get(sender.party).map(|p| p.name.clone()).unwrap_or_default();
        uses.entry(sender.from.clone())
            .or_insert(say!(en: "the From domain of {company}", ja: "{company}の差出人"; company = company));
        if let Envelope::Host(host) = &sender.envelope {
            uses.entry(host.clone())
                .or_insert(say!(en: "the Return-Path of {company}", ja: "{company}の Return-Path"; company = company));
        }
    }
    // Without a site, an SPF record that lets somebody send says that the name is used.
    let is_bare = view.declared.is_none();
    for spf in super::spf::records(view).filter(|_| is_bare) {
        if spf.record.live_mechanisms().any(|term| term.kind != spf::TermKind::All) {
            uses.entry(spf.seen.record.name.clone())
                .or_insert(say!(en: "the domain of senders that its SPF names", ja: "SPF に並ぶ送信元の差出人"));
        }
    }
    for seen in view.of_type(Rtype::TXT) {
        let name = &seen.record.name;
        let (uris, what) = if hosts::below(name, &["_dmarc"]).is_some() {
            let record = dmarc::parse(seen.txt().unwrap_or_default()).0.dmarc;
            (record.rua.into_iter().chain(record.ruf).collect::<Vec<_>>(), "DMARC")
        } else if hosts::below(name, &["_smtp", "_tls"]).is_some() {
            (tls_rpt::parse(seen.txt().unwrap_or_default()).0.rua, "TLS")
        } else {
            continue;
        };
        for domain in uris.iter().filter(|uri| uri.scheme() == "mailto").filter_map(|uri| uri.domain()) {
            if let Ok(domain) = Name::parse_absolute(&domain) {
                uses.entry(domain).or_insert(say!(en: "the address for {what} reports", ja: "{what} レポートの宛先"));
            }
        }
    }
    uses
}

fn null_but_used(view: &View<'_>, out: &mut Findings) {
    let mut told = HashSet::new();
    let null: Vec<&Seen> = view.of_type(Rtype::MX).filter(|s| is_null(s) && told.insert(&s.record.name)).collect();
    if null.is_empty() {
        return;
    }
    let uses = uses(view);
    for seen in null {
        let Some(used) = uses.get(&seen.record.name) else { continue };
        let name = shown(&seen.record.name);
        out.push(
            view.finding("mx-null-but-used", Severity::Error, seen, say!(
                en: "{name} takes no mail (null MX), but is {used}",
                ja: "{name} は「受信しない」（MX が 0 .）設定ですが、{used}に使われています";
                used = used
            ))
            .harm(say!(en: "receivers may refuse its mail (550 5.7.27); bounces and reports get lost", ja: "受信側に断られることがあります（550 5.7.27）。エラーメールやレポートも届きません"))
            .next(say!(en: "give it a real MX, or stop using it for mail", ja: "本物の MX を入れるか、このドメインをメールに使うのをやめてください")),
        );
    }
}

fn mixed_providers(view: &View<'_>, out: &mut Findings) {
    for seen in owners(view) {
        let mut companies = BTreeSet::new();
        let mut finding_at = Vec::new();
        for mx in view.of(&seen.record.name, Rtype::MX) {
            if let Some(company) = mx.record.target().and_then(|host| hosts::provider(&host))
                && companies.insert(company)
            {
                finding_at.push(mx);
            }
        }
        if companies.len() < 2 {
            continue;
        }
        let (count, name) = (companies.len(), shown(&seen.record.name));
        let list = companies.into_iter().collect::<Vec<_>>().join(", ");
        let mut finding = view.finding(
            "mx-mixed-providers",
            Severity::Warning,
            seen,
            say!(
                en: "{count} companies in the MX of {name}: {list}",
                ja: "{name} の MX が {count} 社を指しています: {list}"
            ),
        );
        for mx in finding_at {
            finding = finding.at_opt(mx.span(), view.company(mx).unwrap_or_default());
        }
        out.push(
            finding
                .harm(say!(en: "any of them may get a mail; what reaches the wrong one is not seen or is refused", ja: "どの MX にも届くことがあり、違う会社に届いたメールは読めないか、断られます"))
                .next(say!(en: "keep the MX of the company that has the mailboxes, remove the others", ja: "メールボックスのある会社の MX だけを残し、ほかを消してください")),
        );
    }
}

fn nomail_incomplete(view: &View<'_>, out: &mut Findings) {
    let (existing, policies) = (Existing::of(view), LazyCell::new(|| Policies::of(view)));
    let declared = view.declared.into_iter();
    let named = declared.flat_map(|d| d.no_mail.then_some(view.origin).into_iter().chain(&d.no_mail_names));
    // Without a site the domain itself says it, by an SPF record that lets nobody send.
    let says = view.of(view.origin, Rtype::TXT).any(|seen| seen.txt() == Some(spf::NO_MAIL.as_bytes()));
    let receives = view.of(view.origin, Rtype::MX).any(|seen| !is_null(seen));
    let own = (view.declared.is_none() && says && !receives).then_some(view.origin);
    let mut told = HashSet::new();
    for name in named.chain(own) {
        if !existing.is_here(name) || !told.insert(name) {
            continue;
        }
        let mut lacking = Vec::new();
        let mx: Vec<_> = view.of(name, Rtype::MX).filter_map(|s| s.record.rdata.as_mx()).collect();
        if !matches!(mx.as_slice(), [(0, host)] if host.is_root()) {
            lacking.push(("MX", "0 .".to_owned(), Rtype::MX, name.clone()));
        }
        let texts: Vec<&[u8]> = view.of(name, Rtype::TXT).filter_map(Seen::txt).filter(|t| spf::is_spf(t)).collect();
        if texts != [spf::NO_MAIL.as_bytes()] {
            lacking.push(("SPF", format!("\"{}\"", spf::NO_MAIL), Rtype::TXT, name.clone()));
        }
        let reject = policies.discover(name).is_none_or(|found| found.policy(true) == Some(Policy::Reject));
        if let Ok(owner) = name.child("_dmarc")
            && !reject
        {
            lacking.push(("DMARC", "\"v=DMARC1; p=reject\"".to_owned(), Rtype::TXT, owner));
        }
        let Some((_, _, rtype, owner)) = lacking.first() else { continue };
        let (count, whole) = (lacking.len(), shown(name));
        let list = lacking.iter().map(|(what, ..)| *what).collect::<Vec<_>>().join(", ");
        let mut finding =
            hosts::about_absent(view, "nomail-domain-incomplete", Severity::Advice, (owner, *rtype), None, say!(
                en: "{count} of 3 records that say that {whole} has no mail {verb}: {list}",
                ja: "{whole} はメールを使わないドメインですが、そう示す 3 つのレコードのうち {count} つがないか、違う値です: {list}",
                verb = if count == 1 { "is missing or differs" } else { "are missing or differ" }
            ))
            .harm(say!(en: "others can use the name as their sender", ja: "この名前をかたったメールを出されるおそれがあります"));
        for (_, value, rtype, owner) in lacking {
            let owner = shown(&owner);
            finding = finding
                .about(owner.clone(), rtype.to_string())
                .next(say!(en: "{owner} {rtype} {value}", ja: "{owner} に {rtype} {value} を入れてください"));
        }
        out.push(finding);
    }
}

/// A wildcard that only says "no mail" harms nobody: whatever asks for policies ignores it.
fn says_no_mail(seen: &Seen) -> bool {
    match seen.record.rtype {
        Rtype::MX => is_null(seen),
        Rtype::TXT => seen.txt() == Some(spf::NO_MAIL.as_bytes()),
        _ => false,
    }
}

fn wildcard(view: &View<'_>, out: &mut Findings) {
    let existing = Existing::of(view);
    let mut told = HashSet::new();
    for seen in view.records() {
        let (name, rtype) = (&seen.record.name, seen.record.rtype);
        // Below names such as `_domainkey` or `_report._dmarc` a wildcard is meant.
        if !name.is_wildcard()
            || !matches!(rtype, Rtype::CNAME | Rtype::TXT | Rtype::MX)
            || name.labels().any(|label| label.starts_with(b"_"))
            || says_no_mail(seen)
            || !told.insert((name, rtype))
        {
            continue;
        }
        let Some(parent) = name.parent() else { continue };
        let covered: Vec<String> = ["_dmarc", "_mta-sts"]
            .into_iter()
            .filter_map(|label| parent.child(label).ok())
            .filter(|asked| !existing.has(asked))
            .map(|asked| shown(&asked))
            .collect();
        let (name, above) = (shown(name), shown(&parent));
        // What does not exist below other names is answered too, whatever is explicit here.
        let answered = covered.first().cloned().unwrap_or_else(|| format!("_dmarc.sub.{above}"));
        let title = if rtype == Rtype::MX {
            say!(
                en: "{name} MX takes mail for each name below {above} that does not exist",
                ja: "{name} の MX は、{above} の下の存在しない名前すべてあてのメールを受け取ります"
            )
        } else {
            say!(
                en: "{name} {rtype} also answers for {answered}",
                ja: "{name} の {rtype} は {answered} への問い合わせにも答えてしまいます"
            )
        };
        let harm = match rtype {
            Rtype::MX => {
                say!(en: "made-up names of the domain count as real ones that can get mail, which senders of spam use", ja: "でたらめな名前でもメールの使えるドメインに見え、迷惑メールに利用されます")
            }
            _ => {
                say!(en: "receivers get something else where they look for DMARC, DKIM or MTA-STS, and checks say \"there is a record\"", ja: "DMARC・DKIM・MTA-STS を探す相手に別の値が返ります。確認しても「ある」ように見えます")
            }
        };
        let finding = view.finding("dns-wildcard-mail", Severity::Warning, seen, title).harm(harm);
        let explicit = covered.join(", ");
        out.push(if covered.is_empty() || rtype == Rtype::MX {
            finding.next(say!(
                en: "replace the wildcard by the names that are used, such as www",
                ja: "ワイルドカードをやめ、www など実際に使う名前だけにしてください"
            ))
        } else {
            finding.next(say!(
                en: "replace the wildcard by the names that are used, such as www; or give {explicit} records of their own",
                ja: "ワイルドカードをやめ、www など実際に使う名前だけにしてください（やめられないときは、{explicit} に専用のレコードを入れます）"
            ))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::Declared;
    use crate::lint::testing::{levels, name, run, sender};

    const ERROR: Severity = Severity::Error;
    const WARNING: Severity = Severity::Warning;
    const ADVICE: Severity = Severity::Advice;

    fn rule(id: &str) -> &'static Rule {
        RULES.iter().find(|r| r.id == id).unwrap()
    }

    fn titles(id: &str, lines: &str, declared: Option<&Declared>) -> Vec<String> {
        run(rule(id), lines, declared).into_iter().map(|f| f.title.en).collect()
    }

    fn receiving(from: &str) -> Declared {
        let mut mailbox = sender(from);
        mailbox.receives = true;
        Declared { senders: vec![mailbox], ..Declared::default() }
    }

    #[test]
    fn a_receiving_domain_has_an_mx() {
        let id = "mx-missing";
        let declared = receiving("example.com");
        assert_eq!(levels(rule(id), "@ A 192.0.2.1", Some(&declared)), [WARNING]);
        assert_eq!(levels(rule(id), "@ TXT x", Some(&declared)), [ERROR]);
        assert_eq!(levels(rule(id), "@ MX 10 mail", Some(&declared)), []);
        assert_eq!(levels(rule(id), "@ A 192.0.2.1", None), []);
        let sending = Declared { senders: vec![sender("example.com")], ..Declared::default() };
        assert_eq!(levels(rule(id), "@ A 192.0.2.1", Some(&sending)), []);
        // Another zone's business.
        let delegated = receiving("shop.example.com");
        assert_eq!(levels(rule(id), "shop NS ns1.example.net.", Some(&delegated)), []);
        assert_eq!(levels(rule(id), "@ A 192.0.2.1", Some(&receiving("example.net"))), []);
        assert_eq!(levels(rule(id), "* MX 10 mail", Some(&delegated)), [], "a wildcard is an MX too");
        let twice = Declared { senders: [declared.senders.clone(), declared.senders].concat(), ..Declared::default() };
        assert_eq!(levels(rule(id), "@ A 192.0.2.1", Some(&twice)), [WARNING]);
    }

    #[test]
    fn an_mx_points_to_a_name() {
        let id = "mx-target-is-ip";
        // Without a final dot the zone's name is added; it is an address all the same.
        for target in ["192.0.2.1", "192.0.2.1.", "2001:db8::1", "[192.0.2.1]"] {
            assert_eq!(levels(rule(id), &format!("@ MX 10 {target}"), None), [ERROR], "{target}");
        }
        assert!(titles(id, "@ MX 10 192.0.2.1", None)[0].starts_with("192.0.2.1 "));
        assert_eq!(levels(rule(id), "@ MX 10 mail\nmail A 192.0.2.1", None), []);
    }

    #[test]
    fn an_mx_points_to_no_cname() {
        let id = "mx-target-is-cname";
        assert_eq!(levels(rule(id), "@ MX 10 mx\nmx CNAME h.example.net.", None), [ERROR]);
        assert!(titles(id, "@ MX 10 mx\nmx CNAME h.example.net.", None)[0].contains("h.example.net"));
        assert_eq!(levels(rule(id), "@ MX 10 h.example.net.\nmx CNAME h.example.net.", None), []);
    }

    #[test]
    fn a_null_mx_stands_alone() {
        let id = "mx-null-invalid";
        assert_eq!(levels(rule(id), "@ MX 0 .\n@ MX 10 mail", None), [ERROR]);
        assert!(titles(id, "@ MX 0 .\n@ MX 10 mail", None)[0].starts_with("2 MX"));
        assert_eq!(levels(rule(id), "@ MX 0 .", None), []);
        assert_eq!(levels(rule(id), "@ MX 10 .", None), [WARNING]);
        assert_eq!(levels(rule(id), "@ MX 0 .\na MX 10 mail", None), []);
    }

    #[test]
    fn a_domain_without_mail_is_not_used_for_it() {
        let id = "mx-null-but-used";
        let declared = Declared { senders: vec![sender("example.com")], ..Declared::default() };
        assert_eq!(levels(rule(id), "@ MX 0 .", Some(&declared)), [ERROR]);
        assert_eq!(levels(rule(id), "@ MX 10 mail", Some(&declared)), []);
        assert_eq!(levels(rule(id), "@ MX 0 .", None), []);
        let dmarc = "@ MX 0 .\n_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:a@example.com\"";
        assert_eq!(levels(rule(id), dmarc, None), [ERROR]);
        assert!(titles(id, dmarc, None)[0].contains("DMARC reports"));
        let elsewhere = "@ MX 0 .\n_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:a@example.net\"";
        assert_eq!(levels(rule(id), elsewhere, None), []);
        let tls = "@ MX 0 .\n_smtp._tls TXT \"v=TLSRPTv1; rua=mailto:a@example.com\"";
        assert!(titles(id, tls, None)[0].contains("TLS reports"));
        let mut bounces = sender("example.com");
        bounces.envelope = Envelope::Host(name("b.example.com"));
        let declared = Declared { senders: vec![bounces], ..Declared::default() };
        assert!(titles(id, "b MX 0 .", Some(&declared))[0].contains("Return-Path"));
    }

    #[test]
    fn one_company_has_the_mailboxes() {
        let id = "mx-mixed-providers";
        let mixed = "@ MX 1 smtp.google.com.\n@ MX 10 x.mail.protection.outlook.com.";
        assert_eq!(levels(rule(id), mixed, None), [WARNING]);
        assert!(titles(id, mixed, None)[0].starts_with("2 companies"));
        assert_eq!(levels(rule(id), "@ MX 1 aspmx.l.google.com.\n@ MX 5 alt1.aspmx.l.google.com.", None), []);
        assert_eq!(levels(rule(id), "@ MX 1 smtp.google.com.\n@ MX 5 mail.example.net.", None), []);
        assert_eq!(levels(rule(id), "@ MX 1 smtp.google.com.\na MX 5 x.mail.protection.outlook.com.", None), []);
    }

    #[test]
    fn three_records_say_no_mail() {
        let id = "nomail-domain-incomplete";
        let declared = Declared { no_mail: true, ..Declared::default() };
        let all = "@ MX 0 .\n@ TXT \"v=spf1 -all\"\n_dmarc TXT \"v=DMARC1; p=reject\"";
        assert_eq!(levels(rule(id), all, Some(&declared)), []);
        assert_eq!(levels(rule(id), all, None), []);
        assert_eq!(levels(rule(id), "www A 192.0.2.1", Some(&declared)), [ADVICE]);
        assert!(titles(id, "www A 192.0.2.1", Some(&declared))[0].starts_with("3 of 3"));
        let soft = all.replace("-all", "~all");
        assert!(titles(id, &soft, Some(&declared))[0].starts_with("1 of 3"));
        assert!(titles(id, &all.replace("0 .", "10 ."), Some(&declared))[0].ends_with(": MX"));
        assert!(titles(id, &all.replace("reject", "none"), Some(&declared))[0].ends_with(": DMARC"));
        // A subdomain inherits DMARC, but neither SPF nor the null MX.
        let sub = Declared { no_mail_names: vec![name("old.example.com")], ..Declared::default() };
        let found = titles(id, "_dmarc TXT \"v=DMARC1; p=none; sp=reject\"", Some(&sub));
        assert!(found[0].starts_with("2 of 3") && found[0].ends_with(": MX, SPF"), "{}", found[0]);
        let own = "old MX 0 .\nold TXT \"v=spf1 -all\"\n_dmarc.old TXT \"v=DMARC1; p=reject\"";
        assert_eq!(levels(rule(id), own, Some(&sub)), []);
    }

    #[test]
    fn wildcards_that_mail_systems_meet() {
        let id = "dns-wildcard-mail";
        assert_eq!(levels(rule(id), "* CNAME shop.example.net.", None), [WARNING]);
        assert!(titles(id, "* CNAME shop.example.net.", None)[0].ends_with("answers for _dmarc.example.com"));
        assert_eq!(levels(rule(id), "www CNAME shop.example.net.", None), []);
        // Names that exist are not answered, nor what lies below `_domainkey` (RFC 4592 §2.2.2).
        let explicit = "* CNAME a.example.net.\n_dmarc TXT x\ns1._domainkey TXT y";
        assert!(titles(id, explicit, None)[0].ends_with("answers for _mta-sts.example.com"));
        assert_eq!(levels(rule(id), "* MX 10 mail\n* TXT x\n* A 192.0.2.1", None), [WARNING, WARNING]);
        assert_eq!(levels(rule(id), "* MX 0 .\n* TXT \"v=spf1 -all\"", None), []);
        assert_eq!(levels(rule(id), "*._domainkey CNAME x.example.net.\n*._report._dmarc TXT \"v=DMARC1\"", None), []);
    }
}
