//! What is asked of a zone that nobody hands out whole: the names that mail needs, those of the catalogue, those that a site wants. Pure.

use std::collections::HashSet;

use crate::catalogue::Catalogue;
use crate::fit::FittedZone;
use crate::live::Question;
use crate::zone::{Name, Rtype};

/// What every mail domain may have: the apex, `www`, `mail`, and the names of DMARC (RFC 9989), MTA-STS (RFC 8461), TLS-RPT (RFC 8460) and BIMI.
const USUAL: [(&str, &[Rtype]); 8] = [
    ("", &[Rtype::SOA, Rtype::NS, Rtype::A, Rtype::AAAA, Rtype::MX, Rtype::TXT, Rtype::CAA]),
    ("www", &[Rtype::A, Rtype::AAAA]),
    ("mail", &[Rtype::A, Rtype::AAAA, Rtype::TXT]),
    ("_dmarc", &[Rtype::TXT]),
    ("_mta-sts", &[Rtype::TXT]),
    ("mta-sts", &[Rtype::A, Rtype::AAAA]),
    ("_smtp._tls", &[Rtype::TXT]),
    ("default._bimi", &[Rtype::TXT]),
];

/// Questions, each once, in the order in which they were put.
#[derive(Debug, Default)]
struct Questions {
    list: Vec<Question>,
    seen: HashSet<Question>,
}

impl Questions {
    fn add(&mut self, name: &Name, rtype: Rtype) {
        let question = Question { name: name.clone(), rtype };
        if self.seen.insert(question.clone()) {
            self.list.push(question);
        }
    }

    fn usual(&mut self, apex: &Name) {
        for (relative, types) in USUAL {
            // A name that is too long for DNS is nobody's.
            let Ok(name) = Name::parse(relative_or_apex(relative), Some(apex)) else { continue };
            types.iter().for_each(|rtype| self.add(&name, *rtype));
        }
    }

    /// What a zone has or lacks at a name; a CNAME stands alone, so what stands in its way is asked too.
    fn wanted(&mut self, name: &Name, rtype: Rtype) {
        self.add(name, rtype);
        if rtype == Rtype::CNAME {
            let is_host = !name.labels().any(|label| label.starts_with(b"_"));
            let beside: &[Rtype] =
                if is_host { &[Rtype::A, Rtype::AAAA, Rtype::MX, Rtype::TXT] } else { &[Rtype::TXT] };
            beside.iter().for_each(|rtype| self.add(name, *rtype));
        }
    }

    fn zone(&mut self, zone: &FittedZone<'_>) {
        let composed = zone.composed;
        let sets = composed.rrsets.iter().map(|s| (&s.name, s.rtype));
        let lost = composed.losers.iter().map(|l| (&l.record.name, l.record.rtype));
        let blank = composed.blanks.iter().map(|b| (&b.name, b.rtype));
        let switched = composed.switched.iter().map(|s| (&s.name, s.rtype));
        for (name, rtype) in sets.chain(lost).chain(blank).chain(switched) {
            self.wanted(name, rtype);
        }
    }
}

fn relative_or_apex(relative: &str) -> &str {
    if relative.is_empty() { "@" } else { relative }
}

/// Of a domain of which nothing is known but its name: what every one may have, and what templates use.
pub(crate) fn of_domain(apex: &Name, catalogue: &Catalogue) -> Vec<Question> {
    let mut questions = Questions::default();
    questions.usual(apex);
    for (relative, rtype) in catalogue.usual_names() {
        if let Ok(name) = Name::parse(&relative, Some(apex)) {
            questions.add(&name, rtype);
        }
    }
    questions.list
}

/// Of a zone that a site wants: what every domain may have, and every name that the site manages in it.
pub(crate) fn of_site(zone: &FittedZone<'_>) -> Vec<Question> {
    let mut questions = Questions::default();
    questions.usual(&zone.composed.origin);
    questions.zone(zone);
    questions.list
}

/// Of a zone besides the site's own: only what the site manages in it.
pub(crate) fn of_managed(zone: &FittedZone<'_>) -> Vec<Question> {
    let mut questions = Questions::default();
    questions.zone(zone);
    questions.list
}
