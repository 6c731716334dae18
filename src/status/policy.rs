//! How far a site's DMARC policy has got, since when, and what its next step is.

use jiff::civil::Date;

use crate::build::Built;
use crate::mail::dmarc::{self, Stage};
use crate::plan::{Notch, next_notch};
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
    /// Since when, by the pins.
    pub since: Option<Date>,
    /// What comes next on the way to what is wanted.
    pub notch: Option<Notch>,
}

/// DMARC of the site's domain.
pub(super) fn of(built: &Built<'_>) -> Policy {
    let domain = &built.site.domain.value;
    let own = &built.fitted.own.composed;
    let mut out = Policy { wanted: None, is_wanted: false, published: Published::Unknown, since: None, notch: None };
    let Ok(at) = domain.child("_dmarc") else { return out };
    out.is_wanted = own.rrsets.iter().any(|set| set.name == at);
    let wanted = own.rrset(&at, Rtype::TXT).into_iter().flat_map(|set| set.records());
    let wanted = wanted.into_iter().find(|record| dmarc::is_dmarc(&record.rdata.txt_joined()));
    out.wanted = wanted.as_ref().and_then(|record| Stage::of(&record.rdata.txt_joined()));
    let now = match built.pins().and_then(|pins| pins.policy(domain)) {
        Some(pinned) => {
            out.since = Some(pinned.pin.seen);
            only(pinned.pin.values.iter())
        }
        None => match as_it_is(built, &at) {
            Some(now) => now,
            None => return out,
        },
    };
    out.published = match &now {
        Now::Nothing => Published::Nothing,
        Now::Several => Published::Void,
        Now::One(rdata) => Stage::of(&rdata.txt_joined()).map_or(Published::Void, Published::Stage),
    };
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
