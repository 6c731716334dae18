//! `zoneplan check`: what DNS publishes against what is wanted.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
#[cfg(feature = "live")]
use std::time::{Duration, Instant};

use crate::build::{Overrides, build};
use crate::catalogue::Catalogue;
use crate::check::{Checked, Dns, Last, Of, check, document, news, since};
#[cfg(feature = "live")]
use crate::live::https::Roots;
#[cfg(feature = "live")]
use crate::live::{Fetch, Https, Network, Resolve, Shared, server};
use crate::render::Product;
#[cfg(feature = "live")]
use crate::report::excerpt;
use crate::report::markdown::Page;
use crate::report::{Counts, Finding, Lang, Sources, Text, next_step, visible, words};
use crate::say;
use crate::site::Files as _;
#[cfg(feature = "live")]
use crate::zone::Name;
#[cfg(feature = "live")]
use crate::zone::Ttl;

use super::args::{MessageFormat, SiteCheckArgs};
use super::check_sheet::Sheets;
use super::current::zone_files;
use super::disk::Disk;
use super::many::{CHUNK, side_by_side_with, sites};
use super::one_site::write;
use super::output::To;
use super::places::shown;
use super::summary::Telling;
use super::{Exit, note, output};

/// The largest report of an earlier run that is read, octets.
const LIMIT_REPORT: u64 = 64 * 1024 * 1024;

/// The largest file of root certificates that is read, octets.
#[cfg(feature = "live")]
const LIMIT_ROOTS: u64 = 4 * 1024 * 1024;

/// Sites that are checked at once: they wait for answers, not for the processor. Each has at most 16 questions in flight.
const WORKERS: usize = 8;

/// Between two looks of `--wait`: short at first, since most changes are there in a minute.
#[cfg(feature = "live")]
const PAUSES: [Duration; 4] =
    [Duration::from_secs(5), Duration::from_secs(10), Duration::from_secs(20), Duration::from_secs(30)];

/// The longest that `--wait` waits: more than any TTL or delegation takes.
#[cfg(feature = "live")]
const WAIT_MAX: Duration = Duration::from_secs(7 * 86_400);

/// DNS itself, and the web where that is wanted.
#[cfg(feature = "live")]
struct Live(Shared<Network>, Option<Https>);

#[cfg(feature = "live")]
impl Dns for Live {
    fn resolver(&self) -> &dyn Resolve {
        &self.0
    }

    fn has_name_servers(&self) -> bool {
        true
    }

    fn name_server(&self, zone: &Name, addresses: &[SocketAddr]) -> Option<Box<dyn Resolve + '_>> {
        Some(Box::new(Network::name_server(zone, addresses)?))
    }

    fn web(&self) -> Option<&dyn Fetch> {
        self.1.as_ref().map(|https| https as &dyn Fetch)
    }
}

/// What the command line says.
struct Job<'a> {
    catalogue: &'a Catalogue,
    disk: &'a Disk,
    servers: Vec<SocketAddr>,
    /// What is to be typed where a copy is stale, where that is wanted.
    sheets: &'a Sheets<'a>,
    /// The language that was asked for.
    asked: Option<Lang>,
}

/// What came of one site.
struct Judged {
    /// What was checked, and the site's domain; none if the site is broken, and then the findings say why.
    checked: Option<(Checked, String)>,
    /// What is to be typed where a copy is stale.
    sheet: Vec<Product>,
    findings: Vec<Finding>,
    sources: Sources,
}

pub(super) fn run(args: &SiteCheckArgs, lang: Lang, asked: Option<Lang>) -> Exit {
    match begin(args, lang, asked) {
        Ok(exit) => exit,
        Err(text) => {
            output::stderr(&format!("{}\n", text.get(lang)));
            Exit::NotDone
        }
    }
}

