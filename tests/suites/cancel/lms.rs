//! An LMS that is down, slow, refusing or lying: the right end, and never a second effect.

use crate::stage;
use serde_json::json;
use simulator::stage::Stage;
use simulator::{Fault, World};
use std::time::Duration;
use suites::{
    QUIET, alerts, becomes, drained, invite, known, reply, seen, setup, status, stays, story, wait_until,
    watched,
};

const DONE: &str = "done declined/learner-copy done; gone, 1 effects";
const WAITS: &str = "waiting declined/learner-copy -; has place, 0 effects";

/// A stage on which everybody has a place in session 4711, and nothing is waited for.
async fn ready(names: &[&str]) -> Stage {
    let mut setup = setup(names);
    setup.policy.grace = "0s";
    let stage = stage(setup, |world| invite(world, "4711", names)).await;
    watched(&stage, names.len()).await;
    known(&stage, names.len()).await;
    stage
}

fn declines(world: &World, name: &str) {
    world.decline(&reply(name, "4711").keep(true)).unwrap();
}

fn unavailable(status: u16, retry_after: Option<&str>) -> Fault {
    Fault::LmsStatus { status, retry_after: retry_after.map(str::to_owned) }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_by_itself_costs_only_time() {
    // Who meets what, how often, and the requests that reach the LMS in the end.
    let rows: [(&str, Fault, u32, usize); 7] = [
        ("pause", unavailable(503, Some("2")), 1, 2),
        ("busy", unavailable(429, None), 1, 2),
        ("lost", Fault::LmsLoseReply, 1, 2),
        ("slow", Fault::LmsSlow { ms: 1_500 }, 1, 1),
        ("gateway", Fault::LmsHtml { status: 502 }, 1, 2),
        ("signin", Fault::LmsHtml { status: 200 }, 1, 2),
        ("queued", Fault::LmsLie { outcome: "accepted".to_owned(), message: None }, 1, 2),
    ];
    let names: Vec<&str> = rows.iter().map(|row| row.0).chain(["down"]).collect();
    let stage = ready(&names).await;
    let world = stage.simulator.world();
    for (name, fault, times, requests) in rows {
        world.inject_times(fault, times);
        declines(world, name);
        becomes(&stage, "4711", name, DONE).await;
        let sent: Vec<_> =
            world.effects().into_iter().filter(|effect| effect.learner.starts_with(name)).collect();
        assert_eq!(sent.len(), requests, "{name}: {sent:#?}");
        let numbers: Vec<u32> = sent.iter().map(|effect| effect.attempt).collect();
        assert_eq!(numbers, (1..=u32::try_from(requests).unwrap()).collect::<Vec<_>>(), "{name}");
        assert!(sent.iter().all(|effect| effect.webhook_id == sent[0].webhook_id), "{name}: {sent:#?}");
        if name == "pause" {
            assert!(
                sent[1].at - sent[0].at >= chrono::Duration::seconds(2),
                "Retry-After was not kept: {sent:#?}"
            );
        }
    }
    world.inject_for(Fault::LmsDown, Duration::from_secs(2));
    declines(world, "down");
    let down = becomes(&stage, "4711", "down", DONE).await;
    assert!(down.attempts > 1, "{down:?}");
    assert_eq!(status(&stage, "/valve/state").await, "open");
    assert_eq!(alerts(&stage).await, Vec::<String>::new());
}

/// HTTP 200 with anything but "done" in it.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_lms_says_is_recorded_and_what_only_a_person_can_mend_is_kept_for_one() {
    let lies: [(&str, &str); 8] = [
        ("already_cancelled", "done declined/learner-copy already_cancelled; has place, 0 effects"),
        ("not_enrolled", "done declined/learner-copy not_enrolled; has place, 0 effects"),
        ("unknown_learner", "review declined/learner-copy unknown_learner; has place, 0 effects"),
        ("unknown_session", "review declined/learner-copy unknown_session; has place, 0 effects"),
        ("refused", "review declined/learner-copy refused; has place, 0 effects"),
        ("held_elsewhere", "review declined/learner-copy held_elsewhere; has place, 0 effects"),
        ("too_late", "expired declined/learner-copy too_late; has place, 0 effects"),
        ("of course", "review declined/learner-copy unclear; has place, 0 effects"),
    ];
    let names = ["ana", "bo", "cy", "dora", "emre", "fay", "gus", "hal"];
    let stage = ready(&names).await;
    let world = stage.simulator.world();
    for (outcome, _) in lies {
        world.inject_times(
            Fault::LmsLie { outcome: outcome.to_owned(), message: Some("see the handbook".into()) },
            1,
        );
    }
    for name in names {
        declines(world, name);
    }
    for name in names {
        // Who is told what is a matter of who comes first.
        let told = wait_until(&stage, &format!("{name} is told something"), || async {
            let effects = world.effects();
            let told = effects.iter().find(|effect| effect.learner.starts_with(name));
            told.map(|effect| effect.outcome.trim_start_matches("lie ").to_owned())
                .ok_or("nothing".to_owned())
        })
        .await;
        let (_, ends) = lies.iter().find(|(outcome, _)| *outcome == told).unwrap();
        becomes(&stage, "4711", name, ends).await;
        let story = story(&stage, "4711", name).await;
        assert!(story.last().unwrap().contains("see the handbook"), "{story:?}");
    }
    stays(&stage, "no answer is asked for again", || asked(world, names.len())).await;
    assert_eq!(alerts(&stage).await, ["expired", "review"]);
}

