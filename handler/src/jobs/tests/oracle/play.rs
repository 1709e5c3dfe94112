//! Plays a history on the world in memory and on the oracle side by side, and holds the one against the other
//! after every step: the ledger must be one of those that the rules allow.

use super::allowed::Oracle;
use super::calendar::{Act, Calendar, MINUTE, Time, Told, What, at};
use super::history::{Action, Fault, History, Post, Step};
use super::model::{Asked, Ledger, Mood, Policy, Room, State, Verdict, Way, Weak, Word};
use crate::calendar::matching::SessionSource;
use crate::config::Tenant;
use crate::enrolment::decision::ReviewCause;
use crate::enrolment::lms_answer::{LmsOutcome, OrderVerdict, Place, Reach, Reply, RestoreOutcome, Restored};
use crate::enrolment::operator_decision::OperatorDecision;
use crate::enrolment::policy::{Mailboxes, TakeBack, WeakPolicy};
use crate::enrolment::transitions::{self, StateColumn};
use crate::graph::GraphError;
use crate::jobs::observe::hints;
use crate::jobs::operate::housekeeping;
use crate::jobs::operate::operator::{self, Attribution, OperatorError};
use crate::jobs::testing::graph::{failure, unavailable};
use crate::jobs::testing::lms::{self, down, reply};
use crate::jobs::testing::{ORGANIZER, World, changes, noon, user};
use crate::ledger::enrolment_ids;
use crate::lms::Connector;
use crate::messages::{ChangeType, Hint};
use chrono::{DateTime, Utc};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use std::sync::atomic::Ordering;

/// What a ledger looks like from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
struct View {
    state: Shown,
    verdict: Option<Verdict>,
    generation: u32,
    decision: u32,
    effects: Vec<(u32, u32)>,
    repeats: u32,
    back: Option<ShownBack>,
    /// A person is told that the learner accepted what is gone.
    told: bool,
    backs: Vec<u32>,
    remembered: Remembered,
}

/// What is wanted back; and whether an attempt may have done it unseen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ShownBack {
    Wanted(bool),
    Running,
}

/// What a ledger keeps of its readings and attempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Remembered {
    /// Looks in a row that read nothing, and when the next one is.
    pub(super) unreadable_looks: u32,
    pub(super) look: Option<Time>,
    pub(super) weak_since: Option<Time>,
    pub(super) unexplained_since: Option<Time>,
    pub(super) unknown_since: Option<Time>,
    pub(super) unsure: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Watched,
    Waiting,
    Running,
    Done,
    Expired,
    ReviewEvidence,
    ReviewLms,
}

impl View {
    fn of_model(ledger: &Ledger) -> Self {
        let state = match ledger.state {
            State::Watched => Shown::Watched,
            State::Waiting => Shown::Waiting,
            State::Running(_) => Shown::Running,
            State::Done => Shown::Done,
            State::Expired => Shown::Expired,
            State::Review(Asked::Evidence) => Shown::ReviewEvidence,
            State::Review(Asked::Lms) => Shown::ReviewLms,
        };
        let verdict = ledger.basis.as_ref().map(|basis| basis.verdict);
        let (generation, decision) = (ledger.generation, ledger.decision);
        let (effects, repeats) = (ledger.effects.clone(), ledger.repeats);
        let remembered = ledger.remembered();
        let back = ledger.wanted.as_ref().map(|back| match back.way {
            Way::Wanted(_) => ShownBack::Wanted(back.unsure),
            Way::Running(_) => ShownBack::Running,
        });
        let (told, backs) = (ledger.told, ledger.backs.clone());
        Self { state, verdict, generation, decision, effects, repeats, back, told, backs, remembered }
    }

