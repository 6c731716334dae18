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
    fs,
    io::{ErrorKind, Read as _, Write as _},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use zoneplan::live::{Answer, Fixture, Malformation, Network, Outcome, Question, Resolve, Source, network::Patience};
use zoneplan::zone::{Name, Record, Rtype};

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
    start("nsd", &["-d", "-c", "nsd.conf"], |home, port| {
        let config = format!(
            "server:\n  ip-address: 127.0.0.1\n  port: {port}\n  username: \"\"\n  chroot: \"\"\n  zonesdir: \"{home}\"\n  database: \"\"\n  \
             pidfile: \"\"\n  xfrdfile: \"{home}/xfrd\"\n  zonelistfile: \"{home}/zones\"\n  xfrdir: \"{home}\"\n  server-count: 1\n  verbosity: 1\n\
             remote-control:\n  control-enable: no\nzone:\n  name: \"{origin}\"\n  zonefile: zone\n"
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
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, free_port())).expect("a socket");
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
    // RD, one question, and an OPT that asks for at most 1232 octets (RFC 6891 §6.1.2).
    assert_eq!(seen[0][2..12], [1, 0, 0, 1, 0, 0, 0, 0, 0, 1]);
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
    let answers = Network::resolver(address).with_patience(PATIENT).ask_all(&questions);
    stop.store(true, Ordering::Relaxed);
    server.join().expect("a server");
    assert_eq!(answers.len(), 40);
    for (number, answer) in answers.iter().enumerate() {
        assert_eq!(answer.question, questions[number]);
        assert_eq!(data(answer), [format!("\"n{number}\"")]);
    }
    let most = most.load(Ordering::Relaxed);
    assert!((2..=16).contains(&most), "{most} were under way");
    assert_eq!(Network::resolver(address).ask_all(&[]), []);
}

#[test]
fn over_ipv6() {
    // Where the system has no IPv6 there is nothing to test.
    let Ok(socket) = UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)) else { return };
    let server = Scripted::on(socket, |question| vec![Act::Send(good(question))]);
    let answer = server.ask(PATIENT);
    assert_eq!((data(&answer), answer.from), (vec![r#""ok""#.to_owned()], Source::Resolver(server.address)));
}

/// `pin` keeps what a real server says; the server that has gone takes nothing away.
/// Everything that `zoneplan` says in a folder, and its exit code.
fn zoneplan(folder: &std::path::Path, args: &[&str]) -> (String, Option<i32>) {
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_zoneplan")).current_dir(folder).args(args).output();
    let run = run.expect("zoneplan");
    let text = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    (text, run.status.code())
}

#[test]
fn pins_are_what_bind_says() {
    let net = "$ORIGIN example.net.\n$TTL 300\n@ SOA ns hostmaster 1 3600 900 604800 300\n@ NS ns\nns A 127.0.0.1\n\
               spf TXT \"v=spf1 a:h.example.net include:b.example.net\" \" ~all\"\nspf TXT \"else\"\nb TXT \"v=spf1 ip6:2001:db8::/48 -all\"\nh A 192.0.2.1\n";
    let server = bind("recursion no;", &[("example.net", "net.zone", net)]);
    let folder = tempfile::tempdir().expect("a folder");
    let site =
        "domain = \"example.com\"\n[spf]\nextra = [\"include:spf.example.net\"]\nflatten = [\"spf.example.net\"]\n";
    fs::write(folder.path().join("site.toml"), site).expect("a file");
    let resolver = server.address.to_string();
    let run = |args: &[&str]| zoneplan(folder.path(), args);
    let pin = ["pin", "--resolver", &resolver, "--today", "2026-11-29"];
    let (text, code) = run(&pin);
    assert_eq!(code, Some(0), "{text}");
    let pins = || fs::read_to_string(folder.path().join("site.pins.toml")).expect("pins");
    let kept = pins();
    for value in ["'\"v=spf1 a:h.example.net include:b.example.net\" \" ~all\"'", "\"192.0.2.1\"", "ttl = 300"] {
        assert!(kept.contains(value), "{value}: {kept}");
    }
    assert_eq!(kept.matches("[[pin]]").count(), 3, "{kept}");
    let (text, code) = run(&pin);
    assert_eq!((code, pins()), (Some(0), kept.clone()), "{text}");
    drop(server);
    let (text, code) = run(&pin);
    assert_eq!((code, pins()), (Some(2), kept), "{text}");
    let (zone, _) = run(&["build"]);
    assert!(zone.contains("\"v=spf1 ip4:192.0.2.1 ip6:2001:db8::/48 ~all\""), "{zone}");
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
    let folder = tempfile::tempdir().expect("a folder");
    let site = "domain = \"example.com\"\n[[sender]]\nprovider = \"makeshop\"\nselector = \"shop12\"\n[limits]\ntxt-max = 500\n\
                cname-target-underscore = false\ncname-owner-underscore = true\ntxt-owner-underscore = true\n\
                [[way]]\nname = \"shop12._domainkey\"\ntype = \"CNAME\"\nuse = \"txt-copy\"\n";
    fs::write(folder.path().join("site.toml"), site).expect("a file");
    let resolver = server.address.to_string();
    let run = |args: &[&str]| zoneplan(folder.path(), args);
    let pin = ["pin", "--resolver", &resolver, "--today", "2026-11-29"];
    let (text, code) = run(&pin);
    assert_eq!(code, Some(0), "{text}");
    let pins = || fs::read_to_string(folder.path().join("site.pins.toml")).expect("pins");
    let kept = pins();
    assert!(kept.contains("name = \"shop12._domainkey.makeshop.jp\"") && kept.contains("ttl = 900"), "{kept}");
    drop(server);
    let (text, code) = run(&pin);
    assert_eq!((code, pins()), (Some(2), kept), "{text}");
    let (zone, _) = run(&["build"]);
    // Into strings of 255 (RFC 1035 §3.3), wherever the vendor's end.
    let (first, rest) = key.split_at(255);
    assert!(zone.contains(&format!("\"{first}\"")) && zone.contains(&format!("\"{rest}\"")), "{zone}");
}
