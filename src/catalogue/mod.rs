//! What is known of senders and registrars: templates, their expansion, and names. Pure: the data is in the binary.

pub mod facts;
pub mod limits;
pub mod registrar;
pub mod sender;
