//! Presentation format to a record's data.

use std::{
    net::{Ipv4Addr, Ipv6Addr},
    ops::Range,
};

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    RDATA_MAX, RdataError, loc,
    schema::{self, Field},
    svcb,
};
use crate::{
    report::Text,
    say,
    zone::{Name, Rtype, lex::Word, ttl},
};

/// The words of one record's data, read from the left.
pub(super) struct Words<'w, 'a> {
    /// Those not yet read.
    rest: &'w [Word<'a>],
    /// Where the text ends, in octets: where something is missing.
    end: usize,
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

    /// Takes all words that are left, at least one, as one run of octets, and where they stand.
    fn run(&mut self, what: impl FnOnce() -> Text) -> Result<(Vec<u8>, Range<usize>), RdataError> {
        let first = self.next(what)?;
        let mut octets = first.raw.to_vec();
        let mut range = first.range();
        while let Some(word) = self.optional() {
            octets.extend_from_slice(word.raw);
            range.end = word.range().end;
        }
        Ok((octets, range))
    }
}

/// The octets of `words`, which are the data of a record of type `rtype`.
pub(super) fn read(rtype: Rtype, words: &[Word<'_>], end: usize, origin: Option<&Name>) -> Result<Vec<u8>, RdataError> {
    let mut words = Words { rest: words, end };
    let whole = words.peek().map_or(end..end, |word| word.start..end);
    let octets = if words.peek().is_some_and(|word| word.raw == b"\\#" && !word.quoted) {
        let octets = generic(&mut words)?;
        if schema::fields(rtype).is_some() && schema::split(rtype, &octets).is_none() {
            let text = say!(en: "these octets are not the data of {rtype}", ja: "このバイト列は {rtype} のデータになっていません");
            return Err(RdataError { range: whole, text });
        }
        octets
    } else {
        let Some(fields) = schema::fields(rtype) else {
            let text = say!(
                en: r"the data of {rtype} is not known here; write it as \# length hex",
                ja: r"{rtype} のデータの形は分かりません。\# 長さ 16 進数 の形で書いてください"
            );
            return Err(RdataError { range: whole, text });
        };
        let mut octets = Vec::new();
        for field in fields {
            read_field(*field, &mut words, origin, &mut octets)?;
        }
        octets
    };
    if let Some(word) = words.peek() {
        let text = say!(en: "a value of {rtype} ends here; there is more after it", ja: "{rtype} の値はここで終わりです。この先は余分です");
        return Err(RdataError { range: word.start..end.max(word.start), text });
    }
    let length = octets.len();
    if length > RDATA_MAX {
        let text = say!(en: "{length} bytes of data; a record takes at most {RDATA_MAX}", ja: "データが {length} バイトあります。1 レコードは {RDATA_MAX} バイトまでです");
        return Err(RdataError { range: whole, text });
    }
    Ok(octets)
}

/// `\# length hex` (RFC 3597 §5).
fn generic(words: &mut Words<'_, '_>) -> Result<Vec<u8>, RdataError> {
    let _ = words.optional();
    let word = words.next(|| number_name(65535))?;
    let declared = number(word, 65535)? as usize;
    let (octets, range) = if words.peek().is_some() {
        let (digits, range) = words.run(|| what(Field::Hex))?;
        (unhex(&digits, &range)?, range)
    } else {
        (Vec::new(), word.range())
    };
    let length = octets.len();
    if length != declared {
        let text = say!(en: "{length} bytes, but {declared} are declared", ja: "{length} バイトあります。宣言は {declared} バイトです");
        return Err(RdataError { range, text });
    }
    Ok(octets)
}

/// Reads one field and appends its octets.
fn read_field(
    field: Field,
    words: &mut Words<'_, '_>,
    origin: Option<&Name>,
    out: &mut Vec<u8>,
) -> Result<(), RdataError> {
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
        Field::Name => {
            let word = words.next(missing)?;
            let name = Name::parse(word.raw, origin).map_err(|error| RdataError {
                range: word.start + error.range.start..word.start + error.range.end,
                text: error.text(),
            })?;
            out.extend_from_slice(name.as_wire());
        }
        Field::String => push_string(words.next(missing)?, out)?,
        Field::Strings => {
            push_string(words.next(missing)?, out)?;
            while let Some(word) = words.optional() {
                push_string(word, out)?;
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
            out.extend(unhex(&digits, &range)?);
        }
        Field::Base64 => {
            let (digits, range) = words.run(missing)?;
            let octets = STANDARD.decode(&digits).ok().filter(|octets| !octets.is_empty());
            let text = || say!(en: "this is not base64", ja: "base64 として読めません");
            out.extend(octets.ok_or_else(|| RdataError { range, text: text() })?);
        }
        Field::Location => loc::read(words, out)?,
        Field::Params => svcb::read(words, out)?,
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
    let octets = word.decode()?;
    let length = octets.len();
    let Ok(octet) = u8::try_from(length) else {
        let text = say!(
            en: "{length} bytes in one string; at most 255 fit, so split it",
            ja: "1 つの文字列が {length} バイトあります。255 バイトまでなので、分ける必要があります"
        );
        return Err(RdataError { range: word.range(), text });
    };
    out.push(octet);
    out.extend_from_slice(&octets);
    Ok(())
}

/// Pairs of hexadecimal digits.
fn unhex(digits: &[u8], range: &Range<usize>) -> Result<Vec<u8>, RdataError> {
    let digit = |octet: &u8| char::from(*octet).to_digit(16);
    let pair = |pair: &[u8]| match pair {
        [first, second] => Some(low(digit(first)? << 4 | digit(second)?)),
        _ => None,
    };
    digits.chunks(2).map(pair).collect::<Option<Vec<u8>>>().ok_or_else(|| RdataError {
        range: range.clone(),
        text: say!(en: "this is not hexadecimal, two digits a byte", ja: "16 進数（1 バイトに 2 桁）として読めません"),
    })
}
