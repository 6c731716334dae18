//! `zoneplan schema`.

use std::path::Path;

use crate::report::{Lang, Text};
use crate::say;
use crate::schema::{Kind, text};

use super::args::{SchemaArgs, SchemaKind};
use super::disk::{self, Care};
use super::one_site::write;
use super::places::shown;
use super::{Exit, output};

pub(super) fn run(args: &SchemaArgs, lang: Lang, asked: Option<Lang>) -> Exit {
    let Some(catalogue) = super::catalogue::catalogue(lang) else { return Exit::NotDone };
    let kind = match args.kind {
        SchemaKind::Site => Kind::Site,
        SchemaKind::Sender => Kind::Sender,
        SchemaKind::Registrar => Kind::Registrar,
    };
    let text = text(kind, &catalogue, asked.unwrap_or_default());
    match args.output.as_deref().filter(|path| path.as_os_str() != "-") {
        None => write(&text, lang),
        Some(path) => match write_to(path, &text) {
            Ok(()) => Exit::Fine,
            Err(message) => {
                output::stderr(&format!("{}\n", message.get(lang)));
                Exit::NotDone
            }
        },
    }
}

fn write_to(path: &Path, text: &str) -> Result<(), Text> {
    let shown = shown(path);
    // `schema site -o site.toml` is soon typed, and the site would be gone.
    if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("toml")) {
        return Err(say!(
            en: "error: -o: a schema is JSON, and {shown} is the name of a TOML file; write e.g. -o site.schema.json",
            ja: "エラー: -o: スキーマは JSON です。{shown} は TOML のファイル名なので、site.schema.json などの名前にしてください"
        ));
    }
    disk::write(path, text, Care::Plain).map_err(|e| {
        let why = disk::reason(&e);
        say!(en: "error: {shown} was not written: {why}", ja: "エラー: {shown} に書けませんでした: {why}"; why = why)
    })
}
