//! Walks plans with resolvers that cached at the worst time. A world of its own: zones that change at moments, answers that live for their
//! TTL, senders that sign with what they were told. It knows nothing of the planner's waits but how long they are.
//!
//! At any moment a resolver may hold, for each name and type, any answer that was right at a time no longer ago than that answer's TTL. A mail
//! is judged with every combination of such answers: it is lost if SPF and DKIM both fail under one of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "tools/dice.rs"]
mod dice;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use dice::Dice;
use zoneplan::build::{Overrides, build};
use zoneplan::catalogue::Catalogue;
use zoneplan::mail::spf::{Answer, Dns, Query, Verdict, check_host};
use zoneplan::plan::{Action, Outside, Pick, Plan, Question, StageKind, move_to, plan};
use zoneplan::site::InMemory;
use zoneplan::zone::{MasterFile, Name, Rdata, Record, Rtype};

/// How long a person takes from one row to the next, seconds.
const CLICK: i64 = 60;

/// Mail is tried again for five days.
const QUEUE: i64 = 5 * 86_400;

/// A name and type.
type Place = (Name, Rtype);

/// Answers over time: from when on, and which rows.
type Versions = Vec<(i64, Vec<Record>)>;

/// From and to, seconds.
type Spans = Vec<(i64, i64)>;

fn name(text: &str) -> Name {
    Name::parse_absolute(text).unwrap()
}

/// One change of the world.
#[derive(Clone, Debug)]
enum Event {
    Gone(Vec<Record>),
    Come(Vec<Record>),
    Start { from: Vec<usize> },
}

/// What is done, when; and where each stage ends.
#[derive(Default)]
struct Script {
    events: Vec<(i64, Event)>,
    /// The length of windows that the plan announces, with the time of the change.
    windows: Vec<(i64, u32)>,
    end: i64,
}

/// A sender of the test: it sends from an address as a domain, and signs with selectors.
#[derive(Clone, Debug)]
struct Sender {
    ip: IpAddr,
    /// The envelope's domain; SPF counts only if it is the From domain or below.
    envelope: &'static str,
    /// The owner of the key it signs with before its start, and which key that is.
    before: Option<(&'static str, &'static str)>,
    /// And after.
    after: Option<(&'static str, &'static str)>,
    /// It sends before its start.
    sends_before: bool,
    /// It does not send after this time; none = for ever.
    until: Option<i64>,
    /// Which `[[sender]]` of the site it is; none that is not there any more has a start.
    of: Option<usize>,
}

/// Walks a plan: each step a click after the other, each wait as long as the plan says. Before step `pause` a long holiday.
fn script(plan: &Plan<'_>, question: &Question<'_>, senders: &[Sender], pause: Option<usize>) -> Script {
    let declared = &question.fitted.composed.declared.senders;
    let of_party = |party: usize| -> Vec<usize> {
        let is = |s: &Sender| s.of.is_some_and(|of| declared[of].party == party);
        senders.iter().enumerate().filter(|(_, s)| is(s)).map(|(i, _)| i).collect()
    };
    let mut out = Script::default();
    let mut now = 10 * 86_400;
    let mut n = 0;
    for stage in &plan.stages {
        if let Some(wait) = &stage.before {
            now += i64::from(wait.seconds);
        }
        for step in &stage.steps {
            if pause == Some(n) {
                now += 40 * 86_400;
            }
            n += 1;
            now += CLICK;
            if let Some(window) = &step.window {
                out.windows.push((now, window.seconds));
            }
            if let Action::Start { .. } = step.action {
                out.events.push((now, Event::Start { from: of_party(step.party) }));
                continue;
            }
            // A row of the same type is edited in one go; a row of another type is removed, and the new one entered.
            let one_go = step.now.iter().all(|a| step.then.iter().all(|b| a.rtype == b.rtype));
            if !step.now.is_empty() {
                out.events.push((now, Event::Gone(step.now.clone())));
            }
            if !one_go && !step.then.is_empty() {
                now += CLICK;
            }
            if !step.then.is_empty() {
                out.events.push((now, Event::Come(step.then.clone())));
            }
            // Who signs with a key that changes under its name changes with it.
            if step.window.is_some() && step.now.iter().all(|a| step.then.iter().all(|b| a.rtype == b.rtype)) {
                out.events.push((now, Event::Start { from: of_party(step.party) }));
            }
        }
        if let Some(wait) = &stage.after {
            now += i64::from(wait.seconds);
        }
    }
    out.end = now + 10 * 86_400;
    out
}

/// The answers about each name and type over time: from when on, and which rows.
struct World {
    history: BTreeMap<Place, Versions>,
    /// What stands outside the zones and never changes.
    outside: Vec<Record>,
    negative: i64,
    start: Vec<Option<i64>>,
    /// Every moment at which something changes or an answer runs out.
    moments: Vec<i64>,
}

