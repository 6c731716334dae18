//! Domain names: any octets, absolute, in wire form. Presentation format is read and written here and nowhere else.
//!
//! Holds what RFC 1035, 2181 and 1123 say of a name. Knows no records and no Unicode (that is `idn`).

use std::{cmp::Ordering, fmt, hash, ops::Range};

use crate::{report::Text, say};

/// Most octets of one label (RFC 1035 §2.3.4).
pub const LABEL_MAX: usize = 63;
/// Most octets of a name on the wire: every length octet and the root's are counted (RFC 1035 §2.3.4, RFC 2181 §11).
pub const NAME_MAX: usize = 255;

/// An absolute domain name.
///
/// The case of letters is kept, and ignored by `Eq`, `Ord` and `Hash` (RFC 4343). `Ord` is the canonical order of RFC 4034 §6.1:
/// a name stands directly before the names below it.
#[derive(Clone)]
pub struct Name {
    /// Wire form: length octet and octets of each label, then the root's zero. Never longer than [`NAME_MAX`].
    wire: Box<[u8]>,
}

impl Name {
    /// The root, `.`.
    #[must_use]
    pub fn root() -> Self {
        Self { wire: Box::new([0]) }
    }

    /// A name from its labels, leftmost first; any octets are allowed in a label.
    ///
    /// # Errors
    /// An empty label, or one of the limits 63 and 255.
    pub fn from_labels<I>(labels: I) -> Result<Self, NameError>
    where
        I: IntoIterator<Item: AsRef<[u8]>>,
    {
        let mut buffer = Buffer::new();
        for label in labels {
            buffer.push(label.as_ref(), 0..0)?;
        }
        buffer.append(&[0], 0..0)?;
        Ok(buffer.to_name())
    }

    /// A name from its uncompressed wire form, which must be the whole of `wire`. `None` if it is anything else.
    #[must_use]
    pub fn from_wire(wire: &[u8]) -> Option<Self> {
        let (name, rest) = Self::split_wire(wire)?;
        rest.is_empty().then_some(name)
    }

    /// The uncompressed name at the beginning of `wire`, and what follows it.
    #[must_use]
    pub fn split_wire(wire: &[u8]) -> Option<(Self, &[u8])> {
        let mut rest = wire;
        let mut length = 0;
        loop {
            let (&octets, after) = rest.split_first()?;
            let octets = usize::from(octets);
            // 64 and more are compression pointers or reserved (RFC 1035 §4.1.4).
            if octets > LABEL_MAX {
                return None;
            }
            length += 1 + octets;
            rest = after.get(octets..)?;
            if octets == 0 {
                break;
            }
        }
        if length > NAME_MAX {
            return None;
        }
        Some((Self { wire: wire.get(..length)?.into() }, rest))
    }

    /// Reads presentation format (RFC 1035 §5.1): `\DDD` (decimal) and `\X` escapes, `@` for the origin, and without a final dot
    /// relative to the origin. Octets above 127 are taken as they are, as name servers do.
    ///
    /// # Errors
    /// Empty text or label, a broken escape, a limit, or a relative name without an origin.
    pub fn parse(text: impl AsRef<[u8]>, origin: Option<&Self>) -> Result<Self, NameError> {
        Buffer::parse(text.as_ref(), origin).map(|(buffer, _)| buffer.to_name())
    }

    /// Reads presentation format and takes the name as absolute, with or without the final dot.
    ///
    /// # Errors
    /// As [`Name::parse`]; `@` is an error too, as it means an origin.
    pub fn parse_absolute(text: impl AsRef<[u8]>) -> Result<Self, NameError> {
        let text = text.as_ref();
        if text == b"@" {
            return Err(NameError { fault: NameFault::NoOrigin, range: 0..1 });
        }
        let mut buffer = Buffer::new();
        let _ = read(text, &mut buffer)?;
        buffer.append(&[0], 0..text.len())?;
        Ok(buffer.to_name())
    }

