//! From due to outcome, and people's words.

use super::*;
use crate::calendar::reading::Verdict;
use crate::enrolment::apply_reading::tests::{noon, policy, saw, waiting, watched};
use crate::enrolment::attempt::{ConnectorIdentity, OutcomeKind};
use crate::enrolment::before_sending::{be_patient, put_back, readable_again, to_person};
use crate::enrolment::deadline::judge_deadline;
use crate::enrolment::lms_answer::{LmsOutcome, Place, Reach, Reply};
use crate::enrolment::lms_reread::{read, to_be_read};
use crate::enrolment::operator_decision::{OperatorDecision, by_operator};
use crate::enrolment::place_state::PlaceState;
use crate::enrolment::policy::Retry;
use crate::enrolment::transitions::StateColumn;

fn retry() -> Retry {
    Retry { first: Duration::seconds(30), most: Duration::hours(1) }
}

fn minutes(n: i64) -> DateTime<Utc> {
    noon() + Duration::minutes(n)
}

fn reply(outcome: LmsOutcome) -> Reply {
    Reply::new(outcome, Reach::Sent)
}

fn running() -> Enrolment {
    claim(&waiting(), "token", None, &policy(), minutes(10), LEASE).unwrap()
}

fn recorded(outcome: LmsOutcome) -> Enrolment {
    record(&running(), "token", &reply(outcome), &policy(), retry(), 1.0, minutes(11)).unwrap()
}

#[test]
fn each_outcome_of_the_lms_ends_where_it_should() {
    let ends = [
        (LmsOutcome::Done, State::Done, 1),
        (LmsOutcome::AlreadyCancelled, State::Done, 1),
        (LmsOutcome::NotEnrolled, State::Done, 1),
        (LmsOutcome::Accepted, State::Waiting, 1),
        (LmsOutcome::Outage, State::Waiting, 1),
        (LmsOutcome::CredentialBroken, State::Waiting, 0),
        (LmsOutcome::EndpointGone, State::Waiting, 0),
        (LmsOutcome::UnknownLearner, State::Review, 1),
        (LmsOutcome::UnknownSession, State::Review, 1),
        (LmsOutcome::Refused, State::Review, 1),
        (LmsOutcome::HeldElsewhere, State::Review, 1),
        (LmsOutcome::Unclear, State::Review, 1),
        (LmsOutcome::TooLate, State::Expired, 1),
    ];
    for (outcome, state, tries) in ends {
        let row = recorded(outcome);
        assert_eq!(row.attempt.tries, tries, "{outcome:?}");
        assert_eq!((row.state, row.attempt.claim.is_some()), (state, false), "{outcome:?}");
        assert_eq!(row.attempt.due.is_some(), state == State::Waiting, "{outcome:?}");
    }
}

#[test]
fn a_claim_is_exclusive_until_its_lease_is_over() {
    let row = running();
    assert_eq!(claim(&row, "other", None, &policy(), minutes(13), LEASE), None);
    assert_eq!(lapse(&row, minutes(12)), None, "the claim is in force");
    let lapsed = lapse(&row, minutes(13)).unwrap();
    assert_eq!(
        (lapsed.state, lapsed.attempt.due, lapsed.maybe_effected),
        (State::Waiting, Some(minutes(13)), true)
    );
    let taken = claim(&lapsed, "other", None, &policy(), minutes(13), LEASE).unwrap();
    assert_eq!(
        (taken.attempt.claim.as_ref().map(|claim| claim.token.as_str()), taken.attempt.tries),
        (Some("other"), 2)
    );
    assert_eq!(
        (&taken.attempt.order, taken.decisions),
        (&row.attempt.order, 1),
        "the same order under the same id"
    );
    for held in [&lapsed, &taken] {
        let late = record(held, "token", &reply(LmsOutcome::Done), &policy(), retry(), 1.0, minutes(14));
        assert_eq!(late, None, "whoever lost the claim records nothing");
    }
}

#[test]
fn nothing_is_claimed_past_the_deadline() {
    let start = waiting().start.unwrap();
    assert_eq!(claim(&waiting(), "token", None, &policy(), start, LEASE), None);
    assert!(claim(&waiting(), "token", None, &policy(), start - Duration::milliseconds(1), LEASE).is_some());
}

#[test]
fn only_what_waits_can_be_claimed() {
    for row in
        [watched(), recorded(LmsOutcome::Done), recorded(LmsOutcome::Refused), recorded(LmsOutcome::TooLate)]
    {
        assert_eq!(claim(&row, "x", None, &policy(), minutes(60), LEASE), None, "{:?}", row.state);
        assert_eq!(observe(&row, minutes(60)), None, "{:?}", row.state);
    }
}

