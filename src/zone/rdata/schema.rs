//! The one table of what each type's data consists of. The reader, the printer and the views all walk it.

use std::ops::Range;

use super::{dnssec, loc, svcb};
use crate::zone::{Name, Rtype};

/// One part of a record's data: how it stands on the wire and in zone text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// One octet, in decimal.
    U8,
    /// Two octets, in decimal.
    U16,
    /// Four octets, in decimal.
    U32,
    /// Four octets: seconds, which may be written with units.
    Seconds,
    /// One octet: a DNSSEC algorithm, as a number or its mnemonic (RFC 4034 App. A.1).
    Algorithm,
    /// Two octets: a certificate type, as a number or its mnemonic (RFC 4398 §2.1).
    CertType,
    /// An IPv4 address.
    Ipv4,
    /// An IPv6 address.
    Ipv6,
    /// A domain name, uncompressed.
    Name,
    /// One character-string: a length octet and up to 255 octets (RFC 1035 §3.3).
    String,
    /// One or more character-strings, to the end.
    Strings,
    /// A length octet and that many letters and digits, written without quotes (RFC 8659 §4.1).
    Tag,
    /// Octets to the end, written in quotes, without a limit of 255.
    Quoted,
    /// One or more octets to the end, in hexadecimal.
    Hex,
    /// One or more octets to the end, in base64.
    Base64,
    /// A place on earth (RFC 1876).
    Location,
    /// Service parameters (RFC 9460 §2.2).
    Params,
    /// Two octets: a record type, by its name.
    Type,
    /// Four octets: a time, as `YYYYMMDDHHmmSS` in UTC (RFC 4034 §3.2).
    Time,
    /// A length octet and that many octets in hexadecimal, or `-` for none (RFC 5155 §3.3).
    Salt,
    /// A length octet and that many octets, at least one, in base32 (RFC 5155 §3.3).
    Hash,
    /// Types to the end, at least one (RFC 4034 §4.1.2).
    Types,
    /// Types to the end, perhaps none.
    AnyTypes,
}

/// The parts of a type's data in order; `None` for a type whose data is only known as octets (RFC 3597).
#[must_use]
pub fn fields(rtype: Rtype) -> Option<&'static [Field]> {
    use Field::{
        Algorithm, AnyTypes, Base64, CertType, Hash, Hex, Ipv4, Ipv6, Location, Name, Params, Quoted, Salt, Seconds,
        String, Strings, Tag, Time, Type, Types, U8, U16, U32,
    };
    Some(match rtype {
        Rtype::A => &[Ipv4],
        Rtype::AAAA => &[Ipv6],
        Rtype::NS | Rtype::CNAME | Rtype::PTR | Rtype::DNAME | Rtype::MB | Rtype::MG | Rtype::MR | Rtype::NSAP_PTR => {
            &[Name]
        }
        Rtype::SOA => &[Name, Name, U32, Seconds, Seconds, Seconds, Seconds],
        Rtype::MX | Rtype::AFSDB | Rtype::KX | Rtype::LP | Rtype::RT => &[U16, Name],
        Rtype::PX => &[U16, Name, Name],
        Rtype::RP | Rtype::MINFO | Rtype::TALINK => &[Name, Name],
        Rtype::SRV => &[U16, U16, U16, Name],
        Rtype::NAPTR => &[U16, U16, String, String, String, Name],
        Rtype::TXT | Rtype::SPF | Rtype::AVC | Rtype::NINFO => &[Strings],
        Rtype::HINFO => &[String, String],
        Rtype::CAA => &[U8, Tag, Quoted],
        Rtype::URI => &[U16, U16, Quoted],
        Rtype::TLSA | Rtype::SMIMEA => &[U8, U8, U8, Hex],
        Rtype::SSHFP => &[U8, U8, Hex],
        Rtype::DS | Rtype::CDS | Rtype::DLV | Rtype::TA => &[U16, Algorithm, U8, Hex],
        Rtype::DNSKEY | Rtype::CDNSKEY | Rtype::RKEY => &[U16, U8, Algorithm, Base64],
        Rtype::RRSIG => &[Type, Algorithm, U8, U32, Time, Time, U16, Name, Base64],
        Rtype::NSEC => &[Name, Types],
        Rtype::NSEC3 => &[U8, U8, U16, Salt, Hash, AnyTypes],
        Rtype::NSEC3PARAM => &[U8, U8, U16, Salt],
        Rtype::ZONEMD => &[U32, U8, U8, Hex],
        Rtype::CSYNC => &[U32, U16, AnyTypes],
        Rtype::CERT => &[CertType, U16, Algorithm, Base64],
        Rtype::OPENPGPKEY | Rtype::DHCID => &[Base64],
        Rtype::L32 => &[U16, Ipv4],
        Rtype::LOC => &[Location],
        Rtype::SVCB | Rtype::HTTPS => &[U16, Name, Params],
        _ => return None,
    })
}

