//! The version of the Functions host, as it said it last. The handler is written for version 4
//! (reference/functions-host.md#first-rules).

use super::check::{Check, CheckId, Look, Outcome};
use super::subject::Deployment;
use crate::host_version;
use crate::jobs::surroundings::SeenFrom;

pub(super) const CHECK: Check = Check {
    id: CheckId::Host,
    title: "functions host",
    needs: &[CheckId::Configuration],
    look: Look::Deployment(|deployment| Box::pin(look(deployment))),
};

async fn look(deployment: &Deployment<'_>) -> Outcome {
    match deployment.around.seen_from {
        SeenFrom::CommandLine => {
            Outcome::skipped("unknown from here: `regrets doctor --url` asks the deployment")
        }
        SeenFrom::Host => judge(host_version::seen().as_deref()),
    }
}

fn judge(version: Option<&str>) -> Outcome {
    let Some(version) = version else {
        return Outcome::skipped("the host has not said its version yet");
    };
    match version.split('.').next().and_then(|major| major.parse::<u32>().ok()) {
        Some(4) => Outcome::ok(format!("version {version}")),
        Some(_) => Outcome::failed(
            format!("version {version}"),
            "Set FUNCTIONS_EXTENSION_VERSION to ~4: no other version is known to serve this handler.",
        ),
        None => Outcome::warning(
            format!("it calls itself {version}"),
            "Versions of the Functions host are numbers: see what calls the handler.",
        ),
    }
}

#[cfg(test)]
#[path = "host_tests.rs"]
mod tests;
