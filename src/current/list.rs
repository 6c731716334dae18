//! Text copied from a panel's list in the browser, or exported as CSV: rows and columns in any order, with or without headings, with
//! buttons between them.

use std::borrow::Cow;
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
/// Most cells of a row that are kept.
const CELLS_KEPT: usize = 64;
/// Longest value that is put together from several lines or that may stand in quotes over several lines, octets: no record has more.
const JOINED_MAX: usize = 70_000;
/// Columns that are named as not read.
const COLUMNS_TOLD: usize = 8;
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
    /// Rows of which no record was made although they say one, or that can be read in two ways.
    pub(super) asides: Vec<Aside>,
    /// Its headings were found.
    pub(super) has_headings: bool,
}

/// A row that is no record of the zone, or not surely the one that was read.
#[derive(Clone, Debug)]
pub(super) struct Aside {
    /// What is the matter.
    pub(super) what: Matter,
    /// Its line, from 1.
    pub(super) line: usize,
    /// Its octets.
    pub(super) range: Range<usize>,
}

/// What is the matter with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Matter {
    /// The panel shows it as not in force, with this word.
    Disabled(String),
    /// The panel shows only a part of its value: a record of this name and type is there, and what it says is not known.
    Shortened(Name, Rtype),
    /// The first of so many whose targets lack the final dot that others in the list have.
    Undotted(usize),
}

/// A cell and where it begins. Its text is not the one that stands there where it goes on in further lines or has doubled quotes.
#[derive(Clone, Debug)]
struct Cell<'t> {
    text: Cow<'t, str>,
    at: usize,
}

impl<'t> Cell<'t> {
    fn new(text: &'t str, at: usize) -> Self {
        Self { text: Cow::Borrowed(text), at }
    }

    /// Whether it says nothing of a record.
    fn is_nothing(&self) -> bool {
        cell::is_blank(&self.text) || cell::is_button(&self.text)
    }
}

/// A row: its cells, its line, its octets.
#[derive(Clone, Debug)]
struct Row<'t> {
    cells: Vec<Cell<'t>>,
    line: usize,
    range: Range<usize>,
    /// The cell that goes on in further lines.
    broken: Option<Broken>,
}

/// A cell that goes on in further lines, which are put to it one by one without reading it again.
#[derive(Clone, Copy, Debug)]
struct Broken {
    column: usize,
    /// A key has begun in it.
    is_key: bool,
    /// Its last word can go on in the next line.
    is_tight: bool,
}

impl Broken {
    /// Before the first of the further lines.
    fn new(column: usize, text: &str) -> Self {
        Self { column, is_key: text.contains("p="), is_tight: is_tight(text.split_whitespace().next_back()) }
    }

    /// Puts a further line to the cell: what goes on there goes on without a space.
    fn put(&mut self, cell: &mut Cell<'_>, rest: &str) {
        let text = cell.text.to_mut();
        text.truncate(text.trim_end().len());
        if !(is_tight(rest.split_whitespace().next()) && (self.is_key || self.is_tight)) {
            text.push(' ');
        }
        text.push_str(rest);
        self.is_key |= rest.contains("p=");
        self.is_tight = is_tight(rest.split_whitespace().next_back());
    }
}

/// Whether a word is of what keys are made of.
fn is_tight(word: Option<&str>) -> bool {
    let of_key = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'"');
    word.is_some_and(|word| word.bytes().all(of_key))
}

