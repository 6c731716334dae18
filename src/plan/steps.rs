//! One step a record, in the order in which nothing breaks: what others lead to first, keys before policies, removals never.

use crate::catalogue::sender::Purpose;
use crate::compose::{Intent, Member, Switched};
use crate::fit::{Fitted, FittedRecord, FittedZone, Outcome, WayKind};
use crate::mail::{dmarc, spf};
use crate::report::Text;
use crate::site::Site;
use crate::zone::{Current, Name, Record, Rtype};

/// When a step is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// What names of this zone will lead to.
    Keyzone,
    /// Hosts and where mail goes.
    Hosts,
    /// Proof of ownership: vendors wait for it.
    Verification,
    /// Keys of signatures.
    Keys,
    /// Hosts that envelopes come from.
    ReturnPath,
    /// SPF.
    Spf,
    /// Everything that only adds.
    Other,
    /// The policy that acts on what stands before it.
    Policy,
}

/// What is to be done about a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action<'a> {
    /// It is added.
    Add,
    /// The one SPF row is edited; what it says now, where that is known.
    EditSpf {
        /// The row as it is; none if nobody knows.
        now: Option<String>,
    },
    /// A row of the same name and type says something else now.
    Replace {
        /// What it says, presentation format.
        now: Vec<String>,
    },
    /// It is there.
    Keep,
    /// A switch of the sender's own panel makes it, and these besides.
    Switch(Vec<&'a Switched>),
    /// Its value has to be found first.
    Find {
        /// Where.
        find: &'a Text,
    },
    /// The form does not take it.
    Decide,
    /// Another kind of record stands in for a CNAME at the domain itself.
    Alias {
        /// The form's word for it.
        word: String,
        /// Where it leads.
        target: Name,
    },
}

/// A step.
#[derive(Clone, Debug)]
pub struct Step<'a> {
    /// In which zone.
    pub zone: &'a FittedZone<'a>,
    /// When.
    pub phase: Phase,
    /// Owner.
    pub name: Name,
    /// Type.
    pub rtype: Rtype,
    /// What is wanted; none where there is no record yet.
    pub wanted: Option<(&'a Member, &'a FittedRecord, Record)>,
    /// What is done.
    pub action: Action<'a>,
    /// Who wants it: an index into the parties.
    pub party: usize,
    /// Types that the name has now and that cannot stand beside this one.
    pub in_the_way: Vec<Rtype>,
}

/// Every step of a site, in order; what stays as it is comes last.
#[must_use]
pub fn steps<'a>(site: &Site, fitted: &'a Fitted<'a>, current: Option<&Current>) -> Vec<Step<'a>> {
    let mut out = Vec::new();
    for zone in fitted.zones() {
        let keyzone = fitted.is_keyzone(zone);
        // The file is of the site's own zone.
        let current = current.filter(|_| !keyzone && zone.composed.origin == fitted.own.composed.origin);
        for record in &zone.records {
            let Some(set) = zone.composed.rrsets.get(record.set) else { continue };
            let Some(member) = set.members.get(record.member) else { continue };
            let wanted = Record {
                name: set.name.clone(),
                rtype: set.rtype,
                ttl: set.ttl.seconds(),
                rdata: member.rdata.clone(),
            };
            let Some(mut action) = action(site, member, record, &wanted, current) else { continue };
            let mut phase = if keyzone { Phase::Keyzone } else { phase(&member.intent, set.rtype) };
            // What an SPF record includes is a new row, and there before the row that includes it.
            let part = record
                .instead_of
                .and_then(|at| zone.substitutions.get(at))
                .is_some_and(|s| s.kind == WayKind::SpfSplit && s.wanted.name != set.name);
            if part {
                phase = Phase::ReturnPath;
                if let Action::EditSpf { now: None } = action {
                    action = Action::Add;
                }
            }
            let in_the_way = in_the_way(&wanted, current, zone);
            out.push(Step {
                zone,
                phase,
                name: set.name.clone(),
                rtype: set.rtype,
                party: member.origins.first().map_or(0, |o| o.party),
                wanted: Some((member, record, wanted)),
                action,
                in_the_way,
            });
        }
        switches(zone, &mut out);
        for blank in &zone.composed.blanks {
            out.push(Step {
                zone,
                phase: Phase::Keys,
                name: blank.name.clone(),
                rtype: blank.rtype,
                wanted: None,
                action: Action::Find { find: &blank.find },
                party: blank.origin.party,
                in_the_way: Vec::new(),
            });
        }
        aliases(zone, &mut out);
    }
    out.sort_by_key(|s| (s.action == Action::Keep, s.phase));
    out
}

fn phase(intent: &Intent, rtype: Rtype) -> Phase {
    match intent {
        Intent::DkimKey { .. } | Intent::DkimCname { .. } => Phase::Keys,
        Intent::Spf { return_path: true, .. } | Intent::Template { purpose: Purpose::ReturnPath, .. } => {
            Phase::ReturnPath
        }
        Intent::Spf { .. } => Phase::Spf,
        Intent::Dmarc | Intent::Template { purpose: Purpose::Dmarc, .. } => Phase::Policy,
        Intent::Template { purpose: Purpose::Verification, .. } => Phase::Verification,
        Intent::NoMail if rtype == Rtype::TXT => Phase::Policy,
        _ if matches!(rtype, Rtype::A | Rtype::AAAA | Rtype::CNAME | Rtype::MX | Rtype::NS) => Phase::Hosts,
        _ => Phase::Other,
    }
}

