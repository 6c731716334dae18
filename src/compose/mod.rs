//! Claims of all senders and sections → RRsets that keep who wants them and what for; conflicts. Knows no limits.

mod assemble;
mod blanks;
mod claims;
mod cut;
mod flatten;
mod model;
mod redirects;
mod resolve;
mod sections;
mod spf;
mod without_records;

pub use model::*;
pub use resolve::{RecordOwner, Resolved, ResolvedKey, ResolvedSender, resolve};

use crate::site::{Recipient, Site};
use crate::spf_dns::wanted;
use crate::zone::{Name, Rtype};

use assemble::Assembler;
use claims::{Claim, Claims};
use flatten::Flattening;

/// Composes the wanted zones of a site.
#[must_use]
pub fn compose(resolved: &Resolved<'_>) -> Composed {
    let composed = composed(resolved, &Flattening::default());
    if resolved.site.spf_sections().all(|(_, section)| section.flatten.is_empty()) {
        return composed;
    }
    // What an include leads to may be in the site's own zones: then it is what they are to have, never a pin of what they had.
    let flattening = Flattening::of(resolved, &wanted(&composed));
    self::composed(resolved, &flattening)
}

fn composed(resolved: &Resolved<'_>, flattening: &Flattening<'_>) -> Composed {
    let site = resolved.site;
    let domain = &site.domain.value;
    let parties = claims::parties(resolved);
    let jp_mobile = jp_mobile(resolved);
    let mut all = Claims::default();
    let registrar = resolved.registrar.map(|r| r.id.as_str());
    let (mut by_hand, existing_spf) = claims::by_hand(resolved, &parties);
    for (i, sender) in resolved.senders.iter().enumerate() {
        let alone = spf::is_alone(resolved, i, &existing_spf);
        claims::of_sender(i, sender, registrar, alone, &by_hand, &mut all);
    }
    spf::of_senders(resolved, jp_mobile, &existing_spf, flattening, &mut all);
    without_records::say(resolved, &mut all.findings);
    all.records.extend(resolved.sections.iter().cloned());
    let mut losers = Vec::new();
    spf::merge(resolved, existing_spf, flattening, &mut by_hand, &mut all, &mut losers);
    let mut policy = None;
    if let Some(section) = &site.mta_sts {
        let mx = wanted_mx(domain, &by_hand, &all.records);
        let (claims, text) = sections::mta_sts(domain, section, &mx, &mut all.findings);
        all.records.extend(claims);
        policy = text;
    }
    let Claims { records, blanks, switched, senders, mut findings, .. } = all;
    let delegated = site.subdomains.iter().filter(|s| s.delegated.is_some());
    let own_zones: Vec<&Name> = delegated.map(|s| &s.name.value).collect();
    let assembler = Assembler {
        parties: &parties,
        apex: domain,
        default_ttl: site.ttl.as_ref().map(|t| t.value),
        own_zones: &own_zones,
        findings: &mut findings,
        losers,
    };
    let (rrsets, losers) = assembler.run(by_hand, records);
    redirects::say(resolved, &parties, &rrsets, &mut findings);
    blanks::say(&blanks, &rrsets, &parties, &mut findings);
    let own = ComposedZone {
        origin: domain.clone(),
        registrar: site.registrar.clone(),
        rrsets,
        losers,
        blanks,
        switched,
        mta_sts_policy: policy,
        is_part: false,
    };
    let (own, subzones) = cut::cut(own, resolved, &mut findings);
    let declared = Declared {
        senders,
        jp_mobile,
        gmail_per_day: site.gmail_per_day.as_ref().map(|g| g.value),
        no_mail: site.mail.as_ref().is_some_and(|m| !m.value),
        no_mail_names: site
            .subdomains
            .iter()
            .filter(|s| s.mail.as_ref().is_some_and(|m| !m.value))
            .map(|s| s.name.value.clone())
            .collect(),
        domain_span: Some(site.domain.span),
        dmarc_span: site.dmarc.as_ref().map(|d| d.span),
        ttl: site.ttl.as_ref().map(|t| (t.value, t.span)),
    };
    Composed { parties, own, subzones, declared, findings }
}

/// Whether Japanese mobile carriers are among the recipients: as the site says, else if the domain is under .jp or a sender is Japanese.
fn jp_mobile(resolved: &Resolved<'_>) -> bool {
    let site: &Site = resolved.site;
    if let Some(recipients) = &site.recipients {
        return recipients.iter().any(|r| r.value == Recipient::JpMobile);
    }
    let under_jp =
        site.domain.value.labels().filter(|l| !l.is_empty()).last().is_some_and(|l| l.eq_ignore_ascii_case(b"jp"));
    under_jp || resolved.senders.iter().any(|s| s.template().japanese)
}

/// The MX hosts that will be active at the domain: the hand-written ones, else the first sender's.
fn wanted_mx(domain: &Name, by_hand: &[Claim], records: &[Claim]) -> Vec<Name> {
    let at = |claims: &[Claim], party: Option<usize>| -> Vec<(usize, Name)> {
        claims
            .iter()
            .filter(|c| c.rtype == Rtype::MX && c.name == *domain && party.is_none_or(|p| c.origin.party == p))
            .filter_map(|c| Some((c.origin.party, c.rdata.as_mx()?.1)))
            .filter(|(_, host)| !host.is_root())
            .collect()
    };
    // A hand-written MX replaces the templates' even if it says that there is no mail.
    let found = if by_hand.iter().any(|c| c.rtype == Rtype::MX && c.name == *domain) {
        at(by_hand, None)
    } else {
        let first = at(records, None).first().map(|(party, _)| *party);
        at(records, first)
    };
    found.into_iter().map(|(_, host)| host).collect()
}
