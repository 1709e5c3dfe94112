//! The secrets of the LMS connection that the tenant's configuration names can be had.

use super::check::{Check, CheckId, Look, Outcome};
use super::secrets::{is_of_lms, missing};
use super::subject::Visit;

pub(super) const CHECK: Check = Check {
    id: CheckId::LmsSecrets,
    title: "secrets of the LMS",
    needs: &[CheckId::Configuration],
    look: Look::Tenant(|visit| Box::pin(look(visit))),
};

async fn look(visit: &Visit<'_>) -> Outcome {
    match visit.context.tenant.lms.connector.has_its_secrets() {
        true => Outcome::ok("what the configuration names can be had"),
        false => missing(visit, is_of_lms),
    }
}
