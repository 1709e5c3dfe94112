//! Every ledger that the rules allow after what has happened so far. Usually one; more where a kill, a race
//! of two workers or the jitter of a retry leaves it to chance when a wake-up is followed, or whether a hint
//! about an unlinked event found one.

use super::calendar::{Calendar, LENGTH, MINUTE, Time, Told, What};
use super::model::{Back, Ledger, Lms, Mood, Policy, Room, State, Way, Word};
use std::collections::BTreeSet;

/// What was woken and not finished is woken again after so long.
const REWAKE: Time = 10 * MINUTE;

/// Outages in a row that open the breaker.
const OUTAGES: u32 = 5;

/// What this tick may leave to a later one.
#[derive(Clone, Copy)]
struct Mist {
    looks: bool,
    orders: bool,
    /// What the LMS shows to whoever reads it.
    given: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Oracle {
    pub(super) ledgers: BTreeSet<Ledger>,
    pub(super) policy: Policy,
    /// The place is known: a look has found the invitation.
    pub(super) known: bool,
    /// Ids under which the copy was surely seen.
    linked: BTreeSet<u32>,
    /// Ids under which a wake-up may have found it.
    met: BTreeSet<u32>,
    /// A hint that could not be judged waits for Graph, or a kill or a race has left a wake-up that nobody
    /// needs: any tick may look once more.
    stray: bool,
    /// Whoever was seen has an organizer who could not be asked yet: so may any tick, though nothing can be
    /// read.
    unmet: bool,
    /// Until then a wake-up may be late, because whoever followed it was killed.
    mist: Time,
    /// Somebody was killed, or two workers raced: there may be a wake-up that nobody needs.
    leaves: bool,
    /// Ticks in which the LMS may have failed to answer.
    outages: u32,
    /// The LMS shows to whoever reads it that the place is there.
    pub(super) given: bool,
    /// What it says to whoever wants a place back.
    pub(super) room: Room,
}

impl Oracle {
    pub(super) fn new(policy: Policy, lms_readable: bool, room: Room) -> Self {
        Self {
            ledgers: BTreeSet::from([Ledger::new(lms_readable)]),
            policy,
            known: false,
            linked: BTreeSet::new(),
            met: BTreeSet::new(),
            stray: false,
            unmet: false,
            mist: Time::MIN,
            leaves: false,
            outages: 0,
            given: false,
            room,
        }
    }

    fn each(&mut self, becomes: impl Fn(Ledger) -> Vec<Ledger>) {
        self.ledgers = std::mem::take(&mut self.ledgers).into_iter().flat_map(becomes).collect();
    }

    fn look(&mut self, calendar: &Calendar, now: Time) {
        if calendar.shows_copy(0) {
            self.linked.extend(calendar.items[0].current());
        }
        let policy = self.policy;
        self.each(|mut ledger| {
            ledger.see(calendar, &policy, now);
            vec![ledger]
        });
    }

    /// A wake-up may look.
    fn meet(&mut self, calendar: &Calendar) {
        if calendar.shows_copy(0) {
            self.met.extend(calendar.items[0].current());
        }
    }

    fn may_look(&mut self, calendar: &Calendar, now: Time) {
        let policy = self.policy;
        self.each(|ledger| {
            let mut seen = ledger.clone();
            seen.see(calendar, &policy, now);
            vec![ledger, seen]
        });
    }

    /// An organizer who can't be read now is asked again soon.
    fn may_be_unmet(&mut self, calendar: &Calendar) {
        self.unmet |= calendar.organizer_readable && calendar.organizer_unread;
    }

