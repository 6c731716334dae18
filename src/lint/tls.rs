//! Encryption on the way to the MX: MTA-STS, TLS-RPT, DANE. Policies behind `https:` are not seen here.

use std::collections::HashSet;

use crate::mail::{mta_sts, tls_rpt};
use crate::report::{Confidence, Finding, Severity, Text};
use crate::say;
use crate::zone::{Name, Rtype};

use super::hosts::{self, Existing, counted, shown};
use super::txt;
use super::{Findings, Rule, Seen, View};

/// The rules of this family.
pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "mtasts-record",
        en: "one MTA-STS record with a valid id, and the host of its policy",
        ja: "MTA-STS のレコードが 1 つで id が正しく、ポリシーのホストがある",
        source: "RFC 8461 §3.1",
        check: mtasts_record,
    },
    Rule {
        id: "mtasts-mx-mismatch",
        en: "each MX is named by the MTA-STS policy",
        ja: "すべての MX が MTA-STS のポリシーに載っている",
        source: "RFC 8461 §4.1",
        check: mtasts_mx,
    },
    Rule {
        id: "tlsrpt-record",
        en: "one TLS-RPT record with addresses that can be used",
        ja: "TLS-RPT のレコードが 1 つで、レポートの宛先が正しい",
        source: "RFC 8460 §3",
        check: tlsrpt_record,
    },
    Rule {
        id: "tlsa-parameters",
        en: "TLSA records for mail are usable and stand at the MX host",
        ja: "メール用の TLSA が使える値で、MX のホストの名前にある",
        source: "RFC 7672 §3.1; RFC 6698 §2.1",
        check: tlsa_parameters,
    },
];

/// Each MX of the policy's domain against the policy, where its text is at hand.
fn mtasts_mx(view: &View<'_>, out: &mut Findings) {
    const ID: &str = "mtasts-mx-mismatch";
    let Some(policy) = view.mta_sts_policy.and_then(|text| mta_sts::parse_policy(text.as_bytes()).0) else { return };
    let severity = match policy.mode {
        mta_sts::Mode::Enforce => Severity::Error,
        mta_sts::Mode::Testing => Severity::Warning,
        mta_sts::Mode::None => return,
    };
    for seen in view.of(view.origin, Rtype::MX) {
        let Some(host) = seen.record.target().filter(|h| !h.is_root()) else { continue };
        let plain = host.display_without_dot().to_string();
        if policy.allows(&plain) {
            continue;
        }
        let host = shown(&host);
        out.push(
            view.finding(
                ID,
                severity,
                seen,
                say!(en: "the MTA-STS policy does not name the MX {host}", ja: "MTA-STS のポリシーに、MX の {host} が載っていません"),
            )
            .harm(say!(
                en: "senders that keep to the policy (mode enforce) deliver nothing there",
                ja: "ポリシーを守る送信側（mode が enforce）は、そこへ配送しません"
            ))
            .next(say!(en: "add it under [mta-sts]: mx = [\"{plain}\", …]", ja: "[mta-sts] に足してください: mx = [\"{plain}\", …]")),
        );
    }
}

/// The names that begin with `labels` and own a TXT or CNAME, with the name behind.
fn at_label<'v>(view: &'v View<'_>, labels: &[&str]) -> Vec<(&'v Name, Name)> {
    let with = |(name, _): (&'v Name, &'v Seen)| {
        let domain = hosts::below(name, labels)?;
        let there = view.at(name).any(|s| matches!(s.record.rtype, Rtype::TXT | Rtype::CNAME));
        there.then_some((name, domain))
    };
    view.owners().filter_map(with).collect()
}

/// The one record at `name`, of those that `looks` like it or else of all; more than one is told.
fn the_one<'v>(
    view: &'v View<'_>,
    id: &'static str,
    name: &Name,
    what: &str,
    looks: fn(&[u8]) -> bool,
    out: &mut Findings,
) -> Option<&'v Seen> {
    let all: Vec<&Seen> = view.of(name, Rtype::TXT).collect();
    let (meant, others): (Vec<&Seen>, Vec<&Seen>) =
        all.iter().copied().partition(|s| s.txt().is_some_and(|t| looks(txt::inner(t).1)));
    if let [first, _, ..] = meant.as_slice() {
        let (count, whole) = (meant.len(), shown(name));
        let mut finding = view.finding(
            id,
            Severity::Error,
            first,
            say!(
                en: "{count} {what} records at {whole}; one is allowed",
                ja: "{whole} に {what} のレコードが {count} つあります。1 つだけにします"
            ),
        );
        for other in meant.iter().take(20) {
            finding = finding.at_opt(other.span(), view.company(other).unwrap_or_default());
        }
        out.push(
            finding
                .harm(say!(en: "senders ignore all of them", ja: "送信側はどれも無視します"))
                .next(say!(en: "keep the right one, remove the others", ja: "正しい 1 つを残し、ほかを消してください")),
        );
        return None;
    }
    meant.first().or(others.first()).copied()
}

