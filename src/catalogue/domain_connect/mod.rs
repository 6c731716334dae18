//! Domain Connect: templates in JSON that services publish for DNS companies, read into our own [`Sender`], so that everything behind it
//! is one path; and written in our own form. Pure.
//!
//! Read by the Domain Connect specification (the community's draft of 2026-03-01 and, where it is more exact,
//! draft-ietf-dconn-domainconnect). What breaks it is told with its place; what it tells readers to ignore is ignored.
//!
//! | Domain Connect | here |
//! |---|---|
//! | `domain`, `host` of an application | the site's domain, the sender's `subdomain` |
//! | `%domain%`, `%fqdn%`, `%host%` | `{{ site }}`, `{{ domain }}`, `{{ host }}` |
//! | `%name%` | the variable `name`, or `dc-name` where the name is taken |
//! | SPFM, and a TXT that is a whole SPF record | terms of `[spf]`, merged by the rules of this program |
//! | REDIR301, REDIR302 | `[[redirect]]` |
//! | APEXCNAME | a CNAME; at the apex it is never active, and the finding says what the registrar has instead |
//! | `groupId` | `group`; the site's `groups` |

mod fields;
mod json;
mod read;
mod write;

#[cfg(test)]
mod tests;

use crate::report::{Finding, Span, Text};
use crate::say;
use crate::toml_reader::Sink;

use super::sender::Sender;

pub use write::write;

/// The largest template that is read, octets. The largest published ones have under 20,000.
pub const LIMIT_FILE: u64 = 256 * 1024;

/// Reads a template. What is wrong goes to `sink`; with a finding of error level among them the template is not to be used.
pub fn parse(text: &str, sink: &Sink) -> Option<Sender> {
    match json::parse(text) {
        Ok(value) => read::read(&value, sink),
        Err(fault) => {
            let what = fault.text;
            sink.push(
                Finding::error(
                    "domain-connect-json",
                    say!(en: "this is not JSON: {what}", ja: "JSON として読めません: {what}"; what = what),
                )
                .at(Span::new(sink.file(), fault.range), Text::default()),
            );
            None
        }
    }
}
