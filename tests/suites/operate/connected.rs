//! Tenants that come, rest and go by the configuration alone, which is a blob: nobody deploys or restarts
//! anything.

use crate::stage;
use chrono::{Duration as Days, Utc};
use serde_json::Value;
use simulator::blobs::Blobs;
use simulator::stage::Stage;
use simulator::world::act::{Invite, Reply};
use simulator::{TenantSeed, UserSeed};
use std::time::Duration;
use suites::{decline, drained, invite, known, setup, wait_until, watched};

pub(super) const CAT: &str = "cat@fabrikam.com";

pub(super) fn fabrikam() -> TenantSeed {
    let tenant = TenantSeed::new("fabrikam.com").user(UserSeed::new("Learning", "learning@fabrikam.com"));
    tenant.user(UserSeed::new("Cat", CAT)).group("learners", &[CAT])
}

/// What connects it.
pub(super) fn section(tenant: &TenantSeed, lms: &str) -> String {
    let (directory, client) = (tenant.id, tenant.client_id);
    format!(
        r#"
[tenant.fabrikam]
directory  = "{directory}"
client_id  = "{client}"
credential = {{ client_secret = {{ env = "CONTOSO_CLIENT_SECRET" }} }}
watch      = {{ mailboxes = {{ users = ["{CAT}"] }}, organizers = ["learning@fabrikam.com"] }}
recognise  = {{ session = {{ ical_uid = '^lms-(?<session>[a-z0-9-]+)@' }} }}
policy     = {{ mode = "act", grace = "1s", settle = "3s", recheck = "4s", unseen = "cancel" }}
lms        = {{ url = "{lms}/hooks/regrets", secret = {{ env = "CONTOSO_LMS_SECRET" }} }}
"#
    )
}

pub(super) async fn of(stage: &Stage, tenant: &str, pointer: &str) -> Value {
    let status = stage.manage("status").await.unwrap_or_default();
    status.pointer(&format!("/tenants/{tenant}{pointer}")).cloned().unwrap_or_default()
}

pub(super) async fn until(stage: &Stage, tenant: &str, pointer: &str, wanted: Value) {
    wait_until(stage, &format!("{tenant}{pointer} is {wanted}"), || async {
        let found = of(stage, tenant, pointer).await;
        if found == wanted { Ok(()) } else { Err(found.to_string()) }
    })
    .await;
}

pub(super) async fn loses_the_place(stage: &Stage, session: &str, learner: &str) {
    wait_until(stage, &format!("{learner}'s place in {session} is cancelled"), || async {
        let is_enrolled = stage.simulator.world().is_enrolled(session, learner);
        if is_enrolled { Err("still enrolled".to_owned()) } else { Ok(()) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_is_added_to_the_blob_is_connected_and_one_is_switched_off_and_on_again() {
    let blobs = Blobs::start().await.unwrap();
    let mut setup = setup(&["ana", "ben"]);
    let second = fabrikam();
    setup.options.tenants.push(second.clone());
    setup.plans = Some("*/2 * * * * *");
    setup.blobs = Some(blobs.clone());
    let stage = stage(setup, |_| ()).await;
    let world = stage.simulator.world();
    watched(&stage, 2).await;
    let first = blobs.text("regrets.toml").unwrap();
    assert!(!stage.root.join("regrets.toml").exists());

    // Added, and nothing else was done.
    blobs.put("regrets.toml", &format!("{first}{}", section(&second, stage.simulator.lms_url())));
    until(&stage, "fabrikam", "/mailboxes/watched", 1.into()).await;
    let start = Utc::now() + Days::days(7);
    let end = start + Days::hours(2);
    world.invite(&Invite::new("f-1", "learning@fabrikam.com", &[CAT], start, end)).unwrap();
    wait_until(&stage, "cat's place is known", || async {
        let known = of(&stage, "fabrikam", "/counts/watched").await;
        if known == 1 { Ok(()) } else { Err(known.to_string()) }
    })
    .await;
    world.decline(&Reply::new(CAT, "f-1").keep(false).mail_after(Duration::from_millis(50))).unwrap();
    loses_the_place(&stage, "f-1", CAT).await;

    // Switched off: what is told of it is dropped and counted.
    invite(world, "c-1", &["ana", "ben"]);
    known(&stage, 2).await;
    drained(&stage).await;
    let whole = blobs.text("regrets.toml").unwrap();
    blobs.put("regrets.toml", &whole.replacen("[tenant.contoso]", "[tenant.contoso]\nactive = false", 1));
    until(&stage, "contoso", "/active", false.into()).await;
    decline(world, "ana", "c-1");
    wait_until(&stage, "a notification is dropped", || async {
        let dropped = of(&stage, "contoso", "/dropped/switched_off").await;
        if dropped.as_u64().unwrap_or_default() > 0 { Ok(()) } else { Err(dropped.to_string()) }
    })
    .await;
    assert_eq!(of(&stage, "contoso", "/counts/watched").await, 2);
    assert!(world.is_enrolled("c-1", "ana@contoso.com"));

    blobs.put("regrets.toml", &whole);
    loses_the_place(&stage, "c-1", "ana@contoso.com").await;
    assert!(world.is_enrolled("c-1", "ben@contoso.com"));
    assert_eq!(world.cancellations("c-1", "ana@contoso.com"), 1);
}
