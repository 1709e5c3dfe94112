//! One tenant's LMS is away for two days while thousands of cancellations wait for it, and comes back with a
//! limit.

use super::lms::Call;
use super::scene::{LARGE, Scene};
use super::stage::Stage;
use chrono::{DateTime, Duration, Utc};
use regrets::enrolment::transitions::State;
use regrets::ledger::{Ledger, enrolments};
use regrets::messages::{ChangeType, EnrolmentRef};
use regrets::store::Tables;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration as Real;
use tokio::time::sleep;

/// Declines come so long before the first sessions begin: these begin while the LMS is away.
const BEFORE: Duration = Duration::hours(33);
/// Whatever is not done by then is called stuck.
const PATIENCE: Duration = Duration::hours(12);

pub(crate) struct Outage {
    pub(crate) returned: DateTime<Utc>,
    /// Places that were given up, and those whose session began before the LMS came back.
    pub(crate) declined: usize,
    pub(crate) too_late: usize,
    /// What came to the LMS while it was away.
    pub(crate) in_vain: Vec<DateTime<Utc>>,
    /// Of all that it took: when, and how often each order came.
    pub(crate) calls: Vec<Call>,
    pub(crate) repeated: usize,
    /// How the rows stand in the end.
    pub(crate) states: BTreeMap<&'static str, usize>,
    /// Orders for sessions that had begun.
    pub(crate) after_the_start: usize,
}

impl Stage {
    /// All that is due of the one tenant declines; then its LMS is away for so long.
    pub(crate) async fn lms_is_away(&self, away: Duration) -> Outage {
        let (tenant, name) = (LARGE, Scene::name(LARGE));
        let declined = self.scene.due(tenant);
        let until_then = Scene::starts(0) - BEFORE - self.now();
        sleep(until_then.to_std().unwrap()).await;
        self.watch(tenant, &name, self.now()).await;
        let hints: Vec<_> = (0..declined)
            .map(|learner| {
                self.graphs[tenant].decline(learner, 0);
                Self::hint(tenant, learner, 0, ChangeType::Updated)
            })
            .collect();
        self.observe(tenant, &hints).await;

        let returned = self.now() + away;
        self.lms[tenant].go_away(returned);
        self.pace(true);
        let tasks = self.host.start();
        sleep(away.to_std().unwrap()).await;
        let mut states = self.states(tenant, declined).await;
        while self.is_under_way(&states) && self.now() - returned < PATIENCE {
            sleep(Real::from_secs(60)).await;
            states = self.states(tenant, declined).await;
        }
        drop(tasks);

        let starts: BTreeMap<String, DateTime<Utc>> = (0..declined)
            .map(|learner| self.scene.session(tenant, learner, 0))
            .map(|session| (Scene::session_id(session).as_str().to_owned(), Scene::starts(session)))
            .collect();
        let calls = self.lms[tenant].calls();
        let is_over = |learner: usize| Scene::starts(self.scene.session(tenant, learner, 0)) <= returned;
        Outage {
            returned,
            declined,
            too_late: (0..declined).filter(|learner| is_over(*learner)).count(),
            in_vain: self.lms[tenant].in_vain(),
            repeated: self.lms[tenant].repeated(),
            states,
            after_the_start: calls.iter().filter(|call| starts[&call.session] <= call.at).count(),
            calls,
        }
    }

    fn is_under_way(&self, states: &BTreeMap<&'static str, usize>) -> bool {
        [State::Waiting, State::Running].into_iter().any(|state| states.contains_key(state.into()))
    }

    /// Looks on from outside: it costs no time.
    async fn states(&self, tenant: usize, declined: usize) -> BTreeMap<&'static str, usize> {
        let ledger =
            Ledger { tables: Arc::clone(&self.tables.inner) as Arc<dyn Tables>, clock: Arc::new(self.clock) };
        let mut states = BTreeMap::new();
        for learner in 0..declined {
            let session = Scene::session_id(self.scene.session(tenant, learner, 0));
            let at = EnrolmentRef::of(&Scene::name(tenant), &session, &Scene::key(tenant, learner));
            let row = enrolments::load(&ledger, &at).await.unwrap().unwrap();
            *states.entry(row.value.state.into()).or_default() += 1;
        }
        states
    }
}

impl Outage {
    /// The most that came within any second.
    pub(crate) fn most_in_a_second(&self) -> usize {
        let all: Vec<_> = self.calls.iter().map(|call| call.at).collect();
        let from = |at: DateTime<Utc>| all.partition_point(|other| *other <= at - Duration::seconds(1));
        all.iter().enumerate().map(|(n, at)| n + 1 - from(*at)).max().unwrap_or_default()
    }

    /// Until the last was taken.
    pub(crate) fn drained(&self) -> Duration {
        self.calls.iter().map(|call| call.at).max().map_or(Duration::zero(), |last| last - self.returned)
    }

    pub(crate) fn print(&self, scene: &Scene) {
        println!(
            "\n{} declined, {} of them from sessions that began before the LMS came back; {} instance(s), \
             {} requests a second",
            self.declined, self.too_late, scene.instances, scene.rate
        );
        println!("  while it was away: {} requests came in vain", self.in_vain.len());
        println!(
            "  after that: {} taken within {} min, {} of them twice, {} after the session's start",
            self.calls.len(),
            self.drained().num_minutes(),
            self.repeated,
            self.after_the_start
        );
        println!("  most within any second: {}; rows: {:?}", self.most_in_a_second(), self.states);
        let mut minutes: BTreeMap<i64, usize> = BTreeMap::new();
        for call in &self.calls {
            *minutes.entry((call.at - self.returned).num_minutes()).or_default() += 1;
        }
        let a_second = |count: usize| format!("{:.1}", count as f64 / 60.0);
        let all: Vec<String> = minutes.values().map(|count| a_second(*count)).collect();
        println!("  requests a second, minute by minute: {}", all.join(" "));
    }
}
