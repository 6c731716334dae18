//! `zoneplan init` as a person meets it: its questions on a pseudo-terminal, and its proposals from a real BIND on a loopback address.
//!
//! Needs tests/.venv, `named` and `openssl`, and fails without them.
#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop; clippy does not see that helpers outside #[test] are tests too"
)]

use std::{
    fs,
    net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket},
    path::Path,
    process::{Child, Command, Output, Stdio},
    thread,
    time::Duration,
};

const ZONEPLAN: &str = env!("CARGO_BIN_EXE_zoneplan");
/// Keys that are no characters.
const ENTER: &str = "\r";
const DOWN: &str = "\u{1b}[B";
const CTRL_C: &str = "\u{3}";

/// What became of a session.
struct Session {
    /// The exit code; negative: the signal that ended it.
    exit: i64,
    /// All that stood on the terminal.
    written: String,
}

/// Runs zoneplan in `folder` on a terminal, and answers each text that comes with what is to be typed.
fn session(folder: &Path, arguments: &[&str], answers: &[(&str, String)]) -> Session {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let answers: Vec<[&str; 2]> = answers.iter().map(|(wanted, typed)| [*wanted, typed.as_str()]).collect();
    let output = Command::new(tests.join(".venv/bin/python"))
        .arg("-IB")
        .arg(tests.join("tools/terminal.py"))
        .args(["100", &serde_json::to_string(&answers).expect("JSON"), ZONEPLAN])
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("TERM", "xterm")
        .output()
        .expect("tests/.venv must be there (tests/run makes it)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    Session {
        exit: answer["exit"].as_i64().expect("a number"),
        written: answer["written"].as_str().expect("a text").to_owned(),
    }
}

/// A line typed.
fn line(text: &str) -> String {
    format!("{text}{ENTER}")
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<_> = entries.map(|e| e.expect("an entry").file_name().into_string().expect("UTF-8")).collect();
    names.sort();
    names
}

