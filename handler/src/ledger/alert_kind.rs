//! The closed list of alerts. Each kind knows its word, its mending step, and who or what ends it.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantArray};

/// What a person is told of. Serialised as its word; these are stored, and alert rules name them.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum AlertKind {
    Review,
    Expired,
    DeclinedLate,
    TakeBack,
    Brake,
    PoisonChanges,
    PoisonMailboxes,
    PoisonCancellations,
    PoisonSessions,
    PoisonUnreadable,
    MailboxesUnwatched,
    NotificationUrl,
    SubscriptionQuota,
    GraphCredential,
    GraphUnauthorized,
    GraphInvalid,
    Directory,
    DirectoryShrunk,
    LmsBreaker,
    LmsCredential,
    LmsGone,
    LmsAnswer,
    GraphSilent,
    GraphAway,
    ChunkedPosts,
    Blind,
    Configuration,
    Start,
    LearnerWithoutKey,
    OrganizerUnknown,
    AttendeeUnknown,
    UnreadableRow,
    PartsUnknown,
    NoAnswerWanted,
    RowRefused,
    SecretMissing,
    OrganizerUnfollowed,
    SessionAmbiguous,
    ConsentMissing,
    ConsentWithdrawn,
    ConsentDrifted,
    Doctor,
    Canary,
    SourceVanished,
    EventTakenAway,
    EventEdited,
    OrganizerCalendar,
    InstructorDeclined,
    OnlineMeeting,
    PublishHeld,
    Room,
    SessionCrowded,
    SourceUnread,
    SourceEntry,
}

/// Who or what ends an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// Whoever sees that the cause is gone. A person's acknowledgement keeps it quiet until it grows.
    ByItself,
    /// Nobody can see that its cause is gone: it ends when a person acknowledges it, and comes again with its
    /// cause.
    Acknowledged,
}

impl AlertKind {
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The word for people, for the ledger and for alert rules.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The kind that a word names.
    pub fn of(word: &str) -> Option<Self> {
        word.parse().ok()
    }

    /// Who or what ends it.
    pub fn ends(self) -> Ends {
        match self {
            Self::Review
            | Self::TakeBack
            | Self::Brake
            | Self::MailboxesUnwatched
            | Self::NotificationUrl
            | Self::SubscriptionQuota
            | Self::GraphCredential
            | Self::GraphUnauthorized
            | Self::Directory
            | Self::DirectoryShrunk
            | Self::LmsBreaker
            | Self::LmsCredential
            | Self::LmsGone
            | Self::LmsAnswer
            | Self::GraphSilent
            | Self::GraphAway
            | Self::PartsUnknown
            | Self::Configuration
            | Self::SecretMissing
            | Self::OrganizerUnfollowed
            | Self::ConsentMissing
            | Self::ConsentWithdrawn
            | Self::ConsentDrifted
            | Self::Doctor
            | Self::Canary
            | Self::SourceVanished
            | Self::OrganizerCalendar
            | Self::PublishHeld
            | Self::SourceUnread
            | Self::Start => Ends::ByItself,
            Self::Expired
            | Self::DeclinedLate
            | Self::PoisonChanges
            | Self::PoisonMailboxes
            | Self::PoisonCancellations
            | Self::PoisonSessions
            | Self::PoisonUnreadable
            | Self::GraphInvalid
            | Self::ChunkedPosts
            | Self::Blind
            | Self::LearnerWithoutKey
            | Self::OrganizerUnknown
            | Self::AttendeeUnknown
            | Self::NoAnswerWanted
            | Self::UnreadableRow
            | Self::SessionAmbiguous
            | Self::EventTakenAway
            | Self::EventEdited
            | Self::InstructorDeclined
            | Self::OnlineMeeting
            | Self::Room
            | Self::SessionCrowded
            | Self::SourceEntry
            | Self::RowRefused => Ends::Acknowledged,
        }
    }
}

impl PartialEq<str> for AlertKind {
    fn eq(&self, word: &str) -> bool {
        self.as_str() == word
    }
}

impl PartialEq<&str> for AlertKind {
    fn eq(&self, word: &&str) -> bool {
        self.as_str() == *word
    }
}

#[cfg(test)]
#[path = "alert_kind_tests.rs"]
mod tests;
