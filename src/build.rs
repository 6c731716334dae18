//! The whole way of one site: read, look up, compose, fit, judge. Pure but for what comes through [`Files`].

use crate::catalogue::{Catalogue, OwnTemplate, TemplateKind, domain_connect};
use crate::compose::{Composed, Resolved, compose, resolve};
use crate::current::{self, asked, questions};
use crate::fit::{Fitted, FittedZone, fit, settle};
use crate::lint::{self, View};
use crate::live::Teller;
use crate::pins::{Pins, PinsFile};
use crate::report::{Finding, NoteKind, Severity, Sources, Text, did_you_mean, excerpt};
use crate::say;
use crate::site::{Files, Site, load, read_text};
use crate::toml_reader::At;
use crate::zone::{Current, Name};
use crate::{check, own_templates, plan, retired};

/// What one run gave.
pub struct Run<R> {
    /// What `with` made of the fitted zones; absent if site.toml or what it names is broken.
    pub product: Option<R>,
    /// Everything found.
    pub findings: Vec<Finding>,
    /// The texts that findings point into.
    pub sources: Sources,
}

/// What was made of a site.
#[derive(Clone, Copy)]
pub struct Built<'a> {
    /// The site.
    pub site: &'a Site,
    /// The catalogue, with the site's own templates.
    pub catalogue: &'a Catalogue,
    /// Its zones, fitted.
    pub fitted: &'a Fitted<'a>,
    /// The zone as it is, if the site or the command line names a file of it.
    pub current: Option<&'a Current>,
    /// Delegated subzones as they are, by their origins, as far as servers tell them.
    pub subzones: &'a [(Name, Current)],
    /// The keyzone as it is, if the command line names a file of it, or servers tell it.
    pub keyzone: Option<&'a Current>,
    /// What DNS said, if something is built from it or it was asked for.
    pub pins_file: Option<&'a PinsFile>,
    /// What was found.
    pub findings: &'a [Finding],
    /// The texts that findings point into.
    pub sources: &'a Sources,
}

impl<'a> Built<'a> {
    /// What DNS said, as far as it can be used.
    #[must_use]
    pub fn pins(&self) -> Option<&'a Pins> {
        self.pins_file.and_then(|file| file.pins.as_ref())
    }

    /// What a plan of it is made of, where nothing that stays is to go.
    #[must_use]
    pub fn question(&self) -> plan::Question<'a> {
        plan::Question {
            site: self.site,
            fitted: self.fitted,
            current: self.current,
            subzones: self.subzones,
            keyzone: self.keyzone,
            left: None,
            remove: &[],
        }
    }
}

/// What the command line may change of a site.
#[derive(Clone, Debug, Default)]
pub struct Overrides<'t> {
    /// Another registrar; the site's `[limits]` are then not asked.
    pub registrar: Option<String>,
    /// That registrar is one to which the zone moves.
    pub moves: bool,
    /// A folder from which the zone as it is may include files besides its own.
    pub include_root: Option<String>,
    /// A file of the zone as it is, as seen from where the program was started, in place of the site's own.
    pub current: Option<String>,
    /// The zone as it is, read already, in place of the site's file of it. Findings that point into it point into other texts than the run's.
    pub read: Option<&'t Current>,
    /// Who tells the zone as it is, in place of any file; subzones too, and the keyzone, if no file of it is named.
    pub teller: Option<Teller<'t>>,
    /// A file of the keyzone as it is, as seen from where the program was started.
    pub keyzone: Option<String>,
    /// The site is built as if it had no `[keyzone]`.
    pub without_keyzone: bool,
    /// Keys in place of the site's copies of them, each by the name at which its vendor publishes it.
    pub keys: Vec<(Name, Vec<u8>)>,
    /// The pins are read even if nothing is built from them.
    pub with_pins: bool,
}