#[test]
fn failures_in_a_row_wait_longer_and_longer() {
    let mut row = waiting();
    let mut now = minutes(10);
    let mut waits = Vec::new();
    for n in 0..4 {
        row = claim(&row, &n.to_string(), None, &policy(), now, LEASE).unwrap();
        row = record(&row, &n.to_string(), &reply(LmsOutcome::Outage), &policy(), retry(), 1.0, now).unwrap();
        let due = row.attempt.due.unwrap();
        waits.push((due - now).num_seconds());
        now = due;
    }
    assert_eq!((waits, row.attempt.tries), (vec![30, 60, 120, 240], 4));
}

#[test]
fn what_was_not_tried_counts_no_attempt_and_leaves_no_doubt() {
    let not_tried = Reply { reach: Reach::NotTried, ..reply(LmsOutcome::Outage) };
    let row = record(&running(), "token", &not_tried, &policy(), retry(), 1.0, minutes(11)).unwrap();
    assert_eq!(
        (row.state, row.attempt.tries, row.attempt.failures, row.maybe_effected),
        (State::Waiting, 0, 0, false)
    );
    let lost = recorded(LmsOutcome::Outage);
    assert!(lost.maybe_effected, "the answer may be all that was lost");
    let back = saw(&lost, Verdict::Attending, minutes(12));
    assert_eq!(back.stand(), StateColumn::ReviewLms, "a person must look whether the place is gone");
}

#[test]
fn a_lost_claim_of_a_learner_who_attends_goes_to_a_person() {
    let lapsed = lapse(&running(), minutes(13)).unwrap();
    assert_eq!(saw(&lapsed, Verdict::Attending, minutes(14)).stand(), StateColumn::ReviewLms);
}

#[test]
fn observe_records_what_would_have_happened() {
    let row = observe(&waiting(), minutes(10)).unwrap();
    assert_eq!(
        (row.state, row.attempt.outcome.unwrap().kind),
        (State::Done, OutcomeKind::WouldHaveCancelled)
    );
    assert_eq!(row.attempt.tries, 0);
}

#[test]
fn the_deadline_expires_what_waits_and_nothing_else() {
    let start = waiting().start.unwrap();
    for (what, row, now, state) in [
        ("waits, in time", waiting(), start - Duration::seconds(1), None),
        ("waits", waiting(), start, Some(State::Expired)),
        ("is watched", watched(), start, None),
        ("is at the LMS", running(), start, None),
    ] {
        assert_eq!(judge_deadline(&row, &policy(), now).map(|row| row.state), state, "{what}");
    }
}

#[test]
fn patience_with_an_unreadable_calendar_ends_with_recheck() {
    let mut row = waiting();
    let mut now = row.attempt.due.unwrap();
    let began = now;
    let mut tries = 0;
    while let Some(next) = be_patient(&row, &policy(), now) {
        let due = next.attempt.due.unwrap();
        assert!(due > now && due <= began + policy().recheck);
        (row, now) = (next, due);
        tries += 1;
    }
    assert_eq!(now, began + policy().recheck, "then the stored evidence counts");
    assert!((5..12).contains(&tries), "{tries}");
    assert_eq!(readable_again(&row).unwrap().attempt.unreadable_since, None);
}

#[test]
fn the_valve_puts_back_without_counting() {
    let row = put_back(&waiting(), minutes(20)).unwrap();
    assert_eq!((row.state, row.attempt.due, row.attempt.tries), (State::Waiting, Some(minutes(20)), 0));
    assert_eq!(put_back(&running(), minutes(20)), None);
}

