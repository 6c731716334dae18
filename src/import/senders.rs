//! Which services the records are for, with what of each stands in them. Only what one template alone explains is taken.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::Catalogue;
use crate::catalogue::expand::{Expanded, Place, expand};
use crate::catalogue::recognise::{Clue, Evidence, Recognised};
use crate::catalogue::sender::{DkimForm, Role, Sender};
use crate::mail::dkim;
use crate::report::{Severity, Span};
use crate::site::draft::choices;
use crate::site::{SenderUse, SpfChoice};
use crate::toml_reader::At;
use crate::zone::{Name, Record, Rtype};

use super::bind::bind;
use super::zone::Zone;

/// Senders that are taken apart; a real zone has a dozen.
const SENDERS_MAX: usize = 60;
/// From domains at which one sender is tried.
const FROMS_MAX: usize = 20;
/// Combinations of choices that are tried.
const CHOICES_MAX: usize = 16;

/// A sender of the site.
#[derive(Clone, Debug)]
pub(super) struct Chosen<'c> {
    pub(super) sender: &'c Sender,
    pub(super) from: Name,
    pub(super) roles: Vec<Role>,
    /// Variable → value.
    pub(super) values: BTreeMap<&'c str, String>,
    pub(super) options: BTreeMap<&'c str, &'c str>,
    /// DKIM keys: selector and the number of the record that has it.
    pub(super) keys: Vec<(String, usize)>,
    pub(super) spf: Option<SpfChoice>,
    pub(super) ttl: Option<u32>,
    /// The records that are its, besides SPF.
    pub(super) records: Vec<usize>,
    /// What it was recognised by.
    pub(super) evidence: Vec<Evidence>,
}

/// A service that the records hint at, without saying enough.
#[derive(Clone, Debug)]
pub(super) struct Hint<'c> {
    /// Those that it can be.
    pub(super) senders: Vec<&'c Sender>,
    pub(super) evidence: Vec<Evidence>,
    pub(super) why: Why,
}

/// Why a hint is not more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// It can be several.
    Ambiguous,
    /// Only a proof of ownership is there.
    Proof,
    /// The template says what its traces alone do not show.
    Only,
    /// Only a selector is there, which is not one company's for being in one template.
    Selector,
    /// A value that its template needs stands in no record.
    Missing,
    /// Nothing that its template makes is in the zone.
    Differs,
}

/// The senders of a zone, in the order of their first record.
pub(super) fn choose<'c>(catalogue: &'c Catalogue, zone: &Zone<'_>, file: Span) -> (Vec<Chosen<'c>>, Vec<Hint<'c>>) {
    let (mut chosen, mut hints) = (Vec::new(), Vec::new());
    for found in catalogue.recognise(&zone.records) {
        let speaks = found.evidence.iter().any(|e| e.clue != Clue::Txt);
        let why = match found.senders.as_slice() {
            [one] if one.recognise.only.is_some() => Some(Why::Only),
            [_] if !speaks => Some(Why::Proof),
            [_] if found.evidence.iter().all(|e| matches!(e.clue, Clue::Selector | Clue::Txt)) => Some(Why::Selector),
            [_] if chosen.len() >= SENDERS_MAX => Some(Why::Differs),
            [_] => None,
            _ => Some(Why::Ambiguous),
        };
        let Recognised { senders, evidence } = found;
        match (why, senders.as_slice()) {
            (None, [sender]) => match accounts(catalogue, sender, &evidence, zone, file) {
                Ok(accounts) => chosen.extend(accounts),
                Err(why) => hints.push(Hint { senders, evidence, why }),
            },
            (why, _) => hints.push(Hint { senders, evidence, why: why.unwrap_or(Why::Differs) }),
        }
    }
    let first = |c: &Chosen<'_>| {
        let term = c.evidence.iter().filter(|e| e.clue == Clue::Spf).filter_map(|e| {
            let record = zone.spf_of(e.record)?;
            record.terms().iter().position(|t| t.raw == e.seen)
        });
        (term.min().unwrap_or(usize::MAX), c.evidence.first().map_or(usize::MAX, |e| e.record))
    };
    chosen.sort_by_key(first);
    (chosen, hints)
}

