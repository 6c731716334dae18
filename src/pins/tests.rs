use super::*;
use crate::mail::spf::{Answer, Dns as _};
use crate::report::Sources;

fn name(text: &str) -> Name {
    Name::parse_absolute(text).unwrap()
}

fn pin(of: Use, rtype: Rtype, values: &[&str], day: &str) -> Pin {
    let values = values.iter().map(|value| Rdata::parse(rtype, value, None).unwrap()).collect();
    Pin { uses: [of].into(), values, ttl: 3600, seen: day.parse().unwrap() }
}

fn include() -> Use {
    Use::Include(name("spf.example.net"))
}

fn some() -> Pins {
    let mut pins = Pins::new(name("example.com"));
    let txt = pin(include(), Rtype::TXT, &["\"v=spf1 a:h.example.net \" \"-all\""], "2026-11-29");
    assert_eq!(pins.put(name("spf.example.net"), Rtype::TXT, txt), Put::New);
    let addresses = pin(include(), Rtype::A, &["192.0.2.9", "192.0.2.10", "192.0.2.9"], "2026-11-28");
    assert_eq!(pins.put(name("h.example.net"), Rtype::A, addresses), Put::New);
    let key = pin(Use::Key(name("s1._domainkey.example.com")), Rtype::TXT, &["\"v=DKIM1; p=\\\"\\255\""], "2026-11-01");
    assert_eq!(pins.put(name("s1._domainkey.example.net"), Rtype::TXT, key), Put::New);
    pins
}

const WRITTEN: &str = r#"# What DNS said. Written by zoneplan, which builds from it in place of asking; not to be edited by hand.
version = 1
domain = "example.com"

[[pin]]
name = "s1._domainkey.example.net"
type = "TXT"
for = ["key:s1._domainkey.example.com"]
seen = "2026-11-01"
ttl = 3600
values = [
  '"v=DKIM1; p=\"\255"',
]

[[pin]]
name = "h.example.net"
type = "A"
for = ["include:spf.example.net"]
seen = "2026-11-28"
ttl = 3600
values = [
  "192.0.2.9",
  "192.0.2.10",
]

[[pin]]
name = "spf.example.net"
type = "TXT"
for = ["include:spf.example.net"]
seen = "2026-11-29"
ttl = 3600
values = [
  '"v=spf1 a:h.example.net " "-all"',
]
"#;

/// The pins and the ids of the findings.
fn read_back(text: &str) -> (Option<Pins>, Vec<&'static str>) {
    let mut sources = Sources::default();
    let file = sources.add("site.pins.toml", text.to_owned());
    let (pins, findings) = read(text, file, &name("example.com"));
    assert!(findings.iter().all(|f| f.primary().is_some_and(|span| span.file == file)), "{findings:#?}");
    (pins, findings.iter().map(|f| f.id).collect())
}

#[test]
fn written_and_read_back() {
    let pins = some();
    assert_eq!(write(&pins), WRITTEN);
    assert_eq!(read_back(WRITTEN), (Some(pins), vec![]));
    let empty = Pins::new(name("example.com"));
    assert_eq!(read_back(&write(&empty)), (Some(empty), vec![]));
}

#[test]
fn a_look_without_news_changes_nothing() {
    let mut pins = some();
    let same = pin(include(), Rtype::A, &["192.0.2.10", "192.0.2.9"], "2027-01-01");
    assert_eq!(pins.put(name("H.example.net"), Rtype::A, Pin { ttl: 60, ..same }), Put::Same);
    assert_eq!(write(&pins), WRITTEN);
    // For something else too: that is kept, the day stays.
    let other = pin(Use::Include(name("b.example.net")), Rtype::A, &["192.0.2.10", "192.0.2.9"], "2027-01-01");
    assert_eq!(pins.put(name("h.example.net"), Rtype::A, other), Put::Same);
    let kept = pins.get(&name("h.example.net"), Rtype::A).unwrap();
    assert_eq!((kept.uses.len(), kept.seen.to_string()), (2, "2026-11-28".to_owned()));
    let new = pin(include(), Rtype::A, &["192.0.2.9"], "2027-01-01");
    assert!(matches!(pins.put(name("h.example.net"), Rtype::A, new), Put::Changed(old) if old.len() == 2));
    assert_eq!(pins.get(&name("h.example.net"), Rtype::A).unwrap().seen.to_string(), "2027-01-01");
    // What does not exist is not kept, and takes nothing away.
    assert_eq!(pins.put(name("h.example.net"), Rtype::A, pin(include(), Rtype::A, &[], "2027-01-02")), Put::Same);
    assert_eq!(pins.get(&name("h.example.net"), Rtype::A).unwrap().values.len(), 1);
}

