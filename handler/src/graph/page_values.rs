//! Pages of what Graph lists, one at a time; which calendars are meant, and what a mailbox answers by itself:
//! values of [`super::port`].

use crate::calendar::event::Event;
use crate::ids::SubscriptionId;
use chrono::{DateTime, Utc};

/// What a calendar shows between two times, a page at a time.
#[derive(Debug, Clone, PartialEq)]
pub enum Viewed {
    Page(ViewPage),
    /// Graph does not take the link any more: the window must be read anew.
    Lost,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ViewPage {
    pub events: Vec<Event>,
    /// Where it goes on: opaque, and ours to keep. `None`: that was all.
    pub next: Option<String>,
}

/// `automaticRepliesSetting.status`, and what matters of its schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AutomaticReplies {
    Off,
    On,
    /// By a schedule that ends then, and may not have begun.
    Until(DateTime<Utc>),
}

/// Which calendars of a mailbox are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calendars {
    /// The one in which invitations arrive.
    Default,
    /// The mailbox's own, but for the default one: there may be any number of them.
    Others,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    pub id: SubscriptionId,
    pub resource: String,
    pub notification_url: Option<String>,
    pub expires: DateTime<Utc>,
}

/// A page of the list of subscriptions, which says nothing of what is on the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionPage {
    pub listed: Vec<Subscription>,
    /// Where it goes on: opaque, ours to keep, and of unknown life. `None`: that is all.
    pub next: Option<String>,
}
