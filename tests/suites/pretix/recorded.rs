//! What a real pretix was asked and answered, situation by situation, kept for whoever has none at hand:
//! `REGRETS_RECORD_EXCHANGES=1` writes `tests/connectors/pretix/exchanges` anew. The suite `connectors` plays
//! it back, and makes the page of the connector of it.

use crate::between::{Exchange, Fault, FaultKind};
use crate::cases::{ANA, CASES, DECIDED, EVENTS, LOOKED_UP};
use crate::connector::{Shop, book, decline};
use crate::looked_up::{self, Day, host, look_up};
use crate::shop::date;
use fake_lms::replay::HOST;
use pretix::Booking;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use suites::checkout::root;

const BO: &str = "bo@contoso.com";

const DAY_BEFORE: &str = "2026-11-20";

/// The place is taken away by somebody else, an instant before.
const SECOND: Fault =
    Fault { method: Method::DELETE, part: "orderpositions", after: 0, kind: FaultKind::ComesSecond };

fn folder() -> PathBuf {
    root().join("tests/connectors/pretix/exchanges")
}

/// Makes a date in which Ana's place is as the situation says; its id.
async fn arrange(shop: &Shop, situation: &str) -> u64 {
    let desk = &shop.desk;
    let series = desk.seed().events.get("series").unwrap().clone();
    let date = date(desk, if situation.starts_with("own") { 1 } else { 9 }).await;
    let quiet = json!({"send_email": false});
    match situation {
        "one-of-two" => drop(book(shop, date, &[ANA, BO]).await),
        "gone-meanwhile" => {
            book(shop, date, &[ANA, BO]).await;
            shop.between.fault(SECOND);
        }
        "two-places" => drop(book(shop, date, &[ANA, ANA]).await),
        "with-extras" => {
            let order = json!({
                "email": "office@contoso.com", "locale": "en", "status": "p", "sales_channel": "web",
                "fees": [],
                "positions": [
                    {"positionid": 1, "item": series.free, "subevent": date, "attendee_email": ANA},
                    {"positionid": 2, "item": series.extra, "subevent": date, "addon_to": 1},
                ],
            });
            desk.act(Method::POST, &desk.path("series", "orders/"), Some(&order)).await.unwrap();
        }
        "own-entry" => {
            book(shop, date, &[ANA]).await;
            desk.wait_for(date, ANA, series.free).await.unwrap();
        }
        "own-voucher" => {
            let first = book(shop, date, &[BO]).await;
            let entry = desk.wait_for(date, ANA, series.free).await.unwrap();
            let path = desk.path("series", &format!("orders/{}/mark_canceled/", first.code));
            desk.act(Method::POST, &path, Some(&quiet)).await.unwrap();
            let (_, code) = desk.offer(entry).await.unwrap();
            desk.book(&Booking { voucher: Some(code), ..Booking::of(desk, date, &[ANA]) }).await.unwrap();
        }
        "order-cancelled" => {
            let order = book(shop, date, &[ANA]).await;
            let path = desk.path("series", &format!("orders/{}/mark_canceled/", order.code));
            desk.act(Method::POST, &path, Some(&quiet)).await.unwrap();
        }
        "attended" => {
            let order = book(shop, date, &[ANA]).await;
            let place = order.positions.first().unwrap();
            let path = format!("checkinlists/{}/positions/{place}/redeem/", series.door);
            desk.act(Method::POST, &desk.path("series", &path), Some(&json!({}))).await.unwrap();
        }
        "pending" | "to-approve" | "expired" => {
            let booking = Booking {
                item: series.paid,
                status: "n",
                needs_approval: situation == "to-approve",
                ..Booking::of(desk, date, &[ANA])
            };
            let order = desk.book(&booking).await.unwrap();
            if situation == "expired" {
                let path = desk.path("series", &format!("orders/{}/mark_expired/", order.code));
                desk.act(Method::POST, &path, Some(&json!({}))).await.unwrap();
            }
        }
        "unnamed" => {
            let booking =
                Booking { buyer: ANA.to_owned(), learners: vec![None], ..Booking::of(desk, date, &[]) };
            desk.book(&booking).await.unwrap();
        }
        "place-cancelled" => {
            let order = book(shop, date, &[ANA, BO]).await;
            let path = format!("orderpositions/{}/", order.positions.first().unwrap());
            desk.act(Method::DELETE, &desk.path("series", &path), None).await.unwrap();
        }
        "not-enrolled" => {}
        "unknown-session" => return 999_999,
        _ => drop(book(shop, date, &[ANA]).await),
    }
    date
}

