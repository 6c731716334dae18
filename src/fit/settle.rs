//! Which way each record takes: chosen by the site or by rank, and the zones rewritten to it. After this the zones hold what is entered.

use std::collections::BTreeMap;

use crate::catalogue::Catalogue;
use crate::catalogue::registrar::Registrar;
use crate::compose::{Composed, ComposedZone, Intent, Member, Resolved, RrSet};
use crate::pins::PinsFile;
use crate::report::{Finding, NoteKind, Text, join};
use crate::say;
use crate::zone::{Name, Record, Rtype, Ttl};

use super::check::nearest_ttl;
use super::keyzone::Keyzone;
use super::limits::{Limits, Strength};
use super::model::{FittedRecord, FittedZone, Outcome};
use super::way::{Standing, Substitution, Way, WayKind};
use super::ways::{Form, Ground, Takes};
use super::zone;

/// A zone's form and what was decided of its records.
#[derive(Clone, Debug)]
pub(super) struct SettledZone<'a> {
    registrar: Option<&'a Registrar>,
    limits: Limits,
    substitutions: Vec<Substitution>,
    /// Ways of records that stay as they are.
    open: Vec<(Record, Vec<Way>)>,
    /// What the form does to each record, where nothing was changed after it was asked.
    pub(super) records: Option<Vec<FittedRecord>>,
}

/// The zones of a site as they fit.
#[derive(Clone, Debug)]
pub struct Settled<'a> {
    /// The own zone and the subzones, rewritten.
    pub composed: Composed,
    /// Zones as resolvers see them, where that differs, by number (0 is the own one, then the subzones): a name that leads into the
    /// keyzone has what stands there, and what the keyzone holds is seen only so.
    pub seen: BTreeMap<usize, ComposedZone>,
    pub(super) own: SettledZone<'a>,
    pub(super) subzones: Vec<SettledZone<'a>>,
    /// The keyzone, if it is no subzone of the site and holds anything.
    pub(super) keyzone: Option<(ComposedZone, SettledZone<'a>)>,
    pub(super) findings: Vec<Finding>,
}

/// A way that is taken for a record.
struct Action {
    wanted: Record,
    why: Text,
    way: usize,
    ways: Vec<Way>,
}

impl Action {
    fn chosen(&self) -> Option<&Way> {
        self.ways.get(self.way)
    }

    fn goes_to_keyzone(&self) -> bool {
        self.chosen().is_some_and(|w| !w.there.is_empty())
    }
}

impl<'a> SettledZone<'a> {
    pub(super) fn new(registrar: Option<&'a Registrar>, limits: Limits) -> Self {
        Self { registrar, limits, substitutions: Vec::new(), open: Vec::new(), records: None }
    }

    /// The zone, fitted; what there is to say of it goes to `findings`.
    pub(super) fn fitted<'s>(
        &'s self,
        composed: &'s Composed,
        composed_zone: &'s ComposedZone,
        findings: &mut Vec<Finding>,
    ) -> FittedZone<'s> {
        let mut records = match &self.records {
            Some(records) => records.clone(),
            None => zone::assess(composed, composed_zone, self.registrar, &self.limits),
        };
        for record in &mut records {
            let Some(set) = composed_zone.rrsets.get(record.set) else { continue };
            let Some(member) = set.members.get(record.member) else { continue };
            let is = |r: &Record| r.name == set.name && r.rtype == set.rtype && r.rdata == member.rdata;
            if let Some((_, ways)) = self.open.iter().find(|(r, _)| is(r)) {
                record.ways.clone_from(ways);
            }
            let stands = |s: &Substitution| s.here.iter().any(is);
            if let Some(at) = self.substitutions.iter().position(stands) {
                record.instead_of = Some(at);
                if record.outcome < Outcome::Substituted {
                    record.outcome = Outcome::Substituted;
                }
            }
        }
        let fitted = FittedZone {
            composed: composed_zone,
            registrar: self.registrar,
            limits: self.limits.clone(),
            records,
            substitutions: &self.substitutions,
        };
        zone::speak(&fitted, composed, findings);
        fitted
    }
}

