//! What every name server of a zone says of what is wanted in it, by meaning; whether they agree; and what a resolver still holds.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;

use sha2::{Digest as _, Sha256};

use super::proxy::{self, Targets};
use super::serving::{Server, Serving};
use super::{Open, Run, faults, instead, is_silence, words};
use crate::compose::{Intent, Member, RrSet, Switched};
use crate::fit::FittedZone;
use crate::live::{Answer, Outcome, Question};
use crate::mail::{dkim, spf};
use crate::plan::{Difference, Part, Piece, differences, is_key_owner, is_same, pieces};
use crate::report::{About, Confidence, Finding, NoteKind, Severity, Text, excerpt, join};
use crate::say;
use crate::zone::{Coverage, Current, Found, Name, Rdata, Record, Rtype};

/// Most names that are told of what was not checked.
const NAMES_TOLD: usize = 5;

/// Most faults of a record that are told beside what differs.
const FAULTS_TOLD: usize = 3;

/// A set that DNS has as it is wanted, wherever it was asked.
pub(super) type Right = (Name, Rtype);

/// A zone as one server tells it.
struct View {
    /// The server, for people; none where there is only one who answers.
    server: Option<String>,
    /// Its name, if it is known.
    host: Option<String>,
    /// What it has of what was asked.
    current: Current,
    /// What it did not answer.
    unanswered: Vec<Answer>,
    /// Zones below that it gives away, with their name servers.
    away: BTreeMap<Name, Vec<Name>>,
    /// What is said of names that are aliases, by what was asked.
    ends: BTreeMap<Right, End>,
    /// What a wildcard over the whole zone holds: it is answered for every name that does not exist.
    wildcard: Vec<Record>,
    /// The serial of its SOA.
    serial: Option<u32>,
}

/// Where the aliases of a name end.
struct End {
    /// The last name.
    last: Name,
    /// The records there, as if they stood at the name itself; else what was said instead of an answer.
    records: Result<Vec<Record>, Answer>,
}

impl End {
    /// What an answer says of the end of its aliases.
    fn of(answer: &Answer) -> Self {
        let here = |record: &Record| Record { name: answer.question.name.clone(), ..record.clone() };
        let records = match answer.records() {
            Some(records) => Ok(records.iter().map(here).collect()),
            // In a circle there is nothing.
            None if answer.outcome == Outcome::AliasLoop => Ok(Vec::new()),
            None => Err(answer.clone()),
        };
        Self { last: answer.last_name(), records }
    }

    /// Whether what is there is what is wanted, and nothing else of its part.
    fn is(&self, part: Part, wanted: &[Record]) -> bool {
        let there: Vec<&Record> = self.part(part).collect();
        let is = |wanted: &Record| there.iter().any(|record| is_same(part, wanted, record));
        there.len() == wanted.len() && !there.is_empty() && wanted.iter().all(is)
    }

    /// Its records of a part.
    fn part(&self, part: Part) -> impl Iterator<Item = &Record> {
        self.records.iter().flatten().filter(move |record| Part::of(record) == part)
    }
}

/// Compares the zone with what each of its servers publishes. Gives the sets that are right; `None` if the servers that the command line gives do
/// not answer.
pub(super) fn check(run: &mut Run<'_>, zone: &FittedZone<'_>, serving: &Serving<'_>) -> Option<Vec<Right>> {
    let questions = questions(zone);
    let mut views: Vec<View> = Vec::new();
    for server in &serving.servers {
        let answers = ask_server(run, server, &questions);
        views.push(view(zone, Some(server), answers));
    }
    let is_answered = |views: &[View]| views.iter().any(|view| view.asked() > 0);
    let mut cached = None;
    if serving.is_given {
        given_silent(run, zone, &views);
    } else {
        let answers = run.ask_resolver(&questions);
        let resolver = view(zone, None, answers);
        silent(run, zone, &views);
        broken_chain(run, zone, &views, &resolver);
        // Where no name server can be asked, the resolver's word is all there is.
        if is_answered(&views) {
            cached = Some(resolver);
        } else {
            views = vec![resolver];
        }
    }
    follow(run, &mut views);
    unanswered(run, &views, cached.as_ref());
    if serving.is_given && !is_answered(&views) {
        return None;
    }
    run.answered |= is_answered(&views);
    let is_wanted_alias = |record: &&Record| zone.composed.rrset(&record.name, Rtype::CNAME).is_some();
    let addresses = views.iter().flat_map(|view| view.current.records()).filter(|r| r.rtype == Rtype::A);
    let targets = proxy::targets(run, zone, &addresses.filter(is_wanted_alias).map(|r| r.name.clone()).collect());
    let mut open = Vec::new();
    let right = compare(run, zone, &views, cached.as_ref(), &targets, &mut open);
    switched(run, zone, &views, &mut open);
    not_checked(run, zone, &views, &open);
    Some(right)
}

/// A record, as findings are about it.
pub(super) fn about(name: &Name, rtype: Rtype) -> About {
    About { name: words::plain(name), rtype: rtype.to_string() }
}

/// Keeps what was not answered: by nobody, or by some.
fn unanswered(run: &mut Run<'_>, views: &[View], cached: Option<&View>) {
    let ends = views.iter().flat_map(|view| &view.ends).filter(|(_, end)| end.records.is_err());
    run.open.extend(ends.map(|((name, rtype), _)| (about(name, *rtype), Open::Record)));
    for answer in views.iter().chain(cached).flat_map(|view| &view.unanswered) {
        let Question { name, rtype } = &answer.question;
        let is_known = views.iter().any(|view| view.current.knows(name, *rtype));
        run.open.insert((about(name, *rtype), if is_known { Open::OneOfSeveral } else { Open::Record }));
    }
}

/// Finds out what is behind aliases that lead out of what a server knows.
fn follow(run: &mut Run<'_>, views: &mut [View]) {
    let open: BTreeSet<Right> = views
        .iter()
        .flat_map(|view| &view.ends)
        .filter(|(_, end)| end.records.is_err())
        .map(|((_, rtype), end)| (end.last.clone(), *rtype))
        .collect();
    let questions: Vec<Question> = open.into_iter().map(|(name, rtype)| Question { name, rtype }).collect();
    let answers = run.ask_beyond(&questions);
    for ((name, rtype), end) in views.iter_mut().flat_map(|view| &mut view.ends) {
        if end.records.is_err()
            && let Some(answer) = answers.iter().find(|a| a.question.name == end.last && a.question.rtype == *rtype)
        {
            let here = Question { name: name.clone(), rtype: *rtype };
            *end = End { last: answer.last_name(), ..End::of(&instead(answer, &here)) };
        }
    }
}

