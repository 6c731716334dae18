//! Every way round for a record that a form does not take, or perhaps does not: each is tried against all limits again before it is offered.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use crate::catalogue::Catalogue;
use crate::catalogue::registrar::Registrar;
use crate::catalogue::sender::{KeyLength, VendorCheck};
use crate::compose::{Composed, ComposedZone, Intent, Member, Resolved, RrSet, compose};
use crate::mail::dkim::KeyInfo;
use crate::mail::spf;
use crate::report::{Text, join};
use crate::say;
use crate::zone::{Name, Rdata, Record as DnsRecord, Rtype, Ttl};

use super::check::{self, RSA_RECORDS, Record};
use super::keyzone::{self, Keyzone};
use super::limits::{Limits, Strength};
use super::model::{Cause, Effect};
use super::way::{Condition, Price, Standing, Way, WayKind};
use super::zone::form_name;

/// What a form does with a record, by all that is known.
pub(super) enum Takes {
    /// It takes it.
    Yes,
    /// These facts decide, and are not known or rest on one report.
    Perhaps(Vec<Condition>),
    /// It refuses or damages it.
    No(Box<Cause>),
}

/// A form, for trying records against it.
#[derive(Clone, Copy)]
pub(super) struct Form<'a> {
    pub registrar: Option<&'a Registrar>,
    pub limits: &'a Limits,
    pub apex: &'a Name,
}

impl Form<'_> {
    fn name(&self) -> Text {
        form_name(self.registrar)
    }

    /// Tries a record of `set`. `changed` says that the record is not the one the site wants, so that all of its facts count.
    pub(super) fn takes(&self, set: &RrSet, member: &Member, who: &Text, changed: bool) -> Takes {
        let record = Record {
            set,
            member,
            apex: self.apex,
            limits: self.limits,
            who: who.clone(),
            form: self.name(),
            final_dot: self.registrar.and_then(|r| r.form.final_dot),
        };
        let mut doubts: Vec<Condition> = Vec::new();
        for cause in record.causes() {
            let hinders = matches!(cause.effect, Effect::Refuses | Effect::Damages) && !cause.is_number();
            match cause.strength {
                Strength::Known if hinders => return Takes::No(Box::new(cause)),
                Strength::Weak if hinders => {
                    let length = cause.measured.unwrap_or_default();
                    doubts.push(self.unsure(cause.limit.key.name, set.rtype, length, true));
                }
                _ => {}
            }
        }
        let length = if set.rtype.is_text() { member.rdata.txt_joined().len() as u64 } else { 0 };
        let unknown = check::unsure(self.limits, set.rtype, &member.rdata);
        let of_owner = record.unsure_of_owner().filter(|_| changed);
        let of_type = record.unsure_of_delegation().filter(|_| changed);
        let all = unknown.into_iter().chain(of_type).chain(of_owner);
        doubts.extend(all.map(|limit| self.unsure(limit, set.rtype, length, false)));
        if doubts.is_empty() { Takes::Yes } else { Takes::Perhaps(doubts) }
    }

    /// What must hold of the form, and whether nothing is known of it or one report says otherwise. `length` is what the limit counts.
    fn unsure(&self, limit: &'static str, rtype: Rtype, length: u64, doubted: bool) -> Condition {
        let form = self.name();
        let what = match limit {
            "txt-truncates" => {
                say!(en: "{form}'s form keeps all {length} bytes of a TXT", ja: "{form}の画面が {length} バイトの TXT を切らずに保存すること"; form = form)
            }
            "txt-max" | "value-max" | "txt-max-encoded" | "txt-over-255" | "txt-refused-at" | "cname-target-max"
            | "record-wire-max" => {
                say!(en: "{form}'s form takes {rtype} values of {length} bytes", ja: "{form}の画面に {length} バイトの {rtype} が入ること"; form = form)
            }
            "cname-target-underscore" => {
                say!(en: "{form}'s form takes “_” in the content of a CNAME", ja: "{form}の画面で、CNAME の「内容」に _ を入れられること"; form = form)
            }
            "a-owner-underscore"
            | "cname-owner-underscore"
            | "txt-owner-underscore"
            | "ns-owner-underscore"
            | "owner-underscore" => {
                say!(en: "{form}'s form takes “_” in the host of {rtype} records", ja: "{form}の画面で、{rtype} のホスト名に _ を入れられること"; form = form)
            }
            "ns-below-apex" => {
                say!(en: "{form}'s form takes NS records for a subdomain", ja: "{form}の画面で、サブドメインの NS を登録できること"; form = form)
            }
            "null-mx" => {
                say!(en: "{form}'s form takes a null MX (0 .)", ja: "{form}の画面で、null MX（0 .）を登録できること"; form = form)
            }
            _ => {
                let key = crate::catalogue::limits::key(limit).map(|k| k.what()).unwrap_or_default();
                say!(en: "{form}'s form takes this {rtype} record ({key})", ja: "{form}の画面に、この {rtype} が入ること（{key}）"; form = form, key = key)
            }
        };
        let what = if doubted {
            say!(en: "{what} (there is a report that it does not)", ja: "{what}（そうではないという情報が 1 つあります）"; what = what)
        } else {
            say!(en: "{what} (not known)", ja: "{what}（未確認）"; what = what)
        };
        Condition { what, limit: Some(limit), elsewhere: None }
    }
}

/// Adds what must hold of one record to what must hold of others: of each limit the longest value.
fn gather(doubts: &mut Vec<(usize, Condition)>, length: usize, conditions: Vec<Condition>) {
    for condition in conditions {
        match doubts.iter_mut().find(|(_, d)| d.limit == condition.limit) {
            Some(known) if known.0 < length => *known = (length, condition),
            Some(_) => {}
            None => doubts.push((length, condition)),
        }
    }
}

/// A mail host in whose own panel a sender's records make themselves.
struct MailHost<'a> {
    registrar: &'a Registrar,
    sender: Text,
    how: Text,
    verdict: Verdict,
}

/// What another form does with the whole zone.
enum Verdict {
    Takes,
    Perhaps(Vec<Condition>),
    No(Text),
}

/// What the ways of one zone are computed from.
pub(super) struct Ground<'a, 'g> {
    pub composed: &'g Composed,
    pub zone: &'g ComposedZone,
    pub resolved: &'g Resolved<'a>,
    pub catalogue: &'g Catalogue,
    pub form: Form<'g>,
    pub keyzone: Option<&'g Keyzone<'a>>,
    mail_hosts: OnceCell<Vec<MailHost<'g>>>,
    hosts: OnceCell<Vec<Host<'g>>>,
}

