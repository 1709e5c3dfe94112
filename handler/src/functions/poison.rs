//! `poison-changes`, `poison-mailboxes`, `poison-cancellations`, `poison-sessions`: what all tries of the
//! host could not digest.
//!
//! Guarantees: a message that can't be taken care of now, because the ledger can't be written, goes back to
//! the queue that it came from. A poison queue has no poison queue: after as many failures the host would
//! keep its messages, and hand them to nobody any more (reference/functions-queues.md#failures).

use crate::custom_handler::failure::Failure;
use crate::custom_handler::{Function, Invocation, Outputs};
use crate::functions::invocation_log;
use crate::functions::names::{
    POISON_CANCELLATIONS, POISON_CHANGES, POISON_MAILBOXES, POISON_SESSIONS, binding,
};
use crate::invocation_deadline;
use crate::jobs::JobError;
use crate::jobs::context::AppContext;
use crate::jobs::operate::dead_letters;
use async_trait::async_trait;
use std::sync::Arc;

pub struct Poison {
    pub app: Arc<AppContext>,
    pub kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Changes,
    Mailboxes,
    Cancellations,
    Sessions,
}

impl Kind {
    fn function(self) -> &'static str {
        match self {
            Kind::Changes => POISON_CHANGES,
            Kind::Mailboxes => POISON_MAILBOXES,
            Kind::Cancellations => POISON_CANCELLATIONS,
            Kind::Sessions => POISON_SESSIONS,
        }
    }

    /// The kind that the function of this name takes care of.
    pub(crate) fn of(function: &str) -> Option<Self> {
        [Kind::Changes, Kind::Mailboxes, Kind::Cancellations, Kind::Sessions]
            .into_iter()
            .find(|kind| kind.function() == function)
    }

    /// The message, sent to the queue that it came from.
    pub(crate) fn returned(self, text: String) -> Outputs {
        let origin = match self {
            Kind::Changes => binding::CHANGES,
            Kind::Mailboxes => binding::MAILBOXES,
            Kind::Cancellations => binding::CANCELLATIONS,
            Kind::Sessions => binding::SESSIONS,
        };
        Outputs::new().queue(origin, [text])
    }
}

#[async_trait]
impl Function for Poison {
    async fn invoke(&self, invocation: Invocation) -> Result<Outputs, Failure> {
        let text = invocation.queue_text(binding::MESSAGE)?;
        let unit = invocation_log::InvocationLog::begin(self.kind.function(), &invocation, None, None);
        let keep = async {
            match self.kind {
                Kind::Changes => dead_letters::change(&self.app, &text).await,
                Kind::Mailboxes => dead_letters::mailboxes(&self.app, &text).await,
                Kind::Cancellations => dead_letters::cancellation(&self.app, &text).await,
                Kind::Sessions => dead_letters::sessions(&self.app, &text).await,
            }
        };
        let kept = invocation_deadline::within(keep).await.unwrap_or(Err(JobError::OutOfTime));
        if unit.end(kept).is_err() {
            return Ok(self.kind.returned(text));
        }
        unit.done("kept", format_args!("the message is taken care of"));
        Ok(Outputs::new())
    }
}

#[cfg(test)]
#[path = "poison_tests.rs"]
mod tests;
