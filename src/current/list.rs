//! Text copied from a panel's list in the browser: rows and columns in any order, with or without headings, with buttons between them.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::report::{Text, excerpt};
use crate::say;
use crate::zone::master::{FAULTS_MAX, RECORDS_MAX};
use crate::zone::{MasterFault, Name, Rdata, Record, Rtype};

use super::cell::{self, Reading};
use super::labels::{Field, Labels};

/// Most cells of a row that are looked at.
const CELLS_MAX: usize = 16;
/// Rows by which it is decided which column is which.
const SAMPLE: usize = 100;
/// Lines at the beginning among which the headings are sought.
const HEADINGS_WITHIN: usize = 40;

/// What a list says.
#[derive(Debug, Default)]
pub(super) struct List {
    /// The records, with whether a TTL stands there and the octets of the row.
    pub(super) records: Vec<(Record, bool, Range<usize>)>,
    /// Rows that were not read.
    pub(super) faults: Vec<MasterFault>,
    /// How many more there are.
    pub(super) more_faults: usize,
    /// How it was understood, each with the place where that shows first.
    pub(super) notes: Vec<(Text, Range<usize>)>,
    /// Its headings were found.
    pub(super) has_headings: bool,
}

/// A cell and where it begins.
#[derive(Clone, Debug)]
struct Cell<'t> {
    text: &'t str,
    at: usize,
}

/// A row: its cells, its line, its octets. What was wrapped is appended to the last cell's text in `more`.
#[derive(Clone, Debug)]
struct Row<'t> {
    cells: Vec<Cell<'t>>,
    line: usize,
    range: Range<usize>,
    /// Which cell goes on in further lines, and how.
    more: Option<(usize, String)>,
}

impl Row<'_> {
    /// The text of a column.
    fn text(&self, column: Option<usize>) -> Option<&str> {
        let column = column?;
        match &self.more {
            Some((at, whole)) if *at == column => Some(whole),
            _ => self.cells.get(column).map(|c| c.text),
        }
    }
}

/// Which column is which.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Columns {
    host: Option<usize>,
    rtype: Option<usize>,
    value: Option<usize>,
    priority: Option<usize>,
    ttl: Option<usize>,
}

impl Columns {
    fn of(&mut self, field: Field) -> &mut Option<usize> {
        match field {
            Field::Host => &mut self.host,
            Field::Type => &mut self.rtype,
            Field::Value => &mut self.value,
            Field::Priority => &mut self.priority,
            Field::Ttl => &mut self.ttl,
        }
    }

    fn all(&self) -> [(Field, Option<usize>); 5] {
        [
            (Field::Host, self.host),
            (Field::Type, self.rtype),
            (Field::Value, self.value),
            (Field::Priority, self.priority),
            (Field::Ttl, self.ttl),
        ]
    }

    fn taken(&self, column: usize) -> bool {
        self.all().iter().any(|(_, c)| *c == Some(column))
    }
}

/// What is wrong with a row, and in which of its cells.
type Wrong = (Option<usize>, Text);

/// The words for a column in messages.
fn called(field: Field) -> Text {
    match field {
        Field::Host => say!(en: "host", ja: "ホスト名"),
        Field::Type => say!(en: "type", ja: "種別"),
        Field::Value => say!(en: "value", ja: "値"),
        Field::Priority => say!(en: "priority", ja: "優先度"),
        Field::Ttl => say!(en: "TTL", ja: "TTL"),
    }
}