/// Asks a name server everything; one that does not answer the first question is not waited for at each.
fn ask_server(run: &mut Run<'_>, server: &Server<'_>, questions: &[Question]) -> Vec<Answer> {
    let Some((first, rest)) = questions.split_first() else { return Vec::new() };
    let mut answers = run.ask(&*server.who, std::slice::from_ref(first));
    let dead =
        answers.first().filter(|a| is_silence(a) || matches!(a.outcome, Outcome::Lame | Outcome::Refused)).cloned();
    let rest = match dead {
        Some(dead) => rest.iter().map(|question| instead(&dead, question)).collect(),
        None => run.ask(&*server.who, rest),
    };
    answers.extend(rest);
    answers
}

/// What is asked of a zone: every set that is wanted, what may stand there in its place, and a wildcard.
fn questions(zone: &FittedZone<'_>) -> Vec<Question> {
    let composed = zone.composed;
    let has_proxy = zone.registrar.is_some_and(|registrar| registrar.proxy.is_some());
    let mut asked: BTreeSet<Right> = BTreeSet::new();
    for set in &composed.rrsets {
        asked.insert((set.name.clone(), set.rtype));
        let beside: &[Rtype] = match set.rtype {
            Rtype::A => &[Rtype::AAAA],
            Rtype::AAAA => &[Rtype::A],
            // A proxy answers with addresses for a key too.
            Rtype::CNAME if is_key_owner(&set.name) && has_proxy => &[Rtype::TXT, Rtype::A],
            Rtype::CNAME if is_key_owner(&set.name) => &[Rtype::TXT],
            Rtype::CNAME => &[Rtype::A],
            _ => &[],
        };
        asked.extend(beside.iter().map(|rtype| (set.name.clone(), *rtype)));
    }
    asked.extend(composed.switched.iter().map(|switched| (switched.name.clone(), switched.rtype)));
    // A part of another's zone: of that zone nothing else is asked.
    if !composed.is_part {
        asked.insert((composed.origin.clone(), Rtype::SOA));
        if let Ok(name) = composed.origin.child("*") {
            asked.extend([Rtype::A, Rtype::TXT].map(|rtype| (name.clone(), rtype)));
        }
    }
    asked.into_iter().map(|(name, rtype)| Question { name, rtype }).collect()
}

impl View {
    /// How many questions it answered.
    fn asked(&self) -> usize {
        match &self.current.coverage {
            Coverage::Asked(asked) => asked.len(),
            Coverage::Complete => 0,
        }
    }

    /// Where the aliases of a name end, if there is what is wanted.
    fn by_alias(&self, difference: &Difference<'_>) -> Option<&End> {
        let end = self.ends.get(&(difference.name.clone(), difference.rtype))?;
        end.is(difference.part, &difference.missing).then_some(end)
    }

    /// The last alias of a name, where nobody said what is there.
    fn unknown_end(&self, difference: &Difference<'_>) -> Option<(String, &Answer)> {
        let end = self.ends.get(&(difference.name.clone(), difference.rtype))?;
        Some((words::plain(&end.last), end.records.as_ref().err()?))
    }
}

/// A server's answers as a zone. What was not answered is not known.
fn view(zone: &FittedZone<'_>, server: Option<&Server<'_>>, answers: Vec<Answer>) -> View {
    let origin = &zone.composed.origin;
    let wildcard_name = origin.child("*").ok();
    let (mut found, mut asked): (Vec<Record>, BTreeSet<Right>) = (Vec::new(), BTreeSet::new());
    let (mut unanswered, mut away, mut wildcard) = (Vec::new(), BTreeMap::new(), Vec::new());
    let (mut serial, mut aliases, mut ends) = (None, BTreeSet::new(), BTreeMap::new());
    for answer in answers {
        let Question { name, rtype } = answer.question.clone();
        let is_wildcard = wildcard_name.as_ref() == Some(&name) && zone.composed.rrset(&name, rtype).is_none();
        let alias = answer.chain.first().filter(|_| rtype != Rtype::CNAME);
        if let Some(alias) = alias {
            // What stands behind an alias is not this name's.
            if is_wildcard {
                wildcard.push(alias.clone());
            } else {
                if aliases.insert(name.clone()) {
                    found.push(alias.clone());
                }
                if zone.composed.rrset(&name, rtype).is_some() {
                    ends.insert((name.clone(), rtype), End::of(&answer));
                }
            }
            asked.insert((name.clone(), Rtype::CNAME));
        } else {
            match &answer.outcome {
                Outcome::Records(records) if is_wildcard => wildcard.extend(records.iter().cloned()),
                Outcome::Records(records) if rtype == Rtype::SOA => {
                    serial = records.first().and_then(|r| r.rdata.as_soa()).map(|soa| soa.serial);
                }
                // The alias itself comes with every other question of its name too.
                Outcome::Records(_) if rtype == Rtype::CNAME && !aliases.insert(name.clone()) => {}
                Outcome::Records(records) => found.extend(records.iter().cloned()),
                Outcome::Delegated { zone: cut, servers } if rtype == Rtype::NS && *cut == name => {
                    let ns = |host| Record { name: name.clone(), rtype, ttl: 0, rdata: Rdata::ns(host) };
                    found.extend(servers.iter().map(ns));
                }
                Outcome::Delegated { zone: cut, servers } => {
                    away.insert(cut.clone(), servers.clone());
                    continue;
                }
                outcome if outcome.speaks_of_the_name() => {}
                _ => {
                    unanswered.push(answer);
                    continue;
                }
            }
        }
        asked.insert((name, rtype));
    }
    // A name that only the wildcard answers for has nothing of its own, unless that is what is wanted there.
    let of_wildcard = |r: &Record| {
        r.name != *origin && wildcard.iter().any(|w: &Record| w.rtype == r.rtype && w.rdata.means(&r.rdata, r.rtype))
    };
    let wanted =
        |r: &Record| zone.composed.rrset(&r.name, r.rtype).is_some_and(|s| s.records().any(|w| w.same_data(r)));
    found.retain(|record| !of_wildcard(record) || wanted(record));
    let found = found.into_iter().map(|record| Found { record, has_ttl: true, span: None }).collect();
    let (server, host) = server.map_or((None, None), |s| (Some(s.shown.clone()), s.host.clone()));
    View {
        server,
        host,
        current: Current::new(found, Coverage::Asked(asked)),
        unanswered,
        away,
        ends,
        wildcard,
        serial,
    }
}

