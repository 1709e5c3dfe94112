//! The shape of `[tenant.<name>.publish]`: what is written into calendars, and where it comes from.

use super::raw_lms::FileLms;
use super::raw_secrets::{Secret, Secrets};
use super::table::{Field, May, Must, Table, tables};
use super::tree::Node;
use super::values::{Duration, Guid};
use crate::lms::push::read::LearnerField;
use crate::publishing::content::Field as EventField;
use crate::publishing::edits::Wins;
use crate::publishing::policy::{Events, Instructors, JoinWho, Online, PublishState};
use crate::sessions::words::Language;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Where sessions, and who holds a place in them, come from
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum SourceKind {
    /// The connector reads them
    Lms,
    /// Another connector reads them: `from`, `feed` or `csv` says which
    From,
    /// The LMS tells of them by itself
    Push,
}

#[derive(JsonSchema)]
#[schemars(
    untagged,
    description = "An https URL; or the app setting that holds one which is a secret itself."
)]
#[allow(dead_code, reason = "for the schema")]
pub(super) enum Address {
    Url(String),
    Secret(Secret<'static>),
}

/// What another connector reads, with settings of its own.
pub(super) struct From;

impl JsonSchema for From {
    fn schema_name() -> Cow<'static, str> {
        "From".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let file = generator.subschema_for::<FileLms<'static>>();
        json_schema!({ "description": "A connector that reads, and its settings.", "allOf": [file] })
    }
}

/// By what a venue's room is known
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum RoomWord {
    /// The LMS tells the mailbox
    Address,
    /// The directory has one room of the venue's name
    Name,
}

#[derive(JsonSchema)]
#[schemars(
    untagged,
    description = "address: the LMS tells the mailbox. name: the one room of the directory that is called as \
                   the venue is. A table: mailboxes by the venue's name, or the LMS's id of it."
)]
#[allow(dead_code, reason = "for the schema")]
pub(super) enum RoomMap {
    Word(RoomWord),
    Table(BTreeMap<String, String>),
}

