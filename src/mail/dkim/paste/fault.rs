//! Why a pasted text is no key, said so that the person who pasted knows what to do. Reads nothing.

use std::ops::Range;

use crate::mail::dkim::key::{Base64Fault, KeyFault};
use crate::mail::dkim::types::Kind;
use crate::report::Text;
use crate::say;

/// A record that is no DKIM key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Other {
    /// SPF.
    Spf,
    /// DMARC.
    Dmarc,
    /// MTA-STS.
    MtaSts,
    /// TLS reporting.
    TlsRpt,
    /// BIMI.
    Bimi,
    /// A CNAME line.
    Cname {
        /// Its target, where it is a name.
        target: Option<String>,
    },
    /// A line of another type.
    Type {
        /// The type.
        name: &'static str,
    },
}

/// Why a pasted text gave no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PasteFault {
    /// Nothing there.
    Empty,
    /// Far more than a key.
    TooLong {
        /// Octets pasted.
        octets: usize,
    },
    /// A private key of any kind.
    Private,
    /// Octets that are no text.
    Binary,
    /// Text that is not UTF-8: UTF-16, Shift_JIS, …
    Encoding,
    /// A character outside ASCII.
    Character {
        /// The character.
        code: char,
        /// Its line, from 1.
        line: usize,
        /// Its position in the line in characters, from 1.
        column: usize,
    },
    /// Another record.
    Other(Other),
    /// More than one key.
    Several,
    /// Damaged base64.
    Base64(Base64Fault),
    /// Not a public key: cut, a certificate, another kind of key.
    Key(KeyFault),
    /// `k=ed25519` without 32 octets.
    Ed25519Length {
        /// Octets that are there.
        got: usize,
    },
    /// `p=` is empty.
    Revoked,
    /// No `p=`, or nothing that could be a key.
    NoKey,
}

/// Why a pasted text gave no key, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasteError {
    /// Octets of the pasted text, where one place is to blame.
    pub range: Option<Range<usize>>,
    /// What is wrong.
    pub fault: PasteFault,
}

impl PasteError {
    pub(super) fn new(fault: PasteFault) -> Self {
        Self { range: None, fault }
    }

    pub(super) fn at(range: Range<usize>, fault: PasteFault) -> Self {
        Self { range: Some(range), fault }
    }