/// A field and its octets in a record's data.
#[derive(Clone, Debug)]
pub(super) struct Part<'a> {
    /// What it is.
    pub(super) field: Field,
    /// Its octets; a string's length octet is not among them.
    pub(super) octets: &'a [u8],
    /// Where they stand in the data.
    pub(super) range: Range<usize>,
}

/// Takes a record's data apart by its type's fields. `None` if the type has none, or the octets do not fit them exactly.
pub(super) fn split(rtype: Rtype, data: &[u8]) -> Option<Vec<Part<'_>>> {
    let fields = fields(rtype)?;
    let mut parts = Vec::with_capacity(fields.len());
    let mut rest = data;
    for &field in fields {
        let start = data.len() - rest.len();
        let (skip, length) = match field {
            Field::U8 | Field::Algorithm => (0, 1),
            Field::U16 | Field::CertType | Field::Type => (0, 2),
            Field::U32 | Field::Seconds | Field::Ipv4 | Field::Time => (0, 4),
            Field::Ipv6 => (0, 16),
            Field::Name => (0, rest.len() - Name::split_wire(rest)?.1.len()),
            Field::String | Field::Tag | Field::Salt | Field::Hash => (1, usize::from(*rest.first()?)),
            Field::Strings
            | Field::Quoted
            | Field::Hex
            | Field::Base64
            | Field::Location
            | Field::Params
            | Field::Types
            | Field::AnyTypes => (0, rest.len()),
        };
        let octets = rest.get(skip..skip + length)?;
        rest = rest.get(skip + length..)?;
        let fits = match field {
            Field::Hex | Field::Base64 | Field::Hash => !octets.is_empty(),
            Field::Types => !octets.is_empty() && dnssec::types(octets).is_some(),
            Field::AnyTypes => dnssec::types(octets).is_some(),
            Field::Tag => is_tag(octets),
            Field::Strings => is_strings(octets),
            Field::Location => loc::present(octets).is_some(),
            Field::Params => svcb::present(octets).is_some(),
            _ => true,
        };
        if !fits {
            return None;
        }
        parts.push(Part { field, octets, range: start + skip..start + skip + length });
    }
    rest.is_empty().then_some(parts)
}

/// Whether the octets are a CAA tag: one or more letters and digits (RFC 8659 §4.1).
pub(super) fn is_tag(octets: &[u8]) -> bool {
    !octets.is_empty() && octets.iter().all(u8::is_ascii_alphanumeric)
}

/// Whether the octets are one or more character-strings and nothing else.
fn is_strings(octets: &[u8]) -> bool {
    let mut rest = octets;
    while let Some((length, after)) = rest.split_first() {
        let Some(after) = after.get(usize::from(*length)..) else {
            return false;
        };
        rest = after;
    }
    !octets.is_empty()
}

/// Mnemonics of DNSSEC algorithms (RFC 4034 App. A.1, RFC 5155, 5702, 5933, 6605, 8080), as BIND takes them.
pub(super) const ALGORITHMS: &[(&str, u16)] = &[
    ("RSAMD5", 1),
    ("DH", 2),
    ("DSA", 3),
    ("RSASHA1", 5),
    ("NSEC3DSA", 6),
    ("DSA-NSEC3-SHA1", 6),
    ("NSEC3RSASHA1", 7),
    ("RSASHA1-NSEC3-SHA1", 7),
    ("RSASHA256", 8),
    ("RSASHA512", 10),
    ("ECCGOST", 12),
    ("ECC-GOST", 12),
    ("ECDSAP256SHA256", 13),
    ("ECDSAP384SHA384", 14),
    ("ED25519", 15),
    ("ED448", 16),
    ("INDIRECT", 252),
    ("PRIVATEDNS", 253),
    ("PRIVATEOID", 254),
];

/// Mnemonics of certificate types (RFC 4398 §2.1).
pub(super) const CERT_TYPES: &[(&str, u16)] = &[
    ("PKIX", 1),
    ("SPKI", 2),
    ("PGP", 3),
    ("IPKIX", 4),
    ("ISPKI", 5),
    ("IPGP", 6),
    ("ACPKIX", 7),
    ("IACPKIX", 8),
    ("URI", 253),
    ("OID", 254),
];
