//! SPF: where each sender's terms go, and the merge into the one record of each name.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::sender::{Purpose, Role, SpfNeeded};
use crate::mail::spf::{self, MergeNoteKind, Options, Part, Qualifier, Record};
use crate::report::{Finding, NoteKind, Severity, Text};
use crate::say;
use crate::site::{SpfChoice, SpfSection};
use crate::zone::{Name, Rdata, Rtype};

use super::claims::{Claim, Claims, SpfClaim, section};
use super::flatten::Flattening;
use super::model::*;
use super::resolve::{Resolved, ResolvedSender, terms};

/// Look-ups of a record's own terms up to which a term is kept at the From domain for the carriers' sake. RFC 7208 §4.6.4 allows
/// ten in all, and what is inside the includes counts too; eight leaves two for a vendor's change.
const ROOM: usize = 8;

/// Where a sender's terms go, and why nowhere.
struct Placement {
    from: bool,
    return_path: bool,
    /// Only for the carriers' sake, if the look-up bill allows.
    if_room: bool,
}

fn placement(sender: &ResolvedSender<'_>, jp_mobile: bool) -> Placement {
    let nowhere = Placement { from: false, return_path: false, if_room: false };
    if !sender.used.has_role(Role::Send) {
        return nowhere;
    }
    if let Some(choice) = &sender.used.spf {
        return match choice.value {
            SpfChoice::From => Placement { from: true, ..nowhere },
            SpfChoice::ReturnPath => Placement { return_path: true, ..nowhere },
            SpfChoice::Omit => nowhere,
        };
    }
    let own_host = sender.used.mail_from.is_some() && sender.expanded.return_path.is_some();
    match sender.template().spf.needed {
        // With a Return-Path host of its own the envelope is there, and the include goes where the envelope is.
        SpfNeeded::Yes | SpfNeeded::VendorAsks if own_host => {
            Placement { return_path: true, if_room: jp_mobile, ..nowhere }
        }
        SpfNeeded::Yes | SpfNeeded::VendorAsks => Placement { from: true, ..nowhere },
        SpfNeeded::Subdomain if sender.expanded.return_path_is_from => Placement { from: true, ..nowhere },
        SpfNeeded::Subdomain => Placement { return_path: true, if_room: jp_mobile, ..nowhere },
        // A host of its own, where one is set, needs the include there; it is the sender's own Return-Path that needs none.
        SpfNeeded::No => Placement { return_path: true, if_room: jp_mobile, ..nowhere },
        SpfNeeded::Conditional | SpfNeeded::Unknown => nowhere,
    }
}

/// Whether nobody but sender `i` has terms in the SPF of its From domain.
pub(super) fn is_alone(resolved: &Resolved<'_>, i: usize, existing: &[Claim]) -> bool {
    let Some(sender) = resolved.senders.get(i) else { return true };
    let at_site = sender.from == resolved.site.domain.value;
    let section = &resolved.site.spf;
    let others = resolved.senders.iter().enumerate().filter(|(n, s)| *n != i && s.from == sender.from);
    let own = |s: &ResolvedSender<'_>| placement(s, false).from && !s.expanded.spf.is_empty();
    !existing.iter().any(|c| c.name == sender.from)
        && !(at_site && (!section.extra.is_empty() || section.all.is_some()))
        && !others.into_iter().any(|(_, s)| own(s))
}

/// Where a sender's envelope is, as far as its template and the site tell.
fn envelope(sender: &ResolvedSender<'_>) -> Envelope {
    if let Some(host) = &sender.expanded.return_path {
        return Envelope::Host(host.clone());
    }
    let own = sender.expanded.records.iter().find(|r| r.template.purpose == Purpose::ReturnPath);
    if let Some(record) = own {
        return Envelope::Host(record.name.clone());
    }
    match sender.template().spf.needed {
        SpfNeeded::Yes => Envelope::From,
        SpfNeeded::Subdomain if sender.expanded.return_path_is_from => Envelope::From,
        SpfNeeded::Subdomain | SpfNeeded::No => Envelope::Vendor,
        SpfNeeded::VendorAsks | SpfNeeded::Conditional | SpfNeeded::Unknown => Envelope::Unknown,
    }
}

