//! What the registrar's form does to each record of the composed zones, and what to do instead. Knows limits, and of mail and templates
//! what the records' intents carry; prints nothing.

pub mod ask;
pub mod carry;
mod check;
mod entry;
mod keyzone;
mod keyzone_merge;
mod limits;
mod model;
pub mod ruler;
mod settle;
mod way;
mod ways;
mod words;
mod zone;

pub use check::longest_value;
pub use entry::{BoxKind, Entry, entries};
pub use keyzone::keyzone_names;
pub use keyzone_merge::{Current, Merged, Share};
pub use limits::{Limits, Strength};
pub use model::{COPY_MONTHS, Cause, Copy, Effect, Fitted, FittedRecord, FittedZone, Outcome};
pub use settle::{Settled, settle};
pub use way::{Condition, Price, Standing, Substitution, Way, WayKind};
pub use zone::moved;

/// Fits the settled zones to their registrars.
#[must_use]
pub fn fit<'a>(settled: &'a Settled<'a>) -> Fitted<'a> {
    let mut findings = settled.findings.clone();
    let own = settled.own.fitted(&settled.composed, &settled.composed.own, &mut findings);
    let subzones = settled.composed.subzones.iter().zip(&settled.subzones);
    let subzones = subzones.map(|(z, s)| s.fitted(&settled.composed, z, &mut findings)).collect();
    let keyzone = settled.keyzone.as_ref().map(|(z, s)| s.fitted(&settled.composed, z, &mut findings));
    Fitted { composed: &settled.composed, own, subzones, keyzone, findings }
}
