//! What has to be done about each record: one step a row that is typed. In which order, and with which waits, is for `stages`.

use crate::catalogue::sender::Purpose;
use crate::compose::{Intent, Member, Switched};
use crate::fit::{FittedRecord, FittedZone, Outcome, WayKind};
use crate::mail::{dmarc, spf};
use crate::report::Text;
use crate::site::Site;
use crate::zone::{Current, Found, Name, Record, Rtype};

use super::Question;
use super::difference::{Difference, Part, differences, is_key_owner, is_made_by_server, is_same};
use super::judge::ROWS_TOLD;
use super::pick::{Pick, takes};
use super::stages::Window;

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
    /// The SPF row is edited; several are made one.
    EditSpf {
        /// Every row as it is, one where all is well; none if nobody knows.
        now: Vec<String>,
    },
    /// A row of the same name says something else now; or several rows do, and all of them give way.
    Replace {
        /// What it says, presentation format; none where a switch made it and nobody has looked.
        now: Option<String>,
    },
    /// There are several rows where only one can be right, and nobody has said which.
    Several {
        /// What they say.
        now: Vec<String>,
    },
    /// Its TTL is lowered, so that a change is seen soon and can be taken back soon.
    Lower {
        /// The TTL as it is.
        from: u32,
        /// The TTL as it becomes.
        to: u32,
    },
    /// Its TTL is set to what is wanted.
    Raise {
        /// The TTL as it is.
        from: u32,
        /// The TTL as it becomes.
        to: u32,
    },
    /// A row goes.
    Remove,
    /// A row as it is elsewhere is entered here.
    Enter,
    /// Something is done that is no row.
    Outside(Outside),
    /// A sender may send, or sign with new keys, from here on.
    Start {
        /// The selectors that it signs with from here on.
        selectors: Vec<String>,
        /// It did not send before.
        new: bool,
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

/// What is done somewhere else than in a list of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outside {
    /// The DS at the parent goes.
    RemoveDs,
    /// The name servers at the parent change.
    SwitchServers {
        /// To these, where they are known.
        to: Vec<Name>,
    },
    /// The zone is signed again, and its DS entered.
    Sign,
    /// The zone at the old company goes.
    CloseOld,
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
    /// The rows that give way, as they are: the way back.
    pub now: Vec<Record>,
    /// The rows that stand in their place.
    pub then: Vec<Record>,
    /// The sets that it touches, whole, as they are by then.
    pub before: Vec<Record>,
    /// Mail of its sender that may fail meanwhile, where that can't be helped.
    pub window: Option<Window>,
}

impl Step<'_> {
    /// Whether nothing that is there is touched or stays beside it: the record is there, or is simply added.
    #[must_use]
    pub fn only_adds(&self) -> bool {
        match &self.action {
            Action::Keep | Action::Start { .. } => true,
            Action::Add { beside } => beside.is_empty() && self.in_the_way.is_empty(),
            _ => false,
        }
    }
}

