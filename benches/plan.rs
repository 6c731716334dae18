//! A plan against a zone of 10,000, 100,000 and 1,000,000 records, side by side with `named-checkzone -i local` reading it, in one run.
//! `cargo bench --bench plan`; arguments are other numbers of records. The zone comes of a fixed generator: of ten records five A, one AAAA,
//! one MX, one CNAME, one TXT of 60 octets and one TXT of a DKIM key's length.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::fmt::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use zoneplan::build::{Overrides, build};
use zoneplan::catalogue::Catalogue;
use zoneplan::plan::{Question, judge, kept, plan};
use zoneplan::site::InMemory;

const SITE: &str = include_str!("../examples/hogehoge/site.toml");
const KEY: &[u8] = include_bytes!("../examples/hogehoge/keys/xserver.txt");

/// The zone as it is: what the story found, and `n` records of other people.
fn zone(n: usize) -> String {
    let mut out = "$TTL 3600\n@ SOA ns1.example.net. h.example.net. 1 7200 900 1209600 3600\n@ NS ns1.example.net.\n\
        @ A 203.0.113.20\n@ A 203.0.113.66\nmail A 203.0.113.66\n@ MX 0 mail\n@ TXT \"v=spf1 +a:sv14166.xserver.jp ~all\"\n"
        .to_owned();
    let key = "A".repeat(216);
    for i in 0..n {
        let _ = match i % 10 {
            0..=4 => writeln!(out, "h{i} A 192.0.2.{}", i % 256),
            5 => writeln!(out, "h{i} AAAA 2001:db8::{:x}", i % 65_536),
            6 => writeln!(out, "h{i} MX 10 h{}", i - 6),
            7 => writeln!(out, "h{i} CNAME h{}", i - 7),
            8 => writeln!(out, "h{i} TXT \"{i:060}\""),
            _ => writeln!(out, "s{i}._domainkey TXT \"v=DKIM1; k=rsa; p={key}\""),
        };
    }
    out
}

/// Peak memory of this process in KiB, where the system says it.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    line.split_ascii_whitespace().nth(1)?.parse().ok()
}

/// What reading, planning and judging takes; planning and judging alone; and how many steps there are.
fn ours(text: &str, catalogue: &Catalogue) -> (Duration, Duration, usize) {
    let files = InMemory::site(SITE).and("keys/xserver.txt", KEY).and("now.zone", text);
    let overrides = Overrides { current: Some("now.zone".to_owned()), ..Overrides::default() };
    let begin = Instant::now();
    let run = build("site.toml", &files, catalogue, &overrides, |built| {
        let begin = Instant::now();
        let question = Question {
            site: built.site,
            fitted: built.fitted,
            current: built.current,
            keyzone: None,
            left: None,
            remove: &[],
        };
        let plan = plan(&question);
        let _ = judge(&question, &plan, catalogue);
        let stays = kept(&built.fitted.own, built.current.unwrap()).count();
        assert!(stays > 0);
        (begin.elapsed(), plan.steps().count())
    });
    let (alone, steps) = run.product.unwrap();
    (begin.elapsed(), alone, steps)
}

/// What `named-checkzone` takes to read the same text; none where it is not installed.
fn theirs(text: &str) -> Option<Duration> {
    let file = tempfile::NamedTempFile::new().ok()?;
    std::fs::write(file.path(), text).ok()?;
    let begin = Instant::now();
    let status = Command::new("named-checkzone")
        .args(["-i", "local", "-k", "ignore", "hogehoge.com"])
        .arg(file.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.ok().map(|_| begin.elapsed())
}

fn main() {
    let given: Vec<usize> = std::env::args().filter_map(|a| a.parse().ok()).collect();
    let sizes = if given.is_empty() { vec![10_000, 100_000, 1_000_000] } else { given };
    let catalogue = Catalogue::embedded();
    for n in sizes {
        let text = zone(n);
        let bind = theirs(&text).map_or_else(|| "not installed".to_owned(), |t| format!("{:.3} s", t.as_secs_f64()));
        let before = peak();
        let (whole, alone, steps) = ours(&text, &catalogue);
        let memory = peak().zip(before).map_or(0, |(after, before)| after.saturating_sub(before) * 1024 / n as u64);
        println!(
            "{n:>9} records, {:>4} MB: read and plan {:.3} s (plan alone {:.3} s, {:.0} ns a record), named-checkzone {bind}; {memory} bytes a record at most beside the text; {steps} steps",
            text.len() / 1_000_000,
            whole.as_secs_f64(),
            alone.as_secs_f64(),
            alone.as_nanos() as f64 / n as f64,
        );
    }
}