/// Decides over every record that a form does not take, and rewrites the zones.
#[must_use]
pub fn settle<'a>(mut composed: Composed, resolved: &Resolved<'a>, catalogue: &'a Catalogue) -> Settled<'a> {
    let mut findings = Vec::new();
    let keyzone = Keyzone::of(resolved, &mut findings);
    let mut held: Vec<(Record, Member)> = Vec::new();
    let delegated = resolved.site.subdomains.iter().zip(&resolved.delegated).filter(|(s, _)| s.delegated.is_some());
    // [limits] speaks of the site's own form only.
    let mut forms: Vec<SettledZone<'a>> =
        vec![SettledZone::new(resolved.registrar, Limits::new(resolved.registrar, &resolved.site.limits))];
    forms.extend(delegated.map(|(_, r)| SettledZone::new(*r, Limits::new(*r, &[]))));
    check_choices(&composed, resolved, &mut findings);
    let mut seen = BTreeMap::new();
    for (i, form) in forms.iter_mut().enumerate() {
        let Some(composed_zone) = zone_at(&composed, i) else { continue };
        let records = zone::assess(&composed, composed_zone, form.registrar, &form.limits);
        let ttls = ttls(composed_zone, &records, form, &mut findings);
        let actions = {
            let trial = Form { registrar: form.registrar, limits: &form.limits, apex: &composed_zone.origin };
            let ground = Ground::new(&composed, composed_zone, resolved, catalogue, trial, keyzone.as_ref());
            decide(&ground, &records, resolved, &mut form.open, &mut findings)
        };
        if ttls.is_empty() && actions.is_empty() {
            form.records = Some(records);
            continue;
        }
        let Some(composed_zone) = zone_at_mut(&mut composed, i) else { continue };
        for (name, rtype, ttl) in ttls {
            composed_zone.rrsets.iter_mut().filter(|s| s.name == name && s.rtype == rtype).for_each(|s| s.ttl = ttl);
        }
        let (to_keyzone, other): (Vec<Action>, Vec<Action>) = actions.into_iter().partition(Action::goes_to_keyzone);
        for action in other {
            form.substitutions.extend(apply(action, composed_zone, &mut held));
        }
        if !to_keyzone.is_empty() {
            seen.insert(i, composed_zone.clone());
        }
        for action in to_keyzone {
            form.substitutions.extend(apply(action, composed_zone, &mut held));
        }
        composed_zone.rrsets.sort_by_cached_key(|s| (s.name != composed_zone.origin, s.name.clone(), s.rtype));
    }
    if let Some(i) = keyzone.as_ref().and_then(|k| k.subzone)
        && let Some(zone) = composed.subzones.get(i)
    {
        seen.entry(i + 1).or_insert_with(|| zone.clone());
    }
    let keyzone = keyzone.and_then(|k| place(k, held, resolved, &mut composed, &mut forms, &mut findings));
    let mut forms = forms.into_iter();
    let own = forms.next().unwrap_or_else(|| SettledZone::new(None, Limits::default()));
    Settled { composed, seen, own, subzones: forms.collect(), keyzone, findings }
}

fn zone_at(composed: &Composed, i: usize) -> Option<&ComposedZone> {
    match i.checked_sub(1) {
        None => Some(&composed.own),
        Some(i) => composed.subzones.get(i),
    }
}

fn zone_at_mut(composed: &mut Composed, i: usize) -> Option<&mut ComposedZone> {
    match i.checked_sub(1) {
        None => Some(&mut composed.own),
        Some(i) => composed.subzones.get_mut(i),
    }
}

/// A `[[way]]` must be about a record that is wanted, and the only one about it.
fn check_choices(composed: &Composed, resolved: &Resolved<'_>, findings: &mut Vec<Finding>) {
    for (i, way) in resolved.site.ways.iter().enumerate() {
        let (name, rtype) = (way.name.value.display_without_dot().to_string(), way.rtype.value);
        let told = |finding: Finding| finding.at(way.span, Text::default()).about(name.clone(), rtype.to_string());
        let same = |w: &&crate::site::Way| w.name.value == way.name.value && w.rtype.value == rtype;
        if let Some(first) = resolved.site.ways.iter().take(i).find(same) {
            let title =
                say!(en: "two ways for the {rtype} at {name}", ja: "{name} の {rtype} に [[way]] が 2 つあります");
            findings.push(
                told(Finding::error("way-twice", title))
                    .at(first.span, say!(en: "the first one, which is used", ja: "最初のもの（こちらを使います）"))
                    .next(say!(en: "keep one of them", ja: "どちらか 1 つにしてください")),
            );
            continue;
        }
        findings.extend(without_record(composed, way).map(told));
    }
}

