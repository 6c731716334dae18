//! Each `console` block of README.md and README.ja.md does what it shows.
//!
//! A line `$ command` is a command; the lines after it are what it prints, on both streams. `…` alone on a line stands for any number of
//! lines. The last line may be `exit code N`; without it the command must succeed. A command that ends in `\` goes on in the next line.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop; clippy does not see that helpers outside #[test] are tests too"
)]

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What may stand there instead: blocks that show commands but that nobody would run.
const UNCHECKED: [&str; 6] = ["sh", "bash", "shell", "shellsession", "sh-session", "zsh"];

#[derive(Debug, PartialEq, Eq)]
struct Shown {
    /// Line of the file, from 1.
    line: usize,
    command: String,
    output: Vec<String>,
    code: i32,
}

/// The commands of all console blocks of a Markdown text.
fn commands(markdown: &str) -> Result<Vec<Shown>, String> {
    let mut shown: Vec<Shown> = Vec::new();
    // The fence, and whether the block is one of ours.
    let mut block: Option<(String, bool)> = None;
    let mut first = 0;
    for (index, line) in markdown.lines().enumerate() {
        let number = index + 1;
        let bare = line.trim_start();
        let fence: String = bare.chars().take_while(|c| matches!(c, '`' | '~')).collect();
        let Some((open, ours)) = &block else {
            if fence.len() >= 3 {
                let word = bare[fence.len()..].split_whitespace().next().unwrap_or("").to_owned();
                if UNCHECKED.contains(&word.as_str()) {
                    return Err(format!("line {number}: a block of commands is ```console, so that it is run"));
                }
                first = shown.len();
                block = Some((fence, word == "console"));
            }
            continue;
        };
        if bare.trim_end() == fence && fence.starts_with(open.as_str()) {
            for one in &mut shown[first..] {
                one.finish()?;
            }
            block = None;
        } else if *ours {
            let last = shown[first..].last_mut();
            match (line.strip_prefix("$ "), last) {
                (_, Some(one)) if one.command.ends_with('\\') => {
                    one.command.push('\n');
                    one.command.push_str(line.strip_prefix("> ").unwrap_or(line));
                }
                (Some(command), _) => {
                    shown.push(Shown { line: number, command: command.to_owned(), output: Vec::new(), code: 0 });
                }
                (None, Some(one)) => one.output.push(line.trim_end().to_owned()),
                (None, None) => return Err(format!("line {number}: a console block begins with `$ `")),
            }
        }
    }
    if block.is_some() { Err("the last block has no end".to_owned()) } else { Ok(shown) }
}

impl Shown {
    /// Takes blank lines off the end of the output, and the exit code.
    fn finish(&mut self) -> Result<(), String> {
        trim(&mut self.output);
        if let Some(code) = self.output.last().and_then(|line| line.strip_prefix("exit code ")) {
            self.code = code.parse().map_err(|_| format!("line {}: `exit code {code}`", self.line))?;
            let _ = self.output.pop();
            trim(&mut self.output);
        }
        Ok(())
    }
}

fn trim(lines: &mut Vec<String>) {
    while lines.last().is_some_and(String::is_empty) {
        let _ = lines.pop();
    }
}

/// Whether the output is the one shown; `…` stands for any number of lines.
fn fits(shown: &[String], output: &[String]) -> bool {
    match shown.split_first() {
        None => output.is_empty(),
        Some((line, rest)) if line.trim() == "…" => (0..=output.len()).any(|at| fits(rest, &output[at..])),
        Some((line, rest)) => output.first() == Some(line) && fits(rest, &output[1..]),
    }
}

/// Where commands run, and with what.
struct Shell {
    root: PathBuf,
    /// `cargo install` installs here.
    installed: tempfile::TempDir,
}

