//! MTA-STS policies as the web serves them (RFC 8461 §3.3), where somebody fetches.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::{Run, words};
use crate::compose::Member;
use crate::fit::FittedZone;
use crate::live::{Answer, Fetch, FetchFault, Question};
use crate::mail::mta_sts::PolicyKind;
use crate::mail::mta_sts::{Mode, Policy, parse_policy};
use crate::mail::tags::{Fault as _, Level, Problem};
use crate::report::{Finding, NoteKind, Severity, Text, excerpt};
use crate::say;
use crate::zone::{Name, Rtype};

/// Where a policy stands.
const PATH: &str = "/.well-known/mta-sts.txt";

/// Most problems of one policy that are told.
const PROBLEMS_MAX: usize = 10;

/// Fetches the policy of every domain whose `_mta-sts` record is wanted.
pub(super) fn check(run: &mut Run<'_>) {
    let dns = run.dns;
    let Some(web) = dns.web() else { return };
    let fitted = run.built.fitted;
    for zone in fitted.zones().filter(|zone| !fitted.is_keyzone(zone)) {
        for set in &zone.composed.rrsets {
            let is_record = set.name.first_label().is_some_and(|label| label.eq_ignore_ascii_case(b"_mta-sts"));
            let (Some(domain), Some(member)) = (set.name.parent().filter(|_| is_record), set.members.first()) else {
                continue;
            };
            if !matches!(set.rtype, Rtype::TXT | Rtype::CNAME) {
                continue;
            }
            let Ok(host) = domain.child("mta-sts") else { continue };
            let found = match addresses(run, &host) {
                Err(finding) => vec![*finding],
                Ok(addresses) => match fetched(web, &host, &addresses) {
                    Err(fault) => vec![not_served(&host, &fault)],
                    Ok(text) => judged(zone, &domain, &host, &text),
                },
            };
            for finding in found {
                tell(run, finding, zone, &host, member);
            }
        }
    }
}

/// The policy is a file on a web server: in no DNS panel.
fn tell(run: &mut Run<'_>, mut finding: Finding, zone: &FittedZone<'_>, host: &Name, member: &Member) {
    let name = words::plain(host);
    if finding.panel.is_none() && finding.id != words::NOT_CHECKED && finding.id != "mtasts-mx-mismatch" {
        finding.panel = Some(say!(en: "the web server of {name}", ja: "{name} のウェブサーバー"));
    }
    run.tell(finding.about(name, "A"), zone, Some(member));
}

/// The policy from one of these addresses. What is known to be wrong at some outranks what this network has no way to, IPv6 say.
fn fetched(web: &dyn Fetch, host: &Name, addresses: &[IpAddr]) -> Result<Vec<u8>, FetchFault> {
    let ours = match web.get(host, PATH, addresses) {
        Err(fault) if fault.may_be_ours() => fault,
        done => return done,
    };
    let (v4, v6): (Vec<IpAddr>, Vec<IpAddr>) = addresses.iter().partition(|address| address.is_ipv4());
    if v4.is_empty() || v6.is_empty() {
        return Err(ours);
    }
    for family in [v4, v6] {
        match web.get(host, PATH, &family) {
            Err(fault) if fault.may_be_ours() => {}
            done => return done,
        }
    }
    Err(ours)
}

/// The address of the policy's text.
fn url(host: &Name) -> String {
    format!("https://{}{PATH}", words::plain(host))
}

fn harm() -> Text {
    say!(en: "senders that do not have the policy yet deliver as if there were no MTA-STS", ja: "まだポリシーを持っていない送信側は、MTA-STS がないものとして送ります")
}

/// The addresses of the policy's host.
fn addresses(run: &mut Run<'_>, host: &Name) -> Result<Vec<IpAddr>, Box<Finding>> {
    let answers = run.ask_beyond(&[Rtype::A, Rtype::AAAA].map(|rtype| Question { name: host.clone(), rtype }));
    let records = answers.iter().filter_map(Answer::records).flatten();
    let found: Vec<IpAddr> = records.filter_map(|record| record.rdata.as_address(record.rtype)).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let name = words::plain(host);
    if let Some(answer) = answers.iter().find(|answer| answer.records().is_none()) {
        return Err(Box::new(words::not_checked(
            &say!(en: "the MTA-STS policy at {name}", ja: "{name} の MTA-STS のポリシー"),
            answer,
        )));
    }
    let title = say!(en: "the MTA-STS policy cannot be fetched: {name} has no address", ja: "MTA-STS のポリシーを取得できません。{name} にアドレスがありません");
    Err(Box::new(
        Finding::error("mtasts-policy", title).harm(harm()).next(say!(en: "give {name} an address of a web server that serves the policy, or remove the record of MTA-STS", ja: "ポリシーを公開するウェブサーバーのアドレスを {name} に入れます。使わないのなら MTA-STS のレコードを消します")),
    ))
}

fn not_served(host: &Name, fault: &FetchFault) -> Finding {
    let (url, why) = (url(host), fault.text());
    if fault.may_be_ours() {
        return Finding::warning(words::NOT_CHECKED, say!(en: "not checked: the MTA-STS policy at {url}", ja: "確認できませんでした: {url} の MTA-STS のポリシー"))
            .note(NoteKind::Note, why)
            .next(say!(en: "run it again from another network", ja: "別のネットワークからもう一度実行します"));
    }
    let title = say!(en: "the MTA-STS policy at {url} cannot be fetched: {why}", ja: "MTA-STS のポリシー {url} を取得できません（{why}）"; why = why);
    Finding::error("mtasts-policy", title).harm(harm()).next(match fault {
        FetchFault::Certificate(_) | FetchFault::Tls(_) => {
            let name = words::plain(host);
            say!(en: "have a valid certificate for {name} installed, with those between", ja: "{name} の有効な証明書を、中間証明書も含めて入れてもらいます")
        }
        FetchFault::Redirect { .. } => {
            say!(en: "serve the file itself at this address", ja: "転送せず、このアドレスにファイルそのものを置きます")
        }
        FetchFault::NotText(_) => say!(en: "have it served as text/plain", ja: "ファイルの種類を text/plain にします"),
        _ => say!(en: "see that the file is there, and that the server answers quickly", ja: "ファイルがあることと、サーバーがすぐに応答することを確かめます"),
    })
}

