//! What happens to a decision before the LMS hears of it: the mode, automatic replies, and a person's word.

use crate::observe::situations::ends::{ATTENDS, BY_OWN_COPY, REVIEW};
use crate::stage;
use serde_json::json;
use simulator::Fault;
use simulator::stage::{Policy, Setup};
use suites::passing::{begin_now, hurry, impatiently, ledger_of, let_time_pass};
use suites::{
    ORGANIZER, address, becomes, decline, id, invite, known, reply, seen, setup, status, stays, story,
    wait_until, watched,
};

#[tokio::test(flavor = "multi_thread")]
async fn mode_observe_says_what_it_would_do_and_asks_the_lms_for_nothing() {
    let mut setup = setup(&["ana", "bo", "cy"]);
    setup.policy.mode = "observe";
    let stage = stage(setup, |world| invite(world, "4711", &["ana", "bo", "cy"])).await;
    let world = stage.simulator.world();
    watched(&stage, 3).await;
    known(&stage, 3).await;
    decline(world, "ana", "4711");
    world.decline(&reply("bo", "4711").keep(true)).unwrap();
    world.accept(&reply("cy", "4711")).unwrap();
    becomes(&stage, "4711", "ana", "done declined/organizer-copy would_have_cancelled; has place, 0 effects")
        .await;
    becomes(&stage, "4711", "bo", "done declined/learner-copy would_have_cancelled; has place, 0 effects")
        .await;
    becomes(&stage, "4711", "cy", ATTENDS).await;
    assert_eq!(status(&stage, "/mode").await, "observe");
    assert!(story(&stage, "4711", "ana").await.last().unwrap().contains("would have been cancelled"));
    assert_eq!(world.effects(), []);
}

/// Automatic replies are on, and the decline comes right after the invitation.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_mailbox_declines_by_itself_is_told_where_its_settings_may_be_read() {
    use suites::quick;
    async fn one(granted: bool, automatic: &'static str, ends: &str) {
        let more = format!("{}automatic = \"{automatic}\"\n", quick().more);
        let setup = Setup { policy: Policy { more, ..quick() }, ..setup(&["ana"]) };
        let stage = stage(setup, |world| {
            world.edit_user(&address("ana"), |ana| ana.automatic_replies = Some(None)).unwrap();
            if granted {
                world.edit_tenant("contoso.com", |tenant| {
                    tenant.app.roles.insert("MailboxSettings.Read".to_owned());
                });
            }
        })
        .await;
        let world = stage.simulator.world();
        watched(&stage, 1).await;
        invite(world, "4711", &["ana"]);
        known(&stage, 1).await;
        world.decline(&reply("ana", "4711").keep(true)).unwrap();
        becomes(&stage, "4711", "ana", ends).await;
        let told = story(&stage, "4711", "ana").await.iter().any(|line| line.contains("by itself"));
        assert_eq!(told, granted, "{automatic}");
    }
    futures::join!(
        one(true, "review", "review declined/learner-copy -; has place, 0 effects"),
        one(true, "cancel", BY_OWN_COPY),
        one(false, "review", BY_OWN_COPY),
    );
}

/// The copy is gone, and the organizer's mailbox can't be read until the session begins.
#[tokio::test(flavor = "multi_thread")]
async fn a_removal_of_which_nobody_could_be_asked_in_time_is_cancelled_by_a_late_word_alone() {
    let word = |late: bool| json!({ "by": "sam", "reason": "asked them", "late": late });
    let stage = stage(setup(&["ana"]), |world| invite(world, "4711", &["ana"])).await;
    let world = stage.simulator.world();
    watched(&stage, 1).await;
    known(&stage, 1).await;
    let (mailbox, code, retry_after) = (Some(ORGANIZER.to_owned()), None, None);
    world.inject(Fault::GraphStatus { mailbox, status: 503, code, retry_after, outer: false });
    decline(world, "ana", "4711");
    let ledger = ledger_of(&stage);
    wait_until(&stage, "it is seen that the copy is gone", || async {
        let rows = suites::passing::enrolments(&ledger).await.unwrap();
        let seen = rows.iter().any(|row| row.value.parts.iter().any(|part| part.unexplained_since.is_some()));
        if seen { Ok(()) } else { Err(format!("{rows:?}")) }
    })
    .await;
    begin_now(&ledger, "4711", "ana").await;
    let_time_pass(&stage).await;
    becomes(&stage, "4711", "ana", "review unanswered/learner-copy -; has place, 0 effects").await;
    let path = format!("enrolments/{}/approve", id("4711", "ana"));
    stage.say(&path, &word(false)).await.unwrap_err();
    assert_eq!(seen(&stage, "4711", "ana").await.state.as_deref(), Some("review"));
    stage.say(&path, &word(true)).await.unwrap();
    let cancelled = wait_until(&stage, "it is cancelled after the patience with the calendar", || async {
        hurry(&ledger, "4711", "ana").await;
        let seen = seen(&stage, "4711", "ana").await.line();
        if seen.ends_with("done; gone, 1 effects") { Ok(()) } else { Err(seen) }
    });
    impatiently(&stage, cancelled).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_settles_what_waits_for_one() {
    let names = ["ana", "bo"];
    let stage = stage(setup(&names), |world| invite(world, "4711", &names)).await;
    let world = stage.simulator.world();
    watched(&stage, 2).await;
    known(&stage, 2).await;
    for name in names {
        world.decline(&reply(name, "4711").keep(false).silent()).unwrap();
    }
    for name in names {
        becomes(&stage, "4711", name, REVIEW).await;
    }
    let word = json!({ "by": "sam", "reason": "asked them" });
    stage.say(&format!("enrolments/{}/approve", id("4711", "ana")), &word).await.unwrap();
    stage.say(&format!("enrolments/{}/ignore", id("4711", "bo")), &word).await.unwrap();
    becomes(&stage, "4711", "ana", "done removed/removal done; gone, 1 effects").await;
    stays(&stage, "what was ignored", || async {
        let seen = seen(&stage, "4711", "bo").await;
        if seen.line() == "watched removed/removal -; has place, 0 effects" {
            Ok(())
        } else {
            Err(seen.line())
        }
    })
    .await;
    assert!(story(&stage, "4711", "bo").await.last().unwrap().contains("asked them"));
}
