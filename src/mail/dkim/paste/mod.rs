//! The key texts that people paste: a TXT value, a line of a zone file or of a look-up tool, quoted and split strings, bare base64, PEM.
//!
//! Characters that an editor or a chat program put in are named, not repaired: the same hand may have damaged more than can be seen.
//! No error shows what was pasted, because it may be a private key.

mod fault;

use std::ops::Range;

use super::key::{self, Base64Fault, Encoding, KeyFault, KeyInfo};
use super::parse::{is_private, looks_like_dkim_key, parse, says_private};
use super::print::{ed25519_record, rsa_record};
use super::types::Kind;
use crate::mail::tags::{TagList, is_domain, is_space, part, trimmed};
pub use fault::{Other, PasteError, PasteFault};

/// More text than this is no key: an 8192-bit RSA key has 1434 characters.
const MAX_OCTETS: usize = 65_536;

/// In which form a key was pasted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The value of the TXT record as it is.
    Value,
    /// Its strings in quotes.
    Quoted,
    /// A whole record: a line of a zone file, or what dig, host or nslookup print.
    Line,
    /// Base64 alone.
    Bare,
    /// PEM, `BEGIN PUBLIC KEY`.
    Pem,
    /// PEM, `BEGIN RSA PUBLIC KEY`.
    PemRsa,
}

/// A key that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pasted {
    /// The record's text: the value that was pasted, joined and without quotes, or a new record around a bare key.
    pub value: Vec<u8>,
    /// The key as it is in `value`.
    pub key: KeyInfo,
    /// The owner of a pasted record line, as written; with the `$ORIGIN` before it where it is relative and there is one.
    pub owner: Option<String>,
    /// The form it came in.
    pub how: Form,
}

/// Octets put together from a text, each with its place there.
#[derive(Default)]
struct Joined {
    octets: Vec<u8>,
    at: Vec<usize>,
}

impl Joined {
    fn push(&mut self, octet: u8, at: usize) {
        self.octets.push(octet);
        self.at.push(at);
    }

    /// A line break and the white space around it only broke the text.
    fn break_line(&mut self) {
        while self.octets.last().is_some_and(|octet| is_space(*octet)) {
            self.octets.pop();
            self.at.pop();
        }
    }

    fn source(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let first = *self.at.get(range.start)?;
        let last = *self.at.get(range.end.checked_sub(1)?)?;
        Some(first..last + 1)
    }

    fn without(self, unwanted: impl Fn(usize, u8) -> bool) -> Self {
        let (octets, at) = self
            .octets
            .into_iter()
            .zip(self.at)
            .enumerate()
            .filter(|(index, (octet, _))| !unwanted(*index, *octet))
            .map(|(_, pair)| pair)
            .unzip();
        Self { octets, at }
    }
}

/// Reads a pasted key.
///
/// # Errors
/// Whatever keeps it from being one public key; see [`PasteFault`].
pub fn paste(text: &[u8]) -> Result<Pasted, PasteError> {
    if text.len() > MAX_OCTETS {
        return Err(PasteError::new(PasteFault::TooLong { octets: text.len() }));
    }
    // Before anything is looked at more closely.
    if says_private(text) || key::analyse(text) == Err(KeyFault::Private) {
        return Err(PasteError::new(PasteFault::Private));
    }
    let range = check_text(text)?;
    let body = part(text, range.clone());
    if let Some(at) = find(body, b"-----BEGIN ").or_else(|| find(body, b"---- BEGIN ")) {
        return pem(text, range.start + at..range.end);
    }
    if [&b"ssh-"[..], b"ecdsa-sha2-", b"sk-ssh-", b"sk-ecdsa-"].iter().any(|start| body.starts_with(start)) {
        return Err(PasteError::new(PasteFault::Key(KeyFault::OpenSsh)));
    }
    if begins_with_tag(body) {
        let joined = raw(text, range)?;
        record(joined, None, Form::Value)
    } else if body.iter().all(|octet| key::is_base64(*octet) || *octet == b'=' || is_space(*octet)) {
        bare(&raw(text, range)?, Form::Bare, None)
    } else {
        line(text, range)
    }
}

