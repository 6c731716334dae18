//! The MTA-STS record, the policy, and what can be wrong with them.

use crate::mail::tags::{Fault, Level, TagFault, TagList, is_domain};
use crate::report::Text;
use crate::say;

/// The longest `max_age` in seconds (RFC 8461 §3.2): about a year.
pub(super) const MAX_AGE: u32 = 31_557_600;

/// A `_mta-sts` record as it was read (RFC 8461 §3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The record's text.
    pub tags: TagList,
    /// `id`, where it is valid: 1 to 32 letters and digits.
    pub id: Option<String>,
}

/// What senders do when the policy fails (RFC 8461 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// `enforce`: do not deliver.
    Enforce,
    /// `testing`: deliver and report.
    Testing,
    /// `none`: no policy any more.
    None,
}

impl Mode {
    /// The word in the policy.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Testing => "testing",
            Self::None => "none",
        }
    }

    /// The mode that `word` names; case matters.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Enforce, Self::Testing, Self::None].into_iter().find(|mode| mode.as_str() == word)
    }
}

/// An `mx` of the policy: a host, or `*.` and a domain. Lower case, without a final dot.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MxPattern(String);

impl MxPattern {
    /// Reads a pattern; none where it is no host name in A-labels with an optional `*.` before it.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        let name = text.strip_prefix("*.").unwrap_or(&text);
        (is_domain(name) && name.contains('.')).then_some(Self(text))
    }

    /// The pattern as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether an MX host matches; `*.` stands for exactly one label (RFC 8461 §4.1). Case and a final dot do not matter.
    #[must_use]
    pub fn matches(&self, host: &str) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host);
        match self.0.strip_prefix("*.") {
            Some(domain) => {
                host.split_once('.').is_some_and(|(label, rest)| !label.is_empty() && rest.eq_ignore_ascii_case(domain))
            }
            None => host.eq_ignore_ascii_case(&self.0),
        }
    }
}

/// A policy (RFC 8461 §3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// `mode`.
    pub mode: Mode,
    /// `max_age` in seconds, at most 31,557,600.
    pub max_age: u32,
    /// `mx`, in order.
    pub mx: Vec<MxPattern>,
}

impl Policy {
    /// Whether mail may go to this MX host.
    #[must_use]
    pub fn allows(&self, host: &str) -> bool {
        self.mx.iter().any(|pattern| pattern.matches(host))
    }
}

/// What can be wrong with a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The list itself.
    Tag(TagFault),
    /// It does not begin with `v=STSv1;`.
    Version,
    /// No `id`.
    IdMissing,
    /// `id` is not 1 to 32 letters and digits.
    IdInvalid {
        /// Its length in octets.
        length: usize,
    },
}

impl Fault for Kind {
    fn rule(&self) -> &'static str {
        match self {
            Self::Tag(TagFault::Stray) => "txt-stray-quotes-escapes",
            _ => "mtasts-record",
        }
    }

    fn level(&self) -> Level {
        Level::Error
    }

    fn text(&self) -> Text {
        match self {
            Self::Tag(fault) => fault.text(),
            Self::Version => {
                say!(en: "the record must begin with `v=STSv1;`", ja: "レコードは `v=STSv1;` で始めます")
            }
            Self::IdMissing => say!(en: "there is no `id=`", ja: "`id=` がありません"),
            Self::IdInvalid { length } => {
                let characters = if *length == 1 { "character" } else { "characters" };
                say!(en: "`id=` has {length} {characters}; it takes 1 to 32 letters and digits, nothing else", ja: "`id=` が {length} 文字です。使えるのは英数字だけで、1～32 文字です")
            }
        }
    }
}

/// What can be wrong with a policy's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyKind {
    /// A line without `:`, or not ASCII.
    Line,
    /// A field that RFC 8461 does not know; ignored.
    UnknownField,
    /// A field other than `mx` stands again; the first counts.
    Duplicate {
        /// Its name.
        name: &'static str,
    },
    /// No such field.
    Missing {
        /// Its name.
        name: &'static str,
    },
    /// `version` is not `STSv1`.
    Version,
    /// `mode` is none of the three.
    Mode,
    /// `max_age` is no number from 0 to 31,557,600.
    MaxAge,
    /// `max_age` is under a day.
    MaxAgeShort {
        /// Its seconds.
        seconds: u32,
    },
    /// `mx` is no host name or `*.` and a domain.
    Mx,
}

impl Fault for PolicyKind {
    fn rule(&self) -> &'static str {
        "mtasts-policy"
    }

    fn level(&self) -> Level {
        match self {
            Self::MaxAgeShort { .. } => Level::Advice,
            Self::UnknownField | Self::Duplicate { .. } => Level::Warning,
            _ => Level::Error,
        }
    }

    fn text(&self) -> Text {
        match self {
            Self::Line => {
                say!(en: "a line of a policy is `name: value`, in ASCII", ja: "ポリシーの行は「名前: 値」の形で、半角文字だけで書きます")
            }
            Self::UnknownField => {
                say!(en: "this field is unknown and ignored", ja: "この項目はなく、無視されます")
            }
            Self::Duplicate { name } => {
                say!(en: "`{name}` stands again; the first one counts", ja: "`{name}` が 2 回あります。有効なのは最初のものです")
            }
            Self::Missing { name } => say!(en: "`{name}` is missing", ja: "`{name}` がありません"),
            Self::Version => {
                say!(en: "`version` must be `STSv1`", ja: "`version` の値は `STSv1` です")
            }
            Self::Mode => {
                say!(en: "`mode` takes enforce, testing or none", ja: "`mode` に書けるのは enforce、testing、none です")
            }
            Self::MaxAge => {
                say!(en: "`max_age` takes 0 to {MAX_AGE} seconds", ja: "`max_age` に書けるのは 0～{MAX_AGE} 秒です")
            }
            Self::MaxAgeShort { seconds } => {
                say!(en: "{seconds} seconds: at least 86400 (a day) protects better", ja: "{seconds} 秒です。86400 秒（1 日）以上をおすすめします")
            }
            Self::Mx => {
                say!(en: "`mx` takes a host name, or `*.` and a domain", ja: "`mx` に書けるのはホスト名か、`*.` で始まるドメインです")
            }
        }
    }
}
