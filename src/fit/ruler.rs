//! A text whose digits count themselves, and what is left of it tells how much a form keeps. Knows no company and prints nothing.

use std::ops::RangeInclusive;

use crate::zone::Rtype;
use crate::zone::text::split;

use super::limits::{Limits, Strength};
use super::model::FittedZone;

/// Lengths that a ruler may have. Below, it says nothing; above, an answer no longer fits into one message of DNS.
pub const LENGTHS: RangeInclusive<usize> = 20..=4000;
/// The host at which the test TXT is entered.
pub const TXT_HOST: &str = "zoneplan-test";
/// The usual length: the longest record that is common, a DKIM key of 2048 bits, is 410 octets.
pub const USUAL: usize = 420;
/// Octets of one string of a TXT (RFC 1035 §3.3).
const STRING: usize = 255;
/// Octets from one number to the end of the next one.
const STEP: usize = 10;
/// Octets of a text that came back that are looked at; a ruler as a resolver's tool shows it is far shorter.
const READ_MAX: usize = 64 * 1024;

/// A text of `length` octets in which the number that ends at octet p is p. It ends in a number: its own length.
#[must_use]
pub fn ruler(length: usize) -> String {
    let last = length.to_string();
    let mut out = String::with_capacity(length);
    // A number right before the last one would run into it.
    for mark in (STEP..length).step_by(STEP).filter(|mark| mark + last.len() < length) {
        number(&mut out, mark);
    }
    number(&mut out, length);
    out
}

/// Appends dots and `mark`, so that the text ends at octet `mark`.
fn number(out: &mut String, mark: usize) {
    let digits = mark.to_string();
    let dots = mark.saturating_sub(out.len() + digits.len());
    out.extend(std::iter::repeat_n('.', dots));
    out.push_str(&digits);
}

/// The ruler as strings in quotes, for a form that wants a long TXT in that shape; none if one string holds it.
#[must_use]
pub fn in_quotes(ruler: &str) -> Option<String> {
    let strings: Vec<String> = split(ruler.as_bytes(), STRING).map(crate::zone::text::quote).collect();
    (strings.len() > 1).then(|| strings.join(" "))
}

/// The length for a zone: the usual one, or that of its longest TXT.
#[must_use]
pub fn length_for(zone: &FittedZone<'_>) -> usize {
    let texts = zone.composed.rrsets.iter().filter(|set| set.rtype == Rtype::TXT).flat_map(|set| &set.members);
    let longest = texts.map(|member| member.rdata.txt_joined().len()).max().unwrap_or_default();
    longest.clamp(USUAL, *LENGTHS.end())
}

/// What is left of a ruler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Octets that were kept, from the front.
    pub kept: usize,
    /// Lengths of the strings, where the text showed them in quotes.
    pub strings: Vec<usize>,
    /// Each string was cut on its own; `kept` is what is left of the first.
    pub each_cut: bool,
}

/// How many octets of a ruler were kept, from the text that came back: all of it, or its end with at least one number between dots. In
/// quotes or not, as a form or `nslookup` shows it. None if it is no ruler, or too little of one to tell.
#[must_use]
pub fn read(text: &str) -> Option<Reading> {
    // Where a list has shortened the text, what is left says nothing.
    if text.len() > READ_MAX || text.contains('…') {
        return None;
    }
    let mut strings: Vec<&str> = Vec::new();
    if text.contains('"') {
        // What stands between two quotes; a quote that is missing at the end was cut off.
        strings.extend(text.split('"').skip(1).step_by(2).filter(|s| !s.is_empty()));
    } else {
        // Around it may stand words, such as nslookup's.
        let of_ruler = |word: &&str| word.bytes().all(|b| b == b'.' || b.is_ascii_digit());
        strings.extend(text.split_whitespace().filter(of_ruler));
    }
    let lengths: Vec<usize> = if text.contains('"') { strings.iter().map(|s| s.len()).collect() } else { Vec::new() };
    if let Some(kept) = end_of(&strings.concat()) {
        return Some(Reading { kept, strings: lengths, each_cut: false });
    }
    // Strings that do not join up: something is missing at the end of each.
    let ends: Option<Vec<usize>> = strings.iter().map(|s| end_of(s)).collect();
    let first = *ends.filter(|e| e.len() > 1)?.first()?;
    Some(Reading { kept: first, strings: lengths, each_cut: true })
}

/// A run of digits: where it begins and ends, and what it says.
struct Run<'a> {
    begin: usize,
    end: usize,
    digits: &'a str,
}

