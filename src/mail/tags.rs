//! The tag=value list of RFC 6376 §3.2, which DKIM, DMARC, TLS-RPT, BIMI and the MTA-STS record share, and the report addresses that DMARC and TLS-RPT share.
//!
//! Keeps the octets as they came and remembers where each tag stands, so that a record prints exactly as it was read and a finding can point at a tag.
//! Knows no protocol: which tags exist, and what they mean, is for the rooms beside this file.

use std::collections::HashSet;
use std::fmt;
use std::ops::Range;

use crate::report::Text;
use crate::say;

/// More problems than this in one record help nobody; the rest is not reported.
pub const MAX_PROBLEMS: usize = 100;

/// How much a problem matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The record is invalid, or mail fails because of it.
    Error,
    /// Harm is likely, or only some receivers mind.
    Warning,
    /// Good practice.
    Advice,
    /// Nothing wrong: worth knowing.
    Info,
}

/// What a kind of problem can say of itself.
pub trait Fault {
    /// The id of the rule it belongs to.
    fn rule(&self) -> &'static str;
    /// How much it matters.
    fn level(&self) -> Level;
    /// One sentence for the person who has the record.
    fn text(&self) -> Text;
}

/// A problem and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem<K> {
    /// Octets of the value that was parsed.
    pub range: Range<usize>,
    /// What is wrong.
    pub kind: K,
}

impl<K> Problem<K> {
    /// `kind` at `range`.
    pub fn new(range: Range<usize>, kind: K) -> Self {
        Self { range, kind }
    }
}

/// Problems in the order of the text, at most [`MAX_PROBLEMS`].
pub(crate) fn in_order<K>(mut problems: Vec<Problem<K>>) -> Vec<Problem<K>> {
    problems.sort_by_key(|problem| problem.range.start);
    problems.truncate(MAX_PROBLEMS);
    problems
}

/// One tag, as ranges of the list's octets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Name to value, without the white space around.
    pub range: Range<usize>,
    /// The name.
    pub name: Range<usize>,
    /// The value without the white space around; white space inside belongs to it.
    pub value: Range<usize>,
}

/// A tag list: the octets as they came, and the tags in them.
#[derive(Clone, PartialEq, Eq)]
pub struct TagList {
    octets: Vec<u8>,
    tags: Vec<Tag>,
}

/// Shows short names and lengths only: the rest may be a secret that somebody published by mistake.
impl fmt::Debug for TagList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |tag: &Tag| {
            if tag.name.len() <= 5 { shown(self.name(tag)) } else { "…".to_owned() }
        };
        f.debug_map().entries(self.tags.iter().map(|tag| (name(tag), tag.value.len()))).finish()
    }
}

/// What can be wrong with a tag list, whatever it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TagFault {
    /// A piece between two `;` has no `=`.
    MissingEquals,
    /// Nothing between two `;`.
    Empty,
    /// A name that is not a letter followed by letters, digits and `_`.
    Name,
    /// A name that stood before. The list is invalid as a whole (RFC 6376 §3.2).
    Duplicate {
        /// The name.
        name: String,
    },
    /// An octet that a value cannot hold.
    Octet {
        /// The octet.
        octet: u8,
    },
    /// A quote around the list or a `\` before `;`: zone-file notation that got into the value.
    Stray,
}

impl TagFault {
    /// [`Fault::text`] of the fault; its rule and level depend on the record.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::MissingEquals => {
                say!(en: "a part between two `;` has no `=`", ja: "`;` で区切った部分に `=` がありません")
            }
            Self::Empty => {
                say!(en: "there is nothing between two `;`", ja: "`;` と `;` の間に何もありません")
            }
            Self::Name => {
                say!(en: "this is no tag name: a letter, then letters, digits or `_`", ja: "タグ名ではありません。英字で始まり、英数字と `_` が続きます")
            }
            Self::Duplicate { name } => {
                say!(en: "`{name}=` stands twice: receivers ignore the whole record", ja: "`{name}=` が 2 つあります。受信側はレコード全体を無視します")
            }
            Self::Octet { octet } => {
                say!(en: "octet 0x{octet:02X} cannot stand in a tag's value", ja: "0x{octet:02X} のバイトは値に入れられません")
            }
            Self::Stray => {
                say!(en: "a quote or `\\` from zone-file notation is part of the value", ja: "ゾーンファイル用の引用符または `\\` が値に入っています")
            }
        }
    }
}

