//! `regrets local`: the local host with this program as its handler, and what this handler needs of it.

use crate::cli::report::Report;
use crate::cli::serve::haste;
use crate::config::Location;
use crate::custom_handler::{TOKEN_HEADER, TOKEN_VARIABLE};
use crate::functions::names::route::MANAGE_PREFIX;
use crate::http::client::{HttpOptions, client};
use axum::http::HeaderName;
use functions_local_host::command::{self, HostArgs};
use functions_local_host::{CallerToken, KeptSecret, LocalError, Options, Storage, preview};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;

/// Serves everything on this machine: HTTP, timers and queues, without Azure.
#[derive(Debug, Clone, clap::Args)]
#[command(
    mut_arg("data", |arg| arg.help("The folder for queues, timer status and keys [default: \
                                    <root>/.regrets]")),
    mut_arg("storage", |arg| arg.help(
        "Where queues and ledger are: sqlite, azurite (on its usual ports), a connection string of a storage \
         account, or \
         the name of an app setting that holds one [default: sqlite]"
    ))
)]
pub struct LocalArgs {
    #[command(flatten)]
    host: HostArgs,
}

/// Serves until Ctrl-C or SIGTERM (exit code 0), or until the host has to stop by itself (1).
pub fn run(args: LocalArgs) -> ExitCode {
    let log = args.host.log();
    let runtime = match crate::cli::runtime::start() {
        Ok(runtime) => runtime,
        Err(error) => {
            log.error(format!("the runtime can't be started: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let mut options = args.host.options();
    options.fallback_executable = std::env::current_exe().ok();
    if let Err(error) = furnish(&mut options) {
        log.error(error.to_string());
        return ExitCode::FAILURE;
    }
    if let Some(report) = look_at_configuration(&options) {
        let refusal = report.refusal();
        if !refusal.is_empty() {
            log.error(format!(
                "the configuration is wrong; `regrets check` shows the places:\n{}",
                refusal.join("\n")
            ));
            return ExitCode::FAILURE;
        }
        for note in report.notes() {
            log.warning(note);
        }
    }
    runtime.block_on(command::serve(options))
}

/// What `regrets` as a handler needs of its host.
///
/// # Errors
/// Queues in a real account need a client that trusts somebody.
pub fn furnish(options: &mut Options) -> Result<(), LocalError> {
    let root = std::fs::canonicalize(&options.root).unwrap_or_else(|_| options.root.clone());
    options.data.get_or_insert_with(|| root.join(".regrets"));
    options.caller_token = Some(CallerToken {
        header: HeaderName::from_static(TOKEN_HEADER),
        variable: TOKEN_VARIABLE.to_owned(),
    });
    options.ready_path = Some(format!("{MANAGE_PREFIX}/status"));
    options.kept_secrets = vec![KeptSecret {
        name: "state".to_owned(),
        setting: "REGRETS_STATE_KEYS".to_owned(),
        prefix: "local:".to_owned(),
    }];
    options.env.insert("REGRETS_LOCAL".to_owned(), "1".to_owned());
    // As infra sets it in Azure: the agenda is looked at each minute.
    options.defaults.insert("REGRETS_DISPATCH_CRON".to_owned(), "0 * * * * *".to_owned());
    if !matches!(options.storage, Storage::Sqlite) {
        let http = client(&HttpOptions::default()).map_err(|error| LocalError::Client(error.to_string()))?;
        options.http = Some(http);
    }
    // What is wrong with the folder or the settings is said by the start.
    if let Ok(seen) = preview(options) {
        // A ledger in a file, unless there is an account: that of the queues, or another.
        if !seen.settings.name_an_account() {
            let ledger = format!("sqlite:{}", seen.data.join("ledger.db").display());
            options.defaults.insert("REGRETS_STORE".to_owned(), ledger);
        }
        // A demonstration can't wait ten minutes for what a kill has left behind.
        options.lease = (options.lease / haste(&env(&seen.settings))).max(Duration::from_secs(10));
    }
    Ok(())
}

fn env(settings: &functions_local_host::Settings) -> BTreeMap<String, String> {
    settings.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// What can be said of the configuration before anything is started. Another handler reads its own, and what
/// is wrong with the folder itself is said by the start.
fn look_at_configuration(options: &Options) -> Option<Report> {
    if options.executable.is_some() || !options.root.join("host.json").is_file() {
        return None;
    }
    let seen = preview(options).ok()?;
    // A blob is read by the handler alone, which stays up and says what is wrong with it.
    if let Ok(Location::Blob(_)) = Location::of(&seen.root, &env(&seen.settings)) {
        return None;
    }
    Some(Report::of(&seen.root, None, &env(&seen.settings), Some(&seen.data)))
}

#[cfg(test)]
#[path = "local_tests.rs"]
mod tests;
