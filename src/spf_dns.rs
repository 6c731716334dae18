//! The DNS that SPF asks, over whoever answers questions; and the zones that a site plans, as one who answers.

use std::cell::RefCell;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use jiff::civil::Date;

use crate::compose::{Composed, RrSet};
use crate::fit::{Fitted, FittedZone};
use crate::live::{Answer, Fixture, Outcome, Question, Resolve, Source};
use crate::mail::spf::{self, FlattenError, Reach};
use crate::pins::{Pin, Pins, Use};
use crate::report::Text;
use crate::zone::{Current, Name, Rdata, Record, Rtype};

/// SPF's questions, put to whoever answers. Keeps what was not answered: without it the result is not known, whatever RFC 7208 makes of it.
pub struct SpfDns<'r> {
    resolve: &'r dyn Resolve,
    unanswered: RefCell<Vec<Answer>>,
    /// What was answered: records, or that there are none.
    said: RefCell<Vec<Answer>>,
    /// After a question that nobody answered no other is asked.
    gives_up: bool,
}

impl<'r> SpfDns<'r> {
    /// Over this one.
    #[must_use]
    pub fn new(resolve: &'r dyn Resolve) -> Self {
        Self { resolve, unanswered: RefCell::default(), said: RefCell::default(), gives_up: false }
    }

    /// What was not answered, in the order in which it was asked, each once.
    #[must_use]
    pub fn unanswered(self) -> Vec<Answer> {
        self.unanswered.into_inner()
    }

    fn ask<T>(&self, name: &str, rtype: Rtype, read: impl Fn(&Rdata) -> Option<T>) -> spf::Answer<T> {
        // A name that fits no packet is never asked for.
        let Ok(name) = Name::parse_absolute(name) else { return spf::Answer::NxDomain };
        if self.gives_up && !self.unanswered.borrow().is_empty() {
            return spf::Answer::TempFail;
        }
        let answer = self.resolve.ask(&Question { name, rtype });
        let (said, kept) = match answer.records() {
            Some([]) => (spf::Answer::NoData, &self.said),
            Some(records) => {
                (spf::Answer::Records(records.iter().filter_map(|r| read(&r.rdata)).collect()), &self.said)
            }
            None => (spf::Answer::TempFail, &self.unanswered),
        };
        let mut kept = kept.borrow_mut();
        if !kept.iter().any(|before| before.question == answer.question) {
            kept.push(answer);
        }
        said
    }

    fn hosts(&self, name: &str, rtype: Rtype) -> spf::Answer<String> {
        self.ask(name, rtype, |rdata| rdata.target(rtype).map(|host| host.display_without_dot().to_string()))
    }
}

impl spf::Dns for SpfDns<'_> {
    fn txt(&self, name: &str) -> spf::Answer<Vec<u8>> {
        self.ask(name, Rtype::TXT, |rdata| Some(rdata.txt_joined()))
    }

    fn a(&self, name: &str) -> spf::Answer<Ipv4Addr> {
        self.ask(name, Rtype::A, |rdata| match rdata.as_address(Rtype::A) {
            Some(IpAddr::V4(address)) => Some(address),
            _ => None,
        })
    }

    fn aaaa(&self, name: &str) -> spf::Answer<Ipv6Addr> {
        self.ask(name, Rtype::AAAA, |rdata| match rdata.as_address(Rtype::AAAA) {
            Some(IpAddr::V6(address)) => Some(address),
            _ => None,
        })
    }

    fn mx(&self, name: &str) -> spf::Answer<String> {
        self.hosts(name, Rtype::MX)
    }

    fn ptr(&self, name: &str) -> spf::Answer<String> {
        self.hosts(name, Rtype::PTR)
    }
}

/// Why there are no pins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoPins {
    /// Why; and what to do, where that is known.
    pub why: Text,
    /// DNS says what can't be kept, and `why` does not say what to do.
    pub lacks_remedy: bool,
}

impl NoPins {
    /// A reason that says what to do.
    #[must_use]
    pub fn whole(why: Text) -> Self {
        Self { why, lacks_remedy: false }
    }

    /// What DNS says, and no more.
    #[must_use]
    pub fn bare(why: Text) -> Self {
        Self { why, lacks_remedy: true }
    }

    /// For this answer, which has no records.
    #[must_use]
    pub fn of(answer: &Answer) -> Self {
        Self { why: answer.text(), lacks_remedy: answer.records().is_some() }
    }
}

/// What writing out an include asks, as whoever answers has it: pins that were seen on that day, in the order of the questions. What is not there
/// is pinned as well, so that whoever builds from them knows it. What `own` knows is not: it is part of every build.
///
/// # Errors
/// Why the include can't be written out.
pub fn pins_of_include(
    resolve: &dyn Resolve,
    own: &dyn Resolve,
    include: &Name,
    seen: Date,
) -> Result<Vec<(Question, Pin)>, NoPins> {
    let dns = SpfDns::new(resolve);
    match spf::flatten(&dns, &include.display_without_dot().to_string()) {
        Ok(_) => Ok(dns.into_pins(own, include, seen)),
        // Who did not answer says more than that it is not known.
        Err(error @ FlattenError::NotKnown(..)) => {
            Err(NoPins::whole(dns.unanswered().first().map_or_else(|| error.text(), Answer::text)))
        }
        Err(error) => Err(NoPins::bare(error.text())),
    }
}

