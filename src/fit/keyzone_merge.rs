//! The keyzone of many sites: what each of them puts there, as one zone. What stands there already is kept unless it is said to go.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::Catalogue;
use crate::compose::{Composed, ComposedZone, Declared, Intent, Loser, Member, Origin, Party, RrSet};
use crate::report::{Finding, NoteKind, Text, excerpt, visible};
use crate::say;
use crate::site::Site;
use crate::toml_reader::At;
use crate::zone::{MasterFile, Name, Rdata, Record, Rtype, Ttl};

use super::limits::Limits;
use super::model::{Fitted, Outcome};
use super::settle::SettledZone;
use super::{keyzone, zone};

/// TTL of what the current zone gives none for.
const TTL: u32 = 3600;
/// Names that a finding lists; of the others only the number is told.
const LISTED: usize = 10;

/// What one site puts into a keyzone. Owns all of it: the site is gone when zones are merged.
#[derive(Clone, Debug)]
pub struct Share {
    /// The site's file, as messages show it.
    file: String,
    /// The zone that holds it.
    zone: Name,
    /// In whose panel the zone is edited, as the site names it.
    registrar: Option<At<String>>,
    /// The names below the suffix that are this site's, as far as the site knows: its domain's and its From domains'.
    domains: Vec<Name>,
    /// Names in the keyzone that a CNAME of the site's own zones points to.
    targets: Vec<Name>,
    /// What it wants there.
    records: Vec<Held>,
    /// Names of keys that it wants and that are nowhere yet: not given, or refused by every form.
    open: Vec<Name>,
}

#[derive(Clone, Debug)]
struct Held {
    record: Record,
    intent: Intent,
    who: Text,
}

impl Share {
    /// What a site puts into its keyzone; `None` if it has none that can work. `file` is its name in messages.
    #[must_use]
    pub fn of(file: &str, site: &Site, fitted: &Fitted<'_>) -> Option<Self> {
        let section = site.keyzone.as_ref()?;
        let (suffix, domain) = (section.suffix.value.clone(), &site.domain.value);
        // A delegated subzone of the site's own may be the keyzone: then all of it is wanted there.
        let own = |n: &Name| suffix.is_subdomain_of(n);
        let deepest = fitted.subzones.iter().filter(|z| own(&z.composed.origin));
        let subzone = deepest.max_by_key(|z| z.composed.origin.label_count());
        if subzone.is_none() && own(domain) {
            return None;
        }
        let held = subzone.or(fitted.keyzone.as_ref());
        let (zone, registrar) = match held {
            Some(zone) => (zone.composed.origin.clone(), zone.composed.registrar.clone()),
            None => {
                let zone = section.zone.as_ref().map_or_else(|| suffix.clone(), |z| z.value.clone());
                (zone, section.registrar.clone())
            }
        };
        let sets = held.into_iter().flat_map(|z| &z.composed.rrsets);
        let members = sets.flat_map(|set| set.members.iter().zip(set.records()));
        let records =
            members.map(|(m, record)| Held { record, intent: m.intent.clone(), who: company(m, fitted) }).collect();
        let below = |name: &Name| name.to_lowercase().join(&suffix).ok();
        // A subdomain that sends nothing may be another site, as may a From domain elsewhere.
        let froms = fitted.composed.declared.senders.iter().map(|s| &s.from).filter(|f| f.is_subdomain_of(domain));
        let domains = std::iter::once(domain).chain(froms).filter_map(below).collect();
        let zones = std::iter::once(&fitted.own).chain(&fitted.subzones);
        let cnames = zones.flat_map(|z| &z.composed.rrsets).filter(|s| s.rtype == Rtype::CNAME);
        let targets = cnames.flat_map(|s| &s.members).filter_map(|m| m.rdata.target(Rtype::CNAME));
        let targets = targets.filter(|t| t.is_subdomain_of(&zone)).map(|t| t.to_lowercase()).collect();
        let mut open: Vec<Name> = Vec::new();
        for zone in fitted.zones() {
            open.extend(zone.composed.blanks.iter().filter_map(|b| keyzone::readable(&b.name, &suffix)));
            let hindered = zone.each().filter(|(.., r)| r.outcome >= Outcome::Damaged);
            let owners = hindered.map(|(set, ..)| &set.name);
            open.extend(owners.filter_map(|name| keyzone::readable(name, &suffix)));
        }
        Some(Self { file: visible(file).into_owned(), zone, registrar, domains, targets, records, open })
    }

