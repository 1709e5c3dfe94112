//! The commands that ask a running Regrets: they stand on the management JSON, so they see and may do what
//! that may.

mod alerts;
pub(crate) mod asks;
mod canary;
mod columns;
mod consent;
mod disconnect;
mod explain;
mod ledger;
mod local_time;
mod mailboxes;
mod publish;
mod publish_again;
mod status;
mod try_channels;
mod valve;

use crate::cli::manage::asks::Asks;
use crate::cli::management_client::Management;
use crate::cli::streams::Streams;
use crate::config::Env;
pub(super) use alerts::AlertsArgs;
pub(super) use canary::CanaryArgs;
pub(super) use consent::ConsentArgs;
pub(super) use disconnect::DisconnectArgs;
pub(super) use ledger::LedgerArgs;
pub(super) use mailboxes::MailboxesArgs;
pub(super) use publish::PublishArgs;
pub(super) use status::StatusArgs;
use std::io;
pub(super) use valve::ValveArgs;

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