    async fn of_world(world: &World) -> Option<Self> {
        let row = world.find("ana", 1).await?;
        let cause = row.attempt.review.as_ref().map(|review| review.cause);
        let state = match (row.state, cause) {
            (transitions::State::Watched, _) => Shown::Watched,
            (transitions::State::Waiting, _) => Shown::Waiting,
            (transitions::State::Running, _) => Shown::Running,
            (transitions::State::Done, _) => Shown::Done,
            (transitions::State::Expired, _) => Shown::Expired,
            (transitions::State::Review, Some(ReviewCause::Lms)) => Shown::ReviewLms,
            (
                transitions::State::Review,
                Some(ReviewCause::Evidence | ReviewCause::Decline | ReviewCause::Parts) | None,
            ) => Shown::ReviewEvidence,
        };
        let verdict = row.decision.as_ref().map(|decision| match decision.verdict {
            OrderVerdict::Declined => Verdict::Declined,
            OrderVerdict::Removed => Verdict::Removed,
            OrderVerdict::Unseen => Verdict::Unseen,
        });
        let effects = world
            .lms
            .effects()
            .into_keys()
            .map(|(_, _, generation, decision)| (generation, decision))
            .collect();
        let (generation, decision, repeats) = (row.generation, row.decisions, row.attempt.repeats);
        let part = row.parts.first();
        let after_noon = |time: DateTime<Utc>| (time - noon()).num_seconds();
        let remembered = Remembered {
            unreadable_looks: part.map_or(0, |part| part.unreadable),
            look: part.and_then(|part| part.look).map(after_noon),
            weak_since: part.and_then(|part| part.weak_since).map(after_noon),
            unexplained_since: part.and_then(|part| part.unexplained_since).map(after_noon),
            unknown_since: part.and_then(|part| part.unknown_since).map(after_noon),
            unsure: row.maybe_effected,
        };
        let maybe = row.attempt.give_back.as_ref().is_some_and(|wanted| wanted.maybe_effected);
        let back = match row.stand() {
            StateColumn::BackWanted => Some(ShownBack::Wanted(maybe)),
            StateColumn::BackRunning => Some(ShownBack::Running),
            StateColumn::Watched
            | StateColumn::WaitingStrong
            | StateColumn::WaitingWeak
            | StateColumn::Running
            | StateColumn::Done
            | StateColumn::Expired
            | StateColumn::ReviewStrong
            | StateColumn::ReviewWeak
            | StateColumn::ReviewParts
            | StateColumn::ReviewLms => None,
        };
        let (told, backs) = (row.taken_back.is_some(), world.lms.effects_back().into_keys().collect());
        Some(Self { state, verdict, generation, decision, effects, repeats, back, told, backs, remembered })
    }
}

/// What Graph says of a change.
pub(super) fn hint(calendar: &Calendar, told: Told) -> Hint {
    let change = match told.what {
        What::Created => ChangeType::Created,
        What::Updated => ChangeType::Updated,
        What::Deleted => ChangeType::Deleted,
    };
    Hint::Changed { mailbox: user("ana"), event: calendar.items[told.item].id(told.id), change }
}

/// Shows Graph what is in the mailboxes now.
pub(super) fn show(world: &World, calendar: &Calendar) {
    let graph = &world.graph;
    graph.show("ana", calendar.learners());
    graph.show(ORGANIZER, calendar.organizers());
    graph.down(calendar.down.then(unavailable));
    let refused = calendar.refused.then(|| GraphError::Refused(failure()));
    graph.set_failure("ana", refused.or(calendar.unread.then(unavailable)));
    graph.set_failure(ORGANIZER, calendar.organizer_unread.then(unavailable));
}

/// What an LMS in this mood answers; `None`: what it should.
pub(super) fn answer(mood: Mood) -> Option<Reply> {
    match mood {
        Mood::Up => None,
        Mood::Down => Some(down()),
        Mood::LosesReplies => Some(Reply { reach: Reach::Sent, ..down() }),
        Mood::Refuses => Some(reply(LmsOutcome::Refused)),
        Mood::TooLate => Some(reply(LmsOutcome::TooLate)),
        Mood::SaysOddly => Some(reply(LmsOutcome::Unclear)),
        Mood::AnswersOddly | Mood::IsDeemedDown => Some(reply(LmsOutcome::Unexpected)),
    }
}

/// The same to whoever wants a place back.
fn answer_back(mood: Mood) -> Option<Restored> {
    let (outcome, reach) = match mood {
        Mood::Up => return None,
        Mood::Down => (RestoreOutcome::Outage, Reach::NotReached),
        Mood::LosesReplies => (RestoreOutcome::Outage, Reach::Sent),
        Mood::Refuses => (RestoreOutcome::Refused, Reach::Sent),
        Mood::TooLate => (RestoreOutcome::Closed, Reach::Sent),
        Mood::SaysOddly => (RestoreOutcome::Unclear, Reach::Sent),
        Mood::AnswersOddly | Mood::IsDeemedDown => (RestoreOutcome::UnknownLearner, Reach::Sent),
    };
    Some(Restored::new(outcome, reach))
}

