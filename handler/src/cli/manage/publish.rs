//! `regrets publish`: how sessions come from the LMS into calendars, what would be mailed, and a person's
//! word.

use super::local_time::when;
use super::publish_again::AgainArgs;
use crate::cli::manage::asks::Asks;
use crate::cli::management_client::{Management, Place, segment};
use crate::jobs::operate::publish_json::{Counts, Publishing, Source, Withdrawing};
use chrono::{Local, TimeZone};
use clap::{Args, Subcommand};
use serde_json::json;
use std::fmt::{Display, Write as _};

#[derive(Debug, Args)]
pub(in crate::cli) struct PublishArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// How reading the LMS goes, and what waits for a person
    Status(Shown),
    /// What would be mailed, session by session
    Preview(Shown),
    /// Let mails go out that wait for a person, or say that what is missing is gone
    Confirm(Confirmed),
    /// Call off all that stands in calendars, once publishing is off
    Withdraw(Withdrawn),
    /// Make again what people took away in calendars
    Again {
        #[command(flatten)]
        shown: Shown,
        #[command(flatten)]
        said: AgainArgs,
    },
}

#[derive(Debug, Args)]
struct Shown {
    #[command(flatten)]
    place: Place,
    /// Which tenant's [default: the only one]
    #[arg(long)]
    tenant: Option<String>,
}

#[derive(Debug, Args)]
struct Confirmed {
    #[command(flatten)]
    shown: Shown,
    /// So many mails may go out [default: as many as wait]
    #[arg(long, value_name = "NUMBER", conflicts_with = "vanished")]
    mails: Option<u32>,
    /// What the LMS does not show any more is gone
    #[arg(long, value_name = "WHAT", value_parser = ["sessions", "places"])]
    vanished: Option<String>,
    /// Who you are; for the audit
    #[arg(long, value_name = "NAME")]
    by: String,
    /// Why; for the audit
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

#[derive(Debug, Args)]
struct Withdrawn {
    #[command(flatten)]
    shown: Shown,
    /// So many people may be mailed, as was shown [default: only shows it]
    #[arg(long, value_name = "NUMBER", requires = "by", requires = "reason")]
    mails: Option<u64>,
    /// Who you are; for the audit
    #[arg(long, value_name = "NAME", requires = "mails")]
    by: Option<String>,
    /// Why; for the audit
    #[arg(long, value_name = "TEXT", requires = "mails")]
    reason: Option<String>,
}

impl PublishArgs {
    fn shown(&self) -> &Shown {
        match &self.what {
            What::Status(shown) | What::Preview(shown) => shown,
            What::Confirm(confirmed) => &confirmed.shown,
            What::Withdraw(withdrawn) => &withdrawn.shown,
            What::Again { shown, said: _ } => shown,
        }
    }
}

impl Asks for PublishArgs {
    fn place(&self) -> &Place {
        &self.shown().place
    }

