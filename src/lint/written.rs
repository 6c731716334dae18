//! TXT of a zone text that say something else than was written: cut by a `;`, glued for want of quotes, too long for a string. The rules of the
//! other files see them as they were meant, so that one mistake is told once.

use std::ops::Range;

use crate::mail::tags::{Tag, TagList};
use crate::report::{Confidence, Finding, Severity, Span, Text, excerpt};
use crate::say;
use crate::zone::{Rdata, Record, Rtype};

use super::hosts::counted;
use super::layout::{Layout, Word, decode};
use super::txt::{Meant, is_alone, is_secret};
use super::{Findings, Rule, Seen, View};

/// The rules of this family.
pub(super) const RULES: &[Rule] = &[Rule {
    id: "txt-unquoted",
    en: "a TXT with spaces or `;` stands in quotes",
    ja: "空白や `;` のある TXT が引用符で囲まれている",
    source: "RFC 1035 §5.1",
    check: unquoted,
}];

/// What became of a TXT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Damage {
    /// The record's number among those of the view.
    pub(crate) record: u32,
    /// What kind.
    pub(crate) kind: DamageKind,
}

/// How a TXT says something else than was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DamageKind {
    /// What stands behind a `;` outside quotes is a comment.
    Cut {
        /// The place of the whole value, from its first word.
        value: Range<usize>,
        /// Octets that are lost.
        lost: usize,
    },
    /// Words without quotes are joined without a space.
    Glued {
        /// The place of the words.
        value: Range<usize>,
        /// How many there are.
        words: usize,
        /// What is read.
        read: Vec<u8>,
    },
    /// A string has more than 255 octets.
    Long,
}

/// Versions by which the tag lists of mail begin.
const VERSIONS: [&[u8]; 5] = [b"v=DKIM1", b"v=DMARC1", b"v=STSv1", b"v=TLSRPTv1", b"v=BIMI1"];

/// What a record of a zone text was meant to be, where its text is damaged: the record that was meant, and the damage.
pub(crate) fn meant(text: &[u8], span: Range<usize>, record: &Record) -> Option<(Option<Record>, DamageKind)> {
    if record.rtype != Rtype::TXT {
        return None;
    }
    let layout = Layout::of(text, span, record.rtype)?;
    let [first, ..] = layout.data.as_slice() else { return None };
    let last = layout.data.last()?;
    let with = |value: &[u8]| Some(Record { rdata: Rdata::txt(value).ok()?, ..record.clone() });
    if let Some((end, lost)) = layout.comment.as_ref().and_then(|comment| tags_in(text, comment)) {
        // Behind quotes comes a comment, unless they are closed behind the version already.
        let quoted = layout.data.iter().any(|word| word.quoted);
        let closed = |value: &[u8]| VERSIONS.iter().any(|version| value.trim_ascii().eq_ignore_ascii_case(version));
        let words = if quoted { first.inner() } else { first.range.start..last.range.end };
        let mut value = plain(text, words)?;
        if layout.parentheses || quoted && !(layout.data.len() == 1 && closed(&value)) {
            return None;
        }
        value.extend(plain(text, last.range.end..end)?);
        let record = with(&value)?;
        let kind = Meant::of(&Seen::new(record.clone(), Vec::new(), None));
        let begins =
            |version: &&[u8]| value.get(..version.len()).is_some_and(|head| head.eq_ignore_ascii_case(version));
        if kind.is_some_and(|kind| kind != Meant::Spf) || VERSIONS.iter().any(begins) {
            return Some((Some(record), DamageKind::Cut { value: first.range.start..end, lost }));
        }
        return None;
    }
    if layout.data.len() < 2 || layout.parentheses || layout.data.iter().any(|word| word.quoted) {
        return None;
    }
    // The general form of RFC 3597 §5 has words, but no strings.
    if text.get(first.range.clone()) == Some(br"\#") {
        return None;
    }
    let range = first.range.start..last.range.end;
    let meant = with(&plain(text, range.clone())?)?;
    let read = record.rdata.txt_joined();
    let damage = DamageKind::Glued { value: range, words: layout.data.len(), read };
    match Meant::of(&Seen::new(meant.clone(), Vec::new(), None)) {
        Some(kind) if kind.fits(&record.rdata.txt_joined()) => None,
        Some(_) => Some((Some(meant), damage)),
        None => Some((None, damage)),
    }
}

