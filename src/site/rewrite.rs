//! Edits in the text of a TOML file that somebody wrote: outside of the edit it stays as it is, byte for byte, comments, line ends and all.

use std::ops::Range;

use toml_edit::{Array, Document, InlineTable, Item, Table, Value};

/// What comes in the place of a part of the text.
pub(crate) type Splice = (Range<usize>, String);

/// A text that is edited.
pub(crate) struct Rewrite<'t> {
    text: &'t str,
    document: Document<&'t str>,
    newline: &'static str,
}

impl<'t> Rewrite<'t> {
    /// Of this text; none if it is not TOML.
    pub(crate) fn of(text: &'t str) -> Option<Self> {
        let crlf = text.find('\n').is_some_and(|at| text.get(..at).is_some_and(|line| line.ends_with('\r')));
        let document = Document::parse(text).ok()?;
        Some(Self { text, document, newline: if crlf { "\r\n" } else { "\n" } })
    }

    /// What the text says.
    pub(crate) fn document(&self) -> &Document<&'t str> {
        &self.document
    }

    /// The text with these edits, which do not overlap; none if it would not be TOML any more.
    pub(crate) fn with(&self, mut splices: Vec<Splice>) -> Option<String> {
        splices.sort_by_key(|(range, _)| range.start);
        let (mut out, mut done) = (String::new(), 0);
        for (range, new) in splices {
            out.push_str(self.text.get(done..range.start)?);
            out.push_str(&new);
            done = range.end;
        }
        out.push_str(self.text.get(done..)?);
        Document::parse(out.as_str()).is_ok().then_some(out)
    }

    /// Another text in place of a value.
    pub(crate) fn value(&self, old: &Value, new: &str) -> Option<Splice> {
        Some((old.span()?, quoted(new)))
    }

    /// Others in place of one of a list, or none. What is said of it stays.
    pub(crate) fn item(&self, list: &Array, at: usize, by: &[String]) -> Option<Vec<Splice>> {
        let span = list.get(at)?.span()?;
        let (before, indent) = self.line_before(span.start);
        let Some((first, rest)) = by.split_first() else { return self.without(list, at, span) };
        let lines = before.trim().is_empty() && !indent.is_empty();
        let between = if lines { format!(",{indent}") } else { ", ".to_owned() };
        let rest: String = rest.iter().map(|text| format!("{between}{}", quoted(text))).collect();
        Some(vec![(span, quoted(first) + &rest)])
    }

    fn without(&self, list: &Array, at: usize, span: Range<usize>) -> Option<Vec<Splice>> {
        let closed = list.span()?.end.checked_sub(1)?;
        let next = list.get(at + 1).and_then(Value::span).map_or(closed, |next| next.start);
        let comma = self.comma(span.end..next);
        if let Some(comma) = comma.filter(|comma| self.text.get(span.end..*comma).is_some_and(|t| t.contains('#'))) {
            return Some(vec![(span, String::new()), (comma..comma + 1, String::new())]);
        }
        let end = comma.map_or(span.end, |comma| comma + 1);
        let behind = self.text.get(end..)?;
        let ends = behind.trim_start_matches([' ', '\t']);
        let blanks = behind.len() - ends.len();
        let is_last_of_line = ends.starts_with('\n') || ends.starts_with("\r\n");
        let (before, _) = self.line_before(span.start);
        if before.trim().is_empty() && is_last_of_line {
            let line = self.line_end(end);
            return Some(vec![(span.start - before.len()..line + self.newline_at(line), String::new())]);
        }
        let one_before = at.checked_sub(1).and_then(|at| list.get(at)?.span()).map(|span| span.end);
        let start = match one_before {
            // On one line, the comma before the last one would lead nowhere.
            Some(last) if next == closed && !self.text.get(last..closed)?.contains('\n') => match comma {
                Some(_) => self.comma(last..span.start)? + 1,
                None => last,
            },
            _ if is_last_of_line => span.start - (before.len() - before.trim_end_matches([' ', '\t']).len()),
            _ => return Some(vec![(span.start..end + blanks, String::new())]),
        };
        Some(vec![(start..end, String::new())])
    }

    /// These behind the others of a list, on lines of their own if the others are.
    pub(crate) fn append(&self, list: &Array, new: &[String]) -> Option<Vec<Splice>> {
        if new.is_empty() {
            return Some(Vec::new());
        }
        let span = list.span()?;
        let closed = span.end.checked_sub(1)?;
        let Some(last) = list.len().checked_sub(1).and_then(|at| list.get(at)?.span()) else {
            let (before, indent) = self.line_before(closed);
            let inside = self.text.get(span.start + 1..closed)?;
            if !inside.contains('\n') {
                return Some(vec![(span.start + 1..closed, self.each(new, ", "))]);
            }
            let lines: String = new.iter().map(|text| format!("{indent}  {},", quoted(text))).collect();
            let above = self.text.get(..closed - before.len())?.strip_suffix('\n')?;
            let start = above.strip_suffix('\r').unwrap_or(above).len();
            return Some(vec![(start..start, lines)]);
        };
        let (before, indent) = self.line_before(last.start);
        let comma = self.comma(last.end..closed);
        let end = comma.map_or(last.end, |comma| comma + 1);
        if !before.trim().is_empty() || indent.is_empty() {
            let list = self.each(new, ", ");
            return Some(vec![(end..end, if comma.is_some() { format!(" {list}") } else { format!(", {list}") })]);
        }
        // Behind what is said of the last one.
        let line = self.line_end(end).min(closed);
        let list = indent.clone() + &self.each(new, &format!(",{indent}"));
        if comma.is_some() {
            return Some(vec![(line..line, list + ",")]);
        }
        if line == end {
            return Some(vec![(end..end, format!(",{list}"))]);
        }
        Some(vec![(end..end, ",".to_owned()), (line..line, list)])
    }

    fn each(&self, texts: &[String], between: &str) -> String {
        texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(between)
    }

    /// One key more in a table, written as `key = value`; none where the table is written in pieces.
    pub(crate) fn key(&self, table: &Item, name: &str, key: &str, value: &str) -> Option<Splice> {
        match table {
            Item::Table(table) => self.line_in(table, name, key, value),
            Item::Value(Value::InlineTable(table)) => self.in_line(table, key, value),
            _ => None,
        }
    }

    /// One key more in a table with a header, or in one that only its dotted keys make.
    pub(crate) fn line_in(&self, table: &Table, name: &str, key: &str, value: &str) -> Option<Splice> {
        let key = if table.is_dotted() { format!("{name}.{key}") } else { key.to_owned() };
        let end = self.line_end(self.end_of(table)?);
        Some((end..end, format!("{}{key} = {value}", self.newline)))
    }

    fn in_line(&self, table: &InlineTable, key: &str, value: &str) -> Option<Splice> {
        let closed = table.span()?.end.checked_sub(1)?;
        let last = table.iter().filter_map(|(_, value)| value.span()).map(|span| span.end).max();
        Some(match last {
            Some(last) => (last..last, format!(", {key} = {value}")),
            None => (table.span()?.start + 1..closed, format!(" {key} = {value} ")),
        })
    }

    /// A table with a header more, behind what another one says itself.
    pub(crate) fn table_behind(&self, table: &Table, lines: &[String]) -> Option<Splice> {
        let end = self.line_end(self.end_of(table).filter(|_| !table.is_dotted())?);
        let lines: String = lines.iter().map(|line| format!("{}{line}", self.newline)).collect();
        Some((end..end, self.newline.to_owned() + &lines))
    }

    /// Lines at the end of the text.
    pub(crate) fn at_end(&self, lines: &[String]) -> Splice {
        let end = self.text.len();
        let newline = self.newline;
        let open = if self.text.is_empty() || self.text.ends_with('\n') { "" } else { newline };
        let lines: String = lines.iter().map(|line| format!("{line}{newline}")).collect();
        (end..end, format!("{open}{newline}{lines}"))
    }

    /// Where the last value that a table says itself ends; its header, if it says nothing.
    fn end_of(&self, table: &Table) -> Option<usize> {
        let values = table.iter().filter_map(|(_, item)| match item {
            Item::Value(value) => value.span().map(|span| span.end),
            Item::Table(dotted) if dotted.is_dotted() => self.end_of(dotted),
            _ => None,
        });
        // A dotted table has no header, and one that only further headers imply has none either.
        let header = table.span().filter(|_| !table.is_dotted() && !table.is_implicit()).map(|span| span.end);
        values.chain(header).max()
    }

    /// What stands before a place on its line; and the line end with the blanks of that line, if it is no first line.
    fn line_before(&self, at: usize) -> (&'t str, String) {
        let before = self.text.get(..at).unwrap_or_default();
        let Some(start) = before.rfind('\n') else { return (before, String::new()) };
        let line = before.get(start + 1..).unwrap_or_default();
        let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
        (line, format!("{}{}", self.newline, line.get(..blanks).unwrap_or_default()))
    }

    /// Where the line of a place ends, before its line end.
    fn line_end(&self, at: usize) -> usize {
        let behind = self.text.get(at..).unwrap_or_default();
        let line = behind.split('\n').next().unwrap_or_default();
        at + line.strip_suffix('\r').filter(|line| line.len() < behind.len()).unwrap_or(line).len()
    }

    /// How long the line end at a place is.
    fn newline_at(&self, at: usize) -> usize {
        let behind = self.text.get(at..).unwrap_or_default();
        behind.find('\n').filter(|end| *end <= 1).map_or(0, |end| end + 1)
    }

    /// The comma in a part of a list that holds no values.
    fn comma(&self, part: Range<usize>) -> Option<usize> {
        let mut comment = false;
        let mut found = self.text.get(part.clone())?.char_indices().filter(|(_, c)| {
            comment = match c {
                '#' => true,
                '\n' => false,
                _ => comment,
            };
            *c == ',' && !comment
        });
        found.next().map(|(at, _)| part.start + at)
    }
}

