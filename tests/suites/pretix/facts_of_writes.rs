//! Writing: what cancels one place, what else happens then, and what can be undone.

use crate::shop::{Table, booked, date, desk};
use pretix::{Booking, Desk};
use reqwest::Method;
use serde_json::{Value, json};

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const DELETE: Method = Method::DELETE;

fn quiet() -> Value {
    json!({"send_email": false})
}

#[tokio::test]
async fn an_order_of_one() {
    let Some(desk) = desk() else { return };
    let date = date(&desk, 5).await;
    let order = booked(&desk, date, &["ana@contoso.com"]).await;
    let place = desk.path("series", &format!("orderpositions/{}/", order.positions.first().unwrap()));
    let cancel = desk.path("series", &format!("orders/{}/mark_canceled/", order.code));
    let give_back = desk.path("series", &format!("orders/{}/reactivate/", order.code));
    let unknown = desk.path("series", "orders/ZZZZZ/mark_canceled/");
    let mut table = Table::default();
    let t = &mut table;
    t.row(&desk, "with too few rights", ("read_only", POST, &cancel), Some(&quiet()), &[]).await;
    t.row(&desk, "the last place of an order", ("regrets", DELETE, &place), None, &[]).await;
    t.row(&desk, "the order", ("regrets", POST, &cancel), Some(&quiet()), &["/status"]).await;
    t.row(&desk, "again", ("regrets", POST, &cancel), Some(&quiet()), &[]).await;
    t.row(&desk, "an unknown order", ("regrets", POST, &unknown), Some(&quiet()), &[]).await;
    t.row(&desk, "given back", ("regrets", POST, &give_back), None, &["/status"]).await;
    t.row(&desk, "given back again", ("regrets", POST, &give_back), None, &[]).await;
    insta::assert_snapshot!(table.text(), @r#"
    with too few rights: 403 {"detail":"You do not have permission to perform this action."}
    the last place of an order: 400 ["This operation would leave the order empty. Please cancel the order itself instead."]
    the order: 200 "c"
    again: 400 {"detail":"The order is not allowed to be canceled."}
    an unknown order: 404 {"detail":"No Order matches the given query."}
    given back: 200 "p"
    given back again: 400 {"detail":"The order is not allowed to be reactivated."}
    "#);
}

#[tokio::test]
async fn one_place_of_several() {
    let Some(desk) = desk() else { return };
    let date = date(&desk, 9).await;
    let paid = desk.seed().events.get("series").unwrap().paid;
    let two = Booking { item: paid, ..Booking::of(&desk, date, &["ana@contoso.com", "bo@contoso.com"]) };
    let order = desk.book(&two).await.unwrap();
    let place = desk.path("series", &format!("orderpositions/{}/", order.positions.first().unwrap()));
    let path = desk.path("series", &format!("orders/{}/?include_canceled_positions=true", order.code));
    let shown = [
        "/status",
        "/total",
        "/payments/0/amount",
        "/refunds",
        "/positions/0/canceled",
        "/positions/1/canceled",
    ];
    let mut table = Table::default();
    let t = &mut table;
    t.row(&desk, "before", ("regrets", GET, &path), None, &shown).await;
    t.row(&desk, "the place", ("regrets", DELETE, &place), None, &[]).await;
    t.row(&desk, "again", ("regrets", DELETE, &place), None, &[]).await;
    t.row(&desk, "after", ("regrets", GET, &path), None, &shown).await;
    let give_back = desk.path("series", &format!("orders/{}/reactivate/", order.code));
    t.row(&desk, "reactivated", ("regrets", POST, &give_back), None, &[]).await;
    let anew = json!({
        "order": order.code, "item": paid, "variation": null, "subevent": date, "price": "40.00",
        "attendee_email": "ana@contoso.com",
    });
    let places = desk.path("series", "orderpositions/");
    t.row(&desk, "given anew", ("regrets", POST, &places), Some(&anew), &["/positionid", "/canceled"]).await;
    insta::assert_snapshot!(table.text(), @r#"
    before: 200 "p" "80.00" "80.00" [] false false
    the place: 204 
    again: 404 {"detail":"No OrderPosition matches the given query."}
    after: 200 "p" "40.00" "80.00" [] true false
    reactivated: 400 {"detail":"The order is not allowed to be reactivated."}
    given anew: 201 3 false
    "#);
}

/// A seat that nobody can do without goes with its extras, and then the order would be empty.
#[tokio::test]
async fn a_place_with_extras() {
    let Some(desk) = desk() else { return };
    let date = date(&desk, 9).await;
    let series = desk.seed().events.get("series").unwrap().clone();
    let order = json!({
        "email": "office@contoso.com", "locale": "en", "status": "p", "sales_channel": "web", "fees": [],
        "positions": [
            {"positionid": 1, "item": series.free, "subevent": date, "attendee_email": "ana@contoso.com",
             "addon_to": null, "answers": []},
            {"positionid": 2, "item": series.extra, "subevent": date, "addon_to": 1, "answers": []},
        ],
    });
    let made = desk.act(POST, &desk.path("series", "orders/"), Some(&order)).await.unwrap();
    let seat = made.number("/positions/0/id");
    assert_eq!(made.number("/positions/1/addon_to"), seat);
    let mut table = Table::default();
    let place = desk.path("series", &format!("orderpositions/{seat}/"));
    table.row(&desk, "the seat", ("regrets", DELETE, &place), None, &[]).await;
    let found = format!("orderpositions/?subevent={date}&search=ana%40contoso.com");
    let shown = ["/count", "/results/0/attendee_email", "/results/1/attendee_email"];
    table.row(&desk, "a search", ("regrets", GET, &desk.path("series", &found)), None, &shown).await;
    insta::assert_snapshot!(table.text(), @r#"
    the seat: 400 ["This operation would leave the order empty. Please cancel the order itself instead."]
    a search: 200 2 "ana@contoso.com" null
    "#);
}

/// pretix keeps what it answered to a key for a day, refusals too, and asks neither path nor body.
#[tokio::test]
async fn a_key_is_answered_from_memory() {
    let Some(desk) = desk() else { return };
    let date = date(&desk, 5).await;
    let order = booked(&desk, date, &["ana@contoso.com"]).await;
    let path = |rest: &str| desk.path("series", &format!("orders/{}/{rest}", order.code));
    let mut table = Table::default();
    let said = |table: &mut Table, situation: &str, answer: &pretix::Answer| {
        table.note(situation, answer, &["/status", "/detail"]);
    };
    let key = format!("key-{}", order.code);
    let cancelled = desk.ask_with_key("read_only", &key, &path("mark_canceled/"), &quiet()).await.unwrap();
    said(&mut table, "refused", &cancelled);
    let cancelled = desk.ask_with_key("regrets", &key, &path("mark_canceled/"), &quiet()).await.unwrap();
    said(&mut table, "another token, the same key", &cancelled);
    desk.act(POST, &path("reactivate/"), None).await.unwrap();
    let again = desk.ask_with_key("regrets", &key, &path("mark_canceled/"), &quiet()).await.unwrap();
    said(&mut table, "the same after it was given back", &again);
    let other = desk.ask_with_key("regrets", &key, &path("mark_expired/"), &quiet()).await.unwrap();
    said(&mut table, "another act with the same key", &other);
    let read = desk.ask("regrets", GET, &path(""), None).await.unwrap();
    said(&mut table, "the order in truth", &read);
    insta::assert_snapshot!(table.text(), @r#"
    refused: 403 null "You do not have permission to perform this action."
    another token, the same key: 200 "c" null
    the same after it was given back: 200 "c" null
    another act with the same key: 200 "c" null
    the order in truth: 200 "p" null
    "#);
}

/// Of calls at once one has an effect; the others are answered in three ways.
#[tokio::test]
async fn several_calls_at_once() {
    async fn effects(desk: &Desk, code: &str) -> usize {
        let path = desk.path("series", &format!("transactions/?order={code}"));
        let told = desk.act(GET, &path, None).await.unwrap();
        told.json["results"].as_array().unwrap().iter().filter(|row| row["count"] == json!(-1)).count()
    }
    let Some(desk) = desk() else { return };
    let date = date(&desk, 9).await;
    let order = booked(&desk, date, &["ana@contoso.com"]).await;
    let path = desk.path("series", &format!("orders/{}/mark_canceled/", order.code));
    let body = quiet();
    let calls = (0..4).map(|_| desk.ask("regrets", POST, &path, Some(&body)));
    for answer in futures::future::join_all(calls).await {
        let answer = answer.unwrap();
        assert!(answer.text_at("/status") == "c" || answer.status == 400, "{answer:?}");
    }
    assert_eq!(effects(&desk, &order.code).await, 1);

    let order = booked(&desk, date, &["ana@contoso.com", "bo@contoso.com"]).await;
    let path = desk.path("series", &format!("orderpositions/{}/", order.positions.first().unwrap()));
    let calls = (0..4).map(|_| desk.ask("regrets", DELETE, &path, None));
    let answers = futures::future::join_all(calls).await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    let others = answers.iter().filter(|answer| answer.status != 204);
    for answer in others {
        let simultaneous = answer.text.contains("changed by someone else simultaneously");
        assert!(answer.status == 404 || (answer.status == 400 && simultaneous), "{answer:?}");
    }
    assert_eq!(answers.iter().filter(|answer| answer.status == 204).count(), 1, "{answers:?}");
    assert_eq!(effects(&desk, &order.code).await, 1);
}

#[tokio::test]
async fn the_wait_list() {
    let Some(desk) = desk() else { return };
    let date = date(&desk, 1).await;
    let free = desk.seed().events.get("series").unwrap().free;
    let order = booked(&desk, date, &["ana@contoso.com"]).await;
    let entry = desk.wait_for(date, "Bo@contoso.com", free).await.unwrap();
    let path = |rest: &str| desk.path("series", rest);
    let seats = path(&format!("quotas/?subevent={date}&with_availability=true"));
    let free_seats = ["/results/0/available_number"];
    let mine = |email: &str| path(&format!("waitinglistentries/?subevent={date}&email={email}"));
    let mut table = Table::default();
    let t = &mut table;
    let shown = ["/count", "/results/0/email", "/results/0/voucher"];
    t.row(&desk, "by the address as written", ("regrets", GET, &mine("Bo@contoso.com")), None, &shown).await;
    t.row(&desk, "in other letters", ("regrets", GET, &mine("bo@contoso.com")), None, &shown).await;
    let cancel = path(&format!("orders/{}/mark_canceled/", order.code));
    t.row(&desk, "a place is cancelled", ("regrets", POST, &cancel), Some(&quiet()), &["/status"]).await;
    t.row(&desk, "seats, owed to the list", ("regrets", GET, &seats), None, &free_seats).await;
    let give_back = path(&format!("orders/{}/reactivate/", order.code));
    t.row(&desk, "given back over the list", ("regrets", POST, &give_back), None, &["/status"]).await;
    desk.act(POST, &cancel, Some(&quiet())).await.unwrap();
    let (voucher, code) = desk.offer(entry).await.unwrap();
    t.row(&desk, "given back while a voucher is out", ("regrets", POST, &give_back), None, &[]).await;
    let entry = path(&format!("waitinglistentries/{entry}/"));
    let voucher = path(&format!("vouchers/{voucher}/"));
    t.row(&desk, "the entry with a voucher is ended", ("regrets", DELETE, &entry), None, &[]).await;
    t.row(&desk, "the voucher with too few rights", ("no_vouchers", DELETE, &voucher), None, &[]).await;

    // The learner has the place from the wait list, and loses it.
    let with_voucher = Booking { voucher: Some(code), ..Booking::of(&desk, date, &["bo@contoso.com"]) };
    let order = desk.book(&with_voucher).await.unwrap();
    let cancel = path(&format!("orders/{}/mark_canceled/", order.code));
    let used = ["/redeemed", "/max_usages", "/block_quota"];
    t.row(&desk, "the voucher is used", ("regrets", GET, &voucher), None, &used).await;
    desk.act(POST, &cancel, Some(&quiet())).await.unwrap();
    t.row(&desk, "and can be used again", ("regrets", GET, &voucher), None, &used).await;
    t.row(&desk, "seats, kept for it", ("regrets", GET, &seats), None, &free_seats).await;
    t.row(&desk, "it is deleted", ("regrets", DELETE, &voucher), None, &[]).await;
    let past = json!({"valid_until": "2026-01-01T00:00:00Z"});
    t.row(&desk, "it ends", ("regrets", Method::PATCH, &voucher), Some(&past), &["/valid_until"]).await;
    t.row(&desk, "seats", ("regrets", GET, &seats), None, &free_seats).await;
    let give_back = path(&format!("orders/{}/reactivate/", order.code));
    t.row(&desk, "given back all the same", ("regrets", POST, &give_back), None, &["/status"]).await;
    insta::assert_snapshot!(table.text(), @r#"
    by the address as written: 200 1 "Bo@contoso.com" null
    in other letters: 200 0 null null
    a place is cancelled: 200 "c"
    seats, owed to the list: 200 0
    given back over the list: 200 "p"
    given back while a voucher is out: 400 {"detail":"The ordered product \"Seat\" is no longer available."}
    the entry with a voucher is ended: 403 {"detail":"This entry can not be deleted as it has already been assigned a voucher."}
    the voucher with too few rights: 403 {"detail":"You do not have permission to perform this action."}
    the voucher is used: 200 1 1 true
    and can be used again: 200 0 1 true
    seats, kept for it: 200 0
    it is deleted: 403 {"detail":"This voucher can not be deleted as it has already been used."}
    it ends: 200 "2026-01-01T00:00:00Z"
    seats: 200 1
    given back all the same: 200 "p"
    "#);
}

#[tokio::test]
async fn what_is_no_obstacle() {
    let Some(desk) = desk() else { return };
    let mut table = Table::default();
    let over =
        desk.new_date("Over", "2020-03-03T09:00:00+01:00", "2020-03-03T12:00:00+01:00", 5).await.unwrap();
    let inactive = date(&desk, 5).await;
    for (situation, date) in [("a date that is over", over), ("a date that is not active", inactive)] {
        let order = booked(&desk, date, &["ana@contoso.com"]).await;
        if date == inactive {
            let path = desk.path("series", &format!("subevents/{date}/"));
            desk.act(Method::PATCH, &path, Some(&json!({"active": false}))).await.unwrap();
        }
        let path = desk.path("series", &format!("orders/{}/mark_canceled/", order.code));
        table.row(&desk, situation, ("regrets", POST, &path), Some(&quiet()), &["/status"]).await;
    }
    let attended = date(&desk, 5).await;
    let order = booked(&desk, attended, &["ana@contoso.com"]).await;
    let door = desk.seed().events.get("series").unwrap().door;
    let place = order.positions.first().unwrap();
    let enters = desk.path("series", &format!("checkinlists/{door}/positions/{place}/redeem/"));
    desk.act(POST, &enters, Some(&json!({}))).await.unwrap();
    let path = desk.path("series", &format!("orders/{}/mark_canceled/", order.code));
    table.row(&desk, "a place that was taken", ("regrets", POST, &path), Some(&quiet()), &["/status"]).await;
    insta::assert_snapshot!(table.text(), @r#"
    a date that is over: 200 "c"
    a date that is not active: 200 "c"
    a place that was taken: 200 "c"
    "#);
}
