//! `tend-mailboxes`: creates, renews, replaces and removes subscriptions, and has calendars compared where
//! something may have been missed.
//!
//! Guarantees: what a lifecycle event says is written down before anything is done about it; two workers
//! don't maintain one mailbox at once; a mailbox that fails holds up no other; a long comparison is done in
//! steps ([`read_in_steps`]); what finds no room under the service's write limits, or no time, stays due, and
//! goes on by a next message as long as each does a part of it.

use crate::ids::UserId;
use crate::invocation_deadline;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::observe::invitations;
use crate::jobs::watch::read_in_steps::{self, Step};
use crate::jobs::watch::subscribe::{self, InvocationBudget, subscribe};
use crate::jobs::watch::write_budget::WriteKind as Paced;
use crate::jobs::watch::{
    blind_gaps, comparison, directory_sync, resync, resync_schedule, subscription_listing,
};
use crate::jobs::{GraphOutcome as _, JobError, alerting};
use crate::ledger::mailboxes::{self, MailboxRow, ResyncScope};
use crate::messages::{Hint, MailboxTask, Mailboxes, TaskKind};
use crate::store::StoreError;
use chrono::{DateTime, Duration, Utc};
use futures::{StreamExt, stream};

/// Whoever maintains a mailbox is given so long before another may try.
const LEASE: Duration = Duration::minutes(5);
/// Mailboxes maintained side by side, so that their calls share batches.
const SIDE_BY_SIDE: usize = 20;

/// What became of a message.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Maintained {
    /// Of the comparisons among the tasks, each mailbox's in order.
    pub hints: Vec<Hint>,
    /// What there was no room or no time for, to go on by a next message. That is sent only so often: what is
    /// left over in the end is due still, and the next planning round finds it.
    pub rest: Option<Mailboxes>,
}

/// A message goes on so often at most. Who waits for room in vain does so for six seconds, so that this is
/// about as long as it takes until the next planning round.
const GOES_ON: u32 = 40;

/// Does every task of a message. An error means that the whole message must come again: all of it may be
/// repeated.
pub async fn maintain(app: &AppContext, message: &Mailboxes) -> Result<Maintained, JobError> {
    let context = app.context(&message.tenant)?;
    if !context.tenant.active {
        // On its way when the tenant was switched off: what is said of subscriptions is kept, and no more.
        for task in &message.tasks {
            record_lifecycle_event(app, context, task, app.ledger.clock.now()).await?;
        }
        return Ok(Maintained::default());
    }
    if message.directory {
        // Bulk work of the planning round, with a budget of its own.
        directory_sync::read_large(app, context).await?;
    }
    if message.invitations {
        // The same.
        invitations::follow(app, context).await?;
    }
    if message.listing {
        // The same.
        subscription_listing::go_on(app, context).await?;
    }
    invocation_deadline::within(all(app, context, message)).await.unwrap_or(Err(JobError::OutOfTime))
}

async fn all(app: &AppContext, context: &TenantContext, message: &Mailboxes) -> Result<Maintained, JobError> {
    let round = &InvocationBudget::begin();
    // All of them come to their end before an error counts, so that one that fails holds up no other.
    let done: Vec<(MailboxTask, Result<One, JobError>)> = stream::iter(message.tasks.clone())
        .map(|task| async move {
            let done = one(app, context, round, &task).await;
            (task, done)
        })
        .buffer_unordered(SIDE_BY_SIDE)
        .collect()
        .await;
    let (mut all_hints, mut rest, mut no_time, mut further) = (Vec::new(), Vec::new(), false, false);
    for (task, done) in done {
        let One { hints, left } = done?;
        all_hints.extend(hints);
        no_time |= left == Some(Left::NoTime);
        further |= left == Some(Left::Further);
        if left.is_some() {
            // What else it said is written down by now.
            let kind = if task.kind == TaskKind::Release { TaskKind::Release } else { TaskKind::Tend };
            rest.push(MailboxTask { mailbox: task.mailbox, kind, subscription: None });
        }
    }
    // Where nothing at all could be done for want of an answer, asking on is for the planning round.
    let is_in_vain = no_time && !further && rest.len() == message.tasks.len();
    let goes_on = !rest.is_empty() && !is_in_vain && message.went_on < GOES_ON;
    let rest = goes_on.then(|| Mailboxes {
        trace: message.trace.clone(),
        went_on: message.went_on + 1,
        ..Mailboxes::of(message.tenant.clone(), rest)
    });
    Ok(Maintained { hints: all_hints, rest })
}

