//! Switches of calendars and invitations that make declines invisible: no answer is asked for; the
//! organizer is a room that answers and tidies by itself; invitations come from outside; nobody processes
//! the answers.
//!
//! Whether a mailbox processes responses by itself can't be read through Graph: it is concluded from
//! answers that stand in a learner's copy and in no organizer's. Whoever answers without sending leaves
//! the same trace, so that is a warning and no fault, and only where several answers are missing and none
//! is there.

use super::check::{Check, CheckId, Look, Outcome};
use super::subject::{ReadMailbox, Visit};
use crate::calendar::event::{Answer, Event};
use crate::calendar::matching::may_be_session;
use crate::graph::GraphError;
use chrono::{DateTime, TimeDelta, Utc};

pub(super) const CHECK: Check = Check {
    id: CheckId::Calendar,
    title: "calendar switches",
    needs: &[CheckId::Mailboxes],
    look: Look::Tenant(|visit| Box::pin(look(visit))),
};

const PROCESSING: &str =
    "https://learn.microsoft.com/powershell/module/exchangepowershell/set-calendarprocessing";
/// A response is on its way for minutes at most.
const ARRIVED: TimeDelta = TimeDelta::hours(1);
/// One may have been given without being sent; so many hardly all.
const SEVERAL: usize = 3;

async fn look(visit: &Visit<'_>) -> Outcome {
    let Ok(read) = visit.mailboxes().await else { return Outcome::skipped("no calendar was read") };
    for one in read.iter().filter(|one| one.is_organizer) {
        match visit.context.graph.purpose(&one.mailbox).await {
            Ok(Some(purpose)) if is_resource(&purpose) => {
                return Outcome::failed(
                    format!("the organizer {} is a mailbox for a {purpose}", one.shown),
                    "Send invitations from a mailbox of a person or a shared one: a room or a piece of \
                     equipment answers by itself and takes subject and text off what it holds.",
                )
                .link(PROCESSING);
            }
            // Not for us to know, without MailboxSettings.Read.
            Ok(_) | Err(_) => {}
        }
    }
    let rules = &visit.context.tenant.recognise;
    let sessions: Vec<(&ReadMailbox, &Event)> = read
        .iter()
        .flat_map(|one| one.events.iter().flatten().map(move |event| (one, event)))
        .filter(|(_, event)| !event.is_cancelled && may_be_session(event, rules))
        .collect();
    if sessions.is_empty() {
        return Outcome::skipped("no training session stands in the calendars that were read");
    }
    if let Some(outcome) = unwanted(&sessions) {
        return outcome;
    }
    if let Some(outcome) = from_outside(visit, &sessions).await {
        return outcome;
    }
    let now = visit.app.ledger.clock.now();
    let answered = unprocessed(&sessions, now);
    if answered >= SEVERAL {
        return Outcome::warning(
            format!("{answered} answers stand in learners' copies, and none of them in the organizer's list"),
            "See whether the organizer's mailbox processes answers: `Get-CalendarProcessing` should say \
             AutomateProcessing AutoUpdate. If learners only answer without sending, nothing is wrong.",
        )
        .link(PROCESSING);
    }
    Outcome::ok(match sessions.len() {
        1 => "one training session was read: it asks for answers".to_owned(),
        many => format!("{many} copies of training sessions were read: they ask for answers"),
    })
}

fn is_resource(purpose: &str) -> bool {
    ["room", "equipment"].iter().any(|resource| resource.eq_ignore_ascii_case(purpose))
}

/// `responseRequested` is false.
fn unwanted(sessions: &[(&ReadMailbox, &Event)]) -> Option<Outcome> {
    let silent = sessions.iter().filter(|(_, event)| event.response_requested == Some(false)).count();
    (silent > 0).then(|| {
        Outcome::failed(
            format!("{silent} of {} copies of training sessions ask for no answer", sessions.len()),
            "Have invitations ask for responses (`responseRequested`; in Outlook: Response options, Request \
             responses): where they don't, Outlook sends none, and a decline looks like a deletion.",
        )
        .link("https://learn.microsoft.com/graph/api/resources/event")
    })
}

/// The organizer is nobody in this directory: there is no organizer's copy to ask.
async fn from_outside(visit: &Visit<'_>, sessions: &[(&ReadMailbox, &Event)]) -> Option<Outcome> {
    let (_, event) = sessions.iter().find(|(one, _)| !one.is_organizer)?;
    let organizer = event.organizer.as_ref().filter(|organizer| organizer.is_smtp())?;
    match visit.context.graph.user_by_address(organizer).await {
        Ok(None) => Some(Outcome::warning(
            "invitations come from an organizer who is not in this directory",
            "Send them from a mailbox of this directory and name it in watch.organizers: without an \
             organizer's copy a decline and a deletion can't be told apart, and policy.unseen decides.",
        )),
        Ok(Some(_)) | Err(GraphError::Refused(_)) => None,
        Err(_) => None,
    }
}

/// How many answers in learners' copies should stand in an organizer's list that was read; 0 where one does.
fn unprocessed(sessions: &[(&ReadMailbox, &Event)], now: DateTime<Utc>) -> usize {
    let mut missing = 0;
    for (one, event) in sessions.iter().filter(|(one, _)| !one.is_organizer) {
        let is_answer =
            |answer| matches!(answer, Answer::Accepted | Answer::Declined | Answer::TentativelyAccepted);
        let has_arrived = event.response.at.is_some_and(|at| at + ARRIVED < now);
        if !is_answer(event.response.answer) || !has_arrived || event.ical_uid.is_none() {
            continue;
        }
        let listed = sessions
            .iter()
            .filter(|(other, original)| other.is_organizer && original.ical_uid == event.ical_uid)
            .flat_map(|(_, original)| &original.attendees)
            .find(|attendee| one.addresses.contains(&attendee.address));
        match listed {
            Some(attendee) if is_answer(attendee.response.answer) => return 0,
            Some(_) => missing += 1,
            None => {}
        }
    }
    missing
}

#[cfg(test)]
#[path = "calendar_tests.rs"]
mod tests;
