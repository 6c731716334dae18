//! Hosts that records of this zone point at inside it: whether they have an address, and whose.

use crate::report::Severity;
use crate::say;
use crate::zone::{Name, Rtype};

use super::dns::is_misread;
use super::hosts::{self, Existing, shown};
use super::{Findings, Rule, View};

/// The rules of this family.
pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "mx-target-unresolvable",
        en: "the host of an MX has an address, where this zone decides it",
        ja: "MX の指すホスト名に、アドレスがある（このゾーンの中の名前）",
        source: "RFC 5321 §5.1",
        check: without_address,
    },
    Rule {
        id: "mx-target-elsewhere",
        en: "the host of an MX has no address of another company",
        ja: "MX の指すホスト名のアドレスが、別の会社のものではない",
        source: "RFC 5321 §5.1",
        check: elsewhere,
    },
    Rule {
        id: "dns-cname-dangling",
        en: "a CNAME inside the zone leads to a name that exists",
        ja: "ゾーンの中を指す CNAME の先に、名前がある",
        source: "RFC 1034 §3.6.2",
        check: dangling,
    },
    Rule {
        id: "dns-cname-target-no-host",
        en: "a CNAME leads to a host name, not to an address or a web page",
        ja: "CNAME の先が、IP アドレスや URL ではなくホスト名である",
        source: "RFC 1034 §3.6.2",
        check: no_host,
    },
];

fn without_address(view: &View<'_>, out: &mut Findings) {
    let existing = Existing::of(view);
    for seen in view.of_type(Rtype::MX) {
        let Some(host) = seen.record.target().filter(|h| !h.is_root() && existing.lacks_address(h)) else { continue };
        if is_misread(view, seen, &host) {
            continue;
        }
        // Where a switch makes the MX, it makes the address behind it too.
        let made =
            |party: usize| view.declared.is_some_and(|d| d.senders.iter().any(|s| s.party == party && s.mx_by_switch));
        if seen.origins.iter().any(|o| made(o.party)) {
            continue;
        }
        let (host, owner) = (shown(&host), shown(&seen.record.name));
        // A site need not list what its zone has beside mail; a whole zone has all there is.
        let (severity, title, harm) = if view.declared.is_some() {
            (
                Severity::Warning,
                say!(en: "the MX of {owner} is {host}, whose address is not in site.toml", ja: "{owner} の MX は {host} ですが、そのアドレス（A・AAAA）が site.toml にありません"),
                say!(en: "if the zone does not have it either, no mail for {owner} arrives", ja: "DNS にもなければ、{owner} あてのメールが届きません"),
            )
        } else {
            (
                Severity::Error,
                say!(en: "the MX of {owner} is {host}, which has no address here", ja: "{owner} の MX は {host} ですが、そのアドレス（A・AAAA）がありません"),
                say!(en: "no mail for {owner} arrives", ja: "{owner} あてのメールが届きません"),
            )
        };
        let finding = view.finding_target("mx-target-unresolvable", severity, seen, title).harm(harm);
        out.push(finding.next(if view.declared.is_some() {
            say!(
                en: "if it is in the zone already, add it as a [[record]] so that zoneplan knows: name = \"{host}\" type = \"A\" value = \"…\"; if not, ask for the address of the mail server",
                ja: "すでに DNS にあるなら、zoneplan にも分かるように [[record]] で足してください: name = \"{host}\" type = \"A\" value = \"…\"（なければ、メールサーバーのアドレスを確かめます）"
            )
        } else {
            say!(en: "add the A or AAAA of the mail server at {host}", ja: "{host} に、メールサーバーのアドレス（A か AAAA）を足してください")
        }));
    }
}

