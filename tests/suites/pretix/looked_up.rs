//! Which date of a real pretix an event stands for.

use crate::between::{Fault, FaultKind};
use crate::cases::{ALONE, EVENTS, Event, TITLE};
use crate::connector::Shop;
use pretix::Desk;
use regrets::lms::{Budget, Connector as _, EventFacts, Lookup};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

/// A day on which nobody else has dates.
pub(crate) struct Day {
    /// `2036-05-05`
    pub(crate) day: String,
}

impl Day {
    pub(crate) fn new(month: u32, day: usize) -> Self {
        Self { day: format!("2036-{month:02}-{day:02}") }
    }

    pub(crate) fn start(&self) -> String {
        format!("{}T07:00:00Z", self.day)
    }

    /// The same moment, as the academy says it.
    fn begins(&self) -> String {
        format!("{}T09:00:00+02:00", self.day)
    }

    fn later(&self) -> String {
        format!("{}T10:00:00+02:00", self.day)
    }
}

async fn date(desk: &Desk, name: &str, begins: &str) -> u64 {
    let date = json!({
        "name": {"en": name, "de": "Auf Leitern arbeiten"}, "date_from": begins, "date_to": null,
        "active": true, "is_public": true, "item_price_overrides": [], "variation_price_overrides": [],
        "meta_data": {},
    });
    let made = desk.act(Method::POST, &desk.path("series", "subevents/"), Some(&date)).await.unwrap();
    made.number("/id")
}

async fn change(desk: &Desk, path: &str, change: serde_json::Value) {
    desk.act(Method::PATCH, path, Some(&change)).await.unwrap();
}

async fn alone(desk: &Desk, begins: &str) {
    change(desk, &desk.path(ALONE, ""), json!({"date_from": begins})).await;
}

/// Gives the academy on this day what the situation says; the id of its first date.
pub(crate) async fn arrange(desk: &Desk, event: &Event, day: &Day) -> u64 {
    let (begins, later) = (day.begins(), day.later());
    // Another situation's.
    alone(desk, "2036-01-01T09:00:00+01:00").await;
    let name = if event.name == "find-other" { "First aid" } else { TITLE };
    if event.name == "find-other" {
        let path = desk.path("series", "subevents/");
        let other = json!({
            "name": {"en": name}, "date_from": begins, "active": true, "item_price_overrides": [],
            "variation_price_overrides": [], "meta_data": {},
        });
        return desk.act(Method::POST, &path, Some(&other)).await.unwrap().number("/id");
    }
    if event.name == "find-alone" {
        alone(desk, &begins).await;
        return 0;
    }
    let made = date(desk, name, if event.name == "find-later" { &later } else { &begins }).await;
    let path = desk.path("series", &format!("subevents/{made}/"));
    match event.name {
        "find-date" => {
            date(desk, TITLE, &later).await;
        }
        "find-inactive" => change(desk, &path, json!({"active": false})).await,
        "find-moved" => change(desk, &path, json!({"date_from": later})).await,
        "find-two" => drop(date(desk, name, &begins).await),
        "find-both" => alone(desk, &begins).await,
        _ => {}
    }
    made
}

pub(crate) async fn look_up(shop: &Shop, facts: &EventFacts) -> Lookup {
    shop.engine.lookup(facts, Budget::of(Duration::from_secs(60))).await
}

/// Where the connector thinks that pretix is.
pub(crate) fn host(shop: &Shop) -> String {
    shop.between.url().trim_start_matches("http://").to_owned()
}

#[tokio::test]
async fn an_event_is_found_by_what_the_academy_has() {
    let Some(shop) = Shop::open("regrets").await else { return };
    for (number, event) in EVENTS.iter().enumerate() {
        let day = Day::new(6, number + 1);
        let made = format!("safety/{}", arrange(&shop.desk, event, &day).await);
        let found = look_up(&shop, &event.facts(&day.start(), &made, &host(&shop))).await;
        assert_eq!(found, event.expected(&made), "{}", event.situation);
    }
    let writes = shop.between.seen().into_iter().filter(|exchange| exchange.method != Method::GET);
    assert_eq!(writes.count(), 0, "nothing is written");
}

/// Fifty dates make a page; the second one has another that fits.
#[tokio::test]
async fn all_pages_are_read_before_one_is_said() {
    let Some(shop) = Shop::open("regrets").await else { return };
    let day = Day::new(7, 1);
    let first = date(&shop.desk, TITLE, &day.begins()).await;
    for number in 0..50 {
        date(&shop.desk, &format!("Group {number}"), &day.begins()).await;
    }
    let facts = EventFacts {
        ical_uid: None,
        title: TITLE.to_owned(),
        start: Some(day.start().parse().unwrap()),
        end: None,
    };
    assert_eq!(look_up(&shop, &facts).await, Lookup::One(format!("safety/{first}").as_str().into()));
    assert!(shop.between.seen().iter().any(|exchange| exchange.target.contains("page=2")));
    shop.between.fault(Fault { method: Method::GET, part: "page=2", after: 0, kind: FaultKind::Proxy });
    assert_eq!(look_up(&shop, &facts).await, Lookup::Unknown, "half a list is none");
    date(&shop.desk, TITLE, &day.begins()).await;
    assert_eq!(look_up(&shop, &facts).await, Lookup::Many);
}
