//! Claims of all senders and sections → RRsets that keep who wants them and what for; conflicts. Knows no limits.

mod model;

pub use model::*;
