//! What this build holds.

use crate::cli::streams::Streams;
use crate::config::connector_file;
use crate::lms::presets;
use crate::lms::recipe::connector::{Cancels, ConnectorFile, Status};
use std::io;

#[derive(Debug, clap::Args)]
pub(super) struct ShowArgs {
    /// Its name, as `list` has it
    name: String,
}

pub(super) fn run(streams: &mut Streams<'_>) -> io::Result<u8> {
    let row = |name: &str, cancels: &str, status: &str, title: &str| {
        format!("{name:<20}{cancels:<8}{status:<8}{title}")
    };
    writeln!(streams.out, "{}", row("webhook", "place", "full", "an LMS whose vendor adds one endpoint"))?;
    for name in presets::names() {
        let Some(text) = presets::text(name) else { continue };
        match connector_file::read(name, text) {
            Ok(file) => {
                writeln!(streams.out, "{}", row(name, cancels(&file), status(&file), &file.title))?;
            }
            Err(_) => writeln!(streams.out, "{name:<20}can't be read: a defect of this build")?,
        }
    }
    Ok(0)
}

pub(super) fn cancels(file: &ConnectorFile) -> &'static str {
    match file.about.cancels {
        Cancels::Place => "place",
        Cancels::Course => "course",
    }
}

pub(super) fn status(file: &ConnectorFile) -> &'static str {
    match file.about.status {
        Status::Full => "full",
        Status::Draft => "draft",
    }
}

pub(super) fn show(args: &ShowArgs, streams: &mut Streams<'_>) -> io::Result<u8> {
    match presets::text(&args.name) {
        Some(text) => {
            write!(streams.out, "{text}")?;
            Ok(0)
        }
        None => {
            let known = presets::names().collect::<Vec<_>>().join(", ");
            writeln!(streams.err, "regrets connector show: no connector `{}`; there are {known}", args.name)?;
            Ok(2)
        }
    }
}
