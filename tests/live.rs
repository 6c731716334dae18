//! Look-ups against a real BIND and a real NSD, and against servers that are silent, slow, lying or broken, written here. The test starts and stops
//! all of them, on loopback addresses; no question goes anywhere else. Times are asserted as deadlines only.
//!
//! Needs `named` and `nsd`, and fails without them.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop; clippy does not see that helpers outside #[test] are tests too"
)]

use std::{
    collections::BTreeSet,
    fs,
    io::{ErrorKind, Read as _, Write as _},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket},
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use zoneplan::catalogue::Catalogue;
use zoneplan::live::{
    Answer, Dns, Fixture, Malformation, Network, Outcome, Question, Resolve, Shared, Source, Teller, Transfer,
    TransferError, TransferFault, axfr, network::Patience,
};
use zoneplan::zone::{Found, Name, Record, Rtype};
use zoneplan::zone_lint::lint_told;

#[path = "tools/servers.rs"]
mod servers;

use servers::{Server, bind, free_port, start};

/// No look-up here may take longer, however slow the machine is.
const DEADLINE: Duration = Duration::from_secs(30);
/// Enough for a server that answers at once.
const PATIENT: Patience = Patience { attempt: Duration::from_secs(10), total: Duration::from_secs(20) };
/// For servers that will not answer.
const HURRIED: Patience = Patience { attempt: Duration::from_millis(300), total: Duration::from_secs(20) };

fn name(text: &str) -> Name {
    Name::parse_absolute(text).expect("a name")
}

fn question(at: &str, rtype: Rtype) -> Question {
    Question { name: name(at), rtype }
}

/// Asks within the deadline.
fn ask(resolve: &impl Resolve, at: &str, rtype: Rtype) -> Answer {
    let started = Instant::now();
    let answer = resolve.ask(&question(at, rtype));
    assert!(started.elapsed() < DEADLINE, "{at} {rtype}: {:?}", started.elapsed());
    answer
}

/// The data of an answer's records in presentation format, sorted: servers turn their order.
fn data(answer: &Answer) -> Vec<String> {
    let Outcome::Records(records) = &answer.outcome else { panic!("{:?}: {:?}", answer.question, answer.outcome) };
    let mut data: Vec<String> = records.iter().map(|record| record.rdata.present(record.rtype)).collect();
    data.sort();
    data
}

// --- Real servers

/// NSD with this zone.
fn nsd(origin: &str, zone: &str) -> Server {
    nsd_with(origin, zone, "")
}

/// NSD with this zone, which has these options besides.
fn nsd_with(origin: &str, zone: &str, options: &str) -> Server {
    start("nsd", &["-d", "-c", "nsd.conf"], |home, port| {
        let config = format!(
            "server:\n  ip-address: 127.0.0.1\n  port: {port}\n  username: \"\"\n  chroot: \"\"\n  zonesdir: \"{home}\"\n  database: \"\"\n  \
             pidfile: \"\"\n  xfrdfile: \"{home}/xfrd\"\n  zonelistfile: \"{home}/zones\"\n  xfrdir: \"{home}\"\n  server-count: 1\n  verbosity: 1\n\
             remote-control:\n  control-enable: no\nzone:\n  name: \"{origin}\"\n  zonefile: zone\n  {options}\n"
        );
        vec![("nsd.conf", config), ("zone", zone.to_owned())]
    })
}

/// The base64 of a 2048-bit RSA key, made for the purpose.
fn key() -> String {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/hogehoge/keys/xserver.txt");
    let text = fs::read_to_string(file).expect("a key");
    let (_, key) = text.split_once("MII").expect("base64");
    let key: String =
        "MII".chars().chain(key.chars()).take_while(|c| c.is_ascii_alphanumeric() || "+/=".contains(*c)).collect();
    assert_eq!(key.len(), 392, "a 2048-bit key is 294 octets, 392 characters");
    key
}

/// What both name servers serve.
fn zone() -> String {
    let key = key();
    let (first, second) = key.split_at(200);
    let big: String = (0..20).map(|number| format!("big 60 TXT \"{number:02}{}\"\n", "x".repeat(250))).collect();
    format!(
        "$ORIGIN example.com.\n$TTL 3600\n\
         @ SOA ns1 hostmaster 1 7200 3600 1209600 300\n\
         @ NS ns1\n@ NS ns2\nns1 A 192.0.2.53\nns2 A 198.51.100.53\n\
         @ 600 A 192.0.2.1\n@ 600 A 192.0.2.2\n@ AAAA 2001:db8::1\n\
         @ MX 10 Mail\n@ MX 20 mail.example.net.\nMail A 192.0.2.25\n\
         @ 300 TXT \"v=spf1 mx -all\"\n@ 300 TXT \"two \" \"strings; \\\"quoted\\\" \\000\\255\"\n\
         default._domainkey TXT ( \"v=DKIM1; k=rsa; p={first}\"\n \"{second}\" )\n\
         www 120 CNAME web\nweb 60 CNAME host\nhost 30 A 192.0.2.3\n\
         out CNAME www.example.net.\nnowhere CNAME nothing\nring1 CNAME ring2\nring2 CNAME ring1\n\
         *.wild TXT any\n*.wild MX 5 host\na.ent TXT x\n\
         sub NS ns1.sub\nsub NS ns.example.net.\nns1.sub A 192.0.2.54\n\
         old DNAME new\na.new A 192.0.2.4\n\
         _sip._udp SRV 0 5 5060 host\n@ CAA 0 issue \"ca.example.net\"\nhttps HTTPS 1 . alpn=h2,h3 port=443 ipv4hint=192.0.2.3\n\
         own TYPE65280 \\# 4 C00C0001\nafs AFSDB 1 host\nrp RP hostmaster host\nnaptr NAPTR 10 20 \"s\" \"SIP+D2U\" \"\" _sip._udp\n{big}"
    )
}

/// Questions and what RFC 1034 §4.3.2 says of them in that zone.
fn questions() -> Vec<(&'static str, Rtype)> {
    let mut questions = Vec::new();
    for at in [
        "example.com",
        "EXAMPLE.com",
        "mail.example.com",
        "default._domainkey.example.com",
        "www.example.com",
        "web.example.com",
        "out.example.com",
        "nowhere.example.com",
        "x.wild.example.com",
        "x.y.wild.example.com",
        "wild.example.com",
        "*.wild.example.com",
        "ent.example.com",
        "a.ent.example.com",
        "b.ent.example.com",
        "sub.example.com",
        "ns1.sub.example.com",
        "x.y.sub.example.com",
        "a.old.example.com",
        "b.old.example.com",
        "old.example.com",
        "_sip._udp.example.com",
        "_udp.example.com",
        "https.example.com",
        "own.example.com",
        "afs.example.com",
        "rp.example.com",
        "naptr.example.com",
        "big.example.com",
        "nothing.example.com",
    ] {
        let types = [
            Rtype::A,
            Rtype::AAAA,
            Rtype::NS,
            Rtype::SOA,
            Rtype::MX,
            Rtype::TXT,
            Rtype::CNAME,
            Rtype::DNAME,
            Rtype::SRV,
            Rtype::CAA,
            Rtype::HTTPS,
            Rtype::AFSDB,
            Rtype::RP,
            Rtype::NAPTR,
            Rtype::DS,
            Rtype(65_280),
        ];
        questions.extend(types.map(|rtype| (at, rtype)));
    }
    questions
}

/// The outcome, the records, and the aliases with their targets.
type Comparable = (String, Vec<(Name, Rtype, u32, Vec<u8>)>, Vec<(Name, Name)>);

/// What the two say, as it can be compared: sets have no order, and names no case.
fn comparable(answer: &Answer) -> Comparable {
    let key = |record: &Record| {
        (record.name.clone(), record.rtype, record.ttl, record.rdata.to_lowercase(record.rtype).octets().to_vec())
    };
    let (outcome, mut records) = match &answer.outcome {
        Outcome::Records(records) => ("Records".to_owned(), records.iter().map(key).collect()),
        Outcome::Delegated { zone, servers } => {
            let mut servers: Vec<String> = servers.iter().map(|server| server.to_lowercase().to_string()).collect();
            servers.sort();
            (format!("{zone} {servers:?}"), Vec::new())
        }
        // The twin has no other zones; a name server says no more than where the alias leads.
        Outcome::NotInFixture if !answer.chain.is_empty() => ("AliasOutside".to_owned(), Vec::new()),
        other => (format!("{other:?}"), Vec::new()),
    };
    records.sort();
    let chain = answer.chain.iter().map(|record| (record.name.clone(), record.target().expect("a target"))).collect();
    (outcome, records, chain)
}

