//! What the pins of a site are to hold, and how each of it is looked up. Whoever answers questions is handed in, and so is the day.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::build::Built;
use crate::compose::Intent;
use crate::live::{Answer, Dns, Outcome, Question, Resolve, servers_of, zone_of};
use crate::mail::tags::Fault as _;
use crate::mail::{dkim, dmarc, spf};
use crate::pins::{Pin, Use};
use crate::report::{Text, excerpt, visible};
use crate::say;
use crate::site::Site;
use crate::spf_dns::{NoPins, pins_of_include, pins_of_tree};
use crate::zone::{Name, Rdata, Rtype};

/// How something is looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// All addresses of an include, which stand in its place.
    Addresses(Name),
    /// The records of an include, to count them.
    Tree(Name),
    /// The vendor's key.
    Key {
        /// The selector's name in the site's zone.
        owner: Name,
        /// Where the vendor publishes it.
        target: Name,
    },
    /// The DMARC policy that a domain publishes.
    Policy(Name),
}

impl How {
    /// Whether it is about what the site's zone says now, not about what it will say.
    #[must_use]
    pub fn is_of_now(&self) -> bool {
        matches!(self, Self::Policy(_))
    }

    /// What goes on with what was kept, where DNS says something else that can't be kept; and what to do.
    #[must_use]
    pub fn stays(&self) -> Text {
        match self {
            Self::Addresses(_) => say!(
                en: "its old addresses still pass. Ask the company; if it is not in use any more, take it out of site.toml, and out of `flatten`",
                ja: "前のアドレスは合格のままです。提供元に確かめ、もう使わない include なら、site.toml の記述と flatten から外してください"
            ),
            Self::Tree(_) => say!(
                en: "look-ups are still counted with what was kept, and receivers see what DNS says. Ask the company; if it is not in use any more, take it out of site.toml",
                ja: "照会の回数は、前の控えで数えます。受信側が見るのは今の DNS です。提供元に確かめ、もう使わない include なら site.toml から外してください"
            ),
            Self::Key { .. } => say!(
                en: "a copy of it is still the old key. Ask the vendor for the selector and the key of today",
                ja: "写しは前の鍵のままです。今のセレクタと鍵を提供元に確かめてください"
            ),
            Self::Policy(_) => say!(en: "its day still counts", ja: "前の日付のままです"),
        }
    }

    /// Looks it up: pins that were seen on that day, by name and type. What `own` knows, the site's zones as they are wanted, is no pin.
    ///
    /// # Errors
    /// Why it is not known, or is not what it should be.
    pub fn look(
        &self,
        resolve: &dyn Resolve,
        own: &dyn Resolve,
        today: Date,
    ) -> Result<BTreeMap<(Name, Rtype), Pin>, NoPins> {
        let found = match self {
            Self::Addresses(name) => pins_of_include(resolve, own, name, today),
            Self::Tree(name) => pins_of_tree(resolve, own, name, today),
            Self::Key { owner, target } => pin_of_key(resolve, owner, target, today).map(|pin| vec![pin]),
            Self::Policy(domain) => pin_of_policy(resolve, domain, today).map(|pin| vec![pin]),
        };
        let found = found?.into_iter().map(|(question, mut pin)| {
            pin.values.sort();
            pin.values.dedup();
            ((question.name, question.rtype), pin)
        });
        Ok(found.collect())
    }
}

