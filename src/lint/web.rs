//! What stands around mail: the logo (BIMI), certificate authorities (CAA), and how mail programs find their servers.

use std::cell::LazyCell;
use std::collections::{BTreeSet, HashMap, HashSet};

use crate::mail::bimi;
use crate::mail::dmarc::{Policy, Record};
use crate::report::{Severity, Text};
use crate::say;
use crate::zone::{Name, Rtype};

use super::hosts::{self, Existing, Policies, counted, shown};
use super::txt::{self, Meant};
use super::{Findings, Rule, Seen, View};

/// The rules of this family.
pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "bimi-record",
        en: "one BIMI record with a logo and a mark certificate",
        ja: "BIMI のレコードが 1 つで、ロゴと証明書の URL が正しい",
        source: "draft-brand-indicators-for-message-identification",
        check: bimi_record,
    },
    Rule {
        id: "bimi-dmarc-not-enforced",
        en: "where there is BIMI, DMARC is quarantine or reject",
        ja: "BIMI があるドメインの DMARC が quarantine か reject になっている",
        source: "draft-brand-indicators-for-message-identification",
        check: bimi_dmarc,
    },
    Rule {
        id: "caa-syntax",
        en: "CAA records have a known tag and a value of its form",
        ja: "CAA のタグと値が正しい",
        source: "RFC 8659 §4; RFC 9495",
        check: caa_syntax,
    },
    Rule {
        id: "caa-blocks-mail-host",
        en: "CAA does not keep mail hosts from getting a certificate",
        ja: "CAA が、メール用ホストの証明書の発行を止めていない",
        source: "RFC 8659 §3; RFC 9495",
        check: caa_blocks,
    },
    Rule {
        id: "srv-mail-clients",
        en: "SRV records for mail programs point to a host that exists",
        ja: "メールソフト用の SRV が、存在するホストを指している",
        source: "RFC 2782; RFC 6186 §3; RFC 8314 §4.5, §5.1",
        check: srv,
    },
    Rule {
        id: "autodiscover-conflict",
        en: "autodiscover points to the company that has the mailboxes",
        ja: "autodiscover が、メールボックスのある会社を指している",
        source: "Microsoft, Autodiscover for Exchange; RFC 6186",
        check: autodiscover,
    },
];

/// The TXT at names such as `default._bimi.example.jp`, with the domain behind.
fn bimi_records<'v>(view: &'v View<'_>) -> impl Iterator<Item = (&'v Seen, Name)> {
    view.of_type(Rtype::TXT).filter_map(|seen| {
        let domain = hosts::below(&seen.record.name.parent()?, &["_bimi"])?;
        (Meant::of(seen) == Some(Meant::Bimi)).then_some((seen, domain))
    })
}

fn bimi_record(view: &View<'_>, out: &mut Findings) {
    const ID: &str = "bimi-record";
    let mut told = HashSet::new();
    for (seen, _) in bimi_records(view) {
        let name = &seen.record.name;
        if !told.insert(name) {
            continue;
        }
        let count = view.of(name, Rtype::TXT).count();
        if count > 1 {
            let whole = shown(name);
            out.push(
                view.finding(
                    ID,
                    Severity::Warning,
                    seen,
                    say!(
                        en: "{count} records at {whole}; one is allowed",
                        ja: "{whole} にレコードが {count} つあります。1 つだけにします"
                    ),
                )
                .harm(say!(en: "no logo is shown", ja: "ロゴは表示されません"))
                .next(say!(en: "keep the right one, remove the others", ja: "正しい 1 つを残し、ほかを消してください")),
            );
            continue;
        }
        let value = seen.txt().unwrap_or_default();
        let (base, inner) = txt::inner(value);
        if !txt::is_bent(inner) {
            let next = say!(
                en: "for example `v=BIMI1; l=https://{domain}/logo.svg; a=https://{domain}/vmc.pem`",
                ja: "例: `v=BIMI1; l=https://{domain}/logo.svg; a=https://{domain}/vmc.pem`",
                domain = shown(view.origin)
            );
            txt::faults(view, ID, seen, base, bimi::parse(inner).1, &next, out);
        }
    }
}

