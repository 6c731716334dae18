//! From the records of a zone to a site.toml that a person would write: senders with their values, sections, and what is left. What was
//! written is built in memory and compared with the zone, so that each difference is known and told. Pure.

mod bind;
mod comments;
mod sections;
mod senders;
mod text;
mod told;
mod verify;
mod zone;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::catalogue::Catalogue;
use crate::catalogue::sender::{Role, SpfNeeded};
use crate::current::asked::Unanswered;
use crate::current::{Form, Origin, Reading, Source, find_origin, understand, unknown_origin};
use crate::init::Company;
use crate::mail::spf;
use crate::report::{Finding, Lang, Sources, Span, Text, excerpt};
use crate::say;
use crate::site::draft::{quoted, sender_table};
use crate::site::{Files, LIMIT_ZONE_FILE, SpfChoice};
use crate::zone::{Current, Name, Record, Rtype};

pub use told::import_told;

use senders::{Chosen, Hint};
use text::{Part, Plan, Written};
use verify::{Broken, Built, Difference};
use zone::Zone;

/// How often what was written is mended and built again. Each time at least one part more is left as it was found.
const ROUNDS: usize = 12;
/// Differences that are told one by one.
const TOLD: usize = 50;

/// How a zone is imported.
#[derive(Clone, Debug, Default)]
pub struct Options<'c> {
    /// The zone's domain; else the text tells it.
    pub origin: Option<Name>,
    /// The company in whose panel the records are edited; else the name servers tell it.
    pub company: Option<Company<'c>>,
    /// A folder from which the zone file may include files besides its own.
    pub include_root: Option<String>,
    /// The file's name as commands are told it; none if it is the usual one.
    pub file: Option<String>,
    /// Keys stand in site.toml itself, not in files beside it.
    pub keys_here: bool,
    /// The language of the comments.
    pub lang: Lang,
}

/// What became of a zone.
#[derive(Debug, Default)]
pub struct Imported {
    /// Whose zone it is.
    pub domain: Option<Name>,
    /// site.toml; none if nothing was read, or no text could be found that builds.
    pub site: Option<String>,
    /// Key files beside it: name and text.
    pub keys: Vec<(String, String)>,
    /// What differs from the zone, and what was not decided.
    pub findings: Vec<Finding>,
    /// The text that findings point into.
    pub sources: Sources,
}

/// Imports the zone in a file: a zone file, an answer of `dig`, the list of a panel.
#[must_use]
pub fn import<'c>(path: &str, files: &dyn Files, catalogue: &'c Catalogue, options: &Options<'c>) -> Imported {
    let mut out = Imported::default();
    let shown = excerpt(path, 80);
    let octets = match files.read(path, LIMIT_ZONE_FILE) {
        Ok(octets) => octets,
        Err(error) => {
            let why = error.text();
            out.findings
                .push(Finding::error("import-file", say!(en: "{shown}: {why}", ja: "{shown}: {why}"; why = why)));
            return out;
        }
    };
    let origin = options.origin.clone().map(|name| Origin { name, note: None });
    let Some(origin) = origin.or_else(|| find_origin(path, &octets)) else {
        let why = unknown_origin(path, &octets);
        out.findings.push(
            Finding::error("import-origin", why)
                .next(say!(en: "name it: --origin example.com", ja: "指定してください: --origin example.com")),
        );
        return out;
    };
    if let Some(note) = &origin.note {
        out.findings
            .push(Finding::advice("import-origin", say!(en: "{shown}: {note}", ja: "{shown}: {note}"; note = note)));
    }
    let registrar = match &options.company {
        Some(Company::Known(registrar)) => Some(registrar.id.as_str()),
        _ => None,
    };
    let reading = Reading {
        apex: &origin.name,
        catalogue: Some(catalogue),
        registrar,
        is_whole: false,
        include_root: options.include_root.as_deref(),
    };
    let source = Source { path, shown: &shown, named: None };
    let is_utf8 = std::str::from_utf8(&octets).is_ok();
    let read = understand(source, octets, &reading, files, &mut out.sources, &mut out.findings);
    if let Some((current, form)) = read {
        of_zone(&origin.name, &current, &Unanswered::new(), (form, is_utf8), catalogue, options, &mut out);
    }
    out.domain = Some(origin.name);
    out
}

