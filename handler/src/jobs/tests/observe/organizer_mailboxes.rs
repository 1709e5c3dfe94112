//! Watching the mailboxes that send the invitations: explicit answers arrive there, from everybody.

use crate::calendar::event::{Answer, Attendee, Response};
use crate::calendar::reading::Verdict;
use crate::config::{LearnerKeySource, Tenant, WatchMode};
use crate::enrolment::policy::Mailboxes;
use crate::enrolment::transitions::State;
use crate::ids::Address;
use crate::jobs::testing::graph::{FakeGraph, original};
use crate::jobs::testing::{ORGANIZER, World, address, minutes, user};
use crate::jobs::tests::watch::maintaining::live;
use crate::ledger::enrolments;
use crate::messages::{ChangeType, Hint};
use crate::store::Table;
use chrono::Duration;

fn organizer_only(tenant: &mut Tenant) {
    tenant.watch.mode = WatchMode::Organizer;
    tenant.watch.mailboxes = Mailboxes::None;
}

/// Graph says that the organizer's copy changed.
async fn told(world: &World, session: u32) {
    let hint =
        Hint::Changed { mailbox: user(ORGANIZER), event: original(session), change: ChangeType::Updated };
    world.observe(&[hint]).await;
}

async fn world() -> World {
    let world = World::with(organizer_only).await;
    world.watch().await;
    world.graph.invite("ana", 1);
    world.graph.invite("ben", 1);
    told(&world, 1).await;
    world
}

/// The organizer's mailbox is watched, and these learners' own.
async fn both(learners: &[&str]) -> World {
    let world = World::with(|tenant| {
        tenant.watch.mode = WatchMode::Both;
        tenant.watch.mailboxes =
            Mailboxes::Users(learners.iter().map(|name| format!("{name}@contoso.com")).collect());
    })
    .await;
    world.watch().await;
    world
}

/// The learner declines; the copy goes, and the mail arrives.
async fn declines(world: &World, learner: &str) {
    world.graph.respond(learner, 1, Answer::Declined);
    world.graph.remove(learner, 1);
    told(world, 1).await;
}

#[tokio::test(start_paused = true)]
async fn only_the_organizers_mailbox_is_watched_and_read() {
    let world = world().await;
    assert_eq!(world.graph.subscribed().len(), 1);
    for learner in ["ana", "ben"] {
        assert_eq!(world.state(learner, 1).await, State::Watched);
    }
    // Nobody's own mailbox is asked, whatever it would say.
    for learner in ["ana", "ben"] {
        world.graph.set_failure(learner, Some(crate::jobs::testing::graph::unavailable()));
    }
    declines(&world, "ana").await;
    world.pass(minutes(15)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.cancelled("ana", 1)), (State::Done, 1));
    assert_eq!((world.state("ben", 1).await, world.lms.cancelled("ben", 1)), (State::Watched, 0));
    world.assert_sound("in the end");
}

#[tokio::test(start_paused = true)]
async fn a_learner_who_accepts_in_time_keeps_the_place() {
    let world = world().await;
    declines(&world, "ana").await;
    assert_eq!(world.state("ana", 1).await, State::Waiting);
    world.clock.advance(minutes(1));
    world.graph.respond("ana", 1, Answer::Accepted);
    told(&world, 1).await;
    assert_eq!(world.state("ana", 1).await, State::Watched);
    world.clock.advance(minutes(1));
    declines(&world, "ana").await;
    world.pass(minutes(15)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.cancelled("ana", 1)), (State::Done, 1));
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_one_of_five_hundred_costs_the_reading_of_one() {
    let world = World::with(organizer_only).await;
    world.watch().await;
    for n in 0..500 {
        world.graph.hire(&format!("learner{n}"));
        world.graph.invite(&format!("learner{n}"), 1);
    }
    world.graph.calls("event");
    told(&world, 1).await;
    assert_eq!(world.tables.dump(Table::Enrolments).len(), 500);
    assert_eq!(world.graph.calls("event"), 1, "whoever has not answered costs nothing");
    // All answer, and then one of them again.
    for n in 0..500 {
        world.graph.respond(&format!("learner{n}"), 1, Answer::Accepted);
    }
    told(&world, 1).await;
    world.graph.calls("event");
    world.clock.advance(minutes(1));
    world.graph.respond("learner7", 1, Answer::Declined);
    told(&world, 1).await;
    assert_eq!(world.graph.calls("event"), 2, "the event once, and once for the one who answered");
    assert_eq!(world.state("learner7", 1).await, State::Waiting);
    told(&world, 1).await;
    assert_eq!(world.graph.calls("event"), 1, "nothing is new");
}