    /// The labels, leftmost first, without the root.
    #[must_use]
    pub fn labels(&self) -> Labels<'_> {
        Labels { rest: &self.wire }
    }

    /// The leftmost label; `None` at the root.
    #[must_use]
    pub fn first_label(&self) -> Option<&[u8]> {
        self.labels().next()
    }

    /// Number of labels, the root not counted.
    #[must_use]
    pub fn label_count(&self) -> usize {
        self.labels().count()
    }

    /// Whether this is the root.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.wire.len() == 1
    }

    /// Whether the leftmost label is `*` (RFC 4592 §2.1.1).
    #[must_use]
    pub fn is_wildcard(&self) -> bool {
        self.first_label() == Some(b"*")
    }

    /// Octets of the uncompressed wire form.
    #[must_use]
    pub fn wire_len(&self) -> usize {
        self.wire.len()
    }

    /// The uncompressed wire form.
    #[must_use]
    pub fn as_wire(&self) -> &[u8] {
        &self.wire
    }

    /// The same name with ASCII letters in lower case.
    #[must_use]
    pub fn to_lowercase(&self) -> Self {
        // Length octets are at most 63, below `A`, so the whole wire form can be mapped at once.
        Self { wire: self.wire.to_ascii_lowercase().into() }
    }

    /// Whether this name is `other` or below it.
    #[must_use]
    pub fn is_subdomain_of(&self, other: &Self) -> bool {
        self.prefix_len(other).is_some()
    }

    /// The labels in front of `suffix` as a name of their own (the root if the names are equal); `None` if this is not below `suffix`.
    #[must_use]
    pub fn strip_suffix(&self, suffix: &Self) -> Option<Self> {
        let prefix = self.wire.get(..self.prefix_len(suffix)?)?;
        Some(Self { wire: [prefix, &[0]].concat().into() })
    }

    /// Presentation format relative to `origin`: `@` for the origin itself, no final dot. `None` if this is not below `origin`.
    #[must_use]
    pub fn relative_to(&self, origin: &Self) -> Option<String> {
        let prefix = self.strip_suffix(origin)?;
        Some(if prefix.is_root() { "@".to_owned() } else { prefix.display_without_dot().to_string() })
    }

    /// The name without its leftmost label; `None` at the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let first = self.first_label()?;
        Some(Self { wire: self.wire.get(1 + first.len()..)?.into() })
    }

    /// The name with one more label in front.
    ///
    /// # Errors
    /// An empty label, or one of the limits 63 and 255.
    pub fn child(&self, label: impl AsRef<[u8]>) -> Result<Self, NameError> {
        let mut buffer = Buffer::new();
        buffer.push(label.as_ref(), 0..0)?;
        buffer.append(&self.wire, 0..0)?;
        Ok(buffer.to_name())
    }

    /// The labels of this name in front of `suffix`, as `d._report._dmarc.` + `dest.`: the reverse of [`Name::strip_suffix`].
    ///
    /// # Errors
    /// The limit of 255.
    pub fn join(&self, suffix: &Self) -> Result<Self, NameError> {
        let prefix = self.wire.split_last().map_or(&[][..], |(_, labels)| labels);
        let mut buffer = Buffer::new();
        buffer.append(prefix, 0..0)?;
        buffer.append(&suffix.wire, 0..0)?;
        Ok(buffer.to_name())
    }

    /// Presentation format without the final dot; the root stays `.`.
    #[must_use]
    pub fn display_without_dot(&self) -> impl fmt::Display + '_ {
        WithoutDot(self)
    }

    /// What keeps this name from being a host name: letters, digits and inner hyphens, and a last label that is not a number
    /// (RFC 1123 §2.1, RFC 5321 §2.3.5). `None` if nothing does. The caller decides what must be a host: an owner with `_` is fine
    /// for TXT and CNAME.
    #[must_use]
    pub fn host_fault(&self) -> Option<HostFault> {
        for label in self.labels() {
            let fault = |character: String, problem| Some(HostFault { label: escaped(label), character, problem });
            if let Some(at) = label.iter().position(|octet| !octet.is_ascii_alphanumeric() && *octet != b'-') {
                return fault(character_at(label, at), HostProblem::Character);
            }
            if label.first() == Some(&b'-') || label.last() == Some(&b'-') {
                return fault("-".to_owned(), HostProblem::EdgeHyphen);
            }
        }
        let last = self.labels().last()?;
        last.iter().all(u8::is_ascii_digit).then(|| HostFault {
            label: escaped(last),
            character: last.last().map_or_else(String::new, |octet| escaped(&[*octet])),
            problem: HostProblem::NumericLast,
        })
    }

    /// Octets of the wire form in front of `suffix`.
    fn prefix_len(&self, suffix: &Self) -> Option<usize> {
        let mut labels = self.labels();
        while labels.rest.len() > suffix.wire.len() {
            labels.next()?;
        }
        labels.rest.eq_ignore_ascii_case(&suffix.wire).then(|| self.wire.len() - labels.rest.len())
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.wire.eq_ignore_ascii_case(&other.wire)
    }
}

