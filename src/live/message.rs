//! Questions to octets and octets to outcomes: encoded and read by hickory-proto, judged here. Opens no socket.
//!
//! hickory's text forms are not used, and its names only as labels: what is kept are the octets that came.

use hickory_proto::{
    ProtoError,
    op::{Edns, Message, Query, ResponseCode},
    rr::{self, DNSClass, RecordType},
    serialize::binary::{BinEncodable, BinEncoder, NameEncoding},
};

use super::{CHAIN_MAX, Malformation, Outcome, Question, network::Role};
use crate::zone::{Name, Rdata, Record, Rtype, Ttl};

/// Octets that servers are told to send over UDP at most, so that no packet is cut on its way (DNS flag day 2020).
const UDP_PAYLOAD: u16 = 1232;
/// The version of EDNS is not known there (RFC 6891 §6.1.3); of a signature the same number says something else.
const BADVERS: u16 = 16;
/// Octets of a header (RFC 1035 §4.1.1).
const HEADER: usize = 12;

/// A question on the wire.
pub(super) struct Asked {
    /// What an answer must repeat.
    pub(super) id: u16,
    /// The whole message.
    pub(super) octets: Vec<u8>,
}

/// A number that nobody can foresee: hickory draws the ids of its messages by a generator made for that.
pub(super) fn random() -> u16 {
    Message::query().metadata.id
}

/// The question as a message with a new id. `None` only if hickory cannot write it.
pub(super) fn ask(question: &Question, recursion: bool, edns: bool) -> Option<Asked> {
    let mut message = Message::query();
    message.metadata.recursion_desired = recursion;
    // A resolver that checks signatures is asked to say so (RFC 6840 §5.7).
    message.metadata.authentic_data = recursion;
    let name = rr::Name::from_labels(question.name.labels()).ok()?;
    message.add_query(Query::query(name, RecordType::from(question.rtype.0)));
    if edns {
        let mut edns = Edns::new();
        edns.set_max_payload(UDP_PAYLOAD);
        message.set_edns(edns);
    }
    let octets = message.to_vec().ok()?;
    Some(Asked { id: message.metadata.id, octets })
}

/// Whether these octets are an answer to this question, as far as header and question tell (RFC 5452 §9.1). Servers that understood nothing may
/// leave the question out.
pub(super) fn answers(octets: &[u8], question: &Question, id: u16) -> bool {
    match repeated(octets, question, id) {
        Some(Repeated::Question) => true,
        // NXDOMAIN and success say something about a name, so they must name it.
        Some(Repeated::Nothing { code }) => code != 0 && code != 3,
        None => false,
    }
}

/// What of a question a response repeats.
enum Repeated {
    /// All of it.
    Question,
    /// Only its id.
    Nothing {
        /// The response code.
        code: u8,
    },
}

/// What these octets repeat of the question, if they are a response with its id and to no other question.
fn repeated(octets: &[u8], question: &Question, id: u16) -> Option<Repeated> {
    let (&[a, b, high, low, c, d, _, _, _, _, _, _], rest) = octets.split_first_chunk::<HEADER>()?;
    // QR is set, the opcode is QUERY.
    if u16::from_be_bytes([a, b]) != id || high & 0b1111_1000 != 0b1000_0000 {
        return None;
    }
    match u16::from_be_bytes([c, d]) {
        1 => {
            let class = u16::from(DNSClass::IN);
            let wanted = [question.rtype.0.to_be_bytes(), class.to_be_bytes()].concat();
            let (name, rest) = Name::split_wire(rest)?;
            (name == question.name && rest.starts_with(&wanted)).then_some(Repeated::Question)
        }
        0 => Some(Repeated::Nothing { code: low & 0b1111 }),
        _ => None,
    }
}

/// One message of a zone transfer.
pub(super) struct Part {
    /// The response code.
    pub(super) code: u16,
    /// Its records.
    pub(super) records: Vec<Record>,
}

