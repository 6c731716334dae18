//! `zoneplan spf`.

use std::net::IpAddr;
use std::path::Path;

use jiff::civil::Date;

use crate::build::{Built, Overrides, build};
use crate::compose::Party;
use crate::live::{InTurn, Nobody, Resolve, Shared};
use crate::mail::spf::{self, Bill, Query, Reach, Verdict};
use crate::pins::{Pins, PinsFile};
use crate::render::spf as show;
use crate::report::{Lang, Sources, Text, excerpt, shell_word};
use crate::say;
use crate::site::domain;
use crate::spf_dns::{SpfDns, planned};
use crate::spf_repair::{Bench, Offer, Offers, OwnRecord, Tools, own_records};
use crate::zone::Name;

use super::args::{OutputFormat, SpfArgs};
use super::current::zone_files;
use super::disk::{self, Disk};
use super::one_site::write;
use super::places::shown;
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
                    say!(en: "repairs are for a site.toml, not for a domain", ja: "照会を減らす方法は、site.toml を指定したときだけ出せます（ドメイン名では出せません）"),
                );
            }
            let lang_shown = asked.unwrap_or_default();
            let resolve = InTurn(behind);
            if let Some(ip) = ip {
                return Ok(verdict(args, ip, &domain, lang_shown, &resolve, lang));
            }
            let counted = Counted::new(&domain, None, &resolve);
            Ok(told(args, &[counted], &[], "", lang_shown, lang))
        }
        Subject::Site(path) => {
            let Some(catalogue) = super::catalogue::catalogue(lang) else { return Ok(Exit::NotDone) };
            let disk = Disk::default();
            let run = build(&path.to_string_lossy(), &disk, &catalogue, &Overrides::default(), |built| {
                // Where nobody else is there, the pins answer.
                let is_alone = network.is_none() && args.dns.is_empty();
                let pins = if is_alone { kept(built, path, &disk, lang) } else { None };
                let pinned = pins.as_ref().map_or(&Nobody as &dyn Resolve, |pins| pins);
                let behind: Vec<&dyn Resolve> = behind.iter().copied().chain(is_alone.then_some(pinned)).collect();
                let file = path.to_string_lossy();
                let tools = Tools { path: &file, files: &disk, catalogue: &catalogue, behind: &behind, today };
                of_site(args, ip, built, tools, apply, lang, asked)
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

/// What was done for a site.
enum Done {
    /// It was told.
    Told(Exit),
    /// A repair was written.
    Applied,
}

/// One record, counted.
struct Counted<'a> {
    own: Option<&'a OwnRecord<'a>>,
    bill: Bill,
    unanswered: Vec<crate::live::Answer>,
    /// The repairs, and the number of the first.
    offers: Option<(usize, Offers)>,
}

impl<'a> Counted<'a> {
    fn new(name: &Name, own: Option<&'a OwnRecord<'a>>, resolve: &dyn Resolve) -> Self {
        let dns = SpfDns::new(resolve);
        let bill = spf::bill(&dns, &name.display_without_dot().to_string());
        Self { own, bill, unanswered: dns.unanswered(), offers: None }
    }

    fn exit(&self) -> Exit {
        match self.bill.reach {
            Reach::NotAnswered => Exit::NotDone,
            Reach::NoRecord => Exit::Findings,
            _ if self.bill.is_permerror() => Exit::Findings,
            _ if !self.bill.is_known() => Exit::NotDone,
            _ => Exit::Fine,
        }
    }
}

/// The planned zones stand before all others.
fn of_site(
    args: &SpfArgs,
    ip: Option<IpAddr>,
    built: &Built<'_>,
    tools: Tools<'_>,
    apply: Option<usize>,
    lang: Lang,
    asked: Option<Lang>,
) -> Result<Done, Text> {
    let planned = planned(built.fitted, built.current);
    let resolve = InTurn(std::iter::once(&planned as &dyn Resolve).chain(tools.behind.iter().copied()).collect());
    let domain = &built.site.domain.value;
    let lang_shown = asked.or(built.site.lang).unwrap_or_default();
    if let Some(ip) = ip {
        return Ok(Done::Told(verdict(args, ip, domain, lang_shown, &resolve, lang)));
    }
    let own = own_records(built);
    let mut counted: Vec<Counted<'_>> = own.iter().map(|own| Counted::new(own.name, Some(own), &resolve)).collect();
    if own.first().is_none_or(|first| first.name != domain) {
        // What stands there without the site's doing is receivers' business too; that nothing does is not the bill's.
        let of_domain = Counted::new(domain, None, &resolve);
        if own.is_empty() || !matches!(of_domain.bill.reach, Reach::NoRecord | Reach::NotAnswered) {
            counted.insert(0, of_domain);
        }
    }
    let all = args.repairs || apply.is_some();
    repairs(&mut counted, Bench::new(tools, built, &own), all);
    let file = shown(Path::new(tools.path));
    if let Some(number) = apply {
        let mut each = counted.iter().filter_map(|one| one.offers.as_ref());
        let found = each.find_map(|(first, offers)| offers.offers.get(number.checked_sub(*first)?));
        let n: usize = counted.iter().filter_map(|one| one.offers.as_ref()).map(|(_, o)| o.offers.len()).sum();
        let offer = found.ok_or_else(|| no_such_repair(number, n))?;
        apply_offer(offer)?;
        said(offer, built, &file, lang);
        return Ok(Done::Applied);
    }
    let parties = &built.fitted.composed.parties;
    Ok(Done::Told(told(args, &counted, parties, &file, lang_shown, lang)))
}

/// Looks for the repairs: those of records that cost too much have the first numbers, so that these stay whether or not the others are looked for.
fn repairs(counted: &mut [Counted<'_>], bench: Bench<'_>, all: bool) {
    let (mut number, is_one) = (1, counted.len() == 1);
    for over in [true, false] {
        for one in counted.iter_mut().filter(|one| one.bill.is_over() == over && (over || all)) {
            let Some(own) = one.own.filter(|_| is_one || !one.bill.items.is_empty()) else { continue };
            let offers = bench.offers(own, &one.bill);
            let first = number;
            number += offers.offers.len();
            one.offers = Some((first, offers));
        }
    }
}

fn no_such_repair(number: usize, n: usize) -> Text {
    match n {
        0 => {
            say!(en: "--apply {number}: there is no repair; zoneplan spf --repairs says why", ja: "--apply {number}: 照会を減らす方法がありません。zoneplan spf --repairs で理由を出します")
        }
        1 => {
            say!(en: "--apply {number}: there is 1 repair; zoneplan spf --repairs shows it", ja: "--apply {number}: 照会を減らす方法は 1 つだけです。zoneplan spf --repairs で確かめられます")
        }
        _ => {
            say!(en: "--apply {number}: there are {n} repairs; zoneplan spf --repairs lists them", ja: "--apply {number}: 照会を減らす方法は {n} 個です。zoneplan spf --repairs で一覧を出します")
        }
    }
}

/// Writes what an offer changes, the pins before the site that is built from them.
fn apply_offer(offer: &Offer) -> Result<(), Text> {
    for (path, text) in &offer.files {
        disk::write(Path::new(path), text, disk::Care::Synced).map_err(|error| {
            let (shown, why) = (shown(Path::new(path)), disk::reason(&error));
            say!(en: "--apply: {shown}: {why}", ja: "--apply: {shown}: {why}"; why = why)
        })?;
    }
    Ok(())
}

/// That it was written, and what the published record keeps until somebody says otherwise.
fn said(offer: &Offer, built: &Built<'_>, file: &str, lang: Lang) {
    let what = &offer.repair.what;
    let mut notes = vec![say!(en: "written into {file}: {what}", ja: "{file} に書きました: {what}"; what = what)];
    if !offer.leaves.is_empty() {
        let current = if built.site.current.is_some() { "" } else { " --current FILE" };
        let remove: String = offer.leaves.iter().map(|pick| format!(" --remove {pick}")).collect();
        let command = format!("zoneplan plan {}{current}{remove}", shell_word(file));
        notes.push(say!(en: "the record in DNS keeps the old term until it is edited there; the steps for that: {command}", ja: "DNS のレコードには、書き換えるまで古い項目が残ります。その手順は次のコマンドで出ます: {command}"));
    }
    for note in notes {
        output::stderr(&format!("{}\n", super::note(&note, lang)));
    }
}

/// Tells what the records cost, and what can be done about them.
fn told(args: &SpfArgs, counted: &[Counted<'_>], parties: &[Party], file: &str, lang_shown: Lang, lang: Lang) -> Exit {
    let wanted = |own: &OwnRecord<'_>| -> Vec<show::Wanted> {
        let each = own.terms.iter().map(|(term, _)| show::Wanted { term: term.clone(), parties: own.wants(term) });
        each.collect()
    };
    let wanted: Vec<Vec<show::Wanted>> = counted.iter().map(|one| one.own.map(wanted).unwrap_or_default()).collect();
    let costs = counted.iter().zip(&wanted).map(|(one, wanted)| show::Cost {
        bill: &one.bill,
        wanted,
        parties,
        unanswered: &one.unanswered,
        offers: one.offers.as_ref().map(|(first, offers)| (*first, offers)),
    });
    let costs: Vec<show::Cost<'_>> = costs.collect();
    let text = match args.format {
        OutputFormat::Text => show::bills(&costs, file, lang_shown),
        OutputFormat::Json => show::bills_json(&costs),
    };
    let exits: Vec<Exit> = counted.iter().map(Counted::exit).collect();
    // That one could not be counted does not hide that another is wrong.
    let worst = [Exit::Findings, Exit::NotDone].into_iter().find(|exit| exits.contains(exit));
    written(&text, lang, worst.unwrap_or(Exit::Fine))
}

/// Whether a mail from this address passes.
fn verdict(args: &SpfArgs, ip: IpAddr, domain: &Name, lang_shown: Lang, resolve: &dyn Resolve, lang: Lang) -> Exit {
    let dns = SpfDns::new(resolve);
    let name = domain.display_without_dot().to_string();
    let postmaster = format!("postmaster@{name}");
    let from = args.from.as_deref().map_or(postmaster.as_str(), envelope_sender);
    let of_from =
        if from.is_empty() { name.as_str() } else { from.rsplit_once('@').map_or(from, |(_, domain)| domain) };
    let helo = args.helo.as_deref().unwrap_or(of_from);
    let query = Query::new(ip, from, helo);
    let found = spf::check_host(&dns, &query);
    let unanswered = dns.unanswered();
    let text = match args.format {
        OutputFormat::Text => show::evaluation(&query, &found, &unanswered, lang_shown),
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
