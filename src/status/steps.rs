//! What is to be done about a site, the next thing first, and what is not known of it.

use jiff::{ToSpan as _, civil::Date};

use super::dkim::Dkim;
use super::policy::Published;
use super::{Spf, Status};
use crate::build::Built;
use crate::catalogue::facts::{Evidence, stale_from};
use crate::fit::{FittedZone, ask::inquiry};
use crate::mail::dmarc::{self, Stage};
use crate::mail::spf::{MAX_LOOKUPS, MAX_VOIDS};
use crate::pinning::{How, needs};
use crate::pins::PinsFile;
use crate::plan::{REPORTS, StageKind, plan};
use crate::report::{Finding, Severity, Text, in_order, join};
use crate::say;

/// What a step is about, in the order in which they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// Another site has the same domain.
    Repeated,
    /// Building it found an error.
    Error,
    /// A sender's key is not given yet, or not known.
    Key,
    /// SPF costs too much.
    Spf,
    /// The zone is not as it is wanted.
    Plan,
    /// Pins are missing, or can't be used, in which case this comes first.
    Pin,
    /// A copy is compared.
    Copy,
    /// The policy gets stricter.
    Dmarc,
    /// DNS is asked.
    Check,
}

impl What {
    /// The word in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Repeated => "repeated",
            Self::Error => "error",
            Self::Key => "key",
            Self::Spf => "spf",
            Self::Pin => "pin",
            Self::Plan => "plan",
            Self::Copy => "copy",
            Self::Dmarc => "dmarc",
            Self::Check => "check",
        }
    }
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it is about.
    pub what: What,
    /// What to do, in a sentence.
    pub text: Text,
    /// From which day on; none where it does not wait for one.
    pub day: Option<Date>,
    /// That day has come.
    pub is_due: bool,
}

impl Step {
    /// Something that waits for no day.
    pub(super) fn now(what: What, text: Text) -> Self {
        Self { what, text, day: None, is_due: false }
    }

    fn on(what: What, day: Date, today: Date, text: Text) -> Self {
        Self { what, text, day: Some(day), is_due: day <= today }
    }
}

/// What is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unknown {
    /// The zone as it is.
    Zone,
    /// What the names in SPF records have.
    Spf,
    /// A sender's DKIM record.
    Dkim,
    /// Since when a copy is what it is.
    Copy,
    /// The DMARC policy that is published, or since when.
    Dmarc,
    /// What the form takes.
    Form,
    /// Whether what the catalogue knows of a company still holds.
    Facts,
    /// The pins are there and can't be used.
    Pins,
}

impl Unknown {
    /// The word in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Zone => "zone",
            Self::Spf => "spf",
            Self::Dkim => "dkim",
            Self::Copy => "copy",
            Self::Dmarc => "dmarc",
            Self::Form => "form",
            Self::Facts => "facts",
            Self::Pins => "pins",
        }
    }

    /// A word or two for people.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::Zone => say!(en: "zone as it is", ja: "いまのゾーン"),
            Self::Spf => say!(en: "names in SPF", ja: "SPF の中の名前"),
            Self::Dkim => say!(en: "DKIM record", ja: "DKIM レコード"),
            Self::Copy => say!(en: "age of the copy", ja: "写しの日付"),
            Self::Dmarc => Text::same("DMARC"),
            Self::Form => say!(en: "form", ja: "画面"),
            Self::Facts => say!(en: "old facts", ja: "古い設定データ"),
            Self::Pins => say!(en: "pins", ja: "控え"),
        }
    }
}

/// Something that is not known, in a few words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unchecked {
    /// What.
    pub what: Unknown,
    /// The words.
    pub text: Text,
}

/// The steps. What waits for nothing comes first, then what is due, then what will be, by its day.
pub(super) fn steps(built: &Built<'_>, status: &Status, file: &str, today: Date) -> Vec<Step> {
    let mut out = Vec::new();
    let (first, later) = match pins(built, status, file) {
        Some((Order::First, step)) => (Some(step), None),
        found => (None, found.map(|(_, step)| step)),
    };
    out.extend(first);
    out.extend(errors(built, file));
    out.extend(keys(built, status));
    out.extend(spf(status, file));
    out.extend(planned(built, file));
    out.extend(publish(status, file));
    out.extend(later);
    out.extend(copies(status, file, today));
    out.extend(policy(status, file, today));
    out.sort_by_key(|step| match step.day {
        None => (0, None),
        day if step.is_due => (1, day),
        day => (2, day),
    });
    if out.is_empty() {
        let text = say!(en: "compare it with DNS: zoneplan check {file}", ja: "DNS と比べます: zoneplan check {file}");
        out.push(Step::now(What::Check, text));
    }
    out
}

