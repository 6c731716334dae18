//! A template's variables: which written forms a value may have, and its normal form.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::OnceLock;

use crate::report::{Text, excerpt};
use crate::say;
use crate::zone::{Rdata, Rtype};

use super::sender::{Variable, VariableKind};

/// A regular expression on a whole value, compiled when it is first asked, and once.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    compiled: OnceLock<Option<regex_lite::Regex>>,
}

impl Pattern {
    /// A pattern; whether it is a regular expression shows when it is asked.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), compiled: OnceLock::new() }
    }

    /// As written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is a regular expression.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.compiled().is_some()
    }

    /// The expression. The templates' patterns are tested; one that does not compile accepts nothing.
    fn compiled(&self) -> Option<&regex_lite::Regex> {
        self.compiled.get_or_init(|| regex_lite::Regex::new(&format!("^(?:{})$", self.text)).ok()).as_ref()
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

/// The longest value of a variable, octets. The longest real ones, whole DKIM targets, stay under 253.
const LONGEST: usize = 1024;

/// The same for the text of a TXT. An RSA key of 16,384 bits has under 3,000 in base64.
const LONGEST_TXT: usize = 4096;

/// The first character of `value` that a value of this kind can't have. Quotes, backslashes, control characters, `%` and braces
/// could leave the record, the zone line or the template that the value goes into.
fn refused(kind: VariableKind, value: &str) -> Option<char> {
    value.chars().find(|c| match kind {
        VariableKind::SpfTerms => !(c.is_ascii_graphic() || *c == ' ') || matches!(c, '"' | '\\'),
        VariableKind::Txt => !(c.is_ascii_graphic() || *c == ' '),
        _ => !c.is_ascii_graphic() || matches!(c, '"' | '\\' | '%' | '{' | '}' | '\'' | '`'),
    })
}

fn character(c: char) -> Text {
    let code = format!("U+{:04X}", u32::from(c));
    match c {
        '\n' | '\r' => say!(en: "a line break", ja: "改行"),
        ' ' | '\t' | '\u{3000}' => say!(en: "a space", ja: "空白"),
        c if c.is_control() => say!(en: "the control character {code}", ja: "制御文字 {code}"),
        c => say!(en: "“{c}” ({code})", ja: "「{c}」（{code}）"),
    }
}

/// Whether `label` is one DNS label of letters, digits, `-` and `_`.
fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= 63
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// `value` in quotes, its own escapes kept.
pub(super) fn in_quotes(value: &str) -> String {
    let mut text = String::from("\"");
    let mut escaped = false;
    for c in value.chars() {
        if c == '"' && !escaped {
            text.push('\\');
        }
        text.push(c);
        escaped = c == '\\' && !escaped;
    }
    text.push('"');
    text
}

/// The text of a TXT that was pasted as zone text has it: in quotes, in several strings, with backslashes.
fn plain_text<'v>(name: &str, value: &'v str) -> Result<Cow<'v, str>, Text> {
    let quoted = value.starts_with('"');
    if !quoted && !value.contains('\\') {
        return Ok(value.into());
    }
    let text = if quoted { value.to_owned() } else { in_quotes(value) };
    let joined = Rdata::parse(Rtype::TXT, &text, None).map(|r| r.txt_joined()).map_err(|e| e.text)?;
    let plain = String::from_utf8(joined).ok().filter(|t| t.bytes().all(|b| matches!(b, b' '..=b'~')));
    plain.map(Cow::Owned).ok_or_else(|| {
        say!(en: "`{name}` has bytes in it that are no printable text", ja: "`{name}` に、表示できない文字が入っています")
    })
}

