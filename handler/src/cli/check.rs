//! `regrets check`: whether the configuration is good, and what it means. Offline: it calls nobody.

use super::{Streams, environment, executable};
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
    let env = match config::with_local_settings(&args.root, env) {
        Ok(env) => env,
        Err(errors) => {
            complain(&errors, streams)?;
            return Ok(1);
        }
    };
    let environment = environment::problems(&env, &args.root);
    let (path, inspection) = match inspect(args, &env) {
        Ok(read) => read,
        Err(errors) => {
            complain(&errors, streams)?;
            return Ok(1);
        }
    };
    let wrong: Vec<String> = match &inspection.outcome {
        Ok(config) => environment.into_iter().chain(config::refusals(config)).collect(),
        Err(_) => environment,
    };
    for why in &wrong {
        writeln!(streams.err, "error: {why}")?;
    }
    let code = match &inspection.outcome {
        Ok(config) if !wrong.is_empty() => {
            writeln!(
                streams.err,
                "\n{}.",
                if wrong.len() == 1 { "One problem".to_owned() } else { format!("{} problems", wrong.len()) }
            )?;
            writeln!(streams.out, "What {} means, were it good:\n\n{}", path.display(), config::describe(config))?;
            1
        }
        Ok(config) => {
            writeln!(streams.out, "{} is good.\n\n{}", path.display(), config::describe(config))?;
            for warning in config::warnings(config) {
                writeln!(streams.err, "warning: {warning}")?;
            }
            0
        }
        Err(errors) => {
            complain(errors, streams)?;
            1
        }
    };
    settings(&inspection.needed, streams)?;
    for name in config::overriding(&env) {
        writeln!(streams.out, "App setting {name} overrides the file.")?;
    }
    if let Some(trouble) = executable::trouble(&args.root) {
        writeln!(streams.err, "{trouble}")?;
        return Ok(1);
    }
    Ok(code)
}

fn inspect(args: &CheckArgs, env: &Env) -> Result<(PathBuf, Inspection), ConfigErrors> {
    let path = match &args.config {
        Some(path) => path.clone(),
        None => config::path_of(&args.root, env)?,
    };
    let inspection = config::inspect_file(&args.root, &path, env)?;
    Ok((path, inspection))
}

pub(super) fn complain(errors: &ConfigErrors, streams: &mut Streams<'_>) -> io::Result<()> {
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

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    fn check(root: &std::path::Path, config: Option<PathBuf>, env: Env) -> (u8, String, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut streams = Streams { out: &mut out, err: &mut err, color: false };
        let code = run(&CheckArgs { root: root.to_owned(), config }, env, &mut streams).unwrap();
        (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
    }

    #[test]
    fn the_exit_code_tells_good_from_wrong_from_wrongly_called() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let (code, _, err) = check(root, None, Env::new());
        assert_eq!(code, 1);
        assert!(err.contains("regrets.toml") && err.ends_with("\nOne problem.\n"), "{err}");

        std::fs::write(root.join("regrets.toml"), config::EXAMPLE).unwrap();
        let (code, out, err) = check(root, None, Env::new());
        assert_eq!(code, 1);
        assert!(out.contains("  CONTOSO_LMS_SECRET     missing  tenant.contoso.lms.secret\n"), "{out}");
        assert!(err.contains("CONTOSO_LMS_SECRET is not set") && err.ends_with("\n4 problems.\n"), "{err}");

        let values = serde_json::json!({ "IsEncrypted": false, "Values": {
            "CONTOSO_CLIENT_SECRET": "s3cret",
            "CONTOSO_LMS_SECRET": format!("whsec_{KEY}"),
            "REGRETS_STATE_KEYS": "from the file: loses against the environment",
            "AzureWebJobsStorage": "UseDevelopmentStorage=true",
        }});
        std::fs::write(root.join("local.settings.json"), values.to_string()).unwrap();
        let env = Env::from([("REGRETS_STATE_KEYS".to_owned(), format!("k1:{KEY}"))]);
        let (code, out, err) = check(root, None, env.clone());
        assert_eq!((code, err.as_str()), (0, ""), "{out}");
        assert!(out.contains("is good.") && out.contains("  REGRETS_STATE_KEYS     set "), "{out}");
        assert!(!out.contains(KEY) && !out.contains("s3cret"), "{out}");

        let deletes = config::EXAMPLE.replace("unseen = \"review\"", "unseen = \"cancel\"");
        std::fs::write(root.join("deletes.toml"), deletes).unwrap();
        let (code, out, err) = check(root, Some(root.join("deletes.toml")), env.clone());
        assert_eq!(code, 0, "a warning is no problem: {err}");
        assert!(out.contains("A learner merely deletes the item"), "{out}");
        assert!(err.starts_with("warning: tenant contoso: with policy.unseen = \"cancel\", "), "{err}");

        std::fs::write(root.join("other.toml"), config::EXAMPLE.replace("\"10m\"", "\"10\"")).unwrap();
        let (code, _, err) = check(root, Some(root.join("other.toml")), env);
        assert_eq!(code, 1);
        assert!(err.contains("`10` needs a unit"), "{err}");

        let (code, _, err) = check(&root.join("nowhere"), None, Env::new());
        assert_eq!(code, 2);
        assert!(err.contains("is not a folder"), "{err}");
    }
}
