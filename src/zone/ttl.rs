//! Times to live: seconds, and the units people write. Knows nothing of who writes where: the site file takes one unit, zone text several.

use std::fmt;

use crate::{report::Text, say};

/// A time to live in seconds, 0 to 2147483647 (RFC 2181 §8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ttl(u32);

/// Letters of units, and their seconds, longest first.
const UNITS: [(u8, u32); 5] = [(b'w', 604_800), (b'd', 86_400), (b'h', 3_600), (b'm', 60), (b's', 1)];

impl Ttl {
    /// The most seconds there can be (RFC 2181 §8).
    pub const MAX: Self = Self(i32::MAX as u32);

    /// That of a record to which nobody gives one: an hour, what most panels preset.
    pub const DEFAULT: Self = Self(3600);

    /// From seconds; `None` over [`Ttl::MAX`].
    #[must_use]
    pub fn from_seconds(seconds: u32) -> Option<Self> {
        (seconds <= Self::MAX.0).then_some(Self(seconds))
    }

    /// In seconds.
    #[must_use]
    pub fn seconds(self) -> u32 {
        self.0
    }

    /// Reads seconds, or one number with one unit of `s m h d w`: `3600`, `1h`, `30m`. This is the site file's form.
    ///
    /// # Errors
    /// Anything else, among it `1w2d`, and numbers over the limit.
    pub fn parse(text: &str) -> Result<Self, TtlError> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 && text.len() > digits + 1 {
            return Err(error(TtlFault::SeveralUnits, text));
        }
        Self::parse_zone(text)
    }

    /// Reads seconds, or numbers with units, which are added, as `1w2d`. This is the form of zone text, as BIND reads it.
    ///
    /// # Errors
    /// Anything else, and sums over the limit.
    pub fn parse_zone(text: &str) -> Result<Self, TtlError> {
        let seconds = seconds(text)?;
        Self::from_seconds(seconds).ok_or_else(|| error(TtlFault::TooLarge, text))
    }
}

/// Seconds of a 32-bit time field in zone text, as the timers of an SOA: like [`Ttl::parse_zone`], up to 4294967295.
///
/// # Errors
/// As [`Ttl::parse_zone`].
pub(super) fn seconds(text: &str) -> Result<u32, TtlError> {
    let fail = |fault| error(fault, text);
    if text.is_empty() {
        return Err(fail(TtlFault::Empty));
    }
    if text.starts_with('-') {
        return Err(fail(TtlFault::Negative));
    }
    let (mut total, mut rest) = (0u32, text.as_bytes());
    while !rest.is_empty() {
        let digits = rest.iter().take_while(|octet| octet.is_ascii_digit()).count();
        let (number, after) = rest.split_at_checked(digits).unwrap_or((rest, &[]));
        if number.is_empty() {
            return Err(fail(TtlFault::NotANumber));
        }
        let (unit, next) = match after.split_first() {
            // Seconds may go without a unit, but only alone.
            None if digits == text.len() => (1, after),
            None => return Err(fail(TtlFault::NoUnit)),
            Some((letter, next)) => {
                let unit = UNITS.iter().find(|(name, _)| *name == letter.to_ascii_lowercase());
                (unit.ok_or_else(|| fail(TtlFault::UnknownUnit))?.1, next)
            }
        };
        rest = next;
        // Only digits, so it is text; too many of them are too large.
        let number: Option<u32> = std::str::from_utf8(number).ok().and_then(|number| number.parse().ok());
        let sum = number.and_then(|number| number.checked_mul(unit)).and_then(|part| total.checked_add(part));
        total = sum.ok_or_else(|| fail(TtlFault::TooLarge))?;
    }
    Ok(total)
}

/// As the largest unit that leaves no rest, `1h`, or in seconds; [`Ttl::parse`] reads it back.
impl fmt::Display for Ttl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match UNITS.iter().find(|(_, unit)| self.0 > 0 && self.0.is_multiple_of(*unit)) {
            Some((letter, unit)) if *unit > 1 => {
                write!(f, "{}{}", self.0 / unit, char::from(*letter))
            }
            _ => write!(f, "{}", self.0),
        }
    }
}

/// Text that is no time to live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TtlError {
    /// What is wrong.
    pub fault: TtlFault,
    /// The text, escaped and cut to 20 characters for showing.
    pub shown: String,
}

