//! Zone text cut into words: quotes, escapes, comments, parentheses (RFC 1035 §5.1). Knows no names and no types.

use std::{borrow::Cow, ops::Range};

use memchr::{memchr, memchr_iter, memchr2, memchr3};

use super::{name::unescape, rdata::RdataError};
use crate::say;

/// One word of zone text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word<'a> {
    /// Its octets, without the quotes; escapes are still there.
    pub(super) raw: &'a [u8],
    /// Whether it stood in quotes.
    pub(super) quoted: bool,
    /// Where `raw` begins, in octets of the whole text.
    pub(super) start: usize,
}

impl<'a> Word<'a> {
    /// Where `raw` stands in the whole text.
    pub(super) fn range(&self) -> Range<usize> {
        self.start..self.start + self.raw.len()
    }

    /// Where it stands in the whole text with its quotes.
    pub(super) fn whole(&self) -> Range<usize> {
        let quotes = usize::from(self.quoted);
        self.start - quotes..self.start + self.raw.len() + quotes
    }

    /// The octets that the word means: escapes undone.
    pub(super) fn decode(&self) -> Result<Cow<'a, [u8]>, RdataError> {
        // A CR stands in a word only if the word is in quotes and spans lines.
        let Some(first) = memchr2(b'\\', b'\r', self.raw) else {
            return Ok(Cow::Borrowed(self.raw));
        };
        let (plain, mut rest) = self.raw.split_at_checked(first).unwrap_or((self.raw, &[]));
        let mut octets = plain.to_vec();
        while let Some((octet, after)) = rest.split_first() {
            rest = after;
            if *octet != b'\\' {
                if !(*octet == b'\r' && after.first() == Some(&b'\n')) {
                    octets.push(*octet);
                }
                continue;
            }
            let Some((octet, used)) = unescape(after) else {
                let at = self.range().end - after.len() - 1;
                return Err(RdataError {
                    range: at..self.range().end.min(at + 4),
                    text: say!(
                        en: r"after \ come three digits (000 to 255) or one other character",
                        ja: r"\ のあとには、3 桁の数字（000〜255）か、数字でない 1 文字を書きます"
                    ),
                });
            };
            octets.push(octet);
            rest = after.get(used..).unwrap_or(&[]);
        }
        Ok(Cow::Owned(octets))
    }
}

/// What comes next in zone text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Item<'a> {
    /// A word.
    Word(Word<'a>),
    /// The end of a line that is not inside parentheses, so the end of a record.
    Line,
}

/// Most octets in which the end of a string that spans lines is sought: no string of any record is longer.
const OVER_LINES_MAX: usize = 65_535;

/// Cuts zone text into words and line ends.
#[derive(Clone, Debug)]
pub(super) struct Lexer<'a> {
    /// The whole text.
    text: &'a [u8],
    /// Where the next octet is.
    at: usize,
    /// How many parentheses are open.
    depth: usize,
    /// Where the outermost of them stands.
    outermost: usize,
    /// How many lines ended so far.
    lines: usize,
    /// Whether quotes may span lines.
    over_lines: bool,
    /// The first control character in a word.
    control: Option<usize>,
    /// The first string that spans lines.
    spanning: Option<Range<usize>>,
}

/// What an octet outside of quotes does to a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Nothing.
    Plain,
    /// It ends the word.
    End,
    /// Another octet follows that belongs to it.
    Escape,
    /// It should not stand there.
    Control,
}

/// The class of each octet.
const CLASSES: [Class; 256] = {
    let mut classes = [Class::Plain; 256];
    let mut octet = 0;
    while octet < 256 {
        #[allow(clippy::cast_possible_truncation, clippy::indexing_slicing, reason = "below 256, at compile time")]
        {
            classes[octet] = match octet as u8 {
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'(' | b')' | b'"' => Class::End,
                b'\\' => Class::Escape,
                0..0x20 | 0x7f => Class::Control,
                _ => Class::Plain,
            };
        }
        octet += 1;
    }
    classes
};

/// The class of an octet.
fn class(octet: u8) -> Class {
    CLASSES.get(usize::from(octet)).copied().unwrap_or(Class::Plain)
}