    /// A hint is never a fact, only a reason to look.
    pub(super) fn hint(&mut self, calendar: &Calendar, told: Told, now: Time) {
        let item = &calendar.items[0];
        let there = item.current() == Some(told.id);
        let listed = item.original.as_ref().is_some_and(|original| original.entry.is_some());
        if self.known && self.linked.contains(&told.id) {
            self.look(calendar, now);
            if !self.ledgers.iter().all(Ledger::has_met) {
                self.may_be_unmet(calendar);
            }
            return;
        }
        let may_be_linked = self.known && self.met.contains(&told.id);
        if calendar.down {
            self.stray = true;
            // What is gone leads to all that is known to be missing.
            if may_be_linked || (self.known && told.what == What::Deleted) {
                self.may_look(calendar, now);
            }
            return;
        }
        // Who is not found is asked for at the organizer's, later if need be.
        self.stray |= calendar.organizer_unread && calendar.organizer_readable;
        self.may_be_unmet(calendar);
        // Whoever is told of a copy looks for it. Of one that is gone the organizer's calendar tells.
        if calendar.unread && !calendar.refused && told.what != What::Deleted {
            self.stray = true;
            if may_be_linked {
                self.may_look(calendar, now);
            }
            return;
        }
        if calendar.refused && told.what != What::Deleted {
            // Whether a hint from a mailbox that is not ours is worth a look at the organizer's copy is left
            // open.
            if self.known || (calendar.asks_organizer() && listed) {
                self.may_look(calendar, now);
            }
            return;
        }
        let seen = there && !calendar.refused && told.what != What::Deleted;
        let found_in_list = !self.known && calendar.asks_organizer() && listed;
        if seen || found_in_list {
            self.known = true;
            self.look(calendar, now);
        } else if self.known {
            self.may_look(calendar, now);
        }
    }

    /// Compares the calendar: whatever is there or known is looked at.
    pub(super) fn resync(&mut self, calendar: &Calendar, now: Time) {
        if calendar.down || calendar.refused || calendar.unread {
            return;
        }
        let item = &calendar.items[0];
        let listed = item.original.as_ref().is_some_and(|original| original.entry.is_some());
        // Whether a comparison comes to its end without the organizer's calendar is left open.
        if calendar.organizer_readable && calendar.organizer_unread {
            self.stray = true;
            self.may_be_unmet(calendar);
            return self.may_look(calendar, now);
        }
        if self.known || item.copy.is_some() || (calendar.asks_organizer() && listed) {
            self.known = true;
            // What is over need not be compared any more.
            let over = |start: Time| start + LENGTH <= now;
            let known_over = self.ledgers.iter().any(|ledger| ledger.known_start().is_some_and(over));
            match over(item.start) || known_over {
                true => self.may_look(calendar, now),
                false => self.look(calendar, now),
            }
        }
    }

    /// A tick of the dispatcher, and all that it wakes.
    pub(super) fn tick(&mut self, calendar: &Calendar, mood: Mood, now: Time) {
        self.meet(calendar);
        // An open breaker lets one wake-up through per tick, and that may be one that a kill has left.
        let orders = now < self.mist || (self.leaves && self.outages >= OUTAGES);
        let mist = Mist { looks: now < self.mist, orders, given: self.given };
        self.count(mood, now);
        let policy = self.policy;
        let moods = self.moods(mood);
        self.each(|ledger| {
            moods
                .iter()
                .flat_map(|mood| ticked(ledger.clone(), calendar, &policy, *mood, now, mist))
                .collect()
        });
        self.stray_look(calendar, now);
    }

    /// An answer that no receiver gives is deemed an outage while there is one.
    fn moods(&self, mood: Mood) -> Vec<Lms> {
        let may_be = mood == Mood::AnswersOddly && self.outages >= OUTAGES;
        let moods = std::iter::once(mood).chain(may_be.then_some(Mood::IsDeemedDown));
        moods.map(|mood| Lms { mood, room: self.room }).collect()
    }

    /// Whoever's answer came again may be looked up in the LMS.
    fn may_read_lms(&mut self, now: Time) {
        let (policy, given) = (self.policy, self.given);
        self.each(|ledger| {
            let mut read = ledger.clone();
            read.read_lms(given, &policy, now);
            vec![ledger, read]
        });
    }

    fn count(&mut self, mood: Mood, now: Time) {
        let fails = matches!(mood, Mood::Down | Mood::LosesReplies);
        self.outages += u32::from(fails && self.ledgers.iter().any(|ledger| is_due(ledger, now)));
    }

    fn stray_look(&mut self, calendar: &Calendar, now: Time) {
        // What waits for Graph may come back while it is away again, and is one look more that reads nothing.
        if calendar.down {
            if self.unmet || (self.stray && self.known) {
                self.may_look(calendar, now);
            }
        } else if self.stray || self.unmet {
            let item = &calendar.items[0];
            let listed = item.original.as_ref().is_some_and(|original| original.entry.is_some());
            let shown = (item.copy.is_some() && !calendar.refused && !calendar.unread)
                || (calendar.asks_organizer() && listed);
            if self.known || shown {
                self.may_look(calendar, now);
            }
        }
    }

