//! What watching costs at 1,000, 10,000 and 100,000 mailboxes: planning rounds, creating and renewing all
//! subscriptions, and changes that concern no training; against a Graph on loopback that answers each request
//! after 50 ms and does next to nothing else. The ledger is SQLite.
//!
//! Each size runs in a process of its own, so that its peak of memory is its own; the simulated Graph runs in
//! this one. The planning and the tending are the handler's own code, called as the functions call it, with
//! as many messages at once as `host.json` lets the host hand over. Time is simulated: a real second is
//! [`SPEED`] seconds, for the clock, for the pace at which subscriptions are written and for the window in
//! which the simulated Graph counts those writes. What is waited for on the wire and on the disk is real.
//!
//! `ideal` is N/20 requests, and for the time those requests × latency ÷ the four that may be under way.
//!
//! `cargo bench -p suites --bench mailboxes` takes some ten minutes; `MAILBOXES=1000,10000` names other
//! sizes. The last line is JSON and speaks of the full renewal at the largest size.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod support {
    pub(crate) mod counting;
    pub(crate) mod deployment;
    pub(crate) mod watching;
}

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use simulator::cheap::{Cheap, CheapOptions};
use std::process::{Command, Stdio};
use support::watching::{self, LATENCY, SPEED};

/// Tells the process that it is to measure this many mailboxes.
const MEASURE: &str = "MAILBOXES_MEASURE";

fn main() -> Result<()> {
    if let Ok(mailboxes) = std::env::var(MEASURE) {
        println!("{}", watching::measure(mailboxes.parse()?)?);
        return Ok(());
    }
    let sizes = std::env::var("MAILBOXES").unwrap_or_else(|_| "1000,10000,100000".to_owned());
    let sizes: Vec<usize> = sizes.split(',').map(str::parse).collect::<Result<_, _>>()?;
    let mut last = Value::Null;
    for mailboxes in sizes {
        let figures = run(mailboxes)?;
        show(&figures);
        last = figures;
    }
    let summary = [
        "mailboxes",
        "graph_requests",
        "ideal_requests",
        "peak_mib",
        "seconds",
        "ideal_seconds",
        "limit_breaches",
    ];
    let summary = summary.map(|name| (name.to_owned(), last.get(name).cloned().unwrap_or_default()));
    println!("{}", Value::Object(summary.into_iter().collect()));
    Ok(())
}

fn run(mailboxes: usize) -> Result<Value> {
    let graph = Cheap::start(CheapOptions { mailboxes, latency: LATENCY, speed: SPEED.into() })?;
    let folder = tempfile::tempdir()?;
    let anchor = folder.path().join("ca.pem");
    std::fs::write(&anchor, graph.ca_pem())?;
    let output = Command::new(std::env::current_exe()?)
        .env(MEASURE, mailboxes.to_string())
        .env("GRAPH_ENDPOINT", graph.url())
        .env("GRAPH_ANCHOR", &anchor)
        .env("LEDGER", folder.path().join("regrets.db"))
        .stderr(Stdio::inherit())
        .output()?;
    anyhow::ensure!(output.status.success(), "the measuring process ended with {}", output.status);
    let text = String::from_utf8(output.stdout)?;
    Ok(serde_json::from_str(text.lines().last().context("no figures")?)?)
}

fn show(figures: &Value) {
    println!();
    for (name, figure) in figures.as_object().into_iter().flatten() {
        println!("  {name:<28} {}", shown(figure));
    }
}

fn shown(figure: &Value) -> String {
    match figure.as_object() {
        Some(parts) => {
            parts.iter().map(|(name, part)| format!("{name} {part}")).collect::<Vec<_>>().join(", ")
        }
        None => json!(figure).to_string(),
    }
}
