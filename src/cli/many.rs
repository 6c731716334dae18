//! What commands for many sites share: which they are, and working on several at once.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::pins;
use crate::report::Text;
use crate::say;

use super::disk;
use super::places::shown;

/// Sites that are built before their results are written; it bounds the memory of a run over thousands.
pub(super) const CHUNK: usize = 64;

/// The sites that are named, else the one of this folder. `*.toml` names pins too; those beside their site are read with it and are none.
pub(super) fn sites(named: &[PathBuf], command: &str) -> Result<Vec<PathBuf>, Text> {
    if !named.is_empty() {
        // By the names as they are shown, which may not be UTF-8.
        let shown = |path: &Path| path.to_string_lossy().into_owned();
        let pins: HashSet<String> =
            named.iter().map(|site| shown(&site.with_file_name(pins::file_name(&shown(site))))).collect();
        return Ok(named.iter().filter(|path| !pins.contains(&shown(path))).cloned().collect());
    }
    let site = PathBuf::from("site.toml");
    match std::fs::symlink_metadata(&site) {
        Err(error) if error.kind() == ErrorKind::NotFound => Err(say!(
            en: "error: there is no site.toml in this folder; name a file, e.g. zoneplan {command} path/to/site.toml",
            ja: "エラー: このフォルダに site.toml がありません。ファイルを指定してください（例: zoneplan {command} path/to/site.toml）"
        )),
        _ => Ok(vec![site]),
    }
}

pub(super) fn make_folder(path: &Path) -> Result<(), Text> {
    std::fs::create_dir_all(path).map_err(|e| {
        let (shown, why) = (shown(path), disk::reason(&e));
        if e.kind() == std::io::ErrorKind::AlreadyExists {
            return say!(en: "error: {shown} is a file, not a folder to write into", ja: "エラー: {shown} はファイルで、書き込むフォルダではありません");
        }
        say!(en: "error: the folder {shown} can't be made: {why}", ja: "エラー: フォルダ {shown} を作れません: {why}"; why = why)
    })
}

/// Works on sites side by side; the results come in the order of the paths.
pub(super) fn side_by_side<T: Send>(paths: &[PathBuf], work: impl Fn(&Path) -> T + Sync) -> Vec<T> {
    side_by_side_with(std::thread::available_parallelism().map_or(1, usize::from), paths, work)
}

/// The same with so many at once.
pub(super) fn side_by_side_with<T: Send>(
    workers: usize,
    paths: &[PathBuf],
    work: impl Fn(&Path) -> T + Sync,
) -> Vec<T> {
    if let [only] = paths {
        return vec![work(only)];
    }
    let next = AtomicUsize::new(0);
    let slots: Vec<Mutex<Option<T>>> = paths.iter().map(|_| Mutex::new(None)).collect();
    std::thread::scope(|scope| {
        for _ in 0..workers.min(paths.len()) {
            scope.spawn(|| {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    let (Some(path), Some(slot)) = (paths.get(i), slots.get(i)) else { break };
                    let done = work(path);
                    *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
                }
            });
        }
    });
    slots.into_iter().filter_map(|s| s.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    use super::*;

    #[test]
    fn pins_beside_a_site_are_none_whatever_their_name_is() {
        let named: Vec<PathBuf> = [b"a.toml".as_slice(), b"a.pins.toml", b"\xff.toml", b"\xff.pins.toml"]
            .iter()
            .map(|name| Path::new("sites").join(OsStr::from_bytes(name)))
            .collect();
        assert_eq!(sites(&named, "status").ok(), Some(vec![named[0].clone(), named[2].clone()]));
    }
}
