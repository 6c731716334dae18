//! The zone as it is, from servers: asked name by name, or handed out whole. What was said becomes a text of zone records, so that whatever is
//! found points at a line. What was not answered is not known, never absent, and what a wildcard may have answered is not known either.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;

use super::wildcards::{self, list, says};
use crate::live::{Answer, Dns, Outcome, Question, Resolve, Source, Teller, Transfer, server, servers_of};
use crate::report::{Finding, NoteKind, Severity, Sources, Span, Text, excerpt};
use crate::say;
use crate::zone::text::Form;
use crate::zone::{Coverage, Current, Found, Name, Rdata, Record, Rtype};

/// Questions that are put before it is looked whether any was answered.
const CHUNK: usize = 64;
/// Names that records point to and that are asked besides.
const TARGETS: usize = 50;
/// Questions without an answer that are told one by one.
const TOLD: usize = 5;

/// Names and types that were asked for in vain.
pub(crate) type Unanswered = BTreeSet<(Name, Rtype)>;

/// A zone as servers tell it.
#[derive(Debug)]
pub(crate) struct Read {
    /// How messages call it.
    pub(crate) shown: String,
    /// The records in their order, and whether the TTL of each is the zone's: a resolver says only what is left of it.
    records: Vec<(Record, bool)>,
    /// How much of the zone this is.
    pub(crate) coverage: Coverage,
    /// What nobody answered.
    pub(crate) unanswered: Unanswered,
    /// What must be said of it.
    pub(crate) findings: Vec<Finding>,
}

impl Read {
    /// The records as zone text, a line each, and where each stands in it.
    fn lines(&self) -> (String, Vec<Range<usize>>) {
        let mut text = String::new();
        let mut places = Vec::with_capacity(self.records.len());
        for (record, has_ttl) in &self.records {
            let start = text.len();
            Form::default().line(&record.name, has_ttl.then_some(record.ttl), record.rtype, &record.rdata, &mut text);
            places.push(start..text.trim_end_matches('\n').len());
        }
        (text, places)
    }

    /// The records as zone text.
    pub(crate) fn text(&self) -> String {
        self.lines().0
    }

    /// Whether the TTL of the record in this line of the text, from 1, is the zone's.
    pub(crate) fn has_ttl(&self, line: usize) -> bool {
        line.checked_sub(1).and_then(|at| self.records.get(at)).is_some_and(|(_, has_ttl)| *has_ttl)
    }

    /// Whether this zone begins at that name.
    pub(crate) fn has_soa(&self, apex: &Name) -> bool {
        self.records.iter().any(|(record, _)| record.rtype == Rtype::SOA && record.name == *apex)
    }

    /// The zone; its text is added to `sources`.
    pub(crate) fn into_current(self, sources: &mut Sources) -> Current {
        let (text, places) = self.lines();
        let file = sources.add(&self.shown, text);
        let found = |((record, has_ttl), place)| Found { record, has_ttl, span: Some(Span::new(file, place)) };
        Current::new(self.records.into_iter().zip(places).map(found).collect(), self.coverage)
    }
}

/// How messages call a zone that is told like this.
pub(crate) fn shown(teller: Teller<'_>, apex: &Name) -> String {
    let apex = apex.display_without_dot();
    match teller {
        Teller::Asked(_) => format!("{apex} (DNS)"),
        Teller::HandsOut(transfer) => match transfer.source() {
            Source::Resolver(address) | Source::NameServer(address) => {
                format!("{apex} (AXFR {})", server::shown(address))
            }
            Source::Fixture | Source::Pins | Source::Nobody => format!("{apex} (AXFR)"),
        },
    }
}

/// Reads the zone of `apex`; `questions` are only put where it is not handed out.
///
/// # Errors
/// Why nothing is known of it.
pub(crate) fn read(
    teller: Teller<'_>,
    apex: &Name,
    questions: impl FnOnce() -> Vec<Question>,
) -> Result<Read, Vec<Finding>> {
    let shown = shown(teller, apex);
    match teller {
        Teller::HandsOut(transfer) => handed_out(transfer, apex, shown),
        Teller::Asked(dns) => Asking::new(apex, dns).all(questions(), shown),
    }
}

/// The whole zone.
fn handed_out(transfer: &dyn Transfer, apex: &Name, shown: String) -> Result<Read, Vec<Finding>> {
    let records = transfer
        .transfer(apex)
        .map_err(|error| vec![Finding::error("current-transfer", error.text()).next(error.next())])?;
    let (mut inside, outside): (Vec<Record>, Vec<Record>) =
        records.into_iter().partition(|record| record.name.is_subdomain_of(apex));
    let mut findings = Vec::new();
    if let Some(first) = outside.first() {
        let (n, domain) = (outside.len(), apex.display_without_dot());
        let first = excerpt(&first.name.display_without_dot().to_string(), 80);
        findings.push(Finding::warning(
            "current-stray",
            say!(en: "{shown}: names that the zone of {domain} cannot have: {n}, such as {first}; they are left out", ja: "{shown}: {domain} のゾーンにあるはずのない名前が {n} 件あります（{first}）。除きました"),
        ));
    }
    // Servers hand out one zone in different orders.
    inside.sort_by(|a, b| {
        let rank = |record: &Record| (record.rtype != Rtype::SOA || record.name != *apex, record.rtype);
        let ((first_a, type_a), (first_b, type_b)) = (rank(a), rank(b));
        let data = || a.rdata.octets().cmp(b.rdata.octets());
        first_a.cmp(&first_b).then_with(|| a.name.cmp(&b.name)).then(type_a.cmp(&type_b)).then_with(data)
    });
    let records = inside.into_iter().map(|record| (record, true)).collect();
    Ok(Read { shown, records, coverage: Coverage::Complete, unanswered: Unanswered::new(), findings })
}

