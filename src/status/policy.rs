//! How far a site's DMARC policy has got, since when, and what its next step is.

use jiff::civil::Date;

use crate::build::Built;
use crate::mail::dmarc::{self, Stage};
use crate::plan::{Notch, next_notch};
use crate::report::Text;
use crate::say;
use crate::zone::{Name, Rdata, Record, Rtype};

/// What is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// Nobody has looked.
    Unknown,
    /// There is none.
    Nothing,
    /// Something that receivers do not act on.
    Void,
    /// This.
    Stage(Stage),
}

/// DMARC of a site's domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What the site wants; none where it wants nothing, or leaves it to somebody else by a CNAME.
    pub wanted: Option<Stage>,
    /// The site says something of it: a record, or a CNAME to whoever has it.
    pub is_wanted: bool,
    /// What is published, by the pins, else by the zone as it is.
    pub published: Published,
    /// Since when, by the pins; none also where that day has not come.
    pub since: Option<Date>,
    /// The pins and the zone as it is say different things, so that what is published is not known: these.
    pub disputed: Option<(Published, Published)>,
    /// Other names of the site whose policy is not known to be what is wanted.
    pub others: Vec<String>,
    /// What comes next on the way to what is wanted.
    pub notch: Option<Notch>,
}

/// DMARC of the site's domain.
pub(super) fn of(built: &Built<'_>, today: Date) -> Policy {
    let domain = &built.site.domain.value;
    let own = &built.fitted.own.composed;
    let mut out = Policy {
        wanted: None,
        is_wanted: false,
        published: Published::Unknown,
        since: None,
        disputed: None,
        others: others(built),
        notch: None,
    };
    let Ok(at) = domain.child("_dmarc") else { return out };
    out.is_wanted = own.rrsets.iter().any(|set| set.name == at);
    let wanted = own.rrset(&at, Rtype::TXT).into_iter().flat_map(|set| set.records());
    let wanted = wanted.into_iter().find(|record| dmarc::is_dmarc(&record.rdata.txt_joined()));
    out.wanted = wanted.as_ref().and_then(|record| Stage::of(&record.rdata.txt_joined()));
    let pin = built.pins().and_then(|pins| pins.policy(domain)).map(|found| found.pin);
    let (pinned, there) = (pin.map(|pin| only(pin.values.iter())), as_it_is(built, &at));
    if let (Some(pinned), Some(there)) = (&pinned, &there) {
        let (pinned, there) = (pinned.published(), there.published());
        if !pinned.is_like(there) {
            out.disputed = Some((pinned, there));
            return out;
        }
    }
    let Some(now) = pinned.or(there) else { return out };
    out.since = pin.map(|pin| pin.seen).filter(|day| *day <= today);
    out.published = now.published();
    if let (Now::One(rdata), Published::Stage(_), Some(wanted)) = (&now, out.published, &wanted) {
        let now = Record { rdata: rdata.clone(), ..wanted.clone() };
        out.notch = next_notch(&now, wanted);
    }
    out
}

/// The policies of a name.
enum Now {
    Nothing,
    One(Rdata),
    /// Of several none is in force (RFC 9989 §4.10).
    Several,
}

impl Now {
    fn published(&self) -> Published {
        match self {
            Self::Nothing => Published::Nothing,
            Self::Several => Published::Void,
            Self::One(rdata) => Stage::of(&rdata.txt_joined()).map_or(Published::Void, Published::Stage),
        }
    }
}

impl Published {
    /// Whether receivers do the same by both.
    fn is_like(self, other: Self) -> bool {
        match (self, other) {
            (Self::Stage(one), Self::Stage(other)) => one.tags() == other.tags(),
            (one, other) => one == other,
        }
    }

    /// In a few words.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::Unknown => say!(en: "not known", ja: "不明"),
            Self::Nothing => say!(en: "none is published", ja: "公開されていない"),
            Self::Void => say!(en: "broken", ja: "無効"),
            Self::Stage(stage) => Text::same(stage.tags()),
        }
    }
}

/// The names below the domain with a policy of their own that nobody has seen in place.
fn others(built: &Built<'_>) -> Vec<String> {
    let question = built.question();
    let mut names = Vec::new();
    for zone in built.fitted.zones().filter(|zone| !built.fitted.is_keyzone(zone)) {
        let now = question.current_of(zone);
        for set in zone.composed.rrsets.iter().filter(|set| set.rtype == Rtype::TXT) {
            let Some(name) = set.name.parent().filter(|name| *name != built.site.domain.value) else { continue };
            let is_at = name.child("_dmarc").is_ok_and(|at| at == set.name);
            let mut policies = set.records().filter(|record| dmarc::is_dmarc(&record.rdata.txt_joined()));
            if is_at && policies.any(|record| !now.is_some_and(|now| now.has(&record))) {
                names.push(name.display_without_dot().to_string());
            }
        }
    }
    names
}

fn only<'r>(values: impl Iterator<Item = &'r Rdata>) -> Now {
    let mut policies = values.filter(|rdata| dmarc::is_dmarc(&rdata.txt_joined()));
    match (policies.next(), policies.next()) {
        (None, _) => Now::Nothing,
        (Some(one), None) => Now::One(one.clone()),
        _ => Now::Several,
    }
}

/// What the zone as it is says; none where it does not say, or leads elsewhere.
fn as_it_is(built: &Built<'_>, at: &Name) -> Option<Now> {
    let current = built.current?;
    if current.of(at, Rtype::CNAME).next().is_some() {
        return None;
    }
    match only(current.of(at, Rtype::TXT).map(|record| &record.rdata)) {
        Now::Nothing if !current.knows(at, Rtype::TXT) => None,
        now => Some(now),
    }
}