/// That there is no record for a `[[way]]`: none is wanted, its value is missing, or a switch makes it.
fn without_record(composed: &Composed, way: &crate::site::Way) -> Option<Finding> {
    let (name, rtype, word) = (way.name.value.display_without_dot().to_string(), way.rtype.value, way.way.value.word());
    let mut sets = composed.zones().filter_map(|z| Some((z, z.rrset(&way.name.value, rtype)?)));
    if sets.any(|(z, s)| s.members.iter().any(|m| !z.switched.iter().any(|w| w.makes(s, m)))) {
        return None;
    }
    let mut switched = composed.zones().flat_map(|z| &z.switched);
    if let Some(switch) = switched.find(|w| w.name == way.name.value && w.rtype == rtype) {
        let (who, how) = (composed.party(&switch.origin), &switch.how);
        let title = say!(en: "{who} makes the {rtype} at {name} itself ({how}), so `{word}` does nothing", ja: "{name} の {rtype} は{who}が自動で入れるため（{how}）、`{word}` は使われません"; who = who, how = how);
        return Some(
            Finding::warning("way-switch", title).next(say!(en: "remove the [[way]]", ja: "[[way]] を消してください")),
        );
    }
    let mut blanks = composed.zones().flat_map(|z| &z.blanks);
    if let Some(blank) = blanks.find(|b| b.name == way.name.value && b.rtype == rtype) {
        let who = composed.party(&blank.origin);
        let title = say!(en: "the {rtype} at {name} ({who}) has no value yet; `{word}` counts once it is given", ja: "{name} の {rtype}（{who}）はまだ値がありません。`{word}` は値が入ってから使われます"; who = who);
        return Some(Finding::advice("way-waits", title));
    }
    let here =
        composed.zones().flat_map(|z| &z.rrsets).filter(|s| s.name == way.name.value).map(|s| s.rtype.to_string());
    let here = here.collect::<Vec<_>>().join(", ");
    let finding = Finding::error(
        "way-no-record",
        say!(en: "no {rtype} record at {name} is wanted, so there is no way to choose for it", ja: "{name} の {rtype} は必要なレコードの中にないため、入れ方を選べません"),
    );
    Some(if here.is_empty() {
        finding.next(say!(en: "see `zoneplan build --format table` for the names", ja: "名前は `zoneplan build --format table` で確かめられます"))
    } else {
        finding.next(say!(en: "{name} has: {here}", ja: "{name} にあるのは {here} です"))
    })
}

/// TTLs that the form is known to refuse, and what is entered in their place.
fn ttls(
    composed_zone: &ComposedZone,
    records: &[FittedRecord],
    form: &SettledZone<'_>,
    findings: &mut Vec<Finding>,
) -> Vec<(Name, Rtype, Ttl)> {
    let mut out: Vec<(Name, Rtype, Ttl)> = Vec::new();
    let mut said: Vec<(u32, u64)> = Vec::new();
    for record in records {
        let cause =
            record.causes.iter().find(|c| c.id == "host-ttl" && c.strength == Strength::Known && c.effect.hinders());
        let (Some(cause), Some(set)) = (cause, composed_zone.rrsets.get(record.set)) else { continue };
        let wanted = set.ttl.seconds();
        let near = nearest_ttl(&form.limits, u64::from(wanted));
        let Some(ttl) = u32::try_from(near).ok().and_then(Ttl::from_seconds).filter(|t| t.seconds() != wanted) else {
            continue;
        };
        out.push((set.name.clone(), set.rtype, ttl));
        if said.contains(&(wanted, near)) {
            continue;
        }
        said.push((wanted, near));
        let member = set.members.get(record.member);
        let title = &cause.title;
        let mut finding = Finding::advice(
            "host-ttl",
            say!(en: "{title}; {near} is used", ja: "{title}。{near} にしました"; title = title),
        )
        .about(set.name.display_without_dot().to_string(), set.rtype.to_string())
        .panel(zone::form_name(form.registrar))
        .source(cause.limit.source());
        for origin in member.into_iter().flat_map(|m| &m.origins) {
            finding = finding.at_opt(origin.span, Text::default());
        }
        findings.push(finding);
    }
    out.dedup_by(|a, b| a.0 == b.0 && a.1 == b.1);
    out
}

