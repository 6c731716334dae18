//! As much DER (X.690) as a public key needs: definite lengths, one-octet tags. Knows nothing of keys.

/// INTEGER.
pub(super) const INTEGER: u8 = 0x02;
/// BIT STRING.
pub(super) const BIT_STRING: u8 = 0x03;
/// NULL.
pub(super) const NULL: u8 = 0x05;
/// OBJECT IDENTIFIER.
pub(super) const OID: u8 = 0x06;
/// SEQUENCE.
pub(super) const SEQUENCE: u8 = 0x30;
/// `[0]`, constructed: with it the version of a certificate begins.
pub(super) const CONTEXT_0: u8 = 0xA0;

/// The tag and length octets of an element, whether or not its content is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The tag.
    pub(super) tag: u8,
    /// Octets of tag and length.
    pub(super) octets: usize,
    /// Octets of the content, as declared.
    pub(super) content: usize,
}

/// The header at the start of `input`; none where it is cut, or not in the shortest form that DER demands (X.690 §10.1).
pub(super) fn header(input: &[u8]) -> Option<Header> {
    let (&tag, rest) = input.split_first()?;
    let (&first, rest) = rest.split_first()?;
    if first < 0x80 {
        return Some(Header { tag, octets: 2, content: usize::from(first) });
    }
    // Three length octets say 16 MiB: no key needs more.
    let count = usize::from(first & 0x7F);
    let digits = rest.get(..count).filter(|_| (1..=3).contains(&count))?;
    let content = digits.iter().fold(0, |sum, &digit| sum << 8 | usize::from(digit));
    let shortest = content >= 0x80 && digits.first() != Some(&0);
    shortest.then_some(Header { tag, octets: 2 + count, content })
}

/// Takes the element of this tag from the front of `input`: its content. Leaves `input` alone where there is none.
pub(super) fn take<'a>(input: &mut &'a [u8], tag: u8) -> Option<&'a [u8]> {
    let header = header(input).filter(|header| header.tag == tag)?;
    let content = input.get(header.octets..header.octets + header.content)?;
    *input = input.get(header.octets + header.content..)?;
    Some(content)
}

/// Appends an element.
pub(super) fn put(out: &mut Vec<u8>, tag: u8, content: &[u8]) {
    out.push(tag);
    let length = content.len();
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let digits: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|&digit| digit == 0).collect();
            out.push(0x80 | u8::try_from(digits.len()).unwrap_or(8));
            out.extend(digits);
        }
    }
    out.extend_from_slice(content);
}

#[cfg(test)]
mod tests {
    use super::*;

    // Lengths by X.690 §8.1.3: 0x7F is one octet, 0x80 is 81 80, 0x0100 is 82 01 00; DER forbids 81 7F and 82 00 80.
    #[test]
    fn lengths() {
        let content = |input: &[u8]| header(input).map(|header| header.content);
        assert_eq!(content(&[0x30, 0x7F]), Some(127));
        assert_eq!(content(&[0x30, 0x81, 0x80]), Some(128));
        assert_eq!(content(&[0x30, 0x82, 0x01, 0x00]), Some(256));
        for bad in [
            &[0x30][..],
            &[],
            &[0x30, 0x80],
            &[0x30, 0x81],
            &[0x30, 0x81, 0x7F],
            &[0x30, 0x82, 0x00, 0x80],
            &[0x30, 0x84, 1, 0, 0, 0],
        ] {
            assert_eq!(header(bad), None, "{bad:02x?}");
        }
        for length in [0, 1, 127, 128, 255, 256, 70_000] {
            let mut out = Vec::new();
            put(&mut out, BIT_STRING, &vec![7; length]);
            let mut rest = &out[..];
            assert_eq!(take(&mut rest, BIT_STRING).map(<[u8]>::len), Some(length));
            assert!(rest.is_empty());
        }
    }
}
