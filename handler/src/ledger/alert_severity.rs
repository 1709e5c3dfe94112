//! How severe each kind of alert is: who is told of what is chosen by it.

use crate::ledger::alert_kind::AlertKind;
use schemars::JsonSchema;
use serde::Deserialize;
use strum::{Display, IntoStaticStr};

/// The later, the more severe.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema, Display, IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Severity {
    /// Good to know; something may be done about it some day.
    Notice,
    /// Somebody must look at it these days.
    Warning,
    /// A connection is lost, or what learners decided is not carried out.
    Critical,
}

impl Severity {
    pub fn word(self) -> &'static str {
        self.into()
    }
}

pub fn severity(kind: AlertKind) -> Severity {
    match kind {
        AlertKind::Expired
        | AlertKind::Brake
        | AlertKind::NotificationUrl
        | AlertKind::GraphCredential
        | AlertKind::GraphUnauthorized
        | AlertKind::ConsentMissing
        | AlertKind::ConsentWithdrawn
        | AlertKind::GraphAway
        | AlertKind::GraphSilent
        | AlertKind::LmsBreaker
        | AlertKind::LmsCredential
        | AlertKind::LmsGone
        | AlertKind::LmsAnswer
        | AlertKind::SecretMissing
        | AlertKind::Canary
        | AlertKind::Start
        | AlertKind::RowRefused => Severity::Critical,
        AlertKind::Review
        | AlertKind::TakeBack
        | AlertKind::PoisonChanges
        | AlertKind::PoisonMailboxes
        | AlertKind::PoisonCancellations
        | AlertKind::PoisonSessions
        | AlertKind::PoisonUnreadable
        | AlertKind::MailboxesUnwatched
        | AlertKind::SubscriptionQuota
        | AlertKind::GraphInvalid
        | AlertKind::Directory
        | AlertKind::DirectoryShrunk
        | AlertKind::ConsentDrifted
        | AlertKind::Doctor
        | AlertKind::ChunkedPosts
        | AlertKind::Blind
        | AlertKind::Configuration
        | AlertKind::UnreadableRow
        | AlertKind::PartsUnknown
        | AlertKind::SourceVanished
        | AlertKind::OrganizerCalendar
        | AlertKind::InstructorDeclined
        | AlertKind::OnlineMeeting
        | AlertKind::PublishHeld
        | AlertKind::Room
        | AlertKind::SessionCrowded
        | AlertKind::SourceUnread
        | AlertKind::OrganizerUnfollowed => Severity::Warning,
        AlertKind::DeclinedLate
        | AlertKind::LearnerWithoutKey
        | AlertKind::OrganizerUnknown
        | AlertKind::AttendeeUnknown
        | AlertKind::NoAnswerWanted
        | AlertKind::EventTakenAway
        | AlertKind::EventEdited
        | AlertKind::SourceEntry
        | AlertKind::SessionAmbiguous => Severity::Notice,
    }
}
