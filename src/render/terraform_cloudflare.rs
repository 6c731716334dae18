//! `--format terraform-cloudflare`: `cloudflare_dns_record` of provider cloudflare/cloudflare 5 (in version 4 it was `cloudflare_record`). A
//! resource minds what it names and nothing else.

use std::fmt::Write as _;

use crate::compose::Member;
use crate::fit::carry::{self, Load};
use crate::zone::{Rdata, Rtype, text};

use super::export::{bare, hex};
use super::terraform::{Labels, Provider, hcl};
use super::{Format, Input, Product};

/// The format.
pub const FORMAT: Format = Format {
    name: "terraform-cloudflare",
    en: "Terraform for Cloudflare (provider cloudflare/cloudflare 5)",
    ja: "Cloudflare 用の Terraform（プロバイダー cloudflare/cloudflare 5）",
    write,
    carrier: Some(&carry::TERRAFORM_CLOUDFLARE),
    joins: true,
};

const PROVIDER: Provider = Provider {
    ending: "cloudflare.tf",
    title: "Terraform, provider cloudflare/cloudflare 5",
    carrier: &carry::TERRAFORM_CLOUDFLARE,
    resources,
};

fn write(input: &Input<'_>) -> Vec<Product> {
    PROVIDER.write(input)
}

/// One resource a record.
fn resources(out: &mut String, load: &Load<'_>, id: &str, labels: &mut Labels) {
    let rtype = load.set.rtype;
    for (nth, member) in load.written().enumerate() {
        let label = hcl(&labels.label(&rtype.to_string(), &load.set.name, nth));
        let _ = writeln!(out, "resource \"cloudflare_dns_record\" {label} {{");
        let mut attributes = vec![
            ("zone_id", format!("var.{id}")),
            ("name", hcl(&bare(&load.set.name))),
            ("type", hcl(&rtype.to_string())),
            ("ttl", load.set.ttl.seconds().to_string()),
        ];
        attributes.append(&mut data(rtype, member));
        let width = attributes.iter().map(|(key, _)| key.len()).max().unwrap_or(0);
        for (key, value) in attributes {
            let _ = writeln!(out, "  {key:width$} = {value}");
        }
        out.push_str("}\n");
    }
}

/// The attributes that hold a record's data.
fn data(rtype: Rtype, member: &Member) -> Vec<(&'static str, String)> {
    let rdata: &Rdata = &member.rdata;
    let fields = |fields: &[(&str, String)]| {
        let fields: Vec<String> = fields.iter().map(|(key, value)| format!("{key} = {value}")).collect();
        ("data", format!("{{ {} }}", fields.join(", ")))
    };
    match rtype {
        Rtype::MX => rdata
            .as_mx()
            .map(|(preference, host)| vec![("content", hcl(&bare(&host))), ("priority", preference.to_string())]),
        Rtype::SRV => rdata.as_srv().map(|(priority, weight, port, host)| {
            let data = fields(&[
                ("priority", priority.to_string()),
                ("weight", weight.to_string()),
                ("port", port.to_string()),
                ("target", hcl(&bare(&host))),
            ]);
            vec![data, ("priority", priority.to_string())]
        }),
        Rtype::CAA => rdata.as_caa().map(|(flags, tag, value)| {
            let value = hcl(&String::from_utf8_lossy(value));
            vec![fields(&[("flags", flags.to_string()), ("tag", hcl(tag)), ("value", value)])]
        }),
        Rtype::TLSA => rdata.as_tlsa().map(|(usage, selector, matching, certificate)| {
            vec![fields(&[
                ("usage", usage.to_string()),
                ("selector", selector.to_string()),
                ("matching_type", matching.to_string()),
                ("certificate", hcl(&hex(certificate))),
            ])]
        }),
        Rtype::SSHFP => rdata.octets().split_first_chunk().map(|([algorithm, kind], print)| {
            vec![fields(&[
                ("algorithm", algorithm.to_string()),
                ("type", kind.to_string()),
                ("fingerprint", hcl(&hex(print))),
            ])]
        }),
        Rtype::DS => rdata.octets().split_first_chunk().map(|([high, low, algorithm, kind], digest)| {
            vec![fields(&[
                ("key_tag", u16::from_be_bytes([*high, *low]).to_string()),
                ("algorithm", algorithm.to_string()),
                ("digest_type", kind.to_string()),
                ("digest", hcl(&hex(digest))),
            ])]
        }),
        // "The content must consist of quoted character strings", says the API.
        Rtype::TXT => {
            let strings: Vec<String> = rdata.txt_strings().map(text::quote).collect();
            Some(vec![("content", hcl(&strings.join(" ")))])
        }
        // The API gives targets back without their final dot, and Terraform compares texts. What mail looks up is never proxied.
        Rtype::CNAME => {
            rdata.target(rtype).map(|host| vec![("content", hcl(&bare(&host))), ("proxied", "false".to_owned())])
        }
        _ => rdata.target(rtype).map(|host| vec![("content", hcl(&bare(&host)))]),
    }
    .unwrap_or_else(|| vec![("content", hcl(&rdata.present(rtype)))])
}
