//! Where the parts of a record stand in zone text: its words, and the octets of a TXT through quotes, several strings, escapes, parentheses
//! and lines. Knows the signs of RFC 1035 §5.1 only; what a record says is read elsewhere, and held against it.

use std::ops::Range;

use crate::zone::Rtype;

/// A word of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Its place, with the quotes.
    pub(crate) range: Range<usize>,
    /// Whether it stands in quotes.
    pub(crate) quoted: bool,
}

impl Word {
    /// Its place without the quotes.
    pub(crate) fn inner(&self) -> Range<usize> {
        if self.quoted { self.range.start + 1..self.range.end - 1 } else { self.range.clone() }
    }
}

/// A record's parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Its owner; none where it is that of the record before.
    pub(crate) owner: Option<Range<usize>>,
    /// What stands between owner and data, the type last: TTL and class besides.
    pub(crate) header: Vec<Range<usize>>,
    /// The words of its data.
    pub(crate) data: Vec<Word>,
    /// The place of the comment behind the last word, from its `;` to the end of the line.
    pub(crate) comment: Option<Range<usize>>,
    /// Whether a parenthesis is in it.
    pub(crate) parentheses: bool,
}

impl Layout {
    /// The parts of the record of this type at `record`, a range of `text` without the blanks around it. None where its type does not stand
    /// there, as in what a directive made.
    pub(crate) fn of(text: &[u8], record: Range<usize>, rtype: Rtype) -> Option<Self> {
        let mut scan = Scan::new(text, record.clone());
        let mut words: Vec<Word> = Vec::new();
        words.extend(std::iter::from_fn(|| scan.next()));
        let mut words = words.into_iter().peekable();
        // A line that begins with a blank has the owner of the record before.
        let begins = record.start.checked_sub(1).and_then(|at| text.get(at)).is_none_or(|o| !b" \t(".contains(o));
        let owner = if begins { Some(words.next()?.range) } else { None };
        let mut header = Vec::new();
        loop {
            let word = words.next().filter(|word| !word.quoted && header.len() < 3)?;
            header.push(word.range.clone());
            let written = text.get(word.range).and_then(|octets| std::str::from_utf8(octets).ok())?;
            if written.parse::<Rtype>().is_ok_and(|found| found == rtype) {
                break;
            }
        }
        let data: Vec<Word> = words.collect();
        let end = data.last().map_or(record.end, |word| word.range.end);
        Some(Self { owner, header, data, comment: comment(text, end), parentheses: scan.parentheses })
    }

    /// Where the octets of the joined strings of a TXT stand, if the text says `value`.
    pub(crate) fn places(&self, text: &[u8], value: &[u8]) -> Option<Places> {
        let mut octets = Vec::with_capacity(value.len());
        for (place, octet) in self.octets(text) {
            // A text with octets that are no characters is kept with `?` in their place.
            if value.get(octets.len()).is_none_or(|wanted| *wanted != octet && octet != b'?') {
                return None;
            }
            octets.push((place.start, place.end));
        }
        let end = self.data.last()?.inner().end;
        (octets.len() == value.len()).then_some(Places { octets, end })
    }

    /// The octets that the data's words mean, one after the other, each with the place of what stands for it.
    pub(crate) fn octets(&self, text: &[u8]) -> impl Iterator<Item = (Range<usize>, u8)> {
        self.data.iter().flat_map(move |word| decode(text, word.inner()))
    }
}

/// Where each octet of a TXT stands.
#[derive(Debug)]
pub(crate) struct Places {
    octets: Vec<(usize, usize)>,
    /// Where the last string ends.
    end: usize,
}

impl Places {
    /// The place of a range of octets. An empty one stands before the octet that follows it, or at the end of the last string.
    pub(crate) fn of(&self, range: &Range<usize>) -> Option<Range<usize>> {
        if range.is_empty() {
            let at = match self.octets.get(range.start) {
                Some((start, _)) => *start,
                None => Some(self.end).filter(|_| range.start == self.octets.len())?,
            };
            return Some(at..at);
        }
        let (start, _) = self.octets.get(range.start)?;
        let (_, end) = self.octets.get(range.end - 1)?;
        Some(*start..*end)
    }
}

