//! A timer trigger (contract sheet 3): one run at a time, the next counted from the start of the last, missed slots
//! collapsed into one. With monitoring, a run that was missed while the host was down is made up for at the start.

use super::context::Context;
use super::error::Result;
use super::function_json::{Function, TimerTrigger};
use super::payload;
use super::pulse::until;
use super::timer_status::TimerStatus;
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// Ends after `closing` is cancelled and a run under way is over.
pub(super) async fn listen(context: Arc<Context>, function: Arc<Function>, trigger: TimerTrigger) {
    let start = context.clock.now();
    let monitored = trigger.monitor && !trigger.schedule.is_dense(start);
    let mut status = None;
    let mut past_due = false;
    if monitored {
        match remembered(&context, &function, &trigger, start).await {
            Ok(found) => {
                past_due = found.as_ref().is_some_and(|found| found.next < start);
                status = found;
            }
            Err(error) => context.log.error(format!("timer {}: its status can't be read: {error}", function.name)),
        }
    }
    let mut base = start;
    if past_due || trigger.run_on_startup {
        base = run(&context, &function, &trigger, &mut status, past_due, monitored).await;
    }
    let mut ear = context.moved.ear();
    loop {
        let Some(next) = trigger.schedule.next_after(base) else {
            context.log.warning(format!(
                "timer {}: schedule \"{}\" has no further occurrence",
                function.name,
                trigger.schedule.as_str()
            ));
            return;
        };
        tokio::select! {
            () = context.closing.cancelled() => return,
            () = until(&*context.clock, &mut ear, next) => {}
        }
        base = run(&context, &function, &trigger, &mut status, false, monitored).await;
    }
}

/// The status of earlier runs, if it was for this schedule; else a first one is written, so that the next start can tell
/// whether a run was missed.
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
    context.statuses.put(&function.name, first.clone()).await?;
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
    let lock = context.timer_locks.get(&function.name).cloned().unwrap_or_default();
    let _alone = lock.lock().await;
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