/// Builds the site at `path` and hands the result to `with`.
pub fn build<R>(
    path: &str,
    files: &dyn Files,
    catalogue: &Catalogue,
    overrides: &Overrides<'_>,
    with: impl FnOnce(&Built<'_>) -> R,
) -> Run<R> {
    composed(
        path,
        files,
        catalogue,
        overrides,
        |Wanted { site, resolved, catalogue, composed, current, keyzone, findings, sources }| {
            let settled = settle(composed, resolved, catalogue);
            let mut fitted = fit(&settled);
            findings.append(&mut fitted.findings);
            let told = match overrides.teller {
                Some(teller) => told(teller, site, &fitted, overrides.keyzone.is_none(), findings, sources)?,
                None => Told::default(),
            };
            let (current, keyzone) = (told.own.as_ref().or(current), told.keyzone.as_ref().or(keyzone));
            let subzones = &told.subzones;
            if let (Some(at), Some(now)) = (&site.current, current) {
                current::two_spf(now, &excerpt(&at.value, 80), at.span, findings);
                findings.append(&mut plan::dropped_terms(&fitted, now, &[], false));
            }
            retired::check(resolved, site.current.as_ref().zip(current), findings);
            let off: Vec<&str> = site.lint_off.iter().map(|o| o.value.as_str()).collect();
            // Rules see what resolvers see. The keyzone is another domain, of which only these records are known.
            for (i, zone) in std::iter::once(&fitted.own).chain(&fitted.subzones).enumerate() {
                let seen = settled.seen.get(&i).unwrap_or(zone.composed);
                let mut found = lint::check(&View::of_composed(&settled.composed, seen, sources).with(catalogue), &off);
                // A rule knows the record; in whose panel it is edited is known here.
                for finding in found.iter_mut().filter(|f| f.panel.is_none() && !f.about.is_empty()) {
                    finding.panel = zone.registrar.map(|r| r.name.clone());
                }
                findings.append(&mut found);
            }
            let pins_file = resolved.pins.as_ref();
            Some(with(&Built {
                site,
                catalogue,
                fitted: &fitted,
                current,
                subzones,
                keyzone,
                pins_file,
                findings,
                sources,
            }))
        },
    )
}

/// A site's zones as servers tell them.
#[derive(Default)]
struct Told {
    own: Option<Current>,
    subzones: Vec<(Name, Current)>,
    keyzone: Option<Current>,
}

/// The site's zones as servers tell them. None if nobody tells the own one; why is told.
fn told(
    teller: Teller<'_>,
    site: &Site,
    fitted: &Fitted<'_>,
    with_keyzone: bool,
    findings: &mut Vec<Finding>,
    sources: &mut Sources,
) -> Option<Told> {
    // Which names are asked follows from what is wanted, never the other way round.
    let mut own = match asked::read(teller, &site.domain.value, || questions::of_site(&fitted.own)) {
        Ok(read) => read,
        Err(mut why) => {
            findings.append(&mut why);
            return None;
        }
    };
    findings.append(&mut own.findings);
    let mut out = Told { own: Some(own.into_current(sources)), ..Told::default() };
    for zone in &fitted.subzones {
        let origin = &zone.composed.origin;
        match beside(teller, zone) {
            Ok(mut read) if read.has_soa(origin) => {
                findings.append(&mut read.findings);
                out.subzones.push((origin.clone(), read.into_current(sources)));
            }
            Ok(_) => findings.push(no_zone_yet(origin)),
            Err(why) if why.iter().any(|f| f.id == "current-no-domain") => findings.push(no_zone_yet(origin)),
            Err(mut why) => findings.append(&mut why),
        }
    }
    for zone in fitted.keyzone.iter().filter(|_| with_keyzone) {
        match beside(teller, zone) {
            Ok(mut read) => {
                // That others have their keys there is nothing to be told of.
                findings.extend(read.findings.drain(..).filter(|f| f.id != "current-asked"));
                out.keyzone = Some(read.into_current(sources));
            }
            Err(mut why) => findings.append(&mut why),
        }
    }
    Some(out)
}

/// A zone besides the site's own, as servers tell it.
///
/// # Errors
/// Why nothing is known of it: the plan goes on without.
fn beside(teller: Teller<'_>, zone: &FittedZone<'_>) -> Result<asked::Read, Vec<Finding>> {
    let origin = &zone.composed.origin;
    asked::read(teller, origin, || questions::of_managed(zone)).map_err(|why| match teller {
        Teller::Asked(_) => asked::as_warnings(why),
        // Who serves the site's own zone need not serve the others.
        Teller::HandsOut(_) => vec![not_handed_out(origin, &why)],
    })
}

/// A zone that site.toml wants to be delegated, and that is not there yet.
fn no_zone_yet(origin: &Name) -> Finding {
    let name = excerpt(&origin.display_without_dot().to_string(), 80);
    Finding::advice(
        "current-no-zone",
        say!(en: "{name} is no zone of its own yet", ja: "{name} はまだ独立したゾーンになっていません"),
    )
    .about(name, "NS")
}

/// A zone that the server does not hand out: of it nothing is known.
fn not_handed_out(origin: &Name, why: &[Finding]) -> Finding {
    let name = excerpt(&origin.display_without_dot().to_string(), 80);
    let title = say!(en: "the zone {name} was not read: what it holds is not known", ja: "{name} のゾーンは読めなかったため、いまの内容は分かりません");
    let notes = why.iter().map(|finding| finding.title.clone());
    let finding =
        notes.fold(Finding::warning("current-not-read", title), |finding, note| finding.note(NoteKind::Note, note));
    finding
        .next(say!(en: "ask name by name: --live in place of --server; a plan also takes the keyzone's zone file: --keyzone FILE", ja: "--server の代わりに --live で名前ごとに調べます。plan では、鍵の置き場のゾーンファイルを --keyzone で渡せます"))
        .about(name, "SOA")
}

/// What a site wants, before any form is asked.
pub(crate) struct Wanted<'a> {
    site: &'a Site,
    resolved: &'a Resolved<'a>,
    /// With the site's own templates.
    catalogue: &'a Catalogue,
    /// Its zones.
    pub(crate) composed: Composed,
    current: Option<&'a Current>,
    keyzone: Option<&'a Current>,
    findings: &'a mut Vec<Finding>,
    sources: &'a mut Sources,
}