impl Eq for Name {}

impl hash::Hash for Name {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        let mut lower = [0; NAME_MAX];
        for (to, from) in lower.iter_mut().zip(&self.wire) {
            *to = from.to_ascii_lowercase();
        }
        lower.get(..self.wire.len()).unwrap_or(&lower).hash(state);
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        // Labels can only be walked from the left, and the rightmost ones that differ decide.
        let (left, right) = (self.label_count(), other.label_count());
        let least = left.min(right);
        let mut order = Ordering::Equal;
        for (left, right) in self.labels().skip(left - least).zip(other.labels().skip(right - least)) {
            let here = left.iter().map(u8::to_ascii_lowercase).cmp(right.iter().map(u8::to_ascii_lowercase));
            if here.is_ne() {
                order = here;
            }
        }
        order.then(left.cmp(&right))
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Presentation format, with the final dot.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_root() {
            return f.write_str(".");
        }
        for label in self.labels() {
            write_label(label, f)?;
            f.write_str(".")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// See [`Name::display_without_dot`].
struct WithoutDot<'a>(&'a Name);

impl fmt::Display for WithoutDot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_root() {
            return f.write_str(".");
        }
        for (index, label) in self.0.labels().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            write_label(label, f)?;
        }
        Ok(())
    }
}

/// The labels of a [`Name`], leftmost first.
#[derive(Clone, Debug)]
pub struct Labels<'a> {
    /// The wire form from the next label on.
    rest: &'a [u8],
}

impl<'a> Iterator for Labels<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (&octets, after) = self.rest.split_first()?;
        if octets == 0 {
            return None;
        }
        let (label, rest) = after.split_at_checked(usize::from(octets))?;
        self.rest = rest;
        Some(label)
    }
}

/// Presentation format of one label: `\X` for what means something in zone text, `\DDD` for what cannot be printed.
fn write_label(label: &[u8], f: &mut impl fmt::Write) -> fmt::Result {
    for &octet in label {
        match octet {
            b'.' | b'\\' | b'"' | b';' | b'(' | b')' | b'@' | b'$' => write!(f, "\\{}", char::from(octet))?,
            0x21..=0x7e => f.write_char(char::from(octet))?,
            _ => write!(f, "\\{octet:03}")?,
        }
    }
    Ok(())
}

/// One label in presentation format.
fn escaped(label: &[u8]) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_label(label, &mut text);
    text
}

/// The character that begins at `at`: as itself if it can be seen, else as `\u{...}`, or `\DDD` for ASCII and for what is not UTF-8.
fn character_at(label: &[u8], at: usize) -> String {
    let rest = label.get(at..).unwrap_or(&[]);
    let character = rest.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
    match (character, rest.first()) {
        (Some(character), _) if !character.is_ascii() => character.escape_debug().to_string(),
        (_, Some(octet)) => escaped(&[*octet]),
        (_, None) => String::new(),
    }
}

