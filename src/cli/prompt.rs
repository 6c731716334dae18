//! Questions on the terminal, on standard error. What they mean is the command's.

use std::fmt;
use std::io::{self, BufRead as _, IsTerminal as _, Read as _};

use dialoguer::console::Term;
use dialoguer::theme::Theme;
use dialoguer::{Input, MultiSelect, Select};

use crate::catalogue::{Named, fold};
use crate::init::choose::{OFFERED, hits, label};
use crate::report::{Lang, Text, excerpt, visible};
use crate::say;

use super::output;

/// Whether somebody is there to be asked.
pub(super) fn is_attended() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Who asks, in which language.
pub(super) struct Prompt {
    lang: Lang,
}

/// The most of a pasted text that is kept, octets; what is longer is no key.
const PASTE_MAX: usize = 70_000;

/// How questions look: plain.
struct Plain;

/// Lists hide the cursor, and whoever leaves with Ctrl-C would go on without one; so each line of a list shows it again.
const CURSOR: &str = "\u{1b}[?25h";

impl Theme for Plain {
    fn format_prompt(&self, f: &mut dyn fmt::Write, prompt: &str) -> fmt::Result {
        write!(f, "{prompt}")
    }

    fn format_error(&self, f: &mut dyn fmt::Write, error: &str) -> fmt::Result {
        write!(f, "! {error}")
    }

    fn format_select_prompt_item(&self, f: &mut dyn fmt::Write, text: &str, active: bool) -> fmt::Result {
        write!(f, "{CURSOR}{} {text}", if active { ">" } else { " " })
    }

    fn format_multi_select_prompt_item(
        &self,
        f: &mut dyn fmt::Write,
        text: &str,
        checked: bool,
        active: bool,
    ) -> fmt::Result {
        let (mark, check) = (if active { ">" } else { " " }, if checked { "x" } else { " " });
        write!(f, "{CURSOR}{mark} [{check}] {text}")
    }
}

/// Full-width letters and digits, as an input method leaves them, in their usual form, without white space around.
fn narrow(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        c => c,
    };
    text.chars().map(narrow).collect::<String>().trim().to_owned()
}

/// A text as it may reach the terminal: its lines, and nothing else that has power over it.
fn shown(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}

/// What a search for a template ended in.
pub(super) enum Picked<'c, T> {
    /// This one.
    One(&'c T),
    /// None: not in the list, not known, or no more.
    None,
}

fn io(error: dialoguer::Error) -> io::Error {
    let dialoguer::Error::IO(error) = error;
    error
}

impl Prompt {
    pub(super) fn new(lang: Lang) -> Self {
        Self { lang }
    }

    /// Says something between the questions.
    pub(super) fn say(&self, text: &Text) {
        output::stderr(&format!("{}\n", shown(text.get(self.lang))));
    }

    /// A line of text; `check` makes of it what is wanted, or says why it can't. Nothing is none.
    pub(super) fn text<T>(
        &self,
        prompt: &Text,
        default: Option<String>,
        check: impl Fn(&str) -> Result<T, Text>,
    ) -> io::Result<Option<T>> {
        let theme = Plain;
        let lang = self.lang;
        let mut input = Input::<String>::with_theme(&theme)
            .with_prompt(shown(prompt.get(lang)))
            .allow_empty(true)
            .validate_with(|text: &String| match narrow(text) {
                text if text.is_empty() => Ok(()),
                text => check(&text).map(|_| ()).map_err(|why| visible(why.get(lang)).into_owned()),
            });
        if let Some(default) = default {
            input = input.default(default);
        }
        let typed = narrow(&input.interact().map_err(io)?);
        Ok(if typed.is_empty() { None } else { check(&typed).ok() })
    }

    /// One of a list, by its place; none if it is left with Esc.
    pub(super) fn choose(&self, prompt: &Text, items: &[Text], default: usize) -> io::Result<Option<usize>> {
        let items: Vec<String> = items.iter().map(|i| shortened(i.get(self.lang))).collect();
        let theme = Plain;
        let select = Select::with_theme(&theme).with_prompt(shown(prompt.get(self.lang))).items(&items);
        select.default(default).report(true).interact_opt().map_err(io)
    }

    /// Several of a list, by their places; as they were if it is left with Esc.
    pub(super) fn several(&self, prompt: &Text, items: &[Text], checked: &[bool]) -> io::Result<Vec<usize>> {
        let items: Vec<String> = items.iter().map(|i| shortened(i.get(self.lang))).collect();
        let theme = Plain;
        let select = MultiSelect::with_theme(&theme).with_prompt(shown(prompt.get(self.lang))).items(&items);
        let chosen = select.defaults(checked).report(false).interact_opt().map_err(io)?;
        let before = || checked.iter().enumerate().filter(|(_, on)| **on).map(|(at, _)| at).collect();
        Ok(chosen.unwrap_or_else(before))
    }

