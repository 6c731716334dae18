//! Who serves a zone: whom the zone above delegates to, and their addresses.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use super::{Run, panel, words};
use crate::fit::FittedZone;
use crate::live::server::{PORT, shown};
use crate::live::{Answer, Outcome, Question, Resolve};
use crate::report::{Finding, NoteKind, Text};
use crate::say;
use crate::zone::{Name, Record, Rtype};

/// Most name servers of one zone that are asked: as many as the root has.
const SERVERS_MAX: usize = 13;

/// Most of a zone's name servers that are looked at at all; whoever has more plays.
const HOSTS_MAX: usize = 32;

/// Most addresses of one name server that are tried.
const ADDRESSES_MAX: usize = 4;

/// Name servers of the zone above that are tried for the delegation.
const PARENTS_ASKED: usize = 2;

/// Most names above a zone that are asked for its cut.
const LEVELS_MAX: usize = 8;

/// Who serves a zone.
pub(super) struct Serving<'d> {
    /// Its name servers, one by one; none where they cannot be asked by themselves.
    pub servers: Vec<Server<'d>>,
    /// Whether the command line gives them, so that nobody else speaks for the zone.
    pub is_given: bool,
}

impl<'d> Serving<'d> {
    /// Those that the zone above names.
    fn delegated(servers: Vec<Server<'d>>) -> Self {
        Self { servers, is_given: false }
    }
}

/// One name server.
pub(super) struct Server<'d> {
    /// Its name and address, for people.
    pub shown: String,
    /// Its name, unless only its address is known.
    pub host: Option<String>,
    /// How it is asked.
    pub who: Box<dyn Resolve + 'd>,
}

/// Finds out who serves `zone`. `None` if there is no such zone, so that nothing more can be said of it.
pub(super) fn serving<'d>(run: &mut Run<'d>, zone: &FittedZone<'_>, given: &[SocketAddr]) -> Option<Serving<'d>> {
    let origin = &zone.composed.origin;
    // Who is given serves the site's own zone, not those of others.
    if !given.is_empty() && *origin == run.built.fitted.own.composed.origin {
        let servers = given.iter().filter_map(|address| {
            Some(Server { shown: shown(*address), host: None, who: run.dns.name_server(origin, &[*address])? })
        });
        return Some(Serving { servers: servers.collect(), is_given: true });
    }
    let above: Vec<Name> =
        std::iter::successors(Some(origin.clone()), Name::parent).filter(|n| !n.is_root()).take(LEVELS_MAX).collect();
    let questions: Vec<Question> = above.iter().map(ns).collect();
    let answers = run.ask_resolver(&questions);
    let own = answers.first()?;
    let is_subzone = run.built.fitted.subzones.iter().any(|s| s.composed.origin == *origin);
    if own.outcome == Outcome::NxDomain && !is_subzone {
        run.answered = true;
        not_there(run, zone);
        return None;
    }
    let mut cuts = answers.iter().filter_map(|answer| Some((&answer.question.name, name_servers(answer)?)));
    let Some((cut, published)) = cuts.next() else {
        unknown(run, zone, own);
        return Some(Serving::delegated(Vec::new()));
    };
    if is_subzone && cut != origin && matches!(own.outcome, Outcome::NxDomain | Outcome::NoData) {
        let (name, by) = (words::plain(origin), words::plain(cut));
        let title = say!(en: "{name} is not delegated: the zone {by} answers for it", ja: "{name} は委任されていません（{by} のゾーンが答えます）");
        let finding = Finding::error("check-not-delegated", title)
            .harm(say!(en: "its records are in a zone that nobody asks", ja: "そのレコードを入れたゾーンは、だれからも参照されません"))
            .next(say!(en: "enter NS records for {name} in the zone {by}, with the name servers of the company that keeps {name}", ja: "{by} のゾーンに {name} の NS を入れます。値は {name} を置く会社のネームサーバーです"))
            .about(name, "NS");
        run.tell(finding, zone, None);
        // What a zone holds that nobody asks cannot be seen.
        return None;
    }
    let cut = cut.clone();
    let parent = cuts.next().map(|(name, hosts)| (name.clone(), hosts));
    let delegated = parent.and_then(|(parent, hosts)| delegation(run, &cut, &parent, &hosts));
    if let Some(delegated) = delegated.as_ref().filter(|delegated| !same(delegated, &published)) {
        differ(run, zone, &cut, delegated, &published);
    }
    let hosts = delegated.unwrap_or(published);
    panel::check(run, zone, &hosts);
    let servers = servers(run, zone, &cut, &hosts);
    Some(Serving::delegated(servers))
}

