//! `cancel-enrolment`: one attempt to carry one decision to the LMS.
//!
//! Guarantees: the LMS is called only under a claim that one conditional write gave; only while the valve is open, the deadline
//! is ahead, and the evidence, read again, still says so; whoever is killed in between is found by the claim's wake-up. What has to
//! be waited for too long goes back on the agenda, but for an LMS that has the order: its answer is waited for as long as it may
//! take ([`crate::lms::webhook::ANSWER`]), because nobody would know what became of an order that was hung up on.

use crate::calendar::verdict::Strength;
use crate::enrolment::apply_event::EXCHANGE_NAME;
use crate::enrolment::attempt::{Ordered, OutcomeKind};
use crate::enrolment::decision::Decision;
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::lms_answer::{LmsOutcome, OrderVerdict, Place, Reach, Reply};
use crate::enrolment::lms_order::{self, BUDGET};
use crate::enrolment::policy::{AutomaticPolicy, ProposedPolicy};
use crate::enrolment::transitions::State;
use crate::enrolment::valve::{Passage, Valve, ValveState};
use crate::enrolment::{before_sending, deadline, lms_reread};
use crate::ids::{Address, TenantName};
use crate::invocation_deadline;
use crate::jobs::WorkError;
use crate::jobs::alerting;
use crate::jobs::cancel::automatic_replies::{self, By};
use crate::jobs::cancel::rollout;
use crate::jobs::cancel::rollout::Pilot;
use crate::jobs::context::{Desk, Office};
use crate::jobs::observe::judge::Judged;
use crate::jobs::observe::{gather_evidence, judge};
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::{agenda, audit, decisions, enrolment_ids, valves};
use crate::ledger::{enrolments, links};
use crate::lms::{Budget, Order};
use crate::messages::{Cancellation, EnrolmentRef};
use crate::store::StoreError;
use crate::store::typed::Read;
use chrono::{DateTime, Utc};
use std::ops::ControlFlow::{self, Break, Continue};

/// What an attempt came to, for the log line.
#[derive(Debug, Clone, PartialEq)]
pub enum Attempt {
    /// The wake-up was not needed any more.
    Stale,
    /// Put back: valve closed, or the calendar could not be read.
    PutBack,
    /// The evidence, read again, withdrew it; or the deadline has come; or mode `observe`.
    Settled,
    /// The LMS was asked.
    Asked(Reply),
    /// Somebody else was faster.
    Lost,
}

impl Attempt {
    /// In a word, to ask the log by: the LMS's outcome where it was asked.
    pub fn outcome(&self) -> &'static str {
        match self {
            Attempt::Stale => "stale",
            Attempt::PutBack => "put-back",
            Attempt::Settled => "settled",
            Attempt::Asked(reply) => OutcomeKind::Lms(reply.outcome).word(),
            Attempt::Lost => "lost",
        }
    }

    pub fn word(&self) -> String {
        match self {
            Attempt::Stale => "nothing to do any more".to_owned(),
            Attempt::PutBack => "put back".to_owned(),
            Attempt::Settled => "settled without the LMS".to_owned(),
            Attempt::Asked(reply) => format!("asked the LMS: {}", OutcomeKind::Lms(reply.outcome).word()),
            Attempt::Lost => "somebody else was faster".to_owned(),
        }
    }
}

pub async fn cancel(office: &Office, message: &Cancellation) -> Result<Attempt, WorkError> {
    invocation_deadline::within(attempt(office, message)).await.unwrap_or(Err(WorkError::OutOfTime))
}

