//! `zoneplan lint`: what is wrong in zone files as they are, and repairs that cannot be wrong.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::catalogue::Catalogue;
use crate::render::zone_text;
use crate::report::markdown::Page;
use crate::report::{Counts, Finding, Lang, Sources, Text, excerpt, json, next_step, visible};
use crate::say;
use crate::site::{FileError, Files as _, LIMIT_ZONE_FILE};
use crate::zone::Name;
use crate::zone_lint::{Done, From, IncludesFrom, Input, Linted, fix, lint, lint_told};

use super::args::{LintArgs, LintFormat, MessageFormat};
use super::current::{Now, domains};
use super::disk::{self, Care, Disk};
use super::many::{CHUNK, side_by_side};
use super::one_site::write;
use super::output::To;
use super::places::{Places, Wanted, shown};
use super::summary::Telling;
use super::{Exit, note, output};

/// Repairs that are listed one by one.
const LISTED: usize = 100;

/// What came of one file.
struct Judged {
    /// What was found; of a file that could not be read, why.
    linted: Linted,
    /// Whether it could be read.
    read: bool,
    /// What was repaired, and the text to be written in place of the one that was read.
    fixed: Option<(Vec<u8>, Vec<u8>, Vec<Done>)>,
    /// The product, where a format is asked for.
    product: Option<String>,
}

pub(super) fn run(args: &LintArgs, lang: Lang) -> Exit {
    let fail = |text: &Text| {
        output::stderr(&format!("{}\n", text.get(lang)));
        Exit::NotDone
    };
    let origin = match args.origin.as_deref().map(|given| (given, Name::parse_absolute(given))) {
        None => None,
        Some((_, Ok(name))) if !name.is_root() => Some(name),
        Some((given, _)) => {
            let shown = excerpt(given, 80);
            return fail(
                &say!(en: "error: --origin: “{shown}” is no domain", ja: "エラー: --origin: 「{shown}」はドメインではありません"),
            );
        }
    };
    let is_stdin = |path: &PathBuf| path.as_os_str() == "-";
    if args.fix && args.zones.iter().any(is_stdin) {
        return fail(
            &say!(en: "error: --fix writes files; - is standard input", ja: "エラー: --fix はファイルを書き換えます。-（標準入力）には使えません"),
        );
    }
    if args.zones.iter().filter(|path| is_stdin(path)).count() > 1 {
        return fail(&say!(en: "error: - can be given once", ja: "エラー: -（標準入力）は 1 回だけ指定できます"));
    }
    let disk = Disk::default();
    let report = args.telling.report.as_deref();
    let places = match Places::of(Wanted { output: None, report, several: false }, &args.zones, &disk) {
        Ok(places) => places,
        Err(text) => return fail(&text),
    };
    let error = |why: &Text| say!(en: "error: {why}", ja: "エラー: {why}"; why = why);
    let now = match Now::of(&args.now, &disk) {
        Ok(now) => now,
        Err(why) => return fail(&error(&why)),
    };
    let names = match now.as_ref().map(|_| named(args)).transpose() {
        Ok(names) => names.unwrap_or_default(),
        Err(why) => return fail(&error(&why)),
    };
    let Some(catalogue) = super::catalogue::catalogue(lang) else { return Exit::NotDone };
    let telling = Telling {
        lang,
        format: args.telling.message_format,
        verbose: args.telling.verbose,
        strict: args.telling.strict,
    };
    let mut run = Run {
        args,
        telling,
        counts: Counts::default(),
        next: None,
        reports: Vec::new(),
        read: 0,
        broken: 0,
        fixable: 0,
        page: Page::default(),
    };
    if let Some(now) = &now {
        for (path, name) in args.zones.iter().zip(&names) {
            let linted = lint_told(name, now.teller(), &catalogue);
            let read = linted.apex.is_some();
            let judged = Judged { product: product(&linted, args), read, linted, fixed: None };
            if let Some(exit) = run.tell(path, judged) {
                return exit;
            }
        }
    }
    let zones = each_once(&args.zones);
    for chunk in zones.chunks(CHUNK).filter(|_| now.is_none()) {
        let judged = side_by_side(chunk, |path| judge(path, args, origin.as_ref(), &disk, &catalogue));
        for (path, judged) in chunk.iter().zip(judged) {
            if let Some(exit) = run.tell(path, judged) {
                return exit;
            }
        }
    }
    if let Some(path) = report
        && let Err(why) = places.write_report(path, &run.reports.concat())
    {
        let shown = shown(path);
        return fail(
            &say!(en: "error: {shown} was not written: {why}", ja: "エラー: {shown} に書けませんでした: {why}"; why = why),
        );
    }
    run.finish()
}

/// The files, each once however often and by whatever path it is named.
fn each_once(zones: &[PathBuf]) -> Vec<PathBuf> {
    let mut known = BTreeSet::new();
    let is_new = |path: &&PathBuf| disk::identity(path).is_none_or(|identity| known.insert(identity));
    zones.iter().filter(is_new).cloned().collect()
}

