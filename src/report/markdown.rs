//! Findings as one page of Markdown, for a comment on a pull request or a job summary: by rule, then a row a place, with what to do.
//!
//! Texts hold what DNS says, and DNS is anybody's. Only plain words stand in the page as they are; everything else is code, in which neither
//! Markdown nor HTML nor what GitHub makes of text (links, `@somebody`, `#1`, `:tada:`, the ids of commits) means anything.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::order::{Counts, in_order};
use super::words::{self, lines, one_line};
use super::{Finding, Lang, NoteKind, Severity, Sources, Text, excerpt};
use crate::say;

/// Most characters of a page. A comment on GitHub takes 65,536, a job summary 1 MiB.
pub const PAGE_MAX: usize = 60_000;
/// Characters that are kept for the last line, which says what is left off.
const LAST_MAX: usize = 1000;
/// Most lines about the whole run.
const LINES_MAX: usize = 100;

/// A page that is being written. It holds no more than fits, however much it is given.
#[derive(Debug, Default)]
pub struct Page {
    rules: BTreeMap<&'static str, Rows>,
    /// Characters of the rows that are kept, by severity: later errors are not crowded out by earlier advice.
    held: BTreeMap<Severity, usize>,
    counts: Counts,
    /// Lines about the whole run, and how many more there were.
    lines: Vec<String>,
    more_lines: usize,
}

/// What was found of one rule.
#[derive(Debug, Default)]
struct Rows {
    kept: Vec<(Severity, String)>,
    /// How many there were.
    all: usize,
    /// The worst of them.
    worst: Option<Severity>,
}

/// How a page is written.
#[derive(Clone, Copy)]
pub struct Style<'s> {
    /// The language.
    pub lang: Lang,
    /// Advice in full.
    pub verbose: bool,
    /// What a rule checks, by its id; none where the id is no rule's.
    pub meaning: &'s dyn Fn(&str) -> Option<Text>,
}

impl std::fmt::Debug for Style<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Style").field("lang", &self.lang).field("verbose", &self.verbose).finish_non_exhaustive()
    }
}

impl Page {
    /// Adds what was found in `file`.
    pub fn add(&mut self, file: &str, findings: &[Finding], sources: &Sources, style: Style<'_>) {
        self.counts.add(Counts::of(findings));
        for finding in in_order(findings) {
            let rows = self.rules.entry(finding.id).or_default();
            rows.all += 1;
            rows.worst = rows.worst.max(Some(finding.severity));
            let held = self.held.entry(finding.severity).or_default();
            if *held >= PAGE_MAX {
                continue;
            }
            let row = row(file, finding, sources, style);
            let length = row.chars().count();
            if *held + length <= PAGE_MAX {
                *held += length;
                rows.kept.push((finding.severity, row));
            }
        }
    }

    /// Adds a line about the whole run.
    pub fn line(&mut self, text: &str) {
        if self.lines.len() < LINES_MAX {
            self.lines.push(excerpt(text, 400));
        } else {
            self.more_lines += 1;
        }
    }

    /// The page: the count and the next step, then the rules, the worst first.
    #[must_use]
    pub fn render(&self, next: Option<&Text>, style: Style<'_>) -> String {
        let lang = style.lang;
        let mut out = format!("## zoneplan\n\n{}\n", plain(&words::count_line(self.counts, next, lang)));
        let mut length = out.chars().count() + LAST_MAX;
        let mut left_off = 0;
        let mut push = |part: String| {
            let part_length = part.chars().count();
            let fits = length + part_length <= PAGE_MAX;
            if fits {
                length += part_length;
                out.push_str(&part);
            }
            fits
        };
        let mut more = self.more_lines;
        for line in &self.lines {
            more += usize::from(!push(format!("\n{}\n", plain(line))));
        }
        if more > 0 {
            let _ = push(format!("\n… (+{more})\n"));
        }
        let mut rules: Vec<(&&str, &Rows)> = self.rules.iter().collect();
        rules.sort_by_key(|(id, rows)| (Reverse(rows.worst), **id));
        for (id, rows) in rules {
            let mut head = format!("\n### {} ({})\n\n", code(id), rows.all);
            if let Some(meaning) = (style.meaning)(id) {
                let _ = write!(head, "{}\n\n", plain(meaning.get(lang)));
            }
            let mut kept: Vec<&(Severity, String)> = rows.kept.iter().collect();
            kept.sort_by_key(|(severity, _)| Reverse(*severity));
            let mut shown = 0;
            for (_, row) in kept {
                // A heading without a row says nothing.
                let part = if shown == 0 { format!("{head}{row}") } else { row.clone() };
                if push(part) {
                    shown += 1;
                }
            }
            left_off += rows.all - shown;
        }
        if left_off > 0 {
            let text = say!(en: "Left off, since a comment takes only so much: {left_off} findings. All of them are in the report (--report FILE) and on a terminal.", ja: "コメントに入りきらないため、{left_off} 件を省きました。すべては --report FILE の出力か、端末での実行結果にあります。");
            let _ = write!(out, "\n{}\n", plain(text.get(lang)));
        }
        out
    }
}

