//! What the evidence means: the table of reference/judging.md#verdicts, asked in its order. First row that
//! fits wins.

use crate::calendar::event::{Answer, Response};
use crate::calendar::evidence::{AttendeeEntry, CopyState, Evidence, LearnerCopy, OrganizerCopy};
use crate::calendar::link::Link;
use crate::calendar::reading::{Invited, LearnerSide, Reading, Source, Verdict};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// Judges the evidence about one link.
///
/// `began`: when this generation began; answers given before it count as none. `None`: the first generation,
/// which begins at no time.
pub fn judge(evidence: &Evidence, link: &Link, began: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Reading {
    let mut reading = times(evidence, link);

    // Row 1. By the newest end that can be read now; the link's only if nothing else can.
    if reading.end.is_some_and(|end| end <= now) {
        let source = match (&evidence.learner, &evidence.organizer) {
            (LearnerCopy::There(_), _) => Source::LearnerCopy,
            (_, OrganizerCopy::There { .. }) => Source::OrganizerCopy,
            _ => Source::Nothing,
        };
        return reading.is(1, Verdict::Ended, source, None);
    }

    match &evidence.learner {
        LearnerCopy::There(copy) => judge_learners_copy(reading, copy, began),
        LearnerCopy::Gone | LearnerCopy::NotOurs | LearnerCopy::Refused => {
            judge_organizers_copy(reading, evidence, link, began)
        }
        LearnerCopy::Unfindable => {
            let as_gone = Evidence { learner: LearnerCopy::Gone, organizer: evidence.organizer.clone() };
            let mut judged = judge_organizers_copy(reading, &as_gone, link, began);
            match judged.verdict {
                // It may have been moved: that it is gone is a guess, which is a person's to make.
                Verdict::Removed | Verdict::Unseen => {
                    let positive = judged.answered_at;
                    judged.is(13, Verdict::Unknown, Source::Removal, positive)
                }
                Verdict::Ended
                | Verdict::CancelledByOrganizer
                | Verdict::DroppedByOrganizer
                | Verdict::Declined
                | Verdict::Attending
                | Verdict::Unanswered
                | Verdict::Unknown => judged,
            }
        }
        LearnerCopy::Unreadable => judge_meanwhile(reading, evidence, link, began),
    }
}

/// The learner's mailbox can't be read now, and the organizer's copy may be. That the organizer has cancelled
/// counts at once, since nothing is ever cancelled at the LMS for it; a dated answer is kept for whoever
/// knows how long that has been so. What else the list may show, or lack, says nothing of a copy that may be
/// there.
fn judge_meanwhile(
    mut reading: Reading,
    evidence: &Evidence,
    link: &Link,
    began: Option<DateTime<Utc>>,
) -> Reading {
    let cancelled = match &evidence.organizer {
        OrganizerCopy::There { is_cancelled, entry, .. } => {
            let says = match entry {
                AttendeeEntry::Listed(says) => match says.answer {
                    Answer::Declined => says.at.is_some() && counts(says.at, began),
                    Answer::Accepted | Answer::TentativelyAccepted => says.at.is_some(),
                    Answer::None | Answer::Organizer | Answer::NotResponded => false,
                }
                .then_some(*says),
                AttendeeEntry::Disputed | AttendeeEntry::Absent | AttendeeEntry::Unclear => None,
            };
            reading.meanwhile = says.filter(|_| !is_cancelled);
            *is_cancelled
        }
        OrganizerCopy::OccurrenceGone => true,
        OrganizerCopy::Gone => link.organizer_event.is_some(),
        OrganizerCopy::NotOurs
        | OrganizerCopy::Unasked
        | OrganizerCopy::Unreadable
        | OrganizerCopy::NotAsked => false,
    };
    match cancelled {
        true => reading.is(9, Verdict::CancelledByOrganizer, Source::OrganizerCopy, None),
        false => reading.is(13, Verdict::Unknown, Source::Nothing, None),
    }
}

/// Rows 2 to 6: the learner's own copy says it all. (Row 6, moved, is a copy under a new id.)
fn judge_learners_copy(mut reading: Reading, copy: &CopyState, began: Option<DateTime<Utc>>) -> Reading {
    if copy.is_cancelled {
        return reading.is(2, Verdict::CancelledByOrganizer, Source::LearnerCopy, None);
    }
    let Response { answer, at } = copy.response;
    match answer {
        Answer::Declined if counts(at, began) => {
            reading.invited = Some(Invited { created: copy.created, modified: copy.modified });
            reading.is(3, Verdict::Declined, Source::LearnerCopy, at)
        }
        Answer::Accepted | Answer::TentativelyAccepted => {
            reading.is(4, Verdict::Attending, Source::LearnerCopy, at)
        }
        // A decline from before this generation: nobody has answered the new invitation.
        Answer::Declined => {
            reading.declined_before = true;
            reading.is(5, Verdict::Unanswered, Source::LearnerCopy, None)
        }
        Answer::None | Answer::Organizer | Answer::NotResponded => {
            reading.invited = Some(Invited { created: copy.created, modified: copy.modified });
            reading.is(5, Verdict::Unanswered, Source::LearnerCopy, None)
        }
    }
}

/// Rows 7 to 13: the learner's copy is not there to be asked.
///
/// That the organizer has cancelled is asked first: else a decline that is stored could not be undone by it
/// where the cancelled original stays readable with everybody's answers. Rows 9 and 10 rest on the
/// organizer's copy alone, so they hold for people without a mailbox of ours too; rows 11 and 12 say
/// something about a copy that is gone.
fn judge_organizers_copy(
    mut reading: Reading,
    evidence: &Evidence,
    link: &Link,
    began: Option<DateTime<Utc>>,
) -> Reading {
    let gone = matches!(evidence.learner, LearnerCopy::Gone);
    let (is_cancelled, entry) = match &evidence.organizer {
        OrganizerCopy::There { is_cancelled, entry, .. } => (*is_cancelled, *entry),
        OrganizerCopy::OccurrenceGone => {
            return reading.is(9, Verdict::CancelledByOrganizer, Source::OrganizerCopy, None);
        }
        OrganizerCopy::Gone if link.organizer_event.is_some() => {
            return reading.is(9, Verdict::CancelledByOrganizer, Source::OrganizerCopy, None);
        }
        // Nobody could be asked, or not while the learner's copy was there, so that it may have been
        // cancelled before anybody looked; asking again changes nothing: a person's to judge.
        OrganizerCopy::Unasked if gone => {
            return reading.is(13, Verdict::Unknown, Source::Removal, None);
        }
        OrganizerCopy::Gone if gone && !link.organizer_asked => {
            return reading.is(13, Verdict::Unknown, Source::Removal, None);
        }
        OrganizerCopy::Gone | OrganizerCopy::NotOurs | OrganizerCopy::NotAsked if gone => {
            return reading.is(12, Verdict::Unseen, Source::Removal, None);
        }
        OrganizerCopy::Gone
        | OrganizerCopy::NotOurs
        | OrganizerCopy::NotAsked
        | OrganizerCopy::Unasked
        | OrganizerCopy::Unreadable => {
            return reading.is(13, Verdict::Unknown, Source::Nothing, None);
        }
    };
    if is_cancelled {
        return reading.is(9, Verdict::CancelledByOrganizer, Source::OrganizerCopy, None);
    }
    let Response { answer, at } = match entry {
        AttendeeEntry::Listed(response) => response,
        // A person is asked, whatever the policy says of removals.
        AttendeeEntry::Disputed => return reading.is(11, Verdict::Removed, Source::Disagreement, None),
        // The very entry by which the learner was listed is gone.
        AttendeeEntry::Absent if !link.listed_as.is_empty() => {
            return reading.is(10, Verdict::DroppedByOrganizer, Source::OrganizerCopy, None);
        }
        // Whether the learner is in the list, or ever was, nobody can tell: a person's to judge.
        AttendeeEntry::Unclear if gone => return reading.is(13, Verdict::Unknown, Source::Removal, None),
        AttendeeEntry::Absent if gone && !link.organizer_asked => {
            return reading.is(13, Verdict::Unknown, Source::Removal, None);
        }
        // Invited through a distribution list, or forwarded: nobody in the list is this learner.
        AttendeeEntry::Absent if gone => return reading.is(11, Verdict::Removed, Source::Removal, None),
        AttendeeEntry::Absent | AttendeeEntry::Unclear => {
            return reading.is(13, Verdict::Unknown, Source::Nothing, None);
        }
    };
    let positive = matches!(answer, Answer::Accepted | Answer::TentativelyAccepted);
    reading.declined_before = answer == Answer::Declined && !counts(at, began);
    match (answer, gone) {
        (Answer::Declined, _) if counts(at, began) => {
            reading.is(7, Verdict::Declined, Source::OrganizerCopy, at)
        }
        // A positive answer does not explain the removal, but its time tells whether it undoes an earlier
        // decline.
        (_, true) => reading.is(11, Verdict::Removed, Source::Removal, at.filter(|_| positive)),
        (_, false) if positive => reading.is(8, Verdict::Attending, Source::OrganizerCopy, at),
        // Without a mailbox of ours there is no copy that could be gone: whoever has not answered has not
        // answered.
        (_, false) => reading.is(8, Verdict::Unanswered, Source::OrganizerCopy, None),
    }
}

/// An answer counts when it was given after the generation began. One without a time counts in the first
/// generation only.
fn counts(at: Option<DateTime<Utc>>, began: Option<DateTime<Utc>>) -> bool {
    match (at, began) {
        (_, None) => true,
        (Some(at), Some(began)) => at > began,
        (None, Some(_)) => false,
    }
}

fn times(evidence: &Evidence, link: &Link) -> Reading {
    let mut reading = Reading {
        verdict: Verdict::Unknown,
        source: Source::Nothing,
        row: 13,
        answered_at: None,
        invited: None,
        start: None,
        end: None,
        event: None,
        organizer_event: None,
        listed: false,
        listed_as: BTreeSet::new(),
        side: match evidence.learner {
            LearnerCopy::There(_) => LearnerSide::There,
            LearnerCopy::Gone => LearnerSide::Gone,
            LearnerCopy::Unfindable => LearnerSide::Unfindable,
            LearnerCopy::NotOurs => LearnerSide::NotOurs,
            LearnerCopy::Refused => LearnerSide::Refused,
            LearnerCopy::Unreadable => LearnerSide::Unreadable,
        },
        lasting: evidence.learner == LearnerCopy::NotOurs && evidence.organizer != OrganizerCopy::Unreadable,
        declined_before: false,
        meanwhile: None,
    };
    match &evidence.organizer {
        OrganizerCopy::There { event, entry, listed_as, start, end, .. } => {
            reading.organizer_event = Some(event.clone());
            reading.listed = entry.is_listed();
            reading.listed_as = listed_as.clone();
            (reading.start, reading.end) = (*start, *end);
        }
        OrganizerCopy::Gone
        | OrganizerCopy::OccurrenceGone
        | OrganizerCopy::NotOurs
        | OrganizerCopy::Unasked
        | OrganizerCopy::Unreadable
        | OrganizerCopy::NotAsked => {}
    }
    match &evidence.learner {
        LearnerCopy::There(copy) => {
            reading.event = Some(copy.event.clone());
            (reading.start, reading.end) = (copy.start.or(reading.start), copy.end.or(reading.end));
        }
        LearnerCopy::Gone
        | LearnerCopy::Unfindable
        | LearnerCopy::NotOurs
        | LearnerCopy::Refused
        | LearnerCopy::Unreadable => {}
    }
    (reading.start, reading.end) = (reading.start.or(link.start), reading.end.or(link.end));
    reading
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