/// What became of a task.
#[derive(Default)]
struct One {
    hints: Vec<Hint>,
    /// Why it was not done, or not all of it.
    left: Option<Left>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    /// Under the service's write limits.
    NoRoom,
    NoTime,
    /// The calendar is compared in part, and that is kept.
    Further,
}

impl One {
    fn left(why: Left) -> Self {
        Self { hints: Vec::new(), left: Some(why) }
    }
}

async fn one(
    app: &AppContext,
    context: &TenantContext,
    round: &InvocationBudget,
    task: &MailboxTask,
) -> Result<One, JobError> {
    let now = app.ledger.clock.now();
    if task.kind == TaskKind::Release {
        return release(app, context, round, &task.mailbox).await;
    }
    // First what is known is written down, so that it outlives this invocation.
    record_lifecycle_event(app, context, task, now).await?;
    if invocation_deadline::has_asked() {
        return Ok(One::left(Left::NoTime));
    }

    let Some(row) = mailboxes::load(&app.ledger, &context.tenant.name, &task.mailbox).await? else {
        return Ok(One::default());
    };
    if row.leaving {
        // It is about to be released, and not to be read meanwhile.
        return Ok(One::default());
    }
    let often = context.tenant.watch.resync;
    let wants_room = row.due <= now;
    let has_room =
        wants_room && round.has_room(app, context, subscribe::write_kind(context, &row, now)).await?;
    // Room is waited for.
    let now = app.ledger.clock.now();
    let is_due =
        |row: &MailboxRow| (has_room && row.due <= now) || resync_schedule::due(row, often, now).is_some();
    let mut left = (wants_room && !has_room).then_some(Left::NoRoom);
    if !is_due(&row) {
        return Ok(One { hints: Vec::new(), left });
    }

    // Then one worker at a time acts on it.
    let Some(row) = lease(app, context, &task.mailbox, is_due, now).await? else { return Ok(One::default()) };
    let (lease, next_start) = (row.leased_until, row.next_start);
    if row.gaps > 0 {
        blind_gaps::raise(app, context).await?;
    }
    let row = if has_room && row.due <= now {
        match subscribe(app, context, round, row).await? {
            Some(row) => row,
            // It took so long that somebody else has taken over, or the mailbox is released: theirs counts.
            None => return Ok(One::default()),
        }
    } else {
        row
    };
    let mut compared = None;
    // As of now: the making of the subscription took its time, and wants the calendar compared since.
    if let Some(scope) = resync_schedule::due(&row, often, app.ledger.clock.now()) {
        match compare(app, context, &row, scope).await? {
            Some(Step::Complete(done)) => compared = Some(done),
            Some(Step::Further) => left = Some(Left::Further),
            None if invocation_deadline::has_asked() => left = Some(Left::NoTime),
            None => {}
        }
    }
    if compared.as_ref().is_some_and(|compared| compared.was_kept) {
        // Killed after that, it is begun anew.
        read_in_steps::forget(&app.ledger, &context.tenant.name, &task.mailbox).await?;
    }
    mailboxes::update(&app.ledger, &context.tenant.name, &task.mailbox, |row| {
        let row = row?;
        (row.leased_until == lease).then(|| {
            let mut next = MailboxRow { leased_until: None, ..row.clone() };
            if let Some(compared) = &compared {
                // What was linked since is not overlooked.
                let since = row.next_start.filter(|start| next_start != Some(*start));
                next.next_start = [compared.next_start, since].into_iter().flatten().min();
                next.upcoming_resynced_at = Some(compared.asked);
                next.comparing = None;
            }
            next
        })
    })
    .await?;
    Ok(One { hints: compared.map(|compared| compared.hints).unwrap_or_default(), left })
}

