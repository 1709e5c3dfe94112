//! Histories that once ended in a ledger that the rules do not allow, each by its name.

use super::calendar::{Act, DAY, MINUTE, Mail, Time};
use super::history::{Action, Fault, History, Post, Step};
use super::model::{Mood, Policy, Weak, Word};
use super::{play, run};
use crate::jobs::testing::tables::Death;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

pub(super) const POLICY: Policy = Policy {
    removed: Weak::Cancel,
    unseen: Weak::Cancel,
    settle: 30 * MINUTE,
    grace: 10 * MINUTE,
    recheck: 60 * MINUTE,
    deadline: 0,
    reinstates: true,
    window: DAY,
};

fn story(start: Time, policy: Policy, organizer_readable: bool, steps: Vec<Step>) {
    plays(&History {
        policy,
        organizer_readable,
        lms_readable: false,
        gives_back: true,
        start,
        seen_first: true,
        steps,
    });
}

/// Plays a story, and each of its kills at every other write as well: which write it once was depends on how
/// many came before.
pub(super) fn plays(history: &History) {
    run(play::play(history)).unwrap();
    let kills =
        history.steps.iter().enumerate().filter(|(_, step)| killed(step.fault, Death::After(0)).is_some());
    for (n, step) in kills {
        for death in (0..30).flat_map(|write| [Death::Before(write), Death::After(write)]) {
            let mut other = history.clone();
            other.steps[n].fault = killed(step.fault, death).unwrap();
            run(play::play(&other)).unwrap_or_else(|failed| panic!("step {n}, {death:?}: {failed}"));
        }
    }
}

/// The same fault with another death; `None` where nobody is killed.
fn killed(fault: Fault, death: Death) -> Option<Fault> {
    match fault {
        Fault::KilledTick(_) => Some(Fault::KilledTick(death)),
        Fault::KilledObserver(_) => Some(Fault::KilledObserver(death)),
        Fault::None | Fault::Race { .. } => None,
    }
}

/// What most stories of nine days to the session have in common.
pub(super) fn history(steps: Vec<Step>) -> History {
    History {
        policy: POLICY,
        organizer_readable: true,
        lms_readable: false,
        gives_back: true,
        start: 9 * DAY,
        seen_first: true,
        steps,
    }
}

pub(super) fn after(wait: Time, act: Act) -> Step {
    happens(wait, Action::Calendar(act))
}

pub(super) fn happens(wait: Time, action: Action) -> Step {
    Step { wait, action, post: Post::AtOnce, fault: Fault::None }
}

pub(super) fn unseen(wait: Time, act: Act) -> Step {
    Step { post: Post::Later, ..after(wait, act) }
}

fn lost(wait: Time, act: Act) -> Step {
    Step { post: Post::Lost, ..after(wait, act) }
}

#[test]
fn a_session_that_is_moved_while_the_copy_is_gone_is_judged_by_its_new_start() {
    story(20 * MINUTE, POLICY, true, vec![after(1, Act::DeclineRemoved(Mail::Never)), after(1, Act::Retime)]);
}

#[test]
fn a_positive_answer_that_only_the_organizers_list_shows_begins_a_new_generation() {
    let steps = vec![
        after(1, Act::DeclineKept(Mail::AtOnce)),
        unseen(11 * MINUTE, Act::Accept(Mail::AtOnce)),
        after(1, Act::Remove),
    ];
    story(9 * DAY, POLICY, true, steps);
}

/// Whoever could not be asked is asked again soon, and whether anything can be read is known from then on.
#[test]
fn asking_again_for_an_organizer_begins_the_patience_with_a_calendar() {
    let steps = vec![
        after(1, Act::OrganizerDown),
        after(1, Act::DeclineKept(Mail::AtOnce)),
        after(36, Act::GraphDown),
        after(622, Act::RefuseMailbox),
    ];
    plays(&History { seen_first: false, ..history(steps) });
}

/// What was seen of the list before the learner was dropped says nothing of the invitation that came after.
#[test]
fn whoever_was_dropped_and_invited_again_is_judged_by_the_later_invitation() {
    let steps = vec![
        after(1, Act::Drop { copy_stays: false }),
        after(1, Act::OrganizerDown),
        after(1, Act::Invite),
        after(1, Act::Drop { copy_stays: false }),
    ];
    plays(&history(steps));
}