fn mtasts_record(view: &View<'_>, out: &mut Findings) {
    const ID: &str = "mtasts-record";
    let existing = Existing::of(view);
    for (name, domain) in at_label(view, &["_mta-sts"]) {
        if let Some(seen) = the_one(view, ID, name, "MTA-STS", mta_sts::looks_like_mta_sts, out) {
            let value = seen.txt().unwrap_or_default();
            let (base, inner) = txt::inner(value);
            if !txt::is_bent(inner) {
                let next =
                    say!(en: "for example `v=STSv1; id=20261124T000000`", ja: "例: `v=STSv1; id=20261124T000000`");
                txt::faults(view, ID, seen, base, mta_sts::parse(inner).1, &next, out);
            }
        }
        let Some(seen) = view.at(name).find(|s| matches!(s.record.rtype, Rtype::TXT | Rtype::CNAME)) else { continue };
        let Ok(host) = domain.child("mta-sts") else { continue };
        if existing.lacks_address(&host) {
            let (name, host) = (shown(name), shown(&host));
            out.push(
                view.finding(ID, Severity::Error, seen, say!(
                    en: "{host}, the host of the MTA-STS policy, does not exist",
                    ja: "MTA-STS のポリシーを置くホスト {host} がありません"
                ))
                .about(host.clone(), "A")
                .harm(say!(en: "senders cannot fetch the policy: {name} has no effect", ja: "送信側がポリシーを取得できず、{name} は効きません"))
                .next(say!(en: "add an A or CNAME for {host} and serve the policy there", ja: "{host} の A か CNAME を入れ、そこにポリシーを置いてください")),
            );
        }
    }
}

fn tlsrpt_record(view: &View<'_>, out: &mut Findings) {
    const ID: &str = "tlsrpt-record";
    for (name, _) in at_label(view, &["_smtp", "_tls"]) {
        let Some(seen) = the_one(view, ID, name, "TLS-RPT", tls_rpt::looks_like_tls_rpt, out) else { continue };
        let value = seen.txt().unwrap_or_default();
        let (base, inner) = txt::inner(value);
        if !txt::is_bent(inner) {
            let next = say!(en: "for example `v=TLSRPTv1; rua=mailto:tls@{domain}`", ja: "例: `v=TLSRPTv1; rua=mailto:tls@{domain}`", domain = shown(view.origin));
            txt::faults(view, ID, seen, base, tls_rpt::parse(inner).1, &next, out);
        }
    }
    // Who demands encryption should hear when it fails.
    let existing = Existing::of(view);
    let mut told = HashSet::new();
    let mut without = |seen: &Seen, domain: Name, why: Text, out: &mut Findings| {
        let Ok(tls) = domain.child("_tls") else { return };
        let Ok(owner) = tls.child("_smtp") else { return };
        let there = existing.has(&owner) || existing.wildcard(&owner).is_some();
        if there || !existing.is_here(&owner) || !told.insert(domain.clone()) {
            return;
        }
        let (domain, owner) = (shown(&domain), shown(&owner));
        out.push(
            view.finding(ID, Severity::Advice, seen, say!(
                en: "{domain} has {why}, but asks for no TLS reports",
                ja: "{domain} には{why}がありますが、TLS のレポート（TLS-RPT）を受け取る設定がありません";
                why = why
            ))
            .about(owner.clone(), "TXT")
            .harm(say!(en: "if delivery fails over TLS, nobody tells you", ja: "TLS の失敗でメールが届かなくなっても、知らせが来ません"))
            .next(say!(
                en: "{owner} TXT \"v=TLSRPTv1; rua=mailto:tls@{domain}\" (an address that somebody reads)",
                ja: "{owner} に TXT \"v=TLSRPTv1; rua=mailto:tls@{domain}\" を入れてください（宛先は読むアドレスに変えます）"
            )),
        );
    };
    for (name, domain) in at_label(view, &["_mta-sts"]) {
        if let Some(seen) = view.at(name).next() {
            without(seen, domain, say!(en: "MTA-STS", ja: " MTA-STS "), out);
        }
    }
    let dane: HashSet<&Name> = view.of_type(Rtype::TLSA).map(|s| &s.record.name).collect();
    for mx in view.of_type(Rtype::MX) {
        let tlsa = mx.record.target().and_then(|host| host.child("_tcp").ok()?.child("_25").ok());
        if tlsa.is_some_and(|owner| dane.contains(&owner)) {
            without(mx, mx.record.name.clone(), say!(en: "TLSA at its MX", ja: " MX の TLSA "), out);
        }
    }
}

