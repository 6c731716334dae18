//! What is wrong with the input is told: exit code 2, nothing on standard output, the file and line where there is one, within five
//! seconds, without a panic, without a control character from outside, and never with a private key in it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A throw-away key pair, made for these tests with `openssl genrsa`; it signs nothing.
const PRIVATE_PKCS8: &str = "-----BEGIN PRIVATE KEY-----\n\
MIICeAIBADANBgkqhkiG9w0BAQEFAASCAmIwggJeAgEAAoGBAM/XGb6NTqxnkgTd\n\
2DBjOvBCCJv0TNLtdxyclo6cPO+gCcx2D2q+0TRZp6y2a72VGOS4ZJbAuaEk1rRj\n\
NCRXimxQvG90JyY02LtxG2CQL5/L7+PsArzrbvGWJb66TNYo0B6NvRTrtOroEIZZ\n\
R5vCl6TGTufFtmgdNw13dIzGcOWJAgMBAAECgYEAqBJU8kAJH+f9L8xKWA7WiZWM\n\
qrjrKyL20H9cTOTRbiGn6tyJ6RN3z/K0Yjl+dOfOIp9uUG53bnWA3ozejIjyGOIx\n\
cHjuXHshiz8D3gA1iD4fHZtDd1Vo0z85zsB4ykNYT56ptILO9Cj6nmB67AjXi8YD\n\
RREM1twG5Y00mxPpu1UCQQDqIeaanKgnULfbX7TLxJpOl4Sw/EBirkKSiVfc5SYn\n\
dj9QMBK5QIh/0S1suSBdXBM9oWzqpQ7sKeznxFvxYC5rAkEA40CN6Qm0mJcszO9g\n\
S7Y+eexq1N2USAYR79gsj1Fn57fFhLJ2kLWNZNGi3QtlMOHVuQt8MnJKmDd1ZLOC\n\
BmeQ2wJBAM3QIzDCiSaWVCiphvqgxqxTkTcrZ0XXvXmm9e+eF94Umi9ZMvxZ+COz\n\
s2ShkAvBhsBkiKPzmJyNdk1+VPxn+iUCQQDLTw2m11AC0/z4u4/jLIBog+Jv3myy\n\
ovuZIEV9Us8qt3a2aRM6E7MT55lVOMSnHuQeUPAkEaw60iLsnMxO/ojRAkBWdZlG\n\
Z/4zLITVb4o7V/mpNf9POqy/8V5/G9WBKBBdnbBYIXlHBkDs1KmGZP9HQAuAMPUr\n\
5y84HH4Q9/hE1kPL\n\
-----END PRIVATE KEY-----\n\
";
/// The same in PKCS#1.
const PRIVATE_PKCS1: &str = "-----BEGIN RSA PRIVATE KEY-----\n\
MIICXgIBAAKBgQDP1xm+jU6sZ5IE3dgwYzrwQgib9EzS7XccnJaOnDzvoAnMdg9q\n\
vtE0Waestmu9lRjkuGSWwLmhJNa0YzQkV4psULxvdCcmNNi7cRtgkC+fy+/j7AK8\n\
627xliW+ukzWKNAejb0U67Tq6BCGWUebwpekxk7nxbZoHTcNd3SMxnDliQIDAQAB\n\
AoGBAKgSVPJACR/n/S/MSlgO1omVjKq46ysi9tB/XEzk0W4hp+rciekTd8/ytGI5\n\
fnTnziKfblBud251gN6M3oyI8hjiMXB47lx7IYs/A94ANYg+Hx2bQ3dVaNM/Oc7A\n\
eMpDWE+eqbSCzvQo+p5geuwI14vGA0URDNbcBuWNNJsT6btVAkEA6iHmmpyoJ1C3\n\
21+0y8SaTpeEsPxAYq5CkolX3OUmJ3Y/UDASuUCIf9EtbLkgXVwTPaFs6qUO7Cns\n\
58Rb8WAuawJBAONAjekJtJiXLMzvYEu2PnnsatTdlEgGEe/YLI9RZ+e3xYSydpC1\n\
jWTRot0LZTDh1bkLfDJySpg3dWSzggZnkNsCQQDN0CMwwokmllQoqYb6oMasU5E3\n\
K2dF1715pvXvnhfeFJovWTL8Wfgjs7NkoZALwYbAZIij85icjXZNflT8Z/olAkEA\n\
y08NptdQAtP8+LuP4yyAaIPib95ssqL7mSBFfVLPKrd2tmkTOhOzE+eZVTjEpx7k\n\
HlDwJBGsOtIi7JzMTv6I0QJAVnWZRmf+MyyE1W+KO1f5qTX/Tzqsv/FefxvVgSgQ\n\
XZ2wWCF5RwZA7NSphmT/R0ALgDD1K+cvOBx+EPf4RNZDyw==\n\
-----END RSA PRIVATE KEY-----\n\
";
const PUBLIC: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAoy4DH8fuahuBa7cEJ665LlM6fFjg5zWYbZANYrpczvv+ooO0OZD77Gn91pJmw8PzPlP3EgUZ/MIIkqlXPLIS8L/zaCt7XLaT0NurPEvyfNv099deDMJY5RnvPNymm4NKo0uI61aH77bPO8yv6wDPekFsNbE84syoeRWpmCRhJTww5vtFZUX70O8zMTcbqmSN2mGgfo4ZEtfQfXdrQZ5Kv45rP1gPzCXNqko8+SKOT6zywfRZBfk6mmNHJhkZ0DVUvb1mS0Mo84PWlOoLayFugzOV/58NHSURoO1HkfIuq9JuyoFPUiQxw7nsq5K78UYlB0UI4XzyDSe7wSmX4/tHZQIDAQAB";

struct Came {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Came {
    fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

fn start(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zoneplan"));
    command
        .args(args)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs zoneplan; that it neither hangs nor panics is checked here, for every run.
fn run(folder: &Path, args: &[&str]) -> Came {
    let begun = Instant::now();
    let mut child = start(folder, args).spawn().expect("zoneplan starts");
    let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let read_out = thread::spawn(move || {
        let mut octets = Vec::new();
        out.read_to_end(&mut octets).unwrap();
        octets
    });
    let read_err = thread::spawn(move || {
        let mut octets = Vec::new();
        err.read_to_end(&mut octets).unwrap();
        octets
    });
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if begun.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("{args:?}: still running after {PATIENCE:?}");
        }
        thread::sleep(Duration::from_millis(1));
    };
    let text = |octets: Vec<u8>| String::from_utf8(octets).expect("zoneplan writes UTF-8");
    let came =
        Came { code: status.code(), stdout: text(read_out.join().unwrap()), stderr: text(read_err.join().unwrap()) };
    assert!(!came.stderr.contains("panicked"), "{args:?}: {}", came.stderr);
    assert!(came.code.is_some(), "{args:?} was killed: {}", came.stderr);
    came
}

fn folder_with(files: &[(&str, &[u8])]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, octets) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, octets).unwrap();
    }
    folder
}

/// Builds a site.toml of these octets.
fn build(octets: &[u8]) -> Came {
    run(folder_with(&[("site.toml", octets)]).path(), &["build", "site.toml"])
}

