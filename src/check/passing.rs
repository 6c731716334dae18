//! Whose mail passes SPF with what DNS says today: in the wanted record, where an earlier term may take an address first, and in the one that
//! is published, where that is another.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::beyond::Recorded;
use super::published::Right;
use super::{Run, words};
use crate::compose::{Intent, Member, RrSet};
use crate::live::{InTurn, Resolve};
use crate::mail::spf::{self, Dns as _, FlattenError, Network, Qualifier, Query, Reach, TermKind, Verdict, check_host};
use crate::report::{Finding, NoteKind, Text, excerpt, join};
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
                let name = words::plain(&set.name);
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
                    found.extend(not_covered(SpfDns::new(&resolver), &name, &wanted));
                }
                run.names.append(&mut resolver.names());
                tell(run, found, zone, set, member);
            }
        }
    }
}

fn tell(run: &mut Run<'_>, found: Vec<Finding>, zone: &crate::fit::FittedZone<'_>, set: &RrSet, member: &Member) {
    for finding in found {
        run.tell(finding.about(words::plain(&set.name), "TXT"), zone, Some(member));
    }
}

/// A term of the wanted record.
struct Wanted<'w> {
    raw: &'w str,
    /// The company that wants it; none where that is the site itself.
    company: Option<Text>,
}

/// Why the ranges of a term are not known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unknown {
    /// Nobody answered for a name.
    NotAnswered,
    /// It is no set of addresses.
    NoSet,
}

impl Wanted<'_> {
    fn whose(&self) -> Text {
        whose(self.company.as_ref())
    }
}

/// Whose mail it is.
fn whose(company: Option<&Text>) -> Text {
    let own = || say!(en: "the servers that site.toml names itself", ja: "site.toml に直接書いた送信元");
    company.cloned().unwrap_or_else(own)
}

