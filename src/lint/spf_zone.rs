//! SPF beside the other records of the zone: what is missing, doubled, counted over includes, or authorises the wrong company. Asks no DNS.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::net::IpAddr;

use crate::compose::{Declared, DeclaredSender, Envelope};
use crate::mail::spf::{
    DualPrefix, MAX_LOOKUPS, Network, Qualifier, Record, Term, TermKind, is_spf, looks_like_spf, lookup_terms,
};
use crate::report::{Finding, NoteKind, Severity, Text};
use crate::say;
use crate::zone::{Name, Rtype};

use super::hosts::{Existing, counted, source_text};
use super::policy::mails;
use super::spf::{Spf, is_part, keep_few, plain, records, target};
use super::{Findings, Rule, Seen, View};

/// The rules of this file.
pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "spf-missing",
        en: "A domain that sends has an SPF record",
        ja: "送信に使うドメインには SPF があります",
        source: "RFC 7208 §4.5; Gmail and Yahoo require it of all senders",
        check: |view, found| missing(view, false, found),
    },
    Rule {
        id: "spf-subdomain-not-inherited",
        en: "A subdomain that sends has its own SPF record",
        ja: "送信に使うサブドメインには、そのサブドメインの SPF があります",
        source: "RFC 7208 §2.4, §4.4",
        check: |view, found| missing(view, true, found),
    },
    Rule {
        id: "spf-multiple-records",
        en: "A name has one SPF record",
        ja: "1つの名前に SPF は1つです",
        source: "RFC 7208 §3.2, §4.5",
        check: multiple_records,
    },
    Rule {
        id: "spf-too-many-lookups",
        en: "SPF asks DNS at most 10 times",
        ja: "SPF の DNS 照会は 10 回までです",
        source: "RFC 7208 §4.6.4",
        check: too_many_lookups,
    },
    Rule {
        id: "spf-include-loop",
        en: "No include or redirect leads back to where it began",
        ja: "include や redirect が元の名前に戻りません",
        source: "RFC 7208 §4.6.4",
        check: include_loop,
    },
    Rule {
        id: "spf-a-mx-wasted",
        en: "`a` and `mx` authorise only hosts that send",
        ja: "`a` と `mx` が許可するのは、送信するサーバーだけです",
        source: "RFC 7208 §4.6.4, §5.3, §5.4; RFC 9989 §7.1",
        check: a_mx_wasted,
    },
    Rule {
        id: "spf-obsolete-form",
        en: "SPF is a TXT with `v=spf1`, nothing older",
        ja: "SPF は `v=spf1` の TXT だけです。古い形式は使いません",
        source: "RFC 7208 §3.1",
        check: obsolete_form,
    },
    Rule {
        id: "spf-helo-missing",
        en: "The HELO name of your own mail server has SPF",
        ja: "自前のメールサーバーの HELO 名に SPF があります",
        source: "RFC 7208 §2.3, §2.4",
        check: helo_missing,
    },
];

/// Whether a name has SPF, as far as the zone shows it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum HasSpf {
    Yes,
    No,
    /// Outside the zone, delegated, an alias, a wildcard's, or reported by another rule.
    Untold,
}

fn has_spf(view: &View<'_>, name: &Name) -> HasSpf {
    let Some(told) = own_spf(view, name) else { return HasSpf::Untold };
    if told || view.has_name(name) {
        return if told { HasSpf::Yes } else { HasSpf::No };
    }
    // A name without records may be answered by a wildcard.
    let mut above = name.parent();
    while let Some(parent) = above.filter(|parent| parent.is_subdomain_of(view.origin)) {
        if parent.child("*").is_ok_and(|wildcard| view.has_name(&wildcard)) {
            return HasSpf::Untold;
        }
        above = parent.parent();
    }
    HasSpf::No
}

/// Whether SPF stands at the name itself; none where the zone cannot tell.
fn own_spf(view: &View<'_>, name: &Name) -> Option<bool> {
    let aliased = |seen: &Seen| seen.record.name != *view.origin && name.is_subdomain_of(&seen.record.name);
    if !Existing::of(view).is_here(name) || view.of_type(Rtype::DNAME).any(aliased) {
        return None;
    }
    if view.of(name, Rtype::TXT).filter_map(Seen::txt).any(is_spf) {
        return Some(true);
    }
    let alias = view.of(name, Rtype::CNAME).next().is_some();
    (!alias && !view.of(name, Rtype::TXT).filter_map(Seen::txt).any(looks_like_spf)).then_some(false)
}

/// `spf-missing`, or for names below one that has SPF, `spf-subdomain-not-inherited`.
fn missing(view: &View<'_>, below: bool, found: &mut Findings) {
    let Some(declared) = view.declared else {
        if !below {
            missing_without_site(view, found);
        }
        return;
    };
    if declared.no_mail {
        return;
    }
    // Each name once, in the order of the senders.
    let mut names: Vec<(Name, Vec<&DeclaredSender>, bool)> = Vec::new();
    let mut place: HashMap<Name, usize> = HashMap::new();
    let mut need = |name: &Name, sender, bounce: bool| {
        let at = *place.entry(name.clone()).or_insert(names.len());
        match names.get_mut(at) {
            Some((_, senders, _)) => senders.push(sender),
            None => names.push((name.clone(), vec![sender], bounce)),
        }
    };
    for sender in declared.senders.iter().filter(|sender| mails(sender)) {
        match &sender.envelope {
            Envelope::From => need(&sender.from, sender, false),
            Envelope::Host(host) => need(host, sender, true),
            Envelope::Vendor | Envelope::Unknown => {}
        }
        // That docomo looks at the From domain, whatever the envelope says, has a rule of its own.
    }
    for (name, mut senders, bounce) in names {
        senders.dedup_by_key(|sender| sender.party);
        if has_spf(view, &name) != HasSpf::No {
            continue;
        }
        let upper = upper_with_spf(view, &name);
        if upper.is_some() == below {
            found.push(missing_at(view, declared, &name, &senders, bounce, upper.as_ref()));
        }
    }
}

/// The nearest name above that has SPF.
fn upper_with_spf(view: &View<'_>, name: &Name) -> Option<Name> {
    let mut above = name.parent();
    while let Some(parent) = above.filter(|parent| parent.is_subdomain_of(view.origin)) {
        if own_spf(view, &parent) == Some(true) {
            return Some(parent);
        }
        above = parent.parent();
    }
    None
}

