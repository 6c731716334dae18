//! How the site's own mail servers look to receivers: whether their address has a name (reverse DNS, PTR) that leads back to it.
//!
//! Own servers are the single addresses that the site itself, and no service, puts into its SPF. What they say with HELO nobody told us.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::{Run, words};
use crate::compose::{Intent, Member};
use crate::fit::FittedZone;
use crate::live::{Answer, Outcome, Question};
use crate::mail::spf::{self, Qualifier, TermKind};
use crate::report::{Confidence, Finding, NoteKind, Severity, Text, excerpt};
use crate::say;
use crate::zone::{Name, Record, Rtype};

/// Most own servers that are looked at.
const SERVERS_MAX: usize = 64;

/// Most names of one address that are followed (RFC 7208 §4.6.4 stops there too).
const NAMES_MAX: usize = 10;

/// Words in the name that an access provider gives to whoever dials in.
const GENERIC: [&str; 8] = ["dynamic", "dyn", "pool", "dsl", "adsl", "vdsl", "dhcp", "ppp"];

/// Looks up the names of the site's own servers, and where these lead.
pub(super) fn check(run: &mut Run<'_>) {
    let fitted = run.built.fitted;
    let mut servers: BTreeMap<IpAddr, (&FittedZone<'_>, &Member, String)> = BTreeMap::new();
    let mut left_out = 0;
    for zone in fitted.zones().filter(|zone| !fitted.is_keyzone(zone)) {
        for set in &zone.composed.rrsets {
            for member in &set.members {
                let Intent::Spf { terms, .. } = &member.intent else { continue };
                let own = terms.iter().filter(|(_, origins)| origins.iter().all(|origin| origin.party == 0));
                for ip in own.filter_map(|(raw, _)| server(raw)) {
                    if servers.len() < SERVERS_MAX || servers.contains_key(&ip) {
                        servers.entry(ip).or_insert((zone, member, words::plain(&set.name)));
                    } else {
                        left_out += 1;
                    }
                }
            }
        }
    }
    if left_out > 0 {
        let title = say!(en: "not checked: the reverse DNS of {left_out} addresses, beyond the first {SERVERS_MAX}", ja: "確認していません: {SERVERS_MAX} 個を超えた {left_out} 個のアドレスの逆引き");
        run.tell(Finding::new(words::NOT_CHECKED, Severity::Advice, title), &fitted.own, None);
    }
    let reverse = |ip: &IpAddr| Name::parse_absolute(spf::reverse_name(*ip)).ok();
    let questions: Vec<Question> =
        servers.keys().filter_map(reverse).map(|name| Question { name, rtype: Rtype::PTR }).collect();
    let answers = run.ask_beyond(&questions);
    for ((ip, (zone, member, domain)), answer) in servers.into_iter().zip(&answers) {
        if let Some(mut finding) = look_up(run, ip, &domain, answer) {
            let giver = say!(en: "whoever gave you the address (the server's hosting company, the line's provider)", ja: "そのアドレスを割り当てた会社（サーバーや回線の事業者）");
            let about = words::plain(&answer.question.name);
            finding.panel = Some(giver).filter(|_| finding.id != words::NOT_CHECKED);
            run.tell(finding.about(about, "PTR"), zone, Some(member));
        }
    }
}

/// The one address that a term passes.
fn server(raw: &str) -> Option<IpAddr> {
    let record = spf::Record::parse(raw.as_bytes());
    let term = record.terms().first().filter(|term| term.qualifier == Qualifier::Pass)?;
    let network = term.kind.network().filter(|_| matches!(term.kind, TermKind::Ip4 { .. } | TermKind::Ip6 { .. }))?;
    let bits = if network.address().is_ipv4() { 32 } else { 128 };
    (network.prefix() == bits).then(|| network.address())
}

fn look_up(run: &mut Run<'_>, ip: IpAddr, domain: &str, answer: &Answer) -> Option<Finding> {
    let what = || say!(en: "the reverse DNS of {ip}, from which mail of {domain} is sent", ja: "{domain} のメールを送る {ip} の逆引き");
    let Some(records) = answer.records() else {
        return Some(words::not_checked(&what(), answer));
    };
    let mut hosts: Vec<Name> = records.iter().filter_map(Record::target).collect();
    hosts.truncate(NAMES_MAX);
    if hosts.is_empty() {
        let title = say!(en: "{ip}, from which mail of {domain} is sent, has no reverse DNS (PTR)", ja: "{domain} のメールを送る {ip} に、逆引き（PTR）がありません");
        return Some(not_confirmed(title, ip));
    }
    let rtype = if ip.is_ipv4() { Rtype::A } else { Rtype::AAAA };
    let questions: Vec<Question> = hosts.iter().map(|name| Question { name: name.clone(), rtype }).collect();
    let answers = run.ask_beyond(&questions);
    let leads_back = |answer: &&Answer| matches!(&answer.outcome, Outcome::Records(records) if records.iter().any(|r| r.rdata.as_address(rtype) == Some(ip)));
    let shown = |name: &Name| excerpt(&words::plain(name), 100);
    if let Some(host) = answers.iter().find(leads_back).map(|answer| shown(&answer.question.name)) {
        return is_generic(&host, ip).then(|| {
            Finding::advice("ptr-generic-or-helo-mismatch", say!(en: "the reverse DNS of {ip} is {host}, the name of a line and not of a mail server", ja: "{ip} の逆引き {host} は、メールサーバーではなく回線に付けられた名前に見えます"))
                .confidence(Confidence::Medium)
                .harm(say!(en: "some receivers take it for somebody's computer at home", ja: "家庭のパソコンからのメールとみなす受信側があります"))
                .next(say!(en: "ask for a name of your own as the reverse DNS of {ip}, the one that the server says with HELO", ja: "{ip} の逆引きを、サーバーが HELO で名のる自社の名前にしてもらいます"))
        });
    }
    if let Some(answer) = answers.iter().find(|answer| answer.records().is_none()) {
        return Some(words::not_checked(&what(), answer));
    }
    let host = hosts.first().map(shown).unwrap_or_default();
    let title = say!(en: "the reverse DNS of {ip}, from which mail of {domain} is sent, is {host}, which does not lead back to it", ja: "{domain} のメールを送る {ip} の逆引きは {host} ですが、その名前から {ip} に戻れません");
    Some(not_confirmed(title, ip))
}

fn not_confirmed(title: Text, ip: IpAddr) -> Finding {
    let rtype = if ip.is_ipv4() { "A" } else { "AAAA" };
    Finding::error("ptr-not-forward-confirmed", title)
        .confidence(Confidence::Medium)
        .harm(say!(en: "Gmail defers or refuses mail that comes from it (4.7.23, 5.7.25)", ja: "そこから直接届くメールを、Gmail は保留するか拒否します（4.7.23、5.7.25）"))
        .note(NoteKind::Note, say!(en: "if it hands all its mail to another server, that one's reverse DNS counts", ja: "メールをすべて別のサーバーに渡しているなら、問われるのはそのサーバーの逆引きです"))
        .source(say!(en: "support.google.com/mail/answer/81126 (2026-06)", ja: "support.google.com/mail/answer/81126（2026-06）"))
        .next(say!(en: "ask for the name that the server says with HELO as the reverse DNS of {ip}, and give that name an {rtype} record with {ip}", ja: "{ip} の逆引きを、サーバーが HELO で名のる名前にしてもらい、その名前の {rtype} レコードに {ip} を入れます"))
}

/// Whether a name is made of the address, or says that it is a line's.
fn is_generic(host: &str, ip: IpAddr) -> bool {
    let host = host.to_ascii_lowercase();
    let word = |word: &str| GENERIC.contains(&word.trim_matches(|c: char| c.is_ascii_digit()));
    let has_word = host.split(|c: char| !c.is_ascii_alphanumeric()).any(word);
    let IpAddr::V4(v4) = ip else { return has_word };
    let numbers: Vec<&str> = host.split(|c: char| !c.is_ascii_digit()).filter(|n| !n.is_empty()).collect();
    let octets = v4.octets().map(|octet| octet.to_string());
    let is_same = |four: &[&str]| {
        let plain = |number: &str| number.trim_start_matches('0').to_owned();
        let mut octets: Vec<String> = octets.iter().map(|octet| plain(octet)).collect();
        let four: Vec<String> = four.iter().map(|number| plain(number)).collect();
        let forward = four == octets;
        octets.reverse();
        forward || four == octets
    };
    has_word || numbers.windows(4).any(is_same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_lines_and_of_servers() {
        let ip: IpAddr = "203.0.113.9".parse().unwrap();
        for (host, generic) in [
            ("9.113.0.203.isp.example", true),
            ("203-0-113-9.isp.example", true),
            ("p203000113009.isp.example", false),
            ("ip203-000-113-009.isp.example", true),
            ("host9.dynamic.isp.example", true),
            ("pool12-a.isp.example", true),
            ("adsl-7.isp.example", true),
            ("mail.example.com", false),
            ("mx203.example.com", false),
            ("liverpool.example.com", false),
            ("dslr.example.com", false),
        ] {
            assert_eq!(is_generic(host, ip), generic, "{host}");
        }
        assert!(!is_generic("2001-db8.example.com", "2001:db8::1".parse().unwrap()));
    }

    #[test]
    fn only_single_addresses_are_servers() {
        assert_eq!(server("ip4:203.0.113.9"), "203.0.113.9".parse().ok());
        assert_eq!(server("ip6:2001:db8::1"), "2001:db8::1".parse().ok());
        for raw in ["ip4:203.0.113.0/29", "-ip4:203.0.113.9", "a:mail.example.com", "mx", "include:spf.example.net"] {
            assert_eq!(server(raw), None, "{raw}");
        }
    }
}