    /// The zone that holds it.
    #[must_use]
    pub fn zone(&self) -> &Name {
        &self.zone
    }

    /// Whether it puts anything there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }
}

/// The company that wants a record; none if the site itself does.
fn company(member: &Member, fitted: &Fitted<'_>) -> Text {
    let first = member.origins.first().filter(|o| o.party != 0);
    first.map(|o| fitted.composed.party(o)).unwrap_or_default()
}

/// The keyzone of many sites, as one zone.
#[derive(Clone, Debug)]
pub struct Merged<'a> {
    composed: Composed,
    settled: SettledZone<'a>,
    findings: Vec<Finding>,
    gone: Vec<Record>,
}

/// What is known of the current zone, and what may be done to it.
#[derive(Clone, Copy, Debug)]
pub struct Current<'f> {
    /// The zone as it is.
    pub file: &'f MasterFile,
    /// The file's name in messages.
    pub name: &'f str,
    /// Whether what a site no longer wants goes.
    pub remove: bool,
    /// Whether the zone's own SOA and NS are kept in the output, for formats that write them.
    pub authority: bool,
}

impl<'a> Merged<'a> {
    /// Merges what sites put into one zone, in their order, into what is there. `Err` if the current zone cannot be read whole: what was
    /// not read would be lost.
    ///
    /// # Errors
    /// What is wrong with the current zone.
    pub fn of(shares: &[Share], current: Option<Current<'_>>, catalogue: &'a Catalogue) -> Result<Self, Vec<Finding>> {
        let origin = shares.first().map_or_else(Name::root, |s| s.zone.clone());
        if let Some(current) = &current {
            let faults = faults(current, &origin);
            if !faults.is_empty() {
                return Err(faults);
            }
        }
        let mut merge = Merge::new(origin, shares);
        let registrar = merge.registrar(catalogue);
        for (at, share) in shares.iter().enumerate() {
            merge.share(at, share);
        }
        match current {
            Some(current) => merge.current(&current),
            None => merge.told_without_current(),
        }
        let registrar_found = registrar.as_ref().and_then(|r| catalogue.registrar(&r.value));
        let gone = std::mem::take(&mut merge.gone);
        let (composed, mut findings) = merge.composed(registrar);
        let limits = Limits::new(registrar_found, &[]);
        let mut records = zone::assess(&composed, &composed.own, registrar_found, &limits);
        for record in &mut records {
            let set = composed.own.rrsets.get(record.set);
            // What stands there already was taken; it counts only where the whole zone does.
            if set.and_then(|s| s.members.get(record.member)).is_some_and(is_kept) {
                record.causes.clear();
                record.outcome = Outcome::AsIs;
            }
        }
        let mut settled = SettledZone::new(registrar_found, limits);
        settled.records = Some(records);
        let _ = settled.fitted(&composed, &composed.own, &mut findings);
        Ok(Self { composed, settled, findings, gone })
    }

    /// The zone, fitted to the form it is edited in, with all findings.
    #[must_use]
    pub fn fitted(&self) -> Fitted<'_> {
        let own = self.settled.fitted(&self.composed, &self.composed.own, &mut Vec::new());
        let findings = self.findings.clone();
        Fitted { composed: &self.composed, own, subzones: Vec::new(), keyzone: None, findings }
    }

    /// Whether there is anything in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.composed.own.rrsets.is_empty()
    }

    /// What was taken out of the zone as it is.
    #[must_use]
    pub fn gone(&self) -> &[Record] {
        &self.gone
    }
}

/// Party 0 stands for the zone as it is.
fn is_kept(member: &Member) -> bool {
    member.origins.iter().all(|o| o.party == 0)
}

