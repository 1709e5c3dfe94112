//! What of pretix is recorded: written by the suite `pretix`, from a real server, and played back by the
//! suite `connectors`, which makes the page of the connector of it. Names of cases are names of files.

use regrets::enrolment::lms_answer::LmsOutcome as O;
use regrets::lms::{EventFacts, Lookup};

/// One decline.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// In words, for people.
    #[allow(dead_code, reason = "only the page asks for it")]
    pub(crate) situation: &'static str,
    /// Whose token it is recorded with: a team's name, else the token itself.
    #[allow(dead_code, reason = "only recording asks for it")]
    pub(crate) token: &'static str,
    pub(crate) outcome: O,
}

const fn case(name: &'static str, situation: &'static str, outcome: O) -> Case {
    Case { name, situation, token: "regrets", outcome }
}

const fn by(token: &'static str, case: Case) -> Case {
    Case { token, ..case }
}

pub(crate) const ANA: &str = "ana@contoso.com";

/// What recordings say instead: ids of dates, and when the decision was made.
#[allow(dead_code, reason = "what is recorded is of its own date")]
pub(crate) const SESSION: &str = "safety/42";
pub(crate) const DECIDED: &str = "2026-11-21T10:00:00Z";

pub(crate) const CASES: &[Case] = &[
    case("only-place", "The only place of an order", O::Done),
    case("one-of-two", "One of two places of an order", O::Done),
    case("gone-meanwhile", "One of two, which somebody else cancels an instant before", O::Done),
    case("with-extras", "A place with its add-on", O::Done),
    case("pending", "Not paid yet", O::Done),
    case("to-approve", "Waiting for approval", O::Done),
    case("own-entry", "The learner is on the wait list, too", O::Done),
    case("own-voucher", "A place that was booked with a voucher of the wait list", O::Done),
    case("order-cancelled", "The order is cancelled already", O::AlreadyCancelled),
    case("place-cancelled", "The place is cancelled already", O::AlreadyCancelled),
    case("expired", "The order has expired", O::AlreadyCancelled),
    case("not-enrolled", "No place", O::NotEnrolled),
    case("two-places", "Two places of one learner", O::HeldElsewhere),
    case("unnamed", "A place without an address that the learner has bought", O::HeldElsewhere),
    case("attended", "The place was used", O::TooLate),
    case("unknown-session", "No such date", O::UnknownSession),
    by("no-such-token", case("wrong-token", "The token is wrong", O::CredentialBroken)),
    by("nothing", case("no-right-to-read", "May not read", O::Unexpected)),
    by("read_only", case("read-only-token", "May not cancel", O::CredentialBroken)),
];

/// One event that is looked up.
pub(crate) struct Event {
    pub(crate) name: &'static str,
    /// In words, for people: what the academy has.
    pub(crate) situation: &'static str,
    pub(crate) title: &'static str,
    /// Of the date itself where it is true.
    pub(crate) by_uid: bool,
    pub(crate) found: Found,
}

impl Event {
    /// `date`: its event and its id. `host`: where pretix is.
    pub(crate) fn facts(&self, start: &str, date: &str, host: &str) -> EventFacts {
        let uid = format!("pretix-acme-{}@{host}", date.replace('/', "-"));
        EventFacts {
            ical_uid: Some(if self.by_uid { uid } else { "040000008200E00074C5B7101A82E008".to_owned() }),
            title: self.title.to_owned(),
            start: Some(start.parse().unwrap()),
            end: None,
        }
    }

    pub(crate) fn expected(&self, date: &str) -> Lookup {
        match self.found {
            Found::Date => Lookup::One(date.into()),
            Found::Alone => Lookup::One(format!("{ALONE}/").as_str().into()),
            Found::None => Lookup::None,
            Found::Many => Lookup::Many,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    Date,
    Alone,
    None,
    Many,
}

const fn event(name: &'static str, situation: &'static str, found: Found) -> Event {
    Event { name, situation, title: TITLE, by_uid: false, found }
}

pub(crate) const TITLE: &str = "Working on ladders";
/// When what is recorded of looking up begins.
pub(crate) const LOOKED_UP: &str = "2036-05-05T07:00:00Z";
/// The event without dates.
pub(crate) const ALONE: &str = "ladders";

pub(crate) const EVENTS: &[Event] = &[
    event("find-date", "a date of this name at this time, among others", Found::Date),
    Event {
        title: "Auf Leitern arbeiten",
        ..event("find-language", "a date that is called so in another language", Found::Date)
    },
    event("find-alone", "an event without dates of this name at this time", Found::Alone),
    event("find-later", "a date of this name at another time", Found::None),
    event("find-other", "a date of another name at this time", Found::None),
    event("find-inactive", "a date of this name at this time, which is switched off", Found::None),
    event("find-two", "two dates of this name at this time", Found::Many),
    event("find-both", "a date, and an event without dates, of this name at this time", Found::Many),
    Event {
        title: "",
        ..event("find-untitled", "a date at this time, and the event has no title", Found::None)
    },
    Event {
        title: "Whatever",
        by_uid: true,
        ..event("find-uid", "the date that the event's uid names, at this time", Found::Date)
    },
    Event {
        title: "Whatever",
        by_uid: true,
        ..event("find-moved", "the date that the event's uid names, which has moved", Found::None)
    },
];
