//! A zone that servers tell, judged as if it were a zone file.

use crate::catalogue::Catalogue;
use crate::current::{asked, questions};
use crate::live::Teller;
use crate::report::Sources;
use crate::zone::Name;

use super::{Input, Linted, TOLD, judged};

/// Reads the zone of `apex` from whoever tells it, and judges it.
#[must_use]
pub fn lint_told(apex: &Name, teller: Teller<'_>, catalogue: &Catalogue) -> Linted {
    let read = match asked::read(teller, apex, || questions::of_domain(apex, catalogue)) {
        Ok(read) => read,
        Err(findings) => return Linted::unread(findings, Sources::default()),
    };
    let text = read.text();
    let input = Input { name: &read.shown, octets: text.as_bytes(), origin: Some(apex), includes: None };
    let mut linted = judged(input, catalogue, TOLD, Some(&read));
    linted.findings.splice(0..0, read.findings);
    linted
}