/// Whether a finding says that pins can't be used.
fn is_of_pins(built: &Built<'_>, finding: &Finding) -> bool {
    built.pins_file.is_some_and(|file| PinsFile::is_meant(&file.path, finding, built.sources))
}

fn errors(built: &Built<'_>, file: &str) -> Option<Step> {
    let errors: Vec<&Text> = in_order(built.findings)
        .into_iter()
        .filter(|finding| finding.severity == Severity::Error && !is_of_pins(built, finding))
        .map(|finding| &finding.title)
        .collect();
    let (first, n) = (*errors.first()?, errors.len());
    let text = match n {
        1 => {
            say!(en: "error: {first} (zoneplan build {file})", ja: "エラー: {first}（zoneplan build {file}）"; first = first)
        }
        _ => {
            say!(en: "{n} errors, the first: {first} (zoneplan build {file})", ja: "エラー {n} 件。1 件目: {first}（zoneplan build {file}）"; first = first)
        }
    };
    Some(Step::now(What::Error, text))
}

/// Keys that somebody has to get.
fn keys(built: &Built<'_>, status: &Status) -> Option<Step> {
    let composed = built.fitted.composed;
    let blank = composed.zones().flat_map(|zone| &zone.blanks).find(|blank| crate::plan::is_key_owner(&blank.name));
    if let Some(blank) = blank {
        let (who, find) = (composed.party(&blank.origin), &blank.find);
        let text = say!(en: "get the DKIM key of {who}: {find}", ja: "{who}の DKIM 鍵を用意します: {find}"; who = who, find = find);
        return Some(Step::now(What::Key, text));
    }
    let names: Vec<Text> = of_state(status, Dkim::Unknown);
    let names = join(&names);
    (!names.is_empty()).then(|| {
        Step::now(What::Key, say!(en: "find out which DKIM record {names} wants: look in its panel", ja: "{names}の DKIM レコードを管理画面で確かめます"; names = names))
    })
}

fn of_state(status: &Status, state: Dkim) -> Vec<Text> {
    let senders = status.senders.iter().filter(|sender| sender.dkim.iter().any(|stands| stands.state == state));
    senders.map(|sender| sender.name.clone()).collect()
}

fn spf(status: &Status, file: &str) -> Option<Step> {
    let Spf { name, lookups, voids, .. } = status.spf.iter().find(|spf| spf.is_permerror && !spf.is_double)?;
    let text = match (*lookups > MAX_LOOKUPS, *voids > MAX_VOIDS) {
        (true, _) => {
            say!(en: "SPF of {name}: {lookups} look-ups, and {MAX_LOOKUPS} are allowed: zoneplan spf {file} lists repairs", ja: "{name} の SPF: DNS 照会 {lookups} 回（上限 {MAX_LOOKUPS} 回）。zoneplan spf {file} で減らす方法を出します")
        }
        (false, true) => {
            say!(en: "SPF of {name}: {voids} look-ups find nothing, and {MAX_VOIDS} may: zoneplan spf {file} says which", ja: "{name} の SPF: 該当なしの照会 {voids} 回（上限 {MAX_VOIDS} 回）。どれかは zoneplan spf {file} で分かります")
        }
        (false, false) => {
            say!(en: "SPF of {name}: receivers give up on it; zoneplan spf {file} says where", ja: "{name} の SPF: 受信側が評価をやめます。場所は zoneplan spf {file} で分かります")
        }
    };
    Some(Step::now(What::Spf, text))
}

/// Where a step about pins stands.
enum Order {
    /// Errors follow from what is wrong with the pins.
    First,
    /// What is planned can be done without.
    AfterPlan,
}

