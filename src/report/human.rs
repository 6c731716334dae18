//! Findings for people: the sentence, the place with its source line, then one thing a line.
//!
//! Draws with annotate-snippets, but cuts the source lines itself: a line may be a 4 MiB key, and what is drawn may not depend on its length.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Patch, Renderer, Snippet};
use unicode_width::UnicodeWidthChar;

use super::order::in_order;
use super::source::floor;
use super::words::{self, lines, one_line};
use super::{FileId, Finding, Fix, Label, Lang, Note, NoteKind, Severity, Sources, Span, visible};
use crate::say;

/// How findings are shown.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// With colours.
    pub colour: bool,
    /// Advice in full, not as one line.
    pub verbose: bool,
    /// Columns of the terminal: longer source lines are cut around the place meant. Sentences are never broken.
    pub width: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { colour: false, verbose: false, width: 120 }
    }
}

/// More places than this in one finding are only counted.
const MAX_PLACES: usize = 12;
/// Places further apart than this are drawn as pieces of their own.
const MAX_GAP: usize = 100;
/// Columns of source to the left of a place in a line that is cut.
const LEAD: usize = 40;
/// A longer replacement is described, not drawn.
const MAX_REPLACEMENT: usize = 1000;

/// `findings` in order, with an empty line between those that take more than one.
#[must_use]
pub fn render(findings: &[Finding], sources: &Sources, lang: Lang, options: Options) -> String {
    // The lines given to the renderer are cut already; it must not cut them again.
    let renderer = if options.colour { Renderer::styled().hyperlink(false) } else { Renderer::plain() };
    let page = Page {
        sources,
        lang,
        colour: options.colour,
        renderer: renderer.term_width(usize::from(u16::MAX)),
        columns: options.width.clamp(60, 1000) - 10,
    };
    let mut out = String::new();
    let mut before = None;
    for finding in in_order(findings) {
        let short = finding.severity == Severity::Advice && !options.verbose;
        if before.is_some_and(|before| !(before && short)) {
            out.push('\n');
        }
        out.push_str(&if short { page.one_line(finding) } else { page.full(finding) });
        out.push('\n');
        before = Some(short);
    }
    out
}

struct Page<'a> {
    sources: &'a Sources,
    colour: bool,
    lang: Lang,
    renderer: Renderer,
    /// Columns for a source line.
    columns: usize,
}