/// Reads a list; nothing if there is none in the text.
pub(super) fn read(text: &str, apex: &Name, labels: &Labels) -> Option<List> {
    let mut list = List::default();
    let rows = cut(text, labels);
    let (headings, rows) = headings(rows, labels);
    let mut columns = Columns::default();
    for (field, at) in headings.iter().flat_map(|h| &h.1) {
        *columns.of(*field) = Some(*at);
    }
    let by_heading = columns;
    list.has_headings = headings.is_some();
    if !fits(columns.rtype, &rows, labels) {
        columns.rtype = type_column(&rows, labels);
    }
    columns.rtype?;
    let rows = joined(rows, columns.rtype, labels, &mut list);
    let records: Vec<&Row<'_>> = rows.iter().filter(|r| row_type(r, columns.rtype, labels).is_some()).collect();
    let sample: Vec<&Row<'_>> = records.iter().copied().take(SAMPLE).collect();
    columns = place(columns, &sample, apex, labels);
    let good =
        |columns: &Columns| sample.iter().filter(|r| record(r, columns, apex, labels, &mut Vec::new()).is_ok()).count();
    // Headings of a table with more columns than headings say nothing.
    if list.has_headings && good(&columns) * 2 < sample.len() {
        let by_content = place(Columns { rtype: columns.rtype, ..Columns::default() }, &sample, apex, labels);
        if good(&by_content) > good(&columns) {
            columns = by_content;
        }
    }
    if good(&columns) == 0 {
        return None;
    }
    list.say_columns(&columns, &by_heading, headings.as_ref().map(|h| &h.0), records.first().copied());
    list.rows(&rows, &columns, apex, labels);
    Some(list)
}

impl List {
    /// Keeps a fault, at its cell if it has one, or counts it.
    fn fault(&mut self, row: &Row<'_>, (column, text): Wrong) {
        if self.faults.len() < FAULTS_MAX {
            let cell = column.and_then(|c| row.cells.get(c)).filter(|c| !c.text.trim().is_empty());
            let range = cell.map_or_else(|| row.range.clone(), |c| c.at..c.at + c.text.len());
            self.faults.push(MasterFault { file: 0, range, line: row.line, text });
        } else {
            self.more_faults += 1;
        }
    }

    /// How the columns were understood.
    fn say_columns(
        &mut self,
        columns: &Columns,
        by_heading: &Columns,
        heading: Option<&Row<'_>>,
        first: Option<&Row<'_>>,
    ) {
        let told = |(field, column): &(Field, Option<usize>)| {
            let at = (*column)?;
            let (what, n) = (called(*field), at + 1);
            let label =
                heading.filter(|_| by_heading.all().contains(&(*field, *column))).and_then(|h| h.text(Some(at)));
            Some(match label {
                Some(label) => {
                    let label = excerpt(label.trim(), 30);
                    say!(en: "{what} “{label}”", ja: "{what}「{label}」"; what = what)
                }
                None => say!(en: "{what} column {n}", ja: "{what} {n} 列目"; what = what),
            })
        };
        let list = crate::report::join(&columns.all().iter().filter_map(told).collect::<Vec<_>>());
        let by_content = columns.all().iter().any(|c| c.1.is_some() && !by_heading.all().contains(c));
        let text = if by_content {
            say!(en: "read as a list copied from a panel, the columns told by what stands in them: {list}", ja: "管理画面の一覧を写した文として読みました。列は中身から判断しています: {list}"; list = list)
        } else {
            say!(en: "read as a list copied from a panel: {list}", ja: "管理画面の一覧を写した文として読みました: {list}"; list = list)
        };
        if let Some(at) = heading.or(first) {
            self.notes.push((text, at.range.clone()));
        }
    }

