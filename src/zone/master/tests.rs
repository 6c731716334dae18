//! What is read of text of every form, and what is not.

use std::borrow::Cow;

use super::{reader::with_line_feeds, *};
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
    assert_eq!(faults(RFC_1035_5_3), [(18, "<SUBSYS>EXAMPLE-MAILBOXES.TXT", "$INCLUDE is not followed".to_owned())]);
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
    // The second line is the rest of a string that nothing closes well, and no owner; the fourth is one, whatever its data.
    let text = "a TXT \"x\ny z\"w\n TXT 1\nb A x\n TXT 2\n";
    assert_eq!(faults(text).iter().map(|fault| fault.0).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(records_of(text), ["b.example.com. - TXT \"2\""]);
    assert_eq!(faults(" TXT 1"), [(1, " TXT 1", "the line begins with a s".to_owned())]);
    assert_eq!(faults("a TXT 1\n b TXT 2"), [(2, "b", "no such record type; the".to_owned())]);
}

#[test]
fn strings_and_parentheses() {
    assert_eq!(
        records("a TXT \"v=DKIM1; (k)=rsa\" ( \"p=A\" ; \"no\" )\n\n \"B\\\"\" ) ; c\nb TXT v=spf1 -all;x\nc TXT(d)"),
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
            let places =
                read(&text).records.into_iter().map(|record| (record.line, text.get(record.range).unwrap().to_owned()));
            assert_eq!(
                places.collect::<Vec<_>>(),
                [(1, "a TXT 1 ; c".to_owned()), (2, " TXT \"2\"".to_owned()), (4, format!("b TXT ( 3{end}4 )"))]
            );
        }
    }
}

