//! Master files, as people have them, to records (RFC 1035 §5.1, RFC 2308 §4, RFC 3597 §5). What cannot be read is told and left out; the
//! rest is read. Knows no files: `$INCLUDE` is told, never followed.
//!
//! Nothing is put under a name that is a guess: behind an `$ORIGIN` or an owner that cannot be read, whatever depends on it is a fault too.

use std::{borrow::Cow, ops::Range};

use super::{
    Name, Rdata, RdataError, Record, Rtype, Ttl,
    lex::{Item, Lexer, Word},
    rtype::UnknownType,
};
use crate::{report::Text, say};

/// Most faults that are kept; of the others only the number is.
pub const FAULTS_MAX: usize = 100;
/// Most records that are read. A line of six octets can stand for two names of 255, so the size of the text alone is no bound for memory.
pub const RECORDS_MAX: usize = 100_000;
/// Most words of one entry: the data of a record is at most 65,535 octets, so twice as many hexadecimal digits, were each a word of its own.
const WORDS_MAX: usize = 140_000;
/// How often a parenthesis may be sought to the end of the text in vain. Afterwards parentheses hold within a line only, so that the time
/// stays linear.
const NEVER_CLOSED_MAX: usize = 8;

/// What a master file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MasterFile {
    /// The records in the order of the file, those outside of the origin too.
    pub records: Vec<MasterRecord>,
    /// What was not read, in the order of the file: at most [`FAULTS_MAX`], and one that says where reading stopped.
    pub faults: Vec<MasterFault>,
    /// How many more faults there are.
    pub more_faults: usize,
}

/// One record of class IN, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MasterRecord {
    /// The owner.
    pub name: Name,
    /// The type.
    pub rtype: Rtype,
    /// The time to live in seconds: its own, else that of `$TTL`, else the last one stated (RFC 1035 §5.1), else an SOA's minimum for the SOA and what
    /// follows, as name servers do. `None` where the file says none of these.
    pub ttl: Option<u32>,
    /// The data.
    pub rdata: Rdata,
    /// The line it begins in, from 1. A line ends with LF, CR LF or a CR alone.
    pub line: usize,
    /// Octets of the text: its whole lines with their comments, without the last line break.
    pub range: Range<usize>,
}

impl MasterRecord {
    /// The record, with `ttl` where the file gives none.
    #[must_use]
    pub fn into_record(self, ttl: u32) -> Record {
        Record { name: self.name, rtype: self.rtype, ttl: self.ttl.unwrap_or(ttl), rdata: self.rdata }
    }
}

/// Something that was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MasterFault {
    /// What is wrong, in octets of the text; empty where something is missing.
    pub range: Range<usize>,
    /// The line in which `range` begins, from 1.
    pub line: usize,
    /// The sentence for people.
    pub text: Text,
}

impl MasterFile {
    /// Reads `text`; `origin` holds until the file names another. Octets above 127 are kept as they are.
    #[must_use]
    pub fn read(text: &[u8], origin: &Name) -> Self {
        let mut reader = Reader {
            origin: Some(origin.clone()),
            owner: None,
            default_ttl: None,
            last_ttl: None,
            never_closed: 0,
            file: Self::default(),
        };
        if text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff") {
            let text = say!(en: "this is UTF-16; save it as UTF-8", ja: "UTF-16 で保存されています。UTF-8 で保存し直してください");
            reader.fault(RdataError { range: 0..2, text }, 1);
        } else {
            reader.entries(&with_line_feeds(text));
        }
        reader.file
    }
}

/// The mark that some editors put at the beginning of UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Where the text begins behind a byte order mark.
fn beginning(text: &[u8]) -> usize {
    if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 }
}

/// The text with LF for each CR that stands alone, so that every place stays where it is.
fn with_line_feeds(text: &[u8]) -> Cow<'_, [u8]> {
    let alone = |at: usize| text.get(at) == Some(&b'\r') && text.get(at + 1) != Some(&b'\n');
    if !(0..text.len()).any(alone) {
        return Cow::Borrowed(text);
    }
    text.iter().enumerate().map(|(at, octet)| if alone(at) { b'\n' } else { *octet }).collect()
}

/// Where the line that `at` is in ends: at its LF, or at the end of the text.
fn line_end(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or(&[]);
    rest.iter().position(|octet| *octet == b'\n').map_or(text.len(), |length| at + length)
}

/// How many lines end in `range`.
fn line_breaks(text: &[u8], range: Range<usize>) -> usize {
    text.get(range).unwrap_or(&[]).iter().filter(|octet| **octet == b'\n').count()
}

/// One entry: a record or a directive, cut but not yet understood.
struct Entry<'w, 'a> {
    /// Its words, up to the first fault.
    words: &'w [Word<'a>],
    /// Whether its line begins with a space or tab.
    blank: bool,
    /// Where its last word ends.
    end: usize,
    /// What is wrong with quotes, parentheses or single octets.
    fault: Option<RdataError>,
}

