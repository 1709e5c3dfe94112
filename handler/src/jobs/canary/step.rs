//! From one state of a test to the next: what is done in each, and what follows.
//!
//! Guarantees: what is done in a state may be done again, whoever was killed in it; a step that can't be done
//! now waits, until its time is over and the test has failed; an event that was made is taken away whatever
//! became of the test.

use crate::canary_kit::{Kit, KitError};
use crate::config::Canary;
use crate::enrolment::canary as place;
use crate::enrolment::enrolment::Enrolment;
use crate::ids::{LearnerKey, SessionId};
use crate::jobs::JobError;
use crate::jobs::alerting;
use crate::jobs::canary::give_back;
use crate::jobs::canary::next::{Step, of_run};
use crate::jobs::canary::recognition;
use crate::jobs::canary::run::{Run, State};
use crate::jobs::canary::stage::Stuck;
use crate::jobs::canary::stuck;
use crate::jobs::context::{AppContext, TenantContext};
use crate::ledger::{Read, enrolments, links};
use crate::messages::EnrolmentRef;
use crate::store::StoreError;
use chrono::{DateTime, Duration, Utc};

/// What could not be taken away after so long is left.
const TIDYING: Duration = Duration::hours(6);

/// `is_fresh`: nobody can have been killed in this state.
pub(super) async fn step(
    app: &AppContext,
    context: &TenantContext,
    kit: &dyn Kit,
    run: &Run,
    is_fresh: bool,
) -> Result<Step, JobError> {
    let canary = context.tenant.canary.as_ref();
    let canary = match (canary, run.state) {
        (Some(canary), _) => Some(canary),
        // It was taken out of the configuration: what was made is taken away.
        (None, State::TakingAway | State::GivingBack | State::AskingBack | State::Over) => None,
        (None, _) => {
            let why = "the canary was taken out of the configuration";
            return Ok(Step::next(run.clone().fail(Stuck::Preparation, why, app.ledger.clock.now())));
        }
    };
    match (run.state, canary) {
        (State::Begun, Some(canary)) => prepare(app, context, canary, run).await,
        (State::Inviting, Some(canary)) => invite(app, context, kit, canary, run).await,
        (State::Invited, Some(canary)) => recognise(app, context, kit, canary, run).await,
        (State::Linked, Some(canary)) => arrive(app, kit, canary, run).await,
        (State::Declining, Some(canary)) => decline(app, kit, canary, run).await,
        (State::Declined, Some(canary)) => answer(app, context, canary, run).await,
        (State::TakingAway, _) => take_away(app, context, kit, run).await,
        (State::GivingBack | State::AskingBack, _) => give_back::step(app, context, run, is_fresh).await,
        (State::Over, _) | (_, None) => Ok(Step::Wait(None)),
    }
}

/// The test is over its time in this state.
fn is_late(run: &Run, within: Duration, now: DateTime<Utc>) -> bool {
    run.since + within <= now
}

/// Finds out who is meant, and makes the place ready: from here on nothing of an earlier test counts.
async fn prepare(
    app: &AppContext,
    context: &TenantContext,
    canary: &Canary,
    run: &Run,
) -> Result<Step, JobError> {
    let now = app.ledger.clock.now();
    let fail = |why: &str| Ok(Step::next(run.clone().fail(Stuck::Preparation, why, now)));
    let (learner, organizer) = match futures::try_join!(
        recognition::whose(context, &canary.learner),
        recognition::whose(context, &canary.organizer)
    ) {
        Ok(found) => found,
        Err(JobError::Graph(failure)) => {
            return late_or_hindered(run, canary, Stuck::Preparation, &failure.into(), now);
        }
        Err(other) => return Err(other),
    };
    let Some((learner, key)) = learner else {
        return fail("nobody in the directory has the address of canary.learner");
    };
    let Some(key) = key else {
        return fail("the directory has no value for the test learner in the field that learner.key names");
    };
    let Some((organizer, _)) = organizer else {
        return fail("nobody in the directory has the address of canary.organizer");
    };
    let session = SessionId::new(&run.session);
    let Some(row) = ready(app, context, &session, &key, run).await? else {
        return Ok(match is_late(run, canary.within, now) {
            true => Step::next(run.clone().fail(
                Stuck::Preparation,
                "the LMS is still being asked for the last test",
                now,
            )),
            false => Step::Wait(None),
        });
    };
    Ok(Step::next(Run {
        learner: Some(learner),
        organizer: Some(organizer),
        enrolment: Some(row.reference()),
        generation: row.generation,
        ..run.clone().into(State::Inviting, now)
    }))
}

