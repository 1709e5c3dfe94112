//! "tenant contoso is connected": said once, when the first mailbox is watched. Whoever set a tenant up
//! learns that it works, and that alerts reach them.

use crate::config::ConnectorConfig;
use crate::enrolment::policy::PolicyMode;
use crate::jobs::context::{AppContext, TenantContext};
use crate::ledger::alert_changes;
use crate::store::StoreError;

/// `watched`: so many mailboxes are.
pub async fn note(app: &AppContext, context: &TenantContext, watched: usize) -> Result<(), StoreError> {
    let name = &context.tenant.name;
    if watched == 0 || alert_changes::is_connected(&app.ledger, name).await? {
        return Ok(());
    }
    let note = told(context, watched);
    if alert_changes::note_connected(&app.ledger, name, &note).await? {
        tracing::info!(tenant = %name, note, "connected");
    }
    Ok(())
}

fn told(context: &TenantContext, watched: usize) -> String {
    let mailboxes = if watched == 1 { "mailbox is" } else { "mailboxes are" };
    let mode = match context.tenant.policy.mode {
        PolicyMode::Observe => "it observes, and cancels nothing",
        PolicyMode::Act => "declines are carried to the LMS",
    };
    let connector = match &context.tenant.lms.connector {
        ConnectorConfig::Webhook { .. } => "webhook",
        ConnectorConfig::File { file, .. } => file.name.as_str(),
    };
    format!(
        "Graph answers, {watched} {mailboxes} watched, the LMS's connector is {connector}, and {mode}. \
         Alerts about it come this way."
    )
}