/// Refused: exit code 2, nothing on standard output, and standard error has these words.
fn refused(came: &Came, words: &[&str]) {
    assert_eq!(came.code, Some(2), "{}", came.stderr);
    assert_eq!(came.stdout, "");
    for word in words {
        assert!(came.stderr.contains(word), "no `{word}` in:\n{}", came.stderr);
    }
}

fn built(came: &Came) {
    assert!(matches!(came.code, Some(0 | 1)), "{:?}: {}", came.code, came.stderr);
    assert!(came.stdout.contains("$ORIGIN"), "{}", came.stderr);
}

fn sender(lines: &str) -> String {
    format!("domain = \"example.com\"\n\n[[sender]]\n{lines}\n")
}

fn with_key(key: &[u8]) -> Came {
    let site = sender("provider = \"xserver\"\nserver = \"14166\"\ndkim-key-file = \"key.txt\"");
    run(folder_with(&[("site.toml", site.as_bytes()), ("key.txt", key)]).path(), &["build", "site.toml"])
}

// ---------------------------------------------------------------- files

#[test]
fn text_that_is_not_toml() {
    refused(&build(b"domain = \"example.com\"\nthis is no TOML\n"), &["site.toml:2:"]);
    refused(&build(b"domain = \"example.com\n"), &["site.toml:1:"]);
    refused(&build(b"{\"domain\": \"example.com\"}"), &["site.toml:1:"]);
    refused(&build(b""), &["`domain`", "site.toml"]);
    refused(&build(b"domain = \"example.com\"\ndomain = \"example.net\"\n"), &["site.toml:2:"]);
}

#[test]
fn other_encodings_are_named() {
    refused(&build(b"domain = \"example.com\"\n# \xff\xc3\n"), &["not UTF-8", "line 2"]);
    refused(&build(b"domain = \"example.com\"\n# \x82\xa8\x96\xbc\x91\x4f\n"), &["Shift_JIS", "line 2"]);
    let utf16 = |little: bool| -> Vec<u8> {
        let units = "\u{feff}domain = \"example.com\"\n".encode_utf16();
        units.flat_map(|u| if little { u.to_le_bytes() } else { u.to_be_bytes() }).collect()
    };
    refused(&build(&utf16(true)), &["UTF-16"]);
    refused(&build(&utf16(false)), &["UTF-16"]);
    refused(&build(b"domain = \"example.com\"\n\xff\0\0\n"), &["site.toml"]);
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_accepted() {
    built(&build("\u{feff}domain = \"example.com\"\r\nmail = false\r\n".as_bytes()));
}

#[test]
fn what_is_no_file() {
    let folder = folder_with(&[("a-folder/x", b"")]);
    refused(&run(folder.path(), &["build", "missing.toml"]), &["missing.toml", "no such file"]);
    refused(&run(folder.path(), &["build"]), &["no site.toml in this folder", "zoneplan build path/to/site.toml"]);
    refused(&run(folder.path(), &["build", "--lang", "ja"]), &["site.toml がありません"]);
    refused(&run(folder.path(), &["build", "a-folder"]), &["a-folder", "folder"]);
    refused(&run(folder.path(), &["build", ""]), &[]);
}

#[cfg(unix)]
#[test]
fn a_pipe_is_not_waited_for() {
    let folder = folder_with(&[]);
    assert!(Command::new("mkfifo").arg(folder.path().join("pipe")).status().unwrap().success());
    refused(&run(folder.path(), &["build", "pipe"]), &["pipe", "not a regular file"]);
    refused(&run(folder.path(), &["build", "/dev/zero"]), &["/dev/zero"]);
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder_with(&[("site.toml", b"domain = \"example.com\"\n")]);
    let path = folder.path().join("site.toml");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o0)).unwrap();
    // root may read everything.
    if fs::read(&path).is_err() {
        refused(&run(folder.path(), &["build", "site.toml"]), &["site.toml"]);
    }
}

#[test]
fn a_hundred_megabytes_of_brackets() {
    let folder = folder_with(&[("site.toml", &vec![b'['; 100 << 20])]);
    refused(&run(folder.path(), &["build", "site.toml"]), &["site.toml", "larger"]);
}

#[test]
fn as_many_brackets_as_are_read() {
    for text in [
        "[".repeat(4 << 20),
        format!("a = {}", "[".repeat(4_000_000)),
        format!("a = {}", "{a=".repeat(1_000_000)),
        "a.".repeat(2 << 20),
    ] {
        let came = build(text.as_bytes());
        refused(&came, &["site.toml"]);
        assert!(came.stderr.len() < 10_000, "{} bytes of messages", came.stderr.len());
    }
}

#[test]
fn long_lines_are_not_shown_whole() {
    for text in [
        format!("domain = \"{}\"\n", "a".repeat(1 << 20)),
        format!("{} = 1\n", "k".repeat(1 << 20)),
        format!("x = 1 {}\n", "y".repeat(1 << 20)),
    ] {
        for args in [&["build", "site.toml"][..], &["build", "site.toml", "--message-format", "short"]] {
            let came = run(folder_with(&[("site.toml", text.as_bytes())]).path(), args);
            refused(&came, &["site.toml"]);
            assert!(came.stderr.len() < 10_000, "{} bytes of messages", came.stderr.len());
        }
    }
}

// ---------------------------------------------------------------- keys

/// Texts from which a run of this many characters must not come back.
const WINDOW: usize = 16;

fn base64_of(pem: &str) -> String {
    pem.lines().filter(|l| !l.contains("-----")).collect()
}

/// No part of the private key that is not the public key too.
fn keeps_secret(came: &str, context: &str) {
    for pem in [PRIVATE_PKCS8, PRIVATE_PKCS1] {
        for line in pem.lines().filter(|l| !l.contains("-----")) {
            for at in (0..line.len().saturating_sub(WINDOW)).step_by(4) {
                let part = &line[at..at + WINDOW];
                assert!(PUBLIC.contains(part) || !came.contains(part), "{context}: shows {part} in:\n{came}");
            }
        }
    }
}

/// Every way in which findings and products are written.
const WAYS: &[&[&str]] = &[
    &["--verbose"],
    &["--verbose", "--lang", "ja"],
    &["--message-format", "short"],
    &["--message-format", "json", "--format", "json"],
    &["--format", "table", "--report", "report.json"],
];

/// Runs `check` and gives what it says when it fails, so that one test can tell of all its cases at once.
fn gather(wrong: &mut Vec<String>, check: impl FnOnce() + std::panic::UnwindSafe) {
    if let Err(error) = std::panic::catch_unwind(check) {
        let text = error.downcast_ref::<String>().cloned();
        wrong.push(text.or_else(|| error.downcast_ref::<&str>().map(|t| (*t).to_owned())).unwrap_or_default());
    }
}

fn secret_in_all_ways(files: &[(&str, &[u8])], context: &str, words: &[&str]) {
    for way in WAYS {
        let folder = folder_with(files);
        let came = run(folder.path(), &[&["build", "site.toml"], *way].concat());
        assert_eq!(came.code, Some(2), "{context} {way:?}: {}", came.stderr);
        assert_eq!(came.stdout, "", "{context}");
        if !way.contains(&"ja") {
            // JSON has file and line apart.
            let apart = way.contains(&"json");
            for word in words.iter().filter(|w| !(apart && w.ends_with(':'))) {
                assert!(came.stderr.contains(word), "{context} {way:?}: no `{word}` in:\n{}", came.stderr);
            }
        }
        let report = fs::read_to_string(folder.path().join("report.json")).unwrap_or_default();
        keeps_secret(&(came.all() + &report), &format!("{context} {way:?}"));
    }
}

