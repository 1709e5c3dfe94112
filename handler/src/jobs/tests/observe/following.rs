//! The organizers' calendars are followed by delta: what nobody's mailbox told of is found, once, and nobody
//! waits for it.

use crate::calendar::event::{Answer, Event, EventKind};
use crate::calendar::matching::SessionSource;
use crate::config::WatchMode;
use crate::enrolment::transitions::State;
use crate::graph::{Failure, GraphError};
use crate::ids::{EventId, UserId};
use crate::jobs::observe::{invitations, organizer_mailboxes};
use crate::jobs::operate::housekeeping;
use crate::jobs::testing::graph::{FakeGraph, failure, original, unavailable};
use crate::jobs::testing::tables::Count;
use crate::jobs::testing::{ORGANIZER, World, address, contoso, minutes, user};
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::mailboxes::{self, Copies, MailboxRow};
use crate::messages::{ChangeType, Hint, LinkRef};
use crate::store::{RowRange, Table, Tables};
use chrono::Duration;

async fn copies(world: &World) -> Copies {
    mailboxes::load(&world.app.ledger, &contoso(), &user("ana")).await.unwrap().unwrap().copies
}

/// Invited and declined before anybody looked; the notices of it are lost.
async fn invited_unseen(world: &World, session: u32) {
    world.graph.invite("ana", session);
    world.graph.respond("ana", session, Answer::Declined);
    world.graph.remove("ana", session);
}

async fn links_of(world: &World, who: &UserId) -> Vec<String> {
    let partition = LinkRef::partition(&contoso(), who);
    let page = world.tables.scan(Table::Links, &partition, RowRange::all(), 1_000).await.unwrap();
    page.rows.into_iter().map(|row| row.row.split('-').next().unwrap().to_owned()).collect()
}

fn private(name: &'static str) -> Hint {
    Hint::Changed { mailbox: user("ana"), event: name.into(), change: ChangeType::Deleted }
}

#[tokio::test(start_paused = true)]
async fn a_decline_that_no_notice_told_of_is_found() {
    let world = World::new().await;
    world.follow().await;
    world.clock.advance(minutes(5));
    invited_unseen(&world, 1).await;
    // The notice of the deletion comes before anybody knows of the invitation, and need not be remembered.
    world.hint("ana", 1, ChangeType::Deleted).await;
    assert!(world.find("ana", 1).await.is_none());
    world.follow().await;
    world.pass(minutes(15)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.cancelled("ana", 1)), (State::Done, 1));
    world.assert_sound("found");
}

#[tokio::test(start_paused = true)]
async fn whoever_has_a_copy_costs_nothing_but_point_reads() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.graph.all_calls();
    world.follow().await;
    assert_eq!(links_of(&world, &user("ana")).await, ["e"]);
    assert!(world.agenda().is_empty());
    let calls = world.graph.all_calls();
    assert_eq!(calls.get("events_by_ical_uid"), None, "{calls:?}");
    assert_eq!(copies(&world).await, Copies::AllThere);
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_comes_later_is_missed_when_it_vanishes_and_then_costs_no_more() {
    let world = World::new().await;
    world.graph.invite("ana", 1);
    let copy = world.graph.hint("ana", 1, ChangeType::Created);
    world.graph.remove("ana", 1);
    world.follow().await;
    world.pass(minutes(1)).await;
    assert!(matches!(copies(&world).await, Copies::Missing { .. }), "nobody has seen a copy");

    // Now it is there, and accepted; each deletion looks until all have a copy.
    world.graph.invite("ana", 1);
    world.observe(&[copy]).await;
    world.clock.advance(minutes(20));
    world.observe(&[private("lunch")]).await;
    assert_eq!(copies(&world).await, Copies::AllThere);
    world.tables.count();
    world.observe(&[private("dinner")]).await;
    assert_eq!(world.tables.count(), Count { gets: 2, scans: 0, writes: 0 });

    // Gone again: any deletion may be that of another copy.
    world.graph.remove("ana", 1);
    world.hint("ana", 1, ChangeType::Deleted).await;
    assert!(matches!(copies(&world).await, Copies::Missing { .. }));
}

