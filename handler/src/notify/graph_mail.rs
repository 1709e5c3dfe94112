//! The channel `graph_mail`: a mail from a mailbox of a tenant, through Graph (`Mail.Send` on that one
//! mailbox). Graph tells no repetition, so a mail comes twice where nobody knows whether it went out.

use super::message::Message;
use super::{Channel, Sent};
use crate::graph::GraphError;
use crate::graph::port::{Graph, Mail};
use crate::ids::{Address, TenantName};
use async_trait::async_trait;
use std::sync::Arc;
use tokio::time::timeout;

pub struct GraphMail {
    pub tenant: TenantName,
    pub graph: Arc<dyn Graph>,
    pub from: Address,
    pub to: Vec<Address>,
}

#[async_trait]
impl Channel for GraphMail {
    fn shown(&self) -> String {
        format!("mail through the Graph of {}, to {} recipients", self.tenant, self.to.len())
    }

    fn through(&self) -> Option<&TenantName> {
        Some(&self.tenant)
    }

    async fn send(&self, message: &Message, _again: bool) -> Sent {
        let mail = Mail {
            id: message.id.clone(),
            from: self.from.clone(),
            to: self.to.clone(),
            subject: message.subject(),
            text: message.text(),
        };
        match timeout(super::ANSWER, self.graph.send_mail(&mail)).await {
            Ok(Ok(())) => Sent::yes("Graph has taken the mail, which says nothing of its delivery."),
            Ok(Err(error)) if error.is_unknown_outcome() => Sent::unknown(
                format!("No answer from Graph: {error}."),
                "The mail may have gone out; it may come twice.",
            ),
            Ok(Err(error)) => Sent::no(format!("Graph has not taken the mail: {error}."), step(&error)),
            Err(_) => Sent::unknown(
                format!("No answer from Graph within {} s.", super::ANSWER.as_secs()),
                "The mail may have gone out; it may come twice.",
            ),
        }
    }
}

fn step(error: &GraphError) -> &'static str {
    match error {
        GraphError::Refused(_) => {
            "The app needs Mail.Send on this mailbox: consent to it, or assign the role Application \
             Mail.Send with a scope that holds the mailbox."
        }
        GraphError::NotFound(_) | GraphError::NoMailbox(_) => {
            "`from` must be a mailbox in Exchange Online of that tenant."
        }
        GraphError::Unauthorized(_) | GraphError::Credential { .. } => {
            "The tenant's credential gives no token that Graph takes: mend it as its alert says."
        }
        GraphError::Throttled { .. } => "Graph takes no more mails for a while; it is tried again later.",
        GraphError::Unavailable(_) => "Graph can't be reached now; it is tried again later.",
        GraphError::Quota(_)
        | GraphError::Conflict(_)
        | GraphError::TooLong { .. }
        | GraphError::Validation(_)
        | GraphError::Invalid(_) => "Check `from` and `to`; the log has Graph's request-id.",
    }
}
