//! State × event: what each event does in each state (reference/rules.md#states). Every cell is written out;
//! the test holds the whole table against a second copy of it in words.

use crate::enrolment::lms_answer::{LmsOutcome, RestoreOutcome};
use crate::enrolment::policy::WeakPolicy;
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// The states of an enrolment, as they are stored and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum State {
    Watched,
    Waiting,
    Running,
    Done,
    Expired,
    Review,
}

impl State {
    pub const ALL: &[Self] = Self::VARIANTS;

    /// To the LMS: it has a wake-up, and comes to an end.
    pub fn is_on_its_way(self) -> bool {
        match self {
            State::Waiting | State::Running => true,
            State::Watched | State::Done | State::Expired | State::Review => false,
        }
    }

    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// The columns of the table: the states, told apart by what a pending cancellation stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StateColumn {
    Watched,
    /// Waiting on a decline that was seen.
    WaitingStrong,
    /// Waiting on a removal (`removed`, `unseen`).
    WaitingWeak,
    Running,
    Done,
    Expired,
    /// A person is to judge although a decline was seen: the session's time moved since.
    ReviewStrong,
    /// A person is to judge a removal.
    ReviewWeak,
    /// A person is to judge a place whose parts disagree.
    ReviewParts,
    /// A person is to judge what the LMS answered.
    ReviewLms,
    /// Watched, and what was cancelled before is to be given back.
    BackWanted,
    /// The LMS is being asked to give it back.
    BackRunning,
}

impl StateColumn {
    pub const ALL: [StateColumn; 12] = [
        StateColumn::Watched,
        StateColumn::WaitingStrong,
        StateColumn::WaitingWeak,
        StateColumn::Running,
        StateColumn::Done,
        StateColumn::Expired,
        StateColumn::ReviewStrong,
        StateColumn::ReviewWeak,
        StateColumn::ReviewParts,
        StateColumn::ReviewLms,
        StateColumn::BackWanted,
        StateColumn::BackRunning,
    ];
}

/// The rows of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    Declined,
    /// A decline that answers something newer than what the row came to its end with: an acceptance, an
    /// invitation, another time of the session. That it was answered later is not enough: phones send one
    /// answer again and again.
    DeclinedAnew,
    /// The copy is gone, the organizer's copy disagrees, and it has settled; with what the policy says to
    /// that.
    Removed(WeakPolicy),
    /// The copy is gone, there is no organizer's copy to ask, and it has settled.
    Unseen(WeakPolicy),
    /// The copy is not where it was, nobody could be asked about it, and that has settled.
    Unasked,
    /// The copy was gone in time, and until the deadline nobody could be asked why.
    UnaskedInTime,
    Attending,
    /// A positive answer that was given after the decline that the row stands on.
    AttendingAnew,
    Unanswered,
    /// Unanswered, by an invitation that is newer than what the row stands on.
    InvitedAnew,
    /// Unanswered, and the session's time is another than when the learner declined.
    UnansweredMoved,
    CancelledByOrganizer,
    DroppedByOrganizer,
    /// Several items stand for the place: some are declined, some are not, and the policy wants a person to
    /// judge that.
    Split,
    /// The look just before the LMS found that a person must judge the decline.
    ForPerson,
    Ended,
    /// The policy's deadline before the session's start is reached.
    DeadlinePassed,
    /// The agenda says it is time, the valve is open, and the evidence was read again.
    Due,
    /// The lease of a claim is over and nobody recorded an outcome.
    ClaimRunOut,
    Lms(LmsOutcome),
    /// What became of giving a place back.
    Restored(RestoreOutcome),
    /// What the LMS answered, and a person was asked about, turned out to be an outage.
    WasAnOutage,
    /// The LMS was read, and shows a place that we had cancelled.
    GivenAnew,
    Approve,
    Ignore,
    Retry,
    ValveClosed,
}

/// What is done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Nothing: the event says nothing new, or comes too late to matter.
    Stay,
    /// The reading is remembered; the state stays.
    Note,
    /// To `waiting`, due after the grace.
    Decide,
    /// Stays `waiting`, now on the strong verdict; due as before.
    Strengthen,
    /// To `watched`: what was pending is withdrawn.
    Withdraw,
    /// To `review`, because of the evidence.
    Review,
    /// To `review`, because of the LMS's answer.
    ReviewLms,
    /// To `expired`.
    Expire,
    /// To `running`, with a claim.
    Claim,
    /// To `waiting`, later; the attempt is not counted.
    Release,
    /// To `waiting`, due now: nobody knows what became of the attempt.
    Lapse,
    /// To `waiting`, later, by the retry schedule.
    Again,
    /// To `done`.
    Finish,
    /// A new generation begins: this one is archived, and the reading is judged anew in the next.
    Begin,
    /// To `waiting`, due now, on a person's word.
    Approve,
    /// To `watched`; the same evidence is not decided again.
    Ignore,
    /// Not possible here; the person is told why.
    Refuse,
    /// A step of giving a place back; the state stays `watched`.
    Back(BackStep),
}