async fn attempt(office: &Office, message: &Cancellation) -> Result<Attempt, WorkError> {
    let tables = office.tables.as_ref();
    let desk = office.desk(&message.tenant)?;
    let at = &message.enrolment;

    let now = tables.now().await?;
    let row = match enrolments::load(tables, at).await? {
        Some(found) if agenda::needs(&found.value, &message.agenda) => found,
        stale => {
            if let Some(stale) = stale {
                audit::file(tables, &stale.value).await?;
            }
            agenda::forget_stale(tables, &message.agenda, now, office.timing.rewake).await?;
            return Ok(Attempt::Stale);
        }
    };
    let row = match row.value.state {
        State::Waiting => row,
        State::Running => match taken_over(office, desk, row).await? {
            Some(row) => row,
            None => return Ok(Attempt::Lost),
        },
        State::Done => return read_place(office, desk, message, row).await,
        State::Watched | State::Expired | State::Review => return Ok(Attempt::Stale),
    };
    let row = match invocation_deadline::judging(before_the_lms(office, desk, message, row)).await {
        Some(gate) => match gate? {
            Continue(row) => row,
            Break(attempt) => return Ok(attempt),
        },
        None => {
            tracing::info!(tenant = %message.tenant, "a cancellation takes too long; the next tick wakes it again");
            agenda::renew(tables, &message.agenda).await?;
            return Ok(Attempt::PutBack);
        }
    };

    // The claim: one conditional write. Everything up to here may be done twice, nothing after it. Its lease and the LMS's
    // budget begin now, whatever time the calendar took.
    let now = tables.now().await?;
    let budget = Budget::of(BUDGET).starting_by(invocation_deadline::judges_until());
    let token = uuid::Uuid::new_v4().to_string();
    let lease = office.timing.lease;
    let mut claimed = false;
    let row = enrolments::update_known(tables, row, |row| {
        let next = lms_order::claim(row, &token, &desk.tenant.policy, now, lease).filter(|_| due(row, now));
        claimed = next.is_some();
        next
    })
    .await?;
    let (true, Some(row)) = (claimed, row) else { return Ok(Attempt::Lost) };

    let Some(order) = order(&row.value) else { return Ok(Attempt::Lost) };
    let reply = match invocation_deadline::has_judged() {
        // There might be no time to write down what it answers.
        true => not_tried(),
        false => invocation_deadline::not_counted(desk.lms.cancel(&order, budget)).await,
    };
    record(office, desk, message, &token, &reply).await?;
    Ok(Attempt::Asked(reply))
}

/// The claim itself took so long that the LMS is not asked under it.
fn not_tried() -> Reply {
    Reply {
        outcome: LmsOutcome::Outage,
        message: Some("not sent: the ledger took too long".to_owned()),
        status: None,
        retry_after: None,
        reach: Reach::NotTried,
    }
}

fn due(row: &Enrolment, now: DateTime<Utc>) -> bool {
    row.due.is_some_and(|due| due <= now)
}

/// Whether the way goes on to the claim, with the row as it is now, or ends here.
type Gate = ControlFlow<Attempt, Read<Enrolment>>;

