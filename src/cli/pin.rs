//! `zoneplan pin`.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;

use jiff::civil::Date;

use crate::build::{Built, Overrides, build};
use crate::live::{Dns, InTurn, Question, Resolve, Shared};
#[cfg(feature = "live")]
use crate::live::{Network, network::Patience};
use crate::pinning::{How, Ttls, needs};
use crate::pins::{self, Pin, Pins, PinsFile, Use};
use crate::report::{Lang, Sources, Text, excerpt, visible};
use crate::say;
use crate::site::Changed;
use crate::spf_dns::{NoPins, planned, wanted};
use crate::zone::{Name, Rtype};

use super::args::PinArgs;
use super::current::zone_files;
use super::disk::{self, Disk};
use super::one_site::write;
use super::places::shown;
use super::{Exit, output, spf};

/// What `--update` alone means: all of it.
pub(super) const ALL: &str = "*";

/// As much of one value as a person reads: a key of 4096 bits fits.
const VALUE_SHOWN: usize = 1_000;
/// Most times that it is looked at what is needed where the pins change what is.
const ROUNDS: usize = 5;

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
    let mut before: Option<Looked> = None;
    // What is needed depends on what the pins put into the records.
    for _ in 0..ROUNDS {
        let kept = before.iter().map(|looked| (looked.path.clone(), pins::write(&looked.after)));
        let files = Changed::new(&disk, kept);
        let run = build(&site, &files, &catalogue, &Overrides::default(), |built| {
            let (own, planned) = (wanted(built.fitted.composed), planned(built.fitted, built.current));
            let behind = network.as_ref().map(|n| n as &dyn Resolve);
            let now: Vec<&dyn Resolve> = std::iter::once(&dns as &dyn Resolve).chain(behind).collect();
            let resolve = InTurn([&own as &dyn Resolve, &planned].into_iter().chain(now.iter().copied()).collect());
            let (now, asked) = (InTurn(now), Asked(&resolve));
            let mut job = Job {
                update: &args.update,
                today,
                resolve: &resolve,
                now: &now,
                own: &own,
                ttls: Ttls::new(&asked),
                earlier: before.as_ref().map(|looked| &looked.after),
                of_caches: before.as_ref().map(|looked| looked.of_caches.clone()).unwrap_or_default(),
            };
            job.look(built, &disk, &site, lang)
        });
        let Some(looked) = run.product else {
            output::stderr(&output::human(&run.findings, &run.sources, lang, false, output::To::Stderr));
            return Ok(Exit::NotDone);
        };
        let Some(looked) = looked? else { return Ok(Exit::NotDone) };
        let built_from = before.as_ref().map_or(&looked.before, |looked| &looked.after);
        let is_settled = *built_from == looked.after;
        before = Some(looked);
        if is_settled {
            break;
        }
    }
    before.map_or(Ok(Exit::NotDone), |looked| looked.kept(lang))
}

/// What is looked up, with whom, and what may be written over.
struct Job<'r> {
    /// What `--update` names; [`ALL`] is all of it.
    update: &'r [String],
    today: Date,
    /// The zones as they will be, and everybody else's as they are.
    resolve: &'r dyn Resolve,
    /// All zones as they are.
    now: &'r dyn Resolve,
    /// The site's zones as they are wanted.
    own: &'r dyn Resolve,
    ttls: Ttls<'r>,
    /// What was kept when it was looked up before, without that in the records.
    earlier: Option<&'r Pins>,
    /// Of which the TTL is what a cache had left.
    of_caches: BTreeSet<(Name, Rtype)>,
}

/// What was looked up.
struct Looked {
    /// The pins file.
    path: String,
    before: Pins,
    after: Pins,
    /// What is told of it.
    out: String,
    exit: Exit,
    of_caches: BTreeSet<(Name, Rtype)>,
}

impl Looked {
    /// Writes the pins and tells of them.
    fn kept(self, lang: Lang) -> Result<Exit, Text> {
        // A file that says the same, in whatever order and line ends, stays as it is.
        if self.after != self.before {
            let text = pins::write(&self.after);
            let path = Path::new(&self.path);
            disk::write(path, &text, disk::Care::Synced).map_err(|error| {
                let (shown, why) = (shown(path), disk::reason(&error));
                say!(en: "{shown}: {why}", ja: "{shown}: {why}"; why = why)
            })?;
        }
        let mut out = self.out;
        let n = self.of_caches.iter().filter(|(name, rtype)| self.after.get(name, *rtype).is_some()).count();
        if n > 0 {
            let text = say!(en: "TTLs that are what a cache had left, since no server of the zone could be asked: {n}", ja: "キャッシュに残っていた秒数を TTL として控えたもの: {n} 件（ゾーンのサーバーに聞けませんでした）");
            out.push_str(text.get(lang));
            out.push('\n');
        }
        Ok(match write(&out, lang) {
            Exit::Fine => self.exit,
            failed => failed,
        })
    }
}