impl Page<'_> {
    fn level(&self, severity: Severity) -> Level<'static> {
        let level = match severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Advice => Level::NOTE,
        };
        level.with_name(words::severity(severity).get(self.lang).to_owned())
    }

    /// The sentence and where, for advice.
    fn one_line(&self, finding: &Finding) -> String {
        let mut title = one_line(finding.title.get(self.lang));
        if let Some(span) = finding.primary() {
            let (line, _) = self.sources.line_column(span.file, span.start);
            title.push_str(&format!(" ({}:{line})", self.sources.name(span.file)));
        }
        if !self.colour {
            return self.head(finding, &title);
        }
        self.renderer.render(&[Group::with_title(self.level(finding.severity).primary_title(title).id(finding.id))])
    }

    /// A sentence without colours, as the renderer draws it.
    fn head(&self, finding: &Finding, title: &str) -> String {
        format!("{}[{}]: {title}", words::severity(finding.severity).get(self.lang), finding.id)
    }

    fn full(&self, finding: &Finding) -> String {
        let pieces = self.pieces(finding);
        let patch = finding.fix.as_ref().and_then(|fix| self.patch(fix));
        let notes = self.notes(finding, patch.is_some());
        let title = one_line(finding.title.get(self.lang));
        let mut out = match patch {
            None if !self.colour => self.drawn_in_part(finding, &title, &pieces, &notes),
            patch => self.drawn(finding, title, &pieces, notes, patch),
        };
        for (i, piece) in pieces.iter().enumerate() {
            out = with_place(
                &out,
                &token(i),
                &format!("{}:{}:{}", self.sources.name(piece.file), piece.at.0, piece.at.1),
            );
        }
        out
    }

    /// All of a finding as the renderer draws it.
    fn drawn(
        &self,
        finding: &Finding,
        title: String,
        pieces: &[Piece],
        notes: Vec<(Option<String>, String)>,
        patch: Option<Group<'static>>,
    ) -> String {
        let title = self.level(finding.severity).primary_title(title).id(finding.id);
        let mut group = Group::with_title(title).elements(snippets(pieces));
        for (name, text) in notes {
            let level = match name {
                Some(name) => Level::NOTE.with_name(name),
                None => Level::NOTE.no_name(),
            };
            group = group.element(level.message(text));
        }
        let groups: Vec<Group<'_>> = std::iter::once(group).chain(patch).collect();
        self.renderer.render(&groups)
    }

    /// The same without colours: the renderer, which puts each character into a grid, draws only the source.
    fn drawn_in_part(
        &self,
        finding: &Finding,
        title: &str,
        pieces: &[Piece],
        notes: &[(Option<String>, String)],
    ) -> String {
        let mut out = self.head(finding, title);
        out.reserve(notes.iter().map(|(_, text)| text.len() + 40).sum());
        let mut margin = 0;
        if !pieces.is_empty() {
            let group = Group::with_level(self.level(finding.severity)).elements(snippets(pieces));
            let drawn = self.renderer.render(&[group]);
            // What is left of the arrow is as wide as the longest line number.
            margin = drawn.bytes().take_while(|octet| *octet == b' ').count();
            out.push('\n');
            out.push_str(&drawn);
        }
        let margin = " ".repeat(margin + 1);
        let mut push = |parts: &[&str]| parts.iter().for_each(|part| out.push_str(part));
        if !notes.is_empty() {
            push(&["\n", &margin, "|"]);
        }
        for (name, text) in notes {
            let (name, colon) = name.as_ref().map_or(("", ""), |name| (name.as_str(), ": "));
            let mut text = text.split('\n');
            push(&["\n", &margin, "= ", name, colon, text.next().unwrap_or_default()]);
            for line in text {
                let under = name.chars().map(|c| c.width().unwrap_or(0)).sum::<usize>() + colon.len();
                push(&["\n", &margin, "  ", &" ".repeat(under), line]);
            }
        }
        out
    }

    /// The lines below: what goes wrong, plain ones, the panel, the source, what to do, and a repair that is not drawn.
    fn notes(&self, finding: &Finding, drawn: bool) -> Vec<(Option<String>, String)> {
        let word = |text: super::Text| Some(text.get(self.lang).to_owned());
        let of = |kind| finding.notes.iter().filter(move |note: &&Note| note.kind == kind);
        let line = |note: &Note| (words::note(note.kind).and_then(word), lines(note.text.get(self.lang)));
        let mut notes: Vec<_> = of(NoteKind::Harm).map(line).collect();
        if let Some(more) = finding.labels.len().checked_sub(MAX_PLACES).filter(|more| *more > 0) {
            let places = if more == 1 { "place" } else { "places" };
            let text = say!(en: "and {more} more {places}", ja: "ほかに {more} か所あります");
            notes.push((None, text.get(self.lang).to_owned()));
        }
        notes.extend(of(NoteKind::Note).map(line));
        if let Some(panel) = &finding.panel {
            notes.push((word(words::panel()), one_line(panel.get(self.lang))));
        }
        notes.extend(of(NoteKind::Source).map(line));
        notes.extend(of(NoteKind::Way).map(line));
        // A step that is the repair itself is told with the repair.
        let fix = finding.fix.as_ref();
        notes.extend(of(NoteKind::Next).filter(|next| fix.is_none_or(|fix| fix.what != next.text)).map(line));
        if let Some(fix) = fix.filter(|_| !drawn) {
            notes.push((word(words::fix()), lines(fix.what.get(self.lang))));
        }
        notes
    }

    /// A repair, drawn as a change of its line; none where the line or the new text is too long or not plain.
    fn patch(&self, fix: &Fix) -> Option<Group<'static>> {
        let text = self.sources.text(fix.span.file);
        text.get(fix.span.range())?;
        let (number, _) = self.sources.line_column(fix.span.file, fix.span.start);
        let line = self.sources.line(fix.span.file, number)?;
        let shown = text.get(line.clone())?;
        let plain = |text: &str| {
            text.chars().all(|c| c == '\t' || c == '\n' || visible(c.encode_utf8(&mut [0; 4])).len() == c.len_utf8())
        };
        let replacement = lines(&fix.replacement);
        if fix.span.end as usize > line.end
            || shown.chars().nth(self.columns).is_some()
            || !plain(shown)
            || fix.replacement.len() > MAX_REPLACEMENT
            || replacement.trim_end_matches('\n') != fix.replacement.trim_end_matches('\n')
        {
            return None;
        }
        let range = fix.span.range();
        let patch = Patch::new(range.start - line.start..range.end - line.start, fix.replacement.clone());
        let what = one_line(fix.what.get(self.lang));
        let level = Level::HELP.with_name(words::fix().get(self.lang).to_owned());
        Some(level.secondary_title(what).element(Snippet::source(shown.to_owned()).line_start(number).patch(patch)))
    }

    /// The places as pieces of text to draw: the piece with the first label first, then by file and line.
    fn pieces(&self, finding: &Finding) -> Vec<Piece> {
        let mut places: Vec<Place<'_>> = finding
            .labels
            .iter()
            .take(MAX_PLACES)
            .enumerate()
            .map(|(i, label)| Place::of(label, i == 0, self.sources))
            .collect();
        let first_file = places.first().map(|place| place.file);
        places.sort_by_key(|place| (Some(place.file) != first_file, place.file, place.line, !place.primary));
        let mut groups: Vec<Vec<Place<'_>>> = Vec::new();
        for place in places {
            match groups.last_mut() {
                Some(group)
                    if group
                        .last()
                        .is_some_and(|last| last.file == place.file && place.line - last.line <= MAX_GAP) =>
                {
                    group.push(place);
                }
                _ => groups.push(vec![place]),
            }
        }
        groups.sort_by_key(|group| !group.iter().any(|place| place.primary));
        groups.iter().filter_map(|group| self.piece(group)).collect()
    }

    /// One piece: the lines with places, cut; the others only hold their numbers.
    fn piece(&self, places: &[Place<'_>]) -> Option<Piece> {
        let (first, last) = (places.first()?, places.last()?);
        let head = places.iter().find(|place| place.primary).unwrap_or(first);
        let mut piece = Piece {
            file: first.file,
            at: self.sources.line_column(head.file, head.span.start),
            first_line: first.line,
            text: String::new(),
            marks: Vec::new(),
        };
        let source = self.sources.text(first.file);
        for number in first.line..=last.line {
            if number > first.line {
                piece.text.push('\n');
            }
            let on_line: Vec<&Place<'_>> = places.iter().filter(|place| place.line == number).collect();
            let marked = |number| places.iter().any(|place| place.line == number);
            // A single line between two marked ones is drawn too.
            if on_line.is_empty() && !(marked(number - 1) && marked(number + 1)) {
                continue;
            }
            let Some(line) = self.sources.line(first.file, number) else { continue };
            let text = source.get(line.clone()).unwrap_or("");
            let inside = |span: Span| {
                let start = floor(source, span.range().start).clamp(line.start, line.end);
                let end = floor(source, span.range().end).clamp(start, line.end);
                start - line.start..end - line.start
            };
            let ranges: Vec<Range<usize>> = on_line.iter().map(|place| inside(place.span)).collect();
            let base = piece.text.len();
            let (cut, ranges) = cut(text, &ranges, self.columns);
            piece.text.push_str(&cut);
            for (place, range) in on_line.iter().zip(ranges) {
                let label = lines(place.label.text.get(self.lang)).replace('\n', " ");
                let label = Some(label).filter(|label| !label.is_empty());
                piece.marks.push((base + range.start..base + range.end, label, place.primary));
            }
        }
        Some(piece)
    }
}

