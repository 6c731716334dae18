//! Zone text: writing records one a line, and reading and writing character-strings (RFC 1035 §5.1). Knows no files and no origin but a given one.

use std::fmt::Write;

use super::{Name, Rdata, Record, Rtype, lex, rdata::RdataError};

/// The records, one a line: owner, TTL, class, type, data. Owners are written relative to `origin` where they are below it, and whole
/// otherwise; names in the data are always whole. The order is kept. An `$ORIGIN` line, if wanted, is the caller's.
#[must_use]
pub fn write(records: &[Record], origin: Option<&Name>) -> String {
    let mut out = String::new();
    let form = Form { owners: origin, data: None };
    for record in records {
        form.line(&record.name, Some(record.ttl), record.rtype, &record.rdata, &mut out);
    }
    out
}

/// How names are written in zone text. With neither they are whole, and the text means the same under any `$ORIGIN`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Form<'o> {
    /// What owners below it are written relative to.
    pub owners: Option<&'o Name>,
    /// What names in the data below it are written relative to.
    pub data: Option<&'o Name>,
}

impl Form<'_> {
    /// Appends one record as one line: owner, TTL if there is one, class, type, data. Strings are as they are in the data, so at most 255 octets.
    /// Data that fits its type is read back as it was; data that does not is written as octets, which no reader takes for that type.
    pub fn line(&self, name: &Name, ttl: Option<u32>, rtype: Rtype, rdata: &Rdata, out: &mut String) {
        let owner = self.owners.and_then(|origin| name.relative_to(origin));
        out.push_str(&owner.unwrap_or_else(|| name.to_string()));
        // Writing to a String cannot fail.
        if let Some(ttl) = ttl {
            let _ = write!(out, " {ttl}");
        }
        let data = match self.data {
            Some(origin) => rdata.present_below(rtype, origin),
            None => rdata.present(rtype),
        };
        let _ = writeln!(out, " IN {rtype} {data}");
    }
}

/// One character-string in quotes: `"` and `\` behind a backslash, what is not printable ASCII as `\DDD`.
#[must_use]
pub fn quote(octets: &[u8]) -> String {
    let mut out = String::with_capacity(octets.len() + 2);
    quote_into(octets, &mut out);
    out
}

/// As [`quote`], appended.
pub(super) fn quote_into(octets: &[u8], out: &mut String) {
    out.push('"');
    for &octet in octets {
        match octet {
            b'"' | b'\\' => {
                out.push('\\');
                out.push(char::from(octet));
            }
            0x20..=0x7e => out.push(char::from(octet)),
            _ => {
                let _ = write!(out, "\\{octet:03}");
            }
        }
    }
    out.push('"');
}

/// The character-strings of text such as a TXT's data in zone text: in quotes or not, `\DDD` and `\X`, comments, several lines in
/// parentheses. Strings over 255 octets are not refused here, since people paste them; [`Rdata::parse`](super::Rdata::parse) does.
///
/// # Errors
/// Quotes or parentheses that are not closed, a broken escape, a second line outside parentheses; and where.
pub fn strings(text: impl AsRef<[u8]>) -> Result<Vec<Vec<u8>>, RdataError> {
    lex::words(text.as_ref())?.iter().map(|word| Ok(word.decode()?.into_owned())).collect()
}