impl Shell {
    fn new() -> Self {
        Self {
            root: PathBuf::from(env!("CARGO_MANIFEST_DIR")),
            installed: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    /// A shell that knows what a user's would, not what cargo tells a test.
    fn command(&self, script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]).current_dir(&self.root).stdin(Stdio::null()).env_clear();
        let kept = |name: &str| {
            let own = ["CARGO_MANIFEST", "CARGO_PKG_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_", "CARGO_TERM_"];
            let cargo = name.starts_with("CARGO") && name != "CARGO" && !own.iter().any(|own| name.starts_with(own));
            let proxy = name.to_ascii_lowercase().ends_with("_proxy");
            let others = ["HOME", "USER", "TMPDIR", "RUSTFLAGS", "SSL_CERT_FILE", "SSL_CERT_DIR"];
            cargo || proxy || name.starts_with("RUSTUP_") || others.contains(&name)
        };
        for (name, value) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(kept)) {
            command.env(name, value);
        }
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", self.installed.path().join("bin").display()));
        command.env("CARGO_INSTALL_ROOT", self.installed.path());
        command.env("LANG", "C.UTF-8");
        command
    }

    /// Runs the command and says what is not as shown.
    fn check(&self, shown: &Shown) -> Result<(), String> {
        let words: Vec<&str> = shown.command.split_whitespace().collect();
        if let [script @ ("tests/run" | ".ci/run"), ..] | ["bash", script @ ("tests/run" | ".ci/run"), ..] = words[..] {
            // This test runs inside it.
            return is_executable(&self.root.join(script));
        }
        // Cargo says what it compiles unless it is told to be quiet.
        let mut script = shown.command.clone();
        for name in ["run", "build", "install"] {
            script = script.replace(&format!("cargo {name} "), &format!("cargo {name} --quiet "));
        }
        let output =
            self.command(&format!("{{\n{script}\n}} 2>&1")).output().map_err(|error| format!("sh: {error}"))?;
        let text = String::from_utf8(output.stdout).map_err(|error| error.to_string())?;
        let mut lines: Vec<String> = text.lines().map(|line| line.trim_end().to_owned()).collect();
        trim(&mut lines);
        let code = output.status.code().unwrap_or(-1);
        if code == shown.code && fits(&shown.output, &lines) {
            return Ok(());
        }
        Err(format!(
            "exit code {code} and this output:\n{}\n--- but it shows exit code {} and:\n{}\n---",
            lines.join("\n"),
            shown.code,
            shown.output.join("\n")
        ))
    }
}

fn is_executable(path: &Path) -> Result<(), String> {
    let metadata = fs::metadata(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let executable = metadata.is_file() && metadata.permissions().mode() & 0o111 != 0;
    if executable { Ok(()) } else { Err(format!("{} is not executable", path.display())) }
}

/// Runs a file's commands and says what is not as shown.
fn faults(shell: &Shell, name: &str, markdown: &str) -> (usize, Vec<String>) {
    match commands(markdown) {
        Err(fault) => (0, vec![format!("{name}: {fault}")]),
        Ok(all) => {
            let fault = |shown: &Shown| {
                shell.check(shown).err().map(|fault| format!("{name}:{}: `{}`: {fault}", shown.line, shown.command))
            };
            (all.len(), all.iter().filter_map(fault).collect())
        }
    }
}

#[test]
fn readmes_show_what_happens() {
    let shell = Shell::new();
    let mut all = Vec::new();
    for name in ["README.md", "README.ja.md"] {
        let markdown = fs::read_to_string(shell.root.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let (count, faults) = faults(&shell, name, &markdown);
        assert!(count >= 2 || !faults.is_empty(), "{name}: {count} commands in console blocks");
        all.extend(faults);
    }
    assert!(all.is_empty(), "{}", all.join("\n\n"));
}

#[test]
fn commands_are_read() {
    let markdown = "text\n```toml\n$ no\n```\n```console\n$ a \\\n> b\nout\n\n$ c\nexit code 3\n```\n````console\n$ d\n```\n…\n\nexit code 1\n````\n";
    let one = |line, command: &str, output: &[&str], code| Shown {
        line,
        command: command.to_owned(),
        output: output.iter().map(ToString::to_string).collect(),
        code,
    };
    assert_eq!(
        commands(markdown),
        Ok(vec![one(6, "a \\\nb", &["out"], 0), one(10, "c", &[], 3), one(14, "d", &["```", "…"], 1)])
    );
    for bad in
        ["```sh\nls\n```\n", "```console\nls\n```\n", "```console\n$ ls\n", "```console\n$ ls\nexit code x\n```\n"]
    {
        assert!(commands(bad).is_err(), "{bad}");
    }
}

#[test]
fn differences_are_found() {
    let shell = Shell::new();
    let good = [
        "$ echo a; echo b >&2; exit 3\na\nb\nexit code 3",
        "$ printf '1\\n2\\n3\\n'\n1\n…\n3",
        "$ printf '1\\n2\\n3\\n'\n…\n3\n…",
        "$ true # nothing",
        "$ echo $LANG; LC_ALL=ja_JP.UTF-8 sh -c 'echo $LC_ALL$CARGO_PKG_NAME'\nC.UTF-8\nja_JP.UTF-8",
        "$ test -e Cargo.toml\n…",
        "$ tests/run",
    ];
    let bad = [
        "$ echo a",
        "$ echo a\nb",
        "$ echo a\na\nexit code 1",
        "$ exit 1",
        "$ printf '1\\n2\\n3\\n'\n1\n…\n2",
        "$ true\n…\na",
        "$ no-such-command\n…",
    ];
    let block = |text: &str| format!("```console\n{text}\n```\n");
    for text in good {
        assert_eq!(faults(&shell, "good", &block(text)), (1, Vec::new()));
    }
    for text in bad {
        assert_eq!(faults(&shell, "bad", &block(text)).1.len(), 1, "{text}");
    }
}