#[test]
fn a_private_key_in_a_file_is_refused_and_not_shown() {
    let mut wrong = Vec::new();
    let site = sender("provider = \"xserver\"\nserver = \"14166\"\ndkim-key-file = \"key.txt\"");
    let (pkcs8, pkcs1) = (base64_of(PRIVATE_PKCS8), base64_of(PRIVATE_PKCS1));
    let with_public = format!("{PRIVATE_PKCS8}\n-----BEGIN PUBLIC KEY-----\n{PUBLIC}\n-----END PUBLIC KEY-----\n");
    let cut = PRIVATE_PKCS8.lines().take(8).collect::<Vec<_>>().join("\n");
    let windows = PRIVATE_PKCS1.replace('\n', "\r\n");
    let wrapped = format!("v=DKIM1; k=rsa; p={pkcs8}");
    let line = format!("default._domainkey IN TXT \"v=DKIM1; k=rsa; p={}\" \"{}\"", &pkcs1[..200], &pkcs1[200..]);
    for (name, key) in [
        ("PKCS#8 PEM", PRIVATE_PKCS8),
        ("PKCS#1 PEM", PRIVATE_PKCS1),
        ("PKCS#8 base64", &pkcs8),
        ("PKCS#1 base64", &pkcs1),
        ("both keys", &with_public),
        ("PKCS#8 PEM, cut", &cut),
        ("PKCS#1 PEM, Windows", &windows),
        ("in p=", &wrapped),
        ("in a record line", &line),
        ("in one line", &PRIVATE_PKCS8.replace('\n', " ")),
    ] {
        gather(&mut wrong, || {
            secret_in_all_ways(&[("site.toml", site.as_bytes()), ("key.txt", key.as_bytes())], name, &["PRIVATE"])
        });
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_private_key_in_site_toml_is_refused_and_not_shown() {
    let mut wrong = Vec::new();
    let (pkcs8, pkcs1) = (base64_of(PRIVATE_PKCS8), base64_of(PRIVATE_PKCS1));
    let head = "provider = \"xserver\"\nserver = \"14166\"\n";
    for (name, lines) in [
        ("many lines", format!("{head}dkim = [{{ selector = \"default\", key = \"\"\"\n{PRIVATE_PKCS8}\"\"\" }}]")),
        ("one line", format!("{head}dkim = [{{ selector = \"default\", key = \"{pkcs8}\" }}]")),
        ("p=", format!("{head}dkim = [{{ selector = \"default\", key = \"v=DKIM1; k=rsa; p={pkcs1}\" }}]")),
    ] {
        gather(&mut wrong, || {
            secret_in_all_ways(&[("site.toml", sender(&lines).as_bytes())], name, &["PRIVATE", "site.toml:"])
        });
    }
    for (name, lines) in [
        ("as a variable", format!("provider = \"xserver\"\nserver = \"{pkcs8}\"")),
        ("as a file name", format!("{head}dkim-key-file = \"{pkcs8}\"")),
        ("as a file name, PEM", format!("{head}dkim-key-file = \"\"\"\n{PRIVATE_PKCS8}\"\"\"")),
        ("as a provider", format!("provider = \"{pkcs8}\"")),
        ("under a wrong key", format!("{head}dkim-key = \"{pkcs8}\"")),
        ("under a wrong key, PEM", format!("{head}dkim-key = \"\"\"\n{PRIVATE_PKCS8}\"\"\"")),
        ("as a selector", format!("{head}dkim = [{{ selector = \"{pkcs8}\", key = \"x\" }}]")),
        ("wrong type beside it", format!("{head}ttl = true # {pkcs8}")),
        ("quote missing", format!("{head}dkim = [{{ selector = \"default\", key = \"{pkcs8} }}]")),
        ("quotes missing, PEM", format!("{head}dkim = [{{ selector = \"default\", key = \n{PRIVATE_PKCS8} }}]")),
        (
            "end of the string missing",
            format!("{head}dkim = [{{ selector = \"default\", key = \"\"\"\n{PRIVATE_PKCS8}"),
        ),
        ("as a key", format!("{head}{pkcs8} = 1")),
        ("broken line beside it", format!("{head}oops # {pkcs1}")),
        ("broken line before it", format!("{head}oops\n# {pkcs1}")),
        ("in a record's wrong value", format!("{head}\n[[record]]\nname = \"x\"\ntype = \"A\"\nvalue = \"{pkcs8}\"")),
    ] {
        gather(&mut wrong, || secret_in_all_ways(&[("site.toml", sender(&lines).as_bytes())], name, &["site.toml:"]));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_key_file_that_is_none() {
    refused(&with_key(b""), &["key.txt", "site.toml:6:"]);
    refused(&with_key(b" \n\n"), &["key.txt", "site.toml:6:"]);
    refused(&with_key(b"\x00\x01\x02\xff\xfe\x80binary"), &["key.txt", "site.toml:6:"]);
    refused(&with_key(format!("v=DKIM1; k=rsa; p={}", &PUBLIC[..300]).as_bytes()), &["key.txt", "site.toml:6:"]);
    refused(&with_key(format!("v=DKIM1; k=rsa; p={}", &PUBLIC[..255 - 18]).as_bytes()), &["key.txt", "site.toml:6:"]);
    refused(&with_key(b"v=spf1 include:spf.example.net ~all"), &["key.txt", "site.toml:6:"]);
    refused(&with_key(b"v=DMARC1; p=none"), &["key.txt", "site.toml:6:"]);
    refused(&with_key(b"<html><body>404</body></html>"), &["key.txt", "site.toml:6:"]);
    refused(&with_key(b"example.com. IN MX 10 mx.example.com."), &["key.txt", "site.toml:6:"]);
    refused(&with_key(b"v=DKIM1; k=rsa; p="), &["key.txt", "site.toml:6:"]);
    refused(&with_key(&[b'A'; 65 * 1024]), &["key.txt", "larger", "site.toml:6:"]);
    refused(&with_key("鍵はこちら".as_bytes()), &["key.txt", "site.toml:6:"]);
    refused(&with_key(b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"), &["key.txt", "site.toml:6:"]);
    let site = sender("provider = \"xserver\"\nserver = \"14166\"\ndkim-key-file = \"keys\"");
    let folder = folder_with(&[("site.toml", site.as_bytes()), ("keys/x", b"")]);
    refused(&run(folder.path(), &["build", "site.toml"]), &["keys", "folder", "site.toml:6:"]);
}

// ---------------------------------------------------------------- values

#[test]
fn a_domain_that_is_none() {
    let long = format!("{}example.com", "abcdefgh.".repeat(32));
    for (domain, word) in [
        ("192.0.2.1", "address"),
        ("2001:db8::1", "address"),
        ("com", "top-level"),
        ("co.jp", "suffix"),
        ("example .com", "space"),
        ("example.com ", "space"),
        ("　example.com", "space"),
        ("https://example.com/", "example.com"),
        ("info@example.com", "mail address"),
        ("exa_mple.com", "_"),
        ("-a.example.com", "-"),
        ("example..com", ""),
        (".example.com", ""),
        ("*.example.com", "one domain"),
        ("", "empty"),
        (&long, ""),
        (&format!("{}.com", "a".repeat(64)), "64"),
        ("example.com/path", ""),
        ("example.com:53", ""),
        ("example.com\\n", ""),
        ("example.com\\u0000", ""),
    ] {
        refused(&build(format!("domain = \"{domain}\"\n").as_bytes()), &["site.toml:1:10", word]);
    }
    refused(&build(b"domain = 1\n"), &["site.toml:1:"]);
    refused(&build(b"domain = [\"example.com\"]\n"), &["site.toml:1:"]);
}

#[test]
fn values_that_would_break_out_are_refused() {
    let mut wrong = Vec::new();
    let long = "a".repeat(1 << 20);
    let values = [
        "14166\\n@ A 192.0.2.1",
        "a\\\"b",
        "%{i}",
        "{{ domain }}",
        "{% raw %}",
        "\\u001b[31m",
        "\\u0000",
        "a b",
        "a;b",
        "a\\\\b",
        "../../x",
        "",
        " ",
        "１４１６６",
        "\\u202e14166",
        &long,
    ];
    for (provider, variable) in [
        ("xserver", "server"),
        ("makeshop", "selector"),
        ("sakura-rental", "selector"),
        ("google-workspace", "site-verification"),
        ("brevo", "code"),
    ] {
        for value in values {
            let lines = format!(
                "provider = \"{provider}\"\n{variable} = \"{value}\"\nroles = [\"send\", \"receive\", \"verify\"]"
            );
            let came = build(sender(&lines).as_bytes());
            gather(&mut wrong, || {
                refused(&came, &["site.toml:"]);
                assert!(came.stderr.len() < 20_000, "{provider} {variable}: {} bytes of messages", came.stderr.len());
            });
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn whole_values_stay_one_string() {
    // A template that takes a whole value from the site must not let it become another record.
    for value in ["x\\\" ; y", "x\\n@ 3600 IN A 192.0.2.1", "x\\r", "x\\u0000", "\\u001b[31m"] {
        let lines = format!(
            "provider = \"mailjet\"\nverification-host = \"x\"\nverification-value = \"{value}\"\nroles = [\"verify\"]"
        );
        let came = build(sender(&lines).as_bytes());
        assert!(!came.stdout.lines().any(|l| l.contains("192.0.2.1")), "{}", came.stdout);
        assert!(!came.all().contains('\u{1b}'), "{}", came.all());
    }
}

#[test]
fn ttls_that_are_none() {
    for ttl in [
        "-1",
        "\"1w2d\"",
        "99999999999",
        "\"99999999999\"",
        "\"-1\"",
        "1.5",
        "true",
        "\"\"",
        "\"1 h\"",
        "\"h\"",
        "2147483648",
        "\"4294967296\"",
        "\"10000w\"",
        "[60]",
        "nan",
        "0x7fffffffffffffff",
    ] {
        refused(&build(format!("domain = \"example.com\"\nttl = {ttl}\n").as_bytes()), &["site.toml:2:7"]);
        let record = format!(
            "domain = \"example.com\"\n[[record]]\nname = \"www\"\ntype = \"A\"\nvalue = \"192.0.2.1\"\nttl = {ttl}\n"
        );
        refused(&build(record.as_bytes()), &["site.toml:6:7"]);
    }
}

#[test]
fn record_values_that_are_none() {
    for (rtype, value) in [
        ("A", "192.0.2.256"),
        ("A", "2001:db8::1"),
        ("A", "192.0.2.1 192.0.2.2"),
        ("AAAA", "192.0.2.1"),
        ("AAAA", "fe80::1%eth0"),
        ("MX", "mx.example.net"),
        ("MX", "65536 mx.example.net"),
        ("MX", "-1 mx.example.net"),
        ("MX", "10"),
        ("CNAME", ""),
        ("CNAME", "a b"),
        ("CNAME", "a..b"),
        ("SRV", "0 0 0"),
        ("CAA", "0 issue"),
        ("CAA", "256 issue \\\"x\\\""),
        ("NS", ""),
        ("TXT", "a\\nb"),
        ("A", "192.0.2.1\\n@ A 192.0.2.2"),
        ("SOA", "a. b. 1 2 3 4 5"),
        ("AXFR", "x"),
        ("ANY", "x"),
        ("NOPE", "x"),
        ("TXT", "\\\"unclosed"),
        ("DS", "x"),
        ("TLSA", "3 1 1 zz"),
    ] {
        let site =
            format!("domain = \"example.com\"\n[[record]]\nname = \"x\"\ntype = \"{rtype}\"\nvalue = \"{value}\"\n");
        refused(&build(site.as_bytes()), &["site.toml:"]);
    }
    refused(
        &build(
            format!(
                "domain = \"example.com\"\n[[record]]\nname = \"x\"\ntype = \"TXT\"\nvalue = \"{}\"\n",
                "x".repeat(70_000)
            )
            .as_bytes(),
        ),
        &["site.toml:5:"],
    );
    for name in [
        "a b",
        "www.example.net.",
        "a..b",
        &"a".repeat(64),
        &"a.".repeat(130),
        "a\\nb",
        "a\\\"b",
        "a;b",
        "$ORIGIN",
        "a(b",
    ] {
        let site =
            format!("domain = \"example.com\"\n[[record]]\nname = \"{name}\"\ntype = \"A\"\nvalue = \"192.0.2.1\"\n");
        let came = build(site.as_bytes());
        if came.code != Some(2) {
            // What is let through must be written so that it stays one owner.
            assert!(came.stdout.lines().filter(|l| l.ends_with("192.0.2.1")).count() == 1, "{name}: {}", came.stdout);
        }
    }
}

#[test]
fn duplicate_senders() {
    let twice = "[[sender]]\nprovider = \"blastmail\"\n[[sender]]\nprovider = \"blastmail\"\n";
    refused(&build(format!("domain = \"example.com\"\n{twice}").as_bytes()), &["site.toml:5:", "twice"]);
    let aliases = "[[sender]]\nprovider = \"blastmail\"\n[[sender]]\nprovider = \"BlastMail\"\n";
    refused(&build(format!("domain = \"example.com\"\n{aliases}").as_bytes()), &["site.toml:5:", "twice"]);
    let apart = "[[sender]]\nprovider = \"blastmail\"\n[[sender]]\nprovider = \"blastmail\"\nsubdomain = \"news\"\n";
    built(&build(format!("domain = \"example.com\"\n{apart}").as_bytes()));
}

#[test]
fn duplicate_senders_in_other_words() {
    for second in ["provider = \"ブラストメール\"", "provider = \"ＢｌａｓｔＭａｉｌ\"", "provider = \"bmv.jp\""]
    {
        let site = format!("domain = \"example.com\"\n[[sender]]\nprovider = \"blastmail\"\n[[sender]]\n{second}\n");
        refused(&build(site.as_bytes()), &["site.toml:5:", "twice"]);
    }
}

// ---------------------------------------------------------------- extends

#[test]
fn extends_that_cannot_be() {
    let run_with = |files: &[(&str, &[u8])]| run(folder_with(files).path(), &["build", "site.toml"]);
    let site = b"domain = \"example.com\"\nextends = \"base.toml\"\n";
    refused(
        &run_with(&[("site.toml", b"domain = \"example.com\"\nextends = \"site.toml\"\n")]),
        &["site.toml:2:", "itself"],
    );
    refused(
        &run_with(&[("site.toml", b"domain = \"example.com\"\nextends = \"./../x/site.toml\"\n")]),
        &["site.toml:2:"],
    );
    refused(&run_with(&[("site.toml", site)]), &["site.toml:2:", "base.toml", "no such file"]);
    refused(&run_with(&[("site.toml", site), ("base.toml/x", b"")]), &["site.toml:2:", "folder"]);
    refused(
        &run_with(&[("site.toml", site), ("base.toml", b"extends = \"other.toml\"\n")]),
        &["base.toml:1:", "`extends`"],
    );
    refused(
        &run_with(&[("site.toml", site), ("base.toml", b"domain = \"example.net\"\n")]),
        &["base.toml:1:", "`domain`"],
    );
    refused(&run_with(&[("site.toml", site), ("base.toml", b"ttl = \n")]), &["base.toml:1:"]);
    refused(&run_with(&[("site.toml", site), ("base.toml", b"\xff\xfe")]), &["base.toml"]);
    refused(&run_with(&[("site.toml", b"domain = \"example.com\"\nextends = 1\n")]), &["site.toml:2:"]);
    refused(&run_with(&[("site.toml", b"domain = \"example.com\"\nextends = [\"a\"]\n")]), &["site.toml:2:"]);
    refused(&run_with(&[("site.toml", b"domain = \"example.com\"\nextends = \"\"\n")]), &["site.toml:2:"]);
}

// ---------------------------------------------------------------- unknown keys

#[test]
fn unknown_keys_are_told_with_what_was_meant() {
    let mut wrong = Vec::new();
    for (text, place, meant) in [
        ("registar = \"onamae\"\n", "2:1", "registrar"),
        ("gmail-perday = 1\n", "2:1", "gmail-per-day"),
        ("[dmarck]\np = \"none\"\n", "2:2", "dmarc"),
        ("[[senders]]\nprovider = \"blastmail\"\n", "2:3", "sender"),
        ("[[sender]]\nprovider = \"blastmail\"\nrole = \"send\"\n", "4:1", "roles"),
        ("[[sender]]\nprovider = \"blastmail\"\nsub-domain = \"news\"\n", "4:1", "subdomain"),
        ("[[sender]]\nprovider = \"blastmail\"\ndkim-keyfile = \"x\"\n", "4:1", "dkim-key-file"),
        ("[[sender]]\nprovider = \"blastmail\"\ndkim = [{ selecter = \"a\", key = \"x\" }]\n", "4:11", "selector"),
        ("[[sender]]\nprovider = \"xserver\"\nsever = \"14166\"\n", "4:1", "server"),
        ("[[subdomain]]\nname = \"a\"\ndelgated = \"onamae\"\n", "4:1", "delegated"),
        ("[[subdomain]]\nname = \"a\"\nspf = { extar = [\"mx\"] }\n", "4:9", "extra"),
        ("[[subdomain]]\nname = \"a\"\ndmarc = { p = \"none\", aspff = \"s\" }\n", "4:23", "aspf"),
        ("[spf]\nextras = [\"mx\"]\n", "3:1", "extra"),
        ("[mta-sts]\nmode = \"none\"\nmaxage = 1\n", "4:1", "max-age"),
        ("[bimi]\nl = \"\"\nselecter = \"x\"\n", "4:1", "selector"),
        ("[caa]\nissuwild = [\"x\"]\n", "3:1", "issuewild"),
        ("[keyzone]\nsufix = \"dkim.agency.example\"\n", "3:1", "suffix"),
        ("[[way]]\nname = \"x\"\ntype = \"TXT\"\nuses = \"keyzone\"\n", "5:1", "use"),
        ("[limits]\ntxtmax = 1\n", "3:1", "txt-max"),
        ("[[record]]\nname = \"x\"\ntype = \"A\"\nvalues = \"192.0.2.1\"\n", "5:1", "value"),
        ("[lint]\nofff = []\n", "3:1", "off"),
        ("[[way]]\nname = \"x\"\ntype = \"TXT\"\nuse = \"key-zone\"\n", "5:7", "keyzone"),
        ("[[sender]]\nprovider = \"blastmail\"\nroles = [\"sends\"]\n", "4:10", "send"),
        ("[[sender]]\nprovider = \"blastmail\"\nspf = \"returnpath\"\n", "4:7", "return-path"),
        ("recipients = [\"jp-mobil\"]\n", "2:15", "jp-mobile"),
        ("[lint]\noff = [\"spf-misssing\"]\n", "3:8", "spf-missing"),
    ] {
        let came = build(format!("domain = \"example.com\"\n{text}").as_bytes());
        gather(&mut wrong, || {
            refused(&came, &[&format!("site.toml:{place}"), &format!("did you mean `{meant}`")]);
        });
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn unknown_keys_are_told_with_what_was_meant_here_too() {
    let mut wrong = Vec::new();
    for (text, place, meant) in [
        ("[[sender]]\nprovidr = \"blastmail\"\n", "3:1", "provider"),
        ("[[sender]]\nprovider = \"google-workspace\"\noptions = { mxx = \"five\" }\n", "4:13", "mx"),
        ("[dmarc]\np = \"none\"\nrau = [\"mailto:a@example.com\"]\n", "4:1", "rua"),
        ("[tls-rpt]\nrau = [\"mailto:a@example.com\"]\n", "3:1", "rua"),
        ("[[sender]]\nprovider = \"blastmail\"\nrols = [\"send\"]\n", "4:1", "roles"),
    ] {
        let came = build(format!("domain = \"example.com\"\n{text}").as_bytes());
        gather(&mut wrong, || {
            refused(&came, &[&format!("site.toml:{place}"), &format!("did you mean `{meant}`")]);
        });
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn several_errors_are_told_at_once() {
    let site = "domain = \"example.com\"\nregistar = \"x\"\nttl = \"1w2d\"\n[dmarc]\np = \"none\"\nrau = [\"x\"]\n[spf]\nextras = [\"mx\"]\n[[record]]\nname = \"a b\"\ntype = \"NOPE\"\nvalue = \"x\"\n[limits]\ntxt-max = \"255\"\n";
    let folder = folder_with(&[("site.toml", site.as_bytes())]);
    let came = run(folder.path(), &["build", "site.toml", "--message-format", "short"]);
    refused(
        &came,
        &[
            "site.toml:2:1:",
            "site.toml:3:7:",
            "site.toml:6:1:",
            "site.toml:8:1:",
            "site.toml:10:8:",
            "site.toml:11:8:",
            "site.toml:14:11:",
        ],
    );
    assert_eq!(came.stderr.lines().count(), 7, "{}", came.stderr);
    refused(&run(folder.path(), &["build", "site.toml"]), &["7 to fix"]);
    refused(&run(folder.path(), &["build", "site.toml", "--lang", "ja"]), &["直す 7"]);
}

// ---------------------------------------------------------------- characters from outside

/// A site that has every key.
const EVERYTHING: &str = r##"domain = "example.com"
registrar = "onamae"
current = "zone.txt"
ttl = "1h"
lang = "en"
recipients = ["jp-mobile"]

[[sender]]
provider = "xserver"
id = "mail"
server = "14166"
subdomain = "news"
roles = ["send"]
note = "a note"
from = "info@example.com"
spf = "from"
dkim = [{ selector = "default", key = "x" }]

[[sender]]
provider = "google-workspace"
site-verification = "abc"
options = { mx = "five" }
dkim-key-file = "key.txt"

[[sender]]
provider = "sendgrid"
mail-from = "em1"
user-id = "1"
cluster = "wl1"

[[subdomain]]
name = "shop"
spf = { all = "-all", extra = ["mx"] }
dmarc = { p = "none" }
delegated = "cloudflare"

[spf]
all = "~all"
extra = ["ip4:203.0.113.9"]
flatten = ["spf.example.net"]

[dmarc]
p = "none"
sp = "none"
np = "none"
adkim = "r"
aspf = "r"
rua = ["mailto:a@example.com"]
ruf = ["mailto:a@example.com"]
fo = "1"
t = "n"
psd = "u"

[mta-sts]
mode = "testing"
max-age = "1w"
mx = ["mx.example.com"]
host = "192.0.2.1"

[tls-rpt]
rua = ["mailto:a@example.com"]

[bimi]
l = "https://example.com/a.svg"
a = "https://example.com/a.pem"
selector = "default"
avp = "brand"

[caa]
issue = ["ca.example.net"]
issuewild = ["ca.example.net"]
issuemail = ["ca.example.net"]
issuevmc = ["ca.example.net"]
iodef = ["mailto:a@example.com"]

[keyzone]
suffix = "dkim.agency.example"
zone = "agency.example"
registrar = "cloudflare"

[[way]]
name = "x"
type = "TXT"
use = "keyzone"

[limits]
txt-over-255 = "reject"
types = ["A", "TXT"]
apex-alias = "ALIAS"
txt-charset = "ASCII"

[lint]
off = ["spf-missing"]

[[record]]
name = "www"
type = "A"
value = "192.0.2.1"
for = "mail"

[[record]]
name = "t"
type = "TXT"
value = "text"
for = "another company"
"##;

/// A character that must not reach a terminal: controls but the line end, and what turns the direction of text.
fn dangerous(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

fn harmless(came: &Came, context: &str) {
    if let Some(c) = came.all().chars().find(|c| dangerous(*c)) {
        panic!("{context}: U+{:04X} came out:\n{:?}", u32::from(c), came.all());
    }
}

#[test]
fn control_characters_never_reach_the_output() {
    let mut wrong = Vec::new();
    const EVIL: &str = "a\\u001b[31m\\u009b\\u202e\\u0007\\u2028b";
    let places: Vec<(usize, usize)> = {
        // Every string: the odd quotes open one.
        let quotes: Vec<usize> = EVERYTHING.match_indices('"').map(|(at, _)| at).collect();
        quotes.chunks_exact(2).map(|pair| (pair[0] + 1, pair[1])).collect()
    };
    assert!(places.len() > 70, "{}", places.len());
    for (i, (from, to)) in places.iter().enumerate() {
        let site = format!("{}{EVIL}{}", &EVERYTHING[..*from], &EVERYTHING[*to..]);
        let folder = folder_with(&[("site.toml", site.as_bytes()), ("key.txt", PUBLIC.as_bytes())]);
        let line = EVERYTHING[..*from].lines().last().unwrap_or("");
        let way = WAYS[i % WAYS.len()];
        let came = run(folder.path(), &[&["build", "site.toml"], way].concat());
        gather(&mut wrong, || harmless(&came, line));
        let came = run(folder.path(), &["build", "site.toml", "-v"]);
        gather(&mut wrong, || harmless(&came, line));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn control_characters_in_a_site_that_builds() {
    // Where free text is let through: a company's name, a note, a TXT.
    let site = "domain = \"example.com\"\n[[record]]\nname = \"@\"\ntype = \"A\"\nvalue = \"192.0.2.1\"\nfor = \"a\\u001b[31m\\u202eb\"\n[[record]]\nname = \"@\"\ntype = \"A\"\nvalue = \"192.0.2.2\"\nfor = \"c\\u0007\"\n[[record]]\nname = \"t\"\ntype = \"TXT\"\nvalue = \"a\\u001b[31mb\\u202e\"\n";
    for way in WAYS {
        let folder = folder_with(&[("site.toml", site.as_bytes())]);
        let came = run(folder.path(), &[&["build", "site.toml"], *way].concat());
        assert!(matches!(came.code, Some(0..=2)), "{}", came.stderr);
        harmless(&came, &format!("{way:?}"));
    }
}

#[test]
fn raw_control_characters_in_the_file() {
    for octet in ["\u{1b}[31m", "\u{7}", "\u{202e}", "\u{9b}31m", "\r", "\u{0}", "\u{7f}"] {
        for site in [
            format!("domain = \"exam{octet}ple.com\"\n"),
            format!("do{octet}main = \"example.com\"\n"),
            format!("# {octet}\ndomain = 1 # {octet}\n"),
            format!("domain = \"example.com\"\n[{octet}]\n"),
        ] {
            let came = build(site.as_bytes());
            harmless(&came, &format!("{site:?}"));
            assert_eq!(came.code, Some(2), "{site:?}: {}", came.stderr);
        }
    }
}

#[test]
fn control_characters_on_the_command_line() {
    let mut wrong = Vec::new();
    let folder = folder_with(&[("site.toml", b"domain = \"example.com\"\nmail = false\n")]);
    for args in [
        &["build", "a\u{1b}[31m\u{202e}.toml"][..],
        &["build", "site.toml", "-o", "no\u{1b}[31m/x\u{202e}"],
        &["build", "site.toml", "--registrar", "a\u{1b}[31m\u{202e}"],
        &["build", "site.toml", "--complete", "--ns", "a\u{1b}[31m\u{202e}"],
        &["build", "site.toml", "--report", "no\u{1b}[31m/x\u{202e}"],
        &["build", "site.toml", "--format", "a\u{1b}[31m\u{7}"],
        &["build", "site.toml", "--a\u{1b}[31m\u{7}"],
        &["a\u{1b}[31m\u{7}"],
    ] {
        let came = run(folder.path(), args);
        gather(&mut wrong, || {
            harmless(&came, &format!("{args:?}"));
            assert_eq!(came.code, Some(2), "{args:?}: {}", came.stderr);
        });
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn direction_marks_on_the_command_line() {
    let folder = folder_with(&[("site.toml", SITE)]);
    for args in [&["build", "site.toml", "--format", "\u{9b}31m\u{202e}"][..], &["build", "--\u{202e}"], &["\u{202e}"]]
    {
        harmless(&run(folder.path(), args), &format!("{args:?}"));
        harmless(&run(folder.path(), &[&["--lang", "ja"], args].concat()), &format!("ja {args:?}"));
    }
    // Of these Japanese has no words of its own.
    let came = run(folder.path(), &["--lang", "ja", "build", "--serial", "\u{9b}", "--complete", "--strict=\u{202e}"]);
    harmless(&came, "--strict=");
    assert!(came.code == Some(2) && !came.stderr.is_empty(), "{}", came.stderr);
}

#[test]
fn a_file_name_with_control_characters() {
    let folder = folder_with(&[("a\u{1b}[31m\u{202e}.toml", b"domain = \"example.com\"\nregistar = 1\n")]);
    for way in WAYS {
        harmless(&run(folder.path(), &[&["build", "a\u{1b}[31m\u{202e}.toml"], *way].concat()), &format!("{way:?}"));
    }
}

// ---------------------------------------------------------------- output

const SITE: &[u8] = b"domain = \"example.com\"\nmail = false\n";

#[cfg(unix)]
#[test]
fn the_output_is_whole_or_not_there() {
    let folder = folder_with(&[("site.toml", SITE), ("out.zone", b"old\n")]);
    let read = || fs::read_to_string(folder.path().join("out.zone")).unwrap();
    let came = run(folder.path(), &["build", "site.toml", "-o", "out.zone"]);
    assert_eq!((came.code, came.stdout.as_str()), (Some(0), ""), "{}", came.stderr);
    assert!(read().contains("$ORIGIN"));
    // A broken site leaves the file as it is.
    fs::write(folder.path().join("out.zone"), "old\n").unwrap();
    fs::write(folder.path().join("site.toml"), "domain = 1\n").unwrap();
    refused(&run(folder.path(), &["build", "site.toml", "-o", "out.zone"]), &["site.toml:1:"]);
    assert_eq!(read(), "old\n");
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[cfg(unix)]
#[test]
fn the_output_respects_what_is_there() {
    use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink};
    let folder = folder_with(&[("site.toml", SITE), ("real.zone", b"old\n")]);
    let at = |name: &str| folder.path().join(name);
    let to = |name: &str| run(folder.path(), &["build", "site.toml", "-o", name]);
    let mut wrong = Vec::new();
    symlink("real.zone", at("link.zone")).unwrap();
    fs::set_permissions(at("real.zone"), fs::Permissions::from_mode(0o600)).unwrap();
    let _ = to("link.zone");
    if !fs::symlink_metadata(at("link.zone")).unwrap().is_symlink() {
        wrong.push("a link is replaced, not followed");
    }
    let _ = to("real.zone");
    if fs::metadata(at("real.zone")).unwrap().permissions().mode() & 0o777 != 0o600 {
        wrong.push("a file for its owner alone becomes readable for all");
    }
    // As /dev/null would be, for root.
    assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
    let pipe = at("pipe");
    let reader = thread::spawn(move || fs::read_to_string(pipe).unwrap());
    let _ = to("pipe");
    if !reader.join().unwrap().contains("$ORIGIN") {
        wrong.push("what reads from the pipe gets nothing");
    }
    if !fs::symlink_metadata(at("pipe")).unwrap().file_type().is_fifo() {
        wrong.push("a pipe is replaced by a file");
    }
    if to("site.toml").code != Some(2) || fs::read(at("site.toml")).unwrap() != SITE {
        wrong.push("site.toml is overwritten by its own product");
    }
    fs::write(at("site.toml"), SITE).unwrap();
    let came = run(folder.path(), &["build", "site.toml", "-o", "one", "--report", "one"]);
    if came.code != Some(2) {
        wrong.push("product and report are written over each other");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_written_over_what_was_read_or_written() {
    let site = b"domain = \"example.com\"\nextends = \"base.toml\"\n[[sender]]\nprovider = \"google-workspace\"\ndkim-key-file = \"example.com.zone\"\n";
    let files: &[(&str, &[u8])] = &[
        ("site.toml", site),
        ("other.toml", b"domain = \"example.net\"\nmail = false\n"),
        ("base.toml", b"ttl = 300\n"),
        ("example.com.zone", PUBLIC.as_bytes()),
        ("folder/x", b""),
    ];
    let folder = folder_with(files);
    let unchanged = || {
        for (name, octets) in files {
            assert!(fs::read(folder.path().join(name)).unwrap() == *octets, "{name} is changed");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), files.len());
    };
    for args in [
        &["-o", "site.toml"][..],
        &["-o", "./folder/../site.toml"],
        &["-o", "base.toml"],
        &["-o", "example.com.zone"],
        &["-o", "."],
        &["-o", "x", "--report", "./x"],
        &["--report", "-"],
        &["-o", "-", "--report", "-"],
        &["-o", "-", "other.toml"],
    ] {
        refused(&run(folder.path(), &[&["build", "site.toml"], args].concat()), &[args[1]]);
        unchanged();
    }
    // Standard output has the records by then; the report is what fails.
    for report in ["site.toml", "base.toml", "example.com.zone", "folder", ""] {
        let came = run(folder.path(), &["build", "site.toml", "--report", report]);
        assert_eq!(came.code, Some(2), "{report}: {}", came.stderr);
        assert!(came.stderr.contains(report), "{}", came.stderr);
        unchanged();
    }
    // What one site is built from, another's product does not take.
    let came = run(folder.path(), &["build", "other.toml", "site.toml", "-o", "."]);
    assert_eq!(came.code, Some(1), "{}", came.stderr);
    assert!(came.stderr.contains("example.com.zone") && came.stderr.contains("an input"), "{}", came.stderr);
    fs::remove_file(folder.path().join("example.net.zone")).unwrap();
    unchanged();
    let came = run(folder.path(), &["build", "other.toml", "-o", "out/", "--report", "out/example.net.zone"]);
    assert_eq!(came.code, Some(2), "{}", came.stderr);
    assert!(came.stderr.contains("--report names the same file"), "{}", came.stderr);
}

#[test]
fn a_dash_is_standard_output() {
    let folder = folder_with(&[("site.toml", SITE)]);
    let plain = run(folder.path(), &["build", "site.toml"]);
    let dash = run(folder.path(), &["build", "site.toml", "-o", "-"]);
    assert_eq!((dash.code, &dash.stdout), (Some(0), &plain.stdout), "{}", dash.stderr);
    let report = run(folder.path(), &["build", "site.toml", "-o", "out.zone", "--report", "-"]);
    assert_eq!(report.code, Some(0), "{}", report.stderr);
    assert!(report.stdout.starts_with('{') && report.stdout.contains("\"findings\""), "{}", report.stdout);
    assert_eq!(fs::read_to_string(folder.path().join("out.zone")).unwrap(), plain.stdout);
    assert!(!folder.path().join("-").exists());
}

#[test]
fn places_that_cannot_be_written() {
    let folder = folder_with(&[("site.toml", SITE), ("a-file", b"old")]);
    for path in ["no/such/folder/out.zone", "a-file/out.zone", "a-file/", ""] {
        let came = run(folder.path(), &["build", "site.toml", "-o", path]);
        assert_eq!(came.code, Some(2), "{path}: {}", came.stderr);
        assert_eq!(came.stdout, "");
        assert!(!came.stderr.is_empty());
    }
    assert_eq!(fs::read_to_string(folder.path().join("a-file")).unwrap(), "old");
    let came = run(folder.path(), &["build", "site.toml", "--report", "no/such/folder/report.json"]);
    assert_eq!(came.code, Some(2), "{}", came.stderr);
    assert!(came.stderr.contains("report.json"), "{}", came.stderr);
}

#[cfg(unix)]
#[test]
fn a_folder_that_is_read_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder_with(&[("site.toml", SITE), ("out/example.com.zone", b"old\n")]);
    let out = folder.path().join("out");
    fs::set_permissions(&out, fs::Permissions::from_mode(0o555)).unwrap();
    // root writes everywhere.
    if fs::write(out.join("probe"), "").is_err() {
        let came = run(folder.path(), &["build", "site.toml", "-o", "out"]);
        assert_eq!(came.code, Some(2), "{}", came.stderr);
        assert_eq!(fs::read_to_string(out.join("example.com.zone")).unwrap(), "old\n");
    }
    fs::set_permissions(&out, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn several_sites_need_a_folder() {
    let other = b"domain = \"example.net\"\nmail = false\n";
    let folder = folder_with(&[
        ("a.toml", SITE),
        ("b.toml", other),
        ("same.toml", SITE),
        ("broken.toml", b"domain = 1\n"),
        ("a-file", b"old"),
    ]);
    let at = folder.path();
    refused(&run(at, &["build", "a.toml", "b.toml"]), &["-o"]);
    refused(&run(at, &["build", "a.toml", "b.toml", "-o", "a-file"]), &["a-file"]);
    assert_eq!(fs::read_to_string(at.join("a-file")).unwrap(), "old");
    let came = run(at, &["build", "a.toml", "b.toml", "-o", "both"]);
    assert_eq!((came.code, came.stdout.as_str()), (Some(0), ""), "{}", came.stderr);
    let names = |folder: &str| {
        let mut names: Vec<_> =
            fs::read_dir(at.join(folder)).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(names("both"), ["example.com.zone", "example.net.zone"]);
    // Two sites of one domain would overwrite each other.
    let came = run(at, &["build", "a.toml", "same.toml", "-o", "twice"]);
    assert_eq!(came.code, Some(1), "{}", came.stderr);
    assert!(came.stderr.contains("a.toml") && came.stderr.contains("example.com.zone"), "{}", came.stderr);
    // Failures are per site: one that is broken does not keep the others back.
    let came = run(at, &["build", "a.toml", "broken.toml", "missing.toml", "b.toml", "-o", "some"]);
    assert_eq!(came.code, Some(1), "{}", came.stderr);
    assert_eq!(names("some"), ["example.com.zone", "example.net.zone"]);
    assert!(came.stderr.contains("broken.toml:1:") && came.stderr.contains("missing.toml"), "{}", came.stderr);
    // The next thing to do comes with the name of its file, errors before warnings.
    fs::write(at.join("warns.toml"), sender("provider = \"xserver\"\nserver = \"14166\"").as_bytes()).unwrap();
    fs::write(at.join("errs.toml"), "domain = \"example.net\"\nregistar = \"x\"\n").unwrap();
    let came = run(at, &["build", "warns.toml", "errs.toml", "-o", "next"]);
    assert!(came.stderr.contains("Next: errs.toml: "), "{}", came.stderr);
    let came = run(at, &["build", "a.toml", "warns.toml", "-o", "next", "--lang", "ja"]);
    assert!(came.stderr.contains("次にすること: warns.toml: "), "{}", came.stderr);
    let came = run(at, &["build", "errs.toml"]);
    assert!(!came.stderr.lines().last().unwrap().contains("errs.toml"), "{}", came.stderr);
    // Nothing could be done.
    refused(&run(at, &["build", "broken.toml", "missing.toml", "-o", "none"]), &["broken.toml:1:", "missing.toml"]);
}

#[test]
fn the_same_sites_give_the_same_bytes() {
    let folder = folder_with(&[
        ("a.toml", EVERYTHING.replace("key = \"x\"", &format!("key = \"{PUBLIC}\"")).as_bytes()),
        ("key.txt", PUBLIC.as_bytes()),
    ]);
    let first = run(folder.path(), &["build", "a.toml", "--format", "json", "-v"]);
    let second = run(folder.path(), &["build", "a.toml", "--format", "json", "-v"]);
    assert!(first.stdout == second.stdout && first.stderr == second.stderr);
}

#[test]
fn a_reader_that_goes_away() {
    let mut site = String::from("domain = \"example.com\"\n");
    for i in 0..3000 {
        site.push_str(&format!("[[record]]\nname = \"h{i}\"\ntype = \"TXT\"\nvalue = \"{}\"\n", "x".repeat(200)));
    }
    let folder = folder_with(&[("site.toml", site.as_bytes())]);
    let mut child = start(folder.path(), &["build", "site.toml", "--message-format", "short"]).spawn().unwrap();
    drop(child.stdout.take());
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    let status = child.wait().unwrap();
    assert!(matches!(status.code(), Some(0 | 1)), "{status}: {stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
}

// ---------------------------------------------------------------- chance

/// Numbers that look random and are the same each time (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (n.max(1) as u64)).unwrap()
    }
}

fn mutate(text: &str, chance: &mut Chance) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = text.lines().map(|l| l.as_bytes().to_vec()).collect();
    for _ in 0..=chance.below(4) {
        let (at, other) = (chance.below(lines.len()), chance.below(lines.len()));
        match chance.below(6) {
            0 => drop(lines.remove(at)),
            1 => lines.insert(other.min(lines.len()), lines[at].clone()),
            2 => lines.swap(at.min(other), at.max(other)),
            3 | 4 => {
                let line = &mut lines[at];
                if !line.is_empty() {
                    let i = chance.below(line.len());
                    line[i] ^= 1 << chance.below(8);
                }
            }
            _ => {
                let line = &mut lines[at];
                let i = chance.below(line.len() + 1);
                line.truncate(i);
            }
        }
        if lines.is_empty() {
            break;
        }
    }
    lines.join(&b'\n')
}

#[test]
fn mutated_examples_neither_panic_nor_hang() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut chance = Chance(0x5eed_2026_1124);
    let mut seen = [0; 3];
    for (name, file) in [
        ("hogehoge", "site.toml"),
        ("hogehoge", "without-keyzone.toml"),
        ("onamae-shop", "site.toml"),
        ("microsoft-sendgrid", "site.toml"),
        ("sakura-muumuu", "site.toml"),
    ] {
        let from = examples.join(name);
        let text = fs::read_to_string(from.join(file)).unwrap();
        let folder = TempDir::new().unwrap();
        if from.join("keys").is_dir() {
            fs::create_dir(folder.path().join("keys")).unwrap();
            for key in fs::read_dir(from.join("keys")).unwrap() {
                let key = key.unwrap();
                fs::copy(key.path(), folder.path().join("keys").join(key.file_name())).unwrap();
            }
        }
        for i in 0..100 {
            let site = mutate(&text, &mut chance);
            fs::write(folder.path().join("site.toml"), &site).unwrap();
            let came = run(folder.path(), &[&["build", "site.toml"], WAYS[i % WAYS.len()]].concat());
            let shown = String::from_utf8_lossy(&site);
            let code = came.code.unwrap();
            assert!((0..=2).contains(&code), "exit code {code}: {}\n{shown}", came.stderr);
            seen[usize::try_from(code).unwrap()] += 1;
            if code == 2 {
                assert_eq!(came.stdout, "", "{shown}");
                assert!(!came.stderr.is_empty(), "{shown}");
            } else {
                assert!(!came.stdout.is_empty(), "{shown}");
            }
            harmless(&came, &shown);
        }
    }
    assert!(seen.iter().all(|n| *n > 5), "the mutations are of one kind: {seen:?}");
}