/// Every step of a zone, in no order yet.
pub(super) fn of_zone<'a>(question: &Question<'a>, zone: &'a FittedZone<'a>, out: &mut Vec<Step<'a>>) {
    let fitted = question.fitted;
    let own = zone.composed.origin == fitted.own.composed.origin;
    let current = question.current_of(zone);
    let differences = current.map(|c| differences(zone, c)).unwrap_or_default();
    // What site.toml writes down as found is of the site's own zone.
    let known = Known { site: Some(question.site).filter(|_| own), current, zone, picks: question.remove, differences };
    for (set, member, record) in zone.each() {
        let mut wanted = set.record(member);
        let Some(mut done) = known.done(member, record, &wanted) else { continue };
        // What says the same is left in its own words.
        if let Some(row) = known.in_other_words(&wanted).filter(|_| done.action == Action::Keep) {
            wanted.rdata = row.rdata.clone();
        }
        let mut phase = phase(&member.intent, &wanted, zone);
        // What an SPF record includes is a new row, and there before the row that includes it.
        if zone.stands_for(record).is_some_and(|s| s.kind == WayKind::SpfSplit && s.wanted.name != set.name) {
            phase = Phase::ReturnPath;
            if matches!(&done.action, Action::EditSpf { now } if now.is_empty()) {
                done = Done::add(Vec::new(), &wanted);
            }
        }
        if fitted.is_keyzone(zone) {
            phase = Phase::Keyzone;
        }
        // What is not entered has nothing in its way.
        let mut in_the_way = if done.action == Action::Decide { Vec::new() } else { known.in_the_way(&wanted) };
        if !in_the_way.is_empty() && known.gives_way(member, &in_the_way, fitted.is_keyzone(zone)) {
            let rows: Vec<String> =
                in_the_way.iter().map(|r| format!("{} {}", r.rtype, r.rdata.present(r.rtype))).collect();
            done.action = Action::Replace { now: Some(rows.join("\n")) };
            done.now.append(&mut in_the_way);
        }
        let blocked = !in_the_way.is_empty();
        out.push(Step {
            zone,
            phase,
            name: set.name.clone(),
            rtype: set.rtype,
            party: member.origins.first().map_or(0, |o| o.party),
            wanted: Some((member, record, wanted)),
            action: done.action,
            in_the_way,
            now: if blocked { Vec::new() } else { done.now },
            then: if blocked { Vec::new() } else { done.then },
            before: Vec::new(),
            window: None,
        });
    }
    known.removals(zone, out);
    switches(&known, zone, out);
    for blank in &zone.composed.blanks {
        // What is there was found already.
        if current.is_some_and(|c| c.of(&blank.name, blank.rtype).next().is_some()) {
            continue;
        }
        out.push(bare(
            zone,
            Phase::Keys,
            &blank.name,
            blank.rtype,
            Action::Find { find: &blank.find },
            blank.origin.party,
        ));
    }
    aliases(zone, current, out);
}

/// A step that changes no record by itself.
pub(super) fn bare<'a>(
    zone: &'a FittedZone<'a>,
    phase: Phase,
    name: &Name,
    rtype: Rtype,
    action: Action<'a>,
    party: usize,
) -> Step<'a> {
    Step {
        zone,
        phase,
        name: name.clone(),
        rtype,
        wanted: None,
        action,
        party,
        in_the_way: Vec::new(),
        now: Vec::new(),
        then: Vec::new(),
        before: Vec::new(),
        window: None,
    }
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

pub(super) fn is_spf(record: &Record) -> bool {
    record.rtype == Rtype::TXT && spf::is_spf(&record.rdata.txt_joined())
}

pub(super) fn is_dmarc(record: &Record) -> bool {
    record.rtype == Rtype::TXT && dmarc::is_dmarc(&record.rdata.txt_joined())
}

/// What is done about a record, and which rows that touches.
struct Done<'a> {
    action: Action<'a>,
    now: Vec<Record>,
    then: Vec<Record>,
}

impl<'a> Done<'a> {
    /// Nothing is typed.
    fn nothing(action: Action<'a>) -> Self {
        Self { action, now: Vec::new(), then: Vec::new() }
    }

    fn add(beside: Vec<String>, wanted: &Record) -> Self {
        Self { action: Action::Add { beside }, now: Vec::new(), then: vec![wanted.clone()] }
    }

    fn replace(now: &[&Found], wanted: &Record) -> Self {
        let rows: Vec<String> = now.iter().map(|f| f.record.rdata.present(f.record.rtype)).collect();
        Self {
            action: Action::Replace { now: Some(rows.join("\n")) },
            now: now.iter().map(|f| f.record.clone()).collect(),
            then: vec![wanted.clone()],
        }
    }
}

/// What is known of a zone as it is.
struct Known<'a, 'k> {
    /// The site, whose `[[record]]`s are how its own zone was found.
    site: Option<&'k Site>,
    current: Option<&'a Current>,
    zone: &'k FittedZone<'k>,
    /// What is to go.
    picks: &'k [Pick],
    differences: Vec<Difference<'a>>,
}

