//! Servers that differ, as zone files in memory.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Checked, Dns, Last, NotRead, Of, Open, check, document, news, since};
use crate::build::{Overrides, build};
use crate::catalogue::Catalogue;
use crate::live::{Answer, Fixture, Outcome, Question, Resolve, Source};
use crate::report::{Finding, NoteKind, Severity, Sources, Text};
use crate::site::InMemory;
use crate::zone::{Name, Rtype};

const OF: Of<'_> = Of { site: "example.com", file: "site.toml" };
const SITE: &str = "domain = \"example.com\"\nmail = false\n";
const OWN: &str =
    "@ MX 0 .\n@ TXT \"v=spf1 -all\"\n_dmarc TXT \"v=DMARC1; p=reject\"\n*._domainkey TXT \"v=DKIM1; p=\"\n";
const COM: &str = "$ORIGIN com.\n$TTL 3600\n@ SOA c h 1 1 1 1 1\n@ NS ns.com-servers.example.\nexample NS ns1.example.net.\nexample NS ns2.example.net.\n\
     $ORIGIN com-servers.example.\n@ SOA c h 1 1 1 1 1\nns A 192.0.2.10\n";
const NET: &str = "$ORIGIN example.net.\n@ SOA c h 1 1 1 1 1\nns1 A 192.0.2.11\nns2 A 192.0.2.12\n";

fn own(records: &str) -> String {
    format!(
        "$ORIGIN example.com.\n$TTL 3600\n@ SOA c h 1 1 1 1 1\n@ NS ns1.example.net.\n@ NS ns2.example.net.\n{records}"
    )
}

fn zone(text: &str) -> Fixture {
    let mut fixture = Fixture::new();
    let added = fixture.add(text.as_bytes(), &Name::root());
    assert!(added.faults.is_empty(), "{:?}", added.faults);
    fixture
}

/// One that gives the same outcome for everything but DS, of which there is one.
struct Always(Outcome);

impl Resolve for Always {
    fn ask(&self, question: &Question) -> Answer {
        let mut answer = zone("$ORIGIN com.\n@ SOA c h 1 1 1 1 1\nexample DS 1 13 2 00\n").ask(question);
        if question.rtype != Rtype::DS {
            answer.outcome = self.0.clone();
        }
        answer.from = Source::Resolver(SocketAddr::from(([192, 0, 2, 53], 53)));
        answer
    }
}

/// A resolver and name servers by address.
struct Net {
    resolver: Box<dyn Resolve>,
    servers: Vec<(&'static str, Box<dyn Resolve>)>,
    /// Whom was asked.
    asked: Mutex<Vec<String>>,
}

/// A name server that is kept elsewhere.
struct Kept<'n>(&'n dyn Resolve);

impl Resolve for Kept<'_> {
    fn ask(&self, question: &Question) -> Answer {
        self.0.ask(question)
    }
}

impl Dns for Net {
    fn resolver(&self) -> &dyn Resolve {
        &*self.resolver
    }

    fn has_name_servers(&self) -> bool {
        true
    }

    fn name_server(&self, _: &Name, addresses: &[SocketAddr]) -> Option<Box<dyn Resolve + '_>> {
        let ip = addresses.first()?.ip().to_string();
        let (_, server) = self.servers.iter().find(|(address, _)| *address == ip)?;
        self.asked.lock().unwrap().push(ip);
        Some(Box::new(Kept(&**server)))
    }
}

/// The usual servers: that of `com`, and two of example.com with these records; the resolver has those of the third.
fn net(first: &str, second: &str, cached: &str) -> Net {
    Net {
        resolver: Box::new(zone(&format!("{COM}{NET}{}", own(cached)))),
        servers: vec![
            ("192.0.2.10", Box::new(zone(COM))),
            ("192.0.2.11", Box::new(zone(&own(first)))),
            ("192.0.2.12", Box::new(zone(&own(second)))),
        ],
        asked: Mutex::default(),
    }
}

fn run_site(site: &str, dns: &dyn Dns) -> Checked {
    run_at(site, dns, &[])
}

/// The same, at these name servers.
fn run_at(site: &str, dns: &dyn Dns, servers: &[&str]) -> Checked {
    let servers: Vec<SocketAddr> = servers.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 53)).collect();
    let run = build("site.toml", &InMemory::site(site), &Catalogue::embedded(), &Overrides::default(), |built| {
        check(built, dns, &servers)
    });
    run.product.unwrap_or_else(|| panic!("{:?}", run.findings))
}

fn run(dns: &dyn Dns) -> Vec<(Severity, String)> {
    run_site(SITE, dns).findings.into_iter().map(|f| (f.severity, format!("{}: {}", f.id, f.title.en))).collect()
}

fn ids(dns: &dyn Dns) -> Vec<&'static str> {
    run_site(SITE, dns).findings.iter().map(|f| f.id).collect()
}

#[test]
fn all_right_and_everybody_was_asked() {
    let net = net(OWN, OWN, OWN);
    assert_eq!(run(&net), []);
    let mut asked = net.asked.into_inner().unwrap();
    asked.sort();
    assert_eq!(asked, ["192.0.2.10", "192.0.2.11", "192.0.2.12"]);
}

#[test]
fn one_server_that_differs_is_a_disagreement_and_all_are_a_difference() {
    let other = OWN.replace("p=reject", "p=none");
    assert_eq!(ids(&net(OWN, &other, OWN)), ["check-servers-disagree"]);
    assert_eq!(ids(&net(&other, &other, &other)), ["check-different"]);
    // Both are wrong, each in its own way.
    let gone = OWN.replace("_dmarc", "_other");
    assert_eq!(ids(&net(&gone, &other, OWN)), ["check-servers-disagree"]);
}

