//! `zoneplan build`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::build::{Overrides, build};
use crate::catalogue::Catalogue;
use crate::fit::Fitted;
use crate::render::{self, Complete, Format, Input, Product};
use crate::report::{Counts, Finding, Lang, Severity, Sources, Text, human, next_step, short, visible, words};
use crate::say;
use crate::zone::{Name, Rtype};

use super::args::{BuildArgs, MessageFormat};
use super::disk::{self, Disk};
use super::{Exit, output};

/// Sites that are built before their results are written; it bounds the memory of a run over thousands.
const CHUNK: usize = 64;

/// What one site gave, ready to be written.
struct Done {
    /// The product; none if the site is broken.
    products: Option<Vec<Product>>,
    findings: Vec<Finding>,
    sources: Sources,
}

pub(super) fn run(args: &BuildArgs, lang: Lang, asked: Option<Lang>) -> Exit {
    let Some(format) = render::format(&args.format) else { return Exit::NotDone };
    let folder = match output_folder(args, lang) {
        Ok(folder) => folder,
        Err(message) => {
            output::stderr(&format!("{message}\n"));
            return Exit::NotDone;
        }
    };
    let name_servers = match name_servers(args, lang) {
        Ok(hosts) => hosts,
        Err(message) => {
            output::stderr(&format!("{message}\n"));
            return Exit::NotDone;
        }
    };
    let catalogue = Catalogue::embedded();
    let job = Job { args, format, asked, catalogue: &catalogue, name_servers };
    let mut summary = Summary { lang, ..Summary::default() };
    for chunk in args.sites.chunks(CHUNK) {
        for (path, done) in chunk.iter().zip(job.build_all(chunk)) {
            summary.site(args, folder.as_deref(), path, done);
        }
    }
    summary.finish(args)
}

/// The folder to write into, if there is one. Several sites need it.
fn output_folder(args: &BuildArgs, lang: Lang) -> Result<Option<PathBuf>, String> {
    let Some(path) = &args.output else {
        if args.sites.len() > 1 {
            let text = say!(en: "error: several sites need a folder to write into: -o out/", ja: "エラー: サイトが複数のときは、書き込むフォルダが必要です: -o out/");
            return Err(text.get(lang).to_owned());
        }
        return Ok(None);
    };
    let wants_folder = args.sites.len() > 1 || path.is_dir() || path.to_string_lossy().ends_with('/');
    if !wants_folder {
        return Ok(None);
    }
    std::fs::create_dir_all(path).map_err(|e| {
        let shown = visible(&path.to_string_lossy()).into_owned();
        let why = disk::reason(&e);
        let text = say!(en: "error: the folder {shown} can't be made: {why}", ja: "エラー: フォルダ {shown} を作れません: {why}"; why = why);
        text.get(lang).to_owned()
    })?;
    Ok(Some(path.clone()))
}

fn name_servers(args: &BuildArgs, lang: Lang) -> Result<Vec<Name>, String> {
    args.ns
        .iter()
        .map(|host| {
            crate::site::domain(host).map_err(|why| {
                let text = say!(en: "error: --ns: {why}", ja: "エラー: --ns: {why}"; why = why);
                text.get(lang).to_owned()
            })
        })
        .collect()
}

struct Job<'a> {
    args: &'a BuildArgs,
    format: &'static Format,
    asked: Option<Lang>,
    catalogue: &'a Catalogue,
    name_servers: Vec<Name>,
}

impl Job<'_> {
    /// Builds sites side by side; the results come in the order of the paths.
    fn build_all(&self, paths: &[PathBuf]) -> Vec<Done> {
        if let [only] = paths {
            return vec![self.build(only)];
        }
        let next = AtomicUsize::new(0);
        let slots: Vec<Mutex<Option<Done>>> = paths.iter().map(|_| Mutex::new(None)).collect();
        let workers = std::thread::available_parallelism().map_or(1, usize::from).min(paths.len());
        std::thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| {
                    loop {
                        let i = next.fetch_add(1, Ordering::Relaxed);
                        let (Some(path), Some(slot)) = (paths.get(i), slots.get(i)) else { break };
                        let done = self.build(path);
                        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
                    }
                });
            }
        });
        slots.into_iter().filter_map(|s| s.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
    }

    fn build(&self, path: &Path) -> Done {
        let overrides = Overrides { registrar: self.args.registrar.clone() };
        let path = path.to_string_lossy();
        let mut refused = None;
        let run = build(&path, &Disk, self.catalogue, &overrides, |site, fitted, findings, sources| {
            let complete = match self.complete(fitted) {
                Ok(complete) => complete,
                Err(finding) => {
                    refused = Some(finding);
                    return None;
                }
            };
            let lang = self.asked.or(site.lang).unwrap_or_default();
            let mut products = (self.format.write)(&Input { site, fitted, findings, sources, lang, complete });
            products.retain(|p| !p.text.is_empty());
            Some(products)
        });
        let mut findings = run.findings;
        findings.extend(refused.map(|f| *f));
        Done { products: run.product.flatten(), findings, sources: run.sources }
    }

    /// The name servers for `--complete`: as given, else those that the site writes, else those that the catalogue knows.
    fn complete(&self, fitted: &Fitted<'_>) -> Result<Option<Complete>, Box<Finding>> {
        if !self.args.complete {
            return Ok(None);
        }
        let zone = &fitted.own;
        let by_hand = zone.composed.rrset(&zone.composed.origin, Rtype::NS);
        let written = by_hand.into_iter().flat_map(|s| &s.members).filter_map(|m| m.rdata.target(Rtype::NS));
        let known =
            zone.registrar.into_iter().flat_map(|r| &r.name_servers.exact).filter_map(|n| Name::parse_absolute(n).ok());
        let given = self.name_servers.iter().cloned();
        let name_servers: Vec<Name> = if self.name_servers.is_empty() { written.collect() } else { given.collect() };
        let name_servers = if name_servers.is_empty() { known.collect() } else { name_servers };
        if name_servers.is_empty() {
            return Err(Box::new(
                Finding::error("name-servers-unknown", say!(en: "--complete needs the name servers, and they are not known", ja: "--complete にはネームサーバーが必要ですが、分かっていません"))
                    .next(say!(en: "give them: --ns ns1.example.net --ns ns2.example.net", ja: "指定してください: --ns ns1.example.net --ns ns2.example.net")),
            ));
        }
        Ok(Some(Complete { name_servers, serial: self.args.serial }))
    }
}

