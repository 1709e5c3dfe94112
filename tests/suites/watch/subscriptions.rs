//! Watching: what came before it, what happened in its gaps, who joins and leaves, and a Graph that throttles
//! or is down.

use crate::stage;
use serde_json::json;
use simulator::stage::Stage;
use simulator::{Fault, World};
use std::time::Duration;
use suites::passing::{hurry, impatiently, ledger_of, let_time_pass, postponed};
use suites::{
    address, alerts, becomes, decline, drained, invite, known, reply, seen, setup, status, stays, wait_until,
    watched,
};

const DONE: &str = "done declined/organizer-copy done; gone, 1 effects";
const DONE_BY_OWN_COPY: &str = "done declined/learner-copy done; gone, 1 effects";
const KNOWN: &str = "watched unanswered/learner-copy -; has place, 0 effects";
const UNHEARD: &str = "- -/- -; has place, 0 effects";

fn deafen(world: &World, name: &str) {
    world.inject(Fault::DropNotifications { mailbox: Some(address(name)) });
}

/// Sees that these enrolments stay as they are for a while.
async fn unchanged(stage: &Stage, what: &str, rows: &[(&str, &str)]) {
    stays(stage, what, || async {
        for (name, line) in rows {
            let seen = seen(stage, name, name).await;
            if seen.line() != *line {
                return Err(format!("{name} is '{}'", seen.line()));
            }
        }
        Ok(())
    })
    .await;
}

/// Ends the grace of a decision, and waits for what it comes to.
async fn carried_out(stage: &Stage, name: &str, line: &str) {
    let ledger = ledger_of(stage);
    wait_until(stage, &format!("{name}'s decision is carried out"), || async {
        hurry(&ledger, name, name).await;
        let seen = seen(stage, name, name).await;
        if seen.line() == line { Ok(()) } else { Err(seen.line()) }
    })
    .await;
}

/// Everybody's session has the name of the learner.
#[tokio::test(flavor = "multi_thread")]
async fn what_happened_while_nobody_could_tell_is_found() {
    let names = ["early", "removed", "missed", "invited", "asked", "paused", "steady"];
    let mut setup = setup(&names);
    setup.policy.grace = "0s";
    let stage = stage(setup, |world| invite(world, "early", &["early"])).await;
    let world = stage.simulator.world();
    watched(&stage, names.len()).await;
    for name in ["removed", "missed", "asked", "paused", "steady"] {
        invite(world, name, &[name]);
    }
    known(&stage, names.len() - 1).await;
    becomes(&stage, "early", "early", KNOWN).await;
    // What is told of the invitations may be told again later, and would be heard.
    world.quiet().await;
    drained(&stage).await;
    let before = world.subscriptions_of(&address("removed"));

    for name in ["removed", "missed", "invited", "asked"] {
        deafen(world, name);
    }
    assert_eq!(world.lifecycle(&address("paused"), "reauthorizationRequired", true), 1);
    invite(world, "invited", &["invited"]);
    for name in names {
        decline(world, name, name);
    }
    for name in ["early", "steady"] {
        becomes(&stage, name, name, DONE).await;
    }
    // Not "paused": its lifecycle event has the calendar compared, and compared again once the pause is over.
    let deaf = [("removed", KNOWN), ("missed", KNOWN), ("asked", KNOWN), ("invited", UNHEARD)];
    unchanged(&stage, "nobody hears of it", &deaf).await;

    world.clear_faults();
    world.lifecycle(&address("removed"), "subscriptionRemoved", false);
    world.lifecycle(&address("invited"), "subscriptionRemoved", false);
    world.lifecycle(&address("missed"), "missed", false);
    let mailbox = world.user_id(&address("asked")).unwrap();
    stage
        .say("tenants/contoso/resync", &json!({ "mailbox": mailbox, "by": "sam", "reason": "a gap" }))
        .await
        .unwrap();
    plan_until(&stage, "the paused subscription is renewed", || renewed(world)).await;
    impatiently(&stage, async {
        for name in names {
            becomes(&stage, name, name, DONE).await;
        }
    })
    .await;
    let after = world.subscriptions_of(&address("removed"));
    assert_eq!(after.len(), 1, "{after:?}");
    assert_ne!(before, after);
    assert_eq!(status(&stage, "/blind").await, 0, "the organizer's calendar shows what was lost");
    assert_eq!(alerts(&stage).await, Vec::<String>::new());
    drained(&stage).await;
}

