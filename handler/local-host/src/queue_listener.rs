//! A queue trigger: receive, run, settle (reference/functions-queues.md#polling).

use crate::backoff::Backoff;
use crate::context::Context;
use crate::function_json::{Function, QueueTrigger};
use crate::lease::{Leased, Received};
use crate::notifier::{Waiter, until};
use crate::payload::{self, QueueCall};
use chrono::TimeDelta;
use rand::Rng;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

const FIRST_WAIT: Duration = Duration::from_millis(100);

/// Ends after `closing` is cancelled and its messages are settled.
pub(super) async fn listen(context: Arc<Context>, function: Arc<Function>, trigger: QueueTrigger) {
    let options = context.config.queues.clone();
    let mut waiter = context.queues.notifier(&trigger.queue).waiter();
    let mut running = JoinSet::new();
    let mut backoff = Backoff::new(FIRST_WAIT, options.max_polling, 2);
    while !context.closing.is_cancelled() {
        let found = match context.queues.receive(&trigger.queue, options.batch_size).await {
            Ok(Received { messages, expired }) => {
                if expired > 0 {
                    context.log.warning(format!(
                        "queue {}: {expired} messages were older than seven days and are gone",
                        trigger.queue
                    ));
                }
                messages
            }
            Err(error) => {
                context.log.error(format!("queue {} can't be read: {error}", trigger.queue));
                Vec::new()
            }
        };
        if found.is_empty() {
            let jitter = rand::rng().random_range(0.8..1.2);
            tokio::select! {
                () = tokio::time::sleep(backoff.rest().mul_f64(jitter)) => backoff.was_taken(),
                () = waiter.notified() => backoff.begin_anew(),
                () = context.closing.cancelled() => {}
            }
        } else {
            backoff.begin_anew();
            for message in found {
                let work = work(Arc::clone(&context), Arc::clone(&function), trigger.clone(), message);
                running.spawn(work);
            }
        }
        while running.try_join_next().is_some() {}
        let threshold = usize::try_from(options.new_batch_threshold()).unwrap_or(usize::MAX);
        while running.len() > threshold {
            running.join_next().await;
        }
    }
    while running.join_next().await.is_some() {}
}

/// What becomes of a message after it was worked on.
enum Verdict {
    Done,
    Failed,
    Unreadable,
    TooOften,
}

async fn work(context: Arc<Context>, function: Arc<Function>, trigger: QueueTrigger, mut message: Leased) {
    let verdict = match context.queues.decode(&message.body) {
        None => Verdict::Unreadable,
        Some(_) if message.dequeues > context.config.queues.max_dequeues => Verdict::TooOften,
        Some(content) => run(&context, &function, &trigger, &mut message, &content).await,
    };
    if let Err(error) = settle(&context, &function, &message, verdict).await {
        context.log.error(format!(
            "message {} of queue {} could not be settled and will come again: {error}",
            message.id, message.queue
        ));
    }
}

/// Runs the function and renews the lease at half of its time for as long as that takes.
async fn run(
    context: &Context,
    function: &Function,
    trigger: &QueueTrigger,
    message: &mut Leased,
    content: &[u8],
) -> Verdict {
    let now = context.clock.now();
    let call = QueueCall {
        id: &message.id,
        content,
        receipt: &message.receipt,
        dequeues: message.dequeues,
        inserted: message.inserted,
        expires: message.expires,
        visible: message.visible,
    };
    let payload = payload::queue(&function.name, &trigger.binding, trigger.binary, &call, now);
    let mut waiter: Waiter = context.moved.waiter();
    let lease = context.queues.lease();
    let mut renewal = now + lease / 2;
    let invocation = context.invoker.invoke(function, &payload);
    tokio::pin!(invocation);
    loop {
        tokio::select! {
            outcome = &mut invocation => return if outcome.is_ok() { Verdict::Done } else { Verdict::Failed },
            () = until(&*context.clock, &mut waiter, renewal) => {
                renewal = context.clock.now() + lease / 2;
                match context.queues.renew(message).await {
                    Ok(Some(receipt)) => message.receipt = receipt,
                    Ok(None) => context.log.warning(format!("message {} of queue {} is no longer \
                        ours", message.id, message.queue)),
                    Err(error) => {
                        context.log.error(format!("the lease of message {} was not renewed: \
                                                   {error}", message.id));
                        renewal = context.clock.now() + lease / 10;
                    }
                }
            }
        }
    }
}

async fn settle(
    context: &Context,
    function: &Function,
    message: &Leased,
    verdict: Verdict,
) -> crate::error::Result<()> {
    let options = &context.config.queues;
    let (queues, name) = (&context.queues, &function.name);
    let why = match verdict {
        Verdict::Done if context.faults.redelivers() => {
            queues.release(message, TimeDelta::zero()).await?;
            return Ok(());
        }
        Verdict::Done => {
            if !queues.delete(message).await? {
                context.log.warning(format!(
                    "message {} of queue {} was done, but is no longer ours to delete",
                    message.id, message.queue
                ));
            }
            return Ok(());
        }
        Verdict::Failed if message.dequeues < options.max_dequeues => {
            let delay = TimeDelta::from_std(options.visibility).unwrap_or(TimeDelta::MAX);
            queues.release(message, delay).await?;
            return Ok(());
        }
        Verdict::Failed => format!("function {name} failed {} times on it", message.dequeues),
        Verdict::TooOften => format!("it was delivered {} times to function {name}", message.dequeues),
        Verdict::Unreadable => "it is not base64, as messageEncoding says it should be".to_owned(),
    };
    match message.queue.poison() {
        Some(poison) => {
            if queues.poison(message, &poison).await? {
                context.log.error(format!(
                    "message {} of queue {} goes to {poison}: \
                                           {why}",
                    message.id, message.queue
                ));
            }
        }
        None => context.log.error(format!(
            "message {} of queue {} comes again in ten minutes, because this queue has no poison queue: \
             {why}",
            message.id, message.queue
        )),
    }
    Ok(())
}
