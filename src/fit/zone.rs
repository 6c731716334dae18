//! A zone against its form: every record, then what counts only over the whole zone, then what is not known.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::catalogue::limits::{Limit, LimitOrigin};
use crate::catalogue::registrar::Registrar;
use crate::compose::{Composed, ComposedZone, Intent, Member, RrSet};
use crate::report::{Confidence, Finding, NoteKind, Severity, Span, Text, join};
use crate::say;
use crate::zone::{Found, Name, Rtype, Ttl};

use super::check::{self, Record};
use super::limits::{Limits, Strength};
use super::model::{Cause, Effect, Fitted, FittedRecord, FittedZone, Outcome};
use super::ruler::SETTLES;
use super::way::Way;
use super::words;

/// What the form does with each record of a zone, in its order; with what counts over a whole set. Says nothing.
pub(super) fn assess(
    composed: &Composed,
    zone: &ComposedZone,
    registrar: Option<&Registrar>,
    limits: &Limits,
) -> Vec<FittedRecord> {
    let form = form_name(registrar);
    let mut out = Vec::with_capacity(zone.rrsets.len());
    for (s, set) in zone.rrsets.iter().enumerate() {
        let crowd = crowd(set, limits, &form);
        for (m, member) in set.members.iter().enumerate() {
            let record = Record {
                set,
                member,
                apex: &zone.origin,
                limits,
                who: composed.first_party(member),
                form: form.clone(),
                final_dot: registrar.and_then(|r| r.form.final_dot),
            };
            // What a switch makes is not typed, so the form has no say in it.
            let switched = zone.switched.iter().any(|w| w.makes(set, member));
            let mut causes = if switched { Vec::new() } else { record.causes() };
            if let Some((excess, cause)) = crowd.as_ref().filter(|_| !switched)
                && excess.contains(&m)
            {
                causes.push(cause.clone());
            }
            let unsure = check::unsure(limits, set.rtype, &member.rdata).is_some();
            let outcome = outcome(&causes, switched, unsure);
            out.push(FittedRecord { set: s, member: m, outcome, causes, ways: Vec::new(), instead_of: None });
        }
    }
    out
}

/// Where a name has more records of a type than the form takes: which of them are too many, and why. SPF stays, then the first ones.
fn crowd(set: &RrSet, limits: &Limits, form: &Text) -> Option<(Vec<usize>, Cause)> {
    let n = set.members.len() as u64;
    let own = limits.per_type("per-host-max").and_then(|(m, l)| m.get(&set.rtype.to_string()).map(|max| (*max, l)));
    let (max, limit) = own.or_else(|| limits.number("values-per-rrset-max")).filter(|(max, _)| n > *max)?;
    let (name, rtype) = (set.name.display_without_dot().to_string(), set.rtype);
    let title = say!(en: "{n} {rtype} records at {name}; {form}'s form takes {max}", ja: "{name} の {rtype} が {n} 件あります。{form}の画面に入るのは {max} 件までです"; form = form);
    let mut order: Vec<usize> = (0..set.members.len()).collect();
    order.sort_by_key(|m| !set.members.get(*m).is_some_and(|m| matches!(m.intent, Intent::Spf { .. })));
    let excess = order.into_iter().skip(usize::try_from(max).unwrap_or(usize::MAX)).collect();
    Some((excess, count_cause(limit, n, title)))
}

/// That there are more records than the form takes.
fn count_cause(limit: &Limit, measured: u64, title: Text) -> Cause {
    Cause {
        id: "host-count",
        effect: Effect::Refuses,
        strength: limit.strength(),
        limit: limit.clone(),
        measured: Some(measured),
        title,
        harm: None,
        next: vec![say!(
            en: "decide which records are needed; old verification tokens often are not",
            ja: "いらないレコードを減らしてください（古い所有確認の TXT など）"
        )],
        notes: Vec::new(),
    }
}

