//! Answers from the network: UDP first, TCP where an answer is cut, one server after another, within bounded time. The only file that opens
//! sockets of DNS.
//!
//! Own sockets, because what went wrong has to be told apart. hickory-resolver does not say which server answered, and hickory-net leaves its
//! UDP sockets unconnected, so that a closed port looks like silence; over TCP it takes an answer to another question, and waits for a better one
//! if it cannot read what came. From hickory-resolver are the system's servers.

use std::{
    io::{self, ErrorKind, Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use hickory_resolver::{config::ResolverConfig, net::NetError};

use super::{
    Answer, CHAIN_MAX, Malformation, Outcome, Question, Resolve, Source,
    message::{self, Asked},
    server::PORT,
};
use crate::{
    report::{Text, excerpt},
    say,
    zone::{Name, Record, wire::MESSAGE_MAX},
};

/// Questions that are under way at the same time.
const IN_FLIGHT: usize = 16;
/// What counts as at once: less than any network takes, more than a machine that is busy.
const QUICK: Duration = Duration::from_millis(1);
/// How often a silent server is asked.
const ROUNDS: usize = 2;
/// How often a free port is sought by chance before the system chooses one.
const PORT_TRIES: usize = 10;

/// What servers are asked as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// As resolvers: they ask others.
    Resolver,
    /// As name servers of this zone: they speak for themselves, and only what they answer for counts.
    Authority(Name),
}

impl Role {
    /// Such a server as who answered.
    fn source(&self, server: SocketAddr) -> Source {
        match self {
            Self::Resolver => Source::Resolver(server),
            Self::Authority(_) => Source::NameServer(server),
        }
    }
}

/// How long is waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For one answer of one server.
    pub attempt: Duration,
    /// For a question in all, whatever is tried.
    pub total: Duration,
}

impl Default for Patience {
    /// Shorter than in resolver libraries (5 seconds an attempt), since a person waits.
    fn default() -> Self {
        Self { attempt: Duration::from_secs(3), total: Duration::from_secs(10) }
    }
}

/// Servers on the network. Of several, the next is asked where one gives no answer that counts.
#[derive(Debug)]
pub struct Network {
    /// The servers, at least one.
    servers: Vec<SocketAddr>,
    /// What they are asked as.
    role: Role,
    /// How long is waited.
    patience: Patience,
    /// Where to begin: with the server that answered last, so that a dead one costs its time once.
    first: AtomicUsize,
    /// Whether the last answer came at once.
    is_quick: AtomicBool,
}

impl Network {
    /// The resolvers that this system is set up with.
    ///
    /// # Errors
    /// It names none, or they cannot be found out.
    pub fn system() -> Result<Self, SystemError> {
        Self::of_system(hickory_resolver::system_conf::read_system_conf().map(|(config, _)| config))
    }

    /// The resolvers of what the system's settings say.
    fn of_system(config: Result<ResolverConfig, NetError>) -> Result<Self, SystemError> {
        let config = config.map_err(|error| {
            // hickory has no error of its own for settings that name none.
            let is_missing = matches!(&error, NetError::Io(error) if error.kind() == ErrorKind::NotFound);
            let why = error.to_string();
            SystemError { why: if is_missing || why.contains("no nameservers") { String::new() } else { why } }
        })?;
        let mut servers = config.name_servers().iter().map(|server| SocketAddr::new(server.ip, PORT));
        let first = servers.next().ok_or_else(|| SystemError { why: String::new() })?;
        Ok(servers.fold(Self::resolver(first), Self::with_another))
    }

    /// One resolver.
    #[must_use]
    pub fn resolver(server: SocketAddr) -> Self {
        Self::new(vec![server], Role::Resolver)
    }

    /// One name server of `zone`, asked for what it answers for itself.
    #[must_use]
    pub fn authority(zone: Name, server: SocketAddr) -> Self {
        Self::new(vec![server], Role::Authority(zone))
    }

    /// The name server of `zone` that has these addresses, asked for what it answers for itself; none without an address.
    #[must_use]
    pub fn name_server(zone: &Name, addresses: &[SocketAddr]) -> Option<Self> {
        let (first, rest) = addresses.split_first()?;
        Some(rest.iter().copied().fold(Self::authority(zone.clone(), *first), Self::with_another))
    }

    /// These servers, in this order; at least one.
    fn new(servers: Vec<SocketAddr>, role: Role) -> Self {
        Self {
            servers,
            role,
            patience: Patience::default(),
            first: AtomicUsize::new(0),
            is_quick: AtomicBool::new(false),
        }
    }