/// The copy is found under its new id by a look before anybody is told of that id.
#[test]
fn an_invitation_that_a_look_finds_has_its_organizer_met() {
    let policy = Policy { grace: 60 * MINUTE, ..POLICY };
    let steps = vec![
        after(1, Act::DeclineKept(Mail::AtOnce)),
        after(180, Act::Drop { copy_stays: false }),
        unseen(83, Act::Invite),
        unseen(201, Act::Accept(Mail::AtOnce)),
        after(3_195, Act::Drop { copy_stays: false }),
        after(1, Act::Accept(Mail::AtOnce)),
    ];
    plays(&History { policy, seen_first: false, ..history(steps) });
}

/// A deletion under an id that nobody was told of leads to what is known to be missing, although nothing can
/// be read.
#[test]
fn a_deletion_while_graph_is_away_reminds_of_what_is_missing() {
    let steps = vec![
        after(4_054, Act::Accept(Mail::AtOnce)),
        after(14_245, Act::DeclineRemoved(Mail::After(602))),
        unseen(1_110, Act::Restore { new_id: true }),
        after(147, Act::GraphDown),
        after(24, Act::DeclineRemoved(Mail::AtOnce)),
    ];
    plays(&History { start: 19_580, seen_first: false, ..history(steps) });
}

/// Nobody could ask the organizer while the copy was there: that it is gone is a person's to judge.
#[test]
fn what_goes_while_its_organizer_was_never_asked_is_a_persons_to_judge() {
    for act in [Act::Drop { copy_stays: false }, Act::Remove] {
        let steps = vec![after(1, Act::OrganizerDown), happens(1, Action::Resync), after(1, act)];
        plays(&History { seen_first: false, ..history(steps) });
    }
}

#[test]
fn what_one_id_of_a_copy_knew_of_the_organizer_the_next_one_knows() {
    let steps = vec![
        after(1, Act::DeclineRemoved(Mail::AtOnce)),
        after(1, Act::RemoveOriginal),
        after(1, Act::Restore { new_id: true }),
        after(1, Act::DeclineRemoved(Mail::AtOnce)),
    ];
    story(9 * DAY, POLICY, true, steps);
}

#[test]
fn whoever_is_invited_after_a_lost_answer_that_came_too_late_is_a_case_for_a_person() {
    let lose =
        Step { wait: 1, action: Action::Lms(Mood::LosesReplies), post: Post::AtOnce, fault: Fault::None };
    let steps = vec![lose, after(1, Act::DeclineRemoved(Mail::AtOnce)), after(40 * MINUTE, Act::Invite)];
    story(20 * MINUTE, POLICY, true, steps);
}

#[test]
fn a_recheck_that_was_killed_before_its_claim_may_have_learned_of_the_decline() {
    let killed =
        Step { fault: Fault::KilledTick(Death::Before(5)), ..after(32 * MINUTE, Act::Accept(Mail::AtOnce)) };
    let policy = Policy { grace: 60 * MINUTE, ..POLICY };
    story(
        9 * DAY,
        policy,
        true,
        vec![
            after(1, Act::DeclineRemoved(Mail::After(31 * MINUTE))),
            after(59 * MINUTE, Act::GraphUp),
            killed,
        ],
    );
}

#[test]
fn a_decline_in_a_mailbox_that_is_not_ours_any_more_is_found_in_the_organizers_list() {
    let steps = vec![
        after(1, Act::DeclineRemoved(Mail::AtOnce)),
        unseen(1, Act::Restore { new_id: false }),
        after(15 * MINUTE, Act::RefuseMailbox),
        after(1, Act::DeclineKept(Mail::AtOnce)),
    ];
    story(9 * DAY, POLICY, true, steps);
}

