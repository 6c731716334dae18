//! `zoneplan import`.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::catalogue::Catalogue;
use crate::import::{Imported, Options, import, import_told};
use crate::init::{Company, choose};
use crate::report::{Finding, Lang, Text};
use crate::say;
use crate::zone::Name;

use super::args::ZoneImportArgs;
use super::current::{Now, domains};
use super::disk::{self, Disk};
use super::many::make_folder;
use super::places::{Places, Wanted, shown};
use super::summary::{Summary, Telling};
use super::{Exit, output};

pub(super) fn run(args: &ZoneImportArgs, lang: Lang, asked: Option<Lang>) -> Exit {
    let fail = |text: &Text| {
        output::stderr(&format!("{}\n", super::error(text, lang)));
        Exit::NotDone
    };
    let Some(catalogue) = super::catalogue::catalogue(lang) else { return Exit::NotDone };
    let (origin, company) = match given(args, &catalogue) {
        Ok(given) => given,
        Err(text) => return fail(&text),
    };
    let several = args.zones.len() > 1;
    let target = args.target.as_deref().filter(|t| t.as_os_str() != "-");
    let folder = target.filter(|t| several || t.is_dir() || t.to_string_lossy().ends_with('/'));
    if several && folder.is_none() {
        return fail(
            &say!(en: "several zones need a folder to write into: -o sites/", ja: "ゾーンが複数のときは、書き込むフォルダが必要です: -o sites/"),
        );
    }
    if several && origin.is_some() {
        return fail(
            &say!(en: "--origin is for one zone; several are told apart by what stands in them", ja: "--origin は、ゾーンが 1 つのときだけ使えます"),
        );
    }
    let disk = Disk::default();
    let begun = Now::of(&args.now, &disk).and_then(|now| match now {
        Some(now) => Ok(Some((now, named(args)?))),
        None => Ok(None),
    });
    let told = match begun {
        Ok(told) => told,
        Err(why) => return fail(&why),
    };
    let wanted = Wanted { output: target, report: args.telling.report.as_deref(), several: folder.is_some() };
    let places = match Places::of(wanted, &args.zones, &disk) {
        Ok(places) => places,
        Err(text) => {
            output::stderr(&format!("{}\n", text.get(lang)));
            return Exit::NotDone;
        }
    };
    if let Some(Err(text)) = folder.map(make_folder) {
        output::stderr(&format!("{}\n", text.get(lang)));
        return Exit::NotDone;
    }
    let mut written: BTreeMap<Option<PathBuf>, &Path> = BTreeMap::new();
    let mut summary = Summary::new(Telling::of(lang, &args.telling), places, several);
    for (number, path) in args.zones.iter().enumerate() {
        let name = path.to_string_lossy();
        let file = target.filter(|_| folder.is_none());
        let options = Options {
            origin: origin.clone(),
            company: company.clone(),
            file: file.map(|f| f.to_string_lossy().into_owned()).filter(|f| f != "site.toml"),
            keys_here: target.is_none(),
            include_root: args.include_root.as_ref().map(|root| root.to_string_lossy().into_owned()),
            lang: asked.unwrap_or_default(),
        };
        let domain = told.as_ref().and_then(|(now, domains)| Some((now, domains.get(number)?)));
        let mut imported = match domain {
            Some((now, domain)) => import_told(domain, now.teller(), &catalogue, &options),
            None => import(&name, &disk, &catalogue, &options),
        };
        let place = match (folder, file) {
            (Some(folder), _) => imported.domain.as_ref().map(|domain| folder.join(plain(domain)).join("site.toml")),
            (None, file) => file.map(Path::to_owned),
        };
        let done = match written.get(&place).filter(|_| several) {
            // A domain in two files would end up as one site; which one is right is not known here.
            Some(first) => {
                let (shown, first, at) = (shown(path), shown(first), place.as_deref().map(shown).unwrap_or_default());
                Err(
                    say!(en: "{shown} is a zone of the same domain as {first}, which went into {at}; nothing was written of it", ja: "{shown} は、{at} に書いた {first} と同じドメインのゾーンのため、何も書いていません"),
                )
            }
            None => write(&imported, place.as_deref()),
        };
        let done = match done {
            Ok(done) => done,
            Err(text) => {
                imported.findings.push(Finding::error("output", text));
                false
            }
        };
        if done {
            written.insert(place, path);
        }
        if done {
            summary.done();
        } else {
            summary.failed();
        }
        summary.tell(path, &imported.findings, &imported.sources);
    }
    summary.finish()
}

/// The domains that are read from servers; what is about files does not go with them.
fn named(args: &ZoneImportArgs) -> Result<Vec<Name>, Text> {
    let of_files = [("--origin", args.origin.is_some()), ("--include-root", args.include_root.is_some())];
    if let Some((option, _)) = of_files.iter().find(|(_, given)| *given) {
        return Err(
            say!(en: "{option} is about files; --live, --resolver, --dns and --server read no file", ja: "{option} はファイルについての指定です。--live・--resolver・--dns・--server とは使えません"),
        );
    }
    domains(&args.zones)
}

/// What the command line says of the zone.
fn given<'c>(args: &ZoneImportArgs, catalogue: &'c Catalogue) -> Result<(Option<Name>, Option<Company<'c>>), Text> {
    let origin = args.origin.as_deref().map(crate::site::domain).transpose();
    let origin = origin.map_err(|why| say!(en: "--origin: {why}", ja: "--origin: {why}"; why = why))?;
    let company = match &args.registrar {
        Some(name) => Some(choose::registrar(catalogue, name)?.map_or(Company::Other, Company::Known)),
        None => None,
    };
    Ok((origin, company))
}

/// The name of a zone's folder.
fn plain(domain: &Name) -> String {
    domain.display_without_dot().to_string().to_lowercase()
}

/// Writes what came of a zone: to a file with its keys beside it, or to standard output. False if there is nothing to write.
fn write(imported: &Imported, place: Option<&Path>) -> Result<bool, Text> {
    let Some(site) = &imported.site else { return Ok(false) };
    let Some(path) = place else {
        return output::stdout(site).map(|()| true).map_err(|e| {
            let why = disk::reason(&e);
            say!(en: "standard output: {why}", ja: "標準出力に書けません: {why}"; why = why)
        });
    };
    let beside = path.parent().unwrap_or(Path::new(""));
    let mut files: Vec<(PathBuf, &str)> = vec![(path.to_owned(), site)];
    files.extend(imported.keys.iter().map(|(name, text)| (beside.join(name), text.as_str())));
    disk::create_all(&files).map(|()| true).map_err(|(path, error)| {
        let at = shown(&path);
        if error.kind() == ErrorKind::AlreadyExists {
            return say!(en: "{at} is there already and is not overwritten; nothing was written", ja: "{at} はすでにあります。上書きはせず、何も書いていません");
        }
        let why = disk::reason(&error);
        say!(en: "{at} was not written: {why}", ja: "{at} に書けませんでした: {why}"; why = why)
    })
}