    /// Every row to its record.
    fn rows(&mut self, rows: &[Row<'_>], columns: &Columns, apex: &Name, labels: &Labels) {
        let mut read_as: BTreeMap<Reading, (usize, Range<usize>)> = BTreeMap::new();
        let mut buttons: Option<(usize, Range<usize>)> = None;
        for row in rows {
            let nothing = |c: &Cell<'_>| cell::is_blank(c.text) || cell::is_button(c.text);
            if row.cells.iter().all(nothing) {
                if !row.cells.iter().all(|c| cell::is_blank(c.text)) {
                    let (n, _) = buttons.get_or_insert_with(|| (0, row.range.clone()));
                    *n += 1;
                }
                continue;
            }
            if self.records.len() >= RECORDS_MAX {
                self.fault(row, (None, say!(en: "more than {RECORDS_MAX} records; from here on nothing is read", ja: "レコードが {RECORDS_MAX} 件を超えています。ここから先は読みません")));
                return;
            }
            let mut here = Vec::new();
            match record(row, columns, apex, labels, &mut here) {
                Ok((record, has_ttl)) => {
                    for reading in here.into_iter().chain(row.more.is_some().then_some(Reading::Wrapped)) {
                        read_as.entry(reading).or_insert_with(|| (0, row.range.clone())).0 += 1;
                    }
                    self.records.push((record, has_ttl, row.range.clone()));
                }
                Err(wrong) => self.fault(row, wrong),
            }
        }
        for (reading, (n, at)) in read_as {
            let text = match reading {
                Reading::FullWidth => {
                    say!(en: "full-width characters read as half-width, rows: {n}", ja: "全角の文字を半角として読みました（{n} 行）")
                }
                Reading::Quotes => {
                    say!(en: "typographic quotes around a TXT left out, rows: {n}", ja: "TXT を囲む “ ” を除いて読みました（{n} 行）")
                }
                Reading::Escapes => {
                    say!(en: "`\\;` in a TXT read as `;`, rows: {n}", ja: "TXT の「\\;」を「;」として読みました（{n} 行）")
                }
                Reading::Wrapped => {
                    say!(en: "values that go on in the next line joined, rows: {n}", ja: "次の行に続いている値をつなげて読みました（{n} 行）")
                }
            };
            self.notes.push((text, at));
        }
        if let Some((n, at)) = buttons {
            self.notes.push((say!(en: "lines that are only buttons passed over: {n}", ja: "ボタンだけの行を読み飛ばしました（{n} 行）"), at));
        }
    }
}

/// The record of a row, and whether it says its TTL.
fn record(
    row: &Row<'_>,
    columns: &Columns,
    apex: &Name,
    labels: &Labels,
    read_as: &mut Vec<Reading>,
) -> Result<(Record, bool), Wrong> {
    let Some(rtype) = row_type(row, columns.rtype, labels) else {
        let shown = row.text(columns.rtype).map(|t| excerpt(t.trim(), 40)).filter(|t| !t.is_empty());
        let text = match shown {
            Some(shown) => {
                say!(en: "“{shown}” is no record type, so this row is left out", ja: "「{shown}」はレコードの種別ではないため、この行は読んでいません")
            }
            None => no_type(),
        };
        return Err((columns.rtype, text));
    };
    let host = row.text(columns.host).unwrap_or_default();
    let name = cell::owner(host, apex).map_err(|text| (columns.host, text))?;
    if !cell::is_blank(host) && cell::half(host) != host.trim() {
        read_as.push(Reading::FullWidth);
    }
    let value = row.text(columns.value).unwrap_or_default();
    let rdata = cell::rdata(rtype, value, row.text(columns.priority), apex, read_as);
    let rdata: Rdata = rdata.map_err(|text| (columns.value, text))?;
    let ttl = match row.text(columns.ttl) {
        None => None,
        Some(text) => {
            if cell::half(text) != text.trim() {
                read_as.push(Reading::FullWidth);
            }
            let shown = excerpt(text.trim(), 20);
            cell::ttl(text).ok_or_else(|| {
                (columns.ttl, say!(en: "“{shown}” is no TTL", ja: "「{shown}」は TTL として読めません"))
            })?
        }
    };
    read_as.sort();
    read_as.dedup();
    Ok((Record { name, rtype, ttl: ttl.unwrap_or(0), rdata }, ttl.is_some()))
}

fn no_type() -> Text {
    say!(en: "no record: there is no type in this row", ja: "レコードの種別がないため、この行は読んでいません")
}

fn row_type(row: &Row<'_>, column: Option<usize>, labels: &Labels) -> Option<Rtype> {
    cell::rtype(row.text(column)?, labels)
}

/// Whether most rows of several cells have a type in this column.
fn fits(column: Option<usize>, rows: &[Row<'_>], labels: &Labels) -> bool {
    let wide = rows.iter().filter(|r| r.cells.len() > 2).take(SAMPLE);
    let (all, typed) =
        wide.fold((0, 0), |(all, typed), r| (all + 1, typed + usize::from(row_type(r, column, labels).is_some())));
    column.is_some() && typed * 2 >= all && typed > 0
}

/// The column that is all types.
fn type_column(rows: &[Row<'_>], labels: &Labels) -> Option<usize> {
    let sample = || rows.iter().filter(|r| r.cells.len() > 1).take(SAMPLE);
    let count = |column: usize| sample().filter(|r| row_type(r, Some(column), labels).is_some()).count();
    let best = (0..CELLS_MAX).max_by_key(|c| (count(*c), CELLS_MAX - c))?;
    (count(best) > 0).then_some(best)
}

/// The columns that the headings leave open, by what gives the most records.
fn place(mut columns: Columns, sample: &[&Row<'_>], apex: &Name, labels: &Labels) -> Columns {
    let width = sample.iter().map(|r| r.cells.len()).max().unwrap_or(0).min(CELLS_MAX);
    let free = |columns: &Columns| -> Vec<usize> { (0..width).filter(|c| !columns.taken(*c)).collect() };
    let blank =
        |c: usize| sample.iter().all(|r| r.text(Some(c)).is_none_or(|t| cell::is_blank(t) || cell::is_button(t)));
    if columns.host.is_none() || columns.value.is_none() {
        let open = free(&columns);
        let own = |column: Option<usize>| column.map_or_else(|| open.clone(), |c| vec![c]);
        let mut best: Option<(usize, Columns)> = None;
        for value in own(columns.value).into_iter().filter(|c| !blank(*c)) {
            let owners = |h: &usize| {
                sample.iter().all(|r| r.text(Some(*h)).is_none_or(|t| cell::is_blank(t) || cell::looks_like_owner(t)))
            };
            let hosts: Vec<usize> = own(columns.host).into_iter().filter(|c| *c != value).collect();
            let named = hosts.iter().copied().filter(|h| columns.host.is_some() || (!blank(*h) && owners(h)));
            let named: Vec<usize> = named.collect();
            // An empty column is that of the domain itself, if no other can be the hosts'.
            let hosts =
                if named.is_empty() { hosts.into_iter().filter(|h| blank(*h)).take(1).collect() } else { named };
            for host in hosts {
                let host = Some(host);
                let tried = Columns { host, value: Some(value), ..columns };
                let tried = numbers(tried, sample, width, labels);
                let score = sample.iter().filter(|r| record(r, &tried, apex, labels, &mut Vec::new()).is_ok()).count();
                // What stands further left is the host.
                if best.as_ref().is_none_or(|(b, at)| score > *b || (score == *b && host < at.host)) {
                    best = Some((score, tried));
                }
            }
        }
        if let Some((_, found)) = best {
            return found;
        }
    }
    columns = numbers(columns, sample, width, labels);
    columns
}

/// Which of the free columns are priorities and times.
fn numbers(mut columns: Columns, sample: &[&Row<'_>], width: usize, labels: &Labels) -> Columns {
    let has_priority = |r: &&Row<'_>| matches!(row_type(r, columns.rtype, labels), Some(Rtype::MX | Rtype::SRV));
    let filled = |c: usize, r: &Row<'_>| r.text(Some(c)).is_some_and(|t| !cell::is_blank(t) && !cell::is_button(t));
    let numeric = |c: usize| {
        let mut any = false;
        sample.iter().filter(|r| filled(c, r)).all(|r| {
            any = true;
            r.text(Some(c)).is_some_and(|t| cell::ttl(t).is_some())
        }) && any
    };
    // An MX that has its priority in the value needs no column for it.
    let inside = |r: &&&Row<'_>| r.text(columns.value).is_some_and(|v| cell::half(v).split_whitespace().count() > 1);
    let mut others = sample.iter().filter(|r| has_priority(r)).peekable();
    let wanted = others.peek().is_some() && !others.all(|r| inside(&r));
    let open: Vec<usize> = (0..width).filter(|c| !columns.taken(*c) && numeric(*c)).collect();
    if columns.priority.is_none() && wanted {
        let small = |c: &&usize| {
            sample
                .iter()
                .filter(|r| has_priority(r))
                .all(|r| r.text(Some(**c)).and_then(cell::number).is_some_and(|n| n <= 65_535))
        };
        // Filled for MX and SRV alone, or zero or one number for all the others.
        let only = |c: &&usize| {
            !sample
                .iter()
                .any(|r| !has_priority(r) && filled(**c, r) && r.text(Some(**c)).and_then(cell::number) != Some(0))
        };
        let little = |c: &&usize| {
            sample
                .iter()
                .filter(|r| has_priority(r))
                .all(|r| r.text(Some(**c)).and_then(cell::number).is_some_and(|n| n < 300))
        };
        let mut candidates = open.iter().filter(small);
        let strict = candidates.clone().find(only).filter(|c| columns.ttl.is_some() || open.len() > 1 || little(c));
        columns.priority = strict.or_else(|| candidates.find(little)).copied();
    }
    if columns.ttl.is_none() {
        columns.ttl = open.into_iter().find(|c| columns.priority != Some(*c));
    }
    columns
}

/// The row of headings, which fields they name, and the rows below it.
type Headings<'t> = Option<(Row<'t>, Vec<(Field, usize)>)>;

fn headings<'t>(rows: Vec<Row<'t>>, labels: &Labels) -> (Headings<'t>, Vec<Row<'t>>) {
    let named = |row: &Row<'t>| {
        let mut found: Vec<(Field, usize)> = Vec::new();
        for (at, one) in row.cells.iter().enumerate().take(CELLS_MAX) {
            if let Some(field) = labels.field(one.text).filter(|f| !found.iter().any(|(g, _)| g == f)) {
                found.push((field, at));
            }
        }
        let has = |field| found.iter().any(|(f, _)| *f == field);
        let enough = found.len() >= 2 && (has(Field::Value) || has(Field::Host));
        // `A` and `MX` are no headings.
        let no_type = |(_, at): &(Field, usize)| row.text(Some(*at)).is_none_or(|t| cell::rtype(t, labels).is_none());
        (enough && found.iter().filter(|f| no_type(f)).count() >= 2).then_some(found)
    };
    let at = rows.iter().take(HEADINGS_WITHIN).position(|r| named(r).is_some());
    let Some(at) = at else { return (None, rows) };
    let mut rows = rows.into_iter().skip(at);
    let heading = rows.next();
    let found = heading.as_ref().and_then(named).unwrap_or_default();
    // Long lists repeat their headings.
    let rest = rows.filter(|r| named(r).is_none()).collect();
    (heading.map(|h| (h, found)), rest)
}

/// Rows with what the browser broke off put back: a row without a type below one whose cells were not all there yet.
fn joined<'t>(rows: Vec<Row<'t>>, column: Option<usize>, labels: &Labels, list: &mut List) -> Vec<Row<'t>> {
    let width = rows.iter().filter(|r| row_type(r, column, labels).is_some()).map(|r| r.cells.len()).max().unwrap_or(0);
    let mut out: Vec<Row<'t>> = Vec::new();
    let mut strange: Vec<Row<'t>> = Vec::new();
    for row in rows {
        let typed = row_type(&row, column, labels).is_some();
        let only_buttons = row.cells.iter().all(|c| cell::is_blank(c.text) || cell::is_button(c.text));
        if typed || only_buttons || row.cells.len() >= width.max(2) {
            out.push(row);
            continue;
        }
        let open = out.last_mut().filter(|last| {
            matches!(row_type(last, column, labels), Some(t) if t.is_text())
                && last.cells.len() + row.cells.len() <= width.max(last.cells.len()) + 1
        });
        match (open, row.cells.split_first()) {
            (Some(last), Some((first, rest))) if is_rest(first.text) => {
                let at = last.more.as_ref().map_or(last.cells.len().saturating_sub(1), |(at, _)| *at);
                let before = last.text(Some(at)).unwrap_or_default().trim_end().to_owned();
                let tight = |text: &str, end: bool| {
                    let mut ends = text.split_whitespace();
                    let word = if end { ends.next_back() } else { ends.next() }.unwrap_or_default();
                    !word.is_empty()
                        && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'"'))
                };
                let between =
                    if tight(first.text, false) && (tight(&before, true) || before.contains("p=")) { "" } else { " " };
                last.more = Some((at, format!("{before}{between}{}", first.text.trim())));
                last.cells.extend(rest.iter().cloned());
                last.range.end = row.range.end;
            }
            _ => strange.push(row),
        }
    }
    // Titles of the page above and below the table are many; they are told where they stand between records.
    let (first, last) = (out.first().map_or(0, |r| r.line), out.last().map_or(0, |r| r.line));
    for row in strange.into_iter().filter(|r| r.line > first && r.line < last) {
        list.fault(&row, (None, no_type()));
    }
    out
}

