//! Names for which the company of the panel answers with other records than the panel holds: with the addresses of servers of its own (a proxy), or
//! with those of a CNAME's target. Which companies do so, and with which addresses, is the catalogue's to know.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::{Run, words};
use crate::catalogue::registrar::Proxy;
use crate::catalogue::sender::Purpose;
use crate::compose::{Intent, Member, RrSet};
use crate::fit::FittedZone;
use crate::live::{Answer, Question};
use crate::mail::spf::{self, Qualifier, TermKind};
use crate::plan::is_key_owner;
use crate::report::{Finding, NoteKind, Severity, Text, excerpt};
use crate::say;
use crate::zone::{Name, Record, Rtype};

/// The addresses of CNAMEs' targets, by the target.
pub(super) type Targets = BTreeMap<Name, BTreeSet<IpAddr>>;

/// Asks for the addresses of targets whose names have an address themselves, `with_address`, where the company has something in place of a CNAME.
pub(super) fn targets(run: &mut Run<'_>, zone: &FittedZone<'_>, with_address: &BTreeSet<Name>) -> Targets {
    if alias(zone).is_none() {
        return Targets::new();
    }
    let sets = zone.composed.rrsets.iter().filter(|set| set.rtype == Rtype::CNAME && with_address.contains(&set.name));
    let targets: BTreeSet<Name> = sets.filter_map(target).collect();
    let questions: Vec<Question> = targets.into_iter().map(|name| Question { name, rtype: Rtype::A }).collect();
    let answers = run.ask_beyond(&questions);
    let addresses = |answer: &Answer| addresses(answer.records().unwrap_or_default()).unwrap_or_default();
    answers.iter().map(|answer| (answer.question.name.clone(), addresses(answer))).collect()
}

/// The form's word for what stands in for a CNAME.
fn alias<'z>(zone: &'z FittedZone<'_>) -> Option<&'z str> {
    zone.limits.word("apex-alias").map(|(word, _)| word).filter(|word| *word != "none")
}

fn target(set: &RrSet) -> Option<Name> {
    set.members.first()?.rdata.target(Rtype::CNAME)
}

/// The addresses in records that are nothing else.
fn addresses<'r>(records: impl IntoIterator<Item = &'r Record>) -> Option<BTreeSet<IpAddr>> {
    records.into_iter().map(|record| record.rdata.as_address(record.rtype)).collect()
}

/// Whether all these are addresses of the company's own servers.
pub(super) fn is_proxy(zone: &FittedZone<'_>, there: &[&Record]) -> bool {
    proxy(zone, there).is_some()
}

fn proxy<'z>(zone: &'z FittedZone<'_>, there: &[&Record]) -> Option<&'z Proxy> {
    let addresses = addresses(there.iter().copied()).filter(|addresses| !addresses.is_empty())?;
    zone.registrar?.proxy.as_ref().filter(|proxy| addresses.iter().all(|address| proxy.has(*address)))
}

