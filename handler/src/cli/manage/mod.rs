//! The commands that ask a running Regrets: they stand on the management JSON, so they see and may do what that may.

mod alerts;
mod columns;
mod explain;
mod ledger;
mod local_time;
mod mailboxes;
mod status;
mod valve;

pub(super) use alerts::AlertsArgs;
pub(super) use ledger::LedgerArgs;
pub(super) use mailboxes::MailboxesArgs;
pub(super) use status::StatusArgs;
pub(super) use valve::ValveArgs;

use super::Streams;
use crate::cli::management_client::{Management, Place};
use crate::config::Env;
use clap::Args;
use std::io;

/// Who does it and why: both land in the audit.
#[derive(Debug, Clone, Args)]
struct Signed {
    /// Who you are; for the audit
    #[arg(long, value_name = "NAME")]
    by: String,
    /// Why; for the audit
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// One of these commands.
pub(super) trait Asks {
    fn place(&self) -> &Place;

    /// What is printed, or a sentence about what is wrong.
    async fn ask(&self, management: &Management) -> Result<String, String>;
}

pub(super) fn run(command: &impl Asks, env: &Env, streams: &mut Streams<'_>) -> io::Result<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let management = match Management::new(command.place(), env) {
        Ok(management) => management,
        // It does not say where to ask, or by which key.
        Err(why) => return writeln!(streams.err, "regrets: {why}").map(|()| 2),
    };
    match runtime.block_on(async { command.ask(&management).await }) {
        Ok(text) => write!(streams.out, "{text}").map(|()| 0),
        Err(why) => writeln!(streams.err, "regrets: {why}").map(|()| 1),
    }
}
