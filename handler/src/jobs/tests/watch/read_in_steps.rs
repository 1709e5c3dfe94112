//! A comparison that takes longer than an invocation goes on where it stopped, whoever's calendar it is.

use crate::calendar::event::Answer;
use crate::config::WatchMode;
use crate::enrolment::transitions::State;
use crate::invocation_deadline::WHOLE;
use crate::jobs::testing::graph::{original, unavailable};
use crate::jobs::testing::{ORGANIZER, World, contoso, minutes, user};
use crate::jobs::watch::{maintain, read_in_steps};
use crate::ledger::mailboxes::{self, MailboxRow};
use crate::messages::{ChangeType, Hint, MailboxTask, Mailboxes, TaskKind};
use crate::store::Table;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::Instant;

/// Sessions in the calendar, each on a page of its own.
const SESSIONS: u32 = 9;

async fn row(world: &World, name: &str) -> MailboxRow {
    mailboxes::load(&world.app.ledger, &contoso(), &user(name)).await.unwrap().unwrap()
}

fn kept(world: &World, name: &str) -> usize {
    let kept = read_in_steps::kept(&contoso(), &user(name));
    world.tables.dump(Table::Connections).iter().filter(|row| row.partition == kept.partition()).count()
}

fn pages(world: &World, takes: Duration) {
    world.graph.state.lock().unwrap().paged = Some((1, takes));
}

/// Hands a message to maintain this mailbox over, with all that it goes on by. How many there were.
async fn maintained(world: &World, name: &str) -> usize {
    let task = MailboxTask { mailbox: user(name), kind: TaskKind::Tend, subscription: None };
    let mut next = Some(Mailboxes::of(contoso(), vec![task]));
    let mut messages = 0;
    while let Some(message) = next.take() {
        messages += 1;
        let began = Instant::now();
        let maintained = maintain::maintain(&world.app, &message).await.unwrap();
        assert!(began.elapsed() <= WHOLE, "{:?}", began.elapsed());
        world.observe(&maintained.hints).await;
        world.clock.advance(chrono::Duration::seconds(10));
        next = maintained.rest;
    }
    messages
}

/// Ana has declined what nobody has told of; the calendar of `name` shows it.
async fn declined_unseen(mode: WatchMode) -> World {
    let world = World::with(|tenant| tenant.watch.mode = mode).await;
    for session in 1..=SESSIONS {
        world.graph.invite("ana", session);
        world.graph.respond("ana", session, Answer::Declined);
        world.graph.answer("ana", session, Answer::Declined);
    }
    world
}

async fn assert_all_is_found(world: &World) {
    world.pass(minutes(15)).await;
    for session in 1..=SESSIONS {
        assert_eq!(world.state("ana", session).await, State::Done, "session {session}");
    }
    world.assert_sound("in the end");
}

#[tokio::test(start_paused = true)]
async fn a_calendar_whose_pages_are_slow_is_compared_to_its_end() {
    for (mode, name) in [(WatchMode::Attendees, "ana"), (WatchMode::Organizer, ORGANIZER)] {
        let world = declined_unseen(mode).await;
        pages(&world, Duration::from_secs(3));
        let asked = world.now();
        let messages = maintained(&world, name).await;
        assert!((2..=SESSIONS as usize + 1).contains(&messages), "{name}: {messages}");
        // Each page but those that were cut off was read once.
        assert_eq!(world.graph.calls("calendar_view"), SESSIONS as usize, "{name}");
        let row = row(&world, name).await;
        assert_eq!((row.resynced_at, row.comparing), (Some(asked), None), "{name}: as of its beginning");
        assert_eq!(kept(&world, name), 0, "{name}");
        assert_all_is_found(&world).await;
    }
}

/// Between two messages the process ends, and the next planning round goes on.
#[tokio::test(start_paused = true)]
async fn what_was_read_outlives_the_process() {
    let mut world = declined_unseen(WatchMode::Attendees).await;
    pages(&world, Duration::from_secs(3));
    for _ in 0..SESSIONS {
        // Of what it goes on by nothing arrives.
        world.watch().await;
        world.clock.advance(minutes(6));
        world.restart().await;
    }
    assert_eq!(row(&world, "ana").await.comparing, None);
    assert!(world.graph.calls("calendar_view") < 3 * SESSIONS as usize);
    assert_all_is_found(&world).await;
}