/// That the text is UTF-8 without control characters, and where it is without white space and byte order mark.
fn check_text(text: &[u8]) -> Result<Range<usize>, PasteError> {
    if text.starts_with(b"\xFF\xFE") || text.starts_with(b"\xFE\xFF") {
        return Err(PasteError::new(PasteFault::Encoding));
    }
    if let Some(at) = text.iter().position(|octet| octet.is_ascii_control() && !is_space(*octet)) {
        return Err(PasteError::at(at..at + 1, PasteFault::Binary));
    }
    if let Err(error) = std::str::from_utf8(text) {
        let at = error.valid_up_to();
        return Err(PasteError::at(at..at + 1, PasteFault::Encoding));
    }
    let start = if text.starts_with("\u{FEFF}".as_bytes()) { 3 } else { 0 };
    let range = trimmed(text, start..text.len());
    if range.is_empty() { Err(PasteError::new(PasteFault::Empty)) } else { Ok(range) }
}

/// The error for the character that begins at `at`, whose octet is not ASCII.
fn not_ascii(text: &[u8], at: usize) -> PasteError {
    let text = String::from_utf8_lossy(text);
    let text = text.strip_prefix('\u{FEFF}').map_or((0, &*text), |rest| (3, rest));
    let at = at.saturating_sub(text.0);
    let (before, after) = text.1.split_at_checked(at).unwrap_or((text.1, ""));
    let code = after.chars().next().unwrap_or('\u{FFFD}');
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let start = text.0 + at;
    PasteError::at(start..start + code.len_utf8(), PasteFault::Character { code, line, column })
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

/// `v=`, `k = `, `p=`: a short tag name and `=`. Base64 may end in `=`, but not so early.
fn begins_with_tag(body: &[u8]) -> bool {
    let name = body.iter().take_while(|octet| octet.is_ascii_alphanumeric() || **octet == b'_').count();
    let next = part(body, name..body.len()).iter().find(|octet| !is_space(**octet));
    (1..=8).contains(&name) && body.first().is_some_and(u8::is_ascii_alphabetic) && next == Some(&b'=')
}

/// A TXT value as people have it: broken over lines, with `\;`, with quotes at the ends or where its strings met.
fn raw(text: &[u8], range: Range<usize>) -> Result<Joined, PasteError> {
    let mut joined = Joined::default();
    let mut at = range.start;
    while at < range.end {
        let Some(&octet) = text.get(at) else { break };
        let next = text.get(at + 1).filter(|_| at + 1 < range.end);
        match octet {
            0x80.. => return Err(not_ascii(text, at)),
            b'\n' | b'\r' => {
                joined.break_line();
                at += spaces(text, at..range.end);
                continue;
            }
            b'\\' if matches!(next, Some(b';' | b'"' | b'\\')) => {
                at += 1;
                joined.push(next.copied().unwrap_or_default(), at);
            }
            // `…AB" "CD…`: the white space between two strings is no part of either.
            b'"' => {
                let gap = spaces(text, at + 1..range.end);
                if text.get(at + 1 + gap) == Some(&b'"') {
                    at += gap + 1;
                }
            }
            _ => joined.push(octet, at),
        }
        at += 1;
    }
    Ok(joined)
}

/// How much white space `range` begins with.
fn spaces(text: &[u8], range: Range<usize>) -> usize {
    part(text, range).iter().take_while(|octet| is_space(**octet)).count()
}

/// Quoted strings in zone-file form, with parentheses and comments between them; also where they end.
fn quoted(text: &[u8], range: Range<usize>) -> Result<(Joined, usize), PasteError> {
    let mut joined = Joined::default();
    let mut at = range.start;
    let mut inside = false;
    while at < range.end {
        let Some(&octet) = text.get(at) else { break };
        match octet {
            b'"' => inside = !inside,
            b';' if !inside => {
                at += line_length(text, at..range.end);
                continue;
            }
            _ if !inside && (is_space(octet) || octet == b'(' || octet == b')') => {}
            0x80.. => return Err(not_ascii(text, at)),
            _ if !inside => break,
            b'\n' | b'\r' => {
                joined.break_line();
                at += spaces(text, at..range.end);
                continue;
            }
            b'\\' => {
                let decimal = text
                    .get(at + 1..at + 4)
                    .and_then(|digits| std::str::from_utf8(digits).ok())
                    .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()));
                if let Some(octet) = decimal.and_then(|digits| digits.parse().ok()) {
                    joined.push(octet, at);
                    at += 3;
                } else if let Some(&next) = text.get(at + 1).filter(|_| at + 1 < range.end) {
                    at += 1;
                    // A multi-octet character after `\` is met as itself.
                    if next >= 0x80 {
                        return Err(not_ascii(text, at));
                    }
                    joined.push(next, at);
                }
            }
            _ => joined.push(octet, at),
        }
        at += 1;
    }
    Ok((joined, at))
}

