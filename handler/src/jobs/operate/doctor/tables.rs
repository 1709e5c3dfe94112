//! The ledger's tables can be reached, and this identity may read and write them.

use super::check::{Check, CheckId, Look, Outcome};
use super::subject::Deployment;
use crate::ledger::deployment_rows;
use crate::store::StoreError;

pub(super) const CHECK: Check = Check {
    id: CheckId::Tables,
    title: "ledger",
    needs: &[CheckId::Configuration],
    look: Look::Deployment(|deployment| Box::pin(look(deployment))),
};

const LINK: &str = "https://learn.microsoft.com/azure/storage/tables/assign-azure-role-data-access";

async fn look(deployment: &Deployment<'_>) -> Outcome {
    let there = &deployment.around.ledger;
    let failure = match deployment_rows::prove(&deployment.app.ledger).await {
        Ok(count) => {
            return Outcome::ok(format!("{there}: {count} tables read, one row written and read back"));
        }
        Err(failure) => failure,
    };
    let step = match &failure {
        // It says what to mend.
        StoreError::Unusable(_) => {
            "Do what it says. On Azure the identity needs the role Storage Table Data Contributor on the \
             account, and new roles take some minutes."
        }
        StoreError::Unavailable(_) => {
            "See what is in the way of the storage account: its name, DNS, the firewall, or on one machine a \
             process that holds the file."
        }
        StoreError::Exists | StoreError::Stale | StoreError::Invalid(_) => {
            "Ask again; if it stays so, report it as a defect."
        }
        StoreError::Corrupt { .. } => "Delete that row: it holds nothing but the time of the last look.",
    };
    let outcome = Outcome::failed(format!("{there}: {failure}"), step);
    if deployment.around.is_remote { outcome.link(LINK) } else { outcome }
}
