//! Carries the script out, and has what came of it judged and printed.

use crate::books::{Books, Decline};
use crate::deployment::{Deployment, tenant};
use crate::forecast::{EVERY, Sampler};
use crate::host::Host;
use crate::judge::Judge;
use crate::report;
use crate::script::{Action, GROUP, Learner, ORGANIZER, Script, Session, Size, Variant, Who, start};
use chrono::{DateTime, Duration, Utc};
use simulator::disorder::Disorder;
use simulator::forward::book::Notice;
use simulator::forward::{FastClock, Forward, ForwardOptions};
use simulator::options::id_of;
use simulator::world::act::{ActError, Cancel, Invite, Move, Reinvite, Reply, Retime, Who as Whose};
use simulator::world::matrix::Matrix;
use simulator::world::{ChangeKind, Effects};
use std::rc::Rc;
use std::time::{Duration as Real, Instant};
use tokio::task::LocalSet;
use uuid::Uuid;

/// After the last act, so that the slowest may come to its end.
const AFTER: Duration = Duration::hours(44);

pub(crate) async fn run(size: Size, variant: Variant) {
    let began = Instant::now();
    LocalSet::new()
        .run_until(async {
            let script = Script::new(size);
            let mut stage = Stage::set(size, variant, &script).await;
            let sampler = stage.play(&script).await;
            let judge = Judge::of(&stage, &script).await;
            report::print(&stage, &judge, began.elapsed()).await;
            let far = sampler.hold(&stage, &script, &judge);
            judge.insist(&stage).await;
            assert!(far.is_empty(), "the forecast is too far from what was counted: {far:#?}");
        })
        .await;
}

pub(crate) fn organizer() -> Uuid {
    id_of("user", ORGANIZER)
}

pub(crate) struct Stage {
    pub(crate) size: Size,
    pub(crate) variant: Variant,
    pub(crate) host: Rc<Host>,
    pub(crate) world: Forward,
    pub(crate) books: Books,
}

impl Stage {
    async fn set(size: Size, variant: Variant, script: &Script) -> Self {
        let clock = FastClock::starting(start());
        let seconds = |from, to| Real::from_secs(from)..=Real::from_secs(to);
        let options = ForwardOptions {
            seed: size.seed,
            start: start(),
            tenant: script.tenant.clone(),
            matrix: Matrix::default(),
            weather: script.weather.clone(),
            disorder: Disorder { loss: 0.02, late: 0.03, lateness: seconds(60, 900), ..Disorder::default() },
            notification_delay: seconds(1, 20),
            notification_copies: 1..=3,
            latency: Real::from_millis(60)..=Real::from_millis(400),
        };
        let world = Forward::new(options, clock);
        let deployment = Deployment::new(tenant(&script.tenant, variant), clock, world.clone());
        let host = Host::start(deployment).await;
        Self { size, variant, host, world, books: Books::default() }
    }

    /// In which mailbox it can be seen that the learner declined, and since when.
    pub(crate) fn seen_in(&self, decline: &Decline) -> Option<(Uuid, DateTime<Utc>)> {
        match self.variant {
            Variant::Unreadable | Variant::Readable | Variant::Both => {
                Some((id_of("user", &decline.learner), decline.at))
            }
            Variant::Organizer => decline.mail.map(|at| (organizer(), at)),
        }
    }

    /// The copies in that mailbox.
    pub(crate) fn copies<'a>(&'a self, decline: &'a Decline) -> &'a [String] {
        match self.variant {
            Variant::Unreadable | Variant::Readable | Variant::Both => &decline.copies,
            Variant::Organizer => {
                self.books.originals.get(&decline.session).map(std::slice::from_ref).unwrap_or_default()
            }
        }
    }

    /// What became of the notices of these.
    pub(crate) fn notices(&self, decline: &Decline) -> Vec<Notice> {
        self.copies(decline).iter().flat_map(|copy| self.world.notices(copy)).collect()
    }

    /// The notice of the decline itself.
    pub(crate) fn notice(&self, decline: &Decline) -> Option<Notice> {
        let (_, at) = self.seen_in(decline)?;
        self.notices(decline).into_iter().rfind(|notice| (notice.at - at).abs() < Duration::seconds(1))
    }

    async fn play(&mut self, script: &Script) -> Sampler {
        let (mut sampler, mut samples_at) = (Sampler::default(), start());
        let ledger = self.host.deployment.ledger();
        let mut actions = script.actions.iter().peekable();
        let (end, mut gaps_at) = (self.size.end() + AFTER, start());
        loop {
            let now = self.world.now();
            if now >= end {
                return sampler;
            }
            while let Some((_, action)) = actions.next_if(|(at, _)| *at <= now) {
                self.carry_out(&script.people, action);
            }
            self.books.look(&ledger, now).await;
            if now >= samples_at {
                sampler.look(self, &script.people);
                samples_at = now + EVERY;
            }
            if now >= gaps_at {
                self.books.look_for_gaps(&ledger, &script.people, now).await;
                gaps_at = now + Duration::hours(1);
            }
            let minute = now + Duration::minutes(1);
            let next = actions.peek().map_or(minute, |(at, _)| minute.min(*at));
            tokio::time::sleep((next - now).to_std().unwrap_or_default()).await;
        }
    }

