//! A mailbox that must not be readable is tried: the scope is proved, not assumed.
//!
//! A mailbox outside of an Exchange scope is refused with 403; the text differs between policies and role
//! assignments, and is not documented in full (reference/graph-directory.md#exchange-scope). Only that status
//! counts.

use super::check::{Check, CheckId, Look, Outcome};
use super::graph_words::{not_answered, said};
use super::mailboxes::RBAC;
use super::subject::Visit;
use crate::graph::permissions::Permission;
use crate::graph::{GraphError, MailboxFailure};

pub(super) const CHECK: Check = Check {
    id: CheckId::Scope,
    title: "mailbox that must be closed",
    needs: &[CheckId::Mailboxes],
    look: Look::Tenant(|visit| Box::pin(look(visit))),
};

async fn look(visit: &Visit<'_>) -> Outcome {
    let Some(outside) = &visit.context.tenant.doctor.outside else {
        return Outcome::skipped("doctor.outside names no mailbox that must not be readable");
    };
    let is_open = match visit.context.graph.user_by_address(outside).await {
        Ok(Some(user)) => visit.read(user.id.into()).await.map(|_| ()),
        Ok(None) => return nobody(),
        Err(failure) => Err(failure),
    };
    let failure = match is_open {
        Ok(()) => {
            let whole = match visit.granted().await {
                Ok(Some(_)) if !visit.lacks(Permission::CalendarsRead).await => {
                    "Withdraw Entra's consent to Calendars.Read, which is good for every mailbox, and leave \
                     Exchange's role assignment"
                }
                Ok(_) | Err(_) => {
                    "Narrow the scope of the role assignment in Exchange \
                     (`Get-ManagementRoleAssignment -GetEffectiveUsers` shows it)"
                }
            };
            return Outcome::failed(
                "the mailbox in doctor.outside can be read",
                format!("{whole}; it takes up to 2 hours."),
            )
            .link(RBAC);
        }
        Err(failure) => failure,
    };
    match failure.mailbox() {
        MailboxFailure::Refused => Outcome::ok(format!(
            "the mailbox in doctor.outside is refused, as it must be ({})",
            said(&failure)
        )),
        MailboxFailure::NoMailbox => nobody(),
        MailboxFailure::Quota | MailboxFailure::Passing if matches!(failure, GraphError::NotFound(_)) => {
            nobody()
        }
        MailboxFailure::Quota | MailboxFailure::Passing => {
            not_answered("the mailbox in doctor.outside", &failure)
        }
    }
}

fn nobody() -> Outcome {
    Outcome::warning(
        "the address in doctor.outside has no mailbox, so nothing is proved by it",
        "Name a mailbox that exists and must not be readable.",
    )
}