impl TagList {
    /// Reads a list; never fails. Names and values are told even where a problem is reported. Linear in the input.
    #[must_use]
    pub fn parse(value: &[u8]) -> (Self, Vec<Problem<TagFault>>) {
        let mut list = Self { octets: value.to_vec(), tags: Vec::new() };
        let mut problems = Vec::new();
        let mut seen: HashSet<&[u8]> = HashSet::new();
        let body = unquoted(value, &mut problems);
        let mut start = body.start;
        while start <= body.end {
            let rest = part(value, start..body.end);
            let semicolon = rest.iter().position(|&octet| octet == b';');
            let end = semicolon.map_or(body.end, |at| start + at);
            let mut piece = trimmed(value, start..end);
            if semicolon.is_some() && part(value, piece.clone()).ends_with(b"\\") {
                problems.push(Problem::new(piece.end - 1..piece.end + 1, TagFault::Stray));
                piece = trimmed(value, piece.start..piece.end - 1);
            }
            if piece.is_empty() {
                // Only the end of the list may be empty: `v=DKIM1; p=…;`
                if semicolon.is_some() {
                    problems.push(Problem::new(end..end + 1, TagFault::Empty));
                }
            } else if let Some(at) = part(value, piece.clone()).iter().position(|&octet| octet == b'=') {
                let tag = Tag {
                    name: trimmed(value, piece.start..piece.start + at),
                    value: trimmed(value, piece.start + at + 1..piece.end),
                    range: piece,
                };
                let name = part(value, tag.name.clone());
                if !is_name(name) {
                    problems.push(Problem::new(tag.name.clone(), TagFault::Name));
                } else if !seen.insert(name) {
                    problems.push(Problem::new(tag.range.clone(), TagFault::Duplicate { name: shown(name) }));
                }
                let octets = part(value, tag.value.clone());
                if let Some((at, &octet)) = octets.iter().enumerate().find(|(_, octet)| !is_value_octet(**octet)) {
                    let at = tag.value.start + at;
                    problems.push(Problem::new(at..at + 1, TagFault::Octet { octet }));
                }
                list.tags.push(tag);
            } else {
                problems.push(Problem::new(piece, TagFault::MissingEquals));
            }
            start = end + 1;
        }
        (list, in_order(problems))
    }

    /// The octets as they came: what [`TagList::parse`] was given.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// The tags in the order of the text, duplicates and all.
    #[must_use]
    pub fn tags(&self) -> &[Tag] {
        &self.tags
    }

