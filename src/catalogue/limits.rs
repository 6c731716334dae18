//! The vocabulary of limits: what can be known of a registrar's form. One table serves `[limits]` of site.toml and the
//! registrar templates; adding a limit is one line here and its check in `fit`.

use std::collections::BTreeMap;

use crate::report::{Span, Text};
use crate::say;
use crate::toml_reader::{At, Value};

use super::facts::Evidence;

/// What a limit's value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitKind {
    /// A count of octets, records or seconds.
    Number,
    /// Allowed or not.
    Flag,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Some of these words.
    SomeOf(&'static [&'static str]),
    /// Record types, and the types that registrars have instead of a CNAME at the apex.
    Types,
    /// A list of numbers, e.g. the TTL choices.
    Numbers,
    /// Type mnemonic → count.
    PerType,
    /// A text of its own.
    Text,
}

/// The value of a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LimitValue {
    /// A count.
    Number(u64),
    /// Allowed or not.
    Flag(bool),
    /// A word or text.
    Word(String),
    /// Several words.
    Words(Vec<String>),
    /// Several numbers.
    Numbers(Vec<u64>),
    /// Type mnemonic → count.
    PerType(BTreeMap<String, u64>),
}

/// One line of the vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitKey {
    /// The key as written in TOML.
    pub name: &'static str,
    /// What its value may be.
    pub kind: LimitKind,
    /// English.
    pub en: &'static str,
    /// Japanese.
    pub ja: &'static str,
}

impl LimitKey {
    /// What the limit is, in both languages.
    #[must_use]
    pub fn what(&self) -> Text {
        Text { en: self.en.to_owned(), ja: self.ja.to_owned() }
    }
}

macro_rules! keys {
    ($($name:literal $kind:expr, $en:literal, $ja:literal;)*) => {
        /// Every limit there is a name for.
        pub const KEYS: &[LimitKey] = &[$(LimitKey { name: $name, kind: $kind, en: $en, ja: $ja }),*];
    };
}

use LimitKind::{Flag, Number, Numbers, OneOf, PerType, SomeOf, Types};

/// What `txt-forbidden` may name.
const FORBIDDEN: &[&str] = &[
    "empty",
    "double-quote",
    "unpaired-double-quote",
    "backslash",
    "unpaired-backslash",
    "backtick",
    "leading-space",
    "trailing-space",
];

/// Types that are no DNS types, but stand in registrars' forms.
pub(crate) const FORM_TYPES: &[&str] = &["ALIAS", "ANAME"];

