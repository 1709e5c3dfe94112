//! What is taken, what is refused, and in which words.

mod any_text;
mod readings;
mod refused;
mod schema;
mod shipped;

use super::*;
use crate::lms::recipe::auth::{Auth, Placement, TokenAt, TokenKind, TokenUrl};
use crate::lms::recipe::connector::SettingKind;
use crate::lms::recipe::step::{Body, Expect, JsonBody, PagesEnd, PagingKind, StateOf, TakeAt, Target};
use crate::lms::recipe::words::{PlaceState, StepOutcome, Verdict};
use std::time::Duration;

/// A made-up LMS, with something of everything.
pub(in crate::config) const LARKSPUR: &str = include_str!("larkspur.toml");

fn larkspur() -> ConnectorFile {
    good(LARKSPUR)
}

fn good(text: &str) -> ConnectorFile {
    read("larkspur.toml", text).unwrap_or_else(|errors| panic!("{}", errors.render(false)))
}

/// With one part put in the place of another.
fn with(part: &str, instead: &str) -> String {
    assert!(LARKSPUR.contains(part), "the file has no {part}");
    LARKSPUR.replacen(part, instead, 1)
}

/// With another `[auth]`.
fn with_auth(auth: &str) -> String {
    with("kind = \"bearer\"\nvalue = \"{{ settings.token }}\"", auth)
}

#[test]
fn every_part_of_a_good_file_is_read() {
    let file = larkspur();
    assert_eq!((file.name.as_str(), file.title.as_str()), ("larkspur", "Larkspur LMS (made up)"));
    assert_eq!(file.hash.len(), 16);
    assert_eq!(file.about.status, Status::Full);
    assert_eq!(file.about.notes, "Cancels one sign-up.");
    let names: Vec<&str> = file.settings.iter().map(|setting| setting.name.as_str()).collect();
    assert_eq!(names, ["base_url", "token", "by", "reason", "notify", "site"]);
    let defaults: Vec<Option<&str>> = file.settings.iter().map(|one| one.default.as_deref()).collect();
    assert_eq!(defaults, [None, None, Some("email"), Some("declined"), Some("false"), Some("")]);
    assert!(matches!(&file.settings[2].kind, SettingKind::Choice { of } if of == &["email", "number"]));
    let service = &file.service;
    assert_eq!((service.concurrency, service.read_limit), (2, 4 << 20));
    assert_eq!(service.remaining.as_deref(), Some("x-ratelimit-remaining"));
    assert_eq!(service.rate.map(|rate| rate.requests), Some(5));
    assert_eq!(
        service.headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["accept", "x-site"]
    );
    let Auth::Fixed(Placement::Header { name, value }) = &file.auth else { panic!("{:?}", file.auth) };
    assert_eq!(name, "authorization");
    assert_eq!(value.placeholders().next().map(|(name, _)| name), Some("settings.token"));
    assert_eq!(file.after_write.reads, 3);
    assert_eq!(file.after_write.still_held, Verdict::Outcome(StepOutcome::HeldElsewhere));
}

#[test]
fn every_part_of_a_step_is_read() {
    let recipes = larkspur().recipes;
    let counts: Vec<usize> = RecipeKind::ALL.iter().map(|kind| recipes.of(*kind).len()).collect();
    assert_eq!(counts, [2, 2, 1, 0, 1, 1, 1, 1, 0, 0, 1], "lists are no steps");

    let user = &recipes.find[0];
    let request = user.request.as_ref().unwrap();
    assert_eq!((request.method.as_str(), request.reads), ("GET", true));
    assert_eq!((request.cache, request.timeout), (Some(Duration::from_secs(3600)), Duration::from_secs(20)));
    let PagingKind::Page { query, from, size, ends, .. } = &request.paging.as_ref().unwrap().kind else {
        panic!("not by pages")
    };
    assert_eq!((query.as_deref(), *from, *size, *ends), (Some("page"), 1, 50, PagesEnd::Short));
    assert_eq!(user.rules.len(), 4, "its own, and those of the service behind it");
    assert_eq!(user.rules[0].then, Verdict::Outcome(StepOutcome::UnknownLearner));
    let pick = user.pick.as_ref().unwrap();
    assert_eq!((pick.none, pick.many), (Verdict::Ok, Verdict::Outcome(StepOutcome::Unclear)));
    assert_eq!(recipes.find[1].exit, Some(Verdict::Outcome(StepOutcome::UnknownLearner)));

    let place = &recipes.read[1];
    assert_eq!(place.pick.as_ref().unwrap().none, Verdict::State(PlaceState::Absent));
    assert!(matches!(&place.take[0].at, TakeAt::Header(name) if name == "etag") && place.take[0].is_optional);
    let Some(StateOf::Map { map, .. }) = &place.state else { panic!("no map") };
    assert_eq!(map[1], ("line".to_owned(), PlaceState::Waitlisted));
    let Body::Json(JsonBody::Object(entries)) = &place.request.as_ref().unwrap().body else {
        panic!("no JSON")
    };
    let shown = format!("{entries:?}");
    for part in ["Text(", "AsNumber(", "Boolean(true)", "Number(\"1\")", "Number(\"2.5\")"] {
        assert!(shown.contains(part), "no {part} in {shown}");
    }

    let cancel = recipes.write[0].request.as_ref().unwrap();
    assert!(!cancel.reads && cancel.empty_is_ok && cancel.expect == Expect::Json);
    assert_eq!(cancel.timeout, Duration::from_secs(25));
    assert!(
        matches!(&cancel.target, Target::Path(_))
            && matches!(&cancel.body, Body::Form(form) if form.len() == 3)
    );
}