/// What was found for one use.
type Found = BTreeMap<(Name, Rtype), Pin>;

/// What is other than it was kept, of one use.
struct News {
    name: Name,
    rtype: Rtype,
    old: Option<Pin>,
    /// None where it is not asked for any more.
    new: Option<Pin>,
    /// It is kept already, for another use.
    is_kept: bool,
}

impl News {
    fn is_change(&self) -> bool {
        self.old.is_some() && self.new.is_some()
    }
}

/// What became of the news of one use.
enum Became {
    /// It could not be looked up, or is not what it should be: why.
    Not(NoPins),
    /// It is as it was, or kept.
    Kept,
    /// Kept since another use, which shares what changed, is updated.
    KeptWith,
    /// It changed, and waits for `--update`.
    Waits,
}

impl Job<'_> {
    /// Looks up what the site needs; none if there are pins that can't be used, which is told.
    fn look(&mut self, built: &Built<'_>, disk: &Disk, site: &str, lang: Lang) -> Result<Option<Looked>, Text> {
        let (mut sources, mut findings) = (Sources::default(), Vec::new());
        let domain = &built.site.domain.value;
        let file = PinsFile::read(site, domain, disk, &mut sources, &mut findings);
        if file.is_broken {
            output::stderr(&output::human(&findings, &sources, lang, false, output::To::Stderr));
            return Ok(None);
        }
        let before = file.pins.unwrap_or_else(|| Pins::new(domain.clone()));
        let needs = needs(built);
        self.check_words(&needs)?;
        let mut out = String::new();
        let mut line = |text: Text| {
            out.push_str(text.get(lang));
            out.push('\n');
        };
        if needs.is_empty() {
            line(
                say!(en: "nothing to keep: the SPF has no include, and no vendor's key has to be copied", ja: "控えるものがありません（SPF に include がなく、写す鍵もありません）"),
            );
        }
        let mut after = before.clone();
        let uses: BTreeSet<Use> = before.iter().flat_map(|(_, _, pin)| pin.uses.iter().cloned()).collect();
        for of in uses.iter().filter(|of| !needs.contains_key(of)) {
            after.release(of);
            let shown = shown_use(of);
            line(
                say!(en: "{shown}: not needed any more, taken out", ja: "{shown}: もう使わないため、控えから外しました"),
            );
        }
        let looked = needs.iter().map(|(of, how)| {
            let resolve = if how.is_of_now() { self.now } else { self.resolve };
            (of, how.look(resolve, self.own, self.today))
        });
        let looked: Vec<(&Use, Result<Found, NoPins>)> = looked.collect();
        let became = self.take(&before, &mut after, looked);
        for (of, news, became) in &became {
            let shown = shown_use(of);
            let was_kept = uses.contains(of);
            line(match became {
                Became::Not(NoPins { why, .. }) if was_kept => {
                    say!(en: "{shown}: not kept, what was kept stays: {why}", ja: "{shown}: 控え直していません。前の控えはそのままです: {why}"; why = why)
                }
                Became::Not(NoPins { why, .. }) => {
                    say!(en: "{shown}: not kept: {why}", ja: "{shown}: 控えていません: {why}"; why = why)
                }
                Became::Kept if news.is_empty() && kept_for(&before, of).eq(kept_for(&after, of)) => {
                    say!(en: "{shown}: as it was", ja: "{shown}: 変わりありません")
                }
                Became::Kept => say!(en: "{shown}: kept", ja: "{shown}: 控えました"),
                Became::KeptWith => {
                    say!(en: "{shown}: changed, and kept with what shares it", ja: "{shown}: 変わっていました。同じレコードを使うものと一緒に控えました")
                }
                Became::Waits => {
                    say!(en: "{shown}: changed; --update keeps what is new", ja: "{shown}: 変わっています。--update で新しい値を控えます")
                }
            });
            if let (Became::Not(NoPins { lacks_remedy: true, .. }), true, Some(how)) =
                (became, was_kept, needs.get(*of))
            {
                let stays = how.stays();
                line(say!(en: "  {stays}", ja: "  {stays}"; stays = stays));
            }
            for one in news {
                rows(of, one).into_iter().for_each(&mut line);
            }
        }
        let count = |is: fn(&Became) -> bool| became.iter().filter(|(_, _, became)| is(became)).count();
        let unknown = count(|became| matches!(became, Became::Not(_)));
        let exit = match (became.len() - unknown, unknown, count(|became| matches!(became, Became::Waits))) {
            (0, 1.., _) => Exit::NotDone,
            (_, 1.., _) => Exit::Findings,
            (_, _, 1..) => Exit::Differs,
            _ => Exit::Fine,
        };
        let of_caches = std::mem::take(&mut self.of_caches);
        Ok(Some(Looked { path: file.path, before, after, out, exit, of_caches }))
    }

    /// Each word of `--update` names something that is kept.
    fn check_words(&self, needs: &BTreeMap<Use, How>) -> Result<(), Text> {
        for word in self.update.iter().filter(|word| *word != ALL) {
            if !needs.keys().any(|of| names(word, of)) {
                let (shown, all) = (excerpt(word, 80), needs.keys().map(ToString::to_string).collect::<Vec<_>>());
                let all = visible(&all.join(", ")).into_owned();
                return Err(
                    say!(en: "--update={shown}: nothing is kept for that; there is: {all}", ja: "--update={shown}: そのための控えはありません。あるのは {all} です"),
                );
            }
        }
        Ok(())
    }

    /// Takes what was found into the pins: what changed nothing and what `--update` names, then what all came with that.
    fn take<'u>(
        &mut self,
        before: &Pins,
        after: &mut Pins,
        looked: Vec<(&'u Use, Result<Found, NoPins>)>,
    ) -> Vec<(&'u Use, Vec<News>, Became)> {
        let is_named = |of: &Use| self.update.iter().any(|word| word == ALL || names(word, of));
        let mut became: Vec<(&Use, Vec<News>, Became)> = Vec::new();
        let mut rest: Vec<(&Use, Found)> = Vec::new();
        let mut first: Vec<(&Use, Found)> = Vec::new();
        for (of, found) in looked {
            match found {
                Err(why) => became.push((of, Vec::new(), Became::Not(why))),
                Ok(found) if is_named(of) || !news(before, of, &found).iter().any(News::is_change) => {
                    first.push((of, found));
                }
                Ok(found) => rest.push((of, found)),
            }
        }
        for (of, found) in first {
            let news = news(before, of, &found);
            match self.put(after, of, found) {
                Ok(()) => became.push((of, news, Became::Kept)),
                Err(why) => became.push((of, Vec::new(), Became::Not(NoPins::whole(why)))),
            }
        }
        for (of, found) in rest {
            let mut told = news(before, of, &found);
            // What another one took of it has changed already.
            let left = news(after, of, &found);
            let waits = left.iter().any(News::is_change);
            for one in told.iter_mut().filter(|one| waits && one.is_change()) {
                one.is_kept = !left.iter().any(|left| (&left.name, left.rtype) == (&one.name, one.rtype));
            }
            let put = if waits { Ok(Became::Waits) } else { self.put(after, of, found).map(|()| Became::KeptWith) };
            match put {
                Ok(what) => became.push((of, told, what)),
                Err(why) => became.push((of, Vec::new(), Became::Not(NoPins::whole(why)))),
            }
        }
        became.sort_by_key(|(of, _, _)| *of);
        became
    }

    /// The TTL of what was found, which is looked up once.
    fn ttl(&mut self, name: &Name, rtype: Rtype, pin: &Pin) -> Option<u32> {
        let earlier = self.earlier.and_then(|pins| pins.get(name, rtype));
        if let Some(earlier) = earlier.filter(|earlier| earlier.values == pin.values) {
            return earlier.ttl;
        }
        let n = self.ttls.of_caches();
        let ttl = self.ttls.of(&Question { name: name.clone(), rtype }, pin.ttl);
        if self.ttls.of_caches() > n {
            self.of_caches.insert((name.clone(), rtype));
        }
        ttl
    }

    /// Puts what was found for one use in place of what there was for it.
    fn put(&mut self, pins: &mut Pins, of: &Use, found: Found) -> Result<(), Text> {
        let mut next = pins.clone();
        next.release(of);
        for ((name, rtype), mut pin) in found {
            match pins.get(&name, rtype) {
                // What was known keeps its day, unless it is something else now.
                Some(old) if old.values == pin.values => {
                    let kept = Pin { uses: pin.uses, ..old.clone() };
                    next.put(name, rtype, kept);
                }
                old => {
                    pin.ttl = self.ttl(&name, rtype, &pin);
                    // What goes on although the values changed is known only beside them.
                    if let Some(old) = old {
                        next.put(name.clone(), rtype, Pin { uses: pin.uses.clone(), ..old.clone() });
                    }
                    next.put(name, rtype, pin);
                }
            }
        }
        if pins::write(&next).len() as u64 > pins::LIMIT_FILE {
            return Err(
                say!(en: "the answers are larger than a pins file may be", ja: "答えが大きすぎて、控えのファイルに入りません"),
            );
        }
        *pins = next;
        Ok(())
    }
}

