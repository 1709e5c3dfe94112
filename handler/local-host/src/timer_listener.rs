//! A timer trigger (reference/functions-host.md#timers): one run at a time but for those by hand, the next
//! counted from the start of the last, missed slots collapsed into one. With monitoring, a run that was
//! missed while the host was down is made up for at the start.

use crate::context::Context;
use crate::error::Result;
use crate::function_json::{Function, TimerTrigger};
use crate::notifier::until;
use crate::payload;
use crate::timer_status::TimerStatus;
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// A timer as it stands when the host starts.
pub(super) struct Prepared {
    function: Arc<Function>,
    trigger: TimerTrigger,
    start: DateTime<Utc>,
    /// Unless function.json says no, or it fires more than once a minute.
    monitored: bool,
    status: Option<TimerStatus>,
}

/// Reads the status of earlier runs; a first start is noted, so that a run missed from now on is known as
/// missed.
pub(super) async fn prepare(
    context: &Context,
    function: Arc<Function>,
    trigger: TimerTrigger,
) -> Result<Prepared> {
    let start = context.clock.now();
    let monitored = trigger.monitor && !trigger.schedule.is_dense(start);
    let status = if monitored { remembered(context, &function, &trigger, start).await? } else { None };
    Ok(Prepared { function, trigger, start, monitored, status })
}

/// Ends after `closing` is cancelled and a run under way is over.
pub(super) async fn listen(context: Arc<Context>, prepared: Prepared) {
    let Prepared { function, trigger, start, monitored, mut status } = prepared;
    let past_due = status.as_ref().is_some_and(|status| status.next < start);
    let mut base = start;
    if past_due || trigger.run_on_startup {
        base = run(&context, &function, &trigger, &mut status, past_due, monitored).await;
    }
    let mut waiter = context.moved.waiter();
    loop {
        let Some(next) = trigger.schedule.next_after(base) else {
            let schedule = trigger.schedule.as_str();
            context.log.warning(format!(
                "timer {}: schedule \"{schedule}\" has no further occurrence",
                function.name
            ));
            return;
        };
        tokio::select! {
            // A timer that is due when the host closes is left for the next start to make up for.
            biased;
            () = context.closing.cancelled() => return,
            () = until(&*context.clock, &mut waiter, next) => {}
        }
        base = run(&context, &function, &trigger, &mut status, false, monitored).await;
    }
}

/// The status of earlier runs, if it was for this schedule; else a first one is written, so that the next
/// start can tell whether a run was missed.
async fn remembered(
    context: &Context,
    function: &Function,
    trigger: &TimerTrigger,
    now: DateTime<Utc>,
) -> Result<Option<TimerStatus>> {
    let schedule = trigger.schedule.as_str().to_owned();
    if let Some(status) = context.statuses.get(&function.name).await?
        && status.schedule == schedule
    {
        return Ok(Some(status));
    }
    let Some(next) = trigger.schedule.next_after(now) else { return Ok(None) };
    let first = TimerStatus { schedule, last: None, next, updated: None };
    // From the next start on, the time when this was written stands for a run that never was.
    let later = TimerStatus { last: Some(now), updated: Some(now), ..first.clone() };
    context.statuses.put(&function.name, later).await?;
    Ok(Some(first))
}

/// Runs once and advances the status, whatever came of it; gives the time at which the run began.
async fn run(
    context: &Context,
    function: &Function,
    trigger: &TimerTrigger,
    status: &mut Option<TimerStatus>,
    past_due: bool,
    monitored: bool,
) -> DateTime<Utc> {
    let began = context.clock.now();
    let payload = payload::timer(&function.name, &trigger.binding, status.as_ref(), past_due, began);
    // A failure is said by the invoker; a timer has no other try before its next time.
    let _ = context.invoker.invoke(function, &payload).await;
    if monitored && let Some(next) = trigger.schedule.next_after(began) {
        let advanced = TimerStatus {
            schedule: trigger.schedule.as_str().to_owned(),
            last: Some(began),
            next,
            updated: Some(began),
        };
        if let Err(error) = context.statuses.put(&function.name, advanced.clone()).await {
            context.log.error(format!(
                "timer {}: its status can't be written, so this run may be repeated: {error}",
                function.name
            ));
        }
        *status = Some(advanced);
    }
    began
}
