//! One enrolment's story in plain sentences, and what its reader may do about it.

use super::local_time::{maybe, sentence, when};
use crate::jobs::operate::management_json::Story;
use chrono::TimeZone;
use std::fmt::{Display, Write as _};

/// It holds no personal data beyond the learner key. Times are the reader's.
pub(super) fn explain<Z: TimeZone<Offset: Display>>(story: &Story, zone: &Z) -> String {
    let item = &story.item;
    let mut text =
        format!("{} in session {} of {}: {}", story.learner.as_str(), item.session, item.tenant, item.state);
    // Writing to a String can't fail.
    if item.generation > 1 {
        let _ = write!(text, " (enrolment {} of this learner)", item.generation);
    }
    let _ = writeln!(text, ".");
    if item.canary {
        let _ = writeln!(text, "This is the canary's place: a test learner's, and no learner's.");
    }
    if let Some(start) = item.start {
        let _ = writeln!(text, "The session starts at {}.", when(start, zone));
    }
    let due = item.due.map(|due| when(due, zone));
    let held = item.held.as_ref().map(|held| sentence(held, zone));
    let is_wanted_back = matches!(story.give_back.as_deref(), Some("wanted" | "running"));
    let _ = match (item.state.as_str(), &held, due) {
        ("waiting", Some(held), Some(due)) => {
            writeln!(text, "The LMS is to be asked at {due}, but {held}. `regrets status` says more.")
        }
        ("waiting", None, Some(due)) => writeln!(text, "The LMS is asked at {due}."),
        ("watched", Some(held), Some(_)) if is_wanted_back => {
            writeln!(text, "The LMS is to be asked to give the place back, but {held}.")
        }
        ("watched", None, Some(due)) if is_wanted_back => {
            writeln!(text, "The LMS is asked to give the place back at {due}.")
        }
        ("watched", _, Some(due)) => writeln!(text, "The calendar is looked at again at {due}."),
        ("running", Some(held), _) => {
            writeln!(text, "The LMS is being asked; again it would not be, because {held}.")
        }
        ("review", Some(held), _) => {
            writeln!(text, "What is approved now does not go at once: {held}. `regrets status` says more.")
        }
        (_, _, _) => Ok(()),
    };
    if let Some(asked) = story.lms.as_ref().filter(|lms| lms.file.is_some()) {
        let file = asked.file.as_deref().unwrap_or_default();
        let _ = writeln!(text, "Asked by the connector {} ({file}).", asked.connector);
        let _ = match (asked.before.as_deref(), asked.after.as_deref()) {
            (None, None) => writeln!(text, "What the LMS shows of the place is not known."),
            (before, after) => writeln!(
                text,
                "At the LMS the place was {} before, and {} after.",
                place(before),
                place(after)
            ),
        };
    }
    for line in &story.story {
        let by = match line.by.as_str() {
            "regrets" => String::new(),
            person => format!("[{person}] "),
        };
        let _ = writeln!(text, "  {}  {by}{}", when(line.at, zone), sentence(&line.text, zone));
    }
    if let Some(why) = &story.review {
        let _ = writeln!(text, "Why a person is asked: {}", sentence(why, zone));
    }
    if let Some(choices) = &story.choices {
        let until = match choices.until {
            Some(_) => format!(", until {}", maybe(choices.until, zone)),
            None => String::new(),
        };
        let _ = writeln!(text, "`approve` {}{until}:", choices.approve);
        let _ = writeln!(text, "  regrets ledger approve {} --by <your name> --reason <why>", item.id);
        let _ = writeln!(text, "`ignore` {}:", choices.ignore);
        let _ = writeln!(text, "  regrets ledger ignore {} --by <your name> --reason <why>", item.id);
    }
    if item.state == "expired" {
        let _ = writeln!(
            text,
            "The place stands, and nothing more is done by itself. `retry` has the LMS asked after all, \
             until the session ends:"
        );
        let _ = writeln!(text, "  regrets ledger retry {} --late --by <your name> --reason <why>", item.id);
    }
    text
}

/// A state of a place, as people say it.
fn place(word: Option<&str>) -> String {
    word.map_or("not read".to_owned(), |word| word.replace('_', " "))
}

#[cfg(test)]
#[path = "explain_tests.rs"]
mod tests;
