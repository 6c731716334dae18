//! A template's regular expression in the dialect of JSON Schema, ECMA-262 with the flag `u`. That has no flags inside of an expression, so
//! `(?i)` becomes classes of both cases.

/// What stands before a place in an expression, as far as repeating it goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// Nothing that could be repeated.
    Nothing,
    /// Something that may be repeated.
    Atom,
    /// Something that is repeated; a `?` makes that lazy.
    Repeated,
}

/// The expression on a whole value; none if it is none, or has something whose meaning there is not certain.
#[must_use]
pub(super) fn whole(expression: &str) -> Option<String> {
    regex_lite::Regex::new(expression).ok()?;
    let mut out = String::from("^(?:");
    let mut chars = expression.chars().peekable();
    // Of each open group, the outermost first: whether letters stand for both cases.
    let mut both_cases = vec![false];
    let mut before = Before::Nothing;
    while let Some(c) = chars.next() {
        let both = *both_cases.last()?;
        before = match c {
            '(' if chars.next_if_eq(&'?').is_some() => {
                let mut on = true;
                let mut inner = both;
                loop {
                    match chars.next()? {
                        'i' => inner = on,
                        '-' if on => on = false,
                        ':' => {
                            out.push_str("(?:");
                            both_cases.push(inner);
                            break;
                        }
                        // Flags alone hold up to the end of the group that they stand in.
                        ')' => {
                            *both_cases.last_mut()? = inner;
                            break;
                        }
                        _ => return None,
                    }
                }
                Before::Nothing
            }
            '(' => {
                out.push('(');
                both_cases.push(both);
                Before::Nothing
            }
            ')' => {
                both_cases.pop();
                out.push(')');
                Before::Atom
            }
            '[' => {
                class(&mut chars, both, &mut out)?;
                Before::Atom
            }
            '*' | '+' | '?' | '{' => {
                out.push(c);
                if c == '{' {
                    count(&mut chars, &mut out)?;
                }
                match before {
                    Before::Atom => Before::Repeated,
                    Before::Repeated if c == '?' => Before::Nothing,
                    _ => return None,
                }
            }
            '}' | ']' => return None,
            '\\' => {
                match chars.next()? {
                    'd' => out.push_str("[0-9]"),
                    'w' => out.push_str("[0-9A-Za-z_]"),
                    c if c.is_ascii_punctuation() => literal(c, &mut out),
                    _ => return None,
                }
                Before::Atom
            }
            '^' | '$' | '|' => {
                out.push(c);
                Before::Nothing
            }
            '.' => {
                out.push(c);
                Before::Atom
            }
            c if both && c.is_ascii_alphabetic() => {
                out.extend(['[', c.to_ascii_lowercase(), c.to_ascii_uppercase(), ']']);
                Before::Atom
            }
            c => {
                literal(c, &mut out);
                Before::Atom
            }
        };
    }
    if both_cases.len() != 1 {
        return None;
    }
    out.push_str(")$");
    Some(out)
}

/// `{2}`, `{2,}` or `{2,5}`, behind its `{`.
fn count(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) -> Option<()> {
    chars.peek().filter(|c| c.is_ascii_digit())?;
    loop {
        let c = chars.next().filter(|c| c.is_ascii_digit() || matches!(c, ',' | '}'))?;
        out.push(c);
        if c == '}' {
            return Some(());
        }
    }
}

/// A character that stands for itself; the flag `u` allows a backslash only where one is needed.
fn literal(c: char, out: &mut String) {
    if matches!(c, '^' | '$' | '\\' | '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '/') {
        out.push('\\');
    }
    out.push(c);
}

/// A bracket expression, behind its `[`.
fn class(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, both: bool, out: &mut String) -> Option<()> {
    out.push('[');
    if chars.next_if_eq(&'^').is_some() {
        out.push('^');
    }
    let mut empty = true;
    loop {
        let low = match chars.next()? {
            ']' if !empty => break,
            // A `]` at the start, a class in a class, and operators on classes mean something else there.
            ']' | '[' => return None,
            c @ ('&' | '~') if chars.peek() == Some(&c) => return None,
            '\\' => match chars.next()? {
                'd' => {
                    out.push_str("0-9");
                    empty = false;
                    continue;
                }
                c if c.is_ascii_punctuation() => c,
                _ => return None,
            },
            c => c,
        };
        empty = false;
        let mut high = low;
        let mut ahead = chars.clone();
        if ahead.next() == Some('-') && ahead.next().is_some_and(|c| c != ']') {
            chars.next();
            high = match chars.next()? {
                '[' | '-' => return None,
                '\\' => chars.next().filter(char::is_ascii_punctuation)?,
                c => c,
            };
        }
        range(low, high, out);
        if both {
            range_in(low, high, 'a', 'z', |c| c.to_ascii_uppercase(), out);
            range_in(low, high, 'A', 'Z', |c| c.to_ascii_lowercase(), out);
        }
    }
    out.push(']');
    Some(())
}

/// What of `low` to `high` lies in `first` to `last`, in the other case.
fn range_in(low: char, high: char, first: char, last: char, other: fn(&char) -> char, out: &mut String) {
    let (low, high) = (low.max(first), high.min(last));
    if low <= high {
        range(other(&low), other(&high), out);
    }
}

/// A range of a class, or one character.
fn range(low: char, high: char, out: &mut String) {
    class_literal(low, out);
    if low != high {
        out.push('-');
        class_literal(high, out);
    }
}

/// A character that stands for itself in a class.
fn class_literal(c: char, out: &mut String) {
    if matches!(c, '^' | ']' | '[' | '\\' | '-') {
        out.push('\\');
    }
    out.push(c);
}

#[cfg(test)]
mod tests {
    use super::whole;

    #[test]
    fn flags_become_classes_of_both_cases() {
        for (expression, expected) in [
            (r"(?:sv)?([0-9]{3,5})(?:\.xserver\.jp)?", Some(r"^(?:(?:sv)?([0-9]{3,5})(?:\.xserver\.jp)?)$")),
            (r"(?i)[a-f0-9]+(?:\.ab)?", Some(r"^(?:[a-fA-F0-9]+(?:\.[aA][bB])?)$")),
            (r"(?i:www)?[a-z]", Some(r"^(?:(?:[wW][wW][wW])?[a-z])$")),
            // Flags end with the group that they stand in, and hold for all its branches.
            (r"(?:(?i)a|b)c", Some(r"^(?:(?:[aA]|[bB])c)$")),
            (r"(?i:a(?-i:b)c)", Some(r"^(?:(?:[aA](?:b)[cC]))$")),
            (r"[A-Za-z0-9_.-]", Some(r"^(?:[A-Za-z0-9_.\-])$")),
            (r"[~?+-]?all", Some(r"^(?:[~?+\-]?all)$")),
            (r"[?+-]\-/", Some(r"^(?:[?+\-]-\/)$")),
            (r"[a~~b]", None),
            (r"(?P<name>a)", None),
            (r"\bword", None),
            (r"[[:alpha:]]", None),
            (r"a+?b{2,3}c{4}", Some(r"^(?:a+?b{2,3}c{4})$")),
            // Not repeated twice there, though elsewhere it may be; and what is no regular expression anywhere.
            ("a**", None),
            ("^*", None),
            ("a{", None),
            ("a{,3}", None),
            ("(a", None),
            ("[z-a]", None),
        ] {
            assert_eq!(whole(expression).as_deref(), expected, "{expression}");
        }
    }
}
