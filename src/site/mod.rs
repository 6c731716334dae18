//! site.toml: what one domain uses. Turns the file into the model, with the place of everything; knows no registrars and no RRsets.

pub mod draft;
mod encoding;
mod files;
mod model;
mod names;
pub(crate) mod rewrite;
mod v1;
mod way;

pub use encoding::decode;
pub(crate) use encoding::is_shift_jis;
pub use files::{
    Changed, FileError, Files, InMemory, LIMIT_KEY_FILE, LIMIT_SITE_FILE, LIMIT_ZONE_FILE, read_text, text_of,
};
pub use model::*;
pub use names::{NameProblem, domain, owner};
pub(crate) use v1::{record_value, words};
pub(crate) use way::WORDS as WAYS;
pub use way::WayKind;

use crate::report::{Finding, Sources};

/// What reading a site.toml gave.
#[derive(Debug)]
pub struct Loaded {
    /// The model, as far as it could be read; absent if the file is no TOML or names no domain. With findings it is only good for finding more.
    pub site: Option<Site>,
    /// The texts that findings point into.
    pub sources: Sources,
    /// What is wrong. Every one of them is of error level.
    pub findings: Vec<Finding>,
}

/// Reads the site.toml at `path`, and through `files` what it names: the file it extends and key files.
#[must_use]
pub fn load(path: &str, files: &dyn Files) -> Loaded {
    let mut sources = Sources::default();
    let mut findings = Vec::new();
    let site = v1::load(path, files, &mut sources, &mut findings);
    Loaded { site, sources, findings }
}