/// The pieces for the renderer.
fn snippets(pieces: &[Piece]) -> impl Iterator<Item = Snippet<'_, Annotation<'_>>> {
    pieces.iter().enumerate().map(|(i, piece)| {
        let snippet = Snippet::source(piece.text.as_str()).path(token(i)).line_start(piece.first_line);
        snippet.annotations(piece.marks.iter().map(|(range, label, primary)| {
            let kind = if *primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            kind.span(range.clone()).label(label.as_deref())
        }))
    })
}

/// Stands for a piece's file in what is drawn. The renderer counts columns in the text it is given, which is cut; the true place is put in
/// afterwards. No text from outside holds the character.
fn token(piece: usize) -> String {
    format!("\u{2060}{piece}\u{2060}")
}

/// `drawn` with `place` for the token and the line and column after it.
fn with_place(drawn: &str, token: &str, place: &str) -> String {
    let Some((before, after)) = drawn.split_once(token) else { return drawn.to_owned() };
    let after = after.trim_start_matches(|c: char| c == ':' || c.is_ascii_digit());
    format!("{before}{place}{after}")
}

/// A label and its line.
struct Place<'a> {
    label: &'a Label,
    primary: bool,
    file: FileId,
    span: Span,
    line: usize,
}

impl<'a> Place<'a> {
    fn of(label: &'a Label, primary: bool, sources: &Sources) -> Self {
        let (line, _) = sources.line_column(label.span.file, label.span.start);
        Self { label, primary, file: label.span.file, span: label.span, line }
    }
}

