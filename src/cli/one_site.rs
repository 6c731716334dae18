//! What commands for one site or one company share.

use std::path::Path;

use crate::build::{Overrides, build};
use crate::catalogue::Catalogue;
use crate::catalogue::registrar::Registrar;
use crate::fit::Fitted;
use crate::report::{Lang, excerpt};
use crate::say;
use crate::site::Site;

use super::disk::{self, Disk};
use super::{Exit, output};

/// Builds the site at `path` and hands it to `with`. If it can't be built, standard error says why.
pub(super) fn build_one<R>(
    path: &Path,
    registrar: Option<&String>,
    catalogue: &Catalogue,
    lang: Lang,
    with: impl FnOnce(&Site, &Fitted<'_>) -> R,
) -> Option<R> {
    let overrides = Overrides { registrar: registrar.cloned(), ..Overrides::default() };
    let disk = Disk::default();
    let run = build(&path.to_string_lossy(), &disk, catalogue, &overrides, |built| with(built.site, built.fitted));
    if run.product.is_none() {
        output::stderr(&output::human(&run.findings, &run.sources, lang, false, output::To::Stderr));
    }
    run.product
}

/// The registrar that `--registrar` names; `other` is none. If the catalogue has none of that name, standard error says so.
pub(super) fn registrar<'c>(catalogue: &'c Catalogue, name: &str, lang: Lang) -> Option<Option<&'c Registrar>> {
    if name == "other" {
        return Some(None);
    }
    let found = catalogue.registrar(name);
    if found.is_none() {
        let shown = excerpt(name, 40);
        let mut text = say!(en: "error: --registrar: “{shown}” is not in the catalogue", ja: "エラー: --registrar: 「{shown}」は一覧にありません");
        if let Some(near) = catalogue.registrar_near(name) {
            text = say!(en: "{text}\ndid you mean “{near}”?", ja: "{text}\n「{near}」ではありませんか"; text = text);
        }
        output::stderr(&format!("{}\n", text.get(lang)));
    }
    found.map(Some)
}

/// Writes the product to standard output.
pub(super) fn write(text: &str, lang: Lang) -> Exit {
    match output::stdout(text) {
        Ok(()) => Exit::Fine,
        Err(error) => {
            let why = disk::reason(&error);
            let text = say!(en: "error: standard output: {why}", ja: "エラー: 標準出力に書けません: {why}"; why = why);
            output::stderr(&format!("{}\n", text.get(lang)));
            Exit::NotDone
        }
    }
}
