//! TLS-RPT record to text.

use super::types::Record;
use crate::mail::tags::ReportUri;

impl Record {
    /// The record's text, octet for octet as it was read.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        self.tags.octets()
    }
}

/// The record that sends reports to `rua`.
#[must_use]
pub fn record(rua: &[ReportUri]) -> String {
    let uris: Vec<&str> = rua.iter().map(|uri| uri.uri.as_str()).collect();
    format!("v=TLSRPTv1; rua={}", uris.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_reads_back() {
        let text = "v=TLSRPTv1; rua=mailto:a@example.jp,https://b.example.jp/x";
        assert_eq!(record(&super::super::parse(text.as_bytes()).0.rua), text);
    }
}
