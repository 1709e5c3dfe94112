use super::*;
use crate::calendar::event::Event;
use crate::calendar::event::tests::event;
use crate::ids::{Address, LearnerKey, SessionId};
use crate::publishing::event_key::{Audience, EventKey};
use crate::publishing::testing::at;
use crate::publishing::written::{Act, Meeting, Underway};
use crate::sessions::session::PartId;

fn shown(hour: u32, title: &str, place: &str) -> Shown {
    let (start, end) = (Some(at(hour, 0)), Some(at(hour + 1, 0)));
    let (subject, location) = (Some(title.to_owned()), Some(place.to_owned()));
    Shown::of(&Event { start, end, subject, location, ..event("one") })
}

fn row() -> Written {
    let learner = Audience::Learner(LearnerKey::new("ana"));
    let key = EventKey { session: SessionId::new("4711"), part: PartId("1".into()), audience: learner };
    let row = Written::new(key, Address::new("learning@contoso.com"));
    Written { stand: Stand::Stands, shown: Some(shown(10, "First aid", "Room 7")), ..row }
}

fn lms() -> Edits {
    Edits { when: Wins::Lms, title: Wins::Lms, place: Wins::Lms }
}

/// What is shown now, who wins, and what was edited; `true`: it is undone.
#[test]
fn each_field_is_decided_by_itself() {
    let mixed = Edits { when: Wins::Lms, ..Edits::default() };
    type Edited = &'static [(Field, bool)];
    let table: [(Shown, Edits, Edited); 6] = [
        (shown(11, "First aid", "Room 7"), Edits::default(), &[(Field::When, false)]),
        (shown(11, "First aid", "Room 7"), lms(), &[(Field::When, true)]),
        (shown(10, "Cancelled?", "Room 7"), mixed, &[(Field::Title, false)]),
        (shown(11, "Cancelled?", "Room 7"), mixed, &[(Field::When, true), (Field::Title, false)]),
        (shown(10, "First aid", ""), lms(), &[(Field::Place, true)]),
        (shown(11, "x", "y"), lms(), &[(Field::When, true), (Field::Place, true), (Field::Title, true)]),
    ];
    for (now, edits, expected) in table {
        let seen = seen(&row(), &now, edits).expect("it differs");
        assert_eq!(seen.edited.iter().map(|(field, undoes)| (*field, *undoes)).collect::<Vec<_>>(), expected);
        let undone: BTreeSet<Field> =
            expected.iter().filter(|(_, undoes)| *undoes).map(|(field, _)| *field).collect();
        assert_eq!((&seen.next.undo, &seen.next.undone), (&undone, &undone));
        // Seen once more it is as it is.
        assert_eq!(super::seen(&seen.next, &now, edits), None);
    }
}

#[test]
fn what_was_undone_once_is_told_and_not_undone_again() {
    let row = Written { undone: [Field::When].into(), ..row() };
    let seen = seen(&row, &shown(12, "First aid", "Room 7"), lms()).unwrap();
    assert_eq!(seen.edited, [(Field::When, false)].into());
    assert_eq!(seen.next.undo, BTreeSet::new());
}

#[test]
fn nothing_follows_while_we_write_or_where_it_does_not_stand() {
    let now = shown(11, "x", "y");
    let act = Some(Underway {
        act: Act::Attendees { wanted: Default::default(), takes_off: false },
        since: at(9, 0),
    });
    let rows = [
        Written { act, ..row() },
        Written { stand: Stand::TakenAway { at: at(9, 0) }, ..row() },
        Written { missing: Some(at(9, 0)), ..row() },
    ];
    for row in rows {
        assert_eq!(seen(&row, &now, lms()), None);
    }
}

/// Of what was not read nothing is said, and what is read for the first time is no edit.
#[test]
fn what_was_not_known_is_learned() {
    let bare = Shown::of(&Event { start: Some(at(10, 0)), end: Some(at(11, 0)), ..event("one") });
    assert_eq!(seen(&row(), &bare, lms()), None);
    let new = Written { shown: None, ..row() };
    let first = seen(&new, &shown(10, "First aid", "Room 7"), lms()).unwrap();
    assert_eq!((first.edited.len(), &first.next.shown), (0, &row().shown));
    let half = Written { shown: Some(bare), ..row() };
    let rest = seen(&half, &shown(11, "First aid", "Room 7"), lms()).unwrap();
    assert_eq!(rest.edited, [(Field::When, true)].into());
}

#[test]
fn what_teams_and_rooms_write_is_no_edit() {
    let meeting = Some(Meeting::begun(at(9, 0), true));
    let online = Written { meeting, ..row() };
    assert_eq!(seen(&online, &shown(10, "First aid", "Microsoft Teams Meeting"), lms()), None);
    assert!(seen(&online, &shown(11, "First aid", "Microsoft Teams Meeting"), lms()).is_some());
}
