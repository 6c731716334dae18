//! What the octets of `p=` are: a public key of which kind and size, or something that must not be there. Knows no record.

use base64::Engine as _;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};

use super::der::{self, BIT_STRING, CONTEXT_0, INTEGER, NULL, OID, SEQUENCE};
use crate::mail::tags::is_space;
use crate::report::Text;
use crate::say;

/// 1.2.840.113549.1.1.1, rsaEncryption (RFC 8017 App. A.1).
const RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
/// 1.3.101.112, Ed25519 (RFC 8410 §3).
const ED25519: &[u8] = &[0x2B, 0x65, 0x70];
/// 1.2.840.113549.1.5, password-based encryption (RFC 8018 App. C).
const PKCS5: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x05];
/// 1.2.840.113549.1.12.1, password-based encryption of PKCS#12 (RFC 7292 App. C).
const PKCS12_PBE: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x0C, 0x01];
/// Octets of an Ed25519 public key (RFC 8032 §5.1.5).
const ED25519_OCTETS: usize = 32;

/// In what wrapping a key came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// SubjectPublicKeyInfo (RFC 5280 §4.1): what DKIM uses for RSA.
    Spki,
    /// RSAPublicKey (RFC 8017 App. A.1.1).
    Pkcs1,
    /// The octets of the key alone: what DKIM uses for Ed25519 (RFC 8463 §4.2).
    Raw,
}

/// A public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyInfo {
    /// RSA.
    Rsa {
        /// Length of the modulus in bits.
        bits: usize,
        /// SPKI or PKCS#1.
        encoding: Encoding,
    },
    /// Ed25519.
    Ed25519 {
        /// The key's 32 octets.
        public: [u8; 32],
        /// Raw or SPKI.
        encoding: Encoding,
    },
}

/// Why octets are not a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFault {
    /// A private key (PKCS#1, PKCS#8 plain or encrypted, SEC 1, PKCS#12, OpenSSH).
    Private,
    /// The octets end before the key does.
    Truncated {
        /// Octets the key has by its own account.
        declared: usize,
        /// Octets that are there.
        got: usize,
    },
    /// Octets follow the key.
    Trailing {
        /// How many.
        extra: usize,
    },
    /// A certificate or a request for one.
    Certificate,
    /// A key in OpenSSH's form.
    OpenSsh,
    /// A public key of another algorithm than RSA and Ed25519.
    Algorithm,
    /// None of these.
    Malformed,
}

impl KeyFault {
    /// One sentence for the person who has the key. Shows nothing of it.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::Private => say!(
                en: "this is a PRIVATE key; publish the public half only, and make a new key pair if this one has been published or sent to anybody",
                ja: "これは秘密鍵です。公開するのは公開鍵だけです。すでに公開した、または人に送ったときは、鍵を作り直してください"
            ),
            Self::Truncated { declared, got } => say!(
                en: "{got} of the key's {declared} octets are here: its end was cut off",
                ja: "鍵のデータが {got} バイトで切れています（本来 {declared} バイト）"
            ),
            Self::Trailing { extra } => {
                let octets = if *extra == 1 { "octet too many follows" } else { "octets too many follow" };
                say!(en: "{extra} {octets} the key", ja: "鍵の後に {extra} バイト余分なデータがあります")
            }
            Self::Certificate => {
                say!(en: "this is a certificate, not a DKIM key", ja: "これは証明書です。DKIM の鍵ではありません")
            }
            Self::OpenSsh => {
                say!(en: "this is an OpenSSH key, not a DKIM key", ja: "これは OpenSSH の鍵です。DKIM の鍵ではありません")
            }
            Self::Algorithm => {
                say!(en: "this key is neither RSA nor Ed25519; DKIM has no others", ja: "RSA でも Ed25519 でもない鍵です。DKIM では使えません")
            }
            Self::Malformed => {
                say!(en: "this is no public key: copy it again, whole", ja: "公開鍵として読めません。全体をもう一度コピーしてください")
            }
        }
    }
}

/// Why text is not base64 as DKIM needs it (RFC 6376 §2.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base64Fault {
    /// A character outside the alphabet.
    Character {
        /// Its position in the text, in octets.
        at: usize,
        /// The octet.
        octet: u8,
    },
    /// The number of characters is no multiple of four, or `=` stands elsewhere than at the end.
    Padding {
        /// Characters without white space.
        length: usize,
    },
    /// The last character holds bits that belong to nothing.
    NotCanonical,
}