/// What is impossible in a TLSA's data, for mail or for anybody.
fn tlsa_faults(usage: u8, selector: u8, matching: u8, data: usize, mail: bool) -> Vec<Text> {
    let mut faults = Vec::new();
    if mail && !matches!(usage, 2 | 3) {
        faults.push(say!(en: "usage {usage}; for mail it is 3 or 2", ja: "用途（usage）が {usage} です。メールで使えるのは 3 か 2 です"));
    } else if usage > 3 {
        faults.push(say!(en: "usage {usage}; it is 0 to 3", ja: "用途（usage）が {usage} です。使えるのは 0〜3 です"));
    }
    if selector > 1 {
        faults.push(say!(en: "selector {selector}; it is 0 or 1", ja: "セレクタ（selector）が {selector} です。使えるのは 0 か 1 です"));
    }
    let expected = match matching {
        0 => None,
        1 => Some(32),
        2 => Some(64),
        _ => {
            faults.push(say!(en: "matching type {matching}; it is 0, 1 or 2", ja: "照合の種類（matching type）が {matching} です。使えるのは 0〜2 です"));
            None
        }
    };
    if let Some(expected) = expected.filter(|e| *e != data) {
        faults.push(say!(
            en: "{bytes} of data; matching type {matching} takes {expected}",
            ja: "データが {data} バイトです。照合の種類 {matching} では {expected} バイトです",
            bytes = counted(data, "byte", "bytes")
        ));
    }
    faults
}

fn tlsa_parameters(view: &View<'_>, out: &mut Findings) {
    const ID: &str = "tlsa-parameters";
    let targets: HashSet<Name> = view.of_type(Rtype::MX).filter_map(|s| s.record.target()).collect();
    let mut told = HashSet::new();
    for seen in view.of_type(Rtype::TLSA) {
        let Some((usage, selector, matching, data)) = seen.record.rdata.as_tlsa() else { continue };
        let host = hosts::below(&seen.record.name, &["_25", "_tcp"]);
        let name = shown(&seen.record.name);
        let faults = tlsa_faults(usage, selector, matching, data.len(), host.is_some());
        let sound = faults.is_empty();
        for fault in faults {
            out.push(
                view.finding(ID, Severity::Error, seen, say!(en: "TLSA of {name}: {fault}", ja: "{name} の TLSA: {fault}"; fault = fault))
                    .harm(say!(en: "the record cannot be used: no protection, or mail is held back", ja: "このレコードは使えません。保護されないか、メールが止まります"))
                    .next(say!(en: "use `3 1 1` and the SHA-256 of the public key (64 hexadecimal digits)", ja: "`3 1 1` と公開鍵の SHA-256（16 進数 64 桁）にしてください")),
            );
        }
        let Some(host) = host else { continue };
        if !targets.is_empty() && !targets.contains(&host) && told.insert(host.clone()) {
            out.push(misplaced(view, seen, &host));
        }
        // Recommended by RFC 7672 §3.1: the end entity's key, or that of its CA.
        if sound && !matches!((usage, selector, matching), (2 | 3, 1, 1)) {
            out.push(
                view.finding(ID, Severity::Advice, seen, say!(
                    en: "`{usage} {selector} {matching}` in the TLSA of {name}; `3 1 1` is what works best",
                    ja: "{name} の TLSA は `{usage} {selector} {matching}` です。おすすめは `3 1 1` です"
                ))
                .harm(say!(en: "it breaks with each new certificate, or where a sender knows only SHA-256", ja: "証明書を替えるたびに合わなくなるか、SHA-256 しか使わない相手で働きません"))
                .next(say!(en: "use `3 1 1`, and keep the key when the certificate is renewed", ja: "`3 1 1` にし、証明書の更新でも同じ鍵を使ってください")),
            );
        }
    }
}