/// Imports a zone that was read, in which was `unanswered` what is not known; `form` is what its file is, and whether that is UTF-8.
fn of_zone<'c>(
    apex: &Name,
    current: &Current,
    unanswered: &Unanswered,
    (form, is_utf8): (Form, bool),
    catalogue: &'c Catalogue,
    options: &Options<'c>,
    out: &mut Imported,
) {
    let zone = Zone::new(apex, current);
    say_left_out(&zone, &mut out.findings);
    // Nothing points into what is only tried.
    let nowhere = Span::new(Sources::default().add("", String::new()), 0..0);
    let (mut chosen, hints) = senders::choose(catalogue, &zone, nowhere);
    place_spf(catalogue, &zone, &mut chosen);
    let ttl = most_common_ttl(&zone);
    for one in &mut chosen {
        one.ttl = own_ttl(one, &zone).filter(|own| Some(*own) != ttl);
    }
    let (company, company_origin) = company(options.company.clone(), catalogue, &zone);
    // In an answer or a list what looks like a comment is none.
    let mut comments = if form == Form::Zone { comments::of_records(&out.sources, &zone) } else { HashMap::new() };
    if !is_utf8 {
        say_unreadable(comments::drop_unreadable(&mut comments), &mut out.findings);
    }
    let work = Work {
        catalogue,
        zone: &zone,
        chosen: &chosen,
        hints: &hints,
        comments: &comments,
        unanswered,
        ttl,
        company,
        company_origin,
        options,
    };
    match work.run() {
        Ok((state, written, built)) => {
            work.say(&state, &built, &mut out.findings);
            (out.site, out.keys) = (Some(written.text), written.keys);
        }
        Err(broken) => {
            let why = &broken.why;
            out.findings.push(Finding::error(
                "import-not-built",
                say!(en: "no site.toml could be made of it that builds: {why}", ja: "組み立てられる site.toml を作れませんでした: {why}"; why = why),
            ));
        }
    }
}

/// Comments whose bytes are no UTF-8, of which only marks would be left.
fn say_unreadable(count: usize, findings: &mut Vec<Finding>) {
    if count > 0 {
        findings.push(
            Finding::warning(
                "import-left-out",
                say!(en: "comments that are not UTF-8, left out: {count}", ja: "UTF-8 でないコメントを除きました（{count} 件）"),
            )
            .next(say!(en: "to keep them, save the file as UTF-8 and import it again", ja: "残すには、ファイルを UTF-8 で保存し直してから、もう一度取り込んでください")),
        );
    }
}

/// What of the zone belongs into no site.toml.
fn say_left_out(zone: &Zone<'_>, findings: &mut Vec<Finding>) {
    let domain = zone.apex.display_without_dot().to_string();
    let (signed, outside) = (zone.signed, zone.outside);
    if signed > 0 {
        findings.push(Finding::advice(
            "import-left-out",
            say!(en: "records that name servers make when they sign, left out: {signed}", ja: "署名のときにネームサーバーが作るレコードを除きました（{signed} 件）"),
        ));
    }
    if outside > 0 {
        findings.push(Finding::warning(
            "import-left-out",
            say!(en: "records outside {domain}, left out: {outside}", ja: "{domain} の外のレコードを除きました（{outside} 件）"),
        ));
    }
}

/// The company that the command line names, else the one whose name servers these are.
fn company<'c>(given: Option<Company<'c>>, catalogue: &'c Catalogue, zone: &Zone<'_>) -> (Company<'c>, Option<Text>) {
    if let Some(given) = given {
        return (given, None);
    }
    let hosts: Vec<Text> = zone
        .name_servers
        .iter()
        .take(4)
        .map(|h| Text::same(excerpt(&h.display_without_dot().to_string(), 80)))
        .collect();
    let hosts = crate::report::join(&hosts);
    match catalogue.panels(&zone.name_servers).as_slice() {
        [one] => (
            Company::Known(one),
            Some(say!(en: "the name servers: {hosts}", ja: "ネームサーバー {hosts}"; hosts = hosts)),
        ),
        [] => (Company::Other, None),
        several => {
            let names: Vec<Text> = several.iter().map(|r| Text { en: quoted(&r.id), ja: quoted(&r.id) }).collect();
            let names = crate::report::join(&names);
            (
                Company::Other,
                Some(
                    say!(en: "the name servers, which can be those of {names}: {hosts}", ja: "ネームサーバー {hosts}（{names} のどれか）"; names = names, hosts = hosts),
                ),
            )
        }
    }
}

