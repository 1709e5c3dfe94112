//! From due to outcome, and people's words.

use super::*;
use crate::calendar::verdict::Verdict;
use crate::cancellation::see::tests::{noon, policy, saw, waiting, watched};
use crate::cancellation::table::Stand;
use crate::config::Retry;

fn retry() -> Retry {
    Retry { first: Duration::seconds(30), most: Duration::hours(1) }
}

fn minutes(n: i64) -> DateTime<Utc> {
    noon() + Duration::minutes(n)
}

fn reply(outcome: LmsOutcome) -> Reply {
    Reply { outcome, message: None, status: None, retry_after: None, reach: Reach::Sent }
}

fn running() -> Enrolment {
    claim(&waiting(), "token", minutes(10), LEASE).unwrap()
}

fn recorded(outcome: LmsOutcome) -> Enrolment {
    record(&running(), "token", &reply(outcome), &policy(), retry(), 1.0, minutes(11)).unwrap()
}

#[test]
fn each_outcome_of_the_lms_ends_where_the_design_says() {
    let ends = [
        (LmsOutcome::Done, State::Done),
        (LmsOutcome::AlreadyCancelled, State::Done),
        (LmsOutcome::NotEnrolled, State::Done),
        (LmsOutcome::Accepted, State::Waiting),
        (LmsOutcome::Outage, State::Waiting),
        (LmsOutcome::CredentialBroken, State::Waiting),
        (LmsOutcome::EndpointGone, State::Waiting),
        (LmsOutcome::UnknownLearner, State::Review),
        (LmsOutcome::UnknownSession, State::Review),
        (LmsOutcome::Refused, State::Review),
        (LmsOutcome::Unclear, State::Review),
        (LmsOutcome::TooLate, State::Expired),
    ];
    for (outcome, state) in ends {
        let row = recorded(outcome);
        assert_eq!((row.state, row.claim.is_some()), (state, false), "{outcome:?}");
        assert_eq!(row.due.is_some(), state == State::Waiting, "{outcome:?}");
    }
}

#[test]
fn a_claim_is_exclusive_until_its_lease_is_over() {
    let row = running();
    assert_eq!(claim(&row, "other", minutes(12), LEASE), None);
    let taken = claim(&row, "other", minutes(13), LEASE).unwrap();
    let held = taken.claim.clone().unwrap();
    assert_eq!((held.token.as_str(), held.taken_over, taken.attempts), ("other", true, 2));
    let late = record(&taken, "token", &reply(LmsOutcome::Done), &policy(), retry(), 1.0, minutes(14));
    assert_eq!(late, None, "whoever lost the claim records nothing");
}

#[test]
fn only_what_waits_can_be_claimed() {
    for row in [watched(), recorded(LmsOutcome::Done), recorded(LmsOutcome::Refused), recorded(LmsOutcome::TooLate)] {
        assert_eq!(claim(&row, "x", minutes(60), LEASE), None, "{:?}", row.state);
        assert_eq!(observe(&row, minutes(60)), None, "{:?}", row.state);
    }
}

#[test]
fn failures_in_a_row_wait_longer_and_longer() {
    let mut row = waiting();
    let mut now = minutes(10);
    let mut waits = Vec::new();
    for n in 0..4 {
        row = claim(&row, &n.to_string(), now, LEASE).unwrap();
        row = record(&row, &n.to_string(), &reply(LmsOutcome::Outage), &policy(), retry(), 1.0, now).unwrap();
        let due = row.due.unwrap();
        waits.push((due - now).num_seconds());
        now = due;
    }
    assert_eq!((waits, row.attempts), (vec![30, 60, 120, 240], 4));
}

#[test]
fn a_broken_credential_counts_no_attempt() {
    assert_eq!(recorded(LmsOutcome::CredentialBroken).attempts, 0);
    assert_eq!(recorded(LmsOutcome::Outage).attempts, 1);
}

#[test]
fn what_was_not_tried_counts_no_attempt_and_leaves_no_doubt() {
    let not_tried = Reply { reach: Reach::NotTried, ..reply(LmsOutcome::Outage) };
    let row = record(&running(), "token", &not_tried, &policy(), retry(), 1.0, minutes(11)).unwrap();
    assert_eq!((row.state, row.attempts, row.failures, row.maybe_effected), (State::Waiting, 0, 0, false));
    let lost = recorded(LmsOutcome::Outage);
    assert!(lost.maybe_effected, "the answer may be all that was lost");
    let back = saw(&lost, Verdict::Attending, minutes(12));
    assert_eq!(back.stand(), Stand::ReviewLms, "a person must look whether the place is gone");
}