    /// What makes no sense by then (the copy is gone, say) is left out.
    fn carry_out(&mut self, people: &[Learner], action: &Action) {
        let now = self.world.now();
        let person = |who: &Who| &people[*who];
        match action {
            Action::Invite(session) => self.invite(people, session, now),
            Action::Decline { who, session, mail } => {
                let mut act = Reply::new(&person(who).address, session);
                act = match mail {
                    Some(after) => act.mail_after(after.to_std().unwrap()),
                    None => act.silent(),
                };
                let done = self.world.act(|model, now| model.decline(&act, now));
                self.declined(person(who), *who, session, *mail, done, now);
            }
            Action::Delete { who, session } => {
                let act = Reply::new(&person(who).address, session);
                let done = self.world.act(|model, now| model.delete(&act, now));
                self.declined(person(who), *who, session, None, done, now);
            }
            Action::Accept { who, session } => {
                let act = Reply::new(&person(who).address, session);
                if self.other(people, session, self.world.act(|model, now| model.accept(&act, now))) {
                    self.books.answers += 1;
                    self.books.placed_again(*who, session, "the learner accepted", now);
                }
            }
            Action::Reinvite { who, session } => {
                let act =
                    Reinvite { learner: person(who).address.clone(), session: session.clone(), enrol: false };
                if self.other(people, session, self.world.act(|model, now| model.reinvite(&act, now))) {
                    self.books.placed_again(*who, session, "the learner was invited again", now);
                }
            }
            Action::Move { who, session } => {
                let calendar = "Training".to_owned();
                let act = Move { learner: person(who).address.clone(), session: session.clone(), calendar };
                self.other(people, session, self.world.act(|model, now| model.move_copy(&act, now)));
            }
            Action::Touch { who, session } => {
                let act = Whose { learner: person(who).address.clone(), session: session.clone() };
                self.other(people, session, self.world.act(|model, now| model.touch(&act, now)));
            }
            Action::Retime { session, start, end } => {
                let act = Retime { session: session.clone(), start: *start, end: *end };
                if self.other(people, session, self.world.act(|model, now| model.retime(&act, now))) {
                    self.books.undone(session, None, "the session was moved", now);
                    self.books.scheduled(session, *start, *end);
                }
            }
            Action::Cancel { session } => {
                let act = Cancel { session: session.clone() };
                if self.other(people, session, self.world.act(|model, now| model.cancel(&act, now))) {
                    self.books.cancelled(session, now);
                }
            }
            Action::Join(who) => self.world.set_member(GROUP, person(who).id, true),
            Action::Leave { who, disabled: true } => self.world.set_enabled(person(who).id, false),
            Action::Leave { who, disabled: false } => self.world.set_member(GROUP, person(who).id, false),
            Action::LoseSubscription { who, with_a_word } => {
                self.world.lose_subscriptions(person(who).id, *with_a_word);
            }
            Action::LoseOrganizers { with_a_word } => {
                self.world.lose_subscriptions(organizer(), *with_a_word);
            }
            Action::SayMissed(who) => self.world.say_missed(person(who).id),
            Action::AskReauthorization { who, pause } => {
                self.world.ask_reauthorization(person(who).id, *pause)
            }
        }
    }

    fn invite(&mut self, people: &[Learner], session: &Session, now: DateTime<Utc>) {
        self.books.scheduled(&session.name, session.start, session.end);
        for who in &session.learners {
            self.books.invited(*who, &session.name, now);
        }
        let addresses: Vec<&str> = session.learners.iter().map(|who| people[*who].address.as_str()).collect();
        let act = Invite::new(&session.name, ORGANIZER, &addresses, session.start, session.end);
        self.other(people, &session.name, self.world.act(|model, now| model.invite(&act, now)));
    }

    fn declined(
        &mut self,
        person: &Learner,
        who: Who,
        session: &str,
        mail: Option<Duration>,
        done: Result<Effects, ActError>,
        now: DateTime<Utc>,
    ) {
        let Ok(effects) = done else { return };
        let kept = effects.changes.iter().all(|change| change.kind != ChangeKind::Deleted);
        self.books.declined(who, &person.address, session, kept, mail, now);
    }

    /// True when it was done. Remembers by which ids the copies go.
    fn other(&mut self, people: &[Learner], session: &str, done: Result<Effects, ActError>) -> bool {
        let Ok(effects) = done else { return false };
        for change in &effects.changes {
            if let Some(who) = people.iter().position(|person| person.id == change.user) {
                self.books.copy(who, session, &change.immutable);
            } else if change.user == organizer() {
                self.books.originals.insert(session.to_owned(), change.immutable.clone());
            }
        }
        true
    }
}
