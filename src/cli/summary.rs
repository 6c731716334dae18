//! What a run over sites amounts to: writes what each gave, says what was found, counts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::check;
use crate::lint;
use crate::render::Product;
use crate::report::markdown::{Page, Style};
use crate::report::{Counts, Finding, Lang, Sources, Text, json, next_step, short, words};
use crate::say;

use super::args::{MessageFormat, TellingArgs};
use super::one_site::write;
use super::output::To;
use super::places::{Places, Target, shown};
use super::{Exit, disk, output};

/// How findings are told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Telling {
    pub lang: Lang,
    pub format: MessageFormat,
    /// Advice in full.
    pub verbose: bool,
    /// Warnings make exit code 1.
    pub strict: bool,
}

impl Telling {
    /// As the command line says.
    pub(super) fn of(lang: Lang, args: &TellingArgs) -> Self {
        Self { lang, format: args.message_format, verbose: args.verbose, strict: args.strict }
    }

    /// The findings as they are to be written. Of a page nothing is, before its end.
    pub(super) fn render(
        &self,
        page: &mut Page,
        path: &Path,
        findings: &[Finding],
        sources: &Sources,
        to: To,
    ) -> String {
        match self.format {
            MessageFormat::Human => output::human(findings, sources, self.lang, self.verbose, to),
            MessageFormat::Short => short::render(findings, sources, self.lang),
            MessageFormat::Json => json::render(findings, sources),
            MessageFormat::Markdown => {
                page.add(&shown(path), findings, sources, self.style());
                String::new()
            }
        }
    }

    fn style(&self) -> Style<'static> {
        Style { lang: self.lang, verbose: self.verbose, meaning: &meaning }
    }

    /// What a run ends in: for people the count line, else the page.
    pub(super) fn end(&self, page: &Page, counts: Counts, next: Option<&Text>, to: To) -> Exit {
        match (self.format, to) {
            (MessageFormat::Human, _) => {
                output::stderr(&format!("{}\n", words::count_line(counts, next, self.lang)));
            }
            (MessageFormat::Markdown, To::Stderr) => output::stderr(&page.render(next, self.style())),
            (MessageFormat::Markdown, To::Stdout) => return write(&page.render(next, self.style()), self.lang),
            (MessageFormat::Short | MessageFormat::Json, _) => {}
        }
        Exit::Fine
    }
}

/// What a rule checks, by its id.
fn meaning(id: &str) -> Option<Text> {
    if id == check::NOT_CHECKED {
        return Some(say!(en: "Every question was answered", ja: "すべての問い合わせに回答がありました"));
    }
    let asked = || check::RULES.iter().find(|rule| rule.id == id).map(check::Rule::summary);
    lint::rules().find(|rule| rule.id == id).map(lint::Rule::summary).or_else(asked)
}

/// What one site gave, ready to be written.
pub(super) struct Done {
    /// The product; none if the site is broken.
    pub products: Option<Vec<Product>>,
    pub findings: Vec<Finding>,
    pub sources: Sources,
}

/// What all sites amount to.
pub(super) struct Summary<'a> {
    telling: Telling,
    places: Places<'a>,
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
    page: Page,
    /// Something is to be done, and the exit code is to say so.
    differs: bool,
}

impl<'a> Summary<'a> {
    pub(super) fn new(telling: Telling, places: Places<'a>, several: bool) -> Self {
        Self {
            telling,
            places,
            several,
            counts: Counts::default(),
            next: None,
            next_is_grave: false,
            built: 0,
            broken: 0,
            written: BTreeMap::new(),
            report: Vec::new(),
            page: Page::default(),
            differs: false,
        }
    }

    /// Makes the exit code say that something is to be done, if nothing is wrong.
    pub(super) fn differs(&mut self) {
        self.differs = true;
    }

    /// What is to be done next, where no finding says so.
    pub(super) fn then(&mut self, next: Text) {
        self.next.get_or_insert(next);
    }

    /// Writes what a site gave and says what was found.
    pub(super) fn site(&mut self, path: &Path, mut done: Done) {
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
        self.tell(path, &done.findings, &done.sources);
    }

    /// Counts something that was done and writes nothing by itself.
    pub(super) fn done(&mut self) {
        self.built += 1;
    }

    /// Counts something that could not be done.
    pub(super) fn failed(&mut self) {
        self.broken += 1;
    }

    /// Where the products go.
    pub(super) fn target(&self) -> &Target {
        &self.places.target
    }

    /// Says that there are several products to write.
    pub(super) fn make_several(&mut self) -> Result<(), Text> {
        self.places.make_several()
    }

    /// Says what was found of a site or zone.
    pub(super) fn tell(&mut self, path: &Path, findings: &[Finding], sources: &Sources) {
        let counts = Counts::of(findings);
        self.counts.add(counts);
        self.next_step(path, findings, counts.errors > 0);
        output::stderr(&self.telling.render(&mut self.page, path, findings, sources, To::Stderr));
        if self.places.report.is_some() {
            self.report.push(json::render(findings, sources));
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

    /// The last line, the report, and what the run amounts to.
    pub(super) fn finish(self) -> Exit {
        let mut report_failed = false;
        if let Some(path) = self.places.report {
            // One document a site, one after the other: JSON readers call it a sequence.
            if let Err(why) = self.places.write_report(path, &self.report.concat()) {
                let shown = shown(path);
                let text = say!(en: "error: {shown} was not written: {why}", ja: "エラー: {shown} に書けませんでした: {why}"; why = why);
                output::stderr(&format!("{}\n", text.get(self.telling.lang)));
                report_failed = true;
            }
        }
        self.telling.end(&self.page, self.counts, self.next.as_ref(), To::Stderr);
        if report_failed || self.built == 0 {
            return Exit::NotDone;
        }
        match self.broken {
            0 if !self.counts.fail(self.telling.strict) => {
                if self.differs {
                    Exit::Differs
                } else {
                    Exit::Fine
                }
            }
            _ => Exit::Findings,
        }
    }
}

/// What goes where only one text can go: the product; further zones of the site follow it, other files are for folders only.
fn single(products: &[Product]) -> String {
    let ending = products.first().and_then(|p| p.name.rsplit('.').next()).unwrap_or("");
    let same =
        products.iter().filter(|p| p.name.rsplit('.').next() == Some(ending) && !p.name.ends_with(".mta-sts.txt"));
    same.map(|p| p.text.as_str()).collect::<Vec<_>>().join("\n")
}