#[test]
fn what_only_the_resolver_has_is_old() {
    let other = OWN.replace("_dmarc TXT \"v=DMARC1; p=reject\"", "_dmarc 600 TXT \"v=DMARC1; p=none\"");
    let found = run_site(SITE, &net(OWN, OWN, &other)).findings;
    let [finding] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((finding.id, finding.severity), ("check-cached", Severity::Advice));
    let next = finding.notes.iter().find(|note| note.kind == NoteKind::Next).unwrap();
    assert!(next.text.en.contains("within 600 seconds"), "{next:?}");
}

#[test]
fn a_server_that_fails_hides_nothing() {
    let gone = OWN.replace("_dmarc", "_other");
    for outcome in [
        Outcome::Timeout { foreign: 0 },
        Outcome::Lame,
        Outcome::Refused,
        Outcome::ServFail,
        Outcome::Unreachable(ErrorKind::ConnectionRefused),
    ] {
        let mut net = net(&gone, OWN, OWN);
        net.servers[2].1 = Box::new(Always(outcome.clone()));
        assert_eq!(ids(&net), ["check-name-server", "check-missing"], "{outcome:?}");
        // Where nobody who serves the zone answers, the resolver's word is all there is, and that is said.
        net.servers[1].1 = Box::new(Always(outcome));
        assert_eq!(ids(&net), ["check-name-server", "check-name-server"]);
    }
}

/// A site whose mail server and web are in its own zone, and lead out of it.
const MOVING: &str = "domain = \"example.com\"\n[spf]\nextra = [\"ip4:192.0.2.0/24\"]\n[dmarc]\np = \"none\"\n\
     [[record]]\nname = \"@\"\ntype = \"MX\"\nvalue = \"10 mail\"\n[[record]]\nname = \"mail\"\ntype = \"A\"\nvalue = \"192.0.2.1\"\n\
     [[record]]\nname = \"www\"\ntype = \"CNAME\"\nvalue = \"web\"\n[[record]]\nname = \"web\"\ntype = \"CNAME\"\nvalue = \"ns1.example.net.\"\n";
const MOVED: &str = "@ MX 10 mail\n@ TXT \"v=spf1 ip4:192.0.2.0/24 ~all\"\n_dmarc TXT \"v=DMARC1; p=none\"\nmail A 192.0.2.1\nwww CNAME web\nweb CNAME ns1.example.net.\n";

#[test]
fn a_server_that_is_given_speaks_alone() {
    // The old company, which the resolver knows, has none of it; the new one has all.
    let net = net("", MOVED, "");
    let checked = run_at(MOVING, &net, &["192.0.2.12"]);
    assert!(checked.findings.is_empty() && checked.is_there(), "{:?}", checked.findings);
    // Where records of the new zone lead is looked up there too.
    let mut net = net_of_moved(&MOVED.replace("mail A 192.0.2.1", "mail TXT x"));
    let found = run_at(MOVING, &net, &["192.0.2.12"]).findings;
    assert_eq!(found.iter().map(|f| f.id).collect::<Vec<_>>(), ["check-missing"], "{found:?}");

    for outcome in [
        Outcome::Timeout { foreign: 0 },
        Outcome::Lame,
        Outcome::Refused,
        Outcome::ServFail,
        Outcome::Unreachable(ErrorKind::ConnectionRefused),
        Outcome::Unreachable(ErrorKind::NetworkUnreachable),
    ] {
        net.servers[2].1 = Box::new(Always(outcome.clone()));
        let checked = run_at(MOVING, &net, &["192.0.2.12"]);
        assert!(!checked.answered && !checked.is_there(), "{outcome:?}");
        let [finding] = checked.findings.as_slice() else { panic!("{outcome:?}: {:?}", checked.findings) };
        assert_eq!((finding.id, finding.severity), ("check-not-checked", Severity::Warning));
        assert!(
            finding.title.en.starts_with("not checked: example.com at 192.0.2.12 (--server), which "),
            "{finding:?}"
        );
        // One of two is enough to check, and not to be done.
        net.servers[1].1 = Box::new(zone(&own(MOVED)));
        let checked = run_at(MOVING, &net, &["192.0.2.11", "192.0.2.12"]);
        assert!(checked.answered && !checked.is_there(), "{outcome:?}");
        assert_eq!(checked.findings.iter().map(|f| f.id).collect::<Vec<_>>(), ["check-not-checked"], "{outcome:?}");
    }
}

/// Everywhere the same records of the moved zone.
fn net_of_moved(records: &str) -> Net {
    net(records, records, records)
}

