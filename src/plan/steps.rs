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
    /// Proof of ownership: vendors take no mail before it.
    Verification,
    /// Hosts and where mail goes.
    Hosts,
    /// Keys of signatures.
    Keys,
    /// Hosts that envelopes come from.
    ReturnPath,
    /// SPF.
    Spf,
    /// Everything that only adds.
    Other,
    /// A name is handed to another zone, which has to hold everything by then.
    Delegation,
    /// The policy that acts on what stands before it.
    Policy,
}

/// What is to be done about a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action<'a> {
    /// It is added.
    Add {
        /// Other values that its name and type have now, and that stay until somebody decides about them.
        beside: Vec<String>,
    },
    /// The one SPF row is edited.
    EditSpf {
        /// Every row as it is, one where all is well; none if nobody knows.
        now: Vec<String>,
    },
    /// A row of the same name and type says something else now.
    Replace {
        /// What it says, presentation format; none where a switch made it and nobody has looked.
        now: Option<String>,
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
    /// What the name has now that cannot stand beside this record.
    pub in_the_way: Vec<Record>,
}

impl Step<'_> {
    /// Whether nothing that is there is touched or stays beside it: the record is there, or is simply added.
    #[must_use]
    pub fn only_adds(&self) -> bool {
        match &self.action {
            Action::Keep => true,
            Action::Add { beside } => beside.is_empty() && self.in_the_way.is_empty(),
            _ => false,
        }
    }
}

