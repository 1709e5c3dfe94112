//! `poison-changes`, `poison-mailboxes`, `poison-cancellations`: what all tries of the host could not digest.

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

impl Kind {
    fn function(self) -> &'static str {
        match self {
            Kind::Changes => "poison-changes",
            Kind::Mailboxes => "poison-mailboxes",
            Kind::Cancellations => "poison-cancellations",
        }
    }
}

#[async_trait]
impl Function for Poison {
    async fn invoke(&self, invocation: Invocation) -> Result<Outputs, Failure> {
        let text = invocation.queue_text(binding::MESSAGE)?;
        let unit = unit::Unit::begin(self.kind.function(), &invocation, None, None);
        let kept = match self.kind {
            Kind::Changes => poison::change(&self.office, &text).await,
            Kind::Mailboxes => poison::mailboxes(&self.office, &text).await,
            Kind::Cancellations => poison::cancellation(&self.office, &text).await,
        };
        unit.end(kept)?;
        unit.done("kept", format_args!("the message is taken care of"));
        Ok(Outputs::new())
    }
}