    /// The octets of `range`; empty where the list has none.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> &[u8] {
        part(&self.octets, range)
    }

    /// The name of `tag`.
    #[must_use]
    pub fn name(&self, tag: &Tag) -> &[u8] {
        self.slice(tag.name.clone())
    }

    /// The value of `tag`.
    #[must_use]
    pub fn value(&self, tag: &Tag) -> &[u8] {
        self.slice(tag.value.clone())
    }

    /// The first tag of this name; case matters (RFC 6376 §3.2).
    #[must_use]
    pub fn find(&self, name: &[u8]) -> Option<&Tag> {
        self.tags.iter().find(|tag| self.name(tag) == name)
    }

    /// Reads a list whose faults are one kind among those of its record.
    #[must_use]
    pub fn parse_as<K>(value: &[u8], kind: impl Fn(TagFault) -> K) -> (Self, Vec<Problem<K>>) {
        let (tags, faults) = Self::parse(value);
        (tags, faults.into_iter().map(|fault| Problem::new(fault.range, kind(fault.kind))).collect())
    }

    /// Where a version is wanted: the first tag, else the whole value.
    #[must_use]
    pub fn start(&self) -> Range<usize> {
        self.tags.first().map_or(0..self.octets.len(), |tag| tag.range.clone())
    }

    /// Whether the first tag is `v` and its value begins with `version`, in any case: a record that is
    /// meant to be of this kind, even if a reader that follows its RFC would not take it.
    #[must_use]
    pub fn begins_with_version(&self, version: &[u8]) -> bool {
        self.tags.first().is_some_and(|tag| {
            self.name(tag).eq_ignore_ascii_case(b"v")
                && self.value(tag).get(..version.len()).is_some_and(|start| start.eq_ignore_ascii_case(version))
        })
    }

    /// The items of a value that `separator` divides, without the white space around them.
    #[must_use]
    pub fn items(&self, value: &Range<usize>, separator: u8) -> Vec<Range<usize>> {
        items(&self.octets, value.clone(), separator)
    }
}

/// The list without quotes around it, which are reported.
fn unquoted(value: &[u8], problems: &mut Vec<Problem<TagFault>>) -> Range<usize> {
    let mut body = trimmed(value, 0..value.len());
    if part(value, body.clone()).first() == Some(&b'"') {
        problems.push(Problem::new(body.start..body.start + 1, TagFault::Stray));
        body.start += 1;
        if part(value, body.clone()).last() == Some(&b'"') {
            problems.push(Problem::new(body.end - 1..body.end, TagFault::Stray));
            body.end -= 1;
        }
        body
    } else {
        0..value.len()
    }
}

/// The octets of `range`; empty where there are none.
pub(crate) fn part(value: &[u8], range: Range<usize>) -> &[u8] {
    value.get(range).unwrap_or_default()
}

/// `range` without the white space (FWS) at its ends.
pub(crate) fn trimmed(value: &[u8], range: Range<usize>) -> Range<usize> {
    let octets = part(value, range.clone());
    let lead = octets.iter().take_while(|octet| is_space(**octet)).count();
    let trail = octets.iter().skip(lead).rev().take_while(|octet| is_space(**octet)).count();
    range.start + lead..range.end.max(range.start + lead) - trail
}

/// The pieces of `range` between `separator`s, without the white space around them.
pub(crate) fn items(value: &[u8], range: Range<usize>, separator: u8) -> Vec<Range<usize>> {
    let mut start = range.start;
    part(value, range)
        .split(|&octet| octet == separator)
        .map(|piece| {
            let item = trimmed(value, start..start + piece.len());
            start += piece.len() + 1;
            item
        })
        .collect()
}

/// White space that may be folded: space, tab, CR, LF.
pub(crate) fn is_space(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t' | b'\r' | b'\n')
}

fn is_name(name: &[u8]) -> bool {
    name.first().is_some_and(u8::is_ascii_alphabetic)
        && name.iter().all(|octet| octet.is_ascii_alphanumeric() || *octet == b'_')
}

fn is_value_octet(octet: u8) -> bool {
    is_space(octet) || (octet.is_ascii_graphic() && octet != b';')
}

/// Octets from outside as they may appear in a message: printable ASCII, anything else as `\DDD`, cut after 40 characters.
#[must_use]
pub(crate) fn shown(octets: &[u8]) -> String {
    const MAX: usize = 40;
    let mut text = String::new();
    for &octet in octets {
        if text.len() >= MAX {
            text.push('…');
            break;
        }
        if octet.is_ascii_graphic() || octet == b' ' {
            text.push(char::from(octet));
        } else {
            text.push_str(&format!("\\{octet:03}"));
        }
    }
    text
}

/// A report address of `rua=` or `ruf=`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportUri {
    /// Where it stands, without a size suffix.
    pub range: Range<usize>,
    /// The URI, printable ASCII without `,`, `!` and `;`.
    pub uri: String,
}

