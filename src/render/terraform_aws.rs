//! `--format terraform-aws`: `aws_route53_record` of provider hashicorp/aws 6. The provider puts a TXT into quotes itself, so a value has the
//! quotes between its strings only. A resource minds what it names and nothing else.

use std::fmt::Write as _;

use crate::compose::Member;
use crate::fit::carry::{self, Load};
use crate::zone::{Rdata, Rtype};

use super::export::{bare, dotted};
use super::terraform::{Labels, Provider, hcl};
use super::{Format, Input, Product, route53};

/// The format.
pub const FORMAT: Format = Format {
    name: "terraform-aws",
    en: "Terraform for Route 53 (provider hashicorp/aws 6)",
    ja: "Route 53 用の Terraform（プロバイダー hashicorp/aws 6）",
    write,
    carrier: Some(&carry::TERRAFORM_AWS),
    joins: true,
};

const PROVIDER: Provider = Provider {
    ending: "aws.tf",
    title: "Terraform, provider hashicorp/aws 6",
    carrier: &carry::TERRAFORM_AWS,
    resources,
};

fn write(input: &Input<'_>) -> Vec<Product> {
    PROVIDER.write(input)
}

/// One resource a set.
fn resources(out: &mut String, load: &Load<'_>, id: &str, labels: &mut Labels) {
    let rtype = load.set.rtype;
    let values: Vec<String> = load.written().map(|member| value(rtype, member)).collect();
    if values.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "resource \"aws_route53_record\" {} {{\n  zone_id = var.{id}\n  name    = {}\n  type    = \"{rtype}\"\n  ttl     = {}\n  records = [",
        hcl(&labels.label(&rtype.to_string(), &load.set.name, 0)),
        hcl(&bare(&load.set.name)),
        load.set.ttl.seconds(),
    );
    for value in values {
        let _ = writeln!(out, "    {},", hcl(&value));
    }
    out.push_str("  ]\n}\n");
}

/// A value as the provider has it.
fn value(rtype: Rtype, member: &Member) -> String {
    let rdata: &Rdata = &member.rdata;
    match rtype {
        Rtype::TXT => {
            let strings = carry::strings(&carry::TERRAFORM_AWS, member);
            strings.iter().map(|s| route53::text(s)).collect::<Vec<_>>().join("\" \"")
        }
        Rtype::CNAME | Rtype::NS | Rtype::PTR => rdata.target(rtype).map(|target| dotted(&target)).unwrap_or_default(),
        _ => rdata.present(rtype),
    }
}
