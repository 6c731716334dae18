//! What the grammar allows and nobody wants, as far as the record's own text shows it. Asks no DNS.

use std::collections::HashMap;
use std::net::IpAddr;

use super::problem::{Problem, ProblemKind, shown};
use super::types::{Network, Qualifier, Record, Term, TermKind};

/// Prefix lengths below which a passing range counts as wide: a threshold of zoneplan's own.
const WIDE_V4: u8 = 16;
/// As [`WIDE_V4`], for IPv6.
const WIDE_V6: u8 = 32;

/// How many of a record's own terms cost a DNS look-up when nothing matches (RFC 7208 §4.6.4). What they lead to comes on top.
/// Terms behind `all` are never reached; `redirect=` counts only without `all`.
#[must_use]
pub fn lookup_terms(record: &Record) -> usize {
    let mechanisms = record.live_mechanisms().filter(|term| term.kind.costs_lookup()).count();
    let redirect = record.all().is_none() && record.redirect().is_some();
    mechanisms + usize::from(redirect)
}

/// Why a term changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Redundancy {
    /// It is the same term again.
    Same,
    /// A passing range inside another passing range.
    Inside,
    /// As [`Inside`](Self::Inside), but a term that asks DNS stands before the wider range: should that look-up fail, the
    /// narrow range still passes and the wide one is never reached.
    InsideAfterLookup,
    /// A `-`, `~` or `?` range behind a passing range that holds it.
    Dead,
}

/// A term that changes nothing, and the one because of which it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Redundant {
    /// Which term: its place in the list.
    pub index: usize,
    /// Because of which term: its place in the list. That one may be redundant itself, because of a third.
    pub by: usize,
    /// Why.
    pub why: Redundancy,
}

/// The mechanisms of one record, in order and without what stands behind `all`, that change nothing.
///
/// An earlier narrow range inside a later wide one counts only if no term with another qualifier that may match the same
/// addresses stands between: dropping `-ip4:192.0.2.7` before `ip4:192.0.2.0/24` would let that address pass, and dropping
/// `ip4:192.0.2.7` before `-ip4:192.0.2.0/28 ip4:192.0.2.0/24` would refuse it.
#[must_use]
pub fn redundant(terms: &[&Term], domain: &str) -> Vec<Redundant> {
    let mut found = Vec::new();
    let mut first = HashMap::new();
    let mut ranges: Vec<Range> = Vec::new();
    for (index, term) in terms.iter().enumerate() {
        if let Some(&by) = first.get(&term.normal(domain)) {
            found.push(Redundant { index, by, why: Redundancy::Same });
            continue;
        }
        first.insert(term.normal(domain), index);
        if let Some(network) = term.kind.network() {
            ranges.push(Range { index, network, pass: term.qualifier == Qualifier::Pass });
        }
    }
    // Only what may end or change the evaluation before a later range is reached.
    let lookups: Vec<(usize, bool)> = terms
        .iter()
        .enumerate()
        .filter(|(_, term)| term.kind.network().is_none() && !term.kind.is_modifier())
        .map(|(index, term)| (index, term.qualifier == Qualifier::Pass && term.kind != TermKind::All))
        .collect();
    for (place, range) in ranges.iter().enumerate() {
        let (before, after) = (ranges.get(..place).unwrap_or_default(), ranges.get(place + 1..).unwrap_or_default());
        if let Some(wide) = before.iter().find(|wide| wide.pass && wide.network.contains(&range.network)) {
            let why = if range.pass { Redundancy::Inside } else { Redundancy::Dead };
            found.push(Redundant { index: range.index, by: wide.index, why });
            continue;
        }
        if !range.pass {
            continue;
        }
        let against = after.iter().find(|other| !other.pass && other.network.overlaps(&range.network));
        let from = lookups.partition_point(|&(index, _)| index < range.index);
        let later = lookups.get(from..).unwrap_or_default();
        let unknown = later.iter().find(|(_, pass)| !pass).map(|&(index, _)| index);
        let end = against.map(|other| other.index).into_iter().chain(unknown).min().unwrap_or(usize::MAX);
        if let Some(wide) =
            after.iter().find(|wide| wide.pass && wide.index < end && wide.network.contains(&range.network))
        {
            let looked_up = later.first().is_some_and(|&(index, _)| index < wide.index);
            let why = if looked_up { Redundancy::InsideAfterLookup } else { Redundancy::Inside };
            found.push(Redundant { index: range.index, by: wide.index, why });
        }
    }
    found.sort_by_key(|redundant| redundant.index);
    found
}

/// A range and its place in the list of terms.
struct Range {
    index: usize,
    network: Network,
    pass: bool,
}