/// The row says nothing of it: once the ledger is asked, and then the row says it.
#[tokio::test(start_paused = true)]
async fn a_mailbox_row_of_old_is_looked_into_once() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    mailboxes::update(&world.app.ledger, &contoso(), &user("ana"), |row| {
        Some(MailboxRow { copies: Copies::Unknown, ..row?.clone() })
    })
    .await
    .unwrap();
    let row =
        world.tables.dump(Table::Mailboxes).into_iter().find(|row| row.entity["user"] == "id-ana").unwrap();
    let mut old = row.entity.clone();
    old.remove("copies");
    let old: MailboxRow = serde_json::from_value(old.into()).unwrap();
    assert_eq!(old.copies, Copies::Unknown);
    world.graph.all_calls();
    world.observe(&[private("lunch")]).await;
    assert_eq!(copies(&world).await, Copies::AllThere);
    assert_eq!(world.graph.all_calls(), [].into());
}

#[tokio::test(start_paused = true)]
async fn a_lost_token_and_each_new_day_begin_with_a_new_window() {
    let world = World::new().await;
    world.graph.invite("ana", 1);
    world.graph.invite("ben", 2);
    world.follow().await;
    assert_eq!(links_of(&world, &user(ORGANIZER)).await, ["r", "r"]);
    for lost in [true, false] {
        // What went meanwhile is told by nobody: a new window does not show it.
        let gone = if lost { 1 } else { 2 };
        if lost {
            world.graph.lose_sync_states();
        }
        world.graph.remove_original(gone);
        world.clock.advance(if lost { minutes(5) } else { Duration::days(1) });
        world.graph.invite("cem", 3 + gone);
        world.follow().await;
        let there = links_of(&world, &user(ORGANIZER)).await;
        assert_eq!(there.len(), 2, "lost {lost}: one is gone, and one is new: {there:?}");
    }
}

/// A window ends. Nothing changes about what lies behind its end, so that no delta tells of it.
#[tokio::test(start_paused = true)]
async fn what_lies_behind_the_end_of_a_window_is_found_by_the_next() {
    let world = World::new().await;
    world.graph.invite("ana", 1);
    let late = world.now() + world.app.timing.horizon + Duration::hours(12);
    world.graph.original(1, |event| (event.start, event.end) = (Some(late), Some(late + Duration::hours(8))));
    for (hours, there) in [(0, 0), (6, 0), (18, 1)] {
        world.clock.advance(Duration::hours(hours));
        world.follow().await;
        assert_eq!(links_of(&world, &user(ORGANIZER)).await.len(), there, "{hours} h later");
    }
}

#[tokio::test(start_paused = true)]
async fn a_delta_that_lags_behind_loses_nothing() {
    let world = World::new().await;
    world.follow().await;
    world.graph.lag(true);
    invited_unseen(&world, 1).await;
    world.hint("ana", 1, ChangeType::Deleted).await;
    world.clock.advance(minutes(5));
    world.follow().await;
    world.pass(minutes(2)).await;
    assert!(world.find("ana", 1).await.is_none());
    world.graph.lag(false);
    world.follow().await;
    world.pass(minutes(15)).await;
    assert_eq!(world.state("ana", 1).await, State::Done);
}

#[tokio::test(start_paused = true)]
async fn a_calendar_is_followed_once_in_its_rest_and_by_one_at_a_time() {
    let world = World::new().await;
    let began = tokio::time::Instant::now();
    for _ in 0..5 {
        world.follow().await;
    }
    assert_eq!(world.graph.calls("calendar_changes"), 1);
    world.clock.advance(Duration::seconds(10));
    world.graph.yields.store(true, std::sync::atomic::Ordering::SeqCst);
    let app = &world.app;
    let (one, other) =
        futures::join!(invitations::follow(app, world.context()), invitations::follow(app, world.context()));
    one.and(other).unwrap();
    assert_eq!(world.graph.calls("calendar_changes"), 1);
    assert_eq!(began.elapsed(), std::time::Duration::ZERO);
}

