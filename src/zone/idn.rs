//! Names in Unicode to A-labels and back (UTS 46 non-transitional, RFC 5890), and what the conversion changed without asking.
//!
//! Works on text before a [`Name`] is made of it. Which names must be converted, the caller knows.

use std::fmt;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

use super::Name;
use crate::{report::Text, say};

/// Most octets of text that is converted. Four times a name's 255: no longer text becomes a name.
const INPUT_MAX: usize = 1020;

/// A converted name, in presentation format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idn {
    /// The name with A-labels. Text that is all ASCII comes back as it was, in its own case.
    pub ascii: String,
    /// Characters that were replaced or dropped and that a person may not have meant to write, in order.
    pub mapped: Vec<Mapped>,
}

/// One character that UTS 46 replaced or dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapped {
    /// The character.
    pub character: char,
    /// Its position in the text, in characters, the first being 1.
    pub position: usize,
    /// What became of it.
    pub change: Change,
}

/// What UTS 46 makes of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A full-width ASCII character, to the ASCII character.
    FullWidth(char),
    /// An ideographic full stop (U+3002, U+FF0E, U+FF61), to the dot between labels.
    FullStop,
    /// An invisible character, to nothing.
    Dropped,
}

impl Mapped {
    /// The sentence for people.
    #[must_use]
    pub fn text(&self) -> Text {
        let Self { character, position, change } = *self;
        let code = u32::from(character);
        match change {
            Change::FullWidth(ascii) => say!(
                en: "character {position} is the full-width {character} (U+{code:04X}); it was read as {ascii}",
                ja: "{position} 文字目の {character} は全角です（U+{code:04X}）。半角の {ascii} として読みました"
            ),
            Change::FullStop => say!(
                en: "character {position} is the full stop {character} (U+{code:04X}); it was read as a dot",
                ja: "{position} 文字目の {character}（U+{code:04X}）は、半角の点 . として読みました"
            ),
            Change::Dropped => say!(
                en: "character {position} is invisible (U+{code:04X}); it was left out",
                ja: "{position} 文字目に見えない文字があります（U+{code:04X}）。取り除いて読みました"
            ),
        }
    }
}

/// Converts a name to A-labels: UTS 46, non-transitional, so that `ß` stays another letter than `ss`. Labels with `_` or `*` pass.
/// The result is presentation format for [`Name::parse`], which checks the limits.
///
/// # Errors
/// Text over 1,020 octets, characters that no name can have, and in text that is not all ASCII also those that mean something in
/// presentation format: an escape and a conversion in one name contradict each other.
pub fn to_ascii(text: &str) -> Result<Idn, IdnError> {
    if text.is_ascii() {
        return Ok(Idn { ascii: text.to_owned(), mapped: Vec::new() });
    }
    if text.len() > INPUT_MAX {
        return Err(IdnError::TooLong { octets: text.len() });
    }
    let mut mapped = Vec::new();
    for (position, character) in (1..).zip(text.chars()) {
        let change = change(character);
        let plain = match change {
            Some(Change::FullWidth(ascii)) => ascii,
            _ => character,
        };
        // U+3000 is the full-width space.
        if plain.is_ascii_control() || plain.is_whitespace() || "\\\"();@$".contains(plain) {
            return Err(IdnError::Character { character, position });
        }
        mapped.extend(change.map(|change| Mapped { character, position, change }));
    }
    if let Some(ascii) = convert(text) {
        return Ok(Idn { ascii, mapped });
    }
    // The library does not say which character it was. One that is refused alone and behind a letter is: a combining mark cannot stand alone,
    // and a letter written from right to left cannot follow an `a`.
    let refused =
        |character: char| convert(&character.to_string()).is_none() && convert(&format!("a{character}")).is_none();
    let bad = (1..).zip(text.chars()).find(|(_, character)| change(*character).is_none() && refused(*character));
    Err(bad.map_or(IdnError::Label, |(position, character)| IdnError::Character { character, position }))
}

/// UTS 46, and nothing in the result that means something in presentation format: compatibility characters can turn into anything, such as
/// U+2474 into `(1)`.
fn convert(text: &str) -> Option<String> {
    let ascii = Uts46::new().to_ascii(text.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow, DnsLength::Ignore).ok()?;
    let plain = ascii.bytes().all(|octet| octet.is_ascii_graphic() && !b"\\\"();@$".contains(&octet));
    plain.then(|| ascii.into_owned())
}

/// The name in Unicode without its final dot, to be shown beside the A-labels; `None` if it has no A-label or one that is not valid.
#[must_use]
pub fn to_unicode(name: &Name) -> Option<String> {
    let prefix = |label: &[u8]| label.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"xn--"));
    if !name.labels().any(prefix) {
        return None;
    }
    let text = name.display_without_dot().to_string();
    // Escapes would be taken for characters.
    if text.contains('\\') {
        return None;
    }
    let (unicode, valid) = Uts46::new().to_unicode(text.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow);
    valid.is_ok().then(|| unicode.into_owned())
}

