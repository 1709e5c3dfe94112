//! `poison-changes`, `poison-mailboxes`, `poison-cancellations`: what five tries could not digest.

use crate::functions::names::binding;
use crate::functions::unit;
use crate::host::{Failure, Function, Invocation, Outputs};
use crate::work::desk::Office;
use crate::work::poison;
use async_trait::async_trait;
use std::sync::Arc;

pub struct Poison {
    pub office: Arc<Office>,
    pub kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Changes,
    Mailboxes,
    Cancellations,
}

#[async_trait]
impl Function for Poison {
    async fn invoke(&self, invocation: Invocation) -> Result<Outputs, Failure> {
        let text = invocation.queue_text(binding::MESSAGE)?;
        let unit = unit::Unit::begin("poison", &invocation, None, None);
        let kept = match self.kind {
            Kind::Changes => poison::change(&self.office, &text).await,
            Kind::Mailboxes => poison::mailboxes(&self.office, &text).await,
            Kind::Cancellations => poison::cancellation(&self.office, &text).await,
        };
        unit.end(kept)?;
        unit.done(format_args!("{:?} message taken care of", self.kind));
        Ok(Outputs::new())
    }
}