fn ns(name: &Name) -> Question {
    Question { name: name.clone(), rtype: Rtype::NS }
}

/// The name servers in an answer, unless it speaks of another name: an alias is no zone.
fn name_servers(answer: &Answer) -> Option<Vec<Name>> {
    let mut hosts: Vec<Name> = match &answer.outcome {
        Outcome::Records(records) if answer.chain.is_empty() => records.iter().filter_map(Record::target).collect(),
        Outcome::Delegated { zone, servers } if *zone == answer.question.name => servers.clone(),
        _ => return None,
    };
    hosts.truncate(HOSTS_MAX);
    (!hosts.is_empty()).then_some(hosts)
}

fn same(one: &[Name], other: &[Name]) -> bool {
    let set = |hosts: &[Name]| hosts.iter().cloned().collect::<BTreeSet<_>>();
    set(one) == set(other)
}

/// Whom the zone above delegates to. `None` if nobody there can be asked.
fn delegation(run: &mut Run<'_>, cut: &Name, parent: &Name, hosts: &[Name]) -> Option<Vec<Name>> {
    for host in hosts.iter().take(PARENTS_ASKED) {
        let (addresses, _) = addresses(run, host);
        let dns = run.dns;
        let Some(who) = (!addresses.is_empty()).then(|| dns.name_server(parent, &addresses)).flatten() else {
            continue;
        };
        let answers = run.ask(&*who, &[ns(cut)]);
        if let Some(found) = answers.first().and_then(name_servers) {
            return Some(found);
        }
    }
    None
}

/// The addresses of a host, IPv4 first, since not every network has IPv6; and what was not answered.
fn addresses(run: &mut Run<'_>, host: &Name) -> (Vec<SocketAddr>, Option<Answer>) {
    let questions = [Rtype::A, Rtype::AAAA].map(|rtype| Question { name: host.clone(), rtype });
    let answers = run.ask_resolver(&questions);
    let records = answers.iter().filter_map(Answer::records).flatten();
    let ip = records.filter_map(|record| record.rdata.as_address(record.rtype));
    let found = ip.map(|ip| SocketAddr::new(ip, PORT)).take(ADDRESSES_MAX).collect();
    (found, answers.into_iter().find(|answer| answer.records().is_none()))
}

/// The name servers as they can be asked.
fn servers<'d>(run: &mut Run<'d>, zone: &FittedZone<'_>, cut: &Name, hosts: &[Name]) -> Vec<Server<'d>> {
    let mut out = Vec::new();
    // Where name servers are not asked by themselves, their addresses are nobody's concern.
    let asked = if run.dns.has_name_servers() { hosts } else { &[] };
    for host in asked.iter().take(SERVERS_MAX) {
        let (addresses, unanswered) = addresses(run, host);
        let (name, origin) = (words::plain(host), words::plain(cut));
        let Some(first) = addresses.first() else {
            let finding = match unanswered {
                Some(answer) => words::not_checked(
                    &say!(en: "the name server {name} of {origin}", ja: "{origin} のネームサーバー {name} "),
                    &answer,
                ),
                None => {
                    let title = say!(en: "the name server {name} of {origin} has no address", ja: "{origin} のネームサーバー {name} にはアドレスがありません");
                    Finding::warning("check-name-server", title)
                        .harm(say!(en: "whoever asks it first waits, or finds nothing", ja: "最初にそこへ問い合わせた側は、待たされるか、答えを得られません"))
                        .next(say!(en: "correct the name servers where the domain is registered", ja: "ドメインの登録先で、ネームサーバーの設定を直します"))
                }
            };
            run.tell(finding.about(origin, "NS").about(name, "A"), zone, None);
            continue;
        };
        let shown = format!("{name} ({})", shown(*first));
        out.extend(run.dns.name_server(cut, &addresses).map(|who| Server { shown, host: Some(name), who }));
    }
    out
}

