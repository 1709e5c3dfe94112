//! Serving under the Functions host.

use std::process::ExitCode;

/// Serves until the host ends the process.
pub fn run() -> ExitCode {
    ExitCode::FAILURE
}
