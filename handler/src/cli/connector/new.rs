//! The beginnings of a connector file.

use crate::cli::streams::Streams;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::PathBuf;

const FIRST: &str = include_str!("first.toml");

#[derive(Debug, clap::Args)]
pub(super) struct NewArgs {
    /// The LMS's name: small letters, digits and hyphens
    name: String,
    /// Where to write it [default: NAME.toml]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &NewArgs, streams: &mut Streams<'_>) -> io::Result<u8> {
    let is_name = args.name.len() <= 41
        && args.name.starts_with(|c: char| c.is_ascii_lowercase())
        && args.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !is_name {
        writeln!(
            streams.err,
            "regrets connector new: `{}` is no name: at most 41 small letters, digits and hyphens, a letter \
             first",
            args.name
        )?;
        return Ok(2);
    }
    let path = args.out.clone().unwrap_or_else(|| PathBuf::from(format!("{}.toml", args.name)));
    let text = FIRST.replace("larkspur", &args.name);
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    match written {
        Ok(()) => {
            let shown = path.display();
            writeln!(streams.out, "{shown} is written. What to do next:")?;
            writeln!(streams.out, "  fill in what your LMS's API description says")?;
            writeln!(streams.out, "  regrets connector check {shown}")?;
            writeln!(
                streams.out,
                "  regrets connector try {shown} --set base_url=https://… --secret token=NAME --session S \
                 --learner L"
            )?;
            Ok(0)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            writeln!(
                streams.err,
                "regrets connector new: {} is there already, and is left as it is",
                path.display()
            )?;
            Ok(1)
        }
        Err(error) => {
            writeln!(streams.err, "regrets connector new: {} can't be written: {error}", path.display())?;
            Ok(1)
        }
    }
}