/// Says what was found of a zone's records, and what counts only over the whole zone.
pub(super) fn speak(zone: &FittedZone<'_>, composed: &Composed, findings: &mut Vec<Finding>) {
    let (composed_zone, limits, registrar) = (zone.composed, &zone.limits, zone.registrar);
    let answers = Answers::of(composed, composed_zone, registrar);
    let form = match (registrar, answers.panel) {
        (None, Panel::Subzone | Panel::Keyzone) => {
            let plain = composed_zone.origin.display_without_dot().to_string();
            say!(en: "{plain}'s registrar", ja: "{plain} の DNS を編集する会社")
        }
        _ => form_name(registrar),
    };
    let said = BTreeSet::new();
    let mut fitter = Fitter { composed, zone: composed_zone, limits, registrar, answers, form, findings, said };
    for (set, member, record) in zone.each() {
        // The ways stand with the gravest cause.
        let gravest = record
            .causes
            .iter()
            .enumerate()
            .max_by_key(|(i, c)| (c.effect.hinders(), c.strength, std::cmp::Reverse(*i)))
            .map(|(i, _)| i);
        for (i, cause) in record.causes.iter().enumerate() {
            let ways = if gravest == Some(i) && !cause.is_number() { record.ways.as_slice() } else { &[] };
            fitter.say(set, Some(member), cause, ways);
        }
    }
    fitter.counts();
    fitter.apex_alias();
    fitter.unknown(zone);
}

/// Most rows of a zone as it is that are told one by one.
const ROWS_TOLD: usize = 20;

/// What the site's own form does with the rows of a zone as they are: those that it can't hold, each where it stands, the rest counted. A row
/// whose TTL is not known is looked at with this one.
#[must_use]
pub fn moved(fitted: &Fitted<'_>, rows: &[&Found], ttl: Ttl) -> Vec<Finding> {
    let own = &fitted.own;
    let mut zone = ComposedZone::new(own.composed.origin.clone());
    let mut places: HashMap<(&Name, Rtype), usize> = HashMap::new();
    let mut spans: Vec<Vec<Option<Span>>> = Vec::new();
    for row in rows {
        let Found { record, has_ttl, span } = row;
        let ttl = Some(record.ttl).filter(|_| *has_ttl).and_then(Ttl::from_seconds).unwrap_or(ttl);
        let at = *places.entry((&record.name, record.rtype)).or_insert(zone.rrsets.len());
        if at == zone.rrsets.len() {
            zone.rrsets.push(RrSet { name: record.name.clone(), rtype: record.rtype, ttl, members: Vec::new() });
            spans.push(Vec::new());
        }
        if let (Some(set), Some(spans)) = (zone.rrsets.get_mut(at), spans.get_mut(at)) {
            set.ttl = set.ttl.min(ttl);
            set.members.push(Member { rdata: record.rdata.clone(), origins: Vec::new(), intent: Intent::ByHand });
            spans.push(*span);
        }
    }
    let (composed, registrar) = (fitted.composed, own.registrar);
    let records = assess(composed, &zone, registrar, &own.limits);
    let mut out = Vec::new();
    let mut fitter = Fitter {
        composed,
        zone: &zone,
        limits: &own.limits,
        registrar,
        answers: Answers::of(composed, own.composed, registrar),
        form: form_name(registrar),
        findings: &mut out,
        said: BTreeSet::new(),
    };
    let mut more = 0;
    for record in &records {
        let Some((set, member)) = zone.rrsets.get(record.set).and_then(|s| Some((s, s.members.get(record.member)?)))
        else {
            continue;
        };
        for cause in record.causes.iter().filter(|c| c.effect.hinders()) {
            if fitter.findings.len() == ROWS_TOLD {
                more += 1;
                continue;
            }
            let before = fitter.findings.len();
            fitter.say(set, Some(member), cause, &[]);
            let span = spans.get(record.set).and_then(|s| s.get(record.member)).copied().flatten();
            if let Some(finding) = fitter.findings.get_mut(before) {
                finding.labels.clear();
                // A number can be chosen otherwise.
                if cause.is_number() {
                    finding.severity = finding.severity.min(Severity::Warning);
                }
                *finding = finding.clone().at_opt(span, Text::default());
            }
        }
    }
    fitter.counts();
    if more > 0 {
        let form = &fitter.form;
        let title = say!(en: "{more} more such limits of {form}'s form", ja: "{form}の画面に入らないものが、ほかに {more} 件あります"; form = form);
        fitter.findings.push(Finding::warning("host-more", title));
    }
    out
}