/// One finding: where, about what, the sentence, and below it what goes wrong and what to do.
fn row(file: &str, finding: &Finding, sources: &Sources, style: Style<'_>) -> String {
    let lang = style.lang;
    let place = match finding.primary() {
        Some(span) => {
            let (line, column) = sources.line_column(span.file, span.start);
            format!("{}:{line}:{column}", sources.name(span.file))
        }
        None => file.to_owned(),
    };
    let mut out = format!("- **{}** {}", words::severity(finding.severity).get(lang), code(&one_line(&place)));
    for about in finding.about.iter().take(3) {
        let _ = write!(out, " {}", code(&one_line(&format!("{} {}", about.name, about.rtype))));
    }
    let _ = writeln!(out, "  \n  {}", plain(finding.title.get(lang)));
    if finding.severity == Severity::Advice && !style.verbose {
        return out;
    }
    let mut item = |kind: Option<NoteKind>, name: Option<Text>, text: &str| {
        let (first, values) = text.split_once('\n').unwrap_or((text, ""));
        out.push_str("  - ");
        if let Some(name) = name {
            let _ = write!(out, "{}: ", name.get(lang));
        }
        let _ = writeln!(out, "{}", plain(first));
        match kind {
            _ if values.is_empty() => {}
            Some(NoteKind::Way) => values.lines().for_each(|line| {
                let _ = writeln!(out, "    - {}", plain(line));
            }),
            _ => out.push_str(&block(values)),
        }
    };
    let of = |kind| finding.notes.iter().filter(move |note| note.kind == kind);
    for kind in [NoteKind::Harm, NoteKind::Note] {
        of(kind).for_each(|note| item(Some(kind), words::note(kind), note.text.get(lang)));
    }
    if let Some(panel) = &finding.panel {
        item(None, Some(words::panel()), panel.get(lang));
    }
    for kind in [NoteKind::Source, NoteKind::Way, NoteKind::Next] {
        of(kind).for_each(|note| item(Some(kind), words::note(kind), note.text.get(lang)));
    }
    if let Some(fix) = finding.fix.as_ref().filter(|fix| of(NoteKind::Next).all(|note| note.text != fix.what)) {
        item(None, Some(words::fix()), fix.what.get(lang));
    }
    out
}

/// Lines to be pasted, as they are.
fn block(values: &str) -> String {
    let values = lines(values);
    let fence = "`".repeat(longest_run(&values).max(2) + 1);
    let mut out = format!("    {fence}text\n");
    for line in values.lines() {
        let _ = writeln!(out, "    {line}");
    }
    let _ = writeln!(out, "    {fence}");
    out
}

/// A sentence: plain words as they are, anything else as code. What our own sentences have between two backticks is code without them; whoever else
/// writes backticks gets no more than that.
fn plain(text: &str) -> String {
    let text = one_line(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text.as_str();
    while let Some((before, quoted, after)) = quoted(rest) {
        words_and_code(before, &mut out);
        out.push_str(&code(quoted));
        rest = after;
    }
    words_and_code(rest, &mut out);
    out
}

/// What stands before the first text between backticks, that text, and what follows. It stands by itself, as a word does, so that nothing meets the
/// backticks that are put around it.
fn quoted(text: &str) -> Option<(&str, &str, &str)> {
    let is_edge = |c: Option<char>| c.is_none_or(|c| c == ' ' || !c.is_ascii());
    let mut from = 0;
    loop {
        let open = from + text.get(from..)?.find('`')?;
        let (before, rest) = (text.get(..open)?, text.get(open + 1..)?);
        let close = rest.find('`')?;
        let (inside, after) = (rest.get(..close)?, rest.get(close + 1..)?);
        let begins = is_edge(before.trim_end_matches('(').chars().next_back());
        let ends = is_edge(after.trim_start_matches([',', '.', ';', ':', ')', '!', '?']).chars().next());
        if begins && ends && !inside.is_empty() && inside.trim() == inside {
            return Some((before, inside, after));
        }
        from = open + 1;
    }
}

/// A part of a sentence: plain words as they are, anything else as code.
fn words_and_code(text: &str, out: &mut String) {
    let mut pieces = Pieces { rest: text }.peekable();
    while let Some(piece) = pieces.next() {
        let Piece::Odd(word) = piece else {
            out.push_str(piece.text());
            continue;
        };
        // Odd words in a row, with the blanks between them, are one piece of code.
        let mut odd = word.to_owned();
        let mut blank = None;
        while let Some(space) = pieces.next_if(|next| next.text() == " ") {
            let Some(next) = pieces.next_if(|next| matches!(next, Piece::Odd(_))) else {
                blank = Some(space.text());
                break;
            };
            odd.push(' ');
            odd.push_str(next.text());
        }
        let (start, core, end) = parts(&odd);
        out.push_str(start);
        out.push_str(&code(core));
        out.push_str(end);
        out.push_str(blank.unwrap_or_default());
    }
}

/// A part of a sentence.
enum Piece<'t> {
    /// It marks nothing up.
    Plain(&'t str),
    /// It may.
    Odd(&'t str),
}

impl<'t> Piece<'t> {
    fn text(&self) -> &'t str {
        match self {
            Self::Plain(text) | Self::Odd(text) => text,
        }
    }
}

/// The blanks, the runs of ASCII and the runs of anything else in a text.
struct Pieces<'t> {
    rest: &'t str,
}

