//! What a broken term was probably meant to be, where one mechanical step makes it readable. A step is tried on one term, or on two
//! neighbours, and never on its own result, so that the work stays linear in the text. Never suggests a passing `all`.

use super::parse::{is_odd, read, split_prefix};
use super::problem::ProblemKind;
use super::types::{Qualifier, Span, TermKind};

/// `ip4: 192.0.2.1` and `- all`: two tokens that were meant as one term. Gives the end, the kind and the joined form.
pub(super) fn split_by_space(text: &[u8], token: &[u8], next: Span) -> Option<(usize, ProblemKind, String)> {
    let token = std::str::from_utf8(token).ok()?;
    let following = std::str::from_utf8(text.get(next.clone())?).ok()?.trim_end_matches([',', ';']);
    let kind = if token.len() == 1 && token.starts_with(['+', '-', '~', '?']) {
        ProblemKind::SpaceAfterQualifier
    } else if token.ends_with([':', '=']) && read(following).is_err() {
        ProblemKind::SpaceAfterColon
    } else {
        return None;
    };
    let joined = format!("{token}{following}");
    is_readable(&joined).then_some((next.end, kind, joined))
}

/// What `token` was probably meant to be, if one mechanical step leads to terms that can be read, and what that step says of the fault.
pub(super) fn repair(token: &[u8], kind: ProblemKind) -> (ProblemKind, Option<String>) {
    let original = String::from_utf8_lossy(token);
    let plain = plain_ascii(&original);
    let spaced = plain.replace([',', ';'], " ");
    let bare = plain.trim_matches(['"', '\'', '\\', '.', ',', ';', ':']);
    let mut steps = vec![(kind, plain.clone())];
    if spaced != plain {
        steps.push((ProblemKind::Separator, spaced));
    }
    for all in ["-all", "~all", "?all", "+all"] {
        let cut = plain.len().saturating_sub(all.len());
        if let Some((head, tail)) = plain.split_at_checked(cut).filter(|(_, tail)| tail.eq_ignore_ascii_case(all)) {
            steps.push((ProblemKind::MissingSpace, format!("{head} {tail}")));
        }
    }
    if kind != ProblemKind::MissingValue {
        // `a:` is not mended by making it `a`: somebody meant a name.
        steps.push((kind, bare.to_owned()));
    }
    if let Some((name, value)) = plain.split_once(':') {
        steps.extend(renamed(name, value).into_iter().map(|fix| (kind, fix)));
        if let Some((_, host)) = value.split_once("://") {
            steps.push((kind, format!("{name}:{}", host.split('/').next().unwrap_or(host))));
        }
    }
    if kind == ProblemKind::LeadingZero {
        steps.push((kind, without_zeros(&plain)));
    }
    if kind == ProblemKind::UnexpectedPrefix {
        // `a/24/64` is `a/24//64` with a stroke missing.
        steps.extend(plain.rsplit_once('/').map(|(head, bits)| (kind, format!("{head}//{bits}"))));
        steps.push((kind, split_prefix(&plain).0.to_owned()));
    }
    if kind == ProblemKind::QualifierOnModifier {
        steps.push((kind, plain.trim_start_matches(['+', '-', '~', '?']).to_owned()));
    }
    for (found, candidate) in steps {
        if candidate.as_bytes() != token && is_readable(&candidate) {
            let kind = if matches!(kind, ProblemKind::BadOctet | ProblemKind::OddDomain) { kind } else { found };
            return (kind, Some(candidate.split_ascii_whitespace().collect::<Vec<_>>().join(" ")));
        }
    }
    (kind, None)
}

/// The same value under the name that was probably meant.
fn renamed(name: &str, value: &str) -> Vec<String> {
    let (sign, bare) = match name.chars().next().and_then(Qualifier::from_symbol) {
        Some(qualifier) => (qualifier.symbol().to_string(), name.trim_start_matches(qualifier.symbol())),
        None => (String::new(), name),
    };
    let meant: &[&str] = match bare.to_ascii_lowercase().as_str() {
        "ip" | "ipv4" | "ipv6" | "ip4" | "ip6" | "ipv" | "i4" | "i6" | "a" | "mx" | "include" | "exists" | "ptr" => {
            &["ip4:", "ip6:"]
        }
        "includes" | "included" | "inlcude" | "incude" | "inclde" => &["include:"],
        "exist" => &["exists:"],
        "redirect" => return vec![format!("redirect={value}")],
        "exp" => return vec![format!("exp={value}")],
        _ => &[],
    };
    meant.iter().map(|meant| format!("{sign}{meant}{value}")).collect()
}

/// The first candidate that can be read.
pub(super) fn first_readable<const N: usize>(candidates: [String; N]) -> Option<String> {
    candidates.into_iter().find(|candidate| is_readable(candidate))
}

/// Whether the text is one or more terms that fit the grammar, whose names can exist, and that do not let everybody send.
fn is_readable(text: &str) -> bool {
    let good = |term: &str| match read(term) {
        Ok((qualifier, TermKind::All)) => !matches!(qualifier, None | Some(Qualifier::Pass)),
        Ok((_, kind)) => !kind.domain_spec().is_some_and(is_odd),
        Err(_) => false,
    };
    let mut terms = text.split_ascii_whitespace().peekable();
    terms.peek().is_some() && terms.all(good)
}

/// What an input method or word processor made of plain characters, made plain again.
fn plain_ascii(text: &str) -> String {
    text.chars()
        .filter(|character| !matches!(character, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{FFFD}'))
        .map(|character| match character {
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30FC}' => '-',
            '\u{301C}' | '\u{02DC}' | '\u{223C}' => '~',
            '\u{3000}' | '\u{00A0}' | '\t' | '\r' | '\n' => ' ',
            '\u{3002}' => '.',
            '\u{3001}' => ',',
            // The full-width forms stand in the order of ASCII.
            '\u{FF01}'..='\u{FF5E}' => {
                u32::from(character).checked_sub(0xFEE0).and_then(char::from_u32).unwrap_or(character)
            }
            other => other,
        })
        .collect()
}

/// Numbers without their leading zeros, in an IPv4 address or prefix with whatever stands before it.
pub(super) fn without_zeros(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    let mut after_digit = false;
    let mut in_numbers = !text.contains(':');
    while let Some(character) = characters.next() {
        let more = characters.peek().is_some_and(char::is_ascii_digit);
        if in_numbers && character == '0' && !after_digit && more {
            continue;
        }
        in_numbers |= matches!(character, ':' | '/');
        after_digit = character.is_ascii_digit();
        out.push(character);
    }
    out
}
