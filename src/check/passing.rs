//! Whose mail passes SPF with what DNS says today: in the wanted record, where an earlier term may take an address first, and in the one that
//! is published, where that is another.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::Run;
use super::beyond::Recorded;
use super::published::Right;
use crate::compose::{Intent, Member, RrSet};
use crate::live::{InTurn, Resolve};
use crate::mail::spf::{self, Dns as _, Network, Qualifier, Query, Reach, TermKind, Verdict, check_host};
use crate::report::{Finding, NoteKind, Text, excerpt};
use crate::say;
use crate::spf_dns::{SpfDns, planned};
use crate::zone::Rtype;

/// Most ranges of one term that are tried: more than any include has that was seen.
const RANGES_MAX: usize = 64;

/// Most redirects that are followed: a receiver stops there (RFC 7208 §4.6.4).
const REDIRECTS: usize = spf::MAX_LOOKUPS;

/// Looks at the SPF records of the site. `right` are the sets that are published as they are wanted.
pub(super) fn check(run: &mut Run<'_>, right: &BTreeSet<Right>) {
    let fitted = run.built.fitted;
    let own = planned(fitted, None);
    for zone in fitted.zones().filter(|zone| !fitted.is_keyzone(zone)) {
        for set in &zone.composed.rrsets {
            for member in &set.members {
                let Intent::Spf { terms, .. } = &member.intent else { continue };
                let name = super::words::plain(&set.name);
                let wanted = spf::Record::parse(&member.rdata.txt_joined());
                let resolver = Recorded::of(run);
                let in_turn = InTurn(vec![&own as &dyn Resolve, &resolver]);
                let dns = SpfDns::new(&in_turn);
                let mut found = shadowed(&dns, &name, &wanted);
                found.extend(redirected(&dns, &name, &wanted));
                if !right.contains(&(set.name.clone(), Rtype::TXT)) {
                    let company = |origin: &_| fitted.composed.party(origin);
                    let wanted: Vec<Wanted> = terms
                        .iter()
                        .map(|(raw, origins)| Wanted {
                            raw,
                            company: origins.iter().find(|origin| origin.party != 0).map(company),
                        })
                        .collect();
                    found.extend(not_covered(&SpfDns::new(&resolver), &name, &wanted));
                }
                run.names.append(&mut resolver.names());
                tell(run, found, zone, set, member);
            }
        }
    }
}

fn tell(run: &mut Run<'_>, found: Vec<Finding>, zone: &crate::fit::FittedZone<'_>, set: &RrSet, member: &Member) {
    for finding in found {
        run.tell(finding.about(super::words::plain(&set.name), "TXT"), zone, Some(member));
    }
}

/// A term of the wanted record.
struct Wanted<'w> {
    raw: &'w str,
    /// The company that wants it; none where that is the site itself.
    company: Option<Text>,
}

/// The ranges that a term is to pass. `None` where they cannot be known.
fn ranges(dns: &dyn spf::Dns, kind: &TermKind, domain: &str) -> Option<Vec<Network>> {
    let mut networks = match kind {
        TermKind::Ip4 { .. } | TermKind::Ip6 { .. } => kind.network().into_iter().collect(),
        TermKind::A { .. } | TermKind::Mx { .. } if !kind.domain_spec().is_some_and(spf::DomainSpec::has_macros) => {
            spf::addresses(dns, kind, domain).ok()?
        }
        TermKind::Include(spec) if !spec.has_macros() => spf::flatten(dns, spec.as_str()).ok()?,
        _ => return None,
    };
    networks.truncate(RANGES_MAX);
    Some(networks)
}

/// The first and the last address of a range: what passes both and not all between is nothing that anybody writes.
fn ends(range: &Network) -> [IpAddr; 2] {
    let last = match range.address() {
        IpAddr::V4(v4) => {
            IpAddr::from((v4.to_bits() | u32::MAX.checked_shr(range.prefix().into()).unwrap_or(0)).to_be_bytes())
        }
        IpAddr::V6(v6) => {
            IpAddr::from((v6.to_bits() | u128::MAX.checked_shr(range.prefix().into()).unwrap_or(0)).to_be_bytes())
        }
    };
    [range.address(), last]
}

