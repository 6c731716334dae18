//! A zone that servers tell, imported as an answer is.

use crate::catalogue::Catalogue;
use crate::current::{Form, asked, questions};
use crate::live::Teller;
use crate::zone::Name;

use super::{Imported, Options, of_zone};

/// Imports the zone of `apex` from whoever tells it.
#[must_use]
pub fn import_told<'c>(apex: &Name, teller: Teller<'_>, catalogue: &'c Catalogue, options: &Options<'c>) -> Imported {
    let mut out = Imported { domain: Some(apex.clone()), ..Imported::default() };
    match asked::read(teller, apex, || questions::of_domain(apex, catalogue)) {
        Ok(mut read) => {
            out.findings.append(&mut read.findings);
            let unanswered = std::mem::take(&mut read.unanswered);
            let current = read.into_current(&mut out.sources);
            of_zone(apex, &current, &unanswered, (Form::Answer, true), catalogue, options, &mut out);
        }
        Err(mut why) => out.findings.append(&mut why),
    }
    out
}