/// What can be wrong with a report address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UriFault {
    /// Nothing between two commas.
    Empty,
    /// No scheme: `dmarc@example.jp`.
    NoScheme,
    /// A `mailto:` without a mailbox and a domain.
    NoMailbox,
    /// An `https:` without a host.
    NoHost,
    /// An octet that must be written as `%XX`, or must not stand here at all.
    Octet {
        /// The octet.
        octet: u8,
    },
    /// A size limit such as `!10m`, which RFC 9989 removed.
    Size,
}

impl UriFault {
    /// [`Fault::text`] of the fault; its rule and level depend on the record.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::Empty => say!(en: "an address is missing here", ja: "宛先がありません"),
            Self::NoScheme => {
                say!(en: "a report address begins with `mailto:`", ja: "レポートの宛先は `mailto:` で始めます")
            }
            Self::NoMailbox => {
                say!(en: "`mailto:` needs an address such as `dmarc@example.jp`", ja: "`mailto:` の後に `dmarc@example.jp` のようなアドレスが必要です")
            }
            Self::NoHost => {
                say!(en: "`https:` needs a host: `https://example.jp/…`", ja: "`https:` の後にホスト名が必要です（`https://example.jp/…`）")
            }
            Self::Octet { octet: octet @ (b',' | b'!' | b';' | b' ') } => {
                let (shown, code) = (char::from(*octet), *octet);
                say!(en: "`{shown}` in a report address is written `%{code:02X}`", ja: "レポートの宛先の中の「{shown}」は `%{code:02X}` と書きます")
            }
            Self::Octet { octet } => {
                say!(en: "octet 0x{octet:02X} cannot stand in a report address", ja: "0x{octet:02X} のバイトはレポートの宛先に使えません")
            }
            Self::Size => {
                say!(en: "the size limit after `!` is gone since RFC 9989", ja: "`!` の後のサイズ指定は RFC 9989 で廃止されました")
            }
        }
    }
}

impl ReportUri {
    /// A report address that is written into a record.
    ///
    /// # Errors
    /// The first fault of `uri`; a comma is one, because it would make two addresses.
    pub fn new(uri: &str) -> Result<Self, UriFault> {
        if uri.contains(',') {
            return Err(UriFault::Octet { octet: b',' });
        }
        let mut faults = Vec::new();
        let read = read_uri(uri.as_bytes(), 0..uri.len(), &mut faults);
        match (read, faults.into_iter().next()) {
            (Some(read), None) => Ok(read),
            (_, fault) => Err(fault.map_or(UriFault::Empty, |problem| problem.kind)),
        }
    }

    /// The scheme in lower case: `mailto`, `https`.
    #[must_use]
    pub fn scheme(&self) -> String {
        self.uri.split(':').next().unwrap_or_default().to_ascii_lowercase()
    }

    /// The domain that receives the report: of a `mailto:` what follows the last `@`, else the host; lower case.
    #[must_use]
    pub fn domain(&self) -> Option<String> {
        let (_, rest) = self.uri.split_once(':')?;
        let rest = if self.scheme() == "mailto" {
            rest.split('?').next().unwrap_or_default()
        } else {
            rest.strip_prefix("//")?.split(['/', '?', '#']).next().unwrap_or_default()
        };
        let host = rest.rsplit('@').next().unwrap_or_default();
        let host = if self.scheme() == "mailto" { host } else { host.split(':').next().unwrap_or_default() };
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        (!host.is_empty()).then_some(host)
    }
}

/// The addresses of a `rua=` or `ruf=` value, those that can be used, and what is wrong with the others.
pub(crate) fn report_uris(octets: &[u8], value: Range<usize>) -> (Vec<ReportUri>, Vec<Problem<UriFault>>) {
    let mut problems = Vec::new();
    let uris =
        items(octets, value, b',').into_iter().filter_map(|item| read_uri(octets, item, &mut problems)).collect();
    (uris, problems)
}

