//! The texts that findings point into, and where in them.

use std::ops::Range;

/// Which text: an index into [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

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
}

/// The texts of one site: site.toml, what it extends, key files.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Keeps `text` under the name that messages show. Control characters of the name are made visible.
    pub fn add(&mut self, name: &str, text: String) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(Source { name: super::visible(name).into_owned(), text });
        id
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

    /// The octets that `span` covers, or nothing if it lies outside the text.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text(span.file).get(span.range()).unwrap_or("")
    }

    /// Line and column of an octet, both from 1; the column counts characters.
    #[must_use]
    pub fn line_column(&self, file: FileId, at: u32) -> (usize, usize) {
        let text = self.text(file);
        let mut at = (at as usize).min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let before = text.get(..at).unwrap_or("");
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
        let column = before.get(line_start..).unwrap_or("").chars().count() + 1;
        (line, column)
    }
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
    fn a_name_with_an_escape_sequence_is_shown_as_text() {
        let mut sources = Sources::default();
        let file = sources.add("\u{1b}[31msite.toml", String::new());
        assert!(!sources.name(file).contains('\u{1b}'));
    }
}
