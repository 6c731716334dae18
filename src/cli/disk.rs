//! Files on disk: read with a bound, written whole or not at all.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::report::Text;
use crate::say;
use crate::site::{FileError, Files};

/// The real files.
#[derive(Clone, Copy, Debug)]
pub(super) struct Disk;

impl Files for Disk {
    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, FileError> {
        // Asked before it is opened: opening a pipe would wait for its writer.
        let about = fs::metadata(path).map_err(|e| error(&e))?;
        if about.is_dir() {
            return Err(FileError::Directory);
        }
        if !about.is_file() {
            return Err(FileError::NotAFile);
        }
        if about.len() > limit {
            return Err(FileError::TooLarge(limit));
        }
        let mut octets = Vec::new();
        // The file may grow between the two calls; the bound holds all the same.
        File::open(path).and_then(|f| f.take(limit + 1).read_to_end(&mut octets)).map_err(|e| error(&e))?;
        if octets.len() as u64 > limit {
            return Err(FileError::TooLarge(limit));
        }
        Ok(octets)
    }

    fn beside(&self, from: &str, name: &str) -> String {
        let folder = Path::new(from).parent().unwrap_or(Path::new(""));
        folder.join(name).to_string_lossy().into_owned()
    }

    fn canonical(&self, path: &str) -> String {
        fs::canonicalize(path).map_or_else(|_| path.to_owned(), |p| p.to_string_lossy().into_owned())
    }
}

fn error(error: &io::Error) -> FileError {
    match error.kind() {
        io::ErrorKind::NotFound => FileError::NotFound,
        io::ErrorKind::IsADirectory => FileError::Directory,
        _ => FileError::Other(error.to_string()),
    }
}

/// Why the system did not write, without the name of the temporary file.
pub(super) fn reason(error: &io::Error) -> Text {
    match error.kind() {
        io::ErrorKind::NotFound => say!(en: "there is no such folder", ja: "フォルダがありません"),
        io::ErrorKind::PermissionDenied => say!(en: "no permission to write there", ja: "書き込む権限がありません"),
        io::ErrorKind::StorageFull => say!(en: "the disk is full", ja: "ディスクがいっぱいです"),
        io::ErrorKind::ReadOnlyFilesystem => say!(en: "the disk is read-only", ja: "読み取り専用の場所です"),
        io::ErrorKind::IsADirectory => say!(en: "there is a folder of that name", ja: "同じ名前のフォルダがあります"),
        io::ErrorKind::NotADirectory => say!(en: "its folder is a file", ja: "フォルダであるべきものがファイルです"),
        kind => Text::same(kind.to_string()),
    }
}

/// Writes a file so that a reader sees the old one or the new one, never a part.
///
/// # Errors
/// What the system says.
pub(super) fn write(path: &Path, text: &str) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    let mut file = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As any new file: the umask takes away what it takes away.
        file.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = file.prefix(".zoneplan-").tempfile_in(&folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|e| e.error)?;
    Ok(())
}
