//! The commands people type, one file each, and the choice between them and Git's.

pub mod configure;
pub mod unconfigure;

use std::process::ExitCode;

/// Runs the program.
#[must_use]
pub fn run() -> ExitCode {
    ExitCode::SUCCESS
}