/// Neighbouring lines of one file, ready to draw.
struct Piece {
    file: FileId,
    /// Line and column that stand above it.
    at: (usize, usize),
    first_line: usize,
    text: String,
    marks: Vec<(Range<usize>, Option<String>, bool)>,
}

/// `line` cut to `columns` around the first of `ranges`, with what is cut shown as `…` and active characters spelled out, and the ranges in it.
/// Takes as long as what it gives, whatever the length of `line`.
fn cut(line: &str, ranges: &[Range<usize>], columns: usize) -> (String, Vec<Range<usize>>) {
    let width = |c: char| match c {
        ' '..='~' => 1,
        '\t' => 4,
        c => visible(c.encode_utf8(&mut [0; 4])).chars().map(|c| c.width().unwrap_or(1)).sum::<usize>(),
    };
    let fits = |from: usize| {
        let mut room = columns;
        for (at, c) in line.get(from..).unwrap_or("").char_indices() {
            match room.checked_sub(width(c)) {
                Some(less) => room = less,
                None => return from + at,
            }
        }
        line.len()
    };
    let mut from = 0;
    if let Some(range) = ranges.first().filter(|range| range.end > fits(0)) {
        let mut room = LEAD;
        from = range.start;
        for (at, c) in line.get(..range.start).unwrap_or("").char_indices().rev() {
            let Some(less) = room.checked_sub(width(c)) else { break };
            (room, from) = (less, at);
        }
    }
    let to = fits(from);
    let mut out = String::new();
    if from > 0 {
        out.push('…');
    }
    // The place in `out` of each boundary between characters.
    let mut marks: Vec<Range<usize>> = ranges.iter().map(|_| 0..0).collect();
    let mut place = |at: usize, out: &str| {
        for (range, mark) in ranges.iter().zip(&mut marks) {
            if range.start == at {
                *mark = out.len()..out.len();
            } else if range.start < at && at <= range.end || (range.start <= from && at == from) {
                mark.end = out.len();
            }
        }
    };
    place(from, &out);
    let shown = line.get(from..to).unwrap_or("");
    for (at, c) in shown.char_indices() {
        if at > 0 {
            place(from + at, &out);
        }
        match c {
            '\t' | ' '..='~' => out.push(c),
            c => out.push_str(&visible(c.encode_utf8(&mut [0; 4]))),
        }
    }
    place(to, &out);
    if to < line.len() {
        let end = out.len();
        out.push('…');
        // A place that begins after the cut is shown at it.
        for (range, mark) in ranges.iter().zip(&mut marks) {
            if range.start > to {
                *mark = end..out.len();
            }
        }
    }
    (out, marks)
}