#[test]
fn a_lost_claim_of_a_learner_who_attends_goes_to_a_person() {
    assert_eq!(in_doubt(&running(), minutes(12)), None, "the claim is still held");
    assert_eq!(in_doubt(&running(), minutes(13)).unwrap().stand(), Stand::ReviewLms);
}

#[test]
fn observe_records_what_would_have_happened() {
    let row = observe(&waiting(), minutes(10)).unwrap();
    assert_eq!((row.state, row.outcome.unwrap().kind), (State::Done, OutcomeKind::WouldHaveCancelled));
    assert_eq!(row.attempts, 0);
}

#[test]
fn the_deadline_expires_what_waits_and_nothing_else() {
    let start = waiting().start.unwrap();
    assert_eq!(judge_deadline(&waiting(), &policy(), start - Duration::seconds(1)), None);
    assert_eq!(judge_deadline(&waiting(), &policy(), start).unwrap().state, State::Expired);
    assert_eq!(judge_deadline(&watched(), &policy(), start), None);
    assert_eq!(judge_deadline(&running(), &policy(), start), None);
}

#[test]
fn patience_with_an_unreadable_calendar_ends_with_recheck() {
    let mut row = waiting();
    let mut now = row.due.unwrap();
    let began = now;
    let mut tries = 0;
    while let Some(next) = be_patient(&row, &policy(), now) {
        let due = next.due.unwrap();
        assert!(due > now && due <= began + policy().recheck);
        (row, now) = (next, due);
        tries += 1;
    }
    assert_eq!(now, began + policy().recheck, "then the stored evidence counts");
    assert!((5..12).contains(&tries), "{tries}");
    assert_eq!(readable_again(&row).unwrap().unreadable_since, None);
}

#[test]
fn the_valve_puts_back_without_counting() {
    let row = put_back(&waiting(), minutes(20)).unwrap();
    assert_eq!((row.state, row.due, row.attempts), (State::Waiting, Some(minutes(20)), 0));
    assert_eq!(put_back(&running(), minutes(20)), None);
}

#[test]
fn people_decide_what_waits_for_them() {
    let weak = saw(&saw(&watched(), Verdict::Removed, minutes(0)), Verdict::Removed, minutes(30));
    assert_eq!(weak.stand(), Stand::ReviewWeak);
    let approved = by_person(&weak, PersonsWord::Approve, "olga", "she told me", minutes(31)).unwrap();
    assert_eq!((approved.stand(), approved.due), (Stand::WaitingStrong, Some(minutes(31))));
    let line = approved.story.last().unwrap();
    assert_eq!((line.by.as_str(), line.text.as_str()), ("olga", "Approved: she told me"));

    let ignored = by_person(&weak, PersonsWord::Ignore, "olga", "a clean-up", minutes(31)).unwrap();
    assert_eq!(ignored.state, State::Watched);
    assert_eq!(saw(&ignored, Verdict::Removed, minutes(90)).state, State::Watched, "not asked twice");
    let link = crate::cancellation::see::tests::link();
    let later = crate::calendar::verdict::Reading {
        answered_at: Some(minutes(60)),
        ..crate::cancellation::see::tests::reading(Verdict::Declined)
    };
    let declined =
        crate::cancellation::see::see(&ignored, &link, &link.stored_at().unwrap(), &later, &policy(), minutes(61));
    assert_eq!(declined.unwrap().state, State::Waiting, "a decline after that counts");

    let refused = recorded(LmsOutcome::Refused);
    let again = by_person(&refused, PersonsWord::Retry, "olga", "seat freed", minutes(31)).unwrap();
    assert_eq!(again.state, State::Waiting);
    for word in [PersonsWord::Approve, PersonsWord::Ignore, PersonsWord::Retry] {
        let error = by_person(&recorded(LmsOutcome::Done), word, "olga", "", minutes(31)).unwrap_err();
        assert_eq!(error, "this cancellation is done; there is nothing left to decide");
    }
}
