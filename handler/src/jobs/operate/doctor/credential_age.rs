//! How long the credential for Entra still lives, where that can be known.
//!
//! A certificate says its end itself. A client secret's end is known to Entra alone: no call that our
//! permissions allow shows it. A managed identity has none.

use super::check::{Check, CheckId, Look, Outcome};
use super::subject::Visit;
use crate::graph::auth::credentials::Credential;
use crate::graph::certificate_ends;
use chrono::{DateTime, TimeDelta, Utc};

pub(super) const CHECK: Check = Check {
    id: CheckId::CredentialAge,
    title: "age of the credential",
    needs: &[CheckId::Secrets],
    look: Look::Tenant(|visit| Box::pin(look(visit))),
};

const SOON: TimeDelta = TimeDelta::days(30);
const VERY_SOON: TimeDelta = TimeDelta::days(10);
const STEP: &str = "Make a new certificate, add it to the app registration beside the old one, then change \
                    the app setting; the old one may go after that.";
const LINK: &str = "https://learn.microsoft.com/entra/identity-platform/certificate-credentials#register-your-certificate-with-microsoft-identity-platform";

async fn look(visit: &Visit<'_>) -> Outcome {
    match &visit.context.tenant.credential {
        Credential::Certificate { pem } => judge(certificate_ends(pem), visit.app.ledger.clock.now()),
        Credential::ClientSecret(_) => Outcome::skipped(
            "when a client secret ends only Entra knows: note it where the secret was made, or use a \
             certificate or a managed identity",
        ),
        Credential::ManagedIdentity { .. } | Credential::Federated { .. } => {
            Outcome::ok("a managed identity has no secret that could end")
        }
        Credential::Missing { what } => Outcome::skipped(format!("{what} is missing")),
    }
}

fn judge(ends: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Outcome {
    let Some(ends) = ends else { return Outcome::skipped("the certificate's end can't be read") };
    let left = ends - now;
    let day = ends.format("%Y-%m-%d");
    if left <= TimeDelta::zero() {
        return Outcome::failed(format!("the certificate ended on {day}"), STEP).link(LINK);
    }
    let seen = format!("the certificate ends on {day}, in {} days", left.num_days());
    if left < VERY_SOON {
        Outcome::failed(seen, STEP).link(LINK)
    } else if left < SOON {
        Outcome::warning(seen, STEP).link(LINK)
    } else {
        Outcome::ok(seen)
    }
}

#[cfg(test)]
#[path = "credential_age_tests.rs"]
mod tests;
