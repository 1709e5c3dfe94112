//! `regrets publish again`: what people took away in organizers' calendars, and a person's word about it.

use super::local_time::when;
use crate::cli::management_client::{Management, Place};
use crate::jobs::operate::publish_json::Again;
use chrono::{Local, TimeZone};
use clap::Args;
use serde_json::json;
use std::fmt::{Display, Write as _};

#[derive(Debug, Args)]
pub(super) struct AgainArgs {
    /// Of this session, by the LMS's id
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    /// Of this learner, by what the LMS knows them by
    #[arg(long, value_name = "KEY", requires = "session")]
    learner: Option<String>,
    /// Of this calendar, in which nothing is written because too much has vanished
    #[arg(long, value_name = "ADDRESS")]
    organizer: Option<String>,
    /// Make nothing again, and write in the calendar again
    #[arg(long, requires = "organizer", conflicts_with_all = ["session", "mails"])]
    leave: bool,
    /// So many people may be mailed, as was shown [default: only shows it]
    #[arg(long, value_name = "NUMBER", requires = "by", requires = "reason")]
    mails: Option<u64>,
    /// Who you are; for the audit
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Why; for the audit
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

impl AgainArgs {
    pub(super) async fn ask(
        &self,
        management: &Management,
        (place, path): (&Place, &str),
    ) -> Result<String, String> {
        let said = self.leave || self.mails.is_some();
        let found: Again = if said {
            let body = json!({
                "session": self.session, "learner": self.learner, "organizer": self.organizer,
                "leave": self.leave, "mails": self.mails.unwrap_or_default(),
                "by": self.by.clone().unwrap_or_default(), "reason": self.reason.clone().unwrap_or_default(),
            });
            management.post(path, &body).await?
        } else {
            let query = [
                ("session", self.session.as_deref()),
                ("learner", self.learner.as_deref()),
                ("organizer", self.organizer.as_deref()),
            ];
            let query = query.into_iter().filter_map(|(name, value)| Some((name, value?.to_owned())));
            management.get(path, &query.collect::<Vec<_>>()).await?
        };
        if place.json {
            let text = serde_json::to_string_pretty(&found);
            return text.map(|text| text + "\n").map_err(|why| why.to_string());
        }
        Ok(match said {
            true => done(&found, self.leave, self.mails),
            false => shown(&found, self.named().as_deref(), &Local),
        })
    }

    /// As it is said again, to have it done.
    fn named(&self) -> Option<String> {
        let learner = self.learner.as_ref().map(|learner| format!(" --learner {learner}"));
        match (&self.session, &self.organizer) {
            (Some(session), _) => Some(format!("--session {session}{}", learner.unwrap_or_default())),
            (None, Some(organizer)) => Some(format!("--organizer {organizer}")),
            (None, None) => None,
        }
    }
}

fn shown<Z: TimeZone<Offset: Display>>(found: &Again, named: Option<&str>, zone: &Z) -> String {
    let Again { tenant, sessions, events, mails, unwanted, stopped, of } = found;
    let mut text = String::new();
    // Writing to a String can't fail.
    for one in stopped {
        let _ = writeln!(
            text,
            "Nothing is written into the calendar of {} since {}: {} of {} events were gone, and not by \
             Regrets. The cause: {}.",
            one.organizer,
            when(one.since, zone),
            one.events,
            one.of,
            one.cause
        );
        let _ = writeln!(
            text,
            "  Next: regrets publish again --organizer {} shows how many would be mailed; with --leave \
             --by <your name> --reason <why> nothing is made again, and it goes on.",
            one.organizer
        );
    }
    if *unwanted > 0 {
        let _ = writeln!(text, "{unwanted} events are gone that would not be made again: nobody wants them.");
    }
    if *events == 0 {
        let _ = writeln!(text, "No event of {tenant} is missed that would be made again.");
        return text;
    }
    let _ = writeln!(
        text,
        "{events} events of {sessions} sessions were taken away in calendars; {mails} people would be mailed \
         if they were made again."
    );
    for one in of {
        let start = one.start.map_or_else(|| "without a date".to_owned(), |start| when(start, zone));
        let _ = writeln!(
            text,
            "  {start}  {}  {} ({} events, {} mails)",
            one.session, one.title, one.events, one.mails
        );
    }
    if let Some(more) = sessions.checked_sub(of.len()).filter(|more| *more > 0) {
        let _ = writeln!(text, "  and {more} more sessions");
    }
    let named = named.unwrap_or("--session <id>");
    let _ = writeln!(
        text,
        "Next: regrets publish again {named} --mails <number> --by <your name> --reason <why>; or leave it \
         at that, and acknowledge the alert."
    );
    text
}

fn done(found: &Again, leaves: bool, mails: Option<u64>) -> String {
    let next = match found.events {
        0 => String::new(),
        events => format!(" {events} events are left; say it once more."),
    };
    match leaves {
        true => {
            format!("Nothing is made again for {}, and its calendar is written in again.\n", found.tenant)
        }
        false => format!(
            "They are made again within minutes, as fast as the mailbox may send; at most {} people are \
             mailed, and beyond publish.confirm_above `regrets publish confirm` is asked for.{next}\n",
            mails.unwrap_or_default()
        ),
    }
}

#[cfg(test)]
#[path = "publish_again_tests.rs"]
mod tests;
