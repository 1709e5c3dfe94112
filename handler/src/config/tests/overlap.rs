//! Two tenants of one directory with one LMS.

use super::*;
use crate::config::warnings::warnings;
use crate::enrolment::policy::Mailboxes;

const SAME: &str = "https://lms.contoso.com/hooks/regrets";

fn two(first: &str, second: &str, url: &str) -> Result<Config, ConfigErrors> {
    let other = minimal("")
        .replace("tenant.contoso", "tenant.second")
        .replace("mailboxes = { all = true }", second)
        .replace(SAME, url);
    read(&(minimal("").replace("mailboxes = { all = true }", first) + &other))
}

/// What is said of the two: refused, warned of, or nothing.
fn said(first: &str, second: &str, url: &str) -> &'static str {
    let config = match two(first, second, url) {
        Ok(config) => config,
        Err(errors) => {
            let told = errors.to_string();
            assert!(
                told.contains("tenants contoso and second are of one directory, post to one LMS"),
                "{told}"
            );
            assert_eq!(errors.problems().len(), 1, "{told}");
            return "refused";
        }
    };
    let warnings = warnings(&config.tenants);
    let of_two = warnings.iter().filter(|warning| warning.starts_with("tenants contoso and second"));
    if of_two.count() > 0 { "warned of" } else { "nothing" }
}

#[test]
fn two_tenants_on_one_place_are_refused_or_warned_of() {
    const ALL: &str = "mailboxes = { all = true }";
    const GROUP: &str = "mailboxes = { group = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee' }";
    const OTHER: &str = "mailboxes = { group = 'aaaaaaaa-bbbb-cccc-dddd-ffffffffffff' }";
    const ANA: &str = "mailboxes = { users = ['ana@contoso.com'] }";
    const BEN: &str = "mailboxes = { users = ['ben@contoso.com'] }";
    const BOTH: &str = "mailboxes = { users = ['ana@contoso.com', 'BEN@contoso.com'] }";
    const BY_ID: &str = "mailboxes = { users = ['aaaaaaaa-bbbb-cccc-dddd-000000000001'] }";
    const OTHER_ID: &str = "mailboxes = { users = ['aaaaaaaa-bbbb-cccc-dddd-000000000002'] }";
    const L: &str = "mode = 'organizer'\norganizers = ['l@contoso.com']";
    const M: &str = "mode = 'organizer'\norganizers = ['m@contoso.com']";
    for (first, second, expected) in [
        (ALL, BEN, "refused"),
        (ALL, GROUP, "refused"),
        (BOTH, BEN, "refused"),
        (ANA, "mailboxes = { users = ['Ana@CONTOSO.com.'] }", "refused"),
        // Renamed, Ana answers to both addresses.
        (ANA, BEN, "warned of"),
        (GROUP, GROUP, "refused"),
        (GROUP, OTHER, "warned of"),
        (GROUP, BEN, "warned of"),
        // One person may stand here by id and there by address.
        (BY_ID, BEN, "warned of"),
        (BY_ID, OTHER_ID, "nothing"),
        (BY_ID, BY_ID, "refused"),
        // An organizer's mailbox shows the answers of those whose own calendars another tenant reads.
        (L, L, "refused"),
        // One mailbox has several addresses.
        (L, M, "warned of"),
        (L, ALL, "refused"),
        (L, BEN, "warned of"),
    ] {
        assert_eq!(said(first, second, SAME), expected, "{first} / {second}");
        assert_eq!(said(second, first, SAME), expected, "{second} / {first}");
    }
}

#[test]
fn one_lms_is_known_in_each_spelling_and_where_it_may_be_one_that_is_warned_of() {
    const ALL: &str = "mailboxes = { all = true }";
    const BY_ID: &str = "mailboxes = { users = ['aaaaaaaa-bbbb-cccc-dddd-000000000001'] }";
    const OTHER_ID: &str = "mailboxes = { users = ['aaaaaaaa-bbbb-cccc-dddd-000000000002'] }";
    for (url, expected) in [
        (SAME, "refused"),
        ("https://LMS.Contoso.com:443/hooks/regrets", "refused"),
        ("HTTPS://lms.contoso.com./hooks/./%72egrets", "refused"),
        // Whether these are another receiver, only they know.
        ("https://lms.contoso.com/hooks/regrets/", "warned of"),
        ("https://lms.contoso.com/hooks/Regrets", "warned of"),
        ("https://lms.contoso.com/hooks/regrets?tenant=second", "warned of"),
        ("https://lms.contoso.com:8443/hooks/regrets", "warned of"),
        ("https://other.contoso.com/hooks/regrets", "warned of"),
    ] {
        assert_eq!(said(ALL, ALL, url), expected, "{url}");
        assert_eq!(said(BY_ID, OTHER_ID, url), "nothing", "nobody is watched by both: {url}");
    }
}