/// The accounts of one sender: one for each From domain that explains records which no other explains.
fn accounts<'c>(
    catalogue: &'c Catalogue,
    sender: &'c Sender,
    evidence: &[Evidence],
    zone: &Zone<'_>,
    file: Span,
) -> Result<Vec<Chosen<'c>>, Why> {
    let mut froms: Vec<Name> = Vec::new();
    for trace in evidence {
        let Some(record) = zone.record(trace.record) else { continue };
        for name in froms_of(record, zone.apex) {
            if froms.len() < FROMS_MAX && !froms.contains(&name) {
                froms.push(name);
            }
        }
    }
    let own: BTreeSet<usize> = evidence.iter().map(|e| e.record).collect();
    let mut tried: Vec<(BTreeSet<usize>, Chosen<'c>)> = Vec::new();
    let mut why = Why::Differs;
    for from in froms {
        match account(catalogue, sender, &from, evidence, zone, file) {
            Ok((explained, chosen)) if explained.iter().any(|at| own.contains(at)) => tried.push((explained, chosen)),
            Ok(_) => {}
            Err(missing) => why = missing,
        }
    }
    // The one that explains the most first; of two alike the one nearer to the domain.
    tried.sort_by_key(|(explained, c)| (std::cmp::Reverse(explained.len()), c.from.label_count()));
    let mut done: BTreeSet<usize> = BTreeSet::new();
    let mut out: Vec<Chosen<'c>> = Vec::new();
    for (explained, mut chosen) in tried {
        if explained.iter().any(|at| own.contains(at) && !done.contains(at)) {
            chosen.evidence.retain(|e| explained.contains(&e.record));
            done.extend(explained);
            out.push(chosen);
        }
    }
    if out.is_empty() { Err(why) } else { Ok(out) }
}

/// The From domains that a record can be about, nearest first.
fn froms_of(record: &Record, apex: &Name) -> Vec<Name> {
    let above = |name: &Name| {
        std::iter::successors(Some(name.clone()), Name::parent).take_while(|n| n.is_subdomain_of(apex)).collect()
    };
    let mut name = record.name.clone();
    // What stands above `_domainkey`, `_dmarc` and the like is no From domain.
    loop {
        let under = std::iter::successors(Some(name.clone()), Name::parent)
            .take_while(|n| n.is_subdomain_of(apex) && n != apex)
            .find(|n| n.first_label().is_some_and(|l| l.starts_with(b"_")));
        match under.and_then(|n| n.parent()) {
            Some(parent) => name = parent,
            None => return above(&name),
        }
    }
}

