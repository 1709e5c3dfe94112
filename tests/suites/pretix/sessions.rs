//! Dates and who has a place in them, as the connector reads them of a real pretix, one entry a page.

use crate::connector::{FILE, Shop, book, engine_of};
use pretix::Booking;
use regrets::ids::SessionId;
use regrets::lms::{Budget, RosterReach, Source as _};
use regrets::sessions::absence::SingleRead;
use regrets::sessions::place_record::RecordState;
use regrets::sessions::session::SessionState;
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

fn budget() -> Budget {
    Budget::of(Duration::from_secs(120))
}

/// Two places of which one is cancelled, one in a cancelled order, one in an order of the test mode, one
/// without an attendee's address, one with an add-on; and a date that was deleted.
#[tokio::test]
async fn dates_and_places_are_read_as_they_are() {
    let Some(shop) = Shop::open("regrets").await else { return };
    let desk = &shop.desk;
    let series = desk.seed().events.get("series").unwrap().clone();
    let (begins, ends) = ("2036-06-03T09:00:00+02:00", "2036-06-03T12:00:00+02:00");
    let date = desk.new_date("Forklift", begins, ends, 20).await.unwrap();
    let other = desk.new_date("Forklift", begins, ends, 20).await.unwrap();
    let path = |rest: &str| desk.path("series", rest);

    let two = book(&shop, date, &["Ana@Contoso.com", "bo@contoso.com"]).await;
    let second = format!("orderpositions/{}/", two.positions[1]);
    desk.act(Method::DELETE, &path(&second), None).await.unwrap();
    let whole = book(&shop, date, &["cy@contoso.com"]).await;
    let cancel = format!("orders/{}/mark_canceled/", whole.code);
    desk.act(Method::POST, &path(&cancel), Some(&json!({"send_email": false}))).await.unwrap();
    let nameless =
        desk.book(&Booking { learners: vec![None], ..Booking::of(desk, date, &[]) }).await.unwrap();
    let order = |extra: serde_json::Value| {
        let mut order = json!({
            "email": "office@contoso.com", "locale": "de", "status": "p", "sales_channel": "web", "fees": [],
        });
        order.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        order
    };
    let test = order(json!({"testmode": true, "positions": [
        {"positionid": 1, "item": series.free, "subevent": date, "attendee_email": "di@contoso.com"},
    ]}));
    desk.act(Method::POST, &path("orders/"), Some(&test)).await.unwrap();
    // One order with places in two dates, and an add-on.
    let mixed = order(json!({"positions": [
        {"positionid": 1, "item": series.free, "subevent": date, "attendee_email": "ed@contoso.com"},
        {"positionid": 2, "item": series.extra, "subevent": date, "addon_to": 1},
        {"positionid": 3, "item": series.free, "subevent": other, "attendee_email": "flo@contoso.com"},
    ]}));
    desk.act(Method::POST, &path("orders/"), Some(&mixed)).await.unwrap();
    let lost = desk.new_date("Forklift", begins, ends, 1).await.unwrap();
    let hidden = json!({"active": false, "date_to": null, "name": {"de": "Stapler", "en": "Forklift"}});
    desk.act(Method::PATCH, &path(&format!("subevents/{other}/")), Some(&hidden)).await.unwrap();

    // Rows are shown one a page, so that each reading turns pages.
    let file = FILE.replace("query.page_size = \"50\"", "query.page_size = \"1\"");
    let engine = engine_of(&file, shop.between.url(), desk.seed().token("regrets"));
    assert_eq!((engine.roster_reach(), engine.has_single_read()), (RosterReach::Session, true));
    let id = |date: u64| SessionId::new(format!("safety/{date}/"));
    assert_eq!(engine.is_there(&id(lost), budget()).await, SingleRead::There);
    // Its quota goes with it.
    desk.act(Method::DELETE, &path(&format!("subevents/{lost}/")), None).await.unwrap();
    assert_eq!(engine.is_there(&id(lost), budget()).await, SingleRead::Gone);
    assert_eq!(engine.is_there(&SessionId::new("no-such/1/"), budget()).await, SingleRead::Unknown);
    assert_eq!(engine.is_there(&SessionId::new("first-aid/"), budget()).await, SingleRead::There);

    // Other tests make dates meanwhile, so that rows move between pages, which ends a reading in doubt.
    let by_fifty = engine_of(FILE, shop.between.url(), desk.seed().token("regrets"));
    let mut pass = by_fifty.sessions(budget()).await;
    for _ in 0..9 {
        if !pass.found.contains_key(&id(date)) {
            pass = by_fifty.sessions(budget()).await;
        }
    }
    assert_eq!(pass.quarantined, []);
    assert!(!pass.found.contains_key(&id(lost)), "a deleted date is not there");
    let here = &pass.found[&id(date)];
    assert_eq!((here.title.as_str(), &here.state), ("Forklift", &SessionState::Scheduled));
    assert!(here.aliases.contains(&SessionId::new(format!("safety/{date}"))));
    let span = &here.parts[0].span;
    assert_eq!(
        (span.zone().name(), span.start().to_rfc3339()),
        ("Europe/Berlin", "2036-06-03T07:00:00+00:00".to_owned())
    );
    assert_eq!(here.parts[0].venue.as_ref().unwrap().name, "Hall 1");
    let switched_off = &pass.found[&id(other)];
    assert_eq!((switched_off.title.as_str(), &switched_off.state), ("Stapler", &SessionState::Hidden));
    assert_eq!(switched_off.parts[0].span.end().to_rfc3339(), "2036-06-03T08:30:00+00:00", "no end is said");
    assert_eq!(pass.found[&SessionId::new("first-aid/")].state, SessionState::Scheduled);

    let roster = engine.roster(Some(&id(date)), budget()).await;
    assert_eq!((roster.quarantined.as_slice(), roster.doubts.as_slice()), (&[][..], &[][..]));
    let mut told: Vec<String> = roster
        .found
        .values()
        .map(|record| {
            let address = record.person.address.as_ref().map_or("-", |address| address.as_str());
            let language = record.person.language.as_deref().unwrap_or("-");
            let test = if record.person.is_test { ", a test" } else { "" };
            format!("{address} {language} {:?}{test}", record.state)
        })
        .collect();
    told.sort();
    insta::assert_snapshot!(told.join("\n"), @r"
    - en Held
    ana@contoso.com en Held
    bo@contoso.com en Cancelled
    cy@contoso.com en Cancelled
    di@contoso.com de Held, a test
    ed@contoso.com de Held
    ");
    let nameless =
        &roster.found[&regrets::sessions::place_record::RecordId(nameless.positions[0].to_string())];
    assert_eq!(nameless.state, RecordState::Held);
    assert_eq!(nameless.person.learner.as_str(), format!("record:{}", nameless.id));
    assert!(roster.found.values().all(|record| record.session == id(date) && record.since.is_some()));
    assert!(shop.between.seen().iter().all(|exchange| exchange.method == Method::GET));

    // Who may not see them is told so, and no calendar is emptied by it.
    let blind = engine_of(FILE, shop.between.url(), desk.seed().token("nothing"));
    let roster = blind.roster(Some(&id(date)), budget()).await;
    assert!(roster.found.is_empty() && !roster.proves_absence(), "{:?}", roster.doubts);
}
