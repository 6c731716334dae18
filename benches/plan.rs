//! A plan against the zone as it is, side by side with `named-checkzone -i local` reading the same file: the generated zone of `support` with
//! 10,000, 100,000 and 1,000,000 records and the rows that the story of examples/hogehoge found. `cargo bench --bench plan`; Linux, since
//! time and memory come from /proc.
//!
//! Each line is a process of its own. Ours reads site.toml and the zone, plans, judges and writes the plan as text. Time is that of the
//! processor (others may be at work on it), the best of three. Memory is the highest that the process had, without the text.

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
use std::time::Instant;

use support::{ORIGIN, SIZES, run};
use zoneplan::build::{Overrides, build};
use zoneplan::catalogue::Catalogue;
use zoneplan::plan::{Question, judge, plan};
use zoneplan::render::Input;
use zoneplan::render::plan::{FORMATS, PlanInput};
use zoneplan::report::Lang;
use zoneplan::site::InMemory;

const SITE: &str = include_str!("../examples/hogehoge/site.toml");
const KEY: &[u8] = include_bytes!("../examples/hogehoge/keys/xserver.txt");

/// What the story found besides.
const FOUND: &str = "@ A 203.0.113.20\n@ A 203.0.113.66\n@ MX 0 mail\n@ TXT \"v=spf1 +a:sv14166.xserver.jp ~all\"\n";

/// Most octets of memory for each record, beyond the text.
const HELD_MAX: f64 = 300.0;

/// The child: plans once, and says how many steps there are, the seconds that planning and writing took after reading, and the memory.
fn child(path: &str) {
    let site = SITE.replace("hogehoge.com", ORIGIN);
    let text = fs::read(path).unwrap();
    let size = text.len();
    let files = InMemory::site(site).and("keys/xserver.txt", KEY).and("now.zone", text);
    let overrides = Overrides { current: Some("now.zone".to_owned()), ..Overrides::default() };
    let catalogue = Catalogue::embedded();
    let run = build("site.toml", &files, &catalogue, &overrides, |built| {
        let begin = Instant::now();
        let question = Question {
            site: built.site,
            fitted: built.fitted,
            current: built.current,
            subzones: &[],
            keyzone: None,
            left: None,
            remove: &[],
        };
        assert!(built.current.unwrap().is_complete());
        let plan = plan(&question);
        black_box(judge(&question, &plan, &catalogue));
        let input = Input { built: *built, lang: Lang::En, client: false, complete: None, gone: &[] };
        let plan_input = PlanInput { input: &input, question: &question, plan: &plan, folder: false, repairs: false };
        black_box((FORMATS[0].write)(plan_input));
        (plan.steps().count(), begin.elapsed().as_secs_f64())
    });
    let (steps, alone) = run.product.unwrap();
    // The text is held twice: by who gives files, and to point into it.
    println!("{steps} {alone} {}", support::peak() - 2.0 * size as f64);
}

fn ours(path: &Path) -> (f64, Vec<f64>) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let (seconds, said) = run(command.arg("child").arg(path)).unwrap();
    (seconds, said.split_whitespace().map(|n| n.parse().unwrap()).collect())
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let [_, word, path] = args.as_slice()
        && word == "child"
    {
        return child(path);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zone");
    for count in SIZES {
        let text = support::zone(count) + FOUND;
        fs::write(&path, &text).unwrap();
        let (seconds, said) = ours(&path);
        let [steps, alone, memory] = said[..] else { panic!("{said:?}") };
        let each = memory / count as f64;
        println!("{count} records, {} octets; {steps} steps", text.len());
        println!(
            "  plan             {seconds:.3} s, of it {alone:.3} s after reading; {each:.0} octets a record beyond the text"
        );
        let mut bind = Command::new("named-checkzone");
        let Some((bind, _)) = run(bind.args(["-i", "local", ORIGIN]).arg(&path)) else {
            println!("  named-checkzone  is not there (Debian: bind9-utils)");
            continue;
        };
        println!("  named-checkzone  {bind:.3} s");
        // What a process needs before it reads anything weighs on the small ones.
        if count == SIZES[2] {
            assert!(seconds <= bind, "a plan is to be no slower than named-checkzone");
            assert!(each <= HELD_MAX, "a record is to take {HELD_MAX} octets at most");
        }
    }
}
