//! One reading of a calendar item at one moment: the verdict, how far it may be trusted, and what must be
//! remembered of it.

use crate::calendar::event::Response;
use crate::ids::EventId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use strum::{IntoStaticStr, VariantArray};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Verdict {
    Ended,
    CancelledByOrganizer,
    DroppedByOrganizer,
    Declined,
    Attending,
    Unanswered,
    Removed,
    Unseen,
    Unknown,
}

/// How far a verdict may be trusted: weak ones are looked at again before anything follows from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    Strong,
    Weak,
    None,
}

impl Verdict {
    pub fn strength(self) -> Strength {
        match self {
            Verdict::Ended
            | Verdict::CancelledByOrganizer
            | Verdict::DroppedByOrganizer
            | Verdict::Declined
            | Verdict::Attending
            | Verdict::Unanswered => Strength::Strong,
            Verdict::Removed | Verdict::Unseen => Strength::Weak,
            Verdict::Unknown => Strength::None,
        }
    }

    /// The word for people and for the management JSON.
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// Which copy the verdict rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Source {
    LearnerCopy,
    OrganizerCopy,
    /// The learner's copy is not there, and nobody says why.
    Removal,
    /// The organizer's list names the learner more than once, with answers that disagree: only a person can
    /// tell.
    Disagreement,
    /// Nothing could be read.
    Nothing,
}

impl Source {
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// The verdict on one calendar item at one moment, with what must be remembered of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    pub verdict: Verdict,
    pub source: Source,
    /// Row of reference/judging.md#verdicts that fitted, 1 to 13.
    pub row: u8,
    /// Exchange's own time of the answer, where one was given.
    pub answered_at: Option<DateTime<Utc>>,
    /// When the learner's copy, which waits for an answer or is declined, was made and last written, by
    /// Exchange's clock.
    pub invited: Option<Invited>,
    /// Newest times that could be read now.
    pub start: Option<DateTime<Utc>>,
    pub end: Option<DateTime<Utc>>,
    /// The learner's copy is under this id now.
    pub event: Option<EventId>,
    /// The organizer's copy was seen under this id.
    pub organizer_event: Option<EventId>,
    /// The learner is in the organizer's list.
    pub listed: bool,
    /// Under which addresses, as keyed hashes.
    pub listed_as: BTreeSet<String>,
    /// What the learner's side was.
    pub side: LearnerSide,
    /// Neither side failed: their mailboxes are not ours to read, so that asking again soon changes nothing.
    pub lasting: bool,
    /// The learner's answer to it is a decline from before this generation.
    pub declined_before: bool,
    /// What the organizer's list says of the learner meanwhile, with Exchange's own time of it.
    pub meanwhile: Option<Response>,
}

/// [`LearnerCopy`](crate::calendar::evidence::LearnerCopy) in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LearnerSide {
    There,
    Gone,
    Unfindable,
    NotOurs,
    Refused,
    Unreadable,
}

/// Exchange's times of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invited {
    pub created: Option<DateTime<Utc>>,
    pub modified: Option<DateTime<Utc>>,
}

impl Invited {
    /// When somebody was invited after `moment`; `None` when this invitation is not newer. A new invitation
    /// makes a copy, or writes the one anew that was kept (`kept`). A copy that was gone and comes back as it
    /// was is no new invitation.
    pub fn since(self, moment: DateTime<Utc>, kept: bool) -> Option<DateTime<Utc>> {
        let newer = |at: &DateTime<Utc>| *at > moment;
        self.created.filter(newer).or(self.modified.filter(newer).filter(|_| kept))
    }
}

impl Reading {
    /// Nobody could be asked why the copy is not where it was, nor will asking again help. That is as weak as
    /// a removal, and never decided without a person.
    pub fn is_unasked(&self) -> bool {
        self.verdict == Verdict::Unknown && self.source == Source::Removal
    }

    /// How far it may be trusted.
    pub fn strength(&self) -> Strength {
        if self.is_unasked() { Strength::Weak } else { self.verdict.strength() }
    }

    pub(crate) fn is(
        &mut self,
        row: u8,
        verdict: Verdict,
        source: Source,
        answered_at: Option<DateTime<Utc>>,
    ) -> Reading {
        Reading { row, verdict, source, answered_at, ..self.clone() }
    }
}
