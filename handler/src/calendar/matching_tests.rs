use super::*;
use crate::calendar::event::tests::event;
use crate::calendar::event_select::{EventSelect, select};
use crate::calendar::matching::{Recognise, SessionSource};
use crate::calendar::zone::Zone;
use crate::ids::Address;

fn rules(session: SessionSource) -> Recognise {
    Recognise { organizer: vec![Address::new("learning@contoso.com")], session }
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap()
}

#[test]
fn every_given_test_must_hold() {
    let rules = rules(SessionSource::ICalUid(pattern(r"^lms-(?<session>\d+)@contoso\.com$")));
    let ours = event("lms-4711@contoso.com");
    assert_eq!(recognise(&ours, &rules), Some(SessionId::new("4711")));

    let mut foreign = ours.clone();
    foreign.organizer = Some(Address::new("eve@contoso.com"));
    assert_eq!(recognise(&foreign, &rules), None, "another organizer");
    foreign.organizer = None;
    assert_eq!(recognise(&foreign, &rules), None, "no organizer");
    assert_eq!(recognise(&event("something-else"), &rules), None, "another uid");
}

#[test]
fn the_organizers_case_does_not_matter() {
    let rules = rules(SessionSource::ICalUid(pattern("^lms-(?<session>.+)$")));
    let mut shouting = event("lms-1");
    shouting.organizer = Some(Address::new("Learning@CONTOSO.com"));
    assert!(recognise(&shouting, &rules).is_some());
}

#[test]
fn only_what_the_rules_ask_for_is_read() {
    let by_uid = select(&rules(SessionSource::ICalUid(pattern("(?<session>.)"))), Zone::default());
    assert_eq!(by_uid, EventSelect::default());
    let by_subject = select(&rules(SessionSource::Subject(pattern("(?<session>.)"))), Zone::default());
    assert_eq!(by_subject, EventSelect { subject: true, ..EventSelect::default() });
}

#[test]
fn an_empty_session_is_none() {
    let rules = rules(SessionSource::Subject(pattern(r"\[(?<session>[^\]]*)\]")));
    let mut blank = event("x");
    blank.subject = Some("Fire safety [ ]".into());
    assert_eq!(recognise(&blank, &rules), None);
    blank.subject = Some("Fire safety [ 12 ]".into());
    assert_eq!(recognise(&blank, &rules), Some(SessionId::new("12")));
}
