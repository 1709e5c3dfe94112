//! One run of a timer over all tenants.
//!
//! Guarantees: it ends within its budget, whatever a tenant, the store or Graph does; a tenant that fails
//! holds up no other, and is named in the log and, where a person must mend it, in an alert of that tenant;
//! where not all had their turn, the next run begins with the first who had none. Whoever works in a round
//! may be cut off at any await, as by a kill: what has been done stays done.

use crate::ids::TenantName;
use crate::jobs::JobError;
use crate::jobs::context::{AppContext, TenantContext};
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::deployment_rows;
use crate::store::StoreError;
use futures::{StreamExt, stream};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// What is left for writing down that a turn is done.
const LAST_WRITES: Duration = Duration::from_secs(5);

/// Tenants at work side by side: each waits mostly for the store or for Graph.
const TENANTS_AT_ONCE: usize = 8;

#[derive(Debug, Clone, Copy)]
pub struct TimerRun {
    /// What is done, as a name for the log and for the row that remembers whose turn is next.
    job: &'static str,
    ends: Instant,
}

/// What became of one tenant's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenantTurn {
    Done,
    /// There was no time, or no room, for all of it: the next run begins with this tenant.
    Cut,
}

/// Whose turn it was, in which place, and what became of it: `None` where there was no time.
type Outcome = (usize, TenantName, Option<Result<TenantTurn, JobError>>);

impl TimerRun {
    pub fn begin(job: &'static str, budget: Duration) -> Self {
        Self { job, ends: Instant::now() + budget }
    }

    /// The same round, in which another job has its time until `share` of what is left is over.
    #[must_use]
    pub fn part(self, job: &'static str, share: f64) -> Self {
        let now = Instant::now();
        let left = self.ends.saturating_duration_since(now);
        Self { job, ends: now + left.mul_f64(share.clamp(0.0, 1.0)) }
    }

    /// What of its time is left for work whose end is to be written down.
    pub fn left(&self) -> Duration {
        self.ends.saturating_duration_since(Instant::now()).saturating_sub(LAST_WRITES)
    }

    pub fn is_over(&self) -> bool {
        Instant::now() >= self.ends
    }

    /// Does what may take longer than there is time, and need not be finished for the turn to be done.
    /// `None`: there was no time.
    pub async fn in_time<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let until = self.ends.checked_sub(LAST_WRITES)?;
        timeout_at(until, work).await.ok()
    }

    /// Gives every tenant its turn that is not switched off. An error means that every one of them failed.
    pub async fn over_tenants<F, Work>(&self, app: &AppContext, work: F) -> Result<(), JobError>
    where
        F: Fn(TenantName, Arc<TenantContext>) -> Work,
        Work: Future<Output = Result<TenantTurn, JobError>>,
    {
        self.over(app, is_on, work).await
    }

    /// The same, those that are switched off among them.
    pub async fn over_all_tenants<F, Work>(&self, app: &AppContext, work: F) -> Result<(), JobError>
    where
        F: Fn(TenantName, Arc<TenantContext>) -> Work,
        Work: Future<Output = Result<TenantTurn, JobError>>,
    {
        self.over(app, |_| true, work).await
    }

    async fn over<F, Work>(
        &self,
        app: &AppContext,
        is_meant: fn(&TenantContext) -> bool,
        work: F,
    ) -> Result<(), JobError>
    where
        F: Fn(TenantName, Arc<TenantContext>) -> Work,
        Work: Future<Output = Result<TenantTurn, JobError>>,
    {
        let began = self.first(app).await;
        let order = order(app, is_meant, began.as_ref());
        // Whoever takes long holds one place, and no more: the others go on beside it.
        let mut outcomes: Vec<Outcome> = stream::iter(order.into_iter().enumerate())
            .map(|(place, (name, context))| {
                let work = work(name.clone(), context);
                async move {
                    // Nothing is begun that would be cut off at once.
                    let turn = if self.is_over() { None } else { timeout_at(self.ends, work).await.ok() };
                    (place, name, turn)
                }
            })
            .buffer_unordered(TENANTS_AT_ONCE)
            .collect()
            .await;
        outcomes.sort_unstable_by_key(|(place, ..)| *place);

        let mut next = None;
        let (mut went, mut failed) = (0_usize, None);
        for (_, name, turn) in outcomes {
            match turn {
                Some(Ok(TenantTurn::Done)) => went += 1,
                Some(Ok(TenantTurn::Cut)) => {
                    went += 1;
                    next.get_or_insert(name);
                }
                None => {
                    tracing::warn!(tenant = %name, deed = self.job, "the run's time is over; the next one \
                        goes on");
                    went += 1;
                    next.get_or_insert(name);
                }
                Some(Err(failure)) => {
                    tell(app, &name, self.job, &failure).await;
                    failed.get_or_insert(failure);
                }
            }
        }
        if let Some(next) = next.filter(|next| began.as_ref() != Some(next) && app.tenants.len() > 1) {
            self.remember(app, next).await;
        }
        match failed {
            Some(failure) if went == 0 => Err(failure),
            Some(_) | None => Ok(()),
        }
    }

    /// The tenants in the order of their turns.
    pub async fn order(&self, app: &AppContext) -> Vec<TenantName> {
        let first = self.first(app).await;
        order(app, is_on, first.as_ref()).into_iter().map(|(name, _)| name).collect()
    }

    /// Whose turn is first. Where that can't be read, everybody's is as good.
    async fn first(&self, app: &AppContext) -> Option<TenantName> {
        if app.tenants.len() < 2 {
            return None;
        }
        match deployment_rows::next_tenant(&app.ledger, self.job).await {
            Ok(found) => found,
            Err(failure) => {
                tracing::warn!(deed = self.job, trouble = %failure, "whose turn it is can't be read");
                None
            }
        }
    }

    async fn remember(&self, app: &AppContext, tenant: TenantName) {
        if let Err(failure) = deployment_rows::set_next_tenant(&app.ledger, self.job, tenant).await {
            tracing::warn!(deed = self.job, trouble = %failure, "whose turn is next can't be written");
        }
    }
}