fn missing_at(
    view: &View<'_>,
    declared: &Declared,
    name: &Name,
    senders: &[&DeclaredSender],
    bounce: bool,
    upper: Option<&Name>,
) -> Finding {
    let shown = name.display_without_dot().to_string();
    let companies = companies_of(view, senders.iter().map(|sender| sender.party));
    let what = if bounce {
        say!(en: "the bounce address of {companies} is at {shown}", ja: "{companies} のエラーメールの宛先は {shown} です"; companies = companies)
    } else {
        say!(en: "{companies} sends as {shown}", ja: "{companies} は {shown} から送信します"; companies = companies)
    };
    let (id, title) = match upper {
        None => (
            "spf-missing",
            say!(en: "{shown} has no SPF: {what}", ja: "{shown} に SPF がありません。{what}"; what = what),
        ),
        Some(upper) => {
            let upper = upper.display_without_dot().to_string();
            (
                "spf-subdomain-not-inherited",
                say!(
                    en: "{shown} has no SPF of its own, and that of {upper} does not count there: {what}",
                    ja: "{shown} に SPF がありません（{upper} の SPF は使われません）。{what}"; what = what
                ),
            )
        }
    };
    let mut finding = Finding::error(id, plain(&title)).about(&shown, "TXT");
    for sender in senders {
        let party = view.parties.get(sender.party);
        let company = party.map(|party| party.name.clone()).unwrap_or_default();
        finding = finding.at_opt(party.and_then(|party| party.span), company);
    }
    if finding.labels.is_empty() {
        finding = finding.at_opt(declared.domain_span, Text::default());
    }
    finding
        .harm(say!(
            en: "SPF does not pass: Gmail and Yahoo refuse such mail or mark it as spam unless DKIM is right",
            ja: "SPF に合格しません。DKIM も合格しなければ、Gmail や Yahoo に断られるか迷惑メールになります"
        ))
        .next(say!(
            en: "add one TXT at {shown}: `v=spf1`, the terms that the sender gives, `~all`",
            ja: "{shown} に TXT を1つ追加します。`v=spf1`、送信サービスの指定する項目、`~all` の順に書きます"
        ))
}

/// An apex that receives mail very likely sends it, too.
fn missing_without_site(view: &View<'_>, found: &mut Findings) {
    let receives =
        view.of(view.origin, Rtype::MX).find(|seen| seen.record.rdata.as_mx().is_some_and(|(_, host)| !host.is_root()));
    let Some(seen) = receives.filter(|_| has_spf(view, view.origin) == HasSpf::No) else { return };
    let shown = view.origin.display_without_dot().to_string();
    let title =
        say!(en: "{shown} receives mail, but has no SPF", ja: "{shown} はメールを受信しますが、SPF がありません");
    let finding = view
        .finding("spf-missing", Severity::Warning, seen, title)
        .harm(say!(
            en: "if it sends, Gmail and Yahoo refuse the mail or mark it as spam",
            ja: "このドメインから送信していれば、Gmail や Yahoo に断られるか迷惑メールになります"
        ))
        .next(say!(
            en: "add one TXT at {shown} that lists who sends; `v=spf1 -all` if nobody does",
            ja: "{shown} に送信元を並べた TXT を1つ追加します。送信しないなら `v=spf1 -all` です"
        ));
    found.push(finding);
}

/// Names of companies, once each, in order.
fn companies_of(view: &View<'_>, parties: impl Iterator<Item = usize>) -> Text {
    let mut seen = HashSet::new();
    let names: Vec<&Text> = parties
        .filter(|party| seen.insert(*party))
        .filter_map(|party| view.parties.get(party))
        .map(|party| &party.name)
        .collect();
    let join = |pick: fn(&Text) -> &String, with: &str| {
        names.iter().map(|name| pick(name).as_str()).collect::<Vec<_>>().join(with)
    };
    if names.is_empty() {
        return say!(en: "a sender", ja: "送信サービス");
    }
    Text { en: join(|name| &name.en, ", "), ja: join(|name| &name.ja, "、") }
}

fn multiple_records(view: &View<'_>, found: &mut Findings) {
    let mut by_name: HashMap<&Name, Vec<&Seen>> = HashMap::new();
    let mut order = Vec::new();
    for seen in records(view).map(|spf| spf.seen) {
        let list = by_name.entry(&seen.record.name).or_default();
        if list.is_empty() {
            order.push(&seen.record.name);
        }
        list.push(seen);
    }
    for name in order {
        let Some([first, rest @ ..]) = by_name.get(name).map(Vec::as_slice) else { continue };
        if rest.is_empty() {
            continue;
        }
        let (shown, count) = (name.display_without_dot().to_string(), rest.len() + 1);
        let title = say!(en: "{count} SPF records at {shown}", ja: "{shown} に SPF が {count} つあります");
        let mut finding = view.finding("spf-multiple-records", Severity::Error, first, title);
        for seen in rest.iter().take(8) {
            let company = view.company(seen).unwrap_or_default();
            finding = finding.at_opt(seen.span(), company);
        }
        found.push(
            finding
                .harm(say!(
                    en: "with two records SPF is an error (permerror) for every message",
                    ja: "2つあると SPF 全体が無効（permerror）になり、すべてのメールに影響します"
                ))
                .next(say!(
                    en: "merge them into one: one `v=spf1`, the terms of all, one `~all`",
                    ja: "1つにまとめます。`v=spf1` と `~all` は1つだけ、あいだに全部の項目を並べます"
                )),
        );
    }
}

/// The SPF records of the zone and which of them leads to which. Names with two records are void and left out.
struct Graph<'v> {
    nodes: Vec<Spf<'v>>,
    /// For each node its `include:`s and its `redirect=`: the term's place, and the node it leads to if that is in the zone.
    edges: Vec<Vec<(usize, Option<usize>)>>,
}

impl<'v> Graph<'v> {
    fn new(view: &'v View<'_>) -> Self {
        let mut nodes: Vec<Spf<'v>> = Vec::new();
        let mut place: HashMap<&Name, Option<usize>> = HashMap::new();
        for spf in records(view) {
            let at = nodes.len();
            place.entry(&spf.seen.record.name).and_modify(|place| *place = None).or_insert(Some(at));
            nodes.push(spf);
        }
        let edge = |record: &Record, index: usize, term: &Term| {
            let leads = match &term.kind {
                TermKind::Include(_) => record.all().is_none_or(|all| term.span.start < all.span.start),
                TermKind::Redirect(_) => record.all().is_none(),
                _ => false,
            };
            leads.then(|| (index, target(term).and_then(|name| place.get(&name).copied().flatten())))
        };
        let edges = nodes
            .iter()
            .map(|spf| {
                let terms = spf.record.terms().iter().enumerate();
                terms.filter_map(|(index, term)| edge(spf.record, index, term)).collect()
            })
            .collect();
        Self { nodes, edges }
    }

    /// Look-ups of a record and of all it leads to in the zone, and how many of its includes lie outside.
    /// The work is bounded: nobody needs to know how far beyond [`COUNTED`] records it goes.
    fn lookups(&self, root: usize) -> (usize, usize) {
        let (mut count, mut outside, mut visited) = (0, 0, 0);
        // A node, and how many nodes are on the path above it.
        let mut open = vec![(root, 0)];
        let mut path: Vec<usize> = Vec::new();
        while let Some((at, depth)) = open.pop() {
            path.truncate(depth);
            visited += 1;
            if visited > COUNTED || path.contains(&at) {
                continue;
            }
            path.push(at);
            count += self.nodes.get(at).map_or(0, |spf| lookup_terms(spf.record));
            for (_, to) in self.edges.get(at).into_iter().flatten().take(COUNTED) {
                match to {
                    Some(to) => open.push((*to, depth + 1)),
                    None => outside += 1,
                }
            }
        }
        (count, outside)
    }
}

