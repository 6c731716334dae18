//! `--format terraform-cloudflare`: `cloudflare_dns_record` of provider cloudflare/cloudflare 5 (in version 4 it was `cloudflare_record`). A
//! resource minds what it names and nothing else.

use std::fmt::Write as _;

use crate::compose::Member;
use crate::fit::FittedZone;
use crate::fit::carry;
use crate::zone::{Rdata, Rtype, text};

use super::export::{Labels, Notes, bare, hcl, hex};
use super::{Format, Input, Product, file_name};

/// The format.
pub const FORMAT: Format = Format {
    name: "terraform-cloudflare",
    en: "Terraform for Cloudflare (provider cloudflare/cloudflare 5)",
    ja: "Cloudflare 用の Terraform（プロバイダー cloudflare/cloudflare 5）",
    write,
    carrier: Some(&carry::TERRAFORM_CLOUDFLARE),
    joins: true,
};

fn write(input: &Input<'_>) -> Vec<Product> {
    let mut labels = Labels::default();
    input
        .fitted
        .zones()
        .map(|zone| Product {
            name: file_name(&zone.composed.origin, "cloudflare.tf"),
            text: zone_text(input, zone, &mut labels),
        })
        .collect()
}

fn zone_text(input: &Input<'_>, zone: &FittedZone<'_>, labels: &mut Labels) -> String {
    let notes = Notes { input, mark: "# " };
    let mut out = String::new();
    notes.head(&mut out, zone, "Terraform, provider cloudflare/cloudflare 5");
    let id = labels.label("zone_id", &zone.composed.origin, 0);
    let _ = writeln!(out, "variable {} {{\n  type = string\n}}", hcl(&id));
    for load in carry::loads(input.fitted, zone, FORMAT.carrier) {
        out.push('\n');
        notes.load(&mut out, &load);
        let rtype = load.set.rtype;
        for (nth, member) in load.written().enumerate() {
            let _ = writeln!(
                out,
                "resource \"cloudflare_dns_record\" {} {{\n  zone_id = var.{id}\n  name    = {}\n  type    = \"{rtype}\"\n  ttl     = {}",
                hcl(&labels.label(&rtype.to_string(), &load.set.name, nth)),
                hcl(&bare(&load.set.name)),
                load.set.ttl.seconds(),
            );
            for line in lines(rtype, member) {
                let _ = writeln!(out, "  {line}");
            }
            out.push_str("}\n");
        }
    }
    notes.tail(&mut out, zone);
    out
}

/// The attributes that hold a record's data.
fn lines(rtype: Rtype, member: &Member) -> Vec<String> {
    let rdata: &Rdata = &member.rdata;
    let content = |value: &str| format!("content = {}", hcl(value));
    let data = |fields: &[(&str, String)]| {
        let fields: Vec<String> = fields.iter().map(|(key, value)| format!("{key} = {value}")).collect();
        format!("data    = {{ {} }}", fields.join(", "))
    };
    match rtype {
        Rtype::MX => {
            rdata.as_mx().map(|(preference, host)| vec![content(&bare(&host)), format!("priority = {preference}")])
        }
        Rtype::SRV => rdata.as_srv().map(|(priority, weight, port, host)| {
            let fields = [
                ("priority", priority.to_string()),
                ("weight", weight.to_string()),
                ("port", port.to_string()),
                ("target", hcl(&bare(&host))),
            ];
            vec![data(&fields), format!("priority = {priority}")]
        }),
        Rtype::CAA => rdata.as_caa().map(|(flags, tag, value)| {
            let value = hcl(&String::from_utf8_lossy(value));
            vec![data(&[("flags", flags.to_string()), ("tag", hcl(tag)), ("value", value)])]
        }),
        Rtype::TLSA => rdata.as_tlsa().map(|(usage, selector, matching, certificate)| {
            vec![data(&[
                ("usage", usage.to_string()),
                ("selector", selector.to_string()),
                ("matching_type", matching.to_string()),
                ("certificate", hcl(&hex(certificate))),
            ])]
        }),
        Rtype::SSHFP => rdata.octets().split_first_chunk().map(|([algorithm, kind], print)| {
            vec![data(&[
                ("algorithm", algorithm.to_string()),
                ("type", kind.to_string()),
                ("fingerprint", hcl(&hex(print))),
            ])]
        }),
        Rtype::DS => rdata.octets().split_first_chunk().map(|([high, low, algorithm, kind], digest)| {
            vec![data(&[
                ("key_tag", u16::from_be_bytes([*high, *low]).to_string()),
                ("algorithm", algorithm.to_string()),
                ("digest_type", kind.to_string()),
                ("digest", hcl(&hex(digest))),
            ])]
        }),
        // "The content must consist of quoted character strings", says the API.
        Rtype::TXT => {
            let strings: Vec<String> = rdata.txt_strings().map(text::quote).collect();
            Some(vec![content(&strings.join(" "))])
        }
        // The API gives targets back without their final dot, and Terraform compares texts. What mail looks up is never proxied.
        Rtype::CNAME => rdata.target(rtype).map(|target| vec![content(&bare(&target)), "proxied = false".to_owned()]),
        _ => rdata.target(rtype).map(|target| vec![content(&bare(&target))]),
    }
    .unwrap_or_else(|| vec![content(&rdata.present(rtype))])
}
