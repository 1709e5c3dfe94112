//! What was seen, and what is printed of it.

use super::host::{DISPATCH, HOUSEKEEPING, PLAN, Run, Seen};
use super::lms::Call;
use super::scene::{LARGE, RATE, SLOW, Scene};
use super::tables::{Calls, Throttled};
use chrono::{DateTime, Duration, Utc};
use regrets::jobs::timing::Timing;
use std::time::Duration as Real;

/// Quiet days: what housekeeping asks of the ledger.
pub(crate) struct Rest {
    /// Everything is new.
    pub(crate) first: Calls,
    pub(crate) days: Vec<Calls>,
    /// A day on which nothing is at rest.
    pub(crate) naive: Calls,
}

/// The agenda at a moment.
#[derive(Debug, Default, Clone)]
pub(crate) struct Sample {
    pub(crate) at: DateTime<Utc>,
    /// Entries of the backlog.
    pub(crate) due: usize,
    pub(crate) oldest: Option<DateTime<Utc>>,
    /// Messages in `regrets-cancellations`.
    pub(crate) waiting: usize,
}

/// A decline that comes in the middle of the backlog.
#[derive(Debug, Clone)]
pub(crate) struct Fresh {
    pub(crate) whose: &'static str,
    pub(crate) tenant: usize,
    pub(crate) noticed: DateTime<Utc>,
    pub(crate) decided: Option<DateTime<Utc>>,
    pub(crate) asked: Option<DateTime<Utc>>,
}

impl Fresh {
    /// From the notice to the ledger; and from when it was due to the LMS.
    pub(crate) fn delays(&self) -> Option<(Duration, Duration)> {
        let (decided, asked) = (self.decided?, self.asked?);
        Some((decided - self.noticed, asked - (decided + Duration::minutes(10))))
    }
}

