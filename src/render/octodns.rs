//! `--format octodns`: a zone for octoDNS' `YamlProvider` (octodns 1.22), to be kept as `<zone>.yaml`. `;` is written `\;`, which is how it reads
//! TXT unless `escaped_semicolons` is set to false.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::fit::FittedZone;
use crate::fit::carry::{self, Load};
use crate::say;
use crate::zone::{Rdata, Rtype};

use super::export::{Notes, bare, dotted, hex};
use super::{Format, Input, Product, file_name};

/// The format.
pub const FORMAT: Format = Format {
    name: "octodns",
    en: "zone file of octoDNS (YAML)",
    ja: "octoDNS のゾーンファイル（YAML）",
    write,
    carrier: Some(&carry::OCTODNS),
    joins: false,
};

fn write(input: &Input<'_>) -> Vec<Product> {
    input
        .fitted
        .zones()
        .filter(|zone| carry::OCTODNS.writes(zone))
        .map(|zone| Product { name: file_name(&zone.composed.origin, "yaml"), text: zone_text(input, zone) })
        .collect()
}

fn zone_text(input: &Input<'_>, zone: &FittedZone<'_>) -> String {
    let notes = Notes { input, mark: "# " };
    let mut out = String::new();
    notes.head(&mut out, zone, "octoDNS 1.22");
    let semicolons = say!(
        en: "“;” is written “\\;”: set escaped_semicolons to true, or leave it out before octoDNS 2",
        ja: "「;」は「\\;」と書いています。escaped_semicolons は true にします（octoDNS 2 より前では省略できます）"
    );
    notes.line(&mut out, semicolons.get(input.lang));
    notes.tail(&mut out, zone);
    let mut owners: BTreeMap<(Vec<Part>, String), Vec<Load<'_>>> = BTreeMap::new();
    for load in carry::loads(input.fitted, zone, FORMAT.carrier) {
        if load.written().next().is_none() {
            notes.load(&mut out, &load);
            continue;
        }
        let relative = load.set.name.strip_suffix(&zone.composed.origin).filter(|name| !name.is_root());
        let owner = relative.map(|name| bare(&name)).unwrap_or_default();
        owners.entry((natural(&owner), owner)).or_default().push(load);
    }
    if owners.is_empty() {
        out.push_str("--- {}\n");
        return out;
    }
    out.push_str("---\n");
    let notes = Notes { input, mark: "  # " };
    for ((_, owner), loads) in owners {
        let _ = writeln!(out, "{}:", quoted(&owner));
        for load in &loads {
            notes.load(&mut out, load);
            set(&mut out, load);
        }
    }
    out
}

/// One entry of the list below an owner. octoDNS wants the keys of every mapping in natural order.
fn set(out: &mut String, load: &Load<'_>) {
    let rtype = load.set.rtype;
    let _ = writeln!(out, "  - ttl: {}\n    type: {rtype}", load.set.ttl.seconds());
    if matches!(rtype, Rtype::CNAME | Rtype::DNAME) {
        let target = load.written().find_map(|member| member.rdata.target(rtype));
        let _ = writeln!(out, "    value: {}", quoted(&target.map(|t| dotted(&t)).unwrap_or_default()));
        return;
    }
    out.push_str("    values:\n");
    for member in load.written() {
        let mut lead = "      - ";
        for (key, value) in fields(rtype, &member.rdata) {
            let key = if key.is_empty() { String::new() } else { format!("{key}: ") };
            let _ = writeln!(out, "{lead}{key}{value}");
            lead = "        ";
        }
    }
}

/// The fields of a value, in the order of their names; one without a name is the value itself.
fn fields(rtype: Rtype, rdata: &Rdata) -> Vec<(&'static str, String)> {
    let number = |n: u16| n.to_string();
    match rtype {
        Rtype::MX => rdata
            .as_mx()
            .map(|(preference, host)| vec![("exchange", quoted(&dotted(&host))), ("preference", number(preference))]),
        Rtype::SRV => rdata.as_srv().map(|(priority, weight, port, host)| {
            vec![
                ("port", number(port)),
                ("priority", number(priority)),
                ("target", quoted(&dotted(&host))),
                ("weight", number(weight)),
            ]
        }),
        Rtype::CAA => rdata.as_caa().map(|(flags, tag, value)| {
            vec![("flags", flags.to_string()), ("tag", quoted(tag)), ("value", quoted(&String::from_utf8_lossy(value)))]
        }),
        Rtype::TLSA => rdata.as_tlsa().map(|(usage, selector, matching, data)| {
            vec![
                ("certificate_association_data", quoted(&hex(data))),
                ("certificate_usage", usage.to_string()),
                ("matching_type", matching.to_string()),
                ("selector", selector.to_string()),
            ]
        }),
        Rtype::SSHFP => rdata.octets().split_first_chunk().map(|([algorithm, kind], print)| {
            vec![
                ("algorithm", algorithm.to_string()),
                ("fingerprint", quoted(&hex(print))),
                ("fingerprint_type", kind.to_string()),
            ]
        }),
        Rtype::DS => rdata.octets().split_first_chunk().map(|([high, low, algorithm, kind], digest)| {
            vec![
                ("algorithm", algorithm.to_string()),
                ("digest", quoted(&hex(digest))),
                ("digest_type", kind.to_string()),
                ("key_tag", number(u16::from_be_bytes([*high, *low]))),
            ]
        }),
        Rtype::TXT => Some(vec![("", quoted(&text(&rdata.txt_joined())))]),
        _ => rdata.target(rtype).map(|target| vec![("", quoted(&dotted(&target)))]),
    }
    .unwrap_or_else(|| vec![("", quoted(&rdata.present(rtype)))])
}

/// A TXT as octoDNS has it: `;` escaped, and in quotes if it begins with one, since it takes off the first and last character then.
fn text(octets: &[u8]) -> String {
    let text = String::from_utf8_lossy(octets).replace(';', "\\;");
    if text.starts_with('"') { format!("\"{text}\"") } else { text }
}

/// A YAML string in single quotes, in which only the quote is special. Only printable ASCII comes here.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A piece of a name in natural order: texts and numbers take turns, a text first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Text(String),
    /// Number of digits without leading zeros, and these digits.
    Number(usize, String),
}

/// The key of natural order, as the Python package natsort has it.
fn natural(name: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = name;
    loop {
        let (text, after) = rest.split_at(rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len()));
        if !(text.is_empty() && after.is_empty() && !parts.is_empty()) {
            parts.push(Part::Text(text.to_owned()));
        }
        let (digits, after) = after.split_at(after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len()));
        if digits.is_empty() {
            return parts;
        }
        let digits = digits.trim_start_matches('0');
        parts.push(Part::Number(digits.len(), digits.to_owned()));
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn natural_order() {
        let mut names =
            vec!["www10", "www9", "*", "", "1a", "_dmarc", "www", "a.b", "a-b", "s2._domainkey", "s1._domainkey"];
        names.sort_by_key(|n| natural(n));
        assert_eq!(
            names,
            ["", "1a", "*", "_dmarc", "a-b", "a.b", "s1._domainkey", "s2._domainkey", "www", "www9", "www10"]
        );
    }

    #[test]
    fn texts_stay_themselves() {
        assert_eq!(text(b"v=DMARC1; p=none"), "v=DMARC1\\; p=none");
        assert_eq!(text(b"\"a\""), "\"\"a\"\"");
        assert_eq!(quoted("it's \\;"), "'it''s \\;'");
    }
}