/// Reads the labels of presentation text into an empty buffer, and whether it ended in a dot.
fn read(text: &[u8], buffer: &mut Buffer) -> Result<bool, NameError> {
    if text.is_empty() {
        return Err(NameError { fault: NameFault::Empty, range: 0..0 });
    }
    if text == b"." {
        return Ok(true);
    }
    let mut start = 0;
    loop {
        let rest = text.get(start..).unwrap_or(&[]);
        // A label without escapes is taken as a whole.
        let length = rest.iter().position(|octet| matches!(octet, b'.' | b'\\')).unwrap_or(rest.len());
        let end = match rest.get(length) {
            Some(b'\\') => start + push_escaped(rest, start, buffer)?,
            _ => {
                buffer.push(rest.get(..length).unwrap_or(rest), start..start + length)?;
                start + length
            }
        };
        match text.len().checked_sub(end) {
            None | Some(0) => return Ok(false),
            Some(1) => return Ok(true),
            Some(_) => start = end + 1,
        }
    }
}

/// Reads the label at the beginning of `rest`, which has escapes. Returns how many octets of text it takes.
fn push_escaped(rest: &[u8], start: usize, buffer: &mut Buffer) -> Result<usize, NameError> {
    let mut label = Vec::new();
    let mut at = 0;
    while let Some(octet) = rest.get(at).filter(|octet| **octet != b'.') {
        at += 1;
        if *octet == b'\\' {
            let Some((octet, used)) = unescape(rest.get(at..).unwrap_or(&[])) else {
                let end = rest.len().min(at + 3);
                return Err(NameError { fault: NameFault::Escape, range: start + at - 1..start + end });
            };
            label.push(octet);
            at += used;
        } else {
            label.push(*octet);
        }
    }
    buffer.push(&label, start..start + at)?;
    Ok(at)
}

/// The octet of an escape, and how many octets of `after`, which begins behind the backslash, it takes (at least one):
/// three decimal digits, or one character that is not a digit (RFC 1035 §5.1).
pub(super) fn unescape(after: &[u8]) -> Option<(u8, usize)> {
    match after {
        [a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', ..] => {
            let value = [a, b, c].iter().fold(0u16, |value, digit| value * 10 + u16::from(**digit - b'0'));
            Some((u8::try_from(value).ok()?, 3))
        }
        [b'0'..=b'9', ..] | [] => None,
        [octet, ..] => Some((*octet, 1)),
    }
}

/// How a name was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// Whole, with its final dot.
    Whole,
    /// Relative to the origin, or as `@`.
    Relative,
}

/// A name that is being put together, without memory of its own. Counts on past the limit, so that the error can say the number.
#[derive(Clone)]
pub(super) struct Buffer {
    /// Wire form so far; what is past the limit is not kept.
    wire: [u8; NAME_MAX],
    /// Octets that the wire form would have.
    octets: usize,
}

