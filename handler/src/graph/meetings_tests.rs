use super::*;

#[test]
fn what_an_event_says_of_its_meeting_is_read() {
    let read = |online: Value| {
        let mut value = json!({ "id": "e1" });
        value.as_object_mut().unwrap().extend(online.as_object().unwrap().clone());
        let found = written(&value).unwrap();
        (found.is_online, found.join.map(String::from))
    };
    let link = "https://teams.microsoft.com/l/meetup-join/19";
    assert_eq!(
        read(json!({ "isOnlineMeeting": true, "onlineMeeting": { "joinUrl": link } })),
        (true, Some(link.to_owned()))
    );
    // Not there yet; none at all; not one that may be followed.
    assert_eq!(read(json!({ "isOnlineMeeting": true, "onlineMeeting": null })), (true, None));
    assert_eq!(read(json!({ "isOnlineMeeting": false, "onlineMeeting": null })), (false, None));
    assert_eq!(read(json!({})), (false, None));
    let odd = json!({ "isOnlineMeeting": true, "onlineMeeting": { "joinUrl": "javascript:alert(1)" } });
    assert_eq!(read(odd), (true, None));
}