/// What a piece of a line means, blanks included, if it has nothing that only a whole record's text could tell.
fn plain(text: &[u8], range: Range<usize>) -> Option<Vec<u8>> {
    let octets = text.get(range.clone())?;
    let plain = !octets.iter().any(|octet| b"\r\n()\"".contains(octet));
    plain.then(|| decode(text, range).map(|(_, octet)| octet).collect())
}

/// Where in a comment the tags `name=value;` end that it begins with, and how many octets of them there are; none if it begins otherwise.
fn tags_in(text: &[u8], comment: &Range<usize>) -> Option<(usize, usize)> {
    let octets = text.get(comment.start + 1..comment.end)?;
    let (mut at, mut end) = (comment.start + 1, None);
    for segment in octets.split(|octet| *octet == b';') {
        let inner = segment.trim_ascii();
        let name = inner.iter().take_while(|octet| octet.is_ascii_alphanumeric() || **octet == b'_').count();
        let equals = inner.get(name..).is_some_and(|rest| rest.trim_ascii_start().first() == Some(&b'='));
        if name > 0 && equals {
            end = Some(at + segment.trim_ascii_end().len());
        } else if inner.is_empty() && end.is_some() {
            end = Some(at);
        } else {
            break;
        }
        at += segment.len() + 1;
    }
    end.map(|end| (end, end - comment.start))
}

fn unquoted(view: &View<'_>, out: &mut Findings) {
    const ID: &str = "txt-unquoted";
    for damage in view.damages {
        let Some(seen) = view.record(damage.record) else { continue };
        let Some(file) = seen.span().map(|span| span.file) else { continue };
        let (kind, value) = (Meant::of(seen), seen.txt().unwrap_or_default());
        // A private key has a finding of its own, which says nothing of it.
        if kind.is_some_and(|kind| is_secret(kind, value)) {
            continue;
        }
        // What a `;` cut off a tag list was meant as its rest, right or wrong.
        let is_clear = |kind: Meant| match damage.kind {
            DamageKind::Cut { .. } => continues(kind, value),
            DamageKind::Glued { .. } | DamageKind::Long => kind.fits(value),
        };
        let safe = kind.is_some_and(|kind| is_clear(kind) && is_alone(view, seen, kind));
        let (what, harm) = match kind {
            Some(kind) => (say!(en: "{kind} record", ja: "{kind} レコード", kind = kind.word()), kind.harm()),
            None => (
                say!(en: "TXT", ja: "TXT"),
                say!(en: "whoever looks for the value finds another one", ja: "この値を確かめる相手には、違う値に見えます"),
            ),
        };
        let (range, severity, title) = match &damage.kind {
            DamageKind::Cut { value, lost } => (
                value.clone(),
                Severity::Error,
                say!(
                    en: "a `;` outside quotes begins a comment: {bytes} of this {what} are lost",
                    ja: "引用符の外の `;` から後ろはコメントになるため、{what}の {lost} バイトが抜け落ちています",
                    bytes = counted(*lost, "byte", "bytes"); what = what
                ),
            ),
            DamageKind::Glued { value, words, read } => (
                value.clone(),
                if kind.is_some() { Severity::Error } else { Severity::Warning },
                say!(
                    en: "{words} words without quotes are joined without a space: this {what} is read as {read}",
                    ja: "引用符がないため、{words} つの語が空白なしでつながり、{what}は {read} になっています",
                    read = excerpt(&String::from_utf8_lossy(read), 60); what = what
                ),
            ),
            DamageKind::Long => continue,
        };
        let span = Span::new(file, range);
        let name = seen.record.name.display_without_dot().to_string();
        let next = say!(en: "put the whole value in quotes", ja: "値の全体を引用符 \" で囲んでください");
        let mut finding = Finding::new(ID, severity, title)
            .at(span, Text::default())
            .about(name, seen.record.rtype.to_string())
            .harm(harm)
            .next(next.clone());
        // Two strings may be meant where nobody in mail reads them.
        if kind.is_none() && matches!(damage.kind, DamageKind::Glued { .. }) {
            finding = finding.confidence(Confidence::Medium);
        }
        let meant = match &damage.kind {
            DamageKind::Glued { value, .. } if kind.is_none() => {
                plain(view.sources.octets(file), value.clone()).and_then(|value| Rdata::txt(&value).ok())
            }
            _ => Some(seen.record.rdata.clone()),
        };
        if let Some(meant) = meant {
            finding = finding.fix(next, span, meant.present(Rtype::TXT)).safely_if(safe);
        }
        out.push(finding);
    }
}