impl Wanted<'_> {
    /// Asks the forms, and hands the zones as they fit to `with`. No rule judges them.
    pub(crate) fn fitted<R>(self, with: impl FnOnce(&Fitted<'_>) -> R) -> R {
        with(&fit(&settle(self.composed, self.resolved, self.catalogue)))
    }
}

/// Reads the site at `path`, composes its zones and hands them to `with`.
pub(crate) fn composed<R>(
    path: &str,
    files: &dyn Files,
    catalogue: &Catalogue,
    overrides: &Overrides,
    with: impl FnOnce(Wanted<'_>) -> Option<R>,
) -> Run<R> {
    let loaded = load(path, files);
    let (mut findings, mut sources) = (loaded.findings, loaded.sources);
    let Some(mut site) = loaded.site else { return Run { product: None, findings, sources } };
    let own = site.providers.as_ref().map(|folder| own_templates::of_site(folder, files, &mut findings));
    let with_folder = own.filter(|own| !own.is_empty()).map(|own| catalogue.with_own(own, &mut sources, &mut findings));
    let catalogue = with_folder.as_ref().unwrap_or(catalogue);
    let own = own_json_templates(&site, path, files, &sources, &mut findings);
    let with_own = (!own.is_empty()).then(|| catalogue.with_own(own, &mut sources, &mut findings));
    let catalogue = with_own.as_ref().unwrap_or(catalogue);
    default_roles(&mut site, catalogue);
    apply(&mut site, overrides, catalogue, &mut findings);
    let mut resolved = resolve(&site, catalogue, &mut findings);
    check_lint_off(&site, &mut findings);
    let beside = site.current.as_ref().filter(|_| overrides.current.is_none()).map(|at| files.beside(path, &at.value));
    let is_told = overrides.teller.is_some() || overrides.read.is_some();
    let current = site.current.as_ref().filter(|_| !is_told).and_then(|at| {
        let shown = excerpt(&at.value, 80);
        let (file, named) = match &beside {
            Some(beside) => (beside, Some(at.span)),
            None => (&at.value, None),
        };
        let source = current::Source { path: file, shown: &shown, named };
        let reading = current::Reading {
            apex: &site.domain.value,
            catalogue: Some(catalogue),
            registrar: site.registrar.as_ref().map(|r| r.value.as_str()),
            is_whole: site.current_whole.as_ref().is_some_and(|w| w.value),
            include_root: overrides.include_root.as_deref(),
        };
        current::read(source, reading, files, &mut sources, &mut findings)
    });
    let keyzone = overrides.keyzone.as_ref().zip(site.keyzone.as_ref()).and_then(|(file, section)| {
        let zone = section.zone.as_ref().unwrap_or(&section.suffix);
        let source = current::Source { path: file, shown: &excerpt(file, 80), named: None };
        current::read(source, &zone.value, files, &mut sources, &mut findings)
    });
    if findings.iter().any(|f| f.severity == Severity::Error) {
        return Run { product: None, findings, sources };
    }
    if overrides.with_pins || builds_from_pins(&site) {
        let file = PinsFile::read(path, &site.domain.value, files, &mut sources, &mut findings);
        resolved.take_pins(Some(file));
    }
    resolved.take_keys(&overrides.keys);
    let mut composed = compose(&resolved);
    findings.append(&mut composed.findings);
    let product = with(Wanted {
        site: &site,
        resolved: &resolved,
        catalogue,
        composed,
        current: overrides.read.or(current.as_ref()),
        keyzone: keyzone.as_ref(),
        findings: &mut findings,
        sources: &mut sources,
    });
    Run { product, findings, sources }
}

/// Whether something of the site is built from what DNS said.
fn builds_from_pins(site: &Site) -> bool {
    site.spf_sections().any(|(_, spf)| !spf.flatten.is_empty())
        || site.ways.iter().any(|way| way.way.value.copies_key())
}

/// The templates that senders name by their files, Domain Connect's JSON. A file is named as seen from the file that names it.
fn own_json_templates(
    site: &Site,
    path: &str,
    files: &dyn Files,
    sources: &Sources,
    findings: &mut Vec<Finding>,
) -> Vec<OwnTemplate> {
    let mut own: Vec<OwnTemplate> = Vec::new();
    for provider in site.senders.iter().filter(|s| s.names_a_file()).map(|s| &s.provider) {
        let file = provider.span.file;
        let from = if file == site.file { path } else { sources.name(file) };
        let beside = files.beside(from, &provider.value);
        let called = provider.value.clone();
        let same = |t: &&mut OwnTemplate| files.canonical(&t.path) == files.canonical(&beside);
        if let Some(known) = own.iter_mut().find(same) {
            known.called.push(called);
            continue;
        }
        match read_text(&beside, files, domain_connect::LIMIT_FILE, "site-file") {
            Ok(text) => {
                own.push(OwnTemplate { path: beside, kind: TemplateKind::DomainConnect, called: vec![called], text });
            }
            Err(finding) => findings.push(finding.at(provider.span, Text::default())),
        }
    }
    own
}

/// Some templates say which roles are used where the site names none.
fn default_roles(site: &mut Site, catalogue: &Catalogue) {
    for used in site.senders.iter_mut().filter(|s| s.roles.is_none()) {
        let template = catalogue.sender(&used.provider.value).filter(|t| !t.default_roles.is_empty());
        if let Some(template) = template {
            let roles = template.roles_in(used.groups.as_deref());
            used.roles = Some(roles.into_iter().map(|role| At::new(role, used.provider.span)).collect());
        }
    }
}

fn apply(site: &mut Site, overrides: &Overrides<'_>, catalogue: &Catalogue, findings: &mut Vec<Finding>) {
    if let Some(file) = &overrides.current {
        site.current = Some(At::new(file.clone(), site.domain.span));
    }
    if let Some(teller) = overrides.teller {
        site.current = Some(At::new(asked::shown(teller, &site.domain.value), site.domain.span));
    }
    if overrides.without_keyzone {
        site.keyzone = None;
    }
    let Some(registrar) = &overrides.registrar else { return };
    let option = if overrides.moves { "--move-to" } else { "--registrar" };
    if registrar != "other" && catalogue.registrar(registrar).is_none() {
        let shown = excerpt(registrar, 40);
        let mut finding = Finding::error(
            "unknown-registrar",
            say!(en: "{option}: “{shown}” is not in the catalogue", ja: "{option}: 「{shown}」は一覧にありません"),
        );
        if let Some(near) = catalogue.registrar_near(registrar) {
            finding = finding.next(say!(en: "did you mean “{near}”?", ja: "「{near}」ではありませんか"));
        }
        findings.push(finding);
        return;
    }
    if let Some((first, _)) = site.limits.first() {
        findings.push(
            Finding::advice(
                "limits-ignored",
                say!(en: "[limits] is not asked, because {option} names another form", ja: "{option} で別の会社を指定したため、[limits] は使っていません"),
            )
            .at(first.span, Text::default()),
        );
    }
    let span = site.registrar.as_ref().map_or(site.domain.span, |r| r.span);
    site.limits.clear();
    site.registrar = (registrar != "other").then(|| At::new(registrar.clone(), span));
}

/// A rule that is switched off must be one.
fn check_lint_off(site: &Site, findings: &mut Vec<Finding>) {
    let known = || lint::rules().map(|r| r.id).chain(check::RULES.iter().map(|r| r.id));
    for off in &site.lint_off {
        if known().any(|id| id == off.value) {
            continue;
        }
        if off.value == check::NOT_CHECKED {
            let id = &off.value;
            findings.push(
                Finding::error(
                    "site-unknown-rule",
                    say!(en: "`{id}` cannot be switched off: what nobody answered is neither right nor wrong", ja: "`{id}` は止められません。回答がなかったものは、正しいとも誤りとも言えないためです"),
                )
                .at(off.span, Text::default()),
            );
            continue;
        }
        let shown = excerpt(&off.value, 40);
        let mut finding = Finding::error(
            "site-unknown-rule",
            say!(en: "there is no rule `{shown}`", ja: "`{shown}` という規則はありません"),
        )
        .at(off.span, Text::default());
        if let Some(near) = did_you_mean(&off.value, known()) {
            finding = finding.next(say!(en: "did you mean `{near}`?", ja: "`{near}` ではありませんか")).fix(
                say!(en: "write `{near}`", ja: "`{near}` に直す"),
                off.span,
                format!("\"{near}\""),
            );
        }
        findings.push(finding);
    }
}
