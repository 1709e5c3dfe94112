//! Every key of `regrets.toml`, by table. The parser refuses what is not listed here, and a test holds the JSON Schema
//! against it.

pub(super) const ROOT: &[&str] = &["public_url", "tenant"];
pub(super) const TENANT: &[&str] =
    &["directory", "client_id", "credential", "cloud", "watch", "recognise", "learner", "policy", "lms"];
pub(super) const CREDENTIAL: &[&str] = &["client_secret", "certificate", "managed_identity", "federated"];
pub(super) const IDENTITY: &[&str] = &["client_id"];
pub(super) const SECRET: &[&str] = &["env"];
pub(super) const WATCH: &[&str] = &["mode", "mailboxes", "organizers", "resync"];
pub(super) const MAILBOXES: &[&str] = &["users", "group", "all"];
pub(super) const ONLY: &[&str] = &["users", "group"];
pub(super) const RECOGNISE: &[&str] = &["organizer", "session"];
pub(super) const SESSION: &[&str] = &["ical_uid", "subject", "body", "extended_property", "lookup"];
pub(super) const EXTENDED_PROPERTY: &[&str] = &["id", "pattern"];
pub(super) const LEARNER: &[&str] = &["key"];
pub(super) const POLICY: &[&str] = &[
    "mode",
    "only",
    "removed",
    "unseen",
    "automatic",
    "timezone",
    "proposed",
    "settle",
    "grace",
    "recheck",
    "deadline",
    "part",
    "take_back",
    "take_back_window",
    "brake",
    "retention",
];
pub(super) const BRAKE: &[&str] = &["decisions", "within", "per_learner"];
pub(super) const LMS: &[&str] = &["connector", "url", "secret", "rate", "retry"];
pub(super) const RATE: &[&str] = &["requests", "per"];
pub(super) const RETRY: &[&str] = &["first", "most"];

/// A key whose value is a secret, or that is named as if it were: its value is never shown in an error.
pub(super) fn is_secret(key: &str) -> bool {
    let key = key.to_lowercase();
    ["secr", "certif", "credential", "passw", "token", "_key", "pem"].iter().any(|part| key.contains(part))
}