tables! {
    /// The LMS's sessions are written into the calendars of those who hold a place.
    Publish {
        /// off: nothing is read or written. preview: what would be written is counted. on: invitations are
        /// sent.
        #[schemars(extend("default" = "off"))]
        state: May<PublishState>,
        /// lms: read through the connector. from: through another one. push: the LMS tells by itself.
        #[schemars(extend("default" = "lms"))]
        source: May<SourceKind>,
        /// The connector that reads them, and its settings, where the one that cancels can't.
        from: May<From>,
        /// Short for `from`: a calendar feed (iCalendar).
        feed: May<Address>,
        /// Short for `from`: a table of sessions and places (CSV).
        csv: May<Address>,
        /// The mailbox that sends the invitations: one of recognise.organizer and of watch.organizers. Those
        /// that stand keep theirs.
        organizer: Must<String>,
        /// Tells tenants apart that write into one mailbox. Another one makes every event anew.
        #[schemars(extend("default" = ""))]
        namespace: May<String>,
        /// Write to these learners and to nobody else. Default: to all
        only: May<PublishOnly<'n>>,
        /// Changes of a session are gathered for so long into one mail.
        #[schemars(extend("default" = "10m"))]
        settle_edits: May<Duration>,
        #[schemars(
            description = "Changes that are mailed by themselves; others go along with the next of these. \
                           Who is invited is always told.",
            extend("default" = ["when", "place", "link"])
        )]
        sends: May<Vec<EventField>>,
        /// The language of Regrets' own words in an event, where the LMS tells none of the learner.
        #[schemars(extend("default" = "en"))]
        language: May<Language>,
        /// More mails than these in one round wait for a person.
        #[schemars(range(min = 0), extend("default" = 200))]
        confirm_above: May<u32>,
        /// The LMS's own invitations are known of, and switched off where they can be.
        #[schemars(extend("default" = false))]
        also_invites: May<bool>,
        /// How often the source is read, from 5m to 24h.
        #[schemars(extend("default" = "1h"))]
        every: May<Duration>,
        /// What may vanish from one reading to the next before a person is asked.
        vanish: May<Vanish<'n>>,
        /// What may vanish from an organizer's calendar within an hour before nothing is written there.
        taken_away: May<TakenAway<'n>>,
        /// Who wins where a person edits an event in the organizer's calendar; it is told of either way.
        edits: May<Edits<'n>>,
        /// What the organizer's mailbox may send.
        limits: May<SendLimits<'n>>,
        /// learner: one event for each learner, and one of the session for instructors, room and meeting.
        /// session: one for all, up to 400 people, none of whom sees another, without `join` and `texts`.
        /// A session keeps what it was published as.
        #[schemars(extend("default" = "learner"))]
        events: May<Events>,
        /// Whether the LMS's instructors are invited to their sessions, and what they are told of who comes.
        #[schemars(extend("default" = "count"))]
        instructors: May<Instructors>,
        /// The room of a session's venue is booked. Default: none is
        rooms: May<Rooms<'n>>,
        /// Where the way into a meeting comes from, for sessions of which the LMS shows no link.
        #[schemars(extend("default" = "none"))]
        online: May<Online>,
        /// What learners' invitations say. Default: Regrets' own words
        texts: May<Texts<'n>>,
        /// A mailbox in whose calendar sessions stand, too, without attendees. Default: none
        calendar: May<String>,
        /// Who has the way into a session's meeting. Default: the LMS's own link stands in every event
        join: May<Join<'n>>,
        /// What the LMS tells by itself; with source = "push".
        push: May<Push<'n>>,
    }

    /// At least one; whoever is in either is written to.
    #[schemars(extend("minProperties" = 1))]
    PublishOnly {
        /// Addresses of learners.
        #[schemars(length(min = 1))]
        addresses: May<Vec<String>>,
        /// A group's object id; its transitive members.
        group: May<Guid>,
    }

    /// More than `few`, and more than `percent` of what was known, are taken for an error of the source.
    Vanish {
        /// So many may vanish, however large a share that is.
        #[schemars(range(min = 0), extend("default" = 3))]
        few: May<u32>,
        /// So large a share may vanish.
        #[schemars(range(min = 0, max = 100), extend("default" = 20))]
        percent: May<u32>,
    }

    /// More events than `few`, and more than `percent` of those to come, that are gone from a calendar within
    /// an hour, and not by Regrets, are taken for an accident.
    TakenAway {
        /// So many may be gone, however large a share that is.
        #[schemars(range(min = 0), extend("default" = 5))]
        few: May<u32>,
        /// So large a share may be gone.
        #[schemars(range(min = 0, max = 100), extend("default" = 10))]
        percent: May<u32>,
    }

    /// person: the edit stays, until the LMS changes that itself. lms: it is undone, once, which mails
    /// everybody who is invited.
    Edits {
        /// Date and time.
        #[schemars(extend("default" = "person"))]
        when: May<Wins>,
        #[schemars(description = "The title.", extend("default" = "person"))]
        title: May<Wins>,
        /// The place's name; not of online meetings, nor where a room is booked.
        #[schemars(extend("default" = "person"))]
        place: May<Wins>,
    }

    /// What the organizer's mailbox may send, below what Exchange takes.
    SendLimits {
        /// Exchange takes 30.
        #[schemars(range(min = 1, max = 30), extend("default" = 25))]
        messages_a_minute: May<u32>,
        /// Exchange takes 10,000.
        #[schemars(range(min = 1, max = 10_000), extend("default" = 8_000))]
        recipients_a_day: May<u32>,
    }

    /// The room of a session's venue is booked.
    Rooms {
        /// Which mailbox a venue's room is.
        map: Must<RoomMap>,
        /// Learners are invited when the room has accepted, or has not for four hours.
        #[schemars(extend("default" = false))]
        first: May<bool>,
    }

    /// What learners' invitations say, by the learner's language: templates in files beside this one.
    #[schemars(extend("minProperties" = 1))]
    Texts {
        /// Of those whom the LMS calls English, or of whom it tells no language where `language` is English.
        en: May<String>,
        /// The same in German.
        de: May<String>,
    }

    /// Who has the way into a session's meeting.
    Join {
        /// everyone: a page of ours stands in learners' events, which leads on shortly before the start.
        /// instructors, primary: no link stands in learners' events.
        who: Must<JoinWho>,
        /// So long before the start, at most 24h.
        #[schemars(extend("default" = "10m"))]
        opens: May<Duration>,
    }

    /// What the LMS tells by itself.
    Push {
        /// What its messages are signed with; each of a list is taken, while a secret is being changed.
        secrets: Must<Secrets>,
        /// By which field a learner is known when the place is cancelled.
        #[schemars(extend("default" = "email"))]
        learner: May<LearnerField>,
        /// The time zone of sessions that name none: an IANA or a Windows name.
        #[schemars(extend("default" = "UTC"))]
        zone: May<String>,
    }
}