/// Which zone of a site a form is for, and with that where site.toml speaks of it. `[limits]` is about the site's own form only.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Panel {
    /// The site's own zone.
    Own,
    /// A delegated subzone.
    Subzone,
    /// The keyzone, as one of another domain.
    Keyzone,
}

impl Panel {
    pub(super) fn of(composed: &Composed, zone: &ComposedZone) -> Self {
        // A keyzone that was merged of several sites is of no site.
        if composed.own.origin == zone.origin && composed.declared.domain_span.is_some() {
            Self::Own
        } else if composed.subzones.iter().any(|z| z.origin == zone.origin) {
            Self::Subzone
        } else {
            Self::Keyzone
        }
    }
}

/// Where answers about a form are got and where they are told.
pub(super) struct Answers<'a> {
    panel: Panel,
    registrar: Option<&'a Registrar>,
}

impl<'a> Answers<'a> {
    pub(super) fn of(composed: &Composed, zone: &ComposedZone, registrar: Option<&'a Registrar>) -> Self {
        Self { panel: Panel::of(composed, zone), registrar }
    }

    /// The arguments that make `ruler` and `ask` speak of this form.
    fn which(&self) -> String {
        match (self.panel, self.registrar) {
            (Panel::Own, _) | (_, None) => String::new(),
            (_, Some(registrar)) => format!(" --registrar {}", registrar.id),
        }
    }

    /// After what must hold of the form, or of one elsewhere: how that is found out, in short.
    pub(super) fn how(&self, limit: &str, elsewhere: Option<&str>) -> Text {
        let which = elsewhere.map_or_else(|| self.which(), |id| format!(" --registrar {id}"));
        let mut tools = vec![Text::same(format!("zoneplan ask{which}"))];
        if SETTLES.contains(&limit) {
            tools.insert(0, Text::same(format!("zoneplan ruler{which}")));
        }
        let tools = join(&tools);
        match self.panel {
            Panel::Own if elsewhere.is_none() => {
                say!(en: "[limits] {limit} ({tools})", ja: "[limits] {limit}（{tools}）"; tools = tools)
            }
            _ => tools,
        }
    }

    /// Where what was found is written: `[limits]` with this value, or for another form the catalogue.
    fn goes(&self, limit: &str, value: &str) -> Text {
        match (self.panel, self.registrar) {
            (Panel::Own, _) => {
                say!(en: "the answer goes into site.toml: [limits] {limit} = {value}", ja: "分かったら site.toml に書いてください: [limits] {limit} = {value}")
            }
            (_, Some(registrar)) => {
                let (id, name) = (&registrar.id, &registrar.name);
                say!(en: "the answer belongs in the catalogue (providers/registrars/{id}.toml): [limits] of site.toml is not about {name}'s form", ja: "分かったことは設定データ（providers/registrars/{id}.toml）に書くものです。site.toml の [limits] は{name}の画面のことではありません"; name = name)
            }
            (Panel::Subzone, None) => {
                say!(en: "[limits] of site.toml is not about this form: if the catalogue has the company, name it in delegated = \"…\" of the [[subdomain]]", ja: "site.toml の [limits] はこの画面のことではありません。設定データにある会社なら、[[subdomain]] の delegated = \"…\" に書いてください")
            }
            (Panel::Keyzone, None) => {
                say!(en: "[limits] of site.toml is not about this form: if the catalogue has the company, name it in [keyzone] registrar = \"…\"", ja: "site.toml の [limits] はこの画面のことではありません。設定データにある会社なら、[keyzone] registrar = \"…\" に書いてください")
            }
        }
    }
}

/// What the form is called in a sentence.
pub(super) fn form_name(registrar: Option<&Registrar>) -> Text {
    match registrar {
        Some(r) => r.name.clone(),
        None => say!(en: "the registrar", ja: "DNSを編集する会社"),
    }
}

