//! `regrets alerts`: what a person must know, and that they have seen it.

use super::local_time::when;
use super::try_channels;
use crate::cli::manage::asks::{Asks, Attribution};
use crate::cli::management_client::{Management, Place, segment};
use crate::jobs::operate::management_json::{Alert, List, Status};
use crate::jobs::operate::operator::counted;
use crate::ledger::alerts::{AlertKind, Ends};
use chrono::{Local, TimeZone};
use clap::{Args, Subcommand};
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};

#[derive(Debug, Args)]
pub(in crate::cli) struct AlertsArgs {
    #[command(flatten)]
    place: Place,
    /// Which tenant's [default: of all; to acknowledge: the only one]
    #[arg(long, global = true)]
    tenant: Option<String>,
    #[command(subcommand)]
    command: Option<AlertsCommand>,
}

#[derive(Debug, Subcommand)]
enum AlertsCommand {
    /// Say that you have seen to it: it is said again only when it grows
    Acknowledge {
        /// The alert's kind, such as expired
        kind: String,
        #[command(flatten)]
        signed: Attribution,
    },
    /// Send a test through each channel of [alerts], and explain what comes back
    Test {
        /// Only this one
        #[arg(long, value_name = "NAME")]
        channel: Option<String>,
    },
}

impl Asks for AlertsArgs {
    fn place(&self) -> &Place {
        &self.place
    }

    async fn ask(&self, management: &Management) -> Result<String, String> {
        let (open, done) = match &self.command {
            Some(AlertsCommand::Test { channel }) => {
                return try_channels::ask(management, channel.as_deref(), self.place.json).await;
            }
            None => (self.open(management).await?, String::new()),
            Some(AlertsCommand::Acknowledge { kind, signed: Attribution { by, reason } }) => {
                let tenant = management.tenant(self.tenant.as_ref()).await?;
                let path = format!("tenants/{}/alerts/{}/acknowledge", segment(&tenant), segment(kind));
                let left: List<Alert> =
                    management.post(&path, &json!({ "by": by, "reason": reason })).await?;
                let done = format!("{}\n\n", acknowledged(kind, &tenant));
                (Open::from([(tenant, left.items)]), done)
            }
        };
        if self.place.json {
            return serde_json::to_string_pretty(&open)
                .map(|text| text + "\n")
                .map_err(|why| why.to_string());
        }
        Ok(format!("{done}{}", tell(&open, &Local)))
    }
}

/// The open alerts of each tenant.
type Open = BTreeMap<String, Vec<Alert>>;

impl AlertsArgs {
    async fn open(&self, management: &Management) -> Result<Open, String> {
        let status: Status = management.get("status", &[]).await?;
        let known: Vec<String> = status.tenants.keys().map(ToString::to_string).collect();
        if let Some(wanted) = self.tenant.as_ref().filter(|wanted| !known.contains(wanted)) {
            return Err(format!("tenant `{wanted}` is not configured; these are: {}", known.join(", ")));
        }
        let is_wanted = |name: &str| self.tenant.as_deref().is_none_or(|wanted| wanted == name);
        let all = status.tenants.into_iter().map(|(name, tenant)| (name.into_string(), tenant.alerts));
        Ok(all.filter(|(name, _)| is_wanted(name)).collect())
    }
}

fn tell<Z: TimeZone<Offset: Display>>(open: &Open, zone: &Z) -> String {
    let count = open.values().map(Vec::len).sum();
    if count == 0 {
        return "No open alerts.\n".to_owned();
    }
    let mut text = String::new();
    for (tenant, alert) in
        open.iter().flat_map(|(tenant, alerts)| alerts.iter().map(move |alert| (tenant, alert)))
    {
        let Alert { kind, count, since, step, acknowledged } = alert;
        // Writing to a String can't fail.
        let _ = write!(text, "{tenant}: {kind} ({count}) since {}", when(*since, zone));
        let _ = match acknowledged {
            Some(known) => writeln!(text, ", acknowledged by {}", known.by),
            None => writeln!(text),
        };
        let _ = writeln!(text, "  {step}");
        for line in next(kind, tenant) {
            let _ = writeln!(text, "    {line}");
        }
        text.push('\n');
    }
    format!("{text}{}.\n", counted(count, "open alert", "open alerts"))
}

