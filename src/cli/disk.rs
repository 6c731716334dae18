//! Files on disk: read with a bound, written whole or not at all.

use std::collections::BTreeSet;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::report::Text;
use crate::say;
use crate::site::{FileError, Files};

/// The real files.
#[derive(Debug, Default)]
pub(super) struct Disk {
    /// What was read: it is not to be written over.
    read: Mutex<BTreeSet<PathBuf>>,
}

impl Disk {
    /// Whether the file of this [`identity`] was read.
    pub(super) fn has_read(&self, identity: &Path) -> bool {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).contains(identity)
    }
}

impl Files for Disk {
    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, FileError> {
        // Asked before it is opened: opening a pipe would wait for its writer.
        let about = fs::metadata(path).map_err(|e| match error(&e) {
            // What stands in place of octets that are no UTF-8: it names no file.
            FileError::NotFound if path.contains(char::REPLACEMENT_CHARACTER) => FileError::NameNotUtf8,
            other => other,
        })?;
        if about.is_dir() {
            return Err(FileError::Directory);
        }
        if !about.is_file() {
            return Err(FileError::NotAFile);
        }
        if about.len() > limit {
            return Err(FileError::TooLarge(limit));
        }
        if let Some(identity) = identity(Path::new(path)) {
            self.read.lock().unwrap_or_else(PoisonError::into_inner).insert(identity);
        }
        let mut octets = Vec::new();
        // The file may grow between the two calls; the bound holds all the same.
        File::open(path).and_then(|f| f.take(limit + 1).read_to_end(&mut octets)).map_err(|e| error(&e))?;
        if octets.len() as u64 > limit {
            return Err(FileError::TooLarge(limit));
        }
        Ok(octets)
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, FileError> {
        let mut names = Vec::new();
        for entry in fs::read_dir(folder).map_err(|e| error(&e))? {
            let entry = entry.map_err(|e| error(&e))?;
            // What a link points at counts; a name that is not UTF-8 is no template's.
            let is_file = fs::metadata(entry.path()).is_ok_and(|about| about.is_file());
            names.extend(entry.file_name().into_string().ok().filter(|_| is_file));
        }
        names.sort();
        Ok(names)
    }

    fn beside(&self, from: &str, name: &str) -> String {
        let folder = Path::new(from).parent().unwrap_or(Path::new(""));
        folder.join(name).to_string_lossy().into_owned()
    }

    fn canonical(&self, path: &str) -> String {
        fs::canonicalize(path).map_or_else(|_| path.to_owned(), |p| p.to_string_lossy().into_owned())
    }

    fn is_below(&self, path: &str, folder: &str) -> bool {
        match (fs::canonicalize(path), fs::canonicalize(folder)) {
            (Ok(path), Ok(folder)) => path.starts_with(folder),
            (path, _) => path.is_err(),
        }
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
        io::ErrorKind::InvalidFilename | io::ErrorKind::InvalidInput => {
            say!(en: "that can't be the name of a file", ja: "ファイルの名前にできません")
        }
        kind => Text::same(kind.to_string()),
    }
}

/// Whether what is replaced is safe from a crash of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Care {
    /// The new text is on the disk before it takes the old one's place.
    Synced,
    /// Left to the file system.
    Plain,
}

/// Writes a file so that a reader sees the old one or the new one, never a part; on an error the old one is as it was. An existing file
/// keeps its mode, a link is followed, and what is no regular file (a pipe, a device) is written to, never replaced.
///
/// # Errors
/// What the system says.
pub(super) fn write(path: &Path, text: impl AsRef<[u8]>, care: Care) -> io::Result<()> {
    let text = text.as_ref();
    if path.as_os_str().is_empty() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let old = match fs::metadata(path) {
        Ok(about) if about.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        Ok(about) if !about.is_file() => return write_through(path, text),
        Ok(about) => Some(about),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    match follow(path) {
        Some(target) => replace(&target, old.as_ref(), text, care),
        None => write_through(path, text),
    }
}

/// What became of a file that was to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Created {
    /// It is there now.
    New,
    /// It was there already, with the same text.
    Same,
    /// Something else of that name was there, and still is.
    Other,
}

