//! How many learners there are, as the directory says.

use super::args::ForecastArgs;
use crate::cli::doctor::local_folder;
use crate::cli::doctor::no_tables::NoTables;
use crate::cli::wiring;
use crate::config::{self, ConfigErrors, Env};
use crate::ids::TenantName;
use crate::jobs::timing::Timing;
use crate::jobs::watch::directory;
use std::sync::Arc;

/// Asks Graph for the members of the group, or whoever else the configuration names. Nothing is stored.
pub(super) fn count(args: &ForecastArgs, env: Env, tenant: &str) -> Result<f64, String> {
    let lines = |errors: ConfigErrors| errors.lines().collect::<Vec<_>>().join("; ");
    let env = config::with_local_settings(&args.root, env).map_err(lines)?;
    let env = local_folder::completed(&args.root, env);
    let loaded = match &args.config {
        Some(path) => config::inspect_file(&args.root, path, &env).outcome,
        None => config::load(&args.root, &env),
    };
    let config = loaded.map_err(lines)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|why| why.to_string())?.block_on(async {
        let tables = Arc::new(NoTables("no ledger is asked to count people".to_owned()));
        let app = wiring::app_context_without_ledger(&config, tables, Timing::default())
            .map_err(|why| format!("{why:#}"))?;
        let context = app.context(&TenantName::new(tenant)).map_err(|why| why.to_string())?;
        let found = directory::named(context, &context.tenant.watch.mailboxes).await;
        found
            .map(|people| people.len() as f64)
            .map_err(|why| format!("the directory can't be read: {why}; say --mailboxes <N> instead"))
    })
}
