//! `zoneplan plan`.

use std::path::Path;

use crate::build::{Built, Overrides, build};
use crate::catalogue::Catalogue;
use crate::plan::{
    Adopted, Left, Part, Pick, Plan, Question, add_to_site, adopted, differences, hold_back, judge, move_to,
    names_moved_host, not_there, plan,
};
use crate::render::plan::{FORMATS, PlanFormat, PlanInput};
use crate::render::{Input, Product};
use crate::report::{Finding, Lang, NoteKind, Severity, Text, excerpt};
use crate::say;
use crate::site::{Changed, Files};
use crate::zone::Name;

use super::args::{Audience, PlanArgs};
use super::current::Now;
use super::disk::{self, Disk};
use super::many::{CHUNK, make_folder, side_by_side, sites};
use super::places::{Places, Target, Wanted, shown};
use super::summary::{Done, Summary, Telling};
use super::{Exit, output};

/// The largest site.toml that is written into, octets.
const LIMIT_SITE: u64 = 1024 * 1024;

pub(super) fn run(args: &PlanArgs, lang: Lang, asked: Option<Lang>) -> Exit {
    let Some(format) = FORMATS.iter().find(|f| f.name == args.format) else { return Exit::NotDone };
    let disk = Disk::default();
    let begun = sites(&args.sites, "plan").and_then(|sites| {
        let wanted =
            Wanted { output: args.output.as_deref(), report: args.telling.report.as_deref(), several: sites.len() > 1 };
        goes_with(args, sites.len() > 1)?;
        let places = Places::of(wanted, &sites, &disk)?;
        let now = Now::of(&args.now, &disk)
            .map_err(|why| say!(en: "error: {why}", ja: "エラー: {why}"; why = why))?;
        if now.is_some() && args.current.is_some() {
            return Err(say!(
                en: "error: --current names a file of the zone as it is; --live, --resolver, --dns and --server read it otherwise. Choose one",
                ja: "エラー: --current はいまのゾーンのファイルを、--live・--resolver・--dns・--server は別の読み方を指定します。どちらかにしてください"
            ));
        }
        if let Target::Folder(path) = &places.target {
            make_folder(path)?;
        }
        Ok((sites, places, now))
    });
    let (sites, places, now) = match begun {
        Ok(begun) => begun,
        Err(message) => {
            output::stderr(&format!("{}\n", message.get(lang)));
            return Exit::NotDone;
        }
    };
    let Some(catalogue) = super::catalogue::catalogue(lang) else { return Exit::NotDone };
    let folder = matches!(places.target, Target::Folder(_));
    let job = Job { args, format, folder, asked, catalogue: &catalogue, disk: &disk, now };
    let mut summary = Summary::new(Telling::of(lang, &args.telling), places, sites.len() > 1);
    for chunk in sites.chunks(CHUNK) {
        for (path, (done, differs, stopped)) in chunk.iter().zip(side_by_side(chunk, |path| job.site(path))) {
            if differs && args.exit_code {
                summary.differs();
            }
            // A plan that was stopped was made all the same; nothing of it is written.
            if stopped {
                summary.done();
                summary.tell(path, &done.findings, &done.sources);
            } else {
                summary.site(path, done);
            }
            if differs && format.name == "text" {
                summary.then(say!(en: "zoneplan plan --format html -o worksheet.html", ja: "zoneplan plan --format html -o 手順書.html"));
            }
        }
    }
    summary.finish()
}

/// What is of one site only is not said of several.
fn goes_with(args: &PlanArgs, several: bool) -> Result<(), Text> {
    let one = [
        ("--current", args.current.is_some()),
        ("--adopt", !args.adopt.is_empty()),
        ("--remove", !args.remove.is_empty()),
    ];
    if let Some((option, _)) = one.iter().find(|(_, given)| *given && several) {
        return Err(
            say!(en: "error: {option} is about one site; write current = \"…\" into each site.toml, or name one site", ja: "エラー: {option} は 1 つのサイトにだけ使えます。それぞれの site.toml に current = \"…\" を書くか、サイトを 1 つだけ指定してください"),
        );
    }
    if args.audience.is_some() && !["worksheet", "html"].contains(&args.format.as_str()) {
        let name = &args.format;
        return Err(
            say!(en: "error: --for goes with --format worksheet or html; {name} is no worksheet", ja: "エラー: --for は --format worksheet か html でだけ使えます。{name} は手順書ではありません"),
        );
    }
    Ok(())
}

