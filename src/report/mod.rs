//! Findings: the one door through which every room speaks. Holds the finding, the texts it points into, the words in both
//! languages, and the renderers; knows nothing of DNS or mail.

mod finding;
mod order;
mod secret;
mod source;
mod text;
mod visible;

pub mod human;
pub mod json;
pub mod markdown;
pub mod short;
pub mod words;

pub use finding::{About, Confidence, Finding, Fix, Label, Note, NoteKind, Severity, did_you_mean};
pub use order::{Counts, in_order, next_step};
pub use source::{FileId, Sources, Span};
pub use text::{Lang, Text, join, spaced};
pub use visible::{excerpt, odd_blank, shell_word, visible};
