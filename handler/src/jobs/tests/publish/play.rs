//! What the tests of publishing have in common.

use crate::ids::{LearnerKey, SessionId};
use crate::jobs::JobError;
use crate::jobs::publish::merge_places::{self, Reading};
use crate::jobs::publish::merge_sessions::{self, Merged};
use crate::jobs::publish::publish_session::publish;
use crate::jobs::publish::published::{Counts, Published};
use crate::jobs::publish::source::Source;
use crate::jobs::publish::unbroken;
use crate::jobs::testing::published::CALENDAR;
use crate::jobs::testing::{ORGANIZER, World, address, contoso};
use crate::ledger::written_events;
use crate::publishing::event_key::{Audience, EventKey};
use crate::publishing::policy::{Chosen, PublishState, Publisher, Publishing};
use crate::publishing::testing::record;
use crate::publishing::written::Written;
use crate::sessions::absence::SingleRead;
use crate::sessions::pass::Pass;
use crate::sessions::place_record::{PlaceRecord, RecordId, RecordState};
use crate::sessions::session::{Instructor, PartId, Session};
use crate::sessions::vanish_brake::VanishLimits;
use async_trait::async_trait;
use chrono::Duration;
use std::collections::BTreeSet;
use std::sync::Mutex;
use tokio::time::Instant;

pub(super) fn publisher() -> Publisher {
    Publisher {
        policy: Publishing { state: PublishState::On, ..Publishing::default() },
        calendar: Some(address(CALENDAR)),
        ..Publisher::new(address(ORGANIZER))
    }
}

pub(super) fn the_session() -> SessionId {
    SessionId::new("4711")
}

/// An LMS that is asked for one id.
pub(super) struct FakeSource {
    pub(super) reads: bool,
    pub(super) says: SingleRead,
    pub(super) asked: Mutex<Vec<String>>,
}

impl FakeSource {
    pub(super) fn saying(says: SingleRead) -> Self {
        Self { reads: true, says, asked: Mutex::default() }
    }

    /// One without single reads.
    pub(super) fn silent() -> Self {
        Self { reads: false, ..Self::saying(SingleRead::Unknown) }
    }
}

#[async_trait]
impl Source for FakeSource {
    fn reads_sessions(&self) -> bool {
        self.reads
    }

    fn reads_records(&self) -> bool {
        self.reads
    }

    async fn session(&self, session: &SessionId) -> SingleRead {
        self.asked.lock().unwrap().push(session.to_string());
        self.says
    }

    async fn record(&self, _session: &SessionId, record: &RecordId) -> SingleRead {
        self.asked.lock().unwrap().push(record.0.clone());
        self.says
    }
}

pub(super) fn sessions(all: &[Session]) -> Pass<SessionId, Session> {
    let mut pass = Pass::default();
    all.iter().for_each(|one| pass.see(one.id.clone(), one.clone()));
    pass
}

/// Of a pass by record.
pub(super) fn records(all: &[PlaceRecord]) -> Pass<RecordId, PlaceRecord> {
    let mut pass = Pass::default();
    all.iter().for_each(|one| pass.see(one.id.clone(), one.clone()));
    pass
}

/// A record of the session, held.
pub(super) fn held(learner: &str) -> PlaceRecord {
    record(&format!("r-{learner}"), learner, RecordState::Held)
}

pub(super) fn cancelled(learner: &str) -> PlaceRecord {
    record(&format!("r-{learner}"), learner, RecordState::Cancelled)
}

/// The session, led by these.
pub(super) fn led(session: Session, names: &[&str]) -> Session {
    let one = |name: &&str| Instructor {
        address: Some(address(name)),
        name: Some((*name).to_owned()),
        is_primary: false,
    };
    Session { instructors: names.iter().map(one).collect(), ..session }
}

/// A second later a whole pass over the sessions begins.
pub(super) async fn merge_sessions(
    world: &World,
    source: &FakeSource,
    pass: &Pass<SessionId, Session>,
) -> Merged {
    world.clock.advance(Duration::seconds(1));
    let limits = VanishLimits::default();
    merge_sessions::merge(&world.app, &contoso(), source, pass, world.now(), limits).await.unwrap()
}

/// The same over the places of this one session.
pub(super) async fn merge_places(
    world: &World,
    source: &FakeSource,
    pass: &Pass<RecordId, PlaceRecord>,
) -> Merged {
    world.clock.advance(Duration::seconds(1));
    let covered: BTreeSet<SessionId> = [the_session()].into();
    let reading = Reading { pass, covered: &covered, began: world.now() };
    let limits = VanishLimits::default();
    merge_places::merge(&world.app, &contoso(), source, &reading, limits).await.unwrap()
}

/// The LMS shows this session and these records, and nothing else.
pub(super) async fn tell(world: &World, session: &Session, places: &[PlaceRecord]) {
    world.graph.hire(CALENDAR);
    let source = FakeSource::saying(SingleRead::Gone);
    merge_sessions(world, &source, &sessions(std::slice::from_ref(session))).await;
    merge_places(world, &source, &records(places)).await;
}

pub(super) async fn once(world: &World) -> Result<Published, JobError> {
    unbroken::beat(&world.app.ledger, &contoso(), world.now()).await?;
    publish(&world.app, world.context(), &publisher(), &Chosen::All, &the_session(), u32::MAX, ends()).await
}

/// The same for another publisher, until nothing waits.
pub(super) async fn run_as(world: &World, publisher: &Publisher, chosen: &Chosen) {
    for _ in 0..60 {
        let (context, session) = (world.context(), the_session());
        let done = publish(&world.app, context, publisher, chosen, &session, u32::MAX, ends()).await;
        match done.unwrap().next {
            Some(next) => world.clock.set(next.max(world.now() + Duration::milliseconds(1))),
            None => return,
        }
    }
    panic!("it comes to no end");
}

/// No run of a test takes so long.
pub(super) fn ends() -> Instant {
    Instant::now() + std::time::Duration::from_secs(3_600)
}

/// What would be mailed; nothing is written.
pub(super) async fn counted(world: &World) -> Counts {
    let mut publisher = publisher();
    publisher.policy.state = PublishState::Preview;
    let (context, session) = (world.context(), the_session());
    let done =
        publish(&world.app, context, &publisher, &Chosen::All, &session, u32::MAX, ends()).await.unwrap();
    assert!(done.done.is_empty(), "{done:?}");
    done.due
}

/// Until nothing waits.
pub(super) async fn run(world: &World) {
    for _ in 0..40 {
        match once(world).await.unwrap().next {
            Some(next) => world.clock.set(next.max(world.now() + Duration::milliseconds(1))),
            None => return,
        }
    }
    panic!("it comes to no end");
}

pub(super) async fn written(world: &World, learner: &str) -> Written {
    written_of(world, Audience::Learner(LearnerKey::new(address(learner).as_str()))).await
}

pub(super) async fn written_of(world: &World, audience: Audience) -> Written {
    let key = EventKey { session: the_session(), part: PartId("1".into()), audience };
    written_events::load(&world.app.ledger, &contoso(), &key).await.unwrap().expect("it is written").value
}

/// Who was mailed since the last look, and why, by name.
pub(super) fn mailed(world: &World) -> Vec<(String, &'static str)> {
    let mut mails = world.graph.mails();
    mails.sort();
    mails
}

pub(super) fn to(name: &str, why: &'static str) -> (String, &'static str) {
    (name.to_owned(), why)
}
