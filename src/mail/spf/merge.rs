//! Several records into one.
//!
//! Nothing is ever sorted. With passing terms only, order does not change who passes, as long as every part is sound; as soon as
//! one part has a permerror or the look-ups run out, it does: `ip4:… include:broken` passes, the reverse is a permerror. So the
//! existing record keeps its order and spelling, the parts follow in theirs, before `all`.
//! What is dropped or changed on the way is told in the notes; nothing happens silently.

use std::collections::{HashMap, HashSet};
use std::fmt;

use super::inspect::{Redundancy, redundant};
use super::problem::{Problem, shown};
use super::types::{Qualifier, Record, Term, TermKind};
use crate::report::Text;
use crate::say;

/// One record to unite with others, or bare terms, and who wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<O> {
    /// What is wanted.
    pub record: Record,
    /// Who wants it.
    pub origin: O,
}

/// What a merge needs to know beside the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options<'a> {
    /// Where the merged record stands: there `a` and `a:<domain>` are the same.
    pub domain: &'a str,
    /// The site's own decision about `all`; it wins over everything.
    pub all: Option<Qualifier>,
    /// The `all` found in DNS at the name that a `redirect=` leads to, for the case that the redirect must become an include.
    pub redirect_all: Option<Qualifier>,
}

/// Where a term of the merged record comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Origin<O> {
    /// The record that exists.
    Existing,
    /// A part.
    Part(O),
    /// The site's setting of `all`.
    Site,
    /// The DNS, for the `all` of a redirect's target.
    Redirect,
    /// Nobody: `~all` when nobody says anything.
    Default,
}

/// One term of the merged record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergedTerm<O> {
    /// The term; its span is in the merged text.
    pub term: Term,
    /// Everybody who wants it, the first to want it first.
    pub origins: Vec<Origin<O>>,
}

/// The merged record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged<O> {
    /// Its terms with their origins, in order.
    pub terms: Vec<MergedTerm<O>>,
    /// The record. If nothing is changed, it has the existing record's very octets.
    pub record: Record,
    /// What was dropped or changed, and what deserves a look.
    pub notes: Vec<MergeNote<O>>,
}

impl<O> Merged<O> {
    /// The value to publish, one string of any length.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        self.record.text()
    }
}

/// What happened to a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MergeNoteKind {
    /// Dropped: another term is the same. Its origin stands at the other term.
    Duplicate,
    /// Dropped: a passing range inside another one. Its origin stands at the other term.
    Covered,
    /// Dropped: a negative range that an earlier passing range made void already.
    Dead,
    /// Dropped: it stood behind `all` and was never reached.
    AfterAll,
    /// Not taken over: an `all` other than the merged record's.
    AllIgnored,
    /// Dropped: the `all` beside it made it void already.
    RedirectIgnored,
    /// Changed into an include, because a redirect cannot stand beside other terms or an `all`.
    RedirectConverted {
        /// The merged record's `all`.
        all: Qualifier,
    },
    /// Dropped: only the existing record's explanation is kept.
    ExplanationDropped,
    /// Dropped: no receiver knows it.
    UnknownModifier,
    /// Kept, but an earlier term with another qualifier decides first.
    Shadowed,
}

/// One thing that happened in a merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeNote<O> {
    /// What.
    pub kind: MergeNoteKind,
    /// The term, as it was written.
    pub term: String,
    /// Whose term.
    pub origin: Origin<O>,
    /// The term that it is about, if there is one.
    pub other: Option<String>,
}