/// Records visited when counting one record's look-ups.
const COUNTED: usize = 100;

fn too_many_lookups(view: &View<'_>, found: &mut Findings) {
    let graph = Graph::new(view);
    for (at, spf) in graph.nodes.iter().enumerate() {
        let own = lookup_terms(spf.record);
        let (count, outside) = graph.lookups(at);
        // A part is counted where it is included.
        if count + 1 < MAX_LOOKUPS || (is_part(&spf.seen.record.name) && own <= MAX_LOOKUPS) {
            continue;
        }
        let name = &spf.domain;
        let severity = if count > MAX_LOOKUPS { Severity::Error } else { Severity::Warning };
        let title = say!(
            en: "{count} DNS look-ups: SPF of {name}, of {MAX_LOOKUPS} allowed",
            ja: "{name} の SPF は DNS を {count} 回照会します（上限 {MAX_LOOKUPS} 回）"
        );
        let mut finding = view.finding("spf-too-many-lookups", severity, spf.seen, title);
        finding = match severity {
            Severity::Error => finding.harm(say!(
                en: "over {MAX_LOOKUPS}, SPF is an error (permerror) for mail that no earlier term passes",
                ja: "{MAX_LOOKUPS} 回を超えると、それより前の項目で合格しなかったメールの SPF がすべて無効（permerror）になります"
            )),
            _ => finding.harm(say!(
                en: "one more look-up at a provider, and SPF fails without any change here",
                ja: "送信サービス側で照会が増えると、こちらは何も変えていないのに SPF が無効になります"
            )),
        };
        if outside > 0 {
            finding = finding.note(
                NoteKind::Note,
                say!(
                    en: "not checked: the inside of {includes}, which comes on top",
                    ja: "include {outside} 件の中は未照会です。その回数がさらに加わります",
                    includes = counted(outside, "include", "includes")
                ),
            );
        }
        if count > own {
            finding = finding.note(
                NoteKind::Note,
                say!(en: "in this record itself: {own} of them", ja: "そのうち、この行にあるのは {own} 回です"),
            );
        }
        found.push(finding.next(say!(
            en: "remove includes that are not used, write `ip4:` for `a` and `mx`, or let a sender use a subdomain",
            ja: "使っていない include を消す、`a` や `mx` を `ip4:` に替える、送信元をサブドメインに分ける、のどれかで減らします"
        )));
    }
}

fn include_loop(view: &View<'_>, found: &mut Findings) {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
    }
    let graph = Graph::new(view);
    let mut states = vec![State::New; graph.nodes.len()];
    for root in 0..graph.nodes.len() {
        if states.get(root) != Some(&State::New) {
            continue;
        }
        // The path, each with its next edge and the findings about it.
        let mut path: Vec<(usize, usize, Vec<Finding>)> = vec![(root, 0, Vec::new())];
        if let Some(state) = states.get_mut(root) {
            *state = State::Open;
        }
        while let Some((at, next, some)) = path.last_mut() {
            let at = *at;
            let Some(&(index, to)) = graph.edges.get(at).and_then(|edges| edges.get(*next)) else {
                keep_few(std::mem::take(some), found);
                if let Some(state) = states.get_mut(at) {
                    *state = State::Done;
                }
                path.pop();
                continue;
            };
            *next += 1;
            let Some(to) = to else { continue };
            match states.get(to) {
                Some(State::New) => {
                    if let Some(state) = states.get_mut(to) {
                        *state = State::Open;
                    }
                    path.push((to, 0, Vec::new()));
                }
                Some(State::Open) => {
                    let from = path.iter().position(|(node, ..)| *node == to).unwrap_or_default();
                    let steps: Vec<usize> = path.iter().skip(from).map(|(node, ..)| *node).take(6).collect();
                    let finding = loop_at(view, &graph, at, index, to, &steps);
                    if let (Some(finding), Some((.., some))) = (finding, path.last_mut()) {
                        some.push(finding);
                    }
                }
                _ => {}
            }
        }
    }
}

fn loop_at(view: &View<'_>, graph: &Graph<'_>, at: usize, index: usize, to: usize, steps: &[usize]) -> Option<Finding> {
    let (spf, end) = (graph.nodes.get(at)?, graph.nodes.get(to)?);
    let term = spf.record.terms().get(index)?;
    let mut way: Vec<&str> = steps.iter().filter_map(|node| graph.nodes.get(*node)).map(|spf| spf.domain).collect();
    // At most six names are shown.
    if steps.last() != Some(&at) {
        way.push("…");
    }
    way.push(end.domain);
    let way = way.join(" → ");
    let (name, raw) = (&spf.domain, &term.raw);
    let title = say!(
        en: "SPF of {name}: `{raw}` leads back to where it began ({way})",
        ja: "{name} の SPF: `{raw}` は元に戻ります（{way}）"
    );
    Some(
        spf.finding(view, "spf-include-loop", Severity::Error, term.span.clone(), &title)
            .harm(say!(
                en: "receivers stop after {MAX_LOOKUPS} look-ups, and SPF is an error (permerror)",
                ja: "受信側は照会 {MAX_LOOKUPS} 回で打ち切り、SPF は無効（permerror）になります"
            ))
            .next(plain(&say!(
                en: "remove `{raw}` from the record of {name}",
                ja: "{name} のレコードから `{raw}` を消します"
            ))),
    )
}

/// An address, or a host outside the zone, that a term authorises.
#[derive(Clone)]
struct Host {
    shown: String,
    address: Option<IpAddr>,
    /// The companies it belongs to; without the site itself.
    parties: BTreeSet<usize>,
}

/// Hosts of one term, and such terms of one record, that are looked at.
const HOSTS: usize = 50;

/// Companies that want a record; the site itself is none.
fn parties_of(seen: &Seen) -> BTreeSet<usize> {
    seen.origins.iter().map(|origin| origin.party).filter(|party| *party != 0).collect()
}

/// The addresses of a name. None where the zone does not hold them all.
fn addresses(view: &View<'_>, name: &Name) -> Option<Vec<Host>> {
    let mut at = name.clone();
    // A chain of aliases longer than this is a fault that another rule reports.
    for _ in 0..8 {
        if !at.is_subdomain_of(view.origin) {
            return None;
        }
        let Some(alias) = view.of(&at, Rtype::CNAME).find_map(|seen| seen.record.target()) else {
            let hosts: Vec<Host> = view
                .at(&at)
                .filter_map(|seen| {
                    let address = seen.record.rdata.as_address(seen.record.rtype)?;
                    Some(Host { shown: address.to_string(), address: Some(address), parties: parties_of(seen) })
                })
                .take(HOSTS)
                .collect();
            return (!hosts.is_empty()).then_some(hosts);
        };
        at = alias;
    }
    None
}

