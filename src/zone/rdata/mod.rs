//! A record's data: octets as on the wire, uncompressed, and what can be read out of them by type.
//!
//! `schema` has the one table of types; `read` and `print` walk it; `loc`, `svcb` and `dnssec` hold the forms that are more than a
//! word a field.
//! Knows nothing of what a TXT's text means.

mod dnssec;
mod loc;
mod print;
pub(super) mod read;
mod schema;
mod svcb;

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    ops::Range,
};

pub use schema::{Field, fields};

use super::{Name, Rtype, lex};
use crate::{report::Text, say};

/// Most octets of a record's data (RFC 1035 §3.2.1).
pub const RDATA_MAX: usize = 65_535;
/// Most octets of one character-string (RFC 1035 §3.3).
pub const STRING_MAX: usize = 255;
/// Most octets of text that a TXT can hold: 255 strings of 255 octets and one of 254, each with its length octet.
pub const TXT_MAX: usize = 65_279;

/// The data of one record, in uncompressed wire form. Which type it is data of, the caller knows.
///
/// `==` compares octets; [`Rdata::means`] compares what they say.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rdata {
    /// At most [`RDATA_MAX`].
    octets: Box<[u8]>,
}

impl Rdata {
    /// From wire form without compression; the octets need not fit any type. `None` over [`RDATA_MAX`].
    #[must_use]
    pub fn from_octets(octets: impl Into<Box<[u8]>>) -> Option<Self> {
        let octets = octets.into();
        (octets.len() <= RDATA_MAX).then_some(Self { octets })
    }

    /// The wire form, without compression.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// Reads presentation format: the data of one record, in several lines only inside parentheses. `\# length hex` (RFC 3597 §5) is
    /// taken for every type. Relative names are completed with `origin`.
    ///
    /// # Errors
    /// Whatever keeps the text from being data of this type, and where.
    pub fn parse(rtype: Rtype, text: impl AsRef<[u8]>, origin: Option<&Name>) -> Result<Self, RdataError> {
        let text = text.as_ref();
        let mut octets = Vec::new();
        read::read(rtype, &lex::words(text)?, text.len(), origin, None, &mut octets)?;
        Ok(Self { octets: octets.into() })
    }

    /// Octets that were read, within the limit.
    pub(super) fn of_read(octets: &[u8]) -> Self {
        Self { octets: octets.into() }
    }

    /// Presentation format in one line: names whole, with their final dot; strings in quotes. Octets that do not fit the type, and
    /// types that have no fields here, are written as `\# length hex` (RFC 3597 §5).
    #[must_use]
    pub fn present(&self, rtype: Rtype) -> String {
        print::present(rtype, &self.octets, None)
    }

    /// As [`Rdata::present`], but names below `origin` are written relative to it, and it as `@`.
    #[must_use]
    pub fn present_below(&self, rtype: Rtype, origin: &Name) -> String {
        print::present(rtype, &self.octets, Some(origin))
    }

    /// Whether the octets fit the type; always so for a type without fields here.
    #[must_use]
    pub fn is_well_formed(&self, rtype: Rtype) -> bool {
        fields(rtype).is_none() || schema::split(rtype, &self.octets).is_some()
    }

    /// The same data with names (RFC 4343) and CAA tags (RFC 8659 §4.1) in lower case.
    #[must_use]
    pub fn to_lowercase(&self, rtype: Rtype) -> Self {
        let mut octets = self.octets.clone();
        for part in schema::split(rtype, &self.octets).unwrap_or_default() {
            if matches!(part.field, Field::Name | Field::Tag)
                && let Some(octets) = octets.get_mut(part.range)
            {
                octets.make_ascii_lowercase();
            }
        }
        Self { octets }
    }

    /// Whether both say the same: names regardless of case, TXT and SPF by their joined octets, since hosts split strings anew.
    #[must_use]
    pub fn means(&self, other: &Self, rtype: Rtype) -> bool {
        match rtype {
            Rtype::TXT | Rtype::SPF => self.txt_joined() == other.txt_joined(),
            _ => self == other || self.to_lowercase(rtype) == other.to_lowercase(rtype),
        }
    }

