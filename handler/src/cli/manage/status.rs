//! `regrets status`: each tenant at a glance.

use super::canary::at_a_glance;
use super::local_time::when;
use crate::cli::manage::asks::Asks;
use crate::cli::management_client::{Management, Place};
use crate::jobs::operate::management_json::{Connection, Health, Reason, Status, TenantStatus};
use crate::jobs::operate::operator::counted;
use chrono::{Local, TimeZone};
use clap::Args;
use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};

#[derive(Debug, Args)]
pub(in crate::cli) struct StatusArgs {
    #[command(flatten)]
    place: Place,
    /// Only this tenant
    #[arg(long)]
    tenant: Option<String>,
}

impl Asks for StatusArgs {
    fn place(&self) -> &Place {
        &self.place
    }

    async fn ask(&self, management: &Management) -> Result<String, String> {
        let mut status: Status = management.get("status", &[]).await?;
        if let Some(wanted) = &self.tenant {
            let known: Vec<String> = status.tenants.keys().map(ToString::to_string).collect();
            status.tenants.retain(|name, _| name.as_str() == wanted);
            if status.tenants.is_empty() {
                return Err(format!("tenant `{wanted}` is not configured; these are: {}", known.join(", ")));
            }
        }
        if self.place.json {
            return serde_json::to_string_pretty(&status)
                .map(|text| text + "\n")
                .map_err(|why| why.to_string());
        }
        Ok(tell(&status, management.base(), &Local))
    }
}

fn tell<Z: TimeZone<Offset: Display>>(status: &Status, base: &str, zone: &Z) -> String {
    let mut text = format!("Regrets {} at {base}\n", status.version);
    for (name, tenant) in &status.tenants {
        let _ = writeln!(text, "\n{name}");
        for (what, said) in facts(tenant, zone) {
            let _ = writeln!(text, "  {what:<12}{said}");
        }
    }
    text
}

fn facts<Z: TimeZone<Offset: Display>>(tenant: &TenantStatus, zone: &Z) -> Vec<(&'static str, String)> {
    let why = if tenant.valve.why.is_empty() { String::new() } else { format!(": {}", tenant.valve.why) };
    let mut facts = Vec::new();
    if !tenant.active {
        let so = "active = false: nothing is read, woken or sent; what is stored is kept for its time";
        facts.push(("off", so.to_owned()));
    }
    facts.push(("mode", tenant.mode.clone()));
    facts.extend(tenant.health.iter().flat_map(|health| shown(health, zone)));
    facts.extend(tenant.secrets.clone().map(|why| ("secrets", why)));
    facts.extend([
        ("valve", format!("{} since {}{why}", tenant.valve.state, when(tenant.valve.since, zone))),
        ("enrolments", tally(tenant.counts.iter().map(|(word, count)| (word, *count as u64)))),
    ]);
    let would_have: BTreeMap<_, _> =
        tenant.would_have_cancelled.iter().filter(|(_, count)| **count > 0).collect();
    if !would_have.is_empty() {
        facts.push((
            "observed",
            format!(
                "{} would have been cancelled",
                tally(would_have.into_iter().map(|(word, count)| (word, *count as u64)))
            ),
        ));
    }
    facts.push(("mailboxes", tally(tenant.mailboxes.iter().map(|(word, count)| (word, *count as u64)))));
    if let Some(consent) = &tenant.consent {
        let missing = &consent.missing;
        let missing =
            if missing.is_empty() { String::new() } else { format!("; missing: {}", missing.join(", ")) };
        facts.push(("consent", format!("{} since {}{missing}", consent.state, when(consent.since, zone))));
    }
    facts.extend(tenant.canary.as_ref().map(|canary| ("canary", at_a_glance(canary, zone))));
    if tenant.blind > 0 {
        facts.push(("blind", counted(usize::try_from(tenant.blind).unwrap_or(usize::MAX), "gap", "gaps")));
    }
    if tenant.dropped.values().any(|count| *count > 0) {
        facts.push(("dropped", tally(tenant.dropped.iter().map(|(word, count)| (word, *count)))));
    }
    if tenant.alerts.is_empty() {
        facts.push(("alerts", "none".to_owned()));
    }
    for alert in &tenant.alerts {
        let seen = alert
            .acknowledged
            .as_ref()
            .map(|known| format!(", acknowledged by {}", known.by))
            .unwrap_or_default();
        let said = format!(
            "{} ({} since {}{seen}): {}",
            alert.kind,
            alert.count,
            when(alert.since, zone),
            alert.step
        );
        facts.push(("alert", said));
    }
    facts
}

/// The score with its reasons, and each connection that is not well.
fn shown<Z: TimeZone<Offset: Display>>(health: &Health, zone: &Z) -> Vec<(&'static str, String)> {
    let reasons: Vec<String> =
        health.reasons.iter().map(|Reason { points, why }| format!("{points} for {why}")).collect();
    let lacks = if reasons.is_empty() { String::new() } else { format!(", less {}", reasons.join(", ")) };
    let mut lines = vec![("health", format!("{} of 100{lacks}", health.score))];
    let is_told =
        |one: &&Connection| !matches!((one.name.as_str(), one.state.as_str()), (_, "ok") | ("source", "off"));
    lines.extend(health.connections.iter().filter(is_told).map(|Connection { name, state, since, step }| {
        let since = since.map(|since| format!(" since {}", when(since, zone))).unwrap_or_default();
        let step = step.as_ref().map(|step| format!(": {step}")).unwrap_or_default();
        ("connection", format!("{name} is {state}{since}{step}"))
    }));
    lines
}

/// `3 watched, 1 review`; what counts nothing is left out.
fn tally<'a>(counts: impl Iterator<Item = (&'a String, u64)>) -> String {
    let said: Vec<String> =
        counts.filter(|(_, count)| *count > 0).map(|(word, count)| format!("{count} {word}")).collect();
    if said.is_empty() { "none".to_owned() } else { said.join(", ") }
}

#[cfg(test)]
#[path = "status_tests.rs"]
mod tests;