/// What in a DMARC record keeps receivers from showing a logo.
fn lenient(record: &Record) -> Option<String> {
    let number = |tag: &[u8]| std::str::from_utf8(tag).ok()?.parse::<u32>().ok();
    // `pct` is gone since RFC 9989, but receivers that still read it act on it.
    let pct = record.tags.find(b"pct").and_then(|tag| number(record.tags.value(tag))).filter(|pct| *pct < 100);
    if !record.is_in_force() || record.invalid_policy || record.dmarc.policy() == Policy::None {
        Some("p=none".to_owned())
    } else if record.dmarc.sp == Some(Policy::None) {
        Some("sp=none".to_owned())
    } else if record.dmarc.t {
        Some("t=y".to_owned())
    } else {
        pct.map(|pct| format!("pct={pct}"))
    }
}

fn bimi_dmarc(view: &View<'_>, out: &mut Findings) {
    let policies = LazyCell::new(|| Policies::of(view));
    let mut told = HashSet::new();
    for (seen, domain) in bimi_records(view) {
        // What cannot be used counts as absent there, but was meant as a logo.
        let tags = bimi::parse(seen.txt().unwrap_or_default()).0.tags;
        let declines = [&b"l"[..], b"a"].iter().all(|tag| tags.find(tag).is_none_or(|t| t.value.is_empty()));
        if declines || !told.insert(domain.clone()) {
            continue;
        }
        let Some(discovery) = policies.discover(&domain) else { continue };
        let mut places = Vec::new();
        if let Some(found) = &discovery.found {
            places.push((found.domain.clone(), lenient(&found.record)));
            // The organizational domain's own counts too, where another record was found first.
            let organizational =
                Name::parse_absolute(&discovery.org_domain).ok().filter(|_| found.domain != discovery.org_domain);
            let above = organizational.and_then(|org| policies.discover(&org)).and_then(|d| d.found);
            places.extend(above.map(|above| (above.domain.clone(), lenient(&above.record))));
        }
        let title = if places.is_empty() {
            let name = shown(&domain);
            say!(en: "no DMARC for {name}, which has BIMI", ja: "{name} には BIMI がありますが、DMARC がありません")
        } else if let Some((place, Some(what))) = places.into_iter().find(|(_, what)| what.is_some()) {
            say!(
                en: "{what} in the DMARC of {place}; BIMI needs quarantine or reject for all mail",
                ja: "{place} の DMARC に {what} があります。BIMI には、すべてのメールへの quarantine か reject が必要です"
            )
        } else {
            continue;
        };
        let owner = Name::parse_absolute(&discovery.org_domain).ok().and_then(|org| org.child("_dmarc").ok());
        let mut finding = view.finding("bimi-dmarc-not-enforced", Severity::Error, seen, title);
        if let Some(owner) = owner {
            finding = finding.about(shown(&owner), "TXT");
            if let Some(policy) = view.of(&owner, Rtype::TXT).next() {
                finding = finding.at_opt(policy.span(), view.company(policy).unwrap_or_default());
            }
        }
        out.push(finding.harm(say!(en: "no receiver shows the logo", ja: "ロゴはどこにも表示されません")).next(say!(
            en: "bring DMARC to p=quarantine or p=reject first; leave BIMI out until then",
            ja: "先に DMARC を p=quarantine か p=reject にしてください。それまで BIMI は不要です"
        )));
    }
}

