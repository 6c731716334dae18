//! What has to be done to the zones, in a safe order: fitted zones against the zones as they are. Does no I/O; says nothing of how it looks.
//!
//! A plan is stages of steps. A step changes rows of one name; each stage may be the last for a while, and nothing breaks. Between two stages
//! is a wait, computed from what resolvers may still hold.

mod adopt;
mod difference;
mod hidden;
mod judge;
mod move_to;
mod pick;
mod policy;
mod spf_edit;
mod spf_hosts;
mod stages;
mod steps;
mod wait;
mod write_site;

pub(crate) use adopt::parts;
pub use adopt::{Adopted, adopted, not_there};
pub use difference::{Difference, Part, Piece, differences, is_key_owner, is_made_by_server, is_same, kept, pieces};
pub use judge::{Stop, dropped_terms, hold_back, judge, names_moved_host};
pub use move_to::move_to;
pub use pick::{Pick, argument, takes};
pub use policy::{Notch, next_notch};
pub use stages::{Plan, Stage, StageKind, Window, plan};
pub use steps::{Action, Outside, Phase, Step};
pub use wait::{REPORTS, Wait, negative};
pub use write_site::add_to_site;

use crate::catalogue::registrar::Registrar;
use crate::compose::ComposedZone;
use crate::fit::{Fitted, FittedZone, Limits};
use crate::site::Site;
use crate::zone::{Current, Name, Record};

/// A keyzone that the site leaves. Nothing of it is wanted any more; what the site has there is what its own zone leads to.
#[derive(Clone, Debug)]
pub struct Left<'a> {
    /// What keyzone names end in.
    pub suffix: Name,
    /// The zone that holds them.
    pub zone: FittedZone<'a>,
}

impl<'a> Left<'a> {
    /// The zone itself, of which nothing is wanted.
    #[must_use]
    pub fn composed(zone: Name) -> ComposedZone {
        ComposedZone { is_part: true, ..ComposedZone::new(zone) }
    }

    /// The keyzone of these names, in that zone, edited in that company's panel.
    #[must_use]
    pub fn new(suffix: Name, composed: &'a ComposedZone, registrar: Option<&'a Registrar>) -> Self {
        let limits = Limits::new(registrar, &[]);
        Self { suffix, zone: FittedZone { composed, registrar, limits, records: Vec::new(), substitutions: &[] } }
    }
}

/// What a plan is made of.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The site.
    pub site: &'a Site,
    /// What is wanted.
    pub fitted: &'a Fitted<'a>,
    /// The site's own zone as it is, if it is known.
    pub current: Option<&'a Current>,
    /// Delegated subzones as they are, by their origins, as far as they are known.
    pub subzones: &'a [(Name, Current)],
    /// The keyzone as it is, if it is known.
    pub keyzone: Option<&'a Current>,
    /// The keyzone that the site leaves.
    pub left: Option<&'a Left<'a>>,
    /// Records that are to go.
    pub remove: &'a [Pick],
}

impl<'a> Question<'a> {
    /// The TTL of a row of a step; none where it is not known.
    #[must_use]
    pub fn ttl_of(&self, zone: &FittedZone<'_>, record: &Record) -> Option<u32> {
        self.current_of(zone).map_or(Some(record.ttl), |current| current.ttl_of(record))
    }

    /// A zone as it is, if it is known.
    #[must_use]
    pub fn current_of(&self, zone: &FittedZone<'_>) -> Option<&'a Current> {
        if zone.composed.origin == self.fitted.own.composed.origin {
            self.current
        } else if self.fitted.is_keyzone(zone)
            || self.left.is_some_and(|l| l.zone.composed.origin == zone.composed.origin)
        {
            self.keyzone
        } else {
            self.subzones.iter().find(|(origin, _)| *origin == zone.composed.origin).map(|(_, current)| current)
        }
    }
}
