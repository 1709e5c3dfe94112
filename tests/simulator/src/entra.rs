//! The token endpoint: client credentials by secret, certificate or federated assertion, and Entra's refusals
//! (handler/reference/entra.md#token-errors).

use crate::faults::Fault;
use crate::handle::World;
use crate::world::directory::{App, Tenant};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Signs tokens and knows its own again; clients treat them as opaque.
pub(crate) struct TokenKey(Vec<u8>);

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenKey")
    }
}

/// The claims of an app-only token that matter here.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Claims {
    aud: String,
    iss: String,
    iat: i64,
    nbf: i64,
    pub(crate) exp: i64,
    pub(crate) appid: Uuid,
    app_displayname: String,
    appidacr: String,
    idtyp: String,
    pub(crate) oid: Uuid,
    /// Left out when nothing was consented.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) roles: Vec<String>,
    sub: Uuid,
    pub(crate) tid: Uuid,
    ver: String,
}

impl TokenKey {
    pub(crate) fn new() -> Self {
        Self(rand::random::<[u8; 32]>().to_vec())
    }

    /// The claims; whether the token is still young is the caller's question, because the world has its own
    /// time.
    pub(crate) fn read(&self, token: &str, audience: &str) -> Result<Claims, &'static str> {
        let mut checks = Validation::new(Algorithm::HS256);
        checks.validate_exp = false;
        checks.set_audience(&[audience]);
        let decoded = jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_secret(&self.0), &checks);
        decoded.map(|token| token.claims).map_err(|error| {
            if matches!(error.kind(), jsonwebtoken::errors::ErrorKind::InvalidAudience) {
                "Access token validation failure. Invalid audience."
            } else {
                "CompactToken parsing failed with error code: 80049217"
            }
        })
    }
}

/// A refusal by its AADSTS code.
struct Refusal(u32);

impl Refusal {
    /// Status, `error`, text. Unlisted codes are plain invalid requests.
    fn parts(&self) -> (u16, &'static str, &'static str) {
        match self.0 {
            700_016 => (400, "unauthorized_client", "Application was not found in the directory."),
            7_000_112 => (400, "unauthorized_client", "Application is disabled."),
            7_000_215 => (401, "invalid_client", "Invalid client secret provided."),
            7_000_222 => (401, "invalid_client", "The provided client secret keys are expired."),
            7_000_218 => {
                (401, "invalid_client", "The request body must contain client_assertion or client_secret.")
            }
            700_027 => (401, "invalid_client", "Client assertion failed signature validation."),
            700_024 => (401, "invalid_client", "Client assertion is not within its valid time range."),
            70_011 => {
                (400, "invalid_scope", "The provided value for the input parameter scope is not valid.")
            }
            500_011 => (400, "invalid_resource", "The resource principal was not found in the tenant."),
            70_003 => (400, "unsupported_grant_type", "The app returned an unsupported grant type."),
            65_001 => {
                (400, "invalid_grant", "The user or administrator has not consented to use the application.")
            }
            53_003 => (400, "invalid_grant", "Access has been blocked by Conditional Access policies."),
            90_002 => (400, "invalid_request", "Tenant not found."),
            90_055 | 90_012 | 90_024 | 90_033 | 90_090 => {
                (503, "temporarily_unavailable", "There are too many incoming requests.")
            }
            _ => (400, "invalid_request", "The request is not valid."),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, error, text) = self.parts();
        let (code, trace, correlation) = (self.0, Uuid::new_v4(), Uuid::new_v4());
        let time = chrono::Utc::now().format("%Y-%m-%d %H:%M:%SZ").to_string();
        let description = format!(
            "AADSTS{code}: {text}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\nTimestamp: {time}"
        );
        let body = json!({
            "error": error,
            "error_description": description,
            "error_codes": [code],
            "timestamp": time,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
        });
        (StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST), Json(body)).into_response()
    }
}

/// `POST /{tenant}/oauth2/v2.0/token`.
pub(crate) async fn token(State(world): State<World>, Path(tenant): Path<String>, body: String) -> Response {
    let form: BTreeMap<String, String> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    if let Some(status) = world.fault(|fault| {
        let Fault::EntraStatus { status } = fault else { return None };
        Some(*status)
    }) {
        world.0.count(|counters| counters.tokens_refused += 1);
        return (StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY), "Service unavailable")
            .into_response();
    }
    match grant(&world, &tenant, &form) {
        Ok(body) => {
            world.0.count(|counters| counters.tokens += 1);
            ([("cache-control", "no-store")], Json(body)).into_response()
        }
        Err(refusal) => {
            world.0.count(|counters| counters.tokens_refused += 1);
            refusal.into_response()
        }
    }
}