/// Writes down what a lifecycle event said.
async fn record_lifecycle_event(
    app: &AppContext,
    context: &TenantContext,
    task: &MailboxTask,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let change = |row: &MailboxRow| match task.kind {
        TaskKind::Tend | TaskKind::Release => None,
        TaskKind::Reauthorize => {
            let other = task.subscription.is_some() && row.subscription != task.subscription;
            // Heeded later where it comes too soon: deliveries may pause until somebody reauthorizes.
            let due = row.renewed_at.map_or(now, |at| now.max(at + app.timing.coalesce));
            // What happened in such a pause is not told afterwards
            // (reference/graph-notifications.md#delivery): the calendar is compared once it is over.
            (!other && due < row.due).then(|| MailboxRow { due, resync_wanted: Some(due), ..row.clone() })
        }
        TaskKind::Removed => {
            let spoken_of = task.subscription.is_none() || row.subscription == task.subscription;
            (row.subscription.is_some() && spoken_of).then(|| blind_gaps::lapsed(row, context, now))
        }
        TaskKind::Resync => Some(blind_gaps::missed(row, context, now)),
    };
    if task.kind != TaskKind::Tend {
        let ledger = &app.ledger;
        mailboxes::update(ledger, &context.tenant.name, &task.mailbox, |row| change(row?)).await?;
    }
    Ok(())
}

/// `None`: there is nothing to do for us, or somebody else is at it.
async fn lease(
    app: &AppContext,
    context: &TenantContext,
    user: &UserId,
    is_due: impl Fn(&MailboxRow) -> bool,
    now: DateTime<Utc>,
) -> Result<Option<MailboxRow>, StoreError> {
    let mut mine = false;
    let row = mailboxes::update(&app.ledger, &context.tenant.name, user, |row| {
        mine = false;
        let row = row?;
        let busy = row.leased_until.is_some_and(|until| until > now);
        mine = !busy && is_due(row);
        mine.then(|| MailboxRow { leased_until: Some(now + LEASE), ..row.clone() })
    })
    .await?;
    Ok(row.filter(|_| mine))
}

/// `None`: the calendar can't be read now.
async fn compare(
    app: &AppContext,
    context: &TenantContext,
    row: &MailboxRow,
    scope: ResyncScope,
) -> Result<Option<Step<comparison::Compared>>, JobError> {
    match resync::resync(app, context, row, scope).await.graph()? {
        Ok(compared) => Ok(Some(compared)),
        Err(failure) => {
            tracing::warn!(
                tenant = %context.tenant.name, mailbox = %row.user, trouble = %failure,
                "the calendar can't be compared now"
            );
            alerting::graph_failure(app, context, &failure).await?;
            Ok(None)
        }
    }
}

async fn release(
    app: &AppContext,
    context: &TenantContext,
    round: &InvocationBudget,
    user: &UserId,
) -> Result<One, JobError> {
    let ledger = &app.ledger;
    let name = &context.tenant.name;
    let Some(row) = mailboxes::load(ledger, name, user).await? else { return Ok(One::default()) };
    if !row.leaving {
        // The message is old: they are named again since.
        return Ok(One::default());
    }
    if row.leased_until.is_some_and(|until| until > app.ledger.clock.now()) {
        // Somebody is about to write down a subscription of it; the next planning round releases it.
        return Ok(One::default());
    }
    if let Some(id) = &row.subscription {
        if !round.has_room(app, context, Paced::Write).await? {
            return Ok(One::left(Left::NoRoom));
        }
        if let Err(failure) = context.graph.delete_subscription(id).await {
            // The row stays, so that the next planning round tries again.
            tracing::warn!(tenant = %name, mailbox = %user, trouble = %failure, "a subscription could not be \
                deleted");
            alerting::graph_failure(app, context, &failure).await?;
            return Ok(One::default());
        }
    }
    blind_gaps::keep(app, &row).await?;
    read_in_steps::forget(&app.ledger, name, user).await?;
    mailboxes::remove(ledger, name, user).await?;
    Ok(One::default())
}