impl World {
    fn new(zone: &[Record], outside: &[Record], negative: i64, script: &Script, senders: usize) -> Self {
        let mut rows: Vec<Record> = zone.to_vec();
        let mut history: BTreeMap<Place, Versions> = BTreeMap::new();
        let mut places: Vec<(Name, Rtype)> = rows.iter().map(|r| (r.name.clone(), r.rtype)).collect();
        for (_, event) in &script.events {
            if let Event::Gone(r) | Event::Come(r) = event {
                places.extend(r.iter().map(|r| (r.name.clone(), r.rtype)));
            }
        }
        places.sort();
        places.dedup();
        let of = |rows: &[Record], place: &(Name, Rtype)| -> Vec<Record> {
            rows.iter().filter(|r| r.name == place.0 && r.rtype == place.1).cloned().collect()
        };
        for place in &places {
            history.insert(place.clone(), vec![(i64::MIN / 2, of(&rows, place))]);
        }
        let mut start = vec![None; senders];
        let mut at = 0;
        while at < script.events.len() {
            let when = script.events[at].0;
            while at < script.events.len() && script.events[at].0 == when {
                match &script.events[at].1 {
                    Event::Gone(gone) => {
                        for g in gone {
                            let before = rows.len();
                            rows.retain(|r| !r.same_data(g));
                            assert!(rows.len() < before, "a step takes away what is not there: {g:?}");
                        }
                    }
                    Event::Come(come) => rows.extend(come.iter().cloned()),
                    Event::Start { from } => from.iter().for_each(|i| start[*i] = Some(when)),
                }
                at += 1;
            }
            for place in &places {
                let set = of(&rows, place);
                let versions = history.get_mut(place).unwrap();
                if versions.last().unwrap().1 != set {
                    versions.push((when, set));
                }
            }
        }
        let mut this = Self { history, outside: outside.to_vec(), negative, start, moments: Vec::new() };
        let mut moments: Vec<i64> = script.events.iter().map(|(t, _)| *t).collect();
        for versions in this.history.values() {
            for pair in versions.windows(2) {
                moments.push(pair[1].0 + this.life(&pair[0].1));
            }
        }
        moments.push(script.end);
        moments.sort_unstable();
        moments.dedup();
        this.moments = moments;
        this
    }

    fn life(&self, rows: &[Record]) -> i64 {
        rows.iter().map(|r| i64::from(r.ttl)).min().unwrap_or(self.negative)
    }

    /// What resolvers may hold about a name and type at a time.
    fn possible(&self, place: &(Name, Rtype), now: i64) -> Vec<Vec<Record>> {
        let Some(versions) = self.history.get(place) else {
            return vec![self.outside.iter().filter(|r| r.name == place.0 && r.rtype == place.1).cloned().collect()];
        };
        let mut out = Vec::new();
        for (i, (from, rows)) in versions.iter().enumerate() {
            let until = versions.get(i + 1).map_or(i64::MAX, |v| v.0);
            // Cached at the last moment at which it was right.
            let last = until.saturating_add(self.life(rows));
            if *from <= now && now < last {
                out.push(rows.clone());
            }
        }
        out
    }
}

/// One resolver: of each answer that it may hold it holds one, as the odometer says.
struct Resolver<'w> {
    world: &'w World,
    now: i64,
    /// Which answer, for each place asked, and how many there are.
    wheels: RefCell<Vec<(Place, usize, usize)>>,
}

impl Resolver<'_> {
    fn rows(&self, name: &Name, rtype: Rtype) -> Vec<Record> {
        let place = (name.to_lowercase(), rtype);
        let possible = self.world.possible(&place, self.now);
        assert!(!possible.is_empty());
        let mut wheels = self.wheels.borrow_mut();
        let at = match wheels.iter().find(|(p, ..)| *p == place) {
            Some((_, at, _)) => *at,
            None => {
                wheels.push((place, 0, possible.len()));
                0
            }
        };
        possible[at].clone()
    }

    /// Follows aliases.
    fn ask(&self, asked: &Name, rtype: Rtype) -> Vec<Record> {
        let mut name = asked.clone();
        for _ in 0..8 {
            let alias = self.rows(&name, Rtype::CNAME);
            match alias.first().and_then(Record::target) {
                Some(target) => name = target,
                None => return self.rows(&name, rtype),
            }
        }
        Vec::new()
    }

    fn answer<T>(&self, asked: &str, rtype: Rtype, of: impl Fn(&Record) -> Option<T>) -> Answer<T> {
        let rows = self.ask(&name(asked), rtype);
        if rows.is_empty() { Answer::NxDomain } else { Answer::Records(rows.iter().filter_map(of).collect()) }
    }
}

impl Dns for Resolver<'_> {
    fn txt(&self, name: &str) -> Answer<Vec<u8>> {
        self.answer(name, Rtype::TXT, |r| Some(r.rdata.txt_joined()))
    }

    fn a(&self, name: &str) -> Answer<Ipv4Addr> {
        self.answer(name, Rtype::A, |r| match r.rdata.as_address(r.rtype) {
            Some(IpAddr::V4(a)) => Some(a),
            _ => None,
        })
    }

    fn aaaa(&self, _: &str) -> Answer<Ipv6Addr> {
        Answer::NoData
    }

    fn mx(&self, name: &str) -> Answer<String> {
        self.answer(name, Rtype::MX, |r| r.target().map(|t| t.display_without_dot().to_string().to_lowercase()))
    }

    fn ptr(&self, _: &str) -> Answer<String> {
        Answer::NxDomain
    }
}

/// Whether some resolver loses a mail sent by this sender at `sent` and judged at `now`; and whether DKIM alone fails under some.
fn lost(world: &World, sender: &Sender, started: bool, now: i64) -> (bool, bool) {
    let resolver = Resolver { world, now, wheels: RefCell::new(Vec::new()) };
    let (mut both, mut dkim_fails) = (false, false);
    loop {
        let mail_from = format!("a@{}", sender.envelope);
        // SPF counts where the envelope is of the From domain (RFC 9989 §4.4.2, relaxed).
        let aligned = name(sender.envelope).is_subdomain_of(&name("example.com"));
        let pass =
            || check_host(&resolver, &Query::new(sender.ip, &mail_from, "mail.example.net")).verdict == Verdict::Pass;
        let spf = aligned && pass();
        let signed = if started { sender.after } else { sender.before };
        let dkim = signed.is_some_and(|(owner, key)| {
            let texts = resolver.ask(&name(owner), Rtype::TXT);
            matches!(texts.as_slice(), [one] if String::from_utf8_lossy(&one.rdata.txt_joined()).contains(&format!("p={key}")))
        });
        both |= !spf && !dkim;
        dkim_fails |= signed.is_some() && !dkim;
        // The next combination.
        let mut wheels = resolver.wheels.borrow_mut();
        let mut carried = true;
        for (_, at, of) in wheels.iter_mut() {
            *at += 1;
            if *at < *of {
                carried = false;
                break;
            }
            *at = 0;
        }
        if carried {
            return (both, dkim_fails);
        }
    }
}

