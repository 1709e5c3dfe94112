//! The name of an event: which session, which part of it, whose.
//!
//! Guarantees: it holds neither tenant nor connection nor connector file, so that renaming one of them, or
//! losing the ledger, makes no second event. Exchange compares values of extended properties without case
//! (reference/graph-publishing.md#own-key), so what must differ differs in a lower-case hash.

use crate::ids::{LearnerKey, SessionId, hash};
use crate::sessions::session::PartId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::fmt::Write as _;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EventKey {
    pub session: SessionId,
    pub part: PartId,
    pub audience: Audience,
}

/// Whose event it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// One learner's own.
    Learner(LearnerKey),
    /// Instructors, room and online meeting; with `events = "session"` the learners, too.
    Session,
    /// In the organization's calendar, without attendees.
    Calendar,
}

impl Audience {
    /// Answers to it are a learner's.
    pub fn is_learners(&self) -> bool {
        match self {
            Self::Learner(_) => true,
            Self::Session | Self::Calendar => false,
        }
    }
}

/// Which invitation of that name: counted up when somebody is invited anew after a cancellation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Invitation(pub u32);

impl Invitation {
    pub const FIRST: Self = Self(1);

    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// How rows begin of sessions' own events.
pub const OWN_ROWS: &str = "s-";

/// The version of the value's form.
const FORM: &str = "1";

/// Bytes of the hashes: of a session's events others may be found beside them, of an event's none.
const SESSION: usize = 8;
const EVENT: usize = 16;

fn hex(texts: &[&str], bytes: usize) -> String {
    let mut digest = Sha256::new();
    // Lengths first: no id can pretend to be two.
    for text in texts {
        digest.update(text.len().to_be_bytes());
        digest.update(text.as_bytes());
    }
    digest.finalize().iter().take(bytes).fold(String::new(), |mut hex, byte| {
        // Writing to a text can't fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

impl EventKey {
    /// Tells two sources apart that write into one organizer's mailbox and may use the same ids
    /// (`publish.namespace`).
    fn digest(&self, namespace: &str) -> String {
        let audience = match &self.audience {
            Audience::Learner(learner) => format!("learner\n{}", learner.as_str()),
            Audience::Session => "session".to_owned(),
            Audience::Calendar => "calendar".to_owned(),
        };
        hex(&[namespace, self.session.as_str(), &self.part.0, &audience], EVENT)
    }

    /// What every event of this session has in common: the beginning of [`Self::search`].
    pub fn of_session(namespace: &str, session: &SessionId) -> String {
        format!("{FORM}:{}:", hex(&[namespace, session.as_str()], SESSION))
    }

    /// What every invitation of this event has in common: the beginning of [`Self::property`].
    pub fn search(&self, namespace: &str) -> String {
        format!("{}{}:", Self::of_session(namespace, &self.session), self.digest(namespace))
    }

    /// The value of our extended property: it ends with the session's id, as the LMS writes it.
    pub fn property(&self, namespace: &str, invitation: Invitation) -> String {
        format!("{}{}:{}", self.search(namespace), invitation.0, self.session.as_str())
    }

    /// For the request that creates it: the same for every attempt of one invitation, never for two, nor for
    /// two ledgers, each of which counts invitations from the first. `born`: when the ledger began.
    pub fn transaction_id(
        &self,
        namespace: &str,
        invitation: Invitation,
        born: Option<DateTime<Utc>>,
    ) -> String {
        let born = born.map_or(0, |born| born.timestamp());
        format!("regrets-{}-{}-{born:x}", self.digest(namespace), invitation.0)
    }

    /// Names the online meeting beside it, for good.
    pub fn meeting_id(&self, namespace: &str) -> String {
        format!("regrets-{}", self.digest(namespace))
    }

    /// Where its row is kept, without a word that a table would refuse.
    pub fn row(&self) -> String {
        match &self.audience {
            Audience::Learner(learner) => format!("l-{}-{}", hash(&self.part.0), hash(learner.as_str())),
            Audience::Session => format!("{OWN_ROWS}{}", hash(&self.part.0)),
            Audience::Calendar => format!("c-{}", hash(&self.part.0)),
        }
    }
}

/// What our extended property says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadProperty {
    /// As [`EventKey::search`].
    pub search: String,
    pub invitation: Invitation,
    pub session: SessionId,
}

impl ReadProperty {
    /// `None`: not ours, or of a form that a later build writes.
    pub fn of(value: &str) -> Option<Self> {
        let mut parts = value.splitn(5, ':');
        let (form, of_session, digest) = (parts.next()?, parts.next()?, parts.next()?);
        let (invitation, session) = (parts.next()?.parse().ok()?, parts.next()?);
        let is_ours = form == FORM && of_session.len() == 2 * SESSION && digest.len() == 2 * EVENT;
        is_ours.then(|| Self {
            search: format!("{form}:{of_session}:{digest}:").to_ascii_lowercase(),
            invitation: Invitation(invitation),
            session: SessionId::new(session),
        })
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Learner(_) => "a learner",
            Self::Session => "the session",
            Self::Calendar => "the organization's calendar",
        })
    }
}

#[cfg(test)]
#[path = "event_key_tests.rs"]
mod tests;