/// The SPF claims of all senders, in file order, and what is to be said of them.
pub(super) fn of_senders(
    resolved: &Resolved<'_>,
    jp_mobile: bool,
    existing: &[Claim],
    flattening: &Flattening<'_>,
    claims: &mut Claims,
) {
    let look_ups = |at: &Name, record: Record| spf::lookup_terms(&flattening.record(at, record));
    let cost = |sender: &ResolvedSender<'_>| -> usize {
        records(&sender.expanded.spf).into_iter().map(|record| look_ups(&sender.from, record)).sum()
    };
    let placements: Vec<Placement> = resolved.senders.iter().map(|s| placement(s, jp_mobile)).collect();
    let mut bill: BTreeMap<Name, usize> = BTreeMap::new();
    for claim in existing {
        *bill.entry(claim.name.clone()).or_default() += look_ups(&claim.name, Record::parse(&claim.rdata.txt_joined()));
    }
    let site = &resolved.site;
    for (name, section) in site.spf_sections() {
        let extra = section.extra.iter().map(|t| look_ups(name, Record::parse(t.value.as_bytes())));
        *bill.entry(name.clone()).or_default() += extra.sum::<usize>();
    }
    for (sender, placement) in resolved.senders.iter().zip(&placements) {
        if placement.from {
            *bill.entry(sender.from.clone()).or_default() += cost(sender);
        }
    }
    for (i, (sender, placement)) in resolved.senders.iter().zip(placements).enumerate() {
        let has_terms = !sender.expanded.spf.is_empty();
        let origin =
            Origin { party: super::claims::sender_party(i), span: Some(sender.used.provider.span), by_hand: false };
        let mut from = placement.from && has_terms;
        if placement.if_room && has_terms && !placement.from {
            let spent = bill.entry(sender.from.clone()).or_default();
            if *spent + cost(sender) <= ROOM {
                *spent += cost(sender);
                from = true;
            } else {
                claims.findings.push(no_room(sender, *spent));
            }
        }
        let at_host = sender.expanded.return_path.as_ref().filter(|_| placement.return_path && has_terms);
        for record in records(&sender.expanded.spf) {
            if from {
                let record = record.clone();
                claims.spf.push(SpfClaim { at: sender.from.clone(), record, origin, return_path: false });
            }
            if let Some(host) = at_host {
                claims.spf.push(SpfClaim { at: host.clone(), record, origin, return_path: true });
            }
        }
        for (at, terms) in &sender.expanded.spf_at {
            let record = Record::parse(terms.as_bytes());
            claims.spf.push(SpfClaim { at: at.clone(), record, origin, return_path: *at != sender.from });
        }
        for record in sender.expanded.records.iter().filter(|r| r.is_spf()) {
            let (at, text) = (record.name.clone(), record.rdata.txt_joined());
            let return_path = at != sender.from;
            claims.spf.push(SpfClaim { at, record: Record::parse(&text), origin, return_path });
        }
        let place = match (from, at_host.is_some()) {
            (true, true) => SpfPlace::Both,
            (true, false) => SpfPlace::From,
            (false, true) => SpfPlace::ReturnPath,
            (false, false) => SpfPlace::Nowhere,
        };
        if let Some(declared) = claims.senders.get_mut(i) {
            declared.spf = place;
            declared.envelope = envelope(sender);
        }
        say(sender, place, claims);
    }
}

/// A sender's terms as records: those that are whole records each, the others together.
fn records(terms: &[String]) -> Vec<Record> {
    let mut out: Vec<String> = Vec::new();
    let mut open = false;
    for term in terms {
        let whole = spf::is_spf(term.as_bytes());
        match out.last_mut().filter(|_| open && !whole) {
            Some(last) => {
                last.push(' ');
                last.push_str(term);
            }
            None => out.push(term.clone()),
        }
        open = !whole;
    }
    out.iter().map(|text| Record::parse(text.as_bytes())).collect()
}

/// Look-ups of a sender's own terms; what is inside its includes is not known without DNS.
fn cost(sender: &ResolvedSender<'_>) -> usize {
    records(&sender.expanded.spf).iter().map(spf::lookup_terms).sum()
}