/// A new RSA key: the private half as PEM, and the public one.
fn new_key() -> (String, String) {
    let run = |command: &mut Command| {
        let output = command.stdin(Stdio::null()).output().expect("openssl must be installed");
        assert!(output.status.success(), "openssl: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("key.pem");
    let args = ["genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
    let private = run(Command::new("openssl").args(args));
    fs::write(&file, &private).expect("a written file");
    (private, run(Command::new("openssl").args(["pkey", "-pubout", "-in"]).arg(&file)))
}

/// The values of site.toml that the answers of a session ask for, read by a TOML reader that knows nothing of zoneplan.
fn toml_of(file: &Path) -> toml::Table {
    fs::read_to_string(file).expect("a file").parse().expect("TOML")
}

#[test]
fn a_session_in_japanese() {
    let folder = tempfile::tempdir().expect("a folder");
    let (private, public) = new_key();
    let pasted = format!("{}\r\r", public.trim().replace('\n', "\r"));
    let secret = private.lines().nth(1).expect("base64").to_owned();
    let answers = [
        // What a page's address is taken for is told, and the question comes again.
        ("ドメイン名:", line("https://example.jp/")),
        ("Web ページのアドレスです", line("ドメイン例.jp")),
        // A part of the name; the second offer is "another name".
        ("会社の名前の一部", line("オナ")),
        ("一覧にありません", line("前.c")),
        ("（一覧にない・分からない）", ENTER.to_owned()),
        // Hiragana find what is written in katakana.
        ("サービスの名前の一部:", line("えっくすさーばー")),
        ("web: ", format!("{DOWN} {ENTER}")),
        ("server:", line("sv１４１６６．xserver.jp")),
        ("→ 14166", String::new()),
        ("表示される場所", format!("{}\r\r", private.trim().replace('\n', "\r"))),
        ("もう一度貼り付けるか", pasted),
        ("ほかのサービス", line("メイクショップ")),
        ("selector:", line("だめ")),
        ("使えません", line("shop12")),
        ("plus-selector:", ENTER.to_owned()),
        ("ほかのサービス", line("makeshop")),
        ("もう入っています", ENTER.to_owned()),
        ("1 日の通数:", line("1,200")),
        ("アドレス:", line("dmarc@例え.jp")),
    ];
    let session = session(folder.path(), &["init", "--lang", "ja"], &answers);
    assert_eq!(session.exit, 0, "{}", session.written);
    assert!(session.written.contains("site.toml を作りました"), "{}", session.written);
    assert_eq!(names(folder.path()), ["keys", "site.toml"]);

    let site = toml_of(&folder.path().join("site.toml"));
    let expected: toml::Table = r#"
domain = "ドメイン例.jp"
registrar = "onamae"
lang = "ja"
gmail-per-day = 1200
[[sender]]
provider = "xserver"
roles = ["send", "receive"]
server = "14166"
dkim-key-file = "keys/xserver-default.txt"
[[sender]]
provider = "makeshop"
selector = "shop12"
[dmarc]
p = "none"
rua = ["mailto:dmarc@xn--r8jz45g.jp"]
"#
    .parse()
    .expect("TOML");
    assert_eq!(site, expected);
    // The key as it was pasted; nothing of the private one in any file, and in no message of zoneplan's.
    assert_eq!(names(&folder.path().join("keys")), ["xserver-default.txt"]);
    let kept = fs::read_to_string(folder.path().join("keys/xserver-default.txt")).expect("a file");
    assert_eq!(kept.trim(), public.trim());
    assert!(!kept.contains(&secret));
    // Once: as the terminal echoed it.
    assert!(session.written.matches(&secret).count() <= 1, "{}", session.written);

    // All blanks are filled, so it builds.
    let output =
        Command::new(ZONEPLAN).args(["build", "--message-format", "short"]).current_dir(folder.path()).output();
    let output = output.expect("zoneplan");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(out.contains("shop12._domainkey.makeshop.jp."), "{out}{err}");
    assert!(out.contains("v=DKIM1; k=rsa; p=MII"), "{out}{err}");
}

#[test]
fn a_session_in_english_with_all_left_for_later() {
    let folder = tempfile::tempdir().expect("a folder");
    let answers = [
        ("domain:", ENTER.to_owned()),
        ("part of its name", ENTER.to_owned()),
        ("part of its name:", line("microsoft 365")),
        ("Space marks", ENTER.to_owned()),
        // classic, 2025, later.
        ("(later)", format!("{DOWN}{DOWN}{ENTER}")),
        ("domain-token:", ENTER.to_owned()),
        ("tenant:", ENTER.to_owned()),
        ("no more", ENTER.to_owned()),
        ("mails a day:", ENTER.to_owned()),
        ("address:", ENTER.to_owned()),
    ];
    let session = session(folder.path(), &["init", "-o", "a.toml"], &answers);
    assert_eq!(session.exit, 0, "{}", session.written);
    // domain, the alternative, and three values of which one belongs to one form only.
    assert!(session.written.contains("a.toml: written, with 5 blanks to fill in"), "{}", session.written);
    let site = toml_of(&folder.path().join("a.toml"));
    let expected: toml::Table = r#"
domain = ""
registrar = "other"
[[sender]]
provider = "microsoft-365"
roles = ["send"]
options = { dkim-form = "" }
domain-token = ""
tenant = ""
partition = ""
[dmarc]
p = "none"
"#
    .parse()
    .expect("TOML");
    assert_eq!(site, expected);
}

#[test]
fn ctrl_c_and_a_closed_terminal_leave_nothing() {
    for (wanted, at) in [("domain:", "a question"), ("which one?", "a list"), ("empty line", "a paste")] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut answers = vec![("domain:", line("example.com")), ("part of its name", line("cloudfl"))];
        answers.push(("which one?", ENTER.to_owned()));
        answers.push(("part of its name:", line("xserver")));
        answers.push(("Space marks", ENTER.to_owned()));
        answers.push(("server:", line("14166")));
        answers.push(("empty line", ENTER.to_owned()));
        let until = answers.iter().position(|(w, _)| *w == wanted).expect("one of them");
        answers.truncate(until + 1);
        answers[until].1 = CTRL_C.to_owned();
        let session = session(folder.path(), &["init"], &answers);
        // SIGINT.
        assert_eq!(session.exit, -2, "{at}: {}", session.written);
        assert_eq!(names(folder.path()), [""; 0], "{at}");
        // The cursor is not left hidden.
        let (hidden, shown) = (session.written.rfind("\u{1b}[?25l"), session.written.rfind("\u{1b}[?25h"));
        assert!(hidden <= shown, "{at}: {:?}", session.written);
    }
}

#[test]
fn a_file_that_is_there_is_told_before_anything_is_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("site.toml"), "mine").expect("a file");
    let session = session(folder.path(), &["init"], &[]);
    assert_eq!(session.exit, 2);
    assert!(
        session.written.contains("is there already") && !session.written.contains("domain:"),
        "{}",
        session.written
    );
    assert_eq!(fs::read_to_string(folder.path().join("site.toml")).expect("a file"), "mine");
}

