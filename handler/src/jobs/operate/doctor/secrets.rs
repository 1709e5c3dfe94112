//! The credential for Entra that the tenant's configuration names can be had.

use super::check::{Check, CheckId, Look, Outcome};
use super::subject::Visit;
use crate::missing_secret::Missing;

pub(super) const CHECK: Check = Check {
    id: CheckId::Secrets,
    title: "credential for Entra",
    needs: &[CheckId::Configuration],
    look: Look::Tenant(|visit| Box::pin(look(visit))),
};

const LINK: &str = "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references";

async fn look(visit: &Visit<'_>) -> Outcome {
    match visit.context.tenant.has_no_credential() {
        false => Outcome::ok("what the configuration names can be had"),
        true => missing(visit, |missing| !is_of_lms(missing)),
    }
}

pub(super) fn is_of_lms(missing: &Missing) -> bool {
    missing.key.contains(".lms.")
}

/// What of the tenant's secrets is missing, and what mends it.
pub(super) fn missing(visit: &Visit<'_>, is_meant: impl Fn(&Missing) -> bool) -> Outcome {
    let missing = visit.context.tenant.missing.iter().filter(|missing| is_meant(missing));
    let said: Vec<String> = missing.map(ToString::to_string).collect();
    Outcome::failed(
        said.join("; "),
        "Set that app setting here, or mend its Key Vault reference; `regrets check` shows each.",
    )
    .link(LINK)
}