/// Terms of the wanted record that an earlier `-`, `~` or `?` takes the addresses from.
fn shadowed(dns: &SpfDns<'_>, name: &str, wanted: &spf::Record) -> Vec<Finding> {
    let mechanisms: Vec<&spf::Term> = wanted.live_mechanisms().filter(|term| term.kind != TermKind::All).collect();
    let first = mechanisms.iter().position(|term| term.qualifier != Qualifier::Pass);
    let mut out = Vec::new();
    for term in mechanisms.iter().skip(first.unwrap_or(mechanisms.len())).filter(|t| t.qualifier == Qualifier::Pass) {
        let ranges = ranges(dns, &term.kind, name).unwrap_or_default();
        let before = ranges.iter().flat_map(ends).find_map(|ip| {
            let sender = format!("postmaster@{name}");
            let said = check_host(dns, &Query::new(ip, &sender, name));
            let by = said.path.first().filter(|step| step.domain == name && step.term != term.raw)?;
            let refused = matches!(said.verdict, Verdict::Fail | Verdict::SoftFail | Verdict::Neutral);
            refused.then(|| (ip, by.term.clone()))
        });
        let Some((ip, before)) = before else { continue };
        let (raw, before) = (excerpt(&term.raw, 80), excerpt(&before, 80));
        out.push(
            Finding::error("spf-sender-shadowed", say!(en: "SPF of {name}: `{raw}` does not pass {ip}, because `{before}` stands before it", ja: "{name} の SPF: 前に `{before}` があるため、`{raw}` のサーバー {ip} が合格しません"))
                .harm(say!(en: "mail from there does not pass SPF", ja: "そこから出るメールは SPF に合格しません"))
                .next(say!(en: "put `{raw}` before `{before}`, or remove `{before}`", ja: "`{raw}` を `{before}` の前に移すか、`{before}` を消します")),
        );
    }
    out
}

/// A wanted record that is handed over to one that refuses nobody.
fn redirected(dns: &SpfDns<'_>, name: &str, wanted: &spf::Record) -> Option<Finding> {
    let mut record = wanted.clone();
    let mut end = None;
    for _ in 0..REDIRECTS {
        let Some(target) = record.redirect().filter(|_| record.all().is_none()).and_then(|t| t.kind.domain_spec())
        else {
            break;
        };
        if target.has_macros() {
            return None;
        }
        let target = target.as_str().trim_end_matches('.').to_ascii_lowercase();
        let spf::Answer::Records(texts) = dns.txt(&target) else { return None };
        let mut texts = texts.iter().filter(|text| spf::is_spf(text));
        // What is wrong with it otherwise is told of every include and redirect.
        let (Some(text), None) = (texts.next(), texts.next()) else { return None };
        record = spf::Record::parse(text);
        end = Some(target);
    }
    let refuses = record.all().is_some_and(|all| all.qualifier != Qualifier::Neutral) || record.redirect().is_some();
    let end = excerpt(&end.filter(|_| !refuses && record.syntax_error().is_none())?, 80);
    Some(
        Finding::warning("spf-no-usable-all", say!(en: "SPF of {name} ends, by `redirect=`, at {end}, which refuses nobody", ja: "{name} の SPF は `redirect=` で {end} に続きますが、そこではだれも断られません"))
            .harm(say!(en: "for every other server the result is neutral, as if there were no SPF", ja: "ほかのどのサーバーの結果も neutral になり、SPF がないのと変わりません"))
            .next(say!(en: "have the record of {end} ended with `~all`", ja: "{end} のレコードの最後を `~all` にしてもらいます")),
    )
}

