//! The command line.

use std::ffi::OsString;
use std::process::ExitCode;

/// Runs `regrets` with these arguments (the first is the program's name).
///
/// Exit codes: 0 all is well; 1 something it looked at is wrong; 2 it was called wrongly.
pub fn main(_args: impl Iterator<Item = OsString>) -> ExitCode {
    ExitCode::from(2)
}