#[test]
fn who_accepted_before_a_takeover_is_not_taken_to_the_lms_because_the_calendar_is_silent() {
    let killed = Step {
        fault: Fault::KilledTick(Death::Before(7)),
        ..after(11 * MINUTE - 5, Act::Accept(Mail::AtOnce))
    };
    let steps = vec![
        after(5, Act::DeclineKept(Mail::AtOnce)),
        killed,
        after(1, Act::GraphDown),
        after(3 * MINUTE, Act::Move),
    ];
    story(9 * DAY, POLICY, false, steps);
}

#[test]
fn a_doubt_outlives_an_invitation_to_another_time() {
    let lose =
        Step { wait: 1, action: Action::Lms(Mood::LosesReplies), post: Post::AtOnce, fault: Fault::None };
    let steps = vec![
        lose,
        after(1, Act::DeclineRemoved(Mail::AtOnce)),
        after(1, Act::Retime),
        after(41 * MINUTE, Act::Invite),
    ];
    story(9 * DAY, POLICY, false, steps);
}

#[test]
fn a_new_invitation_to_a_moved_session_is_judged_by_its_new_time() {
    let steps = vec![
        after(1, Act::Drop { copy_stays: false }),
        after(1, Act::Retime),
        after(1, Act::Invite),
        unseen(1, Act::DeclineRemoved(Mail::AtOnce)),
        after(8 * 60 * MINUTE - 20 * MINUTE, Act::GraphUp),
    ];
    story(20 * MINUTE, POLICY, false, steps);
}

#[test]
fn a_generation_that_a_decline_begins_counts_no_earlier_one() {
    let steps = vec![
        after(1, Act::DeclineKept(Mail::AtOnce)),
        unseen(15 * MINUTE, Act::DeclineKept(Mail::AtOnce)),
        after(1, Act::DeclineKept(Mail::Never)),
        after(15 * MINUTE, Act::DeclineRemoved(Mail::After(1))),
    ];
    story(9 * DAY, POLICY, true, steps);
}

#[test]
fn a_copy_that_was_found_under_a_later_id_before_a_kill_is_not_taken_for_known() {
    // Both hints that were kept back name the first id; that of the second is lost.
    let either = any::<Index>().new_tree(&mut TestRunner::deterministic()).unwrap().current();
    let killed = Step {
        wait: 1,
        action: Action::Deliver(either),
        post: Post::AtOnce,
        fault: Fault::KilledObserver(Death::After(2)),
    };
    let steps =
        vec![unseen(1, Act::DeclineRemoved(Mail::AtOnce)), lost(1, Act::Restore { new_id: true }), killed];
    plays(&History { seen_first: false, ..history(steps) });
}

#[test]
fn an_item_is_compared_although_an_older_link_takes_its_session_for_over() {
    let steps = vec![
        after(1, Act::Move),
        after(1, Act::Retime),
        lost(9 * 60 * MINUTE, Act::DeclineRemoved(Mail::AtOnce)),
    ];
    story(20 * MINUTE, POLICY, false, steps);
}

#[test]
fn a_copy_that_is_back_begins_no_generation_at_the_second_look() {
    let killed = Step { fault: Fault::KilledObserver(Death::After(2)), ..after(1, Act::Retime) };
    let steps = vec![
        after(1, Act::DeclineKept(Mail::AtOnce)),
        after(1, Act::DeclineRemoved(Mail::AtOnce)),
        unseen(15 * MINUTE, Act::Restore { new_id: false }),
        killed,
    ];
    story(9 * DAY, POLICY, false, steps);
}

#[test]
fn a_decision_that_is_due_at_the_moment_of_a_wake_up_left_by_a_kill_is_woken_at_once() {
    let killed = Step {
        post: Post::Later,
        fault: Fault::KilledTick(Death::Before(13)),
        ..after(87, Act::DeclineRemoved(Mail::AtOnce))
    };
    let steps = vec![
        after(249, Act::Accept(Mail::AtOnce)),
        after(18, Act::DeclineKept(Mail::AtOnce)),
        killed,
        after(126, Act::Accept(Mail::AtOnce)),
    ];
    let policy = Policy { grace: 0, ..POLICY };
    let history = History {
        policy,
        organizer_readable: true,
        lms_readable: false,
        gives_back: true,
        start: 9 * DAY,
        seen_first: false,
        steps,
    };
    plays(&history);
}

