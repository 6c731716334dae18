//! `--format dnscontrol`: `dnsconfig.js` of DNSControl 4, one `D()` a zone. `NO_PURGE`: it deletes no name and type that is not here.

use std::fmt::Write as _;

use crate::fit::FittedZone;
use crate::fit::carry;
use crate::say;
use crate::zone::{Rdata, Rtype};

use super::export::{Notes, bare, dotted, hex};
use super::{Format, Input, Product, file_name};

/// The format.
pub const FORMAT: Format = Format {
    name: "dnscontrol",
    en: "dnsconfig.js of DNSControl",
    ja: "DNSControl の dnsconfig.js",
    write,
    carrier: Some(&carry::DNSCONTROL),
    joins: true,
};

fn write(input: &Input<'_>) -> Vec<Product> {
    let mut out = String::new();
    let head = Notes { input, mark: "// " };
    head.head(&mut out, &input.fitted.own, "DNSControl 4");
    let provider = say!(
        en: "“dns” is the name of the provider's entry in creds.json: put yours here",
        ja: "「dns」は creds.json にあるプロバイダーの項目名です。お使いの名前に直します"
    );
    out.push_str("var REG_NONE = NewRegistrar(\"none\");\n");
    head.line(&mut out, provider.get(input.lang));
    out.push_str("var DSP = NewDnsProvider(\"dns\");\n");
    for zone in input.fitted.zones() {
        domain(&mut out, input, zone);
    }
    vec![Product { name: file_name(&input.fitted.own.composed.origin, "dnsconfig.js"), text: out }]
}

fn domain(out: &mut String, input: &Input<'_>, zone: &FittedZone<'_>) {
    let notes = Notes { input, mark: "  // " };
    let origin = &zone.composed.origin;
    let _ = writeln!(out, "\nD({}, REG_NONE, DnsProvider(DSP), NO_PURGE,", js(&bare(origin)));
    for load in carry::loads(input.fitted, zone, FORMAT.carrier) {
        notes.load(out, &load);
        let (rtype, ttl) = (load.set.rtype, load.set.ttl.seconds());
        let label = load.set.name.strip_suffix(origin).filter(|name| !name.is_root());
        let label = js(&label.map_or_else(|| "@".to_owned(), |name| bare(&name)));
        let apex_ns = rtype == Rtype::NS && load.set.name == *origin;
        if apex_ns && load.written().next().is_some() {
            let _ = writeln!(out, "  NAMESERVER_TTL({ttl}),");
        }
        for member in load.written() {
            let values = values(rtype, &member.rdata).join(", ");
            let _ = if apex_ns {
                writeln!(out, "  NAMESERVER({values}),")
            } else {
                writeln!(out, "  {rtype}({label}, {values}, TTL({ttl})),")
            };
        }
    }
    notes.tail(out, zone);
    out.push_str("END);\n");
}

/// The arguments that hold a record's data.
fn values(rtype: Rtype, rdata: &Rdata) -> Vec<String> {
    match rtype {
        Rtype::MX => rdata.as_mx().map(|(preference, host)| vec![preference.to_string(), js(&dotted(&host))]),
        Rtype::SRV => rdata.as_srv().map(|(priority, weight, port, host)| {
            vec![priority.to_string(), weight.to_string(), port.to_string(), js(&dotted(&host))]
        }),
        Rtype::CAA => rdata.as_caa().map(|(flags, tag, value)| {
            let mut values = vec![js(tag), js(&String::from_utf8_lossy(value))];
            if flags == 128 {
                values.push("CAA_CRITICAL".to_owned());
            }
            values
        }),
        Rtype::TLSA => rdata.as_tlsa().map(|(usage, selector, matching, data)| {
            vec![usage.to_string(), selector.to_string(), matching.to_string(), js(&hex(data))]
        }),
        Rtype::SSHFP => rdata
            .octets()
            .split_first_chunk()
            .map(|([algorithm, kind], print)| vec![algorithm.to_string(), kind.to_string(), js(&hex(print))]),
        Rtype::DS => rdata.octets().split_first_chunk().map(|([high, low, algorithm, kind], digest)| {
            let tag = u16::from_be_bytes([*high, *low]);
            vec![tag.to_string(), algorithm.to_string(), kind.to_string(), js(&hex(digest))]
        }),
        // One string, which DNSControl cuts at 255 octets.
        Rtype::TXT => Some(vec![js(&String::from_utf8_lossy(&rdata.txt_joined()))]),
        _ => rdata.target(rtype).map(|target| vec![js(&dotted(&target))]),
    }
    .unwrap_or_else(|| vec![js(&rdata.present(rtype))])
}

/// A JavaScript string. Only printable ASCII comes here; `<` is written by its number, so that it ends no script element either.
fn js(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '<' => out.push_str("\\u003c"),
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn strings_end_where_they_should() {
        assert_eq!(super::js(r#"a"b\</script>"#), r#""a\"b\\\u003c/script>""#);
    }
}
