//! Refresh tokens that no connection goes by any more are let go of; the one in force is sealed with the key
//! that seals now, so that an old key can be taken away.

use crate::config::ConnectorConfig;
use crate::jobs::context::TenantContext;
use crate::ledger::refresh_tokens::{self, TokenRef};
use crate::lms::engine::auth::token_store::Lineage;
use crate::lms::recipe::auth::{Auth, TokenKind};
use crate::store::StoreError;

pub(super) async fn tidy(context: &TenantContext) -> Result<(), StoreError> {
    let Some(store) = &context.refresh_tokens else { return Ok(()) };
    let (tenant, connector) = (&context.tenant.name, &context.tenant.lms.connector);
    // Which one is in force is not known without its secrets.
    if !connector.has_its_secrets() {
        return Ok(());
    }
    let lineage = match connector {
        ConnectorConfig::Webhook { .. } => None,
        ConnectorConfig::File { file, settings, .. } => match &file.auth {
            Auth::Token(token) if token.kind == TokenKind::RefreshToken => {
                let configured = settings.exposed("refresh_token").unwrap_or_default();
                Some(Lineage::of(tenant, &file.name, configured))
            }
            Auth::Token(_) | Auth::None | Auth::Fixed(_) | Auth::Basic { .. } => None,
        },
    };
    let in_force = lineage.as_ref().map(|of| TokenRef {
        tenant: &of.tenant,
        connector: &of.connector,
        origin: &of.origin,
    });
    refresh_tokens::tidy(&store.ledger, &store.keys, tenant, in_force).await
}
