//! Whether sessions can be published as it is configured: what the organizer's mailbox is for, whether Teams
//! makes meetings for it, whether the directory's rooms can be read. Reads only.
//!
//! Teams has a gate of its own for meetings beside the calendar, an application access policy for each user,
//! which stands in no token (reference/graph-publishing.md#online-meetings): a meeting that is not there is
//! looked for.

use super::check::{Check, CheckId, Look, Outcome};
use super::graph_words::not_answered;
use super::subject::Visit;
use crate::graph::GraphError;
use crate::graph::port::Mailbox;
use crate::ids::UserId;
use crate::publishing::policy::{Online, Publisher, RoomsBy};

pub(super) const CHECK: Check = Check {
    id: CheckId::Publishing,
    title: "publishing",
    needs: &[CheckId::Mailboxes],
    look: Look::Tenant(|visit| Box::pin(look(visit))),
};

async fn look(visit: &Visit<'_>) -> Outcome {
    let publish = visit.context.tenant.publish.as_ref().filter(|publish| publish.is_wanted());
    let Some(publisher) = publish.map(|publish| &publish.publisher) else {
        return Outcome::skipped("nothing is published");
    };
    let graph = visit.context.graph.as_ref();
    let organizer = match visit.context.users.organizer(graph, &publisher.organizer).await {
        Ok(Some(id)) => id,
        Ok(None) => {
            return Outcome::failed(
                "the directory does not know the organizer's mailbox",
                "Correct publish.organizer: the address of a user's or a shared mailbox.",
            );
        }
        Err(failure) => return not_answered("the organizer's mailbox", &failure),
    };
    let purpose = match purpose(visit, &organizer, publisher).await {
        Ok(purpose) => purpose,
        Err(outcome) => return outcome,
    };
    if let Some(outcome) = meetings(visit, &organizer, publisher).await {
        return outcome;
    }
    if let Some(outcome) = rooms(visit, publisher).await {
        return outcome;
    }
    Outcome::ok(format!("{} sends the invitations{purpose}", publisher.organizer.as_str()))
}

/// What the mailbox is for, as far as that is for us to know (`MailboxSettings.Read`).
async fn purpose(visit: &Visit<'_>, organizer: &UserId, publisher: &Publisher) -> Result<String, Outcome> {
    let mailbox = Mailbox::Id(organizer.clone());
    let Ok(Some(purpose)) = visit.context.graph.purpose(&mailbox).await else { return Ok(String::new()) };
    match (purpose.as_str(), publisher.online) {
        ("room" | "equipment", _) => Err(Outcome::failed(
            format!("the organizer's mailbox is that of a {purpose}: it answers invitations, and sends none"),
            "Name a user's or a shared mailbox in publish.organizer.",
        )),
        ("shared", Online::Event | Online::Meeting) => Err(Outcome::warning(
            "the organizer's mailbox is a shared one, for which Teams has few features",
            "Name a licensed account with Teams in publish.organizer, where sessions are online.",
        )),
        _ => Ok(format!(", from a mailbox of the kind {purpose}")),
    }
}

async fn meetings(visit: &Visit<'_>, organizer: &UserId, publisher: &Publisher) -> Option<Outcome> {
    match publisher.online {
        Online::None | Online::Event => return None,
        Online::Meeting => {}
    }
    match visit.context.graph.may_meet(organizer).await {
        Ok(()) => None,
        Err(GraphError::Refused(_) | GraphError::Unauthorized(_)) => {
            let app = &visit.context.tenant.client_id;
            let organizer = organizer.as_str();
            Some(Outcome::failed(
                "no online meeting may be made for the organizer",
                format!(
                    "Consent to OnlineMeetings.ReadWrite.All in Entra, and in Teams PowerShell \
                     `New-CsApplicationAccessPolicy -Identity Regrets -AppIds \"{app}\"`, then \
                     `Grant-CsApplicationAccessPolicy -PolicyName Regrets -Identity \"{organizer}\"`; it \
                     takes up to 30 minutes."
                ),
            ))
        }
        Err(failure) => Some(not_answered("Teams", &failure)),
    }
}

async fn rooms(visit: &Visit<'_>, publisher: &Publisher) -> Option<Outcome> {
    let wanted = publisher.rooms.as_ref()?;
    let known = match visit.context.graph.rooms().await {
        Ok(known) => known,
        Err(GraphError::Refused(_)) => {
            let lost = match wanted.by {
                RoomsBy::Name => "so that no venue is found among them",
                RoomsBy::Address | RoomsBy::Table(_) => {
                    "so that nobody says how many they seat, and which are free"
                }
            };
            return Some(Outcome::warning(
                format!("the directory's rooms can't be read, {lost}"),
                "Consent to Place.Read.All in Entra.",
            ));
        }
        Err(failure) => return Some(not_answered("the directory's rooms", &failure)),
    };
    let RoomsBy::Table(table) = &wanted.by else { return None };
    let strange: Vec<&str> = table
        .values()
        .filter(|address| !known.iter().any(|room| room.address == **address))
        .map(crate::ids::Address::as_str)
        .collect();
    (!strange.is_empty()).then(|| {
        Outcome::warning(
            format!("these are none of the directory's rooms: {}", strange.join(", ")),
            "Correct publish.rooms. A room of another organization does not answer people from outside by \
             default, so nobody learns whether it is booked.",
        )
    })
}