/// What a sender wants at a From domain and the zone has, with the values that make it so; how many records that explains.
fn account<'c>(
    catalogue: &'c Catalogue,
    sender: &'c Sender,
    from: &Name,
    evidence: &[Evidence],
    zone: &Zone<'_>,
    file: Span,
) -> Result<(BTreeSet<usize>, Chosen<'c>), Why> {
    let engine = catalogue.engine();
    let seen: BTreeSet<usize> = evidence.iter().map(|e| e.record).collect();
    let bound = bind(engine, sender, from, zone, &seen);
    let values: BTreeMap<&'c str, String> = sender
        .all_variables()
        .filter_map(|v| Some((v.name.as_str(), bound.get(&v.identifier())?.clone())))
        // What is usual needs no line.
        .filter(|(name, value)| !sender.all_variables().any(|v| v.name == *name && v.default.as_ref() == Some(value)))
        .collect();
    let mut best: Option<(usize, usize, BTreeSet<usize>, Chosen<'c>)> = None;
    let mut missing = false;
    for choice in choices(sender, CHOICES_MAX) {
        let mut chosen = Chosen {
            sender,
            from: from.clone(),
            roles: Vec::new(),
            values: values.clone(),
            options: choice,
            keys: Vec::new(),
            spf: None,
            ttl: None,
            records: Vec::new(),
            evidence: evidence.to_vec(),
        };
        let mut roles = sender.roles();
        if !roles.contains(&Role::Send) {
            roles.insert(0, Role::Send);
        }
        // Who has the web changes what the others mean.
        roles.sort_by_key(|r| (*r != Role::Web, *r));
        for role in roles {
            let with = |chosen: &Chosen<'c>, more: bool| {
                let roles: Vec<Role> = chosen.roles.iter().copied().chain(more.then_some(role)).collect();
                wants(catalogue, &Chosen { roles, ..chosen.clone() }, zone, file)
            };
            let Some(after) = with(&chosen, true) else {
                missing |= role == Role::Send;
                continue;
            };
            let before =
                if chosen.roles.is_empty() { Wants::default() } else { with(&chosen, false).unwrap_or_default() };
            let (more, lacks) = (after.there.difference(&before.there).count(), after.lacking > before.lacking);
            if more > 0 && (role == Role::Send || !lacks) {
                chosen.roles.push(role);
            }
        }
        if chosen.roles.is_empty() {
            continue;
        }
        chosen.roles.sort();
        let Some(wants) = wants(catalogue, &chosen, zone, file) else { continue };
        chosen.keys = wants.keys;
        chosen.records = wants.records;
        // Choices that no role in use asks for are not made.
        chosen.options.retain(|name, _| sender.is_decided_by(name, &chosen.roles));
        let score = (wants.there.len(), wants.lacking);
        if best
            .as_ref()
            .is_none_or(|(there, lacking, ..)| score.0 > *there || (score.0 == *there && score.1 < *lacking))
        {
            best = Some((score.0, score.1, wants.there, chosen));
        }
    }
    match best {
        // A template of which nearly nothing is there is not what this company makes here.
        Some((there, lacking, ..)) if lacking > there + 1 => Err(Why::Differs),
        Some((_, _, there, chosen)) => Ok((there, chosen)),
        None if missing => Err(Why::Missing),
        None => Err(Why::Differs),
    }
}

/// What a sender wants, against the zone.
#[derive(Default)]
struct Wants {
    /// Records of the zone that it explains, the SPF it has terms in among them.
    there: BTreeSet<usize>,
    /// How many it wants that are not there.
    lacking: usize,
    /// Keys of the customer's that are there.
    keys: Vec<(String, usize)>,
    /// The records that it makes, besides SPF and keys.
    records: Vec<usize>,
}

