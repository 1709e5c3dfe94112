//! From a decline to a cancelled place in a real pretix: every situation, and what the academy sees then.

use crate::connector::{Shop, book, decline, decline_of, line};
use crate::shop::date;
use chrono::{Duration as Span, Utc};
use pretix::{Booking, Order as Booked};
use regrets::enrolment::lms_answer::Place;
use regrets::lms::{Budget, Connector as _};
use reqwest::Method;
use serde_json::json;
use std::fmt::Write as _;
use std::time::Duration;

const ANA: &str = "ana@contoso.com";
const BO: &str = "bo@contoso.com";

/// Makes of a booked place what the situation says.
async fn act(shop: &Shop, booked: &Booked, act: &str) {
    let series = shop.desk.seed().events.get("series").unwrap().clone();
    let place = booked.positions.first().unwrap();
    let (method, path) = match act {
        "DELETE" => (Method::DELETE, format!("orderpositions/{place}/")),
        "redeem" => (Method::POST, format!("checkinlists/{}/positions/{place}/redeem/", series.door)),
        act => (Method::POST, format!("orders/{}/{act}/", booked.code)),
    };
    let body = json!({"send_email": false});
    let body = (method == Method::POST).then_some(&body);
    shop.desk.act(method, &shop.desk.path("series", &path), body).await.unwrap();
}

