//! How serving ends: with a reason in the last line of the log, and with a code that the Functions host
//! understands.

use crate::telemetry::panic_text;
use std::process::ExitCode;
use tokio::task::JoinError;

/// Neither is 0: some hosts take that for a handler that still lives, and never start another
/// (reference/functions-host.md#exit-codes).
#[derive(Debug)]
pub(super) enum End {
    /// A crash, which the host counts: the third within half an hour ends the host, too.
    Failed(anyhow::Error),
    /// Only a new start can go on from here. The host makes it, and does not count it.
    Restart(String),
}

/// The code by which a handler asks for a new start.
const RESTART: u8 = 200;

impl End {
    pub(super) fn code(&self) -> ExitCode {
        match self {
            Self::Failed(_) => ExitCode::FAILURE,
            Self::Restart(_) => ExitCode::from(RESTART),
        }
    }

    /// The host shows the last lines of stderr as the reason of a crash.
    #[expect(
        clippy::print_stderr,
        reason = "where RUST_LOG leaves out errors, the last one is said all the same"
    )]
    pub(super) fn say(&self) {
        let (why, what) = match self {
            Self::Failed(error) => (format!("{error:#}"), "the handler ends"),
            Self::Restart(why) => (why.clone(), "the handler asks for a new start"),
        };
        if tracing::enabled!(tracing::Level::ERROR) {
            tracing::error!(why, "{what}");
        } else {
            eprintln!("{what}: {why}");
        }
    }
}

/// A task that matters: its panic is an end with a reason, never a gap that nobody notices.
pub(super) fn or_panic<T>(what: &str, ended: Result<T, JoinError>) -> Result<T, End> {
    ended.map_err(|error| {
        let why = match error.try_into_panic() {
            Ok(panic) => format!("{what} panicked: {}", panic_text(panic.as_ref())),
            Err(error) => format!("{what} ended: {error}"),
        };
        End::Failed(anyhow::anyhow!(why))
    })
}

#[cfg(test)]
#[path = "exit_tests.rs"]
mod tests;