fn no_room(sender: &ResolvedSender<'_>, spent: usize) -> Finding {
    let company = &sender.template().name;
    let from = sender.from.display_without_dot();
    Finding::warning(
        "spf-left-out-for-lookups",
        say!(
            en: "{company}'s SPF is left out at {from}: {spent} of 10 look-ups are used there",
            ja: "{company}の SPF は {from} に入れていません。{from} では照会回数 10 回のうち {spent} 回を使っています"; company = company
        ),
    )
    .at(sender.used.provider.span, Text::default())
    .harm(say!(
        en: "docomo looks at the SPF of the From domain, so mail by {company} may not arrive there",
        ja: "ドコモは差出人ドメインの SPF を見るため、{company}からのメールがドコモに届かないことがあります"; company = company
    ))
    .next(say!(
        en: "move a sender to a subdomain of its own, or remove a term; to force it: spf = \"from\"",
        ja: "利用サービスの 1 つをサブドメインに移すか、SPF の項目を減らしてください。入れると決めたときは spf = \"from\""
    ))
}

/// The variable that holds a sender's terms whole, where the template has one.
fn terms_variable<'s>(sender: &'s ResolvedSender<'_>) -> Option<&'s str> {
    let template = sender.template();
    let wanted = |v: &&crate::catalogue::sender::Variable| v.kind == crate::catalogue::sender::VariableKind::SpfTerms;
    template.variables.iter().find(wanted).map(|v| v.name.as_str())
}

/// How to give terms, or the host for them, that are not known.
fn own_terms(sender: &ResolvedSender<'_>, shown: &str) -> Text {
    match terms_variable(sender) {
        _ if !shown.is_empty() => {
            say!(en: "write its host: mail-from = \"…\"", ja: "ホスト名を書いてください: mail-from = \"…\"")
        }
        Some(variable) => {
            say!(en: "write the value that its panel shows: {variable} = \"…\"", ja: "画面に出る値を書いてください: {variable} = \"…\"")
        }
        None => say!(en: "write its terms under [spf] extra", ja: "値を [spf] の extra に書いてください"),
    }
}

/// What is to be said of a sender's SPF.
fn say(sender: &ResolvedSender<'_>, place: SpfPlace, claims: &mut Claims) {
    let template = sender.template();
    if !sender.used.has_role(Role::Send) || super::without_records::is_one(template) {
        return;
    }
    let company = &template.name;
    let shown = sender.expanded.spf.join(" ");
    let span = sender.used.spf.as_ref().map_or(sender.used.provider.span, |s| s.span);
    let note = template.spf.note.clone();
    let finding = match (template.spf.needed, &sender.used.spf, place) {
        (_, Some(choice), SpfPlace::Nowhere) if choice.value != SpfChoice::Omit => Finding::warning(
            "spf-terms-unknown",
            if shown.is_empty() {
                say!(en: "{company}: no SPF terms are known, so nothing was added", ja: "{company}: SPF の値が分かっていないため、何も足していません"; company = company)
            } else {
                say!(en: "{company}: its Return-Path host is not known, so nothing was added", ja: "{company}: Return-Path のホスト名が分からないため、何も足していません"; company = company)
            },
        )
        .next(own_terms(sender, &shown)),
        (SpfNeeded::VendorAsks, None, SpfPlace::From) => {
            let cost = cost(sender);
            Finding::advice(
                "spf-vendor-asks",
                say!(
                    en: "{company} asks for `{shown}`: {cost} of 10 look-ups, and what is inside (not looked up)",
                    ja: "{company}の案内どおり `{shown}` を入れました。照会 {cost} 回（上限 10 回）と、その中身の分（未照会）を使います"; company = company
                ),
            )
            .note(NoteKind::Note, say!(
                en: "whether it sends with your domain as Return-Path is not established; if not, the term changes nothing",
                ja: "Return-Path がこのドメインかどうかは確かめられていません。ちがう場合、この項目に効果はありません"
            ))
        }
        (SpfNeeded::No, None, SpfPlace::Nowhere) if !shown.is_empty() => Finding::advice(
            "spf-not-needed",
            say!(en: "{company} uses its own Return-Path: `{shown}` is left out", ja: "{company}は自社の Return-Path を使うため、`{shown}` は入れていません"; company = company),
        ),
        (SpfNeeded::Conditional | SpfNeeded::Unknown, None, _) => Finding::warning(
            "spf-need-unknown",
            say!(en: "{company}: whether your SPF needs it is not known, so nothing was added", ja: "{company}: SPF に必要かどうかが分かっていないため、何も足していません"; company = company),
        )
        .next(say!(
            en: "look in its panel; if it asks for SPF: spf = \"from\"{more}, if not: spf = \"omit\"",
            ja: "管理画面を見て、SPF を求めていれば spf = \"from\"{more}、求めていなければ spf = \"omit\" と書いてください";
            more = if let Some(variable) = terms_variable(sender).filter(|_| shown.is_empty()) {
                say!(en: " and {variable} = \"…\" (the value it shows)", ja: " と {variable} = \"…\"（画面に出る値）")
            } else if shown.is_empty() {
                say!(en: " and the terms under [spf] extra", ja: "（値は [spf] の extra）")
            } else {
                Text::same(format!(" (`{shown}`)"))
            }
        )),
        _ => return,
    };
    let finding = finding.at(span, Text::default()).panel(company.clone());
    claims.findings.push(match note {
        Some(note) => finding.note(NoteKind::Note, note),
        None => finding,
    });
}

