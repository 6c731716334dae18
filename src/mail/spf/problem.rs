//! What can be wrong with one record's text, and the sentences for it. Severity is not decided here: it depends on the site.

use super::Span;
use crate::report::Text;
use crate::say;

/// The kinds of fault. Each belongs to one rule ([`rule`](Self::rule)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// Meant as SPF, but does not begin with `v=spf1` and a space or the end (RFC 7208 §4.5): no receiver sees a record.
    VersionPrefix,

    /// An octet that is not visible ASCII: full-width characters, typographic dashes, tabs.
    BadOctet,
    /// No mechanism has this name.
    UnknownMechanism,
    /// `include:` and others without the value they need.
    MissingValue,
    /// A space after the colon.
    SpaceAfterColon,
    /// A space after the qualifier.
    SpaceAfterQualifier,
    /// A value where none may be: `all:x`.
    UnexpectedValue,
    /// A prefix where none may be, or in the wrong form: `ptr/0`, `include:x/24`, `a/24/64`.
    UnexpectedPrefix,
    /// Commas or semicolons between terms.
    Separator,
    /// Two terms without a space between them.
    MissingSpace,
    /// The name ends in a number: an address where a name belongs.
    NumericTopLabel,
    /// The domain-spec does not end in a top-level label or a macro (RFC 7208 §7.1).
    BadDomain,
    /// A `%` that begins no macro, or a macro that does not exist (RFC 7208 §7.1).
    BadMacro,
    /// Not four decimal numbers from 0 to 255.
    BadIp4,
    /// An octet of an IPv4 address, or a prefix length, begins with 0.
    LeadingZero,
    /// Not an IPv6 address.
    BadIp6,
    /// `ip4:` with an IPv6 address, or `ip6:` with an IPv4 one.
    WrongFamily,
    /// The prefix length is not a number.
    BadPrefix,
    /// The prefix length is larger than the address.
    PrefixTooLong {
        /// 32 or 128.
        max: u8,
    },
    /// A qualifier before `name=`.
    QualifierOnModifier,
    /// A modifier's name that the grammar does not allow.
    BadModifierName,
    /// `redirect:` or `exp:` where `=` belongs.
    ModifierAsMechanism,
    /// `redirect=` or `exp=` for the second time (RFC 7208 §6).
    Repeated,

    /// Legal, but names a host that cannot exist: a URL, glued terms, an empty label.
    OddDomain,
    /// `v=spf1` again inside the record: legal, an unknown modifier, and the trace of a bad merge.
    VersionRepeated,
    /// `ip4=` and others: legal, an unknown modifier, so it authorises nobody (RFC 7208 §6).
    MechanismAsModifier,

    /// A mechanism behind `all` (RFC 7208 §5.1).
    TermAfterAll,
    /// `redirect=` beside an `all` (RFC 7208 §6.1).
    RedirectWithAll,
    /// `+all`, or a range that is the whole space.
    PassesEveryone,
    /// Ranges that only together are the whole space.
    PassesEveryoneTogether,
    /// A range wider than /16 (IPv4) or /32 (IPv6); the thresholds are zoneplan's own.
    WideRange {
        /// The prefix length.
        prefix: u8,
        /// The threshold.
        limit: u8,
    },
    /// Neither `all` nor `redirect=` (RFC 7208 §4.7).
    NoAll,
    /// The `all` is `?all`.
    NeutralAll,
    /// The same term again.
    Duplicate,
    /// The same `include:` again, which costs its look-ups twice.
    DuplicateInclude,
    /// A range inside another one.
    Covered,
    /// A negative range behind a passing one that holds it: never reached.
    Dead,
    /// `ptr` (RFC 7208 §5.5).
    PtrUsed,
}

impl ProblemKind {
    /// The rule it belongs to.
    #[must_use]
    pub fn rule(self) -> &'static str {
        match self {
            Self::VersionPrefix => "spf-version-prefix",
            Self::MechanismAsModifier => "spf-mechanism-as-modifier",
            Self::TermAfterAll => "spf-terms-after-all",
            Self::RedirectWithAll => "spf-redirect-with-all",
            Self::PassesEveryone | Self::PassesEveryoneTogether | Self::WideRange { .. } => "spf-passes-everyone",
            Self::NoAll | Self::NeutralAll => "spf-no-usable-all",
            Self::Duplicate | Self::DuplicateInclude | Self::Covered | Self::Dead => "spf-duplicate-or-covered-term",
            Self::PtrUsed => "spf-ptr-used",
            _ => "spf-syntax",
        }
    }

    /// Whether it makes receivers refuse the whole record for every message (permerror, RFC 7208 §4.6).
    #[must_use]
    pub fn is_permerror(self) -> bool {
        self.rule() == "spf-syntax" && !matches!(self, Self::OddDomain | Self::VersionRepeated)
    }
}