impl<'t> Iterator for Pieces<'t> {
    type Item = Piece<'t>;

    fn next(&mut self) -> Option<Piece<'t>> {
        let kind = |c: char| (c == ' ', c.is_ascii());
        let first = kind(self.rest.chars().next()?);
        let end = self.rest.find(|c| kind(c) != first).unwrap_or(self.rest.len());
        let (piece, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        Some(if first == (false, true) && !is_plain(piece) { Piece::Odd(piece) } else { Piece::Plain(piece) })
    }
}

/// Whether a run of ASCII is a word of a sentence: letters and digits, with a hyphen, an apostrophe or a slash inside and a bracket or a stop
/// around them. Neither a name with dots nor anything that GitHub takes for the id of a commit or of an issue.
fn is_plain(run: &str) -> bool {
    let core = parts(run).1;
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '\'' | '/' | ',' | '(' | ')');
    let is_word = core.starts_with(|c: char| c.is_ascii_alphanumeric()) || core.is_empty();
    let has_digit = core.contains(|c: char| c.is_ascii_digit());
    let is_commit = core.len() >= 7 && core.bytes().all(|octet| octet.is_ascii_hexdigit());
    // `GH-1`, and whatever prefix a repository has chosen.
    let is_issue = core.contains('-') && has_digit;
    let is_number = core.bytes().all(|octet| octet.is_ascii_digit() || octet == b'.');
    run == "/" || is_word && (is_number || core.chars().all(inside)) && !is_commit && !is_issue
}

/// The brackets in front of a run, itself, and the stops and brackets behind it. A bracket that opens inside closes inside.
fn parts(run: &str) -> (&str, &str, &str) {
    let rest = run.trim_start_matches('(');
    let mut core = rest.trim_end_matches([',', '.', ';', ':', ')', '!', '?']);
    let open = |text: &str| text.matches('(').count() > text.matches(')').count();
    while open(core)
        && let Some((end, _)) = rest.match_indices(')').find(|(at, _)| *at >= core.len())
    {
        core = rest.get(..=end).unwrap_or(rest);
    }
    let start = run.get(..run.len() - rest.len()).unwrap_or_default();
    (start, core, rest.get(core.len()..).unwrap_or_default())
}

/// A text as code. Whatever stands in it, it ends where it should (CommonMark 0.31 §6.1).
fn code(text: &str) -> String {
    let fence = "`".repeat(longest_run(text) + 1);
    let blank = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{blank}{text}{blank}{fence}")
}