#[test]
fn bind_nsd_and_the_zone_file_say_the_same() {
    let zone = zone();
    let servers = [bind("recursion no;", &[("example.com", "zone", &zone)]), nsd("example.com", &zone)];
    let mut fixture = Fixture::new();
    assert_eq!(fixture.add(zone.as_bytes(), &name("example.com")), Default::default());

    for server in &servers {
        let network = Network::authority(name("example.com"), server.address).with_patience(PATIENT);
        assert_eq!(network.servers(), [server.address]);

        // By hand, from the zone.
        let apex = ask(&network, "example.com", Rtype::A);
        assert_eq!(data(&apex), ["192.0.2.1", "192.0.2.2"]);
        assert_eq!((apex.ttl(), apex.authoritative, apex.from), (Some(600), true, Source::NameServer(server.address)));
        assert_eq!(apex.failed, []);
        let mx = ask(&network, "example.com", Rtype::MX);
        assert_eq!(
            data(&mx).iter().map(|text| text.to_lowercase()).collect::<Vec<_>>(),
            ["10 mail.example.com.", "20 mail.example.net."]
        );
        let txt = ask(&network, "example.com", Rtype::TXT);
        assert_eq!(data(&txt), [r#""two " "strings; \"quoted\" \000\255""#, r#""v=spf1 mx -all""#]);
        let dkim = ask(&network, "default._domainkey.example.com", Rtype::TXT);
        let Outcome::Records(records) = &dkim.outcome else { panic!("{dkim:?}") };
        assert_eq!(records.len(), 1);
        assert_eq!(records[0].rdata.txt_joined(), format!("v=DKIM1; k=rsa; p={}", key()).into_bytes());
        assert_eq!(records[0].rdata.txt_strings().map(<[u8]>::len).collect::<Vec<_>>(), [218, 192]);
        let www = ask(&network, "WWW.example.com", Rtype::A);
        assert_eq!((data(&www), www.ttl()), (vec!["192.0.2.3".to_owned()], Some(30)));
        assert_eq!(www.chain.iter().map(|record| record.ttl).collect::<Vec<_>>(), [120, 60]);
        assert_eq!(www.last_name(), name("host.example.com"));
        assert_eq!(ask(&network, "nothing.example.com", Rtype::A).outcome, Outcome::NxDomain);
        assert_eq!(ask(&network, "ent.example.com", Rtype::A).outcome, Outcome::NoData);
        assert_eq!(ask(&network, "www.example.com", Rtype::MX).outcome, Outcome::NoData);
        let nowhere = ask(&network, "nowhere.example.com", Rtype::A);
        assert_eq!((&nowhere.outcome, nowhere.chain.len()), (&Outcome::NxDomain, 1));
        // 20 strings of 252 octets are 5,280 octets of records: over what UDP may carry here, so they came by TCP.
        let big = ask(&network, "big.example.com", Rtype::TXT);
        let Outcome::Records(records) = &big.outcome else { panic!("{big:?}") };
        assert_eq!(records.len(), 20);
        assert!(records.iter().all(|record| record.rdata.txt_joined().len() == 252));
        // Not its zone.
        assert_eq!(ask(&network, "example.org", Rtype::A).outcome, Outcome::Refused);

        // By the twin, which nothing here was copied from: every question.
        let questions: Vec<Question> = questions().into_iter().map(|(at, rtype)| question(at, rtype)).collect();
        let answers = network.ask_all(&questions);
        assert_eq!(answers.len(), questions.len());
        for (question, (answer, twin)) in questions.iter().zip(answers.iter().zip(fixture.ask_all(&questions))) {
            assert_eq!(answer.question, *question);
            // A server of the zone says what it has; whether there is a DS only the zone above knows (RFC 4035 §3.1.4.1), of which there is no file.
            if *question == self::question("example.com", Rtype::DS) {
                assert_eq!((&answer.outcome, &twin.outcome), (&Outcome::NoData, &Outcome::NotInFixture));
                continue;
            }
            assert_eq!(comparable(answer), comparable(&twin), "{}: {question:?}", server.address);
        }
    }
}

#[test]
fn rings_of_aliases_end() {
    let zone = zone();
    let server = nsd("example.com", &zone);
    let answer = ask(
        &Network::authority(name("example.com"), server.address).with_patience(PATIENT),
        "ring1.example.com",
        Rtype::A,
    );
    assert_eq!(answer.outcome, Outcome::AliasLoop);
    let mut fixture = Fixture::new();
    fixture.add(zone.as_bytes(), &name("example.com"));
    assert_eq!(ask(&fixture, "ring1.example.com", Rtype::A).outcome, Outcome::AliasLoop);
}

#[test]
fn a_real_resolver_and_a_name_server_that_is_none() {
    let zone = zone();
    let authority = nsd("example.com", &zone);
    let net = "$TTL 60\n@ SOA ns host 1 2 3 4 50\n@ NS ns\nns A 192.0.2.1\nwww A 192.0.2.80\n";
    // It asks the NSD for everything but example.net, which it keeps itself.
    let forward = format!(
        "recursion yes; allow-recursion {{ 127.0.0.1; }}; forward only; forwarders {{ 127.0.0.1 port {}; }};",
        authority.address.port()
    );
    let resolver = bind(&forward, &[("example.net", "net", net)]);
    let network = Network::resolver(resolver.address).with_patience(PATIENT);
    let www = ask(&network, "www.example.com", Rtype::A);
    assert_eq!((data(&www), www.authoritative, www.chain.len()), (vec!["192.0.2.3".to_owned()], false, 2));
    assert!(www.ttl().is_some_and(|ttl| ttl <= 30));
    assert_eq!(data(&ask(&network, "big.example.com", Rtype::TXT)).len(), 20);
    assert_eq!(ask(&network, "nothing.example.com", Rtype::A).outcome, Outcome::NxDomain);
    assert_eq!(ask(&network, "host.example.com", Rtype::MX).outcome, Outcome::NoData);
    // The NSD refuses, so the resolver fails.
    let failed = ask(&network, "example.org", Rtype::A);
    assert_eq!((&failed.outcome, failed.records()), (&Outcome::ServFail, None));
    // An alias into another zone.
    let out = ask(&network, "out.example.com", Rtype::A);
    assert_eq!((data(&out), out.last_name()), (vec!["192.0.2.80".to_owned()], name("www.example.net")));
    // A resolver does not answer for the zone.
    let as_authority = Network::authority(name("example.com"), resolver.address).with_patience(PATIENT);
    assert_eq!(ask(&as_authority, "host.example.com", Rtype::A).outcome, Outcome::Lame);
    // A name server that is taken for a resolver says what it knows, and refuses the rest.
    let network = Network::resolver(authority.address).with_patience(PATIENT);
    assert_eq!(data(&ask(&network, "www.example.com", Rtype::A)), ["192.0.2.3"]);
    let out = ask(&network, "out.example.com", Rtype::A);
    assert_eq!((&out.outcome, out.chain.len()), (&Outcome::Refused, 1));
    // A referral is no answer to who wants one resolved.
    assert_eq!(ask(&network, "x.sub.example.com", Rtype::A).outcome, Outcome::Lame);
}

#[test]
fn the_system_s_resolvers_are_those_of_its_file() {
    // Nothing is asked. On other systems, and without such lines, an error that says what to do.
    let text = fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
    let mut named = Vec::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        if words.next() == Some("nameserver")
            && let Some(Ok(ip)) = words.next().map(|word| word.split('%').next().unwrap_or(word).parse())
            && !named.contains(&SocketAddr::new(ip, 53))
        {
            named.push(SocketAddr::new(ip, 53));
        }
    }
    match Network::system() {
        Ok(network) => assert_eq!(network.servers(), named),
        Err(error) => assert!(
            error.text().en.contains("--resolver") && error.text().ja.contains("--resolver") && named.is_empty()
        ),
    }
}

// --- Servers that are written here

/// What a scripted server does about one packet, in this order.
enum Act {
    /// Waits.
    Wait(Duration),
    /// Sends these octets back.
    Send(Vec<u8>),
    /// Sends these octets from another port.
    SendFromElsewhere(Vec<u8>),
}

/// A server on a loopback address that follows a script, until this value goes.
struct Scripted {
    address: SocketAddr,
    /// Questions that came over UDP.
    asked: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let result = thread.join();
            assert!(result.is_ok() || thread::panicking(), "a scripted server stopped by itself");
        }
    }
}

impl Scripted {
    /// Over UDP only; nothing listens on its TCP port.
    fn udp(script: impl FnMut(&[u8]) -> Vec<Act> + Send + 'static) -> Self {
        // Another test may take a port between finding and binding it.
        let socket = (0..100).find_map(|_| UdpSocket::bind((Ipv4Addr::LOCALHOST, free_port())).ok()).expect("a socket");
        Self::on(socket, script)
    }