/// Reads and judges one file, and repairs its text if that is asked for.
fn judge(path: &Path, args: &LintArgs, origin: Option<&Name>, disk: &Disk, catalogue: &Catalogue) -> Judged {
    let name = path.to_string_lossy();
    let octets = match if path.as_os_str() == "-" { stdin() } else { disk.read(&name, LIMIT_ZONE_FILE) } {
        Ok(octets) => octets,
        Err(error) => {
            let (shown, why) = (visible(&name).into_owned(), error.text());
            let finding = Finding::error("zone-file", say!(en: "{shown}: {why}", ja: "{shown}: {why}"; why = why));
            let linted = Linted::unread(vec![finding], Sources::default());
            return Judged { linted, read: false, fixed: None, product: None };
        }
    };
    let root = args.include_root.as_ref().map(|root| root.to_string_lossy());
    let includes = (path.as_os_str() != "-").then_some(IncludesFrom { files: disk, root: root.as_deref() });
    let input = Input { name: &name, octets: &octets, origin, includes };
    let (linted, fixed) = if args.fix {
        let fixed = fix(input, catalogue);
        (fixed.linted, (!fixed.done.is_empty()).then_some((octets, fixed.octets, fixed.done)))
    } else {
        (lint(input, catalogue), None)
    };
    let product = product(&linted, args);
    Judged { read: linted.apex.is_some(), linted, fixed, product }
}

/// The zone itself, where a format is asked for.
fn product(linted: &Linted, args: &LintArgs) -> Option<String> {
    let apex = linted.apex.as_ref()?;
    Some(match args.format? {
        LintFormat::Zone => zone_text::zone(&apex.name, &linted.found),
        LintFormat::Json => zone_text::json(&apex.name, &linted.found, &linted.sources),
    })
}

/// The domains that are read from servers; what is about files does not go with them.
fn named(args: &LintArgs) -> Result<Vec<Name>, Text> {
    let of_files =
        [("--fix", args.fix), ("--origin", args.origin.is_some()), ("--include-root", args.include_root.is_some())];
    if let Some((option, _)) = of_files.iter().find(|(_, given)| *given) {
        return Err(
            say!(en: "{option} is about files; --live, --resolver, --dns and --server read no file", ja: "{option} はファイルについての指定です。--live・--resolver・--dns・--server とは使えません"),
        );
    }
    domains(&args.zones)
}

/// What standard input holds, at most as much as a file may.
fn stdin() -> Result<Vec<u8>, FileError> {
    let mut octets = Vec::new();
    let read = std::io::stdin().lock().take(LIMIT_ZONE_FILE + 1).read_to_end(&mut octets);
    match read {
        Err(error) => Err(FileError::Other(error.to_string())),
        Ok(_) if octets.len() as u64 > LIMIT_ZONE_FILE => Err(FileError::TooLarge(LIMIT_ZONE_FILE)),
        Ok(_) => Ok(octets),
    }
}

/// What all files amount to.
struct Run<'a> {
    args: &'a LintArgs,
    telling: Telling,
    counts: Counts,
    next: Option<Text>,
    reports: Vec<String>,
    read: usize,
    broken: usize,
    /// Findings that `--fix` would mend.
    fixable: usize,
    page: Page,
}