/// The normal form of `value`.
///
/// # Errors
/// A sentence that says what is wrong with the value; the caller adds where it is found and an example.
pub fn normal(variable: &Variable, value: &str) -> Result<String, Text> {
    let name = &variable.name;
    let shown = excerpt(value, 60);
    if value.is_empty() && variable.may_be_empty {
        return Ok(String::new());
    }
    if value.is_empty() {
        return Err(say!(en: "`{name}` is empty", ja: "`{name}` が空です"));
    }
    let length = value.len();
    let longest = if variable.kind == VariableKind::Txt { LONGEST_TXT } else { LONGEST };
    if length > longest {
        return Err(say!(
            en: "`{name}` is {length} bytes long; at most {longest} are read",
            ja: "`{name}` は {length} バイトあります。{longest} バイトまでです"
        ));
    }
    if let Some(c) = refused(variable.kind, value) {
        let what = character(c);
        return Err(say!(
            en: "`{name}` can't have {what} in it",
            ja: "`{name}` に{what}は使えません"; what = what
        ));
    }
    let plain = if variable.kind == VariableKind::Txt { plain_text(name, value)? } else { value.into() };
    let value = &*plain;
    let normal = match &variable.accepts {
        None => value.to_owned(),
        Some(pattern) => {
            let regex = pattern.compiled();
            let Some(regex) = regex.filter(|r| r.is_match(value)) else {
                return Err(say!(
                    en: "`{name}` is not of the form that is expected: “{shown}”",
                    ja: "`{name}` の形が違います:「{shown}」"
                ));
            };
            match &variable.normal {
                Some(form) => regex.replace(value, form.as_str()).into_owned(),
                None => value.to_owned(),
            }
        }
    };
    let fits = match variable.kind {
        VariableKind::Text | VariableKind::SpfTerms | VariableKind::Txt => true,
        VariableKind::Label => is_label(&normal),
        VariableKind::Host => normal == "@" || normal.trim_end_matches('.').split('.').all(is_label),
        VariableKind::Number => normal.bytes().all(|b| b.is_ascii_digit()),
        VariableKind::Ip4 => normal.parse::<Ipv4Addr>().is_ok(),
        VariableKind::Ip6 => normal.parse::<Ipv6Addr>().is_ok(),
    };
    if fits {
        return Ok(normal);
    }
    let kind = match variable.kind {
        VariableKind::Label => {
            say!(en: "one name without dots (letters, digits, - and _)", ja: "点のない名前（英数字と - _）")
        }
        VariableKind::Host => say!(en: "a host name", ja: "ホスト名"),
        VariableKind::Number => say!(en: "a number", ja: "数字"),
        VariableKind::Ip4 => say!(en: "an IPv4 address", ja: "IPv4 アドレス"),
        VariableKind::Ip6 => say!(en: "an IPv6 address", ja: "IPv6 アドレス"),
        VariableKind::Text | VariableKind::SpfTerms | VariableKind::Txt => say!(en: "a text", ja: "文字列"),
    };
    Err(
        say!(en: "`{name}` must be {kind}, not “{shown}”", ja: "`{name}` は{kind}で書きます（いまは「{shown}」です）"; kind = kind),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(kind: VariableKind, accepts: Option<&str>, normal: Option<&str>) -> Variable {
        Variable {
            name: "server".into(),
            what: Text::default(),
            find: Text::default(),
            example: String::new(),
            kind,
            accepts: accepts.map(Pattern::new),
            normal: normal.map(str::to_owned),
            default: None,
            optional: false,
            may_be_empty: false,
        }
    }

    #[test]
    fn written_forms_have_one_normal_form() {
        let v = variable(VariableKind::Text, Some(r"(?:sv)?([0-9]{3,5})(?:\.xserver\.jp)?"), Some("$1"));
        for form in ["14166", "sv14166", "sv14166.xserver.jp"] {
            assert_eq!(normal(&v, form).unwrap(), "14166");
        }
        assert!(normal(&v, "sv14166.xserver.jp.evil").is_err());
    }

    #[test]
    fn nothing_that_could_leave_a_record_gets_in() {
        let v = variable(VariableKind::Text, None, None);
        for bad in ["a\nb", "a\"b", "a%b", "{{ domain }}", "a\\b", "a b", "a\u{1b}b", "ａ", ""] {
            assert!(normal(&v, bad).is_err(), "{bad:?}");
        }
        assert!(normal(&v, &"a".repeat(1025)).is_err());
        let spf = variable(VariableKind::SpfTerms, None, None);
        assert!(normal(&spf, "include:%{ir}.%{d}.spf.example.net ip4:192.0.2.1").is_ok());
        assert!(normal(&spf, "a\"b").is_err());
    }

    /// RFC 1035 §5.1: a TXT in zone text is one or more strings, in quotes, with `\X` and `\DDD`.
    #[test]
    fn the_text_of_a_txt_may_be_pasted_as_zone_text() {
        let v = variable(VariableKind::Txt, None, None);
        assert_eq!(normal(&v, "v=DMARC1; p=none").unwrap(), "v=DMARC1; p=none");
        assert_eq!(normal(&v, "\"v=DKIM1; p=AB\" \"CD\"").unwrap(), "v=DKIM1; p=ABCD");
        assert_eq!(normal(&v, r"v=DMARC1\; p=none").unwrap(), "v=DMARC1; p=none");
        assert_eq!(normal(&v, r#"say "hi""#).unwrap(), r#"say "hi""#);
        assert_eq!(normal(&v, r#"\"a" \\ b"#).unwrap(), r#""a" \ b"#);
        for bad in ["a\nb", "\"open", r"a\", r"\007", "ａ", "\u{1b}", ""] {
            assert!(normal(&v, bad).is_err(), "{bad:?}");
        }
        let empty = Variable { may_be_empty: true, ..v };
        assert_eq!(normal(&empty, "").unwrap(), "");
    }

    #[test]
    fn kinds_are_checked() {
        assert!(normal(&variable(VariableKind::Label, None, None), "a.b").is_err());
        assert!(normal(&variable(VariableKind::Host, None, None), "a..b").is_err());
        assert!(normal(&variable(VariableKind::Host, None, None), "em1.a_b").is_ok());
        assert!(normal(&variable(VariableKind::Ip4, None, None), "192.0.2.256").is_err());
        assert!(normal(&variable(VariableKind::Number, None, None), "12a").is_err());
    }
}