impl Row<'_> {
    /// The text of a column.
    fn text(&self, column: Option<usize>) -> Option<&str> {
        self.cells.get(column?).map(|c| c.text.as_ref())
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

/// Why a row gives no record.
enum Wrong {
    /// It cannot be read; in which of its cells, and why.
    Fault(Option<usize>, Text),
    /// The panel shows only a part of the value of a record of this name and type.
    Shortened(Name, Rtype),
}

impl Wrong {
    /// Whether the row was understood all the same.
    fn is_understood(&self) -> bool {
        matches!(self, Self::Shortened(..))
    }
}

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
    let mut rows = joined(rows, columns.rtype, labels, &mut list);
    if let Some((heading, _)) = &headings {
        priorities(&mut rows, &columns, heading.cells.len(), labels);
    }
    let records: Vec<&Row<'_>> = rows.iter().filter(|r| row_type(r, columns.rtype, labels).is_some()).collect();
    let sample: Vec<&Row<'_>> = records.iter().copied().take(SAMPLE).collect();
    columns = place(columns, &sample, apex, labels);
    let good = |columns: &Columns| sample.iter().filter(|r| is_understood(r, columns, apex, labels)).count();
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
    let heading = headings.as_ref().map(|h| &h.0);
    list.say_columns(&columns, &by_heading, heading, records.first().copied());
    list.say_others(&columns, heading, &sample);
    list.rows(&rows, &columns, heading, apex, labels);
    Some(list)
}

impl List {
    /// Keeps a fault, at its cell if it has one, or counts it.
    fn fault(&mut self, row: &Row<'_>, column: Option<usize>, text: Text) {
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

    /// The columns of which nothing was read: something that the panel knows of its records is not taken over.
    fn say_others(&mut self, columns: &Columns, heading: Option<&Row<'_>>, sample: &[&Row<'_>]) {
        let said = |c: usize| sample.iter().filter_map(move |r| r.cells.get(c));
        let unread = |c: usize| {
            let label = label_of(heading, c);
            if columns.taken(c) || said(c).all(|cell| cell::is_blank(&cell.text)) {
                return None;
            }
            match label {
                // It is read: rows that are off are left out.
                Some(label) if cell::is_state_heading(label) && said(c).any(|t| cell::state(&t.text).is_some()) => None,
                Some(label) => {
                    let label = excerpt(label, 30);
                    Some(say!(en: "“{label}”", ja: "「{label}」"))
                }
                None if said(c).all(Cell::is_nothing) => None,
                None => {
                    let n = c + 1;
                    Some(say!(en: "column {n}", ja: "{n} 列目"))
                }
            }
        };
        let others: Vec<Text> = (0..CELLS_MAX).filter_map(unread).take(COLUMNS_TOLD).collect();
        if let Some(at) = heading.or(sample.first().copied()).filter(|_| !others.is_empty()) {
            let others = crate::report::join(&others);
            let text = say!(en: "columns that are not read: {others}", ja: "読んでいない列: {others}"; others = others);
            self.notes.push((text, at.range.clone()));
        }
    }