/// What the octets of a word mean, escapes undone, each with its place. A broken escape is nothing.
pub(crate) fn decode(text: &[u8], word: Range<usize>) -> impl Iterator<Item = (Range<usize>, u8)> {
    let mut at = word.start;
    std::iter::from_fn(move || {
        let rest = text.get(at..word.end)?;
        let digit = |octet: &u8| octet.is_ascii_digit().then(|| u16::from(*octet - b'0'));
        let (length, octet) = match rest {
            [] => return None,
            [b'\\', a, b, c, ..] if a.is_ascii_digit() => {
                (4, u8::try_from(digit(a)? * 100 + digit(b)? * 10 + digit(c)?).ok()?)
            }
            [b'\\', octet, ..] => (2, *octet),
            [octet, ..] => (1, *octet),
        };
        let place = at..at + length;
        at += length;
        Some((place, octet))
    })
}

/// Where a record itself stands in its lines: without the blanks and the comments around it.
pub(crate) fn extent(text: &[u8], lines: Range<usize>) -> Range<usize> {
    let mut scan = Scan::new(text, lines.clone());
    let Some(first) = scan.next() else { return lines };
    let last = std::iter::from_fn(|| scan.next()).last().map_or(first.range.end, |word| word.range.end);
    first.range.start..last
}

/// The comment that begins behind `end`, on the same line, up to the line's end.
fn comment(text: &[u8], end: usize) -> Option<Range<usize>> {
    let rest = text.get(end..)?;
    let before = rest.iter().take_while(|octet| b" \t)".contains(octet)).count();
    rest.get(before).filter(|octet| **octet == b';')?;
    let length = rest.iter().skip(before).position(|octet| b"\r\n".contains(octet)).unwrap_or(rest.len() - before);
    Some(end + before..end + before + length)
}

/// Goes over the words of records.
pub(crate) struct Scan<'t> {
    text: &'t [u8],
    at: usize,
    end: usize,
    depth: usize,
    /// Whether a parenthesis was met.
    parentheses: bool,
    /// Whether the end of a record was met, which is that of a line outside of parentheses.
    pub(crate) ended: bool,
}

impl<'t> Scan<'t> {
    /// The words of a range of `text`.
    pub(crate) fn new(text: &'t [u8], range: Range<usize>) -> Self {
        let end = range.end.min(text.len());
        Self { text, at: range.start, end, depth: 0, parentheses: false, ended: false }
    }

    /// Where from `at` on such an octet stands, or the end.
    fn find(&self, at: usize, wanted: impl Fn(&u8) -> bool) -> usize {
        let rest = self.text.get(at..self.end).unwrap_or_default();
        rest.iter().position(wanted).map_or(self.end, |found| at + found)
    }