/// Cuts `value` into pieces that are at most `most` characters between the quotes of [`quote`], where escapes count as what they are written
/// with; at least one octet a piece.
pub fn split_quoted(value: &[u8], most: usize) -> Vec<&[u8]> {
    let width = |octet: u8| match octet {
        b'"' | b'\\' => 2,
        0x20..=0x7e => 1,
        _ => 4,
    };
    let mut pieces = Vec::new();
    let mut rest = value;
    loop {
        let mut length = 0;
        let fits = rest.iter().take_while(|octet| {
            length += width(**octet);
            length <= most
        });
        let cut = fits.count().max(1);
        let Some((piece, after)) = rest.split_at_checked(cut).filter(|(_, after)| !after.is_empty()) else { break };
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

/// Cuts `value` into pieces of `most` octets; the last may be shorter, but is empty only if `value` is. A `most` of 0 is taken as 1.
pub fn split(value: &[u8], most: usize) -> impl Iterator<Item = &[u8]> {
    // `chunks` of nothing is nothing, but a TXT has at least one string.
    let empty = value.is_empty().then_some(value);
    empty.into_iter().chain(value.chunks(most.max(1)))
}

/// Cuts `value` for people to read: behind the last space that lets the piece be at most `most` octets, else at `most`. The space stays, so that
/// the pieces joined are `value`.
#[must_use]
pub fn split_at_spaces(value: &[u8], most: usize) -> Vec<&[u8]> {
    let most = most.max(1);
    let mut pieces = Vec::new();
    let mut rest = value;
    while let Some((full, _)) = rest.split_at_checked(most).filter(|(_, after)| !after.is_empty()) {
        let end = full.iter().rposition(|octet| *octet == b' ').map_or(most, |space| space + 1);
        let Some((piece, after)) = rest.split_at_checked(end) else {
            break;
        };
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escape_is_one_octet() {
        let value = [&[b'a'; 254][..], b"\"\\x"].concat();
        let rdata = Rdata::txt(&value).unwrap();
        assert_eq!(rdata.txt_strings().map(<[u8]>::len).collect::<Vec<_>>(), [255, 2]);
        assert_eq!(rdata.present(Rtype::TXT), format!(r#""{}\"" "\\x""#, "a".repeat(254)));
    }

    #[test]
    fn pieces() {
        let lengths = |value: &[u8], most| split(value, most).map(<[u8]>::len).collect::<Vec<_>>();
        assert_eq!(lengths(b"", 127), [0]);
        assert_eq!(lengths(&[b'a'; 254], 127), [127, 127]);
        assert_eq!(
            split_at_spaces(b"v=spf1 include:a include:bcd -all", 16),
            [&b"v=spf1 "[..], b"include:a ", b"include:bcd -all"]
        );
        assert_eq!(split_at_spaces(b"abcdef", 4), [&b"abcd"[..], b"ef"]);
        assert_eq!(split_at_spaces(b"", 4), [b""]);
        assert_eq!(split_at_spaces(b"abcd", 4), [b"abcd"]);
    }

    #[test]
    fn escapes_count_as_written() {
        let cut = |value: &[u8], most| split_quoted(value, most).into_iter().map(<[u8]>::to_vec).collect::<Vec<_>>();
        assert_eq!(cut(b"abc\"d", 4), [&b"abc"[..], b"\"d"]);
        assert_eq!(cut(b"a\xff\xffb", 5), [&b"a\xff"[..], b"\xffb"]);
        assert_eq!(cut(b"\xff", 1), [b"\xff"]);
        assert_eq!(cut(b"", 5), [b""]);
        assert_eq!(cut(&[b'a'; 510], 255).iter().map(Vec::len).collect::<Vec<_>>(), [255, 255]);
    }

    #[test]
    fn character_strings_of_genkey() {
        let text = "( \"v=DKIM1; k=rsa; \"\n\t  \"p=AA\" )  ; ----- DKIM key s1 for example.jp\n\n";
        assert_eq!(strings(text).unwrap(), [&b"v=DKIM1; k=rsa; "[..], b"p=AA"]);
        assert_eq!(strings("a(b)c;d").unwrap(), [b"a", b"b", b"c"]);
        assert_eq!(strings("a\"b\"c").unwrap(), [b"a", b"b", b"c"]);
        assert_eq!(strings("\\(\\;\\ \\\"").unwrap(), [b"(; \""]);
        assert_eq!(strings("\"全角\"").unwrap(), ["全角".as_bytes()]);
        assert_eq!(strings("").unwrap(), Vec::<Vec<u8>>::new());
    }

    #[test]
    fn lines() {
        let name = |text: &str| Name::parse_absolute(text).unwrap();
        let record = |owner: &str| Record {
            name: name(owner),
            rtype: Rtype::TXT,
            ttl: 3600,
            rdata: Rdata::txt(b"a b").unwrap(),
        };
        let records = [record("example.jp"), record("www.example.jp"), record("example.net")];
        assert_eq!(
            write(&records, Some(&name("example.jp"))),
            "@ 3600 IN TXT \"a b\"\nwww 3600 IN TXT \"a b\"\nexample.net. 3600 IN TXT \"a b\"\n"
        );
        assert_eq!(write(&records[..1], None), "example.jp. 3600 IN TXT \"a b\"\n");
    }
}
