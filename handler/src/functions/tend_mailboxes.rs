//! `tend-mailboxes`: queue `regrets-mailboxes` → subscriptions; a resync's hints on `regrets-changes`, and
//! what there was no room or time for on `regrets-mailboxes` again.

use crate::custom_handler::failure::Failure;
use crate::custom_handler::{Function, Invocation, Outputs};
use crate::functions::names::binding;
use crate::functions::{invocation_log, queue_messages, traceparent};
use crate::jobs::context::AppContext;
use crate::jobs::watch::maintain::{self, Maintained};
use crate::messages::Mailboxes;
use async_trait::async_trait;
use std::sync::Arc;

pub struct TendMailboxes(pub Arc<AppContext>);

#[async_trait]
impl Function for TendMailboxes {
    async fn invoke(&self, invocation: Invocation) -> Result<Outputs, Failure> {
        let message: Mailboxes = invocation_log::message(&invocation.queue_text(binding::MESSAGE)?)?;
        let trace = traceparent::given_or_new(message.trace.as_deref());
        let unit = invocation_log::InvocationLog::begin(
            "tend-mailboxes",
            &invocation,
            Some(&message.tenant),
            Some(&trace),
        );
        let Maintained { hints, rest } = unit.end(maintain::maintain(&self.0, &message).await)?;
        let left = rest.as_ref().map_or(0, |rest| rest.tasks.len());
        let rest: Vec<Mailboxes> =
            rest.map(|rest| Mailboxes { trace: Some(trace.clone()), ..rest }).into_iter().collect();
        unit.done(
            "tended",
            format_args!("{} mailboxes, {} hints, {left} go on", message.tasks.len(), hints.len()),
        );
        Ok(Outputs::new()
            .queue(binding::CHANGES, queue_messages::changes(&trace, &message.tenant, &hints)?)
            .queue(binding::MAILBOXES, invocation_log::texts(&rest)?))
    }
}