impl<O> MergeNote<O> {
    /// The sentence.
    #[must_use]
    pub fn text(&self) -> Text {
        let term = &self.term;
        let other = self.other.as_deref().unwrap_or_default();
        match self.kind {
            MergeNoteKind::Duplicate => {
                say!(en: "`{term}` is in the record already as `{other}`", ja: "`{term}` は `{other}` としてすでに入っています")
            }
            MergeNoteKind::Covered => {
                say!(en: "`{term}` left out: it lies inside `{other}`", ja: "`{term}` は `{other}` に含まれるため、省きました")
            }
            MergeNoteKind::Dead => say!(
                en: "`{term}` left out: `{other}` before it passes all of it, so it never had an effect",
                ja: "`{term}` は前の `{other}` がすべて合格にしていて効果がないため、省きました"
            ),
            MergeNoteKind::AfterAll => say!(
                en: "`{term}` left out: it stands behind `{other}` and was never reached",
                ja: "`{term}` は `{other}` よりうしろにあって使われていないため、省きました"
            ),
            MergeNoteKind::AllIgnored => say!(
                en: "`{term}` not taken over: the record keeps `{other}`",
                ja: "`{term}` は使わず、`{other}` のままにします"
            ),
            MergeNoteKind::RedirectIgnored => say!(
                en: "`{term}` left out: `{other}` beside it made it void already",
                ja: "`{term}` は `{other}` があって効果がないため、省きました"
            ),
            MergeNoteKind::RedirectConverted { all } => say!(
                en: "`{term}` became `{other}`, and the record ends in `{all}all`. Not quite the same: addresses that the other record refuses with `-` now get the result of `{all}all`",
                ja: "`{term}` を `{other}` に変え、最後を `{all}all` にしました。まったく同じではありません。相手のレコードが `-` で断るアドレスは `{all}all` の扱いになります",
                all = all.symbol()
            ),
            MergeNoteKind::ExplanationDropped => say!(
                en: "`{term}` left out: only the existing record's exp= is kept",
                ja: "`{term}` は省きました。exp= はもとのレコードのものだけ残します"
            ),
            MergeNoteKind::UnknownModifier => say!(
                en: "`{term}` left out: receivers ignore it",
                ja: "`{term}` は受信側に無視されるため、省きました"
            ),
            MergeNoteKind::Shadowed => say!(
                en: "`{term}` has no effect: `{other}` before it decides first",
                ja: "前にある `{other}` が先に決まるため、`{term}` は効きません"
            ),
        }
    }
}

/// Why there is no merged record: one of them has a syntax error, and receivers would refuse the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeError<O> {
    /// Whose record.
    pub origin: Origin<O>,
    /// The term and what is wrong with it.
    pub problem: Problem,
}

impl<O> MergeError<O> {
    /// The sentence.
    #[must_use]
    pub fn text(&self) -> Text {
        self.problem.text()
    }
}

impl<O: fmt::Debug> fmt::Display for MergeError<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl<O: fmt::Debug> std::error::Error for MergeError<O> {}

/// A term on its way into the merged record, and how it will be spelled.
struct Candidate<O> {
    term: Term,
    spelling: String,
    origins: Vec<Origin<O>>,
    /// As it was written, for the notes.
    written: String,
}

/// Unites the existing record, if there is one, with the parts, in their order.
///
/// # Errors
///
/// A record with a syntax error is refused: one bad term makes receivers refuse all of them.
pub fn merge<O: Clone + PartialEq>(
    existing: Option<&Record>,
    parts: &[Part<O>],
    options: Options<'_>,
) -> Result<Merged<O>, MergeError<O>> {
    let sources: Vec<(Origin<O>, &Record)> = existing
        .map(|record| (Origin::Existing, record))
        .into_iter()
        .chain(parts.iter().map(|part| (Origin::Part(part.origin.clone()), &part.record)))
        .collect();
    for (origin, record) in &sources {
        let prefix = record.problems().first().filter(|problem| problem.kind.rule() == "spf-version-prefix");
        if let Some(problem) = record.syntax_error().or(prefix) {
            return Err(MergeError { origin: origin.clone(), problem: problem.clone() });
        }
    }

    let mut notes = Vec::new();
    let keeps_redirect = redirect_may_stay(&sources, options);
    let mut mechanisms = Vec::new();
    let mut behind = Vec::new();
    let mut redirect: Option<Candidate<O>> = None;
    let mut converted = Vec::new();
    for (origin, record) in &sources {
        let mut at_end = None;
        for term in record.terms() {
            let note = |kind, other: Option<&Term>| MergeNote {
                kind,
                term: shown(term.raw.as_bytes()),
                origin: origin.clone(),
                other: other.map(|other| shown(other.raw.as_bytes())),
            };
            let candidate = || candidate(term, origin, options.domain);
            let all = record.all();
            let after_all = all.is_some_and(|all| all.span.start < term.span.start);
            match (&term.kind, all) {
                (TermKind::Redirect(_), Some(all)) => notes.push(note(MergeNoteKind::RedirectIgnored, Some(all))),
                (TermKind::Redirect(_), None) if keeps_redirect => match &mut redirect {
                    None => redirect = Some(candidate()),
                    Some(kept) => kept.origins.push(origin.clone()),
                },
                (TermKind::Redirect(name), None) => {
                    let include = include_of(name.as_str());
                    converted.extend(include.as_ref().map(|include| (term, origin, include.raw.clone())));
                    at_end = include.map(|include| self::candidate(&include, origin, options.domain));
                }
                (TermKind::Exp(_), _) if *origin == Origin::Existing && after_all => behind.push(candidate()),
                (TermKind::Exp(_), _) if *origin == Origin::Existing => mechanisms.push(candidate()),
                (TermKind::Exp(_), _) => notes.push(note(MergeNoteKind::ExplanationDropped, None)),
                (TermKind::UnknownModifier { .. }, _) => notes.push(note(MergeNoteKind::UnknownModifier, None)),
                (_, Some(all)) if after_all => notes.push(note(MergeNoteKind::AfterAll, Some(all))),
                (TermKind::All, _) => {}
                _ => mechanisms.push(candidate()),
            }
        }
        mechanisms.extend(at_end);
    }

    let ending = redirect.unwrap_or_else(|| ending_all(existing, options, !converted.is_empty()));
    let mut candidates = drop_redundant(mechanisms, options.domain, &mut notes);
    note_shadowed(&candidates, options.domain, &mut notes);
    for (origin, record) in &sources {
        if let Some(other) =
            record.all().filter(|other| ending.term.kind != TermKind::All || other.qualifier != ending.term.qualifier)
        {
            let other_all = Some(shown(ending.spelling.as_bytes()));
            notes.push(MergeNote {
                kind: MergeNoteKind::AllIgnored,
                term: other.raw.clone(),
                origin: origin.clone(),
                other: other_all,
            });
        }
    }
    for (term, origin, include) in converted {
        let kind = MergeNoteKind::RedirectConverted { all: ending.term.qualifier };
        notes.push(MergeNote {
            kind,
            term: shown(term.raw.as_bytes()),
            origin: origin.clone(),
            other: Some(shown(include.as_bytes())),
        });
    }
    candidates.push(ending);
    candidates.extend(behind);
    Ok(assemble(existing, candidates, notes))
}

