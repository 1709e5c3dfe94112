//! All that may still keep a waiting cancellation from the LMS.

use crate::calendar::evidence::OrganizerCopy;
use crate::calendar::reading::Strength;
use crate::enrolment::apply_event::EXCHANGE_NAME;
use crate::enrolment::decision::Decision;
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::lms_answer::OrderVerdict;
use crate::enrolment::policy::{AutomaticPolicy, ProposedPolicy};
use crate::enrolment::transitions::State;
use crate::enrolment::valve::{Passage, ValveState};
use crate::enrolment::{before_sending, deadline, lms_order};
use crate::ids::Address;
use crate::invocation_deadline;
use crate::jobs::cancel::attempt_result::AttemptResult;
use crate::jobs::cancel::automatic_replies::{self, DeclinedBy};
use crate::jobs::cancel::record_outcome::reopen;
use crate::jobs::cancel::rollout::{self, Rollout};
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::observe::gather_evidence;
use crate::jobs::observe::judge::{self, Judged, Known};
use crate::jobs::observe::readable_mailboxes::ReadableMailboxes;
use crate::jobs::{JobError, alerting};
use crate::ledger::links::Linked;
use crate::ledger::{Read, agenda, decisions, enrolments, links, valves};
use crate::messages::Cancellation;
use crate::store::StoreError;
use chrono::{DateTime, Utc};
use std::ops::ControlFlow::{self, Break, Continue};

/// Whether the way goes on to the claim, with the row as it is now, or ends here.
type Checked = ControlFlow<AttemptResult, Read<Enrolment>>;

/// All that may still keep a waiting cancellation from the LMS.
pub(super) async fn before_the_lms(
    app: &AppContext,
    context: &TenantContext,
    message: &Cancellation,
    row: Read<Enrolment>,
) -> Result<Checked, JobError> {
    let ledger = &app.ledger;
    let policy = &context.tenant.policy;
    let now = ledger.now().await?;

    let row = match in_time(app, row, |row| deadline::judge_deadline(row, policy, now)).await? {
        Continue(row) => row,
        settled => return Ok(settled),
    };

    if let Some(until) = held_back(app, context, message, &row.value, now).await? {
        enrolments::update_known(ledger, row, |row| before_sending::put_back(row, until)).await?;
        return Ok(Break(AttemptResult::PutBack));
    }

    // A learner who changed their mind in time keeps the place: the evidence is read once more, and side by
    // side with it is asked whether it was the learner at all who declined.
    let before = row.value.clone();
    let place = linked(app, &before).await?;
    let mut mailboxes = ReadableMailboxes::default();
    mailboxes.ask(app, context, &place).await?;
    let known = Known { row: Some(row), mailboxes: mailboxes.clone() };
    let (again, declined_by) = futures::join!(
        judge::judge_linked(app, context, &place, known),
        automatic_replies::declined_by(app, context, &before, &place, &mailboxes)
    );
    let (mut again, mut declined_by) = (again?, declined_by?);
    let Some(row) = again.row.take() else { return Ok(Break(AttemptResult::Stale)) };
    if row.value.state != State::Waiting {
        return Ok(Break(AttemptResult::Settled));
    }
    // The session may have been moved to an earlier time.
    let mut row = match in_time(app, row, |row| deadline::judge_deadline(row, policy, now)).await? {
        Continue(row) => row,
        settled => return Ok(settled),
    };
    if row.value.decision != before.decision {
        let place = linked(app, &row.value).await?;
        mailboxes.ask(app, context, &place).await?;
        declined_by = automatic_replies::declined_by(app, context, &row.value, &place, &mailboxes).await?;
    }
    let is_readable = declined_by != DeclinedBy::Unreadable
        && again.items.iter().all(|item| item.reading.strength() != Strength::None);
    let has_proposed = is_readable && proposes(app, context, &row.value, &again).await?;
    // Where there was no time to ask for everything, what was not answered is no answer.
    if !is_readable || invocation_deadline::has_asked() {
        if before_sending::be_patient(&row.value, policy, now).is_some() {
            enrolments::update_known(ledger, row, |row| before_sending::be_patient(row, policy, now)).await?;
            return Ok(Break(AttemptResult::PutBack));
        }
        if deadline::needs_a_look(&row.value) {
            return settle(app, row, |row| deadline::give_up_looking(row, now)).await;
        }
    } else if before_sending::readable_again(&row.value).is_some() {
        match enrolments::update_known(ledger, row, before_sending::readable_again).await? {
            Some(readable) => row = readable,
            None => return Ok(Break(AttemptResult::Stale)),
        }
    }

    // Decided before anybody saw that only a person may.
    if Address::new(row.value.learner.as_str()).is_exchange_name() {
        return settle(app, row, |row| before_sending::to_person(row, EXCHANGE_NAME, now)).await;
    }
    match (declined_by, policy.automatic) {
        (DeclinedBy::Mailbox(why), AutomaticPolicy::Review) => {
            return settle(app, row, |row| before_sending::to_person(row, &why, now)).await;
        }
        (DeclinedBy::Mailbox(why), AutomaticPolicy::Cancel)
            if before_sending::automatic(&row.value, &why, now).is_some() =>
        {
            match enrolments::update_known(ledger, row, |row| before_sending::automatic(row, &why, now))
                .await?
            {
                Some(told) => row = told,
                None => return Ok(Break(AttemptResult::Stale)),
            }
        }
        (DeclinedBy::Mailbox(_) | DeclinedBy::Learner | DeclinedBy::Unreadable, _) => {}
    }
    if has_proposed || !is_readable && proposes(app, context, &row.value, &again).await? {
        return settle(app, row, |row| before_sending::to_person(row, PROPOSED, now)).await;
    }

    match rollout::acts_for(app, context, &row.value).await? {
        Rollout::Act => Ok(Continue(row)),
        Rollout::Observe => {
            enrolments::update_known(ledger, row, |row| lms_order::observe(row, now)).await?;
            Ok(Break(AttemptResult::Settled))
        }
        // Nobody is taken to the LMS who may be outside of the pilot.
        Rollout::Unknown => {
            let until = now + app.timing.rewake;
            enrolments::update_known(ledger, row, |row| before_sending::put_back(row, until)).await?;
            Ok(Break(AttemptResult::PutBack))
        }
    }
}

