//! What `lint` calls an error in a record that DNS has. Whatever site.toml wants, such a record does its harm.

use crate::lint::{self, Seen, View, Written};
use crate::report::{Finding, Severity, Sources};
use crate::zone::{Name, Record};

/// Families of rules that judge a record by its own text.
const OWN_TEXT: [&str; 4] = ["spf-", "dmarc-", "dkim-", "txt-"];

/// Errors of a record of the zone `origin`, by its own text. Rules in `off` do not speak.
pub(super) fn errors(origin: &Name, record: &Record, off: &[&str]) -> Vec<Finding> {
    let (sources, seen) = (Sources::default(), Seen::new(record.clone(), Vec::new(), None));
    let mut view = View::new(origin, vec![seen], None, &[], &sources);
    view.written = Written::Zone;
    let mut found = lint::check(&view, off);
    // It stands alone here, so that what it lacks beside it is not known.
    found.retain(|finding| {
        finding.severity == Severity::Error
            && !lint::is_about_absent(finding.id)
            && OWN_TEXT.iter().any(|family| finding.id.starts_with(family))
    });
    found
}
