//! What a person types, box by box: the steps as cards, and the cards as text.

mod cards;
mod frame;
pub mod html;
pub mod model;
mod parts;
mod spf_card;
mod text;
mod words;

pub use cards::sheet;
pub use model::{Block, Card, Risk, Sheet, Task};

use super::{Format, Input, Product, file_name};

/// The format.
pub const TEXT: Format = Format {
    name: "worksheet",
    en: "what to type where, card by card",
    ja: "手順書（入力する内容を 1 枚ずつ）",
    write,
    carrier: None,
    joins: true,
};

/// The same as a page.
pub const HTML: Format = Format {
    name: "html",
    en: "the worksheet as a page: copy buttons, ticks, printable",
    ja: "手順書のページ（コピーボタンとチェックつき、印刷可）",
    write: write_page,
    carrier: None,
    joins: true,
};

fn write_page(input: &Input<'_>) -> Vec<Product> {
    let text = html::page(&sheet(input), input.lang);
    vec![Product { name: file_name(&input.site.domain.value, "html"), text }]
}

fn write(input: &Input<'_>) -> Vec<Product> {
    let text = text::render(&sheet(input), input.lang);
    vec![Product { name: file_name(&input.site.domain.value, "worksheet.txt"), text }]
}
