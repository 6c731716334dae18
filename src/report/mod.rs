//! Findings: the one door through which every room speaks.

mod text;

pub use text::{Lang, Text};
