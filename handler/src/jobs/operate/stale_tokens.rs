//! Refresh tokens that no connection goes by any more are let go of; the one in force is sealed with the key
//! that seals now, so that an old key can be taken away.

use crate::config::{ConnectorConfig, PublishSource};
use crate::ids::TenantName;
use crate::jobs::context::TenantContext;
use crate::ledger::refresh_tokens::{self, TokenRef};
use crate::lms::engine::auth::token_store::Lineage;
use crate::lms::recipe::auth::{Auth, TokenKind};
use crate::store::StoreError;

pub(super) async fn tidy(context: &TenantContext) -> Result<(), StoreError> {
    let Some(store) = &context.refresh_tokens else { return Ok(()) };
    let tenant = &context.tenant;
    let reads = tenant.publish.as_ref().and_then(|publish| match &publish.source {
        PublishSource::From(reads) => Some(&reads.connector),
        PublishSource::Lms | PublishSource::Push(_) => None,
    });
    let connectors = || std::iter::once(&tenant.lms.connector).chain(reads);
    // Which one is in force is not known without its secrets.
    if connectors().any(|connector| !connector.has_its_secrets()) {
        return Ok(());
    }
    let lineages: Vec<Lineage> =
        connectors().filter_map(|connector| lineage(&tenant.name, connector)).collect();
    let in_force = lineages.iter().map(|of| TokenRef {
        tenant: &of.tenant,
        connector: &of.connector,
        origin: &of.origin,
    });
    let in_force: Vec<TokenRef<'_>> = in_force.collect();
    refresh_tokens::tidy(&store.ledger, &store.keys, &tenant.name, &in_force).await
}

fn lineage(tenant: &TenantName, connector: &ConnectorConfig) -> Option<Lineage> {
    match connector {
        ConnectorConfig::Webhook { .. } => None,
        ConnectorConfig::File { file, settings, .. } => match &file.auth {
            Auth::Token(token) if token.kind == TokenKind::RefreshToken => {
                let configured = settings.exposed("refresh_token").unwrap_or_default();
                Some(Lineage::of(tenant, &file.name, configured))
            }
            Auth::Token(_) | Auth::None | Auth::Fixed(_) | Auth::Basic { .. } => None,
        },
    }
}
