//! Reads TOML key by key, so that every mistake becomes a finding at its exact place and several are told at once.
//! Used for site.toml and for provider templates; knows neither.

use std::cell::RefCell;

use toml::de::{DeTable, DeValue};

use crate::report::{FileId, Finding, Span, Text, did_you_mean, excerpt};
use crate::say;

/// A value with the place it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> At<T> {
    /// A value at a place.
    #[must_use]
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// The same place with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> At<U> {
        At { value: f(self.value), span: self.span }
    }
}

/// Where mistakes are collected, and which text they are in.
#[derive(Debug)]
pub struct Sink {
    file: FileId,
    findings: RefCell<Vec<Finding>>,
}

impl Sink {
    /// An empty collection for the text `file`.
    #[must_use]
    pub fn new(file: FileId) -> Self {
        Self { file, findings: RefCell::default() }
    }

    /// The text.
    #[must_use]
    pub fn file(&self) -> FileId {
        self.file
    }

    /// Adds a mistake.
    pub fn push(&self, finding: Finding) {
        self.findings.borrow_mut().push(finding);
    }

    /// All mistakes, in the order of their places.
    #[must_use]
    pub fn into_findings(self) -> Vec<Finding> {
        let mut findings = self.findings.into_inner();
        findings.sort_by_key(|f| f.primary().map_or(0, |s| s.start));
        findings
    }
}

/// How many syntax errors of one text are told; one slip can set off dozens.
const SYNTAX_ERRORS: usize = 5;

/// Parses `text`. Syntax errors go to `sink`, and what could be read is handed to `read` only if there were none.
pub fn parse<R>(text: &str, sink: &Sink, read: impl FnOnce(&Table<'_>) -> R) -> Option<R> {
    let (document, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        let table = Table::new(document.get_ref(), Span::new(sink.file, 0..0), sink);
        return Some(read(&table));
    }
    let mut errors: Vec<_> = errors.iter().map(|e| (e.span().unwrap_or(0..0), e.message().to_owned())).collect();
    errors.sort_by_key(|(span, _)| span.start);
    if let Some(finding) = errors.first().and_then(|(span, _)| full_width(text, sink.file, span.start)) {
        // One such character sets off errors all over the line; naming it is enough.
        sink.push(finding);
        return None;
    }
    for (span, message) in errors.into_iter().take(SYNTAX_ERRORS) {
        sink.push(syntax_error(Span::new(sink.file, span), &message));
    }
    None
}

/// Full-width signs and smart quotes are what a Japanese input method or a word processor leaves behind: the first one in the line of an error.
fn full_width(text: &str, file: FileId, at: usize) -> Option<Finding> {
    let before = text.get(..at)?;
    let start = before.rfind('\n').map_or(0, |i| i + 1);
    let line = text.get(start..)?.lines().next()?;
    let odd = |c: char| matches!(c, '“' | '”' | '‘' | '’' | '\u{3000}' | '\u{ff01}'..='\u{ff5e}');
    let (offset, found) = line.char_indices().find(|(_, c)| odd(*c))?;
    let code = format!("U+{:04X}", u32::from(found));
    let span = Span::new(file, start + offset..start + offset + found.len_utf8());
    Some(
        Finding::error(
            "site-toml-syntax",
            say!(en: "{found} ({code}) is not a half-width character", ja: "「{found}」（{code}）は半角ではありません"),
        )
        .at(span, Text::default())
        .next(say!(
            en: "switch the input method to half-width and type the line again",
            ja: "日本語入力を切って、この行を半角で打ち直してください"
        )),
    )
}

/// The parser's own words, in Japanese for the slips that people make most.
fn syntax_error(span: Span, message: &str) -> Finding {
    let ja = match message {
        m if m.starts_with("duplicate key") => "同じキーが 2 回あります",
        m if m.contains("string, expected `\"`") || m.contains("string, expected `'`") => {
            "文字列を閉じる引用符がありません"
        }
        m if m.contains("recurs") => "入れ子が深すぎます",
        m if m.starts_with("string values must be quoted") => "値の文字列は \" で囲みます",
        m if m.contains("unquoted keys") => "キーに使えない文字です。半角英数字と - _ で書きます",
        _ => "",
    };
    let label = Text { en: message.to_owned(), ja: if ja.is_empty() { message.to_owned() } else { ja.to_owned() } };
    let finding = Finding::error(
        "site-toml-syntax",
        say!(en: "this is not TOML: {what}", ja: "TOML として読めません: {what}"; what = label),
    );
    finding.at(span, Text::default())
}

/// A table that remembers which of its keys were asked for.
pub struct Table<'a> {
    inner: &'a DeTable<'a>,
    /// The table's header or braces.
    pub span: Span,
    sink: &'a Sink,
    asked: RefCell<Vec<&'static str>>,
    /// Asked for, but not to be suggested.
    hidden: RefCell<Vec<&'static str>>,
    /// Keys that were told already.
    told: RefCell<Vec<String>>,
}

