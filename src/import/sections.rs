//! Records that say what a section of site.toml would make: SPF, DMARC, MTA-STS, TLS-RPT, BIMI, CAA, "no mail".

use std::collections::{BTreeMap, BTreeSet};

use crate::mail::tags::without_size;
use crate::mail::{bimi, dmarc, mta_sts, spf, tls_rpt};
use crate::site::words;
use crate::zone::{Name, Record, Rtype};

use super::zone::Zone;

/// Lines of a section: key and value as TOML.
pub(super) type Lines = Vec<(&'static str, toml::Value)>;

/// A section and the records that it stands for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Section {
    /// Its keys.
    pub(super) lines: Lines,
    /// The numbers of its records.
    pub(super) records: Vec<usize>,
}

/// What of a name below the domain is said in its `[[subdomain]]`, and of the domain in sections of its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct OfName {
    pub(super) spf: Option<Section>,
    pub(super) dmarc: Option<Section>,
    /// It neither sends nor receives.
    pub(super) no_mail: Option<Section>,
}

/// All sections.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sections {
    /// By name; the domain's among them.
    pub(super) names: BTreeMap<Name, OfName>,
    pub(super) mta_sts: Option<Section>,
    pub(super) tls_rpt: Option<Section>,
    pub(super) bimi: Option<Section>,
    pub(super) caa: Option<Section>,
}

impl Sections {
    /// Every section that stands for records.
    pub(super) fn all(&self) -> impl Iterator<Item = &Section> {
        let of_names = self.names.values().flat_map(|n| [&n.spf, &n.dmarc, &n.no_mail]);
        of_names.chain([&self.mta_sts, &self.tls_rpt, &self.bimi, &self.caa]).flatten()
    }
}

/// What the sections of a zone would be. `of_senders`: the SPF terms that its senders bring, by name; `froms`: the names they send as;
/// `hand`: records that are to stay as they are; `own_all`: names whose own closing term must be said, since the site's would take its place.
pub(super) fn sections(
    zone: &Zone<'_>,
    of_senders: &BTreeMap<Name, Vec<String>>,
    froms: &BTreeSet<Name>,
    hand: &BTreeSet<usize>,
    own_all: &BTreeSet<Name>,
) -> Sections {
    let mut out = Sections::default();
    let texts = |name: &Name| zone.of(name, Rtype::TXT).collect::<Vec<_>>();
    let below = |prefix: &str| Name::parse_absolute(prefix).and_then(|p| p.join(zone.apex)).ok();
    // Names with a policy of their own: `_dmarc` and what is below it.
    for at in zone.of_type(Rtype::TXT).filter(|at| !hand.contains(at)) {
        let Some(record) = zone.record(at) else { continue };
        let Some(name) = record
            .name
            .parent()
            .filter(|_| record.name.first_label().is_some_and(|l| l.eq_ignore_ascii_case(b"_dmarc")))
        else {
            continue;
        };
        // One of several is not in force.
        if is_plain(&name, zone)
            && zone.of(&record.name, Rtype::TXT).nth(1).is_none()
            && let Some(lines) = dmarc_lines(record)
        {
            out.names.entry(name).or_default().dmarc = Some(Section { lines, records: vec![at] });
        }
    }
    for (at, record) in zone.spf().filter(|(at, _)| !hand.contains(at)) {
        let Some(name) = zone.record(at).map(|r| r.name.clone()) else { continue };
        // Two of them are void, and stay as they are.
        if zone.spf_at(&name).is_none() || !is_plain(&name, zone) {
            continue;
        }
        let is_here = name == *zone.apex || froms.contains(&name) || out.names.contains_key(&name);
        let brought = of_senders.get(&name).map_or(&[] as &[String], Vec::as_slice);
        let Some(mut lines) = spf_lines(record, brought, &name) else { continue };
        if !is_here {
            // A Return-Path host: its sender makes the record, with the closing term of the site.
            if brought.is_empty() || lines.iter().any(|(key, _)| *key == "extra") {
                continue;
            }
            lines.clear();
        }
        out.names.entry(name).or_default().spf = Some(Section { lines, records: vec![at] });
    }
    for name in own_all {
        let all = zone.spf_at(name).and_then(|(_, r)| r.all()).map(|t| t.raw.to_ascii_lowercase());
        if let Some(all) = all.filter(|a| words::CLOSING.contains(&a.as_str()) && is_plain(name, zone)) {
            out.names.entry(name.clone()).or_default().spf =
                Some(Section { lines: vec![("all", string(&all))], records: Vec::new() });
        }
    }
    no_mail(zone, hand, froms, &mut out);
    if let Some(owner) = below("_smtp._tls")
        && let [at] = texts(&owner).as_slice()
        && !hand.contains(at)
    {
        out.tls_rpt = zone.record(*at).and_then(tls_rpt_lines).map(|lines| Section { lines, records: vec![*at] });
    }
    out.bimi = bimi_section(zone, hand);
    out.mta_sts = mta_sts_section(zone, hand);
    out.caa = caa_section(zone, hand);
    out
}