/// The longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Span;

    fn style(lang: Lang) -> Style<'static> {
        Style {
            lang,
            verbose: false,
            meaning: &|id| (id == "check-missing").then(|| Text::same("It is there (RFC 1034)")),
        }
    }

    #[test]
    fn words_stay_and_everything_else_is_code() {
        for (text, expected) in [
            ("the MX of example.com is not in DNS.", "the MX of `example.com` is not in DNS."),
            (
                "SPF of example.com: v=spf1 include:a.example ~all, and more",
                "SPF of `example.com: v=spf1 include:a.example ~all`, and more",
            ),
            ("2 of 10 (RFC 7208 §4.6.4)", "2 of 10 (RFC 7208 §4.6.4)"),
            ("example.com の DMARC（p=none）です", "`example.com` の DMARC（`p=none`）です"),
            ("ask @somebody", "ask `@somebody`"),
            ("see #12, GH-12 or a/b#3", "see `#12, GH-12` or `a/b#3`"),
            ("deadbeef12 :tada:", "`deadbeef12 :tada`:"),
            (
                "<img src=x> & [a](https://example.net) www.example.net",
                "`<img src=x> & [a](https://example.net) www.example.net`",
            ),
            ("all (--report FILE), or (-v).", "all (`--report` FILE), or (`-v`)."),
            ("a(b.c), (d.e)", "`a(b.c), (d.e)`"),
            ("(x=1) y", "(`x=1`) y"),
            ("a_b*c a@example.com", "`a_b*c a@example.com`"),
            ("x`y``z", "```x`y``z```"),
            ("`x`", "`x`"),
            (
                "put `ip4:192.0.2.1` before `-all`, or remove `-all`.",
                "put `ip4:192.0.2.1` before `-all`, or remove `-all`.",
            ),
            ("前に `-all` があるため（`a b`）", "前に `-all` があるため（`a b`）"),
            ("x.y(`a` b` (`c`)", "`` x.y(`a` b` `` (`c`)"),
            ("`a``b` `<b>` c`", "``` `a``b` ``` `<b>` `` c` ``"),
            ("says `a`b` and ` c `", "says `` `a`b` `` and `` ` `` c `` ` ``"),
            ("line\nbreak\r\n# no heading", "line break `#` no heading"),
            ("a\u{202e}b", "`a<U+202E>b`"),
        ] {
            assert_eq!(plain(text), expected, "{text}");
        }
    }

    #[test]
    fn by_rule_the_worst_first_with_what_to_do() {
        let mut sources = Sources::default();
        let file = sources.add("site.toml", "domain\n".into());
        let at = |finding: Finding| finding.at(Span::new(file, 0..6), Text::default());
        let findings = [
            at(Finding::warning("a-warning", Text::same("one"))).panel(Text { en: "A".into(), ja: "A社".into() }),
            at(Finding::error("check-missing", Text::same("the MX is gone")))
                .about("example.com", "MX")
                .harm(Text::same("no mail"))
                .next(Text::same("enter this:\n@ MX 10 `mail`\n```")),
            Finding::advice("b-advice", Text::same("two")).next(Text::same("not told")),
        ];
        let mut page = Page::default();
        page.add("a.toml", &findings, &sources, style(Lang::En));
        page.line("3 names were asked");
        assert_eq!(
            page.render(Some(&Text::same("enter this:\nvalue")), style(Lang::En)),
            "## zoneplan\n\n1 to fix, 1 to check, 1 for your information. Next: enter this\n\n3 names were asked\n\
             \n### `check-missing` (1)\n\nIt is there (RFC 1034)\n\n\
             - **error** `site.toml:1:1` `example.com MX`  \n  the MX is gone\n  - harm: no mail\n  - next: enter this:\n    ````text\n    @ MX 10 `mail`\n    ```\n    ````\n\
             \n### `a-warning` (1)\n\n- **warning** `site.toml:1:1`  \n  one\n  - panel: A\n\
             \n### `b-advice` (1)\n\n- **advice** `a.toml`  \n  two\n"
        );
        let mut page = Page::default();
        page.add("a.toml", &findings, &sources, style(Lang::Ja));
        let japanese = page.render(None, style(Lang::Ja));
        assert!(japanese.contains("- **警告** `site.toml:1:1`  \n  one\n  - 画面: A社\n"), "{japanese}");
        assert_eq!(Page::default().render(None, style(Lang::En)), "## zoneplan\n\nNothing is wrong.\n");
    }

    #[test]
    fn a_page_is_bounded_and_says_what_is_left_off() {
        let mut page = Page::default();
        let advice = Finding::advice("b-advice", Text::same("a".repeat(100)));
        for site in 0..5000 {
            page.add(&format!("s{site}.toml"), std::slice::from_ref(&advice), &Sources::default(), style(Lang::En));
        }
        // One that no page holds, and one that comes last and is the worst.
        let huge = Finding::error("c-huge", Text::same("鍵".repeat(PAGE_MAX)));
        let last = Finding::error("d-last", Text::same("the last one"));
        page.add("last.toml", &[huge, last], &Sources::default(), style(Lang::En));
        let text = page.render(None, style(Lang::En));
        assert!(text.chars().count() <= PAGE_MAX, "{}", text.chars().count());
        assert!(text.contains("the last one") && !text.contains("c-huge"), "{}", text.get(..400).unwrap_or_default());
        let shown = text.matches("- **").count();
        assert!(shown > 300, "{shown}");
        assert!(
            text.ends_with(&format!(
                "{} findings. All of them are in the report (`--report` FILE) and on a terminal.\n",
                5002 - shown
            )),
            "{}",
            text.lines().last().unwrap_or_default()
        );
        let held: usize = page.rules.values().flat_map(|rows| &rows.kept).map(|(_, row)| row.len()).sum();
        assert!(held < 2 * PAGE_MAX, "{held}");
    }
}