/// Whether a value that a `;` cuts is the tag list of its kind from end to end, whatever is wrong with what the tags say: tags that the kind
/// knows have values, and no prose follows one. Of a list without a fault one such tag says enough.
fn continues(kind: Meant, value: &[u8]) -> bool {
    let (tags, _) = TagList::parse(value);
    // Words may stand apart where a list has its signs.
    let is_prose = |value: &[u8]| {
        let words: Vec<&[u8]> = value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect();
        let sign = |octet: Option<&u8>| octet.is_some_and(|octet| b",:".contains(octet));
        words.iter().zip(words.iter().skip(1)).any(|(word, next)| !sign(word.last()) && !sign(next.first()))
    };
    let is_plain = |tag: &Tag| {
        let (name, value) = (tags.name(tag), tags.slice(tag.value.clone()));
        let known = kind.tags().iter().any(|known| name.eq_ignore_ascii_case(known));
        // White space within a key says nothing (RFC 6376 §3.6.1).
        known && !value.is_empty() && (name == b"p" && kind == Meant::Dkim || !is_prose(value))
    };
    let others: Vec<&Tag> = tags.tags().iter().filter(|tag| tags.name(tag) != b"v").collect();
    let is_clear = |tag: &&Tag| is_plain(tag);
    if kind.fits(value) { others.iter().any(is_clear) } else { !others.is_empty() && others.iter().all(is_clear) }
}

/// Most octets of a character-string (RFC 1035 §3.3).
const STRING_MAX: usize = 255;

/// What is put where, so that a word is one or more strings of at most 255 octets; nothing where it is no longer than that.
pub(crate) fn splits(text: &[u8], word: &Word) -> Vec<(usize, &'static str)> {
    let octets = decode(text, word.inner()).enumerate().skip(1);
    let cuts = octets.filter(|(number, _)| number % STRING_MAX == 0).map(|(_, (place, _))| (place.start, "\" \""));
    let cuts: Vec<_> = cuts.collect();
    if cuts.is_empty() || word.quoted {
        return cuts;
    }
    let (start, end) = (word.range.start, word.range.end);
    [(start, "\"")].into_iter().chain(cuts).chain([(end, "\"")]).collect()
}

