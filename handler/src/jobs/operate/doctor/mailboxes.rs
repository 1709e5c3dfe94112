//! Mailboxes that must be readable are read: the organizers', and some learner's.
//!
//! What Exchange says of a mailbox outside of a scope is not documented in full: whatever it refuses counts
//! (reference/graph-directory.md#exchange-scope).

use super::check::{Check, CheckId, Look, Outcome};
use super::graph_words::{not_answered, said};
use super::subject::{ReadMailbox, Visit};
use crate::graph::{GraphError, MailboxFailure};

pub(super) const CHECK: Check = Check {
    id: CheckId::Mailboxes,
    title: "mailboxes to be read",
    needs: &[CheckId::Graph],
    look: Look::Tenant(|visit| Box::pin(look(visit))),
};

pub(super) const RBAC: &str = "https://learn.microsoft.com/exchange/permissions-exo/application-rbac";

async fn look(visit: &Visit<'_>) -> Outcome {
    let read = match visit.mailboxes().await {
        Ok(read) => read,
        Err(failure) => {
            return Outcome::skipped(format!("whom to try can't be read in the ledger: {failure}"));
        }
    };
    judge(read)
}

fn judge(read: &[ReadMailbox]) -> Outcome {
    let (organizers, learners): (Vec<&ReadMailbox>, Vec<&ReadMailbox>) =
        read.iter().partition(|one| one.is_organizer);
    if let Some((one, failure)) = organizers.iter().find_map(|one| Some((one, one.events.as_ref().err()?))) {
        return refused(&format!("the organizer {}", one.shown), failure);
    }
    let readable = learners.iter().filter(|one| one.events.is_ok()).count();
    if let (Some(failure), 0) = (learners.iter().find_map(|one| one.events.as_ref().err()), readable) {
        let whose = if learners.len() == 1 { "a learner's" } else { "each learner's that was tried" };
        return refused(whose, failure);
    }
    let organizers = match organizers.len() {
        0 => None,
        1 => Some("the organizer's calendar".to_owned()),
        many => Some(format!("{many} organizers' calendars")),
    };
    let learners = (readable > 0).then(|| "a learner's".to_owned());
    match (organizers, learners) {
        (Some(organizers), Some(learners)) => Outcome::ok(format!("{organizers} and {learners} can be read")),
        (Some(one), None) | (None, Some(one)) => Outcome::ok(format!("{one} can be read")),
        (None, None) => Outcome::skipped("nobody is known yet who could be tried"),
    }
}

fn refused(whose: &str, failure: &GraphError) -> Outcome {
    if matches!(failure, GraphError::NotFound(_)) {
        return Outcome::failed(
            format!("{whose}: nobody in this directory has that address"),
            "Correct the address in the configuration; an alias will do, an address of another tenant won't.",
        );
    }
    match failure.mailbox() {
        MailboxFailure::Refused => Outcome::failed(
            format!("{whose} can't be read: {}", said(failure)),
            "Have Exchange grant the role `Application Calendars.Read` on this mailbox, or consent to \
             Calendars.Read in Entra. Exchange takes 30 minutes to 2 hours; \
             `Test-ServicePrincipalAuthorization` shows it at once.",
        )
        .link(RBAC),
        MailboxFailure::NoMailbox => Outcome::failed(
            format!("{whose} is no mailbox of Exchange Online: {}", said(failure)),
            "Give it a licence with Exchange Online, or take it out of the configuration: mailboxes on \
             premises, of guests and of groups can't be read.",
        ),
        MailboxFailure::Quota | MailboxFailure::Passing => not_answered(whose, failure),
    }
}
