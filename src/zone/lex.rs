//! Zone text cut into words: quotes, escapes, comments, parentheses (RFC 1035 §5.1). Knows no names and no types.

use std::{borrow::Cow, ops::Range};

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

    /// The octets that the word means: escapes undone.
    pub(super) fn decode(&self) -> Result<Cow<'a, [u8]>, RdataError> {
        let Some(first) = self.raw.iter().position(|octet| *octet == b'\\') else {
            return Ok(Cow::Borrowed(self.raw));
        };
        let (plain, mut rest) = self.raw.split_at_checked(first).unwrap_or((self.raw, &[]));
        let mut octets = plain.to_vec();
        while let Some((octet, after)) = rest.split_first() {
            rest = after;
            if *octet != b'\\' {
                octets.push(*octet);
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
}

impl<'a> Lexer<'a> {
    /// Begins at the octet `at` of `text`.
    pub(super) fn new(text: &'a [u8], at: usize) -> Self {
        Self { text, at, depth: 0, outermost: 0 }
    }

    /// Where it goes on.
    pub(super) fn at(&self) -> usize {
        self.at
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
                b';' => self.at = self.find(here, |octet| octet == b'\n'),
                b'\n' => {
                    self.at += 1;
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
        let mut at = start;
        loop {
            at = self.find(at, |octet| matches!(octet, b'"' | b'\\' | b'\n'));
            match self.text.get(at) {
                Some(b'"') => {
                    self.at = at + 1;
                    return Ok(Item::Word(self.word(start, at, true)));
                }
                Some(b'\\') if self.text.get(at + 1).is_some_and(|octet| *octet != b'\n') => at += 2,
                // Quotes do not span lines in BIND and most others.
                _ => {
                    self.at = self.find(at, |octet| octet == b'\n');
                    return Err(RdataError {
                        range: start - 1..self.at,
                        text: say!(en: "the quotes are not closed on this line", ja: "引用符 \" がこの行の中で閉じられていません"),
                    });
                }
            }
        }
    }

    /// Where the word without quotes that begins at `start` ends.
    fn end_of_word(&self, start: usize) -> usize {
        let mut at = start;
        loop {
            at = self
                .find(at, |octet| matches!(octet, b' ' | b'\t' | b'\r' | b'\n' | b';' | b'(' | b')' | b'"' | b'\\'));
            match self.text.get(at) {
                Some(b'\\') if self.text.get(at + 1).is_some_and(|octet| *octet != b'\n') => at += 2,
                Some(b'\\') => at += 1,
                _ => return at,
            }
        }
    }

    /// The first place from `start` on with such an octet, or the end of the text.
    fn find(&self, start: usize, wanted: impl Fn(u8) -> bool) -> usize {
        let rest = self.text.get(start..).unwrap_or(&[]);
        rest.iter().position(|octet| wanted(*octet)).map_or(self.text.len(), |at| start + at)
    }

    /// The word between two places.
    fn word(&self, start: usize, end: usize, quoted: bool) -> Word<'a> {
        Word { raw: self.text.get(start..end).unwrap_or(&[]), quoted, start }
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
