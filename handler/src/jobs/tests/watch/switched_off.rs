//! A tenant that is switched off, and on again.

use super::maintaining::{alerts, blind, live, row, tell};
use crate::calendar::event::Answer;
use crate::enrolment::policy::Mailboxes;
use crate::enrolment::transitions::State;
use crate::jobs::cancel::attempt_result::AttemptResult;
use crate::jobs::operate::housekeeping::housekeep;
use crate::jobs::operate::status;
use crate::jobs::testing::{World, contoso, minutes};
use crate::jobs::watch::{plan, switched_off};
use crate::ledger::alerts::AlertKind;
use crate::messages::{ChangeType, TaskKind};
use chrono::Duration;

/// Ana's and ben's mailboxes are watched; an organizer is readable, or none.
async fn two(organizers: bool) -> World {
    let world = World::with(|tenant| {
        tenant.watch.mailboxes = Mailboxes::Users(vec!["ana@contoso.com".into(), "ben@contoso.com".into()]);
        if !organizers {
            tenant.watch.organizers.clear();
        }
    })
    .await;
    world.watch().await;
    live(&world, minutes(30)).await;
    world
}

/// The process takes up a configuration that says so.
async fn switch(world: &mut World, active: bool) {
    world.tenant.active = active;
    world.restart().await;
    switched_off::note(&world.app).await.unwrap();
}

/// So long as it lasts, everything that ever comes by comes by, and the process says each minute that it has
/// it off.
async fn stay_off(world: &World, time: Duration) {
    let end = world.now() + time;
    while world.now() < end {
        world.pass(minutes(5)).await;
        switched_off::note(&world.app).await.unwrap();
        world.watch().await;
        housekeep(&world.app).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_read_woken_or_sent_and_what_waited_goes_on_after_it_was_read_again() {
    let mut world = two(true).await;
    for learner in ["ana", "ben"] {
        world.invited(learner, 1).await;
        world.declined(learner, 1).await;
    }
    world.clock.advance(minutes(10));
    let on_its_way = world.dispatch().await.cancellations;
    let waiting = world.agenda().len();
    let subscribed = world.graph.subscribed();
    world.graph.all_calls();

    switch(&mut world, false).await;
    for message in &on_its_way {
        assert_eq!(world.cancel(message).await, AttemptResult::PutBack);
    }
    world.observe(&[world.graph.hint("cem", 1, ChangeType::Created)]).await;
    tell(&world, TaskKind::Resync, None).await;
    world.graph.answer("ben", 1, Answer::Accepted);
    stay_off(&world, Duration::hours(5)).await;
    assert_eq!(world.graph.all_calls(), [].into(), "no call of Graph");
    assert_eq!(world.lms.asked(), 0);
    assert_eq!(world.agenda().len(), waiting + 1, "all that waits stands, and cem's hint with it");
    assert_eq!((world.state("ana", 1).await, world.state("ben", 1).await), (State::Waiting, State::Waiting));
    assert_eq!(world.graph.subscribed(), subscribed);
    let told = status::tenant(&world.app, &contoso()).await.unwrap();
    assert_eq!((told.active, told.mailboxes.get("watched")), (false, Some(&2)));
    let held = status::enrolments(&world.app, &status::Filter::default()).await.unwrap().items;
    assert!(held.iter().all(|item| item.held.as_deref().unwrap().contains("switched off")), "{held:?}");

    switch(&mut world, true).await;
    world.clock.advance(minutes(10));
    world.watch().await;
    world.pass(minutes(20)).await;
    assert_eq!(world.state("ana", 1).await, State::Done);
    assert_eq!(
        world.state("ben", 1).await,
        State::Watched,
        "accepted meanwhile, and read before it was sent"
    );
    assert_eq!(world.lms.asked(), 1);
    assert!(status::tenant(&world.app, &contoso()).await.unwrap().active);
}

#[tokio::test(start_paused = true)]
async fn on_again_it_is_compared_over_the_gap_which_counts_where_something_may_be_missed() {
    for (organizers, gaps) in [(false, 2), (true, 0)] {
        let mut world = two(organizers).await;
        switch(&mut world, false).await;
        // Nobody is told of it: what the webhook is told is dropped.
        world.graph.invite("ana", 1);
        world.graph.answer("ana", 1, Answer::Declined);
        for id in world.graph.subscribed() {
            world.graph.forget(&id);
        }
        stay_off(&world, Duration::hours(2)).await;
        assert!(world.find("ana", 1).await.is_none());
        assert_eq!((blind(&world).await, alerts(&world).await), (0, vec![]), "nobody is told meanwhile");

        switch(&mut world, true).await;
        live(&world, minutes(15)).await;
        assert_eq!(world.state("ana", 1).await, State::Waiting, "found by the comparison");
        assert_eq!(world.graph.subscribed().len(), 2, "asked about, and made anew");
        // One for the time it was off; that the subscription was lost in it is found later, and counts, too.
        assert!(blind(&world).await >= gaps, "{}", blind(&world).await);
        assert_eq!(blind(&world).await == 0, gaps == 0);
        assert_eq!(alerts(&world).await.contains(&AlertKind::Blind), !organizers);
        let before = row(&world, "ana").await.unwrap();
        world.graph.all_calls();
        live(&world, Duration::hours(2)).await;
        assert_eq!(row(&world, "ana").await.unwrap().gaps, before.gaps, "counted once");
    }
}

/// Instances take up a configuration at different times: the last that has it off may have dropped something.
#[tokio::test(start_paused = true)]
async fn it_is_back_only_when_no_instance_has_it_off() {
    let mut world = two(true).await;
    switch(&mut world, false).await;
    let late = world.instance().await;
    switch(&mut world, true).await;
    for _ in 0..4 {
        world.clock.advance(minutes(2));
        switched_off::note(&late).await.unwrap();
        assert!(plan::plan(&world.app, None).await.unwrap().is_empty());
    }
    assert!(row(&world, "ana").await.unwrap().resync_wanted.is_none());
    world.clock.advance(minutes(3));
    let last_told = world.now();
    assert!(!plan::plan(&world.app, None).await.unwrap().is_empty());
    assert_eq!(row(&world, "ana").await.unwrap().resync_wanted, Some(last_told));
    world.clock.advance(minutes(1));
    plan::plan(&world.app, None).await.unwrap();
    assert_eq!(row(&world, "ana").await.unwrap().resync_wanted, Some(last_told), "marked once");
}

/// Off and on within a minute: what was dropped in it is looked for all the same.
#[tokio::test(start_paused = true)]
async fn a_short_time_off_is_a_gap_too() {
    let mut world = two(true).await;
    switch(&mut world, false).await;
    switch(&mut world, true).await;
    live(&world, minutes(5)).await;
    let asked = row(&world, "ana").await.unwrap();
    assert!(
        asked.resync_wanted.is_some() || asked.resynced_at.is_some_and(|at| at + minutes(6) > world.now())
    );
}