/// One fault in a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where: a byte range of the record's text; empty at its end for what is missing.
    pub span: Span,
    /// What.
    pub kind: ProblemKind,
    /// The text at fault, made readable and cut short.
    pub term: String,
    /// The other term that it is about, if there is one.
    pub other: Option<String>,
    /// What to put at `span` instead, where that is mechanical. Empty means: remove it.
    pub fix: Option<String>,
}

/// As many characters of a term as a message shows.
const SHOWN: usize = 80;

/// `octets` as a message may show them: control characters escaped, cut after [`SHOWN`] characters.
pub(super) fn shown(octets: &[u8]) -> String {
    // A character is four octets at most, so what is cut off here is never shown.
    let head = octets.get(..SHOWN * 4).unwrap_or(octets);
    let text = String::from_utf8_lossy(head);
    let mut out = String::new();
    for character in text.chars().take(SHOWN) {
        if character.is_control() { out.extend(character.escape_default()) } else { out.push(character) }
    }
    if text.chars().count() > SHOWN || head.len() < octets.len() {
        out.push('…');
    }
    out
}

impl Problem {
    /// The sentence, with the corrected form if there is one.
    #[must_use]
    pub fn text(&self) -> Text {
        let what = self.what();
        match self.fix.as_deref() {
            None => what,
            Some("") => say!(en: "{what}; remove it", ja: "{what}。消してください"; what = what),
            Some(fix) => {
                say!(en: "{what}; write `{fix}`", ja: "{what}。`{fix}` と書きます"; what = what)
            }
        }
    }