#[cfg(test)]
mod tests {
    use super::super::Text;
    use super::*;

    const SITE: &str = "domain = \"hogehoge.com\"
registrar = \"example-127\"

[limits]
txt-max = 127

[[sender]]
provider = \"xserver\"
";

    fn place(sources: &Sources, file: FileId, text: &str) -> Span {
        let start = sources.text(file).find(text).unwrap();
        Span::new(file, start..start + text.len())
    }

    fn plain(findings: &[Finding], sources: &Sources, lang: Lang) -> String {
        render(findings, sources, lang, Options::default())
    }

    /// Without the spaces that a line may end in.
    fn assert_shown(shown: &str, wanted: &str) {
        let trimmed: Vec<&str> = shown.lines().map(str::trim_end).collect();
        assert_eq!(trimmed.join("\n"), wanted.trim_matches('\n'), "\n{shown}");
    }

    fn long_key(sources: &mut Sources) -> Finding {
        let file = sources.add("site.toml", SITE.into());
        let title = say!(
            en: "XSERVER's DKIM key is 410 bytes; A's form takes 127",
            ja: "XSERVER の DKIM 鍵は 410 バイトです。A社の画面に入るのは 127 バイトまでです"
        );
        Finding::error("host-txt-limit", title)
            .at(place(sources, file, "[[sender]]"), say!(en: "XSERVER needs it", ja: "XSERVER に必要です"))
            .at(
                place(sources, file, "txt-max = 127"),
                say!(en: "the limit: your own words", ja: "上限の出どころ: この site の申告"),
            )
            .next(say!(
                en: "add this line to site.toml:\n[keyzone] zone = \"dkim.agency.example\"",
                ja: "site.toml に次の行を足します:\n[keyzone] zone = \"dkim.agency.example\""
            ))
            .next(say!(en: "zoneplan ruler shows what the form takes", ja: "上限に自信がないときは zoneplan ruler"))
            .harm(say!(en: "mail from XSERVER fails DKIM", ja: "XSERVER から出したメールの DKIM が FAIL になります"))
            .source(say!(en: "RFC 1035 §3.3", ja: "RFC 1035 §3.3"))
            .panel(say!(en: "A", ja: "A社"))
            .note(NoteKind::Note, say!(en: "splitting does not help", ja: "文字列を分けても入りません"))
    }

    #[test]
    fn a_finding_with_two_places_in_japanese() {
        let mut sources = Sources::default();
        let finding = long_key(&mut sources);
        assert_shown(
            &plain(&[finding], &sources, Lang::Ja),
            r#"
エラー[host-txt-limit]: XSERVER の DKIM 鍵は 410 バイトです。A社の画面に入るのは 127 バイトまでです
 --> site.toml:7:1
  |
5 | txt-max = 127
  | ------------- 上限の出どころ: この site の申告
6 |
7 | [[sender]]
  | ^^^^^^^^^^ XSERVER に必要です
  |
  = 困ること: XSERVER から出したメールの DKIM が FAIL になります
  = 文字列を分けても入りません
  = 画面: A社
  = 根拠: RFC 1035 §3.3
  = 次にすること: site.toml に次の行を足します:
                  [keyzone] zone = "dkim.agency.example"
  = 次にすること: 上限に自信がないときは zoneplan ruler
"#,
        );
    }