/// What is wrong with a time to live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TtlFault {
    /// No text.
    Empty,
    /// It begins with a minus sign.
    Negative,
    /// Something else than a digit where a number should begin.
    NotANumber,
    /// A letter other than `s m h d w`.
    UnknownUnit,
    /// A number without a unit after one with a unit.
    NoUnit,
    /// More than one number with unit, where only one is taken.
    SeveralUnits,
    /// Over 2147483647 seconds.
    TooLarge,
}

/// The error about `text`.
fn error(fault: TtlFault, text: &str) -> TtlError {
    TtlError { fault, shown: text.chars().take(20).flat_map(char::escape_debug).collect() }
}

impl TtlError {
    /// The sentence for people.
    #[must_use]
    pub fn text(&self) -> Text {
        let shown = &self.shown;
        match self.fault {
            TtlFault::Empty => say!(en: "the TTL is empty", ja: "TTL が空です"),
            TtlFault::Negative => {
                say!(en: "{shown} is negative; a TTL begins at 0", ja: "{shown} は負の数です。TTL は 0 からです")
            }
            TtlFault::NotANumber => say!(
                en: "{shown} is no TTL; write seconds (3600) or a number with a unit (1h)",
                ja: "{shown} は TTL として読めません。秒数（3600）か、単位つきの数（1h）で書きます"
            ),
            TtlFault::UnknownUnit => say!(
                en: "{shown} has an unknown unit; the units are s, m, h, d, w",
                ja: "{shown} の単位が分かりません。使えるのは s（秒）、m（分）、h（時間）、d（日）、w（週）です"
            ),
            TtlFault::NoUnit => {
                say!(en: "the last number of {shown} has no unit", ja: "{shown} の最後の数に単位がありません")
            }
            TtlFault::SeveralUnits => say!(
                en: "{shown} is more than a number and one unit of s, m, h, d, w",
                ja: "{shown} は読めません。数と単位（s、m、h、d、w のどれか）を一つずつ書きます"
            ),
            TtlFault::TooLarge => say!(
                en: "{shown} is too long; a TTL is at most 2147483647 seconds",
                ja: "{shown} は大きすぎます。TTL は 2147483647 秒までです"
            ),
        }
    }
}

impl fmt::Display for TtlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for TtlError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_unit() {
        for (text, seconds) in [
            ("0", 0),
            ("3600", 3600),
            ("1h", 3600),
            ("30m", 1800),
            ("2D", 172_800),
            ("1w", 604_800),
            ("5s", 5),
            ("2147483647", 2_147_483_647),
        ] {
            assert_eq!(Ttl::parse(text).map(Ttl::seconds), Ok(seconds), "{text}");
        }
        for (text, fault) in [
            ("", TtlFault::Empty),
            ("-1", TtlFault::Negative),
            ("99999999999", TtlFault::TooLarge),
            ("2147483648", TtlFault::TooLarge),
            ("3551w", TtlFault::TooLarge),
            ("1w2d", TtlFault::SeveralUnits),
            ("1 h", TtlFault::SeveralUnits),
            ("1y", TtlFault::UnknownUnit),
            ("h", TtlFault::NotANumber),
            ("+1", TtlFault::NotANumber),
            ("１", TtlFault::NotANumber),
        ] {
            assert_eq!(Ttl::parse(text).unwrap_err().fault, fault, "{text}");
        }
    }

    #[test]
    fn several_units() {
        assert_eq!(Ttl::parse_zone("1w2d").map(Ttl::seconds), Ok(777_600));
        assert_eq!(Ttl::parse_zone("1h30M5s").map(Ttl::seconds), Ok(5405));
        assert_eq!(Ttl::parse_zone("1h30").unwrap_err().fault, TtlFault::NoUnit);
        assert_eq!(Ttl::parse_zone("1h-30m").unwrap_err().fault, TtlFault::NotANumber);
        assert_eq!(Ttl::parse_zone("3550w9999999s").unwrap_err().fault, TtlFault::TooLarge);
        assert_eq!(seconds("4294967295"), Ok(u32::MAX));
    }

    #[test]
    fn shown_in_the_largest_unit() {
        for (seconds, text) in
            [(0, "0"), (59, "59"), (60, "1m"), (3600, "1h"), (5400, "90m"), (604_800, "1w"), (86_400, "1d")]
        {
            assert_eq!(Ttl(seconds).to_string(), text);
        }
    }
}
