//! What zoneplan writes, BIND reads and writes again, and zoneplan reads back: any octets of TXT, any names, random data of every type in the table.
//!
//! Needs `named-compilezone` and fails without it.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop; clippy does not see that helpers outside #[test] are tests too"
)]

#[path = "tools/bind.rs"]
mod bind;

use std::collections::BTreeSet;

use proptest::{collection::vec, prelude::*, sample::select};
use zoneplan::zone::{
    Name, Rdata, Record, Rtype,
    rdata::{Field, fields},
    text,
};

/// The zone every record is put in.
const ORIGIN: &str = "example.com";

fn origin() -> Name {
    Name::parse_absolute(ORIGIN).expect("a name")
}

/// A few processes with many records each: starting BIND is what takes time.
fn config() -> ProptestConfig {
    ProptestConfig { cases: 16, max_shrink_iters: 300, failure_persistence: None, ..ProptestConfig::default() }
}

/// The SOA that a zone has when the test has no other.
fn soa() -> Rdata {
    Rdata::parse(Rtype::SOA, "ns root 1 3600 600 86400 300", Some(&origin())).expect("an SOA")
}

/// Writes the records as a zone, lets BIND read and write it, and returns what it wrote, without the SOA and NS of the apex.
fn through_bind(soa: Rdata, records: &[Record]) -> Vec<Record> {
    let apex = |rtype, rdata| Record { name: origin(), rtype, ttl: 300, rdata };
    let mut zone = vec![
        apex(Rtype::SOA, soa),
        apex(Rtype::NS, Rdata::ns(&Name::parse_absolute("ns.example.net").expect("a name"))),
    ];
    zone.extend_from_slice(records);
    let mut got = bind::read(text::write(&zone, Some(&origin())).as_bytes(), ORIGIN);
    got.retain(|record| !(record.name == origin() && record.rtype == Rtype::NS));
    got
}

/// Checks that the records, whose owners are `r0`, `r1` and so on, come back the same.
fn assert_survive(rdatas: Vec<(Rtype, Rdata)>) {
    let record = |(index, (rtype, rdata)): (usize, (Rtype, Rdata))| Record {
        name: origin().child(format!("r{index}")).expect("a short label"),
        rtype,
        ttl: 300,
        rdata,
    };
    let mut wanted: Vec<Record> = rdatas.into_iter().enumerate().map(record).collect();
    let mut got = through_bind(soa(), &wanted);
    got.retain(|record| record.rtype != Rtype::SOA);
    wanted.sort_by(|left, right| left.name.cmp(&right.name));
    got.sort_by(|left, right| left.name.cmp(&right.name));
    assert_eq!(got.len(), wanted.len());
    for (got, wanted) in got.iter().zip(&wanted) {
        assert!(
            got.same_data(wanted) && got.ttl == wanted.ttl,
            "{}: {:?} became {:?}",
            wanted.rtype,
            wanted.rdata.present(wanted.rtype),
            got.rdata.present(got.rtype)
        );
        // TXT means the same however it is split; here even that may not change.
        assert_eq!(got.rdata.to_lowercase(got.rtype), wanted.rdata.to_lowercase(wanted.rtype));
    }
}

/// Any octets, those that mean something in zone text more often.
fn octets(length: impl Into<proptest::collection::SizeRange>) -> impl Strategy<Value = Vec<u8>> {
    vec(prop_oneof![any::<u8>(), select(&b"\\\";()@$. \t\r\n=,0129az"[..])], length)
}

