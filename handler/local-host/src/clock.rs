//! Time as a value: whoever starts a host says what time it is.

use chrono::{DateTime, Utc};

/// Tells the time in UTC. A function that does so is one: `Utc::now`, or a suite's own.
pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> DateTime<Utc>;
}

impl<F: Fn() -> DateTime<Utc> + Send + Sync + 'static> Clock for F {
    fn now(&self) -> DateTime<Utc> {
        self()
    }
}

/// Stands until it is moved; clones share the hand.
#[cfg(any(test, feature = "conformance"))]
#[derive(Clone)]
pub(crate) struct ManualClock(std::sync::Arc<parking_lot::Mutex<DateTime<Utc>>>);

#[cfg(any(test, feature = "conformance"))]
impl ManualClock {
    pub(crate) fn at(time: DateTime<Utc>) -> Self {
        Self(std::sync::Arc::new(parking_lot::Mutex::new(time)))
    }

    pub(crate) fn advance(&self, by: chrono::TimeDelta) {
        *self.0.lock() += by;
    }
}

#[cfg(any(test, feature = "conformance"))]
impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock()
    }
}
