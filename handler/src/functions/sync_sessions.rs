//! `sync-sessions`: timer → what of the LMS's sessions is to be read or published, on `regrets-sessions`.

use crate::custom_handler::failure::Failure;
use crate::custom_handler::{Function, Invocation, Outputs};
use crate::functions::names::binding;
use crate::functions::{invocation_log, traceparent};
use crate::jobs::context::AppContext;
use crate::jobs::publish::sync;
use async_trait::async_trait;
use std::sync::Arc;

pub struct SyncSessions(pub Arc<AppContext>);

#[async_trait]
impl Function for SyncSessions {
    async fn invoke(&self, invocation: Invocation) -> Result<Outputs, Failure> {
        let trace = traceparent::given_or_new(invocation.trace.as_deref());
        let unit = invocation_log::InvocationLog::begin("sync-sessions", &invocation, None, Some(&trace));
        let messages = unit.end(sync::plan(&self.0, Some(&trace)).await)?;
        unit.done("planned", format_args!("{} messages", messages.len()));
        Ok(Outputs::new().queue(binding::SESSIONS, invocation_log::texts(&messages)?))
    }
}