/// Reads one message of a zone transfer. From the second on they need not repeat the question (RFC 5936 §2.2.2), and older servers don't in
/// the first either.
///
/// # Errors
/// It belongs to another question, is no message, or holds what a type cannot have.
pub(super) fn part(octets: &[u8], question: &Question, id: u16) -> Result<Part, Malformation> {
    repeated(octets, question, id).ok_or(Malformation::Foreign)?;
    let message = Message::from_vec(octets).map_err(|_| Malformation::Message)?;
    let code = u16::from(message.metadata.response_code);
    Ok(Part { code, records: records(&message.answers).ok_or(Malformation::Data)? })
}

/// Whether an answer was cut, so that it has to be asked for over TCP. Only for octets that [`answers`] accepts.
pub(super) fn is_truncated(octets: &[u8]) -> bool {
    octets.get(2).is_some_and(|flags| flags & 0b10 != 0)
}

/// What an answer says.
pub(super) struct Read {
    /// What became of the question.
    pub(super) outcome: Outcome,
    /// The aliases from the question's name on.
    pub(super) chain: Vec<Record>,
    /// Whether the server answers for the zone.
    pub(super) authoritative: bool,
    /// Whether a resolver says that the signatures hold.
    pub(super) validated: bool,
    /// Whether the server does not know EDNS and should be asked without it (RFC 6891 §6.1.3, §7).
    pub(super) no_edns: bool,
}

/// Reads an answer that [`answers`] accepts.
pub(super) fn read(octets: &[u8], question: &Question, role: &Role) -> Read {
    let unreadable = |malformation| Read {
        outcome: Outcome::Malformed(malformation),
        chain: Vec::new(),
        authoritative: false,
        validated: false,
        no_edns: false,
    };
    let Ok(message) = Message::from_vec(octets) else { return unreadable(Malformation::Message) };
    let (Some(records), Some(authority)) = (records(&message.answers), records(&message.authorities)) else {
        return unreadable(Malformation::Data);
    };
    let authoritative = message.metadata.authoritative;
    // Only a resolver's word: a name server that sets it speaks of what it keeps itself.
    let validated = message.metadata.authentic_data && matches!(role, Role::Resolver);
    let code = message.metadata.response_code;
    let no_edns = match code {
        ResponseCode::FormErr | ResponseCode::NotImp => message.edns.is_none(),
        // There is no older version than the one that is asked with.
        code => u16::from(code) == BADVERS,
    };
    let (mut chain, end) = follow(&records, question);
    // What a name server says of names outside of its zone does not count.
    let out = chain.iter().position(|alias| matches!(role, Role::Authority(zone) if leads_out(alias, zone)));
    chain.truncate(out.map_or(chain.len(), |at| at + 1));
    let outcome = match code {
        ResponseCode::NoError | ResponseCode::NXDomain if out.is_some() && authoritative => Outcome::AliasOutside,
        ResponseCode::ServFail if end.is_none() => Outcome::AliasLoop,
        ResponseCode::NoError => {
            let says = Says {
                authoritative,
                recursive: message.metadata.recursion_available,
                is_alias: !chain.is_empty(),
                authority: &authority,
            };
            match end {
                None => Outcome::AliasLoop,
                Some((name, set)) => success(&name, set, &says, role),
            }
        }
        ResponseCode::NXDomain if authoritative || matches!(role, Role::Resolver) => Outcome::NxDomain,
        ResponseCode::NXDomain => Outcome::Lame,
        // BIND says so where it follows no further (max-query-restarts).
        ResponseCode::ServFail if !chain.is_empty() => Outcome::AliasOutside,
        ResponseCode::ServFail => Outcome::ServFail,
        ResponseCode::Refused => Outcome::Refused,
        code => Outcome::Code(u16::from(code)),
    };
    Read { outcome, chain, authoritative, validated, no_edns }
}

/// What an answer without error says besides its records.
struct Says<'a> {
    /// The server answers for the zone.
    authoritative: bool,
    /// The server asks others.
    recursive: bool,
    /// The name that counts stands behind aliases.
    is_alias: bool,
    /// The authority section.
    authority: &'a [Record],
}