/// Whether a `redirect=` may stay: only where no `all` will stand in the merged record and nothing new is to follow the redirect,
/// which is so if one name is all that is redirected to, and only its own record brings mechanisms.
fn redirect_may_stay<O: PartialEq>(sources: &[(Origin<O>, &Record)], options: Options<'_>) -> bool {
    let live = |record: &&Record| record.all().is_none() && record.redirect().is_some();
    let Some(owner) = sources.iter().map(|(_, record)| *record).find(|record| live(record)) else {
        return false;
    };
    let wanted = owner.redirect().map(|term| term.normal(options.domain));
    let own: HashSet<_> = owner.live_mechanisms().map(|term| term.normal(options.domain)).collect();
    options.all.is_none()
        && sources.iter().all(|(origin, record)| {
            // An `all` of a part says nothing about the record as a whole; that of the existing record does.
            let nothing_new = record.live_mechanisms().all(|term| match term.kind {
                TermKind::All => *origin != Origin::Existing,
                _ => own.contains(&term.normal(options.domain)),
            });
            nothing_new && (!live(record) || record.redirect().map(|term| term.normal(options.domain)) == wanted)
        })
}

fn candidate<O: Clone + PartialEq>(term: &Term, origin: &Origin<O>, domain: &str) -> Candidate<O> {
    // What the owner of the zone wrote stays as it is; a part is a wish, and takes the shortest spelling.
    let spelling = if *origin == Origin::Existing { term.raw.clone() } else { term.normal(domain).to_string() };
    Candidate { term: term.clone(), spelling, origins: vec![origin.clone()], written: term.raw.clone() }
}

/// The term `include:name`.
fn include_of(name: &str) -> Option<Term> {
    Record::parse(format!("include:{name}").as_bytes()).terms.into_iter().next()
}

/// The site's `all`, else the existing record's, else that of a redirect's target, else `~all`. Never a part's: whoever wrote it knew
/// nothing of the others. And of DNS only one that refuses somebody.
fn ending_all<O: Clone + PartialEq>(existing: Option<&Record>, options: Options<'_>, converted: bool) -> Candidate<O> {
    let kept = existing.and_then(Record::all);
    let found = options.redirect_all.filter(|all| converted && matches!(all, Qualifier::Fail | Qualifier::SoftFail));
    let (qualifier, origins) = match (options.all, kept, found) {
        (Some(all), Some(kept), _) if kept.qualifier == all => (all, vec![Origin::Existing, Origin::Site]),
        (Some(all), _, _) => (all, vec![Origin::Site]),
        (None, Some(kept), _) => (kept.qualifier, vec![Origin::Existing]),
        (None, None, Some(found)) => (found, vec![Origin::Redirect]),
        (None, None, None) => (Qualifier::SoftFail, vec![Origin::Default]),
    };
    let kept = kept.filter(|kept| kept.qualifier == qualifier);
    let spelling = kept.map_or_else(|| format!("{}all", qualifier.symbol()), |kept| kept.raw.clone());
    let term = Term { span: 0..0, raw: spelling.clone(), qualifier, explicit_qualifier: true, kind: TermKind::All };
    Candidate { term, written: spelling.clone(), spelling, origins }
}

