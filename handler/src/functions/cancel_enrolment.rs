//! `cancel-enrolment`: queue `regrets-cancellations` → one attempt at the LMS, and those of the same
//! connection that wait in line.

use crate::custom_handler::failure::Failure;
use crate::custom_handler::{Function, Invocation, Outputs};
use crate::functions::invocation_log::{self, InvocationLog};
use crate::functions::names::binding;
use crate::jobs::cancel::attempt;
use crate::jobs::cancel::connection_slots::{self, SlotRequest};
use crate::jobs::context::AppContext;
use crate::messages::Cancellation;
use async_trait::async_trait;
use std::sync::Arc;

pub struct CancelEnrolment(pub Arc<AppContext>);

const NAME: &str = "cancel-enrolment";

#[async_trait]
impl Function for CancelEnrolment {
    async fn invoke(&self, invocation: Invocation) -> Result<Outputs, Failure> {
        let message: Cancellation = invocation_log::message(&invocation.queue_text(binding::MESSAGE)?)?;
        let unit = InvocationLog::begin(NAME, &invocation, Some(&message.tenant), message.trace.as_deref());
        let context = Arc::clone(unit.end(self.0.context(&message.tenant))?);
        let own = message.agenda.clone();
        let mut slot = match context.share.enter(message) {
            SlotRequest::Slot(slot) => slot,
            SlotRequest::InLine => {
                unit.done("in-line", format_args!("in line: the connection has its share in flight"));
                return Ok(Outputs::new());
            }
            SlotRequest::NoRoom => {
                connection_slots::put_back(&self.0.ledger, &own).await;
                unit.done("put-back", format_args!("put back: too many of the connection are in line"));
                return Ok(Outputs::new());
            }
        };
        let mut outcome = Ok(Outputs::new());
        while let Some(message) = slot.first_in_line() {
            let attempted = self.attempt(&invocation, &message).await;
            if attempted.is_ok() {
                continue;
            }
            match message.agenda == own {
                true => outcome = attempted,
                // Its message is gone.
                false => connection_slots::put_back(&self.0.ledger, &message.agenda).await,
            }
            // The ledger fails: the others have no better chance now.
            break;
        }
        slot.leave(&self.0.ledger).await;
        outcome
    }
}

impl CancelEnrolment {
    async fn attempt(&self, invocation: &Invocation, message: &Cancellation) -> Result<Outputs, Failure> {
        let unit = InvocationLog::begin(NAME, invocation, Some(&message.tenant), message.trace.as_deref());
        let attempt = unit.end(unit.along(None, attempt::cancel(&self.0, message)).await)?;
        unit.done(attempt.outcome(), format_args!("{}", attempt.word()));
        Ok(Outputs::new())
    }
}