struct Fitter<'a, 'f> {
    composed: &'a Composed,
    zone: &'a ComposedZone,
    limits: &'f Limits,
    registrar: Option<&'a Registrar>,
    answers: Answers<'a>,
    form: Text,
    findings: &'f mut Vec<Finding>,
    /// What was told already of several records at once: a TTL, the number of records of a set.
    said: BTreeSet<(String, &'static str)>,
}

impl<'a> Fitter<'a, '_> {
    /// A cause as a finding. A form that refuses is an error if that is known, a warning if it rests on one report.
    fn say(&mut self, set: &RrSet, member: Option<&Member>, cause: &Cause, ways: &[Way]) {
        let once = match cause.id {
            "host-ttl" => Some(set.ttl.seconds().to_string()),
            "host-count" => Some(format!("{} {}", set.name, set.rtype)),
            _ => None,
        };
        if once.is_some_and(|what| !self.said.insert((what, cause.limit.key.name))) {
            return;
        }
        let severity = match (&cause.effect, cause.strength) {
            (Effect::Reshapes | Effect::Substitutes, _) => Severity::Advice,
            (_, Strength::Known) => Severity::Error,
            (_, Strength::Weak) => Severity::Warning,
        };
        let title = &cause.title;
        let title = match (severity, &cause.effect) {
            // What rests on one report is not told as if it were known; a length says so itself.
            (Severity::Warning, Effect::Refuses) if cause.id != "host-txt-limit" => {
                say!(en: "as far as is known: {title}", ja: "分かっている範囲では、{title}"; title = title)
            }
            _ => title.clone(),
        };
        let mut finding = Finding::new(cause.id, severity, title)
            .confidence(cause.limit.confidence())
            .about(set.name.display_without_dot().to_string(), set.rtype.to_string())
            .panel(self.form.clone());
        if let Some((_, span)) = self.composed.declared.ttl.filter(|(t, _)| cause.id == "host-ttl" && *t == set.ttl) {
            finding = finding.at(span, Text::default());
        }
        let origins = member.into_iter().flat_map(|m| &m.origins);
        if finding.labels.is_empty() {
            for origin in origins {
                finding = finding.at_opt(origin.span, self.composed.party(origin));
            }
        }
        if finding.labels.is_empty() {
            finding = finding.at_opt(self.composed.declared.domain_span, Text::default());
        }
        if let LimitOrigin::Site(span) = cause.limit.origin {
            finding =
                finding.at(span, say!(en: "the limit, as this site states it", ja: "上限の出どころ: site.toml に書いた値（あなたの申告）"));
        }
        if let Some(harm) = &cause.harm {
            finding = finding.harm(harm.clone());
        }
        for note in &cause.notes {
            finding = finding.note(NoteKind::Note, note.clone());
        }
        // The story's form has no sources to look up; it says itself what it is.
        let fiction = self.registrar.filter(|r| r.kind == "fictional").and_then(|r| r.about.clone());
        let by_site = matches!(cause.limit.origin, LimitOrigin::Site(_));
        finding = finding.source(fiction.filter(|_| !by_site).unwrap_or_else(|| cause.limit.source()));
        // What rests on one report is settled by trying; that comes before anything that costs more.
        let ttl = cause.id.starts_with("host-ttl");
        if severity == Severity::Warning && !ttl {
            let key = cause.limit.key.name;
            let ruler =
                ["txt-max", "txt-over-255", "txt-truncates", "value-max", "cname-target-underscore"].contains(&key);
            let which = self.answers.which();
            let with = if ruler {
                say!(en: " (`zoneplan ruler{which}` has a test row)", ja: "（`zoneplan ruler{which}` が試す行を出します）")
            } else {
                Text::default()
            };
            finding = match self.answers.panel {
                Panel::Own => finding.next(say!(
                    en: "try it in the form{with}; what you find goes into site.toml: [limits] {key} = …",
                    ja: "まず画面で試して{with}、分かったことを site.toml に書いてください: [limits] {key} = …";
                    with = with
                )),
                _ => finding
                    .next(say!(en: "try it in the form{with}", ja: "まず画面で試してください{with}"; with = with))
                    .next(self.answers.goes(key, "…")),
            };
        }
        let mut steps = cause.next.iter();
        // Fewer records cost less than any way round.
        if cause.id == "host-count" {
            finding = steps.next().into_iter().fold(finding, |f, step| f.next(step.clone()));
        }
        finding = words::ways(finding, ways, severity == Severity::Error, &self.answers);
        for next in steps {
            finding = finding.next(next.clone());
        }
        if cause.next.is_empty() && ways.is_empty() && severity != Severity::Warning {
            finding = finding.next(self.default_next(cause));
        }
        self.findings.push(finding);
    }

