//! Delegated subdomains become zones of their own: each record goes to the deepest of them that it lies in; NS and DS of a subzone, and the
//! addresses of its name servers, are the zone's above it.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::report::{Finding, Text};
use crate::say;
use crate::site::Subdomain;
use crate::zone::{Name, Rtype};

use super::model::*;
use super::resolve::Resolved;

/// Which of the zones a record belongs to.
struct Homes<'a> {
    /// Origins of subzones and their places among the zones; the site's own zone is 0.
    at: HashMap<&'a Name, usize>,
}

impl Homes<'_> {
    /// The zone of the deepest origin at or above `name`.
    fn of_name(&self, name: &Name) -> usize {
        let mut name = Some(name.clone());
        while let Some(here) = name {
            if let Some(at) = self.at.get(&here) {
                return *at;
            }
            name = here.parent();
        }
        0
    }

    /// The zone above the one that begins at `name`.
    fn above(&self, name: &Name) -> usize {
        name.parent().map_or(0, |parent| self.of_name(&parent))
    }

    fn of(&self, name: &Name, rtype: Rtype) -> usize {
        let delegation = matches!(rtype, Rtype::NS | Rtype::DS) && self.at.contains_key(name);
        if delegation { self.above(name) } else { self.of_name(name) }
    }
}

/// Moves what lies at and below a delegated subdomain into a zone of its own.
pub(super) fn cut(
    mut own: ComposedZone,
    resolved: &Resolved<'_>,
    findings: &mut Vec<Finding>,
) -> (ComposedZone, Vec<ComposedZone>) {
    let subdomains = resolved.site.subdomains.iter().zip(&resolved.delegated);
    let subdomains: Vec<_> = subdomains.filter(|(s, _)| s.delegated.is_some()).collect();
    if subdomains.is_empty() {
        return (own, Vec::new());
    }
    let mut homes = Homes { at: HashMap::new() };
    for (nth, (subdomain, _)) in subdomains.iter().enumerate() {
        homes.at.entry(&subdomain.name.value).or_insert(nth + 1);
    }
    let all = (
        std::mem::take(&mut own.rrsets),
        std::mem::take(&mut own.losers),
        std::mem::take(&mut own.blanks),
        std::mem::take(&mut own.switched),
    );
    let mut zones = vec![own];
    zones.extend(subdomains.iter().map(|(subdomain, _)| new_zone(subdomain)));
    for set in all.0 {
        if let Some(zone) = zones.get_mut(homes.of(&set.name, set.rtype)) {
            zone.rrsets.push(set);
        }
    }
    for loser in all.1 {
        if let Some(zone) = zones.get_mut(homes.of(&loser.record.name, loser.record.rtype)) {
            zone.losers.push(loser);
        }
    }
    for blank in all.2 {
        if let Some(zone) = zones.get_mut(homes.of(&blank.name, blank.rtype)) {
            zone.blanks.push(blank);
        }
    }
    for switched in all.3 {
        if let Some(zone) = zones.get_mut(homes.of(&switched.name, switched.rtype)) {
            zone.switched.push(switched);
        }
    }
    copy_glue(&homes, &mut zones);
    let ns = zones.iter().flat_map(|z| &z.rrsets).filter(|s| s.rtype == Rtype::NS);
    let with_ns: HashSet<&Name> = ns.map(|s| &s.name).collect();
    for (subdomain, registrar) in &subdomains {
        let name = &subdomain.name.value;
        if !with_ns.contains(name) {
            let above = homes.above(name);
            let above = zones.get(above).filter(|_| above > 0).map(|z| &z.origin);
            let company = registrar.map_or_else(|| say!(en: "another company", ja: "別の会社"), |r| r.name.clone());
            findings.push(without_ns(subdomain, above, company));
        }
    }
    let own = zones.remove(0);
    (own, zones)
}

fn new_zone(subdomain: &Subdomain) -> ComposedZone {
    ComposedZone { registrar: subdomain.delegated.clone(), ..ComposedZone::new(subdomain.name.value.clone()) }
}

/// A name server below a delegation can only be reached if the zone above has its addresses too (RFC 9471).
fn copy_glue(homes: &Homes<'_>, zones: &mut [ComposedZone]) {
    let wanted: Vec<BTreeSet<Name>> = zones
        .iter()
        .enumerate()
        .map(|(at, zone)| {
            let servers = zone.rrsets.iter().filter(|s| s.rtype == Rtype::NS).flat_map(|s| &s.members);
            let hosts = servers.filter_map(|m| m.rdata.target(Rtype::NS));
            hosts.filter(|host| host.is_subdomain_of(&zone.origin) && homes.of_name(host) != at).collect()
        })
        .collect();
    let hosts: HashSet<&Name> = wanted.iter().flatten().collect();
    let mut addresses: HashMap<Name, Vec<RrSet>> = HashMap::new();
    for set in zones.iter().flat_map(|z| &z.rrsets).filter(|s| matches!(s.rtype, Rtype::A | Rtype::AAAA)) {
        if hosts.contains(&set.name) {
            addresses.entry(set.name.clone()).or_default().push(set.clone());
        }
    }
    for (zone, wanted) in zones.iter_mut().zip(&wanted) {
        let glue: Vec<RrSet> = wanted.iter().filter_map(|host| addresses.get(host)).flatten().cloned().collect();
        if !glue.is_empty() {
            zone.rrsets.extend(glue);
            zone.rrsets.sort_by_cached_key(|s| (s.name != zone.origin, s.name.clone(), s.rtype));
        }
    }
}

/// `above` is the subzone that lacks the NS, if it is not the site's own zone.
fn without_ns(subdomain: &Subdomain, above: Option<&Name>, company: Text) -> Finding {
    let plain = subdomain.name.value.display_without_dot().to_string();
    let title = match above.map(|origin| origin.display_without_dot().to_string()) {
        None => {
            say!(en: "{plain} is a zone of its own at {company}, but this zone has no NS for it", ja: "{plain} は{company}の別ゾーンですが、こちらのゾーンに NS がありません"; company = company)
        }
        Some(above) => {
            say!(en: "{plain} is a zone of its own at {company}, but the zone {above} has no NS for it", ja: "{plain} は{company}の別ゾーンですが、{above} のゾーンに NS がありません"; company = company)
        }
    };
    Finding::warning("delegation-without-ns", title)
    .at(subdomain.span, Text::default())
    .about(plain.clone(), "NS")
    .next(say!(
        en: "add the name servers that {company} names: [[record]] name = \"{plain}\" type = \"NS\" value = \"…\"",
        ja: "{company}が示すネームサーバーを足してください: [[record]] name = \"{plain}\" type = \"NS\" value = \"…\"";
        company = company
    ))
}
