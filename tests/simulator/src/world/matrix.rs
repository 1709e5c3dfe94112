//! The unconfirmed lines of handler/reference/graph-events.md#switches. The defaults are guesses; a consumer
//! must survive either setting of each.

use super::item::Answer;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Matrix {
    /// A decline that removes the copy gives an `updated` before its `deleted`.
    pub updated_before_deleted: bool,
    /// Moving to another calendar gives the item a new immutable id too, not only a new mutable one.
    pub move_changes_immutable_id: bool,
    /// `users/{id}/events` lists every calendar of the mailbox; otherwise the default one alone.
    pub events_list_all_calendars: bool,
    /// What comes back (by an answer or by hand) is a new item; otherwise the one in Deleted Items comes
    /// back.
    pub restored_copy_is_new: bool,
    /// The copy that a decline put into Deleted Items says `declined`; otherwise what it said before.
    pub binned_copy_is_declined: bool,
    /// What lies in Deleted Items still answers by its immutable id; otherwise it is 404. No calendar shows
    /// it either way.
    pub binned_copy_answers: bool,
    /// A learner who is dropped keeps a cancelled copy; otherwise the copy is removed at once.
    pub dropped_copy_stays: bool,
    /// A changed time brings the invitation back to learners who had removed their copy (or that occurrence
    /// of it).
    pub retime_restores_removed: bool,
    /// Being invited again voids the answer on the organizer's copy; otherwise the old one stands there until
    /// the next.
    pub reinvite_voids_answer: bool,
    /// What the organizer's copy says of a learner who has not answered yet.
    pub unanswered: Answer,
    /// When an answer was given that was not.
    pub unset_time: UnsetTime,
    /// The organizer's copy that was cancelled disappears; otherwise it stays with `isCancelled`.
    pub cancelled_original_goes: bool,
    /// What happens to one occurrence is told with the occurrence's own id too; otherwise with the master's
    /// alone.
    pub occurrence_told_by_own_id: bool,
    /// Each occurrence has an `iCalUId` of its own (docs); otherwise all have the master's (reported).
    pub occurrence_uids_differ: bool,
    /// Learners keep an occurrence that the organizer cancelled, as cancelled; otherwise it is removed at
    /// once.
    pub cancelled_occurrence_stays: bool,
    /// An answer to a whole series also answers the occurrences that had an answer of their own.
    pub series_answer_reaches_exceptions: bool,
    /// Whom an invitation was forwarded to is in the organizer's list at once; otherwise from their first
    /// answer on.
    pub forward_lists_at_once: bool,
    /// Who was invited through a distribution list and answers comes into the organizer's list; otherwise
    /// they never do.
    pub answering_member_is_listed: bool,
    /// The subscription on a mailbox that is disabled ends with a lifecycle event; otherwise without a word.
    pub disabling_is_told: bool,
    /// The times of an all-day event are the midnights of its own zone, written out in UTC; otherwise dates
    /// at midnight in UTC.
    pub all_day_at_local_midnight: bool,
    /// A delta shows plain occurrences with their times alone; otherwise as whole events.
    pub delta_occurrences_are_bare: bool,
    /// A delta shows a series beside its occurrences; otherwise those alone.
    pub delta_shows_masters: bool,
    /// A delta is one reading behind; otherwise it tells of everything up to now.
    pub delta_lags: bool,
    /// A deleted item's notification has an `@odata.etag`.
    pub etag_on_deleted: bool,
    /// No event has an `iCalUId`: it is null everywhere.
    pub ical_uids_are_null: bool,
    /// `users/{mail}` finds a user whose UPN differs from the mail address.
    pub mail_finds_user: bool,
}

/// The year that stands for "never".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UnsetTime {
    Year1,
    Year4501,
}

impl UnsetTime {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Year1 => "0001-01-01T00:00:00Z",
            Self::Year4501 => "4501-01-01T00:00:00Z",
        }
    }
}

