//! The texts that findings point into, and where in them.

use std::ops::Range;
use std::sync::OnceLock;

use super::secret;

/// Which text: an index into [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

impl FileId {
    /// The text that was added first.
    pub const FIRST: Self = Self(0);
}

/// A range of octets in one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The text.
    pub file: FileId,
    /// First octet.
    pub start: u32,
    /// One past the last octet.
    pub end: u32,
}

impl Span {
    /// The span of `range` in `file`. Offsets beyond 4 GiB are clamped; no input is that large.
    #[must_use]
    pub fn new(file: FileId, range: Range<usize>) -> Self {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { file, start: clamp(range.start), end: clamp(range.end) }
    }

    /// The octet range.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

#[derive(Debug)]
struct Source {
    name: String,
    text: String,
    /// Where its lines begin; made when a finding first asks.
    lines: OnceLock<Vec<usize>>,
}

impl Source {
    fn lines(&self) -> &[usize] {
        self.lines
            .get_or_init(|| std::iter::once(0).chain(self.text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }
}

/// The texts of one site: site.toml, what it extends, key files.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Keeps `text` under the name that messages show. Control characters of the name are made visible. Private keys in the
    /// text are kept as `*`: whoever needs the text itself reads it before.
    pub fn add(&mut self, name: &str, text: String) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        let text = match secret::without_private_keys(&text) {
            std::borrow::Cow::Borrowed(_) => text,
            std::borrow::Cow::Owned(blanked) => blanked,
        };
        self.files.push(Source { name: super::visible(name).into_owned(), text, lines: OnceLock::new() });
        id
    }

    /// Keeps a text that may not be UTF-8: each octet that belongs to no character is kept as `?`, so that offsets stay.
    pub fn add_octets(&mut self, name: &str, octets: Vec<u8>) -> FileId {
        let text = String::from_utf8(octets).unwrap_or_else(|error| {
            let chunks = error.as_bytes().utf8_chunks();
            chunks.fold(String::with_capacity(error.as_bytes().len()), |mut text, chunk| {
                text.push_str(chunk.valid());
                text.extend(chunk.invalid().iter().map(|_| '?'));
                text
            })
        });
        self.add(name, text)
    }

    /// The text that was added first.
    #[must_use]
    pub fn first(&self) -> FileId {
        FileId::FIRST
    }

    /// Makes `span` unreadable: every character but the line breaks becomes `*`, offsets stay. For what turned out to be a secret.
    pub fn redact(&mut self, span: Span) {
        if let Some(file) = self.files.get_mut(span.file.0 as usize) {
            file.text = secret::blank(&file.text, span.range());
        }
    }

    /// The same for many places of one text, in order.
    pub fn redact_all(&mut self, file: FileId, places: impl IntoIterator<Item = Range<usize>>) {
        let Some(source) = self.files.get_mut(file.0 as usize) else { return };
        let mut text = String::with_capacity(source.text.len());
        for place in places {
            let (start, end) = (floor(&source.text, place.start), floor(&source.text, place.end));
            text.push_str(source.text.get(text.len()..start).unwrap_or_default());
            let from = text.len();
            let secret = source.text.get(from..end).unwrap_or_default();
            text.push_str(&secret::blank(secret, 0..secret.len()));
        }
        text.push_str(source.text.get(text.len()..).unwrap_or_default());
        source.text = text;
    }

    /// The name that messages show.
    #[must_use]
    pub fn name(&self, file: FileId) -> &str {
        self.files.get(file.0 as usize).map_or("?", |f| &f.name)
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self, file: FileId) -> &str {
        self.files.get(file.0 as usize).map_or("", |f| &f.text)
    }

    /// Its octets.
    #[must_use]
    pub fn octets(&self, file: FileId) -> &[u8] {
        self.text(file).as_bytes()
    }

    /// The octets that `span` covers, or nothing if it lies outside the text.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text(span.file).get(span.range()).unwrap_or("")
    }

    /// Line and column of an octet, both from 1; the column counts characters.
    #[must_use]
    pub fn line_column(&self, file: FileId, at: u32) -> (usize, usize) {
        let Some(source) = self.files.get(file.0 as usize) else { return (1, 1) };
        let at = floor(&source.text, at as usize);
        let line = source.lines().partition_point(|start| *start <= at);
        let start = source.lines().get(line.saturating_sub(1)).copied().unwrap_or(0);
        (line, source.text.get(start..at).unwrap_or("").chars().count() + 1)
    }

    /// Where a line stands, numbered from 1, without its line break.
    pub(super) fn line(&self, file: FileId, number: usize) -> Option<Range<usize>> {
        let source = self.files.get(file.0 as usize)?;
        let start = source.lines().get(number.checked_sub(1)?).copied()?;
        let end = source.lines().get(number).map_or(source.text.len(), |next| next - 1);
        let carriage_return = source.text.get(start..end).is_some_and(|line| line.ends_with('\r'));
        Some(start..if carriage_return { end - 1 } else { end })
    }
}

/// The boundary between characters at or before `at`.
pub(super) fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_survive_a_cut_inside_one() {
        let mut sources = Sources::default();
        let file = sources.add("site.toml", "a = 1\n名 = \"値\"\n".into());
        assert_eq!(sources.line_column(file, 0), (1, 1));
        assert_eq!(sources.line_column(file, 6), (2, 1));
        assert_eq!(sources.line_column(file, 9), (2, 2));
        assert_eq!(sources.line_column(file, 8), (2, 1), "inside 名");
        assert_eq!(sources.line_column(file, 999), (3, 1));
    }

    #[test]
    fn lines_are_without_their_breaks() {
        let mut sources = Sources::default();
        let file = sources.add("site.toml", "ab\r\n\nc".into());
        let lines: Vec<_> = (0..5).map(|n| sources.line(file, n)).collect();
        assert_eq!(lines, [None, Some(0..2), Some(4..4), Some(5..6), None]);
        let empty = sources.add("empty", String::new());
        assert_eq!(sources.line(empty, 1), Some(0..0));
    }

    #[test]
    fn a_private_key_is_not_kept_and_any_place_can_be_made_unreadable() {
        let mut sources = Sources::default();
        let pem = "key = '''\n-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----\n'''\n";
        let file = sources.add("site.toml", pem.into());
        assert_eq!(sources.text(file), pem.replace("secret", "******"));
        let file = sources.add("key.txt", "k = 鍵x\ny".into());
        sources.redact(Span::new(file, 4..10));
        assert_eq!(sources.text(file), "k = ****\n*");
        sources.redact(Span::new(file, 7..99));
        assert_eq!(sources.text(file).len(), 10);
        let file = sources.add("a.zone", "ab鍵cd\nefg".into());
        // Over a line break, over each other, and behind the end.
        sources.redact_all(file, [1..5, 3..8, 9..99]);
        assert_eq!(sources.text(file), "a******\ne**");
    }

    #[test]
    fn octets_that_are_no_characters_keep_their_places() {
        let mut sources = Sources::default();
        // あ in Shift_JIS, then in UTF-8.
        let file = sources.add_octets("now.txt", b"\x82\xa0 \xe3\x81\x82 a".to_vec());
        assert_eq!(sources.text(file), "?? あ a");
    }

    #[test]
    fn a_name_with_an_escape_sequence_is_shown_as_text() {
        let mut sources = Sources::default();
        let file = sources.add("\u{1b}[31msite.toml", String::new());
        assert!(!sources.name(file).contains('\u{1b}'));
    }
}