keys! {
    // Lengths of the value. All in octets of what is typed, unless it says otherwise.
    "value-max" Number, "longest value of any type, bytes", "値の上限（種別を問わず、バイト）";
    "txt-max" Number, "longest TXT text, all strings together, bytes", "TXT の値の上限（全体、バイト）";
    "txt-max-encoded" Number, "longest TXT text counted with its quotes and escapes, bytes", "TXT の値の上限（引用符とエスケープを含む、バイト）";
    "string-max" Number, "longest single string of a TXT, bytes", "TXT の 1 文字列の上限（バイト）";
    "txt-refused-at" Number, "a TXT of this length was refused, bytes", "この長さの TXT が断られた例（バイト）";
    "cname-target-max" Number, "longest CNAME target, bytes", "CNAME の内容の上限（バイト）";
    "srv-target-max" Number, "longest SRV target, bytes", "SRV の内容の上限（バイト）";
    "caa-value-max" Number, "longest CAA value, bytes", "CAA の値の上限（バイト）";
    "record-wire-max" Number, "largest record on the wire, bytes", "1 レコードの上限（通信形式、バイト）";
    "rrset-content-max" Number, "largest content of one name and type, bytes", "同じ名前・種別の合計の上限（バイト）";
    // What becomes of a TXT.
    "txt-over-255" OneOf(&["auto-split", "quoted-strings", "reject"]), "what a TXT over 255 bytes needs", "255 バイトを超える TXT の扱い";
    "txt-truncates" Number, "a TXT is cut silently after this many bytes", "TXT が黙って切られる長さ（バイト）";
    "txt-quotes" OneOf(&["bare", "required", "optional", "stripped"]), "whether a TXT is typed with quotes", "TXT に引用符を付けるか";
    "txt-forbidden" SomeOf(FORBIDDEN), "what a TXT may not contain", "TXT に使えないもの";
    "txt-charset" LimitKind::Text, "characters that a TXT may contain", "TXT に使える文字";
    // Names.
    "host-max" Number, "longest host field, characters", "ホスト名欄の上限（文字）";
    "host-min" Number, "shortest host field, characters", "ホスト名欄の下限（文字）";
    "a-host-max" Number, "longest host field of an A record, characters", "A のホスト名欄の上限（文字）";
    "a-host-min" Number, "shortest host field of an A record, characters", "A のホスト名欄の下限（文字）";
    "cname-host-max" Number, "longest host field of a CNAME, characters", "CNAME のホスト名欄の上限（文字）";
    "cname-host-min" Number, "shortest host field of a CNAME, characters", "CNAME のホスト名欄の下限（文字）";
    "cname-host-charset" LimitKind::Text, "characters of a CNAME's host", "CNAME のホスト名に使える文字";
    "cname-target-charset" LimitKind::Text, "characters of a CNAME's target", "CNAME の内容に使える文字";
    "owner-underscore" Flag, "_ in host names", "ホスト名の _（アンダーバー）";
    "a-owner-underscore" Flag, "_ in the host of an A record", "A のホスト名の _（アンダーバー）";
    "cname-owner-underscore" Flag, "_ in the host of a CNAME", "CNAME のホスト名の _（アンダーバー）";
    "cname-target-underscore" Flag, "_ in the content of a CNAME", "CNAME の「内容」の _（アンダーバー）";
    "txt-owner-underscore" Flag, "_ in the host of a TXT", "TXT のホスト名の _（アンダーバー）";
    "ns-owner-underscore" Flag, "_ in the host of an NS record", "NS のホスト名の _（アンダーバー）";
    "wildcard" Flag, "wildcard hosts (*)", "ワイルドカード（*）";
    // Types.
    "types" Types, "record types that can be entered", "登録できる種別";
    "types-unsupported" Types, "record types that cannot be entered", "登録できない種別";
    "ipv6" Flag, "AAAA records", "AAAA レコード";
    "apex-alias" LimitKind::Text, "what stands in for a CNAME at the apex", "ドメイン直下の CNAME の代わり";
    "ns-below-apex" Flag, "NS records below the apex (delegation)", "サブドメインの NS（委任）";
    "ns-at-apex" Flag, "NS records at the apex", "ドメイン直下の NS";
    "null-mx" Flag, "null MX (0 .)", "null MX（0 .）";
    "mx-priority-min" Number, "lowest MX priority", "MX の優先度の下限";
    "mx-priority-max" Number, "highest MX priority", "MX の優先度の上限";
    "caa-whitespace" Flag, "spaces in a CAA value", "CAA の値の空白";
    "spf-editable" Flag, "whether the SPF record can be edited", "SPF の編集";
    "records-editable" Flag, "whether records can be edited at all", "レコードの編集";
    // TTL, seconds.
    "ttl-min" Number, "lowest TTL, seconds", "TTL の下限（秒）";
    "ttl-max" Number, "highest TTL, seconds", "TTL の上限（秒）";
    "ttl-values" Numbers, "TTL choices, seconds", "TTL の選択肢（秒）";
    "ttl-step" Number, "TTL in steps of, seconds", "TTL の刻み（秒）";
    "ttl-default" Number, "TTL if none is chosen, seconds", "TTL の既定値（秒）";
    "ttl-scope" OneOf(&["record", "zone"]), "whether one TTL holds for the whole zone", "TTL がゾーン全体で 1 つか";
    "ttl-below-min-becomes" Number, "what a TTL under the minimum silently becomes, seconds", "下限より短い TTL が黙って変わる値（秒）";
    // Counts.
    "records-max" Number, "records in a zone", "レコード数の上限";
    "hosts-max" Number, "host names in a zone", "ホスト名の数の上限";
    "per-host-max" PerType, "records of one type at one name", "同じ名前・種別に入る数";
    "values-per-type-max" Number, "values of one type in a zone", "1 種別あたりの値の数の上限";
    "values-per-rrset-max" Number, "values of one name and type", "同じ名前・種別の値の数の上限";
}

