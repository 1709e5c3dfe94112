//! `regrets check`: whether the configuration is good, and what it means. Offline: it calls nobody.

use super::Streams;
use crate::config::{self, ConfigErrors, Env, Inspection, Needed};
use std::io;
use std::path::PathBuf;

/// Reads the configuration as serving would, tells all that is wrong with it, or what it means in plain sentences.
///
/// App settings come from the environment and, where there is one, from the Values of local.settings.json.
#[derive(Debug, clap::Args)]
pub(super) struct CheckArgs {
    /// The folder of host.json
    #[arg(long, value_name = "DIR", default_value = ".")]
    root: PathBuf,
    /// The configuration's file [default: what REGRETS_CONFIG names, or regrets.toml in the root]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

pub(super) fn run(args: &CheckArgs, env: Env, streams: &mut Streams<'_>) -> io::Result<u8> {
    if !args.root.is_dir() {
        writeln!(
            streams.err,
            "regrets check: {} is not a folder: --root is the folder of host.json",
            args.root.display()
        )?;
        return Ok(2);
    }
    let (path, inspection) = match inspect(args, env) {
        Ok(read) => read,
        Err(errors) => {
            complain(&errors, streams)?;
            return Ok(1);
        }
    };
    let code = match &inspection.outcome {
        Ok(config) => {
            writeln!(streams.out, "{} is good.\n\n{}", path.display(), config::describe(config))?;
            0
        }
        Err(errors) => {
            complain(errors, streams)?;
            1
        }
    };
    settings(&inspection.needed, streams)?;
    Ok(code)
}

fn inspect(args: &CheckArgs, env: Env) -> Result<(PathBuf, Inspection), ConfigErrors> {
    let env = config::with_local_settings(&args.root, env)?;
    let path = match &args.config {
        Some(path) => path.clone(),
        None => config::path_of(&args.root, &env)?,
    };
    let inspection = config::inspect_file(&args.root, &path, &env)?;
    Ok((path, inspection))
}

fn complain(errors: &ConfigErrors, streams: &mut Streams<'_>) -> io::Result<()> {
    write!(streams.err, "{}", errors.render(streams.color))?;
    match errors.problems().len() {
        1 => writeln!(streams.err, "\nOne problem."),
        many => writeln!(streams.err, "\n{many} problems."),
    }
}

/// Names only, never values.
fn settings(needed: &[Needed], streams: &mut Streams<'_>) -> io::Result<()> {
    if needed.is_empty() {
        return Ok(());
    }
    writeln!(streams.out, "App settings that are needed:")?;
    let width = needed.iter().map(|needed| needed.name.len()).max().unwrap_or_default();
    for Needed { name, purpose, is_set } in needed {
        let state = if *is_set { "set" } else { "missing" };
        writeln!(streams.out, "  {name:width$}  {state:7}  {purpose}")?;
    }
    Ok(())
}
