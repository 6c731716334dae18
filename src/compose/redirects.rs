//! Web forwardings that senders ask for: no record holds them, so what the registrar's forwarding must do is told.

use crate::catalogue::expand::ExpandedRedirect;
use crate::report::{Finding, Text, excerpt};
use crate::say;
use crate::zone::Rtype;

use super::claims::sender_party;
use super::model::{Party, RrSet};
use super::resolve::{Resolved, ResolvedSender};

/// What the registrar's forwarding must do.
pub(super) fn say(resolved: &Resolved<'_>, parties: &[Party], sets: &[RrSet], findings: &mut Vec<Finding>) {
    let form = match resolved.registrar {
        Some(registrar) => registrar.name.clone(),
        None => say!(en: "the registrar", ja: "DNSを編集する会社"),
    };
    let mut told: Vec<(&ResolvedSender<'_>, &ExpandedRedirect<'_>)> = Vec::new();
    for (i, sender) in resolved.senders.iter().enumerate() {
        let company = parties.get(sender_party(i)).map(|p| p.name.clone()).unwrap_or_default();
        for redirect in &sender.expanded.redirects {
            let code = redirect.template.code;
            let same = |(_, r): &&(&ResolvedSender<'_>, &ExpandedRedirect<'_>)| r.name == redirect.name;
            match told.iter().find(same) {
                Some((_, first)) if first.target == redirect.target && first.template.code == code => continue,
                Some((other, first)) => findings.push(two(&company, redirect, sender, first, other)),
                None => findings.push(one(&company, redirect, sender, &form, parties, sets)),
            }
            told.push((sender, redirect));
        }
    }
}

fn one(
    company: &Text,
    redirect: &ExpandedRedirect<'_>,
    sender: &ResolvedSender<'_>,
    form: &Text,
    parties: &[Party],
    sets: &[RrSet],
) -> Finding {
    let (name, target, code) =
        (redirect.name.display_without_dot().to_string(), excerpt(&redirect.target, 120), redirect.template.code);
    let kind = match code {
        301 => say!(en: "permanent", ja: "恒久的"),
        _ => say!(en: "temporary", ja: "一時的"),
    };
    let mut finding = Finding::warning(
        "redirect-at-registrar",
        say!(
            en: "{company}: {name} is to forward to {target}; no DNS record does that",
            ja: "{company}: {name} を {target} に転送する必要があります。DNS のレコードではできません"; company = company
        ),
    )
    .at(sender.used.provider.span, Text::default())
    .panel(form.clone())
    .next(say!(
        en: "set it in the URL forwarding of {form}: from {name} to {target}, {code} ({kind})",
        ja: "{form}の URL 転送で設定します: {name} → {target}、{code}（{kind}）"; form = form, kind = kind
    ));
    // Forwarding is an address of the company that forwards.
    let web = |set: &&RrSet| set.name == redirect.name && matches!(set.rtype, Rtype::A | Rtype::AAAA | Rtype::CNAME);
    let beside: Vec<&RrSet> = sets.iter().filter(web).collect();
    if !beside.is_empty() {
        let types = beside.iter().map(|s| s.rtype.to_string()).collect::<Vec<_>>().join(", ");
        finding = finding.harm(say!(
            en: "forwarding sets an address of its own at {name}: it and the {types} there can't both be",
            ja: "転送を設定すると {name} に転送用のアドレスが入るため、いまの {types} とは両立しません"
        ));
    }
    for set in beside {
        finding = finding.about(name.clone(), set.rtype.to_string());
        for origin in set.members.iter().flat_map(|m| &m.origins) {
            let whose = match parties.get(origin.party) {
                _ if origin.by_hand => say!(en: "your [[record]]", ja: "あなたの [[record]]"),
                Some(party) => party.name.clone(),
                None => Text::default(),
            };
            finding = finding.at_opt(origin.span, whose);
        }
    }
    finding
}

/// One name forwards to one place.
fn two(
    company: &Text,
    redirect: &ExpandedRedirect<'_>,
    sender: &ResolvedSender<'_>,
    first: &ExpandedRedirect<'_>,
    other: &ResolvedSender<'_>,
) -> Finding {
    let name = redirect.name.display_without_dot();
    let show = |r: &ExpandedRedirect<'_>| format!("{} ({})", excerpt(&r.target, 120), r.template.code);
    let (a, b) = (show(first), show(redirect));
    let finding = Finding::warning(
        "redirect-two-targets",
        say!(
            en: "{company}: {name} can't forward both to {a} and to {b}",
            ja: "{company}: {name} の転送先が 2 つあります（{a} と {b}）"; company = company
        ),
    )
    .at(sender.used.provider.span, Text::default())
    .at(other.used.provider.span, Text::default())
    .panel(company.clone());
    match sender.template().groups.is_empty() {
        true => finding.next(say!(en: "ask {company} which of them is meant", ja: "どちらにするか、{company}に確かめてください"; company = company)),
        false => finding.next(say!(en: "name the groups that you use: groups = [\"…\"]", ja: "使うグループを書いてください: groups = [\"…\"]")),
    }
}
