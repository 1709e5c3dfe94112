//! The place of the test learner in the test session, made ready for the next test decline.
//!
//! Guarantees: whatever became of the last one, a new generation begins in which nothing of it counts: its
//! calendar items are none of this place any more, what was on its way is over, and no id of an order comes
//! twice. An attempt at the LMS that is under way is let come to its end first.

use crate::clock::whole_millis;
use crate::enrolment::enrolment::{Enrolment, SELF};
use crate::enrolment::transitions::State;
use crate::ids::{LearnerKey, SessionId, TenantName};
use chrono::{DateTime, Duration, Utc};

/// Exchange's clock may be so far behind ours: the decline is to count by that.
const CLOCKS: Duration = Duration::minutes(10);

/// When the generation of a test begins that began then.
pub fn begins(began: DateTime<Utc>) -> DateTime<Utc> {
    whole_millis(began - CLOCKS)
}

/// The first time.
pub fn first(tenant: TenantName, session: SessionId, learner: LearnerKey, began: DateTime<Utc>) -> Enrolment {
    let blank = Enrolment::blank(tenant, session, learner);
    let mut row = Enrolment { canary: true, generation_began: Some(begins(began)), ..blank };
    row.tell(whole_millis(began), SELF, BEGINS);
    row
}

/// For the next time. `None`: it is ready; or, where [`is_under_way`], not now.
pub fn anew(row: &Enrolment, began: DateTime<Utc>) -> Option<Enrolment> {
    if is_ready(row, began) || is_under_way(row) {
        return None;
    }
    let at = begins(began);
    let mut next = Enrolment {
        canary: true,
        parts: Vec::new(),
        start: None,
        end: None,
        ..row.next_generation(at, "", at)
    };
    next.tell(whole_millis(began), SELF, BEGINS);
    Some(next)
}

pub fn is_ready(row: &Enrolment, began: DateTime<Utc>) -> bool {
    row.canary && row.generation_began == Some(begins(began))
}

/// Somebody may be asking the LMS.
pub fn is_under_way(row: &Enrolment) -> bool {
    let is_given_back = row.attempt.give_back.as_ref().is_some_and(|wanted| wanted.claim.is_some());
    row.state == State::Running || is_given_back
}

/// The place was given back, or could not be: the story says so.
pub fn told_of_giving_back(
    row: &Enrolment,
    generation: u32,
    said: &str,
    now: DateTime<Utc>,
) -> Option<Enrolment> {
    let is_told = row.story.iter().any(|line| line.text == said);
    (row.canary && row.generation == generation && !is_told).then(|| {
        let mut next = row.clone();
        next.tell(whole_millis(now), SELF, said);
        next
    })
}

const BEGINS: &str = "This is the canary: the configured test learner's place in the test session, and no \
                      learner's. A test decline begins.";

#[cfg(test)]
#[path = "canary_tests.rs"]
mod tests;
