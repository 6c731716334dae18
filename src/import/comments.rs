//! What a zone file says beside its records, for whoever reads it.

use std::collections::HashMap;

use crate::report::{Span, excerpt};

use super::zone::Zone;

/// Longest comment that is kept, characters.
const LENGTH_MAX: usize = 200;
/// Lines above a record that are looked at.
const LINES_MAX: usize = 10;

/// The comments of records, by number: those at the ends of their lines, and whole lines right above them.
pub(super) fn of_records(text: &str, zone: &Zone<'_>) -> HashMap<usize, Vec<String>> {
    let mut out = HashMap::new();
    for (at, found) in zone.found.iter().enumerate() {
        let Some(span) = found.span else { continue };
        let lines = of_record(text, span);
        if !lines.is_empty() {
            out.insert(at, lines);
        }
    }
    out
}

fn of_record(text: &str, span: Span) -> Vec<String> {
    let range = span.range();
    let mut above: Vec<String> = Vec::new();
    let before = text.get(..range.start).unwrap_or_default();
    let before = before.strip_suffix('\n').unwrap_or(before);
    let (mut end, mut ended) = (before.len(), false);
    while !ended && above.len() < LINES_MAX {
        let line = before.get(..end).unwrap_or_default();
        let start = line.rfind('\n').map_or(0, |n| n + 1);
        let Some(comment) = line.get(start..).and_then(|l| l.trim().strip_prefix(';')) else { break };
        above.extend(kept(comment));
        ended = start == 0;
        end = start.saturating_sub(1);
    }
    // The first lines of the file are about the file, unless the record is the first thing below them.
    above.reverse();
    let own = text.get(range).unwrap_or_default().lines().filter_map(behind).filter_map(kept);
    above.extend(own);
    above
}

/// The comment at the end of a line: behind a `;` that is neither quoted nor escaped.
fn behind(line: &str) -> Option<&str> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in line.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            ';' if !quoted => return line.get(at + 1..),
            _ => {}
        }
    }
    None
}

/// A comment that says something of its record: no line of dashes, no heading of a group of records.
fn kept(comment: &str) -> Option<String> {
    let plain = comment.trim_matches([';', ' ', '\t', '\r']);
    (plain.chars().any(char::is_alphanumeric) && !plain.starts_with("--")).then(|| excerpt(plain, LENGTH_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Sources;
    use crate::zone::{Coverage, Current, Found, MasterFile, Name};

    #[test]
    fn comments_stay_with_their_records() {
        let text = "; the zone of a shop\n\n; the old web server\n; until March\nwww A 192.0.2.1 ; by the agency\nmail A 192.0.2.2\ntxt TXT \"a;b\" ; said\n;----\nftp A 192.0.2.3\n";
        let apex = Name::parse_absolute("example.com").unwrap();
        let file = Sources::default().add("x", String::new());
        let read = MasterFile::read(text.as_bytes(), &apex);
        let found = read.records.into_iter().map(|r| {
            let span = Some(Span::new(file, r.range.clone()));
            Found { record: r.into_record(0), has_ttl: false, span }
        });
        let current = Current::new(found.collect(), Coverage::default());
        let comments = of_records(text, &Zone::new(&apex, &current));
        let of = |at: usize| comments.get(&at).cloned().unwrap_or_default();
        assert_eq!(of(0), ["the old web server", "until March", "by the agency"]);
        assert_eq!((of(1), of(2), of(3)), (vec![], vec!["said".to_owned()], vec![]));
    }
}
