//! Microsoft Graph, as far as Regrets needs it.
//!
//! [`port::Graph`] is the port that the use cases call; [`GraphError`] classifies what went wrong by HTTP
//! status first, then `error.code`, then the inner status inside an `ExtensionError`
//! (reference/graph-limits.md#errors), because Graph's texts change.
//!
//! [`HttpGraph`] implements the port. The way of a call: `events`, `delta`, `users` and `subscriptions` shape
//! the request and read the answer; `batch` carries it, with `scheduler` saying what goes together,
//! `exchange` taking it there and back, and `envelope` knowing the form; `auth` lets it in; `classify` names
//! what went wrong. [`crate::http::client`] builds the process's HTTP clients, for Graph and for every other
//! adapter.

pub mod auth;
mod backoff;
mod batch;
mod classify;
mod client;
pub mod client_state;
#[cfg(test)]
mod client_tests;
mod delta;
mod error;
mod event_json;
mod event_times;
mod event_values;
mod event_writes;
mod events;
mod json;
mod mail;
mod mailbox_settings;
mod meetings;
mod page_values;
pub mod permissions;
pub mod port;
mod request;
mod rooms;
mod served_clock;
mod subscriptions;
#[cfg(test)]
pub(crate) mod testing;
mod users;
mod write_failure;

use crate::calendar::event::Event;
use crate::calendar::event_select::EventSelect;
use crate::calendar::room::Room;
use crate::graph::port::{
    AutomaticReplies, Calendars, Changes, EventFields, Graph, Invited, Mail, Mailbox, Mark, MarkedEvent,
    NewEvent, NewMeeting, NewSubscription, OnlineMeeting, Since, Subscription, SubscriptionPage, User,
    UserSink, Viewed, WrittenEvent,
};
use crate::ids::{Address, EventId, ICalUid, SubscriptionId, UserId};
use async_trait::async_trait;
pub use auth::assertion::{certificate_ends, why_no_certificate};
pub use auth::cloud::{Endpoints, endpoints};
pub(crate) use batch::scheduler::PARTS as PARTS_OF_BATCH;
use chrono::{DateTime, TimeDelta, Utc};
pub use client::{CALL_DEADLINE, GraphOptions, HttpGraph};
pub(crate) use delta::PAGE as DELTA_PAGE;
pub use error::{Failure, GraphError, MailboxFailure, Mending};
pub(crate) use events::{IDS as IDS_PAGE, PAGE as VIEW_PAGE};
use std::collections::BTreeSet;
pub(crate) use users::PAGE as USERS_PAGE;
pub use write_failure::WriteFailure;

#[async_trait]
impl Graph for HttpGraph {
    async fn event(
        &self,
        mailbox: &Mailbox,
        event: &EventId,
        select: &EventSelect,
    ) -> Result<Option<Event>, GraphError> {
        events::one(self, mailbox, event, select).await
    }

    async fn shows(
        &self,
        mailbox: &Mailbox,
        event: &EventId,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        calendars: Calendars,
    ) -> Result<bool, GraphError> {
        events::shows(self, mailbox, event, (from, to), calendars).await
    }

    async fn events_by_ical_uid(
        &self,
        mailbox: &Mailbox,
        uid: &ICalUid,
        select: &EventSelect,
    ) -> Result<Vec<Event>, GraphError> {
        events::by_ical_uid(self, mailbox, uid, select).await
    }

    async fn instances(
        &self,
        mailbox: &Mailbox,
        master: &EventId,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        select: &EventSelect,
    ) -> Result<Option<Vec<Event>>, GraphError> {
        events::instances(self, mailbox, master, from, to, select).await
    }

    async fn calendar_view(
        &self,
        mailbox: &Mailbox,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        select: &EventSelect,
    ) -> Result<Vec<Event>, GraphError> {
        events::view(self, mailbox, from, to, select).await
    }

    async fn calendar_page(
        &self,
        mailbox: &Mailbox,
        since: &Since,
        select: &EventSelect,
    ) -> Result<Viewed, GraphError> {
        events::page(self, mailbox, since, select).await
    }

    async fn calendar_changes(&self, mailbox: &Mailbox, since: &Since) -> Result<Changes, GraphError> {
        delta::page(self, mailbox, since).await
    }

    async fn automatic_replies(&self, mailbox: &Mailbox) -> Result<AutomaticReplies, GraphError> {
        mailbox_settings::automatic_replies(self, mailbox).await
    }

    async fn granted_permissions(&self) -> Result<Option<Vec<String>>, GraphError> {
        self.granted().await
    }

    async fn held_permissions(&self) -> Result<Option<Vec<String>>, GraphError> {
        self.held().await
    }