/// What is removed outside of the window, or was never ours, is no reason to ask Graph for it.
#[tokio::test(start_paused = true)]
async fn a_removal_of_something_unknown_reads_no_event() {
    let world = World::new().await;
    world.follow().await;
    world.graph.all_calls();
    world.clock.advance(minutes(5));
    let mut far = FakeGraph::event("far away".into(), 9);
    far.start = far.start.map(|start| start + Duration::days(1_000));
    far.end = far.end.map(|end| end + Duration::days(1_000));
    world.graph.put(ORGANIZER, far);
    world.follow().await;
    let calls = world.graph.all_calls();
    assert!(calls.keys().all(|call| *call == "calendar_changes"), "{calls:?}");
}

#[tokio::test(start_paused = true)]
async fn a_calendar_that_can_not_be_read_now_is_followed_later() {
    for failure in [unavailable(), GraphError::Refused(failure())] {
        let world = World::new().await;
        world.follow().await;
        invited_unseen(&world, 1).await;
        world.graph.set_failure(ORGANIZER, Some(failure));
        world.clock.advance(minutes(5));
        world.follow().await;
        world.graph.set_failure(ORGANIZER, None);
        world.clock.advance(minutes(5));
        world.follow().await;
        world.pass(minutes(15)).await;
        assert_eq!(world.state("ana", 1).await, State::Done);
    }
}

/// Where the time of a round is over, the next one goes on.
#[tokio::test(start_paused = true)]
async fn a_reading_that_finds_its_time_over_goes_on_in_the_next_round() {
    let mut world = World::new().await;
    for session in 1..=5 {
        invited_unseen(&world, session).await;
    }
    world.app.timing.budgets.invitations = std::time::Duration::ZERO;
    world.follow().await;
    assert_eq!(world.graph.calls("calendar_changes"), 0);
    world.app.timing.budgets.invitations = std::time::Duration::from_secs(200);
    world.clock.advance(minutes(5));
    world.follow().await;
    world.pass(minutes(15)).await;
    for session in 1..=5 {
        assert_eq!(world.state("ana", session).await, State::Done, "session {session}");
    }
}

/// Whoever is not watched is not read; their invitation is known when they are.
#[tokio::test(start_paused = true)]
async fn an_invitation_of_a_joiner_is_found_by_their_first_comparison() {
    let world = World::new().await;
    world.forget_mailbox("ana").await;
    invited_unseen(&world, 1).await;
    world.follow().await;
    world.pass(minutes(2)).await;
    assert!(world.find("ana", 1).await.is_none());
    assert_eq!(links_of(&world, &user("ana")).await, ["o"]);
    world.watch().await;
    world.pass(minutes(15)).await;
    assert_eq!(world.state("ana", 1).await, State::Done);
    world.assert_sound("found");
}

/// An occurrence whose own subject was changed belongs to its series' session all the same.
#[tokio::test(start_paused = true)]
async fn an_occurrence_of_other_words_is_its_series() {
    for mode in [WatchMode::Attendees, WatchMode::Both] {
        let world = World::with(|tenant| {
            tenant.watch.mode = mode;
            tenant.recognise.session =
                SessionSource::Subject(r"\[session (?<session>\d+)\]".parse().unwrap());
        })
        .await;
        let with = |id: &str, subject: &str| {
            let mut event = FakeGraph::event(EventId::new(id), 1);
            event.subject = Some(subject.to_owned());
            event
        };
        let of_series = |id: &str, master: &str| Event {
            kind: EventKind::Exception,
            series_master: Some(EventId::new(master)),
            original_start: with(id, "").start,
            ..with(id, "Fire safety, another room")
        };
        world.graph.put("ana", Event { kind: EventKind::SeriesMaster, ..with("mine", "Course [session 1]") });
        world.graph.put("ana", of_series("mine-1", "mine"));
        let own = Hint::Changed { mailbox: user("ana"), event: "mine-1".into(), change: ChangeType::Updated };
        world.observe(&[own]).await;
        assert!(world.find("ana", 1).await.is_some(), "{mode:?}: by the learner's copy");

        let organizers = |event: Event| {
            let mut event = Event { is_organizer: true, ..event };
            event.attendees.push(crate::calendar::event::Attendee {
                address: address("ben"),
                response: crate::calendar::event::Response { answer: Answer::None, at: None },
                is_resource: false,
                proposes: false,
            });
            event
        };
        world.graph.put(
            ORGANIZER,
            organizers(Event { kind: EventKind::SeriesMaster, ..with("theirs", "Course [session 1]") }),
        );
        world.graph.put(ORGANIZER, organizers(of_series("theirs-1", "theirs")));
        let hint = Hint::Organized { organizer: user(ORGANIZER), event: "theirs-1".into() };
        world.observe(&[hint]).await;
        world.pass(minutes(1)).await;
        assert!(world.find("ben", 1).await.is_some(), "{mode:?}: by the organizer's");
    }
}