/// Makes a file, whole or not at all; what is there is never replaced.
///
/// # Errors
/// What the system says.
pub(super) fn create(path: &Path, text: &str) -> io::Result<Created> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".zoneplan-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As any new file: the umask takes away what it takes away.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder_of(path))?;
    file.write_all(text.as_bytes())?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(Created::New),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
            let limit = text.len() as u64;
            let same = fs::metadata(path).is_ok_and(|about| about.is_file() && about.len() == limit)
                && fs::read(path)? == text.as_bytes();
            Ok(if same { Created::Same } else { Created::Other })
        }
        Err(error) => Err(error.error),
    }
}

/// Writes to a pipe or device. A pipe that nobody reads yet is waited for, as the shell's `>` does; a reader that has gone is no error.
fn write_through(path: &Path, text: &[u8]) -> io::Result<()> {
    // To append does nothing to a pipe, and keeps what `zoneplan build -o /dev/stdout >> log` already has in its log.
    match OpenOptions::new().append(true).open(path).and_then(|mut f| f.write_all(text)) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

fn replace(target: &Path, old: Option<&Metadata>, text: &[u8], care: Care) -> io::Result<()> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".zoneplan-");
    if old.is_some() {
        // A rename asks the folder only; a file that may not be written is not to be replaced either.
        OpenOptions::new().write(true).open(target)?;
    } else {
        as_new(&mut builder);
    }
    let mut file = builder.tempfile_in(folder_of(target))?;
    file.write_all(text)?;
    if let Some(old) = old {
        keep(file.as_file(), old)?;
        // Without it some file systems do the rename before the text is there, and a crash leaves an empty file in place of the old one.
        // Where there was none, nothing can be lost.
        if care == Care::Synced {
            file.as_file().sync_all()?;
        }
    }
    file.persist(target).map_err(|e| e.error)?;
    Ok(())
}

/// Writes new files, all of them or none: none of them may be there yet. A folder that is not there is made, one level deep. What was made is
/// taken away again if something fails.
///
/// # Errors
/// Which file, and what the system says.
pub(super) fn create_all(files: &[(PathBuf, &str)]) -> Result<(), (PathBuf, io::Error)> {
    let mut made = Made::default();
    let mut ready = Vec::new();
    let done = (|| {
        for (path, text) in files {
            let failed = |error| (path.clone(), error);
            let folder = folder_of(path);
            if !folder.is_dir() {
                if fs::symlink_metadata(folder).is_ok() {
                    return Err(failed(io::ErrorKind::NotADirectory.into()));
                }
                fs::create_dir(folder).map_err(failed)?;
                made.folders.push(folder.to_owned());
            }
            let mut builder = tempfile::Builder::new();
            builder.prefix(".zoneplan-");
            as_new(&mut builder);
            let mut file = builder.tempfile_in(folder).map_err(failed)?;
            file.write_all(text.as_bytes()).map_err(failed)?;
            ready.push((path, file));
        }
        // All the room is there; what is left is to give them their names.
        for (path, file) in ready {
            file.persist_noclobber(path).map_err(|e| (path.clone(), e.error))?;
            made.files.push(path.clone());
        }
        Ok(())
    })();
    if done.is_ok() {
        made.files.clear();
        made.folders.clear();
    }
    done
}

/// What was made; it goes when this goes.
#[derive(Default)]
struct Made {
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
}