impl<'a, 'g> Ground<'a, 'g> {
    pub(super) fn new(
        composed: &'g Composed,
        zone: &'g ComposedZone,
        resolved: &'g Resolved<'a>,
        catalogue: &'g Catalogue,
        form: Form<'g>,
        keyzone: Option<&'g Keyzone<'a>>,
    ) -> Self {
        Self { composed, zone, resolved, catalogue, form, keyzone, mail_hosts: OnceCell::new(), hosts: OnceCell::new() }
    }

    fn case<'c>(&'c self, set: &'c RrSet, member: &'c Member) -> Case<'a, 'g, 'c> {
        let nobody = member.origins.first().is_none_or(|o| o.party == 0);
        // What the site writes by hand is another's all the same: whoever the CNAME leads to.
        let target = member.rdata.target(set.rtype).filter(|_| nobody && set.rtype == Rtype::CNAME);
        let who = match target {
            Some(target) => Text::same(target.display_without_dot().to_string()),
            None => self.composed.first_party(member),
        };
        Case { ground: self, set, member, who, form: self.form.name() }
    }

    /// Whether a zone of the site can hold a new record at a name: nothing is or will be there, and the name is not handed on to others.
    fn is_free(&self, zone: &ComposedZone, name: &Name) -> bool {
        let hands_on = |s: &RrSet| {
            let cut = matches!(s.rtype, Rtype::NS | Rtype::DNAME) && s.name != zone.origin;
            cut && name.is_subdomain_of(&s.name)
        };
        let deeper = self.composed.subzones.iter().filter(|z| z.origin.label_count() > zone.origin.label_count());
        name.is_subdomain_of(&zone.origin)
            && !zone.rrsets.iter().any(|s| s.name == *name || hands_on(s))
            && !zone.blanks.iter().any(|b| b.name == *name)
            && !deeper.into_iter().any(|z| name.is_subdomain_of(&z.origin))
    }

    /// Whether the keyzone can hold a record at a name, as far as the site knows that zone.
    fn is_free_in_keyzone(&self, name: &Name) -> bool {
        let zone = self.keyzone.and_then(|k| k.subzone).and_then(|i| self.composed.subzones.get(i));
        zone.is_none_or(|zone| self.is_free(zone, name))
    }

    /// DNS look-ups that an SPF record and what it includes of the site's own zones cost (RFC 7208 §4.6.4).
    fn spf_lookups(&self, record: &spf::Record) -> usize {
        let mut bill = spf::lookup_terms(record);
        let mut seen: BTreeSet<Name> = BTreeSet::new();
        let mut open = spf_targets(record);
        while let Some(name) = open.pop() {
            if bill > spf::MAX_LOOKUPS || !seen.insert(name.clone()) {
                continue;
            }
            let set = self.composed.zones().find_map(|z| z.rrset(&name, Rtype::TXT));
            for member in set.into_iter().flat_map(|s| &s.members) {
                let text = member.rdata.txt_joined();
                if spf::is_spf(&text) {
                    let included = spf::Record::parse(&text);
                    bill += spf::lookup_terms(&included);
                    open.extend(spf_targets(&included));
                }
            }
        }
        bill
    }

    /// The ways that are taken unasked: few and quickly computed.
    pub(super) fn ways_unasked(&self, set: &RrSet, member: &Member, takes: &Takes) -> Vec<Way> {
        let case = self.case(set, member);
        let ways = [case.without_underscore(), case.spf_split(takes), case.keyzone(), case.keyzone_txt()];
        ways.into_iter().flatten().collect()
    }

    /// All ways for a record, by rank; those that are blocked last.
    pub(super) fn ways(&self, set: &RrSet, member: &Member, takes: &Takes) -> Vec<Way> {
        let case = self.case(set, member);
        let mut ways: Vec<Way> = [
            case.as_published(takes),
            case.strings(takes),
            case.without_underscore(),
            case.spf_split(takes),
            case.keyzone(),
            case.delegation(),
            case.mail_host_dns(),
            case.keyzone_txt(),
            case.txt_copy(),
            case.shorter_key(takes),
            case.other_host(),
            case.not_now(),
        ]
        .into_iter()
        .flatten()
        .collect();
        ways.sort_by_key(|w| (!w.is_possible(), w.kind));
        // One reason against the keyzone is told once.
        ways.dedup_by(|a, b| !a.is_possible() && a.standing == b.standing && a.title == b.title);
        ways
    }

    /// The mail hosts of this site's senders whose own panel makes their DKIM records, other than the company that is asked.
    fn mail_hosts(&self) -> &[MailHost<'g>] {
        self.mail_hosts.get_or_init(|| {
            let mut out: Vec<MailHost<'g>> = Vec::new();
            for sender in &self.resolved.senders {
                let template = sender.template();
                let switches = template.switches.iter().filter(|s| s.parts.iter().any(|p| p == "dkim"));
                for (id, switch) in switches.flat_map(|s| s.registrars.iter().map(move |r| (r, s))) {
                    let Some(registrar) = self.catalogue.registrar(id) else { continue };
                    let here = self.form.registrar.is_some_and(|r| r.id == registrar.id);
                    if here || out.iter().any(|h| h.registrar.id == registrar.id) {
                        continue;
                    }
                    let (sender, how) = (template.name.clone(), switch.how.clone());
                    let verdict = self.moved_to(registrar);
                    out.push(MailHost { registrar, sender, how, verdict });
                }
            }
            out
        })
    }

    /// The `[[subdomain]]` that the zone is, by number; none of the site's own zone.
    fn subdomain(&self) -> Option<usize> {
        let is = |s: &crate::site::Subdomain| s.delegated.is_some() && s.name.value == self.zone.origin;
        self.resolved.site.subdomains.iter().position(is)
    }

    /// The lines of site.toml that say in whose panel the zone is edited.
    fn edited_at(&self, registrar: &str) -> String {
        match self.subdomain() {
            None => format!("registrar = \"{registrar}\""),
            Some(_) => self.delegated(&self.zone.origin, registrar),
        }
    }

    /// The lines of site.toml that hand a name on to a company.
    fn delegated(&self, zone: &Name, registrar: &str) -> String {
        let name = zone.relative_to(&self.resolved.site.domain.value).unwrap_or_else(|| zone.to_string());
        format!("[[subdomain]]\nname = \"{name}\"\ndelegated = \"{registrar}\"")
    }

    /// The zone composed anew for another company's panel, and what that form does with it.
    fn moved_to(&self, registrar: &Registrar) -> Verdict {
        let mut resolved = self.resolved.clone();
        match self.subdomain() {
            None => resolved.registrar = Some(registrar),
            Some(i) => {
                if let Some(delegated) = resolved.delegated.get_mut(i) {
                    *delegated = Some(registrar);
                }
            }
        }
        let composed = compose(&resolved);
        let zone = composed.zones().find(|z| z.origin == self.zone.origin).unwrap_or(&composed.own);
        let limits = Limits::new(Some(registrar), &[]);
        let form = Form { registrar: Some(registrar), limits: &limits, apex: &zone.origin };
        let mut doubts: Vec<(usize, Condition)> = Vec::new();
        for (set, member) in typed(zone) {
            match form.takes(set, member, &composed.first_party(member), false) {
                Takes::Yes => {}
                Takes::Perhaps(conditions) => gather(&mut doubts, member.rdata.octets().len(), conditions),
                Takes::No(cause) => return Verdict::No(cause.title.clone()),
            }
        }
        if doubts.is_empty() {
            Verdict::Takes
        } else {
            Verdict::Perhaps(
                doubts.into_iter().map(|(_, d)| Condition { elsewhere: Some(registrar.id.clone()), ..d }).collect(),
            )
        }
    }

    /// The first companies whose form is known to take the record, and is not known to refuse any other of the zone: at most `enough`. No more
    /// templates are read than that takes.
    fn other_hosts(&self, set: &RrSet, member: &Member, enough: usize) -> Vec<Text> {
        let nobody = Text::default();
        let takes = |(registrar, limits): &&(&Registrar, Limits)| {
            let form = Form { registrar: Some(*registrar), limits, apex: &self.zone.origin };
            matches!(form.takes(set, member, &nobody, false), Takes::Yes)
        };
        let hosts = self.hosts().iter().filter_map(|host| host.get_or_init(self));
        hosts.filter(takes).map(|(r, _)| r.name.clone()).take(enough).collect()
    }

    /// Other companies: of the same country first.
    fn hosts(&self) -> &[Host<'g>] {
        self.hosts.get_or_init(|| {
            let japanese = self.composed.declared.jp_mobile;
            let here = |id: &str| self.form.registrar.is_some_and(|here| here.id == id);
            let heads = self.catalogue.registrar_heads();
            let hosts =
                heads.filter(|(id, _, kind)| matches!(*kind, "dns-host" | "cloud" | "registrar-panel") && !here(id));
            let mut hosts: Vec<(bool, &str)> =
                hosts.map(|(id, country, _)| (japanese && country != "JP", id)).collect();
            hosts.sort();
            hosts.into_iter().map(|(_, id)| Host { id, read: OnceCell::new() }).collect()
        })
    }
}

