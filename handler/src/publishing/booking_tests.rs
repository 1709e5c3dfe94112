use super::*;
use crate::publishing::testing::at;

fn room(name: &str, nickname: Option<&str>) -> Room {
    Room {
        address: Address::new(&format!("{}@contoso.com", spelled(name).replace(' ', ""))),
        name: name.to_owned(),
        nickname: nickname.map(str::to_owned),
        building: None,
        capacity: None,
        is_bookable: true,
    }
}

fn venue(name: &str) -> Venue {
    Venue { name: name.to_owned(), room: Some("R-7".into()), mailbox: None }
}

#[test]
fn a_venue_is_a_room_by_address_name_or_table_and_never_by_a_guess() {
    let rooms = |by| Rooms { by, first: true };
    let known =
        [room("Room 7", Some("The Blue One")), room("Room 8", None), room("Hall", None), room("hall ", None)];
    let by_name =
        |name: &str| rooms(RoomsBy::Name).room(&venue(name), &known).map(|one| one.as_str().to_owned());
    assert_eq!(by_name(" room  7"), Some("room7@contoso.com".into()));
    assert_eq!(by_name("the blue one"), Some("room7@contoso.com".into()));
    assert_eq!((by_name("Room 9"), by_name("Hall")), (None, None));
    let table: BTreeMap<String, Address> = [
        ("r-7".to_owned(), Address::new("seven@contoso.com")),
        ("hall".to_owned(), Address::new("hall@contoso.com")),
    ]
    .into();
    let by_table = rooms(RoomsBy::Table(table));
    assert_eq!(by_table.room(&venue("Hall"), &[]), Some(Address::new("seven@contoso.com")));
    let unnumbered = Venue { room: None, ..venue("HALL") };
    assert_eq!(by_table.room(&unnumbered, &[]), Some(Address::new("hall@contoso.com")));
    let told = Venue { mailbox: Some(Address::new("r7@contoso.com")), ..venue("Room 7") };
    assert_eq!(rooms(RoomsBy::Address).room(&told, &known), told.mailbox);
    assert_eq!(rooms(RoomsBy::Address).room(&venue("Room 7"), &known), None);
    let odd = Venue { mailbox: Some(Address::new("/o=exchangelabs/cn=r7")), ..venue("Room 7") };
    assert_eq!(rooms(RoomsBy::Address).room(&odd, &known), None);
}

/// The session begins two days later at ten.
#[test]
fn nobody_waits_for_ever() {
    let start = at(10, 0) + TimeDelta::days(2);
    let asked = Booking::seen(None, "r".into(), Said::Nothing, at(8, 0));
    assert_eq!(asked.awaited(start, at(8, 1)), Some(at(12, 0)));
    assert_eq!(asked.awaited(start, at(12, 0)), None);
    // Of what starts tomorrow or sooner, a quarter of an hour.
    assert_eq!(asked.awaited(at(9, 0) + TimeDelta::days(1), at(8, 1)), Some(at(9, 0)));
    assert_eq!(asked.awaited(at(20, 0), at(8, 1)), Some(at(8, 15)));
    let declined = Booking::seen(Some(&asked), "r".into(), Said::Declined, at(8, 1));
    assert_eq!(declined.awaited(start, at(8, 2)), Some(at(12, 0)));
    let accepted = Booking::seen(Some(&asked), "r".into(), Said::Accepted, at(8, 1));
    assert_eq!((accepted.awaited(start, at(8, 2)), accepted.next_look(at(8, 2))), (None, None));
    // Another room is another matter.
    assert_eq!(Booking::seen(Some(&accepted), "s".into(), Said::Nothing, at(9, 0)).asked, at(9, 0));
}

#[test]
fn silence_is_told_after_an_hour_and_a_no_at_once() {
    let asked = Booking::seen(None, "r".into(), Said::Nothing, at(8, 0));
    assert_eq!((asked.is_lost(at(8, 59)), asked.is_lost(at(9, 0))), (false, true));
    assert_eq!(asked.next_look(at(8, 5)), Some(at(8, 6)));
    assert_eq!(asked.next_look(at(8, 20)), Some(at(8, 35)));
    assert_eq!(asked.next_look(at(8, 50)), Some(at(9, 0)));
    assert_eq!(asked.next_look(at(9, 0)), Some(at(15, 0)));
    let delegate = Booking::seen(Some(&asked), "r".into(), Said::Tentative, at(8, 5));
    assert_eq!((delegate.is_lost(at(20, 0)), delegate.next_look(at(9, 0))), (false, Some(at(15, 0))));
    let declined = Booking::seen(Some(&asked), "r".into(), Said::Declined, at(8, 5));
    assert_eq!((declined.is_lost(at(8, 5)), declined.next_look(at(8, 5))), (true, None));
    // Moved: it decides anew.
    let moved = Booking::seen(Some(&declined), "r".into(), Said::Nothing, at(10, 0));
    assert_eq!((moved.is_lost(at(10, 30)), moved.asked), (false, at(8, 0)));
}
