//! Who serves a zone: whom the zone above delegates to, and their addresses.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use super::{Run, panel, words};
use crate::fit::FittedZone;
use crate::lint::is_public_suffix;
use crate::live::server::{PORT, shown};
use crate::live::{self, Answer, Outcome, Question, Resolve};
use crate::report::{Finding, NoteKind, Text};
use crate::say;
use crate::zone::{Name, Rtype};

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
    let mut cuts = answers.iter().filter_map(|answer| Some((&answer.question.name, name_servers(answer)?)));
    let nearest = cuts.next();
    // A name below a zone that somebody keeps is to stand in that zone. Only what a registry hands out is a domain that may be missing.
    let is_registry = |cut: &Name| is_public_suffix(&words::plain(cut).to_lowercase());
    if own.outcome == Outcome::NxDomain && !is_subzone && nearest.as_ref().is_none_or(|(cut, _)| is_registry(cut)) {
        run.answered = true;
        let (domain, hosts) = denied(run, zone, own, nearest)?;
        panel::check(run, zone, &hosts);
        return Some(Serving::delegated(servers(run, zone, &domain, &hosts)));
    }
    let Some((cut, published)) = nearest else {
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
    let above = cuts.next().and_then(|(parent, hosts)| Some((delegation(run, &cut, parent, &hosts)?, parent)));
    let hosts = match above {
        Some((Above::Delegates(delegated), _)) => {
            if !same(&delegated, &published) {
                differ(run, zone, &cut, &delegated, &published);
            }
            delegated
        }
        Some((Above::Denies(answer), parent)) => {
            not_delegated(run, zone, &cut, parent, &answer);
            published
        }
        Some((Above::Silent(answer), parent)) => {
            let (name, by) = (words::plain(&cut), words::plain(parent));
            let what = say!(en: "to which name servers the zone {by} delegates {name}", ja: "{by} のゾーンが {name} をどのネームサーバーに委任しているか");
            run.tell(words::not_checked(&what, &answer).about(name, "NS"), zone, None);
            published
        }
        None => published,
    };
    panel::check(run, zone, &hosts);
    let servers = servers(run, zone, &cut, &hosts);
    Some(Serving::delegated(servers))
}

fn ns(name: &Name) -> Question {
    Question { name: name.clone(), rtype: Rtype::NS }
}

/// The name servers in an answer, unless it speaks of another name: an alias is no zone.
fn name_servers(answer: &Answer) -> Option<Vec<Name>> {
    let mut hosts = live::hosts(answer);
    hosts.truncate(HOSTS_MAX);
    (!hosts.is_empty()).then_some(hosts)
}

fn same(one: &[Name], other: &[Name]) -> bool {
    let set = |hosts: &[Name]| hosts.iter().cloned().collect::<BTreeSet<_>>();
    set(one) == set(other)
}

/// What the zone above says of a zone.
enum Above {
    /// These are its name servers.
    Delegates(Vec<Name>),
    /// It has none.
    Denies(Answer),
    /// Nobody there said anything of it.
    Silent(Answer),
}