impl Run<'_> {
    /// Writes what came of one file. Gives what the run amounts to if nothing more can be written.
    fn tell(&mut self, path: &Path, mut judged: Judged) -> Option<Exit> {
        let lang = self.telling.lang;
        match judged.read {
            true => self.read += 1,
            false => self.broken += 1,
        }
        if let Some(apex) =
            judged.linted.apex.as_ref().filter(|apex| matches!(apex.from, From::FileName | From::Directive))
        {
            let (shown, name) = (shown(path), apex.name.display_without_dot().to_string());
            let text = match apex.from {
                From::FileName => {
                    say!(en: "{shown} is taken for the zone of {name}, as it is called", ja: "ファイル名から、{shown} を {name} のゾーンとして読みます")
                }
                _ => {
                    say!(en: "{shown} is taken for the zone of {name}, its first $ORIGIN", ja: "最初の $ORIGIN から、{shown} を {name} のゾーンとして読みます")
                }
            };
            output::stderr(&format!("{}\n", note(&text, lang)));
        }
        if let Some((old, new, done)) = judged.fixed.take() {
            match write_back(path, &old, &new) {
                Ok(()) => self.list(path, &done),
                Err(why) => {
                    self.broken += 1;
                    let shown = shown(path);
                    let title =
                        say!(en: "{shown} was not written: {why}", ja: "{shown} に書けませんでした: {why}"; why = why);
                    judged.linted.findings.insert(0, Finding::error("output", title));
                }
            }
        }
        if self.args.fix {
            self.list_elsewhere(path, &judged.linted);
        }
        let (findings, sources) = (&judged.linted.findings, &judged.linted.sources);
        self.counts.add(Counts::of(findings));
        self.fixable += findings.iter().filter(|f| f.fix.as_ref().is_some_and(|fix| fix.safe)).count();
        if self.next.is_none() {
            self.next = next_step(findings).cloned();
        }
        if self.args.telling.report.is_some() {
            self.reports.push(json::render(findings, sources));
        }
        // Where a format is asked for, that is the product; else findings are.
        let exit = if self.args.format.is_some() {
            output::stderr(&self.telling.render(&mut self.page, path, findings, sources, To::Stderr));
            judged.product.map_or(Exit::Fine, |product| write(&product, lang))
        } else {
            write(&self.telling.render(&mut self.page, path, findings, sources, To::Stdout), lang)
        };
        (exit != Exit::Fine).then_some(exit)
    }

    /// Says what was repaired.
    fn list(&self, path: &Path, done: &[Done]) {
        let (lang, shown) = (self.telling.lang, shown(path));
        let mut text = String::new();
        for Done { id, what, line, column } in done.iter().take(LISTED) {
            let line = say!(en: "{shown}:{line}:{column}: fixed[{id}]: {what}", ja: "{shown}:{line}:{column}: 直しました[{id}]: {what}"; what = what);
            text.push_str(&visible(line.get(lang)));
            text.push('\n');
        }
        if let Some(more) = done.len().checked_sub(LISTED).filter(|more| *more > 0) {
            let line = say!(en: "{shown}: {more} more places fixed", ja: "{shown}: ほかに {more} か所を直しました");
            text.push_str(line.get(lang));
            text.push('\n');
        }
        output::stderr(&text);
    }

    /// Says which included files were left as they are.
    fn list_elsewhere(&self, path: &Path, linted: &Linted) {
        let lang = self.telling.lang;
        for (file, count) in &linted.elsewhere {
            let (zone, name) = (shown(path), linted.sources.name(*file));
            let text = say!(
                en: "{name} is not rewritten: {zone} only includes it, and other zones may too; places that --fix would mend if it were named itself: {count}",
                ja: "{name} は書き換えません。{zone} から読み込まれているだけで、ほかのゾーンでも使われているかもしれないためです。このファイルを指定して --fix すれば直せる箇所: {count}"
            );
            output::stderr(&format!("{}\n", note(&text, lang)));
        }
    }

    fn finish(self) -> Exit {
        if self.telling.format == MessageFormat::Human {
            let fixable = self.fixable;
            if fixable > 0 {
                let text = say!(en: "--fix mends {fixable} of these", ja: "このうち {fixable} 件は --fix で直せます");
                output::stderr(&format!("{}\n", note(&text, self.telling.lang)));
            }
        }
        let to = if self.args.format.is_some() { To::Stderr } else { To::Stdout };
        match self.telling.end(&self.page, self.counts, self.next.as_ref(), to) {
            Exit::Fine => {}
            exit => return exit,
        }
        match self.read {
            0 => Exit::NotDone,
            _ if self.counts.fail(self.telling.strict) || self.broken > 0 => Exit::Findings,
            _ => Exit::Fine,
        }
    }
}

/// Puts the new text in the place of the old one, if that is still what was read. A link is not followed out of its folder. The file is
/// replaced and not written into, so that a crash leaves no half of it; what that would change besides the text is refused.
fn write_back(path: &Path, old: &[u8], new: &[u8]) -> Result<(), Text> {
    let folder = |path: &Path| path.parent().map(Path::to_path_buf);
    let target = std::fs::canonicalize(path).map_err(|error| disk::reason(&error))?;
    let own = path.parent().filter(|own| !own.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let own = std::fs::canonicalize(own).map_err(|error| disk::reason(&error))?;
    if folder(&target).as_deref() != Some(own.as_path()) {
        return Err(
            say!(en: "it is a link to another folder; name the file itself", ja: "別のフォルダへのリンクです。元のファイルを指定してください"),
        );
    }
    let about = std::fs::metadata(&target).map_err(|error| disk::reason(&error))?;
    if about.permissions().readonly() {
        return Err(
            say!(en: "it is read-only; make it writable first", ja: "読み取り専用です。書き込めるようにしてから実行してください"),
        );
    }
    let names = disk::names(&about);
    if names > 1 {
        return Err(say!(
            en: "it is one file with {names} names (hard links), and only this one would get the repaired text; make it a file of its own first, or mend it by hand",
            ja: "同じファイルに {names} つの名前があり（ハードリンク）、直した内容になるのはこの名前だけです。先に別々のファイルにするか、手で直してください"
        ));
    }
    let now = Disk::default().read(&target.to_string_lossy(), LIMIT_ZONE_FILE).map_err(|error| error.text())?;
    if now != old {
        return Err(
            say!(en: "it has changed meanwhile; run it again", ja: "読んだあとで書き換えられています。もう一度実行してください"),
        );
    }
    disk::write(&target, new, Care::Synced).map_err(|error| disk::reason(&error))
}
