//! Record types: number and name, both ways, for every number there is (RFC 3597 §5). Knows nothing of what a type's data means.

use std::{fmt, str::FromStr};

use crate::{report::Text, say};

/// A record type (RFC 1035 §3.2.2). Shown as its name, or as `TYPEnnn` where it has none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rtype(pub u16);

/// One constant and one line of the table for each type, from the IANA registry "Resource Record (RR) TYPEs".
macro_rules! types {
    ($($constant:ident $name:literal $number:literal),+ $(,)?) => {
        impl Rtype {
            $(#[doc = concat!("`", $name, "`, ", $number, ".")] pub const $constant: Self = Self($number);)+
        }
        /// Number and name, in ascending order of the numbers.
        const TABLE: &[(u16, &str)] = &[$(($number, $name)),+];
    };
}

types! {
    A "A" 1, NS "NS" 2, MD "MD" 3, MF "MF" 4, CNAME "CNAME" 5, SOA "SOA" 6, MB "MB" 7, MG "MG" 8, MR "MR" 9, NULL "NULL" 10, WKS "WKS" 11,
    PTR "PTR" 12, HINFO "HINFO" 13, MINFO "MINFO" 14, MX "MX" 15, TXT "TXT" 16, RP "RP" 17, AFSDB "AFSDB" 18, X25 "X25" 19, ISDN "ISDN" 20,
    RT "RT" 21, NSAP "NSAP" 22, NSAP_PTR "NSAP-PTR" 23, SIG "SIG" 24, KEY "KEY" 25, PX "PX" 26, GPOS "GPOS" 27, AAAA "AAAA" 28, LOC "LOC" 29,
    NXT "NXT" 30, EID "EID" 31, NIMLOC "NIMLOC" 32, SRV "SRV" 33, ATMA "ATMA" 34, NAPTR "NAPTR" 35, KX "KX" 36, CERT "CERT" 37, A6 "A6" 38,
    DNAME "DNAME" 39, SINK "SINK" 40, OPT "OPT" 41, APL "APL" 42, DS "DS" 43, SSHFP "SSHFP" 44, IPSECKEY "IPSECKEY" 45, RRSIG "RRSIG" 46,
    NSEC "NSEC" 47, DNSKEY "DNSKEY" 48, DHCID "DHCID" 49, NSEC3 "NSEC3" 50, NSEC3PARAM "NSEC3PARAM" 51, TLSA "TLSA" 52, SMIMEA "SMIMEA" 53,
    HIP "HIP" 55, NINFO "NINFO" 56, RKEY "RKEY" 57, TALINK "TALINK" 58, CDS "CDS" 59, CDNSKEY "CDNSKEY" 60, OPENPGPKEY "OPENPGPKEY" 61,
    CSYNC "CSYNC" 62, ZONEMD "ZONEMD" 63, SVCB "SVCB" 64, HTTPS "HTTPS" 65, DSYNC "DSYNC" 66, HHIT "HHIT" 67,
    BRID "BRID" 68, SPF "SPF" 99, UINFO "UINFO" 100, UID "UID" 101, GID "GID" 102, UNSPEC "UNSPEC" 103, NID "NID" 104, L32 "L32" 105,
    L64 "L64" 106, LP "LP" 107, EUI48 "EUI48" 108, EUI64 "EUI64" 109, NXNAME "NXNAME" 128, TKEY "TKEY" 249, TSIG "TSIG" 250, IXFR "IXFR" 251, AXFR "AXFR" 252,
    MAILB "MAILB" 253, MAILA "MAILA" 254, ANY "ANY" 255, URI "URI" 256, CAA "CAA" 257, AVC "AVC" 258, DOA "DOA" 259, AMTRELAY "AMTRELAY" 260,
    RESINFO "RESINFO" 261, WALLET "WALLET" 262, CLA "CLA" 263, IPN "IPN" 264, TA "TA" 32768, DLV "DLV" 32769,
}

impl Rtype {
    /// Whether its data is text: strings that mean one value.
    #[must_use]
    pub fn is_text(self) -> bool {
        matches!(self, Self::TXT | Self::SPF)
    }

    /// A registered name or `TYPEnnn`, in either case of letters.
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        // What most zones have most of.
        match text {
            b"A" => return Some(Self::A),
            b"AAAA" => return Some(Self::AAAA),
            b"CNAME" => return Some(Self::CNAME),
            b"MX" => return Some(Self::MX),
            b"NS" => return Some(Self::NS),
            b"PTR" => return Some(Self::PTR),
            b"SRV" => return Some(Self::SRV),
            b"TXT" => return Some(Self::TXT),
            _ => {}
        }
        if let Some((number, _)) = TABLE.iter().find(|(_, name)| name.as_bytes().eq_ignore_ascii_case(text)) {
            return Some(Self(*number));
        }
        let (prefix, digits) = text.split_at_checked(4)?;
        // A plus sign is a number to `parse`, but not to RFC 3597.
        let valid = prefix.eq_ignore_ascii_case(b"TYPE") && digits.iter().all(u8::is_ascii_digit);
        std::str::from_utf8(digits).ok()?.parse().ok().filter(|_| valid).map(Self)
    }

    /// The registered name, if the number has one.
    #[must_use]
    pub fn mnemonic(self) -> Option<&'static str> {
        let at = TABLE.binary_search_by_key(&self.0, |(number, _)| *number).ok()?;
        TABLE.get(at).map(|(_, name)| *name)
    }

    /// Whether the number can only stand in a question or a message, never in a zone (RFC 6895 §3.1: QTYPEs and meta-types, and 0).
    #[must_use]
    pub fn is_meta(self) -> bool {
        matches!(self.0, 0 | 41 | 128..=255)
    }
}

impl fmt::Display for Rtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mnemonic() {
            Some(name) => f.pad(name),
            None => f.pad(&format!("TYPE{}", self.0)),
        }
    }
}

impl fmt::Debug for Rtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for Rtype {
    type Err = UnknownType;

    /// A registered name or `TYPEnnn`, in either case of letters.
    fn from_str(text: &str) -> Result<Self, UnknownType> {
        Self::read(text.as_bytes()).ok_or(UnknownType)
    }
}

/// The text is no record type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownType;

impl UnknownType {
    /// The sentence for people.
    #[must_use]
    pub fn text(self) -> Text {
        say!(
            en: "no such record type; a number is written TYPE0 to TYPE65535",
            ja: "このようなレコードの種類はありません。番号で書くときは TYPE0〜TYPE65535 です"
        )
    }
}

impl fmt::Display for UnknownType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for UnknownType {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_comes_back() {
        for number in 0..=u16::MAX {
            assert_eq!(Rtype(number).to_string().parse(), Ok(Rtype(number)));
        }
        assert!(TABLE.is_sorted_by_key(|(number, _)| *number));
    }

    #[test]
    fn names_and_numbers() {
        assert_eq!("txt".parse(), Ok(Rtype::TXT));
        assert_eq!("type16".parse(), Ok(Rtype::TXT));
        assert_eq!(Rtype(65280).to_string(), "TYPE65280");
        for bad in ["", "TYPE", "TYPE65536", "TYPE+1", "TYPE-1", "TXTX", "種類"] {
            assert_eq!(bad.parse::<Rtype>(), Err(UnknownType), "{bad}");
        }
        assert!(Rtype::ANY.is_meta() && Rtype::OPT.is_meta() && !Rtype::TXT.is_meta() && !Rtype::SPF.is_meta());
    }
}
