//! DMARC one notch at a time: none → quarantine → reject (RFC 9989 §7.4).

use crate::mail::dmarc::{self, Dmarc, Policy, Stage};
use crate::zone::{Rdata, Record, Rtype};

/// The record's meaning, if it is one in force.
#[must_use]
pub(super) fn read(record: &Record) -> Option<Dmarc> {
    // What a CNAME leads to is not known here.
    if record.rtype != Rtype::TXT {
        return None;
    }
    let (mut record, _) = dmarc::parse(&record.rdata.txt_joined());
    let tags = record.tags.tags().iter();
    let mut tags = tags.map(|t| (record.tags.name(t), record.tags.value(t)));
    // Receivers that still know `pct` do what `t=y` says now.
    let untried = tags.any(|(name, value)| name.eq_ignore_ascii_case(b"pct") && value == b"0");
    record.dmarc.t |= untried;
    record.is_in_force().then_some(record.dmarc)
}

/// What is in force of a name's rows: of several none is (RFC 9989 §4.10 steps 2 and 6).
#[must_use]
pub(super) fn in_force(rows: &[Record]) -> Option<Dmarc> {
    match rows {
        [row] => read(row),
        _ => None,
    }
}

/// What a policy does: to the domain, to its subdomains, to names that do not exist.
fn levels(dmarc: &Dmarc) -> [Policy; 3] {
    [dmarc.policy(), dmarc.subdomain_policy(true), dmarc.subdomain_policy(false)]
}

/// What a policy does before it changes to that one. `t=y` acts one level lower (RFC 9989 §4.7), unless it stays.
fn levels_before(from: &Dmarc, to: &Dmarc) -> [u8; 3] {
    levels(from).map(|p| rank(p).saturating_sub(u8::from(from.t && !to.t)))
}

fn rank(policy: Policy) -> u8 {
    match policy {
        Policy::None => 0,
        Policy::Quarantine => 1,
        Policy::Reject => 2,
    }
}

fn of_rank(rank: u8) -> Policy {
    match rank {
        0 => Policy::None,
        1 => Policy::Quarantine,
        _ => Policy::Reject,
    }
}

/// Whether a policy makes receivers act, on anything.
#[must_use]
pub(super) fn acts(dmarc: &Dmarc) -> bool {
    levels(dmarc).iter().any(|p| *p != Policy::None)
}

/// Whether going from one to the other makes receivers act more, on anything.
#[must_use]
pub(super) fn is_stricter(from: Option<&Dmarc>, to: &Dmarc) -> bool {
    let before = from.map_or([0; 3], |from| levels_before(from, to));
    before.iter().zip(levels(to)).any(|(a, b)| *a < rank(b))
}

/// The records on the way from what is in force to what is wanted, the wanted one last: each acts at most one notch more than the one before.
/// Where nothing is in force, or nobody gets reports yet, the first one acts no more than what is there and asks for them.
#[must_use]
pub(super) fn notches(from: Option<&Dmarc>, wanted: &Record) -> Vec<Record> {
    let Some(goal) = read(wanted) else { return vec![wanted.clone()] };
    let aim = levels(&goal).map(rank);
    let mut at = from.map_or([0; 3], |from| levels_before(from, &goal));
    let mut out = Vec::new();
    let unread = |from: &Dmarc| from.rua.is_empty() && !goal.rua.is_empty() && is_stricter(Some(from), &goal);
    let mut asks = from.is_none_or(unread);
    loop {
        // Each level goes one notch up, or down at once.
        let up = u8::from(!asks);
        let next: [u8; 3] = std::array::from_fn(|i| level(&at, i).saturating_add(up).min(level(&aim, i)));
        asks = false;
        if next == aim {
            break;
        }
        let [p, sp, np] = next.map(of_rank);
        let step = Dmarc { p: Some(p), sp: (sp != p).then_some(sp), np: (np != sp).then_some(np), ..goal.clone() };
        if let Ok(rdata) = Rdata::txt(step.print().as_bytes()) {
            out.push(Record { rdata, ..wanted.clone() });
        }
        at = next;
        // Two notches up and one for the start; never more.
        if out.len() > 3 {
            break;
        }
    }
    out.push(wanted.clone());
    out
}

