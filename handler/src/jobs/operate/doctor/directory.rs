//! Whoever is to be watched can be found in the directory.
//!
//! A group whose membership is hidden shows nobody without a permission of its own
//! (`Member.Read.Hidden`), and looks like an empty one.

use super::check::{Check, CheckId, Look, Outcome};
use super::graph_words::not_answered;
use super::subject::{TRIED, Visit};
use crate::enrolment::policy::Mailboxes;
use crate::graph::GraphError;
use crate::graph::permissions::Permission;

pub(super) const CHECK: Check = Check {
    id: CheckId::Directory,
    title: "directory",
    needs: &[CheckId::Graph],
    look: Look::Tenant(|visit| Box::pin(look(visit))),
};

async fn look(visit: &Visit<'_>) -> Outcome {
    let tenant = &visit.context.tenant;
    if !tenant.watch.mode.reads_learners() {
        return Outcome::skipped("no learner's mailbox is watched in mode organizer");
    }
    match (&tenant.watch.mailboxes, visit.people().await) {
        (Mailboxes::Group(_), Err(GraphError::NotFound(_))) => Outcome::failed(
            "there is no group of the id in watch.mailboxes",
            "Copy the group's object id anew (Entra, Groups), or name another one; a group of another tenant \
             won't do.",
        ),
        (Mailboxes::Group(_), Ok(people)) if people.is_empty() => Outcome::failed(
            "the group in watch.mailboxes shows no member who is a user",
            "Put learners into it, or name another group; one whose membership is hidden shows nobody.",
        ),
        (Mailboxes::Users(users), Ok(people)) if people.len() < users.len().min(TRIED) => Outcome::failed(
            format!(
                "{} of the {} users in watch.mailboxes that were looked up are not in the directory",
                users.len().min(TRIED) - people.len(),
                users.len().min(TRIED)
            ),
            "Correct watch.mailboxes: object ids or user principal names of this directory.",
        ),
        (_, Ok(people)) => Outcome::ok(match people.len() {
            0 => "it shows nobody".to_owned(),
            1 => "whom watch.mailboxes names is there".to_owned(),
            _ => "those whom watch.mailboxes names are there".to_owned(),
        }),
        (_, Err(GraphError::Refused(_))) if visit.lacks(Permission::UserReadAll).await => {
            Outcome::skipped("refused, because User.Read.All is not granted")
        }
        (Mailboxes::Group(_), Err(GraphError::Refused(_)))
            if visit.lacks(Permission::GroupMemberReadAll).await =>
        {
            Outcome::skipped("refused, because GroupMember.Read.All is not granted")
        }
        (_, Err(failure)) => not_answered("the people of watch.mailboxes", failure),
    }
}
