//! `observe-changes`: queue `regrets-changes` → evidence, ledger, agenda.

use crate::custom_handler::failure::Failure;
use crate::custom_handler::{Function, Invocation, Outputs};
use crate::functions::invocation_log;
use crate::functions::names::binding;
use crate::jobs::context::AppContext;
use crate::jobs::observe::hints;
use crate::messages::Changes;
use async_trait::async_trait;
use std::sync::Arc;

pub struct ObserveChanges(pub Arc<AppContext>);

#[async_trait]
impl Function for ObserveChanges {
    async fn invoke(&self, invocation: Invocation) -> Result<Outputs, Failure> {
        let changes: Changes = invocation_log::message(&invocation.queue_text(binding::MESSAGE)?)?;
        let unit = invocation_log::InvocationLog::begin(
            "observe-changes",
            &invocation,
            Some(&changes.tenant),
            changes.trace.as_deref(),
        );
        let work = hints::observe(&self.0, &changes);
        let observed = unit.end(unit.along(changes.trace.as_deref(), work).await)?;
        unit.done(
            observed.outcome(),
            format_args!(
                "{} hints: {} judged, {} irrelevant, {} postponed",
                changes.hints.len(),
                observed.judged,
                observed.irrelevant,
                observed.postponed
            ),
        );
        Ok(Outputs::new())
    }
}