/// The TTL that most records have; the longer one of two.
fn most_common_ttl(zone: &Zone<'_>) -> Option<u32> {
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    for found in zone.found.iter().filter(|f| f.has_ttl) {
        *counts.entry(found.record.ttl).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(ttl, n)| (*n, *ttl)).map(|(ttl, _)| ttl)
}

/// The one TTL that all records of a sender have.
fn own_ttl(chosen: &Chosen<'_>, zone: &Zone<'_>) -> Option<u32> {
    let own = chosen.records.iter().copied().chain(chosen.keys.iter().map(|(_, at)| *at));
    let mut ttls = own.filter_map(|at| zone.found.get(at)).map(|f| f.has_ttl.then_some(f.record.ttl));
    let first = ttls.next()??;
    ttls.all(|ttl| ttl == Some(first)).then_some(first)
}

/// SPF terms by the name at which they stand.
type Terms = BTreeMap<Name, BTreeSet<String>>;

/// Where each sender's SPF terms stand in the zone, and with which `spf` they would go there.
fn place_spf(catalogue: &Catalogue, zone: &Zone<'_>, chosen: &mut [Chosen<'_>]) {
    let plain = zone.apex.display_without_dot().to_string();
    let jp = plain.ends_with(".jp") || chosen.iter().any(|c| c.sender.japanese);
    let recipients = if jp { "recipients = [\"jp-mobile\"]" } else { "recipients = []" };
    for one in chosen.iter_mut().filter(|c| c.roles.contains(&Role::Send) && !c.sender.spf.terms.is_empty()) {
        let subdomain = one.from.relative_to(zone.apex).filter(|_| one.from != *zone.apex);
        let choices = [None, Some(SpfChoice::From), Some(SpfChoice::ReturnPath), Some(SpfChoice::Omit)];
        // Where it is needed or asked for, that it is not there is to be told, not to be kept.
        let needed = matches!(one.sender.spf.needed, SpfNeeded::Yes | SpfNeeded::Subdomain | SpfNeeded::VendorAsks);
        let mut tried: Vec<(Option<SpfChoice>, Terms)> = Vec::new();
        for choice in choices.into_iter().filter(|c| !needed || *c != Some(SpfChoice::Omit)) {
            let draft = text::draft(one, subdomain.as_deref());
            let draft = crate::site::draft::Draft { spf: choice, ..draft };
            let table = sender_table(one.sender, &draft, catalogue.engine(), Lang::En);
            let written = Written::of(format!("domain = {}\n{recipients}\n{table}", quoted(&plain)));
            let Ok(built) = verify::built(&written, catalogue, |_| false) else { continue };
            let terms = |(name, raw): (Name, Vec<String>)| {
                let domain = name.display_without_dot().to_string();
                let normal = raw.iter().flat_map(|t| normal_terms(t.as_bytes(), &domain)).collect();
                (name, normal)
            };
            tried.push((choice, built.of_senders.into_iter().map(terms).collect()));
        }
        let names: BTreeSet<&Name> = tried.iter().flat_map(|(_, at)| at.keys()).chain([&one.from]).collect();
        let own: BTreeSet<&String> = tried.iter().flat_map(|(_, at)| at.values().flatten()).collect();
        let cost = |at: &Terms| {
            let of = |name: &&Name| {
                let domain = name.display_without_dot().to_string();
                let there: BTreeSet<String> =
                    zone.spf_at(name).map(|(_, r)| normal_terms(r.text(), &domain).collect()).unwrap_or_default();
                let built = at.get(*name).cloned().unwrap_or_default();
                let added = built.difference(&there).count();
                // What is there and would go is worse than what would come.
                let gone = there.iter().filter(|t| own.contains(t) && !built.contains(*t)).count();
                added + 3 * gone
            };
            names.iter().map(of).sum::<usize>()
        };
        // To say where terms go, some of them must be there.
        let finds = |at: &Terms| {
            at.iter().any(|(name, terms)| {
                let domain = name.display_without_dot().to_string();
                zone.spf_at(name).is_some_and(|(_, r)| normal_terms(r.text(), &domain).any(|t| terms.contains(&t)))
            })
        };
        let may = |(choice, at): &&(Option<SpfChoice>, Terms)| match choice {
            None | Some(SpfChoice::Omit) => true,
            Some(_) => finds(at),
        };
        if let Some((choice, _)) = tried.iter().filter(may).min_by_key(|(_, at)| cost(at)) {
            one.spf = *choice;
        }
    }
}

