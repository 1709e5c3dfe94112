//! `cancel-enrolment`: queue `regrets-cancellations` → one attempt at the LMS.

use crate::functions::names::binding;
use crate::functions::unit;
use crate::host::{Failure, Function, Invocation, Outputs};
use crate::message::Cancellation;
use crate::work::cancel;
use crate::work::desk::Office;
use async_trait::async_trait;
use std::sync::Arc;

pub struct CancelEnrolment(pub Arc<Office>);

#[async_trait]
impl Function for CancelEnrolment {
    async fn invoke(&self, invocation: Invocation) -> Result<Outputs, Failure> {
        let message: Cancellation = unit::message(&invocation.queue_text(binding::MESSAGE)?)?;
        let unit = unit::Unit::begin("cancel-enrolment", &invocation, Some(&message.tenant), message.trace.as_deref());
        let attempt = unit.end(unit.along(None, cancel::cancel(&self.0, &message)).await)?;
        unit.done(attempt.outcome(), format_args!("{}", attempt.word()));
        Ok(Outputs::new())
    }
}
