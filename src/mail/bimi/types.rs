//! The BIMI record and what can be wrong with one.

use crate::mail::tags::{Fault, Level, TagFault, TagList};
use crate::report::Text;
use crate::say;

/// `avp=`: which picture is preferred where there is also a personal one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Avatar {
    /// `brand`.
    #[default]
    Brand,
    /// `personal`.
    Personal,
}

/// What a record says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bimi {
    /// `l`, the logo: an `https:` URI of an SVG file. None: the domain declines to show one.
    pub l: Option<String>,
    /// `a`, the mark certificate: an `https:` URI of a PEM file.
    pub a: Option<String>,
    /// `avp`.
    pub avp: Avatar,
}

impl Bimi {
    /// Whether the record says that there is no logo.
    #[must_use]
    pub fn declines(&self) -> bool {
        self.l.is_none() && self.a.is_none()
    }
}

/// A record as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The record's text.
    pub tags: TagList,
    /// What it says; values that cannot be used count as absent.
    pub bimi: Bimi,
}

/// What can be wrong with a BIMI record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The list itself.
    Tag(TagFault),
    /// It does not begin with `v=BIMI1;`.
    Version,
    /// No `l`.
    LogoMissing,
    /// `l` or `a` is not an `https:` URI.
    NotHttps {
        /// The tag.
        tag: &'static str,
    },
    /// `l` does not end in `.svg`.
    NotSvg,
    /// No `a`.
    NoCertificate,
    /// `avp` is neither `brand` nor `personal`.
    Avatar,
}

impl Fault for Kind {
    fn rule(&self) -> &'static str {
        match self {
            Self::Tag(TagFault::Stray) => "txt-stray-quotes-escapes",
            _ => "bimi-record",
        }
    }

    fn level(&self) -> Level {
        match self {
            Self::Tag(TagFault::Stray) => Level::Error,
            Self::NoCertificate => Level::Advice,
            _ => Level::Warning,
        }
    }

    fn text(&self) -> Text {
        match self {
            Self::Tag(fault) => fault.text(),
            Self::Version => {
                say!(en: "the record must begin with `v=BIMI1;`", ja: "レコードは `v=BIMI1;` で始めます")
            }
            Self::LogoMissing => {
                say!(en: "there is no `l=`, so no logo", ja: "`l=` がありません。ロゴのないレコードです")
            }
            Self::NotHttps { tag } => {
                say!(en: "`{tag}=` takes an address that begins with `https://`", ja: "`{tag}=` に書けるのは `https://` で始まる URL です")
            }
            Self::NotSvg => {
                say!(en: "the logo must be an SVG file: the address should end in `.svg`", ja: "ロゴは SVG ファイルです。URL は `.svg` で終わる形にします")
            }
            Self::NoCertificate => {
                say!(en: "there is no `a=`: Gmail and Apple show the logo only with a mark certificate", ja: "`a=` がありません。Gmail と Apple は証明書（VMC・CMC）がないとロゴを表示しません")
            }
            Self::Avatar => {
                say!(en: "`avp=` takes brand or personal", ja: "`avp=` に書けるのは brand か personal です")
            }
        }
    }
}
