//! The deployment asked to look, what it mends, what it looks at by itself each day, and what is left behind.

use super::bench::{self, Bench, CEO};
use serde_json::{Value, json};
use simulator::Fault;
use simulator::world::directory::MailboxState;
use std::time::Duration;
use suites::{address, all_alerts, wait_until, watched};

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// By `--url` the deployment looks, which knows its host; and REGRETS_URL does not decide who does.
#[tokio::test(flavor = "multi_thread")]
async fn the_deployment_looks_where_it_is_named() {
    let bench = Bench::start().await;
    let key = ("REGRETS_ADMIN_KEY", bench.stage.key.as_str());
    let there = bench.look(&["--url", &bench.stage.url], &[key]).await;
    assert_eq!(there.code, 0, "{there}");
    let host = there.lines.iter().find(|line| line.check == "host").unwrap();
    assert_eq!((host.outcome.as_str(), host.seen.as_str()), ("ok", "version 4.1037.0.0"));
    let here = bench.look(&[], &[("REGRETS_URL", "http://127.0.0.1:9")]).await;
    assert_eq!(here.code, 0, "{here}");

    bench.world().inject(Fault::EntraError { code: 7_000_215 });
    let there = bench.look(&["--url", &bench.stage.url, "--tenant", "contoso"], &[key]).await;
    let told: Vec<&str> =
        there.lines.iter().filter(|line| line.tells()).map(|line| line.check.as_str()).collect();
    assert_eq!((there.code, told), (1, vec!["token"]));
    let wrong = bench.look(&["--url", &bench.stage.url], &[("REGRETS_ADMIN_KEY", "wrong")]).await;
    assert_eq!((wrong.code, wrong.text.contains("does not accept the function key")), (1, true), "{wrong}");
    for tenant in ["contosso", ""] {
        let unknown = bench.look(&["--tenant", tenant], &[]).await;
        assert_eq!(unknown.code, 2, "{unknown}");
    }
}

/// People read it in a table.
#[tokio::test(flavor = "multi_thread")]
async fn people_read_a_line_for_each_check_and_what_to_mend_first() {
    let bench = Bench::start().await;
    bench.world().inject(Fault::HandshakeLost);
    let output = bench.run(&[], &[]).await;
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!("for_people", bench.redacted(&text(&output.stdout)));
}

/// What Graph has lost is made anew by the planning round, after it was shown and agreed to.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_ours_to_mend_is_mended_after_asking() {
    let bench = Bench::start().await;
    let world = bench.world();
    world.lose_subscription(&address("ana"), Duration::from_secs(3_600));
    let found = bench.look(&[], &[]).await;
    let told: Vec<&bench::Line> = found.lines.iter().filter(|line| line.tells()).collect();
    assert_eq!(told.len(), 1, "{found}");
    assert_eq!(told[0].seen, "Graph does not know 1 of the 2 that the ledger holds for good");
    let asked = bench.run(&["--fix"], &[]).await;
    assert!(text(&asked.stderr).contains("There is nobody to ask"), "{}", text(&asked.stderr));
    assert_eq!(world.subscriptions_of(&address("ana")).len(), 0);
    let mended = bench.run(&["--fix", "--yes", "--by", "olga"], &[]).await;
    let said = text(&mended.stderr);
    assert!(said.contains("Done: 2 mailboxes are subscribed anew"), "{said}");
    assert_eq!(mended.status.code(), Some(1), "what was looked at had failed");
    bench.stage.run_function("renew-subscriptions").await.unwrap();
    wait_until(&bench.stage, "the subscription is there again", || async {
        match bench.world().subscriptions_of(&address("ana")).len() {
            1 => Ok(()),
            other => Err(format!("{other} subscriptions")),
        }
    })
    .await;
    assert_eq!(bench.look(&[], &[]).await.code, 0);
}

/// Each day the deployment looks by itself: what fails is an alert with the first step.
#[tokio::test(flavor = "multi_thread")]
async fn the_daily_look_raises_an_alert() {
    let bench = Bench::start().await;
    let world = bench.world();
    world.edit_user(CEO, |user| user.mailbox_state = MailboxState::Active).unwrap();
    bench.stage.run_function("housekeeping").await.unwrap();
    wait_until(&bench.stage, "the alert is raised", || async {
        match all_alerts(&bench.stage).await {
            open if open.contains(&"doctor".to_owned()) => Ok(()),
            open => Err(format!("{open:?}")),
        }
    })
    .await;
    let status: Value = bench.stage.manage("status").await.unwrap();
    let step = status.pointer("/tenants/contoso/alerts/0/step").and_then(Value::as_str).unwrap().to_owned();
    assert!(step.starts_with("mailbox that must be closed: "), "{step}");
    assert!(!step.contains('@'), "an alert is stored: {step}");
}

/// By the configuration here; the deployment beside it has not taken that up.
#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_is_switched_off_has_one_line_and_nobody_is_called() {
    let bench = Bench::start().await;
    let off = bench.configuration("off.toml", "[tenant.contoso]", "[tenant.contoso]\nactive = false");
    bench.world().inject(Fault::EntraError { code: 7_000_222 });
    bench.world().inject(Fault::LmsDown);
    let output = bench.run(&["--config", &off], &[]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    insta::assert_snapshot!("switched_off", bench.redacted(&text(&output.stdout)));
    let fixed = bench.run(&["--config", &off, "--fix", "--yes"], &[]).await;
    assert!(text(&fixed.stderr).contains("Nothing of this is ours to mend"), "{}", text(&fixed.stderr));
}

/// Nothing stays: not at Graph, not in the LMS.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_behind() {
    let bench = Bench::start().await;
    let world = bench.world();
    let count = || ["ana", "ben", "learning"].map(|name| world.subscriptions_of(&address(name)).len());
    let before = (count(), world.effects().len());
    assert_eq!(bench.look(&[], &[]).await.code, 0);
    assert_eq!((count(), world.effects().len()), before);
    let made = world.counters().graph.get("POST subscriptions").copied().unwrap_or_default();
    assert_eq!(made, 3, "two that are kept, and one for the handshake");
    let refused =
        bench.stage.say("doctor/mend", &json!({ "fix": "subscribe", "by": " ", "reason": "x" })).await;
    assert!(refused.is_err());
    watched(&bench.stage, 2).await;
}