#[test]
fn two_urls_of_which_nobody_can_tell_are_named_without_their_keys_and_two_organizers_tell_them_apart() {
    let other = "https://other.contoso.com/hooks?code=s3cret";
    let config = two("mailboxes = { all = true }", "mailboxes = { all = true }", other)
        .unwrap_or_else(|e| panic!("{e}"));
    let told = warnings(&config.tenants);
    let told = told.iter().find(|one| one.starts_with("tenants contoso and second")).unwrap();
    assert!(
        told.contains(
            "can't tell whether https://lms.contoso.com/hooks/regrets and https://other.contoso.com/hooks?…"
        ),
        "{told}"
    );
    assert!(!told.contains("s3cret"), "{told}");

    let recognises = |name: &str, address: &str| {
        minimal("").replace("tenant.contoso", &format!("tenant.{name}")).replace(
            &format!("[tenant.{name}.recognise]"),
            &format!("[tenant.{name}.recognise]\norganizer = ['{address}']"),
        )
    };
    for (address, warned) in [("l@CONTOSO.com.", true), ("m@contoso.com", false)] {
        let text =
            recognises("contoso", "l@contoso.com") + &recognises("second", address).replace(SAME, other);
        let config = read(&text).unwrap_or_else(|errors| panic!("{errors}"));
        let told = warnings(&config.tenants);
        assert_eq!(
            told.iter().any(|one| one.starts_with("tenants contoso and second")),
            warned,
            "{address}: {told:?}"
        );
    }
}

#[test]
fn whoever_stands_in_a_list_in_two_spellings_stands_in_it_once() {
    let users = "mailboxes = { users = ['ana@contoso.com', 'ANA@contoso.com.', \
                 'AAAAAAAA-bbbb-cccc-dddd-000000000001', \
                 'aaaaaaaa-bbbb-cccc-dddd-000000000001'] }\norganizers = ['l@contoso.com', 'L@Contoso.com', \
                 'l@contoso.com.']";
    let config = read(&minimal("").replace("mailboxes = { all = true }", users))
        .unwrap_or_else(|errors| panic!("{errors}"));
    let watch = &config.tenants.values().next().unwrap().watch;
    let ana_and_one = vec!["ana@contoso.com".to_owned(), "aaaaaaaa-bbbb-cccc-dddd-000000000001".to_owned()];
    assert_eq!((&watch.mailboxes, watch.organizers.len()), (&Mailboxes::Users(ana_and_one), 1));
}

#[test]
fn an_unknown_connector_is_told_with_the_nearest_name() {
    let told =
        refused(&minimal("").replace("[tenant.contoso.lms]", "[tenant.contoso.lms]\nconnector = 'webhok'"));
    assert!(told.contains("\"webhok\" is not known") && told.contains("did you mean \"webhook\"?"), "{told}");
    let told =
        refused(&minimal("").replace("[tenant.contoso.lms]", "[tenant.contoso.lms]\nconnector = 'qqqqqqq'"));
    assert!(told.contains("is not known") && !told.contains("did you mean"), "{told}");
}

#[test]
fn a_setting_without_effect_is_warned_of() {
    let text = minimal("").replace(
        "mailboxes = { all = true }",
        "mode = 'organizer'\norganizers = ['l@contoso.com']\nmailboxes = { all = true }",
    );
    let told = warnings(&read(&text).unwrap_or_else(|errors| panic!("{errors}")).tenants);
    assert!(
        told.iter().any(|one| one.contains("watch.mailboxes has no effect in mode organizer")),
        "{told:?}"
    );
}

#[test]
fn one_that_is_switched_off_stands_in_nobodys_way() {
    let other = minimal("").replace("tenant.contoso", "tenant.second");
    assert!(read(&(minimal("") + &other)).is_err());
    let off = other.replacen("directory", "active = false\ndirectory", 1);
    assert!(read(&(minimal("") + &off)).is_ok_and(|config| warnings(&config.tenants).is_empty()));
}
