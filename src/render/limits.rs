//! A limit as one line: what, how much, and who says so.

use crate::catalogue::limits::{Limit, LimitOrigin, LimitValue};
use crate::catalogue::registrar::Registrar;
use crate::report::Text;
use crate::say;

/// The value in words.
pub(super) fn value(limit: &Limit) -> Text {
    match &limit.value {
        LimitValue::Number(n) => Text::same(n.to_string()),
        LimitValue::Flag(true) => say!(en: "yes", ja: "使えます"),
        LimitValue::Flag(false) => say!(en: "no", ja: "使えません"),
        LimitValue::Word(word) => match (limit.key.name, word.as_str()) {
            ("txt-over-255", "auto-split") => {
                say!(en: "entered whole; the form splits it", ja: "そのまま入れます（画面が分けます）")
            }
            ("txt-over-255", "quoted-strings") => {
                say!(en: "several strings in quotes", ja: "分けて、それぞれ引用符で囲みます")
            }
            ("txt-over-255", "reject") => say!(en: "refused", ja: "入りません"),
            ("txt-quotes", "bare") => say!(en: "without", ja: "付けません"),
            ("txt-quotes", "required") => say!(en: "with", ja: "付けます"),
            ("txt-quotes", "optional") => say!(en: "either way", ja: "どちらでも構いません"),
            ("txt-quotes", "stripped") => say!(en: "the form takes them off", ja: "画面が取り除きます"),
            _ => Text::same(word.clone()),
        },
        LimitValue::Words(words) => Text::same(words.join(", ")),
        LimitValue::Numbers(numbers) => Text::same(numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")),
        LimitValue::PerType(counts) => {
            Text::same(counts.iter().map(|(t, n)| format!("{t} {n}")).collect::<Vec<_>>().join(", "))
        }
    }
}

/// What the limit is, and its value.
pub(super) fn plain(limit: &Limit) -> Text {
    let (what, value) = (limit.key.what(), value(limit));
    say!(en: "{what}: {value}", ja: "{what}: {value}"; what = what, value = value)
}

/// One entry a limit, with who says so.
pub(super) fn with_sources<'l>(
    limits: impl IntoIterator<Item = &'l Limit>,
    registrar: Option<&Registrar>,
) -> Vec<Text> {
    // The story's form has no sources to look up; it says itself, and once, what it is.
    let fiction = registrar.filter(|r| r.kind == "fictional").and_then(|r| r.about.clone());
    let mut out = Vec::new();
    for limit in limits {
        let plain = plain(limit);
        let by_site = matches!(limit.origin, LimitOrigin::Site(_));
        let source = if fiction.is_some() && !by_site { None } else { Some(limit.source()) };
        out.push(match source {
            Some(source) => {
                say!(en: "- {plain}\n  {source}", ja: "- {plain}\n  {source}"; plain = plain, source = source)
            }
            None => say!(en: "- {plain}", ja: "- {plain}"; plain = plain),
        });
    }
    out.extend(fiction.filter(|_| !out.is_empty()));
    out
}
