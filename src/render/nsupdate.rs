//! `--format nsupdate`: a script for `nsupdate -k KEY` (BIND 9.18). Each name and type is deleted and added in one update, so that it is
//! replaced as a whole or not at all, and the script may be run again. A server leaves out without a word what cannot stand beside a CNAME
//! (RFC 2136 §3.4.2.2); the prerequisites make that an error.

use std::collections::BTreeSet;
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
    // With its check nsupdate stops at an A whose name is no host name, such as `_a`; that is for the server to judge.
    out.push_str("check-names no\n");
    let loads = carry::loads(input.fitted, zone, FORMAT.carrier);
    let mut size = gone(&mut out, input, zone, &loads);
    if size > 0 {
        // The prerequisites below see what is left.
        out.push_str("send\n");
        size = 0;
    }
    let mut owner: Option<&Name> = None;
    for load in loads {
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

/// Deletes what is to go and is not replaced anyway; the octets of the update.
fn gone(out: &mut String, input: &Input<'_>, zone: &FittedZone<'_>, loads: &[carry::Load<'_>]) -> usize {
    let replaced: BTreeSet<(&Name, Rtype)> =
        loads.iter().filter(|l| l.written().next().is_some()).map(|l| (&l.set.name, l.set.rtype)).collect();
    let own = zone.composed.origin == input.fitted.own.composed.origin;
    let mut size = 0;
    for record in input.gone.iter().filter(|r| own && !replaced.contains(&(&r.name, r.rtype))) {
        let octets = record.name.wire_len() + 10 + record.rdata.octets().len();
        if size > 0 && size + octets > UPDATE_MAX {
            out.push_str("send\n");
            size = 0;
        }
        size += octets;
        let (name, rtype) = (dotted(&record.name), record.rtype);
        let _ = writeln!(out, "update delete {name} IN {rtype} {}", record.rdata.present(rtype));
    }
    size
}
