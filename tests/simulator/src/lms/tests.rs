use super::*;

fn order(learner: &str, session: &str) -> OrderData {
    OrderData {
        id: "x".to_owned(),
        tenant: "contoso".to_owned(),
        session: session.to_owned(),
        learner: learner.to_owned(),
        generation: 1,
        decision: 1,
        verdict: "declined".to_owned(),
        evidence: "learner-copy".to_owned(),
        _declined_at: None,
        _session_start: None,
        attempt: 1,
    }
}

#[test]
fn each_state_of_a_place_has_its_answer_and_only_the_first_takes_effect() {
    let now: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
    let day =
        |n: i64| Slot { start: now + chrono::Duration::days(n), end: now + chrono::Duration::days(n + 1) };
    let mut lms = Lms::default();
    lms.add_session("1", "Fire", day(1));
    lms.add_session("2", "Past", day(-2));
    lms.enrol("1", "ana", now).unwrap();
    lms.enrol("2", "bo", now).unwrap();
    let cases = [
        ("a", "ana", "1", Outcome::Done, true),
        ("a", "ana", "1", Outcome::Done, false),
        ("b", "ana", "1", Outcome::AlreadyCancelled, false),
        ("c", "bo", "1", Outcome::NotEnrolled, false),
        ("d", "bo", "2", Outcome::TooLate, false),
        ("e", "zed", "1", Outcome::UnknownLearner, false),
        ("f", "ana", "9", Outcome::UnknownSession, false),
    ];
    for (id, learner, session, outcome, took_effect) in cases {
        assert_eq!(lms.cancel(id, &order(learner, session), now), outcome, "{id}");
        assert_eq!(lms.effects().last().unwrap().took_effect, took_effect, "{id}");
    }
}

fn tomorrow(now: DateTime<Utc>) -> Slot {
    Slot { start: now + chrono::Duration::days(1), end: now + chrono::Duration::days(2) }
}

#[test]
fn what_is_accepted_is_done_later_and_once() {
    let now: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
    let mut lms = Lms::default();
    lms.add_session("1", "Fire", tomorrow(now));
    lms.enrol("1", "ana", now).unwrap();
    assert_eq!(lms.accept("a", &order("ana", "1"), now), Outcome::Accepted);
    assert_eq!(lms.cancel("a", &order("ana", "1"), now), Outcome::Accepted, "not yet");
    assert!(lms.is_enrolled("1", "ana"));
    lms.finish("a", &order("ana", "1"), now);
    lms.finish("a", &order("ana", "1"), now);
    assert_eq!(lms.accept("a", &order("ana", "1"), now), Outcome::Done);
    assert!(!lms.is_enrolled("1", "ana"));
    let took_effect: Vec<bool> = lms.effects().iter().map(|effect| effect.took_effect).collect();
    assert_eq!(took_effect, [true, false, false]);
}

#[test]
fn the_same_id_with_another_content_is_noticed() {
    let now: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
    let mut lms = Lms::default();
    lms.add_session("1", "Fire", tomorrow(now));
    lms.enrol("1", "ana", now).unwrap();
    lms.note_fault("a", &order("ana", "1"), now, "fault 503");
    lms.cancel("a", &OrderData { attempt: 2, ..order("ana", "1") }, now);
    lms.cancel("a", &OrderData { verdict: "unseen".to_owned(), ..order("ana", "1") }, now);
    lms.cancel("b", &order("bo", "1"), now);
    let altered: Vec<bool> = lms.effects().iter().map(|effect| effect.altered).collect();
    assert_eq!(altered, [false, false, true, false]);
}

#[test]
fn what_was_overtaken_by_a_later_decision_ends_no_place() {
    let now: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
    let mut lms = Lms::default();
    lms.add_session("1", "Fire", tomorrow(now));
    let numbered = |generation, decision| OrderData { generation, decision, ..order("ana", "1") };
    let mut end = |id: &str, generation, decision| {
        lms.enrol("1", "ana", now).unwrap();
        lms.cancel(id, &numbered(generation, decision), now)
    };
    assert_eq!(end("b", 1, 2), Outcome::Done);
    assert_eq!(end("a", 1, 1), Outcome::Refused);
    assert_eq!(end("c", 2, 1), Outcome::Done);
    assert_eq!(end("d", 1, 3), Outcome::Refused);
    assert_eq!(lms.cancellations_by_decision("1", "ana"), [((1, 2), 1), ((2, 1), 1)].into());
    assert!(lms.is_enrolled("1", "ana"));
}

#[test]
fn a_late_repeat_does_not_end_a_new_place() {
    let now: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
    let mut lms = Lms::default();
    lms.add_session(
        "1",
        "Fire",
        Slot { start: now + chrono::Duration::days(1), end: now + chrono::Duration::days(2) },
    );
    lms.enrol("1", "ana", now).unwrap();
    lms.cancel("a", &order("ana", "1"), now);
    lms.enrol("1", "ana", now).unwrap();
    lms.cancel("a", &order("ana", "1"), now);
    assert!(lms.is_enrolled("1", "ana"));
}
