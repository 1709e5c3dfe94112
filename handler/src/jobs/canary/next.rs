//! What a step leads to, and the place that it is about.

use crate::enrolment::enrolment::Enrolment;
use crate::jobs::JobError;
use crate::jobs::canary::run::Run;
use crate::jobs::context::AppContext;
use crate::ledger::enrolments;
use std::fmt::Display;

/// What one step leads to.
pub(super) enum Step {
    /// To be written, and gone on from.
    Next(Box<Run>),
    /// Not now: with what hinders, where that is worth a word.
    Wait(Option<String>),
}

impl Step {
    pub(super) fn next(run: Run) -> Self {
        Self::Next(Box::new(run))
    }

    pub(super) fn hindered(failure: &impl Display) -> Self {
        Self::Wait(Some(failure.to_string()))
    }
}

/// The place in the generation of this test.
pub(super) async fn of_run(app: &AppContext, run: &Run) -> Result<Option<Enrolment>, JobError> {
    let Some(at) = &run.enrolment else { return Ok(None) };
    let row = enrolments::load(&app.ledger, at).await?.map(|read| read.value);
    Ok(row.filter(|row| row.canary && row.generation == run.generation))
}
