//! The whole loop on a real pretix, with the real binary in between: an order becomes an invitation, which is
//! declined, which cancels the order, of which nobody is mailed; what is moved, cancelled and reactivated
//! there is told to whom it concerns, once.

use crate::shop::{booked, desk};
use reqwest::Method;
use serde_json::json;
use simulator::stage::Stage;
use std::fmt::Write as _;
use std::path::Path;
use suites::{ORGANIZER, address, decline, mails, setup, stays, wait_until, watched};

const NAMES: [&str; 2] = ["lea", "max"];

/// These, and no others.
async fn mailed(stage: &Stage, wanted: &[&str]) {
    let about = || async {
        let told = stage.manage("tenants/contoso/publish").await.map(|told| told.to_string());
        Err(format!("{:?}\n{}", mails(stage), told.unwrap_or_default()))
    };
    wait_until(stage, &format!("mailed: {wanted:?}"), || async {
        if mails(stage) == wanted { Ok(()) } else { about().await }
    })
    .await;
    stays(stage, &format!("no more than {wanted:?}"), || async {
        if mails(stage) == wanted { Ok(()) } else { about().await }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_become_invitations_and_declines_cancel_orders() {
    let Some(desk) = desk() else { return };
    let (begins, ends) = ("2036-07-01T09:00:00+02:00", "2036-07-01T12:00:00+02:00");
    let date = desk.new_date("Whole loop", begins, ends, 9).await.unwrap();
    let alone = booked(&desk, date, &[&address("lea")]).await;
    let other = booked(&desk, date, &[&address("max")]).await;
    let mut setup = setup(&NAMES);
    setup.plans = Some("* * * * * *");
    setup.policy.lms = Some(format!(
        "connector = \"pretix\"\nbase_url = \"{}\"\norganizer = \"acme\"\n\
         token = {{ env = \"PRETIX_TOKEN\" }}\nrate = {{ requests = 100, per = \"1s\" }}\n",
        desk.url()
    ));
    setup.env.push(("PRETIX_TOKEN", Some(desk.seed().token("regrets").to_owned())));
    write!(
        setup.policy.more,
        r#"
[tenant.contoso.publish]
state        = "on"
organizer    = "{ORGANIZER}"
every        = "30m"
also_invites = true
settle_edits = "2s"
only         = {{ addresses = ["{}", "{}"] }}
"#,
        address("lea"),
        address("max")
    )
    .unwrap();
    let regrets = Path::new(env!("CARGO_BIN_EXE_regrets-under-test"));
    let grant = |world: &simulator::World| {
        world.edit_tenant("contoso.com", |tenant| tenant.app.rbac_writes = [ORGANIZER.to_owned()].into());
    };
    let stage = Stage::start_with(regrets, setup, grant).await.unwrap_or_else(|error| panic!("{error}"));
    watched(&stage, NAMES.len()).await;

    // The first mails wait for a person.
    wait_until(&stage, "two invitations wait", || async {
        let told = stage.manage("tenants/contoso/publish").await.map_err(|why| why.to_string())?;
        if told["held"]["mails"] == 2 { Ok(()) } else { Err(told.to_string()) }
    })
    .await;
    assert_eq!(mails(&stage), Vec::<String>::new());
    let word = json!({"by": "kim", "reason": "two of them"});
    stage.say("tenants/contoso/publish/confirm", &word).await.unwrap();
    mailed(&stage, &["lea invitation", "max invitation"]).await;

    // What stands in the calendar says what pretix says.
    let world = stage.simulator.world();
    let copy = world.events_of(&address("lea")).pop().unwrap();
    assert_eq!(copy.subject, "Whole loop");
    assert_eq!(copy.slot.start.to_rfc3339(), "2036-07-01T07:00:00+00:00");

    // Declined: the order goes, and Lea is not mailed about what she did herself.
    decline(world, "lea", &copy.ical_uid);
    let order = desk.path("series", &format!("orders/{}/", alone.code));
    wait_until(&stage, "the order is cancelled", || async {
        let seen = desk.act(Method::GET, &order, None).await.map_err(|why| why.to_string())?;
        if seen.text_at("/status") == "c" { Ok(()) } else { Err(seen.text) }
    })
    .await;
    mailed(&stage, &["lea invitation", "max invitation"]).await;

    // The date moves: who still comes hears of it, once.
    let moved = json!({"date_from": "2036-07-01T10:00:00+02:00", "date_to": "2036-07-01T13:00:00+02:00"});
    desk.act(Method::PATCH, &desk.path("series", &format!("subevents/{date}/")), Some(&moved)).await.unwrap();
    mailed(&stage, &["lea invitation", "max invitation", "max update"]).await;
    let copy = world.events_of(&address("max")).pop().unwrap();
    assert_eq!(copy.slot.start.to_rfc3339(), "2036-07-01T08:00:00+00:00");

    // Withdrawn in pretix: one cancellation.
    let cancel = desk.path("series", &format!("orders/{}/mark_canceled/", other.code));
    desk.act(Method::POST, &cancel, Some(&json!({"send_email": false}))).await.unwrap();
    mailed(&stage, &["lea invitation", "max cancellation", "max invitation", "max update"]).await;

    // Both are given their places again: both are invited anew.
    for code in [&alone.code, &other.code] {
        let again = desk.path("series", &format!("orders/{code}/reactivate/"));
        desk.act(Method::POST, &again, Some(&json!({}))).await.unwrap();
    }
    let all = ["lea invitation", "lea invitation", "max cancellation", "max invitation", "max invitation"];
    mailed(&stage, &[&all[..], &["max update"]].concat()).await;
}
