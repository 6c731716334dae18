//! `--format route53`: change batches for Route 53's ChangeResourceRecordSets (API version 2013-04-01), one a zone:
//! `aws route53 change-resource-record-sets --hosted-zone-id … --change-batch file://…`. Escapes are octal there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Serialize;

use crate::compose::{Intent, Member};
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

impl Set {
    /// A set of these values; none of no value.
    fn of(owner: &Name, rtype: Rtype, ttl: u32, values: Vec<String>) -> Option<Self> {
        let resource_records: Vec<Value> = values.into_iter().map(|value| Value { value }).collect();
        let set = Self { name: name(owner), rtype: rtype.to_string(), ttl, resource_records };
        (!set.resource_records.is_empty()).then_some(set)
    }
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
    let loads = carry::loads(input.fitted, zone, FORMAT.carrier);
    let mut batches: Vec<Vec<Change>> = vec![Vec::new()];
    let mut size = (0, 0);
    let gone = gone(input, zone, &loads).into_iter().map(|set| ("DELETE", set));
    let wanted = loads.iter().filter_map(|load| {
        let values = load.written().map(|member| value(load.set.rtype, member)).collect();
        Some(("UPSERT", Set::of(&load.set.name, load.set.rtype, load.set.ttl.seconds(), values)?))
    });
    for (action, resource_record_set) in gone.chain(wanted) {
        let records = resource_record_set.resource_records.len();
        let characters: usize = resource_record_set.resource_records.iter().map(|r| r.value.len()).sum();
        let more = (size.0 + records, size.1 + characters);
        let full = more.0 > BATCH_MAX.0 || more.1 > BATCH_MAX.1;
        if full && size.0 > 0 {
            batches.push(Vec::new());
            size = (records, characters);
        } else {
            size = more;
        }
        if let Some(batch) = batches.last_mut() {
            batch.push(Change { action, resource_record_set });
        }
    }
    batches
}

/// What is to go, where nothing of its name and type stays. Route 53 deletes only what is the same in every value and in its TTL.
fn gone(input: &Input<'_>, zone: &FittedZone<'_>, loads: &[carry::Load<'_>]) -> Vec<Set> {
    let replaced: BTreeSet<(&Name, Rtype)> =
        loads.iter().filter(|l| l.written().next().is_some()).map(|l| (&l.set.name, l.set.rtype)).collect();
    let own = zone.composed.origin == input.fitted.own.composed.origin;
    let mut sets: BTreeMap<(&Name, Rtype), (u32, BTreeSet<String>)> = BTreeMap::new();
    for record in input.gone.iter().filter(|r| own && !replaced.contains(&(&r.name, r.rtype))) {
        let member = Member { rdata: record.rdata.clone(), origins: Vec::new(), intent: Intent::ByHand };
        let set = sets.entry((&record.name, record.rtype)).or_insert_with(|| (record.ttl, BTreeSet::new()));
        set.1.insert(value(record.rtype, &member));
    }
    sets.into_iter()
        .filter_map(|((name, rtype), (ttl, values))| Set::of(name, rtype, ttl, values.into_iter().collect()))
        .collect()
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