/// Whether the pins can't be used, say something else than the zone as it is, or lack something that they could have.
fn pins(built: &Built<'_>, status: &Status, file: &str) -> Option<(Order, Step)> {
    if let Some(finding) = built.findings.iter().find(|finding| is_of_pins(built, finding)) {
        let why = &finding.title;
        let text =
            say!(en: "the pins of {file} can't be used: {why}", ja: "{file} の控えが使えません: {why}"; why = why);
        return Some((Order::First, Step::now(What::Pin, text)));
    }
    let lacks_key = lacks_key(built);
    if let Some((pinned, there)) = status.policy.disputed.filter(|_| !lacks_key) {
        let (pinned, there) = (pinned.text(), there.text());
        let text = say!(
            en: "DMARC: the pins say {pinned}, `current` says {there}. Look again: zoneplan pin {file}, and renew `current`",
            ja: "DMARC: 控えは {pinned}、current は {there} です。zoneplan pin {file} で確かめ、current も新しくします"; pinned = pinned, there = there
        );
        return Some((Order::AfterPlan, Step::now(What::Pin, text)));
    }
    let copies = status.copies.iter().any(|copy| !copy.is_pinned);
    let lacks = lacks_key || copies || status.spf.iter().any(|spf| spf.lacks_pins) || lacks_policy(built, status);
    let order = if lacks_key { Order::First } else { Order::AfterPlan };
    let text = say!(en: "look up what is to be pinned: zoneplan pin {file}", ja: "控えを取ります: zoneplan pin {file}");
    lacks.then(|| (order, Step::now(What::Pin, text)))
}

/// Whether a key that is to be copied is not pinned, and all errors may come from that: that the copy can't be made, and that the form does
/// not take what it would stand for.
fn lacks_key(built: &Built<'_>) -> bool {
    let mut errors = built.findings.iter().filter(|finding| finding.severity == Severity::Error).map(|f| f.id);
    errors.clone().any(|id| id == "way-not-ready")
        && errors.all(|id| id == "way-not-ready" || id.starts_with("host-"))
        && needs(built).values().any(|how| match how {
            How::Key { owner, target } => built.pins().is_none_or(|pins| pins.key(owner, target).is_none()),
            _ => false,
        })
}

/// Whether nothing is pinned of a policy that the site has.
fn lacks_policy(built: &Built<'_>, status: &Status) -> bool {
    let is_pinned = built.pins().is_some_and(|pins| pins.policy(&built.site.domain.value).is_some());
    status.policy.is_wanted && !is_pinned
}

/// What the plan has to do, where the zone as it is is known. The policy has a time of its own.
fn planned(built: &Built<'_>, file: &str) -> Option<Step> {
    built.current?;
    let question = built.question();
    let plan = plan(&question);
    let stages = plan.stages.iter().filter(|stage| !matches!(stage.kind, StageKind::Policy(_)));
    let of_known = stages.flat_map(|stage| &stage.steps).filter(|step| question.current_of(step.zone).is_some());
    let open: Vec<_> = of_known.filter(|step| !matches!(step.action, crate::plan::Action::Start { .. })).collect();
    let (first, n) = (open.first()?, open.len());
    let (name, rtype) = (first.name.display_without_dot().to_string(), first.rtype);
    let text = match n {
        1 => {
            say!(en: "1 step: {name} {rtype} (zoneplan plan {file})", ja: "作業 1 件: {name} {rtype}（zoneplan plan {file}）")
        }
        _ => {
            say!(en: "{n} steps, the first: {name} {rtype} (zoneplan plan {file})", ja: "作業 {n} 件。1 件目: {name} {rtype}（zoneplan plan {file}）")
        }
    };
    Some(Step::now(What::Plan, text))
}

fn copies(status: &Status, file: &str, today: Date) -> Vec<Step> {
    let step = |copy: &super::Copy| {
        if copy.is_planned {
            return None;
        }
        let (owner, vendor) = (&copy.owner, &copy.vendor);
        if copy.is_changed {
            let text = say!(en: "the copy at {owner} is not the key that the pins have of {vendor}: zoneplan check {file}", ja: "{owner} の写しが、控えにある{vendor}の鍵と違います: zoneplan check {file}"; vendor = vendor);
            return Some(Step::now(What::Copy, text));
        }
        let text = say!(en: "compare the copy at {owner} with {vendor}'s key: zoneplan check {file}", ja: "{owner} の写しを{vendor}の今の鍵と比べます: zoneplan check {file}"; vendor = vendor);
        copy.check.map(|day| Step::on(What::Copy, day, today, text))
    };
    status.copies.iter().filter_map(step).collect()
}

/// When a policy may get stricter: a month of reports after it became what it is.
fn after_reports(since: Option<Date>) -> Option<Date> {
    since?.checked_add((i64::from(REPORTS) / 86_400).days()).ok()
}