    async fn user(&self, id_or_upn: &str) -> Result<Option<User>, GraphError> {
        users::one(self, id_or_upn).await
    }

    async fn user_by_address(&self, address: &Address) -> Result<Option<User>, GraphError> {
        users::by_address(self, address).await
    }

    async fn group_members(&self, group: &str, see: &mut UserSink<'_>) -> Result<(), GraphError> {
        users::members(self, group, see).await
    }

    async fn users(&self, see: &mut UserSink<'_>) -> Result<(), GraphError> {
        users::all(self, see).await
    }

    async fn some_people(&self, group: Option<&str>) -> Result<Vec<User>, GraphError> {
        users::some(self, group).await
    }

    async fn time_zone(&self, mailbox: &Mailbox) -> Result<Option<String>, GraphError> {
        mailbox_settings::time_zone(self, mailbox).await
    }

    async fn purpose(&self, mailbox: &Mailbox) -> Result<Option<String>, GraphError> {
        mailbox_settings::purpose(self, mailbox).await
    }

    fn clock_ahead(&self) -> Option<TimeDelta> {
        HttpGraph::clock_ahead(self)
    }

    async fn create_subscription(&self, wanted: &NewSubscription) -> Result<Subscription, GraphError> {
        subscriptions::create(self, wanted).await
    }

    async fn renew_subscription(
        &self,
        id: &SubscriptionId,
        expires: DateTime<Utc>,
    ) -> Result<Subscription, GraphError> {
        subscriptions::renew(self, id, expires).await
    }

    async fn delete_subscription(&self, id: &SubscriptionId) -> Result<(), GraphError> {
        subscriptions::delete(self, id).await
    }

    async fn subscriptions(&self, from: Option<&str>) -> Result<SubscriptionPage, GraphError> {
        subscriptions::page(self, from).await
    }

    async fn send_mail(&self, mail: &Mail) -> Result<(), GraphError> {
        mail::send(self, mail).await
    }

    async fn marked_events(
        &self,
        mailbox: &Mailbox,
        mark: &Mark<'_>,
    ) -> Result<Vec<MarkedEvent>, GraphError> {
        event_writes::marked(self, mailbox, mark).await
    }

    async fn shown_events(
        &self,
        mailbox: &Mailbox,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<BTreeSet<EventId>, GraphError> {
        events::shown(self, mailbox, (from, to)).await
    }

    async fn create_event(&self, organizer: &Mailbox, wanted: &NewEvent) -> Result<Event, GraphError> {
        event_writes::create(self, organizer, wanted).await
    }

    async fn change_event(
        &self,
        organizer: &Mailbox,
        event: &EventId,
        says: &EventFields,
    ) -> Result<Option<Event>, GraphError> {
        event_writes::change(self, organizer, event, says).await
    }

    async fn change_attendees(
        &self,
        organizer: &Mailbox,
        event: &EventId,
        attendees: &[Invited],
        etag: &str,
    ) -> Result<(), GraphError> {
        event_writes::change_attendees(self, organizer, event, attendees, etag).await
    }

    async fn decline_event(&self, mailbox: &Mailbox, event: &EventId) -> Result<(), GraphError> {
        event_writes::decline(self, mailbox, event).await
    }

    async fn call_off_event(
        &self,
        organizer: &Mailbox,
        event: &EventId,
        comment: &str,
    ) -> Result<(), GraphError> {
        event_writes::call_off(self, organizer, event, comment).await
    }

    async fn delete_event(&self, mailbox: &Mailbox, event: &EventId) -> Result<(), GraphError> {
        event_writes::delete(self, mailbox, event).await
    }

    async fn written_event(
        &self,
        organizer: &Mailbox,
        event: &EventId,
    ) -> Result<Option<WrittenEvent>, GraphError> {
        meetings::of_event(self, organizer, event).await
    }

    async fn online_meeting(
        &self,
        organizer: &UserId,
        wanted: &NewMeeting,
    ) -> Result<OnlineMeeting, GraphError> {
        meetings::create_or_get(self, organizer, wanted).await
    }

    async fn move_meeting(
        &self,
        organizer: &UserId,
        id: &str,
        times: (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<(), GraphError> {
        meetings::move_to(self, organizer, id, times).await
    }

    async fn rooms(&self) -> Result<Vec<Room>, GraphError> {
        rooms::all(self).await
    }

    async fn free_rooms(
        &self,
        organizer: &Mailbox,
        rooms: &[Address],
        between: (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<Vec<Address>, GraphError> {
        rooms::free(self, organizer, rooms, between).await
    }

    async fn may_meet(&self, organizer: &UserId) -> Result<(), GraphError> {
        meetings::may(self, organizer).await
    }
}
