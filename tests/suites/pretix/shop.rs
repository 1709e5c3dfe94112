//! The one server, and a table of what it answers.

use pretix::{Answer, Booking, Desk, Order, Pretix};
use reqwest::Method;
use serde_json::Value;
use std::fmt::Write as _;
use std::sync::OnceLock;

/// A desk at the server; `None` where Python is missing.
pub(crate) fn desk() -> Option<Desk> {
    // Never dropped: it ends with this process.
    static PRETIX: OnceLock<Option<Pretix>> = OnceLock::new();
    let pretix = PRETIX.get_or_init(|| Pretix::start_or_skip().unwrap_or_else(|error| panic!("{error}")));
    Some(Desk::of(pretix.as_ref()?).unwrap())
}

/// A date with so many seats.
pub(crate) async fn date(desk: &Desk, seats: u64) -> u64 {
    let (begins, ends) = ("2036-03-03T09:00:00+01:00", "2036-03-03T12:00:00+01:00");
    desk.new_date("Ladder safety", begins, ends, seats).await.unwrap()
}

pub(crate) async fn booked(desk: &Desk, date: u64, learners: &[&str]) -> Order {
    desk.book(&Booking::of(desk, date, learners)).await.unwrap()
}

/// Rows of "situation: status, what was said".
#[derive(Default)]
pub(crate) struct Table(String);

impl Table {
    /// Asks under a token, and writes down the status and what the pointers find; without pointers the text.
    pub(crate) async fn row(
        &mut self,
        desk: &Desk,
        situation: &str,
        (token, method, path): (&str, Method, &str),
        body: Option<&Value>,
        shown: &[&str],
    ) -> Answer {
        let answer = desk.ask(token, method, path, body).await.unwrap();
        self.note(situation, &answer, shown);
        answer
    }

    pub(crate) fn note(&mut self, situation: &str, answer: &Answer, shown: &[&str]) {
        let said = if shown.is_empty() {
            answer.text.clone()
        } else {
            let found = shown.iter().map(|pointer| answer.json.pointer(pointer).unwrap_or(&Value::Null));
            found.map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        writeln!(self.0, "{situation}: {} {said}", answer.status).unwrap();
    }

    pub(crate) fn text(self) -> String {
        self.0
    }
}