    /// One more server, for where those before it give no answer that counts.
    #[must_use]
    pub fn with_another(mut self, server: SocketAddr) -> Self {
        if !self.servers.contains(&server) {
            self.servers.push(server);
        }
        self
    }

    /// The same servers with another patience.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// The servers, in their order.
    #[must_use]
    pub fn servers(&self) -> &[SocketAddr] {
        &self.servers
    }

    /// Asks one server after another until one speaks of the name; who was silent is asked again.
    fn ask_servers(&self, question: &Question, deadline: Instant) -> Answer {
        let count = self.servers.len();
        let first = self.first.load(Ordering::Relaxed);
        let order = (first..first + count).map(|at| at % count);
        let mut waiting: Vec<(usize, SocketAddr)> = order.filter_map(|at| Some((at, *self.servers.get(at)?))).collect();
        let mut failed: Vec<Answer> = Vec::new();
        for _ in 0..ROUNDS {
            for (at, server) in std::mem::take(&mut waiting) {
                if left(deadline).is_none() && !failed.is_empty() {
                    break;
                }
                let until = deadline.min(Instant::now() + self.patience.attempt);
                let mut answer = exchange(server, question, &self.role, until);
                failed.retain(|before| before.from != answer.from);
                if answer.outcome.speaks_of_the_name() {
                    self.first.store(at, Ordering::Relaxed);
                    answer.failed = besides(failed, answer.from);
                    return answer;
                }
                if matches!(answer.outcome, Outcome::Timeout { .. }) {
                    waiting.push((at, server));
                }
                failed.push(answer);
            }
        }
        let Some(mut answer) = most_telling(&failed) else {
            return Answer::new(
                question,
                Outcome::Unreachable(ErrorKind::AddrNotAvailable),
                self.role.source(nowhere()),
            );
        };
        answer.failed = besides(failed, answer.from);
        answer
    }

    /// Asks for the rest where a server stopped at an alias: a resolver, or a name server within its zone.
    fn ask_through(&self, question: &Question, deadline: Instant) -> Answer {
        let mut answer = self.ask_servers(question, deadline);
        while answer.outcome == Outcome::AliasOutside {
            let rest = Question { name: answer.last_name(), rtype: question.rtype };
            if matches!(&self.role, Role::Authority(zone) if !rest.name.is_subdomain_of(zone)) {
                break;
            }
            let next = self.ask_servers(&rest, deadline);
            answer.chain.extend(next.chain);
            let is_loop = is_loop(&answer.chain);
            answer.outcome = if is_loop { Outcome::AliasLoop } else { next.outcome };
            (answer.from, answer.authoritative, answer.failed) = (next.from, next.authoritative, next.failed);
            answer.validated &= next.validated;
        }
        answer
    }
}

impl Resolve for Network {
    fn ask(&self, question: &Question) -> Answer {
        let started = Instant::now();
        let answer = self.ask_through(question, started + self.patience.total);
        self.is_quick.store(started.elapsed() < QUICK, Ordering::Relaxed);
        answer
    }

    /// Answers that come at once, from this machine or out of a cache near by, are waited for one after the other: threads cost more than they
    /// save. With the first one that takes longer the rest are asked side by side.
    fn ask_all(&self, questions: &[Question]) -> Vec<Answer> {
        let next = AtomicUsize::new(0);
        let slots: Vec<Mutex<Option<Answer>>> = questions.iter().map(|_| Mutex::new(None)).collect();
        let ask_next = || {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let (question, slot) = (questions.get(at)?, slots.get(at)?);
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.ask(question));
            Some(())
        };
        thread::scope(|scope| {
            while self.is_quick.load(Ordering::Relaxed) {
                if ask_next().is_none() {
                    return;
                }
            }
            let left = questions.len().saturating_sub(next.load(Ordering::Relaxed));
            let work = || while ask_next().is_some() {};
            // This thread works too; with fewer threads than wanted it only takes longer.
            for _ in 1..left.min(IN_FLIGHT) {
                if thread::Builder::new().spawn_scoped(scope, work).is_err() {
                    break;
                }
            }
            work();
        });
        slots.into_iter().filter_map(|slot| slot.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
    }
}

/// Of answers that do not count, the one that says most: about the name, then about the server, then nothing.
fn most_telling(failed: &[Answer]) -> Option<Answer> {
    let rank = |answer: &&Answer| match answer.outcome {
        Outcome::ServFail => 0,
        Outcome::Truncated => 1,
        Outcome::Malformed(_) => 2,
        Outcome::Timeout { .. } => 4,
        Outcome::Unreachable(_) => 5,
        _ => 3,
    };
    failed.iter().min_by_key(rank).cloned()
}

