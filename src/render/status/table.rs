//! `--format table`: a row a site, whose cells go on below each other, so that it fits the terminal.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::{bills, broken, copies, domain, foot, heads, policy, registrar, senders, shown, step, steps};
use crate::report::{Lang, Text, join};
use crate::status::{Overview, Row, Status};

/// Between two columns.
const GAP: usize = 2;
/// No column gets narrower: a policy and a day stay whole.
const LEAST: [usize; 8] = [8, 8, 8, 8, 12, 13, 8, 8];
/// How much each column holds on to its width: names stay whole longer, and what is to be done is read, not only looked at.
const WEIGHTS: [usize; 8] = [2, 1, 1, 1, 1, 1, 2, 1];

/// The lines of each cell of a row, before they are broken.
type Cells = [Vec<String>; 8];

/// The sites, in at most so many columns of the terminal where that can be.
pub(super) fn write(overview: &Overview, lang: Lang, width: usize) -> String {
    let mut rows: Vec<Cells> = vec![heads().map(|head| vec![head.get(lang).to_owned()])];
    rows.extend(overview.rows.iter().map(|row| cells(overview, row, lang)));
    let widths = widths(&rows, width);
    let mut out = String::new();
    for row in &rows {
        let cells: Vec<Vec<String>> = row
            .iter()
            .zip(widths)
            .map(|(lines, width)| lines.iter().flat_map(|line| wrapped(line, width)).collect())
            .collect();
        for at in 0..cells.iter().map(Vec::len).max().unwrap_or_default() {
            let mut line = String::new();
            for (cell, width) in cells.iter().zip(widths) {
                let text = cell.get(at).map_or("", String::as_str);
                line.push_str(text);
                line.push_str(&" ".repeat(width.saturating_sub(text.width()) + GAP));
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out.push('\n');
    }
    out.push_str(foot(overview).get(lang));
    out.push('\n');
    out
}

fn cells(overview: &Overview, row: &Row, lang: Lang) -> Cells {
    let lines = |texts: Vec<Text>| texts.iter().map(|text| shown(text.get(lang))).collect();
    let status = match &row.outcome {
        Ok(status) => status,
        Err(why) => {
            let mut cells = Cells::default();
            let [first, .., next, _] = &mut cells;
            (*first, *next) = (vec![shown(&row.file)], vec![shown(broken(why).get(lang))]);
            return cells;
        }
    };
    [
        domain(status),
        lines(vec![registrar(status)]),
        lines(senders(status)),
        lines(bills(status)),
        lines(copies(overview, status)),
        lines(policy(overview, &status.policy)),
        lines(steps(status).map(step).collect()),
        // Whole sentences would make each row as high as all of its unknowns.
        lines(vec![unchecked(status)]),
    ]
}

/// What is not known, each kind of it once.
fn unchecked(status: &Status) -> Text {
    let mut kinds: Vec<Text> = Vec::new();
    for kind in status.unchecked.iter().map(|unchecked| unchecked.what.text()) {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    join(&kinds)
}

/// How wide each column is: as its longest line, and while that is more than there is, the widest one gives way.
fn widths(rows: &[Cells], width: usize) -> [usize; 8] {
    let mut widths = [0; 8];
    for row in rows {
        for (width, lines) in widths.iter_mut().zip(row) {
            *width = lines.iter().map(|line| line.width()).max().unwrap_or_default().max(*width);
        }
    }
    // Far more than a terminal has is not given way step by step.
    widths = widths.map(|natural| natural.min(width));
    while widths.iter().sum::<usize>() + GAP * (widths.len() - 1) > width {
        let may = widths.iter_mut().zip(WEIGHTS).zip(LEAST).filter(|((width, _), least)| **width > *least);
        match may.max_by_key(|((width, weight), _)| **width * 2 / weight) {
            Some(((widest, _), _)) => *widest -= 1,
            None => break,
        }
    }
    widths
}

/// A line in pieces of at most that width: broken between words, and between full-width characters, never before a closing mark. A word that
/// is longer is broken behind its dots and slashes, else where it has to be.
fn wrapped(line: &str, width: usize) -> Vec<String> {
    if line.width() <= width {
        return vec![line.to_owned()];
    }
    let mut out = Lines { done: Vec::new(), now: String::new(), width };
    for unit in units(line) {
        if unit.trim_end().width() <= width {
            out.push(&unit);
            continue;
        }
        for part in unit.split_inclusive(['.', '/', '_', '-', '@']) {
            if part.width() <= width {
                out.push(part);
            } else {
                out.end();
                part.chars().for_each(|c| out.push(c.encode_utf8(&mut [0; 4])));
            }
        }
    }
    out.end();
    out.done
}

/// Lines that are filled one after the other.
struct Lines {
    done: Vec<String>,
    now: String,
    width: usize,
}

impl Lines {
    /// Adds what stays together, in a line of its own if it does not fit behind what is there.
    fn push(&mut self, unit: &str) {
        if !self.now.is_empty() && self.now.width() + unit.trim_end().width() > self.width {
            self.end();
        }
        let unit = if self.now.is_empty() { unit.trim_start() } else { unit };
        self.now.push_str(unit);
    }

    fn end(&mut self) {
        let line = std::mem::take(&mut self.now);
        if !line.trim().is_empty() {
            self.done.push(line.trim_end().to_owned());
        }
    }
}

/// What is not broken where it can be helped: a word with the blank behind it, a full-width character with the marks that close behind it.
fn units(line: &str) -> Vec<String> {
    let is_wide = |c: char| c.width().unwrap_or_default() > 1;
    let closes = |c: char| ":、。，．）」』】！？：；・ーぁぃぅぇぉっゃゅょァィゥェォッャュョ".contains(c);
    let opens = |c: char| "（「『【".contains(c);
    let mut units: Vec<String> = Vec::new();
    let mut before: Option<char> = None;
    for c in line.chars() {
        let joins = match before {
            None => false,
            Some(before) if opens(before) || closes(c) => true,
            Some(' ') => c == ' ',
            Some(before) => c == ' ' || !is_wide(before) && !is_wide(c),
        };
        match units.last_mut().filter(|_| joins) {
            Some(unit) => unit.push(c),
            None => units.push(c.to_string()),
        }
        before = Some(c);
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole_and_lines_fit() {
        assert_eq!(wrapped("one two three", 8), ["one two", "three"]);
        assert_eq!(wrapped("onetwothree", 4), ["onet", "woth", "ree"]);
        assert_eq!(wrapped("a onetwothree", 4), ["a", "onet", "woth", "ree"]);
        assert_eq!(wrapped("short", 8), ["short"]);
        assert_eq!(wrapped("see sites/example/site.toml now", 12), ["see sites/", "example/", "site.toml", "now"]);
        assert_eq!(wrapped("12345678 a", 8), ["12345678", "a"]);
        assert_eq!(wrapped("", 8), [""]);
    }

    #[test]
    fn full_width_characters_are_two_columns_and_no_line_begins_with_a_closing_mark() {
        assert_eq!(wrapped("控えを取ります", 8), ["控えを取", "ります"]);
        assert_eq!(wrapped("控えを取、ります", 8), ["控えを", "取、りま", "す"]);
        assert_eq!(wrapped("あいう（example.com）", 8), ["あいう", "（exampl", "e.com）"]);
        for line in ["控えを取ります: zoneplan pin site.toml", "「「「「「「「「", "、、、、、、、、、"]
        {
            for piece in wrapped(line, 8) {
                assert!(piece.width() <= 8, "{piece}");
            }
        }
    }

    #[test]
    fn the_widest_column_gives_way() {
        let mut row = Cells::default();
        row[0] = vec!["d".repeat(20)];
        row[6] = vec!["n".repeat(500)];
        let widths = widths(&[row], 80);
        assert_eq!(widths.iter().sum::<usize>() + 2 * 7, 80);
        assert_eq!(widths[0], 20);
    }

    #[test]
    fn a_policy_and_a_day_stay_whole_however_narrow_it_is() {
        let mut row = Cells::default().map(|_: Vec<String>| vec!["w ".repeat(50)]);
        row[4] = vec!["1, of 2026-08-03 (118 days)".to_owned()];
        row[5] = vec!["p=quarantine; sp=quarantine".to_owned(), "目標: p=quarantine".to_owned()];
        let widths = widths(&[row.clone()], 40);
        assert_eq!(widths.iter().sum::<usize>() + 2 * 7, 87);
        assert_eq!(wrapped(&row[4][0], widths[4]), ["1, of", "2026-08-03", "(118 days)"]);
        assert_eq!(wrapped(&row[5][0], widths[5]), ["p=quarantine;", "sp=quarantine"]);
        assert_eq!(wrapped(&row[5][1], widths[5]), ["目標:", "p=quarantine"]);
    }
}
