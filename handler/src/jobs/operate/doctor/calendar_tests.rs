use super::super::check::Verdict;
use super::super::subject::ReadMailbox;
use super::{SEVERAL, unprocessed, unwanted};
use crate::calendar::event::{Answer, Attendee, Event, Response};
use crate::graph::port::Mailbox;
use crate::ids::{Address, UserId};
use crate::jobs::testing::{address, noon};
use chrono::{DateTime, Duration, Utc};

fn now() -> DateTime<Utc> {
    noon()
}

fn session(n: u32) -> Event {
    crate::calendar::event::tests::event(&format!("lms-{n}@contoso.com"))
}

fn mailbox(name: &str, is_organizer: bool, events: Vec<Event>) -> ReadMailbox {
    ReadMailbox {
        mailbox: Mailbox::Id(UserId::new(name)),
        is_organizer,
        shown: String::new(),
        addresses: vec![address(name)],
        events: Ok(events),
    }
}

fn sessions(read: &[ReadMailbox]) -> Vec<(&ReadMailbox, &Event)> {
    read.iter().flat_map(|one| one.events.iter().flatten().map(move |event| (one, event))).collect()
}

fn answered(n: u32, answer: Answer) -> Event {
    Event { response: Response { answer, at: Some(now() - Duration::hours(2)) }, ..session(n) }
}

fn listing(n: u32, whom: Address, answer: Answer) -> Event {
    let response = Response { answer, at: None };
    let attendees = vec![Attendee { address: whom, response, is_resource: false, proposes: false }];
    Event { attendees, is_organizer: true, ..session(n) }
}

#[test]
fn an_invitation_that_asks_for_no_answer_is_a_fault() {
    let silent = Event { response_requested: Some(false), ..session(1) };
    let asking = Event { response_requested: Some(true), ..session(2) };
    let read = [mailbox("ana", false, vec![silent, asking.clone(), session(3)])];
    let found = unwanted(&sessions(&read)).unwrap();
    assert_eq!(found.verdict, Verdict::Failed);
    assert_eq!(found.seen, "1 of 3 copies of training sessions ask for no answer");
    assert_eq!(unwanted(&sessions(&[mailbox("ana", false, vec![asking])])), None);
}

#[test]
fn several_answers_that_reach_no_list_are_counted_and_one_that_does_clears_all() {
    let numbers = 1..=u32::try_from(SEVERAL).unwrap();
    let copies: Vec<Event> = numbers.clone().map(|n| answered(n, Answer::Accepted)).collect();
    let unheard: Vec<Event> = numbers.clone().map(|n| listing(n, address("ana"), Answer::None)).collect();
    let mut heard = unheard.clone();
    heard[0] = listing(1, address("ana"), Answer::Accepted);
    let count = |originals: Vec<Event>| {
        let read = [mailbox("learning", true, originals), mailbox("ana", false, copies.clone())];
        unprocessed(&sessions(&read), now())
    };
    assert_eq!(count(unheard), SEVERAL);
    assert_eq!(count(heard), 0);
    assert_eq!(count(Vec::new()), 0, "nobody's list was read");
}

#[test]
fn an_answer_that_may_be_on_its_way_does_not_count() {
    let late = Event {
        response: Response { answer: Answer::Declined, at: Some(now() - Duration::minutes(5)) },
        ..session(1)
    };
    let read = [
        mailbox("learning", true, vec![listing(1, address("ana"), Answer::None)]),
        mailbox("ana", false, vec![late]),
    ];
    assert_eq!(unprocessed(&sessions(&read), now()), 0);
}
