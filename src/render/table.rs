//! `--format table`: name, type, TTL, value in columns that hold full-width characters. For reading; values that are copied stand whole
//! on their line, the last column is never padded. What is not typed (a switch makes it, or it lost a conflict) stands below the table.

use std::fmt::Write as _;

use crate::fit::{FittedZone, Outcome};
use crate::report::Text;
use crate::say;
use crate::zone::{Name, Rdata, Rtype};

use super::columns::columns;
use super::groups::{comment, companies, switched};
use super::{Format, Input, Product};

/// The format.
pub const FORMAT: Format =
    Format { name: "table", en: "a table to read", ja: "読むための表", write, carrier: None, joins: true };

fn mark(outcome: Outcome) -> Text {
    match outcome {
        Outcome::AsIs => Text::same(""),
        Outcome::Reshaped => say!(en: "other shape", ja: "形を変える"),
        Outcome::Switch => say!(en: "switch", ja: "スイッチ"),
        Outcome::Substituted => say!(en: "other form", ja: "別の形"),
        Outcome::Unverified => say!(en: "not sure", ja: "未確認"),
        Outcome::Damaged => say!(en: "damaged", ja: "壊れる"),
        Outcome::Refused => say!(en: "refused", ja: "入らない"),
    }
}

fn write(input: &Input<'_>) -> Vec<Product> {
    let of = |zone: &FittedZone<'_>| Product {
        name: input.file_name(zone, "txt"),
        text: title(input, &zone.composed.origin.display_without_dot().to_string())
            + &columns(&rows(input, zone))
            + &switches(input, zone)
            + &losers(input, zone),
    };
    input.fitted.zones().map(of).collect()
}

/// The table: its head, the records, what is still to be filled in.
fn rows(input: &Input<'_>, zone: &FittedZone<'_>) -> Vec<[String; 6]> {
    let lang = input.lang;
    let mut rows: Vec<[String; 6]> = Vec::new();
    let head = [
        say!(en: "NAME", ja: "名前"),
        say!(en: "TYPE", ja: "種別"),
        Text::same("TTL"),
        say!(en: "FOR", ja: "利用サービス"),
        say!(en: "FORM", ja: "画面"),
        say!(en: "VALUE", ja: "値"),
    ];
    rows.push(head.map(|t| t.get(lang).to_owned()));
    for (set, member, record) in zone.each() {
        rows.push([
            owner(zone, &set.name),
            set.rtype.to_string(),
            set.ttl.seconds().to_string(),
            comment(&companies(input.fitted.composed, member, lang)),
            mark(record.outcome).get(lang).to_owned(),
            value(set.rtype, &member.rdata),
        ]);
    }
    for blank in &zone.composed.blanks {
        let find = &blank.find;
        let value = say!(en: "(still to be filled in: {find})", ja: "（まだ入っていません: {find}）"; find = find);
        rows.push([
            owner(zone, &blank.name),
            blank.rtype.to_string(),
            String::new(),
            comment(input.fitted.composed.party(&blank.origin).get(lang)),
            say!(en: "blank", ja: "空欄").get(lang).to_owned(),
            comment(value.get(lang)),
        ]);
    }
    rows
}

/// What a switch makes.
fn switches(input: &Input<'_>, zone: &FittedZone<'_>) -> String {
    let switched = switched(zone.composed);
    if switched.is_empty() {
        return String::new();
    }
    let title = say!(en: "Made by a switch: don't type these", ja: "スイッチで作られるもの（入力しません）");
    let mut out = format!("\n{}\n", title.get(input.lang));
    for switch in switched {
        let who = input.fitted.composed.party(&switch.origin);
        let line = format!(
            "{} {} ({}: {})",
            owner(zone, &switch.name),
            switch.rtype,
            who.get(input.lang),
            switch.how.get(input.lang)
        );
        let _ = writeln!(out, "- {}", comment(&line));
    }
    out
}

/// What lost a conflict, and why.
fn losers(input: &Input<'_>, zone: &FittedZone<'_>) -> String {
    if zone.composed.losers.is_empty() {
        return String::new();
    }
    let title = say!(en: "Not active, because of a conflict", ja: "衝突のため有効にしていないもの");
    let mut out = format!("\n{}\n", title.get(input.lang));
    for loser in &zone.composed.losers {
        let record = &loser.record;
        let line = format!(
            "{} {} {} ({})",
            owner(zone, &record.name),
            record.rtype,
            value(record.rtype, &record.rdata),
            loser.why.get(input.lang)
        );
        let _ = writeln!(out, "- {}", comment(&line));
    }
    out
}

fn owner(zone: &FittedZone<'_>, name: &Name) -> String {
    name.relative_to(&zone.composed.origin).unwrap_or_else(|| name.to_string())
}

/// The value as a person reads it: a TXT as its text.
pub(super) fn value(rtype: Rtype, rdata: &Rdata) -> String {
    let text = match rtype {
        // What a person compares is the text, not how it is cut into strings.
        Rtype::TXT => printable(&rdata.txt_joined()),
        _ => None,
    };
    text.unwrap_or_else(|| rdata.present(rtype))
}

fn title(input: &Input<'_>, plain: &str) -> String {
    match input
        .site
        .domain_unicode
        .as_ref()
        .filter(|_| plain == input.site.domain.value.display_without_dot().to_string())
    {
        Some(unicode) => format!("{unicode} ({plain})\n"),
        None => format!("{plain}\n"),
    }
}

/// A TXT as its text, if all of it can be shown.
fn printable(octets: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(octets).ok()?;
    text.bytes().all(|b| (b' '..=b'~').contains(&b)).then(|| text.to_owned())
}