/// The key named `name`.
#[must_use]
pub fn key(name: &str) -> Option<&'static LimitKey> {
    KEYS.iter().find(|k| k.name == name)
}

/// Where a limit comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LimitOrigin {
    /// The site's own `[limits]`, at this place. It always counts as known.
    Site(Span),
    /// The registrar's template; each source that states it.
    Catalogue(Vec<Evidence>),
}

/// A known limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Which.
    pub key: &'static LimitKey,
    /// Its value.
    pub value: LimitValue,
    /// Who says so.
    pub origin: LimitOrigin,
}

/// Reads a limit's value; a value of the wrong kind is told at its place.
pub fn read_value(key: &'static LimitKey, value: &Value<'_>) -> Option<LimitValue> {
    let words =
        |v: &Value<'_>| -> Option<Vec<String>> { v.list()?.iter().map(|w| w.string().map(str::to_owned)).collect() };
    let (read, expected) = match key.kind {
        LimitKind::Number => (value.number().map(LimitValue::Number), say!(en: "a whole number", ja: "整数")),
        LimitKind::Flag => (value.boolean().map(LimitValue::Flag), say!(en: "true or false", ja: " true か false ")),
        LimitKind::OneOf(choices) => {
            let list = choices.join(", ");
            (
                value.string().filter(|w| choices.contains(w)).map(|w| LimitValue::Word(w.to_owned())),
                say!(en: "one of {list}", ja: "{list} のどれか"),
            )
        }
        LimitKind::Text => (value.string().map(|w| LimitValue::Word(w.to_owned())), say!(en: "a string", ja: "文字列")),
        LimitKind::SomeOf(choices) => {
            let list = choices.join(", ");
            let known = |w: &Vec<String>| w.iter().all(|w| choices.contains(&w.as_str()));
            (
                words(value).filter(known).map(LimitValue::Words),
                say!(en: "a list of some of {list}", ja: "{list} のうちいくつかの一覧"),
            )
        }
        LimitKind::Types => {
            let known = |w: &String| FORM_TYPES.contains(&w.as_str()) || w.parse::<crate::zone::Rtype>().is_ok();
            (
                words(value).filter(|w| w.iter().all(known)).map(LimitValue::Words),
                say!(en: "a list of record types, [\"A\", \"TXT\", …]", ja: "レコード種別の一覧（[\"A\", \"TXT\", …]）"),
            )
        }
        LimitKind::Numbers => (
            value.list().and_then(|l| l.iter().map(Value::number).collect()).map(LimitValue::Numbers),
            say!(en: "a list of whole numbers", ja: "整数の一覧"),
        ),
        LimitKind::PerType => (
            value.table().and_then(|t| {
                t.entries()
                    .into_iter()
                    .map(|(k, v)| Some((k.value.to_ascii_uppercase(), v.number()?)))
                    .collect::<Option<BTreeMap<_, _>>>()
                    .map(LimitValue::PerType)
            }),
            say!(en: "a table of whole numbers, {{ TXT = 1 }}", ja: "種別ごとの整数の表（{{ TXT = 1 }}）"),
        ),
    };
    if read.is_none() {
        value.not_expected(key.name, &expected);
    }
    read
}

/// A limit as read, with the place of its key.
pub type RawLimit = (At<&'static LimitKey>, LimitValue);