/// Name servers of the command line that leave questions without an answer. What they do not say, nobody says.
fn given_silent(run: &mut Run<'_>, zone: &FittedZone<'_>, views: &[View]) {
    let origin = words::plain(&zone.composed.origin);
    for view in views {
        let (Some(server), Some(first)) = (&view.server, view.unanswered.first()) else { continue };
        let what = match (&first.outcome, view.asked()) {
            (Outcome::Lame | Outcome::Refused, 0) => {
                say!(en: "{origin} at {server} (--server), which does not answer for it", ja: "--server の {server} での {origin}（このゾーンに答えません）")
            }
            (_, 0) if is_silence(first) => {
                say!(en: "{origin} at {server} (--server), which is silent", ja: "--server の {server} での {origin}（応答がありません）")
            }
            (_, 0) => {
                say!(en: "{origin} at {server} (--server), which fails to answer", ja: "--server の {server} での {origin}（正しく答えられません）")
            }
            // What is missing is told name by name; of one among several, here.
            _ if views.len() == 1 => continue,
            _ => {
                let n = view.unanswered.len();
                say!(en: "{origin} at {server} (--server), not all of it: questions without an answer: {n}", ja: "--server の {server} での {origin} の一部（回答のない問い合わせ {n} 件）")
            }
        };
        let finding = words::not_checked(&what, first)
            .instead(say!(en: "check the address, and that {origin} is set up at the company whose server it is; then run it again", ja: "アドレスと、そのサーバーの会社に {origin} のゾーンが作られていることを確かめ、もう一度実行します"))
            .about(&origin, "NS");
        run.tell(finding, zone, None);
    }
}

/// Name servers that do not answer, or not for this zone.
fn silent(run: &mut Run<'_>, zone: &FittedZone<'_>, views: &[View]) {
    let origin = words::plain(&zone.composed.origin);
    for view in views {
        let (Some(server), Some(first)) = (&view.server, view.unanswered.first()) else { continue };
        // Where this network has no way there (no IPv6, say), nothing is known of the server.
        if matches!(first.outcome, Outcome::Unreachable(kind) if kind != ErrorKind::ConnectionRefused) {
            let what = say!(en: "the name server {server} of {origin}", ja: "{origin} のネームサーバー {server}");
            run.tell(of_server(words::not_checked(&what, first), view, &origin), zone, None);
            continue;
        }
        let title = match (&first.outcome, view.asked()) {
            (Outcome::Lame | Outcome::Refused, 0) => {
                say!(en: "{server} is a name server of {origin} and does not answer for it", ja: "{server} は {origin} のネームサーバーですが、このゾーンに答えません")
            }
            (_, 0) => {
                say!(en: "{server}, a name server of {origin}, gives no answer", ja: "{origin} のネームサーバー {server} から回答がありません")
            }
            _ => {
                say!(en: "{server}, a name server of {origin}, left some questions without an answer", ja: "{origin} のネームサーバー {server} が、一部の問い合わせに答えませんでした")
            }
        };
        let n = view.unanswered.len();
        let finding = Finding::warning("check-name-server", title)
            .note(NoteKind::Note, first.text())
            .note(NoteKind::Note, say!(en: "questions without an answer: {n}", ja: "回答のない問い合わせ: {n} 件"))
            .harm(say!(en: "whoever asks it first waits, or finds nothing; mail may be late or unauthenticated", ja: "最初にそこへ問い合わせた側は、待たされるか、答えを得られません。メールの遅れや認証の失敗につながります"))
            .next(say!(en: "tell whoever runs it, or take it off the name servers where the domain is registered", ja: "そのサーバーの会社に知らせるか、ドメインの登録先でネームサーバーから外します"));
        run.tell(of_server(finding, view, &origin), zone, None);
    }
}

/// The same about a name server of the zone.
fn of_server(finding: Finding, view: &View, origin: &str) -> Finding {
    let finding = finding.about(origin, "NS");
    match &view.host {
        Some(host) => finding.about(host, "A"),
        None => finding,
    }
}

/// The name servers answer and the resolver fails: signatures that do not hold look like that (RFC 4035 §5.5).
fn broken_chain(run: &mut Run<'_>, zone: &FittedZone<'_>, views: &[View], cached: &View) {
    let answered = views.iter().any(|v| v.asked() > 0);
    let all_fail = cached.asked() == 0
        && cached.unanswered.first().is_some_and(|a| a.outcome == Outcome::ServFail)
        && cached.unanswered.iter().all(|a| a.outcome == Outcome::ServFail);
    if !answered || !all_fail || zone.composed.is_part {
        return;
    }
    let origin = &zone.composed.origin;
    // The DS is signed by the zone above, so that it is answered even where the zone itself is not believed.
    let answers = run.ask_resolver(&[Question { name: origin.clone(), rtype: Rtype::DS }]);
    let Some(answer) = answers.first() else { return };
    let name = words::plain(origin);
    if !matches!(answer.outcome, Outcome::Records(_)) {
        return;
    }
    let title = say!(en: "the signatures (DNSSEC) of {name} do not hold: its name servers answer, a resolver that checks them fails", ja: "{name} の DNSSEC の署名が正しくありません（ネームサーバーは答えますが、署名を検証するリゾルバーは失敗します）");
    let finding = Finding::error("dnssec-broken-chain", title)
        .confidence(Confidence::Medium)
        .harm(say!(en: "for everybody whose resolver checks signatures the domain is gone: no mail, no web", ja: "署名を検証する側からは、このドメインが見えません。メールもウェブも届きません"))
        .next(say!(en: "have the DS record removed where the domain is registered, or the zone signed with the key that it names", ja: "ドメインの登録先で DS レコードを外すか、その DS に合う鍵でゾーンに署名してもらいます"))
        .about(name, "DS");
    run.tell(finding, zone, None);
}

/// What is told of one part of a set.
struct Subject<'z> {
    zone: &'z FittedZone<'z>,
    set: &'z RrSet,
    member: Option<&'z Member>,
    part: Part,
    /// The domain whose mail goes to the name, where the set is the address of a mail server.
    mail_of: Option<Name>,
}

/// What a server lacks and what it has instead, so that answers can be told apart.
type Shape = (Vec<Vec<u8>>, Vec<Vec<u8>>);

fn shape(difference: &Difference<'_>) -> Shape {
    let data = |record: &Record| record.rdata.to_lowercase(record.rtype).octets().to_vec();
    let mut missing: Vec<Vec<u8>> = difference.missing.iter().map(data).collect();
    let mut extra: Vec<Vec<u8>> = difference.extra.iter().map(|found| data(&found.record)).collect();
    missing.sort();
    extra.sort();
    (missing, extra)
}

