//! `zoneplan spf`.

use std::net::IpAddr;
use std::path::Path;

use jiff::civil::Date;

use crate::build::{Built, Overrides, build};
use crate::compose::Party;
use crate::live::{InTurn, Resolve, Shared};
use crate::mail::spf::{self, Bill, Query, Verdict};
use crate::pins::{Pins, PinsFile};
use crate::render::spf as show;
use crate::report::{Lang, Sources, Text, excerpt, shell_word};
use crate::say;
use crate::site::domain;
use crate::spf_dns::{SpfDns, planned};
use crate::spf_repair::Offers;
use crate::zone::Name;

use super::args::{OutputFormat, SpfArgs};
use super::current::zone_files;
use super::disk::Disk;
use super::one_site::write;
use super::places::shown;
use super::spf_repair::{self, Tools};
use super::{Exit, output};

pub(super) fn run(args: &SpfArgs, lang: Lang, asked: Option<Lang>) -> Exit {
    match spf(args, args.apply, lang, asked) {
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

fn spf(args: &SpfArgs, apply: Option<usize>, lang: Lang, asked: Option<Lang>) -> Result<Exit, Text> {
    let today = today(args.today.as_deref())?;
    let ip = args.ip.as_deref().map(address).transpose()?;
    let dns = zone_files(&args.dns, &Disk::default())?;
    #[cfg(feature = "live")]
    let network = super::live::resolver(&args.live)?;
    #[cfg(feature = "live")]
    let network: Option<&dyn Resolve> = network.as_ref().map(|n| n as &dyn Resolve);
    #[cfg(not(feature = "live"))]
    let network: Option<&dyn Resolve> = None;
    // Repairs are counted again and again.
    let network = network.map(Shared::once);
    let network = network.as_ref().map(|n| n as &dyn Resolve);
    let behind: Vec<&dyn Resolve> = std::iter::once(&dns as &dyn Resolve).chain(network).collect();
    match subject(args, network.is_some())? {
        Subject::Domain(domain) => {
            if args.repairs || apply.is_some() {
                return Err(
                    say!(en: "repairs are for a site.toml, not for a domain", ja: "修理の案は site.toml についてだけ出せます（ドメイン名では出せません）"),
                );
            }
            let whose = Whose { domain: &domain, wanted: &[], parties: &[], lang: asked.unwrap_or_default() };
            Ok(match ip {
                Some(ip) => verdict(args, ip, &whose, &InTurn(behind), lang),
                None => bill(args, &whose, &InTurn(behind), lang, |_| None),
            })
        }
        Subject::Site(path) => {
            let Some(catalogue) = super::catalogue::catalogue(lang) else { return Ok(Exit::NotDone) };
            let disk = Disk::default();
            let run = build(&path.to_string_lossy(), &disk, &catalogue, &Overrides::default(), |built| {
                let pins = if network.is_none() && args.dns.is_empty() { kept(built, path, &disk, lang) } else { None };
                let pinned = pins.as_ref().map(|pins| pins as &dyn Resolve);
                let behind: Vec<&dyn Resolve> = behind.iter().copied().chain(pinned).collect();
                let tools = Tools { path, disk: &disk, catalogue: &catalogue, behind: &behind, today };
                of_site(args, ip, built, &tools, apply, lang, asked)
            });
            match run.product {
                Some(Ok(Done::Told(exit))) => Ok(exit),
                // What is written is counted anew, from what is written.
                Some(Ok(Done::Applied)) => spf(args, None, lang, asked),
                Some(Err(text)) => Err(text),
                None => {
                    output::stderr(&output::human(&run.findings, &run.sources, lang, false, output::To::Stderr));
                    Ok(Exit::NotDone)
                }
            }
        }
    }
}

/// The site's pins, if it has any: what answers where nobody is asked. That they do is told, and what is wrong with their file.
fn kept(built: &Built<'_>, path: &Path, disk: &Disk, lang: Lang) -> Option<Pins> {
    let (mut sources, mut findings) = (Sources::default(), Vec::new());
    let site = path.to_string_lossy();
    let file = PinsFile::read(&site, &built.site.domain.value, disk, &mut sources, &mut findings);
    if !findings.is_empty() {
        output::stderr(&output::human(&findings, &sources, lang, false, output::To::Stderr));
    }
    let oldest = file.pins.iter().flat_map(Pins::iter).map(|(_, _, pin)| pin.seen).min()?;
    let (shown, site) = (shown(Path::new(&file.path)), shell_word(&shown(path)));
    let text = say!(en: "nobody is asked: includes are those of {shown}, of which the oldest is of {oldest} (zoneplan pin {site} looks them up again, --live asks DNS)", ja: "DNS には聞かず、include の中は {shown} の控えで数えます（いちばん古いものは {oldest}。zoneplan pin {site} で控え直し、--live で DNS に聞きます）");
    output::stderr(&format!("{}\n", super::note(&text, lang)));
    file.pins
}

/// The day that `--today` names, else today's.
pub(super) fn today(given: Option<&str>) -> Result<Date, Text> {
    let Some(given) = given else {
        return Ok(jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date());
    };
    given.parse().map_err(|_| {
        let shown = excerpt(given, 40);
        say!(en: "--today: “{shown}” is no date (YYYY-MM-DD)", ja: "--today: 「{shown}」は日付ではありません（YYYY-MM-DD）")
    })
}

fn address(text: &str) -> Result<IpAddr, Text> {
    text.parse().map_err(|_| {
        let shown = excerpt(text, 60);
        say!(en: "--ip: “{shown}” is no IPv4 or IPv6 address", ja: "--ip: 「{shown}」は IPv4 アドレスでも IPv6 アドレスでもありません")
    })
}

/// The envelope sender without the angle brackets of SMTP; `<>`, that of a bounce, is empty.
fn envelope_sender(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(text)
}

/// An existing path is a file; a name is looked up only where zone files or `--live` can say something of it.
fn subject(args: &SpfArgs, live: bool) -> Result<Subject<'_>, Text> {
    let elsewhere = live || !args.dns.is_empty();
    match &args.site {
        Some(path) if path.exists() || !elsewhere => Ok(Subject::Site(path)),
        Some(path) => domain(&path.to_string_lossy()).map(Subject::Domain),
        None => {
            let site = Path::new("site.toml");
            let from = args.from.as_deref().map(envelope_sender);
            let from =
                if from == Some("") { args.helo.as_deref() } else { from.and_then(|f| Some(f.rsplit_once('@')?.1)) };
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

/// What was done for a site.
enum Done {
    /// It was told.
    Told(Exit),
    /// A repair was written.
    Applied,
}

/// The planned zones stand before all others.
fn of_site(
    args: &SpfArgs,
    ip: Option<IpAddr>,
    built: &Built<'_>,
    tools: &Tools<'_>,
    apply: Option<usize>,
    lang: Lang,
    asked: Option<Lang>,
) -> Result<Done, Text> {
    let planned = planned(built.fitted, built.current);
    let resolve = InTurn(std::iter::once(&planned as &dyn Resolve).chain(tools.behind.iter().copied()).collect());
    let domain = &built.site.domain.value;
    let wanted = spf_repair::terms(built).into_iter().map(|(term, origins)| {
        let mut parties: Vec<usize> = origins.iter().map(|origin| origin.party).collect();
        parties.sort_unstable();
        parties.dedup();
        show::Wanted { term, parties }
    });
    let wanted: Vec<show::Wanted> = wanted.collect();
    let parties = &built.fitted.composed.parties;
    let whose = Whose { domain, wanted: &wanted, parties, lang: asked.or(built.site.lang).unwrap_or_default() };
    if let Some(ip) = ip {
        return Ok(Done::Told(verdict(args, ip, &whose, &resolve, lang)));
    }
    if let Some(number) = apply {
        let name = domain.display_without_dot().to_string();
        let Offers { offers, .. } = tools.offers(built, &spf::bill(&SpfDns::new(&resolve), &name));
        let offer = number.checked_sub(1).and_then(|at| offers.get(at)).ok_or_else(|| {
            let n = offers.len();
            say!(en: "--apply {number}: there are {n} repairs; zoneplan spf --repairs lists them", ja: "--apply {number}: 修理の案は {n} 個です。zoneplan spf --repairs で一覧を出します")
        })?;
        spf_repair::apply(offer)?;
        let (file, what) = (shown(tools.path), &offer.repair.what);
        let text = say!(en: "written into {file}: {what}", ja: "{file} に書きました: {what}"; what = what);
        output::stderr(&format!("{}\n", super::note(&text, lang)));
        return Ok(Done::Applied);
    }
    let offers = |bill: &Bill| (args.repairs || bill.is_over()).then(|| tools.offers(built, bill));
    Ok(Done::Told(bill(args, &whose, &resolve, lang, offers)))
}

/// What the record costs, and what can be done about it.
fn bill(
    args: &SpfArgs,
    whose: &Whose<'_>,
    resolve: &dyn Resolve,
    lang: Lang,
    offers: impl FnOnce(&Bill) -> Option<Offers>,
) -> Exit {
    let dns = SpfDns::new(resolve);
    let bill = spf::bill(&dns, &whose.domain.display_without_dot().to_string());
    let unanswered = dns.unanswered();
    let offers = offers(&bill);
    let cost = show::Cost {
        bill: &bill,
        wanted: whose.wanted,
        parties: whose.parties,
        unanswered: &unanswered,
        offers: offers.as_ref(),
    };
    let text = match args.format {
        OutputFormat::Text => show::bill(&cost, whose.lang),
        OutputFormat::Json => show::bill_json(&cost),
    };
    written(
        &text,
        lang,
        match bill.reach {
            spf::Reach::NotAnswered => Exit::NotDone,
            spf::Reach::NoRecord => Exit::Findings,
            _ if bill.is_permerror() => Exit::Findings,
            _ if !bill.is_known() => Exit::NotDone,
            _ => Exit::Fine,
        },
    )
}

/// Whether a mail from this address passes.
fn verdict(args: &SpfArgs, ip: IpAddr, whose: &Whose<'_>, resolve: &dyn Resolve, lang: Lang) -> Exit {
    let dns = SpfDns::new(resolve);
    let name = whose.domain.display_without_dot().to_string();
    let postmaster = format!("postmaster@{name}");
    let from = args.from.as_deref().map_or(postmaster.as_str(), envelope_sender);
    let of_from =
        if from.is_empty() { name.as_str() } else { from.rsplit_once('@').map_or(from, |(_, domain)| domain) };
    let helo = args.helo.as_deref().unwrap_or(of_from);
    let query = Query::new(ip, from, helo);
    let found = spf::check_host(&dns, &query);
    let unanswered = dns.unanswered();
    let text = match args.format {
        OutputFormat::Text => show::evaluation(&query, &found, &unanswered, whose.lang),
        OutputFormat::Json => show::evaluation_json(&query, &found, &unanswered),
    };
    written(
        &text,
        lang,
        match found.verdict {
            Verdict::Pass => Exit::Fine,
            Verdict::TempError => Exit::NotDone,
            _ => Exit::Findings,
        },
    )
}

/// Writes the product; what could not be written counts before what it says.
fn written(text: &str, lang: Lang, exit: Exit) -> Exit {
    match write(text, lang) {
        Exit::Fine => exit,
        failed => failed,
    }
}