/// What the policy says.
fn judged(zone: &FittedZone<'_>, domain: &Name, host: &Name, text: &[u8]) -> Vec<Finding> {
    let (policy, problems) = parse_policy(text);
    let mut out: Vec<Finding> =
        problems.iter().take(PROBLEMS_MAX).map(|problem| of_problem(host, text, problem)).collect();
    let Some(policy) = policy else {
        return out;
    };
    out.extend(mx(zone, domain, host, &policy));
    let wanted = zone.composed.mta_sts_policy.as_deref().filter(|_| *domain == zone.composed.origin);
    out.extend(wanted.and_then(|wanted| different(host, &policy, wanted)));
    out
}

fn of_problem(host: &Name, text: &[u8], problem: &Problem<PolicyKind>) -> Finding {
    let (url, what) = (url(host), problem.kind.text());
    let severity = match problem.kind.level() {
        Level::Error => Severity::Error,
        Level::Warning => Severity::Warning,
        Level::Advice | Level::Info => Severity::Advice,
    };
    let place = text.get(problem.range.clone()).filter(|place| place.len() < text.len()).unwrap_or_default();
    let place = excerpt(&String::from_utf8_lossy(place), 80);
    let title = say!(en: "the MTA-STS policy at {url}: {what}", ja: "MTA-STS のポリシー {url}: {what}"; what = what);
    let mut finding = Finding::new("mtasts-policy", severity, title);
    if !place.is_empty() {
        finding = finding.note(NoteKind::Note, Text::same(place));
    }
    if severity == Severity::Error {
        finding = finding.harm(harm());
    }
    finding.next(say!(en: "mend the file, and give the record of MTA-STS another id; begin with mode: testing", ja: "ファイルを直し、MTA-STS のレコードの id を変えます。はじめは mode: testing にします"))
}

/// MX hosts that the policy does not name.
fn mx(zone: &FittedZone<'_>, domain: &Name, host: &Name, policy: &Policy) -> Vec<Finding> {
    let severity = match policy.mode {
        Mode::Enforce => Severity::Error,
        Mode::Testing => Severity::Warning,
        Mode::None => return Vec::new(),
    };
    let Some(set) = zone.composed.rrset(domain, Rtype::MX) else { return Vec::new() };
    let hosts = set.members.iter().filter_map(|member| member.rdata.as_mx()).map(|(_, host)| host);
    let plain: Vec<String> = hosts.filter(|host| !host.is_root()).map(|host| words::plain(&host)).collect();
    let url = url(host);
    let finding = |mx: &String| {
        let mx = excerpt(mx, 100);
        Finding::new("mtasts-mx-mismatch", severity, say!(en: "the MTA-STS policy at {url} does not name the MX {mx}", ja: "MTA-STS のポリシー {url} に、MX の {mx} が載っていません"))
            .harm(say!(en: "senders that keep to the policy (mode enforce) deliver nothing there", ja: "ポリシーを守る送信側（mode が enforce）は、そこへ配送しません"))
            .next(say!(en: "add this line to the file, and give the record of MTA-STS another id:\nmx: {mx}", ja: "ファイルに次の行を足し、MTA-STS のレコードの id を変えます:\nmx: {mx}"))
    };
    plain.iter().filter(|mx| !policy.allows(mx)).map(finding).collect()
}

/// The policy that is served is another one than site.toml wants.
fn different(host: &Name, served: &Policy, wanted: &str) -> Option<Finding> {
    let (Some(policy), _) = parse_policy(wanted.as_bytes()) else { return None };
    let hosts = |policy: &Policy| policy.mx.iter().map(|mx| mx.as_str().to_owned()).collect::<BTreeSet<_>>();
    if served.mode == policy.mode && served.max_age == policy.max_age && hosts(served) == hosts(&policy) {
        return None;
    }
    let told = |policy: &Policy| {
        let hosts: Vec<String> = hosts(policy).into_iter().collect();
        let (mode, age, hosts) = (policy.mode.as_str(), policy.max_age, excerpt(&hosts.join(", "), 160));
        format!("mode: {mode}, max_age: {age}, mx: {hosts}")
    };
    let (url, is, should) = (url(host), told(served), told(&policy));
    let file = wanted.replace("\r\n", "\n");
    let file = file.trim_end();
    Some(
        Finding::error("mtasts-policy", say!(en: "the MTA-STS policy at {url} is another one than site.toml wants", ja: "MTA-STS のポリシー {url} が、site.toml の内容と違います"))
            .note(NoteKind::Note, say!(en: "served: {is}", ja: "公開されている内容: {is}"))
            .note(NoteKind::Note, say!(en: "wanted: {should}", ja: "必要な内容: {should}"))
            .harm(say!(en: "senders that have this one under the id of the record keep it until max_age is over", ja: "レコードの id でこの内容を覚えた送信側は、max_age が過ぎるまで使い続けます"))
            .next(say!(en: "put this file there:\n{file}", ja: "次の内容のファイルに置き換えます:\n{file}")),
    )
}