    fn what(&self) -> Text {
        let term = &self.term;
        let other = self.other.as_deref().unwrap_or_default();
        match self.kind {
            ProblemKind::VersionPrefix => say!(
                en: "`{term}` does not begin with `v=spf1` and a space, so no receiver sees an SPF record",
                ja: "`{term}` は `v=spf1` と空白で始まっていないため、SPF として読まれません"
            ),
            ProblemKind::BadOctet => say!(
                en: "`{term}` has a character that is not plain ASCII",
                ja: "`{term}` に半角英数字・記号でない文字があります"
            ),
            ProblemKind::UnknownMechanism => {
                say!(en: "`{term}` is not an SPF term", ja: "`{term}` という書き方は SPF にありません")
            }
            ProblemKind::MissingValue => {
                say!(en: "`{term}` lacks its value", ja: "`{term}` のあとに値がありません")
            }
            ProblemKind::SpaceAfterColon => {
                say!(en: "`{term}` has a space after the colon", ja: "`{term}` のコロンのあとに空白があります")
            }
            ProblemKind::SpaceAfterQualifier => {
                say!(en: "`{term}` has a space after its sign", ja: "`{term}` の記号のあとに空白があります")
            }
            ProblemKind::UnexpectedValue => {
                say!(en: "`{term}`: `all` takes no value", ja: "`{term}`: `all` に値は付けられません")
            }
            ProblemKind::UnexpectedPrefix => say!(
                en: "`{term}` has a /length where none is allowed",
                ja: "`{term}` には / の付けられない場所に / の長さがあります"
            ),
            ProblemKind::Separator => say!(
                en: "`{term}` has a comma or semicolon; only spaces separate terms",
                ja: "`{term}` にカンマかセミコロンがあります。区切りは半角空白だけです"
            ),
            ProblemKind::MissingSpace => {
                say!(en: "`{term}` is two terms without a space", ja: "`{term}` は2つの項目のあいだに空白がありません")
            }
            ProblemKind::NumericTopLabel => say!(
                en: "`{term}` has an address where a host name belongs",
                ja: "`{term}` はホスト名の場所に IP アドレスがあります"
            ),
            ProblemKind::BadDomain => {
                say!(en: "`{term}` does not end in a full domain name", ja: "`{term}` が完全なドメイン名で終わっていません")
            }
            ProblemKind::BadMacro => {
                say!(en: "`{term}` has a % that is no valid macro", ja: "`{term}` の % が正しいマクロではありません")
            }
            ProblemKind::BadIp4 => say!(
                en: "`{term}` is not an IPv4 address (four numbers from 0 to 255)",
                ja: "`{term}` は IPv4 アドレス（0～255 の数字4つ）ではありません"
            ),
            ProblemKind::LeadingZero => {
                say!(en: "`{term}` has a number that begins with 0", ja: "`{term}` に 0 で始まる数字があります")
            }
            ProblemKind::BadIp6 => {
                say!(en: "`{term}` is not an IPv6 address", ja: "`{term}` は IPv6 アドレスではありません")
            }
            ProblemKind::WrongFamily => say!(
                en: "`{term}` has the address of the other family (ip4: is for IPv4, ip6: for IPv6)",
                ja: "`{term}` はアドレスの種類が違います（ip4: は IPv4、ip6: は IPv6 用です）"
            ),
            ProblemKind::BadPrefix => {
                say!(en: "`{term}` has a / without a number", ja: "`{term}` の / のあとが数字ではありません")
            }
            ProblemKind::PrefixTooLong { max } => say!(
                en: "`{term}` has a length over /{max}, the most there is",
                ja: "/{max} が上限です。`{term}` はそれを超えています"
            ),
            ProblemKind::QualifierOnModifier => say!(
                en: "`{term}` has a sign before a name with `=`",
                ja: "`{term}`: `=` を使う項目の前に記号は付けられません"
            ),
            ProblemKind::BadModifierName => {
                say!(en: "`{term}` has no valid name before `=`", ja: "`{term}` の `=` の前が正しい名前ではありません")
            }
            ProblemKind::ModifierAsMechanism => {
                say!(en: "`{term}` has `:` where `=` belongs", ja: "`{term}` は `:` ではなく `=` です")
            }
            ProblemKind::Repeated => say!(
                en: "`{term}` is the second of its kind; one is allowed",
                ja: "1つまでです。`{term}` は2つ目です"
            ),
            ProblemKind::OddDomain => say!(
                en: "`{term}` names a host that cannot exist",
                ja: "`{term}` は存在できないホスト名です"
            ),
            ProblemKind::VersionRepeated => say!(
                en: "`{term}` stands inside the record: two records run together",
                ja: "`{term}` が途中にあります。2つのレコードがつながっています"
            ),
            ProblemKind::MechanismAsModifier => say!(
                en: "`{term}` has `=` where `:` belongs, so receivers ignore it",
                ja: "`{term}` は `:` ではなく `=` なので、無視されます"
            ),
            ProblemKind::TermAfterAll => say!(
                en: "`{term}` stands behind `{other}` and is never reached",
                ja: "`{term}` は `{other}` よりうしろにあるため、使われません"
            ),
            ProblemKind::RedirectWithAll => say!(
                en: "`{term}` is ignored because of `{other}`",
                ja: "`{other}` があるため、`{term}` は無視されます"
            ),
            ProblemKind::PassesEveryone => say!(
                en: "`{term}` lets everybody send as this domain",
                ja: "`{term}` があると、だれでもこのドメインを名乗って送れます"
            ),
            ProblemKind::PassesEveryoneTogether => say!(
                en: "the ranges from `{term}` to `{other}` together let everybody send as this domain",
                ja: "`{term}` から `{other}` までの範囲を合わせると、だれでもこのドメインを名乗って送れます"
            ),
            ProblemKind::WideRange { prefix, limit } => say!(
                en: "/{prefix} in `{term}` is wider than /{limit}",
                ja: "/{prefix} は /{limit} より広い範囲です（`{term}`）"
            ),
            ProblemKind::NoAll => say!(
                en: "there is no `all` at the end, so nobody is refused",
                ja: "最後に `all` がないため、だれも断られません"
            ),
            ProblemKind::NeutralAll => {
                say!(en: "`{term}` refuses nobody", ja: "`{term}` ではだれも断られません")
            }
            ProblemKind::Duplicate => {
                say!(en: "`{term}` says the same as `{other}`", ja: "`{term}` は `{other}` と同じ意味です")
            }
            ProblemKind::DuplicateInclude => say!(
                en: "`{term}` says the same as `{other}` and costs its look-ups again",
                ja: "`{term}` は `{other}` と同じ意味で、DNS の問い合わせが二重にかかります"
            ),
            ProblemKind::Covered => {
                say!(en: "`{term}` lies inside `{other}`", ja: "`{term}` は `{other}` に含まれています")
            }
            ProblemKind::Dead => say!(
                en: "`{term}` is never reached: `{other}` before it passes all of it",
                ja: "前にある `{other}` がすべて合格にするため、`{term}` は使われません"
            ),
            ProblemKind::PtrUsed => say!(
                en: "`{term}`: `ptr` is slow, unreliable and should not be published",
                ja: "`{term}`: `ptr` は遅く不確実なため、公開すべきではありません"
            ),
        }
    }
}