/// The terms of an SPF record without `all` and without qualifiers.
fn normal_terms<'t>(text: &[u8], domain: &'t str) -> impl Iterator<Item = String> + use<'t> {
    let terms: Vec<spf::Term> = spf::Record::parse(text).terms().to_vec();
    let kept = terms.into_iter().filter(|t| t.kind != spf::TermKind::All);
    kept.map(move |t| t.normal(domain).as_str().trim_start_matches(['+', '-', '~', '?']).to_owned())
}

/// A `redirect=` that became an include.
struct Redirected {
    redirect: String,
    include: String,
    /// How the record ends since.
    all: String,
}

impl Redirected {
    /// From one SPF record to another; nothing if no redirect was changed so.
    fn of(old: &[u8], new: &[u8]) -> Option<Self> {
        let (old, new) = (spf::Record::parse(old), spf::Record::parse(new));
        let redirect = old.redirect().filter(|_| new.redirect().is_none())?;
        let spf::TermKind::Redirect(to) = &redirect.kind else { return None };
        let includes = |record: &spf::Record| {
            let is_it = |t: &&spf::Term| matches!(&t.kind, spf::TermKind::Include(name) if name.as_str().eq_ignore_ascii_case(to.as_str()));
            record.terms().iter().find(is_it).map(|t| t.raw.clone())
        };
        let include = includes(&new).filter(|_| includes(&old).is_none())?;
        Some(Self { redirect: redirect.raw.clone(), include, all: new.all()?.raw.clone() })
    }
}

/// What does not change from round to round.
struct Work<'w, 'c> {
    catalogue: &'c Catalogue,
    zone: &'w Zone<'w>,
    chosen: &'w [Chosen<'c>],
    hints: &'w [Hint<'c>],
    comments: &'w HashMap<usize, Vec<String>>,
    unanswered: &'w Unanswered,
    ttl: Option<u32>,
    company: Company<'c>,
    company_origin: Option<Text>,
    options: &'w Options<'c>,
}

/// What the rounds found out.
#[derive(Clone, Debug, Default, PartialEq)]
struct State {
    /// Records that stay as they are whatever a sender or a section could say of them.
    hand: BTreeSet<usize>,
    /// Senders that do not build.
    dropped: BTreeSet<usize>,
    /// Records that site.toml refuses.
    refused: BTreeSet<usize>,
    /// Keys that a switch of their sender makes: nothing is written of them.
    switched: BTreeSet<usize>,
    /// Names whose own closing `all` must be said.
    own_all: BTreeSet<Name>,
    /// SPF terms that senders bring, by name.
    of_senders: BTreeMap<Name, Vec<String>>,
    /// Records that are written as `[[record]]`.
    by_hand: BTreeSet<usize>,
}

impl Work<'_, '_> {
    /// Writes, builds, compares, and leaves as it was what did not come back; until nothing is left to mend.
    fn run(&self) -> Result<(State, Written, Built), Broken> {
        let mut state = State::default();
        for (at, record) in self.zone.records.iter().enumerate() {
            if text::entry(record, self.zone.apex, None).is_none() {
                state.refused.insert(at);
            }
        }
        let mut last: Option<(State, Written, Built)> = None;
        for _ in 0..ROUNDS {
            let written = self.write(&mut state);
            let is_settled = |built: &Built| {
                let mut after = state.clone();
                self.mend(built, &mut after);
                after == state
            };
            match verify::built(&written, self.catalogue, is_settled) {
                Err(broken) => {
                    if !self.take_away(&broken, &written, &mut state) {
                        return last.ok_or(broken);
                    }
                }
                Ok(built) => {
                    let before = state.clone();
                    self.mend(&built, &mut state);
                    let settled = state == before;
                    last = Some((before, written, built));
                    if settled {
                        break;
                    }
                }
            }
        }
        last.ok_or_else(|| Broken {
            at: Vec::new(),
            why: say!(en: "too many parts of it do not build", ja: "組み立てられない部分が多すぎます"),
        })
    }