impl Buffer {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self { wire: [0; NAME_MAX], octets: 0 }
    }

    /// As [`Name::parse`].
    pub(super) fn parse(text: &[u8], origin: Option<&Name>) -> Result<(Self, Written), NameError> {
        let mut buffer = Self::new();
        if text == b"@"
            && let Some(origin) = origin
        {
            buffer.append(&origin.wire, 0..1)?;
            return Ok((buffer, Written::Relative));
        }
        let range = 0..text.len();
        match (read(text, &mut buffer)?, origin) {
            (true, _) => buffer.append(&[0], range).map(|()| (buffer, Written::Whole)),
            (false, Some(origin)) => buffer.append(&origin.wire, range).map(|()| (buffer, Written::Relative)),
            (false, None) => Err(NameError { fault: NameFault::NoOrigin, range }),
        }
    }

    /// Adds a label; `range` is where it stands in the text.
    fn push(&mut self, label: &[u8], range: Range<usize>) -> Result<(), NameError> {
        let length = match u8::try_from(label.len()) {
            Ok(0) => {
                return Err(NameError { fault: NameFault::EmptyLabel, range });
            }
            Ok(length) if label.len() <= LABEL_MAX => length,
            _ => {
                let fault =
                    NameFault::LabelTooLong { label: escaped(label.get(..20).unwrap_or(label)), octets: label.len() };
                return Err(NameError { fault, range });
            }
        };
        self.keep(&[length]);
        self.keep(label);
        Ok(())
    }

    /// Adds octets of wire form.
    fn append(&mut self, wire: &[u8], range: Range<usize>) -> Result<(), NameError> {
        self.keep(wire);
        if self.octets > NAME_MAX {
            return Err(NameError { fault: NameFault::NameTooLong { octets: self.octets }, range });
        }
        Ok(())
    }

    /// Keeps octets as far as there is room.
    fn keep(&mut self, octets: &[u8]) {
        let start = self.octets;
        self.octets += octets.len();
        if let Some(room) = self.wire.get_mut(start..self.octets) {
            room.copy_from_slice(octets);
        }
    }

    /// The wire form.
    pub(super) fn as_wire(&self) -> &[u8] {
        self.wire.get(..self.octets).unwrap_or(&self.wire)
    }

    /// The name.
    pub(super) fn to_name(&self) -> Name {
        Name { wire: self.as_wire().into() }
    }

    /// Whether the name is another name below `origin`, and that name is below `origin` too: what becomes of a whole name without its final dot.
    /// An origin of one label is repeated on purpose too easily.
    pub(super) fn doubles(&self, origin: &Name) -> bool {
        let suffix = origin.wire.split_last().map_or(&[][..], |(_, labels)| labels);
        let above = |wire: &'_ [u8]| wire.len() > 1 + usize::from(wire.first().copied().unwrap_or(0));
        let Some(labels) = self.octets.checked_sub(origin.wire.len()).and_then(|end| self.wire.get(..end)) else {
            return false;
        };
        if !above(suffix) || labels.len() < suffix.len() {
            return false;
        }
        let tail = labels.len() - suffix.len();
        labels.get(tail..).is_some_and(|end| end.eq_ignore_ascii_case(suffix)) && is_boundary(labels, tail)
    }
}

/// Whether a label begins at the octet `at` of labels in wire form.
fn is_boundary(labels: &[u8], at: usize) -> bool {
    let mut here = 0;
    while let Some(length) = labels.get(here).filter(|_| here < at) {
        here += 1 + usize::from(*length);
    }
    here == at
}

/// Why octets or text are not a name, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameError {
    /// What is wrong.
    pub fault: NameFault,
    /// Octets of the text that was read; empty where there was no text.
    pub range: Range<usize>,
}

/// What is wrong with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameFault {
    /// No text at all.
    Empty,
    /// Nothing between two dots, or before the first.
    EmptyLabel,
    /// A label over [`LABEL_MAX`].
    LabelTooLong {
        /// Its first 20 octets, in presentation format.
        label: String,
        /// Its octets, after escapes are undone.
        octets: usize,
    },
    /// A name over [`NAME_MAX`].
    NameTooLong {
        /// Its octets on the wire.
        octets: usize,
    },
    /// A backslash that is not followed by three digits up to 255 or by one other character.
    Escape,
    /// A relative name or `@` where no origin is known.
    NoOrigin,
}

impl NameError {
    /// The sentence for people.
    #[must_use]
    pub fn text(&self) -> Text {
        match &self.fault {
            NameFault::Empty => say!(en: "the name is empty", ja: "名前が空です"),
            NameFault::EmptyLabel => {
                say!(en: "there is nothing between two dots of the name", ja: "名前の点と点のあいだに文字がありません")
            }
            NameFault::LabelTooLong { label, octets } => say!(
                en: "{octets} bytes between two dots; a name takes at most 63 there ({label}...)",
                ja: "点と点のあいだが {octets} バイトあります。63 バイトまでです（{label}...）"
            ),
            NameFault::NameTooLong { octets } => say!(
                en: "{octets} bytes on the wire; a name is at most 255 (253 characters without the final dot)",
                ja: "名前が DNS の中で {octets} バイトになります。255 バイト（最後の点を除いて 253 文字）までです"
            ),
            NameFault::Escape => say!(
                en: r"after \ come three digits (000 to 255) or one other character",
                ja: r"\ のあとには、3 桁の数字（000〜255）か、数字でない 1 文字を書きます"
            ),
            NameFault::NoOrigin => say!(
                en: "the name is relative and nothing says to what; write it whole, with a final dot",
                ja: "名前が途中までで、続きのドメインが分かりません。最後の点まで全部書いてください"
            ),
        }
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for NameError {}

/// Why a name is not a host name. See [`Name::host_fault`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostFault {
    /// The label, in presentation format.
    pub label: String,
    /// The character, as itself or as `\DDD`.
    pub character: String,
    /// What is wrong with it.
    pub problem: HostProblem,
}

/// What is wrong with a label of a host name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostProblem {
    /// Not a letter, digit or hyphen.
    Character,
    /// The label begins or ends with a hyphen.
    EdgeHyphen,
    /// The last label is a number, so that the name reads as an address.
    NumericLast,
}

