//! `zoneplan build`.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::build::{Overrides, build};
use crate::catalogue::Catalogue;
use crate::compose::ComposedZone;
use crate::fit::Fitted;
use crate::render::{self, Complete, Format, Input, Product};
use crate::report::{Counts, Finding, Lang, Severity, Sources, Span, Text, human, next_step, short, words};
use crate::say;
use crate::zone::{Name, Rtype};

use super::args::{Audience, BuildArgs, MessageFormat};
use super::disk::{self, Disk};
use super::places::{Places, Target, shown};
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
    let disk = Disk::default();
    let begun = sites(args).and_then(|sites| {
        let places = Places::of(args, &sites, &disk)?;
        let name_servers = name_servers(args)?;
        if let Target::Folder(path) = &places.target {
            make_folder(path)?;
        }
        Ok((sites, places, name_servers))
    });
    let (sites, places, name_servers) = match begun {
        Ok(begun) => begun,
        Err(message) => {
            output::stderr(&format!("{}\n", message.get(lang)));
            return Exit::NotDone;
        }
    };
    let catalogue = Catalogue::embedded();
    let job = Job { args, format, asked, catalogue: &catalogue, name_servers, disk: &disk };
    let mut summary = Summary::new(args, lang, &places, sites.len() > 1);
    for chunk in sites.chunks(CHUNK) {
        for (path, done) in chunk.iter().zip(job.build_all(chunk)) {
            summary.site(path, done);
        }
    }
    summary.finish()
}

/// The sites that are named, else the one of this folder.
fn sites(args: &BuildArgs) -> Result<Vec<PathBuf>, Text> {
    if !args.sites.is_empty() {
        return Ok(args.sites.clone());
    }
    let site = PathBuf::from("site.toml");
    match std::fs::symlink_metadata(&site) {
        Err(error) if error.kind() == ErrorKind::NotFound => Err(say!(
            en: "error: there is no site.toml in this folder; name a file, e.g. zoneplan build path/to/site.toml",
            ja: "エラー: このフォルダに site.toml がありません。ファイルを指定してください（例: zoneplan build path/to/site.toml）"
        )),
        _ => Ok(vec![site]),
    }
}

fn make_folder(path: &Path) -> Result<(), Text> {
    std::fs::create_dir_all(path).map_err(|e| {
        let (shown, why) = (shown(path), disk::reason(&e));
        say!(en: "error: the folder {shown} can't be made: {why}", ja: "エラー: フォルダ {shown} を作れません: {why}"; why = why)
    })
}

fn name_servers(args: &BuildArgs) -> Result<Vec<Name>, Text> {
    args.ns
        .iter()
        .map(|host| {
            crate::site::domain(host)
                .map_err(|why| say!(en: "error: --ns: {why}", ja: "エラー: --ns: {why}"; why = why))
        })
        .collect()
}

struct Job<'a> {
    args: &'a BuildArgs,
    format: &'static Format,
    asked: Option<Lang>,
    catalogue: &'a Catalogue,
    name_servers: Vec<Name>,
    disk: &'a Disk,
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
        let mut refused = Vec::new();
        let run = build(&path, self.disk, self.catalogue, &overrides, |built| {
            let (site, fitted) = (built.site, built.fitted);
            let complete = match self.complete(fitted) {
                Ok(complete) => complete,
                Err(findings) => {
                    refused = findings;
                    return None;
                }
            };
            let lang = self.asked.or(site.lang).unwrap_or_default();
            let mut products = (self.format.write)(&Input {
                built: *built,
                lang,
                client: self.args.audience == Some(Audience::Client),
                complete,
            });
            products.retain(|p| !p.text.is_empty());
            Some(products)
        });
        let mut findings = run.findings;
        findings.extend(refused);
        Done { products: run.product.flatten(), findings, sources: run.sources }
    }

    /// The name servers for `--complete`: as given, else those that the site writes, else those that the catalogue knows.
    fn complete(&self, fitted: &Fitted<'_>) -> Result<Option<Complete>, Vec<Finding>> {
        if !self.args.complete {
            return Ok(None);
        }
        let zone = &fitted.own;
        let by_hand = zone.composed.rrset(&zone.composed.origin, Rtype::NS);
        let written = by_hand.into_iter().flat_map(|s| &s.members);
        let written: Vec<(Name, Option<Span>)> = written
            .filter_map(|m| Some((m.rdata.target(Rtype::NS)?, m.origins.first().and_then(|o| o.span))))
            .collect();
        let known =
            zone.registrar.into_iter().flat_map(|r| &r.name_servers.exact).filter_map(|n| Name::parse_absolute(n).ok());
        let given = if self.name_servers.is_empty() {
            written.iter().map(|(host, _)| host.clone()).collect()
        } else {
            self.name_servers.clone()
        };
        let name_servers: Vec<Name> = if given.is_empty() { known.collect() } else { given };
        if name_servers.is_empty() {
            return Err(vec![
                Finding::error("name-servers-unknown", say!(en: "--complete needs the name servers, and they are not known", ja: "--complete にはネームサーバーが必要ですが、分かっていません"))
                    .next(say!(en: "give them: --ns ns1.example.net --ns ns2.example.net", ja: "指定してください: --ns ns1.example.net --ns ns2.example.net")),
            ]);
        }
        // The NS of the zone are the site's own where it has any; what is given besides is only the SOA's primary.
        let listed =
            if written.is_empty() { name_servers.iter().map(|h| (h.clone(), None)).collect() } else { written };
        let without: Vec<Finding> = listed
            .iter()
            .filter(|(host, _)| lacks_address(zone.composed, host))
            .map(|(host, span)| without_address(&zone.composed.origin, host, *span))
            .collect();
        if !without.is_empty() {
            return Err(without);
        }
        Ok(Some(Complete { name_servers, serial: self.args.serial }))
    }
}

