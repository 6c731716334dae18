//! How long others may still see what was there before a change (RFC 1034 §3.6, RFC 2308 §5).

use crate::report::Text;
use crate::say;
use crate::zone::{Current, Found, Name, Record, Rtype};

/// What is taken for the TTL of a record whose TTL is not known, and for that of an answer “there is none” whose SOA is not known: a day.
/// RFC 2308 §5 calls longer negative TTLs a problem; resolvers cap them at less (BIND at 3 hours).
pub(super) const UNKNOWN: u32 = 86_400;

/// Mail is tried again for up to five days (RFC 5321 §4.5.4.1).
pub(super) const QUEUE: u32 = 5 * 86_400;

/// How long keys and terms of a sender stay after its last mail: the five days of the queues, and two to be sure.
pub(super) const LAST_MAIL: u32 = 7 * 86_400;

/// How long reports are read before a policy becomes one notch stricter: a month (RFC 9989 §7.4).
pub const REPORTS: u32 = 30 * 86_400;

/// A wait and its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Seconds.
    pub seconds: u32,
    /// Why.
    pub why: Text,
}

impl Wait {
    /// The longer of two.
    #[must_use]
    pub fn longest(one: Option<Self>, other: Self) -> Option<Self> {
        match one {
            Some(one) if one.seconds >= other.seconds => Some(one),
            _ => Some(other),
        }
    }
}

/// How long an answer “there is none” is kept, of a zone of this origin: the lower of the SOA's TTL and its MINIMUM (RFC 2308 §5). None
/// where its SOA is not known.
#[must_use]
pub fn negative(current: Option<&Current>, origin: &Name) -> Option<u32> {
    let soa = current?.found_at(origin).find(|f| f.record.rtype == Rtype::SOA)?;
    let minimum = soa.record.rdata.as_soa()?.minimum;
    Some(if soa.has_ttl { soa.record.ttl.min(minimum) } else { minimum })
}

/// How long the answer about a name and type, as it is, may be kept: by the rows that are there, by a CNAME or a wildcard that answers in
/// their place, or by the answer that there are none. What gives way itself (`now`) is a place of its own, with the TTL that it has by then.
pub(super) fn stale(
    rows: &[Record],
    now: &[Record],
    ttl_known: bool,
    current: Option<&Current>,
    origin: &Name,
    name: &Name,
    rtype: Rtype,
) -> Wait {
    let shown = name.display_without_dot().to_string();
    if let Some(ttl) = rows.iter().map(|r| r.ttl).max() {
        if !ttl_known {
            return Wait {
                seconds: UNKNOWN,
                why: say!(en: "the TTL of {shown} {rtype} is not known; a day is taken for it", ja: "{shown} {rtype} の TTL が分からないため、1 日とみなします"),
            };
        }
        return Wait {
            seconds: ttl,
            why: say!(en: "the TTL of {shown} {rtype} as it was is {ttl} seconds", ja: "{shown} {rtype} のそれまでの TTL が {ttl} 秒だからです"),
        };
    }
    let no = || match negative(current, origin) {
        Some(seconds) => Wait {
            seconds,
            why: say!(en: "an answer that there is no {shown} {rtype} is kept for {seconds} seconds (SOA)", ja: "{shown} {rtype} が「ない」という答えが {seconds} 秒残るからです（SOA の値）"),
        },
        None => {
            let zone = origin.display_without_dot().to_string();
            Wait {
                seconds: UNKNOWN,
                why: say!(en: "the SOA of {zone} is not known; an answer that there is no {shown} {rtype} is taken to be kept for a day", ja: "{zone} の SOA が分からないため、{shown} {rtype} が「ない」という答えが 1 日残るとみなします"),
            }
        }
    };
    let Some(zone) = current else { return no() };
    // What was not answered may be there, with any TTL; a wildcard's is known.
    if !zone.knows(name, rtype) && wildcard(zone, origin, name).is_none() {
        return Wait {
            seconds: UNKNOWN,
            why: say!(en: "what {shown} {rtype} says so far is not known; a day is taken for its TTL", ja: "{shown} {rtype} のいまの値が分からないため、TTL を 1 日とみなします"),
        };
    }
    // What answered in its place so far.
    let mut wait = no();
    let covering = wildcard(zone, origin, name);
    let places = std::iter::once(name.clone()).chain(covering);
    for place in places {
        // A CNAME at the domain itself, which some forms have, answers for addresses only.
        let alias = place == *origin;
        let answers = |f: &&Found| (f.record.rtype == Rtype::CNAME && !alias) || f.record.rtype == rtype;
        let goes = |f: &&Found| now.iter().any(|r| r.same_data(&f.record));
        for found in zone.found_at(&place).filter(|f| answers(f) && !goes(f)) {
            let seconds = if found.has_ttl { found.record.ttl } else { UNKNOWN };
            if seconds > wait.seconds {
                let place = place.display_without_dot().to_string();
                wait = Wait {
                    seconds,
                    why: say!(en: "{place} answered in place of {shown}, with a TTL of {seconds} seconds", ja: "{shown} には {place} が答えていて、その TTL が {seconds} 秒だからです"),
                };
            }
        }
    }
    wait
}

/// The wildcard that answers for a name that does not exist: at the closest name above it that does (RFC 4592 §3.3.1). A name above counts
/// as existing here only if it has records; one that only has names below it is passed, which waits for longer at worst.
pub(super) fn wildcard(current: &Current, origin: &Name, name: &Name) -> Option<Name> {
    if current.at(name).next().is_some() {
        return None;
    }
    let above = std::iter::successors(name.parent(), Name::parent).take_while(|n| n.is_subdomain_of(origin));
    let mut wildcards = above.filter_map(|n| n.child("*").ok());
    wildcards.find(|w| current.at(w).next().is_some())
}