/// What an answer without error means: records, no such record, or that others have to be asked (RFC 2308 §2.2).
fn success(name: &Name, set: Vec<Record>, says: &Says<'_>, role: &Role) -> Outcome {
    let has_soa = says.authority.iter().any(|record| record.rtype == Rtype::SOA);
    let is_referral = !has_soa && says.authority.iter().any(|record| record.rtype == Rtype::NS);
    let counts = says.authoritative || matches!(role, Role::Resolver);
    if counts && !set.is_empty() {
        return Outcome::Records(set);
    }
    match role {
        Role::Resolver if has_soa => Outcome::NoData,
        Role::Resolver if says.is_alias => Outcome::AliasOutside,
        Role::Resolver if (says.recursive && !is_referral) || says.authoritative => Outcome::NoData,
        Role::Resolver => Outcome::Lame,
        Role::Authority(zone) => {
            if is_referral && let Some(delegated) = delegated(name, zone, says.authority) {
                delegated
            } else if !says.authoritative {
                Outcome::Lame
            } else if says.is_alias && !has_soa {
                // Further than the server follows; an answer that there is nothing has an SOA.
                Outcome::AliasOutside
            } else {
                Outcome::NoData
            }
        }
    }
}

/// Whether an alias leads out of a zone.
fn leads_out(alias: &Record, zone: &Name) -> bool {
    alias.target().is_some_and(|target| !target.is_subdomain_of(zone))
}

/// A referral from the zone down to one below it that holds `name`. Any other leads away from what was asked.
fn delegated(name: &Name, zone: &Name, authority: &[Record]) -> Option<Outcome> {
    let is_below = |at: &Name| at != zone && at.is_subdomain_of(zone) && name.is_subdomain_of(at);
    let cut = authority.iter().find(|record| record.rtype == Rtype::NS && is_below(&record.name))?.name.clone();
    let of_cut = |record: &&Record| record.rtype == Rtype::NS && record.name == cut;
    let servers = authority.iter().filter(of_cut).filter_map(Record::target).collect();
    Some(Outcome::Delegated { zone: cut, servers })
}

/// The aliases from the question's name on; then the last name and its records, none of both if the aliases do not end.
fn follow(records: &[Record], question: &Question) -> (Vec<Record>, Option<(Name, Vec<Record>)>) {
    let mut name = question.name.clone();
    let mut chain: Vec<Record> = Vec::new();
    loop {
        let here = || records.iter().filter(|record| record.name == name);
        let set: Vec<Record> =
            here().filter(|r| r.rtype == question.rtype || question.rtype == Rtype::ANY).cloned().collect();
        let alias = here().find(|record| record.rtype == Rtype::CNAME).filter(|_| set.is_empty());
        let Some((alias, target)) = alias.and_then(|alias| Some((alias, alias.target()?))) else {
            return (chain, Some((name, set)));
        };
        let is_loop = chain.len() >= CHAIN_MAX || chain.iter().any(|before| before.name == alias.name);
        if is_loop {
            return (chain, None);
        }
        chain.push(alias.clone());
        name = target;
    }
}

/// The records of class IN with their names whole. `None` if one holds what its type cannot have.
fn records(records: &[rr::Record]) -> Option<Vec<Record>> {
    records.iter().filter(|record| record.dns_class == DNSClass::IN).map(record).collect()
}

/// One record in our own terms.
fn record(record: &rr::Record) -> Option<Record> {
    let rtype = Rtype(record.record_type().into());
    let rdata = Rdata::from_octets(octets(record).ok()?)?;
    let name = Name::from_labels(record.name.iter()).ok()?;
    // With its highest bit set a TTL is to be taken as 0 (RFC 2181 §8).
    let ttl = Ttl::from_seconds(record.ttl).map_or(0, Ttl::seconds);
    rdata.is_well_formed(rtype).then_some(Record { name, rtype, ttl, rdata })
}

