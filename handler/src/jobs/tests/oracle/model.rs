//! The ledger of one place as reference/judging.md#decisions and reference/rules.md#states describe it,
//! without tables, queues or workers: what is known and decided, and what follows from a look, from time, and
//! from what the LMS answers.
//!
//! It is written from the words of those pages alone. Where these leave something to timing, the caller keeps
//! several of these ledgers side by side (see [`super::allowed`]); where they leave a choice, the comment
//! says so.

use super::calendar::{Calendar, HOUR, LENGTH, MINUTE, Time};
use super::evidence::{self, Memory, Says};
use super::play::Remembered;

/// What the policy says to a removal that has settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weak {
    Cancel,
    Review,
    Ignore,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Policy {
    pub(super) removed: Weak,
    pub(super) unseen: Weak,
    pub(super) settle: Time,
    pub(super) grace: Time,
    pub(super) recheck: Time,
    pub(super) deadline: Time,
    /// What was cancelled is given back to who accepts in time.
    pub(super) reinstates: bool,
    /// "Within `take_back_window` of a cancellation."
    pub(super) window: Time,
}

/// How the LMS behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    Up,
    /// No connection comes about.
    Down,
    /// It does what it is asked, and the answer is lost.
    LosesReplies,
    Refuses,
    TooLate,
    /// With a word that nobody knows.
    SaysOddly,
    /// As no receiver answers.
    AnswersOddly,
    /// The same, while it is known to be an outage: it may have done what it was asked.
    IsDeemedDown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    Declined,
    Removed,
    Unseen,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Asked {
    /// By the evidence.
    Evidence,
    /// By what the LMS answered, or by a doubt about what it did.
    Lms,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    Watched,
    Waiting,
    /// Claimed until then by a worker who was killed.
    Running(Time),
    Done,
    Expired,
    Review(Asked),
}

/// What a decision stands on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Basis {
    pub(super) verdict: Verdict,
    pub(super) declined: Option<Time>,
    start: Option<Time>,
    /// A person has approved it.
    approved: bool,
    /// Even after the deadline.
    late: bool,
}

/// What a person says to what waits for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Approve,
    Ignore,
    Retry,
}

/// What the LMS says to whoever wants a place back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    Free,
    Full,
    Line,
    /// The connection can't give back.
    Unable,
}

/// The LMS at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lms {
    pub(super) mood: Mood,
    pub(super) room: Room,
}

/// A place that is wanted back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Back {
    pub(super) way: Way,
    decided: Time,
    /// The session's start when it was accepted.
    start: Option<Time>,
    failures: u32,
    /// An attempt may have given it back unseen.
    pub(super) unsure: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    Wanted(Span),
    /// Claimed until then by a worker who was killed.
    Running(Time),
}

/// When a waiting cancellation is carried on: not before the first, surely at the second. They differ where
/// the rules let chance decide (the jitter of a retry).
pub(super) type Span = (Time, Time);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ledger {
    pub(super) generation: u32,
    began: Option<Time>,
    /// Decisions of this generation so far: one id each.
    pub(super) decision: u32,
    /// The newest of them was sent.
    sent: bool,
    /// A person said that it does not count: when, and when the decline was answered of which they said it.
    ignored: Option<(Time, Option<Time>)>,
    /// A look since the last decision found the copy, or the organizer's list, accepted or waiting for an
    /// answer.
    open: bool,
    /// The newest answer that was seen and only repeated the one before; and the session's start at that.
    repeated: Option<Time>,
    declined_for: Option<Time>,
    /// The newest that was counted, whatever was seen since.
    counted: Option<Time>,
    /// How often it came again after the end.
    pub(super) repeats: u32,
    /// The LMS can be read, and when it is to be for that.
    lms_readable: bool,
    pub(super) reread: Option<Time>,
    pub(super) state: State,
    /// Since when a person is asked; and that they are asked although a decline was seen.
    asked: Option<Time>,
    asked_of_decline: bool,
    pub(super) basis: Option<Basis>,
    pub(super) due: Option<Span>,
    /// When it came to its end, `done` or `expired`.
    ended: Option<Time>,
    /// The last look that said something saw the learner's own copy.
    saw_copy: bool,
    /// When the copy had last been written that was found unanswered by a look before which it had not been
    /// there.
    back: Option<Time>,
    /// The last look that said something found the learner taking part.
    attends: bool,
    /// The decline that was seen last, and when it was answered.
    decline: Option<Option<Time>>,
    failures: u32,
    /// An attempt may have reached the LMS unseen.
    unsure: bool,
    unreadable_since: Option<Time>,
    memory: Memory,
    weak_since: Option<Time>,
    /// Since when it is gone, and nobody could say why.
    unexplained_since: Option<Time>,
    pub(super) look: Option<Time>,
    unreadable_looks: u32,
    /// Since when the learner's side could not be read.
    unknown_since: Option<Time>,
    /// Generation and decision of the cancellations that took effect at the LMS.
    pub(super) effects: Vec<(u32, u32)>,
    /// When the place of the generation before was given up; no more once it was given back, or a person has
    /// seen to it.
    given_up: Option<Time>,
    /// The LMS was seen to do that for us.
    ours: bool,
    pub(super) wanted: Option<Back>,
    /// A person is told that the learner accepted what is gone.
    pub(super) told: bool,
    /// Generations in which the LMS gave the place back.
    pub(super) backs: Vec<u32>,
    /// The learner has the place, as the LMS truly has it.
    held: bool,
}

