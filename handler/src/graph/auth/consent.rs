//! What a tenant has consented to, read off its token: for diagnostics alone.
//!
//! A Graph token is not ours to validate, but may be looked into (reference/entra.md#reading-tokens). An
//! empty list is no proof of failure: what RBAC for Applications grants in Exchange stands in no token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

/// The application permissions in the token's `roles`. `None`: the token can't be looked into.
pub(crate) fn roles(token: &str) -> Option<Vec<String>> {
    #[derive(Deserialize)]
    struct Claims {
        #[serde(default)]
        roles: Vec<String>,
    }
    let payload = token.split('.').nth(1)?;
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let claims: Claims = serde_json::from_slice(&payload).ok()?;
    Some(claims.roles)
}

#[cfg(test)]
#[path = "consent_tests.rs"]
mod tests;
