//! What a tenant wants done about a verdict, and when: values that have passed every check.

use crate::calendar::zone::Zone;
use chrono::Duration;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mailboxes {
    /// Object ids or UPNs.
    Users(Vec<String>),
    /// Object id of a group; its transitive members.
    Group(String),
    All,
    /// Only in mode `organizer`.
    None,
}

#[derive(Debug, Clone)]
pub struct Policy {
    pub mode: PolicyMode,
    pub only: Option<Mailboxes>,
    pub removed: WeakPolicy,
    pub unseen: WeakPolicy,
    pub automatic: AutomaticPolicy,
    /// Of all-day events whose own zone is not known.
    pub timezone: Zone,
    /// A decline with a proposed new time.
    pub proposed: ProposedPolicy,
    pub settle: Duration,
    pub grace: Duration,
    pub recheck: Duration,
    pub deadline: Duration,
    pub part: PartPolicy,
    pub take_back: TakeBack,
    pub take_back_window: Duration,
    pub brake: Brake,
    pub retention: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyMode {
    Observe,
    Act,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProposedPolicy {
    Cancel,
    Review,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeakPolicy {
    Cancel,
    Review,
    Ignore,
}

/// What becomes of a decline that the mailbox gave by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AutomaticPolicy {
    Cancel,
    Review,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartPolicy {
    Review,
    Any,
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakeBack {
    Record,
    Reinstate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Brake {
    pub decisions: u32,
    pub within: Duration,
    pub per_learner: u32,
}

/// At most `requests` per `per`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub requests: u32,
    pub per: Duration,
}

/// Doubling from `first` to `most`, with jitter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    pub first: Duration,
    pub most: Duration,
}