/// A report address without the limit on the size of a report (RFC 7489 §6.2: `!`, a number and perhaps a unit), which RFC 9989 removed.
pub(crate) fn without_size(uri: &str) -> &str {
    let Some((bare, size)) = uri.rsplit_once('!') else { return uri };
    let digits = size.strip_suffix(['k', 'm', 'g', 't']).unwrap_or(size);
    if !digits.is_empty() && digits.bytes().all(|octet| octet.is_ascii_digit()) { bare } else { uri }
}

fn read_uri(octets: &[u8], mut item: Range<usize>, problems: &mut Vec<Problem<UriFault>>) -> Option<ReportUri> {
    if item.is_empty() {
        problems.push(Problem::new(item, UriFault::Empty));
        return None;
    }
    let whole = item.clone();
    // What is no UTF-8 has no size that could be read, and is a fault below.
    let bare =
        std::str::from_utf8(part(octets, item.clone())).map_or(item.end, |uri| item.start + without_size(uri).len());
    if bare < item.end {
        problems.push(Problem::new(bare..item.end, UriFault::Size));
        item.end = bare;
    }
    let uri = part(octets, item.clone());
    if let Some((at, octet)) = bad_uri_octet(uri) {
        problems.push(Problem::new(item.start + at..item.start + at + 1, UriFault::Octet { octet }));
        return None;
    }
    let read = ReportUri { range: item, uri: String::from_utf8_lossy(uri).into_owned() };
    let scheme = uri.split(|&octet| octet == b':').next().unwrap_or_default();
    let has_scheme = scheme.len() < uri.len()
        && scheme.first().is_some_and(u8::is_ascii_alphabetic)
        && scheme.iter().all(|octet| octet.is_ascii_alphanumeric() || b"+-.".contains(octet));
    let fault = if !has_scheme {
        Some(UriFault::NoScheme)
    } else {
        match read.scheme().as_str() {
            "mailto" => (!is_mailbox(&read)).then_some(UriFault::NoMailbox),
            "https" | "http" => (!read.domain().is_some_and(|host| is_domain(&host))).then_some(UriFault::NoHost),
            _ => None,
        }
    };
    match fault {
        Some(fault) => {
            problems.push(Problem::new(whole, fault));
            None
        }
        None => Some(read),
    }
}

/// The first octet that RFC 3986 forbids in a URI, or that a list of addresses needs for itself.
fn bad_uri_octet(uri: &[u8]) -> Option<(usize, u8)> {
    uri.iter().copied().enumerate().find(|&(at, octet)| {
        let allowed = octet.is_ascii_alphanumeric() || b"-._~:/?#[]@$&'()*+=%".contains(&octet);
        let escape_ok =
            octet != b'%' || uri.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit));
        !allowed || !escape_ok
    })
}

fn is_mailbox(uri: &ReportUri) -> bool {
    let address = uri.uri.split_once(':').map_or("", |(_, rest)| rest).split('?').next().unwrap_or_default();
    let local = address.rsplit_once('@').map_or("", |(local, _)| local);
    !local.is_empty() && !local.contains('@') && uri.domain().is_some_and(|domain| is_domain(&domain))
}

/// Whether `name` can be a host's name: labels of letters, digits and inner hyphens, at most 63 characters each (RFC 1123 §2.1).
pub(crate) fn is_domain(name: &str) -> bool {
    name.len() <= 253
        && name.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
        })
}

