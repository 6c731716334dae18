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
    let lines = lines(octets);
    let (first, count) = (lines.first()?.0, lines.len());
    let (encoding_en, encoding_ja) =
        if is_shift_jis { (" (it looks like Shift_JIS)", "（Shift_JIS のようです）") } else { ("", "") };
    // Whole lines of records, in order; a `$GENERATE` makes several of the same.
    let mut own = records.iter().filter(|record| record.file == number).map(|record| record.range.clone()).peekable();
    let mut in_records: Option<Range<usize>> = None;
    let mut known: Option<(Range<usize>, Vec<Range<usize>>)> = None;
    for (_, strange) in &lines {
        for range in strange {
            while own.peek().is_some_and(|record| record.end <= range.start) {
                own.next();
            }
            let Some(record) = own.peek().filter(|record| record.contains(&range.start)) else { continue };
            if known.as_ref().is_none_or(|(of, _)| of != record) {
                known = Some((record.clone(), comments(octets, record, 0).beside));
            }
            let is_comment =
                known.iter().flat_map(|(_, comments)| comments).any(|comment| comment.contains(&range.start));
            if !is_comment && in_records.is_none() {
                in_records = Some(range.clone());
            }
        }
        if in_records.is_some() {
            break;
        }
    }
    let on = if count == 1 { format!("on line {first}") } else { format!("on {count} lines, first on line {first}") };
    let title = say!(
        en: "bytes that are no UTF-8{encoding_en}, {on}",
        ja: "UTF-8 でないバイトが {count} 行にあります{encoding_ja}。最初は {first} 行目です"
    );
    let severity = if in_records.is_some() { Severity::Warning } else { Severity::Advice };
    let mut finding = Finding::new("zone-encoding", severity, title);
    let shown = in_records.iter().chain(lines.iter().filter_map(|(_, strange)| strange.first()));
    let mut seen: Vec<&Range<usize>> = Vec::new();
    for range in shown.take(SHOWN + 1) {
        if !seen.contains(&range) {
            seen.push(range);
            finding = finding.at(Span::new(file, range.clone()), Text::default());
        }
    }
    Some(if in_records.is_some() {
        finding
            .harm(say!(en: "they are served as they are, and who reads them as UTF-8 sees other characters or none", ja: "このバイトのまま DNS から返るため、UTF-8 として読む相手には別の文字に見えるか、読めません"))
            .next(say!(en: "write letters, digits and punctuation of ASCII, or save the file as UTF-8", ja: "半角英数字と記号で書くか、ファイルを UTF-8 で保存し直してください"))
    } else {
        finding.next(say!(en: "they stand in comments and do no harm; to see them elsewhere too, save the file as UTF-8", ja: "コメントの中だけなので害はありません。ほかの環境でも読めるようにするには、UTF-8 で保存し直してください"))
    })
}

/// The lines with octets that are no UTF-8: number from 1, and where runs of them stand.
fn lines(octets: &[u8]) -> Vec<(usize, Vec<Range<usize>>)> {
    let (mut found, mut start): (Vec<(usize, Vec<Range<usize>>)>, usize) = (Vec::new(), 0);
    for (index, line) in octets.split(|octet| *octet == b'\n').enumerate() {
        let (mut at, mut strange): (usize, Vec<Range<usize>>) = (start, Vec::new());
        // Most lines of such a file are ASCII.
        if !line.is_ascii() {
            for chunk in line.utf8_chunks() {
                at += chunk.valid().len();
                let end = at + chunk.invalid().len();
                match strange.last_mut().filter(|last| last.end == at) {
                    Some(last) => last.end = end,
                    None if end > at => strange.push(at..end),
                    None => {}
                }
                at = end;
            }
        }
        if !strange.is_empty() {
            found.push((index + 1, strange));
        }
        start += line.len() + 1;
    }
    found
}