    fn default_next(&self, cause: &Cause) -> Text {
        let form = &self.form;
        match cause.effect {
            Effect::Reshapes => say!(en: "enter it in that shape", ja: "その形で入力してください"),
            Effect::Damages => {
                say!(en: "compare the value after saving", ja: "保存したあと、値が変わっていないか見比べてください")
            }
            _ => say!(
                en: "ask {form}'s support how to enter it, or edit the zone elsewhere",
                ja: "{form}のサポートに登録方法を聞くか、別の会社で DNS を編集してください"; form = form
            ),
        }
    }

    /// Limits on how many records there are.
    fn counts(&mut self) {
        let total: u64 = self.zone.rrsets.iter().map(|s| s.members.len() as u64).sum();
        let form = self.form.clone();
        if let Some((max, limit)) = self.limits.number("records-max").filter(|(max, _)| total > *max) {
            let title = say!(en: "{total} records; {form}'s form takes {max}", ja: "レコードが {total} 件あります。{form}の画面に入るのは {max} 件までです"; form = form);
            self.count(limit, total, title, None);
        }
        let hosts: BTreeSet<_> = self.zone.rrsets.iter().map(|s| &s.name).filter(|n| **n != self.zone.origin).collect();
        let hosts = hosts.len() as u64;
        if let Some((max, limit)) = self.limits.number("hosts-max").filter(|(max, _)| hosts > *max) {
            let title = say!(en: "{hosts} host names; {form}'s form takes {max}", ja: "ホスト名が {hosts} 個あります。{form}の画面に入るのは {max} 個までです"; form = form);
            self.count(limit, hosts, title, None);
        }
        let mut per_type: BTreeMap<Rtype, u64> = BTreeMap::new();
        for set in &self.zone.rrsets {
            let n = set.members.len() as u64;
            *per_type.entry(set.rtype).or_default() += n;
            let (name, rtype) = (set.name.display_without_dot().to_string(), set.rtype);
            let content: u64 = set.members.iter().map(|m| m.rdata.octets().len() as u64).sum();
            if let Some((max, limit)) = self.limits.number("rrset-content-max").filter(|(max, _)| content > *max) {
                let title = say!(en: "the {rtype} records at {name} have {content} bytes in all; {form}'s form takes {max}", ja: "{name} の {rtype} は合わせて {content} バイトです。{form}の画面に入るのは {max} バイトまでです"; form = form);
                self.count(limit, content, title, Some(set));
            }
        }
        if let Some((max, limit)) = self.limits.number("values-per-type-max") {
            for (rtype, n) in per_type.into_iter().filter(|(_, n)| *n > max) {
                let title = say!(en: "{n} {rtype} records; {form}'s form takes {max} of a type", ja: "{rtype} が {n} 件あります。{form}では 1 種別 {max} 件までです"; form = form);
                self.count(limit, n, title, None);
            }
        }
        self.zone_wide_ttl();
    }

    fn count(&mut self, limit: &Limit, measured: u64, title: Text, set: Option<&RrSet>) {
        let cause = count_cause(limit, measured, title);
        match set {
            Some(set) => self.say(set, set.members.last(), &cause, &[]),
            None => {
                if let Some(set) = self.zone.rrsets.first() {
                    self.say(set, None, &cause, &[]);
                }
            }
        }
    }

    /// Where the whole zone has one TTL, several cannot be entered.
    fn zone_wide_ttl(&mut self) {
        let Some(("zone", limit)) = self.limits.word("ttl-scope") else { return };
        let ttls: BTreeSet<u32> = self.zone.rrsets.iter().map(|s| s.ttl.seconds()).collect();
        if ttls.len() < 2 {
            return;
        }
        let form = &self.form;
        let list = ttls.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        let cause = Cause {
            id: "host-ttl-scope",
            effect: Effect::Reshapes,
            strength: limit.strength(),
            limit: limit.clone(),
            measured: Some(ttls.len() as u64),
            title: say!(en: "{form} has one TTL for the whole zone; wanted are {list}", ja: "{form}の TTL はゾーン全体で 1 つです（いま: {list}）"; form = form),
            harm: None,
            next: vec![
                say!(en: "choose the lowest that the form takes", ja: "画面に入るうちで、いちばん短いものを選んでください"),
            ],
            notes: Vec::new(),
        };
        if let Some(set) = self.zone.rrsets.first() {
            self.say(set, None, &cause, &[]);
        }
    }

