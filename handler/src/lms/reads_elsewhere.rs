//! An LMS whose sessions are read otherwise than places are cancelled: a feed, a table, another API.

use super::{
    Budget, Checkup, Connector, ConnectorIdentity, EventFacts, Lookup, Order, Place, Reply, Restored, Source,
};
use crate::ids::{LearnerKey, SessionId, TenantName};
use crate::lms::health::Health;
use crate::lms::rate_limit::Share;
use async_trait::async_trait;
use std::sync::Arc;
use tokio::time::Instant;

/// All but what is read of sessions goes to the connector that cancels.
pub struct ReadsElsewhere {
    pub cancels: Arc<dyn Connector>,
    pub reads: Arc<dyn Connector>,
}

#[async_trait]
impl Connector for ReadsElsewhere {
    async fn cancel(&self, order: &Order, budget: Budget) -> Reply {
        self.cancels.cancel(order, budget).await
    }

    fn identity(&self) -> Option<ConnectorIdentity> {
        self.cancels.identity()
    }

    fn requests_per_order(&self) -> u32 {
        self.cancels.requests_per_order()
    }

    fn keep_to(&self, share: Share) -> Option<Instant> {
        self.cancels.keep_to(share)
    }

    fn can_read(&self) -> bool {
        self.cancels.can_read()
    }

    async fn place(&self, session: &SessionId, learner: &LearnerKey, budget: Budget) -> Place {
        self.cancels.place(session, learner, budget).await
    }

    async fn probe(&self, budget: Budget) -> Option<Health> {
        self.cancels.probe(budget).await
    }

    async fn checkup(&self, tenant: &TenantName, budget: Budget) -> Checkup {
        self.cancels.checkup(tenant, budget).await
    }

    fn can_restore(&self) -> bool {
        self.cancels.can_restore()
    }

    async fn restore(&self, order: &Order, budget: Budget) -> Restored {
        self.cancels.restore(order, budget).await
    }

    fn can_look_up(&self) -> bool {
        self.cancels.can_look_up()
    }

    fn source(&self) -> Option<&dyn Source> {
        self.reads.source()
    }

    async fn lookup(&self, event: &EventFacts, budget: Budget) -> Lookup {
        self.cancels.lookup(event, budget).await
    }
}
