//! `zoneplan pin`.

use std::collections::BTreeSet;
#[cfg(feature = "live")]
use std::net::SocketAddr;
use std::path::Path;

use jiff::civil::Date;

use crate::build::{Built, Overrides, build};
use crate::live::{Answer, InTurn, Question, Resolve, Shared};
#[cfg(feature = "live")]
use crate::live::{Network, network::Patience, server::PORT};
use crate::pinning::needs;
use crate::pins::{self, Pin, Pins, Use};
use crate::report::{Lang, Sources, Text, excerpt, visible};
use crate::say;
use crate::site::{FileError, Files as _};
use crate::spf_dns::planned;
#[cfg(feature = "live")]
use crate::zone::Record;
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
    let network = network.map(Shared::once);
    let Some(catalogue) = super::catalogue::catalogue(lang) else { return Ok(Exit::NotDone) };
    let path = args.site.as_deref().unwrap_or(Path::new("site.toml"));
    let site = path.to_string_lossy().into_owned();
    let run = build(&site, &disk, &catalogue, &Overrides::default(), |built| {
        let planned = planned(built.fitted, built.current);
        let behind = network.as_ref().map(|n| n as &dyn Resolve);
        let now: Vec<&dyn Resolve> = std::iter::once(&dns as &dyn Resolve).chain(behind).collect();
        let resolve = InTurn(std::iter::once(&planned as &dyn Resolve).chain(now.iter().copied()).collect());
        let now = InTurn(now);
        let ttls = Ttls { resolve: &resolve, gave_up: false, of_caches: 0 };
        Job { update: &args.update, today, resolve: &resolve, now: &now, ttls }.keep(built, &disk, &site, lang)
    });
    run.product.unwrap_or_else(|| {
        output::stderr(&output::human(&run.findings, &run.sources, lang, false, output::To::Stderr));
        Ok(Exit::NotDone)
    })
}

/// What is looked up, with whom, and what may be written over.
struct Job<'r> {
    /// What `--update` names; an empty word is all of it.
    update: &'r [String],
    today: Date,
    /// The zones as they will be, and everybody else's as they are.
    resolve: &'r dyn Resolve,
    /// All zones as they are.
    now: &'r dyn Resolve,
    ttls: Ttls<'r>,
}

/// A question, what was kept of it, and what is there now.
type News = (Question, Option<Pin>, Pin);