    /// Every row to its record.
    fn rows(&mut self, rows: &[Row<'_>], columns: &Columns, heading: Option<&Row<'_>>, apex: &Name, labels: &Labels) {
        let mut read_as: BTreeMap<Reading, (usize, Range<usize>)> = BTreeMap::new();
        let mut undotted: Option<Aside> = None;
        let mut buttons: Option<(usize, Range<usize>)> = None;
        for row in rows {
            if row.cells.iter().all(Cell::is_nothing) {
                if !row.cells.iter().all(|c| cell::is_blank(&c.text)) {
                    let (n, _) = buttons.get_or_insert_with(|| (0, row.range.clone()));
                    *n += 1;
                }
                continue;
            }
            if self.records.len() >= RECORDS_MAX {
                self.fault(row, None, say!(en: "more than {RECORDS_MAX} records; from here on nothing is read", ja: "レコードが {RECORDS_MAX} 件を超えています。ここから先は読みません"));
                return;
            }
            let aside = |what: Matter| Aside { what, line: row.line, range: row.range.clone() };
            if row_type(row, columns.rtype, labels).is_some()
                && let Some(word) = off(row, columns, heading)
            {
                self.asides.push(aside(Matter::Disabled(word)));
                continue;
            }
            let mut here = Vec::new();
            match record(row, columns, apex, labels, &mut here) {
                Ok((record, has_ttl)) => {
                    if here.contains(&Reading::Whole) {
                        undotted.get_or_insert_with(|| aside(Matter::Undotted(0)));
                    }
                    for reading in here.into_iter().chain(row.broken.is_some().then_some(Reading::Wrapped)) {
                        read_as.entry(reading).or_insert_with(|| (0, row.range.clone())).0 += 1;
                    }
                    self.records.push((record, has_ttl, row.range.clone()));
                }
                Err(Wrong::Fault(column, text)) => self.fault(row, column, text),
                Err(Wrong::Shortened(name, rtype)) => self.asides.push(aside(Matter::Shortened(name, rtype))),
            }
        }
        // Where some targets have the dot, one without it may be meant as it stands in a zone file.
        let is_mixed = read_as.remove(&Reading::Dotted).is_some();
        if let Some(aside) = undotted.filter(|_| is_mixed) {
            let n = read_as.remove(&Reading::Whole).map_or(0, |(n, _)| n);
            self.asides.push(Aside { what: Matter::Undotted(n), ..aside });
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
                Reading::Spaces => {
                    say!(en: "unusual spaces in a TXT, as browsers copy them, read as plain ones, rows: {n}", ja: "TXT の中の特殊な空白（ブラウザーのコピーで入るもの）をふつうの空白として読みました（{n} 行）")
                }
                Reading::Dotted => continue,
                Reading::Whole => {
                    say!(en: "targets without a dot at the end read as whole names, as panels show them, rows: {n}", ja: "末尾に「.」のない行き先を、全体の名前として読みました（{n} 行）")
                }
                Reading::Below => {
                    say!(en: "targets of one word read as names below the domain, rows: {n}", ja: "1 語だけの行き先を、このドメインの下の名前として読みました（{n} 行）")
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

/// Whether columns that are which make a record of a row.
fn is_understood(row: &Row<'_>, columns: &Columns, apex: &Name, labels: &Labels) -> bool {
    record(row, columns, apex, labels, &mut Vec::new()).map_or_else(|wrong| wrong.is_understood(), |_| true)
}

/// The heading of a column.
fn label_of<'r>(heading: Option<&'r Row<'_>>, column: usize) -> Option<&'r str> {
    heading.and_then(|h| h.text(Some(column))).map(str::trim).filter(|label| !cell::is_blank(label))
}

/// The word by which a row is shown as not in force. In a column whose heading speaks of something else it is a button or that thing's.
fn off(row: &Row<'_>, columns: &Columns, heading: Option<&Row<'_>>) -> Option<String> {
    let others = row.cells.iter().enumerate().take(CELLS_MAX).filter(|(c, _)| !columns.taken(*c));
    let says = |c: usize| label_of(heading, c).is_none_or(cell::is_state_heading);
    let mut off = others.filter(|(c, cell)| says(*c) && cell::state(&cell.text) == Some(false));
    off.next().map(|(_, cell)| excerpt(cell.text.trim(), 30))
}

/// Puts the priority of an MX into its value where the panel shows it in a cell of its own behind it, under no heading.
fn priorities(rows: &mut [Row<'_>], columns: &Columns, width: usize, labels: &Labels) {
    let (Some(value), None) = (columns.value, columns.priority) else { return };
    for row in rows {
        let is_more = row.cells.len() > width && row_type(row, columns.rtype, labels) == Some(Rtype::MX);
        let number = row.text(Some(value + 1)).and_then(cell::number).filter(|_| is_more);
        if let (Some(number), Some(cell)) = (number, row.cells.get_mut(value))
            && cell.text.split_whitespace().count() == 1
        {
            cell.text = Cow::Owned(format!("{number} {}", cell.text));
            row.cells.remove(value + 1);
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
        let text = no_type(row, columns.rtype);
        return Err(Wrong::Fault(columns.rtype, text));
    };
    let host = row.text(columns.host).unwrap_or_default();
    if cell::is_shortened(host) {
        let text = say!(en: "the panel shortened this name; copy it from the edit form", ja: "一覧で名前が途中までしか表示されていません。編集画面から写してください");
        return Err(Wrong::Fault(columns.host, text));
    }
    let name = cell::owner(host, apex).map_err(|text| Wrong::Fault(columns.host, text))?;
    if !cell::is_blank(host) && cell::half(host) != host.trim() {
        read_as.push(Reading::FullWidth);
    }
    let value = row.text(columns.value).unwrap_or_default();
    // No address is long enough to be shortened.
    if cell::is_shortened(value) && !matches!(rtype, Rtype::A | Rtype::AAAA) {
        return Err(Wrong::Shortened(name, rtype));
    }
    let rdata = cell::rdata(rtype, value, row.text(columns.priority), apex, read_as);
    let rdata: Rdata = rdata.map_err(|text| Wrong::Fault(columns.value, text))?;
    let ttl = match row.text(columns.ttl) {
        None => None,
        Some(text) => {
            if cell::half(text) != text.trim() {
                read_as.push(Reading::FullWidth);
            }
            let shown = excerpt(text.trim(), 20);
            cell::ttl(text).ok_or_else(|| {
                Wrong::Fault(columns.ttl, say!(en: "“{shown}” is no TTL", ja: "「{shown}」は TTL として読めません"))
            })?
        }
    };
    read_as.sort();
    read_as.dedup();
    Ok((Record { name, rtype, ttl: ttl.unwrap_or(0), rdata }, ttl.is_some()))
}

/// That there is no record in a row, since what stands in the column of types is none.
fn no_type(row: &Row<'_>, column: Option<usize>) -> Text {
    // A row that lacks cells may have anything there.
    let shown = row.text(column).filter(|_| row.cells.len() > 2).map(|t| excerpt(t.trim(), 40));
    match shown.filter(|t| !t.is_empty()) {
        Some(shown) => {
            say!(en: "“{shown}” is no record type, so this row is left out", ja: "「{shown}」はレコードの種別ではないため、この行は読んでいません")
        }
        None => {
            say!(en: "no record: there is no type in this row", ja: "レコードの種別がないため、この行は読んでいません")
        }
    }
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
                let score = sample.iter().filter(|r| is_understood(r, &tried, apex, labels)).count();
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
            if let Some(field) = labels.field(&one.text).filter(|f| !found.iter().any(|(g, _)| g == f)) {
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
        let only_buttons = row.cells.iter().all(Cell::is_nothing);
        if typed || only_buttons || row.cells.len() >= width.max(2) {
            out.push(row);
            continue;
        }
        let fits = |last: &Row<'_>| last.cells.len() + row.cells.len() <= width.max(last.cells.len()) + 1;
        let open = out.last_mut().filter(|last| fits(last));
        let rest = row.cells.first().map(|first| first.text.trim()).unwrap_or_default();
        let goes_on = open.and_then(|last| {
            let rtype = row_type(last, column, labels)?;
            let first = || {
                let column = last.cells.len().saturating_sub(1);
                Broken::new(column, last.cells.get(column).map_or("", |cell| &cell.text))
            };
            let broken = last.broken.unwrap_or_else(first);
            let is_rest =
                if rtype == Rtype::MX { cell::number(rest).is_some() } else { rtype.is_text() && is_rest(rest) };
            let length = last.cells.get(broken.column)?.text.len() + rest.len();
            (is_rest && length < JOINED_MAX).then_some((last, broken))
        });
        match goes_on {
            Some((last, mut broken)) => {
                if let Some(cell) = last.cells.get_mut(broken.column) {
                    broken.put(cell, rest);
                }
                last.broken = Some(broken);
                last.cells.extend(row.cells.iter().skip(1).cloned());
                last.range.end = row.range.end;
            }
            None => strange.push(row),
        }
    }
    // Titles of the page above and below the table are many; they are told where they stand between records, and what has cells like them
    // below.
    let (first, last) = (out.first().map_or(0, |r| r.line), out.last().map_or(0, |r| r.line));
    for row in strange.into_iter().filter(|r| r.line > first && (r.line < last || r.cells.len() > 2)) {
        list.fault(&row, None, no_type(&row, column));
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
    /// CSV (RFC 4180), with this octet between its cells.
    Csv(u8),
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
    let plain: Vec<&str> = lines.iter().map(|l| l.2).take(SAMPLE).collect();
    let is_csv = |octet: &&u8| tabs == 0 && looks_like_csv(&plain, **octet, labels);
    let gaps = if let Some(octet) = [b',', b';'].iter().find(is_csv) {
        Gaps::Csv(*octet)
    } else if tabs > 0 && tabs * 2 >= spaces {
        Gaps::Tabs
    } else if spaces > 0 {
        Gaps::Spaces
    } else if single() > 0 {
        Gaps::Lines
    } else {
        Gaps::Words
    };
    if let Gaps::Csv(octet) = gaps {
        return csv(text, octet);
    }
    let row = |(n, at, line): &(usize, usize, &'t str)| Row {
        cells: match gaps {
            Gaps::Words => words(line, *at, labels),
            _ => cells(line, *at, gaps),
        },
        line: *n,
        range: *at..*at + line.len(),
        broken: None,
    };
    let rows: Vec<Row<'t>> = lines.iter().map(row).collect();
    if gaps == Gaps::Lines { stacked(&rows, labels) } else { rows }
}

/// Whether most lines are headings or records with this octet between their cells.
fn looks_like_csv(lines: &[&str], octet: u8, labels: &Labels) -> bool {
    let says = |line: &&&str| {
        let cells = || line.split(char::from(octet)).take(CELLS_MAX).map(|c| c.trim().trim_matches('"'));
        let is_type = cells().any(|c| cell::rtype(c, labels).is_some());
        cells().count() > 2 && (is_type || cells().filter(|c| labels.field(c).is_some()).count() > 1)
    };
    !lines.is_empty() && lines.iter().filter(says).count() * 2 > lines.len()
}

/// The rows of a CSV text. A quote that is not closed is a character like others.
fn csv(text: &str, octet: u8) -> Vec<Row<'_>> {
    let octets = text.as_bytes();
    let (mut out, mut at, mut line) = (Vec::new(), 0, 1);
    // Once one quote stayed open, none reaches over its line, so that each octet is looked at a few times at most.
    let mut over_lines = true;
    while at < octets.len() {
        let (start, first_line) = (at, line);
        let mut cells = Vec::new();
        loop {
            let quoted = quoted(text, at, octet, over_lines);
            over_lines &= quoted.is_some() || !text.get(at..).is_some_and(|rest| rest.starts_with('"'));
            let (cell, end) = quoted.unwrap_or_else(|| {
                let rest = octets.get(at..).unwrap_or_default();
                let end = at + rest.iter().position(|o| *o == octet || *o == b'\n').unwrap_or(rest.len());
                (Cell::new(text.get(at..end).unwrap_or_default(), at), end)
            });
            if cells.len() < CELLS_KEPT {
                cells.push(cell);
            }
            at = end + 1;
            if octets.get(end) != Some(&octet) {
                break;
            }
        }
        let range = start..at.saturating_sub(1).min(octets.len());
        line += octets.get(start..at.min(octets.len())).unwrap_or_default().iter().filter(|o| **o == b'\n').count();
        if cells.iter().any(|c| !c.text.trim().is_empty()) {
            out.push(Row { cells, line: first_line, range, broken: None });
        }
    }
    out
}

/// A cell in quotes that begins here, and where it ends; nothing if there is none or it is not closed.
fn quoted(text: &str, at: usize, octet: u8, over_lines: bool) -> Option<(Cell<'_>, usize)> {
    let begin = at + 1;
    let inside = text.get(at..)?.strip_prefix('"')?;
    let mut octets =
        inside.bytes().enumerate().take(JOINED_MAX).take_while(|(_, o)| over_lines || *o != b'\n').peekable();
    let mut has_doubled = false;
    while let Some((i, o)) = octets.next() {
        if o != b'"' {
            continue;
        }
        if octets.next_if(|(_, o)| *o == b'"').is_some() {
            has_doubled = true;
            continue;
        }
        let content = inside.get(..i)?;
        let text = if has_doubled { Cow::Owned(content.replace("\"\"", "\"")) } else { Cow::Borrowed(content) };
        let behind = inside.as_bytes().get(i + 1..).unwrap_or_default();
        let end = behind.iter().position(|o| *o == octet || *o == b'\n').unwrap_or(behind.len());
        return Some((Cell { text, at: begin }, begin + i + 1 + end));
    }
    None
}

/// A list of which each cell is a line of its own: a row begins as far before its type as the headings say, or as the first one does.
fn stacked<'t>(lines: &[Row<'t>], labels: &Labels) -> Vec<Row<'t>> {
    let text = |at: usize| lines.get(at).and_then(|r| r.text(Some(0))).unwrap_or_default();
    let types: Vec<usize> = (0..lines.len()).filter(|i| cell::rtype(text(*i), labels).is_some()).collect();
    let Some(first) = types.first().copied() else { return Vec::new() };
    let field = |at: usize| labels.field(text(at));
    let heading = (0..first).find(|at| field(*at).is_some() && field(at + 1).is_some());
    let type_at = heading.and_then(|begin| (begin..first).find(|at| field(*at) == Some(Field::Type)));
    let before = match (heading, type_at) {
        (Some(begin), Some(type_at)) if first - type_at > type_at - begin => type_at - begin,
        // A name stands before its type, unless the list begins with types.
        _ => usize::from(first > 0 && field(first - 1).is_none() && cell::looks_like_owner(text(first - 1))),
    };
    let mut out = Vec::new();
    let group = |from: usize, to: usize| {
        let cells = lines.get(from..to).unwrap_or_default().iter().flat_map(|r| r.cells.clone()).take(CELLS_KEPT);
        let start = lines.get(from).map_or(0, |r| r.range.start);
        let end = lines.get(to.saturating_sub(1)).map_or(start, |r| r.range.end);
        Row { cells: cells.collect(), line: lines.get(from).map_or(0, |r| r.line), range: start..end, broken: None }
    };
    if let Some(begin) = heading {
        out.push(group(begin, first - before));
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
            for text in line.split('\t').take(CELLS_KEPT) {
                out.push(Cell::new(text, from));
                from += text.len() + 1;
            }
            out
        }
        Gaps::Lines | Gaps::Words | Gaps::Csv(_) => vec![Cell::new(line.trim(), at)],
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
                        out.push(Cell::new(line.get(from..gap).unwrap_or_default(), at + from));
                    }
                } else {
                    begin = begin.or(Some(i));
                    width = 0;
                }
            }
            if let Some(from) = begin {
                out.push(Cell::new(line.get(from..).unwrap_or_default().trim_end(), at + from));
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
    let Some((first, after)) = cut(rest) else { return vec![Cell::new(rest, at + start)] };
    let Some((second, value)) = cut(after) else {
        return vec![Cell::new(first, at + start), Cell::new(after, at + line.len() - after.len())];
    };
    if cell::rtype(first, labels).is_none() && cell::rtype(second, labels).is_none() {
        return vec![Cell::new(rest, at + start)];
    }
    let place = |text: &str, behind: &str| at + start + (rest.len() - behind.len()).saturating_sub(text.len());
    vec![
        Cell::new(first, at + start),
        Cell::new(second, place(second, value).saturating_sub(1)),
        Cell::new(value, place("", value)),
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
