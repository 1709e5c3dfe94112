//! Whether the learner has a place in the session now.

use super::attempt::Attempt;
use super::core::Core;
use super::look::look;
use super::variables::Subject;
use crate::enrolment::lms_answer::Place;
use crate::ids::{LearnerKey, SessionId};
use crate::lms::Budget;

pub(super) async fn place(core: &Core, session: &SessionId, learner: &LearnerKey, budget: Budget) -> Place {
    let mut attempt = Attempt::new(core, Subject::Place { session, learner }, budget);
    match look(&mut attempt).await.state() {
        Some(state) if state.is_gone() => Place::Gone,
        Some(_) => Place::Given,
        None => Place::Unknown,
    }
}
