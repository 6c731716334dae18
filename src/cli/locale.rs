//! Which language messages are in.

use std::ffi::OsString;

use crate::report::Lang;

fn word(text: &str) -> Option<Lang> {
    match text {
        "ja" => Some(Lang::Ja),
        "en" => Some(Lang::En),
        _ => None,
    }
}

/// What `--lang` says, before the arguments are parsed.
pub(super) fn asked(arguments: &[OsString]) -> Option<Lang> {
    let mut rest = arguments.iter().filter_map(|a| a.to_str());
    let mut found = None;
    while let Some(argument) = rest.next() {
        if argument == "--" {
            break;
        }
        if argument == "--lang" {
            found = rest.next().and_then(word);
        } else if let Some(value) = argument.strip_prefix("--lang=") {
            found = word(value);
        }
    }
    found
}

/// The language: what is asked for, else `ZONEPLAN_LANG`, else the locale (`LC_ALL`, `LC_MESSAGES`, `LANG`; the first that is set decides),
/// else English.
pub(super) fn lang(asked: Option<Lang>, variable: impl Fn(&str) -> Option<String>) -> Lang {
    if let Some(lang) = asked {
        return lang;
    }
    if let Some(lang) = variable("ZONEPLAN_LANG").as_deref().and_then(word) {
        return lang;
    }
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().filter_map(|n| variable(n)).find(|v| !v.is_empty());
    match locale {
        Some(locale) if locale == "ja" || locale.starts_with("ja_") || locale.starts_with("ja.") => Lang::Ja,
        _ => Lang::En,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(set: &[(&str, &str)]) -> Lang {
        lang(None, |n| set.iter().find(|(k, _)| *k == n).map(|(_, v)| (*v).to_owned()))
    }

    #[test]
    fn the_first_variable_that_is_set_decides() {
        assert_eq!(of(&[("LANG", "ja_JP.UTF-8")]), Lang::Ja);
        assert_eq!(of(&[("LC_ALL", "C"), ("LANG", "ja_JP.UTF-8")]), Lang::En);
        assert_eq!(of(&[("LC_ALL", ""), ("LANG", "ja_JP.UTF-8")]), Lang::Ja);
        assert_eq!(of(&[("ZONEPLAN_LANG", "ja"), ("LC_ALL", "C")]), Lang::Ja);
        assert_eq!(of(&[("LANG", "jam_JM")]), Lang::En);
        assert_eq!(of(&[]), Lang::En);
    }

    #[test]
    fn lang_is_found_wherever_it_stands() {
        let arguments = |a: &[&str]| a.iter().map(OsString::from).collect::<Vec<_>>();
        assert_eq!(asked(&arguments(&["zoneplan", "build", "--lang", "ja"])), Some(Lang::Ja));
        assert_eq!(asked(&arguments(&["zoneplan", "--lang=en", "build"])), Some(Lang::En));
        assert_eq!(asked(&arguments(&["zoneplan", "build", "--", "--lang=en"])), None);
    }
}
