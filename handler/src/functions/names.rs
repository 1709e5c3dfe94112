//! The names that `functions/<name>/function.json` and the code share; a test compares them.

pub use crate::messages::queue;

pub const GRAPH_WEBHOOK: &str = "graph-webhook";
pub const OBSERVE_CHANGES: &str = "observe-changes";
pub const CANCEL_ENROLMENT: &str = "cancel-enrolment";
pub const RENEW_SUBSCRIPTIONS: &str = "renew-subscriptions";
pub const TEND_MAILBOXES: &str = "tend-mailboxes";
pub const DISPATCH_DUE: &str = "dispatch-due";
pub const POISON_CHANGES: &str = "poison-changes";
pub const POISON_MAILBOXES: &str = "poison-mailboxes";
pub const POISON_CANCELLATIONS: &str = "poison-cancellations";
pub const SYNC_SESSIONS: &str = "sync-sessions";
pub const PUBLISH_SESSION: &str = "publish-session";
pub const POISON_SESSIONS: &str = "poison-sessions";
pub const MANAGE: &str = "manage";
pub const CONSENT: &str = "consent";
pub const LMS_EVENTS: &str = "lms-events";
pub const JOIN: &str = "join";
pub const HOUSEKEEPING: &str = "housekeeping";

/// All functions: the folders under `functions/`.
pub const NAMES: [&str; 17] = [
    GRAPH_WEBHOOK,
    OBSERVE_CHANGES,
    CANCEL_ENROLMENT,
    RENEW_SUBSCRIPTIONS,
    TEND_MAILBOXES,
    DISPATCH_DUE,
    SYNC_SESSIONS,
    PUBLISH_SESSION,
    POISON_CHANGES,
    POISON_MAILBOXES,
    POISON_CANCELLATIONS,
    POISON_SESSIONS,
    MANAGE,
    CONSENT,
    LMS_EVENTS,
    JOIN,
    HOUSEKEEPING,
];

/// Names of bindings: letters and digits only (reference/functions-host.md#names).
pub mod binding {
    /// The request of an HTTP function.
    pub const REQUEST: &str = "req";
    /// The answer of an HTTP function.
    pub const RESPONSE: &str = "res";
    /// The message of a queue-triggered function.
    pub const MESSAGE: &str = "message";
    /// The trigger of a timer function.
    pub const TIMER: &str = "timer";
    /// Output to [`super::queue::CHANGES`].
    pub const CHANGES: &str = "changes";
    /// Output to [`super::queue::MAILBOXES`].
    pub const MAILBOXES: &str = "mailboxes";
    /// Output to [`super::queue::CANCELLATIONS`].
    pub const CANCELLATIONS: &str = "cancellations";
    /// Output to [`super::queue::SESSIONS`].
    pub const SESSIONS: &str = "sessions";
}

/// Routes of the HTTP functions.
pub mod route {
    /// The host's prefix before every route (host.json `extensions.http.routePrefix`).
    pub const PREFIX: &str = "api";
    pub const GRAPH_WEBHOOK: &str = "graph/notifications";
    pub const MANAGE: &str = "manage/{*path}";
    /// Where the host forwards the requests of [`super::MANAGE`].
    pub const MANAGE_PREFIX: &str = "/api/manage";
    pub const CONSENT: &str = "consent/{*path}";
    pub const CONSENT_PREFIX: &str = "/api/consent";
    pub const LMS_EVENTS: &str = "lms/{*path}";
    pub const LMS_EVENTS_PREFIX: &str = "/api/lms";
    pub const JOIN: &str = "join/{*path}";
    pub const JOIN_PREFIX: &str = "/api/join";
}