#[test]
fn people_decide_what_waits_for_them() {
    let weak = saw(&saw(&watched(), Verdict::Removed, minutes(0)), Verdict::Removed, minutes(30));
    assert_eq!(weak.stand(), StateColumn::ReviewWeak);
    let approved =
        by_operator(&weak, OperatorDecision::Approve, "olga", "she told me", None, minutes(31)).unwrap();
    assert_eq!((approved.stand(), approved.attempt.due), (StateColumn::WaitingStrong, Some(minutes(31))));
    let line = approved.story.last().unwrap();
    assert_eq!((line.by.as_str(), line.text.as_str()), ("olga", "Approved: she told me"));

    let ignored =
        by_operator(&weak, OperatorDecision::Ignore, "olga", "a clean-up", None, minutes(31)).unwrap();
    assert_eq!(ignored.state, State::Watched);
    assert_eq!(saw(&ignored, Verdict::Removed, minutes(90)).state, State::Watched, "not asked twice");
    let link = crate::enrolment::apply_reading::tests::link();
    let later = crate::calendar::reading::Reading {
        answered_at: Some(minutes(60)),
        ..crate::enrolment::apply_reading::tests::reading(Verdict::Declined)
    };
    let declined = crate::enrolment::apply_reading::apply_reading(
        &ignored,
        &link,
        &link.stored_at().unwrap(),
        &later,
        &policy(),
        minutes(61),
    );
    assert_eq!(declined.unwrap().state, State::Waiting, "a decline after that counts");

    let refused = recorded(LmsOutcome::Refused);
    let again =
        by_operator(&refused, OperatorDecision::Retry, "olga", "seat freed", None, minutes(31)).unwrap();
    assert_eq!(again.state, State::Waiting);
    for word in [OperatorDecision::Approve, OperatorDecision::Ignore, OperatorDecision::Retry] {
        let error =
            by_operator(&recorded(LmsOutcome::Done), word, "olga", "", None, minutes(31)).unwrap_err();
        assert_eq!(error, "this cancellation is done; there is nothing left to decide");
    }
}

/// The number that the next attempt goes under.
fn number(row: &Enrolment) -> u32 {
    claim(row, "next", None, &policy(), minutes(90), LEASE).unwrap().attempt.order.unwrap().number
}

#[test]
fn one_decision_has_one_number_whatever_the_lms_answers() {
    for outcome in
        [LmsOutcome::Outage, LmsOutcome::Accepted, LmsOutcome::CredentialBroken, LmsOutcome::EndpointGone]
    {
        assert_eq!(number(&recorded(outcome)), 1, "{outcome:?}");
    }
    assert_eq!(number(&lapse(&running(), minutes(13)).unwrap()), 1);
    let hurried =
        by_operator(&recorded(LmsOutcome::Outage), OperatorDecision::Retry, "olga", "now", None, minutes(31))
            .unwrap();
    assert_eq!(number(&hurried), 1, "sent now instead of later");
}

#[test]
fn what_a_person_was_asked_about_may_turn_out_to_be_an_outage() {
    let unclear = recorded(LmsOutcome::Unexpected);
    let back = after_all_an_outage(&unclear, None, &policy(), retry(), 1.0, minutes(20)).unwrap();
    assert_eq!(
        (back.state, back.attempt.review.is_some(), back.attempt.failures, back.maybe_effected),
        (State::Waiting, false, 1, true)
    );
    assert_eq!(
        (back.attempt.due, number(&back), &back.attempt.order),
        (Some(minutes(20) + retry().first), 1, &unclear.attempt.order)
    );
    for other in
        [recorded(LmsOutcome::Refused), recorded(LmsOutcome::Done), recorded(LmsOutcome::Outage), waiting()]
    {
        assert_eq!(
            after_all_an_outage(&other, None, &policy(), retry(), 1.0, minutes(20)),
            None,
            "{:?}",
            other.state
        );
    }
    let ignored =
        by_operator(&unclear, OperatorDecision::Ignore, "olga", "seen to", None, minutes(15)).unwrap();
    assert_eq!(
        after_all_an_outage(&ignored, None, &policy(), retry(), 1.0, minutes(20)),
        None,
        "a person was faster"
    );
    let attends = saw(&back, Verdict::Attending, minutes(21));
    assert_eq!(attends.stand(), StateColumn::ReviewLms, "the doubt outlives it");
}