/// The times in which mail may be lost: of both checks, and of DKIM alone, each as spans between moments.
fn losses(world: &World, sender: &Sender, at: usize) -> (Spans, Spans) {
    let (mut both, mut alone) = (Vec::new(), Vec::new());
    let put = |list: &mut Vec<(i64, i64)>, from: i64, to: i64| match list.last_mut() {
        Some((_, end)) if *end == from => *end = to,
        _ => list.push((from, to)),
    };
    for pair in world.moments.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let start = world.start[at];
        let (mut lose, mut fail) = (false, false);
        // Sent now, or up to five days ago and still in a queue.
        for started in [false, true] {
            let sent_by = if started { start.unwrap_or(i64::MAX) } else { i64::MIN / 2 };
            let no_more = match (started, start) {
                (false, Some(start)) => start,
                _ => sender.until.unwrap_or(i64::MAX),
            };
            let no_more = no_more.min(sender.until.unwrap_or(i64::MAX));
            let sends = if started { true } else { sender.sends_before };
            // Some mail of this kind may be judged in this span.
            if !sends || sent_by > from || from >= no_more.saturating_add(QUEUE) {
                continue;
            }
            let (l, f) = lost(world, sender, started, from);
            lose |= l;
            // Mail in queues fails longest; what a window announces is mail that is sent now.
            if from < no_more {
                fail |= f;
            }
        }
        if lose {
            put(&mut both, from, to);
        }
        if fail {
            put(&mut alone, from, to);
        }
    }
    (both, alone)
}

fn records(text: &str, origin: &str) -> Vec<Record> {
    let read = MasterFile::read(text.as_bytes(), &name(origin));
    assert!(read.faults.is_empty(), "{:?}", read.faults);
    read.records.into_iter().map(|r| r.into_record(0)).collect()
}

/// What stands outside: what vendors publish.
fn outside() -> Vec<Record> {
    let text = format!(
        "spf.old.example.net. 300 TXT \"v=spf1 ip4:192.0.2.1 -all\"\n\
         _spf.google.com. 300 TXT \"v=spf1 ip4:192.0.2.2 -all\"\n\
         spf.sender.xserver.jp. 300 TXT \"v=spf1 ip4:192.0.2.3 -all\"\n\
         sv14166.xserver.jp. 300 A 192.0.2.3\n\
         spf.makeshop.jp. 300 TXT \"v=spf1 ip4:192.0.2.4 -all\"\n\
         shop12._domainkey.makeshop.jp. 300 TXT {}\n\
         shop13._domainkey.makeshop.jp. 300 TXT {}\n",
        quoted(&key_text(KEY_B)),
        quoted(&key_text(KEY_A))
    );
    records(&text, "outside.example")
}

/// Two keys.
const KEY_A: &str = include_str!("../examples/hogehoge/keys/xserver.txt");
const KEY_B: &str = include_str!("../examples/onamae-shop/keys/google.txt");

fn key_text(text: &str) -> String {
    text.trim().to_owned()
}

/// What stands behind `p=`.
fn key(text: &'static str) -> &'static str {
    text.trim().split("p=").nth(1).unwrap()
}

fn quoted(text: &str) -> String {
    Rdata::txt(text.as_bytes()).unwrap().present(Rtype::TXT)
}

struct Case<'c> {
    site: String,
    zone: String,
    keyzone: &'c str,
    remove: &'c [&'c str],
    senders: Vec<Sender>,
}

const GOOGLE: &str = "[[sender]]\nprovider = \"google-workspace\"\n";
const XSERVER: &str = "[[sender]]\nprovider = \"xserver\"\nserver = \"14166\"\n";

fn site(parts: &[&str]) -> String {
    format!("domain = \"example.com\"\ngmail-per-day = 10\n{}", parts.concat())
}

fn dkim(selector: &str, key: &str) -> String {
    format!("dkim = [{{ selector = \"{selector}\", key = \"{}\" }}]\n", key_text(key))
}

const SOA: &str = "$TTL 14400\n@ SOA ns1.example.net. h.example.net. 1 7200 900 1209600 1800\n@ NS ns1.example.net.\n";