/// What stands where, by name.
struct Places<'r> {
    resolved: &'r Resolved<'r>,
    /// The sections of subdomains.
    sections: BTreeMap<&'r Name, &'r SpfSection>,
    /// The numbers of the senders' claims.
    claims: BTreeMap<Name, Vec<usize>>,
}

impl<'r> Places<'r> {
    fn new(resolved: &'r Resolved<'r>, spf: &[SpfClaim]) -> Self {
        let mut this = Self { resolved, sections: BTreeMap::new(), claims: BTreeMap::new() };
        for subdomain in &resolved.site.subdomains {
            this.sections.entry(&subdomain.name.value).or_insert(&subdomain.spf);
        }
        for (i, claim) in spf.iter().enumerate() {
            this.claims.entry(claim.at.clone()).or_default().push(i);
        }
        this
    }

    /// The section that decides at a name: the subdomain's own, else the site's.
    fn section_of(&self, at: &Name) -> (&'r SpfSection, bool) {
        match self.sections.get(at) {
            Some(section) => (section, true),
            None => (&self.resolved.site.spf, *at == self.resolved.site.domain.value),
        }
    }

    /// The senders' claims at a name.
    fn claims_at<'s>(&'s self, at: &Name, claims: &'s Claims) -> impl Iterator<Item = &'s SpfClaim> {
        self.claims.get(at).into_iter().flatten().filter_map(|i| claims.spf.get(*i))
    }
}

fn qualifier(all: &str) -> Option<Qualifier> {
    all.strip_suffix("all").and_then(|q| q.chars().next()).and_then(Qualifier::from_symbol)
}

/// Unites what is wanted at each name into one record there. A record that a hand began joins the hand-written ones, which outrank
/// every template.
pub(super) fn merge(
    resolved: &Resolved<'_>,
    existing: Vec<Claim>,
    flattening: &Flattening<'_>,
    by_hand: &mut Vec<Claim>,
    claims: &mut Claims,
    losers: &mut Vec<Loser>,
) {
    let (mut names, mut seen): (Vec<Name>, BTreeSet<Name>) = Default::default();
    let sections = std::iter::once((&resolved.site.domain.value, &resolved.site.spf))
        .chain(resolved.site.subdomains.iter().map(|s| (&s.name.value, &s.spf)))
        .filter(|(_, s)| s.span.is_some() && (!s.extra.is_empty() || s.all.is_some()))
        .map(|(n, _)| n);
    for name in existing.iter().map(|c| &c.name).chain(claims.spf.iter().map(|c| &c.at)).chain(sections) {
        if seen.insert(name.clone()) {
            names.push(name.clone());
        }
    }
    let places = Places::new(resolved, &claims.spf);
    let mut existing_at: BTreeMap<Name, Vec<Claim>> = BTreeMap::new();
    for claim in existing {
        existing_at.entry(claim.name.clone()).or_default().push(claim);
    }
    for name in names {
        let mut here = existing_at.remove(&name).unwrap_or_default().into_iter();
        let first = here.next();
        for second in here {
            let default = resolved.site.ttl.as_ref().map(|t| t.value);
            losers.extend(second_record(first.as_ref(), &second, default, claims));
        }
        if let Some(claim) = merge_at(&places, &name, first, flattening, claims) {
            switched(resolved, &claim, claims);
            if claim.origin.by_hand {
                by_hand.push(claim);
            } else {
                claims.records.push(claim);
            }
        }
    }
}

