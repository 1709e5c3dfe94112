//! `consent`: the pages under `/api/consent/` for whoever may consent, forwarded raw by the host. No sign-in:
//! each page needs the signed link that an operator made, and shows what that link is for.
//!
//! Guarantees: without a link whose MAC holds there is one answer, whatever tenants there are, and nothing is
//! read for it; no page names a learner, or more of the LMS than its host; what comes from outside is escaped
//! or left out; a page runs no script and loads nothing.

pub mod frame;
mod words;

use crate::config::permissions::{Given, NeededPermission};
use crate::functions::admission::Admission;
use crate::ids::TenantName;
use crate::invocation_deadline;
use crate::jobs::context::AppContext;
use crate::jobs::operate::consent::answer::{self, Known, Redirect};
use crate::jobs::operate::consent::links::{ConsentLinks, RETURN};
use crate::jobs::operate::consent::powershell;
use crate::ledger::consents::ConsentState;
use crate::store::StoreError;
use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use frame::html;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::sync::Arc;
use tokio::time::Instant;
use words::{Stands, Told, stands, when};

/// What is served of requests whose link is none of ours, on an instance; and of those that are.
const STRANGERS: (u16, u16) = (60, 20);
const GUESTS: (u16, u16) = (30, 5);

struct Pages {
    app: Arc<AppContext>,
    links: Arc<ConsentLinks>,
    strangers: Admission,
    guests: Admission,
}

type Served = State<Arc<Pages>>;

/// The routes below `/api/consent`.
pub fn router(app: Arc<AppContext>, links: Arc<ConsentLinks>) -> Router {
    let (strangers, guests) = (Admission::new(STRANGERS.0, STRANGERS.1), Admission::new(GUESTS.0, GUESTS.1));
    Router::new()
        .route(&format!("/{RETURN}"), get(come_back))
        .route("/{tenant}", get(show))
        .fallback(nothing)
        .route_layer(from_fn(in_time))
        .with_state(Arc::new(Pages { app, links, strangers, guests }))
}

#[derive(Template)]
#[template(path = "consent/pages/plain.html")]
struct Plain {
    heading: &'static str,
    sentences: Vec<String>,
}

#[derive(Template)]
#[template(path = "consent/pages/answer.html")]
struct Answered {
    heading: &'static str,
    sentences: Vec<String>,
    stands: Stands,
    page: String,
}

struct Right {
    name: &'static str,
    is_optional: bool,
    why: &'static str,
    allows: &'static str,
    /// Exchange gives it, for some mailboxes.
    is_scoped: bool,
    does_not_allow: &'static str,
    how: &'static str,
    now: &'static str,
}

#[derive(Template)]
#[template(path = "consent/pages/page.html")]
struct Page {
    by: String,
    at: String,
    directory: String,
    client_id: String,
    own_host: String,
    lms_host: String,
    link: String,
    stands: Stands,
    again: Option<String>,
    /// `None`: the link is good no more, or nothing is to be asked for.
    microsoft: Option<String>,
    no_link: &'static str,
    of_entra: String,
    rights: Vec<Right>,
    powershell: Option<String>,
    mail: String,
}

/// A page of the request that the link names.
async fn show(State(pages): Served, Path(tenant): Path<String>, RawQuery(query): RawQuery) -> Response {
    let query = Query::of(query);
    let token = query.last("request").unwrap_or_default();
    if let Some(busy) = pages.busy(&token) {
        return busy;
    }
    match show_known(&pages, &TenantName::new(tenant), &token, query.last("look").is_some()).await {
        Ok(Some(page)) => html(StatusCode::OK, &page),
        Ok(None) => nothing().await,
        Err(error) => out_of_order(&error),
    }
}

/// `None`: the link is none of ours, or another tenant's.
async fn show_known(
    pages: &Pages,
    tenant: &TenantName,
    token: &str,
    looks: bool,
) -> Result<Option<Page>, StoreError> {
    if pages.links.read(token).is_none_or(|named| named.tenant != *tenant) {
        return Ok(None);
    }
    let Ok(mut known) = answer::find(&pages.app, &pages.links, token).await? else { return Ok(None) };
    if looks || known.row.state == ConsentState::Pending {
        answer::look_again(&pages.app, &mut known).await?;
    }
    Ok(Some(page(pages, &known)))
}

