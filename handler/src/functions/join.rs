//! `join`: `GET /api/join/{token}`, the way into a session's meeting, forwarded raw by the host. It stands in
//! learners' events in the place of the LMS's link.
//!
//! Guarantees: without a token whose MAC holds there is one answer, whatever tenants there are, and nothing
//! is read for it; whom the way leads on is judged at each request; nothing is written; a page runs no script
//! and loads nothing.
//!
//! It takes one click on the page. Mail filters and chats fetch each address that they see, and some show
//! what they were led to: so the address itself leads nowhere, and what its button asks for (`?go`) leads on
//! only whom nothing gives away as a program or as another page. A form would not do: what a browser lets it
//! lead to (`form-action`) would have to name the meeting's host, and every host that this one leads on to.

mod dates;
mod language;
mod words;

use crate::functions::admission::Admission;
use crate::functions::consent::frame::html;
use crate::invocation_deadline;
use crate::jobs::context::AppContext;
use crate::jobs::publish::join::{Joining, look};
use crate::sessions::join::Door;
use crate::sessions::words::Language;
use crate::store::StoreError;
use askama::Template;
use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use language::preferred;
use std::sync::Arc;
use tokio::time::Instant;
use url::Url;
use words::Says;

/// What is served of requests whose token is none of ours, on an instance; and of those that are: all
/// learners of a large session come within the same minute.
const STRANGERS: (u16, u16) = (60, 20);
const GUESTS: (u16, u16) = (300, 50);

struct Pages {
    app: Arc<AppContext>,
    strangers: Admission,
    guests: Admission,
}

type Served = State<Arc<Pages>>;

/// The routes below `/api/join`.
pub fn router(app: Arc<AppContext>) -> Router {
    let (strangers, guests) = (Admission::new(STRANGERS.0, STRANGERS.1), Admission::new(GUESTS.0, GUESTS.1));
    Router::new()
        .route("/{token}", get(show))
        .fallback(nothing)
        .route_layer(from_fn(in_time))
        .with_state(Arc::new(Pages { app, strangers, guests }))
}

#[derive(Template)]
#[template(path = "join/pages/page.html")]
struct Page {
    language: &'static str,
    title: Option<String>,
    facts: Vec<(&'static str, String)>,
    says: Says,
    note: Option<&'static str>,
}

async fn show(
    State(pages): Served,
    token: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let language = preferred(&headers);
    let links = pages.app.join.as_ref();
    let seat = links.zip(token.ok()).and_then(|(links, Path(token))| links.read(&token));
    let admission = if seat.is_some() { &pages.guests } else { &pages.strangers };
    if !admission.admits(Instant::now()) {
        return later(plain(StatusCode::TOO_MANY_REQUESTS, language, words::busy(language)));
    }
    let Some(seat) = seat else { return nothing(headers).await };
    let now = pages.app.ledger.clock.now();
    match look(&pages.app, &seat, now).await {
        Ok(Some(joining)) => match &joining.door {
            Door::Open { link } if method == Method::GET && asks(query) && is_a_person(&headers) => {
                led_on(link)
            }
            Door::Open { .. } | Door::NotYet { .. } | Door::Shut(_) => page(language, joining),
        },
        Ok(None) => nothing(headers).await,
        Err(error) => out_of_order(&error, language),
    }
}

/// The button was pressed.
fn asks(query: Option<String>) -> bool {
    let query = query.unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == words::GO)
}

/// Of a browser that says where a request comes from, only our own page's button; never what is fetched in
/// advance. An old browser says nothing.
fn is_a_person(headers: &HeaderMap) -> bool {
    let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let is = |name: &str, wanted: &str| said(name).is_none_or(|said| said.eq_ignore_ascii_case(wanted));
    let in_advance = ["sec-purpose", "purpose", "x-purpose", "x-moz"];
    is("sec-fetch-site", "same-origin")
        && is("sec-fetch-mode", "navigate")
        && in_advance.iter().all(|name| said(name).is_none())
}

/// The address of a meeting is told to this browser alone, and is kept nowhere.
fn led_on(link: &Url) -> Response {
    let Ok(location) = HeaderValue::from_str(link.as_str()) else {
        // An address is ASCII once it is read.
        tracing::error!("the link of a session can't be put into a header");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let headers = [
        (header::LOCATION, location),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow")),
    ];
    (StatusCode::FOUND, headers).into_response()
}

fn page(language: Language, joining: Joining) -> Response {
    let Joining { title, span, door } = joining;
    let mut facts = span.as_ref().map_or_else(Vec::new, |span| dates::facts(language, span));
    let says = words::of_door(language, &door, span.as_ref());
    let note = match &door {
        Door::NotYet { opens } => {
            let zone = span.as_ref().map(crate::sessions::moment::Span::zone).unwrap_or_default();
            facts.push((words::opens(language), language.moment(zone.wall_of(*opens))));
            Some(words::yours(language))
        }
        Door::Open { .. } => Some(words::yours(language)),
        Door::Shut(_) => None,
    };
    shown(StatusCode::OK, &Page { language: language.tag(), title, facts, says, note })
}

fn plain(status: StatusCode, language: Language, says: Says) -> Response {
    shown(status, &Page { language: language.tag(), title: None, facts: Vec::new(), says, note: None })
}

fn shown(status: StatusCode, page: &Page) -> Response {
    let mut response = html(status, page);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(page.language));
    headers.insert(header::VARY, HeaderValue::from_static("accept-language"));
    response
}

/// The same for every address that is no way in of ours, now: which tenants there are can't be found out.
async fn nothing(headers: HeaderMap) -> Response {
    let language = preferred(&headers);
    plain(StatusCode::NOT_FOUND, language, words::nothing(language))
}

fn out_of_order(error: &StoreError, language: Language) -> Response {
    tracing::error!(trouble = %error, "the ledger can't be used for the way into a session");
    later(plain(StatusCode::SERVICE_UNAVAILABLE, language, words::unavailable(language)))
}

fn later(mut response: Response) -> Response {
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    response
}

/// Nothing can be looked up now.
pub(super) async fn unavailable(headers: HeaderMap) -> Response {
    let language = preferred(&headers);
    later(plain(StatusCode::SERVICE_UNAVAILABLE, language, words::unavailable(language)))
}

async fn in_time(request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    match invocation_deadline::within(next.run(request)).await {
        Ok(response) => response,
        Err(invocation_deadline::Over) => {
            tracing::error!("the way into a session waits for the ledger in vain");
            unavailable(headers).await
        }
    }
}

#[cfg(test)]
#[path = "join/tests.rs"]
mod tests;
