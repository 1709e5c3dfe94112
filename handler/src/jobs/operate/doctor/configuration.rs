//! The configuration is good, and in force.

use super::check::{Check, CheckId, Look, Outcome};
use super::subject::Deployment;

pub(super) const CHECK: Check = Check {
    id: CheckId::Configuration,
    title: "configuration",
    needs: &[],
    look: Look::Deployment(|deployment| Box::pin(look(deployment))),
};

/// Whoever comes here has one that passed every check: where there is none, nobody is looked at
/// ([`super::unconfigured`]).
async fn look(deployment: &Deployment<'_>) -> Outcome {
    let tenants = match deployment.app.tenants.len() {
        1 => "one tenant".to_owned(),
        many => format!("{many} tenants"),
    };
    Outcome::ok(format!("{} is good: {tenants}", deployment.around.configuration))
}