/// What became of a `[[way]]` in a zone. It may concern several records of one name and type, and not be there for all of them.
#[derive(Default)]
struct Answer {
    /// It could be done for one.
    done: bool,
    /// Why not for another.
    refusal: Option<Finding>,
}

/// What becomes of each record of a zone.
fn decide(
    ground: &Ground<'_, '_>,
    records: &[FittedRecord],
    resolved: &Resolved<'_>,
    open: &mut Vec<(Record, Vec<Way>)>,
    findings: &mut Vec<Finding>,
) -> Vec<Action> {
    let mut actions = Vec::new();
    let mut answers: BTreeMap<usize, Answer> = BTreeMap::new();
    let spoken_of = spoken_of(ground, records);
    for record in records {
        let Some(set) = ground.zone.rrsets.get(record.set) else { continue };
        let Some(member) = set.members.get(record.member) else { continue };
        if record.outcome == Outcome::Switch {
            continue;
        }
        let about = |w: &crate::site::Way| w.name.value == set.name && w.rtype.value == set.rtype;
        let choice = resolved.site.ways.iter().position(about);
        let choice = choice.and_then(|i| Some((i, resolved.site.ways.get(i)?)));
        if let Some((i, way)) = choice {
            let answer = answers.entry(i).or_default();
            answer.refusal = answer.refusal.take().or_else(|| not_concerned(way, set, member, record, ground));
        }
        let choice = choice.filter(|(_, way)| not_concerned(way, set, member, record, ground).is_none());
        let hinders = |c: &&super::Cause| c.effect.hinders() && !c.is_number();
        let known = record.causes.iter().filter(hinders).find(|c| c.strength == Strength::Known);
        let doubtful = spoken_of.contains(&(record.set, record.member)) || record.causes.iter().any(|c| hinders(&c));
        if choice.is_none() && !doubtful {
            continue;
        }
        let takes = match known {
            Some(cause) => Takes::No(Box::new(cause.clone())),
            None => ground.form.takes(set, member, &ground.composed.first_party(member), false),
        };
        let wanted = set.record(member);
        let why = known.map(|c| c.title.clone()).unwrap_or_default();
        if choice.is_none() && known.is_some() {
            let ways = ground.ways_unasked(set, member, &takes);
            if let Some(way) = ways.iter().position(is_taken) {
                actions.push(taken(ground, member, wanted, why, way, ways, findings));
                continue;
            }
        }
        let ways = ground.ways(set, member, &takes);
        let Some((i, choice)) = choice else {
            open.push((wanted, ways));
            continue;
        };
        let answer = answers.entry(i).or_default();
        match chosen(choice, set, &ways, ground) {
            Ok(way) => {
                answer.done = true;
                match way {
                    Some(way) if ways.get(way).is_some_and(|w| w.kind != WayKind::AsPublished) => {
                        actions.push(taken(ground, member, wanted, why, way, ways, findings));
                    }
                    _ => open.push((wanted, ways)),
                }
            }
            Err(finding) => {
                answer.refusal.get_or_insert(*finding);
                open.push((wanted, ways));
            }
        }
    }
    findings.extend(answers.into_values().filter(|a| !a.done).filter_map(|a| a.refusal));
    actions
}

/// Of several records of one name and type `not-now` leaves out those that the form does not take or perhaps does not, and never SPF.
/// That it does not concern this one.
fn not_concerned(
    way: &crate::site::Way,
    set: &RrSet,
    member: &Member,
    record: &FittedRecord,
    ground: &Ground<'_, '_>,
) -> Option<Finding> {
    let spf = matches!(member.intent, Intent::Spf { .. });
    if way.way.value != WayKind::NotNow || set.members.len() < 2 || (record.outcome >= Outcome::Unverified && !spf) {
        return None;
    }
    let (name, rtype, word) = (set.name.display_without_dot().to_string(), set.rtype, way.way.value.word());
    let title = say!(
        en: "`{word}` leaves out what the form does not take, and never SPF; of the {rtype} records at {name} that is none",
        ja: "`{word}` で見送れるのは画面に入らないものだけで、SPF は見送れません。{name} の {rtype} には当てはまるものがありません"
    );
    Some(
        Finding::error("way-not-offered", title)
            .at(way.way.span, Text::default())
            .about(name, rtype.to_string())
            .panel(zone::form_name(ground.form.registrar))
            .next(say!(en: "remove the [[way]]; what is not wanted at all, remove from site.toml", ja: "[[way]] を消してください。そもそも要らないレコードは site.toml から消します")),
    )
}