/// What keeps the current zone from being read whole.
fn faults(current: &Current<'_>, origin: &Name) -> Vec<Finding> {
    let file = visible(current.name);
    let mut out: Vec<Finding> = Vec::new();
    for fault in &current.file.faults {
        let (line, text) = (fault.line, &fault.text);
        out.push(Finding::error(
            "keyzone-current",
            say!(en: "{file}:{line}: {text}", ja: "{file}:{line}: {text}"; text = text),
        ));
    }
    let more = current.file.more_faults;
    if more > 0 {
        out.push(Finding::error(
            "keyzone-current",
            say!(en: "{file}: {more} more faults", ja: "{file}: ほかに {more} か所の誤りがあります"),
        ));
    }
    let plain = origin.display_without_dot().to_string();
    let records = &current.file.records;
    let elsewhere = |name: &Name| name.display_without_dot().to_string();
    if let Some(soa) = records.iter().find(|r| r.rtype == Rtype::SOA && r.name != *origin) {
        let (line, name) = (soa.line, elsewhere(&soa.name));
        out.push(Finding::error(
            "keyzone-current",
            say!(en: "{file}:{line}: this is the zone {name}; the keyzone is {plain}", ja: "{file}:{line}: {name} のゾーンです。鍵の置き場のゾーンは {plain} です"),
        ));
    } else if let Some(record) = records.iter().find(|r| !r.name.is_subdomain_of(origin)) {
        let (line, name) = (record.line, elsewhere(&record.name));
        out.push(Finding::error(
            "keyzone-current",
            say!(en: "{file}:{line}: {name} is not in the zone {plain}", ja: "{file}:{line}: {name} は {plain} のゾーンの名前ではありません"),
        ));
    }
    if let Some(first) = out.pop() {
        out.push(first.harm(say!(en: "what is not read would be missing from the new zone, so nothing is written", ja: "読めない部分が新しいゾーンから抜けてしまうため、何も書き出しません")));
    }
    out
}

/// What is merged so far.
struct Merge<'s> {
    origin: Name,
    shares: &'s [Share],
    parties: Vec<Party>,
    party_of: BTreeMap<(String, usize), usize>,
    /// Each name's records and the share that wants them.
    names: BTreeMap<Name, Vec<(RrSet, usize)>>,
    kept: BTreeMap<(Name, Rtype), RrSet>,
    losers: Vec<Loser>,
    gone: Vec<Record>,
    /// Whether the zone as it is was read, from its SOA on, so that all of it is known.
    is_whole: bool,
    findings: Vec<Finding>,
}

impl<'s> Merge<'s> {
    fn new(origin: Name, shares: &'s [Share]) -> Self {
        let current = say!(en: "the zone as it is", ja: "いまのゾーン");
        Self {
            origin,
            shares,
            parties: vec![Party { name: current, id: None, span: None }],
            party_of: BTreeMap::new(),
            names: BTreeMap::new(),
            kept: BTreeMap::new(),
            losers: Vec::new(),
            gone: Vec::new(),
            is_whole: false,
            findings: Vec::new(),
        }
    }

    fn plain(&self) -> String {
        self.origin.display_without_dot().to_string()
    }

    fn file(&self, share: usize) -> &str {
        self.shares.get(share).map_or("", |s| &s.file)
    }

    /// In whose panel the zone is edited; sites may not name two.
    fn registrar(&mut self, catalogue: &Catalogue) -> Option<At<String>> {
        let id = |r: &At<String>| catalogue.registrar(&r.value).map(|r| r.id.clone());
        let mut named = self.shares.iter().filter_map(|s| Some((s, s.registrar.as_ref()?, id(s.registrar.as_ref()?)?)));
        let (first, registrar, first_id) = named.next()?;
        if let Some((other, ..)) = named.find(|(.., id)| *id != first_id) {
            let (zone, first, other) = (self.plain(), &first.file, &other.file);
            let used = excerpt(&registrar.value, 40);
            self.findings.push(
                Finding::error(
                    "keyzone-registrar",
                    say!(en: "{first} and {other} name two companies where {zone} is edited", ja: "{first} と {other} で、{zone} の「DNSを編集する会社」が違います"),
                )
                .note(NoteKind::Note, say!(en: "“{used}” is used, as {first} says", ja: "{first} の「{used}」を使いました")),
            );
        }
        Some(registrar.clone())
    }

