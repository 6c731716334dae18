//! `zoneplan providers import`: Domain Connect templates as templates of ours.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::catalogue::domain_connect;
use crate::report::{Finding, Severity, Sources, Text, excerpt};
use crate::say;
use crate::site::read_text;
use crate::toml_reader::Sink;

use super::disk::{self, Created, Disk};
use super::many::make_folder;
use super::places::{Places, Wanted, shown};
use super::summary::{Summary, Telling};
use super::{Exit, output};

/// A template, and the text of it in our form.
struct Imported {
    id: String,
    text: String,
}

/// Reads each of `files`, writes what it is in our form to standard output, or into the folder `out`, and says what is wrong with it.
/// A file that fails does not stop the others.
pub(super) fn run(files: &[PathBuf], out: Option<&Path>, report: Option<&Path>, telling: Telling) -> Exit {
    let several = files.len() > 1;
    let lang = telling.lang;
    let fail = |text: &Text| {
        output::stderr(&format!("{}\n", text.get(lang)));
        Exit::NotDone
    };
    let folder = out.filter(|out| out.as_os_str() != "-");
    if several && folder.is_none() {
        return fail(
            &say!(en: "error: several files need a folder to write into: -o providers/", ja: "エラー: ファイルが複数のときは、書き込むフォルダが必要です: -o providers/"),
        );
    }
    let disk = Disk::default();
    let places = match Places::of(Wanted { output: folder, report, several: folder.is_some() }, files, &disk) {
        Ok(places) => places,
        Err(text) => return fail(&text),
    };
    if let Some(Err(text)) = folder.map(make_folder) {
        return fail(&text);
    }
    let mut summary = Summary::new(telling, places, several);
    let mut written: BTreeMap<String, &Path> = BTreeMap::new();
    for path in files {
        let mut sources = Sources::default();
        let mut findings = Vec::new();
        let done = import(path, &disk, &mut sources, &mut findings).is_some_and(|imported| {
            let place = match folder {
                Some(folder) => place(folder, path, &imported, &mut written),
                None => output::stdout(&imported.text).map_err(|e| {
                    let why = disk::reason(&e);
                    say!(en: "standard output: {why}", ja: "標準出力に書けません: {why}"; why = why)
                }),
            };
            findings.extend(place.err().map(|text| Finding::error("output", text)));
            findings.iter().all(|f| f.id != "output")
        });
        if done {
            summary.done()
        } else {
            summary.failed()
        }
        summary.tell(path, &findings, &sources);
    }
    summary.finish()
}

/// One template in our form; nothing if it breaks the specification so that its records can't be known.
fn import(path: &Path, disk: &Disk, sources: &mut Sources, findings: &mut Vec<Finding>) -> Option<Imported> {
    let name = path.to_string_lossy();
    let read = read_text(&name, disk, domain_connect::LIMIT_FILE, "template-file");
    let text = read.map_err(|finding| findings.push(*finding)).ok()?;
    let sink = Sink::new(sources.add(&name, text.clone()));
    let sender = domain_connect::parse(&text, &sink);
    findings.extend(sink.into_findings());
    let sound = !findings.iter().any(|f| f.severity == Severity::Error);
    let sender = sender.filter(|_| sound)?;
    let text = domain_connect::write(&sender);
    Some(Imported { id: sender.id, text })
}

/// Writes a template into the folder under its id; never over a file that says something else.
fn place<'p>(
    folder: &Path,
    from: &'p Path,
    imported: &Imported,
    written: &mut BTreeMap<String, &'p Path>,
) -> Result<(), Text> {
    let path = folder.join(format!("{}.toml", imported.id));
    let at = shown(&path);
    if let Some(first) = written.insert(imported.id.clone(), from) {
        let (first, id) = (shown(first), excerpt(&imported.id, 130));
        return Err(
            say!(en: "{at} was not written: {first} is the template `{id}` too", ja: "{at} に書けませんでした: {first} も、同じ `{id}` のテンプレートです"),
        );
    }
    match disk::create(&path, &imported.text) {
        Ok(Created::New | Created::Same) => Ok(()),
        Ok(Created::Other) => Err(say!(
            en: "{at} was not written: there is another file of that name; move it away first",
            ja: "{at} に書けませんでした: 内容の違う同じ名前のファイルがあります。先に移してください"
        )),
        Err(error) => {
            let why = disk::reason(&error);
            Err(say!(en: "{at} was not written: {why}", ja: "{at} に書けませんでした: {why}"; why = why))
        }
    }
}