/// Octets up to the end of the line.
fn line_length(text: &[u8], range: Range<usize>) -> usize {
    part(text, range).iter().take_while(|octet| **octet != b'\n').count()
}

/// A whole record, or its strings: finds the type, and before it on the line the owner.
fn line(text: &[u8], range: Range<usize>) -> Result<Pasted, PasteError> {
    let mut at = range.start;
    let mut owner: Option<Range<usize>> = None;
    let mut origin: Option<Range<usize>> = None;
    let mut line_start = true;
    while at < range.end {
        let Some(&octet) = text.get(at) else { break };
        match octet {
            b'\n' | b'\r' => {
                (owner, line_start) = (None, true);
                at += 1;
                continue;
            }
            _ if is_space(octet) => {
                at += 1;
                continue;
            }
            b';' => {
                at += line_length(text, at..range.end);
                continue;
            }
            b'"' | b'(' => return value(text, at..range.end, owner, origin),
            0x80.. => return Err(not_ascii(text, at)),
            _ => {}
        }
        let length = part(text, at..range.end)
            .iter()
            .take_while(|octet| !is_space(**octet) && **octet != b'"' && **octet != b'(')
            .count()
            .max(1);
        let word = at..at + length;
        let octets = part(text, word.clone());
        if let Some(odd) = octets.iter().position(|octet| *octet >= 0x80) {
            return Err(not_ascii(text, at + odd));
        }
        at = word.end;
        let first = std::mem::replace(&mut line_start, false);
        if octets.starts_with(b"$") {
            let argument = trimmed(text, at..at + line_length(text, at..range.end));
            if octets.eq_ignore_ascii_case(b"$ORIGIN") {
                let length = part(text, argument.clone()).iter().take_while(|octet| !is_space(**octet)).count();
                origin = Some(argument.start..argument.start + length);
            }
            at = argument.end;
        } else if octets.eq_ignore_ascii_case(b"TXT") {
            return value(text, at..range.end, owner, origin);
        } else if octets.eq_ignore_ascii_case(b"CNAME") {
            return Err(cname(text, at..range.end));
        } else if !first && octets.eq_ignore_ascii_case(b"text") {
            // nslookup: `name  text =`, host: `name descriptive text "…"`.
            let gap = spaces(text, at..range.end);
            if text.get(at + gap) == Some(&b'=') {
                at += gap + 1;
            }
            return value(text, at..range.end, owner, origin);
        } else if begins_with_tag(octets) && !first {
            return value(text, word.start..range.end, owner, origin);
        } else if let Some(name) = other_type(octets).filter(|_| !first) {
            return Err(PasteError::at(word, PasteFault::Other(Other::Type { name })));
        } else if owner.is_none() && !is_class_or_ttl(octets) {
            owner = Some(word);
        }
    }
    let body = part(text, range.clone());
    if body.len() >= 40 && !body.contains(&b' ') {
        // One long word, or lines of them: base64 with something in it.
        return bare(&raw(text, range)?, Form::Bare, None);
    }
    Err(PasteError::new(PasteFault::NoKey))
}