/// What is done about a record; none if a switch makes it, which is a step of its own.
fn action<'a>(
    site: &Site,
    member: &Member,
    record: &FittedRecord,
    wanted: &Record,
    current: Option<&Current>,
) -> Option<Action<'a>> {
    let is_spf = wanted.rtype == Rtype::TXT && spf::is_spf(&wanted.rdata.txt_joined());
    match record.outcome {
        // A panel that makes the SPF row makes it without the others' terms.
        Outcome::Switch if !is_spf => return None,
        Outcome::Refused | Outcome::Damaged => return Some(Action::Decide),
        _ => {}
    }
    let Some(current) = current else {
        let typed = site.records.iter().find(|r| {
            let text = || r.rdata.value.txt_joined();
            r.name.value == wanted.name && r.rtype.value == wanted.rtype && (!is_spf || spf::is_spf(&text()))
        });
        return Some(match typed {
            Some(row) if is_spf && row.rdata.value.txt_joined() != wanted.rdata.txt_joined() => {
                Action::EditSpf { now: Some(String::from_utf8_lossy(&row.rdata.value.txt_joined()).into_owned()) }
            }
            // What the site writes itself is how the zone was found.
            _ if member.origins.iter().all(|o| o.by_hand) && !member.origins.is_empty() => Action::Keep,
            _ if is_spf => Action::EditSpf { now: None },
            _ => Action::Add,
        });
    };
    if current.has(wanted) {
        return Some(Action::Keep);
    }
    if is_spf {
        let row = current.of(&wanted.name, Rtype::TXT).map(|r| r.rdata.txt_joined()).find(|t| spf::is_spf(t));
        return Some(match row {
            Some(row) => Action::EditSpf { now: Some(String::from_utf8_lossy(&row).into_owned()) },
            None if current.complete => Action::Add,
            None => Action::EditSpf { now: None },
        });
    }
    let dmarc = matches!(member.intent, Intent::Dmarc);
    let replaces = |r: &&Record| match wanted.rtype {
        Rtype::TXT if dmarc => dmarc::recognise(&r.rdata.txt_joined()) == dmarc::Recognised::Yes,
        Rtype::TXT => member.intent.is_dkim(),
        _ => true,
    };
    let now: Vec<String> =
        current.of(&wanted.name, wanted.rtype).filter(replaces).map(|r| r.rdata.present(r.rtype)).collect();
    Some(if now.is_empty() { Action::Add } else { Action::Replace { now } })
}

/// What the name has now that cannot stand beside the record: a CNAME stands alone (RFC 1034 §3.6.2).
fn in_the_way(wanted: &Record, current: Option<&Current>, zone: &FittedZone<'_>) -> Vec<Rtype> {
    let Some(current) = current else { return Vec::new() };
    let mut out: Vec<Rtype> = current
        .records
        .iter()
        .filter(|r| {
            r.name == wanted.name
                && r.rtype != wanted.rtype
                && (r.rtype == Rtype::CNAME || wanted.rtype == Rtype::CNAME)
        })
        .filter(|r| zone.composed.rrset(&r.name, r.rtype).is_none())
        .map(|r| r.rtype)
        .collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// One step for each switch, whatever it makes.
fn switches<'a>(zone: &'a FittedZone<'a>, out: &mut Vec<Step<'a>>) {
    // The SPF row that a panel makes is edited, and has a step of its own.
    let made =
        zone.composed.switched.iter().filter(|s| s.part != "spf" || zone.composed.rrset(&s.name, s.rtype).is_none());
    for switch in made {
        let same = |s: &&mut Step<'a>| {
            matches!(&s.action, Action::Switch(made) if made.first().is_some_and(|m| m.how == switch.how && m.origin.party == switch.origin.party))
                && std::ptr::eq(s.zone, zone)
        };
        if let Some(Step { action: Action::Switch(made), .. }) = out.iter_mut().find(same) {
            made.push(switch);
            continue;
        }
        out.push(Step {
            zone,
            phase: Phase::Keys,
            name: switch.name.clone(),
            rtype: switch.rtype,
            wanted: None,
            action: Action::Switch(vec![switch]),
            party: switch.origin.party,
            in_the_way: Vec::new(),
        });
    }
}

/// A CNAME at the domain itself, where the form has something in its place.
fn aliases<'a>(zone: &'a FittedZone<'a>, out: &mut Vec<Step<'a>>) {
    let Some((word, _)) = zone.limits.word("apex-alias").filter(|(word, _)| *word != "none") else { return };
    let losers =
        zone.composed.losers.iter().filter(|l| l.record.rtype == Rtype::CNAME && l.record.name == zone.composed.origin);
    for loser in losers {
        let Some(target) = loser.record.target() else { continue };
        out.push(Step {
            zone,
            phase: Phase::Hosts,
            name: loser.record.name.clone(),
            rtype: Rtype::CNAME,
            wanted: None,
            action: Action::Alias { word: word.to_owned(), target },
            party: loser.origins.first().map_or(0, |o| o.party),
            in_the_way: Vec::new(),
        });
    }
}