/// A person says a word about the place, if there is one.
pub(super) async fn say(world: &World, said: OperatorDecision, late: bool) {
    if let Some(row) = world.find("ana", 1).await {
        let id = enrolment_ids::id_of(&row.reference());
        let signed = Attribution { by: "olga".into(), reason: "as agreed".into() };
        match operator::decide_late(&world.app, &id, said, &signed, late).await {
            Ok(_) | Err(OperatorError::Conflict(_)) => {}
            Err(other) => panic!("{other}"),
        }
    }
}

fn give_way(world: &World, yields: bool) {
    for one in [&world.tables.yields, &world.graph.yields, &world.lms.yields] {
        one.store(yields, Ordering::SeqCst);
    }
}

/// Lets others go first, so many times.
async fn later(turns: usize) {
    for _ in 0..turns {
        tokio::task::yield_now().await;
    }
}

struct Play {
    world: World,
    calendar: Calendar,
    oracle: Oracle,
    mood: Mood,
    now: Time,
    kept: Vec<Told>,
    /// What the world's Graph shows is the calendar of this moment.
    shown: Option<Calendar>,
    killed: bool,
    /// When the last cancellation took effect at the LMS, and how many have.
    gone: (Time, usize),
    /// A person has said something.
    spoken: bool,
}

pub(super) fn configure(tenant: &mut Tenant, history: &History) {
    let weak = |weak| match weak {
        Weak::Cancel => WeakPolicy::Cancel,
        Weak::Review => WeakPolicy::Review,
        Weak::Ignore => WeakPolicy::Ignore,
    };
    let Policy { removed, unseen, settle, grace, recheck, deadline, reinstates, window } = history.policy;
    let policy = &mut tenant.policy;
    (policy.removed, policy.unseen) = (weak(removed), weak(unseen));
    policy.settle = chrono::Duration::seconds(settle);
    policy.grace = chrono::Duration::seconds(grace);
    policy.recheck = chrono::Duration::seconds(recheck);
    policy.deadline = chrono::Duration::seconds(deadline);
    policy.take_back = if reinstates { TakeBack::Reinstate } else { TakeBack::Record };
    policy.take_back_window = chrono::Duration::seconds(window);
    tenant.watch.mailboxes = Mailboxes::Users(vec!["ana@contoso.com".into()]);
    tenant.recognise.session = SessionSource::ICalUid(super::uid_of_a_session());
    if !history.organizer_readable {
        tenant.watch.organizers.clear();
    }
}

/// Plays a history to its quiet end.
pub(super) async fn play(history: &History) -> Result<(), TestCaseError> {
    let mut world = World::with(|tenant| configure(tenant, history)).await;
    // What following finds is handed over where the history has it, and at no other time.
    world.follows = false;
    let calendar = Calendar::new(1, history.start, history.organizer_readable);
    let room = if history.gives_back { Room::Free } else { Room::Unable };
    world.lms.gives_back.store(history.gives_back, Ordering::SeqCst);
    let mut play = Play {
        world,
        calendar,
        oracle: Oracle::new(history.policy, history.lms_readable, room),
        mood: Mood::Up,
        now: 0,
        kept: Vec::new(),
        shown: None,
        killed: false,
        gone: (0, 0),
        spoken: false,
    };
    play.world.lms.shows(history.lms_readable.then_some(Place::Gone));
    // The mailbox is watched and compared before there is anything in it.
    play.world.watch().await;
    play.show();
    let invited = Told { item: 0, id: 0, what: What::Created };
    if history.seen_first {
        play.tell(invited, Fault::None).await;
    } else {
        play.kept.push(invited);
    }
    for step in &history.steps {
        play.step(step).await?;
    }
    play.end().await
}

impl Play {
    fn show(&mut self) {
        self.calendar.post(self.now);
        if self.shown.as_ref() == Some(&self.calendar) {
            return;
        }
        show(&self.world, &self.calendar);
        self.shown = Some(self.calendar.clone());
    }

    fn set(&mut self, now: Time) {
        self.now = now;
        self.world.clock.set(at(now));
        self.show();
    }

    fn mood(&mut self, mood: Mood) {
        self.mood = mood;
        self.world.lms.always(answer(mood));
        self.world.lms.always_back(answer_back(mood));
    }

    /// The next tick at which the world or the oracle may find something to do.
    fn next_tick(&self) -> Option<Time> {
        let due = self.world.next_tick().map(|tick| (tick - at(0)).num_seconds());
        let due = [due, self.oracle.next()].into_iter().flatten().min()?;
        let next = due.max(self.now + 1);
        Some((next + MINUTE - 1) / MINUTE * MINUTE)
    }

