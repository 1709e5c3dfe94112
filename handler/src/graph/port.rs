//! The port that the use cases call, and its values.

use crate::calendar::event::Event;
use crate::calendar::event_select::EventSelect;
use crate::calendar::room::Room;
use crate::graph::error::{Failure, GraphError};
pub use crate::graph::event_values::{
    EventFields, EventText, Invited, MARK, Mark, MarkedEvent, NewEvent, NewMeeting, OnlineMeeting, PUBLISHED,
    REVISION, WallTime, When, WrittenEvent,
};
pub use crate::graph::page_values::{
    AutomaticReplies, Calendars, Subscription, SubscriptionPage, ViewPage, Viewed,
};
use crate::ids::{Address, EventId, ICalUid, SubscriptionId, UserId};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// A mailbox to read: by object id (preferred), or by address where only that is configured.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Mailbox {
    Id(UserId),
    Address(Address),
}

impl From<UserId> for Mailbox {
    fn from(id: UserId) -> Self {
        Self::Id(id)
    }
}

/// From where on a calendar is followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Since {
    /// Everything that it shows between two times.
    Window { from: DateTime<Utc>, to: DateTime<Utc> },
    /// Where an earlier page left off. The window is in it, and does not move.
    Link(String),
}

/// What following a calendar gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changes {
    Page(DeltaPage),
    /// Graph does not know any more what it has told: everything must be read anew.
    Lost,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeltaPage {
    /// In Graph's order; the same event may be in there more than once.
    pub items: Vec<DeltaItem>,
    pub next: Next,
}

/// Where it goes on: opaque, and ours to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// There are more pages.
    Page(String),
    /// That is all for now; what changes from now on is found there.
    Later(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeltaItem {
    /// New or changed. Occurrences may come with little more than this.
    There { event: EventId, master: Option<EventId>, is_organizer: Option<bool> },
    /// Gone from the window; or changed outside of it, where it may never have been in it.
    Removed(EventId),
}

/// What the directory says of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub user_principal_name: Option<String>,
    pub mail: Option<String>,
    /// `mail`, UPN and every `smtp:` proxy address, in lower case, without doubles.
    pub addresses: Vec<Address>,
    /// Names of Exchange's own directory under which calendars may show this person: every `X500:` proxy
    /// address.
    pub exchange_names: Vec<Address>,
    pub employee_id: Option<String>,
    pub account_enabled: bool,
    pub is_guest: bool,
    /// `onPremisesExtensionAttributes`, by name.
    pub extension_attributes: BTreeMap<String, String>,
}

/// Is shown the people of a listing, one after the other.
pub type UserSink<'a> = dyn FnMut(User) + Send + 'a;

/// A subscription to be created on one mailbox's events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSubscription {
    pub mailbox: UserId,
    pub notification_url: String,
    pub client_state: String,
    pub expires: DateTime<Utc>,
}

/// A mail to be sent from a mailbox of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Goes along in a header.
    pub id: String,
    pub from: Address,
    pub to: Vec<Address>,
    pub subject: String,
    pub text: String,
}

