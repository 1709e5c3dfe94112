//! A tenant that is switched off has one line, and nothing of it is looked at: what is looked at calls Entra,
//! Graph and the LMS, which nobody does for it.

use super::check::{Check, CheckId, Look, Outcome};
use super::subject::Visit;
use crate::jobs::watch::switched_off;
use chrono::SecondsFormat;

/// Of such tenants alone; it stands in no list.
pub(super) const CHECK: Check = Check {
    id: CheckId::SwitchedOff,
    title: "switched off",
    needs: &[],
    look: Look::Tenant(|visit| Box::pin(look(visit))),
};

const SO: &str = "active = false: nothing of it is looked at";

async fn look(visit: &Visit<'_>) -> Outcome {
    Outcome::skipped(match switched_off::since(&visit.app.ledger, visit.name()).await {
        Ok(Some(since)) => format!("since {}; {SO}", since.to_rfc3339_opts(SecondsFormat::Secs, true)),
        // Whoever serves the tenant looks at the configuration each minute, and writes down what it found.
        Ok(None) => format!("so far in no deployment that serves it; {SO}"),
        Err(failure) => format!("since when can't be read ({failure}); {SO}"),
    })
}
