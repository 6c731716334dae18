//! A record's data to presentation format.

use std::{
    fmt::Write,
    net::{Ipv4Addr, Ipv6Addr},
};

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    dnssec, loc,
    schema::{self, Field, Part},
    svcb,
};
use crate::zone::{Name, Rtype, text};

/// By the type's fields, or as octets where it has none or they do not fit.
pub(super) fn present(rtype: Rtype, data: &[u8], origin: Option<&Name>) -> String {
    schema::split(rtype, data).and_then(|parts| fields(&parts, origin)).unwrap_or_else(|| generic(data))
}

/// The form that every type has, `\# length hex` (RFC 3597 §5).
fn generic(data: &[u8]) -> String {
    let mut out = format!("\\# {}", data.len());
    if !data.is_empty() {
        out.push(' ');
        hex(data, &mut out);
    }
    out
}

/// The parts with a space between them.
fn fields(parts: &[Part<'_>], origin: Option<&Name>) -> Option<String> {
    let mut out = String::new();
    for Part { field, octets, .. } in parts {
        if !out.is_empty() {
            out.push(' ');
        }
        let before = out.len();
        match field {
            Field::U8 | Field::U16 | Field::U32 | Field::Seconds | Field::Algorithm | Field::CertType => {
                let number = octets.iter().fold(0u32, |number, octet| number << 8 | u32::from(*octet));
                // Writing to a String cannot fail.
                let _ = write!(out, "{number}");
            }
            Field::Ipv4 => out.push_str(&Ipv4Addr::from(<[u8; 4]>::try_from(*octets).ok()?).to_string()),
            Field::Ipv6 => out.push_str(&Ipv6Addr::from(<[u8; 16]>::try_from(*octets).ok()?).to_string()),
            Field::Name => {
                let name = Name::from_wire(octets)?;
                let relative = origin.and_then(|origin| name.relative_to(origin));
                out.push_str(&relative.unwrap_or_else(|| name.to_string()));
            }
            Field::String | Field::Quoted => text::quote_into(octets, &mut out),
            Field::Strings => {
                for (index, string) in super::strings_of(octets).enumerate() {
                    if index > 0 {
                        out.push(' ');
                    }
                    text::quote_into(string, &mut out);
                }
            }
            Field::Tag => out.push_str(std::str::from_utf8(octets).ok()?),
            Field::Hex => hex(octets, &mut out),
            Field::Base64 => STANDARD.encode_string(octets, &mut out),
            Field::Location => out.push_str(&loc::present(octets)?),
            Field::Params => out.push_str(&svcb::present(octets)?),
            Field::Type => {
                let _ = write!(out, "{}", Rtype(u16::from_be_bytes((*octets).try_into().ok()?)));
            }
            Field::Time => out.push_str(&dnssec::print_time(u32::from_be_bytes((*octets).try_into().ok()?))),
            Field::Salt if octets.is_empty() => out.push('-'),
            Field::Salt => hex(octets, &mut out),
            Field::Hash => dnssec::print_base32(octets, &mut out),
            Field::Types | Field::AnyTypes => {
                let types: Vec<String> = dnssec::types(octets)?.iter().map(Rtype::to_string).collect();
                out.push_str(&types.join(" "));
            }
        }
        // Service parameters and types may be none at all.
        if out.len() == before {
            out.pop();
        }
    }
    Some(out)
}

/// Two digits an octet.
fn hex(octets: &[u8], out: &mut String) {
    for octet in octets {
        let _ = write!(out, "{octet:02X}");
    }
}
