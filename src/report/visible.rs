//! Nothing from outside reaches a terminal with power over it.

use std::borrow::Cow;

/// Whether a character can move the cursor, change colours, or reorder what stands around it.
pub(super) fn is_active(c: char) -> bool {
    c.is_control()
        || c > '~'
            && matches!(c,
            '\u{ad}'                                    // soft hyphen
            | '\u{61c}' | '\u{200b}'..='\u{200f}'       // zero width, direction marks
            | '\u{2028}'..='\u{202e}'                   // separators, direction embedding and override
            | '\u{2060}'..='\u{206f}'                   // invisible operators, direction isolates
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}') // tags
}

/// `text` with each control, invisible or direction-changing character written as `<U+001B>`.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    let plain = text.bytes().all(|octet| (b' '..=b'~').contains(&octet));
    if plain || !text.chars().any(is_active) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_active(c) {
            out.push_str(&format!("<U+{:04X}>", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// `text` cut to at most `max` characters, then made [`visible`]; a cut is shown as `…`.
#[must_use]
pub fn excerpt(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((cut, _)) => format!("{}…", visible(text.get(..cut).unwrap_or(""))),
        None => visible(text).into_owned(),
    }
}

/// A word of a command line, as a shell reads it back.
#[must_use]
pub fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@._/-=:+".contains(c);
    if text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// The first character that looks like a blank, or like nothing, and is none to DNS software: what pages and full-width input put between words.
#[must_use]
pub fn odd_blank(text: &str) -> Option<char> {
    let is_odd = |c: &char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}');
    text.chars().find(|c| !c.is_ascii() && is_odd(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_bidi_and_zero_width_are_spelled_out() {
        assert_eq!(visible("a\u{1b}[2Jb"), "a<U+001B>[2Jb");
        assert_eq!(visible("x\u{202e}y\u{200b}"), "x<U+202E>y<U+200B>");
        assert_eq!(visible("エックスサーバー"), "エックスサーバー");
        assert_eq!(excerpt("あいうえお", 3), "あいう…");
    }

    #[test]
    fn blanks_that_are_none() {
        for blank in ['\u{a0}', '\u{3000}', '\u{200b}', '\u{2003}', '\u{feff}'] {
            assert_eq!(odd_blank(&format!("www{blank}A")), Some(blank));
        }
        // Joiners belong into some scripts' words.
        assert_eq!(odd_blank("a b\tc 例え \u{200d}"), None);
    }
}
