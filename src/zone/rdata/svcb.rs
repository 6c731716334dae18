//! The service parameters of SVCB and HTTPS (RFC 9460 §2). Keys 0 to 6 (§14.3.2) and 7 (RFC 9461) have their own forms; others are octets.

use std::{
    fmt::Write,
    net::{Ipv4Addr, Ipv6Addr},
    ops::Range,
};

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{RdataError, read::Words, strings_of};
use crate::{
    say,
    zone::{lex::Word, text},
};

const MANDATORY: u16 = 0;
const ALPN: u16 = 1;
const NO_DEFAULT_ALPN: u16 = 2;
const PORT: u16 = 3;
const IPV4_HINT: u16 = 4;
const ECH: u16 = 5;
const IPV6_HINT: u16 = 6;
const DOH_PATH: u16 = 7;

/// Names of the keys with a form of their own; the position is the number.
const NAMES: [&str; 8] = ["mandatory", "alpn", "no-default-alpn", "port", "ipv4hint", "ech", "ipv6hint", "dohpath"];

/// Reads the parameters that are left and sorts them by key (RFC 9460 §2.2).
pub(super) fn read(words: &mut Words<'_, '_>, out: &mut Vec<u8>) -> Result<(), RdataError> {
    let mut params: Vec<(u16, Vec<u8>, Range<usize>)> = Vec::new();
    while let Some(word) = words.optional() {
        let mut range = word.range();
        let (name, value) = match word.raw.iter().position(|octet| *octet == b'=') {
            Some(at) => (word.raw.get(..at).unwrap_or(&[]), word.raw.get(at + 1..)),
            None => (word.raw, None),
        };
        let wrong = |range: &Range<usize>| RdataError {
            range: range.clone(),
            text: say!(en: "this is no service parameter", ja: "サービスパラメーターとして読めません"),
        };
        let key = if word.quoted { None } else { key_number(name) };
        let key = key.ok_or_else(|| wrong(&range))?;
        // `key="value"`: the lexer ends a word at a quote, so the value is the word that follows without a gap.
        let value = match (value, words.peek()) {
            (Some([]), Some(quoted)) if quoted.quoted && quoted.start == range.end + 1 => {
                let _ = words.optional();
                range.end = quoted.range().end + 1;
                quoted.decode()?
            }
            (Some(raw), _) => Word { raw, quoted: false, start: range.end - raw.len() }.decode()?,
            (None, _) => [].as_slice().into(),
        };
        let generic = name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case(b"key"));
        let octets = if generic { Some(value.into_owned()) } else { value_octets(key, &value) };
        let octets = octets.filter(|octets| is_valid(key, octets)).ok_or_else(|| wrong(&range))?;
        if params.iter().any(|(other, ..)| *other == key) {
            let text = say!(en: "this parameter is given twice", ja: "このパラメーターが 2 回書かれています");
            return Err(RdataError { range, text });
        }
        params.push((key, octets, range));
    }
    params.sort_by_key(|(key, ..)| *key);
    let start = out.len();
    for (key, octets, range) in &params {
        let Ok(length) = u16::try_from(octets.len()) else {
            let length = octets.len();
            let text = say!(en: "{length} bytes; a parameter takes at most 65535", ja: "{length} バイトあります。パラメーターは 65535 バイトまでです");
            return Err(RdataError { range: range.clone(), text });
        };
        out.extend(key.to_be_bytes());
        out.extend(length.to_be_bytes());
        out.extend_from_slice(octets);
    }
    if split(out.get(start..).unwrap_or(&[])).is_none() {
        let range = params.first().map_or(0..0, |(_, _, range)| range.clone());
        let text = say!(
            en: "mandatory names a key that is not here, or no-default-alpn stands without alpn",
            ja: "mandatory に書いたキーがないか、no-default-alpn があるのに alpn がありません"
        );
        return Err(RdataError { range, text });
    }
    Ok(())
}

/// Presentation format; `None` if the octets are not valid parameters in ascending order.
pub(super) fn present(octets: &[u8]) -> Option<String> {
    let mut out = String::new();
    for (key, value) in split(octets)? {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&key_name(key));
        if value.is_empty() {
            continue;
        }
        out.push('=');
        match key {
            MANDATORY => {
                out.push_str(&join(value.chunks(2), |key| Some(key_name(u16::from_be_bytes(key.try_into().ok()?))))?)
            }
            ALPN => {
                let list = strings_of(value).map(escape_item).collect::<Vec<_>>().join(&b","[..]);
                text::quote_into(&list, &mut out);
            }
            PORT => {
                // Writing to a String cannot fail.
                let _ = write!(out, "{}", u16::from_be_bytes(value.try_into().ok()?));
            }
            IPV4_HINT => out.push_str(&join(value.chunks(4), |octets| {
                Some(Ipv4Addr::from(<[u8; 4]>::try_from(octets).ok()?).to_string())
            })?),
            IPV6_HINT => out.push_str(&join(value.chunks(16), |octets| {
                Some(Ipv6Addr::from(<[u8; 16]>::try_from(octets).ok()?).to_string())
            })?),
            ECH => STANDARD.encode_string(value, &mut out),
            _ => text::quote_into(value, &mut out),
        }
    }
    Some(out)
}

