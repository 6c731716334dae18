//! MTA-STS record and policy to text.

use super::policy::policy_id;
use super::types::{Policy, Record};

/// How the lines of a policy end. RFC 8461 §3.2 allows both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineEnd {
    /// CR LF.
    #[default]
    Crlf,
    /// LF.
    Lf,
}

impl Record {
    /// The record's text, octet for octet as it was read.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        self.tags.octets()
    }
}

impl Policy {
    /// The text for `https://mta-sts.<domain>/.well-known/mta-sts.txt`.
    #[must_use]
    pub fn print(&self, end: LineEnd) -> String {
        let end = match end {
            LineEnd::Crlf => "\r\n",
            LineEnd::Lf => "\n",
        };
        let mut text = format!("version: STSv1{end}mode: {}{end}max_age: {}{end}", self.mode.as_str(), self.max_age);
        for pattern in &self.mx {
            text.push_str(&format!("mx: {}{end}", pattern.as_str()));
        }
        text
    }
}

/// The `_mta-sts` record that goes with a policy's text.
#[must_use]
pub fn record(policy: &str) -> String {
    format!("v=STSv1; id={}", policy_id(policy))
}
