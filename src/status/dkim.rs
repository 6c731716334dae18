//! What stands of each sender's DKIM, and since when copies of keys are what they are.

use std::collections::HashMap;

use jiff::{ToSpan as _, civil::Date};

use crate::build::Built;
use crate::compose::{DkimState, Origin, RrSet};
use crate::fit::{COPY_MONTHS, Fitted, FittedZone, Outcome, Substitution, WayKind};
use crate::pins::Copied;
use crate::plan::Question;
use crate::report::Text;
use crate::say;
use crate::zone::{Name, Record, Rtype};

/// How a key gets into DNS, as it is planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dkim {
    /// A CNAME to the vendor, which may change the key by itself.
    Cname,
    /// The sender's key as a text.
    Key,
    /// A CNAME into the keyzone.
    Keyzone,
    /// A copy of the vendor's key.
    Copy,
    /// A copy of the vendor's key in the keyzone.
    KeyzoneCopy,
    /// A switch of the sender's own panel makes it.
    Switch,
    /// The key is not given yet.
    Missing,
    /// The form does not take it, or damages it.
    Refused,
    /// It was left out on purpose.
    LeftOut,
    /// It lost a conflict.
    Lost,
    /// Nobody knows which record it wants.
    Unknown,
    /// It does not send, or another sends for it.
    NotNeeded,
}

impl Dkim {
    /// The word in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Cname => "cname",
            Self::Key => "key",
            Self::Keyzone => "keyzone",
            Self::Copy => "copy",
            Self::KeyzoneCopy => "keyzone-copy",
            Self::Switch => "switch",
            Self::Missing => "key-missing",
            Self::Refused => "refused",
            Self::LeftOut => "left-out",
            Self::Lost => "lost",
            Self::Unknown => "unknown",
            Self::NotNeeded => "not-needed",
        }
    }

    /// Whether it is a record of the zone.
    fn is_record(self) -> bool {
        matches!(self, Self::Cname | Self::Key | Self::Keyzone | Self::Copy | Self::KeyzoneCopy)
    }

    /// The words for people.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::Cname => Text::same("CNAME"),
            Self::Key => say!(en: "key (TXT)", ja: "鍵（TXT）"),
            Self::Keyzone => say!(en: "keyzone", ja: "鍵の置き場"),
            Self::Copy => say!(en: "copy", ja: "写し"),
            Self::KeyzoneCopy => say!(en: "copy in the keyzone", ja: "鍵の置き場に写し"),
            Self::Switch => say!(en: "switch", ja: "スイッチ"),
            Self::Missing => say!(en: "key not known", ja: "鍵がまだない"),
            Self::Refused => say!(en: "not taken by the form", ja: "画面に入らない"),
            Self::LeftOut => say!(en: "left out", ja: "見送り"),
            Self::Lost => say!(en: "conflict", ja: "衝突"),
            Self::Unknown => say!(en: "not known", ja: "不明"),
            Self::NotNeeded => say!(en: "not needed", ja: "不要"),
        }
    }
}

/// What stands of a key, and whether it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stands {
    /// How it gets into DNS.
    pub state: Dkim,
    /// The zone as it is has no such record yet.
    pub is_planned: bool,
}

impl Stands {
    /// The words for people.
    #[must_use]
    pub fn text(self) -> Text {
        let state = self.state.text();
        match self.is_planned {
            true => say!(en: "{state}, planned", ja: "{state}（これから）"; state = state),
            false => state,
        }
    }
}

/// One key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The selector's name.
    pub owner: String,
    /// What stands of it.
    pub stands: Stands,
}

/// A sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The company.
    pub name: Text,
    /// The template's id.
    pub id: Option<String>,
    /// Its From domain.
    pub from: String,
    /// It sends.
    pub sends: bool,
    /// Its keys; none where none is known or needed.
    pub keys: Vec<Key>,
    /// What stands of its DKIM: each state of its keys once.
    pub dkim: Vec<Stands>,
}

impl Sender {
    /// It sends, and without a key of its own: none is given, the form does not take it, another record won, or it is not in the zone yet.
    #[must_use]
    pub fn lacks_key(&self) -> bool {
        let lacks =
            |stands: &Stands| stands.is_planned || matches!(stands.state, Dkim::Missing | Dkim::Refused | Dkim::Lost);
        self.sends && self.dkim.iter().any(lacks)
    }
}

