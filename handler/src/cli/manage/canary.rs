//! `regrets canary`: the test declines of a tenant, and one more of them.

use super::local_time::{maybe, when};
use crate::cli::manage::asks::Asks;
use crate::cli::management_client::{Management, Place, segment};
use crate::jobs::operate::canary_json::{Canary, CanaryRun};
use crate::jobs::operate::management_json::{CanaryFailure, CanaryStatus};
use chrono::{Local, TimeZone};
use clap::Args;
use serde_json::json;
use std::fmt::{Display, Write as _};

#[derive(Debug, Args)]
pub(in crate::cli) struct CanaryArgs {
    #[command(flatten)]
    place: Place,
    /// Which tenant's [default: the only one]
    #[arg(long)]
    tenant: Option<String>,
    /// Begin one now; the next planning round, within five minutes, carries it on
    #[arg(long, requires_all = ["by", "reason"])]
    run: bool,
    /// Who you are; for the audit
    #[arg(long, value_name = "NAME", requires = "run")]
    by: Option<String>,
    /// Why; for the audit
    #[arg(long, value_name = "TEXT", requires = "run")]
    reason: Option<String>,
}

impl Asks for CanaryArgs {
    fn place(&self) -> &Place {
        &self.place
    }

    async fn ask(&self, management: &Management) -> Result<String, String> {
        let tenant = management.tenant(self.tenant.as_ref()).await?;
        let path = format!("tenants/{}/canary", segment(&tenant));
        let found: Canary = match (&self.by, &self.reason, self.run) {
            (Some(by), Some(reason), true) => {
                management.post(&path, &json!({ "by": by, "reason": reason })).await?
            }
            _ => management.get(&path, &[]).await?,
        };
        if self.place.json {
            return serde_json::to_string_pretty(&found)
                .map(|text| text + "\n")
                .map_err(|why| why.to_string());
        }
        Ok(tell(&found, &Local))
    }
}

fn tell<Z: TimeZone<Offset: Display>>(canary: &Canary, zone: &Z) -> String {
    let mut text = format!("Test declines of {} in session {}.\n", canary.tenant, canary.session);
    // Writing to a String can't fail.
    let _ = match &canary.current {
        Some(run) => {
            let hindered = run.trouble.as_ref().map(|why| format!(", hindered: {why}")).unwrap_or_default();
            writeln!(text, "Under way since {}: {}{hindered}.", when(run.began, zone), run.state)
        }
        None => writeln!(text, "The next one begins at {}.", when(canary.next, zone)),
    };
    if let Some(enrolment) = canary.current.iter().chain(&canary.past).find_map(|run| run.enrolment.as_ref())
    {
        let _ = writeln!(text, "Its place: regrets ledger explain {enrolment}");
    }
    for run in &canary.past {
        let by = run.by.as_ref().map(|by| format!(", asked for by {by}")).unwrap_or_default();
        let _ = writeln!(text, "\n{}{by}: {}", when(run.began, zone), ended(run));
        let times = [("declined", run.declined), ("answered", run.answered)];
        let told = times.into_iter().filter(|(_, at)| at.is_some());
        let told: Vec<String> = told.map(|(word, at)| format!("{word} {}", maybe(at, zone))).collect();
        if !told.is_empty() {
            let _ = writeln!(text, "  {}", told.join(", "));
        }
        if let Some(CanaryFailure { step, .. }) = &run.failed {
            let _ = writeln!(text, "  Next: {step}.");
        }
        if let Some(left) = &run.left_behind {
            let _ = writeln!(text, "  Left behind in the calendars, delete it by hand: {left}");
        }
    }
    text
}

fn ended(run: &CanaryRun) -> String {
    if let Some(CanaryFailure { stage, why, .. }) = &run.failed {
        return format!("failed at {stage}: {why}");
    }
    let took = run.seconds.map(span).unwrap_or_default();
    let back = match &run.given_back {
        Some(word) => format!("; giving back: {}", word.replace('_', " ")),
        None => String::new(),
    };
    match run.proved {
        true => format!("passed, {took} from the decline to the LMS{back}"),
        false => format!(
            "passed, {took} from the decline to the LMS, which said {}: that it takes a place away is not \
             proved by that{back}",
            run.outcome.as_deref().unwrap_or("so").replace('_', " ")
        ),
    }
}

/// `12 min 5 s`
fn span(seconds: i64) -> String {
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

/// As the status tells it, in one line.
pub(super) fn at_a_glance<Z: TimeZone<Offset: Display>>(canary: &CanaryStatus, zone: &Z) -> String {
    let passed = match (canary.passed, canary.seconds) {
        (Some(at), Some(seconds)) => {
            let proved = if canary.proved == Some(false) { ", the LMS's write not proved" } else { "" };
            Some(format!("passed at {} after {}{proved}", when(at, zone), span(seconds)))
        }
        _ => None,
    };
    let under_way = canary.under_way.as_ref().map(|state| format!("; under way: {state}"));
    let told = match (&canary.failed, passed) {
        (Some(CanaryFailure { stage, why, .. }), Some(passed)) => {
            format!("failed at {stage}: {why}; before that {passed}")
        }
        (Some(CanaryFailure { stage, why, .. }), None) => format!("failed at {stage}: {why}"),
        (None, Some(passed)) => passed,
        (None, None) => "none has come to its end yet".to_owned(),
    };
    format!("{told}{}", under_way.unwrap_or_default())
}

#[cfg(test)]
#[path = "canary_tests.rs"]
mod tests;
