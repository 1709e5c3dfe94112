//! `cargo run --release --bin package`: builds the binary for the Functions image, lays out the app folder
//! and packs it.
//!
//! - [`binary`]: a release binary that runs on the Functions image whatever machine built it.
//! - [`layout`]: the script root: `host.json`, one folder a function, the binary, `regrets.toml`.
//! - [`archive`]: the same as a zip that keeps Unix modes, byte for byte the same from the same files.
//! - [`start`]: how long the packaged binary takes to its first answer.

#![expect(clippy::print_stdout, reason = "this program exists to print")]

mod archive;
mod binary;
mod layout;
mod start;

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use std::path::{Path, PathBuf};

/// Builds the app folder and the zip that Azure Functions runs.
#[derive(Parser)]
#[command(name = "package")]
struct Args {
    /// The configuration to pack [default: regrets.toml beside host.json, where there is one]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// How the binary is built; `auto` takes the first that this machine can do
    #[arg(long, value_enum, default_value_t = binary::Way::Auto)]
    build: binary::Way,
    /// Pack this binary instead of building one
    #[arg(long, value_name = "FILE", conflicts_with = "build")]
    binary: Option<PathBuf>,
    /// The app folder, which is the script root for Core Tools; the zip goes beside it, as regrets.zip
    #[arg(long, value_name = "FOLDER", default_value = "target/package")]
    out: PathBuf,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let root = root()?;
    let app = root.join(&args.out);
    let binary = match args.binary {
        Some(path) => binary::look_at(path, "by somebody else".to_owned())?,
        None => binary::build(&root, args.build)?,
    };
    println!("built        {}", binary.how);
    println!("needs        {}", binary.needs);
    let config = match args.config {
        Some(config) => Some(config),
        None => Some(root.join("regrets.toml")).filter(|config| config.is_file()),
    };
    layout::stage(&root, &binary.path, config.as_deref(), &app)?;
    let zip = app.with_file_name("regrets.zip");
    archive::pack(&app, &zip)?;
    println!("app folder   {} (the script root: func start, func azure functionapp publish)", app.display());
    println!("binary       {}", mib(&app.join(layout::BINARY))?);
    println!("zip          {} {}", mib(&zip)?, zip.display());
    match start::measure(&app) {
        Ok(took) => {
            println!(
                "first answer {:.1} ms after the start (median of {})",
                took.as_secs_f64() * 1000.0,
                start::TIMES
            )
        }
        Err(error) => println!("first answer not measured: {error:#}"),
    }
    if config.is_none() {
        println!(
            "note         there is no regrets.toml: put one beside host.json or name one with --config, and \
             package again"
        );
    }
    Ok(())
}

/// The repository's root: where this command was built from, or the folder one stands in.
fn root() -> Result<PathBuf> {
    let here = std::env::current_dir()?;
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).map(Path::to_path_buf);
    for root in [Some(here), built].into_iter().flatten() {
        if root.join("host.json").is_file() && root.join("functions").is_dir() {
            return Ok(root);
        }
    }
    bail!("no host.json with functions/ beside it here: call this in the folder of the repository")
}

fn mib(file: &Path) -> Result<String> {
    let bytes = file.metadata().with_context(|| file.display().to_string())?.len();
    Ok(format!("{:.1} MiB", bytes as f64 / 1024.0 / 1024.0))
}