    /// Lets time pass, with a tick every minute; those that find nothing to do are left out.
    async fn pass(&mut self, until: Time) -> Result<(), TestCaseError> {
        while let Some(tick) = self.next_tick().filter(|tick| *tick <= until) {
            self.set(tick);
            self.tick().await?;
        }
        self.set(until);
        Ok(())
    }

    async fn tick(&mut self) -> Result<(), TestCaseError> {
        let before = self.asked();
        self.world.tick().await;
        self.oracle.tick(&self.calendar, self.mood, self.now);
        self.attended(before, &[&self.calendar])?;
        self.check("after a tick").await
    }

    /// How often the LMS was asked to cancel, and to give back.
    fn asked(&self) -> (usize, usize) {
        (self.world.lms.asked(), self.world.lms.orders_back().len())
    }

    /// Nobody is taken to the LMS who attends, and nobody who has declined gets a place back, as everybody
    /// could see at all of these moments.
    fn attended(&self, before: (usize, usize), seen: &[&Calendar]) -> Result<(), TestCaseError> {
        let (attends, declines) = (
            seen.iter().all(|calendar| calendar.attends(0)),
            seen.iter().all(|calendar| calendar.declines(0)),
        );
        let (cancels, backs) = self.asked();
        prop_assert!(!attends || cancels == before.0, "who attends was taken to the LMS");
        prop_assert!(!declines || backs == before.1, "a place was wanted back for who has declined");
        Ok(())
    }

    /// Each cancellation is given back once at most, and nothing of an older generation is sent after it.
    fn given_back_once(&self, when: &str) -> Result<(), TestCaseError> {
        let lms = &self.world.lms;
        let (effects, backs) = (lms.effects(), lms.effects_back());
        for (generation, count) in &backs {
            let of_the_one_before = effects.keys().any(|(_, _, of, _)| of + 1 == *generation);
            prop_assert!(*count == 1 && of_the_one_before, "{when}: {backs:?} of {effects:?}");
        }
        let mut newest = 0;
        for asked in lms.log() {
            match asked {
                lms::Asked::Back(generation) => newest = newest.max(generation),
                lms::Asked::Cancel(generation) => {
                    prop_assert!(generation >= newest, "{when}: {:?}", lms.log());
                }
            }
        }
        Ok(())
    }

    /// Whoever takes part, and accepted within the window of the cancellation, has the place again, or a
    /// person knows.
    async fn nobody_is_left_without_a_place(&self) -> Result<(), TestCaseError> {
        let (gone, window) = (self.gone.0, self.oracle.policy.window);
        let accepted = self.calendar.accepted(0).filter(|at| *at > gone && *at <= gone + window);
        let is_over = self.calendar.items[0].start <= self.now;
        if accepted.is_none() || is_over || self.spoken || !self.world.lms.is_gone() {
            return Ok(());
        }
        let Some(row) = self.world.find("ana", 1).await else { return Ok(()) };
        let is_told = row.taken_back.is_some() || row.state == transitions::State::Review;
        prop_assert!(is_told, "who accepted has no place, and nobody knows: {:#?}", row.story);
        Ok(())
    }

    async fn step(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match step.fault {
            Fault::KilledTick(death) => {
                let until = self.now + step.wait;
                if let Some(tick) = self.next_tick().filter(|tick| *tick <= until) {
                    self.set(tick);
                    let before = self.asked();
                    let done = self.world.tables.killed(death, self.world.tick()).await;
                    self.attended(before, &[&self.calendar])?;
                    match done {
                        Some(_) => self.oracle.tick(&self.calendar, self.mood, self.now),
                        None => {
                            self.killed = true;
                            self.oracle.killed_tick(&self.calendar, self.mood, self.now);
                        }
                    }
                    self.world.restart().await;
                    self.check("after a tick that was killed").await?;
                }
                self.pass(until).await?;
            }
            Fault::Race { lag, turns } => {
                let until = self.now + step.wait;
                if let (Action::Calendar(act), Some(tick)) =
                    (&step.action, self.next_tick().filter(|tick| *tick <= until))
                {
                    self.set(tick);
                    return self.race(*act, lag, turns).await;
                }
                self.pass(until).await?;
            }
            Fault::None | Fault::KilledObserver(_) => self.pass(self.now + step.wait).await?,
        }
        match &step.action {
            Action::Calendar(act) => {
                let told = self.calendar.act(0, *act, self.now);
                self.show();
                self.post(told, step).await;
            }
            Action::Lms(mood) => self.mood(*mood),
            Action::Operator(word) => self.operator(*word, false).await,
            Action::OperatorLate(word) => self.operator(*word, true).await,
            Action::Shows(given) => {
                if self.world.lms.can_read() {
                    self.world.lms.shows(Some(if *given { Place::Given } else { Place::Gone }));
                    self.oracle.given = *given;
                }
            }
            Action::Room(room) => {
                if self.world.lms.gives_back.load(Ordering::SeqCst) {
                    self.oracle.room = *room;
                    *self.world.lms.room.lock().unwrap() = match room {
                        Room::Full => lms::Room::Full,
                        Room::Line => lms::Room::Line,
                        Room::Free | Room::Unable => lms::Room::Free,
                    };
                }
            }
            Action::Deliver(index) => {
                if !self.kept.is_empty() {
                    let told = self.kept.remove(index.index(self.kept.len()));
                    self.tell(told, step.fault).await;
                }
            }
            Action::Restart => self.world.restart().await,
            Action::Resync => self.resync().await,
            Action::Housekeep => self.housekeep().await,
        }
        self.check("after a step").await
    }