/// A copy of a vendor's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// The selector's name.
    pub owner: String,
    /// Where the vendor publishes it.
    pub target: String,
    /// Whose key it is.
    pub vendor: Text,
    /// Since when the vendor has it, by the pins; none also where that day has not come.
    pub seen: Option<Date>,
    /// The pins hold it, or another key of the vendor's.
    pub is_pinned: bool,
    /// The pins hold another key of the vendor's.
    pub is_changed: bool,
    /// The zone as it is does not have it yet.
    pub is_planned: bool,
    /// When it is compared next: the first such day that has not come, or the last that has, since nobody writes down that it was done.
    pub check: Option<Date>,
    /// That day has come.
    pub is_due: bool,
}

/// What there is at the names of keys.
struct There<'a> {
    /// Each name's state, and who wants what stands there.
    active: HashMap<&'a Name, (Dkim, Vec<usize>)>,
}

impl<'a> There<'a> {
    /// Of all zones; what stands for another counts before what stands there.
    fn of(fitted: &'a Fitted<'_>) -> Self {
        let mut active: HashMap<&Name, (Dkim, Vec<usize>)> = HashMap::new();
        let parties = |origins: &[Origin]| origins.iter().map(|origin| origin.party).collect();
        for zone in fitted.zones() {
            for substitution in zone.substitutions {
                active.entry(&substitution.wanted.name).or_insert_with(|| (stands_for(substitution), Vec::new()));
            }
        }
        for zone in fitted.zones() {
            for switched in &zone.composed.switched {
                active.entry(&switched.name).or_insert_with(|| (Dkim::Switch, vec![switched.origin.party]));
            }
            for (set, member, record) in zone.each() {
                let state = match (record.outcome, set.rtype) {
                    (Outcome::Refused | Outcome::Damaged, Rtype::TXT | Rtype::CNAME) => Dkim::Refused,
                    (Outcome::Switch, _) => Dkim::Switch,
                    (_, Rtype::CNAME) => Dkim::Cname,
                    (_, Rtype::TXT) => Dkim::Key,
                    _ => continue,
                };
                active.entry(&set.name).or_insert_with(|| (state, parties(&member.origins)));
            }
        }
        for zone in fitted.zones() {
            for blank in &zone.composed.blanks {
                active.entry(&blank.name).or_insert_with(|| (Dkim::Missing, vec![blank.origin.party]));
            }
            for loser in &zone.composed.losers {
                active.entry(&loser.record.name).or_insert_with(|| (Dkim::Lost, Vec::new()));
            }
        }
        Self { active }
    }

    /// What stands of a sender's key. What stands there for another sender is none of its own.
    fn state(&self, owner: &Name, party: usize) -> Dkim {
        match self.active.get(owner) {
            None => Dkim::Unknown,
            Some((_, parties)) if !parties.is_empty() && parties.iter().all(|p| *p != 0 && *p != party) => Dkim::Lost,
            Some((state, _)) => *state,
        }
    }
}

/// What stands in place of a record that is a key or leads to one.
fn stands_for(substitution: &Substitution) -> Dkim {
    let is_vendors = substitution.wanted.rtype == Rtype::CNAME;
    match (substitution.kind, substitution.here.first().map(|record| record.rtype)) {
        (_, None) => Dkim::LeftOut,
        (WayKind::KeyzoneTxt, _) if is_vendors => Dkim::KeyzoneCopy,
        (WayKind::Keyzone | WayKind::KeyzoneTxt, _) => Dkim::Keyzone,
        (_, Some(Rtype::TXT)) if is_vendors => Dkim::Copy,
        (_, Some(Rtype::TXT)) => Dkim::Key,
        _ => Dkim::Cname,
    }
}

/// Whether the zone as it is is known not to have this record, which it is to have.
fn is_planned(question: &Question<'_>, record: &Record) -> bool {
    let has = |zone: &&FittedZone<'_>| zone.composed.rrset(&record.name, record.rtype).is_some();
    let now = question.fitted.zones().find(has).and_then(|zone| question.current_of(zone));
    now.is_some_and(|now| now.knows(&record.name, record.rtype) && !now.has(record))
}

/// Whether what stands for a key is still to be put there.
fn is_key_planned(question: &Question<'_>, owner: &Name) -> bool {
    let sets = question.fitted.zones().flat_map(|zone| &zone.composed.rrsets);
    let of_key = sets.filter(|set| set.name == *owner && matches!(set.rtype, Rtype::TXT | Rtype::CNAME));
    of_key.flat_map(RrSet::records).any(|record| is_planned(question, &record))
}