/// One tenant's Graph. Concurrent calls are gathered into `$batch` requests; each call retries what is worth
/// retrying within its deadline and comes back with a classified error.
#[async_trait]
pub trait Graph: Send + Sync + 'static {
    /// One event by its immutable id. `None`: the mailbox answered, and the event is not in it (404
    /// `ErrorItemNotFound`).
    async fn event(
        &self,
        mailbox: &Mailbox,
        event: &EventId,
        select: &EventSelect,
    ) -> Result<Option<Event>, GraphError>;

    /// Whether a calendar of the mailbox's own shows this event between two times. That an event answers by
    /// its id says nothing of that: it may lie in Deleted Items, or be held.
    async fn shows(
        &self,
        mailbox: &Mailbox,
        event: &EventId,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        calendars: Calendars,
    ) -> Result<bool, GraphError>;

    /// Events of the mailbox with this `iCalUId` (single instances and series masters).
    async fn events_by_ical_uid(
        &self,
        mailbox: &Mailbox,
        uid: &ICalUid,
        select: &EventSelect,
    ) -> Result<Vec<Event>, GraphError>;

    /// The occurrences of a series between two times, all pages. `None`: the mailbox answered, and there is
    /// no such master.
    async fn instances(
        &self,
        mailbox: &Mailbox,
        master: &EventId,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        select: &EventSelect,
    ) -> Result<Option<Vec<Event>>, GraphError>;

    /// The calendar between two times, occurrences expanded, all pages.
    async fn calendar_view(
        &self,
        mailbox: &Mailbox,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        select: &EventSelect,
    ) -> Result<Vec<Event>, GraphError>;

    /// The same, one page: whoever has not the time for all of them goes on later where it stopped. A Graph
    /// without pages shows everything at once.
    async fn calendar_page(
        &self,
        mailbox: &Mailbox,
        since: &Since,
        select: &EventSelect,
    ) -> Result<Viewed, GraphError> {
        match since {
            Since::Window { from, to } => {
                let events = self.calendar_view(mailbox, *from, *to, select).await?;
                Ok(Viewed::Page(ViewPage { events, next: None }))
            }
            Since::Link(_) => Ok(Viewed::Lost),
        }
    }

    /// One page of what has changed in the mailbox's default calendar. It says which events to look at, and
    /// no more: an event is read by its own id.
    async fn calendar_changes(&self, mailbox: &Mailbox, since: &Since) -> Result<Changes, GraphError>;

    /// Whether the mailbox answers mail by itself. [`GraphError::Refused`]: that is not for us to know
    /// (`MailboxSettings.Read`).
    async fn automatic_replies(&self, mailbox: &Mailbox) -> Result<AutomaticReplies, GraphError>;

    /// Application permissions that the tenant has granted by now, as a token says that is asked for anew;
    /// `None` where it can't be looked into. For diagnostics: what RBAC for Applications grants in Exchange
    /// is not among them (reference/entra.md#reading-tokens), so a mailbox has to be tried. Fails where no
    /// token can be had.
    async fn granted_permissions(&self) -> Result<Option<Vec<String>>, GraphError> {
        Ok(None)
    }

    /// The same, as the token says by which calls go now: it may be an hour old, and costs no request where
    /// one is held.
    async fn held_permissions(&self) -> Result<Option<Vec<String>>, GraphError> {
        Ok(None)
    }

    /// A user by object id or UPN. `None`: no such user.
    async fn user(&self, id_or_upn: &str) -> Result<Option<User>, GraphError>;

    /// The user who has this address, be it their UPN, their mail or an alias. `None`: nobody in this
    /// directory.
    async fn user_by_address(&self, address: &Address) -> Result<Option<User>, GraphError>;

    /// Shows all users that are transitive members of a group, page by page as they come: a directory may be
    /// larger than what one wants to hold. On an error some have been shown.
    async fn group_members(&self, group: &str, see: &mut UserSink<'_>) -> Result<(), GraphError>;

    /// Shows all users of the directory, as [`Graph::group_members`].
    async fn users(&self, see: &mut UserSink<'_>) -> Result<(), GraphError>;

    /// Some people of a group, or of the directory: no more than one page.
    async fn some_people(&self, group: Option<&str>) -> Result<Vec<User>, GraphError> {
        let mut found = Vec::new();
        let mut see = |one| found.push(one);
        match group {
            Some(group) => self.group_members(group, &mut see).await?,
            None => self.users(&mut see).await?,
        }
        Ok(found)
    }

    /// The time zone that a mailbox is set to, by whatever name. [`GraphError::Refused`]: that is not for us
    /// to know (`MailboxSettings.Read`).
    async fn time_zone(&self, _mailbox: &Mailbox) -> Result<Option<String>, GraphError> {
        Err(GraphError::not_asked())
    }

    /// What a mailbox is for: `user`, `shared`, `room`, `equipment`. As [`Graph::time_zone`].
    async fn purpose(&self, _mailbox: &Mailbox) -> Result<Option<String>, GraphError> {
        Err(GraphError::not_asked())
    }

    /// How far Graph's clock is ahead of ours, by its last answer; `None` where that is not known.
    fn clock_ahead(&self) -> Option<TimeDelta> {
        None
    }

    async fn create_subscription(&self, wanted: &NewSubscription) -> Result<Subscription, GraphError>;

    /// Extends the expiry (and thereby reauthorizes). [`GraphError::NotFound`]: it is gone.
    async fn renew_subscription(
        &self,
        id: &SubscriptionId,
        expires: DateTime<Utc>,
    ) -> Result<Subscription, GraphError>;

    /// Deletes; one that is gone already is fine.
    async fn delete_subscription(&self, id: &SubscriptionId) -> Result<(), GraphError>;

    /// One page of this app's subscriptions in the tenant: the first, or the one where an earlier page left
    /// off.
    async fn subscriptions(&self, from: Option<&str>) -> Result<SubscriptionPage, GraphError>;

    /// Sends a mail (`Mail.Send`); taken, and not yet delivered. Never tried again by itself where nobody
    /// knows whether it went out: [`GraphError::is_unknown_outcome`]. A Graph that sends none refuses.
    async fn send_mail(&self, _mail: &Mail) -> Result<(), GraphError> {
        let code = "noMail".to_owned();
        Err(GraphError::Refused(Failure { status: None, code, request_id: None }))
    }

    /// The events in the default calendar that carry this mark, all pages.
    async fn marked_events(
        &self,
        _mailbox: &Mailbox,
        _mark: &Mark<'_>,
    ) -> Result<Vec<MarkedEvent>, GraphError> {
        Err(GraphError::not_asked())
    }

    /// The events that the default calendar shows between two times, but for those that are cancelled: by
    /// their ids, which is all that is read of them.
    async fn shown_events(
        &self,
        mailbox: &Mailbox,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<BTreeSet<EventId>, GraphError> {
        let all = self.calendar_view(mailbox, from, to, &EventSelect::default()).await?;
        Ok(all.into_iter().filter(|event| !event.is_cancelled).map(|event| event.id).collect())
    }

    /// Makes an event and sends the invitation (`Calendars.ReadWrite`). Never tried again by itself where
    /// nobody knows whether it was made: whoever wants to know looks for its mark.
    async fn create_event(&self, _organizer: &Mailbox, _wanted: &NewEvent) -> Result<Event, GraphError> {
        Err(GraphError::not_asked())
    }

    /// Writes what an event says, and mails everybody listed (`Calendars.ReadWrite`). Never the list itself.
    /// Gives it as it is then, where the answer says so. What follows from a failure:
    /// [`GraphError::of_write`].
    async fn change_event(
        &self,
        _organizer: &Mailbox,
        _event: &EventId,
        _says: &EventFields,
    ) -> Result<Option<Event>, GraphError> {
        Err(GraphError::not_asked())
    }

    /// Replaces the list of attendees, and mails only whom that concerns (`Calendars.ReadWrite`). `etag`: of
    /// the version whose list was read.
    async fn change_attendees(
        &self,
        _organizer: &Mailbox,
        _event: &EventId,
        _attendees: &[Invited],
        _etag: &str,
    ) -> Result<(), GraphError> {
        Err(GraphError::not_asked())
    }

    /// An event of ours, with the answers to it and the online meeting that it is. `None`: it is not there.
    async fn written_event(
        &self,
        organizer: &Mailbox,
        event: &EventId,
    ) -> Result<Option<WrittenEvent>, GraphError> {
        let found = self.event(organizer, event, &EventSelect::default()).await?;
        Ok(found.map(|event| WrittenEvent { event, is_online: false, join: None }))
    }

    /// The online meeting of this name, which is made where there is none (`OnlineMeetings.ReadWrite.All`,
    /// and an application access policy of Teams for this organizer). Done again, it is the same, with the
    /// times that it was made with or moved to last.
    async fn online_meeting(
        &self,
        _organizer: &UserId,
        _wanted: &NewMeeting,
    ) -> Result<OnlineMeeting, GraphError> {
        Err(GraphError::not_asked())
    }

    /// From when to when it takes place.
    async fn move_meeting(
        &self,
        _organizer: &UserId,
        _id: &str,
        _times: (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<(), GraphError> {
        Err(GraphError::not_asked())
    }

    /// Rooms of the directory (`Place.Read.All`).
    async fn rooms(&self) -> Result<Vec<Room>, GraphError> {
        Err(GraphError::not_asked())
    }

    /// Which of these rooms, at most twenty, nobody has booked between two times.
    async fn free_rooms(
        &self,
        _organizer: &Mailbox,
        _rooms: &[Address],
        _between: (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<Vec<Address>, GraphError> {
        Err(GraphError::not_asked())
    }

    /// Whether online meetings may be made for this organizer: only looks for one that is not there.
    async fn may_meet(&self, _organizer: &UserId) -> Result<(), GraphError> {
        Err(GraphError::not_asked())
    }

    /// Declines with a response, in the invited person's mailbox (`Calendars.ReadWrite`).
    /// [`GraphError::NotFound`]: the copy is not there.
    async fn decline_event(&self, _mailbox: &Mailbox, _event: &EventId) -> Result<(), GraphError> {
        Err(GraphError::not_asked())
    }

    /// The organizer calls the event off, and it is gone from their calendar (`Calendars.ReadWrite`). One
    /// that is gone already is fine.
    async fn call_off_event(
        &self,
        _organizer: &Mailbox,
        _event: &EventId,
        _comment: &str,
    ) -> Result<(), GraphError> {
        Err(GraphError::not_asked())
    }

    /// Takes a copy out of a mailbox (`Calendars.ReadWrite`). One that is gone already is fine.
    async fn delete_event(&self, _mailbox: &Mailbox, _event: &EventId) -> Result<(), GraphError> {
        Err(GraphError::not_asked())
    }
}
