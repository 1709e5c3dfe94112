//! Whether a connection is well: the credential is accepted and the LMS answers as the file expects.

use super::attempt::Attempt;
use super::core::Core;
use super::finding::End;
use super::reply::{ended, message};
use super::run_steps::run;
use super::variables::Subject;
use crate::enrolment::lms_answer::LmsOutcome;
use crate::lms::Budget;
use crate::lms::health::{Health, HealthVerdict};
use crate::lms::recipe::connector::RecipeKind;

pub(super) async fn probe(core: &Core, budget: Budget) -> Health {
    let mut attempt = Attempt::new(core, Subject::Nobody, budget);
    let finding = run(&mut attempt, RecipeKind::Probe).await;
    let verdict = match finding.end {
        End::Through => HealthVerdict::Well,
        End::State(_) | End::Outcome(_) | End::NoRoom => match ended(&attempt, &finding).outcome {
            LmsOutcome::CredentialBroken => HealthVerdict::CredentialBroken,
            LmsOutcome::Unexpected | LmsOutcome::EndpointGone => HealthVerdict::ConfigBroken,
            LmsOutcome::Outage => HealthVerdict::Outage,
            LmsOutcome::Done
            | LmsOutcome::Accepted
            | LmsOutcome::AlreadyCancelled
            | LmsOutcome::NotEnrolled
            | LmsOutcome::UnknownLearner
            | LmsOutcome::UnknownSession
            | LmsOutcome::TooLate
            | LmsOutcome::Refused
            | LmsOutcome::HeldElsewhere
            | LmsOutcome::Superseded
            | LmsOutcome::Unclear => HealthVerdict::Unclear,
        },
    };
    let clock = attempt.clock_ahead;
    Health { verdict, message: message(&attempt, &finding), status: finding.status, clock }
}
