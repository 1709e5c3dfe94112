//! `housekeeping`: timer → what a kill lost is re-derived, what is over is let go.

use crate::custom_handler::failure::Failure;
use crate::custom_handler::{Function, Invocation, Outputs};
use crate::functions::invocation_log;
use crate::jobs::context::AppContext;
use crate::jobs::operate::housekeeping;
use async_trait::async_trait;
use std::sync::Arc;

pub struct Housekeeping(pub Arc<AppContext>);

#[async_trait]
impl Function for Housekeeping {
    async fn invoke(&self, invocation: Invocation) -> Result<Outputs, Failure> {
        let unit = invocation_log::InvocationLog::begin("housekeeping", &invocation, None, None);
        let kept = unit.end(housekeeping::hourly(&self.0).await)?;
        unit.done(
            "kept",
            format_args!(
                "{} enrolments, {} wake-ups restored, {} forgotten",
                kept.enrolments, kept.wakeups_restored, kept.forgotten
            ),
        );
        Ok(Outputs::new())
    }
}
