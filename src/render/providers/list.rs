//! One line a company.

use crate::catalogue::search::{Found, Hit};
use crate::render::columns::columns;
use crate::report::{Lang, Text, visible};
use crate::say;

use super::{kind_text, what};

fn cell(text: &str) -> String {
    visible(text).into_owned()
}

/// Where the company's customers are, or the company itself.
fn country(found: &Found<'_>) -> String {
    match found {
        Found::Sender(s) => if s.japanese { "JP" } else { "-" }.to_owned(),
        Found::Registrar(r) => r.country.clone(),
    }
}

fn about(found: &Found<'_>) -> Text {
    match found {
        Found::Sender(s) => what(s),
        Found::Registrar(_) => say!(en: "registrar", ja: "DNSを編集する会社"),
    }
}

fn kind<'f>(found: &'f Found<'_>) -> &'f str {
    match found {
        Found::Sender(s) => s.kind,
        Found::Registrar(r) => &r.kind,
    }
}

/// A list of templates: id, name, kind, country, and what is known.
#[must_use]
pub fn list(found: &[Found<'_>], lang: Lang) -> String {
    let head = [
        Text::same("ID"),
        say!(en: "NAME", ja: "名前"),
        say!(en: "KIND", ja: "種類"),
        say!(en: "COUNTRY", ja: "国"),
        say!(en: "WHAT IS KNOWN", ja: "分かっていること"),
    ];
    let mut rows = vec![head.map(|t| t.get(lang).to_owned())];
    for item in found {
        let (id, name) = (cell(item.id()), cell(item.name().get(lang)));
        let kind = cell(kind_text(kind(item)).get(lang));
        rows.push([id, name, kind, cell(&country(item)), cell(about(item).get(lang))]);
    }
    columns(&rows)
}

/// What a search found: id, name, kind, and why.
#[must_use]
pub fn hits(hits: &[Hit<'_>], lang: Lang) -> String {
    let head = [
        Text::same("ID"),
        say!(en: "NAME", ja: "名前"),
        say!(en: "WHAT IT IS", ja: "種類"),
        say!(en: "FOUND BY", ja: "一致したところ"),
    ];
    let mut rows = vec![head.map(|t| t.get(lang).to_owned())];
    for hit in hits {
        let kind = match hit.found {
            Found::Sender(s) => kind_text(s.kind),
            Found::Registrar(_) => about(&hit.found),
        };
        let why = hit.why.text();
        rows.push([cell(hit.found.id()), cell(hit.found.name().get(lang)), cell(kind.get(lang)), cell(why.get(lang))]);
    }
    columns(&rows)
}
