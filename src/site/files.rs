//! How the core reaches files: through a small trait, so that it can be tested without any and never opens one itself.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::Path;

use crate::report::{Finding, Text, visible};
use crate::say;

/// The largest site.toml that is read, octets. A thousand senders fit.
pub const LIMIT_SITE_FILE: u64 = 4 * 1024 * 1024;
/// The largest key file that is read, octets. An RSA key of 16,384 bits in PEM has under 3,000.
pub const LIMIT_KEY_FILE: u64 = 64 * 1024;
/// The largest zone file that is read, octets. Three million records fit.
pub const LIMIT_ZONE_FILE: u64 = 256 * 1024 * 1024;

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileError {
    /// There is none of that name.
    NotFound,
    /// It is a folder.
    Directory,
    /// It is neither a file nor a folder: a pipe, a device.
    NotAFile,
    /// Its name is not UTF-8.
    NameNotUtf8,
    /// It is larger than is read, octets.
    TooLarge(u64),
    /// Anything else, in the system's words.
    Other(String),
}

impl FileError {
    /// In words.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            FileError::NotFound => say!(en: "there is no such file", ja: "ファイルがありません"),
            FileError::Directory => say!(en: "it is a folder, not a file", ja: "ファイルではなくフォルダです"),
            FileError::NotAFile => say!(en: "it is not a regular file", ja: "通常のファイルではありません"),
            FileError::NameNotUtf8 => {
                say!(en: "there is no such file, or its name is not UTF-8: rename it", ja: "ファイルがないか、ファイル名が UTF-8 ではありません。名前を変えてください")
            }
            FileError::TooLarge(limit) => {
                say!(en: "it is larger than {limit} bytes", ja: "{limit} バイトを超えています")
            }
            FileError::Other(message) => {
                let message = crate::report::excerpt(message, 200);
                say!(en: "it could not be read: {message}", ja: "読めませんでした: {message}")
            }
        }
    }
}

/// Reads files for the core.
pub trait Files: Debug + Sync {
    /// The octets of the file at `path`, at most `limit` of them.
    ///
    /// # Errors
    /// Why it could not be read.
    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, FileError>;

    /// The names of the files in a folder, sorted; no folders among them.
    ///
    /// # Errors
    /// Why it could not be read.
    fn list(&self, folder: &str) -> Result<Vec<String>, FileError> {
        let _ = folder;
        Err(FileError::NotFound)
    }

    /// `name` as seen from the folder of the file `from`.
    fn beside(&self, from: &str, name: &str) -> String;

    /// A form of `path` that is the same for every spelling of it, to see that two are one file.
    fn canonical(&self, path: &str) -> String;

    /// Whether `path` leads into `folder` or a folder in it, wherever links lead. What does not exist leads nowhere: reading it says so.
    fn is_below(&self, path: &str, folder: &str) -> bool {
        Path::new(&self.canonical(path)).starts_with(self.canonical(folder))
    }
}

/// The text of a file.
///
/// # Errors
/// A finding of this `id` that says why it could not be read; or that it is not UTF-8.
pub fn read_text(path: &str, files: &dyn Files, limit: u64, id: &'static str) -> Result<String, Box<Finding>> {
    text_of(path, files.read(path, limit), id)
}

/// The text of what was read at a path.
///
/// # Errors
/// As a finding: of the given id why it could not be read, or that it is not UTF-8.
pub fn text_of(path: &str, read: Result<Vec<u8>, FileError>, id: &'static str) -> Result<String, Box<Finding>> {
    match read {
        Ok(octets) => super::decode(path, octets),
        Err(error) => {
            let (shown, why) = (visible(path), error.text());
            Err(Box::new(Finding::error(id, say!(en: "{shown}: {why}", ja: "{shown}: {why}"; why = why))))
        }
    }
}

/// Files of which some are not as they are, but as they would be.
#[derive(Debug)]
pub struct Changed<'f> {
    files: &'f dyn Files,
    changed: BTreeMap<String, Vec<u8>>,
}

impl<'f> Changed<'f> {
    /// These files, with these texts at these paths.
    #[must_use]
    pub fn new(files: &'f dyn Files, changed: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { files, changed: changed.into_iter().map(|(path, text)| (path, text.into_bytes())).collect() }
    }
}

impl Files for Changed<'_> {
    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, FileError> {
        match self.changed.get(path) {
            Some(octets) if octets.len() as u64 > limit => Err(FileError::TooLarge(limit)),
            Some(octets) => Ok(octets.clone()),
            None => self.files.read(path, limit),
        }
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, FileError> {
        self.files.list(folder)
    }

    fn beside(&self, from: &str, name: &str) -> String {
        self.files.beside(from, name)
    }

    fn canonical(&self, path: &str) -> String {
        self.files.canonical(path)
    }

    fn is_below(&self, path: &str, folder: &str) -> bool {
        self.files.is_below(path, folder)
    }
}

/// Files that are in memory, all in one folder.
#[derive(Clone, Debug, Default)]
pub struct InMemory(BTreeMap<String, Vec<u8>>);

impl InMemory {
    /// A site.toml and nothing else.
    #[must_use]
    pub fn site(text: impl Into<Vec<u8>>) -> Self {
        Self::default().and("site.toml", text)
    }

    /// The same with another file.
    #[must_use]
    pub fn and(mut self, name: &str, octets: impl Into<Vec<u8>>) -> Self {
        self.0.insert(name.to_owned(), octets.into());
        self
    }
}

impl Files for InMemory {
    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, FileError> {
        let octets = self.0.get(path).ok_or(FileError::NotFound)?;
        if octets.len() as u64 > limit {
            return Err(FileError::TooLarge(limit));
        }
        Ok(octets.clone())
    }

    fn beside(&self, _: &str, name: &str) -> String {
        name.to_owned()
    }

    fn canonical(&self, path: &str) -> String {
        path.to_owned()
    }

    fn is_below(&self, path: &str, _: &str) -> bool {
        !path.starts_with('/') && !path.starts_with("..")
    }
}