/// A report address in one spelling: of a mail address only what stands before the `@` has a case (RFC 5321 §2.4).
#[must_use]
pub fn address(text: &str) -> String {
    match text.rsplit_once('@').and_then(|(local, host)| Some((local.split_once(':')?, host))) {
        Some(((scheme, local), host)) => {
            format!("{}:{local}@{}", scheme.to_ascii_lowercase(), host.to_ascii_lowercase())
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(value: &[u8]) -> Vec<(Range<usize>, TagFault)> {
        TagList::parse(value).1.into_iter().map(|problem| (problem.range, problem.kind)).collect()
    }

    #[test]
    fn ranges_point_at_name_and_value() {
        let (list, problems) = TagList::parse(b" v = DKIM1 ;\tp=a b ; ");
        assert_eq!(problems, []);
        let got: Vec<_> =
            list.tags().iter().map(|tag| (list.slice(tag.range.clone()), list.name(tag), list.value(tag))).collect();
        assert_eq!(got, [(&b"v = DKIM1"[..], &b"v"[..], &b"DKIM1"[..]), (b"p=a b", b"p", b"a b")]);
        assert_eq!(list.octets(), b" v = DKIM1 ;\tp=a b ; ");
    }

    #[test]
    fn each_fault_is_placed() {
        assert_eq!(faults(b"v=1;;p=2"), [(4..5, TagFault::Empty)]);
        assert_eq!(faults(b"v=1; x"), [(5..6, TagFault::MissingEquals)]);
        assert_eq!(faults(b"p=1; p=2"), [(5..8, TagFault::Duplicate { name: "p".into() })]);
        assert_eq!(faults(b"1a=x"), [(0..2, TagFault::Name)]);
        assert_eq!(faults(b"=x"), [(0..0, TagFault::Name)]);
        assert_eq!(faults(b"a=\xe3"), [(2..3, TagFault::Octet { octet: 0xe3 })]);
        assert_eq!(faults(b"v=1\\; p=2"), [(3..5, TagFault::Stray)]);
        assert_eq!(faults(b"\"v=1; p=2\""), [(0..1, TagFault::Stray), (9..10, TagFault::Stray)]);
        assert_eq!(faults(b""), []);
        assert_eq!(faults(b"v=1;"), []);
    }

    #[test]
    fn a_value_goes_on_after_a_second_equals() {
        let (list, problems) = TagList::parse(b"p=abc==");
        assert_eq!((list.find(b"p").map(|tag| list.value(tag)), problems.len()), (Some(&b"abc=="[..]), 0));
        assert_eq!(list.find(b"P"), None);
    }

    #[test]
    fn the_debug_form_shows_no_value() {
        assert_eq!(format!("{:?}", TagList::parse(b"p=secret").0), r#"{"p": 6}"#);
    }

    #[test]
    fn hostile_lists_stay_small() {
        let (list, problems) = TagList::parse(&vec![b';'; 65_536]);
        assert_eq!((list.tags().len(), problems.len()), (0, MAX_PROBLEMS));
        assert_eq!(TagList::parse(&b"a=;".repeat(20_000)).1.len(), MAX_PROBLEMS);
    }

    #[test]
    fn report_addresses() {
        let domain = |uri: &str| ReportUri::new(uri).map(|uri| uri.domain());
        assert_eq!(domain("mailto:d@Example.JP."), Ok(Some("example.jp".into())));
        assert_eq!(domain("mailto:d%2Cx@example.jp?subject=a"), Ok(Some("example.jp".into())));
        assert_eq!(domain("https://user@r.example.jp:8443/x?y"), Ok(Some("r.example.jp".into())));
        assert_eq!(domain("d@example.jp"), Err(UriFault::NoScheme));
        assert_eq!(domain("mailto:example.jp"), Err(UriFault::NoMailbox));
        assert_eq!(domain("mailto:a@b@example.jp"), Err(UriFault::NoMailbox));
        assert_eq!(domain("mailto:d@例.jp"), Err(UriFault::Octet { octet: 0xe4 }));
        assert_eq!(domain("mailto:d@example.jp!10m"), Err(UriFault::Size));
        assert_eq!(domain("mailto:d!x@example.jp"), Err(UriFault::Octet { octet: b'!' }));
        assert_eq!(domain("mailto:d@example.jp,mailto:e@example.jp"), Err(UriFault::Octet { octet: b',' }));
        assert_eq!(domain(""), Err(UriFault::Empty));
        assert_eq!(domain("https:"), Err(UriFault::NoHost));
    }
}