    /// An apex CNAME is never active; the registrar may have something in its place.
    fn apex_alias(&mut self) {
        let apex =
            self.zone.losers.iter().filter(|l| l.record.rtype == Rtype::CNAME && l.record.name == self.zone.origin);
        for loser in apex {
            let plain = self.zone.origin.display_without_dot().to_string();
            let form = &self.form;
            let target = loser.record.target().map(|t| t.display_without_dot().to_string()).unwrap_or_default();
            // Where the registrar has something in its place there is a way; the record is only not in this text.
            let alias = self.limits.word("apex-alias").filter(|(word, _)| *word != "none");
            let mut finding = Finding::new(
                "dns-cname-at-apex",
                if alias.is_some() { Severity::Warning } else { Severity::Error },
                say!(en: "a CNAME can't stand at {plain} itself (to {target})", ja: "{plain} そのものに CNAME（{target}）は置けません"),
            )
            .about(plain, "CNAME")
            .panel(self.form.clone())
            .harm(say!(
                en: "a name with a CNAME can have nothing else, and the domain itself has NS, SOA and its mail (RFC 1034 §3.6.2)",
                ja: "CNAME のある名前にはほかのレコードを置けませんが、ドメイン直下には NS・SOA・メールのレコードが必要です（RFC 1034 §3.6.2）"
            ));
            for origin in &loser.origins {
                finding = finding.at_opt(origin.span, self.composed.party(origin));
            }
            finding = match self.limits.word("apex-alias") {
                Some(("none", limit)) => finding.source(limit.source()).next(say!(
                    en: "{form} has no ALIAS; ask the web host for its A and AAAA addresses and enter those",
                    ja: "{form}には ALIAS がありません。Web の会社に A・AAAA のアドレスを聞いて、それを入れてください"; form = form
                )),
                Some((alias, limit)) => finding.source(limit.source()).next(say!(
                    en: "enter it at {form} as: {alias}, to {target}",
                    ja: "{form}では次のものとして入れます: {alias}（値は {target}）"; form = form
                )),
                None => finding.next(say!(
                    en: "look whether {form} has ALIAS, ANAME or CNAME flattening; else enter the A and AAAA addresses that the web host names",
                    ja: "{form}に ALIAS・ANAME・CNAME flattening があるか見てください。なければ、Web の会社が示す A・AAAA のアドレスを入れます"; form = form
                )),
            };
            self.findings.push(finding);
        }
    }

    /// Some forms take no `_` in the content of a CNAME; whether this one does is asked once.
    fn unknown_underscore(&mut self, zone: &FittedZone<'_>) {
        let found: Vec<(&RrSet, &Member, &FittedRecord)> = unsure_of(zone, Rtype::CNAME).collect();
        let Some((set, member, record)) = found.first() else { return };
        let (form, count) = (&self.form, found.len());
        let name = set.name.display_without_dot().to_string();
        let mut finding = Finding::advice(
            "host-limit-unknown",
            say!(en: "whether {form}'s form takes “_” in the content of a CNAME is not known (records concerned: {count}, such as {name})", ja: "{form}の画面で、CNAME の「内容」に _ を入れられるか分かっていません。該当するのは {count} 件です（{name}）"; form = form),
        )
        .confidence(Confidence::Low)
        .about(name, "CNAME")
        .panel(self.form.clone());
        for origin in &member.origins {
            finding = finding.at_opt(origin.span, self.composed.party(origin));
        }
        finding = words::ways(finding, &record.ways, false, &self.answers);
        let which = self.answers.which();
        self.findings.push(match self.answers.panel {
            Panel::Own => finding.next(say!(
                en: "try it in the form (`zoneplan ruler` has a test row); the answer goes into site.toml: [limits] cname-target-underscore = true or false",
                ja: "画面で試してください（`zoneplan ruler` が試す行を出します）。分かったら site.toml に書きます: [limits] cname-target-underscore = true または false"
            )),
            _ => finding
                .next(say!(
                    en: "try it in the form (`zoneplan ruler{which}` has a test row)",
                    ja: "画面で試してください（`zoneplan ruler{which}` が試す行を出します）"
                ))
                .next(self.answers.goes("cname-target-underscore", "…")),
        });
    }

