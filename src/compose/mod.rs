//! Claims of all senders and sections → RRsets that keep who wants them and what for; conflicts. Knows no limits.

mod model;
mod resolve;

pub use model::*;
pub use resolve::{RecordOwner, Resolved, ResolvedKey, ResolvedSender, resolve};