/// What waits behind what can't be read is tried again so much later.
const REST: Time = MINUTE;

const LEASE: Time = 3 * MINUTE;

impl Ledger {
    pub(super) fn remembered(&self) -> Remembered {
        Remembered {
            unreadable_looks: self.unreadable_looks,
            look: self.look,
            weak_since: self.weak_since,
            unexplained_since: self.unexplained_since,
            unknown_since: self.unknown_since,
            unsure: self.unsure,
        }
    }

    pub(super) fn new(lms_readable: bool) -> Self {
        Self {
            generation: 1,
            began: None,
            decision: 0,
            sent: false,
            ignored: None,
            open: false,
            repeated: None,
            declined_for: None,
            counted: None,
            repeats: 0,
            lms_readable,
            reread: None,
            state: State::Watched,
            asked: None,
            asked_of_decline: false,
            basis: None,
            due: None,
            ended: None,
            saw_copy: false,
            back: None,
            attends: false,
            decline: None,
            failures: 0,
            unsure: false,
            unreadable_since: None,
            memory: Memory::default(),
            weak_since: None,
            unexplained_since: None,
            look: None,
            unreadable_looks: 0,
            unknown_since: None,
            effects: Vec::new(),
            given_up: None,
            ours: false,
            wanted: None,
            told: false,
            backs: Vec::new(),
            held: true,
        }
    }

    /// A look at the calendar, whatever gave the reason for it.
    pub(super) fn see(&mut self, calendar: &Calendar, policy: &Policy, now: Time) {
        let mut says = evidence::look(calendar, 0, &mut self.memory, self.began, now);
        let ripens = evidence::ripens(calendar, self.began);
        let shown = self.meanwhile(calendar, says, policy, now);
        if let Some(shown) = shown {
            self.memory.revive();
            says = shown;
        }
        if let (Says::Unanswered(Some((_, modified))), false) = (says, self.saw_copy) {
            self.back = Some(modified);
        }
        let is_silent = |says| matches!(says, Says::Unknown | Says::Unexplained);
        if !is_silent(says) {
            self.saw_copy = calendar.shows_copy(0);
        }
        if let Some(begins) = self.new_generation(calendar, says) {
            self.begin(begins);
            if let Says::Attending(Some(at)) | Says::Removed(Some(at)) = says {
                self.take_back(at, policy, now);
            }
            // Answers from before the beginning count no more, so the same sight may mean something else.
            if shown.is_none() {
                says = evidence::look(calendar, 0, &mut self.memory, self.began, now);
            }
        }
        // "A newer answer time alone" is the answer before, said once more.
        let mut answers = false;
        if let Says::Declined(Some(answered)) = says {
            self.count(answered, self.is_new_answer(calendar, Some(answered)), now);
        }
        if let (Says::Declined(answered), Some(known)) = (says, self.decline) {
            answers = self.is_new_answer(calendar, answered);
            if self.rests() && answered > known && !answers {
                self.repeated = self.repeated.max(answered);
                says = Says::Declined(known);
            }
        } else if let Says::Declined(answered) = says {
            answers = self.is_new_answer(calendar, answered);
        }
        // "Only a later positive answer undoes a decline": one that the organizer's list still shows from
        // before does not.
        if let (true, Says::Attending(positive), Some(declined)) = (calendar.refused, says, self.decline)
            && positive <= declined
        {
            (self.look, self.unreadable_looks, self.unknown_since) = (None, 0, None);
            return;
        }
        if !is_silent(says) {
            self.attends = matches!(says, Says::Attending(_));
        }
        match says {
            Says::Declined(answered) => {
                if self.decline.is_none() {
                    self.repeated = None;
                }
                self.decline = Some(evidence::latest(self.decline, answered));
                if self.decline == Some(answered) {
                    self.declined_for = self.memory.start;
                }
            }
            Says::Attending(_) | Says::CancelledByOrganizer | Says::Ended => self.decline = None,
            Says::Removed(Some(positive))
                if self.decline.is_some_and(|declined| declined < Some(positive)) =>
            {
                self.decline = None;
                self.attends = true;
            }
            Says::Removed(_)
            | Says::Unseen
            | Says::Unasked
            | Says::Unanswered(_)
            | Says::Dropped
            | Says::Unexplained
            | Says::Unknown => {}
        }
        self.open |= matches!(says, Says::Attending(_) | Says::Unanswered(_));
        if is_silent(says) || shown.is_some() {
            // "Looked at again after 30 seconds, doubling to an hour." Not later than a decline in the list
            // begins to count.
            let since = *self.unknown_since.get_or_insert(now);
            if self.look.is_none_or(|look| look <= now) {
                let next = now + (30 << self.unreadable_looks.min(7)).min(HOUR);
                let counts = Some(since + policy.recheck).filter(|at| ripens && *at > now);
                self.look = Some(counts.map_or(next, |at| at.min(next)));
                self.unreadable_looks += 1;
            }
        } else {
            (self.unreadable_looks, self.unknown_since) = (0, None);
        }
        let was_weak = self.weak_since.is_some();
        match says {
            Says::Unknown => self.unexplained(None, policy, now),
            Says::Unexplained => self.unexplained(Some(now).filter(|_| !was_weak), policy, now),
            Says::Removed(_) | Says::Unseen | Says::Unasked => {
                let since = *self.weak_since.get_or_insert(now);
                let unsettled = self.decline.is_none() && now < since + policy.settle;
                self.unexplained_since = self.unexplained_since.or(Some(since)).filter(|_| unsettled);
                let looks = [policy.settle / 15, policy.settle / 3, policy.settle];
                self.look = looks.into_iter().map(|after| since + after).find(|look| *look > now);
                self.weak(says, policy, now);
            }
            Says::Ended
            | Says::CancelledByOrganizer
            | Says::Dropped
            | Says::Declined(_)
            | Says::Attending(_)
            | Says::Unanswered(_) => {
                (self.weak_since, self.unexplained_since) = (None, None);
                if shown.is_none() {
                    self.look = None;
                }
                self.strong(says, answers, policy, now);
            }
        }
    }