#[test]
fn every_way_to_sign_in_is_read() {
    for (auth, wanted) in [
        ("kind = \"header\"\nname = \"X-Api-Key\"\nvalue = \"{{ settings.token }}\"", "\"x-api-key\""),
        ("kind = \"query\"\nname = \"key\"\nvalue = \"{{ settings.token }}\"", "Query { name: \"key\""),
        ("kind = \"form\"\nname = \"wstoken\"\nvalue = \"{{ settings.token }}\"", "Form { name: \"wstoken\""),
        ("kind = \"basic\"\nuser = \"apikey\"\npassword = \"{{ settings.token }}\"", "Basic {"),
        ("kind = \"basic\"\nuser = \"{{ settings.token }}\"\npassword = \"\"", "Basic {"),
    ] {
        let shown = format!("{:?}", good(&with_auth(auth)).auth);
        assert!(shown.contains(wanted), "no {wanted} in {shown}");
    }
    let file = good(&with_auth(
        "kind = \"oauth2\"\npath = \"/oauth/token\"\nclient = \"basic\"\n\
         fields = { client_id = \"us\", client_secret = \"{{ settings.token }}\", scope = \"all\" }",
    ));
    let Auth::Token(request) = file.auth else { panic!("no token") };
    assert_eq!((request.kind, request.method.as_str()), (TokenKind::ClientCredentials, "POST"));
    assert_eq!(request.lasts, Duration::from_secs(600));
    assert!(
        request.lifetime.is_some() && request.basic.is_some() && matches!(request.url, TokenUrl::Path(_))
    );
    let Body::Form(fields) = request.body else { panic!("no form") };
    assert_eq!(fields.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["scope", "grant_type"]);

    let refreshing = with_auth(
        "kind = \"oauth2\"\ngrant = \"refresh_token\"\nurl = \"https://login.contoso.com/token\"\n\
         body = \"json\"\n\
         fields = { refresh_token = \"{{ auth.refresh_token }}\", client_secret = \"{{ settings.token }}\" }",
    )
    .replace("[settings]", "[settings]\nrefresh_token = { kind = \"secret\", about = \"The first\" }");
    let Auth::Token(request) = good(&refreshing).auth else { panic!("no token") };
    assert_eq!(request.kind, TokenKind::RefreshToken);
    assert_eq!(request.refresh_token.as_ref().map(|path| path.as_str()), Some("$.refresh_token"));

    let file = good(&with_auth(
        "kind = \"login\"\npath = \"/login\"\n\
         json = { user = \"regrets\", password = \"{{ settings.token }}\" }\n\
         cookie = \"JSESSIONID\"\nlasts = \"4h\"",
    ));
    let Auth::Token(request) = file.auth else { panic!("no token") };
    assert!(matches!(&request.token, TokenAt::Cookie(name) if name == "JSESSIONID"));
    assert!(matches!(&request.placement, Placement::Cookie { .. }) && request.lifetime.is_none());
}

/// Two spellings of one file are two files: what was done is tied to what was read.
#[test]
fn the_hash_is_that_of_the_text() {
    assert_ne!(larkspur().hash, good(&format!("{LARKSPUR}\n")).hash);
    assert_eq!(larkspur().hash, larkspur().hash);
}

/// Steps without a request cost nothing; what is read again counts as often.
#[test]
fn an_order_costs_at_most_the_requests_of_all_its_steps() {
    // find 1, read 2, write 1, tidy 1, and read three times more.
    assert_eq!(larkspur().requests_per_order(), 1 + 2 + 1 + 1 + 3 * 2);
    let verify = "[[verify]]\nname = \"again\"\npath = \"/a\"\nstate = \"held\"\n\n[[restore]]";
    assert_eq!(good(&with("[[restore]]", verify)).requests_per_order(), 1 + 2 + 1 + 1 + 3);
    let after = LARKSPUR.find("[after_write]").unwrap();
    let answer = LARKSPUR[..after].replace("\"read-back\"", "\"answer\"");
    assert_eq!(good(&answer).requests_per_order(), 1 + 2 + 1 + 1);
}