/// Each chunk shown, with commas between.
fn join<'a>(chunks: impl Iterator<Item = &'a [u8]>, show: impl Fn(&'a [u8]) -> Option<String>) -> Option<String> {
    Some(chunks.map(show).collect::<Option<Vec<_>>>()?.join(","))
}

/// The parameters on the wire; `None` if they are out of order, broken, or contradict each other.
fn split(octets: &[u8]) -> Option<Vec<(u16, &[u8])>> {
    let mut params: Vec<(u16, &[u8])> = Vec::new();
    let mut rest = octets;
    while let Some((&[a, b, c, d], after)) = rest.split_first_chunk() {
        let key = u16::from_be_bytes([a, b]);
        let (value, after) = after.split_at_checked(usize::from(u16::from_be_bytes([c, d])))?;
        if params.last().is_some_and(|(last, _)| *last >= key) || !is_valid(key, value) {
            return None;
        }
        params.push((key, value));
        rest = after;
    }
    let has = |key: u16| params.binary_search_by_key(&key, |(key, _)| *key).is_ok();
    // RFC 9460 §8: what is mandatory is there. §7.1.1: no-default-alpn needs alpn.
    let mandatory = params.first().filter(|(key, _)| *key == MANDATORY).map_or(&[][..], |(_, keys)| *keys);
    let all_there = mandatory.chunks(2).all(|key| key.try_into().is_ok_and(|key| has(u16::from_be_bytes(key))));
    (rest.is_empty() && all_there && (has(ALPN) || !has(NO_DEFAULT_ALPN))).then_some(params)
}

/// Whether the octets are a value of the key (RFC 9460 §7, §8).
fn is_valid(key: u16, value: &[u8]) -> bool {
    let length = value.len();
    match key {
        MANDATORY => {
            let keys: Vec<&[u8]> = value.chunks(2).collect();
            // Big-endian octets sort as the numbers do; strictly ascending from 1 also keeps `mandatory` itself out.
            length > 0
                && length.is_multiple_of(2)
                && keys.first() > Some(&&[0, 0][..])
                && keys.is_sorted_by(|left, right| left < right)
        }
        ALPN => {
            let mut total = 0;
            let filled = strings_of(value).all(|name| {
                total += 1 + name.len();
                !name.is_empty()
            });
            length > 0 && filled && total == length
        }
        NO_DEFAULT_ALPN => length == 0,
        PORT => length == 2,
        IPV4_HINT => length > 0 && length.is_multiple_of(4),
        IPV6_HINT => length > 0 && length.is_multiple_of(16),
        ECH | DOH_PATH => length > 0,
        _ => true,
    }
}

/// The octets of a value in its own form; escapes of the character-string are already undone.
fn value_octets(key: u16, value: &[u8]) -> Option<Vec<u8>> {
    let text = || std::str::from_utf8(value).ok();
    let mut out = Vec::new();
    match key {
        MANDATORY => {
            let mut keys = text()?.split(',').map(|name| key_number(name.as_bytes())).collect::<Option<Vec<u16>>>()?;
            keys.sort_unstable();
            out.extend(keys.iter().flat_map(|key| key.to_be_bytes()));
        }
        ALPN => {
            for item in split_items(value)? {
                out.push(u8::try_from(item.len()).ok()?);
                out.extend(item);
            }
        }
        PORT => {
            let digits = value.iter().all(u8::is_ascii_digit);
            out.extend(text()?.parse::<u16>().ok().filter(|_| digits)?.to_be_bytes());
        }
        IPV4_HINT => {
            for address in text()?.split(',') {
                out.extend(address.parse::<Ipv4Addr>().ok()?.octets());
            }
        }
        IPV6_HINT => {
            for address in text()?.split(',') {
                out.extend(address.parse::<Ipv6Addr>().ok()?.octets());
            }
        }
        ECH => out = STANDARD.decode(value).ok()?,
        _ => out.extend_from_slice(value),
    }
    Some(out)
}

/// The items of a comma-separated list, in which `\,` and `\\` are octets of an item (RFC 9460 App. A.1).
fn split_items(list: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut items = vec![Vec::new()];
    let mut octets = list.iter();
    while let Some(octet) = octets.next() {
        match octet {
            b',' => items.push(Vec::new()),
            b'\\' => items.last_mut()?.push(*octets.next()?),
            _ => items.last_mut()?.push(*octet),
        }
    }
    Some(items)
}

/// The reverse of [`split_items`] for one item.
fn escape_item(item: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(item.len());
    for octet in item {
        if matches!(octet, b',' | b'\\') {
            out.push(b'\\');
        }
        out.push(*octet);
    }
    out
}

/// A key's number: its name, or `keyNNNNN`.
fn key_number(name: &[u8]) -> Option<u16> {
    let name = std::str::from_utf8(name).ok()?;
    if let Some((number, _)) = (0..).zip(NAMES).find(|(_, known)| known.eq_ignore_ascii_case(name)) {
        return Some(number);
    }
    let (start, digits) = name.split_at_checked(3)?;
    let valid = start.eq_ignore_ascii_case("key") && digits.bytes().all(|octet| octet.is_ascii_digit());
    digits.parse().ok().filter(|_| valid)
}

/// A key's name, or `keyNNNNN`.
fn key_name(key: u16) -> String {
    NAMES.get(usize::from(key)).map_or_else(|| format!("key{key}"), |name| (*name).to_owned())
}
