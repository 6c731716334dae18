//! The catalogue that commands go by: the templates in the binary, and in front of them those in the user's configuration folder.

use std::path::PathBuf;

use etcetera::BaseStrategy as _;

use crate::catalogue::Catalogue;
use crate::own_templates;
use crate::report::{Finding, Lang, Severity, Sources};

use super::disk::Disk;
use super::output;

/// The user's own templates: `zoneplan/providers` in the configuration folder (`~/.config`, or what `XDG_CONFIG_HOME` says).
pub(super) fn own_folder() -> Option<PathBuf> {
    Some(etcetera::choose_base_strategy().ok()?.config_dir().join("zoneplan").join("providers"))
}

/// The catalogue. Which template stands in front of which is said on standard error; so is what is wrong with the user's own, and
/// then there is none.
pub(super) fn catalogue(lang: Lang) -> Option<Catalogue> {
    let (mut findings, mut sources) = (Vec::new(), Sources::default());
    let catalogue = read(&mut sources, &mut findings);
    if !findings.is_empty() {
        output::stderr(&output::human(&findings, &sources, lang, false, output::To::Stderr));
    }
    (!findings.iter().any(|f| f.severity == Severity::Error)).then_some(catalogue)
}

/// The catalogue with those of the user's own templates that are sound, and nothing said of the others: for the command that checks them.
pub(super) fn sound() -> Catalogue {
    read(&mut Sources::default(), &mut Vec::new())
}

fn read(sources: &mut Sources, findings: &mut Vec<Finding>) -> Catalogue {
    let catalogue = Catalogue::embedded();
    let Some(folder) = own_folder().filter(|f| f.is_dir()) else { return catalogue };
    let own = own_templates::read(&folder.to_string_lossy(), None, &Disk::default(), findings);
    catalogue.with_own(own, sources, findings)
}
