//! Text in: the grammar of RFC 7208 §12, exactly. Reading never stops at a fault, and its work and memory are linear in the text.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::problem::{Problem, ProblemKind, shown};
use super::repair::{first_readable, repair, split_by_space, without_zeros};
use super::types::{DomainSpec, DualPrefix, Qualifier, Record, Span, Term, TermKind};

/// Whether `value`, its strings joined, is an SPF record: `v=spf1` in any case, then a space or the end (RFC 7208 §4.5).
#[must_use]
pub fn is_spf(value: &[u8]) -> bool {
    value.get(..6).is_some_and(|head| head.eq_ignore_ascii_case(b"v=spf1")) && matches!(value.get(6), None | Some(b' '))
}

/// Whether a term as written is the closing `all`, whatever its qualifier.
#[must_use]
pub fn is_all(term: &str) -> bool {
    term.strip_prefix(['+', '-', '~', '?']).unwrap_or(term).eq_ignore_ascii_case("all")
}

/// Whether `value` was meant as an SPF record but is none: a bent `v=spf1`, or none and terms that only SPF has.
/// The obsolete Sender ID (`spf2.0/…`) and other `v=` records are not meant.
#[must_use]
pub fn looks_like_spf(value: &[u8]) -> bool {
    if is_spf(value) {
        return false;
    }
    if bent_version(value).is_some() {
        return true;
    }
    let starts = |prefix: &[u8]| value.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
    !starts(b"v=")
        && !starts(b"spf2.")
        && tokens(value, 0).any(|span| {
            let term = value.get(span).and_then(|token| std::str::from_utf8(token).ok()).map(read);
            matches!(term, Some(Ok((_, TermKind::Include(_) | TermKind::Ip4 { .. } | TermKind::Ip6 { .. }))))
        })
}

impl Record {
    /// Reads a full value, or bare terms as a template supplies them. What cannot be read is in [`problems`](Self::problems).
    #[must_use]
    pub fn parse(text: &[u8]) -> Self {
        let mut record = Self { text: text.to_vec(), version: None, terms: Vec::new(), problems: Vec::new() };
        let mut start = 0;
        if is_spf(text) {
            record.version = Some(0..6);
            start = 6;
        } else if let Some(end) = bent_version(text) {
            let gap = if matches!(text.get(end), None | Some(b' ')) { "" } else { " " };
            record.report(0..end, ProblemKind::VersionPrefix, Some(format!("v=spf1{gap}")));
            start = end;
        }
        let mut spans = tokens(text, start).peekable();
        while let Some(span) = spans.next() {
            let token = text.get(span.clone()).unwrap_or_default();
            match read_octets(token) {
                Ok((raw, qualifier, kind)) => record.add(span, raw, qualifier, kind),
                Err(kind) => {
                    let next = spans.peek().cloned();
                    if let Some((end, kind, fix)) = next.and_then(|next| split_by_space(text, token, next)) {
                        spans.next();
                        record.report(span.start..end, kind, Some(fix));
                    } else {
                        let (kind, fix) = repair(token, kind);
                        record.report(span, kind, fix);
                    }
                }
            }
        }
        record
    }

    fn report(&mut self, span: Span, kind: ProblemKind, fix: Option<String>) {
        let term = shown(self.text.get(span.clone()).unwrap_or_default());
        self.problems.push(Problem { span, kind, term, other: None, fix });
    }

