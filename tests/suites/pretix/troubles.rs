//! What may go wrong on the way, and who comes at the same time: one effect, and no false "done".

use crate::between::{Fault, FaultKind};
use crate::connector::{Shop, book, decline, line};
use crate::shop::date;
use pretix::Order as Booked;
use regrets::lms::Order;
use reqwest::Method;
use serde_json::json;

const ANA: &str = "ana@contoso.com";
const BO: &str = "bo@contoso.com";

/// How often a place of this order was taken away.
async fn effects(shop: &Shop, booked: &Booked) -> usize {
    let path = shop.desk.path("series", &format!("transactions/?order={}", booked.code));
    let told = shop.desk.act(Method::GET, &path, None).await.unwrap();
    let rows = told.json.pointer("/results").unwrap().as_array().unwrap();
    rows.iter().filter(|row| row.get("count") == Some(&json!(-1))).count()
}

#[tokio::test]
async fn what_is_lost_on_the_way_has_one_effect() {
    let Some(shop) = Shop::open("regrets").await else { return };
    let date = date(&shop.desk, 50).await;
    let fails = |reply: &str| reply.starts_with("outage, held -> held");
    for (number, (method, part, learners)) in [
        (Method::POST, "mark_canceled", &["place@contoso.com"][..]),
        (Method::DELETE, "orderpositions", &["place@contoso.com", BO][..]),
    ]
    .into_iter()
    .enumerate()
    {
        for (case, kind) in
            [FaultKind::LosesAnswer, FaultKind::LosesRequest, FaultKind::Proxy].into_iter().enumerate()
        {
            let learner = format!("{number}{case}{}", learners.first().unwrap());
            let all: Vec<&str> =
                std::iter::once(learner.as_str()).chain(learners.iter().skip(1).copied()).collect();
            let booked = book(&shop, date, &all).await;
            shop.between.fault(Fault { method: method.clone(), part, after: 0, kind });
            let order = decline(date, &learner);
            let reply = line(&shop.cancel(&order).await);
            if kind == FaultKind::LosesAnswer {
                assert_eq!(reply, "done, held -> cancelled", "{method} {kind:?}");
            } else {
                assert!(fails(&reply), "{method} {kind:?}: {reply}");
                let again = Order { attempt: 2, may_be_repeated: true, ..order.clone() };
                let reply = line(&shop.cancel(&again).await);
                assert_eq!(reply, "done, held -> cancelled", "{method} {kind:?}");
            }
            let again = Order { attempt: 3, may_be_repeated: true, ..order };
            assert_eq!(line(&shop.cancel(&again).await), "already_cancelled, cancelled -> -");
            assert_eq!(effects(&shop, &booked).await, 1, "{method} {kind:?}");
        }
    }
}

/// After the write nothing can be read: nobody knows, and the next attempt reads first.
#[tokio::test]
async fn what_cannot_be_read_back_is_not_done() {
    let Some(shop) = Shop::open("regrets").await else { return };
    let date = date(&shop.desk, 9).await;
    let booked = book(&shop, date, &[ANA]).await;
    let order = decline(date, ANA);
    // Places are read before, in the write, and after it.
    let part = "/orderpositions/?";
    shop.between.fault(Fault { method: Method::GET, part, after: 2, kind: FaultKind::LosesAnswer });
    let reply = line(&shop.cancel(&order).await);
    assert!(reply.starts_with("outage, held -> -"), "{reply}");
    assert_eq!(effects(&shop, &booked).await, 1);
    let again = Order { attempt: 2, may_be_repeated: true, ..order };
    assert_eq!(line(&shop.cancel(&again).await), "already_cancelled, cancelled -> -");
    assert_eq!(effects(&shop, &booked).await, 1);
}

/// Somebody else takes away the place of one of several an instant before: the rest of the order stays.
#[tokio::test]
async fn a_place_that_is_gone_meanwhile_takes_nobody_along() {
    let Some(shop) = Shop::open("regrets").await else { return };
    let date = date(&shop.desk, 50).await;
    let booked = book(&shop, date, &[ANA, BO]).await;
    let kind = FaultKind::ComesSecond;
    shop.between.fault(Fault { method: Method::DELETE, part: "orderpositions", after: 0, kind });
    assert_eq!(line(&shop.cancel(&decline(date, ANA)).await), "done, held -> cancelled");
    assert_eq!(effects(&shop, &booked).await, 1);
    assert_eq!(shop.place(&booked, 1).await, "kept in an order of state p");
}

/// Two colleagues of one order decline at the same time: both lose their place, by one order or two.
#[tokio::test]
async fn colleagues_decline_together() {
    let (Some(one), Some(two)) = (Shop::open("regrets").await, Shop::open("regrets").await) else { return };
    let date = date(&one.desk, 50).await;
    for _ in 0..4 {
        let booked = book(&one, date, &[ANA, BO]).await;
        let orders = (decline(date, ANA), decline(date, BO));
        let (ana, bo) = tokio::join!(one.cancel(&orders.0), two.cancel(&orders.1));
        for (shop, order, reply) in [(&one, &orders.0, ana), (&two, &orders.1, bo)] {
            let first = line(&reply);
            if first != "done, held -> cancelled" {
                // pretix refuses changes of one order at the same time.
                assert!(first.starts_with("outage, "), "{first}");
                let again = Order { attempt: 2, may_be_repeated: true, ..order.clone() };
                assert_eq!(line(&shop.cancel(&again).await), "done, held -> cancelled", "after {first}");
            }
        }
        assert_eq!(effects(&one, &booked).await, 2);
        assert_eq!(one.place(&booked, 0).await.rsplit(' ').next(), Some("c"));
    }
}

/// The same decision from two instances at once.
#[tokio::test]
async fn one_decline_twice() {
    let (Some(one), Some(two)) = (Shop::open("regrets").await, Shop::open("regrets").await) else { return };
    let date = date(&one.desk, 50).await;
    for _ in 0..4 {
        let booked = book(&one, date, &[ANA]).await;
        let order = decline(date, ANA);
        let (first, second) = tokio::join!(one.cancel(&order), two.cancel(&order));
        for reply in [line(&first), line(&second)] {
            let ends = ["done, held -> cancelled", "already_cancelled, held -> cancelled"];
            assert!(ends.contains(&reply.as_str()) || reply.starts_with("already_cancelled"), "{reply}");
        }
        assert_eq!(effects(&one, &booked).await, 1);
    }
}
