//! `regrets check`: whether the configuration is good, and what it means. Offline: it calls nobody.

use super::report::Report;
use crate::cli::streams::Streams;
use crate::config::needed::Needed;
use crate::config::{self, ConfigErrors, Env};
use std::io;
use std::path::PathBuf;

/// Reads the configuration as serving would, tells all that is wrong with it, and what it means in plain
/// sentences.
///
/// App settings come from the environment and, where there is one, from the Values of local.settings.json.
/// Where some are missing, as on a machine that has no secrets, what the file means is told all the same, and
/// which they are; the exit code is 1 then, as for everything that is wrong.
#[derive(Debug, clap::Args)]
pub(super) struct CheckArgs {
    /// The folder of host.json
    #[arg(long, value_name = "DIR", default_value = ".")]
    root: PathBuf,
    /// The configuration's file [default: what REGRETS_CONFIG names, or regrets.toml in the root]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print errors, warnings, meaning and app settings as JSON
    #[arg(long)]
    json: bool,
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
    let (env, unreadable) = match config::with_local_settings(&args.root, env.clone()) {
        Ok(env) => (env, None),
        // What the environment says by itself can be told all the same.
        Err(errors) => (env, Some(errors)),
    };
    let mut report = Report::of(&args.root, args.config.as_deref(), &env, None);
    report.others.extend(unreadable.iter().flat_map(ConfigErrors::lines));
    let code = u8::from(report.count() > 0);
    if args.json {
        writeln!(streams.out, "{:#}", report.as_json())?;
        return Ok(code);
    }
    tell(&report, streams)?;
    Ok(code)
}

fn tell(report: &Report, streams: &mut Streams<'_>) -> io::Result<()> {
    for why in &report.others {
        writeln!(streams.err, "error: {why}")?;
    }
    for errors in report.refused.iter().chain(&report.missing) {
        write!(streams.err, "{}", errors.render(streams.color))?;
    }
    tell_count(report.count(), streams)?;
    if let (Some(file), Some(meaning)) = (&report.file, &report.meaning) {
        let file = file.display();
        match report.count() {
            0 => writeln!(streams.out, "{file} is good.\n")?,
            _ => writeln!(streams.out, "What {file} means, once that is mended:\n")?,
        }
        writeln!(streams.out, "{}", config::describe(meaning))?;
    }
    for warning in &report.warnings {
        writeln!(streams.err, "warning: {warning}")?;
    }
    settings(&report.needed, streams)?;
    for name in &report.overriding {
        writeln!(streams.out, "App setting {name} overrides the file.")?;
    }
    Ok(())
}

fn tell_count(count: usize, streams: &mut Streams<'_>) -> io::Result<()> {
    match count {
        0 => Ok(()),
        1 => writeln!(streams.err, "\nOne problem."),
        many => writeln!(streams.err, "\n{many} problems."),
    }
}

pub(super) fn complain(errors: &ConfigErrors, streams: &mut Streams<'_>) -> io::Result<()> {
    write!(streams.err, "{}", errors.render(streams.color))?;
    tell_count(errors.problems().len(), streams)
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

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