fn is_on(context: &TenantContext) -> bool {
    context.tenant.active
}

/// All tenants that are meant, from this one on and around.
fn order(
    app: &AppContext,
    is_meant: fn(&TenantContext) -> bool,
    first: Option<&TenantName>,
) -> Vec<(TenantName, Arc<TenantContext>)> {
    let meant = app.tenants.iter().filter(|(_, context)| is_meant(context));
    let mut tenants: Vec<_> = meant.map(|(name, context)| (name.clone(), Arc::clone(context))).collect();
    if let Some(first) = first {
        let place = tenants.partition_point(|(name, _)| name < first);
        if place < tenants.len() {
            tenants.rotate_left(place);
        }
    }
    tenants
}

/// Says that something of a tenant's could not be done, and goes on.
pub async fn tell(app: &AppContext, tenant: &TenantName, job: &str, failure: &JobError) {
    let told = match failure {
        JobError::Store(StoreError::Corrupt { .. }) => {
            tracing::error!(%tenant, deed = job, trouble = %failure, "could not be done for this tenant");
            alerts::raise(&app.ledger, tenant, AlertKind::UnreadableRow).await
        }
        JobError::Store(StoreError::Invalid(_)) => {
            tracing::error!(%tenant, deed = job, trouble = %failure, "could not be done for this tenant");
            alerts::raise(&app.ledger, tenant, AlertKind::RowRefused).await
        }
        // The next run tries again; a store that is away for all has its own signs.
        JobError::Store(
            StoreError::Exists | StoreError::Stale | StoreError::Unusable(_) | StoreError::Unavailable(_),
        )
        | JobError::Graph(_)
        | JobError::LmsUnreadable
        | JobError::BeingWritten
        | JobError::Message(_)
        | JobError::UnknownTenant(_)
        | JobError::OutOfTime => {
            tracing::warn!(%tenant, deed = job, trouble = %failure, "could not be done for this tenant; the \
                next run tries again");
            Ok(())
        }
    };
    if let Err(failure) = told {
        tracing::error!(%tenant, deed = job, trouble = %failure, "the alert of it can't be written either");
    }
}

/// One of each, then the next of each: whoever has much does not stand before whoever has little.
pub fn in_turn<T>(lists: impl IntoIterator<Item = Vec<T>>) -> Vec<T> {
    let mut lists: Vec<_> = lists.into_iter().map(Vec::into_iter).collect();
    let mut all = Vec::new();
    while !lists.is_empty() {
        lists.retain_mut(|list| {
            let next = list.next();
            let more = next.is_some();
            all.extend(next);
            more
        });
    }
    all
}