/// What follows the type.
fn value(
    text: &[u8],
    range: Range<usize>,
    owner: Option<Range<usize>>,
    origin: Option<Range<usize>>,
) -> Result<Pasted, PasteError> {
    let mut range = trimmed(text, range);
    let name = |range: Range<usize>| String::from_utf8_lossy(part(text, range)).into_owned();
    let owner = owner.map(name).map(|owner| match origin {
        Some(origin) if !owner.ends_with('.') => {
            format!("{}.{}", owner.replace('@', ""), name(origin)).trim_start_matches('.').to_owned()
        }
        _ => owner,
    });
    let form = if owner.is_some()
        || text.get(..range.start).is_some_and(|before| before.iter().any(|octet| octet.is_ascii_alphanumeric()))
    {
        Form::Line
    } else {
        Form::Quoted
    };
    let opens = part(text, range.clone()).iter().find(|octet| !is_space(**octet) && **octet != b'(');
    let joined = if opens == Some(&b'"') {
        let (joined, end) = quoted(text, range.clone())?;
        if part(text, end..range.end).contains(&b'"') {
            return Err(PasteError::at(end..range.end, PasteFault::Several));
        }
        joined
    } else {
        if text.get(range.start) == Some(&b'(') {
            range.start += 1;
            if part(text, range.clone()).ends_with(b")") {
                range.end -= 1;
            }
            range = trimmed(text, range);
        }
        raw(text, range)?
    };
    record(joined, owner, form)
}

/// A TXT value, joined.
fn record(joined: Joined, owner: Option<String>, how: Form) -> Result<Pasted, PasteError> {
    if trimmed(&joined.octets, 0..joined.octets.len()).is_empty() {
        return Err(PasteError::new(PasteFault::Empty));
    }
    // In quotes, or said in decimal escapes: only now can it be seen.
    if says_private(&joined.octets) {
        return Err(PasteError::new(PasteFault::Private));
    }
    if let Some(other) = Other::of_value(&joined.octets) {
        return Err(PasteError::new(PasteFault::Other(other)));
    }
    if joined.octets.iter().all(|octet| key::is_base64(*octet) || *octet == b'=' || is_space(*octet))
        && !begins_with_tag(&joined.octets)
    {
        return bare(&joined, how, owner);
    }
    let versions = joined.octets.windows(7).filter(|window| window == b"v=DKIM1").count();
    if versions > 1 {
        return Err(PasteError::new(PasteFault::Several));
    }
    // White space inside the key is where it was broken.
    let (list, _) = TagList::parse(&joined.octets);
    let key = list.find(b"p").map_or(0..0, |tag| tag.value.clone());
    let joined = joined.without(|index, octet| key.contains(&index) && is_space(octet));
    let (record, problems) = parse(&joined.octets);
    for problem in problems {
        let fault = match problem.kind {
            Kind::PrivateKey => return Err(PasteError::new(PasteFault::Private)),
            Kind::KeyMissing => PasteFault::NoKey,
            Kind::Revoked => PasteFault::Revoked,
            Kind::Base64(fault) => PasteFault::Base64(fault),
            Kind::Key(fault) => PasteFault::Key(fault),
            Kind::Ed25519Length { got, corrected: None } => PasteFault::Ed25519Length { got },
            _ => continue,
        };
        return Err(PasteError { range: joined.source(&problem.range), fault });
    }
    match record.key {
        Some(key) if looks_like_dkim_key(&joined.octets) => Ok(Pasted { value: joined.octets, key, owner, how }),
        _ => Err(PasteError::new(PasteFault::NoKey)),
    }
}