#[test]
fn spf_is_answered_from_them() {
    let pins = some();
    assert!(matches!(pins.txt("spf.example.net"), Answer::Records(texts) if texts == [b"v=spf1 a:h.example.net -all"]));
    assert!(matches!(pins.a("h.example.net"), Answer::Records(found) if found.len() == 2));
    // Both families were asked for, and none of this one came.
    assert_eq!(pins.aaaa("h.example.net"), Answer::NoData);
    // Of any other name nothing is known.
    assert_eq!(pins.a("other.example.net"), Answer::TempFail);
    assert_eq!(pins.txt("other.example.net"), Answer::TempFail);
}

#[test]
fn a_file_that_may_not_be_used() {
    for (text, ids) in [
        ("", vec!["site-missing-key"]),
        ("version = 2\ndomain = \"example.com\"\nnew = true\n", vec!["pins-version"]),
        ("version = \"1\"\ndomain = \"example.com\"\n", vec!["site-wrong-type"]),
        ("version = 1\n", vec!["site-missing-key"]),
        ("version = 1\ndomain = \"example.org\"\n", vec!["pins-other-site"]),
        ("version = 1\ndomain = \"ex ample\\u001b[31m\"\n", vec!["pins-other-site"]),
    ] {
        assert_eq!(read_back(text), (None, ids), "{text}");
    }
    // Cut off anywhere: never taken for the whole file without a word, unless it ends behind an entry.
    let whole_entries: Vec<usize> = WRITTEN.match_indices("\n\n[[pin]]").map(|(at, _)| at).collect();
    for at in 0..WRITTEN.len() - 2 {
        let (pins, ids) = read_back(WRITTEN.get(..at).unwrap());
        let at_an_end = whole_entries.iter().any(|end| (*end..*end + 3).contains(&at));
        assert_eq!(ids.is_empty(), at_an_end, "{at}: {pins:?} {ids:?}");
    }
}

#[test]
fn what_a_hand_breaks_is_told_and_left_out() {
    let whole = read_back(WRITTEN).0.unwrap().iter().count();
    for (from, to, ids) in [
        ("\"192.0.2.9\",", "\"192.0.2.999\",", vec!["pins-entry"]),
        ("type = \"A\"", "type = \"AA\"", vec!["pins-entry"]),
        ("name = \"h.example.net\"", "name = \"h..example.net\"", vec!["pins-entry"]),
        ("\"2026-11-28\"", "\"yesterday\"", vec!["pins-entry"]),
        ("seen = \"2026-11-28\"\n", "", vec!["site-missing-key"]),
        ("[\n  \"192.0.2.9\",\n  \"192.0.2.10\",\n]", "[]", vec!["pins-entry"]),
        (
            "for = [\"include:spf.example.net\"]\nseen = \"2026-11-28\"",
            "for = [\"magic:x\"]\nseen = \"2026-11-28\"",
            vec!["pins-entry"],
        ),
        ("ttl = 3600\nvalues = [\n  \"192", "ttl = -1\nvalues = [\n  \"192", vec!["site-wrong-type"]),
    ] {
        assert!(WRITTEN.contains(from), "{from}");
        let (pins, found) = read_back(&WRITTEN.replace(from, to));
        assert_eq!(found, ids, "{from}");
        assert_eq!(pins.unwrap().iter().count(), whole - 1, "{from}");
    }
    // A key that is not known is told; the entry stays.
    let (pins, ids) = read_back(&WRITTEN.replace("seen = \"2026-11-28\"", "seen = \"2026-11-28\"\nnote = \"x\""));
    assert_eq!((pins.unwrap().iter().count(), ids), (whole, vec!["site-unknown-key"]));
    let twice = format!(
        "{WRITTEN}\n[[pin]]\nname = \"H.example.net.\"\ntype = \"A\"\nfor = [\"include:x.example\"]\nseen = \"2026-11-28\"\nttl = 1\nvalues = [\"192.0.2.1\"]\n"
    );
    let (pins, ids) = read_back(&twice);
    assert_eq!(ids, ["pins-entry"]);
    assert_eq!(pins.unwrap().get(&name("h.example.net"), Rtype::A).unwrap().values.len(), 2);
}

#[test]
fn beside_its_site() {
    assert_eq!(file_name("site.toml"), "site.pins.toml");
    assert_eq!(file_name("clients/hogehoge.toml"), "hogehoge.pins.toml");
    assert_eq!(file_name("a.toml/site"), "site.pins.toml");
}
