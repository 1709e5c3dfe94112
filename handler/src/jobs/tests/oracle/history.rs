//! What may happen: steps for the property tests to choose from.

use super::calendar::{Act, DAY, HOUR, MINUTE, Mail, Time};
use super::model::{Mood, Policy, Room, Weak, Word};
use crate::jobs::testing::tables::Death;
use proptest::prelude::*;
use proptest::sample::Index;

#[derive(Debug, Clone)]
pub(super) enum Action {
    Calendar(Act),
    Lms(Mood),
    Operator(Word),
    /// The same, even after the deadline.
    OperatorLate(Word),
    /// A place in the LMS is there or not, for whoever reads it.
    Shows(bool),
    /// What the LMS says from now on to whoever wants a place back.
    Room(Room),
    /// One of the hints that were kept back arrives.
    Deliver(Index),
    /// The process is started anew.
    Restart,
    Resync,
    Housekeep,
}

/// What happens to the hints of an act on their way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Post {
    AtOnce,
    Twice,
    Later,
    Lost,
}

/// What goes wrong meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    /// Whoever observes the hint is killed at a write; the queue hands it out again.
    KilledObserver(Death),
    /// The next tick that finds something to do is killed at a write, and all it sent is lost.
    KilledTick(Death),
    /// The act comes while the next tick that finds something to do is at work, in two workers, after so many
    /// turns.
    Race {
        lag: usize,
        turns: usize,
    },
}

#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) wait: Time,
    pub(super) action: Action,
    pub(super) post: Post,
    pub(super) fault: Fault,
}

#[derive(Debug, Clone)]
pub(super) struct History {
    pub(super) policy: Policy,
    pub(super) organizer_readable: bool,
    /// The LMS can be read.
    pub(super) lms_readable: bool,
    /// The connection can give places back.
    pub(super) gives_back: bool,
    pub(super) start: Time,
    /// The invitation is seen before anything else happens.
    pub(super) seen_first: bool,
    pub(super) steps: Vec<Step>,
}