impl<'a> Known<'a, '_> {
    /// What is done about a record; none if a switch makes it, which is a step of its own.
    fn done(&self, member: &Member, record: &FittedRecord, wanted: &Record) -> Option<Done<'a>> {
        let spf = is_spf(wanted);
        match record.outcome {
            // What is there is there, whoever made it.
            _ if self.is_there(wanted) => return Some(Done::nothing(Action::Keep)),
            // A panel that makes the SPF row makes it without the others' terms; where there are none, it is done.
            Outcome::Switch if !spf || !self.others_in_spf(member, wanted) => return None,
            Outcome::Refused | Outcome::Damaged => return Some(Done::nothing(Action::Decide)),
            _ => {}
        }
        if self.current.is_some() {
            return Some(self.against(wanted));
        }
        if spf {
            return Some(self.spf_as_found(wanted));
        }
        if is_dmarc(wanted) && self.made_by_switch(wanted, "dmarc") {
            return Some(Done::nothing(Action::Replace { now: None }));
        }
        let by_hand = !member.origins.is_empty() && member.origins.iter().all(|o| o.by_hand);
        Some(if by_hand && self.site.is_some() { Done::nothing(Action::Keep) } else { Done::add(Vec::new(), wanted) })
    }

    /// The difference of the part that a wanted record is of.
    fn difference(&self, wanted: &Record) -> Option<&Difference<'a>> {
        let part = Part::of(wanted);
        self.differences.iter().find(|d| d.part == part && d.rtype == wanted.rtype && d.name == wanted.name)
    }

    /// Whether the zone has the record as it is wanted. Two SPF records are none, and two of DMARC.
    fn is_there(&self, wanted: &Record) -> bool {
        let is = |d: &Difference<'_>| d.same.iter().any(|f| is_same(d.part, &f.record, wanted));
        let counts = |d: &Difference<'_>| match d.part {
            Part::Spf => d.same.len() == 1 && d.extra.is_empty(),
            Part::Dmarc => d.extra.is_empty(),
            _ => true,
        };
        self.difference(wanted).is_some_and(|d| is(d) && counts(d))
    }

    /// The SPF row that says what is wanted in other words.
    fn in_other_words(&self, wanted: &Record) -> Option<&'a Record> {
        let difference = self.difference(wanted).filter(|d| d.part == Part::Spf)?;
        let is_there = difference.same.iter().any(|f| f.record.same_data(wanted));
        difference.same.first().filter(|_| !is_there).map(|f| &f.record)
    }

    /// Without a zone as it is: a `v=spf1` among the `[[record]]`s is the row as found.
    fn spf_as_found(&self, wanted: &Record) -> Done<'a> {
        let rows = self.site.into_iter().flat_map(|site| &site.records);
        let rows = rows.filter(|r| r.name.value == wanted.name && r.rtype.value == Rtype::TXT);
        let row = rows.map(|r| (r.rdata.value.txt_joined(), r)).find(|(text, _)| spf::is_spf(text));
        match row {
            Some((text, _)) if text == wanted.rdata.txt_joined() => Done::nothing(Action::Keep),
            Some((text, row)) => {
                let row = Record { rdata: row.rdata.value.clone(), ..wanted.clone() };
                let now = vec![String::from_utf8_lossy(&text).into_owned()];
                Done { action: Action::EditSpf { now }, now: vec![row], then: vec![wanted.clone()] }
            }
            None => Done::nothing(Action::EditSpf { now: Vec::new() }),
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
    fn against(&self, wanted: &Record) -> Done<'a> {
        let Some(difference) = self.difference(wanted) else { return Done::add(Vec::new(), wanted) };
        let Difference { part, extra, missing, same, .. } = difference;
        if *part == Part::Spf {
            return self.spf_against(difference, wanted);
        }
        let stays: Vec<&Found> = extra.iter().filter(|f| !self.is_picked(&f.record)).copied().collect();
        let present = |rows: &[&Found]| rows.iter().map(|f| f.record.rdata.present(f.record.rtype)).collect();
        // None of several is in force: the right one must not come into force, either, just because the others go.
        if *part == Part::Dmarc && !same.is_empty() && !extra.is_empty() {
            let all: Vec<&Found> = same.iter().chain(extra).copied().collect();
            let decided = stays.is_empty();
            return if decided {
                Done::replace(&all, wanted)
            } else {
                Done::nothing(Action::Several { now: present(&all) })
            };
        }
        if !missing.iter().any(|m| m.same_data(wanted)) {
            return Done::nothing(Action::Keep);
        }
        match extra.as_slice() {
            [] => Done::add(Vec::new(), wanted),
            [_] if missing.len() == 1 => Done::replace(extra, wanted),
            _ if part.is_one(wanted.rtype) && stays.is_empty() => Done::replace(extra, wanted),
            // The last one gives way like a single one; alone it would come into force.
            _ if *part == Part::Dmarc && stays.len() == 1 && missing.len() == 1 => Done::replace(extra, wanted),
            _ if part.is_one(wanted.rtype) => Done::nothing(Action::Several { now: present(extra) }),
            _ => Done::add(present(&stays), wanted),
        }
    }

    /// SPF is one row, which is edited.
    fn spf_against(&self, difference: &Difference<'a>, wanted: &Record) -> Done<'a> {
        let there: Vec<&Found> = difference.same.iter().chain(&difference.extra).copied().collect();
        let rows: Vec<String> =
            there.iter().map(|f| String::from_utf8_lossy(&f.record.rdata.txt_joined()).into_owned()).collect();
        match there.as_slice() {
            [_] if difference.missing.is_empty() => Done::nothing(Action::Keep),
            [] if difference.known => Done::add(Vec::new(), wanted),
            [] => Done { action: Action::EditSpf { now: rows }, now: Vec::new(), then: vec![wanted.clone()] },
            [only] => {
                let now = vec![only.record.clone()];
                Done { action: Action::EditSpf { now: rows }, now, then: vec![wanted.clone()] }
            }
            // The same row twice is one.
            _ if difference.extra.is_empty() => Done::nothing(Action::Keep),
            // So many that not each of them is told: somebody has to look.
            _ if difference.extra.len() > ROWS_TOLD => Done::nothing(Action::Several { now: rows }),
            // Of several none counts (RFC 7208 §4.5); which terms of theirs are lost is told term by term.
            _ => {
                let now = difference.extra.iter().map(|f| f.record.clone()).collect();
                Done { action: Action::EditSpf { now: rows }, now, then: difference.missing.clone() }
            }
        }
    }

    /// Whether a record is among those that are to go.
    fn is_picked(&self, record: &Record) -> bool {
        takes(self.picks, record)
    }

    /// What the name has now that cannot stand beside the record: a CNAME stands alone (RFC 1034 §3.6.2).
    fn in_the_way(&self, wanted: &Record) -> Vec<Record> {
        let Some(current) = self.current else { return Vec::new() };
        let apex = &self.zone.composed.origin;
        // A form that makes addresses of a CNAME at the domain itself takes everything but addresses beside it.
        let is_alias = |r: &Record| {
            r.rtype == Rtype::CNAME
                && r.name == *apex
                && !matches!(wanted.rtype, Rtype::A | Rtype::AAAA)
                && apex_alias(self.zone).is_some()
        };
        let clashes = |r: &&Record| {
            let cname = r.rtype == Rtype::CNAME || wanted.rtype == Rtype::CNAME;
            r.name == wanted.name
                && r.rtype != wanted.rtype
                && cname
                && self.zone.composed.rrset(&r.name, r.rtype).is_none()
                && !is_made_by_server(r, apex)
                && !is_alias(r)
        };
        current.at(&wanted.name).filter(clashes).cloned().collect()
    }

    /// Whether what is in a record's way is the same thing in another shape, a key, or was said to go.
    fn gives_way(&self, member: &Member, in_the_way: &[Record], keyzone: bool) -> bool {
        let is_key = |r: &Record| {
            (keyzone || is_key_owner(&r.name))
                && (r.rtype == Rtype::CNAME || Part::of(r) == Part::Key)
                && member.intent.is_dkim()
        };
        in_the_way.iter().all(|r| is_key(r) || self.is_picked(r))
    }

    /// What is said to go and nothing stands in for.
    fn removals(&self, zone: &'a FittedZone<'a>, out: &mut Vec<Step<'a>>) {
        let Some(current) = self.current else { return };
        let touched: Vec<Record> =
            out.iter().filter(|s| std::ptr::eq(s.zone, zone)).flat_map(|s| s.now.iter().cloned()).collect();
        let mut done: Vec<Record> = Vec::new();
        for pick in self.picks {
            for found in current.found_at(&pick.name) {
                let record = &found.record;
                let is_wanted = self.differences.iter().any(|d| d.same.iter().any(|f| f.record.same_data(record)));
                if is_wanted
                    || !pick.takes(record)
                    || is_made_by_server(record, &zone.composed.origin)
                    || touched.iter().chain(&done).any(|t| t.same_data(record))
                {
                    continue;
                }
                done.push(record.clone());
                let phase = match Part::of(record) {
                    Part::Spf => Phase::Spf,
                    Part::Dmarc => Phase::Policy,
                    _ if is_key_owner(&record.name) => Phase::Keys,
                    _ if matches!(record.rtype, Rtype::A | Rtype::AAAA | Rtype::CNAME | Rtype::MX) => Phase::Hosts,
                    _ => Phase::Other,
                };
                let mut step = bare(zone, phase, &record.name, record.rtype, Action::Remove, 0);
                step.now = vec![record.clone()];
                out.push(step);
            }
        }
    }
}

