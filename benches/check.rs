//! `zoneplan check` of 250, 1,000 and 4,000 sites side by side with `dig -f` of the very questions that it asks, at the same BIND on loopback,
//! which answers for all of them, each a zone of its own. `cargo bench --bench check --all-features`; Linux, since memory comes from /proc.
//!
//! A first run has BIND write down what is asked. Time is what passes, the best of three, since what counts is the waiting; `dig -f` asks one
//! after the other. Memory is the highest that the process had.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a bench may stop, and prints"
)]

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

#[path = "../tests/tools/servers.rs"]
#[allow(dead_code, reason = "the tests start other servers too")]
mod servers;

use servers::{Server, start};

const SIZES: [usize; 3] = [250, 1_000, 4_000];

const FRAME: &str =
    "$TTL 3600\n@ SOA ns1.example.net. hostmaster.example.net. 1 7200 3600 1209600 300\n@ NS ns1.example.net.\n";

fn site(number: usize) -> String {
    format!(
        "domain = \"s{number}.example.org\"\ngmail-per-day = 1\n\n[spf]\nextra = [\"include:spf.example.net\"]\n\n[dmarc]\np = \"none\"\n\n\
         [[record]]\nname = \"@\"\ntype = \"MX\"\nvalue = \"10 mail.example.net\"\n\n[[record]]\nname = \"www\"\ntype = \"CNAME\"\nvalue = \"web.example.net\"\n"
    )
}

/// A BIND that answers for so many sites, and writes down what it is asked if it is told where.
fn bind(sites: usize, asked: Option<&Path>) -> Server {
    // With -g it would write to standard error whatever the configuration says.
    let foreground = if asked.is_some() { "-f" } else { "-g" };
    start("named", &["-4", foreground, "-n", "1", "-c", "named.conf"], |home, port| {
        let log = asked.map_or(String::new(), |path| {
            format!("logging {{ channel asked {{ file \"{}\"; }}; category queries {{ asked; }}; }};\n", path.display())
        });
        let mut config = format!(
            "options {{ directory \"{home}\"; pid-file none; session-keyfile none; managed-keys-directory \"{home}\";\n\
             listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; query-source address 127.0.0.1;\n\
             dnssec-validation no; notify no; empty-zones-enable no; recursion yes; }};\ncontrols {{ }};\n{log}\
             zone \".\" {{ type primary; file \"root\"; }};\nzone \"example.net\" {{ type primary; file \"net\"; }};\n\
             zone \"example.org\" {{ type primary; file \"org\"; }};\n"
        );
        let mut org = FRAME.to_owned();
        for number in 0..sites {
            let _ = writeln!(config, "zone \"s{number}.example.org\" {{ type primary; file \"site\"; }};");
            let _ = writeln!(org, "s{number} NS ns1.example.net.");
        }
        let own = format!(
            "{FRAME}@ MX 10 mail.example.net.\n@ TXT \"v=spf1 include:spf.example.net ~all\"\n_dmarc TXT \"v=DMARC1; p=none\"\nwww CNAME web.example.net.\n"
        );
        let net = format!(
            "{FRAME}ns1 A 192.0.2.1\nmail A 192.0.2.2\nweb A 192.0.2.3\nspf TXT \"v=spf1 ip4:198.51.100.0/24 -all\"\n"
        );
        let root = "$TTL 3600\n. SOA ns. h. 1 7200 3600 1209600 300\n. NS ns.\nns. A 192.0.2.9\n".to_owned();
        vec![("named.conf", config), ("root", root), ("org", org), ("net", net), ("site", own)]
    })
}

/// Seconds that a command takes, and its highest memory in octets.
fn run(command: &mut Command) -> (f64, f64) {
    let started = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut peak = 0.0_f64;
    let status = loop {
        let text = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let kilobytes = text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        peak = peak.max(kilobytes.map_or(0.0, |k| k.parse::<f64>().unwrap() * 1024.0));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        thread::sleep(Duration::from_millis(5));
    };
    let seconds = started.elapsed().as_secs_f64();
    assert!(status.success(), "{command:?}: {status}");
    (seconds, peak)
}

/// The best of three.
fn best(mut command: impl FnMut() -> Command) -> (f64, f64) {
    (0..3).map(|_| run(&mut command())).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).unwrap()
}

fn zoneplan(folder: &Path, sites: usize, server: &Server) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zoneplan"));
    let at = server.address.to_string();
    command.current_dir(folder).arg("check").args((0..sites).map(|number| format!("s{number}.toml")));
    command.args(["--resolver", &at, "--server", &at, "--message-format", "short"]);
    command
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..SIZES[SIZES.len() - 1] {
        fs::write(folder.path().join(format!("s{number}.toml")), site(number)).unwrap();
    }
    println!("{:>6} {:>9} {:>10} {:>11} {:>9} {:>11}", "sites", "questions", "check", "a second", "memory", "dig -f");
    for sites in SIZES {
        let asked = folder.path().join("asked");
        let logging = bind(sites, Some(&asked));
        let _ = run(&mut zoneplan(folder.path(), sites, &logging));
        drop(logging);
        let log = fs::read_to_string(&asked).unwrap();
        fs::remove_file(&asked).unwrap();
        // … query: s0.example.org IN TXT +E(0) (127.0.0.1)
        let question = |line: &str| {
            let mut words = line.split(" query: ").nth(1)?.split(' ');
            let (name, _, rtype) = (words.next()?, words.next()?, words.next()?);
            Some(format!("{name} {rtype}\n"))
        };
        let questions: Vec<String> = log.lines().filter_map(question).collect();
        assert!(!questions.is_empty(), "BIND wrote nothing down");
        let batch = folder.path().join("batch");
        fs::write(&batch, questions.concat()).unwrap();

        let server = bind(sites, None);
        let (ours, memory) = best(|| zoneplan(folder.path(), sites, &server));
        let (dig, _) = best(|| {
            let mut dig = Command::new("dig");
            dig.args(["@127.0.0.1", "-p", &server.address.port().to_string(), "-f"]).arg(&batch);
            dig.stdout(File::create("/dev/null").unwrap());
            dig
        });
        let (number, rate) = (questions.len(), questions.len() as f64 / ours);
        println!("{sites:>6} {number:>9} {ours:>8.2} s {rate:>9.0} /s {:>6.1} MB {dig:>9.2} s", memory / 1_048_576.0);
    }
}
