//! What a real pretix was asked and answered, situation by situation, kept for whoever has none at hand:
//! `REGRETS_RECORD_EXCHANGES=1` writes `tests/connectors/pretix/exchanges` anew. Played back, each situation
//! ends as it did.

use crate::between::{Exchange, Fault, FaultKind};
use crate::connector::{Shop, book, decline, decline_of, engine};
use crate::replay::{HOST, Replay, situations};
use crate::shop::date;
use pretix::Booking;
use regrets::enrolment::lms_answer::LmsOutcome;
use regrets::lms::{Budget, Connector as _};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;
use suites::checkout::root;

const ANA: &str = "ana@contoso.com";
const BO: &str = "bo@contoso.com";

/// What recordings say instead: ids of dates, and when the decision was made.
const SESSION: &str = "safety/42";
const DECIDED: &str = "2026-11-21T10:00:00Z";
const DAY_BEFORE: &str = "2026-11-20";

const CASES: [(&str, &str, LmsOutcome); 13] = [
    ("only-place", "regrets", LmsOutcome::Done),
    ("one-of-two", "regrets", LmsOutcome::Done),
    ("gone-meanwhile", "regrets", LmsOutcome::Done),
    ("with-extras", "regrets", LmsOutcome::Done),
    ("own-entry", "regrets", LmsOutcome::Done),
    ("own-voucher", "regrets", LmsOutcome::Done),
    ("order-cancelled", "regrets", LmsOutcome::AlreadyCancelled),
    ("not-enrolled", "regrets", LmsOutcome::NotEnrolled),
    ("two-places", "regrets", LmsOutcome::HeldElsewhere),
    ("attended", "regrets", LmsOutcome::TooLate),
    ("unknown-session", "regrets", LmsOutcome::UnknownSession),
    ("wrong-token", "no-such-token", LmsOutcome::CredentialBroken),
    ("read-only-token", "read_only", LmsOutcome::CredentialBroken),
];

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
    for (situation, token, outcome) in CASES {
        let Some(shop) = Shop::open(token).await else { return };
        let date = arrange(&shop, situation).await;
        let order = decline(date, ANA);
        let decided = order.decided_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let reply = shop.cancel(&order).await;
        assert_eq!(reply.outcome, outcome, "{situation}: {reply:?}");
        let ids = [("subevent", date)];
        for (number, exchange) in shop.between.seen().iter().enumerate() {
            let text = written(exchange, shop.between.url(), &ids, &decided);
            let name =
                format!("{situation}-{:02}-{}.json", number + 1, exchange.method.as_str().to_lowercase());
            std::fs::write(folder().join(name), text).unwrap();
        }
    }
}

/// An exchange as it is kept: without tokens, with the same ids and times in every recording.
fn written(exchange: &Exchange, here: &str, ids: &[(&str, u64)], decided: &str) -> String {
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
    for (name, id) in ids {
        text = text.replace(&format!("\"{name}\": {id}"), &format!("\"{name}\": 42"));
        text = text.replace(&format!("{name}={id}"), &format!("{name}=42"));
    }
    let encoded = |time: &str| time.replace(':', "%3A");
    let today = decided.split('T').next().unwrap();
    text.replace(here, HOST)
        .replace(decided, DECIDED)
        .replace(&encoded(decided), &encoded(DECIDED))
        .replace(today, DAY_BEFORE)
        + "\n"
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

#[tokio::test]
async fn every_recorded_situation_ends_as_it_did() {
    let mut recorded = situations(&folder());
    for (situation, _, outcome) in CASES {
        let exchanges = recorded.remove(situation).unwrap_or_else(|| panic!("{situation} is not recorded"));
        let replay = Replay::start(exchanges).await;
        let engine = engine(&replay.url, "TOKEN");
        let mut order = decline_of(SESSION, ANA, DECIDED.parse().unwrap());
        order.decided_at = DECIDED.parse().unwrap();
        let reply = engine.cancel(&order, Budget::of(Duration::from_secs(60))).await;
        assert_eq!(reply.outcome, outcome, "{situation}: {reply:?}");
        assert_eq!(replay.off(), Vec::<String>::new(), "{situation}");
    }
    assert!(recorded.is_empty(), "never played: {:?}", recorded.keys());
}