/// The way ends here, by what `ends` makes of the row, and whoever must know of it is told.
pub(super) async fn settle(
    app: &AppContext,
    row: Read<Enrolment>,
    ends: impl Fn(&Enrolment) -> Option<Enrolment>,
) -> Result<Checked, JobError> {
    if let Some(row) = enrolments::update_known(&app.ledger, row, ends).await? {
        alerting::raise_causes(app, &row.value).await?;
    }
    Ok(Break(AttemptResult::Settled))
}

const PROPOSED: &str = "The learner declined and proposed another time.";

/// Whether a decline that this stands on came with a proposed new time, which the policy wants a person to
/// judge. The learner's copy doesn't tell: the organizer's is asked, and where it can't be read, a decline is
/// a decline. What a person has approved is not asked about again.
///
/// `seen`: what was read of the place just now.
async fn proposes(
    app: &AppContext,
    context: &TenantContext,
    row: &Enrolment,
    seen: &Judged,
) -> Result<bool, StoreError> {
    let is_plain = |decision: &Decision| decision.verdict == OrderVerdict::Declined && decision.by.is_none();
    let asks = context.tenant.policy.proposed == ProposedPolicy::Review
        && !context.tenant.watch.organizers.is_empty();
    if !asks || !row.decision.as_ref().is_some_and(is_plain) {
        return Ok(false);
    }
    for part in row.parts.iter().filter(|part| part.decline.is_some()) {
        let (link, organizer) = match seen.of(&part.link) {
            Some((link, organizer)) => (Some(link.clone()), organizer.clone()),
            None => (links::load(&app.ledger, &part.link).await?, OrganizerCopy::NotAsked),
        };
        let organizer = match (organizer, link) {
            (OrganizerCopy::NotAsked, Some(link)) => gather_evidence::organizers_copy(context, &link).await,
            (asked, _) => asked,
        };
        if matches!(organizer, OrganizerCopy::There { proposes: true, .. }) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Past the deadline it is recorded as too late instead: `late` gives that row, and `None` in time.
pub(super) async fn in_time(
    app: &AppContext,
    row: Read<Enrolment>,
    late: impl Fn(&Enrolment) -> Option<Enrolment>,
) -> Result<Checked, JobError> {
    match late(&row.value) {
        None => Ok(Continue(row)),
        Some(_) => settle(app, row, late).await,
    }
}

/// The links of all parts of a place.
pub(super) async fn linked(app: &AppContext, row: &Enrolment) -> Result<Vec<Linked>, StoreError> {
    let mut place = Vec::new();
    for part in &row.parts {
        if let Some(link) = links::load(&app.ledger, &part.link).await? {
            place.push((link, part.link.clone()));
        }
    }
    Ok(place)
}

/// Until when the valve holds this message back. While the breaker is open one message per tick is a probe:
/// only what was woken since it opened can be one, the others were on their way when it closed.
pub(super) async fn held_back(
    app: &AppContext,
    context: &TenantContext,
    message: &Cancellation,
    row: &Enrolment,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let rest = app.timing.valve_rest;
    // It was on its way when a secret went missing.
    if context.tenant.is_closed() {
        return Ok(Some(now + rest));
    }
    let valve = valves::valve(&app.ledger, &message.tenant, now).await?;
    reopen(app, context, &valve).await?;
    if decisions::is_held(&app.ledger, &message.tenant, &row.learner).await? {
        return Ok(Some(now + rest));
    }
    match valve.passage(now) {
        Passage::Free => Ok(None),
        Passage::Probe => {
            let woken = agenda::woken(&app.ledger, &message.agenda).await?;
            let is_probe = woken.is_some_and(|woken| woken > valve.since);
            Ok((!is_probe).then(|| now + rest))
        }
        Passage::Closed => Ok(Some(match (valve.state, valve.pause_until.filter(|until| *until > now)) {
            // Closed by nothing else: it comes back when the pause ends.
            (ValveState::Open | ValveState::BreakerOpen, Some(until)) => until,
            (_, until) => until.unwrap_or(now).max(now + rest),
        })),
    }
}
