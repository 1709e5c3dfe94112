//! `regrets schema`: the JSON Schema of `regrets.toml`, of a connector file, or of what is said between
//! Regrets and an LMS.

use crate::cli::streams::Streams;
use crate::lms::webhook;
use std::io;

#[derive(Debug, clap::Args)]
pub(super) struct SchemaArgs {
    /// Of a connector file
    #[arg(long, conflicts_with_all = ["lms_request", "lms_answer", "lms_events"])]
    connector: bool,
    /// Of the request that the connector `webhook` posts
    #[arg(long, conflicts_with_all = ["lms_answer", "lms_events"])]
    lms_request: bool,
    /// Of the answer that it reads
    #[arg(long, conflicts_with = "lms_events")]
    lms_answer: bool,
    /// Of what an LMS posts to /api/lms/<tenant>/events
    #[arg(long)]
    lms_events: bool,
}

pub(super) fn run(args: &SchemaArgs, streams: &mut Streams<'_>) -> io::Result<u8> {
    if args.lms_events {
        writeln!(streams.out, "{:#}", crate::lms::push::message::schema())?;
        return Ok(0);
    }
    let schema = match (args.connector, args.lms_request, args.lms_answer) {
        (true, ..) => crate::config::connector_file::schema(),
        (false, true, _) => webhook::request_schema(),
        (false, false, true) => webhook::answer_schema(),
        (false, false, false) => crate::config::schema(),
    };
    writeln!(streams.out, "{schema:#}")?;
    Ok(0)
}
