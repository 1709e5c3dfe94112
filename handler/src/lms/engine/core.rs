//! What all calls of one connection share.

use super::auth::SignIn;
use super::hosts::Hosts;
use super::lookup_cache::LookupCache;
use super::settings::Settings;
use super::traffic::Traffic;
use crate::clock::Clock;
use crate::ids::{LearnerKey, TenantName};
use crate::lms::recipe::connector::{Cancels, ConnectorFile};
use crate::lms::recipe::step::Step;
use parking_lot::Mutex;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// Locks for learners; two who share one wait for each other, which does no harm.
const LOCKS: usize = 256;

pub(super) struct Core {
    pub(super) file: Arc<ConnectorFile>,
    pub(super) tenant: TenantName,
    pub(super) settings: Arc<Settings>,
    pub(super) hosts: Hosts,
    pub(super) sign_in: SignIn,
    pub(super) http: reqwest::Client,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) traffic: Arc<Traffic>,
    /// Requests at once.
    pub(super) slots: Semaphore,
    pub(super) learners: LearnerLocks,
    pub(super) cache: LookupCache,
    pub(super) paused: Pause,
}

impl Core {
    /// Whether this step may take away more than the tenant has allowed: membership of a whole course.
    pub(super) fn forbids(&self, step: &Step) -> bool {
        self.file.about.cancels == Cancels::Course
            && !self.settings.allow_course_unenrol
            && !step.keeps_course
    }
}

/// Nobody's place is written to by two at once: what one has read would not be so any more.
pub(super) struct LearnerLocks {
    locks: Vec<tokio::sync::Mutex<()>>,
    hasher: RandomState,
}

impl Default for LearnerLocks {
    fn default() -> Self {
        let locks = std::iter::repeat_with(tokio::sync::Mutex::default).take(LOCKS).collect();
        Self { locks, hasher: RandomState::new() }
    }
}

impl LearnerLocks {
    pub(super) fn of(&self, learner: &LearnerKey) -> Option<&tokio::sync::Mutex<()>> {
        let hash = self.hasher.hash_one(learner.as_str().to_lowercase());
        let index = usize::try_from(hash % u64::try_from(LOCKS).unwrap_or(1)).unwrap_or(0);
        self.locks.get(index)
    }
}

/// The LMS has asked that nothing be sent for a while.
#[derive(Default)]
pub(super) struct Pause(Mutex<Option<Instant>>);

impl Pause {
    pub(super) fn until(&self) -> Option<Instant> {
        let mut until = self.0.lock();
        if until.is_some_and(|until| until <= Instant::now()) {
            *until = None;
        }
        *until
    }

    pub(super) fn extend(&self, by: Duration) {
        let mut until = self.0.lock();
        let asked = Instant::now() + by;
        *until = Some(until.map_or(asked, |until| until.max(asked)));
    }
}