fn page(pages: &Pages, known: &Known) -> Page {
    let Known { context, request, row } = known;
    let (tenant, now) = (&context.tenant, pages.app.ledger.clock.now());
    let is_open = request.is_open(now);
    let is_granted = row.state == ConsentState::Granted;
    let address = pages.links.page(request);
    let right = |needed: &NeededPermission| Right {
        name: needed.permission.name(),
        is_optional: needed.is_optional,
        why: needed.why,
        allows: needed.permission.allows(),
        is_scoped: needed.given == Given::Exchange,
        does_not_allow: needed.permission.does_not_allow(),
        how: words::how(needed.given),
        now: words::now(needed, row),
    };
    Page {
        by: request.by.clone(),
        at: when(request.at),
        directory: request.directory.clone(),
        client_id: tenant.client_id.clone(),
        own_host: pages.links.host(),
        lms_host: tenant.lms.connector.url().host_str().unwrap_or("-").to_owned(),
        link: match (&request.used, is_open) {
            (Some(used), _) => format!("was answered on {}", when(used.at)),
            (None, true) => format!("is good until {}", when(request.until)),
            (None, false) => format!("ran out on {}", when(request.until)),
        },
        stands: stands(row, tenant),
        again: (!is_granted && tenant.active).then(|| format!("{address}&look=1")),
        microsoft: (is_open && !is_granted).then(|| pages.links.microsoft(tenant, request)),
        no_link: match is_granted {
            true => "There is nothing to do: everything is granted.",
            false => "This link is good no more. Ask whoever sent it to you for a new one.",
        },
        of_entra: words::of_entra(tenant),
        rights: tenant.needed_permissions().iter().map(right).collect(),
        powershell: powershell::script(tenant),
        mail: mail(&address, &request.by, &request.directory),
    }
}

/// A mail to whoever may consent, to be sent by the reader's own program.
fn mail(address: &str, by: &str, directory: &str) -> String {
    let body = format!(
        "Regrets asks for rights in our directory ({directory}). It has the learning management system \
         cancel a learner's place when they decline the appointment of a training. {by} asks for \
         it.\r\n\r\nThis page says which rights, what each allows and does not allow, and leads to \
         Microsoft's consent page. It takes a Global Administrator or a Privileged Role \
         Administrator:\r\n\r\n{address}\r\n"
    );
    let coded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    format!("mailto:?subject={}&body={}", coded("Admin consent for Regrets"), coded(&body))
}

/// Microsoft sends the browser back.
async fn come_back(State(pages): Served, RawQuery(query): RawQuery) -> Response {
    let query = Query::of(query);
    let redirect = Redirect {
        state: query.last("state"),
        tenant: query.last("tenant"),
        admin_consent: query.last("admin_consent"),
        error: query.last("error"),
        error_description: query.last("error_description"),
    };
    if let Some(busy) = pages.busy(redirect.state.as_deref().unwrap_or_default()) {
        return busy;
    }
    match answer::take(&pages.app, &pages.links, &redirect).await {
        Ok(answer) => told(&pages, words::of_answer(answer)),
        Err(error) => out_of_order(&error),
    }
}

fn told(pages: &Pages, told: Told) -> Response {
    let Told { status, heading, sentences, known } = told;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match known {
        Some(Known { context, request, row }) => {
            let page = pages.links.page(&request);
            html(status, &Answered { heading, sentences, stands: stands(&row, &context.tenant), page })
        }
        None => html(status, &Plain { heading, sentences }),
    }
}

impl Pages {
    /// Whoever floods us with links of their own making takes nobody else's turn.
    fn busy(&self, token: &str) -> Option<Response> {
        let is_ours = self.links.read(token).is_some();
        let admission = if is_ours { &self.guests } else { &self.strangers };
        (!admission.admits(Instant::now())).then(|| {
            let mut answer = html(
                StatusCode::TOO_MANY_REQUESTS,
                &Plain {
                    heading: "Too many at once",
                    sentences: vec!["Load the page again in a minute.".to_owned()],
                },
            );
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
            answer
        })
    }
}

/// The same for every address that is no link of ours: which tenants there are can't be found out.
async fn nothing() -> Response {
    let sentences = [
        "This address is none, or no more, of a request for consent. Links run out, and are good only as \
         they were sent.",
        "Ask whoever runs Regrets for a new one: the command is regrets consent.",
    ];
    let sentences = sentences.map(str::to_owned).to_vec();
    html(StatusCode::NOT_FOUND, &Plain { heading: "There is no such page", sentences })
}

fn out_of_order(error: &StoreError) -> Response {
    tracing::error!(trouble = %error, "the ledger can't be used for the page of consent");
    unavailable()
}

/// Nothing can be looked up now.
pub(super) fn unavailable() -> Response {
    let sentences = vec![
        "Regrets can't look up your request at the moment. Nothing is lost: what you accepted at Microsoft \
         counts, and is noticed by itself."
            .to_owned(),
        "Load the page again in some minutes.".to_owned(),
    ];
    html(StatusCode::SERVICE_UNAVAILABLE, &Plain { heading: "Not now", sentences })
}

async fn in_time(request: Request, next: Next) -> Response {
    match invocation_deadline::within(next.run(request)).await {
        Ok(response) => response,
        Err(invocation_deadline::Over) => {
            tracing::error!("the page of consent waits for the ledger in vain");
            unavailable()
        }
    }
}

/// What was given in a query; of what is given twice the last counts.
struct Query(Vec<(String, String)>);

impl Query {
    fn of(query: Option<String>) -> Self {
        let query = query.unwrap_or_default();
        Self(url::form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    fn last(&self, name: &str) -> Option<String> {
        self.0.iter().rfind(|(known, _)| known == name).map(|(_, value)| value.clone())
    }
}

#[cfg(test)]
#[path = "consent/tests.rs"]
mod tests;