/// What is kept for this site: the includes of its SPF records, the vendors' keys that a `[[way]]` copies or that could be copied because
/// a form does not take the CNAME, and the DMARC policy of its domain, whose stages take their time.
#[must_use]
pub fn needs(built: &Built<'_>) -> BTreeMap<Use, How> {
    let mut needs = BTreeMap::new();
    let own = &built.fitted.own.composed;
    let has_policy = own.origin.child("_dmarc").is_ok_and(|at| own.rrsets.iter().any(|set| set.name == at));
    if has_policy {
        needs.insert(Use::Dmarc(own.origin.clone()), How::Policy(own.origin.clone()));
    }
    for name in flattened(built.site) {
        needs.insert(Use::Include(name.clone()), How::Addresses(name));
    }
    for zone in built.fitted.zones() {
        for member in zone.composed.rrsets.iter().flat_map(|set| &set.members) {
            let Intent::Spf { terms, .. } = &member.intent else { continue };
            for name in terms.iter().flat_map(|(term, _)| includes(term)) {
                needs.entry(Use::Include(name.clone())).or_insert(How::Tree(name));
            }
        }
        if built.fitted.is_keyzone(zone) {
            continue;
        }
        let copies = |ways: &[crate::fit::Way]| ways.iter().any(|way| way.kind.copies_key() && way.is_possible());
        let is_chosen =
            |name: &Name| built.site.ways.iter().any(|way| way.way.value.copies_key() && way.name.value == *name);
        let mut key = |owner: &Name, target: Option<Name>| {
            if let Some(target) = target {
                needs.insert(Use::Key(owner.clone()), How::Key { owner: owner.clone(), target });
            }
        };
        for substitution in zone.substitutions {
            let wanted = &substitution.wanted;
            if wanted.rtype == Rtype::CNAME && (copies(&substitution.ways) || is_chosen(&wanted.name)) {
                key(&wanted.name, wanted.target());
            }
        }
        for (set, member, record) in zone.each().filter(|(_, _, record)| record.instead_of.is_none()) {
            let is_vendors = set.rtype == Rtype::CNAME && matches!(member.intent, Intent::DkimCname { .. });
            if is_vendors && (copies(&record.ways) || is_chosen(&set.name)) {
                key(&set.name, member.rdata.target(Rtype::CNAME));
            }
        }
    }
    needs
}

fn flattened(site: &Site) -> impl Iterator<Item = Name> {
    let sections = site.spf_sections();
    sections.flat_map(|(_, s)| &s.flatten).filter_map(|name| Name::parse_absolute(&name.value).ok())
}

/// The names of whose records a term makes use; none of a macro, which every mail fills in otherwise.
fn includes(term: &str) -> Vec<Name> {
    let record = spf::Record::parse(term.as_bytes());
    let specs = record.terms().iter().filter_map(|term| match &term.kind {
        spf::TermKind::Include(spec) | spf::TermKind::Redirect(spec) if !spec.has_macros() => Some(spec),
        _ => None,
    });
    specs.filter_map(|spec| Name::parse_absolute(spec.as_str()).ok()).collect()
}

/// A vendor's key at `at`, as whoever answers has it: a pin for `owner` that was seen on that day. What else stands in TXT there is not kept,
/// and of the key only its text counts, not where its strings end.
///
/// # Errors
/// Why there is none: nobody answers, or there is not one usable key.
fn pin_of_key(resolve: &dyn Resolve, owner: &Name, at: &Name, seen: Date) -> Result<(Question, Pin), NoPins> {
    let question = Question { name: at.clone(), rtype: Rtype::TXT };
    let answer = resolve.ask(&question);
    let shown = visible(&at.display_without_dot().to_string()).into_owned();
    let records = match &answer.outcome {
        Outcome::Records(records) => records,
        _ => return Err(NoPins::of(&answer)),
    };
    let texts: BTreeSet<Vec<u8>> = records.iter().map(|record| record.rdata.txt_joined()).collect();
    let keys: Vec<&Vec<u8>> = texts.iter().filter(|text| dkim::looks_like_dkim_key(text)).collect();
    let text = match keys.as_slice() {
        [one] => *one,
        [] => {
            let found = texts.first().map(|text| excerpt(&String::from_utf8_lossy(text), 60)).unwrap_or_default();
            return Err(NoPins::bare(
                say!(en: "what {shown} has is no DKIM key: “{found}”", ja: "{shown} にあるのは DKIM の鍵ではありません: 「{found}」"),
            ));
        }
        several => {
            let n = several.len();
            return Err(NoPins::bare(
                say!(en: "{shown} has {n} keys, and only one can be right", ja: "{shown} に鍵が {n} 件あります（1 件でないと無効です）"),
            ));
        }
    };
    if let Err(problem) = dkim::usable(text) {
        if problem.kind == dkim::Kind::Revoked {
            return Err(NoPins::whole(say!(
                en: "the vendor has revoked the key at {shown} (`p=` is empty, RFC 6376 §3.6.1). A copy would go on making what the old key signs pass: ask the vendor for the selector of today",
                ja: "{shown} の鍵は提供元が取り消しました（p= が空です。RFC 6376 §3.6.1）。写しがあると、古い鍵の署名が通り続けます。今のセレクタを提供元に確かめてください"
            )));
        }
        let why = problem.kind.text();
        return Err(NoPins::whole(say!(
            en: "receivers can't use the key that {shown} has now, so DKIM fails with it: {why}. Tell the vendor",
            ja: "{shown} の今の鍵は受信側で使えず、DKIM が不合格になります: {why}。提供元に知らせてください"; why = why
        )));
    }
    let rdata = Rdata::txt(text).map_err(|error| NoPins::bare(error.text))?;
    let uses = [Use::Key(owner.clone())].into();
    Ok((question, Pin { uses, values: vec![rdata], ttl: answer.ttl(), seen }))
}