/// Every step of a site, in order; what stays as it is comes last.
#[must_use]
pub fn steps<'a>(site: &Site, fitted: &'a Fitted<'a>, current: Option<&'a Current>) -> Vec<Step<'a>> {
    let mut out = Vec::new();
    for zone in fitted.zones() {
        let own = zone.composed.origin == fitted.own.composed.origin;
        // The file, and what site.toml writes down as found, are of the site's own zone.
        let known = Known { site: Some(site).filter(|_| own), current: current.filter(|_| own), zone };
        for (set, member, record) in zone.each() {
            let wanted = set.record(member);
            let Some(mut action) = known.action(member, record, &wanted) else { continue };
            let mut phase = phase(&member.intent, &wanted, zone);
            // What an SPF record includes is a new row, and there before the row that includes it.
            if zone.stands_for(record).is_some_and(|s| s.kind == WayKind::SpfSplit && s.wanted.name != set.name) {
                phase = Phase::ReturnPath;
                if matches!(&action, Action::EditSpf { now } if now.is_empty()) {
                    action = Action::Add { beside: Vec::new() };
                }
            }
            if fitted.is_keyzone(zone) {
                phase = Phase::Keyzone;
            }
            let in_the_way = known.in_the_way(&wanted);
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

fn phase(intent: &Intent, wanted: &Record, zone: &FittedZone<'_>) -> Phase {
    match intent {
        Intent::DkimKey { .. } | Intent::DkimCname { .. } => Phase::Keys,
        Intent::Spf { return_path: true, .. } | Intent::Template { purpose: Purpose::ReturnPath, .. } => {
            Phase::ReturnPath
        }
        Intent::Spf { .. } => Phase::Spf,
        _ if is_dmarc(wanted) || matches!(intent, Intent::Template { purpose: Purpose::Dmarc, .. }) => Phase::Policy,
        Intent::Template { purpose: Purpose::Verification, .. } => Phase::Verification,
        Intent::NoMail if wanted.rtype == Rtype::TXT => Phase::Spf,
        _ if matches!(wanted.rtype, Rtype::NS | Rtype::DS) && wanted.name != zone.composed.origin => Phase::Delegation,
        _ if matches!(wanted.rtype, Rtype::A | Rtype::AAAA | Rtype::CNAME | Rtype::MX | Rtype::NS) => Phase::Hosts,
        _ => Phase::Other,
    }
}

fn is_spf(record: &Record) -> bool {
    record.rtype == Rtype::TXT && spf::is_spf(&record.rdata.txt_joined())
}

fn is_dmarc(record: &Record) -> bool {
    record.rtype == Rtype::TXT && dmarc::is_dmarc(&record.rdata.txt_joined())
}

/// What is known of a zone as it is.
struct Known<'a, 'k> {
    /// The site, whose `[[record]]`s are how its own zone was found.
    site: Option<&'k Site>,
    current: Option<&'a Current>,
    zone: &'k FittedZone<'k>,
}

impl<'a> Known<'a, '_> {
    /// What is done about a record; none if a switch makes it, which is a step of its own.
    fn action(&self, member: &Member, record: &FittedRecord, wanted: &Record) -> Option<Action<'a>> {
        let spf = is_spf(wanted);
        match record.outcome {
            // A panel that makes the SPF row makes it without the others' terms; where there are none, it is done.
            Outcome::Switch if !spf || !self.others_in_spf(member, wanted) => return None,
            Outcome::Refused | Outcome::Damaged => return Some(Action::Decide),
            _ => {}
        }
        if let Some(current) = self.current {
            return Some(Self::against(current, member, wanted, self.zone));
        }
        if spf {
            return Some(self.spf_as_found(wanted));
        }
        if is_dmarc(wanted) && self.made_by_switch(wanted, "dmarc") {
            return Some(Action::Replace { now: None });
        }
        let by_hand = !member.origins.is_empty() && member.origins.iter().all(|o| o.by_hand);
        Some(if by_hand && self.site.is_some() { Action::Keep } else { Action::Add { beside: Vec::new() } })
    }

    /// Without a zone as it is: a `v=spf1` among the `[[record]]`s is the row as found.
    fn spf_as_found(&self, wanted: &Record) -> Action<'a> {
        let rows = self.site.into_iter().flat_map(|site| &site.records);
        let rows = rows.filter(|r| r.name.value == wanted.name && r.rtype.value == Rtype::TXT);
        match rows.map(|r| r.rdata.value.txt_joined()).find(|text| spf::is_spf(text)) {
            Some(text) if text == wanted.rdata.txt_joined() => Action::Keep,
            Some(text) => Action::EditSpf { now: vec![String::from_utf8_lossy(&text).into_owned()] },
            None => Action::EditSpf { now: Vec::new() },
        }
    }

    /// Whether the panel makes a row of this kind by a switch.
    fn made_by_switch(&self, wanted: &Record, part: &str) -> bool {
        self.zone.composed.switched.iter().any(|s| s.part == part && s.name == wanted.name && s.rtype == wanted.rtype)
    }

    /// Whether anybody but the one whose switch makes the SPF row has terms in it.
    fn others_in_spf(&self, member: &Member, wanted: &Record) -> bool {
        let Intent::Spf { terms, .. } = &member.intent else { return true };
        let maker = self.zone.composed.switched.iter().find(|s| s.part == "spf" && s.name == wanted.name);
        maker.is_none_or(|m| terms.iter().any(|(t, o)| !spf::is_all(t) && o.iter().all(|o| o.party != m.origin.party)))
    }

    /// Against the zone as it is.
    fn against(current: &Current, member: &Member, wanted: &Record, zone: &FittedZone<'_>) -> Action<'a> {
        if is_spf(wanted) {
            let rows: Vec<String> = current
                .of(&wanted.name, Rtype::TXT)
                .filter(|r| is_spf(r))
                .map(|r| String::from_utf8_lossy(&r.rdata.txt_joined()).into_owned())
                .collect();
            return match rows.as_slice() {
                [_] if current.has(wanted) => Action::Keep,
                [] if current.is_complete() => Action::Add { beside: Vec::new() },
                _ => Action::EditSpf { now: rows },
            };
        }
        if current.has(wanted) {
            return Action::Keep;
        }
        // What is there and not wanted; texts of another kind are nobody's business here.
        let set = zone.composed.rrset(&wanted.name, wanted.rtype);
        let stays = |r: &&Record| set.is_some_and(|s| s.members.iter().any(|m| m.rdata.means(&r.rdata, r.rtype)));
        let alike = |r: &&Record| match wanted.rtype {
            Rtype::TXT if is_dmarc(wanted) => is_dmarc(r),
            Rtype::TXT => member.intent.is_dkim(),
            _ => true,
        };
        let there = current.of(&wanted.name, wanted.rtype).filter(alike).filter(|r| !stays(r));
        let mut now: Vec<String> = there.map(|r| r.rdata.present(r.rtype)).collect();
        let missing = set.into_iter().flat_map(|s| &s.members);
        let missing =
            missing.filter(|m| !current.of(&wanted.name, wanted.rtype).any(|r| m.rdata.means(&r.rdata, r.rtype)));
        let one_for_one = now.len() == 1 && (wanted.rtype.is_text() || missing.count() == 1);
        if one_for_one { Action::Replace { now: now.pop() } } else { Action::Add { beside: now } }
    }

    /// What the name has now that cannot stand beside the record: a CNAME stands alone (RFC 1034 §3.6.2).
    fn in_the_way(&self, wanted: &Record) -> Vec<Record> {
        let Some(current) = self.current else { return Vec::new() };
        let clashes = |r: &&Record| {
            let cname = r.rtype == Rtype::CNAME || wanted.rtype == Rtype::CNAME;
            r.name == wanted.name
                && r.rtype != wanted.rtype
                && cname
                && self.zone.composed.rrset(&r.name, r.rtype).is_none()
        };
        current.at(&wanted.name).filter(clashes).cloned().collect()
    }
}

/// One step for each switch, whatever it makes.
fn switches<'a>(zone: &'a FittedZone<'a>, out: &mut Vec<Step<'a>>) {
    // A row that a panel makes and that is edited has a step of its own.
    let edited: Vec<(Name, Rtype)> = out
        .iter()
        .filter(|s| std::ptr::eq(s.zone, zone) && matches!(s.action, Action::EditSpf { .. } | Action::Replace { .. }))
        .map(|s| (s.name.clone(), s.rtype))
        .collect();
    let edits = |s: &&Switched| {
        matches!(s.part, "spf" | "dmarc") && edited.iter().any(|(name, rtype)| *name == s.name && *rtype == s.rtype)
    };
    for switch in zone.composed.switched.iter().filter(|s| !edits(s)) {
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
    let losers = zone.composed.losers.iter();
    for loser in losers.filter(|l| l.record.rtype == Rtype::CNAME && l.record.name == zone.composed.origin) {
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