    /// Yes or no. A list as well: the library's own question hides the cursor behind its last word.
    pub(super) fn yes(&self, prompt: &Text) -> io::Result<bool> {
        let items = [say!(en: "yes", ja: "はい"), say!(en: "no", ja: "いいえ")];
        Ok(self.choose(prompt, &items, 0)? == Some(0))
    }

    /// Lines up to an empty one, as pasted. What is too long is read and not kept.
    pub(super) fn paste(&self) -> io::Result<Vec<u8>> {
        let mut out: Vec<u8> = Vec::new();
        let mut input = io::stdin().lock();
        loop {
            let mut line = Vec::new();
            // The terminal hands over lines; one without an end is cut all the same.
            let read = input.by_ref().take(PASTE_MAX as u64).read_until(b'\n', &mut line)?;
            if read == 0 || line.iter().all(u8::is_ascii_whitespace) {
                return Ok(out);
            }
            if out.len() <= PASTE_MAX {
                out.append(&mut line);
            }
        }
    }

    /// A template by a part of its name: typed, then chosen from what it can mean. Nothing typed is none.
    pub(super) fn search<'c, T: Named>(
        &self,
        prompt: &Text,
        all: &[&'c T],
        near: impl Fn(&str) -> Option<String>,
        none: &Text,
    ) -> io::Result<Picked<'c, T>> {
        let again = say!(en: "(another name)", ja: "（別の名前でさがす）");
        loop {
            let Some(part) = self.text(prompt, None, |text| Ok(text.to_owned()))? else { return Ok(Picked::None) };
            let found = hits(all.iter().copied(), &part);
            let shown = excerpt(&part, 40);
            let Some(first) = found.first() else {
                self.say(&match near(&part) {
                    Some(near) => say!(
                        en: "! “{shown}” is not in the list; did you mean “{near}”?",
                        ja: "! 「{shown}」は一覧にありません。「{near}」ではありませんか"
                    ),
                    None => say!(
                        en: "! “{shown}” is not in the list; try a shorter part of the name",
                        ja: "! 「{shown}」は一覧にありません。名前をもっと短く入れてみてください"
                    ),
                });
                continue;
            };
            let is_whole = |one: &T| {
                let own = [one.id(), &one.name().en, &one.name().ja];
                own.into_iter().chain(one.aliases().iter().map(String::as_str)).any(|n| fold(n) == fold(&part))
            };
            if found.iter().filter(|one| is_whole(one)).count() == 1 {
                let name = Text { en: label(*first, Lang::En), ja: label(*first, Lang::Ja) };
                self.say(&say!(en: "  {name}", ja: "  {name}"; name = name));
                return Ok(Picked::One(first));
            }
            if found.len() > OFFERED {
                let (count, more) = (OFFERED, found.len() - OFFERED);
                self.say(&say!(
                    en: "  the first {count}; {more} more have this in their name",
                    ja: "  はじめの {count} 件です（ほかに {more} 件あります）"
                ));
            }
            let mut items: Vec<Text> = found
                .iter()
                .take(OFFERED)
                .map(|one| Text { en: label(*one, Lang::En), ja: label(*one, Lang::Ja) })
                .collect();
            let offered = items.len();
            items.extend([again.clone(), none.clone()]);
            let which = say!(en: "which one?", ja: "どれですか");
            match self.choose(&which, &items, 0)? {
                Some(at) if at < offered => {
                    if let Some(one) = found.get(at) {
                        return Ok(Picked::One(one));
                    }
                }
                Some(at) if at > offered => return Ok(Picked::None),
                _ => {}
            }
        }
    }
}

/// An item of a list that fits into one line. The library counts octets where it counts how many lines to take back.
fn shortened(item: &str) -> String {
    let width = usize::from(Term::stderr().size().1).saturating_sub(6).clamp(20, 200);
    let item = visible(&item.replace('\n', " ")).into_owned();
    if item.len() <= width {
        return item;
    }
    let mut end = width.saturating_sub('…'.len_utf8());
    while end > 0 && !item.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", item.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_input_method_leaves_is_made_narrow() {
        assert_eq!(narrow("　ｓｖ１４１６６．xserver．jp "), "sv14166.xserver.jp");
        assert_eq!(narrow("メイクショップ"), "メイクショップ");
    }

    #[test]
    fn items_are_cut_between_characters() {
        assert_eq!(shortened("short"), "short");
        let long = shortened(&"長い名前".repeat(20));
        assert!(long.ends_with('…') && long.len() <= 200, "{long}");
        assert_eq!(shortened("a\nb\u{1b}"), "a b<U+001B>");
    }
}
