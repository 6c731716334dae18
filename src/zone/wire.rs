//! How large a DNS answer becomes: encoded by hickory-proto, with its name compression. Nothing is sent from here, and hickory's text forms are not used.

use hickory_proto::{
    ProtoError,
    op::{Message, OpCode, Query},
    rr::{self, RData, RecordType, rdata::NULL},
    serialize::binary::{BinDecodable, BinEncodable},
};

use super::{Name, Rdata, Rtype};

/// Most octets of a DNS message, also over TCP (RFC 1035 §4.2.2).
pub const MESSAGE_MAX: usize = 65_535;

/// Octets of the answer to a question for `rtype` at `qname` that has these records in its answer section and nothing else: no EDNS (11 octets
/// more), no signatures, no CNAME chain. Over [`MESSAGE_MAX`] there can be no such message, and the result is what it would need without
/// compression inside the data.
#[must_use]
pub fn answer_size(qname: &Name, rtype: Rtype, data: &[Rdata]) -> usize {
    // Header, question, and for each record a pointer to the question's name, type, class, TTL and length (RFC 1035 §4.1).
    let owner = qname.wire_len().min(2);
    let records: usize = data.iter().map(|data| owner + 10 + data.octets().len()).sum();
    let most = 12 + qname.wire_len() + 4 + records;
    // hickory cuts a message that is too long instead of refusing it.
    if most > MESSAGE_MAX {
        return most;
    }
    encode(qname, rtype, data).map_or(most, |message| message.len())
}

/// The whole answer on the wire.
fn encode(qname: &Name, rtype: Rtype, data: &[Rdata]) -> Result<Vec<u8>, ProtoError> {
    let name = rr::Name::from_labels(qname.labels())?;
    let code = RecordType::from(rtype.0);
    let mut message = Message::response(0, OpCode::Query);
    message.add_query(Query::query(name.clone(), code));
    for data in data {
        // `NULL::with` panics on no octets; `Update0` is how hickory writes empty data.
        let data = match data.octets() {
            [] => RData::Update0(code),
            octets => RData::Unknown { code, rdata: NULL::with(octets.to_vec()) },
        };
        message.add_answer(compressible(rr::Record::from_rdata(name.clone(), 0, data), rtype));
    }
    message.to_vec()
}

/// Servers compress names in the data of the types of RFC 1035 only (RFC 3597 §4). hickory does so once it knows the data as more than octets,
/// which it does by reading them.
fn compressible(record: rr::Record, rtype: Rtype) -> rr::Record {
    match rtype {
        Rtype::NS | Rtype::CNAME | Rtype::SOA | Rtype::PTR | Rtype::MX => {
            let typed = record.to_bytes().ok().and_then(|octets| rr::Record::from_bytes(&octets).ok());
            typed.unwrap_or(record)
        }
        _ => record,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(qname: &str, texts: &[usize]) -> usize {
        let data: Vec<Rdata> = texts.iter().map(|length| Rdata::txt(&vec![b'a'; *length]).unwrap()).collect();
        answer_size(&Name::parse_absolute(qname).unwrap(), Rtype::TXT, &data)
    }

    #[test]
    fn txt_answers() {
        assert_eq!(size("example.jp", &[255]), 296);
        assert_eq!(size("example.jp", &[450]), 492);
        assert_eq!(size("example.jp", &[465]), 507);
        assert_eq!(size("example.jp", &[300, 68, 60]), 496);
        for (record, answer) in [(234, 289), (322, 378), (410, 466), (582, 639), (754, 811), (1434, 1494)] {
            assert_eq!(size("s1._domainkey.example.jp", &[record]), answer);
        }
    }

    #[test]
    fn names_in_the_data_are_compressed_where_servers_do_so() {
        let name = |text: &str| Name::parse_absolute(text).unwrap();
        let origin = name("example.jp");
        // 12 + (12 + 4) + (2 + 10 + 2 + "mail" 5 + pointer 2).
        assert_eq!(answer_size(&origin, Rtype::MX, &[Rdata::mx(10, &name("mail.example.jp"))]), 49);
        assert_eq!(
            answer_size(&origin, Rtype::SRV, &[Rdata::srv(0, 0, 1, &name("mail.example.jp"))]),
            28 + 12 + 6 + 17
        );
        assert_eq!(answer_size(&Name::root(), Rtype::NS, &[Rdata::ns(&name("a.b"))]), 12 + 5 + 11 + 5);
        let odd = Name::from_labels([&b"\0.\xff"[..], b"jp"]).unwrap();
        assert_eq!(answer_size(&odd, Rtype::TXT, &[Rdata::txt(b"").unwrap()]), 12 + 8 + 4 + 13);
    }

    #[test]
    fn empty_data() {
        let empty = Rdata::from_octets([]).unwrap();
        assert_eq!(answer_size(&Name::root(), Rtype(65_280), std::slice::from_ref(&empty)), 12 + 5 + 11);
        assert_eq!(answer_size(&Name::root(), Rtype::MX, &[empty]), 12 + 5 + 11);
    }

    #[test]
    fn too_long_for_a_message() {
        assert_eq!(size("example.jp", &[65_279]), 28 + 12 + 65_535);
        assert_eq!(size("example.jp", &[40_000, 40_000]), 28 + 2 * (12 + 40_000 + 157));
    }
}
