//! Lines with variables, `mx{n}.example.net`, against lines without. A variable stands for anything but nothing, and for the same
//! wherever it occurs.

use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    Variable(String),
}

/// A line with variables.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    pieces: Vec<Piece>,
    /// It may occur several times, with other values of its variables.
    several: bool,
    /// Which of several forms that exclude each other; empty = it belongs to all.
    form: String,
}

/// What the variables stand for.
type Values = BTreeMap<String, String>;

impl Pattern {
    /// Reads a text with `{variable}`s. `%{d}` is a macro of SPF, that is text. Of the domain all is known.
    pub(crate) fn parse(text: &str) -> Self {
        let known = [("{domain}", "example.com"), ("{fqdn}", "example.com"), ("{domain_dashed}", "example-com")];
        let text = known.iter().fold(text.to_owned(), |t, (name, value)| t.replace(name, value));
        let mut pieces = vec![Piece::Text(String::new())];
        let mut rest = text.as_str();
        while let Some(c) = rest.chars().next() {
            let variable = rest.strip_prefix('{').and_then(|r| r.split_once('}'));
            let is_macro = matches!(pieces.last(), Some(Piece::Text(before)) if before.ends_with('%'));
            if let (Some((name, after)), false) = (variable, is_macro) {
                pieces.push(Piece::Variable(name.to_owned()));
                pieces.push(Piece::Text(String::new()));
                rest = after;
            } else if let Some(Piece::Text(last)) = pieces.last_mut() {
                last.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
        Self { pieces, several: false, form: String::new() }
    }

    /// Reads `owner TYPE value`: names in lower case, `@` as a target is the domain.
    pub(crate) fn line(text: &str, form: &str, several: bool) -> Self {
        let mut parts = text.splitn(3, ' ');
        let mut part = || parts.next().expect("owner, type, value").to_owned();
        let (owner, rtype, value) = (part().to_ascii_lowercase(), part(), part());
        let value = if rtype == "TXT" { value } else { value.to_ascii_lowercase() };
        let value = if value == "@" { "{domain}".to_owned() } else { value };
        Self { several, form: form.to_owned(), ..Self::parse(&format!("{owner} {rtype} {value}")) }
    }

    /// Whether a line is of this form.
    pub(crate) fn matches(&self, line: &str) -> bool {
        go(&self.pieces, line, &mut Values::new(), &mut |_| true)
    }
}

/// Every way in which the pieces make up the text with these values, until `then` is content.
fn go(pieces: &[Piece], text: &str, values: &mut Values, then: &mut dyn FnMut(&mut Values) -> bool) -> bool {
    let Some((first, rest)) = pieces.split_first() else { return text.is_empty() && then(values) };
    match first {
        Piece::Text(fixed) => text.strip_prefix(fixed.as_str()).is_some_and(|after| go(rest, after, values, then)),
        Piece::Variable(name) => {
            if let Some(value) = values.get(name).cloned() {
                return text.strip_prefix(value.as_str()).is_some_and(|after| go(rest, after, values, then));
            }
            let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
            for end in ends.collect::<Vec<_>>() {
                values.insert(name.clone(), text[..end].to_owned());
                if go(rest, &text[end..], values, then) {
                    return true;
                }
                values.remove(name);
            }
            false
        }
    }
}

/// Gives each line a pattern of its own, with one value of each variable and one form for all of them; the patterns used. Those
/// that were not `found` before come first.
pub(crate) fn assign(lines: &[&str], patterns: &[Pattern], found: &BTreeSet<usize>) -> Option<Vec<usize>> {
    let mut order: Vec<usize> = (0..patterns.len()).collect();
    order.sort_by_key(|i| found.contains(i));
    // The line with the fewest patterns first.
    let mut lines = lines.to_vec();
    lines.sort_by_key(|line| patterns.iter().filter(|p| p.matches(line)).count());
    let mut used = Vec::new();
    place(&lines, patterns, &order, &mut used, &mut Values::new()).then_some(used)
}

fn place(lines: &[&str], patterns: &[Pattern], order: &[usize], used: &mut Vec<usize>, values: &mut Values) -> bool {
    let Some((line, rest)) = lines.split_first() else { return true };
    for &i in order {
        let pattern = &patterns[i];
        let other_form = |other: &usize| !patterns[*other].form.is_empty() && patterns[*other].form != pattern.form;
        if used.contains(&i) && !pattern.several || !pattern.form.is_empty() && used.iter().any(other_form) {
            continue;
        }
        used.push(i);
        let fits = if pattern.several {
            pattern.matches(line) && place(rest, patterns, order, used, values)
        } else {
            go(&pattern.pieces, line, values, &mut |values| place(rest, patterns, order, used, values))
        };
        if fits {
            return true;
        }
        used.pop();
    }
    false
}

/// Whether a pattern of a template, in which `*` stands for one or more characters, names what a source states.
pub(crate) fn star(pattern: &str, stated: &str) -> bool {
    // Both have places for what differs from customer to customer.
    let stated = Pattern::parse(stated).pieces.into_iter().map(|piece| match piece {
        Piece::Text(text) => text.to_ascii_lowercase().replace('*', "7"),
        Piece::Variable(_) => "7".to_owned(),
    });
    let stated: String = stated.collect();
    let mut pieces = Vec::new();
    for (i, part) in pattern.to_ascii_lowercase().split('*').enumerate() {
        if i > 0 {
            pieces.push(Piece::Variable(i.to_string()));
        }
        pieces.push(Piece::Text(part.to_owned()));
    }
    go(&pieces, &stated, &mut Values::new(), &mut |_| true)
}
