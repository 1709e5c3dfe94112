//! Several calendar items that stand for one place (`policy.part`). Bursts of acts, with time enough after
//! each for everything to settle and be sent; what the hints of a burst come in for an order, or whether a
//! comparison has to find what they would have told, makes no difference.

use super::calendar::{Act, Calendar, DAY, HOUR, MINUTE, Mail, Time, Told, What};
use super::evidence::{self, Memory, Says};
use super::history::History;
use super::model::{Mood, Policy, Weak};
use super::play::{answer, configure, hint, say, show};
use crate::enrolment::decision::ReviewCause;
use crate::enrolment::lms_answer::OrderVerdict;
use crate::enrolment::operator_decision::OperatorDecision;
use crate::enrolment::policy::PartPolicy;
use crate::enrolment::transitions::State;
use crate::jobs::testing::World;
use chrono::Duration;
use proptest::prelude::*;
use proptest::sample::Index;
use std::collections::BTreeSet;

/// Acts of one moment, each on one of the items.
#[derive(Debug, Clone)]
pub(super) struct Burst {
    acts: Vec<(Index, Act)>,
    order: Vec<Index>,
    /// The hints are lost, and the calendar is compared instead.
    lost: bool,
    /// So long the organizer's mailbox can't be read, from before the acts; for less than `recheck`, after
    /// which what was known counts.
    down: Option<Time>,
}

#[derive(Debug, Clone)]
pub(super) struct Place {
    items: usize,
    policy: PartPolicy,
    weak: Weak,
    organizer_readable: bool,
    /// How the LMS takes what it is asked first.
    mood: Mood,
    bursts: Vec<Burst>,
}

pub(super) fn place(policies: &'static [PartPolicy]) -> impl Strategy<Value = Place> {
    let mail = prop_oneof![3 => Just(Mail::AtOnce), 1 => Just(Mail::Never)];
    let act = (any::<Index>(), mail).prop_flat_map(|(item, mail)| {
        let act = prop_oneof![
            3 => Just(Act::Accept(mail)),
            4 => Just(Act::DeclineKept(mail)),
            4 => Just(Act::DeclineRemoved(mail)),
            3 => Just(Act::Remove),
            1 => Just(Act::Move),
            1 => any::<bool>().prop_map(|new_id| Act::Restore { new_id }),
            1 => any::<bool>().prop_map(|copy_stays| Act::Drop { copy_stays }),
            1 => any::<bool>().prop_map(|item_stays| Act::CancelSession { item_stays }),
        ];
        (Just(item), act)
    });
    let acts = (prop::collection::vec(act, 1..5), prop::collection::vec(any::<Index>(), 6));
    let down = prop_oneof![3 => Just(None), 1 => (1..50 * MINUTE).prop_map(Some)];
    let burst = (acts, prop::bool::weighted(0.2), down).prop_map(|((acts, order), lost, down)| Burst {
        acts,
        order,
        lost,
        down,
    });
    let mood = prop_oneof![4 => Just(Mood::Up), 1 => Just(Mood::SaysOddly), 1 => Just(Mood::AnswersOddly)];
    let policy = prop::sample::select(policies);
    let weak = prop_oneof![Just(Weak::Cancel), Just(Weak::Review), Just(Weak::Ignore)];
    (2_usize..4, policy, weak, any::<bool>(), mood, prop::collection::vec(burst, 1..6)).prop_map(
        |(items, policy, weak, organizer_readable, mood, bursts)| Place {
            items,
            policy,
            weak,
            organizer_readable,
            mood,
            bursts,
        },
    )
}

/// What an item says once it has settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Vote {
    Declined,
    Gone(OrderVerdict),
    /// Gone, and nobody could be asked why.
    Unasked,
    /// The learner takes part in it, or has not answered.
    Stays,
    /// Cancelled by the organizer, or dropped: it counts no more.
    Void,
}

#[derive(Debug, Clone, Default)]
struct Part {
    memory: Memory,
    declined: Option<Option<Time>>,
}