/// Whether a line can be the rest of a TXT: printable ASCII without tabs.
fn is_rest(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.bytes().all(|b| (b' '..=b'~').contains(&b))
}

/// How the cells of a line are kept apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gaps {
    Tabs,
    Spaces,
    Words,
    Lines,
}

/// The rows of a text.
fn cut<'t>(text: &'t str, labels: &Labels) -> Vec<Row<'t>> {
    let mut lines: Vec<(usize, usize, &str)> = Vec::new();
    let mut at = 0;
    for (n, line) in text.split_inclusive('\n').enumerate() {
        let plain = line.trim_end_matches(['\n', '\r']);
        if !plain.trim().is_empty() {
            lines.push((n + 1, at, plain));
        }
        at += line.len();
    }
    let wide = |gaps: Gaps| lines.iter().filter(|l| cells(l.2, l.1, gaps).len() >= 3).count();
    let single = || lines.iter().filter(|l| cell::rtype(l.2, labels).is_some()).count();
    let (tabs, spaces) = (wide(Gaps::Tabs), wide(Gaps::Spaces));
    let gaps = if tabs > 0 && tabs * 2 >= spaces {
        Gaps::Tabs
    } else if spaces > 0 {
        Gaps::Spaces
    } else if single() > 0 {
        Gaps::Lines
    } else {
        Gaps::Words
    };
    let row = |(n, at, line): &(usize, usize, &'t str)| Row {
        cells: match gaps {
            Gaps::Words => words(line, *at, labels),
            _ => cells(line, *at, gaps),
        },
        line: *n,
        range: *at..*at + line.len(),
        more: None,
    };
    let rows: Vec<Row<'t>> = lines.iter().map(row).collect();
    if gaps == Gaps::Lines { stacked(&rows, labels) } else { rows }
}

