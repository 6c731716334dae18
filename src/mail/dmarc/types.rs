//! The DMARC record and what can be wrong with one.

use crate::mail::tags::{Fault, Level, ReportUri, TagFault, TagList, UriFault};
use crate::report::Text;
use crate::say;

/// What the domain asks receivers to do with mail that fails (RFC 9989 §4.7). Ordered from weak to strong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Policy {
    /// `none`: watch only.
    None,
    /// `quarantine`: treat as suspicious.
    Quarantine,
    /// `reject`.
    Reject,
}

impl Policy {
    /// The word in the record.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Quarantine => "quarantine",
            Self::Reject => "reject",
        }
    }

    /// The policy that `word` names; case does not matter, as in all literals of the grammar (RFC 5234 §2.3).
    #[must_use]
    pub fn from_word(word: &[u8]) -> Option<Self> {
        [Self::None, Self::Quarantine, Self::Reject]
            .into_iter()
            .find(|policy| word.eq_ignore_ascii_case(policy.as_str().as_bytes()))
    }
}

/// `adkim=`, `aspf=` (RFC 9989 §4.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Alignment {
    /// `r`: the same organizational domain.
    #[default]
    Relaxed,
    /// `s`: the same domain.
    Strict,
}

/// `psd=` (RFC 9989 §4.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Psd {
    /// `u`: let the tree walk find out.
    #[default]
    Unknown,
    /// `y`: a public suffix.
    Yes,
    /// `n`: an organizational domain.
    No,
}

/// What a record says. Defaults are those of RFC 9989 §4.7.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dmarc {
    /// `p`; absent means [`Policy::None`].
    pub p: Option<Policy>,
    /// `sp`, for subdomains; absent: as `p`.
    pub sp: Option<Policy>,
    /// `np`, for subdomains that do not exist; absent: as `sp`.
    pub np: Option<Policy>,
    /// `adkim`.
    pub adkim: Alignment,
    /// `aspf`.
    pub aspf: Alignment,
    /// `rua`, where aggregate reports go.
    pub rua: Vec<ReportUri>,
    /// `ruf`, where failure reports go.
    pub ruf: Vec<ReportUri>,
    /// `fo`, when failure reports are made: `0`, `1`, `d`, `s`. Empty: `0`.
    pub fo: Vec<char>,
    /// `t=y`: receivers act one level lower.
    pub t: bool,
    /// `psd`.
    pub psd: Psd,
}

impl Dmarc {
    /// The policy for the domain of the record itself.
    #[must_use]
    pub fn policy(&self) -> Policy {
        self.p.unwrap_or(Policy::None)
    }

    /// The policy for a subdomain: `sp`, or `np` first where the name does not exist (NXDOMAIN), then `p` (RFC 9989 §4.10.1).
    #[must_use]
    pub fn subdomain_policy(&self, exists: bool) -> Policy {
        let np = if exists { None } else { self.np };
        np.or(self.sp).unwrap_or(self.policy())
    }
}

/// A record as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The record's text.
    pub tags: TagList,
    /// What it says; values that are not allowed count as absent, as they do for receivers.
    pub dmarc: Dmarc,
    /// `p`, `sp` or `np` holds something that is no policy: receivers act as `p=none` if there is a usable `rua`,
    /// and else not at all (RFC 9989 §4.7).
    pub invalid_policy: bool,
}

impl Record {
    /// Whether receivers act on the record at all.
    #[must_use]
    pub fn is_in_force(&self) -> bool {
        !self.invalid_policy || !self.dmarc.rua.is_empty()
    }
}

/// Why a value is not recognised as a DMARC record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionFault {
    /// `v=dmarc1`: the value's case counts.
    Case,
    /// `V=DMARC1`: allowed by one reading of the grammar only.
    NameCase,
    /// `v=DMARC1` is there, but not first.
    NotFirst,
    /// White space before it.
    LeadingSpace,
    /// No `;` after it.
    NoSemicolon,
    /// An SPF record.
    Spf,
    /// Anything else.
    Missing,
}

