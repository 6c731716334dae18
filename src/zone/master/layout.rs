//! Where the comments of a record stand in the text, for who takes it over. Cuts the record's lines anew, so that no record need hold these
//! places.

use std::ops::Range;

use crate::zone::lex;

/// The comments that belong to a record, in octets of the text, each from its `;` to the end of its line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comments {
    /// Those on lines of their own directly above it.
    pub above: Vec<Range<usize>>,
    /// Those on its own lines.
    pub beside: Vec<Range<usize>>,
}

/// The comments of the record at `range` of `text`; `after` is where the entry above it ends, or 0.
#[must_use]
pub fn comments(text: &[u8], range: &Range<usize>, after: usize) -> Comments {
    let own = text.get(range.clone()).unwrap_or(&[]);
    let beside =
        lex::comments(own).into_iter().map(|found| found.start + range.start..found.end + range.start).collect();
    let mut above = Vec::new();
    let mut end = range.start;
    while let Some(before) = end.checked_sub(1).and_then(|end| text.get(after..end)) {
        let start = after + before.iter().rposition(|octet| matches!(octet, b'\n' | b'\r')).map_or(0, |at| at + 1);
        let line = text.get(start..end).unwrap_or(&[]).trim_ascii_end();
        let blanks = line.iter().take_while(|octet| matches!(octet, b' ' | b'\t')).count();
        // The first "line" may be the rest of the entry above.
        let whole = start > after || after == 0 || text.get(after - 1) == Some(&b'\n');
        // What is between CR and LF is no line.
        let between = text.get(..end).is_some_and(|text| text.ends_with(b"\r\n")) && start + 1 == end;
        if line.get(blanks) == Some(&b';') && whole {
            above.push(start + blanks..start + line.len());
        } else if !between {
            break;
        }
        end = start;
    }
    above.reverse();
    Comments { above, beside }
}