    /// One sentence for the person who pasted; shows nothing of the text but a single character or a CNAME's target.
    #[must_use]
    pub fn text(&self) -> Text {
        match &self.fault {
            PasteFault::Empty => {
                say!(en: "there is no key here: the text is empty", ja: "鍵が入っていません（空です）")
            }
            PasteFault::TooLong { octets } => {
                say!(en: "{octets} bytes are too many for a key", ja: "{octets} バイトあります。鍵としては長すぎます")
            }
            PasteFault::Private => say!(
                en: "this is a PRIVATE key: it is not used, and not shown. Paste the public key; if this one was sent to anybody, make a new pair",
                ja: "これは秘密鍵です。使わず、表示もしません。公開鍵を貼り付けてください。人に送ったことがあれば、鍵を作り直してください"
            ),
            PasteFault::Binary => {
                say!(en: "this is binary data, not text: paste the key as text (PEM or the TXT value)", ja: "文字ではなくバイナリデータです。鍵を文字（PEM か TXT の値）で貼り付けてください")
            }
            PasteFault::Encoding => {
                say!(en: "this text is not UTF-8: save it as UTF-8 in your editor", ja: "UTF-8 の文字ではありません。エディタで文字コードを UTF-8 にして保存してください")
            }
            PasteFault::Character { code, line, column } => {
                let (number, what) = (u32::from(*code), character(*code));
                say!(
                    en: "U+{number:04X} ({what}) at line {line}, column {column}: keys have ASCII characters only; copy the key again from where it was shown",
                    ja: "{line} 行目の {column} 文字目に U+{number:04X}（{what}）があります。鍵に使えるのは半角の英数字と記号だけです。元の画面からコピーし直してください";
                    what = what
                )
            }
            PasteFault::Other(Other::Cname { target: Some(target) }) => say!(
                en: "this is a CNAME to {target}, not a key: the panel gives a CNAME, so enter that as a CNAME and leave the key out",
                ja: "鍵ではなく {target} への CNAME です。この画面が案内しているのは CNAME なので、CNAME として登録し、鍵は指定しません"
            ),
            PasteFault::Other(Other::Cname { target: None }) => say!(
                en: "this is a CNAME, not a key: the panel gives a CNAME, so enter that as a CNAME and leave the key out",
                ja: "鍵ではなく CNAME です。この画面が案内しているのは CNAME なので、CNAME として登録し、鍵は指定しません"
            ),
            PasteFault::Other(other) => {
                let name = other.name();
                say!(en: "this is the record of {name}, not a DKIM key", ja: "これは {name} のレコードです。DKIM の鍵ではありません")
            }
            PasteFault::Several => {
                say!(en: "there is more than one key here: paste one", ja: "鍵が 2 つ以上あります。1 つだけ貼り付けてください")
            }
            PasteFault::Base64(fault) => fault.text(),
            PasteFault::Key(fault) => fault.text(),
            PasteFault::Ed25519Length { got } => Kind::text_of_ed25519_length(*got),
            PasteFault::Revoked => {
                say!(en: "`p=` is empty: this record revokes a key", ja: "`p=` が空です。鍵を失効させるレコードです")
            }
            PasteFault::NoKey => {
                say!(en: "there is no DKIM key in this text", ja: "この文字の中に DKIM の鍵が見つかりません")
            }
        }
    }
}

impl Other {
    /// The name that people know it by.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Spf => "SPF",
            Self::Dmarc => "DMARC",
            Self::MtaSts => "MTA-STS",
            Self::TlsRpt => "TLS-RPT",
            Self::Bimi => "BIMI",
            Self::Cname { .. } => "CNAME",
            Self::Type { name } => name,
        }
    }

    pub(super) fn of_value(value: &[u8]) -> Option<Self> {
        let kinds: [(&[u8], Self); 5] = [
            (b"v=spf1", Self::Spf),
            (b"v=DMARC1", Self::Dmarc),
            (b"v=STSv1", Self::MtaSts),
            (b"v=TLSRPTv1", Self::TlsRpt),
            (b"v=BIMI1", Self::Bimi),
        ];
        kinds
            .into_iter()
            .find(|(start, _)| value.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)))
            .map(|(_, kind)| kind)
    }
}

/// What a character outside ASCII is called.
fn character(code: char) -> Text {
    match code {
        '\u{201C}' | '\u{201D}' | '\u{201E}' | '\u{2018}' | '\u{2019}' | '\u{301D}' | '\u{301F}' => {
            say!(en: "a curly quote", ja: "曲がった引用符")
        }
        '\u{FF02}' | '\u{FF07}' => say!(en: "a full-width quote", ja: "全角の引用符"),
        '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{00AD}' | '\u{202A}'..='\u{202E}' => {
            say!(en: "invisible", ja: "見えない文字")
        }
        '\u{00A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' => {
            say!(en: "a special space", ja: "特殊な空白")
        }
        '\u{3000}' => say!(en: "a full-width space", ja: "全角の空白"),
        '\u{FF01}'..='\u{FF5E}' => say!(en: "a full-width character", ja: "全角文字"),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => {
            say!(en: "a dash that is not `-`", ja: "「-」ではない横線")
        }
        '\u{2026}' => {
            say!(en: "an ellipsis: the key was shortened for display", ja: "三点リーダー。表示用に省略された鍵です")
        }
        _ => say!(en: "not ASCII", ja: "半角英数字・記号ではない文字"),
    }
}