/// The ranges that a term is to pass.
fn ranges(dns: &dyn spf::Dns, kind: &TermKind, domain: &str) -> Result<Vec<Network>, Unknown> {
    let found = match kind {
        TermKind::Ip4 { .. } | TermKind::Ip6 { .. } => Ok(kind.network().into_iter().collect()),
        TermKind::A { .. } | TermKind::Mx { .. } if !kind.domain_spec().is_some_and(spf::DomainSpec::has_macros) => {
            spf::addresses(dns, kind, domain)
        }
        TermKind::Include(spec) if !spec.has_macros() => spf::flatten(dns, spec.as_str()),
        _ => return Err(Unknown::NoSet),
    };
    let mut networks = found.map_err(|error| match error {
        FlattenError::NotKnown(..) => Unknown::NotAnswered,
        _ => Unknown::NoSet,
    })?;
    networks.truncate(RANGES_MAX);
    Ok(networks)
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

/// Why a term's mail does not pass.
enum Lacking {
    /// The record does not have it, and nothing else says the same.
    Term,
    /// The record does not have it, and nothing else passes all of this range.
    Range(Network),
    /// The record has it, but an earlier term takes this address.
    Taken(IpAddr, String),
}

/// Services whose mail the published record does not pass. Where it has none, or one that no receiver can evaluate, that is told already.
fn not_covered(dns: SpfDns<'_>, name: &str, wanted: &[Wanted<'_>]) -> Vec<Finding> {
    let spf::Answer::Records(texts) = dns.txt(name) else { return Vec::new() };
    let mut records = texts.iter().filter(|text| spf::is_spf(text));
    let (Some(published), None) = (records.next(), records.next()) else { return Vec::new() };
    let published = spf::Record::parse(published);
    let in_tree = passing_includes(&spf::bill(&dns, name).items);
    let mut untouched = BTreeSet::new();
    before_any_refusal(&dns, &published, &in_tree, &mut untouched);
    let mut lacking: Vec<(&Wanted<'_>, Lacking)> = Vec::new();
    let mut not_answered: Vec<&Wanted<'_>> = Vec::new();
    for one in wanted {
        let record = spf::Record::parse(one.raw.as_bytes());
        let Some(term) = record.terms().first().filter(|term| term.qualifier == Qualifier::Pass) else { continue };
        if term.kind == TermKind::All || term.kind.is_modifier() {
            continue;
        }
        let include = match &term.kind {
            TermKind::Include(spec) => Some(plain_name(spec.as_str())),
            _ => None,
        };
        if include.as_ref().is_some_and(|include| untouched.contains(include)) {
            continue;
        }
        let is_there = match &include {
            Some(include) => in_tree.contains(include),
            None => published.live_mechanisms().any(|there| there.raw.eq_ignore_ascii_case(&term.raw)),
        };
        let ranges = match ranges(&dns, &term.kind, name) {
            Ok(ranges) => ranges,
            Err(Unknown::NotAnswered) => {
                not_answered.push(one);
                continue;
            }
            Err(Unknown::NoSet) => {
                // Only of an include it is known that nothing else says the same.
                if include.is_some() && !is_there {
                    lacking.push((one, Lacking::Term));
                }
                continue;
            }
        };
        let sender = format!("postmaster@{name}");
        for range in ranges {
            let said = ends(&range).map(|ip| (ip, check_host(&dns, &Query::new(ip, &sender, name))));
            if said.iter().any(|(_, said)| matches!(said.verdict, Verdict::None | Verdict::PermError)) {
                return Vec::new();
            }
            if said.iter().any(|(_, said)| said.verdict == Verdict::TempError) {
                not_answered.push(one);
                break;
            }
            if let Some((ip, said)) = said.iter().find(|(_, said)| said.verdict != Verdict::Pass) {
                let by = said.path.first().filter(|step| is_there && step.domain == name);
                let by = by.filter(|step| spf::Record::parse(step.term.as_bytes()).all().is_none());
                let why = by.map_or(Lacking::Range(range), |step| Lacking::Taken(*ip, step.term.clone()));
                lacking.push((one, why));
                break;
            }
        }
    }
    let mut found = by_company(name, &lacking);
    if let (Some(answer), false) = (dns.unanswered().first(), not_answered.is_empty()) {
        let mut who: Vec<Text> = Vec::new();
        for one in not_answered.into_iter().map(Wanted::whose) {
            if !who.contains(&one) {
                who.push(one);
            }
        }
        let who = join(&who);
        let what = say!(en: "whether the SPF of {name} in DNS passes mail from {who}", ja: "DNS にある {name} の SPF で、{who}から出るメールが合格するか"; who = who);
        found.push(words::not_checked(&what, answer));
    }
    found
}

/// A name as names are compared here.
fn plain_name(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// The names whose record is asked on a way that only passes.
fn passing_includes(items: &[spf::Item]) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for item in items.iter().filter(|item| item.leads_on && item.reach == Reach::Counted) {
        if item.term.starts_with(['-', '~', '?']) {
            continue;
        }
        out.extend(item.name.as_ref().map(|name| plain_name(name)));
        out.extend(passing_includes(&item.below));
    }
    out
}

/// Of the includes of a tree those before which nothing stands that does not pass: what they pass, passes.
fn before_any_refusal(
    dns: &dyn spf::Dns,
    record: &spf::Record,
    in_tree: &BTreeSet<String>,
    out: &mut BTreeSet<String>,
) {
    let mut on: Vec<&spf::DomainSpec> = Vec::new();
    let mut is_refused = false;
    for term in record.live_mechanisms() {
        is_refused = term.qualifier != Qualifier::Pass;
        match &term.kind {
            _ if is_refused => break,
            TermKind::Include(spec) => on.push(spec),
            _ => {}
        }
    }
    let redirect = record.redirect().filter(|_| !is_refused && record.all().is_none());
    on.extend(redirect.and_then(|term| term.kind.domain_spec()));
    for name in on.into_iter().map(|spec| plain_name(spec.as_str())) {
        if !in_tree.contains(&name) || !out.insert(name.clone()) {
            continue;
        }
        let spf::Answer::Records(texts) = dns.txt(&name) else { continue };
        if let Some(text) = texts.iter().find(|text| spf::is_spf(text)) {
            before_any_refusal(dns, &spf::Record::parse(text), in_tree, out);
        }
    }
}

/// A finding a company, with the terms that it wants.
fn by_company(name: &str, lacking: &[(&Wanted<'_>, Lacking)]) -> Vec<Finding> {
    let mut companies: Vec<Option<&Text>> = Vec::new();
    for (one, _) in lacking {
        if !companies.contains(&one.company.as_ref()) {
            companies.push(one.company.as_ref());
        }
    }
    let finding = |company: Option<&Text>| {
        let who = whose(company);
        let mut finding =
            Finding::error("spf-sender-not-covered", say!(en: "the SPF of {name} in DNS does not pass mail from {who}", ja: "DNS にある {name} の SPF では、{who}から出るメールが合格しません"; who = who))
                .harm(say!(en: "SPF does not pass for that mail today", ja: "そのメールは今、SPF に合格しません"));
        for (one, why) in lacking.iter().filter(|(one, _)| one.company.as_ref() == company) {
            let raw = excerpt(one.raw, 80);
            let text = match why {
                Lacking::Term => say!(en: "it lacks {raw}", ja: "{raw} がありません"),
                Lacking::Taken(ip, before) => {
                    let before = excerpt(before, 80);
                    say!(en: "`{before}` stands in it and takes {ip} before {raw} can pass it", ja: "{raw} の {ip} は、`{before}` が先に当てはまるため合格しません")
                }
                Lacking::Range(range) => {
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
