use super::*;
use crate::ids::Address;

fn record(id: &str, state: RecordState) -> PlaceRecord {
    PlaceRecord {
        id: RecordId(id.into()),
        session: SessionId::new("4711"),
        person: Person {
            learner: LearnerKey::new("ana"),
            address: Some(Address::new("ana@contoso.com")),
            name: None,
            language: None,
            is_test: false,
        },
        state,
        since: None,
    }
}

fn place(records: &[PlaceRecord]) -> Place {
    let mut place = Place::new(SessionId::new("4711"), LearnerKey::new("ana"));
    records.iter().cloned().for_each(|record| place.learn(record));
    place
}

/// Each set of states, and what it means.
#[test]
fn a_place_is_the_set_of_its_records() {
    use RecordState::*;
    let unknown = || Unknown("parked".into());
    let cases: Vec<(Vec<RecordState>, Holding)> = vec![
        (vec![Held], Holding::Held),
        (vec![Attended], Holding::Held),
        (vec![NoShow], Holding::Held),
        (vec![Held, Tombstone], Holding::Held),
        (vec![Cancelled, Held], Holding::Held),
        (vec![unknown(), Held], Holding::Held),
        (vec![Tombstone], Holding::NotHeld),
        (vec![Cancelled, Declined, Tombstone], Holding::NotHeld),
        (vec![], Holding::NotHeld),
        (vec![Waitlisted], Holding::Pending),
        (vec![Cancelled, Requested], Holding::Pending),
        (vec![Invited], Holding::Pending),
        (vec![unknown()], Holding::Unknown),
        (vec![Cancelled, unknown()], Holding::Unknown),
        (vec![Waitlisted, unknown()], Holding::Unknown),
    ];
    for (states, holding) in cases {
        let records: Vec<PlaceRecord> =
            states.iter().enumerate().map(|(at, state)| record(&at.to_string(), state.clone())).collect();
        assert_eq!(place(&records).holding(), holding, "{states:?}");
    }
}

#[test]
fn a_tombstone_ends_only_its_own_record() {
    let both = place(&[record("1", RecordState::Held), record("2", RecordState::Held)]);
    let mut one = both.clone();
    one.learn(record("1", RecordState::Tombstone));
    assert_eq!(one.holding(), Holding::Held);
    one.learn(record("2", RecordState::Tombstone));
    assert_eq!(one.holding(), Holding::NotHeld);
}

#[test]
fn a_test_order_is_nobodys_place() {
    let mut test = record("1", RecordState::Held);
    test.person.is_test = true;
    let place = place(&[test]);
    assert_eq!(place.holding(), Holding::NotHeld);
    assert_eq!(place.person().err(), Some(Unreachable::Test));
}

/// A token that lost a right shows rows without addresses.
#[test]
fn who_is_not_shown_any_more_stays_known() {
    let mut place = place(&[record("1", RecordState::Held)]);
    let mut hidden = record("1", RecordState::Held);
    hidden.person.address = None;
    place.learn(hidden.clone());
    assert!(place.person().is_ok());
    hidden.id = RecordId("2".into());
    let alone = self::place(&[hidden]);
    assert_eq!(alone.person().err(), Some(Unreachable::NoAddress));
}
