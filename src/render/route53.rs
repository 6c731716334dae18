//! `--format route53`: change batches for Route 53's ChangeResourceRecordSets (API version 2013-04-01), one a zone:
//! `aws route53 change-resource-record-sets --hosted-zone-id … --change-batch file://…`. Escapes are octal there.

use std::fmt::Write as _;

use serde::Serialize;

use crate::compose::Member;
use crate::fit::FittedZone;
use crate::fit::carry;
use crate::zone::{Name, Rtype};

use super::{Format, Input, Product};

/// The format.
pub const FORMAT: Format = Format {
    name: "route53",
    en: "change batch of Amazon Route 53 (JSON, UPSERT)",
    ja: "Amazon Route 53 の変更バッチ（JSON、UPSERT）",
    write,
    carrier: Some(&carry::ROUTE53),
    joins: false,
};

/// Most records of a batch, and most characters of all its values: 1000 and 32,000, each counted twice for UPSERT (API reference,
/// ChangeResourceRecordSets).
const BATCH_MAX: (usize, usize) = (500, 16_000);

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Batch {
    comment: String,
    changes: Vec<Change>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Change {
    action: &'static str,
    resource_record_set: Set,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Set {
    name: String,
    #[serde(rename = "Type")]
    rtype: String,
    #[serde(rename = "TTL")]
    ttl: u32,
    resource_records: Vec<Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Value {
    value: String,
}

fn write(input: &Input<'_>) -> Vec<Product> {
    let mut products = Vec::new();
    for zone in input.fitted.zones() {
        for (i, changes) in batches(input, zone).into_iter().enumerate() {
            let origin = zone.composed.origin.display_without_dot().to_string();
            // At most 256 characters; a domain has at most 1004 with escapes.
            let comment = format!("zoneplan: {}", crate::report::excerpt(&origin, 240));
            let text = serde_json::to_string_pretty(&Batch { comment, changes }).unwrap_or_default() + "\n";
            let ending = if i == 0 { "route53.json".to_owned() } else { format!("{}.route53.json", i + 1) };
            products.push(Product { name: input.file_name(zone, &ending), text });
        }
    }
    products
}

/// The changes of a zone, in as many batches as they need.
fn batches(input: &Input<'_>, zone: &FittedZone<'_>) -> Vec<Vec<Change>> {
    let mut batches: Vec<Vec<Change>> = vec![Vec::new()];
    let mut size = (0, 0);
    for load in carry::loads(input.fitted, zone, FORMAT.carrier) {
        let resource_records: Vec<Value> =
            load.written().map(|member| Value { value: value(load.set.rtype, member) }).collect();
        if resource_records.is_empty() {
            continue;
        }
        let characters: usize = resource_records.iter().map(|r| r.value.len()).sum();
        let more = (size.0 + resource_records.len(), size.1 + characters);
        let full = more.0 > BATCH_MAX.0 || more.1 > BATCH_MAX.1;
        if full && size.0 > 0 {
            batches.push(Vec::new());
            size = (resource_records.len(), characters);
        } else {
            size = more;
        }
        let resource_record_set = Set {
            name: name(&load.set.name),
            rtype: load.set.rtype.to_string(),
            ttl: load.set.ttl.seconds(),
            resource_records,
        };
        if let Some(batch) = batches.last_mut() {
            batch.push(Change { action: "UPSERT", resource_record_set });
        }
    }
    batches
}

/// A name with its final dot, everything but letters, digits, `-` and `_` in octal escapes.
fn name(name: &Name) -> String {
    if name.is_root() {
        return ".".to_owned();
    }
    let mut out = String::new();
    for label in name.to_lowercase().labels() {
        for &octet in label {
            if octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_') {
                out.push(char::from(octet));
            } else {
                let _ = write!(out, "\\{octet:03o}");
            }
        }
        out.push('.');
    }
    out
}

/// A value as Route 53 has it.
fn value(rtype: Rtype, member: &Member) -> String {
    let rdata = &member.rdata;
    match rtype {
        Rtype::TXT => {
            let strings = carry::strings(&carry::ROUTE53, member);
            strings.iter().map(|s| format!("\"{}\"", text(s))).collect::<Vec<_>>().join(" ")
        }
        Rtype::CNAME | Rtype::NS | Rtype::PTR => rdata.target(rtype).map(|target| name(&target)).unwrap_or_default(),
        Rtype::MX => {
            rdata.as_mx().map(|(preference, host)| format!("{preference} {}", name(&host))).unwrap_or_default()
        }
        Rtype::SRV => rdata
            .as_srv()
            .map(|(priority, weight, port, host)| format!("{priority} {weight} {port} {}", name(&host)))
            .unwrap_or_default(),
        _ => rdata.present(rtype),
    }
}

/// A string between its quotes.
pub(super) fn text(octets: &[u8]) -> String {
    let mut out = String::with_capacity(octets.len());
    for &octet in octets {
        match octet {
            b'"' | b'\\' => {
                out.push('\\');
                out.push(char::from(octet));
            }
            b' '..=b'~' => out.push(char::from(octet)),
            _ => {
                let _ = write!(out, "\\{octet:03o}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_octal() {
        let parsed = Name::from_labels([&b"*"[..], b"A.b", b"\xfc", b"example"]).unwrap();
        assert_eq!(name(&parsed), "\\052.a\\056b.\\374.example.");
        assert_eq!(text(b"a\"\\\n\xff"), "a\\\"\\\\\\012\\377");
    }
}