fn mail() -> impl Strategy<Value = Mail> {
    prop_oneof![
        4 => Just(Mail::AtOnce),
        2 => (1..50 * MINUTE).prop_map(Mail::After),
        2 => Just(Mail::Never),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => mail().prop_map(Act::Accept),
        1 => mail().prop_map(Act::Tentative),
        6 => mail().prop_map(Act::DeclineKept),
        6 => mail().prop_map(Act::DeclineRemoved),
        3 => Just(Act::Remove),
        2 => any::<bool>().prop_map(|new_id| Act::Restore { new_id }),
        1 => Just(Act::Move),
        3 => Just(Act::Invite),
        1 => any::<bool>().prop_map(|copy_stays| Act::Drop { copy_stays }),
        1 => any::<bool>().prop_map(|item_stays| Act::CancelSession { item_stays }),
        1 => Just(Act::RemoveOriginal),
        1 => Just(Act::Retime),
        1 => Just(Act::RefuseMailbox),
        1 => Just(Act::AllowMailbox),
        1 => Just(Act::MailboxDown),
        2 => Just(Act::MailboxUp),
        1 => Just(Act::OrganizerDown),
        2 => Just(Act::OrganizerUp),
        1 => Just(Act::GraphDown),
        2 => Just(Act::GraphUp),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    let mood = prop_oneof![
        4 => Just(Mood::Up),
        2 => Just(Mood::Down),
        2 => Just(Mood::LosesReplies),
        1 => Just(Mood::Refuses),
        1 => Just(Mood::TooLate),
        1 => Just(Mood::SaysOddly),
        1 => Just(Mood::AnswersOddly),
    ];
    let word = || prop_oneof![2 => Just(Word::Approve), 2 => Just(Word::Ignore), 2 => Just(Word::Retry)];
    prop_oneof![
        24 => act().prop_map(Action::Calendar),
        3 => mood.prop_map(Action::Lms),
        3 => word().prop_map(Action::Operator),
        1 => word().prop_map(Action::OperatorLate),
        1 => any::<bool>().prop_map(Action::Shows),
        1 => prop_oneof![Just(Room::Free), Just(Room::Full), Just(Room::Line)].prop_map(Action::Room),
        4 => any::<Index>().prop_map(Action::Deliver),
        1 => Just(Action::Restart),
        1 => Just(Action::Resync),
        1 => Just(Action::Housekeep),
    ]
}

/// From moments to hours, around the times that count: 2, 10, 30 minutes and their sums.
fn wait() -> impl Strategy<Value = Time> {
    prop_oneof![
        4 => 1..3 * MINUTE,
        3 => 3 * MINUTE..15 * MINUTE,
        2 => 15 * MINUTE..60 * MINUTE,
        1 => HOUR..5 * HOUR,
    ]
}

fn death() -> impl Strategy<Value = Death> {
    (0_usize..14, any::<bool>()).prop_map(|(n, after)| if after { Death::After(n) } else { Death::Before(n) })
}

pub(super) fn calm() -> BoxedStrategy<Fault> {
    Just(Fault::None).boxed()
}

pub(super) fn killed() -> BoxedStrategy<Fault> {
    prop_oneof![
        3 => Just(Fault::None),
        1 => death().prop_map(Fault::KilledObserver),
        1 => death().prop_map(Fault::KilledTick),
    ]
    .boxed()
}

pub(super) fn raced() -> BoxedStrategy<Fault> {
    prop_oneof![
        2 => Just(Fault::None),
        1 => (0_usize..40, 0_usize..60).prop_map(|(lag, turns)| Fault::Race { lag, turns }),
    ]
    .boxed()
}

fn policy() -> impl Strategy<Value = Policy> {
    let weak = || prop_oneof![Just(Weak::Cancel), Just(Weak::Review), Just(Weak::Ignore)];
    let grace = prop_oneof![4 => Just(10 * MINUTE), 1 => Just(0), 1 => Just(HOUR)];
    let window = prop_oneof![3 => Just(DAY), 1 => Just(20 * MINUTE)];
    let back = (prop::bool::weighted(0.75), window);
    (weak(), weak(), grace, back).prop_map(|(removed, unseen, grace, (reinstates, window))| Policy {
        removed,
        unseen,
        settle: 30 * MINUTE,
        grace,
        recheck: HOUR,
        deadline: 0,
        reinstates,
        window,
    })
}

/// Of a place that is cancelled and accepted again, and of what comes after that.
pub(super) fn taken_back(fault: fn() -> BoxedStrategy<Fault>, most: usize) -> impl Strategy<Value = History> {
    let decline = prop_oneof![mail().prop_map(Act::DeclineKept), mail().prop_map(Act::DeclineRemoved)];
    let back = prop_oneof![
        8 => mail().prop_map(Act::Accept),
        1 => mail().prop_map(Act::Tentative),
        1 => Just(Act::Invite),
    ];
    let begins = (decline, 11 * MINUTE..40 * MINUTE, back, fault());
    (history(fault, most), begins).prop_map(|(mut history, (decline, wait, back, fault))| {
        let step = |wait, action, fault| Step { wait, action, post: Post::AtOnce, fault };
        let mut steps = vec![step(1, Action::Calendar(decline), Fault::None)];
        if matches!(decline, Act::DeclineRemoved(_)) {
            steps.push(step(wait, Action::Calendar(Act::Restore { new_id: false }), Fault::None));
        }
        steps.push(step(wait, Action::Calendar(back), fault));
        history.steps.splice(0..0, steps);
        history
    })
}

pub(super) fn history(fault: fn() -> BoxedStrategy<Fault>, most: usize) -> impl Strategy<Value = History> {
    let post = prop_oneof![
        5 => Just(Post::AtOnce),
        1 => Just(Post::Twice),
        2 => Just(Post::Later),
        1 => Just(Post::Lost),
    ];
    let step = (wait(), action(), post, fault()).prop_map(|(wait, action, post, fault)| Step {
        wait,
        action,
        post,
        fault,
    });
    // Mostly days away, so that the deadline plays no part; now and then just ahead.
    let start = prop_oneof![4 => Just(9 * DAY), 1 => 20 * MINUTE..6 * HOUR];
    let readable = (prop::bool::weighted(0.75), prop::bool::weighted(0.3), prop::bool::weighted(0.85));
    (policy(), readable, start, prop::bool::weighted(0.8), prop::collection::vec(step, 1..most)).prop_map(
        |(policy, (organizer_readable, lms_readable, gives_back), start, seen_first, steps)| History {
            policy,
            organizer_readable,
            lms_readable,
            gives_back,
            start,
            seen_first,
            steps,
        },
    )
}