/// An SPF record that one company's switch makes whole, because nobody else's terms are in it, is not typed.
fn switched(resolved: &Resolved<'_>, claim: &Claim, claims: &mut Claims) {
    let Intent::Spf { terms, .. } = &claim.intent else { return };
    let parties: BTreeSet<usize> = terms.iter().flat_map(|(_, o)| o).map(|o| o.party).collect();
    let own: Vec<usize> = parties.into_iter().filter(|p| *p != 0).collect();
    let ([party], false) = (own.as_slice(), claim.origin.by_hand) else { return };
    let sender = party.checked_sub(1).and_then(|i| resolved.senders.get(i));
    let registrar = resolved.registrar.map(|r| r.id.as_str());
    let switch = sender.and_then(|s| {
        let mut here = s.template().switches.iter();
        here.find(|w| w.parts.iter().any(|p| p == "spf") && w.registrars.iter().any(|r| Some(r.as_str()) == registrar))
    });
    // The panel's own `all` is not known; one that the site sets is typed.
    let all = resolved.site.spf.all.is_some();
    if let Some(switch) = switch.filter(|_| !all) {
        claims.switched.push(Switched {
            name: claim.name.clone(),
            rtype: claim.rtype,
            origin: claim.origin,
            part: "spf",
            how: switch.how.clone(),
        });
    }
}

/// A second SPF record at one name would make receivers discard both.
fn second_record(
    first: Option<&Claim>,
    second: &Claim,
    default: Option<crate::zone::Ttl>,
    claims: &mut Claims,
) -> Option<Loser> {
    let name = second.name.display_without_dot().to_string();
    claims.findings.push(
        Finding::error(
            "spf-multiple-records",
            say!(en: "2 SPF records at {name}: receivers discard both", ja: "{name} に SPF のレコードが 2 つあります。2 つあるとどちらも無効になります"),
        )
        .at_opt(second.origin.span, Text::default())
        .at_opt(first.and_then(|f| f.origin.span), say!(en: "the first one", ja: "1 つ目"))
        .about(name, "TXT")
        .harm(say!(en: "SPF fails for all mail (permerror, RFC 7208 §4.5)", ja: "すべてのメールの SPF が失敗します（permerror、RFC 7208 §4.5）"))
        .next(say!(
            en: "put the terms of both into one [[record]]; until then only the first is active",
            ja: "両方の項目を 1 つの [[record]] にまとめてください。それまでは 1 つ目だけを使います"
        )),
    );
    Some(Loser {
        record: record_of(second, default),
        origins: vec![second.origin],
        why: say!(en: "a second SPF record", ja: "2 つ目の SPF レコード"),
    })
}

fn record_of(claim: &Claim, default: Option<crate::zone::Ttl>) -> crate::zone::Record {
    crate::zone::Record {
        name: claim.name.clone(),
        rtype: claim.rtype,
        ttl: claim.ttl.or(default).unwrap_or(crate::zone::Ttl::DEFAULT).seconds(),
        rdata: claim.rdata.clone(),
    }
}