/// The steps of giving a place back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BackStep {
    /// The LMS is about to be asked.
    Claim,
    /// Due now: nobody knows what became of the attempt.
    Lapse,
    /// Later, by the retry schedule.
    Again,
    /// Later; the attempt is not counted.
    Release,
    /// The learner has the place again: it is over.
    Keep,
    /// It is over without a place, and a person is told.
    Tell,
    /// It is over, and nobody misses it.
    Drop,
}

/// The cell of the table.
pub fn cell(stand: StateColumn, event: Event) -> Action {
    use Action::*;
    use BackStep as S;
    use BackStep::{Drop, Tell};
    use LmsOutcome as O;
    use RestoreOutcome as R;
    use WeakPolicy as P;
    #[rustfmt::skip]
    let row = match event {
        // watched strong    weak        running    done    expired   review-s  review-w  review-p  lms
        Event::Declined =>
          [Decide, Note,     Strengthen, Note,      Note,   Note,     Decide,   Decide,   Decide,   Note,
           Decide, Note],
        Event::DeclinedAnew =>
          [Decide, Note,     Strengthen, Note,      Begin,  Decide,   Decide,   Decide,   Decide,   Note,
           Decide, Note],
        Event::Removed(P::Cancel) | Event::Unseen(P::Cancel) =>
          [Decide, Stay,     Note,       Stay,      Stay,   Stay,     Stay,     Note,     Decide,   Stay,
           Decide, Stay],
        Event::Removed(P::Review) | Event::Unseen(P::Review) | Event::Unasked
        | Event::UnaskedInTime =>
          [Review, Stay,     Review,     Stay,      Stay,   Stay,     Stay,     Note,     Review,   Stay,
           Review, Stay],
        Event::Removed(P::Ignore) | Event::Unseen(P::Ignore) =>
          [Note,   Stay,     Withdraw,   Stay,      Stay,   Stay,     Stay,     Note,     Withdraw, Stay,
           Note,   Stay],
        Event::Attending =>
          [Note,   Withdraw, Withdraw,   Note,      Note,   Withdraw, Withdraw, Withdraw, Withdraw, Note,
           Note,   Note],
        Event::AttendingAnew =>
          [Note,   Withdraw, Withdraw,   Note,      Begin,  Withdraw, Withdraw, Withdraw, Withdraw, Note,
           Note,   Note],
        Event::Unanswered =>
          [Note,   Stay,     Withdraw,   Stay,      Stay,   Stay,     Stay,     Withdraw, Withdraw, Stay,
           Note,   Stay],
        Event::InvitedAnew =>
          [Note,   Stay,     Withdraw,   Stay,      Begin,  Withdraw, Stay,     Withdraw, Withdraw, Stay,
           Note,   Stay],
        // Who accepted another time is not given a place at the new one unasked.
        Event::UnansweredMoved =>
          [Note,   Review,   Withdraw,   Stay,      Stay,   Stay,     Stay,     Withdraw, Withdraw, Stay,
           Back(Tell), Stay],
        Event::CancelledByOrganizer =>
          [Note,   Withdraw, Withdraw,   Note,      Note,   Note,     Withdraw, Withdraw, Withdraw, Note,
           Back(Drop), Note],
        // Coordinators take decliners off the list: that is no reason to leave them their place at the LMS.
        Event::DroppedByOrganizer =>
          [Note,   Note,     Withdraw,   Note,      Note,   Note,     Note,     Withdraw, Withdraw, Note,
           Back(Tell), Note],
        Event::Split =>
          [Review, Review,   Review,     Stay,      Stay,   Stay,     Note,     Review,   Note,     Stay,
           Review, Stay],
        Event::ForPerson =>
          [Stay,   Review,   Review,     Stay,      Stay,   Stay,     Stay,     Stay,     Stay,     Stay,
           Stay,   Stay],
        Event::Ended =>
          [Note,   Expire,   Expire,     Note,      Note,   Note,     Expire,   Expire,   Expire,   Note,
           Back(Drop), Note],
        // What waits on a removal needs a fresh look, which nobody could have: a person judges it, even late.
        Event::DeadlinePassed =>
          [Stay,   Expire,   Review,     Stay,      Stay,   Stay,     Expire,   Stay,     Expire,   Stay,
           Back(Tell), Stay],
        Event::Due =>
          [Stay,   Claim,    Claim,      Stay,      Stay,   Stay,     Stay,     Stay,     Stay,     Stay,
           Back(S::Claim), Stay],
        // Whoever takes over goes the whole way anew, as at the first attempt.
        Event::ClaimRunOut =>
          [Stay,   Stay,     Stay,       Lapse,     Stay,   Stay,     Stay,     Stay,     Stay,     Stay,
           Stay,   Back(S::Lapse)],
        Event::Lms(O::Done | O::AlreadyCancelled | O::NotEnrolled | O::Superseded) =>
          [Stay,   Stay,     Stay,       Finish,    Stay,   Stay,     Stay,     Stay,     Stay,     Stay,
           Stay,   Stay],
        Event::Lms(O::Accepted | O::Outage) =>
          [Stay,   Stay,     Stay,       Again,     Stay,   Stay,     Stay,     Stay,     Stay,     Stay,
           Stay,   Stay],
        Event::Lms(O::CredentialBroken | O::EndpointGone) =>
          [Stay,   Stay,     Stay,       Release,   Stay,   Stay,     Stay,     Stay,     Stay,     Stay,
           Stay,   Stay],
        Event::Lms(
            O::UnknownLearner | O::UnknownSession | O::Refused | O::HeldElsewhere | O::Unclear
            | O::Unexpected,
        ) =>
          [Stay,   Stay,     Stay,       ReviewLms, Stay,   Stay,     Stay,     Stay,     Stay,     Stay,
           Stay,   Stay],
        Event::Lms(O::TooLate) =>
          [Stay,   Stay,     Stay,       Expire,    Stay,   Stay,     Stay,     Stay,     Stay,     Stay,
           Stay,   Stay],
        Event::Restored(R::GivenBack | R::AlreadyHeld) => under_back(S::Keep),
        // Whoever is in a line or waits to be granted a place has none yet.
        Event::Restored(
            R::Waitlisted | R::Requested | R::Full | R::Closed | R::Refused | R::UnknownLearner
            | R::UnknownSession | R::Unclear,
        ) => under_back(Tell),
        Event::Restored(R::Outage) => under_back(S::Again),
        Event::Restored(R::CredentialBroken) => under_back(S::Release),
        Event::WasAnOutage =>
          [Stay,   Stay,     Stay,       Stay,      Stay,   Stay,     Stay,     Stay,     Stay,     Again,
           Stay,   Stay],
        Event::GivenAnew =>
          [Stay,   Stay,     Stay,       Stay,      Review, Stay,     Stay,     Stay,     Stay,     Stay,
           Stay,   Stay],
        Event::Approve =>
          [Refuse, Refuse,   Refuse,     Refuse,    Refuse, Refuse,   Approve,  Approve,  Approve,  Approve,
           Refuse, Refuse],
        Event::Ignore =>
          [Refuse, Refuse,   Refuse,     Refuse,    Refuse, Refuse,   Ignore,   Ignore,   Ignore,   Ignore,
           Refuse, Refuse],
        Event::Retry =>
          [Refuse, Approve,  Approve,    Refuse,    Refuse, Approve,  Refuse,   Refuse,   Refuse,   Approve,
           Refuse, Refuse],
        Event::ValveClosed =>
          [Stay,   Release,  Release,    Release,   Stay,   Stay,     Stay,     Stay,     Stay,     Stay,
           Back(S::Release), Back(S::Release)],
    };
    let [watched, strong, weak, running, done, expired, reviews @ ..] = row;
    let [review_strong, review_weak, review_parts, review_lms, back_wanted, back_running] = reviews;
    match stand {
        StateColumn::Watched => watched,
        StateColumn::WaitingStrong => strong,
        StateColumn::WaitingWeak => weak,
        StateColumn::Running => running,
        StateColumn::Done => done,
        StateColumn::Expired => expired,
        StateColumn::ReviewStrong => review_strong,
        StateColumn::ReviewWeak => review_weak,
        StateColumn::ReviewParts => review_parts,
        StateColumn::ReviewLms => review_lms,
        StateColumn::BackWanted => back_wanted,
        StateColumn::BackRunning => back_running,
    }
}

/// Only where the LMS is being asked to give a place back.
fn under_back(step: BackStep) -> [Action; 12] {
    let mut row = [Action::Stay; 12];
    let [.., last] = &mut row;
    *last = Action::Back(step);
    row
}

#[cfg(test)]
#[path = "transitions_tests.rs"]
mod tests;
