//! Which of the edits hold: each is made to a copy of the site that is built, counted and held against what was before.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::build::{Built, Overrides, build};
use crate::catalogue::Catalogue;
use crate::compose::{ComposedZone, Intent, Origin};
use crate::live::{InTurn, Question, Resolve};
use crate::mail::spf::{self, Allowed, Bill, Harm, MAX_VOIDS, Tree};
use crate::pins::{self, Pins, PinsFile, Put};
use crate::plan;
use crate::report::{Finding, Severity, Sources, Text, visible};
use crate::say;
use crate::site::{Changed, Files, LIMIT_SITE_FILE, WayKind};
use crate::spf_dns::{SpfDns, pins_of_include, planned, wanted};
use crate::zone::{Name, Record, Rtype};

use super::propose::section;
use super::{Edit, Kind, Offer, Offers, Proposals, Refusal, Repair, Situation, edited, propose};

/// Most edits that are tried in one run.
const TRIED_MAX: usize = 100;
/// Most edits of one kind that are tried for one record, so that others come to their turn.
const OF_KIND_MAX: usize = 20;

/// An SPF record that the site plans.
#[derive(Clone, Debug)]
pub struct OwnRecord<'a> {
    /// Where it stands.
    pub name: &'a Name,
    /// The zone that it stands in.
    pub zone: &'a ComposedZone,
    /// Its terms, and who wants them.
    pub terms: Vec<(String, Vec<Origin>)>,
    /// Its text.
    pub text: String,
    /// The names of the parts into which it was split.
    pub parts: Vec<Name>,
}

impl OwnRecord<'_> {
    fn plain(&self) -> String {
        self.name.display_without_dot().to_string()
    }

    /// Who wants a term, each once.
    #[must_use]
    pub fn wants(&self, term: &str) -> Vec<usize> {
        let of = self.terms.iter().find(|(text, _)| text.eq_ignore_ascii_case(term));
        let mut parties: Vec<usize> = of.into_iter().flat_map(|(_, origins)| origins).map(|o| o.party).collect();
        parties.sort_unstable();
        parties.dedup();
        parties
    }
}

/// The SPF records that the site plans: the domain's first. The parts into which a record was split are counted with it, and a name that sends
/// nothing asks nothing.
#[must_use]
pub fn own_records<'a>(built: &Built<'a>) -> Vec<OwnRecord<'a>> {
    let mut out = Vec::new();
    for zone in built.fitted.zones().filter(|zone| !built.fitted.is_keyzone(zone)) {
        let split = |owner: &Name| {
            let of = zone.substitutions.iter().filter(move |s| s.wanted.name == *owner && s.kind == WayKind::SpfSplit);
            of.flat_map(|s| s.here.iter().map(|r| r.name.clone())).filter(|name| name != owner).collect::<Vec<_>>()
        };
        let sets = zone.composed.rrsets.iter().filter(|s| s.rtype == Rtype::TXT);
        let parts: BTreeSet<Name> = sets.clone().flat_map(|set| split(&set.name)).collect();
        for set in sets.filter(|set| !parts.contains(&set.name)) {
            for member in &set.members {
                let Intent::Spf { terms, .. } = &member.intent else { continue };
                let text = String::from_utf8_lossy(&member.rdata.txt_joined()).into_owned();
                let (terms, parts) = (terms.clone(), split(&set.name));
                out.push(OwnRecord { name: &set.name, zone: zone.composed, terms, text, parts });
            }
        }
    }
    out.sort_by_key(|own| *own.name != built.site.domain.value);
    out
}

/// What repairs are looked for with.
#[derive(Clone, Copy)]
pub struct Tools<'a> {
    /// The site.toml.
    pub path: &'a str,
    /// Where it, and what it names, is read.
    pub files: &'a dyn Files,
    /// The catalogue.
    pub catalogue: &'a Catalogue,
    /// Who answers for what the site does not plan.
    pub behind: &'a [&'a dyn Resolve],
    /// The day of what is looked up.
    pub today: Date,
}

