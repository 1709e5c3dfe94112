//! What an academy's people do in pretix's pages, done over its API: they add dates, take bookings, keep the
//! wait list. With [`Desk::ask`] also what a connector does, under any token.

use crate::{Pretix, Seed};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;

#[derive(Debug, Error)]
pub enum DeskError {
    #[error("a client of pretix can't be built: {0}")]
    Tls(#[from] rustls::Error),
    #[error("pretix does not answer: {0}")]
    Http(#[from] reqwest::Error),
    #[error("pretix answered {asked} with {status}: {said}")]
    Refused { asked: String, status: StatusCode, said: String },
}

/// What pretix answered.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    /// Null where the answer is no JSON.
    pub json: Value,
}

impl Answer {
    /// A number of the answer's, by a JSON pointer; 0 where there is none.
    pub fn number(&self, pointer: &str) -> u64 {
        self.json.pointer(pointer).and_then(Value::as_u64).unwrap_or_default()
    }

    /// A text of the answer's, by a JSON pointer; empty where there is none.
    pub fn text_at(&self, pointer: &str) -> &str {
        self.json.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }
}

/// One order: its buyer, and a place for each learner.
#[derive(Debug, Clone)]
pub struct Booking {
    /// As [`Seed::events`] names it.
    pub event: &'static str,
    pub date: Option<u64>,
    /// Id of what is booked.
    pub item: u64,
    /// `None`: a place without an address.
    pub learners: Vec<Option<String>>,
    pub buyer: String,
    /// `p`: paid, `n`: pending.
    pub status: &'static str,
    pub needs_approval: bool,
    /// A code of the wait list's.
    pub voucher: Option<String>,
}

impl Booking {
    /// Seats in a date of the series, paid, for these.
    pub fn of(desk: &Desk, date: u64, learners: &[&str]) -> Self {
        Self {
            event: "series",
            date: Some(date),
            item: desk.seed.events.get("series").map_or(0, |event| event.free),
            learners: learners.iter().map(|learner| Some((*learner).to_owned())).collect(),
            buyer: "office@contoso.com".to_owned(),
            status: "p",
            needs_approval: false,
            voucher: None,
        }
    }
}

/// An order as it was taken.
#[derive(Debug, Clone)]
pub struct Order {
    pub code: String,
    /// Ids of its positions, in the order of the learners.
    pub positions: Vec<u64>,
}

#[derive(Debug)]
pub struct Desk {
    http: reqwest::Client,
    url: String,
    seed: Seed,
}

impl Desk {
    pub fn of(pretix: &Pretix) -> Result<Self, DeskError> {
        // Loopback only: no authority is trusted.
        let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .no_proxy()
            .timeout(Duration::from_secs(120))
            .build()?;
        Ok(Self { http, url: pretix.url().to_owned(), seed: pretix.seed().clone() })
    }

    pub fn seed(&self) -> &Seed {
        &self.seed
    }

    /// pretix's address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// `events/<slug>/<rest>`, as [`Self::ask`] wants it.
    pub fn path(&self, event: &str, rest: &str) -> String {
        let slug = self.seed.events.get(event).map_or(event, |event| &event.slug);
        format!("events/{slug}/{rest}")
    }