/// The data without compression. hickory knows the names in the data of all types that servers compress (RFC 3597 §4).
fn octets(record: &rr::Record) -> Result<Vec<u8>, ProtoError> {
    let mut octets = Vec::new();
    let mut encoder = BinEncoder::new(&mut octets);
    encoder.set_name_encoding(NameEncoding::Uncompressed);
    record.data.emit(&mut encoder)?;
    Ok(octets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    fn name(text: &str) -> Name {
        Name::parse_absolute(text).unwrap()
    }

    fn question(at: &str, rtype: Rtype) -> Question {
        Question { name: name(at), rtype }
    }

    /// Header, question and records as they stand on the wire: flags, then how many records each section has.
    fn message(flags: u16, question: &Question, counts: [u16; 3], records: &[&[u8]]) -> Vec<u8> {
        let mut octets = [7, flags, 1].map(u16::to_be_bytes).concat();
        octets.extend(counts.map(u16::to_be_bytes).concat());
        octets.extend_from_slice(question.name.as_wire());
        octets.extend([question.rtype.0, 1].map(u16::to_be_bytes).concat());
        octets.extend(records.concat());
        octets
    }

    /// A record on the wire; its owner as it stands there.
    fn wire(owner: &[u8], rtype: Rtype, ttl: u32, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(data.len()).unwrap().to_be_bytes();
        [owner, &rtype.0.to_be_bytes(), &[0, 1], &ttl.to_be_bytes(), &length, data].concat()
    }

    /// Points to the question's name (RFC 1035 §4.1.4).
    const QNAME: &[u8] = &[0xC0, 12];
    /// QR, RD, RA, as a resolver sets them.
    const RESOLVER: u16 = 0x8180;
    /// QR, AA, as a name server sets them.
    const AUTHORITY: u16 = 0x8400;

    fn outcome(octets: &[u8], question: &Question, role: &Role) -> Outcome {
        assert!(answers(octets, question, 7));
        read(octets, question, role).outcome
    }

    #[test]
    fn the_question_on_the_wire() {
        let question = question("Example.com", Rtype::MX);
        let asked = ask(&question, true, true).unwrap();
        // RFC 1035 §4.1: id, RD and AD, one question and one record besides; then the OPT of RFC 6891 §6.1.2 with 1232 octets.
        let rest = b"\x01\x20\0\x01\0\0\0\0\0\x01\x07Example\x03com\0\0\x0f\0\x01\0\0\x29\x04\xd0\0\0\0\0\0\0";
        assert_eq!(asked.octets, [&asked.id.to_be_bytes()[..], rest].concat());
        let plain = ask(&question, false, false).unwrap();
        assert_eq!(plain.octets.get(2..12).unwrap(), b"\0\0\0\x01\0\0\0\0\0\0");
        let ids: std::collections::HashSet<u16> = (0..64).map(|_| random()).collect();
        assert!(ids.len() > 32, "{ids:?}");
    }

    #[test]
    fn only_a_resolver_speaks_of_signatures() {
        let asked = question("a.example.com", Rtype::A);
        let record = wire(QNAME, Rtype::A, 300, &[192, 0, 2, 1]);
        let said = |flags, role: &Role| read(&message(flags, &asked, [1, 0, 0], &[&record]), &asked, role).validated;
        // AD is the bit 0x20 of the second octet (RFC 4035 §3.2.3).
        assert!(said(RESOLVER | 0x20, &Role::Resolver));
        assert!(!said(RESOLVER, &Role::Resolver));
        assert!(!said(AUTHORITY | 0x20, &Role::Authority(name("example.com"))));
    }

    #[test]
    fn only_an_answer_to_the_question() {
        let asked = question("a.example.com", Rtype::A);
        let good = message(RESOLVER, &asked, [0, 0, 0], &[]);
        assert!(answers(&good, &asked, 7));
        assert!(answers(&message(RESOLVER, &question("A.EXAMPLE.com", Rtype::A), [0; 3], &[]), &asked, 7));
        for bad in [
            message(RESOLVER, &question("b.example.com", Rtype::A), [0; 3], &[]),
            message(RESOLVER, &question("a.example.com", Rtype::AAAA), [0; 3], &[]),
            // The question itself, and the answer to a NOTIFY (RFC 1996).
            message(0x0100, &asked, [0; 3], &[]),
            message(0xA000, &asked, [0; 3], &[]),
            good.get(..good.len() - 1).unwrap().to_vec(),
            good.get(..11).unwrap().to_vec(),
            Vec::new(),
        ] {
            assert!(!answers(&bad, &asked, 7), "{bad:?}");
        }
        assert!(!answers(&good, &asked, 8));
        // Without the question only what says nothing about a name.
        let bare = |flags: u16| [7, flags, 0, 0, 0, 0].map(u16::to_be_bytes).concat();
        for (flags, fits) in [(0x8001, true), (0x8005, true), (0x8000, false), (0x8003, false)] {
            assert_eq!(answers(&bare(flags), &asked, 7), fits, "{flags:x}");
        }
        assert!(is_truncated(&message(0x8380, &asked, [0; 3], &[])) && !is_truncated(&good));
    }

    #[test]
    fn data_comes_back_octet_for_octet() {
        for (rtype, text) in [
            (Rtype::A, "192.0.2.1"),
            (Rtype::AAAA, "2001:db8::1"),
            (Rtype::NS, "NS1.Example.COM."),
            (Rtype::CNAME, r"a\.b\000.example.com."),
            (Rtype::PTR, "host.example.com."),
            (Rtype::DNAME, "example.net."),
            (Rtype::SOA, "NS1.example.com. host\\.master.Example.com. 4294967295 7200 3600 1209600 300"),
            (Rtype::MX, "10 Mail.example.com."),
            (Rtype::MX, "0 ."),
            (Rtype::AFSDB, "1 afs.example.com."),
            (Rtype::RP, "admin.example.com. txt.example.com."),
            (Rtype::SRV, "0 5 5060 Sip.example.com."),
            (Rtype::NAPTR, r#"100 50 "s" "SIP+D2U" "!^.*\\.$!x!" _sip._udp.example.com."#),
            (Rtype::NAPTR, r#"100 50 "" "" "" ."#),
            (Rtype::TXT, r#""v=DKIM1; k=rsa; " "" "p=\000\255" "a""#),
            (Rtype::SPF, r#""v=spf1 -all""#),
            (Rtype::HINFO, r#""CPU" "O S""#),
            (Rtype::CAA, r#"0 issue "ca.example.net; policy=ev""#),
            (Rtype::CAA, r#"128 XyZ9 "\255\000""#),
            (Rtype::CAA, r#"1 issue """#),
            (Rtype::URI, r#"10 1 "https://example.com/""#),
            (Rtype::TLSA, "3 1 1 0123456789abcdef"),
            (Rtype::TLSA, "9 9 9 00"),
            (Rtype::SMIMEA, "3 0 0 00ff"),
            (Rtype::SSHFP, "4 2 0123"),
            (Rtype::DS, "60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118"),
            (Rtype::DNSKEY, "256 3 5 AQPSKmynfzW4"),
            (Rtype::CERT, "PGP 0 0 mQEN"),
            (Rtype::OPENPGPKEY, "mQEN"),
            (Rtype::LOC, "52 14 05.000 N 00 08 50.000 E 10m 1m 10000m 10m"),
            (Rtype::HTTPS, "0 Svc.example.net."),
            (
                Rtype::HTTPS,
                r#"1 . mandatory=alpn,port alpn="h2,h3" no-default-alpn port=443 ipv4hint=192.0.2.1 ech="AEn+" ipv6hint=2001:db8::1 key667="hello\210qoo""#,
            ),
            (Rtype::SVCB, "16 foo.example.org. port=53"),
            (Rtype(65_280), r"\# 4 C00C0000"),
            (Rtype(65_305), r"\# 3 016100"),
        ] {
            let data = Rdata::parse(rtype, text, None).unwrap();
            let asked = question("x.Example.com", rtype);
            let answer = message(RESOLVER, &asked, [1, 0, 0], &[&wire(QNAME, rtype, 60, data.octets())]);
            let record = Record { name: asked.name.clone(), rtype, ttl: 60, rdata: data };
            assert_eq!(outcome(&answer, &asked, &Role::Resolver), Outcome::Records(vec![record]), "{rtype} {text}");
        }
    }

    #[test]
    fn names_in_the_data_are_made_whole() {
        let asked = question("example.com", Rtype::MX);
        let mx = wire(QNAME, Rtype::MX, 60, b"\0\x0a\x04Mail\xc0\x0c");
        let found = outcome(&message(RESOLVER, &asked, [1, 0, 0], &[&mx]), &asked, &Role::Resolver);
        let Outcome::Records(records) = found else { panic!("{found:?}") };
        assert_eq!(records[0].rdata.octets(), b"\0\x0a\x04Mail\x07example\x03com\0");
        // Both names of an SOA, the second pointing into the first; its case is kept.
        let asked = question("example.com", Rtype::SOA);
        let soa = wire(QNAME, Rtype::SOA, 60, &[&b"\x03Ns1\xc0\x0c\x04root\xc0\x29"[..], &[0; 20]].concat());
        let found = outcome(&message(RESOLVER, &asked, [1, 0, 0], &[&soa]), &asked, &Role::Resolver);
        let Outcome::Records(records) = found else { panic!("{found:?}") };
        assert_eq!(
            records[0].rdata.octets(),
            [&b"\x03Ns1\x07example\x03com\0\x04root\x03Ns1\x07example\x03com\0"[..], &[0; 20]].concat()
        );
    }

    #[test]
    fn what_is_no_message() {
        let asked = question("example.com", Rtype::TXT);
        let resolver =
            |record: &[u8]| outcome(&message(RESOLVER, &asked, [1, 0, 0], &[record]), &asked, &Role::Resolver);
        let malformed = Outcome::Malformed(Malformation::Message);
        // The name points to itself (offset 29), forward, and with a reserved label type.
        for owner in [&b"\xc0\x1d"[..], b"\xc0\x20", b"\x80", b"\x01a\xc0\x1d"] {
            assert_eq!(resolver(&wire(owner, Rtype::TXT, 60, b"\x01a")), malformed, "{owner:?}");
        }
        // A string longer than the data, no data, and a record that is not there.
        assert_eq!(resolver(&wire(QNAME, Rtype::TXT, 60, b"\x02a")), malformed);
        assert_eq!(resolver(&wire(QNAME, Rtype::TXT, 60, b"")), malformed);
        assert_eq!(resolver(b""), malformed);
        // Names that servers must not compress in this type (RFC 3597 §4), and so are not followed.
        let asked = question("example.com", Rtype::RP);
        let rp = wire(QNAME, Rtype::RP, 60, b"\xc0\x0c\xc0\x0c");
        let answer = message(RESOLVER, &asked, [1, 0, 0], &[&rp]);
        assert_eq!(outcome(&answer, &asked, &Role::Resolver), Outcome::Malformed(Malformation::Data));
    }

    #[test]
    fn only_what_was_asked_is_taken() {
        let asked = question("a.example.com", Rtype::A);
        let mut chaos = wire(QNAME, Rtype::A, 60, &[192, 0, 2, 9]);
        chaos[5] = 3;
        let records = [
            wire(QNAME, Rtype::A, 0x8000_0000, &[192, 0, 2, 1]),
            wire(b"\x01b\xc0\x0e", Rtype::A, 60, &[192, 0, 2, 2]),
            wire(QNAME, Rtype::AAAA, 60, &[0; 16]),
            chaos,
        ];
        let records: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
        let found = outcome(&message(RESOLVER, &asked, [4, 0, 0], &records), &asked, &Role::Resolver);
        let Outcome::Records(records) = found else { panic!("{found:?}") };
        assert_eq!(records.len(), 1);
        // RFC 2181 §8.
        assert_eq!((records[0].rdata.octets(), records[0].ttl), (&[192, 0, 2, 1][..], 0));
    }

    #[test]
    fn aliases() {
        let asked = question("a.example.com", Rtype::A);
        let alias = |owner: &[u8], target: &[u8]| wire(owner, Rtype::CNAME, 60, target);
        // a -> b, b -> c, out of order; `\xc0\x0e` is example.com.
        let (a, b) = (alias(QNAME, b"\x01b\xc0\x0e"), alias(b"\x01b\xc0\x0e", b"\x01c\xc0\x0e"));
        let c = wire(b"\x01c\xc0\x0e", Rtype::A, 60, &[192, 0, 2, 1]);
        let soa = wire(b"\xc0\x0e", Rtype::SOA, 60, &[0; 22]);
        let get = |counts, records: &[&[u8]], flags| {
            let read = read(&message(flags, &asked, counts, records), &asked, &Role::Resolver);
            (read.outcome, read.chain.iter().map(|record| record.name.to_string()).collect::<Vec<_>>())
        };
        let (found, chain) = get([3, 0, 0], &[&b, &c, &a], RESOLVER);
        assert!(matches!(&found, Outcome::Records(set) if set[0].name == name("c.example.com")), "{found:?}");
        assert_eq!(chain, ["a.example.com.", "b.example.com."]);
        // RFC 2308 §2.2: the SOA says that there is none; without it the resolver stopped.
        assert_eq!(get([2, 1, 0], &[&a, &b, &soa], RESOLVER).0, Outcome::NoData);
        assert_eq!(get([2, 0, 0], &[&a, &b], RESOLVER).0, Outcome::AliasOutside);
        // RFC 2308 §2.1: the last name does not exist.
        assert_eq!(get([2, 1, 0], &[&a, &b, &soa], RESOLVER | 3).0, Outcome::NxDomain);
        let back = alias(b"\x01b\xc0\x0e", b"\xc0\x0c");
        assert_eq!(get([2, 0, 0], &[&a, &back], RESOLVER).0, Outcome::AliasLoop);
        assert_eq!(get([2, 0, 0], &[&a, &b], RESOLVER | 2).0, Outcome::AliasOutside);
        assert_eq!(get([2, 0, 0], &[&a, &back], RESOLVER | 2).0, Outcome::AliasLoop);
        // Who asks for the alias itself gets it.
        let asked = question("a.example.com", Rtype::CNAME);
        let found = outcome(&message(RESOLVER, &asked, [1, 0, 0], &[&a]), &asked, &Role::Resolver);
        assert!(matches!(found, Outcome::Records(_)), "{found:?}");
    }

    #[test]
    fn who_answers_for_the_zone_and_who_does_not() {
        let asked = question("a.sub.example.com", Rtype::A);
        let authority = Role::Authority(name("example.com"));
        let soa = wire(b"\xc0\x12", Rtype::SOA, 60, &[0; 22]);
        // Name servers of sub.example.com, example.com, com and the root.
        let ns = |owner: &[u8]| wire(owner, Rtype::NS, 60, b"\x02ns\xc0\x0e");
        let (sub, zone, com, root) = (ns(b"\xc0\x0e"), ns(b"\xc0\x12"), ns(b"\xc0\x1a"), ns(b"\0"));
        let a = wire(QNAME, Rtype::A, 60, &[192, 0, 2, 1]);
        let get =
            |flags, counts, record: &[u8], role| outcome(&message(flags, &asked, counts, &[record]), &asked, role);
        let below = Outcome::Delegated { zone: name("sub.example.com"), servers: vec![name("ns.sub.example.com")] };
        assert_eq!(get(0x8000, [0, 1, 0], &sub, &authority), below);
        // Upward and sideways referrals are what servers give that were never told of the zone.
        for elsewhere in [&zone, &com, &root] {
            assert_eq!(get(0x8000, [0, 1, 0], elsewhere, &authority), Outcome::Lame);
        }
        // From a cache: not for the zone.
        assert_eq!(get(RESOLVER, [1, 0, 0], &a, &authority), Outcome::Lame);
        assert_eq!(get(RESOLVER | 3, [0, 1, 0], &soa, &authority), Outcome::Lame);
        assert!(matches!(get(AUTHORITY, [1, 0, 0], &a, &authority), Outcome::Records(_)));
        assert_eq!(get(AUTHORITY | 3, [0, 1, 0], &soa, &authority), Outcome::NxDomain);
        assert_eq!(get(AUTHORITY, [0, 1, 0], &soa, &authority), Outcome::NoData);
        // RFC 2308 §2.2.1: NODATA may come without anything.
        assert_eq!(get(AUTHORITY, [0, 0, 0], b"", &authority), Outcome::NoData);
        assert_eq!(get(RESOLVER, [0, 0, 0], b"", &Role::Resolver), Outcome::NoData);
        // RFC 2308 §2.2: NS without an SOA is a referral, which no resolver gives.
        assert_eq!(get(RESOLVER, [0, 1, 0], &com, &Role::Resolver), Outcome::Lame);
        assert_eq!(get(RESOLVER, [0, 1, 0], &soa, &Role::Resolver), Outcome::NoData);
        // No resolver: it does not offer to ask others, and sends elsewhere or says nothing.
        assert_eq!(get(0x8100, [0, 1, 0], &root, &Role::Resolver), Outcome::Lame);
        assert_eq!(get(0x8100, [0, 0, 0], b"", &Role::Resolver), Outcome::Lame);
    }

    /// A name server answers for its own zone, whatever it says of others; where it stops, the rest is not absent.
    #[test]
    fn aliases_of_a_name_server() {
        let asked = question("a.example.com", Rtype::A);
        let authority = Role::Authority(name("example.com"));
        let alias = |owner: &[u8], target: &[u8]| wire(owner, Rtype::CNAME, 60, target);
        let soa = wire(b"\xc0\x0e", Rtype::SOA, 60, &[0; 22]);
        // a -> b.example.com (`\xc0\x0e`) -> www.bank.example -> c.example.com, and the addresses of the last two.
        let bank = b"\x03www\x04bank\x07example\0";
        let (a, b, back) =
            (alias(QNAME, b"\x01b\xc0\x0e"), alias(b"\x01b\xc0\x0e", bank), alias(bank, b"\x01c\xc0\x0e"));
        let address = |owner: &[u8]| wire(owner, Rtype::A, 60, &[192, 0, 2, 66]);
        let get = |counts, records: &[&[u8]], flags| {
            let read = read(&message(flags, &asked, counts, records), &asked, &authority);
            (read.outcome, read.chain.len())
        };
        assert_eq!(get([3, 0, 0], &[&a, &b, &address(bank)], AUTHORITY), (Outcome::AliasOutside, 2));
        let all: [&[u8]; 4] = [&a, &b, &back, &address(b"\x01c\xc0\x0e")];
        assert_eq!(get([4, 0, 0], &all, AUTHORITY), (Outcome::AliasOutside, 2));
        assert_eq!(get([2, 1, 0], &[&a, &b, &soa], AUTHORITY | 3), (Outcome::AliasOutside, 2));
        assert_eq!(get([3, 0, 0], &[&a, &b, &address(bank)], RESOLVER), (Outcome::Lame, 2));
        assert_eq!(get([1, 0, 0], &[&a], AUTHORITY), (Outcome::AliasOutside, 1));
        assert_eq!(get([1, 1, 0], &[&a, &soa], AUTHORITY), (Outcome::NoData, 1));
    }

    #[test]
    fn response_codes() {
        let asked = question("example.com", Rtype::A);
        for (code, expected) in [
            (1, Outcome::Code(1)),
            (2, Outcome::ServFail),
            (3, Outcome::NxDomain),
            (4, Outcome::Code(4)),
            (5, Outcome::Refused),
            (9, Outcome::Code(9)),
        ] {
            let read = read(&message(RESOLVER | code, &asked, [0; 3], &[]), &asked, &Role::Resolver);
            assert_eq!((read.outcome, read.no_edns), (expected, code == 1 || code == 4), "{code}");
        }
        // FORMERR with an OPT is about something else than EDNS. BADVERS, 16: its upper bits are in the OPT (RFC 6891 §6.1.3).
        let opt = b"\0\0\x29\x04\xd0\x01\0\0\0\0\0";
        let badvers = read(&message(RESOLVER, &asked, [0, 0, 1], &[opt]), &asked, &Role::Resolver);
        assert_eq!((badvers.outcome, badvers.no_edns), (Outcome::Code(16), true));
        let opt = b"\0\0\x29\x04\xd0\0\0\0\0\0\0";
        let read = read(&message(RESOLVER | 1, &asked, [0, 0, 1], &[opt]), &asked, &Role::Resolver);
        assert!(!read.no_edns);
    }

    proptest! {
        #[test]
        fn any_octets_have_an_outcome(octets in vec(any::<u8>(), 0..300)) {
            let asked = question("example.com", Rtype::TXT);
            answers(&octets, &asked, 7);
            let _ = read(&octets, &asked, &Role::Resolver);
        }

        #[test]
        fn any_records_have_an_outcome(rest in vec(any::<u8>(), 0..300), counts in any::<[u8; 3]>(), flags in any::<u16>()) {
            let asked = question("example.com", Rtype::MX);
            let octets = message(flags | 0x8000, &asked, counts.map(u16::from), &[&rest]);
            let _ = read(&octets, &asked, &Role::Authority(name("com")));
        }
    }
}