impl Case<'_> {
    /// Plans, and hands over the plan.
    fn plan<R>(&self, zone: &[Record], with: impl FnOnce(&Plan<'_>, &Question<'_>) -> R) -> R {
        let text = zoneplan::zone::text::write(zone, None);
        let catalogue = Catalogue::embedded();
        let mut files = InMemory::site(self.site.clone()).and("now.zone", text);
        let mut overrides = Overrides { current: Some("now.zone".to_owned()), ..Overrides::default() };
        if !self.keyzone.is_empty() {
            files = files.and("keyzone.zone", self.keyzone);
            overrides.keyzone = Some("keyzone.zone".to_owned());
        }
        let run = build("site.toml", &files, &catalogue, &overrides, |built| {
            let origin = &built.site.domain.value;
            let remove: Vec<Pick> = self.remove.iter().map(|p| Pick::parse(p, origin, None).unwrap()).collect();
            let question = Question { remove: &remove, ..built.question() };
            with(&plan(&question), &question)
        });
        let told: Vec<&str> = run.findings.iter().map(|f| f.title.en.as_str()).collect();
        run.product.unwrap_or_else(|| panic!("{told:?}"))
    }

    fn zone(&self) -> Vec<Record> {
        records(&format!("{SOA}{}", self.zone), "example.com")
    }

    /// Everything there is: the own zone and the keyzone.
    fn all(&self) -> Vec<Record> {
        let mut all = self.zone();
        if !self.keyzone.is_empty() {
            all.extend(records(self.keyzone, "agency.example"));
        }
        all
    }

    /// Walks the plan in each way: without a pause and with one before each step. What is lost, and what DKIM alone fails, with the windows.
    fn walk(&self, mut each: impl FnMut(usize, &Sender, &[(i64, i64)], &[(i64, i64)], &Script)) {
        self.plan(&self.zone(), |plan, question| {
            let steps = plan.steps().count();
            assert!(steps > 0, "nothing is planned");
            for pause in std::iter::once(None).chain((0..steps).map(Some)) {
                let script = script(plan, question, &self.senders, pause);
                let world = World::new(&self.all(), &outside(), 1800, &script, self.senders.len());
                for (i, sender) in self.senders.iter().enumerate() {
                    let (both, alone) = losses(&world, sender, i);
                    each(i, sender, &both, &alone, &script);
                }
            }
        });
    }

    /// No mail is ever lost.
    fn is_safe(&self) {
        self.walk(|i, sender, both, _, script| {
            assert!(both.is_empty(), "sender {i} {sender:?} loses mail at {both:?}\n{:#?}", script.events);
        });
        self.replans();
    }

    /// Doing the plan leaves nothing to plan, and doing a part of it leaves the rest.
    fn replans(&self) {
        let all: Vec<(Vec<Record>, Vec<Record>)> =
            self.plan(&self.zone(), |plan, _| plan.steps().map(|s| (s.now.clone(), s.then.clone())).collect());
        let mut zone = self.zone();
        let goal = all.iter().fold(zone.clone(), applied);
        for step in &all {
            zone = applied(zone, step);
            let left: Vec<(Vec<Record>, Vec<Record>)> =
                self.plan(&zone, |plan, _| plan.steps().map(|s| (s.now.clone(), s.then.clone())).collect());
            let reached = left.iter().fold(zone.clone(), applied);
            assert_eq!(meaning(&reached), meaning(&goal));
        }
        assert_eq!(self.plan(&zone, |plan, _| plan.steps().count()), 0);
    }
}

fn applied(mut zone: Vec<Record>, (now, then): &(Vec<Record>, Vec<Record>)) -> Vec<Record> {
    zone.retain(|r| !now.iter().any(|n| n.same_data(r)));
    zone.extend(then.iter().filter(|r| r.name.is_subdomain_of(&name("example.com"))).cloned());
    zone
}

/// A zone without its TTLs, in an order.
fn meaning(zone: &[Record]) -> Vec<String> {
    let mut out: Vec<String> = zone
        .iter()
        .map(|r| format!("{} {} {}", r.name.to_lowercase(), r.rtype, r.rdata.to_lowercase(r.rtype).present(r.rtype)))
        .collect();
    out.sort();
    out
}

fn sender(ip: u8, of: Option<usize>) -> Sender {
    Sender {
        ip: IpAddr::V4(Ipv4Addr::new(192, 0, 2, ip)),
        envelope: "example.com",
        before: None,
        after: None,
        sends_before: true,
        until: None,
        of,
    }
}

/// The length of spans, all together.
fn length(spans: &[(i64, i64)]) -> i64 {
    spans.iter().map(|(from, to)| to - from).sum()
}

#[test]
fn a_new_sender_begins_when_everybody_can_see_it() {
    let google = Sender {
        before: Some(("google._domainkey.example.com", key(KEY_B))),
        after: Some(("google._domainkey.example.com", key(KEY_B))),
        ..sender(2, Some(0))
    };
    let new = Sender {
        after: Some(("default._domainkey.example.com", key(KEY_A))),
        sends_before: false,
        ..sender(3, Some(1))
    };
    let one_leg = Sender { envelope: "bounce.example.net", ..new.clone() };
    Case {
        site: site(&[
            GOOGLE,
            &dkim("google", KEY_B),
            XSERVER,
            &dkim("default", KEY_A),
            "[dmarc]\np = \"reject\"\nrua = [\"mailto:d@example.com\"]\n",
        ]),
        zone: format!(
            "@ TXT \"v=spf1 include:_spf.google.com ~all\"\ngoogle._domainkey TXT {}\n",
            quoted(&key_text(KEY_B))
        ),
        keyzone: "",
        remove: &[],
        senders: vec![google, new, one_leg],
    }
    .is_safe();
}

/// A sender that begins at once loses mail: the walk sees what it is there to see.
#[test]
fn the_walk_sees_a_sender_that_begins_too_early() {
    let early = Sender {
        after: Some(("default._domainkey.example.com", key(KEY_A))),
        before: Some(("default._domainkey.example.com", key(KEY_A))),
        ..sender(3, Some(1))
    };
    let mut seen = false;
    Case {
        site: site(&[GOOGLE, &dkim("google", KEY_B), XSERVER, &dkim("default", KEY_A)]),
        zone: "@ TXT \"v=spf1 include:_spf.google.com ~all\"\n".to_owned(),
        keyzone: "",
        remove: &[],
        senders: vec![early],
    }
    .walk(|_, _, both, _, _| seen |= !both.is_empty());
    assert!(seen);
}