fn merge_at(
    places: &Places<'_>,
    name: &Name,
    existing: Option<Claim>,
    flattening: &Flattening<'_>,
    claims: &mut Claims,
) -> Option<Claim> {
    let (section_here, own) = places.section_of(name);
    let mut origins: Vec<Origin> = Vec::new();
    let mut parts: Vec<Part<usize>> = Vec::new();
    let mut return_path = true;
    for claim in places.claims_at(name, claims) {
        parts.push(Part { record: claim.record.clone(), origin: origins.len() });
        origins.push(claim.origin);
        return_path &= claim.return_path;
    }
    if own {
        let mut ignored = Vec::new();
        for term in &section_here.extra {
            if let Some(record) = terms(&term.value, term.span, &mut ignored) {
                parts.push(Part { record, origin: origins.len() });
                origins.push(section(Some(term.span)));
            }
        }
    }
    let all_given = section_here.all.as_ref();
    if existing.is_none() && parts.is_empty() && !(own && all_given.is_some()) {
        return None;
    }
    let found = existing.as_ref().map(|e| Record::parse(&e.rdata.txt_joined()));
    flattening.say(name, found.iter().chain(parts.iter().map(|part| &part.record)), &mut claims.findings);
    let found = found.map(|record| flattening.record(name, record));
    for part in &mut parts {
        part.record = flattening.record(name, part.record.clone());
    }
    let plain = name.display_without_dot().to_string();
    let options = Options { domain: &plain, all: all_given.and_then(|a| qualifier(&a.value)), redirect_all: None };
    let existing_origin = existing.as_ref().map(|e| e.origin);
    let merged = match spf::merge(found.as_ref(), &parts, options) {
        Ok(merged) => merged,
        Err(error) => {
            let what = error.text();
            claims.findings.push(
                Finding::error(
                    "spf-not-merged",
                    say!(en: "the SPF record of {plain} has an error, so nothing was merged into it: {what}", ja: "{plain} の SPF に誤りがあるため、まとめられませんでした: {what}"; what = what),
                )
                .at_opt(existing_origin.and_then(|o| o.span), Text::default())
                .about(plain.clone(), "TXT")
                .next(say!(en: "mend the term; the senders' terms are then added", ja: "その項目を直してください。直すと、利用サービスの項目が足されます")),
            );
            return existing.map(|e| Claim {
                intent: Intent::Spf { terms: Vec::new(), written_out: Vec::new(), return_path: false },
                ..e
            });
        }
    };
    let origin_of = |o: &spf::Origin<usize>| match o {
        spf::Origin::Existing => existing_origin,
        spf::Origin::Part(i) => origins.get(*i).copied(),
        spf::Origin::Site => Some(section(all_given.map(|a| a.span))),
        spf::Origin::Redirect | spf::Origin::Default => Some(section(None)),
    };
    for note in &merged.notes {
        claims.findings.extend(merge_note(note, origin_of(&note.origin), &plain));
    }
    let listed: Vec<(String, Vec<Origin>)> =
        merged.terms.iter().map(|t| (t.term.raw.clone(), t.origins.iter().filter_map(origin_of).collect())).collect();
    let terms: Vec<&spf::Term> = merged.terms.iter().map(|t| &t.term).collect();
    let written_out = flattening.written_out(name, &terms);
    let ttl = places
        .claims_at(name, claims)
        .filter_map(|c| places.resolved.senders.get(c.origin.party.checked_sub(1)?)?.used.ttl.as_ref())
        .map(|t| t.value)
        .chain(existing.as_ref().and_then(|e| e.ttl))
        .min();
    let origin = existing_origin.or_else(|| origins.first().copied()).unwrap_or_else(|| section(section_here.span));
    match Rdata::txt(merged.text()) {
        Ok(rdata) => Some(Claim {
            name: name.clone(),
            rtype: Rtype::TXT,
            rdata,
            ttl,
            origin,
            intent: Intent::Spf {
                terms: listed,
                written_out,
                return_path: return_path && existing_origin.is_none() && !own,
            },
            conflict: None,
            on_apply: false,
        }),
        Err(error) => {
            claims
                .findings
                .push(Finding::error("txt-string-over-255", error.text).at_opt(origin.span, Text::default()));
            existing
        }
    }
}

/// What a merge did, unless it only found the same term twice.
fn merge_note(note: &spf::MergeNote<usize>, origin: Option<Origin>, at: &str) -> Option<Finding> {
    let (id, severity) = match note.kind {
        // A shadowed term is told by the rule, which sees the whole record.
        MergeNoteKind::Duplicate | MergeNoteKind::Shadowed => return None,
        MergeNoteKind::Covered | MergeNoteKind::Dead => ("spf-duplicate-or-covered-term", Severity::Advice),
        MergeNoteKind::AfterAll => ("spf-terms-after-all", Severity::Warning),
        MergeNoteKind::AllIgnored => ("spf-all-ignored", Severity::Advice),
        MergeNoteKind::RedirectIgnored => ("spf-redirect-with-all", Severity::Warning),
        MergeNoteKind::RedirectConverted { .. } => ("spf-redirect-converted", Severity::Warning),
        MergeNoteKind::ExplanationDropped | MergeNoteKind::UnknownModifier => {
            ("spf-modifier-dropped", Severity::Advice)
        }
    };
    let what = note.text();
    let title = say!(en: "SPF of {at}: {what}", ja: "{at} の SPF: {what}"; what = what);
    Some(Finding::new(id, severity, title).at_opt(origin.and_then(|o| o.span), Text::default()).about(at, "TXT"))
}