/// What a passing `a` or `mx` authorises. None for other terms, and where the zone does not tell.
fn hosts_of(view: &View<'_>, domain: &Name, term: &Term) -> Option<(Vec<Host>, DualPrefix)> {
    let spec_is_macro = term.kind.domain_spec().is_some_and(|spec| spec.has_macros());
    if term.qualifier != Qualifier::Pass || spec_is_macro {
        return None;
    }
    let name = || match term.kind.domain_spec() {
        Some(_) => target(term),
        None => Some(domain.clone()),
    };
    match &term.kind {
        TermKind::A { prefix, .. } => Some((addresses(view, &name()?)?, *prefix)),
        TermKind::Mx { prefix, .. } => {
            let mut hosts = Vec::new();
            for seen in view.of(&name()?, Rtype::MX) {
                if hosts.len() >= HOSTS {
                    break;
                }
                let (_, host) = seen.record.rdata.as_mx()?;
                match addresses(view, &host) {
                    Some(more) => hosts.extend(more),
                    None => hosts.push(Host {
                        shown: host.to_lowercase().display_without_dot().to_string(),
                        address: None,
                        parties: parties_of(seen),
                    }),
                }
            }
            (!hosts.is_empty()).then_some((hosts, *prefix))
        }
        _ => None,
    }
}

/// The range around an address.
fn network(address: IpAddr, prefix: DualPrefix) -> Network {
    let bits = if address.is_ipv4() { prefix.v4.unwrap_or(32) } else { prefix.v6.unwrap_or(128) };
    Network::new(address, bits)
}

/// Hosts that only take mail in for their customers; what they send leaves elsewhere. With the source of each.
const INBOUND: &[(&str, &str, &str)] = &[
    ("smtp.google.com", "Google Workspace", "Domain Connect template google.com.gmail-setup"),
    (".aspmx.l.google.com", "Google Workspace", "Domain Connect template google.com.gmail-setup"),
    ("aspmx.l.google.com", "Google Workspace", "Domain Connect template google.com.gmail-setup"),
    (".mail.protection.outlook.com", "Microsoft 365", "Domain Connect template microsoft.com.o365"),
    (".mx.microsoft", "Microsoft 365", "a public repository, 2026-11-24"),
    (
        "-aspmx1.worksmobile.com",
        "LINE WORKS",
        "https://guide.worksmobile.com/jp/en/admin/admin-guide/manage-service/mail/mail-advanced-settings/",
    ),
    (
        "-aspmx2.worksmobile.com",
        "LINE WORKS",
        "https://guide.worksmobile.com/jp/en/admin/admin-guide/manage-service/mail/mail-advanced-settings/",
    ),
    ("mx.zoho.jp", "Zoho Mail", "a public repository, 2026-11-24"),
    ("mx2.zoho.jp", "Zoho Mail", "a public repository, 2026-11-24"),
    ("mx3.zoho.jp", "Zoho Mail", "a public repository, 2026-11-24"),
    ("mx.zoho.com", "Zoho Mail", "Domain Connect template zoho.com.zmail_hosting"),
    ("mx2.zoho.com", "Zoho Mail", "Domain Connect template zoho.com.zmail_hosting"),
    ("mx3.zoho.com", "Zoho Mail", "Domain Connect template zoho.com.zmail_hosting"),
    (".mail.icloud.com", "iCloud+", "Domain Connect template icloud.com.custom_email_domain"),
];

/// The company of a host that only takes mail in, and the source.
fn inbound(host: &Host) -> Option<(&'static str, &'static str)> {
    let suffix = |suffix: &str| match suffix.strip_prefix(['.', '-']) {
        Some(_) => host.shown.ends_with(suffix),
        None => host.shown == suffix,
    };
    INBOUND
        .iter()
        .find(|(name, ..)| host.address.is_none() && suffix(name))
        .map(|(_, company, source)| (*company, *source))
}

fn a_mx_wasted(view: &View<'_>, found: &mut Findings) {
    for spf in records(view) {
        let domain = &spf.seen.record.name;
        let live: Vec<&Term> = spf.record.live_mechanisms().collect();
        let mut known = HashSet::new();
        // Each `a` and `mx` once; what is said twice is another rule's.
        let terms: Vec<(&Term, Vec<Host>, DualPrefix)> = live
            .iter()
            .filter(|term| matches!(term.kind, TermKind::A { .. } | TermKind::Mx { .. }))
            .filter(|term| known.insert(term.normal(spf.domain)))
            .take(HOSTS)
            .filter_map(|term| hosts_of(view, domain, term).map(|(hosts, prefix)| (*term, hosts, prefix)))
            .collect();
        let ranges: Vec<Network> = live
            .iter()
            .filter(|term| term.qualifier == Qualifier::Pass)
            .filter_map(|term| term.kind.network())
            .collect();
        let plain_order = live.iter().all(|term| term.qualifier == Qualifier::Pass || term.kind == TermKind::All);
        // How many of the terms authorise an address, so that what only one of them does can be told.
        let mut counted: HashMap<IpAddr, usize> = HashMap::new();
        for (_, hosts, _) in &terms {
            let addresses: HashSet<IpAddr> = hosts.iter().filter_map(|host| host.address).collect();
            for address in addresses {
                *counted.entry(address).or_default() += 1;
            }
        }
        // A record can hold thousands of ranges and hosts; beyond this only the companies are looked at.
        let few = ranges.len() * terms.iter().map(|(_, hosts, _)| hosts.len()).sum::<usize>() <= 100_000;
        let in_ranges = |host: &Host, prefix: DualPrefix| {
            few && host
                .address
                .is_some_and(|address| ranges.iter().any(|range| range.contains(&network(address, prefix))))
        };
        let mut some = Vec::new();
        for (term, hosts, prefix) in &terms {
            let elsewhere = |host: &Host| {
                in_ranges(host, *prefix)
                    || host.address.is_some_and(|address| counted.get(&address).is_some_and(|n| *n > 1))
            };
            let all_inbound =
                hosts.iter().map(inbound).collect::<Option<Vec<_>>>().and_then(|all| all.first().copied());
            let finding = if let Some((foreign, others)) = foreign(&spf, term, hosts, &elsewhere) {
                Some(of_other_company(view, &spf, term, &foreign, &others, &elsewhere))
            } else if let Some((company, source)) = all_inbound.filter(|_| !owned(&spf, term, hosts)) {
                Some(of_inbound(view, &spf, term, company, source))
            } else if let Some(party) = idle(view, hosts) {
                Some(of_idle(view, &spf, term, party))
            } else if plain_order && hosts.iter().all(|host| in_ranges(host, *prefix)) {
                Some(of_ranges(view, &spf, term))
            } else {
                None
            };
            some.extend(finding);
        }
        keep_few(some, found);
    }
}

