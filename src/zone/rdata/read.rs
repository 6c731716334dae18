//! Presentation format to a record's data.

use std::{
    borrow::Cow,
    net::{Ipv4Addr, Ipv6Addr},
    ops::Range,
};

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    RDATA_MAX, RdataError, STRING_MAX, TXT_MAX, dnssec, loc,
    schema::{self, Field},
    svcb,
};
use crate::{
    report::Text,
    say,
    zone::{
        Name, NoteKind, Rtype,
        lex::Word,
        name::{Buffer, Written},
        ttl,
    },
};

/// The words of one record's data, read from the left.
pub(super) struct Words<'w, 'a> {
    /// Those not yet read.
    rest: &'w [Word<'a>],
    /// Where the text ends, in octets: where something is missing.
    end: usize,
    /// What relative names are completed with.
    origin: Option<&'w Name>,
    /// Where notes go; without it nothing is read that name servers refuse.
    notes: Option<&'w mut Vec<Note>>,
}

/// Something that was read, and how it was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::zone) struct Note {
    /// What it is.
    pub(in crate::zone) kind: NoteKind,
    /// Where it stands.
    pub(in crate::zone) range: Range<usize>,
    /// The sentence for people.
    pub(in crate::zone) text: Text,
}

impl<'w, 'a> Words<'w, 'a> {
    /// Takes the next word, or says that `what` is missing.
    pub(super) fn next(&mut self, what: impl FnOnce() -> Text) -> Result<&'w Word<'a>, RdataError> {
        match self.rest.split_first() {
            Some((word, rest)) => {
                self.rest = rest;
                Ok(word)
            }
            None => {
                let what = what();
                Err(RdataError {
                    range: self.end..self.end,
                    text: say!(en: "{what} is missing here", ja: "ここに{what}が必要です"; what = what),
                })
            }
        }
    }