    /// What is not known is said once, with the byte count that matters.
    fn unknown(&mut self, zone: &FittedZone<'_>) {
        self.unknown_underscore(zone);
        let texts = [Rtype::TXT, Rtype::SPF].into_iter().flat_map(|rtype| unsure_of(zone, rtype));
        let longest = texts.map(|(s, m, r)| (m.rdata.txt_joined().len(), s, m, r)).max_by_key(|(n, ..)| *n);
        let Some((length, set, member, record)) = longest else { return };
        let form = &self.form;
        let name = set.name.display_without_dot().to_string();
        // Over one string of 255 many forms stop; below that few do.
        let severity = if length > 255 { Severity::Warning } else { Severity::Advice };
        let mut finding = Finding::new(
            "host-limit-unknown",
            severity,
            say!(en: "how long a TXT {form}'s form takes is not known; the longest here is {length} bytes ({name})", ja: "{form}の画面に何バイトの TXT が入るか分かっていません。いちばん長いのは {length} バイトです（{name}）"; form = form),
        )
        .confidence(Confidence::Low)
        .about(name, set.rtype.to_string())
        .panel(self.form.clone());
        for origin in &member.origins {
            finding = finding.at_opt(origin.span, self.composed.party(origin));
        }
        let named = self.registrar.is_some() || self.zone.registrar.is_some();
        finding = match self.answers.panel {
            Panel::Own if !named => finding.next(say!(
                en: "write in whose panel the zone is edited: registrar = \"…\"; then its limits and switches are known",
                ja: "DNSを編集する会社を書いてください: registrar = \"…\"（その会社の制限と自動設定が分かります）"
            )),
            Panel::Keyzone if !named => finding.next(say!(
                en: "write in whose panel the keyzone is edited: [keyzone] registrar = \"…\"; then its limits are known",
                ja: "鍵の置き場の DNS を編集する会社を書いてください: [keyzone] registrar = \"…\"（その会社の制限が分かります）"
            )),
            _ => finding,
        };
        let which = self.answers.which();
        finding = words::ways(finding, &record.ways, false, &self.answers).next(say!(
            en: "measure the form: `zoneplan ruler{which}` has a text that counts itself; or send its support the question that `zoneplan ask{which}` writes",
            ja: "画面で測ってください。`zoneplan ruler{which}` が長さを数える文字列を出します。サポートに聞くなら、質問文は `zoneplan ask{which}` が書きます"
        ));
        if named || self.answers.panel == Panel::Own {
            finding = finding.next(self.answers.goes("txt-max", "…"));
        }
        self.findings.push(finding);
    }
}

/// The records of a type over which an unknown limit decides.
fn unsure_of<'z>(
    zone: &'z FittedZone<'_>,
    rtype: Rtype,
) -> impl Iterator<Item = (&'z RrSet, &'z Member, &'z FittedRecord)> {
    zone.each().filter(move |(set, member, record)| {
        let typed = set.rtype == rtype && record.outcome != Outcome::Switch;
        typed && check::unsure(&zone.limits, rtype, &member.rdata).is_some()
    })
}

/// The gravest of the causes.
fn outcome(causes: &[Cause], switched: bool, unsure: bool) -> Outcome {
    let of = |c: &Cause| match (&c.effect, c.strength) {
        (Effect::Refuses, Strength::Known) => Outcome::Refused,
        (Effect::Damages, Strength::Known) => Outcome::Damaged,
        (Effect::Refuses | Effect::Damages, Strength::Weak) => Outcome::Unverified,
        (Effect::Substitutes, _) => Outcome::Substituted,
        (Effect::Reshapes, _) => Outcome::Reshaped,
    };
    let none = match (switched, unsure) {
        (true, _) => Outcome::Switch,
        (false, true) => Outcome::Unverified,
        (false, false) => Outcome::AsIs,
    };
    causes.iter().map(of).max().unwrap_or(none).max(none)
}