/// Whether a section or `[[subdomain]]` may be of this name: a host name without wildcard.
fn is_plain(name: &Name, zone: &Zone<'_>) -> bool {
    name.is_subdomain_of(zone.apex) && !name.is_wildcard() && !name.labels().any(|l| l.starts_with(b"_"))
}

fn string(text: &str) -> toml::Value {
    toml::Value::from(text)
}

fn strings<'t>(texts: impl IntoIterator<Item = &'t str>) -> toml::Value {
    toml::Value::from(texts.into_iter().map(str::to_owned).collect::<Vec<_>>())
}

/// `all` and `extra`: the record without what senders bring; nothing where the section cannot say it.
fn spf_lines(record: &spf::Record, brought: &[String], name: &Name) -> Option<Lines> {
    let plain = name.display_without_dot().to_string();
    if !record.problems().is_empty() || record.redirect().is_some() || record.terms_after_all().next().is_some() {
        return None;
    }
    let all = record.all()?;
    if !words::CLOSING.contains(&all.raw.to_ascii_lowercase().as_str()) {
        return None;
    }
    let normal = |t: &spf::Term| t.normal(&plain).as_str().to_owned();
    let of_senders: BTreeSet<String> = brought
        .iter()
        .flat_map(|t| spf::Record::parse(t.as_bytes()).terms().iter().map(normal).collect::<Vec<_>>())
        .collect();
    let mut extra = Vec::new();
    for term in record.terms() {
        if term.kind == spf::TermKind::All {
            continue;
        }
        // `exp=` and what nobody knows stay where they are.
        if term.kind.is_modifier() {
            return None;
        }
        if !of_senders.contains(&normal(term)) {
            extra.push(term.raw.as_str());
        }
    }
    let mut lines = Vec::new();
    if !extra.is_empty() {
        lines.push(("extra", strings(extra)));
    }
    lines.push(("all", string(&all.raw.to_ascii_lowercase())));
    Some(lines)
}

/// The tags of a policy, if the section takes them all.
fn dmarc_lines(record: &Record) -> Option<Lines> {
    let text = record.rdata.txt_joined();
    let (read, _) = dmarc::parse(&text);
    if !read.is_in_force() {
        return None;
    }
    let mut lines = Lines::new();
    for tag in read.tags.tags() {
        let (name, value) = (read.tags.name(tag), read.tags.value(tag));
        let (name, value) = (String::from_utf8_lossy(name).to_lowercase(), String::from_utf8_lossy(value).into_owned());
        let key = ["p", "sp", "np", "adkim", "aspf", "rua", "ruf", "fo", "t", "psd"].into_iter().find(|k| *k == name);
        match (key, name.as_str()) {
            (Some(key), _) if lines.iter().any(|(k, _)| *k == key) => return None,
            (Some(key @ ("rua" | "ruf")), _) => {
                lines.push((key, strings(value.split(',').map(|uri| without_size(uri.trim())))))
            }
            (Some(key), _) => lines.push((key, string(value.trim()))),
            (None, "v") => {}
            // Without effect, whoever reads it; another number has one at older receivers.
            (None, "pct") if value.trim() == "100" => {}
            (None, "ri" | "rf") => {}
            (None, _) => return None,
        }
    }
    lines.iter().any(|(k, _)| *k == "p").then_some(lines)
}

fn tls_rpt_lines(record: &Record) -> Option<Lines> {
    let (read, problems) = tls_rpt::parse(&record.rdata.txt_joined());
    let uris = read.rua.iter().map(|u| u.uri.as_str());
    (problems.is_empty() && !read.rua.is_empty()).then(|| vec![("rua", strings(uris))])
}

fn bimi_section(zone: &Zone<'_>, hand: &BTreeSet<usize>) -> Option<Section> {
    let mut found: Vec<(String, usize)> = zone
        .of_type(Rtype::TXT)
        .filter(|at| !hand.contains(at))
        .filter_map(|at| {
            let front = zone.record(at)?.name.strip_suffix(zone.apex)?.to_string().to_lowercase();
            let selector = front.strip_suffix("._bimi.")?.to_owned();
            (!selector.contains('.')).then_some((selector, at))
        })
        .collect();
    // There is room for one, and the usual one is the likeliest.
    found.sort_by_key(|(selector, at)| (selector != "default", *at));
    let (selector, at) = found.first()?;
    let (read, problems) = bimi::parse(&zone.record(*at)?.rdata.txt_joined());
    if problems.iter().any(|p| crate::mail::tags::Fault::level(&p.kind) <= crate::mail::tags::Level::Warning) {
        return None;
    }
    let mut lines = Lines::new();
    if selector != "default" {
        lines.push(("selector", string(selector)));
    }
    lines.push(("l", string(read.bimi.l.as_deref().unwrap_or_default())));
    lines.extend(read.bimi.a.as_deref().map(|a| ("a", string(a))));
    if read.bimi.avp == bimi::Avatar::Personal {
        lines.push(("avp", string("personal")));
    }
    Some(Section { lines, records: vec![*at] })
}