/// Of the records over which only an unknown limit decides, the one of each type that the finding speaks of: the longest text, the first
/// CNAME. There may be thousands, and their ways are the same.
fn spoken_of(ground: &Ground<'_, '_>, records: &[FittedRecord]) -> Vec<(usize, usize)> {
    let unsure =
        records.iter().filter(|r| r.outcome == Outcome::Unverified && r.causes.iter().all(|c| !c.effect.hinders()));
    let mut text: Option<(usize, (usize, usize))> = None;
    let mut cname: Option<(usize, usize)> = None;
    for record in unsure {
        let Some(set) = ground.zone.rrsets.get(record.set) else { continue };
        let Some(member) = set.members.get(record.member) else { continue };
        let at = (record.set, record.member);
        if set.rtype.is_text() {
            let length = member.rdata.txt_joined().len();
            // The last of the longest, as the finding takes it.
            if text.is_none_or(|(n, _)| length >= n) {
                text = Some((length, at));
            }
        } else if cname.is_none() {
            cname = Some(at);
        }
    }
    text.map(|(_, at)| at).into_iter().chain(cname).collect()
}

/// Whether a way is taken without being asked for.
fn is_taken(way: &Way) -> bool {
    let facts_of_the_form = match &way.standing {
        Standing::Works => true,
        // What the vendor insists on is for a person to weigh.
        Standing::Conditional(conditions) => conditions.iter().all(|c| c.limit.is_some()),
        Standing::Blocked(_) => false,
    };
    way.kind.is_taken_unasked() && way.ready && facts_of_the_form
}

/// The way that the site chooses, none if nothing needs to be done for it, or a finding why it can't be.
fn chosen(
    choice: &crate::site::Way,
    set: &RrSet,
    ways: &[Way],
    ground: &Ground<'_, '_>,
) -> Result<Option<usize>, Box<Finding>> {
    let kind = choice.way.value;
    let (name, rtype, word) = (set.name.display_without_dot().to_string(), set.rtype, kind.word());
    // A text has no CNAME on to a vendor: the keyzone holds the text itself.
    let is = |w: &Way| w.kind == kind || (kind == WayKind::Keyzone && w.kind == WayKind::KeyzoneTxt && rtype.is_text());
    let told = |id: &'static str, title: Text| {
        Finding::error(id, title)
            .at(choice.way.span, Text::default())
            .about(name.clone(), rtype.to_string())
            .panel(zone::form_name(ground.form.registrar))
    };
    let Some((at, way)) = ways.iter().enumerate().find(|(_, w)| is(w)) else {
        if kind == WayKind::AsPublished {
            return Ok(None);
        }
        let title = say!(en: "`{word}` is no way for the {rtype} at {name}", ja: "`{word}` は {name} の {rtype} には使えません");
        return Err(Box::new(told("way-not-offered", title).next(offered(ways))));
    };
    if let Standing::Blocked(why) = &way.standing {
        let title = say!(en: "`{word}` does not work for the {rtype} at {name}: {why}", ja: "{name} の {rtype} に `{word}` は使えません: {why}"; why = why);
        return Err(Box::new(told("way-blocked", title).next(offered(ways))));
    }
    if !way.ready {
        let write = way.write.clone().unwrap_or_default();
        let has_place = kind == WayKind::TxtCopy || ground.keyzone.is_some();
        if kind.copies_key() && rtype == Rtype::CNAME && has_place {
            let title = say!(en: "`{word}` for the CNAME at {name} needs the vendor's key, and none is pinned", ja: "{name} の CNAME に `{word}` を使うには提供元の鍵が必要ですが、控えにありません");
            let finding = told("way-not-ready", title)
                .next(ground.resolved.pins.as_ref().map(PinsFile::remedy).unwrap_or_default())
                .next(say!(en: "or give the key in site.toml:\n{write}", ja: "または、鍵を site.toml に書きます:\n{write}"));
            return Err(Box::new(finding));
        }
        let title = say!(en: "`{word}` for the {rtype} at {name} needs more than this line", ja: "{name} の {rtype} に `{word}` を使うには、設定が足りません");
        let next = say!(en: "write in site.toml:\n{write}", ja: "site.toml に書きます:\n{write}");
        return Err(Box::new(told("way-not-ready", title).next(next)));
    }
    Ok(Some(at))
}