/// A digest of all that is wanted and of all that servers have, of which people are shown only so much.
fn digest_of_sides(sides: &[(&View, &Difference<'_>)]) -> String {
    let mut values: BTreeSet<Vec<u8>> = BTreeSet::new();
    for (view, difference) in sides {
        let ends = view.ends.get(&(difference.name.clone(), difference.rtype)).into_iter();
        let there = view.current.at(&difference.name).chain(ends.flat_map(|end| end.part(difference.part)));
        let part = |record: &&Record| Part::of(record) == difference.part || record.rtype == Rtype::CNAME;
        values.extend(there.filter(part).chain(&difference.missing).map(whole_value));
    }
    digest(values)
}

/// A record's type and data, letter by letter where these count.
fn whole_value(record: &Record) -> Vec<u8> {
    let data = record.rdata.to_lowercase(record.rtype);
    [record.rtype.to_string().as_bytes(), b" ", data.octets()].concat()
}

/// A digest of values, in whatever order they come.
fn digest(values: BTreeSet<Vec<u8>>) -> String {
    let mut hasher = Sha256::new();
    for value in values {
        hasher.update(value.len().to_be_bytes());
        hasher.update(value);
    }
    format!("{:x}", hasher.finalize())
}

fn compare(
    run: &mut Run<'_>,
    zone: &FittedZone<'_>,
    views: &[View],
    cached: Option<&View>,
    targets: &Targets,
    open: &mut Vec<Right>,
) -> Vec<Right> {
    away(run, zone, views);
    let per_view: Vec<Vec<Difference<'_>>> = views.iter().map(|view| differences(zone, &view.current)).collect();
    let at_resolver = cached.map(|view| differences(zone, &view.current)).unwrap_or_default();
    let mail_hosts = proxy::mail_hosts(run);
    let mut right: BTreeSet<Right> = BTreeSet::new();
    let mut wrong: BTreeSet<Right> = BTreeSet::new();
    // The sets and parts of a zone are the same whoever answers, in the same order.
    for at in 0..per_view.first().map_or(0, Vec::len) {
        let sides: Vec<(&View, &Difference<'_>)> =
            views.iter().zip(&per_view).filter_map(|(view, all)| Some((view, all.get(at)?))).collect();
        let Some((_, difference)) = sides.first() else { continue };
        let key = (difference.name.clone(), difference.rtype);
        // Of what is given away it is said once, above; addresses of name servers below a cut that is wanted (glue) are nobody's to answer for.
        let away = |cut: &Name| key.0.is_subdomain_of(cut) && !(key.0 == *cut && key.1 == Rtype::NS);
        if views.iter().any(|v| v.away.keys().any(away)) {
            run.open.insert((about(&key.0, key.1), Open::Record));
            wrong.insert(key);
            continue;
        }
        let known: Vec<(&View, &Difference<'_>)> = sides.iter().copied().filter(|(_, d)| d.known).collect();
        let Some((_, first)) = known.first() else {
            wrong.insert(key.clone());
            open.push(key);
            continue;
        };
        let Some(set) = zone.composed.rrset(&first.name, first.rtype) else { continue };
        let of_part = |m: &&Member| Part::of(&set.record(m)) == first.part;
        let is_host = matches!(set.rtype, Rtype::A | Rtype::AAAA | Rtype::CNAME);
        let mail_of = mail_hosts.get(&set.name).filter(|_| is_host).cloned();
        let subject = Subject { zone, set, member: set.members.iter().find(of_part), part: first.part, mail_of };
        let mut groups: Vec<(Shape, Vec<(&View, &Difference<'_>)>)> = Vec::new();
        for side in &known {
            let shape = shape(side.1);
            match groups.iter_mut().find(|(known, _)| *known == shape) {
                Some((_, group)) => group.push(*side),
                None => groups.push((shape, vec![*side])),
            }
        }
        let finding = match groups.as_slice() {
            [_] if first.is_none() => {
                let finding =
                    at_resolver.get(at).filter(|d| d.known && !d.is_none()).map(|d| cached_elsewhere(&subject, d));
                right.insert(key);
                finding
            }
            [_] if first.extra.is_empty() && known.iter().all(|(view, d)| view.by_alias(d).is_some()) => {
                // Mail is not sent by way of one.
                if subject.mail_of.is_some() {
                    wrong.insert(key)
                } else {
                    right.insert(key)
                };
                known.first().map(|(view, difference)| by_alias(&subject, view, difference))
            }
            [_] => {
                wrong.insert(key);
                Some(different(run, &subject, &known, targets))
            }
            _ => {
                wrong.insert(key);
                Some(disagree(&subject, &groups))
            }
        };
        if let Some(finding) = finding {
            run.tell(Finding { digest: Some(digest_of_sides(&known)), ..finding }, zone, subject.member);
        }
    }
    beside(run, zone, views);
    right.difference(&wrong).cloned().collect()
}

/// How grave it is that this is not there as it is wanted.
fn gravity(subject: &Subject<'_>) -> Severity {
    let optional = |m: &Member| matches!(m.intent, Intent::Template { optional: true, .. });
    match subject.member {
        Some(member) if optional(member) => Severity::Advice,
        Some(member) if member.intent.is_dkim() => Severity::Error,
        _ => match subject.part {
            Part::Spf | Part::Dmarc | Part::Key => Severity::Error,
            _ if subject.set.rtype == Rtype::MX || subject.mail_of.is_some() => Severity::Error,
            _ => Severity::Warning,
        },
    }
}

/// What then does not work.
fn harm(subject: &Subject<'_>) -> Option<Text> {
    let name = words::plain(subject.mail_of.as_ref().unwrap_or(&subject.set.name));
    Some(match subject.part {
        Part::Spf => {
            say!(en: "SPF of mail from {name} fails, or does not cover every service", ja: "{name} から出るメールの SPF が不合格になるか、一部のサービスに効きません")
        }
        Part::Dmarc => {
            say!(en: "receivers do not know what to do with mail that only pretends to be from the domain", ja: "なりすましメールの扱いが、受信側に伝わりません")
        }
        Part::Key => dkim_harm(),
        _ if subject.member.is_some_and(|m| m.intent.is_dkim()) => dkim_harm(),
        _ if subject.set.rtype == Rtype::MX || subject.mail_of.is_some() => {
            say!(en: "mail to {name} does not arrive where it should", ja: "{name} あてのメールが、届くべき所に届きません")
        }
        _ => return None,
    })
}

fn dkim_harm() -> Text {
    say!(en: "DKIM of mail that is signed with this key fails", ja: "この鍵で署名したメールの DKIM が不合格になります")
}

/// The switch of somebody's panel that makes it, so that its value is not the site's to say.
fn by_switch<'z>(subject: &Subject<'z>) -> Option<&'z Switched> {
    let member = subject.member?;
    subject.zone.composed.switched.iter().find(|switched| switched.makes(subject.set, member))
}

/// Every server that answered has the same, and it is not what is wanted.
fn different(run: &Run<'_>, subject: &Subject<'_>, sides: &[(&View, &Difference<'_>)], targets: &Targets) -> Finding {
    let Some((view, difference)) = sides.first() else { return Finding::warning("check-different", Text::default()) };
    let (name, rtype) = (words::plain(&subject.set.name), subject.set.rtype);
    let instead: Vec<&Record> = view
        .current
        .at(&subject.set.name)
        .filter(|r| r.rtype != rtype && (r.rtype == Rtype::CNAME || rtype == Rtype::CNAME))
        .collect();
    // Beside what is wanted nothing is by the company's doing.
    let in_place: Vec<&Record> = match instead.is_empty() {
        true => difference.extra.iter().map(|found| &found.record).collect(),
        false => instead.clone(),
    };
    let by_company = || {
        let wanted = (subject.set, subject.member);
        proxy::told(run, subject.zone, wanted, &in_place, targets, gravity(subject))
    };
    let finding = if difference.missing.is_empty() {
        extra(run, subject, difference)
    } else if difference.extra.is_empty() && difference.same.is_empty() && instead.is_empty() {
        with_harm(missing(subject, view), subject)
    } else if let Some(finding) = difference.same.is_empty().then(by_company).flatten() {
        finding
    } else if let Some((end, answer)) = view.unknown_end(difference) {
        let what = what(subject);
        words::not_checked(
            &say!(en: "whether the CNAME of {name}, to {end}, leads to the wanted {what}", ja: "{name} の CNAME の行き先 {end} に、必要な{what}があるか"; what = what),
            answer,
        )
    } else {
        other(run, subject, view, difference, &instead)
    };
    let finding = wildcard(finding, view, subject);
    said_by(finding, sides.iter().map(|(view, _)| *view)).about(name, rtype.to_string())
}

/// Something else is there than what is wanted.
fn other(
    run: &Run<'_>,
    subject: &Subject<'_>,
    view: &View,
    difference: &Difference<'_>,
    instead: &[&Record],
) -> Finding {
    let (name, rtype) = (words::plain(&subject.set.name), subject.set.rtype);
    let end = view.ends.get(&(subject.set.name.clone(), rtype));
    // Behind an alias stands what counts.
    let there: Vec<&Record> = match end {
        Some(end) => end.part(subject.part).collect(),
        None => difference.extra.iter().map(|found| &found.record).collect(),
    };
    if let Some(finding) = other_preference(subject, &there, &difference.missing) {
        return finding;
    }
    let pieces = match (there.as_slice(), difference.missing.as_slice()) {
        ([old], [new]) => pieces(subject.part, old, new),
        _ => Vec::new(),
    };
    let off: Vec<&str> = run.built.site.lint_off.iter().map(|o| o.value.as_str()).collect();
    let faults: Vec<Finding> =
        there.iter().flat_map(|record| faults::errors(&subject.zone.composed.origin, record, &off)).collect();
    let severity = match faults.is_empty() {
        true => severity(subject, &pieces),
        false => Severity::Error,
    };
    let mut finding = Finding::new("check-different", severity, title(subject, &pieces, instead));
    for record in instead {
        let (other, value) = (record.rtype, words::value(record));
        finding = finding
            .note(NoteKind::Note, say!(en: "there instead: {other} {value}", ja: "代わりにあるもの: {other} {value}"));
    }
    if !there.is_empty() {
        let values = words::values(there.iter().copied());
        finding = finding.note(
            NoteKind::Note,
            match end.map(|end| words::plain(&end.last)) {
                Some(last) => say!(en: "where it leads, at {last}: {values}", ja: "行き先 {last} の値: {values}"),
                None => say!(en: "in DNS: {values}", ja: "DNS の値: {values}"),
            },
        );
    }
    let wanted = words::values(&difference.missing);
    finding = finding.note(NoteKind::Note, say!(en: "wanted: {wanted}", ja: "必要な値: {wanted}"));
    // Of what has terms or tags the sentence says which.
    if let ([there], [wanted], []) = (there.as_slice(), difference.missing.as_slice(), pieces.as_slice())
        && let Some(place) = words::where_they_differ(&whole(subject.part, there), &whole(subject.part, wanted))
    {
        finding = finding.note(NoteKind::Note, place);
    }
    for fault in faults.iter().take(FAULTS_TOLD) {
        finding = finding.note(NoteKind::Note, fault.title.clone());
    }
    // What a fault does is worse than that something else is wanted.
    let harm = faults.first().and_then(|fault| fault.notes.iter().find(|note| note.kind == NoteKind::Harm));
    let finding = match harm {
        Some(harm) => finding.harm(harm.text.clone()),
        None => with_harm(finding, subject),
    };
    match instead.first().map(|r| r.rtype) {
        Some(other) => finding.next(say!(en: "remove the {other} of {name}, then enter the {rtype}; nothing else can stand beside a CNAME", ja: "{name} の {other} を消してから、{rtype} を入れます。CNAME はほかのレコードと並べて置けません")),
        None => finding.next(say!(en: "change it to what is wanted; zoneplan plan shows the order and the way back", ja: "必要な値に書き換えます。順番と戻し方は zoneplan plan で出ます")),
    }
}

/// How grave it is that something else is there. What only has more than is wanted, another policy or other flags, still works.
fn severity(subject: &Subject<'_>, pieces: &[Piece]) -> Severity {
    if by_switch(subject).is_some() {
        return Severity::Advice;
    }
    let lacks = pieces.iter().any(|piece| matches!(piece, Piece::Added(_)));
    let works = match subject.part {
        Part::Spf => !pieces.is_empty() && !lacks,
        Part::Dmarc | Part::Key => !pieces.is_empty(),
        _ => false,
    };
    if works { gravity(subject).min(Severity::Warning) } else { gravity(subject) }
}

/// The text of a record as far as it is compared: of a key the key itself, else all of it.
fn whole(part: Part, record: &Record) -> String {
    if record.rtype != Rtype::TXT {
        return record.rdata.present(record.rtype);
    }
    let text = record.rdata.txt_joined();
    let key = || dkim::meaning(&text)?.remove("p");
    key().filter(|_| part == Part::Key).unwrap_or_else(|| String::from_utf8_lossy(&text).into_owned())
}

/// A name is an alias, and where it leads stands what is wanted: so does whoever keeps a record for others.
fn by_alias(subject: &Subject<'_>, view: &View, difference: &Difference<'_>) -> Finding {
    let (name, what) = (words::plain(&subject.set.name), what(subject));
    let end = view.by_alias(difference).map(|end| words::plain(&end.last)).unwrap_or_default();
    if let Some(domain) = &subject.mail_of {
        let (domain, rtype) = (words::plain(domain), subject.set.rtype);
        let title = say!(en: "{name}, the mail server of {domain}, is a CNAME to {end} in DNS; the host of an MX has addresses of its own", ja: "{domain} のメールサーバー {name} が、{end} への CNAME になっています。MX のホストには、それ自身のアドレスが要ります");
        let finding = Finding::error("check-different", title)
            .harm(say!(en: "some mail servers refuse to deliver to it (RFC 2181 §10.3)", ja: "配送を断るメールサーバーがあります（RFC 2181 §10.3）"))
            .next(say!(en: "enter the {rtype} itself in place of the CNAME", ja: "CNAME をやめて、{rtype} レコードそのものを入れます"));
        return said_by(finding, std::iter::once(view)).about(name, rtype.to_string());
    }
    let title = say!(en: "the {what} of {name} is as wanted, by way of a CNAME to {end}", ja: "{name} の{what}は必要な値どおりです（CNAME で {end} を参照しています）"; what = what);
    let finding = Finding::advice("check-different", title)
        .next(say!(en: "leave it if that is meant: whoever keeps {end} changes it without you; else enter the record itself in place of the CNAME", ja: "意図した設定ならそのままでかまいません。値は {end} の管理者が変えられます。そうでなければ、CNAME をやめてレコードそのものを入れます"));
    said_by(finding, std::iter::once(view)).about(name, subject.set.rtype.to_string())
}

/// The name of what a subject is.
fn what(subject: &Subject<'_>) -> Text {
    match subject.part {
        Part::Spf => Text::same("SPF"),
        Part::Dmarc => Text::same("DMARC"),
        Part::Key => say!(en: "DKIM key", ja: "DKIM の鍵"),
        _ => Text::same(subject.set.rtype.to_string()),
    }
}

fn with_harm(finding: Finding, subject: &Subject<'_>) -> Finding {
    let text = match (finding.severity, subject.part) {
        (Severity::Error, _) => harm(subject),
        (Severity::Warning, Part::Spf) => Some(
            say!(en: "receivers judge by what is published, not by site.toml", ja: "受信側は、site.toml ではなく、公開されている値で判断します"),
        ),
        (Severity::Warning, Part::Dmarc) => Some(
            say!(en: "receivers act on the policy that is published, not on that of site.toml", ja: "受信側は、site.toml ではなく、公開されているポリシーに従います"),
        ),
        (Severity::Warning, Part::Key) => Some(
            say!(en: "the key is the same; verifiers keep to what is published beside it", ja: "鍵そのものは同じですが、受信側は公開されているほかの指定にも従います"),
        ),
        _ => None,
    };
    match text {
        Some(text) => finding.harm(text),
        None => finding,
    }
}

/// One sentence on what differs.
fn title(subject: &Subject<'_>, pieces: &[Piece], instead: &[&Record]) -> Text {
    let (name, rtype, what) = (words::plain(&subject.set.name), subject.set.rtype, what(subject));
    if let Some(other) = instead.first() {
        let (a, other, one) = (words::a_or_an(other.rtype), other.rtype, words::a_or_an(rtype));
        return say!(en: "{name} has {a} {other} in DNS where {one} {rtype} is wanted", ja: "{name} には、{rtype} の代わりに {other} が入っています");
    }
    let list = |pick: fn(&Piece) -> Option<String>| -> Vec<String> {
        pieces.iter().filter_map(pick).map(|text| excerpt(&text, 60)).collect()
    };
    let lacks = list(|piece| match piece {
        Piece::Added(text) => Some(text.clone()),
        _ => None,
    });
    let other = list(|piece| match piece {
        Piece::Gone(text) => Some(text.clone()),
        Piece::Changed { from, .. } => Some(from.clone()),
        Piece::Added(_) => None,
    });
    let (lack, more) = (lacks.join(" "), other.join(" "));
    match (lacks.is_empty(), other.is_empty()) {
        (true, true) => {
            say!(en: "the {what} of {name} in DNS is another one than is wanted", ja: "{name} の{what}が、必要なものと違います"; what = what)
        }
        (false, true) => {
            say!(en: "the {what} of {name} in DNS lacks {lack}", ja: "{name} の{what}に {lack} がありません"; what = what)
        }
        (true, false) => {
            say!(en: "the {what} of {name} in DNS says {more}, which is not wanted", ja: "{name} の{what}に、site.toml にない {more} があります"; what = what)
        }
        (false, false) => {
            say!(en: "the {what} of {name} in DNS lacks {lack} and says {more}", ja: "{name} の{what}に {lack} がなく、{more} があります"; what = what)
        }
    }
}

fn missing(subject: &Subject<'_>, view: &View) -> Finding {
    let (name, rtype) = (words::plain(&subject.set.name), subject.set.rtype);
    let dkim = subject.member.is_some_and(|m| m.intent.is_dkim());
    let id = if dkim { "dkim-record-missing" } else { "check-missing" };
    let what = match subject.part {
        Part::Spf => say!(en: "SPF (TXT)", ja: "SPF（TXT）"),
        Part::Dmarc => say!(en: "DMARC (TXT)", ja: "DMARC（TXT）"),
        _ if dkim => say!(en: "DKIM key ({rtype})", ja: "DKIM の鍵（{rtype}）"),
        _ => Text::same(rtype.to_string()),
    };
    let title = say!(en: "the {what} of {name} is not in DNS", ja: "{name} の{what}が DNS にありません"; what = what);
    let of_part = subject.set.records().filter(|r| Part::of(r) == subject.part);
    let wanted = words::values(&of_part.collect::<Vec<_>>());
    let mut finding = Finding::new(id, gravity(subject), title)
        .note(NoteKind::Note, say!(en: "wanted: {wanted}", ja: "必要な値: {wanted}"));
    if view.current.at(&subject.set.name).next().is_some() {
        let types: BTreeSet<String> = view.current.at(&subject.set.name).map(|r| r.rtype.to_string()).collect();
        let types = types.into_iter().collect::<Vec<_>>().join(", ");
        finding = finding.note(NoteKind::Note, say!(en: "the name has: {types}", ja: "この名前にあるもの: {types}"));
    }
    if let Some(switched) = by_switch(subject) {
        return finding.next(switched.how.clone());
    }
    finding.next(say!(en: "enter it; what goes into which box: zoneplan build --format worksheet", ja: "レコードを入力します。どの欄に何を入れるかは zoneplan build --format worksheet で出ます"))
}

fn extra(run: &Run<'_>, subject: &Subject<'_>, difference: &Difference<'_>) -> Finding {
    let (name, rtype, n) = (words::plain(&subject.set.name), subject.set.rtype, difference.extra.len());
    let there = words::values(difference.extra.iter().map(|found| &found.record));
    let note = say!(en: "in DNS besides: {there}", ja: "余分な値: {there}");
    if subject.part.is_one(rtype) {
        let what = match subject.part {
            Part::Spf => Text::same("v=spf1"),
            Part::Dmarc => Text::same("v=DMARC1"),
            Part::Key => say!(en: "DKIM key", ja: "DKIM の鍵"),
            _ => Text::same(rtype.to_string()),
        };
        let all = n + difference.same.len();
        let off: Vec<&str> = run.built.site.lint_off.iter().map(|o| o.value.as_str()).collect();
        let origin = &subject.zone.composed.origin;
        let faults: Vec<Finding> =
            difference.extra.iter().flat_map(|found| faults::errors(origin, &found.record, &off)).collect();
        let severity = if faults.is_empty() { gravity(subject).max(Severity::Warning) } else { Severity::Error };
        let finding = Finding::new("check-extra", severity, say!(en: "{name} has {all} {what} records in DNS; one is right, two are void", ja: "{name} に {what} のレコードが {all} 件あります。1 件でないと無効になります"; what = what))
            .note(NoteKind::Note, note)
            .next(say!(en: "remove what is not wanted, and leave the wanted one", ja: "余分なほうを消し、必要なほうだけを残します"));
        let noted = |finding: Finding, fault: Finding| finding.note(NoteKind::Note, fault.title);
        return with_harm(faults.into_iter().take(FAULTS_TOLD).fold(finding, noted), subject);
    }
    let harm = preferred(subject, difference);
    let severity = if harm.is_some() { Severity::Error } else { Severity::Warning };
    Finding::new("check-extra", severity, say!(en: "{name} has {n} more {rtype} in DNS than site.toml wants", ja: "{name} の {rtype} が、site.toml より {n} 件多く入っています"))
        .note(NoteKind::Note, note)
        .harm(harm.unwrap_or_else(|| say!(en: "both are used: some reach the one, some the other", ja: "両方が使われ、相手によって行き先が変わります")))
        .next(say!(en: "if it is still needed, write it into site.toml as [[record]]; else remove it", ja: "まだ必要なら site.toml に [[record]] で書き、不要なら消します"))
}

/// What it means that an MX stands there that is preferred to all that are wanted: the lower number is tried first (RFC 5321 §5.1).
fn preferred(subject: &Subject<'_>, difference: &Difference<'_>) -> Option<Text> {
    let name = words::plain(&subject.set.name);
    let best =
        subject.set.members.iter().filter_map(|member| member.rdata.as_mx()).map(|(preference, _)| preference).min()?;
    let mut there = difference.extra.iter().filter_map(|found| found.record.rdata.as_mx());
    let (_, host) = there.find(|(preference, _)| *preference < best)?;
    if host.is_root() {
        return Some(
            say!(en: "some senders take it that {name} receives no mail (RFC 7505)", ja: "{name} はメールを受け取らない、と扱う送信側があります（RFC 7505）"),
        );
    }
    let host = excerpt(&words::plain(&host), 100);
    Some(
        say!(en: "mail to {name} goes to {host} first: the lower number is preferred", ja: "{name} あてのメールは、値の小さい {host} へ先に届きます"),
    )
}

/// The one mail server is the wanted one, with another preference.
fn other_preference(subject: &Subject<'_>, there: &[&Record], wanted: &[Record]) -> Option<Finding> {
    let ([is], [should], [_]) = (there, wanted, subject.set.members.as_slice()) else { return None };
    let ((is, host), (should, wanted)) = (is.rdata.as_mx()?, should.rdata.as_mx()?);
    let name = words::plain(&subject.set.name);
    (host == wanted).then(|| {
        let title = say!(en: "the MX of {name} in DNS has preference {is}, not {should}; with one mail server that changes nothing", ja: "{name} の MX の優先度は {is} です（site.toml では {should}）。メールサーバーが 1 台なので、動作は変わりません");
        Finding::advice("check-different", title)
            .next(say!(en: "leave it, or make the two the same", ja: "そのままでかまいません。気になるなら、どちらかに合わせます"))
    })
}

/// What is answered may be a wildcard's: that something comes back proves nothing.
fn wildcard(finding: Finding, view: &View, subject: &Subject<'_>) -> Finding {
    let (rtype, origin) = (subject.set.rtype, &subject.zone.composed.origin);
    // A CNAME is asked for with what may stand in its place.
    let in_place =
        |other| rtype == Rtype::CNAME && (other == Rtype::A || other == Rtype::TXT && is_key_owner(&subject.set.name));
    let is_answer = |record: &&Record| [rtype, Rtype::CNAME].contains(&record.rtype) || in_place(record.rtype);
    let there = view.wildcard.iter().filter(is_answer);
    let there: BTreeSet<(Rtype, String)> = there.map(|record| (record.rtype, words::value(record))).collect();
    if there.is_empty() || subject.set.name == *origin {
        return finding;
    }
    let values = there.iter().map(|(rtype, value)| format!("{rtype} {value}")).collect::<Vec<_>>().join(" / ");
    let zone = words::plain(origin);
    finding.note(NoteKind::Note, say!(en: "*.{zone} answers every name that is not set with {values}: that something comes back proves nothing", ja: "*.{zone} があるため、設定していない名前でも {values} が返ります。答えが返ること自体は、入力できた証拠になりません"))
}

/// Names who said so.
fn said_by<'v>(finding: Finding, views: impl Iterator<Item = &'v View>) -> Finding {
    let servers: Vec<Text> = views.filter_map(|view| view.server.clone()).map(Text::same).collect();
    if servers.is_empty() {
        return finding;
    }
    let servers = join(&servers);
    finding.source(say!(en: "the answer of {servers}", ja: "{servers}の回答"; servers = servers))
}

/// The servers of one zone say different things.
fn disagree(subject: &Subject<'_>, groups: &[(Shape, Vec<(&View, &Difference<'_>)>)]) -> Finding {
    let (name, rtype) = (words::plain(&subject.set.name), subject.set.rtype);
    let title = say!(en: "the name servers do not agree on the {rtype} of {name}", ja: "{name} の {rtype} が、ネームサーバーによって違います");
    let mut finding = Finding::warning("check-servers-disagree", title);
    for (_, group) in groups {
        let Some((_, difference)) = group.first() else { continue };
        let shown = |(view, _): &(&View, &Difference<'_>)| Text::same(view.server.clone().unwrap_or_default());
        let servers = join(&group.iter().map(shown).collect::<Vec<_>>());
        let has = if difference.is_none() {
            say!(en: "as wanted", ja: "必要な値どおり")
        } else if difference.extra.is_empty() {
            let wanted = words::values(&difference.missing);
            say!(en: "without {wanted}", ja: "{wanted} がない")
        } else {
            let there = words::values(difference.extra.iter().map(|found| &found.record));
            say!(en: "with {there}", ja: "{there} がある")
        };
        finding = finding
            .note(NoteKind::Note, say!(en: "{servers}: {has}", ja: "{servers}: {has}"; servers = servers, has = has));
    }
    // Serials come and go: they are no part of what is found.
    let serial = |(view, _): &(&View, &Difference<'_>)| {
        let (server, serial) = (view.server.as_ref()?, view.serial?);
        Some(Text::same(format!("{server} {serial}")))
    };
    let serials: Vec<Text> = groups.iter().flat_map(|(_, group)| group).filter_map(serial).collect();
    if !serials.is_empty() {
        let serials = join(&serials);
        finding = finding.source(
            say!(en: "the serials of the zone: {serials}", ja: "ゾーンのシリアル: {serials}"; serials = serials),
        );
    }
    finding
        .harm(say!(en: "it works for some and not for others, by chance", ja: "相手によって、うまくいったりいかなかったりします"))
        .next(say!(en: "after a change wait some minutes and run it again; if it stays so, the name servers do not copy the zone from each other: tell the company that runs them", ja: "変えたばかりなら、数分待ってもう一度実行します。変わらなければ、ネームサーバーのあいだでゾーンが写されていません。運用している会社に知らせます"))
        .about(name, rtype.to_string())
}

/// DNS has what is wanted; a resolver still holds what was there before.
fn cached_elsewhere(subject: &Subject<'_>, difference: &Difference<'_>) -> Finding {
    let (name, rtype) = (words::plain(&subject.set.name), subject.set.rtype);
    let ttl = difference.extra.iter().map(|found| found.record.ttl).max();
    let title = say!(en: "the {rtype} of {name} is right; a resolver still has the old answer", ja: "{name} の {rtype} は正しく入っています。リゾルバーには、まだ前の回答が残っています");
    let finding = Finding::advice("check-cached", title).about(name, rtype.to_string());
    match ttl {
        Some(ttl) => finding.next(say!(en: "wait: it goes within {ttl} seconds", ja: "あと {ttl} 秒以内に入れ替わります。待つだけで済みます")),
        None => finding.next(say!(en: "wait: it goes when its time (TTL) is over", ja: "保持時間（TTL）が過ぎれば入れ替わります。待つだけで済みます")),
    }
}

/// Names whose records are wanted here and that are given away to other servers.
fn away(run: &mut Run<'_>, zone: &FittedZone<'_>, views: &[View]) {
    let all: BTreeMap<&Name, &Vec<Name>> = views.iter().flat_map(|view| &view.away).collect();
    for (cut, servers) in all.into_iter().filter(|(cut, _)| zone.composed.rrset(cut, Rtype::NS).is_none()) {
        let (name, origin) = (words::plain(cut), words::plain(&zone.composed.origin));
        let n = zone.composed.rrsets.iter().filter(|set| set.name.is_subdomain_of(cut)).count();
        let servers = super::serving::hosts_text(servers);
        let title = say!(en: "{name} is a zone of its own, kept by {servers}; of what is wanted in {origin} nobody sees what stands there: {n}", ja: "{name} は別のゾーンで、{servers}が受け持っています。{origin} に入れるレコードのうち {n} 件は参照されません"; servers = servers);
        let finding = Finding::error("check-below-delegation", title)
            .next(say!(en: "enter them at whoever keeps {name}, or remove its NS records from {origin}", ja: "{name} を受け持つ側に入れるか、{origin} から {name} の NS を消します"))
            .about(name, "NS");
        run.tell(finding, zone, None);
    }
}

/// Addresses of the other kind at a name whose addresses the site says.
fn beside(run: &mut Run<'_>, zone: &FittedZone<'_>, views: &[View]) {
    let Some(view) = views.iter().find(|view| view.asked() > 0) else { return };
    for set in zone.composed.rrsets.iter().filter(|set| matches!(set.rtype, Rtype::A | Rtype::AAAA)) {
        let other = if set.rtype == Rtype::A { Rtype::AAAA } else { Rtype::A };
        if zone.composed.rrset(&set.name, other).is_some() {
            continue;
        }
        let there: Vec<&Record> = view.current.of(&set.name, other).collect();
        // A proxy answers with both kinds.
        if there.is_empty() || proxy::is_proxy(zone, &there) {
            continue;
        }
        let digest = digest(there.iter().map(|record| whole_value(record)).collect());
        let (name, rtype, values) = (words::plain(&set.name), set.rtype, words::values(there));
        let finding = Finding::warning("check-extra", say!(en: "{name} has an {other} in DNS that site.toml does not want: {values}", ja: "{name} に、site.toml にない {other} が入っています: {values}"))
            .harm(say!(en: "who uses {other} goes there, the others to the {rtype}", ja: "{other} を使う相手はそちらへ、ほかの相手は {rtype} のほうへ行きます"))
            .next(say!(en: "if it is still needed, write it into site.toml as [[record]]; else remove it", ja: "まだ必要なら site.toml に [[record]] で書き、不要なら消します"))
            .about(name, other.to_string());
        run.tell(Finding { digest: Some(digest), ..finding }, zone, set.members.first());
    }
}

/// Records that a switch makes and whose value the site does not say: something has to be there.
fn switched(run: &mut Run<'_>, zone: &FittedZone<'_>, views: &[View], open: &mut Vec<Right>) {
    let composed = zone.composed;
    for switched in &composed.switched {
        let is_told = |set: &RrSet| set.members.iter().any(|m| switched.makes(set, m));
        if composed.rrset(&switched.name, switched.rtype).is_some_and(is_told) {
            continue;
        }
        let is_it = |record: &&Record| match switched.part {
            "spf" => spf::is_spf(&record.rdata.txt_joined()),
            "dkim" => matches!(Part::of(record), Part::Key) || record.rtype == Rtype::CNAME,
            "dmarc" => Part::of(record) == Part::Dmarc,
            _ => record.rtype == switched.rtype,
        };
        let knowing: Vec<&View> = views.iter().filter(|v| v.current.knows(&switched.name, switched.rtype)).collect();
        let is_there = |view: &&View| view.current.at(&switched.name).any(|record| is_it(&record));
        if knowing.is_empty() {
            let key = (switched.name.clone(), switched.rtype);
            if !open.contains(&key) {
                open.push(key);
            }
            continue;
        }
        if knowing.iter().any(is_there) {
            continue;
        }
        let (name, rtype, part, how) = (words::plain(&switched.name), switched.rtype, switched.part, &switched.how);
        let who = run.built.fitted.composed.party(&switched.origin);
        let what = match part {
            "spf" | "dkim" | "dmarc" => format!("{rtype} ({})", part.to_ascii_uppercase()),
            _ => rtype.to_string(),
        };
        let title = say!(en: "{name} has no {what} in DNS: the switch of {who} seems to be off", ja: "{name} に {what} がありません。{who}のスイッチが OFF のようです"; who = who);
        let finding = Finding::error(if part == "dkim" { "dkim-record-missing" } else { "check-missing" }, title)
            .next(how.clone())
            .about(name, rtype.to_string())
            .at_opt(switched.origin.span, Text::default());
        run.tell(finding, zone, None);
    }
}

/// What nobody answered, each reason once.
fn not_checked(run: &mut Run<'_>, zone: &FittedZone<'_>, views: &[View], open: &[Right]) {
    let reason = |key: &Right| {
        let mut unanswered = views.iter().flat_map(|view| &view.unanswered);
        unanswered.find(|a| a.question.name == key.0 && a.question.rtype == key.1)
    };
    let mut groups: Vec<(&Answer, Vec<String>)> = Vec::new();
    for key in open {
        let Some(answer) = reason(key) else { continue };
        let shown = format!("{} {}", words::plain(&key.0), key.1);
        match groups
            .iter_mut()
            .find(|(a, _)| std::mem::discriminant(&a.outcome) == std::mem::discriminant(&answer.outcome))
        {
            Some((_, names)) => names.push(shown),
            None => groups.push((answer, vec![shown])),
        }
    }
    for (answer, mut names) in groups {
        names.dedup();
        let n = names.len();
        names.truncate(NAMES_TOLD);
        let (list, more) = (names.join(", "), n.saturating_sub(NAMES_TOLD));
        let what = if more == 0 {
            Text::same(list)
        } else {
            say!(en: "{list} and {more} more", ja: "{list} ほか {more} 件")
        };
        let mut finding = words::not_checked(&what, answer);
        for key in open {
            finding = finding.about(words::plain(&key.0), key.1.to_string());
        }
        run.tell(finding, zone, None);
    }
}