/// Whether a name server is in the zone, and the zone says nothing of its address: servers refuse to load that.
fn lacks_address(zone: &ComposedZone, host: &Name) -> bool {
    let below = |name: &Name| name.is_subdomain_of(&zone.origin) && *name != zone.origin;
    let mut above = std::iter::successors(Some(host.clone()), Name::parent).take_while(below);
    // Below a delegation the address is looked for there.
    if !host.is_subdomain_of(&zone.origin) || above.any(|name| zone.rrset(&name, Rtype::NS).is_some()) {
        return false;
    }
    let has = |name: &Name| [Rtype::A, Rtype::AAAA].iter().any(|t| zone.rrset(name, *t).is_some());
    if zone.rrsets.iter().any(|s| s.name.is_subdomain_of(host)) {
        return !has(host);
    }
    // A name that does not exist may still have what the nearest wildcard gives (RFC 4592 §3.3.1).
    let encloser = std::iter::successors(host.parent(), Name::parent)
        .find(|name| *name == zone.origin || zone.rrsets.iter().any(|s| s.name.is_subdomain_of(name)));
    !encloser.and_then(|name| name.child("*").ok()).is_some_and(|wildcard| has(&wildcard))
}

fn without_address(origin: &Name, host: &Name, span: Option<Span>) -> Finding {
    let plain = origin.display_without_dot().to_string();
    let shown = host.display_without_dot().to_string();
    let name = host.relative_to(origin).unwrap_or_else(|| shown.clone());
    Finding::error(
        "name-servers-without-address",
        say!(en: "{shown} is inside {plain}, but has no A or AAAA here: the zone would not load", ja: "{shown} は {plain} の中の名前ですが、A も AAAA もありません。このままではゾーンを読み込めません"),
    )
    .at_opt(span, Text::default())
    .about(shown, "A")
    .next(say!(
        en: "write its address in site.toml:\n[[record]]\nname = \"{name}\"\ntype = \"A\"\nvalue = \"…\"",
        ja: "そのアドレスを site.toml に書きます:\n[[record]]\nname = \"{name}\"\ntype = \"A\"\nvalue = \"…\""
    ))
    .next(say!(
        en: "or choose a name server outside {plain}: --ns ns1.example.net",
        ja: "または、{plain} の外のネームサーバーを指定します: --ns ns1.example.net"
    ))
}

/// What all sites amount to.
struct Summary<'a> {
    args: &'a BuildArgs,
    lang: Lang,
    places: &'a Places<'a>,
    /// There is more than one site.
    several: bool,
    counts: Counts,
    next: Option<Text>,
    /// The next step is that of a site with an error.
    next_is_grave: bool,
    built: usize,
    broken: usize,
    /// File names written, and by which site: two sites of one domain would overwrite each other.
    written: BTreeMap<String, PathBuf>,
    report: Vec<String>,
}

