//! `regrets tenant purge`: deletes what is stored of a tenant that was taken out of the configuration. It
//! works on the ledger itself, because the app does not know the tenant any more.

use crate::cli::streams::Streams;
use crate::clock::{Clock, SystemClock};
use crate::config::{self, Env, StoreConfig};
use crate::ids::TenantName;
use crate::ledger::Ledger;
use crate::ledger::purge_tenant::{self, Found};
use clap::{Args, Subcommand};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Debug, Args)]
pub(super) struct TenantArgs {
    #[command(subcommand)]
    command: TenantCommand,
}

#[derive(Debug, Subcommand)]
enum TenantCommand {
    /// Delete everything that is stored of a tenant that is not in the configuration any more
    ///
    /// Without --yes it only counts. It may be interrupted and called again. Subscriptions that `regrets
    /// disconnect` has not removed before end by themselves within three days.
    Purge(PurgeArgs),
}

#[derive(Debug, Args)]
struct PurgeArgs {
    /// The tenant's name, as it stood in regrets.toml
    name: String,
    /// Delete, for good
    #[arg(long)]
    yes: bool,
    /// Leave the audit (table regretsactivity) as it is
    #[arg(long)]
    keep_audit: bool,
    /// The folder of host.json
    #[arg(long, value_name = "DIR", default_value = ".")]
    root: PathBuf,
    /// The configuration's file [default: what REGRETS_CONFIG names, or regrets.toml in the root]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

pub(super) fn run(args: &TenantArgs, env: Env, streams: &mut Streams<'_>) -> io::Result<u8> {
    let TenantCommand::Purge(args) = &args.command;
    let well_formed = args.name.starts_with(|c: char| c.is_ascii_lowercase())
        && args.name.len() <= 32
        && args.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    if !well_formed {
        let why =
            "is no tenant's name: those are small letters and digits, beginning with a letter, 32 at most";
        writeln!(streams.err, "regrets tenant purge: `{}` {why}", args.name)?;
        return Ok(2);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match runtime.block_on(purge(args, env)) {
        Ok(text) => write!(streams.out, "{text}").map(|()| 0),
        Err(why) => writeln!(streams.err, "regrets tenant purge: {why}").map(|()| 1),
    }
}

async fn purge(args: &PurgeArgs, env: Env) -> Result<String, String> {
    let told = |errors: config::ConfigErrors| {
        format!("whether the tenant is served can't be told:\n{}", errors.render(false))
    };
    let env = config::with_local_settings(&args.root, env).map_err(told)?;
    let path = match &args.config {
        Some(path) => path.clone(),
        None => config::path_of(&args.root, &env).map_err(told)?,
    };
    let outline = config::outline(&args.root, &path, &env).map_err(told)?;
    if outline.tenants.contains(&args.name) {
        return Err(format!(
            "{} still stands in the configuration ({}, or an app setting REGRETS__TENANT__{}__…). Take it \
             out, let the app start anew \
             without it, and call this again",
            args.name,
            path.display(),
            args.name.to_uppercase()
        ));
    }
    let ledger = open(&outline.store)?;
    let tenant = TenantName::new(args.name.as_str());
    let found = match args.yes {
        true => purge_tenant::purge(&ledger, &tenant, args.keep_audit).await,
        false => purge_tenant::count(&ledger, &tenant, args.keep_audit).await,
    };
    Ok(told_of(&found.map_err(|error| error.to_string())?, &args.name, args.yes))
}

fn open(store: &StoreConfig) -> Result<Ledger, String> {
    #[cfg(feature = "local")]
    if let StoreConfig::Sqlite(path) = store
        && !path.exists()
    {
        return Err(format!("there is no ledger {}", path.display()));
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let tables = super::wiring::tables(store, Arc::clone(&clock)).map_err(|error| format!("{error:#}"))?;
    Ok(Ledger { tables, clock })
}

fn told_of(found: &Found, name: &str, is_done: bool) -> String {
    if found.is_empty() {
        return format!("Nothing of {name} is stored.\n");
    }
    let mut text = String::new();
    for (table, stored) in found {
        let (rows, partitions) = (counted(stored.rows, "row"), counted(stored.partitions(), "partition"));
        text.push_str(&format!("{:<18} {rows} in {partitions}\n", table.in_account()));
    }
    let rows = counted(found.iter().map(|(_, stored)| stored.rows).sum(), "row");
    text.push_str(&match is_done {
        true => format!("{rows} of {name} deleted.\n"),
        false => format!("{rows} of {name} would be deleted. Nothing was done; --yes does it, for good.\n"),
    });
    text
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
#[path = "tenant_tests.rs"]
mod tests;
