use super::*;
use crate::chaos::{Chaos, Faults};
use crate::clock::ManualClock;
use crate::host_json::Encoding;
use crate::queues::{Queues, SendError};
use std::path::Path;

const LEASE: TimeDelta = TimeDelta::minutes(10);

fn clock() -> ManualClock {
    ManualClock::at("2026-11-21T10:00:00Z".parse().unwrap())
}

fn queues(directory: &Path, clock: &ManualClock) -> Queues {
    let database = Database::open(directory).unwrap();
    let store = Arc::new(DiskQueues::new(database, Arc::new(clock.clone()), LEASE));
    Queues::new(store, Encoding::Base64, Arc::new(Faults::new(Chaos::default())))
}

fn jobs() -> QueueName {
    QueueName::parse("jobs").unwrap()
}

async fn one(queues: &Queues) -> Option<Leased> {
    queues.receive(&jobs(), 1).await.unwrap().messages.pop()
}

#[tokio::test]
async fn a_lease_hides_a_message_for_ten_minutes_and_each_delivery_counts() {
    let (directory, clock) = (tempfile::tempdir().unwrap(), clock());
    let queues = queues(directory.path(), &clock);
    queues.send(&jobs(), b"hello").await.unwrap();
    let first = one(&queues).await.unwrap();
    assert_eq!((first.dequeues, first.body.as_str()), (1, "aGVsbG8="));
    let stale = first.receipt.clone();
    drop(first);
    clock.advance(TimeDelta::seconds(599));
    assert!(one(&queues).await.is_none());
    clock.advance(TimeDelta::seconds(1));
    let mut second = one(&queues).await.unwrap();
    assert_eq!(second.dequeues, 2);
    second.receipt = stale;
    assert_eq!(queues.renew(&second).await.unwrap(), None, "an old receipt has no power");
}

#[tokio::test]
async fn a_message_in_hand_is_not_handed_out_again_even_if_the_clock_leaps_past_its_lease() {
    let (directory, clock) = (tempfile::tempdir().unwrap(), clock());
    let queues = queues(directory.path(), &clock);
    queues.send(&jobs(), b"a").await.unwrap();
    queues.send(&jobs(), b"b").await.unwrap();
    let held = one(&queues).await.unwrap();
    clock.advance(TimeDelta::hours(1));
    let others = queues.receive(&jobs(), 5).await.unwrap().messages;
    assert_eq!(others.iter().map(|message| message.body.as_str()).collect::<Vec<_>>(), ["Yg=="]);
    assert!(queues.delete(&held).await.unwrap());
}

#[tokio::test]
async fn renewal_prolongs_the_lease_under_a_new_receipt() {
    let (directory, clock) = (tempfile::tempdir().unwrap(), clock());
    let queues = queues(directory.path(), &clock);
    queues.send(&jobs(), b"long").await.unwrap();
    let mut message = one(&queues).await.unwrap();
    clock.advance(TimeDelta::minutes(5));
    let renewed = queues.renew(&message).await.unwrap().unwrap();
    assert!(!queues.delete(&message).await.unwrap(), "the first receipt is stale");
    message.receipt = renewed;
    let id = message.id.clone();
    drop(message);
    clock.advance(TimeDelta::minutes(6));
    assert!(one(&queues).await.is_none());
    clock.advance(TimeDelta::minutes(4));
    assert_eq!(one(&queues).await.unwrap().id, id);
}

#[tokio::test]
async fn messages_outlive_the_process_and_a_dead_hosts_leases_hold_for_their_ten_minutes() {
    let (directory, clock) = (tempfile::tempdir().unwrap(), clock());
    let first = queues(directory.path(), &clock);
    for text in ["leased", "retried later", "waiting"] {
        first.send(&jobs(), text.as_bytes()).await.unwrap();
    }
    let mut messages = first.receive(&jobs(), 2).await.unwrap().messages;
    first.release(&messages.pop().unwrap(), TimeDelta::minutes(1)).await.unwrap();
    drop((messages, first));
    let second = queues(directory.path(), &clock);
    for (minutes, visible) in [(0, 1), (1, 2), (8, 2), (1, 3)] {
        clock.advance(TimeDelta::minutes(minutes));
        let (depths, _) = second.depths().await.unwrap();
        assert_eq!(
            depths.get("jobs"),
            Some(&Depth { visible, invisible: 3 - visible }),
            "after {minutes} more"
        );
    }
}

#[tokio::test]
async fn poison_is_a_move_with_a_fresh_count() {
    let (directory, clock) = (tempfile::tempdir().unwrap(), clock());
    let queues = queues(directory.path(), &clock);
    queues.send(&jobs(), b"bad").await.unwrap();
    let message = one(&queues).await.unwrap();
    let poison = jobs().poison().unwrap();
    assert!(queues.poison(&message, &poison).await.unwrap());
    assert!(!queues.poison(&message, &poison).await.unwrap(), "a second move would make a second copy");
    let stored = queues.peek(&poison).await.unwrap();
    assert_eq!(stored.len(), 1);
    assert_eq!((stored[0].text.as_str(), stored[0].dequeues), ("bad", 0));
    assert_ne!(stored[0].id, message.id);
    assert!(queues.peek(&jobs()).await.unwrap().is_empty());
}

#[tokio::test]
async fn messages_live_seven_days_and_have_64_kib_on_the_wire() {
    let (directory, clock) = (tempfile::tempdir().unwrap(), clock());
    let queues = queues(directory.path(), &clock);
    queues.send(&jobs(), &[b'x'; 48 * 1024]).await.unwrap();
    assert!(matches!(queues.send(&jobs(), &[b'x'; 48 * 1024 + 1]).await, Err(SendError::TooLarge(65_540))));
    clock.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
    assert_eq!(queues.receive(&jobs(), 0).await.unwrap().expired, 0);
    clock.advance(TimeDelta::seconds(1));
    assert_eq!(
        queues.receive(&jobs(), 1).await.map(|found| (found.messages.len(), found.expired)).unwrap(),
        (0, 1)
    );
}
