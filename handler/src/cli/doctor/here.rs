//! This machine looks, by the configuration, the app settings and the identity here.

use super::args::{DoctorArgs, Refused};
use super::local_folder;
use super::no_tables::NoTables;
use crate::cli::report::Report;
use crate::cli::wiring;
use crate::clock::SystemClock;
use crate::config::{self, Config, ConfigErrors, Env};
use crate::ids::TenantName;
use crate::jobs::context::AppContext;
use crate::jobs::operate::doctor::check::{Fix, Outcome};
use crate::jobs::operate::doctor::report::Diagnosis;
use crate::jobs::operate::doctor::{self, mend};
use crate::jobs::operate::operator::Attribution;
use crate::jobs::surroundings::{SeenFrom, Surroundings};
use crate::jobs::timing::Timing;
use crate::store::Tables;
use chrono::Utc;
use std::path::Path;
use std::sync::Arc;
use tokio::time::Instant;

pub(super) struct Here {
    app: AppContext,
    around: Surroundings,
}

type Found = (Diagnosis, Option<Box<Here>>);

pub(super) async fn examine(args: &DoctorArgs, env: Env) -> Result<Found, Refused> {
    if !args.root.is_dir() {
        let root = args.root.display();
        return Err(Refused(format!("{root} is not a folder: --root is the folder of host.json"), 2));
    }
    let here = match open(args, env).await {
        Ok(here) => here,
        Err(outcome) => return Ok((doctor::unconfigured(outcome, Utc::now()), None)),
    };
    if let Some(unknown) = args.tenant.as_ref().filter(|tenant| !here.knows(tenant)) {
        let known: Vec<&str> = here.app.tenants.keys().map(TenantName::as_str).collect();
        return Err(Refused(
            format!("there is no tenant `{unknown}`; the configuration has {}", known.join(", ")),
            2,
        ));
    }
    let is_wanted = |name: &TenantName| args.tenant.as_deref().is_none_or(|wanted| wanted == name.as_str());
    // Nobody hangs up here, and each check has its own patience.
    let until = Instant::now() + doctor::WHOLE * 4;
    let found = doctor::examine(&here.app, &here.around, is_wanted, until).await;
    Ok((found, Some(Box::new(here))))
}

/// The error is what is told of the configuration.
async fn open(args: &DoctorArgs, env: Env) -> Result<Here, Outcome> {
    let env =
        config::with_local_settings(&args.root, env).map_err(|errors| refused(errors.lines().collect()))?;
    let env = local_folder::completed(&args.root, env);
    let report = Report::of(&args.root, args.config.as_deref(), &env, None);
    let file = report.file.clone();
    let problems: Vec<String> =
        report.refused.iter().flat_map(ConfigErrors::lines).chain(report.others).collect();
    if !problems.is_empty() {
        return Err(refused(problems));
    }
    let config = match &file {
        Some(path) => config::inspect_file(&args.root, path, &env).outcome,
        None => config::load(&args.root, &env),
    };
    let config = config.map_err(|errors| refused(errors.lines().collect()))?;
    let tables: Arc<dyn Tables> = match wiring::tables(&config.store, Arc::new(SystemClock)) {
        Ok(tables) => tables,
        Err(why) => Arc::new(NoTables(format!("{why:#}"))),
    };
    furnished(&config, tables, file.as_deref()).await
}

async fn furnished(config: &Config, tables: Arc<dyn Tables>, file: Option<&Path>) -> Result<Here, Outcome> {
    let broken = |why: anyhow::Error| refused(vec![format!("{why:#}")]);
    let app = match wiring::app_context(config, Arc::clone(&tables), Timing::default()).await {
        Ok(app) => app,
        // Whoever can't read the ledger can look at all the rest.
        Err(_) => wiring::app_context_without_ledger(config, tables, Timing::default()).map_err(broken)?,
    };
    let configuration =
        file.map_or_else(|| "the configuration".to_owned(), |file| file.display().to_string());
    let around =
        Surroundings { seen_from: SeenFrom::CommandLine, configuration, ..wiring::surroundings(config) };
    Ok(Here { app, around })
}

/// All of it is shown by another command; one line has room for the first.
fn refused(problems: Vec<String>) -> Outcome {
    let more = match problems.len() {
        0 | 1 => String::new(),
        many => format!(" (and {} more)", many - 1),
    };
    let first = problems.into_iter().next().unwrap_or_else(|| "it can't be used".to_owned());
    Outcome::failed(format!("{first}{more}"), "Mend it: `regrets check` shows each problem with its place.")
}

impl Here {
    fn knows(&self, tenant: &str) -> bool {
        self.app.tenants.keys().any(|name| name.as_str() == tenant)
    }

    pub(super) async fn mend(&self, tenant: Option<&str>, fix: Fix, by: &str) -> Result<String, String> {
        let tenant = tenant.map(TenantName::new);
        let signed = Attribution { by: by.to_owned(), reason: "regrets doctor --fix".to_owned() };
        let done = mend::mend(&self.app, &self.around, tenant.as_ref(), fix, &signed).await;
        done.map_err(|why| why.to_string())
    }
}