/// 401, 403 and 410: nobody is asked any more until a person opens the valve.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_credential_or_a_gone_endpoint_closes_the_valve_until_a_person_opens_it() {
    async fn one(code: u16, state: &str, alert: &str) {
        let stage = ready(&["ana", "bo"]).await;
        let world = stage.simulator.world();
        world.inject(unavailable(code, None));
        declines(world, "ana");
        wait_until(&stage, "the valve closes", || async {
            let now = status(&stage, "/valve/state").await;
            if now == state { Ok(()) } else { Err(now.to_string()) }
        })
        .await;
        declines(world, "bo");
        becomes(&stage, "4711", "bo", WAITS).await;
        stays(&stage, "the valve lets nobody through", || asked(world, 1)).await;
        assert_eq!(alerts(&stage).await, [alert]);

        world.clear_faults();
        stays(&stage, "the valve does not open by itself", || asked(world, 1)).await;
        assert_eq!(seen(&stage, "4711", "ana").await.line(), WAITS);

        let word = json!({ "state": "open", "by": "sam", "reason": "mended" });
        stage.say("tenants/contoso/valve", &word).await.unwrap();
        for name in ["ana", "bo"] {
            becomes(&stage, "4711", name, DONE).await;
        }
        assert_eq!(world.effects().iter().filter(|effect| effect.took_effect).count(), 2);
        drained(&stage).await;
    }
    futures::join!(
        one(401, "credential-broken", "lms-credential"),
        one(403, "credential-broken", "lms-credential"),
        one(410, "endpoint-gone", "lms-gone"),
    );
}