impl<'a> Tools<'a> {
    fn with<'r>(&self, planned: &'r dyn Resolve) -> InTurn<'r>
    where
        'a: 'r,
    {
        InTurn(std::iter::once(planned).chain(self.behind.iter().copied()).collect())
    }
}

/// A site whose repairs are looked for: what is the same for each of them is read once.
pub struct Bench<'a> {
    tools: Tools<'a>,
    built: &'a Built<'a>,
    own: &'a [OwnRecord<'a>],
    text: Result<String, Text>,
    pins: PinsFile,
    /// Who passes where now; none if there is too much to be sure.
    before: Option<Tree>,
    errors: BTreeSet<(String, String)>,
    left: Cell<usize>,
}

/// Why an edit is not offered.
enum Fails {
    /// The site would have no SPF record any more at this name.
    NoRecord(Name),
    Other(Text),
}

impl From<Text> for Fails {
    fn from(why: Text) -> Self {
        Self::Other(why)
    }
}

impl Fails {
    fn text(self) -> Text {
        match self {
            Self::NoRecord(name) => {
                let name = visible(&name.display_without_dot().to_string()).into_owned();
                say!(en: "{name} would have no SPF record any more", ja: "{name} の SPF レコードがなくなります")
            }
            Self::Other(why) => why,
        }
    }
}

/// What an edit makes of the site.
struct After {
    lookups: usize,
    voids: (usize, usize),
    bytes: usize,
    leaves: Vec<String>,
    /// The term that was to go is still in the record.
    still_has_it: bool,
}