    /// Takes the next word if there is one.
    pub(super) fn optional(&mut self) -> Option<&'w Word<'a>> {
        let (word, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(word)
    }

    /// The next word, not taken.
    pub(super) fn peek(&self) -> Option<&'w Word<'a>> {
        self.rest.first()
    }

    /// Takes all words that are left, at least one, as one run of octets, and where they stand. What is too long for any record is not copied.
    fn run(&mut self, what: impl FnOnce() -> Text) -> Result<(Cow<'a, [u8]>, Range<usize>), RdataError> {
        let first = self.next(what)?;
        let mut range = first.range();
        if self.rest.is_empty() {
            return Ok((Cow::Borrowed(first.raw), range));
        }
        let mut octets = first.raw.to_vec();
        while let Some(word) = self.optional() {
            octets.extend_from_slice(word.raw);
            range.end = word.range().end;
            if octets.len() > 2 * RDATA_MAX {
                return Err(RdataError { range, text: too_long(octets.len() / 2) });
            }
        }
        Ok((Cow::Owned(octets), range))
    }

    /// Takes a name and appends its wire form.
    pub(super) fn name(&mut self, what: impl FnOnce() -> Text, out: &mut Vec<u8>) -> Result<(), RdataError> {
        let word = self.next(what)?;
        let name = name(word, self.origin, self.notes.as_deref_mut())?;
        out.extend_from_slice(name.as_wire());
        Ok(())
    }
}

/// A name, relative to `origin` if it has no final dot.
pub(in crate::zone) fn name(
    word: &Word<'_>,
    origin: Option<&Name>,
    notes: Option<&mut Vec<Note>>,
) -> Result<Buffer, RdataError> {
    let (name, written) = Buffer::parse(word.raw, origin).map_err(|error| RdataError {
        range: word.start + error.range.start..word.start + error.range.end,
        text: error.text(),
    })?;
    if written == Written::Relative
        && let (Some(origin), Some(notes)) = (origin, notes)
        && name.doubles(origin)
    {
        let name = name.to_name();
        notes.push(Note {
            kind: NoteKind::NoFinalDot,
            range: word.range(),
            text: say!(
                en: "without a dot at its end this is {name}",
                ja: "末尾に「.」がないので {name} と読みます"
            ),
        });
    }
    Ok(name)
}

/// More octets than a record's data has.
fn too_long(length: usize) -> Text {
    say!(en: "{length} bytes of data; a record takes at most {RDATA_MAX}", ja: "データが {length} バイトあります。1 レコードは {RDATA_MAX} バイトまでです")
}

/// Puts the octets of `words`, which are the data of a record of type `rtype`, into `octets`.
pub(in crate::zone) fn read(
    rtype: Rtype,
    words: &[Word<'_>],
    end: usize,
    origin: Option<&Name>,
    notes: Option<&mut Vec<Note>>,
    octets: &mut Vec<u8>,
) -> Result<(), RdataError> {
    octets.clear();
    let mut words = Words { rest: words, end, origin, notes };
    let whole = words.peek().map_or(end..end, |word| word.start..end);
    if words.peek().is_some_and(|word| word.raw == b"\\#" && !word.quoted) {
        generic(&mut words, octets)?;
        if schema::fields(rtype).is_some() && schema::split(rtype, octets).is_none() {
            let text = say!(en: "these octets are not the data of {rtype}", ja: "このバイト列は {rtype} のデータになっていません");
            return Err(RdataError { range: whole, text });
        }
    } else {
        let Some(fields) = schema::fields(rtype) else {
            let text = say!(
                en: r"the data of {rtype} is not known here; write it as \# length hex",
                ja: r"{rtype} のデータの形は分かりません。\# 長さ 16 進数 の形で書いてください"
            );
            return Err(RdataError { range: whole, text });
        };
        for field in fields {
            read_field(*field, &mut words, octets)?;
        }
    }
    if let Some(word) = words.peek() {
        let text = say!(en: "a value of {rtype} ends here; there is more after it", ja: "{rtype} の値はここで終わりです。この先は余分です");
        return Err(RdataError { range: word.start..end.max(word.start), text });
    }
    let length = octets.len();
    if length > RDATA_MAX {
        return Err(RdataError { range: whole, text: too_long(length) });
    }
    Ok(())
}

/// `\# length hex` (RFC 3597 §5).
fn generic(words: &mut Words<'_, '_>, out: &mut Vec<u8>) -> Result<(), RdataError> {
    let _ = words.optional();
    let word = words.next(|| number_name(65535))?;
    let declared = number(word, 65535)? as usize;
    let mut range = word.range();
    if words.peek().is_some() {
        let (digits, whole) = words.run(|| what(Field::Hex))?;
        unhex(&digits, &whole, out)?;
        range = whole;
    }
    let length = out.len();
    if length != declared {
        let text = say!(en: "{length} bytes, but {declared} are declared", ja: "{length} バイトあります。宣言は {declared} バイトです");
        return Err(RdataError { range, text });
    }
    Ok(())
}

/// Reads one field and appends its octets.
fn read_field(field: Field, words: &mut Words<'_, '_>, out: &mut Vec<u8>) -> Result<(), RdataError> {
    let missing = || what(field);
    match field {
        Field::U8 => out.push(low(number(words.next(missing)?, 255)?)),
        Field::U16 => push_u16(number(words.next(missing)?, 65535)?, out),
        Field::U32 => out.extend(number(words.next(missing)?, u32::MAX)?.to_be_bytes()),
        Field::Seconds => {
            let word = words.next(missing)?;
            let text = String::from_utf8_lossy(word.raw);
            let seconds =
                ttl::seconds(&text).map_err(|error| RdataError { range: word.range(), text: error.text() })?;
            out.extend(seconds.to_be_bytes());
        }
        Field::Algorithm => out.push(low(mnemonic(words.next(missing)?, schema::ALGORITHMS, 255)?)),
        Field::CertType => push_u16(mnemonic(words.next(missing)?, schema::CERT_TYPES, 65535)?, out),
        Field::Ipv4 => out.extend(parsed::<Ipv4Addr>(words.next(missing)?, field)?.octets()),
        Field::Ipv6 => out.extend(parsed::<Ipv6Addr>(words.next(missing)?, field)?.octets()),
        Field::Name => words.name(missing, out)?,
        Field::String => push_string(words.next(missing)?, out)?,
        Field::Strings => {
            let mut word = words.next(missing)?;
            loop {
                push_text(word, words.notes.as_deref_mut(), out)?;
                let Some(next) = words.optional() else { break };
                word = next;
            }
        }
        Field::Tag => {
            let word = words.next(missing)?;
            if !schema::is_tag(word.raw) {
                let text = say!(en: "a tag has letters and digits only", ja: "タグに使えるのは英数字だけです");
                return Err(RdataError { range: word.range(), text });
            }
            push_string(word, out)?;
        }
        Field::Quoted => out.extend_from_slice(&words.next(missing)?.decode()?),
        Field::Hex => {
            let (digits, range) = words.run(missing)?;
            unhex(&digits, &range, out)?;
        }
        Field::Base64 => {
            let (digits, range) = words.run(missing)?;
            if digits.len() > 2 * RDATA_MAX {
                return Err(RdataError { range, text: too_long(digits.len() / 4 * 3) });
            }
            let before = out.len();
            let decoded = STANDARD.decode_vec(&digits, out);
            if decoded.is_err() || out.len() == before {
                let text = say!(en: "this is not base64", ja: "base64 として読めません");
                return Err(RdataError { range, text });
            }
        }
        Field::Location => loc::read(words, out)?,
        Field::Params => svcb::read(words, out)?,
        Field::Type => {
            let word = words.next(missing)?;
            push_u16(u32::from(Rtype::read(word.raw).ok_or_else(|| not(word, &what(field)))?.0), out);
        }
        Field::Time => {
            let word = words.next(missing)?;
            out.extend(dnssec::time(word).ok_or_else(|| not(word, &what(field)))?.to_be_bytes());
        }
        Field::Salt => {
            let word = words.next(missing)?;
            let at = out.len();
            out.push(0);
            if word.raw != b"-" {
                unhex(word.raw, &word.range(), out)?;
            }
            close(word, at, field, out)?;
        }
        Field::Hash => {
            let word = words.next(missing)?;
            let at = out.len();
            out.push(0);
            out.extend(dnssec::base32(word.raw).ok_or_else(|| not(word, &what(field)))?);
            close(word, at, field, out)?;
        }
        Field::Types if words.peek().is_none() => {
            words.next(missing)?;
        }
        Field::Types => dnssec::read_types(words, out)?,
        Field::AnyTypes => dnssec::read_types(words, out)?,
    }
    Ok(())
}

/// What a field is called when it is missing or something else stands there.
pub(super) fn what(field: Field) -> Text {
    match field {
        Field::U8 | Field::Algorithm => number_name(255),
        Field::U16 | Field::CertType => number_name(65535),
        Field::U32 => number_name(u32::MAX),
        Field::Seconds => say!(en: "a number of seconds", ja: "秒数"),
        Field::Ipv4 => say!(en: "an IPv4 address", ja: " IPv4 アドレス"),
        Field::Ipv6 => say!(en: "an IPv6 address", ja: " IPv6 アドレス"),
        Field::Name => say!(en: "a domain name", ja: "ドメイン名"),
        Field::String | Field::Strings | Field::Quoted => {
            say!(en: "a string in quotes", ja: "引用符で囲んだ文字列")
        }
        Field::Tag => say!(en: "a tag, such as issue,", ja: " issue のようなタグ"),
        Field::Hex => say!(en: "a hexadecimal value", ja: " 16 進数の値"),
        Field::Base64 => say!(en: "a base64 value", ja: " base64 の値"),
        Field::Location => say!(en: "a latitude, longitude or altitude", ja: "緯度・経度・高度"),
        Field::Params => say!(en: "a parameter", ja: "パラメーター"),
        Field::Type | Field::Types | Field::AnyTypes => say!(en: "a record type", ja: "レコードの種類"),
        Field::Time => say!(en: "a time (YYYYMMDDHHmmSS)", ja: "時刻（YYYYMMDDHHmmSS）"),
        Field::Salt => say!(en: "a salt in hexadecimal, or -", ja: " 16 進数のソルトか -"),
        Field::Hash => say!(en: "a hash in base32", ja: " base32 のハッシュ"),
    }
}

/// A number from 0 to `most`.
fn number_name(most: u32) -> Text {
    say!(en: "a number from 0 to {most}", ja: " 0〜{most} の数")
}

/// The word is not what it should be.
pub(super) fn not(word: &Word<'_>, what: &Text) -> RdataError {
    RdataError {
        range: word.range(), text: say!(en: "this is not {what}", ja: "ここは{what}のはずです"; what = what)
    }
}

/// A decimal number of at most `most`.
pub(super) fn number(word: &Word<'_>, most: u32) -> Result<u32, RdataError> {
    let text = std::str::from_utf8(word.raw).unwrap_or("");
    let digits = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
    let number = text.parse().ok().filter(|number| digits && *number <= most);
    number.ok_or_else(|| not(word, &number_name(most)))
}

/// A number, or a name that stands for one.
fn mnemonic(word: &Word<'_>, names: &[(&str, u16)], most: u32) -> Result<u32, RdataError> {
    match names.iter().find(|(name, _)| word.raw.eq_ignore_ascii_case(name.as_bytes())) {
        Some((_, number)) => Ok(u32::from(*number)),
        None => number(word, most),
    }
}

/// An address.
fn parsed<T: std::str::FromStr>(word: &Word<'_>, field: Field) -> Result<T, RdataError> {
    let text = std::str::from_utf8(word.raw).unwrap_or("");
    text.parse().map_err(|_| not(word, &what(field)))
}

/// Fills in the length octet at `at` of what was appended behind it.
fn close(word: &Word<'_>, at: usize, field: Field, out: &mut [u8]) -> Result<(), RdataError> {
    let length = u8::try_from(out.len() - at - 1).map_err(|_| not(word, &what(field)))?;
    if let Some(octet) = out.get_mut(at) {
        *octet = length;
    }
    Ok(())
}

/// The lowest octet of a number that is known to be below 256.
fn low(number: u32) -> u8 {
    let [.., low] = number.to_be_bytes();
    low
}

/// The two lowest octets of a number that is known to be below 65536.
fn push_u16(number: u32, out: &mut Vec<u8>) {
    let [.., high, low] = number.to_be_bytes();
    out.extend([high, low]);
}

/// A character-string: length octet and octets.
fn push_string(word: &Word<'_>, out: &mut Vec<u8>) -> Result<(), RdataError> {
    push_text(word, None, out)
}

/// A character-string of a text. One over 255 octets is cut where notes may be made of it: the pieces joined say the same.
fn push_text(word: &Word<'_>, notes: Option<&mut Vec<Note>>, out: &mut Vec<u8>) -> Result<(), RdataError> {
    let octets = word.decode()?;
    let length = octets.len();
    if let Ok(octet) = u8::try_from(length) {
        out.push(octet);
        out.extend_from_slice(&octets);
        return Ok(());
    }
    let range = word.range();
    let Some(notes) = notes.filter(|_| length <= TXT_MAX) else {
        let text = say!(
            en: "{length} bytes in one string; at most 255 fit, so split it",
            ja: "1 つの文字列が {length} バイトあります。255 バイトまでなので、分ける必要があります"
        );
        return Err(RdataError { range, text });
    };
    for piece in octets.chunks(STRING_MAX) {
        out.push(u8::try_from(piece.len()).unwrap_or(u8::MAX));
        out.extend_from_slice(piece);
    }
    notes.push(Note {
        kind: NoteKind::LongString,
        range,
        text: say!(
            en: "{length} bytes in one string; at most 255 fit, so it is read as several",
            ja: "1 つの文字列が {length} バイトあります。255 バイトまでなので、分けて読みました"
        ),
    });
    Ok(())
}

/// Pairs of hexadecimal digits.
fn unhex(digits: &[u8], range: &Range<usize>, out: &mut Vec<u8>) -> Result<(), RdataError> {
    let digit = |octet: &u8| char::from(*octet).to_digit(16);
    if digits.len() > 2 * RDATA_MAX {
        return Err(RdataError { range: range.clone(), text: too_long(digits.len() / 2) });
    }
    for pair in digits.chunks(2) {
        let octet = match pair {
            [first, second] => digit(first).zip(digit(second)).map(|(first, second)| low(first << 4 | second)),
            _ => None,
        };
        out.push(octet.ok_or_else(|| RdataError {
            range: range.clone(),
            text: say!(en: "this is not hexadecimal, two digits a byte", ja: "16 進数（1 バイトに 2 桁）として読めません"),
        })?);
    }
    Ok(())
}