/// What can be wrong with a DMARC record, or is worth knowing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The record is not recognised: receivers ignore it.
    Version(VersionFault),
    /// The list itself.
    Tag(TagFault),
    /// A tag that RFC 9989 does not know.
    UnknownTag {
        /// The name as written.
        name: String,
        /// The tag that was probably meant.
        meant: Option<&'static str>,
    },
    /// A value that its tag does not allow; receivers use the default.
    Value {
        /// The tag.
        tag: &'static str,
        /// What it allows.
        allowed: &'static str,
    },
    /// `fo` without `ruf` does nothing.
    FoWithoutRuf,
    /// No `p`.
    PolicyMissing,
    /// `p`, `sp` or `np` is no policy.
    PolicyInvalid {
        /// The tag.
        tag: &'static str,
        /// Whether there is a usable `rua`, so that receivers act as `p=none`.
        has_rua: bool,
    },
    /// `p` is not right after `v`, where older receivers need it.
    PolicyNotSecond,
    /// `pct`, removed by RFC 9989.
    Pct {
        /// Its value, 0 to 100; none where it is something else.
        percent: Option<u8>,
    },
    /// `ri` or `rf`, removed by RFC 9989.
    Removed {
        /// The tag.
        name: &'static str,
    },
    /// No `rua`.
    RuaMissing,
    /// A report address.
    Uri(UriFault),
    /// A report address that is not `mailto:`.
    NotMailto {
        /// Its scheme.
        scheme: String,
    },
    /// More than two report addresses.
    ManyUris {
        /// How many.
        count: usize,
    },
    /// `psd=y` or `psd=n`: right for few domains.
    Psd(Psd),
    /// `t=y`.
    Testing,
}

impl Fault for Kind {
    fn rule(&self) -> &'static str {
        match self {
            Self::Version(_) => "dmarc-version",
            Self::Tag(TagFault::Stray) => "txt-stray-quotes-escapes",
            Self::Tag(_) | Self::UnknownTag { .. } | Self::Value { .. } | Self::FoWithoutRuf => "dmarc-tag-syntax",
            Self::PolicyMissing | Self::PolicyInvalid { .. } | Self::PolicyNotSecond => "dmarc-p-missing-or-invalid",
            Self::Pct { .. } | Self::Removed { .. } => "dmarc-removed-tags",
            Self::RuaMissing => "dmarc-rua-missing",
            Self::Uri(_) | Self::NotMailto { .. } | Self::ManyUris { .. } => "dmarc-rua-syntax",
            Self::Psd(_) => "dmarc-psd-tag",
            Self::Testing => "dmarc-test-mode-left-on",
        }
    }

    fn level(&self) -> Level {
        match self {
            Self::Version(VersionFault::NameCase)
            | Self::UnknownTag { .. }
            | Self::PolicyMissing
            | Self::Pct { .. }
            | Self::Removed { .. }
            | Self::RuaMissing
            | Self::Uri(UriFault::Size) => Level::Warning,
            Self::FoWithoutRuf | Self::PolicyNotSecond | Self::NotMailto { .. } | Self::ManyUris { .. } => {
                Level::Advice
            }
            // Whether they are wrong depends on the domain and the time, which this room does not know.
            Self::Psd(_) | Self::Testing => Level::Info,
            _ => Level::Error,
        }
    }

    fn text(&self) -> Text {
        match self {
            Self::Version(fault) => fault.text(),
            Self::Tag(fault) => fault.text(),
            Self::UnknownTag { name, meant: Some(meant) } => {
                say!(en: "`{name}=` is unknown and ignored; did you mean `{meant}=`?", ja: "`{name}=` というタグはなく、無視されます。`{meant}=` のことですか")
            }
            Self::UnknownTag { name, .. } => {
                say!(en: "`{name}=` is unknown and ignored", ja: "`{name}=` というタグはなく、無視されます")
            }
            Self::Value { tag, allowed } => {
                say!(en: "`{tag}=` takes {allowed}; receivers use the default", ja: "`{tag}=` に書けるのは {allowed} です。受信側は既定値を使います")
            }
            Self::FoWithoutRuf => {
                say!(en: "`fo=` does nothing without `ruf=`", ja: "`ruf=` がないと `fo=` は働きません")
            }
            Self::PolicyMissing => {
                say!(en: "there is no `p=`: it counts as `none`, and older receivers ignore the record", ja: "`p=` がありません。`none` として扱われますが、古い受信側はレコードごと無視します")
            }
            Self::PolicyInvalid { tag, has_rua: true } => {
                say!(en: "`{tag}=` takes none, quarantine or reject; receivers act as with `p=none`", ja: "`{tag}=` に書けるのは none、quarantine、reject です。受信側は `p=none` として扱います")
            }
            Self::PolicyInvalid { tag, .. } => {
                say!(en: "`{tag}=` takes none, quarantine or reject; receivers ignore the record", ja: "`{tag}=` に書けるのは none、quarantine、reject です。受信側はレコードを無視します")
            }
            Self::PolicyNotSecond => {
                say!(en: "`p=` belongs right after `v=DMARC1;`: older receivers need it there", ja: "`p=` は `v=DMARC1;` のすぐ後に置きます。古い受信側には必要です")
            }
            Self::Pct { percent: Some(0) } => {
                say!(en: "`pct=0` is gone since RFC 9989: new receivers apply the policy to all mail; `t=y` says what it said", ja: "`pct=0` は RFC 9989 で廃止されました。新しい受信側はすべてのメールにポリシーを適用します。代わりは `t=y` です")
            }
            Self::Pct { percent: Some(100) } => {
                say!(en: "`pct=100` does nothing and is gone since RFC 9989", ja: "`pct=100` は何もせず、RFC 9989 で廃止されました")
            }
            Self::Pct { percent: Some(percent) } => {
                say!(en: "`pct={percent}` is gone since RFC 9989: new receivers apply the policy to 100 %, old ones to an uneven {percent} %", ja: "`pct={percent}` は RFC 9989 で廃止されました。新しい受信側は 100 %、古い受信側はおよそ {percent} % のメールにポリシーを適用します")
            }
            Self::Pct { .. } => {
                say!(en: "`pct=` is gone since RFC 9989, and its value is no number from 0 to 100", ja: "`pct=` は RFC 9989 で廃止されました。値も 0～100 の数ではありません")
            }
            Self::Removed { name } => {
                say!(en: "`{name}=` is gone since RFC 9989 and ignored", ja: "`{name}=` は RFC 9989 で廃止され、無視されます")
            }
            Self::RuaMissing => {
                say!(en: "there is no `rua=`: without reports nobody sees what a stricter policy would break", ja: "`rua=` がありません。レポートが届かないと、ポリシーを強めてよいか分かりません")
            }
            Self::Uri(fault) => fault.text(),
            Self::NotMailto { scheme } => {
                say!(en: "`{scheme}:` is optional for receivers; only `mailto:` is sure to work", ja: "`{scheme}:` に送る受信側は限られます。確実なのは `mailto:` だけです")
            }
            Self::ManyUris { count } => {
                say!(en: "{count} report addresses: receivers may serve the first 2 only", ja: "レポートの宛先が {count} 件あります。3 件目からは送らない受信側があります")
            }
            Self::Psd(Psd::Yes) => {
                say!(en: "`psd=y` is for public suffixes such as `co.jp`: every name below becomes an organization of its own", ja: "`psd=y` は `co.jp` のような公開サフィックス用です。下の名前がすべて別の組織として扱われます")
            }
            Self::Psd(_) => {
                say!(en: "`psd=n` makes this an organization of its own: names above it no longer align", ja: "`psd=n` により、この名前は独立した組織として扱われ、上のドメインとは一致しなくなります")
            }
            Self::Testing => {
                say!(en: "`t=y`: receivers of RFC 9989 act one level lower, others apply the policy in full", ja: "`t=y`（試験中）です。RFC 9989 の受信側は 1 段階弱く扱い、ほかの受信側はそのまま適用します")
            }
        }
    }
}

