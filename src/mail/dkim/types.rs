//! The DKIM key record and what can be wrong with one.

use std::ops::Range;

use super::key::{Base64Fault, KeyFault, KeyInfo};
use crate::mail::tags::{Fault, Level, TagFault, TagList};
use crate::report::Text;
use crate::say;

/// `k=` (RFC 6376 §3.6.1, RFC 8463 §4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyType {
    /// `rsa`, also where `k=` is absent.
    Rsa,
    /// `ed25519`.
    Ed25519,
    /// Anything else: receivers ignore the record.
    Other(Vec<u8>),
}

/// A key record as it was read. Its tags are the octets as they came; its `Debug` form shows no values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// The record's text.
    pub tags: TagList,
    /// The key in `p=`, where it is one, whether or not `k=` fits it.
    pub key: Option<KeyInfo>,
}

impl KeyRecord {
    /// `k=`.
    #[must_use]
    pub fn key_type(&self) -> KeyType {
        match self.tags.find(b"k").map(|tag| self.tags.value(tag)) {
            None | Some(b"rsa") => KeyType::Rsa,
            Some(b"ed25519") => KeyType::Ed25519,
            Some(other) => KeyType::Other(other.to_vec()),
        }
    }

    /// Whether this is meant to be a key record, well-formed or not: [`looks_like_dkim_key`](super::looks_like_dkim_key).
    #[must_use]
    pub fn looks_meant(&self) -> bool {
        super::parse::looks_like_key(&self.tags)
    }

    /// Whether `p=` is there and empty: the key is revoked (RFC 6376 §3.6.1).
    #[must_use]
    pub fn is_revoked(&self) -> bool {
        self.tags.find(b"p").is_some_and(|tag| tag.value.is_empty())
    }

    /// Whether `t=` has `y`: the domain is testing DKIM.
    #[must_use]
    pub fn is_testing(&self) -> bool {
        self.lists(b"t", b"y")
    }

    /// Whether `t=` has `s`: `i=` must be the signing domain itself, not a subdomain.
    #[must_use]
    pub fn is_strict(&self) -> bool {
        self.lists(b"t", b"s")
    }

    /// The items of the colon-separated tag `name` (`h`, `s`, `t`), with their ranges; none where the tag is absent.
    #[must_use]
    pub fn items(&self, name: &[u8]) -> Option<Vec<(Range<usize>, &[u8])>> {
        let tag = self.tags.find(name)?;
        let items = self.tags.items(&tag.value, b':');
        Some(items.into_iter().map(|range| (range.clone(), self.tags.slice(range))).collect())
    }

    fn lists(&self, name: &[u8], item: &[u8]) -> bool {
        self.items(name).is_some_and(|items| items.iter().any(|(_, octets)| *octets == item))
    }
}

/// What can be wrong with a key record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The list itself.
    Tag(TagFault),
    /// `v=` is not the first tag.
    VersionNotFirst,
    /// `v=` is not `DKIM1`.
    Version,
    /// A tag name in upper case: `P=`.
    NameCase {
        /// The name as written.
        name: String,
    },
    /// No `p=`.
    KeyMissing,
    /// `p=` is empty.
    Revoked,
    /// `p=` is not base64.
    Base64(Base64Fault),
    /// `p=` holds PEM armour (`-----BEGIN`).
    Armour,
    /// White space inside `p=`: legal, but panels mangle it.
    KeyWhitespace,
    /// `p=` does not decode to a public key. Not [`KeyFault::Private`].
    Key(KeyFault),
    /// A private key. Then nothing else is reported.
    PrivateKey,
    /// RSA as bare PKCS#1.
    NotSpki {
        /// The value `p=` should have.
        corrected: String,
    },
    /// RSA under 1024 bits.
    RsaBelow1024 {
        /// Bits of the modulus.
        bits: usize,
    },
    /// RSA of 1024 to 2047 bits.
    RsaBelow2048 {
        /// Bits of the modulus.
        bits: usize,
    },
    /// RSA over 2048 bits.
    RsaTooLong {
        /// Bits of the modulus.
        bits: usize,
    },
    /// An Ed25519 key that is not 32 octets.
    Ed25519Length {
        /// Octets that are there.
        got: usize,
        /// The value `p=` should have, where the key can be found in them.
        corrected: Option<String>,
    },
    /// `k=rsa`, or no `k=`, over an Ed25519 key.
    Ed25519UnderRsa,
    /// `k=ed25519` over an RSA key.
    RsaUnderEd25519,
    /// An unknown `k=`.
    KeyType {
        /// The value as written.
        name: String,
    },
    /// `t=y`.
    Testing,
    /// `h=` without `sha256`.
    NoSha256,
    /// `s=` with neither `*` nor `email`.
    NotForEmail,
}

impl Kind {
    /// The sentence for `got` octets where 32 should be.
    pub(super) fn text_of_ed25519_length(got: usize) -> Text {
        say!(en: "{got} octets: an Ed25519 key has exactly 32", ja: "{got} バイトです。Ed25519 の鍵はちょうど 32 バイトです")
    }
}