/// A list of which each cell is a line of its own: a row begins as far before its type as the first one does.
fn stacked<'t>(lines: &[Row<'t>], labels: &Labels) -> Vec<Row<'t>> {
    let text = |at: usize| lines.get(at).and_then(|r| r.text(Some(0))).unwrap_or_default();
    let types: Vec<usize> = (0..lines.len()).filter(|i| cell::rtype(text(*i), labels).is_some()).collect();
    let Some(first) = types.first() else { return Vec::new() };
    // A name stands before its type, unless the list begins with types.
    let heading = (0..*first).take_while(|i| labels.field(text(*i)).is_some()).count();
    let before = usize::from(*first > heading && cell::looks_like_owner(text(first.saturating_sub(1))));
    let mut out = Vec::new();
    let group = |from: usize, to: usize| {
        let cells: Vec<Cell<'t>> =
            lines.get(from..to).unwrap_or_default().iter().flat_map(|r| r.cells.clone()).collect();
        let range =
            lines.get(from).map_or(0, |r| r.range.start)..lines.get(to.saturating_sub(1)).map_or(0, |r| r.range.end);
        Row { cells, line: lines.get(from).map_or(0, |r| r.line), range, more: None }
    };
    if heading > 1 {
        out.push(group(0, heading));
    }
    for (i, at) in types.iter().enumerate() {
        let end = types.get(i + 1).map_or(lines.len(), |next| next.saturating_sub(before).max(at + 1));
        out.push(group(at.saturating_sub(before), end));
    }
    out
}