/// Whether the LMS was asked so often, whatever it answered.
async fn asked(world: &World, times: usize) -> Result<(), String> {
    let effects = world.effects();
    if effects.len() == times {
        Ok(())
    } else {
        Err(format!("the LMS was asked {} times: {effects:#?}", effects.len()))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_outage_opens_the_breaker_and_ends_by_itself() {
    let names = ["ana", "bo", "cy", "dora", "emre", "fay"];
    let stage = ready(&names).await;
    let world = stage.simulator.world();
    world.inject(Fault::LmsDown);
    for name in names {
        declines(world, name);
    }
    wait_until(&stage, "the breaker opens", || async {
        let now = status(&stage, "/valve/state").await;
        if now == "breaker-open" { Ok(()) } else { Err(now.to_string()) }
    })
    .await;
    assert_eq!(alerts(&stage).await, ["lms-breaker"]);
    let attempts = async || {
        let mut sum = 0;
        for name in names {
            sum += seen(&stage, "4711", name).await.attempts;
        }
        sum
    };
    let before = attempts().await;
    stays(&stage, "one probe in a tick", || async {
        // What was woken before the breaker opened may still be counted.
        let probes = attempts().await - before;
        if probes <= QUIET.as_secs() + 2 { Ok(()) } else { Err(format!("{probes} attempts")) }
    })
    .await;

    world.clear_faults();
    for name in names {
        becomes(&stage, "4711", name, DONE).await;
    }
    assert_eq!(status(&stage, "/valve/state").await, "open");
    assert_eq!(alerts(&stage).await, Vec::<String>::new());
    drained(&stage).await;
}

/// A sign-in that stands before the receiver answers 200 with a page: nobody's place is gone by that.
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_page_with_200_is_an_outage_with_an_alert_of_its_own() {
    let stage = ready(&["ana"]).await;
    let world = stage.simulator.world();
    world.inject(Fault::LmsHtml { status: 200 });
    declines(world, "ana");
    becomes(&stage, "4711", "ana", "waiting declined/learner-copy outage; has place, 0 effects").await;
    wait_until(&stage, "the alert", || async {
        let now = alerts(&stage).await;
        if now.contains(&"lms-answer".to_owned()) { Ok(()) } else { Err(format!("{now:?}")) }
    })
    .await;
    let told = story(&stage, "4711", "ana").await;
    assert!(told.iter().any(|line| line.contains("“Please sign in”")), "{told:#?}");
    world.clear_faults();
    becomes(&stage, "4711", "ana", DONE).await;
    assert_eq!(alerts(&stage).await, Vec::<String>::new());
}

/// 400 may be about the one order, so a person is asked; for five different ones in a row it is not.
#[tokio::test(flavor = "multi_thread")]
async fn five_in_a_row_that_no_receiver_answers_wait_again_and_are_done_when_it_is_back() {
    let names = ["ana", "bo", "cy", "dora", "emre"];
    let stage = ready(&names).await;
    let world = stage.simulator.world();
    world.inject(unavailable(400, None));
    for name in ["ana", "bo", "cy", "dora"] {
        declines(world, name);
        becomes(&stage, "4711", name, "review declined/learner-copy unexpected; has place, 0 effects").await;
    }
    declines(world, "emre");
    for name in names {
        becomes(&stage, "4711", name, "waiting declined/learner-copy outage; has place, 0 effects").await;
    }
    assert_eq!(status(&stage, "/valve/state").await, "breaker-open");
    assert_eq!(alerts(&stage).await, ["lms-breaker"]);
    world.clear_faults();
    for name in names {
        becomes(&stage, "4711", name, DONE).await;
        let ids: std::collections::BTreeSet<String> = world
            .effects()
            .into_iter()
            .filter(|effect| effect.learner.starts_with(name))
            .map(|effect| effect.webhook_id)
            .collect();
        assert_eq!(ids.len(), 1, "{name}");
    }
    assert_eq!(status(&stage, "/valve/state").await, "open");
    assert_eq!(alerts(&stage).await, Vec::<String>::new());
    drained(&stage).await;
}

/// What the LMS has been told under an id stays what it is told, whatever is learned meanwhile: it may treat
/// the first and the second as the same request (handler/reference/lms-contract.md#once).
#[tokio::test(flavor = "multi_thread")]
async fn every_attempt_of_one_cancellation_says_the_same() {
    let mut setup = setup(&["ana"]);
    (setup.policy.grace, setup.policy.removed) = ("0s", "cancel");
    let stage = stage(setup, |world| invite(world, "4711", &["ana"])).await;
    watched(&stage, 1).await;
    known(&stage, 1).await;
    let world = stage.simulator.world();
    world.inject(unavailable(503, None));
    world.decline(&reply("ana", "4711").keep(false).mail_after(Duration::from_secs(6))).unwrap();
    becomes(&stage, "4711", "ana", "waiting declined/organizer-copy outage; has place, 0 effects").await;
    world.clear_faults();
    becomes(&stage, "4711", "ana", "done declined/organizer-copy done; gone, 1 effects").await;
    assert_eq!(world.altered(), 0, "{:#?}", world.effects());
}