/// What is known at some place of the file.
struct Reader {
    /// What relative names are relative to; `None` behind an `$ORIGIN` that cannot be read.
    origin: Option<Name>,
    /// The last owner; `None` if there was none, or it cannot be read.
    owner: Option<Name>,
    /// From `$TTL`, or the minimum of an SOA where nothing else was known.
    default_ttl: Option<u32>,
    /// The last one that a record stated.
    last_ttl: Option<u32>,
    /// How many parentheses were sought to the end in vain.
    never_closed: usize,
    /// What was read.
    file: MasterFile,
}

impl Reader {
    /// Reads entry for entry.
    fn entries(&mut self, text: &[u8]) {
        let (mut at, mut line) = (beginning(text), 1);
        let mut words = Vec::new();
        while at < text.len() {
            words.clear();
            let (next, fault) = self.cut(text, at, &mut words);
            let entry = Entry {
                words: &words,
                blank: matches!(text.get(at), Some(b' ' | b'\t')),
                end: words.last().map_or(at, |word| word.range().end + usize::from(word.quoted)),
                fault,
            };
            if !entry.words.is_empty() || entry.fault.is_some() {
                let lines = text.get(at..next).unwrap_or(&[]);
                let lines = lines.strip_suffix(b"\n").unwrap_or(lines);
                let range = at..at + lines.strip_suffix(b"\r").unwrap_or(lines).len();
                match self.entry(entry, line, range) {
                    Err(fault) => {
                        let markup = words.first().filter(|word| word.raw.starts_with(b"<") && self.nothing_read());
                        let fault = markup.map_or(fault, no_zone_file);
                        let line = line + line_breaks(text, at..fault.range.start);
                        self.fault(fault, line);
                        // Prose between the tags could look like records.
                        if markup.is_some() {
                            return;
                        }
                    }
                    Ok(()) if self.file.records.len() > RECORDS_MAX => {
                        self.file.records.truncate(RECORDS_MAX);
                        self.file.faults.push(MasterFault {
                            range: at..at,
                            line,
                            text: say!(
                                en: "more than {RECORDS_MAX} records; from here on nothing is read",
                                ja: "レコードが {RECORDS_MAX} 件を超えています。ここから先は読みません"
                            ),
                        });
                        return;
                    }
                    Ok(()) => {}
                }
            }
            line += line_breaks(text, at..next);
            at = next;
        }
    }