    /// A TXT whose strings joined are `value`: split at 255 octets, one empty string for no octets, never an empty string at the end.
    ///
    /// # Errors
    /// Over [`TXT_MAX`] octets.
    pub fn txt(value: &[u8]) -> Result<Self, RdataError> {
        let length = value.len();
        if length > TXT_MAX {
            let text = say!(en: "{length} bytes of text; a TXT takes at most {TXT_MAX}", ja: "テキストが {length} バイトあります。TXT に入るのは {TXT_MAX} バイトまでです");
            return Err(RdataError { range: 0..length, text });
        }
        Self::txt_from_strings(super::text::split(value, STRING_MAX))
    }

    /// A TXT of these strings as they are.
    ///
    /// # Errors
    /// No string, one over 255 octets, or too much in all. The range counts octets of the strings joined.
    pub fn txt_from_strings<'a>(strings: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, RdataError> {
        let mut octets = Vec::new();
        let mut at = 0;
        for string in strings {
            let range = at..at + string.len();
            at = range.end;
            let Ok(length) = u8::try_from(string.len()) else {
                let length = string.len();
                let text = say!(en: "{length} bytes in one string; at most 255 fit", ja: "1 つの文字列が {length} バイトあります。255 バイトまでです");
                return Err(RdataError { range, text });
            };
            octets.push(length);
            octets.extend_from_slice(string);
        }
        if octets.is_empty() {
            return Err(RdataError {
                range: 0..0,
                text: say!(en: "a TXT has at least one string", ja: "TXT には文字列が 1 つ以上必要です"),
            });
        }
        let length = octets.len();
        Self::from_octets(octets).ok_or_else(|| {
            let text = say!(en: "{length} bytes of data; a record takes at most {RDATA_MAX}", ja: "データが {length} バイトあります。1 レコードは {RDATA_MAX} バイトまでです");
            RdataError { range: 0..at, text }
        })
    }

    /// The strings of a TXT or SPF. Ends where the octets are broken.
    pub fn txt_strings(&self) -> impl Iterator<Item = &[u8]> {
        strings_of(&self.octets)
    }

    /// The strings of a TXT or SPF joined without anything between, as readers of SPF, DKIM and DMARC do.
    #[must_use]
    pub fn txt_joined(&self) -> Vec<u8> {
        self.txt_strings().flatten().copied().collect()
    }

    /// An A.
    #[must_use]
    pub fn a(address: Ipv4Addr) -> Self {
        Self { octets: address.octets().into() }
    }

    /// An AAAA.
    #[must_use]
    pub fn aaaa(address: Ipv6Addr) -> Self {
        Self { octets: address.octets().into() }
    }

    /// A CNAME.
    #[must_use]
    pub fn cname(target: &Name) -> Self {
        Self { octets: target.as_wire().into() }
    }

    /// An NS.
    #[must_use]
    pub fn ns(host: &Name) -> Self {
        Self::cname(host)
    }

    /// An MX.
    #[must_use]
    pub fn mx(preference: u16, host: &Name) -> Self {
        Self { octets: [&preference.to_be_bytes(), host.as_wire()].concat().into() }
    }

    /// An SRV (RFC 2782).
    #[must_use]
    pub fn srv(priority: u16, weight: u16, port: u16, host: &Name) -> Self {
        Self {
            octets: [&priority.to_be_bytes(), &weight.to_be_bytes(), &port.to_be_bytes(), host.as_wire()]
                .concat()
                .into(),
        }
    }

    /// The address of an A or AAAA.
    #[must_use]
    pub fn as_address(&self, rtype: Rtype) -> Option<IpAddr> {
        match rtype {
            Rtype::A => Some(IpAddr::from(<[u8; 4]>::try_from(self.octets()).ok()?)),
            Rtype::AAAA => Some(IpAddr::from(<[u8; 16]>::try_from(self.octets()).ok()?)),
            _ => None,
        }
    }

    /// The one name that a CNAME, DNAME, NS, PTR, MX, AFSDB, SRV, NAPTR, SVCB or HTTPS points to. `None` for other types and broken octets.
    #[must_use]
    pub fn target(&self, rtype: Rtype) -> Option<Name> {
        match rtype {
            Rtype::CNAME
            | Rtype::DNAME
            | Rtype::NS
            | Rtype::PTR
            | Rtype::MX
            | Rtype::AFSDB
            | Rtype::SRV
            | Rtype::NAPTR
            | Rtype::SVCB
            | Rtype::HTTPS => {
                let parts = schema::split(rtype, &self.octets)?;
                Name::from_wire(parts.iter().find(|part| part.field == Field::Name)?.octets)
            }
            _ => None,
        }
    }

    /// Preference and host of an MX.
    #[must_use]
    pub fn as_mx(&self) -> Option<(u16, Name)> {
        let (preference, host) = self.octets.split_first_chunk()?;
        Some((u16::from_be_bytes(*preference), Name::from_wire(host)?))
    }

    /// Priority, weight, port and host of an SRV.
    #[must_use]
    pub fn as_srv(&self) -> Option<(u16, u16, u16, Name)> {
        let (&[a, b, c, d, e, f], host) = self.octets.split_first_chunk()?;
        Some((
            u16::from_be_bytes([a, b]),
            u16::from_be_bytes([c, d]),
            u16::from_be_bytes([e, f]),
            Name::from_wire(host)?,
        ))
    }

    /// Flags, tag (in the case it was written) and value of a CAA.
    #[must_use]
    pub fn as_caa(&self) -> Option<(u8, &str, &[u8])> {
        let (&[flags, length], rest) = self.octets.split_first_chunk()?;
        let (tag, value) = rest.split_at_checked(usize::from(length))?;
        let tag = std::str::from_utf8(tag).ok().filter(|tag| schema::is_tag(tag.as_bytes()))?;
        Some((flags, tag, value))
    }

    /// Usage, selector, matching type and association data of a TLSA or SMIMEA.
    #[must_use]
    pub fn as_tlsa(&self) -> Option<(u8, u8, u8, &[u8])> {
        let (&[usage, selector, matching], data) = self.octets.split_first_chunk()?;
        Some((usage, selector, matching, data))
    }

    /// The fields of an SOA.
    #[must_use]
    pub fn as_soa(&self) -> Option<Soa> {
        let (mname, rest) = Name::split_wire(&self.octets)?;
        let (rname, rest) = Name::split_wire(rest)?;
        let mut numbers = rest.chunks(4).map(|octets| octets.try_into().ok().map(u32::from_be_bytes));
        let mut next = || numbers.next().flatten();
        let soa =
            Soa { mname, rname, serial: next()?, refresh: next()?, retry: next()?, expire: next()?, minimum: next()? };
        (rest.len() == 20).then_some(soa)
    }
}