fn elsewhere(view: &View<'_>, out: &mut Findings) {
    for seen in view.of_type(Rtype::MX) {
        // An MX that nobody is named for is theirs who receive at its name.
        let named = seen.origins.iter().map(|o| o.party).find(|p| *p != 0);
        let senders = view.declared.into_iter().flat_map(|d| &d.senders);
        let mut receivers = senders.filter(|s| s.receives && s.from == seen.record.name).map(|s| s.party);
        let (Some(host), Some(own)) = (seen.record.target(), named.or_else(|| receivers.next())) else { continue };
        for address in [Rtype::A, Rtype::AAAA].into_iter().flat_map(|t| view.of(&host, t)) {
            let parties: Vec<usize> = address.origins.iter().map(|o| o.party).filter(|p| *p != 0).collect();
            if parties.is_empty() || parties.contains(&own) {
                continue;
            }
            let (Some(receiver), Some(owner)) = (view.parties.get(own).map(|p| p.name.clone()), view.company(address))
            else {
                continue;
            };
            let (host, value) = (shown(&host), address.record.rdata.present(address.record.rtype));
            out.push(
                view.finding(
                    "mx-target-elsewhere",
                    Severity::Error,
                    seen,
                    say!(en: "the MX for {receiver} is {host}, but its address {value} is {owner}'s", ja: "{receiver}の MX は {host} ですが、そのアドレス {value} は{owner}のものです"; receiver = receiver, owner = owner),
                )
                .at_opt(address.span(), owner.clone())
                .harm(say!(en: "mail is delivered to {owner}, not to {receiver}", ja: "メールが{receiver}ではなく、{owner}に届きます"; receiver = receiver, owner = owner))
                .next(say!(en: "make the MX the host name that {receiver} shows in its panel", ja: "MX を、{receiver}の画面に出ているサーバーのホスト名にしてください"; receiver = receiver)),
            );
        }
    }
}

fn dangling(view: &View<'_>, out: &mut Findings) {
    let existing = Existing::of(view);
    for seen in view.of_type(Rtype::CNAME) {
        let Some(target) = seen.record.target() else { continue };
        let answered = existing.has(&target) || existing.wildcard(&target).is_some();
        if !existing.is_here(&target) || answered || is_misread(view, seen, &target) || is_url(&target) {
            continue;
        }
        let (owner, target) = (shown(&seen.record.name), shown(&target));
        out.push(
            view.finding_target(
                "dns-cname-dangling",
                Severity::Warning,
                seen,
                say!(en: "{owner} leads to {target}, which is not in this zone", ja: "{owner} の CNAME の先 {target} が、このゾーンにありません"),
            )
            .harm(say!(en: "{owner} answers nothing", ja: "{owner} を開いても、何も表示されません"))
            .next(say!(en: "add {target}, or mend the CNAME", ja: "{target} を足すか、CNAME を直してください")),
        );
    }
}

fn no_host(view: &View<'_>, out: &mut Findings) {
    for seen in view.of_type(Rtype::CNAME) {
        let Some(target) = seen.record.target() else { continue };
        let owner = shown(&seen.record.name);
        let (title, next) = if let Some(address) = hosts::address(&target, view.origin) {
            let rtype = if address.is_ipv4() { Rtype::A } else { Rtype::AAAA };
            (
                say!(en: "{address} is an address; a CNAME of {owner} needs a host name", ja: "{owner} の CNAME が IP アドレス {address} になっています。CNAME にはホスト名を書きます"),
                say!(en: "make the record an {rtype}: {address}", ja: "種別を {rtype} に変えてください: {address}"),
            )
        } else if is_url(&target) {
            let written = view.without_dot(seen).map_or(target, |(name, _)| name);
            let url = shown(&written);
            let host = url.split_once("//").map_or("", |(_, rest)| rest).split(['/', ':']).next().unwrap_or_default();
            let host = host.trim_end_matches('.');
            (
                say!(en: "{url} is a web address; a CNAME of {owner} needs a host name", ja: "{owner} の CNAME が URL（{url}）になっています。CNAME にはホスト名を書きます"),
                say!(
                    en: "write the host alone: {host}. (to lead to a page, set forwarding at the company that serves the web site)",
                    ja: "ホスト名だけを書いてください: {host}.（特定のページに飛ばすには、Web サーバーの会社の転送設定を使います）"
                ),
            )
        } else {
            continue;
        };
        out.push(
            view.finding_target("dns-cname-target-no-host", Severity::Error, seen, title)
                .harm(say!(en: "there is no host of that name, so {owner} answers nothing", ja: "この名前のホストはないため、{owner} を開いても、何も表示されません"))
                .next(next),
        );
    }
}

