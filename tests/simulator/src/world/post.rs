//! What Exchange sends for an organizer: one entry for each recipient of each message.
//!
//! Guarantee: nothing that an organizer does, by Graph or by hand, mails anybody without an entry here; and
//! what one deed sets off has one [`Mail::cause`], so that "one mail each for one cause" can be asked for.
//! Answers of attendees are [`super::ResponseMail`]s and not among them.

use super::{Meeting, Model, Way};
use chrono::{DateTime, Duration, Utc};
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};

/// Entries that are remembered; the oldest go.
const KEPT: usize = 200_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum MailKind {
    Invitation,
    Update,
    Cancellation,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Mail {
    pub organizer: String,
    /// A person, a room, or a distribution list, which counts as one.
    pub recipient: String,
    pub is_resource: bool,
    pub ical_uid: String,
    /// What the event is called in it.
    pub subject: String,
    pub kind: MailKind,
    pub at: DateTime<Utc>,
    /// When it goes: later, where the mailbox has sent too many messages within a minute.
    pub leaves: DateTime<Utc>,
    /// The deed that sent it: the same number for all that one request (or one act) mails.
    pub cause: u64,
    /// The words of a cancellation.
    pub comment: Option<String>,
}

/// Messages that leave a mailbox within a minute, whatever the number of their recipients; more are queued
/// (handler/reference/graph-publishing.md#sending-limits).
const A_MINUTE: usize = 30;

/// The messages of all organizers, oldest first.
#[derive(Debug, Default)]
pub struct Post {
    kept: VecDeque<Mail>,
    causes: u64,
    /// When the last messages of each organizer leave.
    leaving: BTreeMap<String, VecDeque<DateTime<Utc>>>,
}

impl Post {
    pub fn all(&self) -> Vec<Mail> {
        self.kept.iter().cloned().collect()
    }

    pub fn clear(&mut self) {
        self.kept.clear();
        self.leaving.clear();
    }

    /// Recipients that the mailbox has written to in the last 24 hours.
    pub fn recent(&self, organizer: &str, now: DateTime<Utc>) -> usize {
        let since = now - Duration::hours(24);
        let young = self.kept.iter().rev().take_while(|mail| mail.at > since);
        young.filter(|mail| mail.organizer.eq_ignore_ascii_case(organizer)).count()
    }

    /// When a message that is sent now leaves.
    fn leaves(&mut self, organizer: &str, now: DateTime<Utc>) -> DateTime<Utc> {
        let last = self.leaving.entry(organizer.to_lowercase()).or_default();
        let oldest = if last.len() < A_MINUTE { None } else { last.pop_front() };
        let leaves = oldest.map_or(now, |oldest| now.max(oldest + Duration::minutes(1)));
        last.push_back(leaves);
        leaves
    }

    fn keep(&mut self, mail: Mail) {
        if self.kept.len() >= KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(mail);
    }
}

impl Model {
    /// A deed begins: what it mails has this number.
    pub(super) fn cause(&mut self) -> u64 {
        self.post.causes += 1;
        self.post.causes
    }

    pub(super) fn mail(
        &mut self,
        meeting: &Meeting,
        recipients: &[String],
        kind: MailKind,
        (cause, now): (u64, DateTime<Utc>),
        comment: Option<&str>,
    ) {
        if recipients.is_empty() {
            return;
        }
        let leaves = self.post.leaves(&meeting.organizer.address, now);
        for recipient in recipients {
            self.post.keep(Mail {
                organizer: meeting.organizer.address.clone(),
                recipient: recipient.clone(),
                is_resource: meeting.rooms.iter().any(|room| room.is(recipient)),
                ical_uid: meeting.ical_uid.clone(),
                subject: meeting.subject.clone(),
                kind,
                at: now,
                leaves,
                cause,
                comment: comment.map(str::to_owned),
            });
        }
    }

    /// Whether the mailbox may write to so many more within the day.
    pub fn may_send(&self, organizer: &str, more: usize, now: DateTime<Utc>) -> bool {
        more == 0 || self.post.recent(organizer, now) + more <= self.recipients_a_day
    }
}

impl Meeting {
    /// Whom a message to all goes to: people and rooms of the list, and whom it was forwarded to. A
    /// distribution list gets one.
    pub fn recipients(&self) -> Vec<String> {
        let forwarded = self.unlisted.iter().filter(|known| known.way == Way::Forwarded);
        let forwarded = forwarded.map(|known| &known.party);
        self.attendees.iter().chain(&self.rooms).chain(forwarded).map(|party| party.address.clone()).collect()
    }
}