#[test]
fn what_is_not_answered_is_not_resolved() {
    /// Zone files, of which the names that begin so are not answered.
    struct Deaf(Fixture, &'static str);
    impl Resolve for Deaf {
        fn ask(&self, question: &Question) -> Answer {
            if question.name.display_without_dot().to_string().starts_with(self.1) {
                return Always(Outcome::ServFail).ask(question);
            }
            self.0.ask(question)
        }
    }
    let report = |net: &Net| {
        let checked = run_site(SITE, net);
        (document(OF, &checked.findings, &Sources::default(), &[]), checked)
    };
    let ids = |since: &super::Since| since.resolved.iter().map(|gone| gone.id.clone()).collect::<Vec<_>>();
    let gone = OWN.replace("_dmarc", "_other");

    // The policy is missing; the next time nobody answers for its name, and then it is there.
    let (first, _) = report(&net(&gone, &gone, &gone));
    let deaf = |records: &str| -> Box<dyn Resolve> { Box::new(Deaf(zone(&own(records)), "_dmarc")) };
    let mut silent = net(OWN, OWN, OWN);
    silent.resolver = Box::new(Deaf(zone(&format!("{COM}{NET}{}", own(OWN))), "_dmarc"));
    silent.servers[1].1 = deaf(OWN);
    silent.servers[2].1 = deaf(OWN);
    let (_, checked) = report(&silent);
    let about = |open| checked.open.iter().any(|(about, o)| about.name == "_dmarc.example.com" && *o == open);
    assert!(about(Open::Record) && !about(Open::OneOfSeveral));
    let found = since(&Last::read(first.as_bytes()).unwrap(), OF, &checked);
    assert_eq!((ids(&found), found.kept.len()), (vec![], 1));
    // What is kept comes back out of the report as it went in.
    let second = document(OF, &checked.findings, &Sources::default(), &found.kept);
    let last = Last::read(second.as_bytes()).unwrap();
    let again = since(&last, OF, &run_site(SITE, &net(&gone, &gone, &gone)));
    assert!(again.new.is_empty() && again.known == 1, "{again:?}");
    let right = since(&last, OF, &run_site(SITE, &net(OWN, OWN, OWN)));
    assert!(ids(&right).contains(&"check-missing".to_owned()) && right.kept.is_empty(), "{right:?}");

    // The domain is gone: nothing of it is mended by that.
    let mut none = net(OWN, OWN, OWN);
    none.resolver = Box::new(zone("$ORIGIN com.\n@ SOA c h 1 1 1 1 1\n@ NS ns.example.net.\n"));
    let found = since(&last, OF, &run_site(SITE, &none));
    assert!(ids(&found).is_empty(), "{found:?}");
    assert!(!found.kept.is_empty() && found.new.iter().any(|f| f.id == "check-not-delegated"), "{found:?}");

    // One of two servers is behind, then silent: whether it still is, is not known. That of the other one is.
    let (first, _) = report(&net(OWN, &gone, OWN));
    let mut one = net(OWN, OWN, OWN);
    one.servers[2].1 = deaf(OWN);
    let (_, checked) = report(&one);
    let found = since(&Last::read(first.as_bytes()).unwrap(), OF, &checked);
    assert_eq!((ids(&found), found.kept.len()), (vec![], 1));
    let (first, _) = report(&net(&gone, &gone, &gone));
    let found = since(&Last::read(first.as_bytes()).unwrap(), OF, &checked);
    assert_eq!((ids(&found), found.kept.len()), (vec!["check-missing".to_owned()], 0));
}

#[test]
fn a_value_below_the_sentence_counts_and_who_said_it_does_not() {
    let finding = |value: &str, who: &str| {
        Finding::error("check-different", Text::same("the MX is another one"))
            .note(NoteKind::Note, Text::same(format!("in DNS: {value}")))
            .source(Text::same(who))
            .about("example.com", "MX")
    };
    let checked = |finding: Finding| Checked { findings: vec![finding], answered: true, ..Checked::default() };
    let report = document(OF, &[finding("10 old.example.net.", "ns1")], &Sources::default(), &[]);
    let last = Last::read(report.as_bytes()).unwrap();
    let news = |value, who| since(&last, OF, &checked(finding(value, who))).new.len();
    assert_eq!(news("10 old.example.net.", "ns2"), 0);
    assert_eq!(news("10 stranger.example.net.", "ns1"), 1);
}

#[test]
fn a_site_that_is_not_told_of_keeps_its_report() {
    let first = document(OF, &[Finding::error("check-missing", Text::same("A"))], &Sources::default(), &[]);
    let last = Last::read(first.as_bytes()).unwrap();
    assert!(last.others(&[("example.com".to_owned(), "site.toml".to_owned())].into()).is_empty());
    let kept = last.others(&std::collections::BTreeSet::new()).concat();
    let again = Last::read(kept.as_bytes()).unwrap();
    let found = Checked { findings: vec![Finding::error("check-missing", Text::same("A"))], ..Checked::default() };
    assert_eq!(since(&again, OF, &found).known, 1);
}

#[test]
fn a_policy_behind_a_cname_is_followed_where_the_servers_do_not_know_its_end() {
    let alias = OWN.replace("_dmarc TXT \"v=DMARC1; p=reject\"", "_dmarc CNAME policy.example.net.");
    let with = |policy: &str| {
        let mut net = net(&alias, &alias, &alias);
        net.resolver = Box::new(zone(&format!("{COM}{NET}policy TXT \"{policy}\"\n{}", own(&alias))));
        run(&net)
    };
    let found = with("v=DMARC1; p=REJECT;");
    assert_eq!(
        found,
        [(
            Severity::Advice,
            "check-different: the DMARC of _dmarc.example.com is as wanted, by way of a CNAME to policy.example.net"
                .into()
        )]
    );
    let found = with("v=DMARC1; p=none");
    assert_eq!(found[0].0, Severity::Warning, "{found:?}");
    let found = with("something else");
    assert_eq!(found[0].0, Severity::Error, "{found:?}");
}

#[test]
fn nothing_is_right_where_nobody_answers() {
    let mut net = net(OWN, OWN, OWN);
    net.resolver = Box::new(Always(Outcome::ServFail));
    let checked = run_site(SITE, &net);
    assert!(!checked.answered && !checked.is_there());
    assert!(checked.findings.iter().all(|f| f.id == "check-not-checked"), "{:?}", checked.findings);
    assert!(!checked.findings.is_empty());
}

#[test]
fn signatures_that_do_not_hold() {
    // The servers are known and answer; the resolver fails at every name of the zone, and the zone above says that it is signed.
    struct Bogus(Fixture, bool);
    impl Resolve for Bogus {
        fn ask(&self, question: &Question) -> Answer {
            let own = question.name.is_subdomain_of(&Name::parse_absolute("example.com").unwrap());
            match (question.rtype, own) {
                (Rtype::NS, _) | (_, false) => self.0.ask(question),
                (Rtype::DS, _) if self.1 => Always(Outcome::ServFail).ask(question),
                (Rtype::DS, _) => Always(Outcome::NoData).ask(&Question { rtype: Rtype::TXT, ..question.clone() }),
                _ => Always(Outcome::ServFail).ask(question),
            }
        }
    }
    for signed in [true, false] {
        let mut net = net(OWN, OWN, OWN);
        net.resolver = Box::new(Bogus(zone(&format!("{COM}{NET}{}", own(OWN))), signed));
        assert_eq!(ids(&net).contains(&"dnssec-broken-chain"), signed);
    }
}

#[test]
fn a_tree_that_nobody_answers_for_ends() {
    /// Zone files, and silence for every name under `silent.example`, counted.
    struct Silent(Fixture, std::sync::Arc<AtomicUsize>);
    impl Resolve for Silent {
        fn ask(&self, question: &Question) -> Answer {
            if question.name.is_subdomain_of(&Name::parse_absolute("silent.example").unwrap()) {
                self.1.fetch_add(1, Ordering::Relaxed);
                return Always(Outcome::Timeout { foreign: 0 }).ask(question);
            }
            self.0.ask(question)
        }
    }
    let site = "domain = \"example.com\"\n[spf]\nextra = [\"include:spf.example.net\"]\n";
    let includes: String = (0..60).map(|i| format!("include:n{i}.silent.example ")).collect();
    let own = own("@ TXT \"v=spf1 include:spf.example.net ~all\"\n");
    let tree = format!("{COM}{NET}spf TXT ( {} )\n{own}", quoted(&format!("v=spf1 {includes}-all")));
    let mut net = net("", "", "");
    let asked = std::sync::Arc::new(AtomicUsize::new(0));
    net.resolver = Box::new(Silent(zone(&tree), asked.clone()));
    net.servers[1].1 = Box::new(zone(&own));
    net.servers[2].1 = Box::new(zone(&own));
    let found = run_site(site, &net).findings;
    assert!(found.iter().any(|f| f.id == "check-not-checked"), "{found:?}");
    assert_eq!(asked.load(Ordering::Relaxed), 5);
}

/// A long text as strings.
fn quoted(text: &str) -> String {
    let octets: Vec<&[u8]> = text.as_bytes().chunks(200).collect();
    octets.iter().map(|part| format!("\"{}\"", String::from_utf8_lossy(part))).collect::<Vec<_>>().join(" ")
}

#[test]
fn name_servers_without_an_address() {
    let mut net = net(OWN, OWN, OWN);
    net.resolver =
        Box::new(zone(&format!("{COM}{}{}", NET.replace("ns2 A 192.0.2.12", "other A 192.0.2.9"), own(OWN))));
    assert_eq!(
        run(&net),
        [(
            Severity::Warning,
            "check-name-server: the name server ns2.example.net of example.com has no address".to_owned()
        )]
    );
}

/// The zone above does not delegate although the zone is there; or nobody in it says anything.
#[test]
fn the_zone_above_is_heard() {
    let com = COM.replace("example NS ns1.example.net.\nexample NS ns2.example.net.\n", "");
    let mut denies = net(OWN, OWN, OWN);
    denies.servers[0].1 = Box::new(zone(&com));
    let found = run_site(SITE, &denies).findings;
    let [finding] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((finding.id, finding.severity), ("check-not-delegated", Severity::Error));
    assert!(finding.title.en.starts_with("the zone com does not delegate example.com"), "{}", finding.title.en);
    for outcome in [Outcome::Timeout { foreign: 0 }, Outcome::Lame, Outcome::ServFail] {
        let mut silent = net(OWN, OWN, OWN);
        silent.servers[0].1 = Box::new(Always(outcome));
        let not_checked = "check-not-checked: not checked: to which name servers the zone com delegates example.com";
        assert_eq!(run(&silent), [(Severity::Warning, not_checked.to_owned())]);
    }
    // Of two, one that was changed already does not outweigh the one that delegates still.
    let two = COM.replace("@ NS ns.com", "@ NS new.com-servers.example.\n@ NS ns.com") + "new A 192.0.2.13\n";
    let mut one_denies = net(OWN, OWN, OWN);
    one_denies.resolver = Box::new(zone(&format!("{two}{NET}{}", own(OWN))));
    one_denies.servers.push(("192.0.2.13", Box::new(zone(&com))));
    assert_eq!(run(&one_denies), []);
}

/// What only a resolver denies.
#[test]
fn a_domain_that_the_resolver_does_not_know() {
    let com = COM.replace("example NS ns1.example.net.\nexample NS ns2.example.net.\n", "");
    let denied = |servers: Box<dyn Resolve>| {
        let mut net = net(OWN, OWN, OWN);
        net.resolver = Box::new(zone(&format!("{com}{NET}")));
        net.servers[0].1 = servers;
        let found = run_site(SITE, &net).findings;
        let notes: Vec<String> = found.iter().flat_map(|f| &f.notes).map(|note| note.text.en.clone()).collect();
        (found.iter().map(|f| (f.id, f.severity)).collect::<Vec<_>>(), notes.join("\n"))
    };
    // Those who hand it out say the same; say nothing; or delegate it, and then its servers are asked.
    let (told, notes) = denied(Box::new(zone(&com)));
    assert_eq!(told, [("check-not-delegated", Severity::Error)]);
    assert!(!notes.contains("only the resolver"), "{notes}");
    let (told, notes) = denied(Box::new(Always(Outcome::Timeout { foreign: 0 })));
    assert_eq!(told, [("check-not-delegated", Severity::Error)]);
    assert!(notes.contains("only the resolver says so; the zone com was asked in vain"), "{notes}");
    let (told, _) = denied(Box::new(zone(COM)));
    assert_eq!(told.first(), Some(&("check-delegation", Severity::Warning)));
    assert!(!told.iter().any(|(id, _)| matches!(*id, "check-missing" | "check-not-delegated")), "{told:?}");
}

/// A site below a domain that exists: what it lacks is missing there.
#[test]
fn a_name_below_a_zone_is_no_domain() {
    let site = SITE.replace("example.com", "shop.example.com");
    let found = run_site(&site, &net(OWN, OWN, OWN)).findings;
    let ids: Vec<&str> = found.iter().map(|f| f.id).collect();
    assert!(ids.contains(&"check-missing") && !ids.contains(&"check-not-delegated"), "{ids:?}");
}

#[test]
fn a_delegation_that_is_wanted_has_its_glue() {
    let site = "domain = \"example.com\"\nmail = false\n[[record]]\nname = \"sub\"\ntype = \"NS\"\nvalue = \"ns.sub.example.com\"\n\
         [[record]]\nname = \"ns.sub\"\ntype = \"A\"\nvalue = \"192.0.2.5\"\n";
    let with = format!("{OWN}sub NS ns.sub\nns.sub A 192.0.2.5\n");
    let found = run_site(site, &net(&with, &with, &with));
    assert!(found.findings.is_empty(), "{:?}", found.findings);
    let other = with.replace("sub NS ns.sub", "sub NS ns.other");
    let found = run_site(site, &net(&other, &other, &other));
    assert_eq!(found.findings.iter().map(|f| f.id).collect::<Vec<_>>(), ["check-different"], "{:?}", found.findings);
}

#[test]
fn a_finding_is_known_again_by_what_it_is_about() {
    let finding = |id, name: &str, en: &str| Finding::error(id, Text::same(en)).about(name, "TXT");
    let first = [
        finding("check-missing", "a.example.com", "A"),
        finding("check-missing", "b.example.com", "B"),
        finding("check-extra", "b.example.com", "one of two"),
        finding("check-extra", "b.example.com", "the other of two"),
    ];
    let report = document(OF, &first, &Sources::default(), &[]);
    let other = document(
        Of { site: "example.net", ..OF },
        &[finding("check-missing", "c.example.net", "C")],
        &Sources::default(),
        &[],
    );
    let last = Last::read(format!("{report}{other}").as_bytes()).unwrap();
    let checked = |findings: &[Finding]| Checked { findings: findings.to_vec(), answered: true, ..Checked::default() };
    let same = since(&last, OF, &checked(&first));
    assert!(same.new.is_empty() && same.resolved.is_empty() && same.known == 4, "{same:?}");

    let now = [
        finding("check-missing", "a.example.com", "A, in other words"),
        finding("check-extra", "b.example.com", "one of two"),
        finding("check-missing", "d.example.com", "D"),
    ];
    let since = since(&last, OF, &checked(&now));
    let new: Vec<&str> = since.new.iter().map(|f| f.title.en.as_str()).collect();
    assert_eq!(new, ["A, in other words", "D"]);
    let gone: Vec<&str> = since.resolved.iter().map(|gone| gone.title.en.as_str()).collect();
    assert_eq!(gone, ["the other of two", "B"]);
    // What has only the news is no ground for the next run.
    let news = news(OF, &since, &Sources::default());
    assert!(matches!(Last::read(news.as_bytes()), Err(NotRead::OnlyNew)));
}

#[test]
fn a_report_may_be_anything() {
    for text in ["", "{", "[]", "\"x\"", "{\"version\":1}", "\u{0}", "{\"version\":1,\"site\":\"a\",\"findings\":[{}]}"]
    {
        assert_eq!(Last::read(text.as_bytes()).is_ok(), text.is_empty(), "{text}");
    }
    assert!(Last::read(&[0xFF]).is_err());
    let deep = "[".repeat(100_000);
    assert!(Last::read(deep.as_bytes()).is_err());
}

#[test]
fn signatures_are_believed_from_who_says_that_they_hold() {
    /// Zone files, by a resolver that has checked their signatures.
    struct Checking(Fixture);
    impl Resolve for Checking {
        fn ask(&self, question: &Question) -> Answer {
            Answer { validated: true, ..self.0.ask(question) }
        }
    }
    let tlsa = format!("3 1 1 {}", "ab".repeat(32));
    let site = format!("{SITE}[[record]]\nname = \"_25._tcp.mail\"\ntype = \"TLSA\"\nvalue = \"{tlsa}\"\n");
    let own = format!("{OWN}_25._tcp.mail TLSA {tlsa}\n");
    let of = |resolver: Box<dyn Resolve>| {
        let net = Net { resolver, ..net(&own, &own, &own) };
        let found = run_site(&site, &net).findings;
        found.iter().map(|f| f.id).filter(|id| *id != "check-not-checked").collect::<Vec<_>>()
    };
    let zones = || zone(&format!("{COM}{NET}{}", self::own(&own)));
    assert_eq!(of(Box::new(zones())), ["tlsa-without-dnssec"]);
    assert_eq!(of(Box::new(Checking(zones()))), [""; 0]);
}

#[test]
fn own_servers_beyond_a_bound_are_told_as_not_checked() {
    let terms: Vec<String> = (0..70).map(|n| format!("\"ip4:203.0.113.{n}\"")).collect();
    let site = format!("domain = \"example.com\"\n[spf]\nextra = [{}]\n", terms.join(", "));
    let arpa = "$ORIGIN 113.0.203.in-addr.arpa.\n@ SOA c h 1 1 1 1 1\n* PTR mail.example.com.\n";
    let addresses: String = (0..70).map(|n| format!("mail A 203.0.113.{n}\n")).collect();
    let mut net = net("", "", "");
    net.resolver = Box::new(zone(&format!("{COM}{NET}{}{arpa}", own(&addresses))));
    let found = run_site(&site, &net).findings;
    let of = |id| found.iter().filter(|f| f.id == id).map(|f| f.title.en.as_str()).collect::<Vec<_>>();
    assert_eq!(of("ptr-not-forward-confirmed"), [""; 0]);
    assert_eq!(of("check-not-checked"), ["not checked: the reverse DNS of 6 addresses, beyond the first 64"]);
}

#[test]
fn what_is_cut_off_counts_too() {
    let long = format!("want{}", "k".repeat(150));
    let site = format!(
        "{SITE}[[record]]\nname = \"txt\"\ntype = \"TXT\"\nvalue = \"want\"\n[[record]]\nname = \"www\"\ntype = \"A\"\nvalue = \"192.0.2.1\"\n"
    );
    let report = |txt: &str, addresses: &[u8], spf: &str| {
        let addresses: String = addresses.iter().map(|n| format!("www A 192.0.2.{n}\n")).collect();
        let records = format!("{OWN}txt TXT {txt}\n{addresses}@ TXT ( {} )\n", quoted(spf));
        run_site(&site, &net(&records, &records, &records))
    };
    let spf = |last: &str| format!("v=spf1 {}{last}", "ip4:198.51.100.1 ".repeat(10));
    let first = report(&long, &[1, 2, 3, 4, 5, 6, 7, 8], &spf("~all"));
    let text = document(OF, &first.findings, &Sources::default(), &[]);
    let last = Last::read(text.as_bytes()).unwrap();
    let new =
        |checked: &Checked| since(&last, OF, checked).new.iter().map(|f| f.about[0].name.clone()).collect::<Vec<_>>();
    assert_eq!(new(&report(&long, &[8, 7, 6, 5, 4, 3, 2, 1], &spf("~all"))), [""; 0]);
    let other = report(&format!("{long}x"), &[1, 2, 3, 4, 5, 6, 7, 8], &spf("~all"));
    assert_eq!(new(&other), ["txt.example.com"]);
    assert_eq!(new(&report(&long, &[1, 2, 3, 4, 5, 6, 7, 9], &spf("~all"))), ["www.example.com"]);
    // That somebody else lets everybody pass is an error of its own.
    let open = report(&long, &[1, 2, 3, 4, 5, 6, 7, 8], &spf("+all"));
    assert_eq!(new(&open), ["example.com"]);
    let extra = open.findings.iter().find(|f| f.id == "check-extra" && f.about[0].name == "example.com").unwrap();
    assert!(extra.notes.iter().any(|note| note.text.en.contains("+all")), "{extra:?}");
    // A report of before has no digest: what is cut off there is not known.
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
    for finding in value["findings"].as_array_mut().unwrap() {
        finding.as_object_mut().unwrap().remove("digest").unwrap();
    }
    let old = Last::read(value.to_string().as_bytes()).unwrap();
    assert!(since(&old, OF, &report(&long, &[1, 2, 3, 4, 5, 6, 7, 9], &spf("~all"))).new.is_empty());
}

#[test]
fn a_rule_that_is_switched_off_is_not_mended() {
    let gone = OWN.replace("_dmarc", "_other");
    let before = run_site(SITE, &net(&gone, &gone, &gone));
    let last = Last::read(document(OF, &before.findings, &Sources::default(), &[]).as_bytes()).unwrap();
    let off = format!("{SITE}[lint]\noff = [\"check-missing\"]\n");
    let found = since(&last, OF, &run_site(&off, &net(&gone, &gone, &gone)));
    assert!(found.new.is_empty() && found.resolved.is_empty(), "{found:?}");
    assert_eq!(found.kept.len(), 1);
}

#[test]
fn two_files_of_one_domain_have_each_its_own_report() {
    let finding = |title: &str| Finding::error("check-missing", Text::same(title)).about("example.com", "MX");
    let of = |file| Of { file, ..OF };
    let checked = |title: &str| Checked { findings: vec![finding(title)], answered: true, ..Checked::default() };
    let none = Checked { answered: true, ..Checked::default() };
    let one = document(of("a.toml"), &[finding("A")], &Sources::default(), &[]);
    let two = document(of("b.toml"), &[finding("B")], &Sources::default(), &[]);
    let read = |text: &str, files: &[&str]| {
        Last::read(text.as_bytes()).unwrap().for_files(files.iter().map(|file| (*file).to_owned()).collect())
    };
    let both = read(&format!("{one}{two}"), &["a.toml", "b.toml"]);
    for (file, title) in [("a.toml", "A"), ("b.toml", "B")] {
        let found = since(&both, of(file), &checked(title));
        assert!(found.new.is_empty() && found.resolved.is_empty() && found.known == 1, "{file}: {found:?}");
        let gone = since(&both, of(file), &none).resolved;
        assert_eq!(gone.iter().map(|gone| gone.title.en.as_str()).collect::<Vec<_>>(), [title]);
    }
    // The one that was not read keeps its own.
    let kept = both.others(&[("example.com".to_owned(), "a.toml".to_owned())].into()).concat();
    assert_eq!(since(&read(&kept, &["b.toml"]), of("b.toml"), &checked("B")).known, 1);
    // A file by another name is the same site; one beside it is another.
    assert_eq!(since(&read(&one, &["c.toml"]), of("c.toml"), &checked("A")).known, 1);
    assert_eq!(since(&read(&one, &["a.toml", "c.toml"]), of("c.toml"), &checked("A")).known, 0);
    // So is what a report says that does not name files.
    let old = one.replace("  \"file\": \"a.toml\",\n", "");
    assert!(old != one && since(&read(&old, &["a.toml"]), of("a.toml"), &checked("A")).known == 1);
}

#[test]
fn serials_are_no_part_of_a_disagreement() {
    let gone = OWN.replace("_dmarc", "_other");
    let at = |serial: &str| {
        let mut net = net(OWN, &gone, OWN);
        net.servers[2].1 = Box::new(zone(&own(&gone).replace("c h 1 1", &format!("c h {serial} 1"))));
        run_site(SITE, &net)
    };
    let first = document(OF, &at("7").findings, &Sources::default(), &[]);
    assert!(first.contains("ns2.example.net (192.0.2.12) 7"), "{first}");
    let found = since(&Last::read(first.as_bytes()).unwrap(), OF, &at("8"));
    assert!(found.new.is_empty() && found.known == 1, "{found:?}");
}

/// What the old company says of the zone that is moved counts nowhere.
#[test]
fn of_its_own_names_a_server_that_is_given_speaks_alone() {
    let site = "domain = \"example.com\"\n[spf]\nextra = [\"ip4:203.0.113.9\", \"a:out.example.com\"]\n[dmarc]\np = \"none\"\n\
         [[record]]\nname = \"@\"\ntype = \"MX\"\nvalue = \"10 mail\"\n[[record]]\nname = \"mail\"\ntype = \"A\"\nvalue = \"203.0.113.9\"\n\
         [[record]]\nname = \"out\"\ntype = \"A\"\nvalue = \"203.0.113.8\"\n\
         [[record]]\nname = \"_25._tcp.mail\"\ntype = \"TLSA\"\nvalue = \"3 1 1 abababababababababababababababababababababababababababababababab\"\n";
    let new = "@ MX 10 mail\n@ TXT \"v=spf1 ip4:203.0.113.9 a:out.example.com ip4:203.0.113.7 ~all\"\n_dmarc TXT \"v=DMARC1; p=none\"\nmail A 203.0.113.9\nout A 203.0.113.8\n\
         _25._tcp.mail TLSA 3 1 1 abababababababababababababababababababababababababababababababab\n";
    // The old zone has neither the address behind the PTR nor an SPF record that passes anything.
    let old = "@ TXT \"v=spf1 -all\"\n";
    let arpa = "$ORIGIN 113.0.203.in-addr.arpa.\n@ SOA c h 1 1 1 1 1\n9 PTR mail.example.com.\n";
    let com = format!("{COM}$ORIGIN com.\nexample DS 1 7 1 00\n");
    let net = Net { resolver: Box::new(zone(&format!("{com}{NET}{}{arpa}", own(old)))), ..net(old, new, old) };
    let found = run_at(site, &net, &["192.0.2.12"]).findings;
    let told: Vec<(&str, Severity)> = found.iter().map(|f| (f.id, f.severity)).collect();
    assert_eq!(told, [("check-different", Severity::Warning), ("check-not-checked", Severity::Advice)], "{found:?}");
    assert!(found[1].notes.iter().any(|note| note.text.en.contains("--server")), "{:?}", found[1]);
    // Without it the old zone is what is judged.
    let found = run_site(site, &net).findings;
    let ids: Vec<&str> = found.iter().map(|f| f.id).collect();
    for id in ["ptr-not-forward-confirmed", "spf-sender-not-covered", "dnssec-broken-chain"] {
        assert!(ids.contains(&id), "{id}: {ids:?}");
    }
}

/// A policy host behind the new company's servers; IPv6 that this network does not have.
#[test]
fn a_policy_is_fetched_from_where_it_is_wanted() {
    struct Web(Net, Mutex<Vec<std::net::IpAddr>>);
    impl crate::live::Fetch for Web {
        fn get(&self, _: &Name, _: &str, addresses: &[std::net::IpAddr]) -> Result<Vec<u8>, crate::live::FetchFault> {
            self.1.lock().unwrap().extend(addresses);
            let kind = match addresses.iter().any(std::net::IpAddr::is_ipv6) {
                true => ErrorKind::NetworkUnreachable,
                false => ErrorKind::ConnectionRefused,
            };
            Err(crate::live::FetchFault::Unreachable(kind))
        }
    }
    impl Dns for Web {
        fn resolver(&self) -> &dyn Resolve {
            self.0.resolver()
        }
        fn has_name_servers(&self) -> bool {
            true
        }
        fn name_server(&self, zone: &Name, addresses: &[SocketAddr]) -> Option<Box<dyn Resolve + '_>> {
            self.0.name_server(zone, addresses)
        }
        fn web(&self) -> Option<&dyn crate::live::Fetch> {
            Some(self)
        }
    }
    let site = "domain = \"example.com\"\n[[record]]\nname = \"_mta-sts\"\ntype = \"TXT\"\nvalue = \"v=STSv1; id=1\"\n\
         [[record]]\nname = \"mta-sts\"\ntype = \"A\"\nvalue = \"192.0.2.2\"\n[[record]]\nname = \"mta-sts\"\ntype = \"AAAA\"\nvalue = \"2001:db8::2\"\n";
    let new = "_mta-sts TXT \"v=STSv1; id=1\"\nmta-sts A 192.0.2.2\nmta-sts AAAA 2001:db8::2\n";
    let old = "mta-sts A 192.0.2.99\n";
    let web = Web(net(old, new, old), Mutex::default());
    let found = run_at(site, &web, &["192.0.2.12"]).findings;
    let policy = found.iter().find(|f| f.about.iter().any(|about| about.name == "mta-sts.example.com")).unwrap();
    assert_eq!((policy.id, policy.severity), ("mtasts-policy", Severity::Error), "{found:?}");
    let asked = web.1.into_inner().unwrap();
    assert!(!asked.contains(&"192.0.2.99".parse().unwrap()), "{asked:?}");
}