/// A TLSA for mail at a name that is no MX host of this zone. At the mail domain itself it is wrong; another host may serve other zones.
fn misplaced(view: &View<'_>, seen: &Seen, host: &Name) -> Finding {
    let mx = view.of(host, Rtype::MX).find_map(|s| s.record.target()).filter(|t| !t.is_root());
    let whole = shown(host);
    let harm = || say!(en: "senders look for TLSA at the MX host only", ja: "送信側は MX のホストの TLSA しか見ません");
    match mx {
        Some(target) => view
            .finding("tlsa-parameters", Severity::Error, seen, say!(
                en: "{whole} is the mail domain; TLSA stands at its MX host {target}",
                ja: "{whole} はメールのドメインです。TLSA は MX のホスト {target} の名前に置きます",
                target = shown(&target)
            ))
            .harm(harm())
            .next(say!(en: "move it to _25._tcp.{target}", ja: "_25._tcp.{target} に移してください", target = shown(&target))),
        None => view
            .finding("tlsa-parameters", Severity::Warning, seen, say!(
                en: "{whole} has a TLSA for mail, but no MX here points to it",
                ja: "{whole} にメール用の TLSA がありますが、これを指す MX がありません"
            ))
            .confidence(Confidence::Medium)
            .harm(harm())
            .next(say!(en: "move it to the host that the MX names, unless {whole} serves other domains", ja: "MX の指すホストに移してください（{whole} がほかのドメインのメールを受けているなら、そのままで構いません）")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_mx_outside_the_policy_is_an_error_only_where_it_is_enforced() {
        let origin = crate::lint::testing::name("example.com");
        let zone = "@ MX 10 mx1.example.net.\n@ MX 20 mx2.example.net.";
        let levels = |policy: &str| {
            let sources = crate::report::Sources::default();
            let records = crate::lint::testing::records("example.com", zone);
            let mut view = View::new(&origin, records, None, &[], &sources);
            view.mta_sts_policy = Some(policy);
            let mut out = Findings::all();
            mtasts_mx(&view, &mut out);
            out.iter().map(|f| (f.severity, f.title.en.contains("mx2.example.net"))).collect::<Vec<_>>()
        };
        let policy = |mode: &str, mx: &str| format!("version: STSv1\nmode: {mode}\nmax_age: 86400\nmx: {mx}\n");
        assert_eq!(levels(&policy("enforce", "mx1.example.net")), [(Severity::Error, true)]);
        assert_eq!(levels(&policy("testing", "mx1.example.net")), [(Severity::Warning, true)]);
        assert_eq!(levels(&policy("none", "mx1.example.net")), []);
        assert_eq!(levels(&policy("enforce", "*.example.net")), []);
    }
    use crate::lint::testing::{levels, run};

    const ERROR: Severity = Severity::Error;
    const WARNING: Severity = Severity::Warning;
    const ADVICE: Severity = Severity::Advice;

    fn rule(id: &str) -> &'static Rule {
        RULES.iter().find(|r| r.id == id).unwrap()
    }

    fn titles(id: &str, lines: &str) -> Vec<String> {
        run(rule(id), lines, None).into_iter().map(|f| f.title.en).collect()
    }

    #[test]
    fn mta_sts() {
        let id = "mtasts-record";
        let host = "mta-sts A 192.0.2.1\n";
        let with = |value: &str| format!("{host}_mta-sts TXT \"{value}\"");
        assert_eq!(levels(rule(id), &with("v=STSv1; id=2026-11-24"), None), [ERROR]);
        assert!(titles(id, &with("v=STSv1; id=2026-11-24"))[0].contains("10 characters"));
        assert_eq!(levels(rule(id), &with("v=STSv1; id=20261124"), None), []);
        assert_eq!(levels(rule(id), &with("v=STSv1;"), None), [ERROR]);
        assert_eq!(levels(rule(id), &with("something else"), None).first(), Some(&ERROR));
        let two = format!("{}\n_mta-sts TXT \"v=STSv1; id=2\"", with("v=STSv1; id=1"));
        assert!(titles(id, &two)[0].starts_with("2 MTA-STS"));
        // Records of another kind are discarded (RFC 8461 §3.1).
        assert_eq!(levels(rule(id), &format!("{}\n_mta-sts TXT \"x\"", with("v=STSv1; id=1")), None), []);
        let lost = "_mta-sts TXT \"v=STSv1; id=1\"";
        assert_eq!(levels(rule(id), lost, None), [ERROR]);
        assert!(titles(id, lost)[0].starts_with("mta-sts.example.com"));
        let hosted = "_mta-sts CNAME x.example.net.\nmta-sts CNAME y.example.net.";
        assert_eq!(levels(rule(id), hosted, None), []);
        // Quotes and spaces are told by the rules for TXT.
        assert_eq!(levels(rule(id), &with("\\\"v=STSv1; id=1\\\""), None), []);
        assert_eq!(levels(rule(id), &with(" v=STSv1; id=1"), None), []);
    }

    #[test]
    fn tls_rpt() {
        let id = "tlsrpt-record";
        let with = |value: &str| format!("_smtp._tls TXT \"{value}\"");
        assert_eq!(levels(rule(id), &with("v=TLSRPTv1; rua=tls@example.jp"), None), [ERROR]);
        assert_eq!(levels(rule(id), &with("v=TLSRPTv1; rua=mailto:tls@example.jp"), None), []);
        assert_eq!(levels(rule(id), &with("v=TLSRPTv1"), None), [ERROR]);
        let two = [with("v=TLSRPTv1; rua=mailto:a@example.jp"), with("v=TLSRPTv1; rua=mailto:b@example.jp")].join("\n");
        assert!(titles(id, &two)[0].starts_with("2 TLS-RPT"));
        let sts = "_mta-sts TXT \"v=STSv1; id=1\"";
        assert_eq!(levels(rule(id), sts, None), [ADVICE]);
        assert!(titles(id, sts)[0].contains("MTA-STS"));
        assert_eq!(levels(rule(id), &format!("{sts}\n{}", with("v=TLSRPTv1; rua=mailto:a@example.jp")), None), []);
        let dane = format!("@ MX 10 mx\n@ MX 20 mx\n_25._tcp.mx TLSA 3 1 1 {}", "ab".repeat(32));
        assert_eq!(levels(rule(id), &dane, None), [ADVICE]);
    }

    #[test]
    fn tlsa() {
        let id = "tlsa-parameters";
        let zone = |owner: &str, fields: &str, octets: usize| {
            format!("@ MX 10 mx1\n{owner} TLSA {fields} {}", "ab".repeat(octets))
        };
        assert_eq!(levels(rule(id), &zone("_25._tcp.mx1", "3 1 1", 32), None), []);
        assert_eq!(levels(rule(id), &zone("_25._tcp.mx1", "2 1 1", 32), None), []);
        // The bad example of the catalogue: the usage, and the owner.
        assert_eq!(levels(rule(id), &zone("_25._tcp", "1 0 1", 32), None), [ERROR, ERROR]);
        assert_eq!(levels(rule(id), &zone("_25._tcp", "3 1 1", 32), None), [ERROR]);
        assert!(titles(id, &zone("_25._tcp", "3 1 1", 32))[0].contains("mx1.example.com"));
        assert_eq!(levels(rule(id), &zone("_25._tcp.old", "3 1 1", 32), None), [WARNING]);
        assert!(titles(id, &zone("_25._tcp.mx1", "3 1 1", 31))[0].contains("31 bytes"));
        assert!(titles(id, &zone("_25._tcp.mx1", "3 1 2", 32))[0].contains("takes 64"));
        assert_eq!(levels(rule(id), &zone("_25._tcp.mx1", "3 2 1", 32), None), [ERROR]);
        assert_eq!(levels(rule(id), &zone("_25._tcp.mx1", "3 1 3", 32), None), [ERROR]);
        assert_eq!(levels(rule(id), &zone("_25._tcp.mx1", "3 0 1", 32), None), [ADVICE]);
        assert_eq!(levels(rule(id), &zone("_25._tcp.mx1", "3 1 2", 64), None), [ADVICE]);
        // The web may use 0 and 1.
        assert_eq!(levels(rule(id), &zone("_443._tcp.www", "1 0 1", 32), None), []);
        assert_eq!(levels(rule(id), &zone("_443._tcp.www", "1 0 1", 31), None), [ERROR]);
    }
}