    /// Nothing could be read; `gone`: but that the copy is gone. "What was seen to be gone in time, and could
    /// not be judged until the deadline, ends with a person", unless it was declined, or a person has said
    /// that it does not count.
    fn unexplained(&mut self, gone: Option<Time>, policy: &Policy, now: Time) {
        self.unexplained_since = self.unexplained_since.or(gone).filter(|_| self.decline.is_none());
        let deadline = self.memory.start.map(|start| start - policy.deadline);
        let (Some(since), Some(deadline)) = (self.unexplained_since, deadline) else { return };
        if since >= deadline {
            return;
        }
        if deadline > now {
            self.look = Some(self.look.map_or(deadline, |look| look.min(deadline)));
        } else if self.ignored.is_none()
            && ((self.state == State::Watched && !self.is_giving_back())
                || (self.state == State::Waiting && !self.is_strong()))
        {
            let start = self.memory.start;
            let asked =
                Basis { verdict: Verdict::Unseen, declined: None, start, approved: false, late: false };
            if self
                .basis
                .as_ref()
                .is_none_or(|basis| basis.verdict != Verdict::Unseen || basis.start != start)
            {
                self.stand_on(asked);
            }
            self.review(Asked::Evidence, now);
        }
    }

    /// A person is asked.
    fn review(&mut self, asked: Asked, now: Time) {
        (self.state, self.due, self.asked) = (State::Review(asked), None, Some(now));
        self.asked_of_decline = false;
        // Who wanted it back is not forgotten over it.
        self.told |= self.wanted.take().is_some();
    }

    /// "A repeat that is newer than `done` by more than ten minutes gets a count, never a call; where the LMS
    /// can be read and shows that the place was given anew, a person is asked."
    fn count(&mut self, answered: Time, answers: bool, now: Time) {
        let end = match self.state {
            State::Done | State::Expired => self.ended,
            State::Review(_) => self.asked,
            State::Watched => self.ignored.filter(|(_, declined)| declined.is_some()).map(|(at, _)| at),
            State::Waiting | State::Running(_) => None,
        };
        if end.is_none_or(|end| answered <= end + 10 * MINUTE) {
            return;
        }
        let is_known =
            self.decline.flatten().max(self.repeated).max(self.counted).is_some_and(|seen| answered <= seen);
        let repeats = match self.state {
            State::Done | State::Expired => !answers,
            State::Review(_) | State::Watched => self.decline.is_some() && !answers,
            State::Waiting | State::Running(_) => false,
        };
        if repeats && !is_known {
            self.repeats += 1;
            self.counted = Some(answered);
            self.reread =
                Some(now).filter(|_| self.lms_readable && self.state == State::Done).or(self.reread);
        }
    }

    /// The LMS is read for that, when it is time.
    pub(super) fn read_lms(&mut self, given: bool, policy: &Policy, now: Time) {
        if self.reread.is_none_or(|due| due > now) || self.state != State::Done {
            return;
        }
        self.reread = None;
        if given && !self.past_deadline(policy, now) {
            self.review(Asked::Evidence, now);
            self.asked_of_decline = true;
        }
    }

    /// What the organizer's list decides while the learner's mailbox alone can't be read.
    fn meanwhile(&self, calendar: &Calendar, says: Says, policy: &Policy, now: Time) -> Option<Says> {
        let is_over = self.unknown_since.unwrap_or(now) + policy.recheck <= now;
        let shown = evidence::meanwhile(calendar, &self.memory, self.began, self.decline, is_over);
        shown.filter(|_| says == Says::Unknown)
    }

    pub(super) fn has_met(&self) -> bool {
        self.memory.has_met()
    }

    pub(super) fn known_start(&self) -> Option<Time> {
        self.memory.start
    }