/// The record's id is a hash where zoneplan made it: then the mode is the one whose policy has it.
fn mta_sts_section(zone: &Zone<'_>, hand: &BTreeSet<usize>) -> Option<Section> {
    let owner = Name::parse_absolute("_mta-sts").and_then(|n| n.join(zone.apex)).ok()?;
    let found: Vec<usize> = zone.of(&owner, Rtype::TXT).collect();
    let [at] = found.as_slice() else { return None };
    let text = zone.record(*at)?.rdata.txt_joined();
    let mx = zone.of(zone.apex, Rtype::MX).filter_map(|at| zone.record(at)?.rdata.as_mx());
    let hosts: Vec<String> = mx
        .filter(|(_, h)| !h.is_root())
        .map(|(_, host)| host.display_without_dot().to_string().to_lowercase())
        .collect();
    let policy = |mode| mta_sts::Policy {
        mode,
        max_age: 604_800,
        mx: hosts.iter().filter_map(|h| mta_sts::MxPattern::new(h)).collect(),
    };
    let made = |mode: &&(&str, ())| {
        let mode = mta_sts::Mode::from_word(mode.0).unwrap_or(mta_sts::Mode::None);
        mta_sts::record(&policy(mode).print(mta_sts::LineEnd::Crlf)).as_bytes() == text
    };
    let (mode, ()) = words::MODES.iter().find(made).filter(|_| !hand.contains(at))?;
    let mut section = Section { lines: vec![("mode", string(mode))], records: vec![*at] };
    let host = Name::parse_absolute("mta-sts").and_then(|n| n.join(zone.apex)).ok()?;
    if let [at] = zone.at(&host).collect::<Vec<_>>().as_slice()
        && !hand.contains(at)
        && let Some(record) = zone.record(*at)
    {
        let value = match record.rtype {
            Rtype::A | Rtype::AAAA => Some(record.rdata.present(record.rtype)),
            Rtype::CNAME => record.target().map(|t| t.display_without_dot().to_string()),
            _ => None,
        };
        if let Some(value) = value {
            section.lines.push(("host", string(&value)));
            section.records.push(*at);
        }
    }
    Some(section)
}

fn caa_section(zone: &Zone<'_>, hand: &BTreeSet<usize>) -> Option<Section> {
    let mut section = Section { lines: Lines::new(), records: Vec::new() };
    for tag in words::CAA_TAGS {
        let mut values: Vec<String> = Vec::new();
        let mut nobody = false;
        for at in zone.of(zone.apex, Rtype::CAA).filter(|at| !hand.contains(at)) {
            let Some((0, found, value)) = zone.record(at).and_then(|r| r.rdata.as_caa()) else { continue };
            let Ok(value) = std::str::from_utf8(value) else { continue };
            if found != tag || !value.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'"' && b != b'\\') {
                continue;
            }
            if value == ";" && tag != "iodef" {
                nobody = true;
            } else {
                values.push(value.to_owned());
            }
            section.records.push(at);
        }
        if nobody && !values.is_empty() {
            values.push(";".to_owned());
        }
        if nobody || !values.is_empty() {
            section.lines.push((tag, strings(values.iter().map(String::as_str))));
        }
    }
    (!section.lines.is_empty()).then_some(section)
}

/// Names with nothing but a null MX, `v=spf1 -all` and `p=reject`.
fn no_mail(zone: &Zone<'_>, hand: &BTreeSet<usize>, froms: &BTreeSet<Name>, out: &mut Sections) {
    for at in zone.of_type(Rtype::MX) {
        let Some(record) = zone.record(at) else { continue };
        let name = record.name.clone();
        let alone = zone.of(&name, Rtype::MX).nth(1).is_none();
        let null = record.rdata.as_mx().is_some_and(|(preference, host)| preference == 0 && host.is_root());
        let is_silent = |at: &usize| zone.record(*at).is_some_and(|r| r.rdata.txt_joined() == spf::NO_MAIL.as_bytes());
        let spf = zone.spf_at(&name).map(|(at, _)| at).filter(is_silent);
        let (Some(spf), true, true) = (spf, alone && null, is_plain(&name, zone)) else { continue };
        let policy = name.child("_dmarc").ok().and_then(|owner| zone.of(&owner, Rtype::TXT).next());
        let sends = froms.contains(&name) || (name == *zone.apex && !froms.is_empty());
        let Some(policy) = policy.filter(|_| !sends && !hand.contains(&at) && !hand.contains(&spf)) else { continue };
        let rejects = zone.record(policy).is_some_and(|r| r.rdata.txt_joined() == b"v=DMARC1; p=reject")
            && !hand.contains(&policy);
        // Without a policy of its own the section would make one.
        if !rejects && out.names.get(&name).is_none_or(|n| n.dmarc.is_none()) {
            continue;
        }
        let of_name = out.names.entry(name).or_default();
        of_name.spf = None;
        let mut records = vec![at, spf];
        if rejects {
            of_name.dmarc = None;
            records.push(policy);
        }
        of_name.no_mail = Some(Section { lines: vec![("mail", toml::Value::from(false))], records });
    }
}
