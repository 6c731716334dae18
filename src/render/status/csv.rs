//! `--format csv`: a line a site, RFC 4180, heads in English. A cell never begins with what a spreadsheet takes for a formula: a `'` stands
//! before it, which spreadsheets take for "this is text". It begins with a byte order mark, without which Excel takes names for another
//! encoding.

use super::{broken, next, registrar, shown, step};
use crate::report::{Lang, Text, visible};
use crate::status::{Overview, Published, Row, Sender, Spf};

/// The heads, in the order of the cells.
const HEADS: [&str; 23] = [
    "file",
    "domain",
    "registrar",
    "senders",
    "dkim",
    "spf_lookups",
    "spf_complete",
    "spf_ok",
    "copies",
    "oldest_copy",
    "next_copy_check",
    "dmarc",
    "dmarc_since",
    "dmarc_wanted",
    "errors",
    "warnings",
    "due",
    "next",
    "next_day",
    "all_due",
    "unchecked_count",
    "unchecked",
    "broken",
];

/// The sites.
pub(super) fn write(overview: &Overview, lang: Lang) -> String {
    let mut out = format!("\u{feff}{}\r\n", HEADS.join(","));
    for row in &overview.rows {
        let cells = cells(row, lang).map(|text| cell(&text));
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    }
    out
}

fn cells(row: &Row, lang: Lang) -> [String; 23] {
    let list =
        |texts: &mut dyn Iterator<Item = Text>| texts.map(|text| shown(text.get(lang))).collect::<Vec<_>>().join("; ");
    let mut out: [String; 23] = Default::default();
    let status = match &row.outcome {
        Ok(status) => status,
        Err(why) => {
            let [file, .., errors, warnings, _, _, _, _, _, _, last] = &mut out;
            *file = visible(&row.file).into_owned();
            (*errors, *warnings) = (why.counts.errors.to_string(), why.counts.warnings.to_string());
            *last = shown(broken(why).get(lang));
            return out;
        }
    };
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let states = |sender: &Sender| crate::report::join(&sender.dkim.iter().map(|s| s.text()).collect::<Vec<_>>());
    let spf = |of: String| if status.spf.is_empty() { String::new() } else { of };
    let is_known = status.spf.iter().all(|spf| spf.is_known);
    let is_ok = match status.spf.iter().any(Spf::is_wrong) {
        true => "no",
        false if is_known => "yes",
        false => "unknown",
    };
    let own = status.spf.first().filter(|spf| spf.name == status.domain);
    let dmarc = match status.policy.published {
        Published::Unknown => "unknown".to_owned(),
        Published::Nothing => "none-published".to_owned(),
        Published::Void => "broken".to_owned(),
        Published::Stage(stage) => stage.tags(),
    };
    [
        visible(&row.file).into_owned(),
        shown(&status.domain),
        shown(registrar(status).get(lang)),
        list(&mut status.senders.iter().map(|sender| sender.name.clone())),
        list(&mut status.senders.iter().map(states)),
        own.map(|spf| spf.lookups.to_string()).unwrap_or_default(),
        spf(if is_known { "yes" } else { "no" }.to_owned()),
        spf(is_ok.to_owned()),
        status.copied().to_string(),
        day(status.copies.iter().filter(|copy| !copy.is_planned).filter_map(|copy| copy.seen).min()),
        day(status.copies.iter().filter_map(|copy| copy.check).min()),
        dmarc,
        day(status.policy.since),
        status.policy.wanted.map(|stage| stage.tags()).unwrap_or_default(),
        status.counts.errors.to_string(),
        status.counts.warnings.to_string(),
        status.due().count().to_string(),
        list(&mut next(status).map(|step| step.text.clone())),
        day(next(status).find_map(|step| step.day)),
        list(&mut status.due().map(step)),
        status.unchecked.len().to_string(),
        list(&mut status.unchecked.iter().map(|unchecked| unchecked.text.clone())),
        String::new(),
    ]
}

/// A cell. Of what comes here nothing is invisible, and no line break is left.
fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_its_name() {
        let why = crate::status::Broken::of(&[]);
        let file = |name: &str| {
            let [file, ..] = cells(&Row { file: name.to_owned(), outcome: Err(why.clone()) }, Lang::En);
            file
        };
        assert_eq!(file("my  site.toml"), "my  site.toml");
        assert_eq!(file("a\nb.toml"), "a<U+000A>b.toml");
    }

    #[test]
    fn no_cell_is_a_formula() {
        for bad in ["=cmd()", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "＝1"] {
            assert!(cell(bad).trim_start_matches('"').starts_with('\''), "{bad}");
        }
        assert_eq!(cell("a \"b\", c"), "\"a \"\"b\"\", c\"");
        assert_eq!(cell("p=none; sp=reject"), "p=none; sp=reject");
    }
}
