//! What is known of senders and registrars: templates, their expansion, and names. Pure: the data is in the binary.

pub mod domain_connect;
pub mod expand;
pub mod expressions;
pub mod facts;
pub mod limits;
mod pattern;
pub mod recognise;
pub mod registrar;
pub mod search;
pub mod sender;
mod templates;
pub mod variables;

pub(crate) use templates::head_line;
pub use templates::{Catalogue, NameMatch, Named, OwnTemplate, TemplateKind, fold};
