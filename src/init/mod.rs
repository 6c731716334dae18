//! A new site.toml: from answers to its text, from names to templates, and from what stands in DNS to proposals. Pure: who asks, and where
//! the file goes, is the command's.

pub mod choose;
mod propose;
mod text;

pub use propose::{Open, Proposal, SeenSender, propose};
pub(crate) use propose::{told, words};
pub use text::{Company, NewSite, Service, blanks, write};
pub(crate) use text::{head, limits, paragraph, to_know, top, who_sends};