/// What is kept for a use.
fn kept_for<'p>(pins: &'p Pins, of: &'p Use) -> impl Iterator<Item = (&'p Name, Rtype)> {
    pins.iter().filter(move |(_, _, pin)| pin.uses.contains(of)).map(|(name, rtype, _)| (name, rtype))
}

/// What of the answers for one use is other than the pins have it, by name and type.
fn news(pins: &Pins, of: &Use, found: &Found) -> Vec<News> {
    let other = found.iter().filter_map(|((name, rtype), pin)| {
        let old = pins.get(name, *rtype);
        let is_new = old.is_none_or(|old| old.values != pin.values);
        is_new.then(|| News {
            name: name.clone(),
            rtype: *rtype,
            old: old.cloned(),
            new: Some(pin.clone()),
            is_kept: false,
        })
    });
    let alone = |pin: &Pin| pin.uses.len() == 1 && pin.uses.contains(of);
    let gone = pins.iter().filter(|(name, rtype, pin)| alone(pin) && !found.contains_key(&((*name).clone(), *rtype)));
    let gone = gone.map(|(name, rtype, pin)| News {
        name: name.clone(),
        rtype,
        old: Some(pin.clone()),
        new: None,
        is_kept: false,
    });
    let mut all: Vec<News> = other.chain(gone).collect();
    all.sort_by(|a, b| (&a.name, a.rtype).cmp(&(&b.name, b.rtype)));
    all
}