/// The place of the last octet of `text` in the ruler that it is from.
fn end_of(text: &str) -> Option<usize> {
    if text.is_empty() || !text.bytes().all(|b| b == b'.' || b.is_ascii_digit()) {
        return None;
    }
    // Too short for a number between dots, but all of it.
    if ruler(2 * STEP).starts_with(text) {
        return Some(text.len());
    }
    let mut runs = runs(text);
    // The last one may be cut, or be the end.
    let tail = runs.pop_if(|run| run.end == text.len());
    // The first one may lack its front.
    let whole: Vec<&Run<'_>> = runs.iter().filter(|run| run.begin > 0).collect();
    let mut before: Option<(usize, usize)> = None;
    for run in whole {
        let says: usize = run.digits.parse().ok().filter(|n| n % STEP == 0)?;
        if before.is_some_and(|(said, end)| says != said + STEP || run.end != end + STEP) {
            return None;
        }
        before = Some((says, run.end));
    }
    let (says, end) = before?;
    // More in front of it than the ruler has.
    if end > says {
        return None;
    }
    let at = |place: usize| says + (place - end);
    let last = at(text.len());
    match tail {
        // Its digits are the beginning of a number that ends where it says.
        Some(tail) => {
            let begin = at(tail.begin);
            let fits = |digits: usize| {
                let number = (begin + digits).to_string();
                number.len() == digits && number.starts_with(tail.digits)
            };
            (begin < says + 2 * STEP && (1..=4).any(fits)).then_some(last)
        }
        // Dots to where the next number would begin, and a few more if it is the end that stands there.
        None => (last < says + 2 * STEP).then_some(last),
    }
}

fn runs(text: &str) -> Vec<Run<'_>> {
    let mut out: Vec<Run<'_>> = Vec::new();
    let mut begin = 0;
    for part in text.split('.') {
        if !part.is_empty() {
            out.push(Run { begin, end: begin + part.len(), digits: part });
        }
        begin += part.len() + 1;
    }
    out
}

/// What a reading says of the form, as lines of `[limits]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All of it was kept: at least this many octets go in.
    Whole(usize),
    /// The form cuts silently after this many.
    Cut(usize),
    /// The form cuts each string after this many.
    EachCut(usize),
    /// More came back than was entered: it was a longer ruler.
    Longer(usize),
}

impl Verdict {
    /// What follows from a ruler of `length` octets of which this was read.
    #[must_use]
    pub fn of(length: usize, reading: &Reading) -> Self {
        match reading.kept {
            kept if reading.each_cut => Verdict::EachCut(kept),
            kept if kept > length => Verdict::Longer(kept),
            kept if kept < length => Verdict::Cut(kept),
            kept => Verdict::Whole(kept),
        }
    }

    /// The key of `[limits]` and its value.
    #[must_use]
    pub fn limit(self) -> Option<(&'static str, usize)> {
        match self {
            Verdict::Whole(n) => Some(("txt-max", n)),
            Verdict::Cut(n) => Some(("txt-truncates", n)),
            Verdict::EachCut(n) => Some(("string-max", n)),
            Verdict::Longer(_) => None,
        }
    }
}

/// The limits that the ruler and its CNAME settle, in the order in which they are shown.
pub const SETTLES: [&str; 14] = [
    "txt-max",
    "value-max",
    "txt-max-encoded",
    "txt-truncates",
    "txt-refused-at",
    "string-max",
    "txt-over-255",
    "txt-quotes",
    "record-wire-max",
    "cname-target-underscore",
    "cname-target-charset",
    "cname-owner-underscore",
    "owner-underscore",
    "cname-host-charset",
];

/// Whether strings in quotes are worth a try: not where the form is known to take quotes as text, to strip them or to refuse them.
#[must_use]
pub fn quotes_may_help(limits: &Limits) -> bool {
    let known_word = |key: &str, words: &[&str]| {
        limits.word(key).is_some_and(|(w, limit)| words.contains(&w) && limit.strength() == Strength::Known)
    };
    let forbidden = limits
        .words("txt-forbidden")
        .is_some_and(|(w, limit)| w.iter().any(|w| w == "double-quote") && limit.strength() == Strength::Known);
    !forbidden
        && !known_word("txt-quotes", &["bare", "stripped"])
        && !known_word("txt-over-255", &["auto-split", "reject"])
}

