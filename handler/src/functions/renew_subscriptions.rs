//! `renew-subscriptions`: timer → shards of work on `regrets-mailboxes`.

use crate::custom_handler::failure::Failure;
use crate::custom_handler::{Function, Invocation, Outputs};
use crate::functions::names::binding;
use crate::functions::{invocation_log, traceparent};
use crate::jobs::context::AppContext;
use crate::jobs::watch::plan;
use async_trait::async_trait;
use std::sync::Arc;

pub struct RenewSubscriptions(pub Arc<AppContext>);

#[async_trait]
impl Function for RenewSubscriptions {
    async fn invoke(&self, invocation: Invocation) -> Result<Outputs, Failure> {
        let trace = traceparent::given_or_new(invocation.trace.as_deref());
        let unit =
            invocation_log::InvocationLog::begin("renew-subscriptions", &invocation, None, Some(&trace));
        let messages = unit.end(plan::plan(&self.0, Some(&trace)).await)?;
        unit.done("planned", format_args!("{} messages", messages.len()));
        Ok(Outputs::new().queue(binding::MAILBOXES, invocation_log::texts(&messages)?))
    }
}
