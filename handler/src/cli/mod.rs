//! The command line.

mod alert_channels;
mod check;
mod connector;
mod doctor;
mod environment;
mod executable;
mod exit;
mod exit_codes;
mod forecast;
mod init;
mod lms;
#[cfg(feature = "local")]
pub mod local;
mod manage;
mod management_client;
mod privacy;
pub(crate) mod report;
pub mod runtime;
mod schema;
pub mod serve;
pub mod streams;
mod tenant;
mod version;
mod wiring;

use crate::cli::streams::Streams;
use crate::config::Env;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Write};
use std::process::ExitCode;

/// Set by the Functions host for its handler (reference/functions-host.md#environment).
const PORT: &str = "FUNCTIONS_CUSTOMHANDLER_PORT";

const NO_HOST: &str = "\
Without a command, regrets serves the Azure Functions host, which starts it and sets \
FUNCTIONS_CUSTOMHANDLER_PORT.
That setting is missing, so nobody would call.

";

const COMMANDS: &[&str] = &[
    #[cfg(feature = "local")]
    "  regrets local     serve on this machine, with its own small Functions host\n",
    "  regrets init      write a first regrets.toml\n",
    "  regrets check     say whether the configuration is good\n",
    "  regrets --help    all commands\n",
];

/// A learner's decline in Outlook or Teams cancels their place in the LMS, once and provably.
///
/// Without a command, regrets serves as the custom handler of an Azure Functions host.
///
/// Every command exits with 0 when all is well, with 1 when something it looked at is wrong, and with 2 when
/// it was called wrongly.
#[derive(Debug, Parser)]
#[command(name = "regrets", version = version::VERSION, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve on this machine, with a small Functions host of its own
    #[cfg(feature = "local")]
    Local(local::LocalArgs),
    /// Write a first regrets.toml
    Init(init::InitArgs),
    /// Say whether the configuration is good, and what it means
    Check(check::CheckArgs),
    /// Look at everything that must be so for declines to be seen and carried out, and say what mends what
    /// is not
    Doctor(doctor::DoctorArgs),
    /// Tell how often Graph and the storage account will be asked, how far that is from each limit, and what
    /// it costs about
    Forecast(forecast::ForecastArgs),
    /// Print the JSON Schema of regrets.toml or of a connector file, for editors; or of what is said to an
    /// LMS and by it
    Schema(schema::SchemaArgs),
    /// See what became of each enrolment and why, and decide what waits for a person
    Ledger(manage::LedgerArgs),
    /// Say how each tenant is: health, mode, valve, counts, mailboxes, open alerts
    Status(manage::StatusArgs),
    /// Show what may go to the LMS; open it, or stop it
    Valve(manage::ValveArgs),
    /// Show open alerts with what to do; acknowledge one
    Alerts(manage::AlertsArgs),
    /// List mailboxes: who is watched, who is refused, and why
    Mailboxes(manage::MailboxesArgs),
    /// Show how the test declines of each day went, and how long they took; with --run, begin one now
    Canary(manage::CanaryArgs),
    /// Show how sessions come from the LMS into calendars, and what would be mailed; let mails out
    Publish(manage::PublishArgs),
    /// Say whether the rights are there that the configuration needs, and give the link for an administrator
    Consent(manage::ConsentArgs),
    /// Take a tenant that is switched off away from Graph: list its subscriptions, and with --yes remove them
    Disconnect(manage::DisconnectArgs),
    /// See whether an LMS's receiver is there and takes what is signed
    Lms(lms::LmsArgs),
    /// Write, check, try out and test connector files: how an LMS is asked and a place is cancelled there
    Connector(connector::ConnectorArgs),
    /// Print what this configuration reads and stores, how long, where, and who can read it
    Privacy(privacy::PrivacyArgs),
    /// Delete what is stored of a tenant that is not served any more
    Tenant(tenant::TenantArgs),
}

fn parse(args: impl Iterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let mut command = exit_codes::told(Cli::command());
    let matches = command.try_get_matches_from_mut(args)?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// Runs `regrets` with these arguments (the first is the program's name).
///
/// Exit codes: 0 all is well; 1 something it looked at is wrong; 2 it was called wrongly.
pub fn main(args: impl Iterator<Item = OsString>) -> ExitCode {
    // Names and values that are not Unicode can't be settings of ours.
    let env: Env = std::env::vars_os()
        .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
        .collect();
    let color = io::stderr().is_terminal() && env.get("NO_COLOR").is_none_or(String::is_empty);
    let cli = match parse(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are "errors" with code 0. A closed pipe is not ours to complain of.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let (mut out, mut err) = (io::stdout().lock(), io::stderr().lock());
    let mut streams = Streams { out: &mut out, err: &mut err, color };
    let written = match cli.command {
        #[cfg(feature = "local")]
        Some(Command::Local(args)) => {
            drop((out, err));
            return local::run(args);
        }
        Some(Command::Init(args)) => init::run(&args, &mut streams),
        Some(Command::Check(args)) => check::run(&args, env, &mut streams),
        Some(Command::Doctor(args)) => doctor::run(&args, env, &mut streams),
        Some(Command::Forecast(args)) => forecast::run(&args, env, &mut streams),
        Some(Command::Schema(args)) => schema::run(&args, &mut streams),
        Some(Command::Ledger(args)) => manage::run(&args, &env, &mut streams),
        Some(Command::Status(args)) => manage::run(&args, &env, &mut streams),
        Some(Command::Valve(args)) => manage::run(&args, &env, &mut streams),
        Some(Command::Alerts(args)) => manage::run(&args, &env, &mut streams),
        Some(Command::Mailboxes(args)) => manage::run(&args, &env, &mut streams),
        Some(Command::Consent(args)) => manage::run(&args.by_default(&env), &env, &mut streams),
        Some(Command::Canary(args)) => manage::run(&args, &env, &mut streams),
        Some(Command::Publish(args)) => manage::run(&args, &env, &mut streams),
        Some(Command::Disconnect(args)) => manage::run(&args, &env, &mut streams),
        Some(Command::Lms(args)) => lms::run(&args, env, &mut streams),
        Some(Command::Connector(args)) => connector::run(&args, &env, &mut streams),
        Some(Command::Privacy(args)) => privacy::run(&args, env, &mut streams),
        Some(Command::Tenant(args)) => tenant::run(&args, env, &mut streams),
        None if env.contains_key(PORT) => {
            drop((out, err));
            return serve::run(env);
        }
        None => write!(streams.err, "{NO_HOST}{}", COMMANDS.concat()).map(|()| 2),
    };
    match written {
        Ok(code) => ExitCode::from(code),
        // `regrets schema | head` has had what it wanted.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "regrets: writing failed: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests;
