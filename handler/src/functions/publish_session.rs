//! `publish-session`: queue `regrets-sessions` → what the LMS tells of its sessions, and what stands in
//! calendars; what follows from it on the same queue.

use crate::custom_handler::failure::Failure;
use crate::custom_handler::{Function, Invocation, Outputs};
use crate::functions::names::binding;
use crate::functions::{invocation_log, traceparent};
use crate::jobs::context::AppContext;
use crate::jobs::publish::work::{self, Worked};
use crate::messages::{Sessions, SessionsTask};
use async_trait::async_trait;
use std::sync::Arc;

pub struct PublishSession(pub Arc<AppContext>);

#[async_trait]
impl Function for PublishSession {
    async fn invoke(&self, invocation: Invocation) -> Result<Outputs, Failure> {
        let message: Sessions = invocation_log::message(&invocation.queue_text(binding::MESSAGE)?)?;
        let trace = traceparent::given_or_new(message.trace.as_deref());
        let tenant = Some(&message.tenant);
        let unit = invocation_log::InvocationLog::begin("publish-session", &invocation, tenant, Some(&trace));
        let Worked { done, next } = unit.end(work::work(&self.0, &message).await)?;
        let outcome = match message.task {
            SessionsTask::Read | SessionsTask::Places | SessionsTask::Compare => "read",
            SessionsTask::Look => "looked",
            SessionsTask::Withdraw => "withdrew",
            SessionsTask::Calendars => "compared",
        };
        unit.done(outcome, format_args!("{} sessions: {done:?}", message.sessions.len()));
        let next = next.into_iter().map(|one| Sessions { trace: Some(trace.clone()), ..one });
        Ok(Outputs::new().queue(binding::SESSIONS, invocation_log::texts(&next.collect::<Vec<_>>())?))
    }
}
