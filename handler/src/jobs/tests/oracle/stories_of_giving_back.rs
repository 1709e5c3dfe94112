//! What was cancelled and is accepted again, each story by its name. Each of their kills is played at every
//! write.

use super::calendar::{Act, MINUTE, Mail};
use super::history::{Action, Fault, History, Step};
use super::model::{Mood, Policy, Room};
use super::stories::{POLICY, after, happens, history, plays, unseen};
use crate::jobs::testing::tables::Death;

const DECLINE: Act = Act::DeclineKept(Mail::AtOnce);
const ACCEPT: Act = Act::Accept(Mail::AtOnce);

/// Cancelled by a quarter past, and accepted again.
fn accepted_again(then: impl IntoIterator<Item = Step>) -> Vec<Step> {
    [after(1, DECLINE), after(15 * MINUTE, ACCEPT)].into_iter().chain(then).collect()
}

fn killed(step: Step) -> Step {
    Step { fault: Fault::KilledTick(Death::After(0)), ..step }
}

#[test]
fn who_accepts_again_has_the_place_and_may_give_it_up_again() {
    let steps = accepted_again([after(5 * MINUTE, DECLINE), after(20 * MINUTE, ACCEPT)]);
    plays(&history(steps));
}

#[test]
fn who_accepts_again_has_it_wherever_the_worker_is_killed_and_whatever_they_answer_meanwhile() {
    for act in [ACCEPT, DECLINE, Act::Remove] {
        plays(&history(accepted_again([killed(after(5 * MINUTE, act))])));
    }
}

#[test]
fn a_lost_answer_is_no_second_place() {
    let loses = happens(1, Action::Lms(Mood::LosesReplies));
    for act in [ACCEPT, DECLINE] {
        let steps = vec![after(1, DECLINE), happens(15 * MINUTE, Action::Lms(Mood::LosesReplies))];
        let steps = steps.into_iter().chain([after(1, ACCEPT), killed(after(9 * MINUTE, act))]);
        plays(&history(steps.collect()));
        plays(&history(accepted_again([loses.clone(), unseen(3 * MINUTE, act), after(8 * MINUTE, ACCEPT)])));
    }
}

#[test]
fn where_no_place_is_left_a_person_is_told_once() {
    for room in [Room::Full, Room::Line] {
        let steps = vec![after(1, DECLINE), happens(12 * MINUTE, Action::Room(room)), after(1, ACCEPT)];
        let then = [killed(after(5 * MINUTE, Act::Move)), happens(9 * MINUTE, Action::Room(Room::Free))];
        plays(&history(steps.into_iter().chain(then).collect()));
    }
    plays(&History { gives_back: false, ..history(accepted_again([])) });
}

#[test]
fn after_the_window_nobody_asks_for_it() {
    let policy = Policy { window: 20 * MINUTE, ..POLICY };
    for wait in [25 * MINUTE, 40 * MINUTE] {
        plays(&History { policy, ..history(vec![after(1, DECLINE), after(wait, ACCEPT)]) });
    }
}

/// It was neither given back nor was anybody told.
#[test]
fn who_declines_before_it_is_given_back_and_accepts_in_the_grace_wants_it_back_as_before() {
    let down = happens(12 * MINUTE, Action::Lms(Mood::Down));
    let steps = vec![after(1, DECLINE), down, after(1, ACCEPT), after(1, DECLINE), after(2 * MINUTE, ACCEPT)];
    plays(&history([steps, vec![happens(1, Action::Lms(Mood::Up))]].concat()));
    let recorded = Policy { reinstates: false, ..POLICY };
    let steps = accepted_again([after(1, DECLINE), after(2 * MINUTE, ACCEPT)]);
    plays(&History { policy: recorded, ..history(steps) });
}

#[test]
fn who_was_invited_anew_and_cleans_up_before_accepting_wants_it_back() {
    let steps = vec![
        after(1, Act::DeclineRemoved(Mail::AtOnce)),
        after(15 * MINUTE, Act::Invite),
        after(1, Act::Remove),
        after(35 * MINUTE, Act::Restore { new_id: false }),
        after(1, ACCEPT),
    ];
    plays(&history(steps));
}

#[test]
fn who_accepted_the_old_time_is_not_given_a_place_at_the_new_one() {
    let down = happens(12 * MINUTE, Action::Lms(Mood::Down));
    let steps = vec![after(1, DECLINE), down, after(1, ACCEPT), after(2 * MINUTE, Act::Retime)];
    plays(&history(steps));
}

#[test]
fn whom_the_organizer_takes_off_the_list_meanwhile_a_person_looks_after() {
    for act in [Act::Drop { copy_stays: false }, Act::CancelSession { item_stays: true }] {
        let down = happens(12 * MINUTE, Action::Lms(Mood::Down));
        plays(&history(vec![after(1, DECLINE), down, after(1, ACCEPT), after(2 * MINUTE, act)]));
    }
}

#[test]
fn behind_an_lms_that_is_away_the_deadline_ends_it_with_a_person() {
    let down = happens(12 * MINUTE, Action::Lms(Mood::Down));
    let housekeeping = happens(50 * MINUTE, Action::Housekeep);
    let steps = vec![after(1, DECLINE), down, after(1, ACCEPT), housekeeping];
    plays(&History { start: 60 * MINUTE, ..history(steps) });
}

#[test]
fn whoever_comes_first_it_is_given_back_once() {
    for (lag, turns) in [(0, 0), (0, 5), (3, 0), (7, 12), (13, 25), (20, 9)] {
        for act in [DECLINE, ACCEPT, Act::Remove] {
            let raced = Step { fault: Fault::Race { lag, turns }, ..after(5 * MINUTE, act) };
            plays(&history(accepted_again([raced])));
        }
    }
}

/// The order to give it back was under way, nobody knows how far, and what cancels it again is due the moment
/// that is seen.
#[test]
fn who_declines_again_while_it_is_given_back_by_somebody_who_was_killed() {
    let policy = Policy { grace: 0, ..POLICY };
    let steps = vec![
        after(1, Act::DeclineRemoved(Mail::AtOnce)),
        after(2309, Act::Restore { new_id: false }),
        after(2309, ACCEPT),
        killed(after(1, DECLINE)),
    ];
    plays(&History { policy, seen_first: false, ..history(steps) });
}
