//! What the fuzz target holds zone text to (fuzz/body.rs), here with the snippets of tests/zone-text, whole and damaged.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may stop; clippy does not see that helpers outside #[test] are tests too"
)]

#[path = "../fuzz/body.rs"]
mod body;

use std::{fs, path::Path};

use proptest::{collection::vec, prelude::*, sample::Index};

/// The octets of every snippet.
fn snippets() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/zone-text");
    let mut paths: Vec<_> =
        fs::read_dir(folder).expect("tests/zone-text").map(|e| e.expect("an entry").path()).collect();
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        let table: toml::Table = toml::from_str(&fs::read_to_string(path).expect("UTF-8")).expect("TOML");
        for snippet in table["snippet"].as_array().expect("a list") {
            let text = snippet.get("text").and_then(toml::Value::as_str).unwrap_or_default();
            // The longest say nothing new, and every one is damaged many times.
            if text.len() < 4_000 {
                found.push(text.as_bytes().to_vec());
            }
        }
    }
    assert!(found.len() > 150);
    found
}

#[test]
fn snippets_as_they_are() {
    for snippet in snippets() {
        body::zone(&snippet);
    }
}

/// What is done to a text.
#[derive(Clone, Debug)]
enum Damage {
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Cut(Index, usize),
    /// A piece of another snippet.
    Splice(Index, Index, Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let octet = || prop_oneof![any::<u8>(), proptest::sample::select(&b"\"\\;()@$\n\r\t .#{}-0*"[..])];
    prop_oneof![
        (any::<Index>(), octet()).prop_map(|(at, octet)| Damage::Set(at, octet)),
        (any::<Index>(), vec(octet(), 1..5)).prop_map(|(at, octets)| Damage::Insert(at, octets)),
        (any::<Index>(), 1usize..20).prop_map(|(at, length)| Damage::Cut(at, length)),
        (any::<Index>(), any::<Index>(), any::<Index>()).prop_map(|(at, other, from)| Damage::Splice(at, other, from)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn snippets_damaged(which: Index, damages in vec(damage(), 1..8)) {
        thread_local! { static SNIPPETS: Vec<Vec<u8>> = snippets(); }
        let text = SNIPPETS.with(|snippets| {
            let mut text = snippets[which.index(snippets.len())].clone();
            for damage in damages {
                match damage {
                    Damage::Set(at, octet) if !text.is_empty() => {
                        let at = at.index(text.len());
                        text[at] = octet;
                    }
                    Damage::Insert(at, octets) => {
                        let at = at.index(text.len() + 1);
                        text.splice(at..at, octets);
                    }
                    Damage::Cut(at, length) => {
                        let at = at.index(text.len() + 1);
                        let end = text.len().min(at + length);
                        text.drain(at..end);
                    }
                    Damage::Splice(at, other, from) => {
                        let other = &snippets[other.index(snippets.len())];
                        let from = from.index(other.len() + 1);
                        let at = at.index(text.len() + 1);
                        text.splice(at..at, other[from..].iter().copied());
                    }
                    Damage::Set(..) => {}
                }
            }
            text
        });
        body::zone(&text);
    }
}