/// The companies that want a term; without the site itself.
fn owners(spf: &Spf<'_>, term: &Term) -> BTreeSet<usize> {
    spf.origins_of(&term.raw).iter().map(|origin| origin.party).filter(|party| *party != 0).collect()
}

/// Whether the company that wants the term is the one whose hosts these are.
fn owned(spf: &Spf<'_>, term: &Term, hosts: &[Host]) -> bool {
    let owners = owners(spf, term);
    hosts.iter().any(|host| !host.parties.is_disjoint(&owners))
}

/// The hosts of another company than the one that wants the term, and the rest. Where nobody is known to want it and the hosts belong to
/// several companies: those that no other term authorises.
fn foreign(
    spf: &Spf<'_>,
    term: &Term,
    hosts: &[Host],
    elsewhere: &dyn Fn(&Host) -> bool,
) -> Option<(Vec<Host>, Vec<Host>)> {
    let owners = owners(spf, term);
    let is_foreign = |host: &Host| {
        !host.parties.is_empty() && if owners.is_empty() { !elsewhere(host) } else { host.parties.is_disjoint(&owners) }
    };
    let companies: BTreeSet<usize> = hosts.iter().flat_map(|host| host.parties.iter().copied()).collect();
    if owners.is_empty() && companies.len() < 2 {
        return None;
    }
    let (foreign, others): (Vec<Host>, Vec<Host>) = hosts.iter().cloned().partition(is_foreign);
    (!foreign.is_empty()).then_some((foreign, others))
}

/// Hosts with their companies: `203.0.113.20（MakeShop）`.
fn listed(view: &View<'_>, hosts: &[Host]) -> Text {
    const SHOWN: usize = 3;
    let one = |host: &Host| {
        let address = &host.shown;
        if host.parties.is_empty() {
            return Text::same(address);
        }
        let companies = companies_of(view, host.parties.iter().copied());
        say!(en: "{address} ({companies})", ja: "{address}（{companies}）"; companies = companies)
    };
    let shown: Vec<Text> = hosts.iter().take(SHOWN).map(one).collect();
    let en = shown.iter().map(|text| text.en.as_str()).collect::<Vec<_>>().join(", ");
    let ja = shown.iter().map(|text| text.ja.as_str()).collect::<Vec<_>>().join("、");
    match hosts.len().saturating_sub(SHOWN) {
        0 => Text { en, ja },
        more => Text { en: format!("{en} and {more} more"), ja: format!("{ja} ほか {more} 件") },
    }
}

/// What the record becomes without a term: bytes, then look-ups.
fn saving(spf: &Spf<'_>, term: &Term) -> Text {
    let (before, gone) = (spf.record.text().len(), term.raw.len() + 1);
    let (after, lookups) = (before.saturating_sub(gone), lookup_terms(spf.record));
    let fewer = lookups.saturating_sub(1);
    say!(
        en: "without it the record is {gone} bytes shorter ({before} → {after}) and asks DNS once less ({lookups} → {fewer})",
        ja: "消すと {gone} バイト短くなり（{before} → {after}）、DNS の照会も1回減ります（{lookups} → {fewer}）"
    )
}

const WASTED: &str = "spf-a-mx-wasted";

fn of_other_company(
    view: &View<'_>,
    spf: &Spf<'_>,
    term: &Term,
    foreign: &[Host],
    others: &[Host],
    elsewhere: &dyn Fn(&Host) -> bool,
) -> Finding {
    let (name, raw) = (&spf.domain, &term.raw);
    let hosts = listed(view, foreign);
    let unnamed: Vec<Host> = foreign.iter().map(|host| Host { parties: BTreeSet::new(), ..host.clone() }).collect();
    let addresses = listed(view, &unnamed);
    let company = companies_of(view, foreign.iter().flat_map(|host| host.parties.iter().copied()));
    let title = say!(
        en: "SPF of {name}: `{raw}` also lets {hosts} send",
        ja: "{name} の SPF: `{raw}` は {hosts}からの送信も許可しています"; hosts = hosts
    );
    let mut finding = spf
        .finding(view, WASTED, Severity::Warning, term.span.clone(), &title)
        .harm(say!(
            en: "whoever can send from that server of {company}, its other customers too, passes SPF as {name}",
            ja: "{company} のそのサーバーから出るメールは、ほかの利用者のものでも {name} として SPF に合格します"; company = company
        ))
        .note(NoteKind::Note, saving(spf, term));
    let lost: Vec<Host> = others.iter().filter(|host| !elsewhere(host)).cloned().collect();
    if !lost.is_empty() {
        let lost = listed(view, &lost);
        finding = finding.note(
            NoteKind::Note,
            say!(
                en: "no other `a`, `mx` or `ip4` of the record passes {lost}: see that its mail still passes",
                ja: "{lost}を許可する `a`・`mx`・`ip4` はほかにありません。消したあとも合格するか確かめてください"; lost = lost
            ),
        );
    }
    finding
        .next(plain(&say!(
            en: "ask {company} whether it sends mail of {name} from {addresses}",
            ja: "{addresses} から {name} のメールを送るか、{company} に聞きます"; company = company, addresses = addresses
        )))
        .next(plain(&say!(en: "if not, remove `{raw}`", ja: "送らないなら `{raw}` を消します")))
}

fn of_inbound(view: &View<'_>, spf: &Spf<'_>, term: &Term, company: &str, source: &str) -> Finding {
    let (name, raw) = (&spf.domain, &term.raw);
    let title = say!(
        en: "SPF of {name}: `{raw}` names only hosts of {company} that receive",
        ja: "{name} の SPF: `{raw}` が指すのは {company} の受信用サーバーだけです"
    );
    let finding = spf
        .finding(view, WASTED, Severity::Advice, term.span.clone(), &title)
        .harm(say!(en: "it authorises nobody who sends, and costs a look-up", ja: "送信するサーバーはひとつも許可されず、照会だけが増えます"))
        .note(NoteKind::Note, saving(spf, term))
        .source(source_text(source))
        .next(plain(&say!(en: "remove `{raw}`", ja: "`{raw}` を消します")));
    spf.with_fix(view, finding, term.span.clone(), "")
}

/// The one company that all hosts belong to, if it is declared and does not send.
fn idle(view: &View<'_>, hosts: &[Host]) -> Option<usize> {
    let companies: BTreeSet<usize> = hosts.iter().flat_map(|host| host.parties.iter().copied()).collect();
    let party = *companies.first().filter(|_| companies.len() == 1)?;
    let mut senders = view.declared?.senders.iter().filter(|sender| sender.party == party).peekable();
    (senders.peek().is_some() && senders.all(|sender| !sender.sends)).then_some(party)
}

