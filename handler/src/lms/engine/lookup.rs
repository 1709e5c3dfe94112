//! The session that an event stands for: exactly one, or none is named. The recipe takes it as `session`.
//!
//! More than one fits where a choice of the recipe finds several, and where the recipe itself ends as
//! unclear: so it says that two lists have one each.

use super::attempt::Attempt;
use super::core::Core;
use super::finding::End;
use super::look::forget;
use super::reply::message;
use super::run_steps::run;
use super::variables::Subject;
use crate::ids::SessionId;
use crate::lms::recipe::connector::RecipeKind;
use crate::lms::recipe::words::StepOutcome;
use crate::lms::{Budget, EventFacts, Lookup};

/// What the recipe has to take.
const SESSION: &str = "session";

pub(super) async fn lookup(core: &Core, event: &EventFacts, budget: Budget) -> Lookup {
    let mut attempt = Attempt::new(core, Subject::Event(event), budget);
    let found = once(&mut attempt).await;
    if found != Lookup::None || attempt.cached.is_empty() {
        return found;
    }
    forget(&mut attempt).await;
    attempt.taken.clear();
    once(&mut attempt).await
}

async fn once(attempt: &mut Attempt<'_>) -> Lookup {
    let finding = run(attempt, RecipeKind::Lookup).await;
    match finding.end {
        _ if finding.many => Lookup::Many,
        End::Through => match attempt.taken.last_given(SESSION) {
            None => Lookup::None,
            Some(session) => Lookup::One(SessionId::new(session)),
        },
        End::Outcome(StepOutcome::UnknownSession) => Lookup::None,
        End::State(_) | End::Outcome(_) | End::NoRoom => {
            let (tenant, why) = (&attempt.core.tenant, message(attempt, &finding).unwrap_or_default());
            tracing::warn!(%tenant, why, "no session could be looked up");
            Lookup::Unknown
        }
    }
}