/// A company that may hold the zone, read when it is asked.
struct Host<'g> {
    id: &'g str,
    /// Nothing if its form is known to refuse something of the zone.
    read: OnceCell<Option<(&'g Registrar, Limits)>>,
}

impl<'g> Host<'g> {
    fn get_or_init(&self, ground: &Ground<'_, 'g>) -> Option<&(&'g Registrar, Limits)> {
        let read = || {
            let registrar = ground.catalogue.registrar(self.id)?;
            let limits = Limits::new(Some(registrar), &[]);
            let form = Form { registrar: Some(registrar), limits: &limits, apex: &ground.zone.origin };
            let nobody = Text::default();
            let takes_zone = typed(ground.zone).all(|(s, m)| !matches!(form.takes(s, m, &nobody, false), Takes::No(_)));
            takes_zone.then_some((registrar, limits))
        };
        self.read.get_or_init(read).as_ref()
    }
}

/// Names whose records an SPF record reads: its includes, and its redirect if no `all` makes that void.
fn spf_targets(record: &spf::Record) -> Vec<Name> {
    let of = |term: &spf::Term| match &term.kind {
        spf::TermKind::Include(domain) | spf::TermKind::Redirect(domain) if !domain.has_macros() => {
            Name::parse_absolute(domain.as_str()).ok()
        }
        _ => None,
    };
    let redirect = record.redirect().filter(|_| record.all().is_none());
    record.live_mechanisms().chain(redirect).filter_map(of).collect()
}

/// The records that a person types: what a switch makes is not.
fn typed(zone: &ComposedZone) -> impl Iterator<Item = (&RrSet, &Member)> {
    zone.rrsets
        .iter()
        .flat_map(|s| s.members.iter().map(move |m| (s, m)))
        .filter(|(s, m)| !zone.switched.iter().any(|w| w.makes(s, m)))
}

/// A record whose ways are asked.
struct Case<'a, 'g, 'c> {
    ground: &'c Ground<'a, 'g>,
    set: &'c RrSet,
    member: &'c Member,
    who: Text,
    form: Text,
}

/// The suffix in examples, where the site has no keyzone: as long as one usually is.
const EXAMPLE_SUFFIX: &str = "dkim.agency.example";