impl Part {
    fn vote(&mut self, calendar: &Calendar, item: usize, now: Time) -> Vote {
        match evidence::look(calendar, item, &mut self.memory, None, now) {
            Says::Declined(at) => {
                self.declined = Some(evidence::latest(self.declined, at));
                Vote::Declined
            }
            Says::Attending(_) => {
                self.declined = None;
                Vote::Stays
            }
            Says::CancelledByOrganizer | Says::Ended => {
                self.declined = None;
                Vote::Void
            }
            // "A stored strong `Declined` is undone only by a later positive answer …"; the removal is one by
            // itself.
            Says::Removed(Some(positive)) if self.declined.is_some_and(|at| at < Some(positive)) => {
                self.declined = None;
                Vote::Gone(OrderVerdict::Removed)
            }
            Says::Unanswered(_) | Says::Dropped | Says::Removed(_) | Says::Unseen | Says::Unasked
                if self.declined.is_some() =>
            {
                Vote::Declined
            }
            Says::Unanswered(_) | Says::Unexplained | Says::Unknown => Vote::Stays,
            Says::Dropped => Vote::Void,
            Says::Removed(_) => Vote::Gone(OrderVerdict::Removed),
            Says::Unseen => Vote::Gone(OrderVerdict::Unseen),
            Says::Unasked => Vote::Unasked,
        }
    }
}

/// What follows from the votes of all items, when all is quiet.
fn end(place: &Place, votes: &[Vote]) -> Option<(State, Option<OrderVerdict>)> {
    let counting: Vec<Vote> = votes.iter().copied().filter(|vote| *vote != Vote::Void).collect();
    let declined = counting.contains(&Vote::Declined);
    let stays = counting.contains(&Vote::Stays);
    let gone = counting.iter().find_map(|vote| match vote {
        Vote::Gone(verdict) => Some(*verdict),
        Vote::Unasked => Some(OrderVerdict::Unseen),
        Vote::Declined | Vote::Stays | Vote::Void => None,
    });
    // Whatever the policy says of those who could be asked.
    let weak = if counting.contains(&Vote::Unasked) { Weak::Review } else { place.weak };
    let by_policy = |verdict| match weak {
        Weak::Cancel => (State::Done, Some(verdict)),
        Weak::Review => (State::Review, Some(verdict)),
        Weak::Ignore => (State::Watched, None),
    };
    let nothing = (State::Watched, None);
    Some(match (place.policy, declined, gone, stays) {
        (_, false, None, _) => nothing,
        (PartPolicy::Any, true, _, _) => (State::Done, Some(OrderVerdict::Declined)),
        // "One strongly declined part decides": what one weak part does beside others is left open.
        (PartPolicy::Any, false, Some(_), true) => return None,
        (PartPolicy::Any | PartPolicy::All | PartPolicy::Review, _, Some(verdict), false) => {
            by_policy(verdict)
        }
        (PartPolicy::All | PartPolicy::Review, true, None, false) => {
            (State::Done, Some(OrderVerdict::Declined))
        }
        (PartPolicy::All, _, _, true) => nothing,
        (PartPolicy::Review, true, _, true) => (State::Review, Some(OrderVerdict::Declined)),
        (PartPolicy::Review, false, Some(verdict), true) => (State::Review, Some(verdict)),
    })
}

