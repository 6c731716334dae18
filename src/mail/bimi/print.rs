//! BIMI record to text.

use super::types::{Avatar, Bimi, Record};

impl Record {
    /// The record's text, octet for octet as it was read.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        self.tags.octets()
    }
}

impl Bimi {
    /// The record as text, defaults left out; without a logo, the declination `v=BIMI1; l=;`.
    #[must_use]
    pub fn print(&self) -> String {
        if self.declines() {
            return "v=BIMI1; l=;".to_owned();
        }
        let mut text = format!("v=BIMI1; l={}", self.l.as_deref().unwrap_or_default());
        if let Some(a) = &self.a {
            text.push_str(&format!("; a={a}"));
        }
        if self.avp == Avatar::Personal {
            text.push_str("; avp=personal");
        }
        text
    }
}