/// A zone that is asked for, name by name.
struct Asking<'r> {
    apex: &'r Name,
    dns: &'r dyn Dns,
    resolve: &'r dyn Resolve,
    /// What was asked.
    asked: HashSet<Question>,
    /// What was answered, in the order of the questions.
    answers: Vec<Answer>,
    /// What was not.
    failed: Vec<Answer>,
    /// Zones below that the zone gives away, with their name servers, and the names asked of which they hold what there is.
    away: BTreeMap<Name, Away>,
    /// Questions that were not put any more, as nobody answered those before.
    given_up: Vec<Question>,
    findings: Vec<Finding>,
}

impl<'r> Asking<'r> {
    fn new(apex: &'r Name, dns: &'r dyn Dns) -> Self {
        Self {
            apex,
            dns,
            resolve: dns.resolver(),
            asked: HashSet::new(),
            answers: Vec::new(),
            failed: Vec::new(),
            away: BTreeMap::new(),
            given_up: Vec::new(),
            findings: Vec::new(),
        }
    }

    fn all(mut self, questions: Vec<Question>, shown: String) -> Result<Read, Vec<Finding>> {
        // The apex alone first: where nobody answers for it, hundreds of questions more would only take time.
        let soa = Question { name: self.apex.clone(), rtype: Rtype::SOA };
        let (mut first, rest): (Vec<Question>, Vec<Question>) =
            questions.into_iter().partition(|q| q.name == *self.apex);
        if !first.contains(&soa) {
            first.insert(0, soa);
        }
        self.put(first);
        self.apex_is_known()?;
        self.put(rest);
        let more = self.further();
        self.put(more);
        let wildcards = wildcards::find(self.apex, self.resolve, &self.answers, &self.asked);
        self.findings.extend(wildcards.finding);
        self.answers.extend(wildcards.stars);
        self.ask_the_zone();
        Ok(self.sum(&wildcards.covered, shown))
    }

    /// Puts questions, none twice.
    fn put(&mut self, questions: Vec<Question>) {
        let new: Vec<Question> = questions.into_iter().filter(|q| self.asked.insert(q.clone())).collect();
        let mut chunks = new.chunks(CHUNK);
        for chunk in chunks.by_ref() {
            let mut is_heard = false;
            for answer in self.resolve.ask_all(chunk) {
                is_heard |= answer.outcome.speaks_of_the_name();
                self.take(answer);
            }
            if chunk.len() == CHUNK && !is_heard {
                break;
            }
        }
        self.given_up.extend(chunks.flatten().cloned());
    }

    /// Keeps an answer.
    fn take(&mut self, answer: Answer) {
        if is_answer(&answer, self.apex) {
            self.answers.push(answer);
            return;
        }
        match &answer.outcome {
            Outcome::Delegated { zone, servers } if is_below(zone, self.apex) => {
                let away = self.away.entry(zone.clone()).or_default();
                away.servers.clone_from(servers);
                away.servers.sort();
                away.asked.insert((answer.question.name, answer.question.rtype));
            }
            _ => self.failed.push(answer),
        }
    }

    /// That somebody answers for the domain, and that it exists.
    fn apex_is_known(&mut self) -> Result<(), Vec<Finding>> {
        let says_no = |a: &&Answer| a.chain.is_empty() && a.outcome == Outcome::NxDomain;
        if let Some(answer) = self.answers.iter().find(says_no) {
            return Err(vec![Finding::error("current-no-domain", answer.text())]);
        }
        if !self.answers.is_empty() {
            return Ok(());
        }
        // That a server can't be reached is the same for every question.
        let first = self.failed.first().map(Answer::text).unwrap_or_default();
        Err(vec![Finding::error("current-unanswered", first)])
    }

    /// What the answers lead to: hosts of the zone that its records name, and where no answer came because the end of an alias is dead, the
    /// alias itself.
    fn further(&self) -> Vec<Question> {
        let mut hosts: Vec<Name> = Vec::new();
        for answer in &self.answers {
            // What stands between the ends of aliases is an alias itself.
            let records = answer.records().unwrap_or_default().iter().chain(answer.chain.last());
            for target in records.filter_map(Record::target) {
                let inside = target.is_subdomain_of(self.apex) && target != *self.apex && !target.is_wildcard();
                if inside && hosts.len() < TARGETS && !hosts.contains(&target) {
                    hosts.push(target);
                }
            }
        }
        let of_host =
            |name: &Name| [Rtype::A, Rtype::AAAA, Rtype::TXT].map(|rtype| Question { name: name.clone(), rtype });
        let dead = self.failed.iter().filter(|a| a.outcome == Outcome::ServFail);
        let alias = |a: &Answer| Question { name: a.question.name.clone(), rtype: Rtype::CNAME };
        dead.take(TARGETS).map(alias).chain(hosts.iter().flat_map(of_host)).collect()
    }

