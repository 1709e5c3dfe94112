//! The service's clock, by the `Date` of its answers: every answer narrows down how far this machine's clock
//! is off.
//!
//! `Date` has whole seconds. An answer dated 10:00:00 was written before 10:00:01 and after the request had
//! been sent, which bounds the difference from both sides; the bounds of several answers together are much
//! closer than a second. As long as no difference at all is possible, none is assumed.

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;

/// A difference that was measured longer ago is measured again: clocks drift, and are set.
const GOOD_FOR: TimeDelta = TimeDelta::minutes(5);

#[derive(Debug, Default)]
pub(super) struct ServiceClock(Mutex<Option<Measured>>);

/// What may be added to this machine's time.
#[derive(Debug, Clone, Copy)]
struct Measured {
    least: TimeDelta,
    most: TimeDelta,
    at: DateTime<Utc>,
}

impl ServiceClock {
    /// `sent` and `received` by this machine's clock.
    pub(super) fn note(&self, date: DateTime<Utc>, sent: DateTime<Utc>, received: DateTime<Utc>) {
        let seen =
            Measured { least: date - received, most: date + TimeDelta::seconds(1) - sent, at: received };
        if seen.least > seen.most {
            // This machine's clock was set back meanwhile.
            return;
        }
        let mut known = self.0.lock();
        *known = Some(match *known {
            Some(old) if old.is_fresh(received) && old.least.max(seen.least) <= old.most.min(seen.most) => {
                Measured { least: old.least.max(seen.least), most: old.most.min(seen.most), at: received }
            }
            // Too old, or one of the clocks was set: only the newest counts.
            Some(_) | None => seen,
        });
    }

    /// The service's time; `None` when nothing was heard of it for some minutes.
    pub(super) fn now(&self, here: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let known = (*self.0.lock())?;
        known.is_fresh(here).then(|| here + known.difference())
    }
}

impl Measured {
    fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        (now - self.at).abs() <= GOOD_FOR
    }

    fn difference(&self) -> TimeDelta {
        if self.least <= TimeDelta::zero() && TimeDelta::zero() <= self.most {
            TimeDelta::zero()
        } else {
            self.least + (self.most - self.least) / 2
        }
    }
}

#[cfg(test)]
#[path = "clock_tests.rs"]
mod tests;