/// The words of the ways that there are.
fn offered(ways: &[Way]) -> Text {
    let list = ways.iter().filter(|w| w.is_possible()).map(|w| w.kind.word()).collect::<Vec<_>>().join(", ");
    say!(en: "what there is: {list}", ja: "使えるのは {list} です")
}

/// Notes that a way is taken, and says so.
fn taken(
    ground: &Ground<'_, '_>,
    member: &Member,
    wanted: Record,
    why: Text,
    way: usize,
    mut ways: Vec<Way>,
    findings: &mut Vec<Finding>,
) -> Action {
    if let Some(chosen) = ways.get_mut(way) {
        chosen.chosen = true;
        let title = &chosen.title;
        let sentence = if why.is_empty() {
            title.clone()
        } else {
            say!(en: "{why} → {title}", ja: "{why} → {title}"; why = why, title = title)
        };
        let mut finding = match (&chosen.standing, chosen.kind) {
            (_, WayKind::NotNow) => {
                let what = say!(en: "left out for now: {rtype} at {name}", ja: "今は見送ったもの: {name} の {rtype}", rtype = wanted.rtype, name = wanted.name.display_without_dot().to_string());
                Finding::warning("way-not-now", what).harm(chosen.price.risk.clone())
            }
            (Standing::Conditional(_), _) => Finding::warning("host-way", sentence),
            _ => Finding::advice("host-way", sentence),
        };
        if let Standing::Conditional(conditions) = &chosen.standing {
            for condition in conditions {
                let what = &condition.what;
                finding = finding.note(NoteKind::Note, say!(en: "only if {what}", ja: "条件: {what}"; what = what));
            }
        }
        if chosen.kind != WayKind::NotNow {
            let care = &chosen.price.care;
            finding =
                finding.note(NoteKind::Note, say!(en: "afterwards: {care}", ja: "その後の世話: {care}"; care = care));
            if let Some(remark) = &chosen.remark {
                finding = finding.note(NoteKind::Note, remark.clone());
            }
        }
        for origin in &member.origins {
            finding = finding.at_opt(origin.span, ground.composed.party(origin));
        }
        findings.push(
            finding
                .about(wanted.name.display_without_dot().to_string(), wanted.rtype.to_string())
                .panel(zone::form_name(ground.form.registrar)),
        );
    }
    Action { wanted, why, way, ways }
}

/// Rewrites a zone to a way; what the keyzone has to hold goes to `held`.
fn apply(action: Action, composed_zone: &mut ComposedZone, held: &mut Vec<(Record, Member)>) -> Option<Substitution> {
    let way = action.chosen()?.clone();
    let wanted = &action.wanted;
    let set = composed_zone.rrsets.iter_mut().find(|s| s.name == wanted.name && s.rtype == wanted.rtype)?;
    let at = set.members.iter().position(|m| m.rdata == wanted.rdata)?;
    let member = set.members.remove(at);
    let ttl = set.ttl;
    held.extend(way.there.iter().map(|record| {
        let intent = match &member.intent {
            Intent::ByHand => super::keyzone_merge::intent_of(record),
            intent => intent.clone(),
        };
        (record.clone(), Member { intent, ..member.clone() })
    }));
    for record in &way.here {
        let new = Member {
            rdata: record.rdata.clone(),
            origins: member.origins.clone(),
            intent: derived(&member.intent, record),
        };
        match composed_zone.rrsets.iter_mut().find(|s| s.name == record.name && s.rtype == record.rtype) {
            Some(set) => set.members.insert(at.min(set.members.len()), new),
            None => composed_zone.rrsets.push(RrSet {
                name: record.name.clone(),
                rtype: record.rtype,
                ttl,
                members: vec![new],
            }),
        }
    }
    composed_zone.rrsets.retain(|s| !s.members.is_empty());
    Some(Substitution { wanted: action.wanted, kind: way.kind, here: way.here, why: action.why, ways: action.ways })
}

