//! Asks an administrator: makes a link, or shows the one that is out.
//!
//! Guarantees: who asked and why stands in the audit before the link is worth anything; asked twice within a
//! link's life, there is one link.

use super::links::ConsentLinks;
use super::record;
use super::transitions::ConsentEvent;
use crate::ids::TenantName;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::operate::operator::{Attribution, OperatorError};
use crate::ledger::audit;
use crate::ledger::consents::{self, ConsentRequest};
use crate::store::StoreError;

/// The newest link that nobody has answered and that has not run out.
pub async fn open_request(
    app: &AppContext,
    tenant: &TenantName,
) -> Result<Option<ConsentRequest>, StoreError> {
    let now = app.ledger.clock.now();
    Ok(consents::all_requests(&app.ledger, tenant).await?.into_iter().find(|request| request.is_open(now)))
}

/// `anew`: a new link also where one is out, which stays good.
pub async fn ask(
    app: &AppContext,
    links: &ConsentLinks,
    context: &TenantContext,
    signed: &Attribution,
    anew: bool,
) -> Result<ConsentRequest, OperatorError> {
    signed.check()?;
    let (ledger, tenant, now) = (&app.ledger, &context.tenant, app.ledger.clock.now());
    if !anew
        && let Some(open) = open_request(app, &tenant.name).await?
        && open.directory == tenant.directory
    {
        // Whoever made it may have been killed before the state said so.
        let known = consents::read(ledger, &tenant.name).await?.and_then(|row| row.asked_until);
        if known.is_none_or(|until| until < open.until) {
            note(app, context, &open).await?;
        }
        return Ok(open);
    }
    let request = ConsentRequest {
        id: ConsentLinks::chance(),
        tenant: tenant.name.clone(),
        directory: tenant.directory.clone(),
        by: signed.by.trim().to_owned(),
        at: now,
        until: now + links.lifetime,
        used: None,
    };
    let (by, why) = (signed.by.trim(), signed.reason.trim());
    audit::append(ledger, &tenant.name, by, &format!("A link for admin consent is made: {why}")).await?;
    // Without its row the link is worth nothing; with it and without the state it is taken all the same.
    consents::add_request(ledger, &request).await?;
    note(app, context, &request).await?;
    Ok(request)
}

async fn note(app: &AppContext, context: &TenantContext, request: &ConsentRequest) -> Result<(), StoreError> {
    record::happened(app, context, ConsentEvent::Asked, |row| {
        row.asked_until = row.asked_until.max(Some(request.until));
    })
    .await
    .map(|_| ())
}