pub(super) async fn play(place: &Place) -> Result<(), TestCaseError> {
    let policy = Policy {
        removed: place.weak,
        unseen: place.weak,
        settle: 30 * MINUTE,
        grace: 10 * MINUTE,
        recheck: HOUR,
        deadline: 0,
        reinstates: false,
        window: DAY,
    };
    let organizer_readable = place.organizer_readable;
    let history = History {
        policy,
        organizer_readable,
        lms_readable: false,
        gives_back: false,
        start: 9 * DAY,
        seen_first: true,
        steps: Vec::new(),
    };
    let world = World::with(|tenant| {
        configure(tenant, &history);
        tenant.policy.part = place.policy;
    })
    .await;
    let mut calendar = Calendar::new(place.items, history.start, organizer_readable);
    let mut parts = vec![Part::default(); place.items];
    world.watch().await;
    show(&world, &calendar);
    for (item, part) in parts.iter_mut().enumerate() {
        world.observe(&[hint(&calendar, Told { item, id: 0, what: What::Created })]).await;
        part.vote(&calendar, item, 0);
    }
    world.lms.always(answer(place.mood));
    let (mut now, mut asked) = (0, false);
    let mut bursts = place.bursts.iter();
    for burst in bursts.by_ref() {
        if burst.down.is_some() {
            calendar.act(0, Act::OrganizerDown, now);
        }
        let mut told = Vec::new();
        for (item, act) in &burst.acts {
            now += 1;
            world.clock.advance(Duration::seconds(1));
            told.extend(calendar.act(item.index(place.items), *act, now));
        }
        show(&world, &calendar);
        if burst.lost {
            world.resync("ana").await;
        } else {
            for index in &burst.order {
                if !told.is_empty() {
                    let one = told.remove(index.index(told.len()));
                    world.observe(&[hint(&calendar, one)]).await;
                }
            }
            for one in told {
                world.observe(&[hint(&calendar, one)]).await;
            }
        }
        if let Some(down) = burst.down {
            world.pass_quietly(Duration::seconds(down)).await;
            now += down;
            calendar.act(0, Act::OrganizerUp, now);
            show(&world, &calendar);
        }
        world.pass_quietly(Duration::hours(3)).await;
        // What no hint tells of, such as who was dropped from an item that they have no copy of, a comparison
        // finds.
        world.resync("ana").await;
        world.pass_quietly(Duration::hours(1)).await;
        now += 4 * HOUR;

        let votes: Vec<Vote> =
            parts.iter_mut().enumerate().map(|(item, part)| part.vote(&calendar, item, now)).collect();
        let Some((state, verdict)) = end(place, &votes) else { return Ok(()) };
        let mut row = world.row("ana", 1).await;
        // Whoever answers in words that nobody knows has done nothing: a person asks again, and that is
        // another decision.
        let is_odd = row.attempt.review.as_ref().is_some_and(|review| review.cause == ReviewCause::Lms);
        prop_assert_eq!(is_odd, state == State::Done && place.mood != Mood::Up && row.state == State::Review);
        if is_odd {
            prop_assert_eq!((world.lms.asked(), world.lms.effects().len()), (1, 0));
            world.lms.always(None);
            say(&world, OperatorDecision::Retry, false).await;
            world.pass_quietly(Duration::hours(1)).await;
            now += HOUR;
            let decision = row.decisions + 1;
            row = world.row("ana", 1).await;
            prop_assert_eq!((world.lms.asked(), row.decisions), (2, decision));
        }
        // A person who is asked twice about one place is asked with the basis of the first time: only what is
        // sent counts.
        let sent = |verdict: Option<OrderVerdict>| verdict.filter(|_| state == State::Done);
        // Left open: whether whoever was asked already is still needed once all that counts is declined; they
        // may have been asked while the organizer could not be.
        if (asked || burst.down.is_some()) && state == State::Done && row.state == State::Review {
            return Ok(());
        }
        asked = row.state == State::Review;
        let seen = (row.state, sent(row.decision.as_ref().map(|decision| decision.verdict)));
        let story: Vec<&str> = row.story.iter().map(|line| line.text.as_str()).collect();
        prop_assert_eq!(seen, (state, sent(verdict)), "after {} s: {:?}\n{:#?}", now, votes, story);
        let effects: usize = world.lms.effects().values().sum();
        prop_assert_eq!(effects, usize::from(state == State::Done));
        world.assert_sound("after a burst");
        if state == State::Done {
            break;
        }
    }
    // Phones send the same answer again and again.
    for burst in bursts {
        let items = burst.acts.iter().map(|(item, _)| item.index(place.items));
        now += again(&world, &mut calendar, items, now).await?;
    }
    Ok(())
}

/// Declines that are still there to be read are sent once more: that changes nothing but their count.
async fn again(
    world: &World,
    calendar: &mut Calendar,
    items: impl Iterator<Item = usize>,
    now: Time,
) -> Result<Time, TestCaseError> {
    let before = world.row("ana", 1).await;
    let mut told = Vec::new();
    world.clock.advance(Duration::seconds(1));
    let declined: BTreeSet<usize> = items.filter(|item| calendar.is_declined(*item)).collect();
    for item in &declined {
        told.extend(calendar.act(*item, Act::DeclineKept(Mail::AtOnce), now + 1));
    }
    show(world, calendar);
    for one in told {
        world.observe(&[hint(calendar, one)]).await;
        world.observe(&[hint(calendar, one)]).await;
    }
    world.pass_quietly(Duration::hours(1)).await;
    let row = world.row("ana", 1).await;
    let seen = (row.state, row.generation, row.decisions, row.attempt.repeats);
    let repeats = before.attempt.repeats + u32::try_from(declined.len()).unwrap();
    prop_assert_eq!(seen, (before.state, before.generation, before.decisions, repeats), "{:?}", row.story);
    prop_assert_eq!(world.lms.effects().values().sum::<usize>(), 1);
    world.assert_sound("after a repetition");
    Ok(1 + HOUR)
}