struct Job<'a> {
    args: &'a PlanArgs,
    format: &'static PlanFormat,
    folder: bool,
    asked: Option<Lang>,
    catalogue: &'a Catalogue,
    disk: &'a Disk,
    /// Who tells the zone as it is, if no file does.
    now: Option<Now>,
}

/// What planning a site gave.
#[derive(Default)]
struct Planned {
    products: Option<Vec<Product>>,
    findings: Vec<Finding>,
    differs: bool,
    stopped: bool,
    /// Names at which site.toml has no DMARC policy and the zone as it is has one.
    dmarc: Vec<String>,
}

impl Job<'_> {
    fn overrides(&self) -> Overrides<'_> {
        let text = |path: &Option<std::path::PathBuf>| path.as_ref().map(|p| p.to_string_lossy().into_owned());
        Overrides {
            registrar: self.args.move_to.clone(),
            moves: self.args.move_to.is_some(),
            current: text(&self.args.current),
            teller: self.now.as_ref().map(Now::teller),
            keyzone: text(&self.args.keyzone),
            read: None,
            without_keyzone: false,
            keys: Vec::new(),
            with_pins: false,
            include_root: text(&self.args.include_root),
        }
    }

    /// Plans a site; and whether something is to be done, and whether the plan was stopped.
    fn site(&self, path: &Path) -> (Done, bool, bool) {
        if self.args.adopt.is_empty() {
            return self.with(path, self.disk);
        }
        let (adopted, text, before) = match self.adopt(path) {
            Ok(adopted) => adopted,
            Err(done) => return (done, false, false),
        };
        let file = path.to_string_lossy();
        let changed = Changed::new(self.disk, [(file.to_string(), text.clone())]);
        let (mut done, differs, mut stopped) = self.with(path, &changed);
        let (n, file) = (adopted.records.len() + adopted.terms.len(), shown(path));
        if n == 0 {
            return (done, differs, stopped);
        }
        let known = |f: &Finding| before.iter().any(|b| b.id == f.id && b.about == f.about);
        let is_new = |f: &&Finding| f.severity == Severity::Error && !f.id.starts_with("plan-") && !known(f);
        let new = done.findings.iter().find(is_new).map(|f| f.title.clone());
        // Nothing is written for the sake of a plan that there is not, nor what would be wrong.
        let why = match (&done.products, new, stopped) {
            (Some(_), Some(new), _) => {
                Err(say!(en: "with what --adopt adds: {new}", ja: "--adopt の内容を書き足すと: {new}"; new = new))
            }
            (Some(_), None, _) => disk::write(path, &text, disk::Care::Synced).map_err(|e| disk::reason(&e)),
            (None, _, true) => Err(
                say!(en: "the plan is stopped; name all that is to be adopted in one call", ja: "作業計画が止まりました。取り込むものは 1 回でまとめて指定します"),
            ),
            (None, _, false) => Err(
                say!(en: "with what --adopt adds it would not build", ja: "--adopt の内容を書き足すと、組み立てられなくなります"),
            ),
        };
        done.findings.push(match why {
            Ok(()) => Finding::advice(
                "plan-adopted",
                say!(en: "{n} written into {file}", ja: "{file} に {n} 件を書き足しました"),
            ),
            Err(why) => {
                if !stopped {
                    (done.products, stopped) = (None, false);
                }
                let title = say!(en: "{file} was not changed: {why}", ja: "{file} は変えていません: {why}"; why = why);
                Finding::error("plan-adopt", title)
            }
        });
        (done, differs, stopped)
    }

    /// Plans a site whose files are these.
    fn with(&self, path: &Path, files: &dyn Files) -> (Done, bool, bool) {
        let file = path.to_string_lossy();
        let overrides = self.overrides();
        let run = build(&file, files, self.catalogue, &overrides, |built| {
            if !self.args.leave_keyzone {
                return self.plan(built, None);
            }
            let without = Overrides { without_keyzone: true, ..overrides.clone() };
            // What the site would be without its keyzone is what is wanted; what it has there now goes at last.
            let inner = build(&file, files, self.catalogue, &without, |other| {
                let other = Built { subzones: built.subzones, keyzone: built.keyzone, ..*other };
                self.plan(&other, Some(built))
            });
            let mut planned = inner.product.unwrap_or_default();
            planned.findings.extend(inner.findings.into_iter().filter(|f| f.labels.is_empty()));
            planned
        });
        let mut findings = run.findings;
        let planned = run.product.unwrap_or_default();
        if self.args.leave_keyzone {
            findings.retain(|f| f.severity == Severity::Error && planned.products.is_none());
        }
        // Said again below, of the plan.
        findings.retain(|f| f.id != "plan-would-drop");
        // What site.toml does not have and the zone has, stays.
        let stays = |f: &Finding| f.about.iter().all(|a| planned.dmarc.contains(&a.name));
        findings.retain(|f| f.id != "dmarc-missing" || !stays(f));
        findings.extend(planned.findings);
        let done = Done { products: planned.products, findings, sources: run.sources };
        (done, planned.differs, planned.stopped)
    }

    fn plan(&self, built: &Built<'_>, before: Option<&Built<'_>>) -> Planned {
        let mut out = Planned::default();
        let origin = &built.site.domain.value;
        let section = before.unwrap_or(built).site.keyzone.as_ref();
        let keyzone = section.map(|s| &s.zone.as_ref().unwrap_or(&s.suffix).value);
        let remove = match picks("--remove", &self.args.remove, origin, keyzone) {
            Ok(remove) => remove,
            Err(finding) => {
                out.findings.push(*finding);
                return out;
            }
        };
        let Some(current) = built.current else {
            out.findings.push(no_current());
            return out;
        };
        let missing = built.findings.iter().filter(|f| f.id == "dmarc-missing").flat_map(|f| &f.about).map(|a| &a.name);
        let is_policy = |name: &Name| current.at(name).any(|r| Part::of(r) == Part::Dmarc);
        out.dmarc = missing.filter(|n| Name::parse_absolute(n).is_ok_and(|n| is_policy(&n))).cloned().collect();
        let section = section.filter(|_| before.is_some());
        let zone = keyzone.filter(|_| before.is_some()).map(|zone| Left::composed(zone.clone()));
        let registrar = section.and_then(|s| self.catalogue.registrar(&s.registrar.as_ref()?.value));
        let left = section.zip(zone.as_ref()).map(|(s, zone)| Left::new(s.suffix.value.clone(), zone, registrar));
        let question = Question { left: left.as_ref(), remove: &remove, ..built.question() };
        if self.args.leave_keyzone && left.is_none() {
            out.findings.push(Finding::advice(
                "keyzone-none",
                say!(en: "site.toml has no [keyzone]", ja: "site.toml に [keyzone] がありません"),
            ));
        }
        let moves = self.args.move_to.is_some();
        let mut plan: Plan<'_> = if moves { move_to(&question) } else { plan(&question) };
        hold_back(&question, &mut plan);
        let (stops, said) =
            if moves { (Vec::new(), plan.findings.clone()) } else { judge(&question, &plan, self.catalogue) };
        // What site.toml wants too has been told, with its ways.
        let told = |f: &Finding| built.findings.iter().any(|b| b.id == f.id && b.about == f.about);
        out.findings.extend(said.into_iter().filter(|f| !(moves && told(f))));
        out.findings.extend(unused(&remove, &question, &plan));
        out.stopped = moves && plan.findings.iter().any(|f| f.severity == Severity::Error);
        for stop in stops {
            if stop.forced && self.args.force {
                out.findings.push(Finding { severity: Severity::Warning, ..stop.finding });
            } else {
                out.stopped = true;
                out.findings.push(stop.finding);
            }
        }
        // What nobody has decided about differs too.
        let zones = question.fitted.zones().filter_map(|z| Some((z, question.current_of(z)?)));
        let mut different = zones.flat_map(|(zone, current)| differences(zone, current));
        out.differs = !plan.is_done(&question) || different.any(|d| !d.is_none());
        if out.stopped {
            out.findings.push(Finding::advice(
                "plan-stopped",
                say!(en: "no steps are written as long as the errors above stand", ja: "上のエラーが残っている間は、手順を出しません"),
            ));
            return out;
        }
        let input = Input {
            built: *built,
            lang: self.asked.or(built.site.lang).unwrap_or_default(),
            client: self.args.audience == Some(Audience::Client),
            complete: None,
            gone: &[],
        };
        let plan = PlanInput { input: &input, question: &question, plan: &plan, folder: self.folder, repairs: false };
        out.products = Some((self.format.write)(plan));
        out
    }

    /// What of the zone as it is goes into site.toml, the text that it would be then, and what is found without it. It is the only file of the user's that is ever written
    /// into.
    fn adopt(&self, path: &Path) -> Result<(Adopted, String, Vec<Finding>), Done> {
        let file = path.to_string_lossy();
        let run = build(&file, self.disk, self.catalogue, &self.overrides(), |built| {
            let origin = &built.site.domain.value;
            let section = built.site.keyzone.as_ref();
            let keyzone = section.map(|s| &s.zone.as_ref().unwrap_or(&s.suffix).value);
            let picks = |option, texts: &[String], keyzone| {
                picks(option, texts, origin, keyzone).map_err(|finding| vec![*finding])
            };
            let adopt = picks("--adopt", &self.args.adopt, None)?;
            let remove = picks("--remove", &self.args.remove, keyzone)?;
            let both = self.args.adopt.iter().zip(&adopt).filter(|(_, pick)| remove.iter().any(|r| r.meets(pick)));
            let both: Vec<Finding> = both
                .map(|(text, _)| {
                    let shown = excerpt(text, 80);
                    Finding::error("plan-adopt", say!(en: "{shown} is to stay (--adopt) and to go (--remove)", ja: "{shown} が --adopt と --remove の両方にあります"))
                })
                .collect();
            if !both.is_empty() {
                return Err(both);
            }
            let Some(current) = built.current else { return Err(vec![no_current()]) };
            let adopted = adopted(&adopt, current, built.fitted.own.composed);
            if !adopted.wrong.is_empty() {
                return Err(adopted.wrong);
            }
            let text = self.text(path, &adopted, origin).map_err(|why| {
                let file = shown(path);
                let title = say!(en: "{file} was not changed: {why}", ja: "{file} は変えていません: {why}"; why = why);
                vec![Finding::error("plan-adopt", title)]
            })?;
            Ok((adopted, text))
        });
        let (mut findings, sources) = (run.findings, run.sources);
        match run.product {
            Some(Ok((adopted, text))) => Ok((adopted, text, findings)),
            Some(Err(wrong)) => {
                findings.extend(wrong);
                Err(Done { products: None, findings, sources })
            }
            None => Err(Done { products: None, findings, sources }),
        }
    }

    /// site.toml with what is adopted.
    fn text(&self, path: &Path, adopted: &Adopted, origin: &Name) -> Result<String, Text> {
        let octets = self.disk.read(&path.to_string_lossy(), LIMIT_SITE).map_err(|e| e.text())?;
        let text = String::from_utf8(octets).map_err(|_| say!(en: "it is not UTF-8", ja: "UTF-8 ではありません"))?;
        add_to_site(&text, &adopted.records, &adopted.terms, origin)
    }
}