    #[test]
    fn a_finding_with_two_places_in_english() {
        let mut sources = Sources::default();
        let finding = long_key(&mut sources);
        assert_shown(
            &plain(&[finding], &sources, Lang::En),
            r#"
error[host-txt-limit]: XSERVER's DKIM key is 410 bytes; A's form takes 127
 --> site.toml:7:1
  |
5 | txt-max = 127
  | ------------- the limit: your own words
6 |
7 | [[sender]]
  | ^^^^^^^^^^ XSERVER needs it
  |
  = harm: mail from XSERVER fails DKIM
  = splitting does not help
  = panel: A
  = source: RFC 1035 §3.3
  = next: add this line to site.toml:
          [keyzone] zone = "dkim.agency.example"
  = next: zoneplan ruler shows what the form takes
"#,
        );
    }

    #[test]
    fn full_width_text_before_the_place_takes_two_columns_a_character() {
        let mut sources = Sources::default();
        let file = sources.add("site.toml", "お名前 = \"値\" # x\n".into());
        let finding = Finding::warning("w", Text::same("t")).at(place(&sources, file, "値"), Text::same("here"));
        assert_shown(
            &plain(&[finding], &sources, Lang::En),
            "
warning[w]: t
 --> site.toml:1:8
  |
1 | お名前 = \"値\" # x
  |           ^^ here
",
        );
    }