#[test]
fn an_earlier_refusal_takes_addresses_from_an_include_that_is_there() {
    let site = "domain = \"example.com\"\n[spf]\nextra = [\"ip4:192.0.2.0/24\", \"include:spf.example.net\"]\n[dmarc]\np = \"none\"\n";
    let tree = "spf TXT \"v=spf1 include:two.example.net -all\"\ntwo TXT \"v=spf1 ip4:203.0.113.0/24 -all\"\n";
    let with = |spf: &str, tree: &str| {
        let own_text = format!("@ TXT \"{spf}\"\n_dmarc TXT \"v=DMARC1; p=none\"\n");
        let resolver = Box::new(zone(&format!("{COM}{NET}{tree}{}", own(&own_text))));
        let found = run_site(site, &Net { resolver, ..net(&own_text, &own_text, &own_text) }).findings;
        let of = |id: &str| {
            let of = found.iter().filter(|f| f.id == id);
            of.flat_map(|f| std::iter::once(f.title.en.clone()).chain(f.notes.iter().map(|note| note.text.en.clone())))
                .collect::<Vec<_>>()
                .join("\n")
        };
        (of("spf-sender-not-covered"), of("check-not-checked"))
    };
    for refusal in ["-ip4:203.0.113.0/24", "~ip4:203.0.113.0/25", "?ip4:203.0.113.128/25"] {
        let (told, _) = with(&format!("v=spf1 ip4:192.0.2.0/24 {refusal} include:spf.example.net ~all"), tree);
        assert!(told.contains(&format!("`{refusal}` stands in it")), "{refusal}: {told}");
    }
    // Behind it, elsewhere, or within an include of its own, it takes nothing.
    for spf in [
        "v=spf1 ip4:192.0.2.0/24 include:spf.example.net -ip4:203.0.113.0/24 ~all",
        "v=spf1 ip4:192.0.2.0/24 -ip4:198.51.100.0/24 include:spf.example.net ~all",
    ] {
        assert_eq!(with(spf, tree).0, "", "{spf}");
    }
    let inside = tree.replace("v=spf1 include:two", "v=spf1 -ip4:203.0.113.0/24 include:two");
    let spf = "v=spf1 ip4:192.0.2.0/24 include:spf.example.net -ip4:198.51.100.0/24 ~all";
    assert_eq!(with(spf, tree).0, "");
    assert_eq!(with(spf, &inside).0, "", "nobody is passed by it, and that is told of the include");
}

