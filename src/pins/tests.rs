use super::*;
use crate::live::{Question, Resolve as _};
use crate::report::Sources;

fn name(text: &str) -> Name {
    Name::parse_absolute(text).unwrap()
}

fn pin(of: Use, rtype: Rtype, values: &[&str], day: &str) -> Pin {
    let values = values.iter().map(|value| Rdata::parse(rtype, value, None).unwrap()).collect();
    Pin { uses: [of].into(), values, ttl: Some(3600), seen: day.parse().unwrap() }
}

fn include() -> Use {
    Use::Include(name("spf.example.net"))
}

/// That there are none.
fn none(day: &str) -> Pin {
    Pin { ttl: None, ..pin(include(), Rtype::A, &[], day) }
}

fn some() -> Pins {
    let mut pins = Pins::new(name("example.com"));
    let txt = pin(include(), Rtype::TXT, &["\"v=spf1 a:h.example.net \" \"-all\""], "2026-11-29");
    assert_eq!(pins.put(name("spf.example.net"), Rtype::TXT, txt), Put::New);
    let addresses = pin(include(), Rtype::A, &["192.0.2.9", "192.0.2.10", "192.0.2.9"], "2026-11-28");
    assert_eq!(pins.put(name("h.example.net"), Rtype::A, addresses), Put::New);
    assert_eq!(pins.put(name("h.example.net"), Rtype::AAAA, none("2026-11-28")), Put::New);
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
name = "h.example.net"
type = "AAAA"
for = ["include:spf.example.net"]
seen = "2026-11-28"
none = true

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
    assert_eq!(pins.put(name("H.example.net"), Rtype::A, Pin { ttl: Some(60), ..same }), Put::Same);
    assert_eq!(write(&pins), WRITTEN);
    // For something else too: that is kept, the day stays.
    let other = pin(Use::Include(name("b.example.net")), Rtype::A, &["192.0.2.10", "192.0.2.9"], "2027-01-01");
    assert_eq!(pins.put(name("h.example.net"), Rtype::A, other), Put::Same);
    let kept = pins.get(&name("h.example.net"), Rtype::A).unwrap();
    assert_eq!((kept.uses.len(), kept.seen.to_string()), (2, "2026-11-28".to_owned()));
    let new = pin(include(), Rtype::A, &["192.0.2.9"], "2027-01-01");
    assert!(matches!(pins.put(name("h.example.net"), Rtype::A, new), Put::Changed(old) if old.len() == 2));
    assert_eq!(pins.get(&name("h.example.net"), Rtype::A).unwrap().seen.to_string(), "2027-01-01");
    // That there are none any more is a change like another, and that there still are none is no news.
    assert!(
        matches!(pins.put(name("h.example.net"), Rtype::A, none("2027-01-02")), Put::Changed(old) if old.len() == 1)
    );
    assert_eq!(pins.put(name("h.example.net"), Rtype::AAAA, none("2027-01-02")), Put::Same);
    let kept = |rtype| pins.get(&name("h.example.net"), rtype).map(|pin| (pin.values.len(), pin.seen.to_string()));
    assert_eq!(kept(Rtype::A), Some((0, "2027-01-02".to_owned())));
    assert_eq!(kept(Rtype::AAAA), Some((0, "2026-11-28".to_owned())));
    // What is for nothing is not kept.
    let nobody = Pin { uses: BTreeSet::new(), ..none("2027-01-02") };
    assert_eq!(pins.put(name("x.example.net"), Rtype::A, nobody), Put::Same);
    assert_eq!(pins.get(&name("x.example.net"), Rtype::A), None);
}

#[test]
fn questions_are_answered_from_them() {
    let pins = some();
    let says = |at: &str, rtype| {
        let answer = pins.ask(&Question { name: name(at), rtype });
        answer.records().map(<[_]>::len)
    };
    assert_eq!(says("spf.example.net", Rtype::TXT), Some(1));
    assert_eq!(says("h.example.net", Rtype::A), Some(2));
    assert_eq!(says("h.example.net", Rtype::AAAA), Some(0));
    // Of what is not there nothing is known, whatever else is known of the name.
    assert_eq!(says("h.example.net", Rtype::MX), None);
    assert_eq!(says("other.example.net", Rtype::A), None);
    let without = read_back(&WRITTEN.replace("type = \"AAAA\"", "type = \"MX\"")).0.unwrap();
    assert_eq!(without.ask(&Question { name: name("h.example.net"), rtype: Rtype::AAAA }).records(), None);
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
        ("none = true", "none = true\nttl = 1", vec!["pins-entry"]),
        ("none = true", "none = true\nvalues = [\"2001:db8::1\"]", vec!["pins-entry"]),
        ("none = true", "none = false", vec!["site-missing-key", "site-missing-key"]),
        ("none = true\n", "", vec!["site-missing-key", "site-missing-key"]),
        ("none = true", "none = 1", vec!["site-wrong-type"]),
        (
            "for = [\"include:spf.example.net\"]\nseen = \"2026-11-28\"",
            "for = [\"magic:x\"]\nseen = \"2026-11-28\"",
            vec!["pins-entry"],
        ),
        ("ttl = 3600\nvalues = [\n  \"192", "ttl = -1\nvalues = [\n  \"192", vec!["site-wrong-type"]),
    ] {
        assert!(WRITTEN.contains(from), "{from}");
        let (pins, found) = read_back(&WRITTEN.replacen(from, to, 1));
        assert_eq!(found, ids, "{from}");
        assert_eq!(pins.unwrap().iter().count(), whole - 1, "{from}");
    }
    // A key that is not known is told; the entry stays.
    let (pins, ids) = read_back(&WRITTEN.replacen("seen = \"2026-11-28\"", "seen = \"2026-11-28\"\nnote = \"x\"", 1));
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