#[test]
fn a_wake_up_that_a_kill_left_may_be_the_probe_of_an_open_breaker() {
    let lose =
        Step { wait: 37, action: Action::Lms(Mood::LosesReplies), post: Post::Later, fault: Fault::None };
    let killed = |fault, step| Step { fault, ..step };
    let steps = vec![
        lose,
        killed(Fault::KilledObserver(Death::Before(11)), after(163, Act::Accept(Mail::Never))),
        after(432, Act::DeclineKept(Mail::AtOnce)),
        after(149, Act::GraphUp),
        killed(Fault::KilledTick(Death::After(8)), unseen(648, Act::GraphUp)),
        Step {
            post: Post::Twice,
            fault: Fault::KilledTick(Death::Before(10)),
            ..after(111, Act::DeclineKept(Mail::Never))
        },
        lost(373, Act::GraphUp),
    ];
    story(9 * DAY, Policy { unseen: Weak::Review, ..POLICY }, true, steps);
}

#[test]
fn a_wake_up_that_a_race_left_may_be_the_probe_of_an_open_breaker() {
    let raced = Step { fault: Fault::Race { lag: 13, turns: 0 }, ..after(33, Act::Accept(Mail::AtOnce)) };
    let steps = vec![
        happens(53, Action::Lms(Mood::Down)),
        after(357, Act::DeclineRemoved(Mail::AtOnce)),
        after(669, Act::Accept(Mail::AtOnce)),
        happens(448, Action::Operator(Word::Retry)),
        raced,
        after(60, Act::Retime),
    ];
    plays(&History { seen_first: false, ..history(steps) });
}

/// The look just before the LMS finds the copy under its new id, of which no hint has told; the next hint
/// names that one.
#[test]
fn a_hint_by_an_id_that_a_wake_up_has_found_is_followed_though_the_mailbox_cannot_be_read() {
    let steps = vec![
        after(1, Act::DeclineKept(Mail::AtOnce)),
        lost(1, Act::Move),
        after(15 * MINUTE, Act::MailboxDown),
        after(1, Act::Accept(Mail::AtOnce)),
    ];
    story(9 * DAY, POLICY, true, steps);
}

#[test]
fn a_line_that_a_kill_kept_from_the_audit_of_a_place_at_rest_is_filed_within_a_week() {
    let housekeeping = happens(1, Action::Housekeep);
    let killed =
        Step { fault: Fault::KilledObserver(Death::Before(1)), ..after(1, Act::Accept(Mail::AtOnce)) };
    story(9 * DAY, POLICY, false, vec![housekeeping, killed]);
}

#[test]
fn a_person_who_is_asked_about_a_decline_that_came_again_is_not_overtaken_by_it() {
    let shows = happens(1, Action::Shows(true));
    let steps = vec![
        after(1, Act::DeclineRemoved(Mail::AtOnce)),
        after(60 * MINUTE, Act::Restore { new_id: false }),
        shows,
        after(1, Act::DeclineKept(Mail::AtOnce)),
    ];
    plays(&History { organizer_readable: false, lms_readable: true, ..history(steps) });
}

#[test]
fn a_person_who_is_asked_about_a_decline_that_came_again_is_asked_about_each_that_came_before() {
    let steps = vec![
        after(1, Act::DeclineKept(Mail::AtOnce)),
        after(1, Act::DeclineKept(Mail::AtOnce)),
        happens(1250, Action::Shows(true)),
        after(9, Act::DeclineKept(Mail::AtOnce)),
    ];
    plays(&History { organizer_readable: false, lms_readable: true, seen_first: false, ..history(steps) });
}

#[test]
fn a_repeated_decline_counts_once_although_the_session_seemed_to_be_cancelled_meanwhile() {
    let steps = vec![
        after(1, Act::DeclineKept(Mail::AtOnce)),
        after(21 * MINUTE, Act::DeclineKept(Mail::AtOnce)),
        after(1, Act::RemoveOriginal),
        after(1, Act::Remove),
        after(1, Act::Restore { new_id: false }),
    ];
    plays(&History { seen_first: false, ..history(steps) });
}