/// Expands a sender and looks for what it wants; nothing if a value is missing.
fn wants(catalogue: &Catalogue, chosen: &Chosen<'_>, zone: &Zone<'_>, file: Span) -> Option<Wants> {
    let used = used(chosen, file);
    let mut findings = Vec::new();
    let place = Place { from: &chosen.from, site: zone.apex, has_web: chosen.roles.contains(&Role::Web) };
    let expanded: Expanded<'_> = expand(catalogue.engine(), chosen.sender, &used, place, &mut findings);
    if findings.iter().any(|f| f.severity == Severity::Error) {
        return None;
    }
    let mut out = Wants::default();
    let mut look = |name: &Name, rtype: Rtype, rdata: &crate::zone::Rdata| {
        let record = Record { name: name.clone(), rtype, ttl: 0, rdata: rdata.clone() };
        match zone.find(&record) {
            // Two MX sources never unite: all of them are the sender's, or none is.
            Some(at) => {
                out.there.insert(at);
                out.records.push(at);
            }
            None => out.lacking += 1,
        }
    };
    for record in expanded.records.iter().filter(|r| !r.is_spf()) {
        look(&record.name, record.rtype, &record.rdata);
    }
    for dkim in &expanded.dkim {
        if let Some((rtype, rdata)) = &dkim.record {
            look(&dkim.owner, *rtype, rdata);
        }
    }
    let mx_of_others = expanded.records.iter().filter(|r| r.rtype == Rtype::MX).any(|r| {
        zone.of(&r.name, Rtype::MX).any(|at| {
            let found = zone.record(at).map(|f| &f.rdata);
            !expanded.records.iter().any(|own| {
                own.rtype == Rtype::MX && own.name == r.name && found.is_some_and(|f| own.rdata.means(f, Rtype::MX))
            })
        })
    });
    out.lacking += usize::from(mx_of_others);
    for dkim in expanded.dkim.iter().filter(|d| matches!(d.template.form, DkimForm::CustomerKey { .. })) {
        let mut keys = zone.of(&dkim.owner, Rtype::TXT).filter(|at| zone.record(*at).is_some_and(is_key));
        match (keys.next(), keys.next()) {
            (Some(at), None) => {
                out.there.insert(at);
                out.keys.push((dkim.selector.clone(), at));
            }
            // Two keys at one selector are a fault of the zone that no sender makes.
            (Some(_), Some(_)) => {}
            (None, _) => out.lacking += 1,
        }
    }
    let whole = expanded.records.iter().filter(|r| r.is_spf());
    let whole: Vec<(Name, String)> =
        whole.map(|r| (r.name.clone(), String::from_utf8_lossy(&r.rdata.txt_joined()).into_owned())).collect();
    let hosts: Vec<&Name> = std::iter::once(&chosen.from).chain(&expanded.return_path).collect();
    let at_hosts = hosts.into_iter().flat_map(|h| expanded.spf.iter().map(|t| (h.clone(), t.clone())));
    for (name, terms) in at_hosts.chain(expanded.spf_at.iter().cloned()).chain(whole) {
        let Some((at, record)) = zone.spf_at(&name) else { continue };
        let plain = name.display_without_dot().to_string();
        let here: BTreeSet<String> = record.terms().iter().map(|t| bare(t.normal(&plain).as_str())).collect();
        let wanted = crate::mail::spf::Record::parse(terms.as_bytes());
        if wanted
            .terms()
            .iter()
            .any(|t| here.contains(&bare(t.normal(&plain).as_str())) && t.kind != crate::mail::spf::TermKind::All)
        {
            out.there.insert(at);
        }
    }
    Some(out)
}

/// A term without its qualifier.
fn bare(term: &str) -> String {
    term.trim_start_matches(['+', '-', '~', '?']).to_owned()
}

/// Whether a TXT is a DKIM key.
pub(super) fn is_key(record: &Record) -> bool {
    let text = record.rdata.txt_joined();
    let plain = text.iter().all(|o| (b' '..=b'~').contains(o));
    plain && (dkim::looks_like_dkim_key(&text) || dkim::parse(&text).0.key.is_some())
}

/// The sender as site.toml would say it.
fn used(chosen: &Chosen<'_>, file: Span) -> SenderUse {
    let at = |text: &str| At::new(text.to_owned(), file);
    let mail_from = chosen.sender.mail_from.as_ref().map(|v| v.name.as_str());
    let of_variables = chosen.values.iter().filter(|(name, _)| Some(**name) != mail_from);
    SenderUse {
        span: file,
        provider: at(&chosen.sender.id),
        id: None,
        subdomain: None,
        roles: Some(chosen.roles.iter().map(|r| At::new(*r, file)).collect()),
        dkim: Vec::new(),
        ttl: None,
        note: None,
        from: None,
        mail_from: mail_from.and_then(|name| chosen.values.get(name)).map(|v| at(v)),
        spf: None,
        groups: None,
        options: chosen.options.iter().map(|(name, choice)| ((*name).to_owned(), (file, at(choice)))).collect(),
        variables: of_variables.map(|(name, value)| (at(name), Some(at(value)))).collect(),
    }
}
