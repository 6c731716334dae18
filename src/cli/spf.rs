//! `zoneplan spf`.

use std::net::IpAddr;
use std::path::Path;

use crate::build::{Built, Overrides, build};
use crate::compose::{Intent, Party};
use crate::live::{InTurn, Resolve};
use crate::mail::spf::{self, Query, Verdict};
use crate::render::spf as show;
use crate::report::{Lang, Text, excerpt};
use crate::say;
use crate::site::domain;
use crate::spf_dns::{SpfDns, planned};
use crate::zone::{Name, Rtype};

use super::args::{OutputFormat, SpfArgs};
use super::current::zone_files;
use super::disk::Disk;
use super::one_site::write;
use super::{Exit, output};

pub(super) fn run(args: &SpfArgs, lang: Lang, asked: Option<Lang>) -> Exit {
    match spf(args, lang, asked) {
        Ok(exit) => exit,
        Err(text) => {
            output::stderr(&format!("{}\n", super::error(&text, lang)));
            Exit::NotDone
        }
    }
}

/// Whose record it is.
enum Subject<'a> {
    /// A site's.
    Site(&'a Path),
    /// That of a domain, as DNS or the zone files have it.
    Domain(Name),
}

fn spf(args: &SpfArgs, lang: Lang, asked: Option<Lang>) -> Result<Exit, Text> {
    let ip = args.ip.as_deref().map(address).transpose()?;
    let dns = zone_files(&args.dns, &Disk::default())?;
    #[cfg(feature = "live")]
    let network = super::live::resolver(&args.live)?;
    #[cfg(feature = "live")]
    let network: Option<&dyn Resolve> = network.as_ref().map(|n| n as &dyn Resolve);
    #[cfg(not(feature = "live"))]
    let network: Option<&dyn Resolve> = None;
    let behind: Vec<&dyn Resolve> = std::iter::once(&dns as &dyn Resolve).chain(network).collect();
    match subject(args, network.is_some())? {
        Subject::Domain(domain) => {
            let whose = Whose { domain: &domain, wanted: &[], parties: &[], lang: asked.unwrap_or_default() };
            answer(args, ip, &whose, behind, lang)
        }
        Subject::Site(path) => {
            let Some(catalogue) = super::catalogue::catalogue(lang) else { return Ok(Exit::NotDone) };
            let disk = Disk::default();
            let run = build(&path.to_string_lossy(), &disk, &catalogue, &Overrides::default(), |built| {
                of_site(args, ip, built, behind, lang, asked)
            });
            match run.product {
                Some(exit) => exit,
                None => {
                    output::stderr(&output::human(&run.findings, &run.sources, lang, false, output::To::Stderr));
                    Ok(Exit::NotDone)
                }
            }
        }
    }
}

fn address(text: &str) -> Result<IpAddr, Text> {
    text.parse().map_err(|_| {
        let shown = excerpt(text, 60);
        say!(en: "--ip: “{shown}” is no IPv4 or IPv6 address", ja: "--ip: 「{shown}」は IPv4 アドレスでも IPv6 アドレスでもありません")
    })
}

/// An existing path is a file; a name is looked up only where zone files or `--live` can say something of it.
fn subject(args: &SpfArgs, live: bool) -> Result<Subject<'_>, Text> {
    let elsewhere = live || !args.dns.is_empty();
    match &args.site {
        Some(path) if path.exists() || !elsewhere => Ok(Subject::Site(path)),
        Some(path) => domain(&path.to_string_lossy()).map(Subject::Domain),
        None => {
            let site = Path::new("site.toml");
            let from = args.from.as_deref().and_then(|from| from.rsplit_once('@')).map(|(_, domain)| domain);
            match from {
                Some(from) if elsewhere && !site.exists() => domain(from).map(Subject::Domain),
                _ => Ok(Subject::Site(site)),
            }
        }
    }
}

/// Whose record it is, and who wants its terms.
struct Whose<'a> {
    domain: &'a Name,
    wanted: &'a [show::Wanted],
    parties: &'a [Party],
    lang: Lang,
}

/// The planned zones stand before all others.
fn of_site(
    args: &SpfArgs,
    ip: Option<IpAddr>,
    built: &Built<'_>,
    behind: Vec<&dyn Resolve>,
    lang: Lang,
    asked: Option<Lang>,
) -> Result<Exit, Text> {
    let planned = planned(built.fitted, built.current);
    let behind = std::iter::once(&planned as &dyn Resolve).chain(behind).collect();
    let domain = &built.site.domain.value;
    let members = built.fitted.own.composed.rrset(domain, Rtype::TXT).into_iter().flat_map(|set| &set.members);
    let terms = members.filter_map(|member| match &member.intent {
        Intent::Spf { terms, .. } => Some(terms),
        _ => None,
    });
    let wanted = terms.flatten().map(|(term, origins)| {
        let mut parties: Vec<usize> = origins.iter().map(|origin| origin.party).collect();
        parties.sort_unstable();
        parties.dedup();
        show::Wanted { term: term.clone(), parties }
    });
    let wanted: Vec<show::Wanted> = wanted.collect();
    let parties = &built.fitted.composed.parties;
    let whose = Whose { domain, wanted: &wanted, parties, lang: asked.or(built.site.lang).unwrap_or_default() };
    answer(args, ip, &whose, behind, lang)
}

fn answer(
    args: &SpfArgs,
    ip: Option<IpAddr>,
    whose: &Whose<'_>,
    behind: Vec<&dyn Resolve>,
    lang: Lang,
) -> Result<Exit, Text> {
    let resolve = InTurn(behind);
    let dns = SpfDns::new(&resolve);
    let name = whose.domain.display_without_dot().to_string();
    let Some(ip) = ip else {
        let bill = spf::bill(&dns, &name);
        let unanswered = dns.unanswered();
        let text = match args.format {
            OutputFormat::Text => show::bill(&bill, whose.wanted, whose.parties, &unanswered, whose.lang),
            OutputFormat::Json => show::bill_json(&bill, whose.wanted, whose.parties, &unanswered),
        };
        return Ok(written(
            &text,
            lang,
            match bill.reach {
                spf::Reach::NotAnswered => Exit::NotDone,
                spf::Reach::NoRecord => Exit::Findings,
                _ if bill.is_permerror() => Exit::Findings,
                _ => Exit::Fine,
            },
        ));
    };
    let postmaster = format!("postmaster@{name}");
    let from = args.from.as_deref().unwrap_or(&postmaster);
    let helo = args.helo.as_deref().unwrap_or_else(|| from.rsplit_once('@').map_or(from, |(_, domain)| domain));
    let query = Query::new(ip, from, helo);
    let found = spf::check_host(&dns, &query);
    let unanswered = dns.unanswered();
    let text = match args.format {
        OutputFormat::Text => show::evaluation(&query, &found, &unanswered, whose.lang),
        OutputFormat::Json => show::evaluation_json(&query, &found, &unanswered),
    };
    Ok(written(
        &text,
        lang,
        match found.verdict {
            Verdict::Pass => Exit::Fine,
            Verdict::TempError => Exit::NotDone,
            _ => Exit::Findings,
        },
    ))
}

/// Writes the product; what could not be written counts before what it says.
fn written(text: &str, lang: Lang, exit: Exit) -> Exit {
    match write(text, lang) {
        Exit::Fine => exit,
        failed => failed,
    }
}