/// A name of any octets that leaves room for `reserved` octets on the wire.
fn name(reserved: usize) -> impl Strategy<Value = Name> {
    vec(prop_oneof![octets(1..=63), octets(1..4)], 0..12).prop_map(move |mut labels| {
        while labels.iter().map(|label| label.len() + 1).sum::<usize>() + 1 + reserved > 255 {
            let _ = labels.pop();
        }
        Name::from_labels(labels).expect("a name within the limits")
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_octets_of_txt(values in vec(octets(0..700), 1..200)) {
        let rdatas = values.iter().map(|value| {
            let rdata = Rdata::txt(value).expect("within the limit");
            // The reader of character-strings alone, too.
            let strings = text::strings(rdata.present(Rtype::TXT)).expect("our own text");
            assert_eq!(&strings.concat(), value);
            (Rtype::TXT, rdata)
        });
        assert_survive(rdatas.collect());
    }

    #[test]
    fn any_strings_of_txt(values in vec(vec(octets(0..=255), 1..6), 1..100)) {
        let rdata = |strings: &Vec<Vec<u8>>| Rdata::txt_from_strings(strings.iter().map(Vec::as_slice)).expect("within the limit");
        assert_survive(values.iter().map(|strings| (Rtype::TXT, rdata(strings))).collect());
    }

    #[test]
    fn any_owner(names in vec(name(13), 1..200)) {
        let unique: BTreeSet<Name> = names.into_iter().filter(|name| !name.is_root()).map(|name| name.join(&origin()).expect("room was left")).collect();
        // Sorted as a set is, so the order of zones (RFC 4034) is held against BIND's as well.
        let records: Vec<Record> = unique.into_iter().enumerate().map(|(index, name)| Record {
            name, rtype: Rtype::TXT, ttl: 300, rdata: Rdata::txt(index.to_string().as_bytes()).expect("short"),
        }).collect();
        let mut got = through_bind(soa(), &records);
        got.retain(|record| record.rtype != Rtype::SOA);
        prop_assert_eq!(got.len(), records.len());
        for (got, wanted) in got.iter().zip(&records) {
            prop_assert!(got.same_data(wanted), "{} became {}", wanted.name, got.name);
        }
    }

    #[test]
    fn random_data_of_every_type(rdatas in vec(select(TYPES).prop_flat_map(|rtype| data(rtype).prop_map(move |data| (rtype, data))), 1..400)) {
        let rdata = |(rtype, octets): (Rtype, Vec<u8>)| {
            let rdata = Rdata::from_octets(octets).expect("within the limit");
            assert!(rdata.is_well_formed(rtype), "{rtype} {rdata:?}");
            let text = rdata.present(rtype);
            assert!(!text.starts_with("\\#"), "{rtype} {text}");
            assert_eq!(Rdata::parse(rtype, &text, None).as_ref(), Ok(&rdata), "{rtype} {text}");
            (rtype, rdata)
        };
        assert_survive(rdatas.into_iter().map(rdata).collect());
    }

    #[test]
    fn random_soa(data in data(Rtype::SOA)) {
        let wanted = Rdata::from_octets(data).expect("within the limit");
        let got = through_bind(wanted.clone(), &[]);
        prop_assert_eq!(got.len(), 1);
        prop_assert!(got.iter().all(|record| record.rtype == Rtype::SOA && record.rdata.means(&wanted, Rtype::SOA)));
    }

    #[test]
    fn unknown_types(values in vec((65_280u16..65_535, octets(0..300)), 1..100)) {
        assert_survive(values.into_iter().map(|(rtype, value)| (Rtype(rtype), Rdata::from_octets(value).expect("short"))).collect());
    }
}

/// Every type in the table but SOA, of which a zone has one.
const TYPES: &[Rtype] = &[
    Rtype::A,
    Rtype::AAAA,
    Rtype::NS,
    Rtype::CNAME,
    Rtype::DNAME,
    Rtype::MX,
    Rtype::TXT,
    Rtype::SPF,
    Rtype::PTR,
    Rtype::SRV,
    Rtype::NAPTR,
    Rtype::CAA,
    Rtype::TLSA,
    Rtype::SMIMEA,
    Rtype::SSHFP,
    Rtype::DS,
    Rtype::CDS,
    Rtype::DNSKEY,
    Rtype::CDNSKEY,
    Rtype::HINFO,
    Rtype::RP,
    Rtype::AFSDB,
    Rtype::URI,
    Rtype::CERT,
    Rtype::OPENPGPKEY,
    Rtype::LOC,
    Rtype::SVCB,
    Rtype::HTTPS,
    Rtype::RRSIG,
    Rtype::NSEC,
    Rtype::NSEC3,
    Rtype::NSEC3PARAM,
    Rtype::ZONEMD,
    Rtype::CSYNC,
    Rtype::DHCID,
    Rtype::KX,
    Rtype::LP,
    Rtype::RT,
    Rtype::PX,
    Rtype::MINFO,
    Rtype::TALINK,
    Rtype::MB,
    Rtype::MG,
    Rtype::MR,
    Rtype::NSAP_PTR,
    Rtype::AVC,
    Rtype::NINFO,
    Rtype::DLV,
    Rtype::TA,
    Rtype::RKEY,
    Rtype::L32,
];

/// BIND 9.18 runs "out of space" a little below the 65,279 octets that fit a record, and no message could carry them.
#[test]
fn a_very_long_txt() {
    let every_octet: Vec<u8> = (0..=255).cycle().take(65_000).collect();
    assert_survive(vec![(Rtype::TXT, Rdata::txt(&every_octet).expect("within the limit"))]);
}

#[test]
fn no_type_is_forgotten() {
    let known: BTreeSet<Rtype> =
        (0..=u16::MAX).map(Rtype).filter(|rtype| fields(*rtype).is_some() && *rtype != Rtype::SOA).collect();
    assert_eq!(known, TYPES.iter().copied().collect());
}

/// Random wire form of a type that BIND takes: it checks some fields against each other, which the table does not.
fn data(rtype: Rtype) -> BoxedStrategy<Vec<u8>> {
    let digest = |kinds: &'static [(u8, usize)]| {
        select(kinds).prop_flat_map(|(kind, length)| {
            vec(any::<u8>(), length).prop_map(move |octets| [vec![kind], octets].concat())
        })
    };
    match rtype {
        // A digest is as long as its kind says.
        Rtype::DS | Rtype::CDS | Rtype::DLV | Rtype::TA => {
            (any::<[u8; 2]>(), any::<u8>(), digest(&[(1, 20), (2, 32), (4, 48), (200, 7)]))
                .prop_map(|(tag, algorithm, digest)| [&tag[..], &[algorithm], &digest].concat())
                .boxed()
        }
        Rtype::SSHFP => (any::<u8>(), digest(&[(1, 20), (2, 32), (200, 7)]))
            .prop_map(|(algorithm, digest)| [&[algorithm][..], &digest].concat())
            .boxed(),
        // Flags that mean "no key", and algorithms whose key begins with a name or an object identifier, are left out.
        Rtype::DNSKEY | Rtype::CDNSKEY => (0u16..0x4000, 0u8..=252, vec(any::<u8>(), 4..300))
            .prop_map(|(flags, algorithm, key)| [&flags.to_be_bytes()[..], &[3, algorithm], &key].concat())
            .boxed(),
        // BIND holds algorithm, labels, signer and signature against each other.
        Rtype::RRSIG => (0u16..0xff00, any::<[u8; 14]>(), "[a-z]{1,20}", vec(any::<u8>(), 64..300))
            .prop_map(|(covered, numbers, signer, signature)| {
                let signer = Name::from_labels([signer]).expect("a short label");
                [&covered.to_be_bytes()[..], &[8, 2], &numbers, signer.as_wire(), &signature].concat()
            })
            .boxed(),
        Rtype::ZONEMD => (any::<[u8; 5]>(), digest(&[(1, 48), (2, 64), (200, 20)]))
            .prop_map(|(head, digest)| [&head[..], &digest].concat())
            .boxed(),
        // It has no flags.
        Rtype::RKEY => (0u8..=252, vec(any::<u8>(), 4..300))
            .prop_map(|(algorithm, key)| [&[0, 0, 3, algorithm], &key[..]].concat())
            .boxed(),
        // The regular expression must be one.
        Rtype::NAPTR => (
            any::<[u8; 4]>(),
            octets(0..=20),
            octets(0..=255),
            select(&["", "!^.*$!sip:a@b!", "/(x\\\\.y)\"/\\1/i"][..]),
            name(0),
        )
            .prop_map(|(numbers, flags, services, regexp, target)| {
                [&numbers[..], &string(&flags), &string(&services), &string(regexp.as_bytes()), target.as_wire()]
                    .concat()
            })
            .boxed(),
        Rtype::SVCB | Rtype::HTTPS => (1u16..9, name(0), params())
            .prop_map(|(priority, target, params)| [&priority.to_be_bytes()[..], target.as_wire(), &params].concat())
            .boxed(),
        _ => {
            let parts: Vec<_> = fields(rtype).expect("a type of the table").iter().map(|part| field(*part)).collect();
            parts.prop_map(|parts| parts.concat()).boxed()
        }
    }
}

/// Random octets of a field.
fn field(field: Field) -> BoxedStrategy<Vec<u8>> {
    match field {
        Field::U8 | Field::Algorithm => vec(any::<u8>(), 1).boxed(),
        Field::U16 | Field::CertType => vec(any::<u8>(), 2).boxed(),
        Field::U32 | Field::Ipv4 => vec(any::<u8>(), 4).boxed(),
        Field::Seconds => (0..=i32::MAX).prop_map(|seconds| seconds.to_be_bytes().to_vec()).boxed(),
        Field::Ipv6 => prop_oneof![vec(any::<u8>(), 16), vec(select(&[0u8, 0, 0, 255, 1][..]), 16)].boxed(),
        Field::Name => name(0).prop_map(|name| name.as_wire().to_vec()).boxed(),
        Field::String => octets(0..=255).prop_map(|octets| string(&octets)).boxed(),
        Field::Strings => {
            vec(octets(0..=255).prop_map(|octets| string(&octets)), 1..4).prop_map(|strings| strings.concat()).boxed()
        }
        Field::Tag => "[A-Za-z0-9]{1,15}".prop_map(|tag| string(tag.as_bytes())).boxed(),
        Field::Quoted => octets(1..500).boxed(),
        Field::Hex | Field::Base64 => vec(any::<u8>(), 1..300).boxed(),
        Field::Location => location().boxed(),
        Field::Params => params().boxed(),
        Field::Type => any::<u16>().prop_map(|rtype| rtype.to_be_bytes().to_vec()).boxed(),
        Field::Time => any::<u32>().prop_map(|time| time.to_be_bytes().to_vec()).boxed(),
        Field::Salt => vec(any::<u8>(), 0..=255).prop_map(|octets| string(&octets)).boxed(),
        Field::Hash => vec(any::<u8>(), 20).prop_map(|octets| string(&octets)).boxed(),
        Field::Types => types(1).boxed(),
        Field::AnyTypes => types(0).boxed(),
    }
}

/// Blocks of bits for at least so many types.
fn types(least: usize) -> impl Strategy<Value = Vec<u8>> {
    // BIND has names of its own for some of the last block.
    proptest::collection::btree_map(0u8..255, (0u8..32, 1u8..=255), least..4).prop_map(|blocks| {
        let block = |(window, (zeros, last)): (u8, (u8, u8))| {
            [&[window, zeros + 1][..], &vec![0; usize::from(zeros)], &[last]].concat()
        };
        blocks.into_iter().flat_map(block).collect()
    })
}

/// A character-string of at most 255 octets.
fn string(octets: &[u8]) -> Vec<u8> {
    [&[u8::try_from(octets.len()).expect("at most 255 octets")], octets].concat()
}

/// A LOC in version 0. No metres times a power of ten are no metres, so they have no power here.
fn location() -> impl Strategy<Value = Vec<u8>> {
    let size = || (0u8..=9, 0u8..=9).prop_map(|(digit, exponent)| if digit == 0 { 0 } else { digit << 4 | exponent });
    let angle = |degrees: i64| {
        (-degrees * 3_600_000..=degrees * 3_600_000)
            .prop_map(|angle| u32::try_from(angle + (1 << 31)).expect("within 32 bits"))
    };
    ([size(), size(), size()], angle(90), angle(180), any::<u32>()).prop_map(
        |(sizes, latitude, longitude, altitude)| {
            [&[0][..], &sizes, &latitude.to_be_bytes(), &longitude.to_be_bytes(), &altitude.to_be_bytes()].concat()
        },
    )
}

/// Service parameters that do not contradict each other.
fn params() -> impl Strategy<Value = Vec<u8>> {
    let alpn = vec(octets(1..20).prop_map(|octets| string(&octets)), 1..4).prop_map(|names| names.concat());
    let known = (
        proptest::option::of(alpn),
        proptest::option::of(any::<[u8; 2]>()),
        proptest::option::of(vec(any::<[u8; 4]>(), 1..4)),
        proptest::option::of(octets(1..50)),
        proptest::option::of(vec(any::<[u8; 16]>(), 1..4)),
        any::<[bool; 3]>(),
    );
    let unknown = proptest::collection::btree_map(9u16..65_535, octets(0..40), 0..4);
    (known, unknown).prop_map(|((alpn, port, ipv4, ech, ipv6, [mandatory, no_default, path]), unknown)| {
        let mut params: Vec<(u16, Vec<u8>)> = Vec::new();
        if no_default && alpn.is_some() {
            params.push((2, Vec::new()));
        }
        params.extend(alpn.map(|value| (1, value)));
        params.extend(port.map(|value| (3, value.to_vec())));
        params.extend(ipv4.map(|value| (4, value.concat())));
        params.extend(ech.map(|value| (5, value)));
        params.extend(ipv6.map(|value| (6, value.concat())));
        if path {
            params.push((7, b"/dns-query{?dns}".to_vec()));
        }
        params.extend(unknown);
        params.sort();
        if mandatory && !params.is_empty() {
            let keys = params.iter().flat_map(|(key, _)| key.to_be_bytes()).collect();
            params.insert(0, (0, keys));
        }
        let wire = |(key, value): &(u16, Vec<u8>)| {
            let length = u16::try_from(value.len()).expect("a short value");
            [&key.to_be_bytes()[..], &length.to_be_bytes(), value].concat()
        };
        params.iter().flat_map(wire).collect()
    })
}
