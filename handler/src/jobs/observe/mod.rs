//! From a hint to the ledger: which places does it touch, what do the calendars say, what follows.

pub mod commit;
pub mod gather_evidence;
pub mod hints;
pub mod invitations;
pub mod judge;
pub mod known_copy;
pub mod known_link;
pub mod learn_links;
pub mod learner_event;
pub mod lookup_cache;
pub mod missing_copy;
pub mod missing_mark;
pub mod new_link;
pub mod occurrences;
pub mod organizer_event;
pub mod organizer_mailboxes;
pub mod outcome;
pub mod postponed_hints;
pub mod read_calendar;
pub mod readable_mailboxes;
pub mod session_lookup;
