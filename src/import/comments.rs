//! What a zone file says beside its records, for whoever reads it.

use std::collections::HashMap;

use crate::report::{FileId, Sources, Span, excerpt};
use crate::zone::master;

use super::zone::Zone;

/// Longest comment that is kept, characters.
const LENGTH_MAX: usize = 200;
/// Lines above a record that are looked at.
const LINES_MAX: usize = 10;

/// The comments of records, by number: those at the ends of their lines, and whole lines right above them.
pub(super) fn of_records(sources: &Sources, zone: &Zone<'_>) -> HashMap<usize, Vec<String>> {
    let mut out = HashMap::new();
    // Where the record above ends, by file.
    let mut ends: HashMap<FileId, usize> = HashMap::new();
    for (at, found) in zone.found.iter().enumerate() {
        let Some(span) = found.span else { continue };
        let after = ends.insert(span.file, span.range().end).unwrap_or(0);
        let lines = of_record(sources.text(span.file), span, after);
        if !lines.is_empty() {
            out.insert(at, lines);
        }
    }
    out
}

/// Takes out what holds the mark that stands for a byte that is no UTF-8, and says how many these are.
pub(super) fn drop_unreadable(comments: &mut HashMap<usize, Vec<String>>) -> usize {
    let mut dropped = 0;
    comments.retain(|_, lines| {
        let before = lines.len();
        lines.retain(|line| !line.contains('?'));
        dropped += before - lines.len();
        !lines.is_empty()
    });
    dropped
}

fn of_record(text: &str, span: Span, after: usize) -> Vec<String> {
    let found = master::comments(text.as_bytes(), &span.range(), after);
    let above = found.above.iter().skip(found.above.len().saturating_sub(LINES_MAX));
    above.chain(&found.beside).filter_map(|range| kept(text.get(range.clone())?)).collect()
}

/// A comment that says something of its record: no line of dashes, no heading of a group of records.
fn kept(comment: &str) -> Option<String> {
    let plain = comment.trim_matches([';', ' ', '\t', '\r']);
    (plain.chars().any(char::is_alphanumeric) && !plain.starts_with("--")).then(|| excerpt(plain, LENGTH_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::{Coverage, Current, Found, MasterFile, Name};

    #[test]
    fn comments_stay_with_their_records() {
        let text = "; the zone of a shop\n\n; the old web server\n; until March\nwww A 192.0.2.1 ; by the agency\nmail A 192.0.2.2\ntxt TXT \"a;b\" ; said\n;----\nftp A 192.0.2.3\n";
        let apex = Name::parse_absolute("example.com").unwrap();
        let mut sources = Sources::default();
        let file = sources.add("x", text.to_owned());
        let read = MasterFile::read(text.as_bytes(), &apex);
        let found = read.records.into_iter().map(|r| {
            let span = Some(Span::new(file, r.range.clone()));
            Found { record: r.into_record(0), has_ttl: false, span }
        });
        let current = Current::new(found.collect(), Coverage::default());
        let comments = of_records(&sources, &Zone::new(&apex, &current));
        let of = |at: usize| comments.get(&at).cloned().unwrap_or_default();
        assert_eq!(of(0), ["the old web server", "until March", "by the agency"]);
        assert_eq!((of(1), of(2), of(3)), (vec![], vec!["said".to_owned()], vec![]));
    }
}
