//! The nightly jobs of examples/ci, as far as they go without GitHub: their own commands run in a repository with a remote. Zone files stand
//! for DNS; `gh`, which only talks to GitHub, writes down what it is called with.
//!
//! Needs git and tests/.venv, and fails without them.
#![allow(clippy::expect_used, clippy::panic, reason = "clippy does not see that helpers outside #[test] are tests too")]

mod tools;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// A folder with `work/` (the repository of sites), `remote.git` and `bin/` in front of PATH.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().expect("a folder"));
        let (program, dns) = (env!("CARGO_BIN_EXE_zoneplan"), place.path("dns.zone").display().to_string());
        place.program("zoneplan", &format!("exec '{program}' \"$@\" --dns '{dns}'"));
        // No request is open yet.
        let calls = place.path("gh.calls").display().to_string();
        place.program("gh", &format!("echo \"$@\" >> '{calls}'\n[ \"$2\" = list ] && echo 0; true"));
        let made = place.run(
            "git init -q --bare ../remote.git && git init -q -b main && git remote add origin ../remote.git && mkdir -p sites/shop",
        );
        assert!(made.status.success(), "{made:?}");
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn program(&self, name: &str, script: &str) {
        fs::create_dir_all(self.path("bin")).expect("a folder");
        let path = self.path("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a program");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a program");
    }

    fn site(&self, text: &str, dns: &str) {
        fs::write(self.path("work/sites/shop/site.toml"), text).expect("a site");
        fs::write(self.path("dns.zone"), dns).expect("a zone");
    }

    /// Runs it as GitHub does: in bash, which stops at the first command that fails.
    fn run(&self, script: &str) -> Output {
        fs::create_dir_all(self.path("work")).expect("a folder");
        let path = std::env::var("PATH").expect("a PATH");
        Command::new("bash")
            .args(["-e", "-c", script])
            .current_dir(self.path("work"))
            .env("PATH", format!("{}:{path}", self.path("bin").display()))
            .env("HOME", self.path("work"))
            .env("GITHUB_STEP_SUMMARY", self.path("summary.md"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .expect("bash runs")
    }

    fn git(&self, arguments: &str) -> String {
        let output = self.run(&format!("git {arguments}"));
        assert!(output.status.success(), "git {arguments}: {output:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }
}

fn example(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/ci").join(name).display().to_string()
}

/// The command of a step of the workflow.
fn step(job: &str, name: &str) -> String {
    let workflow = tools::python("read_yaml.py", &Value::from(example("zoneplan.yml")));
    let steps = workflow.pointer(&format!("/jobs/{job}/steps")).and_then(Value::as_array).expect("steps");
    let step = steps.iter().find(|step| step.get("name").is_some_and(|n| n == name));
    let command = step.and_then(|step| step.get("run")?.as_str());
    command.unwrap_or_else(|| panic!("no command {name} in {job}")).to_owned()
}

/// The command of the crontab's line.
fn cron() -> String {
    let text = fs::read_to_string(example("crontab")).expect("the crontab");
    let line = text.lines().rfind(|line| !line.is_empty()).expect("a line");
    let command = line.splitn(6, ' ').nth(5).expect("five times and a command");
    // In a crontab % is a line end (crontab(5)).
    assert!(!command.contains('%'), "{command}");
    command.to_owned()
}

const FRAME: &str = "@ SOA ns1.example.net. hostmaster.example.net. 1 7200 900 1209600 300\n@ NS ns1.example.net.\n";

/// DNS with this SPF of the domain, and with these servers of the include.
fn dns(spf: &str, servers: &str) -> String {
    format!(
        "$TTL 300\n$ORIGIN example.com.\n{FRAME}@ TXT \"{spf}\"\n_dmarc TXT \"v=DMARC1; p=none\"\n\
         $ORIGIN example.org.\n{FRAME}spf TXT \"v=spf1 {servers} -all\"\n"
    )
}

const SITE: &str = "domain = \"example.com\"\ngmail-per-day = 1\n[spf]\nextra = [\"include:spf.example.org\"]\n[dmarc]\np = \"none\"\n";

#[test]
fn checks_speak_only_when_something_is_wrong() {
    let place = Place::new();
    let check = step("check", "Check");
    place.site(SITE, &dns("v=spf1 include:spf.example.org ~all", "ip4:192.0.2.1"));
    let fine = place.run(&check);
    assert_eq!(fine.status.code(), Some(0), "{fine:?}");
    let summary = || fs::read_to_string(place.path("summary.md")).expect("a summary");
    assert!(summary().starts_with("## zoneplan\n\nNothing is wrong.\n"), "{}", summary());
    let mail = place.run(&cron());
    assert!(mail.status.success() && mail.stdout.is_empty() && mail.stderr.is_empty(), "{mail:?}");

    place.site(SITE, &dns("v=spf1 ip4:192.0.2.9 ~all", "ip4:192.0.2.1"));
    let wrong = place.run(&check);
    assert_eq!(wrong.status.code(), Some(1), "{wrong:?}");
    assert!(summary().contains("### `check-different` (1)"), "{}", summary());
    let mail = place.run(&cron());
    assert!(String::from_utf8_lossy(&mail.stdout).contains("include:spf.example.org"), "{mail:?}");
}

#[test]
fn news_of_pins_become_one_pull_request() {
    let place = Place::new();
    place.site(SITE, &dns("v=spf1 include:spf.example.org ~all", "ip4:192.0.2.1"));
    place.git("-c user.name=a -c user.email=a@example.com -c commit.gpgsign=false commit -q --allow-empty -m sites");
    place.git("add sites");
    place.git("-c user.name=a -c user.email=a@example.com -c commit.gpgsign=false commit -q -m site");
    let (pin, request) = (step("pin", "Pin"), step("pin", "Pull request"));
    let night = || {
        let pinned = place.run(&pin);
        assert_eq!(pinned.status.code(), Some(0), "{pinned:?}");
        let asked = place.run(&request);
        assert_eq!(asked.status.code(), Some(0), "{asked:?}");
        fs::read_to_string(place.path("gh.calls")).unwrap_or_default()
    };
    let calls = night();
    assert_eq!(calls.matches("pr create").count(), 1, "{calls}");
    let pushed = || place.git("show origin/zoneplan-pins:sites/shop/site.pins.toml");
    assert!(pushed().contains("ip4:192.0.2.1 "), "{}", pushed());
    // Nothing new: nothing is said, nothing is pushed.
    assert_eq!(night(), calls);
    // The include has other servers.
    place.site(SITE, &dns("v=spf1 include:spf.example.org ~all", "ip4:192.0.2.2"));
    assert_eq!(night().matches("pr create").count(), 2);
    assert!(pushed().contains("ip4:192.0.2.2 "), "{}", pushed());
    // One site that fails is told at the end; the others are pinned all the same.
    fs::create_dir(place.path("work/sites/a")).expect("a folder");
    fs::write(place.path("work/sites/a/site.toml"), "domain = 1\n").expect("a site");
    place.site(SITE, &dns("v=spf1 include:spf.example.org ~all", "ip4:192.0.2.3"));
    let pinned = place.run(&pin);
    assert_eq!(pinned.status.code(), Some(1), "{pinned:?}");
    let kept = fs::read_to_string(place.path("work/sites/shop/site.pins.toml")).expect("pins");
    assert!(kept.contains("ip4:192.0.2.3 "), "{kept}");
}
