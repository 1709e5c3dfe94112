//! One calendar item that stands for a place, and what was read of it.

use crate::calendar::link::Link;
use crate::calendar::reading::{Reading, Source, Verdict};
use crate::clock::whole_millis;
use crate::messages::LinkRef;
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use std::ops::Not;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// `Link::part_key`.
    pub key: String,
    /// The link to follow when this part is looked at.
    pub link: LinkRef,
    pub reading: Option<PartReading>,
    /// The decline that was seen on this part and not undone since, whatever the evidence shows now: evidence
    /// fades, the decline stays (reference/judging.md#decisions).
    #[serde(default)]
    pub decline: Option<Declined>,
    /// Newest times that were read of this part.
    #[serde(default)]
    pub start: Option<DateTime<Utc>>,
    #[serde(default)]
    pub end: Option<DateTime<Utc>>,
    /// Since when the reading is weak.
    pub weak_since: Option<DateTime<Utc>>,
    /// When the copy, as it was found unanswered at a look before which it had not been there, had last been
    /// written, by Exchange's clock: what was written until then does not make it a new invitation, however
    /// often it is looked at.
    #[serde(default)]
    pub back: Option<DateTime<Utc>>,
    /// The newest positive answer that the learner's own copy has shown: an older decline counts no more.
    #[serde(default)]
    pub accepted_at: Option<DateTime<Utc>>,
    /// Since when the learner's side of it could not be read; from the first look that failed.
    #[serde(default)]
    pub unknown_since: Option<DateTime<Utc>>,
    /// Since when the copy is gone and nobody could say why: that has not settled, or the organizer could not
    /// be asked.
    #[serde(default)]
    pub unexplained_since: Option<DateTime<Utc>>,
    /// It was given up before this generation began, and nothing that was read of it since is newer: what it
    /// shows is no news of the place that was given anew.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub past: bool,
    /// The organizer has cancelled the item, and no copy was there again since.
    #[serde(default)]
    pub called_off: bool,
    /// Since the last decision it was seen accepted, or waiting for an answer: a decline that follows answers
    /// that, and is no repetition of the one before.
    #[serde(default)]
    pub open: bool,
    /// The newest answer that was counted as one more of the same: not once more, whatever was read of the
    /// part since.
    #[serde(default)]
    pub counted_at: Option<DateTime<Utc>>,
    /// Looks in a row that could not read anything.
    pub unreadable: u32,
    /// When to look again.
    pub look: Option<DateTime<Utc>>,
}

impl Part {
    /// True when a weak reading has been looked at for the whole of `settle`.
    pub fn has_settled(&self, settle: Duration, now: DateTime<Utc>) -> bool {
        self.weak_since.is_some_and(|since| whole_millis(since + settle) <= now)
    }

    /// The last look that said something found the learner's own copy.
    pub fn is_there(&self) -> bool {
        self.reading.as_ref().is_some_and(|seen| seen.source == Source::LearnerCopy)
            && self.weak_since.is_none()
    }

    /// The organizer has cancelled it, whatever is left of its copies. Rows from before that was kept know
    /// the last reading alone.
    pub fn is_called_off(&self) -> bool {
        self.called_off
            || self.reading.as_ref().is_some_and(|seen| seen.verdict == Verdict::CancelledByOrganizer)
    }

    /// Declined, or gone without a word.
    pub fn is_given_up(&self) -> bool {
        let gone = |verdict| matches!(verdict, Verdict::Declined | Verdict::Removed | Verdict::Unseen);
        self.decline.is_some()
            || self.unexplained_since.is_some()
            || self.reading.as_ref().is_some_and(|seen| gone(seen.verdict))
    }

    /// A part of which nothing was read yet.
    pub fn new(link: &Link, at: &LinkRef) -> Self {
        Self {
            key: link.part_key(),
            link: at.clone(),
            reading: None,
            decline: None,
            start: link.start,
            end: link.end,
            weak_since: None,
            back: None,
            accepted_at: None,
            unknown_since: None,
            unexplained_since: None,
            past: false,
            called_off: false,
            open: false,
            counted_at: None,
            unreadable: 0,
            look: None,
        }
    }

    /// Whether this reading says something of the place as it is since `began`, of a part that was given up
    /// before.
    pub fn is_news(reading: &Reading, began: Option<DateTime<Utc>>) -> bool {
        match reading.verdict {
            Verdict::Attending
            | Verdict::Declined
            | Verdict::CancelledByOrganizer
            | Verdict::DroppedByOrganizer
            | Verdict::Ended => true,
            Verdict::Unanswered => !reading.declined_before,
            // It went as what is declined does, unless it was accepted since then.
            Verdict::Removed => reading.answered_at.zip(began).is_some_and(|(at, began)| at > began),
            Verdict::Unseen | Verdict::Unknown => false,
        }
    }

    /// Nothing that was read of it counts any more, save that the organizer has cancelled it; to be read
    /// again at `look`.
    pub fn anew(&self, look: DateTime<Utc>) -> Self {
        let forgotten = Self { reading: None, decline: None, weak_since: None, open: false, ..self.clone() };
        Self {
            called_off: self.is_called_off(),
            unexplained_since: None,
            unreadable: 0,
            look: Some(look),
            ..forgotten
        }
    }

    /// When the same answer came last, of those that decided nothing.
    pub fn last_repeated(&self) -> Option<DateTime<Utc>> {
        self.counted_at.max(self.decline.as_ref().and_then(|decline| decline.repeated_at))
    }

    /// It was seen accepted, or waiting for an answer, since the last decision. Rows from before that was
    /// kept know the last reading alone.
    pub fn is_open(&self) -> bool {
        self.open || self.reading.as_ref().is_some_and(PartReading::is_in)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Declined {
    pub source: Source,
    pub answered_at: Option<DateTime<Utc>>,
    /// When the part was to start, as it was read with the decline.
    pub start: Option<DateTime<Utc>>,
    /// When the same answer came last, of those that decided nothing.
    #[serde(default)]
    pub repeated_at: Option<DateTime<Utc>>,
}

impl Declined {
    /// An answer of this time was seen before.
    pub fn knows(&self, answered_at: Option<DateTime<Utc>>) -> bool {
        self.answered_at.max(self.repeated_at) >= answered_at
    }
}

/// The last reading of a part that said something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartReading {
    pub verdict: Verdict,
    pub source: Source,
    pub answered_at: Option<DateTime<Utc>>,
}

impl PartReading {
    /// The learner had the item and had not declined it.
    pub fn is_in(&self) -> bool {
        matches!(self.verdict, Verdict::Attending | Verdict::Unanswered)
    }

    pub fn of(reading: &Reading) -> Self {
        Self { verdict: reading.verdict, source: reading.source, answered_at: reading.answered_at }
    }
}