/// What became of the question at the servers other than `from`.
fn besides(failed: Vec<Answer>, from: Source) -> Vec<(SocketAddr, Outcome)> {
    let other = |answer: Answer| match answer.from {
        Source::Resolver(server) | Source::NameServer(server) if answer.from != from => Some((server, answer.outcome)),
        _ => None,
    };
    failed.into_iter().filter_map(other).collect()
}

/// Whether aliases come back to where they were, or are too many.
fn is_loop(chain: &[Record]) -> bool {
    let again = |(at, record): (usize, &Record)| chain.iter().take(at).any(|before| before.name == record.name);
    chain.len() > CHAIN_MAX || chain.iter().enumerate().any(again)
}

/// An address that belongs to nobody.
fn nowhere() -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), PORT)
}

/// Asks one server once, over UDP, and over TCP if the answer was cut.
fn exchange(server: SocketAddr, question: &Question, role: &Role, deadline: Instant) -> Answer {
    let mut answer = Answer::new(question, Outcome::Malformed(Malformation::Message), role.source(server));
    for edns in [true, false] {
        let Some(asked) = message::ask(question, matches!(role, Role::Resolver), edns) else { break };
        let octets = match over_udp(server, question, &asked, deadline) {
            Ok(octets) if message::is_truncated(&octets) => over_tcp(server, question, &asked, deadline),
            other => other,
        };
        match octets {
            Err(outcome) => answer.outcome = outcome,
            Ok(octets) => {
                let read = message::read(&octets, question, role);
                (answer.outcome, answer.chain) = (read.outcome, read.chain);
                (answer.authoritative, answer.validated) = (read.authoritative, read.validated);
                if read.no_edns {
                    continue;
                }
            }
        }
        break;
    }
    answer
}

/// Sends the question from a port chosen by chance and waits for what answers it. The socket is connected: packets from elsewhere do not come
/// through, and the network's own word that nobody is there does.
fn over_udp(server: SocketAddr, question: &Question, asked: &Asked, deadline: Instant) -> Result<Vec<u8>, Outcome> {
    let mut foreign = 0;
    let failure = |error: io::Error, foreign| failure(&error, foreign);
    let socket = bind(server).map_err(|error| failure(error, 0))?;
    socket.connect(server).map_err(|error| failure(error, 0))?;
    socket.send(&asked.octets).map_err(|error| failure(error, 0))?;
    let mut octets = vec![0; MESSAGE_MAX];
    loop {
        let Some(left) = left(deadline) else { return Err(Outcome::Timeout { foreign }) };
        let length = match socket.set_read_timeout(Some(left)).and_then(|()| socket.recv(&mut octets)) {
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(failure(error, foreign)),
        };
        match octets.get(..length) {
            Some(answer) if message::answers(answer, question, asked.id) => return Ok(answer.to_vec()),
            _ => foreign += 1,
        }
    }
}

/// Asks again over TCP. Nothing but an answer to this question may come there. That the server is there is known, so what fails now is TCP.
fn over_tcp(server: SocketAddr, question: &Question, asked: &Asked, deadline: Instant) -> Result<Vec<u8>, Outcome> {
    let mut stream = send_over_tcp(server, &asked.octets, deadline).map_err(|_| Outcome::Truncated)?;
    let mut length = [0; 2];
    receive(&mut stream, &mut length, deadline).map_err(|_| Outcome::Truncated)?;
    let mut octets = vec![0; usize::from(u16::from_be_bytes(length))];
    receive(&mut stream, &mut octets, deadline).map_err(|error| match error.kind() {
        ErrorKind::UnexpectedEof => Outcome::Malformed(Malformation::Cut),
        _ => Outcome::Truncated,
    })?;
    if !message::answers(&octets, question, asked.id) {
        return Err(Outcome::Malformed(Malformation::Foreign));
    }
    // TCP holds every answer; one that claims to be cut even so is not whole.
    if message::is_truncated(&octets) { Err(Outcome::Malformed(Malformation::Cut)) } else { Ok(octets) }
}

/// Connects and sends a message behind its length (RFC 1035 §4.2.2).
pub(super) fn send_over_tcp(server: SocketAddr, message: &[u8], deadline: Instant) -> io::Result<TcpStream> {
    let left = || left(deadline).ok_or(io::Error::from(ErrorKind::TimedOut));
    let length = u16::try_from(message.len()).map_err(|_| ErrorKind::InvalidInput)?;
    let mut stream = TcpStream::connect_timeout(&server, left()?)?;
    stream.set_write_timeout(Some(left()?))?;
    stream.write_all(&[&length.to_be_bytes(), message].concat())?;
    Ok(stream)
}