    /// Asks the zone's own name servers for what is there: a resolver only says what is left of a TTL, and may hold what is no more.
    fn ask_the_zone(&mut self) {
        let is_of_a_cache =
            |a: &&Answer| says(a).is_some() && !a.authoritative && matches!(a.from, Source::Resolver(_));
        let order: Vec<Question> = self.answers.iter().map(|a| a.question.clone()).collect();
        let questions: Vec<Question> = self.answers.iter().filter(is_of_a_cache).map(|a| a.question.clone()).collect();
        if questions.is_empty() {
            return;
        }
        let servers = servers_of(self.dns, self.apex);
        // Where nobody there answers, that is found out once.
        let first = servers.as_ref().map(|who| who.ask(&Question { name: self.apex.clone(), rtype: Rtype::SOA }));
        let Some(who) = servers.filter(|_| first.as_ref().is_some_and(|a| a.authoritative && a.records().is_some()))
        else {
            self.findings.push(ttls_not_known(self.apex, first.as_ref()));
            return;
        };
        let counts = |a: &Answer| {
            let is_away = matches!(&a.outcome, Outcome::Delegated { zone, .. } if is_below(zone, self.apex));
            (a.authoritative && is_answer(a, self.apex)) || is_away
        };
        let said: Vec<Answer> = who.ask_all(&questions).into_iter().filter(counts).collect();
        let again: HashSet<&Question> = said.iter().map(|answer| &answer.question).collect();
        self.answers.retain(|answer| !again.contains(&answer.question));
        said.into_iter().for_each(|answer| self.take(answer));
        // In the order in which they were asked, whoever answered.
        let place: HashMap<Question, usize> = order.into_iter().zip(0..).collect();
        self.answers.sort_by_key(|answer| place.get(&answer.question).copied().unwrap_or(usize::MAX));
    }

    /// Finds the zones below by their NS, which a resolver has from themselves.
    fn find_cuts(&mut self) {
        for answer in self.answers.iter().filter(|a| a.question.rtype == Rtype::NS && a.chain.is_empty()) {
            if let Outcome::Records(records) = &answer.outcome
                && is_below(&answer.question.name, self.apex)
            {
                let away = self.away.entry(answer.question.name.clone()).or_default();
                away.servers = records.iter().filter_map(Record::target).collect();
                away.servers.sort();
            }
        }
    }

    /// The zone below that holds what there is of this type at this name. What stands at its cut is of the zone above.
    fn away_to(&mut self, name: &Name, rtype: Rtype) -> Option<&mut Away> {
        let holds = |cut: &Name| name.is_subdomain_of(cut) && (name != cut || !matches!(rtype, Rtype::NS | Rtype::DS));
        self.away.iter_mut().find(|(cut, _)| holds(cut)).map(|(_, away)| away)
    }

    /// What is known by now.
    fn sum(mut self, covered: &HashSet<Question>, shown: String) -> Read {
        let mut known: BTreeSet<(Name, Rtype)> = BTreeSet::new();
        let mut seen: HashSet<(Name, Rtype, Vec<u8>)> = HashSet::new();
        let mut records: Vec<(Record, bool)> = Vec::new();
        let apex = self.apex;
        self.answers.retain(|answer| !covered.contains(&answer.question));
        self.find_cuts();
        for answer in std::mem::take(&mut self.answers) {
            let rtype = answer.question.rtype;
            let has_ttl = answer.authoritative || answer.from == Source::Fixture;
            let mut names: Vec<Name> = answer.chain.iter().map(|alias| alias.name.clone()).collect();
            let mut of_answer: Vec<&Record> = answer.chain.iter().collect();
            let last = answer.last_name();
            if let Some(set) = answer.records() {
                let mut set: Vec<&Record> = set.iter().collect();
                // Servers turn the order of a set.
                set.sort_by(|a, b| a.rdata.octets().cmp(b.rdata.octets()));
                of_answer.extend(set);
                names.push(last);
            }
            for name in names.into_iter().filter(|n| n.is_subdomain_of(apex)) {
                if let Some(away) = self.away_to(&name, rtype) {
                    away.asked.insert((name, rtype));
                    continue;
                }
                // What is no alias was not answered as one.
                known.extend([rtype, Rtype::CNAME].map(|rtype| (name.clone(), rtype)));
            }
            for record in of_answer.into_iter().filter(|r| r.name.is_subdomain_of(apex)) {
                if self.away_to(&record.name, record.rtype).is_some() {
                    continue;
                }
                let data = record.rdata.to_lowercase(record.rtype).octets().to_vec();
                if seen.insert((record.name.clone(), record.rtype, data)) {
                    let ttl = if has_ttl { record.ttl } else { 0 };
                    records.push((Record { ttl, ..record.clone() }, has_ttl));
                }
            }
        }
        // Of a referral only the name servers are known.
        for (cut, away) in &self.away {
            let ns = |host: &Name| Record { name: cut.clone(), rtype: Rtype::NS, ttl: 0, rdata: Rdata::ns(host) };
            if known.insert((cut.clone(), Rtype::NS)) {
                records.extend(away.servers.iter().map(|host| (ns(host), false)));
            }
        }
        // A name that is an alias has nothing else.
        let aliases: HashSet<&Name> =
            records.iter().filter(|(r, _)| r.rtype == Rtype::CNAME).map(|(r, _)| &r.name).collect();
        let (settled, open): (Vec<Answer>, Vec<Answer>) =
            self.failed.drain(..).partition(|a| aliases.contains(&a.question.name));
        known.extend(settled.into_iter().map(|a| (a.question.name, a.question.rtype)));
        self.failed = open;
        let unanswered = self.failed.iter().map(|a| &a.question).chain(&self.given_up);
        let unanswered =
            unanswered.map(|q| (q.name.clone(), q.rtype)).chain(self.away.values().flat_map(|a| a.asked.clone()));
        let unanswered = unanswered.filter(|q| !known.contains(q)).collect();
        let away = self.away.iter().filter(|(cut, away)| away.asked.iter().any(|q| *q != ((*cut).clone(), Rtype::NS)));
        self.findings.extend(away.map(|(cut, away)| is_away(apex, cut, away)));
        self.tell_failed();
        let n = self.asked.iter().map(|q| &q.name).collect::<HashSet<_>>().len();
        self.findings.push(only_asked(apex, n));
        Read { shown, records, coverage: Coverage::Asked(known), unanswered, findings: self.findings }
    }

