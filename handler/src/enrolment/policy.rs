//! What a tenant wants done about a verdict, and when: values that have passed every check. The words of a
//! choice are those of `regrets.toml`, and its line is what an editor says of it.

use crate::calendar::zone::Zone;
use chrono::Duration;
use schemars::JsonSchema;
use serde::Deserialize;

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
    /// A decline that the mailbox gave by itself.
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

/// Whether anything is cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PolicyMode {
    Observe,
    Act,
}

/// cancel: cancel the place. review: ask a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProposedPolicy {
    Cancel,
    Review,
}

/// cancel: cancel the place. review: ask a person. ignore: keep the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum WeakPolicy {
    Cancel,
    Review,
    Ignore,
}

/// cancel: cancel the place. review: ask a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AutomaticPolicy {
    Cancel,
    Review,
}

/// review: ask a person. any: one declined item cancels the place. all: only when all are declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PartPolicy {
    Review,
    Any,
    All,
}

/// record: write it down. reinstate: give the place back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
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