    fn is_strong(&self) -> bool {
        let asked_of_decline = self.asked_of_decline && matches!(self.state, State::Review(_));
        asked_of_decline
            || self.basis.as_ref().is_some_and(|basis| basis.verdict == Verdict::Declined || basis.approved)
    }

    /// What was decided has come to its end, or a person was asked about it, or said that it does not count.
    fn rests(&self) -> bool {
        match self.state {
            State::Done | State::Expired | State::Review(_) => true,
            State::Watched => self.ignored.is_some_and(|(_, declined)| declined.is_some()),
            State::Waiting | State::Running(_) => false,
        }
    }

    /// "Only an acceptance or an invitation that was seen between" makes a decline another one than that
    /// which the ledger stands on. Read here: a look has found the item accepted, or waiting for an answer;
    /// the learner's copy, declined as it is, was made since; or the session is at another time than what was
    /// declined, and that was sent to everybody anew.
    fn is_new_answer(&self, calendar: &Calendar, answered: Option<Time>) -> bool {
        let Some(answered) = answered else { return false };
        if self.decline.flatten().max(self.repeated).is_some_and(|seen| answered <= seen) {
            return false;
        }
        let since = match self.state {
            State::Done | State::Expired => Some(self.measure()),
            State::Watched | State::Waiting | State::Running(_) | State::Review(_) => self.decline.flatten(),
        };
        let made = calendar
            .made(0)
            .filter(|made| *made <= answered)
            .zip(since)
            .is_some_and(|(made, since)| made > since);
        let then = match self.decline {
            Some(_) => self.declined_for,
            None => self.basis.as_ref().and_then(|basis| basis.start),
        };
        self.open || made || (then.is_some() && then != self.memory.start)
    }

    /// A person decides; what makes no sense in this state is refused.
    pub(super) fn operator(&mut self, word: Word, late: bool, policy: &Policy, now: Time) {
        // "After the deadline, approving needs `late`", and what is over is over.
        let is_late = self.past_deadline(policy, now);
        if word != Word::Ignore && is_late && (!late || self.is_over(now)) {
            return;
        }
        let before = self.clone();
        self.says(word, now);
        if word != Word::Ignore
            && is_late
            && *self != before
            && let Some(basis) = &mut self.basis
        {
            basis.late = true;
        }
    }

    fn says(&mut self, word: Word, now: Time) {
        match (word, self.state) {
            (Word::Ignore, State::Watched) if self.told => {
                (self.told, self.given_up, self.ours) = (false, None, false);
            }
            (Word::Ignore, State::Review(asked)) => {
                // Who ignores what the LMS answered has looked there.
                if asked == Asked::Lms {
                    (self.given_up, self.ours) = (None, false);
                }
                self.ignored = Some((now, self.basis.as_ref().and_then(|basis| basis.declined)));
                self.withdraw();
            }
            (Word::Retry, State::Waiting) => {
                self.failures = 0;
                self.due = Some((now, now));
            }
            (Word::Approve, State::Review(_)) | (Word::Retry, State::Review(Asked::Lms) | State::Expired) => {
                if let (Word::Approve, Some(basis)) = (word, &mut self.basis) {
                    basis.approved = true;
                    basis.start = self.memory.start.or(basis.start);
                }
                if self.sent {
                    self.decision += 1;
                    self.open = false;
                }
                self.sent = false;
                self.failures = 0;
                self.unreadable_since = None;
                self.ended = None;
                (self.repeats, self.reread) = (0, None);
                self.state = State::Waiting;
                self.due = Some((now, now));
            }
            (Word::Approve | Word::Ignore | Word::Retry, _) => {}
        }
    }

    /// When the generation begins that this reading starts, if it starts one: "when, after `done`, a positive
    /// answer newer than `done` or a new invitation is seen".
    ///
    /// A decline begins one only where it answers something that was seen since.
    ///
    /// The decline that `done` stands on is the measure where its time is known: who accepts between their
    /// decline and `done` has changed their mind as well. A copy that was kept and is written anew,
    /// unanswered, is a new invitation too; one that was gone and comes back as it was is none, however often
    /// it is looked at: repeated hints change nothing.
    fn new_generation(&self, calendar: &Calendar, says: Says) -> Option<Time> {
        let done = self.ended.filter(|_| self.state == State::Done)?;
        match says {
            Says::Attending(Some(at)) | Says::Removed(Some(at)) if at > self.measure() => Some(at),
            Says::Unanswered(Some(invited)) => self.newer(invited),
            Says::Declined(Some(at)) if at > done && self.is_new_answer(calendar, Some(at)) => Some(at - 1),
            Says::Attending(_)
            | Says::Removed(_)
            | Says::Unanswered(None)
            | Says::Declined(_)
            | Says::Ended
            | Says::CancelledByOrganizer
            | Says::Dropped
            | Says::Unseen
            | Says::Unasked
            | Says::Unexplained
            | Says::Unknown => None,
        }
    }

    /// What must be newer than this begins something new.
    fn measure(&self) -> Time {
        self.basis.as_ref().and_then(|basis| basis.declined).or(self.ended).unwrap_or(Time::MIN)
    }

