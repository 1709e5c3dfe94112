//! Totara: a seminar event stands for a session.

use super::looked_up::{Event, LATER, STARTS, TITLE, event, one};
use super::situations::{Situation, Table, met, play};
use fake_lms::token::{CLIENT_ID, CLIENT_SECRET};
use fake_lms::totara::{Seminar, Totara};
use fake_lms::{Answer, Fake, Mishap, On};
use regrets::enrolment::lms_answer::LmsOutcome::{
    AlreadyCancelled, CredentialBroken, Done, NotEnrolled, Refused, TooLate, Unclear, UnknownLearner,
};
use regrets::lms::Lookup;

pub(crate) const ANA: u64 = 7;
pub(crate) const EVENT: u64 = 91;
pub(crate) const SETTINGS: &[(&str, &str)] = &[("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET)];

pub(crate) fn begin() -> Totara {
    let mut totara = Totara::default();
    totara.user(ANA, "ana");
    totara.user(9, "ben");
    totara.events.insert(EVENT, 10);
    totara.bookings.insert((EVENT, ANA), "BOOKED");
    totara
}

fn booked(fake: &Fake<Totara>, state: &'static str) {
    fake.with(|totara| totara.bookings.insert((EVENT, ANA), state));
}

const CANCELLED: &[&str] = &["cancel 7 in event 91"];

fn situations() -> Vec<Situation<Totara>> {
    vec![
        met("Booked", |_| {}, Done, CANCELLED),
        met("On the wait list, which Totara calls booked", |f| booked(f, "WAITLISTED"), Done, CANCELLED),
        met("Waiting for approval", |f| booked(f, "REQUESTED"), Done, CANCELLED),
        met("Cancelled already", |f| booked(f, "USER_CANCELLED"), AlreadyCancelled, &[]),
        met("The event was cancelled", |f| booked(f, "EVENT_CANCELLED"), AlreadyCancelled, &[]),
        met("Declined", |f| booked(f, "DECLINED"), AlreadyCancelled, &[]),
        met("Not booked", |f| f.with(|t| t.bookings.clear()), NotEnrolled, &[]),
        met("Attended", |f| booked(f, "FULLY_ATTENDED"), TooLate, &[]),
        met("Did not come, which Totara calls booked", |f| booked(f, "NO_SHOW"), TooLate, &[]),
        met("A state that nobody knows", |f| booked(f, "NOT_SET"), Unclear, &[]),
        met("Refused: success without success", |f| f.with(|t| t.refuses = true), Refused, &[]),
        met("By id number", |_| {}, Done, CANCELLED).of("E-ana").with(&[("by", "idnumber")]),
        met("By user name", |_| {}, Done, CANCELLED).of("ana").with(&[("by", "username")]),
        met("The address in capital letters", |_| {}, Done, CANCELLED).of("ANA@CONTOSO.COM"),
        met("Nobody has this address", |_| {}, UnknownLearner, &[]).of("nobody@contoso.com"),
        met("No such event", |_| {}, Unclear, &[]).in_session("77"),
        met("The client sees no events", |f| f.with(|t| t.sees_nothing = true), Unclear, &[]),
        met(
            "The same, if errors come with 400",
            |f| f.with(|t| (t.sees_nothing, t.error_status) = (true, 400)),
            Unclear,
            &[],
        ),
        met(
            "Cancelled by somebody else meanwhile",
            |f| {
                let errors = [serde_json::json!({ "message": "The record was not found" })];
                let said = serde_json::json!({ "errors": errors, "data": null });
                f.plan(On::Writes, 0, 1, Mishap::After(Answer::json(200, &said)));
            },
            Done,
            CANCELLED,
        ),
        met(
            "An error, and still booked",
            |f| {
                let said =
                    serde_json::json!({ "errors": [{ "message": "Internal server error" }], "data": null });
                f.plan(On::Writes, 0, 1, Mishap::Instead(Answer::json(200, &said)));
            },
            Unclear,
            &[],
        ),
        met("The client is not known", |f| f.with(|t| t.tokens.is_rejected = true), CredentialBroken, &[]),
        met(
            "The token is not taken",
            |f| f.plan(On::Writes, 0, 1, Mishap::Instead(Answer::text(401, "application/json", "{}"))),
            Done,
            CANCELLED,
        ),
    ]
}

fn seminar(fake: &Fake<Totara>, event: u64, name: &'static str, dates: &[i64]) {
    fake.with(|totara| {
        totara.seminars.insert(event, Seminar { name, dates: dates.to_vec(), is_cancelled: false })
    });
}

fn events() -> Vec<Event<Totara>> {
    vec![
        event(
            "a seminar event of this name at this time",
            |f| {
                seminar(f, 91, TITLE, &[STARTS]);
                seminar(f, 92, TITLE, &[LATER]);
            },
            one("91"),
        ),
        event("one whose second date is at this time", |f| seminar(f, 91, TITLE, &[1, STARTS]), one("91")),
        event("one of this name at another time", |f| seminar(f, 91, TITLE, &[LATER]), Lookup::None),
        event("one of this name without a date", |f| seminar(f, 91, TITLE, &[]), Lookup::None),
        event("one of another name at this time", |f| seminar(f, 91, "First aid", &[STARTS]), Lookup::None),
        event(
            "two of this name at this time",
            |f| {
                seminar(f, 91, TITLE, &[STARTS]);
                seminar(f, 92, TITLE, &[STARTS]);
            },
            Lookup::Many,
        ),
        event(
            "two of them, on different pages",
            |f| {
                (91..99).for_each(|id| seminar(f, id, "First aid", &[STARTS]));
                seminar(f, 91, TITLE, &[STARTS]);
                seminar(f, 98, TITLE, &[STARTS]);
                f.with(|t| t.page = 3);
            },
            Lookup::Many,
        ),
        event(
            "one on the first page, and the next page does not come",
            |f| {
                (91..99).for_each(|id| seminar(f, id, "First aid", &[STARTS]));
                seminar(f, 91, TITLE, &[STARTS]);
                f.with(|t| t.page = 3);
                // The token, and the first page.
                f.plan(On::Reads, 2, 99, Mishap::gateway());
            },
            Lookup::Unknown,
        ),
        event("one, and the event has no start", |f| seminar(f, 91, TITLE, &[0]), Lookup::None).undated(),
        event("one, and the client sees no events", |f| f.with(|t| t.sees_nothing = true), Lookup::Unknown),
    ]
}

#[tokio::test]
async fn every_situation_of_totara_has_its_outcome() {
    let situations = situations();
    let table = Table {
        connector: "totara",
        begin,
        settings: SETTINGS,
        session: "91",
        effects: CANCELLED,
        situations,
        events: events(),
    };
    play(table).await;
}
