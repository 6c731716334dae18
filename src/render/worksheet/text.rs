//! A worksheet as plain text: values that are copied stand alone on their line, unindented and unwrapped.

use std::fmt::Write as _;

use super::model::{Block, Card, Sheet};
use super::words;
use crate::report::{Lang, Text, visible};

/// The sheet as text.
pub(super) fn render(sheet: &Sheet, lang: Lang) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", shown(sheet.title.get(lang)));
    for (label, text) in &sheet.head {
        let _ = writeln!(out, "{}: {}", label.get(lang), shown(text.get(lang)));
    }
    let numbered = sheet.cards.iter().filter(|c| c.number.is_some()).count();
    for card in &sheet.cards {
        out.push('\n');
        head(&mut out, card, numbered, lang);
        for block in &card.blocks {
            write_block(&mut out, block, lang);
        }
    }
    out
}

fn head(out: &mut String, card: &Card, numbered: usize, lang: Lang) {
    let word = match lang {
        Lang::En => "Card",
        Lang::Ja => "カード",
    };
    let title = shown(card.title.get(lang));
    let mut line = match card.number {
        Some(n) => format!("{word} {n} / {numbered}   {title}"),
        None => title,
    };
    for more in [Some(words::task(card.task)), card.risk.map(words::risk)].into_iter().flatten() {
        let _ = write!(line, "   [{}]", more.get(lang));
    }
    let _ = writeln!(out, "{line}");
    if let Some(panel) = &card.panel {
        let word = match lang {
            Lang::En => "panel",
            Lang::Ja => "画面",
        };
        let _ = writeln!(out, "  {word}: {}", shown(panel.get(lang)));
    }
}

fn write_block(out: &mut String, block: &Block, lang: Lang) {
    let get = |text: &Text| shown(text.get(lang));
    let empty = match lang {
        Lang::En => "(leave it empty)",
        Lang::Ja => "（空欄のまま）",
    };
    match block {
        Block::Line { label, text } if label.is_empty() => {
            let _ = writeln!(out, "  {}", get(text));
        }
        Block::Line { label, text } => {
            let _ = writeln!(out, "  {}: {}", get(label), get(text));
        }
        Block::Entry { label, content, short, notes } => {
            let label = get(label);
            let _ = if content.is_empty() {
                writeln!(out, "  {label}   {empty}")
            } else if *short {
                writeln!(out, "  {label}   {}", shown(content))
            } else {
                // The value is for copying: whole, on a line of its own.
                writeln!(out, "  {label}\n{}", lines(content))
            };
            for note in notes {
                let _ = writeln!(out, "      {}", get(note));
            }
        }
        Block::Value { label, content } => {
            let _ = writeln!(out, "  {}\n{}", get(label), lines(content));
        }
        Block::Command { label, command, expect } => {
            let _ = writeln!(out, "  {}\n{}", get(label), shown(command));
            if !expect.is_empty() {
                let _ = writeln!(out, "      {}", get(expect));
            }
        }
        Block::Warning(text) => {
            let _ = writeln!(out, "  ! {}", get(text));
        }
        Block::Tick { text, .. } => {
            let _ = writeln!(out, "  □ {}", get(text));
        }
    }
}

/// Nothing from outside has power over a terminal.
fn shown(text: &str) -> String {
    visible(&text.replace(['\n', '\r'], " ")).into_owned()
}

/// A value of several lines keeps its line breaks.
fn lines(text: &str) -> String {
    text.lines().map(visible).collect::<Vec<_>>().join("\n")
}