#[test]
fn a_key_is_rotated_under_a_new_selector() {
    let both = Sender {
        before: Some(("shop12._domainkey.example.com", key(KEY_B))),
        after: Some(("shop13._domainkey.example.com", key(KEY_A))),
        ..sender(4, Some(0))
    };
    let one_leg = Sender { envelope: "bounce.example.net", ..both.clone() };
    let case = Case {
        site: site(&["[[sender]]\nprovider = \"makeshop\"\nselector = \"shop13\"\n"]),
        zone: "@ TXT \"v=spf1 include:spf.makeshop.jp ~all\"\nshop12._domainkey 86400 CNAME shop12._domainkey.makeshop.jp.\n".to_owned(),
        keyzone: "",
        remove: &["shop12._domainkey/CNAME"],
        senders: vec![both, one_leg],
    };
    case.is_safe();
    // The signer is switched after the new key is seen, and before the old one goes.
    case.plan(&case.zone(), |plan, _| {
        let kinds: Vec<StageKind> = plan.stages.iter().map(|s| s.kind).collect();
        assert_eq!(kinds, [StageKind::Add, StageKind::Start, StageKind::Remove]);
    });
}

#[test]
fn a_sender_retires() {
    let stays = sender(2, Some(0));
    let old = Sender {
        before: Some(("old._domainkey.example.com", key(KEY_A))),
        until: Some(10 * 86_400),
        ..sender(1, None)
    };
    let one_leg = Sender { envelope: "bounce.example.net", ..old.clone() };
    Case {
        site: site(&[GOOGLE, &dkim("google", KEY_B)]),
        zone: format!(
            "@ TXT \"v=spf1 include:_spf.google.com include:spf.old.example.net ~all\"\nold._domainkey TXT {}\n",
            quoted(&key_text(KEY_A))
        ),
        keyzone: "",
        remove: &["@/TXT=include:spf.old.example.net", "old._domainkey/TXT"],
        senders: vec![stays, old, one_leg],
    }
    .is_safe();
}

/// One sender goes and another comes: both are allowed in between.
#[test]
fn a_sender_takes_the_place_of_another() {
    let old = Sender { until: Some(10 * 86_400), ..sender(1, None) };
    let new = Sender { sends_before: false, ..sender(2, Some(0)) };
    Case {
        site: site(&[GOOGLE, &dkim("google", KEY_B)]),
        zone: "@ 86400 TXT \"v=spf1 include:spf.old.example.net -all\"\n@ 86400 TXT \"token=1\"\n".to_owned(),
        keyzone: "",
        remove: &["@/TXT=include:spf.old.example.net"],
        senders: vec![old, new],
    }
    .is_safe();
}

/// `roles` of the site: mail moves to another host. At no moment is there no MX, and SPF of who sends stays.
#[test]
fn mail_moves_to_another_host() {
    for (choice, zone) in [
        ("", "@ 86400 MX 10 mail\nmail A 192.0.2.50\n"),
        ("", "@ 86400 MX 10 mail\n@ 86400 MX 20 mail2\nmail A 192.0.2.50\nmail2 A 192.0.2.51\n"),
        ("options = { mx = \"five\" }\n", "@ 86400 MX 10 mail\nmail A 192.0.2.50\n"),
        (
            "options = { mx = \"five\" }\n",
            "@ 86400 MX 10 mail\n@ 86400 MX 20 mail2\nmail A 192.0.2.50\nmail2 A 192.0.2.51\n",
        ),
    ] {
        let case = Case {
            site: site(&[GOOGLE, "roles = [\"send\", \"receive\"]\n", choice, &dkim("google", KEY_B)]),
            zone: format!("@ TXT \"v=spf1 include:_spf.google.com ~all\"\n{zone}"),
            keyzone: "",
            remove: &["@/MX"],
            senders: vec![sender(2, Some(0))],
        };
        case.is_safe();
        case.plan(&case.zone(), |plan, question| {
            let script = script(plan, question, &case.senders, None);
            let world = World::new(&case.all(), &outside(), 1800, &script, 1);
            let old: Vec<Record> = case.zone().into_iter().filter(|r| r.rtype == Rtype::MX).collect();
            for moment in &world.moments {
                for rows in world.possible(&(name("example.com"), Rtype::MX), *moment) {
                    assert!(!rows.is_empty(), "no MX at {moment}");
                }
            }
            // Whoever cached the old one longest: 300 seconds after the last change, as the TTL was lowered before.
            let last = |moment: &i64| {
                let held = world.possible(&(name("example.com"), Rtype::MX), *moment);
                held.iter().flatten().any(|r| old.iter().any(|o| o.same_data(r)))
            };
            let change = script.events.iter().filter(|(_, e)| matches!(e, Event::Gone(r) if r.iter().any(|r| r.ttl == 300 && old.iter().any(|o| o.same_data(r))))).map(|(t, _)| *t).next_back().unwrap();
            assert!(!world.moments.iter().any(|m| *m >= change + 300 && last(m)));
            assert!(world.moments.iter().any(|m| *m < change + 300 && *m >= change && last(m)));
        });
    }
}

