//! JSON Schema (draft 2020-12) of site.toml and of the templates: what editors complete, explain and check. Described by tables of its own,
//! with the words of the readers; a test holds the two against each other. Decides nothing.
//!
//! What taplo (Even Better TOML) and Tombi make of a schema decides its form: taplo reads nothing beside a `$ref` and follows neither `if`
//! nor `then` when it completes; Tombi takes an object that says nothing of `additionalProperties` for a closed one.

mod ecma;
mod registrar;
mod sender;
mod site;
mod table;

use serde_json::{Value, json};

use crate::catalogue::Catalogue;
use crate::catalogue::facts::{SURFACES, Surface, TRUST, Trust};
use crate::catalogue::limits::{FORM_TYPES, KEYS, LimitKind};
use crate::report::json::escaped;
use crate::report::{Lang, Text};
use crate::say;

use table::{Key, Shape, Word, key, set, table, texts, words};

/// What a schema describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// site.toml.
    Site,
    /// The template of a sender.
    Sender,
    /// The template of a registrar.
    Registrar,
}

/// The schema, with its descriptions in `lang`. That of site.toml knows the variables of every sender of the catalogue.
#[must_use]
pub fn schema(kind: Kind, catalogue: &Catalogue, lang: Lang) -> Value {
    let (title, mut out) = match kind {
        Kind::Site => (
            say!(en: "zoneplan: what a domain uses (site.toml)", ja: "zoneplan のサイト定義（site.toml）"),
            site::schema(catalogue, lang),
        ),
        Kind::Sender => (
            say!(en: "zoneplan: a service that sends mail", ja: "zoneplan の設定データ（利用サービス）"),
            sender::template().json(lang),
        ),
        Kind::Registrar => (
            say!(en: "zoneplan: a company in whose panel DNS is edited", ja: "zoneplan の設定データ（DNSを編集する会社）"),
            registrar::template().json(lang),
        ),
    };
    set(&mut out, "$schema", json!("https://json-schema.org/draft/2020-12/schema"));
    set(&mut out, "title", json!(title.get(lang)));
    out
}

/// The same as text: a line for each key of the file, and for each service.
#[must_use]
pub fn text(kind: Kind, catalogue: &Catalogue, lang: Lang) -> String {
    let lines = |value: &Value, indent: &str, inner: &dyn Fn(&str, &Value) -> String| -> String {
        let lines = value.as_object().into_iter().flatten();
        let lines: Vec<String> = lines.map(|(key, v)| format!("{indent}{}: {}", json!(key), inner(key, v))).collect();
        lines.join(",\n")
    };
    let schema = schema(kind, catalogue, lang);
    let body = lines(&schema, "  ", &|key, value| match key {
        "properties" | "$defs" => format!("{{\n{}\n  }}", lines(value, "    ", &|_, value| value.to_string())),
        _ => value.to_string(),
    });
    escaped(&format!("{{\n{body}\n}}\n"))
}

/// Types that people write most; any other may stand there.
fn record_types() -> Vec<Word> {
    ["A", "AAAA", "CNAME", "MX", "TXT", "NS", "SRV", "CAA", "PTR", "TLSA", "SVCB", "HTTPS"]
        .map(|t| (t, Text::default()))
        .into()
}

/// `[limits]`.
fn limits() -> Shape {
    let keys = KEYS.iter().map(|limit| {
        let words = |of: &'static [&'static str]| of.iter().map(|w| (*w, Text::default())).collect();
        let shape = match limit.kind {
            LimitKind::Number => Shape::Number(None),
            LimitKind::Flag => Shape::Flag,
            LimitKind::OneOf(of) => Shape::OneOf(words(of)),
            LimitKind::SomeOf(of) => Shape::List(Box::new(Shape::OneOf(words(of)))),
            LimitKind::Types => {
                let mut types = record_types();
                types.extend(FORM_TYPES.iter().map(|t| (*t, Text::default())));
                Shape::List(Box::new(Shape::Offer(types)))
            }
            LimitKind::Numbers => Shape::List(Box::new(Shape::Number(None))),
            LimitKind::PerType => table::open(Shape::Number(None)),
            LimitKind::Text => Shape::Text,
        };
        key(limit.name, shape, limit.what())
    });
    Shape::Table(table(keys.collect()))
}

/// `[[source]]`.
fn source(facts: Text) -> Vec<Key> {
    vec![
        key("facts", Shape::Some(Box::new(Shape::Text)), facts).needed().example(json!(["all"])),
        address(),
        date(),
        confidence(),
        key(
            "surface",
            Shape::OneOf(words(SURFACES, |s| match s {
                Surface::Form => say!(en: "the web form", ja: "画面"),
                Surface::Api => say!(en: "the API", ja: "API"),
                Surface::Both => say!(en: "both", ja: "両方"),
            })),
            say!(en: "Which way in the facts hold for.", ja: "画面と API のどちらについての出典か。"),
        )
        .default("both"),
        key("note", Shape::Text, say!(en: "What else it says, in English.", ja: "補足（英語）。")),
    ]
}

/// What sources are for.
fn what_sources_are() -> Text {
    say!(
        en: "Where the facts come from. Each fact has at least one source.",
        ja: "出典。どの事実にも 1 つ以上必要です。"
    )
}

/// `url` of a source.
fn address() -> Key {
    key(
        "url",
        Shape::Text,
        say!(en: "The page's address; or the kind of place, where it is not to be named.", ja: "ページのアドレス。名前を出せないものは、どんな場所か。"),
    )
    .needed()
    .example("https://help.example.com/dns")
}

/// `date` of a source.
fn date() -> Key {
    key(
        "date",
        Shape::Text,
        say!(en: "When it was looked up, or what period it speaks of.", ja: "調べた日、またはいつの話か。"),
    )
    .needed()
    .example("2026-11-24")
}

/// `confidence` of a source.
fn confidence() -> Key {
    key("confidence", Shape::OneOf(words(TRUST, Trust::text)), say!(en: "How it knows.", ja: "出典の確かさ。")).needed()
}

/// A text in both languages as keys of a table.
fn en_ja(what: &Text) -> [Key; 2] {
    [
        key("en", Shape::Text, say!(en: "{what} In English.", ja: "{what}（英語）"; what = what)).needed(),
        key("ja", Shape::Text, say!(en: "{what} In Japanese.", ja: "{what}（日本語）"; what = what)).needed(),
    ]
}

/// Names of a template: the keys that both kinds have.
fn names(whose: &Text) -> Vec<Key> {
    vec![
        key(
            "id",
            Shape::Text,
            say!(en: "Identifier: the file's name without .toml.", ja: "id。ファイル名から .toml を除いたもの。"),
        )
        .needed()
        .example("example"),
        key(
            "name",
            Shape::Both,
            say!(en: "{whose}, as the company calls itself.", ja: "{whose}の名前（公式の表記）。"; whose = whose),
        )
        .needed(),
        key(
            "aliases",
            texts(),
            say!(en: "Other names that people use. Case, width and spaces don't matter.", ja: "ほかの呼び名。大文字小文字、全角半角、空白の違いは書かなくてかまいません。"),
        ),
    ]
}