impl Default for Matrix {
    fn default() -> Self {
        Self {
            updated_before_deleted: false,
            move_changes_immutable_id: true,
            events_list_all_calendars: false,
            restored_copy_is_new: true,
            binned_copy_is_declined: true,
            binned_copy_answers: false,
            dropped_copy_stays: true,
            retime_restores_removed: true,
            reinvite_voids_answer: true,
            unanswered: Answer::NotResponded,
            unset_time: UnsetTime::Year1,
            cancelled_original_goes: true,
            occurrence_told_by_own_id: false,
            occurrence_uids_differ: false,
            cancelled_occurrence_stays: true,
            series_answer_reaches_exceptions: false,
            forward_lists_at_once: true,
            answering_member_is_listed: true,
            disabling_is_told: false,
            all_day_at_local_midnight: false,
            delta_occurrences_are_bare: true,
            delta_shows_masters: true,
            delta_lags: false,
            etag_on_deleted: true,
            ical_uids_are_null: false,
            mail_finds_user: true,
        }
    }
}

/// A switch by the name that the JSON has for it, and how it is turned over.
pub type Switch = (&'static str, fn(&mut Matrix));

impl Matrix {
    /// Every switch there is.
    pub const SWITCHES: &[Switch] = &[
        ("updatedBeforeDeleted", |m| m.updated_before_deleted ^= true),
        ("moveChangesImmutableId", |m| m.move_changes_immutable_id ^= true),
        ("eventsListAllCalendars", |m| m.events_list_all_calendars ^= true),
        ("restoredCopyIsNew", |m| m.restored_copy_is_new ^= true),
        ("binnedCopyIsDeclined", |m| m.binned_copy_is_declined ^= true),
        ("binnedCopyAnswers", |m| m.binned_copy_answers ^= true),
        ("droppedCopyStays", |m| m.dropped_copy_stays ^= true),
        ("retimeRestoresRemoved", |m| m.retime_restores_removed ^= true),
        ("reinviteVoidsAnswer", |m| m.reinvite_voids_answer ^= true),
        ("unanswered", |m| {
            m.unanswered = if m.unanswered == Answer::None { Answer::NotResponded } else { Answer::None };
        }),
        ("unsetTime", |m| {
            m.unset_time = match m.unset_time {
                UnsetTime::Year1 => UnsetTime::Year4501,
                UnsetTime::Year4501 => UnsetTime::Year1,
            };
        }),
        ("cancelledOriginalGoes", |m| m.cancelled_original_goes ^= true),
        ("occurrenceToldByOwnId", |m| m.occurrence_told_by_own_id ^= true),
        ("occurrenceUidsDiffer", |m| m.occurrence_uids_differ ^= true),
        ("cancelledOccurrenceStays", |m| m.cancelled_occurrence_stays ^= true),
        ("seriesAnswerReachesExceptions", |m| m.series_answer_reaches_exceptions ^= true),
        ("forwardListsAtOnce", |m| m.forward_lists_at_once ^= true),
        ("answeringMemberIsListed", |m| m.answering_member_is_listed ^= true),
        ("disablingIsTold", |m| m.disabling_is_told ^= true),
        ("allDayAtLocalMidnight", |m| m.all_day_at_local_midnight ^= true),
        ("deltaOccurrencesAreBare", |m| m.delta_occurrences_are_bare ^= true),
        ("deltaShowsMasters", |m| m.delta_shows_masters ^= true),
        ("deltaLags", |m| m.delta_lags ^= true),
        ("etagOnDeleted", |m| m.etag_on_deleted ^= true),
        ("icalUidsAreNull", |m| m.ical_uids_are_null ^= true),
        ("mailFindsUser", |m| m.mail_finds_user ^= true),
    ];

    /// The defaults with every switch turned over.
    pub fn otherwise() -> Self {
        let mut matrix = Self::default();
        for (_, flip) in Self::SWITCHES {
            flip(&mut matrix);
        }
        matrix
    }

    /// The defaults with these switches turned over; names that no switch has are passed over.
    pub fn flipped(names: &[&str]) -> Self {
        let mut matrix = Self::default();
        for (_, flip) in Self::SWITCHES.iter().filter(|(name, _)| names.contains(name)) {
            flip(&mut matrix);
        }
        matrix
    }
}

#[cfg(test)]
#[path = "matrix_tests.rs"]
mod tests;
