//! A sentence in both languages, checked at compile time: a placeholder that one language lacks a value for does not build.

use std::ops::Range;

/// The language of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Lang {
    /// English, the default.
    #[default]
    En,
    /// Japanese.
    Ja,
}

/// One sentence in English and Japanese. Made by [`say!`](crate::say).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Text {
    /// English.
    pub en: String,
    /// Japanese.
    pub ja: String,
}

impl Text {
    /// The same characters in both languages: names, values, addresses.
    #[must_use]
    pub fn same(text: impl Into<String>) -> Self {
        let en = text.into();
        Self { ja: en.clone(), en }
    }

    /// The sentence in `lang`.
    #[must_use]
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Ja => &self.ja,
        }
    }

    /// Whether there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.en.is_empty() && self.ja.is_empty()
    }
}

/// Names in a row: `A, B` and `A、B`.
#[must_use]
pub fn join(texts: &[Text]) -> Text {
    let list = |get: fn(&Text) -> &str, comma: &str| texts.iter().map(get).collect::<Vec<_>>().join(comma);
    Text { en: list(|t| &t.en, ", "), ja: list(|t| &t.ja, "、") }
}

/// Japanese with a space between a Latin word and the hiragana beside it, whatever name was filled in: `XSERVER の`, `では XSERVER`.
#[must_use]
pub fn spaced(text: String) -> String {
    let octets = text.as_bytes();
    // U+3041 to U+3096, as UTF-8.
    let hiragana =
        |range: Range<usize>| matches!(octets.get(range), Some([0xE3, 0x81, 0x81..=0xBF] | [0xE3, 0x82, 0x80..=0x96]));
    let latin = |at: usize| octets.get(at).is_some_and(u8::is_ascii_alphanumeric);
    // The places where hiragana begins behind a Latin letter, or one begins behind hiragana.
    let meets = |at: &usize| match octets.get(*at) {
        Some(0xE3) => latin(*at - 1) && hiragana(*at..*at + 3),
        Some(octet) if octet.is_ascii_alphanumeric() => *at >= 3 && hiragana(*at - 3..*at),
        _ => false,
    };
    let mut meetings = (1..octets.len()).filter(meets).peekable();
    if meetings.peek().is_none() {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut from = 0;
    for at in meetings {
        out.push_str(text.get(from..at).unwrap_or_default());
        out.push(' ');
        from = at;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// A [`Text`] from two format strings. Names in braces are captured from the scope, or given after the strings.
/// A value that is itself a [`Text`] is given after `;` and takes its own language in each string.
///
/// ```
/// use zoneplan::{say, report::Text};
/// let bytes = 410;
/// let form = Text { en: "A's form".into(), ja: "A社の画面".into() };
/// let text = say!(en: "{form} takes {max}; this is {bytes} bytes", ja: "{form}に入るのは {max} まで、これは {bytes} バイトです", max = 127; form = form);
/// assert_eq!(text.en, "A's form takes 127; this is 410 bytes");
/// assert_eq!(text.ja, "A社の画面に入るのは 127 まで、これは 410 バイトです");
/// ```
#[macro_export]
macro_rules! say {
    (en: $en:literal, ja: $ja:literal $(, $name:ident = $value:expr)* $(; $($text:ident = $of:expr),+)? $(,)?) => {{
        $(let $name = &$value;)*
        $crate::report::Text {
            en: { $($(let $text = &($of).en;)+)? format!($en) },
            ja: { $($(let $text = &($of).ja;)+)? $crate::report::spaced(format!($ja)) },
        }
    }};
}

#[cfg(test)]
mod tests {
    use super::spaced;

    #[test]
    fn latin_words_stand_apart_from_hiragana_only() {
        assert_eq!(spaced("Google Workspaceの鍵".into()), "Google Workspace の鍵");
        assert_eq!(spaced("このままではXSERVERから".into()), "このままでは XSERVER から");
        assert_eq!(spaced("A社の画面、DKIM鍵".into()), "A社の画面、DKIM鍵");
    }
}
