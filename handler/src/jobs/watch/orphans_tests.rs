use super::*;

#[test]
fn the_mailbox_is_found_in_every_form_of_the_resource() {
    for resource in
        ["users/3F2C/events", "Users/3f2c/Events", "/users('3F2C')/events", "users/3f2c/events?$select=id"]
    {
        assert_eq!(mailbox_of(resource), Some(UserId::new("3f2c")), "{resource}");
    }
    for resource in
        ["users/3f2c/messages", "groups/3f2c/events", "users/3f2c/calendars/1/events", "users//events", ""]
    {
        assert_eq!(mailbox_of(resource), None, "{resource}");
    }
}

#[test]
fn the_marker_is_a_whole_member_of_the_query() {
    assert_eq!(marker("https://a/api?x=1&deployment=d%2B").as_deref(), Some("d+"));
    for url in
        ["https://a/api?deployments=d", "https://a/api#deployment=d", "https://deployment=d/", "deployment=d"]
    {
        assert_eq!(marker(url), None, "{url}");
    }
}
