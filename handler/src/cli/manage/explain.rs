//! One enrolment's story in plain sentences, and what its reader may do about it.

use super::local_time::{maybe, sentence, when};
use crate::jobs::operate::management_json::Story;
use chrono::TimeZone;
use std::fmt::{Display, Write as _};

/// It holds no personal data beyond the learner key. Times are the reader's.
pub(super) fn explain<Z: TimeZone<Offset: Display>>(story: &Story, zone: &Z) -> String {
    let item = &story.item;
    let mut text = format!("{} in session {} of {}: {}", story.learner.as_str(), item.session, item.tenant, item.state);
    // Writing to a String can't fail.
    if item.generation > 1 {
        let _ = write!(text, " (enrolment {} of this learner)", item.generation);
    }
    let _ = writeln!(text, ".");
    if let Some(start) = item.start {
        let _ = writeln!(text, "The session starts at {}.", when(start, zone));
    }
    let due = item.due.map(|due| when(due, zone));
    let held = item.held.as_ref().map(|held| sentence(held, zone));
    let _ = match (item.state.as_str(), &held, due) {
        ("waiting", Some(held), Some(due)) => {
            writeln!(text, "The LMS is to be asked at {due}, but {held}. `regrets status` says more.")
        }
        ("waiting", None, Some(due)) => writeln!(text, "The LMS is asked at {due}."),
        ("watched", _, Some(due)) => writeln!(text, "The calendar is looked at again at {due}."),
        ("running", Some(held), _) => writeln!(text, "The LMS is being asked; again it would not be, because {held}."),
        ("review", Some(held), _) => {
            writeln!(text, "What is approved now does not go at once: {held}. `regrets status` says more.")
        }
        (_, _, _) => Ok(()),
    };
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
            "The place stands, and nothing more is done by itself. `retry` has the LMS asked after all, until the session ends:"
        );
        let _ = writeln!(text, "  regrets ledger retry {} --late --by <your name> --reason <why>", item.id);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::FixedOffset;
    use serde_json::json;

    #[test]
    fn a_story_is_told_in_plain_sentences_with_what_a_person_may_do() {
        let found = json!({
            "id": "contoso.a.b", "tenant": "contoso", "session": "4711", "state": "review", "generation": 2,
            "verdict": "declined", "evidence": "learner-copy", "start": "2026-11-25T08:00:00.000Z", "due": null,
            "attempts": 0, "outcome": null,
            "learner": "ana@contoso.com", "review": "The session was moved since the learner declined.",
            "held": "the valve is stopped since 2026-11-21 10:00:00 UTC: it waits until a person opens it",
            "choices": {
                "approve": "has the LMS asked to cancel the place, within a minute and without another grace",
                "ignore": "keeps the place; what was seen so far is not asked about again, a later decline counts",
                "until": "2026-11-25T08:00:00.000Z",
            },
            "story": [
                { "n": 1, "at": "2026-11-21T10:00:00.123Z", "by": "regrets", "text": "The invitation is watched." },
                { "n": 2, "at": "2026-11-21T10:05:00.000Z", "by": "olga", "text": "Ignored: a clean-up" },
            ],
        });
        let story: Story = serde_json::from_value(found).unwrap();
        let zone = FixedOffset::east_opt(3600).unwrap();
        insta::assert_snapshot!(explain(&story, &zone), @r"
        ana@contoso.com in session 4711 of contoso: review (enrolment 2 of this learner).
        The session starts at 2026-11-25 09:00:00+01:00.
        What is approved now does not go at once: the valve is stopped since 2026-11-21 11:00:00+01:00: it waits until a person opens it. `regrets status` says more.
          2026-11-21 11:00:00+01:00  The invitation is watched.
          2026-11-21 11:05:00+01:00  [olga] Ignored: a clean-up
        Why a person is asked: The session was moved since the learner declined.
        `approve` has the LMS asked to cancel the place, within a minute and without another grace, until 2026-11-25 09:00:00+01:00:
          regrets ledger approve contoso.a.b --by <your name> --reason <why>
        `ignore` keeps the place; what was seen so far is not asked about again, a later decline counts:
          regrets ledger ignore contoso.a.b --by <your name> --reason <why>
        ");
    }

    #[test]
    fn whoever_declined_too_late_may_still_be_taken_to_the_lms_by_a_person() {
        let found = json!({
            "id": "contoso.a.b", "tenant": "contoso", "session": "4711", "state": "expired", "generation": 1,
            "verdict": "declined", "evidence": "learner-copy", "start": "2026-11-25T08:00:00.000Z", "due": null,
            "attempts": 0, "outcome": null, "learner": "ana@contoso.com", "review": null, "held": null, "choices": null,
            "story": [
                { "n": 1, "at": "2026-11-25T07:59:00.000Z", "by": "regrets", "text": "Declined after the deadline." },
            ],
        });
        let story: Story = serde_json::from_value(found).unwrap();
        insta::assert_snapshot!(explain(&story, &FixedOffset::east_opt(3600).unwrap()), @r"
        ana@contoso.com in session 4711 of contoso: expired.
        The session starts at 2026-11-25 09:00:00+01:00.
          2026-11-25 08:59:00+01:00  Declined after the deadline.
        The place stands, and nothing more is done by itself. `retry` has the LMS asked after all, until the session ends:
          regrets ledger retry contoso.a.b --late --by <your name> --reason <why>
        ");
    }
}
