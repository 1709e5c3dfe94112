//! `regrets init`: a first `regrets.toml`, and its schema for editors beside it. It asks nothing and
//! overwrites nothing.

use crate::cli::streams::Streams;
use crate::config;
use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// Writes a first regrets.toml, with what is yours to fill in marked, and regrets.schema.json, by which
/// editors complete it.
///
/// A file that is there already stays as it is.
#[derive(Debug, clap::Args)]
pub(super) struct InitArgs {
    /// The folder of host.json
    #[arg(long, value_name = "DIR", default_value = ".")]
    root: PathBuf,
    /// Write every setting, with its default and what it is for
    #[arg(long)]
    full: bool,
}

const NEXT: &str = "\
Next:
  1. Fill in what is marked as yours.
  2. Set the app settings that it names: export CONTOSO_CLIENT_SECRET=… CONTOSO_LMS_SECRET=…
     (on Azure as app settings, best as Key Vault references).
  3. regrets check     says what is wrong or missing, and what the file means
  4. regrets lms ping  asks the LMS's receiver whether it takes what is signed
";

#[cfg(feature = "local")]
const SERVE: &str =
    "  5. regrets local     serves on this machine; nothing is cancelled until policy.mode is \"act\"\n";
#[cfg(not(feature = "local"))]
const SERVE: &str = "  5. Publish it beside host.json; nothing is cancelled until policy.mode is \"act\"\n";

pub(super) fn run(args: &InitArgs, streams: &mut Streams<'_>) -> io::Result<u8> {
    if !args.root.is_dir() {
        let root = args.root.display();
        writeln!(streams.err, "regrets init: {root} is not a folder: --root is the folder of host.json")?;
        return Ok(2);
    }
    let text = if args.full { config::EXAMPLE } else { config::FIRST };
    // The schema first: killed in between, the next call still writes the file that counts.
    let schema = format!("{:#}\n", config::schema());
    for (name, text, counts) in
        [("regrets.schema.json", schema.as_str(), false), ("regrets.toml", text, true)]
    {
        let path = args.root.join(name);
        match write_new(&path, text) {
            Ok(()) => writeln!(streams.out, "{} is written.", path.display())?,
            Err(error) if error.kind() == ErrorKind::AlreadyExists && counts => {
                let hint = "name another folder by --root, or move it away";
                writeln!(
                    streams.err,
                    "regrets init: {} is there already, and stays as it is: {hint}",
                    path.display()
                )?;
                return Ok(1);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                writeln!(streams.out, "{} is there already, and stays as it is.", path.display())?;
            }
            Err(error) => {
                writeln!(streams.err, "regrets init: {} can't be written: {error}", path.display())?;
                return Ok(1);
            }
        }
    }
    write!(streams.out, "\n{NEXT}{SERVE}")?;
    Ok(0)
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes()).inspect_err(|_| {
        // Half of it would stand in the way of the next call.
        let _ = std::fs::remove_file(path);
    })
}

#[cfg(test)]
#[path = "init_tests.rs"]
mod tests;
