//! The canary end to end: an event is made, declined and taken away over the simulated Graph's own writes,
//! and the place is cancelled at the LMS by the road of every decline.

use crate::{regrets, stage};
use serde_json::Value;
use simulator::stage::{Setup, Stage};
use simulator::world::act::Invite;
use std::process::Stdio;
use suites::{ORGANIZER, address, alerts, id, meeting, setup, status, stays, wait_until, watched};

const SESSION: &str = "canary-1";

/// The test learner is ben. Sessions are read out of the subject, which can be written.
fn with_canary() -> Setup {
    let mut setup = setup(&["ana", "ben"]);
    setup.plans = Some("* * * * * *");
    setup.policy.session = "{ subject = '^Training (?<session>[a-z0-9-]+)$' }";
    let learner = address("ben");
    setup.policy.more += &format!(
        r#"
[tenant.contoso.canary]
learner = "{learner}"
session = "{SESSION}"
text    = "Training {SESSION}"
within  = "30s"
"#
    );
    setup
}

/// Exchange lets the app write in these calendars.
fn grant(stage: &Stage, mailboxes: &[&str]) {
    let writes = mailboxes.iter().map(|one| (*one).to_owned()).collect();
    stage.simulator.world().edit_tenant("contoso.com", |tenant| tenant.app.rbac_writes = writes);
}

/// The LMS knows the test session; its own event there names no session that is read.
fn test_session() -> Invite {
    Invite { subject: "An old appointment".to_owned(), ..meeting(SESSION, &["ben"]) }
}

async fn types(stage: &Stage, args: &[&str]) -> String {
    let mut command = tokio::process::Command::new(regrets());
    command.args(args).env_clear().env("TZ", "UTC").current_dir(stage.root.parent().unwrap());
    command.env("REGRETS_URL", &stage.url).env("REGRETS_ADMIN_KEY", &stage.key);
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await.unwrap();
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{out}{err}");
    out
}

async fn past(stage: &Stage, wanted: usize) -> Vec<Value> {
    wait_until(stage, &format!("{wanted} tests came to their end"), || async {
        let told = stage.manage("tenants/contoso/canary").await.map_err(|why| why.to_string())?;
        let past = told.pointer("/past").and_then(Value::as_array).cloned().unwrap_or_default();
        if past.len() == wanted { Ok(past) } else { Err(told.to_string()) }
    })
    .await
}