    /// An act that comes while two workers follow the same wake-ups, each giving way to the others at every
    /// call. Who is told of it looks at once.
    async fn race(&mut self, act: Act, lag: usize, turns: usize) -> Result<(), TestCaseError> {
        let (before, asked) = (self.calendar.clone(), self.asked());
        let wake = self.world.dispatch().await;
        give_way(&self.world, true);
        let told = self.calendar.act(0, act, self.now);
        let hints: Vec<Hint> = told.iter().map(|told| self.hint(*told)).collect();
        let (world, calendar) = (&self.world, &self.calendar);
        let news = async {
            later(turns).await;
            show(world, calendar);
            for hint in hints {
                hints::observe(&world.app, &changes(&[hint])).await.unwrap();
            }
        };
        let second = async {
            later(lag).await;
            world.deliver(&wake).await;
        };
        futures::join!(world.deliver(&wake), second, news);
        give_way(&self.world, false);
        self.shown = Some(self.calendar.clone());
        self.follow(told.iter().any(|told| told.what == What::Deleted)).await;
        self.attended(asked, &[&before, &self.calendar])?;
        self.oracle.raced_tick(&before, &self.calendar, &told, self.mood, self.now);
        self.check("after a race").await
    }

    async fn post(&mut self, told: Vec<Told>, step: &Step) {
        match step.post {
            Post::AtOnce => {
                for one in told {
                    self.tell(one, step.fault).await;
                }
            }
            Post::Twice => {
                for one in told.iter().chain(told.iter().rev()) {
                    self.tell(*one, step.fault).await;
                }
            }
            Post::Later => self.kept.extend(told),
            Post::Lost => {}
        }
    }

    /// A hint arrives; where its observer is killed, the queue hands it out again.
    async fn tell(&mut self, told: Told, fault: Fault) {
        let message = changes(&[self.hint(told)]);
        if let Fault::KilledObserver(death) = fault {
            let observing = hints::observe(&self.world.app, &message);
            if self.world.tables.killed(death, observing).await.is_none() {
                self.killed = true;
                self.oracle.killed_observer(&self.calendar);
            }
            self.world.restart().await;
        }
        hints::observe(&self.world.app, &message).await.unwrap();
        self.follow(told.what == What::Deleted).await;
        self.oracle.hint(&self.calendar, told, self.now);
    }

    /// Where nobody has seen a copy, following the organizer's calendar tells of the invitation; `deleted`:
    /// even if the learner's mailbox tells nothing.
    async fn follow(&self, deleted: bool) {
        let calendar = &self.calendar;
        let is_mute = calendar.unread || calendar.refused;
        let is_readable = calendar.organizer_readable && !calendar.down && (deleted || !is_mute);
        if !is_readable || self.world.find("ana", 1).await.is_some() {
            return;
        }
        for original in calendar.organizers() {
            let hint = Hint::Invited { mailbox: user("ana"), organizer: user(ORGANIZER), event: original.id };
            hints::observe(&self.world.app, &changes(&[hint])).await.unwrap();
        }
    }

    fn hint(&self, told: Told) -> Hint {
        hint(&self.calendar, told)
    }

    /// A person says a word, whether or not anything waits for it.
    async fn operator(&mut self, word: Word, late: bool) {
        let said = match word {
            Word::Approve => OperatorDecision::Approve,
            Word::Ignore => OperatorDecision::Ignore,
            Word::Retry => OperatorDecision::Retry,
        };
        say(&self.world, said, late).await;
        self.spoken = true;
        self.oracle.operator(word, late, self.now);
    }