impl<'a> Bench<'a> {
    /// For a site and its records.
    #[must_use]
    pub fn new(tools: Tools<'a>, built: &'a Built<'a>, own: &'a [OwnRecord<'a>]) -> Self {
        let text = tools.files.read(tools.path, LIMIT_SITE_FILE).map_err(|error| error.text()).and_then(|octets| {
            String::from_utf8(octets)
                .map_err(|_| say!(en: "site.toml is not UTF-8", ja: "site.toml が UTF-8 ではありません"))
        });
        let planned = planned(built.fitted, built.current);
        let before = tree(&tools.with(&planned), own);
        let errors = errors(built.findings).map(key).collect();
        let domain = &built.site.domain.value;
        let pins = PinsFile::read(tools.path, domain, tools.files, &mut Sources::default(), &mut Vec::new());
        Self { tools, built, own, text, pins, before, errors, left: Cell::new(TRIED_MAX) }
    }

    /// The repairs of one record that save something and break nothing, the gentlest first, of a kind the one that saves most; and why there
    /// are not more.
    #[must_use]
    pub fn offers(&self, own: &OwnRecord<'_>, bill: &Bill) -> Offers {
        let planned = planned(self.built.fitted, self.built.current);
        let resolve = self.tools.with(&planned);
        let dns = SpfDns::new(&resolve);
        let composed = self.built.fitted.composed;
        let situation = Situation {
            site: self.built.site,
            own,
            parties: &composed.parties,
            declared: &composed.declared,
            bill,
            dns: &dns,
        };
        let Proposals { mut repairs, refused } = propose(&situation);
        let mut out = Offers { offers: Vec::new(), refused };
        // What can go needs no other term in its place.
        repairs.sort_by_key(|repair| repair.kind != Kind::Covered);
        let mut tried: BTreeMap<Kind, usize> = BTreeMap::new();
        for repair in repairs {
            let goes = |offer: &Offer| offer.repair.kind == Kind::Covered && offer.repair.term == repair.term;
            if repair.kind == Kind::Addresses && out.offers.iter().any(goes) {
                continue;
            }
            let of_kind: &mut usize = tried.entry(repair.kind).or_default();
            let Some(left) = self.left.get().checked_sub(1).filter(|_| *of_kind < OF_KIND_MAX) else {
                let why = say!(en: "not tried, because others came first", ja: "ほかを先に試したため、試していません");
                out.refused.push(repair.refused(why));
                continue;
            };
            *of_kind += 1;
            self.left.set(left);
            match self.tried(own, bill, &resolve, &repair) {
                Ok(offer) => out.offers.push(offer),
                Err(why) => out.refused.push(repair.refused(why)),
            }
        }
        out.offers.sort_by_key(|offer| (offer.repair.kind, std::cmp::Reverse(offer.saves)));
        out.refused.sort_by_key(|refusal| refusal.kind);
        out
    }

    fn tried(&self, own: &OwnRecord<'_>, bill: &Bill, resolve: &dyn Resolve, repair: &Repair) -> Result<Offer, Text> {
        let text = self.text.as_ref().map_err(Clone::clone)?;
        let domain = &self.built.site.domain.value;
        let text = edited(text, &repair.edit, domain)?;
        let why = match self.made(own, bill, resolve, repair, text.clone()) {
            Err(Fails::NoRecord(name)) if name == *own.name => Fails::NoRecord(name).text(),
            made => return made.map_err(Fails::text),
        };
        // It was the last term. The record stays, with its `all` alone.
        let own_all = own.terms.iter().map(|(term, _)| term).find(|term| spf::is_all(term));
        let all = own_all.map_or("~all", String::as_str);
        let Some(section) = section(self.built.site, own.name) else { return Err(why) };
        let Ok(text) = edited(&text, &Edit::All { section, all: all.to_owned() }, domain) else { return Err(why) };
        let what = &repair.what;
        let what = say!(
            en: "{what}. The record stays, as `v=spf1 {all}` (all = \"{all}\")",
            ja: "{what}。レコードは `v=spf1 {all}` として残します（all = \"{all}\"）"; what = what
        );
        self.made(own, bill, resolve, &Repair { what, ..repair.clone() }, text).map_err(Fails::text)
    }

    /// The repair with what comes of it, where the site's text is this.
    fn made(
        &self,
        own: &OwnRecord<'_>,
        bill: &Bill,
        resolve: &dyn Resolve,
        repair: &Repair,
        text: String,
    ) -> Result<Offer, Fails> {
        let (tools, path) = (&self.tools, self.tools.path.to_owned());
        let mut files = vec![(path.clone(), text)];
        if let Edit::Flatten { include, .. } = &repair.edit {
            // Pins that nothing is built from yet do no harm; a site without its pins does.
            if let Some(pins) = self.with_pins_of(include, resolve)? {
                files.insert(0, (self.pins.path.clone(), pins));
            }
        }
        let changed = Changed::new(tools.files, files.clone());
        let run =
            build(&path, &changed, tools.catalogue, &Overrides::default(), |built| self.after(own, repair, built));
        let after = match run.product {
            Some(after) => after?,
            None => {
                let first = errors(&run.findings).next().map(|finding| finding.title.clone());
                let unsaid = || say!(en: "site.toml could not be built with it", ja: "そのように書くと site.toml を組み立てられません");
                return Err(first.unwrap_or_else(unsaid).into());
            }
        };
        let most = |(v4, v6): (usize, usize)| v4.max(v6);
        let saves = bill.lookups().saturating_sub(after.lookups);
        let fewer_voids = most(bill.voids()) > MAX_VOIDS && most(after.voids) < most(bill.voids());
        if saves == 0 && !fewer_voids {
            let why = if after.still_has_it {
                say!(en: "it is wanted at several places, so it stays in the record", ja: "複数の場所で指定されているため、レコードに残ります")
            } else {
                say!(en: "it saves no look-up", ja: "照会が減りません")
            };
            return Err(why.into());
        }
        Ok(Offer {
            repair: repair.clone(),
            saves,
            lookups: after.lookups,
            voids: after.voids,
            bytes: (own.text.len(), after.bytes),
            leaves: after.leaves,
            files,
        })
    }

    /// The text of the pins file with what writing out an include needs; none if it needs nothing more.
    fn with_pins_of(&self, include: &Name, resolve: &dyn Resolve) -> Result<Option<String>, Text> {
        let (path, remedy) = (visible(&self.pins.path), self.pins.remedy());
        if self.pins.is_broken {
            return Err(
                say!(en: "{path} has the pins, and can't be used; {remedy}", ja: "控えの {path} が使えません。{remedy}"; remedy = remedy),
            );
        }
        let own = wanted(self.built.fitted.composed);
        let found = pins_of_include(resolve, &own, include, self.tools.today).map_err(|no| no.why)?;
        let domain = &self.built.site.domain.value;
        let before = self.pins.pins.clone().unwrap_or_else(|| Pins::new(domain.clone()));
        let mut pins = before.clone();
        for (Question { name, rtype }, pin) in found {
            let shown = visible(&name.display_without_dot().to_string()).into_owned();
            // What others are built from is not changed by the way.
            if let Put::Changed(_) = pins.put(name, rtype, pin) {
                return Err(
                    say!(en: "the {rtype} of {shown} has changed since it was pinned; {remedy}, and keep it with --update", ja: "{shown} の {rtype} が控えと違います。{remedy}（--update で新しい値を控えます）"; remedy = remedy),
                );
            }
        }
        Ok((pins != before).then(|| pins::write(&pins)))
    }

    /// The site as it is with the edit, if nothing is broken.
    fn after(&self, own: &OwnRecord<'_>, repair: &Repair, built: &Built<'_>) -> Result<After, Fails> {
        if let Some(new) = errors(built.findings).find(|finding| !self.errors.contains(&key(finding))) {
            return Err(new.title.clone().into());
        }
        let planned = planned(built.fitted, built.current);
        let resolve = self.tools.with(&planned);
        let records = own_records(built);
        let is_left = |of: &OwnRecord<'_>| records.iter().any(|record| record.name == of.name);
        // What only the sender wants that moves, goes with it.
        let moves = |of: &OwnRecord<'_>| {
            let mut terms = of.terms.iter().map(|(term, _)| term).filter(|term| !spf::is_all(term));
            of.name != own.name && repair.moves.is_some_and(|party| terms.all(|term| of.wants(term) == [party]))
        };
        if let Some(gone) = self.own.iter().find(|of| !is_left(of) && !moves(of)) {
            return Err(Fails::NoRecord(gone.name.clone()));
        }
        let bill = spf::bill(&SpfDns::new(&resolve), &own.plain());
        self.harmless(repair, &resolve)?;
        let here = records.iter().find(|record| record.name == own.name);
        let plain = own.plain();
        let is_in = |term: &String| {
            here.is_some_and(|here| spf::change(&format!("v=spf1 {term}"), &here.text, &plain).gone.is_empty())
        };
        Ok(After {
            lookups: bill.lookups(),
            voids: bill.voids(),
            bytes: here.map_or(0, |record| record.text.len()),
            leaves: self.leaves(built, &records),
            still_has_it: repair.kind != Kind::Flatten && repair.term.as_ref().is_some_and(is_in),
        })
    }