/// The cells of a line.
fn cells(line: &str, at: usize, gaps: Gaps) -> Vec<Cell<'_>> {
    match gaps {
        Gaps::Tabs => {
            let mut from = at;
            let mut out = Vec::new();
            for text in line.split('\t') {
                out.push(Cell { text, at: from });
                from += text.len() + 1;
            }
            out
        }
        Gaps::Lines | Gaps::Words => vec![Cell { text: line.trim(), at }],
        Gaps::Spaces => {
            // Two spaces or more; a full-width one counts as two.
            let mut out = Vec::new();
            let (mut begin, mut width, mut gap) = (None, 0, 0);
            for (i, c) in line.char_indices() {
                if c.is_whitespace() {
                    if width == 0 {
                        gap = i;
                    }
                    width += if c == '\u{3000}' || c == '\t' { 2 } else { 1 };
                    if width >= 2
                        && let Some(from) = begin.take()
                    {
                        out.push(Cell { text: line.get(from..gap).unwrap_or_default(), at: at + from });
                    }
                } else {
                    begin = begin.or(Some(i));
                    width = 0;
                }
            }
            if let Some(from) = begin {
                out.push(Cell { text: line.get(from..).unwrap_or_default().trim_end(), at: at + from });
            }
            out
        }
    }
}