impl<'a> Lexer<'a> {
    /// Begins at the octet `at` of `text`.
    pub(super) fn new(text: &'a [u8], at: usize) -> Self {
        Self { text, at, depth: 0, outermost: 0, lines: 0, over_lines: false, control: None, spanning: None }
    }

    /// The same, but strings in quotes may span lines if it is plain where they end.
    pub(super) fn over_lines(self) -> Self {
        Self { over_lines: true, ..self }
    }

    /// Where it goes on.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// How many lines ended so far.
    pub(super) fn lines(&self) -> usize {
        self.lines
    }

    /// The first control character in a word so far.
    pub(super) fn control(&self) -> Option<usize> {
        self.control
    }

    /// The first string so far that spans lines.
    pub(super) fn spanning(&self) -> Option<Range<usize>> {
        self.spanning.clone()
    }

    /// The outermost parenthesis that is open at the end of the text, once that is reached.
    pub(super) fn never_closed(&self) -> Option<usize> {
        (self.depth > 0 && self.at >= self.text.len()).then_some(self.outermost)
    }

    /// The next word or line end; `None` at the end of the text. After an error it can be asked for what follows: behind a parenthesis that
    /// closes nothing, at the end of a line whose quotes are not closed.
    pub(super) fn next(&mut self) -> Result<Option<Item<'a>>, RdataError> {
        while let Some(octet) = self.text.get(self.at) {
            let here = self.at;
            match octet {
                b' ' | b'\t' | b'\r' => self.at += 1,
                b';' => self.at = self.line_end(here),
                b'\n' => {
                    self.at += 1;
                    self.lines += 1;
                    if self.depth == 0 {
                        return Ok(Some(Item::Line));
                    }
                }
                b'(' => {
                    self.at += 1;
                    if self.depth == 0 {
                        self.outermost = here;
                    }
                    self.depth += 1;
                }
                b')' => {
                    self.at += 1;
                    let Some(depth) = self.depth.checked_sub(1) else {
                        return Err(RdataError {
                            range: here..here + 1,
                            text: say!(en: "this parenthesis closes nothing", ja: "対応する ( がありません"),
                        });
                    };
                    self.depth = depth;
                }
                b'"' => return self.quoted(here + 1).map(Some),
                _ => {
                    self.at = self.end_of_word(here);
                    return Ok(Some(Item::Word(self.word(here, self.at, false))));
                }
            }
        }
        match self.never_closed() {
            None => Ok(None),
            Some(at) => Err(RdataError {
                range: at..at + 1,
                text: say!(en: "this parenthesis is never closed", ja: "この ( が閉じられていません"),
            }),
        }
    }

    /// The word in quotes whose first octet is at `start`.
    fn quoted(&mut self, start: usize) -> Result<Item<'a>, RdataError> {
        let (end, spans) = match self.end_of_quotes(start) {
            Some(end) => (end, false),
            None => match self.over_lines.then(|| self.end_over_lines(start)).flatten() {
                Some(end) => (end, true),
                None => {
                    self.at = self.line_end(start);
                    return Err(RdataError {
                        range: start - 1..self.at,
                        text: say!(en: "the quotes are not closed on this line", ja: "引用符 \" がこの行の中で閉じられていません"),
                    });
                }
            },
        };
        let word = self.word(start, end, true);
        if self.control.is_none() {
            // A tab is nothing strange between quotes, and breaks are told otherwise.
            let control = |octet: &u8| octet.is_ascii_control() && !matches!(octet, b'\t' | b'\r' | b'\n');
            self.control = word.raw.iter().position(control).map(|at| start + at);
        }
        self.lines += memchr_iter(b'\n', word.raw).count();
        if spans {
            self.spanning.get_or_insert(start - 1..end + 1);
        }
        self.at = end + 1;
        Ok(Item::Word(word))
    }

    /// Where the quotes that were opened before `start` are closed: on the same line, unless the break stands behind a backslash (as BIND
    /// takes it).
    fn end_of_quotes(&self, start: usize) -> Option<usize> {
        let mut at = start;
        loop {
            let rest = self.text.get(at..)?;
            at += memchr3(b'"', b'\\', b'\n', rest)?;
            match self.text.get(at) {
                Some(b'"') => return Some(at),
                Some(b'\\') => at += 2,
                _ => return None,
            }
        }
    }

    /// Where quotes are closed on a later line. BIND refuses such a string and RFC 1035 allows it. Most often, though, quotes that are not closed
    /// are a mistake on their line; so nothing but blanks, a comment, a parenthesis or other whole strings may follow where they seem to end.
    fn end_over_lines(&self, start: usize) -> Option<usize> {
        let most = self.text.len().min(start + OVER_LINES_MAX);
        let mut at = start;
        let end = loop {
            at += memchr2(b'"', b'\\', self.text.get(at..most)?)?;
            match self.text.get(at) {
                Some(b'"') => break at,
                _ => at += 2,
            }
        };
        let line = self.text.get(end + 1..self.line_end(end))?;
        if !matches!(line.first(), None | Some(b' ' | b'\t' | b'\r' | b')' | b';')) {
            return None;
        }
        let mut rest = Lexer::new(line, 0);
        loop {
            match rest.next() {
                Ok(None) => return Some(end),
                Ok(Some(Item::Word(word))) if word.quoted => {}
                // This one is open since an earlier line, or is closed on a later one.
                Err(error) if line.get(error.range.clone()) == Some(b")") => {}
                Err(error) if line.get(error.range.clone()) == Some(b"(") => return Some(end),
                _ => return None,
            }
        }
    }

    /// Where the word without quotes that begins at `start` ends.
    fn end_of_word(&mut self, start: usize) -> usize {
        let mut at = start;
        loop {
            let rest = self.text.get(at..).unwrap_or(&[]);
            let Some(length) = rest.iter().position(|octet| class(*octet) != Class::Plain) else {
                return self.text.len();
            };
            at += length;
            let control =
                |octet: Option<&u8>| octet.is_some_and(|octet| class(*octet) == Class::Control || *octet == b'\r');
            match rest.get(length).map(|octet| class(*octet)) {
                Some(Class::Escape) if self.text.get(at + 1).is_none_or(|octet| *octet == b'\n') => at += 1,
                Some(Class::Escape) => {
                    if control(self.text.get(at + 1)) {
                        self.control.get_or_insert(at + 1);
                    }
                    at += 2;
                }
                Some(Class::Control) => {
                    self.control.get_or_insert(at);
                    at += 1;
                }
                _ => return at,
            }
        }
    }

    /// Where the line that `start` is in ends: at its LF, or at the end of the text.
    fn line_end(&self, start: usize) -> usize {
        memchr(b'\n', self.text.get(start..).unwrap_or(&[])).map_or(self.text.len(), |at| start + at)
    }

    /// The word between two places.
    fn word(&self, start: usize, end: usize, quoted: bool) -> Word<'a> {
        Word { raw: self.text.get(start..end).unwrap_or(&[]), quoted, start }
    }
}

