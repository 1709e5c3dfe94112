//! `regrets connector`: for whoever writes a connector file, from nothing to one that works.

mod case;
mod check;
mod given;
mod list;
mod new;
mod read;
mod record;
mod replay;
mod shown;
mod test;
mod try_out;

use crate::cli::streams::Streams;
use crate::config::Env;
use clap::{Args, Subcommand};
use std::io;

#[derive(Debug, Args)]
pub(super) struct ConnectorArgs {
    #[command(subcommand)]
    command: ConnectorCommand,
}

#[derive(Debug, Subcommand)]
enum ConnectorCommand {
    /// List the connectors that this build holds
    List,
    /// Print one of them, to read or to begin from
    Show(list::ShowArgs),
    /// Write the beginnings of a connector file, with what to fill in
    New(new::NewArgs),
    /// Say whether a connector file is good, and what it does
    Check(check::CheckArgs),
    /// Ask the real LMS about one learner and one session: each request and answer is shown, and the write
    /// that would follow; nothing is written without --write
    Try(try_out::TryArgs),
    /// Play recorded exchanges against a connector file, offline
    Test(test::TestArgs),
    /// As try, and keep what went by as a recording for `test`, without secrets
    Record(record::RecordArgs),
}

pub(super) fn run(args: &ConnectorArgs, env: &Env, streams: &mut Streams<'_>) -> io::Result<u8> {
    match &args.command {
        ConnectorCommand::List => list::run(streams),
        ConnectorCommand::Show(args) => list::show(args, streams),
        ConnectorCommand::New(args) => new::run(args, streams),
        ConnectorCommand::Check(args) => check::run(args, streams),
        ConnectorCommand::Try(args) => try_out::run(args, env, streams),
        ConnectorCommand::Test(args) => test::run(args, streams),
        ConnectorCommand::Record(args) => record::run(args, env, streams),
    }
}

#[cfg(test)]
mod tests;