    fn newer(&self, (created, modified): (Time, Time)) -> Option<Time> {
        let anew = Some(modified).filter(|at| self.back.is_none_or(|back| *at > back));
        [Some(created), anew].into_iter().flatten().find(|at| *at > self.measure())
    }

    fn begin(&mut self, began: Time) {
        *self = Self {
            generation: self.generation + 1,
            began: Some(began),
            memory: self.memory.clone(),
            saw_copy: self.saw_copy,
            back: self.back,
            counted: self.counted,
            unknown_since: self.unknown_since,
            effects: self.effects.clone(),
            given_up: self.ended,
            ours: true,
            backs: self.backs.clone(),
            held: self.held,
            ..Self::new(self.lms_readable)
        };
    }

    fn weak(&mut self, says: Says, policy: &Policy, now: Time) {
        if self.is_giving_back() {
            return;
        }
        let (verdict, policy_says) = if says == Says::Unasked {
            (Verdict::Unseen, Weak::Review)
        } else if says == Says::Unseen {
            (Verdict::Unseen, policy.unseen)
        } else {
            (Verdict::Removed, policy.removed)
        };
        // "A stored strong `Declined` is undone only by a later positive answer …": the organizer's list may
        // hold one.
        if let (Says::Removed(Some(positive)), true) = (says, self.is_strong())
            && self
                .basis
                .as_ref()
                .and_then(|basis| basis.declined)
                .is_some_and(|declined| positive > declined)
        {
            match self.state {
                State::Waiting | State::Review(Asked::Evidence) => {
                    self.withdraw_or_doubt(now);
                    self.take_back(positive, policy, now);
                }
                State::Watched
                | State::Running(_)
                | State::Done
                | State::Expired
                | State::Review(Asked::Lms) => {}
            }
            return;
        }
        if self.look.is_some() {
            return;
        }
        // What a person has ignored is not asked about again.
        if self.ignored.is_some() {
            return;
        }
        // It has settled: the policy applies to this last reading.
        match (self.state, policy_says) {
            (State::Watched, Weak::Cancel) => self.decide(verdict, None, policy, now),
            (State::Watched, Weak::Review) => self.ask(verdict, policy, now),
            (State::Waiting, Weak::Review) if !self.is_strong() => self.ask(verdict, policy, now),
            (State::Waiting, Weak::Ignore) if !self.is_strong() => self.withdraw_unseen(now),
            (State::Watched, Weak::Ignore)
            | (State::Waiting, _)
            | (State::Running(_) | State::Done | State::Expired | State::Review(_), _) => {}
        }
    }

    fn strong(&mut self, says: Says, answers: bool, policy: &Policy, now: Time) {
        // "Under the claim nothing is decided."
        if self.is_giving_back() {
            if matches!(says, Says::Attending(_)) {
                self.ignored = None;
            }
            return;
        }
        match says {
            Says::Declined(answered) => match self.state {
                State::Watched
                    if self.ignored.is_some_and(|(at, declined)| answered <= declined.or(Some(at))) => {}
                State::Watched => self.decide(Verdict::Declined, answered, policy, now),
                // "A weak decision that was not sent yet is replaced by any later strong reading." When it is
                // due is left open; it was decided, so the grace counts from then.
                State::Waiting if !self.is_strong() => {
                    self.basis = Some(Basis {
                        verdict: Verdict::Declined,
                        declined: answered,
                        start: self.memory.start,
                        approved: false,
                        late: false,
                    });
                }
                State::Review(Asked::Evidence) if !self.is_strong() => {
                    self.decide(Verdict::Declined, answered, policy, now)
                }
                // Moved since the learner declined: the same decline is what the person is asked about, a
                // later one is an answer to the new time. Asked about a decline that came again, they are
                // asked about each that does.
                State::Review(Asked::Evidence) => {
                    let old = self.basis.as_ref().and_then(|basis| basis.declined);
                    if answered > old && (answers || !self.asked_of_decline) {
                        self.decide(Verdict::Declined, answered, policy, now);
                    }
                }
                // Another decline than the one that came too late: the session may have been moved since.
                State::Expired if answers && answered > self.ended => {
                    self.decide(Verdict::Declined, answered, policy, now)
                }
                State::Waiting
                | State::Running(_)
                | State::Done
                | State::Expired
                | State::Review(Asked::Lms) => {}
            },
            Says::Attending(answered) => match self.state {
                State::Waiting | State::Expired | State::Review(Asked::Evidence) => {
                    self.withdraw_or_doubt(now);
                    self.take_back(answered.unwrap_or(now), policy, now);
                }
                // Whoever attends may decline later with the same right as before a person said "ignore".
                State::Watched => {
                    self.ignored = None;
                    self.take_back(answered.unwrap_or(now), policy, now);
                }
                State::Running(_) | State::Done | State::Review(Asked::Lms) => {}
            },
            Says::Unanswered(invited) => match self.state {
                // "Withdraws nothing, and if the session's time moved since the decline it goes to review."
                State::Waiting if self.is_strong() => {
                    let then = self.basis.as_ref().and_then(|basis| basis.start);
                    if then != self.memory.start && self.past_deadline(policy, now) {
                        self.expire(now);
                    } else if then != self.memory.start {
                        self.review(Asked::Evidence, now);
                    }
                }
                // The removal that was decided or asked about is not one any more.
                State::Waiting => self.withdraw_or_doubt(now),
                State::Review(Asked::Evidence) if !self.is_strong() => self.withdraw_or_doubt(now),
                // Invited anew, at another time perhaps: what came too late before is over.
                State::Expired if invited.is_some_and(|invited| self.newer(invited).is_some()) => {
                    self.withdraw_or_doubt(now)
                }
                // Who accepted another time is not given a place at the new one unasked.
                State::Watched
                    if self.wanted.as_ref().is_some_and(|back| back.start != self.memory.start) =>
                {
                    self.tell();
                }
                State::Watched | State::Running(_) | State::Done | State::Expired | State::Review(_) => {}
            },
            Says::CancelledByOrganizer => match self.state {
                State::Waiting | State::Review(Asked::Evidence) => self.withdraw_unseen(now),
                State::Watched => self.wanted = None,
                State::Running(_) | State::Done | State::Expired | State::Review(Asked::Lms) => {}
            },
            Says::Dropped => match self.state {
                State::Waiting | State::Review(Asked::Evidence) if !self.is_strong() => {
                    self.withdraw_unseen(now);
                }
                State::Watched => self.tell(),
                State::Waiting | State::Running(_) | State::Done | State::Expired | State::Review(_) => {}
            },
            Says::Ended => match self.state {
                State::Waiting | State::Review(Asked::Evidence) => self.expire(now),
                State::Watched => self.wanted = None,
                State::Running(_) | State::Done | State::Expired | State::Review(Asked::Lms) => {}
            },
            Says::Removed(_) | Says::Unseen | Says::Unasked | Says::Unexplained | Says::Unknown => {}
        }
    }