#[test]
fn an_include_that_nobody_answered_is_not_known_to_lack() {
    /// Zone files, and failure for one name.
    struct Fails(Fixture);
    impl Resolve for Fails {
        fn ask(&self, question: &Question) -> Answer {
            match question.name == Name::parse_absolute("spf.example.net").unwrap() {
                true => Always(Outcome::ServFail).ask(question),
                false => self.0.ask(question),
            }
        }
    }
    let site = "domain = \"example.com\"\n[spf]\nextra = [\"include:spf.example.net\"]\n[dmarc]\np = \"none\"\n";
    let records = "@ TXT \"v=spf1 ip4:192.0.2.1 ~all\"\n_dmarc TXT \"v=DMARC1; p=none\"\n";
    let resolver = Box::new(Fails(zone(&format!("{COM}{NET}{}", own(records)))));
    let found = run_site(site, &Net { resolver, ..net(records, records, records) }).findings;
    assert!(found.iter().all(|f| f.id != "spf-sender-not-covered"), "{found:?}");
    let passes =
        "not checked: whether the SPF of example.com in DNS passes mail from the servers that site.toml names itself";
    assert!(found.iter().any(|f| f.title.en == passes), "{found:?}");
}

#[test]
fn other_peoples_names_are_not_waited_for() {
    /// Zone files, and failure for whatever lies at or below a name.
    struct Fails(Fixture, &'static str);
    impl Resolve for Fails {
        fn ask(&self, question: &Question) -> Answer {
            match question.name.is_subdomain_of(&Name::parse_absolute(self.1).unwrap()) {
                true => Always(Outcome::ServFail).ask(question),
                false => self.0.ask(question),
            }
        }
    }
    let site = "domain = \"example.com\"\n[spf]\nextra = [\"include:spf.example.org\"]\n[dmarc]\np = \"none\"\n";
    let records = "@ TXT \"v=spf1 include:spf.example.org ~all\"\n_dmarc TXT \"v=DMARC1; p=none\"\n";
    let whole = || zone(&format!("{COM}{NET}{}", own(records)));
    let of = |name: &'static str, everywhere: bool| {
        let mut net = Net { resolver: Box::new(Fails(whole(), name)), ..net(records, records, records) };
        for (_, server) in net.servers.iter_mut().skip(1).filter(|_| everywhere) {
            *server = Box::new(Fails(zone(&own(records)), name));
        }
        let checked = run_site(site, &net);
        assert!(checked.findings.iter().any(|f| f.id == "check-not-checked"), "{:?}", checked.findings);
        checked.is_there()
    };
    // What is behind an include is another's; the policy that is wanted is not.
    assert!(of("spf.example.org", false));
    assert!(!of("_dmarc.example.com", true));
}