#[test]
fn a_key_s_file_that_is_there_is_kept_and_the_next_name_taken() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("keys")).expect("a folder");
    fs::write(folder.path().join("keys/xserver-default.txt"), "mine").expect("a file");
    let (_, public) = new_key();
    let base64: String = public.lines().filter(|l| !l.starts_with("-----")).collect();
    // A whole record of another selector first: it is told, and asked again.
    let answers = [
        ("server:", line("14166")),
        ("empty line", format!("other._domainkey IN TXT \"v=DKIM1; p={base64}\"\r\r")),
        ("the selector other, not of default", format!("v=DKIM1; k=rsa; p={base64}\r\r")),
        ("mails a day:", ENTER.to_owned()),
        ("address:", ENTER.to_owned()),
    ];
    let arguments = ["init", "--domain", "example.com", "--registrar", "other", "--sender", "xserver:send"];
    let session = session(folder.path(), &arguments, &answers);
    assert_eq!(session.exit, 0, "{}", session.written);
    assert_eq!(names(&folder.path().join("keys")), ["xserver-default-2.txt", "xserver-default.txt"]);
    assert_eq!(fs::read_to_string(folder.path().join("keys/xserver-default.txt")).expect("a file"), "mine");
    let site = toml_of(&folder.path().join("site.toml"));
    assert_eq!(site["sender"][0]["dkim-key-file"].as_str(), Some("keys/xserver-default-2.txt"));
}

/// A BIND that serves zones, until this value goes.
struct Bind {
    child: Child,
    port: u16,
    _home: tempfile::TempDir,
}

impl Drop for Bind {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Bind {
    fn serve(zone: &str, text: &str) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let free = |_| {
            let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).ok()?;
            let port = udp.local_addr().ok()?.port();
            TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok().map(|_| port)
        };
        let port = (0..100).find_map(free).expect("a free port");
        let folder = home.path().display();
        let config = format!(
            "options {{ directory \"{folder}\"; pid-file none; session-keyfile none; managed-keys-directory \"{folder}\";\n\
             listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; recursion no; dnssec-validation no; notify no; }};\n\
             controls {{ }};\nzone \"{zone}\" {{ type primary; file \"zone\"; check-names ignore; }};\n"
        );
        fs::write(home.path().join("named.conf"), config).expect("a file");
        fs::write(home.path().join("zone"), text).expect("a file");
        let path = format!("{}:/usr/local/sbin:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default());
        let mut child = Command::new("named")
            .args(["-4", "-g", "-n", "1", "-c", "named.conf"])
            .current_dir(home.path())
            .env("PATH", path)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("named must be installed (tests/run installs it)");
        for _ in 0..400 {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return Self { child, port, _home: home };
            }
            if let Ok(Some(status)) = child.try_wait() {
                panic!("named: {status}");
            }
            thread::sleep(Duration::from_millis(50));
        }
        let _ = child.kill();
        panic!("named does not listen");
    }
}

/// The zone of the story, at お名前.com's name servers.
const ZONE: &str = "$TTL 3600
@ SOA ns.example.com. hostmaster.example.com. 1 7200 3600 1209600 3600
@ NS 01.dnsv.jp.
@ NS 02.dnsv.jp.
@ A 203.0.113.20
@ MX 0 mail
@ TXT \"v=spf1 +a:sv14166.xserver.jp +a:example.com +mx include:spf.sender.xserver.jp include:spf.makeshop.jp ~all\"
@ TXT \"google-site-verification=Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7cDe0fGhI\"
mail A 203.0.113.66
";

fn zoneplan(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(ZONEPLAN)
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::null())
        .output()
        .expect("zoneplan")
}

