//! What a person types, box by box: the steps as cards, and the cards as text.

mod cards;
mod frame;
pub mod html;
pub mod model;
mod parts;
mod spf_card;
mod text;
mod words;

pub(super) use cards::title;
pub use cards::{of_plan, sheet};
pub use model::{Block, Card, Risk, Sheet, Task};
pub(super) use parts::{expected, look_up, panel_of, shortened, taken_ttl};

use super::plan::{PlanInput, taken_to_send};
use super::{Format, Input, Product, file_name};
use crate::report::Text;

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

/// A plan as a worksheet: text, or a page.
pub(super) fn write_plan(plan: PlanInput<'_, '_>, page: bool) -> Vec<Product> {
    let PlanInput { input, .. } = plan;
    let domain = &input.site.domain.value;
    let mut sheet = of_plan(input, plan.plan);
    if let Some(first) = sheet.cards.first_mut().filter(|_| !input.client && !plan.repairs) {
        first.blocks.extend(taken_to_send(&plan).map(|text| Block::Line { label: Text::default(), text }));
    }
    let (text, ending) = if page {
        (html::page(&sheet, input.lang), "html")
    } else {
        (text::render(&sheet, input.lang), "worksheet.txt")
    };
    vec![Product { name: file_name(domain, ending), text }]
}

fn write(input: &Input<'_>) -> Vec<Product> {
    let text = text::render(&sheet(input), input.lang);
    vec![Product { name: file_name(&input.site.domain.value, "worksheet.txt"), text }]
}