/// Octets, so that a failing test shows them; what they mean needs the type.
impl fmt::Debug for Rdata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rdata({})", self.octets.escape_ascii())
    }
}

/// The fields of an SOA (RFC 1035 §3.3.13). Times are in seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Soa {
    /// The primary name server.
    pub mname: Name,
    /// The mailbox of who is responsible, with a dot for its `@`.
    pub rname: Name,
    /// Version of the zone; compared by RFC 1982.
    pub serial: u32,
    /// Between two looks of a secondary for a new version.
    pub refresh: u32,
    /// Between two such looks after one failed.
    pub retry: u32,
    /// After which a secondary that reaches nobody stops answering.
    pub expire: u32,
    /// How long "there is no such record" is kept (RFC 2308 §4).
    pub minimum: u32,
}

/// The character-strings in the octets; ends where they are broken.
fn strings_of(octets: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = octets;
    std::iter::from_fn(move || {
        let (length, after) = rest.split_first()?;
        let (string, after) = after.split_at_checked(usize::from(*length))?;
        rest = after;
        Some(string)
    })
}

/// Why text or octets are not a record's data, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RdataError {
    /// Octets of the text that was read; empty at its end where something is missing.
    pub range: Range<usize>,
    /// The sentence for people.
    pub text: Text,
}

impl fmt::Display for RdataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text.en)
    }
}

