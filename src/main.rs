//! The `zoneplan` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    zoneplan::cli::run(std::env::args_os().collect())
}