fn begin(args: &SiteCheckArgs, lang: Lang, asked: Option<Lang>) -> Result<Exit, Text> {
    let failed = |text: Text| say!(en: "error: {text}", ja: "エラー: {text}"; text = text);
    let disk = Disk::default();
    let sites = sites(&args.sites, "check")?;
    let report = args.telling.report.as_deref();
    let sheets = Sheets::of(args, &sites, &disk)?;
    let files = sites.iter().map(|site| site.to_string_lossy().into_owned()).collect();
    let last = args.since.as_deref().map(last).transpose()?.map(|last| last.for_files(files));
    let servers = servers(args).map_err(failed)?;
    let Some(catalogue) = super::catalogue::catalogue(lang) else { return Ok(Exit::NotDone) };
    let job = Job { catalogue: &catalogue, disk: &disk, servers, sheets: &sheets, asked };
    let telling = Telling {
        lang,
        format: args.telling.message_format,
        verbose: args.telling.verbose,
        strict: args.telling.strict,
    };
    let several = sites.len() > 1;
    let mut run = Run { last, several, reports: report.map(|_| Vec::new()), ..Run::new(telling, &sheets) };
    let exit = if args.dns.is_empty() {
        over_network(args, &job, &sites, &mut run).map_err(failed)?
    } else {
        let files = zone_files(&args.dns, job.disk).map_err(failed)?;
        each(&job, &files, &sites, |path, judged| run.tell(path, judged))
    };
    if let Some(exit) = exit {
        return Ok(exit);
    }
    // Of a site that is broken today the earlier findings stand.
    let others = run.last.as_ref().filter(|_| run.broken > 0).map(|last| last.others(&run.told)).unwrap_or_default();
    if let (Some(path), Some(reports)) = (report, &run.reports)
        && let Err(why) = sheets.places.write_report(path, &[reports.concat(), others.concat()].concat())
    {
        let shown = shown(path);
        return Err(
            say!(en: "error: {shown} was not written: {why}", ja: "エラー: {shown} に書けませんでした: {why}"; why = why),
        );
    }
    Ok(run.finish())
}

/// Name servers that the command line gives.
#[cfg(feature = "live")]
fn servers(args: &SiteCheckArgs) -> Result<Vec<SocketAddr>, Text> {
    let read = |text: &String| {
        server::parse(text).map_err(|error| {
            let why = error.text();
            say!(en: "--server: {why}", ja: "--server: {why}"; why = why)
        })
    };
    args.servers.iter().map(read).collect()
}

#[cfg(not(feature = "live"))]
fn servers(_: &SiteCheckArgs) -> Result<Vec<SocketAddr>, Text> {
    Ok(Vec::new())
}

/// The report of an earlier run.
fn last(path: &Path) -> Result<Last, Text> {
    let shown = shown(path);
    // Not among what the run has read: the new report may take the place of the last one.
    let disk = Disk::default();
    let failed = |why: Text| say!(en: "error: --since {shown}: {why}", ja: "エラー: --since {shown}: {why}"; why = why);
    let text = disk.read(&path.to_string_lossy(), LIMIT_REPORT).map_err(|error| failed(error.text()))?;
    Last::read(&text).map_err(|error| failed(error.text()))
}

/// Checks all sites and hands over what came of each, in their order. Ends early if nothing more can be written.
fn each(
    job: &Job<'_>,
    dns: &dyn Dns,
    sites: &[PathBuf],
    mut tell: impl FnMut(&Path, Judged) -> Option<Exit>,
) -> Option<Exit> {
    for chunk in sites.chunks(CHUNK) {
        for (path, judged) in chunk.iter().zip(side_by_side_with(WORKERS, chunk, |path| job.site(path, dns))) {
            if let Some(exit) = tell(path, judged) {
                return Some(exit);
            }
        }
    }
    None
}

#[cfg(not(feature = "live"))]
fn over_network(_: &SiteCheckArgs, _: &Job<'_>, _: &[PathBuf], _: &mut Run<'_>) -> Result<Option<Exit>, Text> {
    Err(
        say!(en: "this zoneplan was built without look-ups over the network; give zone files: --dns FILE", ja: "この zoneplan はネットワークにつながない設定で作られています。--dns でゾーンファイルを指定してください"),
    )
}

#[cfg(feature = "live")]
fn over_network(
    args: &SiteCheckArgs,
    job: &Job<'_>,
    sites: &[PathBuf],
    run: &mut Run<'_>,
) -> Result<Option<Exit>, Text> {
    let until = args.wait.as_deref().map(wait).transpose()?.map(|wait| Instant::now() + wait);
    let web = args.fetch.then(|| https(args)).transpose()?;
    let mut pauses = PAUSES.into_iter().chain(std::iter::repeat(Duration::from_secs(30)));
    loop {
        // What was answered before the pause says nothing now.
        let dns = Live(Shared::new(network(args)?), web.clone());
        if until.is_none_or(|until| Instant::now() >= until) {
            return Ok(each(job, &dns, sites, |path, judged| run.tell(path, judged)));
        };
        let mut all: Vec<(PathBuf, Judged)> = Vec::new();
        each(job, &dns, sites, |path, judged| {
            all.push((path.to_owned(), judged));
            None
        });
        let open = all.iter().filter(|(_, judged)| judged.is_open()).count();
        if open == 0 {
            return Ok(all.into_iter().find_map(|(path, judged)| run.tell(&path, judged)));
        }
        let things: usize = all.iter().map(|(_, judged)| judged.open()).sum();
        let left = until.map(|until| until.saturating_duration_since(Instant::now())).unwrap_or_default();
        // The last look is at the end of the time.
        let pause = pauses.next().unwrap_or_default().min(left);
        let [left, pause_s] = [left, pause].map(|time| time.as_millis().div_ceil(1000));
        let text = say!(en: "not there yet: {things}; the next look is in {pause_s} s, {left} s are left", ja: "まだそろっていないもの: {things} 件。{pause_s} 秒後にもう一度確かめます（残り {left} 秒）");
        output::stderr(&format!("{}\n", note(&text, run.telling.lang)));
        std::thread::sleep(pause);
    }
}