/// What RFC 8659 §4.2 calls an issue-value: the CA's domain, empty where none may issue. `None` if it does not fit.
fn issuer(value: &[u8]) -> Option<&str> {
    let value = std::str::from_utf8(value).ok()?;
    let (domain, parameters) = value.split_once(';').unwrap_or((value, ""));
    let blank = |c: char| c == ' ' || c == '\t';
    let domain = domain.trim_matches(blank);
    let label = |label: &str| {
        let octets = label.as_bytes();
        octets.iter().all(|o| o.is_ascii_alphanumeric() || *o == b'-')
            && octets.first().is_some_and(u8::is_ascii_alphanumeric)
            && octets.last().is_some_and(u8::is_ascii_alphanumeric)
    };
    // The grammar takes a single label, but no CA has one: `letsencrypt` is a slip.
    let named = domain.is_empty() || (domain.contains('.') && domain.split('.').all(label));
    let parameter = |text: &str| {
        text.trim_matches(blank).split_once('=').is_some_and(|(tag, value)| {
            label(tag.trim_matches(blank)) && value.trim_matches(blank).bytes().all(|o| o.is_ascii_graphic())
        })
    };
    let parameters = parameters.trim_matches(blank);
    let sound =
        parameters.is_empty() || parameters.split(';').filter(|p| !p.trim_matches(blank).is_empty()).all(parameter);
    (named && sound).then_some(domain)
}

/// Tags whose value names a CA.
const ISSUE_TAGS: [&str; 4] = ["issue", "issuewild", "issuemail", "issuevmc"];
/// Other tags that are registered (IANA, Certification Authority Restriction Properties); the last two are of the CA/Browser Forum.
const OTHER_TAGS: [&str; 3] = ["iodef", "contactemail", "contactphone"];

fn caa_syntax(view: &View<'_>, out: &mut Findings) {
    for seen in view.of_type(Rtype::CAA) {
        let name = shown(&seen.record.name);
        let mut say = |severity, what: Text, next: Text| {
            out.push(
                view.finding("caa-syntax", severity, seen, say!(en: "CAA of {name}: {what}", ja: "{name} の CAA: {what}"; what = what))
                    .harm(say!(en: "certificate authorities may refuse to issue, or ignore the record", ja: "証明書の発行を断られるか、この行が無視されます"))
                    .next(next),
            );
        };
        let example = || say!(en: "for example `0 issue \"letsencrypt.org\"`", ja: "例: `0 issue \"letsencrypt.org\"`");
        let Some((flags, tag, value)) = seen.record.rdata.as_caa() else {
            say(Severity::Error, say!(en: "its data cannot be read", ja: "データを読み取れません"), example());
            continue;
        };
        if !matches!(flags, 0 | 128) {
            say(
                Severity::Error,
                say!(en: "flags {flags}; they are 0 or 128", ja: "フラグが {flags} です。使えるのは 0 か 128 です"),
                example(),
            );
        }
        let tag = tag.to_ascii_lowercase();
        let shown_value = txt::clip(&String::from_utf8_lossy(value));
        if ISSUE_TAGS.contains(&tag.as_str()) {
            if issuer(value).is_none() {
                say(
                    Severity::Error,
                    say!(en: "`{shown_value}` is no CA's domain for {tag}", ja: "{tag} の値 `{shown_value}` は認証局のドメインではありません"),
                    example(),
                );
            }
        } else if tag == "iodef" {
            let start =
                |scheme: &str| value.get(..scheme.len()).is_some_and(|s| s.eq_ignore_ascii_case(scheme.as_bytes()));
            if !["mailto:", "https://", "http://"].into_iter().any(start) {
                say(
                    Severity::Error,
                    say!(en: "`{shown_value}` for iodef; it begins with mailto: or https:", ja: "iodef の値が `{shown_value}` です。mailto: か https: で始めます"),
                    say!(en: "for example `0 iodef \"mailto:security@{name}\"`", ja: "例: `0 iodef \"mailto:security@{name}\"`"),
                );
            }
        } else if !OTHER_TAGS.contains(&tag.as_str()) {
            let tag = txt::clip(&tag);
            if flags & 128 == 0 {
                say(
                    Severity::Warning,
                    say!(en: "unknown tag {tag}", ja: "{tag} というタグは知られていません"),
                    example(),
                );
            } else {
                say(
                    Severity::Error,
                    say!(en: "unknown tag {tag} with flag 128: no CA may issue", ja: "{tag} というタグは知られていません。フラグ 128 付きなので、どの認証局も発行できません"),
                    example(),
                );
            }
        }
    }
}

/// Names that CNAMEs are followed over. Resolvers give up at about as many.
const HOPS: usize = 8;

