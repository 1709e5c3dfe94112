//! Who may call the handler's own port. Under `regrets local` anybody on the machine can reach it, past every
//! key that the host asks for; so the host gives its handler a token with its environment, and each call has
//! to bring it. The Functions host gives none: there the port is its sandbox's alone.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use secrecy::{ExposeSecret as _, SecretString};
use std::sync::Arc;
use subtle::ConstantTimeEq as _;

/// The setting by which the parent says its token.
pub const TOKEN_VARIABLE: &str = "REGRETS_LOCAL_TOKEN";
/// The header by which each call brings it.
pub const TOKEN_HEADER: &str = "x-regrets-local-token";

/// Refuses what comes without the token, the probe as well. Whoever gives none asks for none.
pub(crate) fn guarded(router: Router, token: Option<SecretString>) -> Router {
    match token {
        Some(token) => router.layer(from_fn_with_state(Arc::new(token), check)),
        None => router,
    }
}

async fn check(State(token): State<Arc<SecretString>>, mut request: Request, next: Next) -> Response {
    let given = request.headers_mut().remove(TOKEN_HEADER);
    let given = given.as_ref().map(HeaderValue::as_bytes).unwrap_or_default();
    if is_right(given, &token) {
        return next.run(request).await;
    }
    let error = serde_json::json!({ "error": "only the host that started this handler may call it" });
    (StatusCode::FORBIDDEN, axum::Json(error)).into_response()
}

fn is_right(given: &[u8], token: &SecretString) -> bool {
    given.ct_eq(token.expose_secret().as_bytes()).into()
}