/// Events that Exchange itself named: nobody but the canary made any here.
fn left_behind(stage: &Stage) -> Vec<String> {
    let picture = stage.simulator.world().picture();
    let users = picture.pointer("/users").and_then(Value::as_array).cloned().unwrap_or_default();
    let events = users.iter().filter_map(|user| user.pointer("/events")?.as_array()).flatten();
    let live = events.filter(|event| event["live"] == true).map(Value::to_string);
    live.filter(|event| event.contains("040000008200E00074C5B7101A82E008")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_decline_goes_end_to_end_and_its_time_is_shown() {
    for keeps in [false, true] {
        let stage = stage(with_canary(), |world| {
            world.invite(&test_session()).unwrap();
            let other = Invite { subject: "Training 4711".to_owned(), ..meeting("4711", &["ana", "ben"]) };
            world.invite(&other).unwrap();
            world.edit_user(&address("ben"), |user| user.keeps_declined = keeps);
            let writes = [ORGANIZER.to_owned(), address("ben")].into();
            world.edit_tenant("contoso.com", |tenant| tenant.app.rbac_writes = writes);
        })
        .await;
        let run = past(&stage, 1).await.remove(0);
        assert_eq!((&run["passed"], &run["proved"]), (&true.into(), &true.into()), "{run:#}");
        let seconds = run["seconds"].as_i64().unwrap();
        assert!((0..60).contains(&seconds), "{run:#}");
        let world = stage.simulator.world();
        assert_eq!(world.cancellations(SESSION, &address("ben")), 1);
        for name in ["ana", "ben"] {
            assert!(world.is_enrolled("4711", &address(name)), "no other place is touched");
        }
        wait_until(&stage, "nothing is left behind", || async {
            let left = left_behind(&stage);
            if left.is_empty() { Ok(()) } else { Err(left.join("\n")) }
        })
        .await;

        let glance = status(&stage, "/canary").await;
        assert_eq!((&glance["state"], &glance["seconds"]), (&"passed".into(), &seconds.into()), "{glance:#}");
        wait_until(&stage, "both learners' places are counted, and no third", || async {
            let counts = status(&stage, "/counts").await;
            let all: u64 = counts.as_object().into_iter().flatten().filter_map(|(_, n)| n.as_u64()).sum();
            if all == 2 { Ok(()) } else { Err(counts.to_string()) }
        })
        .await;
        let told = types(&stage, &["canary"]).await;
        assert!(told.contains(": passed, "), "{told}");
        let told = types(&stage, &["status"]).await;
        assert!(told.contains("canary      passed at "), "{told}");
        let explained = types(&stage, &["ledger", "explain", &id(SESSION, "ben")]).await;
        assert!(explained.contains("This is the canary's place"), "{explained}");

        // Once a day; and when a person asks for it. The webhook gives no place back.
        let asked = ["canary", "--run", "--by", "olga", "--reason", "to see"];
        let told = types(&stage, &asked).await;
        assert!(told.contains("Under way since"), "{told}");
        let run = past(&stage, 2).await.remove(0);
        assert_eq!((&run["passed"], &run["proved"]), (&true.into(), &false.into()), "{run:#}");
        assert_eq!((&run["by"], &run["outcome"]), (&"olga".into(), &"already_cancelled".into()), "{run:#}");
        stays(&stage, "two tests are all", || async {
            let told = stage.manage("tenants/contoso/canary").await.map_err(|why| why.to_string())?;
            if told["current"].is_null() { Ok(()) } else { Err(told.to_string()) }
        })
        .await;
        assert_eq!(world.cancellations(SESSION, &address("ben")), 1);
        assert!(alerts(&stage).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_may_be_written_a_kit_acts() {
    let mut setup = with_canary();
    let kit = r#"kit = { url = "{simulator}/kit", secret = { env = "CONTOSO_LMS_SECRET" } }"#;
    setup.policy.more += &format!("{kit}\n");
    let stage = stage(setup, |world| world.invite(&test_session()).unwrap()).await;
    let run = past(&stage, 1).await.remove(0);
    assert_eq!((&run["passed"], &run["proved"]), (&true.into(), &true.into()), "{run:#}");
    assert_eq!(run["left_behind"], Value::Null, "{run:#}");
    assert_eq!(stage.simulator.world().cancellations(SESSION, &address("ben")), 1);
    wait_until(&stage, "nothing is left behind", || async {
        let left = left_behind(&stage);
        if left.is_empty() { Ok(()) } else { Err(left.join("\n")) }
    })
    .await;
    assert!(alerts(&stage).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_is_missing_alerts_and_the_next_test_that_passes_ends_it() {
    let stage = stage(with_canary(), |world| world.invite(&test_session()).unwrap()).await;
    watched(&stage, 2).await;
    // On the organizer's calendar alone: the invitation can be sent, and nobody can decline it.
    let mut tests = 0;
    for (mailboxes, stuck) in [(&[][..], "invitation"), (&[ORGANIZER][..], "decline")] {
        grant(&stage, mailboxes);
        tests += 1;
        if tests > 1 {
            types(&stage, &["canary", "--run", "--by", "olga", "--reason", "granted"]).await;
        }
        let run = past(&stage, tests).await.remove(0);
        assert_eq!(run["failed"]["stage"], stuck, "{run:#}");
        let step = run["failed"]["step"].as_str().unwrap();
        assert!(step.contains("Application Calendars.ReadWrite"), "{step}");
        assert_eq!(alerts(&stage).await, ["canary"]);
    }
    let found = stage.manage("doctor?tenant=contoso").await.unwrap().to_string();
    assert!(found.contains("got stuck at decline"), "{found}");
    grant(&stage, &[ORGANIZER, &address("ben")]);
    types(&stage, &["canary", "--run", "--by", "olga", "--reason", "granted"]).await;
    let run = past(&stage, 3).await.remove(0);
    assert_eq!(run["passed"], true, "{run:#}");
    assert!(alerts(&stage).await.is_empty());
    // What could not be deleted without the right is told: the copy of the second one.
    let past = past(&stage, 3).await;
    let told: Vec<bool> = past.iter().map(|run| run["left_behind"].is_string()).collect();
    assert_eq!((told, left_behind(&stage).len()), (vec![false, true, false], 1));
}