/// What a record that stands for another is for.
pub(super) fn derived(wanted: &Intent, record: &Record) -> Intent {
    match wanted {
        Intent::DkimKey { selector, vendor_check, key_length, .. }
        | Intent::DkimCname { selector, vendor_check, key_length, .. } => {
            let (selector, vendor_check, key_length) = (selector.clone(), *vendor_check, *key_length);
            if record.rtype == Rtype::CNAME {
                Intent::DkimCname { selector, vendor_check, key_length, copy: None }
            } else {
                let key = crate::mail::dkim::parse(&record.rdata.txt_joined()).0.key;
                Intent::DkimKey { selector, key, vendor_check, key_length }
            }
        }
        Intent::Spf { terms, written_out, return_path } => {
            let text = record.rdata.txt_joined();
            let parsed = crate::mail::spf::Record::parse(&text);
            let origins = |raw: &str| {
                let same = |t: &&(String, _)| t.0.trim_start_matches('+') == raw.trim_start_matches('+');
                terms.iter().find(same).map(|(_, o)| o.clone()).unwrap_or_default()
            };
            let terms = parsed.terms().iter().map(|t| (t.raw.clone(), origins(&t.raw))).collect();
            Intent::Spf { terms, written_out: written_out.clone(), return_path: *return_path }
        }
        other => other.clone(),
    }
}

/// Gives the keyzone's records the TTLs that its form takes.
fn enter_ttls(composed: &Composed, keyzone: &mut ComposedZone, form: &SettledZone<'_>, findings: &mut Vec<Finding>) {
    let records = zone::assess(composed, keyzone, form.registrar, &form.limits);
    for (name, rtype, ttl) in ttls(keyzone, &records, form, findings) {
        keyzone.rrsets.iter_mut().filter(|s| s.name == name && s.rtype == rtype).for_each(|s| s.ttl = ttl);
    }
}

/// What the keyzone holds, each kind once.
fn contents(held: &[(Record, Member)]) -> Vec<Text> {
    let mut out: Vec<Text> = Vec::new();
    for (_, member) in held {
        let kind = content(&member.intent).unwrap_or_else(|| say!(en: "other records", ja: "ほかのレコード"));
        if !out.contains(&kind) {
            out.push(kind);
        }
    }
    out
}

/// What a record that can stand in the keyzone is called.
pub(super) fn content(intent: &Intent) -> Option<Text> {
    Some(Text::same(match intent {
        intent if intent.is_dkim() => "DKIM",
        Intent::Dmarc | Intent::NoMail => "DMARC",
        Intent::TlsRpt => "TLS-RPT",
        Intent::Bimi => "BIMI",
        Intent::MtaSts => "MTA-STS",
        _ => return None,
    }))
}