impl Case<'_, '_, '_> {
    fn owner(&self) -> &Name {
        &self.set.name
    }

    /// A `[[record]]` at a selector's name.
    fn is_dkim_by_hand(&self) -> bool {
        let mut below = self.owner().labels().skip(1);
        matches!(self.member.intent, Intent::ByHand) && below.any(|l| l.eq_ignore_ascii_case(b"_domainkey"))
    }

    fn is_dmarc_name(&self) -> bool {
        self.set.rtype.is_text() && self.owner().first_label().is_some_and(|l| l.eq_ignore_ascii_case(b"_dmarc"))
    }

    fn is_key(&self) -> bool {
        matches!(self.member.intent, Intent::DkimKey { .. }) || (self.is_dkim_by_hand() && self.set.rtype.is_text())
    }

    fn is_dkim_cname(&self) -> bool {
        matches!(self.member.intent, Intent::DkimCname { .. })
            || (self.is_dkim_by_hand() && self.set.rtype == Rtype::CNAME)
    }

    fn vendor_check(&self) -> Option<VendorCheck> {
        match self.member.intent {
            Intent::DkimKey { vendor_check, .. } | Intent::DkimCname { vendor_check, .. } => Some(vendor_check),
            _ => None,
        }
    }

    fn record(&self, rtype: Rtype, rdata: Rdata) -> DnsRecord {
        DnsRecord { name: self.owner().clone(), rtype, ttl: self.set.ttl.seconds(), rdata }
    }

    /// Tries a record that stands for this one at `form`.
    fn tried_at(&self, form: Form<'_>, record: &DnsRecord) -> Takes {
        // It is called what it is: a key that was a CNAME, a delegation that is no DKIM record any more.
        let intent = match record.rtype {
            Rtype::NS => Intent::ByHand,
            _ => super::settle::derived(&self.member.intent, record),
        };
        let member = Member { rdata: record.rdata.clone(), origins: self.member.origins.clone(), intent };
        let ttl = Ttl::from_seconds(record.ttl).unwrap_or(Ttl::MAX);
        let set = RrSet { name: record.name.clone(), rtype: record.rtype, ttl, members: vec![member.clone()] };
        let changed = set.name != *self.owner() || set.rtype != self.set.rtype;
        form.takes(&set, &member, &self.who, changed)
    }

    /// Tries a record that stands for this one here.
    fn tried(&self, record: &DnsRecord) -> Takes {
        self.tried_at(self.ground.form, record)
    }

    fn way(&self, kind: WayKind, standing: Standing, title: Text, price: Price) -> Way {
        Way {
            kind,
            standing,
            ready: false,
            chosen: false,
            title,
            price,
            remark: None,
            here: Vec::new(),
            there: Vec::new(),
            write: None,
        }
    }

    /// The lines that choose a way for this record.
    fn choose(&self, kind: WayKind) -> String {
        let name = self
            .owner()
            .relative_to(&self.ground.resolved.site.domain.value)
            .unwrap_or_else(|| self.owner().to_string());
        let (rtype, word) = (self.set.rtype, kind.word());
        format!("[[way]]\nname = \"{name}\"\ntype = \"{rtype}\"\nuse = \"{word}\"")
    }

    /// As it is: only worth a try where the refusal is not known.
    fn as_published(&self, takes: &Takes) -> Option<Way> {
        let Takes::Perhaps(conditions) = takes else { return None };
        let form = &self.form;
        let title = say!(en: "enter it as it is and see what {form}'s form says", ja: "そのまま入力して、{form}の画面がどう答えるかを見ます"; form = form);
        let price = Price {
            effort: say!(en: "two minutes", ja: "2 分"),
            cost: nothing(),
            risk: say!(en: "none, if the value is compared after saving", ja: "なし（保存したあとに値を見比べれば）"),
            care: nothing(),
        };
        let mut way = self.way(WayKind::AsPublished, Standing::Conditional(conditions.clone()), title, price);
        way.ready = true;
        way.write = Some(self.choose(WayKind::AsPublished));
        Some(way)
    }

    /// Several strings help only where the form counts each by itself; then the record is reshaped and needs no way round.
    fn strings(&self, takes: &Takes) -> Option<Way> {
        let Takes::No(cause) = takes else { return None };
        if !self.set.rtype.is_text() || cause.id != "host-txt-limit" || self.member.rdata.txt_joined().len() <= 255 {
            return None;
        }
        let title = say!(en: "several strings", ja: "いくつかの文字列に分ける");
        let why = say!(en: "all strings together count, so splitting does not help", ja: "合計で数えるため、分けても入りません");
        Some(self.way(WayKind::Strings, Standing::Blocked(why), title, Price::default()))
    }

    /// The vendor of some validation CNAMEs documents that the leading `_` of the target may be dropped.
    fn without_underscore(&self) -> Option<Way> {
        let target = self.member.rdata.target(self.set.rtype).filter(|_| self.set.rtype == Rtype::CNAME)?;
        let rule = check::underscore_rule(&target)?;
        let first = target.first_label()?.strip_prefix(b"_")?;
        let bare = target.parent()?.child(first).ok()?;
        let record = self.record(Rtype::CNAME, Rdata::cname(&bare));
        let standing = self.standing(&self.tried(&record), Vec::new());
        let (shown, company) = (bare.display_without_dot().to_string(), rule.company);
        let title = say!(en: "leave out the leading “_” of the content: {shown} ({company} documents it)", ja: "内容の先頭の「_」を省きます: {shown}（{company} の公式資料にあります）");
        let price = Price {
            effort: say!(en: "none", ja: "なし"),
            cost: nothing(),
            risk: say!(en: "none", ja: "なし"),
            care: nothing(),
        };
        let mut way = self.way(WayKind::WithoutUnderscore, standing, title, price);
        way.remark = Some(Text::same(rule.source));
        way.ready = true;
        way.here = vec![record];
        Some(way)
    }

    fn spf_split(&self, takes: &Takes) -> Option<Way> {
        let Intent::Spf { .. } = self.member.intent else { return None };
        let limits = self.ground.form.limits;
        let text = self.member.rdata.txt_joined();
        let most = check::longest_text(limits)?;
        if text.len() <= most || matches!(takes, Takes::Yes) {
            return None;
        }
        let record = spf::Record::parse(&text);
        let title = say!(en: "split the SPF record", ja: "SPF を分ける");
        let blocked =
            |why: Text| Some(self.way(WayKind::SpfSplit, Standing::Blocked(why), title.clone(), Price::default()));
        if let Some(problem) = record.syntax_error() {
            let term = &problem.term;
            return blocked(
                say!(en: "the record has an error (“{term}”): mend it first", ja: "書式の誤り（「{term}」）があります。先に直してください"),
            );
        }
        if self.owner().first_label() == Some(b"*".as_slice()) {
            return blocked(
                say!(en: "a wildcard stands for many names, and names below it (_spf1.*) are no part of it", ja: "ワイルドカードは多くの名前の代わりをするもので、分けた行を置く名前がありません"),
            );
        }
        let domain = self.owner().display_without_dot().to_string();
        let underscore = |n: usize| format!("_spf{n}.{domain}");
        let plain = |n: usize| format!("spf{n}.{domain}");
        let refuses_underscore = ["txt-owner-underscore", "owner-underscore"]
            .iter()
            .any(|k| limits.flag(k).is_some_and(|(allowed, _)| !allowed));
        let split = if refuses_underscore {
            spf::split(&record, &domain, most, plain)
        } else {
            spf::split(&record, &domain, most, underscore)
        };
        let Some(split) = split else {
            return blocked(
                say!(en: "no cut at its terms gives records of {most} bytes that mean the same", ja: "同じ意味のまま、項目の区切りで {most} バイト以内に分けることができません"),
            );
        };
        let (before, added) = (self.ground.spf_lookups(&record), split.parts.len());
        let after = before.saturating_add(added);
        if after > spf::MAX_LOOKUPS {
            return blocked(
                say!(en: "each part costs a DNS look-up: {before} → {after}, of 10 allowed", ja: "分けると DNS 照会が {before} → {after} 回になり、上限の 10 回を超えます"),
            );
        }
        let mut here = vec![self.record(Rtype::TXT, Rdata::txt(split.main.as_bytes()).ok()?)];
        for (name, text) in &split.parts {
            let name = Name::parse_absolute(name).ok()?;
            if !self.ground.is_free(self.ground.zone, &name) {
                let name = name.display_without_dot().to_string();
                return blocked(say!(en: "the name {name} is taken", ja: "{name} という名前はすでに使われています"));
            }
            here.push(DnsRecord {
                name,
                rtype: Rtype::TXT,
                ttl: self.set.ttl.seconds(),
                rdata: Rdata::txt(text.as_bytes()).ok()?,
            });
        }
        let mut doubts: Vec<(usize, Condition)> = Vec::new();
        for record in &here {
            match self.tried(record) {
                Takes::Yes => {}
                Takes::Perhaps(conditions) => gather(&mut doubts, record.rdata.octets().len(), conditions),
                Takes::No(cause) => return blocked(cause.title.clone()),
            }
        }
        let doubts: Vec<Condition> = doubts.into_iter().map(|(_, d)| d).collect();
        let length = split.main.len();
        let longest = split.parts.iter().map(|(_, t)| t.len()).max().unwrap_or_default();
        let names = split.parts.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>().join(", ");
        let title = say!(
            en: "split it by include: {length} bytes here, up to {longest} at {names}; look-ups of this record {before} → {after} of 10",
            ja: "include で分けます: この行 {length} バイト、{names} に最大 {longest} バイト。この行の DNS 照会は {before} → {after} 回（上限 10 回）"
        );
        let rows = here.len();
        let price = Price {
            effort: say!(en: "{rows} rows in place of one", ja: "1 行のかわりに {rows} 行"),
            cost: say!(en: "{added} of the 10 look-ups", ja: "DNS 照会の上限 10 回のうち {added} 回"),
            risk: say!(en: "none, if the included rows are entered first", ja: "なし（include される行を先に入れれば）"),
            care: say!(en: "a change may concern any of the rows; build again", ja: "変更のときは、どの行も変わることがあります（もう一度組み立てます）"),
        };
        let standing = if doubts.is_empty() { Standing::Works } else { Standing::Conditional(doubts) };
        let mut way = self.way(WayKind::SpfSplit, standing, title, price);
        way.ready = true;
        way.here = here;
        way.write = Some(self.choose(WayKind::SpfSplit));
        Some(way)
    }

    /// Whether the record can stand behind a CNAME: nothing else is at its name, and it is no apex.
    fn can_be_cname(&self) -> bool {
        let zone = self.ground.zone;
        let alone = zone.rrsets.iter().filter(|s| s.name == *self.owner()).map(|s| s.members.len()).sum::<usize>() == 1;
        let kind = matches!(
            self.member.intent,
            Intent::DkimKey { .. } | Intent::DkimCname { .. } | Intent::Dmarc | Intent::TlsRpt | Intent::Bimi
        ) || (matches!(self.member.intent, Intent::MtaSts) && self.set.rtype == Rtype::TXT)
            || (matches!(self.member.intent, Intent::NoMail | Intent::ByHand) && self.is_dmarc_name())
            || self.is_key()
            || self.is_dkim_cname();
        kind && alone && *self.owner() != zone.origin
    }

    fn keyzone(&self) -> Option<Way> {
        if !self.is_dkim_cname() || !self.can_be_cname() {
            return None;
        }
        let record = self.record(self.set.rtype, self.member.rdata.clone());
        let who = &self.who;
        let care = say!(en: "none: when {who} changes the key, it follows by itself", ja: "なし（{who}が鍵を替えても自動で追従します）"; who = who);
        let condition = (self.vendor_check() == Some(VendorCheck::CnameTarget)).then(|| self.insists());
        Some(self.through_keyzone(WayKind::Keyzone, Some(record), care, condition))
    }

    fn keyzone_txt(&self) -> Option<Way> {
        if !self.can_be_cname() {
            return None;
        }
        if self.set.rtype.is_text() {
            let record = self.record(self.set.rtype, self.member.rdata.clone());
            let who = &self.who;
            let care = if self.is_key() {
                say!(en: "if {who} gives you another key, it is changed in the keyzone", ja: "{who}の鍵が替わったら、鍵の置き場で入れ替えます"; who = who)
            } else {
                say!(en: "changes are made in the keyzone", ja: "変更は鍵の置き場で行います")
            };
            return Some(self.through_keyzone(WayKind::KeyzoneTxt, Some(record), care, None));
        }
        // The vendor's key, copied into the keyzone. What is written by hand has no place for a copy: write the TXT by hand.
        if self.is_dkim_by_hand() {
            return None;
        }
        let record = self.copy().map(|text| self.record(Rtype::TXT, text));
        let condition = matches!(self.vendor_check(), Some(VendorCheck::CnameTarget | VendorCheck::ChainEnd))
            .then(|| self.insists());
        Some(self.through_keyzone(WayKind::KeyzoneTxt, record, self.stale(), condition))
    }

    /// The way through the keyzone: a CNAME here, `held` there. Without `held` the vendor's key is not at hand yet.
    fn through_keyzone(&self, kind: WayKind, held: Option<DnsRecord>, care: Text, condition: Option<Condition>) -> Way {
        let ground = self.ground;
        let example = Name::parse_absolute(EXAMPLE_SUFFIX).unwrap_or_else(|_| Name::root());
        let suffix = ground.keyzone.map_or(&example, |k| &k.suffix);
        let candidates = keyzone::keyzone_names(self.owner(), suffix);
        let mut refused = None;
        let mut found = None;
        for name in candidates {
            if !ground.is_free_in_keyzone(&name) {
                let name = name.display_without_dot().to_string();
                refused = Some(
                    say!(en: "the name {name} is taken in the keyzone", ja: "鍵の置き場では、{name} という名前はすでに使われています"),
                );
                continue;
            }
            let cname = self.record(Rtype::CNAME, Rdata::cname(&name));
            match self.tried(&cname) {
                Takes::No(cause) => refused = Some(cause.title.clone()),
                takes => {
                    found = Some((name, cname, takes));
                    break;
                }
            }
        }
        let plain = say!(en: "a keyzone: another zone of yours holds it", ja: "鍵の置き場（別のゾーン）を経由する");
        let Some((name, cname, takes)) = found else {
            let why = refused.unwrap_or_else(|| say!(en: "its name would be too long", ja: "名前が長くなりすぎます"));
            return self.way(kind, Standing::Blocked(why), plain, Price::default());
        };
        let bytes = name.display_without_dot().to_string().len();
        let mut conditions: Vec<Condition> = condition.into_iter().collect();
        let mut there = Vec::new();
        if let Some(keyzone) = ground.keyzone {
            let form = Form { registrar: keyzone.registrar, limits: &keyzone.limits, apex: &keyzone.zone };
            // Unknown facts of the keyzone's form are told with the keyzone.
            let refused = match &held {
                Some(held) => {
                    let held = DnsRecord { name: name.clone(), ..held.clone() };
                    match self.tried_at(form, &held) {
                        Takes::No(cause) => Some(cause.title.clone()),
                        Takes::Yes | Takes::Perhaps(_) => {
                            there.push(held);
                            None
                        }
                    }
                }
                None => match self.any_key(form, &name) {
                    Err(why) => Some(why),
                    Ok((_, condition)) => {
                        conditions.extend(condition);
                        None
                    }
                },
            };
            if let Some(why) = refused {
                let form = form.name();
                let why = say!(en: "the keyzone's own form ({form}) does not take it either: {why}", ja: "鍵の置き場の画面（{form}）にも入りません: {why}"; form = form, why = why);
                return self.way(kind, Standing::Blocked(why), plain, Price::default());
            }
        }
        let form = &self.form;
        let title = match (kind, self.set.rtype) {
            (WayKind::Keyzone, _) => {
                say!(en: "a keyzone with the CNAME on to {who}: {form} gets only a CNAME of {bytes} bytes", ja: "鍵の置き場（別のゾーン）を経由します。{form}に入れるのは {bytes} バイトの CNAME だけで、その先が{who}につながります"; form = form, who = self.who)
            }
            (_, Rtype::CNAME) => {
                say!(en: "a keyzone with a copy of the key: {form} gets only a CNAME of {bytes} bytes", ja: "鍵の置き場（別のゾーン）に鍵の写しを置きます。{form}に入れるのは {bytes} バイトの CNAME だけです"; form = form)
            }
            _ => {
                say!(en: "a keyzone holds the text: {form} gets only a CNAME of {bytes} bytes", ja: "鍵の置き場（別のゾーン）に値を置きます。{form}に入れるのは {bytes} バイトの CNAME だけです"; form = form)
            }
        };
        if let Takes::Perhaps(more) = takes {
            conditions.extend(more);
        }
        let standing = if conditions.is_empty() { Standing::Works } else { Standing::Conditional(conditions) };
        let price = Price {
            effort: say!(en: "a row here and a row in the keyzone", ja: "この画面に 1 行、鍵の置き場に 1 行"),
            cost: say!(en: "a zone of yours at a company whose form takes it", ja: "長い値を入れられる会社に、自分のゾーンが 1 つ必要です"),
            risk: say!(en: "none: nothing that works now changes", ja: "なし（今の動きは変わりません）"),
            care,
        };
        let mut way = self.way(kind, standing, title, price);
        let holder =
            ground.keyzone.map_or_else(|| EXAMPLE_SUFFIX.to_owned(), |k| k.zone.display_without_dot().to_string());
        let what = match super::settle::content(&self.member.intent) {
            Some(what) => what,
            None if self.is_key() || self.is_dkim_cname() => Text::same("DKIM"),
            None if self.is_dmarc_name() => Text::same("DMARC"),
            None => say!(en: "record", ja: "レコード"),
        };
        let held_by = say!(en: "whoever holds {holder} carries this {what}; if that zone goes, it fails", ja: "{holder} を手放すと、この {what} も止まります"; what = what);
        way.remark = Some(match self.vendor_check() {
            Some(VendorCheck::Unknown) => {
                say!(en: "{held_by}. What {who}'s own check button looks at is not known", ja: "{held_by}。{who}の確認ボタンが何を見ているかは分かっていません"; held_by = held_by, who = self.who)
            }
            _ => held_by,
        });
        way.ready = ground.keyzone.is_some() && held.is_some();
        way.here = vec![cname];
        way.there = there;
        way.write = match (ground.keyzone, &held) {
            (None, _) => {
                Some(format!("[keyzone]\nsuffix = \"{EXAMPLE_SUFFIX}\"\nzone = \"agency.example\"\nregistrar = \"…\""))
            }
            (Some(_), None) => Some(self.give_copy(kind)),
            (Some(_), Some(_)) => Some(self.choose(kind)),
        };
        way
    }

    /// That the vendor's own check looks for its own record.
    fn insists(&self) -> Condition {
        let who = &self.who;
        Condition {
            what: say!(
                en: "you accept that {who}'s own check may call it missing: it looks for exactly its own record, though DNS allows this one",
                ja: "{who}の確認ボタンに「未設定」と出てもかまわないこと（DNS としては正しい設定ですが、決まったレコードだけを見るボタンです）"; who = who
            ),
            limit: None,
            elsewhere: None,
        }
    }

    fn stale(&self) -> Text {
        let who = &self.who;
        say!(en: "goes stale when {who} changes the key; it has to be watched (compare it again every few months)", ja: "{who}が鍵を替えたら入れ直しが必要です（数か月ごとに見比べてください）"; who = who)
    }

    /// The vendor's key, if the site gives it.
    fn copy(&self) -> Option<Rdata> {
        match &self.member.intent {
            Intent::DkimCname { copy: Some(copy), .. } => Rdata::txt(copy).ok(),
            _ => None,
        }
    }

    /// What a form does with a key that is not at hand: of 2048 bits, the usual one, else of 1024, the shortest that receivers take. That it
    /// must be that short, or why none goes in.
    fn any_key(&self, form: Form<'_>, name: &Name) -> Result<(Takes, Option<Condition>), Text> {
        let (small, usual) = (octets(1024), octets(2048));
        let fits = |octets: u64| {
            let text = vec![b'x'; usize::try_from(octets).unwrap_or(0)];
            let rdata = Rdata::txt(&text).ok()?;
            let record = DnsRecord { name: name.clone(), rtype: Rtype::TXT, ttl: self.set.ttl.seconds(), rdata };
            Some(self.tried_at(form, &record))
        };
        let who = &self.who;
        match (fits(usual), fits(small)) {
            (Some(takes @ (Takes::Yes | Takes::Perhaps(_))), _) => Ok((takes, None)),
            (_, Some(Takes::No(cause))) => {
                match check::longest_text(form.limits).filter(|_| cause.measured.is_some()) {
                    Some(most) => Err(
                        say!(en: "even a key of 1024 bits is {small} bytes; {most} are taken", ja: "1024 ビットの鍵でも {small} バイトです。入るのは {most} バイトまでです"),
                    ),
                    None => Err(cause.title.clone()),
                }
            }
            (_, Some(takes)) => {
                let what = say!(en: "{who}'s key has 1024 bits, {small} bytes (with 2048 bits it is {usual} and does not fit)", ja: "{who}の鍵が 1024 ビット（{small} バイト）であること（2048 ビットだと {usual} バイトで入りません）"; who = who);
                Ok((takes, Some(Condition { what, limit: None, elsewhere: None })))
            }
            (_, None) => Err(Text::default()),
        }
    }

    /// The lines that give the vendor's key for a copy.
    fn give_copy(&self, kind: WayKind) -> String {
        let selector = match &self.member.intent {
            Intent::DkimCname { selector, .. } => selector.as_str(),
            _ => "",
        };
        format!("dkim = [{{ selector = \"{selector}\", key-file = \"…\" }}]     # [[sender]]\n{}", self.choose(kind))
    }

    /// NS records for `_domainkey`, so that all keys are edited at another DNS host.
    fn delegation(&self) -> Option<Way> {
        if !self.is_key() && !self.is_dkim_cname() {
            return None;
        }
        let is_domainkey = |n: &Name| n.first_label().is_some_and(|l| l.eq_ignore_ascii_case(b"_domainkey"));
        let selector_parent = std::iter::successors(self.owner().parent(), Name::parent).find(is_domainkey)?;
        let ns = Name::parse_absolute("ns1.example.net").ok()?;
        let record = DnsRecord {
            name: selector_parent.clone(),
            rtype: Rtype::NS,
            ttl: self.set.ttl.seconds(),
            rdata: Rdata::ns(&ns),
        };
        let plain = selector_parent.display_without_dot().to_string();
        let takes = self.tried(&record);
        let standing = self.standing(&takes, Vec::new());
        let title = say!(en: "hand {plain} to a DNS host that takes it: NS records here, the keys there as they are", ja: "{plain} だけを別の DNS に委任します。ここには NS を入れ、鍵はそちらにそのまま置きます");
        let price = Price {
            effort: say!(en: "two NS rows here, the DKIM rows of all services there", ja: "ここに NS が 2 行、全サービスの DKIM の行を委任先に"),
            cost: say!(en: "a zone at a DNS host", ja: "DNS の会社にゾーンが 1 つ"),
            risk: say!(en: "keys that are not entered there first fail at once", ja: "委任先に先に入れていない鍵は、すぐに失敗します"),
            care: say!(en: "keys are changed there; vendors' CNAMEs follow by themselves", ja: "鍵の入れ替えは委任先で行います。CNAME の鍵は自動で追従します"),
        };
        let mut way = self.way(WayKind::Delegation, standing, title, price);
        way.write = Some(self.ground.delegated(&selector_parent, "…"));
        Some(way)
    }

    fn mail_host_dns(&self) -> Option<Way> {
        let hosts = self.ground.mail_hosts();
        let rank = |h: &&MailHost<'_>| match h.verdict {
            Verdict::Takes => 0,
            Verdict::Perhaps(_) => 1,
            Verdict::No(_) => 2,
        };
        let host = hosts.iter().min_by_key(rank)?;
        let (name, how, sender) = (&host.registrar.name, &host.how, &host.sender);
        let standing = match &host.verdict {
            Verdict::Takes => Standing::Works,
            Verdict::Perhaps(conditions) => Standing::Conditional(conditions.clone()),
            Verdict::No(why) => Standing::Blocked(why.clone()),
        };
        let title = say!(en: "move the zone to {name}'s own panel: {sender}'s DKIM makes itself there ({how})", ja: "DNS を{name}の画面に移します。{sender}の DKIM はそちらで自動で入ります（{how}）"; name = name, sender = sender, how = how);
        let rows = typed(self.ground.zone).count();
        let price = Price {
            effort: say!(en: "all {rows} records are entered again, then the name servers are changed", ja: "{rows} 件のレコードを全部入れ直し、ネームサーバーを変えます"),
            cost: nothing(),
            risk: say!(en: "web and mail stop if a record is forgotten; enter all of them before the name servers change", ja: "入れ忘れがあると Web とメールが止まります。全部入れてからネームサーバーを変えます"),
            care: say!(en: "least of all: keys change by themselves", ja: "いちばん少ない（鍵は自動で替わります）"),
        };
        let mut way = self.way(WayKind::MailHostDns, standing, title, price);
        way.write = Some(self.ground.edited_at(&host.registrar.id));
        Some(way)
    }

    fn txt_copy(&self) -> Option<Way> {
        if !self.is_dkim_cname() || self.is_dkim_by_hand() {
            return None;
        }
        let copy = self.copy();
        let who = &self.who;
        let title = say!(en: "a copy of {who}'s key as TXT here", ja: "{who}の鍵の写しを TXT で入れます"; who = who);
        let mut conditions: Vec<Condition> = Vec::new();
        if matches!(self.vendor_check(), Some(VendorCheck::CnameTarget | VendorCheck::ChainEnd)) {
            conditions.push(self.insists());
        }
        let (mut standing, title) = match &copy {
            Some(rdata) => {
                let bytes = rdata.txt_joined().len();
                let record = self.record(Rtype::TXT, rdata.clone());
                let title = say!(en: "{title}: {bytes} bytes", ja: "{title}（{bytes} バイト）"; title = title);
                (self.standing(&self.tried(&record), conditions), title)
            }
            None => match self.any_key(self.ground.form, self.owner()) {
                Ok((takes, condition)) => {
                    conditions.extend(condition);
                    (self.standing(&takes, conditions), title)
                }
                Err(why) => (Standing::Blocked(why), title),
            },
        };
        if let Standing::Conditional(conditions) = &mut standing {
            conditions.dedup();
        }
        let price = Price {
            effort: say!(en: "look the key up, enter one row", ja: "鍵を調べて 1 行入力"),
            cost: nothing(),
            risk: say!(en: "none now", ja: "今はなし"),
            care: self.stale(),
        };
        let mut way = self.way(WayKind::TxtCopy, standing, title, price);
        way.here = copy.map(|rdata| self.record(Rtype::TXT, rdata)).into_iter().collect();
        way.ready = !way.here.is_empty();
        way.write = Some(if way.ready { self.choose(WayKind::TxtCopy) } else { self.give_copy(WayKind::TxtCopy) });
        Some(way)
    }

    fn shorter_key(&self, takes: &Takes) -> Option<Way> {
        let Intent::DkimKey { key_length, key, .. } = &self.member.intent else { return None };
        let too_long = match takes {
            Takes::No(cause) => cause.measured.is_some(),
            Takes::Perhaps(_) => true,
            Takes::Yes => false,
        };
        if !too_long || matches!(key, Some(KeyInfo::Rsa { bits, .. }) if *bits <= 1024) {
            return None;
        }
        let (small, who) = (octets(1024), &self.who);
        let record = self.record(Rtype::TXT, Rdata::txt(&vec![b'x'; usize::try_from(small).unwrap_or(0)]).ok()?);
        let title =
            say!(en: "a shorter key: 1024 bits, {small} bytes", ja: "短い鍵にする（1024 ビット、{small} バイト）");
        let standing = match self.tried(&record) {
            Takes::No(_) => {
                let most = check::longest_text(self.ground.form.limits);
                Standing::Blocked(match most {
                    Some(most) => {
                        say!(en: "even 1024 bits is {small} bytes; it does not fit into {most}", ja: "1024 ビットでも {small} バイトです。{most} バイトには入りません")
                    }
                    None => say!(en: "the form does not take that either", ja: "それも画面に入りません"),
                })
            }
            takes => {
                let conditions = match key_length {
                    KeyLength::Choice => Vec::new(),
                    KeyLength::Fixed => {
                        return Some(self.way(
                            WayKind::ShorterKey,
                            Standing::Blocked(
                                say!(en: "{who} fixes the length", ja: "{who}では鍵の長さを選べません"; who = who),
                            ),
                            title,
                            Price::default(),
                        ));
                    }
                    KeyLength::Unknown => vec![Condition {
                        what: say!(en: "{who} offers 1024 bits (not known)", ja: "{who}で 1024 ビットを選べること（未確認）"; who = who),
                        limit: None,
                        elsewhere: None,
                    }],
                };
                self.standing(&takes, conditions)
            }
        };
        let price = Price {
            effort: say!(en: "make a new key in {who}'s panel", ja: "{who}の画面で鍵を作り直します"; who = who),
            cost: nothing(),
            risk: say!(en: "the old key's signatures fail from then on", ja: "作り直すと、前の鍵の署名は通らなくなります"),
            care: say!(en: "1024 bits is the least that receivers take (RFC 8301); it will have to grow one day", ja: "1024 ビットは受け入れられる下限です（RFC 8301）。いずれ長くする必要があります"),
        };
        let mut way = self.way(WayKind::ShorterKey, standing, title, price);
        way.write = Some("dkim-key-file = \"…\"     # [[sender]]".to_owned());
        Some(way)
    }

    fn other_host(&self) -> Option<Way> {
        let mut names = self.ground.other_hosts(self.set, self.member, 5);
        let more = names.len() > 4;
        names.truncate(4);
        let title = say!(en: "edit the zone at another company", ja: "DNS を別の会社に移す");
        let (title, standing) = if names.is_empty() {
            let what = say!(en: "you find a company whose form takes all of this zone; the catalogue knows of none", ja: "このゾーンをすべて入れられる会社が見つかること（そうと分かっている会社は、設定データの中にありません）");
            (title, Standing::Conditional(vec![Condition { what, limit: None, elsewhere: None }]))
        } else {
            let list = join(&names);
            let title = if more {
                say!(en: "{title}: {list} and others take it", ja: "{title}（{list}などに入ります）"; title = title, list = list)
            } else {
                say!(en: "{title}: {list} take it", ja: "{title}（入ると分かっているのは{list}）"; title = title, list = list)
            };
            (title, Standing::Works)
        };
        let rows = typed(self.ground.zone).count();
        let price = Price {
            effort: say!(en: "all {rows} records are entered again, then the name servers are changed", ja: "{rows} 件のレコードを全部入れ直し、ネームサーバーを変えます"),
            cost: say!(en: "what that company takes", ja: "その会社の料金"),
            risk: say!(en: "web and mail stop if a record is forgotten", ja: "入れ忘れがあると Web とメールが止まります"),
            care: nothing(),
        };
        let mut way = self.way(WayKind::OtherHost, standing, title, price);
        way.write = Some(self.ground.edited_at("…"));
        Some(way)
    }

    /// Left out: honest about what then fails.
    fn not_now(&self) -> Option<Way> {
        let who = &self.who;
        let bulk = self.ground.composed.declared.gmail_per_day.filter(|n| *n >= 5_000);
        let title = say!(en: "not now: leave it out", ja: "今は見送る");
        let (standing, risk) = match &self.member.intent {
            _ if self.is_key() || self.is_dkim_cname() => {
                let standing = match bulk {
                    Some(n) => Standing::Blocked(
                        say!(en: "with {n} mails a day Gmail wants DKIM (from 5,000)", ja: "Gmail あて 1 日 {n} 通では DKIM が必要です（5,000 通から）"),
                    ),
                    None => Standing::Works,
                };
                let risk = if self.is_dkim_by_hand() {
                    say!(en: "mail that is signed with this selector fails DKIM: DMARC rests on SPF alone, forwarded mail fails. Below 5,000 mails a day Gmail accepts SPF alone", ja: "このセレクタで署名したメールは DKIM が失敗します。DMARC は SPF だけが頼りになり、転送されたメールは失敗します。Gmail は 1 日 5,000 通未満なら SPF だけでも受け取ります")
                } else {
                    say!(en: "mail from {who} is not signed as this domain: DMARC rests on SPF alone, forwarded mail fails. Below 5,000 mails a day Gmail accepts SPF alone", ja: "{who}のメールにこのドメインの署名が付きません。DMARC は SPF だけが頼りになり、転送されたメールは失敗します。Gmail は 1 日 5,000 通未満なら SPF だけでも受け取ります"; who = who)
                };
                (standing, risk)
            }
            Intent::NoMail if self.set.rtype == Rtype::MX => {
                let risk = say!(en: "without an MX, senders try the A record of the name (RFC 5321 §5.1); SPF `-all` and DMARC reject still say that it sends nothing", ja: "MX がないと、送信側はその名前の A レコードに届けようとします（RFC 5321 §5.1）。送らないことは SPF の -all と DMARC の reject で伝わります");
                (Standing::Works, risk)
            }
            Intent::Spf { return_path: false, .. } => (
                Standing::Blocked(
                    say!(en: "without SPF all mail is in doubt", ja: "SPF がないと、すべてのメールが疑われます"),
                ),
                Text::default(),
            ),
            _ => (
                Standing::Works,
                say!(en: "what needs this record does not work", ja: "このレコードを使う機能は動きません"),
            ),
        };
        let price = Price {
            effort: nothing(),
            cost: nothing(),
            risk,
            care: say!(en: "the question stays open", ja: "宿題として残ります"),
        };
        let mut way = self.way(WayKind::NotNow, standing, title, price);
        way.ready = true;
        way.write = Some(self.choose(WayKind::NotNow));
        Some(way)
    }

    fn standing(&self, takes: &Takes, mut conditions: Vec<Condition>) -> Standing {
        match takes {
            Takes::No(cause) => return Standing::Blocked(cause.title.clone()),
            Takes::Perhaps(more) => conditions.extend(more.iter().cloned()),
            Takes::Yes => {}
        }
        if conditions.is_empty() { Standing::Works } else { Standing::Conditional(conditions) }
    }
}

/// Octets of the usual record of an RSA key.
fn octets(bits: usize) -> u64 {
    RSA_RECORDS.iter().find(|(b, _)| *b == bits).map_or(0, |(_, octets)| *octets)
}

fn nothing() -> Text {
    say!(en: "none", ja: "なし")
}
