//! The same tests acted by a kit, where Regrets may write in no calendar: killed at any write, kits that are
//! away, and kits that lie.

use super::*;
use crate::canary_kit::over_graph::OverGraph;
use crate::canary_kit::{Copy, Kit, KitError, Made, Test};
use crate::graph::port::NewEvent;
use crate::ids::{EventId, ICalUid};
use crate::jobs::testing::graph::FakeGraph;
use async_trait::async_trait;
use std::sync::{Arc, Mutex};

const WRITES: [&str; 4] = ["create", "decline", "call_off", "delete"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lie {
    /// It says that it invites, and does not.
    Invites,
    /// It names another event than it made.
    Names,
    Declines,
    TakesAway,
}

/// Has rights of its own in the two mailboxes.
struct FakeKit {
    graph: Arc<FakeGraph>,
    lie: Option<Lie>,
    /// What becomes of everything that is asked of it.
    failure: Mutex<Option<KitError>>,
    /// So many acts are done, and their answers are lost.
    loses: Mutex<usize>,
}

impl FakeKit {
    fn of(world: &World, lie: Option<Lie>) -> Arc<Self> {
        let (failure, loses) = (Mutex::default(), Mutex::default());
        Arc::new(Self { graph: Arc::clone(&world.graph), lie, failure, loses })
    }

    fn fails(&self, is_final: bool) {
        *self.failure.lock().unwrap() = Some(KitError::Kit { said: "answers HTTP 500".to_owned(), is_final });
    }

    fn is_well(&self) {
        *self.failure.lock().unwrap() = None;
    }

    /// With rights that Regrets has not.
    async fn acts<T>(&self, act: impl Future<Output = Result<T, KitError>>) -> Result<T, KitError> {
        if let Some(failure) = self.failure.lock().unwrap().clone() {
            return Err(failure);
        }
        self.graph.writes(|writes| writes.refused.clear());
        let done = act.await;
        self.graph.writes(|writes| writes.refused = WRITES.to_vec());
        let mut loses = self.loses.lock().unwrap();
        if *loses > 0 {
            *loses -= 1;
            return Err(KitError::Kit { said: "gives no answer".to_owned(), is_final: false });
        }
        done
    }

    fn door(&self) -> OverGraph {
        OverGraph(self.graph.clone())
    }

    /// By the test alone, as a kit does that is asked over HTTP.
    async fn copy_of(&self, test: Test<'_>) -> Result<Option<Copy>, KitError> {
        let made = self.door().made(test).await?;
        match made.and_then(|made| made.ical_uid) {
            Some(uid) => self.door().copy(test, &uid).await,
            None => Ok(None),
        }
    }

    async fn take_away(&self, test: Test<'_>) -> Result<(), KitError> {
        let copy = self.copy_of(test).await?;
        if let Some(made) = self.door().made(test).await? {
            self.door().call_off(test, &made.event).await?;
        }
        match copy {
            Some(copy) => self.door().tidy(test, &copy.event).await,
            None => Ok(()),
        }
    }
}

#[async_trait]
impl Kit for FakeKit {
    async fn made(&self, test: Test<'_>) -> Result<Option<Made>, KitError> {
        self.acts(async { self.door().made(test).await }).await
    }

    async fn invite(&self, test: Test<'_>, wanted: &NewEvent) -> Result<Made, KitError> {
        let named = |uid: &str| Made {
            event: EventId::new(format!("e-{uid}")),
            ical_uid: Some(ICalUid::new(uid.to_owned())),
        };
        match self.lie {
            Some(Lie::Invites) => Ok(named("nowhere")),
            Some(Lie::Names) => {
                self.acts(async { self.door().invite(test, wanted).await }).await?;
                Ok(named(OTHER))
            }
            Some(Lie::Declines | Lie::TakesAway) | None => {
                self.acts(async { self.door().invite(test, wanted).await }).await
            }
        }
    }

    async fn copy(&self, test: Test<'_>, _: &ICalUid) -> Result<Option<Copy>, KitError> {
        self.acts(self.copy_of(test)).await
    }

    async fn decline(&self, test: Test<'_>, copy: &EventId) -> Result<bool, KitError> {
        match self.lie {
            Some(Lie::Declines) => Ok(true),
            Some(Lie::Invites | Lie::Names | Lie::TakesAway) | None => {
                self.acts(async { self.door().decline(test, copy).await }).await
            }
        }
    }

    async fn call_off(&self, test: Test<'_>, _: &EventId) -> Result<(), KitError> {
        match self.lie {
            Some(Lie::TakesAway) => Ok(()),
            Some(Lie::Invites | Lie::Names | Lie::Declines) | None => self.acts(self.take_away(test)).await,
        }
    }

    async fn tidy(&self, _: Test<'_>, _: &EventId) -> Result<(), KitError> {
        Err(KitError::Kit { said: "shows a copy still".to_owned(), is_final: false })
    }
}

/// Of a session of the test learner's own.
const OTHER: &str = "lms-1@contoso.com";

fn take(world: &mut World, kit: &Arc<FakeKit>) {
    world.graph.writes(|writes| writes.refused = WRITES.to_vec());
    let context = world.app.tenants.get_mut(&contoso()).and_then(Arc::get_mut).unwrap();
    context.kit = Some(kit.clone());
}

async fn with_kit(lie: Option<Lie>, change: impl FnOnce(&mut Tenant)) -> (World, Arc<FakeKit>) {
    let mut world = world(change).await;
    let kit = FakeKit::of(&world, lie);
    take(&mut world, &kit);
    (world, kit)
}

#[tokio::test(start_paused = true)]
async fn killed_at_any_write_it_acts_once() {
    let mut deaths = 0;
    for n in 0.. {
        let mut unharmed = 0;
        for death in [Death::Before(n), Death::After(n)] {
            let (mut world, kit) = with_kit(None, |_| {}).await;
            *kit.loses.lock().unwrap() = n % 3;
            let done = {
                let world = &world;
                world.tables.killed(death, rounds(world, minutes(60))).await
            };
            match done {
                Some(()) => unharmed += 1,
                None => deaths += 1,
            }
            world.restart().await;
            take(&mut world, &kit);
            rounds(&world, minutes(90)).await;
            let when = format!("{death:?}");
            let run = last(&world).await;
            assert!(run.is_proved() && run.left_behind.is_none(), "{when}: {run:?}");
            assert_eq!(world.lms.cancelled(INVITED, 999), 1, "{when}");
            let done = (world.graph.done("create"), world.graph.done("decline"), world.graph.made());
            assert_eq!(done, (1, 1, 0), "{when}");
            assert!(kinds(&world).await.is_empty(), "{when}: {:?}", alerted(&world).await);
            world.assert_sound(&when);
        }
        if unharmed == 2 {
            break;
        }
    }
    assert!(deaths > 30, "{deaths}");
}

#[tokio::test(start_paused = true)]
async fn a_kit_that_is_away_is_waited_for_and_then_told() {
    let (world, kit) = with_kit(None, |_| {}).await;
    kit.fails(false);
    rounds(&world, minutes(20)).await;
    let current = runs(&world).await.current.expect("it waits");
    assert!(current.trouble.is_some_and(|told| told.contains("HTTP 500")));
    kit.is_well();
    rounds(&world, minutes(60)).await;
    assert!(last(&world).await.is_proved(), "nothing was lost");
    // Away the next morning for longer than each half may take; and refused the morning after.
    for (is_final, minute) in [(false, 45), (true, 10)] {
        kit.fails(is_final);
        let signed = Attribution { by: "olga".into(), reason: "to see".into() };
        ask::run(&world.app, &contoso(), &signed).await.unwrap();
        rounds(&world, minutes(minute)).await;
        let run = runs(&world).await;
        let failed = run.current.as_ref().or(run.past.front()).and_then(|run| run.failed.clone()).unwrap();
        assert_eq!(failed.stage, Stuck::Kit, "{failed:?}");
        assert_eq!(kinds(&world).await, [AlertKind::Canary]);
        kit.is_well();
        rounds(&world, minutes(10)).await;
        assert_eq!(world.graph.made(), 0);
    }
}

/// What a kit says is never taken for what was seen.
#[tokio::test(start_paused = true)]
async fn a_kit_that_lies_proves_nothing() {
    for (lie, stage) in [(Lie::Invites, Stuck::Kit), (Lie::Declines, Stuck::Decision)] {
        let (world, _) = with_kit(Some(lie), |_| {}).await;
        rounds(&world, minutes(120)).await;
        assert_eq!(stuck(&world).await, stage, "{lie:?}");
        assert_eq!(world.lms.asked(), 0, "{lie:?}");
        world.assert_sound("after it");
    }
    let (world, _) = with_kit(Some(Lie::TakesAway), |_| {}).await;
    rounds(&world, minutes(60)).await;
    let run = last(&world).await;
    assert!(run.is_proved(), "{run:?}");
    assert_eq!(world.graph.made(), 1, "the organizer's event is what the kit left, and says that it did not");
}

/// It names an appointment of the test learner's own: that is not the test's, and stays what it is.
#[tokio::test(start_paused = true)]
async fn another_event_is_never_linked_to_the_test_session() {
    let (world, _) = with_kit(Some(Lie::Names), |tenant| {
        tenant.recognise.session = SessionSource::Lookup;
    })
    .await;
    world.graph.invite(INVITED, 1);
    rounds(&world, minutes(60)).await;
    let run = last(&world).await;
    assert!(run.failed.is_some(), "{run:?}");
    assert_eq!((world.lms.asked(), world.graph.done("decline")), (0, 0));
    let place = place(&world).await.unwrap();
    assert!(place.parts.is_empty(), "{place:?}");
}