/// The senders, in file order.
pub(super) fn senders(built: &Built<'_>) -> Vec<Sender> {
    let fitted = built.fitted;
    let (there, question) = (There::of(fitted), built.question());
    let declared = fitted.composed.declared.senders.iter();
    declared
        .map(|sender| {
            let party = fitted.composed.parties.get(sender.party);
            let key = |owner: &Name| {
                let state = there.state(owner, sender.party);
                let is_planned = state.is_record() && is_key_planned(&question, owner);
                Key { owner: owner.display_without_dot().to_string(), stands: Stands { state, is_planned } }
            };
            let keys: Vec<Key> = sender.dkim_owners.iter().map(key).collect();
            let mut dkim: Vec<Stands> = keys.iter().map(|key| key.stands).collect();
            dkim.sort_unstable();
            dkim.dedup();
            if dkim.is_empty() {
                let state = match sender.dkim {
                    // A switch makes a key whose name is not known.
                    DkimState::Aligned => Dkim::Switch,
                    _ if !sender.sends => Dkim::NotNeeded,
                    _ => Dkim::Unknown,
                };
                dkim.push(Stands { state, is_planned: false });
            }
            Sender {
                name: party.map(|party| party.name.clone()).unwrap_or_default(),
                id: party.and_then(|party| party.id.clone()),
                from: sender.from.display_without_dot().to_string(),
                sends: sender.sends,
                keys,
                dkim,
            }
        })
        .collect()
}

/// The copies of vendors' keys, with the days that the pins have of them.
pub(super) fn copies(built: &Built<'_>, today: Date) -> Vec<Copy> {
    let (composed, question) = (built.fitted.composed, built.question());
    let copy = |copy: crate::fit::Copy| {
        let text = copy.record.rdata.txt_joined();
        let copied = built.pins().map_or(Copied::Unknown, |pins| pins.copied(&copy.owner, &copy.target, &text));
        let seen = match copied {
            Copied::Since(day) => Some(day).filter(|day| *day <= today),
            _ => None,
        };
        let is_planned = is_planned(&question, &copy.record);
        // What is not there yet is not compared.
        let check = seen.filter(|_| !is_planned).and_then(|seen| check_day(seen, today));
        let whose = composed.declared.senders.iter().find(|sender| sender.dkim_owners.contains(&copy.owner));
        let vendor = whose.and_then(|sender| composed.parties.get(sender.party)).map(|party| party.name.clone());
        Copy {
            owner: copy.owner.display_without_dot().to_string(),
            target: copy.target.display_without_dot().to_string(),
            vendor: vendor.unwrap_or_else(|| say!(en: "its owner", ja: "提供元")),
            seen,
            is_pinned: copied != Copied::Unknown,
            is_changed: copied == Copied::Another,
            is_planned,
            check,
            is_due: check.is_some_and(|day| day <= today),
        }
    };
    built.fitted.copies().into_iter().map(copy).collect()
}

/// When what was copied on that day is compared: every [`COPY_MONTHS`] months. The last such day that has come, else the first.
fn check_day(seen: Date, today: Date) -> Option<Date> {
    let months = |day: Date| i32::from(day.year()) * 12 + i32::from(day.month());
    let every = COPY_MONTHS;
    let day = |n: i32| seen.checked_add((n * every).months()).ok();
    let n = (months(today) - months(seen)).div_euclid(every).max(1);
    day(n).filter(|day| n == 1 || *day <= today).or_else(|| day(n - 1).filter(|_| n > 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_compared_every_three_months() {
        let on = |seen: &str, today: &str| {
            check_day(seen.parse().unwrap(), today.parse().unwrap()).map(|day| day.to_string())
        };
        for (seen, today, check) in [
            ("2026-01-15", "2026-01-15", "2026-04-15"),
            ("2026-01-15", "2026-04-14", "2026-04-15"),
            ("2026-01-15", "2026-04-15", "2026-04-15"),
            ("2026-01-15", "2026-07-14", "2026-04-15"),
            ("2026-01-15", "2026-07-15", "2026-07-15"),
            // The last day of a month stays the last day of one.
            ("2026-11-30", "2027-03-01", "2027-02-28"),
        ] {
            assert_eq!(on(seen, today).as_deref(), Some(check), "{seen} {today}");
        }
        assert_eq!(on("9999-12-31", "9999-12-31"), None);
    }
}