#[test]
fn whatever_is_decided_or_asked_anew_has_the_next_number() {
    // A person's retry after a refusal, or after it was too late; each time once more.
    for outcome in [LmsOutcome::Refused, LmsOutcome::UnknownLearner, LmsOutcome::TooLate, LmsOutcome::Unclear]
    {
        let again =
            by_operator(&recorded(outcome), OperatorDecision::Retry, "olga", "seat freed", None, minutes(31))
                .unwrap();
        assert_eq!(
            (number(&again), again.attempt.tries, again.attempt.outcome.clone()),
            (2, 0, None),
            "{outcome:?}"
        );
        let running = claim(&again, "next", None, &policy(), minutes(31), LEASE).unwrap();
        let refused =
            record(&running, "next", &reply(LmsOutcome::Refused), &policy(), retry(), 1.0, minutes(32))
                .unwrap();
        let third =
            by_operator(&refused, OperatorDecision::Approve, "olga", "once more", None, minutes(33)).unwrap();
        assert_eq!(number(&third), 3, "{outcome:?}");
    }
    // What was never sent keeps its number.
    let weak = saw(&saw(&watched(), Verdict::Removed, minutes(0)), Verdict::Removed, minutes(30));
    assert_eq!(
        number(&by_operator(&weak, OperatorDecision::Approve, "olga", "ok", None, minutes(31)).unwrap()),
        1
    );
    // Withdrawn or ignored, and decided once more.
    let withdrawn = saw(&waiting(), Verdict::Attending, minutes(5));
    assert_eq!((withdrawn.decisions, number(&saw(&withdrawn, Verdict::Declined, minutes(6)))), (1, 2));
    let doubtful = saw(&recorded(LmsOutcome::Outage), Verdict::Attending, minutes(12));
    let ignored =
        by_operator(&doubtful, OperatorDecision::Ignore, "olga", "given back", None, minutes(15)).unwrap();
    let link = crate::enrolment::apply_reading::tests::link();
    let later = crate::calendar::reading::Reading {
        answered_at: Some(minutes(16)),
        ..crate::enrolment::apply_reading::tests::reading(Verdict::Declined)
    };
    let once_more = crate::enrolment::apply_reading::apply_reading(
        &ignored,
        &link,
        &link.stored_at().unwrap(),
        &later,
        &policy(),
        minutes(17),
    );
    assert_eq!(number(&once_more.unwrap()), 2);
}

/// A row as it was stored before decisions were counted.
fn uncounted(row: &Enrolment) -> Enrolment {
    let mut json = serde_json::to_value(row).unwrap();
    let fields = json.as_object_mut().unwrap();
    fields.retain(|name, _| !["decisions", "repeats", "reread"].contains(&name.as_str()));
    if let Some(order) = fields["order"].as_object_mut() {
        order.remove("number");
    }
    if let Some(claim) = fields["claim"].as_object_mut() {
        claim.insert("taken_over".into(), false.into());
    }
    for part in fields["parts"].as_array_mut().unwrap() {
        part.as_object_mut().unwrap().remove("open");
    }
    serde_json::from_value(json).unwrap()
}

#[test]
fn a_row_from_before_decisions_were_counted_goes_on_under_the_id_that_its_lms_knows() {
    assert_eq!(uncounted(&running()).attempt.claim, running().attempt.claim);
    let sent = uncounted(&recorded(LmsOutcome::Outage));
    assert_eq!((sent.decisions, number(&sent)), (0, 0), "asked before: the id without a number");
    let refused = uncounted(&recorded(LmsOutcome::Refused));
    let again =
        by_operator(&refused, OperatorDecision::Retry, "olga", "seat freed", None, minutes(31)).unwrap();
    assert_eq!(number(&again), 2, "what was sent was the first");
    assert_eq!(number(&uncounted(&waiting())), 1, "never sent");
}

#[test]
fn a_doubt_about_the_place_outlives_the_decision_that_it_came_from() {
    // Removed, sent, answer lost; then the organizer takes the learner off the list, and the decision is
    // withdrawn.
    let weak = saw(&saw(&watched(), Verdict::Unseen, minutes(0)), Verdict::Unseen, minutes(30));
    let running = claim(&weak, "token", None, &policy(), minutes(40), LEASE).unwrap();
    let lost =
        record(&running, "token", &reply(LmsOutcome::Outage), &policy(), retry(), 1.0, minutes(41)).unwrap();
    let dropped = saw(&lost, Verdict::DroppedByOrganizer, minutes(42));
    assert_eq!((dropped.state, dropped.given_up), (State::Watched, Some(minutes(42))));
    assert!(dropped.story.last().unwrap().text.contains(MAYBE), "{:?}", dropped.story.last());
    let back = saw(&dropped, Verdict::Attending, minutes(50));
    assert!(back.taken_back.is_some(), "somebody is told that the place may be gone");
    // Too late with a lost answer, and decided anew: who accepts then is a case for a person still.
    let mut late = recorded(LmsOutcome::Outage);
    late = judge_deadline(&late, &policy(), late.start.unwrap()).unwrap();
    let text = &late.story.last().unwrap().text;
    assert!(text.contains(MAYBE), "{text}");
    let again = by_operator(&late, OperatorDecision::Retry, "olga", "moved", None, minutes(31)).unwrap();
    assert_eq!(saw(&again, Verdict::Attending, minutes(32)).stand(), StateColumn::ReviewLms);
}

