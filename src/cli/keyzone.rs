//! `zoneplan keyzone`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::build::{Built, Overrides, build};
use crate::catalogue::Catalogue;
use crate::fit::{Current, Merged, Share, carry};
use crate::render::{self, Format, Input};
use crate::report::{Finding, Lang, Severity, Sources, Text};
use crate::say;
use crate::site::{Files as _, Site};
use crate::zone::{MasterFile, Name};

use super::args::KeyzoneArgs;
use super::build::needs_folder;
use super::disk::Disk;
use super::many::{CHUNK, make_folder, side_by_side, sites};
use super::places::{Places, Target, Wanted, shown};
use super::summary::{Done, Summary, Telling};
use super::{Exit, output};

/// The largest zone file that is read, octets.
pub(super) const LIMIT_ZONE_FILE: u64 = 64 * 1024 * 1024;

/// What one site gave.
struct Part {
    /// None if the site is broken.
    share: Option<Option<Share>>,
    lang: Option<Lang>,
    findings: Vec<Finding>,
    sources: Sources,
}

pub(super) fn run(args: &KeyzoneArgs, lang: Lang, asked: Option<Lang>) -> Exit {
    let Some(format) = render::format(&args.format) else { return Exit::NotDone };
    let disk = Disk::default();
    match merged(args, format, &disk, lang, asked) {
        Ok(exit) => exit,
        Err(message) => {
            output::stderr(&format!("{}\n", message.get(lang)));
            Exit::NotDone
        }
    }
}

fn merged(args: &KeyzoneArgs, format: &Format, disk: &Disk, lang: Lang, asked: Option<Lang>) -> Result<Exit, Text> {
    let sites = sites(&args.sites, "keyzone")?;
    let wanted = Wanted { output: args.output.as_deref(), report: args.telling.report.as_deref(), several: false };
    let places = Places::of(wanted, &sites, disk)?;
    let file = args.current.as_deref().map(|path| read(path, disk)).transpose()?;
    let Some(catalogue) = super::catalogue::catalogue(lang) else { return Ok(Exit::NotDone) };
    let mut summary = Summary::new(Telling::of(lang, &args.telling), places, sites.len() > 1);
    let mut zones: BTreeMap<Name, (Option<Lang>, Vec<Share>)> = BTreeMap::new();
    let mut built = 0usize;
    for chunk in sites.chunks(CHUNK) {
        for (path, part) in chunk.iter().zip(side_by_side(chunk, |path| part(path, disk, &catalogue))) {
            summary.tell(path, &part.findings, &part.sources);
            match part.share {
                None => summary.failed(),
                Some(share) => {
                    built += 1;
                    if let Some(share) = share {
                        let zone = zones.entry(share.zone().clone()).or_insert_with(|| (part.lang, Vec::new()));
                        zone.1.push(share);
                    }
                }
            }
        }
    }
    if zones.is_empty() {
        if built > 0 {
            summary.done();
        }
        return Ok(summary.finish());
    }
    if zones.len() > 1 {
        if args.current.is_some() {
            let list = zones.keys().map(|z| z.display_without_dot().to_string()).collect::<Vec<_>>().join(", ");
            return Err(
                say!(en: "error: --current is one zone, but these sites have several keyzones: {list}; name the sites of one of them", ja: "エラー: --current は 1 つのゾーンですが、鍵の置き場が複数あります: {list}。1 つの置き場のサイトだけを指定してください"),
            );
        }
        summary.make_several()?;
    }
    let folder = matches!(summary.target(), Target::Folder(_));
    if let Target::Folder(path) = summary.target() {
        make_folder(path)?;
    }
    let name = args.current.as_deref().map(shown).unwrap_or_default();
    for (zone, (site_lang, shares)) in zones {
        let master = file.as_ref().map(|octets| MasterFile::read(octets, &zone));
        let current = master.as_ref().map(|file| Current {
            file,
            name: &name,
            remove: args.remove,
            authority: format.has_authority(),
        });
        let lang = asked.or(site_lang).unwrap_or_default();
        let path = PathBuf::from(zone.display_without_dot().to_string());
        match Merged::of(&shares, current, &catalogue) {
            Ok(merged) if merged.is_empty() && file.is_none() => {
                summary.done();
                summary.tell(&path, &merged.fitted().findings, &Sources::default());
            }
            Ok(merged) => summary.site(&path, written(&merged, &catalogue, &zone, format, folder, lang)),
            Err(findings) => {
                summary.done();
                summary.site(&path, Done { products: None, findings, sources: Sources::default() });
            }
        }
    }
    Ok(summary.finish())
}

