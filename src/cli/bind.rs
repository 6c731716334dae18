//! BIND's own judge of zone files, for who has it installed and asks for it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A `named-checkzone` that was found.
#[derive(Debug)]
pub(super) struct Checker {
    program: PathBuf,
}

impl Checker {
    /// Looks in `PATH`, and where Debian keeps it for root.
    pub(super) fn find() -> Option<Self> {
        let paths = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::env::split_paths(&paths).chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from));
        let program = folders.map(|f| f.join("named-checkzone")).find(|p| p.is_file())?;
        Some(Self { program })
    }

    /// Loads a whole zone; `Err` is what BIND says.
    pub(super) fn load(&self, origin: &str, zone: &str) -> Result<(), String> {
        let mut file = tempfile::NamedTempFile::new().map_err(|e| e.to_string())?;
        file.write_all(zone.as_bytes()).map_err(|e| e.to_string())?;
        let path: &Path = file.path();
        let done = Command::new(&self.program)
            // A warning is an error here: what is emitted loads without one. Targets outside the zone are not looked up (`-i local`).
            .args(["-i", "local", "-k", "fail", "-m", "fail", "-M", "fail", "-S", "fail", "-n", "fail"])
            .arg(origin)
            .arg(path)
            .stdin(Stdio::null())
            .output()
            .map_err(|e| e.to_string())?;
        if done.status.success() {
            return Ok(());
        }
        let says = String::from_utf8_lossy(&done.stdout).replace(&*path.to_string_lossy(), "zone");
        Err(says)
    }
}