    /// Cuts the entry that begins at `start` into words. Returns where the next begins, and the first fault. Behind a fault it is still cut, so
    /// that what a parenthesis holds together is left out together.
    fn cut<'a>(&mut self, text: &'a [u8], start: usize, words: &mut Vec<Word<'a>>) -> (usize, Option<RdataError>) {
        let only_line = (self.never_closed >= NEVER_CLOSED_MAX).then(|| line_end(text, start));
        let mut lexer = Lexer::new(only_line.and_then(|end| text.get(..end)).unwrap_or(text), start);
        let mut fault: Option<RdataError> = None;
        let next = loop {
            match lexer.next() {
                Ok(Some(Item::Word(word))) if fault.is_none() => {
                    fault = if words.len() < WORDS_MAX { strange(&word) } else { Some(too_long(&word)) };
                    if fault.is_none() {
                        words.push(word);
                    }
                }
                Ok(Some(Item::Word(_))) => {}
                Ok(Some(Item::Line) | None) => break lexer.at(),
                Err(error) => {
                    fault.get_or_insert(error);
                    if let Some(parenthesis) = lexer.never_closed() {
                        self.never_closed += 1;
                        break line_end(text, parenthesis) + 1;
                    }
                }
            }
        };
        (only_line.map_or(next, |end| end + 1).min(text.len()), fault)
    }

    /// Whether there is neither record nor fault yet.
    fn nothing_read(&self) -> bool {
        self.file.records.is_empty() && self.file.faults.is_empty()
    }

    /// Keeps a fault, or counts it.
    fn fault(&mut self, fault: RdataError, line: usize) {
        if self.file.faults.len() < FAULTS_MAX {
            self.file.faults.push(MasterFault { range: fault.range, line, text: fault.text });
        } else {
            self.file.more_faults += 1;
        }
    }

    /// Reads one entry; `line` and `range` are its own.
    fn entry(&mut self, entry: Entry<'_, '_>, line: usize, range: Range<usize>) -> Result<(), RdataError> {
        if let Some((word, values)) = entry.words.split_first()
            && !word.quoted
            && word.raw.starts_with(b"$")
        {
            return self.directive(word, values, entry.fault);
        }
        let mut rest = entry.words;
        let mut owner = None;
        if !entry.blank {
            // If this one cannot be read, the lines below must not get the one before.
            self.owner = None;
            if let Some((word, after)) = entry.words.split_first() {
                rest = after;
                owner = Some(name(word, self.origin.as_ref()));
            }
        }
        let header = self.header(&mut rest, &entry);
        // What stands before a type is an owner, even if the data cannot be read; else the line may be the rest of a broken string.
        if let (Some(Ok(owner)), Ok(_)) = (&owner, &header) {
            self.owner = Some(owner.clone());
        }
        entry.fault.map_or(Ok(()), Err)?;
        owner.transpose()?;
        let (rtype, ttl) = header?;
        let Some(name) = self.owner.clone() else {
            let text = say!(
                en: "the line begins with a space, so its owner is that of the record above, which is not known",
                ja: "行が空白で始まっているので、名前は上のレコードと同じですが、それが分かりません"
            );
            return Err(RdataError { range: range.start..entry.end, text });
        };
        let rdata = Rdata::from_words(rtype, rest, entry.end, self.origin.as_ref())?;
        let mut ttl = ttl.or(self.default_ttl).or(self.last_ttl);
        if ttl.is_none()
            && let Some(soa) = rdata.as_soa().filter(|_| rtype == Rtype::SOA)
        {
            ttl = Ttl::from_seconds(soa.minimum).map(Ttl::seconds);
            self.default_ttl = ttl;
        }
        self.file.records.push(MasterRecord { name, rtype, ttl, rdata, line, range });
        Ok(())
    }

    /// Takes TTL and class, in either order and both optional, and the type.
    fn header(&mut self, rest: &mut &[Word<'_>], entry: &Entry<'_, '_>) -> Result<(Rtype, Option<u32>), RdataError> {
        let (mut ttl, mut class) = (None, false);
        while let Some((word, after)) = rest.split_first() {
            let first = entry.blank && rest.len() == entry.words.len();
            *rest = after;
            let text = if word.quoted { Cow::Borrowed("\"") } else { String::from_utf8_lossy(word.raw) };
            if ttl.is_none() && text.starts_with(|c: char| c.is_ascii_digit()) {
                match Ttl::parse_zone(&text) {
                    Ok(seconds) => ttl = Some(seconds.seconds()),
                    // An address where the type should be is no TTL gone wrong.
                    Err(_) if !text.bytes().all(|octet| octet.is_ascii_alphanumeric()) => {
                        return Err(RdataError { range: word.range(), text: no_type(first) });
                    }
                    Err(error) => {
                        self.last_ttl = None;
                        return Err(RdataError { range: word.range(), text: error.text() });
                    }
                }
            } else if let Some(is_internet) = internet(&text).filter(|_| !class) {
                if !is_internet {
                    let text =
                        say!(en: "only records of class IN are read", ja: "読めるのはクラス IN のレコードだけです");
                    return Err(RdataError { range: word.range(), text });
                }
                class = true;
            } else {
                let rtype: Rtype =
                    text.parse().map_err(|_| RdataError { range: word.range(), text: no_type(first) })?;
                if rtype.is_meta() {
                    let text = say!(en: "{rtype} cannot stand in a zone", ja: "{rtype} はゾーンに書けない種類です");
                    return Err(RdataError { range: word.range(), text });
                }
                self.last_ttl = ttl.or(self.last_ttl);
                return Ok((rtype, ttl));
            }
        }
        let text = say!(en: "a record type such as A or TXT is missing here", ja: "ここに A や TXT のようなレコードの種類が必要です");
        Err(RdataError { range: entry.end..entry.end, text })
    }

    /// Carries out `$ORIGIN` and `$TTL`. What they set is forgotten first: if it cannot be read, the one before does not hold any more.
    fn directive(&mut self, word: &Word<'_>, values: &[Word<'_>], fault: Option<RdataError>) -> Result<(), RdataError> {
        let fault = fault.map_or(Ok(()), Err);
        let is = |name: &str| word.raw.eq_ignore_ascii_case(name.as_bytes());
        if is("$ORIGIN") {
            let before = self.origin.take();
            fault?;
            let value = only(word, values)?;
            self.origin = Some(name(value, before.as_ref())?);
            return Ok(());
        }
        if is("$TTL") {
            (self.default_ttl, self.last_ttl) = (None, None);
            fault?;
            let value = only(word, values)?;
            let ttl = Ttl::parse_zone(&String::from_utf8_lossy(value.raw));
            let ttl = ttl.map_err(|error| RdataError { range: value.range(), text: error.text() })?;
            self.default_ttl = Some(ttl.seconds());
            return Ok(());
        }
        fault?;
        let text = if is("$INCLUDE") {
            say!(
                en: "$INCLUDE is not followed; the records of that file are missing here",
                ja: "$INCLUDE のファイルは読みません。その中のレコードは含まれません"
            )
        } else if is("$GENERATE") {
            say!(
                en: "$GENERATE is not carried out; its records are missing here",
                ja: "$GENERATE は展開しません。そのレコードは含まれません"
            )
        } else {
            say!(en: "no such directive; there are $ORIGIN and $TTL", ja: "このような指定はありません。使えるのは $ORIGIN と $TTL です")
        };
        Err(RdataError { range: word.range(), text })
    }
}