impl HostFault {
    /// The sentence for people.
    #[must_use]
    pub fn text(&self) -> Text {
        let Self { label, character, problem } = self;
        match problem {
            HostProblem::Character => say!(
                en: "a host name has letters, digits and hyphens only; {label} has {character}",
                ja: "ホスト名に使えるのは英数字とハイフンだけです。{label} に {character} があります"
            ),
            HostProblem::EdgeHyphen => say!(
                en: "no part of a host name begins or ends with a hyphen; {label} does",
                ja: "ホスト名の区切りの最初と最後にハイフンは使えません（{label}）"
            ),
            HostProblem::NumericLast => say!(
                en: "the last part of a host name is not a number; {label} is",
                ja: "ホスト名の最後の区切りは数字だけにできません（{label}）"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn name(text: &str) -> Name {
        Name::parse_absolute(text).unwrap()
    }

    #[test]
    fn limits_say_the_number() {
        let label = "a".repeat(64);
        let error = Name::parse_absolute(format!("x.{label}.jp")).unwrap_err();
        assert_eq!(error.range, 2..66);
        assert!(error.text().en.starts_with("64 bytes"), "{error}");
        let exact = format!("{0}.{0}.{0}.{1}", "a".repeat(63), "a".repeat(61));
        assert_eq!(name(&exact).wire_len(), 255);
        let error = Name::parse_absolute(format!("{exact}a")).unwrap_err();
        assert_eq!(error.fault, NameFault::NameTooLong { octets: 256 });
        let error = Name::parse("a".repeat(63), Some(&name(&exact))).unwrap_err();
        assert_eq!(error.fault, NameFault::NameTooLong { octets: 319 });
    }

    #[test]
    fn escapes_are_decimal_and_come_back() {
        let odd = Name::from_labels([&b"a.b\\\"; ()@$\0\xff\tz"[..], b"@", b"*"]).unwrap();
        assert_eq!(odd.to_string(), r#"a\.b\\\"\;\032\(\)\@\$\000\255\009z.\@.*."#);
        assert_eq!(Name::parse(odd.to_string(), None).unwrap(), odd);
        assert_eq!(name(r"\065\b.x").to_string(), "Ab.x.");
        for (text, range) in [(r"a\256.", 1..5), (r"a\", 1..2), (r"a\12", 1..4), (r"\1x4", 0..4)] {
            assert_eq!(
                Name::parse_absolute(text).unwrap_err(),
                NameError { fault: NameFault::Escape, range },
                "{text}"
            );
        }
    }

    #[test]
    fn relative_and_absolute() {
        let origin = name("Example.jp.");
        assert_eq!(Name::parse("www", Some(&origin)).unwrap(), name("WWW.example.JP"));
        assert_eq!(Name::parse("www.", Some(&origin)).unwrap(), name("www"));
        assert_eq!(Name::parse("@", Some(&origin)).unwrap(), origin);
        assert_eq!(Name::parse(".", None).unwrap(), Name::root());
        assert_eq!(Name::parse("www", None).unwrap_err().fault, NameFault::NoOrigin);
        for text in ["..", ".a", "a..b", "a.."] {
            assert_eq!(Name::parse_absolute(text).unwrap_err().fault, NameFault::EmptyLabel, "{text}");
        }
        assert_eq!(Name::parse_absolute("").unwrap_err().fault, NameFault::Empty);
        assert!(Name::parse_absolute("@").is_err());
        assert_eq!(name("a.B.example.jp").relative_to(&origin).unwrap(), "a.B");
        assert_eq!(origin.relative_to(&origin).unwrap(), "@");
        assert_eq!(Name::root().display_without_dot().to_string(), ".");
        assert_eq!(origin.display_without_dot().to_string(), "Example.jp");
    }

    #[test]
    fn families() {
        let origin = name("example.jp");
        assert!(name("a.EXAMPLE.jp").is_subdomain_of(&origin) && origin.is_subdomain_of(&origin));
        assert!(!name("badexample.jp").is_subdomain_of(&origin) && !name("jp").is_subdomain_of(&origin));
        // The octets of the suffix occur, but not at a label's beginning.
        assert!(!Name::from_labels([&b"x\x07example\x02jp"[..]]).unwrap().is_subdomain_of(&origin));
        assert_eq!(name("a.b.example.jp").strip_suffix(&origin).unwrap(), name("a.b"));
        assert_eq!(name("a.b").join(&origin).unwrap(), name("a.b.example.jp"));
        assert_eq!(origin.child("*").unwrap().parent().unwrap(), origin);
        assert!(origin.child("*").unwrap().is_wildcard() && origin.child("").is_err());
        assert_eq!(Name::root().parent(), None);
        assert_eq!(origin.label_count(), 2);
    }

    #[test]
    fn canonical_order_of_rfc_4034() {
        let sorted = [
            "example",
            "a.example",
            "yljkjljk.a.example",
            "Z.a.example",
            "zABC.a.EXAMPLE",
            "z.example",
            r"\001.z.example",
            "*.z.example",
            r"\200.z.example",
        ];
        let mut names: Vec<Name> = sorted.iter().rev().map(|text| name(text)).collect();
        names.sort();
        assert_eq!(names.iter().map(ToString::to_string).collect::<Vec<_>>(), sorted.map(|text| format!("{text}.")));
        let set: HashSet<Name> = [name("A.b"), name("a.B"), name("a.b.c")].into();
        assert_eq!(set.len(), 2);
    }

    #[test]
    fn wire_form() {
        assert_eq!(name("a.example").as_wire(), b"\x01a\x07example\0");
        assert_eq!(Name::from_wire(b"\x01a\x07example\0"), Some(name("a.example")));
        for bad in [&b""[..], b"\x01a", b"\x01a\0x", b"\xc0\x0c", b"\x40"] {
            assert_eq!(Name::from_wire(bad), None);
        }
        assert_eq!(Name::from_wire(&[[1, b'a'].repeat(127), vec![0]].concat()).unwrap().label_count(), 127);
        assert_eq!(Name::from_wire(&[[1, b'a'].repeat(128), vec![0]].concat()), None);
    }

    #[test]
    fn hosts() {
        assert_eq!(name("mail-1.example.jp").host_fault(), None);
        assert_eq!(Name::root().host_fault(), None);
        for (text, label, character, problem) in [
            ("mail_1.example.jp", "mail_1", "_", HostProblem::Character),
            ("メール.jp", r"\227\131\161\227\131\188\227\131\171", "メ", HostProblem::Character),
            (r"a\032b.jp", r"a\032b", r"\032", HostProblem::Character),
            (r"a\226\128\174", r"a\226\128\174", r"\u{202e}", HostProblem::Character),
            ("-a.example", "-a", "-", HostProblem::EdgeHyphen),
            ("a-.jp", "a-", "-", HostProblem::EdgeHyphen),
            ("192.0.2.1", "1", "1", HostProblem::NumericLast),
        ] {
            assert_eq!(
                name(text).host_fault(),
                Some(HostFault { label: label.into(), character: character.into(), problem }),
                "{text}"
            );
        }
    }
}
