//! A tenant's consent as the management JSON tells it.

use super::ask;
use super::links::ConsentLinks;
use super::powershell;
use crate::config::permissions::{self, Given};
use crate::ids::TenantName;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::operate::management_json::{Consent, ConsentLink, ConsentStatus, NeededPermission};
use crate::jobs::watch::switched_off;
use crate::ledger::consents::{self, ConsentRequest, ConsentRow};
use crate::store::StoreError;

impl ConsentStatus {
    pub fn of(row: &ConsentRow) -> Self {
        let there = row.granted.iter().filter(|name| !row.missing.contains(name));
        Self {
            state: row.state.word().to_owned(),
            since: row.since.into(),
            granted: row.granted_at.map(Into::into),
            permissions: there.cloned().collect(),
            missing: row.missing.clone(),
            withdrawn: row.lost.clone(),
            excess: row.excess.clone(),
            looked: row.looked_at.map(Into::into),
            refusal: row.refusal.clone(),
        }
    }
}

impl NeededPermission {
    fn of(needed: &permissions::NeededPermission) -> Self {
        Self {
            name: needed.permission.name().to_owned(),
            given: match needed.given {
                Given::Entra => "entra",
                Given::Exchange => "exchange",
                Given::Either => "either",
            }
            .to_owned(),
            optional: needed.is_optional,
            why: needed.why.to_owned(),
            allows: needed.permission.allows().to_owned(),
            does_not_allow: needed.permission.does_not_allow().to_owned(),
        }
    }
}

/// `None`: nothing was looked for yet.
pub async fn status(app: &AppContext, tenant: &TenantName) -> Result<Option<ConsentStatus>, StoreError> {
    Ok(consents::read(&app.ledger, tenant).await?.as_ref().map(ConsentStatus::of))
}

pub async fn consent(
    app: &AppContext,
    links: &ConsentLinks,
    context: &TenantContext,
) -> Result<Consent, StoreError> {
    let tenant = &context.tenant;
    let row = consents::read(&app.ledger, &tenant.name).await?;
    let row = row.unwrap_or_else(|| ConsentRow::new(app.ledger.clock.now()));
    let link = |request: ConsentRequest| ConsentLink {
        page: links.page(&request),
        microsoft: links.microsoft(tenant, &request),
        by: request.by.clone(),
        at: request.at.into(),
        until: request.until.into(),
    };
    Ok(Consent {
        tenant: tenant.name.clone(),
        status: ConsentStatus::of(&row),
        active: tenant.active,
        off_since: match tenant.active {
            true => None,
            false => switched_off::since(&app.ledger, &tenant.name).await?.map(Into::into),
        },
        needed: tenant.needed_permissions().iter().map(NeededPermission::of).collect(),
        link: ask::open_request(app, &tenant.name).await?.map(link),
        redirect_uri: links.redirect_uri(),
        powershell: powershell::script(tenant),
    })
}