impl Base64Fault {
    /// One sentence for the person who has the text.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::Character { octet, .. } if octet.is_ascii_graphic() => {
                let shown = char::from(*octet);
                say!(en: "`{shown}` cannot stand in a key: base64 has letters, digits, `+`, `/` and `=`", ja: "「{shown}」は鍵に使えない文字です（base64 は英数字と + / =）")
            }
            Self::Character { octet, .. } => {
                say!(en: "octet 0x{octet:02X} cannot stand in a key", ja: "0x{octet:02X} のバイトは鍵に使えません")
            }
            Self::Padding { length } => say!(
                en: "{length} characters: base64 comes in fours, so part of the key is missing",
                ja: "{length} 文字です。base64 は 4 文字ずつなので、鍵の一部が欠けています"
            ),
            Self::NotCanonical => {
                say!(en: "the last characters of the key are damaged", ja: "鍵の最後の文字が壊れています")
            }
        }
    }
}

/// Decodes base64 strictly: white space may stand anywhere, all else must be canonical.
///
/// # Errors
/// The first fault.
pub fn decode(text: &[u8]) -> Result<Vec<u8>, Base64Fault> {
    let characters: Vec<u8> = text.iter().copied().filter(|octet| !is_space(*octet)).collect();
    if let Some((at, &octet)) =
        text.iter().enumerate().find(|(_, octet)| !is_space(**octet) && !is_base64(**octet) && **octet != b'=')
    {
        return Err(Base64Fault::Character { at, octet });
    }
    let padding = characters.iter().rev().take_while(|octet| **octet == b'=').count();
    let inside = characters.iter().take(characters.len() - padding).any(|octet| *octet == b'=');
    if !characters.len().is_multiple_of(4) || padding > 2 || inside {
        return Err(Base64Fault::Padding { length: characters.len() });
    }
    STANDARD.decode(&characters).map_err(|_| Base64Fault::NotCanonical)
}

/// What can be decoded of damaged base64, to tell what it was: anything outside the alphabet is passed over.
pub(super) fn decode_leniently(text: &[u8]) -> Vec<u8> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &ALPHABET,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::RequireNone),
    );
    let mut characters: Vec<u8> = text.iter().copied().filter(|octet| is_base64(*octet)).collect();
    if characters.len() % 4 == 1 {
        // Six bits that no octet needs.
        characters.pop();
    }
    LENIENT.decode(&characters).unwrap_or_default()
}

/// What damaged base64 is said to be where that tells more than the damage: a key that was cut, or no key at all.
pub(super) fn behind(text: &[u8], damage: Base64Fault) -> Option<KeyFault> {
    match (analyse(&decode_leniently(text)), damage) {
        (Err(fault @ (KeyFault::Certificate | KeyFault::OpenSsh)), _) => Some(fault),
        // With a foreign character the octets do not count.
        (Err(fault @ KeyFault::Truncated { .. }), Base64Fault::Padding { .. } | Base64Fault::NotCanonical) => {
            Some(fault)
        }
        _ => None,
    }
}

/// A character of the alphabet, padding aside.
pub(super) fn is_base64(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || octet == b'+' || octet == b'/'
}

/// Base64 of `octets`, padded, on one line.
pub(super) fn encode(octets: &[u8]) -> String {
    STANDARD.encode(octets)
}

/// Tells what decoded octets are. 32 octets are an Ed25519 key: no RSA key is that short.
///
/// # Errors
/// Anything but a public key. A private key is told before anything else, also where it is cut.
pub fn analyse(octets: &[u8]) -> Result<KeyInfo, KeyFault> {
    if let Ok(public) = <[u8; ED25519_OCTETS]>::try_from(octets) {
        return Ok(KeyInfo::Ed25519 { public, encoding: Encoding::Raw });
    }
    if is_private(octets) {
        return Err(KeyFault::Private);
    }
    if octets.starts_with(b"\0\0\0\x07ssh-")
        || octets.starts_with(b"\0\0\0\x0Bssh-")
        || octets.starts_with(b"\0\0\0\x13ecdsa-sha2-")
    {
        return Err(KeyFault::OpenSsh);
    }
    if is_certificate(octets) {
        return Err(KeyFault::Certificate);
    }
    let header = der::header(octets).filter(|header| header.tag == SEQUENCE).ok_or(KeyFault::Malformed)?;
    let declared = header.octets + header.content;
    let extra = match octets.len().checked_sub(declared) {
        None => {
            return Err(KeyFault::Truncated { declared, got: octets.len() });
        }
        Some(extra) => extra,
    };
    let mut input = octets;
    let content = der::take(&mut input, SEQUENCE).ok_or(KeyFault::Malformed)?;
    let info = if content.first() == Some(&INTEGER) {
        Ok(KeyInfo::Rsa { bits: rsa_bits(content).ok_or(KeyFault::Malformed)?, encoding: Encoding::Pkcs1 })
    } else {
        spki(content)
    }?;
    if extra > 0 { Err(KeyFault::Trailing { extra }) } else { Ok(info) }
}

