//! What the listeners share. Locks are short and never held across an await; where two are held, the model's
//! was taken first.

use crate::disorder::Draws;
use crate::entra::TokenKey;
use crate::faults::Faults;
use crate::graph::record::Recorder;
use crate::graph::registry::Registry;
use crate::lms::Lms;
use crate::lms::push::Push;
use crate::notify::Outbox;
use crate::options::Options;
use crate::temper::Temper;
use crate::world::Model;
use crate::world::delta::SyncStates;
use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use rand::{Rng, rngs::StdRng};
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Where the listeners are, without a slash at the end.
#[derive(Debug, Clone)]
pub(crate) struct Endpoints {
    /// Graph and login: one listener, told apart by the path.
    pub(crate) graph: String,
    pub(crate) lms: String,
    pub(crate) control: String,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) options: Options,
    pub(crate) model: Mutex<Model>,
    pub(crate) lms: Mutex<Lms>,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) registry: Mutex<Registry>,
    pub(crate) sync_states: Mutex<SyncStates>,
    pub(crate) outbox: Mutex<Outbox>,
    pub(crate) temper: Mutex<Temper>,
    pub(crate) recorder: Mutex<Recorder>,
    pub(crate) counters: Mutex<Counters>,
    /// Requests under way by tenant and mailbox.
    pub(crate) slots: Mutex<BTreeMap<(Uuid, Uuid), usize>>,
    pub(crate) dice: Mutex<StdRng>,
    pub(crate) draws: Mutex<Draws>,
    pub(crate) ahead: Mutex<chrono::Duration>,
    pub(crate) token_key: TokenKey,
    pub(crate) http: reqwest::Client,
    pub(crate) endpoints: OnceLock<Endpoints>,
    /// To whom the LMS tells what changes there.
    pub(crate) push: OnceLock<Push>,
    pub(crate) pending: watch::Sender<usize>,
    pub(crate) stop: CancellationToken,
    pub(crate) runtime: tokio::runtime::Handle,
}

impl Shared {
    /// The world's time: the machine's, and what [`crate::World::advance`] added.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        Utc::now() + *self.ahead.lock()
    }

    /// Simulated time as real time.
    pub(crate) fn scaled(&self, simulated: Duration) -> Duration {
        simulated.div_f64(self.options.speed.max(0.001))
    }

    /// A moment within the range, by chance.
    pub(crate) fn chance(&self, range: &RangeInclusive<Duration>) -> Duration {
        if range.is_empty() || range.start() == range.end() {
            return *range.start();
        }
        self.dice.lock().random_range(range.clone())
    }

    pub(crate) fn graph_url(&self) -> &str {
        self.endpoints.get().map_or("https://localhost", |endpoints| endpoints.graph.as_str())
    }

    pub(crate) fn count(&self, change: impl FnOnce(&mut Counters)) {
        change(&mut self.counters.lock());
    }
}

/// Something is under way as long as this lives; [`crate::World::quiet`] waits for all of them.
#[derive(Debug)]
pub(crate) struct Ticket(Arc<Shared>);

impl Ticket {
    pub(crate) fn draw(shared: &Arc<Shared>) -> Self {
        shared.pending.send_modify(|pending| *pending += 1);
        Self(Arc::clone(shared))
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.pending.send_modify(|pending| *pending = pending.saturating_sub(1));
    }
}

/// Since the start.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counters {
    /// By kind, e.g. `GET users/{id}/events`; parts of a batch each count.
    pub graph: BTreeMap<String, u64>,
    /// Answers of Graph by status.
    pub statuses: BTreeMap<u16, u64>,
    pub batches: u64,
    pub tokens: u64,
    pub tokens_refused: u64,
    pub handshakes: u64,
    pub handshakes_failed: u64,
    /// Items that were taken with a 2xx.
    pub notifications_sent: u64,
    /// Posts that were not, each to be tried again.
    pub notification_posts_failed: u64,
    /// Items given up after four hours, lost at random, swallowed by a fault, or of a subscription that ended
    /// meanwhile.
    pub notifications_dropped: u64,
    /// Items beyond the first of a change.
    pub notifications_doubled: u64,
    pub response_mails: u64,
}