    fn party(&mut self, who: &Text, share: usize) -> usize {
        if let Some(party) = self.party_of.get(&(who.en.clone(), share)) {
            return *party;
        }
        let file = self.file(share);
        let name =
            if who.is_empty() { Text::same(file) } else { say!(en: "{who}, {file}", ja: "{who}、{file}"; who = who) };
        self.parties.push(Party { name, id: None, span: None });
        self.party_of.insert((who.en.clone(), share), self.parties.len() - 1);
        self.parties.len() - 1
    }

    /// Takes what a site wants. Of two sites that want different things at one name, the first one stays.
    fn share(&mut self, at: usize, share: &Share) {
        for Held { record, intent, who } in &share.records {
            let party = self.party(who, at);
            let origin = Origin { party, span: None, by_hand: false };
            let name = record.name.display_without_dot().to_string();
            let ttl = Ttl::from_seconds(record.ttl).unwrap_or(Ttl::MAX);
            let here = self.names.entry(record.name.clone()).or_default();
            let equal = |m: &Member| m.rdata.means(&record.rdata, record.rtype);
            let same = here.iter_mut().find(|(s, _)| s.rtype == record.rtype && s.members.iter().any(equal));
            if let Some((set, first)) = same {
                set.ttl = set.ttl.min(ttl);
                let (first, other, rtype) =
                    (self.shares.get(*first).map_or("", |s| &s.file), &share.file, record.rtype);
                self.findings.push(
                    Finding::advice("keyzone-twice", say!(en: "{first} and {other} want the same {rtype} at {name}", ja: "{first} と {other} が、{name} に同じ {rtype} を置きます"))
                        .about(name, rtype.to_string()),
                );
                continue;
            }
            let other = here.iter().find(|(_, owner)| *owner != at).map(|(_, owner)| *owner);
            if let Some(first) = other {
                let (first, other) = (self.file(first).to_owned(), &share.file);
                let why = say!(en: "{first} and {other} want different records at {name}", ja: "{first} と {other} で、{name} に置くレコードが違います");
                self.findings.push(
                    Finding::error("keyzone-two-sites", why.clone())
                        .about(name, record.rtype.to_string())
                        .harm(say!(en: "one name holds one key; that of {other} is not active", ja: "1 つの名前に置ける鍵は 1 つです。{other} のほうは有効にしていません"))
                        .next(say!(en: "decide which of the two files is right", ja: "どちらの site.toml が正しいか決めて、もう一方を直してください")),
                );
                self.losers.push(Loser { record: record.clone(), origins: vec![origin], why });
                continue;
            }
            let member = Member { rdata: record.rdata.clone(), origins: vec![origin], intent: intent.clone() };
            match here.iter_mut().find(|(s, _)| s.rtype == record.rtype) {
                Some((set, _)) => set.members.push(member),
                None => {
                    let set = RrSet { name: record.name.clone(), rtype: record.rtype, ttl, members: vec![member] };
                    here.push((set, at));
                }
            }
        }
    }

    fn wanted(&self) -> usize {
        self.names.values().flatten().map(|(s, _)| s.members.len()).sum()
    }

    fn told_without_current(&mut self) {
        let (zone, records, sites) =
            (self.plain(), self.wanted(), self.shares.iter().filter(|s| !s.is_empty()).count());
        if records == 0 {
            return;
        }
        self.findings.push(
            Finding::advice("keyzone-merged", say!(en: "{zone}: records {records}, sites {sites}; what is there now is not known (--current)", ja: "{zone}: レコード {records} 件、サイト {sites} 件。いまのゾーンは読んでいません（--current）"))
                .note(NoteKind::Note, say!(en: "add these to the zone; all the rest of it stays", ja: "これらをゾーンに足します。ほかのレコードはそのままです")),
        );
    }