#[derive(Debug, Default)]
pub(crate) struct Backlog {
    pub(crate) returned: DateTime<Utc>,
    pub(crate) runs: Vec<Run>,
    pub(crate) samples: Vec<Sample>,
    pub(crate) fresh: Vec<Fresh>,
    pub(crate) drained: Option<Real>,
    /// When housekeeping has come round for all.
    pub(crate) kept: Option<Real>,
    /// When the large tenant's subscriptions were listed to their end, and how many orphans are left.
    pub(crate) listed: Option<Real>,
    pub(crate) orphans: usize,
    pub(crate) throttled: Throttled,
    pub(crate) queues: [(&'static str, Seen); 3],
    pub(crate) busiest_second: usize,
    /// Of each tenant's LMS.
    pub(crate) calls: Vec<Vec<Call>>,
    pub(crate) expected: Vec<usize>,
    pub(crate) repeated: usize,
}

impl Backlog {
    /// The longest run of a timer, the most calls of one, and how many there were.
    pub(crate) fn longest(&self, timer: &str) -> (Real, usize, usize) {
        let runs = self.runs.iter().filter(|run| run.timer == timer);
        runs.fold((Real::ZERO, 0, 0), |(took, calls, n), run| {
            (took.max(run.took), calls.max(run.calls.all()), n + 1)
        })
    }

    /// How long a tenant with a backlog waited at most from one call of its LMS to the next, the first after
    /// the return.
    pub(crate) fn longest_wait(&self, tenant: usize) -> Duration {
        let (mut last, mut longest) = (self.returned, Duration::zero());
        for call in self.calls[tenant].iter().take(self.expected[tenant]) {
            longest = longest.max(call.at - last);
            last = call.at;
        }
        longest
    }

    /// When the last cancellation of a tenant's backlog was asked for.
    pub(crate) fn carried(&self, tenant: usize) -> Option<Duration> {
        let last = self.calls[tenant].get(self.expected[tenant].checked_sub(1)?)?;
        Some(last.at - self.returned)
    }

    /// The most calls of one LMS within a minute.
    pub(crate) fn most_in_a_minute(&self) -> usize {
        let within = |calls: &[Call]| {
            let ends = calls.iter().enumerate();
            let from = |at: DateTime<Utc>| calls.partition_point(|call| call.at <= at - Duration::minutes(1));
            ends.map(|(n, call)| n + 1 - from(call.at)).max().unwrap_or_default()
        };
        self.calls.iter().map(|calls| within(calls)).max().unwrap_or_default()
    }

    pub(crate) fn print(&self, scene: &Scene) {
        let timing: Timing = scene.timing;
        println!("\n{} instance(s), {} messages of each queue at once", scene.instances, scene.queues.slots);
        println!(
            "  {:<22}{:>8}{:>14}{:>12}{:>14}{:>16}",
            "timer", "runs", "longest", "budget", "most calls", "most messages"
        );
        for (timer, budget) in [
            (DISPATCH, timing.budgets.dispatch),
            (PLAN, timing.budgets.plan),
            (HOUSEKEEPING, timing.budgets.housekeeping),
        ] {
            let (took, calls, runs) = self.longest(timer);
            let took = format!("{:.1} s", took.as_secs_f64());
            let budget = format!("{} s", budget.as_secs());
            let sent = self
                .runs
                .iter()
                .filter(|run| run.timer == timer)
                .map(|run| run.sent)
                .max()
                .unwrap_or_default();
            println!("  {timer:<22}{runs:>8}{took:>14}{budget:>12}{calls:>14}{sent:>16}");
        }
        let ideal = self.expected[LARGE] as f64 / f64::from(RATE) / 60.0;
        let shown = |time: Option<Real>| {
            time.map_or("never".to_owned(), |time| format!("{:.0} min", time.as_secs_f64() / 60.0))
        };
        let slowest = shown(Some(scene.slowest()));
        println!(
            "  backlog drained after {} (at its LMS's rate the largest takes {ideal:.0} min, the slow one \
             {slowest})",
            shown(self.drained)
        );
        println!("  housekeeping has come round after {}", shown(self.kept));
        println!(
            "  the large tenant's list of subscriptions after {}, orphans left: {}",
            shown(self.listed),
            self.orphans
        );
        let failed = self.runs.iter().filter(|run| run.failed).count();
        println!(
            "  the account answered 503 {} times for its own sake, {} for a partition's; {} calls gave up, \
             {failed} runs failed",
            self.throttled.account, self.throttled.partition, self.throttled.given_up
        );
        let small: Vec<usize> =
            (0..scene.tenants).filter(|tenant| *tenant != LARGE && *tenant != SLOW).collect();
        let last = small.iter().filter_map(|tenant| self.carried(*tenant)).max();
        let minutes = |time: Option<Duration>| time.map_or(-1.0, |time| time.num_seconds() as f64 / 60.0);
        println!(
            "  last cancellation of the others {:.1} min, of the slow LMS {:.1} min, of the large tenant \
             {:.1} min",
            minutes(last),
            minutes(self.carried(SLOW)),
            minutes(self.carried(LARGE))
        );
        let waits = small.iter().map(|tenant| self.longest_wait(*tenant)).max();
        println!(
            "  longest without a turn: the others {:.1} min, the slow LMS {:.1} min, the large tenant {:.1} \
             min",
            minutes(waits),
            minutes(Some(self.longest_wait(SLOW))),
            minutes(Some(self.longest_wait(LARGE)))
        );
        for fresh in &self.fresh {
            match fresh.delays() {
                Some((ledger, lms)) => println!(
                    "  a fresh decline {}: in the ledger after {} s, at the LMS {} s after it was due",
                    fresh.whose,
                    ledger.num_seconds(),
                    lms.num_seconds()
                ),
                None => println!("  a fresh decline {}: {:?}", fresh.whose, fresh),
            }
        }
        for (name, Seen { most, longest, done, failed, poisoned }) in self.queues {
            let longest = longest.as_secs_f64();
            println!(
                "  {name:<22} {done} messages ({failed} failed once, {poisoned} poisoned), at most {most} \
                 waiting, the longest for {longest:.0} s"
            );
        }
        println!("  the ledger's busiest second: {} calls", self.busiest_second);
        println!(
            "  orders asked for twice: {}; most calls of one LMS in a minute: {}",
            self.repeated,
            self.most_in_a_minute()
        );
        println!("  {:>8}{:>10}{:>14}{:>12}", "after", "due", "oldest", "in queue");
        for sample in &self.samples {
            let after = format!("{} min", (sample.at - self.returned).num_minutes());
            let oldest =
                sample.oldest.map_or("-".to_owned(), |at| format!("{} min", (sample.at - at).num_minutes()));
            println!("  {after:>8}{:>10}{oldest:>14}{:>12}", sample.due, sample.waiting);
        }
    }
}

impl Rest {
    /// In the mean.
    pub(crate) fn a_day(&self) -> usize {
        self.days.iter().map(|day| day.all()).sum::<usize>() / self.days.len().max(1)
    }

    pub(crate) fn print(&self, scene: &Scene) {
        println!(
            "\n{} enrolments at rest, of {} sessions: calls of the ledger by housekeeping",
            scene.enrolments(),
            scene.sessions()
        );
        println!("  the first day {}", self.first.all());
        let most = self.days.iter().map(|day| day.all()).max().unwrap_or_default();
        println!(
            "  a day {} (at most {most}); were each session visited every day {}",
            self.a_day(),
            self.naive.all()
        );
        println!("  were each row read and written every day {}", 2 * scene.enrolments());
    }
}