#[test]
fn observe_says_nothing_untrue_of_what_was_sent_before() {
    let texts = |row: &Enrolment| observe(row, minutes(60)).unwrap().story.last().unwrap().text.clone();
    assert!(texts(&waiting()).ends_with("The LMS was not asked."));
    assert!(texts(&recorded(LmsOutcome::Outage)).contains(MAYBE));
    let refused = Reply { reach: Reach::NotReached, ..reply(LmsOutcome::Outage) };
    let row = record(&running(), "token", &refused, &policy(), retry(), 1.0, minutes(11)).unwrap();
    assert!(texts(&row).ends_with("The LMS is not asked any more."));
}

#[test]
fn the_lms_is_read_again_until_it_says_whether_the_place_is_there() {
    let done = recorded(LmsOutcome::Done);
    assert_eq!(to_be_read(&waiting(), minutes(60)), None);
    let asked = to_be_read(&done, minutes(60)).unwrap();
    assert_eq!(crate::enrolment::wakeups::entries(&asked).len(), 1);
    let read = |place, now| read(&asked, place, &policy(), retry(), 1.0, now);
    assert_eq!(read(Place::Given, minutes(59)), None, "not yet");
    assert_eq!(read(Place::Gone, minutes(60)).unwrap(), done);
    let later = read(Place::Unknown, minutes(60)).unwrap();
    assert_eq!(
        (later.state, later.attempt.reread.map(|reread| reread.due)),
        (State::Done, Some(minutes(60) + retry().first))
    );
    let given = read(Place::Given, minutes(60)).unwrap();
    assert_eq!((given.stand(), given.attempt.reread.clone()), (StateColumn::ReviewStrong, None));
    let approved =
        by_operator(&given, OperatorDecision::Approve, "olga", "she is out", None, minutes(70)).unwrap();
    assert_eq!(
        (approved.state, number(&approved), approved.attempt.outcome.clone()),
        (State::Waiting, 2, None)
    );
    let late = read(Place::Given, done.start.unwrap()).unwrap();
    assert_eq!((late.state, late.told), (State::Done, done.told + 1), "too late to ask anybody");
    assert_eq!(
        to_be_read(&observe(&waiting(), minutes(10)).unwrap(), minutes(60)),
        None,
        "nothing was cancelled"
    );
}

#[test]
fn the_decline_that_a_person_is_asked_about_is_old_news_to_a_removal_too() {
    // Cancelled for a removal; the mail with the answer came later, and the LMS shows the place given anew.
    let weak = saw(&saw(&watched(), Verdict::Unseen, minutes(0)), Verdict::Unseen, minutes(30));
    let running = claim(&weak, "token", None, &policy(), minutes(40), LEASE).unwrap();
    let done =
        record(&running, "token", &reply(LmsOutcome::Done), &policy(), retry(), 1.0, minutes(41)).unwrap();
    let told = saw(&done, Verdict::Declined, minutes(60));
    let asked = to_be_read(&told, minutes(60)).unwrap();
    let given = read(&asked, Place::Given, &policy(), retry(), 1.0, minutes(61)).unwrap();
    assert_eq!(given.stand(), StateColumn::ReviewStrong);
    assert_eq!(saw(&given, Verdict::Declined, minutes(62)).stand(), StateColumn::ReviewStrong);
}

#[test]
fn what_a_person_approved_goes_on_unless_no_lms_can_be_told_who_it_is() {
    let approved = |learner: &str| {
        let mut row = Enrolment { learner: crate::ids::LearnerKey::new(learner), ..waiting() };
        row.decision.as_mut().unwrap().by = Some("olga".into());
        to_person(&row, "Why.", minutes(1)).map(|row| row.state)
    };
    assert_eq!(approved("ana@contoso.com"), None);
    assert_eq!(approved("/o=ExchangeLabs/ou=Group/cn=Recipients/cn=ana"), Some(State::Review));
}

#[test]
fn a_person_is_told_what_holds_their_word_back() {
    let refused = recorded(LmsOutcome::Refused);
    let behind = Some("the valve is stopped");
    let row =
        by_operator(&refused, OperatorDecision::Retry, "olga", "seat freed", behind, minutes(31)).unwrap();
    assert_eq!(
        row.story.last().unwrap().text,
        "Asked to try again: seat freed (held back at that time: the valve is stopped)"
    );
}

