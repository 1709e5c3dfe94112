//! What a cancellation would do: everything is read, and what would be written is shown instead of sent.

use super::at::At;
use super::attempt::Attempt;
use super::cancel::left_alone;
use super::conditions::all_hold;
use super::core::Core;
use super::finding::{End, Finding};
use super::look::look;
use super::reply::ended;
use super::request::build;
use super::run_steps::forbidden;
use super::trace::SeenRequest;
use super::variables::Subject;
use crate::enrolment::lms_answer::Reply;
use crate::lms::recipe::connector::RecipeKind;
use crate::lms::recipe::step::Step;
use crate::lms::recipe::words::PlaceState;
use crate::lms::{Budget, Order};

/// How a cancellation would go.
#[derive(Debug, Clone)]
pub struct Rehearsal {
    /// What the place is; `None` where that could not be read.
    pub place: Option<PlaceState>,
    pub end: Would,
}

#[derive(Debug, Clone)]
pub enum Would {
    /// It would end without anything being written.
    End(Reply),
    /// These requests would be sent; the last one may ask for what only an answer before it gives.
    Write { requests: Vec<SeenRequest>, unknown: Option<String> },
}

pub(super) async fn rehearse(core: &Core, order: &Order, budget: Budget) -> Rehearsal {
    let mut attempt = Attempt::new(core, Subject::Order(order), budget);
    let seen = look(&mut attempt).await;
    let place = seen.state();
    let end = match seen.end {
        End::Through => None,
        End::State(state) if state.is_to_cancel() => left_alone(&attempt, order, &seen),
        End::State(_) | End::Outcome(_) | End::NoRoom => Some(ended(&attempt, &seen)),
    };
    let end = match end {
        Some(reply) => Would::End(reply),
        None => would_write(&attempt),
    };
    Rehearsal { place, end }
}

fn would_write(attempt: &Attempt<'_>) -> Would {
    let mut requests = Vec::new();
    for step in &attempt.core.file.recipes.write {
        match all_hold(&step.when, &attempt.scope(None)) {
            Ok(true) => {}
            Ok(false) => continue,
            Err(error) => return Would::Write { requests, unknown: Some(error.to_string()) },
        }
        match shown(attempt, step) {
            Ok(Some(request)) => requests.push(request),
            Ok(None) => {}
            Err(Stop::Ends(finding)) if requests.is_empty() => return Would::End(ended(attempt, &finding)),
            Err(Stop::Ends(_)) => break,
            Err(Stop::Unknown(why)) => return Would::Write { requests, unknown: Some(why) },
        }
    }
    Would::Write { requests, unknown: None }
}

enum Stop {
    Ends(Finding),
    Unknown(String),
}

fn shown(attempt: &Attempt<'_>, step: &Step) -> Result<Option<SeenRequest>, Stop> {
    let core = attempt.core;
    let Some(request) = &step.request else {
        return match step.exit {
            Some(exit) => Err(Stop::Ends(Finding::new(exit).at(RecipeKind::Write, &step.name))),
            None => Ok(None),
        };
    };
    if !request.reads && core.forbids(step) {
        return Err(Stop::Ends(forbidden().at(RecipeKind::Write, &step.name)));
    }
    let unsigned = build(request, &core.hosts, &core.file.service.headers, &attempt.scope(None))
        .map_err(|error| Stop::Unknown(format!("`write.{}`: {error}", step.name)))?;
    let at = At { recipe: RecipeKind::Write, step, request };
    Ok(Some(attempt.seen().unsent(at, &unsigned)))
}