#[test]
fn several_faults_at_once() {
    let text = "$TTL\n$ORIGIN a b\n$ORIGIN example.com.\n$GENERATE 1-9 h$ A\n$x\nwww\nwww A\nwww A 192.0.2.256\nwww MX 10\n\
                    mail A 192.0.2.1 3600\nw\0w A 192.0.2.1\nx TXT \"\u{1b}[2J\"\ny TXT ok\n\u{feff}z TXT 1\nq TXT \\300\nr SRV ( 1\n 2\n x\n y )\n";
    let found = faults(text);
    assert_eq!(
        found.iter().map(|(line, place, _)| (*line, *place)).collect::<Vec<_>>(),
        [
            (1, ""),
            (2, "b"),
            (4, ""),
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
        (format!("a TXT \"{}\"", "\\".repeat(4 * lines)), 1),
        // Strings of one line break.
        (format!("a TXT ( {} )", "\"\n".repeat(lines)), 0),
    ] {
        let file = read(&text);
        assert_eq!(file.faults.len() + file.more_faults, count, "{:?}", text.get(..12));
    }
    let long = format!("$ORIGIN {}\n", vec!["a".repeat(60); 3].join(".")) + "@ NS @\n" + &" NS @\n".repeat(200);
    for (records, held, kept) in [(100, usize::MAX, 100), (usize::MAX, 100 * (500 + size_of::<MasterRecord>()), 150)] {
        let file = MasterFile::within(Reader::new(long.as_bytes(), &origin()), records, held);
        assert!(file.records.len() <= kept && file.records.len() > kept / 2, "{}", file.records.len());
        assert_eq!((file.faults.len(), file.more_faults), (1, 0));
        assert_eq!(file.faults[0].line, file.records.len() + 2);
    }
}

/// Kind, line and place of each note.
fn notes(text: &str) -> Vec<(NoteKind, usize, &str)> {
    read(text).notes.into_iter().map(|note| (note.kind, note.line, text.get(note.range).unwrap())).collect()
}

/// The beginning of a zone that nothing is to be noted of.
const BEGINNING: &str = "$TTL 60\n@ IN SOA ns h 1 2 3 4 5\n";

#[test]
fn what_is_noted() {
    for (text, wanted) in [
        ("a TXT v=spf1 include:b ~all", vec![(NoteKind::Glued, 3, "v=spf1 include:b ~all")]),
        ("a TXT ( b\n \"c\" )", vec![(NoteKind::Glued, 3, "b\n \"c\"")]),
        (
            "a TXT v=DMARC1; p=none\nb CAA 0 issue c; d=e",
            vec![(NoteKind::CutByComment, 3, "; p=none"), (NoteKind::CutByComment, 4, "; d=e")],
        ),
        (
            "www.example.com A 192.0.2.1\nb MX 10 mail.EXAMPLE.com",
            vec![(NoteKind::NoFinalDot, 3, "www.example.com"), (NoteKind::NoFinalDot, 4, "mail.EXAMPLE.com")],
        ),
        ("a 4294967295 TXT \"b\"", vec![(NoteKind::TtlOverLimit, 3, "4294967295")]),
        ("a TXT \"b\n c\" ; d", vec![(NoteKind::StringOverLines, 3, "\"b\n c\"")]),
        (" $TTL 5", vec![(NoteKind::IndentedDirective, 3, "$TTL")]),
        ("@ SOA ns h 2 2 3 4 5 ; again", vec![(NoteKind::SecondSoa, 3, "@ SOA ns h 2 2 3 4 5 ; again")]),
        // None of these may be meant otherwise.
        ("a TXT \"v=spf1 -all\" ; b\na TXT b ; c\na TXT \"b\" \"c\"", vec![]),
        ("xexample.com A 192.0.2.1\nexample.com. A 192.0.2.1\nb.example.com.net CNAME com", vec![]),
        ("@ SOA ns h 1 2 3 4 5", vec![]),
    ] {
        let text = format!("{BEGINNING}{text}");
        assert_eq!(notes(&text), wanted, "{text}");
        let strict = MasterFile::of(Reader::new(text.as_bytes(), &origin()).strict());
        let lenient = wanted.iter().filter(|(kind, ..)| kind.is_lenient()).count();
        assert_eq!(strict.notes.len(), wanted.len() - lenient, "{text}: {strict:?}");
        assert_eq!(strict.faults.is_empty(), lenient == 0, "{text}: {strict:?}");
    }
    assert_eq!(
        notes("a TXT \"b\"\nc TXT \"d\""),
        [(NoteKind::NoTtl, 1, "a TXT \"b\""), (NoteKind::NoClass, 1, ""), (NoteKind::NoSoa, 1, "")]
    );
    assert!(read("a TXT \"b\"\nc TXT \"d\"").notes[0].text.en.starts_with("2 records"));
    assert_eq!(notes("\u{feff}; nothing"), [(NoteKind::ByteOrderMark, 1, "\u{feff}")]);
    // Many of a kind do not hide the others.
    let many = format!("{BEGINNING}{}a 4294967295 TXT c\n", "a TXT b c\n".repeat(500));
    let file = read(&many);
    assert_eq!((file.notes.len(), file.more_notes[NoteKind::Glued as usize]), (NOTES_MAX + 1, 500 - NOTES_MAX));
}

/// 300 octets are 255 and 45; the strings joined say the same (RFC 7208 §3.3).
#[test]
fn a_long_string_is_read_as_several() {
    let text = format!("{BEGINNING}a TXT \"{}\" b\n", "x".repeat(300));
    let file = read(&text);
    assert_eq!(file.records[1].rdata.txt_strings().map(<[u8]>::len).collect::<Vec<_>>(), [255, 45, 1]);
    assert!(file.notes.iter().any(|note| note.kind == NoteKind::LongString));
    // A record takes 65,535 octets (RFC 1035 §3.2.1): an SPF record of 64 KiB does not fit.
    let text = format!("{BEGINNING}a TXT \"v=spf1 {}\"\n", "a ".repeat(32_768));
    assert_eq!(read(&text).faults.len(), 1);
}

#[test]
fn strings_over_lines_end_where_it_is_plain() {
    let text = "a TXT \"b\r\n\tc\" ( \"d\"\r\n )\r\ne TXT 1\r\n";
    let file = read(text);
    assert_eq!(file.records[0].rdata.txt_strings().collect::<Vec<_>>(), [&b"b\n\tc"[..], b"d"]);
    assert_eq!((file.records[1].line, file.faults.len()), (4, 0));
    // Each of these is a mistake on its own line.
    for text in ["a TXT \"b\nc TXT \"d\"\n", "a TXT \"b\nc TXT \"d\ne TXT 1\n", "a TXT \"b\nc d\" e\n"] {
        assert_eq!(read(text).faults[0].line, 1, "{text}");
    }
}

/// What BIND 9.18 makes of these lines.
#[test]
fn generate() {
    assert_eq!(
        records(
            "$TTL 5\n$GENERATE 1-5/2 a${0,3,d} IN CNAME \\$b.$$.${-1,0,x}\n$GENERATE 30-30 ${0,4,n}x 9 TXT \"\\\"$ $\\\" c\""
        ),
        [
            "a001.example.com. 5 CNAME \\$b.\\$.0.example.com.",
            "a003.example.com. 5 CNAME \\$b.\\$.2.example.com.",
            "a005.example.com. 5 CNAME \\$b.\\$.4.example.com.",
            "e.1.x.example.com. 9 TXT \"30 30\" \"c\"",
        ]
    );
    let file = read("a A 192.0.2.1\n$GENERATE 250-260 h$ A 192.0.2.$\n A 192.0.2.2");
    // Six are addresses, the seventh is none; the owner is that before the directive.
    assert_eq!((file.records.len(), file.faults.len(), file.faults[0].line), (8, 1, 2));
    assert_eq!(file.records[7].name.to_string(), "a.example.com.");
    assert_eq!(file.records[1].range, file.records[6].range);
    for (range, count) in
        [("0-2147483647", 0), ("2147483640-2147483647/4", 2), ("0-2147483647/2147483647", 2), ("1-1000001", 0)]
    {
        let file = read(format!("$GENERATE {range} h$ TXT x\n"));
        assert_eq!((file.records.len(), file.faults.len()), (count, usize::from(count == 0)), "{range}");
    }
}

#[test]
fn comments_belong_to_a_record() {
    let text =
        "; file\n\n; one\n  ;two\na TXT ( \"b;\" ; three\n ; four\n c ) ; five\n; six\nd TXT e\\;f;seven\n\ng TXT 1\n";
    for end in ["\n", "\r\n"] {
        let text = text.replace('\n', end);
        let mut after = 0;
        let mut found = Vec::new();
        for record in read(&text).records {
            let comments = comments(text.as_bytes(), &record.range, after);
            after = record.range.end;
            let shown = |ranges: Vec<Range<usize>>| {
                ranges.into_iter().map(|range| text.get(range).unwrap().to_owned()).collect::<Vec<_>>()
            };
            found.push((shown(comments.above), shown(comments.beside)));
        }
        assert_eq!(found[0].0, ["; one", ";two"]);
        assert_eq!(found[0].1, ["; three", "; four", "; five"]);
        assert_eq!((&found[1].0[..], &found[1].1[..]), (&["; six".to_owned()][..], &[";seven".to_owned()][..]));
        assert_eq!(found[2], (vec![], vec![]));
    }
}

/// A line of 8 MB of each kind. In a reader that is not linear, or copies what it does not keep, each would take minutes or gigabytes.
#[test]
fn very_long_lines() {
    let length = 8_000_000;
    for text in [
        vec![b'a'; length],
        [&b"a TXT \""[..], &vec![b'b'; length], b"\"\n"].concat(),
        [&b"a TXT \""[..], &vec![b'b'; length]].concat(),
        [&b"a TXT "[..], &b"b ".repeat(length / 2), b"\n"].concat(),
        [&b"a TLSA 3 1 1 "[..], &vec![b'0'; length], b"\n"].concat(),
        [&b"a DNSKEY 256 3 8 "[..], &vec![b'A'; length], b"\n"].concat(),
        [&b"a A 192.0.2.1 "[..], &vec![b'('; length], b"\n"].concat(),
        [&b"a\\"[..], &b"..".repeat(length / 2), b" A 192.0.2.1\n"].concat(),
    ] {
        let began = std::time::Instant::now();
        let file = read(&text);
        assert!(file.records.is_empty() && (1..=2).contains(&file.faults.len()), "{:?}", file.faults);
        assert!(began.elapsed().as_secs() < 20, "{:?}", text.get(..20));
    }
    // A comment is not even looked at.
    assert_eq!(records([&b"a A 192.0.2.1 ;"[..], &vec![b';'; length]].concat()).len(), 1);
}

#[test]
fn included_texts_have_their_own_places() {
    struct One;
    impl Includes for One {
        fn open(&mut self, name: &str, from: u32, _: usize) -> Result<Vec<u8>, Text> {
            assert_eq!((name, from), ("x y", 0));
            Ok(b"\xef\xbb\xbf\nb A 192.0.2.1\n$GENERATE 1-1 c$ A 192.0.2.$\nd A x\n".to_vec())
        }
    }
    let text = b"a 60 IN A 192.0.2.1\n$INCLUDE \"x y\" sub\ne A 192.0.2.1\n";
    let mut one = One;
    let file = MasterFile::of(Reader::new(text, &origin()).including(&mut one));
    let places: Vec<_> =
        file.records.iter().map(|record| (record.name.to_string(), record.file, record.line)).collect();
    assert_eq!(
        places,
        [
            ("a.example.com.".to_owned(), 0, 1),
            ("b.sub.example.com.".to_owned(), 1, 2),
            ("c1.sub.example.com.".to_owned(), 1, 3),
            ("e.example.com.".to_owned(), 0, 3)
        ]
    );
    assert_eq!((file.faults[0].file, file.faults[0].line), (1, 4));
    assert_eq!((file.notes[0].kind, file.notes[0].file), (NoteKind::ByteOrderMark, 1));
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
        let origin = relative.then(origin);
        let form = text::Form { owners: origin.as_ref(), data: origin.as_ref() };
        let mut text = String::new();
        for record in &written {
            form.line(&record.name, Some(record.ttl), record.rtype, &record.rdata, &mut text);
        }
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
        let breaks = with_line_feeds(Cow::Borrowed(&text));
            let beginning = if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let line = |at: usize| 1 + breaks[..at].iter().filter(|octet| **octet == b'\n').count();
        let mut after = 0;
        for record in &file.records {
            prop_assert!(record.range.start >= after && record.range.end <= text.len());
            prop_assert_eq!(record.line, line(record.range.start));
            prop_assert!(record.range.start == beginning || breaks[record.range.start - 1] == b'\n');
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