    fn decide(&mut self, verdict: Verdict, declined: Option<Time>, policy: &Policy, now: Time) {
        let start = self.memory.start;
        self.stand_on(Basis { verdict, declined, start, approved: false, late: false });
        self.ignored = None;
        // Of what has ended with a person nobody tries anew.
        self.ours &= !self.told;
        (self.wanted, self.told) = (None, false);
        (self.repeats, self.reread) = (0, None);
        let deadline = start.map(|start| start - policy.deadline);
        if deadline.is_some_and(|deadline| deadline <= now) {
            return self.expire(now);
        }
        let due = now + policy.grace;
        // The rules have both "waits for grace" and "a pending cancellation that reaches the deadline becomes
        // expired". Who declined in time must not lose by our own patience: sent two minutes before the
        // deadline at the latest.
        let due = deadline.map_or(due, |deadline| due.min((deadline - 2 * MINUTE).max(now)));
        self.state = State::Waiting;
        self.due = Some((due, due));
        self.failures = 0;
        self.ended = None;
        self.unreadable_since = None;
    }

    /// Another decision: an id of its own. Whether an earlier one has taken effect unseen is as open as
    /// before.
    fn stand_on(&mut self, basis: Basis) {
        self.basis = Some(basis);
        self.decision += 1;
        self.sent = false;
        self.open = false;
    }

    fn ask(&mut self, verdict: Verdict, policy: &Policy, now: Time) {
        let asked = Basis { verdict, declined: None, start: self.memory.start, approved: false, late: false };
        if self.basis.as_ref() != Some(&asked) && (self.basis.is_none() || !self.past_deadline(policy, now)) {
            self.stand_on(asked);
        }
        // "The deadline is judged at every step": nobody is asked about what nobody can do any more.
        if self.past_deadline(policy, now) {
            return self.expire(now);
        }
        self.review(Asked::Evidence, now);
    }

    /// Nobody takes part who could miss the place now. Should they ever, somebody is told.
    fn withdraw_unseen(&mut self, now: Time) {
        if self.unsure {
            (self.given_up, self.ours) = (Some(now), false);
        }
        self.withdraw();
    }

    /// Accepted, although the place is gone: in time it is given back, or a person is told. What was only put
    /// aside by a decline that was withdrawn is wanted as before.
    fn take_back(&mut self, accepted: Time, policy: &Policy, now: Time) {
        let is_in_time = self.given_up.is_some_and(|given_up| accepted <= given_up + policy.window);
        if self.state != State::Watched || !is_in_time || self.told || self.wanted.is_some() {
            return;
        }
        if policy.reinstates && self.ours {
            let (way, start) = (Way::Wanted((now, now)), self.memory.start);
            self.wanted = Some(Back { way, decided: now, start, failures: 0, unsure: false });
        } else {
            self.told = true;
        }
    }

    /// What is wanted back is over, and a person is told.
    fn tell(&mut self) {
        self.told |= self.wanted.take().is_some();
    }

    fn is_giving_back(&self) -> bool {
        matches!(self.wanted, Some(Back { way: Way::Running(_), .. }))
    }

