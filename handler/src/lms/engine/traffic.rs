//! What a connection's requests and those for its tokens have in common: the rate that all of them keep to,
//! what nobody may see of them, and whoever is told of them.

use super::redact::Redactor;
use super::trace::Trace;
use crate::lms::rate_limit::Pace;
use std::sync::{Arc, OnceLock};

pub(super) struct Traffic {
    pub(super) pace: Pace,
    /// Of the settings; secrets that are fetched come with each call.
    pub(super) redactor: Redactor,
    trace: OnceLock<Arc<dyn Trace>>,
}

impl Traffic {
    pub(super) fn new(pace: Pace, redactor: Redactor) -> Self {
        Self { pace, redactor, trace: OnceLock::new() }
    }

    /// The first who wants to be told is.
    pub(super) fn tell(&self, trace: Arc<dyn Trace>) {
        self.trace.get_or_init(|| trace);
    }

    pub(super) fn trace(&self) -> Option<&dyn Trace> {
        self.trace.get().map(AsRef::as_ref)
    }
}
