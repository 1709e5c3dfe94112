//! The freed seat is not offered to the same learner again; and giving back passes over nobody.

use crate::connector::{Shop, book, decline, line};
use crate::shop::date;
use pretix::Booking;
use regrets::enrolment::lms_answer::Restored;
use regrets::lms::{Budget, Connector as _, Order};
use reqwest::Method;
use serde_json::json;
use std::fmt::Write as _;
use std::time::Duration;

const ANA: &str = "ana@contoso.com";
const BO: &str = "bo@contoso.com";

async fn restore(shop: &Shop, order: &Order) -> String {
    let restored = shop.engine.restore(order, Budget::of(Duration::from_secs(90))).await;
    let Restored { outcome, message, .. } = restored;
    let message = message.map(|message| format!(": {message}")).unwrap_or_default();
    format!("{outcome:?}{message}")
}

/// Address and voucher of everybody who waits.
async fn waits(shop: &Shop, date: u64) -> String {
    let path = shop.desk.path("series", &format!("waitinglistentries/?subevent={date}"));
    let list = shop.desk.act(Method::GET, &path, None).await.unwrap();
    let entries = list.json.pointer("/results").unwrap().as_array().unwrap();
    let entries = entries.iter().map(|entry| {
        let has = if entry.get("voucher").unwrap().is_null() { "waits" } else { "has a voucher" };
        format!("{} {has}", entry.get("email").unwrap().as_str().unwrap())
    });
    entries.collect::<Vec<_>>().join(", ")
}

#[tokio::test]
async fn an_own_entry_ends_with_the_place() {
    let Some(shop) = Shop::open("regrets").await else { return };
    let free = shop.desk.seed().events.get("series").unwrap().free;
    let mut told = String::new();

    let full = date(&shop.desk, 1).await;
    book(&shop, full, &[ANA]).await;
    shop.desk.wait_for(full, "Ana@contoso.com", free).await.unwrap();
    shop.desk.wait_for(full, BO, free).await.unwrap();
    let reply = shop.cancel(&decline(full, ANA)).await;
    writeln!(told, "an entry: {}; {}", line(&reply), waits(&shop, full).await).unwrap();

    let full = date(&shop.desk, 1).await;
    book(&shop, full, &[BO]).await;
    let entry = shop.desk.wait_for(full, ANA, free).await.unwrap();
    let reply = shop.cancel(&decline(full, BO)).await;
    writeln!(told, "somebody else's: {}; {}", line(&reply), waits(&shop, full).await).unwrap();

    let (voucher, code) = shop.desk.offer(entry).await.unwrap();
    let booking = Booking { voucher: Some(code), ..Booking::of(&shop.desk, full, &[ANA]) };
    shop.desk.book(&booking).await.unwrap();
    let order = decline(full, ANA);
    let reply = shop.cancel(&order).await;
    let path = shop.desk.path("series", &format!("vouchers/{voucher}/"));
    let ends = shop.desk.act(Method::GET, &path, None).await.unwrap().text_at("/valid_until").to_owned();
    let ends: chrono::DateTime<chrono::Utc> = ends.parse().unwrap();
    assert!(ends <= order.decided_at, "{ends}");
    writeln!(told, "a voucher that was used: {}; {}", line(&reply), waits(&shop, full).await).unwrap();
    insta::assert_snapshot!(told, @r#"
    an entry: done, held -> cancelled; bo@contoso.com waits
    somebody else's: done, held -> cancelled; ana@contoso.com waits
    a voucher that was used: done, held -> cancelled; ana@contoso.com has a voucher
    "#);
}

/// The place is gone all the same, and a person is told.
#[tokio::test]
async fn a_token_without_the_right_to_vouchers_is_told_of() {
    let Some(shop) = Shop::open("no_vouchers").await else { return };
    let free = shop.desk.seed().events.get("series").unwrap().free;
    let full = date(&shop.desk, 1).await;
    let first = book(&shop, full, &[BO]).await;
    let entry = shop.desk.wait_for(full, ANA, free).await.unwrap();
    let path = shop.desk.path("series", &format!("orders/{}/mark_canceled/", first.code));
    shop.desk.act(Method::POST, &path, Some(&json!({"send_email": false}))).await.unwrap();
    let (_, code) = shop.desk.offer(entry).await.unwrap();
    let booking = Booking { voucher: Some(code), ..Booking::of(&shop.desk, full, &[ANA]) };
    shop.desk.book(&booking).await.unwrap();
    insta::assert_snapshot!(line(&shop.cancel(&decline(full, ANA)).await), @r#"
    done, held -> cancelled: what hangs on the place could not be tidied up: `tidy.offer`: HTTP 403: “You do not have permission to perform this action.”
    "#);
}

#[tokio::test]
async fn a_place_is_given_back_where_nobody_waits() {
    let Some(shop) = Shop::open("regrets").await else { return };
    let free = shop.desk.seed().events.get("series").unwrap().free;
    let mut told = String::new();

    let open = date(&shop.desk, 2).await;
    let booked = book(&shop, open, &[ANA]).await;
    let order = decline(open, ANA);
    writeln!(told, "not cancelled: {}", restore(&shop, &order).await).unwrap();
    shop.cancel(&order).await;
    let restored = restore(&shop, &order).await;
    writeln!(told, "room: {restored}; {}", shop.place(&booked, 0).await).unwrap();
    writeln!(told, "again: {}", restore(&shop, &order).await).unwrap();

    let full = date(&shop.desk, 1).await;
    book(&shop, full, &[ANA]).await;
    let entry = shop.desk.wait_for(full, BO, free).await.unwrap();
    let order = decline(full, ANA);
    shop.cancel(&order).await;
    writeln!(told, "somebody waits: {}", restore(&shop, &order).await).unwrap();
    let (_, code) = shop.desk.offer(entry).await.unwrap();
    writeln!(told, "a voucher is out: {}", restore(&shop, &order).await).unwrap();
    let booking = Booking { voucher: Some(code), ..Booking::of(&shop.desk, full, &[BO]) };
    shop.desk.book(&booking).await.unwrap();
    writeln!(told, "full: {}", restore(&shop, &order).await).unwrap();

    let several = date(&shop.desk, 9).await;
    let booked = book(&shop, several, &[ANA, BO]).await;
    let order = decline(several, ANA);
    shop.cancel(&order).await;
    writeln!(told, "cut out of an order: {}", restore(&shop, &order).await).unwrap();

    let whole = date(&shop.desk, 9).await;
    let company = book(&shop, whole, &[ANA, BO]).await;
    let path = shop.desk.path("series", &format!("orders/{}/mark_canceled/", company.code));
    shop.desk.act(Method::POST, &path, Some(&json!({"send_email": false}))).await.unwrap();
    writeln!(told, "others would come back, too: {}", restore(&shop, &decline(whole, ANA)).await).unwrap();
    assert_eq!(shop.place(&company, 0).await, "kept in an order of state c");
    assert_eq!(shop.place(&booked, 0).await, "cancelled in an order of state p");
    insta::assert_snapshot!(told, @r#"
    not cancelled: AlreadyHeld
    room: GivenBack; kept in an order of state p
    again: AlreadyHeld
    somebody waits: Full
    a voucher is out: Full: `restore.reactivate`: HTTP 400: “The ordered product "Seat" is no longer available.”
    full: Full: `restore.reactivate`: HTTP 400: “The ordered product "Seat" is no longer available.”
    cut out of an order: Closed: `restore.lost`: no entry of the answer fits
    others would come back, too: Refused
    "#);
}