/// TTLs as the zones have them: a resolver's answer has what is left of it in a cache, so a server of the zone is asked.
pub struct Ttls<'r> {
    dns: &'r dyn Dns,
    /// One was not answered; who can't reach name servers waits once, not every time.
    gave_up: bool,
    of_caches: usize,
}

impl<'r> Ttls<'r> {
    /// `dns` finds the zones and their servers.
    #[must_use]
    pub fn new(dns: &'r dyn Dns) -> Self {
        Self { dns, gave_up: false, of_caches: 0 }
    }

    /// The TTL of the records that were answered to this question, `answered` if the zone can't be asked.
    pub fn of(&mut self, question: &Question, answered: Option<u32>) -> Option<u32> {
        let answer = self.dns.resolver().ask(question);
        if answer.authoritative || answered.is_none() {
            return answered;
        }
        let asked = if self.gave_up { None } else { self.of_zone(&answer) };
        self.gave_up |= asked.is_none();
        self.of_caches += usize::from(asked.is_none());
        asked.or(answered)
    }

    /// How many are those of a cache.
    #[must_use]
    pub fn of_caches(&self) -> usize {
        self.of_caches
    }

    /// The TTL that a server of the zone gives, for the zone nearest to the name.
    fn of_zone(&self, answer: &Answer) -> Option<u32> {
        let name = answer.last_name();
        let (zone, _) = zone_of(self.dns.resolver(), &name)?;
        let said = servers_of(self.dns, &zone)?.ask(&Question { name, rtype: answer.question.rtype });
        said.ttl().filter(|_| said.authoritative)
    }
}

/// The DMARC policy of a domain, as whoever answers has it; without values where there is none.
///
/// # Errors
/// Why it is not known.
fn pin_of_policy(resolve: &dyn Resolve, domain: &Name, seen: Date) -> Result<(Question, Pin), NoPins> {
    let name = domain.child("_dmarc").map_err(|error| NoPins::bare(error.text()))?;
    let question = Question { name, rtype: Rtype::TXT };
    let answer = resolve.ask(&question);
    let texts: BTreeSet<Vec<u8>> = match &answer.outcome {
        Outcome::Records(records) => records.iter().map(|record| record.rdata.txt_joined()).collect(),
        Outcome::NxDomain | Outcome::NoData => BTreeSet::new(),
        _ => return Err(NoPins::of(&answer)),
    };
    let policies = texts.iter().filter(|text| dmarc::is_dmarc(text)).map(|text| Rdata::txt(text));
    let values = policies.collect::<Result<Vec<Rdata>, _>>().map_err(|error| NoPins::bare(error.text))?;
    let uses = [Use::Dmarc(domain.clone())].into();
    Ok((question, Pin { uses, ttl: answer.ttl().filter(|_| !values.is_empty()), values, seen }))
}