/// How long is waited at most. Times are written as TTLs are.
#[cfg(feature = "live")]
fn wait(text: &str) -> Result<Duration, Text> {
    let most = WAIT_MAX.as_secs() / 86_400;
    let time = Ttl::parse(text).ok().map(|time| Duration::from_secs(u64::from(time.seconds())));
    time.filter(|time| *time <= WAIT_MAX).ok_or_else(|| {
        let shown = excerpt(text, 20);
        say!(en: "--wait {shown}: give a number of seconds (600) or one with a unit (10m, 2h, 1d), at most {most} days", ja: "--wait {shown}: 秒数（600）か、単位つきの数（10m、2h、1d）で、{most} 日までを指定します")
    })
}

/// Who gets texts from the web.
#[cfg(feature = "live")]
fn https(args: &SiteCheckArgs) -> Result<Https, Text> {
    let Some(path) = &args.roots else { return Ok(Https::new(Roots::default())) };
    let shown = shown(path);
    let failed = |why: Text| say!(en: "--roots {shown}: {why}", ja: "--roots {shown}: {why}"; why = why);
    let pem = Disk::default().read(&path.to_string_lossy(), LIMIT_ROOTS).map_err(|error| failed(error.text()))?;
    Roots::of_pem(&pem).map(Https::new).map_err(failed)
}

/// The resolver that is named, else the system's.
#[cfg(feature = "live")]
fn network(args: &SiteCheckArgs) -> Result<Network, Text> {
    let Some(text) = &args.resolver else { return Network::system().map_err(|error| error.text()) };
    server::parse(text).map(Network::resolver).map_err(|error| {
        let why = error.text();
        say!(en: "--resolver: {why}", ja: "--resolver: {why}"; why = why)
    })
}

impl Job<'_> {
    fn site(&self, path: &Path, dns: &dyn Dns) -> Judged {
        let file = path.to_string_lossy();
        let run = build(&file, self.disk, self.catalogue, &Overrides::default(), |built| {
            let domain = built.site.domain.value.display_without_dot().to_string();
            let checked = check(built, dns, &self.servers);
            let sheet = self.sheets.of_site(&file, built, &checked.stale, self.catalogue, self.asked);
            (checked, domain, sheet)
        });
        let (checked, sheet) = match run.product {
            Some((checked, domain, sheet)) => (Some((checked, domain)), sheet),
            None => (None, Vec::new()),
        };
        Judged { checked, sheet, findings: run.findings, sources: run.sources }
    }
}

#[cfg(feature = "live")]
impl Judged {
    /// Whether waiting may help.
    fn is_open(&self) -> bool {
        self.checked.as_ref().is_some_and(|(checked, _)| !checked.is_there())
    }

    /// How much is not as it is wanted.
    fn open(&self) -> usize {
        let findings = self.checked.iter().flat_map(|(checked, _)| &checked.findings);
        findings.filter(|finding| finding.severity > crate::report::Severity::Advice).count()
    }
}

/// What all sites amount to.
struct Run<'a> {
    telling: Telling,
    sheets: &'a Sheets<'a>,
    /// The earlier run, where only what is new since then is told.
    last: Option<Last>,
    /// There is more than one site.
    several: bool,
    counts: Counts,
    next: Option<Text>,
    /// The findings as JSON, where they are wanted in a file.
    reports: Option<Vec<String>>,
    /// Domains and files of the sites that were checked.
    told: BTreeSet<(String, String)>,
    /// Errors and warnings of the earlier run that are still there.
    known: usize,
    checked: usize,
    broken: usize,
    names: usize,
    page: Page,
}

impl<'a> Run<'a> {
    fn new(telling: Telling, sheets: &'a Sheets<'a>) -> Self {
        Self {
            telling,
            sheets,
            last: None,
            several: false,
            counts: Counts::default(),
            next: None,
            reports: None,
            told: BTreeSet::new(),
            known: 0,
            checked: 0,
            broken: 0,
            names: 0,
            page: Page::default(),
        }
    }

