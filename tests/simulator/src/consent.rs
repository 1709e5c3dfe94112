//! Entra's admin-consent page in both forms, and what comes of it (handler/reference/entra.md#admin-consent):
//! who presses what is the form's field `answer`, so that a browser and a test can press the same.

use crate::handle::World;
use crate::world::directory::{App, Tenant};
use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use std::collections::BTreeMap;

/// Which of the two forms of the page was called.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    V1,
    V2,
}

struct Asked {
    query: BTreeMap<String, String>,
    redirect: url::Url,
    directory: String,
    permissions: Vec<String>,
}

/// `GET /{tenant}/v2.0/adminconsent`.
pub(crate) async fn page_v2(
    State(world): State<World>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    page(&world, &tenant, query, Form::V2)
}

/// `GET /{tenant}/adminconsent`.
pub(crate) async fn page_v1(
    State(world): State<World>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    page(&world, &tenant, query, Form::V1)
}

pub(crate) async fn press_v2(
    State(world): State<World>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
    body: String,
) -> Response {
    press(&world, &tenant, query, &body, Form::V2)
}

pub(crate) async fn press_v1(
    State(world): State<World>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
    body: String,
) -> Response {
    press(&world, &tenant, query, &body, Form::V1)
}

/// What Entra would show instead of a page to consent on: it sends nobody back with these.
fn asked(
    world: &World,
    tenant: &str,
    query: Option<String>,
    form: Form,
) -> Result<Asked, (u32, &'static str)> {
    let query = query.unwrap_or_default();
    let query: BTreeMap<String, String> =
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    if form == Form::V2 && tenant.eq_ignore_ascii_case("common") {
        return Err((900_144, "The endpoint takes a tenant or organizations, not common."));
    }
    let model = world.0.model.lock();
    let named = |known: &&Tenant| known.domain.eq_ignore_ascii_case(tenant) || known.id.to_string() == tenant;
    let known = model.tenants.iter().find(named).ok_or((90_002, "Tenant not found."))?;
    let app: &App = &known.app;
    if query.get("client_id").map(String::as_str) != Some(app.client_id.to_string().as_str()) {
        return Err((700_016, "Application was not found in the directory."));
    }
    let scope = format!("{}/.default", world.0.graph_url());
    if form == Form::V2 && query.get("scope") != Some(&scope) {
        return Err((70_011, "The provided value for the input parameter scope is not valid."));
    }
    let redirect = query.get("redirect_uri").filter(|uri| app.redirect_uris.contains(*uri));
    let redirect = redirect.and_then(|uri| uri.parse().ok());
    let redirect = redirect.ok_or((50_011, "The redirect URI does not match those of the application."))?;
    let permissions = app.requested.iter().cloned().collect();
    Ok(Asked { query, redirect, directory: known.id.to_string(), permissions })
}

fn page(world: &World, tenant: &str, query: Option<String>, form: Form) -> Response {
    let asked = match asked(world, tenant, query, form) {
        Ok(asked) => asked,
        Err(refusal) => return refused(refusal),
    };
    let listed: String = asked.permissions.iter().map(|name| format!("<li>{name}</li>")).collect();
    Html(format!(
        r#"<!doctype html><html lang="en"><title>Permissions requested</title><main>
<h1>Permissions requested. Review for your organization</h1><ul>{listed}</ul>
<form method="post"><button name="answer" value="accept">Accept</button>
<button name="answer" value="cancel">Cancel</button>
<button name="answer" value="not-admin">I am no administrator</button></form></main></html>"#
    ))
    .into_response()
}

fn press(world: &World, tenant: &str, query: Option<String>, body: &str, form: Form) -> Response {
    let asked = match asked(world, tenant, query, form) {
        Ok(asked) => asked,
        Err(refusal) => return refused(refusal),
    };
    let pressed: BTreeMap<String, String> =
        url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let answer = pressed.get("answer").map(String::as_str);
    let text = |number: u32, what: &str| format!("AADSTS{number}: {what}\r\nTrace ID: a");
    let denied = text(65_004, "The resource owner or authorization server denied the request.");
    let mut fields: Vec<(&str, String)> = match (answer, form) {
        (Some("accept"), _) => {
            let domain = tenant.to_owned();
            world.edit_tenant(&domain, |tenant| {
                let wanted: Vec<String> = tenant.app.requested.iter().cloned().collect();
                tenant.app.grant(&wanted, world.0.now());
            });
            let mut fields = vec![("admin_consent", "True".to_owned()), ("tenant", asked.directory.clone())];
            if form == Form::V2 {
                fields.push(("scope", format!("{}/.default", world.0.graph_url())));
            }
            fields
        }
        (Some("cancel"), Form::V2) => vec![
            ("admin_consent", "True".to_owned()),
            ("error", "consent_required".to_owned()),
            ("error_description", denied),
        ],
        (Some("cancel"), Form::V1) => vec![
            ("error", "permission_denied".to_owned()),
            ("error_description", "The admin canceled the request".to_owned()),
        ],
        (Some("not-admin"), _) => vec![
            ("error", "access_denied".to_owned()),
            ("error_description", text(90_094, "An administrator must consent.")),
        ],
        (Some(_) | None, _) => return refused((900_144, "The request body lacks the answer.")),
    };
    fields.extend(asked.query.get("state").map(|state| ("state", state.clone())));
    let mut back = asked.redirect;
    back.query_pairs_mut().extend_pairs(fields);
    (StatusCode::FOUND, [(header::LOCATION, back.to_string())]).into_response()
}

fn refused((number, why): (u32, &str)) -> Response {
    let page =
        format!("<!doctype html><html lang=\"en\"><title>Sorry</title><p>AADSTS{number}: {why}</p></html>");
    (StatusCode::BAD_REQUEST, Html(page)).into_response()
}