/// The strings of more than 255 octets.
pub(super) fn long_strings(view: &View<'_>, out: &mut Findings) {
    for damage in view.damages.iter().filter(|damage| damage.kind == DamageKind::Long) {
        let Some(seen) = view.record(damage.record) else { continue };
        let (Some(span), Some(layout)) = (seen.span(), view.layout(seen)) else { continue };
        let text = view.sources.octets(span.file);
        for word in layout.data.iter().filter(|word| word.range.len() > STRING_MAX) {
            let cuts = splits(text, word);
            let Some(((first, with), rest)) = cuts.split_first() else { continue };
            let length = decode(text, word.inner()).count();
            let at = |at: usize| Span::new(span.file, at..at);
            let next =
                say!(en: "split it into strings of at most 255 bytes", ja: "255 バイトまでの文字列に分けてください");
            let name = seen.record.name.display_without_dot().to_string();
            let mut finding = Finding::error(
                "txt-string-over-255",
                say!(en: "{length} bytes in one string; 255 fit", ja: "1 つの文字列が {length} バイトあります。入るのは 255 バイトまでです"),
            )
            .at(Span::new(span.file, word.range.clone()), Text::default())
            .about(name, seen.record.rtype.to_string())
            .harm(say!(en: "name servers refuse the whole zone", ja: "DNS サーバーがゾーン全体の読み込みを断ります"))
            .next(next.clone())
            .fix(next, at(*first), *with)
            .safely();
            if let Some(fix) = &mut finding.fix {
                fix.more = rest.iter().map(|(place, with)| (at(*place), (*with).to_owned())).collect();
            }
            out.push(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::{MasterFile, Name};

    /// What the only record of `text` was meant to say, and what kind of damage it has.
    fn damage(text: &str) -> Option<(Option<String>, DamageKind)> {
        let read = MasterFile::read(text.as_bytes(), &Name::parse_absolute("example.com").unwrap());
        let record = read.records[0].clone();
        let span = super::super::layout::extent(text.as_bytes(), record.range.clone());
        let (meant, kind) = meant(text.as_bytes(), span, &record.into_record(0))?;
        Some((meant.map(|record| String::from_utf8(record.rdata.txt_joined()).unwrap()), kind))
    }

    #[test]
    fn a_semicolon_outside_quotes_cuts_and_a_comment_does_not() {
        let cut = |text: &str| match damage(text)? {
            (Some(meant), DamageKind::Cut { lost, .. }) => Some((meant, lost)),
            other => panic!("{other:?}"),
        };
        assert_eq!(cut("_dmarc TXT v=DMARC1; p=none"), Some(("v=DMARC1; p=none".into(), 8)));
        assert_eq!(cut("_dmarc TXT v=DMARC1; p=none; "), Some(("v=DMARC1; p=none;".into(), 9)));
        assert_eq!(cut("_dmarc TXT v=DMARC1 ; p=none ; until May\r\n"), Some(("v=DMARC1 ; p=none".into(), 8)));
        assert_eq!(cut("_dmarc TXT \"v=DMARC1\"; p=none"), Some(("v=DMARC1; p=none".into(), 8)));
        assert_eq!(cut("s1._domainkey TXT v=DKIM1;k=rsa;p="), Some(("v=DKIM1;k=rsa;p=".into(), 9)));
        assert_eq!(cut("dmarc TXT v=DMARC1; p=none"), Some(("v=DMARC1; p=none".into(), 8)), "at a wrong name too");
        for sound in [
            "_dmarc TXT \"v=DMARC1; p=none\" ; changed=2026-05",
            "_dmarc TXT v=DMARC1 ; the policy",
            "@ TXT MS=ms123 ; owner=it",
            "@ TXT MS=ms123",
        ] {
            assert_eq!(damage(sound), None, "{sound}");
        }
    }

    #[test]
    fn words_without_quotes_are_glued() {
        let glued = |text: &str| match damage(text)? {
            (meant, DamageKind::Glued { words, read, .. }) => Some((meant, words, String::from_utf8(read).unwrap())),
            other => panic!("{other:?}"),
        };
        assert_eq!(glued("@ TXT v=spf1 -all"), Some((Some("v=spf1 -all".into()), 2, "v=spf1-all".into())));
        assert_eq!(glued("@ TXT two words"), Some((None, 2, "twowords".into())));
        assert_eq!(glued("@ TXT \"v=spf1 \" \"-all\""), None);
        assert_eq!(glued("@ TXT v=spf1"), None);
        assert_eq!(glued("@ TXT \\# 3 026162"), None);
        assert_eq!(glued("s1._domainkey TXT k=rsa p="), Some((Some("k=rsa p=".into()), 2, "k=rsap=".into())));
    }
}
