//! A table of TOML as data: its keys, what each is, and what it may hold. Written out as JSON Schema.

use serde_json::{Map, Value, json};

use crate::report::{Lang, Text};

/// A word that a key may hold, with what it means where that needs saying.
pub(super) type Word = (&'static str, Text);

/// What a key may hold.
pub(super) enum Shape {
    /// Any string.
    Text,
    /// true or false.
    Flag,
    /// A whole number, up to this where there is a bound.
    Number(Option<u64>),
    /// A time, in seconds or with its unit, up to so many seconds.
    Time(u32),
    /// One of these words.
    OneOf(Vec<Word>),
    /// Any string; these are offered.
    Offer(Vec<Word>),
    /// A list of what each of its items may be.
    List(Box<Shape>),
    /// A list with at least one item.
    Some(Box<Shape>),
    /// A table.
    Table(Table),
    /// A text in both languages.
    Both,
    /// What is written out elsewhere.
    Json(Value),
}

/// A table.
#[derive(Default)]
pub(super) struct Table {
    /// Its keys.
    pub keys: Vec<Key>,
    /// What any other key may hold; absent = there is no other key.
    pub others: Option<Box<Shape>>,
    /// Names that no other key may have.
    pub reserved: Vec<&'static str>,
    /// Of which sets of keys exactly one is there; empty = no rule.
    pub one_of: Vec<Value>,
}

/// A key of a table.
pub(super) struct Key {
    name: &'static str,
    what: Text,
    shape: Shape,
    needed: bool,
    example: Option<Value>,
    default: Option<Value>,
}

/// A key.
pub(super) fn key(name: &'static str, shape: Shape, what: Text) -> Key {
    Key { name, what, shape, needed: false, example: None, default: None }
}

impl Key {
    /// It must be there.
    pub(super) fn needed(mut self) -> Self {
        self.needed = true;
        self
    }

    /// A value that it may have.
    pub(super) fn example(mut self, example: impl Into<Value>) -> Self {
        self.example = Some(example.into());
        self
    }

    /// What holds where it is absent.
    pub(super) fn default(mut self, default: impl Into<Value>) -> Self {
        self.default = Some(default.into());
        self
    }
}

/// Words whose meaning is said.
pub(super) fn words<T: Copy>(words: &[(&'static str, T)], meaning: impl Fn(T) -> Text) -> Vec<Word> {
    words.iter().map(|(word, what)| (*word, meaning(*what))).collect()
}

/// Words that say what they mean.
pub(super) fn plain<T>(words: &[(&'static str, T)]) -> Vec<Word> {
    words.iter().map(|(word, _)| (*word, Text::default())).collect()
}

/// A table with these keys and no others.
pub(super) fn table(keys: Vec<Key>) -> Table {
    Table { keys, ..Table::default() }
}

/// A list of such tables, `[[key]]`.
pub(super) fn tables(keys: Vec<Key>) -> Shape {
    Shape::List(Box::new(Shape::Table(table(keys))))
}

/// A list of strings.
pub(super) fn texts() -> Shape {
    Shape::List(Box::new(Shape::Text))
}

/// A table whose keys are chosen by whoever writes it.
pub(super) fn open(others: Shape) -> Shape {
    Shape::Table(Table { others: Some(Box::new(others)), ..Table::default() })
}

impl Shape {
    /// As JSON Schema.
    pub(super) fn json(&self, lang: Lang) -> Value {
        match self {
            Self::Text => json!({ "type": "string" }),
            Self::Flag => json!({ "type": "boolean" }),
            Self::Number(None) => json!({ "type": "integer", "minimum": 0 }),
            Self::Number(Some(max)) => json!({ "type": "integer", "minimum": 0, "maximum": max }),
            Self::Time(max) => json!({
                "type": ["string", "integer"], "minimum": 0, "maximum": max, "pattern": "^[0-9]+[smhdwSMHDW]?$"
            }),
            Self::OneOf(words) => chosen(words, lang),
            Self::Offer(words) => json!({ "anyOf": [chosen(words, lang), { "type": "string" }] }),
            Self::List(of) => json!({ "type": "array", "items": of.json(lang) }),
            Self::Some(of) => json!({ "type": "array", "items": of.json(lang), "minItems": 1 }),
            Self::Table(table) => table.json(lang),
            Self::Both => json!({
                "type": "object",
                "properties": { "en": { "type": "string" }, "ja": { "type": "string" } },
                "required": ["en", "ja"],
                "additionalProperties": false
            }),
            Self::Json(json) => json.clone(),
        }
    }
}

/// One of a few words. What each means stands where taplo looks for it.
fn chosen(words: &[Word], lang: Lang) -> Value {
    let list: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let mut out = json!({ "type": "string", "enum": list });
    if words.iter().any(|(_, what)| !what.is_empty()) {
        let docs: Vec<&str> = words.iter().map(|(_, what)| what.get(lang)).collect();
        set(&mut out, "x-taplo", json!({ "docs": { "enumValues": docs } }));
    }
    out
}

/// Sets a keyword of a schema.
pub(super) fn set(schema: &mut Value, keyword: &str, value: Value) {
    if let Some(map) = schema.as_object_mut() {
        map.insert(keyword.to_owned(), value);
    }
}

impl Table {
    /// The schemas of its keys.
    pub(super) fn properties(&self, lang: Lang) -> Map<String, Value> {
        self.keys
            .iter()
            .map(|key| {
                let mut out = key.shape.json(lang);
                set(&mut out, "description", json!(key.what.get(lang)));
                if let Some(example) = &key.example {
                    set(&mut out, "examples", json!([example]));
                }
                if let Some(default) = &key.default {
                    set(&mut out, "default", default.clone());
                }
                (key.name.to_owned(), out)
            })
            .collect()
    }

    /// As JSON Schema.
    pub(super) fn json(&self, lang: Lang) -> Value {
        let mut out = json!({
            "type": "object",
            "additionalProperties": self.others.as_ref().map_or(json!(false), |of| of.json(lang))
        });
        if !self.keys.is_empty() {
            set(&mut out, "properties", Value::Object(self.properties(lang)));
        }
        let needed: Vec<&str> = self.keys.iter().filter(|k| k.needed).map(|k| k.name).collect();
        if !needed.is_empty() {
            set(&mut out, "required", json!(needed));
        }
        if !self.reserved.is_empty() {
            set(&mut out, "propertyNames", json!({ "not": { "enum": self.reserved } }));
        }
        if !self.one_of.is_empty() {
            set(&mut out, "oneOf", json!(self.one_of));
        }
        out
    }
}

/// Exactly this key of a set is there. Said of the whole table, so the other keys are let be.
pub(super) fn only(key: &str, of: &[&str]) -> Value {
    let absent: Vec<Value> = of.iter().filter(|k| **k != key).map(|k| json!({ "required": [k] })).collect();
    json!({ "required": [key], "not": { "anyOf": absent }, "additionalProperties": true })
}
