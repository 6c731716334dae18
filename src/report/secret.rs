//! Private keys are never shown: what stands between the armour of one, or begins as one does in base64, becomes `*`.

use std::borrow::Cow;
use std::ops::Range;

/// `text` with the octets of `range` replaced by `*`; line breaks stay, so that lines and offsets do.
pub(super) fn blank(text: &str, range: Range<usize>) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if range.contains(&at) && !matches!(c, '\n' | '\r') {
            out.extend(std::iter::repeat_n('*', c.len_utf8()));
        } else {
            out.push(c);
        }
    }
    out
}

/// `text` without the private keys in it, as long as it was.
pub(super) fn without_private_keys(text: &str) -> Cow<'_, str> {
    let mut ranges = armoured(text);
    ranges.extend(bare(text));
    if ranges.is_empty() {
        return Cow::Borrowed(text);
    }
    ranges.sort_by_key(|range| range.start);
    let mut ranges = ranges.into_iter().peekable();
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        while ranges.next_if(|range| range.end <= at).is_some() {}
        if ranges.peek().is_some_and(|range| range.contains(&at)) && !matches!(c, '\n' | '\r') {
            out.extend(std::iter::repeat_n('*', c.len_utf8()));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// What stands between `BEGIN … PRIVATE KEY` and its `END`, or the end of the text.
fn armoured(text: &str) -> Vec<Range<usize>> {
    const WORDS: &str = "PRIVATE KEY";
    let mut ranges = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(WORDS)).map(|at| from + at) {
        from = at + WORDS.len();
        let line = text.get(..at).unwrap_or_default();
        // "BEGIN RSA ", "BEGIN ENCRYPTED ": in the last few words before.
        let begins = line
            .rfind("BEGIN ")
            .is_some_and(|begin| at - begin <= 40 && !line.get(begin..).unwrap_or_default().contains('\n'));
        if !begins {
            continue;
        }
        let rest = text.get(from..).unwrap_or_default();
        // "PRIVATE KEY BLOCK-----" is PGP's.
        let head = rest.strip_prefix(" BLOCK").map_or(0, |_| " BLOCK".len());
        let dashes = rest.bytes().skip(head).take_while(|b| *b == b'-').count();
        let start = from + head + dashes;
        let end = text.get(start..).and_then(|body| body.find("-END ").or_else(|| body.find("- END "))).map_or(
            text.len(),
            |end| {
                let before = text.get(start..start + end).unwrap_or_default();
                start + before.trim_end_matches('-').len()
            },
        );
        ranges.push(start..end);
        from = end.max(from);
    }
    ranges
}

/// Base64 that begins as a private key in DER does: a SEQUENCE whose first member is a version number.
fn bare(text: &str) -> Vec<Range<usize>> {
    let octets = text.as_bytes();
    let mut ranges = Vec::new();
    let mut from = 0;
    while let Some(at) = octets.get(from..).and_then(|rest| rest.iter().position(|b| *b == b'M')).map(|at| from + at) {
        from = at + 1;
        if is_private_der(octets.get(at..).unwrap_or_default()) {
            let end = base64_end(octets, at);
            ranges.push(at..end);
            from = end;
        }
    }
    ranges
}

/// PKCS#1 and PKCS#8 with long and short lengths, and SEC 1: `30 82 LL LL 02 01 00`, `30 81 LL 02 01 00`, `30 LL 02 01 00 30`, `30 LL 02 01 01 04`.
fn is_private_der(text: &[u8]) -> bool {
    matches!(
        text,
        [b'M', b'I', b'I', _, _, b'A' | b'Q' | b'g' | b'w', b'I', b'B', b'A', ..]
            | [b'M', b'I', b'G' | b'H', _, b'A', b'g', b'E', b'A', ..]
            | [b'M', _, _, b'C', b'A', b'Q', b'A', b'w' | b'x', ..]
            | [b'M', _, _, b'C', b'A', b'Q', b'E', b'E', ..]
    )
}

/// The end of the base64 from `at`, on over line breaks and quotes as long as whole pieces of base64 follow.
fn base64_end(octets: &[u8], at: usize) -> usize {
    let is_base64 = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    let mut end = at;
    let mut next = at;
    loop {
        let piece = octets.get(next..).unwrap_or_default().iter().take_while(|b| is_base64(b)).count();
        // A short piece after a break is a word, unless it ends the text or its line.
        let after = octets.get(next + piece);
        if piece == 0 || (next > at && piece < 24 && !matches!(after, None | Some(b'\n' | b'\r' | b'"' | b'\''))) {
            return end;
        }
        end = next + piece;
        let gap = octets
            .get(end..)
            .unwrap_or_default()
            .iter()
            .take_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n' | b'"'))
            .count();
        next = end + gap;
        if gap == 0 {
            return end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_the_armour_is_blank_and_as_long_as_it_was() {
        let text = "a = 1\n-----BEGIN RSA PRIVATE KEY-----\r\nAbC=\r\n鍵\n-----END RSA PRIVATE KEY-----\nb = 2\n";
        let shown = without_private_keys(text);
        assert_eq!(
            shown,
            "a = 1\n-----BEGIN RSA PRIVATE KEY-----\r\n****\r\n***\n-----END RSA PRIVATE KEY-----\nb = 2\n"
        );
        assert_eq!(shown.len(), text.len());
    }

    #[test]
    fn without_an_end_all_that_follows_is_blank() {
        assert_eq!(without_private_keys("-----BEGIN PRIVATE KEY-----\nxy"), "-----BEGIN PRIVATE KEY-----\n**");
        assert_eq!(without_private_keys("-----BEGIN PRIVATE KEY-----\\nxy"), "-----BEGIN PRIVATE KEY-----****");
    }

    #[test]
    fn two_keys_and_the_text_between() {
        let key = "-----BEGIN EC PRIVATE KEY-----\nq\n-----END EC PRIVATE KEY-----\n";
        let text = format!("{key}between\n{key}");
        assert_eq!(without_private_keys(&text), text.replace("\nq\n", "\n*\n"));
    }

    #[test]
    fn bare_base64_of_private_keys_is_blank_and_of_public_keys_is_not() {
        // The beginnings that RFC 5208, 8017, 8410 and 5915 give for keys of the usual lengths.
        for private in [
            "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC",
            "MIIEpAIBAAKCAQEA",
            "MIICXAIBAAKBgQC",
            "MIGHAgEAMBMGByqGSM49",
            "MC4CAQAwBQYDK2VwBCIEI",
            "MHcCAQEEI",
        ] {
            let text = format!("p=\"{private}AAAA\"; x");
            assert_eq!(without_private_keys(&text), format!("p=\"{}\"; x", "*".repeat(private.len() + 4)), "{private}");
        }
        for public in
            ["MIIBIjANBgkqhkiG9w0BAQEFAAOC", "MIGfMA0GCSqGSIb3DQEBAQUA", "MIIBCgKCAQEA", "MCowBQYDK2VwAyEA", "MFwwDQYJ"]
        {
            assert_eq!(without_private_keys(public), public);
        }
    }

    #[test]
    fn a_key_over_several_lines_is_blank_to_its_end_and_the_sentence_after_it_stays() {
        let line = "A".repeat(64);
        let text = format!("MIIEvQIBADANBgkq\n{line}\nAB==\nthis is no key");
        let shown = without_private_keys(&text);
        assert!(shown.ends_with("\n****\nthis is no key"), "{shown}");
        assert!(!shown.contains('A'));
    }
}