    /// Takes in a term that fits the grammar, and reports what is legal but surely not meant.
    fn add(&mut self, span: Span, raw: String, qualifier: Option<Qualifier>, kind: TermKind) {
        match &kind {
            // The only terms that may stand once (RFC 7208 §6).
            TermKind::Redirect(_) | TermKind::Exp(_)
                if self
                    .terms
                    .iter()
                    .any(|term| std::mem::discriminant(&term.kind) == std::mem::discriminant(&kind)) =>
            {
                self.report(span.clone(), ProblemKind::Repeated, None);
            }
            TermKind::UnknownModifier { name, value }
                if name.eq_ignore_ascii_case("v") && value.eq_ignore_ascii_case("spf1") =>
            {
                self.report(span.clone(), ProblemKind::VersionRepeated, Some(String::new()));
            }
            TermKind::UnknownModifier { name, value } if is_mechanism(name) => {
                let fix = first_readable([format!("{name}:{value}"), name.clone()]);
                self.report(span.clone(), ProblemKind::MechanismAsModifier, fix);
            }
            _ => {}
        }
        if kind.domain_spec().is_some_and(is_odd) {
            let (_, fix) = repair(raw.as_bytes(), ProblemKind::OddDomain);
            self.report(span.clone(), ProblemKind::OddDomain, fix);
        }
        self.terms.push(Term {
            span,
            raw,
            qualifier: qualifier.unwrap_or(Qualifier::Pass),
            explicit_qualifier: qualifier.is_some(),
            kind,
        });
    }
}

/// The spans between spaces, from `start` on. Only the space separates (RFC 7208 §4.6.1).
fn tokens(text: &[u8], start: usize) -> impl Iterator<Item = Span> {
    let mut at = start;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let begin = at + rest.iter().position(|&octet| octet != b' ')?;
        let length = text.get(begin..)?.iter().position(|&octet| octet == b' ');
        at = length.map_or(text.len(), |length| begin + length);
        Some(begin..at)
    })
}

/// Where a bent `v=spf1` ends: after spaces or quotes, `v`, `=`, `spf1` with parts missing, spaced or followed by digits and punctuation.
fn bent_version(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    let mut skip = |wanted: &dyn Fn(u8) -> bool| {
        let from = at;
        while text.get(at).is_some_and(|&octet| wanted(octet)) {
            at += 1;
        }
        at - from
    };
    // 0xEF 0xBB 0xBF is the byte order mark that editors leave.
    skip(&|octet| matches!(octet, b' ' | b'\t' | b'"' | b'\'' | b'(' | 0xEF | 0xBB | 0xBF));
    let v = skip(&|octet| octet.eq_ignore_ascii_case(&b'v')) == 1;
    if v {
        skip(&|octet| matches!(octet, b' ' | b'=' | b':' | b'-'));
    }
    let letters = skip(&|octet| matches!(octet.to_ascii_lowercase(), b's' | b'p' | b'f'));
    let number = skip(&|octet| octet.is_ascii_digit());
    skip(&|octet| matches!(octet, b'.' | b',' | b';' | b':' | b'"' | b'\''));
    let word = text.get(..at)?.to_ascii_lowercase();
    let one = word.windows(4).any(|four| matches!(four, b"spf1" | b"sfp1" | b"psf1"));
    let bare = v && number == 0 && word.ends_with(b"spf") && matches!(text.get(at), None | Some(b' '));
    (letters == 3 && (one || bare)).then_some(at)
}

/// What one term's octets are, with its text.
fn read_octets(token: &[u8]) -> Result<(String, Option<Qualifier>, TermKind), ProblemKind> {
    let text = std::str::from_utf8(token).map_err(|_| ProblemKind::BadOctet)?;
    let (qualifier, kind) = read(text)?;
    Ok((text.to_owned(), qualifier, kind))
}

/// What one term is (RFC 7208 §12: directive or modifier).
pub(super) fn read(token: &str) -> Result<(Option<Qualifier>, TermKind), ProblemKind> {
    if !token.bytes().all(|octet| octet.is_ascii_graphic()) {
        return Err(ProblemKind::BadOctet);
    }
    let mut characters = token.chars();
    let qualifier = characters.next().and_then(Qualifier::from_symbol);
    let body = if qualifier.is_some() { characters.as_str() } else { token };
    let end = body.find([':', '/', '=']).unwrap_or(body.len());
    let (name, rest) = body.split_at_checked(end).unwrap_or((body, ""));
    let kind = match rest.strip_prefix('=') {
        Some(_) if qualifier.is_some() => return Err(ProblemKind::QualifierOnModifier),
        Some(value) => modifier(name, value)?,
        None => mechanism(name, rest)?,
    };
    Ok((qualifier, kind))
}