fn read(path: &Path, disk: &Disk) -> Result<Vec<u8>, Text> {
    disk.read(&path.to_string_lossy(), LIMIT_ZONE_FILE).map_err(|error| {
        let (shown, why) = (shown(path), error.text());
        say!(en: "error: --current {shown}: {why}", ja: "エラー: --current {shown}: {why}"; why = why)
    })
}

/// Builds a site and keeps what it puts into its keyzone. What else is wrong with it is for `build` to say.
fn part(path: &Path, disk: &Disk, catalogue: &Catalogue) -> Part {
    let file = path.to_string_lossy();
    let run = build(&file, disk, catalogue, &Overrides::default(), |built| {
        (Share::of(&file, built.site, built.fitted), built.site.lang, built.site.keyzone.is_some())
    });
    let Some((share, lang, has_keyzone)) = run.product else {
        return Part { share: None, lang: None, findings: run.findings, sources: run.sources };
    };
    let mut findings = run.findings;
    findings.retain(|f| matches!(f.id, "keyzone-inside-site" | "keyzone-unused"));
    if !has_keyzone {
        let file = shown(path);
        findings.push(Finding::advice(
            "keyzone-none",
            say!(en: "{file} has no [keyzone]", ja: "{file} には [keyzone] がありません"),
        ));
    }
    let broken = findings.iter().any(|f| f.severity == Severity::Error);
    Part { share: (!broken).then_some(share), lang, findings, sources: run.sources }
}

/// The merged zone as text.
fn written(merged: &Merged<'_>, catalogue: &Catalogue, zone: &Name, format: &Format, folder: bool, lang: Lang) -> Done {
    let mut sources = Sources::default();
    let site = Site::of_domain(sources.add("", String::new()), zone.clone());
    let fitted = merged.fitted();
    let mut findings = fitted.findings.clone();
    let whole = !fitted.own.composed.is_part;
    let give = say!(en: "give all of the zone as it is, from its SOA on, so that it is kept: --current FILE", ja: "いまのゾーンをすべて残すため、SOA から始まるゾーンファイルを指定します: --current FILE");
    if let Some(carrier) = format.carrier
        && let Err(finding) = carry::may_replace(&fitted, carrier, whole, None)
    {
        findings.push(finding.instead(give));
        return Done { products: None, findings, sources };
    }
    if let Some(finding) =
        carry::cannot_remove(&fitted, format.name, format.carrier, format.has_authority(), merged.gone())
    {
        // Nothing was done of what these say.
        findings
            .retain(|f| !matches!(f.id, "keyzone-removed" | "keyzone-merged" | "keyzone-serial" | "keyzone-authority"));
        findings.push(if format.has_authority() { finding.instead(give) } else { finding });
        return Done { products: None, findings, sources };
    }
    if let Some(carrier) = format.carrier {
        let found = carry::check(&fitted, carrier, whole, None).into_iter();
        findings.extend(found.map(|f| if f.id == "format-replaces-sets" { f.instead(give.clone()) } else { f }));
    }
    let built = Built {
        site: &site,
        catalogue,
        fitted: &fitted,
        current: None,
        subzones: &[],
        keyzone: None,
        pins_file: None,
        findings: &fitted.findings,
        sources: &sources,
    };
    let mut products = (format.write)(&Input { built, lang, client: false, complete: None, gone: merged.gone() });
    products.retain(|p| !p.text.is_empty());
    if products.len() > 1 && !format.joins && !folder {
        findings.push(needs_folder(format.name, products.len()));
        return Done { products: None, findings, sources };
    }
    Done { products: Some(products), findings, sources }
}
