//! The brake: a clean-up script or a broken sync client must not empty a course. It counts decisions, not sends: one more
//! than the policy's number within its window, and the valve closes for everything that is not sent yet, until a person opens
//! it; from then on the count starts anew.

use crate::enrolment::policy::Brake;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One decision to cancel, as it is counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    pub at: DateTime<Utc>,
    /// Hash of the learner key.
    pub learner: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trip {
    No,
    /// Too many for one learner: only theirs are held back.
    Learner,
    /// Too many for the tenant.
    Tenant,
}

/// From when on decisions count: the window, but nothing from before the last opening by a person.
pub fn counts_from(brake: Brake, opened: Option<DateTime<Utc>>, now: DateTime<Utc>) -> DateTime<Utc> {
    let window = now - brake.within;
    opened.map_or(window, |opened| opened.max(window))
}

/// Judges the decisions that count, the newest one of `learner` included.
pub fn judge(decisions: &[Counted], learner: &str, brake: Brake) -> Trip {
    let theirs = decisions.iter().filter(|decision| decision.learner == learner).count();
    if decisions.len() > brake.decisions as usize {
        Trip::Tenant
    } else if theirs > brake.per_learner as usize {
        Trip::Learner
    } else {
        Trip::No
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Duration;

    fn brake() -> Brake {
        Brake { decisions: 5, within: Duration::hours(1), per_learner: 2 }
    }

    fn decisions(learners: &[&str]) -> Vec<Counted> {
        learners.iter().map(|learner| Counted { at: DateTime::UNIX_EPOCH, learner: (*learner).to_owned() }).collect()
    }

    #[test]
    fn one_more_than_the_number_trips_it() {
        assert_eq!(judge(&decisions(&["a", "b", "c", "d", "e"]), "e", brake()), Trip::No);
        assert_eq!(judge(&decisions(&["a", "b", "c", "d", "e", "f"]), "f", brake()), Trip::Tenant);
        assert_eq!(judge(&decisions(&["a", "a"]), "a", brake()), Trip::No);
        assert_eq!(judge(&decisions(&["a", "a", "a"]), "a", brake()), Trip::Learner);
        assert_eq!(judge(&decisions(&["a", "a", "a", "b"]), "b", brake()), Trip::No, "another learner's");
    }

    #[test]
    fn a_persons_opening_starts_the_count_anew() {
        let now: DateTime<Utc> = "2026-11-21T12:00:00Z".parse().unwrap();
        let ago = |minutes| now - Duration::minutes(minutes);
        assert_eq!(counts_from(brake(), None, now), ago(60));
        assert_eq!(counts_from(brake(), Some(ago(10)), now), ago(10));
        assert_eq!(counts_from(brake(), Some(ago(90)), now), ago(60));
    }
}