/// The place of this test; `None`: somebody may be asking the LMS for the one before.
async fn ready(
    app: &AppContext,
    context: &TenantContext,
    session: &SessionId,
    learner: &LearnerKey,
    run: &Run,
) -> Result<Option<Enrolment>, JobError> {
    let (ledger, tenant) = (&app.ledger, &context.tenant.name);
    let at = EnrolmentRef::of(tenant, session, learner);
    let Some(old) = enrolments::load(ledger, &at).await? else {
        let first = place::first(tenant.clone(), session.clone(), learner.clone(), run.began);
        return match enrolments::commit(ledger, None, first).await {
            Ok(made) => Ok(Some(made.value)),
            Err(lost) if lost.is_lost_race() => Ok(None),
            Err(other) => Err(other.into()),
        };
    };
    if place::is_ready(&old.value, run.began) {
        return Ok(Some(old.value));
    }
    // Links first: who is killed here finds the row as it was.
    for part in &old.value.parts {
        links::forget_session(ledger, &part.link.partition, session).await?;
    }
    forget_old(app, context, &old).await?;
    let before = old.value.clone();
    let next = enrolments::update_known(ledger, old, |row| place::anew(row, run.began)).await?;
    let next = next.map(|read| read.value).filter(|row| place::is_ready(row, run.began));
    if next.is_some() {
        alerting::resolve_causes(app, &before, next.as_ref()).await?;
    }
    Ok(next)
}

/// Generations of tests that are over for the retention; a real place goes with its session, and this one
/// never would.
async fn forget_old(
    app: &AppContext,
    context: &TenantContext,
    row: &Read<Enrolment>,
) -> Result<(), StoreError> {
    let until = app.ledger.clock.now() - context.tenant.policy.retention;
    for old in enrolments::archived(&app.ledger, &row.value.reference()).await? {
        let last = old.value.end.or(old.value.story.last().map(|line| line.at));
        if last.is_some_and(|last| last <= until) {
            enrolments::remove(&app.ledger, &old).await?;
        }
    }
    Ok(())
}

async fn invite(
    app: &AppContext,
    context: &TenantContext,
    kit: &dyn Kit,
    canary: &Canary,
    run: &Run,
) -> Result<Step, JobError> {
    let now = app.ledger.clock.now();
    let Some(test) = run.test() else { return Ok(Step::Wait(None)) };
    // Its answer may have been lost.
    let made = match kit.made(test).await {
        Ok(Some(made)) => Ok(made),
        Ok(None) => kit.invite(test, &recognition::invitation(context, canary, run)).await,
        Err(failure) => Err(failure),
    };
    match made {
        Ok(made) => Ok(Step::next(Run {
            event: Some(made.event),
            ical_uid: made.ical_uid,
            invited: Some(now),
            ..run.clone().into(State::Invited, now)
        })),
        Err(failure) => late_or_hindered(run, canary, Stuck::Invitation, &failure, now),
    }
}

/// A right that is missing does not come by waiting; whatever else hinders is waited for.
fn late_or_hindered(
    run: &Run,
    canary: &Canary,
    stage: Stuck,
    failure: &KitError,
    now: DateTime<Utc>,
) -> Result<Step, JobError> {
    let stage = match failure {
        KitError::Graph(_) => stage,
        KitError::Kit { .. } => Stuck::Kit,
    };
    Ok(match failure.is_final() || is_late(run, canary.within, now) {
        true => Step::next(run.clone().fail(stage, failure.to_string(), now)),
        false => Step::hindered(failure),
    })
}

/// Waits until the place knows the invitation: declined before that, it would be none of it.
async fn recognise(
    app: &AppContext,
    context: &TenantContext,
    kit: &dyn Kit,
    canary: &Canary,
    run: &Run,
) -> Result<Step, JobError> {
    let now = app.ledger.clock.now();
    let row = of_run(app, run).await?;
    if row.as_ref().is_some_and(|row| !row.parts.is_empty()) {
        return Ok(Step::next(Run { linked: Some(now), ..run.clone().into(State::Linked, now) }));
    }
    if let (true, Some(test), Some(uid), Some(row)) =
        (recognition::is_ours_to_link(context), run.test(), &run.ical_uid, &row)
    {
        match kit.copy(test, uid).await {
            Ok(Some(_)) => {
                recognition::link(app, context, run, uid, row).await?;
                let is_linked = of_run(app, run).await?.is_some_and(|row| !row.parts.is_empty());
                if is_linked {
                    let next = run.clone().into(State::Linked, now);
                    return Ok(Step::next(Run { linked: Some(now), ..next }));
                }
            }
            Ok(None) if is_late(run, canary.within, now) => {
                let why = "the invitation is not in the test learner's calendar";
                return Ok(Step::next(run.clone().fail(Stuck::Arrival, why, now)));
            }
            Ok(None) => {}
            Err(failure) => return late_or_hindered(run, canary, Stuck::Arrival, &failure, now),
        }
    }
    if !is_late(run, canary.within, now) {
        return Ok(Step::Wait(None));
    }
    let (stage, why) = stuck::unlinked(app, context, run).await?;
    Ok(Step::next(run.clone().fail(stage, why, now)))
}

