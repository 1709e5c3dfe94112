//! Shows what would be mended, asks, and has it done.

use super::args::DoctorArgs;
use super::place::Place;
use crate::cli::streams::Streams;
use crate::jobs::operate::doctor::report::Diagnosis;
use std::io::{self, BufRead as _, IsTerminal as _};

pub(super) async fn offer(
    args: &DoctorArgs,
    found: &Diagnosis,
    place: &Place,
    streams: &mut Streams<'_>,
) -> io::Result<()> {
    let fixes = found.fixes();
    if fixes.is_empty() {
        return writeln!(streams.err, "Nothing of this is ours to mend.");
    }
    writeln!(streams.err, "Ours to mend:")?;
    for (tenant, fix) in &fixes {
        let whose = tenant.as_ref().map(|tenant| format!("{tenant}: ")).unwrap_or_default();
        writeln!(streams.err, "  {whose}{}", fix.plan())?;
    }
    if !args.yes && !agreed(streams)? {
        return writeln!(streams.err, "Nothing was mended.");
    }
    for (tenant, fix) in &fixes {
        match place.mend(tenant.as_ref().map(|tenant| tenant.as_str()), *fix, &args.by).await {
            Ok(done) => writeln!(streams.err, "Done: {done}.")?,
            Err(why) => writeln!(streams.err, "Not done: {why}.")?,
        }
    }
    Ok(())
}

/// Whoever can't answer has not agreed.
fn agreed(streams: &mut Streams<'_>) -> io::Result<bool> {
    if !io::stdin().is_terminal() {
        writeln!(streams.err, "There is nobody to ask: --yes mends without asking.")?;
        return Ok(false);
    }
    write!(streams.err, "Do it? [y/N] ")?;
    streams.err.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