/// The content of a SubjectPublicKeyInfo.
fn spki(mut content: &[u8]) -> Result<KeyInfo, KeyFault> {
    let mut algorithm = der::take(&mut content, SEQUENCE).ok_or(KeyFault::Malformed)?;
    let oid = der::take(&mut algorithm, OID).ok_or(KeyFault::Malformed)?;
    let bits = der::take(&mut content, BIT_STRING).ok_or(KeyFault::Malformed)?;
    let (&unused_bits, mut key) = bits.split_first().ok_or(KeyFault::Malformed)?;
    if unused_bits != 0 || !content.is_empty() {
        return Err(KeyFault::Malformed);
    }
    if oid == RSA {
        // RFC 3279 §2.3.1: the parameters are NULL. Some verifiers insist.
        let parameters = der::take(&mut algorithm, NULL).ok_or(KeyFault::Malformed)?;
        let numbers = der::take(&mut key, SEQUENCE).ok_or(KeyFault::Malformed)?;
        if !parameters.is_empty() || !algorithm.is_empty() || !key.is_empty() {
            return Err(KeyFault::Malformed);
        }
        Ok(KeyInfo::Rsa { bits: rsa_bits(numbers).ok_or(KeyFault::Malformed)?, encoding: Encoding::Spki })
    } else if oid == ED25519 {
        let public = <[u8; ED25519_OCTETS]>::try_from(key).map_err(|_| KeyFault::Malformed)?;
        if !algorithm.is_empty() {
            return Err(KeyFault::Malformed);
        }
        Ok(KeyInfo::Ed25519 { public, encoding: Encoding::Spki })
    } else {
        Err(KeyFault::Algorithm)
    }
}

/// Bits of the modulus of an RSAPublicKey's content; none where it is not exactly two positive INTEGERs that can be a key.
fn rsa_bits(mut content: &[u8]) -> Option<usize> {
    let modulus = positive(der::take(&mut content, INTEGER)?)?;
    let exponent = positive(der::take(&mut content, INTEGER)?)?;
    let odd = |number: &[u8]| number.last().is_some_and(|last| last % 2 == 1);
    if !content.is_empty() || !odd(modulus) || !odd(exponent) || exponent == [1] {
        return None;
    }
    let first = modulus.first()?;
    Some(modulus.len() * 8 - usize::try_from(first.leading_zeros()).ok()?)
}

/// The octets of a positive INTEGER in its shortest form (X.690 §8.3.2) without the zero that keeps it positive.
fn positive(content: &[u8]) -> Option<&[u8]> {
    match content {
        [0, rest @ ..] => rest.first().is_some_and(|first| *first >= 0x80).then_some(rest),
        [first, ..] if *first < 0x80 => Some(content),
        _ => None,
    }
}

/// A SEQUENCE that opens with a one-octet INTEGER opens with a version number, as only private keys and their containers do;
/// one that opens with an encryption algorithm is an encrypted private key (RFC 5958 §3). Told from the first octets, so also where it is cut.
fn is_private(octets: &[u8]) -> bool {
    if octets.starts_with(b"openssh-key-v1\0") {
        return true;
    }
    let Some(content) = inside(octets) else {
        return false;
    };
    match der::header(content) {
        Some(header) if header.tag == INTEGER => header.content == 1,
        _ => inside(content)
            .and_then(|mut algorithm| der::take(&mut algorithm, OID))
            .is_some_and(|oid| oid.starts_with(PKCS5) || oid.starts_with(PKCS12_PBE)),
    }
}

/// What follows the header of the SEQUENCE at the start of `octets`, however much of it is there.
fn inside(octets: &[u8]) -> Option<&[u8]> {
    let header = der::header(octets).filter(|header| header.tag == SEQUENCE)?;
    octets.get(header.octets..)
}

/// SEQUENCE { SEQUENCE { `[0]` or INTEGER …: a certificate (RFC 5280 §4.1) or a request (RFC 2986 §4.1), also where it is cut.
fn is_certificate(octets: &[u8]) -> bool {
    let second = inside(octets).and_then(inside);
    second.is_some_and(|content| matches!(content.first(), Some(&(CONTEXT_0 | INTEGER))))
}

/// Wraps an RSAPublicKey as SubjectPublicKeyInfo.
pub(super) fn spki_of_pkcs1(pkcs1: &[u8]) -> Vec<u8> {
    let mut algorithm = Vec::new();
    der::put(&mut algorithm, OID, RSA);
    der::put(&mut algorithm, NULL, &[]);
    let mut content = Vec::new();
    der::put(&mut content, SEQUENCE, &algorithm);
    let mut bits = vec![0];
    bits.extend_from_slice(pkcs1);
    der::put(&mut content, BIT_STRING, &bits);
    let mut spki = Vec::new();
    der::put(&mut spki, SEQUENCE, &content);
    spki
}