fn not_there(run: &mut Run<'_>, zone: &FittedZone<'_>) {
    let name = words::plain(&zone.composed.origin);
    let title = say!(en: "the domain {name} does not exist in DNS", ja: "ドメイン {name} は DNS にありません");
    let finding = Finding::error("check-not-delegated", title)
        .harm(say!(en: "nothing of it is reachable: no mail, no web", ja: "メールもウェブも、まったく届きません"))
        .next(say!(en: "check its spelling, that it is registered and not expired, and that it has name servers", ja: "綴りと、登録されていて期限が切れていないこと、ネームサーバーが設定されていることを確かめます"))
        .about(name, "NS");
    run.tell(finding, zone, None);
}

/// Nobody said who serves it.
fn unknown(run: &mut Run<'_>, zone: &FittedZone<'_>, answer: &Answer) {
    let name = words::plain(&zone.composed.origin);
    let what = say!(en: "who serves {name}", ja: "{name} のネームサーバーがどれか");
    // Of zone files that do not know it, the records say so.
    if !run.dns.has_name_servers() {
        return;
    }
    let finding = if answer.records().is_some() || !answer.chain.is_empty() {
        Finding::warning("check-not-checked", say!(en: "no zone holds {name}, as far as DNS says", ja: "DNS の答えからは、{name} がどのゾーンにあるか分かりません"))
            .next(say!(en: "check the name servers of {name} where it is registered", ja: "{name} の登録先で、ネームサーバーの設定を確かめます"))
    } else {
        words::not_checked(&what, answer)
    };
    run.tell(finding.about(name, "NS"), zone, None);
}

/// The zone above and the zone itself name different servers.
fn differ(run: &mut Run<'_>, zone: &FittedZone<'_>, cut: &Name, delegated: &[Name], published: &[Name]) {
    let name = words::plain(cut);
    let list = |hosts: &[Name]| {
        let mut hosts: Vec<String> = hosts.iter().map(words::plain).collect();
        hosts.sort();
        hosts.join(", ")
    };
    let (above, own) = (list(delegated), list(published));
    let title = say!(en: "{name} is delegated to other name servers than it names itself", ja: "{name} の委任先のネームサーバーと、ゾーン自身の NS が違います");
    let finding = Finding::warning("check-delegation", title)
        .note(NoteKind::Note, say!(en: "delegated: {above}", ja: "委任先: {above}"))
        .note(NoteKind::Note, say!(en: "in the zone: {own}", ja: "ゾーンの NS: {own}"))
        .harm(say!(en: "who is asked depends on who asks, and after a move the old company may still answer", ja: "どちらに問い合わせるかは相手しだいです。移転のあとも、前の会社が答え続けることがあります"))
        .next(say!(en: "make both the same: the name servers where the domain is registered, and the NS records of the zone", ja: "ドメインの登録先のネームサーバー設定と、ゾーンの NS を同じにします"))
        .about(name, "NS");
    run.tell(finding, zone, None);
}

/// Name servers as a list for people.
pub(super) fn hosts_text(hosts: &[Name]) -> Text {
    let mut hosts: Vec<String> = hosts.iter().map(words::plain).collect();
    hosts.sort();
    let rest = hosts.len().saturating_sub(4);
    hosts.truncate(4);
    let list = hosts.join(", ");
    match rest {
        0 => Text::same(list),
        _ => say!(en: "{list} and {rest} more", ja: "{list} ほか {rest} 台"),
    }
}
