//! Values in a zone that were once right and are not any more, as the templates say.

use crate::catalogue::recognise::out_of_date;
use crate::catalogue::sender::{Retired, RetiredValue, Sender};
use crate::compose::Resolved;
use crate::lint::retired::Told;
use crate::report::{Finding, Span, Text, excerpt};
use crate::say;
use crate::toml_reader::At;
use crate::zone::{Current, Record};

/// What the site's senders know to be out of date in its own `[[record]]`s, and in the zone as it is. The SPF that is wanted is judged by a
/// rule, which sees all of it.
pub(crate) fn check(resolved: &Resolved<'_>, current: Option<(&At<String>, &Current)>, findings: &mut Vec<Finding>) {
    let mut senders: Vec<&Sender> = Vec::new();
    for sender in resolved.senders.iter().map(|s| s.template()).filter(|s| !s.retired.is_empty()) {
        if !senders.iter().any(|s| s.id == sender.id) {
            senders.push(sender);
        }
    }
    for sender in senders {
        for entry in &resolved.site.records {
            let (name, rtype, rdata) = (entry.name.value.clone(), entry.rtype.value, entry.rdata.value.clone());
            let record = Record { name, rtype, ttl: 0, rdata };
            let found = out_of_date(sender, &record).into_iter();
            let found = found.filter(|(_, gone)| !matches!(gone.value, RetiredValue::Spf(_)));
            findings.extend(found.map(|(seen, gone)| finding(sender, gone, &seen, &record, entry.rdata.span, None)));
        }
        let Some((file, current)) = current else { continue };
        for record in current.records() {
            let found = out_of_date(sender, record).into_iter();
            findings
                .extend(found.map(|(seen, gone)| finding(sender, gone, &seen, record, file.span, Some(&file.value))));
        }
    }
}

/// What is out of date, whose it is, and what stands there now.
fn finding(sender: &Sender, gone: &Retired, seen: &str, record: &Record, at: Span, file: Option<&str>) -> Finding {
    let name = record.name.display_without_dot().to_string();
    let place = match file {
        Some(file) => {
            let file = excerpt(file, 60);
            say!(en: "{name} in {file}", ja: "{file} の {name}")
        }
        None => Text::same(&name),
    };
    let Told { id, title, next } = Told::of(sender, gone, seen, &place);
    Finding::warning(id, title).at(at, Text::default()).about(name, record.rtype.to_string()).next(next)
}