/// What the CAA records of a name say of who may issue.
#[derive(Default)]
struct Authorities<'v> {
    /// The first `issue`, and whether any of them names a CA.
    issue: Option<(&'v Seen, bool)>,
    /// The same of `issuevmc`.
    issuevmc: Option<(&'v Seen, bool)>,
}

/// By owner.
fn authorities<'v>(view: &'v View<'_>) -> HashMap<&'v Name, Authorities<'v>> {
    let mut all: HashMap<&Name, Authorities<'_>> = HashMap::new();
    for seen in view.of_type(Rtype::CAA) {
        let of_name = all.entry(&seen.record.name).or_default();
        let Some((_, tag, value)) = seen.record.rdata.as_caa() else { continue };
        let of_tag = match tag.to_ascii_lowercase().as_str() {
            "issue" => &mut of_name.issue,
            "issuevmc" => &mut of_name.issuevmc,
            _ => continue,
        };
        of_tag.get_or_insert((seen, false)).1 |= issuer(value) != Some("");
    }
    all
}

/// The CAA records that count for a host (RFC 8659 §3). `None` where there are none here, or where they may stand in another zone.
fn in_force<'a, 'v>(
    all: &'a HashMap<&'v Name, Authorities<'v>>,
    existing: &Existing<'_>,
    host: &Name,
) -> Option<&'a Authorities<'v>> {
    let mut end = host.clone();
    for _ in 0..HOPS {
        let Some(next) = existing.cname(&end).and_then(|s| s.record.target()) else { break };
        if !existing.is_here(&next) {
            return None;
        }
        end = next;
    }
    let mut at = Some(host.clone());
    let climb = std::iter::from_fn(|| {
        let name = at.take()?;
        at = name.parent();
        Some(name)
    });
    std::iter::once(end).chain(climb).find_map(|name| all.get(&name))
}

fn caa_blocks(view: &View<'_>, out: &mut Findings) {
    const ID: &str = "caa-blocks-mail-host";
    let all = authorities(view);
    if all.is_empty() {
        return;
    }
    let forbids = |of_tag: Option<(&'_ Seen, bool)>| {
        of_tag.filter(|(_, names_one)| !names_one).map(|(seen, _)| seen.record.name.clone())
    };
    let existing = Existing::of(view);
    let mut hosts: Vec<Name> = view.of_type(Rtype::MX).filter_map(|s| s.record.target()).collect();
    hosts.extend(view.of_type(Rtype::SRV).filter(|s| is_mail_srv(&s.record.name)).filter_map(|s| s.record.target()));
    let policy_host = |s: &Seen| hosts::below(&s.record.name, &["_mta-sts"])?.child("mta-sts").ok();
    hosts.extend(view.of_type(Rtype::TXT).filter_map(policy_host));
    hosts.extend(["mail", "webmail"].into_iter().filter_map(|label| view.origin.child(label).ok()));
    let mut told = HashSet::new();
    // By the name whose CAA forbids, in the order they are met.
    let mut blocked: Vec<(Name, Vec<Name>)> = Vec::new();
    let mut places: HashMap<Name, usize> = HashMap::new();
    for host in hosts {
        let here = !host.is_root() && existing.is_here(&host) && existing.may_have_address(&host);
        if !here || !told.insert(host.clone()) {
            continue;
        }
        let Some(owner) = in_force(&all, &existing, &host).and_then(|a| forbids(a.issue)) else { continue };
        let place = *places.entry(owner.clone()).or_insert(blocked.len());
        match blocked.get_mut(place) {
            Some((_, hosts)) => hosts.push(host),
            None => blocked.push((owner, vec![host])),
        }
    }
    for (owner, hosts) in blocked {
        let Some((seen, _)) = all.get(&owner).and_then(|a| a.issue) else { continue };
        let (count, place) = (hosts.len(), shown(&owner));
        let mut list: Vec<String> = hosts.iter().take(5).map(shown).collect();
        if count > list.len() {
            list.push("…".to_owned());
        }
        let (list, first) = (list.join(", "), hosts.first().map(shown).unwrap_or_default());
        out.push(
            view.finding(ID, Severity::Warning, seen, say!(
                en: "{hosts} without a CA that may issue a certificate: {list}; the CAA of {place} is `issue \";\"`",
                ja: "{count} つのメール用ホストに、証明書を発行できる認証局がありません: {list}（{place} の CAA が issue \";\" です）",
                hosts = counted(count, "mail host", "mail hosts")
            ))
            .harm(say!(en: "certificates cannot be renewed; then mail programs and senders that demand TLS cannot connect", ja: "証明書を更新できなくなり、TLS を求めるメールソフトや送信側が接続できなくなります"))
            .next(say!(en: "add the CA that {first} uses, such as `0 issue \"letsencrypt.org\"`", ja: "{first} の証明書の認証局を足してください（例: `0 issue \"letsencrypt.org\"`）")),
        );
    }
    for (logo, domain) in bimi_records(view) {
        let certificate = bimi::parse(logo.txt().unwrap_or_default()).0.bimi.a.is_some();
        if !certificate || !told.insert(logo.record.name.clone()) {
            continue;
        }
        let Some(of_name) = in_force(&all, &existing, &domain) else { continue };
        let Some((seen, _)) = of_name.issuevmc.filter(|(_, names_one)| !names_one) else { continue };
        let (domain, place) = (shown(&domain), shown(&seen.record.name));
        out.push(
            view.finding(ID, Severity::Warning, seen, say!(
                en: "0 certificate authorities may issue a mark certificate for {domain}: the CAA of {place} is `issuevmc \";\"`",
                ja: "{domain} の BIMI の証明書を発行できる認証局がありません（{place} の CAA が issuevmc \";\" です）"
            ))
            .about(shown(&logo.record.name), "TXT")
            .harm(say!(en: "the certificate of the logo cannot be renewed", ja: "ロゴの証明書を更新できなくなります"))
            .next(say!(en: "add the CA of the mark certificate with issuevmc", ja: "ロゴの証明書の認証局を issuevmc で足してください")),
        );
    }
}

