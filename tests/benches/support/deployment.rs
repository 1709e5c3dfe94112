//! What a deployment puts into its subscriptions; here nobody reads it.

use regrets::ids::{TenantName, UserId};
use regrets::jobs::context::SubscriptionEndpoint;

pub(crate) struct Deployment;

impl SubscriptionEndpoint for Deployment {
    fn client_state(&self, tenant: &TenantName, mailbox: &UserId) -> String {
        format!("{tenant}.{mailbox}")
    }

    fn notification_url(&self) -> String {
        "https://regrets.example.com/api/graph/notifications?deployment=d".to_owned()
    }

    fn first_key(&self) -> String {
        "k1".to_owned()
    }
}