/// What happens to a character without asking, if it is one that people write by mistake.
fn change(character: char) -> Option<Change> {
    match character {
        '\u{3002}' | '\u{ff0e}' | '\u{ff61}' => Some(Change::FullStop),
        // The full-width forms of `!` to `~` stand in the same order.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0).map(Change::FullWidth),
        '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{2064}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' => Some(Change::Dropped),
        _ => None,
    }
}

/// Text that cannot be made a name with A-labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdnError {
    /// Longer than any name.
    TooLong {
        /// Its octets in UTF-8.
        octets: usize,
    },
    /// A character that cannot be in such a name.
    Character {
        /// The character.
        character: char,
        /// Its position in the text, in characters, the first being 1.
        position: usize,
    },
    /// A label breaks a rule as a whole: direction of writing, a joiner or combining mark in the wrong place, `xn--` with nothing valid.
    Label,
}

impl IdnError {
    /// The sentence for people.
    #[must_use]
    pub fn text(&self) -> Text {
        match *self {
            Self::TooLong { octets } => say!(
                en: "{octets} bytes; no name is that long",
                ja: "{octets} バイトあります。これほど長い名前はありません"
            ),
            Self::Character { character, position } => {
                let (shown, code) = (character.escape_debug(), u32::from(character));
                say!(
                    en: "character {position}, {shown} (U+{code:04X}), cannot be in a name",
                    ja: "{position} 文字目の {shown}（U+{code:04X}）は名前に使えません"
                )
            }
            Self::Label => say!(
                en: "the name cannot be converted to its form for DNS (xn--)",
                ja: "DNS 用の形（xn--）に変換できない名前です"
            ),
        }
    }
}

impl fmt::Display for IdnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for IdnError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_is_not_touched() {
        for text in ["_DMARC.Example.jp", r"a\.b", "xn--a", "", "*"] {
            assert_eq!(to_ascii(text).unwrap(), Idn { ascii: text.into(), mapped: Vec::new() });
        }
    }

    #[test]
    fn underscores_and_wildcards_pass() {
        for (text, ascii) in [
            ("_dmarc.日本.jp", "_dmarc.xn--wgv71a.jp"),
            ("s1_2._domainkey.例え.テスト", "s1_2._domainkey.xn--r8jz45g.xn--zckzah"),
            ("*.Bücher.example.", "*.xn--bcher-kva.example."),
            ("_dmarc。ｅｘ.jp", "_dmarc.ex.jp"),
            ("か\u{3099}.jp", "xn--v8j.jp"),
        ] {
            assert_eq!(to_ascii(text).unwrap().ascii, ascii);
        }
    }

    #[test]
    fn what_was_mapped() {
        let idn = to_ascii("ａb。\u{200b}c.example").unwrap();
        assert_eq!(idn.ascii, "ab.c.example");
        let changes: Vec<_> = idn.mapped.iter().map(|mapped| (mapped.position, mapped.change)).collect();
        assert_eq!(changes, [(1, Change::FullWidth('a')), (3, Change::FullStop), (4, Change::Dropped)]);
        assert!(idn.mapped[0].text().ja.contains("U+FF41"));
    }

    #[test]
    fn hostile() {
        for (text, position) in [
            ("例え\\.jp", 3),
            ("例え jp", 3),
            ("例\u{3000}え", 2),
            ("＼065例", 1),
            ("例＠jp", 2),
            ("例\u{202e}え", 2),
            ("⑴.jp", 1),
            ("例\0", 2),
            ("例\u{a0}", 2),
            ("か\u{3099}⑴", 3),
            ("אב⑴", 3),
        ] {
            assert!(
                matches!(to_ascii(text), Err(IdnError::Character { position: at, .. }) if at == position),
                "{text:?} {:?}",
                to_ascii(text)
            );
        }
        assert_eq!(to_ascii("xn--a.例え"), Err(IdnError::Label));
        assert_eq!(to_ascii(&"例".repeat(341)), Err(IdnError::TooLong { octets: 1023 }));
        assert!(to_ascii(&"例".repeat(340)).is_ok());
    }

    #[test]
    fn back_to_unicode() {
        let name = |text: &str| Name::parse_absolute(text).unwrap();
        assert_eq!(to_unicode(&name("_dmarc.XN--wgv71a119e.jp")).as_deref(), Some("_dmarc.日本語.jp"));
        assert_eq!(to_unicode(&name("example.jp")), None);
        assert_eq!(to_unicode(&name("xn--a.example")), None);
        assert_eq!(to_unicode(&name(r"a\.b.xn--wgv71a119e.jp")), None);
    }
}
