//! reference/rules.md#cost: an irrelevant change costs no write and one part of a batch; and two point reads,
//! whether the mailbox is still watched and whether the event is known.

use crate::calendar::event::Answer;
use crate::config::WatchMode;
use crate::enrolment::transitions::State;
use crate::jobs::observe::organizer_mailboxes;
use crate::jobs::testing::graph::{FakeGraph, copy};
use crate::jobs::testing::tables::Count;
use crate::jobs::testing::{World, address, contoso, minutes, noon, user};
use crate::ledger::mailboxes;
use crate::ledger::mailboxes::{Copies, MailboxRow};
use crate::messages::ChangeType;

/// A lunch in Ana's calendar.
fn lunch(world: &World) {
    let mut lunch = FakeGraph::event(copy("ana", 99), 99);
    lunch.organizer = Some(address("ben"));
    world.graph.put("ana", lunch);
}

#[tokio::test(start_paused = true)]
async fn an_irrelevant_change_costs_two_point_reads_and_one_part_of_a_batch() {
    for organizers in [true, false] {
        let world = if organizers { World::new().await } else { World::without_organizer().await };
        world.invited("ana", 1).await;
        world.graph.invite("ben", 2);
        lunch(&world);
        world.clock.advance(minutes(1));
        for change in [ChangeType::Created, ChangeType::Updated] {
            world.tables.count();
            world.graph.calls("event");
            world.hint("ana", 99, change).await;
            assert_eq!(world.tables.count(), Count { gets: 2, scans: 0, writes: 0 }, "{change:?}");
            assert_eq!(world.graph.calls("event"), 1, "{change:?}");
        }
    }
}

/// Whose calendar it is matters for ours alone.
#[tokio::test(start_paused = true)]
async fn nobody_is_looked_up_for_an_event_that_is_none_of_ours() {
    let world = World::new().await;
    lunch(&world);
    world.graph.all_calls();
    world.hint("ana", 99, ChangeType::Created).await;
    assert_eq!(world.graph.all_calls(), [("event", 1)].into());
}

#[tokio::test(start_paused = true)]
async fn a_deleted_event_of_somebody_without_invitations_costs_two_point_reads() {
    let world = World::new().await;
    world.graph.invite("ben", 2);
    world.tables.count();
    for n in 0..10 {
        world.hint("ana", 100 + n, ChangeType::Deleted).await;
    }
    assert_eq!(world.tables.count(), Count { gets: 20, scans: 0, writes: 0 });
}

/// Sixty private appointments, and then a decline, in one message: nothing waits, and Graph is not asked for
/// the sixty.
#[tokio::test(start_paused = true)]
async fn a_decline_behind_sixty_deletions_of_private_appointments_is_judged_at_once() {
    for (mode, invited) in
        [(WatchMode::Attendees, true), (WatchMode::Attendees, false), (WatchMode::Both, true)]
    {
        let world = World::with(|tenant| tenant.watch.mode = mode).await;
        if invited {
            world.invited("ana", 1).await;
            world.follow().await;
        }
        // Which mailboxes are organizers' is remembered.
        organizer_mailboxes::mailboxes(world.context()).await.unwrap();
        let mut hints: Vec<_> =
            (0..60).map(|n| world.graph.hint("ana", 100 + n, ChangeType::Deleted)).collect();
        world.tables.count();
        world.graph.all_calls();
        let began = tokio::time::Instant::now();
        world.observe(&hints).await;
        assert_eq!(world.tables.count(), Count { gets: 120, scans: 0, writes: 0 }, "{mode:?}");
        assert_eq!(world.graph.all_calls(), [].into(), "{mode:?}");

        world.graph.invite("ana", 1);
        world.graph.answer("ana", 1, Answer::Declined);
        hints.push(world.graph.hint("ana", 1, ChangeType::Updated));
        world.observe(&hints).await;
        assert_eq!(world.state("ana", 1).await, State::Waiting, "{mode:?}: in the same invocation");
        assert_eq!(began.elapsed(), std::time::Duration::ZERO, "{mode:?}: nobody slept");
    }
}

#[tokio::test(start_paused = true)]
async fn a_hint_that_says_nothing_new_writes_nothing() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    world.clock.advance(minutes(1));
    world.tables.count();
    let hint = world.graph.hint("ana", 1, ChangeType::Updated);
    for _ in 0..5 {
        world.observe(&[hint.clone(), hint.clone()]).await;
    }
    assert_eq!(world.tables.count().writes, 0);
    assert_eq!(world.row("ana", 1).await.attempt.due, Some(noon() + minutes(10)));
}

