//! `zoneplan pin`.

use std::path::Path;

use crate::build::{Overrides, build};
use crate::live::{InTurn, Resolve};
use crate::pins::{self, Pin, Pins, Use};
use crate::report::{Lang, Sources, Text, visible};
use crate::say;
use crate::site::{FileError, Files as _};
use crate::spf_dns::{Remembering, pins_of_include, planned};
use crate::zone::{Name, Rtype};

use super::args::PinArgs;
use super::current::zone_files;
use super::disk::{self, Disk};
use super::one_site::write;
use super::places::shown;
use super::{Exit, output, spf};

pub(super) fn run(args: &PinArgs, lang: Lang) -> Exit {
    match pin(args, lang) {
        Ok(exit) => exit,
        Err(text) => {
            output::stderr(&format!("{}\n", super::error(&text, lang)));
            Exit::NotDone
        }
    }
}

fn pin(args: &PinArgs, lang: Lang) -> Result<Exit, Text> {
    let today = spf::today(args.today.as_deref())?;
    let disk = Disk::default();
    let dns = zone_files(&args.dns, &disk)?;
    // It is there to ask DNS; zone files take its place.
    #[cfg(feature = "live")]
    let network = match (&args.resolver, args.dns.is_empty()) {
        (None, false) => None,
        (resolver, _) => super::live::resolver(&super::args::LiveArgs { live: true, resolver: resolver.clone() })?,
    };
    #[cfg(feature = "live")]
    let network: Option<&dyn Resolve> = network.as_ref().map(|n| n as &dyn Resolve);
    #[cfg(not(feature = "live"))]
    let network: Option<&dyn Resolve> = None;
    let network = network.map(Remembering::new);
    let Some(catalogue) = super::catalogue::catalogue(lang) else { return Ok(Exit::NotDone) };
    let path = args.site.as_deref().unwrap_or(Path::new("site.toml"));
    let site = path.to_string_lossy().into_owned();
    let run = build(&site, &disk, &catalogue, &Overrides::default(), |built| {
        let planned = planned(built.fitted, built.current);
        let behind = network.as_ref().map(|n| n as &dyn Resolve);
        let resolve = InTurn([&planned as &dyn Resolve, &dns].into_iter().chain(behind).collect());
        let sections = std::iter::once(&built.site.spf).chain(built.site.subdomains.iter().map(|s| &s.spf));
        let mut includes: Vec<Name> =
            sections.flat_map(|s| &s.flatten).filter_map(|name| Name::parse_absolute(&name.value).ok()).collect();
        includes.sort();
        includes.dedup();
        let looked = includes.into_iter().map(|include| {
            let found = pins_of_include(&resolve, &include, today).map_err(|error| error.text());
            (include, found)
        });
        (built.site.domain.value.clone(), looked.collect::<Vec<_>>())
    });
    let Some((domain, looked)) = run.product else {
        output::stderr(&output::human(&run.findings, &run.sources, lang, false, output::To::Stderr));
        return Ok(Exit::NotDone);
    };
    let beside = disk.beside(&site, &pins::file_name(&site));
    let (old, mut pins) = match kept(&disk, &beside, &domain, lang)? {
        Some(kept) => kept,
        None => return Ok(Exit::NotDone),
    };
    let mut out = String::new();
    let mut line = |text: Text| {
        out.push_str(text.get(lang));
        out.push('\n');
    };
    let (mut known, mut unknown, mut waiting) = (0_usize, 0_usize, 0_usize);
    if looked.is_empty() {
        line(
            say!(en: "nothing is built from pins: no include is in flatten", ja: "控えを使うものがありません（flatten に include がありません）"),
        );
    }
    for (include, found) in looked {
        let name = visible(&include.display_without_dot().to_string()).into_owned();
        let found = match found {
            Ok(found) => found,
            Err(why) => {
                unknown += 1;
                line(
                    say!(en: "include:{name}: not looked up, what is kept stays: {why}", ja: "include:{name}: 取得できません。控えはそのままです: {why}"; why = why),
                );
                continue;
            }
        };
        known += 1;
        let mut next = pins.clone();
        next.release(&Use::Include(include));
        let mut news = Vec::new();
        for (question, pin) in found {
            let old = pins.get(&question.name, question.rtype).cloned();
            // What was known keeps its day, unless it is something else now.
            if let Some(old) = &old {
                let kept = Pin { uses: pin.uses.clone(), ..old.clone() };
                next.put(question.name.clone(), question.rtype, kept);
            }
            let new = pin.clone();
            next.put(question.name.clone(), question.rtype, pin);
            let now = next.get(&question.name, question.rtype);
            if old.as_ref().map(|pin| &pin.values) != now.map(|pin| &pin.values) {
                news.push((question, old, new));
            }
        }
        let changed = news.iter().any(|(_, old, _)| old.is_some());
        let is_written = args.update || !changed;
        let head = match (news.is_empty(), is_written) {
            (true, _) => say!(en: "include:{name}: as it was", ja: "include:{name}: 変わりありません"),
            (_, true) => say!(en: "include:{name}: kept", ja: "include:{name}: 控えました"),
            (_, false) => {
                say!(en: "include:{name}: changed; --update keeps what is new", ja: "include:{name}: 変わっています。--update で新しい値を控えます")
            }
        };
        line(head);
        for (question, old, new) in &news {
            let (rtype, at) = (question.rtype, question.name.display_without_dot().to_string());
            line(Text::same(format!("  {rtype} {}", visible(&at))));
            let rows = |sign: &str, pin: &Pin| values(sign, rtype, pin);
            for row in old.iter().flat_map(|pin| rows("-", pin)).chain(rows("+", new)) {
                line(Text::same(row));
            }
        }
        if is_written {
            pins = next;
        } else {
            waiting += 1;
        }
    }
    let text = pins::write(&pins);
    let is_new = old.as_deref() != Some(text.as_str()) && (old.is_some() || pins.iter().next().is_some());
    if is_new {
        let file = Path::new(&beside);
        disk::write(file, &text, disk::Care::Synced).map_err(|error| {
            let (shown, why) = (shown(file), disk::reason(&error));
            say!(en: "{shown}: {why}", ja: "{shown}: {why}"; why = why)
        })?;
    }
    let exit = match (known, unknown, waiting) {
        (0, 1.., _) => Exit::NotDone,
        (_, 1.., _) => Exit::Findings,
        (_, _, 1..) => Exit::Differs,
        _ => Exit::Fine,
    };
    Ok(match write(&out, lang) {
        Exit::Fine => exit,
        failed => failed,
    })
}

/// The pins that are there, with their text. None if the file can't be used: that is told, and nothing is written over it.
fn kept(disk: &Disk, path: &str, domain: &Name, lang: Lang) -> Result<Option<(Option<String>, Pins)>, Text> {
    let octets = match disk.read(path, pins::LIMIT_FILE) {
        Ok(octets) => octets,
        Err(FileError::NotFound) => return Ok(Some((None, Pins::new(domain.clone())))),
        Err(error) => {
            let (shown, why) = (shown(Path::new(path)), error.text());
            return Err(say!(en: "{shown}: {why}", ja: "{shown}: {why}"; why = why));
        }
    };
    let text = String::from_utf8_lossy(&octets).into_owned();
    let mut sources = Sources::default();
    let file = sources.add(path, text.clone());
    let (pins, findings) = pins::read(&text, file, domain);
    if !findings.is_empty() {
        output::stderr(&output::human(&findings, &sources, lang, false, output::To::Stderr));
        return Ok(None);
    }
    Ok(pins.map(|pins| (Some(text), pins)))
}

fn values(sign: &str, rtype: Rtype, pin: &Pin) -> Vec<String> {
    pin.values.iter().map(|value| format!("    {sign} {}", visible(&value.present(rtype)))).collect()
}