/// What counting an include asks, as whoever answers has it: as [`pins_of_include`], and terms that are no set of addresses may be in it.
///
/// # Errors
/// Why it can't be counted: nobody answers, or a receiver would give up on it.
pub fn pins_of_tree(
    resolve: &dyn Resolve,
    own: &dyn Resolve,
    include: &Name,
    seen: Date,
) -> Result<Vec<(Question, Pin)>, NoPins> {
    let dns = SpfDns { gives_up: true, ..SpfDns::new(resolve) };
    let bill = spf::bill(&dns, &include.display_without_dot().to_string());
    if let Some(answer) = dns.unanswered.borrow().first() {
        return Err(NoPins::of(answer));
    }
    let reached = std::iter::once((Some(&bill.domain), bill.reach, &bill.fault));
    for (name, reach, fault) in reached.chain(bill.each().map(|item| (item.name.as_ref(), item.reach, &item.fault))) {
        let name = name.cloned().unwrap_or_default();
        let why = match reach {
            Reach::Counted | Reach::Message => continue,
            Reach::NotAnswered => return Err(NoPins::whole(FlattenError::NotKnown(name, "TXT").text())),
            Reach::NoRecord => FlattenError::NoRecord(name),
            Reach::SeveralRecords => FlattenError::SeveralRecords(name),
            Reach::Syntax => FlattenError::Syntax(name, fault.clone().unwrap_or_default()),
            Reach::Circle => FlattenError::Circle(name),
            Reach::TooManyHosts => FlattenError::TooManyHosts(name),
            Reach::Cut => FlattenError::TooManyTerms,
        };
        return Err(NoPins::bare(why.text()));
    }
    Ok(dns.into_pins(own, include, seen))
}

impl SpfDns<'_> {
    /// What was said, as pins of an include; what `own` knows is left out.
    fn into_pins(self, own: &dyn Resolve, include: &Name, seen: Date) -> Vec<(Question, Pin)> {
        let pins = self.said.into_inner().into_iter().filter_map(|answer| {
            let question = left_open(own, &answer.question)?;
            // What else a company keeps in TXT there is not the site's.
            let is_meant = |rdata: &&Rdata| answer.question.rtype != Rtype::TXT || spf::is_spf(&rdata.txt_joined());
            let values =
                answer.records().into_iter().flatten().map(|record| &record.rdata).filter(is_meant).cloned().collect();
            let uses = [Use::Include(include.clone())].into();
            Some((question, Pin { uses, values, ttl: answer.ttl(), seen }))
        });
        pins.collect()
    }
}

/// What of a question `own` does not know: all of it, or what is behind an alias.
fn left_open(own: &dyn Resolve, question: &Question) -> Option<Question> {
    let answer = own.ask(question);
    let is_open = answer.outcome.is_passed_on() || answer.outcome == Outcome::AliasOutside;
    is_open.then(|| Question { name: answer.last_name(), rtype: question.rtype })
}

/// The pins as one who answers: of what they do not hold nothing is known.
impl Resolve for Pins {
    fn ask(&self, question: &Question) -> Answer {
        let record = |rdata: &Rdata, ttl| Record {
            name: question.name.clone(),
            rtype: question.rtype,
            ttl,
            rdata: rdata.clone(),
        };
        let outcome = match self.get(&question.name, question.rtype) {
            None => Outcome::NotInFixture,
            Some(pin) if pin.values.is_empty() => Outcome::NoData,
            Some(pin) => {
                let ttl = pin.ttl.unwrap_or_default();
                Outcome::Records(pin.values.iter().map(|rdata| record(rdata, ttl)).collect())
            }
        };
        let (chain, failed) = (Vec::new(), Vec::new());
        let question = question.clone();
        Answer { question, outcome, chain, from: Source::Pins, authoritative: false, validated: false, failed }
    }
}

/// The zones that a site wants, as one who answers. Of what is not in them nothing is known, since a zone may have more.
#[must_use]
pub fn wanted(composed: &Composed) -> Fixture {
    let mut fixture = Fixture::new();
    for zone in std::iter::once(&composed.own).chain(&composed.subzones) {
        fixture.add_records(&zone.origin, zone.rrsets.iter().flat_map(RrSet::records), false);
    }
    fixture
}

/// The zones of a site as they will be: what is wanted, and of the zone as it is what stays. Only where that is whole do they say that
/// something does not exist.
#[must_use]
pub fn planned(fitted: &Fitted<'_>, current: Option<&Current>) -> Fixture {
    let mut fixture = Fixture::new();
    for zone in fitted.zones() {
        let origin = &zone.composed.origin;
        let now = current.filter(|_| *origin == fitted.own.composed.origin);
        let stays = now.into_iter().flat_map(Current::records).filter(|r| stays(zone, r)).cloned();
        let records = zone.composed.rrsets.iter().flat_map(|set| set.records());
        fixture.add_records(origin, records.chain(stays), now.is_some_and(Current::is_complete));
    }
    fixture
}

/// Whether a record of the zone as it is says something beside what is wanted: of a name's SPF there is one, and a wanted set of another
/// type is the whole set.
fn stays(zone: &FittedZone<'_>, record: &Record) -> bool {
    let Some(set) = zone.composed.rrset(&record.name, record.rtype) else {
        let cname = |rtype| zone.composed.rrset(&record.name, rtype).is_some();
        return !cname(Rtype::CNAME);
    };
    let is_spf = |rdata: &Rdata| spf::is_spf(&rdata.txt_joined());
    record.rtype == Rtype::TXT
        && !set.members.iter().any(|m| m.rdata.means(&record.rdata, Rtype::TXT))
        && !(is_spf(&record.rdata) && set.members.iter().any(|m| is_spf(&m.rdata)))
}
