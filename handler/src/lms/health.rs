//! How a connection is doing: what a probe of it came to.

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    pub verdict: HealthVerdict,
    /// What was seen, without secrets and people.
    pub message: Option<String>,
    /// HTTP status, where there was one.
    pub status: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthVerdict {
    Well,
    /// The credential is not accepted.
    CredentialBroken,
    /// The connector file or a setting does not fit this LMS.
    ConfigBroken,
    /// It can't be reached or can't answer now.
    Outage,
    /// It answers, and only a person can make sense of it.
    Unclear,
}