impl Job<'_> {
    fn keep(mut self, built: &Built<'_>, disk: &Disk, site: &str, lang: Lang) -> Result<Exit, Text> {
        let beside = disk.beside(site, &pins::file_name(site));
        let Some((old, mut pins)) = kept(disk, &beside, &built.site.domain.value, lang)? else {
            return Ok(Exit::NotDone);
        };
        let needs = needs(built);
        for word in self.update.iter().filter(|word| !word.is_empty()) {
            if !needs.keys().any(|of| names(word, of)) {
                let (shown, all) = (excerpt(word, 80), needs.keys().map(ToString::to_string).collect::<Vec<_>>());
                let all = visible(&all.join(", ")).into_owned();
                return Err(
                    say!(en: "--update={shown}: nothing is kept for that; there is: {all}", ja: "--update={shown}: そのための控えはありません。あるのは {all} です"),
                );
            }
        }
        let mut out = String::new();
        let mut line = |text: Text| {
            out.push_str(text.get(lang));
            out.push('\n');
        };
        let (mut known, mut unknown, mut waiting) = (0_usize, 0_usize, 0_usize);
        if needs.is_empty() {
            line(
                say!(en: "nothing to keep: the SPF has no include, and no vendor's key has to be copied", ja: "控えるものがありません（SPF に include がなく、写す鍵もありません）"),
            );
        }
        let before: BTreeSet<Use> = pins.iter().flat_map(|(_, _, pin)| pin.uses.iter().cloned()).collect();
        for of in before.iter().filter(|of| !needs.contains_key(of)) {
            pins.release(of);
            let shown = shown_use(of);
            line(
                say!(en: "{shown}: not needed any more, taken out", ja: "{shown}: もう使わないため、控えから外しました"),
            );
        }
        for (of, how) in &needs {
            let shown = shown_use(of);
            let resolve = if how.is_of_now() { self.now } else { self.resolve };
            let looked = how.look(resolve, self.today).and_then(|found| self.compared(&pins, of, found));
            let (next, news) = match looked {
                Ok(compared) => compared,
                Err(why) => {
                    unknown += 1;
                    line(
                        say!(en: "{shown}: not looked up, what is kept stays: {why}", ja: "{shown}: 取得できません。控えはそのままです: {why}"; why = why),
                    );
                    continue;
                }
            };
            known += 1;
            let changed = news.iter().any(|(_, old, _)| old.is_some());
            let is_written = !changed || self.update.iter().any(|word| word.is_empty() || names(word, of));
            let is_there = !how.is_of_now() || next.iter().any(|(.., pin)| pin.uses.contains(of));
            line(match (news.is_empty(), is_written) {
                (true, _) if !is_there => say!(en: "{shown}: there is none", ja: "{shown}: ありません"),
                (true, _) => say!(en: "{shown}: as it was", ja: "{shown}: 変わりありません"),
                (_, true) if !is_there => {
                    say!(en: "{shown}: there is none any more, taken out", ja: "{shown}: なくなったため、控えから外しました")
                }
                (_, true) => say!(en: "{shown}: kept", ja: "{shown}: 控えました"),
                (_, false) => {
                    say!(en: "{shown}: changed; --update keeps what is new", ja: "{shown}: 変わっています。--update で新しい値を控えます")
                }
            });
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
        let n = self.ttls.of_caches;
        if n > 0 {
            line(
                say!(en: "the TTL of {n} is what a cache had left of it: no server of the zone could be asked", ja: "{n} 件の TTL は、キャッシュに残っていた秒数です（ゾーンのサーバーに聞けませんでした）"),
            );
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

    /// The pins with what was found for one use in place of what they had for it, and what is new in them.
    fn compared(&mut self, pins: &Pins, of: &Use, found: Vec<(Question, Pin)>) -> Result<(Pins, Vec<News>), Text> {
        let mut next = pins.clone();
        next.release(of);
        let mut news = Vec::new();
        for (question, mut pin) in found {
            pin.values.sort();
            pin.values.dedup();
            let old = pins.get(&question.name, question.rtype).cloned();
            // What was known keeps its day, unless it is something else now, or is gone.
            if let Some(old) = old.as_ref().filter(|_| !pin.values.is_empty()) {
                let kept = Pin { uses: pin.uses.clone(), ..old.clone() };
                next.put(question.name.clone(), question.rtype, kept);
            }
            if old.as_ref().map_or(&[][..], |old| &old.values) != pin.values {
                pin.ttl = self.ttls.of(&question, pin.ttl);
                news.push((question.clone(), old, pin.clone()));
            }
            next.put(question.name, question.rtype, pin);
        }
        if pins::write(&next).len() as u64 > pins::LIMIT_FILE {
            return Err(
                say!(en: "the answers are larger than a pins file may be", ja: "答えが大きすぎて、控えのファイルに入りません"),
            );
        }
        Ok((next, news))
    }
}

/// Whether a word of `--update` means this: all of it, or its name.
fn names(word: &str, of: &Use) -> bool {
    let (word, of) = (word.trim_end_matches('.'), of.to_string());
    of.eq_ignore_ascii_case(word) || of.split_once(':').is_some_and(|(_, name)| name.eq_ignore_ascii_case(word))
}

fn shown_use(of: &Use) -> String {
    visible(&of.to_string()).into_owned()
}

/// TTLs as the zones have them: a resolver's answer has what is left of it in a cache, so a server of the zone is asked.
struct Ttls<'r> {
    resolve: &'r dyn Resolve,
    /// One was not answered; who can't reach name servers waits once, not every time.
    gave_up: bool,
    /// How many are those of a cache.
    of_caches: usize,
}

impl Ttls<'_> {
    /// The TTL of what was answered to this question, `answered` if the zone can't be asked.
    fn of(&mut self, question: &Question, answered: u32) -> u32 {
        let answer = self.resolve.ask(question);
        if answer.authoritative {
            return answered;
        }
        let asked = if self.gave_up { None } else { of_zone(self.resolve, &answer) };
        self.gave_up |= asked.is_none();
        self.of_caches += usize::from(asked.is_none());
        asked.unwrap_or(answered)
    }
}

/// The TTL that a server of the zone gives, for the zone nearest to the name.
#[cfg(feature = "live")]
fn of_zone(resolve: &dyn Resolve, answer: &Answer) -> Option<u32> {
    let name = answer.last_name();
    let mut zones = std::iter::successors(Some(name.clone()), Name::parent).filter(|zone| !zone.is_root()).take(8);
    let (zone, hosts) = zones.find_map(|zone| {
        let found = resolve.ask(&Question { name: zone.clone(), rtype: Rtype::NS });
        let hosts: Vec<Name> = found.records()?.iter().filter_map(Record::target).collect();
        (found.chain.is_empty() && !hosts.is_empty()).then_some((zone, hosts))
    })?;
    let question = Question { name, rtype: answer.question.rtype };
    hosts.into_iter().take(2).find_map(|host| {
        let found = resolve.ask(&Question { name: host, rtype: Rtype::A });
        let address = found.records()?.first()?.rdata.as_address(Rtype::A)?;
        let server = Network::authority(zone.clone(), SocketAddr::new(address, PORT));
        let second = std::time::Duration::from_secs(1);
        let said = server.with_patience(Patience { attempt: second, total: second * 2 }).ask(&question);
        said.ttl().filter(|_| said.authoritative)
    })
}

#[cfg(not(feature = "live"))]
fn of_zone(_: &dyn Resolve, _: &Answer) -> Option<u32> {
    None
}

/// Pins and the text that they were read from; none if there is no file.
type Kept = (Option<String>, Pins);

/// The pins that are there, with their text. None if the file can't be used: that is told, and nothing is written over it.
pub(super) fn kept(disk: &Disk, path: &str, domain: &Name, lang: Lang) -> Result<Option<Kept>, Text> {
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