#[tokio::test(start_paused = true)]
async fn a_calendar_of_many_pages_that_come_soon_writes_nothing_down() {
    let world = declined_unseen(WatchMode::Attendees).await;
    pages(&world, Duration::from_millis(100));
    assert_eq!(maintained(&world, "ana").await, 1);
    assert_eq!(world.graph.calls("calendar_view"), SESSIONS as usize);
    assert_all_is_found(&world).await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_link_and_failures_on_the_way_lead_to_the_end_all_the_same() {
    let world = declined_unseen(WatchMode::Attendees).await;
    pages(&world, Duration::from_secs(3));
    let task = MailboxTask { mailbox: user("ana"), kind: TaskKind::Tend, subscription: None };
    let message = Mailboxes::of(contoso(), vec![task]);
    maintain::maintain(&world.app, &message).await.unwrap();
    assert!(row(&world, "ana").await.comparing.is_some() && kept(&world, "ana") > 0);

    // Graph is away for a while: what was read stays.
    let before = row(&world, "ana").await.comparing;
    world.graph.set_failure("ana", Some(unavailable()));
    world.clock.advance(minutes(1));
    maintain::maintain(&world.app, &message).await.unwrap();
    assert_eq!(row(&world, "ana").await.comparing, before);
    world.graph.set_failure("ana", None);

    // Then it has lost the link, once, and again with the next one.
    world.graph.state.lock().unwrap().lost_pages = 2;
    world.clock.advance(minutes(1));
    maintain::maintain(&world.app, &message).await.unwrap();
    world.clock.advance(minutes(1));
    maintained(&world, "ana").await;
    assert_eq!((row(&world, "ana").await.comparing, kept(&world, "ana")), (None, 0));
    assert_all_is_found(&world).await;
}

/// Whoever gives pages without an end is left, and told of.
#[tokio::test(start_paused = true)]
async fn a_calendar_without_an_end_is_given_up() {
    let world = declined_unseen(WatchMode::Attendees).await;
    world.graph.state.lock().unwrap().paged = Some((100, Duration::ZERO));
    world.graph.state.lock().unwrap().endless = true;
    assert_eq!(maintained(&world, "ana").await, 1);
    let row = row(&world, "ana").await;
    assert_eq!((row.resynced_at, row.comparing), (None, None));
    let open = crate::ledger::alerts::open(&world.app.ledger, &contoso()).await.unwrap();
    assert!(open.iter().any(|alert| alert.kind == "graph-invalid"), "{open:?}");
}

/// Yesterday's half is not put together with today's, nor the near sessions with the whole.
#[tokio::test(start_paused = true)]
async fn what_is_old_or_of_another_scope_is_begun_anew() {
    let world = declined_unseen(WatchMode::Attendees).await;
    pages(&world, Duration::from_secs(3));
    world.watch().await;
    let before = row(&world, "ana").await.comparing.unwrap();
    assert_eq!(before.scope, mailboxes::ResyncScope::Whole);
    world.clock.advance(chrono::Duration::days(1));
    world.watch().await;
    let after = row(&world, "ana").await.comparing.unwrap();
    assert!(after.asked >= before.asked + chrono::Duration::days(1));
    // Rows of the old one go with the new one's.
    world.clock.advance(minutes(6));
    maintained(&world, "ana").await;
    assert_eq!(kept(&world, "ana"), 0);
}

#[tokio::test(start_paused = true)]
async fn whoever_is_released_takes_what_was_kept_along() {
    let world = declined_unseen(WatchMode::Attendees).await;
    pages(&world, Duration::from_secs(3));
    world.watch().await;
    assert!(kept(&world, "ana") > 0);
    mailboxes::update(&world.app.ledger, &contoso(), &user("ana"), |row| {
        Some(MailboxRow { leaving: true, ..row?.clone() })
    })
    .await
    .unwrap();
    world.clock.advance(minutes(6));
    let task = MailboxTask { mailbox: user("ana"), kind: TaskKind::Release, subscription: None };
    maintain::maintain(&world.app, &Mailboxes::of(contoso(), vec![task])).await.unwrap();
    assert_eq!(kept(&world, "ana"), 0);
}

/// A row of an earlier build has none of it; each key is written once, however the pages fall.
#[tokio::test(start_paused = true)]
async fn nothing_is_seen_twice_or_left_out_where_pages_are_kept() {
    let world = World::with(|tenant| tenant.watch.mode = WatchMode::Organizer).await;
    for session in 1..=SESSIONS {
        world.graph.invite("ana", session);
    }
    pages(&world, Duration::from_secs(3));
    let task = MailboxTask { mailbox: user(ORGANIZER), kind: TaskKind::Tend, subscription: None };
    let mut next = Some(Mailboxes::of(contoso(), vec![task]));
    let mut hinted = Vec::new();
    while let Some(message) = next.take() {
        let maintained = maintain::maintain(&world.app, &message).await.unwrap();
        hinted.extend(maintained.hints);
        next = maintained.rest;
    }
    // The last one says that the mailbox is compared.
    assert!(matches!(hinted.pop(), Some(Hint::Resynced { .. })));
    let told: Vec<String> = hinted.iter().map(Hint::subject).collect();
    let distinct: BTreeSet<String> = told.iter().cloned().collect();
    let all = (1..=SESSIONS).map(original);
    assert_eq!(told.len(), distinct.len());
    let hint =
        |event| Hint::Changed { mailbox: user(ORGANIZER), event, change: ChangeType::Updated }.subject();
    assert_eq!(distinct, all.map(hint).collect());
}