/// What all sites amount to.
#[derive(Default)]
struct Summary {
    lang: Lang,
    counts: Counts,
    next: Option<Text>,
    built: usize,
    broken: usize,
    /// File names written, and by which site: two sites of one domain would overwrite each other.
    written: BTreeMap<String, PathBuf>,
    report: Vec<String>,
    report_failed: bool,
}

impl Summary {
    fn site(&mut self, args: &BuildArgs, folder: Option<&Path>, path: &Path, mut done: Done) {
        match done.products.take() {
            Some(products) => match self.write(args, folder, path, &products) {
                Ok(()) => self.built += 1,
                Err(finding) => {
                    done.findings.push(*finding);
                    self.broken += 1;
                }
            },
            None => self.broken += 1,
        }
        let counts = Counts::of(&done.findings);
        self.counts.errors += counts.errors;
        self.counts.warnings += counts.warnings;
        self.counts.advice += counts.advice;
        if self.next.is_none() {
            self.next = next_step(&done.findings).cloned();
        }
        let text = match args.message_format {
            MessageFormat::Human => {
                let options =
                    human::Options { colour: output::colour(), verbose: args.verbose, width: output::width() };
                human::render(&done.findings, &done.sources, self.lang, options)
            }
            MessageFormat::Short => short::render(&done.findings, &done.sources, self.lang),
            MessageFormat::Json => crate::report::json::render(&done.findings, &done.sources),
        };
        output::stderr(&text);
        if args.report.is_some() {
            self.report.push(crate::report::json::render(&done.findings, &done.sources));
        }
    }

    fn write(
        &mut self,
        args: &BuildArgs,
        folder: Option<&Path>,
        site: &Path,
        products: &[Product],
    ) -> Result<(), Box<Finding>> {
        let failed = |path: &Path, why: Text| {
            let shown = visible(&path.to_string_lossy()).into_owned();
            Box::new(Finding::error(
                "output",
                say!(en: "{shown} was not written: {why}", ja: "{shown} に書けませんでした: {why}"; why = why),
            ))
        };
        let Some(folder) = folder else {
            // The first product is the product; further zones of the site follow it, other files are for folders only.
            let ending = products.first().and_then(|p| p.name.rsplit('.').next()).unwrap_or("").to_owned();
            let same = products
                .iter()
                .filter(|p| p.name.rsplit('.').next() == Some(&ending) && !p.name.ends_with(".mta-sts.txt"));
            let text = same.map(|p| p.text.as_str()).collect::<Vec<_>>().join("\n");
            return match &args.output {
                Some(path) => disk::write(path, &text).map_err(|e| failed(path, disk::reason(&e))),
                None => output::stdout(&text).map_err(|e| failed(Path::new("-"), disk::reason(&e))),
            };
        };
        for product in products {
            let path = folder.join(&product.name);
            if let Some(first) = self.written.insert(product.name.clone(), site.to_owned()) {
                let first = visible(&first.to_string_lossy()).into_owned();
                return Err(failed(&path, say!(en: "{first} is of the same domain", ja: "{first} と同じドメインです")));
            }
            disk::write(&path, &product.text).map_err(|e| failed(&path, disk::reason(&e)))?;
        }
        Ok(())
    }

    fn finish(mut self, args: &BuildArgs) -> Exit {
        if let Some(path) = &args.report {
            // One document a site, one after the other: JSON readers call it a sequence.
            let text = self.report.concat();
            if let Err(error) = disk::write(path, &text) {
                let shown = visible(&path.to_string_lossy()).into_owned();
                let why = disk::reason(&error);
                let text = say!(en: "error: {shown} was not written: {why}", ja: "エラー: {shown} に書けませんでした: {why}"; why = why);
                output::stderr(&format!("{}\n", text.get(self.lang)));
                self.report_failed = true;
            }
        }
        if args.message_format == MessageFormat::Human {
            output::stderr(&format!("{}\n", words::count_line(self.counts, self.next.as_ref(), self.lang)));
        }
        if self.report_failed || self.built == 0 {
            return Exit::NotDone;
        }
        let at_least = |severity: Severity| match severity {
            Severity::Error => self.counts.errors > 0,
            _ => self.counts.errors + self.counts.warnings > 0,
        };
        let bar = if args.strict { Severity::Warning } else { Severity::Error };
        if self.broken > 0 || at_least(bar) { Exit::Findings } else { Exit::Fine }
    }
}