/// What an LMS that can be read showed before and after.
fn showed(outcome: LmsOutcome, before: Option<PlaceState>, after: Option<PlaceState>) -> Reply {
    Reply { before, after, ..reply(outcome) }
}

fn next_attempt(row: &Enrolment, reply: &Reply, minute: i64) -> Enrolment {
    let running = claim(row, "next", None, &policy(), minutes(minute), LEASE).unwrap();
    record(&running, "next", reply, &policy(), retry(), 1.0, minutes(minute)).unwrap()
}

fn last_line(row: &Enrolment) -> &str {
    &row.story.last().unwrap().text
}

#[test]
fn both_states_are_kept_and_told() {
    use PlaceState::{Absent, Cancelled, Held};
    let row = next_attempt(&waiting(), &showed(LmsOutcome::Done, Some(Held), Some(Cancelled)), 10);
    assert_eq!((row.attempt.lms_before, row.attempt.lms_after), (Some(Held), Some(Cancelled)));
    assert_eq!(
        last_line(&row),
        "The LMS has cancelled the place. The LMS showed the place as held before and as cancelled after."
    );
    let gone = next_attempt(&waiting(), &showed(LmsOutcome::NotEnrolled, Some(Absent), None), 10);
    assert_eq!((gone.attempt.lms_before, gone.attempt.lms_after), (Some(Absent), None));
    assert!(last_line(&gone).ends_with("The LMS showed the place as not there."), "{}", last_line(&gone));
    assert_eq!(
        last_line(&recorded(LmsOutcome::Done)),
        "The LMS has cancelled the place.",
        "it can't be read"
    );
}

/// An attempt that wrote, and whose answer was lost; the next one reads first.
#[test]
fn what_was_done_by_an_attempt_whose_answer_was_lost_is_done() {
    use PlaceState::{Cancelled, Held};
    let lost = next_attempt(&waiting(), &showed(LmsOutcome::Outage, Some(Held), None), 10);
    assert_eq!((lost.attempt.lms_before, lost.maybe_effected), (Some(Held), true));
    let again = next_attempt(&lost, &showed(LmsOutcome::AlreadyCancelled, Some(Cancelled), None), 30);
    assert_eq!((again.attempt.lms_before, again.attempt.lms_after), (Some(Held), Some(Cancelled)));
    assert_eq!(again.attempt.outcome.as_ref().unwrap().kind, OutcomeKind::Lms(LmsOutcome::Done));
    assert_eq!(
        last_line(&again),
        "The place is cancelled at the LMS: an attempt before has done it, and its answer was lost. The LMS \
         showed the place as held before and as cancelled after."
    );
    // Nothing of ours had been written: somebody else has done it.
    let unsent = Reply { reach: Reach::NotReached, ..showed(LmsOutcome::Outage, Some(Held), None) };
    let others = next_attempt(&waiting(), &unsent, 10);
    let others = next_attempt(&others, &showed(LmsOutcome::AlreadyCancelled, Some(Cancelled), None), 30);
    assert_eq!(others.attempt.outcome.as_ref().unwrap().kind, OutcomeKind::Lms(LmsOutcome::AlreadyCancelled));
}

#[test]
fn another_decision_begins_without_what_was_shown_under_the_old_one() {
    let refused = next_attempt(&waiting(), &showed(LmsOutcome::Refused, Some(PlaceState::Held), None), 10);
    let again =
        by_operator(&refused, OperatorDecision::Retry, "olga", "they may", None, minutes(20)).unwrap();
    assert_eq!((again.state, again.attempt.lms_before), (State::Waiting, None));
}

#[test]
fn the_connector_file_is_named_before_the_lms_is_asked() {
    let by = |hash: Option<&str>| ConnectorIdentity { name: "moodle".into(), hash: hash.map(str::to_owned) };
    let file = by(Some("0123456789abcdef"));
    let row = claim(&waiting(), "token", Some(&file), &policy(), minutes(10), LEASE).unwrap();
    assert_eq!(
        last_line(&row),
        "Attempt 1: the LMS is asked by the connector moodle (0123456789abcdef) to cancel the place."
    );
    assert_eq!(row.attempt.connector.as_ref(), Some(&file));
    let code = claim(&waiting(), "token", Some(&by(None)), &policy(), minutes(10), LEASE).unwrap();
    assert_eq!(last_line(&code), "Attempt 1: the LMS is asked to cancel the place.");
    let stored = serde_json::to_value(&row).unwrap();
    assert_eq!(serde_json::from_value::<Enrolment>(stored).unwrap(), row);
}
