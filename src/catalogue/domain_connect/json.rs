//! JSON (RFC 8259) with the place of every key and value. Strict: what the standard does not allow is an error with its place, and
//! nothing is repaired. Work and memory are linear in the text, and nesting is bounded.

use std::ops::Range;

use crate::report::{Text, excerpt};
use crate::say;

/// How deep values may be nested; a template has three levels.
const DEPTH: usize = 32;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value {
    /// What it is.
    pub kind: Kind,
    /// Its octets in the text.
    pub range: Range<usize>,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    Boolean(bool),
    /// As it is written.
    Number(String),
    Text(String),
    List(Vec<Value>),
    Object(Vec<Member>),
}

/// A key of an object with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub key: String,
    pub key_range: Range<usize>,
    pub value: Value,
}

/// What keeps the text from being JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub range: Range<usize>,
    pub text: Text,
}

impl Value {
    /// A word for its kind.
    pub(super) fn kind_text(&self) -> Text {
        match self.kind {
            Kind::Null => Text::same("null"),
            Kind::Boolean(_) => say!(en: "true or false", ja: "true / false"),
            Kind::Number(_) => say!(en: "a number", ja: "数"),
            Kind::Text(_) => say!(en: "a string", ja: "文字列"),
            Kind::List(_) => say!(en: "a list", ja: "一覧（[ … ]）"),
            Kind::Object(_) => say!(en: "an object", ja: "オブジェクト（{{ … }}）"),
        }
    }
}

