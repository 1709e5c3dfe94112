//! Two tenants of one directory with one LMS.

use super::*;

fn two(first: &str, second: &str, url: &str) -> Config {
    let other = minimal("")
        .replace("tenant.contoso", "tenant.second")
        .replace("{ all = true }", second)
        .replace("https://lms.contoso.com/hooks/regrets", url);
    read(&(minimal("").replace("{ all = true }", first) + &other)).unwrap_or_else(|errors| panic!("{errors}"))
}

#[test]
fn two_tenants_on_one_place_are_refused_or_warned_of() {
    const SAME: &str = "https://lms.contoso.com/hooks/regrets";
    const GROUP: &str = "{ group = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee' }";
    const OTHER: &str = "{ group = 'aaaaaaaa-bbbb-cccc-dddd-ffffffffffff' }";
    for (first, second, url, refused, warned) in [
        ("{ all = true }", "{ users = ['ana@contoso.com'] }", SAME, 1, 0),
        ("{ all = true }", GROUP, SAME, 1, 0),
        ("{ users = ['ana@contoso.com', 'ben@contoso.com'] }", "{ users = ['BEN@contoso.com'] }", SAME, 1, 0),
        ("{ users = ['ana@contoso.com'] }", "{ users = ['ben@contoso.com'] }", SAME, 0, 0),
        (GROUP, GROUP, SAME, 1, 0),
        (GROUP, OTHER, SAME, 0, 1),
        (GROUP, "{ users = ['ben@contoso.com'] }", SAME, 0, 1),
        ("{ all = true }", "{ all = true }", "https://other.contoso.com/hooks/regrets", 0, 0),
    ] {
        let config = two(first, second, url);
        assert_eq!(refusals(&config).len(), refused, "{first} {second}");
        let of_two = warnings(&config).into_iter().filter(|warning| warning.starts_with("tenants contoso and second"));
        assert_eq!(of_two.count(), warned, "{first} {second}");
    }
}

#[test]
fn an_unknown_connector_is_told_with_the_nearest_name() {
    let told = refused(&minimal("").replace("[tenant.contoso.lms]", "[tenant.contoso.lms]\nconnector = 'webhok'"));
    assert!(told.contains("\"webhok\" is not known") && told.contains("did you mean \"webhook\"?"), "{told}");
    let told = refused(&minimal("").replace("[tenant.contoso.lms]", "[tenant.contoso.lms]\nconnector = 'moodle'"));
    assert!(told.contains("is not known") && !told.contains("did you mean"), "{told}");
}

#[test]
fn a_setting_without_effect_is_warned_of() {
    let text = minimal("").replace(
        "mailboxes = { all = true }",
        "mode = 'organizer'\norganizers = ['l@contoso.com']\nmailboxes = { all = true }",
    );
    let told = warnings(&read(&text).unwrap_or_else(|errors| panic!("{errors}")));
    assert!(told.iter().any(|one| one.contains("watch.mailboxes has no effect in mode organizer")), "{told:?}");
}