    /// Nobody who passes now fails, and nobody passes who was not meant to; but a sender that moves passes elsewhere.
    fn harmless(&self, repair: &Repair, resolve: &dyn Resolve) -> Result<(), Text> {
        let unsure = || say!(en: "there is too much behind the record to be sure that nobody is lost", ja: "たどる先が多すぎて、不合格になる送信元がないことを確かめられません");
        let (Some(before), Some(after)) = (&self.before, tree(resolve, self.own)) else { return Err(unsure()) };
        for own in self.own {
            let gone = |term: &str| repair.moves.is_some_and(|party| own.wants(term) == [party]);
            let stands_in = repair.kind == Kind::Covered || matches!(repair.edit, Edit::Instead { .. });
            let allowed = Allowed { gone: &gone, stands_in };
            let at = own.plain();
            match spf::harm(before, &after, &at, allowed) {
                None => {}
                Some(Harm::Lost(ip)) if allowed.stands_in => {
                    return Err(
                        say!(en: "a mail as …@{at} from {ip} passes now, and receivers would not get as far as the term that stands in for it", ja: "{ip} から …@{at} で送ったメールは、今は合格しますが、外すと、代わりの項目まで受信側の評価が届かないことがあります"),
                    );
                }
                Some(Harm::Lost(ip)) => {
                    return Err(
                        say!(en: "a mail as …@{at} from {ip} passes now and would fail then", ja: "{ip} から …@{at} で送ったメールは、今は合格しますが、不合格になります"),
                    );
                }
                Some(Harm::Gained(ip)) => {
                    return Err(
                        say!(en: "a mail as …@{at} from {ip} would pass, and is not meant to", ja: "{ip} から …@{at} で送ったメールが、認めていないのに合格になります"),
                    );
                }
                Some(Harm::TooLarge) => return Err(unsure()),
            }
        }
        Ok(())
    }

