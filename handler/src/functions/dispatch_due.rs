//! `dispatch-due`: timer → what is due, on `regrets-cancellations` and `regrets-changes`.

use crate::custom_handler::failure::Failure;
use crate::custom_handler::{Function, Invocation, Outputs};
use crate::functions::names::binding;
use crate::functions::{invocation_log, traceparent};
use crate::jobs::cancel::dispatch;
use crate::jobs::context::AppContext;
use async_trait::async_trait;
use std::sync::Arc;

pub struct DispatchDue(pub Arc<AppContext>);

#[async_trait]
impl Function for DispatchDue {
    async fn invoke(&self, invocation: Invocation) -> Result<Outputs, Failure> {
        let trace = traceparent::given_or_new(invocation.trace.as_deref());
        let unit = invocation_log::InvocationLog::begin("dispatch-due", &invocation, None, Some(&trace));
        let wake = unit.end(dispatch::dispatch(&self.0, Some(&trace)).await)?;
        if !wake.cancellations.is_empty() || !wake.changes.is_empty() {
            let looks: usize = wake.changes.iter().map(|changes| changes.hints.len()).sum();
            unit.done("woken", format_args!("{} cancellations, {looks} looks", wake.cancellations.len()));
        }
        Ok(Outputs::new()
            .queue(binding::CANCELLATIONS, invocation_log::texts(&wake.cancellations)?)
            .queue(binding::CHANGES, invocation_log::texts(&wake.changes)?))
    }
}
