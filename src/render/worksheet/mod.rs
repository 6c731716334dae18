//! A worksheet: what a person types where, card by card.

pub mod html;
pub mod model;