#[tokio::test]
async fn exchanges_are_recorded() {
    if std::env::var_os("REGRETS_RECORD_EXCHANGES").is_none() {
        return;
    }
    // There may be none yet.
    let _ = std::fs::remove_dir_all(folder());
    std::fs::create_dir_all(folder()).unwrap();
    for case in CASES {
        let (situation, outcome) = (case.name, case.outcome);
        let Some(shop) = Shop::open(case.token).await else { return };
        let date = arrange(&shop, situation).await;
        let order = decline(date, ANA);
        let decided = order.decided_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let reply = shop.cancel(&order).await;
        assert_eq!(reply.outcome, outcome, "{situation}: {reply:?}");
        keep(&shop, situation, date, (&decided, DECIDED));
    }
    for (number, event) in EVENTS.iter().enumerate() {
        let Some(shop) = Shop::open("regrets").await else { return };
        let day = Day::new(5, number + 1);
        let date = looked_up::arrange(&shop.desk, event, &day).await;
        let made = format!("safety/{date}");
        let found = look_up(&shop, &event.facts(&day.start(), &made, &host(&shop))).await;
        assert_eq!(found, event.expected(&made), "{}", event.name);
        keep(&shop, event.name, date, (&day.start(), LOOKED_UP));
    }
}

fn keep(shop: &Shop, situation: &str, date: u64, time: (&str, &str)) {
    for (number, exchange) in shop.between.seen().iter().enumerate() {
        let text = written(exchange, shop.between.url(), date, time);
        let name = format!("{situation}-{:02}-{}.json", number + 1, exchange.method.as_str().to_lowercase());
        std::fs::write(folder().join(name), text).unwrap();
    }
}

/// An exchange as it is kept: without tokens, with the same ids and times in every recording.
fn written(exchange: &Exchange, here: &str, date: u64, (at, instead): (&str, &str)) -> String {
    let json = |text: &str| if text.is_empty() { Value::Null } else { serde_json::from_str(text).unwrap() };
    let headers: BTreeMap<&str, &str> = ["accept", "accept-language", "content-type"]
        .into_iter()
        .filter_map(|name| Some((name, exchange.headers.get(name)?.to_str().unwrap())))
        .chain([("authorization", "Token TOKEN")])
        .collect();
    let answer_headers: BTreeMap<&str, &str> = ["content-type", "content-language", "www-authenticate"]
        .into_iter()
        .filter_map(|name| Some((name, exchange.answer_headers.get(name)?.to_str().unwrap())))
        .collect();
    let mut kept = json!({
        "request": {
            "method": exchange.method.as_str(), "url": format!("{HOST}{}", exchange.target),
            "headers": headers, "body": json(&exchange.body),
        },
        "response": {
            "status": exchange.status, "headers": answer_headers, "body": json(&exchange.answer),
        },
    });
    without_secrets(&mut kept);
    let mut text = serde_json::to_string_pretty(&kept).unwrap();
    for (is, becomes) in [
        (format!("\"subevent\": {date}"), "\"subevent\": 42"),
        (format!("subevent={date}"), "subevent=42"),
        (format!("subevents/{date}/"), "subevents/42/"),
    ] {
        text = text.replace(&is, becomes);
    }
    if exchange.target.contains("/subevents/") {
        text = text.replace(&format!("\"id\": {date},"), "\"id\": 42,");
    }
    let encoded = |time: &str| time.replace(':', "%3A");
    let day = |time: &str| time.split('T').next().unwrap().to_owned();
    text = text.replace(here, HOST).replace(at, instead).replace(&encoded(at), &encoded(instead));
    let days = match instead {
        // What happened before the decision did so the day before.
        DECIDED => [(day(at), DAY_BEFORE.to_owned())],
        instead => [(day(at), day(instead))],
    };
    days.iter().fold(text, |text, (is, becomes)| text.replace(is, becomes)) + "\n"
}

/// Codes of tickets and of orders open what they name.
fn without_secrets(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(without_secrets),
        Value::Object(fields) => {
            for (name, field) in fields {
                match (name.as_str(), field.is_string()) {
                    ("secret" | "pseudonymization_id", true) => *field = json!("SECRET"),
                    ("url", true) if field.as_str().is_some_and(|url| url.contains("/order/")) => {
                        *field = json!(format!("{HOST}/acme/safety/order/"));
                    }
                    ("code", true) if field.as_str().is_some_and(|code| code.len() > 10) => {
                        *field = json!("VOUCHER");
                    }
                    _ => without_secrets(field),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