impl Record {
    /// All that is to be said about this record at `domain` without asking DNS: the [`problems`](Self::problems) of reading,
    /// then what is legal and unwanted. Only a record that has a version or terms is judged.
    #[must_use]
    pub fn inspect(&self, domain: &str) -> Vec<Problem> {
        let mut problems = self.problems().to_vec();
        let all = self.all();
        if let Some(all) = all {
            problems.extend(self.terms_after_all().map(|term| about(term, ProblemKind::TermAfterAll, Some(all))));
            if let Some(redirect) = self.redirect() {
                problems.push(about(redirect, ProblemKind::RedirectWithAll, Some(all)));
            }
        }
        problems.extend(self.passes_everyone());
        match all {
            Some(all) if all.qualifier == Qualifier::Neutral => {
                problems.push(about(all, ProblemKind::NeutralAll, None))
            }
            None if self.redirect().is_none() => {
                let end = self.text().len();
                problems.push(Problem {
                    span: end..end,
                    kind: ProblemKind::NoAll,
                    term: String::new(),
                    other: None,
                    fix: None,
                });
            }
            _ => {}
        }
        let live: Vec<&Term> = self.live_mechanisms().collect();
        for Redundant { index, by, why } in redundant(&live, domain) {
            let (Some(term), Some(by)) = (live.get(index), live.get(by)) else {
                continue;
            };
            let kind = match why {
                Redundancy::Same if matches!(term.kind, TermKind::Include(_)) => ProblemKind::DuplicateInclude,
                Redundancy::Same => ProblemKind::Duplicate,
                Redundancy::Inside | Redundancy::InsideAfterLookup => ProblemKind::Covered,
                Redundancy::Dead => ProblemKind::Dead,
            };
            problems.push(about(term, kind, Some(by)));
        }
        let ptr = |term: &&Term| matches!(term.kind, TermKind::Ptr(_));
        problems.extend(self.terms().iter().filter(ptr).map(|term| about(term, ProblemKind::PtrUsed, None)));
        problems
    }

    /// Passing terms that are, alone or together, everybody; and those that are merely wide.
    fn passes_everyone(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for term in self.live_mechanisms().filter(|term| term.qualifier == Qualifier::Pass) {
            let mut widest = None;
            match &term.kind {
                TermKind::All => problems.push(about(term, ProblemKind::PassesEveryone, None)),
                TermKind::A { prefix, .. } | TermKind::Mx { prefix, .. } => {
                    widest = match (prefix.v4, prefix.v6) {
                        (Some(bits), _) if bits < WIDE_V4 => Some((bits, WIDE_V4)),
                        (_, Some(bits)) if bits < WIDE_V6 => Some((bits, WIDE_V6)),
                        _ => None,
                    };
                }
                kind => {
                    if let Some(network) = kind.network() {
                        let (list, limit) =
                            if network.address().is_ipv4() { (&mut v4, WIDE_V4) } else { (&mut v6, WIDE_V6) };
                        list.push((network, term));
                        widest = (network.prefix() < limit).then_some((network.prefix(), limit));
                    }
                }
            }
            match widest {
                Some((0, _)) => problems.push(about(term, ProblemKind::PassesEveryone, None)),
                Some((prefix, limit)) => problems.push(about(term, ProblemKind::WideRange { prefix, limit }, None)),
                None => {}
            }
        }
        problems.extend([v4, v6].into_iter().filter_map(together));
        problems
    }
}

/// One problem for ranges that only together leave no address out.
fn together(mut ranges: Vec<(Network, &Term)>) -> Option<Problem> {
    if ranges.iter().any(|(network, _)| network.prefix() == 0) {
        return None;
    }
    ranges.sort_by_key(|(network, _)| *network);
    // The next address that no range has held yet; the space is full when there is none.
    let mut next = Some(0);
    for (network, _) in &ranges {
        let (start, bits, width) = match network.address() {
            IpAddr::V4(address) => (u128::from(address.to_bits()), 32, u128::from(u32::MAX)),
            IpAddr::V6(address) => (address.to_bits(), 128, u128::MAX),
        };
        let Some(free) = next else { break };
        if start > free {
            return None;
        }
        // A range has no zero prefix here, so the shift is below the width of the number.
        let last = start | (1_u128 << (bits - u32::from(network.prefix()))).wrapping_sub(1);
        if last >= free {
            next = if last == width { None } else { last.checked_add(1) };
        }
    }
    if next.is_some() {
        return None;
    }
    let first = ranges.iter().map(|(_, term)| *term).min_by_key(|term| term.span.start)?;
    let last = ranges.iter().map(|(_, term)| *term).max_by_key(|term| term.span.start)?;
    let mut problem = about(first, ProblemKind::PassesEveryoneTogether, Some(last));
    problem.span.end = last.span.end;
    Some(problem)
}

fn about(term: &Term, kind: ProblemKind, other: Option<&Term>) -> Problem {
    let fix = match kind {
        ProblemKind::Duplicate | ProblemKind::DuplicateInclude | ProblemKind::Covered | ProblemKind::Dead => {
            Some(String::new())
        }
        _ => None,
    };
    Problem {
        span: term.span.clone(),
        kind,
        term: shown(term.raw.as_bytes()),
        other: other.map(|other| shown(other.raw.as_bytes())),
        fix,
    }
}
