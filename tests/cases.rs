//! Cases as folders of data: `tests/cases/<name>/` holds a `site.toml` and what it names, and what a run of it must give:
//! `stdout`, `stderr`, `exit`. `args` has the arguments, one a line (default: `build site.toml --message-format short`), `why` says what is
//! expected and on what ground. `ZONEPLAN_UPDATE=1 cargo test --test cases` writes the expected files anew: read them before you keep
//! them. `ZONEPLAN_CASE=part` runs only cases whose name has that part.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const DEFAULT_ARGS: &str = "build\nsite.toml\n--message-format\nshort\n";

/// What a run gave or must give.
#[derive(PartialEq, Eq)]
struct Outcome {
    stdout: String,
    stderr: String,
    exit: String,
}

impl Outcome {
    fn parts(&self) -> [(&'static str, &str); 3] {
        [("exit", &self.exit), ("stderr", &self.stderr), ("stdout", &self.stdout)]
    }
}

fn run(case: &Path) -> Outcome {
    let args = fs::read_to_string(case.join("args")).unwrap_or_else(|_| DEFAULT_ARGS.to_owned());
    let output = Command::new(env!("CARGO_BIN_EXE_zoneplan"))
        .args(args.lines())
        .current_dir(case)
        .env_clear()
        .output()
        .expect("zoneplan runs");
    Outcome {
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        exit: output.status.code().map_or_else(|| "killed\n".to_owned(), |c| format!("{c}\n")),
    }
}

/// The files that the case expects; none of them may be missing.
fn expected(case: &Path) -> Result<Outcome, String> {
    let read = |name: &str| fs::read_to_string(case.join(name)).map_err(|e| format!("{name}: {e}"));
    Ok(Outcome { stdout: read("stdout")?, stderr: read("stderr")?, exit: read("exit")? })
}

/// Lines that differ, with what is around them: `-` expected, `+` came.
fn difference(expected: &str, came: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), came.lines().collect());
    let same_front = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let room = old.len().min(new.len()) - same_front;
    let same_back = old.iter().rev().zip(new.iter().rev()).take(room).take_while(|(a, b)| a == b).count();
    let mut out = String::new();
    for line in &old[same_front.saturating_sub(1)..same_front] {
        let _ = writeln!(out, "      {line}");
    }
    for line in &old[same_front..old.len() - same_back] {
        let _ = writeln!(out, "    - {line}");
    }
    for line in &new[same_front..new.len() - same_back] {
        let _ = writeln!(out, "    + {line}");
    }
    if out.is_empty() {
        out.push_str("    (they differ in line ends only)\n");
    }
    out
}

fn folders(root: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(root);
    let wanted = std::env::var("ZONEPLAN_CASE").unwrap_or_default();
    let mut found: Vec<PathBuf> = fs::read_dir(root)
        .expect("the folder of cases")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir() && path.to_string_lossy().contains(&wanted))
        .collect();
    found.sort();
    found
}

/// Where what came is not what the case expects; empty if it is.
fn mismatch(case: &Path, came: &Outcome) -> String {
    let name = case.file_name().expect("a name").to_string_lossy();
    let expected = match expected(case) {
        Ok(expected) => expected,
        Err(error) => return format!("{name}: {error}\n"),
    };
    let mut wrong = String::new();
    for ((file, old), (_, new)) in expected.parts().into_iter().zip(came.parts()) {
        if old != new {
            let _ = writeln!(wrong, "{name}: {file}\n{}", difference(old, new));
        }
    }
    wrong
}

#[test]
fn every_case_gives_what_it_expects() {
    let update = std::env::var_os("ZONEPLAN_UPDATE").is_some();
    let mut wrong = String::new();
    let cases = folders("cases");
    assert!(!cases.is_empty(), "no cases");
    for case in &cases {
        let name = case.file_name().expect("a name").to_string_lossy();
        let came = run(case);
        if update {
            for (file, text) in came.parts() {
                fs::write(case.join(file), text).expect("the expected file");
            }
            continue;
        }
        if !case.join("why").is_file() {
            let _ = writeln!(wrong, "{name}: no `why`");
        }
        wrong.push_str(&mismatch(case, &came));
    }
    assert!(wrong.is_empty(), "\n{wrong}\n(- expected, + came; ZONEPLAN_UPDATE=1 writes what came: read it)");
}