    /// What was not answered; first what mail hangs on.
    fn tell_failed(&mut self) {
        let policy = self.apex.child("_dmarc").ok();
        let is_of_mail =
            |q: &Question| q.name == *self.apex || (q.rtype == Rtype::TXT && Some(&q.name) == policy.as_ref());
        self.failed.sort_by_key(|a| !is_of_mail(&a.question));
        let mut told: Vec<Text> = Vec::new();
        let mut more = self.given_up.len();
        for answer in &self.failed {
            let (name, rtype) = (answer.question.name.display_without_dot().to_string(), answer.question.rtype);
            let text = answer.text();
            // That nobody is there is the same for every question.
            if told.contains(&text) {
                continue;
            }
            if told.len() == TOLD {
                more += 1;
                continue;
            }
            self.findings.push(Finding::warning("current-unanswered", text.clone()).about(name, rtype.to_string()));
            told.push(text);
        }
        if more > 0 {
            self.findings.push(Finding::warning("current-unanswered", say!(en: "{more} more questions have no answer; what they ask for is not taken to be absent", ja: "ほかにも {more} 件の照会に答えがありません（「無い」とはみなしません）")));
        }
    }
}

/// Whether an answer says something of the zone: of the name itself, or that it is an alias; what becomes of that outside is another matter.
fn is_answer(answer: &Answer, apex: &Name) -> bool {
    let of_zone = answer.last_name().is_subdomain_of(apex);
    let ends_there = matches!(answer.outcome, Outcome::AliasLoop | Outcome::Delegated { .. });
    answer.records().is_some() || (!answer.chain.is_empty() && (!of_zone || ends_there))
}

/// Whether a name is below the zone's own.
fn is_below(name: &Name, apex: &Name) -> bool {
    name != apex && name.is_subdomain_of(apex)
}

/// A zone below, to which the zone gives names away.
#[derive(Debug, Default)]
struct Away {
    servers: Vec<Name>,
    /// What was asked of which it holds what there is.
    asked: Unanswered,
}

/// That what stands in a zone below is not in this one.
fn is_away(apex: &Name, cut: &Name, away: &Away) -> Finding {
    let shown = |name: &Name| excerpt(&name.display_without_dot().to_string(), 80);
    let (domain, zone) = (shown(apex), shown(cut));
    let servers = list(&away.servers.iter().map(shown).collect::<Vec<_>>());
    let n = away.asked.iter().map(|(name, _)| name).collect::<BTreeSet<_>>().len();
    Finding::warning("current-other-zone", say!(
        en: "{zone} is a zone of its own, kept by {servers}: what stands there is not in {domain}, and is left out (names asked: {n})",
        ja: "{zone} は別のゾーンで、{servers}が受け持っています。そこにあるものは {domain} のゾーンにはないため、除きました（調べた名前 {n} 個）"; servers = servers
    ))
    .about(zone, "NS")
}

/// That it is not known how long answers are kept; `answer`: what a name server of the zone said instead.
fn ttls_not_known(apex: &Name, answer: Option<&Answer>) -> Finding {
    let domain = apex.display_without_dot().to_string();
    let finding = Finding::advice(
        "current-ttl-unknown",
        say!(
            en: "the TTLs of {domain} are not known: a resolver says only what is left of them, and no name server of the zone answered from here",
            ja: "{domain} の TTL は分かりません（リゾルバーが答えるのは残り時間だけで、ゾーンのネームサーバーからは回答がありませんでした）"
        ),
    );
    let finding = match answer {
        Some(answer) => finding.note(NoteKind::Note, answer.text()),
        None => finding,
    };
    finding.next(say!(
        en: "a plan waits a day for each; for shorter waits use the zone file, or a network where DNS (port 53) is open",
        ja: "作業計画では 1 日ずつ待つことにします。短くするには、ゾーンファイルを使うか、DNS（53 番ポート）を使えるネットワークで実行してください"
    ))
}

/// That there may be more.
fn only_asked(apex: &Name, n: usize) -> Finding {
    let domain = apex.display_without_dot().to_string();
    let names = if n == 1 { "name" } else { "names" };
    Finding::advice("current-asked", say!(
        en: "DNS was asked for {n} {names} only; others, such as old-shop.{domain}, may be there all the same",
        ja: "DNS に照会した {n} 個の名前だけを見ています。ここに出ていない名前（例 old-shop.{domain}）は「無い」とは限りません"
    ))
    .next(say!(
        en: "for all of it: the zone file, or the list of the panel, copied into a file",
        ja: "すべてを見るには、ゾーンファイルか、画面の一覧を貼り付けたファイルを使います"
    ))
}