/// Base64 without a record around it.
fn bare(joined: &Joined, how: Form, owner: Option<String>) -> Result<Pasted, PasteError> {
    if is_private(&joined.octets) {
        return Err(PasteError::new(PasteFault::Private));
    }
    let whole = joined.source(&(0..joined.octets.len()));
    let key_error = |fault| PasteError { range: whole.clone(), fault };
    let octets = key::decode(&joined.octets).map_err(|fault| {
        match (key::behind(&joined.octets, fault), fault) {
            (Some(known), _) => key_error(PasteFault::Key(known)),
            (_, Base64Fault::Character { at, .. }) => {
                PasteError { range: joined.source(&(at..at + 1)), fault: PasteFault::Base64(fault) }
            }
            // A few letters are no damaged key, they are none.
            _ if joined.octets.len() < 40 => key_error(PasteFault::NoKey),
            _ => key_error(PasteFault::Base64(fault)),
        }
    })?;
    let (value, key) = match key::analyse(&octets) {
        Ok(KeyInfo::Rsa { bits, encoding: Encoding::Pkcs1 }) => {
            (rsa_record(&key::spki_of_pkcs1(&octets)), KeyInfo::Rsa { bits, encoding: Encoding::Spki })
        }
        Ok(key @ KeyInfo::Rsa { .. }) => (rsa_record(&octets), key),
        Ok(KeyInfo::Ed25519 { public, .. }) => {
            (ed25519_record(&public), KeyInfo::Ed25519 { public, encoding: Encoding::Raw })
        }
        Err(KeyFault::Malformed) if joined.octets.len() < 40 => {
            return Err(key_error(PasteFault::NoKey));
        }
        Err(fault) => return Err(key_error(PasteFault::Key(fault))),
    };
    Ok(Pasted { value: value.into_bytes(), key, owner, how })
}

/// PEM (RFC 7468), also on one line, also with `\n` written out.
fn pem(text: &[u8], range: Range<usize>) -> Result<Pasted, PasteError> {
    let body = part(text, range.clone());
    let blocks = body.windows(10).filter(|window| window == b"-----BEGIN").count();
    if find(body, b"CERTIFICATE").is_some() {
        return Err(PasteError::new(PasteFault::Key(KeyFault::Certificate)));
    }
    if find(body, b"SSH2 ").is_some() {
        return Err(PasteError::new(PasteFault::Key(KeyFault::OpenSsh)));
    }
    if blocks > 1 {
        return Err(PasteError::new(PasteFault::Several));
    }
    let label = range.start + 11;
    let Some(length) = find(part(text, label..range.end), b"-----") else {
        return Err(PasteError::new(PasteFault::NoKey));
    };
    let how = match part(text, label..label + length) {
        b"PUBLIC KEY" => Form::Pem,
        b"RSA PUBLIC KEY" => Form::PemRsa,
        _ => return Err(PasteError::new(PasteFault::Key(KeyFault::Algorithm))),
    };
    let start = label + length + 5;
    let end = find(part(text, start..range.end), b"-----").map_or(range.end, |length| start + length);
    let mut at = start;
    let mut joined = Joined::default();
    while at < end {
        match (text.get(at).copied().unwrap_or(b' '), text.get(at + 1)) {
            (0x80.., _) => return Err(not_ascii(text, at)),
            (b'\\', Some(b'n' | b'r')) => at += 1,
            (octet, _) if is_space(octet) => {}
            (octet, _) => joined.push(octet, at),
        }
        at += 1;
    }
    bare(&joined, how, None)
}

/// A CNAME line; the target is shown only where it is a name.
fn cname(text: &[u8], range: Range<usize>) -> PasteError {
    let start = range.start + spaces(text, range.clone());
    let length = part(text, start..range.end).iter().take_while(|octet| !is_space(**octet)).count();
    let target = std::str::from_utf8(part(text, start..start + length)).ok().map(|name| name.trim_end_matches('.'));
    let target = target.filter(|name| name.contains('.') && is_domain(&name.replace('_', "x"))).map(str::to_owned);
    PasteError::at(start..start + length, PasteFault::Other(Other::Cname { target }))
}

/// A record type that is neither TXT nor CNAME.
fn other_type(word: &[u8]) -> Option<&'static str> {
    const TYPES: [&str; 11] = ["A", "AAAA", "MX", "NS", "SOA", "SRV", "CAA", "PTR", "DNAME", "TLSA", "DNSKEY"];
    TYPES.into_iter().find(|name| word.eq_ignore_ascii_case(name.as_bytes()))
}

fn is_class_or_ttl(word: &[u8]) -> bool {
    let class = [&b"IN"[..], b"CH", b"HS"].iter().any(|class| word.eq_ignore_ascii_case(class));
    let ttl = word.first().is_some_and(u8::is_ascii_digit)
        && word.iter().all(|octet| octet.is_ascii_digit() || b"smhdwSMHDW".contains(octet));
    class || ttl
}
