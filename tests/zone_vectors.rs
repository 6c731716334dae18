//! Vectors of names, character-strings and TXT splitting, computed with dnspython and Python's idna. Each file's count is asserted, so that
//! none is lost.
#![allow(
    clippy::unwrap_used,
    reason = "a test may stop; clippy does not see that helpers outside #[test] are tests too"
)]

use serde::{Deserialize, de::DeserializeOwned};
use zoneplan::zone::{Name, Rdata, Rtype, idn, text};

/// The vectors of a file, which must be `count`.
fn vectors<T: DeserializeOwned>(json: &str, count: usize) -> Vec<T> {
    let vectors: Vec<T> = serde_json::from_str(json).unwrap();
    assert_eq!(vectors.len(), count);
    vectors
}

#[test]
fn txt_split() {
    #[derive(Deserialize)]
    struct Vector {
        len: usize,
        chunks: Vec<usize>,
        rdlen: usize,
        ok: bool,
    }
    for vector in vectors::<Vector>(include_str!("vectors/txt_split.json"), 13) {
        let value: Vec<u8> = (0..=255).cycle().take(vector.len).collect();
        let chunks: Vec<usize> = text::split(&value, 255).map(<[u8]>::len).collect();
        assert_eq!(chunks, vector.chunks, "{}", vector.len);
        let rdata = Rdata::txt(&value);
        assert_eq!(rdata.is_ok(), vector.ok, "{}", vector.len);
        if let Ok(rdata) = rdata {
            assert_eq!(rdata.octets().len(), vector.rdlen, "{}", vector.len);
            assert_eq!(rdata.txt_joined(), value);
            assert_eq!(Rdata::parse(Rtype::TXT, rdata.present(Rtype::TXT), None), Ok(rdata));
        }
    }
}

#[test]
fn masterfile_txt() {
    #[derive(Deserialize)]
    struct Vector {
        text: String,
        strings_hex: Vec<String>,
        joined: String,
    }
    let hex = |octets: &Vec<u8>| octets.iter().map(|octet| format!("{octet:02x}")).collect::<String>();
    for vector in vectors::<Vector>(include_str!("vectors/masterfile_txt.json"), 14) {
        let strings = text::strings(&vector.text).unwrap();
        assert_eq!(strings.iter().map(hex).collect::<Vec<_>>(), vector.strings_hex, "{}", vector.text);
        let rdata = Rdata::parse(Rtype::TXT, &vector.text, None).unwrap();
        assert_eq!(rdata.txt_joined(), vector.joined.as_bytes(), "{}", vector.text);
        assert_eq!(text::strings(rdata.present(Rtype::TXT)).unwrap(), strings);
    }
}

#[test]
fn names() {
    #[derive(Deserialize)]
    struct Vector {
        prefix: String,
        suffix: String,
        name: String,
        wire_len: usize,
        ok: bool,
    }
    for vector in vectors::<Vector>(include_str!("vectors/names.json"), 7) {
        let whole = Name::parse_absolute(&vector.name);
        assert_eq!(whole.is_ok(), vector.ok, "{}", vector.name);
        let suffix = if vector.suffix.is_empty() { Ok(Name::root()) } else { Name::parse_absolute(&vector.suffix) };
        let joined = Name::parse_absolute(&vector.prefix).and_then(|prefix| prefix.join(&suffix?));
        assert_eq!(joined.clone().ok(), whole.clone().ok(), "{}", vector.name);
        assert_eq!(joined.map_err(|error| error.fault).err(), whole.clone().map_err(|error| error.fault).err());
        match whole {
            Ok(name) => {
                assert_eq!(name.wire_len(), vector.wire_len);
                assert_eq!(name.display_without_dot().to_string(), vector.name);
            }
            Err(error) => {
                let label = vector.name.split('.').map(str::len).max();
                let number = label.filter(|octets| *octets > 63).unwrap_or(vector.wire_len);
                assert!(error.text().en.starts_with(&format!("{number} ")), "{error}");
                assert!(error.text().ja.contains(&number.to_string()));
            }
        }
    }
}

#[test]
fn idn() {
    #[derive(Deserialize)]
    struct Vector {
        u: String,
        a: String,
    }
    for vector in vectors::<Vector>(include_str!("vectors/idn.json"), 8) {
        let converted = idn::to_ascii(&vector.u).unwrap();
        assert_eq!(converted.ascii, vector.a, "{}", vector.u);
        let full_width = vector.u.contains(['。', 'ｅ']);
        assert_eq!(!converted.mapped.is_empty(), full_width, "{}", vector.u);
        let shown = idn::to_unicode(&Name::parse_absolute(&vector.a).unwrap());
        assert_eq!(shown.as_deref(), (!full_width).then_some(vector.u.as_str()));
    }
}
