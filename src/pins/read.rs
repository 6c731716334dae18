//! Pins in. A pin that cannot be read is told and left out; what it is for is then not known, which is told where it is needed.

use jiff::civil::Date;

use super::{Pin, Pins, Put, Use, VERSION};
use crate::mail::dkim::looks_like_dkim_key;
use crate::report::{FileId, Finding, Span, Text, excerpt};
use crate::say;
use crate::toml_reader::{Sink, Table, parse};
use crate::zone::{Name, Rdata, Rtype, Ttl};

/// Reads the pins of the site of `domain`. None if nothing of the file may be used: no TOML, a newer version, another site's.
#[must_use]
pub fn read(text: &str, file: FileId, domain: &Name) -> (Option<Pins>, Vec<Finding>) {
    let sink = Sink::new(file);
    let pins = parse(text, &sink, |table| pins(table, domain)).flatten();
    (pins, sink.into_findings())
}

fn wrong(id: &'static str, span: Span, title: Text) -> Finding {
    Finding::error(id, title).at(span, Text::default())
}

fn pins(table: &Table<'_>, domain: &Name) -> Option<Pins> {
    let Some(version) = table.number("version", u64::MAX >> 1) else {
        if !table.has("version") {
            table.missing("version");
        }
        return None;
    };
    if version.value != VERSION {
        let found = version.value;
        let title = say!(en: "these pins have version {found}; this zoneplan reads version {VERSION}", ja: "控えの版は {found} です。この zoneplan が読めるのは版 {VERSION} です");
        table.sink().push(wrong("pins-version", version.span, title));
        return None;
    }
    let of = table.need_string("domain")?;
    if Name::parse_absolute(&of.value).ok().as_ref() != Some(domain) {
        let (of_text, domain) = (excerpt(&of.value, 80), domain.display_without_dot());
        let title = say!(en: "these are the pins of {of_text}, not of {domain}", ja: "これは {of_text} の控えで、{domain} のものではありません");
        table.sink().push(wrong("pins-other-site", of.span, title));
        return None;
    }
    let mut out = Pins::new(domain.clone());
    for entry in table.tables("pin") {
        pin(&entry, &mut out);
        entry.finish();
    }
    table.finish();
    Some(out)
}

/// Reads one entry; each fault is told.
fn pin(entry: &Table<'_>, out: &mut Pins) {
    let sink = entry.sink();
    let say_wrong = |span: Span, what: &str, title: Text| {
        let what = excerpt(what, 80);
        sink.push(wrong("pins-entry", span, say!(en: "“{what}”: {title}", ja: "「{what}」: {title}"; title = title)));
    };
    let name = entry.need_string("name");
    let rtype = entry.need_string("type");
    let seen = entry.need_string("seen");
    let none = entry.boolean("none");
    let (is_none, is_unclear) = (none.as_ref().is_some_and(|none| none.value), none.is_none() && entry.has("none"));
    let ttl = entry.number("ttl", Ttl::MAX.seconds().into());
    let of_records = ["ttl", "values"].into_iter().filter(|_| !is_none && !is_unclear);
    let mut whole = true;
    for key in ["for"].into_iter().chain(of_records).filter(|key| !entry.has(key)) {
        entry.missing(key);
        whole = false;
    }
    let (uses, values) = (entry.strings("for"), entry.strings("values"));
    let (Some(name), Some(rtype), Some(seen), true) = (name, rtype, seen, whole && (is_none || ttl.is_some())) else {
        return;
    };
    let Ok(at) = Name::parse_absolute(&name.value) else {
        say_wrong(name.span, &name.value, say!(en: "this is no domain name", ja: "ドメイン名ではありません"));
        return;
    };
    let Ok(kind) = rtype.value.parse::<Rtype>() else {
        say_wrong(rtype.span, &rtype.value, say!(en: "this is no record type", ja: "レコードの種別ではありません"));
        return;
    };
    let Ok(day) = seen.value.parse::<Date>() else {
        say_wrong(
            seen.span,
            &seen.value,
            say!(en: "this is no date (YYYY-MM-DD)", ja: "日付ではありません（YYYY-MM-DD）"),
        );
        return;
    };
    let ttl = ttl.and_then(|ttl| u32::try_from(ttl.value).ok());
    let mut pin = Pin { uses: Default::default(), values: Vec::new(), ttl, seen: day };
    for of in &uses {
        match Use::parse(&of.value) {
            Some(of) => {
                pin.uses.insert(of);
            }
            None => {
                let kinds = Use::KINDS.map(|(word, _)| word);
                let (en, ja) = (kinds.map(|word| format!("{word}:NAME")), kinds.map(|word| format!("{word}:名前")));
                let (en, ja) = (en.join(", "), ja.join("、"));
                let title = say!(en: "not something that zoneplan keeps pins for ({en})", ja: "控えの用途ではありません（{ja}）");
                say_wrong(of.span, &of.value, title);
            }
        }
    }
    for value in &values {
        match Rdata::parse(kind, &value.value, None) {
            Ok(rdata) => pin.values.push(rdata),
            Err(error) => say_wrong(value.span, &value.value, error.text),
        }
    }
    let is_for_key = pin.uses.iter().any(|of| matches!(of, Use::Key(_)));
    if is_for_key && kind == Rtype::TXT {
        for (rdata, value) in pin.values.iter().zip(&values) {
            if pin.values.len() == values.len() && !looks_like_dkim_key(&rdata.txt_joined()) {
                say_wrong(value.span, &value.value, say!(en: "this is no DKIM key", ja: "DKIM の鍵ではありません"));
                return;
            }
        }
    }
    // Part of a set would be taken for all of it.
    if pin.uses.is_empty() || pin.values.len() != values.len() {
        return;
    }
    // A list that a hand emptied is not what DNS said.
    if is_none != values.is_empty() || is_none != pin.ttl.is_none() {
        let title = if is_none {
            say!(en: "`none` says that there are no records, and here is a TTL or a value", ja: "none（レコードなし）なのに、TTL か値があります")
        } else {
            say!(en: "a pin without values; that there are no records is `none = true`", ja: "値がありません。レコードがないことは none = true で表します")
        };
        say_wrong(name.span, &name.value, title);
        return;
    }
    if out.get(&at, kind).is_some() || out.put(at, kind, pin) != Put::New {
        say_wrong(
            name.span,
            &name.value,
            say!(en: "this name and type is there twice; the first counts", ja: "同じ名前と種別が 2 つあります。1 つ目を使います"),
        );
    }
}
