//! The `zoneplan` program.
fn main() {}
