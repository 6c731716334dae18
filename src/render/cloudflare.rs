//! `--format cloudflare`: the zone text that Cloudflare's "Import DNS records" takes: no SOA, whole names, one record a line.

use crate::fit::FittedZone;
use crate::fit::carry;
use crate::zone::text;

use super::export::Notes;
use super::{Format, Input, Product};

/// The format.
pub const FORMAT: Format = Format {
    name: "cloudflare",
    en: "zone text for Cloudflare's import",
    ja: "Cloudflare のインポート用のゾーン",
    write,
    carrier: Some(&carry::CLOUDFLARE),
    joins: false,
};

/// Most octets of a file; the import takes 256 KiB ("Import and export records").
const FILE_MAX: usize = 250_000;

fn write(input: &Input<'_>) -> Vec<Product> {
    let mut products = Vec::new();
    for zone in input.fitted.zones() {
        for (i, text) in files(input, zone).into_iter().enumerate() {
            let ending = if i == 0 { "cloudflare.txt".to_owned() } else { format!("{}.cloudflare.txt", i + 1) };
            products.push(Product { name: input.file_name(zone, &ending), text });
        }
    }
    products
}

/// The text of a zone, in as many files as it needs.
fn files(input: &Input<'_>, zone: &FittedZone<'_>) -> Vec<String> {
    let notes = Notes { input, mark: "; " };
    let mut files = Vec::new();
    let mut out = String::new();
    notes.head(&mut out, zone, "Cloudflare");
    for load in carry::loads(input.fitted, zone, FORMAT.carrier) {
        let mut part = String::new();
        notes.load(&mut part, &load);
        let records: Vec<_> = load.set.records().collect();
        let written = load.members.iter().zip(records).filter(|((_, fate), _)| *fate == carry::Fate::Written);
        part.push_str(&text::write(&written.map(|(_, record)| record).collect::<Vec<_>>(), None));
        if out.len() + part.len() > FILE_MAX {
            files.push(std::mem::take(&mut out));
        }
        out.push_str(&part);
    }
    notes.tail(&mut out, zone);
    files.push(out);
    files
}