    #[test]
    fn escape_and_direction_characters_are_spelled_out_wherever_they_stand() {
        let mut sources = Sources::default();
        let file = sources.add("a\u{202e}.toml", "k = \"\u{1b}[2J\u{202e}x\"\tz\n".into());
        let bad = || Text::same("\u{1b}[31m\u{202e}red");
        let finding = Finding::error("e", bad())
            .at(place(&sources, file, "x"), bad())
            .harm(Text::same("a\u{1b}c\nb\u{200b}"))
            .panel(bad())
            .fix(bad(), place(&sources, file, "x"), "\u{1b}");
        for colour in [false, true] {
            let shown =
                render(std::slice::from_ref(&finding), &sources, Lang::En, Options { colour, ..Options::default() });
            assert!(!shown.contains(['\u{202e}', '\u{200b}', '\t']), "{shown}");
            assert_eq!(colour, shown.contains('\u{1b}'));
            assert!(!shown.contains("\u{1b}[2J") && !shown.contains("\u{1b}[31m"));
        }
        assert_shown(
            &plain(&[finding], &sources, Lang::En),
            "
error[e]: <U+001B>[31m<U+202E>red
 --> a<U+202E>.toml:1:11
  |
1 | k = \"<U+001B>[2J<U+202E>x\"    z
  |                         ^ <U+001B>[31m<U+202E>red
  |
  = harm: a<U+001B>c
          b<U+200B>
  = panel: <U+001B>[31m<U+202E>red
  = fix: <U+001B>[31m<U+202E>red
",
        );
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let mut sources = Sources::default();
        let text = format!("key = \"{}HERE{}\"\n", "a".repeat(50_000), "b".repeat(50_000));
        let file = sources.add("site.toml", text);
        let finding = Finding::error("e", Text::same("t")).at(place(&sources, file, "HERE"), Text::same("this"));
        assert_shown(
            &plain(&[finding], &sources, Lang::En),
            &format!(
                "
error[e]: t
 --> site.toml:1:50008
  |
1 | …{}HERE{}…
  | {}^^^^ this
",
                "a".repeat(40),
                "b".repeat(66),
                " ".repeat(41)
            ),
        );
    }

    #[test]
    fn a_place_longer_than_the_page_is_cut_too() {
        let mut sources = Sources::default();
        let file = sources.add("site.toml", format!("key = \"{}\" # end\n", "a".repeat(4000)));
        let key = Span::new(file, 6..4008);
        let finding = Finding::error("e", Text::same("t"))
            .at(key, Text::default())
            .at(place(&sources, file, "# end"), Text::default());
        assert_shown(
            &plain(&[finding], &sources, Lang::En),
            &format!(
                "
error[e]: t
 --> site.toml:1:7
  |
1 | key = \"{}…
  |       {}-
",
                "a".repeat(103),
                "^".repeat(104)
            ),
        );
    }

    #[test]
    fn carriage_returns_are_no_part_of_a_line() {
        let mut sources = Sources::default();
        let file = sources.add("site.toml", "a = 1\r\nb = 2\r\n".into());
        let finding = Finding::error("e", Text::same("t")).at(Span::new(file, 7..14), Text::same("whole"));
        assert_shown(
            &plain(&[finding], &sources, Lang::En),
            "
error[e]: t
 --> site.toml:2:1
  |
2 | b = 2
  | ^^^^^ whole
",
        );
    }

    #[test]
    fn an_empty_file_and_the_end_of_a_file() {
        let mut sources = Sources::default();
        let empty = sources.add("empty.toml", String::new());
        let file = sources.add("site.toml", "a = \"x".into());
        let first = Finding::error("e", Text::same("t")).at(Span::new(empty, 0..0), Text::same("nothing"));
        let second = Finding::error("e", Text::same("t")).at(Span::new(file, 6..6), Text::same("ends"));
        let beyond = Finding::error("e", Text::same("t")).at(Span::new(file, 90..99), Text::default());
        assert_shown(
            &plain(&[first, second, beyond], &sources, Lang::En),
            "
error[e]: t
 --> empty.toml:1:1
  |
1 |
  | ^ nothing

error[e]: t
 --> site.toml:1:7
  |
1 | a = \"x
  |       ^ ends

error[e]: t
 --> site.toml:1:7
  |
1 | a = \"x
  |       ^
",
        );
    }

    #[test]
    fn places_in_other_files_and_far_away_come_after() {
        let mut sources = Sources::default();
        let far = format!("a = 1\n{}b = 2\n", "\n".repeat(5000));
        let file = sources.add("site.toml", far);
        let base = sources.add("agency.toml", "c = 3\n".into());
        let finding = Finding::error("e", Text::same("t"))
            .at(place(&sources, file, "b = 2"), Text::same("first"))
            .at(place(&sources, base, "c = 3"), Text::same("other file"))
            .at(place(&sources, file, "a = 1"), Text::same("far"));
        assert_shown(
            &plain(&[finding], &sources, Lang::En),
            "
error[e]: t
    --> site.toml:5002:1
     |
5002 | b = 2
     | ^^^^^ first
     |
    ::: site.toml:1:1
     |
   1 | a = 1
     | ----- far
     |
    ::: agency.toml:1:1
     |
   1 | c = 3
     | ----- other file
",
        );
    }

    #[test]
    fn advice_is_a_line_and_in_full_on_request() {
        let mut sources = Sources::default();
        let file = sources.add("site.toml", SITE.into());
        let text = say!(en: "unused", ja: "使われていません");
        let advice = || {
            Finding::advice("a", text.clone()).at(place(&sources, file, "txt-max"), Text::default()).next(text.clone())
        };
        let two = [Finding::error("e", Text::same("t")), advice(), advice().next(text.clone())];
        assert_shown(
            &plain(&two, &sources, Lang::Ja),
            "
エラー[e]: t

助言[a]: 使われていません (site.toml:5)
助言[a]: 使われていません (site.toml:5)
",
        );
        let full = render(&[advice()], &sources, Lang::En, Options { verbose: true, ..Options::default() });
        assert_shown(
            &full,
            "
advice[a]: unused
 --> site.toml:5:1
  |
5 | txt-max = 127
  | ^^^^^^^
  |
  = next: unused
",
        );
    }

    #[test]
    fn a_repair_is_drawn_as_a_change() {
        let mut sources = Sources::default();
        let file = sources.add("site.toml", "sp = \"rejct\"\n".into());
        let span = place(&sources, file, "rejct");
        let finding = Finding::error("e", Text::same("t")).at(span, Text::default()).fix(
            say!(en: "write reject", ja: "reject と書きます"),
            span,
            "reject",
        );
        let finding = finding.next(say!(en: "write reject", ja: "reject と書きます"));
        assert_shown(
            &plain(&[finding], &sources, Lang::Ja),
            "
エラー[e]: t
 --> site.toml:1:7
  |
1 | sp = \"rejct\"
  |       ^^^^^
  |
直し方: reject と書きます
  |
1 | sp = \"reject\"
  |          +
",
        );
    }

    #[test]
    fn a_private_key_in_a_file_or_a_sentence_is_not_shown() {
        let mut sources = Sources::default();
        let key = "-----BEGIN PRIVATE KEY-----SECRET-----END PRIVATE KEY-----";
        let file = sources.add("site.toml", format!("key = '{key}'\n"));
        let finding = Finding::error("e", Text::same(key))
            .at(Span::new(file, 0..3), Text::same(key))
            .next(Text::same(key))
            .fix(Text::same(key), Span::new(file, 0..3), key);
        let findings = [finding];
        for shown in [
            plain(&findings, &sources, Lang::En),
            super::super::short::render(&findings, &sources, Lang::En),
            super::super::json::render(&findings, &sources),
        ] {
            assert!(!shown.contains("SECRET") && shown.contains("******"), "{shown}");
        }
    }

    #[test]
    fn what_is_drawn_here_looks_as_the_renderer_draws_it() {
        let mut sources = Sources::default();
        let file = sources.add("site.toml", SITE.into());
        let other = sources.add("鍵.txt", format!("{}名 = 1\n", "\n".repeat(1500)));
        let (one, far) = (place(&sources, file, "txt-max = 127"), place(&sources, other, "名"));
        let two_lines = || Text { en: "first\n\nthird".into(), ja: "一行目\n三行目".into() };
        let bare = Finding::error("bare", Text { en: "no place".into(), ja: "場所がありません".into() });
        let findings = [
            bare.clone(),
            bare.clone().harm(two_lines()).note(NoteKind::Note, two_lines()).next(two_lines()),
            Finding::warning("one", two_lines()).at(one, Text::default()).next(Text::same("x\ty")),
            Finding::warning("one", Text::same("alone")).at(one, Text::same("here")),
            bare.at(one, Text::same("here"))
                .at(far, Text::same("そこ"))
                .at(place(&sources, file, "xserver"), Text::default())
                .note(NoteKind::Note, two_lines())
                .panel(Text::same("会社"))
                .source(two_lines()),
        ];
        for lang in [Lang::En, Lang::Ja] {
            let page = Page { sources: &sources, colour: false, lang, renderer: Renderer::plain(), columns: 110 };
            for finding in &findings {
                let (pieces, notes) = (page.pieces(finding), page.notes(finding, false));
                let title = one_line(finding.title.get(lang));
                let here = page.drawn_in_part(finding, &title, &pieces, &notes);
                assert_eq!(here, page.drawn(finding, title, &pieces, notes, None));
            }
        }
    }

    #[test]
    fn a_thousand_findings_in_one_long_line_take_no_time() {
        let mut sources = Sources::default();
        let file = sources.add("site.toml", "x".repeat(4 << 20));
        let findings: Vec<Finding> = (0..1000)
            .map(|i| {
                Finding::error("e", Text::same(i.to_string()))
                    .at(Span::new(file, i * 4000..i * 4000 + 9), Text::default())
            })
            .collect();
        let begin = std::time::Instant::now();
        let shown = plain(&findings, &sources, Lang::En);
        assert!(shown.len() < 1_000_000);
        // Milliseconds when optimised; a machine may be slow and the build unoptimised, but not by this much.
        assert!(begin.elapsed().as_secs() < 20);
    }
}
