//! `dispatch-due`: timer → what is due, on `regrets-cancellations`, `regrets-changes` and `regrets-sessions`;
//! and beside it people are told of alerts, which holds up nothing and fails nothing: it goes on by itself
//! where a channel hangs, and ends long before the next tick.

use crate::custom_handler::failure::Failure;
use crate::custom_handler::{Function, Invocation, Outputs};
use crate::functions::names::binding;
use crate::functions::{invocation_log, traceparent};
use crate::jobs::alerts::deliver;
use crate::jobs::cancel::dispatch;
use crate::jobs::context::AppContext;
use crate::jobs::publish::sync;
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;
use tokio::join;
use tokio::time::timeout;

/// So long people's messages may take of the invocation.
const TOLD: Duration = Duration::from_secs(2);

pub struct DispatchDue(pub Arc<AppContext>);

#[async_trait]
impl Function for DispatchDue {
    async fn invoke(&self, invocation: Invocation) -> Result<Outputs, Failure> {
        let trace = traceparent::given_or_new(invocation.trace.as_deref());
        let unit = invocation_log::InvocationLog::begin("dispatch-due", &invocation, None, Some(&trace));
        let app = Arc::clone(&self.0);
        let mut telling = tokio::spawn(async move { deliver::deliver(&app).await });
        let (woken, published) =
            join!(dispatch::dispatch(&self.0, Some(&trace)), sync::between(&self.0, Some(&trace)));
        // No decline waits for what is published: the next tick, or the next round, sees to that.
        let sessions = published.unwrap_or_else(|failure| {
            tracing::warn!(%failure, "what is to be published now is not known");
            Vec::new()
        });
        // What is woken does not wait for a channel that hangs.
        if timeout(TOLD, &mut telling).await.is_err() {
            tracing::debug!("people are still being told");
        }
        let wake = unit.end(woken)?;
        if !wake.cancellations.is_empty() || !wake.changes.is_empty() {
            let looks: usize = wake.changes.iter().map(|changes| changes.hints.len()).sum();
            unit.done("woken", format_args!("{} cancellations, {looks} looks", wake.cancellations.len()));
        }
        Ok(Outputs::new()
            .queue(binding::CANCELLATIONS, invocation_log::texts(&wake.cancellations)?)
            .queue(binding::CHANGES, invocation_log::texts(&wake.changes)?)
            .queue(binding::SESSIONS, invocation_log::texts(&sessions)?))
    }
}