    fn on(socket: UdpSocket, mut script: impl FnMut(&[u8]) -> Vec<Act> + Send + 'static) -> Self {
        let address = socket.local_addr().expect("an address");
        let (asked, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        socket.set_read_timeout(Some(Duration::from_millis(20))).expect("a timeout");
        let (count, ends) = (Arc::clone(&asked), Arc::clone(&stop));
        let thread = thread::spawn(move || {
            let mut packet = [0; 4096];
            while !ends.load(Ordering::Relaxed) {
                let Ok((length, client)) = socket.recv_from(&mut packet) else { continue };
                count.fetch_add(1, Ordering::Relaxed);
                for act in script(&packet[..length]) {
                    match act {
                        Act::Wait(time) => thread::sleep(time),
                        // Who asked may have gone.
                        Act::Send(octets) => drop(socket.send_to(&octets, client)),
                        Act::SendFromElsewhere(octets) => {
                            let elsewhere = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
                            elsewhere.send_to(&octets, client).expect("a sent packet");
                        }
                    }
                }
            }
        });
        Self { address, asked, stop, threads: vec![thread] }
    }

    /// Over UDP it says that the answer was cut; over TCP `script` gets the question and the connection.
    fn tcp(script: impl Fn(&[u8], &mut TcpStream) + Send + 'static) -> Self {
        let server = Self::udp(|question| vec![Act::Send(reply(question, 0x8380, [0; 3], &[]))]);
        server.and_tcp(script)
    }

    fn and_tcp(mut self, script: impl Fn(&[u8], &mut TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind(self.address).expect("a listener");
        listener.set_nonblocking(true).expect("a listener that does not wait");
        let ends = Arc::clone(&self.stop);
        self.threads.push(thread::spawn(move || {
            while !ends.load(Ordering::Relaxed) {
                let Ok((mut stream, _)) = listener.accept() else {
                    thread::sleep(Duration::from_millis(5));
                    continue;
                };
                stream.set_nonblocking(false).expect("a stream that waits");
                let mut length = [0; 2];
                stream.read_exact(&mut length).expect("a length");
                let mut question = vec![0; usize::from(u16::from_be_bytes(length))];
                stream.read_exact(&mut question).expect("a question");
                script(&question, &mut stream);
            }
        }));
        self
    }

    /// What becomes of a question for the TXT of example.com there.
    fn ask(&self, patience: Patience) -> Answer {
        let answer = ask(&Network::resolver(self.address).with_patience(patience), "example.com", Rtype::TXT);
        assert!(!answer.text().en.is_empty() && !answer.text().ja.is_empty());
        answer
    }
}

/// Octets of the question of example.com TXT: name, type, class.
const QUESTION: usize = 13 + 4;

/// A message that answers `question`: its id and question, then these flags, numbers of records, and records.
fn reply(question: &[u8], flags: u16, counts: [u16; 3], records: &[u8]) -> Vec<u8> {
    let mut octets = question[..2].to_vec();
    octets.extend([flags, 1].map(u16::to_be_bytes).concat());
    octets.extend(counts.map(u16::to_be_bytes).concat());
    let end = 12 + question[12..].iter().position(|octet| *octet == 0).expect("a name") + 5;
    octets.extend_from_slice(&question[12..end]);
    octets.extend_from_slice(records);
    octets
}

/// A TXT at the question's name, TTL 60.
fn txt(text: &[u8]) -> Vec<u8> {
    let length = u8::try_from(text.len()).expect("a string");
    [&[0xC0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, length + 1, length], text].concat()
}

/// QR, RD, RA.
const ANSWER: u16 = 0x8180;

/// A good answer: one TXT, `ok`.
fn good(question: &[u8]) -> Vec<u8> {
    reply(question, ANSWER, [1, 0, 0], &txt(b"ok"))
}

/// A message behind its length, as TCP has it.
fn framed(message: &[u8]) -> Vec<u8> {
    [&u16::try_from(message.len()).expect("a message").to_be_bytes(), message].concat()
}

#[test]
fn a_good_answer_and_what_the_question_is() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&seen);
    let server = Scripted::udp(move |question| {
        keep.lock().expect("a lock").push(question.to_vec());
        vec![Act::Send(good(question))]
    });
    for _ in 0..8 {
        let answer = server.ask(PATIENT);
        assert_eq!((data(&answer), answer.ttl()), (vec![r#""ok""#.to_owned()], Some(60)));
    }
    let seen = seen.lock().expect("a lock");
    let mut ids: Vec<&[u8]> = seen.iter().map(|question| &question[..2]).collect();
    ids.sort_unstable();
    ids.dedup();
    assert!(ids.len() > 4, "ids are drawn by chance: {ids:?}");
    // RD and AD, one question, and an OPT that asks for at most 1232 octets (RFC 6891 §6.1.2).
    assert_eq!(seen[0][2..12], [1, 0x20, 0, 1, 0, 0, 0, 0, 0, 1]);
    assert_eq!(seen[0][12 + QUESTION..], [0, 0, 41, 0x04, 0xD0, 0, 0, 0, 0, 0, 0]);
}

#[test]
fn silent_and_slow() {
    let silent = Scripted::udp(|_| Vec::new());
    let answer = silent.ask(HURRIED);
    assert_eq!((&answer.outcome, answer.records()), (&Outcome::Timeout { foreign: 0 }, None));
    assert_eq!(answer.from, Source::Resolver(silent.address));
    // A lost packet is sent again.
    assert_eq!(silent.asked.load(Ordering::Relaxed), 2);

    let slow = |wait| Scripted::udp(move |question| vec![Act::Wait(wait), Act::Send(good(question))]);
    assert_eq!(data(&slow(Duration::from_millis(300)).ask(PATIENT)), [r#""ok""#]);
    assert_eq!(slow(Duration::from_secs(2)).ask(HURRIED).outcome, Outcome::Timeout { foreign: 0 });

    // Whatever is left to try, the whole time is bounded.
    let patience = Patience { attempt: Duration::from_secs(3600), total: Duration::from_millis(300) };
    assert_eq!(silent.ask(patience).outcome, Outcome::Timeout { foreign: 0 });

    let mut lost = 0;
    let lossy = Scripted::udp(move |question| {
        lost += 1;
        if lost == 1 { Vec::new() } else { vec![Act::Send(good(question))] }
    });
    let patience = Patience { attempt: Duration::from_secs(1), ..PATIENT };
    assert_eq!(data(&lossy.ask(patience)), [r#""ok""#]);
}

#[test]
fn answers_to_something_else_are_not_taken() {
    let wrong_id = |question: &[u8]| {
        let mut octets = good(question);
        octets[0] ^= 1;
        octets
    };
    let wrong_question = |question: &[u8]| {
        let mut octets = good(question);
        octets[13] = b'f';
        octets
    };
    let wrong_type = |question: &[u8]| {
        let mut octets = good(question);
        octets[12 + 14] = 1;
        octets
    };
    type Script = Box<dyn Fn(&[u8]) -> Act + Send>;
    let one_each: [Script; 7] = [
        Box::new(move |question| Act::Send(wrong_id(question))),
        Box::new(move |question| Act::Send(wrong_question(question))),
        Box::new(move |question| Act::Send(wrong_type(question))),
        // The question comes back as it was sent.
        Box::new(|question| Act::Send(question.to_vec())),
        Box::new(|_| Act::Send(b"\x1b[2J not DNS".to_vec())),
        Box::new(|_| Act::Send(Vec::new())),
        // This one does not come through to us at all.
        Box::new(|question| Act::SendFromElsewhere(good(question))),
    ];
    let servers = one_each.map(|act| Scripted::udp(move |question| vec![act(question)]));
    let patience = Patience { attempt: Duration::from_secs(2), ..PATIENT };
    let outcomes: Vec<Outcome> = thread::scope(|scope| {
        let asking: Vec<_> = servers.iter().map(|server| scope.spawn(move || server.ask(patience).outcome)).collect();
        asking.into_iter().map(|outcome| outcome.join().expect("an outcome")).collect()
    });
    for (at, outcome) in outcomes.into_iter().enumerate() {
        assert_eq!(outcome, Outcome::Timeout { foreign: usize::from(at != 6) }, "{at}");
    }

    // The true answer counts whatever came before it.
    let late = Scripted::udp(move |question| {
        let lie = |mut octets: Vec<u8>| {
            let end = octets.len();
            octets[end - 2..].copy_from_slice(b"no");
            Act::Send(octets)
        };
        vec![
            lie(wrong_id(question)),
            lie(wrong_question(question)),
            Act::SendFromElsewhere(good(question)),
            Act::Send(good(question)),
        ]
    });
    assert_eq!(data(&late.ask(PATIENT)), [r#""ok""#]);

    // However many come, the time is bounded.
    let flood = Scripted::udp(move |question| (0..20_000).map(|_| Act::Send(wrong_id(question))).collect());
    let answer = flood.ask(HURRIED);
    assert!(matches!(answer.outcome, Outcome::Timeout { foreign } if foreign > 0), "{:?}", answer.outcome);
}

#[test]
fn broken_messages() {
    let broken = |octets: fn(&[u8]) -> Vec<u8>| {
        Scripted::udp(move |question| vec![Act::Send(octets(question))]).ask(PATIENT).outcome
    };
    let message = Outcome::Malformed(Malformation::Message);
    // Garbage behind a good header; a record that is not there; a name that points to itself; two that point to each other.
    assert_eq!(broken(|q| reply(q, ANSWER, [9, 9, 9], &[0xFF; 100])), message);
    assert_eq!(broken(|q| reply(q, ANSWER, [2, 0, 0], &txt(b"ok"))), message);
    assert_eq!(broken(|q| reply(q, ANSWER, [1, 0, 0], &[0xC0, 29, 0, 16, 0, 1, 0, 0, 0, 60, 0, 2, 1, b'a'])), message);
    assert_eq!(
        broken(|q| reply(q, ANSWER, [1, 0, 0], &[0xC0, 31, 0xC0, 29, 0, 16, 0, 1, 0, 0, 0, 60, 0, 2, 1, b'a'])),
        message
    );
    // A string longer than its record.
    assert_eq!(
        broken(|q| reply(q, ANSWER, [1, 0, 0], &[0xC0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, 2, 200, b'a'])),
        message
    );
    // Every message that the header promises and the octets do not hold.
    for cut in 12 + QUESTION..12 + QUESTION + 15 {
        let server = Scripted::udp(move |question| vec![Act::Send(good(question)[..cut].to_vec())]);
        assert_eq!(server.ask(PATIENT).outcome, message, "{cut}");
    }
}

#[test]
fn response_codes_of_scripted_servers() {
    let code = |code: u16| Scripted::udp(move |question| vec![Act::Send(reply(question, ANSWER | code, [0; 3], &[]))]);
    assert_eq!(code(2).ask(PATIENT).outcome, Outcome::ServFail);
    assert_eq!(code(5).ask(PATIENT).outcome, Outcome::Refused);
    assert_eq!(code(3).ask(PATIENT).outcome, Outcome::NxDomain);
    assert_eq!(code(0).ask(PATIENT).outcome, Outcome::NoData);
    assert_eq!(code(4).ask(PATIENT).outcome, Outcome::Code(4));
    // Without its question, as servers answer that could not read it.
    let bare = Scripted::udp(|question| vec![Act::Send([&question[..2], &[0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0]].concat())]);
    assert_eq!(bare.ask(PATIENT).outcome, Outcome::Code(1));
    // RFC 6891 §7: a server that does not know EDNS is asked without it.
    let old = Scripted::udp(|question| {
        let has_edns = question[11] == 1;
        vec![Act::Send(if has_edns { reply(question, ANSWER | 1, [0; 3], &[]) } else { good(question) })]
    });
    assert_eq!(data(&old.ask(PATIENT)), [r#""ok""#]);
    assert_eq!(old.asked.load(Ordering::Relaxed), 2);
    // RFC 6891 §6.1.3: one that knows no version of EDNS but others, 16 in two parts, is asked without it too.
    let versions = Scripted::udp(|question| {
        let badvers = || reply(question, ANSWER, [0, 0, 1], &[0, 0, 41, 0x04, 0xD0, 1, 0, 0, 0, 0, 0]);
        vec![Act::Send(if question[11] == 1 { badvers() } else { good(question) })]
    });
    assert_eq!(data(&versions.ask(PATIENT)), [r#""ok""#]);
    // Whoever says so of everything is not asked for ever.
    let never = Scripted::udp(|question| vec![Act::Send(reply(question, ANSWER | 1, [0; 3], &[]))]);
    assert_eq!((never.ask(PATIENT).outcome, never.asked.load(Ordering::Relaxed)), (Outcome::Code(1), 2));
}

/// Answers that lead to others' names: what is kept is kept for the question only.
#[test]
fn nobody_s_name_gets_into_what_is_remembered() {
    // example.com is an alias of www.bank.example, with its address; and there stands an address of example.net, which nobody asked for.
    let bank = b"\x03www\x04bank\x07example\0";
    let address = |owner: &[u8]| [owner, &[0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 66]].concat();
    let server = Scripted::udp(move |question| {
        let length = u8::try_from(bank.len()).expect("a length");
        let alias = [&[0xC0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, length][..], bank].concat();
        let asked_of_bank = question[12..].starts_with(bank);
        let is_example = question[12..].starts_with(b"\x07example\x03com");
        let net = address(b"\x07example\x03net\0");
        vec![Act::Send(if is_example {
            reply(question, 0x8580, [2, 0, 1], &[alias, address(bank), net].concat())
        } else if asked_of_bank {
            reply(
                question,
                0x8580,
                [1, 0, 0],
                &[&[0xC0, 12][..], &[0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1]].concat(),
            )
        } else {
            reply(question, 0x8583, [0, 0, 0], &[])
        })]
    });
    let shared = Shared::new(Network::resolver(server.address).with_patience(PATIENT));
    assert_eq!(data(&ask(&shared, "example.com", Rtype::A)), ["192.0.2.66"]);
    assert_eq!(data(&ask(&shared, "www.bank.example", Rtype::A)), ["192.0.2.1"]);
    assert_eq!(ask(&shared, "example.net", Rtype::A).outcome, Outcome::NxDomain);
    // As a name server of example.com it has no word about the bank.
    let authority = Network::authority(name("example.com"), server.address).with_patience(PATIENT);
    let said = ask(&authority, "example.com", Rtype::A);
    assert_eq!((&said.outcome, said.last_name()), (&Outcome::AliasOutside, name("www.bank.example")));
}

#[test]
fn a_server_that_sends_elsewhere() {
    // A referral to the servers of the root, as servers give that know nothing of the zone; they offer no recursion, or say that they do.
    let root = [&[0, 0, 2, 0, 1, 0, 0, 0, 60, 0, 4, 1, b'a', 0xC0, 12][..], &[]].concat();
    for flags in [0x8100, ANSWER] {
        let records = root.clone();
        let server = Scripted::udp(move |question| vec![Act::Send(reply(question, flags, [0, 1, 0], &records))]);
        assert_eq!(server.ask(PATIENT).outcome, Outcome::Lame, "{flags:x}");
        let authority = Network::authority(name("example.com"), server.address).with_patience(PATIENT);
        assert_eq!(ask(&authority, "example.com", Rtype::TXT).outcome, Outcome::Lame, "{flags:x}");
    }
    // Good records without AA, from a cache or a guess.
    let cache = Scripted::udp(|question| vec![Act::Send(good(question))]);
    let authority = Network::authority(name("example.com"), cache.address).with_patience(PATIENT);
    assert_eq!(ask(&authority, "example.com", Rtype::TXT).outcome, Outcome::Lame);
}

/// A chain of 100 aliases in one zone, and one of 16, the most that are followed, at real servers.
#[test]
fn long_chains_at_real_servers() {
    let chain = |first: char, length: usize| -> String {
        (0..length).map(|n| format!("{first}{n} CNAME {first}{}\n", n + 1)).collect::<String>()
            + &format!("{first}{length} TXT end\n")
    };
    let zone = format!(
        "$TTL 60\n@ SOA ns host 1 2 3 4 50\n@ NS ns\nns A 192.0.2.1\nb0 CNAME b1\nb1 CNAME b0\nx CNAME no\n{}{}",
        chain('a', 100),
        chain('c', 16)
    );
    let authority = nsd("example.com", &zone);
    let port = authority.address.port();
    let forward = format!("recursion yes; forward only; forwarders {{ 127.0.0.1 port {port}; }};");
    let servers = [bind("recursion no;", &[("example.com", "zone", &zone)]), bind(&forward, &[])];
    let mut fixture = Fixture::new();
    fixture.add(zone.as_bytes(), &name("example.com"));
    let networks = [authority.address, servers[0].address].map(|at| Network::authority(name("example.com"), at));
    let resolver = Network::resolver(servers[1].address).with_patience(PATIENT);
    let asked: Vec<Box<dyn Resolve>> = networks
        .into_iter()
        .map(|network| Box::new(network.with_patience(PATIENT)) as Box<dyn Resolve>)
        .chain([Box::new(resolver) as Box<dyn Resolve>, Box::new(fixture)])
        .collect();
    for (at, who) in asked.iter().enumerate() {
        let who = &**who;
        let long = ask(&who, "a0.example.com", Rtype::TXT);
        let circle = ask(&who, "b0.example.com", Rtype::TXT);
        assert!(long.outcome == Outcome::AliasLoop && !long.is_circle(), "{at}: {long:?}");
        assert!(circle.outcome == Outcome::AliasLoop && circle.is_circle(), "{at}: {circle:?}");
        let most = ask(&who, "c0.example.com", Rtype::TXT);
        assert_eq!((data(&most), most.chain.len()), (vec![r#""end""#.to_owned()], 16), "{at}");
        assert_eq!(ask(&who, "x.example.com", Rtype::TXT).outcome, Outcome::NxDomain, "{at}");
    }
}

#[test]
fn answers_that_were_cut() {
    // 5,000 records in the 65,535 octets that a message can have.
    let huge = |question: &[u8]| {
        let records: Vec<u8> = (0..4_600).flat_map(|_| [&txt(b"")[..], &[]].concat()).collect();
        reply(question, ANSWER, [4_600, 0, 0], &records)
    };
    let whole = Scripted::tcp(move |question, stream| {
        let message = huge(question);
        assert!(message.len() > 59_000);
        stream.write_all(&framed(&message)).expect("a sent message");
    });
    let Outcome::Records(records) = whole.ask(PATIENT).outcome else { panic!("no records") };
    assert_eq!(records.len(), 4_600);
    // As large over UDP, though nobody asked for that.
    let large = Scripted::udp(move |question| vec![Act::Send(huge(question))]);
    let Outcome::Records(records) = large.ask(PATIENT).outcome else { panic!("no records") };
    assert_eq!(records.len(), 4_600);

    // What the cut answer itself says is not taken.
    let closed = Scripted::udp(|question| vec![Act::Send(reply(question, 0x8380, [1, 0, 0], &txt(b"half")))]);
    assert_eq!(closed.ask(PATIENT).outcome, Outcome::Truncated);
    assert_eq!(Scripted::tcp(|_, _| {}).ask(PATIENT).outcome, Outcome::Truncated);
    let silent = Scripted::tcp(|_, stream| {
        // Until the other side gives up.
        let _ = stream.read(&mut [0]);
    });
    assert_eq!(silent.ask(HURRIED).outcome, Outcome::Truncated);
    let by_drops = Scripted::tcp(|question, stream| {
        for octet in framed(&good(question)) {
            thread::sleep(Duration::from_millis(50));
            if stream.write_all(&[octet]).is_err() {
                return;
            }
        }
    });
    assert_eq!(by_drops.ask(HURRIED).outcome, Outcome::Truncated);
    assert_eq!(data(&by_drops.ask(PATIENT)), [r#""ok""#]);
    let short = Scripted::tcp(|question, stream| {
        let message = framed(&good(question));
        stream.write_all(&message[..message.len() - 1]).expect("a sent message");
    });
    assert_eq!(short.ask(PATIENT).outcome, Outcome::Malformed(Malformation::Cut));
    let cut_again = Scripted::tcp(|question, stream| {
        stream.write_all(&framed(&reply(question, 0x8380, [0; 3], &[]))).expect("a sent message");
    });
    assert_eq!(cut_again.ask(PATIENT).outcome, Outcome::Malformed(Malformation::Cut));
    let foreign = Scripted::tcp(|question, stream| {
        let mut message = good(question);
        message[0] ^= 1;
        stream.write_all(&framed(&message)).expect("a sent message");
    });
    assert_eq!(foreign.ask(PATIENT).outcome, Outcome::Malformed(Malformation::Foreign));
    let garbage = Scripted::tcp(|question, stream| {
        stream.write_all(&framed(&reply(question, ANSWER, [60_000, 0, 0], &[0xFF; 60_000]))).expect("a sent message");
    });
    assert_eq!(garbage.ask(PATIENT).outcome, Outcome::Malformed(Malformation::Message));
}

#[test]
fn names_behind_thousands_of_pointers() {
    // Pointers that each lead to the one before, as far as 14 bits reach, and records that all begin at the last of them.
    let server = Scripted::tcp(|question, stream| {
        let start = 12 + QUESTION;
        let mut data = Vec::new();
        let mut target = 12;
        while start + 12 + data.len() + 2 < 0x3FFF {
            let here = start + 12 + data.len();
            data.extend((0xC000 | u16::try_from(target).expect("14 bits")).to_be_bytes());
            target = here;
        }
        let length = u16::try_from(data.len()).expect("a length").to_be_bytes();
        // Data of a type that nobody looks into.
        let mut records = [&[0xC0, 12, 0xFF, 0, 0, 1, 0, 0, 0, 60, length[0], length[1]][..], &data].concat();
        let pointer = (0xC000 | u16::try_from(target).expect("14 bits")).to_be_bytes();
        let mut count = 1;
        while count < 1_000 {
            records.extend([pointer[0], pointer[1], 0, 16, 0, 1, 0, 0, 0, 60, 0, 1, 0]);
            count += 1;
        }
        stream.write_all(&framed(&reply(question, ANSWER, [count, 0, 0], &records))).expect("a sent message");
    });
    let answer = server.ask(PATIENT);
    assert!(matches!(answer.outcome, Outcome::Records(_) | Outcome::Malformed(_)), "{:?}", answer.outcome);
}

#[test]
fn where_nobody_listens() {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
    let network = Network::resolver(address).with_patience(PATIENT);
    let answer = ask(&network, "example.com", Rtype::A);
    assert_eq!(answer.outcome, Outcome::Unreachable(ErrorKind::ConnectionRefused));
    assert!(answer.text().en.starts_with(&format!("{address} cannot be reached")), "{}", answer.text().en);
}

#[test]
fn the_next_server_is_asked() {
    let nobody = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
    let silent = Scripted::udp(|_| Vec::new());
    let failing = Scripted::udp(|question| vec![Act::Send(reply(question, ANSWER | 2, [0; 3], &[]))]);
    let well = Scripted::udp(|question| vec![Act::Send(good(question))]);
    let patience = Patience { attempt: Duration::from_secs(1), ..PATIENT };
    let network = Network::resolver(nobody)
        .with_another(silent.address)
        .with_another(failing.address)
        .with_another(well.address)
        .with_patience(patience);
    let answer = ask(&network, "example.com", Rtype::TXT);
    assert_eq!((data(&answer), answer.from), (vec![r#""ok""#.to_owned()], Source::Resolver(well.address)));
    assert_eq!(
        answer.failed,
        [
            (nobody, Outcome::Unreachable(ErrorKind::ConnectionRefused)),
            (silent.address, Outcome::Timeout { foreign: 0 }),
            (failing.address, Outcome::ServFail),
        ]
    );
    // The dead ones cost their time once.
    assert_eq!(ask(&network, "example.com", Rtype::TXT).failed, []);
    assert_eq!(silent.asked.load(Ordering::Relaxed), 1);

    // Where none answers, what was said of the name counts more than silence.
    let network =
        Network::resolver(silent.address).with_another(failing.address).with_another(nobody).with_patience(HURRIED);
    let answer = ask(&network, "example.com", Rtype::TXT);
    assert_eq!((&answer.outcome, answer.from), (&Outcome::ServFail, Source::Resolver(failing.address)));
    assert_eq!(answer.failed.len(), 2);
    assert!(answer.text().en.ends_with("in vain: 2"), "{}", answer.text().en);
}

#[test]
fn a_resolver_that_stops_at_aliases() {
    // example.com -> a.example.com -> …, one alias an answer; in a ring, or at last a TXT.
    let stops = |last: usize| {
        Scripted::udp(move |question| {
            let labels = question[12..].split(|octet| *octet == 0).next().expect("a name");
            let depth = labels.chunks(2).take_while(|label| label[..] == *b"\x01a").count();
            let answer = if depth == last {
                txt(b"end")
            } else {
                [&[0xC0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 4, 1, b'a', 0xC0, 12][..]].concat()
            };
            vec![Act::Send(reply(question, ANSWER, [1, 0, 0], &answer))]
        })
    };
    let answer = stops(5).ask(PATIENT);
    assert_eq!((data(&answer), answer.chain.len()), (vec![r#""end""#.to_owned()], 5));
    assert_eq!(stops(16).ask(PATIENT).chain.len(), 16);
    assert_eq!(stops(usize::MAX).ask(PATIENT).outcome, Outcome::AliasLoop);
    let itself = Scripted::udp(|question| {
        vec![Act::Send(reply(question, ANSWER, [1, 0, 0], &[0xC0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 2, 0xC0, 12]))]
    });
    assert_eq!(itself.ask(PATIENT).outcome, Outcome::AliasLoop);
}

#[test]
fn many_questions_side_by_side() {
    // It lets questions gather and notes the most that were under way before any was answered.
    let most = Arc::new(AtomicUsize::new(0));
    let noted = Arc::clone(&most);
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
    let address = socket.local_addr().expect("an address");
    socket.set_read_timeout(Some(Duration::from_millis(300))).expect("a timeout");
    let stop = Arc::new(AtomicBool::new(false));
    let ends = Arc::clone(&stop);
    let server = thread::spawn(move || {
        let mut waiting = Vec::new();
        let mut packet = [0; 4096];
        while !ends.load(Ordering::Relaxed) {
            match socket.recv_from(&mut packet) {
                Ok((length, client)) if packet[..length].windows(6).any(|w| w == b"\x05quick") => {
                    let _ = socket.send_to(&reply(&packet[..length], ANSWER, [1, 0, 0], &txt(b"at once")), client);
                }
                Ok((length, client)) => waiting.push((packet[..length].to_vec(), client)),
                Err(_) => {
                    noted.fetch_max(waiting.len(), Ordering::Relaxed);
                    for (question, client) in waiting.drain(..) {
                        // Its first label is what it says.
                        let label = &question[13..13 + usize::from(question[12])];
                        let _ = socket.send_to(&reply(&question, ANSWER, [1, 0, 0], &txt(label)), client);
                    }
                }
            }
        }
    });
    let questions: Vec<Question> =
        (0..40).map(|number| question(&format!("n{number}.example.com"), Rtype::TXT)).collect();
    let network = Network::resolver(address).with_patience(PATIENT);
    // At first, and after one that answers at once.
    for _ in 0..2 {
        let answers = network.ask_all(&questions);
        assert_eq!(answers.len(), 40);
        for (number, answer) in answers.iter().enumerate() {
            assert_eq!(answer.question, questions[number]);
            assert_eq!(data(answer), [format!("\"n{number}\"")]);
        }
        let most = most.swap(0, Ordering::Relaxed);
        assert!((2..=16).contains(&most), "{most} were under way");
        assert_eq!(data(&network.ask(&question("quick.example.com", Rtype::TXT))), ["\"at once\""]);
    }
    stop.store(true, Ordering::Relaxed);
    server.join().expect("a server");
    assert_eq!(Network::resolver(address).ask_all(&[]), []);
}

#[test]
fn over_ipv6() {
    // Where the system has no IPv6 there is nothing to test.
    let Ok(socket) = UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)) else { return };
    let server = Scripted::on(socket, |question| vec![Act::Send(good(question))]);
    let answer = server.ask(PATIENT);
    assert_eq!((data(&answer), answer.from), (vec![r#""ok""#.to_owned()], Source::Resolver(server.address)));
    // As people write it, with its port.
    let folder = tempfile::tempdir().expect("a folder");
    let resolver = format!("[::1]:{}", server.address.port());
    let (text, _) = said(folder.path(), &["lint", "example.com", "--resolver", &resolver, "--message-format", "short"]);
    assert!(text.contains("DNS was asked for ") && !text.contains("current-unanswered"), "{text}");
    drop(server);
    let (text, exit) =
        said(folder.path(), &["lint", "example.com", "--resolver", &resolver, "--message-format", "short"]);
    assert!(exit == Some(2) && text.contains(&format!("{resolver} cannot be reached")), "{text}");
}

/// What became of a run of zoneplan in a folder.
fn output_of(folder: &std::path::Path, arguments: &[&str]) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zoneplan"));
    command.args(arguments).current_dir(folder).env_clear().output().expect("zoneplan runs")
}

/// Everything that it says, and its exit code.
fn said(folder: &std::path::Path, arguments: &[&str]) -> (String, Option<i32>) {
    let output = output_of(folder, arguments);
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (text, output.status.code())
}

/// `pin` of that site asking that server: everything that it says, its exit code, and the pins that are there then.
fn pinned(folder: &std::path::Path, site: &str, server: &SocketAddr) -> (String, Option<i32>, String) {
    fs::write(folder.join("site.toml"), site).expect("a file");
    let (text, code) = said(folder, &["pin", "--resolver", &server.to_string(), "--today", "2026-11-29"]);
    (text, code, fs::read_to_string(folder.join("site.pins.toml")).expect("pins"))
}

/// `pin` keeps what a real server says; the server that has gone takes nothing away.
#[test]
fn pins_are_what_bind_says() {
    let net = "$ORIGIN example.net.\n$TTL 300\n@ SOA ns hostmaster 1 3600 900 604800 300\n@ NS ns\nns A 127.0.0.1\n\
               spf TXT \"v=spf1 a:h.example.net include:b.example.net\" \" ~all\"\nspf TXT \"else\"\nb TXT \"v=spf1 ip6:2001:db8::/48 -all\"\nh A 192.0.2.1\n";
    let server = bind("recursion no;", &[("example.net", "net.zone", net)]);
    let (folder, address) = (tempfile::tempdir().expect("a folder"), server.address);
    let site =
        "domain = \"example.com\"\n[spf]\nextra = [\"include:spf.example.net\"]\nflatten = [\"spf.example.net\"]\n";
    let pin = || pinned(folder.path(), site, &address);
    let kept = match pin() {
        (_, Some(0), kept) => kept,
        failed => panic!("{failed:?}"),
    };
    for value in ["'\"v=spf1 a:h.example.net include:b.example.net\" \" ~all\"'", "\"192.0.2.1\"", "ttl = 300"] {
        assert!(kept.contains(value), "{value}: {kept}");
    }
    // Two SPF records, the A of h, and that it has no AAAA.
    assert_eq!((kept.matches("[[pin]]").count(), kept.matches("none = true").count()), (4, 1), "{kept}");
    let (text, code, pins) = pin();
    assert_eq!((code, &pins), (Some(0), &kept), "{text}");
    drop(server);
    let (text, code, pins) = pin();
    assert_eq!((code, pins), (Some(2), kept), "{text}");
    let (zone, _) = said(folder.path(), &["build"]);
    assert!(zone.contains("\"v=spf1 ip4:192.0.2.1 ip6:2001:db8::/48 ~all\""), "{zone}");
}

/// The name of a question as it is written, and its type.
fn asked_for(question: &[u8]) -> (String, u16) {
    let (mut name, mut at) = (String::new(), 12);
    while question[at] != 0 {
        let label = &question[at + 1..][..usize::from(question[at])];
        name = name + &String::from_utf8_lossy(label) + ".";
        at += 1 + label.len();
    }
    (name, u16::from_be_bytes([question[at + 1], question[at + 2]]))
}

/// A name server of example.com that fails for the TXT of these names; there is an MX at Google, and else only the SOA.
fn failing_for(names: &'static [&'static str]) -> Scripted {
    Scripted::udp(move |question| {
        let (name, rtype) = asked_for(question);
        let mx = [&[0xC0, 12, 0, 15, 0, 1, 0, 0, 0, 60, 0, 19, 0, 1][..], b"\x04smtp\x06google\x03com\0"].concat();
        vec![Act::Send(match (name.as_str(), rtype) {
            (name, 16) if names.contains(&name) => reply(question, 0x8402, [0; 3], &[]),
            ("example.com.", 6) => reply(question, 0x8400, [1, 0, 0], &soa(1)),
            ("example.com.", 15) => reply(question, 0x8400, [1, 0, 0], &mx),
            ("example.com.", _) => reply(question, 0x8400, [0; 3], &[]),
            _ => reply(question, 0x8403, [0; 3], &[]),
        })]
    })
}

/// Which names are asked follows from the catalogue's files and from the site; tests/tools/names_asked.py counts them besides.
#[test]
fn names_are_asked_as_the_catalogue_has_them() {
    let seen = Arc::new(Mutex::new(BTreeSet::new()));
    let keep = Arc::clone(&seen);
    let server = Scripted::udp(move |question| {
        let (name, rtype) = asked_for(question);
        let is_apex = name == "example.com.";
        keep.lock().expect("a lock").insert(name);
        vec![Act::Send(match (is_apex, rtype) {
            (true, 6) => reply(question, 0x8400, [1, 0, 0], &soa(1)),
            (true, _) => reply(question, 0x8400, [0; 3], &[]),
            _ => reply(question, 0x8403, [0; 3], &[]),
        })]
    });
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let counted = |folders: &[&str]| {
        let python = root.join("tests/.venv/bin/python");
        let output = Command::new(python).arg("tests/tools/names_asked.py").args(folders).current_dir(root).output();
        let output = output.expect("tests/.venv must be there (tests/run makes it)");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let names = String::from_utf8(output.stdout).expect("UTF-8");
        let whole =
            |name: &str| if name.is_empty() { "example.com.".to_owned() } else { format!("{name}.example.com.") };
        names.lines().map(whole).collect::<BTreeSet<String>>()
    };
    let asked = |folder: &std::path::Path, arguments: &[&str], wanted: &BTreeSet<String>| {
        seen.lock().expect("a lock").clear();
        let server = server.address.to_string();
        let (text, _) = said(folder, &[arguments, &["--resolver", &server, "--message-format", "short"]].concat());
        assert_eq!(*seen.lock().expect("a lock"), *wanted, "{text}");
        assert!(text.contains(&format!("DNS was asked for {} names only", wanted.len())), "{text}");
    };
    // Of a domain: the usual ones and those of the catalogue. The READMEs show how many.
    let all = counted(&["providers/senders"]);
    asked(root, &["lint", "example.com"], &all);
    let n = all.len();
    for (readme, shown) in [("README.md", format!("for {n} names only")), ("README.ja.md", format!("{n} 個の名前だけ"))]
    {
        assert!(fs::read_to_string(root.join(readme)).expect("a README").contains(&shown), "{readme}: {n}");
    }
    // Of a site: the usual ones, and the one key that this site has.
    let mut of_site = counted(&[]);
    of_site.insert("google._domainkey.example.com.".to_owned());
    asked(&root.join("tests/cases/live-plan"), &["plan"], &of_site);
}

/// Names and texts with escape sequences, HTML and line ends, as they come from the network.
#[test]
fn what_a_server_says_has_no_power() {
    let host = b"\x0e\x1b[2J<script>\r\n\xe2\x07example\x03com\0";
    let server = Scripted::udp(move |question| {
        let (name, rtype) = asked_for(question);
        let length = |n: usize| u8::try_from(n).expect("a length");
        let record = |rtype: u8, before: &[u8], data: &[u8]| {
            let head = [0xC0, 12, 0, rtype, 0, 1, 0, 0, 0, 60, 0, length(before.len() + data.len())];
            reply(question, 0x8400, [1, 0, 0], &[&head[..], before, data].concat())
        };
        vec![Act::Send(match (name.as_str(), rtype) {
            ("example.com.", 6) => reply(question, 0x8400, [1, 0, 0], &soa(1)),
            ("example.com.", 2) => record(2, &[], host),
            ("example.com.", 15) => record(15, &[0, 1], host),
            ("example.com." | "_dmarc.example.com.", 16) => reply(
                question,
                0x8400,
                [1, 0, 0],
                &txt(b"v=spf1 \x1b]0;x\x07 <img src=x>\n include:\x9b\xe2\x80\xae -all"),
            ),
            ("www.example.com.", _) => record(5, &[], host),
            ("example.com.", _) => reply(question, 0x8400, [0; 3], &[]),
            _ => reply(question, 0x8403, [0; 3], &[]),
        })]
    });
    let address = server.address.to_string();
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("site.toml"), "domain = \"example.com\"\nmail = false\n").expect("a file");
    for arguments in [
        &["lint", "example.com"][..],
        &["lint", "example.com", "--format", "zone"],
        &["lint", "example.com", "--format", "json"],
        &["import", "example.com"],
        &["plan", "site.toml"],
        &["plan", "site.toml", "--format", "html"],
        &["build", "site.toml", "--format", "html"],
        &["init", "--domain", "example.com", "-o", "-"],
    ] {
        let output = output_of(folder.path(), &[arguments, &["--resolver", &address]].concat());
        let text = String::from_utf8([output.stdout, output.stderr].concat()).expect("UTF-8");
        assert!(!text.is_empty());
        // A page has what is to be copied in attributes, where it turns nothing round.
        let is_page = arguments.contains(&"html");
        let is_power = |c: char| (c.is_control() && c != '\n') || (c == '\u{202e}' && !is_page);
        assert!(!text.contains(is_power), "{arguments:?}: {text:?}");
        assert!(!is_page || (!text.contains("[2J<script>") && !text.contains("<img src=x>")), "{text}");
        if arguments == ["import", "example.com"] {
            let output = output_of(folder.path(), &["import", "example.com", "--resolver", &address]);
            let site: toml::Table = String::from_utf8_lossy(&output.stdout).parse().expect("TOML");
            assert_eq!(site["domain"].as_str(), Some("example.com"));
        }
    }
}

/// What nobody answered stands in the imported site.toml, and is missing to nobody.
#[test]
fn an_import_says_what_was_not_answered() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = |text: &str| ["spf-missing", "dmarc-missing"].map(|id| text.contains(&format!("[{id}]")));
    for (silent, is_missing) in [(&[][..], true), (&["example.com.", "_dmarc.example.com."][..], false)] {
        let server = failing_for(silent);
        let address = server.address.to_string();
        let (site, exit) = zoneplan(folder.path(), &["import", "example.com", "--resolver", &address]);
        assert_eq!(exit, Some(0), "{site}");
        let said_so = site.contains("# - example.com TXT\n# - _dmarc.example.com TXT\n");
        assert_eq!((said_so, site.contains("[lint]\noff = [")), (!is_missing, !is_missing), "{site}");
        let (linted, _) =
            said(folder.path(), &["lint", "example.com", "--resolver", &address, "--message-format", "short"]);
        assert_eq!(missing(&linted), [is_missing; 2], "{linted}");
        assert_eq!(linted.contains("warning[current-unanswered]"), !is_missing, "{linted}");
    }
    // Of a site that sends: its zone has no policy, or nobody says whether it has one.
    let zone = include_str!("cases/live-import/now.zone").replace("_dmarc 300 TXT", "other 300 TXT");
    for (zone, is_missing) in [(zone.as_str(), true), (include_str!("cases/live-import-other-zone/now.zone"), false)] {
        fs::write(folder.path().join("now.zone"), zone).expect("a file");
        let (site, exit) = zoneplan(folder.path(), &["import", "example.com", "--dns", "now.zone"]);
        assert_eq!(exit, Some(0), "{site}");
        fs::write(folder.path().join("site.toml"), &site).expect("a file");
        let (built, _) = said(folder.path(), &["build", "--message-format", "short"]);
        assert_eq!(missing(&built)[1], is_missing, "{built}");
    }
}

// --- Whole zones

/// Asks for the zone within the deadline.
fn transfer(from: &impl Transfer, zone: &str) -> Result<Vec<Record>, TransferError> {
    let started = Instant::now();
    let answer = from.transfer(&name(zone));
    assert!(started.elapsed() < DEADLINE, "{zone}: {:?}", started.elapsed());
    answer
}

/// Records as they can be compared: by meaning, in one order.
fn comparable_zone(records: &[Record]) -> Vec<(Name, Rtype, u32, Vec<u8>)> {
    let key = |record: &Record| {
        (record.name.clone(), record.rtype, record.ttl, record.rdata.to_lowercase(record.rtype).octets().to_vec())
    };
    let mut zone: Vec<_> = records.iter().map(key).collect();
    zone.sort();
    zone
}

#[test]
fn bind_and_nsd_hand_out_the_zone_of_the_file() {
    // Over 64 KiB, so that it takes several messages.
    let more: String = (0..2000).map(|number| format!("host{number} TXT \"{}\"\n", "y".repeat(60))).collect();
    let zone = zone() + &more;
    let mut fixture = Fixture::new();
    assert_eq!(fixture.add(zone.as_bytes(), &name("example.com")), Default::default());
    let file = transfer(&fixture, "example.com").expect("the file's zone");
    assert!(file.len() > 2040, "{}", file.len());
    assert_eq!(transfer(&fixture, "example.net").map_err(|e| e.fault), Err(TransferFault::NotAuthoritative));
    let servers = [
        bind("recursion no; allow-transfer { 127.0.0.1; };", &[("example.com", "zone", &zone)]),
        nsd_with("example.com", &zone, "provide-xfr: 127.0.0.1 NOKEY"),
    ];
    for server in servers {
        let records = transfer(&axfr::Server::new(server.address), "EXAMPLE.com").expect("a zone");
        assert_eq!((records[0].rtype, &records[0].name), (Rtype::SOA, &name("example.com")));
        assert_eq!(records.iter().filter(|record| record.rtype == Rtype::SOA).count(), 1);
        assert_eq!(comparable_zone(&records), comparable_zone(&file), "{}", server.address);
        let few = axfr::Bounds { records: 2000, ..axfr::Bounds::default() };
        let error = transfer(&axfr::Server::new(server.address).with_bounds(few), "example.com");
        assert_eq!(error.map_err(|e| e.fault), Err(TransferFault::TooMany(2000)));
    }
}

#[test]
fn servers_that_do_not_hand_out_the_zone() {
    let zone = zone();
    let refusing =
        [bind("recursion no; allow-transfer { none; };", &[("example.com", "zone", &zone)]), nsd("example.com", &zone)];
    for server in refusing {
        let server = axfr::Server::new(server.address);
        let error = transfer(&server, "example.com").expect_err("refused");
        assert_eq!(error.fault, TransferFault::Refused);
        assert!(error.next().en.contains("allow-transfer") && error.next().en.contains("provide-xfr"));
        // A zone that it does not have: BIND and NSD say that they are not authoritative.
        let other = transfer(&server, "example.net").expect_err("not its zone");
        assert_eq!(other.fault, TransferFault::NotAuthoritative);
    }
}

/// A server over TCP only.
fn over_tcp(script: impl Fn(&[u8], &mut TcpStream) + Send + 'static) -> Scripted {
    Scripted::udp(|_| Vec::new()).and_tcp(script)
}

/// The SOA of the question's name with this serial, as it stands on the wire.
fn soa(serial: u8) -> Vec<u8> {
    let numbers = [u32::from(serial), 1, 1, 1, 1].map(u32::to_be_bytes).concat();
    let data = [&[0xC0, 12, 0xC0, 12], numbers.as_slice()].concat();
    [&[0xC0, 12, 0, 6, 0, 1, 0, 0, 0, 60, 0, 24], data.as_slice()].concat()
}

/// Small bounds, so that none of these tests waits for long.
const NARROW: axfr::Bounds = axfr::Bounds { patience: PATIENT, records: 100, octets: 100_000 };

/// What becomes of a transfer from such a server.
fn handed_out(
    bounds: axfr::Bounds,
    script: impl Fn(&[u8], &mut TcpStream) + Send + 'static,
) -> Result<usize, TransferFault> {
    let server = over_tcp(script);
    let answer = transfer(&axfr::Server::new(server.address).with_bounds(bounds), "example.com");
    answer.map(|records| records.len()).map_err(|error| error.fault)
}

/// Sends messages; who asked may have gone.
fn send(stream: &mut TcpStream, messages: &[Vec<u8>]) {
    for message in messages {
        if stream.write_all(&framed(message)).is_err() {
            break;
        }
    }
}

#[test]
fn whole_zones_in_many_shapes() {
    // QR, AA.
    const ZONE: u16 = 0x8400;
    let one = |question: &[u8], record: &[u8]| reply(question, ZONE, [1, 0, 0], record);
    // All in one message, with something behind the end.
    let all = move |question: &[u8], stream: &mut TcpStream| {
        let records = [soa(1), txt(b"a"), soa(1), txt(b"behind")].concat();
        send(stream, &[reply(question, ZONE, [4, 0, 0], &records)]);
    };
    assert_eq!(handed_out(NARROW, all), Ok(2));
    // A record a message, and no question from the second message on (RFC 5936 §2.2.2).
    let single = move |question: &[u8], stream: &mut TcpStream| {
        let bare = |record: &[u8]| {
            let mut message = [&question[..2], &[0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0][..]].concat();
            // The owner stands where the question's name stood, so that what points there points to it.
            message.extend(b"\x07example\x03com\0");
            message.extend_from_slice(&record[2..]);
            message
        };
        send(stream, &[one(question, &soa(1)), bare(&txt(b"a")), bare(&txt(b"b")), bare(&soa(1))]);
    };
    assert_eq!(handed_out(NARROW, single), Ok(3));
}

#[test]
fn what_is_not_a_whole_zone() {
    type Reply = fn(&[u8]) -> Vec<u8>;
    const ZONE: u16 = 0x8400;
    let one = |question: &[u8], record: &[u8]| reply(question, ZONE, [1, 0, 0], record);
    let hurried = axfr::Bounds { patience: HURRIED, ..NARROW };
    // The stream ends in the middle; in the middle of a message; before anything.
    let cut = move |question: &[u8], stream: &mut TcpStream| {
        send(stream, &[one(question, &soa(1)), one(question, &txt(b"a"))]);
    };
    assert_eq!(handed_out(NARROW, cut), Err(TransferFault::Cut { records: 2 }));
    let within = move |question: &[u8], stream: &mut TcpStream| {
        let message = framed(&one(question, &soa(1)));
        let _ = stream.write_all(&message[..message.len() - 1]);
    };
    assert_eq!(handed_out(NARROW, within), Err(TransferFault::Closed));
    assert_eq!(handed_out(NARROW, |_, _| {}), Err(TransferFault::Closed));
    // It never ends: with records, with empty messages, with one record now and then.
    let endless = move |question: &[u8], stream: &mut TcpStream| {
        let first = framed(&one(question, &soa(1)));
        let next = framed(&one(question, &txt(b"a")));
        let _ = stream.write_all(&first);
        while stream.write_all(&next).is_ok() {}
    };
    assert_eq!(handed_out(NARROW, endless), Err(TransferFault::TooMany(100)));
    let large = axfr::Bounds { records: usize::MAX, ..NARROW };
    assert_eq!(handed_out(large, endless), Err(TransferFault::TooLarge(100_000)));
    let empty = move |question: &[u8], stream: &mut TcpStream| {
        let _ = stream.write_all(&framed(&one(question, &soa(1))));
        while stream.write_all(&framed(&reply(question, ZONE, [0, 0, 0], &[]))).is_ok() {}
    };
    assert_eq!(handed_out(NARROW, empty), Err(TransferFault::TooLarge(100_000)));
    let short = Patience { attempt: Duration::from_secs(10), total: Duration::from_millis(300) };
    let dripping = move |question: &[u8], stream: &mut TcpStream| {
        let _ = stream.write_all(&framed(&one(question, &soa(1))));
        while stream.write_all(&framed(&one(question, &txt(b"a")))).is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    };
    let late = handed_out(axfr::Bounds { patience: short, ..NARROW }, dripping);
    assert!(matches!(late, Err(TransferFault::Late { records }) if records > 0), "{late:?}");
    // Silent from the beginning, or after it.
    let silent = |_: &[u8], stream: &mut TcpStream| {
        let _ = stream.read(&mut [0]);
    };
    assert_eq!(handed_out(hurried, silent), Err(TransferFault::Silent));
    let stops = move |question: &[u8], stream: &mut TcpStream| {
        send(stream, &[one(question, &soa(1))]);
        let _ = stream.read(&mut [0]);
    };
    assert_eq!(handed_out(hurried, stops), Err(TransferFault::Late { records: 1 }));
    // Something else than the zone.
    let answers: [(Reply, TransferFault); 7] = [
        (|q| reply(q, ZONE, [1, 0, 0], &txt(b"a")), TransferFault::NoSoa),
        (|q| reply(q, ZONE, [0, 0, 0], &[]), TransferFault::NoSoa),
        (|q| reply(q, ZONE, [2, 0, 0], &[soa(1), soa(2)].concat()), TransferFault::Changed),
        (|q| reply(q, 0x8402, [0, 0, 0], &[]), TransferFault::Code(2)),
        (
            |q| [&[q[0] ^ 1][..], &reply(q, ZONE, [1, 0, 0], &soa(1))[1..]].concat(),
            TransferFault::Malformed(Malformation::Foreign),
        ),
        (|q| reply(q, ZONE, [9, 0, 0], &soa(1)), TransferFault::Malformed(Malformation::Message)),
        (|_| b"HTTP/1.1 400 Bad Request".to_vec(), TransferFault::Malformed(Malformation::Foreign)),
    ];
    for (answer, fault) in answers {
        let script = move |question: &[u8], stream: &mut TcpStream| send(stream, &[answer(question)]);
        assert_eq!(handed_out(NARROW, script), Err(fault));
    }
    // Nobody is there.
    let nobody = axfr::Server::new(SocketAddr::from((Ipv4Addr::LOCALHOST, free_port())));
    let error = transfer(&nobody, "example.com").expect_err("nobody");
    assert_eq!(error.fault, TransferFault::Unreachable(ErrorKind::ConnectionRefused));
}

/// What it writes to standard output, and its exit code.
fn zoneplan(folder: &std::path::Path, arguments: &[&str]) -> (String, Option<i32>) {
    let output = output_of(folder, arguments);
    (String::from_utf8(output.stdout).expect("UTF-8"), output.status.code())
}

#[test]
fn a_plan_is_the_same_from_a_server_as_from_its_zone_file() {
    let zone = zone();
    let folder = tempfile::tempdir().expect("a folder");
    let site = "domain = \"example.com\"\ngmail-per-day = 1\n[spf]\nextra = [\"mx\", \"ip4:192.0.2.7\"]\nall = \"-all\"\n\
                [dmarc]\np = \"none\"\n[[record]]\nname = \"www\"\ntype = \"CNAME\"\nvalue = \"web.example.com\"\n\
                [[record]]\nname = \"@\"\ntype = \"MX\"\nvalue = \"10 mail\"\n[[record]]\nname = \"@\"\ntype = \"MX\"\n\
                value = \"20 mail.example.net\"\n[[record]]\nname = \"mail\"\ntype = \"A\"\nvalue = \"192.0.2.25\"\n";
    fs::write(folder.path().join("site.toml"), site).expect("a file");
    fs::write(folder.path().join("now.zone"), &zone).expect("a file");
    let server = bind("recursion no; allow-transfer { any; };", &[("example.com", "zone", &zone)]);
    let address = server.address.to_string();
    let plan = |arguments: &[&str]| zoneplan(folder.path(), &[&["plan", "--format", "json"], arguments].concat());
    let (file, exit) = plan(&["--current", "now.zone"]);
    assert!(exit == Some(0) && file.contains("v=DMARC1; p=none") && file.contains("\"complete\": true"), "{file}");
    let (told, exit) = plan(&["--server", &address]);
    assert_eq!(exit, Some(0));
    // A set has no order; the file has one.
    let known = |text: &str| {
        let mut document: serde_json::Value = serde_json::from_str(text).expect("JSON");
        for stage in document["stages"].as_array_mut().expect("stages") {
            for step in stage["steps"].as_array_mut().expect("steps") {
                step["before"].as_array_mut().expect("rows").sort_by_key(ToString::to_string);
            }
        }
        serde_json::json!([
            document["complete"],
            document["differences"],
            document["stages"],
            document["kept"]["count"]
        ])
    };
    assert_eq!(known(&told), known(&file));
    // Asked name by name it is not whole, and says the same of what was asked.
    let (asked, exit) = plan(&["--resolver", &address]);
    assert_eq!(exit, Some(0));
    let (asked, file) = (known(&asked), known(&file));
    assert_eq!((&asked[0], &asked[1], &asked[2]), (&serde_json::json!(false), &file[1], &file[2]));
    // A domain that the server does not have, and a server that is none.
    let (nothing, exit) =
        zoneplan(folder.path(), &["lint", "example.net", "--server", &address, "--message-format", "short"]);
    assert_eq!(exit, Some(2));
    assert!(
        nothing.starts_with("error[current-transfer]: the name server 127.0.0.1") && nothing.contains("NOTAUTH"),
        "{nothing}"
    );
}

/// The keyzone and delegated subzones come from the same server, if it hands them out too; what it does not is not taken to be empty.
#[test]
fn zones_beside_the_site_s_own_are_handed_out_too() {
    let case = |name: &str| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name);
    let zone = |case: &std::path::Path, file: &str| fs::read_to_string(case.join(file)).expect("a zone");
    let keyzone = case("live-plan-keyzone");
    let (own, agency) = (zone(&keyzone, "now.zone"), zone(&keyzone, "agency.zone"));
    let subzone = case("live-plan-subzone");
    let (above, below) = (zone(&subzone, "now.zone"), zone(&subzone, "sub.zone"));
    let options = "recursion no; allow-transfer { any; };";
    let all = bind(
        options,
        &[
            ("hogehoge.com", "own", &own),
            ("agency.example", "agency", &agency),
            ("example.com", "above", &above),
            ("sub.example.com", "below", &below),
        ],
    );
    let some = bind(options, &[("hogehoge.com", "own", &own), ("example.com", "above", &above)]);
    for (folder, whole) in [(&keyzone, "agency.example"), (&subzone, "sub.example.com")] {
        let plan = |address: &SocketAddr| {
            said(folder, &["plan", "--server", &address.to_string(), "--message-format", "short"]).0
        };
        let (known, unknown) = (plan(&all.address), plan(&some.address));
        // As from the zone files.
        let files = zone(folder, "stdout");
        let steps = |text: &str| {
            text.lines()
                .filter(|l| l.starts_with("   +") || l.starts_with("steps:"))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert!(!steps(&files).is_empty());
        assert_eq!(steps(&known), steps(&files), "{known}");
        assert!(!known.contains("current-not-read"), "{known}");
        let told = format!("warning[current-not-read]: the zone {whole} was not read");
        assert!(unknown.contains(&told) && steps(&unknown).len() > steps(&known).len(), "{unknown}");
    }
}

#[test]
fn a_resolver_says_what_stands_there_but_not_its_ttl() {
    let folder = tempfile::tempdir().expect("a folder");
    // At port 53 of this computer nobody serves the zone.
    let zone = zone().replace("192.0.2.53", "127.0.0.1").replace("198.51.100.53", "127.0.0.1");
    let authority = nsd("example.com", &zone);
    let port = authority.address.port();
    let resolver = bind(&format!("recursion yes; forward only; forwarders {{ 127.0.0.1 port {port}; }};"), &[]);
    let lint = |server: &SocketAddr| {
        let arguments = ["lint", "example.com", "--resolver", &server.to_string(), "--format", "json"];
        let (text, exit) = zoneplan(folder.path(), &arguments);
        assert_eq!(exit, Some(0), "{text}");
        let zone: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let row = |row: &serde_json::Value| {
            (
                row["name"].to_string().to_lowercase(),
                row["type"].to_string(),
                row["octets"].to_string(),
                row["ttl"].as_u64(),
            )
        };
        zone["records"].as_array().expect("records").iter().map(row).collect::<Vec<_>>()
    };
    let (from_zone, from_cache) = (lint(&authority.address), lint(&resolver.address));
    assert!(from_zone.iter().all(|(.., ttl)| ttl.is_some()) && from_cache.iter().all(|(.., ttl)| ttl.is_none()));
    // Case apart the same records: apex 11 (SOA, 2 NS, 2 A, AAAA, 2 MX, 2 TXT, CAA), www and what it leads to 3, mail, 2 name servers, the key.
    let rows = |rows: &[(String, String, String, Option<u64>)]| {
        let mut rows: Vec<_> = rows.iter().map(|(name, rtype, ..)| (name.clone(), rtype.clone())).collect();
        rows.sort();
        rows
    };
    assert_eq!(rows(&from_zone), rows(&from_cache));
    let why = |server: &SocketAddr| {
        said(folder.path(), &["lint", "example.com", "--resolver", &server.to_string(), "--message-format", "short"]).0
    };
    let unknown = "advice[current-ttl-unknown]";
    assert_eq!([&authority, &resolver].map(|s| why(&s.address).contains(unknown)), [false, true]);
    // Where the zone's own server can be asked, they are its TTLs.
    let net = Net { resolver: Network::resolver(resolver.address).with_patience(PATIENT), own: authority.address };
    let linted = lint_told(&name("example.com"), Teller::Asked(&net), &Catalogue::embedded());
    let ttls = |found: &[Found]| {
        let mut all: Vec<_> =
            found.iter().map(|f| (f.record.name.clone(), f.record.rtype, f.record.ttl, f.has_ttl)).collect();
        all.sort();
        all
    };
    let direct = Network::authority(name("example.com"), authority.address).with_patience(PATIENT);
    let straight = lint_told(&name("example.com"), Teller::Asked(&direct), &Catalogue::embedded());
    assert_eq!(ttls(&linted.found), ttls(&straight.found));
    assert!(linted.found.iter().all(|found| found.has_ttl) && linted.found.len() == from_zone.len());
    assert_eq!(from_zone.len(), 11 + 3 + 1 + 2 + 1, "{from_zone:#?}");
}

/// A resolver, and the one name server that all zones have.
struct Net {
    resolver: Network,
    own: SocketAddr,
}

impl Dns for Net {
    fn resolver(&self) -> &dyn Resolve {
        &self.resolver
    }

    fn has_name_servers(&self) -> bool {
        true
    }

    fn name_server(&self, zone: &Name, _: &[SocketAddr]) -> Option<Box<dyn Resolve + '_>> {
        Some(Box::new(Network::name_server(zone, &[self.own])?.with_patience(PATIENT)))
    }
}

#[test]
fn a_pinned_key_is_what_bind_says() {
    let key = include_str!("cases/way-txt-copy-2048/key.txt").trim_end();
    let (a, b) = key.split_at(200);
    let zone = format!(
        "$ORIGIN makeshop.jp.\n$TTL 900\n@ SOA ns hostmaster 1 3600 900 604800 300\n@ NS ns\nns A 127.0.0.1\n\
         spf TXT \"v=spf1 -all\"\nshop12._domainkey CNAME k1\nk1 TXT \"{a}\" \"{b}\"\n"
    );
    let server = bind("recursion no;", &[("makeshop.jp", "jp.zone", &zone)]);
    let (folder, address) = (tempfile::tempdir().expect("a folder"), server.address);
    let site = "domain = \"example.com\"\n[[sender]]\nprovider = \"makeshop\"\nselector = \"shop12\"\n[limits]\ntxt-max = 500\n\
                cname-target-underscore = false\ncname-owner-underscore = true\ntxt-owner-underscore = true\n\
                [[way]]\nname = \"shop12._domainkey\"\ntype = \"CNAME\"\nuse = \"txt-copy\"\n";
    let pin = || pinned(folder.path(), site, &address);
    let kept = match pin() {
        (_, Some(0), kept) => kept,
        failed => panic!("{failed:?}"),
    };
    assert!(kept.contains("name = \"shop12._domainkey.makeshop.jp\"") && kept.contains("ttl = 900"), "{kept}");
    drop(server);
    let (text, code, pins) = pin();
    assert_eq!((code, pins), (Some(2), kept), "{text}");
    let (zone, _) = said(folder.path(), &["build"]);
    // Into strings of 255 (RFC 1035 §3.3), wherever the vendor's end.
    let (first, rest) = key.split_at(255);
    assert!(zone.contains(&format!("\"{first}\"")) && zone.contains(&format!("\"{rest}\"")), "{zone}");
}