/// Whether a name is one at which mail programs look for their server (RFC 6186 §3, RFC 8314 §5.1, and Autodiscover).
fn is_mail_srv(name: &Name) -> bool {
    const SERVICES: [&str; 5] = ["_imaps", "_submissions", "_submission", "_pop3s", "_autodiscover"];
    SERVICES.into_iter().any(|service| hosts::below(name, &[service, "_tcp"]).is_some())
}

fn srv(view: &View<'_>, out: &mut Findings) {
    let existing = Existing::of(view);
    for seen in view.of_type(Rtype::SRV).filter(|s| is_mail_srv(&s.record.name)) {
        let Some((priority, weight, port, host)) = seen.record.rdata.as_srv() else { continue };
        let name = shown(&seen.record.name);
        let (what, next) = if host.is_root() {
            if (priority, weight, port) == (0, 0, 0) {
                continue;
            }
            (
                say!(en: "{priority} {weight} {port} . ; \"not offered\" is 0 0 0 .", ja: "{priority} {weight} {port} . です。「提供しない」は 0 0 0 . と書きます"),
                say!(en: "make it `0 0 0 .`, or name the host", ja: "`0 0 0 .` にするか、ホスト名を入れてください"),
            )
        } else if let Some(address) = hosts::address(&host, view.origin) {
            (
                say!(en: "{address} stands where a host name belongs", ja: "ホスト名のところに {address} が入っています"),
                say!(en: "make a host with that address and name it", ja: "そのアドレスのホストを作り、その名前を入れてください"),
            )
        } else if existing.cname(&host).is_some() {
            let host = shown(&host);
            (
                say!(en: "{host} is a CNAME", ja: "{host} は CNAME です"),
                say!(en: "name the host that the CNAME points to", ja: "CNAME の指す先のホスト名を入れてください"),
            )
        } else if port == 0 {
            let host = shown(&host);
            (
                say!(en: "port 0 at {host}", ja: "{host} のポートが 0 です"),
                say!(en: "name the port, 993 for IMAP over TLS", ja: "ポート番号を入れてください（TLS の IMAP なら 993）"),
            )
        } else if existing.lacks_address(&host) {
            let host = shown(&host);
            (
                say!(en: "{host} has no address", ja: "{host} にアドレスがありません"),
                say!(en: "add an A for {host}, or name the right host", ja: "{host} の A を入れるか、正しいホスト名にしてください"),
            )
        } else {
            continue;
        };
        out.push(
            view.finding_target("srv-mail-clients", Severity::Warning, seen, say!(en: "SRV of {name}: {what}", ja: "{name} の SRV: {what}"; what = what))
                .harm(say!(en: "mail programs do not find the server by themselves", ja: "メールソフトがサーバーを自動で見つけられません"))
                .next(next),
        );
    }
}