#[tokio::test(start_paused = true)]
async fn people_without_a_mailbox_here_are_known_by_their_address() {
    for key in [LearnerKeySource::Mail, LearnerKeySource::EmployeeId] {
        let world = World::with(|tenant| {
            organizer_only(tenant);
            tenant.learner = key.clone();
        })
        .await;
        world.watch().await;
        world.graph.invite("ana", 1);
        let eve = Address::new("Eve@elsewhere.org");
        let entry = |answer, at| Attendee {
            address: eve.clone(),
            response: Response { answer, at },
            is_resource: false,
            proposes: false,
        };
        world.graph.original(1, |event| event.attendees.push(entry(Answer::None, None)));
        told(&world, 1).await;
        let at = Some(world.now());
        world.graph.original(1, |event| {
            event.attendees.pop();
            event.attendees.push(entry(Answer::Declined, at));
        });
        told(&world, 1).await;
        world.pass(minutes(15)).await;
        let asked: Vec<String> =
            world.lms.orders().iter().map(|order| order.learner.as_str().to_owned()).collect();
        let rows = world.tables.dump(Table::Enrolments);
        let reviews = rows.iter().filter(|row| row.entity["state"] == "review").count();
        match key == LearnerKeySource::Mail {
            true => assert_eq!((asked, reviews), (vec!["eve@elsewhere.org".to_owned()], 0)),
            false => assert_eq!((asked, reviews), (Vec::new(), 1), "a person has to find them in the LMS"),
        }
        let stored =
            |table: Table| world.tables.dump(table).iter().map(|row| format!("{:?}", row.entity)).collect();
        let in_links: String = stored(Table::Links);
        assert!(
            in_links.matches("elsewhere.org").count() <= 1,
            "an address is kept as the learner key alone"
        );
        if key != LearnerKeySource::Mail {
            let all: String = Table::ALL.into_iter().map(stored).collect();
            assert!(!all.contains("elsewhere.org"), "the LMS knows nobody by it, so it is kept nowhere");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn dropped_cancelled_and_gone_are_told_from_a_decline() {
    type Change = fn(&FakeGraph);
    let drops: Change =
        |graph| graph.original(1, |event| event.attendees.retain(|entry| entry.address != address("ana")));
    let cancels: Change = |graph| graph.original(1, |event| event.is_cancelled = true);
    let removes: Change = |graph| graph.remove_original(1);
    for (change, verdict) in [
        (drops, Verdict::DroppedByOrganizer),
        (cancels, Verdict::CancelledByOrganizer),
        (removes, Verdict::CancelledByOrganizer),
    ] {
        let world = world().await;
        change(&world.graph);
        told(&world, 1).await;
        world.pass(minutes(45)).await;
        let row = world.row("ana", 1).await;
        assert_eq!((row.state, row.verdict().unwrap().verdict), (State::Watched, verdict));
        assert_eq!(world.lms.asked(), 0);
        world.assert_sound("in the end");
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_moves_after_a_decline_goes_to_a_person() {
    let world = world().await;
    declines(&world, "ana").await;
    world.graph.original(1, |event| {
        event.start = event.start.map(|start| start + Duration::days(1));
        event.end = event.end.map(|end| end + Duration::days(1));
        for entry in &mut event.attendees {
            entry.response = Response { answer: Answer::None, at: None };
        }
    });
    told(&world, 1).await;
    assert_eq!(world.state("ana", 1).await, State::Review);
    assert_eq!(
        world.row("ben", 1).await.start,
        world.row("ana", 1).await.start,
        "everybody's session has moved"
    );
}

#[tokio::test(start_paused = true)]
async fn both_sides_feed_one_row_and_act_once() {
    let world = both(&["ana", "ben"]).await;
    assert_eq!(world.graph.subscribed().len(), 3);
    world.invited("ana", 1).await;
    told(&world, 1).await;
    assert_eq!(world.row("ana", 1).await.parts.len(), 1, "two sights of one item");
    let deleted = world.graph.hint("ana", 1, ChangeType::Deleted);
    world.graph.respond("ana", 1, Answer::Declined);
    world.graph.remove("ana", 1);
    told(&world, 1).await;
    world.observe(std::slice::from_ref(&deleted)).await;
    world.pass(minutes(15)).await;
    world.observe(&[deleted]).await;
    told(&world, 1).await;
    world.pass(minutes(45)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Done, 1));
    world.assert_sound("in the end");
}

/// Its answers may come without a word, too.
#[tokio::test(start_paused = true)]
async fn a_session_that_is_near_when_it_is_made_is_compared_within_the_hour() {
    let world = World::with(organizer_only).await;
    world.watch().await;
    // Three and a half days later: the session starts within twelve hours.
    live(&world, Duration::hours(84)).await;
    world.graph.invite("ana", 1);
    told(&world, 1).await;
    world.graph.respond("ana", 1, Answer::Declined);
    live(&world, minutes(70)).await;
    assert_eq!(world.state("ana", 1).await, State::Waiting);
}

/// The place is known from the organizer's list alone, for nobody was told of the learner's copy.
#[tokio::test(start_paused = true)]
async fn a_copy_that_nobody_told_us_of_is_missed_when_it_vanishes() {
    let world = both(&["ana"]).await;
    world.clock.advance(minutes(1));
    world.graph.invite("ana", 1);
    told(&world, 1).await;
    assert_eq!(world.row("ana", 1).await.parts[0].reading, None);
    let deleted = world.graph.hint("ana", 1, ChangeType::Deleted);
    world.graph.remove("ana", 1);
    world.observe(&[deleted]).await;
    // Whoever is new to the list is looked for in a moment.
    world.pass(minutes(1)).await;
    let reading = world.row("ana", 1).await.parts[0].reading.clone().unwrap();
    assert_eq!(reading.verdict, Verdict::Removed);
    world.pass(minutes(45)).await;
    assert_eq!(world.state("ana", 1).await, State::Review);
    world.assert_sound("in the end");
}

#[tokio::test(start_paused = true)]
async fn a_kept_decline_that_nobody_was_told_of_is_seen_from_the_learners_side() {
    let world = both(&["ana"]).await;
    world.graph.invite("ana", 1);
    told(&world, 1).await;
    world.hint("ana", 1, ChangeType::Created).await;
    world.declined("ana", 1).await;
    told(&world, 1).await;
    world.pass(minutes(15)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.cancelled("ana", 1)), (State::Done, 1));
}

#[tokio::test(start_paused = true)]
async fn a_resync_finds_what_the_organizers_mailbox_was_not_told_of() {
    let world = World::with(organizer_only).await;
    world.watch().await;
    world.graph.invite("ana", 1);
    world.resync(ORGANIZER).await;
    assert_eq!(world.state("ana", 1).await, State::Watched);
    world.graph.respond("ana", 1, Answer::Declined);
    world.resync(ORGANIZER).await;
    assert_eq!(world.state("ana", 1).await, State::Waiting);
    world.graph.remove_original(1);
    world.resync(ORGANIZER).await;
    assert_eq!(world.state("ana", 1).await, State::Watched, "the organizer has cancelled");
}

/// Killed at any write, the same hint finds the same differences again.
#[tokio::test(start_paused = true)]
async fn a_kill_between_the_learners_loses_none() {
    use crate::jobs::testing::tables::Death;
    for k in 0..40 {
        for death in [Death::Before(k), Death::After(k)] {
            let mut world = world().await;
            for learner in ["ana", "ben"] {
                world.graph.respond(learner, 1, Answer::Declined);
            }
            let hint =
                Hint::Changed { mailbox: user(ORGANIZER), event: original(1), change: ChangeType::Updated };
            let message = crate::jobs::testing::changes(&[hint]);
            let _ =
                world.tables.killed(death, crate::jobs::observe::hints::observe(&world.app, &message)).await;
            world.restart().await;
            told(&world, 1).await;
            world.pass(minutes(30)).await;
            for learner in ["ana", "ben"] {
                assert_eq!(world.state(learner, 1).await, State::Done, "{death:?}");
                assert_eq!(world.lms.cancelled(learner, 1), 1, "{death:?}");
            }
            let row = world.row("ana", 1).await;
            assert!(enrolments::load(&world.app.ledger, &row.reference()).await.unwrap().is_some());
        }
    }
}
