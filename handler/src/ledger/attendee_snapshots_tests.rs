use super::*;
use crate::jobs::testing::{World, contoso};
use crate::messages::LinkRef;
use crate::store::Tables as _;
use chrono::Duration;

fn organizer() -> UserId {
    UserId::new("5c2f1a70-2222-4a4a-9b9b-0123456789ab")
}

/// People as they come: real ids of 36 characters, keyed hashes of 22, and all have answered.
fn people(count: u128, tag: u128) -> BTreeMap<String, SnapshotEntry> {
    let person = |n: u128| {
        let hash = hash(&format!("learner{n}@contoso.com"));
        let id = UserId::new(Uuid::from_u128(n << 64 | tag).hyphenated().to_string());
        (hash, SnapshotEntry(id, format!("a{}", 1_795_257_600_000 + n)))
    };
    (0..count).map(person).collect()
}

fn snapshot(event: &str, people: BTreeMap<String, SnapshotEntry>) -> AttendeeSnapshot {
    let start = "2026-12-01T09:00:00Z".parse().ok();
    AttendeeSnapshot {
        // As long as Graph's immutable ids are.
        event: EventId::new(format!("{event}{}", "A".repeat(152))),
        session: SessionId::new("4711"),
        master: Some(EventId::new("M".repeat(152))),
        is_cancelled: false,
        start,
        end: start.map(|start: DateTime<Utc>| start + Duration::hours(1)),
        people,
    }
}

async fn kept(world: &World, snapshot: &AttendeeSnapshot) -> Option<AttendeeSnapshot> {
    keep(&world.app.ledger, &contoso(), &organizer(), snapshot).await.unwrap();
    load(&world.app.ledger, &contoso(), &organizer(), &snapshot.event).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn five_hundred_who_have_all_answered_are_stored_and_so_are_thousands() {
    let world = World::new().await;
    for count in [0, 1, 394, 395, 500, 5_000, 0, 1_000] {
        let snapshot = snapshot("e", people(count, 7));
        assert_eq!(kept(&world, &snapshot).await.as_ref(), Some(&snapshot), "{count}");
    }
    let last = snapshot("e", BTreeMap::new());
    forget(&world.app.ledger, &contoso(), &organizer(), &last.event).await.unwrap();
    forget_series(&world.app.ledger, &contoso(), &organizer(), &last.master.unwrap()).await.unwrap();
    assert!(world.tables.dump(Table::Links).is_empty(), "no row is left over");
}

#[tokio::test(start_paused = true)]
async fn a_series_of_fifty_occurrences_with_five_hundred_each_is_stored_and_found() {
    let world = World::new().await;
    let snapshots: Vec<AttendeeSnapshot> =
        (0..50).map(|n| snapshot(&format!("e{n}"), people(500, n))).collect();
    for snapshot in &snapshots {
        keep(&world.app.ledger, &contoso(), &organizer(), snapshot).await.unwrap();
    }
    let mut found = all(&world.app.ledger, &contoso(), &organizer()).await.unwrap();
    found.sort_by_key(|snapshot| snapshots.iter().position(|known| known.event == snapshot.event));
    assert_eq!(found, snapshots);
}

/// As builds before stored it: the answers in a property of their own.
#[tokio::test(start_paused = true)]
async fn a_snapshot_that_was_stored_before_is_read_and_replaced() {
    let world = World::new().await;
    let old = snapshot("e", people(100, 1));
    let (partition, row) = (LinkRef::partition(&contoso(), &organizer()), row_of(&old.event));
    world.tables.insert(Table::Links, &partition, &row, typed::entity(&old).unwrap()).await.unwrap();
    let found = load(&world.app.ledger, &contoso(), &organizer(), &old.event).await.unwrap();
    assert_eq!(found.as_ref(), Some(&old));
    let new = snapshot("e", people(600, 1));
    assert_eq!(kept(&world, &new).await, Some(new));
}

#[tokio::test(start_paused = true)]
async fn rows_of_different_writings_are_not_taken_for_one() {
    let world = World::new().await;
    let snapshot = snapshot("e", people(1_000, 1));
    kept(&world, &snapshot).await;
    let (partition, row) = (LinkRef::partition(&contoso(), &organizer()), row_of(&snapshot.event));
    let torn =
        typed::entity(&SnapshotOverflowRow { writing: "another".into(), packed: String::new() }).unwrap();
    world
        .tables
        .batch(Table::Links, &partition, vec![Op::Put { row: more_of(&row, 0), entity: torn }])
        .await
        .unwrap();
    assert!(load(&world.app.ledger, &contoso(), &organizer(), &snapshot.event).await.is_err());
}

#[test]
fn every_id_is_packed_and_read_again() {
    for id in [
        "3f2c1a70-1111-4a4a-9b9b-0123456789ab",
        "outside-Zm9vYmFyYmF6cXV4MTIzNA",
        "A B\n",
        "",
        "3F2C1A70-1111-4A4A-9B9B-0123456789AB",
    ] {
        let id = UserId::new(id);
        assert_eq!(unpack_id(&pack_id(&id)), Some(id));
    }
}
