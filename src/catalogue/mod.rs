//! What is known of senders and registrars: templates, their expansion, and names. Pure: the data is in the binary.

mod embedded;
pub mod expand;
pub mod expressions;
pub mod facts;
pub mod limits;
pub mod registrar;
pub mod sender;
pub mod variables;

pub use embedded::Catalogue;