    /// Who looked was killed, and may have left a wake-up.
    pub(super) fn killed_observer(&mut self, calendar: &Calendar) {
        self.stray = true;
        self.leaves = true;
        self.may_be_unmet(calendar);
    }

    /// A tick that was killed somewhere in it: each thing it was to do may be done, half done or left.
    pub(super) fn killed_tick(&mut self, calendar: &Calendar, mood: Mood, now: Time) {
        self.meet(calendar);
        self.mist = now + REWAKE;
        self.leaves = true;
        self.count(mood, now);
        self.stray_look(calendar, now);
        self.stray = true;
        self.may_be_unmet(calendar);
        let (policy, given) = (self.policy, self.given);
        let lms = Lms { mood, room: self.room };
        self.may_read_lms(now);
        let moods = self.moods(mood);
        self.each(|ledger| {
            let mist = Mist { looks: true, orders: true, given };
            let mut all: Vec<Ledger> = moods
                .iter()
                .flat_map(|mood| ticked(ledger.clone(), calendar, &policy, *mood, now, mist))
                .collect();
            for mut looked in looked(ledger, calendar, &policy, now, true) {
                if !is_due(&looked, now) {
                    continue;
                }
                // Killed when the claim of somebody before was let go of.
                if looked.lapse(now) {
                    all.push(looked.clone());
                }
                // Killed between the last look before the LMS and the claim.
                let mut rechecked = looked.clone();
                rechecked.see(calendar, &policy, now);
                all.push(rechecked);
                if looked.carry(calendar, &policy, lms, now) {
                    looked.abandon(now);
                    let mut effected = looked.clone();
                    effected.ask_lms(lms);
                    all.extend([looked, effected]);
                }
            }
            all
        });
        self.may_read_lms(now);
    }

    /// A tick during which the calendar changes from `before` to `after`, and somebody is told of it and
    /// looks. Each of the tick's looks and the claim come before or after the change, and the news before or
    /// after the claim or while the LMS is being asked.
    pub(super) fn raced_tick(
        &mut self,
        before: &Calendar,
        after: &Calendar,
        told: &[Told],
        mood: Mood,
        now: Time,
    ) {
        self.meet(before);
        self.meet(after);
        let policy = self.policy;
        self.may_read_lms(now);
        self.stray_look(before, now);
        self.stray = true;
        // Who is woken by what an earlier kill or race has left may find a decision that is due at once.
        let woken = self.leaves;
        self.leaves = true;
        self.may_be_unmet(before);
        self.may_be_unmet(after);
        let surely = told.iter().any(|told| self.linked.contains(&told.id));
        let moods = self.moods(mood);
        self.each(|ledger| {
            moods
                .iter()
                .flat_map(|mood| raced(ledger.clone(), before, after, (surely, woken), *mood, &policy, now))
                .collect()
        });
        self.may_read_lms(now);
    }

    /// When a tick may find something to do; `None`: not before somebody acts.
    pub(super) fn next(&self) -> Option<Time> {
        let due = |ledger: &Ledger| {
            let claim = match ledger.state {
                State::Running(until) => Some(until),
                State::Watched | State::Waiting | State::Done | State::Expired | State::Review(_) => None,
            };
            let back = ledger.wanted.as_ref().map(|back| match back.way {
                Way::Wanted((first, _)) => first,
                Way::Running(until) => until,
            });
            [ledger.look, ledger.due.map(|(first, _)| first), claim, ledger.reread, back]
                .into_iter()
                .flatten()
                .min()
        };
        self.ledgers.iter().filter_map(due).min()
    }

    pub(super) fn operator(&mut self, word: Word, late: bool, now: Time) {
        let policy = self.policy;
        self.each(|mut ledger| {
            ledger.operator(word, late, &policy, now);
            vec![ledger]
        });
    }

