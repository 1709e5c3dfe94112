//! Whether anything may go to the LMS now.

use super::check::{Check, CheckId, Look, Outcome};
use super::subject::Visit;
use crate::enrolment::valve::ValveState;
use crate::ledger::valves;

pub(super) const CHECK: Check = Check {
    id: CheckId::Valve,
    title: "valve",
    needs: &[CheckId::Tables],
    look: Look::Tenant(|visit| Box::pin(look(visit))),
};

async fn look(visit: &Visit<'_>) -> Outcome {
    let now = visit.app.ledger.clock.now();
    let valve = match valves::valve(&visit.app.ledger, visit.name(), now).await {
        Ok(valve) => valve,
        Err(failure) => return Outcome::skipped(format!("it can't be read: {failure}")),
    };
    let seen = if valve.why.is_empty() {
        valve.state.word().to_owned()
    } else {
        format!("{}: {}", valve.state.word(), valve.why)
    };
    let open = "regrets valve open --by … --reason …";
    match valve.state {
        ValveState::Open => Outcome::ok(seen),
        ValveState::Stopped => Outcome::warning(seen, format!("When cancellations may go again: `{open}`.")),
        ValveState::Braked => Outcome::failed(
            seen,
            format!("See whether a script or a sync client made so many declines, then `{open}`."),
        ),
        ValveState::BreakerOpen => Outcome::warning(
            seen,
            "It opens by itself when the LMS answers again; the line `lms` says how it is.",
        ),
        ValveState::CredentialBroken => {
            Outcome::failed(seen, format!("Mend the connection's secret, then `{open}`."))
        }
        ValveState::EndpointGone => {
            Outcome::failed(seen, format!("Correct the LMS's address, then `{open}`."))
        }
    }
}
