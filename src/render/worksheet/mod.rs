//! What a person types, box by box: the steps as cards, and the cards as text.

mod cards;
mod model;
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
};

fn write(input: &Input<'_>) -> Vec<Product> {
    let text = text::render(&sheet(input), input.lang);
    vec![Product { name: file_name(&input.site.domain.value, "worksheet.txt"), text }]
}
