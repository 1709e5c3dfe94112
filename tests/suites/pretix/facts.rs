//! Reading: who may, how a place is found, how it reads in each state.

use crate::shop::{Table, booked, date, desk};
use pretix::Booking;
use reqwest::Method;
use serde_json::json;

const GET: Method = Method::GET;

#[tokio::test]
async fn what_a_token_may_not_see() {
    let Some(desk) = desk() else { return };
    let date = date(&desk, 5).await;
    booked(&desk, date, &["ana@contoso.com"]).await;
    let places = desk.path("series", &format!("orderpositions/?subevent={date}"));
    let all = format!("orderpositions/?subevent={date}");
    let mut table = Table::default();
    let t = &mut table;
    t.row(&desk, "a wrong token", ("no-such-token", GET, &places), None, &[]).await;
    t.row(&desk, "a token without rights", ("nothing", GET, &places), None, &[]).await;
    // It looks like a date that nobody has booked.
    t.row(&desk, "the same over all events", ("nothing", GET, &all), None, &["/count"]).await;
    t.row(&desk, "an event of others", ("regrets", GET, &desk.path("foreign", "")), None, &[]).await;
    t.row(&desk, "an unknown event", ("regrets", GET, "events/no-such/"), None, &[]).await;
    let unknown = desk.path("series", "orderpositions/?subevent=999999");
    t.row(&desk, "places of an unknown date", ("regrets", GET, &unknown), None, &[]).await;
    t.row(
        &desk,
        "of an unknown date, over all",
        ("regrets", GET, "orderpositions/?subevent=999999"),
        None,
        &[],
    )
    .await;
    let unknown = desk.path("series", "subevents/999999/");
    t.row(&desk, "an unknown date", ("regrets", GET, &unknown), None, &[]).await;
    let page = desk.path("series", "orderpositions/?page=9999");
    t.row(&desk, "a page past the end", ("regrets", GET, &page), None, &[]).await;
    let unknown = desk.path("series", "orders/ZZZZZ/");
    t.row(&desk, "an unknown order", ("regrets", GET, &unknown), None, &[]).await;
    insta::assert_snapshot!(table.text(), @r#"
    a wrong token: 401 {"detail":"Invalid token."}
    a token without rights: 403 {"detail":"You do not have permission to perform this action."}
    the same over all events: 200 0
    an event of others: 403 {"detail":"You do not have permission to perform this action."}
    an unknown event: 403 {"detail":"You do not have permission to perform this action."}
    places of an unknown date: 400 {"subevent":["Select a valid choice. That choice is not one of the available choices."]}
    of an unknown date, over all: 400 {"subevent":["Select a valid choice. That choice is not one of the available choices."]}
    an unknown date: 404 {"detail":"No SubEvent matches the given query."}
    a page past the end: 404 {"detail":"Invalid page."}
    an unknown order: 404 {"detail":"No Order matches the given query."}
    "#);
}

#[tokio::test]
async fn how_a_place_is_found() {
    let Some(desk) = desk() else { return };
    let (this, other) = (date(&desk, 60).await, date(&desk, 60).await);
    booked(&desk, this, &["Ana@Contoso.com", "ana@contoso.com.example"]).await;
    booked(&desk, other, &["ana@contoso.com"]).await;
    let bought =
        Booking { buyer: "ana@contoso.com".to_owned(), ..Booking::of(&desk, this, &["bo@contoso.com"]) };
    desk.book(&bought).await.unwrap();
    let nameless = Booking { learners: vec![None], ..bought };
    desk.book(&nameless).await.unwrap();
    let found = |query: &str| desk.path("series", &format!("orderpositions/?subevent={this}{query}"));
    let mut table = Table::default();
    let t = &mut table;
    let shown =
        ["/count", "/results/0/attendee_email", "/results/1/attendee_email", "/results/2/attendee_email"];
    // What is searched for may be a part of the learner's address, or of the buyer's.
    let search = found("&search=ANA%40contoso.com");
    t.row(
        &desk,
        "by a search",
        ("regrets", GET, &search),
        None,
        &[&shown[..], &["/results/3/attendee_email"]].concat(),
    )
    .await;
    t.row(
        &desk,
        "by a filter that is none",
        ("regrets", GET, &found("&attendee_email=x")),
        None,
        &["/count"],
    )
    .await;
    t.row(
        &desk,
        "without a date",
        ("regrets", GET, &desk.path("series", "orderpositions/?subevent=&search=ana%40contoso.com.ex")),
        None,
        &shown,
    )
    .await;
    booked(&desk, other, &vec!["many@contoso.com"; 55]).await;
    let pages = desk.path("series", &format!("orderpositions/?subevent={other}&page_size=500"));
    let page = t.row(&desk, "of many", ("regrets", GET, &pages), None, &["/count"]).await;
    let next = page.text_at("/next");
    assert!(next.starts_with("http://127.0.0.1:") && next.contains("page=2"), "{next}");
    assert!(page.json.pointer("/results/49").is_some());
    assert_eq!(page.json.pointer("/results/50"), None);
    insta::assert_snapshot!(table.text(), @r#"
    by a search: 200 4 "Ana@Contoso.com" "ana@contoso.com.example" "bo@contoso.com" null
    by a filter that is none: 200 4
    without a date: 200 1 "ana@contoso.com.example" null null
    of many: 200 56
    "#);
}

/// Which of a place's signs change with its state.
#[tokio::test]
async fn how_a_place_reads() {
    let Some(desk) = desk() else { return };
    let date = date(&desk, 50).await;
    let series = desk.seed().events.get("series").unwrap().clone();
    let one = Booking::of(&desk, date, &["ana@contoso.com"]);
    let two = Booking::of(&desk, date, &["ana@contoso.com", "bo@contoso.com"]);
    let pending = Booking { status: "n", item: series.paid, ..one.clone() };
    let mut table = Table::default();
    for (state, booking, acts) in [
        ("paid", &one, &[][..]),
        ("pending", &pending, &[][..]),
        ("to be approved", &Booking { needs_approval: true, status: "n", ..one.clone() }, &[][..]),
        ("expired", &pending, &["mark_expired"][..]),
        ("order cancelled", &one, &["mark_canceled"][..]),
        ("given back", &one, &["mark_canceled", "reactivate"][..]),
        ("one of two cancelled", &two, &["DELETE"][..]),
        ("attended", &one, &["redeem"][..]),
    ] {
        let order = desk.book(booking).await.unwrap();
        let place = *order.positions.first().unwrap();
        for act in acts {
            let (method, path) = match *act {
                "DELETE" => (Method::DELETE, desk.path("series", &format!("orderpositions/{place}/"))),
                "redeem" => {
                    let door = format!("checkinlists/{}/positions/{place}/redeem/", series.door);
                    (Method::POST, desk.path("series", &door))
                }
                act => (Method::POST, desk.path("series", &format!("orders/{}/{act}/", order.code))),
            };
            let body = json!({"send_email": false});
            let body = (method == Method::POST).then_some(&body);
            desk.act(method, &path, body).await.unwrap();
        }
        let path = desk.path("series", &format!("orders/{}/", order.code));
        let shown = ["/status", "/require_approval", "/positions/0/attendee_email"];
        table.row(&desk, &format!("{state}, order"), ("regrets", GET, &path), None, &shown).await;
        let path = desk.path("series", &format!("orderpositions/{place}/"));
        let shown = ["/canceled", "/checkins/0/type"];
        table.row(&desk, &format!("{state}, place"), ("regrets", GET, &path), None, &shown).await;
        let path = format!("{path}?include_canceled_positions=true");
        table.row(&desk, &format!("{state}, place with all"), ("regrets", GET, &path), None, &shown).await;
        let path = format!("orderpositions/?subevent={date}&order={}&order__status__in=n,p", order.code);
        let path = desk.path("series", &path);
        table.row(&desk, &format!("{state}, held places"), ("regrets", GET, &path), None, &["/count"]).await;
    }
    insta::assert_snapshot!(table.text(), @r#"
    paid, order: 200 "p" false "ana@contoso.com"
    paid, place: 200 false null
    paid, place with all: 200 false null
    paid, held places: 200 1
    pending, order: 200 "n" false "ana@contoso.com"
    pending, place: 200 false null
    pending, place with all: 200 false null
    pending, held places: 200 1
    to be approved, order: 200 "n" true "ana@contoso.com"
    to be approved, place: 200 false null
    to be approved, place with all: 200 false null
    to be approved, held places: 200 1
    expired, order: 200 "e" false "ana@contoso.com"
    expired, place: 200 false null
    expired, place with all: 200 false null
    expired, held places: 200 0
    order cancelled, order: 200 "c" false "ana@contoso.com"
    order cancelled, place: 200 false null
    order cancelled, place with all: 200 false null
    order cancelled, held places: 200 0
    given back, order: 200 "p" false "ana@contoso.com"
    given back, place: 200 false null
    given back, place with all: 200 false null
    given back, held places: 200 1
    one of two cancelled, order: 200 "p" false "bo@contoso.com"
    one of two cancelled, place: 404 null null
    one of two cancelled, place with all: 200 true null
    one of two cancelled, held places: 200 1
    attended, order: 200 "p" false "ana@contoso.com"
    attended, place: 200 false "entry"
    attended, place with all: 200 false "entry"
    attended, held places: 200 1
    "#);
}

/// The order's date never changes; its transactions say when a place was given, and given back.
#[tokio::test]
async fn when_a_place_was_given() {
    let Some(desk) = desk() else { return };
    let (before, after) = (date(&desk, 5).await, date(&desk, 5).await);
    let order = booked(&desk, before, &["ana@contoso.com", "bo@contoso.com"]).await;
    let order_path = desk.path("series", &format!("orders/{}/", order.code));
    let ordered = desk.act(GET, &order_path, None).await.unwrap();
    for act in ["mark_canceled", "reactivate"] {
        let body = json!({"send_email": false});
        desk.act(Method::POST, &format!("{order_path}{act}/"), Some(&body)).await.unwrap();
    }
    let place = order.positions.first().unwrap();
    let moved = desk.path("series", &format!("orderpositions/{place}/"));
    desk.act(Method::PATCH, &moved, Some(&json!({"subevent": after}))).await.unwrap();
    desk.act(Method::PATCH, &moved, Some(&json!({"attendee_email": "cy@contoso.com"}))).await.unwrap();
    let again = desk.act(GET, &order_path, None).await.unwrap();
    assert_eq!(again.text_at("/datetime"), ordered.text_at("/datetime"));
    let told = desk.path("series", &format!("transactions/?order={}", order.code));
    let told = desk.ask("regrets", GET, &told, None).await.unwrap();
    let lines: Vec<String> = told.json["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let date = if row["subevent"] == json!(before) { "before" } else { "after" };
            format!("place {} of the date {date}: {}", row["positionid"], row["count"])
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    place 1 of the date before: 1
    place 2 of the date before: 1
    place 1 of the date before: -1
    place 2 of the date before: -1
    place 1 of the date before: 1
    place 2 of the date before: 1
    place 1 of the date before: -1
    place 1 of the date after: 1
    "#);
    let since = "transactions/?created_since=2099-01-01T00:00:00%2B00:00";
    let later = desk.ask("regrets", GET, &desk.path("series", since), None).await.unwrap();
    assert_eq!((later.status, later.number("/count")), (200, 0));
}
