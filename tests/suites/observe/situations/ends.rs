//! What ledger and LMS say in the end ([`suites::Seen::line`]).

pub(crate) const ATTENDS: &str = "watched attending/learner-copy -; has place, 0 effects";
pub(super) const SILENT: &str = "watched unanswered/learner-copy -; has place, 0 effects";
pub(crate) const BY_OWN_COPY: &str = "done declined/learner-copy done; gone, 1 effects";
pub(super) const BY_ORGANIZERS_COPY: &str = "done declined/organizer-copy done; gone, 1 effects";
pub(crate) const BY_REMOVAL: &str = "done unseen/removal done; gone, 1 effects";
pub(crate) const REVIEW: &str = "review removed/removal -; has place, 0 effects";
pub(super) const UNFINDABLE: &str = "review unknown/removal -; has place, 0 effects";
pub(super) const DISAGREES: &str = "review removed/disagreement -; has place, 0 effects";
pub(super) const PROPOSED: &str = "review declined/organizer-copy -; has place, 0 effects";
pub(super) const CALLED_OFF: &str = "watched cancelled-by-organizer/learner-copy -; has place, 0 effects";
pub(super) const CALLED_OFF_WITHOUT_COPY: &str =
    "watched cancelled-by-organizer/organizer-copy -; has place, 0 effects";
pub(super) const DROPPED: &str = "watched dropped-by-organizer/organizer-copy -; has place, 0 effects";
pub(super) const DROPPED_BUT_DECLINED: &str =
    "done dropped-by-organizer/organizer-copy done; gone, 1 effects";
pub(super) const MOVED_SINCE: &str = "review unanswered/learner-copy -; has place, 0 effects";
pub(super) const BACK_WITHOUT_A_WORD: &str = "done unanswered/learner-copy done; gone, 1 effects";
/// In the calendar, not in the LMS.
pub(super) const SILENT_WITHOUT_PLACE: &str = "watched unanswered/learner-copy -; gone, 0 effects";
pub(super) const BY_EITHER_COPY: &str =
    "done declined/learner-copy|declined/organizer-copy done; gone, 1 effects";
pub(super) const NEVER_HAD_ONE: &str = "done declined/organizer-copy not_enrolled; gone, 0 effects";
pub(super) const INVITED_ANEW: &str = "watched unanswered/learner-copy -; has place, 1 effects";
pub(super) const ANY_STAYS: &str = "watched * -; has place, 0 effects";
pub(super) const ANY_REVIEW: &str = "review * -; has place, 0 effects";
pub(super) const ANY_DONE: &str = "done * done; gone, 1 effects";