impl Drop for Made {
    fn drop(&mut self) {
        for file in &self.files {
            let _ = fs::remove_file(file);
        }
        for folder in &self.folders {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Gives a new file the mode that any has: the umask takes away what it takes away.
fn as_new(builder: &mut tempfile::Builder<'_, '_>) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    #[cfg(not(unix))]
    let _ = builder;
}

/// Gives `file` the owner, group and mode of what it replaces, as far as the system allows.
fn keep(file: &File, old: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
        let now = file.metadata()?;
        let mut mode = old.mode() & 0o777;
        if (now.uid(), now.gid()) != (old.uid(), old.gid()) {
            // Only root gives files away; a group may be set by who belongs to it.
            let given = fchown(file, Some(old.uid()), Some(old.gid())).or_else(|_| fchown(file, None, Some(old.gid())));
            if given.is_err() {
                // What one group was allowed is not for another.
                mode &= !0o070;
            }
        }
        file.set_permissions(fs::Permissions::from_mode(mode))
    }
    #[cfg(not(unix))]
    file.set_permissions(old.permissions())
}

/// How many names a file has. To replace it by one of them leaves the others with the old text.
pub(super) fn names(about: &Metadata) -> u64 {
    #[cfg(unix)]
    return std::os::unix::fs::MetadataExt::nlink(about);
    #[cfg(not(unix))]
    {
        let _ = about;
        1
    }
}

/// The folder that a path is in.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Where a link leads in the end, whether that exists or not. Nothing for the links of /proc: they stand for what a process has open.
fn follow(path: &Path) -> Option<PathBuf> {
    let mut at = path.to_owned();
    // As many as the system follows.
    for _ in 0..40 {
        let Ok(to) = fs::read_link(&at) else { break };
        if fs::canonicalize(folder_of(&at)).is_ok_and(|folder| folder.starts_with("/proc")) {
            return None;
        }
        at = folder_of(&at).join(to);
    }
    Some(at)
}

/// A name that is the same for every spelling of a file, whether it exists or not. Nothing for what is no regular file: that may be
/// written to twice.
pub(super) fn identity(path: &Path) -> Option<PathBuf> {
    match fs::metadata(path) {
        Ok(about) if !about.is_file() => None,
        Ok(_) => fs::canonicalize(path).ok(),
        Err(_) => {
            let target = follow(path)?;
            let folder = fs::canonicalize(folder_of(&target)).ok()?;
            Some(folder.join(target.file_name()?))
        }
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_link_is_followed_to_what_exists_and_to_what_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("sub")).unwrap();
        symlink("sub/new", at("first")).unwrap();
        symlink("first", at("second")).unwrap();
        assert_eq!(identity(&at("second")), identity(&at("sub/../sub/new")));
        write(&at("second"), "one", Care::Plain).unwrap();
        assert_eq!(fs::read_to_string(at("sub/new")).unwrap(), "one");
        write(&at("second"), "two", Care::Synced).unwrap();
        assert_eq!(fs::read_to_string(at("sub/new")).unwrap(), "two");
        assert!(fs::symlink_metadata(at("second")).unwrap().is_symlink());
        assert_eq!((names(folder.path()).len(), names(&at("sub")).len()), (3, 1));
        symlink("loop", at("loop")).unwrap();
        assert!(write(&at("loop"), "x", Care::Plain).is_err());
        #[cfg(target_os = "linux")]
        assert_eq!(follow(Path::new("/proc/self/exe")), None);
    }