fn renewed(world: &World) -> bool {
    world.requests().iter().any(|request| request.method == "PATCH" && request.status == 200)
}

/// Lets the planning timer run again and again until something holds.
async fn plan_until(stage: &Stage, what: &str, holds: impl Fn() -> bool) {
    wait_until(stage, what, || async {
        stage.run_function("renew-subscriptions").await.unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
        if holds() { Ok(()) } else { Err("not yet".to_owned()) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_joins_is_watched_and_linked_who_leaves_is_let_go_and_a_closed_mailbox_holds_up_no_other() {
    use simulator::world::directory::MailboxState;
    let names = ["ana", "joiner", "leaver", "refused", "nobody"];
    let mut setup = setup(&names);
    setup.policy.grace = "0s";
    let stage = stage(setup, |world| {
        for name in names {
            invite(world, name, &[name]);
        }
        let joiner = world.user_id(&address("joiner")).unwrap();
        world
            .edit_tenant("contoso.com", |tenant| tenant.groups[0].members.retain(|member| *member != joiner))
            .unwrap();
        world.edit_user(&address("refused"), |user| user.mailbox_state = MailboxState::OutOfScope).unwrap();
        world.edit_user(&address("nobody"), |user| user.mailbox_state = MailboxState::NoMailbox).unwrap();
    })
    .await;
    let world = stage.simulator.world();
    watched(&stage, 2).await;
    wait_until(&stage, "standings", || async {
        let now = status(&stage, "/mailboxes").await;
        if now == json!({ "watched": 2, "refused": 1, "no-mailbox": 1 }) {
            Ok(())
        } else {
            Err(now.to_string())
        }
    })
    .await;
    known(&stage, 2).await;
    assert_eq!(world.subscriptions_of(&address("joiner")).len(), 0);

    let (joiner, leaver) =
        (world.user_id(&address("joiner")).unwrap(), world.user_id(&address("leaver")).unwrap());
    world
        .edit_tenant("contoso.com", |tenant| {
            let members = &mut tenant.groups[0].members;
            members.retain(|member| *member != leaver);
            members.push(joiner);
        })
        .unwrap();
    stage.run_function("renew-subscriptions").await.unwrap();
    becomes(&stage, "joiner", "joiner", KNOWN).await;
    wait_until(&stage, "the leaver is let go", || async {
        let left = world.subscriptions_of(&address("leaver")).len();
        if left == 0 { Ok(()) } else { Err(format!("{left} subscriptions")) }
    })
    .await;
    for name in ["ana", "joiner", "leaver", "refused"] {
        decline(world, name, name);
    }
    for name in ["ana", "joiner"] {
        becomes(&stage, name, name, DONE).await;
    }
    unchanged(&stage, "nobody looks elsewhere", &[("leaver", KNOWN), ("refused", UNHEARD)]).await;

    world.edit_user(&address("refused"), |user| user.mailbox_state = MailboxState::Active).unwrap();
    let_time_pass(&stage).await;
    stage.run_function("renew-subscriptions").await.unwrap();
    becomes(&stage, "refused", "refused", DONE).await;
    drained(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttling_graph_costs_time_and_a_refused_token_turns_hints_into_looks() {
    let names = ["ana", "bo", "cy", "dora", "emre"];
    let mut setup = setup(&names);
    // Ended by the suite, so that however slow the machine is what waits is seen waiting.
    setup.policy.grace = "1h";
    setup.policy.recheck = "3s";
    let stage = stage(setup, |world| {
        world.inject_times(throttle(false, "0.5"), 3);
        for name in ["ana", "bo", "cy", "dora"] {
            invite(world, name, &[name]);
        }
    })
    .await;
    let world = stage.simulator.world();
    watched(&stage, names.len()).await;
    known(&stage, 4).await;

    world.inject_times(throttle(false, "0.5"), 4);
    world.inject_times(throttle(true, "1"), 2);
    decline(world, "ana", "ana");
    carried_out(&stage, "ana", DONE).await;

    // Cy has declined already; Bo declines, and Emre is invited, while nothing can be read.
    world.decline(&reply("cy", "cy").keep(true)).unwrap();
    wait_until(&stage, "cy's decline is known", || async {
        let seen = seen(&stage, "cy", "cy").await;
        if seen.state.as_deref() == Some("waiting") { Ok(()) } else { Err(seen.line()) }
    })
    .await;
    world.inject(Fault::TokenBroken);
    decline(world, "bo", "bo");
    world.accept(&reply("dora", "dora")).unwrap();
    invite(world, "emre", &["emre"]);
    carried_out(&stage, "cy", DONE_BY_OWN_COPY).await;
    wait_until(&stage, "what can't be judged stands on the agenda", || async {
        let postponed = postponed(&stage).await;
        // Looks at what is linked (Cy's too, from before the LMS was asked; perhaps Ana's, by a hint that
        // came late), and a hint at least of what is not.
        if postponed.looks >= 3 && postponed.hints > 0 { Ok(()) } else { Err(format!("{postponed:?}")) }
    })
    .await;
    unchanged(&stage, "nothing is decided blindly", &[("bo", KNOWN), ("dora", KNOWN), ("emre", UNHEARD)])
        .await;
    assert!(alerts(&stage).await.contains(&"graph-unauthorized".to_owned()));
    drained(&stage).await;

    world.clear_faults();
    let_time_pass(&stage).await;
    let mended = async {
        carried_out(&stage, "bo", DONE).await;
        becomes(&stage, "dora", "dora", "watched attending/learner-copy -; has place, 0 effects").await;
        becomes(&stage, "emre", "emre", KNOWN).await;
        alerts_go(&stage).await;
        // What is old goes right after the row is written.
        wait_until(&stage, "the agenda is clear again", || async {
            let postponed = postponed(&stage).await;
            if postponed.looks + postponed.hints == 0 { Ok(()) } else { Err(format!("{postponed:?}")) }
        })
        .await;
    };
    impatiently(&stage, mended).await;
}

/// With the next planning, which reads the directory.
async fn alerts_go(stage: &Stage) {
    stage.run_function("renew-subscriptions").await.unwrap();
    wait_until(stage, "the alerts go", || async {
        let alerts = alerts(stage).await;
        if alerts.is_empty() { Ok(()) } else { Err(format!("{alerts:?}")) }
    })
    .await;
}

fn throttle(outer: bool, retry_after: &str) -> Fault {
    Fault::GraphThrottle { mailbox: None, retry_after: Some(retry_after.to_owned()), outer }
}

/// Longer than one call goes on trying.
#[tokio::test(flavor = "multi_thread")]
async fn a_graph_that_is_down_loses_no_hint_and_poisons_no_message() {
    let mut setup = setup(&["ana", "bo"]);
    setup.policy.grace = "0s";
    let stage = stage(setup, |world| invite(world, "ana", &["ana"])).await;
    let world = stage.simulator.world();
    watched(&stage, 2).await;
    known(&stage, 1).await;
    world.inject(Fault::GraphLost);
    decline(world, "ana", "ana");
    invite(world, "bo", &["bo"]);
    wait_until(&stage, "what can't be judged stands on the agenda", || async {
        let postponed = postponed(&stage).await;
        // Where two workers meet at one row, the slower one's entry stays: a wake-up too many, which finds
        // nothing to do.
        if postponed.looks >= 1 && postponed.hints > 0 { Ok(()) } else { Err(format!("{postponed:?}")) }
    })
    .await;
    assert_eq!(seen(&stage, "ana", "ana").await.line(), KNOWN);
    drained(&stage).await;
    world.clear_faults();
    // A Graph that was silent is left alone for a while; what is tried meanwhile waits anew.
    wait_until(&stage, "Graph is asked again", || async {
        let_time_pass(&stage).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let both = [seen(&stage, "ana", "ana").await.line(), seen(&stage, "bo", "bo").await.line()];
        if both == [DONE, KNOWN] { Ok(()) } else { Err(format!("{both:?}")) }
    })
    .await;
    alerts_go(&stage).await;
    drained(&stage).await;
}