/// A change of the policy that waits for no reports: where none is published, where receivers will do no more than now, and of a domain
/// without mail, of which none could fail.
fn publish(status: &Status, file: &str) -> Option<Step> {
    let policy = &status.policy;
    let text = match (policy.published, policy.wanted.map(|wanted| wanted.tags())) {
        (Published::Unknown, _) => return None,
        (published, Some(wanted)) if status.no_mail => {
            if matches!(published, Published::Stage(now) if now.tags() == wanted) {
                return None;
            }
            say!(en: "no mail, and DMARC is not {wanted} yet: zoneplan plan {file}", ja: "メールを使わないドメインですが、DMARC がまだ {wanted} ではありません: zoneplan plan {file}")
        }
        (Published::Nothing, _) if policy.is_wanted => {
            say!(en: "publish the DMARC policy: zoneplan plan {file}", ja: "DMARC を公開します: zoneplan plan {file}")
        }
        (Published::Stage(now), Some(_)) => {
            let to = policy.notch.filter(|notch| !notch.is_stricter)?.to;
            let (from, to_tags) = (now.tags(), to.tags());
            match to.reported {
                _ if from != to_tags => {
                    say!(en: "DMARC from {from} to {to_tags}: zoneplan plan {file}", ja: "DMARC を {from} から {to_tags} に変えます: zoneplan plan {file}")
                }
                true => {
                    say!(en: "DMARC: add rua, where reports go; {from} stays: zoneplan plan {file}", ja: "DMARC にレポートの届け先（rua）を加えます。{from} のままです: zoneplan plan {file}")
                }
                false => {
                    say!(en: "DMARC: take out rua, where reports go; {from} stays: zoneplan plan {file}", ja: "DMARC からレポートの届け先（rua）を外します。{from} のままです: zoneplan plan {file}")
                }
            }
        }
        _ => return None,
    };
    Some(Step::now(What::Dmarc, text))
}

fn policy(status: &Status, file: &str, today: Date) -> Option<Step> {
    let policy = &status.policy;
    if status.no_mail {
        return None;
    }
    if !policy.is_wanted {
        let sends = status.senders.iter().any(|sender| sender.sends);
        let text = say!(en: "site.toml has no DMARC: zoneplan build {file} shows the lines", ja: "site.toml に DMARC がありません。書く行は zoneplan build {file} で出ます");
        return sends.then(|| Step::now(What::Dmarc, text));
    }
    let now = match policy.published {
        Published::Stage(now) => now,
        Published::Unknown | Published::Nothing => return None,
        Published::Void => {
            let text = say!(en: "nobody acts on the DMARC record that is published: zoneplan check {file}", ja: "公開されている DMARC は無効です: zoneplan check {file}");
            return Some(Step::now(What::Dmarc, text));
        }
    };
    let from = now.tags();
    // One notch after the other; where the site wants no more than to watch, the first one is for the site to say.
    let (to, how) = match policy.notch {
        Some(notch) if !notch.is_stricter => return None,
        Some(notch) => {
            let how = Text::same(format!("zoneplan plan {file}"));
            (notch.to, how)
        }
        None if now.p == dmarc::Policy::None && policy.wanted.is_some() => {
            let how =
                say!(en: "write p = \"quarantine\" under [dmarc]", ja: "[dmarc] に p = \"quarantine\" と書きます");
            let to = dmarc::Policy::Quarantine;
            (Stage { p: to, sp: now.sp.max(to), np: now.np.max(to), ..now }, how)
        }
        None => return None,
    };
    let (to, reported) = (to.tags(), now.reported);
    let unsigned: Vec<Text> =
        status.senders.iter().filter(|sender| sender.lacks_key()).map(|sender| sender.name.clone()).collect();
    if !unsigned.is_empty() {
        let names = join(&unsigned);
        let text = say!(en: "DMARC stays at {from} until the DKIM of {names} is in the zone", ja: "DMARC は {from} のままです。先に{names}の DKIM をゾーンに入れます"; names = names);
        return Some(Step::now(What::Dmarc, text));
    }
    if !reported {
        let text = say!(en: "DMARC stays at {from} until somebody reads reports: write rua under [dmarc]", ja: "DMARC は {from} のままです。先にレポートの届け先（[dmarc] の rua）を書きます");
        return Some(Step::now(What::Dmarc, text));
    }
    let text = say!(
        en: "DMARC from {from} to {to}, if no mail of yours failed in a month of reports: {how}",
        ja: "1 か月のレポートで自社のメールの失敗がなければ、DMARC を {from} から {to} に進めます: {how}"; how = how
    );
    Some(match after_reports(policy.since) {
        Some(day) => Step::on(What::Dmarc, day, today, text),
        None => Step::now(What::Dmarc, text),
    })
}

