//! Key record to text. A record that was read prints as it was ([`KeyRecord::octets`]); these make new ones.

use super::key;
use super::types::KeyRecord;

impl KeyRecord {
    /// The record's text, octet for octet as it was read.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        self.tags.octets()
    }
}

/// The record of an RSA key given as SubjectPublicKeyInfo.
#[must_use]
pub fn rsa_record(spki: &[u8]) -> String {
    format!("v=DKIM1; k=rsa; p={}", key::encode(spki))
}

/// The record of an Ed25519 key (RFC 8463 §4.2).
#[must_use]
pub fn ed25519_record(public: &[u8; 32]) -> String {
    format!("v=DKIM1; k=ed25519; p={}", key::encode(public))
}
