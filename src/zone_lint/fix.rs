//! Repairs of a zone text: only such as cannot be wrong are done, each is held against what comes of it, and everything else stays octet for octet.

use std::ops::Range;

use crate::catalogue::Catalogue;
use crate::lint::layout::{Layout, decode};
use crate::lint::{Seen, View};
use crate::report::{FileId, Finding, Fix, Span, Text};
use crate::zone::by_name::number;
use crate::zone::{MasterFile, Name, Rtype};

use super::{Input, Linted, judged, lint};

/// Times that a text is repaired and read again: what one repair lays open another one mends.
const ROUNDS: usize = 8;

/// Something that was repaired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The finding's id.
    pub id: &'static str,
    /// What was done.
    pub what: Text,
    /// Line of the text as it then was, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// A text after its repairs.
#[derive(Debug)]
pub struct Fixed {
    /// Its octets.
    pub octets: Vec<u8>,
    /// What was done, in order.
    pub done: Vec<Done>,
    /// What is found in it.
    pub linted: Linted,
}

/// Does the repairs that cannot be wrong, until there are none.
#[must_use]
pub fn fix(input: Input<'_>, catalogue: &Catalogue) -> Fixed {
    let mut octets = input.octets.to_vec();
    let mut done = Vec::new();
    // A text that says less afterwards is not what was meant; the name it has must not change either.
    let origin = super::apex(input).map(|apex| apex.name);
    for _ in 0..ROUNDS {
        let now = judged(Input { octets: &octets, origin: origin.as_ref(), ..input }, catalogue, usize::MAX, None);
        let repairs = disjoint(&now);
        if repairs.is_empty() {
            break;
        }
        for (finding, fix) in &repairs {
            let (line, column) = now.sources.line_column(fix.span.file, fix.span.start);
            done.push(Done { id: finding.id, what: fix.what.clone(), line, column });
        }
        octets = applied(&octets, repairs.iter().flat_map(|(_, fix)| fix.edits()));
    }
    let linted = lint(Input { octets: &octets, ..input }, catalogue);
    Fixed { octets, done, linted }
}

/// The repairs that cannot be wrong and don't touch each other, in the order of the text.
fn disjoint(linted: &Linted) -> Vec<(&Finding, &Fix)> {
    let with_fix = linted.findings.iter().filter_map(|finding| Some((finding, finding.fix.as_ref()?)));
    let mut all: Vec<(&Finding, &Fix)> = with_fix.filter(|(_, fix)| fix.safe).collect();
    let extent = |fix: &Fix| {
        let spans = || fix.edits().map(|(span, _)| span);
        let start = spans().map(|span| span.start).min().unwrap_or_default();
        start..spans().map(|span| span.end).max().unwrap_or_default()
    };
    all.sort_by_key(|(_, fix)| extent(fix).start);
    let mut free = 0;
    all.retain(|(_, fix)| {
        let extent = extent(fix);
        let is_free = extent.start >= free;
        if is_free {
            free = extent.end + 1;
        }
        is_free
    });
    all
}

/// The text with these changes, none of which touches another.
fn applied<'e>(octets: &[u8], edits: impl Iterator<Item = (Span, &'e str)>) -> Vec<u8> {
    let mut edits: Vec<(Range<usize>, &str)> = edits.map(|(span, text)| (span.range(), text)).collect();
    edits.sort_by_key(|(range, _)| range.start);
    let (mut out, mut from) = (Vec::with_capacity(octets.len()), 0);
    for (range, text) in edits {
        out.extend_from_slice(octets.get(from..range.start).unwrap_or_default());
        out.extend_from_slice(text.as_bytes());
        from = range.end;
    }
    out.extend_from_slice(octets.get(from..).unwrap_or_default());
    out
}