impl Fault for Kind {
    fn rule(&self) -> &'static str {
        match self {
            Self::Tag(TagFault::Stray) => "txt-stray-quotes-escapes",
            Self::Tag(_) | Self::VersionNotFirst | Self::Version | Self::NameCase { .. } => "dkim-taglist-syntax",
            Self::KeyMissing | Self::Revoked => "dkim-p-missing-or-revoked",
            Self::Base64(_) | Self::Armour | Self::KeyWhitespace | Self::Key(_) => "dkim-p-invalid",
            Self::PrivateKey => "dkim-private-key-published",
            Self::NotSpki { .. } => "dkim-key-not-spki",
            Self::RsaBelow1024 { .. } => "dkim-rsa-below-1024",
            Self::RsaBelow2048 { .. } => "dkim-rsa-below-2048",
            Self::RsaTooLong { .. } => "dkim-rsa-too-long",
            Self::Ed25519Length { .. } => "dkim-ed25519-length",
            Self::Ed25519UnderRsa | Self::RsaUnderEd25519 | Self::KeyType { .. } => "dkim-key-type-mismatch",
            Self::Testing | Self::NoSha256 | Self::NotForEmail => "dkim-flags-block-use",
        }
    }

    fn level(&self) -> Level {
        match self {
            Self::KeyWhitespace => Level::Advice,
            // RFC 8301 §3.2: verifiers need to handle 1024 to 4096 bits only.
            Self::RsaTooLong { bits } if *bits <= 4096 => Level::Advice,
            Self::NotSpki { .. } | Self::RsaBelow2048 { .. } | Self::RsaTooLong { .. } | Self::Testing => {
                Level::Warning
            }
            _ => Level::Error,
        }
    }

    fn text(&self) -> Text {
        match self {
            Self::Tag(fault) => fault.text(),
            Self::VersionNotFirst => {
                say!(en: "`v=DKIM1` must be the first tag", ja: "`v=DKIM1` は先頭に置きます")
            }
            Self::Version => {
                say!(en: "`v=` must be exactly `DKIM1`", ja: "`v=` の値は `DKIM1` だけです")
            }
            Self::NameCase { name } => {
                let lower = name.to_ascii_lowercase();
                say!(en: "`{name}=` must be `{lower}=`: the case of tag names counts", ja: "`{name}=` は小文字の `{lower}=` と書きます")
            }
            Self::KeyMissing => {
                say!(en: "there is no `p=`, so no key", ja: "`p=` がありません。鍵のないレコードです")
            }
            Self::Revoked => {
                say!(en: "`p=` is empty: the key is revoked", ja: "`p=` が空です。鍵は失効しています")
            }
            Self::Base64(fault) => fault.text(),
            Self::Armour => {
                say!(en: "`p=` holds the PEM lines `-----BEGIN…`: only what stands between them belongs there", ja: "`p=` に `-----BEGIN` の行が入っています。必要なのは間の文字だけです")
            }
            Self::KeyWhitespace => {
                say!(en: "white space inside the key is legal, but panels mangle it", ja: "鍵の途中に空白があります。規格では許されますが、画面で壊れることがあります")
            }
            Self::Key(fault) => fault.text(),
            Self::PrivateKey => KeyFault::Private.text(),
            Self::NotSpki { .. } => {
                say!(en: "the key is bare PKCS#1; some receivers read only SubjectPublicKeyInfo", ja: "鍵が PKCS#1 形式です。SubjectPublicKeyInfo 形式しか読めない受信側があります")
            }
            Self::RsaBelow1024 { bits } => {
                say!(en: "{bits}-bit RSA: receivers treat the signature as invalid (at least 1024, better 2048)", ja: "RSA {bits} ビットです。受信側は署名を無効とみなします（最低 1024、推奨 2048）")
            }
            Self::RsaBelow2048 { bits } => {
                say!(en: "{bits}-bit RSA: 2048 is recommended", ja: "RSA {bits} ビットです。2048 ビットが推奨されています")
            }
            Self::RsaTooLong { bits } if *bits > 4096 => {
                say!(en: "{bits}-bit RSA: receivers need to handle 4096 at most; 2048 is enough", ja: "RSA {bits} ビットです。4096 を超える鍵は受信側が扱えるとは限りません。2048 で足ります")
            }
            Self::RsaTooLong { bits } => {
                say!(en: "{bits}-bit RSA: 2048 is enough, and fits more forms", ja: "RSA {bits} ビットです。2048 で足り、入力できる画面も増えます")
            }
            Self::Ed25519Length { got, corrected: Some(_) } => {
                say!(en: "{got} octets: an Ed25519 key in DKIM is its last 32 octets alone", ja: "{got} バイトあります。DKIM の Ed25519 鍵は最後の 32 バイトだけです")
            }
            Self::Ed25519Length { got, .. } => Self::text_of_ed25519_length(*got),
            Self::Ed25519UnderRsa => {
                say!(en: "the key is Ed25519: `k=ed25519` is missing", ja: "鍵は Ed25519 です。`k=ed25519` が必要です")
            }
            Self::RsaUnderEd25519 => {
                say!(en: "the key is RSA, but `k=ed25519`", ja: "鍵は RSA なのに `k=ed25519` となっています")
            }
            Self::KeyType { name } => {
                say!(en: "`k={name}` is unknown: `rsa` or `ed25519`, in lower case", ja: "`k={name}` は使えません。小文字の `rsa` か `ed25519` です")
            }
            Self::Testing => {
                say!(en: "`t=y`: receivers treat the mail as if it had no signature", ja: "`t=y`（試験中）です。受信側は署名がないものとして扱います")
            }
            Self::NoSha256 => {
                say!(en: "`h=` lacks `sha256`, the only hash that is allowed", ja: "`h=` に `sha256` がありません。使えるハッシュはこれだけです")
            }
            Self::NotForEmail => {
                say!(en: "`s=` lacks `email` and `*`: the key is not for mail", ja: "`s=` に `email` も `*` もありません。メールに使えない鍵です")
            }
        }
    }
}
