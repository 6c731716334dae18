//! How a zone text was understood where it can be understood otherwise, or where name servers refuse it: the notes of its reader as findings.
//! One wording for who judges a zone text and for who takes it over.

use crate::lint::Findings;
use crate::report::{FileId, Finding, Severity, Sources, Span, Text};
use crate::say;
use crate::zone::master::{MasterNote, NoteKind};

/// Who asks for the notes of a text, and for which.
pub(crate) struct Asked<'a> {
    /// The id of the findings.
    pub(crate) id: &'static str,
    /// Kinds that are told otherwise.
    pub(crate) otherwise: &'a [NoteKind],
    /// Findings of one kind that are told; the others are counted.
    pub(crate) most: usize,
    /// Whether the text is judged: then what name servers refuse is an error, and may be repaired. Else it is only read.
    pub(crate) judged: bool,
}

/// Notes and how many more there are of each kind, as findings; `file_of` tells which text a number stands for.
pub(crate) fn told(
    notes: &[MasterNote],
    more: &[usize; NoteKind::ALL.len()],
    asked: &Asked<'_>,
    sources: &Sources,
    file_of: impl Fn(u32) -> FileId,
) -> Vec<Finding> {
    let mut all = Vec::new();
    // In a whole zone file a class is nothing that anybody misses; what is pasted without one may be no zone file at all.
    let is_whole = !notes.iter().any(|note| note.kind == NoteKind::NoSoa);
    let is_left_out = |kind: &NoteKind| asked.otherwise.contains(kind) || is_whole && *kind == NoteKind::NoClass;
    for kind in NoteKind::ALL.into_iter().filter(|kind| !is_left_out(kind)) {
        let mut out = Findings::at_most(asked.most);
        for note in notes.iter().filter(|note| note.kind == kind) {
            out.push(finding(note, asked, Span::new(file_of(note.file), note.range.clone()), sources));
        }
        out.skip(more.get(kind as usize).copied().unwrap_or_default());
        all.append(&mut out.told());
    }
    all
}

/// One note as a finding.
fn finding(note: &MasterNote, asked: &Asked<'_>, span: Span, sources: &Sources) -> Finding {
    let kind = note.kind;
    // Of a byte order mark it depends on what follows whether name servers refuse the text or read another name.
    let is_refused = matches!(
        kind,
        NoteKind::ByteOrderMark | NoteKind::StringOverLines | NoteKind::IndentedDirective | NoteKind::LongString
    );
    let severity = match kind {
        NoteKind::NoClass | NoteKind::NoTtl | NoteKind::NoSoa => Severity::Advice,
        NoteKind::ByteOrderMark if !asked.judged => Severity::Advice,
        _ if is_refused && asked.judged => Severity::Error,
        _ => Severity::Warning,
    };
    let mut finding = Finding::new(asked.id, severity, note.text.clone()).at(span, Text::default());
    if is_refused {
        finding = finding.harm(if kind == NoteKind::ByteOrderMark {
            say!(en: "name servers refuse the zone, or take the mark for a part of the first name", ja: "DNS サーバーがゾーンを断るか、BOM を最初の名前の一部として読みます")
        } else {
            say!(en: "name servers refuse the whole zone", ja: "DNS サーバーがゾーン全体の読み込みを断ります")
        });
    }
    let next = match kind {
        NoteKind::Glued | NoteKind::CutByComment => {
            say!(en: "put the whole value in quotes", ja: "値の全体を引用符 \" で囲んでください")
        }
        NoteKind::NoFinalDot => {
            say!(en: "if the name is whole as it stands, put a dot at its end", ja: "書いてあるとおりの名前なら、末尾に「.」を付けてください")
        }
        NoteKind::TtlOverLimit => say!(en: "write a shorter time", ja: "もっと短い時間にしてください"),
        NoteKind::ByteOrderMark => say!(en: "delete the mark", ja: "BOM を削除してください"),
        NoteKind::LongString => {
            say!(en: "split it into strings of at most 255 bytes", ja: "255 バイトまでの文字列に分けてください")
        }
        NoteKind::StringOverLines => {
            say!(en: "close the quotes on the line on which they are opened", ja: "引用符は、始まった行で閉じてください")
        }
        NoteKind::IndentedDirective => {
            say!(en: "delete the blanks in front of it", ja: "前にある空白を削除してください")
        }
        NoteKind::SecondSoa => say!(en: "keep one SOA", ja: "SOA は 1 つだけ残してください"),
        NoteKind::NoClass | NoteKind::NoTtl | NoteKind::NoSoa => return finding,
    };
    let gone = match kind {
        NoteKind::ByteOrderMark => Some(span),
        NoteKind::IndentedDirective => Some(blanks_before(sources, span)),
        _ => None,
    };
    if let Some(gone) = gone.filter(|gone| asked.judged && gone.start < gone.end) {
        finding = finding.fix(next.clone(), gone, "").safely();
    }
    finding.next(next)
}

/// The blanks between the beginning of a line and a place; nothing where there is something else.
fn blanks_before(sources: &Sources, at: Span) -> Span {
    let before = sources.octets(at.file).get(..at.range().start).unwrap_or_default();
    let blanks = before.iter().rev().take_while(|octet| b" \t".contains(octet)).count();
    let start = before.len() - blanks;
    let begins = before.get(..start).is_some_and(|before| before.last().is_none_or(|octet| b"\r\n".contains(octet)));
    Span::new(at.file, if begins { start..before.len() } else { before.len()..before.len() })
}
