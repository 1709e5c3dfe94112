//! The list of checks.

use super::check::Check;
use super::{
    calendar, canary, configuration, credential_age, directory, graph, graph_clock, host, lms, lms_clock,
    lms_records, lms_secrets, mailboxes, permissions, publishing, queue_depths, queues, scope, secrets,
    storage_clock, subscriptions, tables, token, valve, webhook, zones,
};

/// Everything that is looked at, in the order in which faults must be mended.
pub(super) const CHECKS: &[Check] = &[
    configuration::CHECK,
    tables::CHECK,
    storage_clock::CHECK,
    queues::CHECK,
    queue_depths::CHECK,
    host::CHECK,
    secrets::CHECK,
    lms_secrets::CHECK,
    credential_age::CHECK,
    token::CHECK,
    graph::CHECK,
    graph_clock::CHECK,
    permissions::CHECK,
    directory::CHECK,
    mailboxes::CHECK,
    scope::CHECK,
    calendar::CHECK,
    zones::CHECK,
    webhook::CHECK,
    subscriptions::CHECK,
    lms::CHECK,
    lms_clock::CHECK,
    lms_records::CHECK,
    valve::CHECK,
    canary::CHECK,
    publishing::CHECK,
];