/// `mx` and `a` come to mean other servers at the switch. Who sends from the old ones loses nothing, if it stops a week before the removals
/// or is written down, whether the term stays or goes.
#[test]
fn servers_that_mx_and_a_mean_are_allowed_until_the_removals() {
    const MAIL: &str = "@ 86400 MX 10 mail\nmail 86400 A 192.0.2.50\n";
    const RECEIVES: &str = "roles = [\"send\", \"receive\"]\n";
    const OWN: &str = "[[record]]\nname = \"mail\"\ntype = \"A\"\nvalue = \"192.0.2.51\"\n[[record]]\nname = \"@\"\ntype = \"MX\"\nvalue = \"10 mail.example.com.\"\n";
    const WEB: &str = "[[record]]\nname = \"@\"\ntype = \"A\"\nvalue = \"192.0.2.51\"\n";
    let cases: [(&str, &str, &str, String, &[&str]); 6] = [
        // The row is as it is wanted, and still means somebody else.
        (
            RECEIVES,
            "extra = [\"mx\"]\n",
            "",
            format!("@ TXT \"v=spf1 include:_spf.google.com mx ~all\"\n{MAIL}"),
            &["@/MX"],
        ),
        (
            RECEIVES,
            "extra = [\"mx\"]\n",
            "",
            format!("@ 86400 TXT \"v=spf1 mx include:_spf.google.com -all\"\n{MAIL}"),
            &["@/MX"],
        ),
        (
            RECEIVES,
            "",
            "",
            format!("@ TXT \"v=spf1 +mx:example.com include:_spf.google.com ~all\"\n{MAIL}"),
            &["@/MX", "@/TXT=+mx:example.com"],
        ),
        // Another address under the same name, by way of `mx` and of `a`.
        ("", "extra = [\"mx\"]\n", OWN, format!("@ TXT \"v=spf1 mx include:_spf.google.com ~all\"\n{MAIL}"), &[]),
        (
            "",
            "extra = [\"a:mail.example.com\"]\n",
            OWN,
            format!("@ TXT \"v=spf1 a:mail.example.com include:_spf.google.com ~all\"\n{MAIL}"),
            &[],
        ),
        (
            "",
            "extra = [\"a\"]\n",
            WEB,
            "@ TXT \"v=spf1 a include:_spf.google.com ~all\"\n@ A 192.0.2.50\n".to_owned(),
            &[],
        ),
    ];
    for (roles, extra, records, zone, remove) in &cases {
        let old = sender(50, None);
        let site = |extra: &str| site(&[GOOGLE, roles, &dkim("google", KEY_B), "[spf]\n", extra, records]);
        let case = Case {
            site: site(extra),
            zone: zone.clone(),
            keyzone: "",
            remove,
            senders: vec![sender(2, Some(0)), old.clone()],
        };
        case.replans();
        case.plan(&case.zone(), |plan, question| {
            for pause in std::iter::once(None).chain((0..plan.steps().count()).map(Some)) {
                let script = script(plan, question, &case.senders, pause);
                let world = World::new(&case.all(), &outside(), 1800, &script, 2);
                let held = |e: &Event| matches!(e, Event::Gone(rows) if rows.iter().any(|r| String::from_utf8_lossy(&r.rdata.txt_joined()).contains("ip4:192.0.2.50")));
                let at = |is: &dyn Fn(&Event) -> bool| script.events.iter().find(|(_, e)| is(e)).map(|(t, _)| *t);
                let host = |e: &Event| matches!(e, Event::Come(rows) if rows.iter().any(|r| matches!(r.rtype, Rtype::MX | Rtype::A) && r.ttl == 300 && r.rdata.present(r.rtype) != "192.0.2.50" && r.rdata.present(r.rtype) != "10 mail.example.com."));
                let (switch, removal) = (at(&host).unwrap(), at(&held).unwrap_or(script.end));
                // It goes on after the switch, until a week before the removals.
                let until = removal - 7 * 86_400;
                assert!(switch < until + QUEUE, "{switch} {until}");
                let old = Sender { until: Some(until), ..old.clone() };
                for (i, sender) in [&case.senders[0], &old].into_iter().enumerate() {
                    let (both, _) = losses(&world, sender, i);
                    assert!(both.is_empty(), "{sender:?} loses mail at {both:?}\n{:#?}", script.events);
                }
            }
        });
        // Written down, it goes on for ever.
        let extra = if extra.is_empty() {
            "extra = [\"ip4:192.0.2.50\"]\n".to_owned()
        } else {
            extra.replace(']', ", \"ip4:192.0.2.50\"]")
        };
        Case { site: site(&extra), zone: zone.clone(), keyzone: "", remove, senders: vec![sender(2, Some(0)), old] }
            .is_safe();
    }
}

/// Two SPF rows: at no moment is there none, and the policy acts only when everybody sees the one.
#[test]
fn two_spf_rows_become_one_before_the_policy_acts() {
    let case = Case {
        site: site(&[GOOGLE, &dkim("google", KEY_B), "[dmarc]\np = \"quarantine\"\nrua = [\"mailto:d@example.com\"]\n"]),
        zone: "@ 86400 TXT \"v=spf1 include:_spf.google.com ~all\"\n@ 86400 TXT \"v=spf1 include:spf.old.example.net -all\"\n_dmarc TXT \"v=DMARC1; p=none; rua=mailto:d@example.com\"\n".to_owned(),
        keyzone: "",
        remove: &["@/TXT=include:spf.old.example.net"],
        senders: vec![sender(2, Some(0))],
    };
    case.replans();
    case.walk(|_, _, both, _, script| {
        let acts = |r: &Record| String::from_utf8_lossy(&r.rdata.txt_joined()).contains("p=quarantine");
        let policy = script.events.iter().find(|(_, e)| matches!(e, Event::Come(rows) if rows.iter().any(acts)));
        let (policy, _) = policy.unwrap();
        assert!(both.last().is_some_and(|(_, end)| end < policy), "{both:?} {policy}");
    });
    case.plan(&case.zone(), |plan, question| {
        let world = World::new(&case.all(), &outside(), 1800, &script(plan, question, &case.senders, None), 1);
        let spf = |rows: &[Record]| rows.iter().filter(|r| r.rdata.txt_joined().starts_with(b"v=spf1")).count();
        let versions = &world.history[&(name("example.com"), Rtype::TXT)];
        assert_eq!(versions.iter().map(|(_, rows)| spf(rows)).max(), Some(2));
        assert!(versions.iter().all(|(_, rows)| spf(rows) >= 1), "{versions:?}");
        assert_eq!(versions.last().map(|(_, rows)| spf(rows)), Some(1));
    });
}

