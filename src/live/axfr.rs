//! Zone transfers from a name server over TCP (RFC 5936), within bounds. The messages are read by `message`, the socket is that of `network`.

use std::{
    io::{self, ErrorKind},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use super::{
    Malformation, Question, Source, Transfer, TransferError, TransferFault,
    message::{self, Asked},
    network::{Patience, receive, send_over_tcp},
};
use crate::zone::{Name, Record, Rtype};

/// REFUSED and NOTAUTH (RFC 1035 §4.1.1, RFC 2136 §2.2).
const REFUSED: u16 = 5;
const NOT_AUTH: u16 = 9;

/// What is taken of a zone at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// For one message, and for all of them.
    pub patience: Patience,
    /// Records.
    pub records: usize,
    /// Octets of all messages, with their lengths.
    pub octets: usize,
}

impl Default for Bounds {
    /// A million records, as `plan` is made for; a zone of a mail domain has some dozens.
    fn default() -> Self {
        Self {
            patience: Patience { attempt: Duration::from_secs(10), total: Duration::from_secs(120) },
            records: 1_000_000,
            octets: 128 * 1024 * 1024,
        }
    }
}

/// A name server that is asked for whole zones.
#[derive(Clone, Copy, Debug)]
pub struct Server {
    address: SocketAddr,
    bounds: Bounds,
}

impl Server {
    /// The server at this address.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        Self { address, bounds: Bounds::default() }
    }

    /// The same with other bounds.
    #[must_use]
    pub fn with_bounds(self, bounds: Bounds) -> Self {
        Self { bounds, ..self }
    }
}

impl Transfer for Server {
    fn transfer(&self, zone: &Name) -> Result<Vec<Record>, TransferError> {
        let begun = Instant::now();
        let deadline = begun + self.bounds.patience.total;
        let question = Question { name: zone.clone(), rtype: Rtype::AXFR };
        let fail = |fault| TransferError { zone: zone.clone(), from: self.source(), fault };
        let asked = message::ask(&question, false, false);
        let asked = asked.ok_or_else(|| fail(TransferFault::Malformed(Malformation::Message)))?;
        let until = deadline.min(begun + self.bounds.patience.attempt);
        let stream = send_over_tcp(self.address, &asked.octets, until).map_err(|error| match error.kind() {
            ErrorKind::TimedOut | ErrorKind::WouldBlock => fail(TransferFault::Silent),
            kind => fail(TransferFault::Unreachable(kind)),
        })?;
        self.read(stream, &question, &asked, deadline).map_err(fail)
    }

    fn source(&self) -> Source {
        Source::NameServer(self.address)
    }
}

impl Server {
    /// Reads message after message until the SOA comes for the second time (RFC 5936 §2.2).
    fn read(
        &self,
        mut stream: TcpStream,
        question: &Question,
        asked: &Asked,
        deadline: Instant,
    ) -> Result<Vec<Record>, TransferFault> {
        let mut records: Vec<Record> = Vec::new();
        let mut total = 0;
        loop {
            let until = deadline.min(Instant::now() + self.bounds.patience.attempt);
            let octets = next_message(&mut stream, until).map_err(|error| broken(&error, records.len()))?;
            total += octets.len() + 2;
            if total > self.bounds.octets {
                return Err(TransferFault::TooLarge(self.bounds.octets));
            }
            let part = message::part(&octets, question, asked.id).map_err(TransferFault::Malformed)?;
            match part.code {
                0 => {}
                REFUSED => return Err(TransferFault::Refused),
                NOT_AUTH => return Err(TransferFault::NotAuthoritative),
                code => return Err(TransferFault::Code(code)),
            }
            for record in part.records {
                let is_soa = record.rtype == Rtype::SOA && record.name == question.name;
                match records.first() {
                    None if !is_soa => return Err(TransferFault::NoSoa),
                    Some(first) if is_soa && first.same_data(&record) => return Ok(records),
                    Some(_) if is_soa => return Err(TransferFault::Changed),
                    _ => records.push(record),
                }
                if records.len() > self.bounds.records {
                    return Err(TransferFault::TooMany(self.bounds.records));
                }
            }
            if records.is_empty() {
                return Err(TransferFault::NoSoa);
            }
        }
    }
}

/// One message behind its length (RFC 1035 §4.2.2).
fn next_message(stream: &mut TcpStream, until: Instant) -> io::Result<Vec<u8>> {
    let mut length = [0; 2];
    receive(stream, &mut length, until)?;
    let mut octets = vec![0; usize::from(u16::from_be_bytes(length))];
    receive(stream, &mut octets, until)?;
    Ok(octets)
}

/// What it means that no further message comes.
fn broken(error: &io::Error, records: usize) -> TransferFault {
    match (error.kind(), records) {
        (ErrorKind::TimedOut | ErrorKind::WouldBlock, 0) => TransferFault::Silent,
        (ErrorKind::TimedOut | ErrorKind::WouldBlock, _) => TransferFault::Late { records },
        (_, 0) => TransferFault::Closed,
        _ => TransferFault::Cut { records },
    }
}