/// Whether a web address was read as a name. A `/` alone shows nothing: reverse zones have it in names (RFC 2317 §4).
fn is_url(target: &Name) -> bool {
    target.labels().next().is_some_and(|label| label.starts_with(b"//") || label.windows(3).any(|part| part == b"://"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::{Declared, DeclaredSender, Origin, Party};
    use crate::lint::testing::{levels, name, records, run, sender};
    use crate::report::{Sources, Text};

    #[test]
    fn an_mx_inside_the_zone_needs_an_address_there() {
        let rule = &RULES[0];
        assert_eq!(levels(rule, "@ MX 0 mail", None), [Severity::Error]);
        assert_eq!(levels(rule, "@ MX 0 @", None), [Severity::Error]);
        assert_eq!(levels(rule, "@ MX 0 mail\nmail A 192.0.2.1", None), []);
        assert_eq!(levels(rule, "@ MX 0 mail\n* A 192.0.2.1", None), []);
        assert_eq!(levels(rule, "@ MX 0 mail.sub\nsub NS ns.example.net.", None), [], "delegated");
        assert_eq!(levels(rule, "@ MX 0 mx.example.net.\nwww MX 0 .", None), []);
    }

    #[test]
    fn a_site_need_not_list_the_address_and_a_switch_makes_it() {
        let receiver = |mx_by_switch| DeclaredSender { party: 1, mx_by_switch, ..sender("example.com") };
        let found = |mx_by_switch| {
            let declared = Declared { senders: vec![receiver(mx_by_switch)], ..Declared::default() };
            let (origin, sources) = (name("example.com"), Sources::default());
            let mut seen = records("example.com", "@ MX 0 @");
            seen[0].origins = vec![Origin { party: 1, span: None, by_hand: false }];
            let view = View::new(&origin, seen, Some(&declared), &[], &sources);
            let mut out = Findings::all();
            without_address(&view, &mut out);
            out.iter().map(|finding| finding.severity).collect::<Vec<_>>()
        };
        assert_eq!(found(false), [Severity::Warning]);
        assert_eq!(found(true), []);
    }

    #[test]
    fn an_mx_on_the_shops_address_is_told() {
        let origin = name("example.com");
        let found = |owners: [usize; 2]| {
            let mut seen = records("example.com", "@ MX 0 @\n@ A 203.0.113.20");
            for (s, party) in seen.iter_mut().zip(owners) {
                s.origins = vec![Origin { party, span: None, by_hand: true }];
            }
            let party = |n: &str| Party { name: Text::same(n), id: None, span: None };
            let parties = [party("site.toml"), party("XSERVER"), party("MakeShop")];
            let sources = Sources::default();
            let view = View::new(&origin, seen, None, &parties, &sources);
            let mut out = Findings::all();
            elsewhere(&view, &mut out);
            out.len()
        };
        assert_eq!(found([1, 2]), 1);
        assert_eq!(found([1, 1]), 0);
        assert_eq!(found([1, 0]), 0, "whose address it is, is not said");
        assert_eq!(found([0, 2]), 0, "who receives is not said");
    }

    #[test]
    fn a_cname_into_nothing_is_told() {
        let rule = &RULES[2];
        assert_eq!(levels(rule, "www CNAME shop", None), [Severity::Warning]);
        assert_eq!(levels(rule, "www CNAME shop\nshop A 192.0.2.1", None), []);
        assert_eq!(levels(rule, "www CNAME shop.example.net.", None), []);
        assert_eq!(levels(rule, "www CNAME a\nb.a A 192.0.2.1", None), [], "a exists, though it owns nothing");
    }
    #[test]
    fn a_cname_needs_a_host() {
        let rule = &RULES[3];
        for wrong in [
            "192.0.2.1",
            "192.0.2.1.",
            "2001:db8::1",
            "https://shop.example.net/",
            "http://shop.example.net.",
            "//shop.example.net",
        ] {
            let zone = format!("www CNAME {wrong}");
            assert_eq!(levels(rule, &zone, None), [Severity::Error], "{wrong}");
            assert_eq!(levels(&RULES[2], &zone, None), [], "{wrong}: once is enough");
        }
        for fine in ["shop.example.net.", "1.0/25.2.0.192.in-addr.arpa.", "_x.example.net.", "10.example.net."] {
            assert_eq!(levels(rule, &format!("www CNAME {fine}"), None), [], "{fine}");
        }
        let next = |target: &str| {
            let found = run(rule, &format!("www CNAME {target}"), None);
            found[0].notes.iter().map(|n| n.text.en.clone()).collect::<String>()
        };
        assert!(next("https://shop.example.net/a").contains("alone: shop.example.net. "));
        assert!(next("https://shop.example.net.").contains("alone: shop.example.net. "));
        assert!(next("2001:db8::1").contains("an AAAA: 2001:db8::1"));
    }
}