    /// The terms that the zone as it is has of the site's wish, and of the wish as it is now no longer.
    fn leaves(&self, built: &Built<'_>, after: &[OwnRecord<'_>]) -> Vec<String> {
        let origin = &self.built.fitted.own.composed.origin;
        let mut out = Vec::new();
        for own in self.own.iter().filter(|own| own.zone.origin == *origin) {
            let Some(new) = after.iter().find(|record| record.name == own.name) else { continue };
            let set = built.fitted.own.composed.rrset(own.name, Rtype::TXT);
            let written_out = |term: &str| set.is_some_and(|s| s.members.iter().any(|m| m.intent.writes_out(term)));
            let name = own.plain();
            let wish_lost = spf::change(&own.text, &new.text, &name).gone;
            // As the zone spells it, if it is known.
            let now = self.built.current.into_iter().flat_map(|current| current.of(own.name, Rtype::TXT));
            let texts = now.map(|row| String::from_utf8_lossy(&row.rdata.txt_joined()).into_owned());
            let is_wish = |term: &String| spf::change(&format!("v=spf1 {term}"), &own.text, &name).gone.is_empty();
            let lost = |text: String| spf::change(&text, &new.text, &name).gone.into_iter().filter(is_wish);
            let now =
                texts.filter(|text| spf::is_spf(text.as_bytes())).map(|text| lost(text).collect::<Vec<_>>()).next();
            let terms = if self.built.current.is_some() { now.unwrap_or_default() } else { wish_lost };
            let Some(row) = set.into_iter().flat_map(|s| s.records()).next() else { continue };
            let terms = terms.iter().filter(|term| !written_out(term));
            out.extend(
                terms.map(|term| plan::argument(&Record { name: own.name.clone(), ..row.clone() }, origin, Some(term))),
            );
        }
        out
    }
}

fn tree(resolve: &dyn Resolve, own: &[OwnRecord<'_>]) -> Option<Tree> {
    let names: Vec<String> = own.iter().map(OwnRecord::plain).collect();
    Tree::read(&SpfDns::new(resolve), names.iter().map(String::as_str))
}

fn errors(findings: &[Finding]) -> impl Iterator<Item = &Finding> {
    findings.iter().filter(|finding| finding.severity == Severity::Error)
}

/// What stays of a finding when its numbers change.
fn key(finding: &Finding) -> (String, String) {
    (finding.id.to_string(), format!("{:?}", finding.about))
}

impl Repair {
    fn refused(&self, why: Text) -> Refusal {
        let include = match &self.edit {
            Edit::Flatten { include, .. } => Some(include.clone()),
            _ => None,
        };
        Refusal { kind: self.kind, what: self.otherwise.clone(), why, include, is_minor: false }
    }
}
