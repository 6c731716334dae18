//! `zoneplan status`.

use std::io::IsTerminal as _;
use std::path::Path;

use jiff::civil::Date;

use crate::build::{Overrides, build};
use crate::catalogue::Catalogue;
use crate::pins::{PinsFile, file_name};
use crate::render::status as show;
use crate::report::markdown::Page;
use crate::report::{Counts, Finding, Lang, Sources, Text};
use crate::say;
use crate::site::Files as _;
use crate::status::{Broken, Overview, Row, Status, status};

use super::args::{MessageFormat, StatusArgs};
use super::disk::Disk;
use super::many::{CHUNK, side_by_side, sites};
use super::one_site::write;
use super::output::To;
use super::places::{Places, Target, Wanted, shown};
use super::summary::Telling;
use super::{Exit, output, spf};

/// Columns of a table that nobody's terminal shows.
const WIDTH: usize = 120;

pub(super) fn run(args: &StatusArgs, lang: Lang, asked: Option<Lang>) -> Exit {
    match begin(args, lang, asked) {
        Ok(exit) => exit,
        Err(text) => {
            output::stderr(&format!("{}\n", text.get(lang)));
            Exit::NotDone
        }
    }
}

fn begin(args: &StatusArgs, lang: Lang, asked: Option<Lang>) -> Result<Exit, Text> {
    let today =
        spf::today(args.today.as_deref()).map_err(|why| say!(en: "error: {why}", ja: "エラー: {why}"; why = why))?;
    let Some(format) = show::format(&args.format) else { return Ok(Exit::NotDone) };
    let disk = Disk::default();
    let sites = sites(&args.sites, "status")?;
    let wanted = Wanted { output: args.output.as_deref(), report: None, several: false };
    let places = Places::of(wanted, &sites, &disk)?;
    let Some(catalogue) = super::catalogue::catalogue(lang) else { return Ok(Exit::NotDone) };
    let telling = Telling { lang, format: args.message_format, verbose: false, strict: args.strict };
    let (mut rows, mut counts) = (Vec::new(), Counts::default());
    let mut page = Page::default();
    for chunk in sites.chunks(CHUNK) {
        let done = side_by_side(chunk, |path| one(path, &disk, &catalogue, today));
        for (path, (row, findings, sources)) in chunk.iter().zip(done) {
            counts.add(match &row.outcome {
                Ok(status) => status.counts,
                Err(broken) => broken.counts,
            });
            if !findings.is_empty() {
                output::stderr(&telling.render(&mut page, path, &findings, &sources, To::Stderr));
            }
            rows.push(row);
        }
    }
    let overview = Overview::new(today, rows);
    // One page has one language: that which is asked for, else that of the first site that says one.
    let site_lang = overview.sites().find_map(|status| status.lang);
    let text = (format.write)(&overview, asked.or(site_lang).unwrap_or_default(), width(&places.target));
    match &places.target {
        Target::Stdout => {
            if write(&text, lang) != Exit::Fine {
                return Ok(Exit::NotDone);
            }
        }
        Target::File(path) => written(&places, path, &text)?,
        Target::Folder(folder) => {
            let ending = if format.name == "table" { "txt" } else { format.name };
            super::many::make_folder(folder)?;
            written(&places, &folder.join(format!("status.{ending}")), &text)?;
        }
    }
    let (n, broken, due) = (overview.rows.len(), overview.broken(), overview.due());
    let (errors, copies) = (counts.errors, overview.copies());
    let text = say!(
        en: "Sites: {n}, broken: {broken}, errors: {errors}, copies: {copies}, with something due: {due}.",
        ja: "サイト {n} 件 ／ 使えないもの {broken} 件 ／ エラー {errors} 件 ／ 写し {copies} 件 ／ 期日が来たもの {due} 件"
    );
    match telling.format {
        MessageFormat::Human => output::stderr(&format!("{}\n", text.get(lang))),
        MessageFormat::Markdown => {
            page.line(text.get(lang));
            telling.end(&page, counts, None, To::Stderr);
        }
        MessageFormat::Short | MessageFormat::Json => {}
    }
    Ok(match broken {
        _ if broken == n => Exit::NotDone,
        _ if broken > 0 || counts.fail(args.strict) || overview.sites().any(Status::has_permerror) => Exit::Findings,
        _ if args.exit_code && due > 0 => Exit::Differs,
        _ => Exit::Fine,
    })
}

fn written(places: &Places<'_>, path: &Path, text: &str) -> Result<(), Text> {
    places.write(path, text).map_err(|why| {
        let shown = shown(path);
        say!(en: "error: {shown} was not written: {why}", ja: "エラー: {shown} に書けませんでした: {why}"; why = why)
    })
}

/// Where one site stands, and what is to be told of it: why it is broken, or that its pins can't be used. What else is wrong with it is
/// counted; `build` says it.
fn one(path: &Path, disk: &Disk, catalogue: &Catalogue, today: Date) -> (Row, Vec<Finding>, Sources) {
    let file = path.to_string_lossy().into_owned();
    let overrides = Overrides { with_pins: true, ..Overrides::default() };
    let run = build(&file, disk, catalogue, &overrides, |built| status(built, &file, today));
    let mut findings = run.findings;
    let outcome = run.product.ok_or_else(|| Broken::of(&findings));
    if outcome.is_ok() {
        let pins = disk.beside(&file, &file_name(&file));
        findings.retain(|finding| PinsFile::is_meant(&pins, finding, &run.sources));
    }
    (Row { file, outcome }, findings, run.sources)
}

/// Columns for a table: those of the terminal, where one shows it and says so.
fn width(target: &Target) -> usize {
    let told = std::env::var("COLUMNS").ok().filter(|_| *target == Target::Stdout && std::io::stdout().is_terminal());
    told.and_then(|columns| columns.parse().ok()).unwrap_or(WIDTH)
}