    fn withdraw(&mut self) {
        self.wanted = None;
        (self.repeats, self.reread) = (0, None);
        self.state = State::Watched;
        self.basis = None;
        self.due = None;
        self.failures = 0;
        self.unsure = false;
        self.sent = false;
        self.unreadable_since = None;
        self.ended = None;
    }

    /// Nothing is withdrawn in silence that may have taken effect already: "nothing is left undone in
    /// silence".
    fn withdraw_or_doubt(&mut self, now: Time) {
        if self.unsure {
            self.review(Asked::Lms, now);
        } else {
            self.withdraw();
        }
    }

    fn expire(&mut self, now: Time) {
        self.state = State::Expired;
        self.ended = Some(now);
        self.due = None;
    }

    /// "A pending strong cancellation that reaches it becomes `expired`, a weak one goes to `review`", where
    /// it waits until the session is over.
    fn too_late(&mut self, now: Time) {
        if self.is_late() && !self.is_over(now) {
            return;
        }
        match self.is_strong() || self.is_over(now) {
            true => self.expire(now),
            false if matches!(self.state, State::Review(_)) => {}
            false => self.review(Asked::Evidence, now),
        }
    }

    fn is_over(&self, now: Time) -> bool {
        self.memory.start.is_some_and(|start| start + LENGTH <= now)
    }

    /// A person has said that it may be.
    fn is_late(&self) -> bool {
        self.basis.as_ref().is_some_and(|basis| basis.late)
    }

    /// Nothing may be sent any more.
    fn is_too_late(&self, policy: &Policy, now: Time) -> bool {
        self.past_deadline(policy, now) && (!self.is_late() || self.is_over(now))
    }

    fn past_deadline(&self, policy: &Policy, now: Time) -> bool {
        self.memory.start.is_some_and(|start| start - policy.deadline <= now)
    }

    /// The daily housekeeping judges the deadline of what waits and of what a person has let lie.
    pub(super) fn housekeep(&mut self, policy: &Policy, now: Time) {
        if matches!(self.state, State::Waiting | State::Review(Asked::Evidence))
            && self.past_deadline(policy, now)
        {
            self.too_late(now);
        }
        self.judge_back(policy, now);
    }

    /// Past the deadline a person is told; of what is over nobody.
    fn judge_back(&mut self, policy: &Policy, now: Time) {
        let is_wanted = self.wanted.is_some() && !self.is_giving_back();
        if is_wanted && self.is_over(now) {
            self.wanted = None;
        } else if is_wanted && self.past_deadline(policy, now) {
            self.tell();
        }
    }

    /// Carries a place that is wanted back on, up to the claim.
    fn carry_back(&mut self, calendar: &Calendar, policy: &Policy, room: Room, now: Time) -> bool {
        self.judge_back(policy, now);
        if room == Room::Unable {
            self.tell();
        }
        if self.wanted.is_none() || self.is_giving_back() {
            return false;
        }
        self.see(calendar, policy, now);
        if self.state != State::Watched {
            return false;
        }
        self.judge_back(policy, now);
        let says = evidence::look(calendar, 0, &mut self.memory.clone(), self.began, now);
        let unreadable = matches!(says, Says::Unknown | Says::Unexplained)
            && self.meanwhile(calendar, says, policy, now).is_none();
        let Some(back) = &mut self.wanted else { return false };
        if unreadable && now < back.decided + policy.recheck {
            back.way = Way::Wanted((now + REST, now + REST));
            return false;
        }
        matches!(back.way, Way::Wanted((first, _)) if first <= now)
    }

    /// What the LMS answered to whoever wants the place back.
    fn answered_back(&mut self, mood: Mood, room: Room, policy: &Policy, now: Time) {
        let deadline = self.memory.start.map(|start| start - policy.deadline).filter(|at| *at > now);
        let Some(back) = &mut self.wanted else { return };
        match mood {
            Mood::Up if room == Room::Free || self.held => {
                (self.wanted, self.told, self.given_up, self.ours) = (None, false, None, false);
            }
            Mood::Up
            | Mood::Refuses
            | Mood::TooLate
            | Mood::SaysOddly
            | Mood::AnswersOddly
            | Mood::IsDeemedDown => self.tell(),
            Mood::Down | Mood::LosesReplies => {
                back.failures += 1;
                back.unsure |= mood == Mood::LosesReplies;
                back.way = Way::Wanted(again(back.failures, deadline, now));
            }
        }
        // "When it is over, the calendar is looked at again."
        self.look = Some(self.look.map_or(now, |look| look.min(now)));
    }

