//! The connector `pretix` against a real pretix.

use crate::between::Between;
use crate::shop::desk;
use chrono::{DateTime, Duration as Span, Utc};
use pretix::{Booking, Desk, Order as Booked};
use regrets::clock::SystemClock;
use regrets::config::connector_file;
use regrets::enrolment::lms_answer::{OrderEvidence, OrderVerdict, Reply};
use regrets::enrolment::policy::Rate;
use regrets::lms::engine::connector::Engine;
use regrets::lms::engine::settings::{SettingValue, Settings};
use regrets::lms::webhook::prepare;
use regrets::lms::{Budget, Connector as _, Order};
use std::sync::Arc;
use std::time::Duration;

pub(crate) const FILE: &str = include_str!("../../../handler/src/lms/presets/pretix.toml");

/// An academy, and Regrets between which a proxy stands.
pub(crate) struct Shop {
    pub(crate) desk: Desk,
    pub(crate) between: Between,
    pub(crate) engine: Engine,
}

impl Shop {
    /// `None` where Python is missing.
    pub(crate) async fn open(token: &str) -> Option<Self> {
        let desk = desk()?;
        let between = Between::start(desk.url()).await;
        let token = Some(desk.seed().token(token)).filter(|found| !found.is_empty()).unwrap_or(token);
        let engine = engine(between.url(), token);
        Some(Self { desk, between, engine })
    }

    pub(crate) async fn cancel(&self, order: &Order) -> Reply {
        self.engine.cancel(order, Budget::of(Duration::from_secs(90))).await
    }

    /// The place's state, and whether its order is cancelled, as the academy sees it.
    pub(crate) async fn place(&self, booked: &Booked, number: usize) -> String {
        let path = format!("orders/{}/?include_canceled_positions=true", booked.code);
        let order =
            self.desk.act(reqwest::Method::GET, &self.desk.path("series", &path), None).await.unwrap();
        let place = format!("/positions/{number}/canceled");
        let is_cancelled = order.json.pointer(&place).unwrap().as_bool().unwrap();
        let word = if is_cancelled { "cancelled" } else { "kept" };
        format!("{word} in an order of state {}", order.text_at("/status"))
    }
}

pub(crate) fn engine(url: &str, token: &str) -> Engine {
    engine_of(FILE, url, token)
}

/// By another text of the file.
pub(crate) fn engine_of(file: &str, url: &str, token: &str) -> Engine {
    // Another test may have been first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let file = connector_file::read("pretix.toml", file).unwrap_or_else(|error| panic!("{error}"));
    let text = |text: &str| SettingValue::Text(text.to_owned());
    let values = [
        ("base_url", text(url)),
        ("organizer", text("acme")),
        ("token", SettingValue::Secret(token.to_owned().into())),
        ("tell_buyer", text("false")),
        ("language", text("de")),
        ("minutes", text("90")),
    ];
    let settings = Settings {
        values: values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        ..Settings::default()
    };
    let http = prepare(reqwest::Client::builder()).no_proxy().build().unwrap();
    let rate = Rate { requests: 1000, per: Span::seconds(1) };
    Engine::new(Arc::new(file), "contoso".into(), settings, rate, http, Arc::new(SystemClock)).unwrap()
}

/// A decline that is decided now.
pub(crate) fn decline(date: u64, learner: &str) -> Order {
    decline_of(&format!("safety/{date}"), learner, Utc::now())
}

pub(crate) fn decline_of(session: &str, learner: &str, decided_at: DateTime<Utc>) -> Order {
    Order {
        id: format!("rgr_{session}_{learner}"),
        tenant: "contoso".into(),
        session: session.into(),
        learner: learner.into(),
        generation: 1,
        decision: 1,
        verdict: OrderVerdict::Declined,
        evidence: OrderEvidence::LearnerCopy,
        declined_at: None,
        // pretix's clock is this one; what was booked just now was booked before.
        decided_at: decided_at + Span::seconds(1),
        session_start: None,
        attempt: 1,
        may_be_repeated: false,
    }
}

/// Outcome, states before and after, and what is said.
pub(crate) fn line(reply: &Reply) -> String {
    let state =
        |state: Option<regrets::enrolment::place_state::PlaceState>| state.map_or("-", |state| state.word());
    let word: &'static str = reply.outcome.into();
    let message = reply.message.as_deref().map(|message| format!(": {message}")).unwrap_or_default();
    format!("{word}, {} -> {}{message}", state(reply.before), state(reply.after))
}

/// Seats in a new date, for these.
pub(crate) async fn book(shop: &Shop, date: u64, learners: &[&str]) -> Booked {
    shop.desk.book(&Booking::of(&shop.desk, date, learners)).await.unwrap()
}
