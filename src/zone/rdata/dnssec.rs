//! Forms that only DNSSEC's records have: times, hashes in base32, sets of types (RFC 4034 §3.2, §4.1.2, RFC 5155 §3.3).

use super::{
    RdataError,
    read::{Words, not, what},
    schema::Field,
};
use crate::zone::{Rtype, lex::Word};

/// Letters of base32 with extended hex alphabet (RFC 4648 §7), as BIND prints them; read in either case.
const BASE32: &[u8; 32] = b"0123456789ABCDEFGHIJKLMNOPQRSTUV";

/// Seconds since 1970, modulo 2³²: `YYYYMMDDHHmmSS` in UTC, or a number (RFC 4034 §3.2).
pub(super) fn time(word: &Word<'_>) -> Option<u32> {
    let text = std::str::from_utf8(word.raw).ok().filter(|text| text.bytes().all(|octet| octet.is_ascii_digit()))?;
    if text.len() != 14 {
        return text.parse().ok().filter(|_| text.len() <= 10);
    }
    let number = |range: std::ops::Range<usize>| text.get(range).and_then(|digits| digits.parse::<u64>().ok());
    let (year, month, day) = (number(0..4)?, number(4..6)?, number(6..8)?);
    let (hour, minute, second) = (number(8..10)?, number(10..12)?, number(12..14)?);
    // A leap second is none in seconds since 1970, but may be written; BIND writes what is nearest to now, which may be before 1970.
    let valid = year >= 1900 && (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
    if !valid || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let days_to = |to: u64| (1900..to).map(|year| if is_leap(year) { 366 } else { 365 }).sum::<u64>();
    let days = days_to(year) + (1..month).map(|month| days_in(year, month)).sum::<u64>() + day - 1;
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
    // 1970 is 25,567 days behind 1900, which is what a whole turn of 32 bits is added for.
    let since = (seconds + (1 << 32)).checked_sub(25_567 * 86_400)?;
    u32::try_from(since % (1 << 32)).ok()
}

/// The time as it is printed. What is past 2106 is taken for the time before it.
pub(super) fn print_time(seconds: u32) -> String {
    let (mut days, rest) = (u64::from(seconds) / 86_400, seconds % 86_400);
    let (mut year, mut month) = (1970, 1);
    while days >= if is_leap(year) { 366 } else { 365 } {
        days -= if is_leap(year) { 366 } else { 365 };
        year += 1;
    }
    while days >= days_in(year, month) {
        days -= days_in(year, month);
        month += 1;
    }
    let day = days + 1;
    format!("{year:04}{month:02}{day:02}{:02}{:02}{:02}", rest / 3600, rest / 60 % 60, rest % 60)
}

/// Whether a year has 366 days.
fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400)
}

/// Days of a month.
fn days_in(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The octets of base32 without padding; `None` if it is none, or has bits that belong to no octet.
pub(super) fn base32(text: &[u8]) -> Option<Vec<u8>> {
    let (mut out, mut bits, mut count) = (Vec::new(), 0u32, 0);
    for octet in text {
        let value = BASE32.iter().position(|letter| *letter == octet.to_ascii_uppercase())?;
        bits = bits << 5 | u32::try_from(value).ok()?;
        count += 5;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from(bits >> count & 0xff).ok()?);
            bits &= (1 << count) - 1;
        }
    }
    (count < 5 && bits == 0 && !out.is_empty()).then_some(out)
}

/// The reverse of [`base32`].
pub(super) fn print_base32(octets: &[u8], out: &mut String) {
    let (mut bits, mut count) = (0u32, 0);
    let mut push = |value: u32| out.push(BASE32.get(value as usize & 31).map_or('0', |letter| char::from(*letter)));
    for octet in octets {
        bits = (bits << 8 | u32::from(*octet)) & 0xfff;
        count += 8;
        while count >= 5 {
            count -= 5;
            push(bits >> count);
        }
    }
    if count > 0 {
        push(bits << (5 - count));
    }
}

