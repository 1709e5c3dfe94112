use super::*;

#[test]
fn rooms_are_read_as_far_as_they_are_filled_in() {
    let full = json!({
        "emailAddress": "Room214@contoso.com", "displayName": "Room 2.14", "nickname": "The Blue One",
        "capacity": 12, "building": "Main", "bookingType": "standard",
    });
    let bare = json!({ "emailAddress": "desk@contoso.com", "capacity": null, "bookingType": "reserved" });
    let read = room(&full).unwrap();
    assert_eq!((read.address.as_str(), read.name.as_str()), ("room214@contoso.com", "Room 2.14"));
    assert_eq!((read.capacity, read.is_bookable), (Some(12), true));
    let read = room(&bare).unwrap();
    assert_eq!((read.name.as_str(), read.capacity, read.is_bookable), ("desk@contoso.com", None, false));
    assert_eq!(room(&json!({ "displayName": "Nowhere" })), None);
}

#[test]
fn only_what_is_said_to_be_free_is_free() {
    for (schedule, free) in [
        (json!({ "availabilityView": "0" }), true),
        (json!({ "availabilityView": "00" }), true),
        (json!({ "availabilityView": "02" }), false),
        (json!({ "availabilityView": "" }), false),
        (
            json!({ "availabilityView": "0", "error": { "responseCode": "ErrorMailRecipientNotFound" } }),
            false,
        ),
        (json!({ "availabilityView": "0", "error": null }), true),
        (json!({}), false),
    ] {
        assert_eq!(is_free(&schedule), free, "{schedule}");
    }
}