/// All that may still keep a waiting cancellation from the LMS.
async fn before_the_lms(
    office: &Office,
    desk: &Desk,
    message: &Cancellation,
    row: Read<Enrolment>,
) -> Result<Gate, WorkError> {
    let tables = office.tables.as_ref();
    let policy = &desk.tenant.policy;
    let now = tables.now().await?;

    let row = match in_time(office, desk, row, now).await? {
        Continue(row) => row,
        settled => return Ok(settled),
    };

    if let Some(until) = held_back(office, desk, message, &row.value, now).await? {
        enrolments::update_known(tables, row, |row| before_sending::put_back(row, until)).await?;
        return Ok(Break(Attempt::PutBack));
    }

    // A learner who changed their mind in time keeps the place: the evidence is read once more, and side by side with it is asked
    // whether it was the learner at all who declined.
    let before = row.value.clone();
    let (again, declined_by) =
        futures::join!(read_again(office, desk, row), automatic_replies::declined_by(office, desk, &before));
    let (Judged { readings, row, .. }, mut declined_by) = (again?, declined_by?);
    let Some(row) = row else { return Ok(Break(Attempt::Stale)) };
    if row.value.state != State::Waiting {
        return Ok(Break(Attempt::Settled));
    }
    // The session may have been moved to an earlier time.
    let mut row = match in_time(office, desk, row, now).await? {
        Continue(row) => row,
        settled => return Ok(settled),
    };
    if row.value.decision != before.decision {
        declined_by = automatic_replies::declined_by(office, desk, &row.value).await?;
    }
    let is_readable =
        declined_by != By::Unreadable && readings.iter().all(|reading| reading.strength() != Strength::None);
    let has_proposed = is_readable && proposes(office, desk, &row.value).await?;
    // Where there was no time to ask for everything, what was not answered is no answer.
    if !is_readable || invocation_deadline::has_asked() {
        if before_sending::be_patient(&row.value, policy, now).is_some() {
            enrolments::update_known(tables, row, |row| before_sending::be_patient(row, policy, now)).await?;
            return Ok(Break(Attempt::PutBack));
        }
        if deadline::needs_a_look(&row.value) {
            if let Some(row) = enrolments::update_known(tables, row, |row| deadline::give_up_looking(row, now)).await? {
                alerting::for_state(office, &row.value).await?;
            }
            return Ok(Break(Attempt::Settled));
        }
    } else if before_sending::readable_again(&row.value).is_some() {
        match enrolments::update_known(tables, row, before_sending::readable_again).await? {
            Some(readable) => row = readable,
            None => return Ok(Break(Attempt::Stale)),
        }
    }

    // Decided before anybody saw that only a person may.
    if Address::new(row.value.learner.as_str()).is_exchange_name() {
        return to_person(office, row, EXCHANGE_NAME, now).await;
    }
    match (declined_by, policy.automatic) {
        (By::Mailbox(why), AutomaticPolicy::Review) => return to_person(office, row, &why, now).await,
        (By::Mailbox(why), AutomaticPolicy::Cancel) if before_sending::automatic(&row.value, &why, now).is_some() => {
            match enrolments::update_known(tables, row, |row| before_sending::automatic(row, &why, now)).await? {
                Some(told) => row = told,
                None => return Ok(Break(Attempt::Stale)),
            }
        }
        (By::Mailbox(_) | By::Learner | By::Unreadable, _) => {}
    }
    if has_proposed || !is_readable && proposes(office, desk, &row.value).await? {
        return to_person(office, row, PROPOSED, now).await;
    }

    match rollout::acts_for(office, desk, &row.value).await? {
        Pilot::Act => Ok(Continue(row)),
        Pilot::Observe => {
            enrolments::update_known(tables, row, |row| lms_order::observe(row, now)).await?;
            Ok(Break(Attempt::Settled))
        }
        // Nobody is taken to the LMS who may be outside of the pilot.
        Pilot::Unknown => {
            let until = now + office.timing.rewake;
            enrolments::update_known(tables, row, |row| before_sending::put_back(row, until)).await?;
            Ok(Break(Attempt::PutBack))
        }
    }
}

async fn to_person(office: &Office, row: Read<Enrolment>, why: &str, now: DateTime<Utc>) -> Result<Gate, WorkError> {
    if let Some(row) =
        enrolments::update_known(office.tables.as_ref(), row, |row| before_sending::to_person(row, why, now)).await?
    {
        alerting::for_state(office, &row.value).await?;
    }
    Ok(Break(Attempt::Settled))
}

const PROPOSED: &str = "The learner declined and proposed another time.";