fn grant(world: &World, tenant: &str, form: &BTreeMap<String, String>) -> Result<Value, Refusal> {
    let code = |fault: &Fault| {
        let Fault::EntraError { code } = fault else { return None };
        Some(*code)
    };
    if let Some(code) = world.fault(code) {
        return Err(Refusal(code));
    }
    let field = |name: &str| form.get(name).map(String::as_str);
    if field("grant_type") != Some("client_credentials") {
        return Err(Refusal(70_003));
    }
    let resource = field("scope").and_then(|scope| scope.strip_suffix("/.default")).ok_or(Refusal(70_011))?;
    if resource != world.0.graph_url() && resource != "https://graph.microsoft.com" {
        return Err(Refusal(500_011));
    }
    let mut model = world.0.model.lock();
    let now = world.0.now();
    model.tenants.iter_mut().for_each(|tenant| tenant.app.arrive(now));
    let named = |known: &&Tenant| known.domain.eq_ignore_ascii_case(tenant) || known.id.to_string() == tenant;
    let known = model.tenants.iter().find(named).ok_or(Refusal(90_002))?;
    let client = field("client_id").and_then(|id| Uuid::parse_str(id).ok());
    if client != Some(known.app.client_id) {
        return Err(Refusal(700_016));
    }
    match (field("client_secret"), field("client_assertion")) {
        (Some(secret), _) if known.app.secrets.iter().any(|own| own == secret) => {}
        (Some(_), _) => return Err(Refusal(7_000_215)),
        (None, Some(assertion)) if field("client_assertion_type") == Some(ASSERTION) => {
            check_assertion(world, known, assertion)?;
        }
        (None, _) => return Err(Refusal(7_000_218)),
    }
    let lifetime = i64::try_from(world.0.options.token_lifetime.as_secs()).unwrap_or(i64::MAX);
    let now = now.timestamp();
    let claims = Claims {
        aud: resource.to_owned(),
        iss: format!("https://sts.windows.net/{}/", known.id),
        iat: now,
        nbf: now,
        exp: now.saturating_add(lifetime),
        appid: known.app.client_id,
        app_displayname: "Course declines".to_owned(),
        appidacr: if field("client_secret").is_some() { "1" } else { "2" }.to_owned(),
        idtyp: "app".to_owned(),
        oid: known.app.object_id,
        roles: known.app.roles.iter().cloned().collect(),
        sub: known.app.object_id,
        tid: known.id,
        ver: "1.0".to_owned(),
    };
    let key = EncodingKey::from_secret(&world.0.token_key.0);
    let token = jsonwebtoken::encode(&Header::default(), &claims, &key).map_err(|_| Refusal(90_033))?;
    Ok(json!({ "token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime,
        "access_token": token }))
}

#[derive(Debug, Deserialize)]
struct Assertion {
    iss: String,
    sub: String,
    aud: String,
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
}

/// A registered certificate's signature, or a registered issuer's word.
fn check_assertion(world: &World, tenant: &Tenant, assertion: &str) -> Result<(), Refusal> {
    let wrong = || Refusal(700_027);
    let head = jsonwebtoken::decode_header(assertion).map_err(|_| wrong())?;
    let certificate = head.x5t_s256.as_deref().and_then(|print| {
        tenant.app.certificates.iter().find(|known| known.thumbprint == print.trim_end_matches('='))
    });
    let mut checks = Validation::new(head.alg);
    checks.validate_exp = false;
    checks.validate_aud = false;
    checks.required_spec_claims.clear();
    let Some(certificate) = certificate else { return check_federated(&tenant.app, assertion) };
    let pem = certificate.public_key_pem.as_bytes();
    let key = if [Algorithm::PS256, Algorithm::RS256].contains(&head.alg) {
        DecodingKey::from_rsa_pem(pem)
    } else if head.alg == Algorithm::ES256 {
        DecodingKey::from_ec_pem(pem)
    } else {
        return Err(wrong());
    };
    let key = key.map_err(|_| wrong())?;
    let claims = jsonwebtoken::decode::<Assertion>(assertion, &key, &checks).map_err(|_| wrong())?.claims;
    let client = tenant.app.client_id.to_string();
    let now = world.0.now().timestamp();
    let endpoint = format!("{}/{}/", world.0.graph_url(), tenant.id);
    if claims.iss != client || claims.sub != client || !claims.aud.starts_with(&endpoint) {
        return Err(wrong());
    }
    if claims.exp <= now || claims.nbf.is_some_and(|nbf| nbf > now + 300) {
        return Err(Refusal(700_024));
    }
    Ok(())
}

/// Another issuer's token is taken by its issuer alone: its keys are not simulated.
fn check_federated(app: &App, assertion: &str) -> Result<(), Refusal> {
    use base64::Engine as _;
    let payload = assertion.split('.').nth(1).unwrap_or_default();
    let bytes =
        base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).map_err(|_| Refusal(700_027))?;
    let claims: Value = serde_json::from_slice(&bytes).map_err(|_| Refusal(700_027))?;
    let issuer = claims.get("iss").and_then(Value::as_str);
    if app.federated_issuers.iter().any(|known| Some(known.as_str()) == issuer) {
        return Ok(());
    }
    Err(Refusal(700_027))
}

/// `GET /{tenant}/v2.0/.well-known/openid-configuration`.
pub(crate) async fn discovery(State(world): State<World>, Path(tenant): Path<String>) -> Json<Value> {
    let base = format!("{}/{tenant}", world.0.graph_url());
    Json(json!({
        "issuer": format!("{base}/v2.0"),
        "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
        "token_endpoint": format!("{base}/oauth2/v2.0/token"),
        "jwks_uri": format!("{base}/discovery/v2.0/keys"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
    }))
}