/// What `there`, in place of what is wanted, is by the company's own doing. `None` where nothing says that it is.
pub(super) fn told(
    run: &Run<'_>,
    zone: &FittedZone<'_>,
    (set, member): (&RrSet, Option<&Member>),
    there: &[&Record],
    targets: &Targets,
    gravity: Severity,
) -> Option<Finding> {
    let company = &zone.registrar?.name;
    let (name, rtype) = (words::plain(&set.name), set.rtype);
    let (is, should) = (words::values(there.iter().copied()), words::values(&set.records().collect::<Vec<_>>()));
    let in_dns = say!(en: "in DNS: {is}", ja: "DNS の値: {is}");
    let for_web = is_for_web(run, set, member);
    let with_addresses = rtype == Rtype::CNAME && (for_web || gets_mail(run, &set.name));
    if let Some((end, word)) = target(set).zip(alias(zone)).filter(|_| with_addresses) {
        let known = targets.get(&end).cloned().unwrap_or_default();
        if addresses(there.iter().copied()).is_some_and(|there| !there.is_empty() && there.is_subset(&known)) {
            let end = words::plain(&end);
            let title = say!(en: "{name} answers with the addresses of {end}, as {word} does", ja: "{name} は {end} のアドレスを返しています（{word} の動き）");
            return Some(
                Finding::advice("check-different", title)
                    .note(NoteKind::Note, in_dns)
                    .next(say!(en: "see in the panel of {company} that the row of {name} leads to {end}; an address that was typed there goes stale", ja: "{company}の画面で、{name} の行の値が {end} であることを見ます。アドレスが直接入っていると、変わったときに古くなります"; company = company)),
            );
        }
    }
    let proxy = proxy(zone, there)?;
    let title = say!(en: "{name} answers with addresses of {company}'s proxy", ja: "{name} は、{company}のプロキシのアドレスを返しています"; company = company);
    let spf = passes(run, &set.name).map(|(domain, term)| {
        let (domain, term) = (words::plain(&domain), excerpt(&term, 80));
        say!(en: "SPF of {domain} passes the proxy with `{term}`, and not the server behind it: mail from there fails", ja: "{domain} の SPF の `{term}` で合格するのはプロキシのアドレスです。その先のサーバーから出るメールは SPF に合格しません")
    });
    if let Some(harm) = spf.clone().filter(|_| for_web) {
        let own: Vec<String> = set
            .records()
            .filter_map(|record| record.rdata.as_address(rtype))
            .map(|ip| format!("{}:{ip}", if ip.is_ipv4() { "ip4" } else { "ip6" }))
            .collect();
        let next = match own.is_empty() {
            true => {
                say!(en: "put the addresses of the server that sends, ip4: and ip6:, into the SPF in its place", ja: "SPF には、代わりに送信するサーバーのアドレスを ip4: と ip6: で書きます")
            }
            false => {
                let own = own.join(" ");
                say!(en: "put the server's own address into the SPF in its place: {own}", ja: "SPF には、代わりにサーバー自身のアドレスを書きます: {own}")
            }
        };
        return Some(Finding::error("check-different", title).note(NoteKind::Note, in_dns).harm(harm).next(next));
    }
    if for_web {
        let title = say!(en: "{title}; what stands behind it only the panel shows", ja: "{title}（その先の値は、画面でしか確かめられません）"; title = title);
        return Some(
            Finding::advice("check-different", title)
                .note(NoteKind::Note, in_dns)
                .next(say!(en: "see in the panel of {company} that the row of {name} is {rtype} {should}", ja: "{company}の画面で、{name} の行が {rtype} {should} であることを見ます"; company = company)),
        );
    }
    let off: Option<Text> = proxy.off.as_ref().map(|off| {
        say!(en: "set the row of {name} to “{off}” in the panel of {company}", ja: "{company}の画面で、{name} の行を「{off}」にします"; company = company, off = off)
    });
    // Neither mail nor a key comes through it, whoever wants the record.
    let severity = if gets_mail(run, &set.name) || is_key_owner(&set.name) { Severity::Error } else { gravity };
    let finding = Finding::new("check-different", severity, title);
    let finding = spf.into_iter().fold(finding, Finding::harm);
    Some(
        finding
            .note(NoteKind::Note, in_dns)
            .note(NoteKind::Note, say!(en: "wanted: {should}", ja: "必要な値: {should}"))
            .harm(say!(en: "only web pages go through it: mail does not, and no key or proof is seen behind it", ja: "プロキシを通るのはウェブだけです。メールは届かず、その先の鍵や確認用の値も見えません"))
            .next(off.unwrap_or_else(|| say!(en: "let the row of {name} not go through the proxy in the panel of {company}", ja: "{company}の画面で、{name} の行がプロキシを通らないようにします"; company = company))),
    )
}

/// Whether a name is for web pages, as far as the site says: neither mail goes there nor does a vendor look at it.
fn is_for_web(run: &Run<'_>, set: &RrSet, member: Option<&Member>) -> bool {
    // The policy of MTA-STS is a web page.
    let by_intent = member.is_some_and(|member| {
        matches!(member.intent, Intent::ByHand | Intent::MtaSts | Intent::Template { purpose: Purpose::Web, .. })
    });
    let is_service = set.name.labels().any(|label| label.first() == Some(&b'_'));
    by_intent && !is_service && !gets_mail(run, &set.name)
}

/// Whether a name is that of a mail server of the site.
fn gets_mail(run: &Run<'_>, name: &Name) -> bool {
    mail_hosts(run).contains_key(name)
}

/// The mail servers of the site, each with a domain whose mail goes there.
pub(super) fn mail_hosts(run: &Run<'_>) -> BTreeMap<Name, Name> {
    let sets = run.built.fitted.zones().flat_map(|zone| &zone.composed.rrsets);
    let members = sets.flat_map(|set| set.members.iter().map(move |member| (set, member)));
    members.filter_map(|(set, member)| Some((member.rdata.as_mx()?.1, set.name.clone()))).collect()
}

/// The SPF record of the site whose `a` or `mx` passes the addresses of a name, and the term.
fn passes(run: &Run<'_>, host: &Name) -> Option<(Name, String)> {
    let zones = || run.built.fitted.zones();
    let is_mx = |domain: &Name| {
        let set = zones().find_map(|zone| zone.composed.rrset(domain, Rtype::MX));
        set.is_some_and(|set| set.members.iter().any(|m| m.rdata.as_mx().is_some_and(|(_, mx)| mx == *host)))
    };
    for set in zones().flat_map(|zone| &zone.composed.rrsets) {
        for member in set.members.iter().filter(|member| matches!(member.intent, Intent::Spf { .. })) {
            let record = spf::Record::parse(&member.rdata.txt_joined());
            let found = record.live_mechanisms().filter(|term| term.qualifier == Qualifier::Pass).find(|term| {
                let at = match term.kind.domain_spec() {
                    Some(spec) => Name::parse_absolute(spec.as_str()).ok().filter(|_| !spec.has_macros()),
                    None => Some(set.name.clone()),
                };
                match term.kind {
                    TermKind::A { .. } => at.is_some_and(|at| at == *host),
                    TermKind::Mx { .. } => at.is_some_and(|at| is_mx(&at)),
                    _ => false,
                }
            });
            if let Some(term) = found {
                return Some((set.name.clone(), term.raw.clone()));
            }
        }
    }
    None
}