/// A text as a value.
pub(crate) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Texts as a list on one line.
pub(crate) fn list(texts: &[String]) -> String {
    format!("[{}]", texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text after the edits; the same comes of it with the other line ends and a byte order mark.
    fn each_way(text: &str, edits: impl Fn(&Rewrite<'_>) -> Vec<Splice>) -> String {
        let made = |text: &str| {
            let rewrite = Rewrite::of(text).unwrap();
            rewrite.with(edits(&rewrite)).unwrap()
        };
        let plain = made(text);
        let crlf = format!("\u{feff}{}", text.replace('\n', "\r\n"));
        assert_eq!(made(&crlf), format!("\u{feff}{}", plain.replace('\n', "\r\n")));
        plain
    }

    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    fn of_list<'d>(rewrite: &'d Rewrite<'_>) -> &'d Array {
        rewrite.document().get("a").unwrap().as_array().unwrap()
    }

    #[test]
    fn one_of_a_list_goes() {
        for (list, at, expected) in [
            ("a = ['x', 'y']\n", 0, "a = ['y']\n"),
            ("a = ['x', 'y']\n", 1, "a = ['x']\n"),
            ("a = ['x', 'y',]\n", 1, "a = ['x',]\n"),
            ("a = ['x']\n", 0, "a = []\n"),
            ("a = [ 'x' ] # all\n", 0, "a = [ ] # all\n"),
            ("a = [\n  'x',\n  'y',\n]\n", 0, "a = [\n  'y',\n]\n"),
            ("a = [\n  'x',\n  'y',\n]\n", 1, "a = [\n  'x',\n]\n"),
            ("a = [\n  'x',\n  'y'\n]\n", 1, "a = [\n  'x',\n]\n"),
            ("a = [\n  'x', 'y',\n]\n", 0, "a = [\n  'y',\n]\n"),
            ("a = [\n  'x', 'y',\n  'z']\n", 1, "a = [\n  'x',\n  'z']\n"),
            ("a = [\n  'x', # one\n  'y', # two\n]\n", 0, "a = [\n  # one\n  'y', # two\n]\n"),
            ("a = [\n  'x', # one\n  'y', # two\n]\n", 1, "a = [\n  'x', # one\n  # two\n]\n"),
            // Without a comma at the end, what is said of the last one is its own.
            ("a = [\n  'x', # one\n  'y' # two\n]\n", 1, "a = [\n  'x', # one\n  # two\n]\n"),
            ("a = [\n  'x' # one\n]\n", 0, "a = [\n  # one\n]\n"),
            ("a = ['x', # one, two\n  'y' # three\n  # four\n]\n", 1, "a = ['x', # one, two\n  # three\n  # four\n]\n"),
            ("a = ['x', # one\n  'y']\n", 0, "a = [# one\n  'y']\n"),
            ("a = ['x' # one, two\n  , 'y']\n", 0, "a = [ # one, two\n   'y']\n"),
            ("a = ['x' # one, two\n  , 'y' # three\n  ]\n", 1, "a = ['x' # one, two\n  , # three\n  ]\n"),
        ] {
            assert_eq!(each_way(list, |r| r.item(of_list(r), at, &[]).unwrap()), expected, "{list}");
        }
    }

    #[test]
    fn others_come_in_place_of_one() {
        let by = strings(&["p", "q"]);
        for (list, expected) in [
            ("a = ['x', 'y'] # c\n", "a = [\"p\", \"q\", 'y'] # c\n"),
            ("a = [\n\t'x', # one\n\t'y',\n]\n", "a = [\n\t\"p\",\n\t\"q\", # one\n\t'y',\n]\n"),
            ("a = [\n  'x' # one\n]\n", "a = [\n  \"p\",\n  \"q\" # one\n]\n"),
        ] {
            assert_eq!(each_way(list, |r| r.item(of_list(r), 0, &by).unwrap()), expected, "{list}");
        }
    }

    #[test]
    fn some_more_come_behind() {
        let new = strings(&["p", "q"]);
        for (list, expected) in [
            ("a = []\n", "a = [\"p\", \"q\"]\n"),
            ("a = ['x']\n", "a = ['x', \"p\", \"q\"]\n"),
            ("a = ['x',] # c\n", "a = ['x', \"p\", \"q\"] # c\n"),
            ("a = [\n  'x', # one\n]\n", "a = [\n  'x', # one\n  \"p\",\n  \"q\",\n]\n"),
            ("a = [\n  'x' # one\n  # two\n]\n", "a = [\n  'x', # one\n  \"p\",\n  \"q\"\n  # two\n]\n"),
            ("a = [\n  'x'\n]\n", "a = [\n  'x',\n  \"p\",\n  \"q\"\n]\n"),
            ("a = [\n  'x' ]\n", "a = [\n  'x', \n  \"p\",\n  \"q\"]\n"),
            ("a = ['x', # one\n  'y', 'z' # two\n]\n", "a = ['x', # one\n  'y', 'z', \"p\", \"q\" # two\n]\n"),
            ("a = [\n  # none\n]\n", "a = [\n  # none\n  \"p\",\n  \"q\",\n]\n"),
        ] {
            assert_eq!(each_way(list, |r| r.append(of_list(r), &new).unwrap()), expected, "{list}");
        }
    }

    #[test]
    fn a_key_comes_behind_the_others_of_its_table() {
        let item = |rewrite: &Rewrite<'_>| rewrite.document().get("t").unwrap().clone();
        for (text, expected) in [
            ("[t] # t\n\n[u]\nx = 1\n", "[t] # t\nk = 2\n\n[u]\nx = 1\n"),
            ("[t]\nx = 1 # x\n\n# u\n[u]\n", "[t]\nx = 1 # x\nk = 2\n\n# u\n[u]\n"),
            ("[t]\nx = [\n 1,\n] # x\ny.z = 3\n[t.v]\nw = 1", "[t]\nx = [\n 1,\n] # x\ny.z = 3\nk = 2\n[t.v]\nw = 1"),
            ("t.x = 1 # x\ny = 3", "t.x = 1 # x\nt.k = 2\ny = 3"),
            ("t = { x = 1 } # x\n", "t = { x = 1, k = 2 } # x\n"),
            ("t = {}\n", "t = { k = 2 }\n"),
            ("[t]", "[t]\nk = 2"),
        ] {
            let found = if text.contains('\n') {
                each_way(text, |r| vec![r.key(&item(r), "t", "k", "2").unwrap()])
            } else {
                let rewrite = Rewrite::of(text).unwrap();
                rewrite.with(vec![rewrite.key(&item(&rewrite), "t", "k", "2").unwrap()]).unwrap()
            };
            assert_eq!(found, expected, "{text}");
        }
        // Only [t.u] stands there: where t's own keys would go is nobody's word.
        let rewrite = Rewrite::of("[t.u]\nx = 1\n").unwrap();
        assert!(rewrite.key(&item(&rewrite), "t", "k", "2").is_none());
    }

    #[test]
    fn lines_at_the_end() {
        let lines = strings(&["[t]", "k = 2"]);
        assert_eq!(each_way("x = 1\n# end\n", |r| vec![r.at_end(&lines)]), "x = 1\n# end\n\n[t]\nk = 2\n");
        assert_eq!(each_way("x = 1\n# end", |r| vec![r.at_end(&lines)]), "x = 1\n# end\n\n[t]\nk = 2\n");
        let in_between = each_way("[t]\nx = 1 # x\n\n[u]\n", |r| {
            vec![
                r.table_behind(r.document().get("t").unwrap().as_table().unwrap(), &strings(&["[t.v]", "k = 2"]))
                    .unwrap(),
            ]
        });
        assert_eq!(in_between, "[t]\nx = 1 # x\n\n[t.v]\nk = 2\n\n[u]\n");
    }
}