/// Leaves out what changes nothing; its origins go to the term that stands for it.
fn drop_redundant<O: Clone + PartialEq>(
    candidates: Vec<Candidate<O>>,
    domain: &str,
    notes: &mut Vec<MergeNote<O>>,
) -> Vec<Candidate<O>> {
    let terms: Vec<&Term> = candidates.iter().map(|candidate| &candidate.term).collect();
    let dropped: HashMap<usize, (usize, Redundancy)> = redundant(&terms, domain)
        .into_iter()
        .filter(|found| found.why != Redundancy::InsideAfterLookup)
        .map(|found| (found.index, (found.by, found.why)))
        .collect();
    let mut inherited: HashMap<usize, Vec<Origin<O>>> = HashMap::new();
    for (index, candidate) in candidates.iter().enumerate() {
        let Some(&(mut by, why)) = dropped.get(&index) else {
            continue;
        };
        // A range can lie in one that lies in a third. Each step is to a wider range or an earlier twin, so it ends.
        while let Some(&(next, _)) = dropped.get(&by) {
            by = next;
        }
        let kind = match why {
            Redundancy::Same => MergeNoteKind::Duplicate,
            Redundancy::Dead => MergeNoteKind::Dead,
            Redundancy::Inside | Redundancy::InsideAfterLookup => MergeNoteKind::Covered,
        };
        let term = shown(candidate.written.as_bytes());
        let other = candidates.get(by).map(|kept| shown(kept.spelling.as_bytes()));
        for origin in &candidate.origins {
            notes.push(MergeNote { kind, term: term.clone(), origin: origin.clone(), other: other.clone() });
        }
        if kind != MergeNoteKind::Dead {
            inherited.entry(by).or_default().extend(candidate.origins.iter().cloned());
        }
    }
    let mut kept = Vec::new();
    for (index, mut candidate) in candidates.into_iter().enumerate() {
        if dropped.contains_key(&index) {
            continue;
        }
        for origin in inherited.remove(&index).unwrap_or_default() {
            if !candidate.origins.contains(&origin) {
                candidate.origins.push(origin);
            }
        }
        kept.push(candidate);
    }
    kept
}

/// Notes each passing term that an earlier one with another qualifier takes the matches of. It stays: which of the two is right, only a person knows.
fn note_shadowed<O: Clone>(candidates: &[Candidate<O>], domain: &str, notes: &mut Vec<MergeNote<O>>) {
    let mut bodies = HashMap::new();
    let mut ranges = Vec::new();
    for candidate in candidates.iter().filter(|candidate| !candidate.term.kind.is_modifier()) {
        let network = candidate.term.kind.network();
        let body = candidate.term.body(domain);
        if candidate.term.qualifier != Qualifier::Pass {
            ranges.extend(network.map(|network| (network, candidate)));
            bodies.entry(body).or_insert(candidate);
            continue;
        }
        let range =
            network.and_then(|network| ranges.iter().find(|(wide, _)| wide.contains(&network)).map(|(_, wide)| *wide));
        if let (Some(other), Some(origin)) = (bodies.get(&body).copied().or(range), candidate.origins.first()) {
            let (term, other) = (shown(candidate.written.as_bytes()), Some(shown(other.spelling.as_bytes())));
            notes.push(MergeNote { kind: MergeNoteKind::Shadowed, term, origin: origin.clone(), other });
        }
    }
}

fn assemble<O>(existing: Option<&Record>, candidates: Vec<Candidate<O>>, notes: Vec<MergeNote<O>>) -> Merged<O> {
    let unchanged = existing.filter(|existing| {
        let same = |(term, candidate): (&Term, &Candidate<O>)| term.raw == candidate.spelling;
        existing.version().is_some()
            && existing.terms().len() == candidates.len()
            && existing.terms().iter().zip(&candidates).all(same)
    });
    let record = unchanged.cloned().unwrap_or_else(|| {
        let mut text = String::from("v=spf1");
        for candidate in &candidates {
            text.push(' ');
            text.push_str(&candidate.spelling);
        }
        Record::parse(text.as_bytes())
    });
    // Each spelling is one valid term, so the terms that are read back are the candidates.
    let terms = record
        .terms()
        .iter()
        .cloned()
        .zip(candidates)
        .map(|(term, candidate)| MergedTerm { term, origins: candidate.origins })
        .collect();
    Merged { terms, record, notes }
}
