//! Watching mailboxes: subscriptions, gaps, joiners and leavers.

mod subscriptions;
