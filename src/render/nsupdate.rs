//! `--format nsupdate`: a script for `nsupdate -k KEY` (BIND 9.18). Each name and type is deleted and added in one update, so that it is
//! replaced as a whole or not at all, and the script may be run again. A server leaves out without a word what cannot stand beside a CNAME
//! (RFC 2136 §3.4.2.2); the prerequisites make that an error.

use std::fmt::Write as _;

use crate::fit::FittedZone;
use crate::fit::carry;
use crate::zone::{Name, Rtype};

use super::export::{Notes, dotted};
use super::{Format, Input, Product};

/// The format.
pub const FORMAT: Format = Format {
    name: "nsupdate",
    en: "script for nsupdate (dynamic update)",
    ja: "nsupdate のスクリプト（動的更新）",
    write,
    carrier: Some(&carry::NSUPDATE),
    joins: true,
};

/// Octets of records after which an update is sent: a message holds 65,535 (RFC 1035 §4.2.2), and a set alone may have 60,000.
const UPDATE_MAX: usize = 60_000;

/// What most often stands where a CNAME is to go.
const BESIDE_CNAME: [Rtype; 4] = [Rtype::A, Rtype::AAAA, Rtype::MX, Rtype::TXT];

fn write(input: &Input<'_>) -> Vec<Product> {
    input
        .fitted
        .zones()
        .map(|zone| Product { name: input.file_name(zone, "nsupdate"), text: zone_text(input, zone) })
        .collect()
}

fn zone_text(input: &Input<'_>, zone: &FittedZone<'_>) -> String {
    let notes = Notes { input, mark: "; " };
    let mut out = String::new();
    notes.head(&mut out, zone, "nsupdate");
    let _ = writeln!(out, "zone {}", zone.composed.origin);
    let mut size = 0;
    let mut owner: Option<&Name> = None;
    for load in carry::loads(input.fitted, zone, FORMAT.carrier) {
        let (name, rtype, ttl) = (&load.set.name, load.set.rtype, load.set.ttl.seconds());
        let record = name.wire_len() + 10;
        let octets: usize = load.written().map(|member| record + member.rdata.octets().len()).sum();
        if size > 0 && size + octets + record > UPDATE_MAX {
            out.push_str("send\n");
            size = 0;
        }
        notes.load(&mut out, &load);
        if octets == 0 {
            continue;
        }
        size += octets + record;
        let others: &[Rtype] = match rtype {
            Rtype::CNAME => &BESIDE_CNAME,
            _ if owner == Some(name) => &[],
            _ => &[Rtype::CNAME],
        };
        owner = Some(name);
        let name = dotted(name);
        for other in others {
            size += record;
            let _ = writeln!(out, "prereq nxrrset {name} IN {other}");
        }
        let _ = writeln!(out, "update delete {name} IN {rtype}");
        for member in load.written() {
            let _ = writeln!(out, "update add {name} {ttl} IN {rtype} {}", member.rdata.present(rtype));
        }
    }
    notes.tail(&mut out, zone);
    out.push_str("send\n");
    out
}
