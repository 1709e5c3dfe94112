//! `functions-local-host`: serves an app with a custom handler on this machine, without Azure and without
//! Core Tools.

use clap::Parser;
use functions_local_host::CallerToken;
use functions_local_host::command::{HostArgs, serve};
use std::process::ExitCode;
use std::time::Duration;

/// Serves a Functions app with a custom handler on this machine: HTTP, timers and queues, without Azure.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    host: HostArgs,
    /// How long a message is hidden from others while it is worked on, and so how long after a kill it comes
    /// again.
    #[arg(long, value_name = "SECONDS", default_value_t = 600,
    value_parser = clap::value_parser!(u64).range(1..=604_800))]
    lease: u64,
    /// Gives the handler a token in VARIABLE at its start, and sends it back in HEADER with every request.
    #[arg(long, value_name = "HEADER=VARIABLE", value_parser = caller_token)]
    caller_token: Option<CallerToken>,
    /// A path of the handler to ask once it answers: with 503 and {"problems": [{"message": "…"}]} the start
    /// fails.
    #[arg(long, value_name = "PATH")]
    ready_path: Option<String>,
}

fn caller_token(text: &str) -> Result<CallerToken, String> {
    let (header, variable) = text.split_once('=').ok_or("write it as HEADER=VARIABLE")?;
    let header = header.parse().map_err(|error| format!("{header}: {error}"))?;
    Ok(CallerToken { header, variable: variable.to_owned() })
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut options = cli.host.options();
    options.lease = Duration::from_secs(cli.lease);
    options.caller_token = cli.caller_token;
    options.ready_path = cli.ready_path;
    serve(options).await
}