/// What the zone above says of `cut`. `None` if its name servers are not asked by themselves, or have no address.
fn delegation(run: &mut Run<'_>, cut: &Name, parent: &Name, hosts: &[Name]) -> Option<Above> {
    let mut other = None;
    // Where name servers are not asked by themselves, their addresses are nobody's concern.
    let asked = if run.dns.has_name_servers() { hosts } else { &[] };
    for host in asked.iter().take(PARENTS_ASKED) {
        let (addresses, unanswered) = addresses(run, host);
        let dns = run.dns;
        let Some(who) = (!addresses.is_empty()).then(|| dns.name_server(parent, &addresses)).flatten() else {
            other = other.or(unanswered.map(Above::Silent));
            continue;
        };
        let Some(answer) = run.ask(&*who, &[ns(cut)]).pop() else { continue };
        if let Some(found) = name_servers(&answer) {
            return Some(Above::Delegates(found));
        }
        // What one denies, another may not know yet.
        other = match other {
            Some(Above::Denies(before)) => Some(Above::Denies(before)),
            _ if matches!(answer.outcome, Outcome::NxDomain | Outcome::NoData) => Some(Above::Denies(answer)),
            before => before.or(Some(Above::Silent(answer))),
        };
    }
    other
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

/// The resolver says that there is no such domain; `registry` is the zone that hands it out, with its name servers, who know better. Gives
/// the domain and its name servers if they say that there is one.
fn denied(
    run: &mut Run<'_>,
    zone: &FittedZone<'_>,
    said: &Answer,
    registry: Option<(&Name, Vec<Name>)>,
) -> Option<(Name, Vec<Name>)> {
    let origin = &zone.composed.origin;
    let Some((registry, hosts)) = registry else {
        not_there(run, zone, origin, None);
        return None;
    };
    let mut above = std::iter::successors(Some(origin.clone()), Name::parent);
    let domain = above.find(|name| name.parent().as_ref() == Some(registry)).unwrap_or_else(|| origin.clone());
    let by = words::plain(registry);
    let unheard = match delegation(run, &domain, registry, &hosts) {
        Some(Above::Delegates(hosts)) => {
            let (name, list) = (words::plain(&domain), hosts_text(&hosts));
            let title = say!(en: "the resolver says that {name} does not exist, but the zone {by} delegates it", ja: "リゾルバーは {name} がないと答えますが、{by} のゾーンでは委任されています");
            let finding = Finding::warning("check-delegation", title)
                .note(NoteKind::Note, said.text())
                .note(NoteKind::Note, say!(en: "delegated: {list}", ja: "委任先: {list}"; list = list))
                .harm(say!(en: "whoever asks that resolver finds neither mail nor web", ja: "このリゾルバーを使う相手からは、メールもウェブも届きません"))
                .next(say!(en: "if the domain was registered or renewed just now, run it again when the resolver has forgotten its old answer; else ask another: --resolver ADDR", ja: "登録や更新の直後なら、古い回答が忘れられてからもう一度実行します。そうでなければ、--resolver で別のリゾルバーを指定します"))
                .about(name, "NS");
            run.tell(finding, zone, None);
            return Some((domain, hosts));
        }
        Some(Above::Silent(answer)) => {
            let why = answer.text();
            Some(
                say!(en: "only the resolver says so; the zone {by} was asked in vain. {why}", ja: "リゾルバーだけの回答です。{by} のゾーンには確かめられませんでした。{why}"; why = why),
            )
        }
        Some(Above::Denies(_)) | None => None,
    };
    not_there(run, zone, &domain, unheard);
    None
}

fn not_there(run: &mut Run<'_>, zone: &FittedZone<'_>, domain: &Name, unheard: Option<Text>) {
    let name = words::plain(domain);
    let title = say!(en: "the domain {name} does not exist in DNS", ja: "ドメイン {name} は DNS にありません");
    let mut finding = Finding::error("check-not-delegated", title);
    if let Some(unheard) = unheard {
        finding = finding.note(NoteKind::Note, unheard);
    }
    let finding = finding
        .harm(say!(en: "nothing of it is reachable: no mail, no web", ja: "メールもウェブも、まったく届きません"))
        .next(say!(en: "check its spelling, that it is registered and not expired, and that it has name servers", ja: "綴りと、登録されていて期限が切れていないこと、ネームサーバーが設定されていることを確かめます"))
        .about(name, "NS");
    run.tell(finding, zone, None);
}

/// The zone above says that there is no such zone, while name servers of it are known all the same.
fn not_delegated(run: &mut Run<'_>, zone: &FittedZone<'_>, cut: &Name, parent: &Name, answer: &Answer) {
    let (name, by) = (words::plain(cut), words::plain(parent));
    let title = say!(en: "the zone {by} does not delegate {name}, which has name servers all the same", ja: "{name} にはネームサーバーがありますが、{by} のゾーンから委任されていません");
    let next = if is_public_suffix(&by.to_lowercase()) {
        say!(en: "check where {name} is registered that it has not expired and that its name servers are set", ja: "{name} の登録先で、期限が切れていないことと、ネームサーバーが設定されていることを確かめます")
    } else {
        say!(en: "enter NS records for {name} in the zone {by}, with the name servers of the company that keeps {name}", ja: "{by} のゾーンに {name} の NS を入れます。値は {name} を置く会社のネームサーバーです")
    };
    let finding = Finding::error("check-not-delegated", title)
        .note(NoteKind::Note, answer.text())
        .harm(say!(en: "it is found only as long as resolvers remember an older answer; after that neither mail nor web reaches it", ja: "リゾルバーが前の回答を覚えている間しか見つかりません。そのあとは、メールもウェブも届かなくなります"))
        .next(next)
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
