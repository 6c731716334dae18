//! LOC: a place on earth (RFC 1876). Version 0 only; others are printed as octets.

use std::fmt::Write;

use super::{
    RdataError,
    read::{Words, not, number, what},
    schema::Field,
};
use crate::zone::lex::Word;

/// Thousandths of an arc second in a degree.
const DEGREE: u32 = 3_600_000;
/// The number on the wire that means the equator and the prime meridian (RFC 1876 §2).
const MIDDLE: u32 = 1 << 31;
/// Centimetres below the reference spheroid where altitudes begin (RFC 1876 §2).
const BASE: i64 = 10_000_000;

/// Reads latitude, longitude, altitude and the optional size and precisions (RFC 1876 §3).
pub(super) fn read(words: &mut Words<'_, '_>, out: &mut Vec<u8>) -> Result<(), RdataError> {
    let latitude = angle(words, 90, b'N', b'S')?;
    let longitude = angle(words, 180, b'E', b'W')?;
    let word = words.next(|| what(Field::Location))?;
    let altitude = metres(word)
        .and_then(|centimetres| u32::try_from(centimetres + BASE).ok())
        .ok_or_else(|| not(word, &what(Field::Location)))?;
    // The defaults of RFC 1876 §3: 1 m, 10,000 m, 10 m.
    let mut sizes = [0x12, 0x16, 0x13];
    for size in &mut sizes {
        let Some(word) = words.optional() else { break };
        *size = metres(word).and_then(power).ok_or_else(|| not(word, &what(Field::Location)))?;
    }
    out.push(0);
    out.extend(sizes);
    for number in [latitude, longitude, altitude] {
        out.extend(number.to_be_bytes());
    }
    Ok(())
}

/// Degrees, optional minutes and seconds, and a hemisphere.
fn angle(words: &mut Words<'_, '_>, most: u32, plus: u8, minus: u8) -> Result<u32, RdataError> {
    let first = words.next(|| what(Field::Location))?;
    let mut angle = number(first, most)? * DEGREE;
    for unit in [60_000, 1_000, 0] {
        let word = words.next(|| what(Field::Location))?;
        match word.raw {
            [letter] if letter.eq_ignore_ascii_case(&plus) && angle <= most * DEGREE => {
                return Ok(MIDDLE + angle);
            }
            [letter] if letter.eq_ignore_ascii_case(&minus) && angle <= most * DEGREE => {
                return Ok(MIDDLE - angle);
            }
            _ => {}
        }
        angle += match unit {
            60_000 => number(word, 59)? * unit,
            1_000 => {
                let thousandths = decimal(word.raw, 3).and_then(|value| u32::try_from(value).ok());
                thousandths.filter(|value| *value < 60_000).ok_or_else(|| not(word, &what(Field::Location)))?
            }
            _ => return Err(not(word, &what(Field::Location))),
        };
    }
    Err(not(first, &what(Field::Location)))
}

/// Centimetres of a length in metres, with or without `m`.
fn metres(word: &Word<'_>) -> Option<i64> {
    let text = word.raw.strip_suffix(b"m").or_else(|| word.raw.strip_suffix(b"M")).unwrap_or(word.raw);
    match text.strip_prefix(b"-") {
        Some(text) => Some(-decimal(text, 2)?),
        None => decimal(text, 2),
    }
}

/// A decimal number times ten to the power of `places`, which is the most digits it may have behind the point. At most twelve digits.
fn decimal(text: &[u8], places: usize) -> Option<i64> {
    let (whole, part) = match text.iter().position(|octet| *octet == b'.') {
        Some(at) => (text.get(..at)?, text.get(at + 1..)?),
        None => (text, &[][..]),
    };
    if whole.is_empty() || whole.len() + places > 12 || part.len() > places {
        return None;
    }
    let zeros = std::iter::repeat_n(&b'0', places - part.len());
    whole.iter().chain(part).chain(zeros).try_fold(0, |value, digit| {
        let digit = digit.is_ascii_digit().then(|| i64::from(digit - b'0'))?;
        Some(value * 10 + digit)
    })
}

/// Centimetres as one digit times a power of ten, each in four bits; further digits are cut (RFC 1876 §2).
fn power(centimetres: i64) -> Option<u8> {
    let (mut digit, mut exponent) = (u64::try_from(centimetres).ok()?, 0u8);
    while digit > 9 {
        digit /= 10;
        exponent += 1;
    }
    let digit = u8::try_from(digit).ok()?;
    (exponent <= 9).then_some(digit << 4 | exponent)
}

/// Presentation format; `None` if the octets are not a place in version 0. A size of 0 with a power of ten is printed as 0, which it is.
pub(super) fn present(octets: &[u8]) -> Option<String> {
    let (head, numbers) = octets.split_at_checked(4)?;
    let &[0, size, horizontal, vertical] = head else {
        return None;
    };
    let mut numbers = numbers.chunks_exact(4).map(|number| Some(u32::from_be_bytes(number.try_into().ok()?)));
    let (latitude, longitude, altitude) = (numbers.next()??, numbers.next()??, numbers.next()??);
    if octets.len() != 16 {
        return None;
    }
    let mut out = String::new();
    for (value, most, plus, minus) in [(latitude, 90, 'N', 'S'), (longitude, 180, 'E', 'W')] {
        let angle = value.abs_diff(MIDDLE);
        if angle > most * DEGREE {
            return None;
        }
        let (degrees, minutes, thousandths) = (angle / DEGREE, angle / 60_000 % 60, angle % 60_000);
        let letter = if value >= MIDDLE { plus } else { minus };
        // Writing to a String cannot fail.
        let _ = write!(out, "{degrees} {minutes} {}.{:03} {letter} ", thousandths / 1000, thousandths % 1000);
    }
    let altitude = i64::from(altitude) - BASE;
    let sign = if altitude < 0 { "-" } else { "" };
    let _ = write!(out, "{sign}{}.{:02}m", altitude.abs() / 100, altitude.abs() % 100);
    for size in [size, horizontal, vertical] {
        let (digit, exponent) = (size >> 4, size & 15);
        if digit > 9 || exponent > 9 {
            return None;
        }
        let centimetres = u64::from(digit) * 10u64.pow(u32::from(exponent));
        let _ = write!(out, " {}.{:02}m", centimetres / 100, centimetres % 100);
    }
    Some(out)
}
