//! `[tenant.x.canary]`: what is read of it, and what can't work.

use super::*;
use crate::graph::permissions::Permission;

/// Sessions are read out of the subject.
pub(crate) fn by_subject(text: &str) -> String {
    text.replace("ical_uid = '^lms-(?<session>\\d+)@'", "subject = '^(?:Training )?(?<session>\\d+)$'")
}

const ORGANIZERS: &str = "mailboxes = { all = true }\norganizers = [\"learning@contoso.com\"]";

fn with(watch: &str, policy: &str, canary: &str) -> String {
    let text = minimal(policy).replace("mailboxes = { all = true }", watch);
    by_subject(&text) + "[tenant.contoso.canary]\n" + canary
}

const LEAST: &str = "learner = \"Canary@contoso.com\"\nsession = \"9999\"\n";

#[test]
fn the_least_has_its_defaults() {
    let config = read(&with(ORGANIZERS, "mode = 'act'", LEAST)).unwrap_or_else(|errors| panic!("{errors}"));
    let canary = tenant(&config).canary.as_ref().unwrap();
    assert_eq!(canary.learner, Address::new("canary@contoso.com"));
    assert_eq!(canary.organizer, Address::new("learning@contoso.com"));
    assert_eq!((canary.session.as_str(), canary.text.as_str()), ("9999", "9999"));
    assert_eq!(canary.within, Duration::minutes(30));
    assert_eq!(canary.at.to_string(), "04:00:00");
    let told = describe(&meaning(&with(ORGANIZERS, "mode = 'act'", LEAST))).to_string();
    assert!(told.contains("canary@contoso.com is invited to the test session 9999"), "{told}");
    assert!(tenant(&read(&minimal("")).unwrap()).canary.is_none(), "off where it is left out");
}

#[test]
fn a_kit_acts_where_it_is_named() {
    let kit = "kit = { url = 'http://localhost:7/kit', secret = { env = 'CONTOSO_LMS_SECRET' } }\n";
    let text = with(ORGANIZERS, "mode = 'act'", &format!("{LEAST}{kit}"));
    let config = read(&text).unwrap_or_else(|errors| panic!("{errors}"));
    let kit = tenant(&config).canary.as_ref().unwrap().kit.as_ref().unwrap();
    assert_eq!((kit.url.as_str(), kit.secrets.len()), ("http://localhost:7/kit", 1));
    let needed = tenant(&config).needed_permissions();
    assert!(needed.iter().all(|one| one.permission != Permission::CalendarsReadWrite), "{needed:?}");
    let told = describe(&meaning(&text)).to_string();
    assert!(told.contains("and declines, acted by the kit at localhost; "), "{told}");
    // Without its key it is not asked, and all else works.
    let text = text.replace("env = 'CONTOSO_LMS_SECRET'", "env = 'NOWHERE'");
    let config = read(&text).unwrap_or_else(|errors| panic!("{errors}"));
    let known = tenant(&config);
    assert!(known.canary.as_ref().unwrap().kit.as_ref().unwrap().secrets.is_empty() && !known.is_closed());
    assert_eq!(known.missing.len(), 1);
}

/// What can't work is said before it is tried.
#[test]
fn what_can_not_work_is_refused_in_these_words() {
    let more = |line: &str| format!("{LEAST}{line}\n");
    let uid = |text: String| {
        text.replace("subject = '^(?:Training )?(?<session>\\d+)$'", "ical_uid = '^(?<session>\\d+)@'")
    };
    let act = "mode = 'act'";
    let users = "mailboxes = { users = [\"ana@contoso.com\"] }\norganizers = [\"learning@contoso.com\"]";
    let organizer = "mode = \"organizer\"\norganizers = [\"learning@contoso.com\"]";
    let only = "mode = 'act'\nonly = { users = [\"ana@contoso.com\"] }";
    let senders = |text: String| {
        text.replace(
            "[tenant.contoso.recognise]",
            "[tenant.contoso.recognise]\norganizer = ['x@contoso.com']",
        )
    };
    let kit = |url: &str| format!("kit = {{ url = '{url}', secret = {{ env = 'CONTOSO_LMS_SECRET' }} }}");
    let cases = [
        ("observe", with(ORGANIZERS, "", LEAST)),
        ("nothing said", with(ORGANIZERS, act, "")),
        ("no organizer", with("mailboxes = { all = true }", act, LEAST)),
        ("no address", with(ORGANIZERS, act, "learner = \"canary\"\nsession = \"1\"")),
        ("not watched", with(users, act, LEAST)),
        ("not in policy.only", with(ORGANIZERS, only, LEAST)),
        ("other senders", senders(with(ORGANIZERS, act, LEAST))),
        ("not a watched organizer", with(organizer, act, &more("organizer = \"other@contoso.com\""))),
        ("no session in the text", with(ORGANIZERS, act, &more("text = \"Course 9999\""))),
        ("another session", with(ORGANIZERS, act, &more("text = \"Training 8888\""))),
        ("the uid, seen by the organizer alone", uid(with(organizer, act, LEAST))),
        ("no time of day", with(ORGANIZERS, act, &more("at = \"4 o'clock\""))),
        ("no time at all", with(ORGANIZERS, act, &more("within = \"0s\""))),
        ("a kit without its key", with(ORGANIZERS, act, &more("kit = { url = 'https://kit.contoso.com' }"))),
        ("a kit in the clear", with(ORGANIZERS, act, &more(&kit("http://kit.contoso.com")))),
        ("a slip", with(ORGANIZERS, act, &more("sesion = \"1\""))),
    ];
    let told: Vec<String> = cases
        .iter()
        .map(|(name, text)| {
            let errors = read(text).expect_err(name);
            format!("{name}: {errors}")
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}