impl std::error::Error for RdataError {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*, sample::select};

    fn parse(rtype: Rtype, text: &str) -> Result<Rdata, RdataError> {
        Rdata::parse(rtype, text, Some(&Name::parse_absolute("example.jp").unwrap()))
    }

    /// Each line: type, text as people write it, text as zoneplan writes it.
    #[test]
    fn one_line_of_each_type() {
        for (rtype, text, printed) in [
            ("A", "192.0.2.1", "192.0.2.1"),
            ("AAAA", "2001:DB8:0::1", "2001:db8::1"),
            ("NS", "ns1", "ns1.example.jp."),
            (
                "SOA",
                "@ root ( 2024010101 ; serial\n 3H 1h 1w 1h )",
                "example.jp. root.example.jp. 2024010101 10800 3600 604800 3600",
            ),
            ("CNAME", "Shop.Example.net.", "Shop.Example.net."),
            ("DNAME", r"a\.b.net.", r"a\.b.net."),
            ("MX", "10 @", "10 example.jp."),
            ("TXT", r#"a "b;c" d\"e "\227\129\130""#, r#""a" "b;c" "d\"e" "\227\129\130""#),
            ("SPF", "v=spf1", "\"v=spf1\""),
            ("PTR", ".", "."),
            ("SRV", "0 0 443 .", "0 0 443 ."),
            ("NAPTR", r#"100 50 "s" "" "!^.*$!\\1!" _x"#, r#"100 50 "s" "" "!^.*$!\\1!" _x.example.jp."#),
            ("CAA", r#"128 Issue ";""#, r#"128 Issue ";""#),
            ("CAA", r#"0 issue """#, r#"0 issue """#),
            ("TLSA", "3 1 1 (ab CD\n ef)", "3 1 1 ABCDEF"),
            ("SMIMEA", "3 0 0 00", "3 0 0 00"),
            ("SSHFP", "4 2 0a", "4 2 0A"),
            ("DS", "1 RSASHA256 2 00", "1 8 2 00"),
            ("CDS", "0 0 0 00", "0 0 0 00"),
            ("DNSKEY", "257 3 ed25519 AA ==", "257 3 15 AA=="),
            ("CDNSKEY", "0 3 0 AA==", "0 3 0 AA=="),
            ("HINFO", "PC \"Linux 6\"", "\"PC\" \"Linux 6\""),
            ("RP", "info .", "info.example.jp. ."),
            ("AFSDB", "1 afs", "1 afs.example.jp."),
            ("URI", "10 1 \"https://example.jp/\"", "10 1 \"https://example.jp/\""),
            ("CERT", "PGP 0 0 AQID", "3 0 0 AQID"),
            ("OPENPGPKEY", "AQ ID", "AQID"),
            ("LOC", "35 39 29.16 N 139 44 28.88 E 40m", "35 39 29.160 N 139 44 28.880 E 40.00m 1.00m 10000.00m 10.00m"),
            ("LOC", "35 s 139 44 w -12.5 0.5 25 3m", "35 0 0.000 S 139 44 0.000 W -12.50m 0.50m 20.00m 3.00m"),
            ("SVCB", "0 svc", "0 svc.example.jp."),
            (
                "HTTPS",
                r#"1 . port=443 ipv4hint=192.0.2.1,192.0.2.2 alpn="h2,f\\\\o\\,b" ipv6hint=::1 mandatory=port,alpn no-default-alpn ech=AQ== key667="a\210b""#,
                r#"1 . mandatory=alpn,port alpn="h2,f\\\\o\\,b" no-default-alpn port=443 ipv4hint=192.0.2.1,192.0.2.2 ech=AQ== ipv6hint=::1 key667="a\210b""#,
            ),
            (
                "RRSIG",
                "txt RSASHA256 3 3600 20260401000000 1772323200 60485 @ AQ ID",
                "TXT 8 3 3600 20260401000000 20260301000000 60485 example.jp. AQID",
            ),
            ("NSEC", "b TYPE65280 A txt mx a", "b.example.jp. A MX TXT TYPE65280"),
            ("NSEC3", "1 0 5 abCD cpnmuoj1e8 NS", "1 0 5 ABCD CPNMUOJ1E8 NS"),
            ("NSEC3", "1 1 0 - CO", "1 1 0 - CO"),
            ("NSEC3PARAM", "1 0 0 -", "1 0 0 -"),
            ("ZONEMD", "1 1 1 (00 11)", "1 1 1 0011"),
            ("CSYNC", "66 3 A NS AAAA", "66 3 A NS AAAA"),
            ("KX", "10 a", "10 a.example.jp."),
            ("MINFO", "a b.", "a.example.jp. b."),
            ("TYPE65280", r"\# 3 ab cd01", r"\# 3 ABCD01"),
            ("TYPE65280", r"\# 0", r"\# 0"),
            ("A", r"\# 4 c0000201", "192.0.2.1"),
            ("TXT", r"\# 2 0161", "\"a\""),
        ] {
            let rtype = rtype.parse().unwrap();
            let rdata = parse(rtype, text).unwrap_or_else(|error| panic!("{rtype} {text}: {error} {:?}", error.range));
            assert_eq!(rdata.present(rtype), printed, "{rtype}");
            assert_eq!(Rdata::parse(rtype, printed, None).unwrap(), rdata, "{rtype}");
            assert!(rdata.is_well_formed(rtype));
        }
    }

    #[test]
    fn errors_point_at_the_place() {
        let long = "a".repeat(256);
        for (rtype, text, range, words) in [
            ("A", "192.0.2", 0..7, "IPv4"),
            ("A", "192.0.2.1 x", 10..11, "ends here"),
            ("MX", "10", 2..2, "domain name is missing"),
            ("MX", "65536 a", 0..5, "0 to 65535"),
            ("MX", "+1 a", 0..2, "0 to 65535"),
            ("MX", r"1 a\300", 3..7, "three digits"),
            ("TXT", "", 0..0, "missing"),
            ("TXT", "; only a comment", 16..16, "missing"),
            ("TXT", "\"abc", 0..4, "quotes"),
            ("TXT", "\"a\nb\"", 0..2, "quotes"),
            ("TXT", "(a", 0..1, "never closed"),
            ("TXT", "a)", 1..2, "closes nothing"),
            ("TXT", "a\nb", 2..3, "ends with its line"),
            ("TXT", "a \"b\\25x\"", 4..8, "three digits"),
            ("TXT", "a\\", 1..2, "three digits"),
            ("TXT", &long, 0..256, "256 bytes"),
            ("CAA", "128 issue ;", 11..11, "string in quotes is missing"),
            ("TLSA", "3 1 1 abc", 6..9, "hexadecimal"),
            ("OPENPGPKEY", "AQI", 0..3, "base64"),
            ("TYPE731", "abc", 0..3, "TYPE731"),
            ("TYPE731", r"\# 2 00", 5..7, "1 bytes, but 2"),
            ("A", r"\# 3 000000", 0..11, "not the data of A"),
            ("HTTPS", "1 . port=1 port=2", 11..17, "twice"),
            ("HTTPS", "1 . mandatory=port", 4..18, "mandatory"),
            ("HTTPS", "1 . port=+1", 4..11, "no service parameter"),
            ("LOC", "90 0 0.001 N 0 E 0", 11..12, "latitude"),
            ("SOA", "a b 1 2 3 4 5x", 12..14, "unit"),
        ] {
            let error = parse(rtype.parse().unwrap(), text).unwrap_err();
            assert_eq!(error.range, range, "{rtype} {text}: {error}");
            assert!(error.text.en.contains(words), "{rtype} {text}: {error}");
        }
    }

    #[test]
    fn octets_that_fit_no_type_are_printed_as_octets() {
        for (rtype, octets) in [
            (Rtype::TXT, &b""[..]),
            (Rtype::TXT, b"\x05abc"),
            (Rtype::MX, b"\0\x0a"),
            (Rtype::A, b"abc"),
            (Rtype::CAA, b"\0\x01-"),
            (Rtype::HTTPS, b"\0\x01\0\0"),
        ] {
            let rdata = Rdata::from_octets(octets).unwrap();
            assert!(rdata.present(rtype).starts_with(r"\# "), "{rtype}");
            assert!(!rdata.is_well_formed(rtype));
        }
    }

    #[test]
    fn views() {
        let host = Name::parse_absolute("Mail.example.jp").unwrap();
        assert_eq!(Rdata::mx(10, &host).as_mx(), Some((10, host.clone())));
        assert_eq!(Rdata::mx(10, &host).target(Rtype::MX), Some(host.clone()));
        assert_eq!(Rdata::srv(1, 2, 3, &host).as_srv(), Some((1, 2, 3, host.clone())));
        assert_eq!(parse(Rtype::HTTPS, "1 mail alpn=h2").unwrap().target(Rtype::HTTPS), Some(host.clone()));
        assert_eq!(parse(Rtype::NAPTR, "1 2 a b c mail").unwrap().target(Rtype::NAPTR), Some(host.clone()));
        assert_eq!(Rdata::cname(&host).target(Rtype::TXT), None);
        assert_eq!(
            parse(Rtype::CAA, "0 iodef \"mailto:a@b\"").unwrap().as_caa(),
            Some((0, "iodef", &b"mailto:a@b"[..]))
        );
        assert_eq!(parse(Rtype::TLSA, "3 1 1 00ff").unwrap().as_tlsa(), Some((3, 1, 1, &[0, 255][..])));
        assert_eq!(
            parse(Rtype::SOA, "a b 1 2 3 4 5").unwrap().as_soa().map(|soa| (soa.serial, soa.minimum)),
            Some((1, 5))
        );
        assert_eq!(parse(Rtype::AAAA, "::1").unwrap().as_address(Rtype::AAAA), "::1".parse().ok());
    }

    #[test]
    fn the_same_meaning() {
        let txt = |text| parse(Rtype::TXT, text).unwrap();
        assert!(txt(r#""abc" "def""#).means(&txt("abcdef"), Rtype::TXT));
        assert!(!txt(r#""abc " "def""#).means(&txt("abcdef"), Rtype::TXT) && !txt("A").means(&txt("a"), Rtype::TXT));
        let (upper, lower) = (parse(Rtype::MX, "10 MAIL").unwrap(), parse(Rtype::MX, "10 mail").unwrap());
        assert!(upper != lower && upper.means(&lower, Rtype::MX));
    }

    #[test]
    fn txt_limits() {
        let strings =
            |length: usize| Rdata::txt(&vec![b'a'; length]).unwrap().txt_strings().map(<[u8]>::len).collect::<Vec<_>>();
        assert_eq!(strings(0), [0]);
        assert_eq!(strings(510), [255, 255]);
        assert_eq!(Rdata::txt(&vec![0; TXT_MAX]).unwrap().octets().len(), RDATA_MAX);
        assert!(Rdata::txt(&vec![0; TXT_MAX + 1]).unwrap_err().text.en.starts_with("65280 bytes"));
        assert!(Rdata::txt_from_strings([]).is_err() && Rdata::txt_from_strings([&[0; 256][..]]).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

        /// Text of pieces that mean something: nothing panics, and what is read is printed so that it is read again.
        #[test]
        fn hostile_text(pieces in vec(select(&[" ", "\t", "\n", "\r\n", "(", ")", ";", "\"", "\\", "\\#", "\\032", "\\300", "\\9", "\0", "@", ".", "..", "a", "_x", "例", "=",
            ",", "0", "1", "255", "65535", "4294967296", "-1", "1w2d", "192.0.2.1", "::1", "N", "S", "E", "W", "12.5m", "alpn=", "port=", "mandatory=", "key0=", "key9=", "ipv4hint=",
            "h2", "AQ==", "ff", "fff", "issue"][..]), 0..24), rtype in 0u16..70, spaced: bool) {
            let rtype = Rtype(rtype);
            let text = pieces.join(if spaced { " " } else { "" });
            let origin = Name::parse_absolute("example.jp").unwrap();
            let _ = crate::zone::idn::to_ascii(&text);
            let _ = crate::zone::Ttl::parse(&text);
            if let Ok(name) = Name::parse(&text, Some(&origin)) {
                prop_assert_eq!(Name::parse(name.to_string(), None), Ok(name));
            }
            match Rdata::parse(rtype, &text, Some(&origin)) {
                Ok(rdata) => prop_assert_eq!(Rdata::parse(rtype, rdata.present(rtype), None), Ok(rdata)),
                Err(error) => prop_assert!(error.range.start <= error.range.end && error.range.end <= text.len(), "{:?}", error),
            }
        }

        /// Octets that claim to be of a type: nothing panics, and those that fit come back.
        #[test]
        fn hostile_octets(octets in vec(prop_oneof![0u8..6, any::<u8>()], 0..60), rtype in select(&[1u16, 2, 6, 15, 16, 28, 29, 33, 35, 37, 43, 48, 52, 64, 65, 256, 257, 999][..])) {
            let (rtype, rdata) = (Rtype(rtype), Rdata::from_octets(octets).unwrap());
            let _ = (rdata.as_mx(), rdata.as_srv(), rdata.as_caa(), rdata.as_tlsa(), rdata.as_soa(), rdata.target(rtype), rdata.as_address(rtype), rdata.txt_joined());
            let _ = crate::zone::wire::answer_size(&Name::root(), rtype, std::slice::from_ref(&rdata));
            let text = rdata.present(rtype);
            prop_assert!(text.bytes().all(|octet| (b' '..=b'~').contains(&octet)), "{}", text);
            if rdata.is_well_formed(rtype) && rtype != Rtype::LOC {
                prop_assert_eq!(Rdata::parse(rtype, text, None), Ok(rdata));
            }
        }
    }
}