#[tokio::test(start_paused = true)]
async fn a_mailbox_that_is_no_longer_watched_is_counted_and_nothing_is_made_of_it() {
    let world = World::new().await;
    world.forget_mailbox("ana").await;
    world.invited("ana", 1).await;
    assert_eq!(world.find("ana", 1).await, None);
    let status = crate::jobs::operate::status::tenant(&world.app, &world.tenant.name).await.unwrap();
    assert_eq!(status.dropped, [("mailbox_not_watched".to_owned(), 1)].into());
}

/// Who has declined stands on the organizer's list until the session is over, and has no copy: what is judged
/// is not judged again at each private appointment that goes.
#[tokio::test(start_paused = true)]
async fn a_deletion_in_the_mailbox_of_somebody_who_has_declined_costs_two_point_reads() {
    for (mode, is_told) in [
        (WatchMode::Attendees, true),
        (WatchMode::Both, true),
        // The copy stays with the answer for a while, and the organizer never hears of it.
        (WatchMode::Attendees, false),
    ] {
        let world = World::with(|tenant| tenant.watch.mode = mode).await;
        world.invited("ana", 1).await;
        world.follow().await;
        world.clock.advance(minutes(1));
        match is_told {
            true => world.graph.respond("ana", 1, Answer::Declined),
            false => world.declined("ana", 1).await,
        }
        world.graph.remove("ana", 1);
        world.hint("ana", 1, ChangeType::Deleted).await;
        world.pass(minutes(45)).await;
        assert_eq!(
            (world.state("ana", 1).await, world.lms.cancelled("ana", 1)),
            (State::Done, 1),
            "{mode:?}"
        );
        organizer_mailboxes::mailboxes(world.context()).await.unwrap();
        for when in ["soon", "a day later"] {
            world.tables.count();
            world.graph.all_calls();
            for n in 0..10 {
                world.hint("ana", 100 + n, ChangeType::Deleted).await;
            }
            assert_eq!(world.graph.all_calls(), [].into(), "{mode:?} {is_told} {when}");
            assert_eq!(
                world.tables.count(),
                Count { gets: 20, scans: 0, writes: 0 },
                "{mode:?} {is_told} {when}"
            );
            world.resync("ana").await;
        }
        world.assert_sound("in the end");
    }
}

/// A row of an earlier build calls the copy missing: once the ledger is asked, and Graph never.
#[tokio::test(start_paused = true)]
async fn a_decline_that_an_earlier_build_took_for_missing_is_not_asked_of_graph() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.graph.respond("ana", 1, Answer::Declined);
    world.graph.remove("ana", 1);
    world.hint("ana", 1, ChangeType::Deleted).await;
    let since = world.now();
    mailboxes::update(&world.app.ledger, &contoso(), &user("ana"), |row| {
        Some(MailboxRow { copies: Copies::Missing { since }, ..row?.clone() })
    })
    .await
    .unwrap();
    world.pass(minutes(15)).await;
    organizer_mailboxes::mailboxes(world.context()).await.unwrap();
    world.graph.all_calls();
    world.hint("ana", 100, ChangeType::Deleted).await;
    world.tables.count();
    world.hint("ana", 101, ChangeType::Deleted).await;
    assert_eq!(world.graph.all_calls(), [].into());
    assert_eq!(world.tables.count(), Count { gets: 2, scans: 0, writes: 0 });
}

/// Invited anew after the decline, and that was seen: whatever vanishes then may be the copy.
#[tokio::test(start_paused = true)]
async fn a_new_invitation_after_a_decline_is_missed_again_when_it_vanishes() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.graph.respond("ana", 1, Answer::Declined);
    world.graph.remove("ana", 1);
    world.hint("ana", 1, ChangeType::Deleted).await;
    world.pass(minutes(15)).await;
    assert_eq!(world.state("ana", 1).await, State::Done);
    world.graph.invite("ana", 1);
    world.graph.answer("ana", 1, Answer::Accepted);
    world.hint("ana", 1, ChangeType::Created).await;
    world.clock.advance(minutes(1));
    world.graph.remove("ana", 1);
    world.graph.respond("ana", 1, Answer::Accepted);
    world.hint("ana", 1, ChangeType::Deleted).await;
    world.clock.advance(minutes(1));
    world.graph.respond("ana", 1, Answer::Declined);
    world.hint("ana", 100, ChangeType::Deleted).await;
    assert_eq!(world.state("ana", 1).await, State::Waiting, "a new decline of a new place");
}
