//! `zoneplan check --worksheet`: what to type where a vendor has changed a key that the zone has a copy of.

use std::path::PathBuf;

use crate::build::{Built, Overrides, build};
use crate::catalogue::Catalogue;
use crate::check::Stale;
use crate::fit::FittedZone;
use crate::plan::{StageKind, plan};
use crate::render::plan::{FORMATS, PlanFormat, PlanInput};
use crate::render::{Input, Product};
use crate::report::{Lang, Text};
use crate::say;
use crate::zone::{Coverage, Current, Found, Name, Record, Rtype};

use super::args::SiteCheckArgs;
use super::disk::Disk;
use super::many::make_folder;
use super::places::{Places, Target, Wanted, shown};

/// The worksheets of a run, where they are wanted.
pub(super) struct Sheets<'a> {
    /// Where they go, and the report.
    pub places: Places<'a>,
    format: Option<&'static PlanFormat>,
    disk: &'a Disk,
}

impl<'a> Sheets<'a> {
    /// As the command line says; `Err` says why that can't be.
    pub(super) fn of(args: &'a SiteCheckArgs, sites: &[PathBuf], disk: &'a Disk) -> Result<Self, Text> {
        let output = args.worksheet.as_deref();
        let several = output.is_some() && sites.len() > 1;
        let places = Places::of(Wanted { output, report: args.telling.report.as_deref(), several }, sites, disk)?;
        let name = match &places.target {
            Target::Stdout if output.is_some() => {
                return Err(
                    say!(en: "error: --worksheet: standard output has the findings; name a file", ja: "エラー: --worksheet: 標準出力には確認の結果を出します。ファイルを指定してください"),
                );
            }
            Target::Stdout => None,
            Target::Folder(folder) => {
                make_folder(folder)?;
                Some("html")
            }
            Target::File(path) if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("html")) => {
                Some("html")
            }
            Target::File(_) => Some("worksheet"),
        };
        let format = name.and_then(|name| FORMATS.iter().find(|format| format.name == name));
        Ok(Self { places, format, disk })
    }

    /// The sheet of a site: the rows of stale copies, from what DNS has to what the vendors publish. None where no row has to be typed.
    pub(super) fn of_site(
        &self,
        file: &str,
        built: &Built<'_>,
        stale: &[Stale],
        catalogue: &Catalogue,
        asked: Option<Lang>,
    ) -> Vec<Product> {
        let Some(format) = self.format.filter(|_| !stale.is_empty()) else { return Vec::new() };
        // All else is taken for as it is wanted: what is not is told, and is no matter of this sheet.
        let own = as_wanted(&built.fitted.own, stale);
        let keyzone = built.fitted.keyzone.as_ref().map(|zone| as_wanted(zone, stale));
        let subzones: Vec<(Name, Current)> =
            built.fitted.subzones.iter().map(|zone| (zone.composed.origin.clone(), as_wanted(zone, stale))).collect();
        let keys = stale.iter().map(|copy| (copy.target.clone(), copy.now.clone())).collect();
        let overrides = Overrides { keys, ..Overrides::default() };
        let run = build(file, self.disk, catalogue, &overrides, |built| {
            let built = Built { current: Some(&own), subzones: &subzones, keyzone: keyzone.as_ref(), ..*built };
            let question = built.question();
            let mut plan = plan(&question);
            plan.keep.clear();
            for stage in &mut plan.stages {
                // Mail fails already: there is nothing to wait for.
                stage.before = None;
                stage.steps.retain(|step| {
                    question.current_of(step.zone).is_some() && stale.iter().any(|copy| copy.name == step.name)
                });
                for step in &mut stage.steps {
                    let who = built.fitted.composed.parties.get(step.party).map(|p| p.name.clone()).unwrap_or_default();
                    if let Some(window) = &mut step.window {
                        window.why = say!(en: "{who} has changed its key already: DKIM of its mail fails until this row is changed, and for receivers that have asked before for as long as its TTL after that", ja: "{who}の鍵はもう替わっています。この行を書き換えるまで、{who}のメールの DKIM は不合格です。前の答えを覚えている受信側では、書き換えてからも TTL の間は不合格のままです"; who = who);
                    }
                }
            }
            plan.stages
                .retain(|stage| matches!(stage.kind, StageKind::Add | StageKind::Switch) && !stage.steps.is_empty());
            if plan.stages.is_empty() {
                return Vec::new();
            }
            let lang = asked.or(built.site.lang).unwrap_or_default();
            let input = Input { built, lang, client: false, complete: None, gone: &[] };
            (format.write)(PlanInput { input: &input, question: &question, plan: &plan, folder: false, repairs: true })
        });
        run.product.unwrap_or_default()
    }

    /// Writes the sheet of a site.
    pub(super) fn write(&self, sheet: &[Product]) -> Result<(), Text> {
        for product in sheet {
            let path = match &self.places.target {
                Target::Stdout => continue,
                Target::File(path) => path.clone(),
                Target::Folder(folder) => folder.join(&product.name),
            };
            let shown = shown(&path);
            self.places.write(&path, &product.text).map_err(|why| {
                say!(en: "error: {shown} was not written: {why}", ja: "エラー: {shown} に書けませんでした: {why}"; why = why)
            })?;
        }
        Ok(())
    }
}

/// A zone as if all of it were as it is wanted, but for the stale copies, which are as DNS has them.
fn as_wanted(zone: &FittedZone<'_>, stale: &[Stale]) -> Current {
    let copy = |record: &Record| stale.iter().find(|copy| record.rtype == Rtype::TXT && copy.name == record.name);
    let sets = &zone.composed.rrsets;
    let asked = sets.iter().map(|set| (set.name.clone(), set.rtype)).collect();
    let wanted = sets.iter().flat_map(|set| set.records());
    let mut records: Vec<Record> =
        wanted.filter(|record| copy(record).is_none_or(|copy| copy.published.is_none())).collect();
    let published = stale.iter().filter(|copy| zone.composed.rrset(&copy.name, Rtype::TXT).is_some());
    records.extend(published.flat_map(|copy| copy.published.iter().flatten().cloned()));
    // What a resolver has is what is left of a TTL.
    let found = |record| Found { record: Record { ttl: 0, ..record }, has_ttl: false, span: None };
    let found = records.into_iter().map(found).collect();
    Current::new(found, Coverage::Asked(asked))
}
