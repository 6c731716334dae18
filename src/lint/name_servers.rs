//! NS records: that the hosts they name can be reached. What lies below a delegation is told before rules are asked.

use std::collections::HashSet;

use crate::report::{Finding, Severity};
use crate::say;
use crate::zone::{Name, Rtype};

use super::hosts::{self, Existing, shown};
use super::{Findings, Part, Rule, Seen, View};

/// The rules of this family.
pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "ns-target-is-ip",
        en: "an NS points to a host name, not to an address",
        ja: "NS が IP アドレスではなくホスト名を指している",
        source: "RFC 1035 §3.3.11",
        check: target_is_ip,
    },
    Rule {
        id: "ns-target-is-cname",
        en: "an NS does not point to a name with a CNAME",
        ja: "NS の指すホスト名が CNAME ではない",
        source: "RFC 2181 §10.3",
        check: target_is_cname,
    },
    Rule {
        id: "ns-target-unresolvable",
        en: "the host of an NS has an address, where this zone decides it",
        ja: "NS の指すホスト名に、アドレスがある（このゾーンの中の名前）",
        source: "RFC 1034 §4.2.1; RFC 1035 §5.2; RFC 9471 §2",
        check: without_address,
    },
    Rule {
        id: "ns-wildcard",
        en: "no wildcard has an NS",
        ja: "ワイルドカード（*）に NS がない",
        source: "RFC 4592 §4.2",
        check: wildcard,
    },
];

/// Whether an NS names a server of the zone itself, not of one below it.
fn is_own(view: &View<'_>, seen: &Seen) -> bool {
    seen.record.name == *view.origin
}

fn target_is_ip(view: &View<'_>, out: &mut Findings) {
    for seen in view.of_type(Rtype::NS) {
        let Some(address) = seen.record.target().and_then(|target| hosts::address(&target, view.origin)) else {
            continue;
        };
        let owner = shown(&seen.record.name);
        out.push(
            view.finding_target(
                "ns-target-is-ip",
                Severity::Error,
                seen,
                say!(en: "{address} is an address; an NS of {owner} needs a host name", ja: "{owner} の NS が IP アドレス {address} になっています。NS にはホスト名を書きます"),
            )
            .harm(say!(en: "resolvers look for a host of that name and find none; that server is never asked", ja: "この名前のホストは見つからないため、そのサーバーには問い合わせが届きません"))
            .next(say!(en: "give the server a name with {address} as its A or AAAA, and name it here", ja: "サーバーに名前を付け、その A か AAAA を {address} にして、NS にはその名前を書いてください")),
        );
    }
}

fn target_is_cname(view: &View<'_>, out: &mut Findings) {
    let existing = Existing::of(view);
    for seen in view.of_type(Rtype::NS) {
        let Some(host) = seen.record.target().filter(|host| existing.is_here(host)) else { continue };
        let Some(alias) = existing.cname(&host) else { continue };
        let (severity, harm) = if is_own(view, seen) {
            (Severity::Error, say!(en: "BIND refuses the whole zone", ja: "BIND がゾーン全体の読み込みを断ります"))
        } else {
            (
                Severity::Warning,
                say!(en: "some resolvers don't follow it and never ask that server", ja: "CNAME をたどらず、そのサーバーに問い合わせないリゾルバーがあります"),
            )
        };
        let (host, owner) = (shown(&host), shown(&seen.record.name));
        out.push(
            view.finding_target(
                "ns-target-is-cname",
                severity,
                seen,
                say!(en: "the NS of {owner} is {host}, which has a CNAME", ja: "{owner} の NS の指す {host} が CNAME になっています"),
            )
            .at_opt(alias.span(), view.company(alias).unwrap_or_default())
            .harm(harm)
            .next(say!(en: "name the host that the CNAME leads to, or give {host} an A or AAAA", ja: "CNAME の先のホスト名を書くか、{host} を A か AAAA にしてください")),
        );
    }
}

/// Why nobody finds the address of an NS's host.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lack {
    /// This zone answers for the host, and has no address for it.
    Address,
    /// The host lies in the zone that it serves, and no address stands beside the NS.
    Glue,
}

/// What an NS lacks, as far as this zone decides it.
fn lack(view: &View<'_>, existing: Existing<'_>, seen: &Seen) -> Option<(Name, Lack)> {
    let host = seen.record.target()?;
    let has_glue = || view.at(&host).any(|other| matches!(other.record.rtype, Rtype::A | Rtype::AAAA));
    let needs_glue = !is_own(view, seen) && host.is_subdomain_of(&seen.record.name);
    let lack = if existing.lacks_address(&host) {
        Lack::Address
    } else if needs_glue && !has_glue() {
        Lack::Glue
    } else {
        return None;
    };
    (!super::dns::is_misread(view, seen, &host)).then_some((host, lack))
}