    async fn ask(&self, management: &Management) -> Result<String, String> {
        let tenant = management.tenant(self.shown().tenant.as_ref()).await?;
        let path = format!("tenants/{}/publish", segment(&tenant));
        let found: Publishing = match &self.what {
            What::Withdraw(said) => {
                return self.withdraw(management, &format!("{path}/withdraw"), said).await;
            }
            What::Again { shown, said } => {
                return said.ask(management, (&shown.place, &format!("{path}/again"))).await;
            }
            What::Status(_) | What::Preview(_) => management.get(&path, &[]).await?,
            What::Confirm(said) => {
                let body = json!({
                    "by": said.by, "reason": said.reason, "mails": said.mails, "vanished": said.vanished,
                });
                management.post(&format!("{path}/confirm"), &body).await?
            }
        };
        if self.place().json {
            return serde_json::to_string_pretty(&found)
                .map(|text| text + "\n")
                .map_err(|why| why.to_string());
        }
        Ok(match &self.what {
            What::Status(_) | What::Withdraw(_) | What::Again { .. } => status(&found, &Local),
            What::Preview(_) => preview(&found, &Local),
            What::Confirm(said) => confirmed(&found, said.vanished.as_deref()),
        })
    }
}

impl PublishArgs {
    async fn withdraw(
        &self,
        management: &Management,
        path: &str,
        said: &Withdrawn,
    ) -> Result<String, String> {
        let found: Withdrawing = match said.mails {
            None => management.get(path, &[]).await?,
            Some(mails) => {
                let body = json!({ "mails": mails, "by": said.by, "reason": said.reason });
                management.post(path, &body).await?
            }
        };
        if self.place().json {
            let text = serde_json::to_string_pretty(&found);
            return text.map(|text| text + "\n").map_err(|why| why.to_string());
        }
        Ok(withdrawing(&found, &Local))
    }
}

fn withdrawing<Z: TimeZone<Offset: Display>>(found: &Withdrawing, zone: &Z) -> String {
    let Withdrawing { tenant, sessions, events, mails, asked_by, asked_at } = found;
    let next = match (events, asked_by, asked_at) {
        (0, ..) => return format!("Nothing that {tenant} published stands in calendars any more.\n"),
        (_, Some(by), Some(at)) => format!(
            "{by} has had it called off since {}; it goes on as fast as the mailbox may send.",
            when(*at, zone)
        ),
        (..) => format!(
            "Next: say publish.state = \"off\", then regrets publish withdraw --mails {mails} --by <your \
             name> --reason <why>"
        ),
    };
    format!(
        "{events} events of {sessions} sessions to come stand in calendars; {mails} people would be mailed \
         that they are called off.\n{next}\n"
    )
}

fn status<Z: TimeZone<Offset: Display>>(found: &Publishing, zone: &Z) -> String {
    let mut text = format!("Publishing of {} is {}.\n", found.tenant, found.state);
    let Source { sessions, places_unread, read, doubtful_since, doubts, not_understood } = &found.source;
    // Writing to a String can't fail.
    let _ = match read {
        Some(at) => writeln!(text, "The LMS was last read to its end at {}.", when(*at, zone)),
        None => writeln!(text, "The LMS was never read to its end."),
    };
    let _ =
        writeln!(text, "{sessions} sessions are to come; the places of {places_unread} are not known yet.");
    if let Some(since) = doubtful_since {
        let _ = writeln!(text, "Doubtful since {}, so nothing is removed:", when(*since, zone));
        for doubt in doubts {
            let _ = writeln!(text, "  {doubt}");
        }
    }
    if !not_understood.is_empty() {
        let _ = writeln!(text, "Kept out, because it is not understood:");
        for entry in not_understood {
            let _ = writeln!(text, "  {entry}");
        }
    }
    for gone in &found.vanished {
        let anew = if gone.is_named_anew { ", and as many are there under other ids" } else { "" };
        let next = match &gone.confirmed_by {
            Some(by) => format!("{by} has said that they are gone; the next reading takes them for that."),
            None => format!(
                "Nothing of it is taken for gone. Next: regrets publish confirm --vanished {} --by <your \
                 name> --reason <why>",
                gone.what
            ),
        };
        let _ = writeln!(
            text,
            "Since {} {} of {} {} are missing{anew}. {next}",
            when(gone.since, zone),
            gone.missing,
            gone.known,
            gone.what
        );
    }
    text + &waiting(found, zone)
}

/// What waits to be mailed, and for whom it waits.
fn waiting<Z: TimeZone<Offset: Display>>(found: &Publishing, zone: &Z) -> String {
    let Counts { sessions, invitations, changes, cancellations, mails } = found.waiting;
    let mut text = match (mails, found.state.as_str()) {
        (0, _) => "No mail waits.\n".to_owned(),
        (_, "on") => format!("{mails} mails wait"),
        (..) => format!("{mails} mails would go out"),
    };
    if mails > 0 {
        let _ = writeln!(
            text,
            " for {sessions} sessions: {invitations} invitations, {changes} changes, {cancellations} \
             cancellations."
        );
    }
    if found.not_counted > 0 {
        let _ = writeln!(text, "{} more sessions are being looked at.", found.not_counted);
    }
    if let Some(held) = &found.held {
        let why = match held.is_first {
            true => "because they are the first ones",
            false => "because they are more than publish.confirm_above in an hour",
        };
        let _ = writeln!(
            text,
            "{} of them wait for a person since {}, {why}. Next: regrets publish confirm --by <your name> \
             --reason <why>",
            held.mails,
            when(held.since, zone)
        );
    }
    text
}

fn preview<Z: TimeZone<Offset: Display>>(found: &Publishing, zone: &Z) -> String {
    let mut text = waiting(found, zone);
    for one in &found.sessions {
        let start = one.start.map_or_else(|| "without a date".to_owned(), |start| when(start, zone));
        let kinds =
            [("invited", one.invitations), ("changed", one.changes), ("cancelled", one.cancellations)];
        let kinds = kinds.into_iter().filter(|(_, count)| *count > 0);
        let kinds: Vec<String> = kinds.map(|(word, count)| format!("{count} {word}")).collect();
        // Writing to a String can't fail.
        let _ = writeln!(text, "  {start}  {}  {} ({})", one.session, one.title, kinds.join(", "));
    }
    let more = found.waiting.sessions.saturating_sub(found.sessions.len());
    if more > 0 {
        let _ = writeln!(text, "  and {more} more sessions");
    }
    text
}

fn confirmed(found: &Publishing, vanished: Option<&str>) -> String {
    match vanished {
        Some(what) => format!(
            "The {what} of {} that are missing are taken for gone by the next complete reading, within a \
             day; whoever loses a place by it is told.\n",
            found.tenant
        ),
        None => {
            format!("The mails of {} go out within minutes, as fast as its mailbox may send.\n", found.tenant)
        }
    }
}

#[cfg(test)]
#[path = "publish_tests.rs"]
mod tests;
