//! Where a test hangs, by what the calendars and the ledger show.

use crate::calendar::event_select::select;
use crate::enrolment::attempt::OutcomeKind;
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::lms_answer::LmsOutcome;
use crate::enrolment::transitions::State;
use crate::enrolment::valve::ValveState;
use crate::graph::port::Mailbox;
use crate::jobs::JobError;
use crate::jobs::canary::run::Run;
use crate::jobs::canary::stage::Stuck;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::observe::new_link;
use crate::ledger::mailboxes;
use crate::ledger::{decisions, valves};
use chrono::{DateTime, Utc};

/// No link came about in time.
pub(super) async fn unlinked(
    app: &AppContext,
    context: &TenantContext,
    run: &Run,
) -> Result<(Stuck, String), JobError> {
    let Some(learner) = &run.learner else {
        return Ok((Stuck::Preparation, "the test learner is not known".to_owned()));
    };
    if context.tenant.watch.mode.reads_learners()
        && !mailboxes::is_watched(&app.ledger, &context.tenant.name, learner).await?
    {
        return Ok((Stuck::Notification, "the test learner's mailbox is not watched".to_owned()));
    }
    let (mailbox, event) = match (&run.organizer, &run.event) {
        (Some(organizer), Some(event)) => (organizer, event),
        _ => return Ok((Stuck::Invitation, "no invitation was made".to_owned())),
    };
    let selected = select(&context.tenant.recognise, context.tenant.policy.timezone);
    let at = Mailbox::Id(mailbox.clone());
    // A kit may know the event by another kind of id.
    let shown = match (&context.kit, &run.ical_uid) {
        (Some(_), Some(uid)) => {
            let found = context.graph.events_by_ical_uid(&at, uid, &selected).await;
            found.map(|found| found.into_iter().find(|event| event.is_organizer))
        }
        (_, _) => context.graph.event(&at, event, &selected).await,
    };
    let session = match shown {
        Ok(None) if context.kit.is_some() => {
            let why = "the kit says that it has invited, and the organizer's calendar has no such invitation";
            return Ok((Stuck::Kit, why.to_owned()));
        }
        Ok(Some(shown)) => new_link::session_of(app, context, mailbox, &shown).await?,
        Ok(None) => {
            return Ok((
                Stuck::Invitation,
                "the invitation is gone from the organizer's calendar".to_owned(),
            ));
        }
        Err(failure) => return Ok((Stuck::Invitation, format!("the invitation can't be read: {failure}"))),
    };
    Ok(match session {
        Some(session) if session.as_str() == run.session => {
            (Stuck::Notification, "the invitation was there, and no notification of it came".to_owned())
        }
        Some(_) => (Stuck::Recognition, "the invitation is read as one to another session".to_owned()),
        None => (Stuck::Recognition, "no session is read out of the invitation".to_owned()),
    })
}

/// The decline did not come to the LMS in time. `row`: the place as it is.
pub(super) async fn undone(
    app: &AppContext,
    row: Option<&Enrolment>,
    now: DateTime<Utc>,
) -> Result<(Stuck, String), JobError> {
    let Some(row) = row else {
        return Ok((Stuck::Decision, "the place is gone from the ledger".to_owned()));
    };
    Ok(match row.state {
        State::Watched => (Stuck::Decision, "no notification of the decline came".to_owned()),
        State::Waiting => {
            let valve = valves::valve(&app.ledger, &row.tenant, now).await?;
            if decisions::is_held(&app.ledger, &row.tenant, &row.learner).await? {
                (Stuck::Valve, "the brake holds the test learner".to_owned())
            } else if valve.state != ValveState::Open {
                (Stuck::Valve, format!("the valve is {}", valve.state.word()))
            } else if row.attempt.tries > 0 {
                (Stuck::Lms, format!("the LMS was asked {} times and has not done it", row.attempt.tries))
            } else {
                (Stuck::Lms, "the LMS was not asked in time".to_owned())
            }
        }
        State::Running => (Stuck::Lms, "the LMS is still being asked".to_owned()),
        State::Review => {
            let why = row.attempt.review.as_ref().map(|review| review.why.clone()).unwrap_or_default();
            (Stuck::Review, format!("it went to a person: {why}"))
        }
        State::Done | State::Expired => match judged(row) {
            Some(Err(why)) => why,
            Some(Ok(_)) | None => (Stuck::Lms, "it ended without an answer".to_owned()),
        },
    })
}

/// How the way to the LMS ended: well, with its answer; or where it hung. `None`: not yet.
pub(super) fn judged(row: &Enrolment) -> Option<Result<OutcomeKind, (Stuck, String)>> {
    let outcome = match row.state {
        State::Done | State::Expired | State::Review => row.attempt.outcome.as_ref(),
        State::Watched | State::Waiting | State::Running => None,
    };
    let kind = outcome?.kind;
    let said = |word: &str| {
        let message = outcome.and_then(|outcome| outcome.message.as_deref());
        match message {
            Some(message) => format!("the LMS answered {word}: {message}"),
            None => format!("the LMS answered {word}"),
        }
    };
    Some(match kind {
        // That there was none, or none any more, is an answer as well: it came to the LMS and back.
        OutcomeKind::Lms(LmsOutcome::Done | LmsOutcome::AlreadyCancelled | LmsOutcome::NotEnrolled) => {
            Ok(kind)
        }
        OutcomeKind::Lms(
            LmsOutcome::Accepted
            | LmsOutcome::UnknownLearner
            | LmsOutcome::UnknownSession
            | LmsOutcome::TooLate
            | LmsOutcome::Refused
            | LmsOutcome::HeldElsewhere
            | LmsOutcome::Superseded
            | LmsOutcome::Outage
            | LmsOutcome::CredentialBroken
            | LmsOutcome::EndpointGone
            | LmsOutcome::Unclear
            | LmsOutcome::Unexpected,
        ) => Err((Stuck::Lms, said(kind.word()))),
        OutcomeKind::WouldHaveCancelled => Err((Stuck::Rollout, "the decline was only observed".to_owned())),
        OutcomeKind::TooLate => Err((Stuck::Lms, "the deadline had come".to_owned())),
    })
}