/// A word for the kind of a value, in both languages.
fn kind(value: &DeValue<'_>) -> Text {
    match value {
        DeValue::String(_) => say!(en: "a string", ja: "文字列"),
        DeValue::Integer(_) => say!(en: "a number", ja: "数"),
        DeValue::Float(_) => say!(en: "a number with a fraction", ja: "小数"),
        DeValue::Boolean(_) => say!(en: "true or false", ja: "true / false"),
        DeValue::Datetime(_) => say!(en: "a date", ja: "日付"),
        DeValue::Array(_) => say!(en: "a list", ja: "一覧（[ … ]）"),
        DeValue::Table(_) => say!(en: "a table", ja: "表（{{ … }}）"),
    }
}

impl<'a> Table<'a> {
    fn new(inner: &'a DeTable<'a>, span: Span, sink: &'a Sink) -> Self {
        Self { inner, span, sink, asked: RefCell::default(), hidden: RefCell::default(), told: RefCell::default() }
    }

    fn spot(&self, range: std::ops::Range<usize>) -> Span {
        Span::new(self.sink.file, range)
    }

    /// Where mistakes of this table go.
    #[must_use]
    pub fn sink(&self) -> &'a Sink {
        self.sink
    }

    fn wrong_type(&self, key: &str, value: &DeValue<'_>, span: Span, expected: &Text) {
        let found = kind(value);
        self.sink.push(
            Finding::error(
                "site-wrong-type",
                say!(en: "`{key}` must be {expected}, not {found}", ja: "`{key}` は{expected}で書きます（いまは{found}です）"; expected = expected, found = found),
            )
            .at(span, Text::default()),
        );
    }

    /// The raw value of a key and the places of key and value.
    fn raw(&self, key: &'static str) -> Option<(&'a DeValue<'a>, Span)> {
        self.asked.borrow_mut().push(key);
        let value = self.inner.get(key)?;
        Some((value.get_ref(), self.spot(value.span())))
    }

    /// Where the key itself stands.
    #[must_use]
    pub fn key_span(&self, key: &str) -> Option<Span> {
        self.inner.get_key_value(key).map(|(k, _)| self.spot(k.span()))
    }

    /// Whether the key is there, whatever its value.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.inner.contains_key(key)
    }

    /// A string.
    pub fn string(&self, key: &'static str) -> Option<At<String>> {
        let (value, span) = self.raw(key)?;
        match value {
            DeValue::String(s) => Some(At::new(s.to_string(), span)),
            other => {
                self.wrong_type(key, other, span, &say!(en: "a string", ja: "文字列（\"…\"）"));
                None
            }
        }
    }

    /// A string that must be there.
    pub fn need_string(&self, key: &'static str) -> Option<At<String>> {
        if !self.has(key) {
            self.missing(key);
        }
        self.string(key)
    }

    /// Says that a key is missing.
    pub fn missing(&self, key: &str) {
        let finding = Finding::error("site-missing-key", say!(en: "`{key}` is missing", ja: "`{key}` がありません"));
        // A slip of the finger in this very key is the likeliest reason.
        let others = self.entries().into_iter().map(|(k, _)| k).filter(|k| k.value != key);
        let slip = others.into_iter().find(|k| did_you_mean(k.value, [key]).is_some());
        self.told.borrow_mut().extend(slip.as_ref().map(|s| s.value.to_owned()));
        let finding = match slip {
            Some(slip) => finding
                .at(slip.span, Text::default())
                .next(say!(en: "did you mean `{key}`?", ja: "`{key}` ではありませんか"))
                .fix(say!(en: "write `{key}`", ja: "`{key}` に直す"), slip.span, key),
            None => finding
                .at(self.span, Text::default())
                .next(say!(en: "add a line `{key} = …` here", ja: "ここに `{key} = …` の行を足してください")),
        };
        self.sink.push(finding);
    }

    /// What a word means, of the words that may stand here; any other is told, with "did you mean".
    pub fn meaning<T: Copy>(&self, given: &At<String>, words: &[(&str, T)]) -> Option<T> {
        if let Some((_, meaning)) = words.iter().find(|(w, _)| *w == given.value) {
            return Some(*meaning);
        }
        let shown = excerpt(&given.value, 40);
        let list = words.iter().map(|(w, _)| *w).collect::<Vec<_>>().join(", ");
        let mut finding = Finding::error(
            "site-unknown-word",
            say!(en: "`{shown}` is none of: {list}", ja: "`{shown}` は使えません。使える値: {list}"),
        )
        .at(given.span, Text::default());
        if let Some(near) = did_you_mean(&given.value, words.iter().map(|(w, _)| *w)) {
            finding = finding.next(say!(en: "did you mean `{near}`?", ja: "`{near}` ではありませんか")).fix(
                say!(en: "write `{near}`", ja: "`{near}` に直す"),
                given.span,
                format!("\"{near}\""),
            );
        }
        self.sink.push(finding);
        None
    }

    /// true or false.
    pub fn boolean(&self, key: &'static str) -> Option<At<bool>> {
        let (value, span) = self.raw(key)?;
        match value {
            DeValue::Boolean(b) => Some(At::new(*b, span)),
            other => {
                self.wrong_type(key, other, span, &say!(en: "true or false", ja: " true か false "));
                None
            }
        }
    }

    /// A whole number from 0 to `max`.
    pub fn number(&self, key: &'static str, max: u64) -> Option<At<u64>> {
        let (value, span) = self.raw(key)?;
        match as_number(value) {
            Some(n) if n <= max => Some(At::new(n, span)),
            _ => {
                self.wrong_type(
                    key,
                    value,
                    span,
                    &say!(en: "a whole number from 0 to {max}", ja: " 0 から {max} までの整数"),
                );
                None
            }
        }
    }

    /// A list of strings.
    pub fn strings(&self, key: &'static str) -> Vec<At<String>> {
        let Some((value, span)) = self.raw(key) else { return Vec::new() };
        let expected = || say!(en: "a list of strings, [\"…\", \"…\"]", ja: "文字列の一覧（[\"…\", \"…\"]）");
        let DeValue::Array(items) = value else {
            self.wrong_type(key, value, span, &expected());
            return Vec::new();
        };
        let mut out = Vec::with_capacity(items.len());
        for item in items.iter() {
            let at = self.spot(item.span());
            match item.get_ref() {
                DeValue::String(s) => out.push(At::new(s.to_string(), at)),
                other => self.wrong_type(key, other, at, &expected()),
            }
        }
        out
    }

    /// A table of its own, `[key]` or `key = { … }`.
    pub fn table(&self, key: &'static str) -> Option<Table<'a>> {
        let (value, span) = self.raw(key)?;
        match value {
            DeValue::Table(t) => Some(Table::new(t, self.key_span(key).unwrap_or(span), self.sink)),
            other => {
                self.wrong_type(key, other, span, &say!(en: "a table, `[{key}]`", ja: "表（`[{key}]`）"));
                None
            }
        }
    }

    /// A list of tables, `[[key]]` or `key = [{ … }]`.
    pub fn tables(&self, key: &'static str) -> Vec<Table<'a>> {
        let Some((value, span)) = self.raw(key) else { return Vec::new() };
        let expected = || say!(en: "a list of tables, `[[{key}]]`", ja: "表の一覧（`[[{key}]]`）");
        let DeValue::Array(items) = value else {
            self.wrong_type(key, value, span, &expected());
            return Vec::new();
        };
        let mut out = Vec::with_capacity(items.len());
        for item in items.iter() {
            let at = self.spot(item.span());
            match item.get_ref() {
                DeValue::Table(t) => out.push(Table::new(t, at, self.sink)),
                other => self.wrong_type(key, other, at, &expected()),
            }
        }
        out
    }

    /// Counts `key` as asked for.
    pub fn mark(&self, key: &'static str) {
        self.asked.borrow_mut().push(key);
    }

    /// Counts `key` as asked for, but never suggests it.
    pub fn mark_hidden(&self, key: &'static str) {
        self.hidden.borrow_mut().push(key);
    }

    /// The keys of this table and their values, in file order, whatever their names. Marks nothing as asked for.
    #[must_use]
    pub fn entries(&self) -> Vec<(At<&'a str>, Value<'a>)> {
        let mut out: Vec<_> = self
            .inner
            .iter()
            .map(|(k, v)| {
                (
                    At::new(k.get_ref().as_ref(), self.spot(k.span())),
                    Value { inner: v.get_ref(), span: self.spot(v.span()), sink: self.sink },
                )
            })
            .collect();
        out.sort_by_key(|(k, _)| k.span.start);
        out
    }

    /// The entries that nobody asked for.
    #[must_use]
    pub fn rest(&self) -> Vec<(At<&'a str>, Value<'a>)> {
        let (asked, hidden, told) = (self.asked.borrow(), self.hidden.borrow(), self.told.borrow());
        let open = |key: &&str| !asked.contains(key) && !hidden.contains(key) && !told.iter().any(|t| t == key);
        self.entries().into_iter().filter(|(k, _)| open(&k.value)).collect()
    }

    /// The keys that were asked for so far.
    #[must_use]
    pub fn asked(&self) -> Vec<&'static str> {
        self.asked.borrow().clone()
    }

    /// Says of each key that nobody asked for that it is unknown, with "did you mean".
    pub fn finish(&self) {
        for (key, _) in self.rest() {
            self.unknown(&key, self.asked.borrow().iter().copied());
        }
    }

    /// Says that a key is unknown here; `known` are the keys that would have been understood.
    pub fn unknown<'k>(&self, key: &At<&str>, known: impl IntoIterator<Item = &'k str>) {
        let mut known: Vec<&str> = known.into_iter().collect();
        known.sort_unstable();
        known.dedup();
        let name = excerpt(key.value, 40);
        let mut finding =
            Finding::error("site-unknown-key", say!(en: "unknown key `{name}`", ja: "`{name}` というキーはありません"))
                .at(key.span, Text::default());
        if let Some(near) = did_you_mean(key.value, known.iter().copied()) {
            finding = finding.next(say!(en: "did you mean `{near}`?", ja: "`{near}` ではありませんか")).fix(
                say!(en: "write `{near}`", ja: "`{near}` に直す"),
                key.span,
                near,
            );
        } else {
            let list = known.join(", ");
            finding = finding.next(say!(en: "known here: {list}", ja: "ここで使えるキー: {list}"));
        }
        self.sink.push(finding);
    }
}

