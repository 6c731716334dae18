//! What the benches share that need a large zone: the zone itself, and what a process that reads it costs.
//!
//! The zone has the same octets for the same number of records, all of example.com.
//! The mix, of 100 records: 40 A, 12 AAAA, 12 CNAME, 8 MX, 6 TXT with SPF, 5 TXT of a verification, 3 TXT with a DKIM key of 2048 bits in two
//! strings, 3 SRV, 3 NS of a delegation, 2 DS beside it, 2 CAA, 2 HTTPS, 2 PTR. One in four lines states its TTL, one address in four has
//! the owner of the line above, one line in sixteen has a comment.

use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::process::{Command, Stdio};

/// The numbers of records that are measured.
pub(crate) const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];

/// The zone's origin.
pub(crate) const ORIGIN: &str = "example.com";

/// A fixed sequence of numbers (the generator of Numerical Recipes, the high half of each).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 32) as u32
    }

    fn below(&mut self, most: u32) -> u32 {
        self.next() % most
    }

    /// Letters of base64 that make whole octets.
    fn key(&mut self, letters: usize) -> String {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        (0..letters).map(|_| char::from(LETTERS[self.below(64) as usize])).collect()
    }

    /// Octets in hexadecimal.
    fn hex(&mut self, octets: usize) -> String {
        (0..octets).map(|_| format!("{:02X}", self.below(256))).collect()
    }
}

/// A zone of `count` records and a few more: SOA, NS and their addresses.
#[must_use]
pub(crate) fn zone(count: usize) -> String {
    let mut numbers = Numbers(5);
    let mut out = String::with_capacity(count * 64);
    out.push_str("$ORIGIN example.com.\n$TTL 3600\n");
    out.push_str("@ IN SOA ns1 hostmaster ( 2026010101 7200 3600 1209600 3600 )\n@ IN NS ns1\n@ IN NS ns2\n");
    out.push_str("ns1 IN A 192.0.2.1\nns2 IN A 192.0.2.2\nmail IN A 192.0.2.3\n");
    let mut last = (false, 0);
    for i in 0..count {
        let (owner, rtype, data) = record(i, &mut numbers);
        // Addresses may stand beside an address of the same owner, with the same TTL, since a set has one.
        let address = matches!(rtype, "A" | "AAAA");
        let beside = address && last.0 && numbers.below(4) == 0;
        let form = if beside { last.1 } else { numbers.below(4) };
        if !beside {
            out.push_str(&owner);
        }
        last = (address, form);
        let _ = match form {
            0 => write!(out, "\t300\tIN\t{rtype}\t{data}"),
            1 => write!(out, " {rtype} {data}"),
            _ => write!(out, " IN {rtype} {data}"),
        };
        out.push_str(if numbers.below(16) == 0 { " ; as ordered\n" } else { "\n" });
    }
    out
}

/// Owner, type and data.
fn record(i: usize, numbers: &mut Numbers) -> (String, &'static str, String) {
    let [a, b, c] = [numbers.below(256), numbers.below(256), numbers.below(65_536)];
    let host = format!("h{i}");
    match i % 100 {
        0..40 => (host, "A", format!("198.51.{}.{b}", 100 + a % 2)),
        40..52 => (host, "AAAA", format!("2001:db8:{c:x}::{a:x}:{b:x}")),
        52..64 => (host, "CNAME", format!("host{c}.hosting.example.")),
        64..72 => (host, "MX", if a < 128 { "10 mail".to_owned() } else { format!("20 mx{c}.hosting.example.") }),
        72..78 => (host, "TXT", format!("\"v=spf1 ip4:203.0.113.{a} include:_spf.sender{c}.example ~all\"")),
        78..83 => (host, "TXT", format!("\"site-verification={}\"", numbers.key(43))),
        83..86 => {
            let key = numbers.key(388);
            let (first, second) = key.split_at(200);
            (format!("s{i}._domainkey"), "TXT", format!("( \"v=DKIM1; k=rsa; p={first}\"\n\t\"{second}\" )"))
        }
        86..89 => (format!("_imaps._tcp.h{i}"), "SRV", format!("0 1 {c} mail")),
        89..92 => (format!("sub{i}"), "NS", format!("ns{c}.hosting.example.")),
        92..94 => (format!("sub{}", i - 3), "DS", format!("{c} 13 2 {}", numbers.hex(32))),
        94..96 => (host, "CAA", "0 issue \"ca.example\"".to_owned()),
        96..98 => (host, "HTTPS", format!("1 . alpn=h2,h3 ipv4hint=198.51.100.{a}")),
        _ => (format!("p{i}"), "PTR", format!("host{c}.example.net.")),
    }
}

/// Seconds of the processor that all children of this process took so far (proc(5): cutime and cstime, in hundredths).
fn children() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    (fields[13].parse::<f64>().unwrap() + fields[14].parse::<f64>().unwrap()) / 100.0
}

/// The best of three runs of a command, in seconds of the processor, and what the last one printed; none if there is no such program.
pub(crate) fn run(command: &mut Command) -> Option<(f64, String)> {
    let mut best = f64::INFINITY;
    let mut said = String::new();
    for _ in 0..3 {
        let before = children();
        let output = match command.stdin(Stdio::null()).output() {
            Err(error) if error.kind() == ErrorKind::NotFound => return None,
            output => output.unwrap(),
        };
        assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
        best = best.min(children() - before);
        said = String::from_utf8(output.stdout).unwrap();
    }
    Some((best, said))
}

/// The highest memory that this process had so far, octets.
pub(crate) fn peak() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().strip_suffix(" kB").unwrap().parse::<f64>().unwrap() * 1024.0
}