/// However many snapshots there are, a deletion of something unknown reads none of them.
#[tokio::test(start_paused = true)]
async fn an_unknown_deletion_in_an_organizers_mailbox_costs_point_reads() {
    let world = World::with(|tenant| tenant.watch.mode = WatchMode::Both).await;
    for session in 1..=20 {
        world.graph.invite("ana", session);
    }
    world.follow().await;
    let gone = |n: u32| Hint::Changed {
        mailbox: user(ORGANIZER),
        event: original(100 + n),
        change: ChangeType::Deleted,
    };
    // The first one marks what an earlier build has stored.
    world.observe(&[gone(0)]).await;
    world.tables.count();
    for n in 1..=10 {
        world.observe(&[gone(n)]).await;
    }
    let count = world.tables.count();
    assert_eq!((count.scans, count.writes), (0, 0), "{count:?}");
    assert!(count.gets <= 50, "{count:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_known_of_an_organizer_goes_with_them() {
    let mut world = World::new().await;
    world.graph.invite("ana", 1);
    world.follow().await;
    let followed = |world: &World| {
        let rows = world.tables.dump(Table::Connections);
        rows.iter().filter(|row| row.partition == "contoso~followed").count()
    };
    assert_eq!(followed(&world), 1);
    let snapshots = world.tables.dump(Table::Links).into_iter().filter(|row| row.row.starts_with("r-"));
    let stored = snapshots.map(|row| format!("{:?}", row.entity)).collect::<String>();
    assert!(!stored.contains("ana@contoso.com"), "addresses are kept as keyed hashes: {stored}");
    world.tenant.watch.organizers = vec![address("ben")];
    world.restart().await;
    housekeeping::housekeep(&world.app).await.unwrap();
    assert_eq!(followed(&world), 0);
    assert!(links_of(&world, &user(ORGANIZER)).await.is_empty());
    assert!(organizer_mailboxes::mailboxes(world.context()).await.unwrap().contains(&user("ben")));
}

/// One page a round, and a round every six hours: more than a day, and the end is reached all the same.
#[tokio::test(start_paused = true)]
async fn a_window_that_takes_longer_than_a_day_is_read_to_its_end() {
    let mut world = World::new().await;
    for session in 1..=12 {
        invited_unseen(&world, session).await;
        world.graph.original(session, |event| {
            event.start = event.start.map(|start| start + Duration::days(30));
            event.end = event.end.map(|end| end + Duration::days(30));
        });
    }
    world.app.timing.budgets.invitations = std::time::Duration::from_millis(900);
    world.graph.state.lock().unwrap().slow_changes = std::time::Duration::from_secs(1);
    for _ in 0..10 {
        world.follow().await;
        world.clock.advance(Duration::hours(6));
        world.tick().await;
    }
    assert_eq!(links_of(&world, &user(ORGANIZER)).await.len(), 12);
}

/// The events of a page take longer than the round: they go on the agenda, and the page is done with.
#[tokio::test(start_paused = true)]
async fn what_a_page_tells_of_and_there_is_no_time_for_goes_on_the_agenda() {
    let mut world = World::new().await;
    for session in 1..=4 {
        invited_unseen(&world, session).await;
    }
    world.app.timing.budgets.invitations = std::time::Duration::from_secs(3);
    world.graph.state.lock().unwrap().slow_events = std::time::Duration::from_secs(5);
    let began = tokio::time::Instant::now();
    for _ in 0..4 {
        world.follow().await;
        world.clock.advance(minutes(5));
    }
    assert!(began.elapsed() <= std::time::Duration::from_secs(4 * 4), "{:?}", began.elapsed());
    assert!(!world.agenda().is_empty());
    world.graph.state.lock().unwrap().slow_events = std::time::Duration::ZERO;
    world.pass(minutes(60)).await;
    for session in 1..=4 {
        assert_eq!(world.state("ana", session).await, State::Done, "session {session}");
    }
}

fn stored(world: &World) -> serde_json::Value {
    let rows = world.tables.dump(Table::Connections);
    let row = rows.into_iter().find(|row| row.partition == "contoso~followed").unwrap();
    row.entity.into()
}

/// A link that leads elsewhere, or to nothing that can be read, is not asked for again; one that is lost
/// again at once ends the round.
#[tokio::test(start_paused = true)]
async fn a_link_that_is_worth_nothing_is_not_asked_for_for_ever() {
    let world = World::new().await;
    world.graph.invite("ana", 1);
    world.follow().await;
    assert!(stored(&world)["next"].is_string());
    let why = Failure { status: None, code: "foreignNextLink".into(), request_id: None };
    world.graph.set_failure(ORGANIZER, Some(GraphError::Invalid(why)));
    world.clock.advance(minutes(5));
    world.follow().await;
    assert!(stored(&world)["next"].is_null());
    world.graph.set_failure(ORGANIZER, None);
    world.graph.remove_original(1);
    world.clock.advance(minutes(5));
    world.follow().await;
    assert!(
        links_of(&world, &user(ORGANIZER)).await.is_empty(),
        "a new window: what went meanwhile is found"
    );

    world.graph.invite("ana", 2);
    world.graph.state.lock().unwrap().loses_all = true;
    world.clock.advance(minutes(5));
    world.graph.all_calls();
    world.follow().await;
    assert!(world.graph.calls("calendar_changes") <= 5);
    world.graph.state.lock().unwrap().loses_all = false;
    world.clock.advance(minutes(5));
    world.follow().await;
    assert_eq!(links_of(&world, &user(ORGANIZER)).await.len(), 1);
}

async fn unfollowed(world: &World) -> Option<alerts::Alert> {
    let open = alerts::open(&world.app.ledger, &contoso()).await.unwrap();
    open.into_iter().find(|alert| alert.kind == AlertKind::OrganizerUnfollowed)
}

#[tokio::test(start_paused = true)]
async fn an_organizer_whose_calendar_is_not_followed_for_two_hours_is_told_of_until_it_is() {
    for failure in [unavailable(), GraphError::Refused(failure())] {
        let world = World::new().await;
        world.watch().await;
        world.graph.set_failure(ORGANIZER, Some(failure.clone()));
        world.clock.advance(minutes(5));
        let since = world.now();
        while world.now() < since + minutes(115) {
            world.watch().await;
            world.clock.advance(minutes(5));
        }
        world.watch().await;
        assert_eq!(unfollowed(&world).await, None, "{failure:?}: not for so short a time");
        world.clock.advance(minutes(5));
        world.watch().await;
        let alert = unfollowed(&world).await.unwrap();
        assert_eq!(alert.count, 1);
        assert!(alert.step.contains("id-learning since 2026-11-21T12:05:00.000Z."), "{}", alert.step);
        assert!(!alert.step.contains('@'), "{}", alert.step);
        world.clock.advance(minutes(5));
        world.watch().await;
        assert_eq!(unfollowed(&world).await, Some(alert), "{failure:?}: said once");

        world.graph.set_failure(ORGANIZER, None);
        world.clock.advance(minutes(5));
        world.watch().await;
        world.clock.advance(minutes(5));
        world.watch().await;
        assert_eq!(unfollowed(&world).await, None, "{failure:?}: followed again");
    }
}

/// Slow is not stuck: while each round comes to an end nobody is told of anything; a reading that never ends
/// is.
#[tokio::test(start_paused = true)]
async fn a_calendar_that_never_comes_to_its_end_is_told_of_and_a_removed_organizer_is_not() {
    let mut world = World::new().await;
    world.app.timing.budgets.invitations = std::time::Duration::ZERO;
    for _ in 0..26 {
        world.watch().await;
        world.clock.advance(minutes(5));
    }
    assert!(unfollowed(&world).await.is_some());
    world.tenant.watch.organizers.clear();
    world.restart().await;
    world.watch().await;
    assert_eq!(unfollowed(&world).await, None);
}
