//! `demo`: a small Microsoft 365 tenant, an LMS and Regrets on this machine; learners act, and one sees what
//! becomes of it.
//!
//! This one file is both the demo and, when called under the name `regrets`, the real binary: so the demo
//! needs nothing but itself, and what it shows is what is shipped.

mod acts;
mod cast;
mod chaos;
mod ending;
mod killer;
mod mails;
mod play;
mod publish;
mod shop;
mod vendor;

use clap::Parser;
use std::path::Path;
use std::process::ExitCode;

/// Shows on this machine how a decline in Outlook cancels a place in an LMS, with a simulated tenant and a
/// simulated LMS.
#[derive(Debug, Parser)]
#[command(name = "demo", max_term_width = 100)]
struct Args {
    /// How many learners take part.
    #[arg(long, value_name = "N", default_value_t = 24,
    value_parser = clap::value_parser!(u32).range(1..=5000))]
    learners: u32,
    /// Who does what when: the same seed, the same acts.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Lose, double, delay and reorder notifications, make Graph and the LMS fail and lie, and kill the
    /// processes.
    #[arg(long)]
    chaos: bool,
    /// How many kills the chaos has [default: one for four learners].
    #[arg(long, value_name = "N", requires = "chaos",
    value_parser = clap::value_parser!(u32).range(0..=1000))]
    kills: Option<u32>,
    /// Where queues and ledger are: in SQLite, or in real queues and tables of Azurite, which needs Node.js
    /// and npm.
    #[arg(long, value_enum, default_value_t)]
    storage: Where,
    /// Stay up afterwards, to play by hand.
    #[arg(long)]
    keep: bool,
    /// Show what Regrets wrote to its log, at the end.
    #[arg(long)]
    log: bool,
    /// Instead of the simulated LMS: a receiver of your own, such as http://localhost:8080/hooks/regrets: it
    /// is asked to cancel the cast's places, and what it answers is what counts. Or "pretix", a real one: it
    /// needs Python 3.11; with --chaos it fails of its own accord alone.
    #[arg(long, value_name = "URL|pretix")]
    lms: Option<Lms>,
}

/// Who stands in the simulated LMS's place.
#[derive(Debug, Clone)]
enum Lms {
    Receiver(url::Url),
    Pretix,
}

impl std::str::FromStr for Lms {
    type Err = url::ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "pretix" { Ok(Self::Pretix) } else { text.parse().map(Self::Receiver) }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Where {
    #[default]
    Sqlite,
    Azurite,
}

fn main() -> ExitCode {
    let called = std::env::args_os().next();
    if called.as_deref().map(Path::new).and_then(Path::file_stem).is_some_and(|name| name == "regrets") {
        return regrets::cli::main(std::env::args_os());
    }
    play::run(&Args::parse())
}
