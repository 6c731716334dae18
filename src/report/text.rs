//! A sentence in both languages, checked at compile time: a placeholder that one language lacks a value for does not build.

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

/// Japanese with a space between a Latin word and the hiragana beside it, whatever name was filled in: `XSERVER の`, `では XSERVER`.
#[must_use]
pub fn spaced(text: String) -> String {
    let hiragana = |c: char| ('\u{3041}'..='\u{3096}').contains(&c);
    let latin = |c: char| c.is_ascii_alphanumeric();
    let meet = |a: char, b: char| (latin(a) && hiragana(b)) || (hiragana(a) && latin(b));
    if !text.chars().zip(text.chars().skip(1)).any(|(a, b)| meet(a, b)) {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = None;
    for c in text.chars() {
        if before.is_some_and(|b| meet(b, c)) {
            out.push(' ');
        }
        out.push(c);
        before = Some(c);
    }
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