    /// Lays what the sites want over what is there.
    fn current(&mut self, current: &Current<'_>) {
        let (mut kept, mut unwanted) = (0usize, BTreeSet::new());
        let mut authority = false;
        // A key's name is `<selector>.<domain>.<suffix>`: what follows the selector says whose it is.
        let mut domains: BTreeMap<&Name, &Share> = BTreeMap::new();
        for share in self.shares {
            for domain in &share.domains {
                domains.entry(domain).or_insert(share);
            }
        }
        let pointed = pointed(self.shares, current.file);
        // What stays beside what a site wants at that name: whose wish it is, and the types.
        let mut beside: BTreeMap<Name, (usize, BTreeSet<Rtype>)> = BTreeMap::new();
        let mut there: BTreeSet<(Name, Rtype, usize)> = BTreeSet::new();
        for record in &current.file.records {
            let apex = record.name == self.origin;
            if apex && matches!(record.rtype, Rtype::SOA | Rtype::NS) {
                self.is_whole |= record.rtype == Rtype::SOA;
                authority = true;
                if current.authority {
                    self.keep(record.clone().into_record(TTL));
                }
                continue;
            }
            let record = record.clone().into_record(TTL);
            let name = record.name.display_without_dot().to_string();
            let wanted = self.names.get(&record.name);
            if let Some(at) = wanted.and_then(|sets| find(sets, &record)) {
                there.insert((record.name.clone(), record.rtype, at));
                continue;
            }
            if let Some(share) = wanted.and_then(|sets| clash(sets, &record)) {
                let (file, rtype) = (self.file(share).to_owned(), record.rtype);
                if current.remove && wanted.is_some_and(|sets| may_replace(sets, &record)) {
                    self.findings.push(
                        Finding::advice("keyzone-removed", say!(en: "replaced: the {rtype} at {name}; {file} wants another record there", ja: "入れ替えました: {name} の {rtype}（{file} は別の内容にしています）"))
                            .about(name, rtype.to_string()),
                    );
                    self.gone.push(record);
                    continue;
                }
                kept += 1;
                beside.entry(record.name.clone()).or_insert_with(|| (share, BTreeSet::new())).1.insert(rtype);
                self.keep(record);
                continue;
            }
            let owner = record.name.parent().and_then(|domain| domains.get(&domain).copied());
            if let Some(share) = owner.filter(|_| is_key(&record)) {
                let (rtype, file) = (record.rtype, share.file.clone());
                if share.open.contains(&record.name) {
                    self.findings.push(
                        Finding::advice("keyzone-kept", say!(en: "kept: the {rtype} at {name}; {file} wants this key, but has no place for it yet", ja: "残しました: {name} の {rtype}（{file} で使う鍵ですが、まだ書かれていないか、入れる場所がありません）"))
                            .about(name, rtype.to_string()),
                    );
                } else if let Some(share) = pointed.get(&record.name) {
                    if current.remove {
                        let file = self.file(*share).to_owned();
                        self.findings.push(
                            Finding::advice("keyzone-kept", say!(en: "kept: the {rtype} at {name}; a CNAME of {file} points to it", ja: "残しました: {name} の {rtype}（{file} の CNAME がここを指しています）"))
                                .about(name, rtype.to_string()),
                        );
                    }
                } else if current.remove {
                    self.findings.push(
                        Finding::advice("keyzone-removed", say!(en: "removed: the {rtype} at {name}; {file} no longer wants it", ja: "取り除きました: {name} の {rtype}（{file} では使わなくなりました）"))
                            .about(name, rtype.to_string())
                            .harm(say!(en: "if the site's own zone still points to it, its DKIM fails: change that zone first, and wait for its TTL", ja: "サイトのゾーンがまだここを指していると DKIM が失敗します。先にそちらを直し、TTL が過ぎてから反映してください")),
                    );
                    self.gone.push(record);
                    continue;
                } else {
                    unwanted.insert(record.name.clone());
                }
            }
            kept += 1;
            self.keep(record);
        }
        self.below_delegation();
        let added = self.names.iter().filter(|(name, _)| !beside.contains_key(*name));
        let added = added.flat_map(|(_, sets)| sets).map(|(s, _)| s.members.len()).sum::<usize>();
        let added = added.saturating_sub(there.iter().filter(|(name, ..)| !beside.contains_key(name)).count());
        for (name, (share, types)) in &beside {
            self.stays(name, *share, types, &there, current.remove);
        }
        let (there, removed) = (there.len(), self.gone.len());
        self.told(added, there, kept, removed);
        self.told_unwanted(&unwanted);
        let soa = current.authority && self.is_whole;
        if soa && added + removed > 0 {
            self.findings.push(Finding::advice("keyzone-serial", say!(en: "the serial of the SOA is as it was: raise it before you load the zone", ja: "SOA のシリアル番号は元のままです。ゾーンを読み込ませる前に増やしてください")));
        }
        if !self.is_whole {
            let (file, zone) = (visible(current.name), self.plain());
            self.findings.push(Finding::advice("keyzone-part", say!(en: "{file} has no SOA of {zone}, so it is not taken for the whole zone", ja: "{file} に {zone} の SOA がないため、ゾーンの全体とは見なしていません")));
        }
        if !current.authority && authority {
            self.findings.push(Finding::advice("keyzone-authority", say!(en: "SOA and NS of the zone are not in this format: whoever serves the zone makes them", ja: "ゾーンの SOA と NS はこの形式には入れていません（ゾーンを置く会社が作ります）")));
        }
    }