fn of_idle(view: &View<'_>, spf: &Spf<'_>, term: &Term, party: usize) -> Finding {
    let (name, raw) = (&spf.domain, &term.raw);
    let company = companies_of(view, std::iter::once(party));
    let title = say!(
        en: "SPF of {name}: `{raw}` names only hosts of {company}, which does not send",
        ja: "{name} の SPF: `{raw}` が指すのは、送信しない {company} のサーバーだけです"; company = company
    );
    spf.finding(view, WASTED, Severity::Advice, term.span.clone(), &title)
        .harm(say!(
            en: "strangers on that server pass SPF as {name}",
            ja: "同じサーバーを使う他人が {name} として SPF に合格します"
        ))
        .note(NoteKind::Note, saving(spf, term))
        .next(plain(&say!(
            en: "remove `{raw}`, if really no mail leaves there (forms, notices)",
            ja: "そこからメール（フォームや通知）を送らないことを確かめ、`{raw}` を消します"
        )))
}

fn of_ranges(view: &View<'_>, spf: &Spf<'_>, term: &Term) -> Finding {
    let (name, raw) = (&spf.domain, &term.raw);
    let title = say!(
        en: "SPF of {name}: `ip4:` or `ip6:` of the record already passes all that `{raw}` does",
        ja: "{name} の SPF: `{raw}` の許可するアドレスは、`ip4:` か `ip6:` ですでに許可されています"
    );
    let finding = spf
        .finding(view, WASTED, Severity::Advice, term.span.clone(), &title)
        .harm(say!(en: "it changes nothing and costs a look-up", ja: "結果は変わらず、照会だけが増えます"))
        .note(NoteKind::Note, saving(spf, term))
        .next(plain(&say!(en: "remove `{raw}`", ja: "`{raw}` を消します")));
    spf.with_fix(view, finding, term.span.clone(), "")
}

fn obsolete_form(view: &View<'_>, found: &mut Findings) {
    let is_sender_id = |text: &[u8]| text.get(..6).is_some_and(|head| head.eq_ignore_ascii_case(b"spf2.0"));
    let sender_id = view.of_type(Rtype::TXT).filter(|seen| seen.txt().is_some_and(is_sender_id));
    for seen in view.of_type(Rtype::SPF).chain(sender_id) {
        let name = seen.record.name.display_without_dot().to_string();
        let title = match seen.record.rtype {
            Rtype::SPF => say!(en: "{name} has a record of type SPF", ja: "{name} に SPF タイプのレコードがあります"),
            _ => say!(en: "{name} has Sender ID (`spf2.0`)", ja: "{name} に Sender ID（`spf2.0`）のレコードがあります"),
        };
        let finding = view
            .finding("spf-obsolete-form", Severity::Advice, seen, title)
            .harm(say!(en: "no receiver reads it; it only misleads people", ja: "読む受信側はもうなく、人が混乱するだけです"))
            .next(say!(
                en: "delete it; keep the TXT that begins with `v=spf1`",
                ja: "このレコードを消します。`v=spf1` で始まる TXT は残します"
            ));
        found.push(finding);
    }
}