    async fn resync(&mut self) {
        self.world.resync("ana").await;
        self.follow(false).await;
        self.oracle.resync(&self.calendar, self.now);
    }

    async fn housekeep(&mut self) {
        housekeeping::housekeep(&self.world.app).await.unwrap();
        self.oracle.housekeep(self.now);
    }

    /// The ledger is one of those that the rules allow; the others are forgotten.
    async fn check(&mut self, when: &str) -> Result<(), TestCaseError> {
        let effects = self.world.lms.effects();
        prop_assert!(effects.values().all(|count| *count == 1), "{when}: {effects:?}");
        if effects.len() > self.gone.1 {
            self.gone = (self.now, effects.len());
        }
        self.given_back_once(when)?;
        let seen = View::of_world(&self.world).await;
        let Some(seen) = seen else {
            self.oracle.ledgers.retain(|ledger| *ledger == Ledger::new(self.world.lms.can_read()));
            let may_be = !self.oracle.known && !self.oracle.ledgers.is_empty();
            prop_assert!(may_be, "{when} at {}: the place is not known\n{:?}", self.now, self.calendar);
            return Ok(());
        };
        let allowed: Vec<View> = self.oracle.ledgers.iter().map(View::of_model).collect();
        let is_seen = |ledger: &Ledger| View::of_model(ledger) == seen;
        let looks_so =
            |ledger: &Ledger| View { remembered: seen.remembered.clone(), ..View::of_model(ledger) } == seen;
        // Where one of them remembers the same, it is that one: else each needless look would double how many
        // there may be. Where none does, a look came to what the model leaves open, and what it leads to is
        // compared.
        match self.oracle.ledgers.iter().any(is_seen) {
            true => self.oracle.ledgers.retain(is_seen),
            false => self.oracle.ledgers.retain(looks_so),
        }
        if self.oracle.ledgers.is_empty() {
            let row = self.world.row("ana", 1).await;
            let story: Vec<String> =
                row.story.iter().map(|line| format!("{} {}", line.at, line.text)).collect();
            return Err(TestCaseError::fail(format!(
                "{when}, {} s after noon: the ledger shows {seen:?}; the rules allow \
                 {allowed:?}\n{story:#?}\n{:?}",
                self.now, self.calendar
            )));
        }
        // A place that some of the allowed ledgers may know of is known now.
        self.oracle.known = true;
        Ok(())
    }

    /// Everything answers again, what was kept back arrives, the calendar is compared, and time goes on until
    /// all is quiet.
    async fn end(&mut self) -> Result<(), TestCaseError> {
        self.calendar.act(0, Act::GraphUp, self.now);
        self.calendar.act(0, Act::MailboxUp, self.now);
        self.calendar.act(0, Act::OrganizerUp, self.now);
        self.mood(Mood::Up);
        self.show();
        for told in std::mem::take(&mut self.kept) {
            self.tell(told, Fault::None).await;
            self.check("after what was kept back").await?;
        }
        self.resync().await;
        self.check("after the last comparison").await?;
        self.pass(self.now + 34 * super::calendar::HOUR).await?;
        self.housekeep().await;
        self.check("after the housekeeping").await?;
        self.pass(self.now + 20 * MINUTE).await?;
        self.resync().await;
        self.pass(self.now + 2 * super::calendar::HOUR).await?;
        self.check("in the end").await?;
        if let Some(row) = self.world.find("ana", 1).await {
            let open = matches!(row.state, transitions::State::Waiting | transitions::State::Running);
            // A removal is never carried out without a fresh look: in a mailbox that stays shut it waits for
            // the deadline.
            let is_weak = row.decision.as_ref().is_some_and(|decision| !decision.is_strong());
            let waits_for_a_look = self.calendar.refused && is_weak;
            prop_assert!(!open || waits_for_a_look, "no outcome: {row:#?}");
        }
        if self.killed {
            // What a kill kept from the audit of a place that rests is filed when its session is visited,
            // within a week.
            self.world.clock.advance(chrono::Duration::days(7));
            housekeeping::housekeep(&self.world.app).await.unwrap();
        }
        self.world.assert_sound("in the end");
        self.nobody_is_left_without_a_place().await?;
        prop_assert!(
            self.killed || self.world.lms.repeated() == 0,
            "asked again although it had said that it is done"
        );
        Ok(())
    }
}