/// A month of reports that come stands before every notch, from when the last resolver knows where they go.
#[test]
fn reports_come_for_a_month_before_each_notch() {
    for now in ["", "_dmarc 86400 TXT \"v=DMARC1; p=none\"\n"] {
        let case = Case {
            site: site(&[
                GOOGLE,
                &dkim("google", KEY_B),
                "[dmarc]\np = \"reject\"\nrua = [\"mailto:d@example.com\"]\n",
            ]),
            zone: format!("@ TXT \"v=spf1 include:_spf.google.com ~all\"\n{now}"),
            keyzone: "",
            remove: &[],
            senders: vec![sender(2, Some(0))],
        };
        case.is_safe();
        case.plan(&case.zone(), |plan, question| {
            let script = script(plan, question, &case.senders, None);
            let world = World::new(&case.all(), &outside(), 1800, &script, 1);
            let place = (name("_dmarc.example.com"), Rtype::TXT);
            let says = |rows: &[Record], what: &str| {
                rows.iter().any(|r| String::from_utf8_lossy(&r.rdata.txt_joined()).contains(what))
            };
            let versions = &world.history[&place];
            let mut notches = 0;
            for (from, rows) in versions.iter().filter(|(_, rows)| says(rows, "p=quarantine") || says(rows, "p=reject"))
            {
                notches += 1;
                assert!(says(rows, "rua="));
                for moment in std::iter::once(from - 30 * 86_400)
                    .chain(world.moments.iter().copied().filter(|m| (from - 30 * 86_400..*from).contains(m)))
                {
                    let held = world.possible(&place, moment);
                    assert!(held.iter().all(|rows| says(rows, "rua=")), "{moment} {from}: {held:?}");
                }
            }
            assert_eq!(notches, 2);
        });
    }
}

/// A key under a fixed name: the window is the lowered TTL, found as announced; who passes SPF loses nothing.
#[test]
fn a_key_that_changes_under_its_name_has_the_window_that_is_announced() {
    let fixed = ("default._domainkey.example.com", key(KEY_A), key(KEY_B));
    let both = Sender { before: Some((fixed.0, fixed.1)), after: Some((fixed.0, fixed.2)), ..sender(3, Some(0)) };
    let mut windows = 0;
    Case {
        site: site(&[XSERVER, &dkim("default", KEY_B)]),
        zone: format!("@ TXT \"v=spf1 a:sv14166.xserver.jp mx include:spf.sender.xserver.jp ~all\"\ndefault._domainkey 86400 TXT {}\n", quoted(&key_text(KEY_A))),
        keyzone: "",
        remove: &["default._domainkey/TXT"],
        senders: vec![both],
    }
    .walk(|_, _, both, alone, script| {
        assert!(both.is_empty(), "{both:?}");
        let [(at, seconds)] = script.windows.as_slice() else { panic!("{:?}", script.windows) };
        assert_eq!(*seconds, 300);
        assert_eq!(alone, [(*at, at + i64::from(*seconds))]);
        windows += 1;
    });
    assert!(windows > 1);
}

/// A copy of a key gives way to a CNAME into the keyzone, in a form that can't do that in one go. Only a sender without aligned SPF loses
/// mail, and as long as announced, besides the time between the two clicks.
#[test]
fn a_copy_gives_way_to_the_keyzone_with_the_window_that_is_announced() {
    let owner = "shop12._domainkey.example.com";
    let signs = Some((owner, key(KEY_B)));
    let two = Sender { before: signs, after: signs, ..sender(4, Some(0)) };
    let one_leg = Sender { envelope: "bounce.example.net", ..two.clone() };
    let mut windows = 0;
    let case = Case {
        site: String::from(
            "domain = \"example.com\"\ngmail-per-day = 10\nregistrar = \"example-127\"\n[[sender]]\nprovider = \"makeshop\"\nselector = \"shop12\"\n[keyzone]\nsuffix = \"dkim.agency.example\"\nzone = \"agency.example\"\nregistrar = \"cloudflare\"\n",
        ),
        zone: format!(
            "@ TXT \"v=spf1 include:spf.makeshop.jp ~all\"\nshop12._domainkey TXT {}\n",
            quoted(&key_text(KEY_B))
        ),
        keyzone: "$TTL 3600\n@ SOA ns1.example.net. h.example.net. 1 7200 900 1209600 1800\n",
        remove: &[],
        senders: vec![two, one_leg],
    };
    case.walk(|i, _, both, alone, script| {
        let [(at, seconds)] = script.windows.as_slice() else { panic!("{:?}", script.windows) };
        assert_eq!(*seconds, 1800);
        let window = [(*at, at + CLICK + i64::from(*seconds))];
        assert_eq!(alone, window);
        if i == 0 {
            assert!(both.is_empty());
        } else {
            assert_eq!(length(both), CLICK + i64::from(*seconds));
            windows += 1;
        }
    });
    assert!(windows > 1);
}

/// For how long after the switch some resolver may ask the old servers, hour by hour: it holds what the zone above said just before, and at any
/// moment until that runs out it may take what the old servers say of themselves in its place (RFC 2181 §5.4.1), once.
fn old_servers_are_asked_for(above: u32, own: u32) -> u32 {
    (0..above).step_by(3600).map(|asked| (above - 1).min(asked + 3600) + own).max().unwrap_or(0).max(above)
}