    /// What is there stays until it is told to go, and so does what it is told not to remove; of what a site wants at that name, only what is
    /// there already stays beside it.
    fn stays(
        &mut self,
        name: &Name,
        share: usize,
        types: &BTreeSet<Rtype>,
        there: &BTreeSet<(Name, Rtype, usize)>,
        remove: bool,
    ) {
        let (shown, file) = (name.display_without_dot().to_string(), self.file(share).to_owned());
        let list = types.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let why = say!(en: "{shown} has another {list} now than {file} wants there", ja: "{shown} にはいま、{file} と違う {list} があります");
        let mut both = false;
        for (set, owner) in self.names.remove(name).unwrap_or_default() {
            // A CNAME stands alone or the zone does not load.
            let alone = set.rtype == Rtype::CNAME || types.contains(&Rtype::CNAME);
            let mut stay = RrSet { members: Vec::new(), ..set.clone() };
            for (at, (record, member)) in set.records().zip(&set.members).enumerate() {
                if !alone && there.contains(&(name.clone(), set.rtype, at)) {
                    stay.members.push(member.clone());
                } else {
                    self.losers.push(Loser { record, origins: member.origins.clone(), why: why.clone() });
                }
            }
            if !stay.members.is_empty() {
                both = true;
                self.names.entry(name.clone()).or_default().push((stay, owner));
            }
        }
        let mut finding = Finding::error("keyzone-differs", why);
        for rtype in types {
            finding = finding.about(shown.clone(), rtype.to_string());
        }
        finding = finding.harm(if both {
            say!(en: "both were kept: two keys at one name, and which of them is used is left to chance", ja: "どちらも残しました。1 つの名前に鍵が 2 つあり、どちらが使われるか分かりません")
        } else {
            say!(en: "the old one was kept and the new one is not active: one name holds one record", ja: "古いほうを残し、新しいほうは有効にしていません（1 つの名前に置けるのは 1 つです）")
        });
        self.findings.push(finding.next(if remove {
            say!(en: "what stands there is no key, so --remove leaves it: move it to another name, or take it out of the zone by hand", ja: "そこにあるのは鍵ではないため、--remove でも取り除きません。別の名前に移すか、ゾーンから手で取り除いてください")
        } else {
            say!(en: "if the new one is right, let it take the old one's place: --remove", ja: "新しいほうが正しければ、--remove を付けると入れ替わります")
        }));
    }

    fn keep(&mut self, record: Record) {
        let intent = intent_of(&record);
        let origin = Origin { party: 0, span: None, by_hand: true };
        let ttl = Ttl::from_seconds(record.ttl).unwrap_or(Ttl::MAX);
        let set = self.kept.entry((record.name.clone(), record.rtype)).or_insert_with(|| RrSet {
            name: record.name.clone(),
            rtype: record.rtype,
            ttl,
            members: Vec::new(),
        });
        set.ttl = set.ttl.min(ttl);
        if !set.members.iter().any(|m| m.rdata.means(&record.rdata, record.rtype)) {
            set.members.push(Member { rdata: record.rdata, origins: vec![origin], intent });
        }
    }

    fn told(&mut self, added: usize, there: usize, kept: usize, removed: usize) {
        let zone = self.plain();
        self.findings.push(Finding::advice(
            "keyzone-merged",
            say!(en: "{zone}: added {added}, already there {there}, others kept {kept}, removed {removed}", ja: "{zone}: 追加 {added} 件、すでにあるもの {there} 件、ほかにそのまま残すもの {kept} 件、取り除くもの {removed} 件"),
        ));
    }