/// Speaks only where the site runs its own server: an MX host of the zone whose address no company of the site wants, which SPF passes by
/// itself, while nobody declared receives.
fn helo_missing(view: &View<'_>, found: &mut Findings) {
    if view.declared.is_some_and(|d| d.no_mail || d.senders.iter().any(|sender| sender.receives)) {
        return;
    }
    let passed: HashSet<IpAddr> = records(view)
        .filter(|spf| spf.seen.record.name == *view.origin)
        .flat_map(|spf| {
            let terms = spf.record.live_mechanisms().filter(|term| term.qualifier == Qualifier::Pass);
            terms
                .flat_map(|term| {
                    let single = term.kind.network().map(|network| network.address());
                    let hosts = hosts_of(view, view.origin, term).map(|(hosts, _)| hosts).unwrap_or_default();
                    hosts.into_iter().filter_map(|host| host.address).chain(single).collect::<Vec<_>>()
                })
                .collect::<Vec<_>>()
        })
        .collect();
    let mut known = HashSet::new();
    for seen in view.of(view.origin, Rtype::MX) {
        let Some((_, host)) = seen.record.rdata.as_mx() else { continue };
        let own = addresses(view, &host).is_some_and(|all| {
            all.iter().all(|a| a.parties.is_empty() && a.address.is_some_and(|a| passed.contains(&a)))
        });
        if !own || host == *view.origin || !known.insert(host.clone()) || has_spf(view, &host) != HasSpf::No {
            continue;
        }
        let name = host.display_without_dot().to_string();
        let title =
            say!(en: "mail server {name} has no SPF of its own", ja: "メールサーバー {name} に SPF がありません");
        let finding = view
            .finding("spf-helo-missing", Severity::Advice, seen, title)
            .harm(say!(
                en: "bounces have an empty sender; for them receivers look for SPF at the server's name",
                ja: "エラーメールは差出人が空なので、SPF はサーバー名で調べられ、合格しません"
            ))
            .next(say!(en: "add the TXT `v=spf1 a -all` at {name}", ja: "{name} に TXT `v=spf1 a -all` を追加します"));
        found.push(finding);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{levels, name, records as lines, run, sender};
    use super::*;
    use crate::compose::{Intent, Origin, Party};
    use crate::report::Severity::{Advice, Error, Warning};
    use crate::report::Sources;

    fn rule(id: &str) -> &'static Rule {
        RULES.iter().find(|rule| rule.id == id).unwrap()
    }

    fn declared(senders: Vec<DeclaredSender>) -> Declared {
        Declared { senders, ..Declared::default() }
    }

    const GOOD: &str = "@ TXT \"v=spf1 include:spf.esp.example ~all\"";

    #[test]
    fn a_sending_domain_needs_spf_exactly_there() {
        let (missing, below) = (rule("spf-missing"), rule("spf-subdomain-not-inherited"));
        let own = declared(vec![sender("example.com")]);
        assert_eq!(levels(missing, "www A 192.0.2.1", Some(&own)), [Error]);
        assert_eq!(levels(missing, GOOD, Some(&own)), []);
        // Another rule reports a record that is not seen as one.
        assert_eq!(levels(missing, "@ TXT \"v=spf1; a -all\"", Some(&own)), []);
        let bounce =
            declared(vec![DeclaredSender { envelope: Envelope::Host(name("b.example.com")), ..sender("example.com") }]);
        assert_eq!(levels(missing, GOOD, Some(&bounce)), []);
        let found = run(below, GOOD, Some(&bounce));
        assert_eq!(found.len(), 1);
        assert!(found[0].title.en.contains("b.example.com") && found[0].title.en.contains("of example.com"));
        assert_eq!(levels(below, &format!("{GOOD}\nb TXT \"v=spf1 include:esp.example ~all\""), Some(&bounce)), []);
        // What a CNAME, a delegation or a wildcard answers is not to be seen here.
        for untold in ["b CNAME u1.esp.example.", "b NS ns1.esp.example.", "* TXT \"v=spf1 -all\""] {
            assert_eq!(levels(below, &format!("{GOOD}\n{untold}"), Some(&bounce)), [], "{untold}");
        }
    }

    #[test]
    fn where_the_envelope_is_elsewhere_nothing_is_missing() {
        let vendor = || DeclaredSender { envelope: Envelope::Vendor, ..sender("example.com") };
        let quiet = declared(vec![vendor()]);
        assert_eq!(levels(rule("spf-missing"), "www A 192.0.2.1", Some(&quiet)), []);
        let mobile = Declared { jp_mobile: true, ..declared(vec![vendor(), vendor()]) };
        // For carriers too: their look at the From domain is jp-docomo-from-domain's, which says what it costs.
        assert_eq!(levels(rule("spf-missing"), "www A 192.0.2.1", Some(&mobile)), []);
        let none = Declared { no_mail: true, ..declared(vec![sender("example.com")]) };
        assert_eq!(levels(rule("spf-missing"), "www A 192.0.2.1", Some(&none)), []);
    }

    #[test]
    fn a_zone_without_a_site_that_receives_is_asked() {
        assert_eq!(levels(rule("spf-missing"), "@ MX 10 mx.example.net.", None), [Warning]);
        assert_eq!(levels(rule("spf-missing"), "@ MX 0 .", None), []);
        assert_eq!(levels(rule("spf-missing"), "www A 192.0.2.1", None), []);
    }

    #[test]
    fn two_records_are_one_finding() {
        let found =
            run(rule("spf-multiple-records"), "@ TXT \"v=spf1 a ~all\"\n@ TXT \"V=SPF1\"\n@ TXT \"v=spf10 a\"", None);
        assert_eq!(found.len(), 1);
        assert!(found[0].severity == Error && found[0].title.ja.contains('2'), "{}", found[0].title.ja);
        assert_eq!(levels(rule("spf-multiple-records"), GOOD, None), []);
    }

    fn includes(count: usize) -> String {
        (0..count).map(|i| format!(" include:i{i}.esp.example")).collect()
    }

    #[test]
    fn look_ups_are_counted_as_the_catalogue_counts() {
        let rule = rule("spf-too-many-lookups");
        let at = |terms: &str| format!("@ TXT \"v=spf1{terms} -all\"");
        assert_eq!(levels(rule, &at(&includes(8)), None), []);
        assert_eq!(levels(rule, &at(&includes(9)), None), [Warning]);
        assert_eq!(levels(rule, &at(&includes(10)), None), [Warning]);
        let found = run(rule, &at(&format!("{} a mx", includes(9))), None);
        assert_eq!(found[0].severity, Error);
        assert!(found[0].title.en.starts_with("11 "), "{}", found[0].title.en);
        assert!(found[0].notes.iter().any(|note| note.text.ja.contains("未照会") && note.text.ja.contains("9 件")));
        // Not stopped at 11.
        let long = format!("@ TXT \"v=spf1{}\" \"{} -all\"", includes(7), includes(6));
        assert!(run(rule, &long, None)[0].title.en.starts_with("13 "));
        // ip4, ip6 and exp are free, redirect= is not, and behind `all` nothing counts.
        let free = "@ TXT \"v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 exp=e.example -all a mx ptr a:b.example a:c.example a:d.example a:e.example a:f.example a:g.example\"";
        assert_eq!(levels(rule, free, None), []);
        let redirect = format!("@ TXT \"v=spf1{} redirect=r.example\"", includes(9));
        assert!(run(rule, &redirect, None)[0].title.en.starts_with("10 "));
    }

    #[test]
    fn includes_of_the_zone_are_counted_with_their_inside() {
        let rule = rule("spf-too-many-lookups");
        // The same include twice counts twice: 2 × 5 = 10, with mx 11 (§10.2 of the catalogue).
        let part = "_p TXT \"v=spf1 a:a.example a:b.example a:c.example a:d.example ~all\"";
        let zone = |terms: &str| format!("@ TXT \"v=spf1 {terms} ~all\"\n{part}");
        let twice = "include:_p.example.com include:_P.EXAMPLE.com.";
        assert_eq!(levels(rule, &zone(twice), None), [Warning]);
        let found = run(rule, &zone(&format!("{twice} mx")), None);
        assert_eq!((found.len(), found[0].severity), (1, Error));
        assert!(found[0].title.en.starts_with("11 "));
        assert!(found[0].notes.iter().all(|note| !note.text.en.contains("not checked")));
        // A macro leads nowhere that is known.
        let found = run(rule, &format!("@ TXT \"v=spf1{} include:%{{d2}}.x.example -all\"", includes(8)), None);
        assert!(found[0].notes.iter().any(|note| note.text.en.contains("9 includes")));
    }

    #[test]
    fn loops_within_the_zone() {
        let rule = rule("spf-include-loop");
        let found =
            run(rule, "@ TXT \"v=spf1 include:f.example.com -all\"\nf TXT \"v=spf1 include:example.com -all\"", None);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].severity, Error);
        assert!(found[0].title.en.contains("example.com → f.example.com → example.com"), "{}", found[0].title.en);
        assert_eq!(levels(rule, "@ TXT \"v=spf1 include:example.com -all\"", None), [Error]);
        assert_eq!(levels(rule, "@ TXT \"v=spf1 redirect=example.com\"", None), [Error]);
        // The same name on two branches is no loop, nor is what stands behind `all`.
        let twice = "@ TXT \"v=spf1 include:a.example.com include:b.example.com -all include:example.com\"\n\
                     a TXT \"v=spf1 include:c.example.com -all\"\nb TXT \"v=spf1 include:c.example.com -all\"\nc TXT \"v=spf1 a -all\"";
        assert_eq!(levels(rule, twice, None), []);
    }

    #[test]
    fn a_long_chain_and_a_dense_zone_end() {
        let chain: String =
            (0..3000).map(|i| format!("n{i} TXT \"v=spf1 include:n{}.example.com -all\"\n", (i + 1) % 3000)).collect();
        assert_eq!(levels(rule("spf-include-loop"), &chain, None), [Error]);
        assert_eq!(levels(rule("spf-too-many-lookups"), &chain, None).len(), 3000);
    }

    /// A zone with the companies of the story: 1 is XSERVER, 2 is MakeShop.
    fn of_story(zone: &str, companies: &[usize], intent: Option<Intent>) -> Vec<Finding> {
        let party = |name: &str| Party { name: Text::same(name), id: None, span: None };
        let parties = [party(""), party("XSERVER"), party("MakeShop")];
        let origin = name("hogehoge.com");
        let sources = Sources::default();
        let mut records = lines("hogehoge.com", zone);
        for (seen, party) in records.iter_mut().zip(companies) {
            seen.origins = vec![Origin { party: *party, span: None, by_hand: true }];
            if seen.record.rtype == Rtype::TXT {
                seen.intent = intent.clone();
            }
        }
        let declared = declared(vec![
            DeclaredSender { party: 1, ..sender("hogehoge.com") },
            DeclaredSender { party: 2, ..sender("hogehoge.com") },
        ]);
        let view = View::new(&origin, records, Some(&declared), &parties, &sources);
        let mut found = Findings::all();
        (rule("spf-a-mx-wasted").check)(&view, &mut found);
        found.told()
    }

    const STORY: &str = "@ TXT \"v=spf1 +a:sv14166.xserver.jp +a:hogehoge.com +mx include:spf.sender.xserver.jp include:spf.makeshop.jp ~all\"\n\
                         @ A 203.0.113.20\n@ A 203.0.113.66\n@ MX 10 mail.hogehoge.com.\nmail A 203.0.113.66";

    fn texts(finding: &Finding) -> String {
        finding.notes.iter().map(|note| format!("{}\n", note.text.ja)).collect()
    }

    #[test]
    fn the_apex_also_lets_the_shop_send() {
        // By hand, and by the template of XSERVER: both times the shop's server is the odd one.
        let xserver = vec![Origin { party: 1, span: None, by_hand: false }];
        let spf = Intent::Spf {
            terms: vec![("+a:hogehoge.com".into(), xserver)],
            written_out: Vec::new(),
            return_path: false,
        };
        for intent in [Some(Intent::ByHand), Some(spf)] {
            let found = of_story(STORY, &[0, 2, 1, 1, 1], intent);
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].severity, Warning);
            let title = &found[0].title.ja;
            assert!(title.contains("`+a:hogehoge.com` は 203.0.113.20（MakeShop）からの送信も許可"), "{title}");
            let notes = texts(&found[0]);
            // The record has 107 bytes, the term 15 and a space; five terms ask DNS.
            assert!(notes.contains("16 バイト") && notes.contains("107 → 91") && notes.contains("5 → 4"), "{notes}");
            assert!(
                notes.contains("203.0.113.20 から hogehoge.com のメールを送るか、MakeShop に聞きます")
                    && notes.contains("`+a:hogehoge.com` を消します"),
                "{notes}"
            );
            assert!(found[0].fix.is_none(), "somebody must be asked first");
        }
    }

    #[test]
    fn one_company_twice_is_no_fault() {
        assert_eq!(of_story(STORY, &[0, 1, 1, 1, 1], Some(Intent::ByHand)), []);
        // Nobody says whose the servers are.
        assert_eq!(of_story(STORY, &[0, 0, 0, 0, 0], Some(Intent::ByHand)), []);
    }

    #[test]
    fn what_would_no_longer_pass_is_said() {
        let zone = "@ TXT \"v=spf1 +a include:x.example ~all\"\n@ A 203.0.113.20\n@ AAAA 2001:db8::66";
        let xserver = vec![Origin { party: 1, span: None, by_hand: false }];
        let spf = Intent::Spf { terms: vec![("+a".into(), xserver)], written_out: Vec::new(), return_path: false };
        let found = of_story(zone, &[0, 2, 1], Some(spf));
        assert!(found[0].title.ja.contains("203.0.113.20（MakeShop）"));
        assert!(texts(&found[0]).contains("2001:db8::66（XSERVER）を許可する"), "{}", texts(&found[0]));
    }

    #[test]
    fn mx_at_a_hosted_mailbox_sends_nothing() {
        let rule = rule("spf-a-mx-wasted");
        let zone = "@ TXT \"v=spf1 a mx include:_spf.google.com ~all\"\n@ A 192.0.2.1\n@ MX 1 ASPMX.L.GOOGLE.COM.\n@ MX 5 alt1.aspmx.l.google.com.";
        let found = run(rule, zone, None);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].severity, Advice);
        assert!(found[0].title.en.contains("`mx`") && found[0].title.en.contains("Google Workspace"));
        let good = "@ TXT \"v=spf1 include:_spf.google.com ~all\"\n@ MX 1 smtp.google.com.";
        assert_eq!(levels(rule, good, None), []);
        // One host of one's own among them may send.
        assert_eq!(levels(rule, &format!("{zone}\n@ MX 9 mail.example.com.\nmail A 192.0.2.9"), None), []);
        // Where the term is one company's and the hosts are another's, that is worth a warning.
        let xserver = vec![Origin { party: 1, span: None, by_hand: false }];
        let spf = Intent::Spf { terms: vec![("+mx".into(), xserver)], written_out: Vec::new(), return_path: false };
        let moved = "@ TXT \"v=spf1 +mx ~all\"\n@ MX 1 smtp.google.com.";
        assert_eq!(of_story(moved, &[0, 2], Some(spf)).iter().map(|f| f.severity).collect::<Vec<_>>(), [Warning]);
    }

    #[test]
    fn an_address_that_ip4_passes_anyway() {
        let rule = rule("spf-a-mx-wasted");
        let zone = |terms: &str| format!("@ TXT \"v=spf1 {terms} ~all\"\n@ A 192.0.2.1\n@ AAAA 2001:db8::1");
        assert_eq!(levels(rule, &zone("a ip4:192.0.2.0/24 ip6:2001:db8::/64"), None), [Advice]);
        assert_eq!(levels(rule, &zone("a ip4:192.0.2.0/24"), None), [], "the IPv6 address would no longer pass");
        assert_eq!(levels(rule, &zone("a/16 ip4:192.0.2.0/24 ip6:2001:db8::/64"), None), []);
        assert_eq!(levels(rule, &zone("?a ip4:192.0.2.0/24 ip6:2001:db8::/64"), None), []);
        assert_eq!(levels(rule, &zone("a:%{d} ip4:192.0.2.0/24 ip6:2001:db8::/64"), None), []);
    }

    #[test]
    fn obsolete_forms() {
        let rule = rule("spf-obsolete-form");
        assert_eq!(levels(rule, "@ SPF \"v=spf1 a -all\"\n@ TXT \"spf2.0/pra a -all\"", None), [Advice, Advice]);
        assert_eq!(levels(rule, GOOD, None), []);
    }

    #[test]
    fn a_server_of_ones_own_needs_spf_at_its_name() {
        let rule = rule("spf-helo-missing");
        let own = declared(vec![sender("example.com")]);
        let zone = "@ TXT \"v=spf1 mx -all\"\n@ MX 10 mail.example.com.\nmail A 192.0.2.1";
        let found = run(rule, zone, Some(&own));
        assert_eq!(found.len(), 1);
        assert!(found[0].severity == Advice && found[0].title.en.contains("mail.example.com"));
        assert_eq!(levels(rule, &format!("{zone}\nmail TXT \"v=spf1 a -all\""), Some(&own)), []);
        // Of a company that receives nothing is known; in a zone without a site the server that SPF passes is its own.
        let hosted = declared(vec![DeclaredSender { receives: true, ..sender("example.com") }]);
        assert_eq!(levels(rule, zone, Some(&hosted)), []);
        assert_eq!(levels(rule, zone, None), [Advice]);
    }
}
