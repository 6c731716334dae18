//! The TLS-RPT record and what can be wrong with one.

use crate::mail::tags::{Fault, Level, ReportUri, TagFault, TagList, UriFault};
use crate::report::Text;
use crate::say;

/// A `_smtp._tls` record as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The record's text.
    pub tags: TagList,
    /// `rua`: the addresses that can be used.
    pub rua: Vec<ReportUri>,
}

/// What can be wrong with a TLS-RPT record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The list itself.
    Tag(TagFault),
    /// It does not begin with `v=TLSRPTv1;`.
    Version,
    /// No `rua`.
    RuaMissing,
    /// A report address.
    Uri(UriFault),
    /// A report address that is neither `mailto:` nor `https:`.
    Scheme {
        /// Its scheme.
        scheme: String,
    },
}

impl Fault for Kind {
    fn rule(&self) -> &'static str {
        match self {
            Self::Tag(TagFault::Stray) => "txt-stray-quotes-escapes",
            _ => "tlsrpt-record",
        }
    }

    fn level(&self) -> Level {
        Level::Error
    }

    fn text(&self) -> Text {
        match self {
            Self::Tag(fault) => fault.text(),
            Self::Version => {
                say!(en: "the record must begin with `v=TLSRPTv1;`", ja: "レコードは `v=TLSRPTv1;` で始めます")
            }
            Self::RuaMissing => {
                say!(en: "there is no `rua=`, so no address for the reports", ja: "`rua=` がありません。レポートの宛先がないレコードです")
            }
            // TLS-RPT never had size limits; a `!` is just a character that must be escaped (RFC 8460 §3).
            Self::Uri(UriFault::Size) => UriFault::Octet { octet: b'!' }.text(),
            Self::Uri(UriFault::NoScheme) => {
                say!(en: "a report address begins with `mailto:` or `https:`", ja: "レポートの宛先は `mailto:` か `https:` で始めます")
            }
            Self::Uri(fault) => fault.text(),
            Self::Scheme { scheme } => {
                say!(en: "`{scheme}:` cannot receive reports: `mailto:` or `https:`", ja: "`{scheme}:` にはレポートを送れません。`mailto:` か `https:` で始めます")
            }
        }
    }
}
