//! What starts within the next day is compared more often, and only that.

use super::maintaining::{ana, invited, live, tell, watched};
use crate::calendar::event::Answer;
use crate::config::WatchMode;
use crate::enrolment::policy::Mailboxes;
use crate::enrolment::transitions::State;
use crate::graph::GraphError;
use crate::jobs::testing::graph::{failure, original};
use crate::jobs::testing::{ORGANIZER, World, contoso, minutes, noon, user};
use crate::jobs::watch::coverage::is_unwatched;
use crate::ledger::mailboxes::{self, SubscriptionState};
use crate::messages::{ChangeType, TaskKind};
use chrono::{DateTime, Duration, Utc};

/// Ana's invitation to this session is moved to another time, on both sides.
fn moved(world: &World, session: u32, start: DateTime<Utc>) {
    let to = |event: &mut crate::calendar::event::Event| {
        (event.start, event.end) = (Some(start), Some(start + Duration::hours(8)));
    };
    world.graph.copy("ana", session, to);
    world.graph.original(session, to);
}

/// Planning rounds for so long, and how many calendars were read meanwhile.
async fn views(world: &World, time: Duration) -> usize {
    world.graph.calls("calendar_view");
    live(world, time).await;
    world.graph.calls("calendar_view")
}

#[tokio::test(start_paused = true)]
async fn a_session_is_compared_every_hour_from_a_day_before_its_start() {
    let world = invited(false).await;
    assert_eq!(ana(&world).await.next_start, Some(noon() + Duration::days(4)));
    assert_eq!(views(&world, Duration::hours(72) - minutes(5)).await, 2, "once a day");
    let during = views(&world, Duration::hours(24)).await;
    assert!((24..=26).contains(&during), "{during} in the last day");
    // Once more after it began, and then as before.
    let after = views(&world, Duration::hours(48)).await;
    assert!((2..=4).contains(&after), "{after} in two days");
}

#[tokio::test(start_paused = true)]
async fn a_decline_that_nobody_told_of_is_found_within_the_hour_when_the_session_is_near() {
    for went in [false, true] {
        let world = invited(true).await;
        live(&world, Duration::hours(80)).await;
        world.graph.answer("ana", 1, Answer::Declined);
        world.graph.respond("ana", 1, Answer::Declined);
        if went {
            world.graph.remove("ana", 1);
        }
        live(&world, minutes(65)).await;
        world.pass(minutes(15)).await;
        assert_eq!(world.state("ana", 1).await, State::Done, "copy went: {went}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_invitation_at_short_notice_counts_from_the_moment_it_is_linked() {
    let world = watched(false).await;
    live(&world, minutes(10)).await;
    assert_eq!(ana(&world).await.next_start, None);
    world.graph.invite("ana", 1);
    let start = world.now() + Duration::hours(6);
    moved(&world, 1, start);
    world.hint("ana", 1, ChangeType::Created).await;
    assert_eq!(ana(&world).await.next_start, Some(start));
    let during = views(&world, Duration::hours(6)).await;
    assert!((5..=7).contains(&during), "{during} in six hours");
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_moved_near_counts_from_the_moment_it_is_seen() {
    let world = invited(false).await;
    let start = world.now() + Duration::hours(20);
    moved(&world, 1, start);
    world.hint("ana", 1, ChangeType::Updated).await;
    assert_eq!(ana(&world).await.next_start, Some(start));
}

/// Nearly all invitations are for later, and cost no write of the mailbox's row.
#[tokio::test(start_paused = true)]
async fn an_invitation_for_later_leaves_the_mailbox_alone() {
    let world = watched(false).await;
    let before = ana(&world).await;
    world.invited("ana", 1).await;
    assert_eq!(ana(&world).await, before);
}

#[tokio::test(start_paused = true)]
async fn after_the_first_of_two_near_sessions_the_second_is_near() {
    let world = invited(false).await;
    world.graph.invite("ana", 2);
    moved(&world, 2, noon() + Duration::hours(90));
    world.hint("ana", 2, ChangeType::Created).await;
    live(&world, Duration::hours(91) + minutes(5)).await;
    assert_eq!(ana(&world).await.next_start, Some(noon() + Duration::days(4)));
    let between = views(&world, Duration::hours(4)).await;
    assert!((3..=5).contains(&between), "{between} in four hours");
}

/// When the first has begun and the next comparison has not come yet, a later one is made.
#[tokio::test(start_paused = true)]
async fn a_session_that_is_made_for_later_hides_none_that_is_near() {
    let world = watched(true).await;
    for (session, ahead) in [(1, minutes(30)), (2, Duration::hours(12))] {
        world.graph.invite("ana", session);
        moved(&world, session, world.now() + ahead);
        world.hint("ana", session, ChangeType::Created).await;
    }
    live(&world, minutes(35)).await;
    world.clock.advance(minutes(1));
    world.graph.invite("ana", 3);
    moved(&world, 3, world.now() + Duration::hours(40));
    world.hint("ana", 3, ChangeType::Created).await;
    world.graph.answer("ana", 2, Answer::Declined);
    live(&world, minutes(70)).await;
    assert_eq!(world.state("ana", 2).await, State::Waiting);
}

/// Graph can't reach our endpoint, so that no subscription can be made; but calendars can be read.
#[tokio::test(start_paused = true)]
async fn a_near_session_is_compared_although_no_subscription_can_be_made() {
    let world = invited(true).await;
    live(&world, Duration::hours(80)).await;
    for id in world.graph.subscribed() {
        world.graph.forget(&id);
    }
    let refused = std::iter::repeat_n(GraphError::Validation(failure()), 100);
    world.graph.state.lock().unwrap().creating.extend(refused);
    tell(&world, TaskKind::Removed, None).await;
    live(&world, minutes(90)).await;
    assert_eq!((ana(&world).await.state, ana(&world).await.subscription), (SubscriptionState::Failing, None));
    world.graph.answer("ana", 1, Answer::Declined);
    world.graph.respond("ana", 1, Answer::Declined);
    live(&world, minutes(65)).await;
    world.pass(minutes(15)).await;
    assert_eq!(world.state("ana", 1).await, State::Done);
    assert!(is_unwatched(&ana(&world).await, world.now()), "a person is told all the same");
}

#[tokio::test(start_paused = true)]
async fn an_organizers_near_sessions_are_compared_every_hour_and_no_others() {
    let world = World::with(|tenant| {
        tenant.watch.mode = WatchMode::Organizer;
        tenant.watch.mailboxes = Mailboxes::None;
    })
    .await;
    world.graph.invite("ana", 1);
    world.graph.invite("ana", 2);
    world.graph.change(ORGANIZER, &original(2), |event| {
        (event.start, event.end) = (Some(noon() + Duration::days(40)), Some(noon() + Duration::days(41)));
    });
    world.watch().await;
    live(&world, Duration::hours(80)).await;
    let near =
        mailboxes::load(&world.app.ledger, &contoso(), &user(ORGANIZER)).await.unwrap().unwrap().next_start;
    assert_eq!(near, Some(noon() + Duration::days(4)));
    world.graph.respond("ana", 1, Answer::Declined);
    world.graph.respond("ana", 2, Answer::Declined);
    live(&world, minutes(65)).await;
    world.pass(minutes(15)).await;
    assert_eq!((world.state("ana", 1).await, world.state("ana", 2).await), (State::Done, State::Watched));
}