/// Resolvers ask the old servers or the new ones, for as long as some of them hold the old ones: both say the same, and no DS is left that
/// fits only the old ones.
#[test]
fn a_zone_moves_to_another_company() {
    let zone = format!(
        "{SOA}@ A 192.0.2.9\n@ MX 10 mail\nmail A 192.0.2.50\n@ TXT \"v=spf1 mx ~all\"\nwww CNAME @\nsub NS ns1.sub.example.net.\n"
    );
    let files = InMemory::site(site(&[GOOGLE, &dkim("google", KEY_B)])).and("now.zone", zone.clone());
    let catalogue = Catalogue::embedded();
    let overrides = Overrides {
        current: Some("now.zone".to_owned()),
        registrar: Some("cloudflare".to_owned()),
        ..Overrides::default()
    };
    let run = build("site.toml", &files, &catalogue, &overrides, |built| {
        let question = Question {
            site: built.site,
            fitted: built.fitted,
            current: built.current,
            subzones: &[],
            keyzone: None,
            left: None,
            remove: &[],
        };
        let plan = move_to(&question);
        let at = |kind| plan.stages.iter().position(|s| s.kind == kind).unwrap();
        let (unsign, enter, moves, settle) =
            (at(StageKind::Unsign), at(StageKind::Enter), at(StageKind::Move), at(StageKind::Settle));
        assert!(unsign < enter && enter < moves && moves < settle);
        let new: Vec<Record> = plan.stages[enter].steps.iter().flat_map(|s| s.then.clone()).collect();
        let old: Vec<Record> = records(&zone, "example.com");
        let served: Vec<Record> = old
            .iter()
            .filter(|r| !(r.name == name("example.com") && matches!(r.rtype, Rtype::SOA | Rtype::NS)))
            .cloned()
            .collect();
        assert_eq!(meaning(&new), meaning(&served));
        // TTLs too: an answer lives as long from both.
        assert!(new.iter().all(|n| served.iter().any(|o| o == n)));
        // A day for the DS; two days for the name servers of .com, and then the zone's own word for its servers.
        assert!(plan.stages[unsign].after.as_ref().unwrap().seconds >= 86_400);
        let own = old.iter().find(|r| r.name == name("example.com") && r.rtype == Rtype::NS).unwrap().ttl;
        assert!(own > 0);
        assert!(plan.stages[moves].after.as_ref().unwrap().seconds >= old_servers_are_asked_for(172_800, own));
        let acts: Vec<&Action<'_>> = plan.stages[settle].steps.iter().map(|s| &s.action).collect();
        assert_eq!(acts, [&Action::Outside(Outside::Sign), &Action::Outside(Outside::CloseOld)]);
    });
    assert!(run.product.is_some());
}

/// Random zones: doing the plan leaves nothing, doing a part of it leaves the rest, and whoever sends all the time loses nothing.
#[test]
fn doing_a_plan_leaves_nothing_to_plan() {
    let mut dice = Dice(7);
    let mut moves = 0;
    for _ in 0..40 {
        let mut parts = vec![
            GOOGLE.to_owned(),
            dice.pick(&["", "roles = [\"send\", \"receive\"]\n"]).to_owned(),
            dkim("google", KEY_B),
        ];
        if dice.percent(50) {
            parts.push(XSERVER.to_owned());
            parts.push(dkim("default", KEY_A));
        }
        let p = dice.pick(&["none", "quarantine", "reject"]);
        parts.push(format!("[dmarc]\np = \"{p}\"\nrua = [\"mailto:d@example.com\"]\n"));
        parts.push(dice.pick(&["", "[[record]]\nname = \"www\"\ntype = \"A\"\nvalue = \"192.0.2.80\"\n"]).to_owned());
        let texts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let mut zone = String::new();
        zone.push_str(dice.pick(&[
            "@ TXT \"v=spf1 include:_spf.google.com ~all\"\n",
            "@ 86400 TXT \"v=spf1 include:spf.old.example.net include:_spf.google.com -all\"\n@ 86400 TXT \"t=1\"\n",
            "@ 300 TXT \"v=spf1 include:_spf.google.com ip4:192.0.2.77 ?all\"\n",
        ]));
        zone.push_str(dice.pick(&[
            "",
            "@ MX 10 mail\n",
            "@ 86400 MX 10 mail\n@ 86400 MX 20 mail2\n",
            "@ MX 1 smtp.google.com.\n",
        ]));
        zone.push_str(dice.pick(&[
            "",
            "_dmarc TXT \"v=DMARC1; p=none\"\n",
            "_dmarc 7200 TXT \"v=DMARC1;p=reject;sp=none\"\n",
            "_dmarc TXT \"v=DMARC1; p=quarantine; pct=50\"\n",
        ]));
        zone.push_str(dice.pick(&[
            "",
            "www A 192.0.2.80\n",
            "www A 192.0.2.81\n",
            "www A 192.0.2.80\nwww A 192.0.2.82\n",
        ]));
        zone.push_str(dice.pick(&["", "* 600 TXT \"wild\"\n", "old A 192.0.2.60\nold TXT \"x\"\n"]));
        let remove: &[&str] = match dice.below(3) {
            0 => &[],
            1 => &["old/A", "@/MX", "www/A"],
            _ => &["@/MX=10 mail.example.com."],
        };
        let case = Case { site: site(&texts), zone, keyzone: "", remove, senders: vec![sender(2, Some(0))] };
        case.replans();
        if case.plan(&case.zone(), |plan, _| plan.steps().count()) > 0 {
            moves += 1;
            case.walk(|_, _, both, _, script| {
                assert!(both.is_empty(), "{both:?}\n{}\n{}\n{:#?}", case.site, case.zone, script.events)
            });
        }
    }
    assert!(moves > 30);
}