    fn write(&self, state: &mut State) -> Written {
        let senders: Vec<(usize, &Chosen<'_>)> =
            self.chosen.iter().enumerate().filter(|(i, _)| !state.dropped.contains(i)).collect();
        let froms: BTreeSet<Name> = senders.iter().map(|(_, c)| c.from.clone()).collect();
        let sections = sections::sections(self.zone, &state.of_senders, &froms, &state.hand, &state.own_all);
        let of_senders =
            senders.iter().flat_map(|(_, c)| c.records.iter().copied().chain(c.keys.iter().map(|(_, at)| *at)));
        let covered: BTreeSet<usize> =
            of_senders.chain(sections.all().flat_map(|s| s.records.iter().copied())).collect();
        let all = 0..self.zone.records.len();
        state.by_hand = all.filter(|at| !covered.contains(at) || state.hand.contains(at)).collect();
        let kept_keys = state.hand.union(&state.switched).copied().collect();
        let plan = Plan {
            zone: self.zone,
            senders,
            hints: self.hints,
            sections: &sections,
            by_hand: &state.by_hand,
            refused: &state.refused,
            kept_keys: &kept_keys,
            comments: self.comments,
            unanswered: self.unanswered,
            ttl: self.ttl,
            company: self.company.clone(),
            company_origin: self.company_origin.clone(),
            file: self.options.file.clone(),
            keys_here: self.options.keys_here,
            lang: self.options.lang,
        };
        text::write(&plan, self.catalogue.engine())
    }

    /// Takes away the parts that keep the site from being built. False if there is none to take away.
    fn take_away(&self, broken: &Broken, written: &Written, state: &mut State) -> bool {
        let before = state.clone();
        for at in &broken.at {
            match written.part(*at) {
                Part::Top => {}
                Part::Sender(number) => {
                    // A key that cannot be read is the likeliest reason.
                    let keys: Vec<usize> =
                        self.chosen.get(number).into_iter().flat_map(|c| &c.keys).map(|(_, at)| *at).collect();
                    if keys.iter().all(|at| state.hand.contains(at)) {
                        state.dropped.insert(number);
                    }
                    state.hand.extend(keys);
                }
                Part::Section(records) => state.hand.extend(records),
                Part::Record(at) => {
                    state.refused.insert(at);
                }
            }
        }
        *state != before
    }

    /// Leaves as they were the records that the build does not give back.
    fn mend(&self, built: &Built, state: &mut State) {
        state.of_senders.clone_from(&built.of_senders);
        for difference in verify::compare(self.zone, built) {
            match difference {
                Difference::Missing(at) if self.switch(at, built).is_some() && !state.by_hand.contains(&at) => {
                    state.switched.insert(at);
                }
                Difference::Missing(at) => {
                    state.hand.insert(at);
                }
                Difference::Changed(at, new, _) if state.by_hand.contains(&at) => {
                    let name = self.zone.record(at).map(|r| &r.name).filter(|n| **n != *self.zone.apex);
                    state.own_all.extend(name.filter(|_| spf::is_spf(&new)).cloned());
                }
                Difference::Changed(at, new, _) => {
                    if !self.only_adds(at, &new) {
                        state.hand.insert(at);
                    }
                }
                Difference::Spelled(..) | Difference::Added(..) | Difference::Ttl(..) => {}
            }
        }
    }

    /// Whose switch makes a record.
    fn switch<'b>(&self, at: usize, built: &'b Built) -> Option<&'b Text> {
        let record = self.zone.record(at)?;
        built.switched.iter().find(|(name, rtype, _)| record.name == *name && record.rtype == *rtype).map(|(.., by)| by)
    }

    /// Whether an SPF record has all its terms still, and more: what a sender wants and the zone lacks is told, not hidden.
    fn only_adds(&self, at: usize, new: &[u8]) -> bool {
        let Some(record) = self.zone.record(at) else { return false };
        let (old, name) = (record.rdata.txt_joined(), record.name.display_without_dot().to_string());
        if !spf::is_spf(&old) {
            return false;
        }
        let change = spf::change(&String::from_utf8_lossy(&old), &String::from_utf8_lossy(new), &name);
        change.gone.is_empty() && change.all.is_none() && !change.added.is_empty()
    }

    /// Says what differs and what was not decided.
    fn say(&self, state: &State, built: &Built, findings: &mut Vec<Finding>) {
        // Only what is told is put into words: a hostile zone differs everywhere.
        let differences = verify::compare(self.zone, built);
        let mut told = Vec::new();
        for difference in differences.iter().take(TOLD) {
            told.push(self.difference(difference, state, built));
            told.extend(self.redirect(difference));
        }
        let untold = differences.len().saturating_sub(TOLD);
        for (name, by) in &built.blanks {
            let shown = name.display_without_dot().to_string();
            let what = if self.zone.has_unread(name, Rtype::TXT) {
                say!(en: "{by}: its DKIM key is there, but not as a whole ({shown}); build will ask for it", ja: "{by}: DKIM 鍵はありますが、途中までしか読めません（{shown}）。build でも求められます"; by = by)
            } else if self.zone.is_open(name, Rtype::TXT) {
                say!(en: "{by}: whether its DKIM key is in the zone is not known ({shown}); build will ask for it", ja: "{by}: DKIM 鍵がゾーンにあるかどうか分かりません（{shown}）。build でも求められます"; by = by)
            } else {
                say!(en: "{by}: its DKIM key is not in the zone ({shown}); build will ask for it", ja: "{by}: DKIM 鍵がゾーンにありません（{shown}）。build でも求められます"; by = by)
            };
            told.push(Finding::warning("import-lacks", what).about(shown, "TXT").panel(by.clone()));
        }
        for number in &state.dropped {
            let Some(one) = self.chosen.get(*number) else { continue };
            let name = &one.sender.name;
            told.push(Finding::advice("import-undecided", say!(en: "{name}: its records are there, but its values do not build; they stay as [[record]]", ja: "{name}: レコードはありますが、値から組み立てられないため、[[record]] のままにしました"; name = name)));
        }
        for hint in self.hints {
            let text = text::hint_text(hint, &self.zone.records);
            let span = hint.evidence.first().and_then(|e| self.zone.found.get(e.record)?.span);
            told.push(Finding::advice("import-undecided", text).at_opt(span, Text::default()));
        }
        let more = untold + told.len().saturating_sub(TOLD);
        told.truncate(TOLD);
        findings.extend(told);
        if more > 0 {
            findings.push(Finding::warning(
                "import-differs",
                say!(en: "{more} more differences", ja: "ほかにも違いが {more} 件あります"),
            ));
        }
    }

    fn span(&self, at: usize) -> Option<Span> {
        self.zone.found.get(at).and_then(|f| f.span)
    }

    /// That a redirect of an SPF record became an include, which is no sender's doing by its terms.
    fn redirect(&self, difference: &Difference) -> Option<Finding> {
        let Difference::Changed(at, new, _) = difference else { return None };
        let record = self.zone.record(*at)?;
        let change = Redirected::of(&record.rdata.txt_joined(), new)?;
        let name = record.name.display_without_dot().to_string();
        let (redirect, include, all) =
            (excerpt(&change.redirect, 80), excerpt(&change.include, 80), excerpt(&change.all, 10));
        let title = say!(en: "the SPF of {name}: {redirect} becomes {include}, and the record ends in {all}", ja: "{name} の SPF の {redirect} は {include} に変わり、末尾は {all} になります");
        Some(
            Finding::warning("import-differs", title)
                .at_opt(self.span(*at), Text::default())
                .about(name, record.rtype.to_string())
                .harm(say!(en: "a redirect takes over how the other record ends, an include does not (RFC 7208 §5.2, §6.1)", ja: "redirect は相手のレコードの末尾（all）も使いますが、include は使いません（RFC 7208 §5.2、§6.1）")),
        )
    }

    /// What a difference is, and why.
    fn difference(&self, difference: &Difference, state: &State, built: &Built) -> Finding {
        let about = |record: &Record| (record.name.display_without_dot().to_string(), record.rtype);
        let found = |at: usize| self.zone.record(at).map_or_else(|| (String::new(), Rtype::TXT), about);
        match difference {
            Difference::Spelled(at, new) => {
                let ((name, rtype), new) = (found(*at), excerpt(&String::from_utf8_lossy(new), 200));
                Finding::advice("import-spelled", say!(en: "the {rtype} of {name} will be spelled otherwise, and means the same: {new}", ja: "{name} の {rtype} は書き方が変わります（意味は同じ）: {new}"))
                    .at_opt(self.span(*at), Text::default())
                    .about(name, rtype.to_string())
            }
            Difference::Changed(at, new, by) => {
                let (name, rtype) = found(*at);
                let old = self.zone.record(*at).map(|r| r.rdata.txt_joined()).unwrap_or_default();
                let (old, new) = (String::from_utf8_lossy(&old), String::from_utf8_lossy(new));
                let mut change = spf::change(&old, &new, &name);
                if let Some(redirected) = Redirected::of(old.as_bytes(), new.as_bytes()) {
                    change.added.retain(|term| *term != redirected.include);
                }
                let finding = if spf::is_spf(new.as_bytes()) && !change.added.is_empty() {
                    // Whose the added terms are, which need not be who has the first one.
                    let brought = self.zone.record(*at).and_then(|r| built.bringers.get(&r.name));
                    let mut whose: Vec<Text> = Vec::new();
                    for (_, by) in brought.into_iter().flatten().filter(|(raw, _)| change.added.contains(raw)) {
                        if !whose.contains(by) {
                            whose.push(by.clone());
                        }
                    }
                    let by = if whose.is_empty() { by.clone() } else { crate::report::join(&whose) };
                    let added = excerpt(&change.added.join(" "), 120);
                    Finding::warning(
                        "import-differs",
                        say!(en: "{by} adds to the SPF of {name}: {added}", ja: "{by}の分が {name} の SPF に足されます: {added}"; by = by),
                    )
                } else {
                    let new = excerpt(&new, 200);
                    Finding::warning(
                        "import-differs",
                        say!(en: "the {rtype} of {name} becomes: {new}", ja: "{name} の {rtype} は次のように変わります: {new}"),
                    )
                };
                finding.at_opt(self.span(*at), Text::default()).about(name, rtype.to_string())
            }
            Difference::Missing(at) => {
                let (name, rtype) = found(*at);
                let record = self.zone.record(*at);
                let lost =
                    built.lost.iter().find(|(l, _)| record.is_some_and(|r| r.same_data(l))).map(|(_, why)| why.clone());
                if let (None, Some(by)) = (&lost, self.switch(*at, built)) {
                    return Finding::advice("import-differs", say!(en: "the {rtype} of {name} is not typed: {by} makes it itself by a switch", ja: "{name} の {rtype} は入力しません。{by}の設定で自動で作られます"; by = by))
                        .at_opt(self.span(*at), Text::default())
                        .about(name, rtype.to_string());
                }
                let why = match lost {
                    _ if state.refused.contains(at) => {
                        say!(en: "site.toml has no form for it", ja: "site.toml に書けません")
                    }
                    Some(why) => why,
                    None => say!(en: "another record stands in its place", ja: "別のレコードに置き換わります"),
                };
                Finding::warning("import-differs", say!(en: "the {rtype} of {name} is not built: {why}", ja: "{name} の {rtype} は組み立てられません: {why}"; why = why))
                    .at_opt(self.span(*at), Text::default())
                    .about(name, rtype.to_string())
            }
            Difference::Added(record, by) => {
                let (name, rtype) = about(record);
                let value = excerpt(&record.rdata.present(rtype), 120);
                let what = if self.zone.is_open(&record.name, record.rtype) {
                    say!(en: "{by} wants a record, and what the zone has there is not known: {name} {rtype} {value}", ja: "{by}に必要なレコードです（いまのゾーンにあるかどうかは分かりません）: {name} {rtype} {value}"; by = by)
                } else {
                    say!(en: "{by} wants a record that the zone lacks: {name} {rtype} {value}", ja: "{by}に必要なレコードがゾーンにありません: {name} {rtype} {value}"; by = by)
                };
                Finding::warning("import-differs", what).about(name, rtype.to_string()).panel(by.clone())
            }
            Difference::Ttl(at, new) => {
                let (name, rtype) = found(*at);
                let old = self.zone.record(*at).map_or(0, |r| r.ttl);
                Finding::advice("import-ttl", say!(en: "the TTL of the {rtype} of {name} becomes {new}, from {old}", ja: "{name} の {rtype} の TTL は {old} から {new} になります"))
                    .at_opt(self.span(*at), Text::default())
                    .about(name, rtype.to_string())
            }
        }
    }
}