    /// One request below the organizer's address, under the token of this team; else the name itself is the
    /// token.
    pub async fn ask(
        &self,
        token: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, DeskError> {
        let request = self.request(token, method, path);
        read(match body {
            Some(body) => request.json(body),
            None => request,
        })
        .await
    }

    /// A post with an `X-Idempotency-Key`.
    pub async fn ask_with_key(
        &self,
        token: &str,
        key: &str,
        path: &str,
        body: &Value,
    ) -> Result<Answer, DeskError> {
        read(self.request(token, Method::POST, path).header("X-Idempotency-Key", key).json(body)).await
    }

    fn request(&self, token: &str, method: Method, path: &str) -> reqwest::RequestBuilder {
        let token = Some(self.seed.token(token)).filter(|found| !found.is_empty()).unwrap_or(token);
        let url = format!("{}/api/v1/organizers/{}/{path}", self.url, self.seed.organizer);
        self.http.request(method, url).header("Authorization", format!("Token {token}"))
    }

    /// The same as the academy itself, which is refused nothing.
    pub async fn act(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Answer, DeskError> {
        let asked = format!("{method} {path}");
        let answer = self.ask("admin", method, path, body).await?;
        let status = StatusCode::from_u16(answer.status).unwrap_or_default();
        if status.is_success() {
            return Ok(answer);
        }
        Err(DeskError::Refused { asked, status, said: answer.text })
    }

    /// A new date of the series; gives its id. All items draw on the same seats.
    pub async fn new_date(&self, name: &str, begins: &str, ends: &str, seats: u64) -> Result<u64, DeskError> {
        let date = json!({
            "name": {"en": name}, "date_from": begins, "date_to": ends, "location": {"en": "Hall 1"},
            "active": true, "is_public": true, "item_price_overrides": [], "variation_price_overrides": [],
            "meta_data": {},
        });
        let made = self.act(Method::POST, &self.path("series", "subevents/"), Some(&date)).await?;
        let id = made.number("/id");
        self.seats("series", Some(id), seats).await?;
        Ok(id)
    }

    /// So many seats in an event, or in a date of it.
    pub async fn seats(&self, event: &str, date: Option<u64>, seats: u64) -> Result<(), DeskError> {
        let Some(seeded) = self.seed.events.get(event) else { return Ok(()) };
        let quota = json!({
            "name": "Seats", "size": seats, "subevent": date, "variations": [seeded.basic],
            "items": [seeded.free, seeded.paid, seeded.workshop, seeded.extra],
        });
        self.act(Method::POST, &self.path(event, "quotas/"), Some(&quota)).await.map(drop)
    }

    pub async fn book(&self, booking: &Booking) -> Result<Order, DeskError> {
        let position = |(number, learner): (usize, &Option<String>)| {
            json!({
                "positionid": number + 1, "item": booking.item, "variation": null, "subevent": booking.date,
                "attendee_email": learner, "attendee_name_parts": {"full_name": "Invented Person"},
                "addon_to": null, "answers": [], "voucher": booking.voucher,
            })
        };
        let positions: Vec<Value> = booking.learners.iter().enumerate().map(position).collect();
        let order = json!({
            "email": booking.buyer, "locale": "en", "status": booking.status, "sales_channel": "web",
            "payment_provider": "manual", "require_approval": booking.needs_approval, "send_email": false,
            "positions": positions, "fees": [],
        });
        let made = self.act(Method::POST, &self.path(booking.event, "orders/"), Some(&order)).await?;
        let positions = made.json.get("positions").and_then(Value::as_array);
        let ids = positions.into_iter().flatten().filter_map(|position| position.get("id")?.as_u64());
        Ok(Order { code: made.text_at("/code").to_owned(), positions: ids.collect() })
    }

    /// Somebody waits for a seat; gives the id of the entry.
    pub async fn wait_for(&self, date: u64, email: &str, item: u64) -> Result<u64, DeskError> {
        let entry =
            json!({"email": email, "item": item, "variation": null, "subevent": date, "locale": "en"});
        let made = self.act(Method::POST, &self.path("series", "waitinglistentries/"), Some(&entry)).await?;
        Ok(made.number("/id"))
    }

    /// The wait list moves up: this entry gets a voucher; gives its id and its code.
    pub async fn offer(&self, entry: u64) -> Result<(u64, String), DeskError> {
        let path = self.path("series", &format!("waitinglistentries/{entry}/"));
        self.act(Method::POST, &format!("{path}send_voucher/"), Some(&json!({}))).await?;
        let voucher = self.act(Method::GET, &path, None).await?.number("/voucher");
        let path = self.path("series", &format!("vouchers/{voucher}/"));
        Ok((voucher, self.act(Method::GET, &path, None).await?.text_at("/code").to_owned()))
    }
}

async fn read(request: reqwest::RequestBuilder) -> Result<Answer, DeskError> {
    let answer = request.send().await?;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let text = answer.text().await?;
    let json = serde_json::from_str(&text).unwrap_or_default();
    Ok(Answer { status, headers, text, json })
}