    /// The next word; none behind quotes that are not closed.
    pub(crate) fn next(&mut self) -> Option<Word> {
        loop {
            let here = self.at;
            match self.text.get(here).filter(|_| here < self.end)? {
                octet @ (b'(' | b')') => {
                    self.parentheses = true;
                    self.depth = if *octet == b'(' { self.depth + 1 } else { self.depth.saturating_sub(1) };
                    self.at += 1;
                }
                octet @ (b' ' | b'\t' | b'\r' | b'\n') => {
                    self.ended |= *octet == b'\n' && self.depth == 0;
                    self.at += 1;
                }
                b';' => self.at = self.find(here, |octet| b"\r\n".contains(octet)),
                b'"' => {
                    let mut at = here + 1;
                    loop {
                        at = self.find(at, |octet| b"\"\\".contains(octet));
                        match self.text.get(at).filter(|_| at < self.end)? {
                            b'\\' => at += 2,
                            _ => break,
                        }
                    }
                    self.at = at + 1;
                    return Some(Word { range: here..self.at, quoted: true });
                }
                _ => {
                    let mut at = here;
                    loop {
                        at = self.find(at, |octet| b" \t\r\n;()\"\\".contains(octet));
                        if self.text.get(at).filter(|_| at < self.end) != Some(&b'\\') {
                            break;
                        }
                        at = (at + 2).min(self.end);
                    }
                    self.at = at;
                    return Some(Word { range: here..at, quoted: false });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::{MasterFile, Name};
    use proptest::{collection::vec, prelude::*, sample::select};

    /// What the only record of `text` has at `octets` of its TXT, as it is written.
    fn written(text: &str, octets: Range<usize>) -> Option<&str> {
        let read = MasterFile::read(text.as_bytes(), &Name::parse_absolute("example.com").unwrap());
        let record = read.records.last().unwrap();
        let extent = extent(text.as_bytes(), record.range.clone());
        let layout = Layout::of(text.as_bytes(), extent, record.rtype)?;
        let place = layout.places(text.as_bytes(), &record.rdata.txt_joined())?.of(&octets)?;
        text.get(place)
    }

    #[test]
    fn through_quotes_strings_escapes_and_lines() {
        assert_eq!(written("@ TXT \"v=spf1 mx -all\" ; c", 7..9), Some("mx"));
        assert_eq!(written("@ TXT \"v=spf1 \" \"mx -all\"", 7..9), Some("mx"));
        assert_eq!(written("@ TXT \"v=spf1 m\" \"x -all\"", 7..9), Some("m\" \"x"));
        assert_eq!(written("@ TXT \"a\\;b\\098c\"", 1..4), Some("\\;b\\098"));
        assert_eq!(written("@ 1h IN TXT ( \"ab\" ; one\n  \"cd\" ) ; two\n", 2..4), Some("cd"));
        assert_eq!(written("@ IN 60 TYPE16 v=spf1", 2..6), Some("spf1"));
        assert_eq!(written("@ A 192.0.2.1\n  TXT x", 0..1), Some("x"));
        assert_eq!(written("TXT TXT TXT", 0..3), Some("TXT"));
        assert_eq!(written("@ TXT \"\"", 0..0), Some(""));
        assert_eq!(written("@ TXT \\# 3 026162", 0..1), None, "no strings stand there");
    }

    #[test]
    fn a_record_without_what_is_around_it() {
        let text = "  ; a\n www ( A ; b\n 192.0.2.1 ) ; c";
        assert_eq!(text.get(extent(text.as_bytes(), 0..text.len())), Some("www ( A ; b\n 192.0.2.1"));
        let text = "www A 192.0.2.1 ; c\r\nx";
        let layout = Layout::of(text.as_bytes(), 0..15, Rtype::A).unwrap();
        assert_eq!(layout.comment.and_then(|c| text.get(c)), Some("; c"));
        assert_eq!(layout.owner, Some(0..3));
        assert_eq!(layout.data[0].range, 6..15);
    }

    /// A string as somebody may write it, and what it means.
    fn string() -> impl Strategy<Value = (String, Vec<u8>)> {
        let octet = (any::<u8>(), 0..4u8).prop_map(|(octet, how)| match (octet, how) {
            (b'a'..=b'z' | b'=' | b':', 0..=2) => (char::from(octet).to_string(), octet),
            (b'!'..=b'/' | b':'..=b'~', 3) => (format!("\\{}", char::from(octet)), octet),
            _ => (format!("\\{octet:03}"), octet),
        });
        (vec(octet, 1..8), any::<bool>()).prop_map(|(octets, quoted)| {
            let written: String = octets.iter().map(|(written, _)| written.as_str()).collect();
            let meant = octets.iter().map(|(_, octet)| *octet).collect();
            (if quoted { format!("\"{written}\"") } else { written }, meant)
        })
    }

    proptest! {
        /// Each octet of a TXT is found where what stands for it stands, whatever is between.
        #[test]
        fn each_octet_has_its_place(
            strings in vec(string(), 1..5),
            gaps in vec(select(vec![" ", "\t", " ; \"c\" (\n ", "\r\n", "\n  ", "  "]), 5),
        ) {
            let mut text = "s1 TXT (".to_owned();
            for ((written, _), gap) in strings.iter().zip(&gaps) {
                text.push_str(gap);
                text.push_str(written);
            }
            text.push_str(" ) ; end\n");
            let value: Vec<u8> = strings.iter().flat_map(|(_, meant)| meant.clone()).collect();
            let layout = Layout::of(text.as_bytes(), extent(text.as_bytes(), 0..text.len()), Rtype::TXT).unwrap();
            prop_assert_eq!(layout.data.len(), strings.len());
            let places = layout.places(text.as_bytes(), &value).unwrap();
            for at in 0..value.len() {
                let place = places.of(&(at..at + 1)).unwrap();
                let decoded: Vec<u8> = decode(text.as_bytes(), place).map(|(_, octet)| octet).collect();
                prop_assert_eq!(decoded, &value[at..=at]);
            }
            let whole = places.of(&(0..value.len())).unwrap();
            let (first, last) = (layout.data.first().unwrap().inner(), layout.data.last().unwrap().inner());
            prop_assert_eq!(whole, first.start..last.end);
        }

        /// No text makes it leave the text or stop.
        #[test]
        fn any_octets_end(octets in vec(select(b"aT \t\r\n;()\"\\019".to_vec()), 0..40), from in 0usize..40) {
            let range = extent(&octets, from.min(octets.len())..octets.len());
            prop_assert!(range.end <= octets.len());
            for rtype in [Rtype::TXT, Rtype::A] {
                if let Some(layout) = Layout::of(&octets, range.clone(), rtype) {
                    prop_assert!(layout.octets(&octets).all(|(place, _)| place.end <= octets.len()));
                }
            }
        }
    }
}
