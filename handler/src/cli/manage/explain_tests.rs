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
            "ignore": "keeps the place; what was seen so far is not asked about again, a later decline \
                       counts",
            "until": "2026-11-25T08:00:00.000Z",
        },
        "story": [
            { "n": 1, "at": "2026-11-21T10:00:00.123Z", "by": "regrets", "text": "The invitation is \
                watched." },
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
        "attempts": 0, "outcome": null, "learner": "ana@contoso.com", "review": null, "held": null,
        "choices": null,
        "story": [
            { "n": 1, "at": "2026-11-25T07:59:00.000Z", "by": "regrets", "text": "Declined after the \
                deadline." },
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

#[test]
fn what_the_lms_showed_is_told_with_the_connector_file_that_asked_it() {
    let found = |lms: serde_json::Value| {
        let story = json!({
            "id": "contoso.a.b", "tenant": "contoso", "session": "4711", "state": "done", "generation": 1,
            "verdict": "declined", "evidence": "learner-copy", "start": null, "due": null, "attempts": 1,
            "outcome": "done", "learner": "ana@contoso.com", "review": null, "story": [], "lms": lms,
        });
        explain(&serde_json::from_value(story).unwrap(), &FixedOffset::east_opt(0).unwrap())
    };
    let read = json!({ "connector": "moodle", "file": "0123456789abcdef", "before": "held",
        "after": "held_elsewhere" });
    insta::assert_snapshot!(found(read), @r"
        ana@contoso.com in session 4711 of contoso: done.
        Asked by the connector moodle (0123456789abcdef).
        At the LMS the place was held before, and held elsewhere after.
        ");
    let unread = json!({ "connector": "webhook", "file": null, "before": null, "after": null });
    assert_eq!(found(unread), "ana@contoso.com in session 4711 of contoso: done.\n");
}
