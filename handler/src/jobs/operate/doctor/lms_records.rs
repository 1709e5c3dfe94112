//! One learner and one session that the ledger knows are looked up in the LMS: the keys by which it knows
//! them are right. Changes nothing.

use super::check::{Check, CheckId, Look, Outcome};
use super::subject::Visit;
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::lms_answer::Place;
use crate::enrolment::transitions::State;
use crate::ledger::{enrolments, sessions};
use crate::lms::Budget;
use crate::store::StoreError;
use std::time::Duration;

pub(super) const CHECK: Check = Check {
    id: CheckId::LmsRecords,
    title: "a learner and a session in the LMS",
    needs: &[CheckId::Tables, CheckId::Lms],
    look: Look::Tenant(|visit| Box::pin(look(visit))),
};

const PATIENCE: Duration = Duration::from_secs(20);
/// Among so many an example is looked for.
const SESSIONS: usize = 20;
const LEARNERS: usize = 20;

async fn look(visit: &Visit<'_>) -> Outcome {
    let lms = &visit.context.lms;
    if !lms.can_read() {
        return Outcome::skipped("this connector can't read places; its answers to orders tell");
    }
    let example = match example(visit).await {
        Ok(Some(example)) => example,
        Ok(None) => return Outcome::skipped("the ledger knows no place yet that could be looked up"),
        Err(failure) => return Outcome::skipped(format!("the ledger can't be read: {failure}")),
    };
    match lms.place(&example.session, &example.learner, Budget::of(PATIENCE)).await {
        Place::Given => Outcome::ok("the place of one watched learner was found there"),
        Place::Gone => Outcome::warning(
            "the place of one watched learner is not there",
            "See in `regrets ledger list` and in the LMS whether its sessions and learners go by the ids and \
             keys that Regrets uses (recognise.session, learner.key). If somebody took the place away in the \
             LMS itself, nothing is wrong.",
        ),
        Place::Unknown => Outcome::warning(
            "the LMS could not say whether one watched learner has a place",
            "`regrets connector try` shows each request and answer.",
        ),
    }
}

/// A place that should be there: watched, and not in the past.
async fn example(visit: &Visit<'_>) -> Result<Option<Enrolment>, StoreError> {
    let now = visit.app.ledger.clock.now();
    for session in sessions::some(&visit.app.ledger, visit.name(), SESSIONS).await? {
        for row in enrolments::some_of_session(&visit.app.ledger, &session.partition, LEARNERS).await? {
            let is_future = row.value.start.is_none_or(|start| start > now);
            if row.value.state == State::Watched && is_future && !enrolments::is_archived(&row.row) {
                return Ok(Some(row.value));
            }
        }
    }
    Ok(None)
}
