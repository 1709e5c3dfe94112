//! What a person says to what is published: mails that wait may go out; what vanished is gone.
//!
//! Guarantee: who said it, and why, stands in the audit before it has an effect.

use crate::ids::TenantName;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::operate::operator::{Attribution, OperatorError};
use crate::jobs::operate::publish_json::Publishing;
use crate::jobs::publish::vanish::{self, What};
use crate::jobs::publish::{send_gate, told};
use crate::ledger::audit;
use crate::publishing::policy::PublishState;
use serde::Deserialize;
use std::sync::Arc;

/// What is confirmed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// So many mails may go out; with neither this nor `vanished`: as many as wait.
    #[serde(default)]
    pub mails: Option<u32>,
    /// `sessions` or `places` that are missing are gone.
    #[serde(default)]
    pub vanished: Option<String>,
    pub by: String,
    pub reason: String,
}

pub(super) fn found<'a>(
    app: &'a AppContext,
    tenant: &TenantName,
) -> Result<&'a Arc<TenantContext>, OperatorError> {
    let unknown = || OperatorError::NotFound(format!("tenant `{tenant}` is not configured"));
    app.tenants.get(tenant).ok_or_else(unknown)
}

pub(super) fn none(tenant: &TenantName) -> String {
    format!("tenant `{tenant}` publishes nothing: [tenant.{tenant}.publish] in the configuration is missing")
}

pub async fn show(app: &AppContext, tenant: &TenantName) -> Result<Publishing, OperatorError> {
    let told = told::told(app, found(app, tenant)?).await?;
    told.ok_or_else(|| OperatorError::NotFound(none(tenant)))
}

pub async fn confirm(
    app: &AppContext,
    tenant: &TenantName,
    said: &Confirmation,
) -> Result<Publishing, OperatorError> {
    let signed = Attribution { by: said.by.clone(), reason: said.reason.clone() };
    signed.check()?;
    let context = found(app, tenant)?;
    let Some(publish) = &context.tenant.publish else { return Err(OperatorError::Conflict(none(tenant))) };
    let (by, reason) = (signed.by.trim(), signed.reason.trim());
    match &said.vanished {
        Some(word) => vanished(app, tenant, word, by, reason).await?,
        None => match publish.publisher.policy.state {
            PublishState::On => mails(app, tenant, said.mails, by, reason).await?,
            PublishState::Off | PublishState::Preview => {
                return Err(OperatorError::Conflict(format!(
                    "nothing is mailed for tenant `{tenant}` as long as publish.state is not \"on\""
                )));
            }
        },
    }
    show(app, tenant).await
}

async fn mails(
    app: &AppContext,
    tenant: &TenantName,
    mails: Option<u32>,
    by: &str,
    reason: &str,
) -> Result<(), OperatorError> {
    let nothing = || {
        OperatorError::Conflict(format!(
            "nothing waits for a person at tenant `{tenant}`; `regrets publish status` shows how it goes"
        ))
    };
    let held = send_gate::read(&app.ledger, tenant).await?.held.ok_or_else(nothing)?;
    let mails = mails.unwrap_or(held.mails);
    audit::append(&app.ledger, tenant, by, &format!("{mails} mails may go out: {reason}")).await?;
    send_gate::let_out(&app.ledger, tenant, Some(mails), by).await?.ok_or_else(nothing)?;
    Ok(())
}

async fn vanished(
    app: &AppContext,
    tenant: &TenantName,
    word: &str,
    by: &str,
    reason: &str,
) -> Result<(), OperatorError> {
    let what =
        [What::Sessions, What::Places].into_iter().find(|what| what.word() == word).ok_or_else(|| {
            OperatorError::Wrong(format!("`{word}` can't vanish; it is `sessions` or `places`"))
        })?;
    if vanish::held_back(&app.ledger, tenant, what).await?.is_none() {
        return Err(OperatorError::Conflict(format!("no {word} of tenant `{tenant}` wait for a person")));
    }
    audit::append(&app.ledger, tenant, by, &format!("The missing {word} are gone: {reason}")).await?;
    vanish::confirm(&app.ledger, tenant, what, by).await?;
    Ok(())
}