/// Companies of which the newest fact is old.
fn old_facts(built: &Built<'_>, today: Date) -> Vec<Text> {
    let composed = built.fitted.composed;
    let registrars = built.fitted.zones().filter_map(|zone| zone.registrar).map(|r| (&r.name, r.sources.as_slice()));
    let ids = composed.declared.senders.iter().filter_map(|s| composed.parties.get(s.party)?.id.as_deref());
    let senders = ids.filter_map(|id| built.catalogue.sender(id)).map(|s| (&s.name, s.sources.as_slice()));
    let is_old = |sources: &[Evidence]| {
        let newest = sources.iter().filter_map(Evidence::last_date).max();
        newest.and_then(stale_from).is_some_and(|day| day <= today)
    };
    let mut names: Vec<Text> = Vec::new();
    for (name, sources) in registrars.chain(senders) {
        if is_old(sources) && !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// Whose form a zone is edited in.
fn form(built: &Built<'_>, status: &Status, zone: &FittedZone<'_>) -> Text {
    let named = zone.registrar.map(|registrar| registrar.name.clone());
    if zone.composed.origin == built.fitted.own.composed.origin {
        return status.registrar.clone().unwrap_or_else(|| say!(en: "the form", ja: "画面"));
    }
    let origin = zone.composed.origin.display_without_dot();
    named.unwrap_or_else(|| say!(en: "the form of {origin}", ja: "{origin} の画面"))
}

/// What is not known of a site.
pub(super) fn unchecked(built: &Built<'_>, status: &Status, today: Date) -> Vec<Unchecked> {
    let mut out = Vec::new();
    let mut say = |what, text| out.push(Unchecked { what, text });
    if built.findings.iter().any(|finding| is_of_pins(built, finding)) {
        say(Unknown::Pins, say!(en: "the pins (they can't be used)", ja: "控え（使えません）"));
    }
    if built.current.is_none() {
        say(Unknown::Zone, say!(en: "the zone as it is (no `current`)", ja: "いまのゾーン（current がありません）"));
    }
    let open: Vec<Text> = status.spf.iter().filter(|spf| !spf.is_known).map(|spf| Text::same(&spf.name)).collect();
    if !open.is_empty() {
        let names = join(&open);
        say(
            Unknown::Spf,
            say!(en: "what the names in the SPF of {names} have", ja: "{names} の SPF にある名前の中身"; names = names),
        );
    }
    let unknown = of_state(status, Dkim::Unknown);
    if !unknown.is_empty() {
        let names = join(&unknown);
        say(Unknown::Dkim, say!(en: "the DKIM record of {names}", ja: "{names}の DKIM レコード"; names = names));
    }
    let undated: Vec<Text> =
        status.copies.iter().filter(|copy| copy.seen.is_none()).map(|copy| Text::same(&copy.owner)).collect();
    if !undated.is_empty() {
        let names = join(&undated);
        say(
            Unknown::Copy,
            say!(en: "how old the copy at {names} is", ja: "{names} の写しがいつのものか"; names = names),
        );
    }
    if let Some((pinned, there)) = status.policy.disputed {
        let (pinned, there) = (pinned.text(), there.text());
        say(
            Unknown::Dmarc,
            say!(en: "the DMARC policy that is published: the pins say {pinned}, `current` says {there}", ja: "公開されている DMARC（控えは {pinned}、current は {there}）"; pinned = pinned, there = there),
        );
    } else if status.policy.published == Published::Unknown {
        say(Unknown::Dmarc, say!(en: "the DMARC policy that is published", ja: "公開されている DMARC"));
    } else if status.policy.since.is_none() && status.policy.published != Published::Nothing && !status.no_mail {
        say(Unknown::Dmarc, say!(en: "since when the DMARC policy is what it is", ja: "DMARC がいつからその内容か"));
    }
    if !status.policy.others.is_empty() {
        let names = join(&status.policy.others.iter().map(Text::same).collect::<Vec<_>>());
        say(Unknown::Dmarc, say!(en: "the DMARC policy of {names}", ja: "{names} の DMARC"; names = names));
    }
    for zone in built.fitted.zones() {
        let n = inquiry(&zone.limits, Some(zone)).questions.len();
        if n == 0 {
            continue;
        }
        let form = form(built, status, zone);
        say(
            Unknown::Form,
            say!(en: "what {form} takes (open questions: {n}; zoneplan ruler, zoneplan ask)", ja: "{form}に入るもの（{n} 件。zoneplan ruler、zoneplan ask）"; form = form),
        );
    }
    let old = old_facts(built, today);
    if !old.is_empty() {
        let names = join(&old);
        say(
            Unknown::Facts,
            say!(en: "whether what zoneplan knows of {names} still holds: it is two years old", ja: "{names}について zoneplan が知っていることが、今も正しいか（2 年前のものです）"; names = names),
        );
    }
    out
}
