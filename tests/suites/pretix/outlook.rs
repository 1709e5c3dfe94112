//! From the decline in Outlook to the cancelled place in a real pretix, with the real binary in between.

use crate::shop::{booked, date, desk};
use pretix::{Desk, Order};
use regrets::ids::hash;
use reqwest::Method;
use serde_json::Value;
use simulator::stage::Stage;
use std::path::Path;
use suites::{address, decline, invite, known, reply, setup, story, wait_until, watched};

/// `state outcome` of one enrolment.
async fn ledger(stage: &Stage, session: &str, name: &str) -> String {
    let id = format!("contoso.{}.{}", hash(session), hash(&address(name)));
    let rows = stage.enrolments().await.unwrap_or_default();
    let row = rows.iter().find(|row| row["id"] == id.as_str()).cloned().unwrap_or_default();
    let text = |field: &str| row.get(field).and_then(Value::as_str).unwrap_or("-").to_owned();
    format!("{} {}", text("state"), text("outcome"))
}

/// State of the order, and whether each of its places is cancelled.
async fn order(desk: &Desk, order: &Order) -> String {
    let path = desk.path("series", &format!("orders/{}/?include_canceled_positions=true", order.code));
    let seen = desk.act(Method::GET, &path, None).await.unwrap();
    let places = seen.json["positions"].as_array().unwrap().iter();
    let places = places.map(|place| if place["canceled"] == true { "cancelled" } else { "kept" });
    format!("{}: {}", seen.text_at("/status"), places.collect::<Vec<_>>().join(", "))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decline_in_outlook_cancels_the_place_in_pretix() {
    let Some(desk) = desk() else { return };
    let date = date(&desk, 9).await;
    let alone = booked(&desk, date, &[&address("ana")]).await;
    let together = booked(&desk, date, &[&address("bo"), &address("cy")]).await;
    let (session, names) = (format!("safety/{date}"), ["ana", "bo", "cy", "dora"]);
    let mut setup = setup(&names);
    setup.policy.session = "{ ical_uid = '^lms-(?<session>[a-z0-9/-]+)@' }";
    setup.policy.lms = Some(format!(
        "connector = \"pretix\"\nbase_url = \"{}\"\norganizer = \"acme\"\n\
         token = {{ env = \"PRETIX_TOKEN\" }}\nrate = {{ requests = 100, per = \"1s\" }}\n",
        desk.url()
    ));
    setup.env.push(("PRETIX_TOKEN", Some(desk.seed().token("regrets").to_owned())));
    let regrets = Path::new(env!("CARGO_BIN_EXE_regrets-under-test"));
    let before = |world: &simulator::World| invite(world, &session, &names);
    let stage = Stage::start_with(regrets, setup, before).await.unwrap_or_else(|error| panic!("{error}"));
    watched(&stage, names.len()).await;
    known(&stage, names.len()).await;

    let world = stage.simulator.world();
    world.accept(&reply("cy", &session)).unwrap();
    for name in ["ana", "bo", "dora"] {
        decline(world, name, &session);
    }
    for (name, ends) in [("ana", "done done"), ("bo", "done done"), ("dora", "done not_enrolled")] {
        wait_until(&stage, &format!("{name} becomes {ends}"), || async {
            let seen = ledger(&stage, &session, name).await;
            if seen == ends {
                Ok(())
            } else {
                Err(format!("{seen}: {:?}", story(&stage, &session, name).await))
            }
        })
        .await;
    }
    assert_eq!(ledger(&stage, &session, "cy").await, "watched -");
    assert_eq!(order(&desk, &alone).await, "c: kept");
    assert_eq!(order(&desk, &together).await, "p: cancelled, kept");
}