    pub(super) fn housekeep(&mut self, now: Time) {
        let policy = self.policy;
        self.each(|mut ledger| {
            ledger.housekeep(&policy, now);
            vec![ledger]
        });
    }
}

/// What may become of one ledger in [`Oracle::raced_tick`].
fn raced(
    ledger: Ledger,
    before: &Calendar,
    after: &Calendar,
    (surely, woken): (bool, bool),
    lms: Lms,
    policy: &Policy,
    now: Time,
) -> Vec<Ledger> {
    let was_due = is_due(&ledger, now);
    let mut all = Vec::new();
    let mut went = Vec::new();
    for looked in looked(ledger, before, policy, now, true) {
        // The claim comes before the change, and the news finds it made or finished.
        let mut claimed = looked.clone();
        if was_due && claimed.carry(before, policy, lms, now) {
            let mut finished = claimed.clone();
            finished.ask_lms(lms);
            finished.answered(lms, policy, now);
            // The message was handed out twice: the other worker's look may come when the first one is
            // through.
            let mut again = finished.clone();
            again.see(before, policy, now);
            went.extend([finished, again]);
            claimed.abandon(now);
            let mut met = claimed.clone();
            met.see(after, policy, now);
            for mut asked in [claimed, met] {
                asked.ask_lms(lms);
                asked.answered(lms, policy, now);
                all.push(asked);
            }
        } else {
            went.push(claimed);
        }
        let mut lapsed = looked.clone();
        if lapsed.lapse(now) {
            went.push(lapsed);
        }
        went.push(looked);
    }
    for ledger in went {
        let mut told = ledger.clone();
        told.see(after, policy, now);
        let both = if surely { vec![told] } else { vec![ledger.clone(), told] };
        for mut first in both {
            all.push(first.clone());
            if (was_due || woken) && is_due(&first, now) && first.carry(after, policy, lms, now) {
                first.ask_lms(lms);
                first.answered(lms, policy, now);
            }
            all.push(first);
        }
        let mut last = ledger;
        if was_due && is_due(&last, now) && last.carry(after, policy, lms, now) {
            last.ask_lms(lms);
            last.answered(lms, policy, now);
            let unseen = last.clone();
            last.see(after, policy, now);
            all.push(last);
            if !surely {
                all.push(unseen);
            }
        }
    }
    all
}

fn is_due(ledger: &Ledger, now: Time) -> bool {
    match ledger.state {
        State::Waiting => ledger.due.is_some_and(|(first, _)| first <= now),
        State::Running(until) => until <= now,
        State::Watched => match ledger.wanted {
            Some(Back { way: Way::Wanted((first, _)), .. }) => first <= now,
            Some(Back { way: Way::Running(until), .. }) => until <= now,
            None => false,
        },
        State::Done | State::Expired | State::Review(_) => false,
    }
}

/// After the looks that were due, or might have been.
fn looked(ledger: Ledger, calendar: &Calendar, policy: &Policy, now: Time, misty: bool) -> Vec<Ledger> {
    if ledger.look.is_none_or(|look| look > now) {
        return vec![ledger];
    }
    let mut seen = ledger.clone();
    seen.see(calendar, policy, now);
    if misty { vec![ledger, seen] } else { vec![seen] }
}

fn ticked(
    ledger: Ledger,
    calendar: &Calendar,
    policy: &Policy,
    lms: Lms,
    now: Time,
    mist: Mist,
) -> Vec<Ledger> {
    let was_due = is_due(&ledger, now);
    let to_read = ledger.reread.filter(|due| *due <= now);
    let surely = match ledger.state {
        State::Waiting => ledger.due.is_some_and(|(_, last)| last <= now),
        State::Watched => match ledger.wanted {
            Some(Back { way: Way::Wanted((_, last)), .. }) => last <= now,
            Some(Back { way: Way::Running(_), .. }) | None => true,
        },
        State::Running(_) | State::Done | State::Expired | State::Review(_) => true,
    };
    let mut all = Vec::new();
    for looked in looked(ledger, calendar, policy, now, mist.looks) {
        if to_read.is_some() && looked.reread == to_read {
            let mut read = looked.clone();
            read.read_lms(mist.given, policy, now);
            if mist.orders {
                all.push(looked);
            }
            all.push(read);
            continue;
        }
        if !was_due {
            all.push(looked);
            continue;
        }
        let mut carried = looked.clone();
        if carried.carry(calendar, policy, lms, now) {
            carried.ask_lms(lms);
            carried.answered(lms, policy, now);
        }
        if mist.orders || !surely {
            all.push(looked);
        }
        all.push(carried);
    }
    all
}
