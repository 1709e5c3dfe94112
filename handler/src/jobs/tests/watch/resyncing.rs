//! reference/rules.md#hints: what a resync finds goes the same way as a notification.

use super::maintaining::invited;
use crate::calendar::event::Answer;
use crate::enrolment::transitions::State;
use crate::jobs::testing::graph::unavailable;
use crate::jobs::testing::tables::Death;
use crate::jobs::testing::{World, contoso, minutes, user};
use crate::jobs::watch::read_in_steps::Step;
use crate::jobs::watch::{comparison, resync};
use crate::ledger::mailboxes;
use crate::ledger::mailboxes::ResyncScope;
use crate::messages::{ChangeType, Hint};
use chrono::Duration;

#[tokio::test(start_paused = true)]
async fn invitations_that_were_there_before_us_are_linked() {
    let world = invited(true).await;
    assert_eq!(world.state("ana", 1).await, State::Watched);
    world.assert_sound("compared");
}

#[tokio::test(start_paused = true)]
async fn a_decline_inside_a_gap_is_found_whether_the_copy_stayed_or_went() {
    for went in [false, true] {
        let world = invited(true).await;
        world.graph.answer("ana", 1, Answer::Declined);
        world.graph.respond("ana", 1, Answer::Declined);
        if went {
            world.graph.remove("ana", 1);
        }
        world.resync("ana").await;
        world.pass(minutes(15)).await;
        assert_eq!(world.state("ana", 1).await, State::Done, "copy went: {went}");
        world.assert_sound("found");
    }
}

#[tokio::test(start_paused = true)]
async fn an_invitation_that_came_and_was_declined_inside_a_gap_is_found_in_the_organizers_calendar() {
    let world = invited(true).await;
    world.clock.advance(minutes(1));
    world.graph.invite("ana", 2);
    world.graph.respond("ana", 2, Answer::Declined);
    world.graph.remove("ana", 2);
    world.resync("ana").await;
    world.pass(minutes(15)).await;
    assert_eq!((world.state("ana", 2).await, world.lms.cancelled("ana", 2)), (State::Done, 1));
    assert_eq!(world.state("ana", 1).await, State::Watched);
    world.assert_sound("found");
}

/// A link that only the organizer's copy made has no id in the learner's mailbox by which a notification
/// could name it.
#[tokio::test(start_paused = true)]
async fn a_link_that_the_organizers_copy_made_is_compared_too() {
    let world = invited(true).await;
    world.clock.advance(minutes(1));
    world.graph.invite("ana", 2);
    world.graph.respond("ana", 2, Answer::Accepted);
    world.graph.remove("ana", 2);
    world.resync("ana").await;
    world.pass(minutes(45)).await;
    assert_eq!(
        world.state("ana", 2).await,
        State::Review,
        "removed, and the organizer's copy shows no decline"
    );
    world.clock.advance(minutes(1));
    world.graph.respond("ana", 2, Answer::Declined);
    world.resync("ana").await;
    world.pass(minutes(15)).await;
    assert_eq!(world.state("ana", 2).await, State::Done);
    world.assert_sound("found");
}

#[tokio::test(start_paused = true)]
async fn an_invitation_that_vanished_before_it_was_linked_is_looked_for_in_the_organizers_calendar() {
    let world = World::new().await;
    world.graph.invite("ana", 1);
    world.graph.respond("ana", 1, Answer::Declined);
    world.graph.remove("ana", 1);
    for change in [ChangeType::Created, ChangeType::Deleted] {
        world.hint("ana", 1, change).await;
    }
    world.follow().await;
    world.pass(minutes(15)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.cancelled("ana", 1)), (State::Done, 1));
    world.assert_sound("found");
}

#[tokio::test(start_paused = true)]
async fn a_calendar_is_compared_anew_at_least_once_a_day() {
    let world = invited(false).await;
    world.graph.calls("calendar_view");
    for _ in 0..(72 * 12) {
        world.clock.advance(minutes(5));
        world.watch().await;
    }
    assert_eq!(world.graph.calls("calendar_view"), 3);
}

#[tokio::test(start_paused = true)]
async fn a_mailbox_counts_as_compared_only_when_all_that_was_found_has_been_judged() {
    let world = invited(true).await;
    world.graph.invite("ana", 2);
    world.clock.advance(minutes(1));
    mailboxes::update(&world.app.ledger, &contoso(), &user("ana"), |row| {
        Some(mailboxes::MailboxRow { resync_wanted: Some(world.now()), ..row?.clone() })
    })
    .await
    .unwrap();
    let row = mailboxes::load(&world.app.ledger, &contoso(), &user("ana")).await.unwrap().unwrap();
    let found = resync::resync(&world.app, world.context(), &row, ResyncScope::Whole).await;
    let Ok(Step::Complete(comparison::Compared { hints, .. })) = found else {
        panic!("the calendar can be read")
    };
    assert!(matches!(hints.last(), Some(Hint::Resynced { .. })));
    let wanted = async || {
        mailboxes::load(&world.app.ledger, &contoso(), &user("ana")).await.unwrap().unwrap().resync_wanted
    };

    // The process dies at the first write of what was found.
    let death = Death::Before(0);
    let message = crate::jobs::testing::changes(&hints);
    let killed = world.tables.killed(death, crate::jobs::observe::hints::observe(&world.app, &message)).await;
    assert!(killed.is_none());
    world.tables.revive();
    assert!(wanted().await.is_some());
    world.observe(&hints).await;
    assert_eq!(wanted().await, None);
    assert_eq!(world.state("ana", 2).await, State::Watched);
}

#[tokio::test(start_paused = true)]
async fn a_calendar_that_can_not_be_read_stays_marked() {
    let world = invited(true).await;
    world.graph.answer("ana", 1, Answer::Declined);
    world.graph.set_failure("ana", Some(unavailable()));
    world.resync("ana").await;
    world.clock.advance(Duration::hours(3));
    world.graph.set_failure("ana", None);
    world.watch().await;
    world.pass(minutes(15)).await;
    assert_eq!(world.state("ana", 1).await, State::Done);
}

/// What a comparison has found and that it is over may come in one message, in any order.
#[tokio::test(start_paused = true)]
async fn no_kill_leaves_a_mailbox_compared_before_what_was_found_is_judged() {
    for n in 0.. {
        let world = World::new().await;
        world.graph.invite("ana", 1);
        let (asked, found) = (world.now(), world.graph.hint("ana", 1, ChangeType::Created));
        let hints = [Hint::Resynced { mailbox: user("ana"), asked }, found];
        let unharmed = world.tables.killed(Death::Before(n), world.observe(&hints)).await.is_some();
        world.tables.revive();
        let mailbox = mailboxes::load(&world.app.ledger, &contoso(), &user("ana")).await.unwrap().unwrap();
        let (is_compared, is_judged) = (mailbox.resynced_at.is_some(), world.find("ana", 1).await.is_some());
        assert!(is_judged || !is_compared, "killed before write {n}");
        if unharmed {
            assert!(is_judged && is_compared);
            break;
        }
    }
}
