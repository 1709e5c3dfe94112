//! Stands in for the embedded host until it is here.

use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct LocalArgs {}

pub fn run(_: LocalArgs) -> ExitCode {
    ExitCode::FAILURE
}