impl<'a> Summary<'a> {
    fn new(args: &'a BuildArgs, lang: Lang, places: &'a Places<'a>, several: bool) -> Self {
        Self {
            args,
            lang,
            places,
            several,
            counts: Counts::default(),
            next: None,
            next_is_grave: false,
            built: 0,
            broken: 0,
            written: BTreeMap::new(),
            report: Vec::new(),
        }
    }

    fn site(&mut self, path: &Path, mut done: Done) {
        match done.products.take() {
            Some(products) => match self.write(path, &products) {
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
        self.next_step(path, &done.findings, counts.errors > 0);
        let text = match self.args.message_format {
            MessageFormat::Human => {
                let options =
                    human::Options { colour: output::colour(), verbose: self.args.verbose, width: output::width() };
                human::render(&done.findings, &done.sources, self.lang, options)
            }
            MessageFormat::Short => short::render(&done.findings, &done.sources, self.lang),
            MessageFormat::Json => crate::report::json::render(&done.findings, &done.sources),
        };
        output::stderr(&text);
        if self.places.report.is_some() {
            self.report.push(crate::report::json::render(&done.findings, &done.sources));
        }
    }

    /// Keeps the first step of the first site with an error, else of the first that has one; among several sites with the file's name.
    fn next_step(&mut self, path: &Path, findings: &[Finding], grave: bool) {
        if self.next.is_some() && (self.next_is_grave || !grave) {
            return;
        }
        let Some(step) = next_step(findings) else { return };
        self.next_is_grave = grave;
        self.next = Some(if self.several {
            let shown = shown(path);
            say!(en: "{shown}: {step}", ja: "{shown}: {step}"; step = step)
        } else {
            step.clone()
        });
    }

    fn write(&mut self, site: &Path, products: &[Product]) -> Result<(), Box<Finding>> {
        let failed = |path: &Path, why: Text| {
            let shown = shown(path);
            Box::new(Finding::error(
                "output",
                say!(en: "{shown} was not written: {why}", ja: "{shown} に書けませんでした: {why}"; why = why),
            ))
        };
        let folder = match &self.places.target {
            Target::Folder(folder) => folder,
            Target::File(path) => return self.places.write(path, &single(products)).map_err(|why| failed(path, why)),
            Target::Stdout => {
                return output::stdout(&single(products)).map_err(|e| failed(Path::new("-"), disk::reason(&e)));
            }
        };
        for product in products {
            let path = folder.join(&product.name);
            if let Some(first) = self.written.insert(product.name.clone(), site.to_owned()) {
                let first = shown(&first);
                return Err(failed(&path, say!(en: "{first} is of the same domain", ja: "{first} と同じドメインです")));
            }
            self.places.write(&path, &product.text).map_err(|why| failed(&path, why))?;
        }
        Ok(())
    }

    fn finish(self) -> Exit {
        let mut report_failed = false;
        if let Some(path) = self.places.report {
            // One document a site, one after the other: JSON readers call it a sequence.
            if let Err(why) = self.places.write_report(path, &self.report.concat()) {
                let shown = shown(path);
                let text = say!(en: "error: {shown} was not written: {why}", ja: "エラー: {shown} に書けませんでした: {why}"; why = why);
                output::stderr(&format!("{}\n", text.get(self.lang)));
                report_failed = true;
            }
        }
        if self.args.message_format == MessageFormat::Human {
            output::stderr(&format!("{}\n", words::count_line(self.counts, self.next.as_ref(), self.lang)));
        }
        if report_failed || self.built == 0 {
            return Exit::NotDone;
        }
        let at_least = |severity: Severity| match severity {
            Severity::Error => self.counts.errors > 0,
            _ => self.counts.errors + self.counts.warnings > 0,
        };
        let bar = if self.args.strict { Severity::Warning } else { Severity::Error };
        if self.broken > 0 || at_least(bar) { Exit::Findings } else { Exit::Fine }
    }
}

/// What goes where only one text can go: the product; further zones of the site follow it, other files are for folders only.
fn single(products: &[Product]) -> String {
    let ending = products.first().and_then(|p| p.name.rsplit('.').next()).unwrap_or("");
    let same =
        products.iter().filter(|p| p.name.rsplit('.').next() == Some(ending) && !p.name.ends_with(".mta-sts.txt"));
    same.map(|p| p.text.as_str()).collect::<Vec<_>>().join("\n")
}