impl VersionFault {
    fn text(self) -> Text {
        match self {
            Self::Case => {
                say!(en: "`DMARC1` must be in capitals: receivers ignore the record", ja: "`DMARC1` は大文字で書きます。このままでは無視されます")
            }
            Self::NameCase => {
                say!(en: "write `v=` in lower case: some receivers ignore `V=`", ja: "`v=` は小文字で書きます。`V=` を無視する受信側があります")
            }
            Self::NotFirst => {
                say!(en: "`v=DMARC1` must come first: receivers ignore the record", ja: "`v=DMARC1` は先頭に置きます。このままでは無視されます")
            }
            Self::LeadingSpace => {
                say!(en: "nothing may stand before `v=DMARC1`, not even a space: receivers ignore the record", ja: "`v=DMARC1` の前に空白があります。このままでは無視されます")
            }
            Self::NoSemicolon => {
                say!(en: "`v=DMARC1` must be followed by `;`: receivers ignore the record", ja: "`v=DMARC1` の後に `;` が必要です。このままでは無視されます")
            }
            Self::Spf => {
                say!(en: "this is an SPF record; here belongs `v=DMARC1; p=…`", ja: "これは SPF レコードです。ここに入れるのは `v=DMARC1; p=…` です")
            }
            Self::Missing => {
                say!(en: "the record must begin with `v=DMARC1;`: receivers ignore it", ja: "レコードは `v=DMARC1;` で始めます。このままでは無視されます")
            }
        }
    }
}