/// Fills `octets`; each read takes only what is left of the time, so that a server that sends octet by octet gains nothing.
///
/// # Errors
/// The time is over, the connection was closed before, or what else the system says.
pub(super) fn receive(stream: &mut TcpStream, octets: &mut [u8], deadline: Instant) -> io::Result<()> {
    let mut rest = octets;
    while !rest.is_empty() {
        let left = left(deadline).ok_or(ErrorKind::TimedOut)?;
        stream.set_read_timeout(Some(left))?;
        match stream.read(rest) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => rest = rest.get_mut(count..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A socket on a port chosen by chance, which a forger has to guess besides the id (RFC 5452 §9.2).
fn bind(server: SocketAddr) -> io::Result<UdpSocket> {
    let here = match server {
        SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    for _ in 0..PORT_TRIES {
        let port = message::random();
        // RFC 6056 §3.2: ports that are not reserved.
        if port >= 1024
            && let Ok(socket) = UdpSocket::bind((here, port))
        {
            return Ok(socket);
        }
    }
    UdpSocket::bind((here, 0))
}

/// What is left of the time; `None` if nothing is.
fn left(deadline: Instant) -> Option<Duration> {
    Some(deadline.saturating_duration_since(Instant::now())).filter(|left| !left.is_zero())
}

/// What an error of a UDP socket means.
fn failure(error: &io::Error, foreign: usize) -> Outcome {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => Outcome::Timeout { foreign },
        // Windows says so where others say that the connection is refused.
        ErrorKind::ConnectionReset => Outcome::Unreachable(ErrorKind::ConnectionRefused),
        kind => Outcome::Unreachable(kind),
    }
}

/// The system's resolvers are not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemError {
    /// The reason in the words of who looked, if there is more than that there are none.
    why: String,
}

impl SystemError {
    /// The sentence for people.
    #[must_use]
    pub fn text(&self) -> Text {
        if self.why.is_empty() {
            return say!(
                en: "no DNS server is set up on this computer; name one with --resolver, e.g. --resolver 192.0.2.1",
                ja: "このコンピューターに DNS サーバーの設定がありません。--resolver で指定してください（例: --resolver 192.0.2.1）"
            );
        }
        let why = excerpt(&self.why, 120);
        say!(
            en: "the DNS servers of this computer cannot be found out ({why}); name one with --resolver, e.g. --resolver 192.0.2.1",
            ja: "このコンピューターの DNS サーバーの設定を読めません（{why}）。--resolver で指定してください（例: --resolver 192.0.2.1）"
        )
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// What becomes of a `resolv.conf`.
    fn system(text: &str) -> Result<Vec<SocketAddr>, SystemError> {
        let config = hickory_resolver::system_conf::parse_resolv_conf(text);
        Ok(Network::of_system(config.map(|(config, _)| config))?.servers().to_vec())
    }

    #[test]
    fn settings_of_the_system() {
        let at = |addresses: &[&str]| addresses.iter().map(|a| SocketAddr::new(a.parse().unwrap(), PORT)).collect();
        assert_eq!(system("nameserver 192.0.2.1\nnameserver 2001:db8::1\n"), Ok(at(&["192.0.2.1", "2001:db8::1"])));
        assert_eq!(system("nameserver ::1\n"), Ok(at(&["::1"])));
        // Twice the same is one; a line that nobody understands hides no other.
        assert_eq!(system("nameserver 192.0.2.1\nnonsense\nnameserver 192.0.2.1\n"), Ok(at(&["192.0.2.1"])));
        for nobody in ["", "# none\n", "search example.com\n", "nameserver\n"] {
            let text = system(nobody).unwrap_err().text();
            assert!(
                text.en.starts_with("no DNS server is set up") && text.ja.contains("--resolver"),
                "{nobody:?}: {text:?}"
            );
        }
        // There is no such file; or it cannot be read, and why is told.
        let failed = |kind: ErrorKind| Network::of_system(Err(io::Error::from(kind).into())).unwrap_err().text().en;
        assert!(failed(ErrorKind::NotFound).starts_with("no DNS server is set up"));
        let denied = failed(ErrorKind::PermissionDenied);
        assert!(denied.contains("permission denied") && denied.contains("--resolver 192.0.2.1"), "{denied}");
    }
}