/// A step of a policy on its way to what is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notch {
    /// Where it leads.
    pub to: Stage,
    /// It makes receivers act more, so that reports are read before it ([`REPORTS`](super::REPORTS)).
    pub is_stricter: bool,
}

/// The step that comes next; none if what is there does what is wanted.
#[must_use]
pub fn next_notch(now: &Record, wanted: &Record) -> Option<Notch> {
    let from = read(now);
    let steps = notches(from.as_ref(), wanted);
    let first = steps.first()?;
    let to = Stage::of(&first.rdata.txt_joined())?;
    let is_stricter = read(first).is_some_and(|to| is_stricter(from.as_ref(), &to));
    (Stage::of(&now.rdata.txt_joined()) != Some(to)).then_some(Notch { to, is_stricter })
}

/// The tags that would keep in force what a change makes looser, each with what it says now and what it would say; none where nothing gets
/// looser.
#[must_use]
pub(super) fn loosened(from: &Dmarc, to: &Dmarc) -> Vec<(&'static str, Policy, Policy)> {
    let (old, new) = (levels(from), levels(to));
    let mut kept = to.clone();
    let mut out = Vec::new();
    for (i, tag) in ["p", "sp", "np"].into_iter().enumerate() {
        let policy = |of: &[Policy; 3]| of.get(i).copied().unwrap_or(Policy::None);
        let (was, becomes) = (policy(&old), policy(&new));
        let least = if rank(was) > rank(becomes) { was } else { becomes };
        // What is not said follows the one before it.
        if policy(&levels(&kept)) == least {
            continue;
        }
        let place = match tag {
            "p" => &mut kept.p,
            "sp" => &mut kept.sp,
            _ => &mut kept.np,
        };
        *place = Some(least);
        out.push((tag, least, becomes));
    }
    out
}

