//! DMARC record to text. A record that was read prints as it was ([`Record::octets`]); [`Dmarc::print`] makes new ones.

use super::types::{Alignment, Dmarc, Psd, Record};
use crate::mail::tags::ReportUri;

impl Record {
    /// The record's text, octet for octet as it was read.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        self.tags.octets()
    }
}

impl Dmarc {
    /// The record as text that old and new receivers read: `p` right after `v`, defaults left out, nothing that RFC 9989 removed.
    #[must_use]
    pub fn print(&self) -> String {
        let mut parts = vec!["v=DMARC1".to_owned(), format!("p={}", self.policy().as_str())];
        let mut put = |name: &str, value: Option<String>| parts.extend(value.map(|value| format!("{name}={value}")));
        put("sp", self.sp.map(|policy| policy.as_str().to_owned()));
        put("np", self.np.map(|policy| policy.as_str().to_owned()));
        put("adkim", (self.adkim == Alignment::Strict).then(|| "s".to_owned()));
        put("aspf", (self.aspf == Alignment::Strict).then(|| "s".to_owned()));
        put("rua", list(&self.rua));
        put("ruf", list(&self.ruf));
        let fo: Vec<String> = self.fo.iter().map(char::to_string).collect();
        put("fo", (!fo.is_empty() && self.fo != ['0']).then(|| fo.join(":")));
        put("t", self.t.then(|| "y".to_owned()));
        put(
            "psd",
            match self.psd {
                Psd::Yes => Some("y".to_owned()),
                Psd::No => Some("n".to_owned()),
                Psd::Unknown => None,
            },
        );
        parts.join("; ")
    }
}

fn list(uris: &[ReportUri]) -> Option<String> {
    let uris: Vec<&str> = uris.iter().map(|uri| uri.uri.as_str()).collect();
    (!uris.is_empty()).then(|| uris.join(","))
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn tags_come_in_one_order_without_defaults() {
        let all = "v=DMARC1; psd=n; t=y; fo=s:1; ruf=mailto:f@example.jp; rua=mailto:a@example.jp , mailto:b@example.jp; aspf=s; adkim=s; np=reject; sp=quarantine; p=none";
        assert_eq!(
            parse(all.as_bytes()).0.dmarc.print(),
            "v=DMARC1; p=none; sp=quarantine; np=reject; adkim=s; aspf=s; rua=mailto:a@example.jp,mailto:b@example.jp; ruf=mailto:f@example.jp; fo=1:s; t=y; psd=n"
        );
        let defaults = "v=DMARC1; p=reject; adkim=r; aspf=r; fo=0; t=n; psd=u; pct=100; rua=mailto:d@example.jp!10m";
        assert_eq!(parse(defaults.as_bytes()).0.dmarc.print(), "v=DMARC1; p=reject; rua=mailto:d@example.jp");
        assert_eq!(Dmarc::default().print(), "v=DMARC1; p=none");
    }

    #[test]
    fn what_is_printed_reads_back() {
        let text = "v=DMARC1; p=quarantine; sp=none; rua=mailto:d@example.jp; ruf=mailto:f@example.jp; fo=d; t=y";
        assert_eq!(parse(text.as_bytes()).0.dmarc.print(), text);
    }
}
