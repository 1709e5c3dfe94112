//! The service's clock, by the `Date` of its answers: every answer narrows down how far this machine's clock is off.
//!
//! `Date` has whole seconds. An answer dated 10:00:00 was written before 10:00:01 and after the request had been sent, which
//! bounds the difference from both sides; the bounds of several answers together are much closer than a second. As long
//! as no difference at all is possible, none is assumed.

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
        let seen = Measured { least: date - received, most: date + TimeDelta::seconds(1) - sent, at: received };
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
mod tests {
    use super::*;

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_795_600_000_000 + millis).unwrap()
    }

    /// The service is `ahead` milliseconds ahead, and every call takes 20.
    fn listen(clock: &ServiceClock, ahead: i64, times: impl IntoIterator<Item = i64>) {
        for sent in times {
            let written = (sent + 10 + ahead).div_euclid(1000) * 1000;
            clock.note(at(written), at(sent), at(sent + 20));
        }
    }

    #[test]
    fn clocks_that_agree_are_left_alone() {
        let clock = ServiceClock::default();
        assert_eq!(clock.now(at(0)), None, "nothing was heard yet");
        listen(&clock, 0, (0..5_000).step_by(170));
        assert_eq!(clock.now(at(5_001)), Some(at(5_001)));
    }

    #[test]
    fn a_difference_is_found_within_fractions_of_a_second() {
        for ahead in [-7_300, -1_500, 1_400, 600_000] {
            let clock = ServiceClock::default();
            listen(&clock, ahead, [0]);
            let rough = (clock.now(at(100)).unwrap() - at(100 + ahead)).num_milliseconds();
            assert!(rough.abs() <= 520, "{ahead}: {rough} after one answer");
            listen(&clock, ahead, (170..5_000).step_by(170));
            let close = (clock.now(at(5_001)).unwrap() - at(5_001 + ahead)).num_milliseconds();
            assert!(close.abs() <= 100, "{ahead}: {close} after many");
        }
    }

    #[test]
    fn a_clock_that_was_set_is_measured_anew() {
        let clock = ServiceClock::default();
        listen(&clock, 0, (0..5_000).step_by(170));
        listen(&clock, 90_000, [6_000]);
        let off = (clock.now(at(6_100)).unwrap() - at(96_100)).num_milliseconds();
        assert!(off.abs() <= 520, "{off}");
    }

    #[test]
    fn what_was_heard_long_ago_is_not_relied_on() {
        let clock = ServiceClock::default();
        listen(&clock, 0, [0]);
        assert_eq!(clock.now(at(5 * 60_000)), Some(at(5 * 60_000)));
        assert_eq!(clock.now(at(6 * 60_000)), None);
    }
}