/// What came of an acknowledgement.
fn acknowledged(kind: &str, tenant: &str) -> String {
    match AlertKind::of(kind).map(AlertKind::ends) {
        Some(Ends::Acknowledged) => {
            format!("{kind} of {tenant} has ended; it comes again with its next cause.")
        }
        Some(Ends::ByItself) | None => format!(
            "{kind} of {tenant} is acknowledged: it is not said again until it grows, and ends when nothing \
             of it is left."
        ),
    }
}

/// The commands that show what an alert is about, and that mend or end it.
fn next(kind: &str, tenant: &str) -> Vec<String> {
    // One that a newer build knows says what to do all the same.
    let Some(kind) = AlertKind::of(kind) else { return Vec::new() };
    let shows: &[&str] = match kind {
        AlertKind::Review => &["ledger list --state review"],
        AlertKind::Expired | AlertKind::DeclinedLate => &["ledger list --state expired"],
        AlertKind::TakeBack => &["ledger list --state taken-back"],
        AlertKind::Brake => &["ledger list --state waiting", "valve open --by <your name> --reason <why>"],
        AlertKind::LmsBreaker | AlertKind::LmsAnswer => &["lms ping"],
        AlertKind::LmsCredential | AlertKind::LmsGone => {
            &["lms ping", "valve open --by <your name> --reason <why>"]
        }
        AlertKind::MailboxesUnwatched | AlertKind::SubscriptionQuota | AlertKind::PartsUnknown => {
            &["mailboxes --standing failing", "mailboxes --standing refused"]
        }
        AlertKind::Configuration | AlertKind::SecretMissing => &["check"],
        AlertKind::ConsentMissing | AlertKind::ConsentWithdrawn | AlertKind::ConsentDrifted => &["consent"],
        AlertKind::Doctor | AlertKind::OnlineMeeting => &["doctor"],
        AlertKind::Canary => &["canary"],
        AlertKind::SourceVanished
        | AlertKind::SourceUnread
        | AlertKind::SourceEntry
        | AlertKind::SessionCrowded => &["publish status"],
        AlertKind::EventTakenAway | AlertKind::OrganizerCalendar => &["publish again"],
        AlertKind::PublishHeld => &["publish preview", "publish confirm --by <your name>"],
        AlertKind::NotificationUrl
        | AlertKind::GraphCredential
        | AlertKind::GraphUnauthorized
        | AlertKind::GraphInvalid
        | AlertKind::Directory
        | AlertKind::DirectoryShrunk
        | AlertKind::GraphSilent
        | AlertKind::GraphAway
        | AlertKind::OrganizerUnfollowed
        | AlertKind::EventEdited
        | AlertKind::InstructorDeclined
        | AlertKind::Room
        | AlertKind::ChunkedPosts
        | AlertKind::Blind
        | AlertKind::PoisonChanges
        | AlertKind::PoisonMailboxes
        | AlertKind::PoisonCancellations
        | AlertKind::PoisonSessions
        | AlertKind::PoisonUnreadable
        | AlertKind::Start
        | AlertKind::LearnerWithoutKey
        | AlertKind::OrganizerUnknown
        | AlertKind::AttendeeUnknown
        | AlertKind::UnreadableRow
        | AlertKind::NoAnswerWanted
        | AlertKind::SessionAmbiguous
        | AlertKind::RowRefused => &[],
    };
    let takes_tenant = |command: &str| command != "check";
    let mut lines: Vec<String> = shows
        .iter()
        .map(|command| match takes_tenant(command) {
            true => format!("regrets {command} --tenant {tenant}"),
            false => format!("regrets {command}"),
        })
        .collect();
    match kind.ends() {
        Ends::Acknowledged => lines.push(format!(
            "regrets alerts acknowledge {kind} --tenant {tenant} --by <your name> --reason <why>    ends it"
        )),
        Ends::ByItself => {}
    }
    lines
}

#[cfg(test)]
#[path = "alerts_tests.rs"]
mod tests;