/// Takes a repair away that does not give what it means: rules know values, and not how they are written here.
pub(super) fn hold<'t>(finding: &mut Finding, places: &Places<'_>, octets: impl Fn(FileId) -> &'t [u8]) {
    let Some(fix) = &finding.fix else { return };
    let seen = places.record_at(fix.span);
    let holds = seen.is_some_and(|(_, seen)| gives_what_it_means(fix, seen, octets(fix.span.file)) == Some(true));
    if !holds {
        finding.fix = None;
    }
}

/// The records of zone texts by where they stand.
pub(super) struct Places<'v> {
    records: &'v [Seen],
    /// Numbers of records in the order of the files and of each text.
    order: Vec<u32>,
}

impl<'v> Places<'v> {
    pub(super) fn of(view: &'v View<'_>) -> Self {
        let records = view.records();
        let mut order: Vec<u32> = (0..records.len()).map(number).collect();
        // Those of one text stand in its order, so that this does nothing where there is one.
        order.sort_by_key(|number| records.get(*number as usize).and_then(Seen::span));
        Self { records, order }
    }

    /// The record that stands at a place, and its number.
    pub(super) fn record_at(&self, at: Span) -> Option<(usize, &'v Seen)> {
        let seen = |number: &u32| self.records.get(*number as usize);
        let before =
            |number: &u32| seen(number).and_then(Seen::span).is_none_or(|s| (s.file, s.start) <= (at.file, at.start));
        let number = self.order.get(self.order.partition_point(before).checked_sub(1)?)?;
        Some((*number as usize, seen(number)?))
    }
}

/// Whether the record reads, after the repair, as its octets with the new text in their place, or as it was meant to be.
fn gives_what_it_means(fix: &Fix, seen: &Seen, octets: &[u8]) -> Option<bool> {
    let (span, rtype) = (seen.span()?, seen.record.rtype);
    let inside = |edit: Span| edit.file == span.file && edit.start >= span.start;
    if !fix.edits().all(|(edit, _)| inside(edit)) {
        return Some(false);
    }
    let Some(meant) = seen.txt() else { return Some(true) };
    let layout = Layout::of(octets, span.range(), rtype)?;
    let (first, last) = (layout.data.first()?.range.start, layout.data.last()?.range.end);
    let data = first..fix.edits().map(|(edit, _)| edit.range().end).max()?.max(last);
    if fix.edits().any(|(edit, _)| edit.range().start < first) {
        return Some(true);
    }
    let shifted = |edit: Span| Span::new(edit.file, edit.range().start - first..edit.range().end - first);
    let new = applied(octets.get(data)?, fix.edits().map(|(edit, text)| (shifted(edit), text)));
    let text = [b"x. TXT (\n".as_slice(), &new, b"\n)\n"].concat();
    let read = MasterFile::read(&text, &Name::root());
    let [record] = read.records.as_slice() else { return Some(false) };
    let now = record.rdata.txt_joined();
    if record.rtype != Rtype::TXT || !read.faults.is_empty() {
        return Some(false);
    }
    if now == meant {
        return Some(true);
    }
    let mut wanted = Vec::new();
    let mut edits: Vec<(Range<usize>, &str)> = fix.edits().map(|(edit, text)| (edit.range(), text)).collect();
    edits.sort_by_key(|(range, _)| range.start);
    let mut edits = edits.into_iter().peekable();
    for word in &layout.data {
        for (place, octet) in decode(octets, word.inner()) {
            while let Some((_, text)) = edits.next_if(|(range, _)| range.start <= place.start) {
                wanted.extend_from_slice(text.as_bytes());
            }
            let is_gone = |(edit, _): (Span, &str)| edit.range().contains(&place.start);
            if !fix.edits().any(is_gone) {
                wanted.push(octet);
            }
        }
        while let Some((_, text)) = edits.next_if(|(range, _)| range.start <= word.inner().end) {
            wanted.extend_from_slice(text.as_bytes());
        }
    }
    Some(edits.next().is_none() && now == wanted)
}
