//! `--format csv`: one record a line, RFC 4180. Values are presentation format, so a TXT stands in its quotes. A cell never begins with what a
//! spreadsheet takes for a formula: that character is written as its DNS escape `\DDD`, which means the same.

use std::fmt::Write as _;

use crate::fit::carry;

use super::export::bare;
use super::{Format, Input, Product, file_name};

/// The format.
pub const FORMAT: Format = Format {
    name: "csv",
    en: "one record a line (CSV)",
    ja: "1 行 1 レコード（CSV）",
    write,
    carrier: None,
    joins: true,
};

fn write(input: &Input<'_>) -> Vec<Product> {
    let mut out = String::from("zone,name,type,ttl,value\r\n");
    for zone in input.fitted.zones() {
        for load in carry::loads(input.fitted, zone, None) {
            let (rtype, ttl) = (load.set.rtype, load.set.ttl.seconds());
            for member in load.written() {
                let _ = write!(
                    out,
                    "{},{},{rtype},{ttl},{}\r\n",
                    cell(&bare(&zone.composed.origin)),
                    cell(&bare(&load.set.name)),
                    cell(&member.rdata.present(rtype)),
                );
            }
        }
    }
    vec![Product { name: file_name(&input.fitted.own.composed.origin, "csv"), text: out }]
}

/// A cell. Only printable ASCII comes here.
fn cell(text: &str) -> String {
    let text = match text.bytes().next() {
        Some(first @ (b'=' | b'+' | b'-' | b'@')) => format!("\\{first:03}{}", text.get(1..).unwrap_or("")),
        _ => text.to_owned(),
    };
    if text.contains(['"', ',']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(super::cell("=cmd.example."), "\\061cmd.example.");
        assert_eq!(super::cell("\"a, b\""), "\"\"\"a, b\"\"\"");
        assert_eq!(super::cell("10 mail.example."), "10 mail.example.");
    }
}