fn as_number(value: &DeValue<'_>) -> Option<u64> {
    let integer = value.as_integer()?;
    let digits: String = integer.as_str().chars().filter(|c| *c != '_').collect();
    u64::from_str_radix(digits.trim_start_matches('+'), integer.radix()).ok()
}

/// A value whose kind the reader does not decide.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    inner: &'a DeValue<'a>,
    /// Where it stands.
    pub span: Span,
    sink: &'a Sink,
}

impl<'a> Value<'a> {
    /// As a string.
    #[must_use]
    pub fn string(&self) -> Option<&'a str> {
        self.inner.as_str()
    }

    /// As a whole number that is not negative.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        as_number(self.inner)
    }

    /// As a whole number with its sign, in decimal digits.
    #[must_use]
    pub fn integer_text(&self) -> Option<String> {
        match as_number(self.inner) {
            Some(n) => Some(n.to_string()),
            None => self.inner.as_integer().map(|i| i.as_str().to_owned()),
        }
    }

    /// As true or false.
    #[must_use]
    pub fn boolean(&self) -> Option<bool> {
        self.inner.as_bool()
    }

    /// As a list.
    #[must_use]
    pub fn list(&self) -> Option<Vec<Value<'a>>> {
        let items = self.inner.as_array()?;
        Some(
            items
                .iter()
                .map(|i| Value { inner: i.get_ref(), span: Span::new(self.sink.file, i.span()), sink: self.sink })
                .collect(),
        )
    }

    /// As a table.
    #[must_use]
    pub fn table(&self) -> Option<Table<'a>> {
        Some(Table::new(self.inner.as_table()?, self.span, self.sink))
    }

    /// Says that the value is not what is expected, naming the word where it is one.
    pub fn not_expected(&self, key: &str, expected: &Text) {
        let Some(word) = self.string() else { return self.wrong_type(key, expected) };
        let word = excerpt(word, 40);
        self.sink.push(
            Finding::error(
                "site-wrong-type",
                say!(en: "`{key}` must be {expected}, not “{word}”", ja: "`{key}` は{expected}で書きます（いまは「{word}」です）"; expected = expected),
            )
            .at(self.span, Text::default()),
        );
    }

    /// Says that the value is of the wrong kind.
    pub fn wrong_type(&self, key: &str, expected: &Text) {
        let found = kind(self.inner);
        self.sink.push(
            Finding::error(
                "site-wrong-type",
                say!(en: "`{key}` must be {expected}, not {found}", ja: "`{key}` は{expected}で書きます（いまは{found}です）"; expected = expected, found = found),
            )
            .at(self.span, Text::default()),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Sources;

    fn ids(text: &str, read: impl FnOnce(&Table<'_>)) -> Vec<(&'static str, String)> {
        let mut sources = Sources::default();
        let file = sources.add("site.toml", text.to_owned());
        let sink = Sink::new(file);
        parse(text, &sink, |t| {
            read(t);
            t.finish();
        });
        sink.into_findings()
            .into_iter()
            .map(|f| (f.id, f.primary().map_or(String::new(), |s| sources.slice(s).to_owned())))
            .collect()
    }

    #[test]
    fn each_mistake_is_told_at_its_place() {
        let found = ids("domian = \"a\"\nttl = true\n[[sender]]\nx = 1\n", |t| {
            t.string("domain");
            t.string("ttl");
            for s in t.tables("sender") {
                s.need_string("provider");
                s.finish();
            }
        });
        assert_eq!(
            found,
            [
                ("site-unknown-key", "domian".to_owned()),
                ("site-wrong-type", "true".to_owned()),
                ("site-missing-key", "[[sender]]".to_owned()),
                ("site-unknown-key", "x".to_owned()),
            ]
        );
    }

    #[test]
    fn several_syntax_errors_are_told_and_nothing_is_read() {
        let found = ids("a = \n= 2\n", |_| panic!("must not be read"));
        assert!(found.len() >= 2 && found.iter().all(|(id, _)| *id == "site-toml-syntax"), "{found:?}");
    }

    #[test]
    fn deep_nesting_ends() {
        let found = ids(&format!("a = {}", "[".repeat(100_000)), |_| panic!("must not be read"));
        assert!(!found.is_empty());
    }

    #[test]
    fn a_full_width_quote_is_named() {
        let text = "domain = “example.com”\n";
        let mut sources = Sources::default();
        let sink = Sink::new(sources.add("site.toml", text.into()));
        parse(text, &sink, |_| ());
        let titles: Vec<String> = sink.into_findings().iter().map(|f| f.title.en.clone()).collect();
        assert_eq!(titles, ["“ (U+201C) is not a half-width character"]);
    }
}