/// Reads the types that are left, and appends them as blocks of bits (RFC 4034 §4.1.2).
pub(super) fn read_types(words: &mut Words<'_, '_>, out: &mut Vec<u8>) -> Result<(), RdataError> {
    let mut types = Vec::new();
    while let Some(word) = words.optional() {
        let rtype = Rtype::read(word.raw).filter(|_| !word.quoted);
        types.push(rtype.ok_or_else(|| not(word, &what(Field::Types)))?.0.to_be_bytes());
    }
    types.sort_unstable();
    for block in types.chunk_by(|[left, _], [right, _]| left == right) {
        let Some([window, _]) = block.first() else { continue };
        let mut bits = [0u8; 32];
        let mut length = 0;
        for [_, low] in block {
            let at = usize::from(low / 8);
            if let Some(octet) = bits.get_mut(at) {
                *octet |= 0x80 >> (low % 8);
            }
            length = at + 1;
        }
        out.push(*window);
        out.push(u8::try_from(length).unwrap_or(32));
        out.extend_from_slice(bits.get(..length).unwrap_or(&bits));
    }
    Ok(())
}

/// The types of blocks of bits; `None` if the octets are none: blocks out of order, empty, or with zeros at their end.
pub(super) fn types(octets: &[u8]) -> Option<Vec<Rtype>> {
    let mut types = Vec::new();
    let mut rest = octets;
    let mut last = None;
    while let Some((&[window, length], after)) = rest.split_first_chunk() {
        let (bits, after) = after.split_at_checked(usize::from(length))?;
        if last.is_some_and(|last| last >= window) || length > 32 || bits.last().is_none_or(|octet| *octet == 0) {
            return None;
        }
        for (at, octet) in (0u8..).zip(bits) {
            let set = (0..8).filter(|bit| octet & 0x80 >> bit != 0);
            types.extend(set.map(|bit| Rtype(u16::from_be_bytes([window, at * 8 + bit]))));
        }
        last = Some(window);
        rest = after;
    }
    rest.is_empty().then_some(types)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> Word<'_> {
        Word { raw: text.as_bytes(), quoted: false, start: 0 }
    }

    /// Times of `date -u -d @…`.
    #[test]
    fn times() {
        for (text, seconds) in [
            ("19700101000000", 0),
            ("20000229120000", 951_825_600),
            ("20380119031408", 2_147_483_648),
            ("21060207062815", u32::MAX),
        ] {
            assert_eq!((time(&word(text)), print_time(seconds)), (Some(seconds), text.to_owned()));
        }
        assert_eq!(time(&word("951825600")), Some(951_825_600));
        // Serial arithmetic (RFC 4034 §3.1.5): one second after the last, one before the first.
        assert_eq!(time(&word("19691231235959")), Some(u32::MAX));
        assert_eq!(time(&word("21060207062816")), Some(0));
        for bad in
            ["", "20010229000000", "20001301000000", "20000101240000", "18991231235959", "4294967296", "2000010100000x"]
        {
            assert_eq!(time(&word(bad)), None, "{bad}");
        }
    }

    /// The vectors of RFC 4648 §10, without padding.
    #[test]
    fn base32_of_rfc_4648() {
        for (octets, text) in [
            ("f", "CO"),
            ("fo", "CPNG"),
            ("foo", "CPNMU"),
            ("foob", "CPNMUOG"),
            ("fooba", "CPNMUOJ1"),
            ("foobar", "CPNMUOJ1E8"),
        ] {
            let mut printed = String::new();
            print_base32(octets.as_bytes(), &mut printed);
            assert_eq!((printed.as_str(), base32(text.to_ascii_lowercase().as_bytes())), (text, Some(octets.into())));
        }
        for bad in ["", "C", "CP", "CPN", "CO======", "W0"] {
            assert_eq!(base32(bad.as_bytes()), None, "{bad}");
        }
    }
}