/// Reads a whole text.
pub(super) fn parse(text: &str) -> Result<Value, Fault> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    reader.space();
    if reader.at < text.len() {
        return Err(reader.unexpected(&say!(en: "the end of the file", ja: "ファイルの終わり")));
    }
    Ok(value)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// The octets of the character that is next.
    fn next_character(&self) -> Range<usize> {
        let length = self.text.get(self.at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        self.at..self.at + length
    }

    fn unexpected(&self, expected: &Text) -> Fault {
        let range = self.next_character();
        let found = match self.text.get(range.clone()).filter(|found| !found.is_empty()) {
            Some(found) => {
                let found = excerpt(found, 1);
                say!(en: "`{found}`", ja: " `{found}` ")
            }
            None => say!(en: "the end of the file", ja: "ファイルの終わり"),
        };
        let text = say!(en: "{expected} is wanted here, not {found}", ja: "ここには{expected}が必要です（いまは{found}です）"; expected = expected, found = found);
        Fault { range, text }
    }

    fn value(&mut self, depth: usize) -> Result<Value, Fault> {
        self.space();
        let start = self.at;
        if depth > DEPTH {
            let text = say!(en: "nested more than {DEPTH} deep", ja: "入れ子が {DEPTH} 段を超えています");
            return Err(Fault { range: self.next_character(), text });
        }
        let kind = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.list(depth)?,
            Some(b'"') => Kind::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => self.word()?,
        };
        Ok(Value { kind, range: start..self.at })
    }

    fn word(&mut self) -> Result<Kind, Fault> {
        for (word, kind) in [("true", Kind::Boolean(true)), ("false", Kind::Boolean(false)), ("null", Kind::Null)] {
            if self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
                self.at += word.len();
                return Ok(kind);
            }
        }
        Err(self.unexpected(&say!(en: "a value", ja: "値")))
    }

    fn digits(&mut self) -> usize {
        let from = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - from
    }

    fn number(&mut self) -> Result<Kind, Fault> {
        let start = self.at;
        let digit = || say!(en: "a digit", ja: "数字");
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let zero = self.peek() == Some(b'0');
        let digits = self.digits();
        if digits == 0 {
            return Err(self.unexpected(&digit()));
        }
        if zero && digits > 1 {
            let text = say!(en: "a number begins with no zero", ja: "数の先頭に 0 は付けません");
            return Err(Fault { range: start..self.at, text });
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return Err(self.unexpected(&digit()));
            }
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(self.unexpected(&digit()));
            }
        }
        Ok(Kind::Number(self.text.get(start..self.at).unwrap_or_default().to_owned()))
    }

    fn list(&mut self, depth: usize) -> Result<Kind, Fault> {
        let mut items = Vec::new();
        self.at += 1;
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Kind::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Kind::List(items));
                }
                _ => return Err(self.unexpected(&say!(en: "`,` or `]`", ja: " `,` か `]` "))),
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Kind, Fault> {
        let mut members = Vec::new();
        self.at += 1;
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Kind::Object(members));
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(self.unexpected(&say!(en: "a name in quotes", ja: " \" で囲んだ名前")));
            }
            let start = self.at;
            let key = self.string()?;
            let key_range = start..self.at;
            self.space();
            if self.peek() != Some(b':') {
                return Err(self.unexpected(&say!(en: "`:`", ja: " `:` ")));
            }
            self.at += 1;
            let value = self.value(depth + 1)?;
            members.push(Member { key, key_range, value });
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Kind::Object(members));
                }
                _ => return Err(self.unexpected(&say!(en: "`,` or `}}`", ja: " `,` か `}}` "))),
            }
        }
    }

    fn string(&mut self) -> Result<String, Fault> {
        let start = self.at;
        self.at += 1;
        let mut out = String::new();
        loop {
            let range = self.next_character();
            let Some(c) = self.text.get(range.clone()).and_then(|c| c.chars().next()) else {
                let text = say!(en: "the string is not closed", ja: "文字列を閉じる \" がありません");
                return Err(Fault { range: start..start + 1, text });
            };
            self.at = range.end;
            match c {
                '"' => return Ok(out),
                '\\' => out.push(self.escape(range.start)?),
                c if u32::from(c) < 0x20 => {
                    let code = format!("U+{:04X}", u32::from(c));
                    let text = say!(en: "a string can't have {code} in it; it is written as an escape", ja: "文字列に {code} をそのまま入れることはできません");
                    return Err(Fault { range, text });
                }
                c => out.push(c),
            }
        }
    }

    /// What stands behind a backslash that is at `start`.
    fn escape(&mut self, start: usize) -> Result<char, Fault> {
        let letter = self.peek();
        let wrong = |end: usize| Fault {
            range: start..end,
            text: say!(en: "this is no escape of JSON", ja: "JSON にないエスケープです"),
        };
        self.at = self.next_character().end;
        Ok(match letter {
            Some(c @ (b'"' | b'\\' | b'/')) => char::from(c),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let first = self.hex().ok_or_else(|| wrong(self.at))?;
                let code = match first {
                    0xd800..=0xdbff if self.text.get(self.at..).is_some_and(|rest| rest.starts_with("\\u")) => {
                        self.at += 2;
                        let second =
                            self.hex().filter(|s| (0xdc00..=0xdfff).contains(s)).ok_or_else(|| wrong(self.at))?;
                        0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
                    }
                    code => code,
                };
                char::from_u32(code).ok_or_else(|| wrong(self.at))?
            }
            _ => return Err(wrong(self.at)),
        })
    }

    /// Four hexadecimal digits.
    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// serde_json is the second opinion on what is JSON and what it says.
    fn as_serde(value: &Value) -> serde_json::Value {
        match &value.kind {
            Kind::Null => serde_json::Value::Null,
            Kind::Boolean(b) => (*b).into(),
            Kind::Number(n) => serde_json::from_str(n).unwrap(),
            Kind::Text(t) => t.clone().into(),
            Kind::List(items) => items.iter().map(as_serde).collect(),
            Kind::Object(members) => {
                serde_json::Value::Object(members.iter().map(|m| (m.key.clone(), as_serde(&m.value))).collect())
            }
        }
    }

    const GOOD: &[&str] = &[
        "{}",
        " [ 1 , -2.5e+3 , true , null , \"\" ] ",
        r#"{"a": {"b": [[], {}]}, "c": "\u00e9\ud83d\ude00\"\\\/\b\f\n\r\t"}"#,
        "\"日本\"",
        "0",
        "[0.0, 1E5]",
    ];

    const BAD: &[&str] = &[
        "",
        "{",
        "[1,]",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\" 1}",
        "'a'",
        "01",
        "1.",
        "-",
        "1e",
        "tru",
        "nul",
        "\"a",
        "\"\n\"",
        r#""\x""#,
        r#""\u12""#,
        r#""\ud800""#,
        r#""\ud800\u0041""#,
        "[1] 2",
        "// c\n1",
        "\u{feff}1",
        "+1",
        ".5",
        "NaN",
    ];

    #[test]
    fn what_is_json_and_what_it_says_is_as_serde_json_has_it() {
        for text in GOOD {
            assert_eq!(
                as_serde(&parse(text).unwrap()),
                serde_json::from_str::<serde_json::Value>(text).unwrap(),
                "{text}"
            );
        }
        for text in BAD {
            assert!(parse(text).is_err() && serde_json::from_str::<serde_json::Value>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_value_has_its_place() {
        let text = "{ \"a\": [1, \"b\"] }";
        let Kind::Object(members) = parse(text).unwrap().kind else { panic!("no object") };
        assert_eq!(text.get(members[0].key_range.clone()), Some("\"a\""));
        assert_eq!(text.get(members[0].value.range.clone()), Some("[1, \"b\"]"));
        let Kind::List(items) = &members[0].value.kind else { panic!("no list") };
        assert_eq!(text.get(items[1].range.clone()), Some("\"b\""));
    }

    #[test]
    fn a_fault_is_where_it_is() {
        for (text, place) in
            [("[1,\n 2 3]", 7..8), ("{\"a\": \"b}", 6..7), ("[1, ]", 4..5), (r#"["\q"]"#, 2..4), ("[", 1..1)]
        {
            assert_eq!(parse(text).unwrap_err().range, place, "{text}");
        }
    }

    #[test]
    fn deep_nesting_ends() {
        assert!(parse(&"[".repeat(100_000)).is_err());
        assert!(parse(&"{\"a\":".repeat(100_000)).is_err());
    }
}