    fn told_unwanted(&mut self, unwanted: &BTreeSet<Name>) {
        if unwanted.is_empty() {
            return;
        }
        let count = unwanted.len();
        let mut list = unwanted.iter().take(LISTED).map(|n| n.display_without_dot().to_string()).collect::<Vec<_>>();
        if count > LISTED {
            list.push("…".to_owned());
        }
        let list = list.join(", ");
        self.findings.push(
            Finding::advice("keyzone-unwanted", say!(en: "kept, though these sites no longer want them: {count} ({list})", ja: "サイトでは使わなくなったものの、残したもの: {count} 件（{list}）"))
                .next(say!(en: "--remove leaves them out", ja: "--remove を付けると取り除きます")),
        );
    }

    /// Nobody sees what is written below a delegation, or below a DNAME.
    fn below_delegation(&mut self) {
        let mut cuts: BTreeMap<(Name, Rtype), usize> = BTreeMap::new();
        for name in self.names.keys() {
            let above = std::iter::successors(Some(name.clone()), Name::parent);
            let above = above.take_while(|n| n.is_subdomain_of(&self.origin));
            // The topmost one is where resolvers turn off.
            let cut = above.filter_map(|n| {
                let has = |n: &Name, rtype| self.kept.contains_key(&(n.clone(), rtype));
                if n != self.origin && has(&n, Rtype::NS) {
                    return Some((n, Rtype::NS));
                }
                (n != *name && has(&n, Rtype::DNAME)).then_some((n, Rtype::DNAME))
            });
            if let Some(cut) = cut.last() {
                *cuts.entry(cut).or_default() += 1;
            }
        }
        for ((cut, rtype), count) in cuts {
            let (cut, zone) = (cut.display_without_dot().to_string(), self.plain());
            let finding = if rtype == Rtype::NS {
                Finding::error("keyzone-below-delegation", say!(en: "{zone} delegates {cut}: nobody sees what is written there in {zone} (records: {count})", ja: "{zone} は {cut} を委任しているため、{zone} に書いたものはだれにも見えません（レコード {count} 件）"))
                    .next(say!(en: "name the zone that it is, in the site.toml files:\n[keyzone]\nzone = \"{cut}\"", ja: "本当のゾーンを site.toml に書いてください:\n[keyzone]\nzone = \"{cut}\""))
            } else {
                Finding::error("keyzone-below-delegation", say!(en: "{zone} has a DNAME at {cut}: nobody sees what is written below it (records: {count})", ja: "{zone} の {cut} に DNAME があるため、その下に書いたものはだれにも見えません（レコード {count} 件）"))
                    .next(say!(en: "choose another suffix in the site.toml files, not below {cut}", ja: "site.toml の [keyzone] の suffix を、{cut} の下ではない名前にしてください"))
            };
            self.findings.push(finding.about(cut, rtype.to_string()));
        }
    }

    fn composed(mut self, registrar: Option<At<String>>) -> (Composed, Vec<Finding>) {
        let mut sets = std::mem::take(&mut self.kept);
        for (set, _) in std::mem::take(&mut self.names).into_values().flatten() {
            match sets.get_mut(&(set.name.clone(), set.rtype)) {
                Some(kept) => {
                    kept.ttl = kept.ttl.min(set.ttl);
                    kept.members.extend(set.members);
                }
                None => {
                    sets.insert((set.name.clone(), set.rtype), set);
                }
            }
        }
        let mut rrsets: Vec<RrSet> = sets.into_values().collect();
        rrsets.sort_by_key(|s| s.name != self.origin);
        let own = ComposedZone {
            origin: self.origin,
            registrar,
            rrsets,
            losers: self.losers,
            blanks: Vec::new(),
            switched: Vec::new(),
            mta_sts_policy: None,
            is_part: !self.is_whole,
        };
        let composed = Composed {
            parties: self.parties,
            own,
            subzones: Vec::new(),
            declared: Declared::default(),
            findings: Vec::new(),
        };
        (composed, self.findings)
    }
}

/// Which of the records wanted at this name it is: its place in the set of its type.
fn find(sets: &[(RrSet, usize)], record: &Record) -> Option<usize> {
    let equal = |m: &Member| m.rdata.means(&record.rdata, record.rtype);
    sets.iter().filter(|(s, _)| s.rtype == record.rtype).find_map(|(s, _)| s.members.iter().position(equal))
}