/// A name, relative to `origin` if it has no final dot.
fn name(word: &Word<'_>, origin: Option<&Name>) -> Result<Name, RdataError> {
    Name::parse(word.raw, origin).map_err(|error| RdataError {
        range: word.start + error.range.start..word.start + error.range.end,
        text: error.text(),
    })
}

/// The one value of a directive.
fn only<'w, 'a>(directive: &Word<'a>, values: &'w [Word<'a>]) -> Result<&'w Word<'a>, RdataError> {
    let range = match values {
        [value] => return Ok(value),
        [] => directive.range().end..directive.range().end,
        [_, second, ..] => second.range(),
    };
    let text = say!(en: "$ORIGIN and $TTL take one value each", ja: "$ORIGIN と $TTL のあとに書く値は 1 つです");
    Err(RdataError { range, text })
}

/// Whether a class is IN; `None` if the text is no class (RFC 1035 §3.2.4, RFC 2136 §1.3, RFC 3597 §5). ANY is left to the types.
fn internet(text: &str) -> Option<bool> {
    let is = |name: &&str| text.eq_ignore_ascii_case(name);
    if ["IN", "CLASS1"].iter().any(is) {
        return Some(true);
    }
    let number = text.split_at_checked(5).filter(|(prefix, _)| prefix.eq_ignore_ascii_case("CLASS"));
    let numbered =
        number.is_some_and(|(_, number)| !number.is_empty() && number.bytes().all(|octet| octet.is_ascii_digit()));
    (numbered || ["CS", "CH", "CHAOS", "HS", "HESIOD", "NONE"].iter().any(is)).then_some(false)
}

/// There is something else where the type should be; `first` if it is the first word of a line that begins with a space.
fn no_type(first: bool) -> Text {
    if first {
        say!(
            en: "no such record type; the line begins with a space, so it has no owner of its own",
            ja: "このようなレコードの種類はありません。行が空白で始まっているので、名前のない行として読んでいます"
        )
    } else {
        UnknownType.text()
    }
}

/// A control character, or a byte order mark in the middle of the text.
fn strange(word: &Word<'_>) -> Option<RdataError> {
    let control = |octet: &u8| octet.is_ascii_control() && *octet != b'\t';
    if let Some((at, octet)) = word.raw.iter().enumerate().find(|(_, octet)| control(octet)) {
        let at = word.start + at;
        let text =
            say!(en: "the control character U+{octet:04X} stands here", ja: "ここに制御文字 U+{octet:04X} があります");
        return Some(RdataError { range: at..at + 1, text });
    }
    word.raw.starts_with(BYTE_ORDER_MARK).then(|| RdataError {
        range: word.start..word.start + BYTE_ORDER_MARK.len(),
        text: say!(
            en: "an invisible byte order mark stands here; delete it",
            ja: "ここに見えない文字（BOM）があります。削除してください"
        ),
    })
}

/// The first entry is no record and begins with a tag.
fn no_zone_file(word: &Word<'_>) -> RdataError {
    RdataError {
        range: word.range(),
        text: say!(en: "this is HTML or XML, not a zone file", ja: "これは HTML か XML です。ゾーンファイルではありません"),
    }
}

/// There are more words than any record has.
fn too_long(word: &Word<'_>) -> RdataError {
    let text = say!(en: "no record has more than {WORDS_MAX} words", ja: "1 レコードの語は {WORDS_MAX} 個までです");
    RdataError { range: word.range(), text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::{rdata::fields, text};
    use proptest::{collection::vec, prelude::*, sample::select};

    fn origin() -> Name {
        Name::parse_absolute("example.com").unwrap()
    }

    fn read(text: impl AsRef<[u8]>) -> MasterFile {
        MasterFile::read(text.as_ref(), &origin())
    }

    /// Owner, TTL, type and data of each record; there are no faults.
    fn records(text: impl AsRef<[u8]>) -> Vec<String> {
        let file = read(text);
        assert_eq!(file.faults, []);
        file.records.iter().map(shown).collect()
    }

    fn shown(record: &MasterRecord) -> String {
        let ttl = record.ttl.map_or("-".to_owned(), |ttl| ttl.to_string());
        format!("{} {ttl} {} {}", record.name, record.rtype, record.rdata.present(record.rtype))
    }

    /// Line, the place, and the beginning of the sentence of each fault.
    fn faults(text: &str) -> Vec<(usize, &str, String)> {
        let file = read(text);
        let fault =
            |fault: MasterFault| (fault.line, text.get(fault.range).unwrap(), fault.text.en.chars().take(24).collect());
        file.faults.into_iter().map(fault).collect()
    }

    /// The shape of the example in RFC 1035 §5.3, with reserved names and addresses; what follows from it is by §5.1.
    const RFC_1035_5_3: &str = "\
@   IN  SOA     VENERA      Action\\.domains (
                                 20     ; SERIAL
                                 7200   ; REFRESH
                                 600    ; RETRY
                                 3600000; EXPIRE
                                 60)    ; MINIMUM

        NS      A.EXAMPLE.COM.
        NS      VENERA
        MX      10      VENERA
        MX      20      VAXA

A       A       192.0.2.103

VENERA  A       198.51.100.52
        A       203.0.113.32

$INCLUDE <SUBSYS>EXAMPLE-MAILBOXES.TXT
";

    #[test]
    fn the_example_of_rfc_1035() {
        let file = read(RFC_1035_5_3);
        assert_eq!(
            file.records.iter().map(shown).collect::<Vec<_>>(),
            [
                r"example.com. 60 SOA VENERA.example.com. Action\.domains.example.com. 20 7200 600 3600000 60",
                "example.com. 60 NS A.EXAMPLE.COM.",
                "example.com. 60 NS VENERA.example.com.",
                "example.com. 60 MX 10 VENERA.example.com.",
                "example.com. 60 MX 20 VAXA.example.com.",
                "A.example.com. 60 A 192.0.2.103",
                "VENERA.example.com. 60 A 198.51.100.52",
                "VENERA.example.com. 60 A 203.0.113.32",
            ]
        );
        assert_eq!(file.records.iter().map(|record| record.line).collect::<Vec<_>>(), [1, 8, 9, 10, 11, 13, 15, 16]);
        let lines = |index: usize| RFC_1035_5_3.get(file.records[index].range.clone()).unwrap();
        assert!(lines(0).starts_with("@   IN") && lines(0).ends_with("60)    ; MINIMUM"));
        assert_eq!(lines(7), "        A       203.0.113.32");
        assert_eq!(faults(RFC_1035_5_3), [(18, "$INCLUDE", "$INCLUDE is not followed".to_owned())]);
    }

    #[test]
    fn where_the_ttl_comes_from() {
        // RFC 1035 §5.1: the last one stated.
        assert_eq!(
            records("a A 192.0.2.1\nb 60 A 192.0.2.1\nc A 192.0.2.1\n 1h A 192.0.2.2\n A 192.0.2.3"),
            [
                "a.example.com. - A 192.0.2.1",
                "b.example.com. 60 A 192.0.2.1",
                "c.example.com. 60 A 192.0.2.1",
                "c.example.com. 3600 A 192.0.2.2",
                "c.example.com. 3600 A 192.0.2.3"
            ]
        );
        // RFC 2308 §4: $TTL is for all that follow without their own, until the next $TTL.
        assert_eq!(
            records("$TTL 1h\na 60 A 192.0.2.1\nb A 192.0.2.1\n$ttl 5\nc A 192.0.2.1"),
            ["a.example.com. 60 A 192.0.2.1", "b.example.com. 3600 A 192.0.2.1", "c.example.com. 5 A 192.0.2.1"]
        );
        // An SOA's minimum only where nothing else is known.
        let ttls = |text: &str| read(text).records.iter().map(|record| record.ttl).collect::<Vec<_>>();
        assert_eq!(ttls("@ SOA a b 1 2 3 4 50\n 70 NS c\n TXT d"), [Some(50), Some(70), Some(50)]);
        assert_eq!(ttls("@ 9 SOA a b 1 2 3 4 50\n NS c"), [Some(9), Some(9)]);
        assert_eq!(ttls("$TTL 8\n@ SOA a b 1 2 3 4 50\n NS c"), [Some(8), Some(8)]);
        assert_eq!(ttls("@ SOA a b 1 2 3 4 4294967295\n NS c"), [None, None]);
        // One that cannot be read is not taken from elsewhere.
        assert_eq!(
            ttls("$TTL 8\n$TTL x\na A 192.0.2.1\nb 3 A 192.0.2.1\nc 3y A 192.0.2.1\nd A 192.0.2.1"),
            [None, Some(3), None]
        );
        assert_eq!(read("a A 192.0.2.1").records.remove(0).into_record(77).ttl, 77);
    }

    #[test]
    fn class_and_ttl_in_either_order() {
        for header in ["IN 60", "60 IN", "in 1M", "60 class1", "( 60\n IN )"] {
            assert_eq!(records(format!("IN {header} a 192.0.2.1")), ["IN.example.com. 60 A 192.0.2.1"], "{header}");
        }
        for class in ["CH", "hs", "CLASS3", "NONE"] {
            let (text, after) = (format!("a {class} TXT x\nb TXT y"), "only records of class IN".to_owned());
            assert_eq!(faults(&text), [(1, class, after)]);
            assert_eq!(read(&text).records.len(), 1);
        }
        assert_eq!(faults("a IN IN A 192.0.2.1")[0].1, "IN");
        assert_eq!(faults("a 1 IN 1 A 192.0.2.1")[0].1, "1");
        assert_eq!(
            faults("a ANY x\na OPT x\na IN 192.0.2.1").iter().map(|fault| fault.1).collect::<Vec<_>>(),
            ["ANY", "OPT", "192.0.2.1"]
        );
    }

    #[test]
    fn origins_and_owners() {
        assert_eq!(
            records(
                "$ORIGIN sub\n@ TXT a\nb TXT @\n$origin Other.example.\nc CNAME d\n\\@ CNAME .\n* CNAME @\n\"e\" TXT \"f\"\nx\\.y\\032z TXT 1"
            ),
            [
                "sub.example.com. - TXT \"a\"",
                "b.sub.example.com. - TXT \"@\"",
                "c.Other.example. - CNAME d.Other.example.",
                "\\@.Other.example. - CNAME .",
                "*.Other.example. - CNAME Other.example.",
                "e.Other.example. - TXT \"f\"",
                "x\\.y\\032z.Other.example. - TXT \"1\"",
            ]
        );
        // The owner outlives $ORIGIN, comments and empty lines.
        assert_eq!(records("a TXT 1\n$ORIGIN b\n\n ; c\n\t\n\tTXT 2")[1], "a.example.com. - TXT \"2\"");
        // Nobody means a record by a line that begins with a space and a directive.
        assert_eq!(records(" $TTL 5\n\t$ORIGIN a\n@ TXT 1"), ["a.example.com. 5 TXT \"1\""]);
        // An unread origin or owner is not the one before.
        let text = "a TXT 1\n$ORIGIN ..\nb TXT 2\nc.example.com. TXT 3\n TXT 4\nd..e TXT 5\n TXT 6\nf.example.com. TXT \"7\n TXT 8\n$ORIGIN example.net.\ng TXT 9";
        let file = read(text);
        assert_eq!(file.faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [2, 3, 6, 7, 8]);
        assert_eq!(
            file.records.iter().map(shown).collect::<Vec<_>>(),
            [
                "a.example.com. - TXT \"1\"",
                "c.example.com. - TXT \"3\"",
                "c.example.com. - TXT \"4\"",
                "f.example.com. - TXT \"8\"",
                "g.example.net. - TXT \"9\""
            ]
        );
        // The second line is the rest of a string, and no owner; the fourth is one, whatever its data.
        let text = "a TXT \"x\ny z\"\n TXT 1\nb A x\n TXT 2\n";
        assert_eq!(faults(text).iter().map(|fault| fault.0).collect::<Vec<_>>(), [1, 2, 3, 4]);
        assert_eq!(records_of(text), ["b.example.com. - TXT \"2\""]);
        assert_eq!(faults(" TXT 1"), [(1, " TXT 1", "the line begins with a s".to_owned())]);
        assert_eq!(faults("a TXT 1\n b TXT 2"), [(2, "b", "no such record type; the".to_owned())]);
    }

    #[test]
    fn strings_and_parentheses() {
        assert_eq!(
            records(
                "a TXT \"v=DKIM1; (k)=rsa\" ( \"p=A\" ; \"no\" )\n\n \"B\\\"\" ) ; c\nb TXT v=spf1 -all;x\nc TXT(d)"
            ),
            [
                r#"a.example.com. - TXT "v=DKIM1; (k)=rsa" "p=A" "B\"""#,
                r#"b.example.com. - TXT "v=spf1" "-all""#,
                r#"c.example.com. - TXT "d""#
            ]
        );
        assert_eq!(
            records("a TYPE65280 \\# 3 ( 01\n 02 03 )\nb TYPE1 \\# 4 C0000201\nc A \\# 4 C0000201"),
            ["a.example.com. - TYPE65280 \\# 3 010203", "b.example.com. - A 192.0.2.1", "c.example.com. - A 192.0.2.1"]
        );
    }

    #[test]
    fn what_a_parenthesis_holds_is_left_out_together() {
        // The quotes of line 2 are not closed; the entry ends in line 4.
        let text = "a TXT ( \"x\"\n \"y\n \"z\"\n )\nb TXT 1";
        assert_eq!(faults(text), [(2, "\"y", "the quotes are not close".to_owned())]);
        assert_eq!(records_of(text), ["b.example.com. - TXT \"1\""]);
        let text = "a TXT 1 ) b\nb TXT 1";
        assert_eq!(faults(text), [(1, ")", "this parenthesis closes ".to_owned())]);
        assert_eq!(records_of(text), ["b.example.com. - TXT \"1\""]);
        // One that is never closed costs its line, not the rest of the file.
        let text = "a TXT ( \"x\"\nb TXT 1\nc TXT ( 2\n )\n";
        assert_eq!(faults(text), [(1, "(", "this parenthesis is neve".to_owned())]);
        assert_eq!(records_of(text), ["b.example.com. - TXT \"1\"", "c.example.com. - TXT \"2\""]);
    }

    fn records_of(text: &str) -> Vec<String> {
        read(text).records.iter().map(shown).collect()
    }

    #[test]
    fn line_ends() {
        let text = "\u{feff}a TXT 1 ; c\n TXT \"2\"\n\nb TXT ( 3\n4 )";
        let wanted = ["a.example.com. - TXT \"1\"", "a.example.com. - TXT \"2\"", "b.example.com. - TXT \"3\" \"4\""];
        for end in ["\n", "\r\n", "\r"] {
            for last in ["", end] {
                let text = text.replace('\n', end) + last;
                assert_eq!(records(&text), wanted, "{end:?}");
                let places = read(&text)
                    .records
                    .into_iter()
                    .map(|record| (record.line, text.get(record.range).unwrap().to_owned()));
                assert_eq!(
                    places.collect::<Vec<_>>(),
                    [(1, "a TXT 1 ; c".to_owned()), (2, " TXT \"2\"".to_owned()), (4, format!("b TXT ( 3{end}4 )"))]
                );
            }
        }
    }

    #[test]
    fn several_faults_at_once() {
        let text = "$TTL\n$ORIGIN a b\n$ORIGIN example.com.\n$GENERATE 1-9 h$ A 192.0.2.$\n$x\nwww\nwww A\nwww A 192.0.2.256\nwww MX 10\n\
                    mail A 192.0.2.1 3600\nw\0w A 192.0.2.1\nx TXT \"\u{1b}[2J\"\ny TXT ok\n\u{feff}z TXT 1\nq TXT \\300\nr SRV ( 1\n 2\n x\n y )\n";
        let found = faults(text);
        assert_eq!(
            found.iter().map(|(line, place, _)| (*line, *place)).collect::<Vec<_>>(),
            [
                (1, ""),
                (2, "b"),
                (4, "$GENERATE"),
                (5, "$x"),
                (6, ""),
                (7, ""),
                (8, "192.0.2.256"),
                (9, ""),
                (10, "3600"),
                (11, "\0"),
                (12, "\u{1b}"),
                (14, "\u{feff}"),
                (15, "\\300"),
                (18, "x"),
            ]
        );
        assert_eq!(read(text).faults[9].text.en, "the control character U+0000 stands here");
        assert_eq!(records_of(text), ["y.example.com. - TXT \"ok\""]);
        // No sentence carries what stands in the file to a terminal.
        assert!(read(text).faults.iter().all(|fault| !fault.text.en.chars().any(char::is_control)));
        // Octets that are not UTF-8 are kept.
        let file = read(b"\xff TXT \"\x83\x80\"");
        assert_eq!(file.records[0].name.first_label(), Some(&b"\xff"[..]));
        assert_eq!(file.records[0].rdata.txt_joined(), b"\x83\x80");
    }

    #[test]
    fn what_is_no_zone_file() {
        for (text, count) in [
            ("<!DOCTYPE html>\n<p>Use TXT for SPF\n", 1),
            ("\u{feff}\n <table><tr><td>www</td> <td>A</td></tr></table>", 1),
            ("種別\tホスト名\t値\tTTL\nA\twww\t192.0.2.1\t3600\nMX\t@\tmail.example.com\t3600\t10\n", 3),
            ("ホスト名,種別,値\nwww,A,192.0.2.1\n", 2),
            ("www\tA\t192.0.2.1\t3600\nexample.com\tMX\t10 mail.example.com\t3600\n", 2),
            ("domain = \"example.com\"\n\n[[sender]]\nprovider = \"xserver\"\n", 3),
            ("{ \"records\": [\n { \"name\": \"www\", \"type\": \"A\" } ] }\n", 2),
        ] {
            let file = read(text);
            assert_eq!((file.records.len(), file.faults.len()), (0, count), "{text}: {file:?}");
        }
        // Any octet may begin an owner.
        assert_eq!(records("<a> A 192.0.2.1"), ["<a>.example.com. - A 192.0.2.1"]);
        let utf16: Vec<u8> = "\u{feff}a A 192.0.2.1\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(read(&utf16).faults[0].text.en.contains("UTF-16") && read(&utf16).faults.len() == 1);
        assert_eq!(read(""), MasterFile::default());
        assert_eq!(read("; nothing\n\n \t\n()\n"), MasterFile::default());
    }

    #[test]
    fn hostile_sizes() {
        let file = read("a\n".repeat(100_000));
        assert_eq!((file.faults.len(), file.more_faults), (FAULTS_MAX, 100_000 - FAULTS_MAX));
        // In a quadratic reader each of these would take minutes.
        let lines = 50_000;
        for (text, count) in [
            ("a TXT ( x\n".repeat(lines), lines),
            ("a TXT (( x\n".repeat(lines) + &")\n".repeat(lines), 2 * lines),
            ("a TXT \"x\n".repeat(lines), lines),
            (")\n".repeat(lines), lines),
            ("(".repeat(lines), 1),
            (format!("a TXT {}", "x ".repeat(lines)), 1),
            (format!("a TXT {}", "x\"".repeat(lines)), 1),
            (format!("a TXT \"{}\"", "\\".repeat(2 * lines)), 1),
            (format!("a TXT ( {} )", "\"\n".repeat(lines)), 1),
        ] {
            let file = read(&text);
            assert_eq!(file.faults.len() + file.more_faults, count, "{:?}", text.get(..12));
        }
        let long = format!("$ORIGIN {}\n", vec!["a".repeat(60); 3].join("."));
        let file = read(long + "@ NS @\n" + &" NS @\n".repeat(RECORDS_MAX + 9));
        assert_eq!((file.records.len(), file.faults.len(), file.more_faults), (RECORDS_MAX, 1, 0));
        assert_eq!(file.faults[0].line, RECORDS_MAX + 2);
    }

    /// Names of any octets, within the limits.
    fn names() -> impl Strategy<Value = Name> {
        let octet = prop_oneof![any::<u8>(), select(&b"\\\";()@$. \t\r\n*aZ09"[..])];
        let below = vec(vec(octet, 1..20), 0..4);
        (below, any::<bool>()).prop_map(|(labels, inside)| {
            let name = Name::from_labels(labels).unwrap();
            if inside { name.join(&origin()).unwrap() } else { name }
        })
    }

    /// A type and octets that may or may not fit it; those that do not are written in the form of RFC 3597.
    fn data() -> impl Strategy<Value = (Rtype, Rdata)> {
        let types: Vec<Rtype> = (1..300).map(Rtype).filter(|rtype| !rtype.is_meta()).collect();
        let octets = vec(prop_oneof![0u8..6, any::<u8>()], 0..80);
        let typed = (select(types), octets.clone()).prop_map(|(rtype, octets)| {
            let rdata = Rdata::from_octets(octets).unwrap();
            if rdata.is_well_formed(rtype) && rtype != Rtype::LOC { (rtype, rdata) } else { (Rtype(65_300), rdata) }
        });
        let txt = vec(any::<u8>(), 0..600).prop_map(|octets| (Rtype::TXT, Rdata::txt(&octets).unwrap()));
        let target = (0u16..9, names()).prop_map(|(preference, host)| (Rtype::MX, Rdata::mx(preference, &host)));
        prop_oneof![typed, txt, target]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

        /// What is written is read back.
        #[test]
        fn what_is_written(parts in vec((names(), 0..=i32::MAX as u32, data()), 0..20), relative: bool) {
            let record = |(name, ttl, (rtype, rdata))| Record { name, rtype, ttl, rdata };
            let written: Vec<Record> = parts.into_iter().map(record).collect();
            let text = text::write(&written, relative.then(origin).as_ref());
            let file = read(&text);
            prop_assert_eq!(&file.faults, &[], "{}", text);
            let lines: Vec<usize> = file.records.iter().map(|record| record.line).collect();
            prop_assert_eq!(lines, (1..=written.len()).collect::<Vec<_>>());
            prop_assert!(file.records.iter().zip(text.lines()).all(|(record, line)| text.get(record.range.clone()) == Some(line)));
            let read: Vec<Record> = file.records.into_iter().map(|record| record.into_record(0)).collect();
            prop_assert_eq!(read, written);
        }

        /// Any octets, and pieces that mean something: nothing panics, and every place is where it is said to be.
        #[test]
        fn hostile(text in prop_oneof![vec(any::<u8>(), 0..300), pieces()]) {
            let file = read(&text);
            let breaks = with_line_feeds(&text);
            let line = |at: usize| 1 + breaks[..at].iter().filter(|octet| **octet == b'\n').count();
            let mut after = 0;
            for record in &file.records {
                prop_assert!(record.range.start >= after && record.range.end <= text.len());
                prop_assert_eq!(record.line, line(record.range.start));
                prop_assert!(record.range.start == beginning(&text) || breaks[record.range.start - 1] == b'\n');
                prop_assert!(record.rdata.is_well_formed(record.rtype) && fields(record.rtype).is_none_or(|_| !record.rtype.is_meta()));
                after = record.range.end;
            }
            for fault in &file.faults {
                prop_assert!(fault.range.start <= fault.range.end && fault.range.end <= text.len(), "{:?}", fault);
                prop_assert_eq!(fault.line, line(fault.range.start));
                prop_assert!(!fault.text.en.is_empty() && !fault.text.ja.is_empty());
            }
        }
    }

    /// Pieces of zone text in any order.
    fn pieces() -> impl Strategy<Value = Vec<u8>> {
        let pieces = &[
            "\n",
            "\n",
            "\r\n",
            "\r",
            " ",
            " ",
            "\t",
            "(",
            ")",
            ";",
            "\"",
            "\\",
            "\\#",
            "\\300",
            "\0",
            "\u{feff}",
            "<",
            "@",
            ".",
            "a",
            "a..b",
            "例",
            "$ORIGIN ",
            "$TTL ",
            "$INCLUDE ",
            "$",
            "IN ",
            "CH ",
            "TXT ",
            "A ",
            "MX ",
            "SOA ",
            "TYPE1 ",
            "ANY ",
            "192.0.2.1",
            "10 ",
            "1h ",
            "1y ",
            "4 ",
            "c0000201",
        ][..];
        vec(select(pieces), 0..60).prop_map(|pieces| pieces.concat().into_bytes())
    }
}