/// The same findings where what they are about is only looked at besides.
pub(crate) fn as_warnings(findings: Vec<Finding>) -> Vec<Finding> {
    let weaken = |finding: Finding| match finding.severity {
        Severity::Error => Finding { severity: Severity::Warning, ..finding },
        _ => finding,
    };
    findings.into_iter().map(weaken).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;
    use crate::current::questions;
    use crate::live::{Fixture, TransferError};
    use crate::zone::Rdata;
    use std::sync::Mutex;

    fn name(text: &str) -> Name {
        Name::parse_absolute(text).unwrap()
    }

    /// A resolver that answers from zone files, but fails for some questions; it counts what it is asked.
    struct Failing<F> {
        dns: Fixture,
        fails: F,
        asked: Mutex<Vec<Question>>,
    }

    impl<F: Fn(&Question) -> Option<Outcome> + Sync> Resolve for Failing<F> {
        fn ask(&self, question: &Question) -> Answer {
            self.asked.lock().unwrap().push(question.clone());
            let mut answer = self.dns.ask(question);
            if let Some(outcome) = (self.fails)(question) {
                (answer.outcome, answer.chain) = (outcome, Vec::new());
            }
            answer
        }
    }

    fn failing<F: Fn(&Question) -> Option<Outcome> + Sync>(zone: &str, fails: F) -> Failing<F> {
        let mut dns = Fixture::new();
        let text = format!("$TTL 60\n@ SOA a b 1 2 3 4 50\n@ NS ns.example.net.\n{zone}");
        assert_eq!(dns.add(text.as_bytes(), &name("example.com")), Default::default());
        Failing { dns, fails, asked: Mutex::default() }
    }

    fn read_from(resolve: &dyn Resolve, names: &[(&str, Rtype)]) -> Result<Read, Vec<Finding>> {
        let questions = names.iter().map(|(at, rtype)| Question { name: name(at), rtype: *rtype }).collect();
        read(Teller::Asked(&resolve), &name("example.com"), || questions)
    }

    /// What is known of a name and type: its records, that there is none, or nothing.
    fn of(current: &Current, at: &str, rtype: Rtype) -> Option<Vec<String>> {
        let records = current.of(&name(at), rtype).map(|record| record.rdata.present(rtype)).collect();
        current.knows(&name(at), rtype).then_some(records)
    }

    fn ids(findings: &[Finding]) -> Vec<&'static str> {
        findings.iter().map(|finding| finding.id).collect()
    }

    const DMARC: &str = "_dmarc.example.com";
    const KEY: &str = "k._domainkey.example.com";

    #[test]
    fn what_failed_is_not_absent_and_what_was_not_asked_neither() {
        let timeout = |q: &Question| (q.name == name(DMARC)).then_some(Outcome::Timeout { foreign: 0 });
        let resolve = failing("k._domainkey CNAME k.example.net.\nwww CNAME web\nweb A 192.0.2.1\n", timeout);
        let asked =
            [(DMARC, Rtype::TXT), (KEY, Rtype::TXT), ("www.example.com", Rtype::A), ("no.example.com", Rtype::TXT)];
        let read = read_from(&resolve, &asked).unwrap();
        assert_eq!(ids(&read.findings), ["current-unanswered", "current-asked"]);
        // The apex (for its SOA) and what was put; and the host behind the alias.
        assert!(read.findings[1].title.en.contains("asked for 6 names"), "{}", read.findings[1].title.en);
        let current = read.into_current(&mut Sources::default());
        assert!(!current.is_complete());
        assert_eq!(of(&current, DMARC, Rtype::TXT), None);
        assert_eq!(of(&current, DMARC, Rtype::CNAME), None);
        assert_eq!(of(&current, "mail.example.com", Rtype::A), None);
        assert_eq!(of(&current, "no.example.com", Rtype::TXT), Some(vec![]));
        assert_eq!(of(&current, "no.example.com", Rtype::CNAME), Some(vec![]));
        assert_eq!(of(&current, "no.example.com", Rtype::A), None);
        // An alias out of the zone stands alone, whatever is behind it.
        assert_eq!(of(&current, KEY, Rtype::CNAME), Some(vec!["k.example.net.".to_owned()]));
        assert_eq!(of(&current, KEY, Rtype::TXT), Some(vec![]));
        assert_eq!(of(&current, "www.example.com", Rtype::CNAME), Some(vec!["web.example.com.".to_owned()]));
        assert_eq!(of(&current, "web.example.com", Rtype::A), Some(vec!["192.0.2.1".to_owned()]));
    }

    #[test]
    fn an_alias_with_a_dead_end_is_seen_all_the_same() {
        let dead = |q: &Question| (q.name == name(KEY) && q.rtype == Rtype::TXT).then_some(Outcome::ServFail);
        let resolve = failing("k._domainkey CNAME dead.example.net.\n", dead);
        let read = read_from(&resolve, &[(KEY, Rtype::TXT)]).unwrap();
        assert_eq!(ids(&read.findings), ["current-asked"]);
        let current = read.into_current(&mut Sources::default());
        assert_eq!(of(&current, KEY, Rtype::CNAME), Some(vec!["dead.example.net.".to_owned()]));
        assert_eq!(of(&current, KEY, Rtype::TXT), Some(vec![]));
    }

    #[test]
    fn nobody_is_asked_hundreds_of_questions_in_vain() {
        let catalogue = Catalogue::embedded();
        let all = questions::of_domain(&name("example.com"), &catalogue);
        assert!(all.len() > 150, "{}", all.len());
        // Silent for the apex.
        let silent = failing("", |_: &Question| Some(Outcome::Timeout { foreign: 0 }));
        let why = read(Teller::Asked(&silent), &name("example.com"), || all.clone()).unwrap_err();
        assert_eq!((ids(&why), why[0].severity), (vec!["current-unanswered"], Severity::Error));
        assert_eq!(silent.asked.lock().unwrap().len(), 7);
        // Silent for all else: after 64 of them, and what follows, it is over.
        let silent =
            failing("", |q: &Question| (q.name != name("example.com")).then_some(Outcome::Timeout { foreign: 0 }));
        let read = read(Teller::Asked(&silent), &name("example.com"), || all.clone()).unwrap();
        assert_eq!(silent.asked.lock().unwrap().len(), 7 + CHUNK);
        assert_eq!(ids(&read.findings), [&["current-unanswered"; TOLD + 1][..], &["current-asked"]].concat());
        let more = all.len() - 7 - TOLD;
        assert!(read.findings[TOLD].title.en.starts_with(&format!("{more} more")), "{}", read.findings[TOLD].title.en);
    }

    #[test]
    fn wildcards_at_each_depth() {
        let resolve = failing(
            "* TXT \"v=spf1 -all\"\n@ TXT \"v=spf1 -all\"\n*._domainkey CNAME k.example.net.\nown TXT \"v=spf1 -all\"\nother TXT x\n\
             _dmarc TXT \"v=DMARC1; p=none\"\n",
            |_: &Question| None,
        );
        let asked = [
            ("example.com", Rtype::TXT),
            (DMARC, Rtype::TXT),
            (KEY, Rtype::TXT),
            ("own.example.com", Rtype::TXT),
            ("other.example.com", Rtype::TXT),
            ("no.example.com", Rtype::TXT),
            ("no.example.com", Rtype::A),
        ];
        let read = read_from(&resolve, &asked).unwrap();
        assert_eq!(ids(&read.findings), ["current-answers-all", "current-asked"]);
        let note = &read.findings[0].notes[0].text.en;
        assert!(
            note.contains("is not known (3): ") && note.contains(KEY) && note.contains("own.") && note.contains("no."),
            "{note}"
        );
        let current = read.into_current(&mut Sources::default());
        assert_eq!(of(&current, DMARC, Rtype::TXT), Some(vec!["\"v=DMARC1; p=none\"".to_owned()]));
        assert_eq!(of(&current, "other.example.com", Rtype::TXT), Some(vec!["\"x\"".to_owned()]));
        // The apex is no name below itself.
        assert_eq!(of(&current, "example.com", Rtype::TXT), Some(vec!["\"v=spf1 -all\"".to_owned()]));
        // Its own or the wildcard's: not known.
        for at in ["own.example.com", "no.example.com", KEY] {
            assert_eq!((of(&current, at, Rtype::TXT), current.at(&name(at)).count()), (None, 0), "{at}");
        }
        assert_eq!(of(&current, "no.example.com", Rtype::A), Some(vec![]));
        assert_eq!(of(&current, "*.example.com", Rtype::TXT), Some(vec!["\"v=spf1 -all\"".to_owned()]));
        assert_eq!(of(&current, "*._domainkey.example.com", Rtype::CNAME), Some(vec!["k.example.net.".to_owned()]));
    }

    #[test]
    fn what_differs_for_every_name_is_no_name_s_own() {
        // Below a DNAME every name is an alias, each of another one.
        let resolve = failing("@ DNAME example.net.\n", |_: &Question| None);
        let read =
            read_from(&resolve, &[(KEY, Rtype::TXT), (DMARC, Rtype::TXT), ("www.example.com", Rtype::A)]).unwrap();
        assert_eq!(ids(&read.findings), ["current-answers-all", "current-asked"]);
        let note = &read.findings[0].notes[0].text.en;
        assert!(note.starts_with("what these names have of their own is not known (3): "), "{note}");
        let current = read.into_current(&mut Sources::default());
        assert_eq!(current.records().filter(|r| r.rtype == Rtype::CNAME).count(), 0);
        assert_eq!(of(&current, DMARC, Rtype::TXT), None);
    }

    #[test]
    fn a_wildcard_is_not_found_again_below_itself() {
        let resolve = failing("* TXT x\n", |_: &Question| None);
        let read = read_from(&resolve, &[(KEY, Rtype::TXT), (DMARC, Rtype::TXT)]).unwrap();
        let stars = read.text().lines().filter(|line| line.starts_with('*')).count();
        assert_eq!(stars, 1, "{}", read.text());
    }

    /// One TXT of nearly 64 KiB, of octets that are written with four characters each, and data with HTML and escape sequences.
    #[test]
    fn large_and_hostile_data_stays_on_one_line_each() {
        let mut resolve = failing("", |_: &Question| None);
        let octets: Vec<u8> = std::iter::repeat_n([&[255][..], &[0x1b; 255]].concat(), 255).flatten().collect();
        let txt = |at: &str, rdata| Record { name: name(at), rtype: Rtype::TXT, ttl: 60, rdata };
        let records = [
            txt(DMARC, Rdata::from_octets(octets).unwrap()),
            txt(KEY, Rdata::txt(b"<script>\x1b[2J\n\xe2\x80\xae").unwrap()),
        ];
        resolve.dns.add_records(&name("example.com"), records, true);
        let read = read_from(&resolve, &[(DMARC, Rtype::TXT), (KEY, Rtype::TXT)]).unwrap();
        let (text, places) = read.lines();
        assert_eq!(text.lines().count(), places.len());
        assert!(
            text.len() > 255 * 255 * 4 && text.bytes().all(|octet| octet == b'\n' || (b' '..=b'~').contains(&octet))
        );
        let linted = crate::zone_lint::lint_told(&name("example.com"), Teller::Asked(&resolve), &Catalogue::embedded());
        let human = crate::report::short::render(&linted.findings, &linted.sources, crate::report::Lang::En);
        assert!(human.len() < 20_000 && !human.contains('\u{1b}'), "{}", human.len());
    }

    #[test]
    fn what_nobody_answered_is_not_judged_as_missing() {
        let catalogue = Catalogue::embedded();
        let judged = |fails: &[(&str, Rtype)]| {
            let fails = |q: &Question| {
                fails.iter().any(|(at, rtype)| q.name == name(at) && q.rtype == *rtype).then_some(Outcome::ServFail)
            };
            let resolve = failing("@ MX 10 mail\nmail A 192.0.2.1\n", fails);
            let linted = crate::zone_lint::lint_told(&name("example.com"), Teller::Asked(&resolve), &catalogue);
            let severity = |id: &str| linted.findings.iter().find(|f| f.id == id).map(|f| f.severity);
            [severity("spf-missing"), severity("dmarc-missing"), severity("zone-ns")]
        };
        assert_eq!(judged(&[]), [Some(Severity::Warning), Some(Severity::Warning), None]);
        let failed = [("example.com", Rtype::TXT), (DMARC, Rtype::TXT), ("example.com", Rtype::NS)];
        assert_eq!(judged(&failed), [None, None, None]);
    }

    /// A resolver with a cache, and the zone's own name server; without one nobody there answers.
    struct Net {
        cache: Fixture,
        own: Option<Fixture>,
    }

    struct Cache<'n>(&'n Fixture);

    impl Resolve for Cache<'_> {
        fn ask(&self, question: &Question) -> Answer {
            let from = Source::Resolver("192.0.2.53:53".parse().unwrap());
            Answer { from, authoritative: false, ..self.0.ask(question) }
        }
    }

    struct Both<'n>(&'n Net, Cache<'n>);

    impl Dns for Both<'_> {
        fn resolver(&self) -> &dyn Resolve {
            &self.1
        }

        fn has_name_servers(&self) -> bool {
            true
        }

        fn name_server(&self, zone: &Name, _: &[std::net::SocketAddr]) -> Option<Box<dyn Resolve + '_>> {
            assert_eq!(*zone, name("example.com"));
            Some(match &self.0.own {
                Some(own) => Box::new(own),
                None => Box::new(failing("", |_: &Question| Some(Outcome::Refused))),
            })
        }
    }

    #[test]
    fn ttls_are_those_of_the_zone_s_own_servers() {
        let fixture = |zone: &str| failing(zone, |_: &Question| None).dns;
        // What is left in the cache: less time, an older policy, and a host that is no more.
        let cache = || {
            fixture(
                "@ NS ns\nns 9 A 192.0.2.1\n_dmarc 7 TXT \"v=DMARC1; p=none\"\nwww 8 CNAME shop.example.net.\ngone 5 A 192.0.2.9\n",
            )
        };
        let own =
            "@ NS ns\nns 900 A 192.0.2.1\n_dmarc 300 TXT \"v=DMARC1; p=reject\"\nwww 600 CNAME shop.example.net.\n";
        let asked = [(DMARC, Rtype::TXT), ("www.example.com", Rtype::A), ("gone.example.com", Rtype::A)];
        let get = |net: &Net| {
            let questions = asked.iter().map(|(at, rtype)| Question { name: name(at), rtype: *rtype }).collect();
            read(Teller::Asked(&Both(net, Cache(&net.cache))), &name("example.com"), || questions).unwrap()
        };
        let told = get(&Net { cache: cache(), own: Some(fixture(own)) });
        assert_eq!(ids(&told.findings), ["current-asked"]);
        let current = told.into_current(&mut Sources::default());
        assert!(current.found().iter().all(|found| found.has_ttl), "{:?}", current.found());
        let ttl = |at: &str| current.at(&name(at)).map(|r| (r.ttl, r.rdata.present(r.rtype))).collect::<Vec<_>>();
        assert_eq!(ttl(DMARC), [(300, "\"v=DMARC1; p=reject\"".to_owned())]);
        assert_eq!(ttl("www.example.com"), [(600, "shop.example.net.".to_owned())]);
        assert_eq!(of(&current, "gone.example.com", Rtype::A), Some(vec![]));
        // Without them it is said that they are not known.
        let told = get(&Net { cache: cache(), own: None });
        assert_eq!(ids(&told.findings), ["current-ttl-unknown", "current-asked"]);
        assert!(told.findings[0].notes[0].text.en.contains("REFUSED"), "{:?}", told.findings[0]);
        let current = told.into_current(&mut Sources::default());
        assert!(current.found().iter().all(|found| !found.has_ttl), "{:?}", current.found());
        assert_eq!(of(&current, DMARC, Rtype::TXT), Some(vec!["\"v=DMARC1; p=none\"".to_owned()]));
    }

    #[test]
    fn what_stands_in_a_zone_below_is_not_in_this_one() {
        // Two chunks of questions are away, and what comes behind them is asked all the same.
        let resolve = failing(
            "_domainkey NS ns2.example.net.\n_domainkey NS ns1.example.net.\nlast A 192.0.2.9\n",
            |_: &Question| None,
        );
        let keys: Vec<String> = (0..2 * CHUNK).map(|n| format!("k{n}._domainkey.example.com")).collect();
        let asked = keys.iter().map(|key| (key.as_str(), Rtype::TXT)).chain([("last.example.com", Rtype::A)]);
        let read = read_from(&resolve, &asked.collect::<Vec<_>>()).unwrap();
        assert_eq!(ids(&read.findings), ["current-other-zone", "current-asked"]);
        let title = &read.findings[0].title.en;
        assert!(
            title.contains("kept by ns1.example.net, ns2.example.net:") && title.ends_with("(names asked: 128)"),
            "{title}"
        );
        assert!(read.unanswered.contains(&(name(&keys[0]), Rtype::TXT)));
        let current = read.into_current(&mut Sources::default());
        let ns = ["ns1.example.net.", "ns2.example.net."].map(str::to_owned).to_vec();
        assert_eq!(of(&current, "_domainkey.example.com", Rtype::NS), Some(ns));
        assert!(current.has_no_ttl(current.of(&name("_domainkey.example.com"), Rtype::NS).next().unwrap()));
        assert_eq!(of(&current, &keys[0], Rtype::TXT), None);
        assert_eq!(of(&current, "last.example.com", Rtype::A), Some(vec!["192.0.2.9".to_owned()]));
    }

    /// A resolver answers for both zones, so that only the NS at the cut tell them apart; or the zone's own server does.
    #[test]
    fn a_resolver_hides_where_a_zone_ends() {
        let parent = "@ NS ns\nns A 192.0.2.1\n_dmarc NS ns.example.net.\nwww CNAME x._dmarc\n";
        let mut cache = failing(parent, |_: &Question| None).dns;
        let child =
            "$TTL 60\n@ SOA a b 1 2 3 4 50\n@ NS ns.example.net.\n@ TXT \"v=DMARC1; p=reject\"\nx A 192.0.2.1\n";
        assert_eq!(cache.add(child.as_bytes(), &name(DMARC)), Default::default());
        let at_cut = [(DMARC, Rtype::TXT), (DMARC, Rtype::NS), ("www.example.com", Rtype::A)];
        for (own, asked) in
            [(None, &at_cut[..]), (Some(failing(parent, |_: &Question| None).dns), &[at_cut[0], at_cut[2]])]
        {
            let net = Net { cache: cache.clone(), own };
            let questions = asked.iter().map(|(at, rtype)| Question { name: name(at), rtype: *rtype }).collect();
            let read = read(Teller::Asked(&Both(&net, Cache(&net.cache))), &name("example.com"), || questions).unwrap();
            assert!(ids(&read.findings).contains(&"current-other-zone"), "{:?}", read.findings);
            let current = read.into_current(&mut Sources::default());
            assert_eq!(of(&current, DMARC, Rtype::NS), Some(vec!["ns.example.net.".to_owned()]));
            assert_eq!(of(&current, DMARC, Rtype::TXT), None);
            // The alias is of this zone, what it leads to is not.
            assert_eq!(of(&current, "www.example.com", Rtype::CNAME), Some(vec!["x._dmarc.example.com.".to_owned()]));
            assert_eq!(current.at(&name("x._dmarc.example.com")).count(), 0);
        }
    }

    /// Hands out these records.
    struct Hands(Vec<Record>);

    impl Transfer for Hands {
        fn transfer(&self, _: &Name) -> Result<Vec<Record>, TransferError> {
            Ok(self.0.clone())
        }

        fn source(&self) -> Source {
            Source::NameServer("192.0.2.53:53".parse().unwrap())
        }
    }

    #[test]
    fn a_zone_that_is_handed_out_is_whole_and_in_one_order() {
        let resolve = failing("b A 192.0.2.2\nb A 192.0.2.1\na TXT x\n", |_: &Question| None);
        let mut records = resolve.dns.transfer(&name("example.com")).unwrap();
        let stranger = Record { name: name("bank.example"), ..records[1].clone() };
        let text = |records: &[Record]| {
            let hands = Hands(records.to_vec());
            let read = read(Teller::HandsOut(&hands), &name("example.com"), Vec::new).unwrap();
            assert_eq!((read.shown.as_str(), &read.coverage), ("example.com (AXFR 192.0.2.53)", &Coverage::Complete));
            (read.text(), ids(&read.findings))
        };
        let (first, said) = text(&records);
        assert!(first.starts_with("example.com. 60 IN SOA ") && said.is_empty(), "{first}");
        records.reverse();
        records.push(stranger);
        // Nobody's name gets into the zone by it.
        assert_eq!(text(&records), (first, vec!["current-stray"]));
    }
}