fn modifier(name: &str, value: &str) -> Result<TermKind, ProblemKind> {
    // A known name is never an unknown modifier, whatever its value: `exp=` is an error (RFC 7208 §12).
    match name.to_ascii_lowercase().as_str() {
        "redirect" => domain_spec(value).map(TermKind::Redirect),
        "exp" => domain_spec(value).map(TermKind::Exp),
        lower => {
            let valid = lower.starts_with(|first: char| first.is_ascii_alphabetic())
                && lower.bytes().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_' | b'.'));
            if !valid {
                return Err(ProblemKind::BadModifierName);
            }
            if !pieces(value).all(|piece| piece.is_ok_and(|piece| !piece.is_explanation_only())) {
                return Err(ProblemKind::BadMacro);
            }
            Ok(TermKind::UnknownModifier { name: name.to_owned(), value: value.to_owned() })
        }
    }
}

fn is_mechanism(name: &str) -> bool {
    ["all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// `rest` is what follows the name: nothing, or from the first `:` or `/` on.
fn mechanism(name: &str, rest: &str) -> Result<TermKind, ProblemKind> {
    match name.to_ascii_lowercase().as_str() {
        "all" if rest.is_empty() => Ok(TermKind::All),
        "all" if rest.starts_with('/') => Err(ProblemKind::UnexpectedPrefix),
        "all" => Err(ProblemKind::UnexpectedValue),
        "include" => needed_domain(rest).map(TermKind::Include),
        "exists" => needed_domain(rest).map(TermKind::Exists),
        "ptr" if rest.is_empty() => Ok(TermKind::Ptr(None)),
        "ptr" => needed_domain(rest).map(|domain| TermKind::Ptr(Some(domain))),
        "a" => optional_domain(rest).map(|(domain, prefix)| TermKind::A { domain, prefix }),
        "mx" => optional_domain(rest).map(|(domain, prefix)| TermKind::Mx { domain, prefix }),
        "ip4" => ip4(needed_value(rest)?),
        "ip6" => ip6(needed_value(rest)?),
        "redirect" | "exp" if rest.starts_with(':') => Err(ProblemKind::ModifierAsMechanism),
        _ => Err(ProblemKind::UnknownMechanism),
    }
}

fn needed_value(rest: &str) -> Result<&str, ProblemKind> {
    match rest.strip_prefix(':') {
        Some("") => Err(ProblemKind::MissingValue),
        Some(value) => Ok(value),
        None if rest.is_empty() => Err(ProblemKind::MissingValue),
        None => Err(ProblemKind::UnexpectedPrefix),
    }
}

fn needed_domain(rest: &str) -> Result<DomainSpec, ProblemKind> {
    let value = needed_value(rest)?;
    domain_spec(value).map_err(|kind| match split_prefix(value) {
        (_, None, None) => kind,
        _ => ProblemKind::UnexpectedPrefix,
    })
}

/// `[":" domain-spec] [dual-cidr-length]`
fn optional_domain(rest: &str) -> Result<(Option<DomainSpec>, DualPrefix), ProblemKind> {
    let (name, v4, v6) = split_prefix(rest);
    if name.starts_with('/') {
        return Err(ProblemKind::UnexpectedPrefix);
    }
    let prefix = DualPrefix {
        v4: v4.map(|digits| prefix_length(digits, 32)).transpose()?,
        v6: v6.map(|digits| prefix_length(digits, 128)).transpose()?,
    };
    // What is left is empty or begins with the colon.
    let domain = name.strip_prefix(':').map(domain_spec).transpose()?;
    Ok((domain, prefix))
}

/// Takes `/digits` and `//digits` off the end. Only there: a `/` elsewhere belongs to the domain-spec.
pub(super) fn split_prefix(text: &str) -> (&str, Option<&str>, Option<&str>) {
    let last = |text: &str| {
        let head = text.trim_end_matches(|character: char| character.is_ascii_digit()).len();
        head.checked_sub(1).filter(|&slash| text.as_bytes().get(slash) == Some(&b'/'))
    };
    let cut = |text, at: usize| -> (&str, &str) { str::split_at_checked(text, at).unwrap_or((text, "")) };
    let Some(slash) = last(text) else {
        return (text, None, None);
    };
    let (head, tail) = cut(text, slash);
    let digits = tail.strip_prefix('/');
    let Some(head) = head.strip_suffix('/') else {
        return (head, digits, None);
    };
    match last(head) {
        Some(slash) => {
            let (name, tail) = cut(head, slash);
            (name, tail.strip_prefix('/'), digits)
        }
        None => (head, None, digits),
    }
}

fn prefix_length(digits: &str, max: u8) -> Result<u8, ProblemKind> {
    if digits.is_empty() || !digits.bytes().all(|octet| octet.is_ascii_digit()) {
        return Err(ProblemKind::BadPrefix);
    }
    if digits.len() > 1 && digits.starts_with('0') {
        return Err(ProblemKind::LeadingZero);
    }
    digits.parse().ok().filter(|&bits| bits <= max).ok_or(ProblemKind::PrefixTooLong { max })
}

fn split_address(value: &str, max: u8) -> Result<(&str, Option<u8>), ProblemKind> {
    match value.split_once('/') {
        None => Ok((value, None)),
        Some((_, digits)) if digits.starts_with('/') => Err(ProblemKind::UnexpectedPrefix),
        Some((address, digits)) => Ok((address, Some(prefix_length(digits, max)?))),
    }
}

fn ip4(value: &str) -> Result<TermKind, ProblemKind> {
    let family = |text: &str| text.split('/').next().is_some_and(|address| address.parse::<Ipv6Addr>().is_ok());
    if family(value) {
        return Err(ProblemKind::WrongFamily);
    }
    let (address, prefix) = split_address(value, 32)?;
    match address.parse() {
        Ok(address) => Ok(TermKind::Ip4 { address, prefix }),
        Err(_) if without_zeros(address).parse::<Ipv4Addr>().is_ok() => Err(ProblemKind::LeadingZero),
        Err(_) => Err(ProblemKind::BadIp4),
    }
}

fn ip6(value: &str) -> Result<TermKind, ProblemKind> {
    if value.split('/').next().is_some_and(|address| address.parse::<Ipv4Addr>().is_ok()) {
        return Err(ProblemKind::WrongFamily);
    }
    let (address, prefix) = split_address(value, 128)?;
    address.parse().map(|address| TermKind::Ip6 { address, prefix }).map_err(|_| ProblemKind::BadIp6)
}

/// `macro-string domain-end` (RFC 7208 §7.1).
fn domain_spec(text: &str) -> Result<DomainSpec, ProblemKind> {
    if text.is_empty() {
        return Err(ProblemKind::MissingValue);
    }
    let mut macros = false;
    // What stands after the last macro: there the name must end in a top-level label, unless nothing does.
    let mut tail = None;
    for piece in pieces(text) {
        match piece {
            Ok(Piece::Literal(literal)) => tail = Some(literal),
            Ok(piece) if !piece.is_explanation_only() => {
                macros = true;
                tail = None;
            }
            _ => return Err(ProblemKind::BadMacro),
        }
    }
    if let Some(tail) = tail {
        let (_, top) = tail.strip_suffix('.').unwrap_or(tail).rsplit_once('.').ok_or(ProblemKind::BadDomain)?;
        if !top.is_empty() && top.bytes().all(|octet| octet.is_ascii_digit()) {
            return Err(ProblemKind::NumericTopLabel);
        }
        if !is_top_label(top) {
            return Err(ProblemKind::BadDomain);
        }
    }
    Ok(DomainSpec { text: text.to_owned(), macros })
}

/// `( *alphanum ALPHA *alphanum ) / ( 1*alphanum "-" *( alphanum / "-" ) alphanum )`
fn is_top_label(label: &str) -> bool {
    let alphanumeric = |character: char| character.is_ascii_alphanumeric();
    label.starts_with(alphanumeric)
        && label.ends_with(alphanumeric)
        && label.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
        && label.bytes().any(|octet| !octet.is_ascii_digit())
}

/// Legal by the grammar, yet no host can have this name. With macros nobody can say.
pub(super) fn is_odd(domain: &DomainSpec) -> bool {
    if domain.macros {
        return false;
    }
    let name = domain.text.strip_suffix('.').unwrap_or(&domain.text);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_'))
    };
    let glued = name.to_ascii_lowercase().ends_with("-all");
    name.len() > 253 || glued || !name.split('.').all(label)
}

/// One piece of a macro-string (RFC 7208 §7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Text that stands for itself.
    Literal(&'a str),
    /// `%%`: a percent sign.
    Percent,
    /// `%_`: a space.
    Space,
    /// `%-`: `%20`.
    UrlSpace,
    /// `%{…}`
    Value {
        /// In lower case.
        letter: char,
        /// The letter was upper case: escape as in a URL.
        escape: bool,
        /// How many parts from the right; none means all.
        keep: Option<usize>,
        /// The parts in reverse order.
        reverse: bool,
        /// What the value is split at; empty means `.`.
        delimiters: &'a str,
    },
}

impl Piece<'_> {
    /// `c`, `r` and `t` have a meaning only in the text that `exp=` leads to (RFC 7208 §7.2).
    pub(super) fn is_explanation_only(&self) -> bool {
        matches!(self, Self::Value { letter: 'c' | 'r' | 't', .. })
    }
}

