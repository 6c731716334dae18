//! Reading zone text, side by side with `named-checkzone -i local` on the same file: the generated zone of `support` with 10,000, 100,000 and
//! 1,000,000 records. `cargo bench --bench zone`; Linux, since time and memory come from /proc.
//!
//! Each line is a process of its own that reads the file: `stream` gives every record and holds none, `held` keeps all. Time is that of the
//! processor (others may be at work on it), the best of three; the small ones read until they had 1,000,000 records, since the system counts
//! in hundredths of a second. Memory is the highest that the process had, without the text.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a bench may stop, and prints"
)]

mod support;

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;

use support::{SIZES, run};
use zoneplan::zone::master::{Item, Reader};
use zoneplan::zone::{MasterFile, Name};

/// How many times as fast as named-checkzone a streaming pass is at the least.
const TIMES_AS_FAST: f64 = 2.0;
/// Most octets of memory for each record that is held, beyond the text.
const HELD_MAX: f64 = 300.0;

/// What one process needed.
#[derive(Clone, Copy)]
struct Cost {
    /// Seconds of the processor.
    seconds: f64,
    /// The highest memory beyond the text, octets.
    memory: f64,
}

/// The child: reads the file `times` times and says the highest memory that it had.
fn child(how: &str, times: usize, path: &str) {
    let mut text = Vec::new();
    let origin = Name::parse_absolute(support::ORIGIN).unwrap();
    let mut records = 0;
    for _ in 0..times {
        drop(std::mem::take(&mut text));
        text = fs::read(path).unwrap();
        records = match how {
            "stream" => Reader::new(&text, &origin)
                .map(|item| match black_box(item) {
                    Item::Record(_) => 1,
                    Item::Fault(fault) => panic!("{fault:?}"),
                    Item::Note(_) => 0,
                })
                .sum(),
            _ => {
                let file = MasterFile::read(&text, &origin);
                assert!(file.faults.is_empty());
                black_box(file.records.len())
            }
        };
    }
    println!("{records} {}", support::peak() - text.len() as f64);
}

/// What it costs to read the file this way.
fn ours(how: &str, path: &Path, count: usize) -> Cost {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let times = SIZES[2] / count;
    let (seconds, said) = run(command.args(["child", how, &times.to_string()]).arg(path)).unwrap();
    let (records, memory) = said.trim().split_once(' ').unwrap();
    assert_eq!(records.parse::<usize>().unwrap(), count + 6);
    Cost { seconds: seconds / times as f64, memory: memory.parse().unwrap() }
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let [_, word, how, times, path] = args.as_slice()
        && word == "child"
    {
        return child(how, times.parse().unwrap(), path);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zone");
    for count in SIZES {
        let text = support::zone(count);
        fs::write(&path, &text).unwrap();
        println!("{count} records, {} octets", text.len());
        let per = |seconds: f64| format!("{seconds:.3} s, {:.0} ns a record", seconds * 1e9 / count as f64);
        let stream = ours("stream", &path, count);
        println!("  stream           {}, {:.1} MiB beyond the text", per(stream.seconds), stream.memory / 1048576.0);
        let held = ours("held", &path, count);
        let each = held.memory / count as f64;
        println!("  held             {}, {each:.0} octets a record beyond the text", per(held.seconds));
        let mut bind = Command::new("named-checkzone");
        let Some((bind, _)) = run(bind.args(["-i", "local", support::ORIGIN]).arg(&path)) else {
            println!("  named-checkzone  is not there (Debian: bind9-utils)");
            continue;
        };
        let times = bind / stream.seconds;
        println!("  named-checkzone  {}, {times:.1} times the stream", per(bind));
        // What a process needs before it reads anything weighs on the small ones.
        if count == SIZES[2] {
            assert!(times >= TIMES_AS_FAST, "the stream is to be {TIMES_AS_FAST} times as fast");
            assert!(each <= HELD_MAX, "a record is to take {HELD_MAX} octets at most");
        }
    }
}