/// What is told of one piece of news: the name, who else has it, what was there and what is.
fn rows(of: &Use, News { name, rtype, old, new, is_kept }: &News) -> Vec<Text> {
    let head = format!("  {rtype} {}", visible(&name.display_without_dot().to_string()));
    let others = old.iter().flat_map(|pin| &pin.uses).filter(|other| *other != of).map(shown_use);
    let others = others.collect::<Vec<_>>().join(", ");
    let mut rows = vec![match new {
        None => say!(en: "{head}: not needed any more", ja: "{head}: もう使いません"),
        Some(_) if others.is_empty() => Text::same(head),
        Some(_) if *is_kept => {
            say!(en: "{head} (kept, as it is also of {others})", ja: "{head}（{others} も使うため、控えました）")
        }
        Some(_) => say!(en: "{head} (also of {others})", ja: "{head}（{others} も使います）"),
    }];
    let signed = |sign: &str, pin: &Pin| match pin.values.as_slice() {
        [] => vec![say!(en: "    {sign} none", ja: "    {sign} なし")],
        values => values.iter().map(|value| row(sign, &value.present(*rtype))).collect(),
    };
    if let Some(new) = new {
        rows.extend(old.iter().flat_map(|pin| signed("-", pin)));
        rows.extend(signed("+", new));
    }
    rows
}

/// A value with its sign; of a very long one the beginning.
fn row(sign: &str, value: &str) -> Text {
    let (shown, n) = (excerpt(value, VALUE_SHOWN), value.chars().count());
    match n > VALUE_SHOWN {
        true => say!(en: "    {sign} {shown} ({n} characters)", ja: "    {sign} {shown}（{n} 文字）"),
        false => Text::same(format!("    {sign} {shown}")),
    }
}

/// Whether a word of `--update` means this: its name, with or without what it is for.
fn names(word: &str, of: &Use) -> bool {
    let (word, of) = (word.trim_end_matches('.'), of.to_string());
    of.eq_ignore_ascii_case(word) || of.split_once(':').is_some_and(|(_, name)| name.eq_ignore_ascii_case(word))
}

fn shown_use(of: &Use) -> String {
    visible(&of.to_string()).into_owned()
}

/// Everybody's zones, and their name servers for their own word on TTLs. It costs little where nobody can be reached.
struct Asked<'r>(&'r InTurn<'r>);

impl Dns for Asked<'_> {
    fn resolver(&self) -> &dyn Resolve {
        self.0
    }

    fn has_name_servers(&self) -> bool {
        cfg!(feature = "live")
    }

    #[cfg(feature = "live")]
    fn name_server(&self, zone: &Name, addresses: &[SocketAddr]) -> Option<Box<dyn Resolve + '_>> {
        let second = std::time::Duration::from_secs(1);
        let server = Network::name_server(zone, addresses)?;
        Some(Box::new(server.with_patience(Patience { attempt: second, total: second * 2 })))
    }

    #[cfg(not(feature = "live"))]
    fn name_server(&self, _: &Name, _: &[SocketAddr]) -> Option<Box<dyn Resolve + '_>> {
        None
    }
}