/// A `%` that begins no macro.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BadMacro;

/// The pieces of a macro-string; ends after the first fault.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = Result<Piece<'_>, BadMacro>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let piece = match rest.strip_prefix('%') {
            None => {
                let (literal, after) =
                    rest.split_at_checked(rest.find('%').unwrap_or(rest.len())).unwrap_or((rest, ""));
                rest = after;
                Some(Piece::Literal(literal))
            }
            Some(macro_text) => {
                let mut characters = macro_text.chars();
                let kind = characters.next();
                rest = characters.as_str();
                match kind {
                    Some('%') => Some(Piece::Percent),
                    Some('_') => Some(Piece::Space),
                    Some('-') => Some(Piece::UrlSpace),
                    Some('{') => rest.split_once('}').and_then(|(body, after)| {
                        rest = after;
                        macro_value(body)
                    }),
                    _ => None,
                }
            }
        };
        if piece.is_none() {
            rest = "";
        }
        Some(piece.ok_or(BadMacro))
    })
}

/// `macro-letter transformers *delimiter`
fn macro_value(body: &str) -> Option<Piece<'_>> {
    let mut characters = body.chars();
    let letter = characters.next().filter(|letter| "slodiphcrtv".contains(letter.to_ascii_lowercase()))?;
    let rest = characters.as_str();
    let after = rest.trim_start_matches(|character: char| character.is_ascii_digit());
    let digits = rest.strip_suffix(after)?;
    // More parts than fit a usize are simply all of them. Zero parts are an error (RFC 7208 §7.3).
    let keep = (!digits.is_empty()).then(|| digits.parse().unwrap_or(usize::MAX));
    if keep == Some(0) {
        return None;
    }
    let delimiters = after.strip_prefix(['r', 'R']);
    let reverse = delimiters.is_some();
    let delimiters = delimiters.unwrap_or(after);
    if !delimiters.chars().all(|delimiter| ".-+,/_=".contains(delimiter)) {
        return None;
    }
    Some(Piece::Value {
        letter: letter.to_ascii_lowercase(),
        escape: letter.is_ascii_uppercase(),
        keep,
        reverse,
        delimiters,
    })
}