    /// Carries a waiting cancellation on, up to the claim. True: the LMS is to be asked now.
    pub(super) fn carry(&mut self, calendar: &Calendar, policy: &Policy, lms: Lms, now: Time) -> bool {
        self.lapse(now);
        match self.state {
            State::Waiting => {}
            State::Watched if self.wanted.is_some() => {
                return self.carry_back(calendar, policy, lms.room, now);
            }
            State::Running(_) | State::Watched | State::Done | State::Expired | State::Review(_) => {
                return false;
            }
        }
        if self.is_too_late(policy, now) {
            self.too_late(now);
            return false;
        }
        self.see(calendar, policy, now);
        if self.state != State::Waiting {
            return false;
        }
        // Moved to an earlier time: "the deadline is judged at every step".
        if self.is_too_late(policy, now) {
            self.too_late(now);
            return false;
        }
        let says = evidence::look(calendar, 0, &mut self.memory.clone(), self.began, now);
        let unreadable = matches!(says, Says::Unknown | Says::Unexplained)
            && self.meanwhile(calendar, says, policy, now).is_none();
        if unreadable {
            // "At most `policy.recheck` of patience with an unreadable Graph, then the stored evidence
            // counts." From the first look that failed.
            let since = self.unknown_since.into_iter().chain(self.unreadable_since).min().unwrap_or(now);
            self.unreadable_since = Some(since);
            // "That patience is for strong decisions; a weak one is sent only after a fresh look, and goes to
            // a person at the deadline", which is known of whatever was seen once.
            let waits = !self.is_strong() && !self.past_deadline(policy, now);
            let ends = if waits { Time::MAX } else { since + policy.recheck };
            if now < ends {
                // How often it is tried meanwhile is left open: as long again as it took so far, at least
                // half a minute, and not much more rarely than hourly.
                let next = (now + (now - since).clamp(30, HOUR.max(policy.recheck))).min(ends);
                let deadline = self.memory.start.map(|start| start - policy.deadline).filter(|at| *at > now);
                let next = deadline.map_or(next, |deadline| next.min(deadline));
                self.due = Some((next, next));
                return false;
            }
            // Asked for late by a person, and still nothing but a removal.
            if !self.is_strong() {
                self.review(Asked::Evidence, now);
                return false;
            }
        } else {
            self.unreadable_since = None;
        }
        self.due.is_some_and(|(first, _)| first <= now)
    }

    /// Nobody came back who had claimed it: "a take-over obeys the deadline, the valve, … like a first
    /// attempt", and whether the first one took effect is open.
    pub(super) fn lapse(&mut self, now: Time) -> bool {
        let over = matches!(self.state, State::Running(until) if until <= now);
        if over {
            self.state = State::Waiting;
            self.due = Some((now, now));
            self.unsure = true;
        }
        let Some(back) = &mut self.wanted else { return over };
        let is_over = matches!(back.way, Way::Running(until) if until <= now);
        if is_over {
            (back.way, back.unsure) = (Way::Wanted((now, now)), true);
        }
        over || is_over
    }

    /// The claim is written, and whoever wrote it is killed.
    pub(super) fn abandon(&mut self, now: Time) {
        if let Some(back) = &mut self.wanted {
            back.way = Way::Running(now + LEASE);
            return;
        }
        self.sent = true;
        self.state = State::Running(now + LEASE);
        self.due = None;
    }

    /// The order reaches the LMS (or not).
    pub(super) fn ask_lms(&mut self, Lms { mood, room }: Lms) {
        if self.wanted.is_some() {
            let acts = matches!(mood, Mood::Up | Mood::LosesReplies) && room == Room::Free;
            if acts && !self.held {
                self.held = true;
                self.backs.push(self.generation);
            }
            return;
        }
        match mood {
            // A repeated `webhook-id` is the same request: one effect.
            Mood::Up | Mood::LosesReplies if !self.effects.contains(&(self.generation, self.decision)) => {
                self.effects.push((self.generation, self.decision));
                self.held = false;
            }
            Mood::Up
            | Mood::LosesReplies
            | Mood::Down
            | Mood::Refuses
            | Mood::TooLate
            | Mood::SaysOddly
            | Mood::AnswersOddly
            | Mood::IsDeemedDown => {}
        }
    }

    /// What it answered is written down.
    pub(super) fn answered(&mut self, Lms { mood, room }: Lms, policy: &Policy, now: Time) {
        if self.wanted.is_some() {
            return self.answered_back(mood, room, policy, now);
        }
        self.due = None;
        self.sent = true;
        match mood {
            Mood::Up => {
                self.state = State::Done;
                self.ended = Some(now);
                self.unsure = false;
            }
            Mood::Refuses => {
                self.review(Asked::Lms, now);
                self.unsure = false;
            }
            Mood::SaysOddly | Mood::AnswersOddly => {
                self.review(Asked::Lms, now);
                self.unsure = true;
            }
            Mood::TooLate => {
                self.expire(now);
                self.unsure = false;
            }
            Mood::Down | Mood::LosesReplies | Mood::IsDeemedDown => {
                self.state = State::Waiting;
                self.failures += 1;
                self.unsure |= mood != Mood::Down;
                let deadline = self.memory.start.map(|start| start - policy.deadline).filter(|at| *at > now);
                self.due = Some(again(self.failures, deadline, now));
            }
        }
    }
}

/// "Back-off with jitter": doubling from 30 seconds to an hour; chance takes between half and all of it.
fn again(failures: u32, deadline: Option<Time>, now: Time) -> Span {
    let whole = (30 << (failures - 1).min(20)).min(HOUR);
    let not_after = |at: Time| deadline.map_or(at, |deadline| at.min(deadline));
    (not_after(now + whole / 2), not_after(now + whole))
}
