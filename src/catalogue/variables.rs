//! A template's variables: which written forms a value may have, and its normal form.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::OnceLock;

use crate::report::{Text, excerpt};
use crate::say;

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

    /// The expression as the template has it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
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

/// The first character of `value` that a value of this kind can't have. Quotes, backslashes, control characters, `%` and braces
/// could leave the record, the zone line or the template that the value goes into.
fn refused(kind: VariableKind, value: &str) -> Option<char> {
    value.chars().find(|c| match kind {
        VariableKind::SpfTerms => !(c.is_ascii_graphic() || *c == ' ') || matches!(c, '"' | '\\'),
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

/// The normal form of `value`.
///
/// # Errors
/// A sentence that says what is wrong with the value; the caller adds where it is found and an example.
pub fn normal(variable: &Variable, value: &str) -> Result<String, Text> {
    let name = &variable.name;
    let shown = excerpt(value, 60);
    if value.is_empty() {
        return Err(say!(en: "`{name}` is empty", ja: "`{name}` が空です"));
    }
    let length = value.len();
    if length > LONGEST {
        return Err(say!(
            en: "`{name}` is {length} bytes long; at most {LONGEST} are read",
            ja: "`{name}` は {length} バイトあります。{LONGEST} バイトまでです"
        ));
    }
    if let Some(c) = refused(variable.kind, value) {
        let what = character(c);
        return Err(say!(
            en: "`{name}` can't have {what} in it",
            ja: "`{name}` に{what}は使えません"; what = what
        ));
    }
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
        VariableKind::Text | VariableKind::SpfTerms => true,
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
        VariableKind::Text | VariableKind::SpfTerms => say!(en: "a text", ja: "文字列"),
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

    #[test]
    fn kinds_are_checked() {
        assert!(normal(&variable(VariableKind::Label, None, None), "a.b").is_err());
        assert!(normal(&variable(VariableKind::Host, None, None), "a..b").is_err());
        assert!(normal(&variable(VariableKind::Host, None, None), "em1.a_b").is_ok());
        assert!(normal(&variable(VariableKind::Ip4, None, None), "192.0.2.256").is_err());
        assert!(normal(&variable(VariableKind::Number, None, None), "12a").is_err());
    }
}