/// One step for each switch, whatever it makes.
fn switches<'a>(known: &Known<'a, '_>, zone: &'a FittedZone<'a>, out: &mut Vec<Step<'a>>) {
    // A row that a panel makes and that is edited has a step of its own.
    let edited: Vec<(Name, Rtype)> = out
        .iter()
        .filter(|s| std::ptr::eq(s.zone, zone) && matches!(s.action, Action::EditSpf { .. } | Action::Replace { .. }))
        .map(|s| (s.name.clone(), s.rtype))
        .collect();
    let edits = |s: &&Switched| {
        matches!(s.part, "spf" | "dmarc") && edited.iter().any(|(name, rtype)| *name == s.name && *rtype == s.rtype)
    };
    // What a switch makes and that is there says that it is on.
    let is_there =
        |s: &&Switched| known.current.is_some_and(|c| c.of(&s.name, s.rtype).any(|r| s.part != "spf" || is_spf(r)));
    for switch in zone.composed.switched.iter().filter(|s| !edits(s) && !is_there(s)) {
        let same = |s: &&mut Step<'a>| {
            matches!(&s.action, Action::Switch(made) if made.first().is_some_and(|m| m.how == switch.how && m.origin.party == switch.origin.party))
                && std::ptr::eq(s.zone, zone)
        };
        if let Some(Step { action: Action::Switch(made), .. }) = out.iter_mut().find(same) {
            made.push(switch);
            continue;
        }
        let action = Action::Switch(vec![switch]);
        out.push(bare(zone, Phase::Keys, &switch.name, switch.rtype, action, switch.origin.party));
    }
}

/// The form's word for what stands in for a CNAME at the domain itself, if it has that.
fn apex_alias<'a>(zone: &'a FittedZone<'_>) -> Option<&'a str> {
    zone.limits.word("apex-alias").map(|(word, _)| word).filter(|word| *word != "none")
}

/// A CNAME at the domain itself, where the form has something in its place.
fn aliases<'a>(zone: &'a FittedZone<'a>, current: Option<&Current>, out: &mut Vec<Step<'a>>) {
    let Some(word) = apex_alias(zone) else { return };
    let losers = zone.composed.losers.iter();
    for loser in losers.filter(|l| l.record.rtype == Rtype::CNAME && l.record.name == zone.composed.origin) {
        let Some(target) = loser.record.target().filter(|_| !current.is_some_and(|c| c.has(&loser.record))) else {
            continue;
        };
        let action = Action::Alias { word: word.to_owned(), target };
        let party = loser.origins.first().map_or(0, |o| o.party);
        out.push(bare(zone, Phase::Hosts, &loser.record.name, Rtype::CNAME, action, party));
    }
}
