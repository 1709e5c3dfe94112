//! The binary `regrets`: all of it is in [`regrets::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    regrets::cli::main(std::env::args_os())
}