/// Records that the command line names.
fn picks(option: &str, texts: &[String], origin: &Name, keyzone: Option<&Name>) -> Result<Vec<Pick>, Box<Finding>> {
    let read = |text: &String| {
        Pick::parse(text, origin, keyzone).map_err(|why| {
            let shown = excerpt(text, 80);
            Box::new(Finding::error(
                "plan-record",
                say!(en: "{option} {shown}: {why}", ja: "{option} {shown}: {why}"; why = why),
            ))
        })
    };
    texts.iter().map(read).collect()
}

/// What was said to go and is not there.
fn unused(picks: &[Pick], question: &Question<'_>, plan: &Plan<'_>) -> Vec<Finding> {
    let Some(current) = question.current else { return Vec::new() };
    let origin = &question.fitted.own.composed.origin;
    let zone_of = |pick: &Pick| match question.keyzone {
        Some(keyzone) if !pick.name.is_subdomain_of(origin) => keyzone,
        _ => current,
    };
    let used = |pick: &&Pick| {
        zone_of(pick).at(&pick.name).any(|r| pick.takes(r))
            || plan.steps().chain(&plan.keep).any(|s| {
                s.now.iter().any(|r| {
                    let text = String::from_utf8_lossy(&r.rdata.txt_joined()).into_owned();
                    text.split_ascii_whitespace()
                        .any(|word| pick.value.is_some() && pick.takes_term(&r.name, r.rtype, word))
                })
            })
            || names_moved_host(pick, question, plan)
    };
    let unused = picks.iter().filter(|p| !used(p));
    unused.map(|pick| Finding::advice("plan-remove-nothing", not_there("--remove", pick, zone_of(pick)))).collect()
}

/// Without the zone as it is there is nothing to compare.
fn no_current() -> Finding {
    Finding::error(
        "plan-no-current",
        say!(en: "plan needs the zone as it is now", ja: "作業計画には、いまのゾーンが必要です"),
    )
    .next(say!(en: "give its zone file: --current FILE, or current = \"FILE\" in site.toml; or have it read: --server ADDR, --live", ja: "ゾーンファイルを --current FILE か、site.toml の current = \"FILE\" で指定します。サーバーから読むなら --server ADDR か --live です"))
    .note(
        NoteKind::Note,
        say!(en: "without it: zoneplan build --format worksheet", ja: "なしで手順を出すには zoneplan build --format worksheet"),
    )
}