/// The domain whose mail programs ask at this name.
fn discovered(seen: &Seen) -> Option<Name> {
    let name = &seen.record.name;
    match seen.record.rtype {
        Rtype::CNAME => hosts::below(name, &["autodiscover"]).or_else(|| hosts::below(name, &["autoconfig"])),
        Rtype::SRV => hosts::below(name, &["_autodiscover", "_tcp"]),
        _ => None,
    }
}

fn autodiscover(view: &View<'_>, out: &mut Findings) {
    let mut holders: HashMap<Name, Option<BTreeSet<&str>>> = HashMap::new();
    for seen in view.records() {
        let Some(domain) = discovered(seen) else { continue };
        let Some((target, named)) = seen.record.target().and_then(|t| Some((shown(&t), hosts::provider(&t)?))) else {
            continue;
        };
        // A filter or forwarder in the MX, or a host nobody knows, says nothing of where the mailboxes are.
        let holders = holders.entry(domain.clone()).or_insert_with(|| {
            let holder =
                |mx: &Seen| mx.record.target().and_then(|t| hosts::provider(&t)).filter(|c| hosts::holds_mailboxes(c));
            view.of(&domain, Rtype::MX).map(holder).collect::<Option<BTreeSet<_>>>()
        });
        let Some(holder) = holders.as_ref().filter(|h| !h.contains(named)).and_then(|h| h.first().copied()) else {
            continue;
        };
        let (name, rtype) = (shown(&seen.record.name), seen.record.rtype);
        let mut finding = view.finding_target(
            "autodiscover-conflict",
            Severity::Warning,
            seen,
            say!(
                en: "{name} points to {target} ({named}), but the MX is {holder}'s",
                ja: "{name} は {target}（{named}）を指していますが、MX は {holder} です"
            ),
        );
        if let Some(mx) = view.of(&domain, Rtype::MX).next() {
            finding = finding.about(shown(&domain), "MX").at_opt(mx.span(), view.company(mx).unwrap_or_default());
        }
        out.push(
            finding
                .harm(say!(en: "mail programs are set up for {named} and ask for a password again and again", ja: "メールソフトが {named} 用に設定され、パスワードを何度も聞かれます"))
                .next(say!(en: "remove this {rtype}, or point it to what {holder} names", ja: "この {rtype} を消すか、{holder} の指定する値にしてください")),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{levels, name, records, run};
    use crate::report::Sources;

    const ERROR: Severity = Severity::Error;
    const WARNING: Severity = Severity::Warning;
    const ADVICE: Severity = Severity::Advice;

    fn rule(id: &str) -> &'static Rule {
        RULES.iter().find(|r| r.id == id).unwrap()
    }

    fn titles(id: &str, lines: &str) -> Vec<String> {
        run(rule(id), lines, None).into_iter().map(|f| f.title.en).collect()
    }

    const LOGO: &str = "default._bimi TXT \"v=BIMI1; l=https://example.com/l.svg; a=https://example.com/v.pem\"\n";

    #[test]
    fn bimi_records_have_a_logo() {
        let id = "bimi-record";
        let with = |value: &str| format!("default._bimi TXT \"v=BIMI1; {value}\"");
        assert_eq!(levels(rule(id), LOGO, None), []);
        let png = with("l=http://example.jp/logo.png; a=https://example.jp/v.pem");
        assert!(levels(rule(id), &png, None).contains(&WARNING));
        assert_eq!(levels(rule(id), &with("l=https://example.jp/logo.svg"), None), [ADVICE]);
        assert_eq!(levels(rule(id), &with("l=;"), None), []);
        assert_eq!(levels(rule(id), &with("x=1"), None), [WARNING]);
        assert!(titles(id, &[LOGO, LOGO].concat())[0].starts_with("2 records"));
    }

    #[test]
    fn bimi_needs_a_policy() {
        let id = "bimi-dmarc-not-enforced";
        let with = |dmarc: &str| format!("{LOGO}_dmarc TXT \"v=DMARC1; {dmarc}\"");
        assert_eq!(levels(rule(id), &with("p=none"), None), [ERROR]);
        assert_eq!(levels(rule(id), &with("p=quarantine"), None), []);
        assert_eq!(levels(rule(id), &with("p=reject"), None), []);
        for (dmarc, what) in
            [("p=reject; sp=none", "sp=none"), ("p=reject; pct=50", "pct=50"), ("p=reject; t=y", "t=y")]
        {
            assert!(titles(id, &with(dmarc))[0].starts_with(what), "{dmarc}");
        }
        assert_eq!(levels(rule(id), &with("p=reject; pct=100"), None), []);
        assert!(titles(id, LOGO)[0].starts_with("no DMARC"));
        assert_eq!(levels(rule(id), "default._bimi TXT \"v=BIMI1; l=;\"", None), []);
        assert_eq!(levels(rule(id), "default._bimi TXT \"v=BIMI1; l=http://a.example/l.png\"", None), [ERROR]);
        // The organizational domain's policy counts for a subdomain too.
        let sub = "default._bimi.a TXT \"v=BIMI1; l=https://example.com/l.svg\"\n_dmarc.a TXT \"v=DMARC1; p=reject\"\n";
        assert!(titles(id, &format!("{sub}_dmarc TXT \"v=DMARC1; p=none\""))[0].contains("DMARC of example.com"));
        assert_eq!(levels(rule(id), &format!("{sub}_dmarc TXT \"v=DMARC1; p=reject\""), None), []);
        // The zone of a subdomain does not say what stands above it.
        let (origin, sources) = (name("shop.example.com"), Sources::default());
        let view = View::new(&origin, records("shop.example.com", LOGO), None, &[], &sources);
        let mut found = Findings::all();
        (rule(id).check)(&view, &mut found);
        assert_eq!(*found, []);
    }

    #[test]
    fn caa() {
        let id = "caa-syntax";
        // The bad example of the catalogue has two faults.
        assert_eq!(levels(rule(id), "@ CAA 1 issue letsencrypt", None), [ERROR, ERROR]);
        assert!(titles(id, "@ CAA 1 issue letsencrypt")[0].contains("flags 1"));
        for good in [
            "0 issue \"letsencrypt.org\"",
            "0 issue \";\"",
            "0 issue \"\"",
            "128 issuewild \"ca.example\"",
            "0 issue \"ca.example; accounturi=https://ca.example/1; validationmethods=dns-01\"",
            "0 Issue \"ca.example\"",
            "0 issuemail \"ca.example\"",
            "0 issuevmc \"ca.example\"",
            "0 iodef \"mailto:a@example.jp\"",
            "0 iodef \"https://example.jp/\"",
            "0 contactemail \"a@example.jp\"",
        ] {
            assert_eq!(levels(rule(id), &format!("@ CAA {good}"), None), [], "{good}");
        }
        for bad in [
            "0 issue \"https://ca.example\"",
            "0 issue \"ca.example; x\"",
            "0 issue \"-a.example\"",
            "0 iodef \"a@example.jp\"",
            "128 tbs \"x\"",
            "64 issue \";\"",
        ] {
            assert_eq!(levels(rule(id), &format!("@ CAA {bad}"), None), [ERROR], "{bad}");
        }
        assert_eq!(levels(rule(id), "@ CAA 0 tbs \"x\"", None), [WARNING]);
    }

    #[test]
    fn caa_that_stops_renewals() {
        let id = "caa-blocks-mail-host";
        let zone = |caa: &str| format!("@ MX 10 mx\nmx A 192.0.2.1\nmail A 192.0.2.1\n{caa}");
        assert_eq!(levels(rule(id), &zone("@ CAA 0 issue \";\""), None), [WARNING]);
        assert!(titles(id, &zone("@ CAA 0 issue \";\""))[0].starts_with("2 mail hosts"));
        assert_eq!(levels(rule(id), &zone("@ CAA 0 issue \"digicert.com\"\n@ CAA 0 issue \";\""), None), []);
        // The closest counts, and the CNAME's end before it; a CNAME into another zone is not known.
        let closest = titles(id, &zone("@ CAA 0 issue \";\"\nmx CAA 0 issue \"ca.example\""));
        assert!(closest[0].starts_with("1 mail host ") && closest[0].contains(": mail.example.com;"));
        let sts = "_mta-sts TXT \"v=STSv1; id=1\"\nmta-sts CNAME";
        assert_eq!(levels(rule(id), &format!("{sts} x.example.net.\n@ CAA 0 issue \";\""), None), []);
        assert_eq!(
            levels(
                rule(id),
                &format!("{sts} w\nw A 192.0.2.1\n@ CAA 0 issue \"ca.example\"\nw CAA 0 issue \";\""),
                None
            ),
            [WARNING]
        );
        assert_eq!(levels(rule(id), &zone("@ CAA 0 issuewild \";\""), None), []);
        assert_eq!(levels(rule(id), &format!("{LOGO}@ CAA 0 issuevmc \";\""), None), [WARNING]);
    }

    #[test]
    fn mail_programs_find_a_host() {
        let id = "srv-mail-clients";
        let with = |srv: &str| format!("mail A 192.0.2.1\n_imaps._tcp SRV {srv}");
        assert_eq!(levels(rule(id), &with("0 1 993 mail"), None), []);
        assert_eq!(levels(rule(id), &with("0 0 993 192.0.2.1"), None), [WARNING]);
        assert!(titles(id, &with("0 0 993 192.0.2.1"))[0].contains("192.0.2.1"));
        assert_eq!(levels(rule(id), &with("0 0 0 ."), None), []);
        assert_eq!(levels(rule(id), &with("0 0 993 ."), None), [WARNING]);
        assert_eq!(levels(rule(id), &with("0 1 0 mail"), None), [WARNING]);
        assert!(titles(id, &with("0 1 993 imap"))[0].contains("imap.example.com has no address"));
        assert!(titles(id, &format!("{}\nimap CNAME mail", with("0 1 993 imap")))[0].contains("CNAME"));
        assert_eq!(levels(rule(id), &with("0 1 993 imap.example.net."), None), []);
        assert_eq!(levels(rule(id), "_minecraft._tcp SRV 0 0 0 nowhere", None), []);
    }

    #[test]
    fn autodiscover_follows_the_mx() {
        let id = "autodiscover-conflict";
        let with = |mx: &str| format!("@ MX 1 {mx}\nautodiscover CNAME autodiscover.outlook.com.");
        assert_eq!(levels(rule(id), &with("smtp.google.com."), None), [WARNING]);
        assert!(titles(id, &with("smtp.google.com."))[0].contains("Google Workspace"));
        assert_eq!(levels(rule(id), "@ MX 1 smtp.google.com.", None), []);
        assert_eq!(levels(rule(id), &with("x.mail.protection.outlook.com."), None), []);
        // Behind a filter or a host of one's own there may be anybody.
        assert_eq!(levels(rule(id), &with("in1.in.tmems-jp.trendmicro.com."), None), []);
        assert_eq!(levels(rule(id), &with("mail.example.net."), None), []);
        let srv = "@ MX 1 smtp.google.com.\n_autodiscover._tcp SRV 0 0 443 autodiscover.secureserver.net.";
        assert_eq!(levels(rule(id), srv, None), [WARNING]);
    }
}