    /// Writes what came of one site. Gives what the run amounts to if nothing more can be written.
    fn tell(&mut self, path: &Path, judged: Judged) -> Option<Exit> {
        let lang = self.telling.lang;
        let Some((checked, site)) = judged.checked else {
            self.broken += 1;
            self.counts.add(Counts::of(&judged.findings));
            self.next_step(path, &judged.findings);
            output::stderr(&self.telling.render(&mut self.page, path, &judged.findings, &judged.sources, To::Stderr));
            return None;
        };
        match checked.answered {
            true => self.checked += 1,
            false => self.broken += 1,
        }
        self.names += checked.names;
        if let Err(why) = self.sheets.write(&judged.sheet) {
            self.broken += 1;
            output::stderr(&format!("{}\n", why.get(lang)));
        }
        let file = path.to_string_lossy();
        let of = Of { site: &site, file: &file };
        let since = self.last.as_ref().map(|last| since(last, of, &checked));
        if let Some(reports) = &mut self.reports {
            let kept = since.as_ref().map(|since| since.kept.as_slice()).unwrap_or_default();
            reports.push(document(of, &checked.findings, &judged.sources, kept));
        }
        self.told.insert((site.clone(), file.clone().into_owned()));
        self.known += since.as_ref().map_or(0, |since| since.known);
        let findings = since.as_ref().map_or(&checked.findings, |since| &since.new);
        self.counts.add(Counts::of(findings));
        self.next_step(path, findings);
        let text = match self.telling.format {
            MessageFormat::Json => match &since {
                Some(since) => news(of, since, &judged.sources),
                None => document(of, findings, &judged.sources, &[]),
            },
            _ => {
                let mut text = self.telling.render(&mut self.page, path, findings, &judged.sources, To::Stdout);
                for gone in since.iter().flat_map(|since| &since.resolved) {
                    let (id, title) = (visible(&gone.id), visible(gone.title.get(lang)));
                    let line = say!(en: "resolved[{id}]: {site}: {title}", ja: "解決[{id}]: {site}: {title}");
                    match self.telling.format {
                        MessageFormat::Markdown => self.page.line(line.get(lang)),
                        _ => text.push_str(&format!("{}\n", line.get(lang))),
                    }
                }
                text
            }
        };
        let exit = write(&text, lang);
        (exit != Exit::Fine).then_some(exit)
    }

    fn next_step(&mut self, path: &Path, findings: &[Finding]) {
        if self.next.is_some() {
            return;
        }
        self.next = next_step(findings).map(|step| {
            let shown = shown(path);
            if self.several { say!(en: "{shown}: {step}", ja: "{shown}: {step}"; step = step) } else { step.clone() }
        });
    }

    fn finish(mut self) -> Exit {
        if self.checked > 0 {
            let (names, lang) = (self.names, self.telling.lang);
            let text = say!(en: "{names} names were asked in DNS, and only these are known; a name that does not appear here may exist all the same", ja: "DNS に照会した {names} 個の名前だけを見ています。ここに出ていない名前は「無い」とは限りません");
            match self.telling.format {
                MessageFormat::Human => output::stderr(&format!("{}\n", note(&text, lang))),
                MessageFormat::Markdown => self.page.line(text.get(lang)),
                MessageFormat::Short | MessageFormat::Json => {}
            }
        }
        let known = self.known;
        match (self.telling.format, known) {
            (MessageFormat::Human, 1..) => {
                let lang = self.telling.lang;
                let line = words::count_line(self.counts, self.next.as_ref(), lang);
                let line = match self.counts == Counts::default() {
                    true => {
                        say!(en: "Nothing new; {known} known still open.", ja: "新しい問題はありません。前からの未解決が {known} 件あります。")
                    }
                    false => {
                        say!(en: "Known and still open: {known}. New: {line}", ja: "前からの未解決 {known} ／ 新しい問題: {line}")
                    }
                };
                output::stderr(&format!("{}\n", line.get(lang)));
            }
            (MessageFormat::Markdown, 1..) => {
                let line = say!(en: "Known and still open: {known}.", ja: "前からの未解決: {known} 件");
                self.page.line(line.get(self.telling.lang));
            }
            _ => {}
        }
        let says_counts = known == 0 || self.telling.format != MessageFormat::Human;
        let end = says_counts.then(|| self.telling.end(&self.page, self.counts, self.next.as_ref(), To::Stdout));
        match end.unwrap_or(Exit::Fine) {
            Exit::Fine => {}
            exit => return exit,
        }
        match self.checked {
            0 => Exit::NotDone,
            _ if self.counts.fail(self.telling.strict) || self.broken > 0 => Exit::Findings,
            _ if self.counts.warnings > 0 => Exit::Differs,
            _ => Exit::Fine,
        }
    }
}
