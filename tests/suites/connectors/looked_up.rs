//! Which session an event stands for, by what the LMS shows: one, none, or several, which are for a person.

use super::page::Found;
use super::rig::{ATTEMPT, engine, http};
use fake_lms::{Fake, Product};
use regrets::lms::recipe::connector::ConnectorFile;
use regrets::lms::{Budget, Connector as _, EventFacts, Lookup};
use std::sync::Arc;

/// When the events are that are looked up: the same moment, as texts and in seconds.
pub(crate) const START: &str = "2036-03-03T08:00:00Z";
pub(crate) const STARTS: i64 = 2_088_144_000;
pub(crate) const LATER: i64 = STARTS + 3_600;
pub(crate) const TITLE: &str = "Working on ladders";

pub(crate) struct Event<P> {
    /// In words, for people.
    name: &'static str,
    arrange: fn(&Fake<P>),
    /// `{host}`: where the LMS is.
    uid: &'static str,
    title: &'static str,
    start: Option<&'static str>,
    found: Lookup,
}

/// An event of the usual title and time, without an uid that the LMS knows.
pub(crate) fn event<P>(name: &'static str, arrange: fn(&Fake<P>), found: Lookup) -> Event<P> {
    Event { name, arrange, uid: "040000008200E00074C5B7101A82E008", title: TITLE, start: Some(START), found }
}

pub(crate) fn one(session: &str) -> Lookup {
    Lookup::One(session.into())
}

impl<P> Event<P> {
    pub(crate) fn titled(mut self, title: &'static str) -> Self {
        self.title = title;
        self
    }

    pub(crate) fn undated(mut self) -> Self {
        self.start = None;
        self
    }

    pub(crate) fn with_uid(mut self, uid: &'static str) -> Self {
        self.uid = uid;
        self
    }
}

/// Looks each of them up; what is otherwise than expected ends the test.
pub(crate) async fn look_up<P: Product>(
    file: &Arc<ConnectorFile>,
    begin: fn() -> P,
    settings: &[(&str, &str)],
    events: &[Event<P>],
) -> Vec<Found> {
    let (mut rows, mut wrong, http) = (Vec::new(), Vec::new(), http());
    for event in events {
        let fake = Fake::start(begin()).await;
        (event.arrange)(&fake);
        fake.forget();
        let host = fake.url().as_str().trim_start_matches("http://").trim_end_matches('/').to_owned();
        let facts = EventFacts {
            ical_uid: Some(event.uid.replace("{host}", &host)),
            title: event.title.to_owned(),
            start: event.start.map(|start| start.parse().unwrap()),
            end: None,
        };
        let found = engine(file, fake.url(), settings, &http).lookup(&facts, Budget::of(ATTEMPT)).await;
        let writes = fake.seen().iter().filter(|seen| seen.writes).count();
        if found != event.found || writes > 0 {
            let calls: Vec<String> = fake
                .seen()
                .iter()
                .map(|seen| format!("    {} {:?} {}", seen.call.path, seen.call.query, seen.call.body))
                .collect();
            wrong.push(format!("- {}: {found:?}, not {:?}\n{}", event.name, event.found, calls.join("\n")));
        }
        rows.push(Found { event: event.name.to_owned(), found });
    }
    assert!(wrong.is_empty(), "{}: otherwise than expected:\n{}", file.name, wrong.join("\n"));
    rows
}