fn level(of: &[u8; 3], i: usize) -> u8 {
    of.get(i).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::{Name, Rtype};

    fn record(text: &str) -> Record {
        let name = Name::parse_absolute("_dmarc.example.com").unwrap();
        Record { name, rtype: Rtype::TXT, ttl: 3600, rdata: Rdata::txt(text.as_bytes()).unwrap() }
    }

    fn way(from: Option<&str>, to: &str) -> Vec<String> {
        let from = from.and_then(|f| read(&record(f)));
        let text = |r: &Record| String::from_utf8(r.rdata.txt_joined()).unwrap();
        notches(from.as_ref(), &record(to)).iter().map(text).collect()
    }

    #[test]
    fn one_notch_at_a_time_and_down_at_once() {
        let reject = "v=DMARC1; p=reject; rua=mailto:d@example.com";
        assert_eq!(
            way(None, reject),
            ["v=DMARC1; p=none; rua=mailto:d@example.com", "v=DMARC1; p=quarantine; rua=mailto:d@example.com", reject]
        );
        let reported = |p: &str| format!("v=DMARC1; p={p}; rua=mailto:d@example.com");
        assert_eq!(way(Some(&reported("none")), reject), [&*reported("quarantine"), reject]);
        assert_eq!(way(Some(&reported("quarantine")), reject), [reject]);
        assert_eq!(
            way(Some("v=DMARC1; p=none"), "v=DMARC1; p=reject"),
            ["v=DMARC1; p=quarantine", "v=DMARC1; p=reject"]
        );
        assert_eq!(way(Some("v=DMARC1; p=reject"), "v=DMARC1; p=none"), ["v=DMARC1; p=none"]);
        assert_eq!(way(None, "v=DMARC1; p=none"), ["v=DMARC1; p=none"]);
    }

    /// A month of reports stands before each notch, so somebody has to get them first.
    #[test]
    fn reports_are_asked_for_before_the_first_notch() {
        let reported = |p: &str| format!("v=DMARC1; {p}; rua=mailto:d@example.com");
        let reject = reported("p=reject");
        assert_eq!(
            way(Some("v=DMARC1; p=none"), &reject),
            [reported("p=none"), reported("p=quarantine"), reject.clone()]
        );
        assert_eq!(way(Some("v=DMARC1; p=quarantine"), &reject), [reported("p=quarantine"), reject.clone()]);
        assert_eq!(
            way(Some("v=DMARC1; p=reject; sp=none"), &reject),
            [reported("p=reject; sp=none"), reported("p=reject; sp=quarantine"), reject.clone()]
        );
        // What gets no stricter waits for no reports.
        assert_eq!(way(Some("v=DMARC1; p=reject"), &reject), [&*reject]);
        assert_eq!(way(Some("v=DMARC1; p=reject"), &reported("p=none")), [reported("p=none")]);
    }

    /// `t=y`, and `pct=0` as it was called before, act one level lower (RFC 9989 §4.7).
    #[test]
    fn a_policy_that_is_tried_out_counts_one_level_lower() {
        let reported = |p: &str| format!("v=DMARC1; {p}; rua=mailto:d@example.com");
        let reject = reported("p=reject");
        for tried in ["p=quarantine; t=y", "p=quarantine; pct=0"] {
            assert_eq!(way(Some(&reported(tried)), &reject), [reported("p=quarantine"), reject.clone()], "{tried}");
        }
        let read = |text: &str| read(&record(text)).unwrap();
        assert!(is_stricter(Some(&read(&reported("p=reject; t=y"))), &read(&reject)));
        assert!(!is_stricter(Some(&read(&reported("p=reject; t=y"))), &read(&reported("p=quarantine"))));
        assert!(!is_stricter(Some(&read(&reported("p=reject; t=y"))), &read(&reported("p=reject; t=y"))));
    }

    #[test]
    fn what_gets_looser_is_told_with_the_tags_that_keep_it() {
        let told = |from: &str, to: &str| -> Vec<String> {
            let read = |text: &str| read(&record(text)).unwrap();
            loosened(&read(from), &read(to))
                .into_iter()
                .map(|(tag, was, becomes)| format!("{tag}={} {}", was.as_str(), becomes.as_str()))
                .collect()
        };
        assert_eq!(told("v=DMARC1; p=reject", "v=DMARC1; p=none"), ["p=reject none"]);
        assert_eq!(told("v=DMARC1; p=reject; sp=none", "v=DMARC1; p=none"), ["p=reject none", "sp=none none"]);
        assert_eq!(told("v=DMARC1; p=reject", "v=DMARC1; p=reject; sp=none"), ["sp=reject none"]);
        assert_eq!(told("v=DMARC1; p=none; np=reject", "v=DMARC1; p=quarantine"), ["np=reject quarantine"]);
        assert!(told("v=DMARC1; p=none", "v=DMARC1; p=reject").is_empty());
        assert!(told("v=DMARC1; p=reject; sp=reject", "v=DMARC1; p=reject").is_empty());
    }

    /// `sp` follows `p`, and `np` follows `sp`, where they are not said (RFC 9989 §4.7).
    #[test]
    fn subdomains_go_their_own_notches() {
        assert_eq!(
            way(Some("v=DMARC1; p=none; sp=quarantine"), "v=DMARC1; p=reject"),
            ["v=DMARC1; p=quarantine; sp=reject", "v=DMARC1; p=reject"]
        );
        assert_eq!(
            way(Some("v=DMARC1; p=reject; sp=none"), "v=DMARC1; p=reject; sp=none; np=reject"),
            ["v=DMARC1; p=reject; sp=none; np=quarantine", "v=DMARC1; p=reject; sp=none; np=reject"]
        );
    }
}