#[cfg(test)]
#[allow(clippy::string_slice, reason = "a ruler is ASCII")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kept(text: &str) -> Option<usize> {
        read(text).map(|r| r.kept)
    }

    #[test]
    fn each_number_ends_where_it_says() {
        assert_eq!(ruler(42), "........10........20........30..........42");
        assert_eq!(ruler(43), "........10........20........30........40.43");
        for length in LENGTHS {
            let text = ruler(length);
            assert_eq!(text.len(), length);
            let runs = runs(&text);
            assert!(runs.iter().all(|run| run.digits == run.end.to_string()), "{text}");
            assert_eq!(runs.last().unwrap().end, length);
            // Between two numbers is a dot, and never more than a number's worth is missing.
            assert!(runs.windows(2).all(|w| w[0].end < w[1].begin && w[1].end - w[0].end < 2 * STEP));
        }
    }

    #[test]
    fn every_cut_of_every_length_is_read() {
        for length in [20, 21, 22, 23, 127, 255, 256, 410, 420, 999, 1000, 1001, 1003, 1004, 1005, 3996, 3999, 4000] {
            let text = ruler(length);
            assert_eq!(kept(&text[..0]), None);
            for cut in 1..=length {
                assert_eq!(kept(&text[..cut]), Some(cut), "{}", &text[..cut]);
            }
        }
    }

    #[test]
    fn the_end_alone_is_enough_if_a_number_stands_whole_in_it() {
        assert_eq!(kept("..240.......250....."), Some(255));
        assert_eq!(kept("0.......410.......42"), Some(419));
        assert_eq!(kept(".......990......1000......10"), Some(1008));
        // 41 is what is left of 410 or of 4100.
        for too_little in ["41", "410", ".......410", "", ".........", " \n "] {
            assert_eq!(kept(too_little), None, "{too_little}");
        }
    }

    #[test]
    fn what_tools_and_forms_put_around_it_does_not_count() {
        let text = ruler(420);
        let (first, rest) = text.split_at(255);
        let windows = format!("zoneplan-test.example.com\ttext =\r\n\r\n\t\"{first}\"\r\n\t\"{rest}\"\r\n");
        let dig = format!("zoneplan-test.example.com. 3600 IN TXT {}", in_quotes(&text).unwrap());
        // A shell may take the quotes away.
        assert_eq!(kept(&windows.replace('"', "")), Some(420));
        for shown in [windows, dig] {
            assert_eq!(read(&shown), Some(Reading { kept: 420, strings: vec![255, 165], each_cut: false }));
        }
        assert_eq!(read(&format!(" {first}\n{rest}\n")).unwrap().strings, [0usize; 0]);
        // A quote that was cut off with the rest.
        assert_eq!(kept(&format!("\"{}", &text[..254])), Some(254));
        assert_eq!(in_quotes(&ruler(255)), None);
    }

    #[test]
    fn strings_that_are_each_cut() {
        let text = ruler(420);
        let shown = format!("\"{}\" \"{}\"", &text[..200], &text[255..400]);
        assert_eq!(read(&shown), Some(Reading { kept: 200, strings: vec![200, 145], each_cut: true }));
    }

    #[test]
    fn what_is_no_ruler_is_not_read() {
        let text = ruler(420);
        let middle_missing = format!("{}{}", &text[..100], &text[200..]);
        let abbreviated = format!("{} …", &text[..60]);
        let longer = format!("..{text}");
        let other = [
            "v=spf1 -all",
            "127",
            "8.8.8.8",
            "192.0.2.1",
            "........10........30",
            "........10........20..........................",
            "........10........20.99",
            &middle_missing,
            &abbreviated,
            &longer,
        ];
        for text in other {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read(&"9".repeat(READ_MAX)), None);
        assert_eq!(read(&ruler(4000).repeat(20)), None);
    }

    #[test]
    fn what_follows() {
        let of = |kept| Verdict::of(420, &Reading { kept, strings: Vec::new(), each_cut: false });
        assert_eq!(of(420).limit(), Some(("txt-max", 420)));
        assert_eq!(of(255).limit(), Some(("txt-truncates", 255)));
        assert_eq!(of(500), Verdict::Longer(500));
        for key in SETTLES {
            assert!(crate::catalogue::limits::key(key).is_some(), "{key}");
        }
    }

    proptest! {
        #[test]
        fn a_cut_is_read_from_any_end_of_it(length in LENGTHS, cut in 25usize..4000, shown in 25usize..4000) {
            let text = ruler(length);
            let cut = cut.min(length);
            let left = &text[..cut];
            let end = &left[cut.saturating_sub(shown)..];
            // 25 octets hold a whole number between dots.
            prop_assume!(end.len() >= 25);
            prop_assert_eq!(kept(end), Some(cut));
        }

        #[test]
        fn nothing_makes_it_stop(text in "[.0-9\"\\PC]{0,200}") {
            if let Some(reading) = read(&text) {
                prop_assert!(reading.kept > 0);
            }
        }
    }
}