/// Whether a decline that this stands on came with a proposed new time, which the policy wants a person to judge. The learner's
/// copy doesn't tell: the organizer's is asked, and where it can't be read, a decline is a decline. What a person has approved is
/// not asked about again.
async fn proposes(office: &Office, desk: &Desk, row: &Enrolment) -> Result<bool, StoreError> {
    let is_plain = |decision: &Decision| decision.verdict == OrderVerdict::Declined && decision.by.is_none();
    let asks = desk.tenant.policy.proposed == ProposedPolicy::Review && !desk.tenant.watch.organizers.is_empty();
    if !asks || !row.decision.as_ref().is_some_and(is_plain) {
        return Ok(false);
    }
    for part in row.parts.iter().filter(|part| part.decline.is_some()) {
        if let Some(link) = links::load(office, &part.link).await?
            && gather_evidence::declined_with_proposal(desk, &link).await
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Past the deadline it is recorded as too late instead.
async fn in_time(office: &Office, desk: &Desk, row: Read<Enrolment>, now: DateTime<Utc>) -> Result<Gate, WorkError> {
    let policy = &desk.tenant.policy;
    let late = |row: &Enrolment| deadline::judge_deadline(row, policy, now);
    if late(&row.value).is_none() {
        return Ok(Continue(row));
    }
    if let Some(row) = enrolments::update_known(office.tables.as_ref(), row, late).await? {
        alerting::for_state(office, &row.value).await?;
    }
    Ok(Break(Attempt::Settled))
}

/// The evidence about all parts of a place, read once more.
async fn read_again(office: &Office, desk: &Desk, row: Read<Enrolment>) -> Result<Judged, WorkError> {
    let mut place = Vec::new();
    for part in &row.value.parts {
        if let Some(link) = links::load(office, &part.link).await? {
            place.push((link, part.link.clone()));
        }
    }
    judge::judge_place(office, desk, &place, Some(row)).await
}

/// Until when the valve holds this message back. While the breaker is open one message per tick is a probe: only what was
/// woken since it opened can be one, the others were on their way when it closed.
async fn held_back(
    office: &Office,
    desk: &Desk,
    message: &Cancellation,
    row: &Enrolment,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let rest = office.timing.valve_rest;
    // It was on its way when a secret went missing.
    if desk.tenant.is_closed() {
        return Ok(Some(now + rest));
    }
    let valve = valves::valve(office, &message.tenant, now).await?;
    reopen(office, desk, &valve).await?;
    if decisions::is_held(office, &message.tenant, &row.learner).await? {
        return Ok(Some(now + rest));
    }
    match valve.passage(now) {
        Passage::Free => Ok(None),
        Passage::Probe => {
            let woken = agenda::woken(office.tables.as_ref(), &message.agenda).await?;
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

/// A claim that ran out: the LMS may have been reached or not. It waits again, with that doubt, and goes the whole way of a
/// first attempt; who is in the pilot is read anew for it. `None`: the claim is in force, or somebody was faster.
async fn taken_over(office: &Office, desk: &Desk, row: Read<Enrolment>) -> Result<Option<Read<Enrolment>>, WorkError> {
    let tables = office.tables.as_ref();
    let now = tables.now().await?;
    desk.people.forget_named().await;
    let row = enrolments::update_known(tables, row, |row| lms_order::lapse(row, now)).await?;
    Ok(row.filter(|row| row.value.state == State::Waiting))
}

/// The learner's answer came again after the place had been given up: whether somebody has given it anew, the LMS is read for,
/// through the same valve as everything else. Reading twice harms nobody, so there is no claim.
async fn read_place(
    office: &Office,
    desk: &Desk,
    message: &Cancellation,
    row: Read<Enrolment>,
) -> Result<Attempt, WorkError> {
    let tables = office.tables.as_ref();
    let now = tables.now().await?;
    if let Some(until) = held_back(office, desk, message, &row.value, now).await? {
        enrolments::update_known(tables, row, |row| lms_reread::read_later(row, until)).await?;
        return Ok(Attempt::PutBack);
    }
    // Nothing is changed by it, so that whoever waits no longer may hang up.
    let budget = Budget::of(BUDGET).starting_by(invocation_deadline::asks_until());
    let reading = invocation_deadline::judging(desk.lms.place(&row.value.session, &row.value.learner, budget));
    let place = reading.await.unwrap_or(Place::Unknown);
    let (dice, now) = (rand::random::<f64>(), tables.now().await?);
    let (policy, retry) = (&desk.tenant.policy, desk.tenant.lms.retry);
    if let Some(row) =
        enrolments::update_known(tables, row, |row| lms_reread::read(row, place, policy, retry, dice, now)).await?
    {
        alerting::for_state(office, &row.value).await?;
    }
    Ok(Attempt::Settled)
}

/// The order for the LMS; the same id for every attempt of this decision.
fn order(row: &Enrolment) -> Option<Order> {
    let Ordered { decision, session_start, number } = row.order.clone()?;
    let Decision { verdict, evidence, declined_at, decided_at, .. } = decision;
    Some(Order {
        id: enrolment_ids::order_id(&row.reference(), row.generation, number),
        tenant: row.tenant.clone(),
        session: row.session.clone(),
        learner: row.learner.clone(),
        generation: row.generation,
        decision: number.max(1),
        verdict,
        evidence,
        declined_at,
        decided_at,
        session_start,
        attempt: row.attempts,
        may_be_repeated: row.maybe_effected,
    })
}

/// Writes down what became of the attempt. A kill at any line leaves neither a breaker open that the LMS has answered, nor a
/// closed valve that nobody is told of: what opens the valve is written before the row, and what closes it after the alert and
/// the row.
async fn record(
    office: &Office,
    desk: &Desk,
    message: &Cancellation,
    token: &str,
    reply: &Reply,
) -> Result<(), StoreError> {
    let tables = office.tables.as_ref();
    let now = tables.now().await?;
    let tenant = &message.tenant;
    let valve = valves::valve(office, tenant, now).await?;
    let at = &message.enrolment;
    let after = valve.after(reply, at, now);
    if reply.is_no_answer() {
        alerts::raise(office, tenant, AlertKind::LmsAnswer).await?;
    }
    let closes = after.as_ref().filter(|valve| valve.state != ValveState::Open);
    if let Some(closed) = closes {
        alerting::for_valve(office, tenant, closed).await?;
    } else if reply.outcome != LmsOutcome::Unexpected && (after.is_some() || valve.state != ValveState::Open) {
        move_valve(office, tenant, reply, at, now).await?;
    }
    let deemed = deem(office, desk, message, reply, now).await?;
    let dice = rand::random::<f64>();
    let (policy, retry) = (&desk.tenant.policy, desk.tenant.lms.retry);
    let recorded = |row: &Enrolment| lms_order::record(row, token, &deemed, policy, retry, dice, now);
    // Read anew: the LMS may have taken so long that somebody else has taken over.
    if let Some(row) = enrolments::update(tables, at, recorded).await? {
        alerting::for_state(office, &row).await?;
    }
    if closes.is_some() {
        let valve = move_valve(office, tenant, reply, at, now).await?;
        reopen(office, desk, &valve).await?;
    }
    Ok(())
}

async fn move_valve(
    office: &Office,
    tenant: &TenantName,
    reply: &Reply,
    of: &EnrolmentRef,
    now: DateTime<Utc>,
) -> Result<Valve, StoreError> {
    valves::change_valve(office, tenant, now, |valve| valve.after(reply, of, now)).await?;
    let valve = valves::valve(office, tenant, now).await?;
    alerting::for_valve(office, tenant, &valve).await?;
    Ok(valve)
}

/// An answer that no receiver gives is noted at the valve before the row: killed in between, the attempt is made again and
/// counts once. Where it is the last of so many that they are an outage, the others wait again before this row does: as long
/// as it is claimed somebody is sure to come by, and puts back whom a kill has left with a person.
async fn deem(
    office: &Office,
    desk: &Desk,
    message: &Cancellation,
    reply: &Reply,
    now: DateTime<Utc>,
) -> Result<Reply, StoreError> {
    if reply.outcome != LmsOutcome::Unexpected {
        return Ok(reply.clone());
    }
    let valve = move_valve(office, &message.tenant, reply, &message.enrolment, now).await?;
    reopen(office, desk, &valve).await?;
    let outcome = if valve.deems_outage(&message.enrolment) { LmsOutcome::Outage } else { reply.outcome };
    Ok(Reply { outcome, ..reply.clone() })
}

/// Has whoever went to a person for what turned out to be an outage wait again. One that is still claimed stays noted: what
/// becomes of it may be written as if nobody knew yet.
async fn reopen(office: &Office, desk: &Desk, valve: &Valve) -> Result<(), StoreError> {
    if valve.reopen.is_empty() {
        return Ok(());
    }
    let (tables, tenant) = (office.tables.as_ref(), &desk.tenant);
    let now = tables.now().await?;
    let mut settled = Vec::new();
    for suspect in &valve.reopen {
        let dice = rand::random::<f64>();
        let back = |row: &Enrolment| {
            lms_order::after_all_an_outage(row, suspect.not_before, &tenant.policy, tenant.lms.retry, dice, now)
        };
        let row = enrolments::update(tables, &suspect.enrolment, back).await?;
        if row.is_none_or(|row| row.state != State::Running) {
            settled.push(suspect);
        }
    }
    alerting::review_may_be_over(office, &tenant.name).await?;
    valves::change_valve(office, &tenant.name, now, |valve| {
        let reopen = valve.reopen.iter().filter(|known| !settled.contains(known)).cloned().collect::<Vec<_>>();
        (reopen != valve.reopen).then(|| Valve { reopen, ..valve.clone() })
    })
    .await
}