/// A line with single spaces: a type first or second, the value last, as in the text of a whole zone that some panels take.
fn words<'t>(line: &'t str, at: usize, labels: &Labels) -> Vec<Cell<'t>> {
    let start = line.len() - line.trim_start().len();
    let rest = line.trim();
    let cut = |text: &'t str| text.split_once(char::is_whitespace).map(|(a, b)| (a, b.trim_start()));
    let Some((first, after)) = cut(rest) else { return vec![Cell { text: rest, at: at + start }] };
    let Some((second, value)) = cut(after) else {
        return vec![Cell { text: first, at: at + start }, Cell { text: after, at: at + line.len() - after.len() }];
    };
    if cell::rtype(first, labels).is_none() && cell::rtype(second, labels).is_none() {
        return vec![Cell { text: rest, at: at + start }];
    }
    let place = |text: &str, behind: &str| at + start + (rest.len() - behind.len()).saturating_sub(text.len());
    vec![
        Cell { text: first, at: at + start },
        Cell { text: second, at: place(second, value).saturating_sub(1) },
        Cell { text: value, at: place("", value) },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;

    fn labels() -> Labels {
        Labels::new(&Catalogue::embedded(), None)
    }

    fn read(text: &str) -> Option<List> {
        super::read(text, &Name::parse_absolute("example.com").unwrap(), &labels())
    }

    fn lines(list: &List) -> Vec<String> {
        list.records
            .iter()
            .map(|(r, has_ttl, _)| {
                let ttl = if *has_ttl { r.ttl.to_string() } else { "-".to_owned() };
                format!("{} {ttl} {} {}", r.name, r.rtype, r.rdata.present(r.rtype))
            })
            .collect()
    }

    /// The same four records, as a person would read each list.
    const MEANT: [&str; 4] = [
        "example.com. 3600 A 192.0.2.1",
        "example.com. 3600 MX 10 mail.example.com.",
        "www.example.com. 3600 CNAME shop.example.net.",
        "example.com. 3600 TXT \"v=spf1 include:_spf.example.net ~all\"",
    ];

    #[test]
    fn columns_stand_in_any_order() {
        let labelled = [
            "ホスト名\t種別\t内容\tTTL\t優先度\n\tA\t192.0.2.1\t3600\t\n\tMX\tmail.example.com\t3600\t10\nwww\tCNAME\tshop.example.net\t3600\t\n\tTXT\tv=spf1 include:_spf.example.net ~all\t3600\t\n",
            "Type\tName\tContent\tPriority\tTTL\tActions\nA\texample.com\t192.0.2.1\t\t1 hour\tEdit\nMX\texample.com\tmail.example.com\t10\t1 hour\tEdit\nCNAME\twww\tshop.example.net\t\t1 hour\tEdit\nTXT\texample.com\t\"v=spf1 include:_spf.example.net ~all\"\t\t1 hour\tEdit\n",
        ];
        let bare = [
            "@\t3600\tA\t192.0.2.1\n@\t3600\tMX\t10 mail.example.com\nwww\t3600\tCNAME\tshop.example.net\n@\t3600\tTXT\tv=spf1 include:_spf.example.net ~all\n",
            "@   A   192.0.2.1   3600\n@   MX   10 mail.example.com   3600\nwww   CNAME   shop.example.net   3600\n@   TXT   v=spf1 include:_spf.example.net ~all   3600\n",
            "192.0.2.1\tA\t@\t3600\nmail.example.com\tMX\t@\t3600\t10\nshop.example.net\tCNAME\twww\t3600\nv=spf1 include:_spf.example.net ~all\tTXT\t@\t3600\n",
            "A\t\t192.0.2.1\t0\t3600\nMX\t\tmail.example.com\t10\t3600\nCNAME\twww\tshop.example.net\t0\t3600\nTXT\t\tv=spf1 include:_spf.example.net ~all\t0\t3600\n",
        ];
        for (text, headings) in labelled.map(|t| (t, true)).into_iter().chain(bare.map(|t| (t, false))) {
            let list = read(text).unwrap();
            assert_eq!(lines(&list), MEANT, "{text}");
            assert_eq!((list.has_headings, list.faults.len()), (headings, 0), "{text}: {:?}", list.faults);
            assert!(!list.notes.is_empty(), "{text}");
        }
    }

    #[test]
    fn the_text_of_a_whole_zone_is_read_word_by_word() {
        let list = read("a @ 192.0.2.1\nmx @ 10 mail.example.com.\ncname www shop.example.net.\ntxt @ v=spf1 include:_spf.example.net ~all\n").unwrap();
        let without: Vec<String> = MEANT.iter().map(|m| m.replacen("3600", "-", 1)).collect();
        assert_eq!(lines(&list), without);
    }

    #[test]
    fn cells_that_are_lines_are_put_into_rows() {
        let list =
            read("ホスト名\n種別\n内容\n@\nA\n192.0.2.1\n編集\n削除\nwww\nCNAME\nshop.example.net\n編集\n削除\n")
                .unwrap();
        assert_eq!(lines(&list), ["example.com. - A 192.0.2.1", "www.example.com. - CNAME shop.example.net."]);
    }

    #[test]
    fn a_value_that_goes_on_below_is_joined() {
        let text = "ホスト名\tTYPE\tTTL\tVALUE\ndefault._domainkey\tTXT\t3600\tv=DKIM1; k=rsa;\np=MIGfMA0GCSqG\nSIb3DQEBAQUA\nwww\tA\t3600\t192.0.2.1\n";
        let list = read(text).unwrap();
        assert_eq!(
            lines(&list)[0],
            "default._domainkey.example.com. 3600 TXT \"v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUA\""
        );
        assert_eq!(list.records.len(), 2);
        assert!(list.notes.iter().any(|(t, _)| t.en.contains("joined")), "{:?}", list.notes);
    }

    #[test]
    fn what_is_no_record_is_told_with_its_line() {
        let text = "ホスト名\t種別\t内容\nwww\tA\t192.0.2.1\nshop\tURL転送\thttps://shop.example.net/\nmail\tA\tsomething\n編集\t削除\nftp\tA\t192.0.2.3\n";
        let list = read(text).unwrap();
        assert_eq!(list.records.len(), 2);
        let faults: Vec<(usize, bool)> = list.faults.iter().map(|f| (f.line, f.text.ja.is_empty())).collect();
        assert_eq!(faults, [(3, false), (4, false)]);
        assert!(list.notes.iter().any(|(t, _)| t.ja.contains("ボタン")), "{:?}", list.notes);
    }

    #[test]
    fn prose_is_no_list() {
        for text in [
            "",
            "\n\n",
            "Dear Sir,\nplease add these.\n",
            "<html><body>\n<table>\n",
            "{\"type\": \"A\"}\n",
            "a\tb\tc\n1\t2\t3\n",
        ] {
            assert!(read(text).is_none(), "{text}");
        }
    }
}