/// Whether a record may go for what is wanted at its name: a key, or of the same kind as what comes.
fn may_replace(sets: &[(RrSet, usize)], record: &Record) -> bool {
    let version = version(&record.rdata, record.rtype);
    let mut members = sets.iter().flat_map(|(s, _)| s.members.iter().map(|m| self::version(&m.rdata, s.rtype)));
    // A CNAME at the name of a key goes on to the key, whatever the vendor calls it.
    let text = record.rdata.txt_joined();
    let key = record.rtype == Rtype::TXT && crate::mail::dkim::looks_like_dkim_key(&text);
    record.rtype == Rtype::CNAME || key || is_key(record) || (version.is_some() && members.any(|v| v == version))
}

/// The names in the zone as it is that a CNAME of a site points to, directly or through the zone's own CNAMEs, and the first such share.
fn pointed(shares: &[Share], file: &MasterFile) -> BTreeMap<Name, usize> {
    let cnames = file.records.iter().filter(|r| r.rtype == Rtype::CNAME);
    let on: BTreeMap<&Name, Name> = cnames.filter_map(|r| Some((&r.name, r.rdata.target(r.rtype)?))).collect();
    let mut out: BTreeMap<Name, usize> = BTreeMap::new();
    for (at, share) in shares.iter().enumerate() {
        for target in &share.targets {
            let mut next = Some(target);
            while let Some(name) = next {
                if out.contains_key(name) {
                    break;
                }
                out.insert(name.clone(), at);
                next = on.get(name);
            }
        }
    }
    out
}

/// The share whose records at this name cannot stand beside `record`: a CNAME is alone at its name, a DKIM key and a text with a version
/// (`v=DMARC1`) are the only ones of their kind.
fn clash(sets: &[(RrSet, usize)], record: &Record) -> Option<usize> {
    let version = version(&record.rdata, record.rtype);
    let same_kind = |m: &Member, rtype: Rtype| {
        m.intent.is_dkim() || (version.is_some() && self::version(&m.rdata, rtype) == version)
    };
    let clashes = |s: &RrSet| {
        s.rtype == Rtype::CNAME
            || record.rtype == Rtype::CNAME
            || (s.rtype == record.rtype && s.members.iter().any(|m| same_kind(m, s.rtype)))
    };
    sets.iter().find(|(s, _)| clashes(s)).map(|(_, share)| *share)
}

/// The version that a text begins with: `v=spf1`, `v=dmarc1`.
fn version(rdata: &Rdata, rtype: Rtype) -> Option<Vec<u8>> {
    let text = if rtype.is_text() { rdata.txt_joined() } else { Vec::new() };
    let word = text.split(|octet| matches!(octet, b';' | b' ')).next()?.to_ascii_lowercase();
    word.starts_with(b"v=").then_some(word)
}

/// Whether a record is what a keyzone holds: a DKIM key, or a CNAME on to one.
fn is_key(record: &Record) -> bool {
    match record.rtype {
        Rtype::CNAME => record.target().is_some_and(|t| t.labels().any(|l| l.eq_ignore_ascii_case(b"_domainkey"))),
        Rtype::TXT => {
            let text = record.rdata.txt_joined();
            let key = crate::mail::dkim::parse(&text).0;
            key.key.is_some() || key.tags.find(b"v").is_some_and(|v| key.tags.value(v).starts_with(b"DKIM1"))
        }
        _ => false,
    }
}

/// What a record that nobody explains is for, as far as that can be seen.
pub(super) fn intent_of(record: &Record) -> Intent {
    if !is_key(record) {
        return Intent::ByHand;
    }
    use crate::catalogue::sender::{KeyLength, VendorCheck};
    let selector = record.name.first_label().map(|l| String::from_utf8_lossy(l).into_owned()).unwrap_or_default();
    let (vendor_check, key_length) = (VendorCheck::Unknown, KeyLength::Unknown);
    if record.rtype == Rtype::CNAME {
        return Intent::DkimCname { selector, vendor_check, key_length, copy: None };
    }
    let key = crate::mail::dkim::parse(&record.rdata.txt_joined()).0.key;
    Intent::DkimKey { selector, key, vendor_check, key_length }
}