/// Services whose mail the published record does not pass. Where it has none, or one that no receiver can evaluate, that is told already.
fn not_covered(dns: &SpfDns<'_>, name: &str, wanted: &[Wanted<'_>]) -> Vec<Finding> {
    let spf::Answer::Records(texts) = dns.txt(name) else { return Vec::new() };
    if texts.iter().filter(|text| spf::is_spf(text)).count() != 1 {
        return Vec::new();
    }
    let includes = passing_includes(&spf::bill(dns, name).items);
    let mut lacking: Vec<(&Wanted<'_>, Option<Network>)> = Vec::new();
    for one in wanted {
        let record = spf::Record::parse(one.raw.as_bytes());
        let Some(term) = record.terms().first().filter(|term| term.qualifier == Qualifier::Pass) else { continue };
        if term.kind == TermKind::All || term.kind.is_modifier() {
            continue;
        }
        if let TermKind::Include(spec) = &term.kind
            && includes.contains(&spec.as_str().trim_end_matches('.').to_ascii_lowercase())
        {
            continue;
        }
        let Some(ranges) = ranges(dns, &term.kind, name) else {
            // Only of an include it is known that nothing else says the same.
            if matches!(term.kind, TermKind::Include(_)) {
                lacking.push((one, None));
            }
            continue;
        };
        let sender = format!("postmaster@{name}");
        for range in ranges {
            let said = ends(&range).map(|ip| check_host(dns, &Query::new(ip, &sender, name)).verdict);
            if said.iter().any(|verdict| matches!(verdict, Verdict::None | Verdict::TempError | Verdict::PermError)) {
                return Vec::new();
            }
            if said.iter().any(|verdict| *verdict != Verdict::Pass) {
                lacking.push((one, Some(range)));
                break;
            }
        }
    }
    by_company(name, &lacking)
}

/// The names whose record is asked on a way that only passes.
fn passing_includes(items: &[spf::Item]) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for item in items.iter().filter(|item| item.leads_on && item.reach == Reach::Counted) {
        if item.term.starts_with(['-', '~', '?']) {
            continue;
        }
        out.extend(item.name.as_ref().map(|name| name.trim_end_matches('.').to_ascii_lowercase()));
        out.extend(passing_includes(&item.below));
    }
    out
}

/// A finding a company, with the terms that it wants.
fn by_company(name: &str, lacking: &[(&Wanted<'_>, Option<Network>)]) -> Vec<Finding> {
    let mut companies: Vec<Option<&Text>> = Vec::new();
    for (one, _) in lacking {
        if !companies.contains(&one.company.as_ref()) {
            companies.push(one.company.as_ref());
        }
    }
    let finding = |company: Option<&Text>| {
        let own = || say!(en: "the servers that site.toml names itself", ja: "site.toml に直接書いた送信元");
        let who = company.cloned().unwrap_or_else(own);
        let mut finding =
            Finding::error("spf-sender-not-covered", say!(en: "the SPF of {name} in DNS does not pass mail from {who}", ja: "DNS にある {name} の SPF では、{who}から出るメールが合格しません"; who = who))
                .harm(say!(en: "SPF does not pass for that mail today", ja: "そのメールは今、SPF に合格しません"));
        for (one, range) in lacking.iter().filter(|(one, _)| one.company.as_ref() == company) {
            let raw = excerpt(one.raw, 80);
            let text = match range {
                None => say!(en: "it lacks {raw}", ja: "{raw} がありません"),
                Some(range) => {
                    let [first, last] = ends(range);
                    let prefix = range.prefix();
                    if first == last {
                        say!(en: "it lacks {raw}, and nothing else in it passes {first}", ja: "{raw} がなく、ほかのどの項目でも {first} は合格しません")
                    } else {
                        say!(en: "it lacks {raw}, and nothing else in it passes all of {first}/{prefix}", ja: "{raw} がなく、ほかの項目では {first}/{prefix} の全体は合格しません")
                    }
                }
            };
            finding = finding.note(NoteKind::Note, text);
        }
        finding.next(say!(en: "change it to what is wanted; zoneplan plan shows the order and the way back", ja: "必要な値に書き換えます。順番と戻し方は zoneplan plan で出ます"))
    };
    companies.into_iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_ends_where_it_should() {
        for (address, prefix, last) in [
            ("192.0.2.0", 25, "192.0.2.127"),
            ("192.0.2.9", 32, "192.0.2.9"),
            ("0.0.0.0", 0, "255.255.255.255"),
            ("2001:db8::", 126, "2001:db8::3"),
            ("2001:db8::1", 128, "2001:db8::1"),
        ] {
            let range = Network::new(address.parse().unwrap(), prefix);
            assert_eq!(ends(&range), [address.parse::<IpAddr>().unwrap(), last.parse().unwrap()], "{address}/{prefix}");
        }
    }
}
