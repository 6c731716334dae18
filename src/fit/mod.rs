//! What the registrar's form does to each record of the composed zones. Knows limits, and of mail and templates what the records'
//! intents carry; prints nothing.

pub mod carry;
mod check;
mod limits;
mod model;
mod zone;

pub use limits::{Limits, Strength};
pub use model::{Cause, Effect, Fitted, FittedRecord, FittedZone, Outcome};

use crate::compose::{Composed, Resolved};

/// Fits the composed zones to their registrars.
#[must_use]
pub fn fit<'a>(composed: &'a Composed, resolved: &Resolved<'a>) -> Fitted<'a> {
    let mut findings = Vec::new();
    let limits = Limits::new(resolved.registrar, &resolved.site.limits);
    let own = zone::fit(composed, &composed.own, resolved.registrar, limits, &mut findings);
    let delegated = resolved.site.subdomains.iter().zip(&resolved.delegated).filter(|(s, _)| s.delegated.is_some());
    // [limits] speaks of the site's own form only.
    let subzones = composed
        .subzones
        .iter()
        .zip(delegated)
        .map(|(z, (_, r))| zone::fit(composed, z, *r, Limits::new(*r, &[]), &mut findings))
        .collect();
    Fitted { composed, own, subzones, keyzone: None, elsewhere: Vec::new(), findings }
}