async fn arrive(app: &AppContext, kit: &dyn Kit, canary: &Canary, run: &Run) -> Result<Step, JobError> {
    let now = app.ledger.clock.now();
    let (Some(test), Some(uid)) = (run.test(), &run.ical_uid) else {
        let why = "Graph gave the invitation no iCalUId, so its copy can't be found";
        return Ok(Step::next(run.clone().fail(Stuck::Arrival, why, now)));
    };
    match kit.copy(test, uid).await {
        Ok(Some(copy)) => {
            Ok(Step::next(Run { copy: Some(copy.event), ..run.clone().into(State::Declining, now) }))
        }
        Ok(None) if is_late(run, canary.within, now) => {
            let why = "the invitation is not in the test learner's calendar";
            Ok(Step::next(run.clone().fail(Stuck::Arrival, why, now)))
        }
        Ok(None) => Ok(Step::Wait(None)),
        Err(failure) => late_or_hindered(run, canary, Stuck::Arrival, &failure, now),
    }
}

/// The copy was there when this state was written: gone since, or declined, it was declined by whoever was
/// killed in it.
async fn decline(app: &AppContext, kit: &dyn Kit, canary: &Canary, run: &Run) -> Result<Step, JobError> {
    let now = app.ledger.clock.now();
    let (Some(test), Some(uid), Some(copy)) = (run.test(), &run.ical_uid, &run.copy) else {
        return Ok(Step::Wait(None));
    };
    let declined = |at: DateTime<Utc>| {
        Ok(Step::next(Run { declined: Some(at), ..run.clone().into(State::Declined, now) }))
    };
    match kit.copy(test, uid).await {
        Ok(Some(found)) if !found.is_declined => {}
        Ok(_) => return declined(run.since),
        Err(failure) => return late_or_hindered(run, canary, Stuck::Decline, &failure, now),
    }
    match kit.decline(test, copy).await {
        Ok(true) => declined(now),
        Ok(false) => declined(run.since),
        // What may have been done all the same is looked at again in the next round.
        Err(failure) => late_or_hindered(run, canary, Stuck::Decline, &failure, now),
    }
}

/// The road of every decline; nothing is done here but to wait for its end.
async fn answer(
    app: &AppContext,
    context: &TenantContext,
    canary: &Canary,
    run: &Run,
) -> Result<Step, JobError> {
    let now = app.ledger.clock.now();
    let row = of_run(app, run).await?;
    match row.as_ref().and_then(stuck::judged) {
        Some(Ok(kind)) => {
            let at = row.as_ref().and_then(|row| row.attempt.outcome.as_ref()).map(|end| end.at);
            let next = run.clone().into(State::TakingAway, now);
            return Ok(Step::next(Run { answered: at.or(Some(now)), answer: Some(kind), ..next }));
        }
        Some(Err((stage, why))) => return Ok(Step::next(run.clone().fail(stage, why, now))),
        None => {}
    }
    let policy = &context.tenant.policy;
    let declined = run.declined.unwrap_or(run.since);
    if now < declined + policy.grace + policy.settle + canary.within {
        return Ok(Step::Wait(None));
    }
    let (stage, why) = stuck::undone(app, row.as_ref(), now).await?;
    Ok(Step::next(run.clone().fail(stage, why, now)))
}

/// Nothing is left behind, whatever became of the test.
async fn take_away(
    app: &AppContext,
    context: &TenantContext,
    kit: &dyn Kit,
    run: &Run,
) -> Result<Step, JobError> {
    let now = app.ledger.clock.now();
    let next = match taken_away(kit, run).await {
        Ok(()) => run.clone(),
        Err(failure) if failure.is_final() || is_late(run, TIDYING, now) => {
            Run { left_behind: Some(failure.to_string()), ..run.clone() }
        }
        Err(failure) => return Ok(Step::hindered(&failure)),
    };
    let is_gone = run.has_passed() && run.is_proved();
    let after = match is_gone && context.lms.can_restore() && context.tenant.canary.is_some() {
        true => State::GivingBack,
        false => State::Over,
    };
    Ok(Step::next(next.into(after, now)))
}

async fn taken_away(kit: &dyn Kit, run: &Run) -> Result<(), KitError> {
    let Some(test) = run.test() else { return Ok(()) };
    let made = match (&run.event, &run.ical_uid) {
        (Some(event), uid) => Some((event.clone(), uid.clone())),
        // Who was killed while it was made, or whose answer was lost, knows nothing of it.
        (None, _) => kit.made(test).await?.map(|made| (made.event, made.ical_uid)),
    };
    let Some((event, uid)) = made else { return Ok(()) };
    kit.call_off(test, &event).await?;
    if let Some(uid) = &uid
        && let Some(copy) = kit.copy(test, uid).await?
    {
        kit.tidy(test, &copy.event).await?;
    }
    Ok(())
}
