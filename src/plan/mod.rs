//! What has to be done to the zones, in a safe order: fitted zones against the zone as it is. Does no I/O; says nothing of how it looks.

mod steps;

pub use steps::{Action, Phase, Step, steps};