/// Puts what the keyzone holds into its zone: one of its own, or a delegated subzone of the site.
fn place<'a>(
    keyzone: Keyzone<'a>,
    held: Vec<(Record, Member)>,
    resolved: &Resolved<'a>,
    composed: &mut Composed,
    forms: &mut [SettledZone<'a>],
    findings: &mut Vec<Finding>,
) -> Option<(ComposedZone, SettledZone<'a>)> {
    let zone_name = keyzone.zone.display_without_dot().to_string();
    if held.is_empty() {
        findings.push(
            Finding::advice("keyzone-unused", say!(en: "the keyzone holds nothing: no record needs it, or none can go through it", ja: "鍵の置き場に置くレコードはありません（どれも必要としていないか、置き場を通せません）"))
                .at(keyzone.span, Text::default()),
        );
        return None;
    }
    let domain = resolved.site.domain.value.display_without_dot().to_string();
    let what = join(&contents(&held));
    if keyzone.subzone.is_none() {
        findings.push(
            Finding::advice("keyzone-holder", say!(en: "from now on whoever holds {zone_name} carries the {what} of {domain}", ja: "これからは {zone_name} を持つ人が {domain} の {what} を支えます"; what = what))
                .at(keyzone.span, Text::default())
                .note(NoteKind::Note, say!(en: "if {zone_name} expires or is given up, {domain} loses its {what}; tell the customer, and write it into the contract", ja: "{zone_name} の期限が切れたり手放したりすると、{domain} の {what} が止まります。お客様に伝え、契約書にも書いておいてください"; what = what)),
        );
    }
    let sets = held.into_iter().map(|(record, member)| RrSet {
        name: record.name,
        rtype: record.rtype,
        ttl: Ttl::from_seconds(record.ttl).unwrap_or(Ttl::MAX),
        members: vec![Member { rdata: record.rdata, ..member }],
    });
    if let Some(subzone) = keyzone.subzone {
        let zone = composed.subzones.get_mut(subzone)?;
        zone.rrsets.extend(sets);
        zone.rrsets.sort_by_cached_key(|s| (s.name != zone.origin, s.name.clone(), s.rtype));
        if let (Some(form), Some(zone)) = (forms.get_mut(subzone + 1), composed.subzones.get(subzone)) {
            form.records = None;
            let mut zone = zone.clone();
            enter_ttls(composed, &mut zone, form, findings);
            if let Some(place) = composed.subzones.get_mut(subzone) {
                *place = zone;
            }
        }
        return None;
    }
    let mut rrsets: Vec<RrSet> = sets.collect();
    rrsets.sort_by_cached_key(|s| (s.name.clone(), s.rtype));
    let mut zone = ComposedZone {
        origin: keyzone.zone,
        registrar: resolved.site.keyzone.as_ref().and_then(|k| k.registrar.clone()),
        rrsets,
        losers: Vec::new(),
        blanks: Vec::new(),
        switched: Vec::new(),
        mta_sts_policy: None,
        is_part: true,
    };
    let form = SettledZone::new(keyzone.registrar, keyzone.limits);
    enter_ttls(composed, &mut zone, &form, findings);
    Some((zone, form))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::sender::VendorCheck;
    use crate::compose::{compose, resolve};
    use crate::site::{InMemory, load};

    const SITE: &str = r#"
domain = "example.com"
registrar = "example-127"
[[sender]]
provider = "makeshop"
selector = "shop12"
[keyzone]
suffix = "dkim.agency.example"
zone = "agency.example"
registrar = "cloudflare"
"#;

    /// The keyzone way of shop12's CNAME at a vendor whose check is `check`, and whether it was taken.
    fn keyzone_way(check: VendorCheck) -> (Way, bool) {
        let catalogue = Catalogue::embedded();
        let site = load("site.toml", &InMemory::site(SITE)).site.unwrap();
        let mut findings = Vec::new();
        let resolved = resolve(&site, &catalogue, &mut findings);
        assert!(findings.is_empty(), "{findings:?}");
        let mut composed = compose(&resolved);
        for member in composed.own.rrsets.iter_mut().flat_map(|s| &mut s.members) {
            if let Intent::DkimCname { vendor_check, .. } = &mut member.intent {
                *vendor_check = check;
            }
        }
        let settled = settle(composed, &resolved, &catalogue);
        let taken = settled.own.substitutions.iter().flat_map(|s| &s.ways);
        let open = settled.own.open.iter().flat_map(|(_, ways)| ways);
        let way = taken.chain(open).find(|w| w.kind == WayKind::Keyzone).unwrap().clone();
        (way, settled.keyzone.is_some())
    }

    #[test]
    fn a_vendor_that_looks_for_its_own_cname_is_for_a_person_to_weigh() {
        let (way, taken) = keyzone_way(VendorCheck::CnameTarget);
        let Standing::Conditional(conditions) = &way.standing else { panic!("{:?}", way.standing) };
        assert!(conditions.iter().any(|c| c.limit.is_none() && c.what.en.contains("MakeShop's own check")));
        assert!(way.ready && !way.chosen && !taken, "not without being asked");
    }

    #[test]
    fn a_vendor_that_follows_the_chain_has_nothing_against_the_keyzone() {
        for check in [VendorCheck::ChainEnd, VendorCheck::Unknown] {
            let (way, taken) = keyzone_way(check);
            assert_eq!((way.standing, way.chosen, taken), (Standing::Works, true, true));
        }
    }
}