#[tokio::test]
async fn a_place_is_cancelled_and_nothing_else() {
    let Some(shop) = Shop::open("regrets").await else { return };
    let date = date(&shop.desk, 200).await;
    let one = Booking::of(&shop.desk, date, &[ANA]);
    let two = Booking::of(&shop.desk, date, &[ANA, BO]);
    let paid = shop.desk.seed().events.get("series").unwrap().paid;
    let pending = Booking { status: "n", item: paid, ..one.clone() };
    let mut told = String::new();
    for (number, (situation, booking, acts)) in [
        ("the only place of an order", &one, &[][..]),
        ("one of two", &two, &[][..]),
        ("paid for", &Booking { item: paid, ..two.clone() }, &[][..]),
        ("not paid yet", &pending, &[][..]),
        ("to be approved", &Booking { needs_approval: true, status: "n", ..one.clone() }, &[][..]),
        ("given back before", &one, &["mark_canceled", "reactivate"][..]),
        ("an order that is cancelled", &one, &["mark_canceled"][..]),
        ("a place that is cancelled", &two, &["DELETE"][..]),
        ("an order that has expired", &pending, &["mark_expired"][..]),
        ("a place that was used", &two, &["redeem"][..]),
    ]
    .into_iter()
    .enumerate()
    {
        // Addresses are compared without regard to capital letters.
        let learner = format!("Ana{number}@contoso.com");
        let learners = booking.learners.iter().enumerate();
        let learners =
            learners.map(|(place, other)| if place == 0 { Some(learner.clone()) } else { other.clone() });
        let booking = Booking { learners: learners.collect(), ..booking.clone() };
        let booked = shop.desk.book(&booking).await.unwrap();
        for done in acts {
            act(&shop, &booked, done).await;
        }
        let reply = shop.cancel(&decline(date, &learner.to_lowercase())).await;
        writeln!(told, "{situation}: {}; {}", line(&reply), shop.place(&booked, 0).await).unwrap();
        if booking.learners.len() > 1 {
            let other = shop.place(&booked, 1).await;
            assert_eq!(other, "kept in an order of state p", "{situation}");
        }
    }
    insta::assert_snapshot!(told, @r#"
    the only place of an order: done, held -> cancelled; kept in an order of state c
    one of two: done, held -> cancelled; cancelled in an order of state p
    paid for: done, held -> cancelled; cancelled in an order of state p
    not paid yet: done, held -> cancelled; kept in an order of state c
    to be approved: done, requested -> cancelled; kept in an order of state c
    given back before: done, held -> cancelled; kept in an order of state c
    an order that is cancelled: already_cancelled, cancelled -> -; kept in an order of state c
    a place that is cancelled: already_cancelled, cancelled -> -; cancelled in an order of state p
    an order that has expired: already_cancelled, cancelled -> -; kept in an order of state e
    a place that was used: too_late, attended -> -; kept in an order of state p
    "#);
}

#[tokio::test]
async fn who_has_no_place_or_more_than_one() {
    let Some(shop) = Shop::open("regrets").await else { return };
    let (this, other) = (date(&shop.desk, 50).await, date(&shop.desk, 50).await);
    book(&shop, other, &[ANA]).await;
    book(&shop, this, &["susana@contoso.com", "ana@contoso.com.example"]).await;
    book(&shop, this, &["twice@contoso.com"]).await;
    book(&shop, this, &["Twice@contoso.com"]).await;
    book(&shop, this, &["both@contoso.com", "both@contoso.com"]).await;
    let nameless = Booking {
        buyer: "buys@contoso.com".to_owned(),
        learners: vec![None],
        ..Booking::of(&shop.desk, this, &[])
    };
    shop.desk.book(&nameless).await.unwrap();
    let mut told = String::new();
    for (situation, session, learner) in [
        ("nobody", format!("safety/{this}"), ANA),
        ("two orders", format!("safety/{this}"), "twice@contoso.com"),
        ("two places in one", format!("safety/{this}"), "both@contoso.com"),
        ("a place without an address", format!("safety/{this}"), "buys@contoso.com"),
        ("an unknown date", "safety/999999".to_owned(), ANA),
        ("an unknown event", "no-such/1".to_owned(), ANA),
        ("no date at all", "safety".to_owned(), ANA),
        ("a date of words", "safety/monday".to_owned(), ANA),
    ] {
        let reply = shop.cancel(&decline_of(&session, learner, Utc::now())).await;
        writeln!(told, "{situation}: {}", line(&reply)).unwrap();
    }
    let writes = shop.between.seen().into_iter().filter(|exchange| exchange.method != Method::GET);
    assert_eq!(writes.count(), 0, "nothing is written for any of them");
    insta::assert_snapshot!(told, @r#"
    nobody: not_enrolled, absent -> -: `read.past`: no entry of the answer fits
    two orders: held_elsewhere, held_elsewhere -> -: `read.place`: more than one entry of the answer fits
    two places in one: held_elsewhere, held_elsewhere -> -: `read.place`: more than one entry of the answer fits
    a place without an address: held_elsewhere, held_elsewhere -> -
    an unknown date: unknown_session, - -> -: `read.place`: HTTP 400: “Select a valid choice. That choice is not one of the available choices.”
    an unknown event: unexpected, - -> -: `read.place`: HTTP 403: “You do not have permission to perform this action.”
    no date at all: unexpected, - -> -: `read.place`: `{{ session }}` has no such part
    a date of words: unknown_session, - -> -: `read.place`: HTTP 400: “Select a valid choice. That choice is not one of the available choices.”
    "#);
}

/// Nothing but what hangs on a seat is left of its order: the order goes.
#[tokio::test]
async fn a_place_goes_with_its_extras() {
    let Some(shop) = Shop::open("regrets").await else { return };
    let date = date(&shop.desk, 9).await;
    let series = shop.desk.seed().events.get("series").unwrap().clone();
    let order = json!({
        "email": "office@contoso.com", "locale": "en", "status": "p", "sales_channel": "web", "fees": [],
        "positions": [
            {"positionid": 1, "item": series.free, "subevent": date, "attendee_email": ANA, "answers": []},
            {"positionid": 2, "item": series.extra, "subevent": date, "addon_to": 1, "answers": []},
        ],
    });
    let made = shop.desk.act(Method::POST, &shop.desk.path("series", "orders/"), Some(&order)).await.unwrap();
    let booked = Booked { code: made.text_at("/code").to_owned(), positions: Vec::new() };
    let reply = shop.cancel(&decline(date, ANA)).await;
    assert_eq!(line(&reply), "done, held -> cancelled");
    assert_eq!(shop.place(&booked, 0).await, "kept in an order of state c");
}

/// An event without dates is a session, too.
#[tokio::test]
async fn a_place_in_an_event_without_dates() {
    let Some(shop) = Shop::open("regrets").await else { return };
    shop.desk.seats("single", None, 50).await.unwrap();
    let free = shop.desk.seed().events.get("single").unwrap().free;
    let single = Booking { event: "single", date: None, item: free, ..Booking::of(&shop.desk, 0, &[ANA]) };
    shop.desk.book(&single).await.unwrap();
    let order = decline_of("first-aid/", ANA, Utc::now());
    assert_eq!(line(&shop.cancel(&order).await), "done, held -> cancelled");
    assert_eq!(line(&shop.cancel(&order).await), "already_cancelled, cancelled -> -");
}

/// A place that was given after the decision is left alone.
#[tokio::test]
async fn what_was_given_since_is_left_alone() {
    let Some(shop) = Shop::open("regrets").await else { return };
    let date = date(&shop.desk, 9).await;
    let an_hour_ago = Utc::now() - Span::hours(1);
    let mut told = String::new();
    for (situation, learners, acts) in [
        ("booked since", &[ANA][..], &[][..]),
        ("cancelled and given back since", &[BO][..], &["mark_canceled", "reactivate"][..]),
        ("one of several, booked since", &["cy@contoso.com", "dora@contoso.com"][..], &[][..]),
    ] {
        let learner = *learners.first().unwrap();
        let booked = book(&shop, date, learners).await;
        for done in acts {
            act(&shop, &booked, done).await;
        }
        let reply = shop.cancel(&decline_of(&format!("safety/{date}"), learner, an_hour_ago)).await;
        writeln!(told, "{situation}: {}; {}", line(&reply), shop.place(&booked, 0).await).unwrap();
    }
    insta::assert_snapshot!(told, @r#"
    booked since: superseded, held -> -: `read.held`: the place was given after the cancellation was decided; kept in an order of state p
    cancelled and given back since: superseded, held -> -: `read.held`: the place was given after the cancellation was decided; kept in an order of state p
    one of several, booked since: refused, held -> -: `write.given_again`: A place that was given after the decision is left alone; kept in an order of state p
    "#);
}

#[tokio::test]
async fn a_credential_that_is_not_enough() {
    let mut told = String::new();
    for token in ["no-such-token", "nothing", "read_only"] {
        let Some(shop) = Shop::open(token).await else { return };
        let date = date(&shop.desk, 9).await;
        let booked = book(&shop, date, &[ANA]).await;
        let reply = shop.cancel(&decline(date, ANA)).await;
        writeln!(told, "{token}: {}; {}", line(&reply), shop.place(&booked, 0).await).unwrap();
    }
    insta::assert_snapshot!(told, @r#"
    no-such-token: credential_broken, - -> -: `read.place`: HTTP 401: “{"detail":"Invalid token."}”; kept in an order of state p
    nothing: unexpected, - -> -: `read.place`: HTTP 403: “You do not have permission to perform this action.”; kept in an order of state p
    read_only: credential_broken, held -> -: `write.cancel`: HTTP 403: “{"detail":"You do not have permission to perform this action."}”; kept in an order of state p
    "#);
}

/// The learner's place is on the second page of those that somebody of their address has bought.
#[tokio::test]
async fn pages_are_turned() {
    let Some(shop) = Shop::open("regrets").await else { return };
    let date = date(&shop.desk, 90).await;
    let others: Vec<String> = (0..55).map(|number| format!("p{number}@contoso.com")).collect();
    let mut learners: Vec<Option<String>> = others.into_iter().map(Some).collect();
    learners.push(Some(ANA.to_owned()));
    let many = Booking { learners, buyer: ANA.to_owned(), ..Booking::of(&shop.desk, date, &[]) };
    let booked = shop.desk.book(&many).await.unwrap();
    let reply = shop.cancel(&decline(date, ANA)).await;
    assert_eq!(line(&reply), "done, held -> cancelled");
    assert_eq!(shop.place(&booked, 55).await, "cancelled in an order of state p");
    assert_eq!(shop.place(&booked, 54).await, "kept in an order of state p");
    assert!(shop.between.seen().iter().any(|exchange| exchange.target.contains("page=2")));
}

#[tokio::test]
async fn a_place_is_read() {
    let Some(shop) = Shop::open("regrets").await else { return };
    let date = date(&shop.desk, 9).await;
    book(&shop, date, &[ANA]).await;
    let (session, budget) = (format!("safety/{date}").as_str().into(), Budget::of(Duration::from_secs(60)));
    assert_eq!(shop.engine.place(&session, &ANA.into(), budget).await, Place::Given);
    assert_eq!(shop.engine.place(&session, &BO.into(), budget).await, Place::Gone);
}