    #[test]
    fn the_mode_stays_and_a_file_that_may_not_be_written_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write(&path, "new", Care::Plain).unwrap();
        for mode in [0o600, 0o640, 0o777] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            write(&path, "other", Care::Plain).unwrap();
            assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, mode);
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        // root may write everything.
        if OpenOptions::new().write(true).open(&path).is_err() {
            assert_eq!(write(&path, "x", Care::Plain).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
            assert_eq!(fs::read_to_string(&path).unwrap(), "other");
        }
        assert_eq!(names(folder.path()), ["a"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_not_utf_8_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| Disk::default().read(&folder.path().join(name).to_string_lossy(), 9);
        assert_eq!(at("a\u{fffd}.toml"), Err(FileError::NameNotUtf8));
        assert_eq!(at("a.toml"), Err(FileError::NotFound));
        // It may be the name of a file all the same.
        fs::write(folder.path().join("a\u{fffd}.toml"), "x").unwrap();
        assert_eq!(at("a\u{fffd}.toml"), Ok(b"x".to_vec()));
    }

    /// A pipe would be waited for, a link leads out of the folder, a file may be too large.
    #[test]
    fn a_zone_includes_only_files_below_its_folder_or_another_that_is_named() {
        use crate::includes::ZoneFolder;
        use crate::report::Sources;
        use crate::zone::master::Includes as _;
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        for name in ["zones/sub", "common"] {
            fs::create_dir_all(at(name)).unwrap();
        }
        for name in ["zones/zone", "zones/inc", "zones/sub/inc", "common/inc"] {
            fs::write(at(name), "a A 192.0.2.1\n").unwrap();
        }
        symlink(at("common/inc"), at("zones/link")).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(at("zones/pipe")).status().unwrap().success());
        let disk = Disk::default();
        let mut sources = Sources::default();
        let zone = sources.add("zone", String::new());
        let mut read = |root: Option<&str>, name: &str, limit: usize| {
            let mut folder = ZoneFolder::new(&at("zones/zone"), zone, root, &disk, &mut sources);
            folder
                .open(name, 0, limit)
                .map(|octets| octets.len())
                .map_err(|why| why.en.chars().take(13).collect::<String>())
        };
        for (name, wanted) in [
            ("inc", Ok(14)),
            ("sub/../sub/inc", Ok(14)),
            ("../common/inc", Err("only files be")),
            ("link", Err("only files be")),
            ("/etc/passwd", Err("only files be")),
            ("pipe", Err("it is not a r")),
            ("sub", Err("it is a folde")),
            ("none", Err("there is no s")),
            ("zone", Err("this file inc")),
            ("sub/../zone", Err("this file inc")),
        ] {
            assert_eq!(read(None, name, 99), wanted.map_err(str::to_owned), "{name}");
        }
        let common = at("common");
        assert_eq!(read(Some(&common), "../common/inc", 99), Ok(14));
        assert_eq!(read(Some(&common), "link", 99), Ok(14));
        assert_eq!(read(None, "inc", 13), Err("it is larger ".to_owned()));
    }

    #[test]
    fn what_is_made_never_replaces_anything() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        assert_eq!(create(&path, "one").unwrap(), Created::New);
        assert_eq!(create(&path, "one").unwrap(), Created::Same);
        assert_eq!(create(&path, "two").unwrap(), Created::Other);
        symlink("nowhere", folder.path().join("link")).unwrap();
        assert_eq!(create(&folder.path().join("link"), "one").unwrap(), Created::Other);
        fs::create_dir(folder.path().join("d")).unwrap();
        assert_eq!(create(&folder.path().join("d"), "one").unwrap(), Created::Other);
        assert!(create(&folder.path().join("no/file"), "one").is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
        assert_eq!(names(folder.path()), ["a", "d", "link"]);
    }

    #[test]
    fn new_files_come_all_or_none_and_replace_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        create_all(&[(at("keys/a.txt"), "key"), (at("site.toml"), "site")]).unwrap();
        assert_eq!(fs::read_to_string(at("keys/a.txt")).unwrap(), "key");
        // The second exists: the first goes again, and with it nothing that was there before.
        let failed = create_all(&[(at("keys/b.txt"), "key"), (at("site.toml"), "other")]).unwrap_err();
        assert_eq!((failed.0, failed.1.kind()), (at("site.toml"), io::ErrorKind::AlreadyExists));
        assert_eq!(fs::read_to_string(at("site.toml")).unwrap(), "site");
        assert_eq!(names(&at("keys")), ["a.txt"]);
        // A link to nowhere is there too.
        symlink("nowhere", at("link")).unwrap();
        assert!(create_all(&[(at("new/b.txt"), "key"), (at("link"), "x")]).is_err());
        assert!(create_all(&[(at("new/deep/b.txt"), "key")]).is_err());
        let failed = create_all(&[(at("site.toml/b.txt"), "key")]).unwrap_err();
        assert_eq!(failed.1.kind(), io::ErrorKind::NotADirectory);
        assert_eq!(names(folder.path()), ["keys", "link", "site.toml"]);
    }

    #[test]
    fn what_fails_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("d")).unwrap();
        assert!(write(&folder.path().join("d"), "x", Care::Plain).is_err());
        assert!(write(&folder.path().join("no/file"), "x", Care::Plain).is_err());
        assert!(write(Path::new(""), "x", Care::Plain).is_err());
        assert!(write(&folder.path().join("n".repeat(300)), "x", Care::Plain).is_err());
        assert_eq!(names(folder.path()), ["d"]);
    }
}