fn without_address(view: &View<'_>, out: &mut Findings) {
    let existing = Existing::of(view);
    // Names of which another NS may be reached.
    let sound = view.of_type(Rtype::NS).filter(|seen| lack(view, existing, seen).is_none());
    let reached: HashSet<&Name> = sound.map(|seen| &seen.record.name).collect();
    for seen in view.of_type(Rtype::NS) {
        let Some((host, lack)) = lack(view, existing, seen) else { continue };
        let (own, another) = (is_own(view, seen), reached.contains(&seen.record.name));
        // A site need not list what its zone has beside mail.
        let minor = view.declared.is_some() || !own && another;
        let severity = if minor { Severity::Warning } else { Severity::Error };
        let (host, owner) = (shown(&host), shown(&seen.record.name));
        let title = match lack {
            Lack::Address => {
                say!(en: "the NS of {owner} is {host}, which has no address here", ja: "{owner} の NS は {host} ですが、そのアドレス（A・AAAA）がありません")
            }
            Lack::Glue => {
                say!(en: "the NS of {owner} is {host}, which lies below {owner} itself, and its address is not here (glue)", ja: "{owner} の NS は {owner} 自身の中の {host} ですが、そのアドレス（グルー）がここにありません")
            }
        };
        let finding = view.finding_target("ns-target-unresolvable", severity, seen, title);
        out.push(with_harm(finding, own, another, &owner).next(say!(
            en: "add the A or AAAA of the name server at {host}",
            ja: "{host} に、DNS サーバーのアドレス（A か AAAA）を足してください"
        )));
    }
}

/// What comes of an NS whose host has no address.
fn with_harm(finding: Finding, own: bool, another: bool, owner: &str) -> Finding {
    finding.harm(match (own, another) {
        (true, _) => say!(en: "BIND refuses the whole zone", ja: "BIND がゾーン全体の読み込みを断ります"),
        (false, true) => {
            say!(en: "that server of {owner} is never asked", ja: "{owner} のこのサーバーには問い合わせが届きません")
        }
        (false, false) => {
            say!(en: "nobody reaches the zone {owner}: no name in it is found", ja: "{owner} のゾーンにたどり着けません。その中の名前はどれも引けません")
        }
    })
}

fn wildcard(view: &View<'_>, out: &mut Findings) {
    let mut told = HashSet::new();
    for seen in view.of_type(Rtype::NS) {
        let name = &seen.record.name;
        if name.labels().next().is_none_or(|label| label != b"*") || !told.insert(name) {
            continue;
        }
        let owner = shown(name);
        out.push(
            view.finding_of(
                "ns-wildcard",
                Severity::Error,
                seen,
                Some(Part::Owner),
                say!(en: "{owner} has an NS; a wildcard can't be delegated", ja: "{owner} に NS があります。ワイルドカードは別の DNS サーバーに任せられません"),
            )
            .harm(say!(en: "BIND refuses the whole zone", ja: "BIND がゾーン全体の読み込みを断ります"))
            .next(say!(en: "remove it, and delegate each name by itself", ja: "この NS を消し、任せたい名前ごとに NS を書いてください")),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::Declared;
    use crate::lint::testing::levels;
    use Severity::{Error, Warning};

    fn told(id: &str, lines: &str) -> Vec<Severity> {
        levels(RULES.iter().find(|rule| rule.id == id).unwrap(), lines, None)
    }

    #[test]
    fn an_address_is_no_name_server() {
        let id = "ns-target-is-ip";
        assert_eq!(told(id, "@ NS 192.0.2.1.\n@ NS 192.0.2.1\nsub NS 2001:db8::1"), [Error, Error, Error]);
        assert_eq!(told(id, "@ NS ns1\n@ NS 192.example.net."), []);
        // Its want of an address is not told besides.
        assert_eq!(told("ns-target-unresolvable", "@ NS 192.0.2.1"), []);
    }

    /// What named-checkzone says: an error at the apex, a remark at a delegation.
    #[test]
    fn a_name_server_is_no_alias() {
        let id = "ns-target-is-cname";
        assert_eq!(told(id, "@ NS www\nsub NS www\nwww CNAME a.example.net."), [Error, Warning]);
        assert_eq!(told(id, "@ NS ns1\nns1 A 192.0.2.1\nsub NS x.sub\nx.sub CNAME a.example.net."), []);
    }

    #[test]
    fn a_name_server_in_the_zone_has_an_address() {
        let id = "ns-target-unresolvable";
        assert_eq!(told(id, "@ NS ns1\n@ NS ns2\nns2 A 192.0.2.1"), [Error], "each of the zone's own");
        assert_eq!(told(id, "@ NS ns1\nns1 AAAA 2001:db8::1\n@ NS ns.example.net."), []);
        // BIND takes what a wildcard answers for an address.
        assert_eq!(told(id, "@ NS a.x\n*.x A 192.0.2.1"), []);
        // Within the delegated zone (RFC 9471 §2), in this zone, in another delegated one.
        assert_eq!(told(id, "sub NS ns1.sub"), [Error]);
        assert_eq!(told(id, "sub NS sub\nsub A 192.0.2.1"), []);
        assert_eq!(told(id, "sub NS ns1.sub\nns1.sub TXT x"), [Error]);
        assert_eq!(told(id, "sub NS ns1.sub\n*.sub A 192.0.2.1"), [Error], "a wildcard is no glue");
        assert_eq!(told(id, "sub NS ns1"), [Error]);
        assert_eq!(told(id, "sub NS ns1.sub\nsub NS ns.example.net."), [Warning], "another is reached");
        assert_eq!(told(id, "sub NS ns1.other\nother NS ns.example.net."), []);
        let rule = RULES.iter().find(|rule| rule.id == id).unwrap();
        assert_eq!(levels(rule, "sub NS ns1.sub", Some(&Declared::default())), [Warning], "a site need not list it");
    }

    #[test]
    fn a_wildcard_is_not_delegated() {
        assert_eq!(
            told("ns-wildcard", "* NS a.example.net.\n* NS b.example.net.\n*.x NS c.example.net."),
            [Error, Error]
        );
        assert_eq!(told("ns-wildcard", "x NS a.example.net.\n* A 192.0.2.1"), []);
    }
}
