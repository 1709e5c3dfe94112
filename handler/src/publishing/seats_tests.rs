use super::*;
use crate::publishing::event_key::{Audience, EventKey};
use crate::publishing::testing::at;
use crate::sessions::session::PartId;

const ALL: [Holding; 4] = [Holding::Held, Holding::Pending, Holding::NotHeld, Holding::Unknown];

/// Listed at ten or not at all; and declined, and lost the place by it, at twelve.
fn seat(holding: Holding, decline: Decline, is_listed: bool) -> Seat {
    Seat { holding, seen_at: at(11, 0), decline, listed_at: is_listed.then(|| at(10, 0)) }
}

#[test]
fn the_lms_says_who_is_listed_and_doubt_changes_nothing() {
    for is_listed in [true, false] {
        let listed: Vec<bool> =
            ALL.iter().map(|holding| seat(*holding, Decline::None, is_listed).is_listed()).collect();
        assert_eq!(listed, [true, is_listed, false, is_listed], "{is_listed}");
    }
}

#[test]
fn while_a_decline_is_judged_nobody_is_listed_or_taken_off_by_it() {
    for holding in ALL {
        for is_listed in [true, false] {
            assert_eq!(seat(holding, Decline::Judged, is_listed).is_listed(), is_listed, "{holding:?}");
        }
    }
}

#[test]
fn who_lost_the_place_by_declining_stays_until_it_is_given_again() {
    let lost = Decline::LostPlace { at: at(12, 0) };
    for holding in ALL {
        assert!(seat(holding, lost, true).is_listed(), "{holding:?}: whatever was read before");
        assert!(!seat(holding, lost, false).is_listed(), "{holding:?}");
        let later = |is_listed| Seat { seen_at: at(13, 0), ..seat(holding, lost, is_listed) };
        // Given again: off, and on.
        let is_held = holding == Holding::Held;
        assert_eq!((later(true).is_listed(), later(false).is_listed()), (!is_held, is_held), "{holding:?}");
        // Listed since: as anybody.
        let since = Seat { listed_at: Some(at(14, 0)), ..later(true) };
        assert_eq!(since.is_listed(), holding != Holding::NotHeld, "{holding:?}");
    }
}

fn person(name: &str, kind: AttendeeKind) -> (Address, Attendee) {
    (Address::new(&format!("{name}@contoso.com")), Attendee { name: None, kind })
}

fn learners(so_many: usize) -> BTreeMap<Address, Attendee> {
    (0..so_many).map(|n| person(&format!("p{n:04}"), AttendeeKind::Learner)).collect()
}

#[test]
fn more_than_one_event_takes_are_nobody_at_first_and_no_newcomer_later() {
    let nobody = BTreeSet::new();
    assert_eq!(fitting(learners(MOST), &nobody), (learners(MOST), 0));
    assert_eq!(fitting(learners(MOST + 1), &nobody), (BTreeMap::new(), MOST + 1));
    // An instructor who is invited already is no learner.
    let (jo, who) = person("jo", AttendeeKind::Instructor);
    let mut all = learners(MOST);
    all.insert(jo.clone(), who.clone());
    assert_eq!(fitting(all, &[listed(&jo)].into()), ([(jo, who)].into(), MOST));
    // Those who stand in it stay, whatever their names are; an instructor comes in.
    let old: BTreeMap<Address, Attendee> = learners(MOST + 9).into_iter().skip(9).collect();
    let known: BTreeSet<String> = old.keys().map(listed).collect();
    let mut all = learners(MOST + 9);
    all.extend([person("ina", AttendeeKind::Instructor)]);
    let (fit, left) = fitting(all, &known);
    assert_eq!(left, 9);
    assert!(old.keys().all(|address| fit.contains_key(address)));
    assert!(fit.contains_key(&Address::new("ina@contoso.com")));
    assert_eq!(fit.len(), MOST + 1, "an instructor too many is no learner too few");
}

#[test]
fn when_somebody_was_listed_is_when_the_event_was_made_or_later() {
    let key = EventKey { session: "4711".into(), part: PartId("1".into()), audience: Audience::Session };
    let [ana, ben, cem] = ["ana", "ben", "cem"].map(|name| Address::new(&format!("{name}@contoso.com")));
    let mut row = Written::new(key, ana.clone());
    row.listed = [listed(&ana), listed(&ben)].into();
    assert_eq!(listed_at(&row, &ana), Some(DateTime::<Utc>::MIN_UTC));
    row.made_at = Some(at(9, 0));
    row.relisted = [(listed(&ben), at(10, 0)), (listed(&cem), at(10, 0))].into();
    let [ana, ben, cem] = [ana, ben, cem].map(|address| listed_at(&row, &address));
    assert_eq!((ana, ben, cem), (Some(at(9, 0)), Some(at(10, 0)), None));
}
