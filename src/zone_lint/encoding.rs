//! Octets of a zone text that are no UTF-8. RFC 1035 §5.1 allows any, and name servers serve them as they are; but who reads them does not see
//! what their writer saw.

use std::ops::Range;

use crate::report::{FileId, Finding, Severity, Span, Text};
use crate::say;
use crate::site::is_shift_jis;
use crate::zone::MasterRecord;
use crate::zone::master::comments;

/// Lines that the finding shows.
const SHOWN: usize = 20;

/// One finding where the text of a file is no UTF-8: which lines, and whether it is in records or in comments only.
pub(super) fn check(octets: &[u8], file: FileId, number: u32, records: &[MasterRecord]) -> Option<Finding> {
    if std::str::from_utf8(octets).is_ok() {
        return None;
    }
    let is_shift_jis = is_shift_jis(octets);
    // What is no text at all has no encoding.
    if records.is_empty() && !is_shift_jis {
        return None;
    }
    let mut places = Places { records, number, octets, comments: None };
    let (mut first, mut count, mut shown, mut in_records) = (0, 0, Vec::new(), None);
    let mut start = 0;
    for (index, line) in octets.split(|octet| *octet == b'\n').enumerate() {
        let from = start;
        start += line.len() + 1;
        let mut runs = runs(line).map(|run| from + run.start..from + run.end).peekable();
        let Some(run) = runs.peek() else { continue };
        if count == 0 {
            first = index + 1;
        }
        count += 1;
        if shown.len() < SHOWN {
            shown.push(run.clone());
        }
        if in_records.is_none() {
            in_records = runs.find(|run| places.is_in_record(run.start));
        }
    }
    let (encoding_en, encoding_ja) =
        if is_shift_jis { (" (it looks like Shift_JIS)", "（Shift_JIS のようです）") } else { ("", "") };
    let on = if count == 1 { format!("on line {first}") } else { format!("on {count} lines, first on line {first}") };
    let title = say!(
        en: "bytes that are no UTF-8{encoding_en}, {on}",
        ja: "UTF-8 でないバイトが {count} 行にあります{encoding_ja}。最初は {first} 行目です"
    );
    let severity = if in_records.is_some() { Severity::Warning } else { Severity::Advice };
    let mut finding = Finding::new("zone-encoding", severity, title);
    let others = shown.into_iter().filter(|run| in_records.as_ref() != Some(run));
    for run in in_records.clone().into_iter().chain(others) {
        finding = finding.at(Span::new(file, run), Text::default());
    }
    Some(if in_records.is_some() {
        finding
            .harm(say!(en: "they are served as they are, and who reads them as UTF-8 sees other characters or none", ja: "このバイトのまま DNS から返るため、UTF-8 として読む相手には別の文字に見えるか、読めません"))
            .next(say!(en: "write letters, digits and punctuation of ASCII, or save the file as UTF-8", ja: "半角英数字と記号で書くか、ファイルを UTF-8 で保存し直してください"))
    } else {
        finding.next(say!(en: "they stand in comments and do no harm; to see them elsewhere too, save the file as UTF-8", ja: "コメントの中だけなので害はありません。ほかの環境でも読めるようにするには、UTF-8 で保存し直してください"))
    })
}

/// Where the octets of a line are no UTF-8: runs of them.
fn runs(line: &[u8]) -> impl Iterator<Item = Range<usize>> {
    // Most lines of such a file are ASCII.
    let strange = if line.is_ascii() { &[] } else { line };
    let (mut chunks, mut at) = (strange.utf8_chunks().peekable(), 0);
    std::iter::from_fn(move || {
        let chunk = chunks.next()?;
        let start = at + chunk.valid().len();
        at = start + chunk.invalid().len();
        while let Some(next) = chunks.next_if(|next| next.valid().is_empty()) {
            at += next.invalid().len();
        }
        // Behind the last one there is nothing.
        (start < at).then_some(start..at)
    })
}

/// Tells of places in the order of the text whether they are in records.
struct Places<'a> {
    /// The records that are left.
    records: &'a [MasterRecord],
    number: u32,
    octets: &'a [u8],
    /// The comments of the record that was met last.
    comments: Option<(Range<usize>, Vec<Range<usize>>)>,
}

impl Places<'_> {
    /// Whether a record, and not a comment in it, stands at a place.
    fn is_in_record(&mut self, at: usize) -> bool {
        while let Some((record, rest)) = self.records.split_first()
            && (record.file != self.number || record.range.end <= at)
        {
            self.records = rest;
        }
        let Some(record) = self.records.first().filter(|record| record.range.contains(&at)) else { return false };
        if self.comments.as_ref().is_none_or(|(of, _)| *of != record.range) {
            self.comments = Some((record.range.clone(), comments(self.octets, &record.range, 0).beside));
        }
        let comments = self.comments.as_ref().map(|(_, comments)| comments.as_slice()).unwrap_or_default();
        let before = comments.partition_point(|comment| comment.start <= at);
        !before.checked_sub(1).and_then(|last| comments.get(last)).is_some_and(|comment| comment.contains(&at))
    }
}