#[test]
fn a_server_that_does_not_answer_is_told_once() {
    let folder = tempfile::tempdir().expect("a folder");
    // A port that was free a moment ago.
    let port = std::net::UdpSocket::bind("127.0.0.1:0").and_then(|s| s.local_addr()).expect("a port").port();
    let resolver = format!("127.0.0.1:{port}");
    let output = zoneplan(folder.path(), &["init", "--domain", "example.com", "--resolver", &resolver, "-o", "-"]);
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(said.matches(&resolver).count(), 1, "{said}");
}

#[test]
fn answers_are_taken_from_dns_and_say_so() {
    let bind = Bind::serve("example.com", ZONE);
    let folder = tempfile::tempdir().expect("a folder");
    let resolver = format!("127.0.0.1:{}", bind.port);
    let output = zoneplan(folder.path(), &["init", "--domain", "example.com", "--live", "--resolver", &resolver]);
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{err}");
    let file = folder.path().join("site.toml");
    let expected: toml::Table = r#"
domain = "example.com"
registrar = "onamae"
[[sender]]
provider = "xserver"
roles = ["send"]
server = "14166"
[dmarc]
p = "none"
"#
    .parse()
    .expect("TOML");
    assert_eq!(toml_of(&file), expected);
    let text = fs::read_to_string(&file).expect("a file");
    for wanted in [
        "# from the NS of example.com: 01.dnsv.jp, 02.dnsv.jp\nregistrar = \"onamae\"",
        "#   from the TXT of example.com: +a:sv14166.xserver.jp\nserver = \"14166\"",
        "# seen in the TXT of example.com: +a:sv14166.xserver.jp include:spf.sender.xserver.jp",
        // Two services of one family have this include.
        "# - the TXT of example.com: include:spf.makeshop.jp: one of ",
        // A proof of ownership is no sender.
        "Google Workspace (google-workspace)",
    ] {
        assert!(text.contains(wanted), "{wanted}\n---\n{text}");
    }

    // Given answers stand; what DNS says against them is told.
    let arguments = [
        "init",
        "--domain",
        "example.com",
        "--registrar",
        "muumuu",
        "--sender",
        "makeshop",
        "--resolver",
        &resolver,
        "-o",
        "-",
    ];
    let output = zoneplan(folder.path(), &arguments);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(err.contains("That is the panel of Onamae.com"), "{err}");
    assert!(out.contains("registrar = \"muumuu\"") && !out.contains("\nprovider = \"xserver\""), "{out}");
    assert!(out.contains("add it: provider = \"xserver\""), "{out}");
    assert!(!out.contains("one of "), "makeshop is given: {out}");

    // What can't be looked up is told, and the file is written without it.
    let output =
        zoneplan(folder.path(), &["init", "--domain", "example.org", "--resolver", &resolver, "-o", "other.toml"]);
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{err}");
    assert!(err.contains("note: ") && err.contains("example.org"), "{err}");
    assert_eq!(toml_of(&folder.path().join("other.toml"))["registrar"].as_str(), Some(""));
}

#[test]
fn on_a_terminal_what_dns_says_is_the_default() {
    let bind = Bind::serve("example.com", ZONE);
    let folder = tempfile::tempdir().expect("a folder");
    let resolver = format!("127.0.0.1:{}", bind.port);
    let answers = [
        ("ドメイン名:", line("example.com")),
        ("お名前.com (onamae)", ENTER.to_owned()),
        ("エックスサーバー (xserver): example.com の TXT", String::new()),
        ("  いいえ", ENTER.to_owned()),
        ("スペースで選び", format!("{DOWN} {ENTER}")),
        ("server [14166]", ENTER.to_owned()),
        ("DKIM 鍵", ENTER.to_owned()),
        ("次のどれかです", String::new()),
        ("ほかのサービス", ENTER.to_owned()),
        ("1 日の通数", ENTER.to_owned()),
        ("アドレス:", ENTER.to_owned()),
    ];
    let session = session(folder.path(), &["init", "--lang", "ja", "--resolver", &resolver], &answers);
    assert_eq!(session.exit, 0, "{}", session.written);
    let site = toml_of(&folder.path().join("site.toml"));
    assert_eq!(site["registrar"].as_str(), Some("onamae"));
    let senders = site["sender"].as_array().expect("a list");
    assert_eq!(senders.len(), 1, "{site}");
    assert_eq!(senders[0]["server"].as_str(), Some("14166"));
    assert_eq!(senders[0]["roles"].as_array().map(Vec::len), Some(2));
}