/// Where the comments of `text` stand, each from its `;` to the end of its line.
pub(super) fn comments(text: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut lexer = Lexer::new(text, 0).over_lines();
    let mut at = 0;
    loop {
        let item = lexer.next();
        // Between two words there are blanks, breaks, parentheses and comments.
        let word = match &item {
            Ok(Some(Item::Word(word))) => Some(word.range().start),
            _ => None,
        };
        let end = word.unwrap_or(lexer.at());
        while let Some(start) = memchr(b';', text.get(at..end).unwrap_or(&[])).map(|length| at + length) {
            at = lexer.line_end(start);
            let comment = text.get(start..at).unwrap_or(&[]);
            found.push(start..start + comment.strip_suffix(b"\r").unwrap_or(comment).len());
        }
        at = lexer.at();
        if matches!(item, Ok(None)) || at >= text.len() && word.is_none() {
            return found;
        }
    }
}

/// The words of text that is one record's data: several lines only in parentheses.
pub(super) fn words(text: &[u8]) -> Result<Vec<Word<'_>>, RdataError> {
    let mut lexer = Lexer::new(text, 0);
    let mut words = Vec::new();
    let mut ended = false;
    while let Some(item) = lexer.next()? {
        match item {
            Item::Line => ended = !words.is_empty(),
            Item::Word(word) if ended => {
                return Err(RdataError {
                    range: word.range(),
                    text: say!(
                        en: "a record ends with its line; put ( ) around several lines",
                        ja: "レコードは 1 行で終わります。複数の行に分けるときは ( ) で囲みます"
                    ),
                });
            }
            Item::Word(word) => words.push(word),
        }
    }
    Ok(words)
}
