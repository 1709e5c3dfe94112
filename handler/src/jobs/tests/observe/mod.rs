//! Hints, evidence and verdicts.

mod attendee_names;
mod cost;
mod deleted_items;
mod everyday;
mod following;
mod generations;
pub(crate) mod interleaving;
mod looked_up;
mod occurrences_without_session;
pub(crate) mod order;
mod organizer_mailboxes;
mod postponing;
mod series;
mod traces;
mod unreadable;
mod vanished_invitations;
